"""Exercises of 05_what_it_costs: count multiplications and sweeps, choose the mode, and work out what a gradient takes."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from ...catalogue.entries import examples
from ...derivatives.passes import grad
from ...graph.sweeps import adjoint_sweep, tangent_sweep
from ...graph.trace import trace
from ..apply import Apply, Property
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict

BOOK = Book("05_what_it_costs")


def sources_and_tail(n, k):
    return n, k


def _multiplied(sweep: Any) -> float:
    return float(sweep.counts["multiplications"])


@lru_cache(maxsize=1000)
def _swept(n: int, k: int) -> tuple[float, float]:
    graph = examples.sources_sink(n, k).trace()
    forward = sum(_multiplied(tangent_sweep(graph, **{node.name: 1.0})) for node in graph.inputs)
    return forward, _multiplied(adjoint_sweep(graph))


def _both(forward: float, reverse: float) -> dict[str, float]:
    return {"forward": forward, "reverse": reverse}


def slips_in_sources_and_tail(n, k):
    return {
        "tail passed once in forward mode": _both(n + k - 1, n + k - 1),
        "seed counted": _both(n * (k + 1), n + k),
        "seed counted at the sink": _both(n * k, n + k),
        "one forward sweep for all": _both(k, n + k - 1),
        "modes exchanged": _both(n + k - 1, n * k),
        "each path by itself": _both(n * k, n * k),
        "weights forgotten": _both(n * k, k - 1),
        "factors minus one in forward mode": _both(n * (k - 1), n + k - 1),
    }


BOOK.add(
    Predict,
    "costs.1",
    "From the sources, or from the sink",
    """
n sources are multiplied by their weights and meet in a sum; then k factors follow. How many multiplications does the
whole gradient take, from the sources in forward mode (`forward`), and from the sink in reverse mode (`reverse`)? Count
those of the sweeps alone. A multiplication by the seed 1 does not count, and a sum copies.
""",
    points=2,
    was="05.costs.1",
    hints=(
        (
            "forward",
            "Forward mode needs a sweep for each source. How many edges does it pass after the first, where the seed is 1?",
        ),
        ("forward", "One forward sweep multiplies at each of the k factors."),
        (
            "reverse",
            "The reverse sweep passes the tail once, and its first factor meets the seed 1. Then it multiplies by each weight.",
        ),
    ),
    function=sources_and_tail,
    listing="""
s = w1 * x1 + w2 * x2 + ... + wn * xn    # n sources
s = f1 * s
s = f2 * s
...
z = fk * s                               # k factors in all
""",
    of=lambda n, k: _both(*_swept(int(n), int(k))),
    called="multiplications",
    ask=("forward", "reverse"),
    inputs={"n": 5.0, "k": 3.0},
    low=2,
    slipped=slips_in_sources_and_tail,
    wrong={
        "tail passed once in forward mode": "In forward mode each source's sweep passes the whole tail again. Only reverse mode passes it once for all.",
        "seed counted": "You counted the multiplications by the seed 1 as well. The first edge of each sweep costs nothing.",
        "seed counted at the sink": "Forward is right. In the reverse sweep the first factor meets the seed 1, so the tail takes one less.",
        "one forward sweep for all": "This is one forward sweep, and it gives the derivative for one source. The gradient needs a sweep for each.",
        "modes exchanged": "The numbers are right, and exchanged: reverse mode starts at the sink and passes the tail once.",
        "each path by itself": "You let the reverse sweep walk each path by itself. It multiplies the tail together once, for all sources.",
        "weights forgotten": "The tail is right, but the reverse sweep goes on to the sources: one multiplication for each weight.",
        "factors minus one in forward mode": "In a forward sweep the weight meets the seed 1, and after it all k factors multiply: none of them is free.",
    },
)


def _wanted(*wants: str) -> Any:
    """Cases: what is wanted, inputs, outputs."""

    def cases(random: Any) -> list[tuple[Any, ...]]:
        few, many = random.randint(2, 9), random.randint(50, 1000)
        sizes = [(few, many), (many, few), (few, few)] + [(1, many), (many, 1)] * (wants == ("J",))
        return [(want, *pair) for want in wants for pair in sizes]

    return cases


def _fewest(want: str, n: int, m: int) -> tuple[str, int]:
    if want == "J":
        return ("forward", n) if n <= m else ("reverse", m)
    return ("forward", 1) if want == "Jv" else ("reverse", 1)


def cheapest_mode(slip=""):
    def sweeps(want, n, m):
        """The mode with the fewest sweeps, and how many they are."""
        ### BEGIN SOLUTION
        if slip != "the whole Jacobian for a product":
            if want == ("uJ" if slip == "products exchanged" else "Jv"):
                return "forward", 1
            if want == ("Jv" if slip == "products exchanged" else "uJ"):
                return "reverse", 1
        if slip == "rows and columns exchanged":
            return ("forward", m) if m <= n else ("reverse", n)
        if slip == "always reverse mode":
            return ("reverse", m)
        if slip == "always forward mode":
            return ("forward", n)
        if slip == "reverse mode where both are equal":
            return ("forward", n) if n < m else ("reverse", m)
        if slip == "a sweep for each entry":
            return ("forward" if n <= m else "reverse", n * m)
        if slip == "one sweep is enough":
            return ("forward" if n <= m else "reverse", 1)
        return ("forward", n) if n <= m else ("reverse", m)
        ### END SOLUTION

    return sweeps


BOOK.add(
    Code,
    "costs.2",
    "How many sweeps?",
    """
