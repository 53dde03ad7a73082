"""Exercises of 13_gradient_descent: steps with and without momentum, a walk of one's own, and a landscape."""

from __future__ import annotations

import math
import random as randomness
from typing import Any

from ...derivatives.passes import grad
from ..apply import Apply, Property
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..programs import function
from ..steps import Steps

BOOK = Book("13_gradient_descent")

# --- steps by hand ----------------------------------------------------------------------------------------------------


def bowl(w):
    L = w**2 - 2 * w
    return L


BOOK.add(
    Steps,
    "descent.1",
    "Two steps with momentum",
    """
The loss is L = w² − 2w. Make two steps with momentum, and give the velocity and the weight after each of them.
""",
    points=4,
    hints=(
        (
            "v_1",
            "The velocity starts at 0, so v_1 is the rate times the gradient at the start. The slope of L is 2w − 2.",
        ),
        ("w_1", "w moves against the velocity: take v_1 away from w."),
        ("v_2", "The new velocity has two parts: γ times the old one, and the rate times the gradient at w_1."),
        ("w_2", "Take the new velocity away from w_1."),
    ),
    listing="""
def bowl(w):
    L = w**2 - 2 * w
    return L
""",
    function=bowl,
    method="momentum",
    ask=("v_1", "w_1", "v_2", "w_2"),
    inputs={"w": 5.0, "rate": 0.25, "gamma": 0.25},
    choices={"rate": (0.125, 0.25, 0.5), "gamma": (0.25, 0.5, 0.75)},
    low=3,
    high=9,
)


def steep(w):
    L = 2 * w**2 + w
    return L


BOOK.add(
    Steps,
    "descent.2",
    "Two steps downhill",
    """
The loss is L = 2w² + w. Make two steps of gradient descent, and give the gradient of each step and the weight after it.
""",
    points=2,
    hints=(
        ("g_1", "The slope of 2w² + w is 4w + 1. Put the start in."),
        ("w_1", "Downhill is against the gradient: take the rate times the gradient away from w."),
        ("g_2", "The second gradient is taken at w_1, not at the start."),
        ("w_2", "The same step once more, from w_1."),
    ),
    listing="""
def steep(w):
    L = 2 * w**2 + w
    return L
""",
    function=steep,
    method="sgd",
    ask=("g_1", "w_1", "g_2", "w_2"),
    inputs={"w": 3.0, "rate": 0.125},
    choices={"rate": (0.125, 0.375, 0.5)},
    low=2,
    high=9,
)

# --- a walk of one's own ----------------------------------------------------------------------------------------------

SLOPES = ("{} * (w - {})", "(w - {}) / {}", "{} * w**3 / 40 - {}", "{} * (w + {})")


def _walks(random: randomness.Random) -> list[tuple[Any, ...]]:
    """Texts of slopes, a start, a rate, and how many steps."""
    return [
        (text.format(*random.sample(range(2, 6), 2)), random.choice((-3.5, -2.5, 1.5, 2.5)), rate, random.randint(3, 6))
        for text, rate in zip(SLOPES, random.sample((0.05, 0.1, 0.2, 0.25), 4), strict=True)
    ]


def _walk(text: str, w: float, rate: float, steps: int) -> list[float]:
    slope, path = function(text, "w"), [float(w)]
    for _ in range(steps):
        path.append(path[-1] - rate * slope(path[-1]))
    return path


def _still(random: randomness.Random) -> list[tuple[Any, ...]]:
    return [(f"w - {random.randint(2, 9)}", 0.5, 0.1, 0)]


def walk_of(walk, text, w, rate, steps):
    """The slope is handed over as text, so that a report can show it."""
    return walk(function(text, "w"), w, rate, steps)


def walking(slip=""):
    def walk(slope, w, rate, steps):
        """All points of a walk downhill: the start, and the point after each step."""
        ### BEGIN SOLUTION
        path = [] if slip == "start left out" else [w]
        if slip == "slope of the start":
            first = slope(w)
        for _ in range(steps - 1 if slip == "one step too few" else steps):
            g = first if slip == "slope of the start" else slope(w)
            if slip == "uphill":
                w = w + rate * g
            elif slip == "rate forgotten":
                w = w - g
            elif slip == "slope for the point":
                w = -rate * g
            elif slip == "divided by the rate":
                w = w - g / rate
            else:
                w = w - rate * g
            path.append(w)
        if slip == "the last point alone":
            return path[-1]
        return path
        ### END SOLUTION

    return walk


