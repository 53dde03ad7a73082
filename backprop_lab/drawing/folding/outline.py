"""The outline by which large graphs are folded: a graph as a tree of helper calls and turns of loops."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dis import opname
from functools import cached_property, lru_cache
from itertools import groupby
from types import CodeType
from typing import NamedTuple

from ...graph.graph import Graph
from ...source.calls import BITS
from ...source.functions import name_of
from ...source.places import assigned, lines_of, nodes_of
from ..texts import subscripted

Span = tuple[int, int, int, int]  # first line and column, last line and column
CALLS = ("CALL", "CALL_KW", "CALL_FUNCTION_EX")  # the instructions that call a function
INLINED = sys.version_info >= (3, 12)  # whether comprehensions belong to the code around them
WIDE = 1 << 30  # beyond the end of every line
LONG_SUM = 12  # what `sum(… for …)` makes; of more, its terms are turns
MOST = 40  # things that stand side by side; a graph of no more nodes is shown whole


@dataclass(eq=False, repr=False)
class Part:
    """A part of a graph that can be folded."""

    label: str
    kind: str  # "call", "loop", "turn", "bundle", or "list" for inputs that came in one
    parts: list[int | Part]  # the numbers of its nodes, and the parts in it
    number: int = 0  # its place among the tree's parts
    parent: Part | None = None  # the part around it; None for the whole graph
    size: int = 0  # how many nodes are inside, at any depth
    result: int = -1  # the last node inside that the outside uses: what a folded box shows the numbers of
    depth: int = 0
    turn: int = 0  # which turn of a loop it is, or what that turn consists of; 0 for all others
    function: str = ""  # what is called, of a call
    receives: str | None = None  # the name that the code gives to what comes out
    listed: bool = False  # whether its turns make the entries of that, as [… for …] does

    def __repr__(self) -> str:
        return f"<{self.label}: {self.size} nodes>"

    @property
    def groups(self) -> list[Part]:
        """The parts in it."""
        return [p for p in self.parts if isinstance(p, Part)]

    def nodes(self) -> Iterator[int]:
        """The numbers of all nodes in it, at any depth."""
        todo: list[int | Part] = [self]
        while todo:
            part = todo.pop()
            if isinstance(part, Part):
                todo += part.parts
            else:
                yield part

    @cached_property
    def turns(self) -> int:
        """How many turns are in it, also in bundles, if it is a loop."""
        return sum(group.turns if group.kind == "bundle" else 1 for group in self.groups)

    @property
    def title(self) -> str:
        """Its name in a picture."""
        return subscripted(self.label)

    @property
    def inside(self) -> str:
        """What is in it, in words: of a list of inputs, whose last one it shows, entries."""
        return f"{self.size} entries; the last:" if self.kind == "list" else f"{self.size} nodes"

    def told(self, result: str) -> str:
        """What is said of it while it is folded; `result` is the name of what it shows, perhaps with its number."""
        inside, shows = (
            (f"{self.size} entries", "the last is") if self.kind == "list" else (self.inside, "its result is")
        )
        return f"{self.label}: {inside}, folded; {shows} {result}"

    def around(self) -> Iterator[Part]:
        """This part and those around it, from the inside out."""
        part: Part | None = self
        while part is not None:
            yield part
            part = part.parent


class _Item(NamedTuple):
    """A node or a call inside a call, or a part made of several, and where in its code it stands."""

    instruction: int
    node: int = -1
    call: int = -1
    made: Part | None = None  # a long sum, of what stands there


@dataclass
class _Loop:
    """A loop while its turns are found: where it is in the source, and the last instruction that was seen in it."""

    span: Span
    last: int
    turns: list[list[int | Part | _Loop]] = field(default_factory=lambda: [[]])


def outline(graph: Graph) -> Part:
    """The graph as a tree: the traced function, in it the calls of helpers and the turns of loops, and so on.

    Constants go where they are used first. A part with more than 40 parts has them bundled.
    """
    items: dict[int, list[_Item]] = {}
    calls = graph.calls
    seen: set[int] = set()

    def enter(call: int) -> None:
        while call >= 0 and call not in seen:
            seen.add(call)
            caller = calls[call].caller
            if caller >= 0:
                items.setdefault(caller, []).append(_Item(calls[call].instruction, call=call))
            call = caller

    beside: dict[int, list[int]] = {}  # unmarked nodes, by the marked one that they belong to; -1 for the outside
    for id, mark in enumerate(graph.marks):
        if mark < 0:
            beside.setdefault(_home(graph, id), []).append(id)
        else:
            enter(mark >> BITS)
            items.setdefault(mark >> BITS, []).append(_Item(mark & (1 << BITS) - 1, node=id))

    built: dict[int, Part] = {}
    for number in sorted(items, reverse=True):  # calls are numbered before what they call
        call = calls[number]
        own = call.function if call.function[0] != "<" else ""
        label = f"{call.name} = {own}" if call.name and own else call.function.strip("<>")
        inside = _bundled(_turns(graph, call.code, items[number], built, beside))
        built[number] = Part(label, "call", inside, function=own, receives=call.name)
    top = built.get(0, Part(name_of(graph.function), "call", []))
    top.parts = _bundled([*beside.get(-1, ()), *top.parts])
    return top


def _home(graph: Graph, id: int) -> int:
    """Beside which marked node an unmarked one belongs: the first that uses it; inputs and lonely ones stay outside."""
    if id < len(graph.input_names):
        return -1
    return next((child for child, _ in graph.uses[id] if graph.marks[child] >= 0), -1)


def _turns(
    graph: Graph, code: CodeType | None, items: list[_Item], built: dict[int, Part], beside: dict[int, list[int]]
) -> list[int | Part]:
    """The items of one call, in their loops: a jump back inside a loop begins its next turn."""
    if code is None:  # an unpickled graph
        return [part for item in items for part in _parts(item, built, beside)]
    spans = [(a or 0, c or 0, b or 0, d or 0) for a, b, c, d in code.co_positions()]
    loops = _loops(code)
    root: list[int | Part | _Loop] = []
    open_loops: list[_Loop] = []
    for item in _summed(graph, code, items, built, beside):
        at = _settled(code, item)
        own = spans[at // 2]
        inside = [span for span in loops if span[:2] <= own[:2] and own[2:] <= span[2:]]
        while open_loops and open_loops[-1].span not in inside:
            open_loops.pop()
        last = open_loops[-1].last if open_loops else -1
        if at < last or at == last and not (opname[code.co_code[at]] in CALLS and _goes_on(graph, item)):
            open_loops[-1].turns.append([])  # back at the start of the innermost loop's body
        for loop in open_loops:
            loop.last = at
        for span in inside[len(open_loops) :]:
            loop = _Loop(span, at)
            (open_loops[-1].turns[-1] if open_loops else root).append(loop)
            open_loops.append(loop)
        (open_loops[-1].turns[-1] if open_loops else root).extend(_parts(item, built, beside))
    return _finished(root, loops)


def _settled(code: CodeType, item: _Item) -> int:
    """Where an item stands: Python 3.11 reports a call at its PRECALL, or at the CALL after it."""
    return item.instruction + 4 * (opname[code.co_code[item.instruction]] == "PRECALL")


def _summed(
    graph: Graph, code: CodeType, items: list[_Item], built: dict[int, Part], beside: dict[int, list[int]]
) -> Iterator[_Item]:
    """The items, with each long `sum(… for …)` as one: a loop whose turns make a term and add it."""
    for at, some in groupby(items, lambda item: _settled(code, item)):
        run = list(some)
        terms = sum(item.call >= 0 for item in run)
        if len(run) <= LONG_SUM or terms < 3 or opname[code.co_code[at]] not in CALLS:
            yield from run
        elif all(_goes_on(graph, item) for item in run):
            yield _Item(at, made=_loop_of(_terms(run, built, beside), "sum", "term"))
        else:
            yield from run


def _terms(run: list[_Item], built: dict[int, Part], beside: dict[int, list[int]]) -> list[list[int | Part]]:
    """The terms of a long sum, each with the addition that follows; the first may have been made with the second."""
    turns: list[list[int | Part]] = [[]]
    for item in run:
        if item.call < 0:
            turns[-1] += _parts(item, built, beside)
            continue
        inner = built[item.call].groups
        several = inner[0].groups if len(inner) == 1 and inner[0].kind == "loop" else []
        turns += [turn.parts for turn in several] or [built[item.call].parts]
    return [turn for turn in turns if turn]


def _loop_of(turns: list[list[int | Part]], name: str = "loop", each: str = "turn") -> Part:
    """A loop as a part, its turns in bundles where they are many."""
    parts = [Part(f"{each} {k}", "turn", turn, turn=k) for k, turn in enumerate(turns, 1)]
    inner = parts[0].parts if len(parts) == 1 else _bundled(parts)
    return Part(f"{name}, {len(parts)} {each}{'s' * (len(parts) > 1)}", "loop", inner)


def _parts(item: _Item, built: dict[int, Part], beside: dict[int, list[int]]) -> list[int | Part]:
    if item.made is not None:
        return [item.made]
    return [built[item.call]] if item.call >= 0 else [*beside.get(item.node, ()), item.node]


def _goes_on(graph: Graph, item: _Item) -> bool:
    """Whether a call that made something before is still at it: `sum(…)` adds, and asks a generator."""
    if item.made is not None:
        return True
    if item.call >= 0:
        return graph.calls[item.call].function.endswith("<genexpr>")
    return graph.nodes[item.node].op == "add"


def _finished(parts: list[int | Part | _Loop], loops: Mapping[Span, str | None]) -> list[int | Part]:
    """The parts with their loops as groups of turns."""
    found: list[int | Part] = []
    for part in parts:
        if isinstance(part, _Loop):
            made = _loop_of([_finished(turn, loops) for turn in part.turns])
            made.receives, made.listed = loops[part.span], loops[part.span] is not None
            part = made
        found.append(part)
    return found


def _bundled(parts: Sequence[int | Part]) -> list[int | Part]:
    """Long rows of groups in bundles, so that no more than MOST stand side by side; nodes stay as they are."""
    groups = [p for p in parts if isinstance(p, Part)]
    while len(groups) > MOST:
        size = min(10, round(len(groups) ** 0.5))
        bundles = []
        for start in range(0, len(groups), size):
            some = groups[start : start + size]
            first, last = some[0].label.partition(" to ")[0], some[-1].label.rpartition(" to ")[2]
            bundles.append(Part(f"{first} to {last.removeprefix('turn ')}", "bundle", [*some]))
        groups = bundles
        parts = [*(p for p in parts if not isinstance(p, Part)), *groups]
    return [*parts]


@lru_cache(maxsize=1024)
def _loops(code: CodeType) -> dict[Span, str | None]:
    """The spans of the loops in a function, outer ones first; for one that makes a list, the list's name, or "".

    Up to Python 3.11 a comprehension is a loop of its own code; later ones are part of the function, as `for` is.
    """
    lines = [line for *_, line in code.co_lines() if line]
    if code.co_name in ("<listcomp>", "<genexpr>", "<setcomp>", "<dictcomp>"):
        return {(min(lines), 0, max(lines), WIDE): "" if code.co_name == "<listcomp>" else None}
    first, end = code.co_firstlineno, max(lines, default=code.co_firstlineno)
    own = ast.For | ast.While if code.co_name != "<lambda>" else ()  # a lambda may stand in the head of a loop
    spans: dict[Span, str | None] = {}
    for n in nodes_of(lines_of(code)).values():
        if isinstance(n, own) and first <= n.lineno <= end:
            spans[n.lineno, 0, n.end_lineno or n.lineno, WIDE] = None
        elif INLINED and isinstance(n, ast.ListComp | ast.SetComp | ast.DictComp) and first <= n.lineno <= end:
            name = assigned(lines_of(code), n) or "" if isinstance(n, ast.ListComp) else None
            spans[n.lineno, n.col_offset, n.end_lineno or n.lineno, n.end_col_offset or WIDE] = name
    return {span: spans[span] for span in sorted(spans, key=lambda span: (span[0], span[1], -span[2], -span[3]))}


def turns_in(part: Part) -> Iterator[Part]:
    """The turns of a loop, also those in bundles."""
    todo = part.groups[::-1]
    while todo:
        group = todo.pop()
        if group.kind == "bundle":
            todo += group.groups[::-1]
        else:
            yield group
