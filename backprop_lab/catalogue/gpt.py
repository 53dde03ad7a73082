"""A GPT of 4,064 numbers that learns to invent names, on lists of numbers and on arrays; `bl.examples.gpt` is this.

    gpt = bl.examples.gpt
    p = gpt.parameters()                            rows of numbers, the same for everybody
    gpt.loss(p, "mia")                              how much the letters of a name surprise it, on average
    bl.step(gpt.loss, p, "mia", fold=True)          all of it, number by number
    gpt.array_loss(gpt.arrays(p), *gpt.one_hot("mia"))      the same number, of arrays
    gpt.sample(p, seed=1)                           a name of its own

A name stands between two points, ".mia.", and at each place the next letter is asked for. A letter is a row of 16
numbers, its embedding, and so is each place; their sum runs through one block. There four heads look at what stands
before: a *query* is multiplied by the *key* of each earlier place, and the scores, as shares that add up to 1, mix the
places' *values*. Then 64 hidden units read the result, each by a row of its own, and write by another row. Around both
parts a way leads past them, and before both the numbers are brought to size 1.

The idea of a whole GPT on lists of scalars is Andrej Karpathy's, *microgpt* (2026), and so are the sizes and the norm.
"""

from __future__ import annotations

import random
import string
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..table.table import primitives

exp, log, relu = (primitives[name].function for name in ("exp", "log", "relu"))  # bl.exp, bl.log, bl.relu

LETTERS = "." + string.ascii_lowercase  # the point begins and ends a name
CHANNELS, HEADS, HIDDEN, PLACES = 16, 4, 64, 8
EACH = CHANNELS // HEADS  # channels of a head
NAMES = """
ada alan alba alma amir anna anton ava bela ben bruno cara carl clara cleo dan dana dora edda elena elif emil emma enno
erik eva fabio fleur gita greta hana hugo ida ilya ingo iris ivan jana joan jonas julia kai kira lara lea leon lina
livia luca luis maja malik mara mia milan mina nadia nia nils nina noa nora olga omar otto paula petra raja rosa ruben
samir sara sofia stella tara theo tilda tom uma vera viktor yara yuki zoe
""".split()


# --- on lists of numbers ----------------------------------------------------------------------------------------------


def parameters(seed: int = 1, spread: float = 0.08) -> dict[str, Any]:
    """The weights at the start: for each part of the net its rows; small normal numbers, out of a seed."""
    draw = random.Random(seed)

    def rows(count: int) -> list[list[float]]:
        return [[draw.gauss(0, spread) for _ in range(CHANNELS)] for _ in range(count)]

    p: dict[str, Any] = {"letter": dict(zip(LETTERS, rows(len(LETTERS)), strict=True)), "place": rows(PLACES)}
    p |= {part: rows(CHANNELS) for part in ("query", "key", "value", "out")}
    p |= {"up": rows(HIDDEN), "down": rows(HIDDEN)}
    return p | {"next": dict(zip(LETTERS, rows(len(LETTERS)), strict=True))}


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def linear(rows, x):
    return [dot(row, x) for row in rows]


def mix(weights, rows):
    return [dot(weights, column) for column in zip(*rows, strict=True)]


def add(a, b):
    return [x + y for x, y in zip(a, b, strict=True)]


def norm(x):
    factor = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [xi * factor for xi in x]


def softmax(scores):
    exps = [exp(score) for score in scores]
    total = sum(exps)
    return [e / total for e in exps]


def head(query, keys, values):
    scores = []
    for key in keys:
        score = dot(query, key) / len(query) ** 0.5
        scores.append(score)
    return mix(softmax(scores), values)


def attention(x, p, keys, values):
    query = linear(p["query"], x)
    keys.append(linear(p["key"], x))
    values.append(linear(p["value"], x))
    mixed = []
    for first in range(0, CHANNELS, EACH):
        own = slice(first, first + EACH)
        mixed += head(query[own], [key[own] for key in keys], [value[own] for value in values])
    return linear(p["out"], mixed)


def hidden(x, p):
    units = [relu(z) for z in linear(p["up"], x)]
    return mix(units, p["down"])


def block(x, p, keys, values):
    x = add(x, attention(norm(x), p, keys, values))
    return add(x, hidden(norm(x), p))


