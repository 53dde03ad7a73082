"""Mutants of a text of Python: every small change that somebody might make by mistake, one at a time.

    for mutant in mutants("def f(a, b):\\n    return a - b\\n"):
        print(mutant.what, mutant.text)

The changes: another operator or comparison, another constant, a term, statement or keyword left out, operands or
statements exchanged, another name of the same function, an index or a range off by one, an order turned round, a `+=`
that overwrites, writes that go through an alias or lose one of two equal places, a copy that is none, a branch that
is always or never taken.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

__all__ = ["Mutant", "mutants"]

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Add, ast.Div, ast.Pow),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.Mult, ast.Div),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
}
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)  # operands that cannot be exchanged
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
# What it is, the new node (or list of statements) for a copy of the old one, and the path, where it is another node's.
Change = tuple[str, Callable[[Any], Any]] | tuple[str, Callable[[Any], Any], "Path"]


class Mutant(NamedTuple):
    """A changed text, the kind of change, and the line that it changed as it was and as it is."""

    kind: str
    before: str
    after: str
    text: str

    @property
    def what(self) -> str:
        return f"{self.kind}: {self.before}  →  {self.after}"


def mutants(text: str) -> Iterator[Mutant]:
    """All mutants of a text that parse, each text once."""
    tree = ast.parse(text)
    seen = {ast.unparse(tree)}
    old = ast.unparse(tree).split("\n")
    for path, node in _places(tree):
        for kind, change, *elsewhere in _changes(tree, path, node):
            found = _with(tree, elsewhere[0] if elsewhere else path, change)
            new = ast.unparse(ast.fix_missing_locations(found))
            if new not in seen:
                seen.add(new)
                yield Mutant(kind, *_difference(old, new.split("\n")), new + "\n")


Path = tuple[tuple[str, int | None], ...]  # from the root: a field, and which of a list


def _places(node: ast.AST, path: Path = ()) -> Iterator[tuple[Path, ast.AST]]:
    yield path, node
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield from _places(value, (*path, (field, None)))
        elif isinstance(value, list):
            for k, part in enumerate(value):
                if isinstance(part, ast.AST):
                    yield from _places(part, (*path, (field, k)))


def _at(tree: ast.AST, path: Path) -> Any:
    node: Any = tree
    for field, k in path:
        node = getattr(node, field) if k is None else getattr(node, field)[k]
    return node


def _with(tree: ast.AST, path: Path, change: Callable[[Any], Any]) -> ast.AST:
    """A copy of a tree with one node replaced; a list replaces a statement, None leaves out what can be left out."""
    found = copy.deepcopy(tree)
    new = change(_at(found, path))
    if not path:
        return found
    parent, (field, k) = _at(found, path[:-1]), path[-1]
    if k is None:
        setattr(parent, field, new)
        return found
    body = getattr(parent, field)
    body[k : k + 1] = new if isinstance(new, list) else [] if new is None else [new]
    if not body and field == "body" and isinstance(parent, ast.stmt | ast.Module):
        body.append(ast.Pass())
    return found


def _difference(old: list[str], new: list[str]) -> tuple[str, str]:
    """The first line that differs, and what stands there now."""
    k = next((k for k, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    pick = [lines[k].strip() if k < len(lines) else "" for lines in (old, new)]
    return pick[0], pick[1]


# --- the changes ------------------------------------------------------------------------------------------------------


def _changes(tree: ast.AST, path: Path, node: Any) -> Iterator[Change]:
    if isinstance(node, ast.stmt):
        yield from _of_statements(tree, path, node)
    if isinstance(node, ast.BinOp):
        for op in OPERATORS.get(type(node.op), ()):
            yield "operator", lambda x, op=op: _set(x, op=op())
        yield "term left out", lambda x: x.left
        yield "term left out", lambda x: x.right
        if isinstance(node.op, ORDERED):
            yield "operands exchanged", lambda x: _set(x, left=x.right, right=x.left)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for cmp in COMPARISONS.get(type(node.ops[0]), ()):
            yield "comparison", lambda x, cmp=cmp: _set(x, ops=[cmp()])
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and for or", lambda x: _set(x, op=other)
        for k in range(len(node.values)):
            yield "condition left out", lambda x, k=k: _only([v for i, v in enumerate(x.values) if i != k], x)
    if isinstance(node, ast.UnaryOp):
        yield "sign or not left out", lambda x: x.operand
    if isinstance(node, ast.Constant) and not isinstance(_at(tree, path[:-1]), ast.Expr):  # no docstring
        for value in _other_constants(node.value):
            yield "constant", lambda x, value=value: ast.Constant(value)
    if isinstance(node, ast.IfExp):
        yield "branches exchanged", lambda x: _set(x, body=x.orelse, orelse=x.body)
        yield "always", lambda x: x.body
        yield "never", lambda x: x.orelse
    if isinstance(node, ast.Call):
        yield from _of_calls(node)
    if isinstance(node, ast.Subscript):
        yield from _of_subscripts(node)
    if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        for k in range(len(node.elts) - 1):
            yield "parts exchanged", lambda x, k=k: _set(x, elts=_swapped(x.elts, k, k + 1))
        for k in range(len(node.elts)):
            yield "part left out", lambda x, k=k: _set(x, elts=[e for i, e in enumerate(x.elts) if i != k])
    if isinstance(node, ast.comprehension):
        for k in range(len(node.ifs)):
            yield "filter left out", lambda x, k=k: _set(x, ifs=[c for i, c in enumerate(x.ifs) if i != k])
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for name in _others(tree, path, node.id):
            yield "variable", lambda x, name=name: ast.Name(name, x.ctx)
    if isinstance(node, ast.Attribute):
        for name in sorted(_attributes(tree) - {node.attr}):
            yield "attribute", lambda x, name=name: _set(x, attr=name)
        if isinstance(node.ctx, ast.Load):
            yield "attribute left out", lambda x: x.value


def _of_statements(tree: ast.AST, path: Path, node: Any) -> Iterator[Change]:
    field, k = path[-1]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if not (isinstance(node, ast.FunctionDef | ast.ClassDef) and len(path) == 1):
        yield "statement left out", lambda x: None
    if isinstance(node, ast.AugAssign):
        target = copy.deepcopy(node.target)
        target.ctx = ast.Store()
        yield "overwrites", lambda x: ast.Assign([copy.deepcopy(target)], x.value, lineno=1)
        for op in OPERATORS.get(type(node.op), ()):
            yield "operator", lambda x, op=op: _set(x, op=op())
    siblings = getattr(_at(tree, path[:-1]), field)
    after = siblings[k + 1] if k is not None and isinstance(siblings, list) and k + 1 < len(siblings) else None
    if after is not None:
        parent = path[:-1]
        yield "in the wrong order", lambda x: _set(x, **{field: _swapped(getattr(x, field), k, k + 1)}), parent
        if isinstance(node, ast.AugAssign) and isinstance(after, ast.AugAssign):
            yield "two writes at once", lambda x: _replaced(x, field, k, [_at_once(node, after)]), parent
            if not isinstance(_place(node), ast.Slice):  # two slices cannot be compared
                yield (
                    "one write where places are equal",
                    lambda x: _replaced(x, field, k, _guarded(node, after)),
                    parent,
                )
    if isinstance(node, ast.If | ast.While):
        yield "condition turned round", lambda x: _set(x, test=ast.UnaryOp(ast.Not(), x.test))
    if isinstance(node, ast.If):
        yield "always", lambda x: x.body
        yield "never", lambda x: x.orelse or None
    if isinstance(node, ast.For):
        yield "first turn only", lambda x: _set(x, body=[*x.body, ast.Break()])
        yield "backwards", lambda x: _set(x, iter=_call("list", x.iter, turned=True))
        yield "first turn left out", lambda x: _set(x, iter=_sliced(x.iter, 1, None))
        yield "last turn left out", lambda x: _set(x, iter=_sliced(x.iter, None, -1))
        yield "returns in the first turn", lambda x: _set(x, body=[*x.body, ast.Return(ast.Constant(None))])
        if after is not None and isinstance(after, ast.Return):
            value = copy.deepcopy(after.value)
            yield "returns inside the loop", lambda x: _set(x, body=[*x.body, ast.Return(copy.deepcopy(value))])
    if isinstance(node, ast.Return) and node.value is not None:
        yield "returns its negative", lambda x: _set(x, value=ast.UnaryOp(ast.USub(), x.value))
        yield "returns nothing", lambda x: _set(x, value=None)


def _of_calls(node: ast.Call) -> Iterator[Change]:
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield "call left out", lambda x: x.args[0]
    if len(node.args) > 1:
        for k in range(len(node.args) - 1):
            yield "arguments exchanged", lambda x, k=k: _set(x, args=_swapped(x.args, k, k + 1))
        for k in range(len(node.args)):
            yield "argument left out", lambda x, k=k: _set(x, args=[a for i, a in enumerate(x.args) if i != k])
    for k in range(len(node.keywords)):
        yield "keyword left out", lambda x, k=k: _set(x, keywords=[w for i, w in enumerate(x.keywords) if i != k])
    if isinstance(node.func, ast.Name):
        if node.func.id == "range":
            for by in (1, -1):
                yield "off by one", lambda x, by=by: _set(x, args=[*x.args[:-1], _plus(x.args[-1], by)])
            first = node.args[0] if len(node.args) > 1 else ast.Constant(0)
            for by in (1, -1):
                yield "off by one", lambda x, by=by: _set(x, args=[_plus(first, by), x.args[-1], *x.args[2:]])
        for a, b in (("min", "max"), ("all", "any"), ("sorted", "list"), ("sum", "max"), ("sum", "len")):
            if node.func.id in (a, b):
                yield "function", lambda x, a=a, b=b: _set(x, func=ast.Name(b if x.func.id == a else a, ast.Load()))
    if isinstance(node.func, ast.Attribute):
        for a, b in (("append", "extend"), ("maximum", "minimum"), ("sum", "mean"), ("sin", "cos")):
            if node.func.attr in (a, b):
                yield "function", lambda x, a=a, b=b: _set(x, func=_set(x.func, attr=b if x.func.attr == a else a))


def _of_subscripts(node: ast.Subscript) -> Iterator[Change]:
    if isinstance(node.ctx, ast.Load):
        yield "index left out", lambda x: x.value
    if isinstance(node.slice, ast.Slice):
        for part in ("lower", "upper", "step"):
            if getattr(node.slice, part) is not None:
                yield "slice", lambda x, part=part: _set(x, slice=_set(x.slice, **{part: None}))
                for by in (1, -1):
                    yield (
                        "off by one",
                        lambda x, part=part, by=by: _set(
                            x, slice=_set(x.slice, **{part: _plus(getattr(x.slice, part), by)})
                        ),
                    )
    elif isinstance(node.slice, ast.Tuple):
        yield "indices exchanged", lambda x: _set(x, slice=_set(x.slice, elts=x.slice.elts[::-1]))
    elif isinstance(node.ctx, ast.Load):
        for by in (1, -1):
            yield "off by one", lambda x, by=by: _set(x, slice=_plus(x.slice, by))


def _set(node: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _replaced(parent: Any, field: str, k: int, new: list[ast.stmt]) -> Any:
    """Two statements of a body replaced."""
    getattr(parent, field)[k : k + 2] = new
    return parent


def _at_once(a: ast.AugAssign, b: ast.AugAssign) -> ast.stmt:
    """`x, y = x + a, y + b` for `x += a; y += b`: where x is y, one of the two is lost."""
    sums: list[ast.expr] = [ast.BinOp(_loaded(s.target), s.op, s.value) for s in (a, b)]
    return ast.Assign([ast.Tuple([a.target, b.target], ast.Store())], ast.Tuple(sums, ast.Load()), lineno=1)


def _guarded(a: ast.AugAssign, b: ast.AugAssign) -> list[ast.stmt]:
    """The second write is left out where both go to one place."""
    inner = [ast.unparse(_place(s)) for s in (a, b)]
    return [a, ast.If(ast.parse(f"{inner[0]} != {inner[1]}", mode="eval").body, [b], [])]


def _place(write: ast.AugAssign) -> Any:
    """What stands in brackets, or the name."""
    return write.target.slice if isinstance(write.target, ast.Subscript) else write.target


def _loaded(target: ast.expr) -> Any:
    return _set(copy.deepcopy(target), ctx=ast.Load())


def _only(values: list[Any], node: Any) -> Any:
    return values[0] if len(values) == 1 else _set(node, values=values)


def _swapped(parts: list[Any], i: int, j: int) -> list[Any]:
    parts[i], parts[j] = parts[j], parts[i]
    return parts


def _plus(node: ast.expr, by: int) -> ast.expr:
    return ast.BinOp(copy.deepcopy(node), ast.Add() if by > 0 else ast.Sub(), ast.Constant(abs(by)))


def _sliced(node: ast.expr, low: int | None, high: int | None) -> ast.expr:
    bounds = [None if x is None else ast.Constant(x) for x in (low, high)]
    return ast.Subscript(_call("list", node), ast.Slice(*bounds), ast.Load())


def _call(name: str, node: ast.expr, turned: bool = False) -> ast.expr:
    called = ast.Call(ast.Name(name, ast.Load()), [node], [])
    if not turned:
        return called
    return ast.Subscript(called, ast.Slice(step=ast.Constant(-1)), ast.Load())


def _other_constants(value: Any) -> tuple[Any, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int | float):
        return tuple(dict.fromkeys(x for x in (value + 1, value - 1, -value, 2 * value, value / 2) if x != value))
    if isinstance(value, str):
        return {"+": ("-", "*"), "-": ("+", "*"), "*": ("+", "-")}.get(value, (value + "!",))
    return (0,)


def _function(tree: ast.AST, path: Path) -> ast.AST:
    """The innermost function around a place, or the whole text."""
    node, found = tree, tree
    for field, k in path:
        node = getattr(node, field) if k is None else getattr(node, field)[k]
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            found = node
    return found


def _others(tree: ast.AST, path: Path, name: str) -> list[str]:
    """The other variables of the function, where a name is one of them."""
    inside = list(ast.walk(_function(tree, path)))
    known = {n.arg for n in inside if isinstance(n, ast.arg)}
    known |= {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return sorted(known - {name}) if name in known else []


def _attributes(tree: ast.AST) -> set[str]:
    """What the text writes as attributes of its own."""
    found = [n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)]
    return set(found) if len(found) > 1 else set()
