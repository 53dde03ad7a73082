"""What stands above a node's numbers: its name, how it is computed, and a warning sign where a number misleads."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, NamedTuple

from ..graph.graph import Node
from .cells import PAD
from .strokes import fit, text_width
from .texts import TITLE, heading, spans

if TYPE_CHECKING:
    from ..graph.notes import Note

HEAD, LINE = 24.0, 17.0  # the height of a title, and of its second line
LOOSE = 1.08  # fonts differ


class Title(NamedTuple):
    """A node's name and its formula, in one line or in two."""

    name: str
    rest: str
    two: bool

    @classmethod
    def of(cls, node: Node, width: float, may_be_two: bool) -> Title:
        """The title over numbers that are so wide: in two lines, if it may, where one would be wider than these."""
        name, rest = heading(node)
        two = bool(rest) and may_be_two and text_width(name + rest, TITLE) * LOOSE + 2 * PAD > width
        return cls(name, rest.removeprefix(" = ").strip() if two else rest, two)

    @property
    def width(self) -> float:
        wide = [text_width(part, TITLE) * LOOSE for part in (self.name, self.rest)]
        return max(wide) if self.two else sum(wide)

    @property
    def height(self) -> float:
        return HEAD + LINE * self.two

    def svg(self, middle: float, most: float) -> str:
        """The lines, subscripts lowered; what is wider than `most` is cut."""
        name = fit(self.name, TITLE * LOOSE, most)
        if self.two:
            return _line(middle, 18, ("bl-name", name)) + _line(
                middle, 18 + LINE, ("bl-is", fit(self.rest, TITLE, most))
            )
        room = max(most - text_width(name, TITLE * 1.06), 0)
        return _line(middle, 18, ("bl-name", name), ("bl-is", fit(self.rest, TITLE, room) if self.rest else ""))


def _line(middle: float, y: float, *parts: tuple[str, str]) -> str:
    return f'<text class="bl-head" x="{middle:.1f}" y="{y:g}">{spans(*parts)}</text>'


def mark(note: Note | None, x: float, y: float) -> str:
    """A warning sign at the corner of a node whose number is not what the formula means, with the reason."""
    if note is None:
        return ""
    return (
        f'<g class="bl-mark bl-mark-{note.kind}"><title>{html.escape(note.sentence)}</title>'
        f'<path d="M{x:.1f} {y - 11:.0f}l12 21h-24z"/><text x="{x:.1f}" y="{y + 7:.0f}">!</text></g>'
    )
