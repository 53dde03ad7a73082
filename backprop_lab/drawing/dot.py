"""A graph as DOT text, for Graphviz to lay out.

The nodes are empty boxes of our sizes and every edge reserves room for its label; the picture is drawn by `picture`.
The text depends on nothing but its arguments, so tests compare it as text.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..graph.graph import Graph
from .folding.fold import Scene
from .keys import node_id

INCH = 72.0  # Graphviz takes node sizes in inches and gives positions in points
# Routing a curve around the boxes costs more the more ranks it passes: an input used in 50 turns of a loop took 8 s as
# curves and 0.8 s as straight lines. Up to this many ranks passed in all, curves are quick.
LONGEST_SPAN = 250


def _span(graph: Graph) -> int:
    """How many ranks the edges pass in all."""
    rank = [0] * len(graph)
    total = 0
    for id in range(len(graph)):
        parents = graph.operand_ids(id)
        rank[id] = 1 + max((rank[p] for p in parents), default=-1)
        total += sum(rank[id] - rank[p] for p in parents)
    return total


def dot(
    scene: Scene,
    sizes: Mapping[str, tuple[float, float]],
    labels: Mapping[str, float],
    tight: bool = False,
) -> str:
    """The DOT text of a graph that is shown whole; the parts of a folded one have places of their own (`folding/plan`).

    Parameters
    ----------
    scene : what is seen
    sizes : width and height of each node and box in points, by id
    labels : the width of each line's label in points, by key; 0 for none
    tight : whether rows stand close, because two such pictures stand one above the other
    """
    straight = _span(scene.tree.graph) > LONGEST_SPAN  # curves would take too long
    lines = ["digraph backprop_lab {", f"graph [rankdir=LR nodesep={0.14 if tight else 0.34} ranksep=0.34]"]
    if straight:
        lines.append("graph [splines=line ranksep=0.9 nslimit=0.2 nslimit1=0.2 mclimit=0.1]")
    lines += ['node [shape=box fixedsize=true label=""]', "edge [fontsize=14 arrowsize=0.9]"]
    for id in scene.nodes:
        node, (width, height) = scene.tree.graph.nodes[id], sizes[node_id(id)]
        about = node.label if node.primitive is None else f"{node.label} = {node.formula}"
        size = f"width={width / INCH:.3f} height={height / INCH:.3f}"
        lines.append(f"{node_id(id)} [{size}] // {' '.join(about.split())}")  # for who reads the text
    for wire in scene.wires:
        # Graphviz would put the label of a long straight line far from it.
        label = "" if straight or not labels[wire.key] else f" label={_room(labels[wire.key])}"
        lines.append(f"{wire.source} -> {wire.target} [id={wire.key}{label}]")
    return "\n".join([*lines, "}", ""])


def _room(width: float) -> str:
    """Zeros as wide as a label of ours, which they keep the place for: in a 14 point font each is 7 points wide."""
    return "0" * max(1, round(width / 7.0))
