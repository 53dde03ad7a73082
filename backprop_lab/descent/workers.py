"""Two workers with half of a batch each make the same step as one with all of it.

found = workers(loss, 0.5, (x, y), count=2)
found.average == found.whole      exactly, for numbers such as `whole_numbers` has
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..recording.trees import leaves
from .batches import whole
from .problem import Problem


@dataclass(frozen=True)
class Shared:
    """The gradients of workers with equal shares of the examples.

    Attributes
    ----------
    shares : how many examples each has
    parts : the gradient of each, averaged over its share, in the structure of the parameters
    average : their mean
    whole : the gradient of one worker, averaged over all examples
    """

    shares: list[int]
    parts: list[Any]
    average: Any
    whole: Any

    @property
    def same(self) -> bool:
        """Whether average and whole are equal to the last digit."""
        pairs = zip(leaves(self.average), leaves(self.whole), strict=True)
        return all(np.array_equal(a, b) for a, b in pairs)

    @property
    def apart(self) -> float:
        """The largest difference between both."""
        pairs = zip(leaves(self.average), leaves(self.whole), strict=True)
        return max(float(np.max(np.abs(np.subtract(a, b)))) for a, b in pairs)


def workers(f: Callable[..., Any], start: Any, data: Any, count: int = 2) -> Shared:
    """Give equal shares of the examples to workers, and average their gradients.

    Parameters
    ----------
    f, start, data : as for `bl.descend`
    count : how many workers; it divides the number of examples

    Raises
    ------
    ArgumentError : shares that are not equal: then the mean of means is not the mean
    """
    problem, parts = Problem(f, start, data), whole(count, "count", 2)
    if not problem.count or problem.count % parts:
        raise ArgumentError(
            f"{problem.count} examples cannot be shared equally by {parts} workers, and the mean of unequal shares' "
            "means is not the mean of all; choose a count that divides them"
        )
    share = problem.count // parts
    places = [np.arange(k * share, (k + 1) * share) for k in range(parts)]
    slopes = [problem.slopes(problem.start, problem.batch(each))[1] for each in places]
    average = [sum(column) / parts for column in zip(*slopes, strict=True)]
    together = problem.slopes(problem.start, problem.data)[1]
    told = [problem.structured(x) for x in (*slopes, average, together)]
    return Shared([share] * parts, told[:-2], *told[-2:])


def whole_numbers(count: int = 128, seed: int = 0) -> tuple[Any, Any]:
    """Examples x and y that are whole numbers: floats make no rounding errors in a mean over 2ⁿ of them."""
    random = np.random.default_rng(seed)
    x = random.integers(-8, 9, size=whole(count, "count", 128)).astype(float)
    return x, 3 * x + random.integers(-4, 5, size=count)
