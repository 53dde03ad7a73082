"""Exercises of 09_layers_and_shapes: shapes, adjoints that are arrays, the gradient of W, and its rank."""

from __future__ import annotations

import random as randomness
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ...derivatives.passes import grad, vjp
from ...errors import ArgumentError
from ...graph.sweeps import adjoint_sweep
from ...graph.trace import trace
from ...table.table import primitives
from ..apply import Apply, Property
from ..arrays import PredictArrays
from ..base import Book
from ..choose import Choose
from ..code import Code, Part

BOOK = Book("09_layers_and_shapes")

relu = primitives["relu"].function  # bl.relu


def signs(random: randomness.Random, *shape: int) -> Any:
    """Whole numbers; at least one is positive and one negative."""
    while True:
        found = whole(random, *shape, most=9)
        if found.min() < 0 < found.max():
            return found


def whole(random: randomness.Random, *shape: int, most: int = 3) -> Any:
    """An array of small whole numbers, none of them 0."""
    count = int(np.prod(shape))
    numbers = [float(random.choice((-1, 1)) * random.randint(1, most)) for _ in range(count)]
    return np.reshape(np.array(numbers), shape)


# --- shapes -----------------------------------------------------------------------------------------------------------


def batch_net(X, W1, b1, W2, b2, Y):
    Z = X @ W1.T + b1
    A = relu(Z)
    T = A @ W2.T + b2
    J = np.sum((Y - T) ** 2) / 2
    return J


ASKED = ("Z", "W1", "b1", "T", "W2", "b2")


@cache  # a trace for every student
def _right_shapes(batch: int, inputs: int, hidden: int, outputs: int) -> dict[str, Any]:
    """The shapes that the engine's adjoints have."""
    sizes = {"X": (batch, inputs), "W1": (hidden, inputs), "b1": (hidden,), "W2": (outputs, hidden), "b2": (outputs,)}
    arrays = {name: np.ones(shape) for name, shape in sizes.items()}
    sweep = adjoint_sweep(trace(batch_net, **arrays, Y=np.zeros((batch, outputs))))
    return {name: np.shape(sweep.result[name]) for name in ASKED}


def _sizes(random: randomness.Random) -> dict[str, Any]:
    """Four different sizes."""
    return dict(zip(("batch", "inputs", "hidden", "outputs"), random.sample(range(2, 10), 4), strict=True))


def slips_in_batch_net(batch, inputs, hidden, outputs):
    return {
        "weights turned round": {"W1": (inputs, hidden), "W2": (hidden, outputs)},
        "bias not summed over the batch": {"b1": (batch, hidden), "b2": (batch, outputs)},
        "one example only": {"Z": (hidden,), "T": (outputs,)},
        "the batch in columns": {"Z": (hidden, batch), "T": (outputs, batch)},
        "outer product forgotten": {"W1": (batch, hidden), "W2": (batch, outputs)},
        "shape of the output": dict.fromkeys(ASKED, ()),
    }


BOOK.add(
    PredictArrays,
    "layers.1",
    "The shape of every gradient",
    """
A batch stands in the rows of X: `batch` examples, each with `inputs` numbers. There are `hidden` units and `outputs`
outputs. What shapes do the derivatives of J with respect to these six arrays have?
""",
    points=3,
    was="08.layers.1",
    hints=(
        "J is one number. A derivative of J has one entry for each entry of the variable, so it has the variable's shape.",
        (
            "W1",
            "X @ W1.T takes each row of X, of `inputs` numbers, to a row of `hidden` numbers. What shape has W1.T, and W1?",
        ),
        (
            "W2",
            "A @ W2.T takes each row of A, of `hidden` numbers, to a row of `outputs` numbers. What shape has W2.T, and W2?",
        ),
        (("Z", "T"), "Z and T have one row for each example of the batch."),
        (("b1", "b2"), "There is one b1 and one b2 for all examples: a number for each unit, and for each output."),
    ),
    function=batch_net,
    ask=ASKED,
    of=_right_shapes,
    draw_inputs=_sizes,
    inputs={"batch": 8, "inputs": 3, "hidden": 4, "outputs": 2},
    shapes=True,
    called="shape of the adjoint",
    slipped=slips_in_batch_net,
    wrong={
        "weights turned round": "The weights are turned round. X @ W1.T needs as many rows in W1.T as X has columns, so W1 has the shape (hidden, inputs).",
        "bias not summed over the batch": "Your bias gradient still has a row for each example. There is one bias for all of them: the rows are added up.",
        "one example only": "Z and T have a row for each example of the batch, and so have their derivatives.",
        "the batch in columns": "Here the examples are rows, not columns: the size of the batch comes first.",
        "outer product forgotten": "You gave the weights the shape of what they make. A weight gradient is an outer product and has the shape of the weights.",
        "shape of the output": "() is the shape of J. The derivative with respect to a variable has the shape of that variable.",
    },
)

