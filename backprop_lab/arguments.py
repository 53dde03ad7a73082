"""What goes into a student's function and what comes out of it: numbers, or a sentence that says what is wrong."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from . import source
from .errors import ArgumentError
from .graph import Graph
from .recording import Traced, refuse_leaked

__all__ = ["as_number", "bind", "check_output", "name_of", "parameter_name"]

source.engine_module(globals())


def bind(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> inspect.BoundArguments:
    """Match arguments to parameters; a mismatch becomes a sentence with the call to write.

    Raises
    ------
    ArgumentError : `f` is not a function, or an argument is missing, unknown or given twice
    """
    if isinstance(f, Graph):
        raise ArgumentError("this is a graph already; use it as it is, or graph.replay(...) for other inputs")
    if not callable(f):
        raise ArgumentError(
            f"the first argument must be a function, not {type(f).__name__} {_short(f)}; write the function's name "
            "without calling it, as in f and not f(3)"
        ) from None
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        name = name_of(f)
        raise ArgumentError(f"{name} is built in and does not tell its arguments; write a def that calls it") from None
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:
        wanted = ", ".join(p.name if p.kind is p.VAR_POSITIONAL else f"{p.name}=…" for p in _required(signature))
        advice = f"call it with {wanted}, a number for each" if wanted else "call it without arguments"
        raise ArgumentError(f"{name_of(f)}{line_of(f)} takes {signature}: {error}; {advice}") from None


def _required(signature: inspect.Signature) -> list[inspect.Parameter]:
    return [p for p in signature.parameters.values() if p.default is p.empty and p.kind is not p.VAR_KEYWORD]


def name_of(f: Any) -> str:
    """The function's name for a sentence: `f`, or `the lambda in line 3`."""
    while hasattr(f, "func"):
        f = f.func
    name = getattr(f, "__name__", type(f).__name__)
    code = source.code_of(f)
    return f"the lambda in line {code.co_firstlineno}" if name == "<lambda>" and code else name


def line_of(f: Any) -> str:
    """The line where the function starts, where its name does not tell already."""
    code = source.code_of(f)
    return f" (line {code.co_firstlineno})" if code is not None and code.co_name != "<lambda>" else ""


def parameter_name(f: Callable[..., Any], k: int) -> str:
    """What the function calls its positional argument number `k`."""
    try:
        names = [p.name for p in inspect.signature(f).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    except (TypeError, ValueError):
        names = []
    return names[k] if k < len(names) else f"number {k + 1}"


def as_number(value: Any, name: str | int, f: Callable[..., Any]) -> Any:
    """An argument as the number that goes on the tape: a Python float, or a recording value of an outer trace.

    `name` is the parameter's name or position, for the sentence.

    Raises
    ------
    ArgumentError : the argument is not a real number
    """
    if value.__class__ is float or value.__class__ is int:
        try:
            return float(value)
        except OverflowError:
            value = "a whole number beyond 1.8e308"
    if value.__class__ is Traced:
        return refuse_leaked() if value.tape.closed else value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, Real | np.bool_):
        return float(value)
    name = parameter_name(f, name) if isinstance(name, int) else name
    what = "None" if value is None else f"{type(value).__name__} {_short(value)}"
    raise ArgumentError(
        f"the argument {name} of {name_of(f)}{line_of(f)} must be a real number, not {what}; give a number such as 2.0"
    )


def check_output(value: Any, f: Callable[..., Any]) -> Any:
    """A function's result as a number.

    Raises
    ------
    ArgumentError : it is nothing, a text, or anything else that has no derivative
    """
    if value.__class__ is Traced:
        return refuse_leaked() if value.tape.closed else value
    of = f"{name_of(f)}{line_of(f)}"
    if isinstance(value, bool | np.bool_):
        raise ArgumentError(f"{of} returns {bool(value)}, and yes or no has no derivative; return the number itself")
    if isinstance(value, Real):
        return float(value)
    if value is None:
        raise ArgumentError(f"{of} returns nothing; end it with return and the number to differentiate")
    raise ArgumentError(f"{of} returns {type(value).__name__} {_short(value)}; return a number, or a tuple of numbers")


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:
        return ""
    return text if len(text) <= 40 else text[:37] + "..."
