"""See the quotient as a slope: the chord through two points of a curve, against the tangent.

    bl.plots.secant(f, 1.0, h=0.5)      the curve, its tangent, and the chord of the central difference
    bl.plots.secant_slider(f, 1.0)      the same with a slider for h
"""

from __future__ import annotations

import html
import math
import warnings
from collections.abc import Callable
from typing import Any

import ipywidgets
import numpy as np

from ..arguments import as_number, check_function
from ..derive import value_and_grad
from ..errors import ArgumentError, LabError, LabWarning
from ..notation import number
from ..source import engine_module, name_of
from .figure import COLOURS, Plot, draw_line, lab_style, new_figure

__all__ = ["SecantSlider", "secant", "secant_slider"]

engine_module(globals())


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LabWarning)
        value, slope = map(float, value_and_grad(f)(x))
    ends = np.array([x - h, x + h])
    heights = np.array([_value(f, end) for end in ends])
    if not np.all(np.isfinite(heights)):
        raise ArgumentError(f"{name_of(f)} has no value at {x - h:g} or at {x + h:g}; choose a smaller h")
    quotient = float(heights[1] - heights[0]) / (2 * h)
    view = np.linspace(x - (width or 1.6 * h), x + (width or 1.6 * h), 201)
    with lab_style():
        figure, axes = new_figure(9.0, 5.2)
        curve = np.array([_value(f, t) for t in view])
        draw_line(axes, view, curve, "the function", 3, marker="", linestyle="-", linewidth=3.4)
        tangent = f"tangent, slope {number(slope, 6)}"
        draw_line(axes, view, value + slope * (view - x), tangent, 0, marker="")
        chord = heights[0] + quotient * (view - ends[0])
        draw_line(axes, view, chord, f"chord, slope {number(quotient, 6)}", 1, marker="")
        axes.plot(ends, heights, linestyle="", marker="s", markersize=11.0, color="#9a4a00")
        axes.plot([x], [value], marker="o", markersize=11.0, color="#0b4fbd")
        low, high = np.nanmin(curve), np.nanmax(curve)
        room = 0.15 * (high - low) or 1.0
        axes.set(xlabel="x", ylabel="f(x)", ylim=(low - room, high + room), title=f"h = {number(h, 3)}")
        axes.legend(loc="best")
        axes.tick_params(colors=COLOURS["soft"])
    return Plot(
        figure,
        f"{name_of(f)} near {x:g}, with its tangent, slope {number(slope, 4)}, and the chord from {number(x - h, 4)} "
        f"to {number(x + h, 4)}, slope {number(quotient, 4)}: off by {number(abs(quotient - slope), 2)}.",
    )


def _value(f: Callable[[float], float], x: float) -> float:
    try:
        return float(f(float(x)))
    except (LabError, ValueError, ArithmeticError):
        return math.nan


class SecantSlider(ipywidgets.VBox):  # type: ignore[misc]
    """A slider for h over the plot of `secant`; without a kernel the plot at its first h stays.

    Attributes
    ----------
    h : the slider; `.h.value` is the number
    plot : the plot that is shown
    """

    _ipython_display_ = None  # ipywidgets 7 would show the widget alone, without the still

    def __init__(self, f: Callable[[float], float], x: float, h: float, width: float) -> None:
        self._draw: Callable[[float], Plot] = lambda h: secant(f, x, h, width)
        self.plot = self._draw(h)
        self.h = ipywidgets.FloatLogSlider(
            value=h, base=10, min=-2, max=math.log10(width), step=0.05, description="h", readout_format=".3f",
            layout=ipywidgets.Layout(width="32em"),
        )  # fmt: skip
        self._picture = ipywidgets.HTML(self.plot.html())
        self.h.observe(self._moved, "value")
        super().__init__([self.h, self._picture])

    def _moved(self, change: dict[str, Any]) -> None:
        try:
            self.plot = self._draw(change["new"])
        except LabError as error:  # an end of the chord is outside the domain
            self._picture.value = html.escape(str(error))
            return
        self._picture.value = self.plot.html()

    def __repr__(self) -> str:
        return self.plot.alt

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and for viewers without a kernel the plot."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, **self.plot._repr_mimebundle_()}


def secant_slider(f: Callable[[float], float], x: float, h: float = 0.5, width: float = 1.0) -> SecantSlider:
    """`secant` with a slider for h, from 0.01 up to `width`. Parameters and errors are those of `secant`."""
    return SecantSlider(f, x, h, width)
