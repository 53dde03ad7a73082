"""The worked examples of the course: `bl.examples["edelman"].step()`.

Each entry has the function as a student would write it, its inputs, the lecture or article it comes from, and the
figures that must come out. The figures are the sources'; the code is ours, and so are the numbers where a source has
letters only: small ones whose results can be read and mostly computed in the head.

`bl.examples.sources_sink(n, k)` and `bl.examples.ladder(n)` make examples of any size; `bl.examples.gpt` is a GPT.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..table.table import primitives
from .example import Catalogue, Example

sin, sqrt, relu = (primitives[name].function for name in ("sin", "sqrt", "relu"))  # bl.sin, bl.sqrt, bl.relu


def edelman(x, y):
    z = 2 * x * y + (x - 1) ** 2
    return z


def strang(x, y):
    c = x**3
    s = x + 3 * y
    F = c * s
    return F


def strang_first_try(x, y):
    c = x**3
    s = x + 2 * y
    F = c * s
    return F


def olah(a, b):
    c = a + b
    d = b + 1
    e = c * d
    return e


def edelman_toy(x, y):
    a = sin(x)
    b = a / y
    z = b + x
    return z


def sources_sink(x, y, a=2.0, b=3.0, c=5.0, d=7.0):
    s = a * x + b * y
    t = c * s
    z = d * t
    return z


def chain(x):
    u = sqrt(x)
    v = u**3
    w = v**-1
    return w


def matrix_chain(A, B, C):
    BC = B @ C
    P = A @ BC
    return P


def matrix_chain_left(A, B, C):
    AB = A @ B
    P = AB @ C
    return P


def two_layer(x, W1, b1, W2, b2, y):
    z = W1 @ x + b1
    a = relu(z)
    tau = W2 @ a + b2
    J = (y - tau) ** 2 / 2
    return J


def deep(x, layers, y):
    a = x
    for W, b in layers[:-1]:
        z = W @ a + b
        a = relu(z)
    W, b = layers[-1]
    tau = W @ a + b
    J = (y - tau) ** 2 / 2
    return J


def many_sources(n: int, k: int) -> Example:
    """n inputs that meet in a sum, then a tail of k factors: forward n·k multiplications, reverse (k − 1) + n.

    Source number i has the weight i; the tail's factors are 2 and ½ in turn, so that nothing overflows.

    Raises
    ------
    ArgumentError : n or k is not a whole number from 1 on
    """
    _at_least_one(n=n, k=k)
    weights = [float(i) for i in range(1, n + 1)]
    tail = [0.5 if i % 2 else 2.0 for i in range(k)]

    def sources_sink(x):
        s = weights[0] * x[0]
        for i in range(1, n):
            s = s + weights[i] * x[i]
        for w in tail:
            s = w * s
        return s

    product = math.prod(tail)
    figures = {
        "value": product * sum(weights),
        "gradient": [product * w for w in weights],
        "multiplications forward": n * k,
        "multiplications reverse": (k - 1) + n,
    }
    return Example(f"sources-sink-{n}-{k}", sources_sink, {"x": [1.0] * n}, EDELMAN, figures)


def ladder(n: int) -> Example:
    """n diamonds in a row, each x² − x: 2ⁿ paths over 4n edges.

    At x = 2 every diamond gives 2 again, by a path of weight 4 and one of weight −1, so the derivative is (4 − 1)ⁿ.

    Raises
    ------
    ArgumentError : n is not a whole number from 1 on
    """
    _at_least_one(n=n)

    def ladder(x):
        for _ in range(n):
            u = x**2
            v = -x
            x = u + v
        return x

    slope = float(3**n) if n <= 646 else math.inf  # where floats end
    figures = {"value": 2.0, "gradient": slope, "paths": 2**n, "edges": 4 * n}
    return Example(f"ladder-{n}", ladder, {"x": 2.0}, EDELMAN, figures)


def _at_least_one(**given: Any) -> None:
    for name, x in given.items():
        if not isinstance(x, int) or x < 1:
            raise ArgumentError(f"{name} must be a whole number from 1 on, not {x!r:.40}; write {name}=3, say")


EDELMAN = "Alan Edelman and Steven G. Johnson, MIT 18.S096 Matrix Calculus (IAP 2023), lecture 8, part 2"
STRANG = "Gilbert Strang, MIT 18.065 (2018), lecture 27, Backpropagation: Find Partial Derivatives"
OLAH = "Christopher Olah, Calculus on Computational Graphs: Backpropagation (2015)"
CS229 = "Stanford CS229 (2022), lecture 9, Neural Networks 2 (backprop)"


def _entry(
    function: Callable[..., Any], source: str, expected: dict[str, Any], mode: str = "reverse", **inputs: Any
) -> Example:
    return Example(function.__name__.replace("_", "-"), function, inputs, source, expected, mode)


def _array(*rows: Any) -> Any:
    return np.array(rows, dtype=float)


class _Course(Catalogue):
    """The entries, what makes examples of any size, and a GPT, which is a module of its own."""

    sources_sink = staticmethod(many_sources)
    ladder = staticmethod(ladder)

    @property
    def gpt(self) -> Any:
        from . import gpt  # which takes as long to load as all the others, and few want it

        return gpt


_STRANG = {"value": 88.0, "gradient": (140.0, 24.0), "c": 8.0, "s": 11.0, "adjoint of c": 11.0, "adjoint of s": 8.0}
_STRANG |= {"tangent of c for x": 12.0, "tangent of s for x": 1.0, "tangent of F for x": 140.0}
_STRANG |= {"tangent of c for y": 0.0, "tangent of s for y": 3.0, "tangent of F for y": 24.0}
_FIRST_TRY = STRANG + ": the lecture's first try, with 2y in place of 3y"

_OLAH = {"value": 6.0, "gradient": (2.0, 5.0), "c": 3.0, "d": 2.0, "tangent of e for b": 5.0, "tangent of e for a": 2.0}
_OLAH |= {"∂c/∂a": 1.0, "∂c/∂b": 1.0, "∂d/∂b": 1.0, "∂e/∂c": 2.0, "∂e/∂d": 3.0}

# A transcendental function: seven decimals.
_TOY = {"value": 3.0282240, "gradient": (0.8020015, -0.0056448), "a": 0.1411200, "b": 0.0282240}
_TOY |= {"∂a/∂x": -0.9899925, "∂b/∂a": 0.2, "∂b/∂y": -0.0056448, "∂z/∂b": 1.0, "∂z/∂x": 1.0}

_SINK = {"value": 280.0, "gradient": (70.0, 105.0), "s": 8.0, "adjoint of s": 35.0}
_SINK |= {"multiplications forward": 4, "multiplications reverse": 3}

_CHAIN = {"value": 1 / 8, "gradient": -3 / 64, "u": 2.0, "v": 8.0, "∂u/∂x": 1 / 4, "∂v/∂u": 12.0, "∂w/∂v": -1 / 64}

# A is 3×2, B 2×3, C 3×1. With n = 2 and m = p = 3 the right order needs n(m + p), the left one mp(n + 1).
_MATRICES: dict[str, Any] = {"A": _array([1, 0], [2, 1], [0, 3]), "B": _array([1, 2, 0], [0, 1, 1])}
_MATRICES |= {"C": _array([2], [1], [1])}
_RIGHT = {"value": _array([4], [10], [6]), "BC": _array([4], [2]), "multiplications": 12}
_LEFT = {"value": _array([4], [10], [6]), "AB": _array([1, 2, 0], [2, 5, 1], [0, 3, 3]), "multiplications": 27}

_NET: dict[str, Any] = {"x": _array(1, 2), "W1": _array([1, 1], [1, -1], [-2, 2]), "b1": _array(1, -1, 0)}
_NET |= {"W2": _array(1, 3, -1), "b2": 1.0, "y": 5.0}
_NET_BARS = (_array(-6, 2), _array([-2, -4], [0, 0], [2, 4]), _array(-2, 0, 2), _array(-8, 0, -4), -2.0, 2.0)
_OF_NET = {"value": 2.0, "gradient": _NET_BARS, "z": _array(4, -2, 2), "a": _array(4, 0, 2), "tau": 3.0}
_OF_NET |= {"adjoint of tau": -2.0, "adjoint of a": _array(-2, -6, 2), "adjoint of z": _array(-2, 0, 2)}

_FIRST, _SECOND = (_array([1, 1], [1, -1]), _array(0, 2)), (_array([1, -2], [-1, 1]), _array(1, -1))
_DEEP: dict[str, Any] = {"x": _array(1, 2), "layers": [_FIRST, _SECOND, (_array(2, 1), -1.0)], "y": 1.0}
_FIRST_BARS, _SECOND_BARS = (_array([4, 8], [-8, -16]), _array(4, -8)), (_array([12, 4], [0, 0]), _array(4, 0))
_OF_DEEP: dict[str, Any] = {"value": 2.0, "z": _array(3, 1), "a": _array(3, 1), "tau": 3.0}
_OF_DEEP |= {"gradient": (_array(-4, 12), [_FIRST_BARS, _SECOND_BARS, (_array(4, 0), 2.0)], -2.0)}
_OF_DEEP |= {"z_2": _array(2, -3), "a_2": _array(2, 0)}
_OF_DEEP |= {"adjoint of a": _array(4, -8), "adjoint of z": _array(4, -8), "adjoint of tau": 2.0}
_OF_DEEP |= {"adjoint of a_2": _array(4, 2), "adjoint of z_2": _array(4, 0)}

examples = _Course(
    _entry(edelman, EDELMAN, {"value": 34.0, "gradient": (14.0, 6.0)}, x=3.0, y=5.0),
    _entry(strang, STRANG, _STRANG, x=2.0, y=3.0),
    _entry(strang_first_try, _FIRST_TRY, {"value": 64.0, "gradient": (104.0, 16.0)}, x=2.0, y=3.0),
    _entry(olah, OLAH, _OLAH, a=2.0, b=1.0),
    _entry(edelman_toy, EDELMAN, _TOY, x=3.0, y=5.0),
    _entry(sources_sink, EDELMAN, _SINK, x=1.0, y=2.0),
    _entry(chain, STRANG, _CHAIN, x=4.0),
    _entry(matrix_chain, STRANG + ": A(BC)", _RIGHT, mode="value", **_MATRICES),
    _entry(matrix_chain_left, STRANG + ": (AB)C", _LEFT, mode="value", **_MATRICES),
    _entry(two_layer, CS229, _OF_NET, **_NET),
    _entry(deep, CS229, _OF_DEEP, **_DEEP),
)
