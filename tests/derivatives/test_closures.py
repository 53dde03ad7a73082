"""Inner functions that close over outer variables, through every entry of the table, in all operators.

`d/dx of (inner derivative with respect to y of g(x, y))` is the mixed second derivative of g, which differences of the
inner derivative give, too; there no tape is inside another one.
"""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.array_samples import SAMPLES
from support.strategies import examples

import backprop_lab as bl
from backprop_lab.table.table import primitives

FLAT = {"sign", "unit_step", "wins", "side", "gate", "share", "no_slope", "sech2", "bell"}
ELEMENTWISE = [op for op in primitives.values() if op.elementwise and op.name not in FLAT]
WHOLE = [(name, args, f) for name, samples in SAMPLES.items() for args, f in samples]


def real(y):
    """One number that depends on every element of a result."""
    y = np.real(y) + np.imag(y) if np.iscomplexobj(y) else y
    return np.sum(np.cos(y * 0.5) * 0.3 + y) if np.ndim(y) else np.cos(y * 0.5) * 0.3 + y


INNER = {
    "grad": lambda g, y: bl.grad(g)(y),
    "value_and_grad": lambda g, y: bl.value_and_grad(g)(y)[1],
    "jvp": lambda g, y: bl.jvp(g, (y,), (1.0,))[1],
    "vjp": lambda g, y: bl.vjp(g, y)[1](1.0)[0],
    "reverse": lambda g, y: bl.jacobian(g)(y),
    "forward": lambda g, y: bl.jacobian(g, mode="forward")(y),
    "hvp": lambda g, y: bl.hvp(g, (y,), (1.0,)),
    "hessian": lambda g, y: bl.hessian(g)(y),
}
OUTER = {
    "grad": lambda f, x: bl.grad(f)(x),
    "jvp": lambda f, x: bl.jvp(f, (x,), (1.0,))[1],
    "forward": lambda f, x: bl.jacobian(f, mode="forward")(x),
    "trace": lambda f, x: bl.adjoint_sweep(bl.trace(f, x)).numbers[0],
    "compile": lambda f, x: bl.compile(f, x).value_and_grad(x)[1],
    "checkpoint": lambda f, x: bl.grad(bl.checkpoint(f))(x),
    "custom": lambda f, x: bl.grad(bl.custom(f, jvp=lambda xs, ts: bl.jvp(f, xs, ts)))(x),
}


def check(g, x, y, inner, outer):
    """The outer derivative of the inner one against differences of it."""
    h = 1e-5

    def slope(x):
        return INNER[inner](lambda y: g(x, y), y)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = (slope(x + h) - slope(x - h)) / (2 * h)
        found = OUTER[outer](slope, x)
    assert np.allclose(found, expected, rtol=1e-4, atol=1e-5 * (1 + abs(slope(x)))), (found, expected)


pairs = st.tuples(st.sampled_from([*INNER]), st.sampled_from([*OUTER]))


@examples(30)
@given(st.sampled_from(ELEMENTWISE), st.integers(0, 2), pairs, st.floats(0.8, 1.2))
def test_elementwise_entries_close_over_outer_variables(op, k, how, x):
    low = [d.sample[0] + 0.6 * (d.sample[1] - d.sample[0]) + 0.07 * i for i, d in enumerate(op.domain)]

    def g(x, y):
        operands = [a * (1 + 0.05 * np.sin(x)) if i == k else a * (1 + 0.05 * np.sin(x * y)) for i, a in enumerate(low)]
        return real(op.function(*operands, *((3,) if op.params else ()))) * np.cos(x * y)

    check(g, x, 1.1, *how)


@examples(40)
@given(st.sampled_from(WHOLE), st.integers(0, 2), pairs, st.floats(0.9, 1.1))
def test_entries_of_arrays_close_over_outer_variables(sample, k, how, x):
    name, args, f = sample
    if name in ("custom", "largest", "tied") or primitives[name].pulls and set(primitives[name].pulls) == {"0"}:
        return
    if name in ("eigvalsh", "eigenvectors", "cholesky", "det", "logdet", "inv", "solve", "trace"):
        k = 0  # a shift of all elements would take a matrix out of its kind

    def g(x, y):
        turns = [1 + 0.05 * np.sin(x if i == k and len(args) > 1 else x * y) for i in range(len(args))]
        operands = [a if np.asarray(a).dtype.kind not in "fc" else a * t for a, t in zip(args, turns, strict=True)]
        try:
            return real(f(*operands)) * np.cos(x * y)
        except bl.DomainError:
            return np.cos(x * y)

    check(g, x, 1.1, *how)


MIXED = {
    "stack": lambda x, y, z: np.sum(np.stack([x, x * y, z, x]) ** 2),
    "concatenate": lambda x, y, z: np.sum(np.concatenate([np.stack([x, z]), np.stack([x * y]), np.stack([x, z])]) ** 3),
    "where": lambda x, y, z: np.where(x > 0, x * y, z) * np.where(y > 50, z, x) * z,
    "einsum": lambda x, y, z: np.einsum("i,i->", np.stack([x, y * z]), np.stack([z * x, x])),
    "solve": lambda x, y, z: np.sum(np.linalg.solve(np.array([[3.0, 0.2], [0.1, 2.0]]) * x, np.stack([y * z, x]))),
    "index": lambda x, y, z: np.sum(np.stack([x, y * x, z * y])[[0, 1, 1, 2]] * x),
    "power": lambda x, y, z: (x**y) ** z + bl.power(x * z, y),
    "clip": lambda x, y, z: np.clip(x * y * z, x - 9, z + 9) ** 2,
    "norm": lambda x, y, z: np.linalg.norm(np.stack([x, y * z, x])) * y,
    "array": lambda x, y, z: np.sum(np.array([x, x * y, z, x]) ** 2) * np.max([x, z, x * z + 9]),
    "logsumexp": lambda x, y, z: bl.logsumexp(np.stack([x, y * z, x])) ** 2,
    "custom": lambda x, y, z: (
        bl.custom(
            lambda a, b, c: a * b * c, vjp=lambda a, b, c: (a * b * c, lambda g: (g * b * c, g * a * c, g * a * b))
        )(x, x * y, z)
        ** 2
    ),
    "checkpoint": lambda x, y, z: bl.checkpoint(lambda a, b, c: a * b + np.sin(c * b))(x, y * z, x),
}


@pytest.mark.parametrize("name", MIXED)
def test_operands_of_three_levels(name):
    """The outer two variables of three nested derivatives, in every place of a call."""
    f = MIXED[name]
    if name == "custom" or name == "checkpoint":
        inner = ("grad", "jvp", "vjp", "reverse")
    else:
        inner = tuple(INNER)
    for k in inner:
        for outer in ("grad", "jvp", "trace", "compile"):
            check(lambda x, y: f(x, y, 1.3), 1.2, 0.7, k, outer)
    third = bl.grad(lambda z: bl.grad(lambda x: bl.grad(lambda y: f(x, y, z))(0.7))(1.2))(1.3)
    h = 1e-4
    mixed = [bl.grad(lambda x, z=z: bl.grad(lambda y: f(x, y, z))(0.7))(1.2) for z in (1.3 + h, 1.3 - h)]
    assert third == pytest.approx((mixed[0] - mixed[1]) / (2 * h), rel=1e-5, abs=1e-6)
