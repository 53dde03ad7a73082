"""Forward and reverse mode side by side on one graph: two films that run on one clock, with what each has cost.

Both have the values first. Then forward mode makes a sweep for every input while reverse mode makes its only one; the
one that is done first waits.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from ..drawing.document import MARGIN, NO_MAPS, Classes, Maps, Texts, document
from ..drawing.heat import Map
from ..drawing.picture import Picture
from ..drawing.texts import cell, roomy
from ..graph.graph import Graph
from ..graph.sweeps import Step
from .film import Film
from .large import LargeFilm, Widest, is_played
from .live import moved
from .mystery import MysteryFilm
from .pace import stops
from .told import theirs

TITLES = ("forward mode: a sweep for each input", "reverse mode: one sweep for all inputs")
HEAD, GAP = 30.0, 26.0


def film_of(graph: Graph, mode: str, *options: Any, mystery: str | None = None, **named: Any) -> Film | Race:
    """The film of a mode, with the further arguments of `Film`; "both" is a race, a text makes a mystery.

    Raises
    ------
    DrawingError : such a film of so large a graph would take too long
    """
    if is_played(graph, mode, named.get("fold", True), mystery is not None):
        if mode == "both":
            return Race(graph, *options, kind=LargeFilm, **named)
        return LargeFilm(graph, mode, *options, **named)
    if mystery is not None:
        graph = graph if graph.theirs is None else graph.alone()  # a broken sweep beside another one tells nothing
        return MysteryFilm(graph, mystery, mode, *options, **named)
    return Race(graph, *options, **named) if mode == "both" else Film(graph, mode, *options, **named)


def is_large(film: Film | Race) -> bool:
    """Whether a page makes the film's steps."""
    return isinstance(film.films[1] if isinstance(film, Race) else film, LargeFilm)


