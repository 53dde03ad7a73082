"""Jacobians and Hessians against differences and closed forms, in both modes; products without the matrix."""

import math
import random

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.derivatives.passes import hessian_times_arrays
from backprop_lab.derivatives.second import hessian_times


def polar(r, angle):
    return r * bl.cos(angle), r * bl.sin(angle)


def rosenbrock(*x):
    return sum(100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2 for a, b in zip(x, x[1:], strict=False))


def rosenbrock_hessian(x):
    """Second derivatives by hand, term by term."""
    n = len(x)
    h = np.zeros((n, n))
    for k in range(n - 1):
        h[k, k] += 1200 * x[k] ** 2 - 400 * x[k + 1] + 2
        h[k + 1, k + 1] += 200
        h[k, k + 1] = h[k + 1, k] = -400 * x[k]
    return h


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_polar_coordinates(mode):
    r, angle = 2.0, 0.7
    expected = ((math.cos(angle), -r * math.sin(angle)), (math.sin(angle), r * math.cos(angle)))
    np.testing.assert_allclose(bl.jacobian(polar, mode)(r, angle), expected, rtol=1e-14)


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_structure_follows_the_function(mode):
    assert bl.jacobian(lambda x: x * x, mode)(3.0) == 6.0
    assert bl.jacobian(lambda x, y: x * y, mode)(3.0, 4.0) == (4.0, 3.0)
    assert bl.jacobian(lambda x: (x * x, 2 * x), mode)(3.0) == (6.0, 2.0)
    assert bl.jacobian(lambda x, y: (x * y,), mode)(3.0, 4.0) == ((4.0, 3.0),)


def test_rosenbrock_hessian():
    x = (0.3, 1.2, -0.4, 0.8)
    np.testing.assert_allclose(bl.hessian(rosenbrock)(*x), rosenbrock_hessian(x), rtol=1e-12)


def test_hessian_of_one_argument_is_the_second_derivative():
    assert bl.hessian(bl.sin)(0.7) == pytest.approx(-math.sin(0.7))
    assert bl.hessian(bl.grad(bl.sin))(0.7) == pytest.approx(-math.cos(0.7))  # third derivative


def test_hvp_is_the_hessian_times_the_vector():
    rng = np.random.default_rng(2)
    x, v = rng.normal(size=(2, 30))
    np.testing.assert_allclose(bl.hvp(rosenbrock, tuple(x), tuple(v)), rosenbrock_hessian(x) @ v, rtol=1e-10)


ELEMENTWISE = [op for op in bl.primitives.values() if op.elementwise]


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_hvp_of_floats_is_what_the_recorded_gradient_gives(op):
    """Two ways: pairs that go back over one tape, and a forward pass over the recorded gradient."""
    draw = random.Random(op.name)
    settings = [3] * len(op.params)
    for _ in range(5):
        at = tuple(draw.uniform(*domain.sample) for domain in op.domain)
        w = tuple(draw.uniform(-1, 1) for _ in at)
        for f in (
            lambda *x: bl.tanh(op(*x, *settings) * x[0]) + x[-1] * x[-1],
            lambda *x: bl.exp(op(*x, *settings)) / (2.0 + bl.sin(x[0])),
            lambda *x, rest=at[1:]: op(x[0], *rest, *settings) * 1.5 - x[-1],  # numbers among the operands
        ):
            general = bl.jvp(bl.grad(f), at, w)[1]
            assert hessian_times(f, at, w) == pytest.approx(np.atleast_1d(general).tolist(), rel=1e-11, abs=1e-13)
            assert bl.hvp(f, at, w) == pytest.approx(general, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize(
    ("f", "at"),
    [
        (lambda x: bl.abs(x) ** 2, (0.0,)),  # the tip of a cone: its square has a second derivative
        (lambda x, y: bl.hypot(x, y) ** 2, (0.0, 0.0)),
        (bl.relu, (0.0,)),
        (lambda x: x**1 * 2.0, (0.0,)),
        (lambda x: 5.0, (1.0,)),
        (lambda x: np.sum(np.array([x, x * x])), (2.0,)),
    ],
)
def test_hvp_leaves_what_is_odd_to_the_recorded_gradient(f, at):
    v = (1.0,) * len(at)
    assert hessian_times(f, at, v) is None
    np.testing.assert_equal(bl.hvp(f, at, v), bl.jvp(bl.grad(f), at, v)[1])


def of_everything(A, x, c):
    h = np.tanh(A @ x) * c
    s = np.stack([h[0], h @ h, np.prod(h), np.sum(np.where(A > 0, A, A * A))])
    p = np.exp(s[1:] - np.max(s)) ** c
    return np.sum(np.cumsum(p) / (1.0 + np.maximum(s[:-1], 0.1) ** 2)) + np.linalg.det(A.T @ A + np.eye(3))


def test_hvp_of_arrays_is_what_the_recorded_gradient_gives():
    draw = np.random.default_rng(5)
    at, v = ((draw.normal(size=(2, 3)), draw.normal(size=3), float(draw.uniform(1, 2))) for _ in range(2))
    product, general = hessian_times_arrays(of_everything, at, v), bl.jvp(bl.grad(of_everything), at, v)[1]
    for mine, other, x in zip(product, general, at, strict=True):
        assert np.shape(mine) == np.shape(x)
        np.testing.assert_allclose(mine, other, rtol=1e-10, atol=1e-12)
    still = bl.hvp(of_everything, at, (v[0] * 0, v[1] * 0, 0.0))
    assert not any(np.any(x) for x in still) and still[1].shape == (3,)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: np.linalg.norm(x) ** 2, np.zeros(2)),
        (lambda x: np.sum(np.sqrt(np.abs(x))), np.array([0.0, 1.0])),
        (lambda x: np.abs(np.sum(x * (1 + 2j))), np.ones(2)),
        (lambda x: bl.checkpoint(lambda x: np.sum(x**3))(x), np.ones(2)),
        (lambda x: 1.0, np.ones(2)),
    ],
)
def test_hvp_of_arrays_leaves_what_is_odd_to_the_recorded_gradient(f, x):
    assert hessian_times_arrays(f, (x,), (x + 1.0,)) is None
    np.testing.assert_equal(bl.hvp(f, (x,), (x + 1.0,)), bl.jvp(bl.grad(f), (x,), (x + 1.0,))[1])


