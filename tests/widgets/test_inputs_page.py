"""Inputs that follow the hand, in a page without a kernel: by event, by keys, by mouse, under strict rules."""

import numpy as np
import pytest
from support.pages import asking_files, open_both, open_page

import backprop_lab as bl

SET = "(root, inputs) => root.dispatchEvent(new CustomEvent('bl-set', {detail: inputs}))"
SHOWN = """(root) => ({
  numbers: Object.fromEntries(
    [...root.querySelectorAll('.bl-svg text[data-key]')].map((text) =>
      [text.dataset.key, text.dataset.whole ?? text.textContent])),
  table: [...root.querySelectorAll('.bl-table tbody tr')].map((row) => row.textContent),
  say: root.querySelector('.bl-sentence')?.textContent, formula: root.querySelector('.bl-formula')?.textContent ?? '',
  name: root.getAttribute('aria-label'), picture: root.querySelector('.bl-svg title').textContent,
  marks: [...root.querySelectorAll('.bl-mark title')].map((title) => title.textContent) })"""

MAPS = """(root) => Object.fromEntries([...root.querySelectorAll("[data-heat]")].map((place) =>
  [place.dataset.heat, [...place.querySelectorAll(".bl-heat-num")].map((text) => text.textContent)]))"""


def shown(root):
    return root.evaluate(SHOWN)


def branch(x, y):
    if x > 0:
        return bl.log(x) * y
    return bl.sqrt(x) + y


@pytest.fixture
def players(page, tmp_path):
    """Opens players, one after the other in one page."""

    def show(player):
        root = open_page(page, player, tmp_path)
        root.focus()
        return root

    return show


def test_all_of_the_page_follows_as_if_it_had_been_made_there(players, page):
    """Also the warning sign of an overflow, which neither page had at first."""
    for example, here in (("edelman", {"x": -2.5, "y": 0.75}), ("strang", {"x": 1.5, "y": -3.0})):
        for mode in ("reverse", "forward"):
            first, other = (bl.examples[example].step(mode=mode, **inputs) for inputs in ({}, here))
            wanted, found = [], []
            for player, seen in ((other, wanted), (first, found)):
                root = players(player)
                root.evaluate(SET, here)
                seen.append(shown(root))
                for key in ("ArrowRight", "PageDown", "ArrowRight", "ArrowRight", "End"):
                    page.keyboard.press(key)
                    seen.append(shown(root))
            assert found == wanted, (example, mode)
    root = players(bl.step(lambda x: bl.exp(x) * 2, 1.0))
    page.keyboard.press("ArrowRight")
    assert shown(root)["marks"] == []
    root.evaluate(SET, {"x": 1000})
    sentence = "exp(1000) is larger than 1.8e308, the largest float, so it became inf (overflow)"
    assert shown(root)["marks"][0] == sentence and sentence in shown(root)["say"]


def test_a_number_moves_by_keys_by_mouse_and_by_wheel(players, page):
    root = players(bl.examples["edelman"].step())
    page.keyboard.press("End")
    x = root.get_by_role("slider", name="input x")
    assert x.get_attribute("data-input") == "x" and x.get_attribute("aria-valuetext") == "3"
    x.focus()
    seen = []
    for key in ("ArrowUp", "ArrowLeft", "PageUp", "Shift+ArrowRight", "Home"):
        page.keyboard.press(key)
        seen.append(x.get_attribute("aria-valuetext"))
    assert seen == ["3.05", "3", "3.5", "3.51", "3"]
    assert root.get_attribute("data-at") == "16", "its keys are not the player's"
    box = x.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 50, box["y"] + 12, steps=3)
    page.mouse.up()
    moved = float(x.get_attribute("aria-valuetext"))
    assert moved > 3.2 and shown(root)["numbers"]["p0"] == x.get_attribute("aria-valuetext")
    assert root.locator(".bl-chosen").count() == 0, "a drag chooses no node"
    assert float(shown(root)["numbers"]["a0"]) == pytest.approx(10 + 2 * (moved - 1), abs=0.01)
    page.mouse.wheel(0, -100)
    page.wait_for_function(
        "(x) => document.querySelector('[data-input=x]').getAttribute('aria-valuetext') > x", arg=moved
    )
    x.dblclick()
    assert x.get_attribute("aria-valuetext") == "3" and shown(root)["numbers"]["a0"] == "14"


