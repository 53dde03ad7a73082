"""Exercises of 15_train_a_network: one unit, a line that learns, a nudge, features, and a net of zeros."""

from __future__ import annotations

import random as randomness
from typing import Any

import numpy as np

from ...errors import ArgumentError
from ..apply import Apply, Property
from ..base import Book
from ..broken_steps import BrokenSteps
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict

BOOK = Book("15_train_a_network")

# --- one unit, and the data's adjoints --------------------------------------------------------------------------------


def one_unit(w, b, x, y):
    s = w * x + b
    J = (s - y) ** 2
    return J


BOOK.add(
    Predict,
    "training.1",
    "The weights' adjoints, and the data's",
    """
Go back from J = 1. Give the adjoints of the weights w and b, and of the data x and y.
""",
    points=3,
    hints=(
        ("b", "What arrives at s is 2 (s − y). A sum passes it on as it is."),
        ("w", "w is multiplied by x: what arrives at s, times x."),
        ("x", "x is multiplied by w: what arrives at s, times w. Data have adjoints as well as weights."),
        ("y", "y is taken away: it gets what s gets, with the other sign."),
    ),
    function=one_unit,
    listing="""
def one_unit(w, b, x, y):
    s = w * x + b
    J = (s - y) ** 2
    return J
""",
    ask=("w", "b", "x", "y"),
    inputs={"w": 2.0, "b": 1.0, "x": 3.0, "y": 4.0},
)

# --- a line that learns -----------------------------------------------------------------------------------------------


def _lines(random: randomness.Random, rest: bool) -> list[tuple[Any, ...]]:
    """Data as two lists, a rate, and how many epochs, each of one step on all data."""
    found = []
    for _ in range(3):
        xs = [random.randint(-4, 4) / 2 for _ in range(random.randint(3, 5))] + [1.5]
        ys = [0.0 for _ in xs] if rest else [random.randint(-6, 6) / 2 for _ in xs]
        found.append((xs, ys, random.choice((0.05, 0.1)), random.randint(3, 6)))
    return found


def _learnt(xs: list[float], ys: list[float], rate: float, steps: int) -> list[float]:
    x, y, w, b = np.array(xs), np.array(ys), 0.0, 0.0
    for _ in range(steps):
        off = w * x + b - y
        w, b = w - rate * float(np.mean(2 * off * x)), b - rate * float(np.mean(2 * off))
    return [w, b]


def fit_of(fit, xs, ys, rate, steps):
    w, b = fit(xs, ys, rate, steps)
    return [float(w), float(b)]


def fitting(slip=""):
    def fit(xs, ys, rate, steps):
        """The weights w and b of the line after some steps on all points, from w = 0 and b = 0."""
        ### BEGIN SOLUTION
        x, y = np.array(xs), np.array(ys)
        w, b = 0.0, 0.0
        for _ in range(steps):
            off = y - (w * x + b) if slip == "sign of what it is off" else w * x + b - y
            w_bar, b_bar = np.mean(2 * off * x), np.mean(2 * off)
            if slip == "summed, not averaged":
                w_bar, b_bar = np.sum(2 * off * x), np.sum(2 * off)
            if slip == "the 2 is lost":
                w_bar, b_bar = w_bar / 2, b_bar / 2
            if slip == "x is lost":
                w_bar = b_bar
            if slip == "the bias stays":
                b_bar = 0.0
            if slip == "one after the other":
                w = w - rate * w_bar
                b = b - rate * np.mean(2 * (w * x + b - y))
            else:
                w, b = w - rate * w_bar, b - rate * b_bar
        return (b, w) if slip == "exchanged" else (w, b)
        ### END SOLUTION

    return fit


