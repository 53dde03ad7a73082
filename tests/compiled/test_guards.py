"""Compiled programs of functions that branch: on whatever a comparison compares, they answer as the engine does."""

import math
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import backprop_lab as bl

pytestmark = pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")
ONES = np.ones(2)


def answer(call, *args):
    """A result with its types, or the kind of error."""
    found = tried(call, *args)
    return found if isinstance(found, type) else typed(found)


def tried(call, *args):
    try:
        return call(*args)
    except Exception as error:  # a LabError; or what Python says to the same comparison, of nan and a Decimal
        return type(error)


def typed(x):
    if isinstance(x, dict):
        return {key: typed(part) for key, part in x.items()}
    if isinstance(x, list | tuple):
        return type(x)(map(typed, x))
    if isinstance(x, np.ndarray):
        return "array", x.dtype.str, x.shape, [typed(part) for part in x.flat]
    return type(x).__name__, repr(x) if x != x else pytest.approx(x, rel=1e-12, abs=1e-300)


def as_the_engine(f, program, args):
    assert answer(program.value_and_grad, *args) == answer(bl.value_and_grad(f), *args)
    assert answer(program.value, *args) == answer(plain_value, f, *args)


def plain_value(f, *args):
    return bl.vjp(f, *args)[0]


def assigned(x):
    t = 1 * x
    return x * x if t > 0 else -x


def root(y):
    return bl.sqrt(y) + 2 * y


THRESHOLD = np.array([0.5, -1.0])
GUARDS = {
    "a product with 1": assigned,
    "a first power": lambda x: x * x if x**1 > 0 else -x,
    "a weight of 1": lambda x, w=1: x * x if w * x > 0 else -x,
    "a plus sign": lambda x: x * x if +x > 0 else -x,
    "a product with 1.0": lambda x: x * x if x * 1.0 > 0 else -x,
    "a power of 0": lambda x: x * x if x**0 > 0.5 else -x,
    "the input": lambda x: x * x if x > 0 else -x,
    "the input itself": lambda x: x * x if x == x else -x,
    "the truth of a value": lambda x: x * x if x - 2 else 3 * x,
    "two values": lambda x: x * x if 2 * x > x + 1 else -x,
    "a chain of comparisons": lambda x: x * x if -1 < x <= 2 else -x,
    "Python's max and min": lambda x: max(x, 2.0) * min(x, -1.0) + max(0, x),
    "sorted": lambda x: sorted([x, -x, x * x])[1] * 2,
    "is it in a list": lambda x: x * x if x in [1.0, 2.0] else -x,
    "a dead value": lambda x: -x if x * x > 4.0 else x,
    "inside an inner derivative": lambda x: bl.grad(lambda y: y * y if y > x else y * x)(2 * x),
    "an inner derivative": lambda x: x if bl.grad(lambda y: y**3)(x) > 3.0 else -x,
    "inside a pushforward": lambda x: bl.jvp(lambda y: y * y if x < y * y else y * x, (3 * x,), (x,))[1],
    "two levels in": lambda x: bl.grad(lambda y: bl.grad(lambda z: z * z * y if z > y * x else z * x)(x + y))(x),
    "inside a hessian": lambda x: bl.hessian(lambda y: y**3 if y > x - 1 else y * y)(x),
    "the outer value inside": lambda x: bl.grad(lambda y: y * y if x > 0 else y)(3.0) * x,
    "a loop": lambda x: next(s for s in (x * 1.5**k for k in range(60)) if s > 10.0 or s <= 0.0 or s != s),
    "a slope that is infinite": lambda x: bl.sqrt(x) if x >= 0 else bl.sqrt(-x),
    "a variable exponent": lambda x: x**x if x < 5 else x,
    "an infinite constant": lambda x: x * math.inf if x > 2 else x * 0,
    "an infinite exponent": lambda x: x**math.inf + x**-math.inf if x > 0 else x**math.nan,
    "whole slopes": lambda x: 3 * x if x > 0 else -2 * (-x),
    "the student's own error": lambda x: bl.log(x) if x > -1 else bl.sqrt(x),
    "names of ours": lambda inf, nan=2.0: inf * nan if inf > Fraction(1, 3) else inf + math.nan,
    "NumPy": lambda x: np.maximum(x, 1.0) if np.sin(x) > 0.3 else np.exp(x),
    "another structure": lambda x: x * 2 if x > 0 else x,
    "arrays on one way": lambda x: x * 2 if x > 0 else np.sum(x * ONES),
}
CONSTANTS = [
    math.inf,
    -math.inf,
    math.nan,
    0,
    -0.0,
    1,
    True,
    False,
    2**70,
    -(10**400),
    1e-310,
    1.5,
    np.float64(1.5),
    np.int64(1),
    np.float32(1.1),
    np.uint8(1),
    np.bool_(True),
    Fraction(3, 2),
    Decimal("1.5"),
    np.array(1.5),
    THRESHOLD[0],
    THRESHOLD.sum(),
    np.longdouble(1.5),
]
ODD = (1e200, math.inf, -math.inf, math.nan, np.float64(1.5), True)
POINTS = (1.0, 2.0, 3.0, 2, 0.0, -0.0, -1.0, -3.0, 0.4, 20.0, *ODD)


