"""NumPy's products, its linear algebra and its Fourier transforms on traced values, in entries of the table."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from ...errors import TraceError
from ...table.rules import diagonal, op
from ...table.values import is_bool, is_complex, shape_of
from ..comparisons import settled_truth
from ..sentences.refusals import numpy_name
from ..traced import Traced
from .handlers import axes_of, axis_of, each, handles
from .reductions import singular_values
from .shapes import array_of, like


def matmul(a: Any, b: Any) -> Any:
    """a @ b for any ranks NumPy allows: vectors have entries of their own, higher ranks are stacks of matrices."""
    m, n = len(shape_of(a)), len(shape_of(b))
    if not m or not n:
        raise TraceError("@ needs an array on either side; write * for a product with a number")
    if m <= 2 and n <= 2:
        y = op({(1, 1): "dot", (2, 1): "matvec", (1, 2): "vecmat", (2, 2): "matmul"}[m, n])(a, b)
        return settled_truth(y) if is_bool(a) and is_bool(b) else y
    y = op("matmul")(np.expand_dims(a, 0) if m == 1 else a, np.expand_dims(b, -1) if n == 1 else b)
    return np.squeeze(y, -2) if m == 1 else np.squeeze(y, -1) if n == 1 else y


setattr(Traced, "__matmul__", matmul)  # noqa: B010
setattr(Traced, "__rmatmul__", lambda self, other: matmul(other, self))  # noqa: B010


@each(np.dot, np.inner)
def _dot(function: Any, a: Any, b: Any) -> Any:
    a, b = array_of(a), array_of(b)
    m, n = len(shape_of(a)), len(shape_of(b))
    if not m or not n:
        return a * b
    if m <= 2 and n <= 2 and (function is np.dot or m == n == 1):
        return matmul(a, b)
    return _tensordot(a, b, (-1, -1 if function is np.inner else max(n - 2, 0)))


handles(np.linalg.matmul)(lambda x1, x2: matmul(array_of(x1), array_of(x2)))
handles(np.vdot)(lambda a, b: matmul(np.conj(np.ravel(array_of(a))), np.ravel(array_of(b))))
handles(np.outer, np.linalg.outer)(lambda a, b: op("outer")(np.ravel(array_of(a)), np.ravel(array_of(b))))


@handles(np.kron)
def _kron(a: Any, b: Any) -> Any:
    a, b = array_of(a), array_of(b)
    n = max(len(shape_of(a)), len(shape_of(b)))
    if not n:
        return a * b
    left, right = ((1,) * (n - len(shape_of(x))) + shape_of(x) for x in (a, b))
    between = [s for k in left for s in (k, 1)]
    beside = [s for k in right for s in (1, k)]
    y = np.reshape(a, between) * np.reshape(b, beside)
    return np.reshape(y, [i * k for i, k in zip(left, right, strict=True)])


@handles(np.cross, np.linalg.cross)
def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    a, b = np.moveaxis(array_of(a), axisa, -1), np.moveaxis(array_of(b), axisb, -1)
    if shape_of(a)[-1] != 3 or shape_of(b)[-1] != 3:
        raise ValueError("a cross product is of two vectors of three numbers")
    parts = [a[..., i] * b[..., j] - a[..., j] * b[..., i] for i, j in ((1, 2), (2, 0), (0, 1))]
    return np.moveaxis(np.stack(parts, -1), -1, axisc)


@handles(np.tensordot, np.linalg.tensordot)
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = array_of(a), array_of(b)
    m, n = len(shape_of(a)), len(shape_of(b))
    if isinstance(axes, int | np.integer):
        if not 0 <= axes <= min(m, n):
            raise ValueError(f"{axes} axes cannot be added up")
        left, right = tuple(range(m - axes, m)), tuple(range(axes))
    else:
        left, right = (axes_of(k, x) for k, x in zip(axes, (a, b), strict=True))
    if [shape_of(a)[i] for i in left] != [shape_of(b)[j] for j in right]:
        raise ValueError("the axes that are added up must have the same lengths")
    first, second = list(string.ascii_letters[:m]), list(string.ascii_letters[m : m + n])
    for i, j in zip(left, right, strict=True):
        second[j] = first[i]
    return op("einsum")(a, b, f"{''.join(first)},{''.join(second)}->{''.join(sorted({*first} ^ {*second}))}")


# --- einsum -----------------------------------------------------------------------------------------------------------


@handles(np.einsum)
def _einsum(*operands: Any, optimize: Any = False) -> Any:
    letters, out, arrays = _spelled(operands)
    if all(map(is_bool, arrays)):
        raise ValueError("it is for numbers, not for truth values")
    sizes: dict[str, int] = {}
    for k, x in zip(letters, arrays, strict=True):
        sizes |= {letter: n for letter, n in zip(k, shape_of(x), strict=True) if n != 1 or letter not in sizes}
    wide = (np.broadcast_to(x, tuple(sizes[k] for k in own)) for x, own in zip(arrays, letters, strict=True))
    pairs = list(map(_plain_letters, wide, letters))
    while len(pairs) > 2:  # from the left, keeping what is needed later
        (a, first), (b, second), *rest = pairs
        later = set(out).union(*(k for _, k in rest))
        kept = "".join(k for k in dict.fromkeys(first + second) if k in later)
        pairs = [(op("einsum")(a, b, f"{first},{second}->{kept}"), kept), *rest]
    if len(pairs) == 2:
        (a, first), (b, second) = pairs
        return op("einsum")(a, b, f"{first},{second}->{out}")
    x, first = pairs[0]
    gone = tuple(k for k, letter in enumerate(first) if letter not in out)
    x = op("sum")(x, gone, False) if gone else x
    left = [k for k in first if k in out]
    return np.transpose(x, [left.index(k) for k in out]) if out else x


def _spelled(operands: Sequence[Any]) -> tuple[list[str], str, list[Any]]:
    """A letter for each axis of each array and of the result, and the arrays.

    NumPy also takes lists of numbers for letters, "..." for axes without a letter, and letters without a result.
    """
    if operands and isinstance(operands[0], str):
        spec, arrays = operands[0].replace(" ", ""), [array_of(x) for x in operands[1:]]
    else:
        arrays = [array_of(x) for x in operands[:-1:2]]

        def named(own: Any) -> str:
            return "".join("..." if k is ... else string.ascii_letters[k] for k in own)

        spec = ",".join(map(named, operands[1::2])) + (f"->{named(operands[-1])}" if len(operands) % 2 else "")
    try:
        np.einsum_path(spec, *map(like, arrays), optimize=False)
    except ValueError:
        shapes = " and ".join(str(shape_of(x)) for x in arrays)
        parts, _, out = spec.partition("->")
        given, found, new = parts.count(",") + 1, len(arrays), next((k for k in out.strip(".") if k not in parts), "")
        advice = "write a letter for each axis"
        if given != found:
            advice = f"write a part between commas for each array: {found} {'is' if found == 1 else 'are'} given"
        elif new:
            advice = f"use letters of the arrays after the arrow, where {new} is none"
        elif all(
            "." in part or len(part) == len(shape_of(x)) for part, x in zip(parts.split(","), arrays, strict=True)
        ):
            advice = "use one letter only for axes of one length, each once after the arrow"
        raise TraceError(f'"{spec}" does not fit the shapes {shapes}; {advice}') from None
    inputs, arrow, out = spec.partition("->")
    letters = inputs.split(",")
    free = "".join(k for k in string.ascii_letters if k not in spec)
    hidden = [len(shape_of(x)) - len(k) + 3 if "..." in k else 0 for k, x in zip(letters, arrays, strict=True)]
    letters = [k.replace("...", free[len(free) - n :]) for k, n in zip(letters, hidden, strict=True)]
    dots, often = free[len(free) - max(hidden) :], Counter("".join(letters))
    if not arrow:
        out = "..." + "".join(sorted(k for k in often if often[k] == 1 and k not in dots))
    return letters, out.replace("...", dots), arrays


def _plain_letters(x: Any, letters: str) -> tuple[Any, str]:
    """The operand with each letter once: a letter that stands twice takes the diagonal."""
    for k in dict.fromkeys(letters):
        while letters.count(k) > 1:
            i, n = letters.index(k), len(letters)
            j = letters.index(k, i + 1)
            others = [p for p in range(n) if p not in (i, j)]
            x = diagonal(np.transpose(x, [*others, i, j]))
            letters = "".join(letters[p] for p in others) + k
    return x, letters


@handles(np.convolve)
def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = array_of(a), array_of(v)
    if len(shape_of(a)) > 1 or len(shape_of(v)) > 1:
        raise ValueError("it is for sequences with one axis")
    a, v = np.reshape(a, -1), np.reshape(v, -1)
    a, v = (v, a) if shape_of(v) > shape_of(a) else (a, v)
    n, m = shape_of(a)[0], shape_of(v)[0]
    if not m:
        raise ValueError("neither of the two may be empty")
    rows = {"full": slice(None), "same": slice((m - 1) // 2, (m - 1) // 2 + n), "valid": slice(m - 1, n)}
    if mode not in rows:
        raise ValueError('mode must be "full", "same" or "valid"')
    around = op("scatter")(a, (slice(m - 1, m - 1 + n),), (n + 2 * (m - 1),))
    places = np.arange(n + m - 1)[rows[mode], None] + np.arange(m - 1, -1, -1)
    return matmul(op("index")(around, (places,)), v)


# --- traces, systems, determinants ------------------------------------------------------------------------------------


@handles(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    if len(shape_of(a)) < 2:
        given = f"an array of shape {shape_of(a)}" if shape_of(a) else "a number"
        raise TraceError(
            f"the trace is the sum along the diagonal of a matrix, and this is {given}; write np.sum to "
            "add up all elements"
        )
    if len(shape_of(a)) == 2 and not offset and (axis_of(axis1, a), axis_of(axis2, a)) == (0, 1):
        return op("trace")(a)
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


handles(np.linalg.trace)(lambda x, *, offset=0: _trace(x, offset, -2, -1))


def _square(x: Any, function: Any) -> Any:
    """The operand, which must be a square matrix, or a stack of such."""
    shape, alone = shape_of(x), function in (np.linalg.eigvalsh, np.linalg.eigh)
    if len(shape) < 2 or shape[-1] != shape[-2] or (len(shape) > 2 and alone):
        wanted = "one square matrix" if alone else "square matrices"
        raise TraceError(f"{numpy_name(function)} takes {wanted}, not an array of shape {shape}; give one of shape n×n")
    return x


@handles(np.linalg.solve)
def _solve(a: Any, b: Any) -> Any:
    a, b = _square(array_of(a), np.linalg.solve), array_of(b)
    m, n = len(shape_of(a)), len(shape_of(b))
    if not n:
        raise TraceError("np.linalg.solve takes a vector or a matrix on the right; give it one of shape (n,)")
    if m == 2 and n <= 2:
        return op("solve")(a, b)
    b = np.expand_dims(b, -1) if n == 1 else b  # a stack: each matrix needs its right side
    lead = np.broadcast_shapes(shape_of(a)[:-2], shape_of(b)[:-2])
    a, b = (np.broadcast_to(x, lead + shape_of(x)[-2:]) for x in (a, b))
    y = op("solve")(a, b)
    return np.squeeze(y, -1) if n == 1 else y


# The entries that make the parts of the answer.
_OF_SQUARE = {f: [op(f.__name__)] for f in (np.linalg.inv, np.linalg.det, np.linalg.cholesky, np.linalg.eigvalsh)}
_OF_SQUARE |= {np.linalg.slogdet: [op("detsign"), op("logdet")], np.linalg.eigh: [op("eigvalsh"), op("eigenvectors")]}


@each(*_OF_SQUARE)
def _of_square(function: Any, a: Any) -> Any:
    found = [entry(_square(a, function)) for entry in _OF_SQUARE[function]]
    return found[0] if len(found) == 1 else type(function(np.eye(1)))(*found)


@handles(np.linalg.svd)
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    if compute_uv:
        raise TraceError(
            "np.linalg.svd has signs that LAPACK chooses, so its vectors have no derivative here; "
            "write np.linalg.svd(a, compute_uv=False), or np.linalg.eigh(a.T @ a)"
        )
    return singular_values(a)


handles(np.linalg.svdvals)(singular_values)
handles(np.linalg.multi_dot, of_lists=True)(lambda arrays: reduce(matmul, map(array_of, arrays)))


@handles(np.linalg.matrix_power)
def _matrix_power(a: Any, n: int) -> Any:
    _square(a, np.linalg.matrix_power)
    if n:
        return reduce(matmul, [op("inv")(a) if n < 0 else a] * abs(n))
    if is_bool(a):
        raise ValueError("it is for numbers, not for truth values")
    return np.broadcast_to(np.eye(shape_of(a)[-1]), shape_of(a)) + (0j if is_complex(a) else 0.0)


# --- Fourier transforms: they are linear, so each is a product with a constant matrix ---------------------------------


def _along(x: Any, matrix: np.ndarray, axis: int) -> Any:
    return np.moveaxis(np.tensordot(x, matrix, (axis, 0)), -1, axis)


@each(np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft)
def _of_one_axis(function: Any, a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    axis = axis_of(axis, a)
    unit = np.eye(shape_of(a)[axis])
    if function is np.fft.rfft and is_complex(a):
        raise TraceError("np.fft.rfft is for real numbers; write np.fft.fft(z)")
    if function is not np.fft.irfft or not is_complex(a):
        return _along(a, function(unit, n, 1, norm), axis)
    parts = (np.real(a), unit), (np.imag(a), 1j * unit)  # the results are real
    first, second = (_along(part, function(units, n, 1, norm), axis) for part, units in parts)
    return first + second


@each(np.fft.fft2, np.fft.ifft2, np.fft.rfft2, np.fft.irfft2, np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn)
def _of_axes(function: Any, a: Any, s: Any = None, axes: Any = ..., norm: Any = None) -> Any:
    """Along the last axis, then the others; for real results the other way. Axes are cut or filled up to `s`."""
    if axes is ...:
        axes = (-2, -1) if function.__name__.endswith("2") else None
    if axes is None:
        axes = range(len(shape_of(a))) if s is None else range(-len(s), 0)
    found = axes_of(tuple(axes), a)
    if s is not None and len(s) != len(found):
        raise ValueError("s and axes must have the same length")
    pairs = [(axis, None if n == -1 else n) for axis, n in zip(found, s or [None] * len(found), strict=True)]
    last = getattr(np.fft, function.__name__[:-1])
    others = getattr(np.fft, last.__name__.replace("rfft", "fft"))
    for axis, n in pairs if last is np.fft.irfft else pairs[::-1]:
        a = _of_one_axis(last if axis == found[-1] else others, a, n, axis, norm)
    return a
