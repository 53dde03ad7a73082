"""Where numbers leave the floats, the graph says so: which node was first, why, and what is reported at kinks."""

import math
import warnings

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.film.film import Film


def quiet(f, *args):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bl.LabWarning)
        return bl.trace(f, *args)


CASES = {
    "exp overflows": (bl.exp, (1000.0,), "overflow", "exp(1000) is larger than 1.8e308"),
    "product overflows": (lambda x: x * x, (1e200,), "overflow", "1e+200 · 1e+200 is larger"),
    "below": (lambda x: -(x * x) * x, (1e200,), "overflow", "is larger"),
    "exp underflows": (bl.exp, (-1000.0,), "underflow", "exp(−1000) is nearer to 0 than any other float"),
    "product underflows": (lambda x: x * x, (1e-200,), "underflow", "nearer to 0"),
    "inf / inf": (lambda x: bl.exp(x) / bl.exp(x), (1000.0,), "overflow", "exp(1000)"),
    "relu": (bl.relu, (0.0,), "kink", "0 is the usual choice; the slope reported is 0"),
    "abs": (bl.abs, (0.0,), "kink", "the slope reported is 0"),
    "sqrt": (bl.sqrt, (0.0,), "kink", "the slope reported is inf"),
    "tie": (lambda x: bl.maximum(x, 2 * x - 3), (3.0,), "kink", "the slopes reported are 0.5 and 0.5"),
}


@pytest.mark.parametrize("name", CASES)
def test_first_note(name):
    f, args, kind, words = CASES[name]
    graph = quiet(lambda x: f(x), *args)
    first = graph.notes[min(graph.notes)]
    assert first.kind == kind and words in first.sentence


def test_columbia_figures():
    """exp(-1), exp(-10), exp(-1000), exp(1), exp(100), exp(1000) and inf / inf, as on the slides."""
    values = [quiet(lambda x: bl.exp(x), x).value for x in (-1.0, -10.0, -1000.0, 1.0, 100.0, 1000.0)]
    shown = [f"{v:.6g}" for v in values]
    assert shown == ["0.367879", "4.53999e-05", "0", "2.71828", "2.68812e+43", "inf"]
    graph = quiet(lambda x: bl.exp(x) / bl.exp(x), 1000.0)
    assert math.isnan(graph.value)
    assert graph.notes[graph.outputs[0].id] == (
        "nan",
        "inf / inf is not a number (nan), and so is all that is computed from it",
    )


def test_the_first_culprit_is_reported():
    def softmax_of_first(a, b):
        top = bl.exp(a)
        total = top + bl.exp(b)
        return top / total

    with pytest.warns(bl.LabWarning, match=r"exp\(1000\) is larger than 1.8e308.*\(node top, line \d+\); choose other"):
        graph = bl.trace(softmax_of_first, 1000.0, 1000.0)
    assert graph.culprit.name == "top" and math.isnan(graph.value)
    assert [graph.names[k] for k in graph.notes] == ["top", "v1", "softmax_of_first"]


def test_ordinary_graphs_have_nothing_to_say():
    for example in bl.examples.values():
        graph = example.trace()
        assert graph.notes == {} and graph.culprit is None
        assert 'class="bl-mark' not in graph._repr_svg_()
    assert quiet(lambda x: x * 0.0, 3.0).notes == {}


def test_an_infinite_input_is_nobodys_fault():
    graph = quiet(lambda x: x + 1, math.inf)
    assert [(id, note.kind) for id, note in graph.notes.items()] == [(0, "given")]
    assert graph.notes[0].sentence == "x is given as inf, which is not a finite number"
    array = quiet(lambda x: np.sum(x * 1.0), np.array([1.0, math.nan, -math.inf]))
    assert array.notes[0].sentence == "2 of 3 numbers of x are not finite, as given; the first is x[1] = nan"


def test_marks_and_sentences():
    graph = quiet(lambda x: bl.relu(x) + bl.exp(-1000 * (x + 1)), 0.0)
    svg = graph._repr_svg_()
    assert svg.count('class="bl-mark bl-mark-kink"') == 1 and svg.count("bl-mark-underflow") == 1
    said = [s.sentence for s in Film(graph).steps if s.kind == "value"]
    assert sum("is at a kink" in s for s in said) == 1 and sum("(underflow)." in s for s in said) == 1


def test_a_mark_appears_with_its_number(page, tmp_path):
    path = tmp_path / "kink.html"
    bl.step(lambda x: bl.relu(x) * 2, 0.0).to_html(path)
    page.goto(path.as_uri())
    mark = page.locator(".bl-mark")
    assert mark.count() == 1 and not mark.is_visible()
    page.locator(".bl-player").focus()
    page.keyboard.press("ArrowRight")
    assert mark.is_visible() and "at a kink" in page.locator(".bl-sentence").text_content()
    page.keyboard.press("Home")
    assert not mark.is_visible()
