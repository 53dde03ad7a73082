"""Exercises of 20_step_a_gpt: a letter that stands twice, back through a norm and an embedding, attention that hears."""

from __future__ import annotations

import random as randomness
from typing import Any

import numpy as np

from ...derivatives.jacobians import jacobian
from ...derivatives.passes import grad, vjp
from ..apply import Apply, Property
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict

BOOK = Book("20_step_a_gpt")

# --- a GPT with one channel -------------------------------------------------------------------------------------------


def one_channel(e, p0, p1, w):
    a = e + p0
    b = e + p1
    score = a * b
    J = w * score + b
    return J


def slips_in_one_channel(e, p0, p1, w):
    """By hand: what arrives at e comes from both places."""
    a, b = e + p0, e + p1
    from_a, from_b = w * b, w * a + 1
    return {
        "the second place alone": {"e": from_b},
        "the first place alone": {"e": from_a},
        "the way past the score forgotten": {"b": w * a, "e": from_a + w * a},
        "key and query for each other": {"a": w * a, "b": w * b + 1},
    }


BOOK.add(
    Predict,
    "gpt.1",
    "The same letter at two places",
    """
A GPT with one channel reads a letter twice, as the m in "emma": `e` is its embedding, `p0` and `p1` are those of the
places. The second one asks the first (`score`), and a way leads past the score, too (`+ b`). Give all adjoints, from
J = 1 back to the embedding.
""",
    points=4,
    hints=(
        (("score", "w"), "w · score is a product: each factor gets the other one's value."),
        ("a", "a is a factor of the score: what arrives there, times b."),
        ("b", "b has two ways: as a factor of the score, and past it."),
        ("e", "The letter stands at two places, so its embedding has two users. Which?"),
    ),
    function=one_channel,
    ask=("score", "w", "a", "b", "e"),
    inputs={"e": 2.0, "p0": 1.0, "p1": 3.0, "w": 4.0},
    slipped=slips_in_one_channel,
    wrong={
        "the second place alone": "This is what comes from the second place. The letter stands at the first one, too: add what comes from there.",
        "the first place alone": "This is what comes from the first place. The letter stands at the second one, too: add what comes from there.",
        "the way past the score forgotten": "b goes into J by two ways. The one past the score brings 1.",
        "key and query for each other": "The score is a · b, so a gets b's value and b gets a's. You have them the other way round.",
    },
)

# --- back through a norm ----------------------------------------------------------------------------------------------


def _normed(x: Any) -> Any:
    return x * (np.mean(x**2) + 1e-5) ** -0.5


def _rows(random: randomness.Random) -> list[tuple[Any, ...]]:
    """Rows and their adjoints, neither of them with a mean of products near 0."""
    found: list[tuple[Any, ...]] = []
    while len(found) < 4:
        n = 2 + len(found)
        x, bar = (np.array([random.choice((-1, 1)) * random.randint(2, 12) / 4 for _ in range(n)]) for _ in "xb")
        if abs(np.mean(x * bar)) > 0.3:
            found.append((x, bar))
    return found


def norming(slip=""):
    def norm_backward(x, bar):
        """The adjoint of x, for y = x * s with s = (np.mean(x**2) + 1e-5) ** -0.5, if y has the adjoint bar."""
        ### BEGIN SOLUTION
        s = (np.mean(x**2) + 1e-5) ** -0.5
        direct = s * bar
        if slip == "s taken for a constant":
            return direct
        s_bar = np.sum(x * bar)
        if slip == "entry by entry":
            s_bar = x * bar
        if slip == "mean taken for sum":
            return direct - s_bar * s**3 * x
        if slip == "minus forgotten":
            return direct + s_bar * s**3 * x / len(x)
        if slip == "power of s":
            return direct - s_bar * s * x / len(x)
        if slip == "the way through s alone":
            return -s_bar * s**3 * x / len(x)
        return direct - s_bar * s**3 * x / len(x)
        ### END SOLUTION

    return norm_backward


