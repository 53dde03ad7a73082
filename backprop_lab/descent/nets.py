"""Small nets and points in the plane to train them on, for the lessons and the benchmarks.

    points, labels = moons(200, seed=0)
    run = bl.descend(logistic, net((2, 16, 16, 1), seed=0), "adam", 0.01, data=(points, labels), batch=50, epochs=40)
    accuracy(run.path[-1], points, labels)

A net is a list of layers, each a dict with the weights W and the biases b: what `bl.descend` takes and gives back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..table.table import primitives
from .batches import whole

Layers = list[dict[str, Any]]
_tanh, _softplus = primitives["tanh"].function, primitives["softplus"].function


def moons(count: int = 200, noise: float = 0.1, seed: int = 0) -> tuple[Any, Any]:
    """Points of two half circles that lie in each other's arms, and their labels, 1 and −1.

    Parameters
    ----------
    count : how many points; half of them on either
    noise : how far they are scattered from the circles, as a standard deviation
    seed : a whole number: the same gives the same points

    Returns
    -------
    An array with a row of two coordinates for each point, and an array of labels
    """
    half, rest, random = _halves(count, seed)
    turn = np.concatenate([np.linspace(0, math.pi, half), np.linspace(0, math.pi, rest)])
    first = np.arange(count) < half
    x = np.where(first, np.cos(turn), 1 - np.cos(turn))
    y = np.where(first, np.sin(turn), 0.5 - np.sin(turn))
    return np.stack([x, y], 1) + noise * random.normal(size=(count, 2)), np.where(first, 1.0, -1.0)


def spiral(count: int = 200, noise: float = 0.03, seed: int = 0, turns: float = 1.0) -> tuple[Any, Any]:
    """Points of two spirals around each other: as for `moons`, with the number of their turns."""
    half, rest, random = _halves(count, seed)
    way = np.concatenate([np.linspace(0.15, 1, half), np.linspace(0.15, 1, rest)])
    first = np.arange(count) < half
    angle = 2 * math.pi * turns * way + np.where(first, 0.0, math.pi)
    points = np.stack([way * np.cos(angle), way * np.sin(angle)], 1)
    return points + noise * random.normal(size=(count, 2)), np.where(first, 1.0, -1.0)


def _halves(count: int, seed: int) -> tuple[int, int, np.random.Generator]:
    half = whole(count, "count", 200) // 2
    return half, count - half, np.random.default_rng(seed)


def net(sizes: Sequence[int], seed: int = 0, scale: float | None = None) -> Layers:
    """The layers of a net before it has learnt anything.

    Parameters
    ----------
    sizes : how many numbers come in, how many units each layer has, how many come out: (2, 16, 16, 1)
    seed : a whole number: the same gives the same weights
    scale : the standard deviation of the weights; if not given, that of Glorot and Bengio 2010 (equation 12) in each
        layer, the root of 2 by the sum of what comes in and goes out. Biases are 0
    """
    if len(sizes) < 2 or any(n < 1 for n in sizes):
        raise ArgumentError(f"sizes are at least two whole numbers above 0, not {sizes!r:.40}; write (2, 16, 16, 1)")
    random = np.random.default_rng(seed)
    return [
        {"W": random.normal(0, scale or math.sqrt(2 / (a + b)), size=(a, b)), "b": np.zeros(b)}
        for a, b in zip(sizes, sizes[1:], strict=False)
    ]


def score(layers: Layers, points: Any, activation: Callable[[Any], Any] = _tanh) -> Any:
    """What comes out of a net for each point; the activation stands after each layer but the last."""
    found = points
    for k, layer in enumerate(layers):
        found = found @ layer["W"] + layer["b"]
        found = activation(found) if k < len(layers) - 1 else found
    return found[:, 0]


def logistic(layers: Layers, points: Any, labels: Any, activation: Callable[[Any], Any] = _tanh) -> Any:
    """The logistic loss of a net at points with labels 1 and −1: log(1 + exp(−label · score)), the mean.

    For another activation, `functools.partial(logistic, activation=bl.relu)` is a function to descend.
    """
    return np.mean(_softplus(-labels * score(layers, points, activation)))


def accuracy(layers: Layers, points: Any, labels: Any, activation: Callable[[Any], Any] = _tanh) -> float:
    """The share of the points on the right side."""
    return float(np.mean(score(layers, points, activation) * labels > 0))
