"""Sentences for the raw errors that Python, NumPy and libraries raise when they meet a traced value.

`explained(error)` looks at the student's line where the error arose, at what stands there and what its names mean.
An error that has nothing to do with tracing is the student's own and is left as it is: None is the answer.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from dis import opmap
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from ...errors import ArgumentError, LabError, RecursionLimit, TraceError
from ...source import frames, places, quote
from ...table.values import is_traced, plain, shape_of
from ..trees import is_tree, leaves
from .idioms import LIBRARIES, NUMPY_NAMES, rewritten
from .refusals import FORMULA, OUTSIDE, SEVERAL, no_name, numpy_name, refuse_writing
from .wording import as_fstring, called_at, instead_of, known_instead, of_library, origin, shown, written

__all__ = ["explained", "located"]

frames.engine_module(globals())
_RAISE = opmap["RAISE_VARARGS"]
_BITS = {"^": "a ** b", "<<": "a * 2 ** b", ">>": "a / 2 ** b"}
_OUTPUT = ("json", "pickle", "struct", "logging", "csv", "array", "ctypes", "shelve", "marshal", "datetime", "time")
_QUESTIONS = ("isinstance", "issubclass", "getattr", "hasattr", "setattr", "super")
_NUMBERS = ("decimal", "fractions", "numbers", "builtins", "numpy")


class _Scene(NamedTuple):
    """Where an error arose: the student's frame and instruction, what stands there, and the lab's frame below."""

    frame: FrameType
    instruction: int
    node: ast.AST | None
    message: str
    numpys: FrameType | None  # the lab's own function that stands for one of NumPy's

    @property
    def where(self) -> str:
        return quote.here(self.frame, self.instruction)

    def value(self, node: ast.AST | None) -> Any:
        return called_at(self.frame, node)

    def values(self) -> Iterator[tuple[ast.expr, Any]]:
        """The names in the expression, and what they stand for."""
        for part in ast.walk(self.node) if self.node is not None else ():
            if isinstance(part, ast.Name):
                yield part, self.value(part)

    def sentence(self, wrong: str, advice: str) -> TraceError:
        return TraceError(f"{wrong}{self.where}; {advice}")


def explained(error: Exception) -> LabError | None:
    """The sentence for a raw error, or None where it is the student's own."""
    trail = []
    step = error.__traceback__
    while step is not None:
        trail.append((step.tb_frame, step.tb_lasti))
        step = step.tb_next
    own = [k for k, (frame, _) in enumerate(trail) if frames.students_own(frame) is frame]
    inside = [k for k in own if any(frames.ENGINE in f.f_globals for f, _ in trail[:k])]
    if not inside:
        return None
    frame, instruction = trail[inside[-1]]
    if frame.f_code.co_code[instruction] == _RAISE:
        return None  # the student's own raise
    if isinstance(error, RecursionError):
        return _endless(trail, inside)
    below = [f for f, _ in trail[inside[-1] + 1 :]]
    numpys = next((f for f in below if f.f_code.co_name in ("_array_ufunc", "_array_function")), None)
    node = places.node_at(frame.f_code, instruction)
    scene = _Scene(frame, instruction, node, " ".join(str(error).split()), numpys)
    for look in (_missing, _numpys_own, _operator, _writing, _use, _listed, _library):
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


def _names_traced(scene: _Scene) -> bool:
    return bool(re.search(r"\b(Traced|TracedArray|traced)\b", scene.message))


def _endless(trail: list[tuple[FrameType, int]], inside: list[int]) -> LabError:
    """A function that calls itself: the one that runs most often."""
    codes = [trail[k][0].f_code for k in inside]
    code = max(dict.fromkeys(codes), key=codes.count)
    frame, instruction = next(trail[k] for k in inside if trail[k][0].f_code is code)
    name = "a lambda" if code.co_name == "<lambda>" else code.co_name
    return RecursionLimit(
        f"{name} calls itself too often for Python, or without end{quote.here(frame, instruction)}; end it with an if "
        "that returns without another call, or write a loop"
    )


