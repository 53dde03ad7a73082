"""NumPy's functions that move numbers about: shapes, joining, splitting, padding, choosing by a mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...errors import TraceError
from ...table.rules import flip, kept, op
from ...table.values import is_array, is_bool, is_traced, plain, shape_of, size_of
from ..lists import full, lifted
from ..trees import mapped
from .handlers import HANDLERS, axes_of, axis_of, each, handles


def array_of(x: Any) -> Any:
    """An operand as an array or a number: a plain list becomes an array."""
    return np.asarray(x) if isinstance(x, list | tuple) else lifted(x)


def stretch(x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """A stretch of an array along an axis."""
    return x[(slice(None),) * axis + (slice(start, stop),)]


def like(x: Any) -> Any:
    """A plain array of the same shape, for NumPy to say what becomes of it."""
    return np.broadcast_to(0.0, shape_of(x))


def _places(x: Any) -> Any:
    """The elements' numbers in the same shape, for NumPy to say where they go."""
    return np.arange(size_of(x)).reshape(shape_of(x))


def _box(places: Any, shape: tuple[int, ...]) -> tuple[slice, ...]:
    """The index of a block of an array of this shape, of which the elements' numbers are given."""
    starts = (int(k.min()) if k.size else 0 for k in np.unravel_index(places, shape))
    return tuple(
        slice(None) if n == m else slice(k, k + n) for k, n, m in zip(starts, places.shape, shape, strict=True)
    )


# --- shapes -----------------------------------------------------------------------------------------------------------


@handles(np.reshape)
def _reshape(a: Any, shape: Any, order: str = "C", *, copy: Any = None) -> Any:
    if order not in ("C", "F"):
        raise ValueError('order must be "C" or "F"')
    wanted = tuple(int(n) for n in np.atleast_1d(shape))
    if -1 in wanted:
        wanted = like(a).reshape(wanted).shape
    if wanted == shape_of(a):
        return a
    if order == "F":
        return np.transpose(_reshape(np.transpose(a), wanted[::-1]))
    if not wanted and size_of(a) == 1:
        return a[(0,) * len(shape_of(a))]
    if not is_array(a):
        a = op("stack")((a,), 0)
    return a if shape_of(a) == wanted else op("reshape")(a, wanted)


handles(np.ravel)(lambda a, order="C": _reshape(a, -1, order))


