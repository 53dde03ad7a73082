"""NumPy's functions and array methods on traced values: which entries of the table each of them is made of.

NumPy hands its functions over when an argument is a traced value (NEP 18). Each handler here takes what NumPy's
function takes, as far as it has a derivative, and says the rest in entries of the table.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from . import source
from .errors import ArgumentError, TraceError
from .primitives import primitives
from .recording import Traced, is_traced, matmul, record_one, settle_comparison
from .refusals import refuse_function
from .rules import T, flip
from .values import is_array, is_complex, plain, shape_of

__all__ = ["HANDLERS", "is_traced", "method_of"]

source.engine_module(globals())
HANDLERS: dict[Any, Callable[..., Any]] = {}


def _op(name: str) -> Callable[..., Any]:
    return primitives[name].function


def _handles(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def keep(handler: Callable[..., Any]) -> Callable[..., Any]:
        HANDLERS.update(dict.fromkeys(functions, handler))
        return handler

    return keep


def call(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a NumPy function gives for traced arguments.

    Raises
    ------
    TraceError : there is no derivative for it, or not with these options
    """
    handler = HANDLERS.get(function)
    if handler is None:
        refuse_function(function, sorted(f.__name__ for f in HANDLERS))
    try:
        return handler(*args, **kwargs)
    except TypeError as error:
        if not isinstance(error, TraceError | ArgumentError) and "argument" in str(error):
            _refuse_options(function, kwargs)
        raise


def _refuse_options(function: Any, kwargs: dict[str, Any]) -> NoReturn:
    given = ", ".join(f"{key}=" for key in kwargs) or "these arguments"
    raise TraceError(
        f"np.{function.__name__} with {given} is not in the lab's table{source.here()}; leave out what is not needed, "
        "or write the formula with functions that are"
    ) from None


def _axis(axis: Any, x: Any) -> Any:
    """An axis, or a tuple of them, counted from the front."""
    n = len(shape_of(x))
    if axis is None:
        return None
    found = tuple(int(k) for k in np.atleast_1d(axis))
    if not all(-n <= k < n for k in found) or len({k % n for k in found}) < len(found):
        raise TraceError(
            f"axis={axis} does not fit an array of shape {shape_of(x)}{source.here()}; axes count from 0 to {n - 1}"
        )
    return tuple(k % n for k in found) if isinstance(axis, tuple) else found[0] % n


# --- adding up --------------------------------------------------------------------------------------------------------


def _reduction(name: str) -> Callable[..., Any]:
    def handler(
        a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, **more: Any
    ) -> Any:
        if out is not None or any(v is not np._NoValue for v in more.values()):
            raise TypeError("argument out")
        if not is_array(a):
            return a
        return _op(name)(a, _axis(axis, a), bool(keepdims) and keepdims is not np._NoValue)

    return handler


for _name, _functions in {"sum": (np.sum,), "mean": (np.mean,), "max": (np.max, np.amax)}.items():
    _handles(*_functions)(_reduction(_name))


@_handles(np.min, np.amin)
def _min(a: Any, *args: Any, **kwargs: Any) -> Any:
    return -HANDLERS[np.max](-a, *args, **kwargs)


@_handles(np.var)
def _var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    centred = a - np.mean(a, axis, keepdims=True)
    squares = np.real(centred * np.conj(centred)) if is_complex(a) else centred**2
    if not ddof:
        return np.mean(squares, axis, keepdims=keepdims)
    total = np.sum(squares, axis, keepdims=keepdims)
    return total / (np.size(plain(a)) / max(np.size(plain(total)), 1) - ddof)


@_handles(np.std)
def _std(a: Any, *args: Any, **kwargs: Any) -> Any:
    return np.sqrt(np.var(a, *args, **kwargs))


@_handles(np.cumsum)
def _cumsum(a: Any, axis: Any = None) -> Any:
    return _op("cumsum")(np.ravel(a), 0) if axis is None else _op("cumsum")(a, _axis(axis, a))


