"""Find what the student wrote: the line, the expression and the variable name behind each recorded operation.

Python keeps the exact source span of every bytecode instruction (PEP 657). Looking a span up in the syntax tree of
the file or notebook cell tells whether the value is assigned to a name, returned, or neither, and which operands are
plain names. Nothing is traced or rewritten, so debuggers and coverage tools are not disturbed.
"""

from __future__ import annotations

import ast
import contextlib
import linecache
from dis import opname
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any, NamedTuple

from .frames import boundaries, is_library, is_students, machinery

Span = tuple[int | None, int | None, int | None, int | None]  # first and last line, first and last column


class Place(NamedTuple):
    """One operation in the source."""

    code: Any  # the function's; None in an unpickled graph
    filename: str
    line: int
    name: str | None  # the variable that the value is assigned to
    passes_on: bool = False  # its name may come from further up: it is a function's result, or a library's
    operands: tuple[str | None, ...] = ()  # their names as written
    node: ast.AST | str | None = None  # the expression, where the source is known; in an unpickled graph, its text
    span: Span = (None, None, None, None)

    @property
    def shown_line(self) -> int:
        """The line's number for people: the file's in a file or a cell of theirs, else the function's own from 1 on."""
        own = self.code is None or is_students(self.filename)
        return self.line if own else self.line - self.code.co_firstlineno + 1

    @property
    def text(self) -> str:
        """The expression as the student wrote it, or nothing where the source is not known."""
        if not isinstance(self.node, ast.AST):
            return self.node or ""
        try:
            return ast.unparse(self.node)
        except RecursionError:  # a sum of thousands of terms is too long to quote anyway
            return ""


class _Function(NamedTuple):
    """What is known of one code object: the span of each instruction, and the syntax of its file."""

    code: CodeType
    spans: list[Span]
    nodes: dict[Span, ast.stmt | ast.expr]
    targets: dict[int, str]
    places: dict[int, Place]
    starts_itself: dict[int, bool]


# Keyed by id, because hashing a code object means hashing all its constants. Each entry keeps its object alive, so an
# id in use stays its own; a session that re-defines functions for days must not grow without bound, hence the limit.
_functions: dict[int, _Function] = {}
_renamed: dict[tuple[int, str | None], tuple[Place, Place]] = {}
_LIMIT = 100_000


def place_of(code: CodeType, instruction: int) -> Place:
    """Where an instruction stands in the source; computed once for each instruction."""
    function = _function(code)
    place = function.places.get(instruction)
    if place is None:
        place = function.places[instruction] = _look_up(function, instruction)
    return place


def _look_up(function: _Function, instruction: int) -> Place:
    code = function.code
    span = function.spans[instruction // 2]
    line = span[0] or code.co_firstlineno
    node = function.nodes.get(span)
    if not isinstance(node, _OPERATIONS) or (isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)):
        node = None  # o[0] = x: the line is quoted, not the target alone
    target, operands = function.targets.get(id(node)), tuple(map(_plain, operands_of(node)))
    passes_on = target is _RETURNED or is_library(code.co_filename)
    return Place(code, code.co_filename, line, None if passes_on else target, passes_on, operands, node, span)


def place_at(filename: str, span: Span) -> Place:
    """The place of a span in a file, where another library tells no more than that."""
    lines = tuple(linecache.getlines(filename))
    node = nodes_of(lines).get(span)
    target = _targets(lines).get(id(node))
    name = None if target is _RETURNED else target
    return Place(None, filename, span[0] or 1, name, False, tuple(map(_plain, operands_of(node))), node, span)


def operands_of(node: ast.AST | str | None) -> list[ast.expr]:
    """What an operation is written with."""
    match node:
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.AugAssign(target=target, value=value):
            return [target, value]
        case ast.Call(args=args):
            return args
    return []


def begins_by_itself(frame: FrameType) -> bool:
    """Whether what runs in a frame is a call like `sum(xs)`, which begins with a number that nobody wrote.

    Sums and products of Python are no code of Python, so the frame that adds is the one that calls them: told by an
    instruction that is no operator. A start that the student gives is a second argument.
    """
    code, at = frame.f_code, frame.f_lasti
    known = _function(code).starts_itself
    if at not in known:
        name, count = opname[code.co_code[at]], code.co_code[at + 1]
        if name in ("CALL", "PRECALL", "CALL_KW"):
            node = place_of(code, at).node
            two = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("sumprod")  # of two lists
            known[at] = count == 1 + two
        else:  # `for s in map(sum, rows)`
            known[at] = name not in ("BINARY_OP", "CALL_FUNCTION_EX")
    return known[at]


def _function(code: CodeType) -> _Function:
    found = _functions.get(id(code))
    if found is None or found.code is not code:
        if len(_functions) > _LIMIT // 100:
            _functions.clear()
        linecache.checkcache(code.co_filename)  # a module may have been edited and loaded again
        lines = lines_of(code)
        found = _functions[id(code)] = _Function(
            code, list(code.co_positions()), nodes_of(lines), _targets(lines), {}, {}
        )
    return found


def lines_of(code: CodeType) -> tuple[str, ...]:
    """The lines of the file that a function stands in; none where they are not known."""
    return tuple(linecache.getlines(code.co_filename)) if has_source(code) else ()