def test_what_cannot_be_followed_is_said_and_no_old_number_stays(players, page):
    root = players(bl.step(branch, 2.0, 3.0))
    page.keyboard.press("End")
    before = shown(root)
    for given in ({"x": -1}, {"x": 0}):
        root.evaluate(SET, given)
        said = shown(root)
        assert said["say"].startswith("with these inputs the comparison in line ") and "comes out False" in said["say"]
        assert {key for key, text in said["numbers"].items() if text} == {"p0", "p1"} and not said["formula"]
    root.evaluate(SET, {"x": 2})
    assert shown(root) == before
    root = players(bl.step(lambda x: bl.log(x) * x, 2.0))
    root.evaluate(SET, {"x": -1})
    assert "the argument of log must be a positive number, and here it is -1 (node v₁, line " in shown(root)["say"]
    root.evaluate(SET, {"z": 1})
    assert "There is no input z; the inputs are x." in root.locator(".bl-inspect").text_content()


def twice(x, turns):
    for _ in range(turns):
        x = x * 0.99 + 0.1
    return x


doubled = bl.custom(lambda x: 2.0 * x, vjp=lambda x: (2.0 * x, lambda bar: (2.0 * bar,)))
# Functions that no page can follow by itself, and what it says of them.
STILL = [
    (lambda x: np.sum(x * np.arange(7.0)), "has 7 numbers, and a page follows up to 6 of an array by itself"),
    (lambda x: np.sum(np.sort(np.array([x, 2 * x]))), "a page does not compute"),
    (lambda x: np.real(np.exp(1j * x)), "is a complex number, and a page follows real numbers by itself"),
    (lambda x: doubled(x) * x, "v1 comes from a rule of your own, which is Python"),
    (lambda x: float(f"{x:.3f}") * x, "a number came back through a text, so the function has to run again"),
    (lambda x: twice(x, 160), "a page follows up to 300 nodes by itself, and there are 323"),
]


def test_where_the_page_cannot_follow_nothing_moves_and_it_says_why(players):
    for function, why in STILL:
        film = bl.step(function, 1.5, mode="value").film
        assert "tape" not in film and why in film["still"]
    root = players(bl.step(STILL[0][0], 1.5))
    assert root.get_by_role("slider", name="input").count() == 0
    before = shown(root)
    root.evaluate(SET, {"x": 2.5})
    assert shown(root) == before
    assert STILL[0][1] in root.locator(".bl-inspect").text_content()


def layer(W, x, b):
    z = W @ x + b
    r = np.tanh(z) - 1
    return np.sum(r * r)


