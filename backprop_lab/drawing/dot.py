"""A graph as DOT text, for Graphviz to lay out.

The nodes are empty boxes of our sizes and every edge reserves room for its label; the picture is drawn by `picture`.
The text depends on nothing but its arguments, so tests compare it as text.
"""

from __future__ import annotations

import graphviz

from ..graph import Graph

__all__ = ["dot", "edge_id", "node_id"]

INCH = 72.0  # Graphviz takes node sizes in inches and gives positions in points
# Routing a curve around the boxes costs more the more ranks it passes: an input used in 50 turns of a loop took 8 s as
# curves and 0.8 s as straight lines. Up to this many ranks passed in all, curves are quick.
LONGEST_SPAN = 250


def node_id(id: int) -> str:
    """A node's name in the DOT text; never the student's name, so nothing of theirs is ever parsed."""
    return f"n{id}"


def edge_id(child: int, slot: int) -> str:
    """An edge's id in the DOT text. The slot tells the two edges of x * x apart."""
    return f"e{child}_{slot}"


def _span(graph: Graph) -> int:
    """How many ranks the edges pass in all."""
    rank = [0] * len(graph)
    total = 0
    for id in range(len(graph)):
        parents = graph.operand_ids(id)
        rank[id] = 1 + max((rank[p] for p in parents), default=-1)
        total += sum(rank[id] - rank[p] for p in parents)
    return total


def dot(graph: Graph, sizes: dict[int, tuple[float, float]], labels: dict[tuple[int, int], float]) -> str:
    """The DOT text.

    Parameters
    ----------
    graph : what to draw
    sizes : width and height of each node, in points
    labels : for each edge (child, slot), the width of its label, in points
    """
    picture = graphviz.Digraph("backprop_lab")
    picture.attr("graph", rankdir="LR", nodesep="0.28", ranksep="0.36")
    straight = _span(graph) > LONGEST_SPAN
    if straight:
        picture.attr("graph", splines="line", ranksep="0.9", nslimit="0.2", nslimit1="0.2", mclimit="0.1")
    picture.attr("node", shape="box", fixedsize="true", label="")
    picture.attr("edge", fontsize="14", arrowsize="0.9")
    for node in graph.nodes:
        width, height = sizes[node.id]
        about = node.label if node.primitive is None else f"{node.label} = {node.formula}"
        picture.node(
            node_id(node.id), width=f"{width / INCH:.3f}", height=f"{height / INCH:.3f}", tooltip=graphviz.escape(about)
        )
    for edge in graph.edges:
        key = (edge.child.id, edge.slot)
        # Digits of a 14 point font are 7 points wide: a string of zeros reserves the width of our own label.
        room = "0" * max(1, round(labels[key] / 7.0))
        ends = node_id(edge.parent.id), node_id(edge.child.id)
        if straight:  # Graphviz would put a long line's label far from it; the picture puts it near the arrow
            picture.edge(*ends, id=edge_id(*key))
        else:
            picture.edge(*ends, id=edge_id(*key), label=room)
    return picture.source
