"""Arrays in the graph: every entry of the table in every mode against differences, NumPy's functions on top of it."""

import pickle

import numpy as np
import pytest
from support.array_samples import CASES, NUMPY, RNG, SAMPLES, SPACE, A, R, V

import backprop_lab as bl
from backprop_lab.recording.trees import leaves, like
from backprop_lab.table.table import primitives

OPS = [
    op for op in primitives.values() if not op.elementwise and op.name != "custom"
]  # it has tests/derivatives/test_custom.py
each = pytest.mark.parametrize(
    ("name", "args", "f"), [(n, a, f) for n, _, a, f in CASES], ids=[f"{n}-{k}" for n, k, *_ in CASES]
)


def smooth(f):
    """The same followed by a bend, so that second derivatives are not all zero."""
    return lambda *xs: np.sin(f(*xs)) + f(*xs) ** 2


def near(a, b, tolerance):
    assert np.shape(a) == np.shape(b)
    assert np.allclose(a, b, rtol=tolerance, atol=tolerance), (a, b)


def moved(xs, vs, t):
    return [x + t * v for x, v in zip(xs, vs, strict=True)]


def difference(g, xs, vs, h=1e-4):
    """The derivative along vs by central differences at two distances, combined."""
    wide, fine = ((g(*moved(xs, vs, s)) - g(*moved(xs, vs, -s))) / (2 * s) for s in (h, h / 2))
    return (4 * fine - wide) / 3


def directions(args):
    return [RNG.normal(size=np.shape(x)) for x in args]


def test_every_entry_has_a_sample():
    assert sorted(SAMPLES) == sorted(op.name for op in OPS)


@each
def test_the_sample_is_recorded_as_the_entry(name, args, f):
    graph = bl.trace(f, *args)
    assert name in [node.op for node in graph.nodes]
    near(graph.value, f(*args), 1e-15)


@each
def test_forward_mode_against_differences(name, args, f):
    vs = directions(args)
    value, dot = bl.jvp(f, args, vs)
    near(value, f(*args), 1e-14)
    near(dot, difference(f, args, vs), 1e-7)


@each
def test_reverse_mode_against_forward_mode(name, args, f):
    vs = directions(args)
    value, dot = bl.jvp(f, args, vs)
    bar = RNG.normal(size=np.shape(value)) if np.ndim(value) else 0.7
    same, pullback = bl.vjp(f, *args)
    bars = pullback(bar)
    near(same, value, 1e-14)
    for x, g in zip(args, bars, strict=True):
        assert np.shape(g) == np.shape(x)
    assert np.isclose(np.sum(bar * dot), sum(np.sum(g * v) for g, v in zip(bars, vs, strict=True)), rtol=1e-10)


@each
def test_second_order_against_differences(name, args, f):
    vs = directions(args)

    def total(*xs):
        return np.sum(smooth(f)(*xs))

    gradient = bl.grad(total, argnums=tuple(range(len(args))))
    forward_over_reverse = bl.jvp(gradient, args, vs)[1]
    reverse_over_reverse = bl.grad(
        lambda *xs: sum(np.sum(g * v) for g, v in zip(gradient(*xs), vs, strict=True)), tuple(range(len(args)))
    )(*args)
    for k, (first, second) in enumerate(zip(forward_over_reverse, reverse_over_reverse, strict=True)):
        near(first, second, 1e-9)
        near(first, difference(lambda *xs, k=k: np.asarray(gradient(*xs)[k]), args, vs), 1e-5)


@each
def test_third_order_nests(name, args, f):
    vs = directions(args)

    def along(g):
        return lambda *xs: bl.jvp(g, xs, vs)[1]

    def total(*xs):
        return np.sum(smooth(f)(*xs))

    third = bl.jvp(lambda *xs: bl.hvp(total, xs, vs), args, vs)[1]
    third = third if isinstance(third, tuple) else (third,)
    exact = sum(np.sum(t * v) for t, v in zip(third, vs, strict=True))
    assert np.isclose(exact, along(along(along(total)))(*args), rtol=1e-8, atol=1e-9)


@each
def test_sweeps_give_the_same_numbers(name, args, f):
    graph = bl.trace(lambda *xs: np.sum(smooth(f)(*xs)), *args)
    bars = bl.adjoint_sweep(graph)
    gradient = bl.grad(lambda *xs: np.sum(smooth(f)(*xs)), tuple(range(len(args))))(*args)
    for node, g in zip(graph.inputs, gradient, strict=True):
        near(bars.numbers[node.id], g, 1e-12)
    vs = directions(args)
    dots = bl.tangent_sweep(graph, *vs)
    near(dots.numbers[graph.output_ids[0]], bl.jvp(lambda *xs: np.sum(smooth(f)(*xs)), args, vs)[1], 1e-11)
    for sweep in (bl.value_sweep(graph), dots, bars):
        assert all(n >= 0 for n in sweep.counts.values())
        for step in sweep:
            assert step.formula and step.sentence and " at 0x" not in step.formula + step.sentence


