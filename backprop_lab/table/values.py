"""What a value of a graph may be, and a few questions about it: a Python number, or a NumPy array.

A number is a float (or a complex), never NumPy's scalar; an array holds floats, complex numbers or truth values. Inside
an outer derivative a value is itself a recording value, which these questions look through.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np


def settled(y: Any) -> Any:
    """A result of NumPy as a value of a graph: arrays without axes become Python numbers, whole numbers floats."""
    if y.__class__ is np.ndarray:
        if y.ndim:
            return y if y.dtype.kind in "fcb" else y.astype(float)
        y = y.item()
    elif isinstance(y, np.generic):
        y = y.item()
    return float(y) if isinstance(y, int) else y


def is_traced(x: Any) -> bool:
    """Whether this is a recording value."""
    return hasattr(x.__class__, "_record_")


def plain(x: Any) -> Any:
    """The number or array behind a recording value, whatever the depth of nesting."""
    if x.__class__ is np.ndarray or x.__class__ is float:
        return x
    while hasattr(x.__class__, "_record_"):
        x = x._value_
    return x


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of a value; a number has the shape ()."""
    if x.__class__ is float:
        return ()
    found: tuple[int, ...] = getattr(plain(x), "shape", ())
    return found


def size_of(x: Any) -> int:
    """How many numbers a value has."""
    return math.prod(shape_of(x))


def zeros(like: Any) -> Any:
    """Zeros in the shape of a value."""
    shape = shape_of(like)
    return np.zeros(shape) if shape else 0.0


def units(like: Any) -> Iterator[Any]:
    """A 1 in each place of a value in turn, and 0 elsewhere."""
    for place in np.ndindex(shape_of(like)):
        unit = np.zeros(shape_of(like))
        unit[place] = 1.0
        yield settled(unit)


def is_array(x: Any) -> bool:
    """Whether a value is an array, or a recording value that stands for one."""
    return plain(x).__class__ is np.ndarray


def is_complex(x: Any) -> bool:
    """Whether a value holds complex numbers."""
    x = plain(x)
    return isinstance(x, complex) or (x.__class__ is np.ndarray and x.dtype.kind == "c")


def is_bool(x: Any) -> bool:
    """Whether a value is an array of truth values, which have no derivative."""
    x = plain(x)
    return x.__class__ is np.ndarray and x.dtype.kind == "b"


def same(a: Any, b: Any) -> bool:
    """Whether two values have the same shape and the same numbers."""
    return bool(np.array_equal(a, b, equal_nan=False))
