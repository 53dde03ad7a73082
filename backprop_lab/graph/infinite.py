"""The two passes where slopes are infinite and 0 · ∞ turns up: the same answer in both directions, or nan.

In IEEE arithmetic 0 · ∞ is nan, and whether it turns up depends on the order: at x = 0, sqrt(x + x*x) gives nan in
reverse mode, because inf goes back to x*x and meets its slope 0 there, and inf in forward mode, because 1 + 0 meets
inf. So an infinite slope is kept as a symbol of its own, one for each node, operand and element, until everything has
arrived:

    c₀ + c₁·∞₁ + c₂·∞₂ + …        a `Rate`: for each product of symbols, the coefficient

Adding and multiplying these is ordinary algebra, so the order does not matter. What is told in the end: if all infinite
terms that are there have one sign, that infinity; if none is there, c₀; else nan, for 0 · ∞ may be anything, and so may
opposite infinities. A term *is there* unless something does not move at all (a constant, a seed of 0) or was not chosen
(the smaller operand of a maximum, an element that an index left out): that has no slope to multiply.

The derivatives and the sweeps come here only where a plain pass ended in nan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..table.arrays import unbroadcast
from ..table.table import Primitive
from ..table.values import is_array, is_bool, is_complex, plain, shape_of, size_of, units
from ..table.walk import Record, Sent, back, forward

Symbol = tuple[object, int]  # a use of an operand, and the element; `MANY` where there are too many to tell apart
Key = frozenset[Symbol]  # a product of symbols; without any, it is the finite part
Rate = dict[Key, tuple[Any, Any]]  # coefficients, and where they are there
FINITE: Key = frozenset()
MANY, MOST = -1, 32


def has_nan(numbers: Iterable[Any]) -> bool:
    """Whether a number, or an element of an array, is nan; recording values are not looked at."""
    for x in numbers:
        if isinstance(x, float):
            if x != x:
                return True
        elif x.__class__ is np.ndarray and np.isnan(x).any():
            return True
    return False


def rate_of(x: Any) -> Rate:
    """A seed; where it is 0, nothing moves."""
    there = np.not_equal(x, 0.0)
    return {FINITE: (x, there)} if np.any(there) else {}


def told(rate: Rate, like: Any) -> Any:
    """A rate as it is shown, in the shape of its value."""
    shape = shape_of(like)
    y = np.broadcast_to(rate[FINITE][0] if FINITE in rate else 0.0, shape)
    up, down, unknown = (np.zeros(shape, dtype=bool) for _ in range(3))
    for key, (c, there) in rate.items():
        there = there if key else ~np.isfinite(c)
        up, down = up | there & np.greater(c, 0), down | there & np.less(c, 0)
        unknown = unknown | there & ~(np.abs(c) > 0)
    unknown = unknown | up & down
    y = np.where(unknown, np.nan, np.where(up, np.inf, np.where(down, -np.inf, y)))
    return y if shape else float(y)


def plus(a: Rate, b: Rate) -> Rate:
    """The sum of two rates."""
    total = dict(a)
    for key, (c, there) in b.items():
        if key in total:
            known, where = total[key]
            c, there = known + c, where | there
        total[key] = c, there
    return total


def _times(rate: Rate, slope: Any, still: Any) -> Rate:
    """Every coefficient times its slope; each infinite slope is one more symbol. Where `still`, nothing is sent on."""
    slope = slope * 1.0 if is_bool(slope) else slope  # a product with a comparison
    shape = np.broadcast_shapes(*(np.shape(c) for c, _ in rate.values()), np.shape(slope))
    infinite = np.broadcast_to(np.isinf(slope), shape)
    places: list[int] = np.flatnonzero(infinite).tolist()
    edge = object()
    parts = [(~infinite & ~np.asarray(still), np.where(infinite, 0.0, slope), FINITE)]
    if len(places) > MOST:
        parts.append((infinite, np.sign(slope), frozenset([(edge, MANY)])))
    else:
        numbers = np.arange(infinite.size).reshape(shape)
        parts += [(numbers == place, np.sign(slope), frozenset([(edge, place)])) for place in places]
    found: Rate = {}
    for key, (c, there) in rate.items():
        for where, factor, more in parts:
            if np.any(at := there & where):
                found[key | more] = (np.where(at, c * np.where(at, factor, 0.0), 0.0), at)
    return found


def _fitted(rate: Rate, like: Any) -> Rate:
    """The rate in its value's shape: repeated, or added up where NumPy had repeated the value."""
    shape = shape_of(like)

    def fit(x: Any) -> Any:
        have = np.shape(x)
        grow = np.prod(shape) > np.prod(have) or len(shape) > len(have)
        return x if have == shape else np.broadcast_to(x, shape) if grow else unbroadcast(x, shape)

    return _mapped(rate, lambda c, _: fit(c), lambda there: fit(there.astype(float)) != 0)


