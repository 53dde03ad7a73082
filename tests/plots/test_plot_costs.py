"""Plots of costs: what they draw is what the engine counts and the formulas say; the sliders draw the same bars."""

import math
import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.graph.sweeps import all_tangents_cost
from backprop_lab.plots import costs, matrix_chain
from backprop_lab.plots.costs import METHODS


def chain(*weights):
    s = 1.0
    for w in weights:
        s = bl.tanh(w * s)
    return s


def product(*xs):
    s = xs[0]
    for x in xs[1:]:
        s = s * x
    return s


def drawn(plot):
    """The lines of a plot: label, then its points."""
    (axes,) = plot.figure.axes
    return {line.get_label(): line.get_xydata().tolist() for line in axes.get_lines()}


# --- counted ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_operations_of_a_chain_by_hand(n):
    """An evaluation is n products and n tanh. Back over a link: 1 − y² (2), · adjoint, · w, · s; the seed 1 is free."""
    found = bl.plots.operations(chain, n)
    assert found["evaluation"] == 2 * n and found["numerical"] == 2 * n * 2 * n
    # of each link the adjoint goes to s as well, but not to the constant that s begins with
    assert found["reverse"] - found["evaluation"] == 5 * n - 2
    # source k: its seed is free in its own link (3 operations), and the links behind it take 4 each
    assert found["forward"] - found["evaluation"] == sum(3 + 4 * behind for behind in range(n))


def test_a_program_of_products():
    """x1·…·xn: forward mode takes a product for each link behind the source, and one within its own link is free."""
    for n in (2, 5, 20):
        found = bl.plots.operations(product, n)
        assert found["evaluation"] == n - 1
        assert found["reverse"] == (n - 1) + 2 * (n - 1) - 2
        assert found["forward"] == (n - 1) + (n - 2) + sum(n - 1 - k for k in range(1, n))


def test_the_gradient_costs_a_constant_number_of_evaluations():
    counts = [bl.plots.operations(chain, n) for n in (10, 100, 400)]
    ratios = [found["reverse"] / found["evaluation"] for found in counts]
    assert all(3 < ratio < 3.5 for ratio in ratios) and ratios == sorted(ratios)


def test_the_counted_plot_draws_the_counts():
    plot = bl.plots.counted_costs(chain, inputs=(1, 4, 30))
    lines = drawn(plot)
    assert list(lines) == [label for label, _ in METHODS.values()]
    for method, (label, _) in METHODS.items():
        assert lines[label] == [[n, bl.plots.operations(chain, n)[method]] for n in (1, 4, 30)]
    (axes,) = plot.figure.axes
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert axes.get_xlabel() == "number of inputs n" and "operations" in axes.get_ylabel()
    for count in bl.plots.operations(chain, 30).values():
        assert f"{count:,}" in plot.alt
    assert plot.svg() == bl.plots.counted_costs(chain, inputs=(1, 4, 30)).svg()
    assert ">10³<" in plot.svg()


def test_a_notebook_gets_a_plot_that_was_drawn_once(monkeypatch):
    plot, drawn = bl.plots.counted_costs(chain, inputs=(1, 4)), []
    svg = plot.svg()
    monkeypatch.setattr(plot, "svg", lambda: drawn.append(1) or svg)
    shown = plot._repr_mimebundle_()
    assert drawn == [1] and shown["image/svg+xml"] == svg and shown["text/html"] == bl.plots.Plot.html(plot)


def test_what_is_quick_is_clocked_more_often_than_what_is_slow(monkeypatch):
    """The first run counts where it takes longer than the clock's ticks; else a second one of many calls does."""
    asked = []
    monkeypatch.setattr(costs, "clocked", lambda run, times: asked.append((run, times)) or (1e-5, 0.5)[len(asked) % 2])
    assert set(costs.seconds(chain, 3)) == set(METHODS)
    often = sorted((sum(run is other for other, _ in asked), times) for run, times in dict(asked).items())
    assert often == [(2, 1), (2, 1), (16, 100), (16, 100)]


