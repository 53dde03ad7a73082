"""The sparklines of a strip: what a long loop hands on, turn by turn, with its name and its numbers beside it.

Each value that the turns carry has a line, and below it one for its adjoint or tangent. Where the largest number is
more than a thousand times the smallest, a line goes by powers of ten and says so. What the steps have not reached is
covered.
`widgets/marks.js` draws the same when inputs move.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ...text.notation import shorter
from ..layout import Box, Point
from ..strokes import fit, text_width
from ..texts import SMALL
from .carried import Carried
from .forms import FOOT, numeric

STEEP = 1000.0  # a line whose largest number is so many times its smallest goes by powers of ten
HIGH, EVERY, ABOVE = 42.0, 54.0, 8.0  # of a line, from one to the next, above the first
BINS = 520  # of a line with more turns: each has its smallest and its largest number
NAMES, MOST_NAME = 30.0, 150.0  # of the column with the names
TICK = "−1.23e−99"  # the longest number beside a line
LOG = "log"  # stands below the name of a line by powers of ten


class Line(NamedTuple):
    """A sparkline: its place and points, what stands beside it, and how much of it the steps have not reached."""

    letter: str  # "p" or "a", as in the keys of its numbers
    left: float
    top: float
    points: tuple[Point, ...]
    name: str
    ends: tuple[str, str]  # its largest and its smallest number
    steep: bool  # whether it goes by powers of ten
    about: str  # from where to where it goes
    veil: tuple[float, float]  # left and width of what is not reached
    ids: tuple[int, ...]  # the nodes of its turns, also as `runs` writes them
    runs: str


def high(lines: int) -> float:
    """The height of a strip with so many lines."""
    return ABOVE + EVERY * lines + FOOT


def gutter(carried: Iterable[Carried]) -> float:
    """The room beside the lines for their names and numbers."""
    names = max(max(text_width(own.name, SMALL) * 1.06, text_width("adjoint", SMALL) * 1.1) for own in carried)
    return min(max(NAMES, names), MOST_NAME) + 10 + text_width(TICK, SMALL) + 6


def sparklines(
    carried: Sequence[Carried],
    place: Box,
    second: str | None,
    last: Mapping[str, str],
    texts: Mapping[str, str],
    kept: dict[Any, Any],
) -> Iterator[Line]:
    """The lines of a strip; `place` is where they run, `kept` has the numbers and the lines that were drawn before."""
    letters = "pa" if second else "p"
    for k, (own, letter) in enumerate((own, letter) for own in carried for letter in letters):
        if k not in kept:
            kept[k] = [numeric(last.get(f"{letter}{id}", "")) for id in own.ids]
        if (k, place.width) not in kept:
            kept[k, place.width] = _line(own, letter, second, kept[k], place.width)
        covered = place.width
        if texts:  # of an empty picture nothing has been reached
            held = [f"{letter}{id}" for id in own.ids if id >= 0]
            covered *= 1 - sum(bool(texts.get(key)) for key in held) / max(1, len(held))
        veil = place.left if letter == "a" and second == "adjoint" else place.right - covered
        known: Line = kept[k, place.width]
        yield known._replace(left=place.left, top=place.top + ABOVE + EVERY * k, veil=(veil, covered))


def _line(own: Carried, letter: str, second: str | None, numbers: Sequence[float], width: float) -> Line:
    """A line, wherever it stands."""
    points, steep = _points(numbers, width)
    finite = [x for x in numbers if math.isfinite(x)]
    ends = (shorter(max(finite), 3), shorter(min(finite), 3)) if finite else ("", "")
    if steep:
        sizes = sorted((abs(x), x) for x in finite if x)
        ends = shorter(sizes[-1][1], 3), shorter(sizes[0][1], 3)
    ends = (ends[0], "") if ends[0] == ends[1] else ends
    about = f" from {shorter(finite[0], 3)} to {shorter(finite[-1], 3)}" if finite else ", which is no number"
    about += ", by powers of ten" if steep else ""
    name = own.name if letter == "p" else _marked(own.name, second)
    return Line(letter, 0.0, 0.0, points, name, ends, steep, about, (0.0, 0.0), own.ids, runs(own.ids))


def _marked(name: str, second: str | None) -> str:
    """What the derivative's line is called: x with a bar or a dot; below a longer name only what it is."""
    mark = {"adjoint": "\u0304", "tangent": "\u0307"}.get(second or "", "")
    return f"{name}{mark}" if len(name) == 1 else second or ""


