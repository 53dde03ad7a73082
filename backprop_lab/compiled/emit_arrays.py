"""Write a graph of arrays as straight-line NumPy: one statement an operation, under the student's names.

`Listing(graph, outputs)` works out what is needed for some nodes and what is the same twice, and `text(name)` gives the
function. A large array that nobody needs any more gives its memory to the next result (`out=`); views of it, inputs and
results are never written into.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph.graph import Graph
from ..recording.tape import CONSTANT, INPUT
from ..table.arrays import reads_once
from ..table.entry import Cost, Primitive
from ..table.table import BY_CODE, primitives
from ..table.values import shape_of, size_of
from .constants import Constants, known_as
from .domains import guarded

if TYPE_CHECKING:
    from ..recording.guards import Comparison

__all__ = ["TAKEN", "Listing", "python_names"]

LARGE = 4096  # elements from which on it pays to use memory again
DEEPEST = 3  # how deep small values used once are nested in a line
VIEWS = ("reshape", "transpose", "index", "broadcast_to", "real", "imag", "conj")  # may share memory with their operand
SIGNS = {
    "greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<=", "equal": "==", "not_equal": "!=",
}  # fmt: skip
LINALG = ("solve", "inv", "det", "norm")
TAKEN = {*keyword.kwlist, *primitives, "np", "other_branch", "outside", "complex"}
Literal = float | int | complex


class Listing:
    """The statements for some nodes of a graph.

    Attributes
    ----------
    inputs : the arguments' names, in the order of the graph's inputs
    constants : the arrays, index arrays and rules that the text mentions by name
    cost : what the statements compute, elements counted
    """

    def __init__(self, graph: Graph, outputs: Sequence[int], forward: int, constants: Constants) -> None:
        self.graph, self.constants = graph, constants
        self.names = python_names(graph)
        self.inputs = [self.names[k] for k in range(len(graph.input_names))]
        self.same = self._merged()
        self.outputs = [self.same[id] for id in outputs]
        self.guards: list[tuple[Comparison, int, int]] = [
            (c, self.same[c.i] if c.i >= 0 else -1, self.same[c.j] if c.j >= 0 else -1) for c in graph.comparisons
        ]
        # what numbers must not be where an operation comes, whether or not a result needs it
        self.domains: dict[int, list[tuple[int, str]]] = {}
        for id in range(forward):
            if limits := [(self.same[k], text) for k, text in guarded(graph.records[id]) if graph.varies[k]]:
                self.domains[id] = limits
        self.needed = self._needed()
        self.users: dict[int, list[int]] = {id: [] for id in self.needed}
        for id in self.needed:
            for p in self._operands(id):
                self.users[p].append(id)
        self.cost = Cost()
        for id in self.needed:
            code, _, _, a, b, y = graph.records[id]
            if code >= 0:
                self.cost = self.cost.plus(BY_CODE[code].work(y, BY_CODE[code].operands(a, b)))

    # --- what has to be computed --------------------------------------------------------------------------------------

    def _merged(self) -> list[int]:
        """For each node, the first one that computes the same; a product with 1 is the other factor."""
        found: dict[Any, int] = {}
        same: list[int] = []
        for id, (code, i, j, _, b, y) in enumerate(self.graph.records):
            key: Any = id
            if code >= 0:
                op = BY_CODE[code]
                ids = tuple(same[p] for p in op.ids(i, j))
                key = (code, ids, known_as(op.settings(b)))
                if op.name == "mul":
                    one = [p for p in ids if self._uniform(p) == 1.0]
                    other = [p for p in ids if p not in one[:1]]
                    if one and other and _alike(self.graph.records[other[0]][5], y):
                        same.append(other[0])
                        continue
            elif code == CONSTANT and y.__class__ is not np.ndarray:
                key = (code, known_as(y))
            same.append(found.setdefault(key, id))
        return same

    def _operands(self, id: int) -> list[int]:
        """A node's operands; one that was spread out only for NumPy to spread it out again is taken before that."""
        code, i, j, _, _, y = self.graph.records[id]
        found = [self.same[p] for p in BY_CODE[code].ids(i, j)] if code >= 0 else []
        if code < 0 or not BY_CODE[code].elementwise or len(found) != 2:
            return found
        for k, p in enumerate(found):
            while self._is(p, "broadcast_to"):
                p = self.same[self.graph.records[p][1]]
                shapes = [self.shape(p), self.shape(found[1 - k])]
                if np.broadcast_shapes(*shapes) == shape_of(y):
                    found[k] = p
        return found

    def _is(self, id: int, *names: str) -> bool:
        code = self.graph.records[id][0]
        return code >= 0 and BY_CODE[code].name in names

    def shape(self, id: int) -> tuple[int, ...]:
        """The shape of a node's value."""
        return shape_of(self.graph.records[id][5])

    def _needed(self) -> list[int]:
        found: set[int] = set()
        todo = [*self.outputs, *self._looked_at()]
        while todo:
            id = todo.pop()
            if id not in found:
                found.add(id)
                todo += self._operands(id)
        return sorted(found)

    def _looked_at(self) -> set[int]:
        """The nodes that guards mention."""
        compared = {k for _, i, j in self.guards for k in (i, j) if k >= 0}
        return compared | {k for limits in self.domains.values() for k, _ in limits}

    def _uniform(self, id: int) -> Literal | None:
        """The number in all places of a constant."""
        code, *_, y = self.graph.records[id]
        if code != CONSTANT or y is None:
            return None
        if not isinstance(y, np.ndarray):
            return y
        if not y.size or y.dtype.kind not in "fc":
            return None
        first = y.flat[0]
        return first.item() if first.tobytes() * y.size == y.tobytes() else None  # bits: 0.0 and -0.0 are not the same

    # --- expressions -------------------------------------------------------------------------------------------------

    def _constant(self, id: int, user: int | None) -> str:
        y = self.graph.records[id][5]
        number = self._uniform(id)
        if number is not None and (not isinstance(y, np.ndarray) or self._spreads(id, user)):
            text = self.constants.text(number)
            return f"({text})" if text.startswith("-") else text
        self.constants.give(self.names[id], y)
        return self.names[id]

    def _spreads(self, id: int, user: int | None) -> bool:
        """Whether one number does for an array of equal ones, because the other operand has the result's shape."""
        if user is None or not BY_CODE[self.graph.records[user][0]].elementwise:
            return False
        return any(self.shape(p) == self.shape(user) for p in self._operands(user) if p != id)

    def _setting(self, value: Any, name: str) -> str:
        """A setting as Python text; index arrays and rules get a name."""
        if isinstance(value, tuple):
            return f"({', '.join(self._setting(v, name) for v in value)}{',' * (len(value) == 1)})"
        if isinstance(value, slice):
            parts = ["" if v is None else str(v) for v in (value.start, value.stop, value.step)]
            return ":".join(parts if parts[2] else parts[:2])
        return "..." if value is ... else self.constants.text(value, name)

    def _index(self, key: Any) -> str:
        parts = key if isinstance(key, tuple) else (key,)
        return ", ".join(self._setting(k, "places") for k in parts) or "()"

    def _key(self, key: Any) -> str:
        """A key as a call takes it: slices have colons between square brackets only."""
        has_slice = any(isinstance(k, slice) for k in (key if isinstance(key, tuple) else (key,)))
        return f"np.s_[{self._index(key)}]" if has_slice else f"({self._index(key)},)"

    def _expression(self, id: int, codes: list[str]) -> str:
        """One operation as NumPy writes it."""
        code, i, j, a, b, y = self.graph.records[id]
        op = BY_CODE[code]
        settings = op.settings(b)
        codes = self._as_floats(id, codes)
        if op.name == "mul" and "(-1)" in codes:
            return f"-{_atom(codes[1 - codes.index('(-1)')])}"
        if op.elementwise:
            numbers = {k: self.constants.text(v) for k, v in zip(op.params, settings, strict=True)}
            return _substituted(op.text, dict(zip(op.args, codes, strict=True)) | numbers)
        first = codes[0] if codes else ""
        match op.name:
            case "index":
                return f"{_atom(first)}[{self._index(settings[0])}]"
            case "reshape":
                shape = self._setting(settings[0], "shape")
                return f"{_atom(first)}.reshape({shape})" if shape_of(a) else f"np.reshape({_outer(first)}, {shape})"
            case "transpose":
                backwards = settings[0] == tuple(range(len(settings[0])))[::-1]
                return f"{_atom(first)}.T" if backwards else f"{_atom(first)}.transpose({settings[0]})"
            case "matmul" | "matvec" | "vecmat" | "dot":
                return _substituted("a @ b", dict(zip("ab", codes, strict=True)))
            case "stack" | "concatenate":
                return f"np.{op.name}([{', '.join(map(_outer, codes))}], axis={settings[0]})"
            case "einsum":
                return f"np.einsum({settings[0]!r}, {', '.join(map(_outer, codes))})"
            case "custom":
                rule = self.constants.name(settings[0].value, settings[0].name, settings[0])
                return f"{rule}({', '.join(map(_outer, codes))})"
            case "unbroadcast" if shape_of(a)[len(shape_of(a)) - len(settings[0]) :] == settings[0]:
                axes = tuple(range(len(shape_of(a)) - len(settings[0])))
                return f"np.sum({_outer(first)}, axis={axes[0] if len(axes) == 1 else axes})"
        codes = [_outer(code) for code in codes]
        if op.name in SIGNS:
            return _substituted(f"a {SIGNS[op.name]} b", dict(zip("ab", codes, strict=True)))
        named = [
            f"{k}={self._setting(v, k)}"
            for k, v, default in zip(op.params, settings, op.defaults or (_MISSING,) * len(settings), strict=True)
            if not (self._function(op).startswith("np.") and (v is default or v == default))
        ]
        if not op.defaults:
            named = [k.partition("=")[2] for k in named]
        arguments = ", ".join([*codes, *named])
        return f"{self._function(op)}({arguments})"

    def _as_floats(self, id: int, codes: list[str]) -> list[str]:
        """Truth values made floats where a number comes of them: NumPy makes whole numbers, the engine has none."""
        values = [self.graph.records[p][5] for p in self._operands(id)]
        y = self.graph.records[id][5]
        if _kind(y) == "b" or any(_is_array(x) and _kind(x) in "fc" for x in values) or self._is(id, "where"):
            return codes
        return [f"{_atom(c)}.astype(float)" if _kind(x) == "b" else c for c, x in zip(codes, values, strict=True)]

    @staticmethod
    def _function(op: Primitive) -> str:
        return f"np.linalg.{op.name}" if op.name in LINALG else f"np.{op.name}" if hasattr(np, op.name) else op.name

    # --- statements --------------------------------------------------------------------------------------------------

    def text(self, name: str) -> str:
        """The function that computes the outputs from the inputs."""
        guards: dict[int, list[Any]] = {}
        for guard in self.guards:
            guards.setdefault(max(guard[1], guard[2]), []).append(guard)
        kept = {*self.outputs, *self._looked_at()}
        sums = self._added_into(kept)
        puts, into = {put for _, put in sums.values()}, {into for into, _ in sums.values()}
        for id in reversed(self.needed):
            if id in sums and self.names[id].endswith("_bar"):  # it is called what it will be in the end
                self.names[sums[id][0]] = self.names[id]
        inlined = self._inlined(kept | into) | puts
        last = self._last_uses(inlined)
        codes: dict[int, str] = {}
        owned: set[int] = set()  # nodes whose memory is theirs alone
        lines: list[str] = []
        looked: set[str] = set()
        for id in sorted({*self.needed, *self.domains}):
            for k, outside in self.domains.get(id, ()):
                line = f"if {outside.format(codes[k])}: outside()"
                lines += [line] if line not in looked else []
                looked.add(line)
            if id not in self.users:
                continue
            code, *_, y = self.graph.records[id]
            if code == INPUT:
                codes[id] = self.names[id]
            elif code >= 0:
                parents = self._operands(id)
                used = [codes[p] if p in codes else self._constant(p, id) for p in parents]
                dying = [p for p in parents if p in owned - kept and last[p] == id]
                free = [p for p in dying if _is_array(y) and _alike(self.graph.records[p][5], y)]
                if id in sums:
                    array, put = (codes[k] for k in sums[id])
                    key = self._index(self.graph.records[sums[id][1]][4][0])
                    lines.append(f"{array}[{key}] += {_outer(put)}")
                    codes[id] = array
                    owned.add(id)
                elif id in inlined:
                    codes[id] = used[0] if id in puts else f"({self._expression(id, used)})"
                else:
                    lines += self._statement(id, used, free)
                    codes[id] = self.names[id]
                    owned |= {id} if BY_CODE[code].name not in VIEWS else set()
            lines += [self._guard(g, codes) for g in guards.get(id, ())]
        results = []
        for k, id in enumerate(self.outputs):
            text = _outer(codes.get(id) or self._constant(id, None))
            shared = isinstance(self.graph.records[id][5], np.ndarray) and (id not in owned or id in self.outputs[:k])
            results.append(f"np.array({text})" if shared else text)
        lines.append(f"return {', '.join(results)}")
        return f"def {name}({', '.join(self.inputs)}):\n" + "".join(f"    {line}\n" for line in lines)

    def _statement(self, id: int, used: list[str], free: list[int]) -> list[str]:
        """One operation written down; `free` are operands whose memory may hold the result."""
        record, name = self.graph.records[id], self.names[id]
        op: Primitive = BY_CODE[record[0]]
        if op.name == "scatter":
            key, shape = record[4]
            kind = ", dtype=complex" if record[5].dtype.kind == "c" else ""
            begin = f"{name} = np.zeros({self._setting(shape, 'shape')}{kind})"
            if reads_once(key):
                return [begin, f"{name}[{self._index(key)}] = {_outer(used[0])}"]
            return [begin, f"np.add.at({name}, {self._key(key)}, {_outer(used[0])})"]
        if free and op.elementwise and op.ufunc and record[5].size >= LARGE:
            into = used[self._operands(id).index(free[0])]
            return [f"{name} = np.{op.ufunc}({', '.join(map(_outer, used))}, out={into})"]
        return [f"{name} = {_outer(self._expression(id, used))}"]

    def _added_into(self, kept: set[int]) -> dict[int, tuple[int, int]]:
        """Sums of an array and what indexing sends back: for each the array, and what is added into it in place."""
        found: dict[int, tuple[int, int]] = {}
        for id in self.needed:
            code = self.graph.records[id][0]
            if code < 0 or BY_CODE[code].name != "add":
                continue
            a, b = self._operands(id)
            for into, put in ((a, b), (b, a)):
                code, *_, y = self.graph.records[into]
                fresh = code >= 0 and BY_CODE[code].name not in VIEWS and a != b
                fits = _is_array(y) and _alike(y, self.graph.records[id][5])
                once = len(self.users[into]) == len(self.users[put]) == 1 and not {into, put} & kept
                if fresh and fits and once and self._is_put(put):
                    found[id] = (into, put)
                    break
        return found

    def _is_put(self, id: int) -> bool:
        return self._is(id, "scatter") and reads_once(self.graph.records[id][4][0])

    def _guard(self, guard: Any, codes: dict[int, str]) -> str:
        c, i, j = guard
        if c.sign == "choice":
            operands = [codes[k] if k >= 0 else self._setting(x, "given") for k, x in ((i, c.a), (j, c.b))]
            options = [f"{key}={x!r}" for key, x in c.outcome.options]
            answer = f"np.{c.outcome.name}({', '.join(operands[: c.outcome.operands] + options)})"
            return f"if not np.array_equal({answer}, {self._setting(c.outcome.answer, 'places')}): other_branch()"
        if c.sign == "is":
            return f"if not np.array_equal({codes[i]}, {self._setting(c.a, 'mask')}): other_branch()"
        left, right = (codes.get(k) or self.constants.text(x) for k, x in ((i, c.a), (j, c.b)))
        return f"if {'not ' if c.outcome else ''}{left} {c.sign} {right}: other_branch()"

    def _inlined(self, kept: set[int]) -> set[int]:
        """Small values without a name of their own that are used once: they stand where they are used."""
        found: dict[int, int] = {}
        for id in self.needed:
            code, *_, y = self.graph.records[id]
            deep = 1 + max((found.get(p, 0) for p in self._operands(id)), default=0)
            place = self.graph.places[id]
            named = place is not None and place.name is not None
            free = code >= 0 and id not in kept and not named and not self._is(id, "scatter")
            small = size_of(y) < LARGE or self._is(id, "transpose", "reshape")
            if free and small and len(self.users[id]) == 1 and deep <= DEEPEST:
                found[id] = deep
        return set(found)

    def _last_uses(self, inlined: set[int]) -> dict[int, int]:
        """For each node, the statement where its memory is read last, views of it included."""
        at: dict[int, int] = {}
        last: dict[int, int] = {}
        for id in reversed(self.needed):
            at[id] = at[self.users[id][0]] if id in inlined else id
            reads = [at[u] for u in self.users[id]]
            code = self.graph.records[id][0]
            last[id] = max([at[id], *reads, *(last[u] for u in self.users[id] if self._is(u, *VIEWS))])
            if code < 0:
                last[id] = len(self.graph)
        return last


