"""Exercises of 06_numerical_gradients: difference quotients, what they cost, what they miss, and how they check."""
# ruff: noqa: E501  (tables of sentences)

from __future__ import annotations

from typing import Any

from ...derivatives.passes import grad
from ...graph.graph import Graph
from ..apply import Apply, Property
from ..base import Book, Code, Part, WrongTurn
from ..predict import Predict, of_inputs

BOOK = Book("06_numerical_gradients")


def cube_and_square(x, a):
    f = x**3 + a * x**2
    return f


H = 0.5


def _quotients(x: float, a: float, **other: float) -> dict[str, float]:
    """The right numbers; `other` are some that come out differently."""
    behind, here, ahead = (cube_and_square(t, a) for t in (x - H, x, x + H))
    found = {"ahead": ahead, "behind": behind, "forward": (ahead - here) / H, "central": (ahead - behind) / (2 * H)}
    return found | {"exact": 3 * x**2 + 2 * a * x} | other


def _right_quotients(graph: Graph) -> dict[str, float]:
    x, a = (n.value for n in graph.inputs)
    return _quotients(x, a) | {"exact": grad(cube_and_square)(x, a)[0]}


def _quotients_but(sentence: str, change: Any) -> WrongTurn:
    """A wrong turn that changes some numbers: `change` gives them for x, a and the right ones."""
    return WrongTurn(sentence, of_inputs(lambda x, a: _quotients(x, a, **change(x, a, _quotients(x, a)))))


BOOK.add(
    Predict,
    "06.numerical.1",
    "Two difference quotients by hand",
    """
Only x moves, by h = 1/2; a stands still. Give f at x + h (`ahead`) and at x − h (`behind`), the forward difference
quotient, the central one, and the exact derivative with respect to x.
""",
    points=3,
    hints=(
        "First the two values: put x + h in both places where x stands, then x − h. Compute f at x as well.",
        "Forward: from x to x + h, which is a way of h. Central: from x − h to x + h, which is a way of 2h.",
        "The exact derivative is 3x² + 2ax. The central quotient is h² = 1/4 larger.",
    ),
    function=cube_and_square,
    of=_right_quotients,
    ask=("ahead", "behind", "forward", "central", "exact"),
    inputs={"x": 2.0, "a": 1.0},
    high=5,
    decimals=4,
    wrong={
        "forward for central": _quotients_but(
            "You gave the forward quotient for the central one. The central one goes from x − h to x + h.",
            lambda x, a, right: {"central": right["forward"]},
        ),
        "h instead of 2h": _quotients_but(
            "From x − h to x + h it is 2h, and you divided by h: the central quotient is twice too large.",
            lambda x, a, right: {"central": 2 * right["central"]},
        ),
        "2h instead of h": _quotients_but(
            "From x to x + h it is h = 1/2, and dividing by 1/2 doubles the difference. You left it, or divided by 2h.",
            lambda x, a, right: {"forward": right["forward"] / 2},
        ),
        "exact derivative for the quotients": _quotients_but(
            "You gave the exact derivative for the quotients. With h = 1/2 they differ from it: subtract the values, and divide.",
            lambda x, a, right: {"forward": right["exact"], "central": right["exact"]},
        ),
        "quotient for the exact derivative": _quotients_but(
            "The central quotient is not the exact derivative: it is off by h². The rules give 3x² + 2ax.",
            lambda x, a, right: {"exact": right["central"]},
        ),
        "backward for forward": _quotients_but(
            "Your forward quotient looks back, from x − h to x. Forward is from x to x + h.",
            lambda x, a, right: {"forward": 2 * right["central"] - right["forward"]},
        ),
        "signs turned round": _quotients_but(
            "The differences are turned round: take the value behind away from the value ahead.",
            lambda x, a, right: {"forward": -right["forward"], "central": -right["central"]},
        ),
        "h added to the value": _quotients_but(
            "You added h to the value of f. It is x that moves: put x + h, and x − h, in the place of x.",
            lambda x, a, right: {
                "ahead": cube_and_square(x, a) + H, "behind": cube_and_square(x, a) - H, "forward": 1.0, "central": 1.0,
            },
        ),
    },
)  # fmt: skip


