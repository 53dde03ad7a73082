"""Exercises of 00_start_here: a pass forward, a pass back, a formula for the lab, and a function of one's own."""

from __future__ import annotations

import math

import numpy as np

from ...derivatives.passes import value_and_grad
from ...errors import TraceError
from ...graph.trace import trace
from ..apply import Apply, Property
from ..base import Book
from ..choose import Choose
from ..predict import Predict
from ..programs import with_operations

BOOK = Book("00_start_here")


def product_and_difference(x, y):
    p = x * y
    d = p - x
    z = d * y
    return z


def slips_in_product_and_difference(x, y):
    return {
        "sum for product": {"p": x + y, "d": y, "z": y * y},
        "difference turned round": {"d": x - x * y, "z": (x - x * y) * y},
        "takes the line above": {"z": (x * y - x) * x * y},
    }


BOOK.add(
    Predict,
    "start.1",
    "One pass forward",
    """
Be the computer: give the primal of each node, in the order in which the program runs.
""",
    points=2,
    was="00.start.1",
    hints=(
        ("p", "p is made of the two inputs, and the star is a product. Write its value down."),
        ("d", "d is p, less x: the value of p is the one that you have just found."),
        ("z", "z multiplies d by y, an input. Look at the names in the last line."),
    ),
    function=product_and_difference,
    of="value",
    ask=("p", "d", "z"),
    inputs={"x": 2.0, "y": 4.0},
    low=2,
    slipped=slips_in_product_and_difference,
    wrong={
        "sum for product": "The star is a product: p is x times y, not x plus y.",
        "difference turned round": "The difference is turned round: p comes first, and x is taken away from it.",
        "takes the line above": "The last line multiplies d by y, an input. You took p, the line before: read the names.",
    },
)


def sum_times_x(x, y):
    s = 2 * x + y
    z = s * x
    return z


BOOK.add(
    Predict,
    "start.2",
    "One pass back: you are the sweep",
    """
Now go back through this function, from the output, whose adjoint is 1. Each node sends to each operand its own adjoint
times the local partial on the arrow. x is used twice.
""",
    points=2,
    was="00.start.2",
    hints=(
        ("s", "The last operation is a product. Its local partial for s is x, and for x it is s."),
        ("x", "Two numbers arrive at x: one from the product, and one through s. Add them."),
        (("x", "y"), "s = 2x + y sends its adjoint times 2 to x, and its adjoint as it is to y."),
    ),
    function=sum_times_x,
    ask=("s", "x", "y"),
    inputs={"x": 3.0, "y": 4.0},
)


def dying_wave(slip=""):
    def wave(t, k):
        """A wave that dies down."""
        ### BEGIN SOLUTION
        if slip == "a function that cannot be traced":
            return math.exp(-t) * math.sin(k * t)
        if slip == "grows":
            return np.exp(t) * np.sin(k * t)
        if slip == "k left out":
            return np.exp(-t) * np.sin(t)
        if slip == "cosine for sine":
            return np.exp(-t) * np.cos(k * t)
        return np.exp(-t) * np.sin(k * t)
        ### END SOLUTION

    return wave


def follow(f, k):
    """What the lab makes of the answer at t = 0.5: whether it follows it, and what comes out there and elsewhere."""
    at, turn = 0.5, 2 * math.pi / k
    try:
        graph = trace(f, at, k)
        value, (_, for_k) = value_and_grad(f)(at, k)
        later, start = float(f(at + turn, k)), float(f(0.0, k))
    except TraceError as error:
        return {"followed": False, "told": str(error)}
    with_operations(graph, "t and k")
    right = math.exp(-at) * math.sin(k * at)
    found = {"followed": True, "value": value, "right": right, "for_k": for_k, "start": start}
    return found | {"dies": abs(later) < abs(value)}


