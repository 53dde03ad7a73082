"""What engines make of several arrivals in place of their sum: the gradients that a node may then have."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from ..mistakes.sweep import Use
from .partials import kin

Gathers = Callable[[list[float], list[Use]], Iterable[float]]
MOST_ARRIVALS = 10  # of which all subsets are tried


def one_of(came: list[float], uses: list[Use]) -> Iterable[float]:
    """Any one of them."""
    return came or [0.0]


def once_each(came: list[float], uses: list[Use]) -> Iterable[float]:
    """One arrival from each child: the first of them, or the last."""
    first = {use.child: x for x, use in reversed(list(zip(came, uses, strict=True)))}
    last = {use.child: x for x, use in zip(came, uses, strict=True)}
    return [math.fsum(first.values()), math.fsum(last.values())]


def overwritten(op: str) -> Gathers:
    """An arrival of this operation, and any of the others, which came after it; without one, all."""

    def gathers(came: list[float], uses: list[Use]) -> Iterator[float]:
        yield math.fsum(came)
        if len(came) > MOST_ARRIVALS:
            return
        for k, use in enumerate(uses):
            others = [x for j, x in enumerate(came) if j != k]
            if kin(use.op) == op:
                for count in range(len(others)):
                    for some in combinations(others, count):
                        yield came[k] + math.fsum(some)

    return gathers
