"""What counts the turns of a loop: the `i` of `for i in range(n)`, which a picture need not show as a node."""

from __future__ import annotations

import ast
from functools import lru_cache

from .places import Place, lines_of, operands_of, parsed


def counts_turns(place: Place | None, slot: int) -> bool:
    """Whether an operand is written with nothing but counters of the loops around it, and numbers: `i`, `2 * i + 1`."""
    operands = operands_of(place.node) if place is not None else []
    if place is None or place.code is None or slot >= len(operands):
        return False
    parts = list(ast.walk(operands[slot]))
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    if not names or not all(isinstance(part, _ARITHMETIC) for part in parts):
        return False
    here = (place.span[0] or 0, place.span[2] or 0)
    around = [found for (begin, end), found in _counters(lines_of(place.code)) if begin <= here <= end]
    return names <= set().union(*around)


_ARITHMETIC = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Load)


@lru_cache(maxsize=256)
def _counters(lines: tuple[str, ...]) -> list[tuple[tuple[tuple[int, int], tuple[int, int]], set[str]]]:
    """The loops of a file: from where to where, and the names that count their turns."""
    tree = parsed(lines)
    if tree is None:
        return []
    found = []
    for node in ast.walk(tree):
        names: set[str] = set()
        if isinstance(node, ast.For):
            names = _counting(node.target, node.iter)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            names = set().union(*(_counting(g.target, g.iter) for g in node.generators))
        elif isinstance(node, ast.While):
            names = {name for inner in ast.walk(node) for name in _counted_by_hand(inner)}
        if names and isinstance(node, ast.stmt | ast.expr):
            begin, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
            found.append(((begin, end), names))
    return found


def _counting(target: ast.expr, over: ast.expr) -> set[str]:
    """The names in a loop's target that get whole numbers: from `range`, the first of `enumerate`, also in `zip`."""
    called = ast.unparse(over.func).rsplit(".", 1)[-1] if isinstance(over, ast.Call) else ""
    args = over.args if isinstance(over, ast.Call) else []
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else []
    if called in ("range", "arange", "count"):
        return {target.id} if isinstance(target, ast.Name) else set()
    if called == "enumerate" and len(parts) == 2 and args:
        return _counting(parts[0], ast.Call(ast.Name("range"), [], [])) | _counting(parts[1], args[0])
    if called == "zip" and len(parts) == len(args):
        return set().union(*(_counting(t, a) for t, a in zip(parts, args, strict=True)))
    if called in ("reversed", "list", "tuple", "sorted") and args:
        return _counting(target, args[0])
    return set()


def _counted_by_hand(node: ast.AST) -> list[str]:
    """`i` in `i += 1` and in `i = i + 1`."""
    match node:
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub(), value=ast.Constant(value=int())):
            return [name]
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.BinOp(left=ast.Name(id=same), op=ast.Add() | ast.Sub(), right=ast.Constant(value=int())),
        ) if name == same:
            return [name]
    return []
