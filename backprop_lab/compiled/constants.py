"""Constants in the text of a compiled program: what can be written is written, what cannot gets a name.

`repr` is not enough: `inf`, `nan`, `np.float64(0.5)` and `Fraction(1, 2)` are no Python by themselves, an index array
of a thousand numbers is shortened, and what a rule or an object of the student's prints may be anything.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..text.notation import number

LONGEST = 2**63  # whole numbers up to here are written out, larger ones get a name


class Constants:
    """The numbers and objects that a program's text mentions; `bound` has by name what it cannot write out, `module` is
    what stands before `inf` and `nan`: "np." where NumPy is at hand."""

    def __init__(self, taken: Iterable[str], module: str = "") -> None:
        self.taken, self.module = set(taken) | {"inf", "nan"}, module
        self.bound: dict[str, Any] = {}
        self._names: dict[int, str] = {}

    def text(self, x: Any, name: str = "c") -> str:
        """A constant as Python code that gives the same value of the same type, as far as arithmetic can tell."""
        kind = x.__class__
        if kind is np.float64 or kind is np.bool_ or isinstance(x, np.integer):
            x = x.item()
            kind = x.__class__
        if kind is float:
            if math.isfinite(x):
                return repr(x)
            return f"{self.module}nan" if math.isnan(x) else f"{'-' * (x < 0)}{self.module}inf"
        if kind is bool or x is None or kind is str or (kind is int and abs(x) < LONGEST):
            return repr(x)
        if kind is complex:
            finite = math.isfinite(x.real) and math.isfinite(x.imag)
            exact = finite and repr(ast.literal_eval(repr(x))) == repr(x)  # with the signs of its zeros
            return repr(x) if exact else f"complex({self.text(x.real)}, {self.text(x.imag)})"
        if x is ...:
            return "..."
        if kind is tuple:
            return f"({', '.join(self.text(part, name) for part in x)}{',' * (len(x) == 1)})"
        return self.name(x, name)

    def index(self, key: Any) -> str:
        """What stands between square brackets; index arrays get a name."""
        return ", ".join(map(self._part, key if isinstance(key, tuple) else (key,))) or "()"

    def _part(self, key: Any) -> str:
        if not isinstance(key, slice):
            return self.text(key, "places")
        parts = ["" if v is None else str(v) for v in (key.start, key.stop, key.step)]
        return ":".join(parts if parts[2] else parts[:2])

    def key(self, key: Any) -> str:
        """An index as a call takes it: slices have colons between square brackets only."""
        has_slice = any(isinstance(k, slice) for k in (key if isinstance(key, tuple) else (key,)))
        return f"np.s_[{self.index(key)}]" if has_slice else f"({self.index(key)},)"

    def name(self, x: Any, wanted: str, of: Any = None) -> str:
        """The name of an object in the program; one that has a name already keeps it (`of`: whose method it is)."""
        key = id(x if of is None else of)
        if key not in self._names:
            count = len(self.bound) + 1
            while f"{wanted}_{count}" in self.taken:
                count += 1
            self.taken.add(f"{wanted}_{count}")
            self.give(f"{wanted}_{count}", x, key)
        return self._names[key]

    def give(self, name: str, x: Any, key: int | None = None) -> None:
        """Let a name that is not used for anything else stand for an object."""
        self.bound[name] = x
        self._names[id(x) if key is None else key] = name


def described(x: Any) -> str:
    """What a constant with a name is, in one line of a comment."""
    if isinstance(x, np.ndarray):
        return f"a constant: {number(x)}"
    if callable(x):
        return "a function with rules of its own"
    text = " ".join(f"{x!r:.200}".split())
    return f"a constant: {text if len(text) <= 60 and ' at 0x' not in text else f'a {type(x).__name__}'}"


def known_as(x: Any) -> Any:
    """Something that is equal for two settings or constants that are the same in every number, and only then."""
    if isinstance(x, tuple | list):
        return type(x), tuple(map(known_as, x))
    if isinstance(x, slice):
        return slice, known_as((x.start, x.stop, x.step))
    if isinstance(x, np.ndarray):
        return x.shape, x.dtype.str, x.tobytes()
    if x is None or x is ... or isinstance(x, bool | int | float | complex | str | np.generic):
        return type(x), repr(x)
    return id(x)
