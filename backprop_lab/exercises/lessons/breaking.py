"""Exercises of 11_numbers_that_break: softmax and cross-entropy that hold for any scores, and a slope that is nan."""

from __future__ import annotations

import math
import random as randomness
from typing import Any

import numpy as np

from ...derivatives.passes import value_and_grad, vjp
from ...table.table import primitives
from ..apply import Apply, Property
from ..base import Book, WrongTurn
from ..broken import BrokenSweep
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict

BOOK = Book("11_numbers_that_break")

# --- by hand ----------------------------------------------------------------------------------------------------------


def loss_of_exponentials(u, v, w):
    return -np.log(u / (u + v + w))


def _of_scores(u: float, v: float, w: float) -> dict[str, float]:
    s = u + v + w
    return {"p1": u / s, "p2": v / s, "p3": w / s, "z1_bar": u / s - 1, "z2_bar": v / s, "z3_bar": w / s}


def _from_the_probabilities(known: dict[str, float]) -> dict[str, float]:
    return {"z1_bar": known["p1"] - 1, "z2_bar": known["p2"], "z3_bar": known["p3"]}


def slips_in_scores(u, v, w):
    p1, p2, p3, z1_bar, z2_bar, z3_bar = _of_scores(u, v, w).values()
    return {
        "y − p": {"z1_bar": -z1_bar, "z2_bar": -z2_bar, "z3_bar": -z3_bar},
        "target forgotten": {"z1_bar": p1},
        "1 taken from each": {"z2_bar": p2 - 1, "z3_bar": p3 - 1},
        "by p1": {"z1_bar": -1 / p1},
        "the others do not count": {"z2_bar": 0.0, "z3_bar": 0.0},
        "of the exponentials": {"z1_bar": z1_bar / u, "z2_bar": z2_bar / v, "z3_bar": z3_bar / w},
        "slope of p": {"z1_bar": p1 * (1 - p1), "z2_bar": -p1 * p2, "z3_bar": -p1 * p3},
        "not divided": {"p1": u, "p2": v, "p3": w, "z1_bar": u - 1, "z2_bar": v, "z3_bar": w},
    }


BOOK.add(
    Predict,
    "breaking.1",
    "Softmax and cross-entropy by hand",
    """
Three scores z1, z2, z3 have the exponentials u, v, w. The first class is the right one, so the loss is J = −log p1. Give
the three probabilities, and the derivatives of J by the three **scores**: `z1_bar`, `z2_bar`, `z3_bar`. Fractions such as
2/9 are welcome.
""",
    points=3,
    hints=(
        (("p1", "p2", "p3"), "Each exponential is divided by the sum of all three."),
        ("z1_bar", "The gradient by the scores is p − y, entry by entry. y is 1 for the right class."),
        (("z2_bar", "z3_bar"), "For a class that is not the right one y is 0, so the derivative is its probability."),
    ),
    function=loss_of_exponentials,
    listing="""
u, v, w = np.exp(z1), np.exp(z2), np.exp(z3)   # these three are given
s = u + v + w
p1, p2, p3 = u / s, v / s, w / s
J = -np.log(p1)
""",
    of=_of_scores,
    ask=("p1", "p2", "p3", "z1_bar", "z2_bar", "z3_bar"),
    follows=_from_the_probabilities,
    inputs={"u": 1.0, "v": 2.0, "w": 5.0},
    slipped=slips_in_scores,
    wrong={
        "y − p": "The signs are turned round: this is y − p. The loss falls when the right score grows, so z1_bar is negative.",
        "target forgotten": "The right class has y = 1: take 1 away from its probability.",
        "1 taken from each": "1 is taken away at the right class alone. For the others y is 0.",
        "of the exponentials": "These are the derivatives by u, v and w. By the scores they are u, v and w times as large: du/dz1 = u.",
        "by p1": WrongTurn(
            "This is the derivative by p1, −1/p1. When z1 moves, p1 moves at the rate p1(1 − p1): multiply.",
            slip="by p1",
            drawn=False,
        ),
        "the others do not count": WrongTurn(
            "The other scores are in the loss, too: they stand in the sum s below p1. When one grows, p1 falls.",
            slip="the others do not count",
            drawn=False,
        ),
        "slope of p": "This is how p1 moves. The loss is −log p1: times −1/p1, what is left is p1 − 1, and p2 and p3.",
        "not divided": "Probabilities add up to 1: divide each exponential by their sum.",
    },
)

