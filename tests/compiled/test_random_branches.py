"""Random functions that branch, compiled and as they are: the same numbers of the same types, or the same errors."""

import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given
from support.branching import array_functions, functions
from support.strategies import examples

import backprop_lab as bl
from backprop_lab.recording.trees import leaves


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
    alike(outcome(program.value_and_grad, *at), outcome(bl.value_and_grad(f), *at), at)
    alike(outcome(program.value, *at), outcome(value, f, *at), at)


def value(f, *at):
    return bl.vjp(f, *at)[0]


def compiled(f):
    """The program, compiled where the function goes; where it does not, the error is the engine's."""
    program = outcome(bl.compile, f, *f.example)
    if isinstance(program, type):
        alike(program, outcome(bl.value_and_grad(f), *f.example))
        return None
    return program


def at_points(program, which, points):
    """What a program says at arrays of points, and what it says at each of them."""
    columns = [np.array(column, dtype=float) for column in zip(*points, strict=True)]
    together = outcome(getattr(program, which), *columns)
    each = [outcome(getattr(program, which), *map(float, at)) for at in points]
    errors = [x for x in each if isinstance(x, type)]
    if errors:
        assert together is errors[0], (points, together, each)
        return
    rows = np.array([np.hstack([*leaves(x)]) for x in each])
    for mine, other in zip(leaves(together), rows.T, strict=True):
        alike(mine, other, points)


@examples(15)
@given(functions())
def test_numbers(f):
    if program := compiled(f):
        for at in (f.example, *f.points):
            as_the_engine(f, program, at)


@examples(8)
@given(functions())
def test_numbers_in_other_ways(f):
    """At arrays of points, inside another derivative, replayed, and out of a pickle."""
    if not (program := compiled(f)):
        return
    if program.of_numbers:
        at_points(program, "value_and_grad", [f.example, *f.points])
    opened = outcome(lambda: pickle.loads(pickle.dumps(program)))  # a rule of the lab's own may be in the way
    for at in (f.example, *f.points):
        outer = outcome(bl.hessian(f), *at)
        if not isinstance(outer, type):
            alike(outcome(bl.hessian(program.value), *at), outer, at)
        again = outcome(lambda at=at: opened.value_and_grad(*at))
        if again is not bl.ArgumentError:  # a branch that the program had not seen
            alike(again, outcome(bl.value_and_grad(f), *at), at)


@examples(15)
@given(array_functions())
def test_arrays(f):
    if program := compiled(f):
        for at in (f.example, *f.points):
            as_the_engine(f, program, at)