def never_negative(x, y):
    return bl.maximum(x, y) * bl.sqrt(x - x) + 0 * x / y + bl.abs(y) ** x


@pytest.mark.parametrize(
    "f", [chain, product, lambda x, y: 2 * x + y - y, never_negative, lambda x, y: np.sum(np.array([x, y]))]
)
def test_all_sweeps_of_forward_mode_cost_what_they_cost_one_by_one(f):
    """Also with what never moves, with infinite slopes, and with arrays in between."""
    graph = bl.trace(f, 1.0, 1.0)
    sweeps = [bl.tangent_sweep(graph, **{node.name: 1.0}) for node in graph.inputs]
    kinds = ("multiplications", "additions", "functions")
    assert list(all_tangents_cost(graph)) == [sum(sweep.counts[kind] for sweep in sweeps) for kind in kinds]


@pytest.mark.parametrize("n", [0, -3, 2.0, "5", True, None])
def test_a_number_of_inputs_that_cannot_be(n):
    for count in (bl.plots.operations, bl.plots.seconds):
        with pytest.raises(bl.ArgumentError, match="the number of inputs must be a whole number from 1 on"):
            count(chain, n)


# --- measured ---------------------------------------------------------------------------------------------------------


def test_the_timed_methods_compute_what_they_say(monkeypatch):
    """Whatever is clocked is run here instead, and its results are kept."""
    results = []
    monkeypatch.setattr(costs, "clocked", lambda run, times: results.append(run()) or 1.0)
    assert set(costs.seconds(chain, 3)) == set(METHODS)
    numerical, forward, reverse, evaluation = results[:4]
    value, gradient = bl.value_and_grad(chain)(1.0, 1.0, 1.0)
    assert math.isclose(evaluation, value) and math.isclose(reverse[0], value)
    assert np.allclose(reverse[1], gradient) and np.allclose([dot for _, dot in forward], gradient)
    assert np.allclose((np.array(numerical[::2]) - numerical[1::2]) / 2e-4, gradient)


def test_the_timed_plot_draws_ratios(monkeypatch):
    times = {"numerical": 8.0, "forward": 6.0, "reverse": 3.0, "evaluation": 2.0}
    monkeypatch.setattr(costs, "seconds", lambda f, n, at: {k: t * n for k, t in times.items()})
    plot = bl.plots.timed_costs(chain, inputs=(1, 10))
    lines = drawn(plot)
    assert list(lines.values()) == [[[1, 4.0], [10, 4.0]], [[1, 3.0], [10, 3.0]], [[1, 1.5], [10, 1.5]]]
    assert "n = 10: numerical 4, forward 3, reverse 1.5" in plot.alt
    shown = plot._repr_mimebundle_()
    assert "n = 10" in shown["text/html"], "who listens gets the numbers"
    assert not re.search(r"\d", shown["text/plain"]) and shown["text/plain"] == repr(plot), "they differ each time"


def test_time_is_measured():
    found = bl.plots.seconds(chain, 30, rounds=1)
    assert all(0 < t < 60 for t in found.values())
    assert found["forward"] > found["reverse"] and found["numerical"] > found["evaluation"]


# --- three matrices ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sides", [(2, 3, 4, 5), (1, 7, 2, 3), (4, 4, 4, 1), (1, 1, 1, 1)])
def test_multiplications_are_those_of_the_engine(sides):
    factors = [np.ones(pair) for pair in zip(sides, sides[1:], strict=False)]
    names = ("matrix-chain", "matrix-chain-left")
    counted = [bl.value_sweep(bl.trace(bl.examples[name].function, *factors)).counts for name in names]
    assert bl.plots.chain_multiplications(*sides) == tuple(count["multiplications"] for count in counted)


def test_strang_s_thousand():
    m = n = p = 1000
    assert bl.plots.chain_multiplications(m, n, p, 1) == (n * (m + p), m * p * (n + 1)) == (2_000_000, 1_001_000_000)


