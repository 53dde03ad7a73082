"""Plots of difference quotients: the numbers drawn are computed ones, and they behave as theory says."""

import math
import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.plots.costs import strategies
from backprop_lab.plots.numerical import EPS, NOTHING, difference_errors, lost_digits, u_curve, u_curve_slider
from backprop_lab.plots.secant import secant, secant_slider
from backprop_lab.plots.slider import short

# Functions with their derivatives, written by hand, and points.
CASES = {
    "exp": (bl.exp, 1.0, math.exp, math.exp, math.exp),
    "sin": (
        lambda x: bl.sin(3 * x),
        0.4,
        lambda x: 3 * math.cos(3 * x),
        lambda x: -9 * math.sin(3 * x),
        lambda x: -27 * math.cos(3 * x),
    ),
    "log": (bl.log, 0.5, lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3),
    "reciprocal": (
        lambda x: 1 / (1 + x * x),
        0.5,
        lambda x: -2 * x / (1 + x * x) ** 2,
        lambda x: (6 * x * x - 2) / (1 + x * x) ** 3,
        lambda x: 24 * x * (1 - x * x) / (1 + x * x) ** 4,
    ),
}
each = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def cube(x):
    return x * x * x


def lines_of(plot):
    """The lines with a name in the legend: name without its slope, xs, ys."""
    lines = {line.get_label().split(",")[0]: line for line in plot.figure.axes[0].get_lines()}
    return {name: line.get_xydata().T for name, line in lines.items() if not name.startswith("_")}


@each
def test_errors_are_those_of_the_quotients(case):
    f, x, first, _, _ = case
    hs = [0.1, 1e-3, 1e-6, 1e-12]
    found = difference_errors(f, x, hs)
    forward = [abs((float(f(x + h)) - float(f(x))) / h / first(x) - 1) for h in hs]
    central = [abs((float(f(x + h)) - float(f(x - h))) / (2 * h) / first(x) - 1) for h in hs]
    assert found.forward == pytest.approx(forward, rel=1e-4, abs=1e-15)
    assert found.central == pytest.approx(central, rel=1e-4, abs=1e-15)
    drawn = lines_of(u_curve(f, x, hs))
    assert np.array_equal(drawn["forward difference"], [hs, found.forward])
    assert np.array_equal(drawn["central difference"], [hs, np.maximum(found.central, NOTHING)])


@each
def test_truncation_has_slopes_1_and_2_and_the_size_that_taylor_gives(case):
    f, x, first, second, third = case
    found = difference_errors(f, x, [1e-3])
    assert found.slopes["forward"] == pytest.approx(1, abs=0.02)
    assert found.slopes["central"] == pytest.approx(2, abs=0.05)
    assert found.forward[0] == pytest.approx(abs(1e-3 / 2 * second(x) / first(x)), rel=0.02)
    assert found.central[0] == pytest.approx(abs(1e-6 / 6 * third(x) / first(x)), rel=0.02)


@each
def test_the_least_error_is_near_the_best_h(case):
    f, x, *_ = case
    found = difference_errors(f, x)
    for name in ("forward", "central"):
        errors = getattr(found, name)
        low = found.steps[errors < 3 * np.sort(errors)[2]]  # the very lowest is luck of rounding
        assert low.min() / 30 < found.best[name] < low.max() * 30
        at_best = errors[np.argmin(abs(np.log(found.steps / found.best[name])))]
        assert at_best < 1e-2 * np.nanmin([errors[0], errors[-1], 1.0])
    assert 0.01 < found.best["central"] / EPS ** (1 / 3) < 10 and 0.1 < found.best["forward"] / EPS ** (1 / 2) < 10


@each
def test_the_complex_step_does_not_mind_a_small_h(case):
    f, x, *_ = case
    found = difference_errors(f, x)
    assert found.imaginary[found.steps < 1e-9].max() < 1e-14
    assert found.central[found.steps < 1e-9].max() > 1e-3


def test_where_there_is_no_truncation_nothing_is_marked():
    found = difference_errors(lambda x: x * x, 3.0)
    assert found.best["central"] is None is found.slopes["central"] and found.best["forward"]
    plot = u_curve(lambda x: x * x, 3.0)
    assert "central difference has no truncation error" in plot.alt and plot.svg().count(">best h<") == 1


