"""What a traced value says where Python would silently forget the derivative, or has no use for it.

Each refusal is one sentence: what was asked, on which line, and what to write instead.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np

from . import source
from .errors import TraceError
from .primitives import primitives

__all__ = ["UFUNCS", "Refusals", "refuse_function", "refuse_operand", "refuse_ufunc"]

source.engine_module(globals())

UFUNCS = {getattr(np, op.ufunc): op for op in primitives.values() if op.ufunc}
UFUNCS |= {getattr(np, name): primitives[name] for name in ("logical_and", "logical_or", "logical_not")}
UFUNCS |= {np.bitwise_and: primitives["logical_and"], np.bitwise_or: primitives["logical_or"]}
UFUNCS |= {np.invert: primitives["logical_not"]}
UFUNCS |= {np.fabs: primitives["abs"], np.float_power: primitives["pow"]}  # other names for the same
ALIASES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "fabs": "abs", "pow": "power"}
SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}
ROUNDING = ("round", "floor", "ceil", "trunc", "int")


class Refusals:
    """The methods of a traced value that answer with a sentence."""

    __slots__ = ()

    def __float__(self) -> NoReturn:
        _refuse("float")

    def __int__(self) -> NoReturn:
        _refuse("int")

    def __complex__(self) -> NoReturn:
        _refuse("complex")

    def __round__(self, digits: Any = None) -> NoReturn:
        _refuse("round")

    def __floor__(self) -> NoReturn:
        _refuse("floor")

    def __ceil__(self) -> NoReturn:
        _refuse("ceil")

    def __trunc__(self) -> NoReturn:
        _refuse("trunc")

    def __index__(self) -> NoReturn:
        raise TraceError(
            f"a traced value cannot be an index, a count or a repetition{source.here()}, because those jump from "
            "one whole number to the next; use a plain whole number there"
        )

    def __floordiv__(self, other: Any) -> NoReturn:
        raise TraceError(
            f"// jumps from one whole number to the next, so its derivative tells nothing{source.here()}; "
            "write / instead"
        )

    __rfloordiv__ = __floordiv__

    def __mod__(self, other: Any) -> NoReturn:
        raise TraceError(
            f"% jumps, so it has no derivative at the jumps{source.here()}; subtract the multiple yourself, "
            "as in x - 3 * period"
        )

    __rmod__ = __mod__

    def __divmod__(self, other: Any) -> NoReturn:
        raise TraceError(
            f"divmod jumps from one whole number to the next, so its derivative tells nothing{source.here()}; "
            "write / instead, or subtract the multiple yourself"
        )

    __rdivmod__ = __divmod__

    def __iter__(self) -> Iterator[Any]:
        raise TraceError(
            f"a traced value is one number and cannot be looped over or unpacked{source.here()}; "
            "give the function several arguments, one for each number"
        )

    def __len__(self) -> int:
        raise TraceError(
            f"a traced value is one number and has no length{source.here()}; "
            "give the function several arguments, one for each number"
        )

    def __getitem__(self, key: Any) -> NoReturn:
        raise TraceError(
            f"a traced value is one number and has no parts{source.here()}; "
            "give the function several arguments, one for each number"
        )

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if (dtype is None or np.dtype(dtype).kind == "O") and source.is_numpys(sys._getframe(1)):
            return self._objects_()  # type: ignore[attr-defined]
        raise TraceError(
            f"a NumPy array of traced values would lose the derivative{source.here()}; put them together with "
            "np.stack([a, b]), without a dtype, or keep them in a list or a tuple"
        )

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TraceError(
            f"a traced value lives only during the call that made it and cannot be pickled{source.here()}; "
            "pickle the graph, or the numbers that the function returns"
        )


def _refuse(function: str) -> NoReturn:
    """Raise the sentence for a use that needs a plain number, and say what to write instead."""
    called = source.current_call() or function
    short = called.rsplit(".", 1)[-1]
    better = ALIASES.get(short, short)
    if better in primitives or hasattr(np, better) and getattr(np, better) in UFUNCS:
        better = f"np.{better}" if hasattr(np, better) else f"bl.{better}"
        advice = f"write {better}, which the lab can follow"
    elif function in ROUNDING:
        advice = "leave the rounding out, or round the result after the derivative is taken"
    elif short == function:
        advice = f"leave {function} out, because a traced value already computes like a number"
    else:
        advice = "write the formula itself, with + - * / ** and functions such as np.exp"
    raise TraceError(
        f"{called} turns a traced value into a plain number, so the derivative would be lost{source.here()}; {advice}"
    )


def refuse_ufunc(ufunc: Any, method: str, options: dict[str, Any]) -> NoReturn:
    """Raise the sentence for a NumPy function that is not in the table, or is used in a way that needs arrays."""
    module = "np." if getattr(np, ufunc.__name__, None) is ufunc else ""
    what = f"{module}{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
    if ufunc in UFUNCS:
        used = f" with {', '.join(options)}=" if options else ""
        why = "writes into an array" if "out" in options else "is not in the lab's table of primitives"
        raise TraceError(
            f"{what}{used} {why}{source.here()}; write np.{ufunc.__name__}({', '.join(UFUNCS[ufunc].args)}) alone"
        )
    known = ", ".join(sorted(op.name for op in primitives.values() if op.ufunc and op.elementwise and not op.operator))
    raise TraceError(
        f"{what} is not in the lab's table of primitives{source.here()}; "
        f"write it with + - * / ** and those that are: {known}"
    )


def refuse_function(function: Any, known: list[str]) -> NoReturn:
    """Raise the sentence for a NumPy function that has no handler."""
    jumps = ("argmax", "argmin", "argsort", "sort", "round", "around", "searchsorted", "unique", "floor_divide")
    if function.__name__ in jumps:
        advice = "it jumps, so compute it outside, with plain numbers"
    elif function.__name__ == "prod":
        advice = "multiply in a loop, or write np.exp(np.sum(np.log(x))) for positive numbers"
    else:
        import difflib  # rarely needed

        close = difflib.get_close_matches(function.__name__, known, 3)
        advice = f"there is {', '.join(close)}" if close else "write it with + - * / ** @ and functions such as np.sum"
    raise TraceError(f"np.{function.__name__} is not in the lab's table{source.here()}; {advice}")


def refuse_operand(operation: str, other: Any) -> NoReturn:
    """Raise the sentence for an operation of a traced value and something that is not a real number."""
    if isinstance(other, np.ndarray):
        kind, advice = f"an array of {other.dtype}", "make it one of numbers, with np.array(…, dtype=float)"
    elif isinstance(other, list | tuple):
        kind = f"the {type(other).__name__} {other!r:.40}"
        advice = "make it an array with np.array(…), or use a number on either side"
    elif other is None:
        kind, advice = "None", "check that the function which made it ends with return"
    elif isinstance(other, str):
        kind, advice = f"the text {other!r:.40}", "use the number without quotes, or float(...) of the text"
    else:
        kind, advice = f"the {type(other).__name__} {other!r:.40}", "use a number on either side"
    sign = SIGNS.get(operation, operation)
    raise TraceError(f"{sign} cannot combine a traced value with {kind}{source.here()}; {advice}")
