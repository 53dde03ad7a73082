"""Exercises of 02_forward_mode: tangents by hand, and dual numbers of one's own."""

from __future__ import annotations

from typing import Any

from ...derivatives.passes import jvp, value_and_grad
from ...errors import ArgumentError
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict
from ..programs import function
from ..sweeps import Sweep

BOOK = Book("02_forward_mode")


def cube_times_sum(x, y):
    c = x**3
    s = 2 * x + y
    F = c * s
    return F


def slips_in_cube_times_sum(x, y):
    c, s = x**3, 2 * x + y
    dc, ds = 3 * x**2, 2
    return {
        "own factor in the product rule": {"F": dc * c + ds * s},
        "only the first factor moves": {"F": dc * s},
        "tangents multiplied": {"F": dc * ds},
        "exponent lost": {"c": x**2, "F": x**2 * s + c * ds},
        "constant factor lost": {"s": 1.0, "F": dc * s + c},
        "seeded with the value": {"x": x, "c": dc * x, "s": ds * x, "F": (dc * s + c * ds) * x},
        "everything moves": {"y": 1.0, "s": ds + 1, "F": dc * s + c * (ds + 1)},
    }


BOOK.add(
    Predict,
    "forward.1",
    "One forward sweep by hand",
    """
Only x moves, at rate 1. Push the tangents forward: give the tangent of both inputs and of every named node, which is
how fast it changes while x moves and y stands still.
""",
    points=3,
    was="02.forward.1",
    hints=(
        (
            ("x", "y"),
            "The tangent of x is 1, because x moves at rate 1. The tangent of y is 0, because y stands still.",
        ),
        ("c", "c = x³ moves 3x² times as fast as x."),
        ("s", "The tangent of a sum is the sum of the tangents: 2x moves twice as fast as x, and y stands still."),
        ("F", "The tangent of a product has two parts: each factor's tangent times the other factor's value."),
    ),
    function=cube_times_sum,
    of="tangent",
    wrt="x",
    ask=("x", "y", "c", "s", "F"),
    inputs={"x": 2.0, "y": 3.0},
    high=8,
    largest=2000.0,
    slipped=slips_in_cube_times_sum,
    wrong={
        "own factor in the product rule": "In the product each tangent meets the wrong value. The tangent of c goes with the value of s, that of s with c.",
        "only the first factor moves": "Your product moves with its first factor only. Both factors move, so add c's value times the tangent of s.",
        "tangents multiplied": "The tangent of a product is not the product of the tangents. Take each tangent times the other value, and add.",
        "exponent lost": "The tangent of c lacks the exponent: x³ moves 3x² times as fast as x.",
        "constant factor lost": "The tangent of s lacks the 2: 2x moves twice as fast as x.",
        "seeded with the value": "You started with the value of x. The tangent of x is how fast x moves, and that is 1.",
        "everything moves": "You let y move too. One sweep answers for one direction: here y stands still, and its tangent is 0.",
    },
)


def quotient_of_sums(x, y):
    n = x + y**2
    d = x + y
    r = n / d
    return r


def slips_in_quotient_of_sums(x, y):
    n, d, dn = x + y**2, x + y, 2 * y
    return {
        "tangents divided": {"r": dn},
        "numerator turned round": {"r": (n - dn * d) / d**2},
        "minus lost": {"r": (dn * d + n) / d**2},
        "denominator not squared": {"r": (dn * d - n) / d},
        "only the numerator moves": {"r": dn / d},
        "exponent lost": {"n": y, "r": (y * d - n) / d**2},
        "the other input moves": {"x": 1.0, "y": 0.0, "n": 1.0, "r": (d - n) / d**2},
        "everything moves": {"x": 1.0, "n": 1 + dn, "d": 2.0, "r": ((1 + dn) * d - 2 * n) / d**2},
        "seeded with the value": {"y": y, "n": dn * y, "d": y, "r": (dn * d - n) * y / d**2},
    }


