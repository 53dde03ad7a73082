"""The exercises of the course: `bl.exercises["reverse.1"]`, and `bl.check("reverse.1", answer)`.

This package is itself the registry, a mapping from id to exercise. Each lesson's exercises are in a
module of `lessons`; `books` lists these. Read `base` first: what an exercise is.
"""

from __future__ import annotations

import sys
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from types import ModuleType
from typing import Any

from ..errors import ArgumentError
from ..notebook.answer_cells import before_check
from . import base
from .base import Exercise, Question
from .books import exercises as all_exercises
from .books import renamed
from .guesses import guess
from .hints import Hint
from .report import Report
from .scores import Progress, progress
from .scripts import script

MOVED = "its numbers are the old ones. Take the new notebook, or write the new name in the answer cell and its check"

__all__ = ["Exercise", "Hint", "Progress", "Question", "Report", "check", "guess", "hint", "progress", "script", "seed"]


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
    if found.is_listed:
        progress().note(found, report)
    return report


def hint(exercise: str | Exercise) -> Hint:
    """One more hint for an exercise each time, those about what was wrong in the last check first.

    Parameters
    ----------
    exercise : its id, or the exercise

    Returns
    -------
    Hint : shows itself; `.text`, `.about`, `.number`, `.of`. After the last one they begin again

    Raises
    ------
    ArgumentError : there is no such exercise
    """
    return (exercise if isinstance(exercise, Exercise) else _registry[exercise]).next_hint()


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
        found = all_exercises()
        if id in renamed():
            raise ArgumentError(f"the exercise {id} is called {renamed()[id]} now; {MOVED}")
        if id not in found:
            import difflib

            close = difflib.get_close_matches(str(id), found, 3) or list(found)[:5]
            raise ArgumentError(f"there is no exercise {id}; there is {', '.join(close)}")
        return found[id]

    def __iter__(self) -> Iterator[str]:
        return iter(all_exercises())

    def __len__(self) -> int:
        return len(all_exercises())

    def __contains__(self, id: object) -> bool:
        return id in all_exercises()

    def keys(self) -> KeysView[str]:
        """The ids, in the order of the course."""
        return all_exercises().keys()

    def values(self) -> ValuesView[Exercise]:
        """The exercises, by id."""
        return all_exercises().values()

    def items(self) -> ItemsView[str, Exercise]:
        """Pairs of id and exercise."""
        return all_exercises().items()


_registry: Any = sys.modules[__name__]
_registry.__class__ = _Registry
