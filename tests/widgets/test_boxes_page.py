"""Boxes of text, measured in a browser at every step of every film: no text over another, none cut, nothing jumps.

The page must hold with any fonts. Chromium asks fontconfig for them, so the same tests run with others by
`FONTCONFIG_FILE=some/fonts.conf`, a file that names the folders with the fonts that there shall be.
"""

import itertools
import json

import numpy as np
import pytest
from support.circles import a_cover, each_once
from support.strategies import many

import backprop_lab as bl

pytestmark = pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning", "ignore::RuntimeWarning")

SIZES = ((1280, 900), (1024, 768))
MODES = ("value", "forward", "reverse", "both")


def softmax(x):
    return np.sum(bl.softmax(x) * np.array([0.1, 0.2, 0.3, 0.4]))


def long_names(the_learning_rate_of_this_experiment, another_rather_long_argument_name):
    the_product_of_both = the_learning_rate_of_this_experiment * another_rather_long_argument_name
    the_sine_of_it = np.sin(the_product_of_both) / another_rather_long_argument_name
    return the_sine_of_it + the_learning_rate_of_this_experiment**2


def extreme(x, y):
    return x * 1e-300 * y - bl.exp(x) / y + x * y


def turned(z):
    return np.real(z * z * np.conj(z) / (1 + 2j))


def layer(X, W, b):
    return np.sum(np.tanh(X @ W + b))


def twice(x, W):
    h = np.tanh(W @ x)
    return np.sum(h * h) + bl.logsumexp(h)


def joined(a_first_name, b_second_name, c_third_name, d_fourth_name, e_fifth_name):
    return np.sum(np.concatenate([a_first_name, b_second_name, c_third_name, d_fourth_name, e_fifth_name]))


def stacked(x):
    return np.sum(np.stack([x, 2 * x, 3 * x, 4 * x]))


def fan(x):
    return x * x + x * bl.sin(x) + x / (x + 1) + bl.exp(x) * x - x**3


def power(x):
    return x * x * x * x * x * x * x * x * x * x * x * x * x * x * x * x * x * x * x * x * x * x


def two_powers(x, y):
    return power(x) - power(y)


def ring(a, b, c, d, e, f, g):
    return a * b + b * c + c * d + d * e + e * f + f * g + g * a


def loss(z, p):
    return bl.cross_entropy(z, p)


def some(*shape):
    return np.cos(np.arange(np.prod(shape)) + 0.5).reshape(shape)


OTHERS = {
    "softmax": (softmax, np.array([0.1, -1.25, 3.3333, 0.7])),
    "long names": (long_names, 0.123456789, -98765.4321),
    "extreme": (extreme, -1.23456789e-150, 98765.4321),
    "very extreme": (extreme, 1e-300, -1e300),
    "layer": (layer, some(3, 4), some(4, 8), some(8)),
    "twice": (twice, some(4), some(1, 4)),
    "joined": (joined, *(some(2) for _ in range(5))),
    "stacked": (stacked, some(3)),
    "fan": (fan, 1.23456),
    "loss": (loss, 1000 * some(4), np.array([0.25, 0.25, 0.4, 0.1])),
    "turned": (turned, 1.23456789 + 9.87654321j),
    "folded": (two_powers, 1.23456, -0.98765),
    "ring": (ring, 1.5, -2.25, 3.125, -4.0625, 5.5, -6.6, 7.77),
}
ONLY = {"turned": "value", "folded": "reverse", "ring": "both"}
PACE = {"folded": "box", "ring": "edge"}  # the other paces tell what they tell of a small graph


NAMES = (*bl.examples, *OTHERS)
# Walked without a font for mathematics, too, where formulas are wider and higher.
HARDER = ("edelman", "edelman-toy", "strang", "strang-first-try", "deep", "softmax", "long names")


def at_sizes(name, mode):
    """A film at one size, the next at the other, so each example is walked at both; `make test-long`: each film is."""
    first = (NAMES.index(name) + MODES.index(mode)) % 2
    return (SIZES[first:] + SIZES[:first])[: many(1, most=len(SIZES))]


def modes_of(name):
    """The modes that a film is walked in; a chain's result is an array."""
    return (ONLY[name],) if name in ONLY else MODES[:2] if name.startswith("matrix-chain") else MODES


def made(name, mode):
    if name not in OTHERS:
        return bl.examples[name].step(mode=mode)
    f, *args = OTHERS[name]
    return bl.step(f, *args, mode=mode)


def mount(page, player):
    state = {"film": player.film, "at": 0, "predictions": []}
    page.evaluate("(state) => window.mount(JSON.parse(state))", json.dumps(state))


