"""Walk a graph the way the three passes do, and get every step to look at.

`value_sweep(graph)` computes the primals, `tangent_sweep(graph, x=1.0)` pushes derivatives forward from an input,
`adjoint_sweep(graph)` pulls them back from the output. Each is a sequence of `Step`s with the numbers before and
after, and ends with `.result`. Nothing is changed in the graph.

The order of the adjoint sweep: from the output, first operand first, and a node only when everything it influences
is done. Every arrival at a node is a step; a second arrival is followed by a step for the sum (Edelman and Johnson,
MIT 18.S096, lecture 8: x gets 10, then + 4, and is 14).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from numbers import Real
from typing import Any, overload

import numpy as np

from ..errors import Answering, ArgumentError
from ..recording.door import entry
from ..recording.tape import CONSTANT, INPUT
from ..table.table import BY_CODE, Cost, Primitive
from ..table.values import is_complex, settled, shape_of, size_of, zeros
from ..text.notation import number
from .formulas import Told, formula, sentence
from .graph import Graph, Node, check_graph
from .infinite import adjoints, has_nan, tangents

__all__ = ["Step", "Sweep", "adjoint_sweep", "tangent_sweep", "value_sweep"]


class Step(Told):
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
    cost : what the sweep has cost when this step is done: multiplications, additions, function calls
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{self.kind}: {self.formula}>"

    @property
    def formula(self) -> str:
        """The step as a formula in plain text with its numbers: `x̄ += v̄1 · ∂v1/∂x = 5 · 2 = 10`."""
        return formula(self)

    @property
    def sentence(self) -> str:
        """The step in a plain sentence."""
        return sentence(self)

    def to_dict(self) -> dict[str, Any]:
        """The step as JSON-ready data; nodes are given by name.

        Arrays are nested lists, complex numbers texts such as `3 + 4i`, and numbers that JSON has no word for are the
        texts `inf`, `−inf` and `nan`.
        """
        return {
            "kind": self.kind,
            "node": self.node.name,
            "edge": None if self.edge is None else [self.edge[0].name, self.edge[1]],
            "reads": [n.name for n in self.reads],
            "before": _json(self.before),
            "after": _json(self.after),
            "amount": _json(self.amount),
            "partials": [_json(p) for p in self.partials],
            "formula": self.formula,
            "sentence": self.sentence,
        }


def _json(x: Any) -> Any:
    """A number or an array as JSON can say it."""
    if isinstance(x, np.ndarray):
        return [_json(part) for part in x.tolist()]
    if isinstance(x, list):
        return [_json(part) for part in x]
    odd = isinstance(x, complex) or isinstance(x, float) and not math.isfinite(x)
    return number(x) if odd else x


_Row = tuple[str, int, int, int, Any, Any, Any]  # kind, node, child, slot, before, after, amount


class Sweep(Answering, Sequence[Step]):
    """The steps of one pass over a graph.

    Attributes
    ----------
    mode : "value", "tangent" or "adjoint"
    numbers : the pass's number for each node, by node number (None where the pass did not get)
    result : the same as a dict from node name to number
    counts : multiplications, additions, function calls and stored values
    """

    instead = dict.fromkeys(("adjoint", "adjoints", "tangent", "tangents", "grad", "values"), "sweep.result")

    def __init__(
        self, graph: Graph, mode: str, rows: list[_Row], numbers: list[Any], count: _Count, stored: int
    ) -> None:
        self.graph, self.mode, self._rows, self.numbers = graph, mode, rows, numbers
        self._running, cost = count.running, count.total
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

    @cached_property
    def _ranks(self) -> dict[tuple[int, int, int], int]:
        """Which arrival at its node each edge's contribution is."""
        return {(id, child, slot): k for id, all in self.arrivals.items() for k, (child, slot, _) in enumerate(all)}

    def before(self, id: int, child: int, slot: int) -> list[tuple[int, int, Any]]:
        """What arrived at a node before an edge's contribution did."""
        return self.arrivals[id][: self._ranks[id, child, slot]]

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, k: int) -> Step: ...
    @overload
    def __getitem__(self, k: slice) -> list[Step]: ...
    def __getitem__(self, k: int | slice) -> Step | list[Step]:
        if isinstance(k, str):
            raise ArgumentError(f"a sweep's steps are counted, and {k!r} is no number; write sweep.result[{k!r}]")
        if isinstance(k, slice):
            return list(map(self._step, self._rows[k], self._running[k]))
        return self._step(self._rows[k], self._running[k])

    def __iter__(self) -> Iterator[Step]:
        return map(self._step, self._rows, self._running)

    def __repr__(self) -> str:
        return f"<{self.mode} sweep of {len(self)} steps over {len(self.graph)} nodes>"

    def __str__(self) -> str:
        return "\n".join(s.formula for s in self)

    def _step(self, row: _Row, cost: Cost) -> Step:
        kind, id, child, slot, before, after, amount = row
        node = self.graph.nodes[id]
        edge: tuple[Node, int] | None = None
        reads: tuple[Node, ...]
        if child >= 0:
            edge = (self.graph.nodes[child], slot)
            reads = (edge[0],) if kind == "contribution" else (node,)
            partials = (edge[0].partials[slot],) if kind == "contribution" else ()
        else:
            reads = node.parents if kind in ("value", "tangent") else ()
            partials = node.partials if kind == "tangent" else ()
        return Step(kind, node, edge, reads, before, after, amount, partials, cost, self)


