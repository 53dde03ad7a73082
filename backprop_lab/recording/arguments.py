"""What goes into a student's function and what comes out: numbers and arrays, or a sentence that says what is wrong."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from numbers import Real
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ..errors import Answering, ArgumentError, warn
from ..source import quote
from ..source.functions import inner, line_of, name_of
from ..table.values import is_traced, settled
from .operands import REAL
from .tape import still_open

_signatures: WeakKeyDictionary[FunctionType, tuple[tuple[Any, ...], inspect.Signature]] = WeakKeyDictionary()


def bind(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> inspect.BoundArguments:
    """Match arguments to parameters; a mismatch, or no function, becomes an ArgumentError with the call to write."""
    check_function(f)
    try:
        signature = _signature_of(f)
    except (TypeError, ValueError):
        name = name_of(f)
        raise ArgumentError(f"{name} is built in and does not tell its arguments; write a def that calls it") from None
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:
        required = (p for p in signature.parameters.values() if p.default is p.empty and p.kind is not p.VAR_KEYWORD)
        wanted = " and ".join(f"each of {p.name}" if p.kind is p.VAR_POSITIONAL else p.name for p in required)
        advice = f"call it with a number for {wanted}" if wanted else "call it without arguments"
        raise ArgumentError(f"{name_of(inner(f))} takes {signature}: {error}; {advice}") from None


def _signature_of(f: Callable[..., Any]) -> inspect.Signature:
    """What `inspect.signature` says, kept for plain functions: to ask costs as much as to record ten operations."""
    if type(f) is not FunctionType or f.__dict__ or f.__kwdefaults__:  # which may change without being replaced
        return inspect.signature(f)
    made_of = f.__code__, f.__defaults__
    known = _signatures.get(f)
    if known is None or any(one is not other for one, other in zip(known[0], made_of, strict=True)):
        known = _signatures[f] = made_of, inspect.signature(f)
    return known[1]


def check_function(f: Any) -> None:
    """Raise an `ArgumentError` if this is not a function."""
    if isinstance(f, Answering) and f.no_function:
        raise ArgumentError(f.no_function) from None
    if not callable(f) or isinstance(f, Answering):
        raise ArgumentError(
            f"the first argument must be a function, not {_described(f)}; write the function's name without calling "
            "it, as in f and not f(3)"
        ) from None


def name_at(parameters: list[inspect.Parameter], k: int) -> str:
    """What positional argument number `k` is called: of `*xs`, `xs[0]`, `xs[1]` and so on."""
    named = [p for p in parameters if p.kind is not p.KEYWORD_ONLY]
    for n, p in enumerate(named[: k + 1]):
        if p.kind is p.VAR_POSITIONAL:
            return f"{p.name}[{k - n}]"
    return named[k].name if k < len(named) else f"number {k + 1}"


def parameters_of(f: Callable[..., Any]) -> list[inspect.Parameter]:
    """A function's parameters; none where it does not tell."""
    try:
        return list(_signature_of(f).parameters.values())
    except (TypeError, ValueError):
        return []


def as_number(value: Any, name: str | int, f: Callable[..., Any]) -> Any:
    """An argument as the number that goes on the tape: a Python float, or a recording value of an outer trace.

    `name` is the parameter's name or position, or other words for what the number is, for the `ArgumentError`.
    """
    value = _as_float(value, name, f)
    if value.__class__ is float or is_traced(value):
        return value
    raise ArgumentError(
        f"{_subject(name, f)} must be a real number, not {_described(value)}; give a number such as 2.0"
    )


def _as_float(value: Any, name: str | int, f: Callable[..., Any]) -> Any:
    """A real number as a float; a recording value, and anything else, as it is."""
    if value.__class__ is float:
        return value
    if is_traced(value):
        return still_open(value)
    if isinstance(value, np.ndarray | np.generic) and value.ndim == 0:
        value = value.item()
    try:
        return float(value) if isinstance(value, REAL) else value
    except OverflowError:
        raise ArgumentError(
            f"{_subject(name, f)} must be a real number, not a whole number beyond 1.8e308, where floats end; "
            "give a number such as 2.0"
        ) from None


