"""Gradients by differences: slow, approximate, and independent, so they are good as a check and for nothing else.

    bl.numerical_grad(f, 2.0, 1.0)            central differences, and how many evaluations they took
    print(bl.check_grad(f, 2.0, 1.0))         our derivatives against differences, argument by argument

The central difference (f(x + h) - f(x - h)) / 2h errs by about h² times the third derivative (truncation) and by about
1e-16 / h times the value (round-off); h = 1e-4 balances them for numbers of ordinary size (Columbia, applied deep
learning slides, 2019).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np

from ..errors import ArgumentError, LabError, LabWarning, TraceError
from ..graph.trace import trace
from ..recording.arguments import as_number, bind, check_output, counted
from ..recording.call import Call
from ..recording.door import entry
from ..recording.tape import refuse_if_off
from ..recording.trees import is_tree
from ..source.functions import name_of
from ..table.values import is_complex, settled, shape_of, units
from ..text.notation import number
from .passes import jvp, value_and_grad, vjp


class Slope(float):
    """A numerical derivative: a number that also knows how many evaluations it took."""

    evaluations: int = 0


class Slopes(tuple[Any, ...]):
    """Numerical derivatives, one an argument, with the number of evaluations they took."""

    evaluations: int = 0


class SlopeArray(np.ndarray[Any, Any]):
    """The numerical derivatives with respect to an array, with the number of evaluations they took."""

    evaluations: int = 0


class _Point(Call):
    """The arguments of a call, which may be moved."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...]) -> None:
        bind(f, args, {})
        super().__init__(f, args)

    def number(self, flat: Sequence[Any]) -> float:
        """The function's value, which must be one real number; arrays are handed over as copies."""
        y = self.flat(*(x.copy() if isinstance(x, np.ndarray) else x for x in flat))
        if is_tree(y):
            raise ArgumentError(f"{name_of(self.f)} returns {counted(y)}, and a gradient needs one; return one number")
        y = check_output(y, self.f)
        if shape_of(y):
            raise ArgumentError(
                f"{name_of(self.f)} returns an array of shape {shape_of(y)}, and a gradient needs one number; sum it up"
            )
        result: float = as_number(y, "the result", self.f)
        return result


@entry("bl.numerical_grad(f, 3.0)", "bl.numerical_grad(f, 3.0, h=1e-4)")
def numerical_grad(f: Callable[..., Any], *args: Any, h: float = 1e-4) -> Any:
    """The gradient by central differences.

    Parameters
    ----------
    f : a function that returns one number; it is called with plain floats and arrays
    args : where: numbers, arrays, or lists, tuples and dicts of them
    h : half the distance between the two points of a difference

    Returns
    -------
    What `bl.grad` returns: for one argument in its structure and shape, a tuple for several. Numbers, arrays and tuples
    have `.evaluations`: two for each number of the arguments, four for a complex one

    Raises
    ------
    ArgumentError : a wrong call, h that is not positive, or a function that does not return one number
    """
    refuse_if_off()
    point = _Point(f, args)
    if not args:
        raise ArgumentError(
            f"numerical_grad got no arguments for {name_of(f)}; give them after it, as in numerical_grad(f, 3.0)"
        )
    if not isinstance(h, Real) or not h > 0:
        raise ArgumentError(f"h must be a positive number, and here it is {h!r:.40}; write h=1e-4")
    evaluations = 0

    def slope(k: int, step: Any) -> float:
        nonlocal evaluations
        evaluations += 2
        before, x, after = point.values[:k], point.values[k], point.values[k + 1 :]
        ahead, behind = (point.number([*before, moved, *after]) for moved in (x + step, x - step))
        return (ahead - behind) / (2 * h)

    found: list[Any] = []
    for k, x in enumerate(point.values):
        slopes = np.zeros(shape_of(x), dtype=complex if is_complex(x) else float)
        for unit in units(x):
            slopes = slopes + unit * slope(k, h * unit)
            if is_complex(x):  # du/dx - i du/dy, as grad
                slopes = slopes - 1j * unit * slope(k, 1j * h * unit)
        found.append(settled(np.asarray(slopes)))
    slopes = point.structured(found)
    kinds: dict[type, Any] = {tuple: Slopes, float: Slope, np.ndarray: lambda array: array.view(SlopeArray)}
    if type(slopes) not in kinds:
        return slopes
    counted = kinds[type(slopes)](slopes)
    counted.evaluations = evaluations
    return counted


class GradientError(LabError, ArithmeticError):
    """A derivative that differences do not confirm."""


