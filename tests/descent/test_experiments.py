"""The experiments: against theory in closed form, exactly where it is exact, and broken where they say so."""

import functools
from fractions import Fraction

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.descent.statistics import band, fitted_power

LAB = bl.experiments


@pytest.fixture(scope="module")
def averages():
    return LAB.running_averages(100, epochs=4, repeats=1000, seed=0)


def test_with_and_without_replacement(averages):
    """Within five standard errors of theory; without replacement exact after each epoch."""
    for key, errors in averages.rms.items():
        theory = averages.theory[key]
        inner = theory > 0
        assert np.abs(errors[inner] / theory[inner] - 1).max() < 5 / np.sqrt(2 * averages.repeats)
    ends = np.arange(1, 5) * 100 - 1
    assert averages.rms["without replacement"][ends].max() < 1e-14 < averages.rms["with replacement"][ends].min()
    apart, once = averages.powers["with replacement"], averages.powers["without replacement"]
    assert apart.low < -0.5 < apart.high and once.low < -1 < once.high and apart.high - apart.low < 0.1
    again = LAB.running_averages(100, epochs=4, repeats=1000, seed=0)
    assert np.array_equal(again.bands["with replacement"].low, averages.bands["with replacement"].low)
    assert "seed 0" in str(averages) and "power −0.5" in str(averages)


def test_theory_by_hand():
    """All orders of three numbers, and all draws of two."""
    found = LAB.running_averages(3, epochs=1, repeats=1, seed=5)
    x = found.numbers
    without = [(x[i] + x[j]) / 2 for i in range(3) for j in range(3) if i != j]
    replaced = [(x[i] + x[j]) / 2 for i in range(3) for j in range(3)]
    for key, means in (("without replacement", without), ("with replacement", replaced)):
        assert found.theory[key][1] == pytest.approx(np.sqrt(np.mean((np.array(means) - x.mean()) ** 2)), rel=1e-12)


def test_a_power_and_its_interval():
    random = np.random.default_rng(0)
    x = np.arange(1, 50)
    errors = random.normal(size=(500, 49)) * 3 * x**-0.75
    power = fitted_power(x, errors)
    assert power.low < -0.75 < power.high and power.low < power.exponent < power.high
    shown = band(np.arange(101.0)[:, None])
    assert (shown.mean[0], shown.low[0], shown.high[0]) == (50, 5, 95)


@pytest.mark.parametrize("dimension", [1, 2])
def test_region_of_confusion_against_step_size(dimension):
    data = LAB.least_squares(20, dimension, seed=1)
    found = LAB.confusion(data, rates=(0.05, 0.1, 0.2), repeats=1000)
    assert np.abs(found.spread - found.theory).max() < 5 * found.error.max()
    assert all(abs(m - t) < 5 * e for m, t, e in zip(found.spread, found.theory, found.error, strict=True))
    assert 0.4 < found.power.low < found.power.high < 0.75
    small = data.spread(1e-4) / data.spread(1e-6)
    assert small == pytest.approx(10, rel=1e-3)  # the root of the rate
    assert all(b.mean[0] == 4 and b.mean[-1] < 0.5 for b in found.bands.values())


def test_the_region_is_where_examples_pull_against_each_other():
    data = LAB.least_squares(20)
    low, high = data.region
    for w, signs in ((low - 0.01, {-1.0}), (high + 0.01, {1.0}), ((low + high) / 2, {-1.0, 1.0})):
        slopes = data.slopes(np.full((20, 1), w), np.arange(20))
        assert set(np.sign(slopes.ravel())) == signs
    assert data.loss(data.best) == pytest.approx(min(data.loss([w]) for w in np.linspace(low, high, 2001)), abs=1e-6)
    assert LAB.least_squares(9, 2).region is None
    run = bl.descend(
        lambda w, a, b: (a * w - b) ** 2 / 2, 4.0, rate=0.2, data=(data.A[:, 0], data.b), batch=1, steps=300
    )
    path = np.array(run.path)
    assert not low <= path[0] <= high and np.all((low <= path[50:]) & (path[50:] <= high)) and path[50:].std() > 0.05
    assert run.gradients[0] == pytest.approx(data.slopes(np.array([[4.0]]), run.batches[0])[0, 0])


