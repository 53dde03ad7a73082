"""A run downhill, as `bl.descend` gives it back: its path, and why it ended.

run.path, run.values, run.ended   the points, the function there, and "steps", "diverged", …
print(run)                        a table of the steps
run.wrong_turns(), run.diagnose("w_2", 1.5)
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import Answering
from ..source.functions import name_of
from ..text.notation import number
from . import logs, mistakes
from .methods import Method
from .plan import Made, Plan, norm
from .problem import Coordinates

FEW = 4  # numbers that fit into a row
ENDS = {
    "steps": "all its steps were made: {t}",
    "tolerance": "the gradient was shorter than {tolerance}",
    "diverged": "it diverged: {why} in step {t}. A smaller rate may help",
    "stopped": "the function given as stop said so after step {t}",
    "patience": "the loss on the validation data had not become lower for {patience} epochs",
    "interrupted": "it was interrupted after step {t}; what was computed is here",
    "domain": "step {next} could not be made: {why}",
    "error": "step {next} ran into an error: {why}",
}


@dataclass(repr=False, eq=False)
class Run(Answering):
    """A run downhill, step by step.

    Attributes
    ----------
    method, settings : the row of the table, and the numbers that it went with
    path : the points from the start on, each in the structure of the start
    values : the function at each point of the path; with batches, the loss of each step's batch before the step
    gradients, points : for each step, the gradient and the point where it was taken
    states : for each point, what the method keeps, by name
    rates : of each step
    steps : how many were made
    batches, seed, updates : for each step the places of its examples, what they were drawn from, and how many steps an
        epoch has
    losses : pairs of a step and the loss on all data there, from the start and after each epoch
    checks : the same on the validation data; `best` is the point where that was lowest
    drawn : how the batches were drawn, with the seed, in words; empty without batches
    ended : "steps", "tolerance", "diverged", "stopped", "patience", "interrupted", "domain" or "error"; in words,
        `sentence`
    error : what the function raised in the middle of the run, or None
    """

    plan: Plan
    seed: int
    updates: int
    drawn: str = ""
    ended: str = "steps"
    why: str = ""
    error: Exception | None = None
    made: list[Made] = field(default_factory=list)
    steps: int = 0
    now: Coordinates = field(default_factory=list)
    last: float | None = None  # the value there
    batch_values: list[float] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    seen: list[tuple[int, float]] = field(default_factory=list)
    checks: list[tuple[int, float]] = field(default_factory=list)
    best_step: int = 0
    best_at: Coordinates | None = None

    instead = {"loss": "run.values[-1]", "point": "run.path[-1]", "x": "run.path[-1]", "history": "run.values"}
    called = "run.path[-1]"

    @property
    def method(self) -> Method:
        return self.plan.method

    @property
    def settings(self) -> Mapping[str, float]:
        return self.plan.settings

    @cached_property
    def path(self) -> list[Any]:
        return [self._there(at) for at in (self.plan.problem.start, *(made.after for made in self.made))]

    @cached_property
    def points(self) -> list[Any]:
        return [self._there(made.point) for made in self.made]

    @cached_property
    def gradients(self) -> list[Any]:
        return [self._there(made.slopes) for made in self.made]

    @cached_property
    def states(self) -> list[dict[str, Any]]:
        method, problem = self.method, self.plan.problem
        begun = [tuple(method.state.values())] * len(problem.start)
        found = []
        for states in (begun, *(made.states for made in self.made)):
            columns = zip(*states, strict=True)
            found.append({key: self._state(column) for key, column in zip(method.state, columns, strict=True)})
        return found

    def _state(self, column: tuple[Any, ...]) -> Any:
        """One kind of state of all coordinates, in the structure of the start; a number if it is the same for all."""
        if self.plan.problem.arrays and column[0].__class__ is not np.ndarray:
            return column[0]
        return self._there(list(column))

    def _there(self, at: Coordinates) -> Any:
        return self.plan.problem.structured(at)

    @property
    def values(self) -> list[float]:
        return [*self.batch_values, *(() if self.last is None else (self.last,))]

    @property
    def losses(self) -> list[tuple[int, float]]:
        return self.seen or list(enumerate(self.values))

    @cached_property
    def rates(self) -> list[float]:
        return [self.plan.decayed(made.t) for made in self.made]

    @cached_property
    def batches(self) -> list[Any]:
        return [made.places for made in self.made]

    @property
    def best(self) -> Any:
        return self.path[-1] if self.best_at is None else self._there(self.best_at)

    @property
    def diverged(self) -> bool:
        """Whether it ran away."""
        return self.ended == "diverged"

    @property
    def sentence(self) -> str:
        """Why it ended."""
        said = ENDS[self.ended].format(t=self.steps, next=self.steps + 1, why=self.why, **self.told)
        return f"It ended because {said}."

    def __repr__(self) -> str:
        made = f"{self.steps} step{'s' * (self.steps != 1)}"
        settings = ", ".join(f"{key} {number(x)}" for key, x in self.settings.items() if key in ("rate", "gamma"))
        values = f"; {name_of(self.plan.problem.f)} from {number(self.values[0])} to {number(self.values[-1])}"
        return f"<run {self.method.name}, {settings}: {made}{values if self.values else ''}; {self.ended}>"

    def __str__(self) -> str:
        how = f", {self.drawn}" if self.drawn else ""
        return f"{self.method.title}, {self.steps} steps{how}. {self.sentence}\n{self.table()}"

    def table(self, rows: int = 10) -> str:
        """The first steps and the last one as a text: the point, the value and the gradient.

        Of more than a few numbers the point is left out, and of the gradient the length stands.
        """
        problem = self.plan.problem
        few = problem.size <= FEW
        lines = [("step", *(problem.names if few else ()), "value", "gradient" if few else "length of the gradient")]
        slopes = {made.t - 1: made.slopes for made in self.made}
        points = {0: problem.start, **{made.t: made.after for made in self.made}}
        for t in sorted({*list(points)[:rows], max(points)}):
            value = number(self.values[t]) if t < len(self.values) else ""
            slope = ""
            if t in slopes:
                slope = ", ".join(map(number, problem.parts(slopes[t]))) if few else number(norm(slopes[t]))
            lines.append((str(t), *(map(number, problem.parts(points[t])) if few else ()), value, slope))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join("  ".join(x.rjust(w) for x, w in zip(line, widths, strict=True)).rstrip() for line in lines)

    def to_tensorboard(self, folder: str | os.PathLike[str]) -> Path:
        """Write the loss, the rate and the gradient's length of each step into a folder that TensorBoard opens.

        With batches, also the loss on all data, and with validation data that on these, after each epoch.

        Parameters
        ----------
        folder : made if it is not there; one for each run: "logs/adam"

        Returns
        -------
        The folder

        Raises
        ------
        ArgumentError : TensorBoard is not installed; `pip install "backprop-lab[tensorboard]"` brings it
        SaveError : nothing can be written there
        """
        curves = {
            "loss": list(enumerate(self.values)),
            "loss on all data": self.seen,
            "loss on validation data": self.checks,
            "rate": [(made.t - 1, self.plan.decayed(made.t)) for made in self.made],
            "length of the gradient": [(made.t - 1, norm(made.slopes)) for made in self.made],
        }
        return logs.write(folder, {name: pairs for name, pairs in curves.items() if pairs})

    # --- number by number ---------------------------------------------------------------------------------------------

    def numbers(self, steps: int | None = None) -> dict[str, Any]:
        """Every number of the first steps by name: `g_1`, the state, the lines in between, `w_1`, then `g_2` and so on.

        The point is called as the function calls it; of several parameters, what belongs to `x` is `g_x_1`, `x_1`.
        """
        return mistakes.trail(self.plan, self.steps if steps is None else steps)

    def wrong_turns(self, names: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
        """What each misconception about the method comes to.

        Parameters
        ----------
        names : of the numbers that are asked for, as `numbers` calls them: the last point's if not given

        Returns
        -------
        The name of the misconception, and its number for each name; the likeliest comes first, and what does not show
        is left out

        Raises
        ------
        ArgumentError : there is no number of that name
        """
        return mistakes.wrong_turns(self.plan, self.steps, names)

    def diagnose(self, name: str, answer: Any, *, digits: int = 4) -> list[mistakes.WrongStep]:
        """Which misconceptions give this number, the likeliest first.

        Parameters
        ----------
        name : of the number, as `numbers` calls it
        answer : what somebody has
        digits : how many significant digits count

        Returns
        -------
        The wrong turns, each with `.name`, `.sentence` and `.where`, the step where it begins; none if the answer is
        right or fits none

        Raises
        ------
        ArgumentError : there is no number of that name
        """
        return mistakes.diagnose(self.plan, self.steps, name, answer, digits)
