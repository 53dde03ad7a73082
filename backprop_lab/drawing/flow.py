"""A graph that branches, from left to right in columns, and wrapped into rows like text where it is wide.

Call `flow(...)` where Graphviz's picture would be wider than the page, or where there is no Graphviz. A node stands in
the column after its last operand; what comes from inputs alone stands before its user. What is used further on runs
along a track, one for each value, so that twenty uses of one value are a line with twenty ends. Tracks that pass the
end of a row go down at its right and come in again at the left, in the order in which they left.

In a column nodes and tracks keep the order in which few lines cross; heights are such that the longest way through the
graph is as level as it can be. Lengths are points, as in `layout`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .lane import NEW_ROW, SIDE, TIP, TOO_WIDE, Stop, Use, bent, in_slopes, room_of
from .layout import Box, Curve, Layout, Point
from .strokes import straight

BENDS = 28.0  # between two columns: where lines change their height
APART, TRACKS = 16.0, 9.0  # between two nodes of a column, and between a track and what is beside it
BETWEEN = 30.0  # two rows
PORT = 9.0  # how far from a corner of a box a line ends
SWEEPS, LAST = 6, 4  # through the columns there and back, for their order and for their heights
TORN = 1.5  # how bad each line is that passes from row to row
LEVEL, LEVEL_TRACK = 6.0, 2.0  # how much more than another line the longest way and a track want to be level
FOLLOWED = 0.02  # how much a node cares where an input stands that is its own: that one comes after it
GATHERED = 0.03  # how much all want to be where the others are
Heights = Mapping[int, Mapping[str, float]]  # of the middle of what stands in a column, by column and key


class _Row(NamedTuple):
    """Columns from one to another, with where each begins and how wide the row is."""

    first: int
    last: int
    lefts: Sequence[float]
    width: float


def flow(stops: Sequence[Stop], most: float) -> Layout:
    """The places of nodes, operands before their users; rows are at most so wide where no single column is wider."""
    return _Flow(stops, most).drawn()


class _Flow:
    """One graph on its way into columns and rows. In a column a key is a node, or a track on which its value passes."""

    def __init__(self, stops: Sequence[Stop], most: float) -> None:
        self.stops = {stop.key: stop for stop in stops}
        self.most = most
        self.users: dict[str, list[str]] = {key: [] for key in self.stops}
        for stop in stops:
            for use in stop.uses:
                self.users[use.tail].append(stop.key)
        self.rank = self._ranks()
        self.last = {key: max((self.rank[u] for u in some), default=self.rank[key]) for key, some in self.users.items()}
        self.main = {stop.key: self._main(stop) for stop in stops}
        self.heir = {before: key for key, before in reversed(self.main.items()) if before is not None}
        self.columns = self._ordered()
        self.first = 0  # of the row that is placed: what comes in before it is a track
        self.own = [[key for key in c if self.rank[key] == k] for k, c in enumerate(self.columns)]  # without tracks
        self.widths = [max(self.stops[key].width for key in some) for some in self.own]
        self.labels = [max((room_of(self.stops[key].uses) for key in some), default=0.0) for some in self.own]

    # ---- columns

    def _ranks(self) -> dict[str, int]:
        """The column of each node: as early as it can be, but what comes from inputs alone stands before its user."""
        rank: dict[str, int] = {}
        for key, stop in self.stops.items():
            rank[key] = max((rank[u.tail] + 1 for u in stop.uses), default=0)
        for key, stop in reversed(self.stops.items()):
            late = min((rank[u] for u in self.users[key]), default=0) - 1
            pulled = {u.tail for u in stop.uses if self.stops[u.tail].uses and len(set(self.users[u.tail])) == 1}
            if late > rank[key] and len(pulled) <= 1:  # it makes no more lines longer than shorter
                rank[key] = late
        used = sorted(set(rank.values()))
        return {key: used.index(n) for key, n in rank.items()}

    def _main(self, stop: Stop) -> str | None:
        """The operand that a node goes on from: one computed just before it."""
        before = [u.tail for u in stop.uses if self.rank[u.tail] == self.rank[stop.key] - 1]
        return max(before, key=lambda key: bool(self.stops[key].uses), default=None)

    def _tails(self, key: str, k: int) -> list[str]:
        """Where the lines come from that end at a node in column `k`, or at a track that passes it."""
        return [key] if self.rank[key] < k else list(dict.fromkeys(u.tail for u in self.stops[key].uses))

    def _ordered(self) -> list[list[str]]:
        """The columns, each in the order in which few lines cross."""
        best: list[list[str]] = [[] for _ in range(1 + max(self.rank.values()))]
        turn = {key: n for n, key in enumerate(self.stops)}
        first = {key: turn[key] if self.stops[key].uses else turn[some[0]] for key, some in self.users.items() if some}
        for key in sorted(self.stops, key=lambda key: first.get(key, turn[key])):  # an input comes with its first user
            for k in range(self.rank[key], max(self.last[key], self.rank[key] + 1)):
                best[k].append(key)
        before = [{key: self._tails(key, k) if k else [] for key in c} for k, c in enumerate(best)]
        after: list[dict[str, list[str]]] = [{key: [] for key in c} for c in best]
        for k, some in enumerate(before):
            for key, tails in some.items():
                for tail in tails:
                    after[k - 1][tail].append(key)
        least, now = _crossings(best, before), [list(c) for c in best]
        for sweep in range(2 * SWEEPS if least else 0):
            ahead = sweep % 2 == 0
            for k in range(1, len(now)) if ahead else range(len(now) - 2, -1, -1):
                place = {key: n for n, key in enumerate(now[k - 1 if ahead else k + 1])}
                near = before[k] if ahead else after[k]
                mean = {
                    key: sum(place[o] for o in near[key]) / len(near[key]) if near[key] else float(n)
                    for n, key in enumerate(now[k])
                }
                now[k].sort(key=mean.__getitem__)
            found = _crossings(now, before)
            if found < least:
                best, least = [list(c) for c in now], found
        return best

    # ---- rows

    def _crossing(self, start: int) -> list[str]:
        """The values that pass on from the column before this one, from top to bottom."""
        return (
            [key for key in self.columns[start - 1] if self.last[key] >= start] if 0 < start < len(self.columns) else []
        )

    def _begun(self, first: int) -> Iterator[_Row]:
        """The rows that begin with a column: of one column, of two …"""
        entering = len(self._crossing(first))
        right, lefts = TRACKS * entering if entering else -BENDS, list[float]()
        for k in range(first, len(self.columns)):
            lefts.append(right + BENDS + (self.labels[k] if k > first or entering else 0.0))
            right = lefts[-1] + self.widths[k]
            leaving = len(self._crossing(k + 1))
            yield _Row(first, k, tuple(lefts), right + TRACKS * (leaving + 1) * bool(leaving))

    def _rows(self) -> list[_Row]:
        """The rows with the least trouble: few, and with few lines between them."""
        count = len(self.columns)
        trouble, best = [0.0, *[math.inf] * count], dict[int, _Row]()  # of so many columns
        for first in range(count):
            torn = TORN * len(self._crossing(first))
            for row in self._begun(first):
                wide = row.width / self.most
                left = 0.0 if row.last == count - 1 else (1 - wide) ** 2  # the last row may be short
                bad = trouble[first] + NEW_ROW + torn + (left if wide <= 1 else TOO_WIDE * wide)
                if bad < trouble[row.last + 1] and (wide <= 1 or row.last == first):
                    trouble[row.last + 1], best[row.last + 1] = bad, row
        found: list[_Row] = []
        while count:
            found.append(best[count])
            count = best[count].first
        return found[::-1]

    # ---- heights

    def _entries(self, key: str, before: Mapping[str, float]) -> list[tuple[Use, float]]:
        """The uses of a node from top to bottom, each with how far its label stands below the node's middle."""
        come = sorted(self.stops[key].uses, key=lambda use: before.get(use.tail, 0.0))
        main = [n for n, use in enumerate(come) if use.tail == self.main[key]]
        middle = sum(main) / len(main) if main else (len(come) - 1) / 2
        return [(use, (n - middle) * SIDE) for n, use in enumerate(come)]

    def _passes(self, key: str, k: int) -> bool:
        """Whether a track stands in a column, not the node itself."""
        return self.rank[key] < k or k < self.first

    def _extent(self, key: str, k: int, before: Mapping[str, float]) -> tuple[float, float]:
        """What stands above and below the middle of a node, or of a track."""
        if self._passes(key, k):
            return 0.0, 0.0
        stop = self.stops[key]
        offs = [off for _, off in self._entries(key, before)] or [0.0]
        return max(stop.middle, 13.0 - offs[0]), max(stop.height - stop.middle, offs[-1] + 13.0)

    def _heights(self, row: _Row) -> dict[int, dict[str, float]]:
        """Heights in a row; those of the column before its first are where tracks come in."""
        entering = self._crossing(row.first)
        order = range(row.first - bool(entering), row.last + 1)
        columns = {k: entering if k < row.first else self.columns[k] for k in order}
        found: dict[int, dict[str, float]] = {k: {} for k in order}
        ends: dict[int, list[tuple[str, str, float]]] = {k: [] for k in order}  # lines that end in a column
        for k in order[1:]:
            for key in columns[k]:
                for tail in self._tails(key, k):
                    level = LEVEL_TRACK if tail == key else LEVEL if self.main[key] == tail else 1.0
                    ends[k].append((tail, key, level))
        follows = {key for key, stop in self.stops.items() if not stop.uses and len(set(self.users[key])) == 1}
        for sweep in range(2 * SWEEPS + LAST):
            level_at = self._levels(found) if sweep >= 2 * SWEEPS else {}
            known = [y for some in found.values() for y in some.values()]
            middle = sum(known) / max(len(known), 1)
            for k in order if sweep % 2 == 0 else reversed(order):
                want = {key: [(middle, GATHERED)] if known else [] for key in columns[k]}
                for tail, key, level in ends[k]:
                    if tail in found[k - 1]:
                        level = FOLLOWED if tail in follows else level
                        want[key].append((found[k - 1][tail] - self._off(tail, key, found[k - 1]), level))
                for tail, key, level in ends.get(k + 1, ()):
                    if key in found[k + 1]:
                        want[tail].append((found[k + 1][key] + self._off(tail, key, found[k]), level))
                for key in columns[k]:
                    want[key] += [(level_at[key, k], 1 / GATHERED)] if (key, k) in level_at else []
                found[k] = self._settled(columns[k], want, found, k)
        return found

    def _levels(self, found: Heights) -> dict[tuple[str, int], float]:
        """The one height of what should be level: a track, and nodes of which each goes on from the one before."""
        runs: dict[str, list[tuple[str, int]]] = {}
        begun: dict[str, str] = {}  # with which node the run of a node begins
        for k, some in found.items():
            for key in some:
                before = self.main[key]
                if self._passes(key, k):
                    runs.setdefault(f"{key} passes", []).append((key, k))
                elif before in begun and self.heir[before] == key:
                    begun[key] = begun[before]
                    runs[begun[key]].append((key, k))
                else:
                    begun[key] = key
                    runs[key] = [(key, k)]
        level: dict[tuple[str, int], float] = {}
        for run in runs.values():
            mean = sum(found[k][key] for key, k in run) / len(run)
            level |= dict.fromkeys(run, mean) if len(run) > 1 else {}
        return level

    def _off(self, tail: str, key: str, before: Mapping[str, float]) -> float:
        """How far below the middle of a node the lines of an operand come in."""
        offs = [off for use, off in self._entries(key, before) if use.tail == tail] if tail != key else []
        return sum(offs) / len(offs) if offs else 0.0

    def _settled(
        self, column: Sequence[str], want: Mapping[str, list[tuple[float, float]]], found: Heights, k: int
    ) -> dict[str, float]:
        """Heights in a column, as near to what each wants as they can be without one over another."""
        below, offsets = 0.0, list[float]()
        for n, key in enumerate(column):
            up, down = self._extent(key, k, found.get(k - 1, {}))
            tracks = n and (self._passes(key, k) or self._passes(column[n - 1], k))
            below += 0.0 if not n else TRACKS if tracks else APART
            offsets.append(below + up)
            below += up + down
        blocks: list[tuple[float, float, int]] = []  # runs that touch: where they want to be, how much, how many
        for key, off in zip(column, offsets, strict=True):
            whole = sum(level for _, level in want[key]) or 0.01
            mean = (
                sum((y - off) * level for y, level in want[key]) / whole if want[key] else found[k].get(key, off) - off
            )
            blocks.append((mean, whole, 1))
            while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
                (b, much, some), (a, more, others) = blocks.pop(), blocks.pop()
                blocks.append(((a * more + b * much) / (more + much), more + much, some + others))
        means = (mean for mean, _, size in blocks for _ in range(size))
        return {key: mean + off for key, mean, off in zip(column, means, offsets, strict=True)}

    # ---- the picture

    def drawn(self) -> Layout:
        """The boxes and the edges, row below row."""
        rows = self._rows()
        nodes: dict[str, Box] = {}
        edges: dict[str, Curve] = {}
        ways: dict[str, list[Point]] = {}  # of each value, from its node to where the columns so far end
        width, top = max(row.width for row in rows), 0.0
        for row in rows:
            entering, self.first = self._crossing(row.first), row.first
            heights = self._heights(row)
            reach = [
                (y - up, y + down)
                for k, some in heights.items()
                for key, y in some.items()
                for up, down in [self._extent(key, k, heights.get(k - 1, {}))]
            ]
            down = top + TRACKS * max(len(entering) - 1, 0) - min(high for high, _ in reach)
            heights = {k: {key: y + down for key, y in some.items()} for k, some in heights.items()}
            for n, key in enumerate(reversed(entering)):  # the lowest goes first, so that none crosses another
                start, y = ways[key][-1], heights[row.first - 1][key]
                right, between, left = (
                    width - TRACKS * (len(entering) - 1 - n),
                    top - BETWEEN / 2 + TRACKS * n,
                    TRACKS * (n + 1),
                )
                corners = [
                    start,
                    (right, start[1]),
                    (right, between),
                    (left, between),
                    (left, y),
                    (TRACKS * len(entering), y),
                ]
                ways[key] = [*ways[key], *bent(corners)[1:]]
            for k in range(row.first, row.last + 1):
                self._column(row, k, heights, nodes, edges, ways)
            top = max(low for _, low in reach) + down + BETWEEN
        slopes = frozenset(stop.uses[0].edge for stop in self.stops.values() if in_slopes(stop.uses))
        return Layout(width, top - BETWEEN, nodes, edges, "flow", slopes=slopes)

    def _column(
        self,
        row: _Row,
        k: int,
        heights: Heights,
        nodes: dict[str, Box],
        edges: dict[str, Curve],
        ways: dict[str, list[Point]],
    ) -> None:
        """The boxes of a column, the edges that end there, and the values' ways through it."""
        left, wide = row.lefts[k - row.first], self.widths[k]
        bends = left - self.labels[k]  # where the lines have their new heights
        before = heights.get(k - 1, {})
        for key in self.own[k]:
            stop, y = self.stops[key], heights[k][key]
            box = nodes[key] = Box(left + wide / 2, y - stop.middle + stop.height / 2, stop.width, stop.height)
            for use, off in self._entries(key, before):
                room = room_of(stop.uses if len(stop.uses) == 1 else [use._replace(slopes=None)])
                edges[use.edge] = self._edge(ways[use.tail], room, bends, y + off, left, box)
            ways[key] = [(box.right, y), *straight((box.right, y), (left + wide, y))]
        for key, y in heights[k].items():
            if self.rank[key] < k:
                ways[key] = [*ways[key], *_curved(ways[key][-1], (bends, y)), *straight((bends, y), (left + wide, y))]

    def _edge(self, way: Sequence[Point], room: float, bends: float, y: float, left: float, box: Box) -> Curve:
        """A line from where its value's way has come, past its label, to the box."""
        port = min(max(y, box.top + PORT), box.bottom - PORT)
        turn = box.left - TIP - 6.0
        last = _curved((turn, y), (box.left - TIP, port)) if port != y else straight((turn, y), (box.left - TIP, y))
        points = (*way, *_curved(way[-1], (bends, y)), *straight((bends, y), (turn, y)), *last)
        return Curve(points, (box.left, port), (left - TIP - room / 2 + 2.0, y))


def _curved(start: Point, end: Point) -> list[Point]:
    """From one height to another, level at both ends; without the start."""
    (x0, y0), (x1, y1) = start, end
    return [((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1), end]


def _crossings(columns: Sequence[Sequence[str]], before: Sequence[Mapping[str, Sequence[str]]]) -> int:
    """How many lines cross between neighbouring columns."""
    count = 0
    for left, right, tails in zip(columns, columns[1:], before[1:], strict=False):
        place = {key: n for n, key in enumerate(left)}
        lines = [(place[tail], n) for n, key in enumerate(right) for tail in tails[key]]
        count += sum(a < c and d < b for a, b in lines for c, d in lines)
    return count
