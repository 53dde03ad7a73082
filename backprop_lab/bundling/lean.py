"""Python as it travels in a bundle: without what only the readers of our source need."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator


def lean_python(code: str) -> str:
    """Python without comments, and with the docstrings of what students call: those that list arguments or results.

    Every line stays where it was, so errors name the lines of the source.
    """
    lines = code.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip() + "\n"
    if "__doc__" not in code:
        for first, last in _left_out(ast.parse(code)):
            lines[first:last] = ["\n"] * (last - first)
    return "".join(lines)


def _left_out(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """The lines of the docstrings that stay at home, from and to; what has nothing else keeps its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and len(node.body) > 1:
            text = ast.get_docstring(node, clean=False)
            if text is not None and "-----" not in text:
                yield node.body[0].lineno - 1, node.body[0].end_lineno or 0
