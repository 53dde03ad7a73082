"""Operands and functions for every entry of the table that maps whole arrays."""

import numpy as np

import backprop_lab as bl
from backprop_lab.table.table import primitives

RNG = np.random.default_rng(18065)


def R(*shape):  # noqa: N802  (in tables)
    return RNG.uniform(-2, 2, size=shape)


def apart(*shape):
    """Numbers that differ by at least a little, so that no maximum is near a tie."""
    return RNG.permutation(np.arange(1.0, np.prod(shape) + 1)).reshape(shape) / 3


def symmetric(n):
    q = np.linalg.qr(R(n, n))[0]
    return q * np.arange(1.0, n + 1) @ q.T


MASK = np.array([[True, False, True], [False, True, True]])

# For each entry, some (operands that are differentiated, the function of them): settings and plain operands are inside.
SAMPLES = {
    "broadcast_to": [
        ((R(3),), lambda x: np.broadcast_to(x, (2, 3))),
        ((R(2, 1),), lambda x: np.broadcast_to(x, (4, 2, 3))),
    ],
    "unbroadcast": [((R(4, 2, 3),), lambda x: primitives["unbroadcast"](x, (2, 1)))],
    "index": [
        ((R(4, 3),), lambda x: x[1:, 0]),
        ((R(4),), lambda x: x[2]),
        ((R(4, 3),), lambda x: x[[0, 0, 2]]),
        ((R(2, 3),), lambda x: x[MASK]),
        ((R(4, 3),), lambda x: x[..., None, ::-1]),
    ],
    "scatter": [
        ((R(2),), lambda x: primitives["scatter"](x, (np.array([1, 3]),), (4,))),
        ((R(2),), lambda x: np.diag(x)),
    ],
    "reshape": [((R(2, 3),), lambda x: x.reshape(3, -1)), ((R(2, 3),), lambda x: np.ravel(x))],
    "transpose": [((R(2, 3),), lambda x: x.T), ((R(2, 3, 4),), lambda x: np.transpose(x, (2, 0, 1)))],
    "stack": [
        ((R(3), R(3)), lambda a, b: np.stack([a, b, a])),
        ((R(2, 3), R(2, 3)), lambda a, b: np.stack([a, b], axis=-1)),
    ],
    "concatenate": [
        ((R(2, 3), R(1, 3)), lambda a, b: np.concatenate([a, b])),
        ((R(2, 3), R(2, 1)), lambda a, b: np.concatenate([a, b, a], axis=1)),
    ],
    "where": [((R(2, 3), R(3)), lambda a, b: np.where(MASK, a, b)), ((R(2, 3),), lambda a: np.where(MASK, a, 0.0))],
    "sum": [
        ((R(2, 3),), lambda x: np.sum(x)),
        ((R(2, 3),), lambda x: x.sum(axis=0)),
        ((R(2, 3, 2),), lambda x: np.sum(x, axis=(0, -1), keepdims=True)),
    ],
    "mean": [((R(2, 3),), lambda x: np.mean(x)), ((R(2, 3),), lambda x: x.mean(axis=1, keepdims=True))],
    "cumsum": [((R(4),), lambda x: np.cumsum(x)), ((R(2, 3),), lambda x: np.cumsum(x, axis=1))],
    "max": [
        ((apart(2, 3),), lambda x: np.max(x)),
        ((apart(2, 3),), lambda x: x.max(axis=1)),
        ((apart(2, 3),), lambda x: np.min(x, axis=0, keepdims=True)),
    ],
    "largest": [((apart(2, 3),), lambda x: primitives["largest"](x, 1))],
    "tied": [((apart(2, 3),), lambda x: primitives["tied"](x, 1))],
    "norm": [
        ((R(3),), lambda x: np.linalg.norm(x)),
        ((R(2, 3),), lambda x: np.linalg.norm(x)),
        ((R(2, 3),), lambda x: np.linalg.norm(x, axis=1, keepdims=True)),
    ],
    "logsumexp": [
        ((R(3),), lambda x: bl.logsumexp(x)),
        ((R(2, 3),), lambda x: bl.logsumexp(x, axis=1)),
        ((R(2, 3),), lambda x: np.logaddexp.reduce(x, axis=0)),
    ],
    "dot": [((R(3), R(3)), lambda a, b: a @ b), ((R(3), R(3)), lambda a, b: np.dot(a, b))],
    "matvec": [((R(2, 3), R(3)), lambda a, b: a @ b)],
    "vecmat": [((R(2), R(2, 3)), lambda a, b: a @ b)],
    "matmul": [
        ((R(2, 3), R(3, 2)), lambda a, b: a @ b),
        ((R(4, 2, 3), R(3, 2)), lambda a, b: np.matmul(a, b)),
        ((R(2, 1, 2, 3), R(3, 3, 2)), lambda a, b: a @ b),
        ((R(3), R(2, 3, 2)), lambda a, b: a @ b),
        ((R(2, 2, 3), R(3)), lambda a, b: a @ b),
    ],
    "outer": [((R(2), R(3)), lambda a, b: np.outer(a, b))],
    "einsum": [
        ((R(2, 3), R(3, 4)), lambda a, b: np.einsum("ij,jk->ik", a, b)),
        ((R(2, 3), R(2)), lambda a, b: np.einsum("ij,i->j", a, b)),
        ((R(2, 3), R(2)), lambda a, b: np.einsum("ij,i->i", a, b)),
        ((R(3, 3), R(3)), lambda a, b: np.einsum("ii,i->i", a, b)),
        ((R(2, 3, 2), R(2, 4)), lambda a, b: np.tensordot(a, b, 1)),
        ((R(2, 3), R(2, 3)), lambda a, b: np.einsum("ij,ij", a, b)),
    ],
    "softmax": [((R(3),), lambda x: bl.softmax(x)), ((R(2, 3),), lambda x: bl.softmax(x, axis=0))],
    "log_softmax": [((R(3),), lambda x: bl.log_softmax(x)), ((R(2, 3),), lambda x: bl.log_softmax(x, axis=0))],
    "cross_entropy": [
        ((R(3), np.array([0.2, 0.3, 0.5])), lambda z, p: bl.cross_entropy(z, p)),
        ((R(2, 3), abs(R(2, 3))), lambda z, p: bl.cross_entropy(z, p)),
    ],
    "solve": [
        ((R(3, 3) + 4 * np.eye(3), R(3)), lambda a, b: np.linalg.solve(a, b)),
        ((R(3, 3) + 4 * np.eye(3), R(3, 2)), lambda a, b: np.linalg.solve(a, b)),
        ((R(2, 3, 3) + 4 * np.eye(3), R(3, 2)), lambda a, b: np.linalg.solve(a, b)),
    ],
    "inv": [
        ((R(3, 3) + 4 * np.eye(3),), lambda x: np.linalg.inv(x)),
        ((R(2, 3, 3) + 4 * np.eye(3),), lambda x: np.linalg.inv(x)),
    ],
    "det": [
        ((R(3, 3) + 4 * np.eye(3),), lambda x: np.linalg.det(x)),
        ((R(2, 2, 2) + 4 * np.eye(2),), lambda x: np.linalg.det(x)),
    ],
    "trace": [((R(3, 3),), lambda x: np.trace(x)), ((R(2, 4),), lambda x: np.trace(x))],
    "eigvalsh": [((symmetric(3),), lambda x: np.linalg.eigvalsh((x + x.T) / 2))],
    "eigenvectors": [((symmetric(3),), lambda x: np.linalg.eigh((x + x.T) / 2)[1])],
    "prod": [
        ((R(4),), lambda x: np.prod(x)),
        ((R(2, 3),), lambda x: np.prod(x, axis=1, keepdims=True)),
        ((np.array([0.0, 2.0, 0.0]),), lambda x: np.prod(x)),
        ((R(2, 3, 2),), lambda x: x.prod(axis=(0, 2))),
    ],
    "sort": [
        ((apart(4),), lambda x: np.sort(x)),
        ((apart(3, 4),), lambda x: np.sort(x, axis=0)),
        ((apart(3, 3),), lambda x: np.median(x, axis=1)),
    ],
    "arranged": [((R(3),), lambda x: primitives["arranged"](x, np.array([2.0, 3.0, 1.0]), 0))],
    "put_back": [((R(3, 2),), lambda x: primitives["put_back"](x, np.array([[2.0, 0.5], [1.0, 3.0], [4.0, 1.0]]), 0))],
    "logdet": [
        ((R(3, 3) + 4 * np.eye(3),), lambda x: np.linalg.slogdet(x)[1]),
        ((R(2, 3, 3) + 4 * np.eye(3),), lambda x: np.linalg.slogdet(x)[1]),
    ],
    "detsign": [((R(3, 3) + 4 * np.eye(3),), lambda x: np.linalg.slogdet(-x)[0] * x)],
    "cholesky": [
        ((symmetric(3),), lambda x: np.linalg.cholesky((x + x.T) / 2)),
        ((np.stack([symmetric(3), symmetric(3)]),), lambda x: np.linalg.cholesky((x + x.transpose(0, 2, 1)) / 2)),
    ],
    "isnan": [((R(3),), lambda x: np.where(np.isnan(x), 0.0, x))],
    "isinf": [((R(3),), lambda x: x * ~np.isinf(x))],
    "isfinite": [((R(3),), lambda x: x * np.isfinite(x))],
    "conj": [((R(2), R(2)), lambda a, b: np.real(np.conj(a + 1j * b) * (a + 2j * b)))],
    "real": [((R(2), R(2)), lambda a, b: np.real((a + 1j * b) ** 2))],
    "imag": [((R(2), R(2)), lambda a, b: np.imag((a + 1j * b) ** 3))],
    "modulus": [((R(2), R(2)), lambda a, b: np.abs(a + 1j * b))],
    "greater": [((R(3),), lambda x: x * (x > 0))],
    "greater_equal": [((R(3),), lambda x: x * (x >= 0))],
    "less": [((R(3),), lambda x: x * (x < 0))],
    "less_equal": [((R(3),), lambda x: x * (x <= 0.5))],
    "equal": [((R(3),), lambda x: x * (x == 1))],
    "not_equal": [((R(3),), lambda x: x * (x != 1))],
    "logical_and": [((R(3),), lambda x: x * ((x > -1) & (x < 1)))],
    "logical_or": [((R(3),), lambda x: x * ((x < -1) | (x > 1)))],
    "logical_not": [((R(3),), lambda x: x * ~(x > 0))],
}