def test_the_theorem_holds_where_its_assumptions_do_and_fails_where_one_is_broken():
    assert LAB.theorem().holds and LAB.theorem(decaying=True).holds
    assert LAB.theorem(data=LAB.least_squares(12, 2), repeats=500).holds
    for broken in LAB.BROKEN:
        found = LAB.theorem(broken, repeats=1000)
        assert found.holds == (not broken), broken
        assert ("the bound holds" if not broken else "fails from step") in str(found)


def test_the_theorem_s_constants_are_what_they_say():
    """At random points the variance of one example's gradient is at most M + M_V |∇f|²; L and c bound the curvature."""
    data = LAB.least_squares(15, 2, seed=3)
    from backprop_lab.descent.theorem import constants

    known, random = constants(data), np.random.default_rng(0)
    for scale in (0.01, 1.0, 100.0):
        for w in data.best + scale * random.normal(size=(20, 2)):
            each = data.slopes(np.tile(w, (15, 1)), np.arange(15))
            mean = each.mean(axis=0)
            np.testing.assert_allclose(mean, data.hessian @ (w - data.best), rtol=1e-9, atol=1e-12)
            variance = np.mean(np.sum((each - mean) ** 2, axis=1))
            assert variance <= known["M"] + known["M_V"] * (mean @ mean)
            gap = data.loss(w) - data.loss(data.best)
            off = np.sum((w - data.best) ** 2)
            assert known["c"] * off / 2 <= gap * (1 + 1e-9) + 1e-12 and gap <= known["L"] * off / 2 * (1 + 1e-9) + 1e-12


def test_two_workers_make_the_step_of_one_exactly():
    x, y = LAB.whole_numbers(128)
    found = LAB.workers(lambda w, b, x, y: (w * x + b - y) ** 2, (0.5, 1.0), (x, y), count=2)
    assert found.shares == [64, 64] and found.same and found.apart == 0 and found.parts[0] != found.parts[1]
    w, b = Fraction(1, 2), Fraction(1)
    rest = [w * Fraction(a) + b - Fraction(c) for a, c in zip(x, y, strict=True)]
    right = (sum(2 * r * Fraction(a) for r, a in zip(rest, x, strict=True)) / 128, sum(2 * r for r in rest) / 128)
    assert tuple(map(Fraction, found.average)) == right
    step = bl.descend(lambda w, b, x, y: (w * x + b - y) ** 2, (0.5, 1.0), rate=0.125, steps=1, data=(x, y))
    assert tuple(map(Fraction, step.path[-1])) == tuple(
        p - Fraction(1, 8) * g for p, g in zip((w, b), right, strict=True)
    )
    near = LAB.workers(lambda w, x, y: (w * x - y) ** 2, 0.1, (x / 3, y / 7), count=4)
    assert near.apart < 1e-12
    with pytest.raises(bl.ArgumentError, match="cannot be shared equally by 3 workers"):
        LAB.workers(lambda w, x, y: (w * x - y) ** 2, 0.1, (x, y), count=3)


@pytest.mark.parametrize("points_of", ["moons", "spiral"])
def test_a_small_net_learns_to_95_percent(points_of):
    points, labels = getattr(LAB, points_of)(200, seed=0)
    assert points.shape == (200, 2) and sorted(set(labels)) == [-1, 1]
    net = LAB.net((2, 16, 16, 1), seed=0)
    assert sum(layer["W"].size + layer["b"].size for layer in net) == 337
    run = bl.descend(LAB.logistic, net, "adam", 0.02, data=(points, labels), batch=50, epochs=60)
    assert LAB.accuracy(run.path[-1], points, labels) >= 0.95 > LAB.accuracy(net, points, labels)
    assert run.losses[-1][1] < 0.2 * run.losses[0][1]
    relu = functools.partial(LAB.logistic, activation=bl.relu)
    other = bl.descend(relu, net, "adam", 0.02, data=(points, labels), batch=50, epochs=30)
    assert LAB.accuracy(other.path[-1], points, labels, bl.relu) > 0.9 and other.values[1] != run.values[1]


def test_what_cannot_be_asked():
    data = LAB.least_squares(5)
    for wrong, said in [
        (lambda: LAB.theorem("luck"), "broken is one of"),
        (lambda: LAB.confusion(data, rates=(0.1,)), "rates must be two or more"),
        (lambda: LAB.confusion(data, rates=(0.1, 90.0)), "stay near the best point"),
        (lambda: LAB.running_averages(0), "count must be a whole number above 0"),
        (lambda: LAB.net((2,)), "sizes are at least two"),
    ]:
        with pytest.raises(bl.ArgumentError, match=said):
            wrong()
