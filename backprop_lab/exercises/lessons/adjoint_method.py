"""Exercises of 19_the_adjoint_method: one more solve, with the transposed matrix, for all derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...derivatives.passes import grad, vjp
from ...errors import ArgumentError
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..handle import beside
from ..predict import Predict

BOOK = Book("19_the_adjoint_method")

# --- a system that is solved by hand ----------------------------------------------------------------------------------

FIRST, SECOND = 12.0, 30.0  # the right sides


def two_unknowns(p, q):
    u = FIRST / p
    v = (SECOND - 2 * u) / q
    g = u * v
    return g


def _by_hand(p: float, q: float) -> dict[str, float]:
    """Both solutions and both derivatives, from A and Aᵀ as matrices."""
    A = np.array([[p, 0.0], [2.0, q]])
    u, v = np.linalg.solve(A, [FIRST, SECOND])
    lam_u, lam_v = np.linalg.solve(A.T, [v, u])
    return {"u": u, "v": v, "lam_u": lam_u, "lam_v": lam_v, "dg_dp": -lam_u * u, "dg_dq": -lam_v * v}


def _follows(known: dict[str, float]) -> dict[str, float]:
    """What follows from other answers."""
    u, v, lam_u, lam_v = (known[name] for name in ("u", "v", "lam_u", "lam_v"))
    found = {"v": (SECOND - 2 * u) / known["q"], "lam_v": u / known["q"], "lam_u": (v - 2 * lam_v) / known["p"]}
    return found | {"dg_dp": -lam_u * u, "dg_dq": -lam_v * v}


def slips_in_two_unknowns(p, q):
    right = _by_hand(p, q)
    u, v = right["u"], right["v"]

    def derived(lam_u, lam_v):
        return {"lam_u": lam_u, "lam_v": lam_v, "dg_dp": -lam_u * u, "dg_dq": -lam_v * v}

    return {
        "transpose forgotten": derived(v / p, (u - 2 * v / p) / q),
        "coupling forgotten": derived(v / p, u / q),
        "partials exchanged": derived((u - 2 * v / q) / p, v / q),
        "sign of the coupling": derived((v + 2 * u / q) / p, u / q),
        "minus forgotten": {"dg_dp": right["lam_u"] * u, "dg_dq": right["lam_v"] * v},
        "λ with the other unknown": {"dg_dp": -right["lam_u"] * v, "dg_dq": -right["lam_v"] * u},
        "the unknown for λ": {"dg_dp": -u * u, "dg_dq": -v * v},
    }


BOOK.add(
    Predict,
    "adjoint.1",
    "Two solves by hand",
    """
The unknowns u and v solve p·u = 12 and 2·u + q·v = 30, and g = u · v. First solve for `u` and `v`. Then solve
Aᵀ λ = g′, with A = [[p, 0], [2, q]] and g′ = (∂g/∂u, ∂g/∂v), from the last equation to the first: λ = (`lam_u`, `lam_v`).
With these, give the derivatives of g with respect to p (`dg_dp`) and q (`dg_dq`).
""",
    points=4,
    hints=(
        (("u", "v"), "The first equation has u alone. Put it into the second one."),
        ("lam_v", "Aᵀ is [[p, 2], [0, q]]. Its last row has λ_v alone: q · λ_v = ∂g/∂v, and that is u."),
        ("lam_u", "The first row of Aᵀ: p · λ_u + 2 · λ_v = ∂g/∂u, and that is v."),
        (("dg_dp", "dg_dq"), "dg = −λᵀ dA u. p stands in the first row and column of A: −λ_u · u. And q?"),
    ),
    function=two_unknowns,
    listing="""
