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
from .recording import REAL, Traced
from .source import line_of, name_of
from .tape import refuse_leaked

__all__ = ["as_number", "bind", "check_function", "check_output", "line_of", "name_of", "parameter_name"]

source.engine_module(globals())


def bind(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> inspect.BoundArguments:
    """Match arguments to parameters; a mismatch becomes a sentence with the call to write.

    Raises
    ------
    ArgumentError : `f` is not a function, or an argument is missing, unknown or given twice
    """
    check_function(f)
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        name = name_of(f)
        raise ArgumentError(f"{name} is built in and does not tell its arguments; write a def that calls it") from None
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:
        wanted = " and ".join(_required(signature))
        advice = f"call it with a number for {wanted}" if wanted else "call it without arguments"
        raise ArgumentError(f"{name_of(f)}{line_of(f)} takes {signature}: {error}; {advice}") from None


def check_function(f: Any) -> None:
    """Raise an `ArgumentError` if this is not a function."""
    if isinstance(f, Graph):
        raise ArgumentError("this is a graph already; use it as it is, or graph.replay(...) for other inputs") from None
    if not callable(f):
        raise ArgumentError(
            f"the first argument must be a function, not {_described(f)}; write the function's name without calling "
            "it, as in f and not f(3)"
        ) from None


def _required(signature: inspect.Signature) -> list[str]:
    required = [p for p in signature.parameters.values() if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    return [f"each of {p.name}" if p.kind is p.VAR_POSITIONAL else p.name for p in required]


def parameter_name(f: Callable[..., Any], k: int | str) -> str:
    """What the function calls its positional argument number `k`; a name stays as it is."""
    if isinstance(k, str):
        return k
    try:
        names = [p.name for p in inspect.signature(f).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    except (TypeError, ValueError):
        names = []
    return names[k] if k < len(names) else f"number {k + 1}"


def as_number(value: Any, name: str | int, f: Callable[..., Any]) -> Any:
    """An argument as the number that goes on the tape: a Python float, or a recording value of an outer trace.

    `name` is the parameter's name or position, or other words for what the number is, for the sentence.

    Raises
    ------
    ArgumentError : the argument is not a real number
    """
    if value.__class__ is float:
        return value
    if value.__class__ is Traced:
        return refuse_leaked() if value.tape.closed else value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    too_large = ""
    if isinstance(value, REAL):
        try:
            return float(value)
        except OverflowError:
            too_large = "a whole number beyond 1.8e308, where floats end"
    subject = name if isinstance(name, str) and " " in name else f"the argument {parameter_name(f, name)}"
    raise ArgumentError(
        f"{subject} of {name_of(f)}{line_of(f)} must be a real number, not {too_large or _described(value)}; "
        "give a number such as 2.0"
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
    raise ArgumentError(f"{of} returns {_described(value)}; return a number, or a tuple of numbers")


def _described(value: Any) -> str:
    """What something is, in a few words: `None`, `str 'abc'`, `the function f`."""
    if value is None:
        return "None"
    if inspect.isroutine(value) or isinstance(value, type):
        return f"the {'type' if isinstance(value, type) else 'function'} {value.__name__}"
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = ""
    if not text or " at 0x" in text:
        return f"an object of type {type(value).__name__}"
    return f"{type(value).__name__} {text if len(text) <= 40 else text[:37] + '...'}"
