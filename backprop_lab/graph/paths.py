"""Follow the paths of a graph: a derivative is the sum over all paths of the product of the local partials.

    for path in bl.paths(graph, "x", "z"):    one path after another, with its weights and their product
        print(path)
    bl.count_paths(graph, "x", "z")           how many there are, without walking them

The sum over paths is the statement (Edelman and Johnson, MIT 18.S096, lecture 8; Olah 2015), and the reverse pass is
how to compute it: there may be exponentially many paths, but an edge's work is shared by all paths through it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..errors import ArgumentError
from ..recording.door import entry
from ..table.values import shape_of
from ..text.notation import number
from .graph import Graph, Node, check_graph


class Path(NamedTuple):
    """One way from a node to another.

    Attributes
    ----------
    nodes : the nodes passed, both ends included
    slots : for each edge, which operand it is of the node it leads to
    weights : the local partial on each edge
    product : the weights multiplied, 1.0 for a path without edges
    """

    nodes: tuple[Node, ...]
    slots: tuple[int, ...]
    weights: tuple[Any, ...]

    @property
    def product(self) -> Any:
        return math.prod(self.weights, start=1.0)

    @property
    def edges(self) -> tuple[tuple[Node, int], ...]:
        """The edges as pairs (child, slot), as in a `Step`."""
        return tuple(zip(self.nodes[1:], self.slots, strict=True))

    def __str__(self) -> str:
        names = " → ".join(n.label for n in self.nodes)
        factors = " · ".join(f"({t})" if (t := number(w)).startswith("−") else t for w in self.weights) or "1"
        return f"{names}: {factors} = {number(self.product)}" if len(self.weights) > 1 else f"{names}: {factors}"


@entry('bl.paths(bl.trace(f, 3.0), "x")')
def paths(graph: Graph, source: str | Node, sink: str | Node | None = None) -> Iterator[Path]:
    """All paths from one node to another, one at a time; the products add up to the derivative.

    Parameters
    ----------
    graph : the traced function
    source : the node, or its name, to differentiate with respect to
    sink : the node, or its name, whose derivative it is; the output if there is one and none is given

    Returns
    -------
    An iterator over `Path`s, in the order of the graph. x * x has two paths from x, one through each operand.
    """
    check_graph(graph, 'paths(bl.trace(f, 3.0), "x")')
    return _walked(graph, _node(graph, source), _node(graph, sink))


def _walked(graph: Graph, start: Node, end: Node) -> Iterator[Path]:
    leads = graph.leading_to((end.id,))
    todo = [Path((start,), (), ())] if leads[start.id] else []
    while todo:
        path = todo.pop()
        last = path.nodes[-1]
        if last == end:
            yield path
            continue
        for child, slot in reversed(graph.uses[last.id]):
            if leads[child]:
                node = graph.nodes[child]
                weight = node.partials[slot]
                if isinstance(weight, str) or shape_of(node.value):
                    raise ArgumentError(
                        f"{node.name} is computed from whole arrays, and paths multiply numbers; trace a function of "
                        "single numbers"
                    )
                todo.append(Path((*path.nodes, node), (*path.slots, slot), (*path.weights, weight)))


@entry('bl.count_paths(bl.trace(f, 3.0), "x")')
def count_paths(graph: Graph, source: str | Node, sink: str | Node | None = None) -> int:
    """How many paths lead from one node to another, exactly, in one pass over the edges.

    Parameters : as for `paths`.
    """
    check_graph(graph, 'count_paths(bl.trace(f, 3.0), "x")')
    start, end = _node(graph, source), _node(graph, sink)
    ways = [0] * len(graph)
    ways[start.id] = 1
    for id in range(start.id + 1, end.id + 1):
        ways[id] = sum(ways[p] for p in graph.operand_ids(id))
    return ways[end.id]


def _node(graph: Graph, key: str | Node | None) -> Node:
    if key is None:
        if len(graph.output_ids) != 1:
            raise ArgumentError(f"this graph has {len(graph.output_ids)} outputs; name the one where the paths end")
        return graph.outputs[0]
    return graph[key]
