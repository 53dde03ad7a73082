"""NumPy's Fourier transforms on traced values: they are linear, so each is a product with a constant matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import TraceError
from ...source import frames
from ...table.values import is_complex, shape_of, size_of
from .handlers import axes_of, axis_of, each, op

__all__: list[str] = []

frames.engine_module(globals())


def _along(function: Any, x: Any, n: Any, axis: int, norm: Any) -> Any:
    """A transform along one axis; one with real results takes real and imaginary parts apart."""
    axis = axis_of(axis, x)
    size = shape_of(x)[axis]
    if is_complex(x) and function is np.fft.rfft:
        raise TraceError("np.fft.rfft is for real numbers; write np.fft.fft(z)")
    unit = np.eye(size)
    if function is np.fft.irfft:
        y = _product(np.real(x), function(unit, n, 1, norm), axis)
        return y + _product(np.imag(x), function(1j * unit, n, 1, norm), axis) if is_complex(x) else y
    return _product(x, function(unit, n, 1, norm), axis)


def _product(x: Any, matrix: np.ndarray, axis: int) -> Any:
    """The array times a matrix along one of its axes."""
    y = np.tensordot(x, matrix, ((axis,), (0,)))
    return np.moveaxis(y, -1, axis)


@each(np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft)
def _of_one_axis(function: Any, a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    return _along(function, a, n, axis, norm)


def _along_axes(function: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    """A transform along several axes: along the last one, then the others, or for real results the other way.

    Parameters
    ----------
    s : how many numbers each axis is cut or filled up to, or None
    """
    if axes is None:
        axes = range(len(shape_of(a))) if s is None else range(-len(s), 0)
    found = axes_of(tuple(axes), a)
    if s is not None and len(s) != len(found):
        raise ValueError("s and axes must have the same length")
    pairs = [(axis, None if n == -1 else n) for axis, n in zip(found, s or [None] * len(found), strict=True)]
    last = getattr(np.fft, function.__name__[:-1])
    others = getattr(np.fft, last.__name__.replace("rfft", "fft"))
    for axis, n in pairs if last is np.fft.irfft else pairs[::-1]:
        a = _along(last if axis == found[-1] else others, a, n, axis, norm)
    return a


@each(np.fft.fft2, np.fft.ifft2, np.fft.rfft2, np.fft.irfft2)
def _of_two_axes(function: Any, a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
    return _along_axes(function, a, s, axes, norm)


@each(np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn)
def _of_all_axes(function: Any, a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    return _along_axes(function, a, s, axes, norm)


@each(np.fft.fftshift, np.fft.ifftshift)
def _shifted(function: Any, x: Any, axes: Any = None) -> Any:
    places = function(np.arange(size_of(x)).reshape(shape_of(x)), axes)
    return op("index")(x, np.unravel_index(places, shape_of(x)))
