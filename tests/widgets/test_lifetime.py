"""A player goes when its cell runs again: ipywidgets would keep it for ever."""

import gc
import sys
import tracemalloc
import weakref

import pytest
from ipywidgets.widgets import widget as registry
from support.circles import a_cover

import backprop_lab as bl
from backprop_lab.widgets import lifetime


@pytest.fixture
def notebook(monkeypatch):
    """What cell runs, as the notebook would say."""
    now = {"cell": ("a", "1")}
    monkeypatch.setattr(lifetime, "_made", {})
    monkeypatch.setattr(lifetime, "_places", {})

    class Kernel:
        def get_parent(self, channel):
            cell, run = now["cell"]
            return {"metadata": {"cellId": cell}, "header": {"msg_id": run}}

    class Shell:
        kernel = Kernel()

    class IPython:
        @staticmethod
        def get_ipython():
            return Shell()

    monkeypatch.setitem(sys.modules, "IPython", IPython)
    assert lifetime.running_cell() == ("a", "1")
    return now


def player(show=True):
    made = bl.step(lambda x, y: x * y + x, 2.0, 3.0)
    if show:
        made._repr_mimebundle_()
    return made


def alive(made):
    return made.comm is not None


def test_what_a_cell_made_before_is_closed_and_freed(notebook):
    first = player()
    layout = first.layout
    again = player()
    assert alive(first) and alive(again)  # two of one run
    before = len(registry._instances)
    notebook["cell"] = ("a", "2")
    new = player()
    assert not alive(first) and not alive(again) and layout.comm is None and alive(new)
    assert len(registry._instances) == before - 2  # two players and two layouts went, one of each came
    gone = [weakref.ref(x) for x in (first, first._film, layout, again)]
    del first, again, layout
    gc.collect()
    assert [x() for x in gone] == [None] * 4


def test_a_player_that_another_cell_shows_stays(notebook):
    kept, other = player(), player(show=False)
    notebook["cell"] = ("b", "2")
    kept._repr_mimebundle_()
    in_b = player()
    notebook["cell"] = ("a", "3")
    player()
    assert alive(kept) and alive(in_b) and not alive(other)


def test_a_closed_player_can_still_be_saved_and_read(notebook):
    made = player()
    page, text, svg = made.to_html(), made.to_text(), made.svg(3)
    notebook["cell"] = ("a", "2")
    player()
    assert (made.to_html(), made.to_text(), made.svg(3)) == (page, text, svg)
    assert made.steps and made.graph.value == 8.0 and made.predictions == []
    assert made._repr_mimebundle_()["image/svg+xml"] == made.svg()


def looped(x, y):
    s = x
    for _ in range(30):
        s = s * y + x
    return s


MAKE = {
    "both": lambda: bl.examples["edelman"].step(mode="both"),
    "loop": lambda: bl.step(looped, 0.5, 0.9),
    "mystery": lambda: bl.examples["edelman"].step(mystery="Friday"),
    "sweep": lambda: bl.examples["edelman"].step(predict="sweep"),
    "partials": lambda: bl.examples["edelman"].step(mode="forward", predict="partials"),
    "views": lambda: bl.step(looped, 0.5, 0.9, views=("code", "table", "costs", "paths", "jacobian")),
}


@a_cover("make", MAKE)
def test_a_closed_player_keeps_little(notebook, make):
    """The notebook's list of outputs holds every player of a cell that runs again and again."""
    outputs = []

    def run(many):
        for _ in range(many):
            notebook["cell"] = ("a", str(len(outputs)))
            outputs.append(make())
            outputs[-1]._repr_mimebundle_()
        outputs[-1].close()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    run(1)
    tracemalloc.start()
    try:
        first = run(1)
        kept = (run(2) - first) / 2
    finally:
        tracemalloc.stop()
    assert 10_000 < kept < 80_000


def test_outside_a_notebook_nothing_is_closed(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    first = player()
    assert lifetime.running_cell() is None and player() and alive(first)
