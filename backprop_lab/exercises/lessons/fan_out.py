"""Exercises of 04_fan_out_and_paths: what arrives is added, and a derivative is a sum over paths."""

from __future__ import annotations

from typing import Any

from ...derivatives.passes import grad
from ...graph.paths import count_paths, paths
from ...graph.trace import trace
from ..apply import Apply, Property
from ..base import Book
from ..broken import BrokenSweep
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict
from ..programs import traced
from ..sweeps import Sweep

BOOK = Book("04_fan_out_and_paths")


def product_of_sums(a, b):
    c = a + b
    d = b + 1
    e = c * d
    return e


BOOK.add(
    Predict,
    "fan_out.1",
    "b feeds two sums",
    """
One reverse sweep by hand, from e = 1. b is used by c and by d: give the adjoints of both, and of the inputs.
""",
    points=3,
    was="04.fan_out.1",
    hints=(
        (("c", "d"), "At the product each factor gets the other factor's value."),
        ("a", "A sum copies its adjoint to both summands, and a is used by c alone."),
        ("b", "b gets something from c and something from d. Add the two."),
    ),
    function=product_of_sums,
    ask=("c", "d", "a", "b"),
    inputs={"a": 4.0, "b": 2.0},
)


def doubled_product(x, y):
    u = x * y
    z = u + u
    return z


BOOK.add(
    Predict,
    "fan_out.2",
    "One value, used twice in one line",
    """
z uses u twice, so two edges lead from u to z. Give the adjoints of u and of both inputs.
""",
    points=2,
    was="04.fan_out.2",
    hints=(
        ("u", "Each of the two edges from u to z has the local partial 1, and something arrives over both."),
        (("x", "y"), "First add up all that arrives at u. Only then go on to x and y, once."),
        (("x", "y"), "x gets the adjoint of u times y, and y gets it times x."),
    ),
    function=doubled_product,
    ask=("u", "x", "y"),
    inputs={"x": 3.0, "y": 5.0},
)


def two_ways(x, y):
    c = x + y
    d = x**2
    e = c * d
    return e


WAYS = ("x->c->e", "x->d->e")


def _by_paths(x: float, y: float) -> dict[str, float]:
    """The right products, path by path."""
    graph = trace(two_ways, x=x, y=y)
    products = {"->".join(n.name for n in path.nodes): path.product for path in paths(graph, "x")}
    return products | {"sum": sum(products.values())}


def _ways(first: float, second: float) -> dict[str, float]:
    return dict(zip(WAYS, (first, second), strict=True)) | {"sum": first + second}


def slips_in_two_ways(x, y):
    return {
        "adds along a path": _ways(1 + x**2, 2 * x + x + y),
        "keeps the first path": {"sum": x**2},
        "keeps the last path": {"sum": 2 * x * (x + y)},
        "multiplies the paths": {"sum": x**2 * 2 * x * (x + y)},
        "factors not swapped": _ways(x + y, 2 * x * x**2),
        "only the first edge": _ways(1.0, 2 * x),
        "only the last edge": _ways(x**2, x + y),
        "exponent lost": _ways(x**2, x * (x + y)),
    }


