"""What a page needs to follow other inputs without a kernel: the graph as a tape, and words for what may happen there.

The film's texts are templates then (`text/slots.py`), and the page works out their numbers. Names of numbers in slots:

    p3, a3, w4_0    as in the picture: a value, its whole adjoint or tangent, a local partial; in formulas the place of
                    such a key among those that the step gives and then uses
    c4_0            what the edge sends in this sweep
    B, M, A         of this step: the number before, what it brings or computes, the number after; T, the sum of B and M

Of a small array a slot has all numbers. Its graph goes as a tape of their entries (`graph/entries.py`), on which the
sweeps are played, too: what arrays send is written there number by number, so that the page knows numbers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from ..drawing.heat import Heat, lying
from ..graph.array_rules import over, scaling, spread_axes
from ..graph.columns import columns, told
from ..graph.entries import MOST_ENTRIES, Entries, truths
from ..graph.graph import Graph
from ..graph.notes import WORDS, kink_words, shown
from ..graph.replay import out_of_domain
from ..graph.slopes import partial_label
from ..graph.steps import Step
from ..table.cells import Beyond, is_beyond
from ..table.functions import OF_NEGATIVE, OF_ZERO
from ..table.javascript import played
from ..table.values import is_array, is_complex, size_of
from ..text.notation import PLAIN, TEMPLATE
from ..text.slots import MARKS
from .routes import exact

MOST = 300  # nodes of a graph that a page follows at every frame


def tape_of(graph: Graph, entries: Entries | None = None) -> dict[str, Any] | None:
    """The tape of a graph that a page can follow, of one with arrays their entries'; None for any other graph.

    Beside it the values at its inputs, and for what is said of a node that is out of range: its formula with the
    operands' numbers, and its line.
    """
    elsewhere = graph.way is not None or graph.theirs is not None
    if len(graph) > MOST or elsewhere or any(set(MARKS) & set(label) for label in graph.labels):
        return None
    made = None if entries is not None else columns(graph)
    if made is None and entries is None:
        return None
    made_here = [node for node in graph.nodes if node.primitive is not None]
    ours = [node for node in made_here if entries is None or node.id in entries.alone]
    own: dict[str, Any] = {"told": told(graph), "values": list(map(exact, graph.values))}
    if entries is not None:
        places = entries.places() | {"labels": _labels(graph), "rows": sorted(lying(graph)), "truths": truths(graph)}
        own = {"told": entries.told, "values": entries.shown(), "cells": places}
    own["shown"] = {node.id: shown(node, TEMPLATE[PLAIN]) for node in made_here}
    lines = {node.id: node.line for node in ours if node.op in words()["outside"]}
    own |= {"lines": lines}
    return (made.data() if made is not None else {}) | {key: one for key, one in own.items() if one}


def entries_of(graph: Graph, steps: Sequence[Step] = ()) -> Entries | None:
    """The numbers of a graph of small arrays; None for one without arrays, with what no page computes, or with a number
    that is not finite in a step."""
    if not any(map(is_array, graph.values)) or len(graph) > MOST or sum(map(size_of, graph.values)) > 2 * MOST:
        return None
    if not all(np.all(np.isfinite(step.after)) for step in steps):
        return None
    try:
        return Entries(graph)
    except Beyond:
        return None


def _labels(graph: Graph) -> dict[str, Any]:
    """What stands on the edges: a text, or where it has numbers, what stands before and after them."""
    found: dict[str, Any] = {}
    for _, child, slot in graph.edges:
        partial, axes = child.partials[slot], spread_axes(child, slot)
        written = isinstance(partial, float) or (is_array(partial) and scaling(child, slot, partial).endswith("]"))
        added = f"Σ {over(child, axes).removeprefix('the ')}" if axes else ""
        label = ["⊙ " * is_array(partial), added] if written else partial_label(child, slot)
        found[f"w{child.id}_{slot}"] = label
    return found


def moved(film: Any) -> dict[str, Any]:
    """What the page plays of a film at other inputs, or why it cannot."""
    if not film.tape:
        return {"still": still(film.graph)}
    grown = film.entries.columns().data() if film.entries is not None else {}  # the sweeps are on it now
    return {"tape": film.tape | grown}


def moved_pane(film: Any) -> dict[str, Any]:
    """What changes in one picture: of a film that follows its inputs those that move, and of arrays where the numbers
    of each step are on the tape, and when which heat map changes; of another film the texts and the maps themselves."""
    heat: Heat = film.heat
    if not film.tape:
        return {"changes": film.changes} | ({"heat": heat.data()} if heat.rooms else {})
    found: dict[str, Any] = {"moves": moving(film.graph, film.mode, film.wrt)}
    if film.entries is None:
        return found
    maps = iter(range(sum(map(len, heat.changes))))
    places = [{k: None if own is None else next(maps) for k, own in change.items()} for change in heat.changes]
    tables = _tables(film.steps, heat)
    placed = getattr(film, "placed", partial(film.entries.swept, film.steps))  # a mystery has a sweep of its own
    return found | {"cells": placed(), "heat": {"maps": [], "changes": places, "tables": tables}}


def _tables(steps: Sequence[Step], heat: Heat) -> dict[int, list[str]]:
    """At which positions an outer product is shown as a table: which of its factors is an adjoint, and both."""
    found = {}
    for at, (step, change) in enumerate(zip(steps, heat.changes[1:], strict=True), 1):
        own = change.get(f"a{step.node.id}")
        if own is not None and own.table and step.edge is not None:
            child, slot = step.edge
            pair = [f"a{child.id}", f"p{child.parents[1 - slot].id}"]
            found[at] = [own.table[0], *(pair if own.table[0] == "side" else pair[::-1])]
    return found


def still(graph: Graph) -> str:
    """Why a page cannot follow a graph by itself: what stands after "Other inputs need the kernel here"."""
    if len(graph) > MOST:
        return f"a page follows up to {MOST} nodes by itself, and there are {len(graph):,}"
    if graph.theirs is not None:
        return "the gradients beside ours were computed elsewhere, at these"
    if graph.way is not None:
        return "a number came back through a text, so the function has to run again"
    for node in graph.nodes:
        if size_of(node.value) > MOST_ENTRIES:
            many = f"{size_of(node.value):,} numbers, and a page follows up to {MOST_ENTRIES} of an array"
            return f"{node.label} has {many} by itself"
        if is_complex(node.value):
            return f"{node.label} is a complex number, and a page follows real numbers by itself"
        if node.primitive is not None and node.entry.family == "own":
            return f"{node.label} comes from a rule of your own, which is Python"
        if is_array(node.value) and not np.all(np.isfinite(node.value)):
            return f"{node.label} has a number that is not finite, and a page follows arrays of finite ones by itself"
        if node.primitive is not None and is_beyond(node.entry):
            return f"a page does not compute {node.label} = {node.formula} by itself"
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
