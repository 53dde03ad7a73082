"""Where on the graph a class falls: at each node and edge how many had a wrong number there, of those who gave one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..drawing.texts import cell
from ..exercises.attempt import Attempt
from ..graph.graph import Graph

LEVELS = 4
# Width, dashes and shade say the same; the numbers stand there, too.
STYLE = """
.bl-svg .bl-fall0 > .bl-shape, .bl-svg .bl-fall0 .bl-pill { stroke: #1a7f37; stroke-width: 2; }
.bl-svg .bl-fall1 > .bl-shape, .bl-svg .bl-fall1 .bl-pill { stroke: #d9a441; stroke-width: 3; }
.bl-svg .bl-fall2 > .bl-shape, .bl-svg .bl-fall2 .bl-pill { stroke: #c06a00; stroke-width: 4.5; }
.bl-svg .bl-fall3 > .bl-shape, .bl-svg .bl-fall3 .bl-pill { stroke: #b42318; stroke-width: 6; stroke-dasharray: 9 4; }
"""


class Falls(Attempt):
    """The graph with, at each place that was asked for, how many were wrong there: `9/30`.

    Parameters
    ----------
    graph : the traced function
    asked : how many gave something, by the name of the place
    missed : how many of these were wrong
    of : as for `Attempt`
    """

    look = STYLE

    def __init__(self, graph: Graph, asked: Mapping[str, int], missed: Mapping[str, int], of: str) -> None:
        super().__init__(graph, dict.fromkeys(asked, 0.0), {}, of)
        self.asked, self.missed = asked, missed

    def _known(self) -> dict[str, str]:
        return {f"p{n.id}": cell(n.value) for n in self.graph.nodes if n.op == "constant"}  # others differ

    def _mark(self, name: str) -> str:
        return "✗" if self.missed.get(name) else "✓"

    def _told(self, name: str) -> str:
        return f"{self.missed.get(name, 0)}/{self.asked[name]}"

    def _beside(self, name: str) -> str:
        return f"{name.replace('->', ' → ')}: {self._told(name)}"

    def _look(self, name: str) -> str:
        share = self.missed.get(name, 0) / max(self.asked[name], 1)
        return f"bl-fall{0 if not self.missed.get(name) else 1 + min(int(3 * share), LEVELS - 2)}"

    @property
    def words(self) -> str:
        """The same in a sentence."""
        worst = sorted(self.asked, key=lambda name: -self.missed.get(name, 0))
        some = [f"{self.missed[name]} of {self.asked[name]} at {name}" for name in worst if self.missed.get(name)]
        return f"Wrong numbers: {', '.join(some)}." if some else "Nobody had a wrong number."


def common(turns: Sequence[tuple[str, str]], most: int = 5) -> list[tuple[str, str, int]]:
    """The commonest pairs of a wrong turn and where it was, with how many took it."""
    return [(turn, where, count) for (turn, where), count in Counter(turns).most_common(most)]