def test_hvp_runs_the_function_once():
    calls = []
    assert bl.hvp(lambda x, y: calls.append(1) or x * x * y, (2.0, 3.0), (1.0, 0.0)) == (6.0, 4.0)
    assert len(calls) == 1
    x = np.array([2.0, 3.0])
    assert bl.hvp(lambda x: calls.append(1) or np.sum(x**3), (x,), (x,)).tolist() == [24.0, 54.0] and len(calls) == 2


def test_hvp_records_a_fixed_multiple_of_the_function(monkeypatch):
    """Counted, not timed: records on all tapes, for each argument."""
    from backprop_lab.recording.tape import Tape

    def records(n):
        count = 0
        usual = Tape.close

        def close(tape):
            nonlocal count
            count += len(tape)
            usual(tape)

        with monkeypatch.context() as patch:
            patch.setattr(Tape, "close", close)
            bl.hvp(rosenbrock, (0.5,) * n, (1.0,) * n)
        return count / n

    assert records(400) == pytest.approx(records(40), rel=0.1)


def test_modes_agree_on_a_program_with_branches():
    def f(x, y):
        s = x
        while s < 10:
            s = s * y + 1
        return s, bl.tanh(x / y)

    np.testing.assert_allclose(bl.jacobian(f)(1.0, 1.5), bl.jacobian(f, "forward")(1.0, 1.5), rtol=1e-13)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: bl.jacobian(polar, mode="sideways"), 'write mode="reverse"'),
        (lambda: bl.jacobian(polar)(), "no arguments for polar .*; write jacobian"),
        (lambda: bl.hvp(rosenbrock, (1.0, 2.0), (1.0,)), "a vector with a number for each"),
        (lambda: bl.hessian(polar)(1.0, 2.0), "returns 2 values"),
    ],
)
def test_bad_calls_get_a_sentence(call, words):
    with pytest.raises(bl.ArgumentError, match=words):
        call()


def test_an_outer_variable_anywhere_among_the_operands_of_an_inner_derivative():
    """The tape of the innermost derivative is that of any operand, not only of the first or the last."""
    inner = bl.custom(
        lambda a, b, c: a * b * c, vjp=lambda a, b, c: (a * b * c, lambda g: (g * b * c, g * a * c, g * a * b))
    )
    for f in (
        lambda x, y: np.sum(np.stack([x, x * y, x])),
        lambda x, y: np.sum(np.concatenate([np.stack([x, x]), np.stack([x * y, x]), np.stack([x, x])])),
        lambda x, y: inner(x, y, x) / x,
        lambda x, y: bl.checkpoint(lambda a, b, c: a * b + c)(x, y, x),
    ):
        for operator in (bl.grad, lambda g: lambda y: bl.jvp(g, (y,), (1.0,))[1], bl.jacobian):
            assert bl.value_and_grad(lambda x, f=f, o=operator: o(lambda y: f(x, y))(1.0))(3.0) == (3.0, 1.0)
    assert bl.grad(lambda n: bl.power(2.0, n))(3.0) == pytest.approx(8 * np.log(2))


def test_a_hessian_records_the_function_once_however_many_inputs_there_are():
    calls = []

    def f(x, k):
        calls.append(len(x))
        return np.sum(np.cosh(x)) * k + np.sum((x[1:] - x[:-1]) ** 2)

    x, k = np.linspace(-1, 1, 30), 1.5
    (xx, xk), (kx, kk) = bl.hessian(f)(x, k)
    assert calls == [30]
    assert np.allclose(xx @ x + xk * k, bl.hvp(f, (x, k), (x, k))[0])
    assert np.allclose(xk, kx) and np.allclose(kx, np.sinh(x)) and kk == 0.0