def _joined(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    """What belongs to both pictures; the keys of the right one begin with `+`."""
    return {**left, **{f"+{key}": own for key, own in right.items()}}


def _half(both: Mapping[str, Any], right: bool) -> dict[str, Any]:
    """What belongs to one of the two."""
    return {key.removeprefix("+"): own for key, own in both.items() if key.startswith("+") == right}


class Race:
    """Two films on one clock, with what `Film` takes and offers; forward mode sweeps for `wrt`, or for every input."""

    mode = "both"
    second = "tangent and adjoint"

    def __init__(
        self, graph: Graph, wrt: str | None = None, *options: Any, kind: type[Film] = Film, **named: Any
    ) -> None:
        backward = kind(graph, "reverse", None, *options, **named)
        forward = kind(graph, "sweeps", wrt, *options, **(named | {"like": backward}))
        self.films = (forward, backward)
        forward.tight = backward.tight = True
        # the same boxes, so the same layout
        room = (Widest if kind is LargeFilm else roomy)(forward.room, backward.room)
        forward.room = backward.room = room
        keys = dict.fromkeys([*forward.rooms, *backward.rooms])
        maps = {key: [*forward.rooms.get(key, []), *backward.rooms.get(key, [])] for key in keys}
        forward.rooms = backward.rooms = maps
        self.graph, self.seed, self.wrt, self.tree = backward.graph, backward.seed, wrt, backward.tree
        self.fold, self.constants = backward.fold, backward.constants
        self.shared = sum(code >= 0 for code, *_ in self.graph.records)

    @property
    def tape(self) -> dict[str, Any] | None:
        """What the page plays at other inputs."""
        return self.films[1].tape

    @property
    def steps(self) -> list[Step]:
        """The values, forward mode's steps, then reverse mode's."""
        forward, backward = self.films
        return [*forward.steps, *backward.steps[self.shared :]]

    def __len__(self) -> int:
        return max(map(len, self.films))

    def _ats(self, at: int) -> list[int]:
        return [min(at, len(film)) for film in self.films]

    @property
    def open(self) -> frozenset[int]:
        """The parts that are open, in both pictures."""
        return self.films[1].open

    @open.setter
    def open(self, parts: frozenset[int]) -> None:
        for film in self.films:
            film.open = parts

    def forget(self) -> None:
        """Let go of what can be made again; the room that both need is no film's own."""
        room, rooms = self.films[0].room, self.films[0].rooms
        for film in self.films:
            film.forget()
            film.room, film.rooms = room, rooms

    def svgs(self, open: frozenset[int]) -> list[dict[str, Any]]:
        """The two empty pictures with these parts open, for the page."""
        return [svg for film in self.films for svg in film.svgs(open)]

    @property
    def picture(self) -> SideBySide:
        """The drawing: forward mode at the left, reverse mode at the right."""
        return SideBySide([film.picture for film in self.films])

    def texts(self, at: int) -> dict[str, str]:
        """All texts after `at` ticks; those of the right picture have a `+` before their key."""
        return _joined(*(film.texts(k) for film, k in zip(self.films, self._ats(at), strict=True)))

    def maps(self, at: int) -> dict[str, Map]:
        """All heat maps after `at` ticks; those of the right picture have a `+` before their key."""
        return _joined(*(film.maps(k) for film, k in zip(self.films, self._ats(at), strict=True)))

    def classes(self, at: int) -> dict[str, list[str]]:
        """What is lit after `at` ticks; a film that is done has nothing lit."""
        return _joined(*(film.classes(at) if at <= len(film) else {} for film in self.films))

    def words(self, at: int) -> tuple[str, str]:
        """Formulas and sentences of both, in plain text."""
        if at <= self.shared:
            return self.films[1].words(at)
        said = [film.words(at) if at <= len(film) else ("done", "done.") for film in self.films]
        (left, forward), (right, reverse) = said
        return f"{left}   |   {right}", f"Forward: {forward} Reverse: {reverse}"

    def given(self) -> str:
        """What is known before the first step."""
        return self.films[1].given()

    def data(self, ask: bool | str = False) -> dict[str, Any]:
        """The whole race as JSON-ready data: like a film's, with the two films as `panes`."""
        forward, backward = self.films
        if isinstance(forward, LargeFilm):
            return self._large_data(forward)
        values, last = {f"p{n.id}": cell(n.value) for n in self.graph.nodes}, len(self)
        rests = [k for k in stops(backward.steps, backward.phase)["node"] if k <= self.shared]
        panes = [film.pane(values) | {"title": title} for film, title in zip(self.films, TITLES, strict=True)]
        frames = [[film.frame(at) for at in range(self.shared + 1, len(film) + 1)] for film in self.films]
        return {
            **backward.common(),
            **moved(backward),
            **theirs(backward),
            "mode": self.mode,
            "second": self.second,
            "panes": panes,
            "frames": [
                {"say": backward.opening(backward.pens.plain)},
                *map(backward.frame, range(1, self.shared + 1)),
                *({"both": both} for both in zip_longest(*frames)),
            ],
            "phases": [{"name": "values", "steps": self.shared}, {"name": "derivatives", "steps": last - self.shared}],
            "stops": {"node": [*rests, *range(self.shared + 1, last + 1)], "phase": [self.shared, last]},
        }

    def _large_data(self, forward: LargeFilm) -> dict[str, Any]:
        """The same of a large graph, whose page makes the steps."""
        some, all = len(forward.movers()), len(self.graph.input_names)
        first = f"{TITLES[0]}, here for {some} of {all:,}" if self.wrt is None and some < all else TITLES[0]
        panes = [film.pane({}) | {"title": title} for film, title in zip(self.films, (first, TITLES[1]), strict=True)]
        data = self.films[1].data()
        data["large"]["dots"] = forward.dots()
        return data | {"mode": self.mode, "second": self.second, "panes": panes}


class SideBySide:
    """Two drawings of one graph with a title each; offers what `Picture` offers."""

    def __init__(self, pictures: list[Picture]) -> None:
        self.pictures = pictures

    @property
    def width(self) -> float:
        return sum(p.layout.width for p in self.pictures) + GAP + 2 * MARGIN

    @property
    def height(self) -> float:
        return max(p.height for p in self.pictures) + HEAD

    def group(self, x: float, y: float, texts: Texts, classes: Classes, maps: Maps = NO_MAPS) -> str:
        """Both drawings as an SVG group; keys of the right one begin with `+`."""
        parts = []
        for right, picture, title in zip((False, True), self.pictures, TITLES, strict=True):
            own, lit, heat = (_half(both, right) for both in (texts, classes, maps))
            css = " ".join(["bl-svg", *lit.pop("svg", ())])
            parts.append(
                f'<g class="{css}"><text class="bl-say-sentence" x="{x:.0f}" y="{y + 12:.0f}">{html.escape(title)}'
                f"</text>{picture.group(x, y + HEAD, own, lit, heat)}</g>"
            )
            x += picture.layout.width + GAP
        return "".join(parts)

    def describe(self, texts: Texts) -> str:
        """One sentence for people who do not see the picture."""
        return f"Forward and reverse mode side by side. {self.pictures[1].describe(_half(texts, right=True))}"

    def svg(self, texts: Texts, classes: Classes, embed: bool = True, maps: Maps | None = None) -> str:
        """Both pictures as one; see `Picture.svg`."""
        return document(self, texts, classes, embed, maps or {})
