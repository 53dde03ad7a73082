"""Exercises of 17_your_own_rules: rules for compiled functions, for solvers, and for eigenvalues."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...derivatives.passes import grad, vjp
from ...errors import ArgumentError
from ..apply import Apply, Property
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict

BOOK = Book("17_your_own_rules")


def equation(u, p):
    q = u**3 + p * u
    return q


def _solver_rule(u: float, p: float) -> dict[str, float]:
    by_u = 3 * u**2 + p
    return {"g_u": by_u, "g_p": u, "u_p": -u / by_u, "u_q": 1 / by_u}


def _from_the_partials(known: dict[str, float]) -> dict[str, float]:
    """How the root moves, given the partials of g."""
    return {"u_p": -known["g_p"] / known["g_u"], "u_q": 1 / known["g_u"]}


def slips_in_equation(u, p):
    by_u, by_p, by_q = 3 * u**2 + p, u, -1.0
    return {
        "minus forgotten": {"u_p": by_p / by_u, "u_q": by_q / by_u},
        "turned over": {"u_p": -by_u / by_p, "u_q": by_u},
        "product for quotient": {"u_p": -by_p * by_u, "u_q": by_u},
        "sign of q": {"u_q": -1 / by_u},
        "exponent lost": {"g_u": u**2 + p, "u_p": -u / (u**2 + p), "u_q": 1 / (u**2 + p)},
        "p forgotten": {"g_u": 3 * u**2, "u_p": -u / (3 * u**2), "u_q": 1 / (3 * u**2)},
        "partials exchanged": {"g_u": u, "g_p": by_u},
        "p for its partial": {"g_p": p, "u_p": -p / by_u},
    }


BOOK.add(
    Predict,
    "rules.1",
    "A solver's rule by hand",
    """
A solver finds the root u of g(u, p, q) = u³ + p·u − q. For some p and q it has found the u below. Give the partials
of g with respect to u (`g_u`) and to p (`g_p`), and then how fast the root moves with p (`u_p`) and with q (`u_q`).
""",
    points=3,
    hints=(
        ("g_u", "Two terms of g have u in them: u³ and p·u. p stands still here."),
        ("g_p", "Only p·u has p in it."),
        ("u_p", "g stays 0: g_u · du + g_p · dp = 0. Solve for du/dp."),
        ("u_q", "The partial of g with respect to q is −1. Again g_u · du − dq = 0."),
    ),
    function=equation,
    listing="""
u = solve(p, q)      # the root of g = u**3 + p * u - q
""",
    of=_solver_rule,
    ask=("g_u", "g_p", "u_p", "u_q"),
    follows=_from_the_partials,
    inputs={"u": 2.0, "p": 3.0},
    slipped=slips_in_equation,
    wrong={
        "minus forgotten": "The minus is missing: g_u · du + g_p · dp = 0, so du/dp = −g_p / g_u, and for q, whose partial is −1, the two signs cancel.",
        "turned over": "The fraction is turned over. The partial with respect to u stands below: a steep g moves its root little.",
        "product for quotient": "You multiplied. Solve g_u · du + g_p · dp = 0 for du: that divides by g_u.",
        "sign of q": "The partial of g with respect to q is −1, and the rule has a minus of its own: the two cancel.",
        "exponent lost": "The derivative of u³ is 3u², not u².",
        "p forgotten": "The term p·u has u in it as well: its partial with respect to u is p.",
        "partials exchanged": "The two partials of g are exchanged: g_u is for a moving u, and g_p for a moving p.",
        "p for its partial": "The partial of p·u with respect to p is u: how much does p·u grow when p grows by 1?",
    },
)


def _points(random: Any) -> list[tuple[float, ...]]:
    """Two coordinates, not of the same size, and an adjoint."""
    found: list[tuple[float, ...]] = []
    while len(found) < 5:
        y, x, bar = (random.choice((-1, 1)) * random.randint(3, 24) / 4 for _ in range(3))
        if abs(abs(x) - abs(y)) > 0.5 and abs(bar) != 1:
            found.append((y, x, bar))
    return found


def value_and_sent(rule, *given):
    """What a vjp rule says: its value, and what its pullback makes of the last of these."""
    *primals, bar = given
    value, pullback = rule(*primals)
    return [value, *pullback(bar)]


def _by_the_table(y: float, x: float, bar: float) -> list[float]:
    value, pullback = vjp(np.arctan2, y, x)
    return [float(value), *map(float, pullback(bar))]


def angles(slip=""):
    def angle_vjp(y, x):
        """The angle math.atan2(y, x), and its pullback."""
        ### BEGIN SOLUTION
        angle = math.atan2(y, x)
        square = x**2 + y**2
        if slip == "length for its square":
            square = math.sqrt(square)
        if slip == "upstream factor lost":
            return angle, lambda bar: (x / square, -y / square)
        if slip == "minus lost":
            return angle, lambda bar: (bar * x / square, bar * y / square)
        if slip == "inputs exchanged":
            return angle, lambda bar: (-bar * y / square, bar * x / square)
        if slip == "own coordinate":
            return angle, lambda bar: (bar * y / square, -bar * x / square)
        if slip == "pushforward":
            return angle, lambda bar: ((x - y) * bar / square, 0.0)
        return angle, lambda bar: (bar * x / square, -bar * y / square)
        ### END SOLUTION

    return angle_vjp


BOOK.add(
    Code,
    "rules.2",
    "The pullback of a compiled function",
    """
