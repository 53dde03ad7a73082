"""What the student wrote: an expression, what its names stand for, and the same in what the lab can follow."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Sequence
from types import FrameType
from typing import Any

import numpy as np

from ...source import frames, quote
from ...table.table import primitives
from ...table.values import plain
from .idioms import FUNCTIONS, NUMPY_NAMES, RULES, in_place_of, rewritten

__all__ = [
    "UFUNCS", "as_fstring", "called_at", "called_function", "instead_of", "known_instead", "of_library", "origin",
    "shown", "written",
]  # fmt: skip

frames.engine_module(globals())
UFUNCS = {getattr(np, op.ufunc): op for op in primitives.values() if op.ufunc}
UFUNCS |= {getattr(np, name): primitives[name] for name in ("logical_and", "logical_or", "logical_not")}
UFUNCS |= {np.bitwise_and: primitives["logical_and"], np.bitwise_or: primitives["logical_or"]}
UFUNCS |= {np.invert: primitives["logical_not"]}
UFUNCS |= {np.fabs: primitives["abs"], np.float_power: primitives["pow"]}  # other names for the same


def written(node: ast.AST | None, limit: int = 60) -> str:
    """An expression as the student wrote it, if it is short enough to quote."""
    text = ast.unparse(node).replace(" ** ", "**") if isinstance(node, ast.AST) else ""
    return text if len(text) <= limit and "\n" not in text else ""


def called_at(frame: FrameType | None, node: ast.AST | None) -> Any:
    """What a name in the student's code stands for, such as the function math.sin; None if that is not known."""
    match node:
        case ast.Name(id=name) if frame is not None:
            known = (frame.f_locals, frame.f_globals, vars(builtins))
            return next((space[name] for space in known if name in space), None)
        case ast.Attribute(value=value, attr=name):
            of = called_at(frame, value)
            return getattr(of, name, None) if type(of).__name__ == "module" else None
    return None


def called_function() -> str:
    """The function that the student's line calls, as written; nothing where it computes with an operator."""
    _, node = quote.calling() or (None, None)
    called = written(node.func, 30) if isinstance(node, ast.Call) else ""
    return called if called.startswith("np.") else ""


def origin(function: Any) -> tuple[str, str]:
    """The module and the name of a function."""
    return str(getattr(function, "__module__", "")), str(getattr(function, "__name__", ""))


def instead_of(frame: FrameType | None, node: ast.AST | None) -> str:
    """What to write for a call that has a known equivalent, or for one that is handed such a function; or nothing."""
    if not isinstance(node, ast.Call):
        return ""
    module, name = origin(called_at(frame, node.func))
    if advice := known_instead(module, name, node.args):
        return advice
    for arg in (part for given in node.args for part in ast.walk(given)):  # list(map(math.sin, xs))
        module, name = origin(called_at(frame, arg)) if isinstance(arg, ast.Name | ast.Attribute) else ("", "")
        if (module, name) in FUNCTIONS:
            known = FUNCTIONS[module, name].partition("(")[0]
            return f"write {known} in place of {ast.unparse(arg)}"
    return ""


def known_instead(module: str, name: str, args: Sequence[ast.expr]) -> str:
    """What to write for a function of another library, with the student's operands; or nothing."""
    if code := in_place_of(module, name, args):
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
