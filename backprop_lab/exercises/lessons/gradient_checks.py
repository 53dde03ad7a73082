"""Exercises of 07_numerical_gradients on gradients: by differences, checked by them, and where they fail."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...derivatives.passes import grad
from ...errors import ArgumentError
from ..apply import Apply, Property
from ..base import Book
from ..code import Code, Part
from ..programs import function

BOOK = Book("07_numerical_gradients")

SEVERAL = ("x[0]**2 * x[1] + {} * x[1]", "x[0] * x[1]**2 - {} * x[2]**3", "(x[0] + {} * x[1])**2 * x[2] + x[1] * x[3]")


def _points(random: Any) -> list[tuple[Any, ...]]:
    """Texts of functions of a list x, and a list."""
    return [
        (text.format(random.randint(2, 6)), [random.choice((-1, 1)) * random.randint(3, 12) / 4 for _ in range(size)])
        for text, size in zip(SEVERAL, (2, 3, 4), strict=True)
    ]


def _long(random: Any) -> list[tuple[Any, ...]]:
    return [([random.randint(3, 40) / 10 for _ in range(20)],)]


def _gradient(text: str, xs: list[float]) -> list[float]:
    return [float(d) for d in grad(function(text))(xs)]


def gradient_of(numerical_gradient, text, xs):
    return numerical_gradient(function(text), xs, 1e-4)


def with_xs_kept(numerical_gradient, xs):
    """To the last digit: adding h and taking it away again may round."""
    before = repr(xs)
    found = numerical_gradient(lambda x: x[0] * x[1], xs, 1e-4)
    if type(found) not in (list, tuple, np.ndarray) or len(found) != len(xs):
        raise ArgumentError("numerical_gradient does not return a list with one number for each of xs yet")
    return "as before" if repr(xs) == before else f"changed to {xs}"


def passes_for(numerical_gradient, n):
    asked = []

    def f(x):
        asked.append(1)
        return sum(x)

    numerical_gradient(f, [1.0] * n, 1e-4)
    return len(asked)


def one_by_one(slip=""):
    def numerical_gradient(f, xs, h):
        """The central differences of f, a function of a list, at the list xs: one for each number."""
        ### BEGIN SOLUTION
        found = []
        if slip == "moved numbers stay moved":
            ahead, behind = list(xs), list(xs)
        for k in range(len(xs)):
            if slip == "put back by subtraction":
                xs[k] += h
                ahead = f(xs)
                xs[k] -= 2 * h
                behind = f(xs)
                xs[k] += h
                found.append((ahead - behind) / (2 * h))
                continue
            if slip == "one list under two names":
                ahead = behind = list(xs)
            elif slip == "all moved at once":
                ahead, behind = [x + h for x in xs], [x - h for x in xs]
            elif slip == "the caller's list is moved":
                ahead, behind = xs, list(xs)
            elif slip != "moved numbers stay moved":
                ahead, behind = list(xs), list(xs)
            if slip != "all moved at once":
                ahead[k] += h
                behind[k] -= h
            if slip == "forward difference":
                found.append((f(ahead) - f(xs)) / h)
                continue
            if slip == "h instead of 2h":
                found.append((f(ahead) - f(behind)) / h)
                continue
            if slip == "brackets forgotten":
                found.append((f(ahead) - f(behind)) / 2 * h)
                continue
            if slip == "the value at the start each time":
                f(xs)
            found.append((f(ahead) - f(behind)) / (2 * h))
        return sum(found) if slip == "summed up" else found
        ### END SOLUTION

    return numerical_gradient


BOOK.add(
    Code,
    "numerical.4",
    "A numerical gradient",
    """
