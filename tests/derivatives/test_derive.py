"""grad, value_and_grad, jvp and vjp: JAX's conventions, nesting, and a second library on random programs."""

import functools
import inspect
import math
import re
import textwrap
import threading
import traceback
import warnings

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import examples, programs

import backprop_lab as bl
from backprop_lab.derivatives import generated


def f(x, y):
    return 2 * x * y + (x - 1) ** 2


def g(x, y, z):
    return x * y**2 + z**3


# --- conventions ------------------------------------------------------------------------------------------------------


def test_argnums_as_in_jax():
    assert bl.grad(f)(3.0, 5.0) == (14.0, 6.0) and bl.value_and_grad(f)(3.0, 5.0) == (34.0, (14.0, 6.0))
    assert bl.grad(lambda x: x**3)(2.0) == 12.0  # one argument, one number
    assert bl.grad(g, 0)(2.0, 3.0, 4.0) == 9.0
    assert bl.grad(g, argnums=1)(2.0, 3.0, 4.0) == 12.0
    assert bl.grad(g, (0, 2))(2.0, 3.0, 4.0) == (9.0, 48.0)
    assert bl.grad(g, [2, 0])(2.0, 3.0, 4.0) == (48.0, 9.0)
    assert bl.grad(g, (1,))(2.0, 3.0, 4.0) == (12.0,)
    assert bl.grad(g, -1)(2.0, 3.0, 4.0) == 48.0
    assert bl.grad(g, np.int64(2))(2.0, 3.0, 4.0) == 48.0
    assert bl.value_and_grad(g, (0, 2))(2.0, 3.0, 4.0) == (82.0, (9.0, 48.0))


def test_other_arguments_are_left_alone():
    def power(x, n, *, scale=1.0, how=None):
        return scale * x**n

    assert bl.grad(power, 0)(2.0, 3, scale=10.0) == 120.0
    assert bl.grad(power, 0)(2.0, 3, how="any text") == 12.0
    assert bl.grad(lambda x, table: x * table["w"], 0)(2.0, {"w": 5.0}) == 5.0
    assert bl.grad(lambda x, n=3: x**n)(2.0) == 12.0
    assert bl.grad(lambda *xs: xs[0] * xs[1])(2.0, 3.0) == (3.0, 2.0)


def test_what_numbers_come_as():
    for x in (3, 3.0, np.float64(3), np.int32(3), np.array(3.0), True + 2):
        value, slope = bl.value_and_grad(lambda x: x * x)(x)
        assert (value, slope) == (9.0, 6.0) and type(value) is float and type(slope) is float
    assert bl.grad(lambda x: 7)(3.0) == 0.0 and bl.value_and_grad(lambda x: 7)(3.0) == (7.0, 0.0)
    assert bl.grad(lambda x: x)(3.0) == 1.0 and bl.grad(lambda x, y: x)(3.0, 5.0) == (1.0, 0.0)
    assert bl.grad(lambda x: np.float64(2) * x * np.float64(3))(1.0) == 6.0


def test_functions_of_all_kinds():
    class Model:
        def __init__(self, w):
            self.w = w

        def __call__(self, x):
            return self.w * x

        def loss(self, x):
            return self(x) ** 2

    assert bl.grad(Model(3.0))(2.0) == 3.0 and bl.grad(Model(3.0).loss)(2.0) == 36.0
    assert bl.grad(functools.partial(f, 3.0))(5.0) == 6.0 and bl.grad(functools.partial(f, y=5.0))(3.0) == 14.0
    assert bl.grad(bl.tanh)(0.0) == 1.0 and bl.grad(np.sin)(0.0) == 1.0
    assert bl.grad(f).__name__ == "grad_of_f" and "f" in bl.grad(f).__doc__
    assert bl.grad(bl.grad(bl.grad(np.sin)))(0.0) == -1.0


def test_jvp():
    assert bl.jvp(f, (3.0, 5.0), (1.0, 0.0)) == (34.0, 14.0)
    assert bl.jvp(f, (3, 5), (0, 1)) == (34.0, 6.0)
    assert bl.jvp(lambda x: (x, x * x, 7.0), (3.0,), (1.0,)) == ((3.0, 9.0, 7.0), (1.0, 6.0, 0.0))
    assert bl.jvp(lambda x: [x * x], [3.0], [2.0]) == ([9.0], [12.0])
    assert bl.jvp(lambda x: 7, (3.0,), (1.0,)) == (7.0, 0.0)
    assert bl.jvp(lambda x, y: x * 2, (3.0, 5.0), (0.0, 1.0)) == (6.0, 0.0)


