"""What a traced value says where Python would silently forget the derivative, or has no use for it.

Each refusal is one sentence: what was asked, on which line, and what to write instead.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from ...errors import AttributeTraceError, LabError, TraceError
from ...source import frames
from ...source.places import find_place
from ...table.entry import Primitive
from ...table.table import primitives
from ...table.values import plain, shape_of
from .idioms import METHODS, NUMPY_NAMES, rewritten
from .wording import Scene, as_fstring, as_load, origin, shown, written

ROUNDING = ("round", "floor", "ceil", "trunc", "int", "rint", "fix", "around")
FORMULA = "write the formula itself, with + - * / ** and functions such as np.exp"
BUILD = "it writes into an array, so build a new one with np.where or np.stack"
_IN_PLACE = ("copyto", "put", "place", "putmask", "fill_diagonal")
SEVERAL = "call the function with an array, such as np.array([1.0, 2.0])"
DRAW = "draw the number outside the function, and give it to it as an argument"
_RANDOM = "draw the numbers outside the function, and give them to it as an argument"
_MULTIPLES = "subtract the multiples yourself, as in x - k * n with plain whole numbers k"
_PLAIN = "turns a traced value into a plain number, so the derivative would be lost"
NO_COUNT = (
    "a traced value cannot be an index, a count or a repetition, because those jump from one whole number to the next"
)
WHOLE = "use a plain whole number there"
OF_LISTS = ("append", "extend", "insert", "pop", "remove")
OUTSIDE = "do that outside the function, with the number that it returns"


class Refusals:
    """The methods of a traced value that answer with a sentence."""

    __slots__ = ()

    def __index__(self) -> NoReturn:
        scene = Scene()
        if scene.call is not None and origin(scene.function)[0] == "random":  # from Python 3.12 on it asks for an index
            _refuse("int")
        raise TraceError(f"{NO_COUNT}; {WHOLE}")

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        asking = sys._getframe(1)  # NumPy's Python code, or the student's, which may have called NumPy's C
        by_numpy = frames.is_numpy_code(asking) or not frames.is_library(asking.f_code.co_filename)
        if by_numpy and (dtype is None or np.dtype(dtype).kind == "O"):
            return self._objects_()  # type: ignore[attr-defined]
        return _refuse_array()

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TraceError(
            "a traced value lives only during the call that made it and cannot be pickled; "
            "pickle the graph, or the numbers that the function returns"
        )


for _name in ("float", "int", "complex", "round", "floor", "ceil", "trunc"):
    setattr(Refusals, f"__{_name}__", lambda self, digits=None, name=_name: _refuse(name))
for _name, _sign in (("floordiv", "//"), ("mod", "%"), ("divmod", "divmod")):
    setattr(Refusals, f"__{_name}__", lambda self, other, sign=_sign: _refuse_whole_steps(sign, self, other))
    setattr(Refusals, f"__r{_name}__", lambda self, other, sign=_sign: _refuse_whole_steps(sign, other, self))
_PARTS = {"iter": "cannot be looped over or unpacked", "len": "has no length", "getitem": "has no parts"}
for _name, _what in _PARTS.items():
    setattr(Refusals, f"__{_name}__", lambda self, key=None, what=_what: _refuse_parts(what))


def _refuse_parts(what: str) -> NoReturn:
    advice = SEVERAL
    match Scene().node:
        case ast.Subscript(value=ast.Subscript() as part) if what == "has no parts" and written(part):
            advice = f"write {written(part)}"  # in x[0][0] the array has been given already
    raise TraceError(f"a traced value is one number and {what}; {advice}")


def _refuse(function: str) -> NoReturn:
    """Raise the sentence for a use that needs a plain number, and say what to write instead."""
    scene = Scene()
    called, advice, module, short = function, scene.instead(), "", function
    if scene.call is not None:
        handed_on = scene.handed_on if " in place of " in advice else None
        called = scene.called if scene.called.replace(".", "").isidentifier() else function
        called = called if handed_on is None else ast.unparse(handed_on)
        module, short = origin(scene.function)
    short = short or called.rsplit(".", 1)[-1]
    if scene.written_into is not None:
        raise refuse_writing(scene)
    if isinstance(scene.node, ast.BinOp) and isinstance(scene.node.op, ast.Mod):
        called, advice = "a % format", f"write {as_fstring(scene.node)}, which shows the number and changes nothing"
    elif module.partition(".")[0] == "random" or module.startswith("numpy.random"):
        advice = DRAW
    elif not advice:
        if short == "arange":
            advice = _counted(scene)
        elif module == "numpy" and function == "int" and short not in ROUNDING:
            advice = WHOLE
        elif short in ROUNDING or function in ROUNDING:
            advice = "leave the rounding out"
        elif module == "numpy" or (module == "builtins" and short in ("float", "complex")):
            advice = without(called, scene.args)
        else:
            advice = OUTSIDE if module == "time" else FORMULA
    raise TraceError(f"{called} {_PLAIN}; {advice}")


def _counted(scene: Scene) -> str:
    """The advice for np.arange of traced numbers: how many there are is plain, where they lie need not be."""
    values: list[Any] = [x.value if isinstance(x, ast.Constant) else plain(scene.value(x)) for x in scene.args]
    if not values or scene.call is None or scene.call.keywords or not all(isinstance(x, int | float) for x in values):
        return "say how many numbers you want, as in 0.5 * np.arange(4)"
    start, step, count = scene.args[0], scene.args[-1], f"np.arange({len(np.arange(*values))})"
    if len(values) == 1:
        return f"say how many numbers you want: write {count}"
    code = f"{written(start)} + " if values[0] else ""
    return f"say how many numbers you want: write {code}{f'{written(step)} * ' * (len(values) == 3)}{count}"


def without(called: str, args: Sequence[ast.expr]) -> str:
    """The advice to leave a type of numbers out."""
    x = written(args[0]) if args else "the value"
    return f"leave {called} out and write {x}, which already computes like a number"


def refuse_writing(scene: Scene) -> LabError:
    """The sentence for a traced value that is written into an array of plain numbers."""
    owner, name = scene.value(scene.written_into), written(scene.written_into) or "it"
    start = "[0.0]" + (f" * {len(owner)}" if isinstance(owner, np.ndarray) else "")
    advice = f"make it a list, {name} = {start}, and an array at the end with np.array({name})"
    if isinstance(owner, np.ndarray) and owner.ndim > 1:
        advice = (
            f"make it lists, {name} = {name}.tolist(), with {name}[i][j] in place of {name}[i, j], and an array at "
        )
        advice += f"the end with np.array({name})"
    return scene.sentence(f"{name} holds plain numbers and cannot take a traced value", advice)


def _refuse_array() -> NoReturn:
    """Raise the sentence for an array of plain numbers that would be made of a traced value."""
    scene = Scene()
    module, name = origin(scene.function)
    wrong = "a NumPy array of plain numbers would lose the derivative"
    advice = "put traced values together with np.stack([a, b]), without a dtype"
    if scene.written_into is not None:
        raise refuse_writing(scene)
    if isinstance(scene.function, type) and module == "numpy" and scene.args and written(scene.args[0]):
        wrong, advice = f"{scene.called} {_PLAIN}", without(scene.called, scene.args)
    elif "random" in scene.called:
        wrong, advice = f"{scene.called} draws plain numbers, and has no derivative", _RANDOM
    elif name in _IN_PLACE:
        wrong, advice = f"{scene.called} writes into an array of plain numbers", BUILD
    raise TraceError(f"{wrong}; {advice}")


def _refuse_whole_steps(sign: str, a: Any, b: Any) -> NoReturn:
    """Raise the sentence for //, % and divmod of a and b."""
    left, right = Scene().operands or (ast.Name("x"), ast.Name("n"))
    if sign == "%":
        try:
            times = f"{float(plain(a)) // float(plain(b)):g}"
            advice = f"subtract the multiple yourself, here {rewritten(f'x - {times} * a', [right], left)}"
        except (TypeError, ValueError, ArithmeticError):
            advice = _MULTIPLES
        raise TraceError(f"% jumps, so it has no derivative at the jumps; {advice}")
    quotient = rewritten("x / a", [right], left)
    raise TraceError(
        f"{sign} jumps from one whole number to the next, so its derivative tells nothing; "
        f"write {'/' if len(quotient) > 60 else quotient}"
    )


