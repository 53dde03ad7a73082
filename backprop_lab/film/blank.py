"""The pictures that go to the page: empty, because the player fills them, and in as many widths as there are rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..drawing.document import rounded
from ..drawing.picture import NARROW, WIDE, Picture
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
