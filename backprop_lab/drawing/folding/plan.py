"""The places of a folded picture: its blocks by the skeleton, then the lines and bands between them.

    plan = planned(scene, sizes, most)
    plan.layout, plan.bands, plan.strips

Nothing is searched for: the order is the code's, so no layout engine is needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..keys import box_id, frame_id
from ..lane import TIP as HEAD
from ..lane import line
from ..layout import Box, Curve, Layout, Point
from .blocks import (
    APART,
    LEVEL,
    MARGIN,
    MOST_ROWS,
    PAD,
    TITLE_ROOM,
    Block,
    Framed,
    Lane,
    Placed,
    Single,
    Stack,
    Strip,
    StripAt,
)
from .fold import Scene
from .outline import Part
from .skeleton import Wire

TILES = 10  # side by side
MOST_LINES = 40  # between two things; more are a band
ENTRY = 40.0  # above the things of an open turn: for lines from outside of its strip
BUS = 6.0  # between the lines of two turns beside a grid's columns
BESIDE = 9.0  # a thing that a line passes
SIDE, BEND = 26.0, 12.0  # between two lines with the same ends; from a thing to the first corner


class Sizes(NamedTuple):
    """How large what is seen is."""

    boxes: Mapping[str, tuple[float, float]]  # width and height of nodes and folded parts, by id
    middles: Mapping[str, float]  # how far below its top lines meet a thing
    labels: Mapping[str, float]  # the room of a line's label, by the line's key
    titles: Mapping[int, float]  # of open parts
    strips: Mapping[int, tuple[float, float]]  # of long loops: how high their lines are, and the room beside these


class Band(NamedTuple):
    """Lines that are drawn as one pale band: its ends, and the way between them if it is no straight one."""

    tail: Box
    head: Box
    wires: tuple[Wire, ...]
    way: tuple[Point, ...] = ()


class Plan(NamedTuple):
    """A folded picture's places."""

    layout: Layout
    bands: tuple[Band, ...]
    strips: Mapping[int, StripAt]  # where sparklines are drawn, by the part's number


def planned(scene: Scene, sizes: Sizes, most: float) -> Plan:
    """The places of what is seen, if that can be, no wider than `most`."""
    return _Planner(scene, sizes, most).plan()