BOOK.add(
    Code,
    "descent.3",
    "A walk downhill",
    """
Write `walk(slope, w, rate, steps)`: gradient descent from `w`. `slope` is a function: `slope(w)` is the derivative of the
loss at `w`. Return the list of all points: the start first, then the point after each step.
""",
    points=3,
    hints=(
        (
            "the path",
            "Keep a list that begins with w. In each step compute the slope where you are, and move against it.",
        ),
        (
            "the path",
            "The step is `w = w - rate * slope(w)`. Append the new w to the list, and return the list at the end.",
        ),
        ("no step at all", "With 0 steps the list has the start alone: `range(0)` is empty."),
    ),
    make=walking,
    parts=(
        Part("the path", _walks, _walk, worth=3, probe=walk_of, near=1e-9),
        Part("no step at all", _still, _walk, worth=0.5, probe=walk_of, near=1e-9, extra=True),
    ),
    wrong={
        "start left out": "The points are right, but the start is missing: the list begins with it.",
        "slope of the start": "Each of your steps uses the slope of the start. Compute it anew where you are.",
        "one step too few": "The walk is right, and one step too short.",
        "uphill": "You go uphill. The gradient points up, so take it away from w.",
        "rate forgotten": "Your steps are as long as the slope. Multiply it by the rate.",
        "slope for the point": "Your new point is the step itself. The step starts at w: take it away from w.",
        "divided by the rate": "You divided by the rate. A small rate makes small steps: multiply.",
        "the last point alone": "This is the last point. Return the list of all of them.",
    },
)

# --- a landscape ------------------------------------------------------------------------------------------------------

RATE, MANY = 0.05, 400


def valleys_of(landscape, starts):
    """Where two walks end, how steep it is there, and how high."""
    ends, slopes = [], []
    for w in starts:
        for _ in range(MANY):
            g = float(grad(landscape)(w))
            w = w - RATE * g
            if not math.isfinite(w) or abs(w) > 1e6:
                w, g = 1e6, 1e6
                break
        ends.append(w)
        slopes.append(abs(g))
    heights = [float(landscape(w)) if abs(w) < 1e6 else math.inf for w in ends]
    return {
        "steepest": max(slopes),
        "apart": abs(ends[1] - ends[0]),
        "left": heights[0],
        "right": heights[1],
        "deeper": heights[0] - heights[1],
    }


def landscaping(slip=""):
    def landscape(w):
        """Two valleys, and the one at the right is deeper."""
        ### BEGIN SOLUTION
        if slip == "one valley":
            return (w - 1) ** 2
        if slip == "both as deep":
            return (w**2 - 1) ** 2
        if slip == "no bottom":
            return -(w**2)
        return (w**2 - 1) ** 2 - 0.3 * w
        ### END SOLUTION

    return landscape


BOOK.add(
    Apply,
    "descent.4",
    "A landscape that traps",
    """
Invent `landscape(w)`, so that the start decides. Two walkers make 400 steps with the rate 0.05. One starts near −1, the
other near 1. Both must come to rest, at least 0.5 apart, and the right one must end lower than the left one, by at least
0.1.
""",
    points=3,
    hints=(
        (
            "both come to rest",
            "Far out your function must go up on both sides, or a walker runs away. Very steep walls throw him out, too.",
        ),
        ("they end apart", "Two valleys: (w² − 1)² is 0 at −1 and at 1, and has a hill between."),
        ("the right one ends lower", "Tilt the landscape: take a little of w away, and the right valley sinks."),
    ),
    make=landscaping,
    measure=valleys_of,
    at=lambda random: ([-random.randint(8, 12) / 10, random.randint(8, 12) / 10],),
    properties=(
        Property(
            "both come to rest", lambda m: m["steepest"] < 1e-3, "at the end the slope is still {steepest}.", point=True
        ),
        Property("they end apart", lambda m: m["apart"] >= 0.5, "they end {apart} apart.", point=True),
        Property(
            "the right one ends lower",
            lambda m: m["deeper"] >= 0.1,
            "the left one ends at {left}, the right one at {right}.",
            point=True,
        ),
    ),
    wrong={
        "one valley": "There is one valley, and both walkers find it. Make two, with a hill between them.",
        "both as deep": "Two valleys, and the right one is not the deeper one. Tilt the landscape: take a little of w away.",
        "no bottom": (
            "The walkers do not come to rest: they run away, as on a hill, or jump to and fro over a kink. Make two round "
            "valleys, and let the landscape go up far out."
        ),
    },
)

BOOK.add(
    Choose,
    "descent.5",
    "Why is a long valley slow?",
    """
In a long and narrow valley gradient descent needs very many steps. Which sentence is the reason?
""",
    points=1,
    hints=(
        "Which of the two directions limits the rate, and which one has the farther way to go?",
        "With that rate, by which factor does the distance along the valley shrink in each step?",
    ),
    reason="The steep walls forbid a large rate, and with a small one the steps along the flat floor are short.",
    wrong={
        "The gradient points along the valley, and the walls are never reached.": (
            "It is the other way round: on a wall the gradient points across the valley, and hardly along it."
        ),
        "The valley has many local minima, in which the walk stops again and again.": (
            "A long bowl has one minimum. Look at the map: where could the walk get caught?"
        ),
        "A walk must visit the whole valley before it can turn to the bottom.": (
            "It visits nothing but its own points. Each step knows the slope where it is, and no more."
        ),
    },
)
