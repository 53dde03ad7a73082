"""The numbers of a node in their cells: how large those are, and how they are drawn.

What lights a number is a class of it and of its cell: `bl-used`, it is used now; `bl-result`, it comes out now. What
it means, its colour and the legend say once for all cells. A cell is no
wider than the widest text that ever stands in it, and each text is as large as fits: stage.js does the same.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .heat import Map
from .squares import Room, added_height, place
from .texts import LARGE, RING, arrival, drawn_width, ems, grouped, size_in

LEAST, TALL, GAP, PAD = 48.0, 34.0, 4.0, 6.0  # of a cell: its width and height, what lies between two and beside them
LEAST_MAP = 40.0  # of a cell with nothing but an array's numbers
CHIP = 26.0  # the height of a constant that is only its number
SIDE = 4.0  # beside a number
STACKED = 150.0  # so wide are the cells of a node at least that may stand one below the other


class Cells(NamedTuple):
    """The cells of one node."""

    keys: tuple[str, ...]  # of the numbers, from left to right
    texts: Mapping[str, str]  # the widest that ever stand in them, by key
    widths: tuple[float, ...]  # of the cells, in units of the picture, as all lengths
    height: float  # of them, maps included
    rooms: Mapping[str, Room]  # of the heat maps in them, by key
    chip: bool = False  # whether they are all that the node shows, as for a constant
    bare: bool = False  # whether the maps alone say all, because they are numbers
    stacked: bool = False  # whether they stand one below the other

    @classmethod
    def of(
        cls, id: int, second: str | None, texts: Mapping[str, str], rooms: Mapping[str, Room], chip: bool = False
    ) -> Cells:
        """Cells for a node with room for these texts, by key."""
        keys = tuple(f"{key}{id}" for key in ("pa" if second else "p"))
        here = {key: rooms[key] for key in keys if key in rooms}
        if chip:
            wide = [1.08 * ems(texts.get(key, ""), key[0] == "a") * 15 for key in keys]
            widths = tuple(max(w + 2 * SIDE, 24.0 if k == 0 else 0.0) if w else 0.0 for k, w in enumerate(wide))
            return cls(keys, texts, widths, CHIP, here, True)
        bare = bool(here) and all(key in here and here[key].few and not arrival(texts.get(key, "")) for key in keys)
        maps = {key: room.width + 6 for key, room in here.items()}
        if bare:
            widths = tuple(max(LEAST_MAP, maps[key]) for key in keys)
            return cls(keys, texts, widths, max(TALL, added_height(here.values()) + 2), here, bare=True)
        needs = {key: drawn_width(texts.get(key, ""), key[0] == "a") + 2 * SIDE for key in keys}
        widths = tuple(max(LEAST, needs[key], maps.get(key, 0.0)) for key in keys)
        return cls(keys, texts, widths, TALL + added_height(here.values()), here)

    def one_below_the_other(self, wide: bool = True) -> Cells:
        """The same cells, where that makes them much narrower; with `wide` false, also where they are narrow."""
        if self.chip or self.rooms or len(self.keys) < 2 or wide and self.width < STACKED:
            return self
        return self._replace(widths=(max(self.widths),) * 2, height=2 * TALL + GAP, stacked=True)

    @property
    def tall(self) -> float:
        """The height of one cell."""
        return TALL if self.stacked else self.height

    def top(self, key: str) -> float:
        """How far below the first a cell stands."""
        return TALL + GAP if self.stacked and key != self.keys[0] else 0.0

    @property
    def width(self) -> float:
        if self.stacked:
            return self.widths[0] + 2 * PAD
        return sum(self.widths) + GAP * (len(self.widths) - 1) + 2 * PAD

    def svg(
        self,
        left: float,
        top: float,
        room: float,
        texts: Mapping[str, str],
        maps: Mapping[str, Map],
        lit: Mapping[str, str],
        second: str | None,
    ) -> str:
        """The cells in `room` from `left` on."""
        return "".join(
            self._cell(key, left + x, top + self.top(key), wide, texts.get(key, ""), maps.get(key), light, second)
            for key, x, wide in self.places(room)
            for light in [lit.get(key, "")]
        )

    def places(self, room: float) -> Iterator[tuple[str, float, float]]:
        """Each cell's key, its left and its width, if they fill `room`: what they do not need widens each alike."""
        if self.stacked:
            yield from ((key, 0.0, room) for key in self.keys)
            return
        more, left = (room - self.width + 2 * PAD) / max(sum(w > 0 for w in self.widths), 1), 0.0
        for key, wide in zip(self.keys, self.widths, strict=True):
            if wide:
                yield key, left, wide + more
                left += wide + more + GAP

    def _cell(
        self, key: str, left: float, top: float, wide: float, text: str, own: Map | None, lit: str, second: str | None
    ) -> str:
        kind = "value" if key[0] == "p" else "adjoint"
        kind += " bl-tangent" if key[0] == "a" and second == "tangent" else ""
        middle, bold = left + wide / 2, key[0] == "a"
        most = 15.0 if self.chip else 18.0 if key in self.rooms else LARGE
        size = min(size_in(text, wide - 2 * SIDE, bold), most)
        base = top + (CHIP if self.chip else TALL) / 2 + 0.36 * size
        kind += (" bl-sum" if arrival(text) else "") + (" bl-heat-only" if self.bare else "")
        sums = arrival(self.texts.get(key, "")) and not self.chip
        tallest = max((room.height for room in self.rooms.values()), default=0.0)
        high = 0.0
        below = TALL  # entries of maps side by side stand in one row, where one map has a head above them, too
        if self.bare:
            below = (self.height + tallest) / 2 - self.rooms[key].height
            high = max(
                below - (self.height - tallest) / 2, 0.0
            )  # by how much its ground is lower than the node's highest
        heat = place(key, self.rooms[key], middle, top + below, own) if key in self.rooms else ""
        rim = 2.0 if self.chip else 0.0
        x = middle - (RING / 2 if arrival(text) else 0.0)
        return (
            f'<g class="bl-cell bl-{kind}" data-room="{wide - 2 * SIDE:.1f}" data-most="{most:g}">'
            f'<rect class="bl-cell-{key[0]}{lit}" x="{left:.1f}" y="{top + rim + high:.0f}" width="{wide:.1f}" '
            f'height="{self.tall - 2 * rim - high:.1f}" rx="5"/>{ring(text, middle, base, size) if sums else ""}'
            f'<text class="bl-num{lit}" data-key="{key}" x="{x:.1f}" y="{base:.1f}" font-size="{size:g}">'
            f"{html.escape(grouped(text))}</text>{heat}</g>"
        )


def ring(text: str, middle: float, base: float, size: float) -> str:
    """What stands around the last number of a sum that waits; stage.js moves it."""
    whole, last = (size * ems(part, True) for part in (text, arrival(text)))
    left = middle - RING / 2 + whole / 2 - last - RING / 2
    return (
        f'<rect class="bl-ring" x="{left:.1f}" y="{base - 0.36 * size - 0.62 * size:.1f}" width="{last + RING:.1f}" '
        f'height="{1.24 * size:.1f}" rx="5"/>'
    )
