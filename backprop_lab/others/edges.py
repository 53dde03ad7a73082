"""The edges of a graph of numbers in the order of the reverse sweep: what arrives where, from whom, with which slope.

edges = Edges(graph)
for id in edges.order: edges.uses[id]       each node after all that use it; its uses, each with its local partial
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..graph.graph import Graph
from ..graph.sweeps import reverse_order
from ..mistakes.sweep import Use
from ..table.table import BY_CODE


class Edges:
    """The uses of each node that leads to the output, and the right adjoints; the graph is of numbers."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.output = graph, graph.output_ids[-1]
        self.order = list(reverse_order(graph))
        self.uses: dict[int, list[Use]] = {id: [] for id in self.order}
        for child in self.order:
            code = graph.records[child][0]
            if code < 0:
                continue
            if BY_CODE[code].elementwise:
                for slot, id in enumerate(graph.operand_ids(child)):
                    self.uses[id].append(Use.of(graph, child, slot))
                continue
            _, _, _, a, b, y = graph.records[child]
            op = BY_CODE[code]
            with np.errstate(all="ignore"):  # of one number; such a rule is linear in what comes
                slopes = dict(op.pull(range(len(graph.operand_ids(child))), 1.0, y, op.operands(a, b)))
            for slot, id in enumerate(graph.operand_ids(child)):
                self.uses[id].append(Use.of(graph, child, slot)._replace(slope=float(slopes.get(slot, 0.0))))

    @cached_property
    def right(self) -> list[float]:
        """Our adjoints, by node number; 0 where nothing arrives."""
        return self._summed(lambda x: x)

    @cached_property
    def sizes(self) -> list[float]:
        """As `right`, with all numbers taken without their signs."""
        return self._summed(abs)

    def _summed(self, of: Any) -> list[float]:
        bars = [0.0] * len(self.graph)
        bars[self.output] = 1.0
        for id in self.order:
            for use in self.uses[id]:
                bars[id] += bars[use.child] * of(use.slope)
        return bars

    @cached_property
    def sends(self) -> dict[int, list[tuple[int, Use]]]:
        """By node, to which operands it sends, in the order of the slots."""
        found: dict[int, list[tuple[int, Use]]] = {id: [] for id in self.order}
        for id, uses in self.uses.items():
            for use in uses:
                found[use.child].append((id, use))
        for way in found.values():
            way.sort(key=lambda edge: edge[1].slot)
        return found

    def walked(self, sequence: Sequence[int]) -> list[float]:
        """The gradients of an engine that goes back through the nodes in this order, whatever has arrived by then."""
        bars = [0.0] * len(self.graph)
        bars[self.output] = 1.0
        for child in sequence:
            for id, use in self.sends.get(child, ()):
                bars[id] += bars[child] * use.slope
        return bars
