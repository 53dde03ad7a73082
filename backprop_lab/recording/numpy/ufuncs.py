"""NumPy's elementwise functions (ufuncs) on traced values, with their methods: reduce, accumulate, outer."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ...errors import LabError, TraceError
from ...table.rules import op
from ...table.values import is_array, is_bool, is_complex, plain, shape_of
from ..comparisons import compare, settled_truth, truths
from ..lists import holds_traced, lifted
from ..sentences.refusals import refuse_options, refuse_ufunc
from ..sentences.wording import UFUNCS
from ..tape import SIGNS
from ..traced import POW, Traced, record_call, record_one
from .handlers import RAW, axis_of, reason, without_defaults
from .products import matmul

_LOG2 = np.log(2.0)
_DEFAULTS = {"where": True, "casting": "same_kind", "order": "K", "subok": True}


def _ignoring_nan(function: Any, a: Any, b: Any) -> Any:
    if np.isnan(plain(a)).any() or np.isnan(plain(b)).any():
        raise TraceError(
            f"np.f{function.__name__[:3]} with nan among the numbers is not in the lab's table; replace them first, "
            "with np.where(np.isnan(x), 0, x)"
        )
    return function(a, b)


def _real(x: Any) -> Any:
    if is_complex(x):
        raise ValueError("it is for real numbers")
    return x


def _heaviside(a: Any, b: Any) -> Any:
    y, b = op("unit_step")(_real(a)), _real(b)
    return np.where(a == 0, b, y) if is_array(a) or is_array(b) else b if a == 0 else y


def _matrices(x: Any) -> Any:
    if len(shape_of(x)) < 2:
        raise ValueError("it needs a matrix")
    return x


def _vecdot(a: Any, b: Any) -> Any:
    if not shape_of(a) or not shape_of(b) or shape_of(a)[-1] != shape_of(b)[-1]:
        raise ValueError("it is for vectors of the same length")
    return np.sum(np.conj(a) * b, axis=-1)


def _positive(x: Any) -> Any:
    if is_bool(x):
        raise TraceError("truth values have no sign; leave it out")
    return x


def _asked(name: str, x: Any) -> Any:
    """np.isnan and its kin: of an array a node of truth values, of a number a plain one, as comparisons are."""
    if is_array(x):
        return op(name)(x)
    if is_complex(x):
        parts = (_asked(name, np.real(x)), _asked(name, np.imag(x)))
        return all(parts) if name == "isfinite" else any(parts)
    if name == "isnan":
        return compare("!=", x, x)
    if name == "isinf":
        return compare("==", x, np.inf) or compare("==", x, -np.inf)
    return compare("<", x, np.inf) and compare(">", x, -np.inf)


# Functions that are made of entries of the table.
COMPOSED: dict[Any, Callable[..., Any]] = {np.positive: _positive, np.matmul: matmul, np.float_power: operator.pow}
COMPOSED |= {np.conjugate: lambda x: op("conj")(x) if is_complex(x) else _positive(x)}
COMPOSED |= {np.fabs: lambda x: np.abs(_real(x)), np.heaviside: _heaviside}
COMPOSED |= {np.logaddexp: lambda a, b: op("logsumexp")(op("stack")(tuple(np.broadcast_arrays(a, b)), 0), 0)}
COMPOSED |= {np.logaddexp2: lambda a, b: np.logaddexp(a * _LOG2, b * _LOG2) / _LOG2}
COMPOSED |= {np.fmax: partial(_ignoring_nan, np.maximum), np.fmin: partial(_ignoring_nan, np.minimum)}
COMPOSED |= {np.invert: partial(truths, "~"), np.bitwise_and: partial(truths, "&"), np.bitwise_or: partial(truths, "|")}
COMPOSED |= dict.fromkeys((np.deg2rad, np.radians), lambda x: _real(x) * (np.pi / 180))
COMPOSED |= dict.fromkeys((np.rad2deg, np.degrees), lambda x: _real(x) * (180 / np.pi))
COMPOSED |= {ufunc: partial(_asked, ufunc.__name__) for ufunc in (np.isnan, np.isinf, np.isfinite)}
COMPOSED |= {ufunc: partial(compare, entry.symbol) for ufunc, entry in UFUNCS.items() if entry.symbol in SIGNS}
for _ufunc in (np.logical_and, np.logical_or, np.logical_not):
    COMPOSED[_ufunc] = lambda *operands, entry=UFUNCS[_ufunc]: settled_truth(record_call(entry, operands))
for _name, _product in {  # from NumPy 2.1 and 2.2 on
    "matvec": lambda a, b: np.squeeze(matmul(_matrices(a), np.expand_dims(b, -1)), -1),
    "vecmat": lambda a, b: np.squeeze(matmul(np.expand_dims(np.conj(a), -2), _matrices(b)), -2),
    "vecdot": _vecdot,
}.items():
    if hasattr(np, _name):
        COMPOSED[getattr(np, _name)] = _product


def _log_of_sum(x: Any, axis: Any = 0, keepdims: bool = False) -> Any:
    if is_bool(x):
        raise ValueError("it is for real numbers")
    return op("logsumexp")(_real(x), axis_of(axis, x), bool(keepdims))


# What their methods that go along an axis are.
REDUCING: dict[Any, Callable[..., Any]] = {np.add: np.sum, np.multiply: np.prod, np.logaddexp: _log_of_sum}
REDUCING |= {np.maximum: np.max, np.minimum: np.min, np.logical_and: np.all, np.logical_or: np.any}
_ALONG: dict[str, Any] = {"reduce": REDUCING, "accumulate": {np.add: np.cumsum, np.multiply: np.cumprod}}
_OF_ONE = {u: entry for u, entry in UFUNCS.items() if entry.arity == 1 and u not in COMPOSED}


def _array_ufunc(self: Traced, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
    """What one of NumPy's ufuncs, or a method of it, gives for traced operands."""
    if not options and method == "__call__" and ufunc in _OF_ONE:
        x = self._value_  # the frequent case first: np.sin of a number or of an array of numbers
        if x.__class__ is float or (x.__class__ is np.ndarray and x.dtype.kind == "f"):
            return record_one(self, _OF_ONE[ufunc])
    name = ufunc.__name__
    what = ("np." if getattr(np, name, None) is ufunc else "") + name + (f".{method}" if method != "__call__" else "")
    try:
        return _answer(what, ufunc, method, operands, options)
    except LabError:
        raise
    except RAW as error:
        raise TraceError(
            f"{what} cannot do this: {reason(error)}; check the shapes and what the operands are"
        ) from None


