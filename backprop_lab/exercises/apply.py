"""Exercises in which the student invents a function: it must have stated properties."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .base import WrongTurn
from .code import Written
from .handle import Handle, Outcome
from .report import Item, Report, shown
from .slips import text_of


@dataclass(frozen=True)
class Property:
    """One thing that must be true: in words, its test on what was measured, and what to say if it fails.

    The others bring points only where those that are the `point` of the exercise hold.
    """

    label: str
    holds: Callable[[dict[str, Any]], bool]
    otherwise: str
    worth: float = 1.0
    point: bool = False


class Measured(NamedTuple):
    """What was measured on an answer, the arguments at which it was, and the labels of the properties that fail."""

    found: dict[str, Any]
    args: tuple[Any, ...]
    failing: set[str]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Apply(Written):
    """A function of the student's own choice.

    Attributes
    ----------
    measure : a function of the answer and some arguments that returns plain data, which the properties are tested on
    properties : what must be true
    at : draws the arguments
    """

    measure: Callable[..., dict[str, Any]]
    properties: Sequence[Property]
    at: Callable[[random.Random], tuple[Any, ...]] = lambda random: ()

    def came(self, handle: Handle, seed: str) -> Any:
        if not handle.is_callable:
            return f"the answer must be {self.variable}, the function itself"
        args = self.at(self.random(seed))
        outcome = self._measured(handle, args)
        if outcome.trouble is not None or not isinstance(outcome.value, dict):
            if "float()" in (outcome.trouble or "") and "NoneType" in (outcome.trouble or ""):
                return f"{self.variable} returns nothing yet; write its body and return the result"
            return outcome.trouble or "the function could not be measured"
        return Measured(outcome.value, args, self._failing(outcome.value))

    def _measured(self, handle: Handle, args: tuple[Any, ...]) -> Outcome:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return handle.run(self.measure, *args)

    def items(self, came: Measured) -> Iterable[Item]:
        counts = not any(prop.point and prop.label in came.failing for prop in self.properties)
        for prop in self.properties:
            good = prop.label not in came.failing
            trouble = "counts when the others hold" if good and not counts else None
            trouble = trouble if good else prop.otherwise.format_map(_Shown(came.found))
            yield Item(prop.label, prop.worth * (good and counts), prop.worth, None, None, trouble)

    def note(self, report: Report, came: Measured) -> None:
        """The hint is about the first property that fails; its own sentence, if no hint is about that one."""
        missed = next((prop for prop in self.properties if prop.label in came.failing), None)
        if missed is not None:
            told = next((clue.text for clue in self.clues if missed.label in clue.about), "")
            report.about, report.hint = missed.label, told or missed.otherwise.format_map(_Shown(came.found))

    def looks(self, came: Measured, report: Report) -> Iterable[Measured]:
        return [came] if came.failing else []

    def gives(self, turn: WrongTurn, asked: Measured) -> bool:
        theirs = self._measured(Handle(self.built(text_of(self.make, turn.slip))), asked.args)
        return isinstance(theirs.value, dict) and asked.failing == self._failing(theirs.value)

    def _failing(self, measured: dict[str, Any]) -> set[str]:
        found = set()
        for prop in self.properties:
            try:
                good = bool(prop.holds(measured))
            except (KeyError, TypeError, IndexError, ZeroDivisionError, ValueError):
                good = False
            if not good:
                found.add(prop.label)
        return found


class _Shown(dict[str, str]):
    """What was measured, for a sentence; what is missing is a dash."""

    def __init__(self, measured: dict[str, Any]) -> None:
        super().__init__({k: shown(v) for k, v in measured.items()})

    def __missing__(self, key: str) -> str:
        return "–"