# --- softmax ----------------------------------------------------------------------------------------------------------

softmax_of = primitives["softmax"].function  # bl.softmax


def _ordinary(random: randomness.Random) -> list[tuple[Any, ...]]:
    return [(_scores(random, 0, n),) for n in (2, 3, 5)]


def _scores(random: randomness.Random, base: float, n: int) -> Any:
    """Different scores, in whole numbers, near a base."""
    return base + np.array(random.sample(range(-4, 5), n), dtype=float)


def _shifted(*bases: float) -> Any:
    return lambda random: [(_scores(random, base, 3),) for base in bases]


def _far_apart(random: randomness.Random) -> list[tuple[Any, ...]]:
    far = float(random.randint(900, 1000))
    return [(np.array(z),) for z in ([-far, far, far - 1], [far, -far, -far], [0.0, -far, 1.0])]


def softmaxed(slip=""):
    def softmax(z):
        """The softmax of an array of scores, whatever their size."""
        ### BEGIN SOLUTION
        if slip == "nothing is taken away":
            e = np.exp(z)
        elif slip == "the smallest is taken away":
            e = np.exp(z - np.min(z))
        elif slip == "the mean is taken away":
            e = np.exp(z - np.mean(z))
        elif slip == "the first is taken away":
            e = np.exp(z - z[0])
        elif slip == "the largest size is taken away":
            e = np.exp(z - np.max(np.abs(z)))
        elif slip == "divided by the largest":
            e = np.exp(z / np.max(np.abs(z)))
        else:
            e = np.exp(z - np.max(z))
        if slip == "not divided by the sum":
            return e
        return e / np.sum(e)
        ### END SOLUTION

    return softmax


BOOK.add(
    Code,
    "breaking.2",
    "A softmax that holds",
    """
Write `softmax(z)` for an array of scores: exp of each score, divided by the sum of all. It must also be right where the
scores are 1000, where all are −1000, and where they are far apart.
""",
    points=3,
    hints=(
        ("ordinary scores", "e = np.exp(z), and then e / np.sum(e)."),
        ("large scores", "The result stays the same if one number is taken away from all scores. Which one helps?"),
        (
            "very negative scores",
            "If all exponentials become 0, the quotient is 0/0. One of them must be 1, whatever the scores are.",
        ),
        ("scores far apart", "After the subtraction no score may be larger than 0: take the largest one away."),
    ),
    make=softmaxed,
    parts=(
        Part("ordinary scores", _ordinary, softmax_of, near=1e-9),
        Part("large scores", _shifted(1000.0, 5000.0), softmax_of, near=1e-9),
        Part("very negative scores", _shifted(-1000.0, -5000.0), softmax_of, near=1e-9),
        Part("scores far apart", _far_apart, softmax_of, near=1e-9),
    ),
    wrong={
        "nothing is taken away": "exp(1000) is inf, and inf/inf is nan. Take a number away from all scores first: the quotients stay the same.",
        "the smallest is taken away": "You take the smallest score away, so the others become larger still. Take the largest one away.",
        "the mean is taken away": "You take the mean away. Where the scores are far apart, the largest one is still far above it.",
        "the first is taken away": "You take the first score away. It holds as long as the first is among the largest.",
        "the largest size is taken away": "You take the largest size away, |z|. Where all scores are −1000, all exponentials become 0: take the largest score, with its sign.",
        "divided by the largest": "You divide the scores. Only a number that is taken away leaves the probabilities as they are.",
        "not divided by the sum": "Divide by the sum of the exponentials: probabilities add up to 1.",
    },
)

# --- cross-entropy ----------------------------------------------------------------------------------------------------

cross_entropy_of = primitives["cross_entropy"].function  # bl.cross_entropy


def _right(z: Any, k: int) -> list[Any]:
    loss, pull = vjp(lambda z: cross_entropy_of(z, np.eye(len(z))[k]), z)
    return [float(loss), pull(1.0)[0]]


def _classes(random: randomness.Random) -> list[tuple[Any, ...]]:
    return [(_scores(random, 0, n), random.randrange(n)) for n in (2, 3, 5)]


def _large_classes(random: randomness.Random) -> list[tuple[Any, ...]]:
    return [(_scores(random, base, 3), random.randrange(3)) for base in (1000.0, -1000.0)]


