"""Guards for domains: what a program must look at itself, because the arithmetic it runs on would not say anything.

Python's floats raise where most operations leave their domain; NumPy's functions do not, and neither does an operation
that the program leaves out because no result needs it. The engine has a sentence for each of these cases, so a program
that meets one calls `outside()`, and the engine is asked.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..table.table import BY_CODE, primitives

__all__ = ["POW", "at_points", "guarded"]

POW = primitives["pow"].code


def guarded(record: Any) -> list[tuple[int, str]]:
    """The operands of an operation on numbers that have a domain: each with what is so of x where it leaves it."""
    code, i, j, a, b, y = record
    if code < 0 or not BY_CODE[code].elementwise or y.__class__ is not float:
        return []
    op = BY_CODE[code]
    if op.name == "power":
        whole = not np.isfinite(b) or float(b).is_integer()
        text = ("x == 0.0" if whole else "x <= 0.0") if b < 0 else "" if whole else "x < 0.0"
        return [(i, text)] if text and np.isfinite(b) else []
    pairs = zip(op.ids(i, j), op.domain, strict=True)
    return [(id, domain.outside) for id, domain in pairs if domain.outside]


def at_points(source: str) -> str:
    """A program as it runs on arrays of points: points outside a domain become nan, and are asked again one by one."""
    return _GUARD.sub(r"\2 = inside(\1, \2)", source)


_GUARD = re.compile(r"if ((?:abs\()?(\w+)\)? [<>=]+ [-\d.]+): outside\(\)")