BOOK.add(
    Apply,
    "start.3",
    "A formula for the lab",
    """
Write `wave(t, k)`, a wave that dies down: the product of e⁻ᵗ and sin(k t). The lab must be able to differentiate it,
so take the functions from `np` or `bl`. Look at it with `bl.step(wave, t=0.5, k=3)`.
""",
    points=2,
    was="00.start.3",
    hints=(
        (
            "the lab can follow it",
            "`np.exp` and `np.sin` (or `bl.exp` and `bl.sin`) take a traced value; Python's own `math.sin` does not.",
        ),
        (
            ("the value at t = 0.5", "it dies down", "k changes it"),
            "e⁻ᵗ is `np.exp(-t)`, and the sine is taken of the product `k * t`.",
        ),
    ),
    make=dying_wave,
    measure=follow,
    at=lambda random: (float(random.randint(2, 4)),),
    properties=(
        Property("the lab can follow it", lambda m: m["followed"], "the lab says: {told}", point=True),
        Property(
            "the value at t = 0.5",
            lambda m: abs(m["value"] - m["right"]) < 1e-9,
            "it is {value}, and should be {right}.",
            point=True,
        ),
        Property("it starts at 0", lambda m: abs(m["start"]) < 1e-9, "at t = 0 it is {start}, and sin(0) is 0."),
        Property("it dies down", lambda m: m["dies"], "one turn later the wave is not smaller."),
        Property("k changes it", lambda m: m["for_k"] != 0, "the derivative for k is 0, so k plays no part."),
    ),
    wrong={
        "a function that cannot be traced": (
            "`math.sin` and `math.exp` want a plain number, so the lab cannot see what they do. "
            "Write `np.sin`, `np.exp`."
        ),
        "grows": "This wave grows. e⁻ᵗ has a minus in the exponent: `np.exp(-t)`.",
        "k left out": "k plays no part in your function. The sine is taken of the product k * t.",
        "cosine for sine": "At t = 0 a sine is 0 and a cosine is not. Write `np.sin`.",
    },
)


def to_order(slip=""):
    def mine(x, y):
        """Grows with x, falls with y."""
        ### BEGIN SOLUTION
        if slip == "grows with y":
            return x * x * y
        if slip == "falls with x":
            return 10 - x * x - y
        if slip == "a power taken for two uses":
            return x**2 / y
        if slip == "negative":
            return x * x - 3 * y
        return x * x / y
        ### END SOLUTION

    return mine


def slopes(f, x, y):
    graph = trace(f, x, y)
    value, (for_x, for_y) = value_and_grad(f)(x, y)
    return {"uses": len(graph.uses[0]), "value": value, "for_x": for_x, "for_y": for_y}


BOOK.add(
    Apply,
    "start.4",
    "A function to order",
    """
Invent a function `mine(x, y)`. At x = 2, y = 3 its value is positive; it grows when x grows, and falls when y grows.
x is used at least twice, so that two numbers arrive there. Look at it with `bl.step(mine, x=2, y=3)`.
""",
    points=2,
    was="00.start.4",
    hints=(
        (
            ("it grows with x", "it falls with y"),
            "Whether it grows or falls is the sign of a derivative: `bl.value_and_grad(mine)(2, 3)` shows both.",
        ),
        (
            ("x is used twice or more", "it falls with y"),
            "Let x stand twice in the formula, and take y away, or divide by it.",
        ),
    ),
    make=to_order,
    measure=slopes,
    at=lambda random: (2.0, 3.0),
    properties=(
        Property(
            "the value is positive", lambda m: m["value"] > 0, "the value at (2, 3) is {value}; it must be positive."
        ),
        Property(
            "it grows with x",
            lambda m: m["for_x"] > 0,
            "the derivative for x is {for_x}; it must be positive.",
            point=True,
        ),
        Property(
            "it falls with y",
            lambda m: m["for_y"] < 0,
            "the derivative for y is {for_y}; it must be negative.",
            point=True,
        ),
        Property(
            "x is used twice or more", lambda m: m["uses"] >= 2, "arrows that leave x: {uses}; there must be 2 or more."
        ),
    ),
    wrong={
        "grows with y": "Your function grows with y: its derivative is positive. Take y away, or divide by it.",
        "falls with x": "Your function falls with x: its derivative is negative. Where does x stand below a fraction, or after a minus?",
        "a power taken for two uses": "Fewer than two arrows leave x. A power such as x**2 is one use of x: write x * x, or let x stand in two places.",
        "negative": "The slopes are right, and the value is not: it must be positive at x = 2, y = 3. Add a constant.",
    },
)

BOOK.add(
    Choose,
    "start.5",
    "Why do the two numbers add?",
    """
Two numbers arrive at x, and the derivative is their sum. Which of these sentences is the reason?
""",
    points=1,
    hints=(
        "Think of the table of movements: by how much did each of the two ways move the output?",
        "Let only one of the two places where x stands move, then only the other one, then both.",
    ),
    reason="When x moves a little, the output moves along both ways at once, and small movements add up.",
    wrong={
        "The last operation of this function is a sum, and a sum adds.": (
            "With a product at the end the numbers that arrive at x add up as well: try z = (2x) · (x − 1)."
        ),
        "The product rule has two terms.": "A product sends one number to each factor. Here two different nodes send to x.",
        "Each of the two is only a part of the true number, so one takes both to be on the safe side.": (
            "Each is exact for its own way: it is how far the output moves by that way alone."
        ),
    },
)
