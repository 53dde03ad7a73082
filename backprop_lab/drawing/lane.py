"""A graph that reads like a line of text: its operations from left to right on one height, in rows where they are many.

Call `lane(...)` for a graph in which each operation waits for the one before it: a net's layers, a chain of steps. What
only one operation uses (its weights, its constants) stands above that operation; the input that begins stands on the
lane. Edges that pass over operations arc above these. Nothing is searched for: the order is the code's, so no layout
engine is needed. `lane` answers None where the graph branches, or where an edge other than the next one would pass from
row to row; Graphviz places those, or `flow`.

Lengths are points, as in `layout`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .layout import Box, Curve, Layout, Point
from .strokes import straight, toward

GAP, BESIDE = 28.0, 23.0  # between two boxes of the lane: at least, and what an edge needs beside its label
APART = 12.0  # between two boxes above the lane
ABOVE = 60.0  # from what stands above the lane down to its user: an arrow with a label
ARC = 32.0  # the height that an edge takes which passes over operations
SIDE = 30.0  # between two edges with the same ends
BETWEEN, MARGIN = 28.0, 18.0  # two rows, and beside them, where an edge goes to the next row
ROUND, TIP = 9.0, 11.0  # the radius of a corner, and the length of an arrow's head
NEW_ROW, WITHIN_A_LINE, WITHIN_A_LAYER = 4.0, 1.0, 0.5  # how bad another row is, and where it should not begin
TOO_WIDE = 100.0  # how bad a row is that is wider than the page, for each page
TITLE, FRAME = 24.0, 8.0  # above what stands in a frame, and around it
LEAST = 780.0  # narrower ones stand in one row however they are placed


class Use(NamedTuple):
    """One use of an operand: the operand's key, the edge's key, how wide its label is, and how wide with a slope for
    each entry, one below the other, which stands where no other edge comes in."""

    tail: str
    edge: str
    label: float
    slopes: float | None = None


class Stop(NamedTuple):
    """A node on the lane or above it."""

    key: str  # its name in the layout
    width: float
    height: float
    middle: float  # how far below its top its numbers stand; those of a row are on one height
    uses: Sequence[Use] = ()  # of its operands; none for an input or a constant
    line: int | None = None  # where in the source it is computed; a row ends between two lines if it can
    opens: bool = False  # whether a layer begins with it; a row begins there if it can
    statement: str = ""  # whose frame it stands in; none


class _Column(NamedTuple):
    """What stands on the lane, what stands above it, and the uses of what stands before it on the lane."""

    stop: Stop
    above: Sequence[tuple[Stop, Use]]
    uses: Sequence[Use]

    @property
    def over(self) -> float:
        """How wide what stands above is."""
        return sum(s.width + APART for s, _ in self.above) - APART if self.above else 0.0


def lane(stops: Sequence[Stop], most: float) -> Layout | None:
    """The places of nodes, operands before their users; None if they make no lane, or so short a one that an engine
    does as well. Rows are at most so wide, where no edge holds a wider one together."""
    columns = _columns(stops)
    long = sum(column.stop.width + GAP for column in columns) > LEAST
    rows = _rows(columns, most - MARGIN) if long else []
    return _drawn(rows) if rows else None


def longest(ways: Mapping[int, Sequence[tuple[int, float]]], width: Callable[[int], float]) -> float:
    """How wide the longest way through a graph is: by node its operands, each with the room between the two."""
    reach: dict[int, float] = {}
    for id, before in ways.items():
        reach[id] = max((reach.get(p, 0.0) + gap for p, gap in before), default=0.0) + width(id)
    return max(reach.values(), default=0.0)


def _columns(stops: Sequence[Stop]) -> list[_Column]:
    """The lane from its beginning to its end; nothing if an operation does not use the one before it."""
    known = {stop.key: stop for stop in stops}
    users: dict[str, list[str]] = {}
    for stop in stops:
        for use in stop.uses:
            users.setdefault(use.tail, []).append(stop.key)
    columns: list[_Column] = []
    seen: set[str] = set()
    for stop in (s for s in stops if s.uses):
        if not columns:
            given = {u.tail for u in stop.uses}
            first = next(s for s in stops if s.key in given)
            columns.append(_Column(first, (), ()))
            seen.add(first.key)
        above = [(known[u.tail], u) for u in stop.uses if u.tail not in seen]
        uses = [u for u in stop.uses if u.tail in seen]
        if any(s.uses or len(users[s.key]) > 1 for s, _ in above) or all(u.tail != columns[-1].stop.key for u in uses):
            return []
        columns.append(_Column(stop, above, uses))
        seen.add(stop.key)
    return columns if len(seen) + sum(len(c.above) for c in columns) == len(stops) else []


class _Row(NamedTuple):
    """Columns side by side, with the middle of each."""

    columns: Sequence[_Column]
    middles: Sequence[float]
    width: float


def _placed(columns: Iterable[_Column], indent: float) -> Iterator[tuple[float, float]]:
    """Columns as near to each other as their labels let them be: each one's middle, and how wide the row is with it."""
    before, over, statement = "", indent - APART, ""
    for column in columns:
        label = room_of([u for u in column.uses if u.tail == before])
        if not before:  # what comes from the row before has its label in front of the box
            label = indent and indent + room_of(column.uses)
            right = -GAP if not indent else 0.0
        middle = max(right + max(GAP, label) + column.stop.width / 2, over + APART + column.over / 2)
        if column.stop.statement != statement:  # a frame ends: nothing hangs over its end
            middle = max(middle, over + 2 * APART + column.stop.width / 2) if statement else middle
            middle = max(middle, right + 2 * APART + column.over / 2) if before and statement else middle
            statement = column.stop.statement
        before, right = column.stop.key, middle + column.stop.width / 2
        over = max(over, middle + column.over / 2) if column.above else over
        yield middle, max(right, over)


