"""The reverse sweep with a rule broken: what a misconception is, and what it answers at every node of a graph.

    Reverse(graph).run(RIGHT)             the right adjoints
    Reverse(graph).run(misconception)     those of somebody who breaks that one rule everywhere

Nodes are real numbers or arrays of them. Rules act entry by entry, and on what maps of whole arrays send.
The table of misconceptions is in `table.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError
from ..graph.graph import Graph, check_graph
from ..graph.sweeps import adjoint_sweep
from ..table.rules import fit
from ..table.table import BY_CODE, Primitive
from ..table.values import is_array, is_complex, settled, shape_of, zeros
from ..text.slots import is_named, named

EXACT, SMALLEST = 1e-9, 1e-12  # numbers this close, relatively or absolutely, are the same but for round-off
MOST_VISITS = 10_000  # of a recursion, which visits a node once for each path: nobody would wait for more


@dataclass(frozen=True)
class Misfit:
    """In place of a number: two shapes met that cannot be multiplied or added."""

    first: tuple[int, ...]
    second: tuple[int, ...]

    def __str__(self) -> str:
        return f"does not fit: {self.first} and {self.second}"

    __repr__ = __str__


def same(a: Any, b: Any, tolerance: float) -> bool:
    """Whether two numbers agree, relatively; arrays, in shape and in every entry.

    What is not finite agrees with itself only.
    """
    if any(is_named(x) and not isinstance(x, float) for x in (a, b)):
        return not isinstance(a, Misfit) and not isinstance(b, Misfit) and named(a) == named(b)
    if a.__class__ is np.ndarray or b.__class__ is np.ndarray:
        return a.__class__ is b.__class__ and a.shape == b.shape and _same_entries(a, b, tolerance)
    if isinstance(a, Misfit) or isinstance(b, Misfit):
        return bool(a == b)
    return bool(a == b or abs(a - b) <= max(tolerance * max(abs(a), abs(b)), SMALLEST) < math.inf)


def _same_entries(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    if a.size and not same(a.item(0), b.item(0), tolerance):
        return False  # most arrays differ here already, and this is asked very often
    with np.errstate(all="ignore"):
        bound = np.maximum(tolerance * np.maximum(np.abs(a), np.abs(b)), SMALLEST)
        return bool(((a == b) | (np.abs(a * 1.0 - b) <= bound) & (bound < math.inf)).all())


def is_told(x: Any) -> bool:
    """Whether somebody can answer this: it is finite, and no two shapes that do not fit."""
    return not isinstance(x, Misfit) and bool(np.all(np.isfinite(x)))


class Use(NamedTuple):
    """One use of a node, where the sweep sends something back: by which child, as which operand, with which slope.

    A map of whole arrays, and a function with its own rule, have no slope that multiplies (`slope` is None): what they
    send back is `pull(bar)`.
    """

    child: int
    slot: int
    op: Primitive
    operands: tuple[Any, ...]
    value: Any
    slope: Any

    @classmethod
    def of(cls, graph: Graph, child: int, slot: int) -> Use:
        """The use of a node as this operand of the child."""
        code, _, _, a, b, value = graph.records[child]
        op = BY_CODE[code]
        operands = op.operands(a, b)
        with np.errstate(all="ignore"):
            slope = op.slope(slot, value, operands) if op.elementwise else None
        return cls(child, slot, op, operands, value, slope)

    @property
    def operand(self) -> Any:
        """The value of the node that is used."""
        return self.operands[0][self.slot] if self.op.variadic else self.operands[self.slot]

    @property
    def other(self) -> Any:
        """The other operand's value; the node's own where there is none."""
        return self.operands[1 - self.slot] if self.op.arity == 2 else self.operand

    def pull(self, bar: Any) -> Any:
        """What the right rule of a map of whole arrays sends."""
        return next(sent for _, sent in self.op.pull([self.slot], bar, self.value, self.operands))

    def fit(self, sent: Any) -> Any:
        """What is sent in the operand's shape: added up where NumPy had repeated it."""
        return fit(sent, self.operand)


