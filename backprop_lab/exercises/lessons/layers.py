"""Exercises of 08_layers_and_shapes: adjoints that are arrays, layers that go forward and backward, a deep net."""
# ruff: noqa: E501  (tables of sentences)

from __future__ import annotations

import random as randomness
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ...derivatives.passes import value_and_grad, vjp
from ...graph.sweeps import adjoint_sweep
from ...graph.trace import trace
from ...table.table import primitives
from ..apply import Apply, Property
from ..arrays import PredictArrays
from ..base import Book, Code, Part, WrongTurn

BOOK = Book("08_layers_and_shapes")

relu = primitives["relu"].function  # bl.relu


def _whole(random: randomness.Random, *shape: int, most: int = 3) -> Any:
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


@cache  # every wrong turn begins with it
def _right_shapes(batch: int, inputs: int, hidden: int, outputs: int) -> dict[str, Any]:
    """The shapes that the engine's adjoints have."""
    sizes = {"X": (batch, inputs), "W1": (hidden, inputs), "b1": (hidden,), "W2": (outputs, hidden), "b2": (outputs,)}
    arrays = {name: np.ones(shape) for name, shape in sizes.items()}
    sweep = adjoint_sweep(trace(batch_net, **arrays, Y=np.zeros((batch, outputs))))
    return {name: np.shape(sweep.result[name]) for name in ASKED}


