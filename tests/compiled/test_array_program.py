"""Compiled programs for arrays: the engine's numbers, readable NumPy, memory used again where nobody can see it."""

import numpy as np
import pytest
from support.array_samples import CASES, NUMPY, SPACE

import backprop_lab as bl
from backprop_lab.recording.trees import leaves
from backprop_lab.table.arrays import reads_once, scatter

RNG = np.random.default_rng(3)


def near(a, b):
    a, b = leaves(a), leaves(b)
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        assert np.shape(x) == np.shape(y) and np.allclose(x, y, rtol=1e-12, atol=1e-12)


def total(f):
    return lambda *xs: np.sum(np.sin(f(*xs)) + f(*xs) ** 2)


@pytest.mark.parametrize("case", CASES, ids=[f"{name}-{k}" for name, k, *_ in CASES])
def test_every_entry(case):
    _, _, args, f = case
    program = bl.compile(total(f), *args)
    assert "Traced" not in program.source and "0x" not in program.source
    wrt = tuple(range(len(args)))
    for shift in (0.0, 1e-3):
        at = [x * (1 + shift) for x in args]  # the same side of every comparison, the same order
        value, gradient = program.value_and_grad(*at)
        exact, slopes = bl.value_and_grad(total(f), wrt)(*at)
        assert type(value) is float and value == pytest.approx(exact, rel=1e-12)
        assert program.value(*at) == pytest.approx(exact, rel=1e-12)
        near(gradient if len(args) > 1 else (gradient,), slopes)


@pytest.mark.parametrize("expression", NUMPY)
def test_numpys_functions(expression):
    f, x = eval(f"lambda x: {expression}", SPACE), NUMPY[expression]
    program = bl.compile(total(f), x)
    near(program.value_and_grad(x), bl.value_and_grad(total(f))(x))


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_the_source_is_numpy_that_one_can_read():
    def loss(W, x, b):
        z = W @ x + b
        a = np.tanh(z)
        J = np.sum(a**2) / 2
        return J

    program = bl.compile(loss, RNG.normal(size=(2, 3)), RNG.normal(size=3), np.zeros(2))
    assert program.source == (
        "def value(W, x, b):\n"
        "    z = W @ x + b\n"
        "    a = np.tanh(z)\n"
        "    J = np.sum(a ** 2) / 2\n"
        "    return J\n"
        "\n"
        "def value_and_grad(W, x, b):\n"
        "    z = W @ x + b\n"
        "    a = np.tanh(z)\n"
        "    J = np.sum(a ** 2) / 2\n"
        "    z_bar = 0.5 * (2 * a) * sech2(a, z)\n"
        "    W_bar = np.outer(z_bar, x)\n"
        "    x_bar = W.T @ z_bar\n"
        "    return J, W_bar, x_bar, z_bar\n"
    )
    assert program.counts["value"] == {"multiplications": 9, "additions": 7, "functions": 2}
    assert program.counts["value_and_grad"]["functions"] == 2
    assert "x_bar[1:] +=" in bl.compile(rosenbrock, np.ones(6)).source  # no array of zeros for each slice


def test_a_product_with_the_hessian_is_a_program_too():
    x, v = RNG.normal(size=50), RNG.normal(size=50)
    program = bl.compile(lambda x, v: bl.hvp(rosenbrock, (x,), (v,)), x, v)
    near(program.value(2 * x, v), bl.hvp(rosenbrock, (2 * x,), (v,)))
    second = bl.compile(lambda x, v: bl.grad(lambda x: np.sum(bl.grad(rosenbrock)(x) * v))(x), x, v)
    near(second.value(2 * x, v), program.value(2 * x, v))


