"""Exercises that ask for arrays at named places, or for their shapes: the adjoints of a layer, W1 and all."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph.sweeps import adjoint_sweep
from ..mistakes.sweep import is_told
from ..text.notation import number
from .base import DIGITS, Question, as_array, misfit
from .follow import follow
from .named import Answers, Came, Named
from .near import Near, near_miss
from .report import Report

if TYPE_CHECKING:
    from .attempt import Attempt


def _has_hole(x: Any) -> bool:
    return x is None or isinstance(x, list | tuple) and any(map(_has_hole, x))


def _written(x: Any) -> str:
    """An input as one would type it."""
    if isinstance(x, list | tuple | np.ndarray):
        return f"[{', '.join(map(_written, x))}]"
    return number(x)


def _scalars(answers: Answers) -> Answers:
    """Arrays without axes as numbers."""
    return {name: x if x.ndim else float(x) for name, x in answers.items()}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PredictArrays(Named):
    """Arrays at named places, as a dict from name to array or nested list; numbers are arrays without axes.

    Attributes
    ----------
    of : "adjoint", of a function whose result is one number; or from the inputs, given by name, to the right arrays
    draw_inputs : draws inputs from a random generator; they are drawn again until all wrong turns can be told apart
    shapes : whether the answers are shapes, as tuples of whole numbers
    called : what each name stands for, in words, for the report
    """

    of: str | Callable[..., Answers]
    draw_inputs: Callable[[random.Random], Answers]
    largest: float = 100.0
    shapes: bool = False
    called: str = "adjoint"

    @property
    def fill(self) -> str:
        return "a shape" if self.shapes else "a number or an array"

    def candidate(self, seed: str, attempt: int) -> Answers:
        return self.draw_inputs(self.random(seed, attempt))

    def right(self, inputs: Answers) -> Answers:
        found = self.of(**inputs) if callable(self.of) else adjoint_sweep(self.graph(inputs)).result
        return {name: np.asarray(found[name], dtype=float) for name in self.ask}

    def followed(self, inputs: Answers, typed: Answers) -> Answers:
        if callable(self.of):
            return {}
        found = follow(self.graph(inputs), self.of, _scalars(typed))
        return {name: np.asarray(found[name]) for name in self.ask if is_told(found[name])}

    def wrong_at(self, inputs: Answers) -> dict[str, Answers]:
        changed = self.changed(self.right(inputs), inputs)
        return {slip: {k: np.asarray(x, dtype=float) for k, x in found.items()} for slip, found in changed.items()}

    def same(self, a: Any, b: Any, near: float = DIGITS) -> bool:
        """Whether two arrays have one shape and, rounded to four digits, the same numbers."""
        return bool(np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=near, atol=1e-9))

    def read(self, given: Any) -> Any:
        return as_array(given)

    def trouble(self, given: Any, read: Any, right: Any) -> str | None:
        """What is wrong with an entry before its numbers are looked at."""
        if _has_hole(given):
            return "no shape yet" if self.shapes else "no number yet"
        if read is None:
            return "write a shape, (3, 2) say" if self.shapes else "write a number, or rows of numbers of one length"
        if not np.isfinite(read).all():
            return "not all of its numbers are finite"
        if not self.shapes:
            return misfit(right, read)
        return (
            f"({read:g}) is a number in Python; a shape with one axis is written ({read:g},)"
            if read.ndim == 0
            else None
        )

    def plain(self, answers: Answers) -> Answers:
        """Tuples for shapes, else numbers and arrays."""
        kept = {name: answers[name] for name in self.ask}
        if self.shapes:
            return {name: tuple(map(int, x)) for name, x in kept.items()}
        return _scalars(kept)

    def label(self, name: str) -> str:
        return f"{self.called} of {name}"

    def question(self, seed: str | None = None) -> Question:
        inputs = self.draw(seed)
        at = "\n".join(f"* {name} = {_written(x)}" for name, x in inputs.items())
        what = "a tuple such as `(3,)` or `(3, 2)`" if self.shapes else "a number, a list, a list of rows, or an array"
        fill = f"Fill in {self.asked()}, each with {what}."
        return self.asking(self.listed(), "with", at, fill, inputs=inputs)

    def is_drawn(self, came: Came) -> bool:
        return not callable(self.of)

    def attempt(self, came: Came) -> Attempt:
        from .attempt import Attempt  # drawing is slow to load

        return Attempt(self.graph(came.inputs), _scalars(came.right), _scalars(came.read), "adjoint", came.follow)

    def told(self, report: Report, came: Came, name: str) -> tuple[str | None, str]:
        report.where = report.about
        return super().told(report, came, name)

    def near(self, came: Came, place: str) -> Near | None:
        """Of an array: whether it is transposed, another one's, or right but for some entries."""
        mine, right = came.off[place], came.right[place]
        if mine.shape != right.shape:
            return Near("transposed", "right but transposed") if self.same(mine, right.T) else None
        taken = next((name for name, x in came.right.items() if name != place and self.same(mine, x)), None)
        if taken is not None and not self.shapes:
            return Near("another array", f"right for {taken}, not for {place}")
        if self.shapes or not mine.ndim:
            return None if self.shapes else near_miss(float(mine), float(right))
        if self.same(mine, right.T):
            return Near("transposed", "right but transposed")
        if self.same(mine, -right):
            return Near("only the sign", "right but for its sign")
        wrong = [tuple(map(int, at)) for at in np.argwhere(~np.isclose(mine, right, rtol=DIGITS, atol=1e-9))]
        if len(wrong) == mine.size:
            return None
        which, first = f"[{', '.join(map(str, wrong[0]))}]", float(mine[wrong[0]])
        if len(wrong) > 1:
            return Near("some entries", f"right but for {len(wrong)} of its {mine.size} entries, the first at {which}")
        near = near_miss(first, float(right[wrong[0]]))
        words = f": {number(first)} is {near.words}" if near else ""
        return Near("one entry", f"right but for the entry {which}{words}")
