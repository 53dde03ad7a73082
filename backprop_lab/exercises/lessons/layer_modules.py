"""Exercises of 10_modules_and_depth: modules that go forward and backward, a net of any depth, and what it stores."""

from __future__ import annotations

import random as randomness
from collections.abc import Callable
from typing import Any

import numpy as np

from ...derivatives.passes import value_and_grad, vjp
from ..base import Book
from ..choose import Choose
from ..code import Code, Part
from ..predict import Predict
from .layers import relu, signs, whole

BOOK = Book("10_modules_and_depth")

# --- modules ----------------------------------------------------------------------------------------------------------


def forward(Module, u, *more):
    return Module(*more).forward(u)


def back(Module, u, *rest):
    """A module that has gone forward and back, while another one of its kind went forward, as in a net."""
    *more, bar = rest
    module, other = Module(*more), Module(*more)
    module.forward(u)
    other.forward(-u)
    return module, module.backward(bar)


def relu_module(slip=""):
    class Relu:
        """The module a = relu(z)."""

        def forward(self, z):
            ### BEGIN SOLUTION
            self.z = z
            if slip == "kept by the class":
                type(self).z = self.__dict__.pop("z")
            return np.maximum(z, 0.0)

        def backward(self, bar):
            if slip == "relu′ forgotten":
                return bar
            if slip == "relu′ of the adjoint":
                return bar * (bar > 0)
            if slip == "relu for relu′":
                return bar * np.maximum(self.z, 0)
            if slip == "upstream factor lost":
                return (self.z > 0) * 1.0
            if slip == "slope 1 at 0":
                return bar * (self.z >= 0)
            return bar * (self.z > 0)
            ### END SOLUTION

    return Relu


def _vectors_and_batches(random: randomness.Random) -> list[tuple[Any, ...]]:
    shapes = [(4,), (random.randint(5, 7),), (random.randint(2, 4), 3)]
    return [(signs(random, *shape) / 8, signs(random, *shape)) for shape in shapes]  # some between 0 and 1


def _with_zeros(random: randomness.Random) -> list[tuple[Any, ...]]:
    found = _vectors_and_batches(random)
    for z, _ in found:
        z.flat[random.randrange(z.size)] = 0.0
    return found


def _relu_back(z: Any, bar: Any) -> Any:
    return vjp(relu, z)[1](bar)[0]


BOOK.add(
    Code,
    "modules.1",
    "A module: relu",
    """
Write the class `Relu` with two methods. `forward(z)` returns relu of an array of any shape, and keeps what `backward`
will need. `backward(bar)` takes the adjoint of the result and returns the adjoint of z. Where z is exactly 0, take the
slope 0.
""",
    points=3,
    was="08.layers.4",
    hints=(
        ("forward", "`forward` has to remember z: write `self.z = z`. The result is np.maximum(z, 0.0)."),
        ("backward", "`backward` multiplies what arrives, entry by entry, by the slope of relu at z."),
        (
            ("backward", "backward where z is 0"),
            "`self.z > 0` is an array of truth values. In a product they count as 1 and 0.",
        ),
    ),
    make=relu_module,
    parts=(
        Part(
            "forward",
            lambda random: [(z,) for z, _ in _vectors_and_batches(random)],
            lambda z: vjp(relu, z)[0],
            probe=forward,
        ),
        Part("backward", _vectors_and_batches, _relu_back, worth=2, probe=lambda *args: back(*args)[1]),
        Part("backward where z is 0", _with_zeros, _relu_back, probe=lambda *args: back(*args)[1]),
    ),
    wrong={
        "relu′ forgotten": "Your `backward` passes everything on. Where z is negative the result does not move with z, and nothing goes back.",
        "relu′ of the adjoint": "You keep what is positive in `bar`. The slope is taken at z, which `forward` has seen: a negative adjoint may well pass.",
        "kept by the class": "What `forward` keeps belongs to the class, so all modules of a net share it. Keep it in `self`, as in `self.z = z`.",
        "relu for relu′": "You multiply by relu(z). Multiply by its slope: 1 where z is positive, and 0 elsewhere.",
        "upstream factor lost": "This is the slope alone. The adjoint that arrives, `bar`, is a factor: multiply by it.",
        "slope 1 at 0": "All is right but the kink: where z is exactly 0 you pass everything on, and the slope 0 was asked for. Write > instead of >=.",
    },
)


