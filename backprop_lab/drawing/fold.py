"""Large graphs fold: which parts a graph has, and what a picture shows while some of them are open.

    tree = Tree(graph)                 calls, loops, turns and bundles, each a numbered part
    scene = tree.scene()               as much open as makes a picture of about 40 boxes
    scene = tree.scene({3, 5})         these parts open, and those around them
    scene.nodes, scene.boxes           what is drawn: single nodes, and folded parts

All of it is data about numbers of nodes and parts; `picture` draws it and the browser reads it (widgets/fold.js).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from ..calls import Group, outline
from ..graph import Graph
from ..node import CONSTANT
from .dot import box_id, edge_id, node_id

__all__ = ["MOST", "Part", "Scene", "Tree", "Wire", "tree_of"]

MOST = 40  # boxes that are seen at once; a graph of no more nodes is shown whole
ROW = 25  # the most bundles into which a long row of nodes is divided
AT_FIRST = 45  # boxes that are seen before anybody has opened anything: about 40


@dataclass(eq=False, repr=False)
class Part:
    """A part of a graph that can be folded.

    Attributes
    ----------
    label, kind : what it is called; "call", "loop", "turn" or "bundle"
    parts : the numbers of its nodes, and the parts in it
    number : its place among the tree's parts
    parent : the part around it; None for the whole graph
    size : how many nodes are inside, at any depth
    result : the last node inside that the outside uses: what a folded box shows the numbers of
    """

    label: str
    kind: str
    parts: list[int | Part]
    number: int = 0
    parent: Part | None = None
    size: int = 0
    result: int = -1
    depth: int = 0

    def __repr__(self) -> str:
        return f"<{self.label}: {self.size} nodes>"

    @property
    def groups(self) -> list[Part]:
        """The parts in it."""
        return [p for p in self.parts if isinstance(p, Part)]

    def around(self) -> Iterator[Part]:
        """This part and those around it, from the inside out."""
        part: Part | None = self
        while part is not None:
            yield part
            part = part.parent


class Tree:
    """The parts of a graph.

    Attributes
    ----------
    parts : all of them, each before those in it; the first is the whole graph
    of : for each node, the number of the innermost part that it belongs to
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.parts: list[Part] = []
        self.of = [0] * len(graph)
        todo = [_whole(graph)]
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
        for part in reversed(self.parts):
            part.size = sum(p.size if isinstance(p, Part) else 1 for p in part.parts)
        self._find_results()

    def _find_results(self) -> None:
        """Fill in `result`: what is used outside comes first, then the last operation, then a constant."""
        graph, records = self.graph, self.graph.records
        for id in sorted(range(len(records)), key=lambda id: records[id][0] != CONSTANT):
            for part in self.parts[self.of[id]].around():
                part.result = id
        for id, (code, *_) in enumerate(records):
            if code == CONSTANT:
                continue
            home = self.parts[self.of[id]]
            users = [self.parts[self.of[child]] for child, _ in graph.uses[id]]
            users += [self.parts[0]] if id in graph.output_ids else []
            reach = min((self._common(home, user).depth for user in users), default=home.depth)
            for part in home.around():
                if part.depth > reach:  # nobody out there is inside this part
                    part.result = id

    def _common(self, a: Part, b: Part) -> Part:
        """The innermost part around both."""
        while a is not b:
            if a.depth >= b.depth and a.parent is not None:
                a = a.parent
            elif b.parent is not None:
                b = b.parent
        return a

    @cached_property
    def at_first(self) -> frozenset[int]:
        """The parts that are open to begin with: from the outside in, as long as about 40 boxes are seen."""
        found = {0}
        seen = len(self.parts[0].parts)
        row = [self.parts[0]]
        while row:
            below: list[Part] = []
            for part in row:
                groups = part.groups
                alike = len({g.size for g in groups}) == 1 or all(g.kind in ("turn", "bundle") for g in groups)
                for some in [groups] if alike else [[g] for g in groups]:  # a row of like things whole or not at all
                    more = sum(len(g.parts) - 1 for g in some)
                    if seen + more <= AT_FIRST:
                        seen += more
                        found |= {g.number for g in some}
                        below += some
            row = below
        return frozenset(found)

    def with_around(self, parts: Iterable[int]) -> frozenset[int]:
        """These parts and all those around them; numbers that are no part are left out."""
        known = [self.parts[k] for k in parts if isinstance(k, int) and 0 <= k < len(self.parts)]
        return frozenset({0} | {p.number for part in known for p in part.around()})

    def scene(self, parts: Iterable[int] | None = None) -> Scene:
        """What is shown while these parts are open, and those around them; as at first if none are given."""
        return Scene(self, self.at_first if parts is None else self.with_around(parts))

    def alike(self, other: Tree) -> bool:
        """Whether another graph has the same parts."""
        return [(p.label, p.size) for p in self.parts] == [(p.label, p.size) for p in other.parts]

    def everything(self) -> Scene:
        """Every part open."""
        return Scene(self, frozenset(range(len(self.parts))))

    def data(self) -> dict[str, Any]:
        """The tree for the page."""
        return {
            "parts": [
                [p.label, p.kind, -1 if p.parent is None else p.parent.number, p.size, p.result] for p in self.parts
            ],
            "of": self.of,
        }


