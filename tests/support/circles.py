"""Which part of a walk belongs to `make test`, and which is `wide`, for `make test-wide` and continuous integration.

Many tests walk the same way through each example, mode, size and theme. `make test` takes a sample of such a walk. It
is chosen here and nowhere else: `each_once` takes every value of every axis, `a_cover` entries that together have all
that there is. What is left carries the marker `wide`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from itertools import combinations, product
from typing import Any

import pytest

Table = Collection[Any] | Mapping[str, Any]


def each_once(names: str, *axes: Table, where: Callable[..., bool] = lambda *_: True) -> pytest.MarkDecorator:
    """`parametrize` over all combinations; of these a few are not wide, in which each value of each axis stands once.

    Args:
        names: The arguments, one for each axis, with commas between.
        axes: Sequences, or dicts whose keys are the names of their values in a test's id.
        where: Which combinations there are.
    """
    rows = [row for row in product(*map(named, axes)) if where(*(value for _, value in row))]
    sample = chosen([[(k, label) for k, (label, _) in enumerate(row)] for row in rows])
    params = [
        pytest.param(*(x for _, x in row), id="-".join(label for label, _ in row), marks=mark(k in sample))
        for k, row in enumerate(rows)
    ]
    return pytest.mark.parametrize(names.replace(" ", "").split(","), params)


def a_cover(
    name: str, table: Table, has: Callable[[Any], Iterable[Hashable]] = lambda _: ["the same"]
) -> pytest.MarkDecorator:
    """`parametrize` over a table; of it a few entries are not wide, which together have all that any of them has."""
    return pytest.mark.parametrize(name, cover(table, has))


def cover(table: Table, has: Callable[[Any], Iterable[Hashable]] = lambda _: ["the same"]) -> list[Any]:
    """The entries of a table as parameters, of a fixture or a test; those that are not wide have all that any has.

    Args:
        table: A sequence, or a dict whose keys are the names of their values in a test's id.
        has: What an entry has: kinds, types, whatever makes a test of it a test of something else. Without it the
            first entry is tested, and with the others the same once more.
    """
    rows = named(table)
    sample = chosen([list(has(value)) for _, value in rows])
    return [pytest.param(value, id=label, marks=mark(k in sample)) for k, (label, value) in enumerate(rows)]


def chosen(rows: Sequence[Iterable[Hashable]]) -> list[int]:
    """Which rows together have all that any has: the one that brings most, of equals what was taken least so far."""
    left = [set(row) for row in rows]
    missing, taken, found = set().union(*left), Counter(), []

    def brings(k):
        pairs = map(frozenset, combinations(left[k], 2))
        return len(left[k] & missing), -sum(taken[x] for x in left[k]), -sum(taken[pair] for pair in pairs)

    while missing:
        best = max(range(len(left)), key=brings)
        found.append(best)
        missing -= left[best]
        taken.update([*left[best], *map(frozenset, combinations(left[best], 2))])
    return found


def mark(sampled: bool):
    return () if sampled else pytest.mark.wide


def named(table: Table) -> list[tuple[str, Any]]:
    """Each value with its name in a test's id."""
    if isinstance(table, Mapping):
        return [(str(key), value) for key, value in table.items()]
    return [("-".join(map(str, x)) if isinstance(x, tuple) else str(x), x) for x in table]
