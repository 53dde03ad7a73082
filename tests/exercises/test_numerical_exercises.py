"""The exercises of lesson 6: right answers that look different from the solution, and broken ones."""

import math

import numpy as np
import pytest
from support.own_folder import own_folder  # noqa: F401

import backprop_lab as bl

H = 1e-4


def moved(xs, k, h):
    return [x + h * (i == k) for i, x in enumerate(xs)]


# --- the central difference -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "central",
    [
        lambda f, x, h: 0.5 * (f(x + h) - f(x - h)) / h,
        lambda f, x, h: f(x + h) / (2 * h) - f(x - h) / (2 * h),
        lambda f, x, h: (f(x + h) - f(x - h)) / ((x + h) - (x - h)),
    ],
)
def test_central_differences(central):
    assert bl.check("numerical.3", central).passed


def test_two_differences_averaged_are_right_and_call_too_often():
    report = bl.check("numerical.3", lambda f, x, h: ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h) / 2)
    assert 0 < report.score < 1 and [item.right for item in report.items] == [True, False]


# --- the gradient -----------------------------------------------------------------------------------------------------


def with_tuples(f, xs, h):
    return tuple((f(moved(xs, k, h)) - f(moved(xs, k, -h))) / (2 * h) for k in range(len(xs)))


def with_arrays(f, xs, h):
    x = np.array(xs, dtype=float)
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in h * np.eye(len(x))])


def put_back(f, xs, h):
    found = []
    for k, x in enumerate(xs):
        xs[k] = x + h
        ahead = f(xs)
        xs[k] = x - h
        found.append((ahead - f(xs)) / (2 * h))
        xs[k] = x
    return found


@pytest.mark.parametrize("gradient", [with_tuples, with_arrays, put_back])
def test_numerical_gradients(gradient):
    assert bl.check("numerical.4", gradient).passed


def endless(f, xs, h):
    return endless(f, xs, h)


@pytest.mark.parametrize(
    ("gradient", "said"),
    [
        (lambda f, xs, h: xs[len(xs)], "IndexError: list index out of range"),
        (lambda f, xs, h: with_tuples(f, xs, h)[:-1], "expected"),
        (lambda f, xs: with_tuples(f, xs, H), "TypeError"),
        (lambda f, xs, h: bl.numerical_grad(f, xs, h=h), "asks for your own code"),
        (lambda f, xs, h: bl.grad(f)(xs), "asks for your own code"),
        (endless, "RecursionError"),
    ],
)
def test_broken_gradients(gradient, said):
    report = bl.check("numerical.4", gradient)
    assert report.score <= 0.25 and report.wrong_turn is None and said in str(report)


# --- the check --------------------------------------------------------------------------------------------------------


def close(f, g, xs):
    pairs = zip(with_tuples(f, list(xs), H), g(xs), strict=True)
    return [k for k, (a, b) in enumerate(pairs) if not math.isclose(a, b, rel_tol=1e-3)]


def by_arrays(f, g, xs):
    found, claimed = np.array(with_tuples(f, list(xs), H)), np.array(g(xs))
    return np.flatnonzero(abs(found - claimed) > 1e-3 * np.maximum(abs(found), abs(claimed)))


@pytest.mark.parametrize("check", [close, by_arrays])
def test_gradient_checks(check):
    assert bl.check("numerical.5", check).passed


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (lambda f, g, xs: close(f, g, xs)[0], "yours 0, expected [0, 1]"),
        (lambda f, g, xs: close(f, g, xs) or None, "expected []"),
        (lambda f, g, xs: [k for k, c in enumerate(g(xs)) if bl.grad(f)(xs)[k] != c], "asks for your own code"),
    ],
)
def test_broken_checks(check, said):
    report = bl.check("numerical.5", check)
    assert report.score <= 0.5 and said in str(report)


# --- functions that fool a difference ---------------------------------------------------------------------------------


def branch(x):
    return x if x < 1.00005 else 5 * x


@pytest.mark.parametrize(
    "fooled",
    [
        lambda x: bl.sin(1e5 * x),
        lambda x: bl.exp(1e4 * (x - 1)),
        lambda x: 1e12 * (x - 1) ** 3 + x,
        lambda x: 1 / (x - 1.0002),
        lambda x: x + 1e15 - 1e15,
        lambda x: abs(x - 1.00005),
        lambda x: bl.relu(x - 0.99995),
        branch,
    ],
)
def test_differences_are_fooled_in_many_ways(fooled):
    assert bl.check("numerical.6", fooled).passed


@pytest.mark.parametrize(
    ("fooled", "said"),
    [
        (lambda x: bl.tan(3 * x), "they agree to 1 %"),
        (lambda x: max(x, 1.00005), "the derivative at 1 is 0"),
        (lambda x: math.sin(1e4 * x), "write np.sin"),
        (lambda x: bl.sqrt(x - 1), "not negative"),
        (lambda x: round(x), "leave the rounding out"),
        (lambda x: 3.0, "3"),
        (lambda x: 1 / 0, "ZeroDivisionError"),
        (lambda x: (x > 1) * 1.0 + x, "corner or a jump"),
    ],
)
def test_and_not_in_others(fooled, said):
    report = bl.check("numerical.6", fooled)
    assert report.score < 1 and said in str(report)
