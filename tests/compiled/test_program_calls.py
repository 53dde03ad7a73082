"""How a compiled program is called: by name, with traced arguments, at points, inside derivatives, out of a pickle."""

import math
import pickle

import numpy as np
import pytest

import backprop_lab as bl

pytestmark = pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")


def wave(x, y, *, scale=2.0):
    return bl.sin(x) * y * scale if x > 0 else bl.sqrt(-x) + y


def of_arrays(p, t):
    a = np.sum(p["w"] * p["rest"][0])
    return np.log(a) * t if a > 0 else t - a


def test_arguments_by_name():
    program = bl.compile(wave, y=3.0, x=2.0)
    assert program.inputs == ("x", "y")
    assert program.value(y=1.0, x=0.5) == program.value(0.5, 1.0) == program.value(0.5, y=1.0)
    assert program.value_and_grad(y=1.0, x=0.5) == bl.value_and_grad(wave)(0.5, 1.0)
    other = bl.compile(wave, 2.0, 3.0, scale=5.0)
    assert other.value(2.0, 3.0) == 2.5 * program.value(2.0, 3.0)
    p = {"w": np.ones(2), "rest": (np.ones(2),)}
    assert bl.compile(of_arrays, t=2.0, p=p).value(p, t=3.0) == pytest.approx(3 * math.log(2))
    for call, words in (
        (lambda: program.value(0.5, 1.0, z=1.0), "unexpected keyword argument 'z'"),
        (lambda: program.value(0.5), "takes 2 numbers"),
        (lambda: program.value(0.5, x=1.0), "multiple values for argument 'x'"),
        (lambda: program.value(0.5, 1.0, scale=1.0), "compiled without scale .*; give x, y, or compile"),
    ):
        with pytest.raises(bl.ArgumentError, match=words):
            call()


def test_structured_results_of_numbers():
    program = bl.compile(lambda x: [x, {"a": 2 * x, "b": (x * x,)}], 1.0)
    assert program.value(3) == [3.0, {"a": 6.0, "b": (9.0,)}]
    assert program.value(np.array([1.0, 2.0]))[1]["b"][0].tolist() == [1.0, 4.0]


@pytest.mark.parametrize("x", [0.7, -0.7])
def test_traced_arguments(x):
    program = bl.compile(wave, 2.0, 3.0)
    within = lambda x: program.value(x * x, x) + program.value_and_grad(x, 2.0)[1][0]  # noqa: E731
    known = lambda x: wave(x * x, x) + bl.grad(wave)(x, 2.0)[0]  # noqa: E731
    assert bl.grad(within)(x) == pytest.approx(bl.grad(known)(x))
    assert bl.jvp(within, (x,), (1.0,)) == pytest.approx(bl.jvp(known, (x,), (1.0,)))
    assert bl.hessian(within)(x) == pytest.approx(bl.hessian(known)(x))
    assert bl.trace(within, x).value == pytest.approx(known(x))
    both = bl.compile(within, x)
    for at in (x, -x):
        assert both.value_and_grad(at) == pytest.approx(bl.value_and_grad(known)(at))
    p = {"w": np.array([1.0, x]), "rest": (np.ones(2),)}
    arrays = bl.compile(of_arrays, p, 2.0)
    slopes = bl.grad(lambda p, t: arrays.value(p, t) ** 2)(p, x)
    expected = bl.grad(lambda p, t: of_arrays(p, t) ** 2)(p, x)
    assert slopes[1] == pytest.approx(expected[1])
    np.testing.assert_allclose(slopes[0]["rest"][0], expected[0]["rest"][0])
    points = np.array([x, 1.0])
    np.testing.assert_allclose(
        bl.grad(lambda v: np.sum(program.value(v, 2.0)))(points), [bl.grad(lambda x: wave(x, 2.0))(k) for k in points]
    )


