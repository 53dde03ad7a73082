"""Values that carry their rate: forward mode without a tape. A reverse pass on them gives the Hessian times a vector.

A rule of the table that runs on duals computes with the numbers and, beside them, how fast they move. The function
itself is recorded once, on plain arrays; what goes back over its tape are duals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..recording.numpy.products import matmul
from ..table import walk
from ..table.table import BY_CODE, Primitive, primitives
from ..table.walk import Record


class Dual:
    """A number or an array, and the rate at which it moves."""

    __slots__ = ("_dot_", "_value_")
    __array_ufunc__ = None  # NumPy's arrays leave mixed operations to us

    def __init__(self, value: Any, dot: Any) -> None:
        self._value_, self._dot_ = value, dot

    @staticmethod
    def _record_(op: Primitive, operands: tuple[Any, ...]) -> Any:
        """What an operation makes of operands of which some move; a plain value if it does not."""
        nodes, settings = op.parted(operands)
        values = op.joined([x._value_ if x.__class__ is Dual else x for x in nodes], settings)
        y = op.function(*values)
        return moving(y, op.push([x._dot_ if x.__class__ is Dual else None for x in nodes], y, values))

    def _record_one_(self, op: Primitive) -> Any:
        return self._record_(op, (self,))

    def __neg__(self) -> Any:
        return primitives["neg"].function(self)

    def __pow__(self, other: Any) -> Any:
        if other.__class__ is Dual:
            return primitives["pow"].function(self, other)
        return primitives["square"].function(self) if other == 2 else primitives["power"].function(self, other)

    def __matmul__(self, other: Any) -> Any:
        return matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return matmul(other, self)


for _op in BY_CODE:
    if _op.operator and _op.elementwise and _op.arity == 2:
        setattr(Dual, f"__r{_op.operator}__", lambda self, other, op=_op: op.function(other, self))
        if _op.operator != "pow":
            setattr(Dual, f"__{_op.operator}__", lambda self, other, op=_op: op.function(self, other))


def moving(value: Any, dot: Any) -> Any:
    """A value with its rate; the value alone where it does not move."""
    return value if dot is None else Dual(value, dot)


def gradient_rates(tape: Sequence[Record], dots: Sequence[Any], out: int, inputs: int) -> list[Any] | None:
    """How the adjoints of a tape's inputs move, None for one that does not, if its values move at these rates.

    None at all for what the recorded gradient has to look at: complex numbers, rules of one's own, tips, infinities.
    """
    for code, *_, y in tape[1:]:
        if (y.__class__ is not float and (y.__class__ is not np.ndarray or y.dtype.kind not in "fb")) or (
            code >= 0 and (BY_CODE[code].name == "custom" or BY_CODE[code].tip and np.any(np.equal(y, 0.0)))
        ):
            return None
    values = [moving(y, dot) for (*_, y), dot in zip(tape, dots, strict=True)]
    records = [_with(record, values, y) for record, y in zip(tape, values, strict=True)]
    bars: list[Any] = [None] * len(tape)
    bars[out] = 1.0
    for id, _, _, sent in walk.back(records, bars, range(out, 0, -1)):
        bars[id] = sent if bars[id] is None else bars[id] + sent
    found = [bar._dot_ if bar.__class__ is Dual else None for bar in bars[1 : inputs + 1]]
    return None if any(x is not None and not np.isfinite(x).all() for x in found) else found


def _with(record: Record, values: Sequence[Any], y: Any) -> Record:
    """A record with other values for its operands; constants stay."""
    code, i, j, a, b, _ = record
    if code < 0:
        return record
    op = BY_CODE[code]
    ids = op.ids(i, j)
    own = [values[p] if p else x for p, x in zip(ids, op.values(a, b), strict=True)]
    found: Record = op.record(ids, own, op.settings(b), y)
    return found
