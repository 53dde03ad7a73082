"""NumPy's functions that answer with places or truth values: argsort, argmax, searchsorted, nonzero, isclose.

The answer is plain, because whole numbers jump: `x[np.argsort(x)[-2:]]` is an index like any other. It is kept on the
tape as a guard, as a comparison is, so that replays and compiled programs notice when it would differ.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import TraceError
from ...source import frames
from ...table.values import is_array, is_bool, is_complex, is_traced, plain, shape_of
from ..comparisons import compare, keep, settle
from ..guards import Choice
from .handlers import each, handles

__all__ = ["nonzero", "plain_places", "settled_answer"]

frames.engine_module(globals())


def settled_answer(name: str, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What NumPy's function says of the plain numbers, with a guard on each tape that the operands are on."""
    operands = tuple(x if is_traced(x) else np.asarray(x, dtype=None) for x in operands)
    values = tuple(map(plain, operands))
    answer = getattr(np, name)(*values, **options)
    (a, plain_a), (b, plain_b) = [*zip(operands, values, strict=True), (None, None)][:2]
    keep("choice", a, b, Choice(name, tuple(options.items()), len(operands), answer), plain_a, plain_b)
    return answer


@handles(np.argsort)
def _argsort(a: Any, axis: Any = -1, kind: Any = None, *, stable: Any = None) -> Any:
    return settled_answer("argsort", (a,), {"axis": axis, "kind": "stable" if stable else kind})


@each(np.argmax, np.argmin)
def _arg(function: Any, a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return settled_answer(function.__name__, (a,), {"axis": axis, "keepdims": bool(keepdims)})


@each(np.isclose, np.allclose)
def _close(function: Any, a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    return settled_answer(function.__name__, (a, b), {"rtol": rtol, "atol": atol, "equal_nan": equal_nan})


@handles(np.array_equal)
def _array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Any:
    return settled_answer("array_equal", (a1, a2), {"equal_nan": equal_nan})


def plain_places(a: Any, v: Any, what: str, side: str = "left") -> Any:
    """Where numbers belong among ordered ones; of one number among plain ones, by comparisons of numbers."""
    if is_array(v) or is_traced(a) or not is_traced(v):
        return settled_answer("searchsorted", (a, v), {"side": side})
    low, high = 0, shape_of(a)[0]
    while low < high:
        middle = (low + high) // 2
        if compare(">" if side == "left" else ">=", v, float(a[middle])):
            low = middle + 1
        else:
            high = middle
    return low


@handles(np.searchsorted)
def _searchsorted(a: Any, v: Any, side: str = "left") -> Any:
    if side not in ("left", "right"):
        raise ValueError('side must be "left" or "right"')
    return plain_places(a if is_traced(a) else np.asarray(a), v, "np.searchsorted", side)


@handles(np.digitize)
def _digitize(x: Any, bins: Any, right: bool = False) -> Any:
    if is_complex(x):
        raise ValueError("complex numbers have no order")
    edges = bins if is_traced(bins) else np.asarray(bins)
    if is_traced(bins) or np.any(np.diff(edges) < 0):
        raise TraceError("np.digitize takes plain bins in rising order; give it such")
    return plain_places(edges, x, "np.digitize", "left" if right else "right")


def nonzero(a: Any) -> tuple[Any, ...]:
    """The places of what is not 0."""
    if not shape_of(a):
        raise ValueError("a number has no places")
    return np.nonzero(settle(a if is_bool(a) else a != 0))


handles(np.nonzero)(nonzero)


handles(np.flatnonzero)(lambda a: nonzero(np.reshape(a, -1))[0])
handles(np.argwhere)(lambda a: np.transpose(nonzero(a)))


@handles(np.compress)
def _compress(condition: Any, a: Any, axis: Any = None) -> Any:
    truth = settle(condition) if is_traced(condition) else np.asarray(condition, dtype=bool)
    return np.take(a, np.flatnonzero(truth), axis)


handles(np.extract)(lambda condition, arr: _compress(condition, arr))
