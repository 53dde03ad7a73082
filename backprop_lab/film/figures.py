"""A film's steps with figures in place of numbers (`text/slots.py`): what is worked out from them is a template.

figured(steps, sweep)       the same steps and reverse sweep, over a graph whose numbers have names
figured_sweep(sweep)        the same sweep alone
"""

from __future__ import annotations

from copy import copy
from typing import Any

from ..graph.formulas import AFTER, AMOUNT, BEFORE
from ..graph.graph import Graph, Node
from ..graph.slopes import is_fixed
from ..graph.sweeps import Step, Sweep
from ..mistakes.sweep import Reverse
from ..recording.tape import CONSTANT
from ..text.slots import Figure


def figured(steps: list[Step], sweep: Reverse | None) -> tuple[list[Step], Reverse | None]:
    """Steps and a reverse sweep over a graph of real numbers, with figures; constants stay what they are."""
    if not steps:
        return steps, sweep
    graph = _graph(steps[0].node.graph)
    sweeps: dict[int, Sweep] = {}
    return [_step(step, graph, sweeps) for step in steps], sweep and _reverse(sweep, graph)


def figured_sweep(sweep: Reverse) -> Reverse:
    """A reverse sweep over a graph of real numbers, with figures."""
    return _reverse(sweep, _graph(sweep.graph))


def _graph(graph: Graph) -> Graph:
    """The graph with figures for values and local partials."""
    values: list[Any] = []
    records: list[Any] = []
    for node, (code, i, j, a, b, y) in zip(graph.nodes, graph.records, strict=True):
        values.append(y if code == CONSTANT else Figure(y, f"p{node.id}"))
        if node.primitive is None:
            records.append((code, i, j, a, b, values[-1]))
            continue
        ids, op = node.entry.ids(i, j), node.entry
        records.append(op.record(ids, [values[k] for k in ids], op.settings(b), values[-1]))
    made = graph.like(records, graph.comparisons, graph.output_ids, graph.single)
    made.slopes = {node.id: tuple(_slopes(node)) for node in graph.nodes if node.primitive is not None}
    return made


def _slopes(node: Node) -> list[Any]:
    return [x if is_fixed(node, k) else Figure(x, f"w{node.id}_{k}") for k, x in enumerate(node.partials)]


def _step(step: Step, graph: Graph, sweeps: dict[int, Sweep]) -> Step:
    node = graph.nodes[step.node.id]
    if id(step.sweep) not in sweeps:
        sweeps[id(step.sweep)] = made = copy(step.sweep)
        made.numbers = [None if x is None else Figure(x, f"a{k}") for k, x in enumerate(step.sweep.numbers)]
    before, after, amount = (
        None if x is None else Figure(x, name)
        for x, name in ((step.before, BEFORE), (step.after, AFTER), (step.amount, AMOUNT))
    )
    edge = step.edge and (graph.nodes[step.edge[0].id], step.edge[1])
    partials: tuple[Any, ...] = ()
    if edge is not None and step.kind == "contribution":
        partials = (edge[0].partials[edge[1]],)
    elif step.kind == "tangent":
        partials = node.partials
    told = {"after": node.value} if step.kind == "value" else {"before": before, "after": after, "amount": amount}
    reads = tuple(graph.nodes[read.id] for read in step.reads)
    return step._replace(node=node, edge=edge, reads=reads, partials=partials, sweep=sweeps[id(step.sweep)], **told)


def _reverse(sweep: Reverse, graph: Graph) -> Reverse:
    """The sweep that tells what misconceptions send, where all before is right."""
    made = copy(sweep)
    made.graph = graph
    made.right = made.passed = [Figure(x, f"a{k}") for k, x in enumerate(sweep.right)]
    made.uses = {id: [_use(use, graph) for use in uses] for id, uses in sweep.uses.items()}
    return made


def _use(use: Any, graph: Graph) -> Any:
    _, _, _, a, b, value = graph.records[use.child]
    return use._replace(operands=use.op.operands(a, b), value=value, slope=graph.nodes[use.child].partials[use.slot])
