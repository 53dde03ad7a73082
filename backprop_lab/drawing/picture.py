"""The picture of a graph as SVG, drawn by us on Graphviz's positions.

    Picture(graph).svg()                     the finished picture: primals, adjoints, local partials
    Picture(graph).svg(texts, classes)       with other numbers in the cells, and parts of it lit

Every number is one `<text data-key=…>`: `p3` is the primal of node 3, `a3` its adjoint (or tangent), `w5_0` the local
partial on the edge from operand 0 of node 5. A player only fills texts and switches classes; nothing is laid out twice.
Shape tells what a node is: a pill is an input, cut corners with a dashed rim a constant, a rectangle an operation; an
output has a double rim.
"""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, Protocol

import numpy as np

from ..errors import DrawingError
from ..formulas import partial_formula, partial_label
from ..graph import Graph, Node
from ..notation import number
from ..values import shape_of
from .corners import CORNER, joined, kind_of
from .dot import dot, edge_id, node_id
from .heat import Map, heat_map, text_of_array
from .layout import Curve, Layout, layout
from .squares import TOP, Room, added_height, place, rooms

__all__ = [
    "MARGIN", "MOST_NODES", "Picture", "as_image", "cell", "document", "opening", "paper", "style", "text_width",
]  # fmt: skip

MOST_NODES = 300  # more boxes than a screen can show and a person can read
HEIGHT, HEAD, PAD = 82.0, 28.0, 9.0
MARGIN = 14.0
NO_MAPS: Mapping[str, Map] = {}


def cell(x: Any) -> str:
    """A number as written in a node's cell: five significant digits; of a larger array the shape."""
    return text_of_array(x) if isinstance(x, np.ndarray) else number(x, 5)


@lru_cache(maxsize=1)
def style() -> str:
    """The style sheet of the picture."""
    return (files(__package__) / "picture.css").read_text("utf-8")


def as_image(svg: str, about: str) -> str:
    """A drawing as HTML that stays where scripts and styles are removed, and is never wider than the page."""
    image = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    about = html.escape(about, quote=True)
    return f'<img alt="{about}" src="data:image/svg+xml;base64,{image}" style="max-width: 100%">'


def is_long(text: str) -> bool:
    """Whether a number is set smaller, so that a pending sum does not widen its node; player.js has the same rule."""
    return len(text) > 9


NARROW, WIDE = "iljtfIr.,:;'|!()[] ·", "mwMW@%—∞"


def text_width(text: str, size: float) -> float:
    """About how wide a text is, in pixels: a little more than most sans serif fonts need."""
    ems = sum(0.0 if 0x300 <= ord(c) < 0x370 else 0.38 if c in NARROW else 0.98 if c in WIDE else 0.66 for c in text)
    return ems * size


