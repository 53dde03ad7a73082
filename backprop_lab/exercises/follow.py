"""What follows from numbers that were typed: each next number by the right rule, from what stands before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..graph.graph import Graph
from ..mistakes.sweep import RIGHT, Reverse
from ..table.table import BY_CODE


def follow(graph: Graph, of: str, typed: Mapping[str, Any], wrt: str = "") -> dict[str, Any]:
    """The numbers of all nodes, each worked out rightly from what was typed for the nodes before it.

    Parameters
    ----------
    graph : the traced function
    of : "value", "tangent" or "adjoint"; adjoints may be arrays
    typed : numbers by name; where there is none, what was worked out goes on
    wrt : the input that moves, for tangents
    """
    known = {graph[name].id: x for name, x in typed.items() if name in graph.names}
    if of == "adjoint":
        sweep = Reverse(graph)
        passed = list(sweep.right)
        found = dict(enumerate(passed))
        for id in sweep.uses:  # from the output on, each node after all its users
            found[id] = sweep.gathered(RIGHT, sweep.arrivals(RIGHT, id, passed))
            passed[id] = known.get(id, found[id])
    else:
        found = _forward(graph, of, known, wrt)
    return {graph.names[id]: x for id, x in found.items()}


def _forward(graph: Graph, of: str, known: Mapping[int, Any], wrt: str) -> dict[int, Any]:
    """The same for values and tangents."""
    found, goes_on = {}, list(graph.values if of == "value" else [0.0] * len(graph.values))
    for node in graph.nodes:
        code, i, j, a, b, value = graph.records[node.id]
        op = BY_CODE[code] if code >= 0 else None
        if op is None:
            found[node.id] = value if of == "value" else float(node.name == wrt)
        else:
            before = [goes_on[k] for k in op.ids(i, j)]
            found[node.id] = (
                op.function(*op.joined(before, op.settings(b)))
                if of == "value"
                else sum(slope * x for slope, x in zip(node.partials, before, strict=True))
            )
        goes_on[node.id] = known.get(node.id, found[node.id])
    return found