def test_functions_of_real_numbers_have_no_complex_step():
    plot = u_curve(lambda x: bl.abs(x) * bl.exp(x), 2.0)
    assert "complex step" not in lines_of(plot) and "no complex step" in plot.alt


def test_steps_out_of_the_domain_are_left_out():
    found = difference_errors(bl.log, 0.5)
    assert np.isnan(found.central[0]) and not np.isnan(found.forward[0]) and not np.isnan(found.central[4:]).any()


def test_the_text_has_the_numbers_of_the_plot():
    plot = u_curve(bl.exp, 1.0)
    assert "slope 1.0" in plot.alt and "slope 2.0" in plot.alt and "h = 3e−8" in plot.alt and "h = 9e−6" in plot.alt
    svg = plot.svg()
    for text in ("3e−8", "9e−6", "relative error", "forward difference, slope 1.0", "central difference, slope 2.0"):
        assert f">{text}<" in svg
    assert svg == u_curve(bl.exp, 1.0).svg()


@pytest.mark.parametrize(
    ("f", "x", "steps", "said"),
    [
        (3, 1.0, None, "function"),
        (lambda x: x * x, 0.0, None, "derivative .* is 0"),
        (bl.exp, "one", None, "x"),
        (bl.exp, 1.0, [0.1, 0.0], "every h must be positive"),
        (bl.exp, 1.0, [], "every h must be positive"),
    ],
)
def test_bad_calls_get_a_sentence(f, x, steps, said):
    with pytest.raises(bl.LabError, match=said):
        u_curve(f, x, steps)


def digits(f, x, h):
    """The texts of the table of lost digits: the equal ones, and all rows."""
    found = lost_digits(f, x, h)
    return (
        re.findall("<u>(.*?)</u>", found),
        [re.sub("<.*?>", "", cell) for cell in re.findall("<td.*?</td>", found)],
        found,
    )


def test_the_digits_that_cancel_are_counted():
    same, cells, text = digits(bl.exp, 1.0, 1e-4)
    ahead, behind = math.exp(1 + 1e-4), math.exp(1 - 1e-4)
    assert same == ["2.718", "2.718", "", ""] and "4 are equal" in text
    assert float(cells[1]) == pytest.approx(ahead, rel=1e-15) and float(cells[3]) == pytest.approx(behind, rel=1e-15)
    assert float(cells[5]) == pytest.approx((ahead - behind) / 2e-4, rel=1e-11)
    assert float(cells[7]) == pytest.approx(math.e, rel=1e-15)


@pytest.mark.parametrize(
    ("f", "x", "h", "many", "said"),
    [
        (lambda x: -x, 0.0123456, 1e-9, 5, "5 are equal"),
        (cube, 1.0, 1e-8, 0, "no leading digit in common"),
        (cube, 1.0, 1e-17, 16, "nothing is left"),
        (bl.log, 0.5, 0.6, 0, "log has no value at -0.1 or at 1.1"),
        (lambda x: 1 / x, 1e-4, 1e-4, 0, "no value"),
    ],
)
def test_digits_at_the_edges(f, x, h, many, said):
    same, _, text = digits(f, x, h)
    assert said in text and sum(map(str.isdigit, "".join(same[:1]).lstrip("−0."))) == many


def test_the_slider_marks_its_h_and_leaves_a_still_with_the_digits():
    slider = u_curve_slider(bl.exp, 1.0)
    assert "At h = 1e−4 the relative errors are 5e−5 (forward difference), 2e−9 (central" in repr(slider)
    assert "4 are equal" in slider._repr_mimebundle_()["text/html"]
    for h in (1.0, 3e-9, 1e-16):
        slider.h.value = h
        assert f"At h = {short(h)} the" in repr(slider) and slider.plot.alt in slider.children[1].value
        marked = [line for line in slider.plot.figure.axes[0].get_lines() if line.get_markersize() == 13]
        errors = difference_errors(bl.exp, 1.0, [h])
        drawn = [errors.forward[0], errors.central[0], errors.imaginary[0]]
        assert [tuple(line.get_xydata()[0]) for line in marked] == [(h, max(error, NOTHING)) for error in drawn]
    assert u_curve_slider(bl.exp, 1.0, h=2e-5).h.value == 2e-5  # a stop of its own
    with pytest.raises(bl.ArgumentError, match="h must be positive"):
        u_curve_slider(bl.exp, 1.0, h=0.0)