def weights(inputs, hidden):
    first = inputs * hidden + hidden
    second = hidden + 1
    n = first + second
    return n


STEPS = 100


def _costs(inputs: float, hidden: float, **other: float) -> dict[str, float]:
    n = other.get("n", inputs * hidden + 2 * hidden + 1)
    costs = {"n": n, "forward": n + 1, "central": 2 * n, "backprop": 2.0} | other
    return costs | {"descent": other.get("descent", STEPS * costs["central"])}


def _costs_but(sentence: str, change: Any) -> WrongTurn:
    return WrongTurn(
        sentence,
        of_inputs(lambda inputs, hidden: _costs(inputs, hidden, **change(inputs, hidden, _costs(inputs, hidden)["n"]))),
    )


BOOK.add(
    Predict,
    "06.numerical.2",
    "How many passes for one gradient?",
    """
A small net has weights and biases between its inputs and its hidden units, and between those and one output: `n`
numbers in all. Its loss is one number. How many forward passes does one gradient take by forward differences
(`forward`; the loss at the start is computed once) and by central ones (`central`)? How many passes, forward and
reverse together, does it take by `backprop`? And how many forward passes do 100 steps of gradient descent (`descent`)
take, with central differences in each?
""",
    points=3,
    hints=(
        "Each of the n numbers is moved alone, while all the others stand still.",
        "A forward difference needs one new value for each number, and the value at the start. A central one needs two new values.",
        "Backprop needs one forward pass, which stores the values, and one reverse pass for all the numbers together.",
    ),
    function=weights,
    of=lambda graph: _costs(*(n.value for n in graph.inputs)),
    ask=("n", "forward", "central", "backprop", "descent"),
    inputs={"inputs": 4.0, "hidden": 3.0},
    low=2,
    largest=1e5,
    wrong={
        "one pass a number": _costs_but(
            "A central difference takes two values, ahead and behind: that is two passes for each of the n numbers.",
            lambda inputs, hidden, n: {"central": n},
        ),
        "two passes a number, forward too": _costs_but(
            "Forward differences share the value at the start: one new pass for each number, and one for the start.",
            lambda inputs, hidden, n: {"forward": 2 * n},
        ),
        "start forgotten": _costs_but(
            "A forward difference subtracts the value at the start. It is computed once, and that is one pass more.",
            lambda inputs, hidden, n: {"forward": n},
        ),
        "start counted in the central difference": _costs_but(
            "A central difference does not use the value at the start: ahead and behind are enough.",
            lambda inputs, hidden, n: {"central": 2 * n + 1},
        ),
        "a reverse pass for each number": _costs_but(
            "One reverse pass gives the derivatives with respect to all n numbers. That is the point of backprop.",
            lambda inputs, hidden, n: {"backprop": n + 1},
        ),
        "forward pass forgotten": _costs_but(
            "The reverse pass needs the values that a forward pass has stored: count that one as well.",
            lambda inputs, hidden, n: {"backprop": 1.0},
        ),
        "one gradient for all steps": _costs_but(
            "The gradient changes from step to step, so each of the 100 steps needs all of its passes again.",
            lambda inputs, hidden, n: {"descent": 2 * n},
        ),
        "biases forgotten": _costs_but(
            "You counted the weights alone. Each hidden unit and the output have a bias too; `n` counts them all.",
            lambda inputs, hidden, n: {"n": inputs * hidden + hidden},
        ),
    },
)  # fmt: skip

POLYNOMIALS = ("{} * x**3 - {} * x", "(x + {})**2 * (x - {})", "{} * x**4 + {} * x**2", "x**5 / {} - {} * x**3")


def _curves(random: Any) -> list[tuple[Any, ...]]:
    """Texts of functions of x, a point and a step."""
    return [
        (text.format(*random.sample(range(2, 8), 2)), random.randint(3, 9) / 4, step)
        for text, step in zip(POLYNOMIALS, random.sample((0.5, 0.25, 0.2, 0.1), 4), strict=True)
    ]


def _central(text: str, x: float, h: float) -> float:
    f = eval(f"lambda x: {text}")
    return float((f(x + h) - f(x - h)) / (2 * h))


