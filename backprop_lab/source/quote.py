"""The student's own line, quoted in a sentence."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from types import FrameType

from .frames import students_own
from .places import place_of


def here(frame: FrameType | None = None, instruction: int = -1) -> str:
    """Where the student's code is, for an error: ` (line 3 of f: math.sin(x))`, or nothing.

    A frame and an instruction in it may be given; otherwise it is what runs now.
    """
    frame = students_own(sys._getframe(1)) if frame is None else frame
    if frame is None:
        return ""
    code = frame.f_code
    place = place_of(code, frame.f_lasti if instruction < 0 else instruction)
    text = short(" ".join((place.text or linecache.getline(code.co_filename, place.line)).split()))
    of = "" if code.co_name.startswith("<") else f" of {code.co_name}"
    return f" (line {place.line}{of}: {text})" if text else f" (line {place.line}{of})"


def short(text: str, most: int = 80) -> str:
    """A text that is cut where it is too long."""
    return text if len(text) <= most else text[: most - 3] + "..."


def trail(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """The frames that an error passed through, and the instruction in each, from the outside in."""
    step = error.__traceback__
    while step is not None:
        yield step.tb_frame, step.tb_lasti
        step = step.tb_next


def raised(error: BaseException) -> str:
    """The same for where an error came up: the innermost line of the student's that it passed through."""
    own = [place for place in trail(error) if students_own(place[0]) is place[0]]
    return here(*own[-1]) if own else ""


def with_line(sentence: str) -> str:
    """A sentence with the student's line at the end of what it says is wrong, unless it names a line already."""
    if "(line " in sentence or ", line " in sentence:
        return sentence
    return put_in(here(), sentence)


def put_in(where: str, sentence: str) -> str:
    """A sentence with a place at the end of what it says is wrong."""
    wrong, semicolon, advice = sentence.partition("; ")
    return f"{wrong}{where}{semicolon}{advice}"
