"""Sentences for the raw errors that Python, NumPy and libraries raise when they meet a traced value.

`explained(error)` looks at the student's line where the error arose, at what stands there and what its names mean.
An error that has nothing to do with tracing is the student's own and is left as it is: None is the answer.
"""

from __future__ import annotations

import ast
import math
import re
from dis import opmap
from types import FrameType
from typing import Any

import numpy as np

from ...errors import ArgumentError, LabError, RecursionLimit
from ...source import frames, quote
from ...table.values import is_traced, plain, shape_of
from ..trees import is_tree, leaves
from .idioms import LIBRARIES, NUMPY_NAMES, rewritten
from .refusals import DRAW, FORMULA, NO_COUNT, OUTSIDE, SEVERAL, WHOLE, no_name, refuse_writing, without
from .wording import Scene, as_fstring, known_instead, of_library, origin, shown, written

_RAISE = opmap["RAISE_VARARGS"]
_BITS = {"^": "a ** b", "<<": "a * 2 ** b", ">>": "a / 2 ** b"}
_OUTPUT = ("json", "pickle", "struct", "logging", "csv", "array", "ctypes", "shelve", "marshal", "datetime", "time")
_QUESTIONS = ("isinstance", "issubclass", "getattr", "hasattr", "setattr", "super")
_JOINING = ("concatenate", "stack", "hstack", "vstack", "column_stack", "dstack", "block")
_NUMBERS = ("decimal", "fractions", "numbers", "builtins", "numpy")


def explained(error: Exception) -> LabError | None:
    """The sentence for a raw error, or None where it is the student's own."""
    trail = list(quote.trail(error))
    own = [k for k, (frame, _) in enumerate(trail) if frames.students_own(frame) is frame]
    inside = [k for k in own if any(frames.machinery[f.f_code.co_filename] for f, _ in trail[:k])]
    if not inside:
        return None
    frame, instruction = trail[inside[-1]]
    if frame.f_code.co_code[instruction] == _RAISE:
        return None  # the student's own raise
    if isinstance(error, RecursionError):
        return _endless(trail, inside)
    scene = Scene(frame, instruction, " ".join(str(error).split()))
    for look in (_missing, _operator, _writing, _use, _listed, _library):
        found = look(scene, error)
        if found is not None:
            return found
    return None


def located(error: LabError) -> LabError | None:
    """An error that was raised where no line of the student's could be seen, such as in a thread, with the line; None
    if it has one, or there is none."""
    where = "" if " line " in str(error) or "(line " in str(error) else quote.raised(error)
    return type(error)(quote.put_in(where, str(error))) if where else None


def _holds_traced(x: Any) -> bool:
    """Whether this is a traced value or a list, tuple or dict with one in it."""
    return is_traced(x) or is_tree(x) and any(map(is_traced, leaves(x)))


def _names_traced(scene: Scene) -> bool:
    return bool(re.search(r"\b(Traced|TracedArray|traced)\b", scene.message))


def _endless(trail: list[tuple[FrameType, int]], inside: list[int]) -> LabError:
    """A function that calls itself: the one that runs most often."""
    codes = [trail[k][0].f_code for k in inside]
    code = max(dict.fromkeys(codes), key=codes.count)
    frame, instruction = next(trail[k] for k in inside if trail[k][0].f_code is code)
    name = "a lambda" if code.co_name == "<lambda>" else code.co_name
    wrong = f"{name} calls itself too often for Python, or without end"
    how = "end it with an if that returns without another call, or write a loop"
    return Scene(frame, instruction).sentence(wrong, how, RecursionLimit)


def _missing(scene: Scene, error: Exception) -> LabError | None:
    """A name that another library has, or that NumPy has elsewhere."""
    node = scene.node
    if isinstance(error, AttributeError) and is_traced(error.obj) and scene.written_into is None:
        return None if str(error.name).startswith("__") else no_name(error.obj, str(error.name), scene)
    if isinstance(error, AttributeError) and error.name is not None and isinstance(node, ast.Attribute):
        if scene.value(node.value) is not np:
            return None
        args = next((call.args for call in scene.calls if call.func is node), [])
        code = rewritten(NUMPY_NAMES[error.name], args) if error.name in NUMPY_NAMES else ""
        advice = f"write {code}" if code else known_instead("math", error.name, args)
        advice = advice or (FORMULA if hasattr(math, error.name) else "")
        return scene.sentence(f"NumPy has no np.{error.name}", advice) if advice else None
    if not isinstance(error, NameError) or error.name not in LIBRARIES:
        return None
    call = next((c for c in scene.calls if written(c.func).partition(".")[0] == error.name), None)
    code = of_library(call) if call is not None else ""
    advice = f"write {code}" if code else "write the function with NumPy's functions"
    return scene.sentence(f"there is no {error.name} here, and the lab follows NumPy", advice)