def _missing(scene: _Scene, error: Exception) -> LabError | None:
    """A name that another library has, or that NumPy has elsewhere."""
    node = scene.node
    statement = places.statement_at(scene.frame.f_code, scene.instruction)
    calls = [n for n in ast.walk(statement) if isinstance(n, ast.Call)] if statement is not None else []
    if isinstance(error, AttributeError) and is_traced(error.obj) and _is_read(node):
        name = str(error.name)
        return None if name.startswith("__") else no_name(error.obj, name, scene.frame, scene.instruction)
    if isinstance(error, AttributeError) and error.name is not None and isinstance(node, ast.Attribute):
        if scene.value(node.value) is not np:
            return None
        args = next((call.args for call in calls if call.func is node), [])
        code = rewritten(NUMPY_NAMES[error.name], args) if error.name in NUMPY_NAMES else ""
        advice = f"write {code}" if code else known_instead("math", error.name, args)
        advice = advice or (FORMULA if hasattr(math, error.name) else "")
        return scene.sentence(f"NumPy has no np.{error.name}", advice) if advice else None
    if not isinstance(error, NameError) or error.name not in LIBRARIES:
        return None
    call = next((c for c in calls if written(c.func).partition(".")[0] == error.name), None)
    code = of_library(call) if call is not None else ""
    advice = f"write {code}" if code else "write the function with NumPy's functions"
    return scene.sentence(f"there is no {error.name} here, and the lab follows NumPy", advice)


def _is_read(node: ast.AST | None) -> bool:
    return isinstance(getattr(node, "ctx", None) or ast.Load(), ast.Load)


def _numpys_own(scene: _Scene, error: Exception) -> LabError | None:
    """An error inside the lab's version of a NumPy function: NumPy's own words for the plain numbers say it best."""
    frame = scene.numpys
    if frame is None:
        return None
    if "ufunc" in frame.f_locals:
        function, args, kwargs = (frame.f_locals[k] for k in ("ufunc", "operands", "options"))
    else:
        function, args, kwargs = (frame.f_locals[k] for k in ("function", "args", "kwargs"))
    said = ""
    try:
        with np.errstate(all="ignore"):
            function(*map(_bare, args), **{k: _bare(v) for k, v in kwargs.items()})
    except Exception as own:
        said = " ".join(str(own).split()).rstrip(".")
    name, shapes = numpy_name(function), [shape_of(x) for x in args if is_traced(x) or isinstance(x, np.ndarray)]
    if said:
        return scene.sentence(f"{name} does not work here: {_clause(said)}", _fitting(name, shapes))
    return scene.sentence(
        f"{name} is not in the lab's table for these arguments",
        "write it with + - * / ** @, indexing and functions such as np.sum",
    )


_JOINING = ("concatenate", "stack", "hstack", "vstack", "column_stack", "dstack", "block")


def _clause(text: str) -> str:
    """Another library's words as a part of a sentence: its first sentence, without a stop."""
    return text.replace(";", ",").partition(". ")[0]


def _fitting(name: str, shapes: list[tuple[int, ...]]) -> str:
    if shapes and all(shape == () for shape in shapes):
        return f"give {name} an array, such as np.array([1.0, 2.0])"
    given = " and ".join(map(str, shapes)) or "these"
    return f"give it arguments that fit an array of shape {given}" if shapes else f"see what it takes with help({name})"


def _bare(x: Any) -> Any:
    """The plain numbers behind arguments."""
    if isinstance(x, list | tuple):
        return type(x)(map(_bare, x)) if not hasattr(x, "_fields") else x
    return plain(x)


def _operator(scene: _Scene, error: Exception) -> LabError | None:
    """An operator that Python does not have for these operands."""
    if not isinstance(error, TypeError):
        return None
    found = re.match(r"unsupported operand type\(s\) for (\S+?)=?: '(.+)' and '(.+)'", scene.message)
    node = scene.node
    if not found or "Traced" not in scene.message:
        return None
    sign, left_kind, right_kind = found.groups()
    left, right = _operands(node)
    if sign in _BITS and left is not None and right is not None:
        meaning = {
            "^": "^ is exclusive or in Python, for the bits of whole numbers, and not a power",
        }.get(sign, f"{sign} shifts the bits of whole numbers, and this is a float")
        return scene.sentence(meaning, f"write {rewritten(_BITS[sign], [left, right])}")
    other = right_kind if left_kind.startswith("Traced") else left_kind
    odd = right if left_kind.startswith("Traced") else left
    return scene.sentence(
        f"{sign} cannot combine a traced value with something of type {other.rsplit('.', 1)[-1]}",
        f"make that a number, with float({written(odd) or '…'})",
    )


