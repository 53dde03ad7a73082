"""What the student wrote: an expression, what its names stand for, and the same in what the lab can follow."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cached_property
from types import FrameType
from typing import Any

import numpy as np

from ...errors import LabError, TraceError
from ...source import frames, places, quote
from ...table.table import primitives
from ...table.values import plain
from .idioms import FUNCTIONS, NUMPY_NAMES, RULES, rewritten

UFUNCS = {getattr(np, op.ufunc): op for op in primitives.values() if op.ufunc}


def written(node: ast.AST | None, limit: int = 60) -> str:
    """An expression as the student wrote it, if it is short enough to quote."""
    text = ast.unparse(node).replace(" ** ", "**") if isinstance(node, ast.AST) else ""
    return text if len(text) <= limit and "\n" not in text else ""


def origin(function: Any) -> tuple[str, str]:
    """The module and the name of a function; NumPy's ufuncs tell theirs from NumPy 2.1 on."""
    home = function if hasattr(function, "__module__") else type(function)
    return str(getattr(home, "__module__", "")), str(getattr(function, "__name__", ""))


class Scene:
    """A point in the student's code, where it runs now or where an error arose, and what is written there."""

    def __init__(self, frame: FrameType | None = None, instruction: int = -1, message: str = "") -> None:
        self.frame = frames.students_own(sys._getframe(1)) if frame is None else frame
        self.instruction = self.frame.f_lasti if self.frame is not None and instruction < 0 else instruction
        self.message = message  # what an error that arose there says
        # the expression: a call, an operation, an assignment; and if it is a call, what stands in its brackets
        self.node = places.node_at(self.frame.f_code, self.instruction) if self.frame is not None else None
        self.call = self.node if isinstance(self.node, ast.Call) else None
        self.args = self.call.args if self.call is not None else []

    def sentence(self, wrong: str, advice: str, kind: type[LabError] = TraceError) -> LabError:
        """What is wrong there, and what to write instead."""
        where = quote.here(self.frame, self.instruction) if self.frame is not None else ""
        return kind(f"{wrong}{where}; {advice}")

    @property
    def called(self) -> str:
        return ast.unparse(self.call.func) if self.call is not None else ""

    @cached_property
    def function(self) -> Any:
        """What is called, such as the function math.sin; None if that is not known."""
        return self.value(self.call.func) if self.call is not None else None

    @cached_property
    def statement(self) -> ast.stmt | None:
        return places.statement_at(self.frame.f_code, self.instruction) if self.frame is not None else None

    @property
    def calls(self) -> list[ast.Call]:
        return [n for n in ast.walk(self.statement) if isinstance(n, ast.Call)] if self.statement is not None else []

    @property
    def operands(self) -> list[ast.expr]:
        match self.node:
            case ast.BinOp(left=left, right=right) | ast.Call(args=[left, right]):
                return [left, right]
            case ast.AugAssign(target=target, value=value):
                return [as_load(target), value]
        return []

    @property
    def written_into(self) -> ast.expr | None:
        """What holds the item or the attribute that is written or deleted here; None where nothing is."""
        ctx = getattr(self.node, "ctx", None)
        return getattr(self.node, "value", None) if isinstance(ctx, ast.Store | ast.Del) else None

    def value(self, node: ast.AST | None) -> Any:
        """What a name stands for; None if that is not known."""
        match node:
            case ast.Name(id=name) if self.frame is not None:
                known = (self.frame.f_locals, self.frame.f_globals, vars(builtins))
                return next((space[name] for space in known if name in space), None)
            case ast.Attribute(value=value, attr=name):
                of = self.value(value)
                return getattr(of, name, None) if type(of).__name__ == "module" else None
        return None

    def values(self) -> Iterator[tuple[ast.expr, Any]]:
        """The names in the expression, and what they stand for."""
        for part in ast.walk(self.node) if self.node is not None else ():
            if isinstance(part, ast.Name):
                yield part, self.value(part)

    @cached_property
    def handed_on(self) -> ast.expr | None:
        """A function with a known equivalent that is handed to what is called: `list(map(math.sin, xs))`."""
        if self.call is None:
            return None
        given = [*self.args, *(k.value for k in self.call.keywords), self.call.func]
        parts = (part for x in given for part in ast.walk(x) if isinstance(part, ast.Name | ast.Attribute))
        return next((x for x in parts if x is not self.call.func and origin(self.value(x)) in FUNCTIONS), None)

    def instead(self) -> str:
        """What to write for a call that has a known equivalent, or is handed a function that has one; or nothing."""
        if self.call is None:
            return ""
        if advice := known_instead(*origin(self.function), self.args):
            return advice
        if (arg := self.handed_on) is not None:
            return f"write {FUNCTIONS[origin(self.value(arg))].partition('(')[0]} in place of {ast.unparse(arg)}"
        return ""


def as_load(target: ast.expr) -> ast.expr:
    """A target of an assignment as an expression."""
    return ast.parse(ast.unparse(target), mode="eval").body


def known_instead(module: str, name: str, args: Sequence[ast.expr]) -> str:
    """What to write for a function of another library, with the student's operands; or nothing."""
    template = FUNCTIONS.get((module, name, len(args))) or FUNCTIONS.get((module, name), "")
    if template and (code := rewritten(template, args)):
        return f"write {code if len(code) <= 90 else code.partition('(')[0]}, which the lab can follow"
    rule = rewritten(RULES[name], args) if module == "math" and name in RULES else ""
    return f"give it its derivative, as in {rule}" if rule else ""


def of_library(call: ast.Call) -> str:
    """What to write for a call of PyTorch, JAX or TensorFlow, by the function's name; nothing if none is known."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in ("Value", "Variable", "constant") and call.args:
        return written(call.args[0])
    if name in NUMPY_NAMES:
        return rewritten(NUMPY_NAMES[name], call.args)
    known = getattr(np, name, None)
    return f"np.{name}({', '.join(map(ast.unparse, call.args))})" if known in UFUNCS or name in _SHARED else ""


_SHARED = ("array", "sum", "mean", "max", "min", "prod", "stack", "concatenate", "where", "dot", "matmul", "var", "std")


def shown(value: Any) -> str:
    """A value as the student knows it: plain numbers in place of traced ones, and not more than fits a sentence."""

    def bare(x: Any) -> Any:
        if isinstance(x, list | tuple) and not hasattr(x, "_fields"):
            return type(x)(map(bare, x))
        return {k: bare(v) for k, v in x.items()} if type(x) is dict else plain(x)

    return f"{bare(value)!r:.40}"


def as_fstring(node: ast.BinOp) -> str:
    """A %-format as an f-string with the same text."""
    if not isinstance(node.left, ast.Constant) or not isinstance(node.left.value, str):
        return 'f"{x:.3f}"'
    given = iter(node.right.elts if isinstance(node.right, ast.Tuple) else [node.right])

    def field(match: re.Match[str]) -> str:
        spec, kind = match.group(1), match.group(2)
        operand = next(given, None)
        text = ast.unparse(operand).replace('"', "'") if operand is not None else "x"
        return "{" + text + {"d": ":.0f", "i": ":.0f", "s": "", "r": ""}.get(kind, f":{spec}{kind}") + "}"

    return f'f"{re.sub(r"%([-+ #0-9.]*)([a-zA-Z])", field, node.left.value)}"'
