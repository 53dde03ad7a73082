"""The exercises of the course: `bl.exercises["03.reverse.1"]`, and `bl.check("03.reverse.1", answer)`.

This package is itself the registry, a mapping from id to exercise. Each notebook's exercises are in a module or
two of their own, listed in `BOOKS`; to add an exercise, add an entry there.
"""

from __future__ import annotations

import sys
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from ..errors import ArgumentError
from ..notebook.answer_cells import before_check
from . import base
from .base import Exercise, Question
from .report import Report
from .scores import Progress, progress

__all__ = ["Exercise", "Progress", "Question", "Report", "check", "progress", "seed"]

BOOKS = ("start", "graphs", "forward", "reverse", "fan_out", "costs", "matrix_chains", "numerical", "engine", "layers")


@cache
def _all() -> dict[str, Exercise]:
    found: dict[str, Exercise] = {}
    for name in BOOKS:
        found |= import_module(f".{name}", __name__).BOOK.exercises
    return dict(sorted(found.items()))


def check(exercise: str | Exercise, answer: Any = None) -> Report:
    """Check an answer at once.

    Parameters
    ----------
    exercise : its id, or the exercise
    answer : what was asked for: a number, a dict of numbers, a function, a class

    Returns
    -------
    Report : shows itself in a notebook; `.passed`, `.score`, `.points`, `.hint`, `.next_hint()`. Nothing is ever
        raised: whatever is wrong with the answer stands in the report
    """
    try:
        found = exercise if isinstance(exercise, Exercise) else _registry[exercise]
    except (ArgumentError, TypeError) as error:
        return Report(str(exercise)[:60], (), 0.0, trouble=str(error))
    stopped = before_check(found.id, found.variable, answer)
    if stopped is not None:
        report = found.failed(stopped)
        report.title = found.title
        return report
    report = found.check(answer)
    progress().note(found, report)
    return report


def seed(text: str | None = None) -> str:
    """Set whose numbers the exercises use: the same text gives the same numbers on every machine.

    Parameters
    ----------
    text : a name, a student number, anything; empty for the numbers of the lessons. Without it, nothing changes

    Returns
    -------
    The seed that is now in force
    """
    if text is not None:
        base.set_seed(str(text))
    return base.current_seed()


class _Registry(ModuleType):
    """A module that is also a mapping."""

    def __getitem__(self, id: str) -> Exercise:
        found = _all()
        if id not in found:
            import difflib

            close = difflib.get_close_matches(str(id), found, 3) or list(found)[:5]
            raise ArgumentError(f"there is no exercise {id}; there is {', '.join(close)}")
        return found[id]

    def __iter__(self) -> Iterator[str]:
        return iter(_all())

    def __len__(self) -> int:
        return len(_all())

    def __contains__(self, id: object) -> bool:
        return id in _all()

    def keys(self) -> KeysView[str]:
        """The ids, sorted."""
        return _all().keys()

    def values(self) -> ValuesView[Exercise]:
        """The exercises, by id."""
        return _all().values()

    def items(self) -> ItemsView[str, Exercise]:
        """Pairs of id and exercise."""
        return _all().items()


_registry: Any = sys.modules[__name__]
_registry.__class__ = _Registry