`math.atan2(y, x)` is the angle at which one sees the point (x, y). Its local partials are x / (x² + y²) with respect to
y, and −y / (x² + y²) with respect to x. Complete its vjp rule, `angle_vjp(y, x)`: return the value and the pullback,
which takes the adjoint of the angle and returns the adjoints of y and x, as a tuple.
""",
    points=2,
    hints=(
        "A rule gives two things: the value, and a function of `bar`. What does that send to y, and what to x?",
        (
            ("the adjoint of y", "the adjoint of x"),
            "A pullback multiplies each local partial by the adjoint it is given.",
        ),
        ("the value", "The value is math.atan2(y, x). The pullback is made with `lambda bar:` or with `def`."),
    ),
    make=angles,
    parts=(
        Part(
            "value and adjoints",
            _points,
            _by_the_table,
            probe=value_and_sent,
            names=("the value", "the adjoint of y", "the adjoint of x"),
        ),
    ),
    wrong={
        "length for its square": "You divide by √(x² + y²). The partials have x² + y² below, without the root.",
        "upstream factor lost": "These are the local partials alone. Multiply each by the adjoint that arrives, `bar`.",
        "minus lost": "The partial with respect to x has a minus: when x grows, the angle of a point above the axis falls.",
        "inputs exchanged": "The two adjoints are there, but exchanged: the rule's arguments are y and x, in this order.",
        "own coordinate": "Each coordinate got a multiple of its own value. The partial with respect to y has x above, and the other way round.",
        "pushforward": "You added the two up, as a pushforward does. A pullback returns one adjoint for each argument.",
    },
)


def _orbits(random: Any) -> list[tuple[float, ...]]:
    return [
        (random.randint(4, 24) / 8, random.randint(10, 60) / 100, random.choice((-1, 1)) * random.randint(6, 20) / 4)
        for _ in range(4)
    ]


def _through_the_loop(M: float, e: float, bar: float) -> list[float]:
    """The oracle: a sweep through the iterations."""

    def solve(M: Any, e: Any) -> Any:
        E = M
        for _ in range(100):
            E = M + e * np.sin(E)
        return E

    value, pullback = vjp(solve, M, e)
    return [float(value), *map(float, pullback(bar))]


def orbiting(slip=""):
    def kepler_vjp(M, e):
        """The angle E with E - e sin(E) = M, and its pullback."""
        E = M
        for _ in range(100):
            E = M + e * math.sin(E)
        ### BEGIN SOLUTION
        by_E = 1 - e * math.cos(E)
        if slip == "sign of the cosine":
            by_E = 1 + e * math.cos(E)
        if slip == "sine for its derivative":
            by_E = 1 - e * math.sin(E)
        if slip == "last step of the loop":
            return E, lambda bar: (bar, bar * math.sin(E))
        if slip == "minus forgotten":
            return E, lambda bar: (-bar / by_E, -bar * math.sin(E) / by_E)
        if slip == "upstream factor lost":
            return E, lambda bar: (1 / by_E, math.sin(E) / by_E)
        if slip == "not divided":
            return E, lambda bar: (bar * by_E, bar * math.sin(E) * by_E)
        if slip == "e in front":
            return E, lambda bar: (bar / by_E, bar * e * math.sin(E) / by_E)
        return E, lambda bar: (bar / by_E, bar * math.sin(E) / by_E)
        ### END SOLUTION

    return kepler_vjp


BOOK.add(
    Code,
    "rules.3",
    "Where is the planet?",
    """
