"""In what a result differs from the right one, in a sentence: the first place, and how near it comes.

For code, whose right results a report shows anyway.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .base import agrees, as_array
from .handle import plain_number
from .near import near_miss
from .report import shown


class Leaf(NamedTuple):
    """The first place where two results differ: in words, and what stands there in both."""

    place: str
    expected: Any
    got: Any


def difference(pairs: Sequence[tuple[Any, Any]], near: float, names: Sequence[str] = ()) -> tuple[str, str]:
    """Where results differ from the right ones, and a sentence on the first that does.

    Parameters
    ----------
    pairs : the right result and what came, for each case that is wrong
    near : the relative tolerance
    names : what the parts of a result are called, if it is a tuple or list of them

    Returns
    -------
    The name of the part, empty if there is none, and the sentence. In what numbers are nearly right is said only if it
    is the same in all cases
    """
    leaves = [first_difference(*pair, near) for pair in pairs]
    place, right, mine = leaves[0]
    named = re.fullmatch(r"\[(\d+)\](.*)", place)
    part = names[int(named[1])] if named and int(named[1]) < len(names) else ""
    place = (named[2] if named and part else place).removeprefix(", ")
    at = f"At {place}: " if place else ""
    if mine is None:
        words = "Nothing is returned. Does every way through the function end in a `return`?"
    elif plain_number(mine) is None or plain_number(right) is None:
        words = _of_another_kind(right, mine)
    elif math.isnan(mine):
        words = "No number came, but nan: something like 0/0 or inf − inf went before."
    else:
        words = _in_all(leaves) or f"{shown(mine)} came, and {shown(right)} was expected."
    return part, at + (words[0].lower() + words[1:] if at else words)


def _in_all(leaves: Sequence[Leaf]) -> str:
    """In what the first number is nearly right, if the others are in the same; else nothing."""
    found = set[str | None]()
    for leaf in leaves:
        a, b = plain_number(leaf.got), plain_number(leaf.expected)
        miss = near_miss(a, b) if a is not None and b is not None else None
        found.add(miss and miss.words)
    words = found.pop() if len(found) == 1 else None
    if not words or words.startswith(("rounded", "close")) or (len(leaves) == 1 and "sign" not in words):
        return ""
    cases = f", in each of the {len(leaves)} cases that are wrong" if len(leaves) > 1 else ""
    return f"{shown(leaves[0].got)} is {words}{cases}."


def _of_another_kind(right: Any, mine: Any) -> str:
    if isinstance(right, dict) and isinstance(mine, dict):
        missing = [str(k) for k in right if k not in mine]
        more = [str(k) for k in mine if k not in right]
        return f"{missing[0]!r} is missing." if missing else f"{more[0]!r} does not belong there."
    many, came = _size(right), _size(mine)
    if many is not None and came is not None and many != came:
        return f"{came} {'part' if came == 1 else 'parts'} came, where {many} {'is' if many == 1 else 'are'} expected."
    if many is not None and came is None:
        return f"{shown(mine)} came, one thing, where {many} are expected."
    return f"{shown(mine)} came, and {shown(right)} was expected."


def _size(x: Any) -> int | None:
    return len(x) if isinstance(x, list | tuple | dict) or isinstance(x, np.ndarray) and x.ndim else None


def first_difference(expected: Any, got: Any, near: float, place: str = "") -> Leaf:
    """Walk through two results side by side, to the first place where they differ."""
    if isinstance(expected, np.ndarray) and expected.ndim:
        found = as_array(got)
        if found is not None and found.shape == expected.shape:
            wrong = np.argwhere(~np.isclose(found, expected, rtol=near, atol=min(near, 1e-9)))
            if len(wrong):
                at = tuple(map(int, wrong[0]))
                where = f"{place}[{', '.join(map(str, at))}]"
                return Leaf(where, float(expected[at]), float(found[at]))
        return Leaf(place, expected, got)
    pairs: list[tuple[str, Any, Any]] = []
    if isinstance(expected, dict) and isinstance(got, dict) and expected.keys() == got.keys():
        pairs = [(_under(place, str(key)), x, got[key]) for key, x in expected.items()]
    elif _size(expected) is not None and not isinstance(expected, dict) and _size(got) == _size(expected):
        pairs = [(f"{place}[{k}]", x, y) for k, (x, y) in enumerate(zip(expected, list(got), strict=True))]
    for where, x, y in pairs:
        if not agrees(x, y, near):
            return first_difference(x, y, near, where)
    return Leaf(place, expected, got)


def _under(place: str, key: str) -> str:
    key = re.sub(" =$", " (its value)", key)
    return f"{place}, {key}" if place else key