BOOK.add(
    Code,
    "training.2",
    "A line that learns",
    """
Write `fit(xs, ys, rate, steps)`: a line w·x + b learns the points. Begin with w = 0 and b = 0. The loss is the mean of
(w·x + b − y)². Each step is one step of gradient descent on **all** points, for w and b at once. Return the pair `(w, b)`.
""",
    points=4,
    hints=(
        (
            "points anywhere",
            "With off = w·x + b − y for each point, w's gradient is the mean of 2 · off · x, and b's the mean of 2 · off.",
        ),
        ("points anywhere", "Compute both gradients first, at the same w and b. Then move both."),
        ("points on the axis", "If all y are 0, the start is right already, and nothing should move."),
    ),
    make=fitting,
    parts=(
        Part("points anywhere", lambda random: _lines(random, False), _learnt, worth=3, probe=fit_of, near=1e-9),
        Part(
            "points on the axis",
            lambda random: _lines(random, True),
            _learnt,
            worth=0.5,
            probe=fit_of,
            near=1e-9,
            extra=True,
        ),
    ),
    wrong={
        "sign of what it is off": "You went uphill: off is w·x + b − y, and not y less that.",
        "summed, not averaged": "You added the gradients of the points up. The loss is a mean: divide by how many points there are.",
        "the 2 is lost": "A square's slope has a 2: the gradient by w is the mean of 2 · off · x.",
        "x is lost": "w is multiplied by x, so its gradient has the factor x: the mean of 2 · off · x.",
        "the bias stays": "Your b stays at 0. It is a weight, too: its gradient is the mean of 2 · off.",
        "one after the other": "You moved w first, and took b's gradient at the new w. Take both gradients at the same place.",
        "exchanged": "The numbers are right and exchanged: return (w, b).",
    },
)

# --- a nudge ----------------------------------------------------------------------------------------------------------


def _points(random: randomness.Random) -> list[tuple[Any, ...]]:
    """Weights, a point, its label, and how far each coordinate may move."""
    found = []
    for label in random.sample((1, -1, 1, -1), 4):
        w = [random.choice((-1, 1)) * random.randint(1, 6) / 2 for _ in range(random.randint(3, 5))]
        found.append((w, [random.randint(-8, 8) / 4 for _ in w], label, random.choice((0.25, 0.5))))
    return found


def _nudged(w: list[float], x: list[float], label: int, most: float) -> list[float]:
    return [float(b - most * label * np.sign(a)) for a, b in zip(w, x, strict=True)]


def nudge_of(nudge, w, x, label, most):
    return [float(b) for b in np.ravel(nudge(np.array(w), np.array(x), label, most))]


def nudging(slip=""):
    def nudge(w, x, label, most):
        """The point, moved by at most `most` in each coordinate, that makes label · score smallest."""
        ### BEGIN SOLUTION
        uphill = -label * w
        if slip == "it helps the net":
            uphill = label * w
        if slip == "label forgotten":
            uphill = -w
        if slip == "the weights, not their signs":
            return x + most * uphill
        if slip == "as long altogether":
            return x + most * uphill / np.sqrt(np.sum(uphill**2))
        if slip == "the largest weight alone":
            return x + most * np.sign(uphill) * (np.abs(w) == np.max(np.abs(w)))
        if slip == "the move alone":
            return most * np.sign(uphill)
        return x + most * np.sign(uphill)
        ### END SOLUTION

    return nudge


BOOK.add(
    Code,
    "training.3",
    "The worst nudge",
    """
A net's score for a point is w₁x₁ + w₂x₂ + …, and `label` is 1 or −1: the side on which the point should be. Write
`nudge(w, x, label, most)`. Each coordinate of `x` may move by at most `most`, up or down. Return the moved point that makes
label · score as small as possible. `w` and `x` are NumPy arrays.
""",
    points=3,
    hints=(
        "By x, the gradient of label · score is label · w. Which way is downhill?",
        "Each coordinate may move by `most`, whatever the others do: so all of them move the whole way. Only the signs are left.",
        "`np.sign` has the signs. Keep x: return the moved point.",
    ),
    make=nudging,
    parts=(Part("points", _points, _nudged, probe=nudge_of, near=1e-9),),
    wrong={
        "it helps the net": "This moves the point to the right side. It should go the other way: label · score is to become small.",
        "label forgotten": "This is right for the label 1 alone. With −1 the score must become large.",
        "the weights, not their signs": "You moved each coordinate in proportion to its weight. Each may move the whole way: take the signs.",
        "as long altogether": "You made the whole move as long as `most`. Here each coordinate may move as far as that.",
        "the largest weight alone": "You moved one coordinate. All may move, and each one makes it worse.",
        "the move alone": "This is the move. Return the point after it.",
    },
)

# --- features ---------------------------------------------------------------------------------------------------------


def rings(seed: int) -> tuple[Any, Any]:
    """Points of two rings around 0, and their labels."""
    random = np.random.default_rng(seed)
    labels = np.where(np.arange(120) % 2 == 0, 1.0, -1.0)
    length = np.where(labels > 0, 1.0, 2.0) + random.uniform(-0.25, 0.25, 120)
    angle = random.uniform(0, 2 * np.pi, 120)
    return np.stack([length * np.cos(angle), length * np.sin(angle)], 1), labels