def _operator(scene: Scene, error: Exception) -> LabError | None:
    """An operator that Python does not have for these operands."""
    if not isinstance(error, TypeError):
        return None
    found = re.match(r"unsupported operand type\(s\) for (\S+?)=?: '(.+)' and '(.+)'", scene.message)
    if not found or "Traced" not in scene.message:
        return None
    sign, left_kind, right_kind = found.groups()
    left, right = scene.operands or (None, None)
    if sign in _BITS and left is not None and right is not None:
        meaning = f"{sign} shifts the bits of whole numbers, and this is a float"
        if sign == "^":
            meaning = "^ is exclusive or in Python, for the bits of whole numbers, and not a power"
        return scene.sentence(meaning, f"write {rewritten(_BITS[sign], [left, right])}")
    other, odd = (right_kind, right) if left_kind.startswith("Traced") else (left_kind, left)
    return scene.sentence(
        f"{sign} cannot combine a traced value with something of type {other.rsplit('.', 1)[-1]}",
        f"make that a number, with float({written(odd) or '…'})",
    )


def _writing(scene: Scene, error: Exception) -> LabError | None:
    """A traced value written into something that holds plain numbers, or into a traced value."""
    if (holder := scene.written_into) is None:
        return None
    owner, name = scene.value(holder), written(holder) or "it"
    if isinstance(scene.node, ast.Attribute):
        wrong = f"{name} is a number here, and nothing can be stored in its .{scene.node.attr}"
        return scene.sentence(wrong, "keep that in a variable of its own") if is_traced(owner) else None
    if is_traced(owner):
        kind = "an array that the reverse sweep needs as it is" if shape_of(owner) else "one number"
        how = "build a new one, with np.where, np.stack or np.concatenate" if shape_of(owner) else SEVERAL
        return scene.sentence(f"{name} is {kind}, and its parts cannot be written or deleted", how)
    into_plain = "setting an array element" in scene.message or isinstance(owner, np.ndarray)
    return refuse_writing(scene) if into_plain and not isinstance(error, IndexError) else None


def _is_traced_index(scene: Scene, index: ast.expr) -> bool:
    return any(is_traced(scene.value(part)) for part in ast.walk(index))


_USES = [  # what Python says, what is wrong, what to do
    (r"object is not callable", "{x} is {kind} and cannot be called", "write * where a product is meant"),
    (r"context manager|__enter__", "with opens a file or the like, and {x} is {kind}", "leave with out"),
    (r"await", "await waits for another task, and {x} is {kind}", "leave await out"),
    (r"not an iterator|not iterable|support iteration", "{x} is {kind} and holds nothing to go through", SEVERAL),
    (r"to (bytes|bytearray)", "{x} is {kind} and has no bytes to show", OUTSIDE),
]


def _use(scene: Scene, error: Exception) -> LabError | None:
    """A traced value used as what it is not: called, opened, awaited, unpacked."""
    node, call = scene.node, scene.call
    if isinstance(node, ast.Subscript) and isinstance(error, IndexError) and _is_traced_index(scene, node.slice):
        return scene.sentence(NO_COUNT, WHOLE)
    if isinstance(node, ast.Tuple | ast.List) and isinstance(error, ValueError) and "unpack" in scene.message:
        given = scene.statement.value if isinstance(scene.statement, ast.Assign) else None
        if not is_traced(value := scene.value(given)):
            return None
        parts = shape_of(value)[0]
        wrong = f"{written(given)} has {parts} parts, and here are {len(node.elts)} names"
        return scene.sentence(wrong, f"write {parts} names on the left")
    if call is not None and isinstance(call.func, ast.Attribute) and "not callable" in scene.message:
        name = call.func.attr
        if is_traced(scene.value(call.func.value)) and name in ("size", "shape", "ndim", "T", "real", "imag"):
            code = f"{written(call.func.value)}.{'shape' if name == 'size' else name}"
            return scene.sentence(f"{written(call.func)} is no function here", f"write {code}")
    product = rewritten("x * a", scene.args, call.func) if call is not None and len(scene.args) == 1 else ""
    if not _names_traced(scene):
        number = call is not None and (isinstance(call.func, ast.Constant) or isinstance(scene.function, int | float))
        if number and product and "not callable" in scene.message:
            return scene.sentence(f"{scene.called} is a number and cannot be called", f"write {product}")
        return None
    for pattern, wrong, advice in _USES:
        if re.search(pattern, scene.message):
            part = call.func if call is not None and "callable" in pattern else node
            if product and "callable" in pattern:
                advice = f"write {product} for a product"
            x = written(next((n for n, v in scene.values() if is_traced(v)), part)) or "x"
            kind = "an array" if "TracedArray" in scene.message else "a number"
            return scene.sentence(wrong.format(x=x, kind=kind), advice)
    return None


