"""Say where numbers go wrong: overflow, underflow, nan, and the convention used at a kink.

    graph.notes                     node number -> Note, for every node that has something to say
    graph.culprit                   the first node that overflowed or is not a number, or None

Floats end near 1.8e308 and begin near 5e-324; what lies beyond becomes inf or 0 (IEEE 754). A nan then spreads to
everything computed from it, so the first one is the one to look at (Columbia, applied deep learning slides, 2019).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..table.entry import BY_CODE, Kink
from ..table.values import plain
from ..table.walk import Record
from ..text.notation import PLAIN, Target, in_words, number
from .node import Node

WORDS = {  # of a number that is not what its formula means; {} is the formula
    "nan": "{} is not a number (nan), and so is all that is computed from it",
    "above": "{} is larger than 1.8e308, the largest float, so it became inf (overflow)",
    "below": "{} is below −1.8e308, the lowest float, so it became −inf (overflow)",
    "underflow": "{} is nearer to 0 than any other float, so it became 0 (underflow)",
    "given": "{} is given as {}, which is not a finite number",
    # of an array's entries, or of a number that is computed of them
    "many": "{} of {} numbers of {} are {}, computed by {}; the first is {}",
    "one": "{} is {}, computed by {}",
    "nan of many": "not a number (nan)",
    "overflow of many": "inf (overflow)",
    "given of many": "{} of {} numbers of {} are not finite, as given; the first is {} = {}",
}


class Note(NamedTuple):
    """`kind` is "overflow", "underflow", "nan", "kink" or "given"; `sentence` says what happened and what we report."""

    kind: str
    sentence: str


def is_plain(record: Record) -> bool:
    """Whether a record's number needs no note: a finite float that is not 0, of an operation without kinks."""
    code, *_, y = record
    return y.__class__ is float and y != 0.0 and y - y == 0.0 and not (code >= 0 and BY_CODE[code].kinks)


def note_of(node: Node) -> Note | None:
    """What there is to say about a node's number, or None."""
    op = node.primitive
    operands = node.operands
    if op is None:
        return _given(node)
    if node.value.__class__ is np.ndarray or not all(isinstance(x, float | int) for x in (node.value, *operands)):
        return _note_of_many(node)
    y = node.value
    if any(map(math.isnan, operands)):
        return None
    finite = not any(map(math.isinf, operands))
    if math.isnan(y):
        return Note("nan", WORDS["nan"].format(shown(node)))
    if math.isinf(y):
        return Note("overflow", WORDS["above" if y > 0 else "below"].format(shown(node))) if finite else None
    factors = op.vanishes == "where an operand does" and all(operands[: op.arity])
    if y == 0 and finite and (op.vanishes == "never" or factors):
        return Note("underflow", WORDS["underflow"].format(shown(node)))
    for kink in op.kinks:
        if kink.holds(operands[: op.arity]):
            return Note("kink", kink_words(kink).format(shown(node)))
    return None


def kink_words(kink: Kink) -> str:
    """What is said at a kink; {} is the formula of the node."""
    reported = "the slopes reported are" if len(kink.partials) > 1 else "the slope reported is"
    return f"{{}} is at a kink: {kink.why}; {reported} {in_words(list(map(number, kink.partials)))}"


def _given(node: Node) -> Note | None:
    """What there is to say about an input or a constant: that it is no finite number, as it was given."""
    y = np.asarray(plain(node.value))
    if y.dtype.kind not in "fc" or np.all(np.isfinite(y)):
        return None
    if y.ndim:
        odd = np.argwhere(~np.isfinite(y))
        first = number(y[tuple(odd[0])])
        said = WORDS["given of many"].format(len(odd), y.size, node.label, _entry(node, odd[0]), first)
        return Note("given", said)
    return Note("given", WORDS["given"].format(node.label, number(node.value)))


def _note_of_many(node: Node) -> Note | None:
    """What there is to say about an array's or a complex number's elements, if it arose here."""
    y = np.asarray(plain(node.value))
    if y.dtype.kind not in "fc" or not all(np.all(np.isfinite(plain(p.value))) for p in node.parents):
        return None
    for kind, odd in (("nan", np.isnan), ("overflow", np.isinf)):
        where, what = np.argwhere(odd(y)), WORDS[f"{kind} of many"]
        if len(where) and y.size == 1:
            return Note(kind, WORDS["one"].format(node.label, what, shown(node)))
        if len(where):
            said = WORDS["many"].format(len(where), y.size, node.label, what, shown(node), _entry(node, where[0]))
            return Note(kind, said)
    return None


def _entry(node: Node, index: np.ndarray) -> str:
    return f"{node.label}[{', '.join(map(str, index))}]"


def shown(node: Node, target: Target = PLAIN) -> str:
    """A node's formula with the operands' numbers."""
    return node.tokens(target, numbers=True).text
