"""Three matrices in a row: which order of the two products is cheap, as bars on a logarithmic axis, with sliders.

bl.plots.MatrixChain()                       sliders for A (m×n), B (n×p), C (p×q), and a button that measures
bl.plots.chain_bars(1000, 1000, 1000, 1)     the bars alone, for m, n, p, q
bl.plots.chain_seconds(1000, 1000, 1000, 1)  what NumPy takes for both orders, measured here
"""

from __future__ import annotations

import timeit
from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets
import numpy as np

from ..errors import ArgumentError
from .figure import COLOURS, LINES, Plot, lab_style, new_figure, powers_of_ten, widget_view

SIZES = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000)  # the sliders' stops
ORDERS = ("A(BC)", "(AB)C")
FORMULAS = ("npq + mnq", "mnp + mpq")
MOST = 2 * max(SIZES) ** 3  # multiplications; the axis ends there, so that bars can be compared while a slider moves


def chain_multiplications(m: int, n: int, p: int, q: int) -> tuple[int, int]:
    """The multiplications of A(BC) and of (AB)C, with A m×n, B n×p and C p×q."""
    return n * p * q + m * n * q, m * n * p + m * p * q


def chain_seconds(m: int, n: int, p: int, q: int, rounds: int = 3) -> tuple[float, float]:
    """How long NumPy takes for A(BC) and for (AB)C on random matrices, in turn; the best of some rounds."""
    _sizes(m, n, p, q)
    random = np.random.default_rng(0)
    a, b, c = random.random((m, n)), random.random((n, p)), random.random((p, q))
    orders: tuple[Callable[[], Any], ...] = (lambda: a @ (b @ c), lambda: (a @ b) @ c)
    times = [[timeit.timeit(order, number=1) for order in orders] for _ in range(rounds + 1)]  # the first warms up
    right, left = map(min, zip(*times, strict=True))
    return right, left


def _sizes(*sizes: int) -> None:
    for size in sizes:
        if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= max(SIZES):
            raise ArgumentError(
                f"a side must be a whole number from 1 to {max(SIZES):,}, not {size!r:.40}; write 100, say"
            )


def chain_bars(m: int, n: int, p: int, q: int, seconds: tuple[float, float] | None = None) -> Plot:
    """The multiplications of both orders as bars; with `seconds`, the measured times beside them.

    Parameters
    ----------
    m, n, p, q : A is m×n, B is n×p, C is p×q; each from 1 to 1,000
    seconds : what `chain_seconds` measured, for A(BC) and (AB)C
    """
    _sizes(m, n, p, q)
    counts = chain_multiplications(m, n, p, q)
    numbers = [f"{x:,}" for x in counts]
    with lab_style():
        if seconds is None:  # the axes end where there is room for the numbers at the bars' ends
            figure, axes = new_figure(9.0, 3.6)
            names = map(": ".join, zip(ORDERS, FORMULAS, strict=True))
            _bars(axes, counts, numbers, "multiplications", (0.8, MOST * 1e3), names)
        else:
            figure, (left, right) = new_figure(11.0, 3.6, columns=2)
            times = [1e3 * t for t in seconds]
            _bars(left, counts, numbers, "multiplications", (0.8, MOST * 1e5), ORDERS)
            _bars(right, times, [f"{t:.3g} ms" for t in times], "milliseconds, measured here", (1e-4, 1e5), ("", ""))
        figure.suptitle(f"A {m:,}×{n:,},  B {n:,}×{p:,},  C {p:,}×{q:,}\n{_verdict(counts)}", x=0.01, ha="left")
    alt = (
        f"Bars on a logarithmic axis. A {m:,}×{n:,}, B {n:,}×{p:,}, C {p:,}×{q:,}. "
        f"A(BC), {FORMULAS[0]}: {counts[0]:,} multiplications; (AB)C, {FORMULAS[1]}: {counts[1]:,}. {_verdict(counts)}."
    )
    if seconds is not None:
        alt += f" Measured: {seconds[0] * 1e3:.3g} and {seconds[1] * 1e3:.3g} milliseconds."
    return Plot(figure, alt)


