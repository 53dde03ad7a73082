"""See what second derivatives cost: the whole Hessian against the Hessian times one vector.

def f(x): ...                     any function of an array that returns one number
bl.plots.timed_hessian(f)         time against the number of inputs, measured here and now
bl.plots.hessian_seconds(f, 100)  the numbers of that plot, for 100 inputs
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..derivatives.jacobians import hessian, hvp
from ..derivatives.passes import grad
from ..source.frames import engine_module
from .costs import Measured, clocked, some
from .figure import draw_line, lab_style, new_figure

__all__ = ["hessian_seconds", "timed_hessian"]

engine_module(globals())
SIZES = (10, 30, 100, 300, 1000)
LINES = {  # in the order of their lines from above, each with its kind of line
    "hessian": ("the Hessian: one pass for each input", 1),
    "product": ("the Hessian times a vector: one pass", 0),
    "gradient": ("the gradient", 2),
}


def hessian_seconds(f: Callable[[Any], Any], n: int, rounds: int | None = None) -> dict[str, float]:
    """How long second derivatives take for n inputs: the best of some rounds.

    Parameters
    ----------
    f : a function of an array that returns one number
    n : how many numbers the array has; they are spread over −1 … 1
    rounds : how often each is measured; if not given, once for large arrays and up to 5 times for small ones

    Returns
    -------
    dict : seconds for the "hessian", for its "product" with a vector, and for the "gradient"

    Raises
    ------
    ArgumentError : n is not a whole number from 1 on
    """
    some(n)
    x, v = np.linspace(-1.0, 1.0, n), np.ones(n)
    work: dict[str, Callable[[], Any]] = {
        "hessian": lambda: hessian(f)(x),
        "product": lambda: hvp(f, (x,), (v,)),
        "gradient": lambda: grad(f)(x),
    }
    few = rounds or max(1, min(5, 300 // n))
    return {name: min(clocked(run, 1 if name == "hessian" else 10) for _ in range(few)) for name, run in work.items()}


def timed_hessian(f: Callable[[Any], Any], sizes: Sequence[int] = SIZES) -> Measured:
    """Time for all second derivatives against the number of inputs L, and for the Hessian times a vector.

    Parameters
    ----------
    f : a function of an array that returns one number
    sizes : the numbers of inputs
    """
    found = {n: hessian_seconds(f, n) for n in sizes}
    brief = (
        "Measured time of second derivatives against the number of inputs L, both axes logarithmic: a line for the "
        "whole Hessian, one for the Hessian times a vector, and one for the gradient."
    )
    told = "; ".join(
        f"L = {n:,}: " + ", ".join(f"{name} {1000 * t:.3g} ms" for name, t in row.items()) for n, row in found.items()
    )
    with lab_style():
        figure, axes = new_figure(9.0, 5.2)
        for name, (label, kind) in LINES.items():
            draw_line(axes, list(found), [1000 * row[name] for row in found.values()], label, kind)
        axes.set(xscale="log", yscale="log", xlabel="number of inputs L", ylabel="milliseconds")
        axes.set_title("What second derivatives cost, measured here", loc="left")
        axes.legend(loc="upper left")
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        axes.yaxis.set_major_formatter(lambda y, _: f"{y:,g}")
        axes.minorticks_off()
    return Measured(figure, f"{brief} {told}.", brief)