def separated(features, seed):
    """How well a line in the features tells two rings apart, after 300 steps of descent."""
    points, labels = rings(seed)
    if features(*points[0].tolist()) is None:
        raise ArgumentError("features returns nothing yet; return a list of numbers")
    rows = np.array([np.ravel(features(x, y)) for x, y in points.tolist()], dtype=float)
    spread = rows.std(0)
    known = (rows - rows.mean(0)) / np.where(spread > 1e-9, spread, 1.0)
    known = np.concatenate([known, np.ones((len(known), 1))], 1)
    w = np.zeros(known.shape[1])
    for _ in range(300):
        w = w + 1.0 * np.mean((labels / (1 + np.exp(np.clip(labels * (known @ w), -500, 500))))[:, None] * known, 0)
    return {"right": 100 * float(np.mean(labels * (known @ w) > 0)), "count": rows.shape[1]}


def featuring(slip=""):
    def features(x, y):
        """A list of one to three numbers that are made of the coordinates."""
        ### BEGIN SOLUTION
        if slip == "the coordinates alone":
            return [x, y]
        if slip == "too many":
            return [x, y, x * x, y * y, x * y]
        return [x * x + y * y]
        ### END SOLUTION

    return features


BOOK.add(
    Apply,
    "training.4",
    "A feature in place of a layer",
    """
Two rings of points lie around 0, one inside the other: no straight line parts them. Write `features(x, y)`: a list of at most
three numbers made of the coordinates, in which a straight line is enough. Gradient descent then trains one layer on them,
with 300 steps. At least 95 of 100 points must come out on the right side.
""",
    points=3,
    hints=(
        ("95 % are right", "What is larger for all points of the outer ring than for all of the inner one?"),
        ("95 % are right", "Both coordinates count, whatever their sign: think of the distance from 0."),
        ("three numbers at most", "One good number is enough."),
    ),
    make=featuring,
    measure=separated,
    at=lambda random: (random.randint(0, 10**6),),
    properties=(
        Property("95 % are right", lambda m: m["right"] >= 95, "{right} % are right.", point=True),
        Property("three numbers at most", lambda m: 1 <= m["count"] <= 3, "there are {count} numbers.", point=True),
    ),
    wrong={
        "the coordinates alone": "A straight line cannot part a ring from what it surrounds. Make a number that knows the distance from 0.",
        "too many": "These would do, and there are too many. Which sum of two of them is enough?",
    },
)

BOOK.add(
    Choose,
    "training.5",
    "Why does a net of zeros not learn?",
    """
All weights and biases of the net start at 0, and its loss stays where it was. Which sentence is the reason?
""",
    points=1,
    hints=(
        "Go back from the score: what does a matrix of zeros send to the layer before it?",
        "And what does the last matrix itself get, if all the a that come in are tanh(0)?",
    ),
    reason="The last weights are 0, so nothing comes back to the first layers; and the units give 0, so the last weights get nothing either. Only the last bias moves.",
    wrong={
        "The loss of a net of zeros is 0, so there is nothing to learn.": "Its score is 0. Its loss is log 2, as you have computed.",
        "tanh is flat at 0, so its slope stops the gradient.": "tanh is steepest at 0: its slope is 1 there.",
        "Adam divides by the size of the gradient, and 0 by 0 is nan.": "Adam has an ε below the line, so it divides 0 by ε. Also plain descent does not move here.",
    },
)

BOOK.add(
    BrokenSteps,
    "training.6",
    "A broken optimiser",
    """
A run does not come down as it should. It uses momentum (lesson 13), and one rule of it is broken. Here are its first two
steps on a small loss, made to find the mistake. Which rule is it?
""",
    points=2,
    hints=(
        "Go through the table from the left: work out each number from those that stand before it. The first one that is "
        "not yours is where to look.",
        "The slope of the loss at the start is g of step 1. Then: is v the rate times g? Is the new w the old one less v? "
        "In step 2 there is more to go wrong: where is g taken, and what is left of the old v?",
    ),
    programs=("L = w ** 2 - 2 * w", "L = w ** 2 + 3 * w", "L = 2 * w ** 2 - w", "L = 5 * w - w ** 2"),
    inputs={"w": 4.0, "rate": 0.25, "gamma": 0.5},
    choices={"rate": (0.125, 0.25, 0.5), "gamma": (0.25, 0.5, 0.75)},
    method="momentum",
    rules=(
        "step uphill",
        "rate forgotten",
        "momentum's sign",
        "state not carried over",
        "gradient of the start",
        "old part not damped",
        "rate applied twice",
        "moves before the velocity is renewed",
        "gradient at the new point",
        "step for the point",
    ),
)
