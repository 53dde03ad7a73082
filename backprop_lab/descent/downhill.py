"""Go downhill: `bl.descend`.

    run = bl.descend(f, 3.0, rate=0.1, steps=20)              of one number
    run = bl.descend(f, (1.0, 2.0), "momentum", rate=0.05)    f(x, y): a tuple is its arguments
    run = bl.descend(loss, net, "adam", data=(x, y), batch=32, epochs=10)

A step is one call of the function's program (`bl.compile`) and one of the method's Python, which `methods` has as text.
"""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, DomainError, LabError, warn
from ..recording.arguments import check_function
from ..recording.door import entry
from ..recording.operands import REAL
from ..source.functions import name_of
from ..text.expression import names_in
from ..text.notation import number
from .batches import sampler, updates, whole
from .methods import Method, method_of
from .plan import Made, Plan, norm
from .problem import Coordinates, Problem, examples
from .run import Run

FAR = 1e12  # a run has diverged when numbers are so many times larger than at the start
SOON = 2.0  # seconds until a bar comes that nobody has asked for
SHARES = {"gamma", "rho", "beta1", "beta2"}  # settings that say how much of what was is kept
ENOUGH = 10_000_000  # numbers that a run keeps; of a longer one every second step, every third …


class Ends(NamedTuple):
    """When a run ends before all steps are made."""

    tolerance: float | None
    stop: Callable[[int, Any, float], Any] | None
    checks: tuple[Any, ...]  # the validation data
    patience: int | None


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
    schedule: str = "",
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
    schedule : how the rate decays, as a text of `rate` and `t`: "rate / t", "rate * 0.5**(t - 1)"
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
        if x is not None and not (isinstance(x, REAL) and x > 0):
            raise ArgumentError(f"{key} must be a number above 0, not {x!r:.40}; write {key}=0.001")
    if (validation is None) != (patience is None):
        raise ArgumentError("validation and patience belong together; write validation=(x, y), patience=5")
    if steps is not None and epochs is not None:
        raise ArgumentError("steps and epochs say the same in two ways; give one of them")
    if validation is not None and data is None:
        raise ArgumentError("validation is data that a run is not trained on, and there is no data; give data=(x, y)")
    _asked(stop, "stop", 3, "stop=lambda t, point, value: value < 0.1")
    if callable(rate):
        _asked(rate, "rate", 1, "rate=lambda t: 0.1 / t")
    problem = Problem(f, start, data, compiled)
    chosen = {key: _number(x, f"the setting {key}") for key, x in row.settled(settings).items()}
    for key in SHARES & chosen.keys():
        if not 0 <= chosen[key] < 1 and (key, chosen[key]) != ("gamma", 1):  # a ball without friction is meant
            raise ArgumentError(f"{key} must be a number from 0 to below 1, not {number(chosen[key])}; write {key}=0.9")
    row = replace(row, lines=(("rate", _decay(schedule)), *row.lines)) if schedule else row
    varies = rate if callable(rate) else None
    if rate is not None and varies is None:
        chosen["rate"] = _number(rate, "the rate")
        if not 0 < chosen["rate"] < math.inf:
            raise ArgumentError(f"the rate must be a number above 0, not {number(rate)}; write rate=0.1")
    draw = sampler(problem.count, batch, sampling, seed)
    plan = Plan(problem, row, chosen, _rates(varies, chosen["rate"]), draw, batch is None, clip)
    per_epoch = updates(problem.count, batch)
    wanted = whole(100 if steps is None else steps, "steps", 100)
    wanted = whole(epochs, "epochs", 10) * per_epoch if epochs is not None else wanted
    if patience is not None:
        whole(patience, "patience", 5)
    drawn = "" if batch is None else f"batches of {batch} {sampling}, seed {seed}"
    checks = problem.like_data(examples(validation), "validation")
    run = Run(plan, seed, per_epoch, drawn, now=problem.start, told={"tolerance": tolerance, "patience": patience})
    first = plan.rate(1)  # what is wrong at the start is an error
    if not 0 <= first < math.inf:
        raise ArgumentError(f"the rate of step 1 is {number(first)}, and a rate is a number above 0; mend the function")
    value, _ = problem.slopes(problem.start, problem.batch(next(draw())))
    if not math.isfinite(value):
        raise ArgumentError(f"{name_of(f)} is {number(value)} at the start; begin where it has a value")
    _go(run, wanted, Ends(tolerance, stop, checks, patience), progress)
    return run


