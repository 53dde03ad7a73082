"""The number of a single step travels: what is painted at which millisecond, by a clock that the test holds."""

import itertools

import pytest
from support.pages import at, open_page, press

import backprop_lab as bl

# On each picture: the texts that are seen of the paint, and how far to the right the middle of the first token is.
PAINT = """(root) => [...root.querySelectorAll('.bl-svg')].map((svg) => { const layer = svg.querySelector('.bl-motion');
  if (!layer) return null;
  const visible = (e) => getComputedStyle(e).visibility === 'visible';
  const seen = (selector) => [...layer.querySelectorAll(selector)].filter(visible);
  const token = seen('.bl-token rect')[0]?.getBoundingClientRect();
  return {texts: seen('text').map((e) => e.textContent), last: layer === svg.lastElementChild,
    x: token && token.x + token.width / 2}; })"""
MIDDLE = "(e) => { const b = e.getBoundingClientRect(); return b.x + b.width / 2; }"


MINUTE = 60_000  # longer than a page takes to open, in the clock's own time


@pytest.fixture(scope="module")
def held(browser):
    """A page whose clock the tests hold, and where that clock stands; one page, because a new one takes long."""
    page, trouble = browser.new_page(viewport={"width": 1280, "height": 900}), []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.clock.install(time=0)
    yield page, itertools.count(MINUTE, 10 * MINUTE)
    page.close()
    assert not trouble


@pytest.fixture
def moving(held, tmp_path):
    """Opens a player on a page whose clock stands still; with it, how far the clock goes on."""
    page, times = held

    def start(player, reduced_motion="no-preference"):
        page.clock.resume()
        page.emulate_media(reduced_motion=reduced_motion, media="null")
        root = open_page(page, player, tmp_path)
        root.focus()
        page.clock.pause_at(next(times))
        return page, root

    yield start
    page.evaluate("() => localStorage.clear()")


def step(page, times, *keys):
    """Press keys, and let the paint of the last one begin."""
    press(page, *times * ["ArrowRight"], *keys)
    page.clock.run_for(17)


def ride(page, root, *times):
    """What is painted after so many milliseconds."""
    seen, last = [], 0
    for time in times:
        page.clock.run_for(time - last)
        seen.append(root.evaluate(PAINT))
        last = time
    return seen


def test_the_adjoint_runs_along_the_edge_is_multiplied_and_joins_what_waits(moving):
    page, root = moving(bl.examples["edelman"].step())
    step(page, 14)
    assert page.locator("text[data-key=a0]").text_content() == "10 + 4"  # the step stands there from the start
    start, end = (root.locator(place).evaluate(MIDDLE) for place in ("rect[data-k=a6]", ".bl-sum > .bl-ring"))
    pill = root.locator("rect[data-k=w6_0]").evaluate(MIDDLE)
    seen = [now for (now,) in ride(page, root, 16, 160, 320, 480, 560, 640)]
    assert [sorted(now["texts"]) for now in seen] == [
        ["10", "4"],
        ["10", "4"],
        ["1", "10", "4", "·"],
        ["10", "4"],
        ["10", "4"],
        [],
    ]
    assert all(now["last"] for now in seen)
    xs = [now["x"] for now in seen[:5]]
    assert start + 20 > xs[0] > xs[1] > pill > xs[3] > xs[4] > end  # at the pill it makes room for the partial
    assert abs(xs[0] - start) < 20 and abs(xs[2] - pill) < 40 and abs(xs[4] - end) < 40
    page.clock.run_for(400)
    assert root.evaluate(PAINT) == [None]


@pytest.mark.parametrize(
    ("mode", "steps", "tokens"),
    [
        ("reverse", 15, ["10", "4"]),  # the sum: 10 and 4 become 14
        ("reverse", 2, ["5", "6"]),  # v2 = v1 · y: the operands' values
        ("reverse", 6, []),  # the seed comes from nowhere
        ("forward", 12, ["10", "4"]),  # both tangents come to z
        ("forward", 2, []),
    ],
)
def test_what_travels(moving, mode, steps, tokens):
    page, root = moving(bl.examples["edelman"].step(mode=mode))
    step(page, steps)
    assert [sorted(filter(None, now["texts"])) for (now,) in ride(page, root, 40)] == [tokens]


def test_products_of_a_tangent_are_what_the_formula_has(moving):
    """Where several arrive, each lands as the product that the formula names; nothing is computed on the way."""
    page, root = moving(bl.examples["edelman"].step(mode="forward"))
    step(page, 12)
    (now,) = ride(page, root, 500)[0]
    assert sorted(filter(None, now["texts"])) == ["10 · 1", "4 · 1"]