class _Count:
    """Counts operations while a sweep runs, and notes the count after each step."""

    def __init__(self) -> None:
        self.total = Cost()
        self.running: list[Cost] = []

    def add(self, cost: Cost, multiplications: int = 0, additions: int = 0) -> None:
        """Count what an operation costs, and what a sweep does around it."""
        (a, b, c), (x, y, z) = self.total, cost
        self.total = Cost(a + x + multiplications, b + y + additions, c + z)  # all at once: plots run 1,000 sweeps

    def step(self) -> None:
        """A step ends here."""
        self.running.append(self.total)


@entry("bl.value_sweep(bl.trace(f, 3.0))")
def value_sweep(graph: Graph) -> Sweep:
    """The forward pass: every input and every operation, operands first. Constants are there from the start."""
    check_graph(graph, "value_sweep(bl.trace(f, 3.0))")
    rows: list[_Row] = []
    count = _Count()
    for id, record in enumerate(graph.records):
        code, value = record[0], record[5]
        if code >= 0 and BY_CODE[code].elementwise and value.__class__ is float:
            count.add(BY_CODE[code].cost)
        elif code >= 0:
            count.add(BY_CODE[code].work(value, BY_CODE[code].operands(record[3], record[4])))
        if code != CONSTANT:
            rows.append(("value", id, -1, 0, None, value, value))
            count.step()
    return Sweep(graph, "value", rows, [r[5] for r in graph.records], count, _stored(graph))


def _stored(graph: Graph) -> int:
    """How many numbers the graph keeps: one for each node, of an array one for each element."""
    return sum(size_of(record[5]) for record in graph.records)


def _held(graph: Graph) -> int:
    """How many numbers a checkpointed function keeps in addition while it is gone back through, one at a time."""
    custom = [r for r in graph.records if r[0] >= 0 and BY_CODE[r[0]].name == "custom"]
    return max((BY_CODE[r[0]].settings(r[4])[0].held(r[3]) for r in custom), default=0)


