"""Hints: each says what it is about, and those about what is wrong come first."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Declared = Sequence["str | tuple[str | tuple[str, ...], str]"]


class Clue(NamedTuple):
    """A hint as it is declared: the names that it is about, and a sentence or two."""

    about: tuple[str, ...]
    text: str


def clues(hints: Declared) -> list[Clue]:
    """Hints from their declarations: a text, or a pair of what it is about, a name or several, and the text."""
    pairs = (((), hint) if isinstance(hint, str) else hint for hint in hints)
    return [Clue((about,) if isinstance(about, str) else tuple(about), text) for about, text in pairs]


def first_about(found: Iterable[Clue], name: str) -> list[Clue]:
    """Those about a name first, then those about nothing in particular, then the others."""
    return sorted(found, key=lambda clue: (name not in clue.about, bool(clue.about)))


@dataclass(frozen=True)
class Hint:
    """A hint that shows itself: its text, what it is about, and the how-manieth of how many it is."""

    text: str
    about: str = ""
    number: int = 1
    of: int = 1

    def _head(self) -> str:
        return f"Hint {self.number} of {self.of}{f', on {self.about}' if self.about else ''}:"

    def __str__(self) -> str:
        return f"{self._head()} {self.text}" if self.of else self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = f"<strong>{html.escape(self._head())}</strong> " if self.of else ""
        return f'<p role="status">{head}{marked(self.text)}</p>'


def marked(text: str) -> str:
    """A sentence as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