def test_structures_and_argnums():
    params = {"W": RNG.normal(size=(3, 2)), "layers": [RNG.normal(size=2), 0.5]}
    x, y = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 2))

    def loss(params, x, y):
        return np.mean((np.tanh(x @ params["W"] + params["layers"][0]) - y) ** 2) * params["layers"][1]

    program = bl.compile(loss, params, x, y, argnums=0)
    assert "params_W" in program.source and "x_bar" not in program.source.replace("_x_bar", "")
    near(program.value_and_grad(params, x, y), bl.value_and_grad(loss, 0)(params, x, y))
    assert list(program.value_and_grad(params, x, y)[1]) == ["W", "layers"]
    several = bl.compile(loss, params, x, y, argnums=(0, 2))
    near(several.value_and_grad(params, x, y), bl.value_and_grad(loss, (0, 2))(params, x, y))
    everything = bl.compile(loss, params, x, y)
    near(everything.value_and_grad(params, 2 * x, y), bl.value_and_grad(loss)(params, 2 * x, y))
    other_order = {"layers": params["layers"], "W": params["W"]}
    near(program.value(other_order, x, y), loss(params, x, y))
    slopes = program.value_and_grad(other_order, x, y)[1]
    assert np.array_equal(slopes["W"], program.value_and_grad(params, x, y)[1]["W"])
    numbers = bl.compile(lambda a, b: a * b, 2.0, 3.0, argnums=1)
    assert numbers.value_and_grad(5.0, 7.0) == (35.0, 5.0)


def test_results_of_any_structure():
    program = bl.compile(lambda x: {"a": x**2, "b": (np.sum(x), 3.0)}, np.ones(3))
    found = program.value(np.arange(3.0))
    assert list(found) == ["a", "b"] and found["b"] == (3.0, 3.0)
    near(found["a"], np.array([0.0, 1.0, 4.0]))
    with pytest.raises(bl.ArgumentError, match="does not return one real number"):
        program.value_and_grad(np.ones(3))


def test_a_comparison_that_goes_the_other_way_is_compiled_anew():
    def f(x):
        y = np.sum(x)
        if y > 0:
            return y**2
        return -3 * y if np.all(x < 0) else y

    program = bl.compile(f, np.ones(3))
    for x in (np.ones(3), -np.ones(3), np.array([1.0, -1.0, -2.0]), 2 * np.ones(3)):
        near(program.value_and_grad(x), bl.value_and_grad(f)(x))
    assert len(program.branches) == 3
    masked = bl.compile(lambda x: np.sum(x[x > 0] ** 2), np.array([1.0, -1.0]))
    for x in (np.array([2.0, -1.0]), np.array([-2.0, 3.0]), np.array([2.0, 3.0])):
        near(masked.value_and_grad(x), bl.value_and_grad(lambda x: np.sum(x[x > 0] ** 2))(x))


def test_np_where_needs_no_guard():
    f = lambda x: np.sum(np.where(x > 0, x**2, -x))  # noqa: E731
    program = bl.compile(f, np.ones(4))
    near(program.value_and_grad(-np.ones(4)), bl.value_and_grad(f)(-np.ones(4)))
    assert len(program.branches) == 1


# --- memory -----------------------------------------------------------------------------------------------------------

BIG = RNG.normal(size=(80, 80))


def test_large_results_use_memory_again():
    def f(x, y):
        a = x * y
        b = a + x
        c = np.tanh(b)
        return np.sum(c * y)

    program = bl.compile(f, BIG, 2 * BIG)
    assert "out=" in program.source
    x, y = BIG.copy(), 3 * BIG
    for _ in range(2):
        near(program.value_and_grad(x, y), bl.value_and_grad(f)(x, y))
    assert np.array_equal(x, BIG)  # the arguments are never written into