def linear_module(slip=""):
    class Linear:
        """The module T = U @ W.T + b, with one example in each row of U."""

        def __init__(self, W, b):
            self.W, self.b = W, b

        def forward(self, U):
            ### BEGIN SOLUTION
            self.U = U
            return U @ (self.W if slip == "transpose forgotten" else self.W.T) + self.b

        def backward(self, bar):
            if slip == "outer product in the wrong order":
                self.W_bar = self.U.T @ bar
            else:
                self.W_bar = bar.T @ self.U
            if slip == "mean for sum":
                self.W_bar = self.W_bar / len(bar)
                self.b_bar = bar.mean(axis=0)
            elif slip == "bias not summed over the batch":
                self.b_bar = bar
            elif slip == "bias summed along the wrong axis":
                self.b_bar = bar.sum(axis=1)
            elif slip == "bias summed over everything":
                self.b_bar = bar.sum()
            else:
                self.b_bar = bar.sum(axis=0)
            return bar @ (self.W.T if slip == "transpose in the wrong place" else self.W)
            ### END SOLUTION

    return Linear


def _batches(random: randomness.Random) -> list[tuple[Any, ...]]:
    """U, W, b and an adjoint of the result: three different sizes, a square, and a batch of one."""
    batch, inputs, outputs = random.sample(range(2, 6), 3)
    sizes = [(batch, inputs, outputs), (outputs, batch, inputs), (3, 3, 3), (1, inputs, outputs)]
    return [
        (whole(random, n, i, most=5), whole(random, o, i, most=5), whole(random, o), whole(random, n, o, most=5))
        for n, i, o in sizes
    ]


def _linear(U: Any, W: Any, b: Any) -> Any:
    return U @ W.T + b


def _linear_back(k: int) -> Callable[..., Any]:
    """The engine's adjoint of operand k: U, W or b."""
    return lambda U, W, b, bar: vjp(_linear, U, W, b)[1](bar)[k]


BOOK.add(
    Code,
    "modules.2",
    "A module: a linear layer, for a batch",
    """
Write `Linear` for a batch: each row of U is an example. `forward(U)` returns U @ W.T + b, and keeps what is needed.
`backward(bar)` takes the adjoint of the result, returns the adjoint of U, and leaves the gradients of W and b in
`self.W_bar` and `self.b_bar`. The loss is a sum over the batch, so do not divide by its size.
""",
    points=5,
    was="08.layers.5",
    hints=(
        "Write the shapes down: U (batch, inputs), W (outputs, inputs), bar (batch, outputs). Each gradient has its variable's shape.",
        (
            "the gradient of W",
            "For W only one product of `bar`, U and their transposes has the shape (outputs, inputs). It adds up over the batch by itself.",
        ),
        (
            "the gradient of b",
            "b is added to every row, so it gets something from every row: add up `bar` along the batch.",
        ),
        (
            "the adjoint of U",
            "An example with the adjoint t has Wᵀ t as its own. With the examples in rows that reads bar @ W.",
        ),
    ),
    make=linear_module,
    parts=(
        Part("forward", lambda random: [case[:3] for case in _batches(random)], _linear, probe=forward),
        Part("the adjoint of U", _batches, _linear_back(0), probe=lambda *args: back(*args)[1]),
        Part(
            "the gradient of W",
            _batches,
            _linear_back(1),
            worth=2,
            probe=lambda *args: back(*args)[0].W_bar,
        ),
        Part("the gradient of b", _batches, _linear_back(2), probe=lambda *args: back(*args)[0].b_bar),
    ),
    wrong={
        "transpose in the wrong place": "With examples in rows the adjoint of U is `bar @ W`: bar has shape (batch, outputs) and W (outputs, inputs). W.T does not fit.",
        "transpose forgotten": "U has shape (batch, inputs) and W (outputs, inputs), so U @ W does not fit: `forward` needs W.T, of shape (inputs, outputs).",
        "outer product in the wrong order": "The gradient of W is turned round: U.T @ bar has shape (inputs, outputs), and W has (outputs, inputs). Let bar.T come first.",
        "mean for sum": "You took means over the batch. The loss is a sum over the examples, so the gradients are sums as well; leave out the division.",
        "bias not summed over the batch": "Your gradient of b has a row for each example, and b has none. b is added to every row: add up what comes back over the rows.",
        "bias summed along the wrong axis": "You added up each example's row. b has one number for each output: add up along the batch, axis=0.",
        "bias summed over everything": "You added up all of `bar`, which is one number. b has one number for each output: add up along the batch only, axis=0.",
    },
)

# --- a net of any depth -----------------------------------------------------------------------------------------------


def _deep(Ws: Any, bs: Any, x: Any, y: Any) -> Any:
    a = x
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        a = relu(W @ a + b)
    return np.sum((y - (Ws[-1] @ a + bs[-1])) ** 2) / 2


def _deep_gradients(Ws: Any, bs: Any, x: Any, y: Any) -> Any:
    """The engine's: two lists of arrays."""
    return value_and_grad(_deep, (0, 1))(Ws, bs, x, y)[1]


