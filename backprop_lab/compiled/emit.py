"""Write a graph as straight-line Python: the statements for its value and for its adjoints.

`Writer(graph)` gives expressions and statements, and `cpython.py` makes functions of them. What is known when
the text is written is not computed when it runs: constants get no adjoint, the seed 1 is not multiplied with, a partial
that is 1 is not written, and a value used once stands where it is used.
"""

from __future__ import annotations

import ast
import keyword
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from ..graph.graph import Graph
from ..recording.tape import CONSTANT, INPUT
from ..table.table import BY_CODE, Primitive, primitives
from ..text.expression import ATOM, POWER, PRODUCT, SUM
from .constants import Constants
from .cpython import BLOCK, LONG, MANY, pack, places
from .domains import POW, guarded

if TYPE_CHECKING:
    from ..recording.guards import Comparison

__all__ = ["Writer"]

DEEPEST = 12  # how deep values used once are nested: beyond, nobody can read the line
DEEPER = 20  # the same in long programs
OFTEN = 50  # uses: in long programs the contributions to an adjoint with more are added one by one, if there are
FEW = 50  # such adjoints at most; those of more would not stay at hand
_CHEAP = ("add", "sub", "mul", "neg")
Code = tuple[str, int]  # an expression, and how tightly its outermost operation binds


def fit(code: Code, least: int) -> str:
    """The expression, in brackets if it binds less tightly than its place needs."""
    return code[0] if code[1] >= least else f"({code[0]})"


@cache
def _tree(text: str, floats: bool = False) -> ast.expr:
    tree = ast.parse(text, mode="eval").body
    for node in ast.walk(tree) if floats else ():
        if isinstance(node, ast.Constant):
            node.value = float(node.value)  # type: ignore[arg-type]
    return tree


def write(node: ast.expr, names: dict[str, Code]) -> Code:
    """One of the table's expressions in Python, with expressions in its operands' places."""
    match node:
        case ast.Name(id=key):
            return names[key]
        case ast.Constant(value=value):
            return repr(value), ATOM
        case ast.IfExp(body=body, test=ast.Name(id=key), orelse=orelse):  # "… if n else 0": n is known here
            return write(body if float(names[key][0]) else orelse, names)
        case ast.UnaryOp(operand=inner):
            return f"-{fit(write(inner, names), POWER)}", PRODUCT
        case ast.Call(func=ast.Name(id=function), args=args):
            return f"{function}({', '.join(write(a, names)[0] for a in args)})", ATOM
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(write(left, names), write(right, names))
        case ast.BinOp(left=left, op=sign, right=right):
            a, b = write(left, names), write(right, names)
            if isinstance(sign, ast.Mult):
                return times(a, b)
            if isinstance(sign, ast.Div):
                return f"{fit(a, PRODUCT)} / {fit(b, POWER)}", PRODUCT
            if _known(a) and _known(b):
                value = ast.literal_eval(a[0]) + (
                    ast.literal_eval(b[0]) if isinstance(sign, ast.Add) else -ast.literal_eval(b[0])
                )
                return repr(value), ATOM if value >= 0 else SUM
            return f"{fit(a, SUM)} {'+' if isinstance(sign, ast.Add) else '-'} {fit(b, PRODUCT)}", SUM
    raise ValueError(f"no code for {ast.unparse(node)}")


def _known(code: Code) -> bool:
    return _NUMBER.fullmatch(code[0]) is not None


def _is_short(code: Code) -> bool:
    return code[0].isidentifier() or _known(code)


_NUMBER = re.compile(r"-?\d[\d.e+-]*")


