"""NumPy's functions and array methods on traced values: the handlers of all modules, and the methods that lead to them.

NumPy hands its functions over when an argument is a traced value (NEP 18). Each handler takes what NumPy's function
takes, as far as it has a derivative, and says the rest in entries of the table.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ...errors import AttributeTraceError, TraceError
from ...source import frames
from ...table.rules import T
from ...table.values import is_bool, is_complex, plain, shape_of, size_of
from ..sentences.idioms import METHODS as IDIOMS
from ..sentences.refusals import OF_LISTS, no_name
from ..sentences.wording import Scene
from ..traced import Traced, TracedArray
from . import elementwise, products, ufuncs
from .handlers import HANDLERS, RAW, call, reason
from .ufuncs import ASKED

_LOADED = (elementwise, products, ufuncs)  # they fill the table of handlers

_FLOAT, _COMPLEX = np.dtype(float), np.dtype(complex)
_SAME = (
    "sum prod mean max min var std cumsum cumprod ravel swapaxes squeeze clip diagonal trace dot all any take repeat "
    "argsort argmax argmin searchsorted nonzero conj conjugate"
)


def _item(x: Any, *key: Any) -> Any:
    try:
        place = np.arange(size_of(x)).reshape(shape_of(x)).item(*key)
    except RAW as error:
        raise TraceError(f"item() cannot do this: {reason(error)}; say which number, as in x.item(0)") from None
    return x[tuple(int(k) for k in np.unravel_index(place, shape_of(x)))] if shape_of(x) else x


def _astype(
    x: Any, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
) -> Any:
    """Another type: truth values may become numbers and real numbers complex; the rest would lose what is there."""
    wanted = np.dtype(dtype)
    if casting == "unsafe":
        if wanted == _COMPLEX:
            return x if is_complex(x) else x + 0j
        if wanted.kind == "b":
            return x if is_bool(x) else x != 0
        if is_bool(x) and (wanted == _FLOAT or wanted.kind in "iu"):
            return np.where(x, 1.0, 0.0)
        if wanted == _FLOAT and not is_complex(x):
            return x
    advice = "leave it out, because the lab computes with floats of 64 bits"
    if wanted.kind in "iu":
        advice = "leave it out, because whole numbers jump and have no derivative"
    elif is_complex(x):
        advice = "write np.real(z) for the real part"
    raise TraceError(f".astype({wanted}) of traced numbers has no derivative; {advice}")


def _tolist(x: Any) -> Any:
    return [_tolist(y) for y in x] if shape_of(x) else x


def _of_method(options: dict[str, Any]) -> dict[str, Any]:
    """The options of `np.var`, of which the method has not all."""
    if "correction" in options:
        raise TraceError("the method has no option correction; write ddof=, or np.var(x, correction=…)")
    return options


METHODS: dict[str, Callable[..., Any]] = {name: getattr(np, name) for name in _SAME.split()} | {
    "flatten": np.ravel,
    "copy": lambda x, order="C": x,
    "reshape": lambda x, *shape, **more: np.reshape(x, shape[0] if len(shape) == 1 else shape, **more),
    "transpose": lambda x, *axes: np.transpose(
        x, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
    ),
    "item": _item,
    "astype": _astype,
    "tolist": _tolist,
    "var": lambda x, axis=None, *rest, **more: np.var(x, axis, *rest, **_of_method(more)),
    "std": lambda x, axis=None, *rest, **more: np.std(x, axis, *rest, **_of_method(more)),
    "clip": lambda x, min=None, max=None, **more: np.clip(x, min, max, **more),  # NumPy's function of 2.0 needs both
    "compress": lambda x, condition, axis=None: np.compress(condition, x, axis),
}
PROPERTIES: dict[str, Callable[..., Any]] = {"T": np.transpose, "mT": T, "real": np.real, "imag": np.imag}
PROPERTIES |= {"shape": shape_of, "ndim": lambda x: len(shape_of(x)), "size": size_of}
_WRITING = ("sort", "fill", "put", "itemset", "resize", "partition")


def method_of(x: Traced, name: str) -> Any:
    """What `x.name` is for a traced value: a method, or the type; an error where it has none with a derivative."""
    if name in METHODS and (isinstance(x, TracedArray) or hasattr(np.float64, name)):
        method = METHODS[name]

        def bound(*args: Any, **kwargs: Any) -> Any:
            return method(x, *args, **kwargs)

        bound.__name__ = name  # which a sentence names, where brackets were forgotten
        return bound

    asking = sys._getframe(1)  # properties and partials have no frames of their own
    if name == "dtype":
        if isinstance(x, TracedArray):
            return plain(x).dtype
        if frames.student_frame(asking) is asking:
            return np.dtype(complex if is_complex(x) else float)
        raise AttributeError("a traced value has no attribute dtype")  # NumPy itself would make a plain number with it
    if name in ASKED and not isinstance(x, TracedArray) and not _asked_by_name(asking, name):
        return partial(getattr(np, name), x)  # np.exp of an array of Python objects asks each of them for .exp
    instead, known = "", getattr(np, name, None)
    if name in _WRITING:
        instead = "it writes into the array, so build a new one"
    elif isinstance(known, np.ufunc) or known in HANDLERS:
        instead = f"write np.{name}(…)"
    if not instead or name in IDIOMS or name in OF_LISTS:
        raise no_name(x, name, Scene())
    what = "a traced array" if isinstance(x, TracedArray) else "a traced number"
    raise AttributeTraceError(f"{what} has no .{name} with a derivative; {instead}")


def _asked_by_name(frame: Any, name: str) -> bool:
    """Whether this frame's code says `.name` just now, and not NumPy in a loop over an array of Python objects."""
    code = frame.f_code
    return name in code.co_names and dis.opname[code.co_code[frame.f_lasti]] in ("LOAD_ATTR", "LOAD_METHOD")


def _install_names() -> None:
    """Give traced values a property for each name that is more than a mistake of spelling: all that plain numbers and
    arrays have, because a function that catches the error must not go another way unnoticed. A `__getattr__` would make
    every attribute slow."""
    of_values = {name for kind in (int, float, complex, np.float64, np.ndarray) for name in dir(kind)}
    of_numpy = {f.__name__ for f in HANDLERS} | {n for n, f in vars(np).items() if isinstance(f, np.ufunc)}
    for name in of_values | of_numpy | {*METHODS, *PROPERTIES, *IDIOMS, *OF_LISTS, *_WRITING}:
        if not name.startswith("_"):
            setattr(Traced, name, property(PROPERTIES.get(name) or partial(method_of, name=name)))


setattr(Traced, "__array_function__", lambda self, function, types, args, kwargs: call(function, args, kwargs))  # noqa: B010
_install_names()
