"""A film's steps with figures in place of numbers (`text/slots.py`): what is worked out from them is a template.

figured(steps, sweep)       the same steps and reverse sweep, over a graph whose numbers have names
figured_sweep(sweep)        the same sweep alone

Of a graph of small arrays the numbers are cells (`table/cells.py`), and what is worked out goes on its tape.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

import numpy as np

from ..graph.entries import Entries
from ..graph.formulas import AFTER, AMOUNT, BEFORE
from ..graph.graph import Graph, Node
from ..graph.slopes import is_fixed
from ..graph.sweeps import Step, Sweep
from ..mistakes.sweep import RIGHT, Reverse, Use
from ..recording.tape import CONSTANT
from ..table.cells import Cells
from ..table.values import shape_of, zeros
from ..text.slots import Figure


def figured(
    steps: list[Step], sweep: Reverse | None, entries: Entries | None = None
) -> tuple[list[Step], Reverse | None]:
    """Steps and a reverse sweep over a graph of real numbers, with figures; constants stay what they are."""
    if not steps:
        return steps, sweep
    graph = _graph(steps[0].node.graph, entries)
    sweeps: dict[int, Sweep] = {}
    made = _on_cells(steps, graph, entries) if entries is not None else [_step(step, graph, sweeps) for step in steps]
    return made, sweep and _reverse(sweep, graph, entries)


def figured_sweep(sweep: Reverse, entries: Entries | None = None) -> Reverse:
    """A reverse sweep over a graph of real numbers, with figures."""
    return _reverse(sweep, _graph(sweep.graph, entries), entries)


def _graph(graph: Graph, entries: Entries | None) -> Graph:
    """The graph with figures for values and local partials."""
    values: list[Any] = []
    records: list[Any] = []
    for node, (code, i, j, a, b, y) in zip(graph.nodes, graph.records, strict=True):
        own = Figure(y, f"p{node.id}") if entries is None else entries.values[node.id]
        values.append(y if code == CONSTANT else own)
        if node.primitive is None:
            records.append((code, i, j, a, b, values[-1]))
            continue
        ids, op = node.entry.ids(i, j), node.entry
        records.append(op.record(ids, [values[k] for k in ids], op.settings(b), values[-1]))
    made = graph.like(records, graph.comparisons, graph.output_ids, graph.single)
    ours = [node for node in graph.nodes if node.primitive is not None]
    if entries is None:
        made.slopes = {node.id: tuple(_slopes(node)) for node in ours}
    else:
        arity = {node.id: node.entry.arity for node in ours if node.entry.elementwise}
        made.slopes = {id: tuple(entries.slope(id, slot) for slot in range(many)) for id, many in arity.items()}
    return made


def _slopes(node: Node) -> list[Any]:
    return [x if is_fixed(node, k) else Figure(x, f"w{node.id}_{k}") for k, x in enumerate(node.partials)]


def _step(step: Step, graph: Graph, sweeps: dict[int, Sweep]) -> Step:
    if id(step.sweep) not in sweeps:
        sweeps[id(step.sweep)] = made = copy(step.sweep)
        made.numbers = [None if x is None else Figure(x, f"a{k}") for k, x in enumerate(step.sweep.numbers)]
    before, after, amount = (
        None if x is None else Figure(x, name)
        for x, name in ((step.before, BEFORE), (step.after, AFTER), (step.amount, AMOUNT))
    )
    told = {} if step.kind == "value" else {"before": before, "after": after, "amount": amount}
    return _moved(step, graph, sweeps[id(step.sweep)], told)


def _moved(step: Step, graph: Graph, sweep: Sweep, told: dict[str, Any]) -> Step:
    """The step over another graph, with these numbers."""
    node = graph.nodes[step.node.id]
    edge = step.edge and (graph.nodes[step.edge[0].id], step.edge[1])
    partials: tuple[Any, ...] = ()
    if edge is not None and step.kind == "contribution":
        partials = (edge[0].partials[edge[1]],)
    elif step.kind == "tangent":
        partials = node.partials
    told = told if step.kind != "value" else {"after": node.value}
    reads = tuple(graph.nodes[read.id] for read in step.reads)
    return step._replace(node=node, edge=edge, reads=reads, partials=partials, sweep=sweep, **told)


def _on_cells(steps: Sequence[Step], graph: Graph, entries: Entries) -> list[Step]:
    """The steps with the numbers that their sweeps have on the tape."""
    sweeps: dict[int, Sweep] = {}
    found = []
    for step, now in zip(steps, entries.sweeps(steps), strict=True):
        made = sweeps.setdefault(id(step.sweep), copy(step.sweep))
        told = {}
        if now is not None:
            still = zeros(step.node.value)
            before, amount, after = (still if x is None else x for x in now[:3])
            told = {"before": before if step.before is not None else None, "amount": amount, "after": after}
            made.numbers = [x if x is None else now[3].get(k) for k, x in enumerate(step.sweep.numbers)]
            made.numbers = [
                zeros(y) if x is None else x for x, y in zip(made.numbers, entries.graph.values, strict=True)
            ]
        found.append(_moved(step, graph, made, told))
    return found


def _reverse(sweep: Reverse, graph: Graph, entries: Entries | None) -> Reverse:
    """The sweep that tells what misconceptions send, where all before is right."""
    made = copy(sweep)
    made.graph = graph
    made.uses = {id: [_use(use, graph, entries) for use in uses] for id, uses in sweep.uses.items()}
    if entries is None:
        made.right = made.passed = [Figure(x, f"a{k}") for k, x in enumerate(sweep.right)]
    else:
        made.right, made.passed = made.run(RIGHT)
    return made


def _use(use: Use, graph: Graph, entries: Entries | None) -> Use:
    _, _, _, a, b, value = graph.records[use.child]
    slopes = graph.slopes.get(use.child)
    made = use._replace(operands=use.op.operands(a, b), value=value, slope=slopes and slopes[use.slot])
    if entries is None:
        return made
    op: Any = _OnCells(use.op, entries.cells)
    return _CellUse(*made._replace(op=op))


class _OnCells:
    """An operation of the table whose rules are written on a tape."""

    def __init__(self, op: Any, cells: Cells) -> None:
        self.op, self.cells = op, cells

    def __getattr__(self, name: str) -> Any:
        return getattr(self.op, name)

    def function(self, *operands: Any) -> Any:
        """The value."""
        return self.cells.value(self.op, operands)

    def slope(self, slot: int, y: Any, operands: tuple[Any, ...]) -> Any:
        """A local partial; nan where it is infinite whatever the inputs."""
        try:
            return self.cells.slope(self.op, slot, y, operands)
        except ArithmeticError:  # a division by a constant 0
            each = np.frompyfunc(lambda y, *own: self.slope(slot, y, own), 1 + len(operands), 1)
            return each(y, *operands) if any(map(shape_of, operands)) else math.nan

    def pull(self, slots: Sequence[int], bar: Any, y: Any, operands: tuple[Any, ...]) -> Iterator[tuple[int, Any]]:
        """What an adjoint sends."""
        return ((slot, self.cells.pull(self.op, slot, bar, y, operands)) for slot in slots)


class _CellUse(Use):
    """A use of a node whose numbers are on a tape."""

    __slots__ = ()

    def fit(self, sent: Any) -> Any:
        return self.op.cells.fitted(sent, self.operand)  # type: ignore[attr-defined]
