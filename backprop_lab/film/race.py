"""Forward and reverse mode side by side on one graph: two films that run on one clock, with what each has cost.

Both have the values first. Then forward mode makes a sweep for every input while reverse mode makes its only one; the
one that is done first waits.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

from ..drawing.document import MARGIN, NO_MAPS, document
from ..drawing.folding.fold import Tree
from ..drawing.heat import Map
from ..drawing.picture import Picture
from ..graph.graph import Graph
from ..graph.sweeps import Step
from .film import Film, roomy

__all__ = ["Race", "film_of"]

TITLES = ("forward mode: a sweep for each input", "reverse mode: one sweep for all inputs")
HEAD, GAP = 30.0, 26.0


def film_of(
    graph: Graph,
    mode: str,
    wrt: str | None,
    output: str | None,
    seed: float,
    fold: bool = True,
    constants: bool | None = None,
) -> Film | Race:
    """The film of a mode; "both" is a race."""
    if mode == "both":
        return Race(graph, wrt, output, seed, fold, constants)
    return Film(graph, mode, wrt, output, seed, fold, constants)


class Race:
    """Two films on one clock: what `Film` offers, for both together.

    Parameters
    ----------
    graph, output, seed, fold, constants : as for a `Film`
    wrt : the one input for which forward mode sweeps; all of them if not given
    """

    mode = "both"
    second = "tangent and adjoint"

    def __init__(
        self,
        graph: Graph,
        wrt: str | None = None,
        output: str | None = None,
        seed: float = 1.0,
        fold: bool = True,
        constants: bool | None = None,
    ) -> None:
        backward = Film(graph, "reverse", None, output, seed, fold, constants)
        forward = Film(graph, "sweeps", wrt, output, seed, fold, constants)
        self.films = (forward, backward)
        room = roomy(forward.room, backward.room)  # the same boxes, so the same layout
        forward.room = backward.room = room
        keys = dict.fromkeys([*forward.rooms, *backward.rooms])
        maps = {key: [*forward.rooms.get(key, []), *backward.rooms.get(key, [])] for key in keys}
        forward.rooms = backward.rooms = maps
        self.graph, self.seed, self.wrt = backward.graph, seed, wrt
        self.shared = sum(s.kind == "value" for s in backward.steps)

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
    def fold(self) -> bool:
        """Whether a large graph is folded."""
        return self.films[1].fold

    @property
    def constants(self) -> bool | None:
        """Whether constants are shown."""
        return self.films[1].constants

    @property
    def tree(self) -> Tree | None:
        """The parts of a graph that is folded."""
        return self.films[1].tree

    @property
    def open(self) -> frozenset[int]:
        """The parts that are open, in both pictures."""
        return self.films[1].open

    @open.setter
    def open(self, parts: frozenset[int]) -> None:
        for film in self.films:
            film.open = parts

    def forget(self) -> None:
        """Let go of what can be made again."""
        for film in self.films:
            film.forget()

    def svgs(self, open: frozenset[int]) -> list[str]:
        """The two empty pictures with these parts open, for the page."""
        return [svg for film in self.films for svg in film.svgs(open)]

    @property
    def picture(self) -> SideBySide:
        """The drawing: forward mode at the left, reverse mode at the right."""
        return SideBySide([film.picture for film in self.films])

    def texts(self, at: int) -> dict[str, str]:
        """All texts after `at` ticks; those of the right picture have a `+` before their key."""
        left, right = (film.texts(k) for film, k in zip(self.films, self._ats(at), strict=True))
        return left | {f"+{key}": text for key, text in right.items()}

    def maps(self, at: int) -> dict[str, Map]:
        """All heat maps after `at` ticks; those of the right picture have a `+` before their key."""
        left, right = (film.maps(k) for film, k in zip(self.films, self._ats(at), strict=True))
        return left | {f"+{key}": own for key, own in right.items()}

    def classes(self, at: int) -> dict[str, list[str]]:
        """What is lit after `at` ticks; a film that is done has nothing lit."""
        left, right = (film.classes(at) if at <= len(film) else {} for film in self.films)
        return left | {f"+{key}": names for key, names in right.items()}

    def words(self, at: int) -> tuple[str, str]:
        """Formulas and sentences of both, in plain text."""
        if at <= self.shared:
            return self.films[1].words(at)
        said = [film.words(k) for film, k in zip(self.films, self._ats(at), strict=True)]
        done = [at > len(film) for film in self.films]
        formulas = "   |   ".join("done" if over else formula for (formula, _), over in zip(said, done, strict=True))
        names = ("Forward", "Reverse")
        return formulas, " ".join(f"{n}: {'done.' if o else s}" for n, (_, s), o in zip(names, said, done, strict=True))

    def given(self) -> str:
        """What is known before the first step."""
        return self.films[1].given()

    def data(self, ask: bool | str = False) -> dict[str, Any]:
        """The whole race as JSON-ready data: like a film's, with the two films as `panes`."""
        forward, backward = (film.data() for film in self.films)
        last = len(self)
        frames = [self._frame(k, forward["frames"], backward["frames"]) for k in range(last + 1)]
        common = ("about", "rows", "code", "names", "edges", "fold")
        shared: dict[str, Any] = {key: backward[key] for key in common if key in backward}
        node_stops = backward["stops"]["node"]
        rests = sorted({k for k in node_stops if k <= self.shared} | set(range(self.shared + 1, last + 1)))
        return {
            **shared,
            "mode": self.mode,
            "second": self.second,
            "panes": [dict(pane, title=title) for pane, title in zip((forward, backward), TITLES, strict=True)],
            "frames": frames,
            "phases": [{"name": "values", "steps": self.shared}, {"name": "derivatives", "steps": last - self.shared}],
            "stops": {"node": rests, "phase": [self.shared, last]},
        }

    def _frame(self, at: int, forward: list[Any], backward: list[Any]) -> dict[str, Any]:
        if at <= self.shared:
            return dict(backward[at])
        left = forward[at] if at < len(forward) else None
        right = backward[at] if at < len(backward) else None
        shown: dict[str, Any] = right or left or {}
        return shown | {"phase": "sweeps", "both": [_told(left), _told(right)]}


