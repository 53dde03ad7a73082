"""Exercises of 01_functions_are_graphs: values, local partials, when a node can run, and a graph to order."""

from __future__ import annotations

from typing import Any

from ...graph.trace import trace
from ..apply import Apply, Property
from ..attempt import edge_named
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict
from ..programs import with_operations

BOOK = Book("01_functions_are_graphs")


def sum_used_twice(x, y):
    s = x + y
    p = s * x
    w = 2 * s**2
    z = w - p
    return z


def slips_in_sum_used_twice(x, y):
    s = x + y
    p = s * x
    return {
        "power read as a product": {"w": 2 * s * 2, "z": 2 * s * 2 - p},
        "product before the power": {"w": (2 * s) ** 2, "z": (2 * s) ** 2 - p},
        "takes the line above": {"w": 2 * p**2, "z": 2 * p**2 - p},
        "a reused value lost": {"w": 2 * x**2, "z": 2 * x**2 - p},
        "difference turned round": {"z": p - 2 * s**2},
    }


BOOK.add(
    Predict,
    "graphs.1",
    "Run the graph by hand",
    """
Be the machine: compute the value of every named node, one line at a time. Two later lines use s.
""",
    points=2,
    was="01.graphs.1",
    hints=(
        ("s", "s is a sum, and the other lines need it. Write its value down and keep it."),
        ("p", "p multiplies s by x: take the value of s that you have written down."),
        ("w", "s**2 means s times s, and the power comes before the multiplication by 2."),
        ("z", "The last line takes p away from w, in this order."),
    ),
    function=sum_used_twice,
    of="value",
    ask=("s", "p", "w", "z"),
    inputs={"x": 2.0, "y": 3.0},
    high=8,
    slipped=slips_in_sum_used_twice,
    wrong={
        "power read as a product": "s**2 is not s · 2. The two stars are a power: multiply s by itself.",
        "product before the power": "The power binds tighter than the product: square s first, and double the result.",
        "takes the line above": "w is made of s, not of p, the line just above it. A line may reach back to any earlier value: read its name.",
        "a reused value lost": "In w you put x for s. s is used a second time there, and it still has the value that it got in its own line.",
        "difference turned round": "The difference is turned round: the last line takes p away from w.",
    },
)


def square_product_quotient(x, y):
    s = x**2
    p = s * x
    q = p / y
    return q


EDGES = ("x->s", "s->p", "x->p", "p->q", "y->q")


def _partials(x: float, y: float) -> dict[str, float]:
    """The right local partials, from the engine."""
    graph = trace(square_product_quotient, x=x, y=y)
    found = {name: edge_named(graph, name) for name in EDGES}
    return {name: e.child.partials[e.slot] for name, e in found.items() if e is not None}


def slips_in_square_product_quotient(x, y):
    return {
        "whole derivative for the local partial": {"x->p": 3 * x**2},
        "factors not swapped": {"s->p": x**2, "x->p": x},
        "exponent lost": {"x->s": x},
        "exponent not lowered": {"x->s": 2 * x**2},
        "quotient without minus": {"y->q": x**3 / y**2},
        "quotient without square": {"y->q": -(x**3) / y},
        "quotient treated as a product": {"p->q": y, "y->q": x**3},
    }


