"""Functions as people know them: their names, the line where they begin, their source beside a graph."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import tokenize
from functools import partial
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from .frames import OURS, machinery
from .places import Span, has_source, lines_of, nodes_of

_BEGINS = re.compile(r"\s*(async\s+)?def\s|\s*@|.*(?<!\w)lambda[:\s]")  # the first line of a function


class Block(NamedTuple):
    """The source text of one function alone, to be shown beside the graph."""

    name: str
    filename: str
    first: int  # the number that its first line has in its file
    lines: tuple[str, ...]  # its text, not indented
    cuts: tuple[int, int] = (0, 0)  # the bytes before it on its first line, and before what is shown of the others

    def part(self, span: Span) -> list[list[int]]:
        """Where an expression stands in this text: for each line its number from 0, its begin and its end."""
        top, bottom, left, right = (k if k is not None else -1 for k in span)
        found = []
        for k in range(top - self.first, bottom - self.first + 1) if min(top, left, right) >= 0 else ():
            if 0 <= k < len(self.lines):
                text, cut = self.lines[k], self.cuts[k > 0]
                start = _letters(text, left - cut) if k + self.first == top else len(text) - len(text.lstrip())
                end = _letters(text, right - cut) if k + self.first == bottom else len(text.rstrip())
                found.append([k, start, end])
        return [part for part in found if part[1] < part[2]]


def _letters(text: str, column: int) -> int:
    """How many letters the first bytes of a text are; Python counts columns in bytes."""
    return len(text.encode()[: max(column, 0)].decode(errors="ignore"))


def inner(f: Any) -> Any:
    """The function inside a `functools.partial`, or inside a derivative such as `grad(f)`."""
    while True:
        if isinstance(f, partial):
            f = f.func
        elif isinstance(f, FunctionType) and machinery[f.__code__.co_filename] and hasattr(f, "__wrapped__"):
            f = f.__wrapped__
        else:
            return f


def name_of(f: Any) -> str:
    """The function's name for a sentence: `f`, or `the lambda in line 3`."""
    name = getattr(inner(f) if isinstance(f, partial) else f, "__name__", None)
    code = code_of(f)
    if name == "<lambda>" and code:
        return f"the lambda in line {code.co_firstlineno}"
    return name if isinstance(name, str) else type(f).__name__


def line_of(f: Any) -> str:
    """The line where the function starts, where its name does not tell already."""
    code = code_of(f)
    if code is None or code.co_name == "<lambda>" or code.co_filename.startswith(OURS):
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
        lines, first, cuts = _source_lines(code)
        if lines:
            blocks.append(Block(code.co_name, code.co_filename, first, tuple(lines), cuts))
    return blocks


def _lambda(code: CodeType) -> ast.Lambda | None:
    """The lambda that this code is of; it may be one of several in its lines."""
    spans = [(a, c, b, d) for a, b, c, d in code.co_positions() if None not in (a, b, c, d) and (a, c) != (b, d)]
    found = [
        node
        for (a, b, c, d), node in nodes_of(lines_of(code)).items()
        if isinstance(node, ast.Lambda) and all((a, c) <= span[:2] and span[2:] <= (b, d) for span in spans)
    ]
    return max(found, key=lambda node: (node.lineno, node.col_offset), default=None)


def _source_lines(code: CodeType) -> tuple[list[str], int, tuple[int, int]]:
    """The lines of a function alone, not indented, the first one's number, and what was cut off; see `Block`."""
    if not has_source(code):
        return [], 0, (0, 0)
    if code.co_name == "<lambda>" and (node := _lambda(code)) is not None:  # and not the call that it stands in
        head, *rest = (ast.get_source_segment("".join(lines_of(code)), node) or "").split("\n")
        shown = textwrap.dedent("\n".join(rest)).split("\n") if rest else []
        return [head, *shown], node.lineno, (node.col_offset, _margin(rest, shown))
    first, lines = code.co_firstlineno, list(lines_of(code))
    if not lines or first > len(lines):
        return [], 0, (0, 0)
    if code.co_name != "<module>":
        while first > 1 and not _BEGINS.match(lines[first - 1]):  # from a comprehension to the function around it
            first -= 1
        try:  # as `inspect.getsourcelines` does it, which first looks for the file of every module there is
            lines = inspect.getblock(lines[first - 1 :])
        except (SyntaxError, tokenize.TokenError):
            return [], 0, (0, 0)
    shown = textwrap.dedent("".join(lines)).rstrip().split("\n")
    margin = _margin(lines, shown)
    return shown, max(first, 1), (margin, margin)


def _margin(lines: list[str], shown: list[str]) -> int:
    """How far lines were indented that are not any more; blank ones do not say."""
    pairs = (p for p in zip(lines, shown, strict=False) if p[1].strip())
    return next((len(line) - len(line.lstrip()) - len(text) + len(text.lstrip()) for line, text in pairs), 0)
