"""Helpers that the table's rules for arrays are written with: transposes, spreading out, adding up again.

They are made of the table's own entries, so a rule can be traced and differentiated like everything else.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .entry import SPACE
from .values import is_complex, shape_of, size_of


def op(name: str) -> Callable[..., Any]:
    """An entry of the table as a function."""
    return SPACE[name]


def fit(x: Any, like: Any) -> Any:
    """A derivative in the shape of the value it belongs to, and real where that is real.

    Where NumPy repeated a value along an axis, its contributions are added up along it; where a tangent has not been
    spread out yet, it is.
    """
    have, want = shape_of(x), shape_of(like)
    if have != want:
        longer = len(want) - len(have)
        grow = longer > 0 or (longer == 0 and any(m == 1 != n for m, n in zip(have, want, strict=True)))
        x = op("broadcast_to" if grow else "unbroadcast")(x, want)
    return op("real")(x) if is_complex(x) and not is_complex(like) else x


def T(x: Any) -> Any:  # noqa: N802  (as in the rules' texts)
    """The matrix transposed; of a stack of matrices, each one."""
    n = len(shape_of(x))
    return op("transpose")(x, (*range(n - 2), n - 1, n - 2))


def flip(x: Any, axis: int) -> Any:
    """The array in reverse order along an axis."""
    key = [slice(None)] * len(shape_of(x))
    key[axis] = slice(None, None, -1)
    return op("index")(x, tuple(key))


def inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The order of axes that undoes a transpose."""
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


