"""The lab's errors: each is one sentence that a student can act on.

Every error is a `LabError` and also the built-in that fits, so `except ValueError` works too. In a notebook an error
shows as its sentence and the student's own line; the frames of the lab and of the notebook server are left out.
"""

from __future__ import annotations

__all__ = [
    "ArgumentError", "AttributeTraceError", "DivisionError", "DomainError", "DrawingError", "LabError", "LabWarning",
    "SaveError", "TraceError",
]  # fmt: skip


class LabError(Exception):
    """A sentence for the person at the keyboard: what is wrong, where, and what to write instead."""

    located = False  # whether the sentence names the student's line already

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of a traceback: the sentence names the line, so no frames are needed."""
        return [f"{type(self).__name__}: {self}"]


class ArgumentError(LabError, TypeError):
    """A missing, extra or unusable argument, or a function that returns something that is not a number."""


class TraceError(LabError, TypeError):
    """A traced value was used where Python wants a plain number, so the derivative would be lost."""


class AttributeTraceError(TraceError, AttributeError):
    """A traced value has no attribute of this name; `hasattr` says so too."""


class DomainError(LabError, ValueError):
    """An operation left its domain, such as the logarithm of a negative number."""


class DivisionError(DomainError, ZeroDivisionError):
    """A division by zero; `except ZeroDivisionError` in the student's function catches it, as with plain numbers."""


class DrawingError(LabError, RuntimeError):
    """No picture: Graphviz is missing, or the graph is too large or too entangled to draw."""


class SaveError(LabError, OSError):
    """A file that cannot be written: no such folder, or not allowed there."""


class LabWarning(UserWarning):
    """Right, but probably not meant: for example an argument that the function ignores."""
