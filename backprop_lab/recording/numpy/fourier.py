"""NumPy's Fourier transforms on traced values: they are linear, so each is a product with a constant matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import TraceError
from ...source import frames, quote
from ...table.values import is_complex, shape_of
from .handlers import axes_of, axis_of, handles, op

__all__: list[str] = []

frames.engine_module(globals())
_function: Any


def _along(function: Any, x: Any, n: Any, axis: int, norm: Any) -> Any:
    """A transform along one axis; one with real results takes real and imaginary parts apart."""
    axis = axis_of(axis, x)
    size = shape_of(x)[axis]
    if is_complex(x) and function is np.fft.rfft:
        raise TraceError(f"np.fft.rfft is for real numbers{quote.here()}; write np.fft.fft(z)")
    unit = np.eye(size)
    if function is np.fft.irfft:
        y = _product(np.real(x), function(unit, n, 1, norm), axis)
        return y + _product(np.imag(x), function(1j * unit, n, 1, norm), axis) if is_complex(x) else y
    return _product(x, function(unit, n, 1, norm), axis)


def _product(x: Any, matrix: np.ndarray, axis: int) -> Any:
    """The array times a matrix along one of its axes."""
    y = np.tensordot(x, matrix, ((axis,), (0,)))
    return np.moveaxis(y, -1, axis)


def _of_one_axis(function: Any) -> Callable[..., Any]:
    def handler(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
        return _along(function, a, n, axis, norm)

    return handler


for _function in (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft):
    handles(_function)(_of_one_axis(_function))


def _sizes(a: Any, s: Any, axes: Any, back: bool) -> tuple[list[int], list[Any]]:
    """The axes to transform, and how many numbers each is cut or filled up to."""
    if axes is None:
        axes = range(len(shape_of(a))) if s is None else range(-len(s), 0)
    found = list(axes_of(tuple(axes), a))
    if s is not None and len(s) != len(found):
        raise ValueError("s and axes must have the same length")
    return found, [None] * len(found) if s is None else [None if k is None or k == -1 else k for k in s]


def _of_axes(first: Any, rest: Any, real_last: str, two: bool) -> Callable[..., Any]:
    """A transform along several axes: along the last one, then the others, or for real results the other way."""

    def run(a: Any, s: Any, axes: Any, norm: Any) -> Any:
        found, sizes = _sizes(a, s, axes, real_last == "back")
        pairs = list(zip(found, sizes, strict=True))[::-1]
        if real_last == "back":
            pairs = [*reversed(pairs)]
        for k, (axis, n) in enumerate(pairs):
            special = k == (len(pairs) - 1 if real_last == "back" else 0)
            a = _along(first if special else rest, a, n, axis, norm)
        return a

    def of_two(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
        return run(a, s, axes, norm)

    def of_all(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
        return run(a, s, axes, norm)

    return of_two if two else of_all


for _two, _name in ((True, "2"), (False, "n")):
    handles(getattr(np.fft, f"fft{_name}"))(_of_axes(np.fft.fft, np.fft.fft, "", _two))
    handles(getattr(np.fft, f"ifft{_name}"))(_of_axes(np.fft.ifft, np.fft.ifft, "", _two))
    handles(getattr(np.fft, f"rfft{_name}"))(_of_axes(np.fft.rfft, np.fft.fft, "forth", _two))
    handles(getattr(np.fft, f"irfft{_name}"))(_of_axes(np.fft.irfft, np.fft.ifft, "back", _two))


def _shifted(function: Any) -> Callable[..., Any]:
    def handler(x: Any, axes: Any = None) -> Any:
        shape = shape_of(x)
        places = function(np.arange(int(np.prod(shape))).reshape(shape), axes)
        return op("index")(x, np.unravel_index(places, shape))

    return handler


for _function in (np.fft.fftshift, np.fft.ifftshift):
    handles(_function)(_shifted(_function))