def _mapped(rate: Rate, run: Callable[[Any, bool], Any], probe: Callable[[Any], Any]) -> Rate:
    """Every coefficient through a linear map. Where a symbol stands for many, opposite ones may meet in it: nan."""
    found: Rate = {}
    for key, (c, there) in rate.items():
        y = run(np.where(there, c, 0.0), False)
        if any(element == MANY for _, element in key) and not np.allclose(
            run(np.abs(np.where(there, c, 0.0)), True), np.abs(y)
        ):
            y = np.full(np.shape(y), np.nan)
        at = np.asarray(probe(np.asarray(there)))
        found[key] = np.where(at, y, 0.0), at
    return found


def _slope(op: Primitive, slot: int, y: Any, operands: tuple[Any, ...]) -> tuple[Any, Any]:
    """The local partial, and where nothing is sent because this operand was not chosen."""
    slope = op.slope(slot, y, operands)
    if not op.chooses(slot):
        return slope, False
    still = np.equal(slope, 0.0)
    for kink in op.kinks:  # there, a slope of 0 is our choice, not a fact
        still = still & ~np.asarray(kink.holds(operands[: op.arity]))
    return slope, still


def _likely(op: Primitive, x: Any) -> Any:
    """Numbers in the place of x that are not 0 by accident, to see what a map sends where."""
    return x if op.real or is_bool(x) else _random(x)


def _random(x: Any) -> Any:
    return np.random.default_rng(np.size(x)).uniform(0.5, 1.5, np.shape(x))