BOOK.add(
    Predict,
    "graphs.2",
    "Local partials on the edges",
    """
Give the local partial on each edge: how fast the node at the tip changes when only this one operand moves, and the
other operand stands still. `x->p` is the edge from x to p. A fraction may be written as 1/4.
""",
    points=3,
    was="01.graphs.2",
    hints=(
        "An edge knows one operation only. Look at the line of the node at its tip, and forget the lines before.",
        ("x->s", "s is x², which changes 2x times as fast as x."),
        (("s->p", "x->p"), "In a product the partial on a factor's edge is the other factor."),
        (("p->q", "y->q"), "p / y grows by 1/y with p. With y it falls: the partial is −p/y²."),
    ),
    function=square_product_quotient,
    of=_partials,
    called="local partial",
    ask=EDGES,
    inputs={"x": 3.0, "y": 2.0},
    low=2,
    high=10,
    decimals=4,
    slipped=slips_in_square_product_quotient,
    wrong={
        "whole derivative for the local partial": "On x->p you gave the whole derivative of p. The edge is one step: s stands still there, so its partial is s.",
        "factors not swapped": "In the product s * x, s moves p as fast as the OTHER factor says: swap the two partials.",
        "exponent lost": "The partial of x**2 is 2x: the exponent comes down as a factor.",
        "exponent not lowered": "The exponent comes down as a factor, and one power of x goes: the partial of x**2 is 2x, not 2x².",
        "quotient without minus": "p / y falls when y grows, so the partial on y->q is negative: −p/y².",
        "quotient without square": "The partial on y->q has y² below: −p/y², not −p/y.",
        "quotient treated as a product": "These are the partials of p * y. For a quotient they are 1/y and −p/y².",
    },
)


def _half_done(random: Any) -> list[tuple[Any, ...]]:
    """Graphs some of whose nodes have run: (parents, done)."""
    found: list[tuple[Any, ...]] = []
    for case in range(8):
        names = random.sample("abcdefgh", 7)
        parents: dict[str, list[str]] = {name: [] for name in names[:3]}
        for k in range(3, 7):
            parents[names[k]] = random.sample(names[:k], random.randint(1, 3))
        done: list[str] = []
        for _ in range(random.randint(1, 4) if case else 1):
            done.append(random.choice(_can_run(parents, done)))
        order = random.sample(names, 7) if case else sorted(names, reverse=True)
        found.append(({name: parents[name] for name in order}, done))
    x, y, z = sorted(random.sample("abcdefgh", 3), reverse=True)
    return [*found, ({z: [y, x, x], y: [x, x], x: []}, [x])]  # as x * x makes them


def _can_run(parents: dict[str, list[str]], done: list[str]) -> list[str]:
    return sorted(n for n in parents if n not in done and set(parents[n]) <= set(done))


def who_can_run(slip=""):
    def ready(parents, done):
        """The nodes that can run now, sorted by name."""
        ### BEGIN SOLUTION
        if slip == "one parent is enough":
            return sorted(
                n for n in parents if n not in done and (not parents[n] or any(p in done for p in parents[n]))
            )
        if slip == "nodes run twice":
            return sorted(n for n in parents if all(p in done for p in parents[n]))
        if slip == "operands counted":
            ran = {n: [p for p in done if p in parents[n]] for n in parents}
            return sorted(n for n in parents if n not in done and len(ran[n]) == len(parents[n]))
        if slip == "inputs forgotten":
            return sorted(n for n in parents if n not in done and parents[n] and all(p in done for p in parents[n]))
        if slip == "nobody waits":
            return sorted(n for n in parents if n not in done)
        if slip == "not sorted":
            return [n for n in parents if n not in done and all(p in done for p in parents[n])]
        return sorted(n for n in parents if n not in done and all(p in done for p in parents[n]))
        ### END SOLUTION

    return ready


BOOK.add(
    Code,
    "graphs.3",
    "Which nodes can run now?",
    """
A node runs once, when all its operands have their values. Write `ready(parents, done)`: `parents` is a dict from each
node's name to the list of the nodes that it is computed from, and `done` is the list of the nodes that have run. Return
the sorted list of the nodes that can run now. With `parents = {"x": [], "y": [], "p": ["x", "y"]}` and `done = ["x"]`
it is `["y"]`.
""",
    points=3,
    was="01.graphs.3",
    hints=(
        "Go through the nodes, and ask two questions about each: has it run, and do all its parents have values?",
        "Python's `all(p in done for p in …)` answers the second. Of an empty list it is True, which is what an input needs.",
        "`sorted(n for n in parents if …)` gives the sorted list.",
    ),
    make=who_can_run,
    parts=(Part("the nodes that can run", _half_done, _can_run),),
    wrong={
        "one parent is enough": "A node starts here as soon as one of its parents is done. It needs them all.",
        "nodes run twice": "Nodes that have run are in your list again. A node runs once: leave out what is in `done`.",
        "inputs forgotten": "Nodes without parents are missing. They wait for nothing, so they can run at once.",
        "nobody waits": "These are all the nodes that have not run yet. Some still wait for a parent: check that all parents are done.",
        "operands counted": "You compare numbers: of the parents, and of those that have run. In x * x one node is two parents.",
        "not sorted": "These are the right nodes in another order. Return them sorted by name: `sorted(…)` does it.",
    },
)


