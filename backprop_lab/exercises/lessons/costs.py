"""Exercises of 05_what_it_costs on sweeps: count them, choose the mode, and solve the triangular system."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from ...catalogue.entries import examples
from ...derivatives.passes import grad
from ...graph.graph import Graph
from ...graph.sweeps import adjoint_sweep, tangent_sweep
from ...graph.trace import trace
from ..apply import Apply, Property
from ..base import Book
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
        "The whole Jacobian has n columns and m rows. Take whichever there are fewer of.",
        "Seeded with v, one forward sweep gives J·v. Seeded with u, one reverse sweep gives u·J. J itself is never needed.",
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


def local_partials(graph: Graph) -> np.ndarray:
    """The matrix L of a graph of numbers: row child, column parent, the sum of the partials of the edges between them."""
    matrix = np.zeros((len(graph), len(graph)))
    for edge in graph.edges:
        matrix[edge.child.id, edge.parent.id] += edge.child.partials[edge.slot]
    return matrix


def _traced(random: Any) -> list[tuple[Any, ...]]:
    """Matrices of the course's graphs at drawn inputs, seeded at the output."""
    found = []
    for name in ("sources-sink", "strang", "edelman", "olah"):
        example = examples[name]
        graph = example.trace(**{key: float(random.randint(2, 9)) for key in example.inputs})
        seed = np.zeros(len(graph))
        seed[graph.output_ids[0]] = 1.0
        found.append((local_partials(graph), seed))
    return found


def _random_graph(random: Any, size: int, most: int) -> np.ndarray:
    """A matrix of local partials: every node but the first has from 1 to `most` parents."""
    matrix = np.zeros((size, size))
    for child in range(1, size):
        parents = random.sample(range(max(0, child - 5), child), min(child, random.randint(1, most)))
        for parent in parents:
            matrix[child, parent] = random.choice((-1, 1)) * random.randint(1, 6) / 4
    return matrix


def _random_graphs(random: Any) -> list[tuple[Any, ...]]:
    """Random graphs, seeded at several nodes."""
    sizes = [random.randint(5, 9) for _ in range(5)]
    return [
        (_random_graph(random, size, 3), np.array([float(random.randint(-3, 3) or 2) for _ in range(size)]))
        for size in sizes
    ]


def _long_graphs(random: Any) -> list[tuple[Any, ...]]:
    """A graph with more paths than anybody can walk."""
    matrix = np.zeros((120, 120))
    for child in range(1, 120):
        for parent in range(max(0, child - 2), child):
            matrix[child, parent] = random.choice((-1, 1)) * random.choice((0.5, 0.75))
    return [(matrix, np.eye(120)[-1])]


def _adjoints(L: np.ndarray, e: np.ndarray) -> np.ndarray:
    """The oracle: the engine's gradient with respect to a nudge at each node of a linear program with these partials."""

    def weighted(nudges: Any) -> Any:
        nodes: list[Any] = []
        for row, nudge in zip(L, nudges, strict=True):
            value = nudge
            for parent in np.flatnonzero(row):
                value = value + float(row[parent]) * nodes[parent]
            nodes.append(value)
        total = 0.0 * nodes[0]
        for weight, node in zip(e, nodes, strict=True):
            total = total + float(weight) * node
        return total

    return np.array(grad(weighted)([0.0] * len(e)))


def with_e_kept(back_substitution, L, e):
    before = repr(e.tolist())
    found = back_substitution(L, e)
    return found if repr(e.tolist()) == before else f"e has become {e.tolist()}"


def substituted(slip=""):
    def back_substitution(L, e):
        """The adjoints of all nodes from the local partials L[child, parent] and the seeds e."""
        ### BEGIN SOLUTION
        if slip == "seed at the last node only":
            v = 1.0 * (np.arange(len(e)) == len(e) - 1)
        else:
            v = e if slip == "e is overwritten" else np.array(e, dtype=float)
        if slip in ("forward substitution", "nodes in the wrong order"):
            for i in range(len(v)):
                v[i] += (L[i] if slip == "forward substitution" else L[:, i]) @ v
            return v
        for i in reversed(range(len(v))):
            if slip == "sign turned round":
                v[i] -= L[:, i] @ v
            elif slip == "one child only":
                for j in range(i + 1, len(v)):
                    if L[j, i]:
                        v[i] = L[j, i] * v[j]
            elif slip == "seed left out where children send":
                v[i] = L[:, i] @ v if np.any(L[:, i]) else v[i]
            elif slip == "adjoints of the children left out":
                v[i] += np.sum(L[:, i])
            else:
                v[i] += (L[i] if slip == "rows for columns" else L[:, i]) @ v
        return v
        ### END SOLUTION

    return back_substitution


BOOK.add(
    Code,
    "order.3",
    "The reverse sweep as back substitution",
    """
Write `back_substitution(L, e)`, which solves (I − L)ᵀ v̄ = e. L[child, parent] is the local partial on the edge from
parent to child, and 0 where there is no edge. Nodes are numbered in the order in which they run, so L has its numbers below
the diagonal. e is the seed of each node; L and e are arrays of floats, and e is to hold the same numbers afterwards.
Return the array of all adjoints v̄. `np` is NumPy; a loop over the nodes is all that it takes.
""",
    points=5,
    was="05.costs.4",
    hints=(
        "Written out for node i: its adjoint is e[i], plus L[j, i] times the adjoint of j, for all its children j.",
        "All children have larger numbers. So begin with the last node, and go back to the first.",
        "The children of i stand in column i of L: `L[:, i] @ v` adds up what they send back.",
    ),
    make=substituted,
    parts=(
        Part("graphs of the course", _traced, _adjoints, worth=2),
        Part("random graphs, seeded everywhere", _random_graphs, _adjoints, worth=2, probe=with_e_kept),
        Part("a graph with very many paths", _long_graphs, _adjoints),
    ),
    late=(
        "Small graphs are right, but you follow every path by itself. A node's adjoint is computed once, when all its "
        "children have theirs, and used again."
    ),
    wrong={
        "forward substitution": "This is forward substitution: you went from the first node on, along rows. That pushes tangents, as forward mode does.",
        "nodes in the wrong order": "Here children pass on what they have before it is complete. Begin with the LAST node: its adjoint is known first.",
        "rows for columns": "You go back, and take the row of node i, where its parents stand. What comes back to i is in its column: `L[:, i]`.",
        "sign turned round": "The sign is wrong: in v̄ − Lᵀv̄ = e the sum over the children goes to the other side, and is added there.",
        "one child only": "You keep one child's contribution only. What all children send back is added up, and added to the seed.",
        "seed at the last node only": "You seed the last node with 1 and do not look at e. Every node may have a seed of its own.",
        "seed left out where children send": "A node with children loses its own seed here. Add what the children send to e[i].",
        "e is overwritten": "The adjoints are right, but they stand in e, which belongs to the caller. Begin with a copy: np.array(e).",
        "adjoints of the children left out": "You added up the local partials of the children's edges. Each is multiplied by that child's adjoint.",
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
        "First let all inputs meet, in a sum, say. Then do something long with the one number that came out.",
        "A loop such as `for _ in range(10): s = 0.5 * s` is a tail of 10 factors.",
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
