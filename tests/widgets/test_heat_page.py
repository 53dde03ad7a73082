"""Heat maps in a real browser: the page paints what the files have, the inspector has the numbers in tables."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from support.circles import a_cover
from support.graphs import LAYER, MAKE, layer
from support.operate import plain, walk
from support.pages import SVG, at, open_page, press

import backprop_lab as bl
from backprop_lab.text.notation import number, shorter

pytestmark = pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning", "ignore::RuntimeWarning")

PAINTED = """(root) => Object.fromEntries([...root.querySelectorAll('[data-heat]')].filter((g) => g.children.length)
  .map((g) => [g.dataset.heat, [...g.children].map((e) => [e.tagName, e.getAttribute('class'), e.getAttribute('d'),
    Number(e.getAttribute('x')), Number(e.getAttribute('y')), Number(e.getAttribute('width')), e.textContent])]))"""
SIZES = """(root) => [root.querySelector('.bl-picture'), ...root.querySelectorAll('.bl-svg .bl-shape')].map((g) => {
  const b = g.getBoundingClientRect(); return [b.width, b.height] })"""

# What the inspector has of an array: its numbers, the words above them, its height.
PANEL = """(root) => { const panel = root.querySelector('.bl-heat-panel');
  const texts = (css) => [...panel.querySelectorAll(css)].map((e) => e.textContent);
  return [texts('td').join(''), texts('.bl-numbers-words'), panel.getBoundingClientRect().height]; }"""


def in_the_file(film, at):
    """The same for the SVG that Python writes."""
    root = ET.fromstring(film.picture.svg(film.texts(at), embed=False, maps=film.maps(at)))
    places = [g for g in root.iter(f"{SVG}g") if g.get("data-heat") and len(g)]
    return {
        g.get("data-heat"): [
            [e.tag.removeprefix(SVG), e.get("class"), e.get("d")]
            + [float(e.get(name, "0")) for name in ("x", "y", "width")]
            + [e.text or ""]
            for e in g
        ]
        for g in places
    }


@pytest.mark.parametrize("name", MAKE)
def test_every_map_at_every_step_both_ways(page, tmp_path, name):
    player = MAKE[name]()
    film, last = player._film, len(player.steps)
    root = open_page(page, player, tmp_path)
    sizes, drawn = root.evaluate(SIZES), [in_the_file(film, k) for k in range(last + 1)]
    places = [0, *range(1, last + 1), *range(last - 1, -1, -1)]
    seen = walk(root, ["Home", *last * ["ArrowRight"], *last * ["ArrowLeft"]], PAINTED, SIZES)
    for k, (place, _, painted, now) in zip(places, seen, strict=True):
        assert place == k and painted == drawn[k], k
        assert np.allclose(now, sizes, atol=0.01)
    root.focus()
    press(page, "End", "Home", "PageDown")
    assert root.evaluate(PAINTED) == drawn[at(root)]


@pytest.mark.wide
def test_both_modes_have_their_own_maps(page, tmp_path):
    player = bl.step(layer, *LAYER, mode="both")
    root = open_page(page, player, tmp_path)
    root.focus()
    race = player._film
    for key in ("End", "PageUp", "ArrowRight", "ArrowRight"):
        press(page, key)
        for pane, film in zip(root.locator(".bl-pane").all(), race.films, strict=True):
            assert pane.evaluate(PAINTED) == in_the_file(film, min(at(root), len(film)))


def table(root, k=0):
    """The numbers of a table in the inspector, row by row."""
    rows = root.locator(".bl-numbers").nth(k).locator("tbody tr").all()
    return [row.locator("td").all_text_contents() for row in rows]


def choose(page, root, player, label):
    node = next(n for n in player.graph.nodes if n.label == label)
    root.locator(f".bl-svg [data-node='{node.id}'] .bl-head").first.click()
    return node


def test_the_inspector_has_the_numbers(page, tmp_path):
    player = bl.step(layer, *LAYER)
    root = open_page(page, player, tmp_path)
    panel = root.locator(".bl-heat-panel")
    assert not panel.is_visible()
    root.focus()
    press(page, "End")
    choose(page, root, player, "W")
    W, bar = LAYER[1], player.steps[-1].sweep.numbers[1]
    assert table(root) == [[shorter(v, 4) for v in row] for row in W.tolist()]
    assert table(root, 1) == [[shorter(v, 4) for v in row] for row in bar.tolist()]
    first = root.locator(".bl-numbers").first
    assert root.locator(".bl-numbers-words").first.text_content() == first.locator("caption").text_content()
    row, column = np.unravel_index(np.abs(W).argmax(), W.shape)
    said = first.locator("caption").text_content()
    low, high = number(W.min()), number(W.max())
    assert said.startswith(f"W, value: 4 by 8, from {low} to {high}, largest in magnitude at ")
    assert said.endswith(f"row {row + 1}, column {column + 1}, index [{row}, {column}]")
    assert first.locator("thead th[scope=col]").all_text_contents() == [str(k) for k in range(1, 9)]
    assert first.locator("tbody th[scope=row]").all_text_contents() == ["1", "2", "3", "4"]
    assert page.get_by_role("table", name="W, adjoint").is_visible()
    choose(page, root, player, "b")
    assert table(root) == [[shorter(v, 4) for v in LAYER[2].tolist()]], "a vector's table has one row"
    press(page, "Escape")
    assert not panel.is_visible()


# A point of a curve, which need not pass through the middle of its box.
MIDDLE = """(wire) => { const { x, y } = wire.getPointAtLength(wire.getTotalLength() / 2)
  .matrixTransform(wire.getScreenCTM()); return [x, y]; }"""


def test_the_inspector_says_the_rule(page, tmp_path):
    player = bl.step(layer, *LAYER)
    root = open_page(page, player, tmp_path)
    choose(page, root, player, "v1")
    rule = plain(root.locator(".bl-rule").text_content())
    assert rule.startswith("In the reverse sweep X̄ += v̄1 @ Wᵀ,  W̄ += Xᵀ @ v̄1. A matrix product sends")
    choose(page, root, player, "v2")
    assert plain(root.locator(".bl-rule").text_content()).count("A sum copies its adjoint") == 1
    press(page, "Escape")
    key = next(e for e in player.graph.edges if e.parent.label == "b" and e.child.label == "v2")
    wire = root.locator(f"[data-edge='{key.child.id}_{key.slot}'] .bl-wire")
    wire.scroll_into_view_if_needed()
    page.mouse.move(*wire.evaluate(MIDDLE))
    words = plain(root.locator(".bl-inspect-words").text_content())
    assert words.startswith("The edge b → v2 in the reverse sweep: b̄ += sum(v̄2, axis=0), one step")


@pytest.mark.wide
@pytest.mark.parametrize(("name", "label"), [("layer", "H"), ("layer", "v4"), ("two-layer", "W1")])
def test_numbers_that_are_not_known_yet_are_not_in_the_inspector(page, tmp_path, name, label):
    player = MAKE[name]()
    root = open_page(page, player, tmp_path)
    node = choose(page, root, player, label)
    heights = set()
    seen = walk(root, ["Home", *len(player.steps) * ["ArrowRight"]], PANEL)
    for k, (place, _, (numbers, words, height)) in enumerate(seen):
        known = [key for key in (f"p{node.id}", f"a{node.id}") if key in player._film.maps(k)]
        assert place == k and bool(numbers.strip()) == bool(known)
        assert [w.endswith("not known yet") for w in words] == [f"{c}{node.id}" not in known for c in "pa"]
        heights.add(round(height))
    assert len(heights) == 1, "the panel keeps its size while stepping"


@pytest.mark.wide
def test_what_is_to_be_predicted_stays_hidden(page, tmp_path):
    """The array after a question must not be seen, nor anything that follows from it."""
    player = bl.step(lambda W, c: np.sum(np.tanh(W * (c * c))), LAYER[1], 0.5, predict=True)
    film = player._film
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "End")
    stop = at(root)
    assert stop < len(player.steps) and root.get_attribute("data-asking")
    assert root.evaluate(PAINTED) == in_the_file(film, stop)
    later = {key for key in film.heat.rooms if key not in film.maps(stop)}
    assert later and not later & root.evaluate(PAINTED).keys()
    page.get_by_role("button", name="show it").click()
    root.focus()
    press(page, "ArrowRight")
    assert root.evaluate(PAINTED) == in_the_file(film, at(root))


@a_cover("scheme", ["light", "dark"])
def test_maps_are_seen_on_their_ground(page, tmp_path, scheme):
    """Squares and numbers stand out from their cell by 4.5 to 1, in light and in dark."""
    page.emulate_media(color_scheme=scheme)
    root = open_page(page, bl.step(layer, *LAYER), tmp_path)
    root.focus()
    press(page, "End")
    pairs = root.evaluate("""(root) => ['p', 'a'].map((k) => [
      getComputedStyle(root.querySelector(`.bl-heat-${k} .bl-heat-filled`)).fill,
      getComputedStyle(root.querySelector(`.bl-heat-${k} .bl-heat-hollow`)).stroke,
      getComputedStyle(root.querySelector(`.bl-cell-${k}`)).fill])""")

    def light(colour):
        parts = [int(c) / 255 for c in colour.removeprefix("rgb(").removesuffix(")").split(",")]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05

    for filled, hollow, ground in pairs:
        for mark in (filled, hollow):
            assert max(light(mark), light(ground)) / min(light(mark), light(ground)) >= 4.5


@pytest.mark.wide
def test_projector_keeps_the_maps_and_hides_the_tables(page, tmp_path):
    player = bl.step(layer, *LAYER)
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "End")
    choose(page, root, player, "W")
    root.focus()
    press(page, "f")
    page.wait_for_timeout(200)
    assert not root.locator(".bl-heat-panel").is_visible() and root.locator("[data-heat=p1]").is_visible()