def _hopeless(random: randomness.Random) -> list[tuple[Any, ...]]:
    """The right class has so low a score that its probability is 0 in floats."""
    found = []
    for far in random.sample(range(800, 1000), 2):
        z, k = _scores(random, 0, 3), random.randrange(3)
        z[k] -= far
        found.append((z, k))
    return found


def entropy(slip=""):
    def cross_entropy(z, k):
        """The loss −log p of the right class k, and its gradient by the scores z."""
        ### BEGIN SOLUTION
        largest = np.max(z)
        e = np.exp(z) if slip == "naive softmax" else np.exp(z - largest)
        p = e / np.sum(e)
        if slip == "p itself is changed":
            p[k] -= 1
            return -np.log(p[k]), p
        if slip in ("log of a probability", "naive softmax"):
            loss = -np.log(p[k])
        elif slip == "clipped":
            loss = -np.log(max(p[k], 1e-4))
        elif slip == "the largest is not added back":
            loss = np.log(np.sum(e)) - z[k]
        elif slip == "sign of the loss":
            loss = z[k] - largest - np.log(np.sum(e))
        else:
            loss = largest + np.log(np.sum(e)) - z[k]
        gradient = p.copy()
        if slip == "1 taken from each":
            gradient -= 1
        elif slip != "target forgotten":
            gradient[k] -= 1
        if slip == "clipped":
            gradient = gradient * (p[k] >= 1e-4)
        if slip == "y − p":
            gradient = -gradient
        return loss, gradient
        ### END SOLUTION

    return cross_entropy


BOOK.add(
    Code,
    "breaking.3",
    "Cross-entropy from the scores",
    """
Write `cross_entropy(z, k)`: z is an array of scores, and k the number of the right class, counted from 0. Return two
things, the loss −log p_k and its gradient by z. Both must be right for large scores too, and where the right class is
hopeless: its score is 900 below the others.
""",
    points=4,
    hints=(
        (("scores near 0", "the gradient"), "The gradient is p with 1 taken away at place k."),
        ("large scores", "p as in the exercise on softmax: take the largest score away before exp."),
        (
            ("a hopeless class", "the loss"),
            "log(e_k / sum) = z_k − log(sum): take the logarithm on paper, so that no log of 0 is left.",
        ),
        ("the loss", "With the largest score m taken away, log(sum of exp z) is m + log(sum of exp(z − m))."),
    ),
    make=entropy,
    parts=(
        Part("scores near 0", _classes, _right, names=("the loss", "the gradient"), near=1e-9),
        Part("large scores", _large_classes, _right, names=("the loss", "the gradient"), near=1e-9),
        Part("a hopeless class", _hopeless, _right, worth=2, names=("the loss", "the gradient"), near=1e-9),
    ),
    wrong={
        "naive softmax": "exp(1000) is inf, and inf/inf is nan: take the largest score away before exp.",
        "log of a probability": "All is right but the hopeless class: its probability became 0, and log 0 is −inf. Work the logarithm out on paper: m + log(sum of exp(z − m)) − z_k.",
        "p itself is changed": "1 is taken away from p itself, and the logarithm of what is left is nan: p[k] − 1 is below 0. Make a copy for the gradient.",
        "clipped": "You clip the probability. Then the loss stops at 9.21 and the gradient is 0, just where there is most to learn.",
        "the largest is not added back": "You took the largest score away before exp, and did not add it back to the logarithm of the sum.",
        "sign of the loss": "Your loss has the wrong sign: −log p is never below 0.",
        "1 taken from each": "1 is taken away at the right class alone, gradient[k].",
        "target forgotten": "Your gradient is p. At the right class, 1 has to be taken away.",
        "y − p": "Your gradient has the wrong sign: it is p − y. The loss falls when the right score grows.",
    },
)

# --- a slope that is nan ----------------------------------------------------------------------------------------------


def values_and_slopes(f, x):
    """At x, and at 1: whether the function is sound where numbers are small."""
    value, slope = value_and_grad(f)(x)
    small = value_and_grad(f)(1.0)
    return {"value": float(value), "slope": float(slope), "small": [float(y) for y in small]}


def traps(slip=""):
    def trap(x):
        """A function with a finite value and a slope that is nan, where x is large."""
        ### BEGIN SOLUTION
        if slip == "the value breaks too":
            return np.log(1 + np.exp(x))
        if slip == "nothing breaks":
            return x**2
        if slip == "the slope is infinite":
            return 1e300 * x**60
        if slip == "broken at 1, too":
            return np.sqrt(0 * x)
        return 1 / (1 + np.exp(x))
        ### END SOLUTION

    return trap