@entry("bl.tangent_sweep(bl.trace(f, 3.0), 1.0)")
def tangent_sweep(graph: Graph, /, *args: Any, **seeds: Any) -> Sweep:
    """Forward mode: how fast each node changes when the inputs change at the given rates.

    Parameters
    ----------
    graph : the traced function
    args, seeds : the rate of each input, by position or by name (`x=1.0`); inputs not named have rate 0

    Raises
    ------
    ArgumentError : a seed for something that is not an input, or no seed at all
    """
    check_graph(graph, "tangent_sweep(bl.trace(f, 3.0), 1.0)")
    given = _rates(graph, args, seeds)
    rows: list[_Row] = []
    dots: list[Any] = []
    unit: list[bool] = []  # a seed of exactly 1: multiplying by it is not counted
    count = _Count()
    still: list[bool] = []  # what does not move has no slope to multiply, whatever its size
    for id, (code, i, j, a, b, y) in enumerate(graph.records):
        if code < 0:
            dot = given.get(graph.names[id]) if code == INPUT else None
            if dot is None:
                dot = 0.0 if y.__class__ is float else zeros(y)
            still.append(_is_zero(dot))
            if code == INPUT:
                rows.append(("seed", id, -1, 0, None, dot, dot))
                count.step()
            unit.append(dot.__class__ is float and dot == 1.0)
        else:
            op = BY_CODE[code]
            still.append(all([still[p] for p in op.ids(i, j)]))
            if still[-1] and op.elementwise and y.__class__ is float:
                unit.append(False)
                dots.append(0.0)
                rows.append(("tangent", id, -1, 0, None, 0.0, 0.0))
                count.step()
                continue
            operands = op.operands(a, b)
            if not op.elementwise or y.__class__ is not float:
                dot, cost = _pushed(op, [None if still[p] else dots[p] for p in op.ids(i, j)], y, operands)
                count.add(cost)
                unit.append(False)
                dots.append(dot)
                rows.append(("tangent", id, -1, 0, None, dot, dot))
                count.step()
                continue
            dot, terms = 0.0, 0
            for slot, parent in enumerate(op.ids(i, j)):
                if still[parent]:
                    continue
                dot += op.slope(slot, y, operands) * dots[parent]
                if not _is_zero(dots[parent]):  # zeros never get off the ground, and cost nothing worth counting
                    terms += 1
                    count.add(op.partial_costs[slot], not (unit[parent] or op.partials[slot] in _FREE))
            if terms > 1:
                count.add(Cost(), 0, terms - 1)
            unit.append(False)
            rows.append(("tangent", id, -1, 0, None, dot, dot))
            count.step()
        dots.append(dot)
    if has_nan(dots):
        exact = tangents(
            graph.records, [None if k else d for d, k in zip(dots, still, strict=True)][: _inputs(graph)], 0
        )
        if exact is not None:
            dots = [zeros(r[5]) if x is None else x for x, r in zip(exact, graph.records, strict=True)]
            rows = [(kind, id, -1, 0, None, dots[id], dots[id]) for kind, id, *_ in rows]
    return Sweep(graph, "tangent", rows, dots, count, 0)


def _inputs(graph: Graph) -> int:
    return len(graph.input_names)


def _rates(graph: Graph, args: tuple[Any, ...], seeds: dict[str, Any]) -> dict[str, Any]:
    names = graph.names[: len(graph.input_names)]
    inputs = f"of the inputs {', '.join(names)}" if names else "and this graph has no inputs"
    write = f"write tangent_sweep(graph, {names[0] if names else 'x'}=1.0)"
    given = dict(zip(names, args, strict=False)) | seeds
    unknown = [k for k in given if k not in names]
    if unknown:
        raise ArgumentError(f"{unknown[0]} is not one {inputs}, and a tangent sweep starts from inputs; {write}")
    if len(args) > len(names):
        raise ArgumentError(f"{len(args)} rates are too many, one for each {inputs}; {write}")
    if not given:
        raise ArgumentError(f"a tangent sweep needs to know which input moves, {inputs}; {write}")
    return {name: _rate(rate, graph[name].value, f"the rate of {name}") for name, rate in given.items()}