def _points(numbers: Sequence[float], width: float) -> tuple[tuple[Point, ...], bool]:
    """The points of a line, and whether it goes by powers of ten."""
    sizes = [abs(x) for x in numbers if x and math.isfinite(x)]
    steep = bool(sizes) and max(sizes) > STEEP * min(sizes)
    drawn = [(math.log10(abs(x)) if x else math.nan) if steep else x for x in numbers]
    shown = [y for y in drawn if math.isfinite(y)]
    if not shown:
        return (), False
    low, top = min(shown), max(shown)

    def at(k: int) -> Point:
        share = (drawn[k] - low) / (top - low) if top > low else 0.5
        return (k + 0.5) * width / len(numbers), HIGH - 2 - (HIGH - 4) * share

    chosen: list[int] = []
    size = -(-len(numbers) // BINS)
    for start in range(0, len(numbers), size):
        some = [k for k in range(start, min(start + size, len(numbers))) if math.isfinite(drawn[k])]
        chosen += sorted({min(some, key=drawn.__getitem__), max(some, key=drawn.__getitem__)}) if some else []
    return tuple(map(at, chosen)), steep


def beside(own: Line, room: float) -> Iterator[tuple[str, str, Point, bool]]:
    """What stands to the left of a line: what it is, the text, where, and whether it ends there."""
    wide, left = text_width(TICK, SMALL) + 10, own.left - room
    name = fit(own.name, SMALL * 1.06, room - wide - 6)
    yield "name", name, (left + 4, own.top + (HIGH / 2 + 5 if not own.steep else HIGH / 2 - 3)), False
    yield "log", LOG if own.steep else "", (left + 4, own.top + HIGH / 2 + 14), False
    one = not own.ends[1]
    yield "high", own.ends[0], (own.left - 6, own.top + (HIGH / 2 + 5 if one else 11)), True
    yield "low", own.ends[1], (own.left - 6, own.top + HIGH), True


def spark(own: Line, part: int, width: float, room: float) -> str:
    """A sparkline. What no turn has reached is covered: in an empty picture, for the page, all of it."""
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in own.points)
    said, (veil, covered) = html.escape(f"{own.name}{own.about}"), own.veil
    texts = "".join(
        f'<text class="bl-spark-{kind}{" bl-spark-end" if ends else ""}" x="{x:.1f}" y="{y:.1f}">'
        f"{html.escape(text)}</text>"
        for kind, text, (x, y), ends in beside(own, room)
    )
    return (
        f'<g class="bl-spark bl-spark-{own.letter}" data-spark="{part}" data-letter="{own.letter}" '
        f'data-ids="{own.runs}" data-room="{width:.1f}" data-left="{own.left:.1f}">'
        f"<title>{said}, turn by turn</title>"
        f'<path class="bl-spark-line" transform="translate({own.left:.1f} {own.top:.1f})" d="{path and "M"}{path}"/>'
        f'<rect class="bl-veil" x="{veil:.1f}" y="{own.top - 3:.1f}" width="{covered:.1f}" height="{HIGH + 6:.0f}"/>'
        f"{texts}</g>"
    )


def runs(ids: Sequence[int]) -> str:
    """Numbers as runs of equal steps, `first+step*count`: those of 20,000 turns are a few letters."""
    found: list[list[int]] = []
    for a, b in pairwise([*ids, ids[-1]]):
        step = b - a
        if found and found[-1][0] + found[-1][1] * found[-1][2] == a:
            found[-1][2] += 1
        else:
            found.append([a, step, 1])
    return " ".join(f"{first}+{step}*{count}" for first, step, count in found)
