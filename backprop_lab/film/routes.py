"""What the page needs to follow paths: where they may begin and end, and what the sweep made of their sum.

A film's edges carry their local partials as numbers. There may be more paths than anybody can send, so the page walks
them itself, in the order of `bl.paths`; what is sent grows with the nodes and edges only.
"""

from __future__ import annotations

import math
from typing import Any

from ..graph.graph import Graph, Node
from ..graph.sweeps import Sweep


def exact(x: Any) -> float | str | None:
    """A float in full for the page; what JSON has no word for as the text that JavaScript reads as that number.

    None for what is no single number: an array, a rule, a complex number.
    """
    if not isinstance(x, float | int):
        return None
    if math.isfinite(x):
        whole = float(x).is_integer() and abs(x) < 2**53 and (x or math.copysign(1.0, x) > 0)
        return int(x) if whole else float(x)
    return "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"


def routes(graph: Graph, sweep: Sweep | None, seed: float) -> dict[str, Any]:
    """Where the paths begin and end at first, and the derivative that a sweep found for each node.

    A sweep's numbers are the sums over paths times the seed.
    """
    end = graph.output_ids[0]
    return {
        "from": _source(graph, end).id,
        "to": end,
        "whole": [exact(x) for x in sweep.numbers] if sweep is not None else None,
        "seed": exact(seed),
    }


def _source(graph: Graph, end: int) -> Node:
    """The first input with more than one path, since there products add up; else the first that leads there at all."""
    ways = [0] * len(graph)  # up to 2, which is enough to know
    ways[end] = 1
    for id in range(end, -1, -1):
        if ways[id]:
            for parent in graph.operand_ids(id):
                ways[parent] = min(2, ways[parent] + ways[id])
    return max(graph.inputs, key=lambda node: ways[node.id], default=graph.nodes[0])
