"""Go downhill: `bl.descend`, and what becomes of it, a `Run`.

    run = bl.descend(f, 3.0, rate=0.1, steps=20)              of one number
    run = bl.descend(f, (1.0, 2.0), "momentum", rate=0.05)    f(x, y): a tuple is its arguments
    run = bl.descend(loss, net, "adam", data=(x, y), batch=32, epochs=10)
    run.path, run.values, run.ended

A step is one call of the function's program (`bl.compile`) and one of the method's Python, which `methods` has as text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..errors import Answering, ArgumentError, LabError, warn
from ..recording.arguments import as_number, check_function
from ..recording.door import entry
from ..recording.trees import leaves
from ..source.functions import name_of
from ..text.notation import number
from .batches import sampler, updates, whole
from .methods import Method, method_of
from .problem import Coordinates, Problem, examples

FAR = 1e12  # a run has diverged when numbers are so many times larger than at the start
SOON = 2.0  # seconds until a bar comes that nobody has asked for
ENOUGH = 10_000_000  # numbers that a run keeps; of a longer one every second step, every third …


class Ends(NamedTuple):
    """When a run ends before all steps are made."""

    tolerance: float | None
    stop: Callable[[int, Any, float], Any] | None
    checks: tuple[Any, ...]  # the validation data
    patience: int | None


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
    """All that decides how the steps go; the last four are rules that a wrong turn breaks."""

    problem: Problem
    method: Method
    settings: Mapping[str, float]
    rate: Callable[[int], float]
    sampler: Callable[[], Iterator[Any]]  # the places of the examples for each step
    on_all: bool  # whether each step sees all examples
    clip: float | None = None
    carries: bool = True  # the state goes on to the next step
    renews: bool = True  # the gradient is taken anew in each step
    averages: bool = True  # over the batch
    together: bool = True  # all coordinates move at once

    def walk(self) -> Iterator[Made]:
        """The steps, one after the other, without an end."""
        problem, rest = self.problem, tuple(x for key, x in self.settings.items() if key != "rate")
        written = self.method.written(problem.arrays)
        begun = tuple(self.method.state.values())
        now, states = problem.start, [begun] * len(problem.start)
        slopes: Coordinates = []
        for t, places in enumerate(self.sampler(), 1):
            rate, batch = self.rate(t), problem.batch(places)
            if not self.carries:
                states = [begun] * len(now)
            point = now
            if self.method.looks_ahead:
                point = [written.point(w, t, rate, *rest, *s) for w, s in zip(now, states, strict=True)]
            value, fresh = problem.slopes(point, batch)
            slopes = fresh if self.renews or not slopes else slopes
            if self.method.looks_ahead:
                value = problem.value(now, batch)
            used = self._used(slopes, len(batch[0]) if batch else 1)
            after, kept = list(now), list(states)
            for k, w in enumerate(now):
                if k and not self.together:
                    used = self._used(problem.slopes(after, batch)[1], 1)
                after[k], *others = written.step(w, used[k], t, rate, *rest, *states[k])
                kept[k] = tuple(others)
            yield Made(t, rate, point, value, used, after, kept, places)
            now, states = after, kept

    def _used(self, slopes: Coordinates, count: int) -> Coordinates:
        """The gradient as the step uses it."""
        if not self.averages:
            slopes = [g * count for g in slopes]
        length = norm(slopes) if self.clip is not None else 0.0
        if self.clip is None or not length > self.clip:
            return slopes
        return [g * (self.clip / length) for g in slopes]


def norm(slopes: Coordinates) -> float:
    """The length of a gradient."""
    if slopes and slopes[0].__class__ is float:
        return math.hypot(*slopes)
    return float(np.linalg.norm(slopes[0])) if slopes else 0.0


ENDS = {
    "steps": "all {t} steps were made",
    "tolerance": "the gradient was shorter than {tolerance}",
    "diverged": "it diverged: {why} after {t} steps. A smaller rate may help",
    "stopped": "the function given as stop said so after {t} steps",
    "patience": "the loss on the validation data had not become lower for {patience} epochs",
    "interrupted": "it was interrupted after {t} steps; what was computed is here",
    "domain": "the function could not be computed after {t} steps: {why}",
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
    ended : "steps", "tolerance", "diverged", "stopped", "patience", "interrupted" or "domain"; in words, `sentence`
    """

    plan: Plan
    seed: int
    updates: int
    ended: str = "steps"
    why: str = ""
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
        return [made.rate for made in self.made]

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
        said = ENDS[self.ended].format(t=self.steps, why=self.why, **self.told)
        return f"It ended because {said}."

    def __repr__(self) -> str:
        settings = ", ".join(f"{key} {number(x)}" for key, x in self.settings.items() if key in ("rate", "gamma"))
        values = f"; {name_of(self.plan.problem.f)} from {number(self.values[0])} to {number(self.values[-1])}"
        return f"<run {self.method.name}, {settings}: {self.steps} steps{values if self.values else ''}; {self.ended}>"

    def __str__(self) -> str:
        return f"{self.method.title}, {self.steps} steps. {self.sentence}\n{self.table()}"

    def table(self, rows: int = 10) -> str:
        """The first steps and the last one as a text: the point, the value and the gradient."""
        lines = [("step", *self.plan.problem.names, "value", "gradient")]
        shown = [*range(len(self.path))][:rows] + [len(self.path) - 1] * (len(self.path) > rows)
        for k in shown:
            point = self.plan.problem.arguments(self.plan.problem.start if k == 0 else self.made[k - 1].after)
            value = number(self.values[k]) if k < len(self.values) else ""
            slope = ", ".join(map(number, leaves(self.gradients[k]))) if k < len(self.gradients) else ""
            step = 0 if k == 0 else self.made[k - 1].t
            lines.append((str(step), *map(number, leaves(point)), value, slope))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join("  ".join(x.rjust(w) for x, w in zip(line, widths, strict=True)).rstrip() for line in lines)


