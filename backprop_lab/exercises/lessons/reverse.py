"""Exercises of 03_reverse_mode: adjoints by hand, the backward rules, and a sweep of one's own."""

from __future__ import annotations

import operator
from functools import lru_cache
from typing import Any

import numpy as np

from ...derivatives.passes import vjp
from ...graph.graph import Graph
from ..base import Book
from ..broken import BrokenSweep
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict
from ..programs import graph_of
from ..sweeps import Sweep

BOOK = Book("03_reverse_mode")


def product_of_shared(x, y):
    c = x**3
    s = x + 3 * y
    F = c * s
    return F


def square_and_product(x, y):
    p = 2 * x * y
    d = x - 1
    z = p + d**2
    return z


BOOK.add(
    Predict,
    "reverse.1",
    "One reverse sweep by hand",
    """
Go back through this function once, from F = 1. Both variables feed s, and x feeds c as well.
""",
    points=4,
    was="03.reverse.1",
    hints=(
        (("c", "s"), "Start at the product: each factor's adjoint is the other factor's value."),
        ("x", "x is used twice: by c and by s. What arrives from each is added up."),
        ("x", "From c arrives c's adjoint times 3x²; from s arrives s's adjoint times 1."),
        ("y", "y has one way to F, through 3y and s: the adjoint of s, times 3."),
    ),
    function=product_of_shared,
    ask=("c", "s", "x", "y"),
    inputs={"x": 2.0, "y": 3.0},
    largest=5000.0,
)

BOOK.add(
    Predict,
    "reverse.2",
    "A difference and a square on the way",
    """
The same for this function: the adjoints of the product p, of the difference d, and of both inputs.
""",
    points=4,
    was="03.reverse.2",
    hints=(
        ("p", "The last operation is a sum: it copies its adjoint to both summands."),
        ("d", "The square sends 2d times its adjoint to d, and d has a value: take it."),
        ("x", "x is used by 2x and by d: add what arrives from both. Through 2x come 2y times the adjoint of p."),
        ("y", "y is a factor of p = 2x · y: it gets the adjoint of p, times the other factor, 2x."),
    ),
    function=square_and_product,
    ask=("p", "d", "x", "y"),
    inputs={"x": 3.0, "y": 5.0},
    high=12,
)


def _three(random: Any) -> list[tuple[Any, ...]]:
    """Numbers at which no two rules agree by chance."""
    return [tuple(random.choice((-1, 1)) * random.randint(4, 40) / 4 for _ in range(3)) for _ in range(6)]


def divided(slip=""):
    def divide_backward(a, b, bar):
        """The adjoints of a and b for y = a / b."""
        ### BEGIN SOLUTION
        if slip == "quotient without minus":
            return bar / b, bar * a / b**2
        if slip == "quotient without square":
            return bar / b, -bar * a / b
        if slip == "upstream factor lost":
            return 1 / b, -a / b**2
        if slip == "operands swapped":
            return -bar * a / b**2, bar / b
        if slip == "treated as a product":
            return bar * b, bar * a
        return bar / b, -bar * a / b**2
        ### END SOLUTION

    return divide_backward


BOOK.add(
    Code,
    "reverse.3",
    "The backward rule of a quotient",
    """
Write `divide_backward(a, b, bar)`: for y = a / b with the adjoint `bar`, return the two adjoints that a and b get, as
a tuple.
""",
    points=2,
    was="03.reverse.3",
    hints=(
        "How fast does a / b change when only a moves? And when only b moves?",
        ("the adjoint of a", "The partial with respect to a is 1/b. The adjoint is `bar` times it."),
        ("the adjoint of b", "The partial with respect to b is −a/b². The adjoint is `bar` times it."),
    ),
    make=divided,
    parts=(
        Part(
            "the adjoints of a and b",
            _three,
            lambda a, b, bar: list(vjp(lambda a, b: a / b, a, b)[1](bar)),
            names=("the adjoint of a", "the adjoint of b"),
        ),
    ),
    wrong={
        "quotient without minus": "The adjoint of b has the wrong sign: a / b falls when b grows, so its partial is −a/b².",
        "quotient without square": "The partial with respect to b has b² below: −a/b², not −a/b.",
        "upstream factor lost": "These are the local partials alone. Each has to be multiplied by the adjoint that arrives, `bar`.",
        "operands swapped": "The two adjoints are there, but in the wrong places: the first belongs to a.",
        "treated as a product": "This is the rule of a product, which swaps its factors. A quotient divides.",
    },
)

OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
Tape = tuple[list[float], list[tuple[str, int, int]]]  # inputs, and lines (operation, i, j)
# What tapes are drawn against: frozen, so that a slip that is added later changes no student's tapes.
DRAWN_AGAINST = ["keeps the last arrival", "factors not swapped", "minus lost", "forward order"]
DRAWN_AGAINST += ["seeded with the value", "two writes at once", "one arrival where i is j"]
LARGEST = 1e6  # of the values and adjoints of a drawn tape: whole numbers, exact in whatever order they are added


def _drawn(random: Any) -> Tape:
    """A small tape that does each operation to a value and itself, too, and uses all that comes out."""
    inputs = [float(random.randint(2, 7)), float(random.randint(-7, -2))]
    lines: list[tuple[str, int, int]] = [("*", 0, 1), ("+", 0, 2)]
    for _ in range(random.randint(1, 3)):
        known = 2 + len(lines)
        lines.append((random.choice("+-*"), random.randrange(known), random.randrange(known)))
    for op in random.sample("+-*", 3):
        last = 1 + len(lines)
        lines.append((op, last, last))
        if op == "-":
            lines.append(random.choice((("+", last, last + 1), ("-", last + 1, last))))
    lines.append(("-", len(lines) + 1, random.randrange(len(lines) + 1)))  # else a lost minus might not show
    lines.append(("*", len(lines) + 1, 0))
    return inputs, lines


def _tapes(random: Any) -> list[Tape]:
    """Tapes at each of which every wrong turn shows, and one with a line more, which the last one does not need."""
    found: list[Tape] = []
    while len(found) < 5:
        inputs, lines = _drawn(random)
        values, bars = swept("returns all")(inputs, lines)
        wrong = (swept(slip)(inputs, lines) for slip in DRAWN_AGAINST)
        if max(map(abs, values + bars)) <= LARGEST and all(bars) and all(bars[:2] != other for other in wrong):
            found.append((inputs, lines))
    inputs, lines = found[0]
    unused = ("+", 0, 1)
    return [*found, (inputs, [*lines[:-1], unused, lines[-1]])]


def _deep_tapes(random: Any) -> list[Tape]:
    """The same with 60 doublings in a row: 2⁶⁰ paths, and numbers that are exact all the same."""
    found = []
    for inputs, lines in _tapes(random)[:2]:
        middle = 2 + len(lines)
        doubled = [("+", middle + k, middle + k) for k in range(60)]
        found.append((inputs, [*lines, ("*", middle - 1, 1), *doubled]))
    return [*found, _out_of_range(float(random.randint(2, 7)))]


def _out_of_range(x: float) -> Tape:
    """0 doubled 1100 times, times 0: whoever goes forward with a tangent for each input gets 2¹¹⁰⁰ · 0, which is no number.

    Adjoints stay 0 on the way back. So one way back is told from many ways forward by what comes out, not by the clock.
    """
    doubled = [("+", 2 + k, 2 + k) for k in range(1, 1100)]
    last = 2 + len(doubled) + 1
    return [0.0, 0.0, x], [("+", 0, 0), *doubled, ("*", last, 1), ("*", 2, 2), ("+", last + 1, last + 2)]


def called(backward, inputs, lines):
    return backward(inputs, lines)


def long_tape(n, start):
    """A tape whose inputs are too many to walk it for each of them: it would take seconds, and takes hundredths."""
    inputs = [-1.0, *(float((start + 7 * k) % 11 - 5) for k in range(1, n))]
    lines = [("+", 0, 1)]
    for k in range(10 * n):
        lines.append(("*" if k % 9 == 4 else "+-"[k % 2], n + k, 0 if k % 9 == 4 else k % n))
    return inputs, lines


def on_a_long_tape(backward, n, start):
    return backward(*long_tape(n, start))


@lru_cache(maxsize=20)
def _long_gradient(n: int, start: int) -> list[float]:
    return _gradient(*long_tape(n, start))


