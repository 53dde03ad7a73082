"""The graph with a student's numbers on it: right ones ticked, wrong ones crossed, missing ones asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ..drawing.picture import Picture, cell
from ..graph import Graph
from ..misconceptions import same
from .base import DIGITS

__all__ = ["Attempt"]

# Shape, sign and colour say the same: a heavy dashed frame and ✗, a plain one and ✓.
STYLE = """<style>
.bl-svg .bl-wrong > .bl-shape { stroke: #b42318; stroke-width: 4; stroke-dasharray: 9 5; }
.bl-svg .bl-right > .bl-shape { stroke: #1a7f37; stroke-width: 3; }
</style>"""


class Attempt:
    """A picture of an answer; it shows itself in a notebook.

    Parameters
    ----------
    graph, right : the traced function, and the right numbers by node name
    typed : the answer's numbers by node name; None where there is none
    of : "adjoint", "tangent" or "value": which cell they stand in
    """

    def __init__(self, graph: Graph, right: Mapping[str, float], typed: Mapping[str, float | None], of: str) -> None:
        self.graph, self.right, self.typed, self.of = graph, right, typed, of

    @cached_property
    def svg(self) -> str:
        """The picture."""
        key = "p" if self.of == "value" else "a"
        texts = {f"p{n.id}": cell(n.value) for n in self.graph.nodes if self.of != "value" or n.primitive is None}
        classes = {}
        for name, number in self.right.items():
            id = self.graph[name].id
            given = self.typed.get(name)
            good = given is not None and same(given, number, DIGITS)
            texts[f"{key}{id}"] = "?" if given is None else f"{'✓' if good else '✗'} {cell(given)}"
            classes[f"n{id}"] = ["bl-right" if good else "bl-wrong"]
        picture = Picture(self.graph, None if self.of == "value" else self.of, texts)
        return picture.svg(texts, classes).replace("</svg>", f"{STYLE}</svg>")

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        marks = [
            f"{'✓' if x is not None and same(x, self.right[n], DIGITS) else '✗' if x is not None else '?'} {n}"
            for n, x in ((n, self.typed.get(n)) for n in self.right)
        ]
        return f"<attempt: {', '.join(marks)}>"