def test_entries_of_arrays_follow(players, page):
    """Each is a slider of its own; whole arrays may be set; the kernel hears of all."""
    given = [[0.5, -1.0, 0.25], [1.0, 2.0, -0.5]], [1.125, -1.125, 2.0], [0.1, 0.2]
    player = bl.step(layer, *map(np.array, given))
    root = players(player)
    page.keyboard.press("End")
    before = shown(root)["numbers"]
    names = [f"W[{i}, {j}]" for i in range(2) for j in range(3)] + [f"x[{k}]" for k in range(3)] + ["b[0]", "b[1]"]
    sliders = root.get_by_role("slider", name="input")
    assert [one.get_attribute("data-input") for one in sliders.all()] == names
    entry = root.get_by_role("slider", name="input W[0, 1]")
    entry.focus()
    page.keyboard.press("PageUp")
    assert entry.get_attribute("aria-valuetext") == "−0.5"
    page.keyboard.press("ArrowUp")
    root.evaluate(SET, {"x": [0.5, 1.5, -1], "b[1]": 0.7})
    now = {"W": [[0.5, -0.45, 0.25], [1.0, 2.0, -0.5]], "x": [0.5, 1.5, -1.0], "b": [0.1, 0.7]}
    player.inputs = now
    film = player._film
    wanted = {key: text for key, text in film.texts(len(film)).items() if text}
    assert {key: text for key, text in shown(root)["numbers"].items() if text} == wanted
    maps = root.evaluate(MAPS)
    for key, own in film.maps(len(film)).items():
        if not own.table:
            pairs = zip(*(" ".join(texts).replace("−", "-").split() for texts in (maps[key], own.texts)), strict=True)
            assert all(float(x) == pytest.approx(float(y), rel=0.01) for x, y in pairs), (
                "shorter where there is no room"
            )
    root.evaluate(SET, {"x": [1, 2]})
    assert "x takes as many numbers as it has." in root.locator(".bl-inspect").text_content()
    root.evaluate(SET, {"x": [1e308, 1e308, -1e308], "W[0, 0]": 1e10})
    player.inputs = {"W": [[1e10, -0.45, 0.25], [1.0, 2.0, -0.5]], "x": [1e308, 1e308, -1e308], "b": [0.1, 0.7]}
    wanted = {key: text for key, text in player._film.texts(len(film)).items() if text}
    assert {key: text for key, text in shown(root)["numbers"].items() if text} == wanted
    assert any("inf" in text or "∞" in text for text in wanted.values())
    entry.dblclick()
    root.evaluate(SET, dict(zip("Wxb", given, strict=True)))
    assert shown(root)["numbers"] == before


VIEWS = """(root) => Object.fromEntries(["bl-table", "bl-paths", "bl-matrices", "bl-costs"].map((css) =>
  [css, [...root.querySelectorAll(`.${css} :is(td, th, .bl-view-words, span)`)].map((one) => one.textContent)]))"""


@pytest.mark.wide
def test_views_of_arrays_follow_as_if_they_had_been_made_there(players, page):
    """The table, paths, matrices and costs, on the way and at the end."""
    given = [np.array([[0.5, -1.0], [1.0, 2.0]]), np.array([1.125, -1.5]), np.array([0.1, 0.2])]
    here = [np.array([[0.25, 1.5], [-1.0, 0.75]]), np.array([2.0, 0.5]), np.array([-0.3, 0.4])]
    function = lambda W, x, b: np.sum(bl.relu(np.linalg.solve(W, x) + b) * x)  # noqa: E731
    views = ("code", "table", "costs", "paths", "jacobian")
    for mode in ("reverse", "forward"):
        seen = []
        for inputs, moved in ((here, {}), (given, dict(zip("Wxb", map(np.ndarray.tolist, here), strict=True)))):
            root = players(bl.step(function, *inputs, mode=mode, views=views))
            if moved:
                root.evaluate(SET, moved)
            seen.append([])
            for key in (*7 * ["ArrowRight"], "End"):
                page.keyboard.press(key)
                if key == "End" or not int(root.get_attribute("data-at")) % 3:
                    seen[-1].append(root.evaluate(VIEWS))
        assert seen[0] == seen[1], mode
        assert all(seen[0][-1].values())


def test_number_boxes_move_the_page_the_kernel_and_linked_players(page, tmp_path):
    """What is no number gets a sentence, and nothing moves."""
    text = tmp_path / "two.html"
    page.route(
        "**/two.html", lambda route: route.fulfill(body=as_if_asked(text.read_text("utf-8")), content_type="text/html")
    )
    first = bl.examples["edelman"].step()
    second = bl.step(lambda x: x * x, 7.0, link=first)
    with asking_files():
        open_both(page, first, second, tmp_path)
    root, other = page.locator(".bl-player").all()
    root.focus()
    page.keyboard.press("s")
    box = root.get_by_label("x =", exact=True)
    box.fill("2.5")
    page.keyboard.press("Enter")
    assert (
        shown(root)["numbers"]["p0"] == shown(other)["numbers"]["p0"] == "2.5"
        and root.locator("[role=alert]").text_content() == ""
    )
    page.wait_for_function("() => window.told?.inputs?.x === 2.5")
    before = shown(root)
    box.fill("two")
    page.keyboard.press("Enter")
    assert root.locator("[role=alert]").text_content().startswith("x: ") and box.get_attribute("aria-invalid") == "true"
    assert shown(root) == before
    box.fill("2.5")
    page.keyboard.press("Enter")
    assert root.locator("[role=alert]").text_content() == "" and box.get_attribute("aria-invalid") == "false"
    box.fill("two")
    page.keyboard.press("Enter")
    other.evaluate(SET, {"x": -1})
    assert box.input_value() == "-1", "the box shows the input that another player moved"
    assert root.locator("[role=alert]").text_content() == "" and box.get_attribute("aria-invalid") == "false"


