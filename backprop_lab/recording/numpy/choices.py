"""NumPy's functions that answer with places or truth values: argsort, argmax, searchsorted, nonzero, isclose.

The answer is plain, because whole numbers jump: `x[np.argsort(x)[-2:]]` is an index like any other. It is kept on the
tape as a guard, as a comparison is, so that replays and compiled programs notice when it would differ.
"""

from __future__ import annotations

import inspect
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


@each(np.argsort, np.argmax, np.argmin, np.isclose, np.allclose, np.array_equal, but=("out", "order"))
def _answer(function: Any, *args: Any, **kwargs: Any) -> Any:
    given = list(inspect.signature(function).bind(*args, **kwargs).arguments.items())
    count = 1 if function.__name__.startswith("arg") else 2
    return settled_answer(function.__name__, tuple(x for _, x in given[:count]), dict(given[count:]))


def plain_places(a: Any, v: Any, side: str = "left") -> Any:
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
    return plain_places(a if is_traced(a) else np.asarray(a), v, side)


@handles(np.digitize)
def _digitize(x: Any, bins: Any, right: bool = False) -> Any:
    if is_complex(x):
        raise ValueError("complex numbers have no order")
    edges = bins if is_traced(bins) else np.asarray(bins)
    if is_traced(bins) or np.any(np.diff(edges) < 0):
        raise TraceError("np.digitize takes plain bins in rising order; give it such")
    return plain_places(edges, x, "left" if right else "right")


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