# p * u         = 12
# 2 * u + q * v = 30
g = u * v
""",
    of=_by_hand,
    ask=("u", "v", "lam_u", "lam_v", "dg_dp", "dg_dq"),
    follows=_follows,
    inputs={"p": 3.0, "q": 2.0},
    low=2,
    high=9,
    slipped=slips_in_two_unknowns,
    wrong={
        "transpose forgotten": "You solved A λ = g′. The way back needs the transposed matrix, so the last unknown comes first.",
        "coupling forgotten": "You left the 2 out. u stands in the second equation as well, so λ_u hears from it: p · λ_u + 2 · λ_v = v.",
        "partials exchanged": "The partials of g = u · v are exchanged: ∂g/∂u is v, and it belongs to λ_u.",
        "sign of the coupling": "p · λ_u + 2 · λ_v = v: the 2 · λ_v goes to the other side with a minus.",
        "minus forgotten": "λ is right. The minus is missing: a larger p makes u smaller, and dg = −λᵀ dA u.",
        "λ with the other unknown": "dA has the entry dp in row 1 and column 1, so λ_u meets u, and λ_v meets v.",
        "the unknown for λ": "You took the solution twice. One factor is the solution, the other is λ.",
    },
)

# --- the backward rule of a solve -------------------------------------------------------------------------------------


def _systems(random: Any) -> list[tuple[Any, ...]]:
    """Systems that are solved well, no matrix its own transpose, and an adjoint."""
    found: list[tuple[Any, ...]] = []
    while len(found) < 4:
        n = 2 + len(found) % 2
        A = np.array([[random.randint(-8, 8) / 2 for _ in range(n)] for _ in range(n)])
        if np.linalg.cond(A) < 20 and not np.allclose(A, A.T):
            b, bar = (np.array([random.choice((-1, 1)) * random.randint(2, 12) / 4 for _ in range(n)]) for _ in "ab")
            found.append((A, b, bar))
    return found


def _sent_back(A: Any, b: Any, bar: Any) -> list[Any]:
    return list(vjp(np.linalg.solve, A, b)[1](bar))


def solving(slip=""):
    def solve_backward(A, b, bar):
        """The adjoints of A and b for u = np.linalg.solve(A, b), whose own adjoint is bar."""
        ### BEGIN SOLUTION
        u = np.linalg.solve(A, b)
        if slip == "transpose forgotten":
            lam = np.linalg.solve(A, bar)
            return -np.outer(lam, u), lam
        if slip == "multiplied with A":
            lam = A.T @ bar
            return -np.outer(lam, u), lam
        lam = np.linalg.solve(A.T, bar)
        if slip == "minus forgotten":
            return np.outer(lam, u), lam
        if slip == "outer product transposed":
            return -np.outer(u, lam), lam
        if slip == "the right side for u":
            return -np.outer(lam, b), lam
        if slip == "the adjoint for λ":
            return -np.outer(bar, u), lam
        if slip == "adjoints exchanged":
            return lam, -np.outer(lam, u)
        if slip == "b gets what u gets":
            return -np.outer(lam, u), bar
        return -np.outer(lam, u), lam
        ### END SOLUTION

    return solve_backward


BOOK.add(
    Code,
    "adjoint.2",
    "The backward rule of a solve",
    """
