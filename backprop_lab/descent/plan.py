"""How the steps of a run go: a plan, and the walk by it.

plan.walk() goes on without an end: whoever walks decides where it stops. A walk begins anew each time, with the same
batches, so it can be gone again in another way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..table.table import primitives
from ..text.expression import Value, calls_in
from .methods import Method
from .problem import Coordinates, Problem


class Made(NamedTuple):
    """One step that was made."""

    t: int
    rate: float
    point: Coordinates  # where the gradient was taken
    value: float  # before the step
    slopes: Coordinates
    after: Coordinates
    states: list[tuple[Any, ...]]  # after the step, for each coordinate
    places: Any  # the batch


@dataclass(frozen=True)
class Plan:
    """All that decides how the steps go."""

    problem: Problem
    method: Method
    settings: Mapping[str, float]
    rate: Callable[[int], float]
    sampler: Callable[[], Iterator[Any]]  # the places of the examples for each step
    on_all: bool  # whether each step sees all examples
    clip: float | None = None

    def walk(self) -> Iterator[Made]:
        """The steps, one after the other, without an end."""
        problem, rest = self.problem, tuple(x for key, x in self.settings.items() if key != "rate")
        written, ahead = self.method.written(problem.arrays), self.method.looks_ahead
        now, states = problem.start, [tuple(self.method.state.values())] * len(problem.start)
        for t, places in enumerate(self.sampler(), 1):
            rate, batch, point = self.rate(t), problem.batch(places), now
            if ahead:
                point = [written.point(w, t, rate, *rest, *s) for w, s in zip(now, states, strict=True)]
            value, slopes = self.slopes(point, batch)
            value = problem.value(now, batch) if ahead else value
            made = [written.step(w, g, t, rate, *rest, *s) for w, g, s in zip(now, slopes, states, strict=True)]
            after, kept = [x[0] for x in made], [x[1:] for x in made]
            yield Made(t, rate, point, value, slopes, after, kept, places)
            now, states = after, kept

    def decayed(self, t: int) -> float:
        """The rate of a step, after the decay that the method's first line may have."""
        text = dict(self.method.lines).get("rate", "rate")
        functions = {op: primitives[op].scalar for op in calls_in(text)}
        return float(Value({**functions, "rate": self.rate(t), "t": t}).of(text))

    def slopes(self, at: Coordinates, batch: tuple[Any, ...]) -> tuple[float, Coordinates]:
        """The value and the gradient as a step uses it: no longer than `clip`."""
        value, found = self.problem.slopes(at, batch)
        length = norm(found) if self.clip is not None else 0.0
        if self.clip is None or not length > self.clip:
            return value, found
        return value, [g * (self.clip / length) for g in found]


def norm(slopes: Coordinates) -> float:
    """The length of a gradient."""
    if slopes and slopes[0].__class__ is float:
        return math.hypot(*slopes)
    return float(np.linalg.norm(slopes[0])) if slopes else 0.0
