"""Exercises of 07_numerical_gradients: difference quotients, and what they cost."""

from __future__ import annotations

from typing import Any

from ...derivatives.passes import grad
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict
from ..programs import function

BOOK = Book("07_numerical_gradients")


def cube_and_square(x, a):
    f = x**3 + a * x**2
    return f


H = 0.5


def _quotients(x: float, a: float) -> dict[str, float]:
    behind, here, ahead = (cube_and_square(t, a) for t in (x - H, x, x + H))
    found = {"ahead": ahead, "behind": behind, "forward": (ahead - here) / H, "central": (ahead - behind) / (2 * H)}
    return found | {"exact": grad(cube_and_square)(x, a)[0]}


def _from_the_values(known: dict[str, float]) -> dict[str, float]:
    """The quotients of the values that were given."""
    ahead, behind, here = known["ahead"], known["behind"], cube_and_square(known["x"], known["a"])
    return {"forward": (ahead - here) / H, "central": (ahead - behind) / (2 * H)}


def slips_in_cube_and_square(x, a):
    here = cube_and_square(x, a)
    _, _, forward, central, exact = _quotients(x, a).values()
    return {
        "forward for central": {"central": forward},
        "h instead of 2h": {"central": 2 * central},
        "2h instead of h": {"forward": forward / 2},
        "exact derivative for the quotients": {"forward": exact, "central": exact},
        "quotient for the exact derivative": {"exact": central},
        "backward for forward": {"forward": 2 * central - forward},
        "signs turned round": {"forward": -forward, "central": -central},
        "h added to the value": {"ahead": here + H, "behind": here - H, "forward": 1.0, "central": 1.0},
    }


BOOK.add(
    Predict,
    "numerical.1",
    "Two difference quotients by hand",
    """
Only x moves, by h = 1/2; a stands still. Give f at x + h (`ahead`) and at x − h (`behind`), the forward difference
quotient, the central one, and the exact derivative with respect to x.
""",
    points=3,
    was="06.numerical.1",
    hints=(
        (("ahead", "behind"), "Put x + h in both places where x stands, then x − h. Compute f at x as well."),
        ("forward", "Forward is from x to x + h, a way of h: the value ahead less the value at x, divided by h."),
        (
            "central",
            "Central is from x − h to x + h, a way of 2h: the value ahead less the value behind, divided by 2h.",
        ),
        ("exact", "The exact derivative is 3x² + 2ax. The central quotient is h² = 1/4 larger."),
    ),
    function=cube_and_square,
    of=_quotients,
    ask=("ahead", "behind", "forward", "central", "exact"),
    follows=_from_the_values,
    inputs={"x": 2.0, "a": 1.0},
    high=7,
    decimals=4,
    slipped=slips_in_cube_and_square,
    wrong={
        "forward for central": "You gave the forward quotient for the central one. The central one goes from x − h to x + h.",
        "h instead of 2h": "From x − h to x + h it is 2h, and you divided by h: the central quotient is twice too large.",
        "2h instead of h": "From x to x + h it is h = 1/2, and dividing by 1/2 doubles the difference. You left it, or divided by 2h.",
        "exact derivative for the quotients": "You gave the exact derivative for the quotients. With h = 1/2 they differ from it: subtract the values, and divide.",
        "quotient for the exact derivative": "The central quotient is not the exact derivative: it is off by h². The rules give 3x² + 2ax.",
        "backward for forward": "Your forward quotient looks back, from x − h to x. Forward is from x to x + h.",
        "signs turned round": "The differences are turned round: take the value behind away from the value ahead.",
        "h added to the value": "You added h to the value of f. It is x that moves: put x + h, and x − h, in the place of x.",
    },
)


def weights(inputs, hidden):
    first = inputs * hidden + hidden
    second = hidden + 1
    n = first + second
    return n


STEPS = 100


