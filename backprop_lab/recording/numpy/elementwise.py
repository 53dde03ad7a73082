"""NumPy's functions of each element that are no ufuncs, those of sequences, and those that answer with places.

A place is a plain number, because whole numbers jump. It is kept on the tape as a guard, as a comparison is.
"""

from __future__ import annotations

import inspect
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ...errors import TraceError
from ...table.rules import op
from ...table.values import is_array, is_bool, is_complex, is_traced, plain, shape_of, zeros
from ..comparisons import keep, settle, truth_of
from ..tape import Choice
from .handlers import axes_of, axis_of, each, handles
from .shapes import array_of, stretch


@handles(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None and y is None:
        return _nonzero(condition)
    if x is None or y is None:
        raise ValueError("either both or neither of x and y should be given")
    condition, x, y = map(array_of, (condition, x, y))
    if not any(map(is_array, (condition, x, y))) and not is_traced(condition):
        return x if condition else y  # the comparison of numbers is kept as a branch
    return op("where")(condition, x, y)


@handles(np.select)
def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0.0) -> Any:
    if len(condlist) != len(choicelist):
        raise ValueError("there must be one choice for each condition")
    y = array_of(default)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        y = _where(condition, choice, y)
    return y


@handles(np.clip)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    low, high = a_min if min is None else min, a_max if max is None else max
    a = array_of(a)
    a = a if low is None else np.maximum(a, array_of(low))
    return a if high is None else np.minimum(a, array_of(high))


@handles(np.nan_to_num)
def _nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    if is_bool(x):
        return x
    high = np.finfo(float).max if posinf is None else posinf
    low = np.finfo(float).min if neginf is None else neginf
    x = _where(np.isnan(x), nan, x)
    return _where(x == -np.inf, low, _where(x == np.inf, high, x))


handles(np.real)(lambda val: op("real")(val) if is_complex(val) else val)


@handles(np.imag)
def _imag(val: Any) -> Any:
    if is_bool(val):
        return np.zeros(shape_of(val), dtype=bool)
    return op("imag")(val) if is_complex(val) else zeros(val)


@handles(np.angle)
def _angle(z: Any, deg: bool = False) -> Any:
    # of a real number 0 or π, which arctan2 of a negative zero would miss
    y = np.arctan2(np.imag(z), np.real(z)) if is_complex(z) else np.arctan2(zeros(z), z)
    return y * (180 / np.pi) if deg else y


@handles(np.real_if_close)
def _real_if_close(a: Any) -> Any:
    if is_complex(a):
        raise TraceError("np.real_if_close decides by the numbers; write np.real(z)")
    return a


# --- sequences and polynomials ----------------------------------------------------------------------------------------


@handles(np.linspace)
def _linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, *, axis: int = 0) -> Any:
    start, stop = array_of(start), array_of(stop)
    count = num - 1 if endpoint else num
    lead = len(np.broadcast_shapes(shape_of(start), shape_of(stop)))
    share = np.arange(float(num)) / max(count, 1)
    y = start + (stop - start) * np.reshape(share, (num,) + (1,) * lead)
    return y if axis == 0 else np.moveaxis(y, 0, axis)


@handles(np.polyval)
def _polyval(p: Any, x: Any) -> Any:
    p, x = array_of(p), array_of(x)
    p = np.where(p, 1.0, 0.0) if is_bool(p) else p
    y: Any = zeros(x)
    for k in range(shape_of(p)[0]):
        y = p[k] if not k and not shape_of(x) else y * x + p[k]
    return y


@handles(np.vander)
def _vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    if len(shape_of(x)) != 1:
        raise ValueError("x must have one axis")
    n = shape_of(x)[0] if N is None else N
    ones = np.ones(shape_of(x), complex if is_complex(x) else float)
    powers = [op("power")(x, float(k)) if k > 1 else x if k else ones for k in range(n)]
    return np.stack(powers if increasing else powers[::-1], 1)


@handles(np.trapezoid)
def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = array_of(y)
    axis = axis_of(axis, y)
    step = dx
    if x is not None:
        x = array_of(x)
        if len(shape_of(x)) != 1 and shape_of(x) != shape_of(y):
            raise ValueError("x must have one axis, or the shape of y")
        step = np.diff(x, axis=axis if len(shape_of(x)) > 1 else 0)
        if len(shape_of(x)) == 1:
            step = np.reshape(step, [-1 if k == axis else 1 for k in range(len(shape_of(y)))])
    return np.sum(step * (stretch(y, axis, 1, None) + stretch(y, axis, None, -1)) / 2.0, axis=axis)


