"""How folded parts look that stand in a column, in a strip or below one: small, with bars beside their numbers.

A row has its name, then value and adjoint side by side; a tile has them one below the other; a segment of a strip has
none, for the sparklines (`sparks`) pass over it. A bar is as long as the number is large, filled where it is positive
and hollow where it is negative; the longest of its column fills its place. In so small a cell a sum that waits shows
what was there before.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...text.notation import number, shorter
from ..keys import box_id
from ..lane import line
from ..layout import Box, Point
from ..strokes import fit, outline, text_width, way
from ..texts import SMALL, ems
from .fold import Scene
from .outline import Part, turns_in
from .plan import Band
from .sheets import Drawn, fill

CELL, BAR = 26.0, 5.0  # the height of a cell with its bar, and of the bar
SIDE, GAP, RIM = 5.0, 4.0, 3.0  # beside what stands in a cell, between two cells, beside a tile's cells
LEAST, DIGITS = 56.0, 3  # of a cell, and of a number in it
NAMES = 134.0  # the widest name of a row
HEAD = 19.0  # the height of a tile's name
BRIEF = re.compile("[:,] ")  # what a name ends before: "linear: 27 dots" is linear
FOOT = 22.0  # of a segment, for its number and how far its steps are


def numeric(text: str) -> float:
    """The number that a cell shows; of a sum that waits, what was there before. Not a number where there is none."""
    try:
        return float(text.split(" ")[0].replace("−", "-"))
    except ValueError:
        return math.nan


def settled(text: str, digits: int = 0) -> str:
    """What a folded part shows of a text: of a sum that waits, what was there before; in a small cell fewer digits."""
    own = text.split(" ")[0]
    if not digits or math.isnan(x := numeric(own)):
        return own
    return shorter(x, digits)


def pieces(text: str) -> list[str]:
    """A number, or the two of a sum that waits."""
    return [piece for piece in text.replace(" + ", " − ").split(" − ") if piece]


class Small(NamedTuple):
    """The sizes of the rows, or the tiles, of one part."""

    around: int  # that part's number
    form: str
    name: float  # the room of a name
    cells: tuple[float, ...]  # the widths of the cells, the value's first
    full: Mapping[str, float]  # by the letter of a key: the number whose bar fills its place
    brief: bool = False  # whether names are told without what is inside

    @property
    def digits(self) -> int:
        """Of a number in a cell."""
        return DIGITS - self.brief

    def title(self, part: Part) -> str:
        """What a part is called."""
        return BRIEF.split(part.title)[0] if self.brief else part.title

    @property
    def width(self) -> float:
        if self.form == "tile":
            return max(self.name, *self.cells) + 2 * RIM
        return self.name + sum(self.cells) + GAP * len(self.cells) + 2 * SIDE

    @property
    def name_at(self) -> Point:
        """Where the name begins."""
        return (SIDE, CELL / 2 + 7.0) if self.form == "row" else (SIDE, HEAD - 4.0)

    def places(self, result: int, wide: float) -> Iterator[tuple[str, float, float, float]]:
        """Each cell's key, its left and top, and its width, in a row or a tile so wide."""
        left, top = (SIDE + self.name + GAP, 1.0) if self.form == "row" else (RIM, HEAD)
        for letter, own in zip("pa", self.cells, strict=False):
            yield f"{letter}{result}", left, top, own if self.form == "row" else wide - 2 * RIM
            left, top = (left + own + GAP, top) if self.form == "row" else (left, top + CELL + 2)

    @property
    def height(self) -> float:
        return HEAD + (CELL + 2) * len(self.cells) + SIDE if self.form == "tile" else CELL + 2


