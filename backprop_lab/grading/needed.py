"""Which cells an answer needs: a lesson's demonstrations are not run to grade it, and nobody's metadata is believed.

A cell is run if it answers an exercise, if it gives a name that such a cell uses, or does something to what one uses,
and so on; and if it does something to a module, as `sys.setrecursionlimit(9999)` does.
"""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Iterable, Iterator
from typing import NamedTuple

QUIET = {"print", "display", "plt", "bl", "backprop_lab", "get_ipython", "__import__", "pprint", "help"}
SHOWING = {"set_printoptions", "simplefilter", "filterwarnings"}  # what changes how things look
TAKEN = re.compile(r"[A-Za-z_]\w*\s*=\s*[!%]")
STOPS = ("%%time", "%%timeit", "%%capture", "%%prun")  # what follows is Python all the same


class Looked(NamedTuple):
    """A cell's text as Python has it, what it gives or changes, what it uses, what it may change by a method in the
    middle of a line, what it imports, and whether it always runs."""

    source: str
    gives: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    asks: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    always: bool = False
    error: SyntaxError | None = None


def in_python(source: str) -> str:
    """A cell's text without what only a notebook understands: magics, commands of the shell, questions."""
    lines = source.replace("\r\n", "\n").split("\n")
    first = next((k for k, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if not lines[first].startswith(STOPS):
            return ""
        lines[first] = ""
    try:
        ast.parse("\n".join(lines))
    except SyntaxError:
        lines = [_plain(line) for line in lines]
    return "\n".join(lines)


def _plain(line: str) -> str:
    bare = line.strip()
    if TAKEN.match(bare):  # what a command prints, taken: files = !ls
        return f"{line[: len(line) - len(line.lstrip())]}{bare.partition('=')[0]}= None"
    notebooks_own = bare.startswith(("%", "!", "?")) or bare.endswith("?") and "#" not in bare and "'" not in bare
    return line[: len(line) - len(line.lstrip())] + "pass" if notebooks_own else line


def look(source: str) -> Looked:
    """Look at a cell without running it."""
    text = in_python(source)
    try:
        tree, table = ast.parse(text), symtable.symtable(text, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        told = error if isinstance(error, SyntaxError) else SyntaxError(str(error) or "it is nested too deep")
        return Looked(text, error=told)
    gives, changes, uses = set(_assigned(table)), set[str](), set(_referenced(table))
    imports = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_imported()}
    asks, always = set[str](), False
    for node in _outside(tree):
        if isinstance(node, ast.ImportFrom):
            always |= any(alias.name == "*" for alias in node.names)
        elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            changes.add(_root(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            changes |= _touched(node.value)
        elif isinstance(node, ast.Call):
            asks |= {_root(node.func)} if isinstance(node.func, ast.Attribute) else set()
        always |= _is_seed(node)
    given, used = frozenset(gives | changes - QUIET), frozenset(uses | changes)
    return Looked(text, given, used, frozenset(asks - QUIET), frozenset(imports), always)


def _is_seed(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "seed" and bool(node.args)


def _touched(call: ast.Call) -> set[str]:
    """What a line may change that is nothing but a call: what its method belongs to, or what the function is given."""
    root = _root(call.func)
    if isinstance(call.func, ast.Attribute) or root in QUIET:
        return set() if getattr(call.func, "attr", "") in SHOWING else {root}
    return {root, *(part.id for part in call.args if isinstance(part, ast.Name))}


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _outside(node: ast.AST) -> Iterator[ast.AST]:
    """All parts that run with the cell: not the bodies of its functions."""
    todo = [node]
    while todo:
        node = todo.pop()
        yield node
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        todo += getattr(node, "decorator_list", []) if inside else ast.iter_child_nodes(node)


def _assigned(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            yield symbol.get_name()
    for inner in _below(table):
        yield from (s.get_name() for s in inner.get_symbols() if s.is_declared_global() and s.is_assigned())


def _referenced(table: symtable.SymbolTable) -> Iterator[str]:
    yield from (symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced())
    for inner in _below(table):
        yield from (s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_referenced())


def _below(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for inner in table.get_children():
        yield inner
        yield from _below(inner)


def needed(cells: list[Looked], answers: Iterable[int]) -> list[int]:
    """The places of the cells to run, in order.

    Parameters
    ----------
    cells : all, as `look` has them
    answers : the places of those that answer an exercise
    """
    modules = set().union(*(cell.imports for cell in cells)) | {"__builtins__", "globals", "exec", "setattr"}
    gives = [cell.gives | cell.asks - modules for cell in cells]
    answers = set(answers)
    changing = {k for k, cell in enumerate(cells) if cell.always or (cell.gives - cell.imports) & modules}
    run = answers | {k for k in changing if not cells[k].error}
    wanted: set[str] = set().union(*(cells[k].uses for k in run))
    while True:
        more = {k for k in range(len(cells)) if k not in run and gives[k] & wanted}
        if not more:
            return sorted(run)
        run |= more
        wanted |= set().union(*(cells[k].uses for k in more))
