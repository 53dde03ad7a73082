"""Players of lessons and examples on the screens of a course: letters can be read, nothing scrolls sideways, graphs of
numbers are in sight, none is too high."""

import json
import re

import numpy as np
import pytest
from support.circles import a_cover, each_once
from support.places import ROOT
from support.teaching_pages import Lesson

import backprop_lab as bl
from backprop_lab.widgets.player import Player

SIZES = (1280, 900), (1024, 768)
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def players(lesson, monkeypatch):
    """The players that a lesson's cells make, with the cell's code."""
    made = []
    usual = Player.__init__

    def init(self, *args, **named):
        usual(self, *args, **named)
        made.append(self)

    monkeypatch.setattr(Player, "__init__", init)
    book = Lesson(lesson.stem)
    book.evaluate(book.headings[-1], "None")
    return made


def state(player):
    """What a player's exported page holds of it."""
    (held,) = re.findall('<script type="application/json" id="state">(.*?)</script>', player.to_html(), re.DOTALL)
    return held


def unread(found):
    """Whether letters are too small, a player is higher than a page, or a picture scrolls sideways."""
    small = found["least"] < (18 if found["big"] else 12) - 0.05
    return small or not found["big"] and found["height"] > 900 or any(x > 1 for x, _ in found["cut"])


def in_rows(player):
    """Whether a picture has rows for a room: letters come first, so it may scroll down there, and follows the step."""
    return any("narrow" in pane for pane in player.film.get("panes", [player.film]))


def scalar(player):
    return all(isinstance(value, int | float) for value in player.graph.values)


def looks(row):
    """A size, and what a lesson gives its players to look different by."""
    lesson, size = row
    return [size, *re.findall(r"\b(?:predict|mystery|views|mode|fold|wrt|link)=|@", lesson.read_text("utf-8"))]


@pytest.mark.wide
@pytest.mark.filterwarnings("ignore")
@a_cover("row", {f"{path.stem}-{size[0]}": (path, size) for path in LESSONS for size in SIZES}, looks)
def test_players_of_the_lessons_can_be_read(stage, monkeypatch, row):
    lesson, size = row
    made = players(lesson, monkeypatch)
    assert made
    trouble = []
    stage.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    for player in made:
        stage.evaluate("(state) => window.mount(JSON.parse(state))", state(player))
        for found in stage.evaluate("window.sizes()"):
            hidden = any(y > 1 for _, y in found["cut"]) and scalar(player) and not in_rows(player)
            if unread(found) or hidden:
                trouble.append(f"{player.graph!r}, {player._film.mode}: {found}")
    assert trouble == []


def thirty(x):
    for _ in range(15):
        x = np.sin(x) * 1.5
    return x


def twenty_uses(x):
    y = x
    for _ in range(20):
        y = y * x
    return y


def fifteen(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o):  # noqa: E741
    return a * b + c * d + e * f + g * h + i * j + k * l + m * n * o


def summed(x, w):
    return bl.tanh(np.sum(w * x)) ** 2


HARD = {
    "thirty": (thirty, 0.5),
    "twenty uses": (twenty_uses, 1.1),
    "fifteen": (fifteen, *(1.5 * k for k in range(15))),
    "summed": (summed, np.cos(np.arange(3)), np.sin(np.arange(3))),
    "ladder": (bl.examples.ladder(3).function, 2.0),
}


# The others' results are arrays, and have values alone.
ARRAYS = [name for name in bl.examples if name.startswith("matrix-chain")]
SCALAR = (*(name for name in bl.examples if not name.startswith("matrix-chain")), *HARD)
ROWS = {"thirty": True, "two-layer": True, "edelman": False}


@each_once(
    "name, mode",
    [*SCALAR, *ARRAYS],
    ["reverse", "both", "value"],
    where=lambda name, mode: (name in ARRAYS) == (mode == "value"),
)
def test_no_example_scrolls_sideways(stage, name, mode):
    """At 1024 pixels, in the modes with the widest cells; what is too wide for its place stands in more rows. A worked
    example of numbers does not scroll at all: of two graphs one is seen, if there is no room for both."""
    stage.set_viewport_size({"width": 1024, "height": 768})
    f, *args = HARD.get(name, (None,))
    player = bl.step(f, *args, mode=mode) if f else bl.examples[name].step(mode=mode)
    held = {"film": player.film, "at": len(player._film), "predictions": []}
    stage.evaluate("(held) => window.mount(JSON.parse(held))", json.dumps(held))
    whole = scalar(player) and (name in bl.examples or name == "ladder")
    seen = stage.evaluate("window.sizes([''])")
    assert [found for found in seen if unread(found) or whole and any(y > 1 for _, y in found["cut"])] == []
    if mode == "reverse" and name in ROWS:
        assert ("narrow" in player.film) == ROWS[name]