TRICKY = {
    "a view is still needed": lambda x: np.sum((x * 2)[1:] * ((x * 2) + 1)[:-1]),
    "used twice": lambda x: (lambda a: np.sum(a * (a + 1)))(np.tanh(x)),
    "transposed and added": lambda x: (lambda a: np.sum(np.tanh(a + a.T)))(x * 3),
    "reshaped": lambda x: (lambda a: np.sum((a + 1) * a.reshape(80, 80)))(np.sin(x).reshape(6400).reshape(80, 80)),
    "rows and columns": lambda x: np.sum((x - x.mean(axis=0)) / (1 + x.std(axis=1, keepdims=True))),
    "softmax": lambda x: np.sum(bl.softmax(x @ x.T / 80) ** 2),
    "slices that overlap": lambda x: np.sum((x[1:] - x[:-1]) ** 2) + np.sum(x[::2] ** 3) + np.sum(x[[0, 0, 1]]),
    "returned too": lambda x: np.sum(np.exp(x * 0.1)) + np.sum(x),
    "same thing twice": lambda x: np.sum(np.sin(x)) * np.sum(np.sin(x)),
    "broadcast": lambda x: np.sum((x[:, None, 0] + x[None, :, 1]) * x),
}


@pytest.mark.parametrize("name", TRICKY)
def test_using_memory_again_changes_no_number(name):
    f = TRICKY[name]
    program = bl.compile(f, BIG)
    for x in (BIG, np.cos(BIG)):
        before = x.copy()
        near(program.value_and_grad(x), bl.value_and_grad(f)(x))
        assert np.array_equal(x, before)


def test_results_share_no_memory():
    program = bl.compile(lambda a, b: np.sum(a + b), BIG, BIG)
    value, (a, b) = program.value_and_grad(BIG, BIG)
    a[:] = 0.0
    assert b[0, 0] == 1.0
    same = bl.compile(lambda x: {"x": x, "t": x.T, "row": x[0]}, BIG).value(BIG)
    for part in same.values():
        assert not np.shares_memory(part, BIG)
    again = program.value_and_grad(BIG, BIG)
    assert np.array_equal(again[1][0], np.ones((80, 80)))


# --- what the program cannot do by itself ----------------------------------------------------------------------------


def test_other_shapes_structures_and_kinds_get_a_sentence():
    program = bl.compile(lambda p, c: np.sum(p["w"]) * c, {"w": np.ones(3)}, 2.0)
    assert program.value({"w": [0, 0, 0] and np.ones(3)}, 2) == 6.0
    assert program.value({"w": np.ones(3, dtype=int)}, 2) == 6.0
    for args, words in (
        (({"w": np.ones(4)}, 2.0), r"p\['w'\] has shape \(4,\), and .* was compiled for shape \(3,\).*; compile"),
        (({"w": np.ones(3)}, np.ones(2)), r"c has shape \(2,\), and the program was compiled for shape \(\)"),
        (({"v": np.ones(3)}, 2.0), "takes arguments of the structure it was compiled for"),
        (({"w": [1.0, 2.0, 3.0]}, 2.0), "takes arguments of the structure"),
        (({"w": np.ones(3)},), "missing a required argument"),
        (({"w": np.ones(3) * 1j}, 2.0), r"p\['w'\] is complex, and the program was compiled for real numbers"),
        (({"w": np.array(["a", "b", "c"])}, 2.0), "is an array of texts"),
    ):
        with pytest.raises(bl.ArgumentError, match=words):
            program.value(*args)


def test_trouble_is_left_to_the_engine():
    program = bl.compile(lambda x: np.log(np.sum(x)), np.ones(3))
    with pytest.raises(bl.DomainError, match="the argument of log must be a positive number"):
        program.value(-np.ones(3))
    singular = bl.compile(lambda a: np.sum(np.linalg.inv(a)), np.eye(2))
    with pytest.raises(bl.DomainError, match="singular"):
        singular.value_and_grad(np.ones((2, 2)))
    big = bl.compile(lambda x: np.exp(np.sum(x)), np.ones(3))
    assert big.value(1000 * np.ones(3)) == np.inf