def _at_the_kink(Ws: Any, bs: Any, x: Any, y: Any) -> tuple[Any, ...]:
    """The same net with a unit that is on by 2⁻³³: a difference goes over its kink, with whatever step."""
    z, bs = Ws[0] @ x + bs[0], [np.array(b) for b in bs]
    unit = int(np.argmax(np.abs(_deep_gradients(Ws, bs, x, y)[0][0]).sum(axis=1)))
    bs[0][unit] += 2.0**-33 - z[unit]
    return Ws, bs, x, y


def _nets(*depths: int, kink: bool = False) -> Callable[[randomness.Random], list[tuple[Any, ...]]]:
    """Nets of these depths, one with all layers alike; in each hidden layer units are on and units are off."""

    def net(random: randomness.Random, widths: list[int]) -> tuple[Any, ...]:
        while True:
            pairs = list(zip(widths, widths[1:], strict=False))
            Ws, bs = (
                [whole(random, n, m, most=2) for m, n in pairs],
                [whole(random, n, most=11) / 4 for _, n in pairs],
            )
            x, y = whole(random, widths[0]), whole(random, widths[-1], most=9)
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
        return [*found, _at_the_kink(*found[-1])] if kink else found

    return cases


def recursion(slip=""):
    def gradients(Ws, bs, x, y):
        """The gradients of (y − τ)²/2 with respect to all weights and all biases, as two lists."""
        ### BEGIN SOLUTION
        zs, kept = [], [x]
        for W, b in zip(Ws, bs):
            zs.append(W @ kept[-1] + b)
            kept.append(np.maximum(zs[-1], 0.0))
        if slip == "sign of y − τ":
            z_bar = y - zs[-1]
        elif slip == "relu′ in the last layer too":
            z_bar = -(y - zs[-1]) * (zs[-1] > 0)
        elif slip == "relu in the last layer too":
            z_bar = -(y - kept[-1])
        else:
            z_bar = -(y - zs[-1])
        W_bars, b_bars = [], []
        for k in reversed(range(len(Ws))):
            if slip == "outer product in the wrong order":
                W_bars.insert(0, np.outer(kept[k], z_bar))
            elif slip == "z taken for a":
                W_bars.insert(0, np.outer(z_bar, zs[k - 1] if k else x))
            elif slip == "the layer's output for its input":
                W_bars.insert(0, np.outer(z_bar, kept[k + 1]))
            elif slip == "x for every layer":
                W_bars.insert(0, np.outer(z_bar, x))
            else:
                W_bars.insert(0, np.outer(z_bar, kept[k]))
            b_bars.insert(0, z_bar)
            if k > 0:
                if slip == "relu′ forgotten":
                    z_bar = Ws[k].T @ z_bar
                elif slip == "relu′ of the adjoint":
                    z_bar = np.maximum(Ws[k].T @ z_bar, 0)
                elif slip == "transpose forgotten":
                    z_bar = Ws[k] @ z_bar * (zs[k - 1] > 0)
                else:
                    z_bar = Ws[k].T @ z_bar * (zs[k - 1] > 0)
        if slip == "from the last layer to the first":
            return W_bars[::-1], b_bars[::-1]
        return W_bars, b_bars
        ### END SOLUTION

    return gradients


BOOK.add(
    Code,
    "modules.3",
    "The recursion over the layers",
    """
A net of any depth: z = W @ a + b and a = relu(z) in each layer, but the last layer has no relu; its z is τ, an array.
The loss is J = (y − τ)²/2, added up over the outputs. Write `gradients(Ws, bs, x, y)` for one example x: return two
lists, the gradients of all weights and of all biases, in the order of the layers.
""",
    points=6,
    was="08.layers.6",
    hints=(
        "First the forward pass: keep every z in a list, and every layer's input a in another one. The first input is x.",
        ("one layer", "Begin the way back with the adjoint of the last z, which is τ: −(y − τ)."),
        "In each layer, from the last to the first: W gets np.outer of z's adjoint and the layer's input, b gets z's adjoint.",
        (
            ("two layers", "three to five layers"),
            "On to the layer below: Wᵀ times z's adjoint is the adjoint of its a. Times the slope of relu at ITS z, that is the adjoint of its z.",
        ),
    ),
    make=recursion,
    parts=(
        Part("one layer", _nets(1), _deep_gradients, near=1e-12),
        Part("two layers", _nets(2, kink=True), _deep_gradients, worth=2, near=1e-12),
        Part("three to five layers", _nets(3, 4, 5), _deep_gradients, worth=3, near=1e-12),
    ),
    wrong={
        "sign of y − τ": "All signs are turned round: the derivative of (y − τ)²/2 with respect to τ is −(y − τ).",
        "relu′ forgotten": "On the way from a to z the slope of relu is missing: multiply by 1 where z is positive, and by 0 elsewhere.",
        "relu′ of the adjoint": "You keep what is positive in the adjoint of a. The slope of relu is taken at z, which the forward pass kept.",
        "relu′ in the last layer too": "The last layer has no relu, so its adjoint is −(y − τ) as it is. Do not multiply it by a slope.",
        "relu in the last layer too": "The last layer has no relu: τ is z itself, also where it is negative.",
        "transpose forgotten": "z's adjoint has as many numbers as W has rows. To send it back you need W.T @ z_bar: W has shape (outputs, inputs), W.T (inputs, outputs).",
        "outer product in the wrong order": "Your weight gradients are turned round: np.outer(z's adjoint, the layer's input) has the shape of W.",
        "z taken for a": "A layer's input is a, after relu. You multiplied by the z of the layer below.",
        "the layer's output for its input": "A weight gradient needs the layer's input, which is the a of the layer below. You took the layer's own result.",
        "x for every layer": "x is the input of the first layer only. Further up, a layer's input is the a of the layer below.",
        "from the last layer to the first": "Your lists begin with the last layer. The way back finds them in this order; turn them round at the end.",
    },
)