Write `numerical_gradient(f, xs, h)`: `f` takes a list of numbers, and `xs` is the place. Move each number alone, by h
ahead and behind, and return the list of the central differences. The list `xs` belongs to the caller: it must hold the
same numbers afterwards. For n numbers, call `f` 2n times.
""",
    points=4,
    was="06.numerical.4",
    hints=(
        ("the gradient", "A loop over the places k. In each round two lists: one with xs[k] + h, one with xs[k] − h."),
        (
            "the caller's list afterwards",
            "`ahead = xs` is the same list under another name. `ahead = list(xs)` is a copy.",
        ),
        ("the gradient", "Begin each round with fresh copies, so that only one number has moved."),
        ("2n calls of f for n numbers", "Two calls for each number, f(ahead) and f(behind), and none besides."),
    ),
    make=one_by_one,
    parts=(
        Part("the gradient", _points, _gradient, worth=2, probe=gradient_of),
        Part("the caller's list afterwards", _long, lambda xs: "as before", probe=with_xs_kept),
        Part(
            "2n calls of f for n numbers",
            lambda random: [(1,), (random.randint(20, 40),)],
            lambda n: 2 * n,
            probe=passes_for,
        ),
    ),
    wrong={
        "forward difference": "These are forward differences: they are off by about h. Take f ahead and behind, and divide by 2h.",
        "h instead of 2h": "From behind to ahead it is 2h, and you divided by h.",
        "brackets forgotten": "`/ 2 * h` divides by 2 and then multiplies by h. Write `/ (2 * h)`.",
        "all moved at once": "All numbers move together here, so every entry is the sum of the whole gradient. Move one, and let the others stand.",
        "moved numbers stay moved": "A number that has moved is not put back before the next one moves. Begin each round with fresh copies of xs.",
        "one list under two names": "`ahead` and `behind` are one list under two names, so the differences are 0. Make copies: list(xs).",
        "the caller's list is moved": "The list of the caller has changed. Move a copy, list(xs), and leave xs as it is.",
        "put back by subtraction": "The gradient is right, but xs is not as it was: adding h and taking it away again rounds. Move a copy.",
        "the value at the start each time": "The gradient is right, but f is called more than twice for each number. Its value at xs is not needed.",
        "summed up": "You return one number, the sum. Return the list with one difference for each number.",
    },
)


# Each function with its right derivatives as texts; a case replaces some of them by wrong ones.
RULED = (
    ("x[0]**2 * x[1]", ("2 * x[0] * x[1]", "x[0]**2"), ("x[0] * x[1]", "x[0]**2 * x[1]")),
    ("x[0] * x[1] - x[2]**3", ("x[1]", "x[0]", "-3 * x[2]**2"), ("x[0] + 1", "-x[0]", "3 * x[2]**2")),
    ("x[0]**4 + x[1] / x[2]", ("4 * x[0]**3", "1 / x[2]", "-x[1] / x[2]**2"), ("x[0]**3", "x[2]", "x[1] / x[2]**2")),
    (
        "(x[0] + x[1])**2 * x[2]",
        ("2 * (x[0] + x[1]) * x[2]",) * 2 + ("(x[0] + x[1])**2",),
        ("2 * x[2]", "3 * x[2]", "0.0"),
    ),
)
# Where a bound for the absolute error fails: a large derivative that is right, a small one that is wrong.
SCALED = (
    ("1e6 * x[0]**3 + x[1]**2", ("3e6 * x[0]**2", "2 * x[1]"), ("3e6 * x[0]", "x[1]")),
    ("1e-5 * x[0]**2 + 1e-4 * x[1]", ("2e-5 * x[0]", "1e-4"), ("1e-5 * x[0]", "-1e-4")),
)


# Where the bound lies: claims that are wrong by a little less, and by a little more, than a thousandth of the larger one.
def _borders(random: Any) -> list[tuple[Any, ...]]:
    """A large and a small derivative, of either sign; differences of these functions are right to ten digits."""
    found = []
    for factor in (0.9987, 0.9993, 1.0007, 1.0013, 1 / 1.0010005, 1.0010005):
        a, b = random.randint(2, 9), random.randint(2, 9)
        claimed = [f"{factor!r} * {2 * a} * x[0]", f"-{factor!r} * {b}"]
        found.append((f"{a} * x[0]**2 - {b} * x[1]", claimed, [random.randint(6, 12) / 4, 0.5]))
    return found


def _by_size(text: str, claimed: list[str], xs: list[float]) -> list[int]:
    """The oracle for those."""
    return _off(text, claimed, xs, lambda a, b: 1e-3 * max(abs(a), abs(b)))


def _claims(rows: Any) -> Any:
    """Cases: a function, what is claimed to be its gradient, as texts, and a point; right ones, and others."""

    def cases(random: Any) -> list[tuple[Any, ...]]:
        found = []
        for text, right, wrong in rows:
            places = range(len(right))
            for false in (random.sample(places, random.randint(1, 2)), [], list(places)):
                claimed = [wrong[k] if k in false else right[k] for k in places]
                found.append((text, claimed, [random.randint(6, 12) / 4 for _ in places]))
        return found

    return cases


def _off(
    text: str, claimed: list[str], xs: list[float], bound: Any = lambda claim, right: 1e-9 * abs(right)
) -> list[int]:
    """The oracle: the places where a claim is not the engine's derivative."""
    pairs = zip((function(one)(xs) for one in claimed), _gradient(text, xs), strict=True)
    return [k for k, (claim, right) in enumerate(pairs) if abs(claim - right) > bound(claim, right)]


