"""What a traced function computed, as a graph: look at it, print it, draw it, run it again on other numbers.

A graph is frozen: numbered, single-assignment, every operand before its user. It keeps the tape's compact records and
makes `Node` objects only when asked, so that a graph of a million operations stays small.
"""

from __future__ import annotations

import html
import operator
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import ArgumentError, DomainError, LabError
from .notation import PLAIN, Token, name, num, number, token_of
from .primitives import BY_CODE, Primitive
from .source import Block, Place, blocks_of

if TYPE_CHECKING:
    from .trace import Tape

__all__ = ["CONSTANT", "INPUT", "Edge", "Graph", "Node"]

INPUT, CONSTANT = -1, -2  # codes of the records that no primitive computed


class Edge(NamedTuple):
    """An operand's use: `parent` is operand number `slot` of `child`. x * x has two edges to one x."""

    parent: Node
    child: Node
    slot: int


class Node:
    """One value in a graph. Two nodes are equal if they are the same number of the same graph."""

    __slots__ = ("graph", "id")

    def __init__(self, graph: Graph, id: int) -> None:
        self.graph, self.id = graph, id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and other.graph is self.graph and other.id == self.id

    def __hash__(self) -> int:
        return hash((id(self.graph), self.id))

    def __repr__(self) -> str:
        return f"<{self.name} = {number(self.value)}: {self.formula}>"

    @property
    def name(self) -> str:
        """The student's name for this value, unique in the graph."""
        return self.graph.names[self.id]

    @property
    def label(self) -> str:
        """The name as drawn: a constant without a name of its own shows its number."""
        return number(self.value) if self.op == "constant" and not self._named else self.name

    @property
    def _named(self) -> bool:
        place = self.graph.places[self.id]
        return place is not None and place.name is not None

    @property
    def op(self) -> str:
        """The primitive's name in `bl.primitives`, or "input" or "constant"."""
        code = self.graph.records[self.id][0]
        return "input" if code == INPUT else "constant" if code == CONSTANT else BY_CODE[code].name

    @property
    def primitive(self) -> Primitive | None:
        """The entry of the table that computed this value, or None for inputs and constants."""
        code = self.graph.records[self.id][0]
        return BY_CODE[code] if code >= 0 else None

    @property
    def value(self) -> Any:
        """The primal."""
        return self.graph.records[self.id][5]

    @property
    def parents(self) -> tuple[Node, ...]:
        """The operands, in order; one that is used twice is here twice."""
        return tuple(self.graph.nodes[i] for i in self.graph.operand_ids(self.id))

    @property
    def operands(self) -> tuple[Any, ...]:
        """The operands' values and then the settings (the 3 of x**3), as the primitive takes them."""
        code, _, _, a, b, _ = self.graph.records[self.id]
        return () if code < 0 else (a,) if len(BY_CODE[code].args + BY_CODE[code].params) == 1 else (a, b)

    @property
    def partials(self) -> tuple[Any, ...]:
        """The local partials, one an operand: how fast this value changes with each operand alone."""
        op = self.primitive
        return () if op is None else tuple(op.slope(k, self.value, self.operands) for k in range(len(op.args)))

    @property
    def line(self) -> int | None:
        """The number of the source line that computed this value, or None."""
        place = self.graph.places[self.id]
        return place.line if place is not None else None

    @property
    def formula(self) -> str:
        """What the value is, in the student's names: `2 · x`, `sin(a)`; for the rest `input` or `constant`."""
        op = self.primitive
        return self.op if op is None else self.tokens(PLAIN).text

    def tokens(self, target: Any, numbers: bool = False) -> Token:
        """The formula of this value with the operands' names, or with their numbers, in a notation's target."""
        op = self.primitive
        assert op is not None
        return token_of(op.text, target, self.operand_tokens(target, numbers))

    def operand_tokens(self, target: Any, numbers: bool = False) -> dict[str, Token]:
        """For each operand of the primitive, its name or its number as a token; settings are always numbers."""
        op = self.primitive
        assert op is not None
        tokens = {
            arg: num(p.value, target) if numbers or p.label != p.name else name(p.label, target)
            for arg, p in zip(op.args, self.parents, strict=True)
        }
        for setting, value in zip(op.params, self.operands[len(op.args) :], strict=True):
            tokens[setting] = num(value, target)
        return tokens