# The function is handed over as text, so that a report can show it.
QUOTIENT = """
def probe(central, text, x, h):
    return central(eval(f"lambda x: {text}"), x, h)
"""
CALLS = """
def probe(central, text, x, h):
    asked = []

    def f(x):
        asked.append(x)
        return eval(text, {"x": x})

    central(f, x, h)
    return len(asked)
"""
CENTRAL = "def central(f, x, h):\n    return (f(x + h) - f(x - h)) / (2 * h)\n"


def _quotient_but(sentence: str, formula: str) -> WrongTurn:
    return WrongTurn(sentence, f"def central(f, x, h):\n    return {formula}\n")


BOOK.add(
    Code,
    "06.numerical.3",
    "The central difference",
    """
Write `central(f, x, h)`: the central difference quotient of the function `f` at the number `x`. Call `f` twice, not
more.
""",
    points=2,
    hints=(
        "How much does f change from x − h to x + h, and how long is that way?",
        "Python computes from left to right: `a / 2 * h` is a · h / 2. Put brackets around what you divide by.",
    ),
    name="central",
    solution='''
def central(f, x, h):
    """The central difference quotient of f at x."""
    ### BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    ### END SOLUTION
''',
    parts=(
        Part("the quotient", _curves, _central, worth=3, probe=QUOTIENT),
        Part("two calls of f", _curves, lambda text, x, h: 2, probe=CALLS),
    ),
    wrong={
        "forward difference": _quotient_but(
            "This is the forward difference. The central one goes from x − h to x + h.", "(f(x + h) - f(x)) / h"
        ),
        "backward difference": _quotient_but(
            "This goes from x − h to x. The central difference goes on, to x + h.", "(f(x) - f(x - h)) / h"
        ),
        "h instead of 2h": _quotient_but(
            "From x − h to x + h it is 2h. You divided by h, so everything is twice too large.", "(f(x + h) - f(x - h)) / h"
        ),
        "brackets forgotten": _quotient_but(
            "`/ 2 * h` divides by 2 and then multiplies by h. Write `/ (2 * h)`.", "(f(x + h) - f(x - h)) / 2 * h"
        ),
        "difference not in brackets": _quotient_but(
            "Only f(x − h) is divided here. Put the difference of the two values in brackets.", "f(x + h) - f(x - h) / (2 * h)"
        ),
        "not divided": _quotient_but("This is the difference. Divide it by the way, 2h.", "f(x + h) - f(x - h)"),
        "sign turned round": _quotient_but(
            "The sign is wrong: take the value behind away from the value ahead.", "(f(x - h) - f(x + h)) / (2 * h)"
        ),
        "h of its own": _quotient_but(
            "You use another h than the one that is given. Here h may be large: take the argument.", "(f(x + 1e-4) - f(x - 1e-4)) / 2e-4"
        ),
        "three calls": WrongTurn(
            "The quotient is right, but f is called more than twice. Its value at x is not needed.",
            "def central(f, x, h):\n    f(x)\n    return (f(x + h) - f(x - h)) / (2 * h)\n",
        ),
    },
)  # fmt: skip

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
    return [float(d) for d in grad(eval(f"lambda x: {text}"))(xs)]


GRADIENT = """
def probe(numerical_gradient, text, xs):
    return numerical_gradient(eval(f"lambda x: {text}"), xs, 1e-4)
"""
# To the last digit: adding h and taking it away again may round.
KEPT = """
def probe(numerical_gradient, xs):
    import backprop_lab as bl

    before = repr(xs)
    found = numerical_gradient(lambda x: x[0] * x[1], xs, 1e-4)
    if type(found) not in (list, tuple, np.ndarray) or len(found) != len(xs):
        raise bl.ArgumentError("numerical_gradient does not return a list with one number for each of xs yet")
    return "as before" if repr(xs) == before else f"changed to {xs}"
"""
PASSES = """
def probe(numerical_gradient, n):
    asked = []

    def f(x):
        asked.append(1)
        return sum(x)

    numerical_gradient(f, [1.0] * n, 1e-4)
    return len(asked)
"""
EACH = '''
def numerical_gradient(f, xs, h):
    """The central differences of f, a function of a list, at the list xs: one for each number."""
    ### BEGIN SOLUTION
    found = []
    for k in range(len(xs)):
        ahead, behind = list(xs), list(xs)
        ahead[k] += h
        behind[k] -= h
        found.append((f(ahead) - f(behind)) / (2 * h))
    return found
    ### END SOLUTION
'''


