"""Checkpointing: the same derivatives, fewer stored numbers, one more forward pass at most, all of it counted."""

import copy
import io
import pickle

import numpy as np
import pytest

import backprop_lab as bl

RNG = np.random.default_rng(7)
DEPTH, WIDTH = 12, 5
LAYERS = [(RNG.normal(size=(WIDTH, WIDTH)) / 2, RNG.normal(size=WIDTH)) for _ in range(DEPTH)]
X = RNG.normal(size=WIDTH)


def layer(params, a):
    w, b = params
    return np.tanh(w @ a + b)


def segment(layers, a):
    for params in layers:
        a = layer(params, a)
    return a


def deep(layers, a, every=None):
    if every is None:
        return np.sum(segment(layers, a) ** 2)
    for k in range(0, len(layers), every):
        a = bl.checkpoint(segment)(layers[k : k + every], a)
    return np.sum(a**2)


def counts(every):
    graph = bl.trace(lambda layers, a: deep(layers, a, every), LAYERS, X)
    return bl.value_sweep(graph).counts, bl.adjoint_sweep(graph).counts


@pytest.mark.parametrize("every", [1, 2, 3, 5, 12])
def test_the_derivatives_are_the_same(every):
    plain = bl.grad(deep)(LAYERS, X)
    again = bl.grad(lambda layers, a: deep(layers, a, every))(LAYERS, X)
    for (w, b), (w2, b2) in zip(plain[0], again[0], strict=True):
        assert np.array_equal(w, w2) and np.array_equal(b, b2)
    assert np.array_equal(plain[1], again[1])
    v = RNG.normal(size=WIDTH)
    f = lambda a: deep(LAYERS, a, every)  # noqa: E731
    assert np.allclose(bl.hvp(f, (X,), (v,)), bl.hvp(lambda a: deep(LAYERS, a), (X,), (v,)))
    assert np.allclose(bl.jvp(f, (X,), (v,))[1], bl.jvp(lambda a: deep(LAYERS, a), (X,), (v,))[1])


def test_what_is_stored_and_what_it_costs():
    forward, backward = counts(None)
    inputs = DEPTH * (WIDTH * WIDTH + WIDTH) + WIDTH
    rest = WIDTH + 1  # the squares and their sum
    assert forward["stored"] == inputs + 3 * WIDTH * DEPTH + rest == backward["stored"]
    for every in (1, 2, 3, 4, 6):
        f, b = counts(every)
        kept = (DEPTH // every) * WIDTH
        assert f["stored"] == inputs + kept + rest
        assert b["stored"] == f["stored"] + 3 * WIDTH * every  # one segment at a time is there again
        assert f["multiplications"] == forward["multiplications"]
        # the way back computes every segment a second time, and nothing else
        assert b["functions"] == DEPTH * WIDTH
        again = DEPTH * WIDTH * WIDTH
        assert b["multiplications"] == backward["multiplications"] + again
    between = [counts(every)[1]["stored"] for every in (2, 3)]  # n/k + 3k is smallest near the square root of n/3
    assert max(between) < min(counts(every)[1]["stored"] for every in (1, 6, 12)) < backward["stored"]


def test_on_the_graph_a_segment_is_one_node():
    graph = bl.trace(lambda a: np.sum(bl.checkpoint(segment)(LAYERS[:2], a)), X)
    assert "custom" in [n.op for n in graph.nodes] and "segment(" in str(graph)
    assert graph.replay(2 * X).value == pytest.approx(np.sum(segment(LAYERS[:2], 2 * X)))


def test_what_is_not_an_argument_is_an_error_in_words():
    def f(w, a):
        return np.sum(bl.checkpoint(lambda a: w @ a)(a))

    with pytest.raises(bl.ArgumentError, match="reaches for a traced value that is not one of its arguments .*; give"):
        bl.grad(f)(LAYERS[0][0], X)
    with pytest.raises(bl.ArgumentError, match="must be a function"):
        bl.checkpoint(3)


class Modules(pickle.Unpickler):
    """Opens a pickle and keeps which modules it asked for."""

    def find_class(self, module, name):
        vars(self).setdefault("asked", set()).add(module.partition(".")[0])
        return super().find_class(module, name)


@bl.checkpoint
def gated(p, a):
    return p["w"] @ a if np.sum(a) > 0 else -a


def nested(x):
    return bl.checkpoint(lambda a: bl.checkpoint(lambda b: b * b if b > 0 else -b)(a) * 3.0)(x) + x


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (nested, (2.0,)),
        (lambda p, a: np.sum(gated(p, a) ** 2), ({"w": LAYERS[0][0]}, np.abs(X))),
        (lambda layers, a: deep(layers, a, 4), (LAYERS, X)),
        (lambda x, y: bl.checkpoint(lambda a, b: a * 1e200 * 1e200 * b)(x, y) * x, (2.0, 3.0)),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_pickle_keeps_the_operations(f, args):
    """It needs no function of the student, and gives the same gradients and counts, also from a second pickle."""
    graph = bl.trace(f, *args)
    opened = graph
    for _ in range(2):
        open_it = Modules(io.BytesIO(pickle.dumps(opened)))
        opened = open_it.load()
        assert open_it.asked <= {"backprop_lab", "numpy", "array", "builtins"}
    assert str(opened) == str(graph)
    for sweep in (bl.adjoint_sweep, bl.value_sweep):
        np.testing.assert_equal(sweep(opened).result, sweep(graph).result)
        assert sweep(opened).counts == sweep(graph).counts
    assert copy.deepcopy(graph) is graph


def test_a_branch_that_a_pickle_has_not_seen_is_told():
    opened = pickle.loads(pickle.dumps(bl.trace(nested, 2.0)))
    again = opened.replay(5.0)
    assert again.value == 80.0 and bl.adjoint_sweep(again).result["x"] == 31.0
    with pytest.raises(bl.ArgumentError, match="without its function, .* not recorded .*; trace the function again"):
        opened.replay(-5.0)
    other = bl.trace(nested, 2.0).replay(-5.0)  # has the function still, so its pickle keeps the branch of −5
    assert bl.adjoint_sweep(pickle.loads(pickle.dumps(other))).result["x"] == -2.0
