"""The pictures that go to the page: empty, because the player fills them, in as many widths as there are rows.

What stands in them goes along as a table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..drawing.document import rounded
from ..drawing.heat import Outer
from ..drawing.picture import NARROW, WIDE, Picture
from ..graph.sweeps import Step
from ..text.expression import outermost
from ..text.notation import Target

OPENED, PIECES = "<g class='bl-", ("node", "edge", "statement", "frame")
NAMED = re.compile(r"data-(?:node|edge|line|group|wire|frame)='[^']*'")


def in_its_widths(drawn: Callable[[float], Picture], about: Mapping[str, str], pen: Target) -> dict[str, Any]:
    """The picture for the page, and where its rows are too wide for a room, one with shorter rows.

    Parameters
    ----------
    drawn : makes the picture with rows that are at most so wide
    about : the numbers that its description may tell; `pen` writes them
    """
    narrow = drawn(NARROW)
    if not narrow.in_rows:
        return {"svg": empty(narrow, about, pen)}
    wide = drawn(WIDE)
    if wide.layout.width <= max(NARROW, narrow.layout.width):
        return {"svg": empty(wide, about, pen)}
    whole = empty(wide, about, pen)
    return {"svg": whole, "narrow": changed(whole, empty(narrow, about, pen))}


def changed(before: str, after: str) -> list[str | list[Any]]:
    """What is other in one drawing of a graph than in another: pieces of text, or a piece's number with its changes.

    A piece is a node, an edge or a frame, and so is what stands before the first; its parts lie between the signs of
    the markup. Nodes only move, so little is sent of them; `narrowed` in stage.js puts the drawing together again.
    """
    pieces = pieces_of(before)
    known = {_name(piece): k for k, piece in enumerate(pieces)}
    found: list[str | list[Any]] = []
    for piece in pieces_of(after):
        k = known.get(_name(piece), 0)
        old, end = pieces[k], piece.find(">")
        moved = piece[end:] == old[old.find(">") :]  # what is inside is the same
        new, was = (_cut(text[: text.find(">")] if moved else text) for text in (piece, old))
        other = [j for j, part in enumerate(new) if part != was[j]] if len(new) == len(was) else None
        if other is None or any(_sign(new[j]) != _sign(was[j]) for j in other):
            found.append(piece)
        else:
            found.append([k, {2 * j: new[j].removeprefix(_sign(new[j])) for j in other}])
    return found


def _cut(piece: str) -> list[str]:
    """The parts of a piece, each with the sign before it, but for an apostrophe; the page cuts at these signs."""
    return piece.replace("<", "'<").replace(">", "'>").split("'")


def _sign(part: str) -> str:
    return part[:1] if part.startswith(("<", ">")) else ""


def pieces_of(svg: str) -> list[str]:
    """A drawing cut before each node, edge and frame."""
    first, *others = svg.split(OPENED)
    pieces = [first]
    for part in others:
        if part.startswith(PIECES):
            pieces.append(OPENED + part)
        else:
            pieces[-1] += OPENED + part
    return pieces


def _name(piece: str) -> str:
    named = NAMED.search(piece)
    return named[0] if named else piece[:20]


def empty(picture: Picture, about: Mapping[str, str], pen: Target) -> str:
    """An empty picture, short: JSON writes a quotation mark as two signs, so attributes stand in apostrophes."""
    svg = picture.svg({}, embed=False, about=picture.describe(about, pen))
    if picture.second != "adjoint":  # nothing goes back
        svg = re.sub(r'<polygon class="bl-back"[^>]*/>', "", svg)
    svg = svg if "'" in svg else svg.replace('"', "'")
    return rounded(svg)


def outer_product(step: Step) -> Outer | None:
    """The factors of an adjoint that is an outer product: of a matrix that is multiplied by a vector."""
    if step.kind != "contribution" or step.edge is None:
        return None
    child, slot = step.edge
    rule = child.entry.pulls[slot : slot + 1]
    if not rule or outermost(rule[0]) != "outer":
        return None
    bar, other = step.sweep.numbers[child.id], child.parents[1 - slot].value
    side, top, adjoint = (bar, other, "side") if slot == 0 else (other, bar, "top")
    known = bar is not None and np.array_equal(np.outer(side, top), step.after)  # a broken sweep tells nothing
    return Outer(step.after, side, top, adjoint) if known else None