def fit(text: str, size: float, width: float) -> str:
    """The text, cut with an ellipsis where it would be too wide."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


class Picture:
    """A graph's drawing.

    Parameters
    ----------
    graph : what to draw
    second : caption of the right cell, "adjoint" or "tangent"; None draws primals only
    room : the widest texts that will stand in each node's cells, by key; None makes room for the final numbers
    maps : all heat maps that will stand in each cell, by key; None makes room for those of the final numbers if `room`
        is None too

    Raises
    ------
    DrawingError : more than `MOST_NODES` nodes, or no Graphviz
    """

    def __init__(
        self,
        graph: Graph,
        second: str | None = "adjoint",
        room: Mapping[str, str] | None = None,
        maps: Mapping[str, list[Map]] | None = None,
    ) -> None:
        if len(graph) > MOST_NODES:
            raise DrawingError(
                f"this graph has {len(graph)} nodes, and a picture shows at most {MOST_NODES}; "
                "print(graph) lists them; or trace a smaller case: fewer turns of the loop, or one helper alone"
            )
        self.graph, self.second = graph, second
        self._room = dict(room) if room is not None else self._final
        if maps is None:
            maps = {} if room is not None else {key: [own] for key, own in self._final_maps.items()}
        self._maps = rooms(maps, 13.5 * 0.66)

    @cached_property
    def _final(self) -> dict[str, str]:
        return final_texts(self.graph)

    @cached_property
    def _final_maps(self) -> dict[str, Map]:
        found = {key: heat_map(x) for key, x in final_numbers(self.graph).items() if self.second or key[0] == "p"}
        return {key: own for key, own in found.items() if own is not None}

    @cached_property
    def sizes(self) -> dict[int, tuple[float, float]]:
        """Width and height of each node."""
        return {node.id: (self._width(node), HEIGHT + added_height(self._rooms(node))) for node in self.graph.nodes}

    def _rooms(self, node: Node) -> list[Room]:
        """The places of the node's heat maps."""
        return [self._maps[key] for key in (f"p{node.id}", f"a{node.id}") if key in self._maps]

    def _width(self, node: Node) -> float:
        name, rest = heading(node)
        head = text_width(name, 15) * 1.1 + text_width(rest, 15) + 2 * PAD + 6
        cells = 2 if self.second else 1
        numbers = max(self._number_width(f"{key}{node.id}") for key in "pa")
        maps = max((room.width for room in self._rooms(node)), default=0.0)
        least = cells * (maps + 6) + 2 * PAD
        return max(min(max(head, cells * (max(numbers, 46.0) + 10) + 2 * PAD), 300.0), least)

    def _number_width(self, key: str) -> float:
        text = self._room.get(key, "")
        return text_width(text, 13.5 if is_long(text) else 18) * (1.08 if key[0] == "a" else 1.0)

    @cached_property
    def labels(self) -> dict[tuple[int, int], str]:
        """The local partial of each edge as text."""
        return {(e.child.id, e.slot): partial_label(e.child, e.slot) for e in self.graph.edges}

    @cached_property
    def dot(self) -> str:
        """What Graphviz is given."""
        widths = {key: text_width(text, 13) + 14 for key, text in self.labels.items()}
        return dot(self.graph, self.sizes, widths)

    @cached_property
    def layout(self) -> Layout:
        placed = layout(self.dot)
        edges = dict(placed.edges)
        for e in self.graph.edges:
            key = edge_id(e.child.id, e.slot)
            edges[key] = joined(edges[key], placed.nodes[node_id(e.parent.id)], kind_of(e.parent))
        return replace(placed, edges=edges)

    @property
    def width(self) -> float:
        return self.layout.width + 2 * MARGIN

    @property
    def height(self) -> float:
        return self.layout.height + 2 * MARGIN

    def svg(
        self,
        texts: Mapping[str, str] | None = None,
        classes: Mapping[str, Iterable[str]] | None = None,
        embed: bool = True,
        maps: Mapping[str, Map] | None = None,
    ) -> str:
        """The picture.

        Parameters
        ----------
        texts : what stands in the cells, by key; None shows the finished picture
        classes : further classes for "n3", "e5_0" or "svg": how a step lights its node and edge
        embed : carry the style sheet along, for use as an image of its own
        maps : the heat maps in the cells, by key; None shows the final ones if `texts` is None
        """
        if maps is None:
            maps = self._final_maps if texts is None else {}
        return document(self, self._final if texts is None else texts, classes or {}, embed, maps)

    def group(
        self,
        x: float,
        y: float,
        texts: Mapping[str, str],
        classes: Mapping[str, Iterable[str]],
        maps: Mapping[str, Map] = NO_MAPS,
    ) -> str:
        """The drawing alone, as an SVG group with its top left corner at (x, y)."""
        lit = {k: " ".join(["", *v]) for k, v in classes.items()}
        parts = [f'<g transform="translate({x:.0f} {y:.0f})">']
        parts += [self._edge(e.child, e.slot, texts, lit) for e in self.graph.edges]
        parts += [self._node(node, texts, lit, maps) for node in self.graph.nodes]
        return "".join([*parts, "</g>"])

    def describe(self, texts: Mapping[str, str] | None = None) -> str:
        """One sentence for people who do not see the picture; of the finished one if `texts` is None."""
        texts = self._final if texts is None else texts
        g = self.graph
        values = ", ".join(f"{n.label} = {number(n.value)}" for n in (*g.inputs, *g.outputs)[:8])
        known = [f"{self.second} of {n.label} {texts[f'a{n.id}']}" for n in g.inputs[:8] if texts.get(f"a{n.id}")]
        return "; ".join([f"Computational graph of {len(g)} nodes: {values}", *known])

    def _node(
        self, node: Node, texts: Mapping[str, str], lit: Mapping[str, str], maps: Mapping[str, Map] = NO_MAPS
    ) -> str:
        box = self.layout.nodes[node_id(node.id)]
        w, h = box.width, box.height
        kind = kind_of(node)
        is_output = node.id in self.graph.output_ids
        state = (" bl-output" if is_output else "") + ("" if texts.get(f"p{node.id}") else " bl-waiting")
        name, rest = heading(node)
        most = w - 2 * PAD
        name = fit(name, 16.5, most)
        rest = fit(rest, 15, max(most - text_width(name, 16.5), 0)) if rest else ""
        x, y = box.x - w / 2, box.y - h / 2
        title = name_and_meaning(node)
        parts = [
            f'<g class="bl-node bl-{kind}{state}{lit.get(node_id(node.id), "")}" data-node="{node.id}" '
            f'transform="translate({x:.1f} {y:.1f})"><title>{html.escape(title)}</title>',
            f'<path class="bl-rim" d="{outline(kind, -4.5, -4.5, w + 9, h + 9)}"/>' if is_output else "",
            f'<path class="bl-shape" d="{outline(kind, 0, 0, w, h)}"/>',
            f'<text class="bl-head" x="{w / 2:.1f}" y="20"><tspan class="bl-name">{html.escape(name)}</tspan>'
            f'<tspan class="bl-is">{html.escape(rest)}</tspan></text>',
        ]
        parts.append(self._mark(node, w))
        cells = [("p", "primal")] + ([("a", self.second)] if self.second else [])
        each = (w - 2 * PAD - 4 * (len(cells) - 1)) / len(cells)
        for k, (key, caption) in enumerate(cells):
            left = PAD + k * (each + 4)
            middle = left + each / 2
            shown = texts.get(f"{key}{node.id}", "")
            css = f"bl-num bl-num-{key}" + (" bl-long" if is_long(shown) else "")
            parts += [
                f'<rect class="bl-cell-{key}" x="{left:.1f}" y="{HEAD:.0f}" '
                f'width="{each:.1f}" height="{h - HEAD - 7:.0f}" rx="6"/>',
                f'<text class="bl-caption" x="{middle:.1f}" y="{HEAD + 13:.0f}">{caption}</text>',
                f'<text class="{css}" data-key="{key}{node.id}" x="{middle:.1f}" y="{HEAD + 36:.0f}">'
                f"{html.escape(shown)}</text>",
            ]
            parts += [
                place(at, self._maps[at], middle, HEAD + TOP, maps.get(at))
                for at in (f"{key}{node.id}",)
                if at in self._maps
            ]
        return "".join([*parts, "</g>"])

    def _mark(self, node: Node, width: float) -> str:
        """A warning sign at the corner of a node whose number is not what the formula means, with the reason."""
        note = self.graph.notes.get(node.id)
        if note is None:
            return ""
        x = width - 4
        return (
            f'<g class="bl-mark bl-mark-{note.kind}"><title>{html.escape(note.sentence)}</title>'
            f'<path d="M{x:.1f} -11l12 21h-24z"/><text x="{x:.1f}" y="7">!</text></g>'
        )

    def _edge(self, child: Node, slot: int, texts: Mapping[str, str], lit: Mapping[str, str]) -> str:
        key = edge_id(child.id, slot)
        curve = self.layout.edges[key]
        shown = texts.get(f"w{child.id}_{slot}", "")
        unknown = "" if shown else " bl-unknown"
        return (
            f'<g class="bl-edge{unknown}{lit.get(key, "")}" data-edge="{child.id}_{slot}">'
            f"<title>local partial {html.escape(partial_formula(child, slot))}</title>"
            f'<path class="bl-wire" d="{wire(curve)}"/>{arrow("bl-tip", curve.points[-2:], curve.tip)}'
            f"{back_arrow(curve)}{self._label(child, slot, curve, shown)}</g>"
        )

    def _label(self, child: Node, slot: int, curve: Curve, shown: str) -> str:
        """The local partial in its pill."""
        room = text_width(self.labels[child.id, slot], 13) + 12
        x, y = curve.label or near_tip(curve, room / 2 + 14)
        return (
            f'<rect class="bl-pill" x="{x - room / 2:.1f}" y="{y - 10:.1f}" width="{room:.1f}" height="20" rx="10"/>'
            f'<text class="bl-num-w" data-key="w{child.id}_{slot}" x="{x:.1f}" y="{y + 4.6:.1f}">'
            f"{html.escape(shown)}</text>"
        )


