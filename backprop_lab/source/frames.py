"""Whose code a frame runs: the student's, the lab's, NumPy's, or another library's."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from functools import cache, lru_cache
from types import CodeType, FrameType
from typing import Any

import numpy as np

OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep
_WRITTEN_SO = (("catalogue", "entries.py"), ("catalogue", "gpt.py"), ("exercises", "lessons", ""))
_AS_STUDENTS = tuple(OURS + os.path.join(*path) for path in _WRITTEN_SO)


class _Machinery(dict[str, bool]):
    """By the file's name, whether functions from there are the lab's machinery, not a student's code or written so."""

    def __missing__(self, filename: str) -> bool:
        self[filename] = found = filename.startswith(OURS) and not filename.startswith(_AS_STUDENTS)
        return found


machinery = _Machinery()  # text that the lab writes and runs is put in by `text.written`
boundaries: set[CodeType] = set()
checks: set[CodeType] = set()  # functions that look at somebody's answer: what calls them is no part of it


def boundary(caller: Callable[..., Any]) -> None:
    """Say which function calls the traced function: frames above it are not part of what is traced."""
    boundaries.add(inspect.unwrap(caller).__code__)


_NUMPY = os.path.dirname(np.__file__) + os.sep
_LIBRARIES = tuple(os.path.dirname(path) + os.sep for path in (os.__file__, os.path.dirname(np.__file__)))


@cache
def _installed() -> tuple[str, ...]:
    """The folders of installed packages."""
    import sysconfig  # slow to load, and rarely needed

    return tuple({sysconfig.get_path(kind) + os.sep for kind in ("purelib", "platlib")})


@lru_cache(maxsize=4096)
def is_library(filename: str) -> bool:
    """Whether a file is the standard library's or an installed package's: a line there means nothing to a student."""
    return filename.startswith((*_LIBRARIES, "<frozen ")) and not filename.startswith(OURS)


def is_students(filename: str) -> bool:
    """Whether a file may be the student's own: neither the lab's, nor an installed library's."""
    return not filename.startswith((OURS, *_installed())) and not is_library(filename)


def is_numpy_code(frame: FrameType) -> bool:
    """Whether a frame runs NumPy's own Python code."""
    return frame.f_code.co_filename.startswith(_NUMPY)


def student_frame(frame: FrameType | None) -> FrameType | None:
    """The nearest frame at or above `frame` that runs the student's own code (or a helper of theirs)."""
    while frame is not None and (machinery[frame.f_code.co_filename] or is_library(frame.f_code.co_filename)):
        frame = frame.f_back
    return frame


def students_own(frame: FrameType | None) -> FrameType | None:
    """The nearest frame at or above `frame` that is in a file or a cell of the student's."""
    while frame is not None and (machinery[frame.f_code.co_filename] or not is_students(frame.f_code.co_filename)):
        frame = None if frame.f_code in checks else frame.f_back
    return frame
