"""The shapes of nodes are boxes with their corners taken off; Graphviz ends edges at the box.

`joined(curve, box, kind)` draws an edge on to the shape itself, so that nothing begins in an empty corner.
"""

from __future__ import annotations

import math
from dataclasses import replace

from ..graph.graph import Node
from .layout import Box, Curve

# How much a round corner takes off. picture.css has the rims.
CORNER = {"input": 24.0, "constant": 6.0, "operation": 5.0}
STEP = 0.5


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
