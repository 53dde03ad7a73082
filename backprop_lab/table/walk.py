"""The walk back over records, and the walk forward: what each operation sends, one contribution after another.

    for id, child, slot, sent in back(records, bars, order):
        bars[id] = sent if bars[id] is None else bars[id] + sent

This is all of reverse mode. Whoever goes back comes here, and differs by what it makes of the contributions: the
derivatives add them up, the adjoint sweep makes a step of each, broken sweeps take them for a list of who sends what.
`rule` says what an operation sends: the table's own rule, unless what goes back is something else than numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .entry import BY_CODE, Primitive

Sent = Iterator[tuple[int, Any]]  # a slot, and what goes to the operand there
Record = tuple[int, Any, int, Any, Any, Any]  # (code, i, j, a, b, y): see `recording.tape`


Pull = Callable[[Primitive, Sequence[int], Any, Any, tuple[Any, ...]], Iterable[tuple[int, Any]]]
Push = Callable[[Primitive, Sequence[Any], Any, tuple[Any, ...]], Any]


def back(
    records: Sequence[Record],
    bars: Sequence[Any],
    order: Iterable[int],
    wanted: Callable[[int], Any] = bool,
    rule: Pull = Primitive.pull,
) -> Iterator[tuple[int, int, int, Any]]:
    """Each contribution: the record that it is for, the one that sends it, as which operand, and what is sent.

    `bars` is what has arrived at each record, None for nothing; whoever asks for contributions adds them up there. In
    `order`, users come before operands. What is not `wanted` gets nothing, as position 0 of a lean tape, which stands
    for all constants.
    """
    for child in order:
        bar = bars[child]
        if bar is not None:
            for id, slot, sent in sent_by(records[child], bar, wanted, rule):
                yield id, child, slot, sent


def sent_by(
    record: Record, bar: Any, wanted: Callable[[int], Any] = bool, rule: Pull = Primitive.pull
) -> Iterator[tuple[int, int, Any]]:
    """What one record with this adjoint sends: to which record, as which operand, and what."""
    code, i, j, a, b, y = record
    if code >= 0:
        op = BY_CODE[code]
        ids = op.ids(i, j)
        slots = [slot for slot, id in enumerate(ids) if wanted(id)]
        for slot, sent in rule(op, slots, bar, y, op.operands(a, b)) if slots else ():
            yield ids[slot], slot, sent


def again(record: Record, values: Any, y: Any) -> Record:
    """A record of the same operation with other numbers: its operands' by their positions, and its own."""
    code, i, j, _, b, _ = record
    if code < 0:
        return (code, i, j, None, None, y)
    op = BY_CODE[code]
    ids = op.ids(i, j)
    found: Record = op.record(ids, [values[p] for p in ids], op.settings(b), y)
    return found


def forward(records: Sequence[Record], dots: Sequence[Any], rule: Push = Primitive.push) -> Iterator[Any]:
    """The tangent of each record after those that `dots` has, None where nothing moves; the caller appends it there."""
    for k in range(len(dots), len(records)):
        code, i, j, a, b, y = records[k]
        op = BY_CODE[code]
        moving = [dots[id] for id in op.ids(i, j)] if code >= 0 else ()
        for dot in moving:
            if dot is not None:
                yield rule(op, moving, y, op.operands(a, b))
                break
        else:
            yield None