def as_if_asked(text):
    """A page's text with a model behind which somebody answers: what it is told is `told`."""
    text = text.replace("get: (key) => state[key]", 'get: (key) => (key === "request" ? {} : state[key])')
    return text.replace("state[key] = value; }", "state[key] = value; (window.told ??= {})[key] = value; }")


def test_letters_are_not_lower_than_12(players, page):
    """Nor where a constant's cell gets a number with an exponent."""
    root = players(bl.step(lambda x, y: (2 * x + y) * 1e-7 * x, 3.0, 4.0))
    page.keyboard.press("End")
    root.evaluate(SET, {"x": -123456.7, "y": 2.5e-9})
    low = root.evaluate("""(root) => [...root.querySelectorAll('.bl-cell > text')].filter((text) => text.textContent
      && Number(text.getAttribute('font-size')) < 12).map((text) => text.textContent)""")
    assert low == []
    wide = root.evaluate("""(root) => [...root.querySelectorAll('.bl-cell')].filter((cell) => {
      const [box, text] = ['rect', 'text'].map((kind) => cell.querySelector(kind).getBoundingClientRect());
      return text.width > box.width + 1; }).map((cell) => cell.textContent)""")
    assert wide == []


def test_a_mystery_follows(players, page):
    """The same rule stays broken; what is struck out, nudged and found is said of the numbers that are there."""
    player = bl.examples["edelman"].step(mystery="d")
    root = players(player)
    told = player.film["mystery"]
    right = told["answer"] + 1
    wrong = next(k for k in range(1, 7) if k != right)
    page.keyboard.press(str(wrong))
    page.get_by_role("button", name="x", exact=True).click()
    root.evaluate(SET, {"x": -2, "y": 1.5})
    player.inputs = {"x": -2.0, "y": 1.5}
    now = player._film.data()["mystery"]
    assert now["claims"][now["answer"]]["says"] == told["claims"][right - 1]["says"]
    assert now["claims"] != told["claims"] and now["claims"][wrong - 1]["refuted"] in (
        root.locator(".bl-claim").nth(wrong - 1).text_content()
    )
    row = root.locator(".bl-nudges tr").nth(1).locator("td").all_text_contents()
    assert row[:2] == [now["nudges"][0]["sweep"], now["nudges"][0]["nudge"]]
    root.focus()
    page.keyboard.press(str(right))
    assert int(root.get_attribute("data-at")) == now["found"]["at"]
    assert now["found"]["says"] in root.locator(".bl-sentence").text_content().replace("v₁", "v1").replace("v₂", "v2")
    assert root.locator(".bl-found").text_content() == now["found"]["there"] + now["found"]["right"]
    page.keyboard.press("End")
    numbers = {key: text for key, text in shown(root)["numbers"].items() if text}
    assert numbers == player._film.texts(len(player.steps)), "and no local partial"


def test_a_room_goes_on_guessing_while_inputs_move(players, page):
    root = players(bl.examples["edelman"].step())
    page.keyboard.press("b")
    root.evaluate(SET, {"x": 4})
    assert shown(root)["numbers"]["p3"] == "?" and shown(root)["numbers"]["p0"] == "4"
    assert "What comes here?" in shown(root)["say"] and root.get_attribute("data-at") == "0"
    page.keyboard.press("b")
    assert shown(root)["numbers"]["p3"] == "8" and root.get_attribute("data-at") == "1"


