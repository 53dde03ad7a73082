"""What stands beside traced values in an operation: plain numbers and arrays, and keys of an index."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from ..errors import DomainError
from ..source import frames, quote
from ..table.entry import Primitive
from ..table.values import is_array, is_traced
from .sentences.refusals import refuse_operand

__all__ = ["REAL", "as_key", "constant"]

frames.engine_module(globals())
REAL = (float, int, Real, np.bool_)


def constant(x: Any, op: Primitive) -> Any:
    """An operand that is not traced, as a number or as an array of its own.

    Raises
    ------
    TraceError : it is neither
    DomainError : it is a whole number beyond the floats
    """
    if isinstance(x, np.ndarray) and x.ndim:
        if x.dtype.kind not in "biufc":
            refuse_operand(op.name, x)
        return np.array(x, dtype=x.dtype if x.dtype.kind in "bc" else float)  # a copy: the student may write into it
    if isinstance(x, np.ndarray | np.generic):
        x = x.item()
    if isinstance(x, complex):
        return x
    if not isinstance(x, REAL):
        refuse_operand(op.name, x)
    try:
        return int(x) if isinstance(x, int) and float(x) == x else float(x)
    except OverflowError:
        raise DomainError(
            f"a whole number is too large to compute with{quote.here()}; stay below 1.8e308, where floats end"
        ) from None


def as_key(key: Any) -> Any:
    """An index with plain numbers in it; a comparison's outcome as index fixes the branch.

    Lists and tuples inside it become arrays, as NumPy reads them: so everybody sees that they may read a place twice.
    """
    return tuple(map(_part, key)) if isinstance(key, tuple) else _part(key)


def _part(key: Any) -> Any:
    if is_traced(key) and is_array(key):
        return key._settle_()
    if isinstance(key, list | tuple):
        index = np.array([k._settle_() if is_traced(k) else k for k in key])
        return index if index.size else index.astype(int)
    if isinstance(key, np.generic) or (isinstance(key, np.ndarray) and not key.ndim):
        return key.item()
    return key.copy() if isinstance(key, np.ndarray) else key