def _gradient(inputs: list[float], lines: list[tuple[str, int, int]]) -> list[float]:
    """The oracle: the same tape run through the engine."""

    def run(*xs: Any) -> Any:
        values = list(xs)
        for op, i, j in lines:
            values.append(OPERATIONS[op](values[i], values[j]))
        return values[-1]

    return [float(np.asarray(g)) for g in vjp(run, *inputs)[1](1.0)]


def _tape_graph(inputs: list[float], lines: list[tuple[str, int, int]]) -> Graph:
    """A tape's graph; its values are called v0, v1 and so on."""
    program = (f"v{len(inputs) + k} = v{i} {op} v{j}" for k, (op, i, j) in enumerate(lines))
    return graph_of("; ".join(program), {f"v{k}": x for k, x in enumerate(inputs)})


def swept(slip=""):
    def backward(inputs, lines):
        """The adjoints of the inputs, for the last value of the tape."""
        ### BEGIN SOLUTION
        values = list(inputs)
        for op, i, j in lines:
            a, b = values[i], values[j]
            values.append(a + b if op == "+" else a - b if op == "-" else a * b)
        bars = [0.0] * len(values)
        bars[-1] = values[-1] if slip == "seeded with the value" else 1.0
        if slip == "each loose end seeded":
            used = {k for _, i, j in lines for k in (i, j)}
            bars = [float(k >= len(inputs) and k not in used) for k in range(len(values))]
        for k in range(len(lines)) if slip == "forward order" else reversed(range(len(lines))):
            op, i, j = lines[k]
            bar = bars[k] if slip == "places of the lines" else bars[len(inputs) + k]
            if slip == "keeps the last arrival":
                bars[i] = bar * values[j] if op == "*" else bar
                bars[j] = bar * values[i] if op == "*" else bar if op == "+" else -bar
                continue
            if slip == "stops at the first 0":
                if bar == 0:
                    break
            if slip == "two writes at once":
                to_i = bar * values[j] if op == "*" else bar
                to_j = bar * values[i] if op == "*" else bar if op == "+" else -bar
                bars[i], bars[j] = bars[i] + to_i, bars[j] + to_j
                continue
            if slip == "factors not swapped":
                bars[i] += bar * values[i] if op == "*" else bar
                bars[j] += bar * values[j] if op == "*" else bar if op == "+" else -bar
                continue
            bars[i] += bar * values[j] if op == "*" else bar
            if slip == "minus lost":
                bars[j] += bar * values[i] if op == "*" else bar
                continue
            if slip == "one arrival where i is j":
                if i == j:
                    continue
            bars[j] += bar * values[i] if op == "*" else bar if op == "+" else -bar
        if slip == "all adjoints":
            return bars
        return (values, bars) if slip == "returns all" else bars[: len(inputs)]
        ### END SOLUTION

    return backward


