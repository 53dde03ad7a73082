"""Find what the student wrote: the line, the expression and the variable name behind each recorded operation.

Python keeps the exact source span of every bytecode instruction (PEP 657). Looking a span up in the syntax tree of
the file or notebook cell tells whether the value is assigned to a name, returned, or neither, and which operands are
plain names. Nothing is traced or rewritten, so debuggers and coverage tools are not disturbed.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import linecache
import os
import sys
import sysconfig
import textwrap
from collections.abc import Callable
from dis import opname
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "Block", "Place", "blocks_of", "boundary", "calling", "code_of", "engine_module", "find_place", "here", "line_of",
    "lines_of", "name_of", "node_at", "place_of", "statement_at", "with_line",
]  # fmt: skip

ENGINE = "__backprop_lab_engine__"  # a global of the lab's own modules, whose frames are not the student's


def engine_module(module_globals: dict[str, Any]) -> None:
    """Say that functions with these globals are the lab's machinery, not the student's code."""
    module_globals[ENGINE] = True


engine_module(globals())
_boundaries: set[CodeType] = set()


def boundary(caller: Callable[..., Any]) -> None:
    """Say which function calls the traced function: frames above it are not part of what is traced."""
    _boundaries.add(inspect.unwrap(caller).__code__)


_OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep
_NUMPY = os.path.dirname(np.__file__) + os.sep
_LIBRARIES = tuple(os.path.dirname(path) + os.sep for path in (os.__file__, os.path.dirname(np.__file__)))
_INSTALLED = tuple({sysconfig.get_path(kind) + os.sep for kind in ("purelib", "platlib")})


@lru_cache(maxsize=4096)
def _is_library(filename: str) -> bool:
    """Whether a file is the standard library's or an installed package's: a line there means nothing to a student."""
    return filename.startswith((*_LIBRARIES, "<frozen ")) and not filename.startswith(_OURS)


def is_students(filename: str) -> bool:
    """Whether a file may be the student's own: neither the lab's, nor an installed library's."""
    return not filename.startswith((_OURS, *_INSTALLED)) and not _is_library(filename)


def is_numpy_code(frame: FrameType) -> bool:
    """Whether a frame runs NumPy's own Python code."""
    return frame.f_code.co_filename.startswith(_NUMPY)


def is_numpys(frame: FrameType) -> bool:
    """Whether a frame runs NumPy's Python code, or the student's code (which may have called NumPy's C)."""
    return is_numpy_code(frame) or not _is_library(frame.f_code.co_filename)


def student_frame(frame: FrameType | None) -> FrameType | None:
    """The nearest frame at or above `frame` that runs the student's own code (or a helper of theirs)."""
    while frame is not None and (ENGINE in frame.f_globals or _is_library(frame.f_code.co_filename)):
        frame = frame.f_back
    return frame


Span = tuple[int | None, int | None, int | None, int | None]


class Place(NamedTuple):
    """One operation in the source.

    Attributes
    ----------
    code, filename, line : the function's code (None in an unpickled graph), its file, and the line's number
    name : the variable that the value is assigned to, or None
    passes_on : the value has no name here, but may get one further up: it is a function's result, or a library's
    operands : the names of the operands as written, or None
    node : the expression, where the source is known; in an unpickled graph, its text
    span : first and last line, first and last column of the expression
    """

    code: Any
    filename: str
    line: int
    name: str | None
    passes_on: bool = False
    operands: tuple[str | None, ...] = ()
    node: ast.AST | str | None = None
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
    """What is known of one code object: the span of each instruction, and the expressions of its file by span."""

    code: CodeType
    spans: list[Span]
    expressions: _Index
    starts_itself: dict[int, bool]


# Keyed by id, because hashing a code object means hashing all its constants. Each entry keeps its object alive, so an
# id in use stays its own; a session that re-defines functions for days must not grow without bound, hence the limit.
_places: dict[tuple[int, int], Place] = {}
_functions: dict[int, _Function] = {}
_renamed: dict[tuple[int, str | None], tuple[Place, Place]] = {}
_LIMIT = 100_000


