"""Frames around the operations of one statement, titled by its code: a net reads as its lines do.

A lane has them where each line of the source computes one run of it; in a loop the same line would come again.
The page underlines in a title what the current step computes (`Stage.underline`).
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ..graph.graph import Graph, Node
from .layout import Box

LETTER = 9.05  # the width of a letter of the code
LEAST = 2  # statements
FEWEST = 8  # letters of a line of which more is cut off


class Statements:
    """The statements of a graph's operations. `of` has the name of each operation's, `text` the code by name."""

    def __init__(self, graph: Graph, nodes: Sequence[Node]) -> None:
        self.of: dict[int, str] = {}
        self.text: dict[str, str] = {}
        ours = [node for node in nodes if node.primitive is not None]
        lines = [line_of(graph, node.id) for node in ours]
        runs = [line for line, _ in groupby(lines)]
        if None in runs or len(set(runs)) < max(len(runs), LEAST):
            return
        for node, line in zip(ours, lines, strict=True):
            block, k = line or (0, 0)
            self.of[node.id] = f"s{block}_{k}"
            self.text[f"s{block}_{k}"] = graph.blocks[block].lines[k].strip()

    def shown(self, name: str, frame: Box) -> str:
        """What of the code has room above a frame."""
        text, most = self.text[name.rstrip("+")], int((frame.width - 14) / LETTER)
        return text if len(text) <= most else f"{text[: most - 1]}…"

    def svg(self, name: str, frame: Box) -> str:
        """A frame with its title."""
        left, top = frame.left, frame.top
        text, shown = self.text[name.rstrip("+")], self.shown(name, frame)
        whole = f"<title>{html.escape(text)}</title>" if shown != text else ""
        return (
            f'<g class="bl-statement">{whole}<rect class="bl-statement-room" x="{left:.1f}" '
            f'y="{top:.1f}" width="{frame.width:.1f}" height="{frame.height:.1f}" rx="7"/>'
            f'<text class="bl-statement-code" data-line="{name.rstrip("+")[1:]}" x="{left + 8:.1f}" y="{top + 17:.1f}">'
            f"{html.escape(shown)}</text></g>"
        )


def line_of(graph: Graph, id: int) -> tuple[int, int] | None:
    """The function and the line of an operation."""
    place = graph.places[id]
    for k, block in enumerate(graph.blocks if place is not None else ()):
        if place is not None and block.filename == place.filename and 0 <= place.line - block.first < len(block.lines):
            return k, place.line - block.first
    return None


def titles(graph: Graph, ids: Iterable[int], room: float) -> Iterator[tuple[str, str]]:
    """The lines of code of operations, in their order, as far as there is room: each one's name, and its text."""
    lines = dict.fromkeys(line_of(graph, id) for id in ids if graph.nodes[id].primitive is not None)
    for line in lines:
        if line is None:
            continue
        text, most = graph.blocks[line[0]].lines[line[1]].strip(), int(room / LETTER)
        if most < FEWEST:
            return
        shown = text if len(text) <= most else f"{text[: most - 1]}…"
        yield f"{line[0]}_{line[1]}", shown
        room -= (len(shown) + 2) * LETTER
