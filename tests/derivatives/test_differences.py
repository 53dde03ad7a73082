"""Differences as a check: they confirm what is right, name what is wrong, and count what they cost."""

import math
import random

import numpy as np
import pytest
from support.of_numbers import OF_NUMBERS

import backprop_lab as bl


def product(x, y):
    return bl.sin(x) * y + x**2 / y


def misruled(slope, wrong):
    """`slope * x`, with a rule that says another slope."""
    return bl.custom(lambda x: slope * x, jvp=lambda primals, tangents: (slope * primals[0], wrong * tangents[0]))


tripled = misruled(3.0, 2.0)


def wrong_for_y(x, y):
    return x * x + tripled(y)


def test_olah_by_differences():
    """The figures of Columbia's lecture: 2 and 5, from four evaluations."""
    found = bl.numerical_grad(bl.examples["olah"].function, 2.0, 1.0)
    assert found == pytest.approx((2.0, 5.0)) and found.evaluations == 4


def test_one_argument_gives_one_number():
    found = bl.numerical_grad(math.sin, 1.0)
    assert isinstance(found, float) and found == pytest.approx(math.cos(1.0)) and found.evaluations == 2


def test_the_error_falls_with_the_square_of_h():
    errors = [abs(bl.numerical_grad(math.exp, 1.0, h=h) - math.e) for h in (1e-1, 1e-2, 1e-3)]
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.05) and errors[1] / errors[2] == pytest.approx(
        100, rel=0.05
    )


def test_a_thousand_weights_need_two_thousand_evaluations():
    calls = []

    def f(*w):
        calls.append(1)
        return sum(x * x for x in w)

    assert bl.numerical_grad(f, *range(1000)).evaluations == len(calls) == 2000


@pytest.mark.parametrize("name", list(OF_NUMBERS))
def test_examples_are_confirmed(name):
    example = bl.examples[name]
    report = bl.check_grad(example.function, *example.inputs.values())
    assert report.passed and report, str(report)
    count = 3 * (len(example.inputs) + (len(example.inputs) > 1))
    assert len(report.checks) == count and f"{count} of {count} comparisons agree" in str(report)


# Two entries are given a function of their last operand as the first one: tests/table/test_far_out.py looks at them.
CONFIRMED = [p for p in bl.primitives.values() if p.partials and not p.params and p.name not in ("sech2", "bell")]


@pytest.mark.parametrize("op", CONFIRMED, ids=str)
def test_primitives_are_confirmed(op):
    at = [low + 0.61 * (high - low) + 0.1 * k for k, (low, high) in enumerate(d.sample for d in op.domain)]
    report = bl.check_grad(op.function, *at) if len(at) > 1 else bl.check_grad(lambda x: op.function(x), *at)
    assert report.passed, str(report)


def test_a_wrong_derivative_is_named():
    report = bl.check_grad(wrong_for_y, 1.0, 2.0)
    assert not report.passed
    wrong = [c.what for c in report.checks if not c.passed]
    assert "forward mode with respect to y" in wrong and "reverse mode with respect to y" in wrong
    assert not any("mode with respect to x" in what for what in wrong)
    assert any(what.startswith("the jvp rule of custom") for what in wrong)  # and where it comes from
    with pytest.raises(bl.GradientError, match="wrong_for_y is wrong: .*: 2, by differences 3"):
        report.raise_if_wrong()


SCALES = [  # a small argument beside a large one; the derivative is right in each
    (lambda a, b: bl.log(a) * b, 0.02, 4000.0),
    (lambda a: bl.log(a), 0.0005),
    (lambda a, b: bl.sqrt(a) + b, 1.0, 2000.0),
    (lambda a, b: bl.sin(50 * a) + b, 0.3, 4000.0),
    (lambda a, b: 1 / a + b, 0.5, 600.0),
    (lambda a, b: bl.exp(100 * a) + b, 0.02, 4000.0),
    (lambda a: bl.arcsin(a), 0.999),
    (lambda a, b: a**2 * b, 0.0, 1e-8),
]