def _each_but(sentence: str, *changes: tuple[str, str]) -> WrongTurn:
    """The gradient with one thing done wrong."""
    text = EACH
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return WrongTurn(sentence, text)


COPIES, QUOTIENTS = "ahead, behind = list(xs), list(xs)", "(f(ahead) - f(behind)) / (2 * h)"

BOOK.add(
    Code,
    "06.numerical.4",
    "A numerical gradient",
    """
Write `numerical_gradient(f, xs, h)`: `f` takes a list of numbers, and `xs` is the place. Move each number alone, by h
ahead and behind, and return the list of the central differences. The list `xs` belongs to the caller: it must hold the
same numbers afterwards. For n numbers, call `f` 2n times.
""",
    points=4,
    hints=(
        "A loop over the places k. In each round two lists: one with xs[k] + h, one with xs[k] − h.",
        "`ahead = xs` is the same list under another name. `ahead = list(xs)` is a copy.",
        "Begin each round with fresh copies, so that only one number has moved.",
    ),
    name="numerical_gradient",
    solution=EACH,
    parts=(
        Part("the gradient", _points, _gradient, worth=2, probe=GRADIENT),
        Part("the caller's list afterwards", _long, lambda xs: "as before", probe=KEPT),
        Part("2n calls of f for n numbers", lambda random: [(1,), (random.randint(20, 40),)], lambda n: 2 * n, probe=PASSES),
    ),
    wrong={
        "forward difference": _each_but(
            "These are forward differences: they are off by about h. Take f ahead and behind, and divide by 2h.",
            (QUOTIENTS, "(f(ahead) - f(xs)) / h"),
        ),
        "h instead of 2h": _each_but("From behind to ahead it is 2h, and you divided by h.", ("(2 * h)", "h")),
        "brackets forgotten": _each_but(
            "`/ 2 * h` divides by 2 and then multiplies by h. Write `/ (2 * h)`.", ("/ (2 * h)", "/ 2 * h")
        ),
        "all moved at once": _each_but(
            "All numbers move together here, so every entry is the sum of the whole gradient. Move one, and let the others stand.",
            (COPIES, "ahead, behind = [x + h for x in xs], [x - h for x in xs]"), ("        ahead[k] += h\n        behind[k] -= h\n", ""),
        ),
        "moved numbers stay moved": _each_but(
            "A number that has moved is not put back before the next one moves. Begin each round with fresh copies of xs.",
            ("    for k in", "    ahead, behind = list(xs), list(xs)\n    for k in"), (f"        {COPIES}\n", ""),
        ),
        "one list under two names": _each_but(
            "`ahead` and `behind` are one list under two names, so the differences are 0. Make copies: list(xs).",
            (COPIES, "ahead = behind = list(xs)"),
        ),
        "the caller's list is moved": _each_but(
            "The list of the caller has changed. Move a copy, list(xs), and leave xs as it is.",
            (COPIES, "ahead, behind = xs, list(xs)"),
        ),
        "put back by subtraction": _each_but(
            "The gradient is right, but xs is not as it was: adding h and taking it away again rounds. Move a copy.",
            (COPIES, "xs[k] += h"), ("        ahead[k] += h\n        behind[k] -= h\n", "        ahead = f(xs)\n        xs[k] -= 2 * h\n        behind = f(xs)\n        xs[k] += h\n"),
            (QUOTIENTS, "(ahead - behind) / (2 * h)"),
        ),
        "the value at the start each time": _each_but(
            "The gradient is right, but f is called more than twice for each number. Its value at xs is not needed.",
            ("        found.append", "        f(xs)\n        found.append"),
        ),
        "summed up": _each_but(
            "You return one number, the sum. Return the list with one difference for each number.",
            ("return found", "return sum(found)"),
        ),
    },
)  # fmt: skip


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
    said = [float(eval(one, {"x": xs})) for one in claimed]
    pairs = enumerate(zip(said, _gradient(text, xs), strict=True))
    return [k for k, (a, b) in pairs if abs(a - b) > 1e-3 * max(abs(a), abs(b))]


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