CASES = [(name, k, args, f) for name, cases in SAMPLES.items() for k, (args, f) in enumerate(cases)]

# --- NumPy's functions ------------------------------------------------------------------------------------------------

A, B, V = R(3, 4), R(4, 2), R(4)

NUMPY = {
    "np.min(x, axis=1)": A,
    "np.std(x, axis=0)": A,
    "np.var(x, ddof=1)": A,
    "x.var(axis=1, keepdims=True)": A,
    "np.swapaxes(x, 0, 1)": A,
    "np.moveaxis(x, 0, -1)": R(2, 3, 4),
    "np.squeeze(x)": R(1, 3),
    "np.expand_dims(x, 1)": A,
    "np.atleast_2d(x)": V,
    "np.hstack([x, x])": V,
    "np.vstack([x, 2 * x])": V,
    "np.column_stack([x, x])": V,
    "np.append(x, x)": V,
    "np.flip(x, axis=1)": A,
    "np.roll(x, 2)": V,
    "np.take(x, [0, 2])": V,
    "np.repeat(x, 2)": V,
    "np.tile(x, 2)": V,
    "np.tril(x)": A,
    "np.triu(x, 1)": A,
    "np.diff(x)": V,
    "np.diff(x, axis=0, n=2)": A,
    "np.clip(x, -1, 1)": V,
    "x.clip(-1, 1)": V,
    "np.diagonal(x)": A,
    "np.diag(x)": V,
    "np.diag(x, 1)": A,
    "np.dot(x, B)": A,
    "np.dot(2.0, x)": V,
    "np.vdot(x, x)": V,
    "np.inner(x, x)": A,
    "np.outer(x, x)": V,
    "np.tensordot(x, B, ((1,), (0,)))": A,
    "np.einsum('ij->ji', x)": A,
    "np.einsum('ii', x)": R(3, 3),
    "np.einsum('ij->i', x)": A,
    "np.linalg.norm(x, 1)": V,
    "np.linalg.norm(x, np.inf)": V,
    "np.linalg.matrix_power(x, 3)": R(3, 3),
    "np.linalg.eigh(x + x.T)[0]": symmetric(3),
    "np.real(x)": V,
    "np.imag(1j * x)": V,
    "np.angle(x + 1j)": V,
    "x.flatten()": A,
    "x.reshape((2, 6))": A,
    "x.transpose(1, 0)": A,
    "x.item(2)": V,
    "x.astype(float)": V,
    "np.broadcast_arrays(x, A)[0]": V,
    "np.logaddexp(x, 0.5)": V,
    "np.add.reduce(x)": V,
    "np.sum(x * np.ones_like(x)) * np.size(x)": A,
    "sum(x)": V,
    "[t for t in x][2]": V,
    "np.reshape(x, -1)[len(x)]": A,
    "np.cumsum(x)": A,
    "np.trace(x, 1)": A,
    "abs(x)": V,
    "np.where(x > 0, x, x**2)": V,
    "np.maximum(x, 0)": V,
    "-x / (1 + x**2)": V,
    "2.0 ** x": V,
    "x ** 3": V,
    "B.T @ x.T": A,
    "A @ x": V,
    "np.float64(2.0) * x": V,
    "x.T.conj()": A,
    "np.mean(x.copy())": A,
    "np.take(x, 1, axis=0)": A,
    "np.dot(x, R3)": R(2, 2, 3),
}

SPACE = {"np": np, "A": A, "B": B, "R3": R(2, 3, 2)}
