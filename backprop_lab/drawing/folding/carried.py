"""What the turns of a long loop hand on, turn by turn: the lines of its strip.

    for own in carried(graph, loop):
        own.name, own.ids      "x", and for each turn the node that is x after it; -1 where it stays what it was

A value is handed on if a later turn uses it. Turns are compared by the name that they assign to, or by the place in the
code where there is none; several values of one name and turn are told apart by their order.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from ...graph.graph import Graph
from ...recording.tape import CONSTANT
from ..texts import subscripted
from .outline import Part, turns_in

MOST_CARRIED = 4  # values of a loop that have lines


class Carried(NamedTuple):
    """A value that a loop carries from turn to turn."""

    name: str
    ids: tuple[int, ...]  # a node for each turn, or -1


def carried(graph: Graph, loop: Part) -> list[Carried]:
    """The values that the turns of a loop hand on, in the order of the code; the turns' results if there are none."""
    turns = [sorted(turn.nodes()) for turn in turns_in(loop)]
    turn_of = {id: k for k, ids in enumerate(turns) for id in ids}
    last = len(turns) - 1
    series: dict[tuple[Hashable, int], dict[int, int]] = {}
    for k, ids in enumerate(turns[:-1]):
        count: dict[Hashable, int] = {}
        for id in ids:
            if graph.records[id][0] != CONSTANT and any(turn_of.get(child, -1) > k for child, _ in graph.uses[id]):
                own = _key(graph, id)
                count[own] = count.get(own, 0) + 1
                series.setdefault((own, count[own]), {})[k] = id
    many: dict[Hashable, int] = {}
    for own, _ in series:
        many[own] = many.get(own, 0) + 1
    for own, number in many.items():  # nobody uses what the last turn makes: there it is what was made last
        final = [id for id in turns[last] if graph.records[id][0] != CONSTANT and _key(graph, id) == own][-number:]
        for nth, id in enumerate(final, 1):
            series[own, nth][last] = id
    found = [
        Carried(_name(graph, nodes[max(nodes)]), tuple(nodes.get(k, -1) for k in range(len(turns))))
        for nodes in series.values()
        if len(nodes) > 2
    ]
    if not found:
        results = tuple(turn.result for turn in turns_in(loop))
        found = [Carried(_name(graph, results[-1]), results)]
    return found


def _key(graph: Graph, id: int) -> Hashable:
    """What a value is called in each turn, or where it is made."""
    place = graph.places[id]
    if place is None:
        return graph.records[id][0]
    return place.name or (place.filename, place.span)


def _name(graph: Graph, id: int) -> str:
    """A value's name, without the number of its turn; where it has none, that of the last one."""
    place = graph.places[id]
    if place is not None and place.name:
        return place.name
    return subscripted(graph.labels[id])