@dataclass(frozen=True)
class Check:
    """One comparison."""

    what: str
    ours: float
    differences: float
    allowed: float  # how far apart the two may be
    settled: bool = True  # as the differences' points draw together; if not, they confirm nothing

    @property
    def error(self) -> float:
        return abs(self.ours - self.differences)

    @property
    def passed(self) -> bool:
        if not (math.isfinite(self.ours) and math.isfinite(self.differences)):
            return self.ours == self.differences
        return self.settled and self.error <= self.allowed

    def __str__(self) -> str:
        verdict = "agrees" if self.passed else "DIFFERS" if self.settled else "UNKNOWN, the differences do not settle"
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
    left_out : what could not be compared, in words, or nothing
    """

    function: str
    checks: tuple[Check, ...] = field(repr=False)
    left_out: str = ""

    @property
    def passed(self) -> bool:
        return all(c.passed for c in self.checks)

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        head = f"{self.function}: {sum(c.passed for c in self.checks)} of {len(self.checks)} comparisons agree"
        return "\n".join([head, *(f"  {c}" for c in self.checks), *([f"  {self.left_out}"] if self.left_out else [])])

    def raise_if_wrong(self) -> None:
        """Raise a `GradientError` that names the first comparison that differs, if one does."""
        for check in self.checks:
            if not check.passed:
                raise GradientError(f"the derivative of {self.function} is wrong: {check}")


@entry("bl.check_grad(f, 3.0)", 'bl.check_grad(f, 3.0, modes=("reverse",), order=1)')
def check_grad(
    f: Callable[..., Any], *args: Any, modes: Sequence[str] = ("forward", "reverse"), order: int = 2
) -> GradReport:
    """Compare our derivatives of a function with differences.

    Each argument alone is moved (an array in a random direction), so that a wrong rule is traced to its argument; then
    all together in a random direction. For second derivatives, differences of our gradient are compared with the
    gradient's derivative. The rules of `bl.custom` functions on the way are compared one by one.

    Parameters
    ----------
    f : a function of numbers and arrays that returns one real number
    args : where: numbers, arrays, or lists, tuples and dicts of them; choose a point away from kinks
    modes : "forward", "reverse" or both
    order : 1 for first derivatives alone, 2 for second ones too

    Returns
    -------
    GradReport : `.passed`; print it; `.raise_if_wrong()`

    Raises
    ------
    ArgumentError : a wrong call, mode or order
    """
    modes = (modes,) if isinstance(modes, str) else modes
    if not isinstance(modes, Sequence):
        raise ArgumentError(f'modes={modes!r:.40} must be a tuple of modes; write modes=("reverse",)')
    unknown = [m for m in modes if m not in ("forward", "reverse")]
    if unknown or not modes:
        raise ArgumentError(f'modes={modes!r} has other names than these; write modes=("forward", "reverse")')
    if order not in (1, 2):
        raise ArgumentError(f"order={order!r:.40} must be 1 or 2; write order=2")
    point = _Point(f, args)
    rules = list(_rules(point))
    checks, left_out = [check for _, found in rules for check in found], ""
    for what, direction, scale in _directions(point):
        checks += _first(point, direction, scale, what, modes)
        if order == 2 and not left_out:
            try:
                checks += _second(point, direction, scale, what)
            except TraceError as error:
                if not rules:
                    raise
                left_out = f"second derivatives were not compared, because a rule cannot be differentiated: {error}"
    return GradReport(name_of(f), tuple(checks), left_out)


def _directions(point: _Point) -> Iterator[tuple[str, list[Any], float]]:
    """Each argument alone, then all together: what is moved, the direction, and what its length is to be divided by.

    A direction is as long as its argument, so that a small argument beside a large one is not thrown far away.
    """
    rng = np.random.default_rng(len(point.values))  # random, and the same each time
    zeros = [0.0 * x for x in point.values]
    scales = [float(np.max(np.abs(x), initial=0.0)) or 1.0 for x in point.values]
    random = []
    for x, scale in zip(point.values, scales, strict=True):
        v = rng.normal(size=shape_of(x)) + (1j * rng.normal(size=shape_of(x)) if is_complex(x) else 0.0)
        random.append(settled(np.asarray(scale * v)))
    for k, (name, scale) in enumerate(zip(point.names, scales, strict=True)):
        alone = scale if isinstance(point.values[k], float) else random[k]
        yield f"with respect to {name}", [*zeros[:k], alone, *zeros[k + 1 :]], scale
    if len(point.values) > 1:
        yield "along a random direction", random, 1.0


def _along(bars: Sequence[Any], direction: Sequence[Any]) -> Any:
    """The derivative along a direction from the adjoints; of complex numbers the real part, by grad's convention."""
    return sum(np.sum(np.real(bar * d)) for bar, d in zip(bars, direction, strict=True))


