"""The map of a picture that is not all in view: when it is there, what it shows, and that it moves what is seen."""

import pytest
from support.folded import loop
from support.pages import PAINTED, open_page

import backprop_lab as bl

# In units of the picture: what is seen of it, the map's frame, its ring, and the middles of the boxes that are lit.
PLACES = """(root) => {
  const [svg, box, map] = ['.bl-svg', '.bl-picture', '.bl-overview'].map((css) => root.querySelector(css));
  const [all, seen] = [svg.getBoundingClientRect(), box.getBoundingClientRect()];
  const unit = svg.viewBox.baseVal.width / all.width;
  const written = [...root.querySelectorAll('.bl-svg .bl-node.bl-write > .bl-shape')];
  const middle = ({ left, right, top, bottom }) => [(left + right) / 2 - all.left, (top + bottom) / 2 - all.top];
  const own = (css, names) => names.map((name) => Number(map.querySelector(css).getAttribute(name)));
  return { top: (seen.top - all.top) * unit, frame: own('.bl-overview-view', ['y', 'height']),
    ring: own('.bl-overview-now', ['cx', 'cy']), hidden: map.hidden, whole: svg.viewBox.baseVal.height,
    lit: written.map((shape) => middle(shape.getBoundingClientRect()).map((x) => x * unit)),
    boxes: [...map.querySelectorAll('.bl-overview-box')].map((b) => b.className.baseVal),
    frames: map.querySelectorAll('.bl-overview-frame').length,
    nodes: root.querySelectorAll('.bl-svg .bl-node > .bl-shape').length,
    open: root.querySelectorAll('.bl-svg [data-frame]').length,
    said: map.querySelector('[role=status]').textContent }; }"""


@pytest.fixture
def tall(page, tmp_path):
    """A loop with a turn open: higher than its place."""
    page.set_viewport_size({"width": 1024, "height": 768})
    player = bl.step(lambda x, y: loop(x, y, 100), 0.5, 0.9, open=["turn 41 to 50 > turn 45"])
    player.at = 150
    return open_page(page, player, tmp_path)


def look(page, root):
    page.evaluate(PAINTED)
    return root.evaluate(PLACES)


def test_it_shows_the_whole_and_what_is_seen(page, tall):
    root = tall
    found = look(page, root)
    assert not found["hidden"] and len(found["boxes"]) == found["nodes"] and found["frames"] == found["open"] > 1
    assert any(found["ring"] == pytest.approx(lit, abs=0.1) for lit in found["lit"])
    assert found["frame"][0] == pytest.approx(max(0, found["top"]), abs=0.1)
    root.focus()
    page.keyboard.press("End")
    swept = look(page, root)
    assert [name.count("bl-overview-a") for name in swept["boxes"]].count(1) > found["boxes"].count(
        "bl-overview-box bl-overview-a"
    )
    assert any(swept["ring"] == pytest.approx(lit, abs=0.1) for lit in swept["lit"]) and swept["ring"] != found["ring"]


def test_keys_and_mouse_move_what_is_seen(page, tall):
    root = tall
    root.focus()
    page.keyboard.press("v")
    found = look(page, root)
    assert found["said"].startswith("In view: ") and "The step is in view." in found["said"]
    page.keyboard.press("End")
    low = look(page, root)
    assert low["frame"][0] > found["frame"][0] and sum(low["frame"]) == pytest.approx(low["whole"], abs=0.1)
    assert " above" in low["said"] and "below" not in low["said"] and root.get_attribute("data-at") == "150"
    page.keyboard.press("ArrowUp")
    higher = look(page, root)
    assert higher["frame"][0] < low["frame"][0] and higher["said"] != low["said"]
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    assert root.get_attribute("data-at") != "150", "the player has its keys again"
    root.locator(".bl-overview").click(position={"x": 10, "y": 6})
    assert look(page, root)["frame"][0] == 0


def test_it_is_there_only_when_something_is_out_of_view(page, tall):
    root = tall
    assert not look(page, root)["hidden"]
    root.focus()
    page.keyboard.press("z")
    assert look(page, root)["hidden"]
    page.keyboard.press("v")
    assert root.locator(".bl-inspect-words").text_content() == "The whole graph is in view."
