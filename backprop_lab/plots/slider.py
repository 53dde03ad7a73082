"""A slider over a plot that is drawn anew wherever it stands; without a kernel the plot at its first place stays."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from ..errors import LabError
from .figure import Plot, widget_view


def short(h: float) -> str:
    """A step or an error in few signs, the same on every machine: two digits, and a power of ten below 0.01."""
    if h == 0 or h >= 0.01:
        return f"{h:.2g}"
    digit, _, power = f"{h:.0e}".partition("e")
    return f"{digit}e−{-int(power)}"


class StepSlider(ipywidgets.VBox):  # type: ignore[misc]
    """A slider for the step h of a difference quotient, over the plot for that h, and words below it.

    `.h` is the slider, `.h.value` one of the stops, `.plot` the plot that is shown.
    """

    _ipython_display_ = None  # ipywidgets 7 would show the widget alone, without the still

    def __init__(
        self,
        draw: Callable[[float], Plot],
        h: float,
        stops: Sequence[float],
        say: Callable[[float], str] = lambda h: "",
    ) -> None:
        """Begin at h, which becomes a stop if it is none; `draw` makes the plot for an h, `say` the words, as HTML."""
        self._draw, self._say = draw, say
        self.plot = draw(h)
        options, wide = [(short(stop), stop) for stop in sorted({*stops, h})], {"width": "44em", "max_width": "100%"}
        self.h = ipywidgets.SelectionSlider(options=options, value=h, description="h", layout=wide)
        self._picture, self._words = ipywidgets.HTML(self.plot.html()), ipywidgets.HTML(say(h))
        self.h.observe(self._moved, "value")
        super().__init__([self.h, self._picture, self._words])

    def _moved(self, change: dict[str, Any]) -> None:
        try:
            plot, words = self._draw(change["new"]), self._say(change["new"])
        except LabError as error:  # an end of the chord is outside the domain
            self._picture.value, self._words.value = "", html.escape(str(error))
            return
        self.plot, self._picture.value, self._words.value = plot, plot.html(), words

    def __repr__(self) -> str:
        return self.plot.alt

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and for viewers without a kernel the plot with its words."""
        still = self.plot._repr_mimebundle_()
        return widget_view(self) | still | {"text/html": still["text/html"] + self._words.value}
