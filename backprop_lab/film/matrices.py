"""What the page needs to show a run as matrices: whose turn it is at each position, names, and what the product costs.

The state is the column of all nodes' numbers. The step that computes node i is the matrix Jᵢ = I + eᵢ Lᵢ: the identity,
and in row i also the local partials of i; L has them all, child by row and parent by column. Then

    Jₙ … J₁ = (I − L)⁻¹,

so the product of the factors and the triangular system say the same. Forward mode multiplies from the right, beginning
with an input's column; reverse mode from the left, beginning with the output's row (Edelman and Johnson, MIT 18.S096,
lecture 8). The local partials themselves stand in the film's edges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from ..graph.graph import Graph
from ..graph.sweeps import Step
from ..table.cost import FREE
from ..table.values import shape_of, size_of
from ..text.notation import PLAIN, adjoint, in_words, number, tangent


def matrices(graph: Graph, steps: Sequence[Step], second: str | None) -> dict[str, Any]:
    """The data of the view; of graphs with anything but real numbers the sentence that stands in its place.

    `second` is what the run computes beside the values: "adjoint", "tangent" or None.
    """
    why = _not_numbers(graph)
    if why:
        return {"why": why}
    marked = tangent if second == "tangent" else adjoint
    right, left = multiplications(graph)
    twice = {(i, j): p for (i, j), p in local_partials(graph).items() if graph.operand_ids(i).count(j) > 1}
    products = {"right": right, "columns": len(graph.input_names), "left": left, "rows": len(set(graph.output_ids))}
    return {
        "turns": [-1, *map(_turn, steps)],
        "marks": [marked(n.label, PLAIN).text for n in graph.nodes],
        "still": [id for id, varies in enumerate(graph.varies) if not varies],
        "twice": {f"{i}_{j}": number(p) for (i, j), p in twice.items()},
        "products": products,
    }


def local_partials(graph: Graph) -> dict[tuple[int, int], float]:
    """L: by child and parent the local partial; that of an operand used twice is the sum of both."""
    found: dict[tuple[int, int], float] = {}
    for parent, child, slot in graph.edges:
        found[child.id, parent.id] = found.get((child.id, parent.id), 0.0) + child.partials[slot]
    return found


def multiplications(graph: Graph) -> tuple[int, int]:
    """How many multiplications the product of all factors takes: from the right, and from the left.

    From the right it begins with the columns of all inputs, from the left with the rows of all outputs. Constants are
    left out. What is 0, 1 or −1 whatever the inputs costs nothing: copies, changes of sign, and the seed.
    """
    found: dict[tuple[int, int], bool] = {}  # by child and parent, whether the entry only copies
    for parent, child, slot in graph.edges:
        if graph.varies[parent.id] and child.primitive is not None:
            copies = child.primitive.partials[slot] in FREE
            found[child.id, parent.id] = copies and (child.id, parent.id) not in found
    children: dict[int, list[tuple[int, bool]]] = {}
    parents: dict[int, list[tuple[int, bool]]] = {}
    for (i, j), copies in found.items():
        children.setdefault(j, []).append((i, copies))
        parents.setdefault(-i, []).append((-j, copies))  # the other way round, so the last node comes first
    right = sum(_carried(k, children) for k in range(len(graph.input_names)))
    left = sum(_carried(-k, parents) for k in dict.fromkeys(graph.output_ids))
    return right, left


def _carried(begin: int, entries: Mapping[int, Sequence[tuple[int, bool]]]) -> int:
    """The multiplications when a unit vector is carried along entries: by place, where to, and whether a copy.

    Every entry leads to a larger number, so what waits is taken in that order.
    """
    count, reached, units, waiting = 0, {begin}, {begin}, [begin]
    while waiting:
        source = heappop(waiting)
        for target, copies in entries.get(source, ()):
            count += not copies and source not in units
            if target not in reached:
                heappush(waiting, target)
            if copies and source in units and target not in reached:
                units.add(target)
            else:
                units.discard(target)
            reached.add(target)
    return count


def _turn(step: Step) -> int:
    """Whose factor a step belongs to; −1 for a seed."""
    return -1 if step.kind == "seed" else step.edge[0].id if step.edge is not None else step.node.id


def _not_numbers(graph: Graph) -> str:
    """Why there are no matrices of numbers, in a sentence; empty if there are."""
    arrays = [n.label for n in graph.nodes if shape_of(n.value)]
    if arrays:
        size = sum(size_of(n.value) for n in graph.nodes)
        named = in_words([*arrays[:4], *([f"{len(arrays) - 4} more"] if len(arrays) > 4 else [])])
        are = "is a whole array" if len(arrays) == 1 else "are whole arrays"
        return (
            f"{named} {are}, and each number in an array is a row and a column of these matrices: {size} of them here. "
            "Step through a function of single numbers to see them."
        )
    for node in graph.nodes:
        if isinstance(node.value, complex):
            return f"{node.label} is a complex number, and these matrices are for real ones."
        if any(isinstance(p, str | complex) for p in node.partials):
            return f"{node.label} has a rule of its own, which is not written as local partials."
    return ""