BOOK.add(
    Code,
    "reverse.4",
    "A reverse sweep of your own",
    """
A tape is a list of lines `(operation, i, j)`: `("*", 0, 1)` multiplies value number 0 by value number 1. Values 0, 1, …
are the inputs, then each line adds one. Write `backward(inputs, lines)`: compute all values, then go back from the last
one and return the list of the inputs' adjoints. The operations are `+`, `-` and `*`, and i and j may be the same. One
way back has to do, for a tape of 20,000 lines with 2,000 inputs too. Use the rules of the operations, not differences:
whole numbers give whole adjoints.
""",
    points=5,
    was="03.reverse.4",
    hints=(
        "Two loops: one forward that appends values, one backward over the lines in reverse order.",
        "Begin with adjoints of 0, and 1 for the last value. Every line adds to the adjoints of its operands: +=.",
        "For a product, i gets the adjoint times value j, and j gets it times value i; i and j may be the same.",
    ),
    make=swept,
    parts=(
        Part("the adjoints of the inputs", _tapes, _gradient, worth=3, near=1e-12, graph=_tape_graph),
        Part("a tape with 2⁶⁰ paths", _deep_tapes, _gradient, near=1e-12, probe=called, seconds=0.5, finite=True),
        Part(
            "a long tape",
            lambda random: [(2000, random.randint(1, 99))],
            _long_gradient,
            near=1e-12,
            probe=on_a_long_tape,
            seconds=1.0,
        ),
    ),
    late=(
        "Small tapes are right, but the work grows with the number of paths, or of inputs. One way back is enough for "
        "all inputs: each line is looked at once, when all that its value gets has arrived."
    ),
    wrong={
        "keeps the last arrival": "What arrives at a shared value is overwritten. It has to be added: +=, not =.",
        "factors not swapped": "A product sends to each factor the adjoint times the OTHER factor.",
        "minus lost": "A difference sends its adjoint to the first operand and its NEGATIVE to the second.",
        "forward order": "The lines are gone through from the first to the last. The sweep starts at the output and goes back.",
        "seeded with the value": "The sweep starts with the output's value. How fast does the output change with itself? By 1.",
        "two writes at once": (
            "Both adjoints are written in one step, from what was there before. Where i and j are the same, one of the two "
            "arrivals is lost: add the first, then the second."
        ),
        "stops at the first 0": "You stop where nothing has arrived. A line that the last one does not need gets 0, and those before it are still to come.",
        "each loose end seeded": "Every value that no line uses begins with 1. Only the last one does: a value that it does not need has the adjoint 0.",
        "all adjoints": "These are the adjoints of all values. Return those of the inputs, which come first.",
        "places of the lines": (
            "Line k does not make value k: the inputs come before it. Its adjoint stands at place len(inputs) + k."
        ),
        "one arrival where i is j": (
            "A line such as x · x or x + x uses one value twice, and both uses send something back. Leave no arrival out "
            "where i and j are the same."
        ),
    },
)

BOOK.add(
    Sweep,
    "reverse.5",
    "You are the reverse sweep",
    """
A whole sweep, on a graph of your own: every adjoint, from the output on, in an order that the sweep may take.
""",
    points=4,
    hints=(
        "The output comes first, with 1. A node's turn comes when everything that uses it has had its turn.",
        "At each node: add up, over its uses, the user's adjoint times the local partial on that edge.",
    ),
    programs=(
        "u = x * y; v = u + x; z = v * u",
        "u = x + 2 * y; v = u ** 2; z = v * x",
        "u = x - y; v = u * y; z = v + u",
        "u = x * x; v = u * y; z = v - x",
    ),
    inputs={"x": 2.0, "y": 3.0},
)

BOOK.add(
    Choose,
    "reverse.6",
    "Why does a node have to wait?",
    """
In the reverse sweep a node sends nothing to its operands before everything that uses it has reported. Which sentence is the
reason?
""",
    points=1,
    hints=(
        "What would it send, if it had only a part of its adjoint? And what when the rest arrives?",
        "Look at x in a function where u is used twice: what does x get, if u sends on what arrived first?",
    ),
    reason="It sends its whole adjoint times a partial, and the whole is known only when all have reported.",
    wrong={
        "Its value is not known before.": "All values are known: the forward pass has computed and kept them.",
        "Its operands would otherwise get their numbers in the wrong order, and a sum depends on the order.": (
            "A sum does not depend on the order. What matters is how much is sent, and not when."
        ),
        "Python runs the lines of a program one after the other.": (
            "The sweep is not bound to the program's lines: whichever node is ready may go next."
        ),
    },
)

BOOK.add(
    BrokenSweep,
    "reverse.7",
    "A broken rule to find, on paper",
    """
Somebody went back through this function and broke one rule, wherever it applies. Which one?
""",
    points=2,
    hints=(
        "Go along with the sweep, from the output: work each number out yourself. The first one that differs is where to look.",
        "What did the node above send, and over which edge? Compare with its adjoint times the local partial.",
    ),
    programs=(
        "u = x * y; v = u - x; z = v ** 2",
        "u = x / y; v = u * x; z = v - y",
        "u = x - y; v = u ** 2; z = v * x",
        "u = x ** 2; v = y - u; z = v * y",
    ),
    inputs={"x": 3.0, "y": 2.0},
    rules=(
        "keeps the last arrival",
        "multiplies the arrivals",
        "exponent lost",
        "factors not swapped",
        "minus lost",
        "quotient without minus",
        "quotient without square",
        "slope at the output",
        "upstream factor lost",
        "adds along a path",
        "seeded with the value",
    ),
)