def _subject(name: str | int, f: Callable[..., Any]) -> str:
    if isinstance(name, int):
        name = f"the argument {name_at(parameters_of(f), name)}"
    return f"{name if ' ' in name else f'the argument {name}'} of {name_of(inner(f))}"


def as_value(value: Any, name: str | int, f: Callable[..., Any], whole: str = "said") -> Any:
    """An argument as the value that goes on the tape: a Python float or complex, an array of its own, or a recording
    value of an outer trace; anything else is an ArgumentError.

    `name` as for `as_number`; `whole` says whether whole numbers in an array are worth a LabWarning.
    """
    value = _as_float(value, name, f)
    if isinstance(value, float | complex) or is_traced(value):
        return value
    if not isinstance(value, np.ndarray):
        advice = "give a number such as 2.0, or an array such as np.array([1.0, 2.0])"
        raise ArgumentError(f"{_subject(name, f)} must be a number or an array, not {_described(value)}; {advice}")
    kind = value.dtype.kind
    if kind not in "biufc":
        holds = {"O": "Python objects", "U": "texts", "S": "texts"}.get(kind, f"values of type {value.dtype}")
        raise ArgumentError(
            f"{_subject(name, f)} is an array of {holds}, which have no derivative; give one of numbers, as "
            "np.array(…, dtype=float) makes it"
        )
    if kind in "biu" and whole == "said":
        warn(
            f"{_subject(name, f)} is an array of whole numbers, and derivatives need floats, so it was made one of "
            "floats; write np.array([1.0, 2.0]) with a point to say so yourself"
        )
    return np.array(value, dtype=complex if kind == "c" else float)


def check_output(value: Any, f: Callable[..., Any]) -> Any:
    """A function's result as a value: a number or an array; an ArgumentError for what has no derivative."""
    if is_traced(value):
        return still_open(value)
    of = f"{name_of(f)}{line_of(f)}"
    if isinstance(value, bool | np.bool_):
        raise ArgumentError(f"{of} returns {bool(value)}, and yes or no has no derivative; return the number itself")
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "iufc":
        return settled(np.array(value))
    if isinstance(value, complex):
        return value
    if value is None:
        raise ArgumentError(f"{of} returns nothing; end it with return and the number to differentiate")
    raise ArgumentError(f"{of} returns {_described(value)}; return a number, an array, or a tuple of them")


def counted(tree: Any) -> str:
    """How many values a list, a tuple or a dict has, for the sentence that one is needed."""
    return f"{len(tree)} values" if len(tree) != 1 else f"a {type(tree).__name__} with a number, not the number"


def _described(value: Any) -> str:
    """What something is, in a few words: `None`, `str 'abc'`, `the function f`."""
    if value is None:
        return "None"
    if isinstance(value, type) and hasattr(value, "_record_"):
        return "the type of a traced value"
    if is_traced(value):
        return "a traced value"
    if inspect.ismodule(value):
        return f"the module {value.__name__}"
    if inspect.isgenerator(value):
        return "a generator"
    if inspect.isroutine(value) or isinstance(value, type):
        return f"the {'type' if isinstance(value, type) else 'function'} {value.__name__}"
    try:
        text = " ".join(repr(value).split()).replace("traced ", "")  # a list of traced values is one of numbers
    except Exception:
        text = ""
    if not text or " at 0x" in text:
        return f"an object of type {type(value).__name__}"
    return f"{type(value).__name__} {quote.short(text, 40)}"


def finite(data: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
    """The arrays of the data, where they are numbers throughout.

    Raises
    ------
    ArgumentError : one has a nan or an inf; the sentence has the row
    """
    for place, x in enumerate(data):
        wrong = np.argwhere(~np.isfinite(x))
        if len(wrong):
            raise ArgumentError(
                f"data= has {x[tuple(wrong[0])]} in row {wrong[0][0]} of array {place}, and no "
                "step can be made of that; leave out such rows, as in x[np.isfinite(x)]"
            )
    return data
