"""Plots of runs and experiments: what they say is counted, and what cannot be drawn gets a sentence."""

import re

import numpy as np
import pytest

import backprop_lab as bl

LAB, PLOTS = bl.experiments, bl.plots


def valley(x, y):
    return x**2 + 8 * y**2


@pytest.fixture(scope="module")
def race():
    return [bl.descend(valley, (-4.0, 2.0), m, rate=0.05, steps=12) for m in ("sgd", "momentum", "adam", "adam")]


def test_losses(race):
    plot = PLOTS.losses(race)
    assert plot.alt.count("in 12 steps") == 4 and "Gradient descent, η = 0.05: from 48 to" in plot.alt
    assert "Adam, η = 0.05 (4)" in plot.svg() and re.search(r">Momentum, η = 0.05<", plot.svg())
    named = PLOTS.losses(
        {"slow": race[0], "too fast": bl.descend(valley, (-4.0, 2.0), rate=0.2)}, "Two rates", log=False
    )
    assert "too fast: diverged" in named.svg() and "Two rates" in named.svg()
    assert max(named.figure.axes[0].get_ylim()) < 1000  # what diverges does not press the other flat
    batches = bl.descend(lambda w, x: (w - x) ** 2, 3.0, data=np.arange(6.0), batch=2, epochs=4)
    lines = PLOTS.losses(batches).figure.axes[0].lines
    assert len(lines[0].get_xdata()) == 12 and list(lines[1].get_xdata()) == [0, 3, 6, 9, 12]


def test_walks(race):
    plot = PLOTS.walks(race[:2])
    x = race[1].path[-1][0]
    assert f"Momentum, η = 0.05: 12 steps from (−4, 2) to ({x:.3g}".replace("-", "−") in plot.alt
    assert plot.figure.axes[0].get_xlabel() == "x" and plot.figure.axes[0].get_ylabel() == "y"
    one = PLOTS.walks(bl.descend(lambda w: w**4 - 3 * w**2, 2.0, rate=0.02, steps=9), box=((-2.5, 2.5), (0, 0)))
    assert "curve of the loss" in one.alt and one.figure.axes[0].get_xlim() == (-2.5, 2.5)
    rows = bl.descend(lambda p, x: (x @ p - 1) ** 2, np.zeros(2), data=np.eye(2), rate=0.1, steps=3)
    assert "contours" in PLOTS.walks(rows).alt
    away = bl.descend(valley, (-4.0, 2.0), rate=0.2)
    assert abs(np.array(PLOTS.walks([race[0], away]).figure.axes[0].get_xlim())).max() < 10
    with pytest.raises(bl.ArgumentError, match="drawn of one number or of two.* 3"):
        PLOTS.walks(bl.descend(lambda p: np.sum(p**2), np.ones(3), steps=1))
    with pytest.raises(bl.ArgumentError, match="give one or several runs"):
        PLOTS.losses([3])


def test_experiments():
    plots = [
        (LAB.running_averages(20, 2, 100), "20 numbers over 2 epochs, 100 repeats"),
        (LAB.confusion(LAB.least_squares(9), (0.1, 0.3), repeats=100), "100 repeats at each rate"),
        (LAB.theorem(repeats=100), "the bound holds"),
        (LAB.theorem("rate", repeats=100), "the bound fails from step 2 on"),
    ]
    for found, said in plots:
        plot = PLOTS.experiment(found)
        assert said in plot.alt and "seed 0" in plot.alt and len(plot.svg()) < 200_000
    with pytest.raises(bl.ArgumentError, match="of bl.experiments"):
        PLOTS.experiment(3)


def test_region():
    data = LAB.least_squares(9)
    run = bl.descend(lambda w, a, b: (a * w - b) ** 2 / 2, 4.0, data=(data.A[:, 0], data.b), batch=1, steps=40)
    plot = PLOTS.region(data, run)
    within = sum(data.region[0] <= w <= data.region[1] for w in run.path)
    assert 0 < within < 41 and f"{within} of its 41 points lie in the region" in plot.alt
    assert "9 examples" in PLOTS.region(data).alt
    with pytest.raises(bl.ArgumentError, match="drawn for one number"):
        PLOTS.region(LAB.least_squares(9, 2))


def test_a_net_while_it_learns():
    points, labels = LAB.moons(60)
    stop = PLOTS.learning(LAB.score, points, labels, every=10, until=0.85)
    run = bl.descend(LAB.logistic, LAB.net((2, 8, 1)), "adam", 0.05, data=(points, labels), batch=20, stop=stop)
    assert run.ended == "stopped" and run.steps == stop.accuracies[-1][0] and run.steps % 10 == 0
    assert stop.accuracies[-1][1] == LAB.accuracy(run.path[-1], points, labels) >= 0.85
    assert f"{round(60 * stop.accuracies[-1][1])} of them are on the right side" in stop.plot.alt
    assert stop.values == run.values