def numpy_name(function: Any) -> str:
    """What a NumPy function is called: np.linalg.norm."""
    module = str(getattr(function, "__module__", None) or "numpy").replace("numpy", "np", 1)
    own = "np" if getattr(np, function.__name__, None) is function else module
    return f"{own}.{function.__name__}"


# Of NumPy's functions.
_INSTEAD = {"copysign": "np.abs(a) * np.sign(b)", "ldexp": "a * 2.0 ** b", "sinc": "np.sin(np.pi * a) / (np.pi * a)"}
_INSTEAD |= {"bitwise_xor": "a ** b", "left_shift": "a * 2 ** b", "right_shift": "a / 2 ** b"}
_INSTEAD |= {"floor_divide": "a / b", "divmod": "a / b", "vector_norm": "np.linalg.norm(a)"}
_INSTEAD |= {"correlate": "np.convolve(a, b[::-1], 'valid')", "partition": "np.sort(a)", "unique": "np.sort(a)"}
_INSTEAD |= {"insert": "np.concatenate([a[:b], np.ravel(c), a[b:]])"}
_INSTEAD |= {f"nan{k}": f"np.{k}(a[~np.isnan(a)])" for k in "sum mean max min prod std var median".split()}
_JUMPS = ("argpartition", "unique", "histogram", "lexsort", "bincount")


