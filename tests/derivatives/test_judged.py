"""Softmax, logsumexp and cross-entropy beside SciPy's, with 50 digits of mpmath as the judge: values and gradients.

Scores are taken as the floats that they are; what is judged is only what the functions make of them.
"""

import importlib

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from support.machine import missing
from support.strategies import examples

import backprop_lab as bl

ULP = np.finfo(float).eps
LEAST = 1e-307  # smaller results have fewer digits
SCORES = st.lists(
    st.floats(-1000, 1000) | st.floats(-3, 3) | st.sampled_from([0.0, 1.0, -1000.0]), min_size=2, max_size=6
)


@pytest.fixture(scope="module")
def judge():
    """What each function is, in 50 digits, of scores and a target's weights."""
    try:
        mp = importlib.import_module("mpmath")
    except ImportError:
        missing("mpmath is not here; the extra test brings it")

    def by(z, p):
        with mp.workdps(50):
            z, p = [mp.mpf(x) for x in z], [mp.mpf(x) for x in p]
            top = max(z)
            parts = [mp.exp(x - top) for x in z]
            whole = mp.fsum(parts)
            softmax, log = [x / whole for x in parts], top + mp.log(whole)
            return {
                "softmax": softmax,
                "logsumexp": log,
                "log_softmax": [x - log for x in z],
                "cross_entropy": -mp.fsum(w * (x - log) for w, x in zip(p, z, strict=True)),
                # the slopes: of logsumexp, and of cross-entropy for weights whose sum is not always 1
                "softmax slope": [[a * ((i == j) - b) for j, b in enumerate(softmax)] for i, a in enumerate(softmax)],
                "cross_entropy slope": [mp.fsum(p) * s - w for s, w in zip(softmax, p, strict=True)],
            }

    return by


def off(found, right, scale=None):
    """How far results are off, in units of the last place: of each, or of `scale` where a sum takes digits away."""
    right = np.array(
        [[float(x) for x in np.ravel(row)] for row in np.atleast_1d(np.array(right, dtype=object))]
    ).ravel()
    found = np.ravel(found)
    size = np.maximum(np.abs(right), LEAST) if scale is None else scale
    return float(np.max(np.abs(found - right) / (ULP * size)))


@examples(40)
@given(SCORES, st.integers(0, 5))
def test_values_and_slopes_are_as_exact_as_floats_can_say(judge, z, one):
    """Cross-entropy and logsumexp are differences of the scores' size, so that is what they are measured by.

    An exponential turns a rounding of its argument, half a unit of at most 2,000, into a relative error: so softmax may
    be off by as many units, and SciPy's is, too.
    """
    z = np.array(z)
    p = np.zeros(len(z))
    p[one % len(z)] = 1.0
    known, spread, size = judge(z, p), 4 + np.ptp(z), 4 * (1 + np.abs(z).max())
    softmax = bl.softmax(z)
    assert off(softmax, known["softmax"]) <= spread
    assert off(softmax, known["softmax"]) <= off(scipy.special.softmax(z), known["softmax"]) + 4
    assert off(bl.logsumexp(z), known["logsumexp"], size) <= 1
    assert off(bl.log_softmax(z), known["log_softmax"], size) <= 1
    assert off(bl.cross_entropy(z, p), known["cross_entropy"], size) <= 1
    assert off(bl.cross_entropy(z, p), known["cross_entropy"], size) <= 4 + off(
        -(p @ scipy.special.log_softmax(z)), known["cross_entropy"], size
    )
    assert off(bl.grad(bl.logsumexp)(z), known["softmax"]) <= spread
    assert off(bl.grad(lambda z: bl.cross_entropy(z, p))(z), known["cross_entropy slope"], 1.0) <= spread
    assert off(bl.jacobian(bl.softmax)(z), known["softmax slope"], 1.0) <= spread


@pytest.mark.parametrize(
    "z", [(1000.0, 1000.0), (-1000.0, -10.0, -8.0), (1.0, 2.0, 3.0), (0.0, 0.0, 10.0), (800.0, -800.0)]
)
def test_the_lesson_s_scores(judge, z):
    """Scores at which a formula without care gives nan or 0; the weights need not add up to 1."""
    z, p = np.array(z), np.linspace(0.25, 1.5, len(z))
    known = judge(z, p)
    assert off(bl.softmax(z), known["softmax"]) <= 4 + np.ptp(z)
    assert off(bl.cross_entropy(z, p), known["cross_entropy"], 8 * (1 + np.abs(z).max())) <= 1
    assert off(bl.grad(lambda z: bl.cross_entropy(z, p))(z), known["cross_entropy slope"], 1.0) <= 8
    np.testing.assert_allclose(bl.softmax(z), scipy.special.softmax(z), rtol=1e-13, atol=1e-300)
    np.testing.assert_allclose(bl.log_softmax(z), scipy.special.log_softmax(z), rtol=1e-14)
