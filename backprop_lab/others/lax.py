"""JAX's primitives made of our functions: what each computes, by its name in a jaxpr.

As in `aten`: what a row cannot honour it refuses, or gives another number, and then JAX's own rule stands in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..table.table import primitives
from ..table.values import plain, shape_of

_of = {name: op.function for name, op in primitives.items()}


def _broadcast(x: Any, shape: Sequence[int], broadcast_dimensions: Sequence[int], **_: Any) -> Any:
    own = [1] * len(shape)
    for have, at in zip(shape_of(x), broadcast_dimensions, strict=True):
        own[at] = have
    spread = np.reshape(x, tuple(own)) if shape_of(x) != tuple(own) else x
    return np.broadcast_to(spread, tuple(shape)) if tuple(own) != tuple(shape) else spread


def _dot_general(a: Any, b: Any, dimension_numbers: Any, **_: Any) -> Any:
    (left, right), (rows, columns) = dimension_numbers
    n, m = len(shape_of(a)), len(shape_of(b))
    left, right = tuple(left), tuple(right)
    if rows or columns or len(left) != 1:
        return _einsum(a, b, left, right, tuple(rows), tuple(columns))
    if n == 1 and m == 1:
        return a @ b
    if n == 2 and left == (0,):
        a = np.transpose(a)
    if m == 2 and right == (1,):
        b = np.transpose(b)
    if n > 2 or m > 2:
        return _einsum(a, b, left, right, (), ())
    return a @ b


def _einsum(
    a: Any, b: Any, left: tuple[int, ...], right: tuple[int, ...], rows: tuple[int, ...], columns: tuple[int, ...]
) -> Any:
    letters = iter("abcdefghijklmnopqrstuvw")
    first = [next(letters) for _ in shape_of(a)]
    second = [next(letters) for _ in shape_of(b)]
    for i, j in (*zip(left, right, strict=True), *zip(rows, columns, strict=True)):
        second[j] = first[i]
    free = [x for k, x in enumerate(first) if k not in (*left, *rows)] + [
        x for k, x in enumerate(second) if k not in (*right, *columns)
    ]
    out = "".join([first[i] for i in rows] + free)
    return np.einsum(f"{''.join(first)},{''.join(second)}->{out}", a, b)


def _select(which: Any, *cases: Any, **_: Any) -> Any:
    if len(cases) != 2:
        raise NotImplementedError
    return np.where(np.asarray(plain(which), dtype=bool), cases[1], cases[0])


def _slice(x: Any, start_indices: Any, limit_indices: Any, strides: Any = None, **_: Any) -> Any:
    steps = strides or (1,) * len(start_indices)
    return x[tuple(slice(a, b, c) for a, b, c in zip(start_indices, limit_indices, steps, strict=True))]


def _of_numpy(name: str) -> Callable[..., Any]:
    function = getattr(np, name)
    return lambda x, **_: function(x)  # an option is how exact it is to be


RULES: dict[str, Callable[..., Any]] = {
    "add": lambda a, b, **_: a + b,
    "add_any": lambda a, b, **_: a + b,
    "sub": lambda a, b, **_: a - b,
    "mul": lambda a, b, **_: a * b,
    "div": lambda a, b, **_: a / b,
    "neg": lambda x, **_: -x,
    "integer_pow": lambda x, y, **_: x**y,
    "pow": lambda a, b, **_: a**b,
    "square": lambda x, **_: x**2,
    "rsqrt": lambda x, **_: 1 / np.sqrt(x),
    "logistic": lambda x, **_: _of["sigmoid"](x),
    "max": lambda a, b, **_: np.maximum(a, b),
    "min": lambda a, b, **_: np.minimum(a, b),
    "dot_general": _dot_general,
    "reduce_sum": lambda x, axes, **_: np.sum(x, axis=tuple(axes)),
    "reduce_max": lambda x, axes, **_: np.max(x, axis=tuple(axes)),
    "broadcast_in_dim": _broadcast,
    "reshape": lambda x, new_sizes, **_: np.reshape(x, tuple(new_sizes)),
    "squeeze": lambda x, dimensions, **_: np.squeeze(x, axis=tuple(dimensions)),
    "expand_dims": lambda x, dimensions, **_: np.expand_dims(x, tuple(dimensions)),
    "transpose": lambda x, permutation, **_: np.transpose(x, tuple(permutation)),
    "select_n": _select,
    "slice": _slice,
    "concatenate": lambda *xs, dimension, **_: np.concatenate(list(xs), axis=dimension),
    "copy": lambda x, **_: x,
    "copy_p": lambda x, **_: x,
    "convert_element_type": lambda x, **_: x,
    "stop_gradient": lambda x, **_: plain(x),
    "relu": lambda x, **_: _of["relu"](x),
    "softplus": lambda x, **_: _of["softplus"](x),
}
for _name in "exp log log1p expm1 exp2 sqrt cbrt sin cos tan sinh cosh tanh abs".split():
    RULES[_name] = _of_numpy(_name)
for _name in ("asin", "acos", "atan"):
    RULES[_name] = _of_numpy(f"arc{_name[1:]}")