BOOK.add(
    Predict,
    "fan_out.3",
    "Two paths from x",
    """
Two paths lead from x to e. Give the product of the local partials along each path, and the sum of the products, which
is the derivative of e with respect to x.
""",
    points=3,
    was="04.fan_out.3",
    hints=(
        "Write the local partial on each of the four edges first.",
        (
            "x->c->e",
            "Along a path the local partials are multiplied. From x to c it is 1, from c to e it is d, the other factor.",
        ),
        ("x->d->e", "From x to d the partial is 2x, because d = x². From d to e it is c, the other factor. Multiply."),
        ("sum", "Different paths are added: `sum` is the product of one path plus the product of the other."),
    ),
    function=two_ways,
    of=_by_paths,
    ask=(*WAYS, "sum"),
    follows=lambda known: {"sum": sum(known[way] for way in WAYS)},
    inputs={"x": 2.0, "y": 3.0},
    low=2,
    slipped=slips_in_two_ways,
    wrong={
        "adds along a path": "You added along a path. Rates in a row multiply; only different paths are added.",
        "keeps the first path": "Both products are right, but the sum holds the first path only. x moves e along both: add them.",
        "keeps the last path": "Both products are right, but the sum holds the second path only. x moves e along both: add them.",
        "multiplies the paths": "You multiplied the two paths. Multiply along a path, and add the paths.",
        "factors not swapped": "The partial from c to e is the OTHER factor, d, and from d to e it is c. Swap them.",
        "only the first edge": "You stopped after the first edge of each path. Go on to e, and multiply by the second edge too.",
        "only the last edge": "You took the last edge of each path alone. Begin at x, and multiply by the first edge too.",
        "exponent lost": "The partial from x to d is 2x: the exponent of x² comes down as a factor.",
    },
)

Edges = list[tuple[str, str]]


def _small(random: Any) -> list[tuple[Any, ...]]:
    """Small graphs with a fan-out, edges that are there twice, and one from elsewhere: (edges, source, sink)."""
    found: list[tuple[Any, ...]] = []
    for _ in range(6):
        names = random.sample("abcdefgh", 6)
        edges = [(names[0], names[1]), (names[0], names[2]), (names[1], names[3]), (names[2], names[3])]
        edges += [tuple(names[k] for k in sorted(random.sample(range(5), 2))) for _ in range(random.randint(1, 4))]
        edges += [(names[3], names[4])] * random.randint(1, 2) + [(names[5], names[4])]
        random.shuffle(edges)
        found.append((edges, names[0], names[4]))
    edges, source, sink = found[0]
    return [*found, (edges, sink, source), (edges, sink, sink)]


def _ladders(random: Any) -> list[tuple[Any, ...]]:
    """Diamonds in a row, each of which doubles the number of paths, and one edge past them all."""
    steps = random.randint(60, 80)
    edges = [(f"n{k}", f"{side}{k}") for k in range(steps) for side in "lr"]
    edges += [(f"{side}{k}", f"n{k + 1}") for k in range(steps) for side in "lr"]
    return [([*edges, ("n0", f"n{steps}")], "n0", f"n{steps}")]


def _counted(edges: Edges, source: str, sink: str) -> int:
    """The oracle: the paths in the graph of a function that adds along the same edges."""

    def add_up(x: Any) -> Any:
        known: dict[str, Any] = {source: x}

        def value(node: str) -> Any:
            if node not in known:
                came = [value(p) for p, child in edges if child == node]
                reached = [v for v in came if v is not None]
                known[node] = sum(reached[1:], reached[0]) if reached else None
            return known[node]

        return 0.0 if value(sink) is None else value(sink)

    graph = traced(add_up, 1.0)
    return count_paths(graph, graph.inputs[0])


def exactly(count_paths, edges, source, sink):
    """Beyond 2**53 a float skips whole numbers, so a large count is compared as text."""
    found = count_paths(edges, source, sink)
    return str(found) if type(found) is int else found


def counting(slip=""):
    def count_paths(edges, source, sink):
        """How many paths lead from source to sink."""
        ### BEGIN SOLUTION
        if slip == "edges counted":
            return len(edges)
        if slip == "arrivals at the sink counted":
            return sum(child == sink for _, child in edges)
        if slip == "only the shortest paths":
            level = {source: 1}
            for _ in range(len(edges) + 1):
                if sink in level:
                    return level[sink]
                further = {}
                for parent, child in edges:
                    if parent in level:
                        further[child] = further.get(child, 0) + level[parent]
                level = further
            return 0
        children = {}
        for parent, child in set(edges) if slip == "double edges counted once" else edges:
            children.setdefault(parent, []).append(child)
        if slip == "a node has no path to itself":
            if source == sink:
                return 0
        known = {sink: 1.0 if slip == "float instead of a whole number" else 1}

        def ways(node):
            if node not in known:
                known[node] = sum(ways(child) for child in children.get(node, []))
                if slip == "each node visited once":
                    return known[node]
            return int(node == sink) if slip == "each node visited once" else known[node]

        return ways(source)
        ### END SOLUTION

    return count_paths


