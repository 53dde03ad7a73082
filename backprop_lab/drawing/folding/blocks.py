"""What stands in a folded picture as blocks in blocks, each with its size and the places of what is in it.

Blocks know nothing of graphs: a block is a rectangle that is put somewhere, and then says where each thing in it
stands. Lengths are points, as in `layout`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from ..keys import frame_id
from ..layout import Box

PAD, TITLE_ROOM = 12.0, 30.0  # inside a frame: at its sides and below, and above for its title
APART, CLOSE_BY = 20.0, 5.0  # between things one below the other; between rows, and between tiles
LEVEL = 26.0  # the height that a line takes which passes over things
WRAPPED, MARGIN = 46.0, 24.0  # between two rows of a lane, and beside them, where lines pass
TALLEST = 620.0  # a column of single things is divided where it is higher
MOST_ROWS = 20  # one below the other; of more there are several columns
HIGHEST_FEEDER, MOST_FEEDERS = 90.0, 3  # of what stands above its only user
LABELLED = 46.0  # between these, where a local partial stands on the line
RAGGED = 40.0  # how bad an empty row is, in points of height
RIM = 1.6  # between two segments of a strip


class StripAt(NamedTuple):
    """Where a strip's lines run, the room beside them, and where in it bundles are open, by their numbers."""

    box: Box
    gutter: float
    opened: Mapping[int, Box]


@dataclass
class Placed:
    """Where everything stands."""

    nodes: dict[str, Box] = field(default_factory=dict)  # nodes and folded parts, by their ids
    frames: dict[str, Box] = field(default_factory=dict)
    spots: dict[str, Box] = field(default_factory=dict)  # anything that a line may lead to: also frames and containers
    strips: dict[int, StripAt] = field(default_factory=dict)  # by the part's number
    lanes: dict[int, LaneAt] = field(default_factory=dict)  # by the part's number


class Block(Protocol):
    """A rectangle with things in it; `middle` is how far below its top lines meet it."""

    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...
    @property
    def middle(self) -> float: ...
    def put(self, x: float, y: float, into: Placed) -> None: ...


@dataclass
class Single:
    """A node or a folded part."""

    key: str
    width: float
    height: float
    middle: float

    def put(self, x: float, y: float, into: Placed) -> None:
        """Stand there."""
        box = Box(x + self.width / 2, y + self.height / 2, self.width, self.height)
        into.nodes[self.key] = into.spots[self.key] = box


@dataclass
class Stack:
    """Blocks in columns: so many a column, or side by side if each column has one. `key` is what lines know it by."""

    key: str
    blocks: Sequence[Block]
    each: int
    gap: float = CLOSE_BY
    between: float = 10.0

    def __post_init__(self) -> None:
        self.columns = [self.blocks[k : k + self.each] for k in range(0, len(self.blocks), self.each)]
        self.widths = [max(b.width for b in column) for column in self.columns]
        heights = [sum(b.height for b in column) + self.gap * (len(column) - 1) for column in self.columns]
        self.width = sum(self.widths) + self.between * (len(self.columns) - 1)
        self.height = max(heights)
        self.middle = self.height / 2  # where lines meet it

    def put(self, x: float, y: float, into: Placed) -> None:
        """Stand there, each column as wide as its widest block."""
        into.spots[self.key] = Box(x + self.width / 2, y + self.height / 2, self.width, self.height)
        for column, wide in zip(self.columns, self.widths, strict=True):
            top = y
            for block in column:
                block.put(x, top, into)
                top += block.height + self.gap
            x += wide + self.between


@dataclass
class Fed:
    """A thing with what only it uses above it."""

    user: Block
    feeders: Sequence[Block]
    gap: float  # between these and it: the room of what stands on a line
    between: float = 10.0

    def __post_init__(self) -> None:
        self.above = max(b.height for b in self.feeders)
        self.wide = sum(b.width for b in self.feeders) + self.between * (len(self.feeders) - 1)
        self.width = max(self.user.width, self.wide)
        self.height = self.above + self.gap + self.user.height
        self.middle = self.above + self.gap + self.user.middle

    def put(self, x: float, y: float, into: Placed) -> None:
        """Stand there, what is above it on one line."""
        left = x + (self.width - self.wide) / 2
        for block in self.feeders:
            block.put(left, y + self.above - block.height, into)
            left += block.width + self.between
        self.user.put(x + (self.width - self.user.width) / 2, y + self.above + self.gap, into)