Kepler's equation E − e·sin(E) = M says where a planet is: M grows with time, e tells how long its orbit is drawn out,
and E has no formula. The loop finds it. Complete `kepler_vjp(M, e)`: return E and the pullback, from the adjoint of E to
those of M and e, by the implicit function theorem. The pullback must not run through the loop.
""",
    points=4,
    hints=(
        "Write the equation as g(E, M, e) = E − e·sin(E) − M = 0. Which three partials has g?",
        ("the adjoint of M", "∂g/∂E is 1 − e·cos(E) and ∂g/∂M is −1: dE/dM = −(−1) / (1 − e·cos(E))."),
        ("the adjoint of e", "∂g/∂e is −sin(E): dE/de = sin(E) / (1 − e·cos(E))."),
        (("the adjoint of M", "the adjoint of e"), "The pullback multiplies each of the two slopes by `bar`."),
    ),
    make=orbiting,
    parts=(
        Part(
            "value and adjoints",
            _orbits,
            _through_the_loop,
            probe=value_and_sent,
            names=("the value", "the adjoint of M", "the adjoint of e"),
        ),
    ),
    wrong={
        "sign of the cosine": "The derivative of −e·sin(E) is −e·cos(E), so ∂g/∂E is 1 − e·cos(E).",
        "sine for its derivative": "∂g/∂E has the derivative of the sine in it: cos(E), not sin(E).",
        "last step of the loop": "That is the slope of the last step alone, where E on the right side stands still. But E on the right side moves too.",
        "minus forgotten": "The sign is wrong. dE/dM = −(∂g/∂M) / (∂g/∂E), and ∂g/∂M is −1: E grows with M.",
        "upstream factor lost": "These are the slopes alone. Multiply each by the adjoint that arrives, `bar`.",
        "not divided": "You multiplied by ∂g/∂E. Solving ∂g/∂E · dE + ∂g/∂M · dM = 0 for dE divides by it.",
        "e in front": "The partial of e·sin(E) with respect to e is sin(E): e itself is the number that moves.",
    },
)


def _symmetric(random: Any) -> list[tuple[Any, ...]]:
    """Symmetric matrices whose eigenvalues lie apart, and which of them, counted from the smallest; and an adjoint."""
    found: list[tuple[Any, ...]] = []
    while len(found) < 4:
        half = np.array([[random.randint(-9, 9) / 2 for _ in range(3)] for _ in range(3)])
        A = half + half.T
        if np.diff(np.linalg.eigvalsh(A)).min() > 0.5:
            found.append((A, len(found) % 3, random.choice((-1, 1)) * random.randint(5, 12) / 4))
    return found


def eigenvalue_and_sent(rule, A, k, bar):
    value, pullback = rule(A, k)
    return [value, pullback(bar)]


def _eigenvalue(A: Any, k: int, bar: float) -> list[Any]:
    value, pullback = vjp(lambda A: np.linalg.eigvalsh(A)[k], A)
    return [float(value), pullback(bar)[0]]


def eigenvalues(slip=""):
    def eigenvalue_vjp(A, k):
        """Eigenvalue number k of a symmetric matrix, counted from 0 and from the smallest, and its pullback."""
        values, vectors = np.linalg.eigh(A)  # q number k is the column vectors[:, k]
        ### BEGIN SOLUTION
        q = (
            vectors[k]
            if slip == "a row for a column"
            else vectors[:, -1]
            if slip == "always the largest"
            else vectors[:, k]
        )
        if slip == "inner for outer":
            return values[k], lambda bar: bar * np.dot(q, q)
        if slip == "upstream factor lost":
            return values[k], lambda bar: np.outer(q, q)
        if slip == "the eigenvalue as a factor":
            return values[k], lambda bar: bar * values[k] * np.outer(q, q)
        if slip == "entry by entry":
            return values[k], lambda bar: bar * np.diag(q * q)
        return values[k], lambda bar: bar * np.outer(q, q)
        ### END SOLUTION

    return eigenvalue_vjp


BOOK.add(
    Code,
    "rules.4",
    "The pullback of an eigenvalue",
    """
