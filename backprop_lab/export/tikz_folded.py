"""The parts of a folded picture in TikZ: bands, frames, strips with their sparklines, rows, tiles and segments.

`tikz` asks for them; `drawing/folding/forms.py` draws the same as SVG.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from ..drawing.folding import forms, sparks
from ..drawing.folding.blocks import StripAt
from ..drawing.folding.drawn import Folded
from ..drawing.folding.outline import Part
from ..drawing.folding.sheets import share_of
from ..drawing.keys import box_id, frame_id
from ..drawing.layout import Box, Point
from .tex import bold_number, comment, escape, tex_number

COLOURS = {"p": "blvaluefill", "a": "bladjointfill"}


class Writer(Protocol):
    """What writes the file: see `tikz`."""

    size: float

    @property
    def texts(self) -> list[dict[str, str]]: ...
    @property
    def classes(self) -> list[dict[str, list[str]]]: ...
    def place(self, x: float, y: float) -> tuple[float, float]: ...
    def looks(self, key: str) -> str: ...
    def values(self, key: str) -> list[str]: ...
    def drawn(self, each: Iterable[str]) -> str: ...
    def rectangle(self, box: Box) -> str: ...
    def frame(self, part: Part) -> Iterator[str]: ...


def below(writer: Writer, folded: Folded) -> Iterator[str]:
    """What lies below the lines: bands, frames, sparklines."""
    layout = folded.plan.layout
    for band in folded.plan.bands:
        looks = "".join(dict.fromkeys(writer.looks(wire.key) for wire in band.wires))
        if band.way:
            yield rf"\draw[bl band way{looks}] {_joined(writer, band.way)};"
        else:
            a, b = band.tail, band.head
            corners = [(a.right, a.top), (b.left, b.top), (b.left, b.bottom), (a.right, a.bottom)]
            yield rf"\draw[bl band{looks}] {_joined(writer, corners)} -- cycle;"
    for part in folded.scene.frames:
        yield from writer.frame(part)
    for number, strip in folded.plan.strips.items():
        part = folded.scene.tree.parts[number]
        for inner in part.groups:
            if box_id(inner.number) in layout.nodes:
                place = layout.nodes[box_id(inner.number)]
                x, y = writer.place(place.left, place.bottom - forms.FOOT)
                yield from done(writer, inner, x, y, place.width * writer.size, forms.FOOT * writer.size)
        yield from _sparks(writer, folded, number, strip)
        for opened, box in strip.opened.items():
            frame = layout.frames[frame_id(opened)]
            yield rf"\draw[draw=blink, line width=1pt] {writer.rectangle(box)};"
            for low, high in ((box.left, frame.left), (box.right, frame.right)):
                yield rf"\draw[draw=blsoft, dashed] {_joined(writer, ((low, box.bottom), (high, frame.top)))};"


def _joined(writer: Writer, points: Sequence[Point]) -> str:
    """Points joined by straight lines."""
    return " -- ".join(f"({x:.1f},{y:.1f})" for x, y in (writer.place(*p) for p in points))


def _sparks(writer: Writer, folded: Folded, loop: int, strip: StripAt) -> Iterator[str]:
    """The sparklines of a strip; what the steps have not reached is covered."""
    each = [folded.sparklines(loop, strip.box, texts) for texts in writer.texts]
    for k, line in enumerate(each[0]):
        points = [(line.left + x, line.top + y) for x, y in line.points]
        if points:
            yield rf"\draw[draw={COLOURS[line.letter]}, line width=1.2pt] {_joined(writer, points)};"
        veils = [lines[k].veil for lines in each]
        boxes = [Box(x + wide / 2, line.top + sparks.HIGH / 2, wide, sparks.HIGH + 6) for x, wide in veils]
        yield writer.drawn(rf"\fill[blcard] {writer.rectangle(box)};" if box.width else "" for box in boxes)
        for kind, text, at, ends in sparks.beside(line, strip.gutter):
            (x, y), colour = writer.place(*at), COLOURS[line.letter] if kind == "name" else "blsoft"
            anchor = ", anchor=base east" if ends else ""
            shown = tex_number(text) if kind in ("high", "low") else escape(text)
            if text:
                yield rf"\node[bl small, text={colour}{anchor}] at ({x:.1f},{y:.1f}) {{{shown}}};"


def done(writer: Writer, part: Part, x: float, y: float, w: float, h: float) -> Iterator[str]:
    """How far the steps inside a folded part are, as a fill from the left."""
    back = ["bl-reverse" in classes.get("svg", ()) for classes in writer.classes]
    shares = [share_of(text) for text in writer.values(f"d{part.number}")]
    yield writer.drawn(
        rf"\fill[bl done{', fill=bladjointdone' * reverse}] ({x:.1f},{y:.1f}) rectangle +({share * w:.1f},{h:.1f});"
        if share
        else ""
        for share, reverse in zip(shares, back, strict=True)
    )


def small(writer: Writer, folded: Folded, part: Part, place: Box) -> Iterator[str]:
    """A folded part as a row, a tile, or a segment of a strip."""
    key, size = box_id(part.number), writer.size
    yield f"% {comment(part.label)}: {part.size} nodes, folded"
    if folded.scene.skeleton.forms[key] == "segment" or part.parent is None:
        yield rf"\draw[draw=bledge{writer.looks(key)}] {writer.rectangle(place)};"
        x, y = writer.place(place.left + 4, place.bottom - 6)
        yield rf"\node[bl small, text=blsoft] at ({x:.1f},{y:.1f}) {{{forms.segment_name(part, place.width)}}};"
        return
    own = folded.smalls[part.parent.number]
    yield rf"\draw[bl sheet{writer.looks(key)}] {writer.rectangle(place)};"
    left, top = writer.place(place.left, place.top)
    yield from done(writer, part, left, top, place.width * size, place.height * size)
    x, y = own.name_at
    room = (own.name if own.form == "row" else place.width - 2 * forms.SIDE) * size
    name = rf"\blfit{{{room:.1f}pt}}{{{escape(part.title)}}}"
    yield rf"\node[bl small] at ({left + x * size:.1f},{top + y * size:.1f}) {{{name}}};"
    for cell, dx, dy, wide in own.places(part.result, place.width):
        middle = place.left + dx + wide / 2, place.top + dy + forms.CELL / 2 - 1
        yield from _cell(writer, own, cell, Box(*middle, wide, forms.CELL - 2))


def _cell(writer: Writer, own: forms.Small, key: str, box: Box) -> Iterator[str]:
    """A number above its bar."""
    style, tex = {"p": ("primal", tex_number), "a": ("second", bold_number)}[key[0]]
    (x, y), w, colour = writer.place(box.x, box.y), box.width * writer.size, COLOURS[key[0]]
    texts = [forms.settled(text, forms.DIGITS) for text in writer.values(key)]
    look = rf"bl {style}, font=\scriptsize, minimum width={w:.1f}pt, minimum height={box.height * writer.size:.1f}pt"
    shown = rf"\raisebox{{3pt}}{{\blnumber{{{w - 3:.1f}pt}}{{{writer.drawn(map(tex, texts))}}}}}"
    yield rf"\node[{look}] at ({x:.1f},{y:.1f}) {{{shown}}};"
    room, left = box.width - 2 * forms.SIDE, box.left + forms.SIDE
    bars = [forms.bar_of(forms.numeric(text), room, own.full.get(key[0], 0.0)) for text in texts]
    rows = [Box(left + wide / 2, box.bottom - forms.BAR / 2 - 1, wide, forms.BAR) for wide, _ in bars]
    looks = [f"draw={colour}" if hollow else f"draw={colour}, fill={colour}" for _, hollow in bars]
    yield writer.drawn(
        rf"\path[{look}] {writer.rectangle(row)};" if row.width else "" for row, look in zip(rows, looks, strict=True)
    )
