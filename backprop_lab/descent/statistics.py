"""What repeats tell: bands, and powers fitted to them with an interval that says how sure they are.

band(values)                     the middle 90 % of the repeats, and their mean, at each step
fitted_power(x, errors, seed)    the p of error ~ x^p, with its 95 % interval
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

RESAMPLES = 400


class Band(NamedTuple):
    """The mean of the repeats at each step, and where the middle 90 % of them lie."""

    mean: Any
    low: Any
    high: Any


class Power(NamedTuple):
    """The exponent of a fitted power, and its 95 % interval from the repeats (bootstrap percentiles; Efron 1979)."""

    exponent: float
    low: float
    high: float

    def __str__(self) -> str:
        shown = (f"{x:.2f}".replace("-", "−") for x in self)
        return "{} (95 % of the resamples: {} to {})".format(*shown)


def band(values: Any) -> Band:
    """The band of repeats: a row for each, a column for each step."""
    low, high = np.percentile(values, (5, 95), axis=0)
    return Band(np.mean(values, axis=0), low, high)


def rms(errors: Any) -> Any:
    """The root of the mean square of the repeats, at each step."""
    return np.sqrt(np.mean(np.square(errors), axis=0))


def fitted_power(x: Any, errors: Any, seed: int = 0) -> Power:
    """The power of x that the root mean square of errors follows, by least squares on log axes.

    Parameters
    ----------
    x : positive numbers, one a column
    errors : a row for each repeat
    seed : of the resamples that the interval comes from
    """
    squares, log_x = np.square(errors), np.log(np.asarray(x, dtype=float))
    centred = log_x - log_x.mean()
    weights = centred / (centred @ centred)
    count = len(squares)
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=RESAMPLES) / count
    with np.errstate(all="ignore"):  # no power fits errors that are all 0 somewhere: nan
        resampled = 0.5 * np.log(draws @ squares) @ weights
        low, high = np.percentile(resampled, (2.5, 97.5))
        return Power(float(np.log(rms(errors)) @ weights), float(low), float(high))