@dataclass
class Framed:
    """An open part: a frame with its title around what is in it."""

    number: int
    inner: Block
    title: float  # how wide the title is
    entry: float = 0.0  # the room below the title for lines that come in from afar

    @property
    def width(self) -> float:
        return max(self.inner.width + 2 * PAD, self.title)

    @property
    def height(self) -> float:
        return self.above + self.inner.height + PAD

    @property
    def above(self) -> float:
        """What stands above the things in it."""
        return TITLE_ROOM + self.entry

    @property
    def middle(self) -> float:
        return self.above + self.inner.middle

    def put(self, x: float, y: float, into: Placed) -> None:
        """Stand there."""
        box = Box(x + self.width / 2, y + self.height / 2, self.width, self.height)
        into.frames[frame_id(self.number)] = into.spots[f"g{self.number}"] = box
        self.inner.put(x + (self.width - self.inner.width) / 2, y + self.above, into)


@dataclass
class Strip:
    """A long loop: its sparklines, with a segment for each bundle of turns, and below it what is open of it."""

    number: int
    segments: Sequence[tuple[int, bool, float]]  # the bundles' numbers, whether each is open, its share of the turns
    width: float
    graphs: float  # the height of its sparklines
    gutter: float  # the room for their names
    below: Sequence[Block]

    @property
    def height(self) -> float:
        return self.graphs + sum(b.height + APART for b in self.below)

    @property
    def middle(self) -> float:
        return self.graphs / 2

    def put(self, x: float, y: float, into: Placed) -> None:
        """Stand there."""
        into.spots[f"c{self.number}"] = Box(x + self.width / 2, y + self.middle, self.width, self.graphs)
        left, opened, wide = x + self.gutter, {}, self.width - self.gutter
        lines = Box(left + wide / 2, y + self.middle, wide, self.graphs)
        for number, is_open, share in self.segments:
            box = Box(left + share * wide / 2, y + self.middle, share * wide - RIM, self.graphs)
            if is_open:
                opened[number] = box
            else:
                into.nodes[f"g{number}"] = into.spots[f"g{number}"] = box
            left = box.right + RIM / 2
        into.strips[self.number] = StripAt(lines, self.gutter, opened)
        y += self.graphs + APART
        for block in self.below:
            block.put(x, y, into)
            y += block.height + APART


@dataclass
class LaneAt:
    """Where the things of a lane stand: each one's row, and for each row where lines may pass above and below it."""

    rows: Mapping[str, int]
    above: Sequence[float]  # the top of each row's things
    below: Sequence[float]  # where lines pass between this row and the next
    right: float  # of its things
    levels: Mapping[tuple[str, str], int]  # of lines that pass over things
    shelf: bool  # whether the first row stands above what uses it
    feeders: Mapping[str, str]  # what stands above its only user, with that


