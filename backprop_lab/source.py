"""Find what the student wrote: the line, the expression and the variable name behind each recorded operation.

Python keeps the exact source span of every bytecode instruction (PEP 657). Looking a span up in the syntax tree of
the file or notebook cell tells whether the value is assigned to a name, returned, or neither, and which operands are
plain names. Nothing is traced or rewritten, so debuggers and coverage tools are not disturbed.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FrameType
from typing import NamedTuple

__all__ = ["Block", "Place", "blocks_of", "engine_module", "place_of", "student_frame"]

_ENGINE: set[int] = set()  # ids of the globals of the lab's own modules, whose frames are not the student's


def engine_module(module_globals: dict[str, object]) -> None:
    """Say that functions with these globals are the lab's machinery, not the student's code."""
    _ENGINE.add(id(module_globals))


engine_module(globals())


def student_frame(frame: FrameType | None) -> FrameType | None:
    """The nearest frame at or above `frame` that runs the student's code (or a helper, or a library of theirs)."""
    while frame is not None and id(frame.f_globals) in _ENGINE:
        frame = frame.f_back
    return frame


class Place(NamedTuple):
    """One operation in the source.

    `name` is the variable it is assigned to or None; `returned` says that it is a function's result, so its name may
    stand where that function was called; `operands` are the names of the operands as written, or None.
    """

    code: CodeType
    line: int
    name: str | None
    returned: bool
    operands: tuple[str | None, ...]
    text: str


_places: dict[tuple[int, int], Place] = {}  # by id: hashing a code object means hashing all its constants


def place_of(code: CodeType, instruction: int) -> Place:
    """Where an instruction stands in the source; computed once for each instruction."""
    key = (id(code), instruction)
    place = _places.get(key)
    if place is None or place.code is not code:
        if len(_places) > 100_000:  # a session that re-defines functions for days must not grow without bound
            _places.clear()
        place = _places[key] = _look_up(code, instruction)
    return place


def _look_up(code: CodeType, instruction: int) -> Place:
    spans = list(code.co_positions())
    line, end_line, column, end_column = spans[instruction // 2]
    line = line or code.co_firstlineno
    target, node, text = None, None, ""
    if column is not None:
        target, node, text = _index(code.co_filename, _fingerprint(code.co_filename)).get(
            (line, end_line, column, end_column), (None, None, "")
        )
    operands: tuple[str | None, ...] = ()
    if isinstance(node, ast.BinOp):
        operands = (_plain(node.left), _plain(node.right))
    elif isinstance(node, ast.AugAssign):
        operands = (_plain(node.target), _plain(node.value))
    elif isinstance(node, ast.Call):
        operands = tuple(map(_plain, node.args))
    returned = target is _RETURNED
    return Place(code, line, None if returned else target, returned, operands, text)


def _plain(node: ast.expr) -> str | None:
    """The operand as a name, if it is one: `w`, `self.w`, `math.pi`, `w[0]`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute | ast.Subscript):
        text = ast.unparse(node)
        return text if len(text) <= 16 else None
    return None


_RETURNED = "return"  # a keyword, so no variable can be called that
_Index = dict[tuple[int, int | None, int | None, int | None], tuple[str | None, ast.AST | None, str]]


def _fingerprint(filename: str) -> int:
    return hash(tuple(linecache.getlines(filename)))


@lru_cache(maxsize=256)
def _index(filename: str, fingerprint: int) -> _Index:
    """For every expression of a file: what it is assigned to, the node, and its text."""
    source = "".join(linecache.getlines(filename))
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return {}
    found: _Index = {}
    targets: dict[int, str] = {}
    for node in ast.walk(tree):
        for target, value in _bindings(node):
            targets.setdefault(id(value), target)
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Call | ast.AugAssign | ast.Compare):
            key = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
            found[key] = (targets.get(id(node)), node, ast.unparse(node))
    return found


def _bindings(node: ast.AST) -> list[tuple[str, ast.AST]]:
    """Pairs of a name and the expression whose value gets it."""
    match node:
        case ast.Assign(targets=targets, value=value):
            return [pair for t in targets for pair in _bind(t, value)]
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return _bind(target, value)
        case ast.NamedExpr(target=target, value=value):
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
        if len(target.elts) == len(value.elts):
            return [pair for t, v in zip(target.elts, value.elts, strict=True) for pair in _bind(t, v)]
        return []
    name = _plain(target)
    return _spread(name, value) if name else []


def _spread(name: str, value: ast.AST) -> list[tuple[str, ast.AST]]:
    if isinstance(value, ast.IfExp):  # either branch may be the one that ran
        return _spread(name, value.body) + _spread(name, value.orelse)
    return [(name, value)]


@dataclass(frozen=True)
class Block:
    """The source text of one function, to be shown beside the graph; `first` is the number of its first line."""

    name: str
    filename: str
    first: int
    lines: tuple[str, ...]


def blocks_of(codes: list[CodeType]) -> list[Block]:
    """The source of the functions in which operations were recorded, in the order of first use."""
    blocks: list[Block] = []
    for code in codes:
        if any(b.filename == code.co_filename and b.first <= code.co_firstlineno < b.first + len(b.lines) for b in blocks):
            continue  # a lambda or a comprehension inside a function that is shown already
        lines, first = _source_lines(code)
        if lines:
            blocks.append(Block(code.co_name, code.co_filename, first, tuple(lines)))
    return blocks


def _source_lines(code: CodeType) -> tuple[list[str], int]:
    try:
        lines, first = inspect.getsourcelines(code)
    except (OSError, TypeError, IndexError, SyntaxError):
        return [], 0
    text = [line.rstrip("\n") for line in lines]
    while text and not text[-1].strip():
        text.pop()
    margin = min((len(t) - len(t.lstrip()) for t in text if t.strip()), default=0)
    return [t[margin:] for t in text], max(first, 1)


def here(depth: int = 1) -> str:
    """The student's current line, in words, for an error: ` (line 3 of f: return math.sin(x))`, or nothing."""
    frame = student_frame(sys._getframe(depth))
    if frame is None:
        return ""
    code = frame.f_code
    text = linecache.getline(code.co_filename, frame.f_lineno).strip()
    if len(text) > 80:  # a line that long hides the place: show the expression alone
        text = place_of(code, frame.f_lasti).text or text[:77] + "..."
    of = "" if code.co_name.startswith("<") else f" of {code.co_name}"
    return f" (line {frame.f_lineno}{of}: {text})" if text else f" (line {frame.f_lineno}{of})"


def current_text(depth: int = 1) -> str:
    """The expression that the student's frame is evaluating, or nothing where the source is not known."""
    frame = student_frame(sys._getframe(depth))
    return place_of(frame.f_code, frame.f_lasti).text if frame is not None else ""