class Graph:
    """A traced function: `.nodes`, `.inputs`, `.outputs`, `.value`, `.edges`, `len()`.

    `print(graph)` is its evaluation trace. In a notebook it draws itself. `graph.replay(x=4)` runs it on other numbers.
    """

    def __init__(self, tape: Tape, input_names: list[str], outputs: list[int], single: bool, function: Any) -> None:
        assert tape.places is not None and len(tape.places) == len(tape)
        self.records: list[tuple[int, int, int, Any, Any, Any]] = tape
        self.places: list[Place | None] = tape.places
        self.comparisons = tape.comparisons
        self.input_names = tuple(input_names)
        self.output_ids = tuple(outputs)
        self.single = single
        self.function = function

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __getitem__(self, key: str | int) -> Node:
        """The node with this name, or this number."""
        if isinstance(key, int):
            return self.nodes[key]
        try:
            return self.nodes[self.names.index(key)]
        except ValueError:
            known = ", ".join(self.names[:12]) + (", …" if len(self) > 12 else "")
            raise ArgumentError(f"no node is called {key}; the names are {known}") from None

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

    @property
    def value(self) -> Any:
        """What the function returned: one number, or a tuple of them."""
        values = tuple(self.records[i][5] for i in self.output_ids)
        return values[0] if self.single else values

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All uses of operands, in the order of the nodes."""
        return tuple(Edge(p, node, k) for node in self.nodes for k, p in enumerate(node.parents))

    def operand_ids(self, id: int) -> tuple[int, ...]:
        """The numbers of a node's operands."""
        code, i, j, *_ = self.records[id]
        return () if code < 0 else (i,) if len(BY_CODE[code].args) == 1 else (i, j)

    @cached_property
    def uses(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each node, the (child, slot) pairs that use it, in the order of the nodes."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.records]
        for child in range(len(self.records)):
            for slot, parent in enumerate(self.operand_ids(child)):
                found[parent].append((child, slot))
        return tuple(map(tuple, found))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """A unique name for each node: the student's, with _2, _3 … when it is assigned again; else v1, v2 …"""
        taken = set(self.input_names)
        taken |= {p.name for p in self.places if p is not None and p.name}
        names = list(self.input_names)
        used: dict[str, int] = {n: 1 for n in names}
        given = getattr(self.function, "__name__", "")
        result = self.output_ids[0] if self.single and given.isidentifier() and given not in taken else -1
        fresh = 0
        for id in range(len(names), len(self.records)):
            place, code = self.places[id], self.records[id][0]
            if place is not None and place.name:
                wanted = place.name
            elif code == CONSTANT:
                wanted = number(self.records[id][5])
            elif id == result:
                wanted = given
            else:
                fresh += 1
                while f"v{fresh}" in taken:
                    fresh += 1
                wanted = f"v{fresh}"
            names.append(_unique(wanted, used, taken))
        return tuple(names)

    @cached_property
    def blocks(self) -> list[Block]:
        """The source of the functions that computed the nodes, the traced function first."""
        own = getattr(self.function, "__code__", None)
        codes = dict.fromkeys([own] if own is not None else [])
        codes |= dict.fromkeys(p.code for p in self.places if p is not None)
        return blocks_of(list(codes))

    def depends_on(self, node: Node) -> set[Node]:
        """The nodes that this one was computed from, itself not included."""
        seen: set[int] = set()
        todo = list(self.operand_ids(node.id))
        while todo:
            id = todo.pop()
            if id not in seen:
                seen.add(id)
                todo.extend(self.operand_ids(id))
        return {self.nodes[i] for i in seen}

    def influences(self, node: Node) -> set[Node]:
        """The nodes that were computed from this one, itself not included."""
        seen: set[int] = set()
        todo = [child for child, _ in self.uses[node.id]]
        while todo:
            id = todo.pop()
            if id not in seen:
                seen.add(id)
                todo.extend(child for child, _ in self.uses[id])
        return {self.nodes[i] for i in seen}

    def replay(self, *args: float, **kwargs: float) -> Graph:
        """The same graph with the values for other inputs; inputs that are not given keep their numbers.

        The Python function is not called again: the recorded operations are. If a comparison that steered the
        function (an `if`, a loop's end) would come out differently, the graph would be wrong, and replay says so.

        Raises
        ------
        ArgumentError : an unknown input, or a branch that goes the other way
        """
        from .trace import Tape, as_number

        given = dict(zip(self.input_names, args, strict=False)) | kwargs
        unknown = [k for k in given if k not in self.input_names]
        if unknown or len(args) > len(self.input_names):
            raise ArgumentError(f"the inputs of this graph are {', '.join(self.input_names)}; {', '.join(unknown) or 'there are too many numbers'}")
        tape = Tape(sourced=True)
        values: list[Any] = []
        for id, (code, i, j, a, b, y) in enumerate(self.records):
            if code == INPUT:
                key = self.input_names[id]
                y = as_number(given[key], key, self.function) if key in given else y
            elif code >= 0:
                op = BY_CODE[code]
                a = values[i]
                b = values[j] if len(op.args) == 2 else b
                try:
                    y = op.function(*((a,) if len(op.args + op.params) == 1 else (a, b)))
                except DomainError as error:
                    raise DomainError(f"{error} at node {self.names[id]} (line {self.nodes[id].line})") from None
            values.append(y)
            tape.append((code, i, j, a, b, y))
        tape.places = self.places
        for sign, i, j, a, b, outcome, place in self.comparisons:
            now = (values[i] if i >= 0 else a, values[j] if j >= 0 else b)
            if _SIGNS[sign](*now) != outcome:
                where = f"line {place.line}: {place.text or sign}" if place else sign
                raise ArgumentError(f"with these inputs the comparison in {where} comes out {not outcome}, so the function computes something else; trace it again with them")
        tape.comparisons = self.comparisons
        again = Graph(tape, list(self.input_names), list(self.output_ids), self.single, self.function)
        again.__dict__["names"] = self.names
        return again

    def __repr__(self) -> str:
        called = getattr(self.function, "__name__", "function")
        called = "function" if called == "<lambda>" else called
        values = number(self.value) if self.single else ", ".join(map(number, self.value))
        return f"<Graph of {called}: {len(self)} nodes, value {values}>"

    def __str__(self) -> str:
        """The evaluation trace: one row a node, at most 200 of them."""
        shown = self.nodes if len(self) <= 200 else self.nodes[:199]
        rows = [("node", "is", "primal", "line")]
        rows += [(n.label, n.formula, number(n.value), str(n.line or "")) for n in shown]
        wide = [max(len(r[k]) for r in rows) for k in range(4)]
        text = "\n".join(f"{a:<{wide[0]}}  {b:<{wide[1]}}  {c:>{wide[2]}}  {d:>{wide[3]}}".rstrip() for a, b, c, d in rows)
        return text if len(shown) == len(self) else f"{text}\n… and {len(self) - len(shown)} more"

    @cached_property
    def _drawn(self) -> str | LabError:
        """The picture, or why there is none."""
        from .drawing.picture import Picture  # drawing stands above the graph; only a notebook's display looks up

        try:
            return Picture(self).svg()
        except LabError as error:
            return error

    def _repr_svg_(self) -> str | None:
        """The picture that a notebook shows."""
        return self._drawn if isinstance(self._drawn, str) else None

    def _repr_html_(self) -> str | None:
        """The sentence that a notebook shows where there can be no picture."""
        return f"<p>{html.escape(str(self._drawn))}</p>" if isinstance(self._drawn, LabError) else None


_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def _unique(wanted: str, used: dict[str, int], taken: set[str]) -> str:
    """`s`, then `s_2`, `s_3` …, passing over names that the student uses."""
    count = used.get(wanted, 0) + 1
    used[wanted] = count
    if count == 1:
        return wanted
    while f"{wanted}_{count}" in taken or f"{wanted}_{count}" in used:
        count += 1
    used[wanted] = count
    used[f"{wanted}_{count}"] = 1
    return f"{wanted}_{count}"