def smalls(scene: Scene, second: str | None, room: Mapping[str, str], last: Mapping[str, str]) -> dict[int, Small]:
    """For each part with rows or tiles in it, how large these are; `last` has what stands in the cells at the end."""
    found: dict[int, Small] = {}
    kinds, parts = scene.skeleton.kinds, scene.tree.parts
    for loop, kind in kinds.items():
        form = {"column": "row", "lens": "tile", "grid": "tile"}.get(kind)
        rows = [g for g in parts[loop].groups if g.number in kinds] if kind == "grid" else [parts[loop]]
        inside = [g for row in rows for g in row.groups]
        boxes = [g for g in inside if form and scene.skeleton.forms.get(box_id(g.number)) == form]
        if form is None or not boxes:
            continue
        letters = "pa" if second else "p"
        widths, full = [], {}
        for letter in letters:
            keys = [f"{letter}{box.result}" for box in boxes]
            texts = [settled(piece, DIGITS - (kind == "grid")) for key in keys for piece in pieces(room.get(key, ""))]
            wide = max((ems(text, letter == "a") for text in texts), default=0.0) * SMALL * 1.06
            widths.append(max(LEAST, wide + 2 * SIDE))
            sizes = [abs(x) for key in keys if math.isfinite(x := numeric(last.get(key, "")))]
            full[letter] = max(sizes, default=0.0)
        brief = kind == "grid"
        names = (BRIEF.split(box.title)[0] if brief else box.title for box in boxes)
        name = min(max(text_width(own, SMALL) * 1.04 for own in names), NAMES) + 4
        found |= {row.number: Small(row.number, form, name, tuple(widths), full, brief) for row in rows}
    return found


def small_box(
    small: Small, part: Part, place: Box, graph: Drawn, texts: Mapping[str, str], lit: Mapping[str, str], mark: str
) -> str:
    """A folded part as a row or a tile."""
    w, h = place.width, place.height
    result, known = graph.graph.nodes[part.result], texts.get(f"p{part.result}")
    state, value = ("", f" = {number(result.value)}") if known else (" bl-waiting", "")
    about = part.told(f"{result.label}{value}")
    label = html.escape(fit(small.title(part), SMALL * 1.02, small.name if small.form == "row" else w - 2 * SIDE))
    x, y = small.name_at
    cells = "".join(_cell(small, key, a, b, wide, texts, lit) for key, a, b, wide in small.places(part.result, w))
    return (
        f'<g class="bl-node bl-box bl-small{state}{lit.get(box_id(part.number), "")}" data-group="{part.number}" '
        f'data-result="{part.result}" transform="translate({place.left:.1f} {place.top:.1f})">'
        f'<title>{html.escape(about)}</title><path class="bl-shape" d="{outline("operation", 0, 0, w, h)}"/>'
        f'{fill(part.number, w, h, 0.0, texts)}<text class="bl-small-name" x="{x:g}" y="{y:g}">{label}</text>'
        f"{cells}{mark}</g>"
    )


def _cell(
    small: Small, key: str, left: float, top: float, wide: float, texts: Mapping[str, str], lit: Mapping[str, str]
) -> str:
    """A number above its bar."""
    text = settled(texts.get(key, ""), small.digits)
    size = min(SMALL, (wide - 2 * SIDE) / max(ems(text, key[0] == "a"), 0.1))
    kind, on = ("value" if key[0] == "p" else "adjoint"), lit.get(key, "")
    return (
        f'<g class="bl-cell bl-{kind}" data-room="{wide - 2 * SIDE:.1f}" data-most="15">'
        f'<rect class="bl-cell-{key[0]}{on}" x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" '
        f'height="{CELL - 2:.1f}" rx="3"/>'
        f"{bar(small, key, left + SIDE, top + CELL - BAR - 3, wide - 2 * SIDE, text)}"
        f'<text class="bl-num{on}" data-key="{key}" data-digits="{small.digits}" x="{left + wide / 2:.1f}" '
        f'y="{top + 11 + 0.36 * size:.1f}" font-size="{size:.1f}">{html.escape(text)}</text></g>'
    )


def bar(small: Small, key: str, x: float, y: float, room: float, text: str) -> str:
    """A number's bar; marks.js sets its width and whether it is hollow by the same rule."""
    full = small.full.get(key[0], 0.0)
    wide, hollow = bar_of(numeric(text), room, full)
    return (
        f'<rect class="bl-bar{" bl-hollow" if hollow else ""}" data-bar="{key}" data-column="{key[0]}{small.around}" '
        f'data-room="{room:.1f}" data-full="{full:.6g}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{BAR:g}"/>'
    )


