"""What a folded graph has and another one has not: boxes for folded parts, frames around open ones, bundled lines.

A folded part is a stack of sheets with the numbers of its result in the places where a node has its own, and with the
number of nodes inside; while its steps run, a fill from the left says how far they are (key `d5`). An open part is a
thin frame with its name and a control that closes it.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

from ...graph.graph import Graph
from ...text.notation import number
from ..cells import Cells
from ..keys import box_id, frame_id
from ..layout import Layout
from ..statements import LETTER, titles
from ..strokes import arrow, back_arrow, fit, outline, text_width, way
from .outline import Part
from .skeleton import Wire

STACK = 8.0  # by how much the sheets behind a box stand out
HEAD = 47.0  # from the top of the front sheet to the cells: the name, then the size
MOST_CODE = 3  # lines of code in the title of a frame; what has more is told by its name
CLOSE, SMALL = 18.0, 15.0  # the control that closes; the letters of what is small, as picture.css has them


class Drawn(Protocol):
    """What the picture around a folded part is asked for: see `picture.Picture`."""

    graph: Graph

    @cached_property
    def layout(self) -> Layout: ...
    def cells_of(self, id: int) -> Cells: ...
    def name_of(self, end: str) -> str: ...


def count_text(wire: Wire) -> str:
    """How many edges a line stands for; nothing on a line that is one."""
    return f"{len(wire.uses)} edges" if len(wire.uses) > 1 else ""


def box_size(picture: Drawn, part: Part) -> tuple[float, float]:
    """Width and height of a folded part, its sheets included."""
    width = text_width(part.title, 15) * 1.1 + 24
    below = text_width(part.inside, SMALL) + 22
    cells = picture.cells_of(part.result)
    return max(min(width, 300.0), below, cells.width) + STACK, HEAD + cells.height + 7 + STACK


def title_room(part: Part) -> float:
    """The room for a frame's name and its control."""
    return text_width(part.title, SMALL) * 1.1 + CLOSE + 24


def box(picture: Drawn, part: Part, texts: Mapping[str, str], lit: Mapping[str, str], cells: str) -> str:
    """A folded part; its cells with the numbers are drawn by the picture."""
    place = picture.layout.nodes[box_id(part.number)]
    w, h = place.width - STACK, place.height - STACK
    x, y = place.left, place.top
    result, known = picture.graph.nodes[part.result], texts.get(f"p{part.result}")
    state, value = ("", f" = {number(result.value)}") if known else (" bl-waiting", "")
    label = fit(part.title, 16.5, w - 18)
    behind = [outline("operation", x, STACK - x, w, h) for x in (STACK, STACK / 2)]
    sheets = "".join(f'<path class="bl-sheet-behind" d="{path}"/>' for path in behind)
    about = part.told(f"{result.label}{value}")
    return (
        f'<g class="bl-node bl-box{state}{lit.get(box_id(part.number), "")}" data-group="{part.number}" '
        f'data-result="{part.result}" transform="translate({x:.1f} {y:.1f})">'
        f"<title>{html.escape(about)}</title>{sheets}"
        f'<path class="bl-shape" d="{outline("operation", 0, STACK, w, h)}"/>'
        f'{fill(part.number, w, h, STACK, texts)}<text class="bl-head" x="{w / 2:.1f}" y="{STACK + 20:.0f}">'
        f'<tspan class="bl-name">{html.escape(label)}</tspan></text>'
        f'<text class="bl-inside" x="10" y="{STACK + 38:.0f}">{part.inside}</text>'
        f"{cells}</g>"
    )


def share_of(done: str) -> float:
    """How much of its steps a part has done, of what is said of it: `12 of 40 steps`."""
    words = done.split(" ")
    return float(words[0]) / float(words[2]) if done else 0.0


def fill(part: int, w: float, h: float, top: float, texts: Mapping[str, str]) -> str:
    """How far the steps inside a folded part are, as a fill from the left."""
    share = share_of(texts.get(f"d{part}", ""))
    return (
        f'<rect class="bl-done" data-done="d{part}" data-room="{w - 3:.1f}" x="1.5" y="{top + 1.5:.1f}" '
        f'width="{share * (w - 3):.1f}" height="{h - 3:.1f}" rx="3"/>'
    )


def frame(picture: Drawn, part: Part) -> str:
    """The frame of an open part."""
    place = picture.layout.frames[frame_id(part.number)]
    size = f'width="{place.width:.1f}" height="{place.height:.1f}"'
    return f'<rect class="bl-frame-line" x="{place.left:.1f}" y="{place.top:.1f}" {size} rx="10"/>'


def frame_title(picture: Drawn, part: Part) -> str:
    """An open part's name on its frame, above the lines that cross it, and what closes the part."""
    place = picture.layout.frames[frame_id(part.number)]
    x, y, w = place.left, place.top, place.width
    label = fit(part.title, SMALL * 1.1, w - CLOSE - 22)
    left = 11 + text_width(label, SMALL * 1.1) + 14
    lines = list(titles(picture.graph, (p for p in part.parts if isinstance(p, int)), w - CLOSE - 16 - left))
    written, room = [], left - 18
    for line, code in lines if len(lines) <= MOST_CODE else ():
        written.append(
            f'<text class="bl-statement-code" data-line="{line}" x="{left:.1f}" y="17">{html.escape(code)}</text>'
        )
        left += (len(code) + 2) * LETTER
        room = left - 7 - LETTER
    half, dash, across = CLOSE / 2, CLOSE / 2 - 4, w - CLOSE / 2 - 5
    return (
        f'<g class="bl-frame" data-frame="{part.number}" transform="translate({x:.1f} {y:.1f})">'
        f"<title>{html.escape(part.label)}: {part.size} nodes, open</title>"
        f'<rect class="bl-frame-room" x="7" y="4" width="{room:.1f}" height="18" rx="4"/>'
        f'<text class="bl-frame-title" x="11" y="17">{html.escape(label)}</text>{"".join(written)}'
        f'<g class="bl-close" data-close="{part.number}" transform="translate({across:.1f} {half + 4:.1f})">'
        f"<title>close {html.escape(part.label)}</title>"
        f'<rect class="bl-close-box" x="-{half:g}" y="-{half:g}" width="{CLOSE:g}" height="{CLOSE:g}" rx="5"/>'
        f'<path class="bl-close-sign" d="M-{dash:g} 0h{2 * dash:g}"/></g></g>'
    )


def line(picture: Drawn, wire: Wire, lit: Mapping[str, str]) -> str:
    """Edges that are one line, because a folded part is at one end."""
    ends = " to ".join(picture.name_of(end) for end in (wire.source, wire.target))
    curve = picture.layout.edges[wire.key]
    heads = arrow("bl-tip", curve.points[-2:], curve.tip) + back_arrow(curve)
    return (
        f'<g class="bl-edge bl-many{lit.get(wire.key, "")}" data-wire="{wire.key}">'
        f"<title>{count_text(wire) or 'an edge'} from {html.escape(ends)}</title>"
        f'<path class="bl-wire" d="{way(curve)}"/>{heads}</g>'
    )
