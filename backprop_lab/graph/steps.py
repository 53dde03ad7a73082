"""What a sweep gives: a sequence of `Step`s, each one thing that happens, with the numbers before and after."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import takewhile
from typing import Any, overload

import numpy as np

from ..errors import Answering, ArgumentError
from ..table.table import Cost
from ..text.notation import number
from .formulas import Told, formula, sentence
from .graph import Graph, Node


class Step(Told):
    """One thing that happens in a sweep.

    Attributes
    ----------
    kind : "value", "seed", "tangent", "contribution" (one edge's product arrives) or "sum" (it is added)
    node : the node written to
    edge : for a contribution and its sum, the pair (child, slot) it came through; else None
    reads : the nodes whose numbers this step uses
    before, after : this node's number before and after the step (None: it has none yet). A second arrival waits:
        its contribution leaves the number alone, and the sum that follows adds it.
    amount : the number this step computes; for a contribution the product on the edge
    partials : the local partials this step uses
    cost : what the sweep has cost when this step is done: multiplications, additions, function calls
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{self.kind}: {self.formula}>"

    @property
    def formula(self) -> str:
        """The step as a formula in plain text with its numbers: `x̄ += v̄1 · ∂v1/∂x = 5 · 2 = 10`."""
        return formula(self)

    @property
    def sentence(self) -> str:
        """The step in a plain sentence."""
        return sentence(self)

    def to_dict(self) -> dict[str, Any]:
        """The step as JSON-ready data; nodes are given by name.

        Arrays are nested lists, complex numbers texts such as `3 + 4i`, and numbers that JSON has no word for are the
        texts `inf`, `−inf` and `nan`.
        """
        return {
            "kind": self.kind,
            "node": self.node.name,
            "edge": None if self.edge is None else [self.edge[0].name, self.edge[1]],
            "reads": [n.name for n in self.reads],
            **{key: _json(getattr(self, key)) for key in ("before", "after", "amount")},
            "partials": list(map(_json, self.partials)),
            "formula": self.formula,
            "sentence": self.sentence,
        }


def _json(x: Any) -> Any:
    """A number or an array as JSON can say it."""
    if isinstance(x, np.ndarray | list):
        return [_json(part) for part in (x if isinstance(x, list) else x.tolist())]
    odd = isinstance(x, complex) or isinstance(x, float) and not math.isfinite(x)
    return number(x) if odd else x


Row = tuple[str, int, int, int, Any, Any, Any]  # kind, node, child (or -1), slot, before, after, amount


class Running:
    """A sweep while it runs: its rows so far, and what it has cost when each of them is done."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.costs: list[Cost] = []
        self.total = Cost()

    def add(self, cost: Cost) -> None:
        """Count what is done for the next step."""
        self.total = self.total.plus(cost)

    def step(self, kind: str, id: int, before: Any, after: Any, amount: Any, child: int = -1, slot: int = 0) -> None:
        """A step ends here."""
        self.rows.append((kind, id, child, slot, before, after, amount))
        self.costs.append(self.total)


class Sweep(Answering, Sequence[Step]):
    """The steps of one pass over a graph.

    Attributes
    ----------
    mode : "value", "tangent" or "adjoint"
    numbers : the pass's number for each node, by node number (None where the pass did not get)
    result : the same as a dict from node name to number
    counts : multiplications, additions, function calls and stored values
    """

    instead = dict.fromkeys(("adjoint", "adjoints", "tangent", "tangents", "grad", "values"), "sweep.result")
    called = "sweep.result, or sweep[0] for a step"

    def __init__(self, graph: Graph, mode: str, running: Running, numbers: list[Any], stored: int) -> None:
        self.graph, self.mode, self.numbers = graph, mode, numbers
        self._rows, self._costs = running.rows, running.costs
        self.counts = running.total._asdict() | {"stored": stored}

    @property
    def result(self) -> dict[str, Any]:
        return {name: x for name, x in zip(self.graph.names, self.numbers, strict=True) if x is not None}

    @property
    def contributions(self) -> Iterator[tuple[int, int, int]]:
        """The edges over which something is sent, in order: (node's number, child's number, slot)."""
        return ((id, child, slot) for kind, id, child, slot, *_ in self._rows if kind == "contribution")

    @cached_property
    def arrivals(self) -> dict[int, list[tuple[int, int, Any]]]:
        """For each node number, the contributions that reach it, in order: (child's number, slot, amount)."""
        found: dict[int, list[tuple[int, int, Any]]] = {}
        for kind, id, child, slot, _, _, amount in self._rows:
            if kind == "contribution":
                found.setdefault(id, []).append((child, slot, amount))
        return found

    def before(self, id: int, child: int, slot: int) -> list[tuple[int, int, Any]]:
        """What arrived at a node before an edge's contribution did."""
        return list(takewhile(lambda came: came[:2] != (child, slot), self.arrivals[id]))

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, k: int) -> Step: ...

    @overload
    def __getitem__(self, k: slice) -> list[Step]: ...

    def __getitem__(self, k: int | slice) -> Step | list[Step]:
        if isinstance(k, str):
            raise ArgumentError(f"a sweep's steps are counted, and {k!r} is no number; write sweep.result[{k!r}]")
        if isinstance(k, slice):
            return list(map(self._step, self._rows[k], self._costs[k]))
        return self._step(self._rows[k], self._costs[k])

    def __iter__(self) -> Iterator[Step]:
        return map(self._step, self._rows, self._costs)

    def __repr__(self) -> str:
        return f"<{self.mode} sweep of {len(self)} steps over {len(self.graph)} nodes>"

    def __str__(self) -> str:
        return "\n".join(s.formula for s in self)

    def _step(self, row: Row, cost: Cost) -> Step:
        kind, id, child, slot, before, after, amount = row
        node = self.graph.nodes[id]
        edge = (self.graph.nodes[child], slot) if child >= 0 else None
        reads: tuple[Node, ...] = (node,) if kind == "sum" else ()
        partials: tuple[Any, ...] = ()
        if kind in ("value", "tangent"):
            reads, partials = node.parents, node.partials if kind == "tangent" else ()
        elif kind == "contribution" and edge is not None:
            reads, partials = edge[:1], (edge[0].partials[slot],)
        return Step(kind, node, edge, reads, before, after, amount, partials, cost, self)
