"""What the page tells of a step besides its sentence: its formula, what explains a partial, what a sum is made of.

The markup is what stands inside of `<math><mrow>`, as short as HTML allows. A number's key is its place in a list of
keys that the page has anyway: `k=0` for the first. Formulas are the same markup again and again, so `packed` sends each
piece of them once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..drawing.texts import cell
from ..graph.formulas import AMOUNT, BEFORE, formula
from ..graph.graph import Edge, Node
from ..graph.slopes import chain, role, written_out
from ..graph.sweeps import Step
from ..text.notation import INLINE, MATHML, PLAIN, TEMPLATE, Target
from ..text.slots import MARKS, OPEN, renamed

TOTAL = "T"  # the slot of the sum of what was there and what arrives
# What differs in markup: texts, but no slots; and the keys of numbers.
TEXT, KEY = rf"(?<=>)[^<>{MARKS}]+(?=<)", r"(?<= k=)[paw]\w+"
PIECE, FREQUENT, HAS_KEY = re.compile(f"({TEXT}|{KEY})"), re.compile(f"({TEXT})"), re.compile(KEY)
KEYED = re.compile(' k="([^"]*)"')


class Pens(NamedTuple):
    """The targets in which a film is told: of texts, or of templates for numbers that change."""

    mathml: Target
    inline: Target
    plain: Target


TEXTS = Pens(MATHML, INLINE, PLAIN)
TEMPLATES = Pens(*map(TEMPLATE.__getitem__, TEXTS))


def equation(step: Step, keys: Sequence[str], pens: Pens) -> str:
    """A step's formula in MathML; `keys` has what the step gives and then what it uses."""
    return brief(formula(step, pens.mathml), keys)


def explained(edge: Edge, pens: Pens) -> dict[str, str]:
    """Where an edge's local partial comes from: the operand's role and the chain from its letters to the number."""
    found = chain(edge.child, edge.slot, pens.inline)
    keys = f"w{edge.child.id}_{edge.slot}", f"p{edge.child.id}", f"p{edge.parent.id}"
    return {"role": role(edge.child, edge.slot), "chain": brief(found, keys)} if found else {}


def brief(text: str, keys: Sequence[str]) -> str:
    """MathML for the page; an adjoint's line has no class there, for its key says that it is one."""
    places = {key: keys.index(key) for key in keys}
    text = KEYED.sub(lambda found: f" k={places.get(found[1], found[1])}", text)
    text = renamed(text, {key: str(k) for key, k in places.items()}) if OPEN in text else text
    return text.replace(' class="bl-over"', "")


def place_of(node: Node) -> dict[str, Any]:
    """Where a node is computed: the function, its line, and the parts of lines that are the node's expression."""
    graph = node.graph
    place = graph.places[node.id]
    if place is None:
        return {}
    for k, block in enumerate(graph.blocks):
        if block.filename == place.filename and 0 <= place.line - block.first < len(block.lines):
            known = place.node is not None and node.op != "constant"  # that has the place of who uses it
            part = block.part(place.span) if known else []
            return {"line": [k, place.line - block.first], **({"part": part} if part else {})}
    return {}


def theirs(film: Any) -> dict[str, Any]:
    """The gradients of somebody else's code by node number, each with whether it differs from what the film shows."""
    graph = film.graph
    if graph.theirs is None or film.mode != "reverse" or film.seed != 1.0:
        return {}
    shown = {id: [cell(x), id in graph.differing] for id, x in graph.theirs.items() if x is not None}
    return {"theirs": shown} if shown else {}


def total(step: Step, following: Step | None, pen: Target) -> dict[str, Any]:
    """What has reached a shared node, from whom, and the sum: how often the node is used, the pieces, their sum."""
    if step.edge is None or not all(map(written_out, (step.before, step.amount))):
        return {}
    earlier = step.sweep.before(step.node.id, step.edge[0].id, step.edge[1])
    if not earlier:
        return {}
    before = pen.figure(step.before, BEFORE).text
    first = [earlier[0][0] if len(earlier) == 1 else None, before]  # more than one: their sum so far
    summed = step if step.kind == "sum" else following
    assert summed is not None
    pieces = [first, [step.edge[0].id, pen.figure(step.amount, AMOUNT).text]]
    times = len(step.sweep.arrivals[step.node.id])
    return {"sum": {"times": times, "pieces": pieces, "total": pen.figure(summed.after, TOTAL).text}}


class _Places(dict[str, str]):
    """Pieces of formulas, each with its place."""

    def __missing__(self, piece: str) -> str:
        self[piece] = place = str(len(self))
        return place


def packed(film: dict[str, Any]) -> dict[str, Any]:
    """The film's data with each formula, also of an edge, as places in `pieces`; joined, these are it.

    The places are one text, "0 7 2": what travels to the page is walked through several times, and texts are not.
    """
    pieces = _Places()

    def numbers(formula: str) -> str:
        parts = (PIECE if HAS_KEY.search(formula) else FREQUENT).split(formula)  # markup, text, markup …
        return " ".join([pieces[part] for part in parts])

    def each(frame: dict[str, Any]) -> dict[str, Any]:
        if "both" in frame:
            return {"both": [half and each(half) for half in frame["both"]]}
        return frame | {"formula": numbers(frame["formula"])} if "formula" in frame else frame

    edges = [edge | {"chain": numbers(edge["chain"])} if "chain" in edge else edge for edge in film["edges"]]
    return film | {"frames": list(map(each, film["frames"])), "edges": edges, "pieces": list(pieces)}