# --- all adjoints of a small net --------------------------------------------------------------------------------------


def two_layers(x, W1, b1, W2, b2, y):
    z = W1 @ x + b1
    a = relu(z)
    tau = W2 @ a + b2
    J = (y - tau) ** 2 / 2
    return J


BACK = ("tau", "W2", "b2", "a", "z", "W1", "b1", "x")


def _swept(**rules: Any) -> Callable[..., dict[str, Any]]:
    """The same by hand, with other rules where they are given: a wrong turn."""
    sign = rules.get("sign", -1.0)
    pass_relu = rules.get("pass_relu", lambda a_bar, z: a_bar * (z > 0))
    outer, through = rules.get("outer", np.outer), rules.get("through", lambda W: W.T)
    kept = rules.get("kept", lambda z: np.maximum(z, 0))

    def answer(x: Any, W1: Any, b1: Any, W2: Any, b2: Any, y: Any) -> dict[str, Any]:
        z = W1 @ x + b1
        tau_bar = sign * (y - (W2 @ np.maximum(z, 0) + b2))
        a_bar = W2 * tau_bar
        z_bar = pass_relu(a_bar, z)
        second = {"tau": tau_bar, "W2": tau_bar * kept(z), "b2": tau_bar, "a": a_bar, "z": z_bar}
        return second | {"W1": outer(z_bar, x), "b1": z_bar, "x": through(W1) @ z_bar}

    return answer


def _two_layer_inputs(random: randomness.Random) -> dict[str, Any]:
    """Whole numbers; one hidden unit is on and one is off, and the error is not 0."""
    while True:
        x, W1, b1, W2 = (whole(random, *shape) for shape in ((2,), (2, 2), (2,), (2,)))
        b2, error = float(random.randint(-2, 2)), float(random.choice((-3, -2, 2, 3)))
        z = W1 @ x + b1
        if (z > 0).sum() == 1 and (z != 0).all():
            return {"x": x, "W1": W1, "b1": b1, "W2": W2, "b2": b2, "y": float(W2 @ np.maximum(z, 0) + b2 + error)}


def slips_in_two_layers(**inputs):
    ways = {
        "sign of y − tau": _swept(sign=1.0),
        "relu′ forgotten": _swept(pass_relu=lambda a_bar, z: a_bar),
        "relu′ of the adjoint": _swept(pass_relu=lambda a_bar, z: a_bar * (a_bar > 0)),
        "relu for relu′": _swept(pass_relu=lambda a_bar, z: a_bar * np.maximum(z, 0)),
        "outer product in the wrong order": _swept(outer=lambda z_bar, x: np.outer(x, z_bar)),
        "outer product forgotten": _swept(outer=lambda z_bar, x: z_bar * x),
        "transpose forgotten": _swept(through=lambda W: W),
        "z taken for a": _swept(kept=lambda z: z),
    }
    return {slip: way(**inputs) for slip, way in ways.items()}


