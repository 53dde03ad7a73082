"""Which of our operations one of theirs is: by the name that they give it, by its numbers, or by what is given for it.

A set of parents has lost the order of operands, and holds x once for x * x; some engines leave plain numbers out.
All of this is found again by computing: our operation must give their number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import permutations
from typing import Any, NamedTuple

from ..derivatives import passes
from ..derivatives.custom import Custom
from ..errors import LabError
from ..table.table import Primitive, primitives
from ..text.notation import number

# Ours, and what engines call it.
CALLED = """
add + plus        sub - − subtract minus      mul * × · mult multiply times     div / ÷ truediv divide
pow ** ^ power    neg negate                  reciprocal inv 1/x                sigmoid σ logistic
log ln            square sq                   sqrt √                            maximum max
minimum min       arcsin asin                 arccos acos                       arctan atan
unit_step heaviside step
"""
NAMES = {
    name: own
    for line in CALLED.strip().splitlines()
    for own, *names in map(str.split, re.split(" {3,}", line))
    for name in names
}
SIGNS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", "^": "pow"}
WITH_NUMBER = re.compile(r"(\*\*|\^|[-+*/]|pow)\s*\(?\s*([-−]?\d[\d.]*(?:e[-+]?\d+)?)\s*\)?")
# Tried in this order where the operation is not told; powers come after them.
UNTOLD = {
    1: "neg exp log relu tanh sigmoid sin cos abs softplus".split(),
    2: "add mul sub div pow maximum minimum".split(),
}
MANY: dict[str, Callable[..., Any]] = {"sum": lambda *xs: sum(xs[1:], xs[0]), "mean": lambda *xs: sum(xs) / len(xs)}
# Comparisons that give 1 or 0, as minitorch's do: a number of two others, with slopes of 0.
COMPARED: dict[str, Callable[..., Any]] = {
    "lt": lambda a, b: 0 * a + 0 * b + float(a < b),
    "gt": lambda a, b: 0 * a + 0 * b + float(a > b),
    "eq": lambda a, b: 0 * a + 0 * b + float(a == b),
}
COMMUTE = {"add", "mul", "maximum", "minimum", "hypot"}


class Fit(NamedTuple):
    """One of our operations that gives their number: which operands, by their places among the parents, with a plain
    number where they left one out; and settings."""

    op: Primitive
    operands: tuple[int | float, ...]
    settings: tuple[Any, ...] = ()


PLAIN_ADD, PLAIN_MUL = (Fit(primitives[name], (0, 1)) for name in ("add", "mul"))


@cache
def known_as(text: str) -> tuple[str, float | None]:
    """Our name for theirs, or an empty text, and a number that stands in theirs: `**2`."""
    cleaned = text.strip()
    with_number = WITH_NUMBER.fullmatch(cleaned.lower())
    if with_number:
        sign = with_number[1]
        return SIGNS.get(sign, "pow"), float(with_number[2].replace("−", "-"))
    bare = cleaned.lower().strip("_() ")
    found = NAMES.get(cleaned.lower()) or NAMES.get(bare) or (bare if bare in scalar_names() else "")
    return found, None


@cache
def scalar_names() -> frozenset[str]:
    """The names of our operations on single numbers, without settings."""
    return frozenset(name for name, op in primitives.items() if op.elementwise and not op.params)


def fits(
    name: str,
    given: float | None,
    xs: Sequence[float],
    y: float,
    close: Callable[[float, float, Any], bool],
    cells: Sequence[Any],
) -> Iterator[Fit]:
    """The ways in which the operation of this name gives y from the parents' numbers, the likeliest first.

    `given` is a number that their name for it has, `cells` what their rule for going back keeps of plain numbers.
    """
    for op, places, settings in _ways(name, given, xs, y, cells):
        operands = [xs[p] if isinstance(p, int) else p for p in places]
        if close(evaluated(op, operands, settings), y, operands):
            yield Fit(op, places, settings)


def evaluated(op: Primitive, operands: Sequence[float], settings: Sequence[Any] = ()) -> float:
    """Our operation on numbers; nan where there is none."""
    try:
        found = op.function(*operands, *settings)
    except (LabError, ArithmeticError, ValueError):
        return math.nan
    return float(found) if isinstance(found, float | int) else math.nan


def _ways(
    name: str, given: float | None, xs: Sequence[float], y: float, cells: Sequence[Any]
) -> Iterator[tuple[Primitive, tuple[Any, ...], tuple[Any, ...]]]:
    count = len(xs)
    if name == "pow" and count == 1:
        for n in [given] if given is not None else [*cells, *_exponents(xs[0], y)]:
            yield _power(n)
        if given is None:
            yield primitives["pow"], (0, 0), ()
        return
    if name == "sub" and count == 1 and given is None:
        yield primitives["neg"], (0,), ()
    op = primitives[name]
    if op.arity == count:
        yield op, tuple(range(count)), ()
        if count == 2 and name not in COMMUTE:
            yield op, (1, 0), ()
    elif op.arity == 2 and count == 1:
        numbers = [given] if given is not None else [*cells, *_left_out(name, xs[0], y)]
        if given is None:
            yield op, (0, 0), ()
        for c in numbers:
            yield op, (0, float(c)), ()
            if name not in COMMUTE:
                yield op, (float(c), 0), ()


def _power(n: float) -> tuple[Primitive, tuple[Any, ...], tuple[Any, ...]]:
    whole = int(n) if float(n).is_integer() and abs(n) < 1e15 else float(n)
    return (primitives["square"], (0,), ()) if whole == 2 else (primitives["power"], (0,), (whole,))


def _exponents(x: float, y: float) -> list[float]:
    """Exponents that lead from x to y, as people write them: whole or half."""
    found = [n / 2 for n in range(-8, 17)]
    if x > 0 and y > 0 and x != 1:
        found.append(math.log(y) / math.log(x))
    return sorted(found, key=lambda n: (n != 2, abs(n) if float(n).is_integer() else 9 + abs(n)))


def _left_out(name: str, x: float, y: float) -> list[float]:
    """The plain number that makes y of x, where they keep no node for it."""
    found = []
    if name == "add":
        found = [y - x]
    elif name == "sub":
        found = [x - y, y + x]
    elif name == "mul" and x:
        found = [y / x]
    elif name == "div":
        found = [x / y if y else math.nan, y * x]
    return [float(f"{c:.12g}") for c in found if math.isfinite(c)]


def untold(
    xs: Sequence[float], y: float, partials: Sequence[Any], close: Callable[[float, float, Any], bool]
) -> list[Fit]:
    """The operations that give y from these numbers where their name is not told; first those that also have their
    local partials."""
    found: list[Fit] = []
    count = len(xs)
    for name in UNTOLD.get(count, ()):
        op = primitives[name]
        for places in permutations(range(count)) if count == 2 and name not in COMMUTE else (tuple(range(count)),):
            operands = [xs[p] for p in places]
            if close(evaluated(op, operands), y, operands):
                found.append(Fit(op, places))
    if count == 1:
        slope = partials[0] if len(partials) == 1 and isinstance(partials[0], float | int) else None
        exponents = _exponents(xs[0], y)
        if slope is not None and y:
            exponents.insert(0, round(slope * xs[0] / y, 9))
        for n in exponents:
            op, places, settings = _power(n)
            if close(evaluated(op, xs, settings), y, xs):
                found.append(Fit(op, places, settings))
                break
    if len(partials) != count:
        return found
    return sorted(found, key=lambda fit: not _has_partials(fit, xs, y, partials, close))


def _has_partials(fit: Fit, xs: Sequence[float], y: float, partials: Sequence[Any], close: Any) -> bool:
    operands = tuple(xs[p] if isinstance(p, int) else p for p in fit.operands)
    for slot, place in enumerate(fit.operands):
        if isinstance(place, int) and not isinstance(partials[place], float | int):
            return False
        if isinstance(place, int) and not close(_slope(fit, slot, y, operands), partials[place], ()):
            return False
    return True


def _slope(fit: Fit, slot: int, y: float, operands: tuple[float, ...]) -> float:
    try:
        return float(fit.op.slope(slot, y, (*operands, *fit.settings)))
    except (LabError, ArithmeticError, ValueError):
        return math.nan


def plainly(name: str, xs: Sequence[float], y: float, partials: Sequence[Any]) -> Fit | None:
    """The sums and products of which most graphs consist, where all is as it has to be; this is asked first."""
    if len(xs) != 2 or name not in ("add", "mul", ""):
        return None
    a, b = xs
    if name != "mul" and a + b == y and (name or partials == [1.0, 1.0]):
        return PLAIN_ADD
    if name != "add" and a * b == y and (name or partials == [b, a]) and (name or partials != [1.0, 1.0]):
        return PLAIN_MUL
    return None


def black_box(name: str, function: Callable[..., Any]) -> Custom:
    """A function of theirs as one node, with the derivative that our engine finds inside."""
    rule = Custom(function, None, partial(passes.vjp, function))
    rule.name = rule.__name__ = re.sub(r"\W+", "_", name).strip("_") or "theirs"
    return rule


def told_wrong(op: Primitive, xs: Sequence[float], y: float, close: Callable[[float, float, Any], bool]) -> str:
    """What gives their number in place of our operation, as the end of a sentence; nothing if nothing we know does."""
    if len(xs) == 2:
        a, b = xs
        ways = [("a whole-number division, //,", (a // b if b else math.nan) if op.name == "div" else math.nan)]
        ways += [(f"{name} in its place", evaluated(primitives[name], (a, b))) for name in UNTOLD[2] if name != op.name]
        for words, found in ways:
            if close(found, y, (a, b)):
                return f", and {words} gives {number(y)}"
    return ""