@handles(np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    n = len(shape_of(a))
    order = tuple(range(n))[::-1] if axes is None else axis_of(tuple(axes), a)
    if len(order) != n:
        raise ValueError(f"{len(order)} axes are given, and the array has {n}")
    return a if order == tuple(range(n)) else op("transpose")(a, order)


# What no handler of a function that NumPy itself works out takes.
NEVER = ("out", "dtype", "subok")


@each(np.swapaxes, np.moveaxis, np.rollaxis, np.matrix_transpose, np.linalg.matrix_transpose, but=NEVER)
def _reordered(function: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
    """Only the order of axes changes: NumPy tells which, from an array whose sizes are its axes."""
    n = len(shape_of(a))
    moved = function(np.broadcast_to(0.0, range(2, n + 2)), *args, **kwargs).shape
    return _transpose(a, [k - 2 for k in moved])


@each(np.squeeze, np.expand_dims, but=NEVER)
def _reshaped(function: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
    """Only the shape changes: NumPy tells what it becomes."""
    return _reshape(a, function(like(a), *args, **kwargs).shape)


@each(np.atleast_1d, np.atleast_2d, np.atleast_3d)
def _at_least(function: Any, *arys: Any) -> Any:
    found = tuple(_reshape(a, function(like(a)).shape) for a in map(array_of, arys))
    return found[0] if len(found) == 1 else found


@handles(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any) -> Any:
    wanted = np.broadcast_to(like(array), shape).shape
    return array if wanted == shape_of(array) else op("broadcast_to")(array, wanted)


@handles(np.broadcast_arrays)
def _broadcast_arrays(*args: Any) -> Any:
    args = tuple(map(array_of, args))
    shape = np.broadcast_shapes(*map(shape_of, args))
    return tuple(np.broadcast_to(a, shape) for a in args)


@handles(np.meshgrid)
def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: Any = "xy") -> Any:
    lines = [np.ravel(array_of(x)) if shape_of(x) else np.reshape(x, 1) for x in xi]
    shapes = [y.shape for y in np.meshgrid(*map(like, lines), sparse=True, indexing=indexing)]
    parts = list(map(np.reshape, lines, shapes))
    return tuple(parts) if sparse else _broadcast_arrays(*parts)


# --- joining and splitting --------------------------------------------------------------------------------------------


def _items(arrays: Any) -> list[Any]:
    found = [array_of(a) for a in arrays]
    if not found:
        raise ValueError("the list of arrays is empty")
    return found


@handles(np.stack, of_lists=True)
def _stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    items = _items(arrays)
    return op("stack")(tuple(items), axis_of(axis, np.broadcast_to(0.0, (1, *shape_of(items[0])))))


@handles(np.concatenate, of_lists=True)
def _concatenate(arrays: Sequence[Any], axis: Any = 0) -> Any:
    if is_traced(axis):
        raise TraceError("np.concatenate takes a list of arrays, and an axis; write np.concatenate([a, b])")
    items = _items(arrays)
    if axis is None:
        return op("concatenate")(tuple(np.reshape(a, -1) for a in items), 0)
    if not all(map(shape_of, items)):
        raise TraceError("np.concatenate joins arrays, and a number has no axis; write np.stack([a, b]) for numbers")
    return op("concatenate")(tuple(items), axis_of(axis, items[0]))


# What these functions make of each array, and the axis along which they join them.
_PILES: dict[Any, tuple[Callable[..., Any], int]] = {
    np.hstack: (np.atleast_1d, 1),
    np.vstack: (np.atleast_2d, 0),
    np.dstack: (np.atleast_3d, 2),
    np.column_stack: (lambda a: a if len(shape_of(a)) > 1 else np.reshape(a, (-1, 1)), 1),
}


@each(*_PILES, of_lists=True)
def _piled(function: Any, tup: Sequence[Any]) -> Any:
    shaped, axis = _PILES[function]
    parts = [shaped(a) for a in _items(tup)]
    return _concatenate(parts, min(axis, len(shape_of(parts[0])) - 1))


@handles(np.block, of_lists=True)
def _block(arrays: Any) -> Any:
    rank = np.block(mapped(lambda x, _: like(array_of(x)), arrays)).ndim  # with NumPy's words for misfits

    def depth(x: Any) -> int:
        return 1 + depth(x[0]) if isinstance(x, list) else 0

    def join(x: Any) -> Any:
        if isinstance(x, list):
            return _concatenate([join(y) for y in x], rank - depth(x))
        x = array_of(x)
        return np.reshape(x, (1,) * (rank - len(shape_of(x))) + shape_of(x))

    return join(arrays)


handles(np.append)(lambda arr, values, axis=None: _concatenate([array_of(arr), array_of(values)], axis))


@each(np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit, but=())
def _split(function: Any, ary: Any, *args: Any, **kwargs: Any) -> Any:
    parts = function(_places(ary), *args, **kwargs)
    return [op("index")(ary, _box(part, shape_of(ary))) for part in parts]


# --- picking and moving -----------------------------------------------------------------------------------------------


_PICKED = (np.roll, np.take, np.repeat, np.tile, np.rot90, np.delete, np.resize, np.diagonal, np.linalg.diagonal)


@each(*_PICKED, np.take_along_axis, np.fft.fftshift, np.fft.ifftshift, but=NEVER)
def _by_places(function: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
    """Elements are only picked and moved: NumPy moves their numbers, and those are the index."""
    if not is_traced(a) or any(map(is_traced, (*args, *kwargs.values()))):
        raise TraceError(
            f"np.{function.__name__} takes plain whole numbers for places and counts, because they jump; give it those"
        )
    index = function(_places(a), *args, **kwargs)
    a = a if shape_of(a) else op("stack")((a,), 0)
    return a[np.unravel_index(index, shape_of(a))]


@handles(np.flip)
def _flip(m: Any, axis: Any = None) -> Any:
    for k in axes_of(axis, m):
        m = flip(m, k)
    return m


HANDLERS.update({np.flipud: lambda m: _flip(m, 0), np.fliplr: lambda m: _flip(m, 1)})


@each(np.tril, np.triu)
def _triangle(function: Any, m: Any, k: int = 0) -> Any:
    shape = shape_of(m)
    stays = function(np.ones(shape[-2:] if len(shape) > 1 else shape * 2, dtype=bool), k)
    return np.where(stays, m, False if is_bool(m) else 0.0)


@handles(np.pad)
def _pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    if mode in ("edge", "reflect", "symmetric", "wrap") and options.get("reflect_type", "even") == "even":
        return _by_places(np.pad, array, pad_width, mode, **options)
    around = options.pop("constant_values", 0)
    if mode != "constant" or options or is_traced(around):
        raise ValueError(f"the mode {mode!r} computes new numbers" if mode != "constant" else "its options are plain")
    made = np.pad(np.ones(shape_of(array)), pad_width)
    y = op("scatter")(array, _box(np.flatnonzero(made).reshape(shape_of(array)), made.shape), made.shape)
    return y + np.pad(np.zeros(shape_of(array)), pad_width, constant_values=around) if np.any(around) else y


@handles(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    made = np.diag(np.ones(shape_of(v)), k)
    return np.diagonal(v, k) if made.ndim == 1 else op("scatter")(v, np.nonzero(made), made.shape)


handles(np.diagflat)(lambda v, k=0: _diag(np.reshape(v, -1), k))


@handles(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    if n < 0:
        raise ValueError("the order must not be negative")
    axis = axis_of(axis, a)
    ends = (None if end is None else array_of(end) for end in (prepend, append))
    edge = kept(shape_of(a), axis)
    before, after = ([] if e is None else [e if shape_of(e) else np.broadcast_to(e, edge)] for e in ends)
    a = _concatenate([*before, a, *after], axis) if before or after else a
    for _ in range(n):
        a = stretch(a, axis, 1, None) - stretch(a, axis, None, -1)
    return a


handles(np.ediff1d)(lambda ary: _diff(np.reshape(ary, -1)))


@each(np.shape, np.ndim, np.size, np.iscomplexobj, np.isrealobj, np.isreal, np.iscomplex, but=())
@each(np.zeros_like, np.ones_like, np.empty_like, but=())
def _asked(function: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
    """Shape or type only are asked for: NumPy answers for the plain value."""
    return function(plain(a), *args, **kwargs)


@handles(np.full_like)
def _full_like(a: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    if dtype is None and not is_traced(fill_value):
        dtype = np.asarray(plain(a)).dtype
    return full(shape_of(a) if shape is None else shape, fill_value, dtype)


handles(np.copy)(lambda a: a)
