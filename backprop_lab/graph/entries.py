"""A graph of small arrays as a tape of numbers, to be played without Python: each entry of an array is one.

    entries = Entries(graph)            an error `Beyond` says that a graph has what is no sum or product of numbers
    entries.columns()                   the tape
    entries.places()                    where each node's numbers are in it
    entries.swept(steps)                where the numbers of each step are; what a sweep sends is written there, too

So whoever plays a tape needs to know numbers alone, and what is right for these is right for arrays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..recording.tape import CONSTANT, INPUT, Comparison
from ..table.cells import FRAGILE, Beyond, Cell, Cells
from ..table.table import BY_CODE, Primitive
from ..table.values import is_array, is_bool, is_complex, shape_of, size_of, zeros
from ..text.slots import is_named
from .columns import GUARD, ORDER, Columns
from .graph import Graph
from .replay import other_way
from .steps import Step
from .sweeps import push_terms

MOST_ENTRIES, MOST_ROWS = 6, 6000


class Entries:
    """The numbers of a graph's nodes as cells, and those of sweeps over it."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.cells = graph, Cells()
        self.values: list[Any] = []  # of each node a cell or a number, or an array of them
        self.own: dict[int, int] = {}  # by cell the nodes that are computed of numbers alone
        self.alone: set[int] = set()  # these nodes
        self.fragile: dict[int, tuple[int, int]] = {}  # by node its rows, if one of them that is infinite tells nothing
        if not all(map(is_small, graph.values)):
            raise Beyond("large")
        for id, (code, _, _, _, _, y) in enumerate(graph.records):
            begins = len(self.cells.code)
            made = self._given(y) if code == INPUT else y if code == CONSTANT else self._computed(id)
            self.values.append(np.asarray(made, dtype=object) if shape_of(y) and code != CONSTANT else made)
            if code >= 0 and BY_CODE[code].elementwise and isinstance(made, Cell):
                self.own.setdefault(made.id, id)
                self.alone.add(id)
            if code >= 0 and BY_CODE[code].name in FRAGILE:
                self.fragile[id] = begins, len(self.cells.code)
        self.known = len(self.cells.code)
        self.partials = {
            f"{edge.child.id}_{edge.slot}": self.slope(edge.child.id, edge.slot)
            for edge in graph.edges
            if edge.child.entry.elementwise
        }
        if any(c.sign not in ORDER for c in graph.comparisons):
            raise Beyond("choices")
        guards = sorted(((self._guard(c), other_way(c)) for c in graph.comparisons), key=lambda one: one[0][0])
        self.guards, self.told = [row for row, _ in guards], [text for _, text in guards]

    def _guard(self, c: Comparison) -> tuple[int, ...]:
        ends = [
            self.cells.cell(self.values[k]).id if k >= 0 else self.cells.place(x) for k, x in ((c.i, c.a), (c.j, c.b))
        ]
        return max(ends), ORDER.index(c.sign), *ends, int(bool(c.outcome))

    def _given(self, y: Any) -> Any:
        if not shape_of(y):
            return self.cells.given()
        return np.array([self.cells.given() for _ in range(size_of(y))], dtype=object).reshape(shape_of(y))

    def _operands(self, id: int) -> tuple[Primitive, Any, tuple[Any, ...]]:
        """A node's operation, its operands' nodes, and what the operation takes."""
        code, i, j, _, b, _ = self.graph.records[id]
        op = BY_CODE[code]
        ids = op.ids(i, j)
        return op, ids, op.joined([self.values[k] for k in ids], op.settings(b))

    def _computed(self, id: int) -> Any:
        op, _, operands = self._operands(id)
        return self.cells.value(op, operands)

    def slope(self, id: int, slot: int) -> Any:
        """The local partials of an elementwise operation."""
        op, _, operands = self._operands(id)
        return self.cells.slope(op, slot, self.values[id], operands)

    def place(self, x: Any, shape: tuple[int, ...] = ()) -> Any:
        """Where numbers are on the tape, in lists as they are in their array."""
        if shape and shape_of(x) != shape:
            x = np.broadcast_to(np.asarray(x, dtype=object), shape)
        if not shape_of(x):
            return self.cells.cell(x).id
        return [self.place(part) for part in x]

    def columns(self) -> Columns:
        """The tape, with what has been written so far."""
        cells = self.cells
        code, left, right = (np.array(column, np.int32) for column in (cells.code, cells.left, cells.right))
        guards = np.array(self.guards, np.int32).reshape(-1, len(GUARD))
        return Columns(cells.ops, code, left, right, np.array(cells.constants, float), guards)

    def shown(self) -> list[float | None]:
        """The numbers of the first cells as the engine has them; None for what no node shows."""
        found: list[float | None] = [None] * self.known
        for x, y in zip(self.values, self.graph.values, strict=True):
            for cell, number in zip(np.ravel(np.asarray(x, dtype=object)), np.ravel(y), strict=True):
                if isinstance(cell, Cell):
                    found[cell.id] = float(number)
        return found

    def places(self) -> dict[str, Any]:
        """Where the numbers of nodes and partials are, and by cell the nodes whose operation's domain counts."""
        slopes = {}
        for key, slope in self.partials.items():
            child, slot = map(int, key.split("_"))
            slopes[key] = self.place(slope, shape_of(self.graph.nodes[child].partials[slot]))
        return {"nodes": [self.place(x) for x in self.values], "partials": slopes, "own": self.own} | (
            {"fragile": self.fragile} if self.fragile else {}
        )

    def swept(self, steps: Sequence[Step]) -> list[Any]:
        """For each step after the values where its numbers are, as `row` has them; of a tangent also what it costs, as
        `push_terms` has it."""
        found: list[Any] = []
        for step, now in zip(steps, self.sweeps(steps), strict=True):
            row = 0 if now is None else self.row(step.node.id, *now[:3])
            found.append([row, *push_terms(self.graph, step.node.id)] if step.kind == "tangent" else row)
        return found

    def row(self, id: int, before: Any, amount: Any, after: Any) -> Any:
        """Where a node's number is after a step; if one was there before, also what the step brings, and that one."""
        y = self.graph.values[id]
        first = before is None or not is_named(before) and not np.any(before)
        now = [
            self.place(zeros(y) if x is None else x, shape_of(y)) for x in (after, *(() if first else (amount, before)))
        ]
        return now[0] if first else {"A": now[0], "M": now[1], "B": now[2]}

    def sweeps(self, steps: Sequence[Step]) -> Iterator[tuple[Any, Any, Any, dict[int, Any]] | None]:
        """For each step after the values the numbers before it, those that it brings and those after, with all adjoints
        or tangents so far, by node; None for one that has none, or does not move."""
        sums: dict[int, Any] = {}
        late: Any = None
        last = None
        for step in steps:
            id = step.node.id
            if step.kind == "value":
                yield None
                continue
            if step.kind == "seed" and last is not None and last.sweep is not step.sweep:
                sums = {}
            before, amount = sums.get(id), None
            if step.kind == "seed":
                sums[id] = amount = step.after
            elif step.kind == "tangent":
                sums[id] = amount = self._tangent(id, sums)
            elif step.kind == "sum":
                sums[id], amount = before + late, late
            else:
                assert step.edge is not None
                late = amount = self._sent(step.edge[0].id, step.edge[1], sums)
                if before is None:
                    sums[id] = late
            yield before, amount, sums[id], sums
            last = step

    def _sent(self, id: int, slot: int, bars: dict[int, Any]) -> Any:
        op, _, operands = self._operands(id)
        return self.cells.pull(op, slot, bars[id], self.values[id], operands)

    def _tangent(self, id: int, dots: dict[int, Any]) -> Any:
        op, ids, operands = self._operands(id)
        moving = [dots.get(k) for k in ids]
        moving = [None if x is None or (not isinstance(x, Cell) and not np.any(x)) else x for x in moving]
        if all(x is None for x in moving):
            return None
        return self.cells.push(op, moving, self.values[id], operands)


def is_small(y: Any) -> bool:
    """Whether a value is a finite number, or an array of a few that can be written out."""
    if not is_array(y):
        return isinstance(y, float | int) and bool(np.isfinite(y))
    return not is_complex(y) and 0 < y.size <= MOST_ENTRIES and y.ndim <= 2 and bool(np.all(np.isfinite(y)))


def truths(graph: Graph) -> list[int]:
    """The nodes that are arrays of truth values."""
    return [id for id, y in enumerate(graph.values) if is_bool(y)]
