"""Exercises of 16_second_order: the Hessian times a vector by hand, in O(N), for a linear system, and a flat direction."""

from __future__ import annotations

import random as randomness
from typing import Any

import numpy as np

from ...derivatives.jacobians import hessian, hvp
from ...derivatives.passes import grad
from ...errors import ArgumentError
from ..apply import Apply, Property
from ..base import Book, WrongTurn
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict

BOOK = Book("16_second_order")

# --- by hand ----------------------------------------------------------------------------------------------------------


def square_times(x, y, a, b):
    f = x**2 * y + y**2
    return f


def _second(x: float, y: float, a: float, b: float) -> dict[str, float]:
    """The gradient, H times (a, b), and the curvature along (a, b)."""
    h_x, h_y = 2 * y * a + 2 * x * b, 2 * x * a + 2 * b
    return {"g_x": 2 * x * y, "g_y": x**2 + 2 * y, "h_x": h_x, "h_y": h_y, "curvature": a * h_x + b * h_y}


def _from_the_product(known: dict[str, float]) -> dict[str, float]:
    return {"curvature": known["a"] * known["h_x"] + known["b"] * known["h_y"]}


def slips_in_square_times(x, y, a, b):
    g_x, g_y, h_x, h_y, _ = _second(x, y, a, b).values()

    def along(h_x: float, h_y: float) -> dict[str, float]:
        return {"h_x": h_x, "h_y": h_y, "curvature": a * h_x + b * h_y}

    return {
        "mixed partials left out": along(2 * y * a, 2 * b),
        "the vector is left out": along(2 * y + 2 * x, 2 * x + 2),
        "rows mixed up": along(2 * y * a + 2 * x * b, 2 * x * b + 2 * a),
        "the gradient times the vector": along(g_x * a, g_y * b),
        "not multiplied by v again": {"curvature": h_x + h_y},
        "slope for curvature": {"curvature": a * g_x + b * g_y},
        "mixed counted once": {"curvature": 2 * y * a**2 + 2 * x * a * b + 2 * b**2},
    }


BOOK.add(
    Predict,
    "second.1",
    "The Hessian times a vector by hand",
    """
The vector is v = (a, b). Give the gradient of f by x and y (`g_x`, `g_y`). Then ⟨∇f, v⟩ = a · g_x + b · g_y is one number:
its derivatives by x and y are H v (`h_x`, `h_y`). Last, the `curvature` of f along v, which is ⟨v, H v⟩.
""",
    points=3,
    hints=(
        (("g_x", "g_y"), "g_x is the derivative of x² y by x, and y² does not move with x. g_y has two terms."),
        ("h_x", "Write down a · g_x + b · g_y with the letters a and b, and differentiate by x. Both terms have an x."),
        ("h_y", "The same by y. The second derivative of y² is 2."),
        ("curvature", "Multiply h_x by a and h_y by b, and add."),
    ),
    function=square_times,
    listing="""
f = x**2 * y + y**2
v = (a, b)
""",
    of=_second,
    ask=("g_x", "g_y", "h_x", "h_y", "curvature"),
    follows=_from_the_product,
    inputs={"x": 2.0, "y": 3.0, "a": 1.0, "b": 4.0},
    low=1,
    high=7,
    largest=2000.0,
    slipped=slips_in_square_times,
    wrong={
        "mixed partials left out": "You have the diagonal of H alone. x and y also act together: 2x is the derivative of g_x by y, and of g_y by x.",
        "the vector is left out": "These are the sums of H's rows. Each entry is multiplied by its number of v first.",
        "rows mixed up": "In h_y you gave a's factor to b. The row of y is (2x, 2): 2x goes with a, and 2 with b.",
        "the gradient times the vector": "You multiplied the gradient by v. Add first, a · g_x + b · g_y, and then differentiate once more.",
        "not multiplied by v again": "H v is right, and the curvature is a · h_x + b · h_y: v stands on both sides.",
        "slope for curvature": WrongTurn(
            "This is ⟨∇f, v⟩, the slope along v. The curvature has H v in place of the gradient.",
            slip="slope for curvature",
            drawn=False,
        ),
        "mixed counted once": "The mixed term comes twice: once from the row of x, and once from the row of y.",
    },
)

# --- in O(N) ----------------------------------------------------------------------------------------------------------