@dataclass(frozen=True)
class Misconception:
    """A reverse sweep with one rule broken; the defaults are the right rules."""

    name: str  # its key in `wrong_turns(graph)`
    sentence: str = ""  # what happens, with places for this graph's names and numbers
    # The local partial on an edge, and what arrives over it, of the child's adjoint and the local partial.
    slope: Callable[[Use], Any] = lambda use: use.slope
    carry: Callable[[Any, Any, Use], Any] = lambda bar, slope, use: bar * slope
    # The same where the child is a map of whole arrays (a matrix product, a sum), of the child's adjoint, and what is
    # made of it where NumPy had repeated the node along an axis.
    maps: Callable[[Any, Use], Any] = lambda bar, use: use.pull(bar)
    fits: Callable[[Any, Use], Any] = lambda sent, use: use.fit(sent)
    gather: Callable[[list[Any]], Any] = sum  # the node's adjoint, of all that arrived, in the order of the sweep
    passes: Callable[[list[Any], Any], Any] = lambda came, bar: bar  # what it sends on, of all that and its adjoint
    seed: Callable[[float], float] = lambda value: 1.0  # what the sweep starts from, of the output's value
    runs: int = 1  # how often the sweep runs over the same adjoints
    zeroes: bool = False  # whether a further run finds all but the inputs zeroed
    # In place of an ordered sweep: whoever gets something passes on at once what `passes` says (or not: None); the
    # first operand comes first, or the last one if this is −1. If it waits, once all operands have got theirs.
    recurses: int = 0
    waits: bool = False
    instead: Callable[[Reverse, int], Any] | None = None  # an answer of no sweep, for one node; others stay right
    approximate: bool = False  # the number is meant to be close to the right one


RIGHT = Misconception("right", "nothing is broken")


def told(text: str, *rules: Misconception) -> tuple[Misconception, ...]:
    """The rules with their sentences. In the text each begins a line with its name; what is indented goes on."""
    lines = text.strip().replace("\n ", " ").splitlines()
    said = {name: " ".join(sentence.split()) for name, _, sentence in (line.partition(": ") for line in lines)}
    return tuple(replace(rule, sentence=said[rule.name]) for rule in rules)