def place_of(code: CodeType, instruction: int) -> Place:
    """Where an instruction stands in the source; computed once for each instruction."""
    key = (id(code), instruction)
    place = _places.get(key)
    if place is None or place.code is not code:
        if len(_places) > _LIMIT:
            _places.clear()
        place = _places[key] = _look_up(code, instruction)
    return place


def _look_up(code: CodeType, instruction: int) -> Place:
    function = _function(code)
    span = function.spans[instruction // 2]
    line = span[0] or code.co_firstlineno
    target, node = function.expressions.get(span, (None, None))
    operands: tuple[str | None, ...] = ()
    if isinstance(node, ast.BinOp):
        operands = (_plain(node.left), _plain(node.right))
    elif isinstance(node, ast.AugAssign):
        operands = (_plain(node.target), _plain(node.value))
    elif isinstance(node, ast.Call):
        operands = tuple(map(_plain, node.args))
    if target is _RETURNED or _is_library(code.co_filename):
        return Place(code, code.co_filename, line, None, True, operands, node, span)
    return Place(code, code.co_filename, line, target, False, operands, node, span)


def begins_by_itself(frame: FrameType) -> bool:
    """Whether what runs in a frame is a call like `sum(xs)`, which begins with a number that nobody wrote.

    Sums and products of Python are no code of Python, so the frame that adds is the one that calls them: told by an
    instruction that is no operator. A start that the student gives is a second argument.
    """
    code, at = frame.f_code, frame.f_lasti
    known = _function(code).starts_itself
    found = known.get(at)
    if found is None:
        name, count = opname[code.co_code[at]], code.co_code[at + 1]
        if name in ("CALL", "PRECALL", "CALL_KW"):
            node = place_of(code, at).node
            two = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("sumprod")  # of two lists
            found = count == 1 + two
        else:  # `for s in map(sum, rows)`
            found = name not in ("BINARY_OP", "CALL_FUNCTION_EX")
        known[at] = found
    return found


def _function(code: CodeType) -> _Function:
    found = _functions.get(id(code))
    if found is None or found.code is not code:
        if len(_functions) > _LIMIT // 100:
            _functions.clear()
        linecache.checkcache(code.co_filename)  # a module may have been edited and loaded again
        found = _functions[id(code)] = _Function(code, list(code.co_positions()), _index(lines_of(code)), {})
    return found


def lines_of(code: CodeType) -> tuple[str, ...]:
    """The lines of the file that a function stands in; none where they are not known."""
    return tuple(linecache.getlines(code.co_filename)) if _has_source(code) else ()


def _has_source(code: CodeType) -> bool:
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
    while frame is not None and (ENGINE in frame.f_globals or _is_library(frame.f_code.co_filename)):
        if frame.f_code in _boundaries:
            return None
        frame = frame.f_back
    if frame is None:
        return None
    first = place = place_of(frame.f_code, frame.f_lasti)
    while place.passes_on:
        frame = frame.f_back
        if frame is None or ENGINE in frame.f_globals:  # returned from the traced function itself
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


def counts_turns(place: Place | None, slot: int) -> bool:
    """Whether an operand is written with nothing but counters of the loops around it, and numbers: `i`, `2 * i + 1`."""
    node = place.node if place is not None else None
    if isinstance(node, ast.BinOp):
        written: ast.expr | None = (node.left, node.right)[slot] if slot < 2 else None
    elif isinstance(node, ast.AugAssign):
        written = node.value if slot == 1 else None
    elif isinstance(node, ast.Call):
        written = node.args[slot] if slot < len(node.args) else None
    else:
        written = None
    if place is None or place.code is None or written is None:
        return False
    parts = list(ast.walk(written))
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    if not names or not all(isinstance(part, _ARITHMETIC) for part in parts):
        return False
    here = (place.span[0] or 0, place.span[2] or 0)
    around = [found for (begin, end), found in _counters(lines_of(place.code)) if begin <= here <= end]
    return names <= set().union(*around)


_ARITHMETIC = (
    ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context,
)  # fmt: skip


def _parsed(lines: tuple[str, ...]) -> ast.Module | None:
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


@lru_cache(maxsize=256)
def _counters(lines: tuple[str, ...]) -> list[tuple[tuple[tuple[int, int], tuple[int, int]], set[str]]]:
    """The loops of a file: from where to where, and the names that count their turns."""
    tree = _parsed(lines)
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


_RETURNED = "return"  # a keyword, so no variable can be called that
_Index = dict[Span, tuple[str | None, ast.AST | None]]


@lru_cache(maxsize=256)
def _index(lines: tuple[str, ...]) -> _Index:
    """For every operation of a file, by its span: what it is assigned to, and the expression."""
    tree = _parsed(lines)
    if tree is None:
        return {}
    found: _Index = {}
    targets: dict[int, str] = {}
    for node in ast.walk(tree):
        for target, value in _bindings(node):
            targets.setdefault(id(value), target)
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Call | ast.AugAssign | ast.Compare | ast.Subscript):
            if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
                continue  # o[0] = x: the line is quoted, not the target alone
            key = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
            found[key] = (targets.get(id(node)), node)
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