BOOK.add(
    Apply,
    "breaking.4",
    "A loss that looks well",
    """
The value is finite, and the slope is nan: nobody notices until the weights are nan. Invent such a function `trap(x)`. It
is tried at a large x, between 800 and 1000, and at x = 1, where value and slope must be ordinary numbers. Try yours with
`bl.value_and_grad(trap)(900.0)`.
""",
    points=3,
    hints=(
        (
            "the slope is nan",
            "A number that overflowed may be hidden on the way forward: one over inf is 0. What is its slope made of?",
        ),
        ("the value is finite", "np.exp(x) is inf at 900. Put it where inf does no harm: below, in a quotient."),
        ("all is well at 1", "Something that is only large where x is large: an exponential, for instance."),
    ),
    make=traps,
    measure=values_and_slopes,
    at=lambda random: (float(random.randint(800, 1000)),),
    properties=(
        Property("the value is finite", lambda m: math.isfinite(m["value"]), "the value is {value}.", point=True),
        Property("the slope is nan", lambda m: math.isnan(m["slope"]), "the slope is {slope}.", worth=2.0, point=True),
        Property(
            "all is well at 1",
            lambda m: all(map(math.isfinite, m["small"])),
            "at 1, value and slope are {small}.",
            point=True,
        ),
    ),
    wrong={
        "the value breaks too": "The value is not finite, so everybody sees it. Hide the infinite number: one over inf is 0.",
        "nothing breaks": "The slope is not nan. Something on the way has to overflow, and then to meet a 0 or another inf: np.exp(x) does.",
        "the slope is infinite": "The value is not finite, and the slope is not nan. nan comes from 0 · inf, inf − inf, or inf / inf.",
        "broken at 1, too": "This is nan everywhere, also at 1. It shall break only where x is large.",
    },
)

BOOK.add(
    Choose,
    "breaking.5",
    "Why does the clipped loss learn nothing?",
    """
The right class has a probability below ε = 1e−4, and the loss is −log(max(p, ε)). The net is as wrong as it can be, and
no score moves. Which sentence is the reason?
""",
    points=1,
    hints=(
        "Move a score a little. How much does p move, and max(p, ε), and the loss?",
        "What does a maximum send back to its smaller operand?",
    ),
    reason="Below ε the clipped loss is a constant, and a constant has the slope 0.",
    wrong={
        "The loss is finite, and only an infinite loss has a gradient.": (
            "Finite losses have gradients: all others in this lesson do. Look at what the maximum does to p."
        ),
        "The logarithm is so steep at ε that the gradient overflows.": (
            "At ε the logarithm has the slope 10,000, which is far from any overflow. And the gradient is not inf."
        ),
        "p − y is 0 there, because p is 0.": "p − y is −1 at the right class. It is the gradient of another loss than this one.",
    },
)

BOOK.add(
    BrokenSweep,
    "breaking.6",
    "A broken rule in a softmax",
    """
The exponentials of two scores are a and b, and s is their sum, so a/s and b/s are the probabilities. Somebody went back
from J, and broke one rule of the sweep, wherever it applies. Which one?
""",
    points=2,
    hints=(
        "Go along with the sweep, from J: work each number out yourself, with fractions. The first one that is not yours "
        "is where the rule was broken.",
        "A quotient a/s sends 1/s times its adjoint to a, and −a/s² times its adjoint to s. And a and s may get something "
        "from two sides: these arrivals add.",
    ),
    programs=(
        "s = a + b; p = a / s; e = 1 - p; J = e ** 2",
        "s = a + b; p = a / s; q = b / s; J = p * q",
        "s = a + b; q = b / s; J = q ** 2",
        "s = a + b; p = a / s; q = b / s; d = q - p; J = d ** 2",
    ),
    inputs={"a": 1.0, "b": 3.0},
    low=1,
    high=6,
    rules=(
        "keeps the last arrival",
        "keeps the first arrival",
        "multiplies the arrivals",
        "averages the arrivals",
        "pulled back twice",
        "exponent lost",
        "factors not swapped",
        "minus lost",
        "quotient without minus",
        "quotient without square",
        "upstream factor lost",
        "adds along a path",
    ),
)