def kept(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """The shape with the axes that were added up kept as 1."""
    axes = _listed(axis, len(shape))
    return tuple(1 if k in axes else n for k, n in enumerate(shape))


def _listed(axis: Any, count: int) -> list[int]:
    """The axes that a setting names, of so many; NumPy lets a number have the axis 0."""
    return list(range(count)) if axis is None or not count else [k % count for k in np.atleast_1d(axis).tolist()]


def spread(x: Any, like: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """What was left after adding up along axes, repeated along them again."""
    shape = shape_of(like)
    want = kept(shape, axis)
    x = x if shape_of(x) == want else op("reshape")(x, want)
    return x if want == shape else op("broadcast_to")(x, shape)


def count(x: Any, y: Any) -> float:
    """How many elements of x went into one of y."""
    return size_of(x) / max(size_of(y), 1)


def slices(xs: Any, axis: int) -> list[Any]:
    """Where each operand of a stack is in it, as an index."""
    at = (slice(None),) * (axis % (len(shape_of(xs[0])) + 1))
    return [(*at, k) for k in range(len(xs))]


def stretches(xs: Any, axis: int) -> list[Any]:
    """Where each operand of a concatenation is in it, as an index."""
    at = (slice(None),) * (axis % len(shape_of(xs[0])))
    ends = [0, *itertools.accumulate(shape_of(x)[axis] for x in xs)]
    return [(*at, slice(start, end)) for start, end in itertools.pairwise(ends)]


def unstack(bar: Any, xs: Any, axis: int) -> list[Any]:
    """The slices of a stack's adjoint, one for each operand."""
    return [op("index")(bar, key) for key in slices(xs, axis)]


def part(bar: Any, xs: Any, axis: int) -> list[Any]:
    """The stretches of a concatenation's adjoint, one for each operand."""
    return [op("index")(bar, key) for key in stretches(xs, axis)]


def eye(x: Any) -> Any:
    """The identity matrix of x's shape, a constant."""
    m, n = shape_of(x)[-2:]
    return np.eye(m, n)


def diagonal(x: Any) -> Any:
    """The diagonal of a square matrix; of a stack of matrices, each one's."""
    places = np.arange(shape_of(x)[-1])
    return op("index")(x, (*(slice(None),) * (len(shape_of(x)) - 2), places, places))


def traces(x: Any) -> Any:
    """The trace of a matrix; of a stack of matrices, each one's."""
    return op("trace")(x) if len(shape_of(x)) == 2 else op("sum")(diagonal(x), -1, False)


def each(x: Any) -> Any:
    """The numbers that belong to a stack of matrices, in a shape that multiplies each matrix."""
    return op("reshape")(x, (*shape_of(x), 1, 1)) if shape_of(x) else x


def running_products(x: Any, axis: int) -> Any:
    """The products of the elements up to each one: every step doubles how many are in."""
    n = shape_of(x)[axis]
    at: tuple[Any, ...] = (slice(None),) * axis
    index, join = op("index"), op("concatenate")
    step = 1
    while step < n:
        longer = index(x, (*at, slice(step, None))) * index(x, (*at, slice(None, -step)))
        x = join((index(x, (*at, slice(None, step))), longer), axis)
        step *= 2
    return x


def others(x: Any, axis: Any) -> Any:
    """For each element the product of all others along the axes, without a division: zeros are as good as any."""
    shape = shape_of(x)
    axes = _listed(axis, len(shape))
    order = (*(k for k in range(len(shape)) if k not in axes), *axes)
    moved = op("transpose")(x, order)
    flat = op("reshape")(moved, (*shape_of(moved)[: len(shape) - len(axes)], math.prod(shape[k] for k in axes)))
    last = len(shape_of(flat)) - 1
    if shape_of(flat)[last] == 0:
        return x
    before = _before(flat, last)
    y = before * flip(_before(flip(flat, last), last), last)
    return op("transpose")(op("reshape")(y, shape_of(moved)), inverse(order))


def _before(x: Any, axis: int) -> Any:
    """The products of the elements before each one."""
    at: tuple[Any, ...] = (slice(None),) * axis
    ones = np.ones(tuple(1 if k == axis else n for k, n in enumerate(shape_of(x))))
    return op("concatenate")((ones, op("index")(running_products(x, axis), (*at, slice(None, -1)))), axis)


def _half(x: Any) -> Any:
    """The lower triangle with half of the diagonal."""
    return x * (np.tri(shape_of(x)[-1]) - np.eye(shape_of(x)[-1]) / 2)


def cholesky_pull(bar: Any, y: Any) -> Any:
    """What a Cholesky factor sends to its symmetric matrix: y⁻ᵀ Φ(yᵀ bar) y⁻¹, made symmetric."""
    solve = op("solve")
    sent = solve(T(y), T(solve(T(y), T(_half(T(y) @ bar)))))
    return (sent + T(sent)) / 2


def cholesky_push(dot: Any, y: Any) -> Any:
    """How a Cholesky factor moves with its symmetric matrix: y Φ(y⁻¹ dot y⁻ᵀ)."""
    solve = op("solve")
    return y @ _half(solve(y, T(solve(y, (dot + T(dot)) / 2))))


def paste(s: Any, y: Any) -> Any:
    """The outer product for vectors, s yᵀ for matrices."""
    return op("outer")(s, y) if len(shape_of(s)) == 1 else op("matmul")(s, T(y))


def gaps(a: Any) -> Any:
    """1 / (w_j - w_i) for the eigenvalues w of a symmetric matrix, 0 where they are equal."""
    w = op("eigvalsh")(a)
    n = shape_of(w)[0]
    reshape, own = op("reshape"), np.eye(n)
    return op("pseudo_reciprocal")(reshape(w, (1, n)) - reshape(w, (n, 1)) + own) * (1.0 - own)


def custom_pull(bar: Any, y: Any, xs: Any, rule: Any) -> list[Any]:
    """What a function's own rule sends to its arguments."""
    return list(rule.pull(bar, y, xs))


def custom_push(dots: Any, y: Any, xs: Any, rule: Any) -> Any:
    """The tangent that a function's own rule gives."""
    return rule.push(dots, y, xs)


def einsum_pull(bar: Any, other: Any, like: Any, spec: str, slot: int) -> Any:
    """The adjoint of one of einsum's two operands: the same sum, with the letters in other places."""
    inputs, out = spec.split("->")
    letters = inputs.split(",")
    mine, theirs = letters[slot], letters[1 - slot]
    got = "".join(k for k in mine if k in out or k in theirs)
    sent = op("einsum")(bar, other, f"{out},{theirs}->{got}")
    if got == mine:
        return sent
    shape = shape_of(like)  # letters that only this operand has were added up alone: each element gets the same
    sent = op("reshape")(sent, tuple(n if k in got else 1 for k, n in zip(mine, shape, strict=True)))
    return op("broadcast_to")(sent, shape)