class Wire(NamedTuple):
    """Edges that a picture shows as one line.

    Attributes
    ----------
    key : its id in the DOT text and in the page; a line that is one edge to a visible node has that edge's
    source, target : the boxes or nodes at its ends, by their ids
    uses : the edges, as (child, slot)
    """

    key: str
    source: str
    target: str
    uses: tuple[tuple[int, int], ...]


class Scene:
    """What is shown while some parts are open.

    Attributes
    ----------
    open : the numbers of the open parts; the whole graph, number 0, is always one of them
    home : for each node, the number of the folded part in which it is hidden, or -1
    nodes : the nodes that are seen
    boxes : the folded parts that are seen
    frames : the open parts that have a frame, the outer ones first
    """

    def __init__(self, tree: Tree, open: frozenset[int]) -> None:
        self.tree, self.open = tree, open
        hidden: list[int] = []
        for part in tree.parts:
            around = hidden[part.parent.number] if part.parent is not None else -1
            hidden.append(around if around >= 0 else -1 if part.number in open else part.number)
        self.home = [hidden[k] for k in tree.of]
        self.nodes = tuple(id for id, box in enumerate(self.home) if box < 0)
        self.boxes = tuple(p for p in tree.parts if hidden[p.number] == p.number)
        self.frames = tuple(p for p in tree.parts if p.number in open and p.number)

    def __len__(self) -> int:
        """How many boxes are seen, nodes included."""
        return len(self.nodes) + len(self.boxes)

    def place(self, id: int) -> str:
        """Where a node is seen: itself, or the box that hides it."""
        return node_id(id) if self.home[id] < 0 else box_id(self.home[id])

    @cached_property
    def wires(self) -> tuple[Wire, ...]:
        """The lines between what is seen, in the order of the nodes."""
        uses: dict[tuple[str, str], list[tuple[int, int]]] = {}
        graph = self.tree.graph
        for child in range(len(graph)):
            target = self.place(child)
            for slot, parent in enumerate(graph.operand_ids(child)):
                source = self.place(parent)
                if source != target:
                    uses.setdefault((source, target), []).append((child, slot))
        return tuple(wire for (source, target), found in uses.items() for wire in self._drawn(source, target, found))

    def _drawn(self, source: str, target: str, uses: list[tuple[int, int]]) -> list[Wire]:
        """One line for all edges, but for the edges between two nodes."""
        if target[0] == "n" and (source[0] == "n" or len(uses) == 1):
            return [Wire(edge_id(*use), source, target, (use,)) for use in uses]
        return [Wire(f"m{source}_{target}", source, target, tuple(uses))]

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The ids of all that is seen, in the order of the nodes; a box comes with its first one."""
        return tuple(dict.fromkeys(self.place(id) for id in range(len(self.home))))

    @cached_property
    def keys(self) -> frozenset[str]:
        """The text keys of all numbers that have a place in the picture."""
        shown = [*self.nodes, *(box.result for box in self.boxes)]
        own = {f"{cell}{id}" for cell in "pa" for id in shown} | {f"d{box.number}" for box in self.boxes}
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

        Parameters
        ----------
        turns : for each step, the node whose turn it is and the part of the run
        at : how many steps are done
        """
        done, whole = dict[int, int](), dict[int, int]()
        for k, (id, part) in enumerate(turns):
            if at and part == turns[at - 1][1] and self.home[id] >= 0:
                whole[self.home[id]] = whole.get(self.home[id], 0) + 1
                if k < at:
                    done[self.home[id]] = done.get(self.home[id], 0) + 1
        return {f"d{box}": f"{count} of {whole[box]} steps" for box, count in done.items()}