def test_what_is_a_mystery_is_not_told_on_the_way(moving):
    """No partial is seen, so what left becomes what arrives in the middle of the edge."""
    page, root = moving(bl.examples["edelman"].step(mystery="room 7"))
    step(page, 9)
    gives = root.locator("text.bl-result").get_attribute("data-key")
    sender = root.locator("text.bl-num.bl-used").text_content()
    early, late = (now["texts"] for (now,) in ride(page, root, 100, 320))
    assert [early[-1], late[-1]] == [sender, root.locator(f"text[data-key={gives}]").text_content()]
    assert not any("·" in text for text in [*early, *late])


def test_each_of_two_pictures_has_its_own(moving):
    page, root = moving(bl.examples["edelman"].step(mode="both"))
    step(page, 9)
    (left, right) = ride(page, root, 40)[0]
    assert sorted(filter(None, left["texts"])) == ["0", "2"] and list(filter(None, right["texts"])) == ["1"]
    step(page, 9)  # forward mode has more to do
    (left, right) = ride(page, root, 40)[0]
    assert left and right is None


def test_any_key_click_or_step_ends_it(moving):
    page, root = moving(bl.examples["edelman"].step())
    layers = "() => document.querySelectorAll('.bl-motion').length"
    for end in (
        lambda: press(page, "?"),
        lambda: root.locator(".bl-say").click(),
        lambda: press(page, "ArrowLeft"),
        lambda: press(page, "Home"),
    ):
        press(page, "Home")
        step(page, 14)
        assert page.evaluate(layers) == 1
        end()
        assert page.evaluate(layers) == 0
        page.clock.run_for(2000)
        assert page.evaluate(layers) == 0
    press(page, "Home")
    step(page, 14)
    step(page, 1)
    assert page.evaluate(layers) == 1 and at(root) == 15  # the next step's alone


def test_who_does_not_want_it_does_not_see_it(moving):
    page, root = moving(bl.examples["edelman"].step())
    none = [[None]]
    press(page, "End")
    page.clock.run_for(17)
    assert ride(page, root, 17) == none  # a jump
    press(page, "ArrowLeft")
    page.clock.run_for(17)
    assert ride(page, root, 17) == none  # a step back
    root.evaluate(
        """(r) => r.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', repeat: true, bubbles: true}))"""
    )
    page.clock.run_for(17)
    assert ride(page, root, 17) == none and at(root) == 16  # a key that is held
    press(page, "Home", "g")
    step(page, 7)
    assert ride(page, root, 17) == none  # several steps at once
    press(page, "g", "g", "Home")
    step(page, 14)
    assert ride(page, root, 17) != none
    assert not root.get_by_role("button", name="motion").count()
    press(page, "s")
    motion = root.locator(".bl-settings").get_by_label("motion")
    motion.uncheck()
    root.focus()
    press(page, "Home")
    step(page, 14)
    assert ride(page, root, 17) == none
    page.reload()  # and it is remembered
    root.wait_for()
    press(page, "s")
    assert not motion.is_checked()
    page, root = moving(bl.examples["edelman"].step(), reduced_motion="reduce")
    step(page, 14)
    assert ride(page, root, 17) == none
    page, root = moving(bl.examples["edelman"].step(predict=True))
    step(page, 1)
    page.keyboard.type("6")
    press(page, "Enter")
    page.clock.run_for(17)
    assert ride(page, root, 17) == none


def test_readers_and_printers_do_not_see_it(moving):
    page, root = moving(bl.examples["edelman"].step())
    step(page, 14)
    layer = root.locator(".bl-motion")
    assert layer.get_attribute("aria-hidden") == "true"
    page.emulate_media(media="print")
    assert layer.evaluate("(e) => getComputedStyle(e).display") == "none"


@pytest.mark.wide
@pytest.mark.parametrize(
    ("make", "keys"), [(bl.examples["two-layer"].step, ""), (lambda: bl.examples.ladder(15).step(), "g")]
)
def test_arrays_and_folded_graphs(moving, make, keys):
    """An array's square has no number; what is folded away does not move, and nothing breaks at any step.

    A folded graph goes from box to box at first, many steps at once, at which nothing moves: "g" goes on to edges."""
    player = make()
    page, root = moving(player)
    press(page, *keys)
    seen = []
    for _ in player.steps:
        step(page, 1)
        seen += [now["texts"] if now else None for now in ride(page, root, 100)[0]]
    assert at(root) == len(player.steps)
    assert any(texts is not None for texts in seen) and not any(
        "×" in text or "[" in text for texts in seen if texts for text in texts
    )