def test_vjp():
    value, pullback = bl.vjp(lambda x, y: (x * y, x + y, 3.0, x), 3.0, 5.0)
    assert value == (15.0, 8.0, 3.0, 3.0)
    assert pullback((1.0, 0.0, 0.0, 0.0)) == (5.0, 3.0)
    assert pullback([0.0, 1.0, 9.0, 2.0]) == (3.0, 1.0)
    assert pullback((1.0, 0.0, 0.0, 0.0)) == (5.0, 3.0)  # may be called again
    value, pullback = bl.vjp(lambda x: x * x, 3.0)
    assert value == 9.0 and pullback(1.0) == (6.0,) and pullback(2) == (12.0,) and pullback(1.0) == (6.0,)
    value, pullback = bl.vjp(lambda x: [x, x], 3.0)
    assert value == [3.0, 3.0] and pullback((1.0, 1.0)) == (2.0,)


# --- nesting ----------------------------------------------------------------------------------------------------------


def test_perturbation_confusion():
    """The inner derivative is 1 whatever x is; to mix up the two perturbations would give 2."""
    assert bl.grad(lambda x: x * bl.grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert bl.jvp(lambda x: x * bl.jvp(lambda y: x + y, (1.0,), (1.0,))[1], (1.0,), (1.0,)) == (1.0, 1.0)
    assert bl.grad(lambda x: x * bl.jvp(lambda y: x * y, (2.0,), (1.0,))[1])(3.0) == 6.0
    assert bl.jvp(lambda x: x * bl.grad(lambda y: x * y)(2.0), (3.0,), (1.0,)) == (9.0, 6.0)


def test_higher_orders():
    d = bl.grad
    assert [d(lambda x: x**4)(2.0), d(d(lambda x: x**4))(2.0), d(d(d(lambda x: x**4)))(2.0)] == [32.0, 48.0, 48.0]
    assert d(d(d(d(np.sin))))(0.5) == pytest.approx(math.sin(0.5))
    assert d(d(lambda x: x * x))(0.0) == 2.0  # a traced zero is not "nothing has arrived"
    assert d(d(lambda x: x * x * x))(0.0) == 0.0 and d(d(d(lambda x: x * x * x)))(0.0) == 6.0
    assert d(lambda x: d(lambda y: x * y * y)(3.0))(2.0) == 6.0
    assert d(d(bl.relu))(1.0) == 0.0 and d(d(abs))(-1.0) == 0.0
    assert d(d(lambda x, y: x**2 * y**3, 0), 1)(2.0, 3.0) == 2 * 2 * 3 * 9
    push = lambda h: lambda x: bl.jvp(h, (x,), (1.0,))[1]  # noqa: E731
    assert push(push(push(lambda x: x**4)))(2.0) == 48.0
    assert push(d(lambda x: x**4))(2.0) == d(push(lambda x: x**4))(2.0) == 48.0
    pull = lambda h: lambda x: bl.vjp(h, x)[1](1.0)[0]  # noqa: E731
    assert pull(pull(lambda x: x**4))(2.0) == 48.0


def test_derivatives_inside_a_traced_function():
    def slope_times(x):
        slope = bl.grad(lambda t: t**3)(x)
        return slope * x

    graph = bl.trace(slope_times, 2.0)
    assert graph.value == 24.0 and bl.adjoint_sweep(graph).result["x"] == 36.0 == bl.grad(slope_times)(2.0)
    assert graph["slope_2"].value == 12.0 and graph["slope_2"].formula == "3 · slope"  # 3 t², in two operations


def test_the_adjoint_itself_may_be_traced():
    assert bl.grad(lambda bar: bl.vjp(lambda x: x * x, 3.0)[1](bar)[0])(1.0) == 6.0
    assert bl.grad(lambda t: bl.jvp(lambda x: x * x, (3.0,), (t,))[1])(1.0) == 6.0


# --- numbers at the edge ----------------------------------------------------------------------------------------------


def test_infinite_slopes_are_reported():
    assert bl.grad(np.sqrt)(0.0) == math.inf and bl.jvp(np.sqrt, (0.0,), (1.0,)) == (0.0, math.inf)
    assert bl.grad(lambda x: np.arcsin(x) * 2 + x)(1.0) == math.inf
    assert bl.grad(lambda x, y: np.sqrt(x) + y * y)(0.0, 3.0) == (math.inf, 6.0)
    assert bl.jvp(lambda x, y: np.sqrt(x) + y * y, (0.0, 3.0), (1.0, 1.0)) == (3 * 3, math.inf)
    assert bl.grad(lambda x: x**3)(1e200) == math.inf and bl.grad(lambda x: (x * 1e-200) ** 3)(1e200) == pytest.approx(
        3e-200
    )
    assert bl.value_and_grad(np.exp)(1000.0) == (math.inf, math.inf)
    assert math.isnan(bl.grad(lambda x: np.exp(x) / np.exp(x))(1000.0))
    assert math.isnan(bl.value_and_grad(lambda x: x * math.nan)(1.0)[0])


def test_constants_do_not_disturb():
    """A constant's own slope may be infinite; nobody moves it."""
    assert bl.grad(lambda x: x / 1e-320)(0.0) == math.inf
    assert bl.grad(lambda x: 2.0**x)(3.0) == pytest.approx(8 * math.log(2))


def test_second_derivative_where_the_slope_is_infinite_says_so():
    with pytest.raises(bl.DomainError, match="divisor must be a number other than 0"):
        bl.grad(bl.grad(lambda x: np.sqrt(x)))(0.0)


# --- what the student's function does is its own business -------------------------------------------------------------


class Mine(Exception):
    pass


@pytest.mark.parametrize(
    "error",
    [
        TypeError("mine"),
        ZeroDivisionError("mine"),
        ValueError("mine"),
        Mine("mine"),
        KeyboardInterrupt("mine"),
        StopIteration("mine"),
        RecursionError("mine"),
    ],
    ids=repr,
)
def test_exceptions_inside_pass_through_unchanged(error):
    def raises(x):
        x * x
        raise error

    for run in (
        bl.grad(raises),
        bl.value_and_grad(raises),
        functools.partial(bl.trace, raises),
        functools.partial(bl.vjp, raises),
        lambda x: bl.jvp(raises, (x,), (1.0,)),
        bl.grad(bl.grad(raises)),
    ):
        with pytest.raises(type(error)) as caught:
            run(2.0)
        assert caught.value is error


def test_pythons_own_errors_inside_pass_through():
    with pytest.raises(TypeError, match="unsupported operand"):
        bl.grad(lambda x: x * (1 + None))(2.0)
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        bl.grad(lambda x: x * (1 / 0))(2.0)
    with pytest.raises(NameError):
        bl.grad(lambda x: x * unknown_name)(2.0)  # noqa: F821


def test_threads_do_not_mix_tapes():
    wrong, barrier = [], threading.Barrier(4)

    def work(k):
        barrier.wait()
        for n in range(200):
            x = k + n / 100
            if bl.grad(lambda t, x=x: t * bl.grad(lambda s: s * s * t)(x), 0)(x) != pytest.approx(4 * x * x):
                wrong.append(x)
            if bl.trace(f, x, k).value != f(x, k):
                wrong.append(x)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_functions_that_remember():
    """State kept between calls is the student's; only traced values cannot be kept."""
    calls = []

    def counted(x):
        calls.append(1)
        return x * len(calls)

    assert [bl.grad(counted)(1.0) for _ in range(3)] == [1.0, 2.0, 3.0]


def test_a_long_chain_needs_no_recursion():
    def chain(x):
        for _ in range(50_000):
            x = x * 1.00001 - 0.00001
        return x

    value, slope = bl.value_and_grad(chain)(1.0)
    assert slope == pytest.approx(1.00001**50_000) and bl.jvp(chain, (1.0,), (1.0,)) == (value, pytest.approx(slope))


# --- random programs, and another library as the oracle ---------------------------------------------------------------


def close(a, b):
    return abs(a - b) <= 1e-8 * max(1.0, abs(a), abs(b))


@examples(40)
@given(programs())
def test_random_programs_agree_with_autograd(program):
    n = len(program.inputs)
    value, gradient = bl.value_and_grad(program.run)(*program.inputs)
    theirs = functools.partial(program.run, functions=anp)
    expected = autograd.grad(lambda xs: theirs(*xs))(list(program.inputs))
    assert close(value, program.run(*program.inputs, functions=np))
    for ours, other in zip(gradient if n > 1 else (gradient,), expected, strict=True):
        assert close(ours, float(other))


@examples(30)
@given(programs(), st.data())
def test_random_programs_forward_and_reverse_agree(program, data):
    rates = data.draw(st.lists(st.floats(-2, 2), min_size=len(program.inputs), max_size=len(program.inputs)))
    value, pushed = bl.jvp(program.run, program.inputs, rates)
    same, pullback = bl.vjp(program.run, *program.inputs)
    pulled = pullback(1.0)
    scale = 1 + sum(abs(r * p) for r, p in zip(rates, pulled, strict=True))
    assert value == same and abs(pushed - sum(r * p for r, p in zip(rates, pulled, strict=True))) <= 1e-10 * scale


@examples(20)
@given(programs(6))
def test_second_derivatives_of_random_programs_agree_with_autograd(program):
    theirs = functools.partial(program.run, functions=anp)
    ours = bl.grad(bl.grad(program.run, 0), 0)(*program.inputs)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Output seems independent of input")  # a slope that is constant
        expected = autograd.grad(autograd.grad(theirs, 0), 0)(*program.inputs)
    assert abs(ours - expected) <= 1e-7 * max(1.0, abs(expected))
    forward = bl.jvp(bl.grad(program.run, 0), program.inputs, [1.0] + [0.0] * (len(program.inputs) - 1))[1]
    assert abs(ours - forward) <= 1e-8 * max(1.0, abs(ours))


def test_second_derivative_where_an_exponent_passes_zero():
    """By hand: f is exp(t L) with t = tanh(x) and L = log(exp(2 sin x) + 1/2), and at 0 f'' is 2 t' L' + (t' L)**2."""
    slope = bl.grad(bl.grad(lambda x: (bl.exp(bl.sin(x)) ** 2 + 0.5) ** bl.tanh(x)))
    assert slope(0.0) == pytest.approx(2 * 2 / 1.5 + math.log(1.5) ** 2, rel=1e-14)


def test_the_generated_passes_can_be_looked_at():
    """Each operation has two functions of its own, with source and lines in tracebacks; some stand in the loop, too."""
    reverse, forward, pulls, pushes = generated.rules(nested=False)
    assert [op.symbol for op in generated.OFTEN] == ["×", "+", "−"]
    for op in generated.OFTEN:
        body = inspect.getsource(pulls[op.code]).split("\n", 1)[1]
        assert textwrap.dedent(body) in re.sub("^ +", "", inspect.getsource(reverse), flags=re.MULTILINE)
    assert "else: append(b * dots[i] + a * dots[j])" in inspect.getsource(forward)
    mul = bl.primitives["mul"].code
    assert inspect.getsource(pulls[mul]) == (
        "def pull_mul(bars, bar, i, j, a, b, y):\n    if i: bars[i] += bar * b\n    if j: bars[j] += bar * a\n"
    )
    assert "return a * dots[j]" in inspect.getsource(pushes[mul])
    with pytest.raises(TypeError) as caught:
        pulls[mul]([0.0, 0.0], "text", 1, 0, 2.0, 3.0, 6.0)
    assert "if i: bars[i] += bar * b" in "".join(traceback.format_exception(caught.value))
    for op in bl.primitives.values():
        if op.elementwise:
            assert inspect.getsource(pulls[op.code]).startswith(f"def pull_{op.name}(")


def test_what_nothing_moves_has_a_tangent_of_its_shape():
    """Zeros of an array's shape, after one operation or several; a number that marks “nothing” has no shape."""

    def f(x, W):
        return x * x, W * 2.0, np.sin(W @ W).T + 1.0

    W = np.array([[1.0, 2.0], [3.0, 4.0]])
    _, (moved, *still) = bl.jvp(f, (3.0, W), (1.0, np.zeros((2, 2))))
    assert moved == 6.0
    for tangent in still:
        assert tangent.shape == (2, 2) and not tangent.any()