def _costs(inputs: float, hidden: float) -> dict[str, float]:
    n = inputs * hidden + 2 * hidden + 1
    return {"n": n, "forward": n + 1, "central": 2 * n, "backprop": 2.0, "descent": STEPS * 2 * n}


def _from_the_count(known: dict[str, float]) -> dict[str, float]:
    """The costs, given how many numbers there are, and what a gradient takes."""
    return {"forward": known["n"] + 1, "central": 2 * known["n"], "descent": STEPS * known["central"]}


def slips_in_weights(inputs, hidden):
    n = _costs(inputs, hidden)["n"]
    few = inputs * hidden + hidden
    return {
        "one pass a number": {"central": n, "descent": STEPS * n},
        "two passes a number, forward too": {"forward": 2 * n},
        "start forgotten": {"forward": n},
        "start counted in the central difference": {"central": 2 * n + 1, "descent": STEPS * (2 * n + 1)},
        "a reverse pass for each number": {"backprop": n + 1},
        "forward pass forgotten": {"backprop": 1.0},
        "one gradient for all steps": {"descent": 2 * n},
        "biases forgotten": {"n": few, "forward": few + 1, "central": 2 * few, "descent": STEPS * 2 * few},
    }


BOOK.add(
    Predict,
    "numerical.2",
    "How many passes for one gradient?",
    """
A small net has weights and biases between its inputs and its hidden units, and between those and one output: `n`
numbers in all. Its loss is one number. How many forward passes does one gradient take by forward differences
(`forward`; the loss at the start is computed once) and by central ones (`central`)? How many passes, forward and
reverse together, does it take by `backprop`? And how many forward passes do 100 steps of gradient descent (`descent`)
take, with central differences in each?
""",
    points=3,
    was="06.numerical.2",
    hints=(
        (
            "n",
            "Count the weights between inputs and hidden units, those to the output, and a bias for each unit and the output.",
        ),
        ("forward", "A forward difference needs one new value for each of the n numbers, and the value at the start."),
        ("central", "A central difference needs two new values for each of the n numbers, and none at the start."),
        (
            "backprop",
            "Backprop needs one forward pass, which stores the values, and one reverse pass for all the numbers together.",
        ),
        ("descent", "Each of the 100 steps takes a whole gradient by central differences."),
    ),
    function=weights,
    of=_costs,
    ask=("n", "forward", "central", "backprop", "descent"),
    follows=_from_the_count,
    inputs={"inputs": 4.0, "hidden": 3.0},
    low=2,
    largest=1e5,
    slipped=slips_in_weights,
    wrong={
        "one pass a number": "A central difference takes two values, ahead and behind: that is two passes for each of the n numbers.",
        "two passes a number, forward too": "Forward differences share the value at the start: one new pass for each number, and one for the start.",
        "start forgotten": "A forward difference subtracts the value at the start. It is computed once, and that is one pass more.",
        "start counted in the central difference": "A central difference does not use the value at the start: ahead and behind are enough.",
        "a reverse pass for each number": "One reverse pass gives the derivatives with respect to all n numbers. That is the point of backprop.",
        "forward pass forgotten": "The reverse pass needs the values that a forward pass has stored: count that one as well.",
        "one gradient for all steps": "The gradient changes from step to step, so each of the 100 steps needs all of its passes again.",
        "biases forgotten": "You counted the weights alone. Each hidden unit and the output have a bias too; `n` counts them all.",
    },
)

POLYNOMIALS = ("{} * x**3 - {} * x", "(x + {})**2 * (x - {})", "{} * x**4 + {} * x**2", "x**5 / {} - {} * x**3")


def _curves(random: Any) -> list[tuple[Any, ...]]:
    """Texts of functions of x, a point and a step."""
    return [
        (text.format(*random.sample(range(2, 8), 2)), random.randint(3, 9) / 4, step)
        for text, step in zip(POLYNOMIALS, random.sample((0.5, 0.25, 0.2, 0.1), 4), strict=True)
    ]