BOOK.add(
    Predict,
    "forward.2",
    "Now y moves, through a quotient",
    """
Now only y moves, at rate 1. Give the tangents of both inputs, of n and d, and of their quotient r.
""",
    points=3,
    was="02.forward.2",
    hints=(
        (("x", "y"), "Which input moves now? Its tangent is 1, and the other input's tangent is 0."),
        ("n", "y² moves 2y times as fast as y, and x stands still."),
        ("d", "d is a sum: its tangent is the sum of the tangents of x and y."),
        ("r", "For r = n / d: the tangent of n times d, minus n times the tangent of d, all divided by d²."),
    ),
    function=quotient_of_sums,
    of="tangent",
    wrt="y",
    ask=("x", "y", "n", "d", "r"),
    inputs={"x": 1.0, "y": 3.0},
    high=15,
    decimals=4,
    slipped=slips_in_quotient_of_sums,
    wrong={
        "tangents divided": "The tangent of a quotient is not the quotient of the tangents. It needs the values too: (ṅ·d − n·ḋ) / d².",
        "numerator turned round": "The sign is wrong: the part with the tangent of n comes first, and the part with the tangent of d is taken away.",
        "minus lost": "A growing d makes the quotient smaller, so its part is taken away, not added: (ṅ·d − n·ḋ) / d².",
        "denominator not squared": "The whole is divided by d², and you divided by d only.",
        "only the numerator moves": "You let n move and held d still. Both depend on y: take away n times the tangent of d, divided by d².",
        "exponent lost": "The tangent of n lacks the exponent: y² moves 2y times as fast as y.",
        "the other input moves": "This is the sweep for x. Here y moves at rate 1, and x stands still.",
        "everything moves": "You let x move too. One sweep answers for one direction: here x stands still, and its tangent is 0.",
        "seeded with the value": "You started with the value of y. The tangent of y is how fast y moves, and that is 1.",
    },
)


PAIR = ("the primal", "the tangent")


def _pairs(random: Any) -> list[tuple[Any, ...]]:
    """Two dual numbers a case, each a pair (primal, tangent)."""

    def draw() -> float:
        return float(random.choice((-1, 1)) * random.randint(3, 20) / 2)

    return [((draw(), draw()), (draw(), draw())) for _ in range(5)]


def _with_engine(operation: Any) -> Any:
    """The oracle for an operation on two pairs."""

    def right(a: tuple[float, float], b: tuple[float, float]) -> list[float]:
        return list(map(float, jvp(operation, (a[0], b[0]), (a[1], b[1]))))

    return right


def product(slip=""):
    def dual_mul(a, b):
        """The product of two dual numbers, each a pair (primal, tangent)."""
        ### BEGIN SOLUTION
        return a[0] * b[0], (
            a[1] * b[1]
            if slip == "tangents multiplied"
            else a[1] * a[0] + b[1] * b[0]
            if slip == "own factor"
            else a[1] * b[0]
            if slip == "only the first factor moves"
            else a[1] + b[1]
            if slip == "tangents added"
            else a[1] * b[0] + a[0] * b[1]
        )
        ### END SOLUTION

    return dual_mul


BOOK.add(
    Code,
    "forward.3",
    "Multiply two dual numbers",
    """
A dual number is a pair (primal, tangent). Write `dual_mul(a, b)` for two such pairs: return the pair of their product,
its value and its tangent.
""",
    points=2,
    was="02.forward.3",
    hints=(
        ("the primal", "The primal of a product is the two primals multiplied."),
        (
            "the tangent",
            "The product rule: each factor's tangent is multiplied by the other factor's primal, and the two are added.",
        ),
    ),
    make=product,
    parts=(Part("the product", _pairs, _with_engine(lambda x, y: x * y), names=PAIR),),
    wrong={
        "tangents multiplied": "You multiplied the tangents. Multiply each tangent by the OTHER factor's primal, and add the two.",
        "own factor": "Each tangent meets its own primal here. The tangent of a goes with the primal of b, and the other way round.",
        "only the first factor moves": "Only a moves in your tangent. Add the part of b: the primal of a times the tangent of b.",
        "tangents added": "You added the tangents, which is the rule for a sum. In a product each is first multiplied by the other primal.",
    },
)


def quotient(slip=""):
    def dual_div(a, b):
        """The quotient of two dual numbers, each a pair (primal, tangent)."""
        ### BEGIN SOLUTION
        return a[0] / b[0], (
            a[1] / b[1]
            if slip == "tangents divided"
            else (a[1] * b[0] + a[0] * b[1]) / b[0] ** 2
            if slip == "minus lost"
            else (a[0] * b[1] - a[1] * b[0]) / b[0] ** 2
            if slip == "numerator turned round"
            else (a[1] * b[0] - a[0] * b[1]) / b[0]
            if slip == "denominator not squared"
            else a[1] / b[0]
            if slip == "only the numerator moves"
            else (a[1] * b[0] - a[0] * b[1]) / b[0] ** 2
        )
        ### END SOLUTION

    return dual_div


