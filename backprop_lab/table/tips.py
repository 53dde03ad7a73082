"""Second derivatives at the tip of a cone: |x|, hypot, the norm and the modulus at 0, inside an outer derivative.

Such a function y = ‖x‖ has no slope at 0, but what is made of it may have one: ‖x‖² has the Hessian 2 I there. With
f = g(y) the gradient is x · g'(y) / y, so all depends on the quotient. Where the adjoint g'(y) is 0 at y = 0 and
depends on nothing but y, the quotient is g''(0) (de l'Hôpital), which one more pass over the outer tape gives: from the
adjoint back to y, and to other records of the same length, as norm(x) * norm(x) has. Everywhere else the slope jumps,
and the second derivative is nan: entries for slopes, such as `side`, say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .entry import BY_CODE, SPACE, Primitive
from .values import is_bool, is_traced, plain, shape_of
from .walk import Record, Sent, back


def pull_at_tip(op: Primitive, slots: Sequence[int], bar: Any, y: Any, operands: tuple[Any, ...]) -> Sent | None:
    """What `op.pull` gives, with the quotient bar / y in its limit; None where there is no tip, or no such limit."""
    tip = np.equal(plain(y), 0.0)
    if not np.any(tip) or bar.__class__ is float or not is_traced(y):
        return None
    found = _quotient(bar, y, tip)
    if found is None:
        return None
    where = SPACE["where"] if shape_of(y) else lambda c, a, b: a if c else b
    bar, y = where(tip, found, bar), where(tip, 1.0, y)
    if op.name != "abs":
        return op.pull(slots, bar, y, operands)
    x = operands[0]  # its slope is x / y, written as a sign
    factor = where(tip, x, 1.0)
    return ((slot, sent * factor) for slot, sent in op.pull(slots, bar, y, (where(tip, 1.0, x),)))


def _quotient(bar: Any, y: Any, tip: Any) -> Any:
    """d bar / d y where y is 0; None if bar is not 0 there, changes otherwise than by y, or is kept for a replay."""
    tape = y._tape_
    if not is_traced(bar) or bar._tape_ is not tape or tape.places is not None:
        return None
    if np.any(plain(bar)[tip] if shape_of(bar) else plain(bar)):
        return None
    random = np.random.default_rng(0).uniform(0.5, 1.5, shape_of(y)) if shape_of(y) else 1.0
    first, again = (_back(tape, bar._id_, y._id_, seed) for seed in (random * 0 + 1.0, random))
    if first is None or again is None or not np.allclose(plain(again), random * plain(first)):
        return None  # an element of bar depends on other elements of y
    return first


def _back(tape: Any, start: int, end: int, seed: Any) -> Any:
    """The adjoint of one position and its equals for a seed at another; None if others are left with one."""
    bars: list[Any] = [None] * (max(start, end) + 1)
    bars[start] = seed
    same = {k for k in range(len(bars)) if k == end or _is_same(tape[k], tape[end])}
    first = min(same)
    with np.errstate(all="ignore"):
        for id, child, _, sent in back(tape, bars, (k for k in range(start, first, -1) if k not in same)):
            if _at_a_kink(tape[child]):
                return None
            bars[id] = sent if bars[id] is None else bars[id] + sent
        found = sum((bars[k] for k in same if bars[k] is not None), 0.0)
    codes = [code for code, *_ in tape[: len(bars)]]
    open_ends = (bars[k] for k, code in enumerate(codes) if k not in same and (k < first or code < 0))
    others = any(np.any(plain(bar)) for bar in open_ends if bar is not None and not is_bool(bar))
    return None if others or not np.all(np.isfinite(plain(found))) else found


def _is_same(one: Record, other: Record) -> bool:
    """Whether two records are the same operation of the same operands, none of them a constant."""
    (code, i, j, _, b, _), (*same, _, settings, _) = one, other
    if code < 0 or [code, i, j] != same:
        return False
    op = BY_CODE[code]
    return all(op.ids(i, j)) and op.settings(b) == op.settings(settings)


def _at_a_kink(record: Record) -> bool:
    """Whether the slopes here are a matter of choice."""
    code, _, _, a, b, y = record
    op = BY_CODE[code]
    if op.tip:
        return bool(np.any(np.equal(plain(y), 0.0)))
    operands = op.operands(a, b)
    return any(np.any(kink.holds(tuple(map(plain, operands[: op.arity])))) for kink in op.kinks)
