"""Exercises in which the student invents a function: it must have stated properties."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..source import frames
from .base import Code, Part, WrongTurn
from .handle import Handle
from .report import Item, Report

__all__ = ["Apply", "Property"]

frames.engine_module(globals())


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


class Apply(Code):
    """A function of the student's own choice. `measure` is text that defines `probe(answer, *args)`: it runs where the
    answer is and returns plain data about it, which the properties are tested on."""

    allow_engine = True

    def __init__(
        self,
        id: str,
        notebook: str,
        title: str,
        spec: str,
        points: float,
        hints: Sequence[str],
        *,
        name: str,
        solution: str,
        measure: str,
        properties: Sequence[Property],
        wrong: Mapping[str, WrongTurn],
        at: Callable[[Any], tuple[Any, ...]] = lambda random: (),
    ) -> None:
        parts: tuple[Part, ...] = ()
        super().__init__(
            id, notebook, title, spec, points, hints, name=name, solution=solution, parts=parts, wrong=wrong
        )
        self.measure, self.properties, self.at = measure, tuple(properties), at

    def grade(self, handle: Handle, seed: str) -> Report:
        if not handle.is_callable:
            return self.failed(f"the answer must be {self.variable}, the function itself")
        outcome = handle.run(self.measure, *self.at(self.random(seed)))
        if outcome.trouble is not None or not isinstance(outcome.value, dict):
            words = outcome.trouble or "the function could not be measured"
            return self.failed(words)
        failing, items = self._failing(outcome.value), []
        counts = not any(prop.point and prop.label in failing for prop in self.properties)
        for prop in self.properties:
            good = prop.label not in failing
            trouble = "counts when the others hold" if good and not counts else None
            trouble = trouble if good else prop.otherwise.format_map(_Shown(outcome.value))
            items.append(Item(prop.label, prop.worth * (good and counts), prop.worth, None, None, trouble))
        report = Report(self.id, tuple(items), self.points)
        if failing:
            missed = [item for prop, item in zip(self.properties, items, strict=True) if prop.label in failing]
            report.hint = missed[0].trouble or ""
            for name, turn in self.wrong.items():
                theirs = Handle(self.built(turn.answer)).run(self.measure, *self.at(self.random(seed)))
                if isinstance(theirs.value, dict) and failing == self._failing(theirs.value):
                    report.wrong_turn, report.hint = name, turn.sentence
                    break
        return report

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
        from .report import shown

        super().__init__({k: shown(v) for k, v in measured.items()})

    def __missing__(self, key: str) -> str:
        return "–"
