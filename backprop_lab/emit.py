"""Write a graph as straight-line Python: the statements for its value and for its adjoints.

`Writer(graph)` gives expressions and statements, `function(...)` makes a function's text of them. What is known when
the text is written is not computed when it runs: constants get no adjoint, the seed 1 is not multiplied with, a partial
that is 1 is not written, and a value used once stands where it is used.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
from functools import cache
from itertools import count
from typing import Any

from .graph import CONSTANT, INPUT, Graph
from .notation import ATOM, POWER, PRODUCT, SUM
from .primitives import BY_CODE, Primitive, primitives

__all__ = ["Writer", "function"]

DEEPEST = 12  # how deep values used once are nested: beyond, nobody can read the line
LONG = 200  # statements from which on speed counts for more than names
CHUNK = 4000  # statements in one Python function: its compiler needs more than linear time for very long ones
Code = tuple[str, int]  # an expression, and how tightly its outermost operation binds


def fit(code: Code, least: int) -> str:
    """The expression, in brackets if it binds less tightly than its place needs."""
    return code[0] if code[1] >= least else f"({code[0]})"


@cache
def _tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


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
    return bool(re.fullmatch(r"-?\d[\d.e+-]*", code[0]))


def times(a: Code, b: Code) -> Code:
    """A product; factors 1 and -1 are not written."""
    for one, other in ((a, b), (b, a)):
        if one[0] in ("1", "1.0"):
            return other
        if one[0] in ("-1", "-1.0"):
            return f"-{fit(other, POWER)}", PRODUCT
    # brackets on the right even for a product: a * (b * c) rounds as the adjoint pass does
    return f"{fit(a, PRODUCT)} * {fit(b, POWER)}", PRODUCT


def _power(base: Code, exponent: Code) -> Code:
    if exponent[0] == "1":
        return base
    if exponent[0] == "2" and base[0].isidentifier():  # a product is several times faster than a power
        return f"{base[0]} * {base[0]}", PRODUCT
    return f"{fit(base, ATOM)}**{fit(exponent, ATOM)}", POWER


class Writer:
    """Writes the statements of one program from a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.active = self._active()
        self.names = self._names()
        self.lines: list[str] = []
        self.codes: dict[int, Code] = {}
        self.deep: dict[int, int] = {}
        self.bars: dict[int, Code] = {}

    def _active(self) -> list[bool]:
        """For each node, whether it depends on an input and leads to the output: only those need an adjoint."""
        graph = self.graph
        depends = [False] * len(graph)
        for id in range(len(graph)):
            depends[id] = graph.records[id][0] == INPUT or any(depends[p] for p in graph.operand_ids(id))
        leads = [False] * len(graph)
        for id in graph.output_ids:
            leads[id] = True
        for id in range(len(graph) - 1, -1, -1):
            if leads[id]:
                for p in graph.operand_ids(id):
                    leads[p] = True
        return [a and b for a, b in zip(depends, leads, strict=True)]

    def _names(self) -> list[str]:
        """A Python name for each node: the student's where it is one."""
        taken = set(keyword.kwlist) | set(primitives) | {"other_branch", "m"}
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
        found = dict(zip(op.args, (self.codes[p] for p in self.graph.operand_ids(id)), strict=True))
        if op.params:
            found[op.params[0]] = literal(b)
        return found

    def values(self, keep: set[int]) -> None:
        """Statements for the values; those in `keep` and those used more than once get a name."""
        graph = self.graph
        uses = [0] * len(graph)
        for id in range(len(graph)):
            for p in graph.operand_ids(id):
                uses[p] += 1
        guards: dict[int, list[str]] = {}
        for sign, i, j, a, b, outcome, _ in graph.comparisons:
            keep = keep | {k for k in (i, j) if k >= 0}
            condition = f"{self.names[i] if i >= 0 else repr(a)} {sign} {self.names[j] if j >= 0 else repr(b)}"
            guards.setdefault(max(i, j), []).append(f"if {'not ' if outcome else ''}{condition}: other_branch()")
        for id, (code, *_, y) in enumerate(graph.records):
            if code == CONSTANT:
                self.codes[id] = literal(y)
            elif code == INPUT:
                self.codes[id] = self.names[id], ATOM
            else:
                self.codes[id] = self._value(id, BY_CODE[code], uses[id] > 1 or id in keep)
            self.lines += guards.get(id, ())

    def _value(self, id: int, op: Primitive, named: bool) -> Code:
        expression = write(_tree(op.text), self.operands(id))
        deep = 1 + max((self.deep.get(p, 0) for p in self.graph.operand_ids(id)), default=0)
        if (named or deep >= DEEPEST) and not expression[0].isidentifier():
            self.lines.append(f"{self.names[id]} = {expression[0]}")
            return self.names[id], ATOM
        self.deep[id] = deep
        return expression

    def needed(self) -> set[int]:
        """The nodes whose values the partials use."""
        graph, found = self.graph, set()
        for id in range(len(graph)):
            if not self.active[id] or graph.records[id][0] < 0:
                continue
            op, parents = BY_CODE[graph.records[id][0]], graph.operand_ids(id)
            by_name = dict(zip(op.args, parents, strict=True)) | {"y": id}
            for slot, parent in enumerate(parents):
                if self.active[parent]:
                    found |= {by_name[n] for n in _names_in(op.partials[slot]) if n in by_name}
        return found

    def adjoints(self) -> None:
        """Statements for the adjoints, from the output back."""
        graph = self.graph
        arrived: dict[int, list[Code]] = {graph.output_ids[0]: [("1.0", ATOM)]}
        deep: dict[int, int] = {}
        for id in range(len(graph) - 1, -1, -1):
            terms, level = arrived.pop(id, []), deep.pop(id, 0)
            code = graph.records[id][0]
            if code == INPUT:  # what arrived goes into the result as it stands
                self.bars[id] = _sum(terms or [(f"0.0 * {self.names[id]}", PRODUCT)])
            if code < 0 or not self.active[id] or not terms:
                continue
            op = BY_CODE[code]
            names = self.operands(id) | {"y": self.codes[id]}
            to = [
                (p, write(_tree(op.partials[k]), names)) for k, p in enumerate(graph.operand_ids(id)) if self.active[p]
            ]
            to = [(p, partial) for p, partial in to if partial[0] not in ("0", "0.0")]
            bar = terms[0]
            if len(terms) > 1 or level >= DEEPEST or (len(to) > 1 and not (bar[0].isidentifier() or _known(bar))):
                bar, level = self._add(id, terms), 0
            for parent, partial in to:
                waiting = arrived.setdefault(parent, [])
                waiting.append(times(bar, partial))
                if len(waiting) == DEEPEST:  # added up now, so that the numbers it is made of can go
                    waiting[:] = [self._add(parent, waiting)]
                deep[parent] = max(deep.get(parent, 0), level + 1)

    def _add(self, id: int, terms: list[Code]) -> Code:
        """Write a node's adjoint down as the sum of what arrived so far."""
        name = f"{self.names[id]}_bar"
        self.lines.append(f"{name} = {_sum(terms)[0]}")
        return name, ATOM


