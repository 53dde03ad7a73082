r"""A step of a film, or all of them as overlays, in TikZ.

The file compiles alone; inside a document that loads tikz it can be \input. Nodes and cells have names (n3, n3p,
n3a) and styles of their own, so that a lecturer can change the picture by hand. Positions are
Graphviz's, colours those of `picture.css`. The size is that of a 10 point document; lengths are points.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.resources import files
from typing import Protocol

from ..drawing.cells import PAD, Cells
from ..drawing.document import MARGIN
from ..drawing.folding import forms
from ..drawing.folding.outline import Part
from ..drawing.folding.sheets import HEAD as FOLDED_HEAD
from ..drawing.folding.sheets import STACK
from ..drawing.folding.skeleton import Wire
from ..drawing.keys import box_id, edge_id, frame_id, node_id
from ..drawing.layout import Box, Curve
from ..drawing.picture import ROUND, Picture
from ..drawing.pills import box_of, level_lines
from ..drawing.squares import DOWN
from ..drawing.strokes import kind_of
from ..drawing.texts import heading
from ..drawing.titles import LINE
from ..errors import ArgumentError
from ..graph.formulas import formula, sentence
from ..graph.graph import Graph, Node
from ..graph.slopes import in_letters, partial_label
from ..graph.sweeps import Step
from ..text.notation import LATEX
from . import tikz_folded as folded
from .flat import colours
from .tex import ascii_tex, bold_number, comment, escape, escape_read, tex_number

SIZE = 0.7  # points for a unit of the SVG: its letters are 15 units high, a document's 10 points
LONGEST = 16_000.0
CAPTION = 52.0  # how high the caption is
NARROWEST = 560.0  # room for a sentence above a small graph, in units of the SVG

FRAME = files(__package__) / "picture.tex"  # \blfit narrows what is too wide, \blnumber is a number in its cell
ALONE = r"\documentclass[border=4pt]{standalone}\usepackage{tikz}\begin{document}\blpicture\end{document}"
SLIDES = (
    r"\documentclass{{beamer}}\usepackage{{tikz}}\geometry{{papersize={{{w:.0f}pt,{h:.0f}pt}},margin=8pt}}"
    r"\setbeamertemplate{{navigation symbols}}{{}}\begin{{document}}"
    r"\begin{{frame}}[plain]\centering\blpicture\end{{frame}}\end{{document}}"
)


class Shown(Protocol):
    """What is drawn: a film, or a picture that stands still. Steps and what is given are told in captions only."""

    @property
    def picture(self) -> Picture: ...
    @property
    def graph(self) -> Graph: ...
    @property
    def steps(self) -> Sequence[Step]: ...
    def __len__(self) -> int: ...
    def texts(self, at: int) -> dict[str, str]: ...
    def classes(self, at: int) -> dict[str, list[str]]: ...
    def given(self) -> str: ...


def tikz(film: Shown, at: int | None, caption: bool = True) -> str:
    """The picture after `at` steps; None writes all of them, one on each slide of a beamer frame."""
    return _Tikz(film, at, caption).document()


class _Tikz:
    """Writes one file. Texts are given for one step, or with the slides on which they stand."""

    def __init__(self, film: Shown, at: int | None, caption: bool) -> None:
        self.film, self.at, self.picture, self.size = film, at, film.picture, SIZE
        self.steps = range(len(film) + 1) if at is None else range(at, at + 1)
        self.above = CAPTION if caption else 0.0
        self.width = max(self.picture.width, NARROWEST if caption else 0.0) * SIZE
        self.height = self.picture.height * SIZE + self.above
        if max(self.width, self.height) > LONGEST:
            raise ArgumentError(
                f"this picture is {max(self.width, self.height):.0f} points long, and TeX has no lengths beyond 16383; "
                "save it as .svg, or trace a smaller case"
            )
        self.texts, self.classes = list(map(film.texts, self.steps)), list(map(film.classes, self.steps))

    def document(self) -> str:
        about, last = comment(repr(self.film.graph).strip("<>")), len(self.film)
        if self.at is None:
            what = f"all {last} steps, each an overlay of a beamer frame"
            alone = SLIDES.format(w=self.width + 24, h=self.height + 30)
        else:
            what, alone = f"step {self.at} of {last}", ALONE
        known = ((key.replace("-", ""), code[1:].upper()) for key, code in colours().items())
        palette = "\n".join(rf"\definecolor{{{key}}}{{HTML}}{{{code}}}%" for key, code in known)
        paths = "\n".join(map(ascii_tex, self.lines()))
        parts = {"about": about, "what": what, "colours": palette, "paths": paths, "alone": alone}
        return re.sub(r"<<(\w+)>>", lambda place: parts[place[1]], FRAME.read_text("utf-8"))

    def lines(self) -> Iterator[str]:
        """The paths of the picture."""
        yield rf"\path[use as bounding box] (0,0) rectangle ({self.width:.1f},{self.height:.1f});"
        for at in self.steps if self.above else ():
            yield from self.caption(at)
        scene = self.picture.scene
        if self.picture.folded is not None:
            yield from folded.below(self, self.picture.folded)
        if self.picture.layout.engine == "lane":
            for name, box in self.picture.layout.frames.items():
                yield from self.statement(name, box)
        for wire in self.picture.scene.wires:
            yield from self.line(wire)
        for edge in self.picture.edges:
            yield from self.edge(edge.child, edge.slot)
        for node in self.picture.nodes:
            yield from self.node(node)
        for part in scene.boxes:
            yield from self.box(part)

    def caption(self, at: int) -> Iterator[str]:
        """The step's formula and sentence."""
        film = self.film
        said = film.given() if at == 0 else sentence(film.steps[at - 1])
        shown = rf"\large${formula(film.steps[at - 1], LATEX)}$" if at else ""
        room = self.width - 20
        yield from [rf"\only<{at + 1}>{{%"] if self.at is None else []
        yield from (
            rf"\node[anchor=base west, inner sep=0pt] at (10,14) {{\blfit{{{room - 70:.0f}pt}}{{{shown}}}}};",
            rf"\node[anchor=base east, inner sep=0pt, text=blsoft, font=\scriptsize] at ({self.width - 10:.1f},14) "
            rf"{{step {at} of {len(film)}}};",
            rf"\node[anchor=north west, inner sep=0pt, text=blsoft, font=\footnotesize, text width={room:.0f}pt] "
            rf"at (10,26) {{{escape_read(said)}}};",
        )
        yield from ["}%"] if self.at is None else []

    def edge(self, child: Node, slot: int) -> Iterator[str]:
        key = edge_id(child.id, slot)
        curve = self.picture.layout.edges[key]
        yield f"% {comment(child.parents[slot].label)} to {comment(child.label)}"
        slopes = self.picture.slopes_on(child, slot)
        for line, still in level_lines(curve, slopes):
            yield rf"\draw[bl edge{', bl still' * still}{self.looks(key)}] {self.path(line)};"
        if slopes:
            yield from self.slopes(f"w{child.id}_{slot}", key, slopes)
            return
        x, y = self.place(*self.picture.pills[edge_id(child.id, slot)][:2])
        looks = ", bl bare" if self.picture.cells_of(child.parents[slot].id).chip else ""
        looks += "".join(self.onslide(at, "bl used") for at, css in self.lit(key) if css == "bl-lit")
        label = rf"\node[bl partial{looks}] at ({x:.1f},{y:.1f}) {{{tex_number(partial_label(child, slot))}}};"
        yield from self.since(f"w{child.id}_{slot}", label)
        if key in self.picture.letters:
            x, y = self.place(*self.picture.letters[key][1:])
            words = rf"\node[bl letters] at ({x:.1f},{y:.1f}) {{${in_letters(child, slot, LATEX)}$}};"
            yield from self.since(f"w{child.id}_{slot}", words)

    def statement(self, name: str, frame: Box) -> Iterator[str]:
        """The frame around a statement's operations, with its code."""
        (x, y), w, h = self.place(frame.left, frame.top), frame.width * SIZE, frame.height * SIZE
        code = rf"\texttt{{{escape(self.picture.statements.shown(name, frame))}}}"
        yield rf"\draw[bl statement] ({x:.1f},{y:.1f}) rectangle +({w:.1f},{h:.1f});"
        yield rf"\node[bl code] at ({x + 5:.1f},{y + 11:.1f}) {{\blfit{{{w - 10:.1f}pt}}{{{code}}}}};"

    def slopes(self, number: str, key: str, slopes: Sequence[str]) -> Iterator[str]:
        """The pill with the slope of each entry."""
        box = box_of(self.picture.pills[key], slopes)
        (x, y), w, h = self.place(box.x, box.y), box.width * SIZE, box.height * SIZE
        used = [at for at, css in self.lit(key) if css == "bl-lit"]
        looks = "".join(self.onslide(at, "bl used") for at in used)
        size = f"minimum width={w:.1f}pt, minimum height={h:.1f}pt"
        yield from self.since(number, rf"\node[bl partial{looks}, {size}] at ({x:.1f},{y:.1f}) {{}};")
        looks = "".join(self.onslide(at, "text=blonfill") for at in used)
        for k, slope in enumerate(slopes):
            at = f"({x:.1f},{y + (k - (len(slopes) - 1) / 2) * DOWN * SIZE:.1f})"
            yield from self.since(number, rf"\node[bl slope{looks}] at {at} {{{tex_number(slope)}}};")

    def path(self, curve: Curve) -> str:
        """An edge's curve and the last piece, to its tip."""
        start, *rest = (f"({x:.1f},{y:.1f})" for x, y in (self.place(*p) for p in curve.points))
        x, y = self.place(*curve.tip)
        pieces = (rest[k : k + 3] for k in range(0, len(rest), 3))
        bends = "".join(f" .. controls {a} and {b} .. {c}" for a, b, c in pieces)
        return f"{start}{bends} -- ({x:.1f},{y:.1f})"

    def node(self, node: Node) -> Iterator[str]:
        box = self.picture.layout.nodes[node_id(node.id)]
        (x, y), w, h = self.place(box.x, box.y), box.width * SIZE, box.height * SIZE
        kind, cells = kind_of(node), self.picture.cells_of(node.id)
        double = ", bl output" if node.id in self.picture.graph.output_ids else ""
        edge = PAD / 2 if cells.chip else PAD + (ROUND if kind == "input" else 0.0)
        inside, top = w - 2 * edge * SIZE, y - h / 2
        yield f"% {comment(node.label)} = {comment(node.formula)}"
        yield (
            rf"\node[bl {kind_of(node)}{double}{self.looks(node_id(node.id))}, minimum width={w:.1f}pt, "
            f"minimum height={h:.1f}pt] (n{node.id}) at ({x:.1f},{y:.1f}) {{}};"
        )
        if not cells.chip:
            for k, line in enumerate(self.head(node)):
                below = top + 12 + k * LINE * SIZE
                yield rf"\node[bl head] at ({x:.1f},{below:.1f}) {{\blfit{{{inside:.1f}pt}}{{{line}}}}};"
        head = 0.0 if cells.chip else self.picture.title_of(node).height
        yield from self.cells(cells, x - inside / 2, top + head * SIZE, inside)
        if node.id in self.picture.graph.notes:
            a, b = x + w / 2 - 3, y - h / 2
            yield from self.since(
                f"p{node.id}",
                rf"\path[bl mark] ({a:.1f},{b - 8:.1f}) -- +(8,15) -- +(-8,15) -- cycle "
                rf"node[black, inner sep=0pt] at ({a:.1f},{b + 2:.1f}) {{!}};",
            )

    def cells(self, cells: Cells, left: float, top: float, inside: float) -> Iterator[str]:
        """The cells with a node's numbers, as wide as the picture's."""
        looks = {"p": ("primal", tex_number), "a": ("second", bold_number)}
        for key, x, wide in cells.places(inside / SIZE):
            w, middle, (style, number) = wide * SIZE, left + (x + wide / 2) * SIZE, looks[key[0]]
            chip = " chip" if cells.chip else ""
            yield (
                rf"\node[bl {style}{chip}, minimum width={w:.1f}pt, minimum height={cells.tall * SIZE:.1f}pt] "
                rf"(n{key[1:]}{key[0]}) at ({middle:.1f},{top + (cells.top(key) + cells.tall / 2) * SIZE:.1f}) "
                rf"{{\blnumber{{{max(w - 3, 1):.1f}pt}}{{{self.written(key, number)}}}}};"
            )

    def frame(self, part: Part) -> Iterator[str]:
        """The frame around an open part, with its name."""
        box = self.picture.layout.frames[frame_id(part.number)]
        (x, y), w, h = self.place(box.left, box.top), box.width * SIZE, box.height * SIZE
        yield f"% {comment(part.label)}: {part.size} nodes, open"
        yield rf"\draw[bl frame] ({x:.1f},{y:.1f}) rectangle +({w:.1f},{h:.1f});"
        name = rf"{{\blfit{{{w - 16:.1f}pt}}{{{escape(part.title)}}}}}"
        yield rf"\node[bl frame title] at ({x + 7:.1f},{y + 12:.1f}) {name};"

    def line(self, wire: Wire) -> Iterator[str]:
        """Edges that are one line, because a folded part is at one end; others are drawn as edges."""
        if wire.key[0] != "e" and wire.key in self.picture.layout.edges:
            yield rf"\draw[bl edge{self.looks(wire.key)}] {self.path(self.picture.layout.edges[wire.key])};"

    def box(self, part: Part) -> Iterator[str]:
        """A folded part: sheets, its name and size, and the numbers of its result."""
        place, key = self.picture.layout.nodes[box_id(part.number)], box_id(part.number)
        if self.picture.folded is not None and self.picture.folded.is_small(part):
            yield from folded.small(self, self.picture.folded, part, place)
            return
        w, h, off = (place.width - STACK) * SIZE, (place.height - STACK) * SIZE, STACK * SIZE
        x, y = self.place(place.left, place.top)
        yield f"% {comment(part.label)}: {part.size} nodes, folded"
        for k in (1.0, 0.5, 0.0):
            own = self.looks(key) if not k else ""
            yield rf"\draw[bl sheet{own}] ({x + k * off:.1f},{y + (1 - k) * off:.1f}) rectangle +({w:.1f},{h:.1f});"
        yield from folded.done(self, part, x, y + off, w, h)
        inside, top = w - 2 * PAD * SIZE, y + off
        name = rf"{{\blfit{{{inside:.1f}pt}}{{\textbf{{{escape(part.title)}}}}}}}"
        yield rf"\node[bl head] at ({x + w / 2:.1f},{top + 14:.1f}) {name};"
        size = rf"\tiny\textcolor{{blsoft}}{{{part.inside}}}\hfil"
        yield rf"\node[bl head] at ({x + w / 2:.1f},{top + 25:.1f}) {{\hbox to {inside:.1f}pt{{{size}}}}};"
        yield from self.cells(
            self.picture.cells_of(part.result), x + w / 2 - inside / 2, top + FOLDED_HEAD * SIZE, inside
        )

    def head(self, node: Node) -> list[str]:
        """A node's name and what it is, in one line or in two."""
        called, rest = heading(node)
        name, two = rf"\textbf{{{escape_read(called)}}}", self.picture.title_of(node).two
        if node.primitive is None or not rest.startswith(" = "):
            own = rf"\textcolor{{blsoft}}{{{escape_read(rest.strip())}}}"
            return [name, own] if two else [f"{name} {own}"]
        own = rf"\textcolor{{blsoft}}{{${'' if two else '{}='}{node.tokens(LATEX).text}$}}"
        return [name, own] if two else [name + own]

    def place(self, x: float, y: float) -> tuple[float, float]:
        side = (self.width - self.picture.width * SIZE) / 2
        return (x + MARGIN) * SIZE + side, (y + MARGIN) * SIZE + self.above

    def lit(self, key: str) -> Iterator[tuple[int, str]]:
        """The slides on which a node or an edge is lit, and how."""
        return ((k, css) for k, classes in enumerate(self.classes, 1) for css in classes.get(key, ()))

    def looks(self, key: str) -> str:
        """The styles that light a node or an edge."""
        found = "".join(self.onslide(run, "bl ahead") for run in self.runs(key, "bl-ahead"))
        for slide, css in self.lit(key):
            if css == "bl-ahead":
                continue
            against = "bl-reverse" in self.classes[slide - 1].get("svg", ())
            style = "bl back" if against and css == "bl-lit" else css.replace("-", " ")
            found += self.onslide(slide, f"{style}={'bladjointfill' if against else 'blvaluefill'}")
        return found

    def onslide(self, slides: int | str, style: str) -> str:
        return f", onslide=<{slides}>{{{style}}}" if self.at is None else f", {style}"

    def runs(self, key: str, css: str) -> Iterator[str]:
        """The slides on which something has a class, those in a row as `2-5`."""
        slides = [k for k, name in self.lit(key) if name == css]
        for k in slides:
            if k - 1 not in slides:
                last = next(j for j in range(k, len(self.classes) + 1) if j + 1 not in slides)
                yield f"{k}-{last}"

    def since(self, key: str, path: str) -> Iterator[str]:
        """A path that is drawn once a number is there."""
        slide = next((k for k, texts in enumerate(self.texts, 1) if texts.get(key)), None)
        if slide is not None:
            yield rf"\only<{slide}->{{{path}}}%" if self.at is None else path

    def written(self, key: str, tex: Callable[[str], str]) -> str:
        """What stands in a place as LaTeX, with the slides on which it does."""
        return self.drawn(
            tex(text if self.picture.scene.tree.flat else forms.settled(text)) for text in self.values(key)
        )

    def values(self, key: str) -> list[str]:
        """What stands in a place at each step."""
        return [texts.get(key, "") for texts in self.texts]

    def drawn(self, each: Iterable[str]) -> str:
        """What there is at each step, with the slides on which it stands."""
        texts = list(each)
        if self.at is not None:
            return texts[0]
        starts = [k for k, text in enumerate(texts) if not k or text != texts[k - 1]]
        ends = [*starts[1:], ""]
        return "".join(rf"\only<{k + 1}-{end}>{{{texts[k]}}}" for k, end in zip(starts, ends, strict=True) if texts[k])

    def rectangle(self, box: Box) -> str:
        """A box's rectangle as a path."""
        x, y = self.place(box.left, box.top)
        return f"({x:.1f},{y:.1f}) rectangle +({box.width * SIZE:.1f},{box.height * SIZE:.1f})"
