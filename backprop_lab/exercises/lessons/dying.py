"""Exercises of 12_when_gradients_die: a dead unit, a chain of sigmoids, clipping, and an activation that lets through."""

from __future__ import annotations

import random as randomness
from typing import Any

import numpy as np

from ...derivatives.passes import grad, vjp
from ...errors import ArgumentError
from ...table.table import primitives
from ..apply import Apply, Property
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict

BOOK = Book("12_when_gradients_die")

relu, sigmoid = primitives["relu"].function, primitives["sigmoid"].function  # bl.relu, bl.sigmoid

# --- a unit that is off -----------------------------------------------------------------------------------------------


def two_units(x, w, v):
    r = relu(x - w)
    s = relu(w - x)
    J = v * r + w * s
    return J


def slips_in_two_units(x, w, v):
    """By hand, with another slope of relu: two numbers for r and s."""
    r, s = max(x - w, 0.0), max(w - x, 0.0)

    def answer(r_slope: float, s_slope: float) -> dict[str, float]:
        return {"r": v, "s": w, "x": v * r_slope - w * s_slope, "w": s - v * r_slope + w * s_slope, "v": r}

    return {
        "relu′ forgotten": answer(1.0, 1.0),
        "relu for relu′": answer(r, s),
        "the wrong unit is off": answer(float(x < w), float(x > w)),
    }


BOOK.add(
    Predict,
    "dying.1",
    "One of two units is off",
    """
One of the two units is off. Go back from J = 1 and give all adjoints. (Plus and minus, and a relu: fractions do not occur.)
""",
    points=3,
    hints=(
        (("r", "s"), "J is a sum of two products: each factor gets the other factor's value."),
        ("x", "Which of x − w and w − x is positive? Only that unit passes anything on to x."),
        ("w", "w has two ways, or three: as a factor of s, and inside the unit that is on."),
        ("v", "v gets the value of r, which may be 0."),
    ),
    function=two_units,
    listing="""
def two_units(x, w, v):
    r = bl.relu(x - w)
    s = bl.relu(w - x)
    J = v * r + w * s
    return J
""",
    ask=("r", "s", "x", "w", "v"),
    inputs={"x": 2.0, "w": 5.0, "v": 3.0},
    slipped=slips_in_two_units,
    wrong={
        "relu′ forgotten": "Both units pass on here. A unit whose input is negative has the slope 0: what arrives at it ends there.",
        "relu for relu′": "You multiplied by relu's value. Its slope is 1 where the input is positive, and 0 elsewhere.",
        "the wrong unit is off": "The unit that is off has a negative input, x − w or w − x. You shut the other one.",
    },
)

# --- a chain of sigmoids ----------------------------------------------------------------------------------------------


def _chain(ws: Any, x: Any) -> Any:
    a = x
    for w in ws:
        a = sigmoid(w * a)
    return a


def _adjoints(ws: Any, x: Any) -> list[float]:
    """The engine's: each a moved by 0, whose adjoint is that of a."""

    def moved(moves: Any) -> Any:
        a = x + moves[0]
        for w, move in zip(ws, moves[1:], strict=True):
            a = sigmoid(w * a) + move
        return a

    return [float(bar) for bar in grad(moved)([0.0] * (len(ws) + 1))]


def _chains(random: randomness.Random) -> list[tuple[Any, ...]]:
    """Chains whose weights are not small, so that each slip shows."""
    lengths = (1, 2, 3, 5)
    return [
        ([random.choice((-1, 1)) * random.randint(6, 12) / 4 for _ in range(n)], random.randint(2, 8) / 4)
        for n in lengths
    ]


def _deep_chains(random: randomness.Random) -> list[tuple[Any, ...]]:
    return [([random.randint(12, 20) / 4 for _ in range(30)], random.randint(2, 8) / 4)]


