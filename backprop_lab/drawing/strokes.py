"""The strokes of the picture: shapes of nodes, lines of edges with their arrows, and how wide letters are.

Nodes are boxes with their corners taken off, and Graphviz ends edges at the box: `joined` draws an edge on to the shape
itself, so that nothing begins in an empty corner.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from ..graph.graph import Node
from .layout import Box, Curve, Point

# How much a round corner takes off. picture.css has the rims.
CORNER = {"input": 24.0, "constant": 6.0, "operation": 5.0}
STEP = 0.5
NARROW, WIDE = "iljtfIr.,:;'|!()[] \u202f·", "mwMW@%—∞"


def text_width(text: str, size: float) -> float:
    """About how wide a text is, in pixels: a little more than most sans serif fonts need."""
    return _ems(text) * size


@lru_cache(maxsize=16384)
def _ems(text: str) -> float:
    ems = (0.0 if 0x300 <= ord(c) < 0x370 else 0.38 if c in NARROW else 0.98 if c in WIDE else 0.66 for c in text)
    return math.fsum(ems)  # exact, where `sum` is rounded otherwise from Python 3.12 on


def fit(text: str, size: float, width: float) -> str:
    """The text, cut with an ellipsis where it would be too wide."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def kind_of(node: Node) -> str:
    """What a node's shape says: "input", "constant" or "operation"."""
    return node.op if node.op in ("input", "constant") else "operation"


def covers(box: Box, kind: str, x: float, y: float) -> bool:
    """Whether the shape of a node covers a point."""
    size = CORNER[kind]
    across, down = abs(x - box.x) - box.width / 2, abs(y - box.y) - box.height / 2  # negative inside the box
    if across > 0 or down > 0:
        return False
    if across < -size or down < -size:
        return True
    return math.hypot(across + size, down + size) <= size


def joined(curve: Curve, box: Box, kind: str) -> Curve:
    """The curve, begun at the shape of its tail's node: on in its own direction, backwards."""
    (x, y), (then_x, then_y) = curve.points[:2]
    size = math.hypot(x - then_x, y - then_y)
    if not size:
        return curve
    right, down = (x - then_x) / size * STEP, (y - then_y) / size * STEP
    for k in range(int(2 * CORNER[kind] / STEP)):
        if covers(box, kind, x + k * right, y + k * down):
            return replace(curve, points=((x + k * right, y + k * down), *curve.points[1:]))
    return curve


def outline(kind: str, x: float, y: float, w: float, h: float) -> str:
    """The path of a node's shape in a box: pill or rectangle."""
    return rounded(x, y, w, h, CORNER[kind])


def rounded(x: float, y: float, w: float, h: float, r: float) -> str:
    """The path of a rectangle with round corners of this radius."""
    return (
        f"M{x + r:.1f} {y:.1f}h{w - 2 * r:.1f}a{r} {r} 0 0 1 {r} {r}v{h - 2 * r:.1f}a{r} {r} 0 0 1 -{r} {r}"
        f"h-{w - 2 * r:.1f}a{r} {r} 0 0 1 -{r} -{r}v-{h - 2 * r:.1f}a{r} {r} 0 0 1 {r} -{r}z"
    )


def way(curve: Curve) -> str:
    """The path of an edge's Bézier curve."""
    (x, y), *rest = curve.points
    bends = " ".join(f"{a:.1f},{b:.1f}" for a, b in rest)
    # on to the tip, so that the line meets the node also when the arrow head is at the other end
    return f"M{x:.1f} {y:.1f}C{bends}L{curve.tip[0]:.1f},{curve.tip[1]:.1f}"


def on_the_way(curve: Curve, x: float) -> Point:
    """The point of an edge at `x`, or its nearest end: where its label stands upon it."""
    best, found = math.inf, curve.points[0]
    for (x0, y0), (x1, y1), (x2, y2), (x3, y3) in pieces(curve):
        if min(x0, x1, x2, x3) - x >= best or x - max(x0, x1, x2, x3) >= best:
            continue  # a curve stays between its control points
        for a, b, c, d in PIECES:
            away = abs(a * x0 + b * x1 + c * x2 + d * x3 - x)
            if away < best:
                best, found = away, (a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3)
    return found


def pieces(curve: Curve) -> list[tuple[Point, ...]]:
    """The control points of the cubic curves of which an edge is made, four each."""
    return [curve.points[k : k + 4] for k in range(0, len(curve.points) - 1, 3)]


def sampled(curve: Curve) -> list[Point]:
    """Points along an edge."""
    return [point for ends in pieces(curve) for point in bezier(ends)]


PIECES = [((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3) for t in (k / 24 for k in range(25))]


def bezier(ends: Sequence[Point]) -> Iterator[Point]:
    """Points of a cubic curve from its four control points."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = ends
    for a, b, c, d in PIECES:
        yield a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3


def near_tip(curve: Curve, distance: float) -> Point:
    """A point so far before the tip of an edge: where a label goes that Graphviz gave no place."""
    start = curve.points[-4]
    return toward(curve.tip, start, min(distance, math.dist(start, curve.tip) / 2))


def toward(start: Point, end: Point, distance: float) -> Point:
    """The point so far from one point on the way to another."""
    share = distance / (math.dist(start, end) or 1.0)
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def straight(start: Point, end: Point) -> list[Point]:
    """A straight piece as a cubic curve, without its start."""
    return [*(toward(start, end, share * math.dist(start, end)) for share in (1 / 3, 2 / 3)), end]


def arrow(css: str, last: Iterable[Point], tip: Point, long: float = 11.0, wide: float = 4.6) -> str:
    """An arrow head whose point is at `tip`, coming from the direction of the points."""
    (x0, y0), (x1, y1) = last
    ax, ay = (tip[0] - x1, tip[1] - y1) if math.hypot(tip[0] - x1, tip[1] - y1) > 1 else (x1 - x0, y1 - y0)
    size = math.hypot(ax, ay) or 1.0
    ux, uy = ax / size, ay / size
    bx, by = tip[0] - ux * long, tip[1] - uy * long
    corners = (tip, (bx - uy * wide, by + ux * wide), (bx + uy * wide, by - ux * wide))
    return f'<polygon class="{css}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in corners)}"/>'


def back_arrow(curve: Curve) -> str:
    """The arrow head at the operand's end, shown while an adjoint flows against the edge."""
    (x0, y0), (x1, y1) = curve.points[:2]
    return arrow("bl-back", ((x1, y1), (x0, y0)), (x0, y0), 13.0, 6.0)
