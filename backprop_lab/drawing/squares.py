"""A heat map drawn into a node: where it has its place, and its squares or numbers as SVG.

widgets/heat.js draws the same while stepping; a test compares the two. All lengths are whole tenths, so that Python and
the browser write them alike.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .heat import FULL, INFINITE, NAN, Map

DOWN, GAP, LINE = 18.0, 11.0, 16.0  # the height of a row of numbers, the space beside one, the height of a line below
LEAST_FILLED, LEAST_HOLLOW = 2.0, 3.4  # sides of the smallest squares; a hollow one has to show its hole
EDGE = 1.0  # the line around a hollow square


class Room(NamedTuple):
    """The place of one cell's maps: how wide a column of numbers is, what all of them take, and whether they are always
    numbers, which need no text above them."""

    across: float
    width: float
    height: float
    few: bool


def rooms(maps: Mapping[str, Iterable[Map]], ems: float) -> dict[str, Room]:
    """Room for all maps that ever stand in each cell, by the picture's text key; a digit is about `ems` pixels wide."""
    return {key: _room(list(some), ems) for key, some in maps.items()}


def _room(maps: list[Map], ems: float) -> Room:
    texts = (
        text for own in maps if own.few for text in (*own.texts, *(own.table[1] + own.table[2] if own.table else ()))
    )
    across = math.ceil(max(map(len, texts), default=0) * ems + GAP)
    sizes = [_size(own, across) for own in maps]
    words = max((len(line) for own in maps for line in own.lines), default=0) * ems
    below = max(len(own.lines) for own in maps) * LINE
    few = all(own.few for own in maps)
    return Room(across, max(max(w for w, _ in sizes) + 8, words), max(h for _, h in sizes) + below, few)


def added_height(found: Iterable[Room]) -> float:
    """How much taller a node is with maps in its cells."""
    return max((room.height + 4.0 for room in found), default=0.0)


def pitch(own: Map) -> float:
    """The distance of two squares."""
    most = max(own.rows, own.columns)
    return 16.0 if most <= 5 else 12.0 if most <= 8 else 8.0


def _size(own: Map, across: float) -> tuple[float, float]:
    wide, tall = (across, DOWN) if own.few else (pitch(own),) * 2
    heads = 1 if own.table else 0
    return (own.columns + heads) * wide, (own.rows + heads) * tall


def place(key: str, room: Room, middle: float, top: float, own: Map | None) -> str:
    """A map's place in the cell with this text key, with the map in it or empty; its top in the middle is given."""
    inside = "" if own is None else drawn(own, room.across)
    return (
        f'<g class="bl-heat bl-heat-{key[0]}" data-heat="{key}" data-across="{room.across:g}" '
        f'transform="translate({middle:.1f} {top:.1f})">{inside}</g>'
    )


def drawn(own: Map, across: float) -> str:
    """The map as SVG, its top in the middle at (0, 0)."""
    wide, tall = _size(own, across)
    left = -tenths(wide / 2)
    title = f"<title>{html.escape(own.says)}</title>"
    if own.few:
        return title + _numbers(own, left, wide, tall, across)
    parts = [title, f'<rect class="bl-heat-frame" x="{left:g}" y="0" width="{wide:g}" height="{tall:g}"/>']
    parts += [f'<path class="bl-heat-{name}" d="{path}"/>' for name, path in squares(own).items() if path]
    for k, line in enumerate(own.lines):
        parts.append(f'<text class="bl-heat-line" x="0" y="{tall + 14 + LINE * k:g}">{html.escape(line)}</text>')
    return "".join(parts)


def _numbers(own: Map, left: float, wide: float, tall: float, across: float) -> str:
    """The numbers in rows and columns, between brackets; an outer product with its factors at the side and on top."""
    right = left + wide
    if own.table:
        return _table(own, left, wide, tall, across)
    parts = [f'<path class="bl-heat-bracket" d="M{left + 3:g} 1h-4v{tall - 2:g}h4M{right - 3:g} 1h4v{tall - 2:g}h-4"/>']
    for k, text in enumerate(own.texts):
        row, column = divmod(k, own.columns)
        x, y = tenths(left + (column + 0.5) * across), tenths((row + 0.5) * DOWN + 5)
        parts.append(f'<text class="bl-heat-num" x="{x:g}" y="{y:g}">{html.escape(text)}</text>')
    return "".join(parts)


