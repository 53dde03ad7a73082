"""How a NumPy function finds its handler: an option of NumPy's is honoured by the handler or refused, never swallowed.

A handler is named like NumPy's function and takes of its parameters those that it honours, in NumPy's order. `call`
drops what a caller spells out and NumPy has as default anyway, and refuses the rest with a sentence.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ...errors import LabError, TraceError
from ...table.values import is_bool, is_complex, shape_of
from ..lists import lifted
from ..sentences.refusals import numpy_name, refuse_function, refuse_options

RAW = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)  # errors that become a sentence
HANDLERS: dict[Any, Callable[..., Any]] = {}
_OF_LISTS: set[Any] = set()  # functions whose first argument is a list of arrays, not a list to make an array of
_LIKE: dict[Any, tuple[Any, Sequence[str]]] = {}  # by handler, the function whose parameters it has, but for these
Handler = Callable[..., Any]


def handles(*functions: Any, of_lists: bool = False) -> Callable[[Handler], Handler]:
    """Say which functions of NumPy a handler stands for."""

    def keep(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(functions, handler))
        if of_lists:
            _OF_LISTS.update(functions)
        return handler

    return keep


def each(*functions: Any, but: Sequence[str] | None = None, of_lists: bool = False) -> Callable[[Handler], Handler]:
    """The same for a handler that is told first which of the functions it stands for.

    With `but`, it takes what NumPy's function takes, except those parameters.
    """

    def keep(handler: Handler) -> Handler:
        for function in functions:
            mine = partial(handler, function)
            handles(function, of_lists=of_lists)(mine)
            if but is not None:
                _LIKE[mine] = function, but
        return handler

    return keep


def signature_of(function: Any) -> inspect.Signature | None:
    """A function's parameters; None where Python cannot tell, as for NumPy's functions in C before NumPy 2.4."""
    try:
        return inspect.signature(function)
    except ValueError:
        return None


@cache
def _takes(handler: Handler) -> tuple[frozenset[str], int]:
    """The options that a handler honours, and how many arguments it takes by position."""
    function, but = _LIKE.get(handler, (handler, ()))
    signature = signature_of(function) or inspect.signature(handler)
    parameters = [p for p in signature.parameters.values() if p.name not in but]
    many = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    by_position = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    names = frozenset(p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
    return names, 10**9 if many else by_position


def call(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a NumPy function gives for traced arguments; a TraceError where it, or one of its options, is not known."""
    handler = HANDLERS.get(function)
    if handler is None:
        refuse_function(function)
    names, most = _takes(handler)
    try:
        if len(args) > most or not names.issuperset(kwargs):
            args, kwargs = _honoured(function, names, most, args, kwargs)
        return handler(*(args if function in _OF_LISTS else map(lifted, args)), **kwargs)
    except LabError:
        raise
    except RAW as error:
        shapes = " and ".join(f"the shape {shape_of(x)}" for x in args[:2] if shape_of(x))
        what = f"{numpy_name(function)} cannot do this{f' with {shapes}' * bool(shapes)}"
        raise TraceError(f"{what}: {reason(error)}; check axes, shapes and options") from None


def reason(error: Exception) -> str:
    """What NumPy says is wrong, as part of a sentence."""
    return " ".join(str(error).replace(";", ",").rstrip(".").split()).replace(". ", ", ")


def _honoured(
    function: Any, names: frozenset[str], most: int, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments without those that say what NumPy does anyway; what the handler does not know is refused."""
    signature = signature_of(function)
    parameters = signature.parameters if signature is not None else {}
    if signature is not None:
        signature.bind(*args, **kwargs)  # NumPy's own words for a wrong call
    extra = dict(zip(list(parameters)[most:], args[most:], strict=False))
    given = without_defaults(extra | kwargs, args, {k: p.default for k, p in parameters.items()})
    unknown = {key: x for key, x in given.items() if key not in names}
    if unknown or len(args) - most > len(extra):
        refuse_options(numpy_name(function), unknown)
    return args[:most], given


def without_defaults(options: dict[str, Any], args: tuple[Any, ...], defaults: dict[str, Any]) -> dict[str, Any]:
    """Options without those that change nothing: NumPy's defaults, and a dtype that the result has anyway."""
    return {
        key: x
        for key, x in options.items()
        if not (
            x is defaults.get(key, np._NoValue)
            or (x is None and key in ("dtype", "out", "order"))
            or (isinstance(x, bool | str) and type(defaults.get(key)) is type(x) and x == defaults[key])
            or (key == "where" and x is True)
            or (key == "dtype" and _has_dtype(x, args))
            or (key == "subok")
        )
    }


def _has_dtype(dtype: Any, args: tuple[Any, ...]) -> bool:
    """Whether a result of these arguments is of this type anyway: real numbers give floats of 64 bits."""
    flat = [y for x in args for y in (x if isinstance(x, list | tuple) else [x])]
    return not any(is_bool(y) or is_complex(y) for y in flat) and bool(np.dtype(dtype) == np.dtype(float))


def axis_of(axis: Any, x: Any) -> Any:
    """An axis, or a tuple of them, counted from the front; None stays None, and one that is not there is refused."""
    found = axes_of(axis, x)
    return None if axis is None else found if isinstance(axis, tuple | list) else found[0]


def axes_of(axis: Any, x: Any) -> tuple[int, ...]:
    """The same as a tuple, of all axes for None."""
    n = len(shape_of(x))
    if isinstance(axis, bool):  # NumPy refuses it in reductions, and takes it for 0 or 1 elsewhere
        raise TraceError(f"axis={axis} is no whole number; write axis={int(axis)}")
    try:
        return normalize_axis_tuple(range(n) if axis is None else axis, n)
    except ValueError:
        counted = f"axes count from 0 to {n - 1}" if n else "a number has no axes"
        raise TraceError(f"axis={axis} does not fit an array of shape {shape_of(x)}; {counted}") from None
