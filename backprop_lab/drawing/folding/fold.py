"""Large graphs fold: which parts a graph has, and what a picture shows while some of them are open.

    tree = Tree(graph)                 calls, loops, turns and bundles, each a numbered part
    scene = tree.scene()               as much open as makes a picture of about 40 boxes
    scene = tree.scene({3, 5})         these parts open, and those around them
    scene.nodes, scene.boxes           what is drawn: single nodes, and folded parts

All of it is data about numbers of nodes and parts; `picture` draws it and the browser reads it (widgets/fold.js).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from ...graph.graph import Graph
from ...graph.notes import Note
from ...recording.tape import CONSTANT
from ..keys import box_id, edge_id, node_id
from .names import named
from .outline import MOST, Part
from .parts import FEW, whole
from .skeleton import LONG, Skeleton, Uses, Wire, is_grid

Whole = np.ndarray[Any, np.dtype[np.int64]]
AT_FIRST = 24  # boxes beside the inputs, before anybody has opened anything: more, in frames, is a tangle of lines
STRIP = 20  # what a loop counts for whose turns use each other, and are more than stand side by side
TURNS = 4  # of a loop that are open at first; more are rows, or a strip


class Tree:
    """The parts of a graph; a flat one has no parts but the whole."""

    def __init__(self, graph: Graph, flat: bool = False) -> None:
        self.graph, self.flat = graph, flat
        self._shown: Scene | None = None  # the last one
        self.kept: dict[Any, Any] = {}  # what pictures of this graph have in common, whatever is open
        self.parts: list[Part] = []  # each before those in it; the first is the whole graph
        self.of = [0] * len(graph)  # for each node, the number of the innermost part that it belongs to
        todo = [Part("", "call", list(range(len(graph)))) if flat else whole(graph)]
        while todo:
            part = todo.pop()
            part.number, part.depth = len(self.parts), part.parent.depth + 1 if part.parent is not None else 0
            self.parts.append(part)
            for inner in part.parts:
                if isinstance(inner, Part):
                    inner.parent = part
                else:
                    self.of[inner] = part.number
            todo.extend(reversed(part.groups))
        self.ends = [part.number + 1 for part in self.parts]  # for each part, the first number after all parts in it
        for part in reversed(self.parts):
            if part.parent is not None:
                self.ends[part.parent.number] = max(self.ends[part.parent.number], self.ends[part.number])
        named(self.parts)
        for part in reversed(self.parts):
            part.size = sum(p.size if isinstance(p, Part) else 1 for p in part.parts)
        self._find_results()

    def _find_results(self) -> None:
        """Fill in `result`: what is used outside comes first, then the last operation, then a constant."""
        graph, parts, of = self.graph, self.parts, self.of
        constant = [code == CONSTANT for code, *_ in graph.records]
        best = [(False, -1)] * len(parts)  # the last operation, or the last constant if there is none
        for id, home in enumerate(of):
            best[home] = max(best[home], (not constant[id], id))
        for part in reversed(parts):
            part.result = best[part.number][1]
            if part.parent is not None:
                best[part.parent.number] = max(best[part.parent.number], best[part.number])
        outputs = set(graph.output_ids)
        for id, home in enumerate(of):
            if constant[id]:
                continue
            users = {of[child] for child, _ in graph.uses[id]}
            reach = min((self._depth(home, user) for user in users), default=parts[home].depth)
            inside: Part | None = parts[home]
            reach = 0 if id in outputs else reach
            while inside is not None and inside.depth > reach:  # nobody out there is inside this part
                inside.result = id
                inside = inside.parent

    def _depth(self, a: int, b: int) -> int:
        """How deep the innermost part around both parts is."""
        one, other = self.parts[a], self.parts[b]
        while one is not other:
            if one.depth >= other.depth:
                assert one.parent is not None
                one = one.parent
            else:
                assert other.parent is not None
                other = other.parent
        return one.depth

    @cached_property
    def at_first(self) -> frozenset[int]:
        """The parts that are open to begin with: from the outside in, as long as few enough boxes are seen."""
        inputs = len(self.graph.input_names)
        free = inputs if inputs <= FEW else 0  # few inputs are all shown, whatever else is
        found = {0}
        seen = sum(isinstance(p, Part) or p >= free for p in self.parts[0].parts)
        row = [self.parts[0]]
        while row:
            below: list[Part] = []
            for part in row:
                groups = [g for g in part.groups if not _is_cut(g)]
                alike = len({g.size for g in groups}) < 2 or all(g.turn or g.kind in ("bundle", "list") for g in groups)
                if alike and len(groups) > TURNS and any(g.turn for g in groups):
                    continue  # what is in each of so many turns or neurons is too much
                for some in [groups] if alike else [[g] for g in groups]:  # a row of like things whole or not at all
                    loads = [self._load(g, free) for g in some]
                    more = sum(loads) - len(some)
                    if seen + more <= AT_FIRST and max(loads, default=0) > 2:  # two things say little more than one
                        seen += more
                        found |= {g.number for g in some}
                        below += some
            row = below
        return frozenset(found)

    def _load(self, part: Part, free: int) -> int:
        """How much an open part adds to a picture: turns stand close together in a column, and a strip is long."""
        seen = [p for p in part.parts if isinstance(p, Part) or p >= free]
        if part.turn and part.parent is not None and is_grid(part.parent):
            return -(-len(seen) // 2)
        turns = [p for p in seen if isinstance(p, Part) and (p.turn or p.kind in ("bundle", "list"))]
        if len(turns) < 3:
            return len(seen)
        if not self._chained(turns):
            return len(seen) - len(turns) + -(-len(turns) // 4)
        return len(seen) - len(turns) + (STRIP if part.turns > LONG else len(turns))

    def _chained(self, turns: list[Part]) -> bool:
        """Whether the second turn uses something of the first."""
        first = {id for id in turns[0].nodes() if self.graph.records[id][0] != CONSTANT}
        return any(id in first for child in turns[1].nodes() for id in self.graph.operand_ids(child))

    @cached_property
    def edges(self) -> Whole:
        """All uses of operands that are seen, in the order of the nodes: rows of child, slot, operand. A constant has
        none in other parts, for its number stands in the formulas."""
        ids, hidden = map(self.graph.operand_ids, range(len(self.graph))), self.graph.hidden
        rows = [(child, slot, p) for child, some in enumerate(ids) for slot, p in enumerate(some) if p not in hidden]
        found = np.array(rows, dtype=np.int64).reshape(-1, 3)
        child, operand = found[:, 0], found[:, 2]
        constant = np.array([code == CONSTANT for code, *_ in self.graph.records], dtype=bool)
        return found[~constant[operand] | (self.homes[child] == self.homes[operand])]

    @cached_property
    def homes(self) -> Whole:
        """For each node, the number of the innermost part that it belongs to."""
        return np.array(self.of, dtype=np.int64)

    @cached_property
    def visible(self) -> Whole:
        """The nodes that are not hidden."""
        return np.array([id for id in range(len(self.graph)) if id not in self.graph.hidden], dtype=np.int64)

    def with_around(self, parts: Iterable[int]) -> frozenset[int]:
        """These parts and all those around them; numbers that are no part are left out."""
        known = [self.parts[k] for k in parts if isinstance(k, int) and 0 <= k < len(self.parts)]
        return frozenset({0} | {p.number for part in known for p in part.around()})

    def scene(self, parts: Iterable[int] | None = None) -> Scene:
        """What is shown while these parts are open, and those around them; as at first if none are given."""
        open = self.at_first if parts is None else self.with_around(parts)
        if self._shown is None or self._shown.open != open:
            self._shown = Scene(self, open)
        return self._shown

    def alike(self, other: Tree) -> bool:
        """Whether another graph has the same parts."""
        return [(p.label, p.size) for p in self.parts] == [(p.label, p.size) for p in other.parts]

    def data(self) -> dict[str, Any]:
        """The tree for the page."""
        around = [-1 if p.parent is None else p.parent.number for p in self.parts]
        parts = [[p.label, p.kind, k, p.size, p.result, p.turn] for p, k in zip(self.parts, around, strict=True)]
        return {"parts": parts, "of": self.of}


def _is_cut(part: Part) -> bool:
    """Whether a list of inputs is so long that its entries are in bundles, which have no names of their own."""
    return part.kind == "list" and any(" … " in g.label for g in part.groups)


class Scene:
    """What is shown while some parts are open; the whole graph, number 0, is always one of them.

    `nodes` are seen, and so are the folded parts, `boxes`; `frames` are the open parts but the whole, outer ones first.
    """

    def __init__(self, tree: Tree, open: frozenset[int]) -> None:
        self.tree, self.open = tree, open
        self.frames = tuple(tree.parts[k] for k in sorted(open) if k)
        folded = (group for part in (tree.parts[0], *self.frames) for group in part.groups if group.number not in open)
        self.boxes = tuple(sorted(folded, key=lambda part: part.number))
        hidden = np.full(len(tree.parts), -1)
        for part in self.boxes:
            hidden[part.number : tree.ends[part.number]] = part.number
        home = hidden[tree.homes]
        self.home: list[int] = home.tolist()  # for each node, the folded part in which it is hidden, or -1
        self._places = np.where(home < 0, -1 - np.arange(len(home)), home)  # a node is seen at -1 - its number
        self.nodes = tuple(tree.visible[home[tree.visible] < 0].tolist())

    def __len__(self) -> int:
        """How many boxes are seen, nodes included."""
        return len(self.nodes) + len(self.boxes)

    def place(self, id: int) -> str:
        """Where a node is seen: itself, or the box that hides it."""
        return node_id(id) if self.home[id] < 0 else box_id(self.home[id])

    def in_grid(self, id: int) -> bool:
        """Whether a node stands in a row of a grid, where it is as narrow as the parts beside it."""
        return bool(self.frames) and self.skeleton.kinds.get(self.tree.of[id]) == "cells"

    @cached_property
    def notes(self) -> dict[int, Note]:
        """By the number of a folded part, the first thing that there is to say about a node in it."""
        return {self.home[id]: note for id, note in reversed(self.tree.graph.notes.items())}

    @cached_property
    def wires(self) -> tuple[Wire, ...]:
        """The lines between what is seen, in the order of the nodes."""
        edges = self.tree.edges
        if not self.boxes:  # each edge is a line of its own
            return tuple(Wire(edge_id(c, k), node_id(p), node_id(c), ((c, k),)) for c, k, p in edges.tolist())
        places = np.stack([self._places[edges[:, 2]], self._places[edges[:, 0]]], axis=1)
        between = places[:, 0] != places[:, 1]
        edges, places = edges[between], places[between]
        alone = np.where((places < 0).all(axis=1), edges[:, 1], -1)  # edges between nodes are never bundled
        width, slots = len(self.home) + len(self.tree.parts), edges[:, 1].max(initial=0) + 2
        one = (places[:, 0] * width + places[:, 1]) * slots + alone
        _, first, group, count = np.unique(one, return_index=True, return_inverse=True, return_counts=True)
        uses = edges[np.argsort(group.ravel(), kind="stable"), :2]  # group by group
        ends = np.cumsum(count)
        found = []
        for k in np.argsort(first).tolist():  # in the order of the nodes
            some = Uses(uses[ends[k] - count[k] : ends[k]])
            a, b = (self.place(id) for id in edges[first[k], [2, 0]].tolist())
            found.append(Wire(edge_id(*some[0]) if b[0] == "n" and len(some) == 1 else f"m{a}_{b}", a, b, some))
        return tuple(found)

    @cached_property
    def skeleton(self) -> Skeleton:
        """How what is seen stands: in columns, strips and lanes."""
        return Skeleton(self.tree.graph, self.tree.parts, self.tree.of, self)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The ids of all that is seen, in the order of the nodes; a box comes with its first one."""
        visible = self.tree.visible
        firsts = np.sort(np.unique(self._places[visible], return_index=True)[1])
        return tuple(map(self.place, visible[firsts].tolist()))

    @cached_property
    def keys(self) -> frozenset[str]:
        """The text keys of all numbers that have a place in the picture."""
        forms = self.skeleton.forms
        shown = [*self.nodes, *(box.result for box in self.boxes if forms.get(box_id(box.number)) != "segment")]
        own = {f"{cell}{id}" for cell in "pa" for id in shown}
        return frozenset(own | {f"w{wire.key[1:]}" for wire in self.wires if wire.key[0] == "e"})

    @cached_property
    def _lines(self) -> dict[str, str]:
        return {edge_id(*use): wire.key for wire in self.wires for use in wire.uses}

    def lit(self, classes: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """What a step lights, where it is seen: classes for the picture's nodes, boxes and lines."""
        found: dict[str, list[str]] = {}
        for key, names in classes.items():
            at = self.place(int(key[1:])) if key[0] == "n" else self._lines.get(key) if key[0] == "e" else key
            if at is not None:
                found.setdefault(at, []).extend(n for n in names if n not in found.get(at, ()))
        return found

    def progress(self, turns: list[tuple[int, str]], at: int) -> dict[str, str]:
        """How far the steps inside each box are, in the part of the run that is on at a position: `12 of 40 steps`.

        `turns` has for each step the node whose turn it is and the part of the run.
        """
        boxes = [self.home[id] if at and part == turns[at - 1][1] else -1 for id, part in turns]
        whole = Counter(boxes)
        return {f"d{box}": f"{count} of {whole[box]} steps" for box, count in Counter(boxes[:at]).items() if box >= 0}


def tree_of(graph: Graph) -> Tree | None:
    """The parts of a graph, or None if it is small enough to be shown whole."""
    return Tree(graph) if len(graph) - len(graph.hidden) > MOST else None
