"""What a formula of numbers costs, counted in its text: `cost_of("1 - y*y")` is one multiplication, one addition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from ..source import frames
from ..text.expression import Reading
from .values import shape_of, size_of

__all__ = ["EACH", "Cost", "cost_of", "products", "total"]

frames.engine_module(globals())


class Cost(NamedTuple):
    """Operations needed once: multiplications (divisions count as one), additions and function calls."""

    multiplications: int = 0
    additions: int = 0
    functions: int = 0

    def plus(self, other: Cost, times: int = 1) -> Cost:
        """The sum of this cost and `times` the other."""
        (a, b, c), (x, y, z) = self, other
        return Cost(a + times * x, b + times * y, c + times * z)


def total(costs: Iterable[Cost], own: Cost) -> Cost:
    """The sum of costs and one more."""
    for cost in costs:
        own = own.plus(cost)
    return own


class _Counted(Reading[tuple[Cost, bool]]):
    """What an expression of numbers costs, and whether there is more in it than literals and settings."""

    def __init__(self, settings: Sequence[str]) -> None:
        self.settings = settings

    def name(self, key: str) -> tuple[Cost, bool]:
        return Cost(), key not in self.settings

    def number(self, value: Any) -> tuple[Cost, bool]:
        return Cost(), False

    def minus(self, operand: tuple[Cost, bool]) -> tuple[Cost, bool]:
        return operand

    def binary(self, sign: str, left: tuple[Cost, bool], right: tuple[Cost, bool]) -> tuple[Cost, bool]:
        moves = left[1] or right[1]
        return total((left[0], right[0]), EACH[sign] if moves else Cost()), moves

    def call(self, function: str, args: Sequence[tuple[Cost, bool]]) -> tuple[Cost, bool]:
        return total((cost for cost, _ in args), Cost(functions=1)), True

    def choice(self, *parts: tuple[Cost, bool]) -> tuple[Cost, bool]:
        return total((cost for cost, _ in parts), Cost()), any(moves for _, moves in parts)


@cache
def cost_of(text: str, settings: tuple[str, ...] = ()) -> Cost:
    """Count the operations in an expression: `"1 - y*y"` is one multiplication and one addition.

    Arithmetic of settings alone, such as the `n - 1` of a power, is done once and costs nothing.
    """
    return _Counted(settings).of(text)[0]


EACH = {"*": Cost(1), "/": Cost(1), "**": Cost(1), "+": Cost(0, 1), "-": Cost(0, 1)}


def products(y: Any, a: Any) -> Cost:
    """Each element of a product of matrices: n multiplications and n - 1 additions."""
    n = shape_of(a)[-1]
    return Cost(n * size_of(y), max(n - 1, 0) * size_of(y))
