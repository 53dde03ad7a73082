"""A graph of ours with somebody else's gradients beside: which differ from our adjoints, and the signs there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..graph.graph import Graph
from ..graph.notes import Note
from ..graph.sweeps import adjoint_sweep, reverse_order
from ..table.values import shape_of
from ..text.notation import number
from .edges import Edges


@dataclass(frozen=True)
class Links:
    """What is known of how their engine hangs together, by node number: the parents as it keeps them, in its order, and
    where each node's own rule for going back stands (file and line)."""

    parents: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    rules: Mapping[int, tuple[str, int]] = field(default_factory=dict)


KEPT = ("theirs", "links", "precision", "own", "failed")  # what a graph has of them


class Beside(Graph):
    """A `Graph` of their code, with `theirs`: their gradient of every node that has one, by node number."""

    theirs: dict[int, Any]  # None where they keep none
    links: Links
    precision = 1e-9  # how far, relatively, their arithmetic may be from ours
    own: frozenset[int] = frozenset()  # the numbers of nodes with a rule of theirs, because the lab has none
    failed: str = ""  # what went wrong in their forward pass, where it ended before its result

    def like(self, records: Sequence[Any], comparisons: Sequence[Any], outputs: tuple[int, ...], single: bool) -> Graph:
        """A graph of the same operations; with their gradients where they still belong to it."""
        same = records is self.records and outputs == self.output_ids
        if not same:
            return super().like(records, comparisons, outputs, single)
        again = type(self)(records, self.places, comparisons, self.input_names, outputs, single, self.function)
        again.marks, again.calls, again.hidden, again.way = self.marks, self.calls, self.hidden, self.way
        again.__dict__["names"] = self.names
        for name in KEPT:
            setattr(again, name, getattr(self, name))
        return again

    @cached_property
    def weighed(self) -> Edges | None:
        """The edges of a graph of numbers alone; None where there are arrays."""
        return None if any(isinstance(y, np.ndarray) for y in self.values) else Edges(self)

    @cached_property
    def ours(self) -> list[Any]:
        """Our adjoints, by node number; None where nothing arrives, and everywhere if there is no one number to start
        from."""
        if self.failed or len(self.output_ids) != 1 or shape_of(self.value):
            return [None] * len(self)
        if self.weighed is not None and not any(map(math.isnan, self.weighed.right)):
            return [bar if id in self.weighed.uses else None for id, bar in enumerate(self.weighed.right)]
        return list(adjoint_sweep(self).numbers)

    @property
    def differing(self) -> dict[int, Any]:
        """Their gradients that are not ours, by node number."""
        return self._differing

    @cached_property
    def _differing(self) -> dict[int, Any]:
        scale = self._scale
        return {
            id: theirs
            for id, theirs in self.theirs.items()
            if theirs is not None
            and (ours := self.ours[id]) is not None
            and not agree(ours, theirs, self.precision, scale[id])
        }

    @cached_property
    def first_wrong(self) -> int | None:
        """The number of the first node in the reverse sweep where theirs is not ours; None if there is none."""
        return next((id for id in reverse_order(self) if id in self.differing), None) if self.differing else None

    @cached_property
    def _scale(self) -> list[float]:
        """By node number, how large the numbers are that its adjoint is added up from: rounding is relative to that."""
        if self.weighed is None:
            largest = max(
                (float(np.max(np.abs(bar), initial=0.0)) for bar in self.ours if bar is not None), default=0.0
            )
            return [1e-3 * largest] * len(self)
        return self.weighed.sizes

    @cached_property
    def notes(self) -> dict[int, Note]:
        """Those of any graph, and where their gradient is another than ours; where their forward pass failed."""
        found = dict(super().notes)
        for id, theirs in self.differing.items():
            words = f"their gradient of {self.labels[id]} is {number(theirs)}, ours {number(self.ours[id])}"
            first = id == self.first_wrong
            found[id] = Note("first", f"the first wrong one in the sweep: {words}") if first else Note("theirs", words)
        for id in self.own:
            name = self.nodes[id].operands[-1].name
            found.setdefault(id, Note("own", f"{name} is theirs: the lab has no such operation, and asks their rule"))
        if self.failed:
            found[self.output_ids[-1]] = Note("failed", self.failed)
        return found

    def __getstate__(self) -> dict[str, Any]:
        own = {
            "theirs": self.theirs,
            "links": self.links,
            "precision": self.precision,
            "failed": self.failed,
            "own": self.own,
        }
        return super().__getstate__() | own


def agree(ours: Any, theirs: Any, precision: float, scale: float = 0.0) -> bool:
    """Whether two gradients are the same but for rounding; `scale` is how large the numbers were on the way."""
    if isinstance(ours, np.ndarray) or isinstance(theirs, np.ndarray):
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        if ours.shape != theirs.shape:
            return False
        with np.errstate(all="ignore"):
            largest = max(float(np.max(np.abs(ours), initial=0.0)), scale)
            return bool(np.all(np.abs(ours - theirs) <= precision * largest + 1e-300) or np.array_equal(ours, theirs))
    return bool(ours == theirs or abs(ours - theirs) <= precision * max(abs(ours), abs(theirs), scale) + 1e-300)


class Called:
    """Stands for a function that is known by its name alone."""

    def __init__(self, name: str) -> None:
        self.__name__ = name