class Block(NamedTuple):
    """The source text of one function, to be shown beside the graph; `first` is the number of its first line."""

    name: str
    filename: str
    first: int
    lines: tuple[str, ...]

    @property
    def shown_first(self) -> int:
        """The first line's number for people: the file's own, but a library's function begins at 1."""
        return self.first if is_students(self.filename) else 1


def inner(f: Any) -> Any:
    """The function inside a `functools.partial`, or inside a derivative such as `grad(f)`."""
    while True:
        if hasattr(f, "func"):
            f = f.func
        elif ENGINE in getattr(f, "__globals__", ()) and hasattr(f, "__wrapped__"):
            f = f.__wrapped__
        else:
            return f


def name_of(f: Any) -> str:
    """The function's name for a sentence: `f`, or `the lambda in line 3`."""
    name = getattr(inner(f) if hasattr(f, "func") else f, "__name__", type(f).__name__)
    code = code_of(f)
    return f"the lambda in line {code.co_firstlineno}" if name == "<lambda>" and code else str(name)


def line_of(f: Any) -> str:
    """The line where the function starts, where its name does not tell already."""
    code = code_of(f)
    if code is None or code.co_name == "<lambda>" or code.co_filename.startswith(_OURS):
        return ""
    return f" (line {code.co_firstlineno})"


def code_of(f: Any) -> CodeType | None:
    """The code of a function, also of a method, a `functools.partial` or an object that can be called."""
    f = inner(f)
    call = type(f).__call__ if callable(f) else None
    code = getattr(f, "__code__", None) or getattr(call, "__code__", None)
    return code if isinstance(code, CodeType) else None


def blocks_of(codes: list[CodeType]) -> list[Block]:
    """The source of the functions in which operations were recorded, in the order of first use."""
    blocks: list[Block] = []
    for code in codes:
        file, first = code.co_filename, code.co_firstlineno
        if any(b.filename == file and b.first <= first < b.first + len(b.lines) for b in blocks):
            continue  # a lambda or a comprehension inside a function that is shown already
        lines, first = _source_lines(code)
        if lines:
            blocks.append(Block(code.co_name, code.co_filename, first, tuple(lines)))
    return blocks


def _lambda(code: CodeType) -> ast.Lambda | None:
    """The lambda that this code is of; it may be one of several in its lines."""
    spans = [(a, c, b, d) for a, b, c, d in code.co_positions() if None not in (a, b, c, d) and (a, c) != (b, d)]
    found = [
        node
        for (a, b, c, d), node in _nodes(lines_of(code)).items()
        if isinstance(node, ast.Lambda)
        and all((a, c) <= span[:2] and span[2:] <= (b, d) for span in spans)
    ]
    return max(found, key=lambda node: (node.lineno, node.col_offset), default=None)


