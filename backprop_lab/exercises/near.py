"""Near misses: a wrong number that is right but for its sign, its digits, its place, or a factor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..mistakes.diagnosis import tolerance
from ..mistakes.sweep import same
from ..text.notation import number

DIGITS = tolerance(4)
FACTORS = {
    2: ("twice", "half"),
    3: ("three times", "a third of"),
    4: ("four times", "a quarter of"),
    5: ("five times", "a fifth of"),
    6: ("six times", "a sixth of"),
    8: ("eight times", "an eighth of"),
    10: ("ten times", "a tenth of"),
    100: ("a hundred times", "a hundredth of"),
    1000: ("a thousand times", "a thousandth of"),
}
PLAIN = (0.0, 1.0, -1.0)  # numbers that stand in too many places to say anything about where they come from
CLOSE = 0.05
AGAIN = "Do the arithmetic once more."


class Near(NamedTuple):
    """What a near miss is called, what the number is, in words that go on from it, and what to do."""

    name: str
    words: str
    advice: str = ""

    @property
    def is_weak(self) -> bool:
        """Whether it says no more than that a slip of arithmetic is likely."""
        return self.advice == AGAIN

    def told(self, given: Any) -> str:
        """A sentence about the number."""
        return self.told_of(number(given if np.ndim(given) else float(given)))

    def told_of(self, subject: str) -> str:
        """The same sentence about what the subject names: a number, or "It"."""
        return f"{subject} is {self.words}.{f' {self.advice}' if self.advice else ''}"


def near_miss(given: float, right: float, others: Mapping[str, float] | None = None) -> Near | None:
    """In what a wrong number is nearly right; None if in nothing.

    Parameters
    ----------
    given, right : two numbers that differ
    others : numbers that may have been taken for it, by what they are: "the number for s"
    """
    if same(given, -right, DIGITS):
        return Near("only the sign", "right but for its sign")
    taken = next((what for what, x in (others or {}).items() if same(given, x, DIGITS)), None)
    if taken is not None and given not in PLAIN:
        return Near("another number", taken)
    if is_rounded(given, right):
        return Near("rounded", "rounded too far", "Give four digits, or a fraction such as 2/3.")
    factor = _factor(given, right)
    if factor:
        return Near("off by a factor", f"{factor} the right number")
    if right and abs(given - right) == 1:
        return Near("off by one", "off by one", AGAIN)
    if abs(given - right) <= CLOSE * abs(right):
        return Near("close", f"close, within {CLOSE:.0%}, and not right", AGAIN)
    if given and right and same(given * right, 1.0, DIGITS):
        return Near("turned over", "1 divided by the right number")
    if right not in PLAIN and same(given, right**2, DIGITS):
        return Near("squared", "the square of the right number")
    return None


def is_rounded(given: float, right: float) -> bool:
    """Whether a number is the right one with fewer than four digits, rounded or cut."""
    if not given or not math.isfinite(right) or right == int(right):  # of 132 nobody writes 130 for short, nor 0 of 0.4
        return False
    cut = (math.trunc(right * k) / k for k in (1, 10, 100))
    return given in (*(float(f"{right:.{k}g}") for k in (1, 2, 3)), *(round(right, k) for k in (0, 1, 2)), *cut)


def _factor(given: float, right: float) -> str | None:
    if not given or not right:
        return None
    for k, (times, part) in FACTORS.items():
        for ratio, words in ((k, times), (1 / k, part)):
            if same(abs(given / right), ratio, DIGITS):
                return f"minus {words}" if given * right < 0 else words
    return None