def test_rows_follow_the_width_of_the_page(stage):
    """What was lit, asked and chosen stays when a picture gets other rows."""
    player = bl.step(thirty, 0.5, predict=True)
    stage.set_viewport_size({"width": 1280, "height": 900})
    stage.evaluate("(state) => window.mount(JSON.parse(state))", state(player))
    look = """async (width) => {
      await window.settled(); await window.settled();
      const root = document.querySelector('.bl-player'), svg = root.querySelector('.bl-svg');
      return { wide: svg.viewBox.baseVal.width,
        asking: root.dataset.asking, box: Boolean(root.querySelector('.bl-askbox')),
        lit: [...svg.querySelectorAll('.bl-lit')].map((e) => e.dataset.edge), at: root.dataset.at,
        shown: [...svg.querySelectorAll('.bl-num')].map((t) => t.textContent).join(' ') }; }"""
    stage.evaluate("""() => document.querySelector('.bl-player').dispatchEvent(
      new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))""")
    wide = stage.evaluate(look)
    stage.set_viewport_size({"width": 800, "height": 900})
    narrow = stage.evaluate(look)
    assert wide["wide"] > 900 > narrow["wide"] and wide["box"] and wide["asking"]
    assert {**wide, "wide": 0} == {**narrow, "wide": 0}


TURNS = """async () => {
  const root = document.querySelector('.bl-player'), found = [];
  const press = (key) => root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  const look = () => found.push([...root.querySelectorAll('.bl-pane')].map((pane) => [
    pane.querySelector('.bl-picture').clientHeight > 0, pane.querySelector('.bl-pair-show').clientHeight > 0,
    pane.querySelector('.bl-costs').clientHeight > 0]).flat().map(Number).join(''));
  press('Home'); look(); press('f'); await window.settled(); look(); press('t'); look();
  root.querySelectorAll('.bl-pair-show')[0].click(); look();
  press('t'); press('End'); look(); press('f'); await window.settled(); look();
  return [found, document.activeElement === root]; }"""


def test_one_of_two_graphs_gives_way_where_only_one_has_room(stage):
    """The key t and a button show the other one, and so does the run where one is done; its costs stay in sight."""
    stage.set_viewport_size({"width": 1024, "height": 768})
    player = bl.examples["edelman-toy"].step(mode="both")
    stage.evaluate("(state) => window.mount(JSON.parse(state))", state(player))
    found, focused = stage.evaluate(TURNS)
    both, first, second = "101101", "101011", "011101"
    assert found == [both, first, second, first, first, both] and focused


NET = """() => {
  const root = document.querySelector('.bl-player'), seen = [];
  const press = (key) => root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  const all = (css) => [...root.querySelectorAll('.bl-svg ' + css)].map((e) => e.textContent);
  for (press('Home'); ; press('ArrowRight')) {
    seen.push([all('.bl-statement-now'), all('.bl-statement-code'), all('.bl-slope'),
      [...root.querySelectorAll('.bl-linetext .bl-part')].map((e) => e.textContent).join('')]);
    if (root.dataset.at === root.querySelector('.bl-slider').max) return seen;
  } }"""


def test_a_net_tells_its_statements_and_slopes(stage):
    """At each step the title has underlined what the code view has; slopes are there when their operation is."""
    stage.set_viewport_size({"width": 1280, "height": 900})
    player = bl.examples["two-layer"].step()
    stage.evaluate("(state) => window.mount(JSON.parse(state))", state(player))
    seen = stage.evaluate(NET)
    code = ["z = W1 @ x + b1", "a = relu(z)", "tau = W2 @ a + b2", "J = (y - tau) ** 2 / 2"]
    known = next(k for k, step in enumerate(player.steps, 1) if step.node.label == "a")
    assert len(seen) == len(player.steps) + 1
    for at, (now, titles, slopes, part) in enumerate(seen):
        assert titles == code and slopes == (["1", "0", "1"] if at >= known else ["", "", ""])
        assert "".join(now) == part and len(now) == (at > 0)
    assert [now[0] for now, *_ in seen[1:5]] == ["W1 @ x", "W1 @ x + b1", "relu(z)", "W2 @ a"]