# --- memory -----------------------------------------------------------------------------------------------------------


def layers_units_examples(r, n, m):
    return r, n, m


def numbers_kept(r, n, m):
    """For 2r layers of n units and a batch of m examples."""
    return {"weights": 2 * r * n * n, "kept": 4 * r * n * m, "checkpointed": 2 * r * n * m + 2 * n * m}


def slips_in_numbers_kept(r, n, m):
    right = numbers_kept(r, n, m)
    return {
        "weights for each example": right | {"weights": 2 * r * n * n * m},
        "one example": right | {"kept": 4 * r * n, "checkpointed": 2 * r * n + 2 * n},
        "only a is kept": right | {"kept": 2 * r * n * m, "checkpointed": r * n * m + 2 * n * m},
        "one layer": right | {"kept": 2 * n * m},
        "inputs forgotten": right | {"checkpointed": 2 * r * n * m},
        "both halves": right | {"checkpointed": 4 * r * n * m + 2 * n * m},
    }


BOOK.add(
    Predict,
    "modules.4",
    "What a deep net has to keep",
    """
A net has 2r layers of n units each, and every layer keeps its z and its a for the way back. The batch has m examples.
How many numbers are the weight matrices (`weights`, without biases)? How many are all z and a together (`kept`)? With
checkpoints, the net is cut into two halves. Only the input of each half is kept from the start; on the way back one
half at a time is computed again, with all its z and a. How many numbers is the most that is held at one time
(`checkpointed`), if the inputs of both halves stay?
""",
    points=3,
    hints=(
        ("weights", "A weight matrix from n units to n units has n · n numbers, whatever the batch is."),
        ("kept", "Each layer keeps a z and an a, and each of them has n numbers for each of the m examples."),
        ("checkpointed", "One half has r layers, so 2 · r · n · m numbers, and there are the two inputs: n · m each."),
    ),
    function=layers_units_examples,
    listing="""
layers = 2 * r
units = n                                # in each layer, and of the input
examples = m
""",
    of=numbers_kept,
    called="number",
    ask=("weights", "kept", "checkpointed"),
    inputs={"r": 3.0, "n": 4.0, "m": 5.0},
    low=2,
    high=8,
    largest=10000.0,
    slipped=slips_in_numbers_kept,
    wrong={
        "weights for each example": "The weights are the same for all examples. Only z and a come once for each example.",
        "one example": "This is for one example. Every example has a z and an a of its own in each layer.",
        "only a is kept": "Each layer keeps two arrays, z and a: the slope of relu is taken at z.",
        "one layer": "This is one layer's share. All 2r layers keep theirs.",
        "inputs forgotten": "Both halves' inputs are held too, n · m numbers each: the way back begins again from them.",
        "both halves": "Only one half at a time is computed again, so only its z and a are there.",
    },
)

BOOK.add(
    Choose,
    "modules.5",
    "Why is so much kept?",
    """
Until the way back is done, `Linear` keeps u, and `Tanh` keeps its result. Which sentence is the reason?
""",
    points=1,
    hints=(
        "What does `backward` multiply by, in each of the two modules?",
        "Take the weights away, and then u: which line of `backward` cannot run?",
    ),
    reason="The way back multiplies by local partials, and these are made of numbers of the way forward.",
    wrong={
        "backward undoes forward, step by step, to find the input again.": "Nothing is undone: `backward` returns an adjoint, and the input is known all the time.",
        "The result of the net has to be computed once more from them.": "The way back does not compute the result again. What does it multiply by?",
        "Without them the weights would be lost.": "The weights are kept by the module in any case. u and the result come with each input.",
    },
)
