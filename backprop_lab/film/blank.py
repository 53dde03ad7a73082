"""The pictures that go to the page: empty, because the player fills them, in as many widths as there are rows.

What stands in them goes along as a table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ..drawing.document import rounded
from ..drawing.heat import Outer
from ..drawing.picture import NARROW, WIDE, Picture
from ..graph.sweeps import Step
from ..text.notation import Target


def in_its_widths(drawn: Callable[[float], Picture], about: Mapping[str, str], pen: Target) -> dict[str, str]:
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
    if wide.layout.width <= NARROW:
        return {"svg": empty(wide, about, pen)}
    return {"svg": empty(wide, about, pen), "narrow": empty(narrow, about, pen)}


def empty(picture: Picture, about: Mapping[str, str], pen: Target) -> str:
    """An empty picture, short: JSON writes a quotation mark as two signs, so attributes stand in apostrophes."""
    svg = picture.svg({}, embed=False, about=picture.describe(about, pen))
    svg = svg if "'" in svg else svg.replace('"', "'")
    return rounded(svg)


def outer_product(step: Step) -> Outer | None:
    """The factors of an adjoint that is an outer product: of a matrix that is multiplied by a vector."""
    if step.kind != "contribution" or step.edge is None:
        return None
    child, slot = step.edge
    rule = (child.entry.name, slot)
    if rule not in (("matvec", 0), ("vecmat", 1)):
        return None
    bar, other = step.sweep.numbers[child.id], child.parents[1 - slot].value
    side, top, adjoint = (bar, other, "side") if slot == 0 else (other, bar, "top")
    known = bar is not None and np.array_equal(np.outer(side, top), step.after)  # a broken sweep tells nothing
    return Outer(step.after, side, top, adjoint) if known else None