def _answer(what: str, ufunc: Any, method: str, operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
    operands = tuple(
        np.asarray(x) if isinstance(x, list | tuple) and not holds_traced(x) else lifted(x) for x in operands
    )
    if options:
        if all(x is None for x in options.get("out", ())):
            options.pop("out", None)
        odd = any(map(is_bool, operands)) or any(kind.endswith("->?") for kind in ufunc.types[:1])
        kept = {"dtype": options["dtype"]} if odd and options.get("dtype") is not None else {}
        options = without_defaults(options, operands, _DEFAULTS) | kept  # NumPy's floats of truth values have 16 bits
    if ufunc in _ALONG.get(method, ()):
        axis = operands[1] if len(operands) > 1 else options.pop("axis", 0)
        return _of_axes(_ALONG[method][ufunc], what, operands[0], axis, options)
    if method not in ("__call__", "outer"):
        refuse_ufunc(what)
    if options:
        refuse_options(what, options)
    if method == "__call__":
        return _called(what, ufunc, operands)
    a, b = operands
    return ufunc(np.reshape(a, shape_of(a) + (1,) * len(shape_of(b))), b) if shape_of(b) else ufunc(a, b)


def _of_axes(function: Any, what: str, x: Any, axis: Any, options: dict[str, Any]) -> Any:
    if axis is None and what.endswith("accumulate"):
        raise ValueError("it runs along one axis")
    if not shape_of(x):
        raise TraceError(f"{what} needs an array, and a number has no axes; leave it out")
    try:
        return function(x, axis=axis, **options)
    except TypeError as error:
        if isinstance(error, LabError) or "unexpected keyword" not in str(error):
            raise
        refuse_options(what, options)


def _called(what: str, ufunc: Any, operands: tuple[Any, ...]) -> Any:
    if any(map(is_bool, operands)) and not ufunc.signature:
        few = [np.zeros(1, np.asarray(plain(x)).dtype) if shape_of(x) else plain(x) for x in operands]
        if ufunc(*few).dtype == np.float16:
            raise TraceError(
                f"np.{ufunc.__name__} of truth values is computed by NumPy with 16 bits only; write "
                "(x > 0).astype(float), say, for the truth values"
            )
    if ufunc in COMPOSED:
        return COMPOSED[ufunc](*operands)
    entry = UFUNCS.get(ufunc)
    if entry is None:
        refuse_ufunc(what)
    if entry.arity == 1:
        return record_one(operands[0], entry)
    if entry is POW and isinstance(operands[0], Traced):
        return operands[0] ** operands[1]
    return record_call(entry, operands)


setattr(Traced, "__array_ufunc__", _array_ufunc)  # noqa: B010
ASKED = {ufunc.__name__ for ufunc in (*UFUNCS, *COMPOSED) if ufunc.nin == 1}
