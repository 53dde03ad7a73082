"""Random programs at edges: zeros, infinite slopes, kinks, ties, infinities, extreme numbers; numbers and arrays.

Nobody can say from outside what every such derivative is, but both modes have to say the same, the sweeps what the
operators say, and where both sides of a point are smooth and finite, differences agree.
"""

import math
import warnings

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.array_samples import CASES
from support.strategies import examples

import backprop_lab as bl
from backprop_lab.graph.infinite import has_nan

inf, nan = np.inf, np.nan
EDGES = [0.0, 0.0, 1.0, -1.0, 4.0, 0.25, 2.0, 1e-3, -1e-3, 30.0, 800.0]
ONE = {
    "sqrt": lambda a: np.sqrt(np.abs(a)),
    "root": np.sqrt,
    "cbrt": np.cbrt,
    "square": lambda a: a**2,
    "zeroth": lambda a: a**0,
    "half": lambda a: a**0.5,
    "third": lambda a: a**3,
    "abs": np.abs,
    "relu": bl.relu,
    "sign": np.sign,
    "exp": lambda a: np.exp(-a),
    "tanh": np.tanh,
    "sigmoid": bl.sigmoid,
    "arcsin": lambda a: np.arcsin(np.maximum(np.minimum(a, 1.0), -1.0)),
    "nothing": lambda a: a * 0.0,
    "shifted": lambda a: a - 1.0,
    "softplus": bl.softplus,
    "arctan": np.arctan,
    "inverse": lambda a: 1.0 / (a + 1e-310),
}
TWO = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "max": np.maximum,
    "min": np.minimum,
    "hypot": np.hypot,
    "arctan2": np.arctan2,
    "logaddexp": np.logaddexp,
    "chosen": lambda a, b: a if a > b else b,
    "where": lambda a, b: np.where(a > b, a, b),
}
MANY = {
    "sum": np.sum,
    "mean": np.mean,
    "top": np.max,
    "norm": np.linalg.norm,
    "std": np.std,
    "logsumexp": bl.logsumexp,
    "softmax": lambda a: bl.softmax(a) @ a,
    "entropy": lambda a: bl.cross_entropy(a, np.eye(3)[0]),
    "first": lambda a: a[0],
    "twice": lambda a: np.sum(a[[0, 0, 1]]),
    "powers": lambda a: np.sum(a ** np.arange(3)),
    "running": lambda a: np.sum(np.cumsum(a)),
    "product": lambda a: np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0], [0.0, 0.0, 3.0]])[0] @ a,
    "swapped": lambda a: np.sum(np.concatenate([a[1:], a[:1]]) * a),
}


@st.composite
def programs(draw, arrays):
    """Inputs and lines, as in `strategies.Program`."""
    number = st.sampled_from(EDGES)
    vector = st.lists(number, min_size=3, max_size=3).map(np.array)
    inputs = tuple(draw(vector if arrays and draw(st.booleans()) else number) for _ in range(draw(st.integers(1, 2))))
    lines = []
    for k in range(draw(st.integers(1, 5))):
        places = st.integers(0, len(inputs) + k - 1)
        kinds = [*ONE, *TWO, *(MANY if arrays else ())]
        lines.append((draw(st.sampled_from(kinds)), draw(places), draw(places)))
    return inputs, lines


def run(lines, *xs):
    values = list(xs)
    for name, i, j in lines:
        a, b = values[i], values[j]
        if name in ONE:
            values.append(ONE[name](a))
        elif name in TWO:
            values.append(TWO["max" if name == "chosen" and np.ndim(a + b) else name](a, b))
        else:
            values.append(MANY[name](a if np.ndim(a) else np.stack([a, b if not np.ndim(b) else b[0], a])))
    return values[-1]


def near(a, b):
    """The same numbers, nan and infinities included, up to rounding."""
    a, b = np.asarray(a), np.asarray(b)
    with np.errstate(all="ignore"):
        return a.shape == b.shape and np.allclose(
            a, b, rtol=1e-7, atol=1e-7 * (1 + np.max(np.abs(a), initial=0, where=np.isfinite(a))), equal_nan=True
        )


def blocks(jacobian, count):
    return [jacobian] if count == 1 else list(jacobian)


