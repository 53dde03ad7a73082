"""The tape: what a function computed, one record an operation, in the order of execution.

A record is a tuple `(code, i, j, a, b, y)`: the primitive's code in the table, the tape positions of the operands, the
operands' values, and the result. With one operand, b holds the settings if there are any; with more than two, i and a
hold all positions and values (`Primitive.ids`, `.values` and `.settings` read either). Nothing here knows derivatives.
Two kinds of tape share the code:

* a *sourced* tape, for graphs that people look at: constants are records too, every record knows its source line, and
  comparisons are kept, so that a replay can tell when a branch would go the other way;
* a *lean* tape, for `grad` and its kin: constants have no record (position 0 is a dummy that collects what they get).

Tapes nest: with `grad` inside a traced function, the values on the inner tape are recording values of the outer one.
"""

from __future__ import annotations

import itertools
import operator
import sys
from collections.abc import Callable, Sequence
from functools import cache
from types import FrameType
from typing import Any, NamedTuple, NoReturn

import numpy as np

from ..errors import TraceError
from ..source.calls import CallLog
from ..source.frames import machinery
from ..source.places import Place, find_place, place_of
from ..table.values import is_traced, same
from ..table.walk import Record

INPUT, CONSTANT = -1, -2  # codes of the records that no primitive computed
_serial = itertools.count()
_NONE: Any = {}  # a lean tape keeps no constants
refusal: str | None = None  # why nothing may be recorded now: an exercise that asks for the student's own code says so


def refuse_if_off() -> None:
    """Raise TraceError where an exercise has switched the lab's derivatives off."""
    if refusal is not None:
        raise TraceError(f"{refusal}; write the derivative yourself")


class Tape(list[Record]):
    """Records in the order of execution, which is a topological order.

    `serial` tells inner tapes (later, higher) from outer ones. `places` and `log` are None on a lean tape. `nested`
    says that an input is itself a recording value, `general` that there is more on the tape than operations on floats,
    `guarded` that comparisons are kept; on a sourced tape they are.
    """

    __slots__ = ("comparisons", "constants", "general", "guarded", "log", "nested", "places", "serial")
    places: Any  # list[Place | None], or None on a lean tape
    log: Any

    def __init__(self, sourced: bool) -> None:
        if refusal is not None:
            refuse_if_off()
        self.serial = next(_serial)
        self.nested = self.general = False
        self.guarded = sourced
        self.comparisons: list[Comparison] = []
        self.constants: dict[Any, tuple[int, Place | None]] = _NONE
        self.places = self.log = None
        if sourced:
            self.places, self.log, self.constants = [], CallLog(), {}
        else:
            self.append((CONSTANT, 0, 0, None, None, None))

    def note_place(self) -> None:
        """Remember the source of the record just made, by an operator that the student's code called."""
        frame = sys._getframe(2)
        place: Place | None = place_of(frame.f_code, frame.f_lasti)
        if place.passes_on or machinery[frame.f_code.co_filename]:  # type: ignore[union-attr]
            place = find_place(frame)
        self.places.append(place)
        self.log.mark(frame)

    def note(self, frame: FrameType | None) -> None:
        """The same for a record made by a function called from `frame`; without one, it has no place."""
        self.places.append(find_place(frame) if frame is not None else None)
        if frame is None:
            self.log.marks.append(-1)
        else:
            self.log.mark(frame)

    def position_of(self, value: Any) -> int:
        """Where a result stands; what is not on this tape becomes a constant, without a place."""
        if is_traced(value) and value._tape_ is self:
            return int(value._id_)
        self.append((CONSTANT, 0, 0, None, None, value))
        self.note(None)
        return len(self) - 1

    def close(self) -> None:
        """The call is over: nothing can be recorded any more."""
        if self.log is not None:
            self.constants = {}
            self.log.close()
        self.__class__ = _Closed

    @property
    def closed(self) -> bool:
        return self.__class__ is _Closed


def innermost(operands: Sequence[Any]) -> Tape:
    """The tape of the innermost derivative that any of the operands takes part in: it was begun last."""
    tapes: list[Tape] = [x._tape_ for x in operands if is_traced(x)]
    return tapes[0] if len(tapes) == 1 else max(tapes, key=lambda tape: tape.serial)


# --- tapes that take no more, as classes of their own: so the others need not ask on every operation ------------------


class TooLarge(Exception):
    """A bounded tape is full. The argument is the number of records."""


@cache
def bounded(most: int) -> type[Tape]:
    """The kind of tape that takes only so many records."""

    class Bounded(Tape):
        __slots__ = ()

        def append(self, record: Record) -> None:
            if len(self) >= most:
                raise TooLarge(most)
            super().append(record)

    return Bounded


class _Closed(Tape):
    """A tape after its call."""

    __slots__ = ()

    def append(self, record: Record) -> NoReturn:
        refuse_leaked()


def still_open(x: Any) -> Any:
    """A recording value whose call has not ended; a TraceError if it has."""
    return refuse_leaked() if x._tape_.closed else x


def refuse_leaked() -> NoReturn:
    """Raise the sentence for a traced value that outlived its call."""
    raise TraceError(
        "this uses a traced value from an earlier call, which has ended; "
        "pass it on as an argument or a result, and do not store it outside the function"
    )


# --- what fixes the branch: comparisons, and answers without a derivative; replays and programs ask them again --------

SIGNS: dict[str, Callable[[Any, Any], bool]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt}
SIGNS |= {">=": operator.ge, "==": operator.eq, "!=": operator.ne, "is": same}


class Choice(NamedTuple):
    """What a function of NumPy answered that has no derivative, such as argsort: its name, options and answer."""

    name: str
    options: tuple[tuple[str, Any], ...]
    operands: int
    answer: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Choice) and self.name == other.name and same(self.answer, other.answer)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __str__(self) -> str:
        return "otherwise"


class Comparison(NamedTuple):
    """One comparison that the function made: positions of traced operands or -1, the numbers, and how it came out.

    With the sign "is" an array of truth values was used as plain ones; with "choice" the outcome is a `Choice`.
    """

    sign: str
    i: int
    j: int
    a: Any
    b: Any
    outcome: Any
    place: Place | None

    def holds(self, a: Any, b: Any) -> bool:
        """Whether it comes out the same for these operands."""
        if self.sign != "choice":
            return bool(SIGNS[self.sign](a, b)) == self.outcome
        choice = self.outcome
        return same(choice.answer, getattr(np, choice.name)(*(a, b)[: choice.operands], **dict(choice.options)))
