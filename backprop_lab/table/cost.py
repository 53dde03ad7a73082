"""What a formula of numbers costs, counted in its text: `cost_of("1 - y*y")` is one multiplication, one addition."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from ..source import frames
from ..text.expression import Reading

__all__ = ["EACH", "Cost", "cost_of"]

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


EACH = {"*": Cost(1), "/": Cost(1), "**": Cost(1), "+": Cost(0, 1), "-": Cost(0, 1)}


class _Counting(Reading[bool]):
    """Adds up what an expression costs; each part says whether there is more in it than literals and settings."""

    def __init__(self, settings: Sequence[str]) -> None:
        self.settings, self.cost = settings, Cost()

    def name(self, key: str) -> bool:
        return key not in self.settings

    def number(self, value: Any) -> bool:
        return False

    def minus(self, operand: bool) -> bool:
        return operand

    def binary(self, sign: str, left: bool, right: bool) -> bool:
        self.cost = self.cost.plus(EACH[sign], left or right)
        return left or right

    def call(self, function: str, args: Sequence[bool]) -> bool:
        self.cost = self.cost.plus(Cost(functions=1))
        return True

    def choice(self, *parts: bool) -> bool:
        return any(parts)


@cache
def cost_of(text: str, settings: tuple[str, ...] = ()) -> Cost:
    """Count the operations in an expression: `"1 - y*y"` is one multiplication and one addition.

    Arithmetic of settings alone, such as the `n - 1` of a power, is done once and costs nothing.
    """
    counting = _Counting(settings)
    counting.of(text)
    return counting.cost