def test_complex_and_custom():
    f = lambda z: np.sum(np.abs(z * np.conj(z) + 1j) ** 2)  # noqa: E731
    z = np.array([1 + 2j, -0.5j])
    near(bl.compile(f, z).value_and_grad(2 * z), bl.value_and_grad(f)(2 * z))
    g = bl.custom(np.sort, vjp=lambda x: (np.sort(x), lambda bar: bar[np.argsort(np.argsort(x))]))
    program = bl.compile(lambda x: np.sum(g(x) * np.arange(3.0)), np.array([3.0, 1.0, 2.0]))
    assert "sort" in program.source
    assert program.value(np.array([3.0, 1.0, 2.0])) == 8.0


X = np.arange(1.0, 13.0).reshape(3, 4) / 7
PLACES, MASK = np.array([0, 2, 0]), np.array([True, False, True])
KEYS = [
    *(0, -1, None, ..., (), PLACES, MASK, X > 0.7, [0, 0], slice(1, None), slice(None, None, -1)),
    *((slice(None), PLACES), (PLACES, slice(None, None, 2)), (slice(None), PLACES, None), (slice(None), None, PLACES)),
    *((MASK, slice(1, 3)), (slice(0, 2), ..., PLACES), (PLACES, None, slice(1, None)), (1, slice(None))),
    *((PLACES, PLACES), (PLACES[:, None], PLACES), (MASK, PLACES[:2]), (..., PLACES), (None, PLACES), (0, PLACES)),
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_keys_of_every_kind_are_written_as_python_reads_them(key):
    def f(x):
        return np.sum(np.sin(x[key]) * x[key]) * x[0, 0]

    value, slope = bl.compile(f, X).value_and_grad(X)
    assert value == pytest.approx(f(X))
    h = 1e-6 * np.cos(np.arange(12.0)).reshape(3, 4)
    assert np.sum(slope * h) == pytest.approx((f(X + h) - f(X - h)) / 2, rel=1e-6)
    program = bl.compile(bl.grad(f), X)
    np.testing.assert_allclose(program.value(X), slope)


def test_a_key_with_slices_inside_a_derivative_of_a_derivative():
    A = np.eye(3) * 3 + np.zeros((2, 3, 3))

    def slope(x):
        return bl.jvp(lambda y: np.sum(np.linalg.slogdet(A * y * x)[1]) * np.cos(x * y), (1.1,), (1.0,))[1]

    np.testing.assert_allclose(bl.compile(slope, 1.0).value_and_grad(1.0), bl.value_and_grad(slope)(1.0))


READS = {
    "arange": ((np.arange(3), np.array([2, 0, 0])), True),
    "arange second": ((np.array([1, 1]), np.arange(2)), True),
    "a gap": ((np.array([0, 2]), 1), True),
    "with a slice": ((slice(None), np.arange(2)), True),
    "whole numbers": ((3, ..., None), True),
    "twice": ((np.array([0, 0]),), False),
    "from behind": ((np.array([-1, 3]),), False),
    "spread out": ((np.array([1]), np.array([0, 0])), False),
    "none": ((np.array([], int),), False),
    "truth values": ((np.array([True, False, True, True]),), False),
    "a table": ((np.arange(4).reshape(2, 2),), False),
}


@pytest.mark.parametrize("name", READS)
def test_what_an_index_reads_is_put_back_where_it_was(name):
    key, once = READS[name]
    known, numbers = np.zeros((4, 4)), np.arange(1.0, 17.0).reshape(4, 4)[key]
    np.add.at(known, key, numbers)
    assert reads_once(key) is once
    np.testing.assert_array_equal(scatter(numbers, key, (4, 4)), known)
    slope = bl.compile(lambda x: np.sum(x[key] ** 2), np.ones((4, 4))).value_and_grad(np.ones((4, 4)))[1]
    np.testing.assert_array_equal(slope, scatter(np.full(np.shape(numbers), 2.0), key, (4, 4)))