def _off(text: str, claimed: list[str], xs: list[float]) -> list[int]:
    """The oracle: the places where a claim is not the engine's derivative."""
    said = [float(eval(one, {"x": xs})) for one in claimed]
    return [k for k, (a, b) in enumerate(zip(said, _gradient(text, xs), strict=True)) if abs(a - b) > 1e-9 * abs(b)]


CHECKED = """
def probe(gradient_check, text, claimed, xs):
    before = repr(xs)
    found = gradient_check(eval(f"lambda x: {text}"), eval(f"lambda x: [{', '.join(claimed)}]"), xs)
    return found if repr(xs) == before else f"xs was {before} and has become {xs}"
"""
CHECK = '''
def gradient_check(f, g, xs):
    """The places at which g(xs) is not the gradient of f at xs, in order."""
    ### BEGIN SOLUTION
    wrong, h = [], 1e-4
    for k, claimed in enumerate(g(xs)):
        ahead, behind = list(xs), list(xs)
        ahead[k] += h
        behind[k] -= h
        found = (f(ahead) - f(behind)) / (2 * h)
        if abs(found - claimed) > 1e-3 * max(abs(found), abs(claimed)):
            wrong.append(k)
    return wrong
    ### END SOLUTION
'''


def _check_but(sentence: str, *changes: tuple[str, str]) -> WrongTurn:
    text = CHECK
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return WrongTurn(sentence, text)


RELATIVE = "abs(found - claimed) > 1e-3 * max(abs(found), abs(claimed))"

BOOK.add(
    Code,
    "06.numerical.5",
    "A gradient check",
    """
Somebody has worked out a gradient by hand. Write `gradient_check(f, g, xs)`: `f` takes a list of numbers, `g(xs)` is the
list that is claimed to be its gradient at `xs`. Compare each entry with a central difference, h = 1e−4, and return the
list of the places (0, 1, …) that are wrong, in order: those where the two differ by more than a thousandth of the larger
one. Take their sizes without signs. If all is right, the list is empty. `xs` is to hold the same numbers afterwards.
""",
    points=4,
    hints=(
        "For each place k: a central difference, as in the exercise before, and the entry k of g(xs).",
        "An error of 0.01 is nothing if the derivative is a million, and everything if it is 0.0001: compare with the size.",
        "Wrong is: abs(found - claimed) > 1e-3 * max(abs(found), abs(claimed)).",
    ),
    name="gradient_check",
    solution=CHECK,
    parts=(
        Part("derivatives of ordinary size", _claims(RULED), _off, worth=2, probe=CHECKED),
        Part("very large and very small ones", _claims(SCALED), _off, worth=1.5, probe=CHECKED),
        Part("nearly a thousandth, and just above", _borders, _by_size, worth=0.5, probe=CHECKED),
    ),
    wrong={
        "absolute error": _check_but(
            "You compare the error with a fixed bound. Compare it with the size of the derivative: 0.01 is nothing beside a million.",
            (RELATIVE, "abs(found - claimed) > 1e-3"),
        ),
        "absolute error, strict": _check_but(
            "Your bound is fixed. A derivative of a million is right to ten digits and still off by more: compare with its size.",
            (RELATIVE, "abs(found - claimed) > 1e-6"),
        ),
        "compared with one of the two": _check_but(
            "You compare with the size of one of the two. Take the larger one of them, whichever it is.",
            (RELATIVE, "abs(found - claimed) > 1e-3 * abs(claimed)"),
        ),
        "the caller's list is moved": _check_but(
            "The list of the caller moves, and stays moved. Move copies, list(xs), and leave xs as it is.",
            ("ahead, behind = list(xs), list(xs)", "ahead, behind = xs, list(xs)"),
        ),
        "has to be equal": _check_but(
            "You ask whether the two are equal. A difference always rounds: allow a thousandth of the size.",
            (RELATIVE, "found != claimed"),
        ),
        "error with its sign": _check_but(
            "You compare the error with its sign, so errors in one direction are overlooked. Take abs(…).",
            (RELATIVE, "found - claimed > 1e-3 * max(abs(found), abs(claimed))"),
        ),
        "sizes compared": _check_but(
            "You compare the sizes alone. A lost minus goes unnoticed: take the difference first, then abs(…).",
            (RELATIVE, "abs(abs(found) - abs(claimed)) > 1e-3 * max(abs(found), abs(claimed))"),
        ),
        "stops at the first": _check_but(
            "You return after the first wrong place. Go through all places, and collect the wrong ones.",
            ("            wrong.append(k)", "            return [k]"),
        ),
        "the right ones": _check_but(
            "These are the places that are right. Return those where the two differ.", ("claimed) > 1e-3", "claimed) <= 1e-3")
        ),
        "yes or no": _check_but(
            "You say whether all is right. Return the list of the wrong places: that is where somebody has to look.",
            ("return wrong", "return not wrong"),
        ),
        "counted from 1": _check_but("Count the places from 0, as Python does.", ("append(k)", "append(k + 1)")),
        "all moved at once": _check_but(
            "All numbers move together in your difference. Move number k alone, and compare with entry k.",
            ("        ahead, behind = list(xs), list(xs)\n        ahead[k] += h\n        behind[k] -= h\n",
             "        ahead, behind = [x + h for x in xs], [x - h for x in xs]\n"),
        ),
    },
)  # fmt: skip