class _Planner:
    def __init__(self, scene: Scene, sizes: Sizes, most: float) -> None:
        self.scene, self.skeleton, self.sizes, self.most = scene, scene.skeleton, sizes, most
        self.placed = Placed()

    def plan(self) -> Plan:
        whole = self._inside(self.scene.tree.parts[0], self.most)
        whole.put(0.0, 0.0, self.placed)
        edges: dict[str, Curve] = {}
        bands: list[Band] = []
        for number, links in self.skeleton.links.items():
            for curve, band in self._lines(number, links):
                edges |= curve
                bands += band
        layout = Layout(whole.width, whole.height, self.placed.nodes, edges, "plan", self.placed.frames)
        return Plan(layout, tuple(bands), self.placed.strips)

    def _block(self, key: str, most: float) -> Block:
        """Something that is seen, or a frame with what is in it."""
        number = int(key[1:])
        if key[0] == "g" and number in self.scene.open:
            part = self.scene.tree.parts[number]
            entry = ENTRY if self._turn_of(f"g{number}") is part else 0.0
            around = part.parent.number if part.parent is not None else 0
            beside = MARGIN if self.skeleton.kinds[around] in ("lane", "cells") else 0.0  # of the rows, lines may pass
            return Framed(number, self._inside(part, most - 2 * (PAD + beside)), self.sizes.titles[number], entry)
        width, height = self.sizes.boxes[key]
        return Single(key, width, height, self.sizes.middles.get(key, height / 2))

    def _inside(self, part: Part, most: float) -> Block:
        """What is in an open part."""
        kind = self.skeleton.kinds[part.number]
        groups = [box_id(p.number) for p in part.groups]
        if kind == "grid":
            rows = [self._block(key, most) for key in groups]
            grid: Block = Stack(f"c{part.number}", rows, len(rows), APART)
            rest = [key for key in self.skeleton.items(part) if key not in groups]
            above = [Stack("", [self._block(key, most) for key in rest], 1, 0.0, 12.0)] if rest else []
            return Stack(f"c{part.number}+", [*above, grid], 2, 12.0) if above else grid
        if kind == "lens":
            return self._tiles(part, [self._block(key, most) for key in self.skeleton.items(part)], most)
        if kind in ("lane", "cells"):
            return self._lane(part, {key: self._block(key, most) for key in self.skeleton.items(part)}, {}, most)
        inside = f"c{part.number}"
        if kind == "strip":
            made: Block = self._strip(part, most)
        else:
            blocks = [self._block(key, most) for key in groups]
            made = Stack(inside, blocks, min(len(blocks), -(-len(blocks) // -(-len(blocks) // MOST_ROWS))))
        rest = [key for key in self.skeleton.items(part) if key not in groups]
        if not rest:
            return made
        if all(self.skeleton.is_constant(key) for key in rest):
            chips = Stack("", [self._block(key, most) for key in rest], 1, 0.0, 12.0)
            return Stack(f"{inside}+", [chips, made], 2, 12.0)
        blocks_of = {key: self._block(key, most) for key in rest}
        first = next(k for k, key in enumerate(self.skeleton.items(part)) if key in groups)
        order = [*rest[:first], inside, *rest[first:]]
        return self._lane(part, {key: blocks_of.get(key, made) for key in order}, dict.fromkeys(groups, inside), most)

    def _tiles(self, part: Part, blocks: list[Block], most: float) -> Block:
        """Tiles in a row, or in several of one length, and below it those that are open."""
        tiles = [b for b in blocks if isinstance(b, Single)]
        room = max(1, min(TILES, int((most + 14.0) / (max((b.width for b in tiles), default=0.0) + 14.0))))
        each = -(-len(tiles) // max(1, -(-len(tiles) // room)))
        opened = [b for b in blocks if not isinstance(b, Single)]
        rows: list[Block] = [
            Stack(f"c{part.number}", tiles[k : k + each], 1, 0.0, 14.0) for k in range(0, len(tiles), max(1, each))
        ]
        return Stack(f"c{part.number}", [*rows, *opened], len(rows) + len(opened), APART)

    def _lane(self, part: Part, blocks: Mapping[str, Block], inside: Mapping[str, str], most: float) -> Lane:
        links = [(inside.get(a, a), inside.get(b, b)) for a, b in self.skeleton.links.get(part.number, {})]
        labels = {
            ends: max(self.sizes.labels.get(w.key, 0.0) for w in wires)
            for ends, wires in self.skeleton.links.get(part.number, {}).items()
        }
        constants = frozenset(key for key in blocks if self.skeleton.is_constant(key))
        close = {"gap": 26.0} if self.skeleton.kinds[part.number] == "cells" else {}
        return Lane(part.number, blocks, links, labels, most, constants, **close)

    def _strip(self, part: Part, most: float) -> Strip:
        turns = {g: 1 if g.turn else g.turns for g in part.groups}
        whole = sum(turns.values())
        opened = {g.number for g in part.groups if g.number in self.scene.open}
        segments = [(g.number, g.number in opened, count / whole) for g, count in turns.items()]
        below = [self._block(box_id(number), most) for number in sorted(opened)]
        wide = max([most, *(b.width for b in below)])
        return Strip(part.number, segments, wide, *self.sizes.strips[part.number], below)

    def _lines(
        self, number: int, links: Mapping[tuple[str, str], list[Wire]]
    ) -> Iterator[tuple[dict[str, Curve], list[Band]]]:
        """The lines between the things in a part."""
        kind = self.skeleton.kinds[number]
        inside = self.scene.tree.parts[number].groups if kind not in ("lane", "cells") else ()
        groups = {box_id(p.number) for p in inside}
        bands: dict[tuple[str, str], list[Wire]] = {}
        for (a, b), wires in links.items():
            if kind == "grid":
                yield {w.key: self._handed_on(number, w) for w in wires}, []
                continue
            alone = [w for w in wires if w.key[0] == "e" or kind == "cells" or self._alone(w)]
            if len(alone) > MOST_LINES:
                alone = [w for w in alone if w.key[0] == "e"]
            if kind == "lens" and a in self.placed.nodes and b in self.placed.nodes:
                alone = wires if self._beside(a, b) else []
            ends = (f"c{number}" if a in groups else a, f"c{number}" if b in groups else b)
            yield {w.key: curve for w, curve in self._curves(number, ends, alone)}, []
            rest = [w for w in wires if w not in alone]
            if rest and ends[0] != ends[1]:
                bands.setdefault(ends, []).extend(rest)
        for (a, b), some in bands.items():
            tail, head = self.placed.spots[a], self.placed.spots[b]
            yield {}, [Band(tail, head, tuple(some), self._way(number, (a, b), tail, head, 0.0))]

    def _beside(self, a: str, b: str) -> bool:
        """Whether one tile stands just after another."""
        left, right = self.placed.nodes[a], self.placed.nodes[b]
        return left.y == right.y and 0 < right.left - left.right < 40

    def _alone(self, wire: Wire) -> bool:
        """Whether a line is drawn by itself: between things that have room, or at something open in a row."""
        forms = self.skeleton.forms
        small = (wire.source in forms) + (wire.target in forms)
        return not small or small == 1 and any(self._in_a_row(key) for key in (wire.source, wire.target))

    def _turn_of(self, key: str) -> Part | None:
        """The open turn of a strip around something, or that it is."""
        parts, opened = self.scene.tree.parts, self.scene.open
        around = (parts[int(k[1:])] for k in self.skeleton.way(key) if k[0] == "g" and int(k[1:]) in opened)
        kinds = ((p, self.skeleton.kinds[p.parent.number]) for p in around if p.turn and p.parent is not None)
        return next((part for part, kind in kinds if kind in ("strip", "lens")), None)

    def _in_a_row(self, key: str) -> bool:
        """Whether something is in an open row, or in an open turn."""
        around = [int(k[1:]) for k in self.skeleton.way(key) if k[0] == "g" and int(k[1:]) in self.scene.open]
        opened = [self.scene.tree.parts[k] for k in around]
        return any(p.turn and p.parent is not None and self.skeleton.kinds[p.parent.number] != "lane" for p in opened)

    def _curves(self, number: int, things: tuple[str, str], wires: list[Wire]) -> Iterator[tuple[Wire, Curve]]:
        """Lines that are drawn one by one."""
        pairs = Counter((w.source, w.target) for w in wires)
        done: Counter[tuple[str, str]] = Counter()
        for wire in wires:
            pair = wire.source, wire.target
            aside = (done[pair] - (pairs[pair] - 1) / 2) * SIDE
            done[pair] += 1
            tail, head = self.placed.nodes[pair[0]], self.placed.nodes[pair[1]]
            turn = self._turn_of(pair[1])
            if turn is not None and self._turn_of(pair[0]) is None and pair[0] not in self.skeleton.forms:
                yield wire, self._stub(turn, head, aside)  # it would cross the strip
                continue
            out = self._turn_of(pair[0])
            small = [key in self.skeleton.forms for key in pair]
            if turn is not None and small[0] and tail.bottom <= head.top:
                way = self._threaded(turn, tail, head, aside)
                yield wire, line(way, ((way[-2][0] + way[-3][0]) / 2, way[-3][1]))
                continue
            if out is not None and small[1] and head.bottom <= tail.top:
                yield wire, line(tuple(reversed(self._threaded(out, head, tail, aside, 8.0))))
                continue
            way = self._way(number, things, tail, head, aside)
            if way:
                yield wire, line(way, self._label(way))
            else:
                forms = {self.skeleton.forms.get(key) for key in pair}
                upright = bool(forms & {"tile", "segment"})
                ends = self._port(pair[0], aside, tail, head, upright), self._port(pair[1], aside, head, tail, upright)
                yield wire, _bend(*ends)

    def _handed_on(self, number: int, wire: Wire) -> Curve:
        """A line from one row of a grid to a later one: all that a turn hands on runs down beside the columns."""
        rows = [box_id(g.number) for g in self.scene.tree.parts[number].groups]
        tail, head = self.placed.nodes[wire.source], self.placed.nodes[wire.target]
        from_row = next(k for k, key in enumerate(rows) if key in self.skeleton.way(wire.source))
        apart = min(BUS, 24.0 / len(rows))
        low = self.placed.spots[rows[from_row]].bottom + APART / 2
        x0, x1 = tail.left + 10.0 + apart * from_row, head.left - 10.0 - HEAD - apart * from_row
        y = head.top + min(head.height - 8.0, 12.0 + 2 * apart * from_row)
        return line(((x0, tail.bottom), (x0, low), (x1, low), (x1, y), (head.left, y)), (x1, low))

    def _port(self, key: str, aside: float, box: Box, other: Box, upright: bool) -> tuple[Point, Point]:
        """Where a line meets a thing, and the direction outwards there; `upright` if it should go down or up."""
        middle = box.top + min(self.sizes.middles.get(key, box.height / 2), box.height - 4)
        limit = box.height / 2 - 4
        y = middle + max(-limit, min(limit, aside))
        apart = upright and (other.top >= box.bottom or other.bottom <= box.top)
        if other.left >= box.right - 4 and not apart:
            return (box.right, y), (1.0, 0.0)
        if other.right <= box.left + 4 and not apart:
            return (box.left, y), (-1.0, 0.0)
        near = (max(box.left, other.left) + min(box.right, other.right)) / 2 + aside
        x = max(box.left + 10, min(box.right - 10, near))
        return ((x, box.bottom), (0.0, 1.0)) if other.y > box.y else ((x, box.top), (0.0, -1.0))

    def _way(self, number: int, ends: tuple[str, str], tail: Box, head: Box, aside: float) -> tuple[Point, ...]:
        """The corners of a line that passes over things of its lane, or to another row of it; none if it is direct."""
        lane = self.placed.lanes.get(number)
        if lane is None or ends[0] not in lane.rows or ends[1] not in lane.rows:
            return ()
        here, there = lane.rows[ends[0]], lane.rows[ends[1]]
        fed = lane.feeders.get(ends[0]) == ends[1]
        if fed or lane.shelf and (here, there) == (0, 1):
            down = self._down(tail, head, (tail.bottom + head.top) / 2 if fed else lane.below[0], aside)
            if self._free(down, tail, head):
                return down
        if here == there:
            if ends not in lane.levels:
                return ()
            high = lane.above[here] - 8.0 - (lane.levels[ends] - 1) * LEVEL - aside / 2
            return self._around(tail, head, [high], aside)
        if there < here:
            return ()
        first, last = lane.below[here] + aside / 2, lane.below[there - 1] - aside / 2
        side = lane.right + 10.0 + aside / 2
        return self._around(tail, head, [first] if there == here + 1 else [first, last], aside, side)

    def _down(self, tail: Box, head: Box, middle: float, aside: float) -> tuple[Point, ...]:
        """The corners of a line from what stands above to what uses it."""
        x1 = max(head.left + BEND, min(head.right - BEND, tail.x)) + aside
        x0 = x1 if tail.left + BEND <= x1 <= tail.right - BEND else tail.x + aside
        return (x0, tail.bottom), *([] if x0 == x1 else [(x0, middle), (x1, middle)]), (x1, head.top)

    def _free(self, way: tuple[Point, ...], tail: Box, head: Box) -> bool:
        """Whether a line's last piece, which goes down, meets nothing before its end."""
        (x, top), (_, bottom) = way[-2:]
        boxes = (box for box in self.placed.nodes.values() if box not in (tail, head))
        return not any(b.left < x < b.right and b.bottom > top and b.top < bottom for b in boxes)

    def _around(self, tail: Box, head: Box, heights: list[float], aside: float, side: float = 0.0) -> tuple[Point, ...]:
        """The corners of a line from a right side to a left one, that runs at these heights between them."""
        (x0, y0), (x1, y1) = (tail.right, tail.y + aside), (head.left, head.y + aside)
        out, into = x0 + BEND + aside / 4, x1 - BEND - HEAD + aside / 4
        between = (
            [(out, heights[0]), (side, heights[0]), (side, heights[1])] if len(heights) > 1 else [(out, heights[0])]
        )
        return ((x0, y0), (out, y0), *between, (into, heights[-1]), (into, y1), (x1, y1))

    def _stub(self, turn: Part, head: Box, aside: float) -> Curve:
        """The end of a line that comes from outside of a strip into an open turn."""
        x, top = head.left + head.width / 5 + aside, self.placed.frames[frame_id(turn.number)].top + TITLE_ROOM - 4
        return line(((x, top), (x, head.top)), (x, (top + head.top) / 2 - 4))

    def _threaded(self, turn: Part, tile: Box, inner: Box, aside: float, lower: float = 0.0) -> tuple[Point, ...]:
        """The corners of a line from a tile to a thing in an open turn below: under its title, beside other things."""
        high, low = self.placed.frames[frame_id(turn.number)].top + TITLE_ROOM + ENTRY / 2 + lower, inner.top - BEND
        x0 = tile.x + aside
        x1 = max(inner.left + BEND, min(inner.right - BEND, x0)) + (aside if inner.left < x0 < inner.right else 0.0)
        over = [b for b in self.placed.nodes.values() if b.top < inner.top and b.bottom > high]
        beside = [x for b in over for x in (b.left - BESIDE, b.right + BESIDE)]
        free = [x for x in [x1, *beside] if not any(b.left < x < b.right for b in over)]
        x = min(free, key=lambda x: abs(x - x1), default=x1)
        if x == x1:
            return (x0, tile.bottom), (x0, high), (x1, high), (x1, inner.top)
        return (x0, tile.bottom), (x0, high), (x, high), (x, low), (x1, low), (x1, inner.top)

    def _label(self, way: tuple[Point, ...]) -> Point:
        """The middle of the longest level piece of a line, or of the line that has none."""
        pieces = [(abs(a[0] - b[0]), a, b) for a, b in zip(way, way[1:], strict=False) if a[1] == b[1]]
        _, a, b = max(pieces, default=(0.0, way[0], way[-1]))
        return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _bend(tail: tuple[Point, Point], head: tuple[Point, Point]) -> Curve:
    """A curve from one thing to another, that leaves and arrives straight."""
    ((x0, y0), (dx0, dy0)), ((x1, y1), (dx1, dy1)) = tail, head
    end = x1 + HEAD * dx1, y1 + HEAD * dy1
    far = max(16.0, (abs(x1 - x0) * abs(dx0) + abs(y1 - y0) * abs(dy0)) / 2)
    a = x0 + far * dx0, y0 + far * dy0
    b = end[0] + far * dx1, end[1] + far * dy1
    label = (x0 + 3 * a[0] + 3 * b[0] + end[0]) / 8, (y0 + 3 * a[1] + 3 * b[1] + end[1]) / 8
    return Curve(((x0, y0), a, b, end), (x1, y1), label)
