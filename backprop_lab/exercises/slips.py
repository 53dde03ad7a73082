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
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate
from typing import Any

__all__ = ["Maker", "slips_in", "text_of"]

Maker = Callable[..., Any]
Choice = ast.If | ast.IfExp


@cache
def text_of(make: Maker, slip: str = "") -> str:
    """The text of what a maker defines: the model solution, or the same with a slip.

    Questions after the slip stand in the function as `if`, but not as the `elif` of another question, or as
    `a if … else b`, alone or in brackets, which go with it.
    """
    text = _defined(make)
    while choice := next(_choices(text), None):
        text = _decided(text, choice, slip)
    return re.sub(r"\n{3,}", "\n\n", text)


def slips_in(make: Maker) -> set[str]:
    """The names of all slips that a maker knows."""
    tests = (ast.walk(choice.test) for choice in _choices(_defined(make)))
    return {str(part.value) for test in tests for part in test if isinstance(part, ast.Constant)}


def _defined(make: Maker) -> str:
    """What stands between a maker's first line and its `return`."""
    source = inspect.getsource(make)
    lines, (maker,) = source.split("\n"), ast.parse(source).body
    assert isinstance(maker, ast.FunctionDef)
    first = next(part for part in maker.body if isinstance(part, ast.FunctionDef | ast.ClassDef))
    return textwrap.dedent("\n".join(lines[first.lineno - 1 : maker.body[-1].lineno - 1])).strip() + "\n"


def _choices(text: str) -> Iterator[Choice]:
    """The places where the slip decides, the outermost first."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Choice) and {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)} == {"slip"}:
            yield node


def _decided(text: str, choice: Choice, slip: str) -> str:
    """The text with one choice made."""
    holds = eval(compile(ast.Expression(choice.test), "<slip>", "eval"), {"slip": slip})
    if isinstance(choice, ast.If):
        return _with_lines(text, choice, choice.body if holds else choice.orelse)
    raw = text.encode()
    starts = [0, *accumulate(map(len, raw.splitlines(keepends=True)))]
    end = starts[(choice.end_lineno or 0) - 1] + (choice.end_col_offset or 0)
    before, after = raw[: starts[choice.lineno - 1] + choice.col_offset].decode(), raw[end:].decode()
    opening, closing = re.search(r"(?<![\w)\]])\(\s*$", before), re.match(r"\s*\)", after)
    kept = ast.get_source_segment(text, choice.body if holds else choice.orelse) or ""
    if opening and closing and "\n" not in kept:  # brackets, and not those of a call
        before, after = before[: opening.start()], after[closing.end() :]
    return before + kept + after


def _with_lines(text: str, choice: ast.If, kept: list[ast.stmt]) -> str:
    """The text with only these statements of a choice, and without what would never be reached after them."""
    lines, end = text.split("\n"), choice.end_lineno
    taken = lines[kept[0].lineno - 1 : kept[-1].end_lineno] if kept else []
    indent = kept[0].col_offset - choice.col_offset if kept else 0
    if taken and not indent:
        taken[0] = taken[0].replace("elif", "if", 1)
    if kept and isinstance(kept[-1], ast.Return | ast.Continue):
        bodies = (getattr(node, "body", None) for node in ast.walk(ast.parse(text)))
        around = (body for body in bodies if isinstance(body, list) and choice.lineno in [part.lineno for part in body])
        end = next(around)[-1].end_lineno
    lines[choice.lineno - 1 : end] = [line[indent:] for line in taken]
    return "\n".join(lines)