# Whether the sweep is right is asked of the complex step, which subtracts nothing, and where a function is not one of
# complex numbers, of differences with smaller and smaller h, of which two in a row have to agree.
MEASURE = """
def probe(f, x):
    import warnings
    import backprop_lab as bl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slope = bl.grad(f)(x)
        hs = [10.0**-k for k in range(4, 10)]
        central = [(f(x + h) - f(x - h)) / (2 * h) for h in hs]
        if not (math.isfinite(slope) and all(map(math.isfinite, central))):
            raise bl.ArgumentError("at x = 1 and near it the function must have finite values and a finite slope")
        if slope == 0 and not any(central):
            raise bl.ArgumentError("the function does not change near x = 1; let it depend on x")
        try:
            imaginary = complex(f(complex(x, 1e-20))).imag / 1e-20
        except Exception:
            imaginary = math.nan

    def near(a, b):
        return abs(a - b) <= 0.01 * abs(b)

    settled = any(near(a, slope) and near(b, slope) for a, b in zip(central[1:], central[2:]))
    return {"slope": slope, "central": central[0], "right": near(imaginary, slope) or settled}
"""

BOOK.add(
    Apply,
    "06.numerical.6",
    "Fool the central difference",
    """
Invent a function `fooled(x)` for which the central difference with h = 1e−4 is off by more than 1 % at x = 1, while the
derivative that a sweep gives is right. The derivative must not be 0. `bl.numerical_grad(fooled, 1.0)` and
`bl.grad(fooled)(1.0)` show both.
""",
    points=3,
    hints=(
        "The error of truncation is h²/6 times the third derivative. Here h² is 1e−8: who has a third derivative that large?",
        "A wave that goes up and down within a distance of 1e−4 does it: np.sin of a large multiple of x.",
        "Round-off does it too: hide a gentle function behind a huge constant, so that its change gets lost.",
    ),
    name="fooled",
    solution='''
def fooled(x):
    """A function that differences with h = 1e-4 get wrong at 1."""
    ### BEGIN SOLUTION
    return np.sin(10000 * x)
    ### END SOLUTION
''',
    measure=MEASURE,
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
        "gentle": WrongTurn(
            "Here the difference is good. Large values or a steep slope do not disturb it: the third derivative has to be large.",
            "def fooled(x):\n    return 1000 * x**2\n",
        ),
        "no derivative": WrongTurn(
            "Differences with smaller h do not go to what the sweep gives: at x = 1 there is a corner or a jump, so there is "
            "no derivative that could be right. Move the corner away a little, nearer than 1e−4.",
            "def fooled(x):\n    return x + abs(x - 1) + max(x - 1, 0)\n",
        ),
        "derivative 0": WrongTurn(
            "The derivative is 0, and no number is within 1 % of 0. Add something that has a slope, x for example.",
            "def fooled(x):\n    return 1e12 * (x - 1)**3\n",
        ),
    },
)
