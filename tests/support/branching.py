"""Random functions that branch, with constants of all kinds and inner derivatives: what a compiled program must follow.

A function is a list of lines; each line computes one more value from those before it. The same lines run on plain
numbers, on traced values and inside outer derivatives. `functions()` are of numbers, `array_functions()` of arrays.
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

import backprop_lab as bl

CONSTANTS = (
    0,
    1,
    2,
    -1,
    3,
    0.0,
    -0.0,
    1.0,
    0.5,
    -1.5,
    True,
    False,
    2**60,
    1e-300,
    1e200,
    math.inf,
    -math.inf,
    math.nan,
    np.float64(0.5),
    np.float32(1.1),
    np.int64(2),
    np.bool_(True),
    np.array(0.5),
    Fraction(1, 3),
)
EXPONENTS = (0, 1, 2, 3, -1, 0.5, -2, 1.0, 2.0, 1.5, np.int64(2), np.float64(0.5), math.inf)
SIGNS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
ODD = (0.0, -0.0, 1.0, -1.0, 2, 0.5, 3.0, -3.0, 1e200, math.inf, -math.inf, math.nan, True, np.float64(0.25))

# One value from another: some change nothing, and get no statement of their own in a program.
ONE = {
    "the same": lambda a: a,
    "plus": lambda a: +a,
    "minus": lambda a: -a,
    "one times": lambda a: 1 * a,
    "times one": lambda a: a * 1.0,
    "first power": lambda a: a**1,
    "over one": lambda a: a / 1,
    "plus nothing": lambda a: a + 0,
    "square": lambda a: a**2,
    "product with itself": lambda a: a * a,
    "sin": bl.sin,
    "tanh": bl.tanh,
    "exp": lambda a: bl.exp(-a * a),
    "steep": lambda a: bl.exp(a),
    "root": bl.sqrt,
    "log": bl.log,
    "abs": abs,
    "relu": bl.relu,
    "sign": bl.sign,
    "sigmoid": bl.sigmoid,
    "reciprocal": lambda a: 1 / a,
}
TWO = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
    "maximum": bl.maximum,
    "minimum": bl.minimum,
    "Python's max": max,
    "Python's min": min,
    "middle": lambda a, b: sorted([a, b, a * b])[1],
    "loop": lambda a, b: _doubled(a, b),
}


def _doubled(a: Any, b: Any) -> Any:
    for _ in range(5):
        if not a < b:
            break
        a = a * 2 + 1
    return a


class Line(NamedTuple):
    """One line: what is done, to the values at two places, with a constant, and a comparison if it branches."""

    what: str
    i: int
    j: int
    constant: Any
    sign: Any
    inner: str


def _decide(line: Line, a: Any, b: Any) -> bool:
    """A comparison of two values, of a value with a constant, a chain of them, or the truth of a value."""
    match line.what:
        case "if two":
            return bool(line.sign(a, b))
        case "if constant":
            return bool(line.sign(a, line.constant))
        case "if chain":
            return bool(line.constant < a <= b)
        case _:
            return bool(a)


def _inner(line: Line, a: Any, b: Any) -> Any:
    """An inner derivative at `a` of a function that closes over `b`, and branches on its own variable."""

    def g(y: Any) -> Any:
        if line.sign(y, b):
            return y * y * b
        return y * line.constant if line.sign(y * b, line.constant) else bl.sin(y) * b + y

    match line.inner:
        case "grad":
            return bl.grad(g)(a)
        case "jvp":
            return bl.jvp(g, (a,), (b,))[1]
        case "vjp":
            return bl.vjp(g, a)[1](b)[0]
        case "hessian":
            return bl.hessian(g)(a)
        case "hvp":
            return bl.hvp(g, (a,), (b,))
        case _:
            return bl.value_and_grad(lambda y: bl.grad(lambda z: g(z) * y if line.sign(z, y) else z * y)(y + b))(a)[1]


class Function(NamedTuple):
    """The lines of a function, and where it is compiled and called."""

    lines: tuple[Line, ...]
    example: tuple[Any, ...]
    points: tuple[tuple[Any, ...], ...]

    def __call__(self, *xs: Any) -> Any:
        values = list(xs)
        for line in self.lines:
            a, b = values[line.i % len(values)], values[-1 - line.j % len(values)]
            if line.what in ONE:
                made = ONE[line.what](a)
            elif line.what in TWO:
                made = TWO[line.what](a, b)
            elif line.what == "power of a setting":
                made = a**line.constant
            elif line.what == "left":
                made = TWO[line.inner](line.constant, a)
            elif line.what == "right":
                made = TWO[line.inner](a, line.constant)
            elif line.what == "inner":
                made = _inner(line, a, b)
            elif _decide(line, a, b):
                made = a * b
            else:
                made = a if line.j % 2 else 3
            values.append(made)
        return values[-1]

    def __repr__(self) -> str:
        text = [f"{x.what}({x.i}, {x.j}) {x.constant!r} {x.sign.__name__} {x.inner}" for x in self.lines]
        return "\n".join(["Function", *text, f"at {self.example}, then {self.points}"])


@st.composite
def functions(draw: st.DrawFn, most_lines: int = 8) -> Function:
    number = st.one_of(st.floats(-3, 3).map(lambda x: round(x, 2)), st.sampled_from(ODD))
    count = draw(st.integers(1, 3))
    point = st.tuples(*[number] * count)
    lines = []
    for _ in range(draw(st.integers(1, most_lines))):
        what = draw(
            st.sampled_from(
                [
                    *ONE,
                    *TWO,
                    *["if two", "if constant", "if chain", "if truth", "inner"] * 3,
                    "left",
                    "right",
                    "power of a setting",
                ]
            )
        )
        inner = {"inner": ("grad", "jvp", "vjp", "hessian", "hvp", "two levels")}.get(
            what, ("add", "subtract", "multiply", "divide", "power", "maximum", "Python's max")
        )
        constant = draw(st.sampled_from(EXPONENTS if what == "power of a setting" else CONSTANTS))
        i, j = draw(st.integers(0, 7)), draw(st.integers(0, 7))
        lines.append(Line(what, i, j, constant, draw(st.sampled_from(SIGNS)), draw(st.sampled_from(inner))))
    return Function(tuple(lines), draw(point), tuple(draw(st.lists(point, min_size=2, max_size=3))))


# --- arrays -----------------------------------------------------------------------------------------------------------

SIZE = 3
WEIGHTS = np.array([0.5, -1.0, 2.0])
SIGNED_ZEROS = np.array([0.0, -0.0, 0.0])
LIMITS = (0.0, 0.5, -1, np.float64(0.25), math.inf, math.nan)

# Vectors of vectors v and w and numbers s and t, with a limit c: some of them change nothing.
VECTORS = {
    "the same": lambda v, w, s, t, c: v.T.reshape(SIZE) * 1.0,
    "backwards": lambda v, w, s, t, c: v[::-1],
    "ahead": lambda v, w, s, t, c: np.concatenate([v[1:], w[:1]]),
    "sin": lambda v, w, s, t, c: np.sin(v),
    "tanh": lambda v, w, s, t, c: np.tanh(v) - w,
    "root": lambda v, w, s, t, c: np.sqrt(v),
    "steep": lambda v, w, s, t, c: np.exp(v) * WEIGHTS,
    "square": lambda v, w, s, t, c: v**2,
    "quotient": lambda v, w, s, t, c: v / w,
    "stretched": lambda v, w, s, t, c: s * v + w / t,
    "weighed": lambda v, w, s, t, c: v * WEIGHTS + SIGNED_ZEROS,
    "angle": lambda v, w, s, t, c: np.arctan2(SIGNED_ZEROS, v * v) + v,
    "chosen": lambda v, w, s, t, c: np.where(v > c, v, w),
    "masked": lambda v, w, s, t, c: (v > c) * w,
    "truth": lambda v, w, s, t, c: (v > c) * 2,
    "minus truth": lambda v, w, s, t, c: (v > w) * -1 + v,
    "truths": lambda v, w, s, t, c: ((v > c) * 1.0) * ((w <= v) * 1.0),
    "at least": lambda v, w, s, t, c: np.maximum(v, w),
    "relu": lambda v, w, s, t, c: bl.relu(v) + 1,
    "sums": lambda v, w, s, t, c: np.cumsum(v),
    "by size": lambda v, w, s, t, c: v[np.argsort(w)],
    "twice": lambda v, w, s, t, c: v[[0, 0, 1]],
    "together": lambda v, w, s, t, c: np.array([s, t, v[0]]),
    "product": lambda v, w, s, t, c: np.outer(v, w) @ v,
    "softmax": lambda v, w, s, t, c: bl.softmax(v) * w,
    "inner": lambda v, w, s, t, c: bl.grad(lambda y: np.sum(y * w) * s if np.sum(y) > s else np.sum(y**3))(v),
    "pushed": lambda v, w, s, t, c: bl.jvp(lambda y: y * w if y[0] > t else y * y, (v,), (w,))[1],
}
NUMBERS = {
    "sum": lambda v, w, s, t, c: np.sum(v),
    "mean": lambda v, w, s, t, c: np.mean(v * w),
    "first": lambda v, w, s, t, c: v[0],
    "largest": lambda v, w, s, t, c: np.max(v),
    "product": lambda v, w, s, t, c: v @ w,
    "norm": lambda v, w, s, t, c: np.linalg.norm(v),
    "some": lambda v, w, s, t, c: np.sum(v[v > c]),
    "count": lambda v, w, s, t, c: np.sum(v > c),
    "log": lambda v, w, s, t, c: np.log(s),
    "root": lambda v, w, s, t, c: np.sqrt(s) * t,
    "quotient": lambda v, w, s, t, c: s / t,
    "power": lambda v, w, s, t, c: s**t,
    "half": lambda v, w, s, t, c: s**0.5,
    "one times": lambda v, w, s, t, c: 1 * s,
    "if": lambda v, w, s, t, c: s if s > t else -s,
    "if truth": lambda v, w, s, t, c: s * t if s else t,
    "if sum": lambda v, w, s, t, c: s if np.sum(v) > c else t * t,
    "if all": lambda v, w, s, t, c: s if np.all(v > c) else t + 1,
    "if any": lambda v, w, s, t, c: s if np.any(v == w) else 2 * t,
    "if element": lambda v, w, s, t, c: s if v[0] >= w[-1] else t,
    "inner": lambda v, w, s, t, c: bl.grad(lambda y: y * y * s if y > s else bl.sin(y) * np.sum(v))(t),
}


class ArrayFunction(NamedTuple):
    """The same for functions of a vector and a number: lines of (vector or number?, operation, four places, limit)."""

    lines: tuple[tuple[bool, str, int, int, int, int, Any], ...]
    example: tuple[Any, ...]
    points: tuple[tuple[Any, ...], ...]

    def __call__(self, x: Any, a: Any) -> Any:
        vectors, numbers = [x], [a]
        for is_vector, name, i, j, k, n, c in self.lines:
            v, w = vectors[i % len(vectors)], vectors[-1 - j % len(vectors)]
            s, t = numbers[k % len(numbers)], numbers[-1 - n % len(numbers)]
            (vectors if is_vector else numbers).append((VECTORS if is_vector else NUMBERS)[name](v, w, s, t, c))
        return np.sum(vectors[-1]) + numbers[-1]


@st.composite
def array_functions(draw: st.DrawFn, most_lines: int = 6) -> ArrayFunction:
    number = st.one_of(st.floats(-3, 3).map(lambda x: round(x, 2)), st.sampled_from(ODD[:-2]).map(float))
    point = st.tuples(st.lists(number, min_size=SIZE, max_size=SIZE).map(np.array), number)
    lines = []
    for _ in range(draw(st.integers(1, most_lines))):
        is_vector = draw(st.booleans())
        name = draw(st.sampled_from([*(VECTORS if is_vector else NUMBERS)]))
        places = [draw(st.integers(0, 5)) for _ in range(4)]
        lines.append((is_vector, name, *places, draw(st.sampled_from(LIMITS))))
    return ArrayFunction(tuple(lines), draw(point), tuple(draw(st.lists(point, min_size=2, max_size=3))))