def times(a: Code, b: Code) -> Code:
    """A product; factors 1 and -1 are not written."""
    for one, other in ((a, b), (b, a)):
        if one[0] in ("1", "1.0"):
            return other
        if one[0] in ("-1", "-1.0"):
            return f"-{fit(other, POWER)}", PRODUCT
    if _known(a) and b[0].startswith("2.0 * ") and b[0][6:].isidentifier() and abs(float(a[0])) < 1e300:
        return f"{2.0 * float(a[0])!r} * {b[0][6:]}", PRODUCT  # doubling is exact: the result stays the same
    # brackets on the right even for a product: a * (b * c) rounds as the adjoint pass does
    return f"{fit(a, PRODUCT)} * {fit(b, POWER)}", PRODUCT


def _power(base: Code, exponent: Code) -> Code:
    if exponent[0] in ("1", "1.0"):
        return base
    if exponent[0] in ("2", "2.0") and base[0].isidentifier():  # a product is several times faster than a power
        return f"{base[0]} * {base[0]}", PRODUCT
    return f"{fit(base, ATOM)}**{fit(exponent, ATOM)}", POWER


_TAKEN = {*keyword.kwlist, *primitives, "inf", "nan", "other_branch", "outside", "args", "m", "primals", "bars"}


class Writer:
    """Writes the statements of one program from a graph.

    With `every`, all nodes get an adjoint, as in the adjoint sweep; else only those between an input and the output.
    """

    def __init__(self, graph: Graph, every: bool = False) -> None:
        self.graph, self.every = graph, every
        self.long = len(graph.input_names) > MANY or sum(r[0] >= 0 for r in graph.records) >= LONG
        self.parents = [graph.operand_ids(id) for id in range(len(graph))]
        self.deepest = DEEPER if self.long else DEEPEST
        self.active = [a and (b or every) for a, b in zip(graph.needed, graph.varies, strict=True)]
        self.names = self._names()
        self.inputs = self.names[: len(graph.input_names)]
        self.constants = Constants({*_TAKEN, *self.names, *(f"{name}_bar" for name in self.names)})
        self.place = places(self.inputs)
        self.start()

    def start(self) -> None:
        """Begin a function."""
        self.codes: dict[int, Code] = {}
        self.deep: dict[int, int] = {}
        self.bars: dict[int, Code] = {}
        self.lines, self.waiting = (["primals = []", "bars = []"] if self.every else []), list[str]()

    def _names(self) -> list[str]:
        """A Python name for each node: the student's where it is one."""
        taken = set(_TAKEN)
        names = []
        for wanted in self.graph.names:
            name = re.sub(r"\W", "_", wanted).rstrip("_")  # x[0] becomes x_0
            name = name if name.isidentifier() else f"c_{name}"
            while name in taken or f"{name}_bar" in taken:
                name += "_"
            taken |= {name, f"{name}_bar"}
            names.append(name)
        return names

    def operands(self, id: int) -> dict[str, Code]:
        """What stands for the operands and settings of a node's primitive."""
        code, i, j, a, b, y = self.graph.records[id]
        op = BY_CODE[code]
        found = dict(zip(op.args, (self.codes[p] for p in self.parents[id]), strict=True))
        if not op.operator:  # a function may hand its operand on, as maximum does: a float, as the engine's
            found = {arg: (repr(float(c[0])), c[1]) if _known(c) else c for arg, c in found.items()}
        if op.params:
            found[op.params[0]] = self.number(b)
        return found

    def number(self, x: Any) -> Code:
        """A constant operand's code. Whole numbers are written as floats where the difference is one of time or types.

        Python is slow where a float meets a whole number, and one that is too large to be exact becomes a float there.
        """
        return self._constant(float(x) if x.__class__ is int and (self.long or abs(x) >= 2**53) else x)

    def _constant(self, x: Any) -> Code:
        text = self.constants.text(x)
        return text, PRODUCT if text.startswith("-") else ATOM

    def values(self, keep: set[int]) -> None:
        """Statements for the values; those in `keep` and those used more than once get a name."""
        graph = self.graph
        uses = [0] * len(graph)
        for id in range(len(graph)):
            for p in self.parents[id]:
                uses[p] += 1
        guards: dict[int, list[Comparison]] = {}
        for comparison in graph.comparisons:
            keep = keep | {k for k in (comparison.i, comparison.j) if k >= 0}
            guards.setdefault(max(comparison.i, comparison.j), []).append(comparison)
        domains = {id: guarded(r) for id, r in enumerate(graph.records) if r[0] == POW or not graph.needed[id]}
        keep = keep | {k for limits in domains.values() for k, _ in limits}
        seen: set[str] = set()
        for id, (code, *_, y) in enumerate(graph.records):
            if code == CONSTANT:
                self.codes[id] = self.number(y)
            elif code == INPUT:
                self.codes[id] = self.names[id], ATOM
            else:
                for k, outside in domains.get(id, ()):
                    line = f"if {outside.format(self.codes[k][0])}: outside()"
                    self.lines += [line] if graph.varies[k] and line not in seen else []
                    seen.add(line)
                self.codes[id] = self._value(id, BY_CODE[code], uses[id] > 1 or id in keep)
            self.lines += map(self._guard, guards.get(id, ()))
            if self.every:
                self._collect("primals", id, last=id == len(graph) - 1)

    def _guard(self, comparison: Comparison) -> str:
        """A comparison that steered the function: the program is right only where it comes out as it did."""
        sign, i, j, a, b, outcome, _ = comparison
        left, right = (self.codes[k] if k >= 0 else self._constant(x) for k, x in ((i, a), (j, b)))
        return f"if {'not ' if outcome else ''}{fit(left, SUM)} {sign} {fit(right, SUM)}: other_branch()"

    def _value(self, id: int, op: Primitive, named: bool) -> Code:
        expression = write(_tree(op.text, self.long), self.operands(id))
        deep = 1 + max((self.deep.get(p, 0) for p in self.parents[id]), default=0)
        if (named or deep >= self.deepest) and not expression[0].isidentifier():
            self.lines.append(f"{self.names[id]} = {expression[0]}")
            return self.names[id], ATOM
        self.deep[id] = deep
        return expression

    def needed(self) -> set[int]:
        """The nodes whose values the partials use."""
        graph, found = self.graph, set[int]()
        for id in range(len(graph)):
            if not self.active[id] or graph.records[id][0] < 0:
                continue
            op, parents = BY_CODE[graph.records[id][0]], self.parents[id]
            by_name = dict(zip(op.args, parents, strict=True)) | {"y": id}
            for slot, parent in enumerate(parents):
                if self.active[parent]:
                    found |= {by_name[n] for n in _names_in(op.exact[slot]) if n in by_name}
        return self._without_cheap(found) if self.long else found

    def _without_cheap(self, needed: set[int]) -> set[int]:
        """Leave out what only a function's slope uses again, if one or two operations make it of what is kept.

        For `sin(x * a + b)` it takes less time to write `cos(x * a + b)` than to keep a number for every sine.
        """
        graph, kept, cost = self.graph, set(needed), [0] * len(self.graph)
        for id, record in enumerate(graph.records):
            uses = graph.uses[id]
            if record[0] < 0 or len(uses) > 1:
                continue
            op = BY_CODE[record[0]]
            made = 1 + sum(cost[p] for p in self.parents[id]) if op.operator in _CHEAP else 3
            user = BY_CODE[graph.records[uses[0][0]][0]] if uses else op
            if id in needed and (made > 2 or isinstance(_tree(user.text), ast.BinOp)):
                made = 0
            elif id in needed:
                kept.remove(id)
            cost[id] = made
        return kept

    def adjoints(self) -> None:
        """Statements for the adjoints, from the output back."""
        graph = self.graph
        arrived: dict[int, list[Code]] = {graph.output_ids[0]: [("1.0", ATOM)]}
        deep: dict[int, int] = {}
        complete, at_once = self._complete(), self._at_once()
        for id in range(len(graph) - 1, -1, -1):
            terms, level = arrived.pop(id, []), deep.pop(id, 0)
            code = graph.records[id][0]
            if code == INPUT:  # what arrived goes into the result as it stands
                self.bars[id] = _sum(terms or [("0.0", ATOM)])
            if self.every and terms and not (len(terms) == 1 and _is_short(terms[0])):
                terms = [self._add(id, terms)]
            if self.every:
                self.bars[id] = terms[0] if terms else ("0.0" if code == INPUT else "None", ATOM)
                self._collect("bars", id, last=id == 0)
            if code < 0 or not self.active[id] or not terms:
                continue
            op = BY_CODE[code]
            names = self.operands(id) | {"y": self.codes[id]}
            to = [
                (p, write(_tree(op.exact[k], self.long), names))
                for k, p in enumerate(self.parents[id])
                if self.active[p] and (op.partials[k] != "0" or self.every)
            ]
            bar = terms[0]
            if len(terms) > 1 or not _is_short(bar) and (level >= self.deepest or len(to) > 1):
                bar = self._add(id, terms)
            if _is_short(bar):
                level = 0
            for parent, partial in to:
                waiting = arrived.setdefault(parent, [])
                if _known(bar) and _known(partial):  # 1.0 is not written, and what it makes of a whole number is
                    partial = repr(float(partial[0])), partial[1]
                waiting.append(times(bar, partial))
                if len(waiting) == (2 if parent in at_once else DEEPEST):  # so that the numbers it is made of can go
                    waiting[:] = [self._add(parent, waiting)]
                deep[parent] = max(deep.get(parent, 0), level + 1)
            shared = max(len(graph.uses[p]) for p in self.parents[id]) > 4  # will be kept anyway
            for parent in () if shared else complete.get(id, ()):
                if parent in arrived and not arrived[parent][-1][0].isidentifier():
                    arrived[parent] = [self._add(parent, arrived[parent])]

    def _at_once(self) -> set[int]:
        """For long programs: the few nodes with so many uses that each contribution is best added at once."""
        found = {id for id, uses in enumerate(self.graph.uses) if len(uses) > OFTEN} if self.long else set()
        return found if len(found) < FEW else set()

    def _complete(self) -> dict[int, list[int]]:
        """For long programs: which inputs' adjoints are complete after a node, and can be written down there.

        Otherwise the numbers that they are made of would be kept until the end.
        """
        first: dict[int, int] = {}
        for id in range(len(self.graph)) if self.long else ():
            for p in self.parents[id] if self.active[id] else ():
                first.setdefault(p, id)
        found: dict[int, list[int]] = {}
        for p in range(len(self.inputs)):
            if p in first:
                found.setdefault(first[p], []).append(p)
        return found

    def _collect(self, what: str, id: int, last: bool) -> None:
        """Put a node's number into the list of all, together with its neighbours'."""
        self.waiting.append((self.codes if what == "primals" else self.bars)[id][0])
        if last or len(self.waiting) == BLOCK:
            self.lines.append(f"{what} += {pack(self.waiting, self.place)}")
            self.waiting = []

    def _add(self, id: int, terms: list[Code]) -> Code:
        """Write a node's adjoint down as the sum of what arrived so far."""
        name = f"{self.names[id]}_bar"
        self.lines.append(f"{name} = {_sum(terms)[0]}")
        return name, ATOM


@cache
def _names_in(text: str) -> frozenset[str]:
    return frozenset(n.id for n in ast.walk(_tree(text)) if isinstance(n, ast.Name))


def _sum(terms: list[Code]) -> Code:
    if len(terms) == 1:
        return terms[0]
    text = fit(terms[0], SUM)
    for term in terms[1:]:
        minus = term[0].startswith("-") and term[1] >= PRODUCT
        text += f" - {term[0][1:]}" if minus else f" + {fit(term, SUM)}"
    return text, SUM
