"""The graph with a student's numbers on it: right ones ticked, wrong ones crossed, missing ones asked for."""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping
from functools import cached_property

from ..drawing.document import MARGIN, as_image, opening, paper, style
from ..drawing.picture import Picture
from ..drawing.texts import cell
from ..graph.graph import Edge, Graph
from ..mistakes.sweep import same
from .base import DIGITS

# Shape, sign and colour say the same: a heavy dashed frame and ✗, a plain one and ✓, a dotted one and ◐.
STYLE = """
.bl-svg .bl-wrong > .bl-shape, .bl-svg .bl-wrong .bl-pill {
  stroke: #b42318; stroke-width: 4; stroke-dasharray: 9 5;
}
.bl-svg .bl-half > .bl-shape, .bl-svg .bl-half .bl-pill { stroke: #8a5a00; stroke-width: 3; stroke-dasharray: 2 4; }
.bl-svg .bl-right > .bl-shape, .bl-svg .bl-right .bl-pill { stroke: #1a7f37; stroke-width: 3; }
.bl-svg .bl-wrong .bl-pill { stroke-width: 2.5; stroke-dasharray: 5 3; }
.bl-svg .bl-right .bl-pill { stroke-width: 2; }
"""
LINE = 24.0


def edge_named(graph: Graph, name: str) -> Edge | None:
    """The edge that an exercise calls `x->p`, or None if the name is not that of an edge."""
    parent, _, child = name.partition("->")
    return next((e for e in graph.edges if (e.parent.name, e.child.name) == (parent, child)), None)


class Attempt:
    """A picture of an answer; it shows itself in a notebook.

    Numbers of nodes stand in their cells, numbers of edges on them, and others, as of paths, below the graph.

    Parameters
    ----------
    graph, right : the traced function, and the right numbers by name
    typed : the answer's numbers by name; None where there is none
    of : "adjoint", "tangent" or "value": which cell they stand in; anything else if they are not of nodes
    follow : the names of wrong numbers that follow from other wrong ones
    """

    look = STYLE

    def __init__(
        self,
        graph: Graph,
        right: Mapping[str, float],
        typed: Mapping[str, float | None],
        of: str,
        follow: Collection[str] = (),
    ) -> None:
        self.graph, self.right, self.typed, self.of, self.follow = graph, right, typed, of, follow

    def _mark(self, name: str) -> str:
        given = self.typed.get(name)
        if given is None:
            return "?"
        return "✓" if same(given, self.right[name], DIGITS) else "◐" if name in self.follow else "✗"

    def _told(self, name: str) -> str:
        given = self.typed.get(name)
        return "?" if given is None else f"{self._mark(name)} {cell(given)}"

    def _look(self, name: str) -> str:
        """How a place is drawn."""
        return {"✓": "bl-right", "◐": "bl-half"}.get(self._mark(name), "bl-wrong")

    def _known(self) -> dict[str, str]:
        """What stands on the graph from the start: values, or if these are asked for, the inputs."""
        return {f"p{n.id}": cell(n.value) for n in self.graph.nodes if self.of != "value" or n.primitive is None}

    def _beside(self, name: str) -> str:
        """A line below the graph, for what is not at a node or an edge."""
        return f"{self._mark(name)} {name.replace('->', ' → ')}: {self._told(name).split()[-1]}"

    @cached_property
    def _drawn(self) -> tuple[str, str]:
        """The picture, and what it shows in words."""
        second = self.of if self.of in ("adjoint", "tangent") else None
        texts = self._known()
        classes, below = {}, []
        for name in self.right:
            edge = edge_named(self.graph, name)
            lit = [self._look(name)]
            if name in self.graph.names:
                id = self.graph[name].id
                texts[f"{'a' if second else 'p'}{id}"], classes[f"n{id}"] = self._told(name), lit
            elif edge is not None:
                key = f"{edge.child.id}_{edge.slot}"
                texts[f"w{key}"], classes[f"e{key}"] = self._told(name), lit
            else:
                below.append(self._beside(name))
        picture = Picture(self.graph, second, texts, fold=False)
        edges = {(e.child.id, e.slot): f"w{e.child.id}_{e.slot}" for e in self.graph.edges}
        picture.labels = {edge: texts.get(key, "?") for edge, key in edges.items()}  # room for these texts, not others
        picture.letters = {}  # they would answer what is asked for
        bottom = picture.height
        lines = [
            f'<text class="bl-name" x="{MARGIN:.0f}" y="{bottom + LINE * k + 12:.0f}">{html.escape(line)}</text>'
            for k, line in enumerate(below)
        ]
        height = bottom + LINE * len(below)
        about = "; ".join([picture.describe(texts), *below])
        begin = (
            f"{opening(picture.width, height, about)}<style>{style()}{self.look}</style>{paper(picture.width, height)}"
        )
        return f"{begin}{picture.group(MARGIN, MARGIN, texts, classes)}{''.join(lines)}</svg>", about

    @property
    def svg(self) -> str:
        """The picture."""
        return self._drawn[0]

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return as_image(*self._drawn)

    def __repr__(self) -> str:
        return f"<attempt: {', '.join(f'{self._mark(name)} {name}' for name in self.right)}>"
