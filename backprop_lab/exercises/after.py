"""What to look for after an error, in a sentence that goes on where the error's own ends."""

from __future__ import annotations

import re

NOTHING = "Something is None there: a `return` is missing, or what was called gave nothing."
# By what the sentence about the error begins with, a pattern; the first that fits.
ERRORS = (
    (".*traced value", "Take NumPy's functions in place of those of math: np.sin for math.sin, say."),
    ("NameError", "A name is not known there: is it spelled as where it was defined, and defined before it is used?"),
    ("UnboundLocalError", "A name is used before it gets a value on this way through the function."),
    ("IndexError: too many indices", "More axes are asked for than the array has: a vector has one, a matrix two."),
    ("IndexError: (only|arrays used)", "What stands between the brackets is no place: a whole number or a slice is."),
    ("IndexError", "A place is asked for that the list does not have: its last place is its length less one."),
    ("KeyError", "A key is asked for that the dict does not have yet: put it in first, or use `.get(key, 0)`."),
    ("(Attribute|Type)Error: .*NoneType", NOTHING),
    ("AttributeError", "A name after a dot is not known: is it set in `__init__`, or spelled otherwise?"),
    ("ZeroDivisionError", "Something is divided by 0: look at what stands below the fraction in this case."),
    ("RecursionError", "One call inside another goes too deep, or never ends: use a loop and a list of what is to do."),
    ("TypeError: .*not callable", "What stands before the round brackets is no function there."),
    ("TypeError: .*not subscriptable", "What stands before the square brackets has no parts there."),
    ("TypeError: .*(not iterable|has no len)", "A list was meant, and what stands there has no parts."),
    ("TypeError: .*argument", "It is called with too many arguments, or too few, or with one of another kind."),
    (
        "TypeError: .*(operand|concatenate|multiply)",
        "Two things meet that do not go together, such as a list and a number.",
    ),
    ("TypeError", "Something of another kind stands there than the line expects. Print it before this line."),
    ("ValueError", "Two shapes, or two lengths, do not go together there. Print them before this line."),
    ("OverflowError", "A number becomes too large. Is something multiplied again and again?"),
    ("the answer holds an object of type (map|filter|zip|generator)", "Make a list of it, list(…), and return that."),
    ("the answer holds", "Plain numbers are asked for. Take the number out of what stands there, `.data` say."),
    ("no answer within", "Look at the loops: what has to change for each of them to end, and does it?"),
)


def after_error(trouble: str) -> str:
    """What to look for where no result came; empty where the sentence about the error says all."""
    return next((advice for pattern, advice in ERRORS if re.match(pattern, trouble)), "")
