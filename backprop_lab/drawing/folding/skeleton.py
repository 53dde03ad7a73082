"""Which skeleton the parts of a graph get, from the outline alone: what stands in a column, in a strip, in a lane.

    skeleton = Skeleton(scene)
    skeleton.kinds[5]          "column", "strip", "grid" or "lane": how what is in the open part 5 stands
    skeleton.forms["g7"]       "row", "tile" or "segment" for a folded part that stands in one; else it is a sheet
    skeleton.links[5]          between which two things in part 5 there are lines, and these

Turns that do not use each other are rows of a column; many that do are segments of a strip, and those of an open
segment tiles below it. Turns that call the same functions in the same order are the rows of a grid, its columns these
calls. Whatever else there is stands from left to right, each thing after those it uses. The order is
the code's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np

from ...graph.graph import Graph
from ..keys import box_id, node_id
from .outline import Part, turns_in

FEW = 3  # rows of a column, at least
LONG = 10  # turns that stand side by side; more that use each other are a strip


class Uses(Sequence[tuple[int, int]]):
    """Edges, as (child, slot): a tuple is made of one when it is asked for, because there may be thousands."""

    def __init__(self, rows: np.ndarray[Any, np.dtype[np.int64]]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, k: Any) -> Any:
        child, slot = self.rows[k].tolist()
        return child, slot


class Wire(NamedTuple):
    """Edges that a picture shows as one line."""

    key: str  # its id in the DOT text and in the page; a line that is one edge to a visible node has that edge's
    source: str  # the boxes or nodes at its ends, by their ids
    target: str
    uses: Sequence[tuple[int, int]]  # the edges, as (child, slot)


Links = dict[tuple[str, str], list[Wire]]


class Seen(Protocol):
    """What is seen of a graph: see `fold.Scene`."""

    open: frozenset[int]
    boxes: tuple[Part, ...]

    @property
    def order(self) -> tuple[str, ...]: ...
    @property
    def wires(self) -> tuple[Wire, ...]: ...


class Skeleton:
    """How the things in each open part stand."""

    def __init__(self, graph: Graph, parts: Sequence[Part], of: Sequence[int], scene: Seen) -> None:
        self.graph, self.parts, self.of, self.scene = graph, parts, of, scene

    def way(self, key: str) -> list[str]:
        """The things around something that is seen, from the whole graph's on, and itself."""
        number = int(key[1:])
        part = self.parts[number if key[0] == "g" else self.of[number]]
        around = [box_id(p.number) for p in part.around() if p.number]
        return [*reversed(around), *([key] if key[0] == "n" else [])]

    def is_constant(self, key: str) -> bool:
        """Whether something that is seen is a constant."""
        return key[0] == "n" and self.graph.nodes[int(key[1:])].op == "constant"

    @cached_property
    def links(self) -> dict[int, Links]:
        """For each open part, the lines between two things in it, or between what is in these."""
        found: dict[int, Links] = {}
        ways = {key: self.way(key) for key in self.scene.order}
        for wire in self.scene.wires:
            tail, head = ways[wire.source], ways[wire.target]
            depth = next(k for k, (a, b) in enumerate(zip(tail, head, strict=False)) if a != b)
            around = int(tail[depth - 1][1:]) if depth else 0
            found.setdefault(around, {}).setdefault((tail[depth], head[depth]), []).append(wire)
        return found

    @cached_property
    def kinds(self) -> dict[int, str]:
        """How what is in each open part stands."""
        found: dict[int, str] = {}
        for number in sorted(self.scene.open):  # what is around a part comes first
            part = self.parts[number]
            found[number] = self._kind(part, found.get(part.parent.number) if part.parent is not None else None)
        return found

    def _kind(self, part: Part, around: str | None) -> str:
        groups = part.groups
        if around == "grid":
            return "cells"
        if is_grid(part):
            return "grid"
        if len(groups) < FEW or not all(g.turn or g.kind in ("bundle", "list") for g in groups):
            return "lane"
        place = {box_id(g.number): k for k, g in enumerate(groups)}
        steps = [place[b] - place[a] for a, b in self.links.get(part.number, {}) if a in place and b in place]
        if not steps:
            return "column"
        if part.kind == "bundle" and around in ("strip", "lens"):
            return "lens"
        turns = all(g.turn or any(t.turn for t in turns_in(g)) for g in groups)  # and not lists, or rows of nodes
        return "strip" if 1 in steps and turns and part.turns > LONG else "lane"

    @cached_property
    def forms(self) -> dict[str, str]:
        """The folded parts that are no sheets."""
        looks = {"column": "row", "strip": "segment", "lens": "tile", "cells": "tile"}
        around = ((box, self.kinds[box.parent.number]) for box in self.scene.boxes if box.parent is not None)
        return {box_id(box.number): looks[kind] for box, kind in around if kind in looks}

    def items(self, part: Part) -> list[str]:
        """What stands in an open part, in the order of the code."""
        hidden = self.graph.hidden
        return [
            box_id(p.number) if isinstance(p, Part) else node_id(p)
            for p in part.parts
            if isinstance(p, Part) or p not in hidden
        ]


def is_grid(part: Part) -> bool:
    """Whether the turns of a loop call the same functions in the same order."""
    turns = part.groups
    if not 2 <= len(turns) <= LONG or not all(turn.turn for turn in turns):
        return False
    ways = {tuple(g.function for g in turn.groups) for turn in turns}
    way = ways.pop()
    return not ways and len(way) >= FEW and all(way)
