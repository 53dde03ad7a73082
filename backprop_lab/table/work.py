"""What one operation takes at given values, elements counted: its value, what it sends back, what it passes on.

The texts of rules for arrays are evaluated once more for it, operation by operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..source import frames
from ..text.expression import Reading, Value
from .cost import EACH, Cost, products, total
from .entry import SPACE, Primitive
from .values import size_of

__all__ = ["pull_cost", "push_cost", "value_cost"]

frames.engine_module(globals())


def value_cost(op: Primitive, y: Any, operands: tuple[Any, ...]) -> Cost:
    """What computing this value costs."""
    if op.elementwise:
        return Cost().plus(op.cost, size_of(y))
    return op.work(y, *operands) if op.work is not None else Cost()


def pull_cost(op: Primitive, slot: int, bar: Any, y: Any, operands: tuple[Any, ...]) -> Cost:
    """What it costs to send an adjoint to the operand in this slot."""
    if op.name == "custom":
        found: Cost = operands[1].pull_work(bar, y, operands[0])
        return found
    sums = size_of(y) - size_of(operands[slot]) if op.elementwise and op.moves(slot) else 0  # over what was spread out
    return _cost(op, slot, op.pulls, {"bar": bar}, y, operands).plus(Cost(additions=max(sums, 0)))


def push_cost(op: Primitive, slot: int, dot: Any, y: Any, operands: tuple[Any, ...]) -> Cost:
    """What it costs to turn the tangent of the operand in this slot into one of the value."""
    return _cost(op, slot, op.pushes, {"dot": dot}, y, operands)


def _cost(
    op: Primitive, slot: int, rules: tuple[str, ...], given: dict[str, Any], y: Any, operands: tuple[Any, ...]
) -> Cost:
    if not op.moves(slot):
        return Cost()
    if op.elementwise:
        slope = op.partial_costs[slot].plus(Cost(op.partials[slot] not in ("1", "-1")))
        return Cost().plus(slope, size_of(y))
    if op.name in ("custom", "einsum"):  # a rule made of helpers: as many operations as the value itself
        return value_cost(op, y, operands)
    if op.variadic:
        return Cost()
    names = dict(zip(op.args + op.params, operands, strict=True)) | given | {"y": y}
    return _Evaluated(SPACE | names).of(rules[slot])[1]


class _Evaluated(Reading[tuple[Any, Cost]]):
    """The value of an expression of arrays, and the operations that computing it took, elements counted."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.value = Value(names)

    def name(self, key: str) -> tuple[Any, Cost]:
        return self.value.name(key), Cost()

    def number(self, value: Any) -> tuple[Any, Cost]:
        return value, Cost()

    def minus(self, operand: tuple[Any, Cost]) -> tuple[Any, Cost]:
        return -operand[0], operand[1]

    def binary(self, sign: str, left: tuple[Any, Cost], right: tuple[Any, Cost]) -> tuple[Any, Cost]:
        y = self.value.binary(sign, left[0], right[0])
        own = products(y, left[0]) if sign == "@" else Cost().plus(EACH[sign], size_of(y))
        return y, total((left[1], right[1]), own)

    def call(self, function: str, args: Sequence[tuple[Any, Cost]]) -> tuple[Any, Cost]:
        operands = tuple(x for x, _ in args)
        y = self.value.call(function, operands)
        op = getattr(self.value.names[function], "primitive", None)  # a rule's helper is free
        own = Cost() if op is None else value_cost(op, y, operands + op.defaults[len(operands) - op.arity :])
        return y, total((cost for _, cost in args), own)
