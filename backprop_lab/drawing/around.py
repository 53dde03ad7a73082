"""What finds its place once Graphviz has placed the rest: constants near their users, letters beside local partials.

Both ask the same: whether a box is free of nodes, pills, lines and letters. What would cover something is left where it
was, or out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from .layout import Box, Curve, Layout, Point
from .strokes import bezier, on_the_way, pieces, straight, text_width, toward
from .texts import LARGE

TALL = 24.0  # of a pill
LETTERS = 16.0  # the size of letters
NEAR = 8.0  # of a constant's line at either side of its number
CLEAR = 3.0


class Pill(NamedTuple):
    """A local partial on its edge."""

    x: float
    y: float
    width: float

    def box(self) -> Box:
        return Box(self.x, self.y, self.width, TALL)


def overlap(a: Box, b: Box, clear: float = CLEAR) -> bool:
    """Whether two boxes come closer than that."""
    across, down = abs(a.x - b.x) - (a.width + b.width) / 2, abs(a.y - b.y) - (a.height + b.height) / 2
    return across < clear and down < clear


Room = tuple[float, float, float, float]  # left, right, top, bottom


class Lines:
    """Edges of a layout, to be asked what they cross: few pieces of them come near a box, and only those are walked."""

    def __init__(self, curves: Mapping[str, Curve]) -> None:
        self._around: dict[str, tuple[Room, Curve]] = {}
        self._pieces: dict[str, list[tuple[Room, tuple[Point, ...]]]] = {}
        self._walked: dict[tuple[Point, ...], list[Point]] = {}
        for key, curve in curves.items():
            self.put(key, curve)

    def put(self, key: str, curve: Curve) -> None:
        """Another edge, or another way for one."""
        self._around[key] = _room(curve.points), curve
        self._pieces.pop(key, None)

    def cross(self, box: Box, clear: float = CLEAR, apart: str = "") -> bool:
        """Whether a line but `apart` goes through a box, or closer than that."""
        wide, tall = box.width / 2 + clear, box.height / 2 + clear
        left, right, top, bottom = box.x - wide, box.x + wide, box.y - tall, box.y + tall
        for key, (own, curve) in self._around.items():
            if not (left < own[1] and own[0] < right and top < own[3] and own[2] < bottom) or key == apart:
                continue
            for room, ends in self._pieces_of(key, curve):
                if not (left < room[1] and room[0] < right and top < room[3] and room[2] < bottom):
                    continue
                level = room[0] == room[1] or room[2] == room[3]  # or upright: then it is all of its room
                if level or any(left < x < right and top < y < bottom for x, y in self._points(ends)):
                    return True
        return False

    def _pieces_of(self, key: str, curve: Curve) -> list[tuple[Room, tuple[Point, ...]]]:
        if key not in self._pieces:
            self._pieces[key] = [(_room(ends), ends) for ends in pieces(curve)]
        return self._pieces[key]

    def _points(self, ends: tuple[Point, ...]) -> list[Point]:
        if ends not in self._walked:
            self._walked[ends] = list(bezier(ends))
        return self._walked[ends]


def _room(points: Sequence[Point]) -> Room:
    """What is around the control points of Bézier curves: these stay within."""
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across), max(across), min(down), max(down)


def nearer(layout: Layout, chips: Mapping[str, tuple[str, str, float]], pills: Mapping[str, Box]) -> Layout:
    """The layout with constants that are used once moved along their edge, to near their user.

    Parameters
    ----------
    chips : for each such constant, by its name: its edge, its user, the width of its local partial
    pills : the local partials, by edge
    """
    nodes, edges, lines = dict(layout.nodes), dict(layout.edges), Lines(layout.edges)
    for name, (key, user, label) in chips.items():
        own, curve = nodes[name], edges[key]
        x = nodes[user].left - label - 2 * NEAR - 9.0 - own.width / 2  # 9: the arrow's head
        y = on_the_way(curve, x)[1]
        moved = replace(own, x=x, y=y)
        others = [box for other, box in nodes.items() if other != name]
        others += [box for other, box in pills.items() if other != key]
        if x < own.x + 12 or any(overlap(moved, box, 5.0) for box in others) or lines.cross(moved, apart=key):
            continue
        start = moved.right, y
        end = toward(curve.tip, start, 10)
        nodes[name] = moved
        edges[key] = Curve((start, *straight(start, end)), curve.tip, ((start[0] + end[0]) / 2, (y + end[1]) / 2))
        lines.put(key, edges[key])
    return replace(layout, nodes=nodes, edges=edges)


def beside(layout: Layout, texts: Mapping[str, str], pills: Mapping[str, Pill], margin: float) -> dict[str, Point]:
    """Where letters stand beside their pills, by edge; those that have no room are left out.

    Parameters
    ----------
    texts : the letters, by edge
    pills : all local partials, by edge
    margin : how far around the layout there is paper
    """
    taken, lines = [*layout.nodes.values(), *(pill.box() for pill in pills.values())], Lines(layout.edges)
    found: dict[str, Point] = {}
    for key, text in texts.items():
        for box in _places(pills[key], text_width(text, LETTERS) * 1.02, LARGE * 0.68):
            inside = -margin < box.top and box.bottom < layout.height + margin
            inside &= -margin < box.left and box.right < layout.width + margin
            if inside and not any(overlap(box, other) for other in taken) and not lines.cross(box, 1.5):
                found[key] = box.x, box.y
                taken.append(box)
                break
    return found


def _places(pill: Pill, wide: float, tall: float) -> Iterator[Box]:
    """Above, below, then at the corners, and beside."""
    off, side = (TALL + tall) / 2 + CLEAR + 0.5, (pill.width + wide) / 2 + CLEAR + 0.5
    corners = ((0.0, off), (side, 0.5 * TALL), (-side, 0.5 * TALL), (0.6 * side, off), (-0.6 * side, off))
    for right, down in corners:
        yield from (Box(pill.x + right, pill.y + sign * down, wide, tall) for sign in (-1, 1))