def walked(page, player, sizes=SIZES, only=None):
    """What the walk through a player saw at each size, first at the one that the page has: to change it takes time."""
    mount(page, player)
    now = page.viewport_size
    for k, (width, height) in enumerate(sorted(sizes, key=lambda size: size[0] != now["width"])):
        page.set_viewport_size({"width": width, "height": height})
        yield width, page.evaluate("(how) => window.walk(how)", [k == 0, only])


@pytest.mark.drawn
@each_once("name, mode", NAMES, MODES, where=lambda name, mode: mode in modes_of(name))
def test_no_text_is_covered_or_cut(stages, name, mode):
    look_at(stages(True), name, mode)


@pytest.mark.drawn
@a_cover("film", list(itertools.product(HARDER, MODES)), lambda film: film[1:])
def test_no_text_is_covered_or_cut_without_a_font_for_mathematics(stages, film):
    look_at(stages(False), *film)


def look_at(page, name, mode):
    sizes = SIZES if name in ONLY else at_sizes(name, mode)
    for width, seen in walked(page, made(name, mode), sizes, PACE.get(name)):
        assert seen["steps"] > 6 and not seen["trouble"], (width, seen["trouble"][:8])
        assert name not in bl.examples or seen["height"] <= 900, width


def test_a_complex_number_is_no_sum_that_waits(stages):
    """3 + 4i has no ring around what has just arrived, in the page and in pictures."""
    page, player = stages(True), bl.step(turned, 3 + 4j)
    mount(page, player)
    assert page.locator("text[data-key=p0]").text_content() == "3 + 4i" and not page.locator("g.bl-sum").count()
    assert "bl-value bl-sum" not in player.svg(0) and "bl-adjoint bl-sum" in bl.step(lambda x: x * x, 5.0).svg(4)


# Rules that spoil the page, and what the walk must say of it.
FAULTS = {
    ".bl-sentence { position: relative; left: -400px }": "” over “",
    ".bl-say .bl-sentence { white-space: nowrap; margin-left: 200px }": "” is cut",
    ".bl-say { min-height: 0; max-height: 30px }": "the panel scrolls",
    ".bl-say { height: auto !important }": "the panel has the heights",
    ".bl-svg .bl-name { letter-spacing: 30px }": "leaves its node",
    ".bl-svg .bl-num { letter-spacing: 40px }": "leaves its cell",
    ".bl-svg .bl-num-w { letter-spacing: 20px }": "leaves its pill",
    ".bl-svg .bl-num-w { letter-spacing: 200px }": "under a node",
    ".bl-svg text { font-size: 5px !important }": "pixels high",
    ".bl-bar { max-width: 300px; overflow: hidden }": "bl-bar is cut",
}


@pytest.mark.parametrize("css", FAULTS)
def test_the_walk_finds_what_is_wrong(stages, css):
    """Faults of every kind, made by a rule; without one, the walk finds nothing in the same film."""
    page = stages(True)
    fault = page.add_style_tag(content=f".bl-player {css}")
    trouble = [
        what
        for _, seen in walked(page, bl.step(lambda x, y: x * y + x, 2.5, -1.25), SIZES[:1], only="edge")
        for what in seen["trouble"]
    ]
    fault.evaluate("(style) => style.remove()")
    assert any(FAULTS[css] in what for what in trouble), trouble[:8]


COVERED = """(root) => {
  const box = root.querySelector('.bl-askbox').getBoundingClientRect();
  const over = (a) => a.left < box.right && box.left < a.right && a.top + 0.2 * a.height < box.bottom
    && box.top < a.bottom - 0.2 * a.height;
  const texts = [...root.querySelectorAll('.bl-canvas text')].filter((t) => t.textContent.trim());
  return texts.filter((t) => t.dataset.key !== root.dataset.asking && over(t.getBoundingClientRect()))
    .map((t) => t.textContent); }"""


# Steps to the end, and lets each question be answered: what is asked, and what its box covers.
ANSWER = """async ([covered, big]) => {
  const root = document.querySelector('.bl-player');
  const last = root.querySelector('.bl-slider').max;
  const press = (key) => root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  const found = [];
  if (big) press('f');
  await window.settled(); // the player has heard how large its page is now
  for (let tries = 0; root.dataset.at !== last && tries < 400; tries += 1) {
    press('ArrowRight');
    if (!root.dataset.asking) continue;
    window.paint();
    found.push([root.dataset.asking, eval(covered)(root)]);
    [...root.querySelectorAll('button')].find((button) => button.textContent === 'show it').click();
  }
  if (root.dataset.at !== last) throw new Error(`stopped at ${root.dataset.at}`);
  return found; }"""


