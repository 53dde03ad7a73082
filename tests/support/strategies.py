"""Random programs for hypothesis: straight lines of operations that share what they computed before.

A program can be run on floats, on the lab's recording values, and on another library's: operations are looked up in
the namespace it is given, so the second oracle runs exactly the same lines.

`make test` draws few of them, `make test-long` 20,000 in each such test (EXAMPLES in the environment: any number).
"""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st

import backprop_lab as bl

# The same examples on every run where CI is set, new ones elsewhere; a busy machine is no failure.
settings.register_profile("lab", derandomize=bool(os.environ.get("CI")), deadline=None)
settings.load_profile("lab")


def examples(usual: int) -> settings:
    """The setting of a test that tries this many programs; `EXAMPLES` in the environment overrules it."""
    return settings(max_examples=int(os.environ.get("EXAMPLES", usual)))


def many(usual: int, most: int) -> int:
    """How many seeds or students a loop tries that is marked `drawn`: `EXAMPLES` asks for more, up to `most`."""
    return min(most, int(os.environ.get("EXAMPLES", usual)))


# Smooth everywhere, and each maps [-3, 3] into it or near it, so that long programs stay in reach of 1e-8.
UNARY = {
    "sin": lambda n, a: n.sin(a),
    "cos": lambda n, a: n.cos(a),
    "tanh": lambda n, a: n.tanh(a),
    "arctan": lambda n, a: n.arctan(a),
    "neg": lambda n, a: -a,
    "square": lambda n, a: (a * 0.5) ** 2,
    "cube": lambda n, a: (a * 0.5) ** 3,
    "exp": lambda n, a: n.exp(n.sin(a)),
    "log": lambda n, a: n.log(1.5 + n.cos(a)),
    "sqrt": lambda n, a: n.sqrt(a * a + 0.5),
    "sinh": lambda n, a: n.sinh(n.cos(a)),
    "cosh": lambda n, a: n.cosh(n.sin(a)),
    "log1p": lambda n, a: n.log1p(a * a),
    "expm1": lambda n, a: n.expm1(n.tanh(a)),
    "power": lambda n, a: (a * a + 0.25) ** 0.75,
    "inverse": lambda n, a: (a * a + 1.0) ** -1,
    "scaled": lambda n, a: 0.75 * a - 0.25,
    "taken": lambda n, a: 1 - a / 3,
}
BINARY = {
    "add": lambda n, a, b: a + b,
    "sub": lambda n, a, b: a - b,
    "mul": lambda n, a, b: a * b,
    "div": lambda n, a, b: a / (b * b + 0.5),
    # An exponent that is not 0, as the inputs and what is made of them often are: there autograd's second derivative of
    # a power is wrong (its rule for the base replaces the exponent y - 1 by 1).
    "pow": lambda n, a, b: (a * a + 0.5) ** (n.tanh(b) + 0.125),
    "under": lambda n, a, b: 2.0 / (1.5 + n.sin(a * b)),
}
LAB = SimpleNamespace(
    **{name: getattr(bl, name) for name in ("sin cos tanh arctan exp log sqrt sinh cosh log1p expm1").split()}
)


class Program(NamedTuple):
    """Inputs, and lines of (operation, positions of its operands among the inputs and the earlier lines)."""

    inputs: tuple[float, ...]
    lines: tuple[tuple[str, int, int], ...]

    def run(self, *xs: Any, functions: Any = LAB) -> Any:
        """The last line's value plus all inputs, so that none is ignored."""
        values = list(xs)
        for name, i, j in self.lines:
            value = (
                UNARY[name](functions, values[i]) if name in UNARY else BINARY[name](functions, values[i], values[j])
            )
            values.append(value)
        total = values[-1] * 1.0
        for x in xs:
            total = total + x
        return total


@st.composite
def programs(draw: st.DrawFn, most_lines: int = 10) -> Program:
    inputs = draw(st.lists(st.floats(-2, 2).map(lambda x: round(x, 3)), min_size=1, max_size=3))
    lines = []
    for k in range(draw(st.integers(1, most_lines))):
        known = st.integers(0, len(inputs) + k - 1)
        lines.append((draw(st.sampled_from([*UNARY, *BINARY])), draw(known), draw(known)))
    return Program(tuple(inputs), tuple(lines))
