"""Comparisons of traced values, and what decides by them.

Of numbers a comparison is a plain bool: it steers the function, so it is kept as a guard on each tape it concerns, and
a replay can tell when a branch would go the other way. Of arrays it is an operation like others, whose outcome is an
array of truth values without a derivative; where that decides something (an index, `np.any`), it is settled and kept.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..errors import TraceError
from ..source.places import find_place
from ..table.table import primitives
from ..table.values import is_bool, is_complex, is_traced, plain, shape_of
from .sentences.refusals import Refusals, refuse_operand
from .tape import SIGNS, Comparison, innermost, still_open

_ENTRIES = {op.symbol: op for op in primitives.values() if op.symbol in SIGNS}


class Comparing(Refusals):
    """A traced value's operators that answer with truth values."""

    __slots__ = ()

    def __bool__(self) -> bool:
        if shape := shape_of(self):
            raise TraceError(
                f"an array of {'×'.join(map(str, shape))} comparisons is not one yes or no; "
                "write np.where(condition, a, b), or reduce it with np.all or np.any"
            )
        return bool(compare("!=", self, 0.0))

    def __invert__(self) -> Any:
        return truths("~", self)

    def _settle_(self) -> Any:
        return settle(self)


def compare(sign: str, a: Any, b: Any) -> Any:
    """A plain bool for numbers, kept as a guard; a node for arrays; a TraceError where there is no order."""
    plain_a, plain_b = plain(a), plain(b)
    if plain_a.__class__ is np.ndarray or plain_b.__class__ is np.ndarray:
        return settled_truth(_ENTRIES[sign].function(a, b))
    try:
        answer = bool(SIGNS[sign](plain_a, plain_b))
    except TypeError:
        if is_complex(a) or is_complex(b):
            raise TraceError(
                f"{sign} cannot compare complex numbers, which have no order; compare np.abs(z) or z.real"
            ) from None
        refuse_operand(sign, b if is_traced(a) else a)
    keep(sign, a, b, answer, plain_a, plain_b)
    return answer


def keep(sign: str, a: Any, b: Any, outcome: Any, plain_a: Any, plain_b: Any) -> None:
    """Note on each tape that keeps them and that the operands are on how it came out: it steered the function there.

    From the inside out: what is traced on an outer tape is a plain number on the inner one.
    """
    while a is not plain_a or b is not plain_b:
        tape = a._tape_ if b is plain_b else b._tape_ if a is plain_a else innermost((a, b))
        i = a._id_ if a is not plain_a and a._tape_ is tape else -1
        j = b._id_ if b is not plain_b and b._tape_ is tape else -1
        if tape.guarded:
            still_open(a if i >= 0 else b)
            tape.general = tape.general or sign == "choice"  # an array's guard, whatever else is on the tape
            place = find_place(sys._getframe(1)) if tape.places is not None else None
            tape.comparisons.append(Comparison(sign, i, j, plain_a, plain_b, outcome, place))
        a, b = a._value_ if i >= 0 else a, b._value_ if j >= 0 else b


def settle(x: Any) -> Any:
    """The plain truth values of a traced comparison, kept so that a replay can tell when they would differ; numbers as
    an index are a TraceError."""
    if not is_bool(x):
        raise TraceError(
            "an index must be made of plain whole numbers, because whole numbers jump and have no derivative; compute "
            "it with NumPy, not from the traced values"
        )
    return _kept(x)


def truth_of(x: Any) -> Any:
    """The same of any array: whether its elements are other than 0."""
    return settle(x if is_bool(x) else x != 0)


def settled_truth(x: Any) -> Any:
    """One truth value as a plain bool, kept as a comparison of numbers is; an array of them stays a node."""
    return x if shape_of(x) else bool(_kept(x))  # on the graph it is 1.0 or 0.0


def _kept(x: Any) -> Any:
    value = plain(x)
    keep("is", x, value, True, value, value)
    return value


_TRUTHS = {op.sign: op.function for op in primitives.values() if op.family == "truth values" and op.sign}


def truths(sign: str, *operands: Any) -> Any:
    """The operators ~ & | of truth values; of numbers they would mean bits, so those are a TraceError."""
    if not all(np.asarray(plain(x)).dtype.kind == "b" for x in operands):
        if sign == "~":
            raise TraceError("~ is for truth values, and this is a number; write - for its opposite")
        raise TraceError(
            f"{sign} is for truth values, and here it stands between numbers; write it between "
            f"comparisons, each in brackets, as in (x > 0) {sign} (x < 1)"
        )
    return _TRUTHS[sign](*operands)


for _sign, _name in zip(("<", "<=", ">", ">=", "==", "!="), ("lt", "le", "gt", "ge", "eq", "ne"), strict=True):
    setattr(Comparing, f"__{_name}__", lambda self, other, sign=_sign: compare(sign, self, other))
for _sign, _name in (("&", "and"), ("|", "or"), ("&", "rand"), ("|", "ror")):
    setattr(Comparing, f"__{_name}__", lambda self, other, sign=_sign: truths(sign, self, other))