@pytest.mark.parametrize("x", [0.7, -0.7])
def test_a_program_made_inside_a_derivative(x):
    """It closes over a traced value, of which its text has the number at that moment."""

    def f(x):
        numbers = bl.compile(lambda y: bl.sin(y) * x if y > x else y, 1.0)
        arrays = bl.compile(lambda y: np.sum(y * x) if np.sum(y) > x else x, np.ones(2))
        return (
            numbers.value(2 * x)
            + numbers.value_and_grad(x)[1] * x
            + arrays.value(np.ones(2) * x)
            + arrays.value(np.ones(2))
        )

    def known(x):
        g = lambda y: bl.sin(y) * x if y > x else y  # noqa: E731
        h = lambda y: np.sum(y * x) if np.sum(y) > x else x  # noqa: E731
        return g(2 * x) + bl.grad(g)(x) * x + h(np.ones(2) * x) + h(np.ones(2))

    assert bl.value_and_grad(f)(x) == pytest.approx(bl.value_and_grad(known)(x))


def test_infinite_slopes_in_programs_of_arrays():
    f = lambda x, a: np.sqrt(x) * np.sum(a) + np.sum(np.sqrt(a))  # noqa: E731
    for example in ((0.0, np.zeros(2)), (1.0, np.ones(2)), (0.0, np.ones(2))):
        program = bl.compile(f, *example)
        for at in (example, (0.0, np.array([0.0, 4.0])), (4.0, np.ones(2)), (1.0, np.zeros(2))):
            value, (slope, slopes) = program.value_and_grad(*at)
            known, (exact, others) = bl.value_and_grad(f)(*at)
            assert (value, slope) == pytest.approx((known, exact), nan_ok=True) and type(slope) is float
            np.testing.assert_allclose(slopes, others)
        assert "value_and_grad" in program.source  # compiled again where no slope was infinite


def test_points_that_do_not_fit():
    program = bl.compile(wave, 2.0, 3.0)
    for points, words in (
        ((np.ones(2), np.ones(3)), r"x \(2,\), y \(3,\) .line \d+ of .*; give arrays of one shape"),
        ((np.ones(2) * 1j, 1.0), "x holds complex numbers"),
        ((np.array(["a"]), 1.0), "x holds other things than numbers"),
    ):
        with pytest.raises(bl.ArgumentError, match=words):
            program.value(*points)
    value, (x, y) = program.value_and_grad(np.ones((0, 2)), 1.0)
    assert value.shape == x.shape == y.shape == (0, 2)


# --- pickles ----------------------------------------------------------------------------------------------------------


def again(program):
    return pickle.loads(pickle.dumps(program))


def test_a_function_of_a_module_goes_along():
    p = {"w": np.ones(2), "rest": (np.ones(2),)}
    q = {"w": -np.ones(2), "rest": (np.ones(2),)}
    for f, args, others in ((wave, (2.0, 3.0), (-2.0, 3.0)), (of_arrays, (p, 2.0), (q, 2.0))):
        program = bl.compile(f, *args)
        opened = again(again(program))
        assert opened.function is f and opened.source == program.source and opened.counts == program.counts
        for at in (args, others):
            assert opened.value(*at) == program.value(*at) == f(*at)
            assert repr(opened.value_and_grad(*at)) == repr(program.value_and_grad(*at))


def test_what_cannot_go_along_leaves_the_branches_that_are_known(monkeypatch):
    def inner(x, y):
        return bl.sqrt(x) * bl.log(y) if x >= 0 else x

    program = bl.compile(inner, 2.0, 3.0)
    opened = again(program)
    for x, y in ((2.0, 3.0), (0.0, 3.0), (4, 1)):
        assert opened.value_and_grad(x, y) == program.value_and_grad(x, y)
    assert opened.replay(2.0, 3.0) == program.replay(2.0, 3.0)
    assert bl.grad(opened.value)(2.0, 3.0) == bl.grad(inner)(2.0, 3.0)
    np.testing.assert_allclose(bl.hessian(opened.value)(2.0, 3.0), bl.hessian(inner)(2.0, 3.0))
    points = np.array([0.0, 1.0]), 3.0
    assert repr(opened.value_and_grad(*points)) == repr(program.value_and_grad(*points))
    with pytest.raises(bl.DomainError, match="log must be a positive number"):
        opened.value(2.0, -1.0)
    with pytest.raises(bl.ArgumentError, match="program of inner came out of a pickle .* compile the function here"):
        opened.value(-2.0, 3.0)
    program.value(-2.0, 3.0)
    assert again(program).value(-2.0, 3.0) == -2.0

    masked = again(bl.compile(lambda x: np.sum(x[x > 0] ** 2) + x[np.argsort(x)[-1]], np.array([1.0, -1.0, 3.0])))
    assert masked.value(np.array([2.0, -3.0, 4.0])) == 24.0
    np.testing.assert_array_equal(bl.grad(masked.value)(np.array([2.0, -3.0, 4.0])), [4.0, 0.0, 9.0])
    with pytest.raises(bl.ArgumentError, match="a branch that it has not seen"):
        masked.value(np.ones(3))

    kept = pickle.dumps(bl.compile(wave, 2.0, 3.0))
    monkeypatch.setitem(globals(), "wave", lambda x, y: x)  # another function has its name now
    wave_then = pickle.loads(kept)
    assert wave_then.value(2.0, 3.0) == pytest.approx(6 * math.sin(2.0))


