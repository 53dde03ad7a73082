"""What the theorem of stochastic descent promises, where its assumptions hold, and where one is broken.

    found = theorem()                       the mean gap f(w) − f* of many runs, and the bound
    found.holds                             whether the bound holds, within three standard errors
    theorem(broken="bias").holds            False

Bottou, Curtis and Nocedal 2018 (Optimization Methods for Large-Scale Machine Learning, SIAM Review 60), section 4.2,
theorem 4.6, "strongly convex objective, fixed stepsize": if the gradient of f is Lipschitz with the constant L
(assumption 4.1), f is strongly convex with the constant c (4.5), and the gradient of a step is unbiased with a variance
of at most M + M_V |∇f|² (4.3, with its µ and µ_G both 1), then at a constant rate of at most 1 / (L (M_V + 1)) the
expected gap before step k is at most

    ηLM / (2c) + (1 − ηc)^(k − 1) · (first gap − ηLM / (2c))

The function is least squares, one example a step, so L, c, M and M_V are computed and not guessed. Theorem 4.7,
"diminishing stepsizes", for rates β / (γ + k), is what `decaying=True` tries, with β = 2 / c, which the authors choose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .batches import whole
from .confusion import LeastSquares, least_squares

BROKEN = {
    "": "all assumptions hold",
    "bias": "the gradient is biased: only the quarter of the examples that lie lowest under the fit is ever drawn",
    "variance": "the variance has no bound: noise is added to each gradient, in step k with the variance k",
    "Lipschitz": "the gradient is not Lipschitz: f has a fourth power in it, and L is right near the minimum alone",
    "rate": "the rate is three times 2 / L; the bound is that of the largest rate that the theorem allows",
}
QUARTIC = 1.0


@dataclass(frozen=True)
class Promise:
    """The mean gap of many runs beside the bound.

    Attributes
    ----------
    broken, words : the assumption that is broken, and what was done
    gap, error : f − f* before each step, the mean of the runs, and its standard error
    bound : of the theorem
    rates : the first rate and the last one
    constants : L, c, M and M_V
    repeats, seed : what was asked for
    """

    broken: str
    words: str
    gap: Any
    error: Any
    bound: Any
    rates: tuple[float, float]
    constants: dict[str, float]
    repeats: int
    seed: int

    @property
    def fails_at(self) -> int | None:
        """The first step before which the mean gap is above the bound by more than three standard errors."""
        with np.errstate(invalid="ignore", over="ignore"):
            above = ~(self.gap - 3 * np.where(np.isfinite(self.error), self.error, 0.0) <= self.bound * (1 + 1e-9))
        return int(np.argmax(above)) + 1 if above.any() else None

    @property
    def holds(self) -> bool:
        """Whether the bound holds at all steps."""
        return self.fails_at is None

    def __str__(self) -> str:
        known = ", ".join(f"{key} = {x:.3g}" for key, x in self.constants.items())
        told = "the bound holds" if self.holds else f"the bound fails from step {self.fails_at} on"
        return f"{self.words[0].upper()}{self.words[1:]}. {known}. {self.repeats} runs, seed {self.seed}: {told}."


def constants(data: LeastSquares) -> dict[str, float]:
    """L, c, M and M_V of least squares with one example a step.

    With e = w − w*, a gradient is off by (aaᵀ − H) e − ra. As (x − y)² is at most 3x² + 3/2 y², and e = H⁻¹ ∇f, the
    square of that is on average at most M + M_V |∇f|².
    """
    rest, H = data.A @ data.best - data.b, data.hessian
    outer = data.A[:, :, None] * data.A[:, None, :] - H
    squares = np.einsum("nij,njk->ik", outer, outer) / len(data.A)
    inverse = np.linalg.inv(H)
    return {
        "L": data.smooth,
        "c": data.curved,
        "M": 1.5 * float(np.mean(rest**2 * np.sum(data.A**2, axis=1))),
        "M_V": 3 * float(np.linalg.eigvalsh(inverse @ squares @ inverse)[-1]),
    }


def theorem(
    broken: str = "",
    data: LeastSquares | None = None,
    steps: int = 100,
    repeats: int = 2000,
    seed: int = 0,
    start: float = 3.0,
    decaying: bool = False,
) -> Promise:
    """Run stochastic descent many times, and compare the mean gap with the theorem's bound.

    Parameters
    ----------
    broken : which assumption is broken: "bias", "variance", "Lipschitz" or "rate"; none if empty
    data : examples of least squares; in one dimension, if not given
    steps, repeats : of each run, and how many runs
    seed : of the draws
    start : the distance from the best point at first
    decaying : rates β / (γ + k) by theorem 4.7, in place of a constant one by theorem 4.6

    Raises
    ------
    ArgumentError : there is no such assumption, or steps and repeats are no whole numbers above 0
    """
    if broken not in BROKEN:
        raise ArgumentError(f"broken is one of {', '.join(map(repr, BROKEN))}, not {broken!r:.40}")
    data = least_squares(20, 1) if data is None else data
    many, count, size = whole(repeats, "repeats", 2000), whole(steps, "steps", 100), data.A.shape[1]
    known = constants(data)
    L, c, M, M_V = known.values()
    most = 1 / (L * (M_V + 1))
    rate = 6 / L if broken == "rate" else most
    beta = 2 / c
    gamma = beta / most - 1
    random, lowest = np.random.default_rng(seed), np.argsort(data.b - data.A @ data.best)[: -(-len(data.b) // 4)]
    now = data.best + np.full((many, size), start / math.sqrt(size))
    gaps = np.empty((count, many))
    with np.errstate(all="ignore"):
        for k in range(count):
            gaps[k] = data.loss(now) - data.loss(data.best)
            places = random.integers(len(data.A), size=many)
            slopes = data.slopes(now, lowest[places % len(lowest)] if broken == "bias" else places)
            if broken == "variance":
                slopes = slopes + math.sqrt(k + 1) * random.normal(size=slopes.shape)
            if broken == "Lipschitz":
                off = now - data.best
                gaps[k] += QUARTIC * np.sum(off**2, axis=1) ** 2 / 4
                slopes = slopes + QUARTIC * np.sum(off**2, axis=1)[:, None] * off
            now = now - (beta / (gamma + k + 1) if decaying else rate) * slopes
        gap, error = gaps.mean(axis=1), gaps.std(axis=1) / math.sqrt(many)
    ks = np.arange(1, count + 1)
    if decaying:
        bound = max(beta**2 * L * M / (2 * (beta * c - 1)), (gamma + 1) * gap[0]) / (gamma + ks)
        rates = beta / (gamma + 1), beta / (gamma + count)
    else:
        floor = most * L * M / (2 * c)
        bound, rates = floor + (1 - most * c) ** (ks - 1) * (gap[0] - floor), (rate, rate)
    return Promise(broken, BROKEN[broken], gap, error, bound, rates, known, many, seed)