BOOK.add(
    Code,
    "forward.4",
    "Divide two dual numbers",
    """
The same for a quotient. Write `dual_div(a, b)` for two pairs (primal, tangent): return the pair of a / b, its value and
its tangent. The primal of b is not 0.
""",
    points=2,
    was="02.forward.4",
    hints=(
        ("the primal", "The primal of a quotient is the primal of a divided by that of b."),
        (
            "the tangent",
            "The quotient grows when a grows, and falls when b grows (with positive numbers). So there is a minus in the tangent.",
        ),
        ("the tangent", "The local partials of a / b are 1/b and −a/b². Each is multiplied by its operand's tangent."),
        ("the tangent", "As one fraction: (ȧ·b − a·ḃ) / b²."),
    ),
    make=quotient,
    parts=(Part("the quotient", _pairs, _with_engine(lambda x, y: x / y), names=PAIR),),
    wrong={
        "tangents divided": "You divided the tangents. The tangent of a quotient needs the primals too: (ȧ·b − a·ḃ) / b².",
        "minus lost": "The two parts are added here. A growing b makes the quotient smaller: take its part away.",
        "numerator turned round": "The sign is wrong: begin with the tangent of a times b, and take a times the tangent of b away.",
        "denominator not squared": "The whole is divided by b², and you divided by b only.",
        "only the numerator moves": "Only a moves in your tangent. Take the part of b away: a times the tangent of b, divided by b².",
    },
)

SIDES = "plain numbers on either side"
METHODS = {" + ": "__add__", " - ": "__sub__", " * ": "__mul__", "**": "__pow__"}


def evaluated(Dual, text, *pairs):
    """The class is tested on expressions: a text, and a pair for each of x and y."""
    numbers = [Dual(*pair) for pair in pairs]
    for sign, method in METHODS.items():
        if sign in text and not hasattr(type(numbers[0]), method):
            raise ArgumentError(f"first write {method}, for {text}")
    result = eval(compile(text, "<probe>", "eval"), dict(zip("xy", numbers, strict=False)))
    return [result.primal, result.tangent]


def _expressions(*texts: str) -> Any:
    """Cases for texts with places for small whole numbers."""

    def cases(random: Any) -> list[tuple[Any, ...]]:
        filled = [text.format(*(random.randint(2, 6) for _ in range(4))) for text in texts for _ in range(2)]
        return [(text, *pair) for text, pair in zip(filled, _pairs(random) * len(texts), strict=False)]

    return cases


def _polynomials(random: Any) -> list[tuple[Any, ...]]:
    """Polynomials of one variable, which moves at rate 1."""
    shapes = (
        "{} * x**3 - {} * x**2 + x * {} - {}",
        "({} - x) * (x + {})**2 + {} * x",
        "x**4 - {} * x * x + {}",
        "{} - (x - {}) * (x + {})**3",
    )
    return [
        (shape.format(*random.sample(range(2, 8), 4)), (random.choice((-1, 1)) * random.randint(2, 5) / 2, 1.0))
        for shape in shapes
    ]


def _by_jvp(text: str, a: tuple[float, float], b: tuple[float, float]) -> list[float]:
    return list(map(float, jvp(function(text, "x", "y=0.0"), (a[0], b[0]), (a[1], b[1]))))


def _by_grad(text: str, x: tuple[float, float]) -> list[float]:
    return list(map(float, value_and_grad(function(text, "x", "y=0.0"))(x[0])))


def dual_numbers(slip=""):
    class Dual:
        """A number and how fast it moves."""

        def __init__(self, primal, tangent=0.0):
            ### BEGIN SOLUTION
            self.primal, self.tangent = primal, tangent

        @staticmethod
        def made_of(x):
            return x if isinstance(x, Dual) else Dual(x, 1.0 if slip == "a plain number moves" else 0.0)

        def __add__(self, other):
            other = Dual.made_of(other)
            return Dual(self.primal + other.primal, self.tangent + other.tangent)

        def __sub__(self, other):
            other = Dual.made_of(other)
            if slip == "minus lost in the tangent":
                return Dual(self.primal - other.primal, self.tangent + other.tangent)
            return Dual(self.primal - other.primal, self.tangent - other.tangent)

        def __mul__(self, other):
            other = Dual.made_of(other)
            if slip == "tangents multiplied":
                return Dual(self.primal * other.primal, self.tangent * other.tangent)
            if slip == "own factor":
                return Dual(self.primal * other.primal, self.tangent * self.primal + other.primal * other.tangent)
            return Dual(self.primal * other.primal, self.tangent * other.primal + self.primal * other.tangent)

        def __pow__(self, n):
            if slip == "exponent lost":
                return Dual(self.primal**n, self.primal ** (n - 1) * self.tangent)
            if slip == "inner tangent lost":
                return Dual(self.primal**n, n * self.primal ** (n - 1))
            return Dual(self.primal**n, n * self.primal ** (n - 1) * self.tangent)

        def __rsub__(self, other):
            return self - other if slip == "difference turned round" else Dual.made_of(other) - self

        __radd__, __rmul__ = __add__, __mul__
        ### END SOLUTION

    return Dual