def shares(letter, place, p, keys, values):
    """The probability of each letter to be the next one; what earlier places keep, stands in `keys` and `values`."""
    x = norm(add(p["letter"][letter], p["place"][place]))
    x = block(x, p, keys, values)
    return dict(zip(p["next"], softmax(linear(p["next"].values(), x)), strict=True))


def loss(p, name):
    """How much the letters of a name surprise the net: the mean of −log of the share that the right one had."""
    text, keys, values, surprises = spelled(name), [], [], []
    for place, letter in enumerate(text[:-1]):
        right = shares(letter, place, p, keys, values)[text[place + 1]]
        surprise = -log(right)
        surprises.append(surprise)
    mean = sum(surprises) / len(surprises)
    return mean


def spelled(name: str) -> str:
    """A name between its points.

    Raises
    ------
    ArgumentError : there are other letters in it than a to z, or too many
    """
    if not name or set(name) - set(LETTERS[1:]) or len(name) >= PLACES:
        raise ArgumentError(f'a name has 1 to {PLACES - 1} letters from a to z, as "mia"; {name!r:.40} has not')
    return f".{name}."


def sample(p: dict[str, Any], seed: int = 0) -> str:
    """A name of the net's own: each letter is drawn with the shares that it gives them."""
    draw, name = random.Random(seed), "."
    keys: list[Any] = []
    values: list[Any] = []
    while len(name) <= PLACES:
        found = shares(name[-1], len(name) - 1, p, keys, values)
        name += draw.choices(list(found), list(found.values()))[0]
        if name[-1] == ".":
            break
    return name.strip(".")


# --- on arrays --------------------------------------------------------------------------------------------------------


def arrays(p: dict[str, Any]) -> dict[str, np.ndarray]:
    """The same weights, a matrix for each part."""
    return {part: np.array(list(rows.values()) if isinstance(rows, dict) else rows) for part, rows in p.items()}


def lists(p: dict[str, np.ndarray]) -> dict[str, Any]:
    """The way back, to the letters and rows of `parameters`."""
    rows = {part: matrix.tolist() for part, matrix in p.items()}
    return rows | {part: dict(zip(LETTERS, rows[part], strict=True)) for part in ("letter", "next")}


def one_hot(*names: str) -> tuple[np.ndarray, np.ndarray]:
    """The letters of names and those that follow, as rows with a single 1; rows of zeros after a name's end.

    Of one name two matrices of `PLACES` rows; of several, a matrix of each.
    """
    x, y = np.zeros((2, len(names), PLACES, len(LETTERS)))
    for k, name in enumerate(names):
        at = [LETTERS.index(letter) for letter in spelled(name)]
        x[k, range(len(at) - 1), at[:-1]] = y[k, range(len(at) - 1), at[1:]] = 1.0
    return (x[0], y[0]) if len(names) == 1 else (x, y)


def array_norm(x):
    return x * (np.mean(x**2, axis=-1, keepdims=True) + 1e-5) ** -0.5


def array_softmax(scores):
    exps = np.exp(scores)
    return exps / np.sum(exps, axis=-1, keepdims=True)


def array_attention(x, p):
    query, key, value = (x @ p[part].T for part in ("query", "key", "value"))
    mixed = []
    for first in range(0, CHANNELS, EACH):
        own = slice(first, first + EACH)
        scores = query[..., own] @ np.swapaxes(key[..., own], -1, -2) / EACH**0.5
        seen = np.where(np.tri(PLACES) > 0, scores, -1e9)  # nobody looks ahead
        mixed.append(array_softmax(seen) @ value[..., own])
    return np.concatenate(mixed, axis=-1) @ p["out"].T


def array_scores(p, x):
    """The score of each letter to come, at each place of x."""
    h = array_norm(x @ p["letter"] + p["place"])
    h = h + array_attention(array_norm(h), p)
    h = h + relu(array_norm(h) @ p["up"].T) @ p["down"]
    return h @ p["next"].T


def array_surprise(scores, y):
    """How much the right letters y surprise whoever gives these scores: the mean over all of them."""
    surprise = np.log(np.sum(np.exp(scores), axis=-1)) - np.sum(y * scores, axis=-1)
    return np.sum(np.sum(y, axis=-1) * surprise) / np.sum(y)


def array_loss(p, x, y):
    """What `loss` is, for letters x and those that follow, y, as `one_hot` makes them: the mean over all of them."""
    return array_surprise(array_scores(p, x), y)
