"""NumPy's functions of each element that are no ufuncs, and of sequences: where, clip, linspace, interp, polyval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import TraceError
from ...source import frames
from ...table.table import primitives
from ...table.values import is_array, is_bool, is_complex, is_traced, shape_of, zeros
from ..comparisons import compare
from ..traced import record_one
from .choices import nonzero, plain_places
from .handlers import axes_of, axis_of, handles, op
from .shapes import array_of

__all__: list[str] = []

frames.engine_module(globals())


@handles(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None and y is None:
        return nonzero(condition)
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


# --- complex numbers --------------------------------------------------------------------------------------------------


@handles(np.real)
def _real(val: Any) -> Any:
    return record_one(val, primitives["real"]) if is_complex(val) else val


@handles(np.imag)
def _imag(val: Any) -> Any:
    if is_bool(val):
        return np.zeros(shape_of(val), dtype=bool)
    return record_one(val, primitives["imag"]) if is_complex(val) else val * 0.0


@handles(np.angle)
def _angle(z: Any, deg: bool = False) -> Any:
    if is_complex(z):
        y = np.arctan2(_imag(z), _real(z))
    else:  # 0 or π, which arctan2 of a negative zero would miss
        y = np.arctan2(zeros(z), z)
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
    at: tuple[Any, ...] = (slice(None),) * axis
    return np.sum(step * (y[(*at, slice(1, None))] + y[(*at, slice(None, -1))]) / 2.0, axis=axis)


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
        at = [
            (*(slice(None),) * k, slice(a, b)) for a, b in ((2, None), (None, -2), (1, 2), (0, 1), (-1, None), (-2, -1))
        ]
        middle = (f[at[0]] - f[at[1]]) / (2.0 * h)
        found.append(np.concatenate([(f[at[2]] - f[at[3]]) / h, middle, (f[at[4]] - f[at[5]]) / h], k))
    return found[0] if len(found) == 1 else tuple(found)


@handles(np.interp)
def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    x, xp, fp = map(array_of, (x, xp, fp))
    if len(shape_of(xp)) != 1 or shape_of(xp) != shape_of(fp) or is_complex(x):
        raise ValueError("xp and fp must have one axis and the same length")
    k = plain_places(xp, x)
    n = shape_of(xp)[0]
    k = np.clip(k - 1, 0, max(n - 2, 0)) if is_array(x) else min(max(k - 1, 0), max(n - 2, 0))
    a, b = (xp[k], xp[k + 1]) if n > 1 else (xp[k], xp[k] + 1.0)
    low, high = (fp[k], fp[k + 1]) if n > 1 else (fp[k], fp[k])
    y = low + (high - low) * (x - a) / (b - a)
    y = _where(compare("<", x, xp[0]) if is_traced(x) else x < xp[0], fp[0] if left is None else left, y)
    return _where(compare(">", x, xp[-1]) if is_traced(x) else x > xp[-1], fp[-1] if right is None else right, y)