BOOK.add(
    PredictArrays,
    "layers.2",
    "You are the sweep: all adjoints of a small net",
    """
Two inputs, two hidden units, one output. Write down z, a and tau first. Then go back, from J = 1, and give all adjoints.
""",
    points=4,
    was="08.layers.2",
    hints=(
        (
            "tau",
            "Begin at tau: J is half a square, so its derivative is −(y − tau). This one number is in all the others.",
        ),
        (("W2", "b2"), "tau = W2 @ a + b2: W2 gets the adjoint of tau times a, and b2 gets it as it is."),
        (("a", "z"), "a gets W2 times the adjoint of tau. z gets the same where z is positive, and 0 where it is not."),
        (
            "W1",
            "The adjoint of W1 is a 2 by 2 array: entry (i, j) is the i-th adjoint of z times the j-th number of x.",
        ),
        ("b1", "z = W1 @ x + b1: a sum copies its adjoint, so b1 gets what z has."),
        ("x", "x gets the transpose of W1 times the adjoint of z: the columns of W1 are used, not its rows."),
    ),
    function=two_layers,
    ask=BACK,
    of="adjoint",
    draw_inputs=_two_layer_inputs,
    inputs={
        "x": np.array([1.0, 2.0]),
        "W1": np.array([[2.0, 1.0], [-3.0, 1.0]]),
        "b1": np.array([-1.0, -2.0]),
        "W2": np.array([-2.0, 1.0]),
        "b2": 1.0,
        "y": -7.0,
    },
    slipped=slips_in_two_layers,
    wrong={
        "sign of y − tau": "All signs are turned round. J = (y − tau)²/2 falls when tau comes nearer to y from below: the derivative is −(y − tau).",
        "relu′ forgotten": "A unit that is off passes nothing back. Where z is negative, the adjoint of z is 0, whatever a gets.",
        "relu′ of the adjoint": "You kept what is positive among the adjoints. The slope of relu is taken at z: ask whether z is positive, not what comes back.",
        "relu for relu′": "You multiplied by relu(z), which is a. What arrives is multiplied by the slope of relu: 1 where z is positive, else 0.",
        "outer product in the wrong order": "W1's adjoint is turned round. Its rows belong to z and its columns to x: entry (i, j) is z's i-th adjoint times x's j-th number.",
        "outer product forgotten": "You multiplied the adjoint of z and x entry by entry, shape (2,). W1 has shape (2, 2): every adjoint of z meets every number of x.",
        "transpose forgotten": (
            "You sent the adjoint of z through W1, of shape (outputs, inputs). Going back needs W1ᵀ, of shape (inputs, outputs). Here both "
            "are (2, 2), so the shape does not warn you."
        ),
        "z taken for a": "W2 is multiplied by a in the forward pass, not by z. So its adjoint is the adjoint of tau times a.",
    },
)

# --- the gradient of W ------------------------------------------------------------------------------------------------


def _vectors(random: randomness.Random) -> list[tuple[Any, ...]]:
    """An adjoint and an operand, of different lengths and of the same."""
    a, b = random.sample(range(2, 6), 2)
    sizes = [(a, b), (b, a), (3, 3), (1, b), (a, a)]
    return [(whole(random, rows, most=9), whole(random, columns, most=9)) for rows, columns in sizes]


def _weight_adjoint(z_bar: Any, u: Any) -> Any:
    """The engine's; W itself does not matter, because W @ u is linear in it."""
    return vjp(lambda W: W @ u, np.zeros((len(z_bar), len(u))))[1](z_bar)[0]


def outer(slip=""):
    def weight_gradient(z_bar, u):
        """The adjoint of W in z = W @ u."""
        ### BEGIN SOLUTION
        if slip == "outer product in the wrong order":
            return np.outer(u, z_bar)
        if slip == "outer product forgotten":
            return z_bar * u
        if slip == "inner product":
            return z_bar @ u.T
        if slip == "upstream factor lost":
            return np.outer(np.ones_like(z_bar), u)
        return np.outer(z_bar, u)
        ### END SOLUTION

    return weight_gradient


BOOK.add(
    Code,
    "layers.3",
    "The gradient of W",
    """
z = W @ u. Given the adjoint of z, `z_bar`, and the vector `u`, both arrays with one axis, return the adjoint of W. It
has as many rows as z_bar has numbers, and as many columns as u.
""",
    points=2,
    was="08.layers.3",
    hints=(
        "The sum for z[i] contains W[i, j] * u[j]. So by how much does z[i] change with W[i, j]?",
        "Entry (i, j) of the answer is z_bar[i] * u[j]. NumPy calls this np.outer.",
    ),
    make=outer,
    parts=(Part("the gradient of W", _vectors, _weight_adjoint),),
    wrong={
        "outer product in the wrong order": "This is turned round: its shape is (numbers of u, numbers of z_bar). W has a row for each number of z_bar, so z_bar comes first.",
        "outer product forgotten": "`*` multiplies entry by entry, and wants two arrays of one shape. Here every number of z_bar meets every number of u.",
        "inner product": "`@` between two vectors is their inner product, one number, and .T of an array with one axis changes nothing. Use np.outer.",
        "upstream factor lost": "This is how z changes with W. Multiply each row by what arrived at that number of z: the adjoint z_bar.",
    },
)

