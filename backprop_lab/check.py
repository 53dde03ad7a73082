"""Gradients by differences: slow, approximate, and independent, so they are good as a check and for nothing else.

    bl.numerical_grad(f, 2.0, 1.0)            central differences, and how many evaluations they took
    print(bl.check_grad(f, 2.0, 1.0))         our derivatives against differences, argument by argument

The central difference (f(x + h) - f(x - h)) / 2h errs by about h² times the third derivative (truncation) and by about
1e-16 / h times the value (round-off); h = 1e-4 balances them for numbers of ordinary size (Columbia, applied deep
learning slides, 2019).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import source
from .arguments import as_number, bind, name_of, parameter_name
from .derive import jvp, value_and_grad, vjp
from .errors import ArgumentError, LabError
from .notation import number

__all__ = ["GradReport", "GradientError", "check_grad", "numerical_grad"]

source.engine_module(globals())


class Slope(float):
    """A numerical derivative: a number that also knows how many evaluations it took."""

    evaluations: int = 0


class Slopes(tuple[float, ...]):
    """Numerical derivatives, one an argument, with the number of evaluations they took."""

    evaluations: int = 0


def numerical_grad(f: Callable[..., Any], *args: Any, h: float = 1e-4) -> Slope | Slopes:
    """The gradient by central differences.

    Parameters
    ----------
    f : a function of numbers that returns one number; it is called with plain floats
    args : where
    h : half the distance between the two points of a difference

    Returns
    -------
    A number for one argument, a tuple for several; either has `.evaluations`, two for each argument

    Raises
    ------
    ArgumentError : a wrong call, h that is not positive, or a function that does not return one number
    """
    bind(f, args, {})
    if not args:
        raise ArgumentError(f"give the arguments of {name_of(f)} after it, as in numerical_grad({name_of(f)}, 3.0)")
    if not h > 0:
        raise ArgumentError(f"h must be positive, and here it is {h}; write h=1e-4, say")
    at = [as_number(x, parameter_name(f, k), f) for k, x in enumerate(args)]
    found = []
    for k in range(len(at)):
        ahead, behind = (_one_number(f, [*at[:k], at[k] + side * h, *at[k + 1 :]]) for side in (1, -1))
        found.append((ahead - behind) / (2 * h))
    result = Slope(found[0]) if len(found) == 1 else Slopes(found)
    result.evaluations = 2 * len(at)
    return result


def _one_number(f: Callable[..., Any], at: Sequence[Any]) -> Any:
    y = f(*at)
    if isinstance(y, tuple | list):
        raise ArgumentError(f"{name_of(f)} returns {len(y)} values, and a gradient needs one; return one number")
    return as_number(y, "the result", f)


class GradientError(LabError, ArithmeticError):
    """A derivative that differences do not confirm."""


@dataclass(frozen=True)
class Check:
    """One comparison: what was compared, ours, theirs by differences, and how far apart they may be."""

    what: str
    ours: float
    differences: float
    allowed: float

    @property
    def error(self) -> float:
        return abs(self.ours - self.differences)

    @property
    def passed(self) -> bool:
        if not (math.isfinite(self.ours) and math.isfinite(self.differences)):
            return self.ours == self.differences
        return self.error <= self.allowed

    def __str__(self) -> str:
        verdict = "agrees" if self.passed else "DIFFERS"
        return (
            f"{self.what}: {number(self.ours, 10)}, by differences {number(self.differences, 10)}, "
            f"{verdict} (off by {number(self.error, 2)}, allowed {number(self.allowed, 2)})"
        )


@dataclass(frozen=True)
class GradReport:
    """What `check_grad` found.

    Attributes
    ----------
    checks : the comparisons
    passed : whether all agree
    """

    function: str
    checks: tuple[Check, ...] = field(repr=False)

    @property
    def passed(self) -> bool:
        return all(c.passed for c in self.checks)

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        head = f"{self.function}: {sum(c.passed for c in self.checks)} of {len(self.checks)} comparisons agree"
        return "\n".join([head, *(f"  {c}" for c in self.checks)])

    def raise_if_wrong(self) -> None:
        """Raise a `GradientError` that names the first comparison that differs, if one does."""
        for check in self.checks:
            if not check.passed:
                raise GradientError(f"the derivative of {self.function} is wrong: {check}")


def check_grad(
    f: Callable[..., Any], *args: Any, modes: Sequence[str] = ("forward", "reverse"), order: int = 2
) -> GradReport:
    """Compare our derivatives of a function with differences.

    Each argument alone is moved, so that a wrong rule is traced to its argument; then all together in a random
    direction. For second derivatives, differences of our gradient are compared with the gradient's derivative.

    Parameters
    ----------
    f : a function of numbers that returns one number
    args : where; choose a point away from kinks
    modes : "forward", "reverse" or both
    order : 1 for first derivatives alone, 2 for second ones too

    Returns
    -------
    GradReport : `.passed`; print it; `.raise_if_wrong()`

    Raises
    ------
    ArgumentError : a wrong call, mode or order
    """
    unknown = [m for m in modes if m not in ("forward", "reverse")]
    if unknown or not modes:
        raise ArgumentError(f'modes={modes!r}: write modes=("forward",), modes=("reverse",) or both')
    if order not in (1, 2):
        raise ArgumentError(f"order={order!r}: write order=1 or order=2")
    bind(f, args, {})
    at = [as_number(x, parameter_name(f, k), f) for k, x in enumerate(args)]
    checks: list[Check] = []
    for what, direction in _directions(f, at):
        checks += _first(f, at, direction, what, modes)
        if order == 2:
            checks.append(_second(f, at, direction, what))
    return GradReport(name_of(f), tuple(checks))


def _directions(f: Callable[..., Any], at: list[float]) -> list[tuple[str, list[float]]]:
    """Each argument alone, then one direction in which all of them move."""
    found = [
        (f"with respect to {parameter_name(f, k)}", [float(k == j) for j in range(len(at))]) for k in range(len(at))
    ]
    rng = random.Random(len(at))  # random, and the same each time
    together = [rng.uniform(-1, 1) for _ in at]
    return [*found, ("along a random direction", together)] if len(at) > 1 else found


def _first(
    f: Callable[..., Any], at: list[float], direction: list[float], what: str, modes: Sequence[str]
) -> list[Check]:
    slope, allowed = _difference(lambda t: _one_number(f, _moved(at, direction, t)), at)
    ours = {}
    if "forward" in modes:
        ours["forward"] = jvp(f, tuple(at), tuple(direction))[1]
    if "reverse" in modes:
        bars = vjp(f, *at)[1](1.0)
        ours["reverse"] = sum(bar * d for bar, d in zip(bars, direction, strict=True))
    return [Check(f"{mode} mode {what}", value, slope, allowed) for mode, value in ours.items()]


def _second(f: Callable[..., Any], at: list[float], direction: list[float], what: str) -> Check:
    """The derivative of the gradient's part along a direction, again along that direction."""

    def along(*x: Any) -> Any:
        gradient = value_and_grad(f, argnums=tuple(range(len(x))))(*x)[1]
        return sum(g * d for g, d in zip(gradient, direction, strict=True))

    slope, allowed = _difference(lambda t: along(*_moved(at, direction, t)), at)
    return Check(f"second derivative {what}", jvp(along, tuple(at), tuple(direction))[1], slope, allowed)


def _moved(at: list[float], direction: list[float], t: float) -> list[float]:
    return [x + t * d for x, d in zip(at, direction, strict=True)]


def _difference(g: Callable[[float], float], at: list[float]) -> tuple[float, float]:
    """The slope of g at 0 by differences at two distances, combined (Richardson), and how far off it may be."""
    h = 1e-3 * max(1.0, *(abs(x) for x in at))
    wide, near = ((g(step) - g(-step)) / (2 * step) for step in (h, h / 2))
    best = (4 * near - wide) / 3
    return best, 1e-6 * max(1.0, abs(best), abs(g(0.0))) + abs(near - wide) / 2
