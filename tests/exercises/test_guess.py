"""`bl.guess`: a question in the middle of a lesson. It says what is nearly right, and never the right answer."""

import math

import numpy as np
import pytest

import backprop_lab as bl

SAID = [  # typed, right, whether it is right, words
    (..., 3, None, "in place of the dots"),
    ((..., 2), (3, 2), None, "in place of the dots"),
    (3, 3.0, True, "✓ 3 is right"),
    ("2/3", 2 / 3, True, "is right"),
    (0.6667, 2 / 3, True, "four digits are enough"),
    ((3, 2), np.zeros((3, 2)).shape, True, "is right"),
    ([1.0, 2.0], np.array([1.0, 2.0]), True, "is right"),
    ("U ", "u", True, "is right"),
    (-3, 3, False, "It is right but for its sign."),
    (0.7, 2 / 3, False, "It is rounded too far. Give four digits"),
    (-20, 10, False, "It is minus twice the right number."),
    (98, 100, False, "It is close, within 5%, and not right."),
    (math.nan, 3, False, "is not a number"),
    (math.inf, 3, False, "too large"),
    (4, 3, False, "off by one"),
    (20, 10, False, "twice the right number"),
    (5, 10, False, "half the right number"),
    (7.5, 3, False, "too large"),
    (0.45, 3, False, "too small"),
    ((2, 3), (3, 2), False, "in another order"),
    ((4, 9), (3, 2), False, "Think again"),
    (6, (3, 2), False, "Type 2 numbers"),
    ("three", 3, False, "is not a number"),
    (None, 3, False, "is not a number"),
    (3, "u", False, "Think again"),
    (2 - 4j, 2 - 4j, True, "is right"),
    (5, np.complex128(5), True, "is right"),
    (2 + 4j, 2 - 4j, False, "It is the conjugate of the right number."),
    (1 - 2j, 2 - 4j, False, "It is half the right number."),
    (2, 2 - 4j, False, "Its real part is right."),
    (9j, 2 - 4j, False, "Think again"),
    ("z", 2 - 4j, False, "is no complex number; type one, such as"),
    (complex(math.nan, 0), 2 - 4j, False, "is no complex number"),
    ((1j, 2), (1j, 2), True, "is right"),
    ((1j, 3), [1j, 2], False, "Think again"),
    (1j, np.array([1j, 2]), False, "2 of them"),
]


@pytest.mark.parametrize(("typed", "right", "good", "words"), SAID)
def test_a_guess(typed, right, good, words):
    told = bl.guess(typed, right)
    assert told.right is good
    if words != "four digits are enough":
        assert words in repr(told)
    assert good or repr(right) not in repr(told).replace(repr(typed), "")