Complete `solve_backward(A, b, bar)`: u solves A u = b and has the adjoint `bar`. Return the adjoints of A, in A's
shape, and of b, in this order. One solve gives u, and one more is enough.
""",
    points=3,
    hints=(
        "One solve with A.T and the adjoint `bar` on the right side gives λ. Both adjoints are made of it.",
        ("the adjoint of b", "u moves by A⁻¹ db, and g by bar · A⁻¹ db. That is λ · db."),
        ("the adjoint of A", "dg = −λᵀ dA u: the entry A[i, j] gets −λ[i] · u[j]. np.outer makes all of them."),
    ),
    make=solving,
    parts=(Part("both adjoints", _systems, _sent_back, names=("the adjoint of A", "the adjoint of b"), near=1e-8),),
    wrong={
        "transpose forgotten": "You solved with A. On the way back it is the transposed matrix: np.linalg.solve(A.T, bar).",
        "multiplied with A": "You multiplied by Aᵀ. Solve with it: λ fulfils Aᵀ λ = bar.",
        "minus forgotten": "b's adjoint is right, and A's has the wrong sign: dA u + A du = 0, so du has a minus.",
        "outer product transposed": "A's adjoint is transposed: its rows belong to λ and its columns to u.",
        "the right side for u": "dA meets the solution u, not the right side b: −λ[i] · u[j].",
        "the adjoint for λ": "A's adjoint is made with `bar`. Between u and A lies the solve: take λ.",
        "adjoints exchanged": "Both are right, and in the wrong order: A's adjoint comes first.",
        "b gets what u gets": "b's adjoint is λ, not `bar`: between b and u lies the solve.",
    },
)

# --- the gradient of a net --------------------------------------------------------------------------------------------


def _nets(random: Any) -> list[tuple[Any, ...]]:
    """Nets of wires, each knot on the way to the ground, with more wires than knots; a current, and a place to look."""
    found = []
    for n in (2, 3, 4):
        ends = [(k, random.randrange(k)) for k in range(1, n + 1)]
        ends += [tuple(random.sample(range(n + 1), 2)) for _ in range(n)]
        B = np.array([np.eye(n + 1)[i] - np.eye(n + 1)[j] for i, j in ends])[:, 1:]
        p = np.array([random.randint(2, 12) / 4 for _ in ends])
        b, c = (np.array([random.choice((-1, 1)) * random.randint(1, 6) / 2 for _ in range(n)]) for _ in "bc")
        found.append((B, p, b, c))
    return found


def _by_the_engine(B: Any, p: Any, b: Any, c: Any) -> Any:
    return grad(lambda p: np.dot(c, np.linalg.solve(B.T @ (p[:, None] * B), b)))(p)


@beside
def solves(wire_gradient, *net):
    """Whether at most two solves were made; the inverse of a matrix is as many as it has rows."""
    kept, count = (np.linalg.solve, np.linalg.inv), [0]

    def solve(A, b, *more):
        count[0] += 1 if np.ndim(b) == 1 else np.shape(b)[-1]
        return kept[0](A, b, *more)

    def inv(A):
        count[0] += len(A)
        return kept[1](A)

    np.linalg.solve, np.linalg.inv = solve, inv
    try:
        found = wire_gradient(*net)
    finally:
        np.linalg.solve, np.linalg.inv = kept
    if found is None:
        raise ArgumentError("wire_gradient returns nothing yet")
    return "two solves, or fewer" if count[0] <= 2 else f"{count[0]} solves"


def net_of_wires(slip=""):
    def wire_gradient(B, p, b, c):
        """The gradient of g = c · u with respect to p, where u solves Bᵀ P B u = b, with p on P's diagonal."""
        ### BEGIN SOLUTION
        A = B.T @ (p[:, None] * B)
        u = np.linalg.solve(A, b)
        if slip == "wire after wire":
            return np.array([c @ np.linalg.solve(A, -row * (row @ u)) for row in B])
        lam = np.linalg.solve(A.T, c)
        if slip == "minus forgotten":
            return (B @ lam) * (B @ u)
        if slip == "the square of the first":
            return -((B @ u) ** 2)
        if slip == "currents for voltages":
            return -(B @ lam) * (p * (B @ u))
        if slip == "summed up":
            return -np.dot(B @ lam, B @ u)
        if slip == "c for λ":
            return -(B @ c) * (B @ u)
        return -(B @ lam) * (B @ u)
        ### END SOLUTION

    return wire_gradient


BOOK.add(
    Code,
    "adjoint.3",
    "All wires with two solves",
    """
Write `wire_gradient(B, p, b, c)`: `B` has a row for each wire and a column for each knot, and `B @ u` are the voltages
over the wires. u solves A u = b with A = Bᵀ P B, where P has `p` on its diagonal, and g = c · u. Return the gradient of g
with respect to `p`, an array. Use `np.linalg.solve` twice, not more.
""",
    points=5,
    hints=(
        ("the gradient", "Three lines: A, then u with A and b, then λ with A.T and c."),
        ("the gradient", "dA = Bᵀ dP B, so dg = −λᵀ Bᵀ dP B u: wire k gets −(B λ)[k] · (B u)[k]."),
        ("the number of solves", "A loop over the wires needs a solve for each. λ serves all of them."),
    ),
    make=net_of_wires,
    parts=(
        Part("the gradient", _nets, _by_the_engine, worth=3, near=1e-8),
        Part("the number of solves", _nets, lambda *net: "two solves, or fewer", worth=2, probe=solves, extra=True),
    ),
    wrong={
        "wire after wire": "The gradient is right, and it takes a solve for each wire. Solve Aᵀ λ = c once: λ serves all wires.",
        "minus forgotten": "The sign is wrong: dA u + A du = 0, so dg = −λᵀ dA u.",
        "the square of the first": "This is the gradient of the power, b · u. For c · u one of the two factors comes from λ.",
        "currents for voltages": "You multiplied by p, which gives the currents. What counts are the voltages over the wire, B @ u.",
        "summed up": "You return one number. Each wire has a derivative of its own: multiply entry by entry.",
        "c for λ": "You took c itself. Solve for λ first: Aᵀ λ = c.",
    },
)

