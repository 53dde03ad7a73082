"""Options and empty arrays, one case each: the traced value is NumPy's, in value and shape, and the slopes are right.

The table of all functions (test_numpy_table.py) draws such cases at random; these must be met every time.
"""

import numpy as np
import pytest
from numpy import inf

import backprop_lab as bl

A = np.array([[0.5, -1.5, 2.0], [1.25, 0.75, -0.5]])
CASES = {
    "var, ddof, axis 0": (lambda x: np.var(x, ddof=1, axis=0), A),
    "var, ddof, axis 1": (lambda x: np.var(x, ddof=2, axis=1), A),
    "norm 1, keepdims": (lambda x: np.linalg.norm(x, ord=1, axis=1, keepdims=True), A),
    "concatenate, last axis": (lambda x: np.concatenate([x, 2.0 * x], axis=-1), A),
    "concatenate, last but one": (lambda x: np.concatenate([x, x * x], axis=-2), A),
    "reshape to a row": (lambda x: np.reshape(x, -1), A),
    "reshape of nothing": (lambda x: np.reshape(x, (3, -1)), np.zeros((0, 3))),
    "flatten nothing": (lambda x: x.reshape(-1), np.zeros((2, 0))),
}


@pytest.mark.parametrize("name", CASES)
def test_value_shape_and_slopes(name):
    f, x = CASES[name]
    wanted = f(x)
    graph = bl.trace(f, x)
    assert np.shape(graph.value) == wanted.shape and np.allclose(graph.value, wanted, rtol=1e-14)
    if not x.size:
        return
    weights = np.cos(np.arange(wanted.size)).reshape(wanted.shape)
    ours, step = bl.grad(lambda x: np.sum(weights * f(x)))(x), 1e-6
    for at in np.ndindex(x.shape):
        ahead, back = x.copy(), x.copy()
        ahead[at] += step
        back[at] -= step
        assert ours[at] == pytest.approx(np.sum(weights * (f(ahead) - f(back))) / (2 * step), abs=1e-8), at


def test_logsumexp_of_nothing_but_minus_infinity():
    nothing = np.array([-inf, -inf])
    assert bl.logsumexp(nothing) == -inf and bl.trace(bl.logsumexp, nothing).value == -inf
