"""The lab's errors: each is one sentence that a student can act on.

Every error is a `LabError` and also the built-in that fits, so `except ValueError` works too. In a notebook an error
shows as its sentence and the student's own line; the frames of the lab and of the notebook server are left out.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any, ClassVar, NoReturn

from .source import frames, noticed, quote

GUARD = "choose other inputs, or guard the operation with an if"


class LabError(Exception):
    """A sentence for the person at the keyboard: what is wrong, where, and what to write instead.

    The student's line is put in where the sentence does not name one already.
    """

    def __init__(self, sentence: str = "") -> None:
        super().__init__(quote.with_line(sentence))
        if isinstance(self, TypeError | AttributeError):  # the student's function may catch it, and go on
            noticed.notice(f"it swallows this error: {self}", "let the error through")
        self.wrong = sentence.partition("; ")[0]  # without the line and the advice, for who knows better ones

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of a traceback: the sentence names the line, so no frames are needed."""
        return [f"{type(self).__name__}: {self}"]


class ArgumentError(LabError, TypeError):
    """A missing, extra or unusable argument, or a function that returns something that is not a number."""


class UnknownName(ArgumentError, KeyError):
    """A key that is not there; `in` and `get` ask by KeyError."""

    __str__ = Exception.__str__  # KeyError would put the sentence in quotation marks


class TraceError(LabError, TypeError):
    """A traced value was used where Python wants a plain number, so the derivative would be lost."""


class AttributeTraceError(TraceError, AttributeError):
    """A traced value, a graph, a program or the lab has no attribute of this name; `hasattr` says so too."""


class RecursionLimit(LabError, RecursionError):
    """A function that calls itself without end, or too deep for Python."""


class DomainError(LabError, ValueError):
    """An operation left its domain, such as the logarithm of a negative number."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence if "; " in sentence else f"{sentence}; {GUARD}")


class DivisionError(DomainError, ZeroDivisionError):
    """A division by zero; `except ZeroDivisionError` in the student's function catches it, as with plain numbers."""


class DrawingError(LabError, RuntimeError):
    """No picture: Graphviz is missing, or the graph is too large or too entangled to draw."""


class SaveError(LabError, OSError):
    """A file that cannot be written: no such folder, or not allowed there."""


class LabWarning(UserWarning):
    """Right, but probably not meant: for example an argument that the function ignores."""


class Answering:
    """A mixin for what students hold in their hands: names that it does not have are answered with what to write."""

    instead: ClassVar[dict[str, str]] = {}
    no_function: ClassVar[str] = ""  # what to say where one is given in place of a function
    called: ClassVar[str] = ""  # what to write in place of a call of one

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # Python and IPython ask for many
            raise AttributeError(name)
        what = type(self).__name__.lower()
        advice = f"write {self.instead[name]}" if name in self.instead else f"dir({what}) lists what it has"
        raise AttributeTraceError(f"a {what} has no .{name}; {advice}")

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ArgumentError(f"a {type(self).__name__.lower()} is no function; write {self.called}")


def not_brought(name: str) -> AttributeTraceError:
    """The sentence for a part that a bundled notebook left at home."""
    why = f"this notebook brings the lab without {name.rpartition('.')[2]}, because nothing in it uses that"
    return AttributeTraceError(f"{why}; write {name} in a cell and bundle the notebook again")


def warn(sentence: str) -> None:
    """Warn with a `LabWarning` at the student's line, however many of the lab's own calls lie between."""
    level, frame = 1, sys._getframe(0)
    student = frames.students_own(frame)
    while frame is not student and frame.f_back is not None:
        level, frame = level + 1, frame.f_back
    warnings.warn(sentence, LabWarning, stacklevel=level if student is not None else 2)