def check(inputs, lines):
    f = lambda *xs: run(lines, *xs)  # noqa: E731
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            graph = bl.trace(f, *inputs)
        except bl.LabError:
            return False
        if not graph.varies[graph.output_ids[0]] or has_nan(graph.values):
            return False  # a nan among the values spreads as it likes
        reverse = blocks(bl.jacobian(f)(*inputs), len(inputs))
        forward = blocks(bl.jacobian(f, mode="forward")(*inputs), len(inputs))
        for k, (a, b) in enumerate(zip(reverse, forward, strict=True)):
            assert near(a, b), (k, a, b)
        if np.ndim(graph.value) == 0:
            sweep = bl.adjoint_sweep(graph)
            for node, a in zip(graph.inputs, reverse, strict=True):
                assert near(sweep.numbers[node.id], a), (node.name, sweep.numbers[node.id], a)
                if np.ndim(a) == 0:
                    assert near(bl.tangent_sweep(graph, **{node.name: 1.0}).numbers[graph.output_ids[0]], a)
            assert near(
                np.concatenate([np.ravel(g) for g in blocks(bl.grad(f)(*inputs), len(inputs))]),
                np.concatenate([np.ravel(g) for g in reverse]),
            )
    return True


@examples(50)
@given(programs(arrays=False))
def test_both_modes_say_the_same_of_numbers(program):
    check(*program)


# The infinite slope of one element, weighed twice with opposite signs.
@example(((np.array([1.0, 1.0, -1e-3]),), [("arcsin", 0, 0), ("swapped", 1, 0)]))
@examples(60)
@given(programs(arrays=True))
def test_both_modes_say_the_same_of_arrays(program):
    check(*program)


BEFORE = {
    "itself": lambda x: x,
    "inverse": lambda x: 1.0 / x,
    "root": lambda x: np.sqrt(np.abs(x)),
    "cube": lambda x: x**3,
}
REAL_CASES = [case for case in CASES if case[0] not in ("conj", "real", "imag", "modulus")]  # what has a sign to tell


@st.composite
def maps(draw):
    """A map of whole arrays, its operands with some elements at edges, and what comes before it."""
    _, _, args, f = draw(st.sampled_from(REAL_CASES))
    edge = st.none() | st.sampled_from([0.0, 0.0, inf, -inf, 1.0])
    filled = []
    for x in args:
        edges = draw(st.lists(edge, min_size=x.size, max_size=x.size))
        filled.append(np.reshape([a if e is None else e for a, e in zip(x.flat, edges, strict=True)], x.shape))
    return filled, f, BEFORE[draw(st.sampled_from(sorted(BEFORE)))]


NORM = next(f for name, k, _, f in CASES if (name, k) == ("norm", 0))


@example(([np.array([0.0, 0.0, 1.0])], NORM, BEFORE["inverse"]))
@examples(60)
@given(maps())
def test_both_modes_say_the_same_of_maps_where_elements_are_infinite(drawn):
    """An element that does not move is no 0 that meets the other elements' infinities."""
    xs, f, before = drawn
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            graph = bl.trace(lambda *xs: f(*map(before, xs)), *xs)
            if has_nan(graph.values):
                return
            reverse, forward = (
                blocks(bl.jacobian(lambda *xs: f(*map(before, xs)), mode)(*xs), len(xs))
                for mode in ("reverse", "forward")
            )
        except bl.LabError:
            return
    for a, b in zip(reverse, forward, strict=True):
        assert near(a, b), (xs, a, b)


ROOT = lambda x: (lambda s: s + s * x)(np.sqrt(x))  # noqa: E731