def _springs(x: Any) -> Any:
    return np.sum(x**4) + np.sum((x[1:] - x[:-1]) ** 2)


def _product(x: Any, v: Any) -> Any:
    return hvp(_springs, (x,), (v,))


def _vectors(random: randomness.Random) -> list[tuple[Any, ...]]:
    return [
        tuple(np.array([random.choice((-1, 1)) * random.randint(2, 9) / 2 for _ in range(n)]) for _ in "xv")
        for n in (2, 3, 5)
    ]


def _long_vectors(random: randomness.Random) -> list[tuple[Any, ...]]:
    return [(100_000, random.randint(1, 9))]


def on_long_ones(springs_product, n, start):
    """Of a long result some numbers: a matrix of this size would not fit into memory."""
    x, v = _long_pair(n, start)
    found = springs_product(x, v)
    if np.shape(found) != (n,):
        raise ArgumentError(f"the result has shape {np.shape(found)}, and it must have shape ({n},)")
    return _some(found)


def _long_pair(n: int, start: int) -> tuple[Any, Any]:
    places = np.arange(n)
    return np.cos(places + start), np.sin(3 * places + start)


def _some(found: Any) -> Any:
    return np.asarray(found)[[0, 1, len(found) // 2, -2, -1]]


def springs(slip=""):
    def springs_product(x, v):
        """H v for f(x) = Σ x_i⁴ + Σ (x_(i+1) − x_i)², without the matrix H."""
        ### BEGIN SOLUTION
        if slip == "the gradient":
            v, powers = x, 4 * x**3
        elif slip == "the power once only":
            powers = 4 * x**3 * v
        elif slip == "x for v in the power":
            powers = 12 * x**2
        else:
            powers = 12 * x**2 * v
        if slip == "neighbours left out":
            powers[1:] += 2 * v[1:]
            powers[:-1] += 2 * v[:-1]
            return powers
        if slip == "springs left out":
            return powers
        step = x[1:] - x[:-1] if slip == "differences of x" else v[1:] - v[:-1]
        if slip == "2 forgotten":
            pull = step
        elif slip == "sign of the differences":
            pull = -2 * step
        else:
            pull = 2 * step
        result = powers.copy()
        result[1:] += pull
        if slip == "both ends the same way":
            result[:-1] += pull
        elif slip != "only one end of a spring":
            result[:-1] -= pull
        return result
        ### END SOLUTION

    return springs_product


BOOK.add(
    Code,
    "second.2",
    "H times v, without H",
    """
f(x) = Σ xᵢ⁴ + Σ (xᵢ₊₁ − xᵢ)², for an array x: neighbours are held by springs. Its gradient is 4 xᵢ³, plus what the
springs send: with d = xᵢ₊₁ − xᵢ, place i + 1 gets 2d and place i gets −2d. Write `springs_product(x, v)`: the Hessian times
v, as an array. It is tried with 100,000 numbers, too: the matrix H would have ten thousand million entries.
""",
    points=4,
    hints=(
        "Let x move in the direction v, and ask how each term of the gradient moves.",
        ("a few numbers", "4 xᵢ³ moves by 12 xᵢ² · vᵢ."),
        ("a few numbers", "d moves by vᵢ₊₁ − vᵢ: the springs send the same as in the gradient, with v in place of x."),
        ("a hundred thousand numbers", "Slices do it: `result[1:] += 2 * step` and `result[:-1] -= 2 * step`."),
    ),
    make=springs,
    parts=(
        Part("a few numbers", _vectors, _product, worth=3, near=1e-9),
        Part(
            "a hundred thousand numbers",
            _long_vectors,
            lambda n, start: _some(_product(*_long_pair(n, start))),
            probe=on_long_ones,
            near=1e-9,
            seconds=1.0,
        ),
    ),
    wrong={
        "the gradient": "This is the gradient of f. How does it move, when x moves in the direction v?",
        "the power once only": "You multiplied the gradient's 4x³ by v. Its own derivative is 12x², and that times v.",
        "x for v in the power": "12x² is the diagonal of H. H v has each of them times its v.",
        "differences of x": "The springs send what v does, and not what x does: their part of the gradient is linear.",
        "2 forgotten": "The derivative of d² is 2d: a factor of 2 is missing at the springs.",
        "sign of the differences": "The springs pull the other way: place i + 1 gets 2d, and place i gets −2d.",
        "both ends the same way": "A spring pulls its two ends in opposite directions: place i + 1 gets 2d, and place i gets −2d.",
        "springs left out": "This is the diagonal that comes from xᵢ⁴, times v. The springs are missing: they send what v does, too.",
        "neighbours left out": "Each place has its own v alone. A spring looks at the difference of two neighbours, vᵢ₊₁ − vᵢ.",
        "only one end of a spring": "A spring has two ends, and pulls at both. You left one of them out.",
    },
)

# --- conjugate gradients ----------------------------------------------------------------------------------------------


def _systems(*sizes: int) -> Any:
    def cases(random: randomness.Random) -> list[tuple[Any, ...]]:
        found = []
        for n in sizes:
            M = np.array([[random.randint(-3, 3) for _ in range(n)] for _ in range(n)], dtype=float)
            H = M.T @ M + np.diag([float(random.randint(1, 5)) for _ in range(n)])
            found.append((H, np.array([float(random.choice((-1, 1)) * random.randint(1, 9)) for _ in range(n)])))
        return found

    return cases


def _early(random: randomness.Random) -> list[tuple[Any, ...]]:
    """No right side at all, and one for which a single step is exact."""
    H = np.diag([float(random.randint(2, 9)) for _ in range(3)])
    return [(H, np.zeros(3)), (4.0 * np.eye(3), np.array([float(random.randint(1, 9)) for _ in range(3)]))]


def _solution(H: Any, b: Any) -> Any:
    return np.linalg.solve(H, b)


def solved(solve, H, b):
    return solve(lambda v: H @ v, b)


def with_few_products(solve, H, b):
    """The solution, if n products were enough; rounding may make it one more."""
    asked = []

    def product(v):
        asked.append(1)
        if len(asked) > 10 * len(b):
            raise ArgumentError(f"product is called more than {10 * len(b)} times for {len(b)} unknowns")
        return H @ v

    found = solve(product, b)
    return found if len(asked) <= len(b) + 1 else f"{len(asked)} products for {len(b)} unknowns"


def conjugate(slip=""):
    def solve(product, b):
        """p with H p = b. `product(v)` gives H v; H is symmetric, and its curvature is positive everywhere."""
        ### BEGIN SOLUTION
        p = np.zeros(len(b))
        r = d = b
        for _ in range(len(b)):
            if slip != "no look at 0":
                if not r.any():
                    break
            Hd = product(d)
            if slip == "length for curvature":
                step = (r @ r) / (d @ d)
            elif slip == "curvature turned over":
                step = (d @ Hd) / (r @ r)
            else:
                step = (r @ r) / (d @ Hd)
            p, old = p + step * d, r
            r = r + step * Hd if slip == "residual grows" else r - step * Hd
            if slip == "steepest descent":
                d = r
            elif slip == "the old direction is lost":
                d = r + (r @ r) / (old @ old) * old
            elif slip == "quotient turned over":
                d = r + (old @ old) / (r @ r) * d
            else:
                d = r + (r @ r) / (old @ old) * d
        return -p if slip == "sign" else p
        ### END SOLUTION

    return solve


BOOK.add(
    Code,
    "second.3",
    "Conjugate gradients",
    """
Write `solve(product, b)`: find p with H p = b. You do not have H, only a function: `product(v)` gives H v. Begin with p = 0
and the residual r = b, and go in the direction d = r. Then repeat, at most as often as there are unknowns:

* the step is r·r / (d · H d);
* p moves by step · d, and r by −step · H d;
* the next direction is the new r, plus (new r · new r)/(old r · old r) times the old d.

Stop where r is 0, before anything is divided: b may be 0.
""",
    points=4,
    hints=(
        ("the solution", "One product with H in each round, kept under a name: it is needed twice."),
        ("the solution", "Keep the old r under a name before it changes: the new direction needs both."),
        ("as many products as unknowns", "`for _ in range(len(b))`, and one call of product in each round."),
        (
            "r is 0 before the end",
            "Before anything is divided: if no number of r is left, `if not r.any()`, then break.",
        ),
    ),
    make=conjugate,
    parts=(
        Part("the solution", _systems(1, 2, 4, 6), _solution, worth=3, probe=solved, near=1e-6),
        Part("as many products as unknowns", _systems(5), _solution, worth=0.5, probe=with_few_products, near=1e-6),
        Part("r is 0 before the end", _early, _solution, worth=0.5, probe=solved, near=1e-6),
    ),
    wrong={
        "no look at 0": "The solution is right, but where r is 0 you divide 0 by 0. Look at r before anything is divided.",
        "length for curvature": "Your step divides by d·d. It has to be the curvature along d, which is d · H d.",
        "curvature turned over": "Your step is turned over: r·r above, and d · H d below.",
        "residual grows": "r is what is still missing. When p moves by step · d, what is missing becomes LESS by step · H d.",
        "steepest descent": "Your next direction is r alone. Without a share of the old direction it takes far more rounds.",
        "the old direction is lost": "You add a share of the old residual. It is the old DIRECTION d that is needed.",
        "quotient turned over": "The quotient is turned over: the new r·r above, and the old one below.",
        "sign": "The sign is turned round: H p should be b.",
    },
)

# --- a flat direction -------------------------------------------------------------------------------------------------


def along_one_two(groove, x, y):
    """The Hessian at a point, times (1, 2), and the gradient there and at another point."""
    rows = [[float(entry) for entry in row] for row in hessian(groove)(x, y)]
    if not np.isfinite(rows).all():
        raise ArgumentError("the second derivatives are not all finite; take a function without a corner")
    flat = [row[0] + 2 * row[1] for row in rows]
    return {"H": rows, "flat": flat, "slope": [float(g) for g in grad(groove)(x, y)]}


def grooves(slip=""):
    def groove(x, y):
        """A function that is curved, but not along the direction (1, 2)."""
        ### BEGIN SOLUTION
        if slip == "no curvature at all":
            return 2 * x - y
        if slip == "flat in another direction":
            return (x - 2 * y) ** 2
        return (2 * x - y) ** 2
        ### END SOLUTION

    return groove


BOOK.add(
    Apply,
    "second.4",
    "A groove with a flat floor",
    """
Invent a function `groove(x, y)` whose Hessian is not 0, but whose Hessian times (1, 2) is 0, wherever one stands. Whoever
walks along (1, 2) feels no curvature. `bl.hvp(groove, (3.0, 5.0), (1.0, 2.0))` shows it.
""",
    points=3,
    hints=(
        ("H times (1, 2) is 0", "Which combination of x and y stays the same, when x grows by 1 and y by 2?"),
        ("H times (1, 2) is 0", "2x − y stays the same along (1, 2). Any function of that alone will do."),
        ("H is not 0", "A plane has no curvature. Take a square."),
    ),
    make=grooves,
    measure=along_one_two,
    at=lambda random: (random.randint(2, 8) / 2, random.randint(11, 19) / 2),
    properties=(
        Property("H is not 0", lambda m: max(abs(x) for row in m["H"] for x in row) > 1e-6, "H is {H}.", point=True),
        Property(
            "H times (1, 2) is 0",
            lambda m: max(map(abs, m["flat"])) <= 1e-9 * (1 + max(abs(x) for row in m["H"] for x in row)),
            "H times (1, 2) is {flat}.",
            worth=2.0,
            point=True,
        ),
    ),
    wrong={
        "no curvature at all": "Its Hessian is 0 here: it is as flat as a plane. Let it bend in another direction.",
        "flat in another direction": "Your groove is not flat along (1, 2). Which combination of x and y stays the same, when x grows by 1 and y by 2? (x − 2y)² is flat along (2, 1).",
    },
)

BOOK.add(
    Choose,
    "second.5",
    "Why is H times v so cheap?",
    """
H has L² numbers, and H v is found for a few evaluations of f, whatever L is. Which sentence is the reason?
""",
    points=1,
    hints=(
        "How many numbers is ⟨∇f, v⟩? And what does the gradient of that cost?",
        "In which order is H v computed: is there ever a matrix?",
    ),
    reason="⟨∇f, v⟩ is one number, and the gradient of one number costs a few evaluations.",
    wrong={
        "Most entries of H are 0, and are not computed.": (
            "H v costs the same where no entry of H is 0. No entry is computed at all."
        ),
        "H is symmetric, so half of it is enough.": (
            "Half of L² numbers are still far too many. Here not even one row is computed."
        ),
        "The product is only an approximation by differences.": (
            "It is exact: the gradient is a program, and programs can be differentiated."
        ),
    },
)
