"""What is written into a picture's nodes: their titles and numbers, and how wide a number stands."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.formulas import partial_label
from ..graph.graph import Graph, Node
from ..graph.sweeps import adjoint_sweep
from ..table.values import shape_of
from ..text.notation import number
from .heat import text_of_array
from .strokes import text_width

__all__ = ["cell", "drawn_width", "final_numbers", "final_texts", "heading", "is_long", "name_and_meaning"]


def cell(x: Any) -> str:
    """A number as written in a node's cell: five significant digits; of a larger array the shape."""
    return text_of_array(x) if isinstance(x, np.ndarray) else number(x, 5)


def is_long(text: str) -> bool:
    """Whether a number is set smaller, so that a pending sum does not widen its node; stage.js has the same rule."""
    return len(text) > 9


def drawn_width(text: str) -> float:
    """How wide a number stands in a cell."""
    return text_width(text, 13.5 if is_long(text) else 18)


def heading(node: Node) -> tuple[str, str]:
    """The node's title: its name, and what it is."""
    if node.primitive is None:
        return node.label, f" {node.op}"
    formula = node.formula
    symbol = node.primitive.symbol
    return node.label, f" = {formula}" if text_width(formula, 15) <= 150 else f" {symbol}"


def name_and_meaning(node: Node) -> str:
    """The node in words, for the pop-up that a browser shows."""
    return f"{node.label}: {node.formula}"


def final_numbers(graph: Graph) -> dict[str, Any]:
    """What stands in the cells of the finished picture: primals, and adjoints of an output that is one number."""
    found: dict[str, Any] = {f"p{n.id}": n.value for n in graph.nodes}
    if len(graph.output_ids) == 1 and not shape_of(graph.outputs[0].value):
        found |= {f"a{id}": bar for id, bar in enumerate(adjoint_sweep(graph).numbers) if bar is not None}
    return found


def final_texts(graph: Graph) -> dict[str, str]:
    """All texts of the finished picture: its numbers and the local partials."""
    texts = {key: cell(x) for key, x in final_numbers(graph).items()}
    return texts | {f"w{e.child.id}_{e.slot}": partial_label(e.child, e.slot) for e in graph.edges}