@pytest.mark.parametrize(
    ("f", "at", "expected"),
    [
        (lambda x, y: np.sqrt(x) + y, (0.0, 1.0), (inf, 1.0)),
        (lambda x, y: np.cbrt(x) * 2 + y * y, (0.0, 3.0), (inf, 6.0)),
        (lambda x, y: np.arcsin(x) - np.arccos(y), (1.0, 1.0), (inf, inf)),
        (lambda x, y: x / 1e-310 + y, (1.0, 1.0), (inf, 1.0)),
        (lambda x: np.sqrt(x + x * x), (0.0,), inf),  # 0 · inf goes back to x · x, and 1 · inf outweighs it
        (ROOT, (0.0,), inf),
        (lambda x: np.sqrt(x) ** 2, (0.0,), nan),  # it is 1: we do not know, and do not say 0
        (lambda x: np.sqrt(x * x), (0.0,), nan),
        (lambda x: 2 * np.sqrt(x) - np.cbrt(x), (0.0,), nan),  # opposite infinities
        (lambda x: np.maximum(np.sqrt(x), 1.0), (0.0,), 0.0),  # the other one was chosen
        (lambda x: bl.relu(np.sqrt(x) - 1), (0.0,), 0.0),
        (lambda x: np.sqrt(x), (np.array([0.0, 4.0]),), np.diag([inf, 0.25])),
        (lambda x: np.sum(np.sqrt(x)[1:]), (np.array([0.0, 4.0]),), [0.0, 0.25]),
        (lambda x: np.max(np.sqrt(x)), (np.array([0.0, 4.0]),), [0.0, 0.25]),
        (lambda x: np.sum(np.where(x > 0, np.sqrt(x), x)), (np.array([0.0, 4.0]),), [1.0, 0.25]),
        (lambda x: np.sqrt(x) @ np.ones((2, 2)), (np.array([0.0, 4.0]),), [[inf, 0.25], [inf, 0.25]]),
        (lambda x: np.sum(x ** np.arange(3)), (0.0,), 1.0),
        (lambda x: np.sum(x ** np.array([0.0, 0.5, 1.0])), (0.0,), inf),
        (lambda x, n: np.sum(x**n), (np.array([0.0, 2.0]), np.array([3.0, 1.0])), ([0.0, 1.0], [0.0, 2 * np.log(2)])),
        (lambda x: np.sum(0.0**x), (np.array([1.0, 2.0]),), [0.0, 0.0]),  # a number as the base of an array of powers
        (lambda x, y: np.sum(y**x), (np.array([1.0, 2.0]), 0.0), ([0.0, 0.0], 1.0)),
        (lambda x: np.sum((-2.0) ** x), (np.array([1.0, 2.0]),), [nan, nan]),
        (bl.logsumexp, (np.array([-inf, -inf]),), [0.5, 0.5]),
        (bl.logsumexp, (np.array([inf, 0.0]),), [1.0, 0.0]),
        (lambda x: np.logaddexp(x[0], x[1]), (np.array([-inf, -inf]),), [0.5, 0.5]),
        (lambda z: bl.cross_entropy(z, np.array([0.0, 1.0])), (np.array([-inf, 0.0]),), [0.0, 0.0]),
        (np.std, (np.ones(3),), np.zeros(3)),
        (bl.hypot, (0.0, 0.0), (0.0, 0.0)),
        (bl.hypot, (3.0, 3.0), (math.sqrt(0.5), math.sqrt(0.5))),
        (lambda x: np.sum(np.maximum(x, np.array([inf, -inf, 0.0]))), (np.array([inf, -inf, 0.0]),), [0.5, 0.5, 0.5]),
    ],
)
def test_edges_with_known_answers(f, at, expected):
    expected = expected if isinstance(expected, tuple) else (expected,)
    for mode in ("forward", "reverse"):
        for found, right in zip(blocks(bl.jacobian(f, mode)(*at), len(at)), expected, strict=True):
            assert near(found, right), (mode, found)


def test_a_seed_of_zero_moves_nothing():
    assert bl.jvp(lambda x, y: np.sqrt(x) + y, (0.0, 1.0), (0.0, 1.0)) == (1.0, 1.0)
    assert bl.vjp(lambda x: (np.sqrt(x), 3 * x), 0.0)[1]((0.0, 1.0)) == (3.0,)
    graph = bl.trace(lambda x, y: np.sqrt(x) + y, 0.0, 1.0)
    assert bl.tangent_sweep(graph, y=1.0).result["x"] == 0 and list(bl.tangent_sweep(graph, y=1.0).numbers) == [
        0,
        1,
        0,
        1,
    ]


@pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")
def test_the_steps_of_a_sweep_say_what_the_gradient_says():
    for f in (lambda x: np.sqrt(x + x * x), ROOT):
        steps = list(bl.adjoint_sweep(bl.trace(f, 0.0)))
        assert steps[-1].node.name == "x" and steps[-1].after == bl.grad(f)(0.0) == inf


# --- second derivatives at kinks --------------------------------------------------------------------------------------

EYE, ZEROS = np.eye(2), np.zeros(2)


@pytest.mark.parametrize(
    ("f", "at", "expected"),
    [
        (lambda x: np.linalg.norm(x) ** 2, ZEROS, 2 * EYE),
        (lambda x: np.linalg.norm(x) ** 4, ZEROS, 0 * EYE),
        (lambda x: np.cos(np.linalg.norm(x)), ZEROS, -EYE),
        (lambda x: np.exp(np.linalg.norm(x) ** 2) * 3, ZEROS, 6 * EYE),
        (lambda x: np.sum(np.linalg.norm(x, axis=0) ** 2), np.zeros((2, 1)), 2 * EYE.reshape(2, 1, 2, 1)),
        (lambda x: bl.hypot(x[0], x[1]) ** 2, ZEROS, 2 * EYE),
        (lambda x: np.sum(np.abs(x) ** 2), np.array([0.0, 3.0]), 2 * EYE),
        (lambda x: abs(x) ** 2, 0.0, 2.0),
        (lambda x: abs(x) ** 3, 0.0, 0.0),
        (lambda x: np.log(1 + abs(x) * abs(x)), 0.0, 2.0),  # two that are the same: one changes the other's adjoint
        (lambda x: np.std(x) ** 2, np.ones(2), np.array([[0.5, -0.5], [-0.5, 0.5]])),
        (np.linalg.norm, ZEROS, None),
        (lambda x: np.linalg.norm(x) * np.linalg.norm(x), ZEROS, 2 * EYE),
        (lambda x: bl.hypot(x[0], x[1]) * 3 * bl.hypot(x[0], x[1]), ZEROS, None),  # each has operands of its own
        (lambda x: abs(x) * abs(2 * x), 0.0, None),
        (lambda x: np.linalg.norm(x) * np.linalg.norm(x, 1), ZEROS, None),
        (lambda x: x[0] * np.linalg.norm(x), ZEROS, None),
        (lambda x: bl.relu(np.linalg.norm(x)) ** 2, ZEROS, None),
        (lambda x: np.linalg.norm(x) ** 2 + np.linalg.norm(x), ZEROS, None),
        (lambda x: abs(x), 0.0, None),
        (lambda x: abs(x) * x, 0.0, None),
        (lambda x: bl.relu(x) ** 2 + bl.relu(-x) ** 2, 0.0, None),
        (lambda x: np.maximum(x, -x) ** 2, 0.0, None),
        (lambda x: np.max(x) ** 2 + np.min(x) ** 2, np.ones(2), None),
    ],
)
def test_second_derivatives_at_kinks_are_right_or_nan(f, at, expected):
    """`None`: nan where the true second derivative is not 0 by structure; never a wrong number."""
    shape = np.shape(at)
    units = [np.eye(1, int(np.prod(shape)), k).reshape(shape) if shape else 1.0 for k in range(int(np.prod(shape)))]
    columns = np.stack([np.asarray(bl.hvp(f, (at,), (v,))) for v in units], -1).reshape(shape + shape)
    reverse = np.asarray(bl.jacobian(bl.grad(f))(at))
    for found in (np.asarray(bl.hessian(f)(at)), columns, reverse):
        if expected is None:
            assert np.isnan(found).any() and not np.any(found[~np.isnan(found)])
        else:
            assert np.allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("base", [np.zeros(5), 0.0], ids=["array", "number"])
def test_second_derivatives_of_powers_of_zero_are_right_or_nan(base):
    powers = np.array([0.5, 1.0, 1.5, 2.0, 3.0])
    for k, right in enumerate([-inf, 0.0, inf, 2.0, 0.0]):
        only = np.arange(5) == k

        def f(x, y, only=only):
            return np.sum((y**x)[only])

        (by_x, mixed), (crossed, by_y) = bl.hessian(f)(powers, base)
        mixed, crossed = np.sum(mixed), np.sum(crossed)
        assert not np.any(by_x), "0 to a power near this one is 0"
        assert np.isnan(np.sum(by_y)) or np.sum(by_y) == right
        for found in (mixed, crossed):  # of y**x, at y = 0
            assert np.isnan(found) or found == (0.0 if powers[k] > 1 else -inf), (powers[k], found)