def tree_of(graph: Graph) -> Tree | None:
    """The parts of a graph, or None if it is small enough to be shown whole."""
    return Tree(graph) if len(graph) > MOST else None


# ---- from the outline to parts that are worth folding ---------------------------------------------------------------


def _whole(graph: Graph) -> Part:
    """The whole graph as a part: the outline without parts that hide nothing, and with long rows in bundles."""
    order, above, home = [outline(graph)], {0: -1}, [0] * len(graph)
    for k, group in enumerate(order):  # `order` grows meanwhile
        for part in group.parts:
            if isinstance(part, Group):
                above[len(order)] = k
                order.append(part)
            else:
                home[part] = k
    moved = _shared_constants(graph, home, above)
    gone = {id for some in moved.values() for id in some}
    made: dict[int, list[int | Part]] = {}
    inner = len(order)
    for k in range(len(order) - 1, -1, -1):  # what is inside comes first
        items: list[int | Part] = []
        below = sum(isinstance(p, Group) for p in order[k].parts)
        inner -= below
        at = inner
        for part in order[k].parts:
            if isinstance(part, Group):
                items += [*moved.get((k, at), ()), *made.pop(at)]
                at += 1
            elif part not in gone:
                items += [*moved.get((k, -1 - part), ()), part]
        if k == 0:
            return Part(order[0].label, order[0].kind, _rows(graph, items))
        made[k] = _worth_folding(graph, order[k], items)
    raise AssertionError


def _shared_constants(
    graph: Graph, home: list[int], above: Mapping[int, int]
) -> dict[tuple[int, int], list[int]]:
    """The constants that more than one part uses, by the part around all users and the part in it they go before."""
    moved: dict[tuple[int, int], list[int]] = {}
    depth = [0] * len(above)
    for k in range(1, len(above)):
        depth[k] = depth[above[k]] + 1
    for id, (code, *_) in enumerate(graph.records):
        if code != CONSTANT or not graph.uses[id]:
            continue
        around, inside = home[id], -1
        for child, _ in graph.uses[id]:
            other = home[child]
            while around != other:
                if depth[around] >= depth[other]:
                    around, inside = above[around], around
                else:
                    other = above[other]
        if around != home[id]:
            moved.setdefault((around, inside), []).append(id)
    return moved


def _worth_folding(graph: Graph, group: Group, items: list[int | Part]) -> list[int | Part]:
    """A group of the outline as it goes into the part around it."""
    first = items[0] if items else 0
    if len(items) == 1 and isinstance(first, Part):  # a box in a box: one box with both names
        label = _both(group, first)
        if first.kind == "loop" and group.label not in COMPREHENSIONS:
            first.kind = group.kind
        first.label = label
        return items
    operations = sum(isinstance(p, Part) or graph.records[p][0] >= 0 for p in items)
    if operations < 2:
        return items
    return [Part(group.label, group.kind, _rows(graph, items))]


COMPREHENSIONS = ("listcomp", "genexpr", "setcomp", "dictcomp", "lambda")


def _both(outer: Group, inner: Part) -> str:
    """The label of a box that holds nothing but another box."""
    if outer.label in COMPREHENSIONS or outer.kind == "loop":
        return inner.label
    if inner.kind == "loop":
        turns = inner.label.removeprefix("loop, ")
        return f"{outer.label}, {turns}" if turns != "1 turn" else outer.label
    if outer.kind == "call":
        return outer.label
    return f"{outer.label}: {inner.label}"