def _bars(
    axes: Any, lengths: Any, numbers: list[str], xlabel: str, limits: tuple[float, float], names: Iterable[str]
) -> None:
    """Two bars with their numbers at the end; they differ by colour and hatch."""
    colours = [line["color"] for line in LINES[:2]]
    bars = axes.barh([1, 0], lengths, 0.6, color=colours, hatch=["", "///"], edgecolor=COLOURS["paper"], linewidth=0)
    axes.bar_label(bars, numbers, padding=8)
    axes.set_yticks([1, 0], list(names))
    axes.set(xscale="log", xlim=limits, xlabel=xlabel, ylim=(-0.5, 1.5))
    axes.set_xticks([10.0**k for k in range(-3, 10, 3) if limits[0] <= 10.0**k <= limits[1]])
    axes.set_axisbelow(True)  # the grid is behind the bars
    axes.minorticks_off()
    powers_of_ten(axes.xaxis)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0, labelsize=15, labelcolor=COLOURS["ink"])


def _verdict(counts: tuple[int, int]) -> str:
    right, left = counts
    if right == left:
        return "both take the same"
    return f"{ORDERS[left > right]} takes {max(counts) / min(counts):,.4g} times as many multiplications"


class MatrixChain:
    """Sliders for the sides of three matrices, the bars of both orders, and a button that measures them.

    `.sliders` has the four by name, "m", "n", "p", "q"; `.plot` the bars at their numbers.
    """

    def __init__(self, m: int = 1000, n: int = 1000, p: int = 1000, q: int = 1, measure: bool = False) -> None:
        """Begin with these sides, each a stop of the sliders: 1, 2, 3, 5, 10 … 1,000; `measure` presses the button."""
        stops = [(f"{stop:,}", stop) for stop in SIZES]
        self.sliders = {}
        for name, size in {"m": m, "n": n, "p": p, "q": q}.items():
            if size not in SIZES:
                raise ArgumentError(f"{name} must be one of {', '.join(map(str, SIZES))}, not {size!r:.40}")
            self.sliders[name] = ipywidgets.SelectionSlider(options=stops, value=size, description=name)
        self._picture = ipywidgets.HTML()
        button = ipywidgets.Button(description="Measure both", tooltip="Multiply random matrices in both orders")
        button.on_click(lambda _: self.measure())
        sliders = list(self.sliders.values())
        for slider in sliders:
            slider.observe(lambda _: self._draw(), "value")
        self._box = ipywidgets.VBox([ipywidgets.HBox(sliders[:2]), ipywidgets.HBox(sliders[2:]), button, self._picture])
        self._draw(chain_seconds(*self.sides) if measure else None)

    @property
    def sides(self) -> tuple[int, int, int, int]:
        """m, n, p and q as the sliders stand."""
        m, n, p, q = (int(slider.value) for slider in self.sliders.values())
        return m, n, p, q

    def measure(self) -> Plot:
        """Multiply matrices of these sides in both orders, and show the times beside the counts."""
        return self._draw(chain_seconds(*self.sides))

    def _draw(self, seconds: tuple[float, float] | None = None) -> Plot:
        self.plot = chain_bars(*self.sides, seconds)
        self._picture.value = self.plot.html()
        return self.plot

    def __repr__(self) -> str:
        sides = ", ".join(f"{name} = {slider.value:,}" for name, slider in self.sliders.items())
        right, left = chain_multiplications(*self.sides)
        return f"<MatrixChain {sides}: A(BC) {right:,} multiplications, (AB)C {left:,}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The sliders, and for viewers without a kernel the bars."""
        return widget_view(self._box) | self.plot._repr_mimebundle_() | {"text/plain": repr(self)}
