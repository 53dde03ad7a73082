"""A surface with runs on it as a picture: what a notebook shows where no script runs.

    still(Scene(names=("x", "y"), span=…, grid=…, trails=[…]))        an SVG of its own

Heights are bands of one colour, the bluer the higher; where there is no value, it is hatched. The page draws the same
with lines of equal height (`widgets/playground/`); here an image of ten colours is the smaller.
"""

from __future__ import annotations

import base64
import html
import math
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..text.notation import number

WIDE, HIGH, TYPE = 640, 470, 13
LEFT, TOP, RIGHT, BOTTOM = 56.0, 12.0, 628.0, 424.0  # the frame
BANDS = 10
HEIGHT = (0x2F, 0x66, 0xD8)  # as --bl-height
SPACE = 14  # below the axis
DASHES = ("", "7 4", "2 4", "10 3 2 3", "12 5", "4 2 1 2")
LIGHT = """
.bl-descent { --bl-ink: #14181f; --bl-soft: #525c69; --bl-line: #7b8593; --bl-value: #1a4fc4; --bl-paper: #ffffff; }
.bl-descent text { font: 13px "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
"""
Point = tuple[float, float]


class Trail(NamedTuple):
    """A run: its points, what it is called, and its colour and dash."""

    points: Sequence[Point]
    name: str
    style: int


class Scene(NamedTuple):
    """What is drawn: the axes, what they show, the heights on a grid over it (of one parameter a curve), and runs."""

    names: tuple[str, str]
    span: Sequence[Point]
    grid: np.ndarray
    trails: Sequence[Trail]
    about: str


@lru_cache(maxsize=1)
def style() -> str:
    """The rules of the drawing, for a page and for its still."""
    return (files(__package__) / "relief.css").read_text("utf-8")


def still(scene: Scene) -> str:
    """The picture as an SVG of its own."""
    (x0, x1), (y0, y1) = scene.span
    across, up = (RIGHT - LEFT) / (x1 - x0), (BOTTOM - TOP) / (y1 - y0)

    def place(point: Point) -> Point:
        return LEFT + (point[0] - x0) * across, BOTTOM - (point[1] - y0) * up

    high = HIGH + SPACE + 22 * len(scene.trails)
    css = re.sub(r"/\*.*?\*/|\s*([{};])\s*", r"\1", style() + LIGHT, flags=re.DOTALL)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bl-descent" role="img" viewBox="0 0 {WIDE} {high}" '
        f'width="{WIDE}" height="{high}"><title>{html.escape(scene.about)}</title><style>{css}</style>'
        f'<defs><pattern id="h" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path class="bl-hatch" d="M0 0v8"/></pattern></defs>'
        f'<rect width="{WIDE}" height="{high}" rx="8" fill="#ffffff"/>',
        *(_bands(scene.grid) if scene.grid.ndim == 2 else _curve(scene, place)),
        *_axes(scene, place),
        f'<svg x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" height="{BOTTOM - TOP}" '
        f'viewBox="{LEFT} {TOP} {RIGHT - LEFT} {BOTTOM - TOP}">',
        *(_way(trail, place) for trail in scene.trails),
        "</svg>",
        *(_key(trail, HIGH + SPACE + 22 * k) for k, trail in enumerate(scene.trails)),
        "</svg>",
    ]
    return "".join(parts)


def levels(heights: np.ndarray) -> list[float]:
    """Heights that part the grid into shares of equal size."""
    finite = heights[np.isfinite(heights)]
    return sorted(set(map(float, np.quantile(finite, np.linspace(0, 1, BANDS + 1)[1:-1])))) if finite.size else []


def _bands(grid: np.ndarray) -> Iterator[str]:
    """The heights as an image with a colour for each band, and hatching where there is no value."""
    band = np.searchsorted(levels(grid), np.where(np.isfinite(grid), grid, -np.inf), side="right")
    shades = np.linspace(0, 0.42, BANDS)[:, None] * (np.array(HEIGHT) - 255) + 255
    image = base64.b64encode(_png(band[::-1].astype(np.uint8), shades.round().astype(np.uint8))).decode("ascii")
    box = f'x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" height="{BOTTOM - TOP}"'
    yield f'<image {box} preserveAspectRatio="none" href="data:image/png;base64,{image}"/>'
    rows, columns = grid.shape
    wide, high = (RIGHT - LEFT) / columns, (BOTTOM - TOP) / rows
    holes = []
    for j, row in enumerate(~np.isfinite(grid)):
        ends = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(int), [0]))))
        for a, b in zip(LEFT + ends[::2] * wide, LEFT + ends[1::2] * wide, strict=True):
            holes.append(f"M{a:.1f} {BOTTOM - (j + 1) * high:.1f}H{b:.1f}v{high:.1f}H{a:.1f}z")
    if holes:
        yield f'<path class="bl-hole" fill="url(#h)" d="{"".join(holes)}"/>'


