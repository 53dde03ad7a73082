"""One value of a graph: its name, its primal, what it was computed from, and its local partials."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..recording.tape import CONSTANT, INPUT
from ..table.table import BY_CODE, Primitive
from ..text.expression import with_settings
from ..text.notation import PLAIN, Target, Token, adjoint, listed, name, num, number, tangent, token_of


class Edge(NamedTuple):
    """An operand's use: `parent` is operand number `slot` of `child`. x * x has two edges to one x."""

    parent: Node
    child: Node
    slot: int


class Node:
    """One value in a graph. Two nodes are equal if they are the same number of the same graph."""

    __slots__ = ("graph", "id")

    def __init__(self, graph: Any, id: int) -> None:
        self.graph, self.id = graph, id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and other.graph is self.graph and other.id == self.id

    def __hash__(self) -> int:
        return hash((id(self.graph), self.id))

    def __repr__(self) -> str:
        return f"<{self.name} = {number(self.value)}: {self.formula}>"

    @property
    def name(self) -> str:
        """The student's name for this value, unique in the graph."""
        return self.graph.names[self.id]

    @property
    def label(self) -> str:
        """The name as drawn: a constant without a name of its own shows its number."""
        return self.graph.labels[self.id]

    @property
    def op(self) -> str:
        """The primitive's name in `bl.primitives`, or "input" or "constant"."""
        code, *_ = self.graph.records[self.id]
        return "input" if code == INPUT else "constant" if code == CONSTANT else BY_CODE[code].name

    @property
    def primitive(self) -> Primitive | None:
        """The entry of the table that computed this value, or None for inputs and constants."""
        code, *_ = self.graph.records[self.id]
        return BY_CODE[code] if code >= 0 else None

    @property
    def entry(self) -> Primitive:
        """The same, where it is known that there is one."""
        code, *_ = self.graph.records[self.id]
        return BY_CODE[code]

    @property
    def value(self) -> Any:
        """The primal."""
        return self.graph.values[self.id]

    @property
    def parents(self) -> tuple[Node, ...]:
        """The operands, in order; one that is used twice is here twice."""
        nodes = self.graph.nodes
        return tuple([nodes[i] for i in self.graph.operand_ids(self.id)])

    @property
    def operands(self) -> tuple[Any, ...]:
        """The operands' values and then the settings (the 3 of x**3), as the primitive takes them."""
        code, _, _, a, b, _ = self.graph.records[self.id]
        if code < 0:
            return ()
        op = BY_CODE[code]
        return (*op.values(a, b), *op.settings(b))

    @property
    def partials(self) -> tuple[Any, ...]:
        """The local partials, one an operand: how fast this value changes with each operand alone.

        Of an operation that maps whole arrays, the partial is a linear map, and this is how it is written: `aᵀ ·`.
        """
        op = self.primitive
        if op is None:
            return ()
        if not op.elementwise:
            return tuple(op.label(slot, {}) for slot in range(len(self.parents)))
        if self.id not in self.graph.slopes:
            value, operands = self.value, self.operands
            with np.errstate(all="ignore"):
                found = tuple(op.slope(k, value, operands) for k in range(op.arity))
            if any(isinstance(slope, np.ndarray) for slope in found):
                return found  # as large as the values: nobody keeps them twice
            self.graph.slopes[self.id] = found
        return self.graph.slopes[self.id]

    def slope_text(self, slot: int) -> str:
        """What the table says of a local partial, with this node's settings: `3 * x**2` of a third power."""
        op, settings = self.entry, self.operands[self.entry.arity :]
        if settings and all(isinstance(x, float | int) and math.isfinite(x) for x in settings):
            return with_settings(op.partials[slot], tuple(zip(op.params, map(float, settings), strict=True)))
        return op.partials[slot]

    @property
    def line(self) -> int | None:
        """The number of the source line that computed this value, or None; in a library's function it counts from 1."""
        place = self.graph.places[self.id]
        return place.shown_line if place is not None else None

    @property
    def formula(self) -> str:
        """What the value is, in the student's names: `2 · x`, `sin(a)`; for the rest `input` or `constant`."""
        known = self.graph.formulas
        if self.id not in known:
            known[self.id] = self.op if self.primitive is None else self.tokens(PLAIN).text
        return known[self.id]

    def letter(self, target: Target) -> Token:
        """The name, for the value."""
        return _named(name, self.label, f"p{self.id}", target)

    def bar(self, target: Target) -> Token:
        """The name of the adjoint."""
        return _named(adjoint, self.label, f"a{self.id}", target)

    def dot(self, target: Target) -> Token:
        """The name of the tangent."""
        return _named(tangent, self.label, f"a{self.id}", target)

    def shown(self, target: Target) -> Token:
        """The value as a number."""
        return target.keyed(self.number(target), f"p{self.id}")

    def number(self, target: Target) -> Token:
        """The value as a number that is not marked as one of the picture's."""
        return num(self.value, target) if self.op == "constant" else target.figure(self.value, f"p{self.id}")

    def tokens(self, target: Target, numbers: bool = False) -> Token:
        """The formula of this value with the operands' names, or with their numbers, in a notation's target."""
        op = self.entry
        if op.name == "custom":
            return target.call(self.operands[-1].name, self.shown_operands(target, numbers))
        if op.name == "transpose" and self.operands[-1] == (1, 0):
            return target.transposed(self.shown_operands(target, numbers)[0])
        return token_of(op.text, target, self.operand_tokens(target, numbers))

    def shown_operands(self, target: Target, numbers: bool) -> list[Token]:
        """The operands' names, or their numbers; a constant without a name is always its number."""
        return [p.shown(target) if numbers or p.label != p.name else p.letter(target) for p in self.parents]

    def operand_tokens(self, target: Target, numbers: bool = False) -> dict[str, Token]:
        """For each operand of the primitive, its name or its number as a token; settings are always numbers."""
        known = self.graph.operands_told
        key = self.id, target, numbers
        if key not in known:
            if len(known) > 1000:  # a step asks for those of its nodes again and again, and a film comes by once
                known.clear()
            known[key] = self._operand_tokens(target, numbers)
        return known[key]

    def _operand_tokens(self, target: Target, numbers: bool) -> dict[str, Token]:
        op = self.entry
        shown = self.shown_operands(target, numbers)
        tokens = {op.args[0]: listed(shown, target)} if op.variadic else dict(zip(op.args, shown, strict=True))
        if not op.params:
            return tokens
        settings = self.operands[len(shown) :]
        for setting, value, default in zip(op.params, settings, op.defaults or settings, strict=True):
            if op.elementwise or not op.defaults:
                tokens[setting] = name(f'"{value}"', target) if isinstance(value, str) else num(value, target)
            else:
                is_default = value is default or value == default  # which is not written
                tokens[setting] = Token("") if is_default else name(f"{setting}={value}", target)
        return tokens


@lru_cache(maxsize=4096)
def _named(written: Callable[[str, Target], Token], label: str, key: str, target: Target) -> Token:
    """A letter with its key; each stands in many formulas."""
    return target.keyed(written(label, target), key)