BOOK.add(
    Code,
    "fan_out.4",
    "Count the paths without walking them",
    """
Write `count_paths(edges, source, sink)`: how many paths lead from one node to another? `edges` is a list of pairs
(parent, child) of a graph without cycles. A pair that stands there twice is two edges, as from x to x * x. From a node
to itself there is one path, without edges. Some graphs have more than 2⁶⁰ paths, so do not walk them one by one. The
count is a whole number, and it must be exact.
""",
    points=4,
    was="04.fan_out.4",
    hints=(
        ("small graphs", "From a node there are as many paths as from all its children together."),
        (
            "small graphs",
            "Begin at the sink: from the sink to itself there is one path. A node without a way on has 0.",
        ),
        (
            "a long ladder",
            "Keep the count of each node in a dict, and look there first. Then every edge is looked at once only.",
        ),
    ),
    make=counting,
    parts=(
        Part("small graphs", _small, _counted, worth=2),
        Part("a long ladder", _ladders, lambda *args: str(_counted(*args)), worth=2, probe=exactly),
    ),
    late=(
        "Small graphs are right, but you walk every path, and a ladder of 60 diamonds has more than 2⁶⁰. Keep each "
        "node's count in a dict, and use it again."
    ),
    wrong={
        "edges counted": "This is the number of edges. A path is a whole way from the source to the sink, and paths share edges.",
        "arrivals at the sink counted": "This is the number of edges that end in the sink. Over each of them may come many paths: count those.",
        "double edges counted once": "A pair that stands in the list twice is two edges, and each has its own paths. Do not turn the list into a set.",
        "each node visited once": "You leave out a node that was visited before. A second path may pass it too: use its count again.",
        "only the shortest paths": "You count the shortest paths only. A long way round is a path too.",
        "a node has no path to itself": "From a node to itself there is one path, the one without edges.",
        "float instead of a whole number": "Your large count is a float, which has 16 digits only. Count in whole numbers: begin with 1, not with 1.0.",
    },
)


def paths_to_order(slip=""):
    def two_paths(x):
        """Two paths from x to the result; the derivative at 2 is 5."""
        ### BEGIN SOLUTION
        if slip == "one path only":
            return 5 * x
        if slip == "a product of x with itself taken for one path":
            return x * x + x
        if slip == "the paths do not add up to 5":
            return 5 * x + x
        if slip == "value taken for the derivative":
            return x**2 + 1
        return x**2 + x
        ### END SOLUTION

    return two_paths


def paths_and_slope(f, x):
    graph = trace(f, x)
    return {"paths": count_paths(graph, graph.inputs[0]), "slope": grad(f)(x), "value": graph.value}


FIVE = "the derivative at 2 is 5"
PATHS = "paths from x to the result: {paths}; there must be 2."