def test_questions_follow(players, page):
    """Asked for are the numbers at the inputs where the hand is, and a wrong one is told its reason there."""
    root = players(bl.examples["edelman"].step(predict=True))
    page.keyboard.press("ArrowRight")
    root.evaluate(SET, {"x": 4})
    for answer in ("8", "40", "3", "9", "49", "1", "1", "1"):
        root.locator(".bl-askbox").fill(answer)
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowRight")
    assert root.get_attribute("data-at") == "8" and "bl-missed" not in root.locator(".bl-ask").get_attribute("class")
    assert shown(root)["numbers"]["w4_0"] == "?", "a local partial that is asked for is not told"
    root.evaluate(SET, {"y": -6})
    assert root.locator(".bl-askbox").count() == 1
    root.locator(".bl-askbox").fill("8")
    page.keyboard.press("Enter")
    assert "8 comes out when the product v₁ · y sends v₁ its own value 8" in root.locator(".bl-say").text_content()
    root.locator(".bl-askbox").fill("-6")
    page.keyboard.press("Enter")
    assert shown(root)["numbers"]["w4_0"] == "−6" and root.get_attribute("data-at") == "9"


def test_strict_rules_for_scripts(page):
    """No script but the page's own, none made of text, no handlers in markup: as careful sites ask."""
    text = (
        bl.examples["edelman"].step().to_html().replace('<script type="module">', '<script type="module" nonce="own">')
    )
    rules = "default-src 'none'; script-src 'nonce-own'; style-src 'unsafe-inline'; base-uri 'none'"
    page.route(
        "http://localhost/strict.html",
        lambda route: route.fulfill(body=text, content_type="text/html", headers={"Content-Security-Policy": rules}),
    )
    page.goto("http://localhost/strict.html")
    root = page.locator(".bl-player")
    root.evaluate(SET, {"x": 4})
    root.focus()
    page.keyboard.press("End")
    assert shown(root)["numbers"]["a0"] == "16"


def test_linked_players_move_together(page, tmp_path):
    first = bl.examples["edelman"].step()
    second = bl.step(lambda x: x * x, 7.0, link=first)
    assert second.inputs == {"x": 3.0} and second.group == first.group
    first.inputs = {"x": 5}
    assert second.inputs == {"x": 5.0} and second.graph.value == 25.0
    second.inputs = {"x": 2}
    assert first.inputs == {"x": 2.0, "y": 5.0}
    for wrong, match in ((3, "is no player.*write link=player"), (bl.step(lambda z: z * z, 1.0), "name the arguments")):
        with pytest.raises(bl.ArgumentError, match=match):
            bl.step(lambda x: x * x, 7.0, link=wrong)
    open_both(page, first, second, tmp_path)
    root, other = page.locator(".bl-player").all()
    root.evaluate(SET, {"x": 4, "y": 1})
    assert shown(other)["numbers"]["p0"] == "4" and shown(root)["numbers"]["p1"] == "1"
    other.evaluate(SET, {"x": -1})
    assert shown(root)["numbers"]["p0"] == "−1"


def test_the_trait():
    player = bl.examples["edelman"].step()
    assert player.inputs == {"x": 3.0, "y": 5.0}
    film = player.film
    player.inputs = {"x": 4}
    assert player.inputs == {"x": 4.0, "y": 5.0} and player.graph.value == 49.0
    assert player.film is film, "the page follows by itself: no film is sent"
    assert [step.after for step in player.steps][-2] == 16.0
    for wrong in ({"z": 1}, {"x": "3"}, {"x": True}):
        with pytest.raises(bl.ArgumentError, match=r'write player.inputs = {"x": 2.0}'):
            player.inputs = wrong
    assert player.inputs == {"x": 4.0, "y": 5.0}
    other = bl.step(branch, 2.0, 3.0)
    with pytest.raises(bl.DomainError):
        other.inputs = {"x": -1.0}
    assert other.inputs["x"] == 2.0 and other.graph.value == pytest.approx(2.0794415)