def _shapes(change: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A wrong turn: the right shapes, some of them replaced by those that `change` makes of the sizes."""
    return lambda batch, inputs, hidden, outputs: (
        _right_shapes(batch, inputs, hidden, outputs) | change(batch, inputs, hidden, outputs)
    )


def _sizes(random: randomness.Random) -> dict[str, Any]:
    """Four different sizes."""
    return dict(zip(("batch", "inputs", "hidden", "outputs"), random.sample(range(2, 10), 4), strict=True))


BOOK.add(
    PredictArrays,
    "08.layers.1",
    "The shape of every gradient",
    """
A batch stands in the rows of X: `batch` examples, each with `inputs` numbers. There are `hidden` units and `outputs`
outputs. What shapes do the derivatives of J with respect to these six arrays have?
""",
    points=3,
    hints=(
        "J is one number. A derivative of J has one entry for each entry of the variable, so it has the variable's shape.",
        "X @ W1.T takes each row of X, of `inputs` numbers, to a row of `hidden` numbers. What shape has W1.T, and W1?",
        "Z and T have one row for each example. W1, b1, W2 and b2 are the same for all examples.",
    ),
    function=batch_net,
    ask=ASKED,
    right=_right_shapes,
    draw_inputs=_sizes,
    inputs={"batch": 8, "inputs": 3, "hidden": 4, "outputs": 2},
    shapes=True,
    called="shape of the adjoint",
    wrong={
        "weights turned round": WrongTurn(
            "The weights are turned round. X @ W1.T needs as many rows in W1.T as X has columns, so W1 has the shape (hidden, inputs).",
            _shapes(lambda batch, inputs, hidden, outputs: {"W1": (inputs, hidden), "W2": (hidden, outputs)}),
        ),
        "bias not summed over the batch": WrongTurn(
            "Your bias gradient still has a row for each example. There is one bias for all of them: the rows are added up.",
            _shapes(lambda batch, inputs, hidden, outputs: {"b1": (batch, hidden), "b2": (batch, outputs)}),
        ),
        "one example only": WrongTurn(
            "Z and T have a row for each example of the batch, and so have their derivatives.",
            _shapes(lambda batch, inputs, hidden, outputs: {"Z": (hidden,), "T": (outputs,)}),
        ),
        "the batch in columns": WrongTurn(
            "Here the examples are rows, not columns: the size of the batch comes first.",
            _shapes(lambda batch, inputs, hidden, outputs: {"Z": (hidden, batch), "T": (outputs, batch)}),
        ),
        "outer product forgotten": WrongTurn(
            "You gave the weights the shape of what they make. A weight gradient is an outer product and has the shape of the weights.",
            _shapes(lambda batch, inputs, hidden, outputs: {"W1": (batch, hidden), "W2": (batch, outputs)}),
        ),
        "shape of the output": WrongTurn(
            "() is the shape of J. The derivative with respect to a variable has the shape of that variable.",
            _shapes(lambda batch, inputs, hidden, outputs: dict.fromkeys(ASKED, ())),
        ),
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


def _adjoints(**inputs: Any) -> dict[str, Any]:
    """The engine's."""
    result = adjoint_sweep(trace(two_layers, **inputs)).result
    return {name: result[name] for name in BACK}


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
        return {
            "tau": tau_bar, "W2": tau_bar * kept(z), "b2": tau_bar, "a": a_bar, "z": z_bar,
            "W1": outer(z_bar, x), "b1": z_bar, "x": through(W1) @ z_bar,
        }  # fmt: skip

    return answer


def _two_layer_inputs(random: randomness.Random) -> dict[str, Any]:
    """Whole numbers; one hidden unit is on and one is off, and the error is not 0."""
    while True:
        x, W1, b1, W2 = (_whole(random, *shape) for shape in ((2,), (2, 2), (2,), (2,)))
        b2, error = float(random.randint(-2, 2)), float(random.choice((-3, -2, 2, 3)))
        z = W1 @ x + b1
        if (z > 0).sum() == 1 and (z != 0).all():
            return {"x": x, "W1": W1, "b1": b1, "W2": W2, "b2": b2, "y": float(W2 @ np.maximum(z, 0) + b2 + error)}


BOOK.add(
    PredictArrays,
    "08.layers.2",
    "All adjoints of a small net",
    """
Two inputs, two hidden units, one output. Write down z, a and tau first. Then go back, from J = 1, and give all adjoints.
""",
    points=4,
    hints=(
        "Begin at tau: J is half a square, so its derivative is −(y − tau). This one number is in all the others.",
        "a gets W2 times the adjoint of tau. z gets the same where z is positive, and 0 where it is not.",
        "The adjoint of W1 is a 2 by 2 array: entry (i, j) is the i-th adjoint of z times the j-th number of x.",
        "x gets the transpose of W1 times the adjoint of z: the columns of W1 are used, not its rows.",
    ),
    function=two_layers,
    ask=BACK,
    right=_adjoints,
    draw_inputs=_two_layer_inputs,
    inputs={
        "x": np.array([1.0, 2.0]),
        "W1": np.array([[2.0, 1.0], [-3.0, 1.0]]),
        "b1": np.array([-1.0, -2.0]),
        "W2": np.array([-2.0, 1.0]),
        "b2": 1.0,
        "y": -7.0,
    },  # fmt: skip
    wrong={
        "sign of y − tau": WrongTurn(
            "All signs are turned round. J = (y − tau)²/2 falls when tau comes nearer to y from below: the derivative is −(y − tau).",
            _swept(sign=1.0),
        ),
        "relu′ forgotten": WrongTurn(
            "A unit that is off passes nothing back. Where z is negative, the adjoint of z is 0, whatever a gets.",
            _swept(pass_relu=lambda a_bar, z: a_bar),
        ),
        "relu′ of the adjoint": WrongTurn(
            "You kept what is positive among the adjoints. The slope of relu is taken at z: ask whether z is positive, not what comes back.",
            _swept(pass_relu=lambda a_bar, z: a_bar * (a_bar > 0)),
        ),
        "relu for relu′": WrongTurn(
            "You multiplied by relu(z), which is a. What arrives is multiplied by the slope of relu: 1 where z is positive, else 0.",
            _swept(pass_relu=lambda a_bar, z: a_bar * np.maximum(z, 0)),
        ),
        "outer product in the wrong order": WrongTurn(
            "W1's adjoint is turned round. Its rows belong to z and its columns to x: entry (i, j) is z's i-th adjoint times x's j-th number.",
            _swept(outer=lambda z_bar, x: np.outer(x, z_bar)),
        ),
        "outer product forgotten": WrongTurn(
            "You multiplied the adjoint of z and x entry by entry, shape (2,). W1 has shape (2, 2): every adjoint of z meets every number of x.",
            _swept(outer=lambda z_bar, x: z_bar * x),
        ),
        "transpose forgotten": WrongTurn(
            "You sent the adjoint of z through W1, of shape (outputs, inputs). Going back needs W1ᵀ, of shape (inputs, outputs). Here both "
            "are (2, 2), so the shape does not warn you.",
            _swept(through=lambda W: W),
        ),
        "z taken for a": WrongTurn(
            "W2 is multiplied by a in the forward pass, not by z. So its adjoint is the adjoint of tau times a.",
            _swept(kept=lambda z: z),
        ),
    },
)

# --- the gradient of W ------------------------------------------------------------------------------------------------


def _vectors(random: randomness.Random) -> list[tuple[Any, ...]]:
    """An adjoint and an operand, of different lengths and of the same."""
    a, b = random.sample(range(2, 6), 2)
    sizes = [(a, b), (b, a), (3, 3), (1, b), (a, a)]
    return [(_whole(random, rows, most=9), _whole(random, columns, most=9)) for rows, columns in sizes]


def _weight_adjoint(z_bar: Any, u: Any) -> Any:
    """The engine's; W itself does not matter, because W @ u is linear in it."""
    return vjp(lambda W: W @ u, np.zeros((len(z_bar), len(u))))[1](z_bar)[0]


WEIGHTS = "def weight_gradient(z_bar, u):\n    return GRADIENT\n"

BOOK.add(
    Code,
    "08.layers.3",
    "The gradient of W",
    """
z = W @ u. Given the adjoint of z, `z_bar`, and the vector `u`, both arrays with one axis, return the adjoint of W. It
has as many rows as z_bar has numbers, and as many columns as u.
""",
    points=2,
    hints=(
        "The sum for z[i] contains W[i, j] * u[j]. So by how much does z[i] change with W[i, j]?",
        "Entry (i, j) of the answer is z_bar[i] * u[j]. NumPy calls this np.outer.",
    ),
    name="weight_gradient",
    solution='''
def weight_gradient(z_bar, u):
    """The adjoint of W in z = W @ u."""
    ### BEGIN SOLUTION
    return np.outer(z_bar, u)
    ### END SOLUTION
''',
    parts=(Part("the gradient of W", _vectors, _weight_adjoint),),
    wrong={
        "outer product in the wrong order": WrongTurn(
            "This is turned round: its shape is (numbers of u, numbers of z_bar). W has a row for each number of z_bar, so z_bar comes first.",
            WEIGHTS.replace("GRADIENT", "np.outer(u, z_bar)"),
        ),
        "outer product forgotten": WrongTurn(
            "`*` multiplies entry by entry, and wants two arrays of one shape. Here every number of z_bar meets every number of u.",
            WEIGHTS.replace("GRADIENT", "z_bar * u"),
        ),
        "inner product": WrongTurn(
            "`@` between two vectors is their inner product, one number, and .T of an array with one axis changes nothing. Use np.outer.",
            WEIGHTS.replace("GRADIENT", "z_bar @ u.T"),
        ),
        "upstream factor lost": WrongTurn(
            "This is how z changes with W. Multiply each row by what arrived at that number of z: the adjoint z_bar.",
            WEIGHTS.replace("GRADIENT", "np.outer(np.ones_like(z_bar), u)"),
        ),
    },
)

# --- modules ----------------------------------------------------------------------------------------------------------

FORWARD = """
def probe(Module, u, *more):
    return Module(*more).forward(u)
"""
RELU_BACK = """
def probe(Relu, z, bar):
    module = Relu()
    module.forward(z)
    return module.backward(bar)
"""
RELU = '''
class Relu:
    """The module a = relu(z)."""

    def forward(self, z):
        ### BEGIN SOLUTION
        self.z = z
        return np.maximum(z, 0.0)

    def backward(self, bar):
        return bar * (self.z > 0)
        ### END SOLUTION
'''


def _signs(random: randomness.Random, *shape: int) -> Any:
    """Whole numbers; at least one is positive and one negative."""
    while True:
        found = _whole(random, *shape, most=9)
        if found.min() < 0 < found.max():
            return found


def _vectors_and_batches(random: randomness.Random) -> list[tuple[Any, ...]]:
    shapes = [(4,), (random.randint(5, 7),), (random.randint(2, 4), 3)]
    return [(_signs(random, *shape) / 8, _signs(random, *shape)) for shape in shapes]  # some between 0 and 1


def _with_zeros(random: randomness.Random) -> list[tuple[Any, ...]]:
    found = _vectors_and_batches(random)
    for z, _ in found:
        z.flat[random.randrange(z.size)] = 0.0
    return found


def _relu_back(z: Any, bar: Any) -> Any:
    return vjp(relu, z)[1](bar)[0]


def _relu_turn(sentence: str, returned: str) -> WrongTurn:
    return WrongTurn(sentence, RELU.replace("bar * (self.z > 0)", returned))


BOOK.add(
    Code,
    "08.layers.4",
    "A module: relu",
    """
Write the class `Relu` with two methods. `forward(z)` returns relu of an array of any shape, and keeps what `backward`
will need. `backward(bar)` takes the adjoint of the result and returns the adjoint of z. Where z is exactly 0, take the
slope 0.
""",
    points=3,
    hints=(
        "`forward` has to remember z: write `self.z = z`. The result is np.maximum(z, 0.0).",
        "`backward` multiplies what arrives, entry by entry, by the slope of relu at z.",
        "`self.z > 0` is an array of truth values. In a product they count as 1 and 0.",
    ),
    name="Relu",
    solution=RELU,
    parts=(
        Part(
            "forward",
            lambda random: [(z,) for z, _ in _vectors_and_batches(random)],
            lambda z: vjp(relu, z)[0],
            probe=FORWARD,
        ),
        Part("backward", _vectors_and_batches, _relu_back, worth=2, probe=RELU_BACK),
        Part("backward where z is 0", _with_zeros, _relu_back, probe=RELU_BACK),
    ),
    wrong={
        "relu′ forgotten": _relu_turn(
            "Your `backward` passes everything on. Where z is negative the result does not move with z, and nothing goes back.",
            "bar",
        ),
        "relu′ of the adjoint": _relu_turn(
            "You keep what is positive in `bar`. The slope is taken at z, which `forward` has seen: a negative adjoint may well pass.",
            "bar * (bar > 0)",
        ),
        "relu for relu′": _relu_turn(
            "You multiply by relu(z). Multiply by its slope: 1 where z is positive, and 0 elsewhere.",
            "bar * np.maximum(self.z, 0)",
        ),
        "upstream factor lost": _relu_turn(
            "This is the slope alone. The adjoint that arrives, `bar`, is a factor: multiply by it.",
            "(self.z > 0) * 1.0",
        ),
        "slope 1 at 0": _relu_turn(
            "All is right but the kink: where z is exactly 0 you pass everything on, and the slope 0 was asked for. Write > instead of >=.",
            "bar * (self.z >= 0)",
        ),
    },
)

LINEAR = '''
class Linear:
    """The module T = U @ W.T + b, with one example in each row of U."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, U):
        ### BEGIN SOLUTION
        self.U = U
        return U @ self.W.T + self.b

    def backward(self, bar):
        self.W_bar = bar.T @ self.U
        self.b_bar = bar.sum(axis=0)
        return bar @ self.W
        ### END SOLUTION
'''
LINEAR_BACK = """
def probe(Linear, U, W, b, bar):
    module = Linear(W, b)
    module.forward(U)
    U_bar = module.backward(bar)
    return ANSWER
"""


def _batches(random: randomness.Random) -> list[tuple[Any, ...]]:
    """U, W, b and an adjoint of the result: three different sizes, a square, and a batch of one."""
    batch, inputs, outputs = random.sample(range(2, 6), 3)
    sizes = [(batch, inputs, outputs), (outputs, batch, inputs), (3, 3, 3), (1, inputs, outputs)]
    return [
        (_whole(random, n, i, most=5), _whole(random, o, i, most=5), _whole(random, o), _whole(random, n, o, most=5))
        for n, i, o in sizes
    ]


def _linear(U: Any, W: Any, b: Any) -> Any:
    return U @ W.T + b


def _linear_back(k: int) -> Callable[..., Any]:
    """The engine's adjoint of operand k: U, W or b."""
    return lambda U, W, b, bar: vjp(_linear, U, W, b)[1](bar)[k]


def _linear_turn(sentence: str, *changes: tuple[str, str]) -> WrongTurn:
    text = LINEAR
    for old, new in changes:
        text = text.replace(old, new)
    return WrongTurn(sentence, text)


BOOK.add(
    Code,
    "08.layers.5",
    "A module: a linear layer, for a batch",
    """
Write `Linear` for a batch: each row of U is an example. `forward(U)` returns U @ W.T + b, and keeps what is needed.
`backward(bar)` takes the adjoint of the result, returns the adjoint of U, and leaves the gradients of W and b in
`self.W_bar` and `self.b_bar`. The loss is a sum over the batch, so do not divide by its size.
""",
    points=5,
    hints=(
        "Write the shapes down: U (batch, inputs), W (outputs, inputs), bar (batch, outputs). Each gradient has its variable's shape.",
        "For W only one product of `bar`, U and their transposes has the shape (outputs, inputs). It adds up over the batch by itself.",
        "b is added to every row, so it gets something from every row: add up `bar` along the batch.",
        "An example with the adjoint t has Wᵀ t as its own. With the examples in rows that reads bar @ W.",
    ),
    name="Linear",
    solution=LINEAR,
    parts=(
        Part("forward", lambda random: [case[:3] for case in _batches(random)], _linear, probe=FORWARD),
        Part("the adjoint of U", _batches, _linear_back(0), probe=LINEAR_BACK.replace("ANSWER", "U_bar")),
        Part("the gradient of W", _batches, _linear_back(1), worth=2, probe=LINEAR_BACK.replace("ANSWER", "module.W_bar")),
        Part("the gradient of b", _batches, _linear_back(2), probe=LINEAR_BACK.replace("ANSWER", "module.b_bar")),
    ),
    wrong={
        "transpose in the wrong place": _linear_turn(
            "With examples in rows the adjoint of U is `bar @ W`: bar has shape (batch, outputs) and W (outputs, inputs). W.T does not fit.",
            ("return bar @ self.W", "return bar @ self.W.T"),
        ),
        "transpose forgotten": _linear_turn(
            "U has shape (batch, inputs) and W (outputs, inputs), so U @ W does not fit: `forward` needs W.T, of shape (inputs, outputs).",
            ("U @ self.W.T", "U @ self.W"),
        ),
        "outer product in the wrong order": _linear_turn(
            "The gradient of W is turned round: U.T @ bar has shape (inputs, outputs), and W has (outputs, inputs). Let bar.T come first.",
            ("bar.T @ self.U", "self.U.T @ bar"),
        ),
        "mean for sum": _linear_turn(
            "You took means over the batch. The loss is a sum over the examples, so the gradients are sums as well; leave out the division.",
            ("bar.T @ self.U", "bar.T @ self.U / len(bar)"), ("sum(axis=0)", "mean(axis=0)"),
        ),
        "bias not summed over the batch": _linear_turn(
            "Your gradient of b has a row for each example, and b has none. b is added to every row: add up what comes back over the rows.",
            ("bar.sum(axis=0)", "bar"),
        ),
        "bias summed along the wrong axis": _linear_turn(
            "You added up each example's row. b has one number for each output: add up along the batch, axis=0.",
            ("sum(axis=0)", "sum(axis=1)"),
        ),
        "bias summed over everything": _linear_turn(
            "You added up all of `bar`, which is one number. b has one number for each output: add up along the batch only, axis=0.",
            ("sum(axis=0)", "sum()"),
        ),
    },
)  # fmt: skip

# --- a net of any depth -----------------------------------------------------------------------------------------------


def _deep(Ws: Any, bs: Any, x: Any, y: Any) -> Any:
    a = x
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        a = relu(W @ a + b)
    return np.sum((y - (Ws[-1] @ a + bs[-1])) ** 2) / 2


def _deep_gradients(Ws: Any, bs: Any, x: Any, y: Any) -> Any:
    """The engine's: two lists of arrays."""
    return value_and_grad(_deep, (0, 1))(Ws, bs, x, y)[1]


def _nets(*depths: int) -> Callable[[randomness.Random], list[tuple[Any, ...]]]:
    """Nets of these depths, one with all layers alike; in each hidden layer units are on and units are off."""

    def net(random: randomness.Random, widths: list[int]) -> tuple[Any, ...]:
        while True:
            pairs = list(zip(widths, widths[1:], strict=False))
            Ws, bs = (
                [_whole(random, n, m, most=2) for m, n in pairs],
                [_whole(random, n, most=11) / 4 for _, n in pairs],
            )
            x, y = _whole(random, widths[0]), _whole(random, widths[-1], most=9)
            a, lively, small = x, True, [] if len(pairs) > 1 else [-0.5, 0.5]
            for W, b in zip(Ws[:-1], bs[:-1], strict=True):
                z = W @ a + b
                a = np.maximum(z, 0)
                lively = lively and z.min() < 0 < z.max() and bool((z != 0).all())
                small += z[np.abs(z) < 1].tolist()
            if not (lively and small and min(small) < 0 < max(small)):  # another bound than 0 must show
                continue
            if all(np.abs(W_bar).max() > 0 for W_bar in _deep_gradients(Ws, bs, x, y)[0]):
                return Ws, bs, x, y

    def cases(random: randomness.Random) -> list[tuple[Any, ...]]:
        found = []
        for depth in depths:
            found.append(net(random, [random.randint(2, 4) for _ in range(depth + 1)]))
            found.append(net(random, [3] * (depth + 1)))
        return found

    return cases


GRADIENTS = '''
def gradients(Ws, bs, x, y):
    """The gradients of (y − τ)²/2 with respect to all weights and all biases, as two lists."""
    ### BEGIN SOLUTION
    zs, kept = [], [x]
    for W, b in zip(Ws, bs):
        zs.append(W @ kept[-1] + b)
        kept.append(np.maximum(zs[-1], 0.0))
    z_bar = -(y - zs[-1])
    W_bars, b_bars = [], []
    for k in reversed(range(len(Ws))):
        W_bars.insert(0, np.outer(z_bar, kept[k]))
        b_bars.insert(0, z_bar)
        if k > 0:
            z_bar = Ws[k].T @ z_bar * (zs[k - 1] > 0)
    return W_bars, b_bars
    ### END SOLUTION
'''


def _deep_turn(sentence: str, old: str, new: str) -> WrongTurn:
    return WrongTurn(sentence, GRADIENTS.replace(old, new))


BOOK.add(
    Code,
    "08.layers.6",
    "The recursion over the layers",
    """
A net of any depth: z = W @ a + b and a = relu(z) in each layer, but the last layer has no relu; its z is τ, an array.
The loss is J = (y − τ)²/2, added up over the outputs. Write `gradients(Ws, bs, x, y)` for one example x: return two
lists, the gradients of all weights and of all biases, in the order of the layers.
""",
    points=6,
    hints=(
        "First the forward pass: keep every z in a list, and every layer's input a in another one. The first input is x.",
        "Begin the way back with the adjoint of the last z, which is τ: −(y − τ).",
        "In each layer, from the last to the first: W gets np.outer of z's adjoint and the layer's input, b gets z's adjoint.",
        "On to the layer below: Wᵀ times z's adjoint is the adjoint of its a. Times the slope of relu at ITS z, that is the adjoint of its z.",
    ),
    name="gradients",
    solution=GRADIENTS,
    parts=(
        Part("one layer", _nets(1), _deep_gradients),
        Part("two layers", _nets(2), _deep_gradients, worth=2),
        Part("three to five layers", _nets(3, 4, 5), _deep_gradients, worth=3),
    ),
    wrong={
        "sign of y − τ": _deep_turn(
            "All signs are turned round: the derivative of (y − τ)²/2 with respect to τ is −(y − τ).",
            "z_bar = -(y", "z_bar = (y",
        ),
        "relu′ forgotten": _deep_turn(
            "On the way from a to z the slope of relu is missing: multiply by 1 where z is positive, and by 0 elsewhere.",
            " * (zs[k - 1] > 0)", "",
        ),
        "relu′ of the adjoint": _deep_turn(
            "You keep what is positive in the adjoint of a. The slope of relu is taken at z, which the forward pass kept.",
            "Ws[k].T @ z_bar * (zs[k - 1] > 0)", "np.maximum(Ws[k].T @ z_bar, 0)",
        ),
        "relu′ in the last layer too": _deep_turn(
            "The last layer has no relu, so its adjoint is −(y − τ) as it is. Do not multiply it by a slope.",
            "-(y - zs[-1])", "-(y - zs[-1]) * (zs[-1] > 0)",
        ),
        "relu in the last layer too": _deep_turn(
            "The last layer has no relu: τ is z itself, also where it is negative.",
            "-(y - zs[-1])", "-(y - kept[-1])",
        ),
        "transpose forgotten": _deep_turn(
            "z's adjoint has as many numbers as W has rows. To send it back you need W.T @ z_bar: W has shape (outputs, inputs), W.T (inputs, outputs).",
            "Ws[k].T", "Ws[k]",
        ),
        "outer product in the wrong order": _deep_turn(
            "Your weight gradients are turned round: np.outer(z's adjoint, the layer's input) has the shape of W.",
            "np.outer(z_bar, kept[k])", "np.outer(kept[k], z_bar)",
        ),
        "z taken for a": _deep_turn(
            "A layer's input is a, after relu. You multiplied by the z of the layer below.",
            "np.outer(z_bar, kept[k])", "np.outer(z_bar, zs[k - 1] if k else x)",
        ),
        "the layer's output for its input": _deep_turn(
            "A weight gradient needs the layer's input, which is the a of the layer below. You took the layer's own result.",
            "np.outer(z_bar, kept[k])", "np.outer(z_bar, kept[k + 1])",
        ),
        "x for every layer": _deep_turn(
            "x is the input of the first layer only. Further up, a layer's input is the a of the layer below.",
            "np.outer(z_bar, kept[k])", "np.outer(z_bar, x)",
        ),
        "from the last layer to the first": WrongTurn(
            "Your lists begin with the last layer. The way back finds them in this order; turn them round at the end.",
            GRADIENTS.replace("insert(0, ", "append("),
        ),
    },
)  # fmt: skip

# --- rank -------------------------------------------------------------------------------------------------------------

MEASURE = """
def probe(f, W):
    import warnings
    import backprop_lab as bl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gradient = np.asarray(bl.grad(f)(W), dtype=float)
        if not np.isfinite(gradient).all():
            raise bl.ArgumentError("the gradient has entries that are not finite")
        return {"rank": int(np.linalg.matrix_rank(gradient))}
"""
RANKS = "the gradient has rank {rank}."

BOOK.add(
    Apply,
    "08.layers.7",
    "A gradient of rank two",
    """
Invent a loss `rank_two(W)` of a 3 by 4 array W that returns one number, and whose gradient has rank exactly two. Think
of examples: one example gives a weight gradient of rank one. Look at it with `np.linalg.matrix_rank(bl.grad(rank_two)(W))`.
""",
    points=3,
    hints=(
        "Take an example u with four numbers, and a loss of W @ u. Its gradient is an outer product, which has rank one.",
        "With a second example that is not a multiple of the first, and the sum of both losses, two outer products add up.",
        "np.sum((W @ u)**2) is a loss for one example. Take a different loss, or a square, so that the adjoints of W @ u differ too.",
    ),
    name="rank_two",
    solution='''
def rank_two(W):
    """A loss whose gradient has rank two."""
    ### BEGIN SOLUTION
    u, v = np.array([1.0, 2.0, 0.0, 1.0]), np.array([0.0, 1.0, 3.0, -1.0])
    return np.sum((W @ u) ** 2) + np.sum((W @ v) ** 2)
    ### END SOLUTION
''',
    measure=MEASURE,
    at=lambda random: (_signs(random, 3, 4) / 2 + np.eye(3, 4),),
    properties=(
        Property("the gradient is not 0", lambda m: m["rank"] >= 1, RANKS),
        Property("rank at least two", lambda m: m["rank"] >= 2, RANKS, point=True),
        Property("rank one or two", lambda m: 1 <= m["rank"] <= 2, RANKS, point=True),
    ),
    wrong={
        "one example only": WrongTurn(
            "The gradient has rank one: what comes back is one outer product, or several with the same vector. Add the loss of a second "
            "example, not a multiple of the first, that sends back another adjoint.",
            "def rank_two(W):\n    return np.sum((W @ np.array([1.0, 2.0, 0.0, 1.0])) ** 2)\n",
        ),
        "full rank": WrongTurn(
            "The gradient has the full rank 3. Let W act on two examples only; a loss of all its entries, or of three examples, has more.",
            "def rank_two(W):\n    return np.sum(W**2)\n",
        ),
        "W does not matter": WrongTurn(
            "The gradient is 0 everywhere: the loss does not change with W. Let W act on examples, and add up their losses.",
            "def rank_two(W):\n    return 0.0 * np.sum(W)\n",
        ),
    },
)
