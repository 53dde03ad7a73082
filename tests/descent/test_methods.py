"""The table of optimisers: against PyTorch's steps, closed forms on quadratics, and what its texts say."""

import importlib.util
import json
import math
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import torch_steps
from support.machine import missing
from support.strategies import examples

import backprop_lab as bl
from backprop_lab.descent.javascript import methods_script
from backprop_lab.descent.methods import SYMBOLS
from backprop_lab.text.expression import names_in
from backprop_lab.text.notation import LATEX, MATHML, PLAIN

RECORDED = json.loads(torch_steps.GOLDEN.read_text("utf-8"))
NUMBERS = st.floats(-5, 5).filter(lambda x: abs(x) > 1e-3)


# Methods that PyTorch does not have: their settings, and by hand the first steps down w² from 4.
BY_HAND = {}


def test_every_method_has_an_oracle():
    assert list(bl.methods) == [*torch_steps.ROWS, *BY_HAND] and len(torch_steps.ROWS) == 9
    assert RECORDED["torch"] and len(RECORDED["paths"]) == 2 * len(torch_steps.ROWS)
    for name, (chosen, path) in BY_HAND.items():
        run = bl.descend(lambda w: w**2, 4.0, name, steps=len(path), **chosen)
        assert run.path[1:] == pytest.approx(path, rel=1e-12), name


@pytest.mark.parametrize("name", torch_steps.ROWS)
def test_steps_are_pytorch_s(name):
    """Nesterov's of PyTorch are the points where ours takes the gradient."""
    sources = [RECORDED["paths"]]
    if importlib.util.find_spec("torch"):
        sources.append(torch_steps.record()["paths"])
    _, chosen, _ = torch_steps.ROWS[name]
    for surface, f in torch_steps.SURFACES.items():
        run = bl.descend(
            lambda x, y, f=f: f(x, y, bl.exp), torch_steps.START, name, steps=torch_steps.STEPS + 1, **chosen
        )
        for paths in sources:
            theirs = np.array(paths[f"{surface} {name}"])
            assert np.abs(theirs[-1] - theirs[0]).max() > 0.1  # it went somewhere
            np.testing.assert_allclose(run.points, theirs, rtol=1e-12, atol=1e-12)


# --- closed forms on the quadratic a w² / 2 ---------------------------------------------------------------------------


def matrix(name, a, rate, gamma):
    """What a step does to (w, v), where the gradient is a · w."""
    if name == "sgd":
        return np.array([[1 - rate * a, 0], [0, 0]])
    pull = rate * a
    rows = {"momentum": (pull, gamma), "nesterov": (pull, gamma - pull * gamma)}[name]
    return np.array([[1 - rows[0], -rows[1]], rows])


@examples(20)  # each compiles a function
@given(NUMBERS, st.floats(0.1, 4), st.floats(0.01, 0.4), st.floats(0, 0.95))
@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov"])
def test_paths_on_quadratics(name, start, a, rate, gamma):
    more = {} if name == "sgd" else {"gamma": gamma}
    run = bl.descend(lambda w: a * w**2 / 2, start, name, rate, 12, **more)
    step, now = matrix(name, a, rate, gamma), np.array([start, 0.0])
    for w in run.path:
        assert math.isclose(w, now[0], rel_tol=1e-9, abs_tol=1e-9)
        now = step @ now


@pytest.mark.parametrize(("name", "more", "times"), [("sgd", {}, 2), ("momentum", {"gamma": 0.8}, 3.6)])
def test_where_descent_converges(name, more, times):
    """A rate below 2/L converges, with momentum below 2(1 + γ)/L; above it diverges (Polyak 1964)."""
    for a, over in ((0.5, 1.1), (3.0, 1.03)):
        limit = times / a
        below, above = (
            bl.descend(lambda w, a=a: a * w**2 / 2, (1.0,), name, limit * k, 900, **more) for k in (1 / over, over)
        )
        assert abs(below.path[-1][0]) < 1e-3 and above.ended == "diverged" and below.ended == "steps"


# --- the texts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", bl.methods.values(), ids=list(bl.methods))
def test_texts_name_what_they_may(method):
    known = {"w", "g", "t", *method.settings, *method.state}
    assert next(iter(method.settings)) == "rate" and method.lines[-1][0] == "w"
    assert names_in(method.at) <= known - {"g"}
    for name, text in method.lines:
        assert names_in(text) <= known, text
        known.add(name)
    assert set(method.state) <= {name for name, _ in method.lines}  # each is renewed
    assert method.source and all(len(name) == 1 or name in SYMBOLS for name in known)


@pytest.mark.parametrize("method", bl.methods.values(), ids=list(bl.methods))
@examples(20)
@given(w=NUMBERS, gs=st.lists(NUMBERS, min_size=1, max_size=4))
def test_numbers_and_arrays_agree_and_nothing_is_changed(method, w, gs):
    now, state, array, states = w, None, np.array([w, -w]), None
    for t, g in enumerate(gs, 1):
        held, kept = array.copy(), dict(states or {})
        now, state = method.step(now, g, state, t)
        new, states = method.step(array, np.array([g, -g]), states, t)
        assert np.array_equal(array, held) and all(states is not kept for _ in kept)
        array = new
        np.testing.assert_allclose(array, [now, -now], rtol=1e-12, atol=1e-12)
    assert all(float(np.ravel(states[key])[0]) == pytest.approx(x, rel=1e-12) for key, x in state.items())


