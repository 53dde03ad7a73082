"""What a traced function computed, as a graph: look at it, print it, draw it, run it again on other numbers.

A graph is frozen: numbered, single-assignment, every operand before its user. It keeps the tape's compact records and
makes `Node` objects only when asked, so that a graph of a million operations stays small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import Answering, ArgumentError
from ..recording.tape import CONSTANT, INPUT, Comparison
from ..source import turns
from ..source.calls import Call, CallLog
from ..source.functions import Block, blocks_of, code_of, name_of
from ..source.places import Place
from ..table.table import BY_CODE
from ..table.values import plain
from ..table.walk import Record
from ..text.notation import PLAIN, Target, Token, number
from .node import Edge, Node
from .replay import Way, given_numbers, replayed

if TYPE_CHECKING:
    from .notes import Note

__all__ = ["CONSTANT", "INPUT", "Edge", "Graph", "Node", "check_graph"]


def check_graph(graph: Any, what: str) -> None:
    """Raise an `ArgumentError` if this is no graph; `what` is the call to write on one."""
    if not isinstance(graph, Graph):
        plain = callable(graph) and not isinstance(graph, Answering)
        given = f"the function {name_of(graph)}" if plain else f"{type(graph).__name__} {graph!r:.40}"
        raise ArgumentError(f"this takes a graph, and {given} is none; write bl.{what}")


class Graph(Answering):
    """A traced function: `.nodes`, `.inputs`, `.outputs`, `.value`, `.edges`, `len()`.

    `print(graph)` is its evaluation trace. In a notebook it draws itself. `graph.replay(x=4)` runs it on other numbers.
    """

    no_function = "this is a graph already; use it as it is, or graph.replay(...) for other inputs"
    called = "graph.replay(x=3.0), with the names of your inputs"
    structure: Any = None  # what the function returned, with None in each number's place
    theirs: Mapping[int, Any] | None = None  # somebody else's adjoints by node number, of a graph that their code made
    way: Way | None = None  # what the records may not know: a number that came back through a text

    instead = dict.fromkeys(("grad", "backward", "gradient"), "bl.adjoint_sweep(graph)")
    instead |= dict.fromkeys(("step", "show", "plot"), "bl.step(graph)")
    instead |= {"forward": "bl.value_sweep(graph)", "paths": 'bl.paths(graph, "x")'}
    instead |= {"compare": "bl.from_values(loss).compare(), with what somebody's own engine computed"}

    def __init__(
        self,
        records: Sequence[Record],
        places: Sequence[Place | None],
        comparisons: Sequence[Comparison],
        input_names: tuple[str, ...],
        output_ids: tuple[int, ...],
        single: bool,
        function: Callable[..., Any],
        log: CallLog | None = None,
    ) -> None:
        assert len(places) == len(records)
        self.records, self.places, self.comparisons = records, places, comparisons
        self.marks: Sequence[int] = log.marks if log is not None else [-1] * len(records)
        self.calls: Sequence[Call] = log.calls if log is not None else ()
        self.input_names, self.output_ids, self.single, self.function = input_names, output_ids, single, function
        self.slopes: dict[int, tuple[Any, ...]] = {}  # the local partials that somebody has asked for
        self.formulas: dict[int, str] = {}  # and the formulas,
        self.operands_told: dict[tuple[int, Target, bool], dict[str, Token]] = {}  # and what they are made of
        self.hidden: frozenset[int] = frozenset()  # constants that are not drawn; `showing` makes a graph with some

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __getitem__(self, key: str | int | Node) -> Node:
        """The node with this name, or this number; a node of this graph is itself."""
        if isinstance(key, Node):
            if key.graph is not self:
                raise ArgumentError(f"the node {key.name} belongs to another graph; take it from this one")
            return key
        if isinstance(key, int):
            if not -len(self) <= key < len(self):
                raise ArgumentError(f"there is no node {key}; the numbers go from 0 to {len(self) - 1}")
            return self.nodes[key]
        if key not in self.names:
            known = ", ".join(self.names[:12]) + (", …" if len(self) > 12 else "")
            raise ArgumentError(f"no node is called {key}; the names are {known}")
        return self.nodes[self.names.index(key)]

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, operands before their users."""
        return tuple(Node(self, i) for i in range(len(self.records)))

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The arguments of the function."""
        return tuple(Node(self, i) for i in range(len(self.input_names)))

    @property
    def outputs(self) -> tuple[Node, ...]:
        """The results of the function; an output may be an input or a constant."""
        return tuple(Node(self, i) for i in self.output_ids)

    @cached_property
    def values(self) -> list[Any]:
        """The primals, by node number."""
        return [y for _, _, _, _, _, y in self.records]

    @property
    def value(self) -> Any:
        """What the function returned: one number or array, or a tuple of them."""
        values = tuple(self.values[i] for i in self.output_ids)
        return values[0] if self.single else values

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All uses of operands, in the order of the nodes."""
        return tuple(Edge(p, node, k) for node in self.nodes for k, p in enumerate(node.parents))

    def operand_ids(self, id: int) -> tuple[int, ...]:
        """The numbers of a node's operands."""
        code, i, j, _, _, _ = self.records[id]
        return () if code < 0 else BY_CODE[code].ids(i, j)

    @cached_property
    def uses(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each node, the (child, slot) pairs that use it, in the order of the nodes."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.records]
        for child in range(len(self.records)):
            for slot, parent in enumerate(self.operand_ids(child)):
                found[parent].append((child, slot))
        return tuple(map(tuple, found))

    @cached_property
    def varies(self) -> tuple[bool, ...]:
        """For each node, whether it depends on an input; the others are constants and what is made of them."""
        found: list[bool] = []
        for id, (code, *_) in enumerate(self.records):
            found.append(code == INPUT or any(found[p] for p in self.operand_ids(id)))
        return tuple(found)

    @property
    def differing(self) -> Mapping[int, Any]:
        """Those of `theirs` that are not ours, by node number."""
        return {}

    @cached_property
    def notes(self) -> dict[int, Note]:
        """By node number: overflow, underflow, nan, or the convention used at a kink, each with a sentence."""
        from .notes import is_plain, note_of

        found = ((id, note_of(self.nodes[id])) for id, record in enumerate(self.records) if not is_plain(record))
        return {id: note for id, note in found if note is not None}

    @property
    def culprit(self) -> Node | None:
        """The first node that overflowed or is not a number: what to look at when a result is inf or nan."""
        for id, (code, _, _, _, _, y) in enumerate(self.records):
            if code >= 0:
                finite = y - y == 0.0 if y.__class__ is float else np.all(np.isfinite(plain(y)))  # inf - inf is nan
                if not finite:
                    return Node(self, id)
        return None

    @cached_property
    def needed(self) -> tuple[bool, ...]:
        """For each node, whether an output depends on it, or is it."""
        return tuple(self.leading_to(self.output_ids))

    def leading_to(self, ids: Sequence[int]) -> list[bool]:
        """For each node, whether a path leads from it to one of these, or it is one of them."""
        found = [False] * len(self.records)
        for id in ids:
            found[id] = True
        for id in range(len(found) - 1, -1, -1):
            if found[id]:
                for parent in self.operand_ids(id):
                    found[parent] = True
        return found

    @cached_property
    def labels(self) -> list[str]:
        """The nodes' names as they are drawn; see `Node.label`."""
        named = [p is not None and p.name is not None and id not in self.hidden for id, p in enumerate(self.places)]
        return [
            number(node.value) if node.op == "constant" and not own else node.name
            for node, own in zip(self.nodes, named, strict=True)
        ]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """A unique name for each node: the student's, with _2, _3 … when it is assigned again; else v1, v2 …"""
        taken = {*self.input_names, *(p.name for p in self.places if p is not None and p.name)}
        used: dict[str, int] = {}
        names = [_unique(name, used, taken) for name in self.input_names]
        given = name_of(self.function)
        result = self.output_ids[0] if self.single and given.isidentifier() and given not in taken else -1
        fresh = 0
        for id in range(len(names), len(self.records)):
            (code, *_), place = self.records[id], self.places[id]
            if place is not None and place.name:
                wanted = place.name
            elif code == CONSTANT:
                wanted = number(self.values[id])
            elif id == result:
                wanted = given
            else:
                fresh += 1
                while f"v{fresh}" in taken or f"v_{fresh}" in used:
                    fresh += 1
                wanted = f"v{fresh}"
            names.append(_unique(wanted, used, taken))
        return tuple(names)

    @cached_property
    def blocks(self) -> list[Block]:
        """The source of the functions that computed the nodes, the traced function first."""
        codes = {id(code): code for code in (code_of(self.function),) if code is not None}
        codes |= {id(p.code): p.code for p in self.places if p is not None and p.code is not None}
        return blocks_of(list(codes.values()))

    def depends_on(self, node: Node | str) -> set[Node]:
        """The nodes that this one was computed from, itself not included."""
        last = self[node].id
        return {self.nodes[id] for id, leads in enumerate(self.leading_to((last,))) if leads and id != last}

    def influences(self, node: Node | str) -> set[Node]:
        """The nodes that were computed from this one, itself not included."""
        found = {self[node].id}
        for id in range(self[node].id + 1, len(self)):
            found |= set() if found.isdisjoint(self.operand_ids(id)) else {id}
        return {self.nodes[id] for id in found} - {self[node]}

    def toward(self, output: str) -> Graph:
        """The same graph with another node as its one output, to differentiate that one; no constant."""
        found = [n for n in self.nodes if output in (n.name, n.label) and n.op != "constant"]
        if not found:
            names = ", ".join(n.label for n in self.nodes if n.op != "constant")
            raise ArgumentError(f"there is no node {output!r} to be the output; name one of {names}")
        return self.like(self.records, self.comparisons, (found[0].id,), True)

    def like(
        self, records: Sequence[Record], comparisons: Sequence[Comparison], outputs: tuple[int, ...], single: bool
    ) -> Graph:
        """A graph of the same operations, names and places."""
        again = Graph(records, self.places, comparisons, self.input_names, outputs, single, self.function)
        again.marks, again.calls, again.hidden, again.way = self.marks, self.calls, self.hidden, self.way
        again.__dict__["names"] = self.names  # a constant's name may be its number, and those stay
        return again

    def alone(self) -> Graph:
        """The same graph without somebody else's gradients."""
        return self.like([*self.records], self.comparisons, self.output_ids, self.single)

    @cached_property
    def counters(self) -> frozenset[int]:
        """The constants that are a loop's alone: `i` in `for i in range(3)`, and `i + 1`; a literal that three or more
        turns use."""
        return frozenset(
            id
            for id, (code, *_) in enumerate(self.records)
            if code == CONSTANT and (self._counts(id) or self._repeats(id))
        )

    def _counts(self, id: int) -> bool:
        uses = self.uses[id] if isinstance(self.values[id], int) else []
        return bool(uses) and all(turns.counts_turns(self.places[child], slot) for child, slot in uses)

    def _repeats(self, id: int) -> bool:
        uses, own = self.uses[id], self.places[id]
        users = {place and place.span for place in (self.places[child] for child, _ in uses)}
        return len(uses) > 2 and len(users) == 1 and (own is None or own.name is None)

    def showing(self, constants: bool | None) -> Graph:
        """The same graph for a picture with all its constants, with none, or (None) without counters of loops.

        Where a constant is hidden, formulas have its number. An output is never hidden.
        """
        every = frozenset(id for id, (code, *_) in enumerate(self.records) if code == CONSTANT)
        hidden = (frozenset() if constants else self.counters if constants is None else every) - {*self.output_ids}
        if hidden == self.hidden:
            return self
        again = self.like(self.records, self.comparisons, self.output_ids, self.single)
        again.__dict__["counters"] = self.counters
        again.hidden = hidden
        return again

    def replay(self, /, *args: Any, **kwargs: Any) -> Graph:
        """The same graph with the values for other inputs; inputs that are not given keep their numbers.

        The Python function is not called again: the recorded operations are. If a comparison that steered the
        function (an `if`, a loop's end) would come out differently, the graph would be wrong, and replay says so.

        Raises
        ------
        ArgumentError : an unknown input, a branch that goes the other way, or a number that went through a text
        DomainError : an operation leaves its domain with these inputs
        """
        records, comparisons = replayed(self, given_numbers(self, args, kwargs))
        return self.like(records, comparisons, self.output_ids, self.single)

    def __getstate__(self) -> dict[str, Any]:
        """Columns instead of records: small, and without code objects, which cannot be pickled.

        Of the function, its name and its source text are kept: a lambda or a notebook's function would not load
        elsewhere.
        """

        @cache  # each place once, so that pickle shares it
        def strip(place: Place | None) -> Place | None:
            return place and place._replace(code=None, node=place.text)

        settings = {
            id: BY_CODE[code].settings(b)
            for id, (code, _, _, _, b, _) in enumerate(self.records)
            if code >= 0 and BY_CODE[code].params
        } | {id: (kept,) for id, _, kept in self.rules_kept()}
        kept = ("input_names", "output_ids", "single", "marks", "counters", "hidden", "names", "blocks")
        return {key: getattr(self, key) for key in kept} | {
            "columns": [*([record[k] for record in self.records] for k in range(3)), self.values],
            "settings": settings,
            "places": [strip(p) for p in self.places],
            "calls": [call._replace(code=None) for call in self.calls],
            "comparisons": [c._replace(place=strip(c.place)) for c in self.comparisons],
            "function": _Lost(name_of(self.function)),
            "way": self.way and self.way._replace(call=None),
        }

    def rules_kept(self) -> Iterator[tuple[int, Any, Any]]:
        """Of the nodes with a rule of their own: the number, the rule, and the rule as a pickle keeps it."""
        for id, (code, _, _, _, b, _) in enumerate(self.records):
            if code >= 0 and BY_CODE[code].name == "custom":
                (rule,) = BY_CODE[code].settings(b)
                yield id, rule, rule.kept([self.values[p] for p in self.operand_ids(id)])

    def __deepcopy__(self, memo: Any = None) -> Graph:
        return self  # it is frozen

    __copy__ = __deepcopy__

    def __setstate__(self, state: dict[str, Any]) -> None:
        codes, first, second, values = state.pop("columns")
        settings = state.pop("settings")
        records: list[Record] = []
        for k, (code, i, j, y) in enumerate(zip(codes, first, second, values, strict=True)):
            if code >= 0:
                op, ids = BY_CODE[code], BY_CODE[code].ids(i, j)
                records.append(op.record(ids, [values[p] for p in ids], settings.get(k, ()), y))
            else:
                records.append((code, i, j, None, None, y))
        self.__dict__.update(state, records=records, slopes={}, formulas={}, operands_told={})

    def __repr__(self) -> str:
        return f"<{self.about()}>"

    def about(self, pen: Target = PLAIN) -> str:
        """What it is in one line: the function, how many nodes, its value."""
        values = ", ".join(node.number(pen).text for node in self.outputs)
        return f"Graph of {name_of(self.function)}: {len(self)} nodes, value {values}"

    def __str__(self) -> str:
        """The evaluation trace: one row a node, at most 200 of them."""
        seen = [n for n in self.nodes if n.id not in self.hidden]
        shown = seen if len(seen) <= 200 else seen[:199]
        rows = [("node", "is", "primal", "line")]
        rows += [(n.label, n.formula, number(n.value), str(n.line or "")) for n in shown]
        w = [max(len(r[k]) for r in rows) for k in range(4)]
        text = "\n".join(f"{a:<{w[0]}}  {b:<{w[1]}}  {c:>{w[2]}}  {d:>{w[3]}}".rstrip() for a, b, c, d in rows)
        return text if len(shown) == len(seen) else f"{text}\n… and {len(seen) - len(shown)} more"


class _Lost:
    """Stands for the function of a graph that came out of a pickle: its name is what is left of it."""

    def __init__(self, name: str) -> None:
        self.__name__ = name


def _unique(wanted: str, used: dict[str, int], taken: set[str]) -> str:
    """`s`, then `s_2`, `s_3` …, passing over names that the student uses, and over `s_2` if there is `s2`: both are
    drawn as s₂."""
    count = used[wanted] = used.get(wanted, 0) + 1
    if count == 1:
        return wanted
    alike = wanted if len(wanted) == 1 and wanted.isalpha() else f"{wanted}_"
    while any(name in taken or name in used for name in (f"{wanted}_{count}", f"{alike}{count}")):
        count += 1
    name = f"{wanted}_{count}"
    used[wanted], used[name] = count, 1
    return name