def _with(op: Primitive, function: Callable[[Any], Any], operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands, not the settings, with a function applied."""
    nodes, settings = op.parted(operands)
    return op.joined(tuple(map(function, nodes)), settings)


def _run(
    op: Primitive, rule: Callable[..., Any], y: Any, operands: tuple[Any, ...]
) -> tuple[Callable[[Any, bool], Any], Callable[[Any], Any]]:
    """A map of whole arrays on coefficients, and on where they are there. `rule` takes (derivative, y, operands)."""

    def run(c: Any, sizes: bool) -> Any:
        if not sizes or op.real:
            return rule(c, y, operands)
        return rule(c, np.abs(y), _with(op, lambda x: x if is_bool(x) else np.abs(x), operands))

    def probe(there: Any) -> Any:
        if op.name != "custom":
            try:
                return rule(there * _random(there), _likely(op, y), _with(op, lambda x: _likely(op, x), operands)) != 0
            except (ArithmeticError, ValueError, np.linalg.LinAlgError):
                pass
        shape = np.shape(rule(there.astype(float), y, operands))
        return np.full(shape, bool(np.any(there)))

    return run, probe


def has_signs(records: Sequence[Record]) -> bool:
    """Not with complex numbers, nor with values that an outer derivative records: there are no signs to tell of."""
    values = (x for *_, x in records if x is not None and x.__class__ not in (float, int))
    return all(is_array(x) and not is_complex(x) and plain(x) is x for x in values)


def pull(op: Primitive, slots: Sequence[int], rate: Rate, y: Any, operands: tuple[Any, ...]) -> Sent:
    """What an operation's rate sends to the operands in these slots, as `Primitive.pull` does it with numbers."""
    values = operands[0] if op.variadic else operands
    for slot in slots:
        if not op.moves(slot) or is_bool(values[slot]):
            continue
        if op.elementwise:
            sent = _times(_fitted(rate, y), *_slope(op, slot, y, operands))
        else:
            sent = _through(op, slot, rate, y, operands, values[slot], back=True)
        yield slot, _fitted(sent, values[slot])


def push(op: Primitive, rates: Sequence[Rate | None], y: Any, operands: tuple[Any, ...]) -> Rate:
    """The rate of an operation, given those of the operands."""
    values = operands[0] if op.variadic else operands
    total: Rate = {}
    for slot, rate in enumerate(rates):
        if not rate or not op.moves(slot):
            continue
        rate = _fitted(rate, values[slot])
        if op.elementwise:
            moved = _times(rate, *_slope(op, slot, y, operands))
        else:
            moved = _through(op, slot, rate, y, operands, values[slot], back=False)
        total = plus(total, _fitted(moved, y))
    return total


def _through(op: Primitive, slot: int, rate: Rate, y: Any, operands: tuple[Any, ...], x: Any, back: bool) -> Rate:
    """A rate through a map of whole arrays, back from its value y to its operand x, or forward.

    A rule multiplies with 0 what is not there, and 0 · ∞ is nan. Then the map goes element by element.
    """
    count = len(operands[0] if op.variadic else operands)

    def pull(bar: Any, y: Any, operands: tuple[Any, ...]) -> Any:
        return dict(op.pull([slot], bar, y, operands))[slot]

    def push(dot: Any, y: Any, operands: tuple[Any, ...]) -> Any:
        return op.push([dot if s == slot else None for s in range(count)], y, operands)

    ways = _run(op, pull, y, operands), _run(op, push, y, operands)
    found = _mapped(rate, *ways[0 if back else 1])
    everywhere = all(np.all(there) for _, there in rate.values())
    if everywhere or size_of(x) * size_of(y) > MOST**2 or not has_nan(np.asarray(c) for c, _ in found.values()):
        return found
    # For each element of y and of x, how fast the one changes with the other, and whether it does at all. What is nan
    # one way, because a sum has infinities in it, the other way may know.
    (rows, moves), (columns, moving) = (_one_by_one(start, *way) for start, way in zip((y, x), ways, strict=True))
    slope, still = np.where(np.isnan(rows), columns.T, rows), ~(moves & moving.T)
    slope, still, shape = (slope.T, still.T, shape_of(x)) if back else (slope, still, shape_of(y))
    wide = partial(np.broadcast_to, shape=slope.shape)
    return _mapped(
        _times({key: (wide(np.ravel(c)), wide(np.ravel(at))) for key, (c, at) in rate.items()}, slope, still),
        lambda c, _: c.sum(1).reshape(shape),
        lambda there: there.any(1).reshape(shape),
    )


def _one_by_one(start: Any, run: Callable[[Any, bool], Any], probe: Callable[[Any], Any]) -> list[Any]:
    """What a map of whole arrays makes of each element alone, and whether anything: a row each."""
    pairs = [(np.ravel(run(unit, False)), np.ravel(probe(np.not_equal(unit, 0.0)))) for unit in units(start)]
    return list(map(np.array, zip(*pairs, strict=True)))


def adjoints(records: Sequence[Record], seeds: Sequence[Any]) -> list[Any] | None:
    """The adjoint of every record of a lean tape, given seeds, None for nothing; None at all without signs."""

    def run(rates: list[Rate | None]) -> None:
        for id, _, _, sent in back(records, rates, reversed(range(len(records))), rule=pull):
            rates[id] = plus(rates[id] or {}, sent)

    return _passed(records, seeds, run)


def tangents(records: Sequence[Record], seeds: Sequence[Any]) -> list[Any] | None:
    """The tangent of every record, given those of the first ones, None for what does not move."""

    def run(rates: list[Rate | None]) -> None:
        for rate in forward(records, rates, push):
            rates.append(rate)

    return _passed(records, seeds, run)


def _passed(
    records: Sequence[Record], seeds: Sequence[Any], run: Callable[[list[Rate | None]], None]
) -> list[Any] | None:
    if not has_signs(records):
        return None
    rates: list[Rate | None] = [None if seed is None else rate_of(seed) for seed in seeds]
    with np.errstate(all="ignore"):
        run(rates)
        return [told(rate, y) if rate else None for rate, (*_, y) in zip(rates, records, strict=True)]