def used_twice_or_not(slip=""):
    def used_twice(x, y):
        """Uses x twice."""
        ### BEGIN SOLUTION
        if slip == "a power taken for two uses":
            return x**2 + y
        if slip == "too many uses":
            return x * x * x + y
        if slip == "one operation repeated":
            return x + x + y
        if slip == "y left out":
            return x * x + 1
        if slip == "several outputs":
            return x * y + x, y
        return x * y + x
        ### END SOLUTION

    return used_twice


USES = "edges that leave x: {uses}; there must be 2."


def uses(f, x, y):
    graph = with_operations(trace(f, x, y), "x and y")
    y = graph.inputs[1]
    return {
        "uses": len(graph.uses[0]),
        "operations": sorted({node.op for node in graph if node.primitive is not None}),
        "outputs": len(graph.output_ids),
        "needs_y": any(y == output or y in graph.depends_on(output) for output in graph.outputs),
    }


TWICE = ("x is used at least twice", "x is used, and at most twice")

BOOK.add(
    Apply,
    "graphs.4",
    "A graph to order",
    """
Write a function `used_twice(x, y)` whose graph uses x exactly twice: two edges leave the node x. The graph must have at
least two different operations and one output, and the output must depend on y. Look at it with
`bl.trace(used_twice, x=2, y=3)`.
""",
    points=2,
    was="01.graphs.4",
    hints=(
        (TWICE, "Every time x stands in your formula, one more edge leaves it."),
        (TWICE, "x * x uses x twice, and x**2 uses it once."),
        ("at least two different operations", "Two different operations are, for example, a product and a sum."),
    ),
    make=used_twice_or_not,
    measure=uses,
    at=lambda random: (2.0, 3.0),
    properties=(
        Property(TWICE[0], lambda m: m["uses"] >= 2, USES, point=True),
        Property(TWICE[1], lambda m: 1 <= m["uses"] <= 2, USES, point=True),
        Property(
            "at least two different operations",
            lambda m: len(m["operations"]) >= 2,
            "the only operation is {operations}.",
        ),
        Property("one output", lambda m: m["outputs"] == 1, "the function returns {outputs} numbers; return one."),
        Property("the output depends on y", lambda m: m["needs_y"], "no path leads from y to the output."),
    ),
    wrong={
        "a power taken for two uses": "One edge leaves x. A power such as x**2 is one use of x: write x * x, or let x stand in two places.",
        "too many uses": "More than two edges leave x. Count how often x stands in your formula, and give a line's result a name.",
        "one operation repeated": "There is only one kind of operation in your graph. Use two different ones: a sum and a product, say.",
        "y left out": "No path leads from y to the output. Let y stand in what you return.",
        "several outputs": "The function returns more than one number. Bring them together, by adding them, say, and return one.",
    },
)

BOOK.add(
    Choose,
    "graphs.5",
    "Why is one step not the whole?",
    """
The one step ∂z/∂x is 1, and the whole derivative dz/dx is 0.802. Which sentence says why they differ?
""",
    points=1,
    hints=(
        "Let x move a little. Which nodes of the graph move, and which of them does the edge from x to z know of?",
        "In the one step, what is held still besides y?",
    ),
    reason="x also moves z through a and b, and the one step on the edge from x to z leaves this way out.",
    wrong={
        "The sine is curved, so 1 is only an approximation of the slope.": "1 is exact: with b held still, z moves just as far as x. Where does the sine stand in this graph?",
        "The one step is taken at x = 0, and the whole derivative at x = 3.": "Both are taken at the same point, x = 3 and y = 5.",
        "y is held still in the one step, and moves in the whole derivative.": "y is held still in both. What else is held still in the one step?",
    },
)
