"""What to look for after an error, in a sentence that goes on where the error's own ends."""

from __future__ import annotations

# By the beginning of what is said of the error.
ERRORS = (
    ("NameError", "A name is not known there: is it spelled as where it was defined, and defined before it is used?"),
    ("UnboundLocalError", "A name is used before it gets a value on this way through the function."),
    ("IndexError", "A place is asked for that the list does not have: its last place is its length less one."),
    ("KeyError", "A key is asked for that the dict does not have yet: put it in first, or use `.get(key, 0)`."),
    ("AttributeError: 'NoneType'", "Something is None there: a `return` is missing, or what was called gave nothing."),
    ("AttributeError", "A name after a dot is not known: is it set in `__init__`, or spelled otherwise?"),
    ("ZeroDivisionError", "Something is divided by 0: look at what stands below the fraction in this case."),
    ("RecursionError", "One call inside another goes too deep, or never ends: use a loop and a list of what is to do."),
    ("TypeError: unsupported operand", "Two things meet that do not go together, such as a list and a number."),
    ("TypeError: 'NoneType'", "Something is None there: a `return` is missing, or what was called gave nothing."),
    ("TypeError", "Something is called, or looped over, that is of another kind than the line expects."),
    ("ValueError", "Two shapes, or two lengths, do not go together there. Print them before this line."),
    ("the answer holds", "Plain numbers are asked for. Take the number out of what stands there, `.data` say."),
    ("no answer within", "Look at the loops: what has to change for each of them to end, and does it?"),
    ("OverflowError", "A number becomes too large. Is something multiplied again and again?"),
)


def after_error(trouble: str) -> str:
    """What to look for where no result came; empty where the sentence about the error says all."""
    return next((advice for begin, advice in ERRORS if trouble.startswith(begin)), "")
