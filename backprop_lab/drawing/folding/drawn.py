"""What the picture of a folded graph has and another one has not: its places, and what lies below its lines.

`Picture.folded` is this; small parts are drawn by `forms`, stacks of sheets and frames by `sheets`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Protocol

from ...graph.graph import Graph, Node
from ..cells import Cells
from ..keys import box_id, edge_id, frame_id, node_id
from ..layout import Box, Layout
from ..texts import pill_width
from ..titles import Title
from . import forms, sheets, sparks
from .carried import MOST_CARRIED, Carried, carried
from .fold import Scene
from .outline import Part
from .plan import Band, Plan, Sizes, planned


class Seen(Protocol):
    """What is asked of a picture: see `picture.Picture`."""

    graph: Graph
    scene: Scene
    second: str | None

    room: Mapping[str, str]
    last: Mapping[str, str]
    widest: float

    @cached_property
    def labels(self) -> dict[tuple[int, int], str]: ...
    @cached_property
    def sizes(self) -> dict[int, tuple[float, float]]: ...
    @cached_property
    def layout(self) -> Layout: ...
    def cells_of(self, id: int) -> Cells: ...
    def title_of(self, node: Node) -> Title: ...
    def name_of(self, end: str) -> str: ...


class Folded:
    """The places of a folded picture, and what is drawn of it; `like` has the same parts, and if it is as wide the same
    places, with other numbers."""

    def __init__(self, picture: Seen, like: Folded | None = None) -> None:
        self.picture, self.scene = picture, picture.scene
        if like is not None:
            self.__dict__ |= {"smalls": like.smalls, "carried": like.carried}
            self.__dict__ |= {"plan": like.plan} if like.picture.widest == picture.widest else {}

    @cached_property
    def smalls(self) -> dict[int, forms.Small]:
        """How large the rows and the tiles are, by the part that they are in."""
        return forms.smalls(self.scene, self.picture.second, self.picture.room, self.picture.last)

    @cached_property
    def carried(self) -> dict[int, list[Carried]]:
        """What the turns of each long loop hand on that has a line, by the loop's number."""
        graph, parts, kinds = self.picture.graph, self.scene.tree.parts, self.scene.skeleton.kinds
        kept = self.scene.tree.kept
        loops = [number for number, kind in kinds.items() if kind == "strip"]
        for number in loops:
            if number not in kept:
                kept[number] = carried(graph, parts[number])[:MOST_CARRIED]
        return {number: kept[number] for number in loops}

    @cached_property
    def plan(self) -> Plan:
        """The places of a folded graph."""
        boxes, middles = {}, {}
        for id, size in self.picture.sizes.items():
            cells, title = self.picture.cells_of(id), self.picture.title_of(self.picture.graph.nodes[id])
            boxes[node_id(id)] = size
            middles[node_id(id)] = size[1] / 2 if cells.chip else title.height + cells.height / 2
        for part in self.scene.boxes:
            key, around = box_id(part.number), part.parent.number if part.parent is not None else 0
            if self.scene.skeleton.forms.get(key) in ("row", "tile"):
                boxes[key] = self.smalls[around].width, self.smalls[around].height
            else:
                boxes[key] = sheets.box_size(self.picture, part)
                middles[key] = sheets.STACK + sheets.HEAD + self.picture.cells_of(part.result).height / 2
        labels = {edge_id(*key): pill_width(text) for key, text in self.picture.labels.items()}
        titles = {frame.number: sheets.title_room(frame) for frame in self.scene.frames}
        each = 2 if self.picture.second else 1
        strips = {k: (sparks.high(each * len(some)), sparks.gutter(some)) for k, some in self.carried.items()}
        return planned(self.scene, Sizes(boxes, middles, labels, titles, strips), self.picture.widest)

    def is_small(self, part: Part) -> bool:
        """Whether a folded part is a row, a tile or a segment."""
        return box_id(part.number) in self.scene.skeleton.forms

    def small(self, part: Part, texts: Mapping[str, str], lit: Mapping[str, str], mark: str) -> str:
        """A folded part that is one of these; `mark` is its warning sign."""
        place = self.picture.layout.nodes[box_id(part.number)]
        if self.scene.skeleton.forms[box_id(part.number)] == "segment" or part.parent is None:
            return forms.segment(part, place, self.picture, lit)
        return forms.small_box(self.smalls[part.parent.number], part, place, self.picture, texts, lit, mark)

    def below(self, texts: Mapping[str, str], lit: Mapping[str, str]) -> Iterator[str]:
        """What lies below the lines of a folded graph: bands, frames, sparklines."""
        for band in self.plan.bands:
            lights = dict.fromkeys(css for wire in band.wires for css in lit.get(wire.key, "").split())
            yield forms.band(band, self.ends_of(band), "".join(f" {css}" for css in lights))
        yield from (sheets.frame(self.picture, part) for part in self.scene.frames)
        for loop, strip in self.plan.strips.items():
            part = self.scene.tree.parts[loop]
            folded = (p for p in part.groups if box_id(p.number) in self.picture.layout.nodes)
            yield from (forms.segment_fill(p, self.picture.layout.nodes[box_id(p.number)], texts) for p in folded)
            lines = self.sparklines(loop, strip.box, texts)
            yield from (sparks.spark(own, loop, strip.box.width, strip.gutter) for own in lines)
            opened = ((box, self.picture.layout.frames[frame_id(inner)]) for inner, box in strip.opened.items())
            yield from (forms.lens(box, frame) for box, frame in opened)

    def sparklines(self, loop: int, place: Box, texts: Mapping[str, str]) -> list[sparks.Line]:
        """The lines of what the turns of a loop hand on."""
        kept = self.scene.tree.kept.setdefault((loop, self.picture.second), {})
        return list(sparks.sparklines(self.carried[loop], place, self.picture.second, self.picture.last, texts, kept))

    def ends_of(self, band: Band) -> str:
        """What a band leads from and to, in words."""
        ends = zip(*((w.source, w.target) for w in band.wires), strict=True)
        named = ([self.picture.name_of(key) for key in dict.fromkeys([some[0], some[-1]])] for some in ends)
        return " to ".join(" … ".join(names) for names in named)