@pytest.mark.parametrize("case", SCALES)
def test_arguments_of_different_size(case):
    f, *at = case
    report = bl.check_grad(f, *at)
    assert report.passed, str(report)


def test_a_wrong_derivative_is_seen_beside_a_large_number():
    once = misruled(1.0, 3.0)

    def wrong(a, b):
        return once(1 / a) + b

    report = bl.check_grad(wrong, 0.5, 600.0)
    assert [c.what for c in report.checks if not c.passed and "respect to a" in c.what]


def test_differences_that_do_not_settle_confirm_nothing():
    noise = random.Random(0)
    noisy = bl.custom(lambda x: x + 1e-3 * noise.random(), vjp=lambda x: (x, lambda bar: bar))
    report = bl.check_grad(noisy, 1.0, order=1)
    assert not report.passed and "do not settle" in str(report)


def test_arrays_and_structures():
    rng = np.random.default_rng(3)
    params = {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=2), "c": 0.5}
    x = rng.normal(size=(4, 3))

    def loss(params, x):
        return np.mean(np.tanh(x @ params["W"] + params["b"]) ** 2) * params["c"]

    report = bl.check_grad(loss, params, x)
    assert report.passed, str(report)
    assert [c.what for c in report.checks[::3]] == [
        f"forward mode {what}"
        for what in (
            "with respect to params['W']",
            "with respect to params['b']",
            "with respect to params['c']",
            "with respect to x",
            "along a random direction",
        )
    ]
    found = bl.numerical_grad(loss, params, x)
    exact = bl.grad(loss)(params, x)
    assert found.evaluations == 2 * (6 + 2 + 1 + 12)
    assert np.allclose(found[0]["W"], exact[0]["W"], atol=1e-8) and np.allclose(found[1], exact[1], atol=1e-8)
    alone = bl.numerical_grad(lambda b: np.sum(b**2), params["b"])
    assert alone.evaluations == 4 and np.allclose(alone, 2 * params["b"]) and alone.shape == (2,)
    before = x.copy()
    assert np.array_equal(before, x)


def test_complex_arguments():
    def f(z, w):
        return np.abs(z * w[0] + np.conj(w[1])) ** 2 + np.real(np.exp(z))

    w = np.array([1 - 1j, 0.5 + 2j])
    report = bl.check_grad(f, 0.3 + 0.4j, w)
    assert report.passed, str(report)
    assert np.allclose(bl.numerical_grad(f, 0.3 + 0.4j, w)[1], bl.grad(f)(0.3 + 0.4j, w)[1], atol=1e-7)
    assert bl.numerical_grad(lambda z: np.abs(z) ** 2, 3 + 4j) == pytest.approx(6 - 8j)


def test_modes_and_order():
    assert [c.what for c in bl.check_grad(lambda x: x * x, 2.0, modes=("forward",), order=1).checks] == [
        "forward mode with respect to x"
    ]
    bl.check_grad(product, 1.0, 2.0).raise_if_wrong()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: bl.numerical_grad(product, 1.0), "missing a required argument"),
        (lambda: bl.numerical_grad(product, 1.0, 2.0, h=0), "h must be a positive number, and here it is 0"),
        (lambda: bl.numerical_grad(product, "a", 2.0), "must be a number or an array"),
        (lambda: bl.numerical_grad(lambda x: (x, x), 1.0), "returns 2 values"),
        (lambda: bl.numerical_grad(lambda *x: 1.0), "no arguments for the lambda .*; give them after it"),
        (lambda: bl.check_grad(product, 1.0, 2.0, modes=("sideways",)), "modes="),
        (lambda: bl.check_grad(product, 1.0, 2.0, order=3), "order=3"),
        (lambda: bl.check_grad(product, 1.0), "missing a required argument"),
    ],
)
def test_bad_calls_get_a_sentence(call, words):
    with pytest.raises(bl.ArgumentError, match=words):
        call()