def _operands(node: ast.AST | None) -> tuple[ast.expr | None, ast.expr | None]:
    match node:
        case ast.BinOp(left=left, right=right):
            return left, right
        case ast.AugAssign(target=target, value=value):
            return ast.parse(ast.unparse(target), mode="eval").body, value
        case ast.Call(args=[left, right]):
            return left, right
    return None, None


def _writing(scene: _Scene, error: Exception) -> LabError | None:
    """A traced value written into something that holds plain numbers, or into a traced value."""
    node = scene.node
    if not isinstance(node, ast.Subscript | ast.Attribute) or isinstance(node.ctx, ast.Load):
        return None
    owner, name = scene.value(node.value), written(node.value) or "it"
    if isinstance(node, ast.Attribute):
        if not is_traced(owner):
            return None
        return scene.sentence(
            f"{name} is a number here, and nothing can be stored in its .{node.attr}",
            "keep that in a variable of its own",
        )
    if is_traced(owner):
        kind = "an array that the reverse sweep needs as it is" if shape_of(owner) else "one number"
        how = "build a new one, with np.where, np.stack or np.concatenate" if shape_of(owner) else SEVERAL
        return scene.sentence(f"{name} is {kind}, and its parts cannot be written or deleted", how)
    if "setting an array element" in scene.message or isinstance(owner, np.ndarray):
        if isinstance(error, IndexError):
            return None
        try:
            refuse_writing(owner, name, scene.where)
        except TraceError as told:
            return told
    return None


_USES = [  # what Python says, what is wrong, what to do
    (r"object is not callable", "{x} is {kind} and cannot be called", "write * where a product is meant"),
    (r"context manager|__enter__", "with opens a file or the like, and {x} is {kind}", "leave with out"),
    (r"await", "await waits for another task, and {x} is {kind}", "leave await out"),
    (r"not an iterator|not iterable|support iteration", "{x} is {kind} and holds nothing to go through", SEVERAL),
    (r"to (bytes|bytearray)", "{x} is {kind} and has no bytes to show", OUTSIDE),
]  # fmt: skip


def _use(scene: _Scene, error: Exception) -> LabError | None:
    """A traced value used as what it is not: called, opened, awaited, unpacked."""
    node = scene.node
    if isinstance(node, ast.Tuple | ast.List) and isinstance(error, ValueError) and "unpack" in scene.message:
        statement = places.statement_at(scene.frame.f_code, scene.instruction)
        value = scene.value(statement.value) if isinstance(statement, ast.Assign) else None
        if is_traced(value) and isinstance(statement, ast.Assign):
            return scene.sentence(
                f"{written(statement.value)} has {shape_of(value)[0]} parts, and here are {len(node.elts)} names",
                f"write {shape_of(value)[0]} names on the left",
            )
        return None
    if not _names_traced(scene):
        called = scene.value(node.func) if isinstance(node, ast.Call) else None
        number = isinstance(node, ast.Call) and (isinstance(node.func, ast.Constant) or isinstance(called, int | float))
        if number and isinstance(node, ast.Call) and "not callable" in scene.message and len(node.args) == 1:
            func = written(node.func)
            return scene.sentence(
                f"{func} is a number and cannot be called", f"write {rewritten('x * a', node.args, node.func)}"
            )
        return None
    for pattern, wrong, advice in _USES:
        if re.search(pattern, scene.message):
            one = "TracedArray" in scene.message
            part = node.func if isinstance(node, ast.Call) and "callable" in pattern else node
            if isinstance(node, ast.Call) and len(node.args) == 1 and "callable" in pattern:
                advice = f"write {rewritten('x * a', node.args, node.func)} for a product"
            x = next((n for n, v in scene.values() if is_traced(v)), part)
            return scene.sentence(wrong.format(x=written(x) or "x", kind="an array" if one else "a number"), advice)
    return None


