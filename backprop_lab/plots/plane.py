"""Walks on the plane of complex numbers, over the level lines of a real function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ..errors import ArgumentError
from ..text.notation import number
from .figure import COLOURS, HOLLOW, LINES, Plot, lab_style, new_figure

FINE = 60  # points along each side
MARGIN = 0.6


def plane(f: Callable[[complex], float], paths: Mapping[str, Sequence[complex]], title: str = "f") -> Plot:
    """Paths in the plane of complex numbers, on the level lines of a real function.

    Parameters
    ----------
    f : from a complex number to a real one
    paths : what each path is called, and the numbers on it, from its start on
    title : what the function is called

    Raises
    ------
    ArgumentError : no path, or one that is empty or has a number on it that is not finite
    """
    walks = {name: np.asarray(path, dtype=complex).ravel() for name, path in paths.items()}
    if not walks or not all(walk.size and np.isfinite(walk).all() for walk in walks.values()):
        raise ArgumentError("paths must have a name and one finite number or more each; stop a walk before it diverges")
    every = np.concatenate([*walks.values()])
    sides = [np.linspace(part.min() - MARGIN, part.max() + MARGIN, FINE) for part in (np.real(every), np.imag(every))]
    heights = [[float(f(complex(x, y))) for x in sides[0].tolist()] for y in sides[1].tolist()]
    told = []
    with lab_style():
        figure, axes = new_figure(7.0, 5.4)
        lines = axes.contour(
            *sides, heights, levels=np.quantile(heights, np.linspace(0.02, 0.9, 9)), colors="#9aa3af", linewidths=1.2
        )
        axes.clabel(lines, fontsize=10, fmt=lambda level: f"{level:.2g}", colors=COLOURS["soft"])
        for kind, (name, walk) in enumerate(walks.items()):
            axes.plot(walk.real, walk.imag, label=name, markersize=4, **_without_size(kind))
            axes.plot(walk.real[-1:], walk.imag[-1:], markersize=12, **HOLLOW, **_without_size(kind))
            end = complex(np.round(walk[-1], 3) + 0)
            told.append(f"{name} goes in {walk.size - 1} steps to {number(end)}, where {title} is {f(end):.3g}")
        axes.set(xlabel="real part", ylabel="imaginary part", aspect="equal")
        axes.grid(False)
        axes.legend(loc="best", fontsize=12)
        axes.set_title(f"level lines of {title}; large marks: the ends", loc="left")
    start = number(complex(next(iter(walks.values()))[0]))
    return Plot(figure, f"Paths on the level lines of {title}, from {start} on: {'; '.join(told)}.")


def _without_size(kind: int) -> dict[str, object]:
    line = LINES[kind % len(LINES)]
    return {key: line[key] for key in ("color", "marker", "linestyle")}
