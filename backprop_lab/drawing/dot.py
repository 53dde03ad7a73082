"""A graph as DOT text, for Graphviz to lay out.

The nodes are empty boxes of our sizes and every edge reserves room for its label; the picture is drawn by `picture`.
The text depends on nothing but its arguments, so tests compare it as text.
"""

from __future__ import annotations

from collections.abc import Mapping

import graphviz

from ..graph.graph import Graph
from .folding.fold import Scene
from .keys import frame_id

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


def _tangled(scene: Scene) -> bool:
    """Whether curves would take too long."""
    if scene.tree.flat:
        return _span(scene.tree.graph) > LONGEST_SPAN
    order = {key: k for k, key in enumerate(scene.order)}
    passed = (abs(order[w.target] - order[w.source]) for w in scene.wires if w.source in order and w.target in order)
    return sum(passed) > LONGEST_SPAN * 4  # places in a row are not ranks: there are fewer of those


def dot(
    scene: Scene,
    sizes: Mapping[str, tuple[float, float]],
    labels: Mapping[str, float],
    titles: Mapping[int, float],
    tight: bool = False,
) -> str:
    """The DOT text. Open parts of a folded graph are clusters, and Graphviz keeps what is in them together.

    Parameters
    ----------
    scene : what is seen
    sizes : width and height of each node and box in points, by id
    labels : the width of each line's label in points, by key; 0 for none
    titles : the width of each frame's title in points, by the part's number
    tight : whether rows stand close, because two such pictures stand one above the other
    """
    straight = _tangled(scene)
    picture = graphviz.Digraph("backprop_lab")
    picture.attr("graph", rankdir="LR", nodesep="0.14" if tight else "0.34", ranksep="0.34")
    if straight:
        picture.attr("graph", splines="line", ranksep="0.9", nslimit="0.2", nslimit1="0.2", mclimit="0.1")
    picture.attr("node", shape="box", fixedsize="true", label="")
    picture.attr("edge", fontsize="14", arrowsize="0.9")
    inside: dict[int, graphviz.Digraph] = {0: picture}
    for frame in scene.frames:
        inside[frame.number] = graphviz.Digraph(frame_id(frame.number))
        title, tip = _room(titles[frame.number]), graphviz.escape(frame.label)
        inside[frame.number].attr(label=title, fontsize="14", margin="16", tooltip=tip)
    for key in scene.order:
        around, about = _home(scene, key)
        width, height = (f"{size / INCH:.3f}" for size in sizes[key])
        inside[around].node(key, tooltip=graphviz.escape(about), width=width, height=height)
    for frame in reversed(scene.frames):
        assert frame.parent is not None
        inside[frame.parent.number].subgraph(inside[frame.number])
    for wire in scene.wires:
        # Graphviz would put the label of a long straight line far from it.
        label = {} if straight or not labels[wire.key] else {"label": _room(labels[wire.key])}
        picture.edge(wire.source, wire.target, id=wire.key, **label)
    return picture.source


def _home(scene: Scene, key: str) -> tuple[int, str]:
    """The open part around a node or a box, and what the node or box is."""
    number, tree = int(key[1:]), scene.tree
    if key[0] == "n":
        node = tree.graph.nodes[number]
        return tree.of[number], node.label if node.primitive is None else f"{node.label} = {node.formula}"
    part = tree.parts[number]
    return part.parent.number if part.parent is not None else 0, part.label


def _room(width: float) -> str:
    """Zeros as wide as a label of ours, which they keep the place for: in a 14 point font each is 7 points wide."""
    return "0" * max(1, round(width / 7.0))