@each_once("name, big, predict", ["edelman", "two-layer", "long names"], [False, True], [True, "partials"])
def test_the_box_that_asks_covers_no_text(stage, name, big, predict):
    f, *args = OTHERS.get(name) or (bl.examples[name].function, *bl.examples[name].inputs.values())
    stage.set_viewport_size({"width": 1024, "height": 768})
    mount(stage, bl.step(f, *args, predict=predict))
    asked = stage.evaluate(ANSWER, [COVERED, big])
    assert len(asked) > 7 and [covered for covered in asked if covered[1]] == []


@pytest.mark.wide
def test_code_is_never_cut(page, tmp_path):
    """A line that is wider than its place is set smaller, then wrapped."""

    def wide(x, y):
        z = 2 * x * y + (x - 1) ** 2 + 1234567 * (x - y) ** 3 - 7654321 * (y - 1) ** 2 + x * y * x * y * x * y
        return z

    for f in (wide, lambda x, y: 2 * x * y + (x - 1) ** 2):
        for size in SIZES:
            page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
            bl.step(f, 1.0, 2.0).to_html(tmp_path / "player.html")
            page.goto((tmp_path / "player.html").as_uri())
            page.locator(".bl-player").focus()
            page.keyboard.press("ArrowRight")
            cut = """(root) => [...root.querySelectorAll('.bl-code, .bl-block, .bl-line')]
              .filter((e) => e.scrollWidth > e.clientWidth + 1).length"""
            assert page.locator(".bl-player").evaluate(cut) == 0
    assert page.locator(".bl-linetext").all_text_contents() == ["lambda x, y: 2 * x * y + (x - 1) ** 2"]


def test_the_list_of_keys_under_a_notebooks_own_style(page, tmp_path):
    bl.examples["edelman"].step().to_html(tmp_path / "player.html")
    page.goto((tmp_path / "player.html").as_uri())
    page.add_style_tag(
        content="main dl dt { float: left; clear: left; width: 20% } main dl dd { margin: 0 0 9px 25%; color: red }"
    )
    page.get_by_role("button", name="keys").click()
    places = page.locator(".bl-keys").evaluate(
        "(l) => [...l.children].map((e) => { const r = e.getBoundingClientRect(); return [e.tagName, r.left, r.top] })"
    )
    assert len({left for tag, left, _ in places if tag == "DT"}) == len({x for tag, x, _ in places if tag == "DD"}) == 1
    for (_, left, top), (_, right, beside) in zip(places[::2], places[1::2], strict=True):
        assert left < right and abs(top - beside) < 2


@pytest.mark.wide
@a_cover("name", ["edelman", "strang"])
def test_a_small_or_zoomed_room_sees_all_of_the_graph(page, tmp_path, name):
    """640 × 450 is what a screen of 1280 × 900 has left at 200 % zoom: all shrinks alike, so that nothing is cut."""
    bl.examples[name].step().to_html(tmp_path / "player.html")
    page.set_viewport_size({"width": 640, "height": 450})
    page.goto((tmp_path / "player.html").as_uri())
    root = page.locator(".bl-player")
    root.focus()
    page.keyboard.press("f")
    for _ in range(len(bl.examples[name].step().film)):
        page.keyboard.press("ArrowRight")
        said, graph = (root.locator(place).first.bounding_box() for place in (".bl-say", ".bl-svg"))
        assert graph["x"] >= 0 and graph["x"] + graph["width"] <= 640
        assert said["y"] + said["height"] <= graph["y"] and graph["y"] + graph["height"] <= 450


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_it_is_dark_on_white(page, tmp_path, scheme):
    page.emulate_media(color_scheme=scheme, media="print")
    bl.examples["edelman"].step().to_html(tmp_path / "player.html")
    page.goto((tmp_path / "player.html").as_uri())
    root = page.locator(".bl-player")
    root.focus()
    page.keyboard.press("End")
    alone = """(r) => [...r.querySelectorAll('.bl-hint, .bl-knob')].map((e) => e.getBoundingClientRect().height)
      .concat(getComputedStyle(r).outlineStyle)"""
    assert root.evaluate(alone) == [0, 0, 0, "none"], "what only a screen has a use for"
    colours = root.evaluate("""(r) => [getComputedStyle(r).backgroundColor,
      getComputedStyle(r.querySelector('.bl-paper')).fill,
      getComputedStyle(r.querySelector('.bl-sentence')).color, getComputedStyle(r.querySelector('.bl-name')).fill,
      getComputedStyle(r.querySelector('.bl-table tbody th')).color]""")
    for colour, light in zip(colours, (True, True, False, False, False), strict=True):
        mean = sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(","))) / 3
        assert mean > 230 if light else mean < 90, colours
    assert not root.locator(".bl-bar").is_visible() and root.locator(".bl-svg").first.is_visible()
