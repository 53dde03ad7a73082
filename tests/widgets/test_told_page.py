"""What the panel tells of a step: the formula with its numbers lit, what explains the partial, the sum in pieces."""

import pytest
from support.operate import plain, walk
from support.pages import at, open_page, press

import backprop_lab as bl
from backprop_lab.film.film import gives
from backprop_lab.graph.slopes import chain, role

# Of a formula: which keys are used, which one comes out, and what kind each part is.
FORMULA = """(root) => ['used', 'result'].map((name) =>
  [...new Set([...root.querySelectorAll(`.bl-formula mn.bl-${name}`)].map((one) => one.dataset.k))].sort())"""
KINDS = """(root) => [...root.querySelectorAll('.bl-formula [data-k], .bl-chain [data-k]')].every((part) =>
  part.classList.contains({ p: 'bl-value', a: 'bl-adjoint', w: 'bl-partial' }[part.dataset.k[0]]))"""
WHY = "(root) => [...root.querySelectorAll('.bl-why .bl-chain')].map((chain) => chain.textContent)"
SUM = "(root) => [...root.querySelectorAll('.bl-sum-head, .bl-adds > *')].map((part) => part.textContent)"


def bare(text):
    """A chain without its spaces and raised or lowered digits: MathML has elements where plain text has signs."""
    return plain(text).translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "−0123456789", " \u2061^"))


@pytest.mark.parametrize("mode", ["value", "forward", "reverse"])
def test_each_step_lights_its_numbers_and_explains_its_partials(page, tmp_path, mode):
    player = bl.examples["edelman"].step(mode=mode)
    root = open_page(page, player, tmp_path)
    edges = {(e.child.id, e.slot): e for e in player.graph.edges}
    seen = walk(root, ["Home", *len(player.steps) * ["ArrowRight"]], FORMULA, KINDS, WHY)
    for k, _, (used, result), kinds, why in seen[1:]:
        step = player.steps[k - 1]
        uses, made = player._film.uses(step), gives(step)
        assert result == [made] and kinds
        assert set(used) <= set(uses) and len(used) >= len(set(uses) - {made})
        keys = [tuple(map(int, key[1:].split("_"))) for key in uses if key[0] == "w"]
        assert [bare(text) for text in why] == [
            bare(f"{role(e.child, e.slot)} → {chain(e.child, e.slot)}") for e in map(edges.get, keys)
        ]


def test_a_sum_stands_in_pieces(page, tmp_path):
    player = bl.examples["edelman"].step()
    root = open_page(page, player, tmp_path)
    seen = [told for *_, told in walk(root, ["Home", *16 * ["ArrowRight"]], SUM)]
    head = "x is used twice: arrivals add up"
    assert seen[14] == [head, "10from v₁", "+", "4from v₃", "→", "14next"]
    assert seen[15] == [head, "10from v₁", "+", "4from v₃", "→", "14sum"]
    assert not any(told for k, told in enumerate(seen) if k not in (14, 15))


# Of a sum: whether it is as large as what is read, and has its room; or whether the sentence stands in its place.
FITTED = """(root) => [...root.querySelectorAll('.bl-aside > .bl-sum')].map((sum) => {
  const row = sum.querySelector('.bl-adds');
  if (sum.hidden) return ['sentence', !sum.nextElementSibling.classList.contains('bl-hidden')];
  const least = root.matches('.bl-projector') ? 17.9 : 12;
  return ['pieces', parseFloat(getComputedStyle(row).fontSize) >= least && row.scrollWidth <= sum.clientWidth]; })"""


@pytest.mark.wide
def test_a_sum_of_long_numbers_is_never_too_small(page, tmp_path):
    """Where its pieces have no room the sentence stands, and it stays when the panel is fitted once more."""
    page.set_viewport_size({"width": 1024, "height": 768})
    found = set()
    for numbers in ((3.0, 5.0), (98765.4321, -1234.5)):
        root = open_page(page, bl.step(lambda x, y: x * y * 1.234567 + x * y * y - x, *numbers), tmp_path)
        root.focus()
        press(page, "End")
        for key in ("f", *4 * ["ArrowLeft"], "f", *4 * ["ArrowRight"]):
            press(page, key)
            root.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            found |= set(map(tuple, root.evaluate(FITTED)))
    assert found == {("pieces", True), ("sentence", True)}