A function has n inputs and m outputs; its Jacobian J has m rows and n columns. Write `sweeps(want, n, m)`: which mode
needs the fewest sweeps, and how many? Return a pair such as `("forward", 3)`. `want` is `"J"` for the whole Jacobian,
`"Jv"` for its product with one given column v (a rate for each input), or `"uJ"` for the product of one given row u (a
weight for each output) with it. If both modes need the same number, say `"forward"`, which keeps no tape.
""",
    points=3,
    was="05.costs.3",
    hints=(
        "A forward sweep gives one column of J, a reverse sweep gives one row.",
        ("the whole Jacobian", "The whole Jacobian has n columns and m rows. Take whichever there are fewer of."),
        (
            "a product with it",
            "Seeded with v, one forward sweep gives J·v. Seeded with u, one reverse sweep gives u·J. J itself is never needed.",
        ),
    ),
    make=cheapest_mode,
    parts=(
        Part("the whole Jacobian", _wanted("J"), _fewest, worth=2),
        Part("a product with it", _wanted("Jv", "uJ"), _fewest),
    ),
    wrong={
        "rows and columns exchanged": "It is the other way round: forward mode takes one sweep for each INPUT, reverse mode one for each OUTPUT.",
        "always reverse mode": "With fewer inputs than outputs forward mode is the cheaper one. Reverse mode is best where outputs are few.",
        "always forward mode": "With fewer outputs than inputs reverse mode is the cheaper one: a sweep for each output.",
        "reverse mode where both are equal": "With as many inputs as outputs both need the same number of sweeps. Then say forward, which keeps no tape.",
        "a sweep for each entry": "A sweep gives a whole row or column of J, not one entry.",
        "one sweep is enough": "One sweep gives one column of J, or one row. The whole of it needs one for each.",
        "the whole Jacobian for a product": "For a product you build the whole Jacobian first. Seed one sweep with the vector itself: forward for v, reverse for u.",
        "products exchanged": "v has a number for each input, so it seeds a forward sweep. u has one for each output, and seeds a reverse sweep.",
    },
)


def sweeps_counted(f, x):
    graph = trace(f, x)
    outputs = len(graph.output_ids)
    seeds = [[float(i == k) for i in range(outputs)] for k in range(outputs)] if outputs > 1 else [1.0]
    slopes = [
        sum(abs(grad(lambda x, k=k: f(x) if outputs == 1 else f(x)[k], 0)(x)[i]) for k in range(outputs))
        for i in range(12)
    ]
    return {
        "outputs": outputs,
        "left_out": [node.name for node, slope in zip(graph.inputs, slopes, strict=True) if not 0 < slope < math.inf],
        "forward": sum(_multiplied(tangent_sweep(graph, **{node.name: 1.0})) for node in graph.inputs),
        "reverse": sum(_multiplied(adjoint_sweep(graph, seed)) for seed in seeds),
    }


def meeting(slip=""):
    def many_to_one(x):
        """Twelve numbers meet, and a tail follows."""
        ### BEGIN SOLUTION
        if slip == "no common tail":
            s = x[0] * x[0]
            for x_i in x[1:]:
                s = s + x_i * x_i
            return s
        s = x[0]
        for x_i in [] if slip == "a tail on one input" else x[1:8] if slip == "inputs left out" else x[1:]:
            s = s + x_i
        for _ in range(10):
            s = 0.5 * s
        return (s, 2 * s) if slip == "several results" else s
        ### END SOLUTION

    return many_to_one


BOOK.add(
    Apply,
    "costs.3",
    "A function made for reverse mode",
    """