def chained(slip=""):
    def chain_adjoints(ws, x):
        """The adjoints of a_0 = x, a_1, …, a_n for the output a_n, where a_k is sigmoid(w_k · a_(k−1))."""
        ### BEGIN SOLUTION
        kept = [x]
        for w in ws:
            kept.append(1 / (1 + np.exp(-w * kept[-1])))
        found = [kept[-1] if slip == "seeded with the value" else 1.0]
        for k in reversed(range(len(ws))):
            y = kept[k + 1]
            if slip == "slope at the input of the layer":
                slope = kept[k] * (1 - kept[k])
            elif slip == "sigmoid taken twice":
                s = 1 / (1 + np.exp(-y))
                slope = s * (1 - s)
            elif slip == "a quarter everywhere":
                slope = 0.25
            elif slip == "slope forgotten":
                slope = 1.0
            else:
                slope = y * (1 - y)
            w = (
                1
                if slip == "weight forgotten"
                else ws[len(ws) - 1 - k]
                if slip == "weights in the wrong order"
                else ws[k]
            )
            found.append(found[-1] * slope * w)
        return found if slip == "from the output on" else found[::-1]
        ### END SOLUTION

    return chain_adjoints


BOOK.add(
    Code,
    "dying.2",
    "Back through a chain of sigmoids",
    """
a_0 = x, and each layer is a_k = σ(w_k · a_(k−1)). Write `chain_adjoints(ws, x)`: the list of the adjoints of a_0, a_1, …, a_n,
for the output a_n. So it has one number more than `ws`, and its last one is 1. Use the rules, not differences.
""",
    points=4,
    hints=(
        "First forward: keep every a in a list. Then back from the last layer to the first.",
        (
            "up to five layers",
            "One layer back is a factor: w_k times the slope of σ, which is y (1 − y) for the result y.",
        ),
        ("up to five layers", "Begin with 1. The way back finds the last adjoint first: turn the list round."),
        ("thirty layers", "The slope is taken from the layer's own result: nothing else is needed."),
    ),
    make=chained,
    parts=(
        Part("up to five layers", _chains, _adjoints, worth=3, near=1e-9),
        Part("thirty layers", _deep_chains, _adjoints, near=1e-9),
    ),
    wrong={
        "seeded with the value": "The sweep begins with 1: how fast the output moves with itself.",
        "slope at the input of the layer": "y (1 − y) is the slope of σ where y is the layer's RESULT. You took what comes into the layer.",
        "sigmoid taken twice": "You took σ of the result again. The result y is σ already: the slope is y (1 − y).",
        "a quarter everywhere": "1/4 is the largest slope, and it is reached only where the result is 1/2.",
        "slope forgotten": "These are products of weights alone. Each layer has a second factor: the slope of σ.",
        "weight forgotten": "These are products of slopes alone. Inside σ stands w · a, so each layer has the factor w, too.",
        "weights in the wrong order": "On the way back the last layer's weight comes first. Yours come in the order of the way forward.",
        "from the output on": "The numbers are right, and in the order of the sweep. The list begins with the adjoint of x.",
    },
)

# --- clipping ---------------------------------------------------------------------------------------------------------


def _clipped(gradients: list[Any], most: float) -> list[Any]:
    length = np.sqrt(sum(float(np.sum(g**2)) for g in gradients))
    return [g * (most / length) if length > most else 1.0 * g for g in gradients]


def _gradients(random: randomness.Random, scale: float) -> list[Any]:
    """Arrays of several shapes, none of them alone as long as all together."""
    shapes = ((2, 3), (3,), (random.randint(2, 4),))
    return [
        scale * np.array([random.choice((-1, 1)) * random.randint(2, 9) for _ in range(int(np.prod(s)))]).reshape(s)
        for s in shapes
    ]


def _long(random: randomness.Random) -> list[tuple[Any, ...]]:
    return [(_gradients(random, 1.0), random.randint(3, 6) / 2), (_gradients(random, 1e6), 2.0)]


def _short(random: randomness.Random) -> list[tuple[Any, ...]]:
    return [(_gradients(random, 1e-3), float(random.randint(1, 3)))]


