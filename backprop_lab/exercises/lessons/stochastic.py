"""Exercises of 14_stochastic_descent: a mean over examples, batches, an epoch, and a schedule of one's own."""

from __future__ import annotations

import math
import random as randomness
from typing import Any

import numpy as np

from ..apply import Apply, Property
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..steps import Steps

BOOK = Book("14_stochastic_descent")

# --- a step on a batch ------------------------------------------------------------------------------------------------


def off(w, x, y):
    return (w * x - y) ** 2


BOOK.add(
    Steps,
    "stochastic.1",
    "Two steps on a batch",
    """
The loss of one example is (w·x − y)². A batch has four examples, and both steps look at this batch. Give the gradient of
each step and the weight after it.
""",
    points=3,
    hints=(
        ("g_1", "The slope of one example by w is 2x (w·x − y). Compute it for each of the four, then take the mean."),
        ("w_1", "Take the rate times the mean gradient away from w."),
        ("g_2", "The same examples again, and the weight is w_1 now."),
        ("w_2", "Take the rate times the second gradient away from w_1."),
    ),
    listing="""
def off(w, x, y):
    return (w * x - y) ** 2
""",
    function=off,
    method="sgd",
    ask=("g_1", "w_1", "g_2", "w_2"),
    inputs={"w": 4.0, "rate": 0.125},
    choices={"rate": (0.0625, 0.125, 0.25)},
    data={"x": [1, 2, 1, 0], "y": [3, 2, 5, 4]},
    low=2,
    high=9,
)

# --- batches ----------------------------------------------------------------------------------------------------------


def _orders(random: randomness.Random, fits: bool) -> list[tuple[Any, ...]]:
    """Shuffled places, and the size of a batch that divides their number or does not."""
    pairs = ((6, 2), (8, 4), (6, 3)) if fits else ((7, 2), (8, 3), (10, 4))
    return [(random.sample(range(n), n), size) for n, size in pairs]


def _batches(order: list[int], size: int) -> list[list[int]]:
    return [order[k : k + size] for k in range(0, len(order), size)]


def batching(slip=""):
    def batches(order, size):
        """The batches of an epoch: lists of `size` places, taken from `order` one after another."""
        ### BEGIN SOLUTION
        if slip == "sorted":
            order = sorted(order)
        if slip == "the rest is dropped":
            return [order[k : k + size] for k in range(0, len(order) - size + 1, size)]
        if slip == "they overlap":
            return [order[k : k + size] for k in range(len(order))]
        if slip == "size for their number":
            return [order[k::size] for k in range(size)]
        if slip == "the last place is lost":
            return [order[k : k + size - 1] for k in range(0, len(order), size)]
        if slip == "an empty one at the end":
            return [order[k : k + size] for k in range(0, len(order) + size, size)]
        return [order[k : k + size] for k in range(0, len(order), size)]
        ### END SOLUTION

    return batches


BOOK.add(
    Code,
    "stochastic.2",
    "Cut an epoch into batches",
    """
`order` is a list of places, shuffled already. Write `batches(order, size)`: the list of the batches, each a list of `size`
places, in the order in which they come. If they do not fit, the last batch is smaller.
""",
    points=2,
    hints=(
        ("sizes that fit", "`order[k : k + size]` is a batch that begins at k. Where do the batches begin?"),
        ("sizes that fit", "`range(0, len(order), size)` has the beginnings."),
        (
            "sizes that do not fit",
            "A slice that goes over the end is cut off there, so the last batch is smaller by itself.",
        ),
    ),
    make=batching,
    parts=(
        Part("sizes that fit", lambda random: _orders(random, True), _batches),
        Part("sizes that do not fit", lambda random: _orders(random, False), _batches),
    ),
    wrong={
        "sorted": "You sorted the places. They were shuffled on purpose: keep their order.",
        "the rest is dropped": "The last, smaller batch is missing, so some examples are not seen in this epoch.",
        "they overlap": "Your batches overlap. The next one begins where the last one has ended: go on by `size`.",
        "size for their number": "Here `size` is the number of batches. It is how many places a batch has.",
        "the last place is lost": "Each of your batches is one too small: a slice does not have its end, so it is k + size.",
        "an empty one at the end": "The batches are right, and after them comes an empty one.",
    },
)

