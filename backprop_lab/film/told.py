"""What the page tells of a step besides its sentence: its formula, what explains a partial, what a sum is made of.

The markup is what stands inside of `<math><mrow>`, as short as HTML allows. A number's key is its place in a list of
keys that the page has anyway: `k=0` for the first. Formulas are the same markup again and again, so `packed` sends each
piece of them once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..graph.formulas import formula
from ..graph.graph import Edge
from ..graph.slopes import chain, role, written_out
from ..graph.sweeps import Step
from ..text.notation import INLINE, MATHML, number

PIECE = re.compile(r"((?<=>)[^<>]+(?=<)|(?<= k=)[paw]\w+)")  # what differs in markup: texts, and the keys of numbers


def equation(step: Step, keys: Sequence[str]) -> str:
    """A step's formula in MathML; `keys` has what the step gives and then what it uses."""
    return brief(formula(step, MATHML), keys)


def explained(edge: Edge) -> dict[str, str]:
    """Where an edge's local partial comes from: the operand's role and the chain from its letters to the number."""
    found = chain(edge.child, edge.slot, INLINE)
    keys = f"w{edge.child.id}_{edge.slot}", f"p{edge.child.id}", f"p{edge.parent.id}"
    return {"role": role(edge.child, edge.slot), "chain": brief(found, keys)} if found else {}


def brief(text: str, keys: Sequence[str]) -> str:
    """MathML for the page; an adjoint's line has no class there, for its key says that it is one."""
    for k, key in enumerate(keys):
        text = text.replace(f' k="{key}"', f" k={k}")
    if ' k="' in text:  # a number that stands in no list
        text = re.sub(' k="([^"]*)"', r" k=\1", text)
    return text.replace(' class="bl-over"', "")


def total(step: Step, following: Step | None) -> dict[str, Any]:
    """What has reached a shared node, from whom, and the sum: how often the node is used, the pieces, their sum."""
    if step.edge is None or not all(map(written_out, (step.before, step.amount))):
        return {}
    earlier = step.sweep.before(step.node.id, step.edge[0].id, step.edge[1])
    if not earlier:
        return {}
    first = [earlier[0][0] if len(earlier) == 1 else None, number(step.before)]  # more than one: their sum so far
    summed = step if step.kind == "sum" else following
    assert summed is not None
    pieces = [first, [step.edge[0].id, number(step.amount)]]
    times = len(step.sweep.arrivals[step.node.id])
    return {"sum": {"times": times, "pieces": pieces, "total": number(summed.after)}}


def packed(film: dict[str, Any]) -> dict[str, Any]:
    """The film's data with each formula, also of an edge, as a list of places in `pieces`; joined, these are it."""
    pieces: dict[str, int] = {}

    def numbers(formula: str) -> list[int]:
        return [pieces.setdefault(piece, len(pieces)) for piece in PIECE.split(formula)]  # markup, text, markup …

    def small(frame: dict[str, Any]) -> dict[str, Any]:
        if "both" in frame:
            return {"both": [half and small(half) for half in frame["both"]]}
        return frame | {"formula": numbers(frame["formula"])} if "formula" in frame else frame

    edges = [edge | {"chain": numbers(edge["chain"])} if "chain" in edge else edge for edge in film["edges"]]
    done = film | {"frames": list(map(small, film["frames"])), "edges": edges}
    return done | {"pieces": list(pieces)}