Write the rule for eigenvalue number k of a symmetric matrix, counted from the smallest one, which is number 0. Complete
`eigenvalue_vjp(A, k)`: return the eigenvalue and the pullback, from its adjoint, a number, to the adjoint of A, a matrix
in A's shape.
""",
    points=3,
    hints=(
        "dλ = qᵀ dA q. If only the entry A[i, j] moves, λ moves by q[i] · q[j] times as much.",
        ("the adjoint of A", "All products q[i] · q[j] in a matrix: that is np.outer(q, q)."),
        ("the adjoint of A", "The eigenvectors are the columns of `vectors`: number k is vectors[:, k]."),
        ("the value", "Return two things: values[k], and a function of `bar`."),
    ),
    make=eigenvalues,
    parts=(
        Part(
            "value and adjoint",
            _symmetric,
            _eigenvalue,
            probe=eigenvalue_and_sent,
            names=("the value", "the adjoint of A"),
        ),
    ),
    wrong={
        "a row for a column": "vectors[k] is a row. The eigenvectors are the columns: vectors[:, k].",
        "always the largest": "The value is that of number k, but the vector belongs to the largest eigenvalue.",
        "inner for outer": "q · q is one number, 1. The adjoint of A has A's shape: the outer product, np.outer(q, q).",
        "upstream factor lost": "The adjoint that arrives, `bar`, is lost: multiply the outer product by it.",
        "the eigenvalue as a factor": "The eigenvalue itself is no factor here: dλ = qᵀ dA q.",
        "entry by entry": "This moves only with the diagonal. An entry A[i, j] beside it moves λ too, by q[i] · q[j].",
    },
)

BOOK.add(
    Choose,
    "rules.5",
    "Why may a rule forget the loop?",
    """
A solver takes 100 steps. Its rule, by the implicit function theorem, looks at the last u alone and divides once. Which
sentence is the reason why that is enough?
""",
    points=1,
    hints=(
        "Two solvers find the same root in different ways. Can the root then move differently with a?",
        "What did we use in du/da = −(∂g/∂a) / (∂g/∂u): the steps, or the equation?",
    ),
    reason="How the root moves follows from the equation that it fulfils, however it was found.",
    wrong={
        "In each step the changes are so small that their derivatives can be left out.": (
            "The first steps are large, and their derivatives are not small. They do not matter for another reason."
        ),
        "The steps have derivatives that multiply to 1.": (
            "The derivatives along the loop do not multiply to 1. With another solver they are other ones, and the root "
            "moves as before."
        ),
        "The solver has stored the derivative while it was running.": (
            "A compiled solver stores nothing for us. The rule needs only the root, and the partials of g there."
        ),
    },
)


def value_and_slope(root, a):
    """What the loop finds at a and near it, and what a sweep through it says."""
    found = [float(root(x)) for x in (a, a + 1e-3, a - 1e-3)]
    if not all(map(math.isfinite, found)):
        raise ArgumentError("the loop must find a finite number")
    off = max(abs(value - math.sqrt(x)) for value, x in zip(found, (a, a + 1e-3, a - 1e-3), strict=True))
    return {"a": a, "off": off, "slope": float(grad(root)(a)), "right": 1 / (2 * math.sqrt(a))}


def misled(slip=""):
    def misleading_root(a):
        """The square root of a number between 1 and 9, by a loop that a sweep gets wrong."""
        ### BEGIN SOLUTION
        if slip == "Newton":
            u = 1.0
            for _ in range(20):
                u = (u + a / u) / 2
            return u
        if slip == "stopped too early":
            return 1 + (a - 1) / 3
        low, high = 0.0, 4.0
        for _ in range(60):
            middle = (low + high) / 2
            if middle * middle < a:
                low = middle
            else:
                high = middle
        return high
        ### END SOLUTION

    return misleading_root


BOOK.add(
    Apply,
    "rules.6",
    "A right root with a wrong slope",
    """
Invent a loop, `misleading_root(a)`, that finds the square root of any number between 1 and 9 to six decimals, while a
sweep through it gives a slope that is off by more than 10 %. Such loops are why solvers get rules of their own.
""",
    points=3,
    hints=(
        "A sweep sees what was computed. What does it not see? A comparison, for example, has no derivative.",
        "Bisection only compares: it halves the distance between two numbers, and a decides which half is kept.",
        "Begin with two plain numbers, 0 and 4. Then nothing that is returned was computed from a.",
    ),
    make=misled,
    measure=value_and_slope,
    at=lambda random: (random.randint(20, 80) / 10,),
    properties=(
        Property(
            "the root is right",
            lambda m: m["off"] < 1e-6,
            "at a = {a} or beside it the root is off by {off}.",
            point=True,
        ),
        Property(
            "the slope is off by more than 10 %",
            lambda m: abs(m["slope"] - m["right"]) > 0.1 * m["right"],
            "at a = {a} the sweep gives {slope}, and {right} is right: a sweep gets this loop right.",
            worth=2.0,
            point=True,
        ),
    ),
    wrong={
        "Newton": "A sweep gets this loop right: it computes with a in each step. Look for a loop in which a only decides which way to go.",
        "stopped too early": "The root is not right to six decimals. Let the loop run on until nothing changes.",
    },
)
