"""A worked example: a function, inputs for it, and the figures that must come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UnknownName
from ..graph.graph import Graph
from ..graph.trace import trace
from ..recording.trees import mapped

if TYPE_CHECKING:
    from ..widgets.player import Player


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Example:
    """A worked example.

    Attributes
    ----------
    name : its key in `bl.examples`
    function, inputs : what to trace, and at which numbers, arrays or lists of them
    source : where it comes from
    expected : the figures that must appear. "value"; "gradient", as `bl.grad` gives it; by a node's name its primal;
        "adjoint of c", "tangent of c for x", "∂z/∂x" (the edge from x to z), "multiplications", "multiplications
        forward" (a sweep for each input) and "multiplications reverse" (without those of the value), "paths", "edges"
    mode : how `step` shows it: "reverse", or "value" where the result is a whole array

    `inputs` and `expected` are copies, new ones each time: change an array as you like, the catalogue keeps its own.
    """

    name: str
    function: Callable[..., Any]
    _inputs: Mapping[str, Any]
    source: str
    _expected: Mapping[str, Any]
    mode: str = "reverse"

    def __post_init__(self) -> None:
        for field in ("_inputs", "_expected"):
            object.__setattr__(self, field, _copied(getattr(self, field)))

    @property
    def inputs(self) -> Mapping[str, Any]:
        return MappingProxyType(_copied(self._inputs))

    @property
    def expected(self) -> Mapping[str, Any]:
        return MappingProxyType(_copied(self._expected))

    def trace(self, **inputs: Any) -> Graph:
        """The graph at the example's inputs, or at others: `.trace(x=4)`."""
        return trace(self.function, **{**self.inputs, **inputs})

    def step(self, **options: Any) -> Player:
        """The player on this example; other inputs and options as for `bl.step`."""
        from ..widgets.player import step

        return step(self.function, **{"mode": self.mode, **self.inputs, **options})

    def __repr__(self) -> str:
        return f"<Example {self.name}: {self.source}>"


class Catalogue(Mapping[str, Example]):
    """Examples by name. It cannot be changed, and says which names there are."""

    def __init__(self, *entries: Example) -> None:
        self._entries = {e.name: e for e in entries}

    def __getitem__(self, name: str) -> Example:
        try:
            return self._entries[name]
        except KeyError:
            raise UnknownName(f"no example is called {name}; there are {', '.join(self)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        wide = max(map(len, self))
        return "\n".join(f"{name:<{wide}}  {example.source}" for name, example in self.items())


def _copied(tree: Any) -> Any:
    return mapped(lambda leaf, _: leaf.copy() if isinstance(leaf, np.ndarray) else leaf, dict(tree))
