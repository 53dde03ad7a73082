"""The outline by which large graphs are folded: a graph as a tree of helper calls and turns of loops."""

from __future__ import annotations

import ast
import sys
from dis import opname
from functools import lru_cache
from types import CodeType
from typing import Any, NamedTuple

from ...graph.graph import Graph
from ...source.calls import BITS, Call
from ...source.functions import name_of
from ...source.places import lines_of

__all__ = ["Group", "outline"]

Span = tuple[int, int, int, int]  # first line and column, last line and column
CALLS = ("CALL", "CALL_KW", "CALL_FUNCTION_EX")  # the instructions that call a function
INLINED = sys.version_info >= (3, 12)  # whether comprehensions belong to the code around them
WIDE = 1 << 30  # beyond the end of every line
MOST = 40  # parts of a group that are shown side by side; more are bundled


class Group(NamedTuple):
    """A part of a graph that can be folded: a call, a loop, or turns of it. `parts` are node numbers and groups."""

    label: str
    kind: str
    parts: tuple[int | Group, ...]

    def ids(self) -> list[int]:
        """All node numbers inside."""
        found: list[int] = []
        todo: list[int | Group] = [self]
        while todo:
            part = todo.pop()
            if isinstance(part, Group):
                todo.extend(part.parts)
            else:
                found.append(part)
        return sorted(found)


class _Item(NamedTuple):
    """A node or a call inside a call, and where in its code it stands."""

    instruction: int
    part: Any


def outline(graph: Graph) -> Group:
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
                items.setdefault(caller, []).append(_Item(calls[call].instruction, _CallNumber(call)))
            call = caller

    loose: list[int] = []
    for id, mark in enumerate(graph.marks):
        if mark < 0:
            loose.append(id)
            continue
        call = mark >> BITS
        enter(call)
        items.setdefault(call, []).append(_Item(mark & (1 << BITS) - 1, id))
    homes = {id: _home(graph, id) for id in loose}
    used: dict[int, list[int]] = {}
    for id, user in homes.items():
        used.setdefault(user, []).append(id)

    built: dict[int, Group] = {}
    for call in sorted(items, reverse=True):  # calls are numbered before what they call
        built[call] = _call(graph, calls[call], items[call], built, used)
    top = [built[0]] if 0 in built else []
    outside = tuple(used.get(-1, []))
    parts = (*outside, *(top[0].parts if top else ()))
    return Group(top[0].label if top else name_of(graph.function), "call", _bundled(parts))


def _home(graph: Graph, id: int) -> int:
    """Beside which marked node an unmarked one belongs: the first that uses it; inputs and lonely ones stay outside."""
    if id < len(graph.input_names):
        return -1
    return next((child for child, _ in graph.uses[id] if graph.marks[child] >= 0), -1)


def _call(graph: Graph, call: Call, items: list[_Item], built: dict[int, Group], used: dict[int, list[int]]) -> Group:
    name = call.function
    label = f"{call.name} = {name}" if call.name and not name.startswith("<") else name.strip("<>")
    return Group(label, "call", _bundled(_turns(graph, call.code, items, built, used)))


