"""Large graphs in a page: boxes of text at every rest, inline and in the projector, and the rules of axe-core."""

import json

import pytest
from support.folded import LARGE
from support.pages import open_page
from support.web import COLOURS, findings

import backprop_lab as bl

pytestmark = pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")

ALWAYS = "names of 30 letters"  # two are wide, the others are for the night
MADE = {}


def player(name):
    """Made once: the largest take seconds."""
    if name not in MADE:
        MADE[name] = bl.step(LARGE[name]())
    return MADE[name]


MARKS = {ALWAYS: (), "a GPT of lists": pytest.mark.wide, "200 turns": pytest.mark.wide}
NAMES = [pytest.param(name, marks=MARKS.get(name, pytest.mark.nightly)) for name in LARGE]


def test_they_are_as_large_as_they_are_called():
    graph = LARGE["949 nodes"]()
    assert len(graph) == 949 and len(LARGE["15 inputs"]().input_names) == 15
    assert len(LARGE["a fan-out of 20"]().uses[0]) >= 20
    assert {len(name) for name in LARGE["names of 30 letters"]().input_names} == {30}


@pytest.mark.drawn
@pytest.mark.parametrize("name", NAMES)
def test_no_text_is_covered_or_cut(stages, name):
    """By boxes where it is folded, else by nodes: a film of more than 500 steps is looked at where one rests."""
    page = stages(True)
    page.set_viewport_size({"width": 1024, "height": 768})
    made = player(name)
    page.evaluate("(s) => window.mount(JSON.parse(s))", json.dumps({"film": made.film, "at": 0, "predictions": []}))
    seen = page.evaluate("(how) => window.walk(how)", [True, "box" if made._film.tree is not None else "node"])
    assert seen["steps"] > 20 and not seen["trouble"], seen["trouble"][:8]
    assert seen["height"] <= 900 and seen["sideways"] <= 1


@pytest.mark.parametrize("name", [ALWAYS, pytest.param("4,000 inputs", marks=pytest.mark.wide)])
def test_rules_of_axe(page, tmp_path, name):
    root = open_page(page, player(name), tmp_path)
    root.focus()
    root.locator(".bl-slider").fill(str(int(int(root.locator(".bl-slider").get_attribute("max")) * 0.7)))
    page.keyboard.press("/")
    page.keyboard.type("1")
    for scheme, rules in (("light", ()), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)
        assert findings(page, only=rules) == [], scheme
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
