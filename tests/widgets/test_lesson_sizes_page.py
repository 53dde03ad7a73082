"""Players of the lessons on the screens of a course: letters can be read, the graph is in sight, none is too high."""

import re

import pytest
from support.places import ROOT
from support.teaching_pages import Lesson

from backprop_lab.widgets.player import Player

LESSONS = sorted((ROOT / "notebooks").glob("0*.ipynb"))


LONG = "ladder"  # a row of ten nodes: letters come first, so it scrolls and follows the step


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


def scalar(player):
    return all(isinstance(value, int | float) for value in player.graph.values)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_players_of_the_lessons_can_be_read(stage, monkeypatch, lesson):
    made = [player for player in players(lesson, monkeypatch) if scalar(player)]
    assert made or lesson.stem.startswith("08")
    trouble = []
    for width, height in ((1280, 900), (1024, 768)):
        stage.set_viewport_size({"width": width, "height": height})
        for player in made:
            stage.evaluate("(state) => window.mount(JSON.parse(state))", state(player))
            for found in stage.evaluate("window.sizes()"):
                small = found["least"] < (18 if found["big"] else 12) - 0.05
                high = not found["big"] and found["height"] > 900
                hidden = any(x > 1 or y > 1 for x, y in found["cut"]) and LONG not in repr(player.graph)
                if small or high or hidden:
                    trouble.append(f"{player.graph!r}, {player._film.mode}, {width}: {found}")
    assert trouble == []
