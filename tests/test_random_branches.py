"""Random functions that branch, compiled and as they are: the same numbers of the same types, or the same errors."""

import warnings

import numpy as np
import pytest
from branching import array_functions, functions
from hypothesis import given
from strategies import examples

import backprop_lab as bl


def outcome(call, *args):
    """What a call gives, or the kind of error it raises."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return call(*args)
    except Exception as error:
        return type(error)


def alike(mine, other, note=""):
    """Whether two outcomes have the same structure, types, shapes and numbers."""
    assert type(mine) is type(other), (note, mine, other)
    if isinstance(other, type):
        assert mine is other, (note, mine, other)
    elif isinstance(other, tuple | list):
        assert len(mine) == len(other)
        for x, y in zip(mine, other, strict=True):
            alike(x, y, note)
    elif isinstance(other, np.ndarray):
        assert (mine.shape, mine.dtype) == (other.shape, other.dtype), (note, mine, other)
        np.testing.assert_allclose(mine, other, rtol=1e-8, atol=1e-10 * _largest(other), err_msg=str(note))
    else:
        assert mine == pytest.approx(other, rel=1e-8, abs=1e-13, nan_ok=True), (note, mine, other)


def _largest(x):
    finite = np.abs(x[np.isfinite(x)])
    return max(finite, default=1.0)


def as_the_engine(f, program, at):
    known = outcome(bl.value_and_grad(f), *at)
    alike(outcome(program.value_and_grad, *at), known, at)
    alike(outcome(program.value, *at), known if isinstance(known, type) else known[0], at)


def compiled(f):
    """The program, compiled where the function goes; where it does not, the error is the engine's."""
    program = outcome(bl.compile, f, *f.example)
    if isinstance(program, type):
        alike(program, outcome(bl.value_and_grad(f), *f.example))
        return None
    return program


@examples(30)
@given(functions())
def test_numbers(f):
    if program := compiled(f):
        for at in (f.example, *f.points):
            as_the_engine(f, program, at)


@examples(30)
@given(array_functions())
def test_arrays(f):
    if program := compiled(f):
        for at in (f.example, *f.points):
            as_the_engine(f, program, at)
