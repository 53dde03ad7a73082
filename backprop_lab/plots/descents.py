"""See where runs of `bl.descend` went: losses on one another, paths on the surface, a net while it learns.

bl.plots.losses(runs)                   the loss of several runs against the steps
bl.plots.walks(runs)                    their paths: on the contours of f(x, y), or on the curve of f(w)
bl.plots.learning(score, points, labels)    given to `bl.descend` as `stop`: redraws a net's boundary as it moves
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..descent.run import Run
from ..errors import ArgumentError, LabError
from ..text.notation import number
from .boundary import boundary
from .figure import COLOURS, LINES, Plot, draw_line, lab_style, new_figure, powers_of_ten

Runs = Run | Iterable[Run] | Mapping[str, Run]
FINE = 60  # squares along each side of a surface
LEVELS = 14
DEEP = 1e-12  # of a log axis, what lies lower would press the rest together
MARKS = 12  # markers on a line, at most


def _labelled(runs: Any) -> dict[str, Run]:
    """Runs with a label each: those given, or the method and the rate; what differs between equal ones is counted."""
    found: dict[str, Run] = {}
    if isinstance(runs, Mapping):
        found = dict(runs)
    else:
        for run in [runs] if isinstance(runs, Run) else runs:
            label = f"{run.method.title}, η = {number(run.settings['rate'])}" if isinstance(run, Run) else ""
            found[label if label not in found else f"{label} ({len(found) + 1})"] = run
    if not found or not all(isinstance(run, Run) for run in found.values()):
        raise ArgumentError("give one or several runs that bl.descend gave back: [run, other], or {'a name': run}")
    return found


def losses(runs: Runs, title: str = "", log: bool | None = None) -> Plot:
    """The loss against the steps, a line for each run; with batches, that on all data, and the batches' behind it.

    Parameters
    ----------
    runs : a run, several, or a dict from label to run
    title : above the plot
    log : whether the loss has a log axis; if not given, where all losses are positive and far apart

    Raises
    ------
    ArgumentError : there is no run
    """
    known = _labelled(runs)
    shown = {label: _finite(run.losses) for label, run in known.items()}
    heights = np.concatenate([[y for _, y in pairs] for pairs in shown.values()])
    calm = [y for label, run in known.items() if not run.diverged for _, y in shown[label]]
    log = bool(heights.min() > 0 and heights.max() > 100 * heights.min()) if log is None else log
    top = max(calm or [first for (_, first), *_ in shown.values()]) if len(calm) < len(heights) else None
    with lab_style():
        figure, axes = new_figure(9.0, 5.0)
        for kind, (label, run) in enumerate(known.items()):
            xs, ys = zip(*shown[label], strict=True)
            if run.seen:
                how = {"color": LINES[kind % len(LINES)]["color"], "alpha": 0.3, "linewidth": 1.0}
                axes.plot(range(len(run.batch_values)), run.batch_values, zorder=1, **how)
            label = f"{label}: diverged" if run.diverged else label
            draw_line(axes, xs, ys, label, kind, markevery=_every(len(xs)))
        axes.set(xlabel="step", ylabel="loss", **({"yscale": "log"} if log else {}))
        if top is not None:  # what diverged leaves the picture
            axes.set_ylim(top=3 * abs(top) if log else top + 0.5 * abs(top))
        if log:
            axes.set_ylim(bottom=max(axes.get_ylim()[0], DEEP * axes.get_ylim()[1]))
            powers_of_ten(axes.yaxis)
            axes.minorticks_off()
        axes.set_title(title or "Loss against the steps", loc="left")
        axes.legend(fontsize=12, frameon=True, framealpha=0.9, edgecolor="none")
    told = (
        f"{label}: from {number(run.values[0], 3)} to {number(shown[label][-1][1], 3)} in {run.steps} steps"
        f"{', diverged' if run.diverged else ''}"
        for label, run in known.items()
    )
    return Plot(figure, f"The loss against the steps, a line for each run. {'; '.join(told)}.")


def _finite(pairs: list[tuple[int, float]]) -> list[tuple[int, float]]:
    return [(t, y) for t, y in pairs if math.isfinite(y)] or [(0, 0.0)]


def _every(count: int) -> int:
    return max(1, count // MARKS)


def walks(runs: Runs, box: tuple[tuple[float, float], tuple[float, float]] | None = None, title: str = "") -> Plot:
    """The paths of runs on what they descend, of one or two numbers.

    Parameters
    ----------
    runs : a run, several, or a dict from label to run, all of one function
    box : what is shown: ((lowest x, highest x), (lowest y, highest y)), of one number the first pair alone; if not
        given, where the runs went that did not diverge
    title : above the plot

    Raises
    ------
    ArgumentError : there is no run, or one of more than two numbers
    """
    known = _labelled(runs)
    sizes = {run.plan.problem.size for run in known.values()}
    if len(sizes) != 1 or not sizes <= {1, 2}:
        raise ArgumentError(
            f"paths are drawn of one number or of two, and here there are {max(sizes)}; see losses(runs)"
        )
    paths = {label: _points(run) for label, run in known.items()}
    if box is None:
        few = 1 if any(not run.diverged for run in known.values()) else 3
        calm = [p[:few] if known[label].diverged else p for label, p in paths.items()]
        together = np.concatenate(calm)
        low, high = together.min(0), together.max(0)
        room = 0.2 * np.maximum(high - low, 0.5 * np.max(high - low) + 1e-3)
        box = tuple(zip((low - room).tolist(), (high + room).tolist(), strict=True))  # type: ignore[assignment]
    assert box is not None
    draw = _on_curve if sizes == {1} else _on_contours
    with lab_style():
        figure, axes = new_figure(9.0, 5.6)
        draw(axes, next(iter(known.values())), box)
        for kind, (label, path) in enumerate(paths.items()):
            run = known[label]
            heights = path[:, 1] if sizes == {2} else [_height(run, p) for p in path]
            label = f"{label}: diverged" if run.diverged else label
            draw_line(axes, path[:, 0], heights, label, kind, markevery=_every(len(path)), linewidth=2.0, zorder=3)
            ends = {"color": LINES[kind % len(LINES)]["color"], "linestyle": "none", "zorder": 4}
            axes.plot(path[-1:, 0], heights[-1:], marker="*", markersize=15, **ends)
        start = next(iter(paths.values()))[0]
        first = start[1] if sizes == {2} else _height(next(iter(known.values())), start)
        how = {"marker": "o", "markersize": 11, "markerfacecolor": COLOURS["paper"], "linestyle": "none", "zorder": 5}
        axes.plot(start[:1], [first], color=COLOURS["ink"], label="start", **how)
        names = next(iter(known.values())).plan.problem.names
        axes.set(xlim=box[0], xlabel=names[0], ylabel=names[1] if sizes == {2} and len(names) == 2 else "loss")
        if sizes == {2}:
            axes.set(ylim=box[1])
        axes.set_title(title or "Paths downhill; a star is the end", loc="left")
        axes.legend(fontsize=12, frameon=True, framealpha=0.9, edgecolor="none")
    told = (
        f"{label}: {run.steps} steps from {_place(paths[label][0])} to {_place(paths[label][-1])}"
        f"{', diverged' if run.diverged else ''}"
        for label, run in known.items()
    )
    return Plot(
        figure, f"The paths of runs on the {'curve' if sizes == {1} else 'contours'} of the loss. {'; '.join(told)}."
    )


def _points(run: Run) -> Any:
    """The path as rows of one or two numbers."""
    problem = run.plan.problem
    coordinates = [problem.start, *(made.after for made in run.made)]
    found = np.array([np.concatenate([np.ravel(x) for x in at]) for at in coordinates], dtype=float)
    return found[np.isfinite(found).all(axis=1)]


def _place(point: Any) -> str:
    return f"({', '.join(number(float(x), 3) for x in point)})" if len(point) > 1 else number(float(point[0]), 3)


def _height(run: Run, point: Any) -> float:
    """The loss on all data at a point; nan where there is none."""
    problem = run.plan.problem
    at = [np.array(point, dtype=float)] if problem.arrays else [float(x) for x in point]
    try:
        with np.errstate(all="ignore"):
            found = problem.value(at, problem.data)
    except (LabError, ArithmeticError):
        return math.nan
    return found if math.isfinite(found) else math.nan


def _on_curve(axes: Any, run: Run, box: Any) -> None:
    xs = np.linspace(box[0][0], box[0][1], 200)
    heights = [_height(run, (x,)) for x in xs]
    axes.plot(xs, heights, color=COLOURS["soft"], linewidth=2.0, zorder=2)
    low, high = np.nanmin(heights), np.nanmax(heights)
    axes.set_ylim(low - 0.08 * (high - low), high + 0.08 * (high - low))


def _on_contours(axes: Any, run: Run, box: Any) -> None:
    sides = [np.linspace(low, high, FINE) for low, high in box]
    heights = np.array([[_height(run, (x, y)) for x in sides[0]] for y in sides[1]])
    low, high = np.nanmin(heights), np.nanmax(heights)
    levels = low + (high - low) * np.linspace(0, 1, LEVELS) ** 2.5 if high > low else None
    axes.contourf(*sides, heights, levels=levels, cmap="Blues", alpha=0.55, zorder=0)
    axes.contour(*sides, heights, levels=levels, colors=[COLOURS["soft"]], linewidths=0.7, alpha=0.7, zorder=1)


class learning:  # noqa: N801 (called like a function)
    """Redraw a net's boundary and its loss while `bl.descend` runs: give it as `stop`.

        stop = bl.plots.learning(score, points, labels)
        run = bl.descend(loss, net, "adam", data=(points, labels), batch=50, epochs=50, stop=stop)
        stop.plot

    Parameters
    ----------
    score : from the parameters and the rows of points to a number for each, positive for one class
    points, labels : as for `bl.plots.boundary`
    every : after how many steps it is drawn again
    until : the share of points on the right side at which the run ends; it goes on if that is never reached

    Attributes
    ----------
    plot : the last picture
    accuracies : pairs of a step and the share of points on the right side
    """

    def __init__(
        self, score: Callable[[Any, Any], Any], points: Any, labels: Any, every: int = 50, until: float = 2.0
    ) -> None:
        self.score, self.points, self.labels = score, np.asarray(points, dtype=float), np.asarray(labels, dtype=float)
        self.every, self.until = max(1, every), until
        self.plot: Plot | None = None
        self.values: list[float] = []
        self.accuracies: list[tuple[int, float]] = []
        self._shown: Any = None

    def __call__(self, t: int, point: Any, value: float) -> bool:
        self.values.append(value)
        if t % self.every:
            return False
        right = float(np.mean(np.ravel(self.score(point, self.points)) * self.labels > 0))
        self.accuracies.append((t, right))
        self.draw(point)
        return right >= self.until

    def draw(self, point: Any) -> None:
        """Draw the net as it is, in the place of the last picture where there is a notebook."""
        if len(self.values) < 2:
            return
        self.plot = boundary(lambda places: self.score(point, places), self.points, self.labels, self.values, rows=True)
        try:
            from IPython.core.getipython import get_ipython
            from IPython.display import display
        except ImportError:
            return
        if get_ipython() is None:
            return
        if self._shown is None:
            self._shown = display(self.plot, display_id=True)
        else:
            self._shown.update(self.plot)