def _listed(scene: _Scene, error: Exception) -> LabError | None:
    """A list, a tuple or a dict where an array or a number is meant."""
    if not isinstance(error, TypeError | AttributeError | IndexError):
        return None
    said = re.search(r"\b(list|tuple|dict)\b", scene.message)
    if not said and not isinstance(error, IndexError):
        return None
    code = scene.frame.f_code
    parameters = code.co_varnames[: code.co_argcount]
    by_lab = scene.frame.f_back is not None and frames.ENGINE in scene.frame.f_back.f_globals
    for name, value in scene.values():
        if not is_tree(value) or said and type(value).__name__ != said.group(1):
            continue
        given = by_lab and isinstance(name, ast.Name) and name.id in parameters
        if not given and not _holds_traced(value):
            continue
        x = written(name)
        if isinstance(value, dict):
            key = next(iter(value), "w")
            wrong = f"{x} is a dict here, {shown(value)}, and not a number"
            return ArgumentError(f"{wrong}{scene.where}; take one of its values, as in {x}[{key!r}]")
        if isinstance(error, IndexError):
            return ArgumentError(
                f"{x} has {len(value)} parts here, and this one is not among them{scene.where}; "
                f"count from 0 to {len(value) - 1}"
            )
        array = f"np.array({shown(_floats(value))})"
        array = array if len(array) <= 60 and value and array.endswith("])") else "np.array([1.0, 2.0])"
        what = f"{x} is a {type(value).__name__} here, {shown(_floats(value))}, and no array"
        how = f"call the function with {array}" if given else f"make it one with np.array({x})"
        return ArgumentError(f"{what}{scene.where}; {how}")
    return None


def _floats(value: Any) -> Any:
    """The same as a list, which is what np.array is written with."""
    return [_floats(x) if isinstance(x, list | tuple) else plain(x) for x in value]


def _library(scene: _Scene, error: Exception) -> LabError | None:
    """A function of Python, NumPy or a library that does not know traced values."""
    node = scene.node
    call = node if isinstance(node, ast.Call) else None
    function = scene.value(call.func) if call is not None else None
    code = getattr(function, "__code__", None)
    if code is not None and frames.is_students(code.co_filename):
        return None  # the student's own function, called in a wrong way
    if call is not None and "need at least one array" in scene.message:
        what = f"{written(call.func, 30)} was given an empty list"
        return scene.sentence(what, "put an array into it, or leave it out where there is none")
    given = [n for n, v in scene.values() if _holds_traced(v)]
    if not (given or _names_traced(scene)) or isinstance(error, NameError):
        return None
    if call is None and not _names_traced(scene):
        return None
    module, name = origin(function)
    module = module.partition(".")[0].lstrip("_")
    if function is not None and name in _QUESTIONS:
        return None
    called = written(call.func, 30) if call is not None else ""
    x = written(call.args[0]) if call is not None and call.args else "x"
    what = f"{called or 'this'} needs a plain number and met a traced value"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return scene.sentence("a % format needs a plain number", f"write {as_fstring(node)}")
    if isinstance(error, KeyError):
        return scene.sentence("a traced value is no key of this dict", "look up by a text or a plain number")
    advice = instead_of(scene.frame, node)
    if advice:
        return scene.sentence(what, advice)
    if module in ("random",) or "random" in called:
        return scene.sentence(what, "draw the number outside the function, and give it to it as an argument")
    if module in _OUTPUT or name in ("open", "eval", "exec", "ord", "print", "vars", "input"):
        return scene.sentence(what, OUTSIDE)
    if module == "numpy" and name in ("zeros", "ones", "empty", "full", "eye", "identity", "arange"):
        return scene.sentence(f"{called} needs plain whole numbers for a shape", "use a plain whole number there")
    if module == "numpy" and not _names_traced(scene):
        said = scene.message.rstrip(".")
        if name in _JOINING and "iterable" in said:
            return scene.sentence(f"{called} takes a list of arrays", f"write {called}([{x}, {x}])")
        return scene.sentence(f"{called} does not work here: {_clause(said)}", f"see what it takes with help({called})")
    if "iteration" in scene.message or "not iterable" in scene.message:
        return scene.sentence(
            f"{called} goes through a list or an array, and this is one number",
            SEVERAL,
        )
    if name == "pow" and call is not None and len(call.args) == 3:
        return scene.sentence("pow with a modulus has no derivative", f"write {rewritten('a ** b', call.args)}")
    if module in _NUMBERS and isinstance(function, type):
        return scene.sentence(what, f"leave {called} out and write {x}, which already computes like a number")
    if isinstance(error, AttributeError):
        return None
    return scene.sentence(what, FORMULA)
