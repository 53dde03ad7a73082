"""From the outline of a traced function (`outline`) to parts that are worth folding.

What hides nothing is no part, a box in a box is one box, and long rows of nodes are bundled by their source lines.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from itertools import groupby, pairwise

from ...graph.graph import Graph
from .names import span
from .outline import MOST, Part, outline

FEW = 12  # inputs that are shown one by one
ROW = 25  # the most bundles into which a long row of nodes is divided
BESIDE = 3  # nodes of a turn beside a call, which is then all but the turn
MOST_SHARED = 4  # constants of several parts that stand beside these
INDEX = re.compile(r"(?=\[)")  # before each index of an input's name


def whole(graph: Graph) -> Part:
    """The whole graph as a part: the outline without parts that hide nothing, and with long rows in bundles."""
    top = outline(graph)
    order, home, above = [top], dict[int, Part](), dict[Part, Part]()
    for group in order:  # grows meanwhile
        for part in group.parts:
            if isinstance(part, Part):
                above[part], part.depth = group, group.depth + 1
                order.append(part)
            else:
                home[part] = group
    moved = _shared_constants(graph, home, above)
    gone = {id for some in moved.values() for id in some} | graph.hidden
    made: dict[Part, list[int | Part]] = {}
    for group in reversed(order):  # what is inside comes first
        items: list[int | Part] = []
        for part in group.parts:
            if isinstance(part, Part):
                items += [*moved.get(part, ()), *made.pop(part)]
            elif part not in gone:
                items.append(part)
        made[group] = _worth_folding(graph, group, items) if group is not top else items
    lists, rest = _lists(graph, made[top])
    top.parts = [*_rows(graph, lists), *_rows(graph, rest)]
    return top


def _lists(graph: Graph, items: list[int | Part]) -> tuple[list[int | Part], list[int | Part]]:
    """The inputs that came in lists as parts named like these, and the other items; few inputs stay single nodes."""
    count = len(graph.input_names)
    if count <= FEW:
        return [], items
    inputs: list[int | Part] = [p for p in items if not isinstance(p, Part) and p < count]
    return _nested(graph, inputs, 0), [p for p in items if isinstance(p, Part) or p >= count]


def _nested(graph: Graph, inputs: list[int | Part], depth: int) -> list[int | Part]:
    """Inputs by the lists that hold them: `W` is what has names like `W[0][1]`, and in it is `W[0]`."""

    def key(item: int | Part) -> list[str]:
        assert not isinstance(item, Part)
        return INDEX.split(graph.input_names[item])[: depth + 1]

    found: list[int | Part] = []
    for way, some in groupby(inputs, key):
        held = list(some)
        if len(held) > 2:
            inner = _nested(graph, held, depth + 1)
            alone = inner[0] if len(inner) == 1 else None
            found.append(alone if isinstance(alone, Part) else Part("".join(way), "list", _rows(graph, inner)))
        else:
            found += held
    return found


def _shared_constants(graph: Graph, home: Mapping[int, Part], above: Mapping[Part, Part]) -> dict[Part, list[int]]:
    """The constants that more than one part uses, by the part they go before, in the part around all users; where they
    are many, each stays with its first user."""
    moved: dict[Part, list[int]] = {}
    count: Counter[Part] = Counter()
    for id, node in enumerate(graph.nodes):
        if node.op != "constant" or not graph.uses[id] or id in graph.hidden:
            continue
        around, inside = home[id], None
        for child, _ in graph.uses[id]:
            other = home[child]
            while around is not other:
                if around.depth >= other.depth:
                    around, inside = above[around], around
                else:
                    other = above[other]
        if inside is not None:
            moved.setdefault(inside, []).append(id)
            count[above[inside]] += 1
    return {inside: ids for inside, ids in moved.items() if count[above[inside]] <= MOST_SHARED}


def _worth_folding(graph: Graph, group: Part, items: list[int | Part]) -> list[int | Part]:
    """A group of the outline as it goes into the part around it."""
    first = items[0] if items else 0
    if len(items) == 1 and isinstance(first, Part):  # a box in a box: one box with both names
        label = _both(group, first)
        if first.kind == "loop" and group.label not in COMPREHENSIONS:
            first.kind = group.kind
        first.label, first.turn = label, group.turn
        first.function, first.receives = group.function or first.function, group.receives or first.receives
        return items
    if group.turn and len(held := [p for p in items if isinstance(p, Part)]) == 1 and len(items) <= 1 + BESIDE:
        calls = held[0].groups
        if held[0].kind == "call" and len(calls) > 2:  # what a turn mostly is stands in it
            at = items.index(held[0])
            items = [*items[:at], *held[0].parts, *items[at + 1 :]]
    operations = sum(isinstance(p, Part) or graph.nodes[p].primitive is not None for p in items)
    if operations < 2:
        return items
    group.parts = _rows(graph, items)
    return [group]


COMPREHENSIONS = ("listcomp", "genexpr", "setcomp", "dictcomp", "lambda")


def _both(outer: Part, inner: Part) -> str:
    """The label of a box that holds nothing but another box."""
    if outer.label in COMPREHENSIONS or outer.kind == "loop":
        return inner.label
    if inner.kind == "loop":
        turns = inner.label.rpartition(", ")[2]
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
        size, inputs = _bundle(nodes), len(graph.input_names)
        for _, some in groupby(items, lambda p: -1 if isinstance(p, Part) else p < inputs):  # parts, inputs, others
            run = list(some)
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


def _cut(graph: Graph, run: list[int | Part], size: int) -> list[int | Part]:
    """Consecutive items in bundles of about this size."""
    count = max(1, round(len(run) / size))
    if len(run) <= 2 or count == 1 and len(run) < size / 2:
        return run
    ends = [_between_lines(graph, run, k * len(run) // count) for k in range(count + 1)]
    pieces = [run[a:b] for a, b in pairwise(ends)]
    labels = _labels(graph, pieces)
    kinds = ["list" if _is_inputs(graph, piece[0]) else "bundle" for piece in pieces]
    return [Part(name, kind, _rows(graph, p)) for name, kind, p in zip(labels, kinds, pieces, strict=True)]


def _is_inputs(graph: Graph, item: int | Part) -> bool:
    """Whether it is an input, or a list of these."""
    return item.kind == "list" if isinstance(item, Part) else item < len(graph.input_names)


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
    if len(known) == len(spans) == len(set(known)) and all(a[1] <= b[0] for a, b in pairwise(known)):
        return [f"lines {a}–{b}" if a != b else f"line {a}" for a, b in known]
    return [span(_end(graph, piece, 0), _end(graph, piece, -1)) for piece in pieces]


def _lines(graph: Graph, piece: list[int | Part]) -> tuple[int, int] | None:
    """The first and last source line of operations, if they are all of one function and in its order."""
    places = [graph.places[p] for p in piece if not isinstance(p, Part) and graph.nodes[p].primitive]
    if not places or any(p is None for p in places) or any(isinstance(p, Part) for p in piece):
        return None
    lines = [p.line for p in places if p is not None]
    one = len({(p.filename, id(p.code)) for p in places if p is not None}) == 1
    return (lines[0], lines[-1]) if one and lines == sorted(lines) else None


def _end(graph: Graph, piece: list[int | Part], which: int) -> str:
    """The name of a bundle's first or last thing."""
    named = [p for p in piece if isinstance(p, Part) or graph.nodes[p].op != "constant"] or piece
    item = named[which]
    return item.label if isinstance(item, Part) else graph.nodes[item].label