def has_source(code: CodeType) -> bool:
    """Whether the lines that Python keeps under the code's file name can be its own.

    Python 3.13 keeps what `python -c` was given as "<string>", which is also the name of all that `exec` runs.
    """
    if code.co_filename != "<string>" or code.co_name.startswith("<"):
        return True
    return f"def {code.co_name}" in linecache.getline(code.co_filename, code.co_firstlineno)


def find_place(frame: FrameType | None) -> Place | None:
    """The place in the student's source, with the name of the variable that the value will get.

    A value that a helper returns has the name that the caller gives it: `c = cube(x)` names the helper's product c.
    The answer is None where the traced function is itself a library's or the lab's, such as `bl.tanh`.
    """
    while frame is not None and (machinery[frame.f_code.co_filename] or is_library(frame.f_code.co_filename)):
        if frame.f_code in boundaries:
            return None
        frame = frame.f_back
    if frame is None:
        return None
    first = place = place_of(frame.f_code, frame.f_lasti)
    while place.passes_on:
        frame = frame.f_back
        if frame is None or machinery[frame.f_code.co_filename]:  # returned from the traced function itself
            return _rename(first, None)
        place = place_of(frame.f_code, frame.f_lasti)
    return _rename(first, place.name)


def _rename(place: Place, name: str | None) -> Place:
    """The place with another name; one object for all its uses, so that a million of them take no memory."""
    if place.name == name and not place.passes_on:
        return place
    key = (id(place), name)
    found = _renamed.get(key)
    if found is None or found[0] is not place:
        if len(_renamed) > _LIMIT:
            _renamed.clear()
        found = _renamed[key] = (place, place._replace(name=name, passes_on=False))
    return found[1]


def _plain(node: ast.expr) -> str | None:
    """The operand as a name, if it is one: `w`, `self.w`, `math.pi`, `w[0]`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute | ast.Subscript):
        short = node.lineno == node.end_lineno and (node.end_col_offset or 0) - node.col_offset <= 16
        return ast.unparse(node) if short else None
    return None


def parsed(lines: tuple[str, ...]) -> ast.Module | None:
    """A file's syntax tree; None where it cannot be read.

    Near the end of the stack Python 3.11 now and then miscounts its own depth (SystemError); asked again, it answers.
    """
    for _ in range(2):
        with contextlib.suppress(SystemError):
            try:
                return ast.parse("".join(lines))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
    return None


_RETURNED = "return"  # a keyword, so no variable can be called that
_OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.Call, ast.AugAssign, ast.Compare, ast.Subscript, ast.ListComp)


@lru_cache(maxsize=256)
def nodes_of(lines: tuple[str, ...]) -> dict[Span, ast.stmt | ast.expr]:
    """Every statement and expression of a file by its span; of two with the same span, the inner one."""
    nodes = ast.walk(parsed(lines) or ast.Module([], []))
    return {
        (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset): node
        for node in nodes
        if isinstance(node, ast.stmt | ast.expr)
    }


def assigned(lines: tuple[str, ...], node: ast.AST) -> str | None:
    """The name that an expression of a file gets."""
    name = _targets(lines).get(id(node))
    return None if name is _RETURNED else name


@lru_cache(maxsize=256)
def _targets(lines: tuple[str, ...]) -> dict[int, str]:
    """What the expressions of a file are assigned to, by their ids; the first name counts."""
    found: dict[int, str] = {}
    for node in nodes_of(lines).values():
        for target, value in _bindings(node):
            found.setdefault(id(value), target)
    return found


def _bindings(node: ast.AST) -> list[tuple[str, ast.AST]]:
    """Pairs of a name and the expression whose value gets it."""
    match node:
        case ast.Assign(targets=targets, value=value):
            return [pair for t in targets for pair in _bind(t, value)]
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
            return _bind(target, value)
        case ast.AugAssign(target=target):
            return _bind(target, node)
        case ast.Return(value=ast.expr() as value):
            return _spread(_RETURNED, value)
        case ast.Lambda(body=body):
            return _spread(_RETURNED, body)
    return []


def _bind(target: ast.expr, value: ast.AST) -> list[tuple[str, ast.AST]]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        together = zip(target.elts, value.elts, strict=False) if len(target.elts) == len(value.elts) else ()
        return [pair for t, v in together for pair in _bind(t, v)]
    name = _plain(target)
    return _spread(name, value) if name else []


def _spread(name: str, value: ast.AST) -> list[tuple[str, ast.AST]]:
    if isinstance(value, ast.IfExp):  # either branch may be the one that ran
        return _spread(name, value.body) + _spread(name, value.orelse)
    return [(name, value)]


def node_at(code: CodeType, instruction: int) -> ast.AST | None:
    """The part of the syntax tree that an instruction belongs to, whatever it is; None where the source is unknown."""
    function = _function(code)
    return function.nodes.get(function.spans[instruction // 2])


def statement_at(code: CodeType, instruction: int) -> ast.stmt | None:
    """The innermost statement that an instruction is part of."""
    function = _function(code)
    first, last, _, _ = (k or 0 for k in function.spans[instruction // 2])
    nodes = (n for n in function.nodes.values() if isinstance(n, ast.stmt))
    around = [n for n in nodes if n.lineno <= first and last <= (n.end_lineno or 0)]
    return max(around, key=lambda n: (n.lineno, n.col_offset), default=None)
