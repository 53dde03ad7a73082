"""What a formula of numbers costs, counted in its text: `cost_of("1 - y*y")` is one multiplication, one addition."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from ..text.expression import operations, parse


class Cost(NamedTuple):
    """Operations needed once: multiplications (divisions count as one), additions and function calls."""

    multiplications: int = 0
    additions: int = 0
    functions: int = 0

    def plus(self, other: Cost, times: int = 1) -> Cost:
        (a, b, c), (x, y, z) = self, other
        return Cost(a + times * x, b + times * y, c + times * z)


EACH = {"*": Cost(1), "/": Cost(1), "**": Cost(1), "+": Cost(0, 1), "-": Cost(0, 1)}
FUNCTION = Cost(functions=1)
FREE = ("1", "-1", "0")  # local partials that copy, negate or drop what comes: no multiplication


@cache
def cost_of(text: str, settings: tuple[str, ...] = ()) -> Cost:
    """Count the operations in an expression: `"1 - y*y"` is one multiplication and one addition.

    Arithmetic of settings alone, such as the `n - 1` of a power, is done once and costs nothing.
    """
    return counted(operations(parse(text), apart=settings))


def counted(operations: Iterable[str]) -> Cost:
    """What some operations cost, given by their signs and functions."""
    total = Cost()
    for operation in operations:
        total = total.plus(EACH.get(operation, FUNCTION))
    return total