def room_of(uses: Sequence[Use]) -> float:
    """What the labels need of edges that come in side by side."""
    alone = uses[0].slopes if in_slopes(uses) else None
    return BESIDE + (max((u.label for u in uses), default=-BESIDE) if alone is None else alone)


def in_slopes(uses: Sequence[Use]) -> bool:
    """Whether each entry has its own line: where one edge comes alone."""
    return len(uses) == 1 and uses[0].slopes is not None


def _rows(columns: Sequence[_Column], most: float) -> list[_Row]:
    """The rows with the least trouble: few, of about the same width, ended where a line of the source ends."""
    count = len(columns)
    trouble, begun = [0.0, *[math.inf] * count], [0] * (count + 1)  # of so many columns; where their last row begins
    for start in range(count):
        if start and not _next_only(columns, start):
            continue
        begins, ended = columns[start].stop, columns[start - 1].stop
        torn = WITHIN_A_LINE * (begins.line == ended.line) + WITHIN_A_LAYER * (not begins.opens) if start else 0.0
        for end, (_, width) in enumerate(_placed(columns[start:], MARGIN if start else 0.0), start + 1):
            wide = width / most  # too wide are only rows that cannot be broken
            bad = trouble[start] + NEW_ROW + torn + ((1 - wide) ** 2 if wide <= 1 else TOO_WIDE * wide)
            if bad < trouble[end]:
                trouble[end], begun[end] = bad, start
    rows: list[_Row] = []
    while count:
        some = columns[begun[count] : count]
        middles, widths = zip(*_placed(some, MARGIN if begun[count] else 0.0), strict=True)
        rows.append(_Row(some, middles, widths[-1]))
        count = begun[count]
    return rows[::-1]


def _next_only(columns: Sequence[_Column], start: int) -> bool:
    """Whether only edges from the column before it to this one pass the beginning of this column."""
    before = {c.stop.key for c in columns[:start]}
    passing = [(u.tail, c.stop.key) for c in columns[start:] for u in c.uses if u.tail in before]
    return set(passing) == {(columns[start - 1].stop.key, columns[start].stop.key)} and len(passing) <= 2


def _drawn(rows: Sequence[_Row]) -> Layout:
    """The boxes and the edges of the rows, one below the other."""
    nodes: dict[str, Box] = {}
    edges: dict[str, Curve] = {}
    slopes: set[str] = set()
    width = max(row.width for row in rows) + (MARGIN if len(rows) > 1 else 0.0)
    frames: dict[str, Box] = {}
    framed = TITLE if any(c.stop.statement for row in rows for c in row.columns) else 0.0
    top, last = 0.0, (0.0, 0.0)  # of the row, and where the row before it ends
    for row in rows:
        begin = top
        top += framed
        arcs = list(_arcs(row))
        shelf = top + max((s.height for c in row.columns for s, _ in c.above), default=0.0)
        room = (ABOVE if shelf > top else 0.0) + ARC * max((level for _, level in arcs), default=0)
        middle = shelf + room + max(c.stop.middle for c in row.columns)
        before = ""
        for column, x in zip(row.columns, row.middles, strict=True):
            stop = column.stop
            nodes[stop.key] = Box(x, middle - stop.middle + stop.height / 2, stop.width, stop.height)
            edges |= dict(_from_above(column, nodes, shelf))
            direct = [use for use in column.uses if use.tail == before]
            slopes |= {use.edge for use in direct if in_slopes(direct)}
            for k, use in enumerate(direct):
                y = middle + (k - (len(direct) - 1) / 2) * SIDE
                edges[use.edge] = line([(nodes[before].right, y), (nodes[stop.key].left, y)])
            before = stop.key
        for column, use, level in ((c, *arc) for c in row.columns for arc in arcs if arc[0] in c.uses):
            tail, head = nodes[use.tail], nodes[column.stop.key]
            out, into = tail.x + _aside(tail, level), head.x - _aside(head, level)
            high = middle - max(c.stop.middle for c in row.columns) - ARC * level + 8
            ways = [(out, tail.top), (out, high), (into, high), (into, head.top)]
            edges[use.edge] = line(ways, ((out + into) / 2, high))
        first = row.columns[0]
        slopes |= {use.edge for use in first.uses if in_slopes(first.uses)}
        for k, use in enumerate(first.uses):  # one goes around the other
            aside = k - (len(first.uses) - 1) / 2
            (x0, y0), x1, y1 = last, nodes[first.stop.key].left, middle - aside * SIDE
            right, left = width - 8 * (len(first.uses) - 1 - k), MARGIN / 2 + 8 * k
            between = begin - BETWEEN / 2 + 8 * aside
            y0 -= aside * SIDE
            ways = [(x0, y0), (right, y0), (right, between), (left, between), (left, y1), (x1, y1)]
            edges[use.edge] = line(ways, (x1 - TIP - room_of(first.uses) / 2, y1))
        last = nodes[before].right, middle
        top = max(nodes[c.stop.key].bottom for c in row.columns) + (FRAME if framed else 0.0)
        _framed(frames, row, nodes, begin, top)
        top += BETWEEN
    return Layout(width, top - BETWEEN, nodes, edges, "lane", frames, frozenset(slopes))