def test_the_hessian_of_a_length_squared_inside_an_outer_derivative():
    f = lambda x, c: c * np.linalg.norm(x) ** 2  # noqa: E731
    slope = bl.grad(lambda c: np.sum(bl.hessian(lambda x: f(x, c))(ZEROS)))(3.0)
    assert slope == pytest.approx(4.0)
    assert bl.hvp(lambda z: np.abs(z) ** 2, (0j,), (1 + 0j,)) == 2


def test_a_kink_of_two_operands_is_where_the_table_says():
    note = bl.trace(bl.hypot, 0.0, 0.0).notes
    assert [n.kind for n in note.values()] == ["kink"] and "tip of a cone" in next(iter(note.values())).sentence
    assert not bl.trace(bl.hypot, 3.0, 3.0).notes and not bl.trace(bl.maximum, 3.0, 4.0).notes
    assert bl.trace(bl.maximum, 3.0, 3.0).notes
    assert bl.grad(np.hypot)(3.0, 4.0) == pytest.approx((0.6, 0.8))
    with pytest.raises(bl.TraceError, match="complex"):
        bl.grad(lambda z: np.hypot(z, 1.0))(1 + 1j)


# --- what no test had noticed -----------------------------------------------------------------------------------------


def test_a_complex_norm_moves_as_differences_say():
    z, dz = np.array([1 + 2j, -0.5 + 1j]), np.array([0.3 - 1j, 2 + 0.7j])
    h = 1e-6
    expected = (np.linalg.norm(z + h * dz) - np.linalg.norm(z - h * dz)) / (2 * h)
    assert bl.jvp(np.linalg.norm, (z,), (dz,))[1] == pytest.approx(expected, rel=1e-8)
    assert bl.jvp(np.abs, (z[0],), (dz[0],))[1] == pytest.approx(
        (abs(z[0] + h * dz[0]) - abs(z[0] - h * dz[0])) / (2 * h), rel=1e-8
    )


def test_an_index_array_is_copied():
    """A student who uses one array of places again changes neither graph nor gradient."""

    def f(x):
        places = np.array([0, 1])
        y = x[places]
        places[:] = 2
        return np.sum(y * np.array([1.0, 10.0]))

    x = np.array([3.0, 4.0, 5.0])
    assert np.array_equal(bl.grad(f)(x), [1.0, 10.0, 0.0])
    assert np.array_equal(bl.adjoint_sweep(bl.trace(f, x)).result["x"], [1.0, 10.0, 0.0])


def test_what_nothing_reached_stays_so_on_a_tape_of_complex_numbers():
    f = lambda x, z: np.sqrt(x * 2.0) + np.real(z)  # noqa: E731
    assert bl.jvp(f, (0.0, 1j), (0.0, 1.0 + 0j))[1] == 1.0
    assert bl.vjp(lambda z, x: (np.sqrt(x * 2.0), np.real(z)), 1j, 0.0)[1]((0.0, 1.0)) == (1.0, 0.0)


def test_the_cost_of_a_mean():
    graph = bl.trace(lambda x: np.mean(x), np.arange(5.0))
    counts = bl.value_sweep(graph).counts
    assert (counts["additions"], counts["multiplications"]) == (4, 1)
    rows = bl.trace(lambda x: np.mean(x, axis=0), np.ones((4, 3)))
    counts = bl.value_sweep(rows).counts
    assert (counts["additions"], counts["multiplications"]) == (9, 3)


def test_a_norm_of_order_one_keeps_its_axes():
    x = np.array([[1.0, -2.0], [3.0, 4.0]])
    f = lambda x: np.linalg.norm(x, ord=1, axis=1, keepdims=True)  # noqa: E731
    assert bl.trace(f, x).value.shape == (2, 1)
    assert np.array_equal(bl.trace(f, x).value, f(x))
    assert np.array_equal(bl.grad(lambda x: np.sum(x / f(x)))(x).shape, (2, 2))