@each
def test_replay_and_pickle(name, args, f):
    graph = bl.trace(f, *args)
    again = graph.replay(*args)
    for a, b in zip(graph.nodes, again.nodes, strict=True):
        near(a.value, b.value, 1e-15)
    copy = pickle.loads(pickle.dumps(graph))
    assert copy.names == graph.names and str(copy) == str(graph)
    near(copy.replay(*args).value, graph.value, 1e-15)


@each
def test_formulas(name, args, f):
    from backprop_lab.graph.formulas import formula
    from backprop_lab.graph.slopes import partial_formula
    from backprop_lab.text.notation import LATEX, MATHML

    graph = bl.trace(f, *args)
    for node in graph.nodes:
        assert "0x" not in node.formula
        for slot in range(len(node.parents)):
            if node.primitive is not None and node.primitive.moves(slot):
                assert partial_formula(node, slot)
    for target in (LATEX, MATHML):
        for step in bl.value_sweep(graph):
            assert formula(step, target).count("{") == formula(step, target).count("}")


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_entries_are_complete(op):
    assert op.text and op.symbol and op.name.isidentifier()
    assert len(op.pulls) == len(op.args) == len(op.pushes)
    assert len(op.labels) == len(op.args) and op.domain == ()
    assert op.function.__name__ == op.name and op.function.primitive is op and op.text in op.function.__doc__


@pytest.mark.parametrize("expression", NUMPY)
def test_numpys_functions(expression):
    f, x = eval(f"lambda x: {expression}", SPACE), NUMPY[expression]
    graph = bl.trace(f, x)
    near(graph.value, f(x), 1e-14)
    v = directions([x])
    near(bl.jvp(f, (x,), v)[1], difference(f, [x], v), 1e-6)
    bar = RNG.normal(size=np.shape(graph.value)) if np.ndim(graph.value) else 1.0
    (g,) = bl.vjp(f, x)[1](bar)
    assert np.isclose(np.sum(g * v[0]), np.sum(bar * bl.jvp(f, (x,), v)[1]), rtol=1e-10)


# --- conventions ------------------------------------------------------------------------------------------------------


def net(params, x):
    h = np.tanh(x @ params["W1"] + params["b1"])
    return np.mean((h @ params["W2"] + params["b2"]) ** 2)


PARAMS = {"W1": R(3, 4), "b1": R(4), "W2": R(4, 2), "b2": R(2)}


def test_parameters_in_dicts_lists_and_tuples():
    x = R(5, 3)
    value, gradient = bl.value_and_grad(net, 0)(PARAMS, x)
    assert list(gradient) == list(PARAMS) and isinstance(value, float)
    v = {k: RNG.normal(size=p.shape) for k, p in PARAMS.items()}
    exact = sum(np.sum(gradient[k] * v[k]) for k in PARAMS)
    assert np.isclose(exact, bl.jvp(lambda p: net(p, x), (PARAMS,), (v,))[1])
    slope = difference(lambda *ps: net(dict(zip(PARAMS, ps, strict=True)), x), list(PARAMS.values()), list(v.values()))
    assert np.isclose(exact, slope)

    layers = [(PARAMS["W1"], PARAMS["b1"]), (PARAMS["W2"], PARAMS["b2"])]
    again = bl.grad(lambda ls: net({"W1": ls[0][0], "b1": ls[0][1], "W2": ls[1][0], "b2": ls[1][1]}, x))(layers)
    assert isinstance(again, list) and isinstance(again[0], tuple)
    near(again[1][0], gradient["W2"], 1e-14)
    graph = bl.trace(net, PARAMS, x)
    assert graph.input_names == ("params['W1']", "params['b1']", "params['W2']", "params['b2']", "x")
    assert bl.grad(lambda xs: xs[0] * xs[1])([3.0, 5.0]) == [5.0, 3.0]


def test_results_in_dicts_and_tuples():
    value, pullback = bl.vjp(lambda x: {"a": x**2, "b": (x.sum(), 3 * x)}, V)
    assert list(value) == ["a", "b"] and isinstance(value["b"], tuple)
    (g,) = pullback({"a": np.ones(4), "b": (2.0, np.ones(4))})
    near(g, 2 * V + 2 + 3, 1e-14)
    dots = bl.jvp(lambda x: {"a": x**2}, (V,), (np.ones(4),))[1]
    near(dots["a"], 2 * V, 1e-14)


def test_numbers_stay_python_floats():
    value, gradient = bl.value_and_grad(lambda x: np.sum(x) * x[0])(V)
    assert type(value) is float and type(gradient) is np.ndarray
    graph = bl.trace(lambda x, c: c * np.sum(x) + x[1], V, 2)
    for node in graph.nodes:
        assert type(node.value) in (float, int) or (type(node.value) is np.ndarray and node.value.ndim)
    assert type(bl.grad(lambda x, c: c * np.sum(x))(V, 2.0)[1]) is float