def widths(axes):
    return [bar.get_width() for bar in axes.patches]


def test_the_bars_are_the_counts():
    plot = bl.plots.chain_bars(1000, 1000, 1000, 1)
    (axes,) = plot.figure.axes
    assert widths(axes) == [2_000_000, 1_001_000_000] and axes.get_xscale() == "log"
    assert [t.get_text() for t in axes.texts] == ["2,000,000", "1,001,000,000"]
    assert axes.get_xlabel() == "multiplications"
    assert "2,000,000 multiplications" in plot.alt and "(AB)C takes 500.5 times as many" in plot.alt
    assert bl.plots.chain_bars(1000, 1000, 1000, 1).svg() == plot.svg()
    assert "A(BC) takes 1.905 times" in bl.plots.chain_bars(1, 2, 3, 5).alt
    assert "both take the same" in bl.plots.chain_bars(7, 7, 7, 7).alt
    assert len({bar.get_hatch() for bar in axes.patches}) == 2, "more than colour tells them apart"


def test_bars_with_times():
    plot = bl.plots.chain_bars(10, 10, 10, 1, (0.001, 0.02))
    counted, measured = plot.figure.axes
    assert widths(counted) == [200, 1100] and widths(measured) == [1.0, 20.0]
    assert [t.get_text() for t in measured.texts] == ["1 ms", "20 ms"] and "Measured: 1 and 20 milli" in plot.alt
    assert all(0 < t < 60 for t in bl.plots.chain_seconds(20, 20, 20, 1))


@pytest.mark.parametrize("side", [0, 1001, 2.0, "10", True])
def test_sides_that_cannot_be(side):
    with pytest.raises(bl.ArgumentError, match="a side must be a whole number from 1 to 1,000"):
        bl.plots.chain_bars(10, side, 10, 10)
    with pytest.raises(bl.ArgumentError, match="a side must be a whole number from 1 to 1,000"):
        bl.plots.chain_seconds(10, 10, 10, side)


def test_the_sliders_draw():
    chain = bl.plots.MatrixChain(10, 20, 30, 1)
    assert chain.sides == (10, 20, 30, 1) and widths(chain.plot.figure.axes[0]) == [800, 6300]
    chain.sliders["q"].value = 100
    assert widths(chain.plot.figure.axes[0]) == list(bl.plots.chain_multiplications(10, 20, 30, 100))
    assert f'alt="{chain.plot.alt}"' in chain._picture.value
    with pytest.raises(bl.ArgumentError, match="m must be one of 1, 2, 3, 5"):
        bl.plots.MatrixChain(m=7)


def test_the_button_measures_and_a_move_forgets(monkeypatch):
    monkeypatch.setattr(matrix_chain, "chain_seconds", lambda *sides: (0.001, 0.003))
    chain = bl.plots.MatrixChain(10, 10, 10, 1)
    assert len(chain.plot.figure.axes) == 1
    button = next(child for child in chain._box.children if hasattr(child, "click"))
    button.click()
    assert widths(chain.plot.figure.axes[1]) == [1.0, 3.0]
    chain.sliders["n"].value = 20
    assert len(chain.plot.figure.axes) == 1, "times of other sides would be wrong"
    assert len(bl.plots.MatrixChain(measure=True).plot.figure.axes) == 2


def test_the_sliders_leave_a_still():
    chain = bl.plots.MatrixChain(measure=True)
    shown = chain._repr_mimebundle_()
    assert shown["application/vnd.jupyter.widget-view+json"]["model_id"] == chain._box.model_id
    assert "<img alt=" in shown["text/html"] and "<svg" in shown["image/svg+xml"]
    told = "<MatrixChain m = 1,000, n = 1,000, p = 1,000, q = 1: A(BC) 2,000,000 multiplications, (AB)C 1,001,000,000>"
    assert shown["text/plain"] == repr(chain) == told