def _framed(frames: dict[str, Box], row: _Row, nodes: Mapping[str, Box], top: float, bottom: float) -> None:
    """The frames of the statements in a row, side by side; one that goes on in another row has another name there."""
    found: list[tuple[str, float, float]] = []  # each with its left and its right
    for column in row.columns:
        boxes = [nodes[column.stop.key], *(nodes[stop.key] for stop, _ in column.above)]
        left, right = min(box.left for box in boxes) - FRAME, max(box.right for box in boxes) + FRAME
        name = column.stop.statement
        if found and found[-1][0] in (name, ""):  # what begins the lane stands in the frame of its user
            _, first, last = found.pop()
            left, right = min(first, left), max(last, right)
        found.append((name, left, right))
    for k, (name, left, right) in enumerate(found):
        left = left if not k else (found[k - 1][2] + left) / 2 + 3
        right = right if k == len(found) - 1 else (right + found[k + 1][1]) / 2 - 3
        if name:
            while name in frames:
                name += "+"
            frames[name] = Box((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


def _from_above(column: _Column, nodes: dict[str, Box], shelf: float) -> Iterator[tuple[str, Curve]]:
    """Places for what stands above a column, and its edges: straight down, or to the nearest place of the box."""
    box = nodes[column.stop.key]
    left = box.x - column.over / 2
    for k, (stop, use) in enumerate(column.above, 1):
        nodes[stop.key] = Box(left + stop.width / 2, shelf - stop.height / 2, stop.width, stop.height)
        left += stop.width + APART
        into = box.left + box.width * k / (len(column.above) + 1)
        ways = [(nodes[stop.key].x, shelf), (into, box.top)]
        yield use.edge, line(ways, ((3 * ways[0][0] + 2 * into) / 5, shelf + 0.45 * ABOVE))


def _arcs(row: _Row) -> Iterator[tuple[Use, int]]:
    """The uses that pass over operations of the row, each with its level: 1 is the lowest."""
    taken: list[list[tuple[int, int]]] = []
    place = {c.stop.key: k for k, c in enumerate(row.columns)}
    passing = [(place[u.tail], k, u) for k, c in enumerate(row.columns) for u in c.uses if u.tail in place]
    for start, end, use in sorted(passing, key=lambda one: one[1] - one[0]):
        if end - start > 1:
            free = (n for n, some in enumerate(taken) if all(b <= start or end <= a for a, b in some))
            level = next(free, len(taken))
            taken += [[]] if level == len(taken) else []
            taken[level].append((start, end))
            yield use, level + 1


def _aside(box: Box, level: int) -> float:
    """How far from its middle an edge leaves a box upwards or arrives: beside the edges of lower levels."""
    return min(box.width / 4 + 6 * level, box.width / 2 - 6)


def bent(corners: Sequence[Point]) -> list[Point]:
    """A line through these points as Bézier curves, its corners rounded."""
    points = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        into, out = toward(corner, before, ROUND), toward(corner, after, ROUND)
        bend = [toward(corner, end, ROUND / 2) for end in (before, after)]
        points += [*straight(points[-1], into), *bend, out]
    return [*points, *straight(points[-1], corners[-1])]


def line(corners: Sequence[Point], label: Point | None = None) -> Curve:
    """An edge through these points; its label in the middle if no place is given."""
    end = toward(corners[-1], corners[-2], TIP)
    (x0, y0), (x1, y1) = corners[0], end
    return Curve(tuple(bent([*corners[:-1], end])), corners[-1], label or ((x0 + x1) / 2, (y0 + y1) / 2))
