"""Walk a graph the way the three passes do, and get every step to look at.

`value_sweep(graph)` computes the primals, `tangent_sweep(graph, x=1.0)` pushes derivatives forward from an input,
`adjoint_sweep(graph)` pulls them back from the output. Each is a sequence of `Step`s with the numbers before and
after, and ends with `.result`. Nothing is changed in the graph.

The order of the adjoint sweep: from the output, first operand first, and a node only when everything it influences
is done. Every arrival at a node is a step; a second arrival is followed by a step for the sum (Edelman and Johnson,
MIT 18.S096, lecture 8: x gets 10, then + 4, and is 14).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

from .errors import ArgumentError
from .graph import Graph, Node
from .primitives import BY_CODE, Cost

__all__ = ["Step", "Sweep", "adjoint_sweep", "tangent_sweep", "value_sweep"]


@dataclass(frozen=True)
class Step:
    """One thing that happens in a sweep.

    Attributes
    ----------
    kind : "value", "seed", "tangent", "contribution" (one edge's product arrives) or "sum" (it is added)
    node : the node written to
    edge : for a contribution and its sum, the pair (child, slot) it came through; else None
    reads : the nodes whose numbers this step uses
    before, after : this node's number before and after the step (None: it has none yet). A second arrival waits:
        its contribution leaves the number alone, and the sum that follows adds it.
    amount : the number this step computes; for a contribution the product on the edge
    partials : the local partials this step uses
    """

    kind: str
    node: Node
    edge: tuple[Node, int] | None
    reads: tuple[Node, ...]
    before: Any
    after: Any
    amount: Any
    partials: tuple[Any, ...]
    sweep: Sweep

    @property
    def formula(self) -> str:
        """The step as a formula in plain text with its numbers: `x̄ += v̄1 · ∂v1/∂x = 5 · 2 = 10`."""
        from .formulas import formula  # formulas are written about steps; only this property looks upwards

        return formula(self)

    @property
    def sentence(self) -> str:
        """The step in a plain sentence."""
        from .formulas import sentence

        return sentence(self)

    def to_dict(self) -> dict[str, Any]:
        """The step as JSON-ready data; nodes are given by name."""
        return {
            "kind": self.kind,
            "node": self.node.name,
            "edge": None if self.edge is None else [self.edge[0].name, self.edge[1]],
            "reads": [n.name for n in self.reads],
            "before": self.before,
            "after": self.after,
            "amount": self.amount,
            "partials": list(self.partials),
            "formula": self.formula,
            "sentence": self.sentence,
        }


_Row = tuple[str, int, int, int, Any, Any, Any]  # kind, node, child, slot, before, after, amount


class Sweep(Sequence[Step]):
    """The steps of one pass over a graph.

    Attributes
    ----------
    mode : "value", "tangent" or "adjoint"
    numbers : the pass's number for each node, by node number (None where the pass did not get)
    result : the same as a dict from node name to number
    counts : multiplications, additions, function calls and stored values
    """

    def __init__(self, graph: Graph, mode: str, rows: list[_Row], numbers: list[Any], cost: Cost, stored: int) -> None:
        self.graph, self.mode, self._rows, self.numbers = graph, mode, rows, numbers
        self.counts = {
            "multiplications": cost.multiplications,
            "additions": cost.additions,
            "functions": cost.functions,
            "stored": stored,
        }

    @property
    def result(self) -> dict[str, Any]:
        return {name: x for name, x in zip(self.graph.names, self.numbers, strict=True) if x is not None}

    @cached_property
    def arrivals(self) -> dict[int, list[tuple[int, int, Any]]]:
        """For each node number, the contributions that reach it, in order: (child's number, slot, amount)."""
        found: dict[int, list[tuple[int, int, Any]]] = {}
        for kind, id, child, slot, _, _, amount in self._rows:
            if kind == "contribution":
                found.setdefault(id, []).append((child, slot, amount))
        return found

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, k: int) -> Step: ...
    @overload
    def __getitem__(self, k: slice) -> list[Step]: ...
    def __getitem__(self, k: int | slice) -> Step | list[Step]:
        return [self._step(r) for r in self._rows[k]] if isinstance(k, slice) else self._step(self._rows[k])

    def __iter__(self) -> Iterator[Step]:
        return map(self._step, self._rows)

    def __repr__(self) -> str:
        return f"<{self.mode} sweep of {len(self)} steps over {len(self.graph)} nodes>"

    def __str__(self) -> str:
        return "\n".join(s.formula for s in self)

    def _step(self, row: _Row) -> Step:
        kind, id, child, slot, before, after, amount = row
        node = self.graph.nodes[id]
        if child >= 0:
            edge = (self.graph.nodes[child], slot)
            reads = (edge[0],) if kind == "contribution" else (node,)
            partials = (edge[0].partials[slot],) if kind == "contribution" else ()
        else:
            edge, reads = None, node.parents if kind in ("value", "tangent") else ()
            partials = node.partials if kind == "tangent" else ()
        return Step(kind, node, edge, reads, before, after, amount, partials, self)


def value_sweep(graph: Graph) -> Sweep:
    """The forward pass: every input and every operation, operands first. Constants are there from the start."""
    rows: list[_Row] = []
    cost = Cost()
    for id, record in enumerate(graph.records):
        code, value = record[0], record[5]
        if code >= 0:
            cost += BY_CODE[code].cost
        if code >= -1:
            rows.append(("value", id, -1, 0, None, value, value))
    return Sweep(graph, "value", rows, [r[5] for r in graph.records], cost, len(graph))


def tangent_sweep(graph: Graph, *args: float, **seeds: float) -> Sweep:
    """Forward mode: how fast each node changes when the inputs change at the given rates.

    Parameters
    ----------
    graph : the traced function
    args, seeds : the rate of each input, by position or by name (`x=1.0`); inputs not named have rate 0

    Raises
    ------
    ArgumentError : a seed for something that is not an input, or no seed at all
    """
    given = dict(zip(graph.input_names, args, strict=False)) | seeds
    unknown = [k for k in given if k not in graph.input_names]
    if unknown or not given or len(args) > len(graph.input_names):
        first = graph.input_names[0] if graph.input_names else "x"
        raise ArgumentError(f"a tangent sweep starts from inputs; write tangent_sweep(graph, {first}=1.0); the inputs are {', '.join(graph.input_names)}")
    rows: list[_Row] = []
    dots: list[Any] = []
    unit: list[bool] = []  # a seed of exactly 1: multiplying by it is not counted
    cost = Cost()
    for id, (code, i, j, a, b, y) in enumerate(graph.records):
        if code < 0:
            dot = float(given.get(graph.input_names[id], 0.0)) if code == -1 else 0.0
            if code == -1:
                rows.append(("seed", id, -1, 0, None, dot, dot))
            unit.append(dot == 1.0)
        else:
            op = BY_CODE[code]
            operands = (a,) if len(op.args + op.params) == 1 else (a, b)
            dot, terms = 0.0, 0
            for slot, parent in enumerate((i, j)[: len(op.args)]):
                slope = op.slope(slot, y, operands)
                dot += slope * dots[parent]
                if not _is_zero(dots[parent]):  # zeros never get off the ground, and cost nothing worth counting
                    terms += 1
                    cost += op.partial_costs[slot]
                    cost += Cost(multiplications=not (unit[parent] or op.partials[slot] in _FREE))
            cost += Cost(additions=max(terms - 1, 0))
            unit.append(False)
            rows.append(("tangent", id, -1, 0, None, dot, dot))
        dots.append(dot)
    return Sweep(graph, "tangent", rows, dots, cost, 0)


_FREE = ("1", "-1", "0")  # partials that copy, negate or drop what comes: no multiplication


def _is_zero(x: Any) -> bool:
    return isinstance(x, float) and x == 0.0


def adjoint_sweep(graph: Graph, seed: float | Mapping[str, float] | Sequence[float] = 1.0) -> Sweep:
    """Reverse mode: how fast the output changes with each node, from one pass back over the graph.

    Parameters
    ----------
    graph : the traced function
    seed : the output's own adjoint; with several outputs one number each, in order or by name

    Raises
    ------
    ArgumentError : several outputs and one seed, or a seed for something that is not an output
    """
    bars: list[Any] = [None] * len(graph)
    rows: list[_Row] = []
    for id, start in _seeds(graph, seed):
        before = bars[id]
        bars[id] = start if before is None else before + start
        rows.append(("seed", id, -1, 0, before, bars[id], start))
    multiplications = additions = 0
    evaluated = [0] * len(BY_CODE)  # how often each primitive's partials were computed
    unit = {id for id in graph.output_ids if bars[id] == 1.0 and not graph.uses[id]}
    waiting = _waiting(graph)
    for id in _reverse_order(graph, waiting):
        code, i, j, a, b, y = graph.records[id]
        if code < 0 or bars[id] is None:
            continue
        op = BY_CODE[code]
        operands = (a,) if len(op.args + op.params) == 1 else (a, b)
        bar = bars[id]
        evaluated[code] += 1
        for slot, parent in enumerate((i, j)[: len(op.args)]):
            amount = bar * op.slope(slot, y, operands)
            multiplications += not (id in unit or op.partials[slot] in _FREE)
            before = bars[parent]
            if before is None:
                bars[parent] = amount
                rows.append(("contribution", parent, id, slot, 0.0, amount, amount))
            else:
                total = before + amount
                additions += 1
                rows.append(("contribution", parent, id, slot, before, before, amount))
                rows.append(("sum", parent, id, slot, before, total, amount))
                bars[parent] = total
    for id in range(len(graph.input_names)):  # an input that the output does not depend on
        if bars[id] is None:
            bars[id] = 0.0
    cost = Cost(multiplications, additions)
    for op, times in zip(BY_CODE, evaluated, strict=True):
        for once in op.partial_costs:
            cost += once * times
    return Sweep(graph, "adjoint", rows, bars, cost, len(graph))


def _seeds(graph: Graph, seed: Any) -> list[tuple[int, float]]:
    outputs = graph.output_ids
    if isinstance(seed, Mapping):
        by_name = {graph.names[id]: id for id in outputs}
        unknown = [k for k in seed if k not in by_name]
        if unknown:
            raise ArgumentError(f"{unknown[0]} is not an output; the outputs are {', '.join(by_name)}")
        return [(by_name[k], float(v)) for k, v in seed.items()]
    if isinstance(seed, int | float):
        if len(outputs) == 1:
            return [(outputs[0], float(seed))]
        raise ArgumentError(f"this graph has {len(outputs)} outputs; give one seed for each, such as seed=({', '.join(['1.0'] + ['0.0'] * (len(outputs) - 1))})")
    if len(seed) != len(outputs):
        raise ArgumentError(f"{len(seed)} seeds for {len(outputs)} outputs; give one for each")
    return [(id, float(s)) for id, s in zip(outputs, seed, strict=True)]


def _waiting(graph: Graph) -> list[int]:
    """For each node, how many of its uses lead to an output: so many arrivals must come before it is done."""
    waiting = [0] * len(graph)
    alive = [False] * len(graph)
    for id in graph.output_ids:
        alive[id] = True
    for id in range(len(graph) - 1, -1, -1):
        if alive[id]:
            for parent in graph.operand_ids(id):
                alive[parent] = True
                waiting[parent] += 1
    return waiting


def _reverse_order(graph: Graph, waiting: list[int]) -> Iterator[int]:
    """Node numbers from the outputs back: first operand first, and none before everything it influences is done."""
    stack = [id for id in dict.fromkeys(reversed(graph.output_ids)) if waiting[id] == 0]
    while stack:
        id = stack.pop()
        yield id
        for parent in reversed(graph.operand_ids(id)):
            waiting[parent] -= 1
            if waiting[parent] == 0:
                stack.append(parent)
