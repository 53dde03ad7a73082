"""A question in the middle of a lesson: `bl.guess(..., right)`, where the student types an answer over the dots.

It brings no points and keeps nothing. It gives nothing away either: the right answer is what the next cell shows.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from .base import DIGITS, agrees
from .handle import plain_number
from .near import near_miss

AGAIN = "Think again, or run the next cell."
EMPTY = "Type your answer in place of the dots, then run this cell again."


class Guess:
    """What became of a guess: a sentence that shows itself.

    Attributes
    ----------
    right : True, False, or None before the first try
    sentence : what is shown
    wanted : the right answer
    """

    def __init__(self, right: bool | None, sentence: str, wanted: Any = None) -> None:
        self.right, self.sentence, self.wanted = right, sentence, wanted

    def __repr__(self) -> str:
        return self.sentence


def guess(typed: Any, right: Any) -> Guess:
    """Compare what a student typed with the right answer, and say in what it is nearly right.

    Parameters
    ----------
    typed : a number, which may be complex, a word, or a list or tuple of them; `...` where nothing has been typed yet
    right : the right answer, computed: `sweep.result["x"]`, `W.shape`

    Returns
    -------
    Guess : shows itself in a notebook. Four digits are enough. A wrong answer is never told the right one
    """
    return Guess(*_told(typed, right), right)


def _told(typed: Any, right: Any) -> tuple[bool | None, str]:
    if typed is ... or isinstance(typed, tuple | list) and any(part is ... for part in typed):
        return None, EMPTY
    if isinstance(right, str):
        good = isinstance(typed, str) and typed.strip().lower() == right.lower()
        return (good, _said(good, repr(typed), AGAIN))
    if np.iscomplexobj(right):
        return _told_complex(typed, right)
    if isinstance(right, tuple | list | np.ndarray):
        wanted = [float(x) for x in right]
        given = list(typed) if isinstance(typed, tuple | list | np.ndarray) else None
        if given is None or len(given) != len(wanted):
            return (False, f"✗ Type {len(wanted)} numbers: ({', '.join('…' for _ in wanted)})")
        good = agrees(wanted, given, DIGITS)
        known = not good and all(plain_number(x) is not None for x in given)
        mixed = known and agrees(sorted(wanted), sorted(map(plain_number, given)), DIGITS)
        advice = "The numbers are right, and in another order." if mixed else AGAIN
        return (good, _said(good, repr(typed), advice))
    number = plain_number(typed)
    if number is None or math.isnan(number):
        return (False, f"✗ {typed!r:.40} is not a number; type one, such as 14, 0.5 or 1/2.")
    good = agrees(float(right), number, DIGITS)
    return (good, _said(good, repr(typed), "" if good else _near(number, float(right))))


def _told_complex(typed: Any, right: Any) -> tuple[bool, str]:
    """The same for a complex number, or a row of them."""
    many = isinstance(right, tuple | list | np.ndarray)
    wanted = [complex(x) for x in right] if many else [complex(right)]
    given = typed if many and isinstance(typed, tuple | list | np.ndarray) else [typed]
    found = [complex(x) if type(x) in (complex, np.complex128) else plain_number(x) for x in given]
    if len(found) != len(wanted) or any(x is None or cmath.isnan(x) for x in found):
        numbers = f"({', '.join('…' for _ in wanted)}), {len(wanted)} of them" if many else "one"
        return False, f"✗ {typed!r:.40} is no complex number; type {numbers}, such as 2 - 3j."
    pairs = [(complex(x), y) for x, y in zip(found, wanted, strict=True)]  # type: ignore[arg-type]
    wrong = [(x, y) for x, y in pairs if abs(x - y) > DIGITS * abs(y)]
    return not wrong, _said(not wrong, repr(typed), _near_complex(*wrong[0]) if wrong and not many else AGAIN)


def _near_complex(given: complex, right: complex) -> str:
    """In what a wrong complex number is nearly right."""
    ways = {
        "the conjugate of the right number": right.conjugate(),
        "right but for its sign": -right,
        "twice the right number": 2 * right,
        "half the right number": right / 2,
        "the right number times i": 1j * right,
        "the right number divided by i": right / 1j,
    }
    near = next((words for words, x in ways.items() if abs(given - x) <= DIGITS * abs(x)), None)
    parts = [
        name
        for name, a, b in (("real", given.real, right.real), ("imaginary", given.imag, right.imag))
        if abs(a - b) <= DIGITS * abs(b)
    ]
    return f"It is {near}." if near else f"Its {parts[0]} part is right." if parts else AGAIN


def _said(good: bool, typed: str, advice: str) -> str:
    return f"✓ {typed:.60} is right." if good else f"✗ {typed:.60} is not right. {advice}"


def _near(given: float, right: float) -> str:
    """In what a wrong number is nearly right; else whether it is too large or too small."""
    near = near_miss(given, right)
    if near is not None:
        return near.told_of("It")
    return "It is too large." if given > right else "It is too small."
