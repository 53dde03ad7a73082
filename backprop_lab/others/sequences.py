"""Sweeps that do not wait: the gradients of an engine that walks its own parents in an order of its own.

Walks(graph, edges).postorder()             each node after its users, as their own links tell them
Walks(graph, edges).met(…)                  in the order in which a walk meets them
Walks(graph, edges).recursed(…)             the gradients where each node calls its operands
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .beside import Beside
from .edges import Edges

ALL = slice(None)
MOST_VISITS = 20_000  # of a recursion, which comes to a node once for each path


class Walks:
    """Walks over one graph along the parents that their engine keeps."""

    def __init__(self, graph: Beside, edges: Edges) -> None:
        self.graph, self.edges = graph, edges

    def parents(self, id: int) -> Sequence[int]:
        """The operands that a node names as its parents, in their order."""
        found = self.graph.links.parents.get(id)
        return self.graph.operand_ids(id) if found is None else found

    def postorder(self, of: Callable[[int], object] = int, some: slice = ALL) -> list[int]:
        """Users before their parents, as their own links tell them; nodes are told apart by what they are `of`, and
        only `some` of their parents are visited."""
        order: list[int] = []
        seen = {of(self.edges.output)}
        todo: list[tuple[int, Iterator[int]]] = [(self.edges.output, iter(self.parents(self.edges.output)[some]))]
        while todo:
            id, rest = todo[-1]
            following = next((p for p in rest if of(p) not in seen), None)
            if following is None:
                order.append(id)
                todo.pop()
            else:
                seen.add(of(following))
                todo.append((following, iter(self.parents(following)[some])))
        return order[::-1]

    def met(self, flip: bool, broad: bool, marks: bool) -> list[int]:
        """Nodes in the order in which a walk meets them: deep or broad, marked when met or when visited."""
        order: list[int] = []
        seen: set[int] = {self.edges.output} if marks else set()
        todo = [self.edges.output]
        while todo:
            id = todo.pop(0 if broad else -1)
            if not marks:
                if id in seen:
                    continue
                seen.add(id)
            order.append(id)
            parents = list(self.parents(id))
            for p in parents if flip else reversed(parents):
                if p not in seen:
                    todo.append(p)
                    if marks:
                        seen.add(p)
        return order

    def recursed(self, flip: bool, at_once: bool) -> list[float] | None:
        """Each node sends to all of its operands and then calls each of them, or calls each as soon as it has got "
        "its own."""
        bars, visits = [0.0] * len(self.graph), 0
        bars[self.edges.output] = 1.0
        todo: list[tuple[int, int, float]] = [(self.edges.output, -1, 0.0)]  # a node to call, or one use to send over
        sends = self.edges.sends
        while todo:
            id, slot, _ = todo.pop()
            visits += 1
            if visits > MOST_VISITS:
                return None
            edges = sends.get(id, [])
            if slot >= 0:
                target, use = edges[slot]
                bars[target] += bars[id] * use.slope
                todo.append((target, -1, 0.0))
            elif at_once:
                places = range(len(edges))
                todo += [(id, k, 0.0) for k in (places if flip else reversed(places))]
            else:
                for target, use in edges:
                    bars[target] += bars[id] * use.slope
                parents = list(self.parents(id))
                todo += [(p, -1, 0.0) for p in (parents if flip else reversed(parents))]
        return bars