def _source_lines(code: CodeType) -> tuple[list[str], int]:
    if not _has_source(code):
        return [], 0
    if code.co_name == "<lambda>" and (node := _lambda(code)) is not None:  # and not the call that it stands in
        head, *rest = (ast.get_source_segment("".join(lines_of(code)), node) or "").split("\n")
        return [head, *textwrap.dedent("\n".join(rest)).split("\n")] if rest else [head], node.lineno
    try:
        lines, first = inspect.getsourcelines(code)
    except (OSError, TypeError, IndexError, SyntaxError):
        return [], 0
    text = [line.rstrip("\n") for line in lines]
    while text and not text[-1].strip():
        text.pop()
    margin = min((len(t) - len(t.lstrip()) for t in text if t.strip()), default=0)
    return [t[margin:] for t in text], max(first, 1)


def students_own(frame: FrameType | None) -> FrameType | None:
    """The nearest frame at or above `frame` that is in a file or a cell of the student's."""
    while frame is not None and (ENGINE in frame.f_globals or not is_students(frame.f_code.co_filename)):
        frame = frame.f_back
    return frame


def here(frame: FrameType | None = None, instruction: int = -1) -> str:
    """Where the student's code is, for an error: ` (line 3 of f: math.sin(x))`, or nothing.

    A frame and an instruction in it may be given; otherwise it is what runs now.
    """
    frame = students_own(sys._getframe(1)) if frame is None else frame
    if frame is None:
        return ""
    code = frame.f_code
    place = place_of(code, frame.f_lasti if instruction < 0 else instruction)
    text = " ".join((place.text or linecache.getline(code.co_filename, place.line)).split())
    text = text if len(text) <= 80 else text[:77] + "..."
    of = "" if code.co_name.startswith("<") else f" of {code.co_name}"
    return f" (line {place.line}{of}: {text})" if text else f" (line {place.line}{of})"


def with_line(sentence: str) -> str:
    """A sentence with the student's line at the end of what it says is wrong, unless it names a line already."""
    if "(line " in sentence or ", line " in sentence or not (where := here()):
        return sentence
    wrong, semicolon, advice = sentence.partition("; ")
    return f"{wrong}{where}{semicolon}{advice}"


def calling(frame: FrameType | None = None, instruction: int = -1) -> tuple[FrameType, ast.AST | None] | None:
    """The student's frame and the expression that it is evaluating: a call, an operation, an assignment."""
    frame = students_own(sys._getframe(1)) if frame is None else frame
    if frame is None:
        return None
    return frame, node_at(frame.f_code, frame.f_lasti if instruction < 0 else instruction)


def node_at(code: CodeType, instruction: int) -> ast.AST | None:
    """The part of the syntax tree that an instruction belongs to, whatever it is; None where the source is unknown."""
    return _nodes(lines_of(code)).get(_function(code).spans[instruction // 2])


def statement_at(code: CodeType, instruction: int) -> ast.stmt | None:
    """The innermost statement that an instruction is part of."""
    first, last, left, right = (k or 0 for k in _function(code).spans[instruction // 2])
    nodes = (n for n in _nodes(lines_of(code)).values() if isinstance(n, ast.stmt))
    around = [n for n in nodes if n.lineno <= first and last <= (n.end_lineno or 0)]
    return max(around, key=lambda n: (n.lineno, n.col_offset), default=None)


@lru_cache(maxsize=16)
def _nodes(lines: tuple[str, ...]) -> dict[tuple[int | None, ...], ast.AST]:
    """Every statement and expression of a file by its span; of two with the same span, the inner one."""
    tree = _parsed(lines)
    if tree is None:
        return {}
    return {
        (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset): node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt | ast.expr)
    }
