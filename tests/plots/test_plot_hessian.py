"""The plot of what second derivatives cost: what is measured, what is told, and what stays the same."""

import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.plots import costs


def bowl(x):
    return np.sum(x**4) + np.sum((x[1:] - x[:-1]) ** 2)


def test_what_is_measured(monkeypatch):
    """The Hessian, its product with a vector of ones, and the gradient: right, and no other work."""
    results = []
    monkeypatch.setattr(costs, "clocked", lambda run, times: results.append(run()) or float(times))
    assert costs.hessian_seconds(bowl, 4, rounds=1) == {"hessian": 1.0, "product": 10.0, "gradient": 10.0}
    matrix, product, slope = results
    x = np.linspace(-1, 1, 4)
    assert np.allclose(matrix, np.diag(12 * x**2) + 2 * np.diag([1, 2, 2, 1]) - 2 * (np.eye(4, k=1) + np.eye(4, k=-1)))
    assert np.allclose(product, matrix @ np.ones(4))
    assert np.allclose(slope, bl.numerical_grad(bowl, x), atol=1e-6)


def test_the_plot_tells_its_numbers(monkeypatch):
    seconds = {"hessian": 0.5, "product": 0.002, "gradient": 0.001}
    monkeypatch.setattr(costs, "hessian_seconds", lambda f, n: {k: n * t for k, t in seconds.items()})
    plot = bl.plots.timed_hessian(bowl, (10, 1000))
    assert "L = 10: hessian 5e+03 ms, product 20 ms, gradient 10 ms; L = 1,000: " in plot.alt
    assert repr(plot) == plot.brief and plot.alt.startswith(plot.brief), "what a notebook keeps as text has no times"
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", plot.svg())
    assert {"number of inputs L", "milliseconds", "the Hessian: one pass for each input"} <= set(texts)
    lines = plot.figure.axes[0].lines
    assert len({line.get_marker() for line in lines}) == len(lines) == 3


def test_operations_are_counted():
    """A product costs a few evaluations, whatever the size; the Hessian's share grows with the number of inputs."""
    few, many = (costs.second_operations(bowl, n) for n in (10, 40))
    for found in (few, many):
        assert found["evaluation"] < found["gradient"] < 4 * found["evaluation"]
        assert found["gradient"] < found["product"] < 8 * found["evaluation"]
    assert few["evaluation"] == 10 + 9 + 9 + 9 + 8 + 1, "powers, differences, squares, and the sums"
    assert many["hessian"] / many["product"] > 3 * few["hessian"] / few["product"]
    plot = bl.plots.counted_hessian(bowl, (10, 40))
    ratio = few["hessian"] / few["evaluation"]
    assert f"In evaluations: L = 10: hessian {ratio:,.3g}, product " in plot.alt and "L = 40: hessian" in plot.alt
    lines = plot.figure.axes[0].lines
    assert [line.get_label() for line in lines][-1] == "one evaluation of f" and len(
        {x.get_marker() for x in lines}
    ) == 4
    assert list(lines[0].get_ydata()) == [few["hessian"], many["hessian"]]


def test_a_wrong_number_of_inputs():
    with pytest.raises(bl.ArgumentError, match="whole number from 1 on, not 1.5"):
        bl.plots.second_operations(bowl, 1.5)
    with pytest.raises(bl.ArgumentError, match="whole number from 1 on, not 0"):
        bl.plots.hessian_seconds(bowl, 0)