@dataclass
class Lane:
    """Things from left to right, each after those that it uses; in rows where they would be too wide."""

    number: int
    blocks: Mapping[str, Block]
    links: Iterable[tuple[str, str]]
    labels: Mapping[tuple[str, str], float]  # the room of what stands on a line
    most: float  # the widest that it should be
    constants: frozenset[str] = frozenset()  # those of the things that are
    gap: float = 36.0

    def __post_init__(self) -> None:
        self.links = [(a, b) for a, b in self.links if a in self.blocks and b in self.blocks and a != b]
        self.feeders = self._feeders()
        if self.feeders:
            self.blocks = self._fed()
            self.links = [(a, b) for a, b in self.links if a not in self.feeders]
        self.ranks = self._ranks()
        columns: list[list[str]] = [[] for _ in range(max(self.ranks.values(), default=0) + 1)]
        for key in self.blocks:
            columns[self.ranks[key]].append(key)
        self.columns = [Column([(key, self.blocks[key]) for key in some]) for some in columns if some]
        self.place = {key: k for k, column in enumerate(self.columns) for key, _ in column.things}
        self.gaps = [self._gap(k) for k in range(len(self.columns))]
        self.rows = self._rows()
        self.shelf = self._shelved()
        self.row_of = {key: r for r, row in enumerate(self.rows) for k in row for key, _ in self.columns[k].things}
        self.row_of |= {key: self.row_of[user] for key, user in self.feeders.items()}
        self.levels = self._levels()
        over = [0] * len(self.rows)
        for (a, _), level in self.levels.items():
            over[self.row_of[a]] = max(over[self.row_of[a]], level)
        self.over = [LEVEL * level for level in over]
        self.middles = [max(self.columns[k].middle for k in row) for row in self.rows]
        self.depths = [
            max(self.columns[k].height - self.columns[k].middle for k in row) + self.middles[r]
            for r, row in enumerate(self.rows)
        ]
        self.margin = MARGIN if len(self.rows) > 1 else 0.0
        self.width = max((self._wide(row) for row in self.rows), default=0.0) + 2 * self.margin
        self.height = sum(self.over) + sum(self.depths) + WRAPPED * (len(self.rows) - 1)
        self.middle = self.over[0] + self.middles[0] if self.rows else 0.0

    def _feeders(self) -> dict[str, str]:
        """What stands above its only user: what begins here where more leads there; beside inputs, a constant."""
        users: dict[str, set[str]] = {}
        for a, b in self.links:
            users.setdefault(a, set()).add(b)
        begins = {*self.blocks} - {b for _, b in self.links}
        led = {b for a, b in self.links if a not in begins}
        found: dict[str, str] = {}
        for key in self.blocks:
            if key in begins and len(users.get(key, ())) == 1 and self.blocks[key].height <= HIGHEST_FEEDER:
                (user,) = users[key]
                alone = key in self.constants and any(b == user and a not in self.constants for a, b in self.links)
                found |= {key: user} if alone or user in led else {}
        count = Counter(found.values())
        return {key: user for key, user in found.items() if count[user] <= MOST_FEEDERS}

    def _fed(self) -> dict[str, Block]:
        """The things, each with what stands above it."""
        above: dict[str, list[str]] = {}
        for key, user in self.feeders.items():
            above.setdefault(user, []).append(key)
        made = {key: block for key, block in self.blocks.items() if key not in self.feeders}
        for user, keys in above.items():
            labelled = any(self.labels.get((key, user)) for key in keys)
            made[user] = Fed(made[user], [self.blocks[key] for key in keys], LABELLED if labelled else APART)
        return made

    def _ranks(self) -> dict[str, int]:
        """How far to the right each thing stands: after what it uses, and what begins just before its first user."""
        after: dict[str, list[str]] = {key: [] for key in self.blocks}
        before: dict[str, list[str]] = {key: [] for key in self.blocks}
        for a, b in self.links:
            after[a].append(b)
            before[b].append(a)
        ranks: dict[str, int] = {}
        for (
            key
        ) in self.blocks:  # in the order of the code, so that what it uses is there; a line back counts for nothing
            ranks[key] = 1 + max((ranks[a] for a in before[key] if a in ranks), default=-1)
        order = {key: k for k, key in enumerate(self.blocks)}
        for key in self.blocks:
            if not before[key] and after[key]:
                ranks[key] = max(0, min(ranks[b] for b in after[key]) - 1)
        late = sorted(self.blocks, key=lambda key: (ranks[key], order[key]))
        return {key: ranks[key] for key in late}

    def _gap(self, k: int) -> float:
        """The room before a column: for the labels of the lines that lead to it from the one before."""
        if not k:
            return 0.0
        ending = [w for (a, b), w in self.labels.items() if self.place.get(b) == k and self.place.get(a) == k - 1]
        return max([self.gap, *(w + self.gap - 2 for w in ending)])

    def _wide(self, row: Sequence[int]) -> float:
        return sum(self.columns[k].width + (self.gaps[k] if n else 0.0) for n, k in enumerate(row))

    def _rows(self) -> list[list[int]]:
        """The columns in rows no wider than they should be, all of them as low as can be, and of about one width."""
        count = len(self.columns)
        most = self.most if self._wide(range(count)) <= self.most else self.most - 2 * MARGIN  # lines pass beside rows
        best: list[tuple[float, int]] = [(0.0, 0)]  # for so many columns: how bad their rows are, where the last begins
        for end in range(1, count + 1):
            found = []
            for begin in range(end - 1, -1, -1):
                row = range(begin, end)
                wide = self._wide(row) / most
                if wide > 1 and len(row) > 1:
                    break
                high = max(self.columns[k].height for k in row)
                found.append((best[begin][0] + high + WRAPPED + RAGGED * (1 - min(1.0, wide)) ** 2, begin))
            best.append(min(found))
        rows: list[list[int]] = []
        while count:
            rows, count = [[*range(best[count][1], count)], *rows], best[count][1]
        return rows

    def _shelved(self) -> bool:
        """Whether what begins stands side by side above what uses it, where it would have a row of its own anyway."""
        if len(self.rows) < 2 or len(self.rows[0]) > 1 or {b for _, b in self.links} & {*dict(self.columns[0].things)}:
            return False
        things = self.columns[0].things
        if sum(block.width + self.gap for _, block in things) > self.most:
            return False
        more = len(things) - 1
        self.columns[:1] = [Column([thing]) for thing in things]
        self.place = {key: k for k, column in enumerate(self.columns) for key, _ in column.things}
        self.gaps = [0.0, *more * [self.gap], *self.gaps[1:]]
        self.rows = [[*range(more + 1)], *([k + more for k in row] for row in self.rows[1:])]
        return True

    def _levels(self) -> dict[tuple[str, str], int]:
        """The lines that pass over things of their row, each with its level: 1 is the lowest."""
        far = [
            (self.place[b] - self.place[a], a, b)
            for a, b in dict.fromkeys(self.links)
            if self.place[b] - self.place[a] > 1 and self.row_of[a] == self.row_of[b]
        ]
        taken: list[list[tuple[int, int]]] = []
        found: dict[tuple[str, str], int] = {}
        for _, a, b in sorted(far, key=lambda one: one[0]):
            start, end = self.place[a], self.place[b]
            free = (n for n, some in enumerate(taken) if all(y <= start or end <= x for x, y in some))
            level = next(free, len(taken))
            taken += [[]] if level == len(taken) else []
            taken[level].append((start, end))
            found[a, b] = level + 1
        return found

    def put(self, x: float, y: float, into: Placed) -> None:
        """Stand there, the middles of a row's things on one height."""
        above, below = [], []
        for r, row in enumerate(self.rows):
            y += self.over[r]
            shelved = self.shelf and not r
            left, middle = x + (self.width - self._wide(row)) / 2 if shelved else x + self.margin, y + self.middles[r]
            above.append(y)
            for n, k in enumerate(row):
                column = self.columns[k]
                left += self.gaps[k] if n else 0.0
                column.put(left, y + self.depths[r] - column.height if shelved else middle - column.middle, into)
                left += column.width
            y += self.depths[r]
            below.append(y + WRAPPED / 2)
            y += WRAPPED
        right = x + self.width - self.margin
        into.lanes[self.number] = LaneAt(self.row_of, above, below, right, self.levels, self.shelf, self.feeders)


class Column:
    """Things of one rank, one below the other; beside each other where they are many."""

    def __init__(self, things: Sequence[tuple[str, Block]]) -> None:
        self.things = things
        high = sum(b.height + APART for _, b in things) - APART
        count = max(1, math.ceil(high / TALLEST)) if len(things) > 1 else 1
        each = math.ceil(len(things) / count)
        self.parts = [things[k : k + each] for k in range(0, len(things), each)]
        self.widths = [max(b.width for _, b in part) for part in self.parts]
        self.width = sum(self.widths) + APART * (len(self.parts) - 1)
        heights = [sum(b.height + APART for _, b in part) - APART for part in self.parts]
        self.heights, self.height = heights, max(heights)
        self.middle = things[0][1].middle if len(things) == 1 else self.height / 2

    def put(self, x: float, y: float, into: Placed) -> None:
        """Stand there."""
        for part, wide, high in zip(self.parts, self.widths, self.heights, strict=True):
            top = y + (self.height - high) / 2
            for _, block in part:
                block.put(x + (wide - block.width) / 2, top, into)
                top += block.height + APART
            x += wide + APART