@entry(
    "bl.descend(f, 3.0)", 'bl.descend(f, 3.0, method="momentum", rate=0.1, steps=100), or with data=(x, y) and batch=32'
)
def descend(
    f: Callable[..., Any],
    start: Any,
    method: str | Method = "sgd",
    rate: float | Callable[[int], float] | None = None,
    steps: int | None = None,
    *,
    data: Any = None,
    batch: int | None = None,
    sampling: str = "without replacement",
    seed: int = 0,
    epochs: int | None = None,
    tolerance: float | None = None,
    clip: float | None = None,
    stop: Callable[[int, Any, float], Any] | None = None,
    validation: Any = None,
    patience: int | None = None,
    progress: bool | None = None,
    compiled: bool = True,
    **settings: float,
) -> Run:
    """Go downhill from a start, step by step.

    Parameters
    ----------
    f : a function that returns one real number. With `data` it is one of the parameters and then a batch's rows, and
        may return a number for each example: then their mean is taken
    start : where to begin: a number, an array, a list or a dict of them; a tuple has an entry for each parameter of f
    method : a name out of `bl.methods`, or a `Method`
    rate : the step size, or a function of the step's number, counted from 1; what is usual for the method if not given
    steps : how many; 100 if neither these nor epochs are given
    data, batch : arrays with a row for each example, and how many of them each step takes; all if not given
    sampling, seed : how batches are drawn: "without replacement" (each example once an epoch), "with replacement", or
        "in order"; the same seed draws the same batches
    epochs : in place of steps, how many times all the data are gone through
    tolerance : end where the gradient is no longer than this
    clip : gradients that are longer are shortened to this length (Pascanu, Mikolov and Bengio 2013)
    stop : a function of the step's number, the new point and the value before the step; when it says True, the run ends
    validation, patience : data like `data`, on which the loss is computed after each epoch; the run ends when it has
        not become lower for so many epochs
    progress : show tqdm's bar: None for runs that take a while, if tqdm is installed
    compiled : False for a function that answers differently each time, by numbers that it draws itself
    settings : those of the method, by name: `gamma=0.9`, `beta1=0.9`

    Returns
    -------
    Run : with `.path`, `.values`, `.ended` and much else. Whatever happens on the way, also an interrupt, ends the run
        and loses nothing

    Raises
    ------
    ArgumentError : there is no such method or setting, or an argument is not what it must be
    DomainError : the function has no value at the start
    """
    check_function(f)
    row = method_of(method)
    for key, x in (("tolerance", tolerance), ("clip", clip)):
        if x is not None and not (isinstance(x, float | int) and x > 0):
            raise ArgumentError(f"{key} must be a number above 0, not {x!r:.40}; write {key}=0.001")
    if (validation is None) != (patience is None):
        raise ArgumentError("validation and patience belong together; write validation=(x, y), patience=5")
    if steps is not None and epochs is not None:
        raise ArgumentError("steps and epochs say the same in two ways; give one of them")
    problem = Problem(f, start, data, compiled)
    chosen = {key: float(as_number(x, f"the setting {key}", f)) for key, x in row.settled(settings).items()}
    schedule = rate if callable(rate) else None
    if rate is not None and schedule is None:
        chosen["rate"] = float(as_number(rate, "the rate", f))
        if not 0 < chosen["rate"] < math.inf:
            raise ArgumentError(f"the rate must be a number above 0, not {number(rate)}; write rate=0.1")
    draw = sampler(problem.count, batch, sampling, seed)
    plan = Plan(problem, row, chosen, _scheduled(schedule, chosen["rate"], f), draw, batch is None, clip)
    per_epoch = updates(problem.count, batch)
    wanted = whole(100 if steps is None else steps, "steps", 100)
    wanted = whole(epochs, "epochs", 10) * per_epoch if epochs is not None else wanted
    if patience is not None:
        whole(patience, "patience", 5)
    run = Run(plan, seed, per_epoch, now=problem.start, told={"tolerance": tolerance, "patience": patience})
    problem.slopes(problem.start, problem.batch(next(draw())))  # what is wrong at the start is an error
    _go(run, wanted, Ends(tolerance, stop, examples(validation), patience), progress)
    return run


