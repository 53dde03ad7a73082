"""The graph of a question in TikZ, with what the student may know: inputs, and values where derivatives are asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from ..drawing.picture import Picture
from ..drawing.texts import cell
from ..errors import DrawingError
from ..exercises.attempt import edge_named
from ..exercises.predict import Predict
from ..exercises.steps import Steps
from ..export.tikz import tikz
from ..graph.graph import Graph
from ..graph.sweeps import Step

LARGEST = 12  # nodes; a larger graph has no place beside a question


class Still:
    """A graph with some of its numbers, as the writer of TikZ reads it."""

    steps: Sequence[Step] = ()

    def __init__(self, graph: Graph, of: str) -> None:
        self.graph, self.of = graph, of

    @cached_property
    def _texts(self) -> dict[str, str]:
        """Inputs and constants; if a derivative is asked for, all values, and a place for it."""
        known = (n for n in self.graph.nodes if self.of != "value" or n.primitive is None)
        return {f"p{node.id}": cell(node.value) for node in known}

    @cached_property
    def picture(self) -> Picture:
        second = self.of if self.of in ("adjoint", "tangent") else None
        made = Picture(self.graph, second, self._texts, fold=False)
        made.letters = {}  # they would answer what is asked for
        return made

    def __len__(self) -> int:
        return 0

    def texts(self, at: int) -> dict[str, str]:
        return self._texts

    def classes(self, at: int) -> dict[str, list[str]]:
        return {}

    def given(self) -> str:
        return ""


def graph_of(asked: Predict, seed: str) -> str:
    """The graph in TikZ, to stand in a document; empty where the numbers are not those of a graph that can be drawn."""
    if isinstance(asked, Steps):
        return ""
    graph = asked.traced(seed)
    places = [name for name in asked.ask if name in graph.names or edge_named(graph, name) is not None]
    if not places or len(graph) > LARGEST:
        return ""
    of = asked.of if isinstance(asked.of, str) else "value" if any(n in graph.names for n in places) else "other"
    try:
        return tikz(Still(graph, of), 0, caption=False)
    except DrawingError:
        return ""