def test_what_a_program_uses_may_be_in_the_way():
    rule = bl.custom(np.sort, vjp=lambda x: (np.sort(x), lambda bar: bar[np.argsort(np.argsort(x))]))
    with pytest.raises(bl.ArgumentError, match="cannot be pickled, .* vjp rule .* with def at the top of a module"):
        pickle.dumps(bl.compile(lambda x: np.sum(rule(x)), np.ones(2)))


def test_a_checkpoint_goes_along_as_its_operations():
    def f(x, y):
        return bl.checkpoint(lambda a: a * a if a > 0 else -a)(x) * y

    program = bl.compile(f, 2.0, 3.0)
    opened = again(again(program))
    for x in (2.0, 5.0):
        assert opened.value(x, 3.0) == program.value(x, 3.0) == f(x, 3.0)
        assert opened.value_and_grad(x, 3.0) == program.value_and_grad(x, 3.0)
    with pytest.raises(bl.ArgumentError, match="without its function"):
        opened.value(-2.0, 3.0)


def test_a_number_out_of_a_text_is_not_replayed():
    program = bl.compile(lambda x: float(f"{x:.3f}") * x, 2.0)
    assert program.replay(2.0)[0][-1] == 4.0 and program.value(3.0) == again(program).value(2.0) + 5.0 == 9.0
    for opened, words in (
        (program, "comes to 9, and the recorded operations to 6"),
        (again(program), "nobody can tell"),
    ):
        with pytest.raises(bl.ArgumentError, match=words):
            opened.replay(3.0)


# --- constants that look alike ----------------------------------------------------------------------------------------


def test_constants_that_print_alike_stay_apart():
    long = np.arange(3000)
    one, other = long.copy(), long.copy()
    one[1500], other[1500] = 0, 1
    x = np.arange(3000.0)
    f = lambda x: np.sum(x[one] * x[other] ** 2)  # noqa: E731
    program = bl.compile(f, x)
    assert program.value(x) == f(x)
    np.testing.assert_array_equal(program.value_and_grad(x)[1], bl.grad(f)(x))

    def box(k):
        def g(x):
            return k * x

        return bl.custom(g, vjp=lambda x: (k * x, lambda bar: (k * bar,)))

    two, three = box(2.0), box(3.0)
    both = bl.compile(lambda x: np.sum(two(x) + three(x)), np.ones(2))
    assert both.value(np.ones(2)) == 10.0 and both.value_and_grad(np.ones(2))[1].tolist() == [5.0, 5.0]

    signed = np.array([0.0, -0.0])
    angle = bl.compile(lambda x: np.sum(np.arctan2(signed, x)), -np.ones(2))
    assert angle.value(-np.ones(2)) == 0.0

    def mask(x):
        mask_1, places_1 = x * 2, x[[1, 0]]
        return np.sum(places_1 * mask_1) if np.all(x > 0) else np.sum(mask_1)

    named = bl.compile(mask, np.ones(2))
    for at in (np.array([1.0, 2.0]), -np.ones(2)):
        assert named.value(at) == mask(at)