@handles(np.gradient)
def _gradient(f: Any, *varargs: Any, axis: Any = None) -> Any:
    axes = axes_of(axis, f)
    steps = [1.0] * len(axes) if not varargs else list(varargs) * (len(axes) if len(varargs) == 1 else 1)
    if len(steps) != len(axes) or any(map(shape_of, steps)):
        raise ValueError("it takes one number as step for each axis")
    found = []
    for k, h in zip(axes, steps, strict=True):
        if shape_of(f)[k] < 2:
            raise ValueError("at least two numbers are needed along an axis")
        part = partial(stretch, f, k)
        middle = (part(2, None) - part(None, -2)) / (2.0 * h)
        found.append(np.concatenate([(part(1, 2) - part(0, 1)) / h, middle, (part(-1, None) - part(-2, -1)) / h], k))
    return found[0] if len(found) == 1 else tuple(found)


@handles(np.interp)
def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    x, xp, fp = map(array_of, (x, xp, fp))
    if len(shape_of(xp)) != 1 or shape_of(xp) != shape_of(fp) or is_complex(x):
        raise ValueError("xp and fp must have one axis and the same length")
    k = _plain_places(xp, x)
    n = shape_of(xp)[0]
    k = np.clip(k - 1, 0, max(n - 2, 0)) if is_array(x) else min(max(k - 1, 0), max(n - 2, 0))
    a, b = (xp[k], xp[k + 1]) if n > 1 else (xp[k], xp[k] + 1.0)
    low, high = (fp[k], fp[k + 1]) if n > 1 else (fp[k], fp[k])
    y = low + (high - low) * (x - a) / (b - a)
    y = _where(x < xp[0], fp[0] if left is None else left, y)
    return _where(x > xp[-1], fp[-1] if right is None else right, y)


# --- questions with plain answers -------------------------------------------------------------------------------------


def _settled_answer(name: str, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What NumPy's function says of the plain numbers, with a guard on each tape that the operands are on."""
    operands = tuple(x if is_traced(x) else np.asarray(x, dtype=None) for x in operands)
    values = tuple(map(plain, operands))
    answer = getattr(np, name)(*values, **options)
    (a, plain_a), (b, plain_b) = [*zip(operands, values, strict=True), (None, None)][:2]
    keep("choice", a, b, Choice(name, tuple(options.items()), len(operands), answer), plain_a, plain_b)
    return answer


@each(np.argsort, np.argmax, np.argmin, np.isclose, np.allclose, np.array_equal, but=("out", "order"))
def _answer(function: Any, *args: Any, **kwargs: Any) -> Any:
    given = list(inspect.signature(function).bind(*args, **kwargs).arguments.items())
    count = 1 if function.__name__.startswith("arg") else 2
    return _settled_answer(function.__name__, tuple(x for _, x in given[:count]), dict(given[count:]))


def _plain_places(a: Any, v: Any, side: str = "left") -> Any:
    """Where numbers belong among ordered ones; of one number among plain ones, by comparisons of numbers."""
    if is_array(v) or is_traced(a) or not is_traced(v):
        return _settled_answer("searchsorted", (a, v), {"side": side})
    return (bisect_left if side == "left" else bisect_right)(np.asarray(a).tolist(), v)


@handles(np.searchsorted)
def _searchsorted(a: Any, v: Any, side: str = "left") -> Any:
    if side not in ("left", "right"):
        raise ValueError('side must be "left" or "right"')
    return _plain_places(a if is_traced(a) else np.asarray(a), v, side)


@handles(np.digitize)
def _digitize(x: Any, bins: Any, right: bool = False) -> Any:
    if is_complex(x):
        raise ValueError("complex numbers have no order")
    edges = bins if is_traced(bins) else np.asarray(bins)
    if is_traced(bins) or np.any(np.diff(edges) < 0):
        raise TraceError("np.digitize takes plain bins in rising order; give it such")
    return _plain_places(edges, x, "left" if right else "right")


def _nonzero(a: Any) -> tuple[Any, ...]:
    """The places of what is not 0."""
    if not shape_of(a):
        raise ValueError("a number has no places")
    return np.nonzero(truth_of(a))


handles(np.nonzero)(_nonzero)
handles(np.flatnonzero)(lambda a: _nonzero(np.reshape(a, -1))[0])
handles(np.argwhere)(lambda a: np.transpose(_nonzero(a)))


@handles(np.compress)
def _compress(condition: Any, a: Any, axis: Any = None) -> Any:
    truth = settle(condition) if is_traced(condition) else np.asarray(condition, dtype=bool)
    return np.take(a, np.flatnonzero(truth), axis)


handles(np.extract)(lambda condition, arr: _compress(condition, arr))