def test_gradients_are_arrays_of_their_own():
    a, b = bl.grad(lambda a, b: np.sum(a + b))(V, V)
    a[0] = 99.0
    assert b[0] == 1.0
    g = bl.grad(lambda x: np.sum(x))(V)
    g += 1.0
    near(bl.grad(lambda x: 3.0 * x[0])(V), np.array([3.0, 0, 0, 0]), 1e-15)
    near(bl.grad(lambda x, y: np.sum(x))(V, A)[1], np.zeros_like(A), 1e-15)


def test_an_array_written_into_later_changes_nothing():
    x, c, buffer = np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.empty(2)
    graph = bl.trace(lambda x: x * c, x)
    value, pullback = bl.vjp(lambda x: x * c, x)
    x[:] = c[:] = 0.0
    near(graph.value, np.array([3.0, 8.0]), 0)
    near(pullback(np.ones(2))[0], np.array([3.0, 4.0]), 0)
    with pytest.raises(ValueError, match="read-only"):
        graph.value[0] = 1.0

    def reuses(x):
        buffer[:] = 2.0
        y = x * buffer
        buffer[:] = 3.0
        return np.sum(y * buffer)

    near(bl.grad(reuses)(np.ones(2)), np.array([6.0, 6.0]), 0)
    assert bl.trace(reuses, np.ones(2)).value == 12.0


def test_constant_arrays_are_one_node_each():
    def f(x):
        for _ in range(3):
            x = np.tanh(A.T @ (A @ x))
        return np.sum(x)

    graph = bl.trace(f, V)
    assert sum(node.op == "constant" for node in graph.nodes) == 2  # A.T and A


def test_comparisons_that_decide_are_checked_on_replay():
    def f(x):
        return np.sum(x) if np.all(x > 0) else np.sum(x**2)

    graph = bl.trace(f, abs(V))
    near(graph.replay(2 * abs(V)).value, 2 * np.sum(abs(V)), 1e-14)
    with pytest.raises(bl.ArgumentError, match="trace it again"):
        graph.replay(-abs(V))
    masked = bl.trace(lambda x: np.sum(x[x > 0] ** 2), V)
    near(bl.grad(lambda x: np.sum(x[x > 0] ** 2))(V), np.where(V > 0, 2 * V, 0), 1e-14)
    with pytest.raises(bl.ArgumentError):
        masked.replay(-V)
    with pytest.raises(bl.ArgumentError, match=r"shape \(3,\).*shape \(4,\)"):
        masked.replay(np.ones(3))


def test_jacobians_have_jaxs_shapes():
    f = lambda x: np.tanh(A @ x)  # noqa: E731
    exact = (1 - np.tanh(A @ V) ** 2)[:, None] * A
    for mode in ("reverse", "forward"):
        near(bl.jacobian(f, mode=mode)(V), exact, 1e-12)
        near(
            bl.jacobian(lambda x: np.outer(x, x)[:2], mode=mode)(V).sum(axis=(0, 1)),
            bl.grad(lambda x: np.outer(x, x)[:2].sum())(V),
            1e-12,
        )
        rows = bl.jacobian(lambda x, c: (c * x, np.sum(x)), mode=mode)(V, 2.0)
        near(rows[0][0], 2 * np.eye(4), 1e-14)
        near(rows[0][1], V, 1e-14)
        near(rows[1][0], np.ones(4), 1e-14)
        assert rows[1][1] == 0.0
        tree = bl.jacobian(lambda p: {"y": p["a"] @ p["x"]}, mode=mode)({"a": A, "x": V})
        assert tree["y"]["a"].shape == (3, 3, 4)
        near(tree["y"]["x"], A, 1e-14)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_hessians_and_products_with_them():
    from scipy.optimize import rosen, rosen_der, rosen_hess, rosen_hess_prod

    v = R(4)
    assert np.isclose(rosenbrock(V), rosen(V))
    near(bl.grad(rosenbrock)(V), rosen_der(V), 1e-11)
    near(bl.hessian(rosenbrock)(V), rosen_hess(V), 1e-11)
    near(bl.hvp(rosenbrock, (V,), (v,)), rosen_hess_prod(V, v), 1e-11)
    third = bl.jacobian(bl.hessian(rosenbrock))(V)
    assert third.shape == (4, 4, 4)
    near(third @ v, difference(rosen_hess, [V], [v]), 1e-6)
    blocks = bl.hessian(lambda a, b: np.sum(a**2) * b)(V, 3.0)
    near(blocks[0][0], 6 * np.eye(4), 1e-12)
    near(blocks[0][1], 2 * V, 1e-12)


def test_trees():
    tree = {"a": [1, (2, 3)], "b": 4}
    assert leaves(tree) == [1, 2, 3, 4]
    assert like(tree, iter("wxyz")) == {"a": ["w", ("x", "y")], "b": "z"}