def refuse_ufunc(what: str) -> NoReturn:
    """Raise the sentence for an elementwise function of NumPy's, or a method of one, that is not in the table."""
    fault = "writes into an array" if what.endswith(".at") else "is not in the lab's table"
    raise TraceError(f"{what} {fault}; {_instead(what.removeprefix('np.'))}")


def refuse_options(what: str, options: dict[str, Any]) -> NoReturn:
    """Raise the sentence for options that have no derivative, or that nobody has written yet."""
    scene = Scene()
    if isinstance(node := scene.node, ast.AugAssign):  # h /= x asks NumPy to write into h
        whole = ast.BinOp(as_load(node.target), node.op, node.value)
        raise scene.sentence(
            f"{ast.unparse(node)} writes into an array of plain numbers, which cannot hold traced ones",
            f"write {written(node.target)} = {written(whole)}",
        )
    given = ", ".join(f"{key}=" for key in options) or "these arguments"
    fault, advice = "is not in the lab's table", "leave what is not needed out"
    if "dtype" in options:
        advice = "leave it out, because the lab computes with floats of 64 bits, and whole numbers jump"
    elif "out" in options:
        fault, call = "writes into an array", scene.call
        kept = [k for k in call.keywords if k.arg not in options] if call is not None else []
        args = call.args[: len(call.args) - (len(kept) == len(call.keywords))] if call is not None else []
        bare = written(ast.Call(call.func, args, kept)) if call is not None else ""
        advice = f"write {bare} alone, and use the result" if bare else "leave it out and use the result"
    raise scene.sentence(f"{what} with {given} {fault}", advice) from None


def _instead(name: str) -> str:
    scene = Scene()
    args, options = scene.args, scene.call.keywords if scene.call is not None else []
    count = 3 if name == "insert" else 2 if name in ("correlate", "partition") else len(args)
    code = rewritten(_INSTEAD[name], args) if name in _INSTEAD and not options and len(args) == count else ""
    if code:
        return f"write {code}"
    if name.startswith("nan"):
        return "replace the nan first, as in np.where(np.isnan(x), 0.0, x)"
    if name == "piecewise":
        return "write np.where(condition, a, b), with the values of both formulas"
    if name in ROUNDING:
        return "leave the rounding out"
    if name in _JUMPS:
        return "it jumps, so compute it outside, with plain numbers"
    if name in ("mod", "remainder", "fmod") and len(args) == 2:
        return _MULTIPLES
    return "write it with + - * / ** @ and functions such as np.sum and np.exp"


def refuse_function(function: Any) -> NoReturn:
    """Raise the sentence for a NumPy function that has no handler."""
    name, called = numpy_name(function), Scene().called
    if called.startswith("np.random."):  # which may ask others of NumPy's functions
        name, advice = called, _RANDOM
    elif function.__name__ in ("save", "savez", "savetxt", "array2string", "array_repr", "array_str"):
        advice = OUTSIDE
    else:
        advice = BUILD if function.__name__ in _IN_PLACE else _instead(function.__name__)
    raise TraceError(f"{name} is not in the lab's table; {advice}")