def checked(gradient_check, text, claimed, xs):
    before = repr(xs)
    found = gradient_check(function(text), function(f"[{', '.join(claimed)}]"), xs)
    return found if repr(xs) == before else f"xs was {before} and has become {xs}"


def checking(slip=""):
    def gradient_check(f, g, xs):
        """The places at which g(xs) is not the gradient of f at xs, in order."""
        ### BEGIN SOLUTION
        wrong, h = [], 1e-4
        for k, claimed in enumerate(g(xs)):
            if slip == "all moved at once":
                ahead, behind = [x + h for x in xs], [x - h for x in xs]
            else:
                ahead, behind = xs if slip == "the caller's list is moved" else list(xs), list(xs)
                ahead[k] += h
                behind[k] -= h
            found = (f(ahead) - f(behind)) / (2 * h)
            if (
                abs(found - claimed) > 1e-3
                if slip == "absolute error"
                else abs(found - claimed) > 1e-6
                if slip == "absolute error, strict"
                else abs(found - claimed) > 1e-3 * abs(claimed)
                if slip == "compared with one of the two"
                else found != claimed
                if slip == "has to be equal"
                else found - claimed > 1e-3 * max(abs(found), abs(claimed))
                if slip == "error with its sign"
                else abs(abs(found) - abs(claimed)) > 1e-3 * max(abs(found), abs(claimed))
                if slip == "sizes compared"
                else abs(found - claimed) <= 1e-3 * max(abs(found), abs(claimed))
                if slip == "the right ones"
                else abs(found - claimed) > 1e-3 * max(abs(found), abs(claimed))
            ):
                if slip == "stops at the first":
                    return [k]
                wrong.append(k + 1 if slip == "counted from 1" else k)
        return not wrong if slip == "yes or no" else wrong
        ### END SOLUTION

    return gradient_check


BOOK.add(
    Code,
    "numerical.5",
    "A gradient check",
    """
Somebody has worked out a gradient by hand. Write `gradient_check(f, g, xs)`: `f` takes a list of numbers, `g(xs)` is the
list that is claimed to be its gradient at `xs`. Compare each entry with a central difference, h = 1e−4, and return the
list of the places (0, 1, …) that are wrong, in order: those where the two differ by more than a thousandth of the larger
one. Take their sizes without signs. If all is right, the list is empty. `xs` is to hold the same numbers afterwards.
""",
    points=4,
    was="06.numerical.5",
    hints=(
        (
            "derivatives of ordinary size",
            "For each place k: a central difference, as in the exercise before, and the entry k of g(xs).",
        ),
        (
            "very large and very small ones",
            "An error of 0.01 is nothing if the derivative is a million, and everything if it is 0.0001: compare with the size.",
        ),
        (
            "nearly a thousandth, and just above",
            "Wrong is: abs(found - claimed) > 1e-3 * max(abs(found), abs(claimed)).",
        ),
    ),
    make=checking,
    parts=(
        Part("derivatives of ordinary size", _claims(RULED), _off, worth=2, probe=checked),
        Part("very large and very small ones", _claims(SCALED), _off, worth=1.5, probe=checked),
        Part("nearly a thousandth, and just above", _borders, _by_size, worth=0.5, probe=checked),
    ),
    wrong={
        "absolute error": "You compare the error with a fixed bound. Compare it with the size of the derivative: 0.01 is nothing beside a million.",
        "absolute error, strict": "Your bound is fixed. A derivative of a million is right to ten digits and still off by more: compare with its size.",
        "compared with one of the two": "You compare with the size of one of the two. Take the larger one of them, whichever it is.",
        "the caller's list is moved": "The list of the caller moves, and stays moved. Move copies, list(xs), and leave xs as it is.",
        "has to be equal": "You ask whether the two are equal. A difference always rounds: allow a thousandth of the size.",
        "error with its sign": "You compare the error with its sign, so errors in one direction are overlooked. Take abs(…).",
        "sizes compared": "You compare the sizes alone. A lost minus goes unnoticed: take the difference first, then abs(…).",
        "stops at the first": "You return after the first wrong place. Go through all places, and collect the wrong ones.",
        "the right ones": "These are the places that are right. Return those where the two differ.",
        "yes or no": "You say whether all is right. Return the list of the wrong places: that is where somebody has to look.",
        "counted from 1": "Count the places from 0, as Python does.",
        "all moved at once": "All numbers move together in your difference. Move number k alone, and compare with entry k.",
    },
)


