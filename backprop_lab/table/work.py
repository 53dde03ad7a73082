"""What one operation takes at given values, elements counted: its value, what it sends back, what it passes on.

The texts of rules for arrays are evaluated once more for it, operation by operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..text.expression import Value
from .cost import EACH, Cost
from .entry import SPACE, Primitive
from .values import shape_of, size_of


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
    counting = _Counting(SPACE | dict(zip(op.args + op.params, operands, strict=True)) | given | {"y": y})
    counting.of(rules[slot])
    return counting.cost


class _Counting(Value):
    """Evaluates an expression of arrays, and adds up the operations that it takes."""

    cost = Cost()

    def binary(self, sign: str, left: Any, right: Any) -> Any:
        """The value; a product of matrices costs more than one operation an element."""
        y = super().binary(sign, left, right)
        own = products(y, left) if sign == "@" else Cost().plus(EACH[sign], size_of(y))
        self.cost = self.cost.plus(own)
        return y

    def call(self, function: str, args: Sequence[Any]) -> Any:
        """The value; a rule's helper is free."""
        y = super().call(function, args)
        op = getattr(self.names[function], "primitive", None)
        if op is not None:
            self.cost = self.cost.plus(value_cost(op, y, (*args, *op.defaults[len(args) - op.arity :])))
        return y


def products(y: Any, a: Any) -> Cost:
    """Each element of a product of matrices: n multiplications and n - 1 additions."""
    n = shape_of(a)[-1]
    return Cost(n * size_of(y), max(n - 1, 0) * size_of(y))