BOOK.add(
    Code,
    "gpt.2",
    "Back through a norm",
    """
Complete `norm_backward(x, bar)`: y = x · s brings the row x to size 1, with s = (mean of x² + 1e-5) ** −0.5, and y has
the adjoint `bar`. Return the adjoint of x. Each entry of x goes into y by two ways: itself, and through s.
""",
    points=4,
    hints=(
        "The direct way is a product with s: s * bar. The other way goes through s, which is one number for all entries.",
        "s gets Σ x · bar, because each y is a product with it.",
        "s = m ** −0.5 has the slope −0.5 · s³ by m, and m, the mean of x², has the slope 2 x / n by each x.",
    ),
    make=norming,
    parts=(Part("the adjoint of x", _rows, lambda x, bar: vjp(_normed, x)[1](bar)[0], near=1e-8),),
    wrong={
        "s taken for a constant": "This is the direct way alone. s is made of x, too: every entry moves it.",
        "entry by entry": "s is one number for the whole row, so it gathers from all entries: Σ x · bar.",
        "mean taken for sum": "s is made of the MEAN of x²: its slope by each x has the factor 1/n.",
        "minus forgotten": "When x grows, s shrinks: the way through s has a minus.",
        "power of s": "The slope of m ** −0.5 is −0.5 · m ** −1.5, and m ** −1.5 is s³.",
        "the way through s alone": "This is the way through s. x stands in y = x · s itself, too: add s · bar.",
    },
)

# --- back through an embedding ----------------------------------------------------------------------------------------


def _sentences(random: randomness.Random, twice: bool) -> list[tuple[Any, ...]]:
    """Letters by number, with or without one that comes again, and an adjoint for each place."""
    found = []
    for n in (2, 3, 4):
        letters = random.sample(range(n + 2), n)
        if twice:
            letters += [letters[0], letters[1], letters[0]]
        bars = np.array([[random.choice((-1, 1)) * random.randint(1, 8) / 2 for _ in range(3)] for _ in letters])
        found.append((letters, bars, n + 3))
    return found


def _gathered(letters: list[int], bars: Any, rows: int) -> Any:
    """The engine's: the table moved, each place's row read with a 1 in a row of zeros."""
    read = np.eye(rows)[letters]
    return grad(lambda table: np.sum((read @ table) * bars))(np.zeros((rows, bars.shape[1])))


def gathering(slip=""):
    def embedding_backward(letters, bars, rows):
        """The adjoint of a table with so many rows, if place t has read its row letters[t] and has the adjoint bars[t]."""
        ### BEGIN SOLUTION
        table_bar = np.zeros((rows, bars.shape[1]))
        for letter, bar in zip(letters, bars):
            if slip == "the last place alone":
                table_bar[letter] = bar
            elif slip == "the first place alone":
                if not table_bar[letter].any():
                    table_bar[letter] = bar
            else:
                table_bar[letter] += bar
        if slip == "averaged":
            for letter in set(letters):
                table_bar[letter] /= letters.count(letter)
        if slip == "only the rows that were read":
            return table_bar[sorted(set(letters))]
        return table_bar
        ### END SOLUTION

    return embedding_backward


BOOK.add(
    Code,
    "gpt.3",
    "Back through an embedding",
    """
An embedding is a table with a row for each letter. Write `embedding_backward(letters, bars, rows)`: `letters` is a list of
numbers, one for each place, and place t has read the row `letters[t]`; `bars` has a row for each place, its adjoint.
Return the adjoint of the table, an array with `rows` rows, which are as long as those of `bars`.
""",
    points=3,
    hints=(
        "Begin with zeros for the whole table: a row that nobody has read gets nothing.",
        (
            "letters that come again",
            "A letter that stands at two places has two users. What happens to what arrives? (`table_bar[letters] += bars` adds once only where a number comes twice.)",
        ),
        ("each letter once", "A loop over the places: the row letters[t] gets bars[t]."),
    ),
    make=gathering,
    parts=(
        Part("each letter once", lambda random: _sentences(random, False), _gathered, near=1e-9),
        Part("letters that come again", lambda random: _sentences(random, True), _gathered, worth=2, near=1e-9),
    ),
    wrong={
        "the last place alone": "A letter that comes again gets the last place's adjoint alone: = writes over it, and so does `table_bar[letters] += bars`, which reads all rows first. Add, place by place.",
        "the first place alone": "A letter that comes again gets the first place's adjoint alone. Add those of all places.",
        "averaged": "You took the mean over a letter's places. What arrives by several ways is added up.",
        "only the rows that were read": "The rows that nobody has read are missing. Their adjoint is 0, and the table's shape stays.",
    },
)