def _scheduled(schedule: Callable[[int], float] | None, rate: float, f: Any) -> Callable[[int], float]:
    """The rate of each step."""
    if schedule is None:
        return lambda t: rate
    return lambda t: float(as_number(schedule(t), f"the rate of step {t}", f))


def _go(run: Run, wanted: int, ends: Ends, progress: bool | None) -> None:
    """Make the steps, and note why they ended."""
    try:
        with np.errstate(all="ignore"), bar(run.plan.walk(), wanted, progress) as steps:
            run.ended, run.why = _ending(run, steps, wanted, ends)
    except KeyboardInterrupt:
        run.ended = "interrupted"
    except (LabError, ArithmeticError) as error:
        run.ended, run.why = "domain", str(getattr(error, "wrong", error))
    if run.plan.on_all and len(run.batch_values) == run.steps:
        run.last = _value_or_nan(run.plan.problem, run.now)


def _ending(run: Run, steps: Iterable[Made], wanted: int, ends: Ends) -> tuple[str, str]:
    """Make steps until one of the ends; which, and of a run that diverged why."""
    problem, batched = run.plan.problem, not run.plan.on_all
    every = 1 + wanted * problem.size * (2 + len(run.method.state)) // ENOUGH
    high, far = 0.0, FAR * max(1.0, _largest(run.now))
    _look(run, ends, batched)
    for made in steps:
        high = high or FAR * max(1.0, abs(made.value))
        if not abs(made.value) <= high < math.inf:
            return "diverged", f"the value became {number(made.value)}"
        if ends.tolerance is not None and norm(made.slopes) <= ends.tolerance:
            return "tolerance", ""
        run.batch_values.append(made.value)
        if made.t % every == 0 or made.t == wanted:
            run.made.append(made)
        run.steps, run.now = made.t, made.after
        if not _largest(run.now) <= far:
            return "diverged", f"a coordinate became {number(_largest(run.now))}"
        if made.t % run.updates == 0:
            _look(run, ends, batched)
            if ends.patience and run.checks[-1][0] - run.best_step >= ends.patience * run.updates:
                return "patience", ""
        if ends.stop is not None and ends.stop(made.t, problem.structured(run.now), made.value):
            return "stopped", ""
        if made.t == wanted:
            return "steps", ""
    raise AssertionError  # a walk has no end


def _look(run: Run, ends: Ends, batched: bool) -> None:
    """Compute the losses that a run shows epoch by epoch."""
    problem = run.plan.problem
    if batched:
        run.seen.append((run.steps, problem.value(run.now, problem.data)))
    if ends.checks:
        found = problem.value(run.now, ends.checks)
        if not run.checks or found < min(loss for _, loss in run.checks):
            run.best_step, run.best_at = run.steps, run.now
        run.checks.append((run.steps, found))


def _largest(at: Coordinates) -> float:
    """The largest size of a coordinate; nan if one is nan."""
    if at and at[0].__class__ is float:
        return math.nan if any(x != x for x in at) else max(map(abs, at))
    return float(np.max(np.abs(at[0]), initial=0.0)) if at else 0.0


def _value_or_nan(problem: Problem, at: Coordinates) -> float:
    try:
        with np.errstate(all="ignore"):
            return problem.value(at, problem.data)
    except (LabError, ArithmeticError):
        return math.nan


@contextmanager
def bar(steps: Iterator[Made], wanted: int, progress: bool | None) -> Iterator[Iterable[Made]]:
    """The steps, with tqdm's bar around them if it is there and wanted."""
    try:
        if progress is False:
            raise ImportError
        from tqdm.auto import tqdm
    except ImportError:
        if progress:
            warn("there is no progress bar without tqdm; write pip install tqdm")
        yield steps
        return
    with tqdm(steps, total=wanted, unit="step", leave=False, delay=0.0 if progress else SOON) as shown:
        yield shown