class _Missing:
    pass


_MISSING = _Missing()


def _alike(x: Any, y: Any) -> bool:
    """Whether two values are of one shape and one kind of number."""
    return shape_of(x) == shape_of(y) and _kind(x) == _kind(y)


def _kind(x: Any) -> str:
    return x.dtype.kind if isinstance(x, np.ndarray) else "c" if isinstance(x, complex) else "f"


def _is_array(x: Any) -> bool:
    return isinstance(x, np.ndarray)


def _outer(code: str) -> str:
    """The expression without brackets around the whole of it."""
    if code.startswith("(") and code.endswith(")"):
        depth = 0
        for k, char in enumerate(code):
            depth += (char == "(") - (char == ")")
            if depth == 0 and k < len(code) - 1:
                return code
        inner = code[1:-1]
        return code if "," in inner and not re.search(r"[(\[]", inner) else inner
    return code


def _atom(code: str) -> str:
    return code if re.fullmatch(r"[\w.]+(\(.*\)|\[.*\])?", code) or code.startswith("(") else f"({code})"


def _substituted(text: str, codes: dict[str, str]) -> str:
    """One of the table's texts with expressions in its operands' places, and NumPy's functions."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return ast.parse(codes[node.id], mode="eval").body if node.id in codes else node

        def visit_Call(self, node: ast.Call) -> ast.expr:
            node.args = [self.visit(a) for a in node.args]
            assert isinstance(node.func, ast.Name)
            ufunc = primitives[node.func.id].ufunc if node.func.id in primitives else ""
            node.func = ast.parse(f"np.{ufunc}" if ufunc else node.func.id, mode="eval").body
            return node

    tree = Put().visit(ast.parse(text, mode="eval"))
    return ast.unparse(ast.fix_missing_locations(tree))


def python_names(graph: Graph) -> list[str]:
    """A Python name for each node: the student's where it is one."""
    taken = set(TAKEN)
    names = []
    for wanted in graph.names:
        name = re.sub(r"[\W_]*\W[\W_]*", "_", wanted).strip("_")  # params['W'] becomes params_W
        name = name if name.isidentifier() else f"c_{name}" if name else "c"
        while name in taken:
            name += "_"
        taken.add(name)
        names.append(name)
    return names
