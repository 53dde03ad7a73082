"""A film taken away: one step as a picture, all steps as pictures, an animation or a text.

    stills = Stills(film)
    stills.svg(14)        the picture after 14 steps with the step's formula and sentence above it, as SVG text
    stills.save("x.pdf")  a file; its ending says which kind

All pictures of one film have the same size, so nothing jumps when slides or frames follow each other. The SVG is the
one drawing: PNG, PDF and GIF are painted from it (`paint`). TikZ is written by `tikz` from the same layout and texts.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Literal

from ..drawing.document import MARGIN, opening, paper
from ..drawing.strokes import text_width
from ..drawing.texts import written
from ..errors import ArgumentError, SaveError
from ..files import write_whole
from ..film.film import Film
from ..film.race import Race
from ..graph.formulas import sentence
from . import flat as flattened

At = int | Literal["all"] | None
ENDINGS = {
    ".svg": "a step, for slides and web pages",
    ".png": "a step, in pixels",
    ".pdf": "a step, for print",
    ".gif": "the film as an animation",
    ".html": "the film as a page that steps",
    ".tex": "a step in TikZ",
    ".txt": "the film as text",
}
MOST_FRAMES = 250  # ten minutes of animation; nobody can look something up in a longer one
MOST_LOOKED_AT = 400  # captions of a film of many steps, which take a second for each thousand
NARROWEST = 560.0  # room for a sentence above a small graph
BIG, SMALL = 18.0, 14.0  # formula and sentence; picture.css has the same
PIXELS, FRAME = 40e6, 2e6  # the most pixels of a PNG and of a frame
NO_TIKZ = 'TikZ is written for one sweep at a time; save it with mode="forward", then with mode="reverse"'
SIDE = 65_000  # matplotlib's widest picture, in pixels


class Stills:
    """The pictures of a film; with a caption, the step's formula and sentence stand above the picture."""

    def __init__(self, film: Film | Race, caption: bool = True) -> None:
        self.film, self.caption = film, caption

    @cached_property
    def width(self) -> float:
        return max(self.film.picture.width, NARROWEST) if self.caption else self.film.picture.width

    @cached_property
    def height(self) -> float:
        return self.film.picture.height + self._above

    @cached_property
    def _above(self) -> float:
        """How much the caption takes: enough for the longest of the film, or of a long one's that are looked at."""
        if not self.caption:
            return 0.0
        last = len(self.film)
        return max(map(self._taken, range(0, last + 1, 1 + last // MOST_LOOKED_AT)))

    def _taken(self, at: int) -> float:
        """How much a step's caption takes."""
        first, second = self._lines(at)
        return MARGIN + len(first) * BIG * 1.5 + len(second) * SMALL * 1.5

    def _lines(self, at: int) -> tuple[list[str], list[str]]:
        """The caption's formula and sentence in lines that fit."""
        formula, said = self.film.words(at)
        room = self.width - 2 * MARGIN - 6
        return wrapped(formula, BIG, room - 110), wrapped(said, SMALL, room)

    def tree(self, at: int) -> flattened.Element:
        """The picture after `at` steps, as a tree of plain elements."""
        if self.caption:
            self._above = max(self._above, self._taken(at))
        picture, texts, classes = self.film.picture, self.film.texts(at), self.film.classes(at)
        lit = " ".join(["", *classes.get("svg", ())])
        about = f"Step {at} of {len(self.film)}. {picture.describe(texts)}"
        side = (self.width - picture.width) / 2 + MARGIN
        begin = opening(self.width, self.height, about, lit) + paper(self.width, self.height)
        drawn = picture.group(side, MARGIN + self._above, texts, classes, self.film.maps(at))
        return flattened.flat(f"{begin}{self._caption(at) if self.caption else ''}{drawn}</svg>")

    def _caption(self, at: int) -> str:
        formula, said = self._lines(at)
        left, y = MARGIN + 3, MARGIN + BIG
        right = self.width - left
        parts = [f'<text class="bl-say-count" x="{right:.0f}" y="{y:.0f}">step {at} of {len(self.film)}</text>']
        for kind, size, lines in (("formula", BIG, formula), ("sentence", SMALL, said)):
            for line in lines:
                parts.append(f'<text class="bl-say-{kind}" x="{left:.0f}" y="{y:.1f}">{written(line)}</text>')
                y += size * 1.5
        return "".join(parts)

    def svg(self, at: int) -> str:
        """The picture after `at` steps as SVG text that every program reads: no style sheet, no variables."""
        return flattened.text_of(self.tree(at)) + "\n"

    def png(self, at: int) -> bytes:
        """The picture after `at` steps in pixels, two for each unit of the SVG."""
        scale = min(2.0, math.sqrt(PIXELS / (self.width * self.height)), SIDE / self.width, SIDE / self.height)
        return painter(".png").png(self.tree(at), scale)

    def pdf(self, at: Sequence[int]) -> bytes:
        """A page for each of these steps."""
        return painter(".pdf").pdf(map(self.tree, at), repr(self.film.graph).strip("<>"))

    def gif(self, seconds: float) -> bytes:
        """The film: each step is shown for so many seconds."""
        if len(self.film) >= MOST_FRAMES:
            raise ArgumentError(
                f"this film has {len(self.film)} steps, too many to watch in a .gif (at most {MOST_FRAMES - 1}); "
                "save it as .html, where one can step, or one step of it as .png"
            )
        if not 0.02 <= seconds <= 200:
            raise ArgumentError(f"seconds={seconds!r} is how long a step is shown; give a number from 0.02 to 200")
        scale = min(1.5, math.sqrt(FRAME / (self.width * self.height)))
        if scale < 0.6:
            raise ArgumentError(
                f"this picture is {self.width:.0f} by {self.height:.0f} points large, and nobody could read it in a "
                ".gif; save it as .html, or trace a smaller case"
            )
        pictures = [self.tree(at) for at in range(len(self.film) + 1)]
        return painter(".gif").gif(pictures, scale, seconds)

    def save(self, path: str | Path, at: int, every: bool, page: Callable[[int], str], seconds: float) -> list[Path]:
        """Write the file or, for the pictures of every step, the files; their paths."""
        path = Path(path)
        steps = range(len(self.film) + 1) if every else [at]
        ending = path.suffix.lower()
        match ending:
            case ".svg" | ".png":
                make: Callable[[int], str | bytes] = self.svg if ending == ".svg" else self.png
                return [write_whole(numbered(path, k, len(self.film)) if every else path, make(k)) for k in steps]
            case ".pdf":
                content: str | bytes = self.pdf(steps)
            case ".gif":
                content = self.gif(seconds)
            case ".tex":
                from .tikz import tikz

                if isinstance(self.film, Race):
                    raise SaveError(NO_TIKZ)
                content = tikz(self.film, None if every else at, self.caption)
            case ".html":
                content = page(at)
            case _:
                content = text(self.film)
        return [write_whole(path, content)]


def wrapped(text: str, size: float, room: float) -> list[str]:
    """A text in lines of at most this width; a word that is wider has a line of its own."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and text_width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def numbered(path: Path, at: int, last: int) -> Path:
    """`slides.svg` → `slides-007.svg`, so that the files sort by step."""
    return path.with_name(f"{path.stem}-{at:0{max(3, len(str(last)))}d}{path.suffix}")


def text(film: Film | Race) -> str:
    """The run as plain text: the nodes with their numbers, then a formula and a sentence for each step."""
    places = len(str(len(film)))
    lines = [str(film.graph), "", f"{'0':>{places}}  {film.given()}"]
    for k, step in enumerate(film.steps, 1):
        math, said = film.words(k) if isinstance(film, Film) else (step.formula, sentence(step))
        lines += ["", f"{k:>{places}}  {math}", f"{'':{places}}  {said}"]
    return "\n".join(lines) + "\n"


def position(film: Film | Race, at: At, now: int, path: str | Path) -> tuple[int, bool]:
    """The step that is meant, and whether all are; what cannot be meant gets a sentence.

    `now` is where the player stands; some kinds of files hold the whole film anyway.
    """
    if not isinstance(path, str | Path):
        raise ArgumentError(f'the file must be a name, not {type(path).__name__} {path}; write save("slide.svg")')
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        kinds = ", ".join(f"{e} ({what})" for e, what in ENDINGS.items())
        raise SaveError(f"{Path(path).name or path} has no ending that says what to save; the endings are {kinds}")
    if at is None:
        return now, False
    if ending in (".gif", ".txt") or ending == ".html" and at == "all":
        if at == "all":
            return now, False
        raise ArgumentError(f"a {ending} holds the whole film, so at={at!r} has no place in it; leave at out")
    if at == "all":
        return now, True
    try:
        step = -1 if isinstance(at, bool) else operator.index(at)
    except TypeError:
        step = -1
    if not 0 <= step <= len(film):
        raise ArgumentError(f'at={at!r} is no step of this film; at is a number from 0 to {len(film)}, or "all"')
    return step, False


def painter(ending: str) -> ModuleType:
    """The module that paints; it needs matplotlib, which is loaded here and not before."""
    try:
        from . import paint
    except ImportError as error:
        raise SaveError(f"a {ending} needs matplotlib ({error}): pip install matplotlib; .svg needs nothing") from None
    return paint
