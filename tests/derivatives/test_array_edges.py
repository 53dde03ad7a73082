"""Arrays where calculus or arithmetic leaves a choice: ties, zeros, kinks, overflow, whole numbers, warnings."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy import special

import backprop_lab as bl

nan, inf = np.nan, np.inf


def same(a, b):
    assert np.array_equal(a, b, equal_nan=True), (a, b)


def test_equal_maxima_share():
    same(bl.grad(lambda x: np.max(x))(np.array([1.0, 3.0, 3.0])), [0.0, 0.5, 0.5])
    same(bl.grad(lambda x: np.min(x))(np.array([2.0, 2.0, 2.0, 3.0])), [1 / 3, 1 / 3, 1 / 3, 0.0])
    rows = bl.grad(lambda x: np.sum(np.max(x, axis=1)))(np.array([[1.0, 1.0], [0.0, 2.0]]))
    same(rows, [[0.5, 0.5], [0.0, 1.0]])
    same(bl.jvp(lambda x: np.max(x), (np.array([3.0, 3.0]),), (np.array([1.0, 0.0]),))[1], 0.5)
    same(bl.grad(lambda x: np.sum(np.maximum(x, 0.0)))(np.array([-1.0, 0.0, 1.0])), [0.0, 0.5, 1.0])


def test_kinks_of_elementwise_functions_are_those_of_the_table():
    x = np.array([-2.0, 0.0, 3.0])
    same(bl.grad(lambda x: np.sum(np.abs(x)))(x), [-1.0, 0.0, 1.0])
    same(bl.grad(lambda x: np.sum(bl.relu(x)))(x), [0.0, 0.0, 1.0])
    same(bl.grad(lambda x: np.sum(np.sqrt(x)))(np.array([0.0, 4.0])), [inf, 0.25])
    same(bl.grad(lambda x: np.sum(x**3))(x), [12.0, 0.0, 27.0])
    same(bl.grad(lambda x: np.sum(x**0))(x), [0.0, 0.0, 0.0])


def test_the_norm_at_zero_rests():
    same(bl.grad(lambda x: np.linalg.norm(x))(np.zeros(3)), np.zeros(3))
    same(bl.jvp(lambda x: np.linalg.norm(x), (np.zeros(3),), (np.ones(3),))[1], 0.0)
    assert bl.grad(lambda z: np.abs(z))(0j) == 0


def test_a_singular_matrix_is_an_error_in_words():
    for f in (np.linalg.inv, lambda a: np.linalg.solve(a, np.ones(2))):
        with pytest.raises(bl.DomainError, match="the matrix is singular.*choose other inputs"):
            bl.grad(lambda a, f=f: np.sum(f(a)))(np.ones((2, 2)))
    with pytest.raises(bl.DomainError, match="the matrix is singular"):
        bl.grad(np.linalg.det)(np.ones((2, 2)))


def test_equal_eigenvalues_share_a_trace():
    same(bl.grad(lambda a: np.sum(np.linalg.eigvalsh(a)))(2 * np.eye(3)), np.eye(3))


@pytest.mark.parametrize(
    ("f", "x", "kind", "words"),
    [
        (lambda x: np.exp(x), [1.0, 1e3, 2e3], "overflow", r"2 of 3 numbers of .* are inf .*the first is .*\[1\]"),
        (lambda x: np.log(x), [1.0, -1.0], "nan", r"1 of 2 numbers of .* are not a number \(nan\).*\[1\]"),
        (lambda x: x / np.sum(x), [0.0, 0.0], "nan", "not a number"),
        (lambda x: 1 / x, [0.0, 1.0], "overflow", "inf"),
    ],
)
def test_the_first_culprit_is_named(f, x, kind, words):
    def g(x):
        first = f(x)
        return np.sum(first * 2)

    with pytest.warns(bl.LabWarning, match=f"{words}.*\\(node first, line \\d+\\)"):
        graph = bl.trace(g, np.array(x))
    assert graph.culprit.name == "first"
    assert graph.notes[graph["first"].id].kind == kind
    assert len(graph.notes) <= 2  # what follows from the culprit is not blamed again


def test_an_adjoint_that_meets_a_masked_nan():
    """np.where hides a nan in the value, and not in the derivative: 0 times nan is nan, and we do not hide that."""
    with pytest.warns(bl.LabWarning, match="not a number"):
        graph = bl.trace(lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)), np.array([1.0, -1.0]))
    assert graph.value == 0.0
    safe = lambda x: np.sum(np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0.0))  # noqa: E731
    same(bl.grad(safe)(np.array([2.0, -1.0])), [0.5, 0.0])


def test_softmax_and_cross_entropy_of_large_numbers():
    same(bl.softmax(np.array([1000.0, 1000.0])), [0.5, 0.5])
    assert bl.logsumexp(np.array([1000.0, 1000.0])) == 1000 + np.log(2)
    target = np.array([0.0, 1.0, 0.0])
    z = np.array([1000.0, -1000.0, 0.0])
    value, gradient = bl.value_and_grad(lambda z: bl.cross_entropy(z, target))(z)
    assert value == 2000.0
    same(gradient, np.array([1.0, -1.0, 0.0]))
    assert bl.grad(lambda z: bl.logsumexp(z))(np.array([-inf, 0.0]))[1] == 1.0


def test_softmax_and_cross_entropy_against_scipy_and_fifty_digits():
    """The rows of lesson 11 and others far out: p, log p and the gradient p - y; decimals judge."""
    rows = [(1, 2, 3), (0, 0, 10), (-10, -5, -8), (1000, 1000), (-1000, -10, -8), (2, 2, 2), (-700, 0, 36), (1e-9, 0)]
    for row in rows:
        z, first = np.array(row, dtype=float), np.eye(len(row))[0]
        with localcontext() as context:
            context.prec = 50
            exact = [Decimal(x).exp() for x in z.tolist()]
            p, logs = [x / sum(exact) for x in exact], [(x / sum(exact)).ln() for x in exact]
            slopes = [x - Decimal(one) for x, one in zip(p, first.tolist(), strict=True)]
        loss, gradient = bl.value_and_grad(lambda z, y=first: bl.cross_entropy(z, y))(z)
        np.testing.assert_allclose(bl.softmax(z), np.array(p, dtype=float), rtol=1e-12, atol=1e-300)
        right = np.array(logs, dtype=float)  # of a logarithm near 0 the last digits are lost, here as in SciPy
        for ours, wanted, scipys in (
            (bl.log_softmax(z), right, special.log_softmax(z)),
            (loss, -right[0], -special.log_softmax(z)[0]),
        ):
            off = np.max(np.abs(ours - wanted))
            assert off <= np.max(np.abs(scipys - wanted)) + 1e-15 * np.max(np.abs(right))
        np.testing.assert_allclose(gradient, np.array(slopes, dtype=float), rtol=1e-12, atol=1e-300)


def test_whole_numbers_are_promoted_and_it_is_said():
    for run in (lambda f, x: bl.grad(f)(x), bl.trace, lambda f, x: bl.compile(f, x)):
        with pytest.warns(bl.LabWarning, match="the argument x .* is an array of whole numbers.*; write"):
            run(lambda x: np.sum(x**2), np.array([1, 2, 3]))
    with pytest.warns(bl.LabWarning):
        assert bl.grad(lambda x: np.sum(x / 2))(np.array([1, 2])).dtype == float
    assert bl.grad(lambda x: np.sum(x * np.array([1, 2])))(np.ones(2)).dtype == float  # constants are no matter
    assert bl.grad(lambda x: np.sum(x))(np.ones(3, dtype=np.float32)).dtype == float


def test_numbers_and_arrays_that_are_not_used():
    f = lambda x, y: np.sum(x)  # noqa: E731
    with pytest.warns(bl.LabWarning, match="does not use its argument y"):
        graph = bl.trace(f, np.ones(3), np.ones((2, 2)))
    assert bl.adjoint_sweep(graph).result["y"].shape == (2, 2)
    same(bl.grad(f)(np.ones(3), np.ones((2, 2)))[1], np.zeros((2, 2)))


def test_empty_arrays():
    assert bl.value_and_grad(lambda x: np.sum(x) + 1.0)(np.zeros(0))[0] == 1.0
    assert bl.grad(lambda x: np.sum(x**2))(np.zeros((0, 3))).shape == (0, 3)


def test_a_large_graph_of_arrays():
    x = np.linspace(0, 1, 4)

    def f(x):
        for _ in range(5_000):
            x = x * 1.0001
            x = x - 1e-5
        return np.sum(x)

    value, gradient = bl.value_and_grad(f)(x)
    assert np.allclose(gradient, 1.0001**5_000)
    assert len(bl.trace(f, x)) > 10_000


A = np.array([[0.3, -1.2, 2.0], [1.5, 0.4, -0.7]])


def slope(f, x, h=1e-6):
    """The gradient of a sum of squares of f by central differences."""
    found = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        found[place] = (np.sum(f(x + step) ** 2) - np.sum(f(x - step) ** 2)) / (2 * h)
    return found


def test_numpys_own_defaults_and_options():
    """Where a number may come out of a swallowed option: each was wrong once, or its mutant went unnoticed."""
    same(
        bl.value_and_grad(lambda x: np.sum(((x > 0).astype(float) + (x > -1).astype(float)) * x))(np.array([1.0, 2.0]))[
            1
        ],
        [2, 2],
    )
    same(bl.trace(np.trace, np.arange(12.0).reshape(2, 2, 3)).value, [9.0, 11.0, 13.0])
    same(bl.trace(lambda x: np.add.reduce(x), np.arange(6.0).reshape(2, 3)).value, [3.0, 5.0, 7.0])
    assert bl.trace(lambda x: np.angle(x), -2.0).value == np.pi
    assert bl.grad(np.trace)(np.ones((4, 5))).shape == (4, 5)
    for f in (
        lambda x: np.var(x, axis=0, ddof=1),
        lambda x: np.std(x, axis=1, ddof=1),
        lambda x: np.linalg.norm(x, ord=1, axis=1, keepdims=True),
        lambda x: np.linalg.norm(x, ord=np.inf, axis=0, keepdims=True),
        lambda x: np.concatenate([x, 2 * x], axis=-1),
        lambda x: np.concatenate([x, x * x], axis=-2),
        lambda x: np.trace(x),
        lambda x: np.cumsum(x, axis=0),
    ):
        near = bl.trace(f, A).value
        assert np.shape(near) == np.shape(f(A)) and np.allclose(near, f(A))
        gradient = bl.grad(lambda x, f=f: np.sum(f(x) ** 2))(A)
        assert gradient.shape == A.shape and np.allclose(gradient, slope(f, A), atol=1e-7)
        assert np.allclose(
            bl.compile(lambda x, f=f: np.sum(f(x) ** 2), A).value_and_grad(2 * A)[1], slope(f, 2 * A), atol=1e-7
        )


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_shapes_of_empty_arrays(shape):
    x = np.zeros(shape)
    for f in (
        lambda x: x.reshape(-1),
        lambda x: np.reshape(x, (-1, 4)),
        np.ravel,
        lambda x: np.cumsum(x),
        lambda x: np.prod(x, 0),
    ):
        assert np.shape(bl.trace(f, x).value) == np.shape(f(x))
        assert bl.grad(lambda x, f=f: np.sum(f(x)))(x).shape == shape
    for f in (lambda x: x.reshape(0, -1), np.max, np.mean, lambda x: np.median(x), lambda x: np.argmax(x)):
        with pytest.raises(bl.LabError):
            bl.trace(f, x)


def test_repetitions_in_an_index_add_up():
    x = np.array([1.0, 2.0, 4.0])
    keys = [
        ((0, 0),),
        [0, 0, 2],
        np.array([0, -3]),
        ([0, 0], None),
        np.array([[1, 1], [1, 0]]),
        np.array([True, False, True]),
        (np.array([2, 2, -1]), ...),
    ]
    for key in keys:
        counts = np.zeros(3)
        np.add.at(counts, key, 1.0)
        f = lambda x, key=key: np.sum(x[key])  # noqa: E731
        same(bl.grad(f)(x), counts)
        same(bl.jacobian(f, mode="forward")(x), counts)
        same(bl.compile(f, x).value_and_grad(x)[1], counts)
        same(bl.adjoint_sweep(bl.trace(f, x)).result["x"], counts)
    same(bl.grad(lambda x: np.sum(np.take(x, [0, 0, -1])))(x), [2.0, 0.0, 1.0])


def test_places_are_plain_and_kept_as_a_guard():
    f = lambda x: np.sum(x[np.argsort(x)[-2:]] ** 2)  # noqa: E731
    x, other = np.array([3.0, 1.0, 2.0]), np.array([1.0, 5.0, 2.0])
    same(bl.grad(f)(x), [6.0, 0.0, 4.0])
    graph = bl.trace(f, x)
    assert graph.replay(2 * x).value == 52.0
    with pytest.raises(bl.ArgumentError, match="comes out otherwise"):
        graph.replay(other)
    program = bl.compile(f, x)
    same(program.value_and_grad(other)[1], [0.0, 10.0, 4.0])
    assert len(program.branches) == 2
    same(bl.compile(lambda x: x[np.argmax(x)] * 3, x).value_and_grad(other)[1], [0.0, 3.0, 0.0])
    assert bl.compile(lambda x: np.interp(x, [0.0, 1.0, 3.0], [0.0, 2.0, 0.0]), 0.5).value_and_grad(2.0) == (1.0, -1.0)


def test_truth_values_among_the_operands():
    x = np.array([1.0, 2.0, -3.0])
    for f in (
        lambda x: np.arctan2(A[0] > 0, x),
        lambda x: np.arctan2(x > 0, x),
        lambda x: np.hypot(x, x > 0),
        lambda x: (x > 0) / x,
    ):
        gradient = bl.grad(lambda x, f=f: np.sum(f(x) ** 2))(x)
        assert np.allclose(gradient, slope(f, x), atol=1e-7)
        assert np.allclose(
            bl.compile(lambda x, f=f: np.sum(f(x) ** 2), x).value_and_grad(2 * x)[1], slope(f, 2 * x), atol=1e-7
        )
        assert np.allclose(bl.jacobian(f, mode="forward")(x), bl.jacobian(f)(x))


def test_the_deviation_of_one_number_is_zero_and_stays_it():
    for x, axis in ((3.5, None), (np.array([[1.0, 2.0, 4.0]]), 0)):
        f = lambda x, axis=axis: np.std(x, axis=axis)  # noqa: E731
        same(bl.trace(f, x).value, np.zeros(np.shape(x)[1:]))
        same(bl.grad(lambda x, f=f: np.sum(f(x)))(x), np.zeros(np.shape(x)))
        same(bl.hessian(lambda x, f=f: np.sum(f(x)))(x), np.zeros(2 * np.shape(x)))


@pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")
@pytest.mark.parametrize(
    "name",
    [
        "softmax",
        "log_softmax",
        "logsumexp",
        *sorted(
            name
            for name, op in bl.primitives.items()
            if op.elementwise and op.args == ("x",) and name not in ("power", "arccosh")
        ),
    ],
)
def test_functions_take_a_number_in_every_order(name):
    """The first and the second derivative there are alike in every mode: those of arrays, too, as softmax."""
    f = bl.primitives[name].function
    _, slope = bl.value_and_grad(f)(0.5)
    assert bl.jvp(f, (0.5,), (1.0,))[1] == pytest.approx(slope, nan_ok=True)
    second = bl.grad(bl.grad(f))(0.5)
    ahead, back = bl.grad(f)(0.5 + 1e-5), bl.grad(f)(0.5 - 1e-5)
    assert second == pytest.approx((ahead - back) / 2e-5, abs=1e-4)
    for other in (bl.hessian(f)(0.5), bl.jvp(bl.grad(f), (0.5,), (1.0,))[1], bl.hvp(f, (0.5,), (1.0,))):
        assert other == pytest.approx(second)


def test_the_imaginary_part_of_infinity_is_zero():
    for x in (inf, -inf, np.array([inf, 1.0])):
        same(bl.trace(lambda x: np.imag(x) + np.sign(x), x).value, np.sign(x))


def test_an_axis_is_no_truth_value():
    for f in (np.sum, np.mean, np.max, np.std, np.cumsum):
        with pytest.raises(bl.LabError, match=r"axis=True is no whole number.*write axis=1"):
            bl.trace(lambda x, f=f: f(x, axis=True), np.ones((2, 2)))