def _first(point: _Point, direction: list[Any], scale: float, what: str, modes: Sequence[str]) -> list[Check]:
    def ours() -> Iterator[tuple[str, Any]]:
        if "forward" in modes:
            yield f"forward mode {what}", jvp(point.flat, tuple(point.values), tuple(direction))[1]
        if "reverse" in modes:
            yield f"reverse mode {what}", _along(vjp(point.flat, *point.values)[1](1.0), direction)

    return _compared(lambda *xs: point.number(xs), point.values, direction, scale, ours())


def _second(point: _Point, direction: list[Any], scale: float, what: str) -> list[Check]:
    """The derivative of the gradient's part along a direction, again along that direction."""

    def along(*x: Any) -> Any:
        return _along(value_and_grad(point.flat, argnums=tuple(range(len(x))))(*x)[1], direction)

    slope = jvp(along, tuple(point.values), tuple(direction))[1]
    return _compared(along, point.values, direction, scale**2, [(f"second derivative {what}", slope)])


def _compared(
    g: Callable[..., Any], at: Sequence[Any], direction: Sequence[Any], scale: float, ours: Iterable[tuple[str, Any]]
) -> list[Check]:
    """Derivatives of g along a direction, each with what it is, beside its differences; all divided by a scale."""
    slope, allowed, sure = _difference(lambda t: float(g(*(x + t * d for x, d in zip(at, direction, strict=True)))))
    return [Check(what, float(one) / scale, slope / scale, allowed / scale, sure) for what, one in ours]


def _rules(point: _Point) -> Iterator[tuple[Any, list[Check]]]:
    """For each function with a rule of its own that is called on the way, its rules against differences."""
    with warnings.catch_warnings(action="ignore", category=LabWarning):
        graph = trace(point.flat, *point.values)
    done = []
    for node in graph.nodes:
        rule = node.operands[-1] if node.op == "custom" else None
        if rule is None or rule in done:
            continue
        done.append(rule)
        where = f" (line {node.line})" if node.line else ""
        yield rule, _rule_checks(rule, [p.value for p in node.parents], node.value, where)


def _rule_checks(rule: Any, xs: list[Any], y: Any, where: str) -> list[Check]:
    """One function's own rules at one place, each argument alone; an array as result is summed with random weights."""
    # A number gets the adjoint 2, so that a rule that forgets to multiply by it is found.
    weights, share = (np.random.default_rng(len(xs)).normal(size=shape_of(y)), 1.0) if shape_of(y) else (2.0, 0.5)
    found = []
    for k, (what, direction, scale) in zip(range(len(xs)), _directions(_Point(rule.function, tuple(xs))), strict=False):
        ours, of = [], f"rule of {rule.name} {what}{where}"
        if rule.jvp is not None:
            ours.append((f"the jvp {of}", np.sum(weights * rule.push(direction, y, xs))))
        if rule.vjp is not None:
            ours.append((f"the vjp {of}", np.sum(np.real(rule.pull(weights, y, xs)[k] * direction[k]))))
        found += _compared(lambda *moved: np.sum(weights * rule.value(*moved)), xs, direction, scale / share, ours)
    return found


def _difference(g: Callable[[float], float]) -> tuple[float, float, bool]:
    """The slope of g at 0, how far off it may be, and whether the differences settle.

    Central differences at distances that are halved, extrapolated to 0 (Ridders 1982, Accurate computation of F'(x) and
    F'(x) F''(x)); the distance starts smaller where g leaves its domain.
    """
    best, error, h = math.nan, math.inf, 0.02
    rows: list[list[float]] = []
    for _ in range(12):
        try:
            row = [(g(h) - g(-h)) / (2 * h)]
        except (ValueError, ArithmeticError):
            rows, h = [], h / 4
            continue
        for j, before in enumerate(rows[-1][:4] if rows else []):
            row.append(row[j] + (row[j] - before) / (4 ** (j + 1) - 1))
        rows.append(row)
        h /= 2
        for j in range(len(row) - 2):  # three in a row that agree: two might do so by chance
            apart = max(abs(row[j] - rows[-2][j]), abs(rows[-2][j] - rows[-3][j]))
            if apart <= error:
                best, error = row[j], apart
    size = max(1.0, abs(g(0.0)))
    sure = error <= 1e-3 * max(abs(best), 1e-4 * size)
    return best, 1e-6 * abs(best) + 1e-9 * size + 2 * error, sure