class Reverse:
    """The reverse sweep over one graph, run with the right rules or with a misconception's.

    `right` has the right adjoint of every node, by node number; `uses` what arrives at each, the nodes in the order in
    which the sweep completes them; `arrays` says whether any node is an array. With a rule broken, a node may get an
    array of another shape than its own, or a `Misfit`; it then has nothing to send on.
    """

    def __init__(self, graph: Graph) -> None:
        check_graph(graph, "wrong_turns(bl.trace(f, 3.0))")
        if len(graph.output_ids) != 1:
            raise ArgumentError(
                f"this graph has {len(graph.output_ids)} outputs, and wrong turns are for one; return one number"
            )
        if any(map(is_complex, graph.values)):
            raise ArgumentError("wrong turns are for graphs of real numbers, and this one is complex; give real inputs")
        self.graph, self.output = graph, graph.output_ids[0]
        if shape_of(graph.value) or not isinstance(graph.value, Real):
            raise ArgumentError(
                f"wrong turns are for graphs whose output is one number, and {graph.outputs[0].label} is an array of "
                f"shape {shape_of(graph.value)}; return its sum, say"
            )
        self.arrays = any(map(is_array, graph.values))
        self.uses: dict[int, list[Use]] = {self.output: []}
        for id, child, slot in adjoint_sweep(graph).contributions:
            use = Use.of(graph, child, slot)
            self.uses[id] = [*self.uses.pop(id, ()), use]  # the last to be completed is last
        self.right, self.passed = self.run(RIGHT)

    def run(self, rule: Misconception) -> tuple[list[Any], list[Any]]:
        """Each node's adjoint, and what it sends on, by node number. What the output ignores has 0."""
        if rule.recurses:
            return self._recursed(rule)
        bars = list(map(zeros, self.graph.values))
        passed = list(bars)
        for again in range(rule.runs):
            for id in self.uses:
                came = self.arrivals(rule, id, passed)
                bar = self.gathered(rule, came)
                bars[id] = _added(bar, bars[id]) if again and self._keeps(rule, id) else bar
                passed[id] = bars[id] if isinstance(bars[id], Misfit) else rule.passes(came, bars[id])
        return bars, passed

    def _keeps(self, rule: Misconception, id: int) -> bool:
        """Whether a further run adds to what a node holds."""
        return id != self.output and (not rule.zeroes or id < len(self.graph.input_names))

    def _recursed(self, rule: Misconception) -> tuple[list[Any], list[Any]]:
        """As `run`, without an order; a node sends the sum of what it sends at all visits. nan if they are too many."""
        bars, visits = list(map(zeros, self.graph.values)), [0] * len(self.graph.records)
        sends: dict[int, list[tuple[int, int, Use]]] = {}
        for id, uses in self.uses.items():  # a node comes after all its users
            visits[id] = sum(visits[use.child] for use in uses) if id != self.output else 1
            for use in uses:
                sends.setdefault(use.child, []).append((use.slot, id, use))
        if sum(visits) > MOST_VISITS:
            return [bar * math.nan for bar in bars], self.passed
        for way in sends.values():
            way.sort(reverse=rule.recurses > 0, key=lambda edge: edge[0])  # what is put down last comes first
        passed, todo = list(bars), [(self.output, self.arrivals(rule, self.output, ())[0])]
        came: dict[int, list[Any]] = {}
        while todo:
            id, late = todo.pop()
            bars[id] = bars[id] + late
            came.setdefault(id, []).append(late)
            goes_on = rule.passes(came[id], bars[id])
            passed[id] = passed[id] + (0.0 if goes_on is None else goes_on)
            for _, parent, use in sends.get(id, ()) if goes_on is not None else ():
                sent = self.sent(rule, use, goes_on)
                if rule.waits:
                    bars[parent], sent = bars[parent] + sent, 0.0
                todo.append((parent, sent))
        return bars, passed

    def arrivals(self, rule: Misconception, id: int, passed: Sequence[Any]) -> list[Any]:
        """What arrives at a node when its users send these numbers."""
        if id == self.output:
            value = self.graph.values[id]
            return [rule.seed(value if isinstance(value, float) or is_named(value) else float(value))]
        return [self.sent(rule, use, passed[use.child]) for use in self.uses[id]]

    def sent(self, rule: Misconception, use: Use, bar: Any) -> Any:
        """What a user with this adjoint sends over one edge."""
        if not self.arrays:
            return rule.maps(bar, use) if use.slope is None else rule.carry(bar, rule.slope(use), use)
        full = shape_of(use.value)
        if isinstance(bar, Misfit) or shape_of(bar) != full:
            return bar if isinstance(bar, Misfit) else Misfit(shape_of(bar), full)
        try:
            with np.errstate(all="ignore"):
                if not use.op.elementwise:
                    sent = rule.maps(bar, use)
                else:
                    sent = rule.carry(bar, rule.slope(use), use)
                    sent = rule.fits(sent if shape_of(sent) == full else np.broadcast_to(sent, full), use)
                return sent if is_named(sent) else settled(sent)
        except ValueError:  # NumPy cannot bring the two together
            return Misfit(full, shape_of(use.other))

    @staticmethod
    def gathered(rule: Misconception, came: list[Any]) -> Any:
        """A node's adjoint, of all that arrived."""
        odd = next((x for x in came if isinstance(x, Misfit) or shape_of(x) != shape_of(came[0])), None)
        if odd is not None:
            return odd if isinstance(odd, Misfit) else Misfit(shape_of(came[0]), shape_of(odd))
        return rule.gather(came)

    def numbers(self, rule: Misconception, ids: Iterable[int]) -> tuple[list[Any], list[Any]]:
        """As `run`, but an answer that no reverse sweep gives is worked out at these nodes only."""
        if rule.instead is None:
            return self.run(rule)
        found = list(self.right)
        for id in ids:
            found[id] = rule.instead(self, id)
        return found, self.passed

    def last_step(self, rule: Misconception, id: int) -> tuple[Any, list[Any]]:
        """The number at a node, and what all nodes send, if the rule is broken only in the steps into this node."""
        if rule.instead is not None or rule.recurses or id not in self.uses:
            return self.right[id], self.passed
        sent = list(self.passed)
        for use in self.uses[id]:
            sent[use.child] = rule.passes(self.arrivals(RIGHT, use.child, self.passed), self.right[use.child])
        bar = self.gathered(rule, self.arrivals(rule, id, sent))
        return (_added(bar, self.right[id]) if rule.runs > 1 and self._keeps(rule, id) else bar), sent

    def output_with(self, id: int, value: Any) -> float:
        """The output's value if one node had another value: for difference quotients."""
        values: dict[int, Any] = {id: value}
        for child in range(id + 1, self.output + 1):
            code, i, j, a, b, _ = self.graph.records[child]
            if any(k in values for k in self.graph.operand_ids(child)):
                op = BY_CODE[code]
                operands = tuple(values.get(k, x) for k, x in zip(op.ids(i, j), op.values(a, b), strict=True))
                values[child] = op.function(*op.joined(operands, op.settings(b)))
        return float(values[self.output] if self.output in values else self.graph.values[self.output])


def _added(bar: Any, earlier: Any) -> Any:
    """What a second run makes of an adjoint."""
    fits = not isinstance(bar, Misfit) and not isinstance(earlier, Misfit) and shape_of(bar) == shape_of(earlier)
    return bar + earlier if fits else bar