def sweep_and_differences(f, x):
    """What the sweep says of a function, and whether that is right.

    That is asked of the complex step, which subtracts nothing, and where a function is not one of complex numbers, of
    differences with smaller and smaller h, of which two in a row have to agree.
    """
    slope = grad(f)(x)
    central = [(f(x + h) - f(x - h)) / (2 * h) for h in (10.0**-k for k in range(4, 10))]
    if not (math.isfinite(slope) and all(map(math.isfinite, central))):
        raise ArgumentError("at x = 1 and near it the function must have finite values and a finite slope")
    if slope == 0 and not any(central):
        raise ArgumentError("the function does not change near x = 1; let it depend on x")
    try:
        imaginary = complex(f(complex(x, 1e-20))).imag / 1e-20
    except Exception:
        imaginary = math.nan

    def near(a, b):
        return abs(a - b) <= 0.01 * abs(b)

    settled = any(near(a, slope) and near(b, slope) for a, b in zip(central[1:], central[2:], strict=False))
    return {"slope": slope, "central": central[0], "right": near(imaginary, slope) or settled}


def to_be_fooled(slip=""):
    def fooled(x):
        """A function that differences with h = 1e-4 get wrong at 1."""
        ### BEGIN SOLUTION
        if slip == "gentle":
            return 1000 * x**2
        if slip == "no derivative":
            return x + abs(x - 1) + max(x - 1, 0)
        if slip == "derivative 0":
            return 1e12 * (x - 1) ** 3
        return np.sin(10000 * x)
        ### END SOLUTION

    return fooled


BOOK.add(
    Apply,
    "numerical.6",
    "Fool the central difference",
    """
Invent a function `fooled(x)` for which the central difference with h = 1e−4 is off by more than 1 % at x = 1, while the
derivative that a sweep gives is right. The derivative must not be 0. `bl.numerical_grad(fooled, 1.0)` and
`bl.grad(fooled)(1.0)` show both.
""",
    points=3,
    was="06.numerical.6",
    hints=(
        "The error of truncation is h²/6 times the third derivative. Here h² is 1e−8: who has a third derivative that large?",
        "A wave that goes up and down within a distance of 1e−4 does it: np.sin of a large multiple of x.",
        "Round-off does it too: hide a gentle function behind a huge constant, so that its change gets lost.",
    ),
    make=to_be_fooled,
    measure=sweep_and_differences,
    at=lambda random: (1.0,),
    properties=(
        Property("the derivative is not 0", lambda m: m["slope"] != 0, "the derivative at 1 is {slope}."),
        Property(
            "the difference is off by more than 1 %",
            lambda m: not abs(m["central"] - m["slope"]) <= 0.01 * abs(m["slope"]),
            "the difference gives {central}, the sweep {slope}: they agree to 1 %.",
            worth=2.0,
            point=True,
        ),
        Property(
            "the sweep is right",
            lambda m: m["right"],
            "the sweep gives {slope}, and nothing else confirms it.",
            point=True,
        ),
    ),
    wrong={
        "gentle": "Here the difference is good. Large values or a steep slope do not disturb it: the third derivative has to be large.",
        "no derivative": (
            "Differences with smaller h do not go to what the sweep gives: at x = 1 there is a corner or a jump, so there is "
            "no derivative that could be right. Move the corner away a little, nearer than 1e−4."
        ),
        "derivative 0": "The derivative is 0, and no number is within 1 % of 0. Add something that has a slope, x for example.",
    },
)
