"""Good start, bad finish: stochastic descent on least squares, and the region that it cannot leave.

    data = least_squares(20, dimension=1, seed=0)
    found = confusion(data, rates=(0.01, 0.1), repeats=1000, seed=0)
    found.spread, found.theory, found.power, data.region

Strang's second project. One example a step: f(w) is the mean of (a · w − b)² / 2 over the rows a of A. In one dimension
all examples pull in the same direction outside of the interval between the smallest b / a and the largest; inside they
pull against each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .batches import whole
from .statistics import Band, Power, band, fitted_power

SETTLED = 8.0  # steps times rate times the smallest curvature, until the start is forgotten
MOST_STEPS = 20_000


@dataclass(frozen=True)
class LeastSquares:
    """Examples for f(w) = mean of (a · w − b)² / 2.

    Attributes
    ----------
    A, b : a row and a number for each example
    best : where f is smallest; `hessian` its second derivatives
    region : in one dimension, the smallest and the largest minimum of a single example; else None
    smooth, curved : the largest and the smallest eigenvalue of the Hessian: the L and c of the theorems
    """

    A: Any
    b: Any

    @cached_property
    def hessian(self) -> Any:
        return self.A.T @ self.A / len(self.A)

    @cached_property
    def best(self) -> Any:
        return np.linalg.solve(self.hessian, self.A.T @ self.b / len(self.A))

    @cached_property
    def region(self) -> tuple[float, float] | None:
        if self.A.shape[1] > 1:
            return None
        single = self.b / self.A[:, 0]
        return float(single.min()), float(single.max())

    @cached_property
    def smooth(self) -> float:
        return float(np.linalg.eigvalsh(self.hessian)[-1])

    @cached_property
    def curved(self) -> float:
        return float(np.linalg.eigvalsh(self.hessian)[0])

    def loss(self, w: Any) -> Any:
        """f at a point, or at each row of an array of points."""
        return 0.5 * np.mean((np.asarray(w) @ self.A.T - self.b) ** 2, axis=-1)

    def slopes(self, points: Any, places: Any) -> Any:
        """For each row, the gradient of one example there."""
        rows = self.A[places]
        return (np.einsum("ij,ij->i", rows, points) - self.b[places])[:, None] * rows

    def spread(self, rate: float) -> float:
        """How far from the best point descent with one example a step stays, by theory.

        The root mean square distance in the long run: the second moments S of w − w* satisfy
        S = E[(I − ηaaᵀ) S (I − ηaaᵀ)] + η² E[r² aaᵀ], with the residuals r at w*; it is infinite where these grow.
        """
        size, n = self.A.shape[1], len(self.A)
        steps = np.eye(size) - rate * self.A[:, :, None] * self.A[:, None, :]
        moved = np.einsum("nij,nkl->ikjl", steps, steps).reshape(size**2, size**2) / n
        if np.max(np.abs(np.linalg.eigvals(moved))) >= 1:
            return math.inf
        rest = self.A @ self.best - self.b
        noise = rate**2 * (self.A * rest[:, None] ** 2).T @ self.A / n
        second = np.linalg.solve(np.eye(size**2) - moved, noise.ravel()).reshape(size, size)
        return math.sqrt(float(np.trace(second)))


def least_squares(count: int = 20, dimension: int = 1, noise: float = 0.5, seed: int = 0) -> LeastSquares:
    """Examples around a line: rows a, the first entry between ½ and 1½, and b = a · 1 with scatter.

    Raises
    ------
    ArgumentError : a count or a dimension that is no whole number above 0
    """
    n, size = whole(count, "count", 20), whole(dimension, "dimension", 1)
    random = np.random.default_rng(seed)
    A = random.uniform(0.5, 1.5, size=(n, size))
    A[:, 1:] -= 1.0
    return LeastSquares(A, A.sum(axis=1) + noise * random.normal(size=n))


@dataclass(frozen=True)
class Confusion:
    """How far from the best point descent with one example a step stays, rate by rate.

    Attributes
    ----------
    data, rates, repeats, seed : what was asked for
    spread : the root mean square distance at the end over the repeats, for each rate
    error : the standard error of each
    theory : what it is by theory
    power : of the rate, that the spread follows; for small rates near ½
    bands : for each rate, the band of the distance after each step
    """

    data: LeastSquares
    rates: tuple[float, ...]
    repeats: int
    seed: int
    spread: Any
    error: Any
    theory: Any
    power: Power
    bands: dict[float, Band]

    def __str__(self) -> str:
        rows = zip(self.rates, self.spread, self.theory, strict=True)
        lines = [f"rate {rate:g}: {x:.4f} from the best point, by theory {y:.4f}" for rate, x, y in rows]
        return "\n".join([f"{self.repeats} repeats, seed {self.seed}", *lines, f"power of the rate: {self.power}"])


def confusion(
    data: LeastSquares,
    rates: Sequence[float] = (0.02, 0.05, 0.1, 0.2),
    repeats: int = 1000,
    seed: int = 0,
    start: float = 4.0,
) -> Confusion:
    """Descend many times with one example a step, at several rates, until the start is forgotten.

    Parameters
    ----------
    data : examples of least squares
    rates : the step sizes, two or more
    repeats : how many runs at each
    seed : of the examples that are drawn, with replacement
    start : the distance from the best point at first

    Raises
    ------
    ArgumentError : fewer than two rates, one that is not above 0 or at which the runs have no end, or no repeats
    """
    many, size = whole(repeats, "repeats", 1000), data.A.shape[1]
    theory = np.array([data.spread(rate) if rate > 0 else math.inf for rate in rates])
    if len(theory) < 2 or not np.isfinite(theory).all():
        raise ArgumentError(
            f"rates must be two or more at which the runs stay near the best point, not {list(rates)}; write "
            "rates=(0.02, 0.05, 0.1)"
        )
    ends: list[Any] = []
    bands = {}
    steps = min(MOST_STEPS, math.ceil(SETTLED / (min(rates) * data.curved)))  # the slowest forgets its start, too
    for rate in rates:
        random = np.random.default_rng((seed, len(ends)))
        now = data.best + np.full((many, size), start / math.sqrt(size))
        far = np.empty((many, steps + 1))
        far[:, 0] = start
        for k in range(steps):
            now = now - rate * data.slopes(now, random.integers(len(data.A), size=many))
            far[:, k + 1] = np.linalg.norm(now - data.best, axis=1)
        ends.append(far[:, -1])
        bands[float(rate)] = band(far)
    squares = np.square(ends)
    spread = np.sqrt(squares.mean(axis=1))
    error = squares.std(axis=1) / math.sqrt(many) / (2 * spread)  # of a root, by the slope of the root
    power = fitted_power(rates, np.transpose(ends), seed)
    return Confusion(data, tuple(map(float, rates)), many, seed, spread, error, theory, power, bands)