# --- an epoch ---------------------------------------------------------------------------------------------------------


def _epochs(random: randomness.Random, size: int, count: int) -> list[tuple[Any, ...]]:
    """A weight, examples as two lists, a rate and the size of a batch."""
    found = []
    for _ in range(3):
        xs = [random.choice((-2, -1, 1, 2, 3)) for _ in range(count)]
        found.append(([*xs], [random.randint(-6, 6) for _ in xs], random.randint(2, 6) / 2, 0.05, size))
    return [(w, xs, ys, rate, size) for xs, ys, w, rate, size in found]


def _epoch(w: float, xs: list[float], ys: list[float], rate: float, size: int) -> float:
    for k in range(0, len(xs), size):
        x, y = np.array(xs[k : k + size]), np.array(ys[k : k + size])
        w = w - rate * float(np.mean(2 * x * (w * x - y)))
    return w


def epochs(slip=""):
    def epoch(w, xs, ys, rate, size):
        """The weight after one epoch of mini-batch descent, in the order of the lists."""
        ### BEGIN SOLUTION
        if slip == "gradient of the start":
            start = w
        for k in range(0, len(xs), size):
            x, y = np.array(xs[k : k + size]), np.array(ys[k : k + size])
            if slip == "all in one batch":
                x, y = np.array(xs), np.array(ys)
            slopes = 2 * x * (w * x - y)
            if slip == "gradient of the start":
                slopes = 2 * x * (start * x - y)
            if slip == "summed, not averaged":
                g = np.sum(slopes)
            elif slip == "always divided by the size":
                g = np.sum(slopes) / size
            elif slip == "the 2 is lost":
                g = np.mean(slopes) / 2
            elif slip == "x is lost":
                g = np.mean(2 * (w * x - y))
            else:
                g = np.mean(slopes)
            w = w + rate * g if slip == "uphill" else w - rate * g
            if slip == "one update":
                break
        return w
        ### END SOLUTION

    return epoch


BOOK.add(
    Code,
    "stochastic.3",
    "One epoch",
    """
The loss of one example is (w·x − y)². Write `epoch(w, xs, ys, rate, size)`: go through the lists `xs` and `ys` once, in their
order, in batches of `size`; the last one may be smaller. Each update goes by the **mean** gradient of its batch. Return the
last w.
""",
    points=4,
    hints=(
        ("batches that fit", "The slope of one example by w is 2x (w·x − y). Take the mean over the batch."),
        ("batches that fit", "After each batch w has moved: the next gradient is taken at the new w."),
        ("a smaller batch at the end", "The last batch may have fewer examples. Divide by how many there are."),
        ("one at a time", "With size 1 there are as many updates as examples."),
    ),
    make=epochs,
    parts=(
        Part("batches that fit", lambda random: _epochs(random, 2, 6), _epoch, worth=2, near=1e-9),
        Part("a smaller batch at the end", lambda random: _epochs(random, 3, 7), _epoch, near=1e-9),
        Part("one at a time", lambda random: _epochs(random, 1, 5), _epoch, near=1e-9),
    ),
    wrong={
        "all in one batch": "Each of your updates looks at all examples. An update sees its own batch alone.",
        "gradient of the start": "All of your gradients are taken at the first w. After each update take the new one.",
        "summed, not averaged": "You added the gradients of a batch up. Take their mean, or the size of the batch changes the step.",
        "always divided by the size": "The last batch is smaller, and you divided by `size` there, too. Divide by how many examples it has.",
        "the 2 is lost": "The square's slope has a 2: the gradient of (w·x − y)² by w is 2x (w·x − y).",
        "x is lost": "By w the inner slope is x: the gradient is 2x (w·x − y).",
        "uphill": "You went uphill: take the gradient away from w.",
        "one update": "You returned after the first batch. An epoch goes through all of them.",
    },
)

# --- a schedule -------------------------------------------------------------------------------------------------------