def _told(frame: dict[str, Any] | None) -> dict[str, Any]:
    """What one of the two says at a tick."""
    if frame is None:
        return {"formula": "", "say": "done", "lit": {}}
    return {key: frame[key] for key in ("formula", "say", "lit", "uses", "gives")}


class SideBySide:
    """Two drawings of one graph with a title each; offers what `Picture` offers."""

    def __init__(self, pictures: list[Picture]) -> None:
        self.pictures = pictures
        self.second = "tangent and adjoint"

    @property
    def width(self) -> float:
        return sum(p.layout.width for p in self.pictures) + GAP + 2 * MARGIN

    @property
    def height(self) -> float:
        return max(p.height for p in self.pictures) + HEAD

    def group(
        self,
        x: float,
        y: float,
        texts: Mapping[str, str],
        classes: Mapping[str, Iterable[str]],
        maps: Mapping[str, Map] = NO_MAPS,
    ) -> str:
        """Both drawings as an SVG group; keys of the right one begin with `+`."""
        parts = []
        for k, (picture, title) in enumerate(zip(self.pictures, TITLES, strict=True)):
            own = {key.removeprefix("+"): text for key, text in texts.items() if key.startswith("+") == bool(k)}
            lit = {key.removeprefix("+"): names for key, names in classes.items() if key.startswith("+") == bool(k)}
            heat = {key.removeprefix("+"): own for key, own in maps.items() if key.startswith("+") == bool(k)}
            css = " ".join(["bl-svg", *lit.pop("svg", ())])
            parts.append(
                f'<g class="{css}"><text class="bl-say-sentence" x="{x:.0f}" y="{y + 12:.0f}">{html.escape(title)}'
                f"</text>{picture.group(x, y + HEAD, own, lit, heat)}</g>"
            )
            x += picture.layout.width + GAP
        return "".join(parts)

    def describe(self, texts: Mapping[str, str]) -> str:
        """One sentence for people who do not see the picture."""
        right = {key.removeprefix("+"): text for key, text in texts.items() if key.startswith("+")}
        return f"Forward and reverse mode side by side. {self.pictures[1].describe(right)}"

    def svg(
        self,
        texts: Mapping[str, str],
        classes: Mapping[str, Iterable[str]],
        embed: bool = True,
        maps: Mapping[str, Map] | None = None,
    ) -> str:
        """Both pictures as one; see `Picture.svg`."""
        return document(self, texts, classes, embed, maps or {})