BOOK.add(
    Code,
    "forward.5",
    "A class for dual numbers",
    """
Write the class `Dual` with the operators +, − and *, and ** by a whole number. `Dual(3.0, 1.0)` is the number 3 that
moves at rate 1; a result is a new `Dual` with `.primal` and `.tangent`. A plain number may stand on either side of +, −
and *: it does not move. Then `p(Dual(x, 1.0)).tangent` is the derivative of any polynomial p.
""",
    points=5,
    was="02.forward.5",
    hints=(
        "Each operator is a method: `x + y` calls `x.__add__(y)`, and −, *, ** call `__sub__`, `__mul__`, `__pow__`.",
        ("products", "As in `dual_mul`: each tangent times the other factor's primal, and the two are added."),
        ("powers", "The tangent of xⁿ is n·xⁿ⁻¹ times the tangent of x."),
        (
            SIDES,
            "For `2 * x` Python calls `x.__rmul__(2)`; write `__radd__`, `__rsub__` and `__rmul__` too. In `5 - x` the 5 is first.",
        ),
        (SIDES, "Turn a plain number c into `Dual(c, 0.0)` first, and every method needs one rule only."),
    ),
    make=dual_numbers,
    parts=(
        Part("sums and differences", _expressions("x + y", "x - y"), _by_jvp, probe=evaluated),
        Part("products", _expressions("x * y", "x * y + x"), _by_jvp, probe=evaluated),
        Part(
            SIDES,
            _expressions("x + {}", "{} + x", "x - {}", "{} - x", "x * {}", "{} * x"),
            _by_jvp,
            probe=evaluated,
        ),
        Part("powers", _expressions("x**{}", "(x - y)**3 + x**1"), _by_jvp, probe=evaluated),
        Part("derivatives of polynomials", _polynomials, _by_grad, probe=evaluated),
    ),
    wrong={
        "tangents multiplied": "In `__mul__` the tangents are multiplied. Multiply each tangent by the OTHER factor's primal, and add the two.",
        "own factor": "In `__mul__` each tangent meets its own primal. It has to be multiplied by the primal of the other factor.",
        "a plain number moves": "Your plain numbers move at rate 1. A constant stands still: its tangent is 0.",
        "difference turned round": "In `__rsub__` the order is turned round: for `5 - x` Python calls `x.__rsub__(5)`, and the 5 comes first.",
        "minus lost in the tangent": "In `__sub__` the tangents are added. A difference moves by the difference of the tangents.",
        "exponent lost": "In `__pow__` the tangent lacks the exponent as a factor: n times the power of n − 1, times the tangent.",
        "inner tangent lost": "In `__pow__` the local partial is there, but not how fast the base moves: multiply it by the tangent.",
    },
)

BOOK.add(
    Sweep,
    "forward.6",
    "You are the forward sweep",
    """
A whole sweep, on a graph of your own: every tangent, in the order in which the program runs. x moves at rate 1.
""",
    points=3,
    hints=(
        "The inputs come first: the one that moves has the tangent 1, the other one 0.",
        "At each node: local partial times the operand's tangent, added up over its operands.",
    ),
    programs=(
        "u = x * y; v = u + x; z = v * y",
        "u = x + 2 * y; v = u ** 2; z = v * x",
        "u = x ** 2; v = u * y; z = v - u",
        "u = 3 * x; v = u - y; z = u * v",
    ),
    inputs={"x": 2.0, "y": 3.0},
    of="tangent",
    wrt="x",
)

BOOK.add(
    Choose,
    "forward.7",
    "Why not all inputs at once?",
    """
With the tangent 1 at both inputs F has the tangent 164, and not 140 and 24. Which sentence says why one cannot read the two off this sweep?
""",
    points=1,
    hints=(
        "Which pairs of derivatives would give 164 as well?",
        "How many numbers does each node carry in one sweep?",
    ),
    reason="Each node carries one tangent, in which both movements are added up already.",
    wrong={
        "The two movements disturb each other in the product, so 164 is wrong.": "164 is right: it is how fast F moves when x and y both move at rate 1.",
        "The tangents are rounded, and the two derivatives are lost in the last digits.": "Nothing is rounded here: all these numbers are whole.",
        "The sweep does not know which input moved first.": "Both move at the same time, and small movements add up in any order.",
    },
)