@pytest.mark.wide
def test_a_sum_that_will_be_asked_for_is_not_told(page, tmp_path):
    root = open_page(page, bl.examples["edelman"].step(predict=True), tmp_path)
    root.focus()
    while at(root) < 14:
        page.keyboard.press("ArrowRight")
        root.get_by_role("button", name="show it").click()
    assert root.evaluate(SUM)[-1] == "?next" and "14" not in root.locator(".bl-say").text_content()


def long_names(the_learning_rate_of_this_experiment, another_rather_long_argument_name):
    return bl.arctan2(the_learning_rate_of_this_experiment, another_rather_long_argument_name)


def test_what_is_too_long_waits_behind_a_button_and_stays_open(page, tmp_path):
    page.set_viewport_size({"width": 1024, "height": 768})
    root = open_page(page, bl.step(long_names, 0.123456789, -1.23456789), tmp_path)
    root.focus()
    press(page, *3 * ["ArrowRight"])
    height = root.locator(".bl-say").evaluate("(say) => say.offsetHeight")
    button = root.get_by_role("button", name="why")
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true" and root.locator(".bl-aside .bl-chain").is_visible()
    page.keyboard.press("ArrowRight")
    assert at(root) == 4 and root.locator(".bl-aside .bl-chain").is_visible()
    assert root.locator(".bl-say").evaluate("(say) => say.offsetHeight") == height


def test_names_and_numbers_as_they_are_read(page, tmp_path):
    root = open_page(page, bl.step(lambda x1, y: x1 * 2 + y, 123456.0, 0.000012345), tmp_path)
    root.focus()
    press(page, "ArrowRight")
    said = root.locator(".bl-sentence").text_content()
    assert said == "x₁ = 123\u202f456 is known, so v₁ can be computed: 246\u202f912."
    assert "123\u202f456" in root.locator(".bl-formula").text_content()
    for text, seen in {
        "W1ᵀ v̄12 log2(x) f2(3) 1e+06 0.123456 w100000": "W₁ᵀ v̄₁₂ log2(x) f2(3) 1e+06 0.123456 w100000",
        "z_2 z̄_2 t̅a̅u̅_3 unit_step x1_2 h_1_2 f_2(x) −81004": "z₂ z̄₂ t̅a̅u̅₃ unit_step x1_2 h_1_2 f_2(x) −81\u202f004",
    }.items():
        assert page.evaluate(f"(text) => {{ {read()} return read(text); }}", text) == seen


def read():
    """The function of the page that makes sentences readable."""
    from backprop_lab.widgets.page import text

    source = text("parts.js")
    start = source.index("const LOW")
    return source[start : source.index("\n}\n", start) + 2]


def test_what_is_clearly_too_wide_is_not_tried(page, tmp_path):
    """To lay the panel out is most of what a step costs; it was done at each of eight sizes until one was small."""

    def f(the_learning_rate_of_this_experiment, another_rather_long_argument_name):
        the_product = the_learning_rate_of_this_experiment * another_rather_long_argument_name
        return the_product / another_rather_long_argument_name * the_product * the_learning_rate_of_this_experiment

    player = bl.step(f, 0.123456789, -98765.4321)
    page.set_viewport_size({"width": 1024, "height": 768})
    root = open_page(page, player, tmp_path)
    moves = len(player.steps) * ["ArrowRight"]
    walk(root, [*moves, "Home"])
    watch = page.context.new_cdp_session(page)
    watch.send("Performance.enable")
    counts = []
    for steps in ([], moves):
        walk(root, steps)
        counts.append({m["name"]: m["value"] for m in watch.send("Performance.getMetrics")["metrics"]}["LayoutCount"])
    watch.detach()
    assert counts[1] - counts[0] < 5 * len(moves)
