"""Exercises of 18_complex_numbers: both Wirtinger partials, the conjugate in a rule and in a step downhill."""

from __future__ import annotations

import cmath
from collections.abc import Callable
from typing import Any

import numpy as np

from ...derivatives.jacobians import wirtinger
from ...derivatives.passes import vjp
from ...errors import ArgumentError
from ..apply import Apply, Property
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict

BOOK = Book("18_complex_numbers")
PARTS = ("the real part", "the imaginary part")


def _apart(*numbers: Any) -> list[float]:
    """Complex numbers as plain data: real and imaginary parts in turn."""
    return [part for z in numbers for part in (float(np.real(z)), float(np.imag(z)))]


def _called(x: Any) -> str:
    return "nothing yet" if x is None else f"of type {type(x).__name__}"


def _number(z: Any, what: str) -> complex:
    """A complex number that an answer gave."""
    if not isinstance(z, complex | float | int | np.number):
        raise ArgumentError(f"{what} must be a number, such as 2 - 3j, and is {_called(z)}")
    return complex(z)


# --- both partials by hand --------------------------------------------------------------------------------------------


def square_and_conjugate(x, y):
    size = x * x + y * y
    u = size * x
    v = size * y
    f = u + v
    return f


def _partials(x: float, y: float) -> dict[str, float]:
    by_z, by_conj = wirtinger(lambda z: z * z * np.conj(z), complex(x, y))
    return {"by_z": by_z.real, "conj_re": by_conj.real, "conj_im": by_conj.imag}


def slips_in_square_and_conjugate(x, y):
    size = x**2 + y**2
    return {
        "one of two arrivals": {"by_z": size},
        "conjugate taken for z": {"by_z": 3 * (x**2 - y**2), "conj_re": 0.0, "conj_im": 0.0},
        "partials exchanged": {"by_z": x**2 - y**2, "conj_re": 2 * size, "conj_im": 0.0},
        "length for the square": {"conj_re": size, "conj_im": 0.0},
        "i squared is 1": {"by_z": 2 * (x**2 - y**2), "conj_re": size},
        "cross term once": {"conj_im": x * y},
        "conjugate of the square": {"conj_im": -2 * x * y},
        "root forgotten": {"by_z": 2 * size**0.5},
    }


BOOK.add(
    Predict,
    "complex.1",
    "Both partials by hand",
    """
For f = z · z · z\\*, give ∂f/∂z (`by_z`, here it is a real number) and ∂f/∂z\\*, its real part (`conj_re`) and its
imaginary part (`conj_im`).
""",
    points=3,
    hints=(
        ("by_z", "Let z* stand still. f is z² times a constant then: 2 · z · z*, and z · z* = x² + y²."),
        (("conj_re", "conj_im"), "Let z stand still. f is z* times a constant then, and that constant is z²."),
        ("conj_re", "(x + iy)² = x² + 2ixy + i²y², and i² = −1."),
        ("conj_im", "What stands beside i in (x + iy)²? The cross term comes twice."),
    ),
    function=square_and_conjugate,
    listing="""
z = x + 1j * y
f = z * z * conj(z)
""",
    of=_partials,
    ask=("by_z", "conj_re", "conj_im"),
    inputs={"x": 2.0, "y": 3.0},
    slipped=slips_in_square_and_conjugate,
    wrong={
        "one of two arrivals": "z comes twice as a factor, and both send something: ∂f/∂z is z · z* + z · z*.",
        "conjugate taken for z": "You took z* for z and differentiated z³. For these partials z* is a variable of its own.",
        "partials exchanged": "The two partials are exchanged: for ∂f/∂z the conjugate stands still, for ∂f/∂z* it is z.",
        "length for the square": "∂f/∂z* is z², the square of a complex number, and not |z|²: it has an imaginary part.",
        "i squared is 1": "i² is −1: in z² the square of y comes with a minus, and in z · z* with a plus.",
        "cross term once": "(x + iy)² has the cross term twice: 2xy.",
        "conjugate of the square": "This is the conjugate of z². ∂f/∂z* is what z* is multiplied with: z², as it is.",
        "root forgotten": "z · z* is |z|², x² + y². You took the root of it.",
    },
)


# --- a backward rule --------------------------------------------------------------------------------------------------


def _places(random: Any) -> list[tuple[Any, ...]]:
    """Complex numbers with parts of different sizes, and a real adjoint."""
    found: list[tuple[Any, ...]] = []
    while len(found) < 5:
        x, y, bar = (random.choice((-1, 1)) * random.randint(3, 16) / 4 for _ in range(3))
        if abs(x) != abs(y) and abs(bar) != 1:
            found.append((complex(x, y), bar))
    return found