# --- attention that hears ---------------------------------------------------------------------------------------------


def heard(attend, scores):
    """What a function makes of scores: the sum of the shares, whether they keep the order, and how well each is heard."""
    scores = np.array(scores)
    shares = np.asarray(attend(scores), dtype=float)
    slopes = np.array(jacobian(attend)(scores))
    order = bool(np.all(np.diff(shares[np.argsort(scores)]) > 0))
    least = float(np.min(np.max(np.abs(slopes), axis=0)))
    return {"sum": float(np.sum(shares)), "smallest": float(np.min(shares)), "order": order, "slope": least}


def attending(slip=""):
    def attend(scores):
        """Shares that add up to 1, and that hear each score."""
        ### BEGIN SOLUTION
        if slip == "softmax":
            parts = np.exp(scores - np.max(scores))
            return parts / np.sum(parts)
        if slip == "not divided by the sum":
            return 1 / (1 + np.max(scores) - scores)
        if slip == "all alike":
            return (1 + 0 * scores) / len(scores)
        if slip == "the scores themselves":
            return scores / np.sum(scores)
        parts = 1 / (1 + np.max(scores) - scores)
        return parts / np.sum(parts)
        ### END SOLUTION

    return attend


BOOK.add(
    Apply,
    "gpt.4",
    "Attention that goes on hearing",
    """
Softmax makes shares of scores. Where one score is larger than another by 60, the smaller one gets nearly nothing, and its
slope is nearly 0, so it never comes back. Invent `attend(scores)`, a function of an array of scores, some of them
negative: shares above 0 that add up to 1, larger ones for larger scores, and each score moves some share with a slope of
at least 0.00001.
""",
    points=3,
    hints=(
        ("they add up to 1", "Make a positive number of each score, and divide by the sum of these."),
        (
            "each score is heard",
            "exp falls too fast. Which function of the distance from the largest score falls slowly, and is never 0?",
        ),
        ("larger for larger scores", "np.max(scores) - scores is 0 for the largest one, and positive for the others."),
        ("above 0", "Scores may be negative: take the distance from the largest one."),
    ),
    make=attending,
    measure=heard,
    at=lambda random: ([random.randint(1, 8) / 4, -random.randint(4, 8) / 4, 60.0 + random.randint(0, 8) / 4],),
    properties=(
        Property("above 0", lambda m: m["smallest"] > 0, "the smallest share is {smallest}.", point=True),
        Property("they add up to 1", lambda m: abs(m["sum"] - 1) < 1e-6, "they add up to {sum}.", point=True),
        Property("larger for larger scores", lambda m: m["order"], "they have another order.", point=True),
        Property("each score is heard", lambda m: m["slope"] >= 1e-5, "the smallest slope is {slope}.", point=True),
    ),
    wrong={
        "softmax": "exp(−60) is nearly nothing, and so is its slope. Take a function that falls more slowly, such as 1/(1 + d).",
        "not divided by the sum": "The numbers are positive and in order. Shares must add up to 1: divide by their sum.",
        "all alike": "All shares are alike, so no score is heard. They must depend on the scores.",
        "the scores themselves": "Scores may be negative, and then so is a share. Take the distance from the largest score.",
    },
)

BOOK.add(
    Choose,
    "gpt.5",
    "A letter that does not occur",
    """
The net reads "jo". There is no z in it. Yet the row of z in `next` gets an adjoint, and the row of z in `letter` gets 0.
Which sentence is the reason?
""",
    points=1,
    hints=(
        "At each place the net gives shares to all 27 letters. Which rows does it need for that?",
        "And which rows does it need to read j?",
    ),
    reason="As a letter to come, z was given a share at each place, and the loss is lower if that is smaller; as a letter that is read, z was not used.",
    wrong={
        "`next` comes later in the net than `letter`, so more arrives there.": (
            "The row of j in `letter` is as far from the loss as that of z, and it gets an adjoint."
        ),
        "The adjoint of z in `letter` is too small to be written down.": "It is 0 exactly: there is no way from there to the loss.",
        "The shares of all letters but the right one are 0 in the loss, so z stays where it is.": (
            "The loss has the right letter's share alone. But that is divided by the sum of all 27."
        ),
    },
)