Invent a function `many_to_one(x)` of a list of 12 numbers whose gradient takes at least 5 times as many multiplications in
forward mode as in reverse mode. It returns one number, and every one of the 12 must matter. The sweeps are counted as
in the lesson: `bl.tangent_sweep(graph, ...)` for each input, and `bl.adjoint_sweep(graph)`.
""",
    points=3,
    was="05.costs.5",
    hints=(
        "Where do the paths from all the inputs run together? What comes after that place, forward mode does 12 times.",
        (
            "every input matters, and something is computed",
            "First let all inputs meet, in a sum, say. Then do something long with the one number that came out.",
        ),
        (
            "forward mode takes at least 5 times as many multiplications",
            "A loop such as `for _ in range(10): s = 0.5 * s` is a tail of 10 factors.",
        ),
    ),
    make=meeting,
    measure=sweeps_counted,
    at=lambda random: ([random.randint(2, 8) / 4 for _ in range(12)],),
    properties=(
        Property(
            "forward mode takes at least 5 times as many multiplications",
            lambda m: m["forward"] >= 5 * max(m["reverse"], 1),
            "forward mode takes {forward} multiplications, and reverse mode {reverse}.",
            worth=2,
            point=True,
        ),
        Property(
            "every input matters, and something is computed",
            lambda m: not m["left_out"] and m["forward"] > 0,
            "the derivative is 0 for {left_out}.",
            point=True,
        ),
        Property(
            "one result",
            lambda m: m["outputs"] == 1 and m["forward"] > 0,
            "the function returns {outputs} numbers; return one.",
        ),
    ),
    wrong={
        "no common tail": "Each input has its own work here, and hardly any is shared. Let the inputs meet early, and put the work behind that place.",
        "inputs left out": "The tail is there, but some of the 12 inputs never reach it. All of them must meet before it.",
        "a tail on one input": "Only one input has the long way, and the others are left out. The long way pays when all 12 share it.",
        "several results": "The function returns more than one number, and reverse mode needs a sweep for each. Return one.",
    },
)


def price_of_a_gradient(w, t):
    return w, t


def thousand_seconds(w, t):
    """By each way, for w thousand weights and t seconds for one evaluation."""
    return {"central": 2 * w * t, "forward": 2 * w * t, "reverse": 4 * t / 1000}


def slips_in_price_of_a_gradient(w, t):
    right = thousand_seconds(w, t)
    return {
        "one evaluation a weight": right | {"central": w * t},
        "one forward sweep for all": right | {"forward": 2 * t / 1000},
        "a reverse sweep for each weight": right | {"reverse": 4 * w * t},
        "the forward pass counted again": right | {"reverse": 5 * t / 1000},
        "seconds": right | {"reverse": 4 * t},
    }


BOOK.add(
    Predict,
    "costs.4",
    "How long does one gradient take?",
    """
A loss has w thousand weights, and one evaluation takes t seconds. Central differences take two evaluations a weight. A
forward sweep takes as long as two evaluations. A reverse sweep, with the forward pass before it, takes as long as four.
How many thousand seconds does one whole gradient take by each way? (1000 seconds are a quarter of an hour.)
""",
    points=2,
    hints=(
        "How many sweeps does each way need for w thousand weights? Then multiply by the time of one.",
        ("central", "Two evaluations a weight: w thousand weights at 2 · t seconds are 2 · w · t thousand seconds."),
        (
            "forward",
            "Forward mode takes a sweep for each weight, as differences do, and a sweep takes two evaluations.",
        ),
        ("reverse", "Reverse mode takes one sweep for all. Four evaluations of t seconds are 4 · t / 1000 thousand."),
    ),
    function=price_of_a_gradient,
    listing="""
weights = w * 1000
one_evaluation = t                       # seconds
""",
    of=thousand_seconds,
    called="thousand seconds",
    ask=("central", "forward", "reverse"),
    inputs={"w": 10.0, "t": 2.0},
    low=3,
    high=12,
    slipped=slips_in_price_of_a_gradient,
    wrong={
        "one evaluation a weight": "A central difference moves each weight ahead and behind: two evaluations a weight.",
        "one forward sweep for all": "One forward sweep gives the derivative for one weight. The gradient needs a sweep for each.",
        "a reverse sweep for each weight": "One reverse sweep gives the derivatives for all weights. It does not come again for each.",
        "the forward pass counted again": "The four evaluations of the reverse sweep include the forward pass before it. Do not add it again.",
        "seconds": "The reverse sweep takes 4t seconds, and the answer is in thousands of seconds: divide by 1000.",
    },
)

BOOK.add(
    Choose,
    "costs.5",
    "Why does one sweep do for all inputs?",
    """
One sweep back gives a thousand derivatives for the price of about three and a half evaluations. Which sentence is the reason?
""",
    points=1,
    hints=(
        "How many times does the sweep pass an edge, and how many of the inputs lie behind that edge?",
        "Compare it with the two sources that meet: what is done once for both of them?",
    ),
    reason="The sweep passes each edge once, and what it sends there serves all inputs behind that edge.",
    wrong={
        "Most of the thousand derivatives are 0, and cost nothing.": "In this chain of neurons none of them is 0.",
        "A few derivatives are computed, and the others follow from these.": "Each one is a sum of products of its own. What do they have in common on the way?",
        "The thousand sweeps run side by side, on all cores of the machine.": "There is one sweep, and what was counted here is operations, not seconds.",
    },
)
