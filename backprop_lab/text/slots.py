"""Texts with slots: what the page fills with numbers when an input moves.

    slot("p3")                  the number called p3, as `notation.number` writes it
    either("-p3", "(")          a text if p3 is written with a minus sign, or another one if not; "0p3" asks if it is 0
    distinct(" = ", texts)      the texts with that between them; of those in a row that read the same, only the last
    raised("p3")                p3 as an exponent in plain text: ² for 2, ^0.5 for 0.5

    Figure(2.5, "p3")           p3, to compute with: what comes out is named by how it came about, `p3 w4_0 *`
    named(x)                    the name of such a number; of an array of them `[t3,t4]`

Slots are marked by signs that no font has and no name should have. `widgets/slots.js` fills them. What a number is
called in a film stands in `film/live.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from math import inf, nan
from typing import Any

import numpy as np

OPEN, NEXT, SHUT = "\ue800", "\ue801", "\ue802"
MARKS = OPEN + NEXT + SHUT
_NAMED = re.compile(rf"({OPEN}(?:\?[-0]|\^)?)(\w+)(?=[{NEXT}{SHUT}])")


def _marked(*parts: str) -> str:
    return OPEN + NEXT.join(parts) + SHUT


def slot(name: str) -> str:
    """A number's place."""
    return _marked(name)


def either(asked: str, text: str, other: str = "") -> str:
    """One of two texts, by a number: `-p3` asks whether p3 is written with a minus sign, `0p3` whether it is 0."""
    return _marked(f"?{asked}", text, *filter(None, [other]))


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with other names for numbers."""
    return _NAMED.sub(lambda found: found[1] + names.get(found[2], found[2]), text)


def distinct(between: str, texts: Sequence[str]) -> str:
    """Texts in a row with something between them; of those that read the same the last."""
    return _marked("=", between, *texts)


def raised(name: str) -> str:
    """A number's place as an exponent in plain text."""
    return _marked(f"^{name}")


class Named:
    """A number that changes with the inputs, and is known by its name."""

    __slots__ = ()
    name: str


def is_named(x: Any) -> bool:
    """Whether this is such a number, or an array of them."""
    return isinstance(x, Named) or isinstance(x, np.ndarray) and x.dtype == object


class Figure(Named, float):
    """A number that changes with the inputs: its value here, and the name by which it is known anywhere.

    What is computed with figures is a figure. Its name says how, operands first, in names, floats, signs: `p3 2.0 *`;
    `neg` is a minus sign, and `w4_0 p4 ~tanh` the slope of tanh at p4, or the first where there is none.
    Code that works out numbers and tells of them so makes templates, if it is given figures.
    """

    __slots__ = ("name",)

    def __new__(cls, value: float, name: str) -> Figure:
        made = super().__new__(cls, value)
        made.name = name
        return made

    def __neg__(self) -> Figure:
        return Figure(-float(self), f"{self.name} neg")

    def __add__(self, other: Any) -> Figure:
        return self if named(other) == "0.0" else _computed("+", self, other)

    def __radd__(self, other: Any) -> Figure:
        return self if named(other) == "0.0" else _computed("+", other, self)

    def __sub__(self, other: Any) -> Figure:
        return _computed("-", self, other)

    def __rsub__(self, other: Any) -> Figure:
        return _computed("-", other, self)

    def __mul__(self, other: Any) -> Figure:
        return self if named(other) == "1.0" else _computed("*", self, other)

    def __rmul__(self, other: Any) -> Figure:
        return self if named(other) == "1.0" else _computed("*", other, self)

    def __truediv__(self, other: Any) -> Figure:
        return self if named(other) == "1.0" else _computed("/", self, other)

    def __rtruediv__(self, other: Any) -> Figure:
        return _computed("/", other, self)


_SIGNS: dict[str, Callable[[float, float], float]] = {
    "+": float.__add__,
    "-": float.__sub__,
    "*": float.__mul__,
    "/": lambda a, b: a / b if b else nan if a == 0 or a != a else inf,
}


def named(x: Any) -> str:
    """A named number's name; another number as a float in full; those of an array in brackets."""
    if isinstance(x, np.ndarray) and x.ndim:
        return f"[{','.join(map(named, x))}]"
    return x.name if isinstance(x, Named) else repr(float(x))


def _computed(sign: str, a: Any, b: Any) -> Figure:
    return Figure(_SIGNS[sign](float(a), float(b)), f"{named(a)} {named(b)} {sign}")
