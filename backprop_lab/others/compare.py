"""Where their gradients leave ours, and which wrong turn gives their numbers.

    found = graph.compare()
    print(found)                the whole of it
    found.differences           node, ours and theirs, in the order of the reverse sweep
    found.first                 the first node of them: all that comes before is right
    found.turn                  .name, .sentence, .where, .op: the wrong turn that gives all of their numbers, or None

A wrong turn is named only if it gives every number that they have. Where none does, the report says what arrives at the
first wrong node and what should.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..errors import ArgumentError
from ..graph.graph import Node
from ..table.values import is_array, shape_of
from ..text.notation import in_words, number
from .beside import Beside
from .edges import Edges
from .turns import Turn, bar_of, turns_of

MOST_LISTED = 12


class Difference(NamedTuple):
    """A node where two gradients differ."""

    node: Node
    ours: Any
    theirs: Any

    def __str__(self) -> str:
        return f"{self.node.label}: theirs {_text(self.theirs)}, ours {_text(self.ours)}"


class Compared:
    """What `graph.compare()` found; print it. See the module's docstring for its attributes."""

    def __init__(
        self, graph: Beside, differences: Sequence[Difference], turns: Sequence[Turn], facts: str, many: int
    ) -> None:
        self.graph, self.differences, self.turns, self.facts, self.compared = (
            graph,
            list(differences),
            list(turns),
            facts,
            many,
        )

    @property
    def right(self) -> bool:
        """Whether all of their gradients are ours."""
        return not self.differences

    @property
    def first(self) -> Node | None:
        """The first wrong node in the order of the reverse sweep."""
        return self.differences[0].node if self.differences else None

    @property
    def turn(self) -> Turn | None:
        """The likeliest wrong turn that gives all of their numbers."""
        return self.turns[0] if self.turns else None

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        if self.right:
            return f"<Compared: all {self.compared} gradients agree>"
        name = f", {self.turn.name}" if self.turn else ""
        differ = f"{len(self.differences)} of {self.compared} gradients differ"
        return f"<Compared: {differ}, first at {self.differences[0].node.label}{name}>"

    def __str__(self) -> str:
        if self.right:
            return f"All {self.compared} of their gradients are ours."
        first = self.differences[0].node
        line = f", line {first.line}" if first.line else ""
        lines = [
            f"{len(self.differences)} of {self.compared} gradients differ; the first in the reverse sweep is "
            f"{first.label}{line}."
        ]
        lines += (
            [f"{self.turn.name[0].upper()}{self.turn.name[1:]}: {self.turn.sentence}"] if self.turn else [self.facts]
        )
        if len(self.turns) > 1:
            lines.append(f"The same numbers come of: {in_words([turn.name for turn in self.turns[1:]])}.")
        lines += [f"  {difference}" for difference in self.differences[:MOST_LISTED]]
        more = len(self.differences) - MOST_LISTED
        return "\n".join(lines + ([f"  … and {more} more"] if more > 0 else []))


def compared(graph: Beside) -> Compared:
    """See `TheirGraph.compare`."""
    known = {id: theirs for id, theirs in graph.theirs.items() if theirs is not None}
    if graph.failed:
        raise ArgumentError(f"their forward pass ended before its result: {graph.failed}; correct that first")
    if len(graph.output_ids) == 1 and shape_of(graph.value):
        raise ArgumentError(
            f"{graph.outputs[0].label} is an array of shape {shape_of(graph.value)}, and a gradient is one number's; "
            "return its sum, say"
        )
    if not known:
        raise ArgumentError("they have no gradients to compare; call backward() on their result first")
    wrong = graph.differing
    if not wrong:
        return Compared(graph, [], [], "", len(known))
    if any(map(is_array, graph.values)):
        order = {id: k for k, id in enumerate(_order(graph))}
        ids = sorted(wrong, key=lambda id: order.get(id, len(order)))
        return Compared(graph, _differences(graph, ids), [], "", len(known))
    edges = graph.weighed
    assert edges is not None
    place = {id: k for k, id in enumerate(edges.order)}
    ids = sorted(wrong, key=lambda id: place.get(id, len(place) + id))
    turns = turns_of(graph, edges, ids)
    return Compared(graph, _differences(graph, ids), turns, facts(graph, edges, ids[0]), len(known))


def facts(graph: Beside, edges: Edges, id: int) -> str:
    """What arrives at a node by their own numbers, and what theirs is."""
    node, uses = graph.nodes[id], edges.uses.get(id, [])
    if id == edges.output:
        return f"The sweep starts from 1 at {node.label}, and theirs is {number(graph.theirs[id])} there."
    bars = [bar_of(graph, use.child) for use in uses]
    terms = [f"{number(bar * use.slope)} from {graph.labels[use.child]}" for bar, use in zip(bars, uses, strict=True)]
    total = math.fsum(bar * use.slope for bar, use in zip(bars, uses, strict=True))
    told = terms if len(terms) <= 4 else [*terms[:3], f"{len(terms) - 3} more"]
    return (
        f"{node.label} gets {in_words(told)}, {number(total)} in all, and theirs is {number(graph.theirs[id])}. All "
        "that "
        "comes before in the sweep is right; none of the wrong turns that we know gives all of their numbers."
    )


def _differences(graph: Beside, ids: Sequence[int]) -> list[Difference]:
    return [Difference(graph.nodes[id], graph.ours[id], graph.theirs[id]) for id in ids]


def _order(graph: Beside) -> list[int]:
    from ..graph.sweeps import reverse_order

    return list(reverse_order(graph))


def _text(x: Any) -> str:
    text: str = number(x)
    return text