def _rate(x: Any, like: Any, what: str) -> Any:
    """A tangent or an adjoint that was given, in the shape of its value."""
    shape = shape_of(like)
    if not shape and not isinstance(like, complex):
        return _real(x, what)
    try:
        found = np.array(x, dtype=complex if is_complex(like) else float)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.shape != shape:
        raise ArgumentError(f"{what} must be an array of shape {shape}, as its value; write np.ones({shape}), say")
    return settled(found)


def _pushed(op: Primitive, dots: list[Any], y: Any, operands: tuple[Any, ...]) -> tuple[Any, Cost]:
    """The tangent of an operation on arrays or complex numbers, and its cost; operands that stand still are free."""
    cost, terms = Cost(), 0
    with np.errstate(all="ignore"):
        dot = None if all(d is None for d in dots) else op.push(dots, y, operands)
        for slot, d in enumerate(dots[:1] if op.variadic else dots):
            if d is not None and not _is_zero(d) and op.moves(slot):  # a 0 costs nothing worth counting
                cost = cost.plus(op.push_cost(slot, d, y, operands))
                terms += 1
    cost = cost.plus(Cost(0, max(terms - 1, 0)), size_of(y))
    return (zeros(y), cost) if dot is None else (settled(dot), cost)


def _real(x: Any, what: str) -> float:
    if not isinstance(x, Real):
        raise ArgumentError(f"{what} must be a number, not {type(x).__name__} {x!r:.40}; write 1.0, say")
    return float(x)


_FREE = ("1", "-1", "0")  # partials that copy, negate or drop what comes: no multiplication


def _is_zero(x: Any) -> bool:
    return x == 0.0 if isinstance(x, float) else not np.any(x)


@entry("bl.adjoint_sweep(bl.trace(f, 3.0))")
def adjoint_sweep(graph: Graph, seed: Any = 1.0) -> Sweep:
    """Reverse mode: how fast the output changes with each node, from one pass back over the graph.

    Constants get adjoints too, because they are instructive; the counts leave them out, as an engine would.

    Parameters
    ----------
    graph : the traced function
    seed : the output's own adjoint, in its shape; with several outputs one each, in order or by name

    Raises
    ------
    ArgumentError : several outputs and one seed, or a seed for something that is not an output
    """
    check_graph(graph, "adjoint_sweep(bl.trace(f, 3.0))")
    bars: list[Any] = [None] * len(graph)
    rows: list[_Row] = []
    count, varies = _Count(), graph.varies
    seeds = _seeds(graph, seed)
    for id, start in seeds:
        before = bars[id]
        bars[id] = start if before is None else before + start
        rows.append(("seed", id, -1, 0, before, bars[id], start))
        count.step()
    unit = {id for id in graph.output_ids if bars[id].__class__ is float and bars[id] == 1.0 and not graph.uses[id]}
    for id in _reverse_order(graph):
        code, i, j, a, b, y = graph.records[id]
        bar = bars[id]
        if code < 0 or bar is None:
            continue
        op = BY_CODE[code]
        operands = op.operands(a, b)
        general = not op.elementwise or y.__class__ is not float
        ids = op.ids(i, j)
        with np.errstate(all="ignore"):
            sent = dict(op.pull(range(len(ids)), bar, y, operands)) if general else {}
        for slot, parent in enumerate(ids):
            if general and slot not in sent:
                continue  # the outcome of a comparison has no derivative
            if general:
                amount = settled(sent[slot])
            else:
                amount = bar * op.slope(slot, y, operands)
            if varies[parent] and general:
                if not op.variadic or slot == min(sent):  # a rule for all operands at once is counted once
                    count.add(op.pull_cost(slot, bar, y, operands))
            elif varies[parent]:
                count.add(op.partial_costs[slot], not (id in unit or op.partials[slot] in _FREE))
            count.step()
            before = bars[parent]
            bars[parent] = amount if before is None else before + amount
            if before is None:
                rows.append(("contribution", parent, id, slot, 0.0, amount, amount))
                continue
            rows.append(("contribution", parent, id, slot, before, before, amount))
            rows.append(("sum", parent, id, slot, before, bars[parent], amount))
            if varies[parent]:
                count.add(Cost(), 0, size_of(amount))
            count.step()
    if has_nan(b for b in bars if b is not None):
        bars, rows = _exact(graph, seeds, rows) or (bars, rows)
    for id in range(len(graph.input_names)):  # an input that the output does not depend on
        if bars[id] is None:
            bars[id] = zeros(graph.records[id][5])
    return Sweep(graph, "adjoint", rows, bars, count, _stored(graph) + _held(graph))


