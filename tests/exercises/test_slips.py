"""The text of a model solution, and of it with a slip, from the one function that has both."""

import pytest

from backprop_lab.exercises.slips import slips_in, text_of


def summed(slip=""):
    """What a lesson says of it is no part of the text."""

    def total(numbers, most=3):
        """The sum."""
        ### BEGIN SOLUTION
        if slip == "nothing":
            return 0
        found = 1 if slip == "begins with 1″" else 0
        for x in reversed(numbers) if slip == "backwards" else numbers:
            if slip == "overwrites":
                found = x
                continue
            if x < most:
                found += abs(x if slip == "sign lost" else 2 * x) * (x if slip == "squared" else 1)
        if slip in ("negative", "sign lost"):
            found = -found
        elif slip == "twice":
            found *= 2
        elif slip == "counts":
            found = len(numbers)
        else:
            found *= (
                3  # too much
                if slip == "three times"
                else 1
            )  # at the end
        return found
        ### END SOLUTION

    return total


RIGHT = '''
def total(numbers, most=3):
    """The sum."""
    ### BEGIN SOLUTION
    found = 0
    for x in numbers:
        if x < most:
            found += abs(2 * x) * 1
    found *= 1  # at the end
    return found
    ### END SOLUTION
'''
CHANGED = {
    "": (),
    "nothing": ((RIGHT[RIGHT.index("    found = 0") : RIGHT.index("    ### END")], "    return 0\n"),),
    "begins with 1″": (("found = 0", "found = 1"),),
    "backwards": (("in numbers", "in reversed(numbers)"),),
    "overwrites": (
        ("        if x < most:\n            found += abs(2 * x) * 1", "        found = x\n        continue"),
    ),
    "sign lost": (("abs(2 * x)", "abs(x)"), ("found *= 1  # at the end", "found = -found")),
    "squared": (("(2 * x) * 1", "(2 * x) * x"),),
    "negative": (("found *= 1  # at the end", "found = -found"),),
    "twice": (("found *= 1  # at the end", "found *= 2"),),
    "counts": (("found *= 1  # at the end", "found = len(numbers)"),),
    "three times": (("found *= 1 ", "found *= 3 "),),
}


@pytest.mark.parametrize("slip", CHANGED)
def test_the_text_is_what_somebody_would_write(slip):
    wanted = RIGHT.lstrip("\n")
    for old, new in CHANGED[slip]:
        assert old in wanted
        wanted = wanted.replace(old, new, 1)
    assert text_of(summed, slip) == wanted
    space = {}
    exec(text_of(summed, slip), space)
    for numbers in ([], [1, -2, 5], [2, 2, -1]):
        assert space["total"](numbers) == summed(slip)(numbers)


def test_all_slips_are_known():
    assert slips_in(summed) == set(CHANGED) - {""}