def _table(own: Map, left: float, wide: float, tall: float, across: float) -> str:
    """A multiplication table: each entry is what stands at its row's side times what stands above its column."""
    adjoint, side, top = own.table or ("", (), ())
    rules = f"M{left + across:g} 1v{tall - 2:g}M{left + 3:g} {DOWN:g}h{wide - 6:g}"
    right, high = left + wide, tall - DOWN - 4
    brackets = f"M{left + across + 6:g} {DOWN + 2:g}h-3v{high:g}h3M{right - 3:g} {DOWN + 2:g}h3v{high:g}h-3"
    parts = [f'<path class="bl-heat-rule" d="{rules}"/>', f'<path class="bl-heat-bracket" d="{brackets}"/>']
    cells = [(0, 0, "⊗", "bl-heat-sign")]
    cells += [(k, 0, text, "bl-heat-factor" + " bl-heat-bar" * (adjoint == "side")) for k, text in enumerate(side, 1)]
    cells += [(0, k, text, "bl-heat-factor" + " bl-heat-bar" * (adjoint == "top")) for k, text in enumerate(top, 1)]
    for k, text in enumerate(own.texts):
        row, column = divmod(k, own.columns)
        cells.append((row + 1, column + 1, text, "bl-heat-num"))
    for row, column, text, css in cells:
        x, y = tenths(left + (column + 0.5) * across), tenths((row + 0.5) * DOWN + 5)
        parts.append(f'<text class="{css}" x="{x:g}" y="{y:g}">{html.escape(text)}</text>')
    return "".join(parts)


def tenths(x: float) -> float:
    """Rounded to a tenth, halves up: the browser and Python do not agree about halves otherwise."""
    return math.floor(10 * x + 0.5) / 10


def squares(own: Map) -> dict[str, str]:
    """The paths of the filled, the hollow and the odd entries: squares and, for what is not a number, crosses."""
    step = pitch(own)
    left = -own.columns * step / 2
    paths = {"filled": "", "hollow": "", "odd": ""}
    for k, key in enumerate(own.keys):
        row, column = divmod(k, own.columns)
        x, y = left + (column + 0.5) * step, (row + 0.5) * step
        if key == NAN:
            paths["odd"] += _cross(x, y, step * 0.28)
        elif abs(key) == INFINITE:
            paths["filled" if key > 0 else "hollow"] += _arrow(x, y, step * 0.36, 1 if key > 0 else -1)
        elif key == 0:
            paths["filled"] += _square(x, y, 0.8)
        elif key > 0:
            paths["filled"] += _square(x, y, max((step - 1.5) * math.sqrt(key / FULL), LEAST_FILLED))
        else:  # the line lies inside, so that the outer edge tells the size
            paths["hollow"] += _square(x, y, max((step - 1.5) * math.sqrt(-key / FULL), LEAST_HOLLOW) - EDGE)
    return paths


def _square(x: float, y: float, side: float) -> str:
    s = tenths(side)
    return f"M{tenths(x - side / 2):g} {tenths(y - side / 2):g}h{s:g}v{s:g}h{-s:g}z"


def _cross(x: float, y: float, r: float) -> str:
    s, left, right = tenths(2 * r), tenths(x - r), tenths(x + r)
    return f"M{left:g} {tenths(y - r):g}l{s:g} {s:g}M{right:g} {tenths(y - r):g}l{-s:g} {s:g}"


def _arrow(x: float, y: float, r: float, up: int) -> str:
    """A triangle that points up for inf and down for −inf."""
    r = tenths(r)
    return f"M{tenths(x - r):g} {tenths(y + up * r):g}h{2 * r:g}l{-r:g} {-2 * up * r:g}z"
