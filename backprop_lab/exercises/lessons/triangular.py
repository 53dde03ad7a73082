"""Exercises of 06_the_order_matters on systems: the reverse sweep as back substitution, and the Hessian times a vector."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...catalogue.entries import examples
from ...derivatives.jacobians import hvp
from ...derivatives.passes import grad
from ...graph.graph import Graph
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict

BOOK = Book("06_the_order_matters")


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


def square_and_cube(x, y):
    f = x**2 * y + y**3
    return f


V = (1.0, 2.0)


def steps_to_a_product(x, y):
    """The gradient of `square_and_cube`, its inner product with (1, 2), and the gradient of that."""
    f_x, f_y = grad(square_and_cube)(x, y)
    h_x, h_y = hvp(square_and_cube, (x, y), V)
    return {"f_x": f_x, "f_y": f_y, "s": V[0] * f_x + V[1] * f_y, "h_x": h_x, "h_y": h_y}


def slips_in_steps_to_a_product(x, y):
    f_x, f_y = 2 * x * y, x**2 + 3 * y**2
    return {
        "v left out": {"s": f_x + f_y, "h_x": 2 * y + 2 * x, "h_y": 2 * x + 6 * y},
        "only the diagonal": {"h_x": 2 * y, "h_y": 12 * y},
        "gradient times v": {"h_x": f_x, "h_y": 2 * f_y},
        "v exchanged": {"s": 2 * f_x + f_y, "h_x": 4 * y + 2 * x, "h_y": 4 * x + 6 * y},
        "y held still in the square": {"f_y": 3 * y**2, "s": f_x + 6 * y**2, "h_x": 2 * y, "h_y": 2 * x + 12 * y},
    }


BOOK.add(
    Predict,
    "order.2",
    "The Hessian times a vector, by hand",
    """
First give both derivatives `f_x` and `f_y`. Then s = 1 · f_x + 2 · f_y, the inner product of the gradient with
v = (1, 2). Last the derivatives of s with respect to x and y, `h_x` and `h_y`. They are the Hessian times v, and no
Hessian was written down.
""",
    points=3,
    hints=(
        (("f_x", "f_y"), "f_x = 2xy, because y stands still. What is f_y? Both terms have a y."),
        ("s", "s = 2xy + 2 · (x² + 3y²). It is a function of x and y as any other."),
        ("h_x", "h_x is the derivative of s for x: one part from 2xy, and one from 2x²."),
        ("h_y", "h_y is the derivative of s for y: one part from 2xy, and one from 6y²."),
    ),
    function=square_and_cube,
    of=steps_to_a_product,
    called="number",
    ask=("f_x", "f_y", "s", "h_x", "h_y"),
    follows=lambda known: {"s": V[0] * known["f_x"] + V[1] * known["f_y"]},
    inputs={"x": 2.0, "y": 3.0},
    slipped=slips_in_steps_to_a_product,
    wrong={
        "v left out": "You added the two derivatives as they are. v = (1, 2) counts f_y twice: s = f_x + 2 · f_y.",
        "only the diagonal": "Each of h_x and h_y has two parts: x moves f_x and f_y, and so does y. You kept the own one.",
        "gradient times v": "These are f_x and 2 · f_y themselves. Differentiate s once more, for x and for y.",
        "v exchanged": "v = (1, 2): the 1 belongs to f_x and the 2 to f_y. You have it the other way round.",
        "y held still in the square": "f_y has a part from x² · y too: its derivative for y is x².",
    },
)

BOOK.add(
    Choose,
    "order.5",
    "Why does training begin at the left?",
    """
A loss is one number, and there are many weights. Which sentence says why one multiplies the steps' matrices from the left, from the output on?
""",
    points=1,
    hints=(
        "How many numbers does one carry along from the left, and how many from the right, with all inputs' columns?",
        "What is a row times a matrix? And what is a matrix times a matrix?",
    ),
    reason="From the left there is one row, and a row times a matrix is again one row: no large matrix is ever made.",
    wrong={
        "From the left the product is the gradient, and from the right it is something else.": "The product is the same from both ends. Only the work differs.",
        "The matrices at the left are smaller than those at the right.": "They all have one row and one column for each node.",
        "The matrices at the right are known last.": "All of them are known before the product begins: the forward pass has found the local partials.",
    },
)
