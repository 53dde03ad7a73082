"""See the quotient as a slope: the chord through two points of a curve, against the tangent.

bl.plots.secant(f, 1.0, h=0.5)      the curve, its tangent, and the chord of the central difference
bl.plots.secant_slider(f, 1.0)      the same with a slider for h
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from ..derivatives.passes import value_and_grad
from ..errors import ArgumentError, LabWarning
from ..recording.arguments import as_number, check_function
from ..source.functions import name_of
from ..text.notation import number
from .figure import LINES, Plot, draw_line, lab_style, new_figure, value_or_nan
from .slider import StepSlider


def secant(f: Callable[[float], float], x: float, h: float = 0.5, width: float | None = None) -> Plot:
    """A curve with its tangent at x and the chord from x − h to x + h.

    Parameters
    ----------
    f : a function of one number
    x : where
    h : half the distance between the ends of the chord
    width : how far to show the curve on both sides of x; 1.6 h if not given

    Raises
    ------
    ArgumentError : f is no function of one number, h is not positive, or f is not defined at x − h or x + h
    """
    check_function(f)
    x = float(as_number(x, "x", f))
    if not h > 0:
        raise ArgumentError(f"h must be positive, and here it is {h}; write h=0.5, say")
    with warnings.catch_warnings(action="ignore", category=LabWarning):
        value, slope = map(float, value_and_grad(f)(x))
    ends = np.array([x - h, x + h])
    heights = np.array([value_or_nan(f, end) for end in ends])
    if not np.all(np.isfinite(heights)):
        raise ArgumentError(f"{name_of(f)} has no value at {x - h:g} or at {x + h:g}; choose a smaller h")
    quotient = float(heights[1] - heights[0]) / (2 * h)
    view = x + (width or 1.6 * h) * np.linspace(-1.0, 1.0, 201)
    curve = np.array([value_or_nan(f, t) for t in view])
    with lab_style():
        figure, axes = new_figure(9.0, 5.2)
        draw_line(axes, view, curve, "the function", 3, marker="", linestyle="-", linewidth=3.4)
        tangent = f"tangent, slope {number(slope, 6)}"
        draw_line(axes, view, value + slope * (view - x), tangent, 0, marker="")
        chord = heights[0] + quotient * (view - ends[0])
        draw_line(axes, view, chord, f"chord, h = {number(h, 3)}, slope {number(quotient, 6)}", 1, marker="")
        axes.plot(ends, heights, **LINES[1] | {"linestyle": "", "markersize": 11.0})
        axes.plot([x], [value], **LINES[0], markersize=11.0)
        low, high = np.nanmin(curve), np.nanmax(curve)
        room = 0.15 * (high - low) or 1.0
        axes.set(xlabel="x", ylabel="f(x)", ylim=(low - room, high + room))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)  # above, where it hides no curve
    return Plot(
        figure,
        f"{name_of(f)} near {x:g}, with its tangent, slope {number(slope, 4)}, and the chord from {number(x - h, 4)} "
        f"to {number(x + h, 4)}, slope {number(quotient, 4)}: off by {number(abs(quotient - slope), 2)}.",
    )


def secant_slider(f: Callable[[float], float], x: float, h: float = 0.5, width: float = 1.0) -> StepSlider:
    """`secant` with a slider for h, from 0.01 of `width` up to it. Parameters and errors are those of `secant`."""
    parts = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    return StepSlider(lambda h: secant(f, x, h, width), h, [width * part for part in parts])