@cache
def _names_in(text: str) -> frozenset[str]:
    return frozenset(n.id for n in ast.walk(_tree(text)) if isinstance(n, ast.Name))


def literal(x: Any) -> Code:
    """A number as Python code; whole floats stay floats."""
    if isinstance(x, float) and not math.isfinite(x):
        return {"inf": "1e999", "-inf": "-1e999"}.get(str(x), "(1e999 - 1e999)"), PRODUCT
    return repr(x), ATOM if math.copysign(1.0, x) > 0 else PRODUCT


def _sum(terms: list[Code]) -> Code:
    if len(terms) == 1:
        return terms[0]
    text = fit(terms[0], SUM)
    for term in terms[1:]:
        minus = term[0].startswith("-") and term[1] >= PRODUCT
        text += f" - {term[0][1:]}" if minus else f" + {fit(term, SUM)}"
    return text, SUM


# --- from statements to functions -------------------------------------------------------------------------------------


def _with_few_names(inputs: list[str], lines: list[str], result: str) -> tuple[list[str], str]:
    """The same statements with a name used again once its number is not needed any more.

    Nobody reads hundreds of lines, and a number that goes early makes room for the next one in Python's memory.
    """
    texts = [*lines, result]
    last = {word: k for k, text in enumerate(texts) for word in _WORD.findall(text)}
    fresh = (f"t{n}" for n in count(1) if f"t{n}" not in inputs)
    free: list[str] = []
    new: dict[str, str] = {}  # what each name that holds a number is called now
    written = []
    for k, text in enumerate(texts):
        target, sign, expression = text.partition(" = ") if " = " in text else ("", "", text)
        expression = _WORD.sub(lambda word: new.get(word[0], word[0]), expression)
        for word in dict.fromkeys(_WORD.findall(text)):
            if word in new and word != target and last[word] == k:
                free.append(new.pop(word))
        if target and target not in new:
            new[target] = free.pop() if free else next(fresh)
        written.append(f"{new.get(target, '')}{sign}{expression}")
    return written[:-1], written[-1]


_WORD = re.compile(r"\b[^\W\d]\w*")  # a name; not the e5 of 1e5


def function(name: str, inputs: list[str], lines: list[str], result: str) -> str:
    """The text of one function; very long ones become a chain of parts that hand their names on in a list."""
    if len(lines) > LONG:
        lines, result = _with_few_names(inputs, lines, result)
    if len(lines) <= CHUNK:
        body = [*lines, f"return {result}"]
        return f"def {name}({', '.join(inputs)}):\n" + "".join(f"    {line}\n" for line in body)
    parts = [lines[k : k + CHUNK] for k in range(0, len(lines), CHUNK)]
    parts[-1] = [*parts[-1], f"return {result}"]
    mentions = [set(re.findall(r"[^\W\d]\w*", "\n".join(part))) for part in parts]
    made = [{line.split(" = ", 1)[0] for line in part if " = " in line} for part in parts]
    made[0] |= set(inputs)
    place: dict[str, int] = {}
    text = ""
    for k, part in enumerate(parts):
        later = set().union(*mentions[k + 1 :])
        known = [n for n in place if n in mentions[k]]
        load = [f"{n} = m[{place[n]}]" for n in known]
        for n in sorted(made[k] & later):
            place.setdefault(n, len(place))
        store = [f"m[{place[n]}] = {n}" for n in sorted(made[k] & later)]
        arguments = ["m", *inputs] if k == 0 else ["m"]
        end = [] if k == len(parts) - 1 else store
        body = [*load, *part[:-1], part[-1]] if k == len(parts) - 1 else [*load, *part, *end]
        text += f"def {name}_part_{k + 1}({', '.join(arguments)}):\n" + "".join(f"    {line}\n" for line in body) + "\n"
    calls = [f"    {name}_part_1(m, {', '.join(inputs)})"]
    calls += [f"    {name}_part_{k}(m)" for k in range(2, len(parts))]
    calls += [f"    return {name}_part_{len(parts)}(m)"]
    return text + f"def {name}({', '.join(inputs)}):\n    m = [None] * {len(place)}\n" + "\n".join(calls) + "\n"