def _exact(graph: Graph, seeds: list[tuple[int, Any]], rows: list[_Row]) -> tuple[list[Any], list[_Row]] | None:
    """The sweep's numbers and rows where 0 meets an infinite slope, as `infinite` says."""
    arrived: dict[tuple[int, int, int], tuple[Any, Any]] = {}

    def tell(id: int, child: int, slot: int, amount: Any, after: Any) -> None:
        arrived[id, child, slot] = amount, after

    found = adjoints(graph.records, seeds, _reverse_order(graph), 0, tell)
    if found is None:
        return None
    bars: list[Any] = [None] * len(graph)
    again: list[_Row] = []
    for kind, id, child, slot, before, after, amount in rows:
        if kind != "seed":
            zero = zeros(graph.records[id][5])
            amount, total = arrived.get((id, child, slot), (zero, bars[id]))  # nothing was sent: it was not chosen
            before = zero if bars[id] is None else bars[id]
            after = amount if bars[id] is None else before if kind == "contribution" else total
        if kind != "contribution" or bars[id] is None:
            bars[id] = after
        again.append((kind, id, child, slot, before, after, amount))
    return bars, again


def _seeds(graph: Graph, seed: Any) -> list[tuple[int, Any]]:
    outputs = graph.output_ids
    if isinstance(seed, Mapping):
        by_name = {graph.names[id]: id for id in outputs}
        unknown = [k for k in seed if k not in by_name]
        if unknown:
            raise ArgumentError(
                f"{unknown[0]} is not an output, and an adjoint sweep starts from outputs; "
                f"name one of {', '.join(by_name)}"
            )
        return [(by_name[k], _rate(v, graph[k].value, f"the seed of {k}")) for k, v in seed.items()]
    if isinstance(seed, tuple | list) and not (graph.single and shape_of(graph.value)):
        if len(seed) != len(outputs):
            raise ArgumentError(f"{len(outputs)} outputs and {len(seed)} of their seeds; give one seed for each output")
        return [(id, _rate(s, graph.records[id][5], "a seed")) for id, s in zip(outputs, seed, strict=True)]
    start = _rate(seed, graph.records[outputs[0]][5], "the seed") if len(outputs) == 1 else seed
    if len(outputs) > 1:
        example = ", ".join(["1.0"] + ["0.0"] * (len(outputs) - 1))
        raise ArgumentError(f"this graph has {len(outputs)} outputs; give one seed for each, such as seed=({example})")
    return [(outputs[0], start)]


def _reverse_order(graph: Graph) -> Iterator[int]:
    """Node numbers from the outputs back: first operand first, and none before everything it influences is done."""
    waiting = [0] * len(graph)  # for each node, how many of its uses lead to an output and are still to come
    for id, needed in enumerate(graph.needed):
        if needed:
            for parent in graph.operand_ids(id):
                waiting[parent] += 1
    stack = [id for id in dict.fromkeys(reversed(graph.output_ids)) if waiting[id] == 0]
    while stack:
        id = stack.pop()
        yield id
        for parent in reversed(graph.operand_ids(id)):
            waiting[parent] -= 1
            if waiting[parent] == 0:
                stack.append(parent)
