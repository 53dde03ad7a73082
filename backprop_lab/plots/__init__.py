"""Plots of the lessons, each drawn from numbers that are computed, and each with a text that says what is to be seen.

    bl.plots.NAME(...)        shows itself at the end of a cell; `.alt` is the text, `.figure` matplotlib's figure

Every plot stands on a light card of its own, so it reads the same in light and dark surroundings and on a projector.
Read `figure` first.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import not_brought
from .boundary import boundary
from .fields import fields
from .figure import Plot
from .layers import adjoint_histograms
from .plane import plane
from .secant import secant, secant_slider

if TYPE_CHECKING:
    from .costs import (
        counted_costs,
        counted_hessian,
        hessian_seconds,
        operations,
        second_operations,
        seconds,
        strategies,
        timed_costs,
        timed_hessian,
    )
    from .descents import learning, losses, walks
    from .experiments import experiment, region
    from .matrix_chain import MatrixChain, chain_bars, chain_multiplications, chain_seconds
    from .numerical import u_curve, u_curve_slider

# What a bundle may be without.
_LATER = {
    name: module
    for module, names in {
        ".costs": "counted_costs counted_hessian hessian_seconds operations second_operations seconds strategies "
        "timed_costs timed_hessian",
        ".descents": "learning losses walks",
        ".experiments": "experiment region",
        ".matrix_chain": "MatrixChain chain_bars chain_multiplications chain_seconds",
        ".numerical": "u_curve u_curve_slider",
    }.items()
    for name in names.split()
}

__all__ = ["MatrixChain", "Plot", "adjoint_histograms", "boundary", "chain_bars", "chain_multiplications"]
__all__ += ["chain_seconds", "counted_costs", "counted_hessian", "experiment", "fields", "hessian_seconds"]
__all__ += [
    "learning",
    "losses",
    "operations",
    "plane",
    "region",
    "secant",
    "secant_slider",
    "second_operations",
    "seconds",
]
__all__ += ["strategies", "timed_costs", "timed_hessian", "u_curve", "u_curve_slider", "walks"]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"bl.plots has no {name}; it has {', '.join(__all__)}")
    try:
        return getattr(import_module(_LATER[name], __name__), name)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("backprop_lab"):
            raise  # a package that is not installed
        raise not_brought(f"bl.plots.{name}") from None