def _listed(scene: Scene, error: Exception) -> LabError | None:
    """A list, a tuple or a dict where an array or a number is meant."""
    if not isinstance(error, TypeError | AttributeError | IndexError):
        return None
    said = re.search(r"\b(list|tuple|dict)\b", scene.message)
    if not said and not isinstance(error, IndexError):
        return None
    assert scene.frame is not None
    code, above = scene.frame.f_code, scene.frame.f_back
    by_lab = above is not None and frames.machinery[above.f_code.co_filename]
    for name, value in scene.values():
        if not is_tree(value) or said and type(value).__name__ != said.group(1):
            continue
        x = written(name)
        given = by_lab and x in code.co_varnames[: code.co_argcount]
        if not given and not _holds_traced(value):
            continue
        if isinstance(value, dict):
            wrong = f"{x} is a dict here, {shown(value)}, and not a number"
            how = f"take one of its values, as in {x}[{next(iter(value), 'w')!r}]"
        elif isinstance(error, IndexError):
            wrong = f"{x} has {len(value)} parts here, and this one is not among them"
            how = f"count from 0 to {len(value) - 1}"
        else:
            array = f"np.array({shown(_floats(value))})"
            array = array if len(array) <= 60 and value and array.endswith("])") else "np.array([1.0, 2.0])"
            wrong = f"{x} is a {type(value).__name__} here, {shown(_floats(value))}, and no array"
            how = f"call the function with {array}" if given else f"make it one with np.array({x})"
        return scene.sentence(wrong, how, ArgumentError)
    return None


def _floats(value: Any) -> Any:
    """The same as a list, which is what np.array is written with."""
    return [_floats(x) if isinstance(x, list | tuple) else plain(x) for x in value]


def _library(scene: Scene, error: Exception) -> LabError | None:
    """A function of Python, NumPy or a library that does not know traced values."""
    call, function, named = scene.call, scene.function, _names_traced(scene)
    code = getattr(function, "__code__", None)
    if code is not None and frames.is_students(code.co_filename):
        return None  # the student's own function, called in a wrong way
    called, message = written(call.func, 30) if call is not None else "", scene.message
    if call is not None and "need at least one array" in message:
        return scene.sentence(f"{called} was given an empty list", "put an array into it, or leave it out")
    given = any(_holds_traced(v) for _, v in scene.values()) and call is not None
    module, name = origin(function)
    if not (given or named) or isinstance(error, NameError) or function is not None and name in _QUESTIONS:
        return None
    module = module.partition(".")[0].lstrip("_")
    x = written(scene.args[0]) if scene.args else "x"
    what = f"{called or 'this'} needs a plain number and met a traced value"
    if isinstance(scene.node, ast.BinOp) and isinstance(scene.node.op, ast.Mod):
        return scene.sentence("a % format needs a plain number", f"write {as_fstring(scene.node)}")
    if isinstance(error, KeyError):
        return scene.sentence("a traced value is no key of this dict", "look up by a text or a plain number")
    if "could not convert string" in message:
        return scene.sentence(what, "compute with the number, not with its text")
    if advice := scene.instead():
        return scene.sentence(what, advice)
    if name == "nditer":
        return scene.sentence(what, f"go through np.ravel({x})")
    if module == "random" or "random" in called:
        return scene.sentence(what, DRAW)
    if module in _OUTPUT or name in ("open", "eval", "exec", "ord", "print", "vars", "input"):
        return scene.sentence(what, OUTSIDE)
    if module == "numpy" and name in ("zeros", "ones", "empty", "full", "eye", "identity", "arange"):
        return scene.sentence(f"{called} needs plain whole numbers for a shape", "use a plain whole number there")
    if module == "numpy" and not named:
        if name in _JOINING and ("iterable" in message or "positional argument" in message):
            joined = ", ".join(map(written, scene.args)) if len(scene.args) > 1 else f"{x}, {x}"
            return scene.sentence(f"{called} takes a list of arrays", f"write {called}([{joined}])")
        said = message.rstrip(".").replace(";", ",").partition(". ")[0]
        return scene.sentence(f"{called} does not work here: {said}", f"see what it takes with help({called})")
    if "iteration" in message or "not iterable" in message:
        return scene.sentence(f"{called} goes through a list or an array, and this is one number", SEVERAL)
    if name == "pow" and len(scene.args) == 3:
        return scene.sentence("pow with a modulus has no derivative", f"write {rewritten('a ** b', scene.args)}")
    if module in _NUMBERS and isinstance(function, type):
        return scene.sentence(what, without(called, scene.args))
    return None if isinstance(error, AttributeError) else scene.sentence(what, FORMULA)
