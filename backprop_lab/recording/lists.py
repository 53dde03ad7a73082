"""Lists of traced numbers as arrays: `np.array([x, y])`, `np.sum([x, y])`, `np.array(hs)` of a list of traced arrays.

NumPy makes an array of Python objects of them: it asks each for `__array__`, and arithmetic on such an array runs our
operators, number by number. Where one meets the lab, a traced array, or the end of the function, it is *lifted*: one
stack and a reshape make a traced array of it. While a student's function runs (`student`), `np.array` and its kin lift
at once, so what a person wrote as one array is one node. Outside they are NumPy's own again.
"""

from __future__ import annotations

import functools
import re
import sys
import threading
from types import TracebackType
from typing import Any

import numpy as np

from ..errors import LabError, TraceError
from ..source import frames, quote
from ..table.functions import lifters
from ..table.table import primitives
from ..table.values import is_traced, shape_of
from .traced import TracedArray

_ORIGINALS = {name: getattr(np, name) for name in ("array", "asarray", "asanyarray", "full")}


def holds_traced(x: Any) -> bool:
    """Whether a list, a tuple or an array of Python objects has a traced value in it, at whatever depth."""
    if isinstance(x, list | tuple):
        return any(is_traced(y) or holds_traced(y) for y in x)
    return x.__class__ is np.ndarray and x.dtype == object and any(map(is_traced, x.flat))


def lifted(x: Any) -> Any:
    """A list or an array of Python objects that holds traced values, as a traced array; anything else as it is."""
    if x.__class__ is np.ndarray:
        return _of_objects(x) if x.dtype == object and holds_traced(x) else x
    return _of_list(x) if x.__class__ in (list, tuple) and holds_traced(x) else x


def lifted_result(x: Any) -> Any:
    """What a student's function returns, where arrays of objects in it become traced ones."""
    if is_traced(x) or x.__class__ is float:
        return x
    if x.__class__ is dict:
        return {key: lifted_result(y) for key, y in x.items()}
    if x.__class__ in (list, tuple):
        return type(x)(map(lifted_result, x))
    if x.__class__ is not np.ndarray or x.dtype != object:
        return x
    if holds_traced(x) or x.ndim == 0:
        return lifted(x)
    numbers = np.array(x.tolist(), dtype=None).reshape(x.shape)  # such as NumPy's zeros beside traced ones
    return numbers if numbers.dtype.kind in "biufc" else x


def _of_list(x: Any) -> Any:
    """One stack of what a nested list holds: of its rows where arrays are among them, else of its numbers."""
    if _holds_arrays(x):
        rows = [_ORIGINALS["asarray"](y) if not is_traced(y) and not holds_traced(y) else lifted(y) for y in x]
        return primitives["stack"].function(tuple(rows), 0)
    return _of_objects(_ORIGINALS["array"](x, dtype=object))


def _holds_arrays(x: Any) -> bool:
    return any(isinstance(y, TracedArray) or (isinstance(y, list | tuple) and _holds_arrays(y)) for y in x)


def _of_objects(x: np.ndarray) -> Any:
    items = [y.item() if isinstance(y, np.generic) else y for y in x.flat]
    if not x.ndim:
        return items[0]
    if any(isinstance(y, list | tuple) for y in items):
        long = " and ".join(dict.fromkeys(str(len(y)) if isinstance(y, list | tuple) else "a number" for y in items))
        raise TraceError(
            f"an array needs rows of one length, and the lengths of these are {long}; make them equally long, or keep "
            "them as a list"
        )
    flat = primitives["stack"].function(tuple(items), 0)
    return flat if x.ndim == 1 else primitives["reshape"].function(flat, x.shape)


def _lifting(name: str) -> Any:
    """`np.array` and its kin as they are while a student's function runs."""
    original = _ORIGINALS[name]

    @functools.wraps(original)
    def make(*args: Any, **kwargs: Any) -> Any:
        if frames.is_numpy_code(sys._getframe(1)):
            return original(*args, **kwargs)  # NumPy's own functions look at what they get as arrays of objects
        first = args[0] if args else kwargs.get("object", kwargs.get("a"))
        if is_traced(first) or (first.__class__ in (list, tuple, np.ndarray) and holds_traced(first)):
            return _made(first, *args[1:], **{k: x for k, x in kwargs.items() if k not in ("object", "a")})
        return original(*args, **kwargs)

    return make


def _made(x: Any, dtype: Any = None, *, copy: Any = None, order: Any = None, ndmin: int = 0, **_: Any) -> Any:
    y = lifted(x)
    if ndmin > len(shape_of(y)):
        y = np.reshape(y, (1,) * (ndmin - len(shape_of(y))) + shape_of(y))
    return y if dtype is None or dtype is object or not is_traced(y) else y.astype(dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
    """np.full, of traced numbers as well."""
    fill = lifted(fill_value)
    if is_traced(fill):
        return np.broadcast_to(fill if dtype is None else fill.astype(dtype), shape)
    return _ORIGINALS["full"](shape, fill_value, dtype, *args, **kwargs)


_LIFTING = {name: _lifting(name) for name in ("array", "asarray", "asanyarray")} | {"full": full}
_lock = threading.Lock()
_put = np.__dict__.update


class _Student:
    """While a student's function runs: arrays of traced numbers are traced, and what NumPy says of our errors is ours.

    Where a traced value is written into an array of floats, NumPy puts an error of its own in place of ours and names
    ours as its cause.
    """

    running = 0  # students' functions that run now, in whatever thread

    def __enter__(self) -> None:
        with _lock:
            self.running += 1
            if self.running == 1:
                _put(_LIFTING)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        with _lock:
            self.running -= 1
            if not self.running:
                _put(_ORIGINALS)
        if kind is not None and isinstance(error, Exception) and not isinstance(error, LabError):
            cause = error.__cause__
            while cause is not None and not isinstance(cause, LabError):
                cause = cause.__cause__
            if cause is not None:
                raise cause from None
            _raise_for_objects(error)


_OF_OBJECTS = ["stacks of object arrays", "dtype('O')", "ObjectDType", "which has no callable", "No loop matching"]
_OF_OBJECTS += ["object arrays are not supported", "a traced value has no attribute"]


def _raise_for_objects(error: Exception) -> None:
    """Raise the sentence for a function of NumPy's that takes no array of Python objects."""
    said = str(error)
    unsupported = re.match(r"ufunc '(\w+)' not supported for the input types", said)
    missing = re.match(r"'(?:int|float|bool|complex)' object has no attribute '(\w+)'", said)
    named = getattr(np, (unsupported or missing or "  ")[1], None)
    of_floats = isinstance(named, np.ufunc) and any(kind.startswith("d") for kind in named.types)
    of_fourier = unsupported and hasattr(np.fft, unsupported[1].split("_")[0])
    if of_floats or of_fourier or any(word in said for word in _OF_OBJECTS):
        raise TraceError(
            f"NumPy cannot do this with a list of traced numbers{quote.raised(error)}; make an array of them before, "
            "with np.array([a, b]) or np.stack([a, b]), and give it that"
        ) from None


student = _Student()
lifters.append(lifted)