def sent_to_z(rule, z, bar):
    return _apart(_number(rule(z, bar), "the adjoint of z"))


def of_the_length(slip=""):
    def length_backward(z, bar):
        """The adjoint of z for y = |z|, the length of z."""
        ### BEGIN SOLUTION
        if slip == "conjugate forgotten":
            return bar * z / abs(z)
        if slip == "upstream factor lost":
            return z.conjugate() / abs(z)
        if slip == "square for the length":
            return 2 * bar * z.conjugate()
        if slip == "partial for the gradient":
            return bar * z.conjugate() / (2 * abs(z))
        if slip == "not divided":
            return bar * z.conjugate()
        if slip == "real part only":
            return bar * z.real / abs(z)
        return bar * z.conjugate() / abs(z)
        ### END SOLUTION

    return length_backward


BOOK.add(
    Code,
    "complex.2",
    "The backward rule of a length",
    """
Complete `length_backward(z, bar)`: y = |z| = √(x² + y²) is real and gets the real adjoint `bar`; return the adjoint of
z, as this lab and JAX have it: df/dx − i · df/dy in one complex number.
""",
    points=2,
    hints=(
        "How fast does √(x² + y²) grow with x, and with y? Put both into one number: df/dx − i · df/dy.",
        (PARTS[0], "The length grows with x at the rate x / |z|."),
        (PARTS[1], "The length grows with y at the rate y / |z|, and the imaginary part gets a minus."),
        "x − iy is z.conjugate(), and |z| is abs(z). The adjoint `bar` multiplies.",
    ),
    make=of_the_length,
    parts=(
        Part(
            "the adjoint of z",
            _places,
            lambda z, bar: _apart(vjp(lambda z: np.abs(z), z)[1](bar)[0]),
            probe=sent_to_z,
            names=PARTS,
        ),
    ),
    wrong={
        "conjugate forgotten": "This is PyTorch's convention, df/dx + i · df/dy. Here the imaginary part has a minus: take z.conjugate().",
        "upstream factor lost": "This is the rule for an adjoint of 1. Multiply by the adjoint that arrives, `bar`.",
        "square for the length": "This is the rule of |z|². The length itself is a root: its slope has |z| below.",
        "partial for the gradient": "This is ∂f/∂z, one of two partials. The adjoint is twice that: df/dx − i · df/dy.",
        "not divided": "The length grows with x at the rate x / |z|: divide by abs(z).",
        "real part only": "Only df/dx is there. The imaginary part of the adjoint is −df/dy.",
    },
)


# --- both partials by differences -------------------------------------------------------------------------------------

FORMULAS = ("z**2 * np.conj(z)", "{} * z + {} * np.conj(z)**2", "np.abs(z)**2 + {}j * z", "np.conj(z) * ({} + z**3)")


def _function(text: str) -> Callable[[complex], complex]:
    found: Callable[[complex], complex] = eval(compile(f"lambda z: {text}", "<probe>", "eval"), {"np": np})
    return found


def _formulas(random: Any) -> list[tuple[Any, ...]]:
    places = [z for z, _ in _places(random)]
    return [(text.format(*random.sample(range(2, 8), 2)), z) for text, z in zip(FORMULAS, places, strict=False)]


def both_of(both_partials, text, z):
    """The function is handed over as text, so that a report can show it."""
    found = both_partials(_function(text), z)
    if not isinstance(found, tuple | list | np.ndarray) or len(found) != 2:
        raise ArgumentError(f"return both partials, (by_z, by_conj); what came is {_called(found)}")
    return [round(x, 6) + 0.0 for x in _apart(*(_number(part, "a partial") for part in found))]  # 1e-11 is 0 here


def by_differences(slip=""):
    def both_partials(f, z, h=1e-4):
        """(∂f/∂z, ∂f/∂z*) by central differences along the real and along the imaginary axis."""
        ### BEGIN SOLUTION
        across = (f(z + h) - f(z - h)) / (2 * h)
        along = (f(z + 1j * h) - f(z - 1j * h)) / (2 * h)
        if slip == "real axis only":
            return across, across.conjugate()
        if slip == "partials exchanged":
            return (across + 1j * along) / 2, (across - 1j * along) / 2
        if slip == "half forgotten":
            return across - 1j * along, across + 1j * along
        if slip == "i forgotten":
            return (across - along) / 2, (across + along) / 2
        if slip == "the two differences":
            return across, along
        return (across - 1j * along) / 2, (across + 1j * along) / 2
        ### END SOLUTION

    return both_partials