# --- counting ---------------------------------------------------------------------------------------------------------


def sizes(parameters, outputs, steps):
    first = parameters * outputs
    n = first + steps
    return n


def _counts(parameters: float, outputs: float, steps: float) -> dict[str, float]:
    return {
        "central": 2 * parameters,
        "forward": 1 + parameters,
        "adjoint": 1 + outputs,
        "descent": 2 * steps,
    }


def slips_in_sizes(parameters, outputs, steps):
    return {
        "u not counted": {"forward": parameters, "adjoint": outputs, "descent": steps},
        "a solve for each parameter and output": {"adjoint": 1 + parameters * outputs},
        "one for all outputs": {"adjoint": 2.0},
        "one side only": {"central": parameters},
        "start counted": {"central": 2 * parameters + 1},
        "differences for each output": {"central": 2 * parameters * outputs},
        "forward for each output": {"forward": 1 + parameters * outputs},
        "one gradient for all steps": {"descent": 2.0},
        "all outputs at each step": {"descent": steps * (1 + outputs)},
    }


BOOK.add(
    Predict,
    "adjoint.4",
    "How many solves?",
    """
A system A(p) u = b has the number of `parameters` that is given below, and one looks at several `outputs`, numbers that
are made of u. How many solves, the one for u included, give all derivatives of all outputs: by central differences
(`central`, where u itself is not needed), forward, one parameter after the other (`forward`), and by the adjoint method
(`adjoint`)? And how many take all `steps` of a descent on the first output alone, by the adjoint method (`descent`)?
""",
    points=2,
    hints=(
        ("central", "Each parameter is moved ahead and behind, and u is solved anew. All outputs are read off it."),
        ("forward", "u once, and then du for each parameter: A du = −dA u. All outputs are read off du."),
        ("adjoint", "u once, and then a λ for each output: Aᵀ λ = g′. It serves all parameters."),
        ("descent", "Each step has other parameters, so it needs a u and a λ of its own."),
    ),
    function=sizes,
    listing="""
A, outputs = system(p)
""",
    of=_counts,
    called="number",
    ask=("central", "forward", "adjoint", "descent"),
    inputs={"parameters": 12.0, "outputs": 3.0, "steps": 20.0},
    low=3,
    high=40,
    largest=1e6,
    slipped=slips_in_sizes,
    wrong={
        "u not counted": "The solve for u is missing: all of these begin with it.",
        "a solve for each parameter and output": "λ has no parameter in it: one for each output is enough.",
        "one for all outputs": "Each output has partials of its own on the right side, so it needs a λ of its own.",
        "one side only": "A central difference moves each parameter ahead and behind: two solves.",
        "start counted": "Central differences do not use the u at the start: ahead and behind are enough.",
        "differences for each output": "One solve gives u, and all outputs are read off it.",
        "forward for each output": "du is the same for all outputs: they are read off it.",
        "one gradient for all steps": "After each step the parameters are others: A, u and λ have to be found again.",
        "all outputs at each step": "The descent looks at one output only: a u and one λ for each step.",
    },
)

BOOK.add(
    Choose,
    "adjoint.5",
    "Why is one solve enough?",
    """
One λ gives the derivatives of g with respect to any number of parameters. Which sentence is the reason?
""",
    points=1,
    hints=(
        "Look at dg = −g′ · A⁻¹ · (dA u). Which of the three factors knows which parameter moves?",
        "What stands on the right side of Aᵀ λ = g′: something about a parameter, or something about g?",
    ),
    reason="In −g′ · A⁻¹ · (dA u) only the last factor depends on which parameter moves, and λ is made of the other two.",
    wrong={
        "All parameters move at once, and the solve finds their common effect.": (
            "That is one number, a derivative in one direction. λ gives each parameter a derivative of its own."
        ),
        "The matrix A is its own transpose, so that the second solve repeats the first.": (
            "The method needs no such A: that is why Aᵀ stands in it. And the right sides differ anyway."
        ),
        "The derivatives are small, so that their differences can be neglected.": (
            "Nothing is neglected: the derivatives are exact, and the parameters may have very different ones."
        ),
    },
)
