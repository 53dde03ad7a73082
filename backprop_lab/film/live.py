"""What a page needs to follow other inputs without a kernel: the graph as a tape, and words for what may happen there.

The film's texts are templates then (`text/slots.py`), and the page works out their numbers. Names of numbers in slots:

    p3, a3, w4_0    as in the picture: a value, its whole adjoint or tangent, a local partial; in formulas the place of
                    such a key among those that the step gives and then uses
    c4_0            what the edge sends in this sweep
    B, M, A         of this step: the number before, what it brings or computes, the number after; T, the sum of B and M
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ..graph.columns import columns, told
from ..graph.graph import Graph
from ..graph.notes import WORDS, kink_words, shown
from ..graph.replay import out_of_domain
from ..table.functions import OF_NEGATIVE, OF_ZERO
from ..table.javascript import played
from ..table.values import is_array, is_complex
from ..text.notation import PLAIN, TEMPLATE
from ..text.slots import MARKS
from .routes import exact

MOST = 300  # nodes of a graph that a page follows at every frame


def tape_of(graph: Graph) -> dict[str, Any] | None:
    """The tape of a graph that a page can follow; None for any other graph.

    Beside it the values at its inputs, and for what is said of a node that is out of range: its formula with the
    operands' numbers, and its line.
    """
    elsewhere = graph.way is not None or graph.theirs is not None
    if len(graph) > MOST or elsewhere or any(set(MARKS) & set(label) for label in graph.labels):
        return None
    made = columns(graph)
    if made is None:
        return None
    ours = [node for node in graph.nodes if node.primitive is not None]
    return made.data() | {
        "told": told(graph),
        "values": list(map(exact, graph.values)),
        "shown": {node.id: shown(node, TEMPLATE[PLAIN]) for node in ours},
        "lines": {node.id: node.line for node in ours if node.op in words()["outside"]},
    }


def still(graph: Graph) -> str:
    """Why a page cannot follow a graph by itself: what stands after "Other inputs need the kernel here"."""
    if len(graph) > MOST:
        return f"a page follows up to {MOST} nodes by itself, and there are {len(graph):,}"
    if graph.theirs is not None:
        return "the gradients beside ours were computed elsewhere, at these"
    if graph.way is not None:
        return "a number came back through a text, so the function has to run again"
    for node in graph.nodes:
        if is_array(node.value):
            return f"{node.label} is an array, and a page follows single numbers by itself"
        if is_complex(node.value):
            return f"{node.label} is a complex number, and a page follows real numbers by itself"
        if node.primitive is not None and node.entry.family == "own":
            return f"{node.label} comes from a rule of your own, which is Python"
    return "a page follows numbers, their operations and comparisons by itself, and here is something else"


def moving(graph: Graph, mode: str, wrt: str | None) -> list[int]:
    """The inputs that move in a film's sweeps for tangents, one in each."""
    names = {"forward": [wrt or ""], "sweeps": [wrt] if wrt else graph.input_names}
    return [graph.names.index(name) for name in names.get(mode, ())]


@cache
def words() -> dict[str, Any]:
    """What a page says where a number is not what its formula means, at kinks, and where a domain is left.

    `{}` stands for the formula of a node, for the numbers that are outside, and for the node's name and line.
    """
    by_name = {op.name: op for op in played()}
    must = {name: [op.must(domain) for domain in op.domain] for name, op in by_name.items() if op.bounded}
    outside = {name: [f"{wrong}, and here it is {{}}" for wrong in some] for name, some in must.items()}
    outside["power"] = [f"{wrong}, and here it is {{}} to the power {{}}" for wrong in (OF_ZERO, OF_NEGATIVE)]
    return {
        "notes": WORDS,
        "kinks": {name: [kink_words(kink) for kink in op.kinks] for name, op in by_name.items() if op.kinks},
        "outside": {name: [out_of_domain("{}", "{}", wrong) for wrong in some] for name, some in outside.items()},
    }