# --- rank -------------------------------------------------------------------------------------------------------------


def rank_of_gradient(f, W):
    gradient = np.asarray(grad(f)(W), dtype=float)
    if not np.isfinite(gradient).all():
        raise ArgumentError("the gradient has entries that are not finite")
    return {"rank": int(np.linalg.matrix_rank(gradient))}


def ranks(slip=""):
    def rank_two(W):
        """A loss whose gradient has rank two."""
        ### BEGIN SOLUTION
        if slip == "full rank":
            return np.sum(W**2)
        if slip == "W does not matter":
            return 0.0 * np.sum(W)
        u, v = np.array([1.0, 2.0, 0.0, 1.0]), np.array([0.0, 1.0, 3.0, -1.0])
        if slip == "one example only":
            return np.sum((W @ u) ** 2)
        return np.sum((W @ u) ** 2) + np.sum((W @ v) ** 2)
        ### END SOLUTION

    return rank_two


RANKS = "the gradient has rank {rank}."

BOOK.add(
    Apply,
    "layers.4",
    "A gradient of rank two",
    """
Invent a loss `rank_two(W)` of a 3 by 4 array W that returns one number, and whose gradient has rank exactly two. Think
of examples: one example gives a weight gradient of rank one. Look at it with `np.linalg.matrix_rank(bl.grad(rank_two)(W))`.
""",
    points=3,
    was="08.layers.7",
    hints=(
        "Take an example u with four numbers, and a loss of W @ u. Its gradient is an outer product, which has rank one.",
        "With a second example that is not a multiple of the first, and the sum of both losses, two outer products add up.",
        "np.sum((W @ u)**2) is a loss for one example. Take a different loss, or a square, so that the adjoints of W @ u differ too.",
    ),
    make=ranks,
    measure=rank_of_gradient,
    at=lambda random: (signs(random, 3, 4) / 2 + np.eye(3, 4),),
    properties=(
        Property("the gradient is not 0", lambda m: m["rank"] >= 1, RANKS),
        Property("rank at least two", lambda m: m["rank"] >= 2, RANKS, point=True),
        Property("rank one or two", lambda m: 1 <= m["rank"] <= 2, RANKS, point=True),
    ),
    wrong={
        "one example only": (
            "The gradient has rank one: what comes back is one outer product, or several with the same vector. Add the loss of a second "
            "example, not a multiple of the first, that sends back another adjoint."
        ),
        "full rank": "The gradient has the full rank 3. Let W act on two examples only; a loss of all its entries, or of three examples, has more.",
        "W does not matter": "The gradient is 0 everywhere: the loss does not change with W. Let W act on examples, and add up their losses.",
    },
)

BOOK.add(
    Choose,
    "layers.5",
    "Why the transpose?",
    """
W is square, so Wᵀ · dJ/dτ and W · dJ/dτ both have the right shape. Which sentence says why the first one is dJ/du?
""",
    points=1,
    hints=(
        "Which entries of W stand in front of u₁ in the whole product W u: a row of W, or a column?",
        "Do it for one entry: which numbers τᵢ move when u₁ moves, and how fast is each?",
    ),
    reason="u₁ moves every τᵢ, and Wᵢ₁ times as fast: the first entry takes the first column of W.",
    wrong={
        "A transpose undoes what the matrix did.": "That would be the inverse. The matrix [2] is its own transpose, and going back multiplies by 2 again.",
        "A weight matrix is symmetric, so both are the same.": "A weight matrix may have any entries, and then the two products differ.",
        "A column such as dJ/dτ may only be multiplied by a transpose.": "W times this column fits as well. So the shapes do not decide here.",
    },
)
