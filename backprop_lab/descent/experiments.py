"""Experiments with descent, each repeated often enough to say how sure it is, with its seed: `bl.experiments`.

    bl.experiments.running_averages()       drawing with and without replacement
    bl.experiments.confusion(data)          where stochastic descent ends, rate by rate
    bl.experiments.theorem(broken="bias")   what is promised, and what it needs
    bl.experiments.workers(f, w, data)      two with 64 examples each, one with 128

`bl.plots.experiment` draws the first three. Beside them stand small nets and points to train them on.
"""

from __future__ import annotations

from .confusion import Confusion, LeastSquares, confusion, least_squares
from .nets import accuracy, logistic, moons, net, score, spiral
from .sampling import Averages, running_averages
from .theorem import BROKEN, Promise, theorem
from .workers import Shared, whole_numbers, workers

__all__ = ["BROKEN", "Averages", "Confusion", "LeastSquares", "Promise", "Shared", "accuracy", "confusion"]
__all__ += ["least_squares", "logistic", "moons", "net", "running_averages", "score", "spiral", "theorem"]
__all__ += ["whole_numbers", "workers"]
