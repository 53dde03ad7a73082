"""Local partials on their edges: a pill with the number, letters beside it, or a slope for each entry of short vectors.

An elementwise operation multiplies each entry by its own slope, so its edge is as many lines as there are entries, at
the heights at which these stand in their nodes. `slopes_of` says which edges those may be; the layout, which have room.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ..graph.graph import Node
from ..text.notation import shorter
from .around import TALL, Pill
from .heat import FEW
from .layout import Box, Curve
from .squares import DOWN
from .strokes import arrow, back_arrow, straight, way
from .texts import pill_width, spans, written

LEVEL = 2.0  # how far up or down a level line may go
FACTOR = re.compile(r"(?<!\w)(\d+)(?=[^\W\d_])")  # the 2 of 1 / (2v4)


def slopes_of(child: Node, slot: int) -> tuple[str, ...]:
    """The slope of each entry, where the operation is one of short vectors, entry by entry; else nothing."""
    slope, parent = child.partials[slot], child.parents[slot].value
    if not (child.entry.elementwise and isinstance(slope, np.ndarray) and isinstance(parent, np.ndarray)):
        return ()
    entries = slope.shape == parent.shape == np.shape(child.value) and slope.ndim == 1 and 1 < slope.size <= FEW
    return tuple(shorter(v, 3) for v in slope) if entries and slope.dtype.kind == "f" else ()


def slopes_width(slopes: Sequence[str]) -> float | None:
    """How wide the pill with these slopes is; None without any."""
    return max(map(pill_width, slopes)) if slopes else None


def box_of(pill: Pill, slopes: Sequence[str]) -> Box:
    """The place of a pill: as high as the entries beside which its slopes stand."""
    return Box(pill.x, pill.y, pill.width, max(TALL, DOWN * len(slopes) + 2.0))


def lines(curve: Curve, slopes: Sequence[str]) -> str:
    """An edge with its arrows: a line for each slope, where it is level, the middle one first."""
    return "".join(_line(line, " bl-still" * still) for line, still in level_lines(curve, slopes))


def level_lines(curve: Curve, slopes: Sequence[str]) -> list[tuple[Curve, bool]]:
    """The lines of an edge, and whether each has the slope 0; one without slopes, or where the edge is not level."""
    x0, (x1, y0) = curve.points[0][0], curve.tip
    if not slopes or any(abs(y - y0) > LEVEL for _, y in curve.points):
        return [(curve, False)]
    ways = [(y0 + (k - (len(slopes) - 1) / 2) * DOWN, slope == "0") for k, slope in enumerate(slopes)]
    ways.sort(key=lambda way: abs(way[0] - y0))
    end = curve.points[-1][0]
    return [(Curve(((x0, y), *straight((x0, y), (end, y))), (x1, y), None), still) for y, still in ways]


def _line(curve: Curve, css: str) -> str:
    tip = arrow("bl-tip", curve.points[-2:], curve.tip)
    return f'<path class="bl-wire{css}" d="{way(curve)}"/>{tip}{back_arrow(curve)}'


def drawn(key: str, shown: str, lit: str, pill: Pill, slopes: Sequence[str], letters: str) -> str:
    """A local partial in its pill: the text with this key, or each entry's slope. An unknown one is empty."""
    place = box_of(pill, slopes)
    ground = (
        f'<rect class="bl-pill{lit}" x="{place.left:.1f}" y="{place.top:.1f}" width="{place.width:.1f}" '
        f'height="{place.height:g}" rx="12"/>'
    )
    text = f'data-key="{key}" x="{pill.x:.1f}" y="{pill.y + 5.4:.1f}">{written(shown)}</text>'
    if not slopes:
        return f'<g class="bl-partial">{ground}<text class="bl-num-w{lit}" {text}{letters}</g>'
    heights = [place.top + 6.4 + DOWN * (k + 0.5) for k in range(len(slopes))]
    rows = "".join(
        f'<text class="bl-slope{lit}" x="{pill.x:.1f}" y="{y:.1f}">{slope * bool(shown)}</text>'
        for y, slope in zip(heights, slopes, strict=True)
    )
    sign = f'<text class="bl-slope-sign" x="{pill.x:.1f}" y="{place.top - 4:.1f}">⊙</text>'
    whole = f'<text class="bl-num-w bl-whole{lit}" {text}'
    return f'<g class="bl-partial bl-slopes" data-slopes="{"|".join(slopes)}">{ground}{whole}{rows}{sign}</g>'


def letters_of(text: str, x: float, y: float) -> str:
    """What stands beside a local partial."""
    pieces = spans(*(("", piece) for piece in FACTOR.split(text)))  # the 3 of 2v3 is a subscript, as that of v3 is
    return f'<text class="bl-letters" x="{x:.1f}" y="{y + 5.4:.1f}">{pieces}</text>'
