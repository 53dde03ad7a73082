"""A graph as DOT text, for Graphviz to lay out.

The nodes are empty boxes of our sizes and every edge reserves room for its label; the picture is drawn by `picture`.
The text depends on nothing but its arguments, so tests compare it as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import graphviz

from ..graph.graph import Graph, Node
from .folding.fold import Scene
from .folding.parts import Part
from .keys import edge_id, frame_id, node_id

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


def dot(graph: Graph, sizes: dict[int, tuple[float, float]], labels: dict[tuple[int, int], float]) -> str:
    """The DOT text.

    Parameters
    ----------
    graph : what to draw
    sizes : width and height of each node, in points
    labels : for each edge (child, slot), the width of its label, in points
    """
    straight = _span(graph) > LONGEST_SPAN
    picture = _opened(straight)
    for node in (n for n in graph.nodes if n.id not in graph.hidden):
        picture.node(node_id(node.id), tooltip=graphviz.escape(_about(node)), **_size(*sizes[node.id]))
    for edge in (e for e in graph.edges if e.parent.id not in graph.hidden):
        key = (edge.child.id, edge.slot)
        _join(picture, node_id(edge.parent.id), node_id(edge.child.id), edge_id(*key), labels[key], straight)
    return picture.source


def dot_of_scene(
    scene: Scene, sizes: Mapping[str, tuple[float, float]], labels: Mapping[str, float], titles: Mapping[int, float]
) -> str:
    """The DOT text of a folded graph: open parts are clusters, and Graphviz keeps what is in them together.

    Parameters
    ----------
    scene : what is seen
    sizes : width and height of each node and box, by id
    labels : the width of each line's label, by key; 0 for none
    titles : the width of each frame's title, by the part's number
    """
    order = {key: k for k, key in enumerate(scene.order)}
    passed = (abs(order[w.target] - order[w.source]) for w in scene.wires if w.source in order and w.target in order)
    straight = sum(passed) > LONGEST_SPAN * 4  # places in a row are not ranks: there are fewer of those
    picture = _opened(straight)
    inside: dict[int, graphviz.Digraph] = {0: picture}
    for frame in scene.frames:
        inside[frame.number] = graphviz.Digraph(frame_id(frame.number))
        room = "0" * max(1, round(titles[frame.number] / 7.0))
        inside[frame.number].attr(label=room, fontsize="14", margin="16", tooltip=graphviz.escape(frame.label))
    for key, around, about in _seen(scene):
        inside[around].node(key, tooltip=graphviz.escape(about), **_size(*sizes[key]))
    for frame in reversed(scene.frames):
        assert frame.parent is not None
        inside[frame.parent.number].subgraph(inside[frame.number])
    for wire in scene.wires:
        _join(picture, wire.source, wire.target, wire.key, labels[wire.key], straight or not labels[wire.key])
    return picture.source


def _seen(scene: Scene) -> Iterable[tuple[str, int, str]]:
    """Each node and box with the open part around it, and what it is."""
    for key in scene.order:
        number = int(key[1:])
        if key[0] == "n":
            yield key, scene.tree.of[number], _about(scene.tree.graph.nodes[number])
        else:
            part: Part = scene.tree.parts[number]
            yield key, part.parent.number if part.parent is not None else 0, part.label


def _opened(straight: bool) -> graphviz.Digraph:
    """The beginning of every DOT text."""
    picture = graphviz.Digraph("backprop_lab")
    picture.attr("graph", rankdir="LR", nodesep="0.34", ranksep="0.34")
    if straight:
        picture.attr("graph", splines="line", ranksep="0.9", nslimit="0.2", nslimit1="0.2", mclimit="0.1")
    picture.attr("node", shape="box", fixedsize="true", label="")
    picture.attr("edge", fontsize="14", arrowsize="0.9")
    return picture


def _about(node: Node) -> str:
    return node.label if node.primitive is None else f"{node.label} = {node.formula}"


def _size(width: float, height: float) -> dict[str, str]:
    return {"width": f"{width / INCH:.3f}", "height": f"{height / INCH:.3f}"}


def _join(picture: graphviz.Digraph, tail: str, head: str, key: str, label: float, bare: bool) -> None:
    """An edge; a bare one has no room for a label, for Graphviz would put that of a long straight line far from it."""
    # Digits of a 14 point font are 7 points wide: a string of zeros reserves the width of our own label.
    room = {} if bare else {"label": "0" * max(1, round(label / 7.0))}
    picture.edge(tail, head, id=key, **room)