BOOK.add(
    Apply,
    "fan_out.5",
    "Two paths and a derivative of 5",
    """
Invent a function `two_paths(x)` with exactly two paths from x to the result, and with the derivative exactly 5 at
x = 2. Look at it with `bl.trace(two_paths, x=2)`, and at its paths with `bl.paths`.
""",
    points=3,
    was="04.fan_out.5",
    hints=(
        (FIVE, "The derivative is the sum of two products, one a path. Choose two numbers that add up to 5."),
        (FIVE, "A path through 2 * x brings 2. A path through x**2 brings 2x, which is 4 at x = 2."),
        (
            ("at least two paths", "a path, and at most two"),
            "x * x has two paths already, one through each operand. x**2 has one.",
        ),
    ),
    make=paths_to_order,
    measure=paths_and_slope,
    at=lambda random: (2.0,),
    properties=(
        Property("at least two paths", lambda m: m["paths"] >= 2, PATHS, point=True),
        Property("a path, and at most two", lambda m: 1 <= m["paths"] <= 2, PATHS, point=True),
        Property(FIVE, lambda m: abs(m["slope"] - 5) < 1e-9, "the derivative at 2 is {slope}.", worth=2),
    ),
    wrong={
        "one path only": "The derivative is 5, but there is one path only. Let x stand in two places, and add the two results.",
        "a product of x with itself taken for one path": "The derivative is 5, but there are more than two paths. x * x has two, one through each operand; x**2 has one.",
        "the paths do not add up to 5": "There are two paths, but the products along them do not add up to 5. Multiply along each path, then add.",
        "value taken for the derivative": (
            "One path only, and its product is not 5. The derivative shall be 5, not the value: x**2 + 1 is 5 at 2, and moves "
            "4 times as fast as x."
        ),
    },
)

BOOK.add(
    Choose,
    "fan_out.6",
    "Why does a sweep not walk the paths?",
    """
A ladder with 100 diamonds has 2¹⁰⁰ paths, and a sweep over it takes 400 edges. Which sentence is the reason?
""",
    points=1,
    hints=(
        "How many times is an edge used by the sweep, and how many paths lead over it?",
        "Compare a · c + b · c with (a + b) · c. What is done once in the second?",
    ),
    reason="What has arrived at a node is added up first, and then sent on once for all paths together.",
    wrong={
        "Most of the paths have the product 0, so they are left out.": "In this ladder no path has the product 0, and the sweep takes 400 edges all the same.",
        "It adds up only the most important paths, and the rest is too small to matter.": (
            "A sweep is exact: every path is in the sum, down to the last digit."
        ),
        "The graph is walked from the output, and from that side there are fewer paths.": (
            "There are as many paths from one end as from the other."
        ),
    },
)

BOOK.add(
    Sweep,
    "fan_out.7",
    "You are the sweep, where nodes are shared",
    """
A whole sweep, on a graph of your own in which inner nodes are used twice: every adjoint, from the output on, in an order
that the sweep may take.
""",
    points=4,
    hints=(
        "Count the arrows that leave a node: as many numbers arrive at it. It has its turn after all who use it.",
        "At each node: add up what arrives, and only then multiply the sum by the local partials, once for each operand.",
    ),
    programs=(
        "u = x * y; v = u + x; w = u - y; z = v * w",
        "u = x + y; v = u * x; w = u ** 2; z = w - v",
        "u = x - y; v = u * u; w = v + u; z = w * x",
        "u = x * x; v = u * y; w = u + v; z = w - x",
    ),
    inputs={"x": 2.0, "y": 3.0},
)

BOOK.add(
    BrokenSweep,
    "fan_out.8",
    "A broken rule to find",
    """
Somebody went back through this function, and broke one rule on the way, wherever it applies. Which one?
""",
    points=2,
    hints=(
        "Go along with the sweep, from the output. The first number that is not yours is where the rule was broken.",
        "At a node that is used once, the slope or the product is wrong. At one that is used twice, look at how the two "
        "arrivals were put together, and at what the node has sent on.",
    ),
    programs=(
        "u = x * y; v = u + x; z = v * u",
        "u = x * x; v = u - y; z = v * u",
        "u = x - y; v = u * x; z = v ** 2",
        "u = x + y; v = u ** 2; w = u * y; z = v - w",
    ),
    inputs={"x": 2.0, "y": 5.0},
    rules=(
        "keeps the last arrival",
        "keeps the first arrival",
        "multiplies the arrivals",
        "averages the arrivals",
        "used before complete",
        "pulled back twice",
        "exponent lost",
        "factors not swapped",
        "minus lost",
        "upstream factor lost",
        "adds along a path",
    ),
)