def _central(text: str, x: float, h: float) -> float:
    f = function(text)
    return float((f(x + h) - f(x - h)) / (2 * h))


def quotient_of(central, text, x, h):
    """The function is handed over as text, so that a report can show it."""
    return central(function(text), x, h)


def calls_of(central, text, x, h):
    asked = []

    def f(x):
        asked.append(x)
        return function(text)(x)

    central(f, x, h)
    return len(asked)


def differences(slip=""):
    def central(f, x, h):
        """The central difference quotient of f at x."""
        ### BEGIN SOLUTION
        if slip == "forward difference":
            return (f(x + h) - f(x)) / h
        if slip == "backward difference":
            return (f(x) - f(x - h)) / h
        if slip == "h instead of 2h":
            return (f(x + h) - f(x - h)) / h
        if slip == "brackets forgotten":
            return (f(x + h) - f(x - h)) / 2 * h
        if slip == "difference not in brackets":
            return f(x + h) - f(x - h) / (2 * h)
        if slip == "not divided":
            return f(x + h) - f(x - h)
        if slip == "sign turned round":
            return (f(x - h) - f(x + h)) / (2 * h)
        if slip == "h of its own":
            return (f(x + 1e-4) - f(x - 1e-4)) / 2e-4
        if slip == "three calls":
            f(x)
        return (f(x + h) - f(x - h)) / (2 * h)
        ### END SOLUTION

    return central


BOOK.add(
    Code,
    "numerical.3",
    "The central difference",
    """
Write `central(f, x, h)`: the central difference quotient of the function `f` at the number `x`. Call `f` twice, not
more.
""",
    points=2,
    was="06.numerical.3",
    hints=(
        ("the quotient", "How much does f change from x − h to x + h, and how long is that way?"),
        (
            "the quotient",
            "Python computes from left to right: `a / 2 * h` is a · h / 2. Put brackets around what you divide by.",
        ),
        ("two calls of f", "f is called at x + h and at x − h, and nowhere else."),
    ),
    make=differences,
    parts=(
        Part("the quotient", _curves, _central, worth=3, probe=quotient_of),
        Part("two calls of f", _curves, lambda text, x, h: 2, probe=calls_of),
    ),
    wrong={
        "forward difference": "This is the forward difference. The central one goes from x − h to x + h.",
        "backward difference": "This goes from x − h to x. The central difference goes on, to x + h.",
        "h instead of 2h": "From x − h to x + h it is 2h. You divided by h, so everything is twice too large.",
        "brackets forgotten": "`/ 2 * h` divides by 2 and then multiplies by h. Write `/ (2 * h)`.",
        "difference not in brackets": "Only f(x − h) is divided here. Put the difference of the two values in brackets.",
        "not divided": "This is the difference. Divide it by the way, 2h.",
        "sign turned round": "The sign is wrong: take the value behind away from the value ahead.",
        "h of its own": "You use another h than the one that is given. Here h may be large: take the argument.",
        "three calls": "The quotient is right, but f is called more than twice. Its value at x is not needed.",
    },
)

BOOK.add(
    Choose,
    "numerical.7",
    "Why is the smallest h not the best?",
    """
Below some h the error grows again. Which sentence is the reason?
""",
    points=1,
    hints=(
        "Look at the two values in the table below the plot when h is very small. How many of their digits differ?",
        "What happens to these digits when one value is subtracted from the other?",
    ),
    reason="f(x + h) and f(x − h) have nearly all digits in common, so only their last, rounded ones are left in the difference.",
    wrong={
        "A very short chord turns away from the tangent again.": "With exact numbers a shorter chord is always nearer to the tangent.",
        "A division by a very small number is inexact.": "A division is rounded once, in its last digit, whatever one divides by. What is divided here?",
        "A computer has no numbers as small as h.": "It has: 1e−300 is no problem, as long as it is not added to a number such as 1.",
    },
)