def _still(random: randomness.Random) -> list[tuple[Any, ...]]:
    return [([np.zeros((2, 2)), np.zeros(3)], 1.0)]


def kept_by(clip, gradients, most):
    """Whether the caller's arrays are as before."""
    before = [g.copy() for g in gradients]
    found = clip(gradients, most)
    if type(found) not in (list, tuple) or len(found) != len(gradients):
        raise ArgumentError("clip does not return a list with one array for each of the gradients yet")
    same = all(np.array_equal(a, b) for a, b in zip(before, gradients, strict=True))
    return "as before" if same else "changed"


def clipping(slip=""):
    def clip(gradients, most):
        """The same direction, and a length of at most `most`, counted over all arrays together."""
        ### BEGIN SOLUTION
        if slip == "entry by entry":
            return [np.clip(g, -most, most) for g in gradients]
        if slip == "each array by itself":
            return [g * min(1.0, most / max(np.sqrt(np.sum(g**2)), 1e-300)) for g in gradients]
        if slip == "the largest entry for the length":
            length = max(np.max(np.abs(g)) for g in gradients)
        elif slip == "root forgotten":
            length = sum(np.sum(g**2) for g in gradients)
        elif slip == "lengths added up":
            length = sum(np.sqrt(np.sum(g**2)) for g in gradients)
        else:
            length = np.sqrt(sum(np.sum(g**2) for g in gradients))
        if slip == "always made as long":
            return [g * (most / length) for g in gradients]
        if length <= most:
            return [g.copy() for g in gradients]
        if slip == "divided by the length alone":
            return [g / length for g in gradients]
        if slip == "the caller's arrays are changed":
            for g in gradients:
                g *= most / length
            return gradients
        return [g * (most / length) for g in gradients]
        ### END SOLUTION

    return clip


BOOK.add(
    Code,
    "dying.3",
    "Clip the gradient",
    """
Write `clip(gradients, most)`. `gradients` is a list of arrays of floats, one for each layer. Together they are one long
vector. If it is longer than `most`, return a list of arrays with the same direction and the length `most`; else return it
as it is. The caller's arrays must stay as they were.
""",
    points=4,
    hints=(
        (
            "long ones",
            "The length is the root of the sum of ALL squares, over all arrays. Then one factor for all of them.",
        ),
        ("long ones", "most / length is the factor: with it the length becomes `most`."),
        ("short ones", "Only if length > most is anything to be done."),
        ("all 0", "Where all is 0 there is nothing to clip: do not divide by the length before you have looked at it."),
        ("the caller's arrays", "`g *= factor` changes the caller's array. `g * factor` makes a new one."),
    ),
    make=clipping,
    parts=(
        Part("long ones", _long, _clipped, worth=2, near=1e-9),
        Part("short ones", _short, _clipped, near=1e-9),
        Part("all 0", _still, _clipped, worth=0.5, near=1e-9),
        Part("the caller's arrays", _long, lambda g, most: "as before", worth=0.5, probe=kept_by),
    ),
    wrong={
        "entry by entry": "You cut each entry off by itself. That turns the direction: large entries shrink, small ones stay.",
        "each array by itself": "You clip each array by itself, so the layers are no longer in proportion. There is one length, over all arrays.",
        "the largest entry for the length": "You took the largest entry. The length is the root of the sum of all squares.",
        "root forgotten": "This is the square of the length. Take the root.",
        "lengths added up": "Lengths do not add up: add the squares of all entries first, and take one root.",
        "always made as long": "Short gradients become longer here, and where all is 0 there comes nan. Clip only if the length is above `most`.",
        "divided by the length alone": "Your result has the length 1. It should have the length `most`.",
        "the caller's arrays are changed": "The numbers are right, but the caller's arrays have changed. Return new arrays.",
    },
)

# --- an activation that lets through ----------------------------------------------------------------------------------


