"""What the experiments of `bl.experiments` found, with bands and theory.

bl.plots.experiment(found)              drawing with and without replacement, the region of confusion, the theorem
bl.plots.region(data, run)              least squares in one dimension: the examples' own minima, and a run among them
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..descent.confusion import Confusion, LeastSquares
from ..descent.run import Run
from ..descent.sampling import Averages
from ..descent.theorem import Promise
from ..errors import ArgumentError
from ..text.notation import number
from .figure import COLOURS, LINES, Plot, draw_line, lab_style, new_figure, powers_of_ten

POINTS = 44  # on a line
SHADE = {"alpha": 0.18, "linewidth": 0.0}
LEGEND: dict[str, Any] = {"fontsize": 11, "frameon": True, "framealpha": 0.9, "edgecolor": "none"}


def experiment(found: Averages | Confusion | Promise) -> Plot:
    """Draw what an experiment found.

    Raises
    ------
    ArgumentError : it is none of `bl.experiments`
    """
    for kind, draw in DRAWN.items():
        if isinstance(found, kind):
            return draw(found)
    raise ArgumentError("give what running_averages, confusion or theorem of bl.experiments gave back")


def _averages(found: Averages) -> Plot:
    draws = np.arange(1, found.count * found.epochs + 1)
    few = _few(len(draws), np.arange(found.count, len(draws) + 1, found.count) - 1)
    with lab_style():
        figure, (left, right) = new_figure(11.5, 5.0, columns=2)
        for kind, (key, band) in enumerate(found.bands.items()):
            _banded(left, draws[few], type(band)(*(x[few] for x in band)), key, kind)
            power = f": power {number(found.powers[key].exponent, 2)}" if key in found.powers else ""
            errors = np.where(found.rms[key] > 1e-12, found.rms[key], np.nan)
            every = max(1, len(few) // 10)
            draw_line(right, draws[few], errors[few], f"{key}{power}", kind, markevery=every, linewidth=1.6)
            theory = np.where(found.theory[key] > 0, found.theory[key], np.nan)
            label = "by theory" if kind == 0 else None
            right.plot(draws[few], theory[few], color=COLOURS["ink"], linewidth=1.0, linestyle=":", label=label)
        for axes in (left, right):
            for k in range(1, found.epochs + 1):
                axes.axvline(k * found.count, color=COLOURS["soft"], linewidth=1.0, linestyle=":")
        left.axhline(found.mean, color=COLOURS["ink"], linewidth=1.2)
        left.set(xlabel="draws", ylabel="running average", ylim=(found.mean - 0.25, found.mean + 0.25))
        left.set_title("mean and middle 90 %", loc="left")
        right.set(xlabel="draws", ylabel="distance from the mean", xscale="log", yscale="log")
        right.set_title("root mean square", loc="left")
        powers_of_ten(right.xaxis, right.yaxis)
        right.minorticks_off()
        left.legend(**LEGEND)
        right.legend(loc="lower left", **LEGEND)
    return Plot(
        figure,
        f"Running averages of {found.count} numbers over {found.epochs} epochs, {found.repeats} repeats. Left, their "
        "mean and the middle 90 %: without replacement the band closes at the end of each epoch, with replacement it "
        f"only narrows. Right, the distance from the mean on log axes. {found}",
    )


def _few(count: int, marks: Any = (), points: int = POINTS) -> Any:
    """Places out of so many, the first, the last and the marks among them: enough for the eye, and a small file."""
    every = np.arange(0, count, -(-count // points))
    first = np.arange(min(count, points // 8))
    return np.unique(np.concatenate([first, every, np.asarray(marks, dtype=int), [count - 1]]).astype(int))


def _banded(axes: Any, xs: Any, band: Any, label: str, kind: int) -> None:
    """A mean with its band: edges are drawn, too, so that bands of one darkness can be told apart."""
    how = {"color": LINES[kind % len(LINES)]["color"], "linestyle": LINES[kind % len(LINES)]["linestyle"]}
    axes.fill_between(xs, band.low, band.high, color=how["color"], **SHADE)
    for edge in (band.low, band.high):
        axes.plot(xs, edge, linewidth=0.9, **how)
    draw_line(axes, xs, band.mean, label, kind, markevery=max(1, len(xs) // 10))


def _confusion(found: Confusion) -> Plot:
    with lab_style():
        figure, (left, right) = new_figure(11.5, 5.0, columns=2)
        for kind, (rate, band) in enumerate(found.bands.items()):
            steps = _few(len(band.mean), points=POINTS // 2)
            _banded(left, steps, type(band)(*(x[steps] for x in band)), f"η = {number(rate)}", kind)
        left.set(xlabel="step", ylabel="distance from the best point", yscale="log")
        left.set_title("mean and middle 90 %", loc="left")
        how = {"color": LINES[0]["color"], "marker": "o", "linestyle": "none", "capsize": 5}
        right.errorbar(found.rates, found.spread, yerr=2 * found.error, label="measured, ± 2 standard errors", **how)
        theory = {"color": LINES[1]["color"], "linestyle": LINES[1]["linestyle"]}
        right.plot(found.rates, found.theory, label="by theory", **theory)
        right.set(xlabel="rate η", ylabel="root mean square distance", xscale="log", yscale="log")
        right.set_title(f"in the long run: power {number(found.power.exponent, 2)} of the rate", loc="left")
        right.set_xticks(found.rates, [number(rate) for rate in found.rates])
        left.legend(**LEGEND)
        right.legend(**LEGEND)
        powers_of_ten(left.yaxis)
        for axes in (left, right):
            axes.minorticks_off()
        _plain_ticks(right.yaxis, found.spread)
    return Plot(
        figure,
        f"Stochastic descent on least squares, {found.repeats} repeats at each rate. Left, the distance from the best "
        "point falls quickly, and then stays in a band. Right, how wide that is: the larger the rate, the farther. "
        f"{found}",
    )


def _plain_ticks(axis: Any, values: Any) -> None:
    """Ticks at round numbers of a short log axis."""
    low, high = float(np.min(values)), float(np.max(values))
    round_ones = [m * 10.0**e for e in range(-6, 3) for m in (1, 2, 5)]
    ticks = [x for x in round_ones if 0.7 * low <= x <= 1.4 * high]
    axis.set_ticks(ticks, [number(x) for x in ticks])


def _promise(found: Promise) -> Plot:
    with lab_style():
        figure, axes = new_figure(9.0, 5.0)
        ks = np.arange(1, len(found.gap) + 1)
        good = np.isfinite(found.gap) & (found.gap < 1e6 * found.gap[0])
        gap, error = found.gap[good], np.nan_to_num(found.error[good])
        colour = LINES[0]["color"]
        axes.fill_between(ks[good], np.maximum(gap - 3 * error, gap / 10), gap + 3 * error, color=colour, **SHADE)
        draw_line(axes, ks[good], gap, f"mean gap of {found.repeats} runs, ± 3 standard errors", 0, markevery=(0, 8))
        draw_line(axes, ks, found.bound, "bound of the theorem", 1, marker="")
        axes.set(xlabel="step k", ylabel="f − f* before step k", yscale="log")
        powers_of_ten(axes.yaxis)
        axes.minorticks_off()
        told = "the bound holds" if found.holds else f"the bound fails from step {found.fails_at} on"
        axes.set_title(told, loc="left")
        axes.legend(**LEGEND)
    return Plot(figure, f"The gap f − f* of stochastic descent beside the theorem's bound, on a log axis. {found}")


DRAWN: dict[type, Callable[[Any], Plot]] = {Averages: _averages, Confusion: _confusion, Promise: _promise}


def region(data: LeastSquares, run: Run | None = None, title: str = "") -> Plot:
    """Least squares in one dimension: each example's own parabola and its minimum, the region between these, and a run.

    Parameters
    ----------
    data : examples of `bl.experiments.least_squares(20)`
    run : of `bl.descend`, of one number; its steps are drawn beside, with the region as a band
    title : above the plot

    Raises
    ------
    ArgumentError : examples of several dimensions, or a run of several numbers
    """
    if data.region is None or (run is not None and run.plan.problem.size != 1):
        raise ArgumentError("the region is drawn for one number; write bl.experiments.least_squares(20, dimension=1)")
    low, high = data.region
    side = 0.6 * (high - low) + 0.5
    ws = np.linspace(low - side, high + side, POINTS)
    edge, fill = {"color": COLOURS["soft"], "linestyle": "--"}, {"color": "#fbe9df", "zorder": 0}
    with lab_style():
        figure, axes = new_figure(11.5 if run is not None else 8.0, 5.0, columns=2 if run is not None else 1)
        left = axes[0] if run is not None else axes
        left.axvspan(low, high, label="region of confusion", **fill)
        for a, b in zip(data.A[:, 0], data.b, strict=True):
            left.plot(ws[::3], 0.5 * (a * ws[::3] - b) ** 2, color=COLOURS["soft"], linewidth=0.7, alpha=0.6)
        minima = data.b / data.A[:, 0]
        left.plot(minima, 0 * minima, marker="|", markersize=14, linestyle="none", color=COLOURS["ink"])
        draw_line(left, ws, [data.loss([w]) for w in ws], "mean of all", 0, marker="")
        left.set(xlabel="w", ylabel="loss", ylim=(-0.05 * data.loss([ws[0]]), 1.3 * data.loss([ws[0]])))
        left.legend(**LEGEND)
        left.set_title(title or "each example has its own minimum", loc="left")
        if run is not None:
            right, path = axes[1], np.array([np.ravel(x)[0] for x in run.path])
            right.axhspan(low, high, **fill)
            for y in (low, high):
                right.axhline(y, linewidth=1.0, **edge)
            right.axhline(float(data.best[0]), color=COLOURS["ink"], linewidth=1.2, label="best point")
            draw_line(
                right, range(len(path)), path, "w", 0, linewidth=1.2, markersize=3, markevery=max(1, len(path) // 30)
            )
            right.set(xlabel="step", ylabel="w")
            right.set_title("good start, bad finish", loc="left")
            right.legend(**LEGEND)
    inside = ""
    if run is not None:
        within = sum(low <= float(np.ravel(x)[0]) <= high for x in run.path)
        inside = f" Right, a run of {run.steps} steps; {within} of its {len(run.path)} points lie in the region."
    return Plot(
        figure,
        f"The parabolas of {len(data.b)} examples and their mean; their own minima lie between {number(low, 3)} and "
        f"{number(high, 3)}, the region of confusion, and the best point is {number(float(data.best[0]), 3)}.{inside}",
    )
