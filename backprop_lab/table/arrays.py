"""The values of the table's entries for arrays that NumPy has no ready function for."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DomainError


def unbroadcast(x: Any, shape: tuple[int, ...]) -> Any:
    """Add up along the axes that NumPy's broadcasting had put in front or had stretched from 1."""
    x = np.asarray(x)
    x = x.sum(axis=tuple(range(x.ndim - len(shape)))) if x.ndim > len(shape) else x
    stretched = tuple(k for k, (have, want) in enumerate(zip(np.shape(x), shape, strict=True)) if want == 1 != have)
    y = np.add.reduce(x, axis=stretched, keepdims=True) if stretched else x
    if np.shape(y) != shape:
        raise ValueError(f"an adjoint of shape {np.shape(y)} cannot belong to a value of shape {shape}")
    return y


def index(x: Any, key: Any) -> Any:
    """x[key], always with numbers of its own."""
    return np.array(x[key])


def scatter(x: Any, key: Any, shape: tuple[int, ...]) -> Any:
    """Zeros with x added at the places of a key: what indexing reads, this puts back, twice where it was read twice."""
    out = np.zeros(shape, dtype=np.asarray(x).dtype)
    if reads_once(key):
        out[key] = x
    else:
        np.add.at(out, key, x)
    return out


def reads_once(key: Any) -> bool:
    """Whether an index can be seen to read no place twice: it is made of whole numbers and slices, or of columns of
    whole numbers too, one of which ascends, as in S[np.arange(n), y]."""
    parts = key if isinstance(key, tuple) else (key,)
    others = [k for k in parts if not (k is None or k is ... or isinstance(k, int | np.integer | slice))]
    columns = [k for k in others if isinstance(k, np.ndarray) and k.dtype.kind in "iu" and k.ndim == 1]
    if len(columns) < len(others):
        return False
    longest = max(map(len, columns), default=0)  # a column of one is spread out
    ascends = (len(k) == longest and k[0] >= 0 and bool(np.all(k[1:] > k[:-1])) for k in columns if len(k))
    return not columns or any(ascends)


def largest(x: Any, axis: Any) -> Any:
    """1 at the largest element along the axes; where several are equal, each gets its share."""
    top = np.maximum.reduce(x, axis=axis, keepdims=True)
    at = np.equal(x, top)
    if np.count_nonzero(at) == top.size and not np.isnan(top).any():  # one in each
        return at * 1.0
    return at / at.sum(axis=axis, keepdims=True)


def arranged(v: Any, x: Any, axis: int) -> Any:
    """The numbers v in the order that sorts x along an axis."""
    return np.take_along_axis(np.asarray(v), np.argsort(x, axis=axis, kind="stable"), axis)


def put_back(v: Any, x: Any, axis: int) -> Any:
    """What `arranged` undoes: the numbers v at the places that those of the sorted x came from."""
    out = np.empty_like(v)
    np.put_along_axis(out, np.argsort(x, axis=axis, kind="stable"), v, axis)
    return out


def tied(x: Any, axis: Any) -> Any:
    """nan at the largest elements where several are equal, for their shares jump; else 0."""
    at = largest(x, axis)
    return np.where((at == 0) | (at == 1), 0.0, np.nan)


def norm(x: Any, axis: Any, keepdims: bool) -> Any:
    """The square root of the sum of squares (2-norm of a vector, Frobenius norm of a matrix)."""
    return np.sqrt(np.sum(np.real(x * np.conj(x)), axis=axis, keepdims=keepdims))


def pseudo_reciprocal(x: Any) -> Any:
    """1 / x, and 0 where x is 0."""
    x = np.asarray(x)
    return np.divide(1.0, x, out=np.zeros_like(x), where=x != 0)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))), shifted by the maximum so that exp never overflows."""
    top = _finite_top(x, axis)
    with np.errstate(divide="ignore"):  # of nothing but -inf
        y = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return y if keepdims else np.squeeze(y, axis=axis)


def _finite_top(x: Any, axis: Any) -> Any:
    """The largest number, or 0 where that is infinite."""
    top = np.max(x, axis=axis, keepdims=True)
    return np.where(np.isfinite(top), top, 0.0)


def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x) / sum(exp(x)), shifted by the maximum so that exp never overflows; equal infinities share."""
    top = np.max(x, axis=axis, keepdims=True)
    e = np.exp(np.where(np.equal(x, top), 0.0, np.subtract(x, top)) if np.isinf(top).any() else x - top)
    return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """log(softmax(x)) without the detour over numbers that underflow; shifted, so that large x lose no digits."""
    less = np.subtract(x, _finite_top(x, axis))
    return less - logsumexp(less, axis, True)


def cross_entropy(z: Any, p: Any, axis: int = -1) -> Any:
    """-sum(p * log(softmax(z))): z are logits, p the target's probabilities, for example 0s and one 1."""
    terms = np.multiply(p, log_softmax(z, axis))
    if np.isnan(terms).any():
        terms = np.where(np.equal(p, 0), 0.0, terms)  # what cannot happen costs nothing, even if it is impossible
    return -np.sum(terms, axis=axis)


def logdet(a: Any) -> Any:
    """log |det(a)|, which neither overflows nor underflows."""
    return np.linalg.slogdet(a)[1]


def detsign(a: Any) -> Any:
    """The sign of the determinant."""
    return np.linalg.slogdet(a)[0]


def _symmetric(a: Any, what: str, stacks: bool = False) -> Any:
    a = np.asarray(a)
    square = (a.ndim == 2 or stacks) and a.shape[-1] == a.shape[-2] and not np.iscomplexobj(a)
    if not square or not np.allclose(a, np.swapaxes(a, -1, -2), rtol=1e-9):
        raise DomainError(f"{what} real symmetric matrix, and here a[i, j] and a[j, i] differ")
    return (a + np.swapaxes(a, -1, -2)) / 2


def cholesky(a: Any) -> Any:
    """The lower triangle L with L Lᵀ = a, of a symmetric positive definite matrix; else a DomainError."""
    return np.linalg.cholesky(_symmetric(a, "cholesky takes a", stacks=True))


def eigvalsh(a: Any) -> Any:
    """The eigenvalues of a real symmetric matrix, in rising order; a DomainError if it is not symmetric."""
    return np.linalg.eigvalsh(_symmetric(a, "eigvalsh and eigh take one"))


def eigenvectors(a: Any) -> Any:
    """The eigenvectors of a symmetric matrix as columns, in the order of the eigenvalues."""
    return np.linalg.eigh(_symmetric(a, "eigvalsh and eigh take one"))[1]
