"""The running average of numbers that are drawn one by one, with and without putting them back: Strang's first project.

found = running_averages(100, epochs=3, repeats=1000, seed=0)
found.bands["with replacement"], found.rms["without replacement"], found.powers
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .batches import SAMPLING, whole
from .statistics import Band, Power, band, fitted_power, rms

WITH, WITHOUT = "with replacement", "without replacement"


@dataclass(frozen=True)
class Averages:
    """What came of many repeats; a dict has an entry for each sampling.

    Attributes
    ----------
    count, epochs, repeats, seed : what was asked for
    numbers : those that were drawn from, uniform on (0, 1)
    mean : their mean, which the averages go to; not quite ½
    bands : of the running average after each draw
    rms : its root mean square distance from the mean, after each draw
    theory : what it is by theory, for all orders alike (Cochran 1977, Sampling Techniques, chapter 2)
    powers : the fitted power of the number of draws; without replacement in the middle of each epoch, because at the
        end of one the distance is 0
    """

    count: int
    epochs: int
    repeats: int
    seed: int
    numbers: Any
    mean: float
    bands: dict[str, Band]
    rms: dict[str, Any]
    theory: dict[str, Any]
    powers: dict[str, Power]

    def __str__(self) -> str:
        head = f"{self.count} numbers with the mean {self.mean:.4f}, {self.repeats} repeats, seed {self.seed}"
        lines = [
            f"{key}: after one epoch off by {self.rms[key][self.count - 1]:.2g}, power {self.powers[key]}"
            for key in self.rms
        ]
        return "\n".join([head, *lines])


def running_averages(count: int = 100, epochs: int = 4, repeats: int = 1000, seed: int = 0) -> Averages:
    """Draw from numbers again and again, and look how the running average comes to their mean.

    Parameters
    ----------
    count : how many numbers there are
    epochs : how many times as many are drawn
    repeats : how often all that is done, in other orders
    seed : a whole number: the same gives the same numbers and orders

    Returns
    -------
    Averages : with bands, distances and fitted powers for both ways to draw

    Raises
    ------
    ArgumentError : one of these is no whole number above 0
    """
    n, rounds, many = whole(count, "count", 100), whole(epochs, "epochs", 4), whole(repeats, "repeats", 1000)
    random = np.random.default_rng(seed)
    numbers = random.uniform(size=n)
    orders = {
        WITH: random.integers(n, size=(many, n * rounds)),
        WITHOUT: np.concatenate([random.permuted(np.tile(np.arange(n), (many, 1)), axis=1) for _ in range(rounds)], 1),
    }
    assert orders.keys() <= SAMPLING.keys()
    mean, draws = float(numbers.mean()), np.arange(1, n * rounds + 1)
    averages = {key: np.cumsum(numbers[order], axis=1) / draws for key, order in orders.items()}
    errors = {key: x - mean for key, x in averages.items()}
    middles = n * np.arange(rounds) + max(n // 2, 1) - 1
    powers = {WITH: fitted_power(draws, errors[WITH], seed)}
    if rounds > 1 and n > 1:
        powers[WITHOUT] = fitted_power(draws[middles], errors[WITHOUT][:, middles], seed)
    left, spread = draws % n, float(numbers.std())
    theory = {
        WITH: spread / np.sqrt(draws),
        WITHOUT: spread * np.sqrt(left * (n - left) / max(n - 1, 1)) / draws,
    }
    bands = {key: band(x) for key, x in averages.items()}
    return Averages(
        n, rounds, many, seed, numbers, mean, bands, {key: rms(x) for key, x in errors.items()}, theory, powers
    )
