"""Which call of which function made each record of a tape.

A mark is one number for each record: which call (counted from 0, the traced function itself) and which instruction of
its code. `drawing.folding.outline` turns the marks into a tree of helper calls and turns of loops.
"""

from __future__ import annotations

from array import array
from types import CodeType, FrameType
from typing import NamedTuple

from . import frames
from .frames import student_frame
from .places import place_of

BITS = 32  # for the instruction; the call's number stands above them


class Call(NamedTuple):
    """One call of a student's function: who called it (-1: the lab), at which instruction, its code (None in an
    unpickled graph), the name that the caller gives the result, or None, and the function's name."""

    caller: int
    instruction: int
    code: CodeType | None
    name: str | None
    function: str


class CallLog:
    """Writes down the calls while a function is traced. `marks` has a number for each record, -1 if there is none."""

    def __init__(self) -> None:
        self.marks = array("q")
        self.calls: list[Call] = []
        self._stack: list[tuple[FrameType, int]] = []

    def mark(self, frame: FrameType | None) -> None:
        """Note which call the record just made belongs to."""
        last, call = self._stack[-1] if self._stack else (None, -1)
        if frame is not last:
            frame = student_frame(frame)
        if frame is None:
            self.marks.append(-1)
        else:
            self.marks.append((call if frame is last else self._number(frame)) << BITS | frame.f_lasti)

    def _number(self, frame: FrameType) -> int:
        """The number of the call that runs in a frame; calls on the way that made no record get one too."""
        active: list[FrameType] = []
        step: FrameType | None = frame
        while step is not None and step.f_code not in frames.boundaries:
            active.append(step)
            step = step.f_back
        chain = [f for f in reversed(active) if student_frame(f) is f]
        if step is None:  # no boundary: everything below the outermost known frame is not part of the trace
            chain = [frame]
        while self._stack and all(self._stack[-1][0] is not f for f in chain):
            self._stack.pop()
        known = {id(f) for f, _ in self._stack}
        for f in chain:
            if id(f) not in known:
                caller, at, name = -1, 0, None
                if self._stack:
                    above, caller = self._stack[-1]
                    at, name = above.f_lasti, place_of(above.f_code, above.f_lasti).name
                self._stack.append((f, len(self.calls)))
                self.calls.append(Call(caller, at, f.f_code, name, _called(f.f_code)))
        while self._stack[-1][0] is not frame:
            self._stack.pop()
        return self._stack[-1][1]

    def close(self) -> None:
        """The call is over: let go of the frames."""
        self._stack.clear()


def _called(code: CodeType) -> str:
    """How a person calls a function: by its name, a method with its class, `__call__` by the class alone."""
    own = code.co_qualname.rpartition("<locals>.")[2].removesuffix(".__call__")
    return code.co_name if code.co_name.startswith("<") else own