def _rows(graph: Graph, items: list[int | Part]) -> list[int | Part]:
    """The items, with consecutive ones in bundles where they are too many to stand side by side."""
    if len(items) <= MOST:
        return items
    nodes = sum(not isinstance(p, Part) for p in items)
    if nodes > len(items) // 2:
        found: list[int | Part] = []
        size = _bundle(nodes)
        for run in _runs(graph, items):
            found += run if isinstance(run[0], Part) else _cut(graph, run, size)
        if len(found) < len(items):
            items = found
    while len(items) > MOST:
        items = _cut(graph, items, _bundle(len(items)))
    return items


def _bundle(count: int) -> int:
    """How many of so many things go into a bundle: about as many as there are bundles, on each level."""
    levels = 2
    while count ** (1 / levels) > ROW:
        levels += 1
    return max(2, math.ceil(count / math.ceil(count ** (1 / levels))))


def _runs(graph: Graph, items: list[int | Part]) -> Iterator[list[int | Part]]:
    """Items of one kind that follow each other: parts, inputs, other nodes."""
    run: list[int | Part] = []
    kind = None
    for item in items:
        own = 0 if isinstance(item, Part) else 1 if item < len(graph.input_names) else 2
        if run and own != kind:
            yield run
            run = []
        run.append(item)
        kind = own
    if run:
        yield run


def _cut(graph: Graph, run: list[int | Part], size: int) -> list[int | Part]:
    """Consecutive items in bundles of about this size."""
    count = max(1, round(len(run) / size))
    if len(run) <= 2 or count == 1 and len(run) < size / 2:
        return run
    ends = [_between_lines(graph, run, k * len(run) // count) for k in range(count + 1)]
    pieces = [run[a:b] for a, b in zip(ends, ends[1:], strict=False)]
    labels = _labels(graph, pieces)
    return [Part(label, "bundle", _rows(graph, p)) for label, p in zip(labels, pieces, strict=True)]


def _between_lines(graph: Graph, run: list[int | Part], end: int) -> int:
    """A place to cut near this one where a source line begins, so that a bundle has whole lines."""
    lines = [None if isinstance(p, Part) else graph.places[p] for p in run[max(end - 1, 0) : end + 4]]
    for k in range(1, len(lines)):
        before, after = lines[k - 1], lines[k]
        if before is None or after is None or before.line != after.line:
            return max(end - 1, 0) + k if end else 0
    return end


def _labels(graph: Graph, pieces: list[list[int | Part]]) -> list[str]:
    """What bundles are called: by their source lines where these tell them apart, else by first and last name."""
    spans = [_lines(graph, piece) for piece in pieces]
    known = [span for span in spans if span is not None]
    if len(known) == len(spans) and all(a[1] <= b[0] for a, b in zip(known, known[1:], strict=False)):
        if len({span for span in known}) == len(known):
            return [f"lines {a}–{b}" if a != b else f"line {a}" for a, b in known]
    return [f"{_end(graph, piece, 0)} … {_end(graph, piece, -1)}" for piece in pieces]


def _lines(graph: Graph, piece: list[int | Part]) -> tuple[int, int] | None:
    """The first and last source line of operations, if they are all of one function and in its order."""
    places = [graph.places[p] for p in piece if not isinstance(p, Part) and graph.records[p][0] >= 0]
    if not places or any(p is None for p in places) or any(isinstance(p, Part) for p in piece):
        return None
    lines = [p.line for p in places if p is not None]
    one = len({(p.filename, id(p.code)) for p in places if p is not None}) == 1
    return (lines[0], lines[-1]) if one and lines == sorted(lines) else None


def _end(graph: Graph, piece: list[int | Part], which: int) -> str:
    """The name of a bundle's first or last thing."""
    named = [p for p in piece if isinstance(p, Part) or graph.records[p][0] != CONSTANT] or piece
    item = named[which]
    return item.label if isinstance(item, Part) else graph.nodes[item].label