def bar_of(x: float, room: float, full: float) -> tuple[float, bool]:
    """How long a number's bar is and whether it is hollow; an infinite number fills its place."""
    if math.isnan(x) or not x:
        return 0.0, False
    return max(1.0, room * (min(1.0, abs(x) / full) if full else 1.0)), x < 0


def segment(part: Part, place: Box, graph: Drawn, lit: Mapping[str, str]) -> str:
    """A bundle of turns in a strip; its fill is drawn before, below the sparklines."""
    w, h = place.width, place.height
    about = part.told(graph.graph.nodes[part.result].label)
    return (
        f'<g class="bl-node bl-box bl-segment{lit.get(box_id(part.number), "")}" data-group="{part.number}" '
        f'data-result="{part.result}" transform="translate({place.left:.1f} {place.top:.1f})">'
        f'<title>{html.escape(about)}</title><path class="bl-shape" d="M0 0h{w:.1f}v{h:.1f}h-{w:.1f}z"/>'
        f'<text class="bl-segment-name" x="4" y="{h - 6:.1f}">{html.escape(segment_name(part, w))}</text></g>'
    )


def segment_name(part: Part, room: float) -> str:
    """What stands in a segment: the number of its first turn, if there is room."""
    name = str(part.turn or next(turns_in(part)).turn)
    return name if text_width(name, SMALL) < room - 6 else ""


def segment_fill(part: Part, place: Box, texts: Mapping[str, str]) -> str:
    """How far the steps in a segment are, below the lines that pass over it."""
    inside = fill(part.number, place.width, FOOT, 0.0, texts)
    return f'<g transform="translate({place.left:.1f} {place.bottom - FOOT:.1f})">{inside}</g>'


def lens(box: Box, frame: Box) -> str:
    """An open bundle of turns in its strip, and that its frame is the same, larger."""
    sides = (box.left, frame.left), (box.right, frame.right)
    ways = "".join(f"M{low:.1f} {box.bottom:.1f}L{high:.1f} {frame.top:.1f}" for low, high in sides)
    size = f'width="{box.width:.1f}" height="{box.height:.1f}"'
    return f'<rect class="bl-lens" x="{box.left:.1f}" y="{box.top:.1f}" {size}/><path class="bl-lens-way" d="{ways}"/>'


def band(own: Band, name: str, lit: str) -> str:
    """Lines between two parts as one pale band."""
    keys = " ".join(wire.key for wire in own.wires)
    count = sum(len(wire.uses) for wire in own.wires)
    if own.way:
        path, css = way(line(own.way)), "bl-band bl-band-way"
    else:
        path, css = _trapeze(own.tail, own.head), "bl-band"
    return (
        f'<g class="bl-edge bl-many{lit}" data-wire="{keys}"><title>{count} edges from {html.escape(name)}</title>'
        f'<path class="{css}" d="{path}"/></g>'
    )


def _trapeze(tail: Box, head: Box) -> str:
    """From the whole side of one box to the whole side of another one."""
    if head.left >= tail.right - 4:
        x0, x1 = tail.right, head.left
        mid = (x0 + x1) / 2
        return (
            f"M{x0:.1f} {tail.top:.1f}C{mid:.1f} {tail.top:.1f} {mid:.1f} {head.top:.1f} {x1:.1f} {head.top:.1f}"
            f"V{head.bottom:.1f}C{mid:.1f} {head.bottom:.1f} {mid:.1f} {tail.bottom:.1f} {x0:.1f} {tail.bottom:.1f}Z"
        )
    y0, y1 = (tail.bottom, head.top) if head.y > tail.y else (tail.top, head.bottom)
    mid = (y0 + y1) / 2
    return (
        f"M{tail.left:.1f} {y0:.1f}C{tail.left:.1f} {mid:.1f} {head.left:.1f} {mid:.1f} {head.left:.1f} {y1:.1f}"
        f"H{head.right:.1f}C{head.right:.1f} {mid:.1f} {tail.right:.1f} {mid:.1f} {tail.right:.1f} {y0:.1f}Z"
    )