def test_formulas():
    momentum = bl.methods["momentum"]
    assert momentum.formulas(PLAIN) == ("v ← γ · v + η · g", "w ← w − v")
    assert momentum.formulas(PLAIN, {"v": 2.0, "g": -1.0, "gamma": 0.9, "rate": 0.1})[0] == "v ← 0.9 · 2 + 0.1 · (−1)"
    assert bl.methods["nesterov"].formulas(LATEX)[0].endswith(r"w - \gamma \cdot v")
    assert bl.methods["adam"].formulas(LATEX)[2] == r"\hat{m} \leftarrow \frac{m}{1 - {\beta_{1}}^{t}}"
    assert "<msub><mi>β</mi><mn>1</mn></msub>" in bl.methods["adam"].formulas(MATHML)[0]
    shown = bl.methods["momentum"]._repr_markdown_()
    assert (
        r"v &\leftarrow \gamma \cdot v + \eta \cdot g \\ w &\leftarrow" in shown and "**Momentum (momentum)**" in shown
    )
    assert "Kingma and Ba 2015" in str(bl.methods["adam"]) and "β₂ = 0.999" in str(bl.methods["adam"])


def test_what_is_not_there():
    adam = bl.methods["adam"]
    with pytest.raises(bl.ArgumentError, match="adam has no setting 'gamma'.*; it has rate, beta1, beta2, eps"):
        adam.step(1.0, 1.0, gamma=0.9)
    with pytest.raises(bl.ArgumentError, match="adam has no state 'u'.*; it has m, v"):
        adam.step(1.0, 1.0, {"u": 1.0})
    with pytest.raises(bl.ArgumentError, match="no method 'adamw'.*; write one of sgd, momentum"):
        bl.descend(lambda w: w**2, 1.0, "adamw")


# --- the page's -------------------------------------------------------------------------------------------------------

PLAY = """
const MATHS = { sqrt: Math.sqrt, abs: Math.abs, maximum: Math.max };
const power = Math.pow;
%s
const told = {};
for (const [name, { settings, state, step, point }] of Object.entries(METHODS)) {
  let w = 1.5;
  let kept = state;
  told[name] = [];
  for (let t = 1; t <= 8; t++) {
    const at = point ? point(w, kept, settings, t) : w;
    const { w: next, ...rest } = step(w, 3 * at * at - 1, kept, settings, t);
    w = next;
    kept = rest;
    told[name].push([w, at, ...Object.values(kept)]);
  }
}
console.log(JSON.stringify(told));
"""


def test_the_page_makes_the_same_steps():
    if shutil.which("node") is None:
        missing("Node.js is not here")
    done = subprocess.run(["node", "-"], input=PLAY % methods_script(), capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert list(told) == list(bl.methods)
    for name, rows in told.items():
        run = bl.descend(lambda w: w**3 - w, 1.5, name, steps=8)
        ours = [(w, at, *s.values()) for w, at, s in zip(run.path[1:], run.points, run.states[1:], strict=True)]
        np.testing.assert_allclose(rows, ours, rtol=1e-13)


BAD = [
    (lambda: bl.methods["adamw"], r"no method 'adamw'.*; there is sgd, momentum"),
    (lambda: bl.methods["sgd"].step("3", 1.0), "the point must be a number or an array of numbers, not '3'"),
    (lambda: bl.methods["sgd"].step(3.0, None), "the gradient must be a number"),
    (lambda: bl.methods["sgd"].step([1.0, 2.0], [1.0]), r"shapes \(2,\) and \(1,\)"),
    (lambda: bl.methods["adam"].step(1.0, 1.0, t=0), "t is the number of the step, counted from 1, not 0"),
    (lambda: bl.methods["adam"].step(1.0, 1.0, (0, 0)), "state is a dict of numbers by name"),
    (lambda: bl.methods["adam"].step(1.0, 1.0, {"m": "x"}), "the state m must be a number"),
    (lambda: bl.methods["adam"].step(1.0, 1.0, beta1="x"), "the setting beta1 must be a number"),
    (lambda: bl.methods["nesterov"].point([[1.0], [2.0, 3.0]]), "the point must be a number"),
]


@pytest.mark.parametrize(("ask", "said"), BAD, ids=[said[:30] for _, said in BAD])
def test_bad_input_gets_a_sentence(ask, said):
    with pytest.raises(bl.LabError, match=said):
        ask()


def test_lists_are_arrays_and_a_name_that_is_not_there_is_a_key():
    assert bl.methods["sgd"].step([1.0, 2.0], [1.0, 1.0], rate=0.5)[0].tolist() == [0.5, 1.5]
    assert "adamw" not in bl.methods and bl.methods.get("adamw") is None
