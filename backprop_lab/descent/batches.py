"""Which examples each step is made with: all, or batches of them, drawn with or without replacement.

draw = sampler(128, 32, "without replacement", seed=0)
next(draw())                      the places of the first batch, always the same for the same seed
updates(128, 32)                  4: so many steps see each example once, an epoch
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any

import numpy as np

from ..errors import ArgumentError


def _shuffled(random: np.random.Generator, count: int, batch: int) -> Iterator[Any]:
    while True:
        order = random.permutation(count)
        yield from (order[k : k + batch] for k in range(0, count, batch))


def _drawn(random: np.random.Generator, count: int, batch: int) -> Iterator[Any]:
    while True:
        yield random.integers(count, size=batch)


def _in_order(random: np.random.Generator, count: int, batch: int) -> Iterator[Any]:
    while True:
        yield from (np.arange(k, min(k + batch, count)) for k in range(0, count, batch))


SAMPLING = {"without replacement": _shuffled, "with replacement": _drawn, "in order": _in_order}


def sampler(count: int, batch: Any, sampling: str, seed: Any) -> Callable[[], Iterator[Any]]:
    """A function that begins to draw: each time the same batches, without an end.

    Parameters
    ----------
    count : how many examples there are
    batch : how many a step takes; None for all
    sampling : a key of SAMPLING
    seed : a whole number

    Raises
    ------
    ArgumentError : a batch that is no such number, another sampling, or no seed
    """
    if not isinstance(sampling, str) or sampling not in SAMPLING:
        known = " or ".join(f'"{key}"' for key in SAMPLING)
        raise ArgumentError(f"there is no sampling {sampling!r:.40}; write sampling={known}")
    size = whole(batch, "batch", 32) if batch is not None else None
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0:
        raise ArgumentError(f"seed must be a whole number, 0 or above, not {seed!r:.40}; write seed=0")
    if size is None or not count:
        if batch is not None:
            raise ArgumentError("there is no data to take a batch of; give data=(x, y) as well")
        return lambda: repeat(None)
    if size > count:
        raise ArgumentError(f"a batch of {size} is more than the {count} examples that there are; write batch={count}")
    return lambda: SAMPLING[sampling](np.random.default_rng(seed), count, size)


def updates(count: int, batch: int | None) -> int:
    """How many steps an epoch has: 128 examples give 1 with all at once, 4 with 32 in a batch, 128 with one."""
    return 1 if batch is None or not count else -(-count // batch)


def whole(x: Any, what: str, such: int) -> int:
    """A whole number above 0.

    Raises
    ------
    ArgumentError : it is none
    """
    try:
        found = operator.index(x)
    except TypeError:
        found = 0
    if found < 1 or isinstance(x, bool):
        raise ArgumentError(f"{what} must be a whole number above 0, not {x!r:.40}; write {what}={such}")
    return found
