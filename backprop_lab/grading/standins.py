"""What a student's cells meet in place of the exercises while they are graded: questions, but no answers and no checks.

`bl.exercises["reverse.1"].question()` and its inputs are there, as they are in the notebook. Model answers are not in
this process, nor is any file that holds them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from ..errors import ArgumentError

CLOSED = "model answers and checks stay with the grader; write your own answer into the cell"


class StandIn:
    """An exercise's question, asked of the grader when it is wanted."""

    def __init__(self, id: str, ask: Callable[..., Any]) -> None:
        self.id, self._ask = id, ask

    def question(self, seed: str | None = None) -> Any:
        """The question with its numbers."""
        from ..exercises import base

        text, inputs = self._ask("question", self.id, base.current_seed() if seed is None else str(seed))
        return base.Question(text, inputs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise ArgumentError(f"bl.exercises[{self.id!r}].{name} is closed while grading: {CLOSED}")


class _Shelf:
    """Stands for the mapping of all exercises."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self.ask = ask

    def __getitem__(self, id: str) -> StandIn:
        return StandIn(str(id), self.ask)

    def __contains__(self, id: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def keys(self) -> list[str]:
        """None."""
        return []

    values = items = keys


def put_in(ask: Callable[..., Any]) -> None:
    """Put the stand-ins in place of the exercises of this process."""
    import backprop_lab as lab

    from .. import exercises
    from ..exercises import hints, report

    place: Any = exercises
    shelf = _Shelf(ask)
    place.all_exercises, place.renamed = (lambda: shelf), dict

    def check(exercise: Any, answer: Any = None) -> Any:
        return report.Report(str(getattr(exercise, "id", exercise)), (), 1.0, trouble="checked by the grader")

    def hint(exercise: Any) -> Any:
        return hints.Hint("Hints are for the notebook.", of=0)

    modules: tuple[Any, ...] = place, lab
    for module in modules:
        module.check, module.hint, module.progress = check, hint, (lambda notebook=None: "")
    closed: Any = sys.modules
    closed[f"{exercises.__name__}.lessons"] = None  # importing it fails at once


def holds_answers(module: ModuleType | None) -> bool:
    """Whether a loaded module has model answers in it."""
    return module is not None and ".exercises.lessons" in module.__name__