def test_a_marked_step_out_of_the_domain_is_left_out():
    told = u_curve(bl.log, 0.5, h=1.0).alt
    assert told.endswith("At h = 1 the relative errors are 0.45 (forward difference), 0.45 (complex step).")
    assert u_curve(lambda x: bl.abs(bl.log(x) * bl.log(1 - x)), 0.4, [0.1], h=2.0).alt.endswith("2e−16.")


@pytest.mark.parametrize(
    ("h", "text"), [(1, "1"), (0.25, "0.25"), (0.01, "0.01"), (3e-4, "3e−4"), (1e-16, "1e−16"), (0, "0")]
)
def test_steps_in_few_signs(h, text):
    assert short(h) == text


# --- strategies -------------------------------------------------------------------------------------------------------

RUNS = {"numerical": [(26, 0.5), (52, 0.25), (78, 0.05)], "backprop": [(0, 1.0), (2, 0.5), (4, 0.25), (6, 0.05)]}


def test_strategies_draw_what_they_are_given():
    plot = strategies(RUNS)
    drawn = lines_of(plot)
    assert drawn["numerical: 0.05"].T.tolist() == [list(pair) for pair in RUNS["numerical"]]
    assert drawn["backprop: 0.05"].T.tolist() == [list(pair) for pair in RUNS["backprop"][1:]]  # a log axis has no 0
    axes = plot.figure.axes[0]
    assert axes.get_xscale() == axes.get_yscale() == "log" and axes.get_xlabel() and axes.get_ylabel() == "loss"
    assert "numerical: 0.05 after 78 passes." in plot.alt


def test_lines_that_coincide_have_their_markers_apart():
    run = [(k, 1 / k) for k in range(1, 2000)]
    marks = [set(line.get_markevery()) for line in strategies({"a": run, "b": run}).figure.axes[0].get_lines()]
    assert all(len(m) >= 6 for m in marks) and len(marks[0] & marks[1]) <= 1


@pytest.mark.parametrize("runs", [{}, {"a": []}, {"a": [(1, 2.0)]}])
def test_strategies_need_runs(runs):
    with pytest.raises(bl.ArgumentError, match="two pairs"):
        strategies(runs)


# --- the chord --------------------------------------------------------------------------------------------------------


def test_the_chord_goes_through_both_ends_and_the_tangent_touches():
    drawn = lines_of(secant(cube, 1.0, h=0.5, width=1.0))
    assert set(drawn) == {"the function", "tangent", "chord"}
    xs, ys = drawn["chord"]
    assert np.interp([0.5, 1.5], xs, ys) == pytest.approx([0.125, 3.375]) and np.ptp(np.diff(ys)) < 1e-12
    xs, ys = drawn["tangent"]
    assert ys == pytest.approx(1 + 3 * (xs - 1))
    assert secant(cube, 1.0, h=0.5).alt.endswith("slope 3.25: off by 0.25.")


def test_the_slider_moves_the_chord_and_leaves_a_still():
    slider = secant_slider(cube, 1.0)
    assert "slope 3.25" in repr(slider)
    slider.h.value = 0.1
    assert "slope 3.01: off by 0.01" in repr(slider) and slider.plot.alt in slider.children[1].value
    shown = slider._repr_mimebundle_()
    assert shown["text/plain"] == slider.plot.alt and "<svg" in shown["image/svg+xml"]
    assert shown["application/vnd.jupyter.widget-view+json"]["model_id"] == slider.model_id


def test_the_slider_says_when_the_chord_leaves_the_domain():
    slider = secant_slider(bl.log, 0.5, h=0.2)
    slider.h.value = 0.9
    assert slider.children[1].value == "" and "has no value at -0.4" in slider.children[2].value
    slider.h.value = 0.1
    assert "<img" in slider.children[1].value and slider.children[2].value == ""


@pytest.mark.parametrize(
    ("f", "x", "h", "said"),
    [(cube, 1.0, 0.0, "h must be positive"), (bl.log, 0.3, 0.5, "has no value"), (3, 1.0, 0.5, "function")],
)
def test_bad_chords_get_a_sentence(f, x, h, said):
    with pytest.raises(bl.LabError, match=said):
        secant(f, x, h)
