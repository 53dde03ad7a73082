"""NumPy's products and its linear algebra on traced values, in entries of the table."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import TraceError
from ...source import frames
from ...table.table import primitives
from ...table.values import is_bool, is_complex, shape_of
from ..comparisons import settled_truth
from ..traced import Traced
from .handlers import axes_of, axis_of, each, handles, op
from .reductions import singular_values
from .shapes import array_of

__all__ = ["matmul"]

frames.engine_module(globals())


def matmul(a: Any, b: Any) -> Any:
    """a @ b for any ranks NumPy allows: vectors have entries of their own, higher ranks are stacks of matrices."""
    m, n = len(shape_of(a)), len(shape_of(b))
    if not m or not n:
        raise TraceError("@ needs an array on either side; write * for a product with a number")
    if m <= 2 and n <= 2:
        name = {(1, 1): "dot", (2, 1): "matvec", (1, 2): "vecmat", (2, 2): "matmul"}[m, n]
        y = primitives[name].function(a, b)
        return settled_truth(y) if is_bool(a) and is_bool(b) else y
    reshape, product = primitives["reshape"].function, primitives["matmul"].function
    left = reshape(a, (1, *shape_of(a))) if m == 1 else a
    right = reshape(b, (*shape_of(b), 1)) if n == 1 else b
    y = product(left, right)
    shape = shape_of(y)
    return reshape(y, shape[:-2] + shape[-1:]) if m == 1 else reshape(y, shape[:-1]) if n == 1 else y


setattr(Traced, "__matmul__", matmul)  # noqa: B010
setattr(Traced, "__rmatmul__", lambda self, other: matmul(other, self))  # noqa: B010


@handles(np.dot)
def _dot(a: Any, b: Any) -> Any:
    a, b = array_of(a), array_of(b)
    m, n = len(shape_of(a)), len(shape_of(b))
    if not m or not n:
        return a * b
    return matmul(a, b) if m <= 2 and n <= 2 else _tensordot(a, b, ((m - 1,), (max(n - 2, 0),)))


handles(np.linalg.matmul)(lambda x1, x2: matmul(array_of(x1), array_of(x2)))


@handles(np.vdot)
def _vdot(a: Any, b: Any) -> Any:
    a, b = (np.reshape(array_of(x), -1) for x in (a, b))
    return matmul(np.conj(a), b)


@handles(np.inner)
def _inner(a: Any, b: Any) -> Any:
    a, b = array_of(a), array_of(b)
    m, n = len(shape_of(a)), len(shape_of(b))
    return a * b if not m or not n else matmul(a, b) if m == n == 1 else _tensordot(a, b, ((m - 1,), (n - 1,)))


@handles(np.outer, np.linalg.outer)
def _outer(a: Any, b: Any) -> Any:
    return op("outer")(np.reshape(array_of(a), -1), np.reshape(array_of(b), -1))


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
        left, right = (axes_of(k if isinstance(k, int) else tuple(k), x) for k, x in zip(axes, (a, b), strict=True))
    if len(left) != len(right) or any(shape_of(a)[i] != shape_of(b)[j] for i, j in zip(left, right, strict=True)):
        raise ValueError("the axes that are added up must have the same lengths")
    first, second = list(string.ascii_letters[:m]), list(string.ascii_letters[m : m + n])
    for i, j in zip(left, right, strict=True):
        second[j] = first[i]
    out = [k for k in first if k not in second] + [k for k in second if k not in first]
    return op("einsum")(a, b, f"{''.join(first)},{''.join(second)}->{''.join(out)}")


# --- einsum -----------------------------------------------------------------------------------------------------------


@handles(np.einsum)
def _einsum(*operands: Any, optimize: Any = False) -> Any:
    spec, arrays = _spelled(operands)
    inputs, arrow, out = spec.replace(" ", "").partition("->")
    letters = inputs.split(",")
    if len(letters) != len(arrays) or len(set(out)) < len(out) and "." not in out:
        raise ValueError(f'"{spec}" names {len(letters)} operands, and {len(arrays)} are given')
    if all(map(is_bool, arrays)):
        raise ValueError("it is for numbers, not for truth values")
    letters, out = _without_dots(letters, arrow, out, arrays)
    sizes: dict[str, int] = {}
    for k, x in zip(letters, arrays, strict=True):
        if len(k) != len(shape_of(x)) or not k.isalpha() and k:
            shapes = " and ".join(str(shape_of(x)) for x in arrays)
            raise TraceError(f'"{inputs}" does not fit the shapes {shapes}; write a letter for each axis')
        for letter, n in zip(k, shape_of(x), strict=True):
            if sizes.setdefault(letter, n) != n and 1 not in (sizes[letter], n):
                raise ValueError(f"the letter {letter} stands for {sizes[letter]} and for {n}")
            sizes[letter] = max(sizes[letter], n) if n else 0
    if any(k not in sizes for k in out):
        raise ValueError(f"the output {out!r} has a letter that no operand has")
    pairs = [_plain_letters(_stretched(x, k, sizes), k) for x, k in zip(arrays, letters, strict=True)]
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


def _spelled(operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """The letters and the arrays; NumPy also takes lists of numbers in place of letters."""
    if not operands:
        raise ValueError("the letters are missing")
    if isinstance(operands[0], str):
        return operands[0], [array_of(x) for x in operands[1:]]
    arrays = [array_of(x) for x in operands[: len(operands) // 2 * 2 : 2]]

    def letters(numbers: Any) -> str:
        return "".join("..." if k is ... else string.ascii_letters[k] for k in numbers)

    spec = ",".join(letters(k) for k in operands[1::2])
    return (f"{spec}->{letters(operands[-1])}" if len(operands) % 2 else spec), arrays


def _without_dots(letters: list[str], arrow: str, out: str, arrays: list[Any]) -> tuple[list[str], str]:
    """Letters for the axes that "..." stands for, and the output where it is not given."""
    free = [k for k in string.ascii_letters if k not in "".join(letters)]
    wide = 0
    for i, (k, x) in enumerate(zip(letters, arrays, strict=True)):
        if "..." in k:
            n = len(shape_of(x)) - len(k) + 3
            if n < 0:
                raise ValueError(f'"{k}" has more letters than the array has axes')
            wide = max(wide, n)
            letters[i] = k.replace("...", "".join(free[-n:]) if n else "")
    dots = "".join(free[-wide:]) if wide else ""
    if not arrow:
        everything = "".join(letters)
        out = dots + "".join(sorted(k for k in set(everything) if everything.count(k) == 1 and k not in dots))
    return letters, out.replace("...", dots)


def _stretched(x: Any, letters: str, sizes: dict[str, int]) -> Any:
    """The operand where an axis of length 1 is repeated, as the other operands need it."""
    wanted = tuple(sizes[k] for k in letters)
    return x if shape_of(x) == wanted else np.broadcast_to(x, wanted)


def _plain_letters(x: Any, letters: str) -> tuple[Any, str]:
    """The operand with each letter once: a letter that stands twice takes the diagonal."""
    for k in sorted(set(letters), key=letters.index):
        while letters.count(k) > 1:
            i = letters.index(k)
            j = letters.index(k, i + 1)
            n = len(letters)
            x = np.transpose(x, [*(p for p in range(n) if p not in (i, j)), i, j])
            places = np.arange(shape_of(x)[-1])
            x = op("index")(x, (*(slice(None),) * (n - 2), places, places))
            letters = "".join(letters[p] for p in range(n) if p not in (i, j)) + k
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
    if len(shape_of(a)) == 2 and not offset and (axis_of(axis1, a), axis_of(axis2, a)) == (0, 1):
        return op("trace")(a)
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


@handles(np.linalg.trace)
def _matrix_trace(x: Any, *, offset: int = 0) -> Any:
    return _trace(x, offset, -2, -1) if len(shape_of(x)) != 2 else _trace(x, offset)


def _square(x: Any, what: str, stacks: bool = True) -> Any:
    shape = shape_of(x)
    if len(shape) < 2 or shape[-1] != shape[-2] or (len(shape) > 2 and not stacks):
        raise TraceError(
            f"{what} takes {'square matrices' if stacks else 'one square matrix'}, not an array of shape {shape}"
            "; give one of shape n×n"
        )
    return x


@handles(np.linalg.solve)
def _solve(a: Any, b: Any) -> Any:
    a, b = _square(array_of(a), "np.linalg.solve"), array_of(b)
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


@each(np.linalg.inv, np.linalg.det, np.linalg.cholesky, np.linalg.eigvalsh)
def _of_square(function: Any, a: Any) -> Any:
    name = function.__name__
    return op(name)(_square(a, f"np.linalg.{name}", stacks=name != "eigvalsh"))


@handles(np.linalg.slogdet)
def _slogdet(a: Any) -> Any:
    _square(a, "np.linalg.slogdet")
    return np.linalg.slogdet(np.eye(1)).__class__(op("detsign")(a), op("logdet")(a))


@handles(np.linalg.eigh)
def _eigh(a: Any) -> Any:
    _square(a, "np.linalg.eigh", stacks=False)
    return np.linalg.eigh(np.eye(1)).__class__(op("eigvalsh")(a), op("eigenvectors")(a))


handles(np.linalg.svdvals)(singular_values)


@handles(np.linalg.svd)
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    if compute_uv:
        raise TraceError(
            "np.linalg.svd has signs that LAPACK chooses, so its vectors have no derivative here; "
            "write np.linalg.svd(a, compute_uv=False), or np.linalg.eigh(a.T @ a)"
        )
    return singular_values(a)


@handles(np.linalg.matrix_power)
def _matrix_power(a: Any, n: int) -> Any:
    base = op("inv")(_square(a, "np.linalg.matrix_power")) if n < 0 else _square(a, "np.linalg.matrix_power")
    if not n and is_bool(a):
        raise ValueError("it is for numbers, not for truth values")
    if not n:
        return np.broadcast_to(np.eye(shape_of(a)[-1]), shape_of(a)) + (0j if is_complex(a) else 0.0)
    result = base
    for _ in range(abs(n) - 1):
        result = result @ base
    return result


@handles(np.linalg.multi_dot)
def _multi_dot(arrays: Sequence[Any]) -> Any:
    result, *rest = map(array_of, arrays)
    for x in rest:
        result = matmul(result, x)
    return result