EXAMPLES = np.array([[1.0, 0.4], [1.0, 1.9], [0.8, 1.1], [1.2, 0.6], [0.9, 1.5], [1.1, 1.0]])
STEPS, WALKERS = 400, 300


def distances(schedule, seed):
    """How far 300 walkers are from the best point after 20 and after 400 steps, one example a step."""
    rates = [float(schedule(t)) for t in range(1, STEPS + 1)]
    a, b = EXAMPLES.T
    best, random = float(a @ b / (a @ a)), np.random.default_rng(seed)
    w, found = np.full(WALKERS, 5.0), {}
    for t, rate in enumerate(rates, start=1):
        k = random.integers(len(a), size=WALKERS)
        with np.errstate(all="ignore"):
            w = w - rate * a[k] * (a[k] * w - b[k])
        if t in (20, STEPS):
            found[t] = float(np.sqrt(np.mean((w - best) ** 2)))
    held = {t: x if math.isfinite(x) else 1e9 for t, x in found.items()}
    return {"early": held[20], "late": held[STEPS], "least": min(rates)}


def scheduling(slip=""):
    def schedule(t):
        """The rate of step t = 1, 2, …, 400."""
        ### BEGIN SOLUTION
        if slip == "always large":
            return 0.4
        if slip == "always small":
            return 0.015
        if slip == "it decays too fast":
            return 0.5 / t**2
        return 0.4 / (1 + t / 20)
        ### END SOLUTION

    return schedule


BOOK.add(
    Apply,
    "stochastic.4",
    "A schedule for the rate",
    """
300 walkers start at w = 5 and make 400 steps, with one example in each; the best point is near 1. Write `schedule(t)`: the
rate of step t, for t = 1, 2, …, 400. After 20 steps the walkers must be no more than 0.6 from the best point (the root of
the mean square), and after 400 steps no more than 0.08. All rates must be above 0.
""",
    points=3,
    hints=(
        ("a good start", "Large rates start well. With 0.3, the distance shrinks by about a third in each step."),
        ("a good finish", "Where the rate stays large, the walkers shake around the best point. Let it fall."),
        ("a good finish", "`rate / (1 + t / 20)` is half as large at step 20, and a tenth at step 180."),
        ("rates above 0", "A rate of 0 stands still, and a negative one goes uphill."),
    ),
    make=scheduling,
    measure=distances,
    at=lambda random: (random.randint(0, 10**6),),
    properties=(
        Property("a good start", lambda m: m["early"] <= 0.6, "after 20 steps they are {early} away.", point=True),
        Property("a good finish", lambda m: m["late"] <= 0.08, "after 400 steps they are {late} away.", point=True),
        Property("rates above 0", lambda m: m["least"] > 0, "the smallest rate is {least}.", point=True),
    ),
    wrong={
        "always large": "A good start, and a bad finish: with a rate that stays large the walkers shake for ever.",
        "always small": "Such a small rate would end well, and it hardly moves: begin with a large one.",
        "it decays too fast": "The rate falls so fast that the walkers stop before they arrive: all steps together are too short.",
    },
)

BOOK.add(
    Choose,
    "stochastic.5",
    "Why does it never come to rest?",
    """
With one example a step and a rate that stays the same, w comes near the best point quickly, and then it shakes. Which
sentence is the reason?
""",
    points=1,
    hints=(
        "At the best point the mean gradient is 0. Is the gradient of one example 0 there, too?",
        "Look at the plot of the parabolas: where does each one of them have its minimum?",
    ),
    reason="At the best point the mean gradient is 0, but the gradients of the single examples are not, and a step follows one of them.",
    wrong={
        "Near the best point the gradient is so small that its digits are rounding errors.": (
            "Rounding errors are about 1e−16. This shaking is many powers of ten larger."
        ),
        "The examples are shuffled, so the same gradient never comes twice.": (
            "The same examples come again in each epoch. Also without shuffling w would move around."
        ),
        "Each epoch changes the loss, so the best point moves.": (
            "The loss on all data stays what it is, and so does its best point. What changes from step to step?"
        ),
    },
)