@_handles(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    n = len(shape_of(x)) if axis is None else len(np.atleast_1d(axis))
    if n == 0 or (ord is None or ord == 2) and n == 1 or ord in (None, "fro"):
        return _op("norm")(x, _axis(axis, x), keepdims) if is_array(x) else np.abs(x)
    if n == 1 and ord == 1:
        return np.sum(np.abs(x), axis, keepdims=keepdims)
    if n == 1 and ord == np.inf:
        return np.max(np.abs(x), axis, keepdims=keepdims)
    raise TypeError("argument ord")


# --- moving numbers about ---------------------------------------------------------------------------------------------


@_handles(np.reshape)
def _reshape(a: Any, shape: Any = None, order: str = "C", **more: Any) -> Any:
    wanted = tuple(int(n) for n in np.atleast_1d(more.pop("newshape", shape)))
    if order != "C" or more:
        raise TypeError("argument order")
    size = int(np.prod(shape_of(a)))
    if -1 in wanted:
        rest = -int(np.prod(wanted))
        wanted = tuple(size // max(rest, 1) if n == -1 else n for n in wanted)
    if not is_array(a):
        a = _op("stack")((a,), 0)
    return _op("reshape")(a, wanted)


@_handles(np.ravel)
def _ravel(a: Any, order: str = "C") -> Any:
    return a if len(shape_of(a)) == 1 else _reshape(a, -1, order)


@_handles(np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    n = len(shape_of(a))
    order = tuple(range(n))[::-1] if axes is None else tuple(int(k) % n for k in axes)
    return a if order == tuple(range(n)) else _op("transpose")(a, order)


@_handles(np.swapaxes)
def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    order = list(range(len(shape_of(a))))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return np.transpose(a, order)


@_handles(np.moveaxis)
def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    places = np.moveaxis(np.empty([0] * len(shape_of(a))), source, destination)  # lets NumPy check the axes
    n = places.ndim
    moved = dict(zip([k % n for k in np.atleast_1d(destination)], [k % n for k in np.atleast_1d(source)], strict=True))
    rest = iter([k for k in range(n) if k not in moved.values()])
    return np.transpose(a, [moved[k] if k in moved else next(rest) for k in range(n)])


def _reshaped_as(function: Any) -> Callable[..., Any]:
    """For functions that only change the shape: NumPy tells what it becomes."""

    def handler(a: Any, *args: Any, **kwargs: Any) -> Any:
        shape = function(np.empty(shape_of(a)), *args, **kwargs).shape
        return (
            a
            if shape == shape_of(a)
            else _op("index")(a, (0,) * len(shape_of(a)))
            if not shape
            else np.reshape(a, shape)
        )

    return handler


_function: Any
for _function in (np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d, np.atleast_3d):
    _handles(_function)(_reshaped_as(_function))


@_handles(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any) -> Any:
    wanted = tuple(int(n) for n in np.atleast_1d(shape))
    return array if wanted == shape_of(array) else _op("broadcast_to")(array, wanted)


@_handles(np.broadcast_arrays)
def _broadcast_arrays(*args: Any) -> Any:
    shape = np.broadcast_shapes(*map(shape_of, args))
    return tuple(np.broadcast_to(a, shape) for a in args)


@_handles(np.stack)
def _stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    n = len(shape_of(arrays[0])) + 1
    return _op("stack")(tuple(arrays), axis % n)


@_handles(np.concatenate)
def _concatenate(arrays: Sequence[Any], axis: Any = 0) -> Any:
    if axis is None:
        return _concatenate([np.ravel(a) if shape_of(a) else np.reshape(a, 1) for a in arrays])
    return _op("concatenate")(tuple(arrays), axis % max(len(shape_of(arrays[0])), 1))


@_handles(np.hstack)
def _hstack(tup: Sequence[Any]) -> Any:
    parts = [a if shape_of(a) else np.reshape(a, 1) for a in tup]
    return _concatenate(parts, 0 if len(shape_of(parts[0])) == 1 else 1)


@_handles(np.vstack)
def _vstack(tup: Sequence[Any]) -> Any:
    return _concatenate([np.reshape(a, (1, -1)) if len(shape_of(a)) < 2 else a for a in tup], 0)


@_handles(np.column_stack)
def _column_stack(tup: Sequence[Any]) -> Any:
    return _concatenate([np.reshape(a, (-1, 1)) if len(shape_of(a)) < 2 else a for a in tup], 1)


@_handles(np.append)
def _append(arr: Any, values: Any, axis: Any = None) -> Any:
    return _concatenate([arr, values], axis)


@_handles(np.flip)
def _flip(m: Any, axis: Any = None) -> Any:
    for k in range(len(shape_of(m))) if axis is None else np.atleast_1d(axis):
        m = flip(m, int(k))
    return m


def _by_places(function: Any) -> Callable[..., Any]:
    """For functions that only pick and move elements: NumPy moves the elements' numbers, and those are the index."""

    def handler(a: Any, *args: Any, **kwargs: Any) -> Any:
        shape = shape_of(a)
        places = function(np.arange(int(np.prod(shape))).reshape(shape), *args, **kwargs)
        return _op("index")(a, np.unravel_index(places, shape))

    return handler


for _function in (np.roll, np.take, np.repeat, np.tile, np.rot90):
    HANDLERS[_function] = _by_places(_function)
for _function in (np.tril, np.triu):
    HANDLERS[_function] = lambda m, k=0, _f=_function: m * _f(np.ones(shape_of(m)), k)


@_handles(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    for _ in range(n):
        at: tuple[Any, ...] = (slice(None),) * (axis % len(shape_of(a)))
        a = a[(*at, slice(1, None))] - a[(*at, slice(None, -1))]
    return a


@_handles(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None or y is None:
        raise TypeError("argument x")
    if (
        not is_array(condition)
        and not is_traced(condition)
        and np.ndim(condition) == 0
        and not is_array(x)
        and not is_array(y)
    ):
        return x if condition else y  # the comparison of numbers is kept as a branch
    return _op("where")(condition, x, y)


@_handles(np.clip)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, **more: Any) -> Any:
    low, high = more.get("min", a_min), more.get("max", a_max)
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


@_handles(np.diagonal)
def _diagonal(a: Any, offset: int = 0) -> Any:
    places = np.diagonal(np.arange(int(np.prod(shape_of(a)))).reshape(shape_of(a)), offset)
    return _op("index")(a, np.unravel_index(places, shape_of(a)))


@_handles(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    if len(shape_of(v)) == 2:
        return _diagonal(v, k)
    n = shape_of(v)[0] + abs(k)
    rows = np.arange(shape_of(v)[0]) + max(-k, 0)
    return _op("scatter")(v, (rows, rows + k), (n, n))


# --- products and linear algebra --------------------------------------------------------------------------------------


@_handles(np.dot)
def _dot(a: Any, b: Any) -> Any:
    m, n = len(shape_of(a)), len(shape_of(b))
    if not m or not n:
        return a * b
    return matmul(a, b) if m <= 2 and n <= 2 else np.tensordot(a, b, ((m - 1,), (max(n - 2, 0),)))


@_handles(np.vdot)
def _vdot(a: Any, b: Any) -> Any:
    return matmul(np.ravel(np.conj(a)), np.ravel(b))


@_handles(np.inner)
def _inner(a: Any, b: Any) -> Any:
    m, n = len(shape_of(a)), len(shape_of(b))
    return a * b if not m or not n else np.tensordot(a, b, ((m - 1,), (n - 1,)))


@_handles(np.outer)
def _outer(a: Any, b: Any) -> Any:
    return _op("outer")(np.reshape(a, -1), np.reshape(b, -1))


@_handles(np.tensordot)
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    m, n = len(shape_of(a)), len(shape_of(b))
    left, right = (range(m - axes, m), range(axes)) if isinstance(axes, int) else map(np.atleast_1d, axes)
    first, second = list(string.ascii_letters[:m]), list(string.ascii_letters[m : m + n])
    for i, j in zip(left, right, strict=True):
        second[j] = first[i]
    out = [k for k in first if k not in second] + [k for k in second if k not in first]
    return _einsum(f"{''.join(first)},{''.join(second)}->{''.join(out)}", a, b)


@_handles(np.einsum)
def _einsum(subscripts: str, *operands: Any) -> Any:
    spec = subscripts.replace(" ", "") if isinstance(subscripts, str) else ""
    inputs, arrow, out = spec.partition("->")
    letters = inputs.split(",")
    everything = "".join(letters)
    if not arrow:
        out = "".join(sorted(k for k in set(everything) if everything.count(k) == 1))
    if "." in spec or not spec or len(letters) != len(operands) or len(letters) > 2:
        raise TraceError(
            f"np.einsum takes one or two operands, with a letter for each axis{source.here()}; write a product of more "
            'in steps, and spell out the axes of "..."'
        )
    if any(len(shape_of(x)) != len(k) for x, k in zip(operands, letters, strict=True)):
        shapes = " and ".join(str(shape_of(x)) for x in operands)
        raise TraceError(f'"{inputs}" does not fit the shapes {shapes}{source.here()}; write a letter for each axis')
    pairs = [_plain_letters(x, k) for x, k in zip(operands, letters, strict=True)]
    if len(pairs) == 2:
        (a, first), (b, second) = pairs
        return _op("einsum")(a, b, f"{first},{second}->{out}")
    x, first = pairs[0]
    gone = tuple(k for k, letter in enumerate(first) if letter not in out)
    x = _op("sum")(x, gone, False) if gone else x
    left = [k for k in first if k in out]
    return np.transpose(x, [left.index(k) for k in out]) if out else x


def _plain_letters(x: Any, letters: str) -> tuple[Any, str]:
    """The operand with each letter once: a letter that stands twice takes the diagonal."""
    for k in sorted(set(letters), key=letters.index):
        while letters.count(k) > 1:
            i = letters.index(k)
            j = letters.index(k, i + 1)
            n = len(letters)
            x = np.transpose(x, [*(p for p in range(n) if p not in (i, j)), i, j])
            shape = shape_of(x)
            places = np.arange(shape[-1])
            x = _op("index")(x, (*(slice(None),) * (n - 2), places, places))
            letters = "".join(letters[p] for p in range(n) if p not in (i, j)) + k
    return x, letters


@_handles(np.trace)
def _trace(a: Any, offset: int = 0) -> Any:
    return _op("trace")(a) if offset == 0 and len(shape_of(a)) == 2 else np.sum(_diagonal(a, offset))


def _square(x: Any, what: str) -> Any:
    shape = shape_of(x)
    if len(shape) != 2 or shape[0] != shape[1]:
        raise TraceError(
            f"{what} takes one square matrix, not an array of shape {shape}{source.here()}; give one of shape n×n"
        )
    return x


@_handles(np.linalg.solve)
def _solve(a: Any, b: Any) -> Any:
    if len(shape_of(b)) not in (1, 2):
        raise TraceError(
            f"np.linalg.solve takes a vector or a matrix on the right{source.here()}; give it one of shape (n,)"
        )
    return _op("solve")(_square(a, "np.linalg.solve"), b)


for _name, _function in {"inv": np.linalg.inv, "det": np.linalg.det, "eigvalsh": np.linalg.eigvalsh}.items():
    HANDLERS[_function] = lambda a, _op_name=_name: _op(_op_name)(_square(a, f"np.linalg.{_op_name}"))


@_handles(np.linalg.eigh)
def _eigh(a: Any) -> Any:
    return np.linalg.eigh(np.eye(1)).__class__(np.linalg.eigvalsh(a), _op("eigenvectors")(a))


@_handles(np.linalg.matrix_power)
def _matrix_power(a: Any, n: int) -> Any:
    base = np.linalg.inv(_square(a, "matrix_power")) if n < 0 else _square(a, "matrix_power")
    result: Any = np.eye(shape_of(a)[0])
    for _ in range(abs(n)):
        result = result @ base
    return result


# --- complex numbers, and questions that have plain answers -----------------------------------------------------------


@_handles(np.real)
def _real(val: Any) -> Any:
    return record_one(val, primitives["real"]) if is_complex(val) else val


@_handles(np.imag)
def _imag(val: Any) -> Any:
    return record_one(val, primitives["imag"]) if is_complex(val) else val * 0.0


@_handles(np.angle)
def _angle(z: Any) -> Any:
    return np.arctan2(np.imag(z), np.real(z))


def _reduced(function: Any) -> Callable[..., Any]:
    return lambda a, axis=None: function(settle_comparison(a), axis)


for _function in (np.all, np.any, np.count_nonzero):
    HANDLERS[_function] = _reduced(_function)
for _function in (
    np.shape,
    np.ndim,
    np.size,
    np.zeros_like,
    np.ones_like,
    np.full_like,
    np.empty_like,
    np.iscomplexobj,
):
    HANDLERS[_function] = lambda a, *args, _f=_function, **kwargs: _f(plain(a), *args, **kwargs)
HANDLERS[np.copy] = lambda a: a
HANDLERS[np.isrealobj] = lambda a: not is_complex(a)


# --- methods ----------------------------------------------------------------------------------------------------------

_METHODS: dict[str, Callable[..., Any]] = {
    name: getattr(np, name)
    for name in (
        "sum mean max min var std cumsum ravel swapaxes squeeze clip diagonal trace dot all any take repeat".split()
    )
} | {
    "flatten": np.ravel,
    "conj": np.conjugate,
    "conjugate": np.conjugate,
    "copy": lambda x: x,
    "reshape": lambda x, *shape, **more: np.reshape(x, shape[0] if len(shape) == 1 else shape, **more),
    "transpose": lambda x, *axes: np.transpose(x, *axes) if len(axes) < 2 else np.transpose(x, axes),
    "item": lambda x, *key: x[key or (0,) * len(shape_of(x))],
    "astype": lambda x, dtype: x if np.dtype(dtype).kind in "fc" else _no_method(f"astype({dtype})"),
}
_PROPERTIES: dict[str, Callable[..., Any]] = {"T": np.transpose, "mT": T, "real": np.real, "imag": np.imag}
_WRITING = ("sort", "fill", "put", "itemset", "resize", "partition")


def _no_method(name: str) -> NoReturn:
    instead = (
        "it writes into the array; build a new one" if name in _WRITING else f"use one of {', '.join(sorted(_METHODS))}"
    )
    raise TraceError(f"a traced array has no .{name} with a derivative{source.here()}; {instead}")


def method_of(x: Traced, name: str) -> Any:
    """What `x.name` is for a traced array: a property's value, or a method.

    Raises
    ------
    AttributeError : for names with underscores, which Python itself asks for
    TraceError : there is no such method with a derivative
    """
    if name in _PROPERTIES:
        return _PROPERTIES[name](x)
    if name in _METHODS:
        method = _METHODS[name]
        return lambda *args, **kwargs: method(x, *args, **kwargs)
    if name.startswith("_") or not hasattr(np.ndarray, name):
        raise AttributeError(f"a traced array has no attribute {name}")
    _no_method(name)


def _array_function(self: Traced, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    return call(function, args, kwargs)


setattr(Traced, "__array_function__", _array_function)  # noqa: B010
