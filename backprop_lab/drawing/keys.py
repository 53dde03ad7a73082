"""The names by which nodes, edges, boxes and frames are called in DOT, in pictures and in films."""

from __future__ import annotations


def node_id(id: int) -> str:
    """A node's name in the DOT text; never the student's name, so nothing of theirs is ever parsed."""
    return f"n{id}"


def edge_id(child: int, slot: int) -> str:
    """An edge's id in the DOT text. The slot tells the two edges of x * x apart."""
    return f"e{child}_{slot}"


def box_id(part: int) -> str:
    """A folded part's name in the DOT text."""
    return f"g{part}"


def frame_id(part: int) -> str:
    """The name of an open part's frame; Graphviz wants its first seven letters to be these."""
    return f"cluster{part}"
