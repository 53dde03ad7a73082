"""How large adjoints are in each layer of a net: one histogram a layer, nets side by side.

bl.plots.adjoint_histograms({"relu": [by_layer_1, by_layer_2, ...], "tanh": [...]})
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .figure import COLOURS, LINES, Plot, lab_style, new_figure, powers_of_ten
from .slider import short

BINS = 24
TAIL = 2.0  # percent of the smallest adjoints may lie to the left of the picture, so that the rest has room
SEEN = 0.005  # of the highest bar: what is lower at an end is thinner than the line
MOST = 4  # nets side by side: more are too narrow to read


def adjoint_histograms(nets: Mapping[str, Sequence[Any]]) -> Plot:
    """For each net a column, and in it for each layer the histogram of the adjoints' sizes, on one logarithmic axis.

    Parameters
    ----------
    nets : for each net, by name, its adjoints: an array for each layer, the first layer first

    Returns
    -------
    Plot : the first layer is at the bottom. A bar marks the middle size; beside it stands how many are exactly 0

    Raises
    ------
    ArgumentError : no nets or more than four, a net without layers, an empty layer, or one with inf or nan
    """
    try:
        sizes = {name: [np.abs(np.asarray(x, dtype=float)).ravel() for x in layers] for name, layers in nets.items()}
    except (AttributeError, TypeError, ValueError):
        sizes = {}
    if not 1 <= len(sizes) <= MOST or not all(sizes.values()):
        raise ArgumentError(
            f"give one to {MOST} nets by name, and for each a list with an array of adjoints for each layer: "
            '{"relu": [by_layer_1, by_layer_2]}'
        )
    for name, layers in sizes.items():
        odd = next((k for k, x in enumerate(layers, start=1) if not x.size or not np.isfinite(x).all()), None)
        if odd is not None:
            raise ArgumentError(f"layer {odd} of {name} has no adjoints, or some are inf or nan; leave that net out")
    with lab_style():
        edges = _edges(sizes)
        figure, axes = new_figure(11.0, 6.0, columns=len(sizes))
        for kind, (panel, (name, layers)) in enumerate(zip(np.atleast_1d(axes), sizes.items(), strict=True)):
            for row, x in enumerate(layers, start=1):
                _draw_layer(panel, row, x, edges, LINES[kind % len(LINES)]["color"])
            panel.set(xscale="log", xlim=(edges[0], edges[-1]), ylim=(0.6, len(layers) + 1.1), xlabel="size")
            panel.set_yticks(range(1, len(layers) + 1))
            panel.set_title(name, loc="left", fontsize=14)
            if kind and len({len(rows) for rows in sizes.values()}) == 1:  # the numbers at the left are everybody's
                panel.tick_params(axis="y", left=False, labelleft=False)
            powers_of_ten(panel.xaxis)
            panel.minorticks_off()
            panel.tick_params(axis="x", labelsize=12)
        np.atleast_1d(axes)[0].set_ylabel("layer: the first is at the bottom")
    told = " ".join(_told(name, layers) for name, layers in sizes.items())
    return Plot(figure, f"Histograms of the sizes of adjoints, a row for each layer, on a logarithmic axis. {told}")


def _edges(sizes: Mapping[str, Sequence[Any]]) -> Any:
    """The bins' edges: all but the smallest few adjoints of each layer."""
    moving = [x[x > 0] for layers in sizes.values() for x in layers if np.any(x > 0)]
    low = min((np.percentile(x, TAIL) for x in moving), default=0.1)
    high = max((np.max(x) for x in moving), default=1.0)
    return np.geomspace(low, max(high, 10 * low) * 1.2, BINS + 1)


def _draw_layer(panel: Any, row: int, x: Any, edges: Any, colour: Any) -> None:
    counts, _ = np.histogram(x, bins=edges)
    there = np.flatnonzero(counts > SEEN * counts.max())
    if len(there):
        first, last = there[0], there[-1] + 1  # only where there is something to see: forty rows stay a small plot
        heights = row + 0.8 * counts[first:last] / counts.max()
        shape = {"baseline": row, "fill": True, "facecolor": f"{colour}59", "edgecolor": colour, "linewidth": 1.2}
        panel.stairs(heights, edges[first : last + 1], **shape)
    panel.axhline(row, color=colour, linewidth=0.8)
    middle = _middle(x)
    if edges[0] <= middle <= edges[-1]:
        panel.plot([middle, middle], [row, row + 0.8], color=COLOURS["ink"], linewidth=2.4)
    still = np.mean(x == 0)
    if still:
        left = middle**2 > edges[0] * edges[-1]  # where the histogram is not
        where = {"x": 0.02 if left else 0.98, "horizontalalignment": "left" if left else "right"}
        panel.text(y=row + 0.25, s=_share(still), fontsize=11, transform=panel.get_yaxis_transform(), **where)


def _middle(x: Any) -> float:
    """The median of those that are not 0."""
    return float(np.median(x[x > 0])) if np.any(x > 0) else 0.0


def _share(still: float) -> str:
    return f"{100 * still:.0f} % are 0"


def _told(name: str, layers: Sequence[Any]) -> str:
    """The middle sizes at both ends, in words."""
    still = np.mean(np.concatenate(layers) == 0)
    zeros = f"; {_share(still)}" if still else ""
    first, last = short(_middle(layers[0])), short(_middle(layers[-1]))
    return f"{name}: the middle one is {first} in layer 1 and {last} in layer {len(layers)}{zeros}."
