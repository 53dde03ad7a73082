"""NumPy's functions that make few numbers of many: sums, products, extrema, moments, norms, quantiles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import TraceError
from ...table.rules import T, kept, op, running_products
from ...table.values import is_array, is_bool, is_complex, is_traced, shape_of
from ..comparisons import settled_truth, truth_of
from .handlers import axes_of, axis_of, each, handles


def _axis(axis: Any, a: Any) -> Any:
    """An axis of a reduction; NumPy lets a number have the axis 0."""
    return None if not shape_of(a) and axis in (0, -1, ()) else axis_of(axis, a)


def _reduce(name: str, a: Any, axis: Any, keepdims: bool) -> Any:
    axis = _axis(axis, a)  # refuses one that is not there, of a number as well
    return op(name)(a, axis, bool(keepdims)) if is_array(a) else a


def _count(a: Any, axis: Any) -> int:
    """How many elements of an array go into one of the result."""
    return math.prod(shape_of(a)[k] for k in axes_of(axis, a)) if is_array(a) else 1


def _masked(a: Any, where: Any, instead: float) -> Any:
    return a if where is None else np.where(np.broadcast_to(where, shape_of(a)), a, instead)


@handles(np.sum)
def _sum(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = None, where: Any = None) -> Any:
    y = _reduce("sum", _masked(a, where, 0.0), axis, keepdims)
    return y if initial is None else y + initial


@handles(np.prod)
def _prod(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = None, where: Any = None) -> Any:
    y = _reduce("prod", _masked(a, where, 1.0), axis, keepdims)
    return y if initial is None else y * initial


@handles(np.mean)
def _mean(a: Any, axis: Any = None, *, keepdims: Any = False, where: Any = None) -> Any:
    if where is not None:
        held = np.sum(np.broadcast_to(where, shape_of(a)), axis=axis, keepdims=bool(keepdims))
        return _sum(a, axis, keepdims=keepdims, where=where) / held
    axis = axis_of(axis, a)  # unlike a sum, NumPy takes no mean of a number along an axis
    _needs_elements(a, axis, "mean")
    return _reduce("mean", a, axis, keepdims)


def _needs_elements(a: Any, axis: Any, what: str, least: float = 0) -> None:
    if (n := _count(a, axis)) <= least:
        fault, shape = f"np.{what} of {n} numbers is not defined", shape_of(a)
        raise TraceError(f"{fault}; give it an array with more than the shape {shape} has")


@handles(np.max, np.amax)
def _max(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = None, where: Any = None) -> Any:
    _needs_initial(a, initial, where)
    y = _reduce("max", _masked(a, where, -np.inf), axis, keepdims)
    y = settled_truth(y) if is_bool(a) else y
    return y if initial is None else np.maximum(y, initial)


@handles(np.min, np.amin)
def _min(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = None, where: Any = None) -> Any:
    _needs_initial(a, initial, where)
    if is_bool(a):
        return np.logical_not(_max(np.logical_not(a), axis, keepdims=keepdims))
    y = -_reduce("max", -_masked(a, where, np.inf), axis, keepdims)
    return y if initial is None else np.minimum(y, initial)


def _needs_initial(a: Any, initial: Any, where: Any) -> None:
    if is_bool(a) and (initial is not None or where is not None):
        raise ValueError("the largest or smallest of truth values has no such option")
    if where is not None and initial is None:
        raise ValueError("where= needs initial=, for where nothing is left")


handles(np.ptp)(
    lambda a, axis=None, *, keepdims=False: _max(a, axis, keepdims=keepdims) - _min(a, axis, keepdims=keepdims)
)


@handles(np.var)
def _var(a: Any, axis: Any = None, *, ddof: float = 0, keepdims: Any = False, correction: Any = None) -> Any:
    ddof = ddof if correction is None else correction
    _needs_elements(a, axis, "var", ddof)
    centred = a - _mean(a, axis, keepdims=True)
    squares = np.real(centred * np.conj(centred)) if is_complex(a) else centred**2
    if not ddof:
        return _mean(squares, axis, keepdims=keepdims)
    return _sum(squares, axis, keepdims=keepdims) / (_count(a, axis) - ddof)


@handles(np.std)
def _std(a: Any, axis: Any = None, *, ddof: float = 0, keepdims: Any = False, correction: Any = None) -> Any:
    ddof, axis = ddof if correction is None else correction, axis_of(axis, a)
    _needs_elements(a, axis, "std", ddof)
    if _count(a, axis) == 1:  # 0 whatever the number is
        return _reduce("sum", np.real(a) * 0.0, axis, keepdims)
    centred = a - _mean(a, axis, keepdims=True)  # a norm has a slope where all numbers are equal, a root has not
    spread = _reduce("norm", centred, axis, keepdims) if axes_of(axis, a) else np.abs(centred)
    return spread / math.sqrt(_count(a, axis) - ddof)


@handles(np.average)
def _average(a: Any, axis: Any = None, weights: Any = None, *, keepdims: Any = False) -> Any:
    if not np.size(a):
        raise ValueError("there is nothing to average")
    if weights is None:
        return _mean(a, axis, keepdims=keepdims)
    axis = axis_of(axis, a)
    if shape_of(weights) != shape_of(a):
        weights = np.reshape(weights, [n if k in axes_of(axis, a) else 1 for k, n in enumerate(shape_of(a))])
        weights = np.broadcast_to(weights, shape_of(a))
    return _sum(a * weights, axis, keepdims=keepdims) / np.sum(weights, axis=axis, keepdims=bool(keepdims))


def _line(a: Any, axis: Any) -> tuple[Any, int]:
    """An array and an axis of it; without one, all numbers in a row."""
    return (np.ravel(a), 0) if _axis(axis, a) is None else (a, axis_of(axis, a))


handles(np.cumsum)(lambda a, axis=None: op("cumsum")(*_line(a, axis)))
handles(np.cumprod)(lambda a, axis=None: running_products(*_line(np.where(a, 1.0, 0.0) if is_bool(a) else a, axis)))


# --- order ------------------------------------------------------------------------------------------------------------


@handles(np.sort)
def _sort(a: Any, axis: Any = -1, *, kind: Any = None, stable: Any = None) -> Any:
    np.sort(np.zeros(1), kind=kind, stable=stable)  # lets NumPy check the options
    return op("sort")(np.ravel(a), 0) if axis is None else op("sort")(a, axis_of(axis, a))


@handles(np.quantile)
def _quantile(a: Any, q: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    if is_traced(q):
        raise TraceError("np.quantile with a traced q jumps; give q as a plain number")
    share = np.asarray(q, dtype=float)
    if share.size and not (share.min() >= 0 and share.max() <= 1):
        raise TraceError(f"np.quantile takes q between 0 and 1, and here it is {q}; give such a number")
    if is_bool(a) or is_complex(a):
        raise ValueError("quantiles are for real numbers")
    if axis == ():
        raise ValueError("at least one axis is needed")
    axes, sizes = axes_of(axis, a), shape_of(a)
    _needs_elements(a, axis, "quantile")
    rest, n = [k for k in range(len(sizes)) if k not in axes], _count(a, axis)
    first = np.reshape(np.transpose(a, [*axes, *rest]), [n, *(sizes[k] for k in rest)])
    ordered = op("sort")(first, 0)
    at = share * (n - 1)
    low = np.floor(at).astype(int)
    below, above = (ordered[k if k.ndim else int(k)] for k in (low, np.minimum(low + 1, n - 1)))
    beyond = np.reshape(at - low, share.shape + (1,) * len(rest))
    y = below + (above - below) * beyond if np.any(beyond) else below
    return np.reshape(y, share.shape + kept(sizes, axes)) if keepdims else y


handles(np.percentile)(
    lambda a, q, axis=None, *, keepdims=False: _quantile(a, np.divide(q, 100), axis, keepdims=keepdims)
)


@handles(np.median)
def _median(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return _quantile(a, 0.5, axis, keepdims=keepdims) if is_array(a) or axis_of(axis, a) is not None else a


# --- norms ------------------------------------------------------------------------------------------------------------


@handles(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if axis is None and ord is None:
        return op("norm")(x, None, bool(keepdims)) if is_array(x) else np.abs(x)
    axes = axes_of(axis, x)
    if ord in (None, 2 if len(axes) == 1 else "fro") and len(axes) in (1, 2):
        return op("norm")(x, axes[0] if len(axes) == 1 else axes, bool(keepdims))
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, axes, keepdims)
    raise ValueError("a norm is over one axis or over two")


def _vector_norm(x: Any, ord: Any, axis: int, keepdims: bool) -> Any:
    if isinstance(ord, str):
        raise ValueError(f"no vector has the norm {ord!r}")
    size = np.abs(x)
    if ord in (np.inf, -np.inf):
        return (_max if ord > 0 else _min)(size, axis, keepdims=keepdims)
    if ord in (0, 1):
        return op("sum")(size if ord else x != 0, axis, bool(keepdims))
    return op("sum")(size**ord, axis, bool(keepdims)) ** (1 / ord)


def _matrix_norm(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if ord in (1, -1, np.inf, -np.inf):
        added, left = axes if ord in (1, -1) else axes[::-1]
        sums = op("sum")(np.abs(x), added, True)
        y = (_max if ord > 0 else _min)(sums, left, keepdims=True)
        return y if keepdims else np.squeeze(y, axis=axes)
    if ord not in (2, -2, "nuc") or len(shape_of(x)) != 2:
        raise ValueError(f"the norm {ord!r} of {len(shape_of(x))} axes is not in the lab's table")
    s = singular_values(x)
    y = np.sum(s) if ord == "nuc" else s[0] if ord == 2 else s[-1]
    return np.reshape(y, (1, 1)) if keepdims else y


def singular_values(x: Any) -> Any:
    """The singular values of a matrix, in falling order: the upper eigenvalues of [[0, x], [xᵀ, 0]]."""
    m, n = shape_of(x)
    if is_complex(x) or not min(m, n):
        raise TraceError("singular values are for a real matrix that is not empty; give such a one")
    whole = np.block([[np.zeros((m, m)), x], [T(x), np.zeros((n, n))]])
    return op("eigvalsh")(whole)[: -min(m, n) - 1 : -1]


@each(np.all, np.any, np.count_nonzero)
def _asked(function: Any, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    truth = truth_of(a) if is_array(a) else bool(a)
    return function(truth, axis=axis, keepdims=bool(keepdims))