class Drawing(Protocol):
    """What can be put on paper: one graph's picture, or two side by side."""

    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...
    def describe(self, texts: Mapping[str, str]) -> str: ...
    def group(
        self,
        x: float,
        y: float,
        texts: Mapping[str, str],
        classes: Mapping[str, Iterable[str]],
        maps: Mapping[str, Map] = NO_MAPS,
    ) -> str: ...


def document(
    drawing: Drawing,
    texts: Mapping[str, str],
    classes: Mapping[str, Iterable[str]],
    embed: bool,
    maps: Mapping[str, Map] = NO_MAPS,
) -> str:
    """A drawing as an SVG of its own, with its style sheet if `embed`."""
    lit = " ".join(["", *classes.get("svg", ())])
    return "".join([
        opening(drawing.width, drawing.height, drawing.describe(texts), lit),
        f"<style>{style()}</style>" if embed else "",
        paper(drawing.width, drawing.height),
        drawing.group(MARGIN, MARGIN, texts, classes, maps),
        "</svg>",
    ])  # fmt: skip


def opening(width: float, height: float, about: str, lit: str = "") -> str:
    """The start of an SVG of ours: its size and its title."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bl-svg{lit}" role="img" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}">'
        f"<title>{html.escape(about)}</title>"
    )


def paper(width: float, height: float) -> str:
    """The background."""
    return f'<rect class="bl-paper" width="{width:.0f}" height="{height:.0f}" rx="8"/>'


def heading(node: Node) -> tuple[str, str]:
    """The node's title: its name, and what it is."""
    if node.primitive is None:
        return node.label, f" {node.op}"
    formula = node.formula
    symbol = node.primitive.symbol
    return node.label, f" = {formula}" if text_width(formula, 15) <= 150 else f" {symbol}"