def no_name(x: Any, name: str, scene: Scene) -> LabError:
    """The sentence for a name after a point that a traced value does not have."""
    called = next((n for n in scene.calls if getattr(n.func, "attr", None) == name), None)
    owner = called.func.value if called is not None and isinstance(called.func, ast.Attribute) else None
    if owner is None and isinstance(scene.node, ast.Attribute):
        owner = scene.node.value
    what = "an array" if shape_of(x) else "a number"
    code = rewritten(METHODS[name], called.args if called else [], owner or ast.Name("x")) if name in METHODS else ""
    if name == "view" and called is not None and any(scene.value(a) is not None for a in called.args):
        code = ""  # another dtype, and no shape
    if name in ("grad", "backward", "zero_grad", "retain_grad", "requires_grad", "grad_fn", "is_leaf", "_backward"):
        advice = "the lab differentiates whole functions, so leave that out and write bl.grad(f)(3.0)"
    elif name in ROUNDING:
        advice = "leave the rounding out"
    elif name == "at":
        advice = "build the new array, with np.where, np.stack or np.concatenate"
    elif name in OF_LISTS:
        advice = "keep the values in a list and make it an array at the end, with np.array(values)"
    elif code:
        advice = f"write {code}"
    elif name in NUMPY_NAMES or hasattr(np, name):
        advice = f"use a function of NumPy instead, such as np.sum({written(owner) or 'x'})"
    else:
        advice = f"use it as the {what.partition(' ')[2]} that it is, with + - * / ** and NumPy's functions"
    return scene.sentence(f"{what} has no .{name} here", advice, AttributeTraceError)


def refuse_format(x: Any, spec: str) -> NoReturn:
    """Raise the sentence for a format that does not suit a traced value."""
    if shape_of(x):
        raise TraceError(f"the format {spec} is for one number, and this is an array; leave :{spec} out")
    wanted = spec.rstrip("dnxXobc") + ".0f"
    raise TraceError(f"the format {spec} is not for floats, and a traced number is one; write :{wanted} in its place")


def refuse_operand(operation: str, other: Any) -> NoReturn:
    """Raise the sentence for an operation of a traced value and something that is not a real number."""
    if isinstance(other, np.ndarray):
        kind, advice = f"an array of {other.dtype}", "make it one of numbers, with np.array(…, dtype=float)"
    elif isinstance(other, list | tuple):
        code = f"np.array({shown(other)})"
        kind = f"the {type(other).__name__} {shown(other)}"
        advice = f"make it an array with {code if len(shown(other)) < 40 else 'np.array(…)'}"
    elif other is None:
        kind, advice = "None", "check that the function which made it ends with return"
    elif isinstance(other, str):
        kind, advice = f"the text {other!r:.40}", "use the number without quotes"
    elif isinstance(other, dict):
        first = next(iter(other), "w")
        kind, advice = f"the dict {shown(other)}", f"take one of its values, as in p[{first!r}]"
    else:
        kind, advice = f"the {type(other).__name__} {shown(other)}", "use a number on either side"
    op = primitives.get(operation)
    sign = op.sign if op is not None and op.operator and op.sign else operation
    raise TraceError(f"{sign} cannot combine a traced value with {kind}; {advice}")


def misfit(op: Primitive, operands: tuple[Any, ...], error: Exception) -> TraceError:
    """The sentence for an error that NumPy raised for these operands."""
    if op.name == "index":
        advice = "use whole numbers, slices, or an array of whole numbers or of truth values, inside the shape"
        return TraceError(f"this index does not fit an array of shape {shape_of(operands[0])}; {advice}")
    nodes, _ = op.parted(operands)
    place = find_place(sys._getframe(1))
    names = place.operands if place is not None and not op.variadic else ()
    called = [names[k] if k < len(names) and names[k] else arg for k, arg in enumerate(op.args)]
    called = [f"operand {k + 1}" for k in range(len(nodes))] if op.variadic else called
    shapes = " and ".join(f"{name} has shape {shape_of(x)}" for name, x in zip(called, nodes, strict=True))
    advice = op.fits
    function = written(getattr(Scene().call, "func", None), 30)
    what = "@" if op.sign == "@" else op.symbol if op.operator else f"np.{op.name}"
    what = function if function.startswith(("np.", "bl.")) else what
    reason = "" if op.many or op.arity > 1 else f" ({' '.join(str(error).split())})"
    if reason and op.name != "reshape":
        empty = any(0 in shape_of(x) for x in nodes)
        advice = "give it an array with numbers in it" if empty else "check its shape and the axes"
    return TraceError(f"{what} does not fit: {shapes}{reason}; {advice}")