BOOK.add(
    Code,
    "complex.3",
    "Both partials by differences",
    """
Write `both_partials(f, z)`: move z along the real axis, z ± h, and along the imaginary one, z ± ih, and take central
differences, both divided by the real number 2h. Call them p and q. Then ∂f/∂z = (p − iq) / 2 and ∂f/∂z\\* = (p + iq) / 2.
Return both. f may give complex numbers.
""",
    points=3,
    hints=(
        "Two differences first: p = (f(z + h) − f(z − h)) / 2h, and the same with `1j * h` added and taken away.",
        ("the imaginary part of ∂f/∂z", "Both differences are divided by 2h. The i comes in afterwards: p − iq."),
        "Check it with f = z², for which p = 2z and q = 2iz: (p − iq)/2 must be 2z, and (p + iq)/2 must be 0.",
    ),
    make=by_differences,
    parts=(
        Part(
            "both partials",
            _formulas,
            lambda text, z: _apart(*wirtinger(_function(text), z)),
            probe=both_of,
            near=1e-5,
            names=tuple(f"{part} of ∂f/∂{by}" for by in ("z", "z*") for part in PARTS),
        ),
    ),
    wrong={
        "real axis only": "You moved z along the real axis alone. That is enough for analytic functions only.",
        "partials exchanged": "The two are exchanged: ∂f/∂z has the minus, (p − iq) / 2.",
        "half forgotten": "Both are twice too large: divide p ∓ iq by 2.",
        "i forgotten": "The difference along the imaginary axis is divided by the real number 2h, and then comes with a factor i: p − iq and p + iq.",
        "the two differences": "These are the derivatives along both axes, p and q. The partials are made of them: (p ∓ iq) / 2.",
    },
)


# --- downhill ---------------------------------------------------------------------------------------------------------

BOWLS = ("np.abs(z - ({} + {}j))**2", "{} * np.abs(z)**2 + np.abs(z - {})**2", "np.abs(z**2 - {})**2 / {}")


def _runs(random: Any) -> list[tuple[Any, ...]]:
    found = []
    for text in BOWLS:
        z = complex(random.randint(2, 6) / 2, random.choice((-1, 1)) * random.randint(2, 5) / 4)
        found.append((text.format(random.randint(2, 4), random.randint(2, 4)), z, 0.0625, random.randint(2, 4)))
    return found


def _conj_slope(text: str, z: complex) -> complex:
    return complex(2 * wirtinger(_function(text), z)[1])


def _walked(text: str, z: complex, rate: float, steps: int) -> list[float]:
    for _ in range(steps):
        z = z - rate * _conj_slope(text, z)
    return _apart(z)


def walked_to(walk_downhill, text, z, rate, steps):
    """The gradient that is handed over is the lab's, worked out by differences: derivatives are switched off here."""
    f, h = _function(text), 1e-5

    def gradient(z):
        p, q = (f(z + h) - f(z - h)) / (2 * h), (f(z + 1j * h) - f(z - 1j * h)) / (2 * h)
        return complex(p, -q)

    return _apart(_number(walk_downhill(gradient, z, rate, steps), "the last number"))


def downhill(slip=""):
    def walk_downhill(gradient, z, rate, steps):
        """Where so many steps of gradient descent lead, from the complex number z on."""
        ### BEGIN SOLUTION
        if slip == "the gradient of the start":
            return z - steps * rate * gradient(z).conjugate()
        for _ in range(steps):
            g = gradient(z)
            if slip == "conjugate forgotten":
                z = z - rate * g
                continue
            if slip == "uphill":
                z = z + rate * g.conjugate()
                continue
            if slip == "real part only":
                z = z - rate * g.real
                continue
            if slip == "stops after one":
                return z - rate * g.conjugate()
            if slip == "z conjugated":
                z = z.conjugate() - rate * g
                continue
            z = z - rate * g.conjugate()
        return z
        ### END SOLUTION

    return walk_downhill


