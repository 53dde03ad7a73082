"""Plots of the lessons, each drawn from numbers that are computed, and each with a text that says what is to be seen.

    bl.plots.NAME(...)        shows itself at the end of a cell; `.alt` is the text, `.figure` matplotlib's figure

Every plot stands on a light card of its own, so it reads the same in light and dark surroundings and on a projector.
"""

from __future__ import annotations

from .costs import counted_costs, operations, seconds, timed_costs
from .figure import Plot
from .matrix_chain import MatrixChain, chain_bars, chain_multiplications, chain_seconds

__all__ = [
    "MatrixChain", "Plot", "chain_bars", "chain_multiplications", "chain_seconds", "counted_costs", "operations",
    "seconds", "timed_costs",
]  # fmt: skip
