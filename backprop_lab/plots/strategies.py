"""See what several ways of lowering a loss cost: the loss against the passes that it took.

bl.plots.strategies({"backprop": [(2, 1.0), (4, 0.5)], "numerical": [(26, 1.0), (52, 0.5)]})
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..source.frames import engine_module
from .figure import HOLLOW, Plot, draw_line, lab_style, new_figure

__all__ = ["strategies"]

engine_module(globals())


def strategies(runs: Mapping[str, Sequence[tuple[float, float]]]) -> Plot:
    """The loss against the passes that it took, on log axes, one line for each way of lowering it.

    Parameters
    ----------
    runs : for each strategy, by name, the pairs (passes so far, loss then), in order

    Raises
    ------
    ArgumentError : no runs, or one with fewer than two pairs
    """
    if not runs or any(len(run) < 2 for run in runs.values()):
        raise ArgumentError('each strategy needs two pairs (passes, loss) or more: {"backprop": [(2, 1.0), (4, 0.5)]}')
    told = ["Loss against passes through the function, on log axes."]
    with lab_style():
        figure, axes = new_figure(9.6, 5.6)
        for kind, (name, run) in enumerate(runs.items()):
            passes, losses = np.array([pair for pair in run if pair[0] > 0], dtype=float).T
            how = HOLLOW | {"markevery": _spread(passes, 7, kind / len(runs)), "markersize": 9.0}
            draw_line(axes, passes, losses, f"{name}: {losses[-1]:.1g}", kind, **how)
            told.append(f"{name}: {losses[-1]:.1g} after {passes[-1]:,.0f} passes.")
        axes.set(xscale="log", yscale="log", xlabel="passes through the function (forward or reverse)", ylabel="loss")
        axes.legend(loc="lower left", title="loss at the end", alignment="left")
    return Plot(figure, " ".join(told))


def _spread(xs: np.ndarray[Any, Any], many: int, shift: float) -> list[int]:
    """Places of markers, evenly on a log axis; `shift` (0 to 1) keeps those of lines that coincide apart."""
    at = np.logspace(np.log10(xs[0]), np.log10(xs[-1]), many + 1)[:-1] * (xs[-1] / xs[0]) ** (shift / many)
    return sorted({int(np.searchsorted(xs, here)) for here in at if here <= xs[-1]})