BOOK.add(
    Code,
    "complex.4",
    "Downhill with a complex number",
    """
Write `walk_downhill(gradient, z, rate, steps)`: gradient descent on a real function of a complex number. `gradient(z)`
gives the gradient as this lab and JAX have it, df/dx − i · df/dy. Return the number where the last step ends.
""",
    points=3,
    hints=(
        "A loop over the steps. In each one, ask for the gradient where you are now.",
        (PARTS[1], "The gradient's imaginary part is −df/dy. Which way is downhill in y?"),
        "One step is z − rate · g.conjugate().",
    ),
    make=downhill,
    parts=(Part("the end of the walk", _runs, _walked, probe=walked_to, names=PARTS, near=1e-5),),
    wrong={
        "conjugate forgotten": "The real part goes down and the imaginary part goes up. Step along the conjugate of the gradient.",
        "uphill": "This walks uphill: subtract.",
        "real part only": "Only the real part of the gradient is used, so z never moves along the imaginary axis.",
        "the gradient of the start": "You used the gradient of the start for all steps. Ask for it again where you are.",
        "stops after one": "You return after one step. The `return` belongs behind the loop.",
        "z conjugated": "You took the conjugate of z. It is the gradient's that is needed: z stays what it is.",
    },
)

BOOK.add(
    Choose,
    "complex.5",
    "Why the conjugate?",
    """
For a real f, df = Re(g · dz), with the gradient g = df/dx − i · df/dy. Why does one step along −g\\*, and not along −g?
""",
    points=1,
    hints=(
        "Put dz = −η g* into df = Re(g · dz), and then dz = −η g. Which sign has df?",
        "g · g* is the squared length of g. And g · g: take g = i.",
    ),
    reason="With dz = −η g* the change is −η |g|², which is never above 0; with −η g it may be, for g = i say.",
    wrong={
        "Because the loss is real, and g* is real when the loss is.": (
            "g* is as complex as g. Only the products g · dz + g* · dz* are real."
        ),
        "Because g* is the shorter of the two, so that the steps do not get too large.": (
            "g and g* have the same length. Only their direction differs."
        ),
        "Because f is not analytic, and for analytic functions −g would be right.": (
            "A real function that is not constant is never analytic, so there is no such case."
        ),
    },
)


# --- a function of one's own ------------------------------------------------------------------------------------------


def partials_at(mirror, *places):
    """Both partials at some places, as sizes, and how much the second one varies."""
    found = [wirtinger(mirror, z) for z in places]
    by_z, by_conj = ([complex(pair[k]) for pair in found] for k in (0, 1))
    if not all(map(cmath.isfinite, by_z + by_conj)):
        raise ArgumentError(f"the function must have finite partials, at {places[0]} for example")
    return {
        "by_z": max(map(abs, by_z)),
        "by_conj": max(map(abs, by_conj)),
        "varies": max(abs(x - by_conj[0]) for x in by_conj),
    }


def mirrored(slip=""):
    def mirror(z):
        """A function of z with ∂f/∂z = 0 whose ∂f/∂z* is not the same everywhere."""
        ### BEGIN SOLUTION
        if slip == "analytic":
            return z**2
        if slip == "the conjugate itself":
            return np.conj(z)
        if slip == "real":
            return np.abs(z) ** 2
        if slip == "constant":
            return 3 + 0 * z
        return np.conj(z) ** 2
        ### END SOLUTION

    return mirror


BOOK.add(
    Apply,
    "complex.6",
    "The mirror image of an analytic function",
    """
Invent a function `mirror(z)` with ∂f/∂z = 0 everywhere, and with a ∂f/∂z\\* that is not the same everywhere. Use NumPy's
functions. `bl.wirtinger(mirror, 1 + 2j)` shows both partials.
""",
    points=2,
    hints=(
        "An analytic function is made of z alone. What must this one be made of?",
        ("∂f/∂z* varies", "conj(z) itself has ∂f/∂z* = 1 everywhere. Make a power or a product of it."),
        "np.conj(z) ** 2 has ∂f/∂z* = 2 z*. There are many others.",
    ),
    make=mirrored,
    measure=partials_at,
    at=lambda random: tuple(complex(random.randint(4, 12) / 8, sign * random.randint(4, 12) / 8) for sign in (1, -1)),
    properties=(
        Property("∂f/∂z is 0", lambda m: m["by_z"] < 1e-9, "∂f/∂z is not 0: its size is {by_z}.", point=True),
        Property(
            "∂f/∂z* is not 0", lambda m: m["by_conj"] > 1e-6, "∂f/∂z* is 0: the function does not change.", point=True
        ),
        Property("∂f/∂z* varies", lambda m: m["varies"] > 1e-6, "∂f/∂z* is the same at two places.", point=True),
    ),
    wrong={
        "analytic": "This one is analytic: it is made of z alone, and ∂f/∂z* is 0. Here it shall be the other way round.",
        "the conjugate itself": "∂f/∂z is 0, and ∂f/∂z* is the same everywhere. Make something more of the conjugate.",
        "real": "A real function depends on both, z and z*: its two partials are each other's conjugates.",
        "constant": "A constant has both partials 0. Let it depend on the conjugate.",
    },
)
