"""The worked examples of the course: `bl.examples["edelman"].step()`.

Each entry has the function as a student would write it, its inputs, the lecture or article it comes from, and the
figures that must come out. The figures are the sources'; the code is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from .graph import Graph
from .trace import trace

if TYPE_CHECKING:
    from .widgets.player import Player

__all__ = ["Example", "examples"]


class Example(NamedTuple):
    """A worked example.

    Attributes
    ----------
    name : its key in `bl.examples`
    function, inputs : what to trace, and at which numbers
    source : where it comes from
    expected : the figures that must appear: "value", "gradient", and others by node name
    """

    name: str
    function: Callable[..., Any]
    inputs: Mapping[str, float]
    source: str
    expected: Mapping[str, Any]

    def trace(self) -> Graph:
        """The graph at the example's inputs."""
        return trace(self.function, **self.inputs)

    def step(self, **options: Any) -> Player:
        """The player on this example; options as for `bl.step`."""
        from .widgets.player import step

        return step(self.function, **{**self.inputs, **options})


def edelman(x, y):
    z = 2*x*y + (x - 1)**2
    return z


def strang(x, y):
    c = x**3
    s = x + 3*y
    F = c * s
    return F


def strang_first_try(x, y):
    c = x**3
    s = x + 2*y
    F = c * s
    return F


def olah(a, b):
    c = a + b
    d = b + 1
    e = c * d
    return e


def _entry(function: Callable[..., Any], source: str, expected: dict[str, Any], **inputs: float) -> tuple[str, Example]:
    name = function.__name__.replace("_", "-")
    return name, Example(name, function, MappingProxyType(inputs), source, MappingProxyType(expected))


EDELMAN = "Alan Edelman and Steven G. Johnson, MIT 18.S096 Matrix Calculus (IAP 2023), lecture 8, part 2"
STRANG = "Gilbert Strang, MIT 18.065 (2018), lecture 27, Backpropagation: Find Partial Derivatives"
OLAH = "Christopher Olah, Calculus on Computational Graphs: Backpropagation (2015)"

examples: Mapping[str, Example] = MappingProxyType(
    dict(
        [
            _entry(edelman, EDELMAN, {"value": 34.0, "gradient": (14.0, 6.0)}, x=3.0, y=5.0),
            _entry(
                strang,
                STRANG,
                {
                    "value": 88.0,
                    "gradient": (140.0, 24.0),
                    "c": 8.0,
                    "s": 11.0,
                    "adjoint of c": 11.0,
                    "adjoint of s": 8.0,
                },
                x=2.0,
                y=3.0,
            ),
            _entry(
                strang_first_try,
                STRANG + ": the lecture's first try, with 2y in place of 3y",
                {"value": 64.0, "gradient": (104.0, 16.0)},
                x=2.0,
                y=3.0,
            ),
            _entry(olah, OLAH, {"value": 6.0, "gradient": (2.0, 5.0), "c": 3.0, "d": 2.0}, a=2.0, b=1.0),
        ]
    )
)