def let_through(activation, xs):
    """How fast the end of ten layers moves with their beginning, at each x; and how far from a straight line it is."""

    def ten(x: Any) -> Any:
        for _ in range(10):
            x = activation(x)
        return x

    factors = [float(vjp(ten, x)[1](1.0)[0]) for x in xs]
    ends, middle = [float(activation(x)) for x in (-2.0, 2.0)], [float(activation(x)) for x in (-1.0, 0.0, 1.0)]
    line = [ends[0] + (ends[1] - ends[0]) * t for t in (0.25, 0.5, 0.75)]
    bend = max(abs(a - b) for a, b in zip(middle, line, strict=True)) / max(1e-300, *map(abs, ends))
    sizes = [abs(f) for f in factors]
    return {"least": min(sizes), "most": max(sizes), "bend": bend}


def letting(slip=""):
    def activation(x):
        """An activation that lets adjoints through ten layers."""
        ### BEGIN SOLUTION
        if slip == "it dies":
            return 1 / (1 + np.exp(-x))
        if slip == "too steep":
            return 3 * x + np.sin(x)
        if slip == "a straight line":
            return 0.95 * x
        return x + 0.2 * np.sin(x)
        ### END SOLUTION

    return activation


BOOK.add(
    Apply,
    "dying.4",
    "An activation that lets through",
    """
Invent `activation(x)`. It is put ten times in a row, with no weights between. It is tried at four numbers x, positive and
negative. At each of them the end must move at least 0.1 and at most 10 times as fast as the beginning. And it must not be
a straight line: a net of those is one line, however deep it is.
""",
    points=3,
    hints=(
        (
            "at least 0.1",
            "Ten slopes are multiplied. If each is 0.8, the product is 0.1. How far from 1 may slopes be, on both sides of 0?",
        ),
        ("at most 10", "With slopes of 1.26 the product is 10. Stay nearer to 1."),
        ("not a straight line", "Take x itself and add something small that bends: a residual layer does that."),
    ),
    make=letting,
    measure=let_through,
    at=lambda random: ([sign * random.randint(2, 9) / 4 for sign in (-1, 1, -1, 1)],),
    properties=(
        Property(
            "at least 0.1", lambda m: m["least"] >= 0.1, "somewhere it is {least}: the gradient dies.", point=True
        ),
        Property("at most 10", lambda m: m["most"] <= 10, "somewhere it is {most}: the gradient explodes.", point=True),
        Property(
            "not a straight line",
            lambda m: m["bend"] > 1e-3,
            "between −2 and 2 it is a straight line, or nearly so.",
            point=True,
        ),
    ),
    wrong={
        "it dies": "Somewhere ten slopes multiply to nearly nothing. Those of a sigmoid are at most 1/4, those of relu are 0 on one side. They should be near 1, for positive and for negative x.",
        "too steep": "Somewhere ten slopes multiply to more than 10. They should be near 1: already ten slopes of 1.3 are too much.",
        "a straight line": "It lets all through, but it is a straight line: ten layers of it are one straight line.",
    },
)

BOOK.add(
    Choose,
    "dying.5",
    "Who dies first?",
    """
In a deep net of sigmoids the **first** layer learns slowest, the last one learns well. Which sentence is the reason?
""",
    points=1,
    hints=(
        "Write the adjoint of the last layer as a product, then that of the first. Which has more factors?",
        "Each factor is at most 1/4 times a weight.",
    ),
    reason="On the way back to the first layer the adjoint was multiplied by the most slopes, each at most 1/4.",
    wrong={
        "The first layer's values are smaller than the last one's.": (
            "A sigmoid's values are between 0 and 1 in each layer. It is not the values that shrink, but what comes back."
        ),
        "The sweep starts at the first layer, when adjoints are still 0.": (
            "The reverse sweep starts at the output. The first layer comes last."
        ),
        "The first layer is used by all others, and what arrives cancels.": (
            "In a chain each layer is used by the next one only: nothing is there to cancel."
        ),
    },
)