def compiled(f, *example):
    """The program at an example; None where there is none, which the engine must refuse in the same way."""
    program = tried(bl.compile, f, *example)
    if not isinstance(program, type):
        return program
    assert program == tried(bl.value_and_grad(f), *example)
    return None


@pytest.mark.parametrize("example", [2.0, -1.5])
@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_on_anything(name, example):
    f = GUARDS[name]
    program = compiled(f, example)
    if program is None:
        return
    for x in POINTS:
        as_the_engine(f, program, (x,))
    if program.of_numbers:
        points = np.array([1.0, -1.0, 3.0, 0.4])
        each = [answer(bl.value_and_grad(f), float(x)) for x in points]
        found = tried(bl.compile(f, example).value_and_grad, points)
        trouble = [x for x in each if isinstance(x, type)]
        if trouble:
            assert found == trouble[0]
        else:
            assert [typed((float(y), float(g))) for y, g in zip(*found, strict=True)] == each


@pytest.mark.parametrize("name", GUARDS)
def test_the_graph_knows_its_branch(name):
    """A replay has the numbers of a new trace, or says that the function goes another way."""
    f = GUARDS[name]
    graph = bl.trace(f, 2.0)
    for x in (1.0, 3.0, -3.0, 0.4, 20.0):
        again = answer(lambda at: graph.replay(at).value, x)
        assert again in (bl.ArgumentError, answer(plain_value, f, x))
    assert typed(graph.replay(2.0).value) == answer(plain_value, f, 2.0)


@pytest.mark.parametrize("c", CONSTANTS, ids=repr)
def test_constants_of_any_kind(c):
    def f(x):
        if x == c:
            return 5 * x
        return x * x if x > c else -x

    def computes(x):
        y = x * c + 1
        return y * y if y > c else -y

    def of_arrays(x, a):
        return np.sum(a) * x if np.sum(a) * x > c else np.sum(a * a) + x

    for example in (2.0, -1.0):
        for g, rest in ((f, ()), (computes, ()), (of_arrays, (ONES,))):
            program = compiled(g, example, *rest)
            if program is None:
                continue
            for x in (3.0, 1.0, -1.0, 0.5, 1.5, math.inf, math.nan):
                as_the_engine(g, program, (x, *rest))
            opened = pickle.loads(pickle.dumps(program))
            assert typed(opened.value_and_grad(example, *rest)) == typed(program.value_and_grad(example, *rest))


def rounds_in_text(x):
    return float(f"{x:.1f}") * x


def rounds_above(x):
    return float(f"{x:.1f}") * x if x > 1 else x * x


def looks_up(x):
    return {2.0: 3.0}.get(x, 5.0) * x


def rounds_an_array(x):
    return float(str(np.sum(x)).split()[-1]) * np.sum(x)


@pytest.mark.parametrize("f", [rounds_in_text, rounds_above, looks_up, rounds_an_array])
def test_what_a_text_or_a_key_decides_is_asked_of_the_engine(f):
    """There is no guard on a text made of a traced number: a program cannot know it at others."""
    points = (0.5, 2.0, 3.0, 0.7) if f is not rounds_an_array else (np.array([0.5, 1.0]), np.array([1.0, 1.5]))
    for example in points:
        program = compiled(f, example)
        if program is None:
            continue
        for x in points:
            as_the_engine(f, program, (x,))
