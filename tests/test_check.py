"""Differences as a check: they confirm what is right, name what is wrong, and count what they cost."""

import math

import pytest

import backprop_lab as bl


def product(x, y):
    return bl.sin(x) * y + x**2 / y


def wrong_for_y(x, y):
    """On recording values this computes something else than on floats: a wrong rule, as one would write it."""
    return x * x + (y * 3 if isinstance(y, float) else y * 2)


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


@pytest.mark.parametrize("name", list(bl.examples))
def test_examples_are_confirmed(name):
    example = bl.examples[name]
    report = bl.check_grad(example.function, *example.inputs.values())
    assert report.passed and report, str(report)
    assert len(report.checks) == 9 and "9 of 9 comparisons agree" in str(report)


@pytest.mark.parametrize("op", [p for p in bl.primitives.values() if p.partials and not p.params], ids=str)
def test_primitives_are_confirmed(op):
    at = [low + 0.61 * (high - low) + 0.1 * k for k, (low, high) in enumerate(d.sample for d in op.domain)]
    report = bl.check_grad(op.function, *at) if len(at) > 1 else bl.check_grad(lambda x: op.function(x), *at)
    assert report.passed, str(report)


def test_a_wrong_derivative_is_named():
    report = bl.check_grad(wrong_for_y, 1.0, 2.0)
    assert not report.passed
    wrong = [c.what for c in report.checks if not c.passed]
    assert "forward mode with respect to y" in wrong and "reverse mode with respect to y" in wrong
    assert not any("respect to x" in what for what in wrong)
    with pytest.raises(
        bl.GradientError, match="wrong_for_y is wrong: forward mode with respect to y: 2, by differences 3"
    ):
        report.raise_if_wrong()


def test_modes_and_order():
    assert [c.what for c in bl.check_grad(lambda x: x * x, 2.0, modes=("forward",), order=1).checks] == [
        "forward mode with respect to x"
    ]
    bl.check_grad(product, 1.0, 2.0).raise_if_wrong()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: bl.numerical_grad(product, 1.0), "missing a required argument"),
        (lambda: bl.numerical_grad(product, 1.0, 2.0, h=0), "h must be positive"),
        (lambda: bl.numerical_grad(product, "a", 2.0), "must be a real number"),
        (lambda: bl.numerical_grad(lambda x: (x, x), 1.0), "returns 2 values"),
        (lambda: bl.numerical_grad(lambda *x: 1.0), "give the arguments"),
        (lambda: bl.check_grad(product, 1.0, 2.0, modes=("sideways",)), "modes="),
        (lambda: bl.check_grad(product, 1.0, 2.0, order=3), "order=3"),
        (lambda: bl.check_grad(product, 1.0), "missing a required argument"),
    ],
)
def test_bad_calls_get_a_sentence(call, words):
    with pytest.raises(bl.ArgumentError, match=words):
        call()