def _png(places: np.ndarray, colours: np.ndarray) -> bytes:
    """An image in a few colours, by their places in a list of them (PNG specification, section 11)."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    rows, columns = places.shape
    lines = b"".join(b"\0" + line.tobytes() for line in places)
    head = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", colours.tobytes()), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, content) for kind, content in parts)


def _curve(scene: Scene, place: Callable[[Point], Point]) -> Iterator[str]:
    """A function of one parameter."""
    xs = np.linspace(*scene.span[0], len(scene.grid))
    points = [place((x, y)) if math.isfinite(y) else None for x, y in zip(map(float, xs), scene.grid, strict=True)]
    pieces = [f"M{_at(a)}L{_at(b)}" for a, b in pairwise(points) if a and b and max(abs(a[1]), abs(b[1])) < 10_000]
    clip = f'x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" height="{BOTTOM - TOP}"'
    box = f'viewBox="{LEFT} {TOP} {RIGHT - LEFT} {BOTTOM - TOP}"'
    yield f'<svg {clip} {box}><path class="bl-curve" d="{"".join(pieces)}"/></svg>'


def _axes(scene: Scene, place: Callable[[Point], Point]) -> Iterator[str]:
    yield (f'<rect class="bl-plot-frame" x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" height="{BOTTOM - TOP}"/>')
    for tick in ticks(*scene.span[0]):
        x, _ = place((tick, scene.span[1][0]))
        yield f'<path class="bl-tick" d="M{x:.1f} {BOTTOM}v5"/>'
        yield f'<text class="bl-tick-text bl-middle" x="{x:.1f}" y="{BOTTOM + 19}">{number(tick)}</text>'
    for tick in ticks(*scene.span[1]):
        _, y = place((scene.span[0][0], tick))
        yield f'<path class="bl-tick" d="M{LEFT} {y:.1f}h-5"/>'
        yield f'<text class="bl-tick-text bl-end" x="{LEFT - 8}" y="{y + 4.5:.1f}">{number(tick)}</text>'
    across, up = map(html.escape, scene.names)
    yield f'<text class="bl-axis-name bl-middle" x="{(LEFT + RIGHT) / 2}" y="{BOTTOM + 38}">{across}</text>'
    turned = f"translate(14 {(TOP + BOTTOM) / 2}) rotate(-90)"
    yield f'<text class="bl-axis-name bl-middle" transform="{turned}">{up}</text>'


def _way(trail: Trail, place: Callable[[Point], Point]) -> str:
    points = [place(p) for p in trail.points if all(math.isfinite(x) and abs(x) < 1e6 for x in p)]
    line = "L".join(map(_at, points))
    dash = f' stroke-dasharray="{DASHES[trail.style]}"' if DASHES[trail.style] else ""
    begin, end = points[0], points[-1]
    return (
        f'<g class="bl-run bl-run-{trail.style}"><path class="bl-way-halo" d="M{line}"/>'
        f'<path class="bl-way"{dash} d="M{line}"/>'
        f'<circle class="bl-ring" cx="{begin[0]:.1f}" cy="{begin[1]:.1f}" r="7"/>'
        f'<circle class="bl-way-here" cx="{end[0]:.1f}" cy="{end[1]:.1f}" r="5"/></g>'
    )


def _key(trail: Trail, y: float) -> str:
    dash = f' stroke-dasharray="{DASHES[trail.style]}"' if DASHES[trail.style] else ""
    return (
        f'<g class="bl-run bl-run-{trail.style}"><path class="bl-way"{dash} d="M{LEFT} {y}h44"/>'
        f'<text x="{LEFT + 54}" y="{y + 4.5}">{html.escape(trail.name)}</text></g>'
    )


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def ticks(low: float, high: float, many: int = 6) -> list[float]:
    """Round numbers between two, about so many."""
    size = (high - low) / many
    power = 10.0 ** math.floor(math.log10(size))
    step = power * next(k for k in (1, 2, 5, 10) if k >= size / power * 0.7)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]
