"""A film made small: formulas are the same markup again and again, so each piece of them is sent once."""

from __future__ import annotations

import re
from typing import Any

PIECE = re.compile(r"((?<=>)[^<>]+(?=<)|(?<= k=)[paw]\w+)")  # what differs in markup: texts, and the keys of numbers


def packed(film: dict[str, Any]) -> dict[str, Any]:
    """The film's data with each formula, also of an edge, as a list of places in `pieces`; joined, these are it."""
    pieces: dict[str, int] = {}

    def numbers(formula: str) -> list[int]:
        return [pieces.setdefault(piece, len(pieces)) for piece in PIECE.split(formula)]  # markup, text, markup …

    def small(frame: dict[str, Any]) -> dict[str, Any]:
        if "both" in frame:
            return {"both": [half and small(half) for half in frame["both"]]}
        return frame | {"formula": numbers(frame["formula"])} if "formula" in frame else frame

    def explained(edge: dict[str, Any]) -> dict[str, Any]:
        return edge | {"chain": numbers(edge["chain"])} if "chain" in edge else edge

    done = film | {"frames": list(map(small, film["frames"])), "edges": list(map(explained, film["edges"]))}
    return done | {"pieces": list(pieces)}
