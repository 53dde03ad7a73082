"""Texts with slots: what the page fills with numbers when an input moves.

    slot("p3")                  the number called p3, as `notation.number` writes it
    either("-p3", "(")          a text if p3 is written with a minus sign, or another one if not; "0p3" asks if it is 0
    distinct(" = ", texts)      the texts with that between them; of those in a row that read the same, only the last
    raised("p3")                p3 as an exponent in plain text: ² for 2, ^0.5 for 0.5

Slots are marked by signs that no font has and no name should have. `widgets/slots.js` fills them. What a number is
called in a film stands in `film/live.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

OPEN, NEXT, SHUT = "\ue800", "\ue801", "\ue802"
MARKS = OPEN + NEXT + SHUT


def _marked(*parts: str) -> str:
    return OPEN + NEXT.join(parts) + SHUT


def slot(name: str) -> str:
    """A number's place."""
    return _marked(name)


def either(asked: str, text: str, other: str = "") -> str:
    """One of two texts, by a number: `-p3` asks whether p3 is written with a minus sign, `0p3` whether it is 0."""
    return _marked(f"?{asked}", text, *filter(None, [other]))


def renamed(text: str, name: str, new: str) -> str:
    """The text with another name for a number."""
    for sign in ("", "?-", "?0", "^"):
        for end in (NEXT, SHUT):
            text = text.replace(f"{OPEN}{sign}{name}{end}", f"{OPEN}{sign}{new}{end}")
    return text


def distinct(between: str, texts: Sequence[str]) -> str:
    """Texts in a row with something between them; of those that read the same the last."""
    return _marked("=", between, *texts)


def raised(name: str) -> str:
    """A number's place as an exponent in plain text."""
    return _marked(f"^{name}")