def name_and_meaning(node: Node) -> str:
    """The node in words, for the pop-up that a browser shows."""
    where = f", line {node.line}" if node.line else ""
    return f"{node.label}: {node.formula}{where}"


def final_numbers(graph: Graph) -> dict[str, Any]:
    """What stands in the cells of the finished picture: primals, and adjoints of an output that is one number."""
    from ..sweeps import adjoint_sweep

    found: dict[str, Any] = {f"p{n.id}": n.value for n in graph.nodes}
    if len(graph.output_ids) == 1 and not shape_of(graph.outputs[0].value):
        found |= {f"a{id}": bar for id, bar in enumerate(adjoint_sweep(graph).numbers) if bar is not None}
    return found


def final_texts(graph: Graph) -> dict[str, str]:
    """All texts of the finished picture: its numbers and the local partials."""
    texts = {key: cell(x) for key, x in final_numbers(graph).items()}
    return texts | {f"w{e.child.id}_{e.slot}": partial_label(e.child, e.slot) for e in graph.edges}


def outline(kind: str, x: float, y: float, w: float, h: float) -> str:
    """The path of a node's shape in a box: pill, cut corners or rectangle."""
    r = CORNER[kind]
    if kind == "constant":
        across, down = w - 2 * r, h - 2 * r
        return f"M{x + r:.1f} {y:.1f}h{across:.1f}l{r} {r}v{down:.1f}l-{r} {r}h-{across:.1f}l-{r} -{r}v-{down:.1f}z"
    return (
        f"M{x + r:.1f} {y:.1f}h{w - 2 * r:.1f}a{r} {r} 0 0 1 {r} {r}v{h - 2 * r:.1f}a{r} {r} 0 0 1 -{r} {r}"
        f"h-{w - 2 * r:.1f}a{r} {r} 0 0 1 -{r} -{r}v-{h - 2 * r:.1f}a{r} {r} 0 0 1 {r} -{r}z"
    )


def wire(curve: Curve) -> str:
    """The path of an edge's Bézier curve."""
    (x, y), *rest = curve.points
    # on to the tip, so that the line meets the node also when the arrow head is at the other end
    return (
        f"M{x:.1f} {y:.1f}C" + " ".join(f"{a:.1f},{b:.1f}" for a, b in rest) + f"L{curve.tip[0]:.1f},{curve.tip[1]:.1f}"
    )


def near_tip(curve: Curve, distance: float) -> tuple[float, float]:
    """A point so far before the tip of an edge: where a label goes that Graphviz gave no place."""
    (x0, y0), (x1, y1) = curve.points[-4], curve.tip
    size = math.hypot(x1 - x0, y1 - y0) or 1.0
    back = min(distance, size / 2)
    return x1 - (x1 - x0) * back / size, y1 - (y1 - y0) * back / size


def arrow(
    css: str, last: Iterable[tuple[float, float]], tip: tuple[float, float], long: float = 11.0, wide: float = 4.6
) -> str:
    """An arrow head whose point is at `tip`, coming from the direction of the points."""
    (x0, y0), (x1, y1) = last
    ax, ay = (tip[0] - x1, tip[1] - y1) if math.hypot(tip[0] - x1, tip[1] - y1) > 1 else (x1 - x0, y1 - y0)
    size = math.hypot(ax, ay) or 1.0
    ux, uy = ax / size, ay / size
    bx, by = tip[0] - ux * long, tip[1] - uy * long
    points = (
        f"{tip[0]:.1f},{tip[1]:.1f} {bx - uy * wide:.1f},{by + ux * wide:.1f} {bx + uy * wide:.1f},{by - ux * wide:.1f}"
    )
    return f'<polygon class="{css}" points="{points}"/>'


def back_arrow(curve: Curve) -> str:
    """The arrow head at the operand's end, shown while an adjoint flows against the edge."""
    (x0, y0), (x1, y1) = curve.points[:2]
    return arrow("bl-back", ((x1, y1), (x0, y0)), (x0, y0), 13.0, 6.0)
