"""A model solution with the slips that people make in it: one real function, and its text with or without one of them.

A course's exercise has a *maker*, a function of the name of a slip that defines the answer and returns it:

    def squared(slip=""):
        def square(x):
            return 2 * x if slip == "doubled" else x**2

        return square

`squared()` is the model solution and `squared("doubled")` the wrong turn; linters and types see both. `text_of` gives
the text that a student would have written for either, with all questions after the slip answered.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from typing import Any

Maker = Callable[..., Any]


@cache
def text_of(make: Maker, slip: str = "") -> str:
    """The text of what a maker defines: the model solution, or the same with a slip.

    Questions after the slip stand in the function as `if`, but not as the `elif` of another question, or as
    `a if … else b`, alone or in brackets, which go with it.
    """
    text, tree = _defined(make)
    kept = _Kept(text, slip)
    kept.body(tree.body)
    return re.sub(r"\n{3,}", "\n\n", kept.text())


def slips_in(make: Maker) -> set[str]:
    """The names of all slips that a maker knows."""
    asked = (getattr(node, "test", node) for node in ast.walk(_defined(make)[1]) if _asks(node))
    return {str(part.value) for test in asked for part in ast.walk(test) if isinstance(part, ast.Constant)}


@cache
def _defined(make: Maker) -> tuple[str, ast.Module]:
    """What stands between a maker's first line and its `return`."""
    source = inspect.getsource(make)
    lines, (maker,) = source.split("\n"), ast.parse(source).body
    assert isinstance(maker, ast.FunctionDef)
    first = next(part for part in maker.body if isinstance(part, ast.FunctionDef | ast.ClassDef))
    text = textwrap.dedent("\n".join(lines[first.lineno - 1 : maker.body[-1].lineno - 1])).strip() + "\n"
    return text, ast.parse(text)


def _asks(node: ast.AST) -> bool:
    """Whether this is a question after the slip."""
    if not isinstance(node, ast.If | ast.IfExp):
        return False
    return {part.id for part in ast.walk(node.test) if isinstance(part, ast.Name)} == {"slip"}


class _Kept:
    """What is left of a text when all questions are answered. Python counts columns in bytes."""

    def __init__(self, text: str, slip: str) -> None:
        self.raw, self.slip = text.encode(), slip
        self.starts = [0, *accumulate(map(len, self.raw.splitlines(keepends=True)))]
        self.gone = bytearray(len(self.raw))
        self.dedented = Counter[int]()

    def text(self) -> str:
        return bytes(byte for byte, gone in zip(self.raw, self.gone, strict=True) if not gone).decode()

    def body(self, body: list[ast.stmt]) -> None:
        """Answer the questions in some statements; what would never be reached goes too."""
        for part in body:
            if not (isinstance(part, ast.If) and _asks(part)):
                self.inside(part)
                continue
            kept = part.body if self.holds(part) else part.orelse
            self.keep(part, kept)
            self.body(kept)
            if kept and isinstance(kept[-1], ast.Return | ast.Continue):
                self.drop_lines(part, body[-1])
                return

    def inside(self, node: ast.AST) -> None:
        """Answer the questions in anything else."""
        if isinstance(node, ast.IfExp) and _asks(node):
            found: ast.expr = node
            while isinstance(found, ast.IfExp) and _asks(found):
                found = found.body if self.holds(found) else found.orelse
            self.keep_only(node, found)
            node = found
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                self.body(value)
                continue
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.AST):
                    self.inside(part)

    def holds(self, choice: ast.If | ast.IfExp) -> bool:
        return bool(eval(compile(ast.Expression(choice.test), "<slip>", "eval"), {"slip": self.slip}))

    def drop(self, start: int, end: int) -> None:
        self.gone[start:end] = b"1" * (end - start)

    def drop_lines(self, after: ast.stmt, last: ast.stmt) -> None:
        self.drop(self.starts[after.end_lineno or 0], self.starts[last.end_lineno or 0])

    def keep(self, choice: ast.If, kept: list[ast.stmt]) -> None:
        """Only these statements of a choice, a step to the left."""
        if not kept:
            self.drop(self.starts[choice.lineno - 1], self.starts[choice.end_lineno or 0])
            return
        self.drop(self.starts[choice.lineno - 1], self.starts[kept[0].lineno - 1])
        self.drop_lines(kept[-1], choice)
        indent = kept[0].col_offset - choice.col_offset
        for line in range(kept[0].lineno - 1, kept[-1].end_lineno or 0):
            start = self.starts[line] + self.dedented[line]
            self.drop(start, min(start + indent, self.starts[line + 1] - 1))
            self.dedented[line] += indent
        if not indent:  # an elif
            start = self.starts[kept[0].lineno - 1] + kept[0].col_offset
            self.drop(start, start + len("el"))

    def keep_only(self, choice: ast.IfExp, kept: ast.expr) -> None:
        """Only this of a choice, without the brackets around it, unless they are those of a call."""
        (start, end), (first, last) = self.span(choice), self.span(kept)
        opening, closing = re.search(rb"(?<![\w)\]])\(\s*$", self.raw[:start]), re.match(rb"\s*\)", self.raw[end:])
        if opening and closing and b"\n" not in self.raw[first:last]:
            start, end = opening.start(), end + closing.end()
        self.drop(start, first)
        self.drop(last, end)

    def span(self, node: ast.expr) -> tuple[int, int]:
        end = self.starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        return self.starts[node.lineno - 1] + node.col_offset, end