def _number(x: Any, what: str) -> float:
    """A number that somebody gave, as a float."""
    if not isinstance(x, REAL):
        raise ArgumentError(f"{what} must be a number, not {x!r:.40}; give one such as 0.1")
    return float(x)


def _asked(f: Any, what: str, many: int, such: str) -> None:
    """Look whether what is asked at each step can be: a function of as many arguments as it gets."""
    if f is None:
        return
    gets = "the number of the step" if many == 1 else "the number of the step, the point and the value"
    if not callable(f):
        raise ArgumentError(f"{what} must be a function of {gets}, not {f!r:.40}; write {such}")
    try:
        inspect.signature(f).bind(*range(many))
    except TypeError:
        raise ArgumentError(f"the function given as {what} gets {gets}; write {such}") from None
    except ValueError:  # one that does not tell what it takes
        pass


def _rates(varies: Callable[[int], float] | None, rate: float) -> Callable[[int], float]:
    """The rate of each step."""
    if varies is None:
        return lambda t: rate

    def found(t: int) -> float:
        rate = _number(varies(t), f"the rate of step {t}")
        if t > 1 and not 0 <= rate < math.inf:  # the first one is looked at before there is a run
            raise DomainError(f"its rate would be {number(rate)}")
        return rate

    return found


def _decay(text: Any) -> str:
    """A schedule that can be read."""
    try:
        if {"rate"} <= names_in(text) <= {"rate", "t"}:
            return str(text)
    except (ValueError, SyntaxError, TypeError):
        pass
    raise ArgumentError(
        f"a schedule is a text of rate and t, the number of the step from 1, not {text!r:.40}; write "
        'schedule="rate / t", or give rate a function of t'
    )


def _go(run: Run, wanted: int, ends: Ends, progress: bool | None) -> None:
    """Make the steps, and note why they ended."""
    try:
        with np.errstate(all="ignore"), bar(run.plan.walk(), wanted, progress) as steps:
            run.ended, run.why = _ending(run, steps, wanted, ends)
    except KeyboardInterrupt:
        run.ended = "interrupted"
    except OverflowError:
        run.ended, run.why = "diverged", "a number became too large for a float"
    except (DomainError, ArithmeticError) as error:
        run.ended, run.why = "domain", str(getattr(error, "wrong", error))
    except Exception as error:  # of the function itself, its rate or its stop: the steps made before stay
        _failed(run, error)
    if run.plan.on_all and len(run.batch_values) == run.steps:
        try:
            run.last = _value_or_nan(run.plan.problem, run.now)
        except Exception as error:
            run.last = math.nan
            if run.error is None:
                _failed(run, error)


def _failed(run: Run, error: Exception) -> None:
    """Note and tell what was raised in the middle of a run."""
    run.ended, run.error = "error", error
    run.why = str(error) if isinstance(error, LabError) else f"{type(error).__name__}: {error}"
    warn(f"{name_of(run.plan.problem.f)} ran into an error after step {run.steps}; {run.why}")


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
    shown = tqdm(total=wanted, unit="step", leave=False) if progress else None
    begun = time.monotonic()

    def counted() -> Iterator[Made]:
        """A bar comes only after a while: in a notebook tqdm's own `delay` leaves an empty one in the output."""
        nonlocal shown
        for n, made in enumerate(steps, start=1):
            if shown is not None:
                shown.update()
            elif time.monotonic() - begun > SOON:
                shown = tqdm(total=wanted, initial=n, unit="step", leave=False)
            yield made

    try:
        yield counted()
    finally:
        if shown is not None:
            shown.close()
