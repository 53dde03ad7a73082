"""Write a graph of arrays as straight-line NumPy: one statement an operation, under the student's names.

`Arrays` works out what is the same twice and what is needed for the results, writes expressions, and sees to memory: a
large array that nobody needs any more gives its own to the next result (`out=`); views of it, inputs and results are
never written into.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..recording.tape import CONSTANT, INPUT
from ..table.arrays import reads_once
from ..table.cost import Cost
from ..table.entry import Primitive
from ..table.table import BY_CODE, primitives
from ..table.values import is_array, shape_of, size_of
from ..table.work import value_cost
from ..text.expression import ATOM, CHOICE, POWER, PRODUCT, Code, Python, fit
from .unrolled import Unrolled
from .writer import Writer, guarded, known_as

LARGE = 4096  # elements from which on it pays to use memory again
DEEPEST = 3  # how deep small values used once are nested in a line
_MISSING = object()


class Arrays(Writer):
    """Writes the functions of a program of arrays; their `costs` are those of all elements."""

    module = "np."

    def __init__(self, unrolled: Unrolled) -> None:
        graph = self.graph = unrolled.graph
        self.bars, self.value = unrolled.bars, graph.values
        self.ops: list[Any] = [BY_CODE[code] if code >= 0 else None for code, *_ in graph.records]
        self.settings = [BY_CODE[code].settings(b) if code >= 0 else () for code, _, _, _, b, _ in graph.records]
        self.same = self._merged()
        self.operands = [self._operands(id) for id in range(len(graph))]
        # what numbers must not be where an operation comes, whether or not a result needs it
        limits = [guarded(record) for record in graph.records[: unrolled.forward]]
        domains = {id: [(self.same[k], x) for k, x in found if graph.varies[k]] for id, found in enumerate(limits)}
        super().__init__(graph, self.same, {id: found for id, found in domains.items() if found})
        self.costs: dict[str, Cost] = {}

    def source(self) -> str:
        """The functions `value` and, if there is one real result, `value_and_grad`."""
        text = self._function("value", self.graph.output_ids)
        if self.bars is None:
            return text
        bars = [bar for bar in self.bars.values() if bar is not None]
        return f"{text}\n{self._function('value_and_grad', [*self.graph.output_ids, *bars])}"

    # --- what has to be computed --------------------------------------------------------------------------------------

    def _merged(self) -> list[int]:
        """For each node, the first one that computes the same; a product with 1 is the other factor."""
        found: dict[Any, int] = {}
        same: list[int] = []
        for id, (code, *_, y) in enumerate(self.graph.records):
            key: Any = id
            if op := self.ops[id]:
                ids = [same[p] for p in self.graph.operand_ids(id)]
                key = (code, *ids, known_as(self.settings[id]))
                one = [p for p in ids if self._uniform(p) == 1.0][:1] if op.name == "mul" else []
                other = [p for p in ids if p not in one]
                if one and other and _alike(self.value[other[0]], y):
                    same.append(other[0])
                    continue
            elif code == CONSTANT and y.__class__ is not np.ndarray:
                key = (code, known_as(y))
            same.append(found.setdefault(key, id))
        return same

    def _operands(self, id: int) -> list[int]:
        """A node's operands; one that was spread out only for NumPy to spread it out again is taken before that."""
        found = [self.same[p] for p in self.graph.operand_ids(id)]
        if len(found) == 2 and self.ops[id].elementwise:
            for k, p in enumerate(found):
                while self._is(p, "broadcast_to"):
                    p = self.same[self.graph.operand_ids(p)[0]]
                    if np.broadcast_shapes(self.shape(p), self.shape(found[1 - k])) == self.shape(id):
                        found[k] = p
        return found

    def _is(self, id: int, *names: str) -> bool:
        return self.ops[id] is not None and self.ops[id].name in names

    def shape(self, id: int) -> tuple[int, ...]:
        return shape_of(self.value[id])

    def _needed(self, outputs: Sequence[int]) -> list[int]:
        found = {*outputs, *self.looked_at}
        for id in reversed(range(len(self.graph))):
            found.update(self.operands[id] if id in found else ())
        return sorted(found)

    def _uniform(self, id: int) -> float | complex | None:
        """The number in all places of a constant."""
        code, *_, y = self.graph.records[id]
        if code != CONSTANT or not isinstance(y, np.ndarray):
            return y if code == CONSTANT else None
        if not y.size or y.dtype.kind not in "fc":
            return None
        first = y.flat[0]
        return first.item() if first.tobytes() * y.size == y.tobytes() else None  # bits: 0.0 and -0.0 are not the same

    # --- expressions --------------------------------------------------------------------------------------------------

    def _code(self, id: int, user: int | None = None) -> Code:
        """What stands for a node, as an operand of another or as a result."""
        if id in self.codes:
            return self.codes[id]
        number = self._uniform(id)
        others = [self.shape(p) for p in self.operands[user] if p != id] if user is not None else []
        spreads = user is not None and self.ops[user].elementwise and self.shape(user) in others
        if number is not None and (spreads or not is_array(self.value[id])):  # NumPy repeats it
            return self.literal(number)
        self.constants.give(self.names[id], self.value[id])
        return self.names[id], ATOM

    def _expression(self, id: int, codes: list[Code]) -> Code:
        """One operation as NumPy writes it."""
        op, settings = self.ops[id], self.settings[id]
        codes = self._as_floats(id, codes)
        if op.name == "mul" and ("-1", PRODUCT) in codes:
            return f"-{fit(codes[1 - codes.index(('-1', PRODUCT))], ATOM)}", PRODUCT
        names = dict(zip(op.args, codes, strict=False))
        if op.elementwise:
            return NumPy(names | dict(zip(op.params, map(self.literal, settings), strict=True))).of(op.text)
        if op.sign == "@":
            return NumPy(names).binary("@", *codes)
        if op.family == "comparisons":
            return NumPy(names).comparison([op.sign], codes)[0], CHOICE
        return self._by_name(op, id, codes, settings), ATOM

    def _by_name(self, op: Primitive, id: int, codes: list[Code], settings: tuple[Any, ...]) -> str:
        """A call of a function or a method, an index."""
        before = self.shape(self.operands[id][0]) if codes else ()
        first = fit(codes[0], ATOM) if codes else ""
        given = ", ".join(text for text, _ in codes)
        match op.name:
            case "index":
                return f"{first}[{self.constants.index(settings[0])}]"
            case "reshape":
                shape = self.constants.text(settings[0], "shape")
                return f"{first}.reshape({shape})" if before else f"np.reshape({given}, {shape})"
            case "transpose":
                backwards = settings[0] == tuple(range(len(settings[0])))[::-1]
                return f"{first}.T" if backwards else f"{first}.transpose({settings[0]})"
            case "einsum":
                return f"np.einsum({settings[0]!r}, {given})"
            case "custom":
                return f"{self.constants.name(settings[0].value, settings[0].name, settings[0])}({given})"
            case "unbroadcast":  # along axes in front, or along those that had one element
                more = len(before) - len(settings[0])
                axes = tuple(k + more for k, n in enumerate(settings[0]) if n != before[k + more])
                if not more or not axes:
                    along, keep = axes or tuple(range(more)), ", keepdims=True" if axes else ""
                    return f"np.sum({given}, axis={along[0] if len(along) == 1 else along}{keep})"
        if op.variadic:
            return f"np.{op.name}([{given}], axis={settings[0]})"
        function = f"np.{op.numpy}" if op.numpy else op.name
        named = [
            f"{k}={self.constants.text(v, k)}" if op.defaults else self.constants.text(v, k)
            for k, v, default in zip(op.params, settings, op.defaults or (_MISSING,) * len(settings), strict=True)
            if not (function.startswith("np.") and (v is default or v == default))
        ]
        return f"{function}({', '.join([*(text for text, _ in codes), *named])})"

    def _as_floats(self, id: int, codes: list[Code]) -> list[Code]:
        """Truth values made floats where a number comes of them: NumPy makes whole numbers, the engine has none."""
        values = [self.value[p] for p in self.operands[id]]
        floats = any(is_array(x) and _kind(x) in "fc" for x in values)
        if floats or _kind(self.value[id]) == "b" or self._is(id, "where"):
            return codes
        pairs = zip(codes, values, strict=True)
        return [(f"{fit(c, ATOM)}.astype(float)", ATOM) if _kind(x) == "b" else c for c, x in pairs]

    # --- statements ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        super().start()
        self.called = list(self.names)
        self.owned: set[int] = set()  # nodes whose memory is theirs alone

    def _function(self, name: str, results: Sequence[int]) -> str:
        """The function that computes some nodes from the inputs."""
        self.start()
        outputs = [self.same[id] for id in results]
        needed = self._needed(outputs)
        self.users: dict[int, list[int]] = {id: [] for id in needed}
        for id in needed:
            for p in self.operands[id]:
                self.users[p].append(id)
        kept = {*outputs, *self.looked_at}
        sums = self._added_into(kept)
        puts, into = {put for _, put in sums.values()}, {into for into, _ in sums.values()}
        for id in reversed(needed):
            if id in sums and self.called[id].endswith("_bar"):  # it is called what it will be in the end
                self.called[sums[id][0]] = self.called[id]
        inlined = self._inlined(kept | into) | puts
        last = self._last_uses(inlined)
        cost = Cost()
        for id in sorted({*needed, *self.domains}):
            self.before(id)
            if id not in self.users:
                continue
            code, _, _, a, b, y = self.graph.records[id]
            if code == INPUT:
                self.codes[id] = self.names[id], ATOM
            elif op := self.ops[id]:
                cost = cost.plus(value_cost(op, y, op.operands(a, b)))
                used = [self._code(p, id) for p in self.operands[id]]
                if id in sums:
                    self.codes[id] = self._put_into(sums[id])
                    self.owned.add(id)
                elif id in inlined:
                    self.codes[id] = used[0] if id in puts else self._expression(id, used)
                else:
                    dying = [p for p in self.operands[id] if p in self.owned - kept and last[p] == id]
                    self._statement(id, used, dying)
            self.after(id)
        self.costs[name] = cost
        return self.function(name, ", ".join(self._result(id, outputs[:k]) for k, id in enumerate(outputs)))

    def _result(self, id: int, before: Sequence[int]) -> str:
        """A result; one whose memory is an input's, a constant's or another result's is copied."""
        shared = is_array(self.value[id]) and (id not in self.owned or id in before)
        return f"np.array({self._code(id)[0]})" if shared else self._code(id)[0]

    def _statement(self, id: int, used: list[Code], dying: list[int]) -> None:
        """One operation written down; `dying` are operands whose memory may hold the result."""
        op, y, name = self.ops[id], self.value[id], self.called[id]
        free = [p for p in dying if is_array(y) and _alike(self.value[p], y)]
        if op.name == "scatter":
            key, shape = self.settings[id]
            kind = ", dtype=complex" if y.dtype.kind == "c" else ""
            self.lines.append(f"{name} = np.zeros({self.constants.text(shape, 'shape')}{kind})")
            if reads_once(key):
                self.lines.append(f"{name}[{self.constants.index(key)}] = {used[0][0]}")
            else:
                self.lines.append(f"np.add.at({name}, {self.constants.key(key)}, {used[0][0]})")
        elif free and op.elementwise and op.ufunc and y.size >= LARGE:
            into = used[self.operands[id].index(free[0])][0]
            self.lines.append(f"{name} = np.{op.ufunc}({', '.join(text for text, _ in used)}, out={into})")
        else:
            self.lines.append(f"{name} = {self._expression(id, used)[0]}")
        self.codes[id] = name, ATOM
        if not op.view:
            self.owned.add(id)

    def _put_into(self, pair: tuple[int, int]) -> Code:
        """A sum of an array and what indexing sends back, added into the array in place."""
        array, put = (self.codes[k] for k in pair)
        self.lines.append(f"{array[0]}[{self.constants.index(self.settings[pair[1]][0])}] += {put[0]}")
        return array

    def _added_into(self, kept: set[int]) -> dict[int, tuple[int, int]]:
        """Sums of an array and what indexing sends back: for each the array, and what is added into it in place."""

        def fits(id: int, into: int, put: int) -> bool:
            once = len(self.users[into]) == len(self.users[put]) == 1 and not {into, put} & kept
            fresh = self.ops[into] is not None and not self.ops[into].view and into != put
            large = is_array(self.value[into]) and _alike(self.value[into], self.value[id])
            return once and fresh and large and self._is(put, "scatter") and reads_once(self.settings[put][0])

        sums = ((id, *self.operands[id]) for id in self.users if self._is(id, "add"))
        pairs = ((id, pair) for id, a, b in sums for pair in ((b, a), (a, b)))  # the last that fits stays
        return {id: pair for id, pair in pairs if fits(id, *pair)}

    def _inlined(self, kept: set[int]) -> set[int]:
        """Small values without a name of their own that are used once: they stand where they are used."""
        found: dict[int, int] = {}
        for id, users in self.users.items():
            deep = 1 + max((found.get(p, 0) for p in self.operands[id]), default=0)
            place = self.graph.places[id]
            named = place is not None and place.name is not None
            free = self.ops[id] is not None and id not in kept and not named and not self._is(id, "scatter")
            small = size_of(self.value[id]) < LARGE or self._is(id, "transpose", "reshape")
            if free and small and len(users) == 1 and deep <= DEEPEST:
                found[id] = deep
        return set(found)

    def _last_uses(self, inlined: set[int]) -> dict[int, int]:
        """For each node, the statement where its memory is read last, views of it included."""
        at: dict[int, int] = {}
        last: dict[int, int] = {}
        for id in reversed(self.users):
            users = self.users[id]
            at[id] = at[users[0]] if id in inlined else id
            last[id] = max([at[id], *(at[u] for u in users), *(last[u] for u in users if self.ops[u].view)])
            if self.ops[id] is None:
                last[id] = len(self.graph)
        return last


class NumPy(Python):
    """Python source with NumPy's functions."""

    def binary(self, sign: str, left: Code, right: Code) -> Code:
        if sign == "**":
            return f"{fit(left, ATOM)} ** {fit(right, ATOM)}", POWER
        return super().binary(sign, left, right)

    def call(self, function: str, args: Sequence[Code]) -> Code:
        ufunc = primitives[function].ufunc if function in primitives else ""
        return super().call(f"np.{ufunc}" if ufunc else function, args)


def _alike(x: Any, y: Any) -> bool:
    """Whether two values are of one shape and one kind of number."""
    return shape_of(x) == shape_of(y) and _kind(x) == _kind(y)


def _kind(x: Any) -> str:
    return x.dtype.kind if isinstance(x, np.ndarray) else "c" if isinstance(x, complex) else "f"