def _turns(
    graph: Graph, code: CodeType | None, items: list[_Item], built: dict[int, Group], used: dict[int, list[int]]
) -> tuple[int | Group, ...]:
    """The items of one call, in their loops: a jump back inside a loop begins its next turn."""
    spans = [(a or 0, c or 0, b or 0, d or 0) for a, b, c, d in code.co_positions()] if code is not None else []
    loops = _loops(code) if code is not None else []
    root: list[Any] = []
    open_loops: list[tuple[Span, list[list[Any]], int]] = []  # span, turns, last instruction
    for item in items if code is None else (_calling(code, item) for item in items):
        own = spans[item.instruction // 2] if spans else (0, 0, 0, 0)
        inside = [span for span in loops if span[:2] <= own[:2] and own[2:] <= span[2:]]
        while open_loops and open_loops[-1][0] not in inside:
            open_loops.pop()
        last = open_loops[-1][2] if open_loops else -1
        if item.instruction < last or item.instruction == last and not _goes_on(graph, code, item):
            open_loops[-1][1].append([])  # back at the start of the innermost loop's body
        open_loops = [(span, turns, item.instruction) for span, turns, _ in open_loops]
        for span in inside[len(open_loops) :]:
            turns: list[list[Any]] = [[]]
            (open_loops[-1][1][-1] if open_loops else root).append((span, turns))
            open_loops.append((span, turns, item.instruction))
        place = open_loops[-1][1][-1] if open_loops else root
        if not isinstance(item.part, _CallNumber) and item.part in used:
            place.extend(used[item.part])
        place.append(built[item.part] if _is_call(item, built) else item.part)
    return tuple(_finished(root))


def _calling(code: CodeType, item: _Item) -> _Item:
    """The item at its call: Python 3.11 reports the same call at PRECALL or at the CALL after it."""
    before = opname[code.co_code[item.instruction]] == "PRECALL"
    return item._replace(instruction=item.instruction + 4) if before else item


def _goes_on(graph: Graph, code: CodeType | None, item: _Item) -> bool:
    """Whether an instruction that made something before is still at it: `sum(…)` adds, and asks a generator."""
    if code is None or opname[code.co_code[item.instruction]] not in CALLS:
        return False
    if isinstance(item.part, _CallNumber):
        return graph.calls[item.part].function.endswith("<genexpr>")
    return graph.nodes[item.part].op == "add"


def _is_call(item: _Item, built: dict[int, Group]) -> bool:
    return isinstance(item.part, _CallNumber)


class _CallNumber(int):
    """Tells the number of a call from that of a node."""


def _finished(parts: list[Any]) -> list[int | Group]:
    found: list[int | Group] = []
    for part in parts:
        if isinstance(part, tuple) and not isinstance(part, Group):
            _, turns = part
            groups = [Group(f"turn {k}", "turn", tuple(_finished(turn))) for k, turn in enumerate(turns, 1)]
            inner: tuple[int | Group, ...] = groups[0].parts if len(groups) == 1 else _bundled(tuple(groups))
            found.append(Group(f"loop, {len(groups)} turn{'s' * (len(groups) > 1)}", "loop", inner))
        else:
            found.append(part)
    return found


def _bundled(parts: tuple[int | Group, ...]) -> tuple[int | Group, ...]:
    """Long rows of groups in bundles, so that no more than MOST stand side by side; nodes stay as they are."""
    groups = [p for p in parts if isinstance(p, Group)]
    while len(groups) > MOST:
        size = max(-(-len(groups) // MOST), min(10, round(len(groups) ** 0.5)))
        bundles = []
        for start in range(0, len(groups), size):
            some = groups[start : start + size]
            last = some[-1].label.rpartition(" to ")[2] if " to " in some[-1].label else some[-1].label
            first = some[0].label.partition(" to ")[0]
            bundles.append(Group(f"{first} to {last.removeprefix('turn ')}", "bundle", tuple(some)))
        groups = bundles
        parts = (*(p for p in parts if not isinstance(p, Group)), *groups)
    return parts


@lru_cache(maxsize=1024)
def _loops(code: CodeType) -> list[Span]:
    """The spans of the loops in a function, outer ones first.

    Up to Python 3.11 a comprehension is a loop of its own code; later ones are part of the function, as `for` is.
    """
    lines = [line for *_, line in code.co_lines() if line]
    if code.co_name in ("<listcomp>", "<genexpr>", "<setcomp>", "<dictcomp>"):
        return [(min(lines), 0, max(lines), WIDE)]
    try:
        tree = ast.parse("".join(lines_of(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    first, end = code.co_firstlineno, max(lines, default=code.co_firstlineno)
    spans: set[Span] = set()
    for n in ast.walk(tree):
        if isinstance(n, ast.For | ast.While) and first <= n.lineno <= end:
            spans.add((n.lineno, 0, n.end_lineno or n.lineno, WIDE))
        elif INLINED and isinstance(n, ast.ListComp | ast.SetComp | ast.DictComp) and first <= n.lineno <= end:
            spans.add((n.lineno, n.col_offset, n.end_lineno or n.lineno, n.end_col_offset or WIDE))
    return sorted(spans, key=lambda span: (span[0], span[1], -span[2], -span[3]))
