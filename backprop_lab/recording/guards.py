"""What fixes the branch that a run takes: comparisons, and answers of NumPy's functions that have no derivative.

They stand on the tape beside the records, so that replays and compiled programs can ask again.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..source import frames
from ..source.places import Place
from ..table.values import same

__all__ = ["SIGNS", "Choice", "Comparison"]

frames.engine_module(globals())
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
    "is": same,
}  # fmt: skip


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

    def agrees(self, answer: Any) -> bool:
        """Whether this is the same answer."""
        return same(answer, self.answer)


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
        return bool(choice.agrees(getattr(np, choice.name)(*(a, b)[: choice.operands], **dict(choice.options))))
