"""Exercises that ask for arrays at named places, or for their shapes: the adjoints of a layer, W1 and all."""

from __future__ import annotations

import inspect
import random
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..source import frames
from ..text.notation import number
from .base import DIGITS, Exercise, Question, WrongTurn, as_array, current_seed, misfit
from .handle import Handle
from .report import Item, Report

__all__ = ["PredictArrays"]

frames.engine_module(globals())
Arrays = dict[str, Any]
TRIES = 400


def _same(a: Any, b: Any) -> bool:
    """Whether two arrays have one shape and, rounded to four digits, the same numbers."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=DIGITS, atol=1e-9))


def _has_hole(x: Any) -> bool:
    return x is None or isinstance(x, list | tuple) and any(map(_has_hole, x))


def _written(x: Any) -> str:
    """An input as one would type it."""
    if isinstance(x, list | tuple | np.ndarray):
        return f"[{', '.join(map(_written, x))}]"
    return number(x)


class PredictArrays(Exercise):
    """Arrays at named places, as a dict from name to array or nested list; numbers are arrays without axes.

    Attributes
    ----------
    function : what the question shows
    ask : the names that are asked for, in the order in which a sweep gets to them
    right : from the inputs, given by name, to the right arrays
    draw_inputs : draws inputs from a random generator; they are drawn again until all wrong turns can be told apart
    inputs : the lesson's own, for the empty seed
    wrong : the wrong turns, each with a function like `right`
    largest : a bound for all right numbers
    shapes : whether the answers are shapes, as tuples of whole numbers
    called : what each name stands for, in words, for the report
    """

    def __init__(
        self,
        id: str,
        notebook: str,
        title: str,
        spec: str,
        points: float,
        hints: Sequence[str],
        *,
        function: Callable[..., Any],
        ask: Sequence[str],
        right: Callable[..., Arrays],
        draw_inputs: Callable[[random.Random], Arrays],
        inputs: Mapping[str, Any],
        wrong: Mapping[str, WrongTurn],
        largest: float = 100.0,
        shapes: bool = False,
        called: str = "adjoint",
    ) -> None:
        super().__init__(id, notebook, title, spec, points, hints)
        self.function, self.ask, self.right, self.draw_inputs = function, tuple(ask), right, draw_inputs
        self.inputs, self.wrong, self.largest = dict(inputs), dict(wrong), largest
        self.shapes, self.called = shapes, called
        self.fill = "a shape" if shapes else "a number or an array"
        self._drawn: dict[str, Arrays] = {}

    # --- the numbers --------------------------------------------------------------------------------------------------

    def draw(self, seed: str | None = None) -> Arrays:
        """The inputs for a seed, such that all wrong turns can be told apart.

        Raises
        ------
        ArgumentError : there are none within the bounds
        """
        seed = current_seed() if seed is None else seed
        if not seed:
            return dict(self.inputs)
        if seed not in self._drawn:
            if len(self._drawn) > 100:
                self._drawn.clear()
            self._drawn[seed] = self._draw(seed)
        return dict(self._drawn[seed])

    def _draw(self, seed: str) -> Arrays:
        for attempt in range(TRIES):
            found = self.draw_inputs(self.random(seed, attempt))
            if self.tells_apart(found):
                return found
        raise ArgumentError(f"no inputs for {self.id} with the seed {seed!r}; draw from more numbers")

    def tells_apart(self, inputs: Mapping[str, Any]) -> bool:
        """Whether the right arrays are within bounds, and every wrong turn differs from them and from every other."""
        ways = [self.right, *(turn.answer for turn in self.wrong.values() if turn.drawn)]
        answers = [self._only(way(**inputs)) for way in ways]
        if any(np.abs(x).max(initial=0.0) > self.largest for x in answers[0].values()):
            return False
        return all(
            any(not _same(a[name], b[name]) for name in self.ask) for i, a in enumerate(answers) for b in answers[:i]
        )

    def _only(self, arrays: Arrays) -> Arrays:
        """Those that are asked for."""
        return {name: np.asarray(arrays[name], dtype=float) for name in self.ask}

    # --- the exercise -------------------------------------------------------------------------------------------------

    def question(self, seed: str | None = None) -> Question:
        inputs = self.draw(seed)
        text = textwrap.dedent(inspect.getsource(self.function)).strip()
        at = "\n".join(f"* {name} = {_written(x)}" for name, x in inputs.items())
        asked = ", ".join(f"`{name}`" for name in self.ask)
        what = "a tuple such as `(3,)` or `(3, 2)`" if self.shapes else "a number, a list, a list of rows, or an array"
        return Question(
            f"**{self.title}** ({self.points:g} points)\n\n{self.spec}\n\n```python\n{text}\n```\n\n"
            f"with\n\n{at}\n\nFill in {asked}, each with {what}.",
            inputs,
        )

    def _plain(self, arrays: Arrays) -> Arrays:
        """As a student would write them: tuples for shapes, else numbers and arrays."""
        kept = self._only(arrays)
        if self.shapes:
            return {name: tuple(map(int, x)) for name, x in kept.items()}
        return {name: x if x.ndim else float(x) for name, x in kept.items()}

    def model_answer(self, seed: str | None = None) -> Arrays:
        return self._plain(self.right(**self.draw(seed)))

    def wrong_answers(self, seed: str | None = None) -> dict[str, Any]:
        inputs = self.draw(seed)
        return {name: self._plain(turn.answer(**inputs)) for name, turn in self.wrong.items()}

    def solution(self) -> str:
        empty = ", ".join(f'"{name}": None' for name in self.ask)
        return (
            f"{self.variable} = {{{empty}}}\n"
            "### BEGIN SOLUTION\n"
            f'{self.variable} = bl.exercises["{self.id}"].model_answer()\n'
            "### END SOLUTION\n"
        )

    def grade(self, handle: Handle, seed: str) -> Report:
        found = handle.parts()
        if found.trouble is not None or not isinstance(found.value, dict):
            what = found.trouble or "nothing yet" if found.value is None else "not a dict"
            asked = ", ".join(self.ask)
            return self.failed(f"the answer must be a dict with an entry for each of {asked}; it is {what}")
        inputs = self.draw(seed)
        right, share = self._only(self.right(**inputs)), self.points / len(self.ask)
        typed = {name: as_array(found.value.get(name)) for name in self.ask}
        items = []
        for name in self.ask:
            given = found.value.get(name)
            x, trouble = typed[name], self._trouble(given, typed[name], right[name])
            good = x is not None and _same(x, right[name])
            items.append(Item(f"{self.called} of {name}", share * good, share, given, None, None if good else trouble))
        report = Report(self.id, tuple(items), self.points)
        extra = [k for k in found.value if k not in self.ask]
        if report.passed:
            report.expected = self._plain(right)
            return report
        if extra:
            report.hint = f"{extra[0]!r} is not asked for; the names are {', '.join(self.ask)}"
        given = {name: x for name, x in typed.items() if x is not None}
        self._diagnose(report, inputs, given, {k: x for k, x in given.items() if not _same(x, right[k])})
        return report

    def _trouble(self, given: Any, x: Any, right: Any) -> str | None:
        """What is wrong with an entry before its numbers are looked at."""
        if _has_hole(given):
            return "no shape yet" if self.shapes else "no number yet"
        if x is None:
            return "write a shape, (3, 2) say" if self.shapes else "write a number, or rows of numbers of one length"
        if not np.isfinite(x).all():
            return "not all of its numbers are finite"
        if not self.shapes:
            return misfit(right, x)
        return f"({x:g}) is a number in Python; a shape with one axis is written ({x:g},)" if x.ndim == 0 else None

    def _diagnose(self, report: Report, inputs: Arrays, given: Arrays, off: Arrays) -> None:
        """The wrong turn that gives all the arrays, else all that are not right, else the first of those."""
        if not off:
            return
        wrong = {name: self._only(turn.answer(**inputs)) for name, turn in self.wrong.items()}
        for told in (given, off, dict(list(off.items())[:1])):
            fits = (name for name, arrays in wrong.items() if all(_same(x, arrays[k]) for k, x in told.items()))
            name = next(fits, None)
            if name is not None:
                report.wrong_turn, report.where, report.hint = name, next(iter(off)), self.wrong[name].sentence
                return
