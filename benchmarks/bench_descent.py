"""How fast a net is trained: a step of `bl.descend` beside micrograd's on the same data, and the time to 95 %.

Run it with `make bench`, `python benchmarks/bench_descent.py`, or with `--quick` for a look. Both train the same net,
2-16-16-1 with tanh and the logistic loss, from the same weights by gradient descent on all points of the moons, and
come to the same weights. Steps are made in turn within one run, by the processor's time; NumPy's linear algebra has one
thread.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
for library in ("OPENBLAS", "MKL", "OMP", "VECLIB"):  # one thread, set before NumPy loads: two would race for the cores
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
from measure import Table  # noqa: E402

import backprop_lab as bl  # noqa: E402

LAB = bl.experiments
SIZES, RATE = (2, 16, 16, 1), 0.1
CLOCK = time.process_time


class MicrogradNet:
    """The same net and the same step with micrograd's values; it has no tanh and no log: both are made of its own."""

    def __init__(self, layers: Any) -> None:
        from micrograd.engine import Value

        self.layers = [
            (
                [[Value(float(x)) for x in column] for column in layer["W"].T],
                [Value(float(x)) for x in layer["b"]],
            )
            for layer in layers
        ]

    @property
    def parameters(self) -> list[Any]:
        return [w for columns, bs in self.layers for w in [*(x for column in columns for x in column), *bs]]

    def step(self, points: Any, labels: Any) -> float:
        from micrograd.engine import Value

        def unary(x: Any, value: float, slope: float) -> Any:
            out = Value(value, (x,), "f")

            def backward() -> None:
                x.grad += slope * out.grad

            out._backward = backward
            return out

        def tanh(x: Any) -> Any:
            y = math.tanh(x.data)
            return unary(x, y, 1 - y * y)

        def softplus(x: Any) -> Any:
            return unary(x, math.log1p(math.exp(-abs(x.data))) + max(x.data, 0.0), 1 / (1 + math.exp(-x.data)))

        total = 0.0
        for point, label in zip(points, labels, strict=True):
            found = list(point)
            for k, (columns, bs) in enumerate(self.layers):
                sums = [
                    sum((w * x for w, x in zip(ws, found, strict=True)), b) for ws, b in zip(columns, bs, strict=True)
                ]
                found = [tanh(s) for s in sums] if k < len(self.layers) - 1 else sums
            total = softplus(found[0] * -label) + total
        loss = total * (1 / len(labels))
        for w in self.parameters:
            w.grad = 0.0
        loss.backward()
        for w in self.parameters:
            w.data -= RATE * w.grad
        return loss.data


def step_against_micrograd(table: Table, points: int, steps: int) -> None:
    """Both make some steps, one of micrograd's and then one run of ours with the same number of steps each time."""
    data, labels = LAB.moons(points)
    theirs = MicrogradNet(LAB.net(SIZES))
    rows, known = data.tolist(), labels.tolist()
    run: Any = bl.descend(LAB.logistic, LAB.net(SIZES), "sgd", RATE, 5, data=(data, labels))  # compiles, once
    slow, fast = [], []
    for _ in range(steps):
        begin = CLOCK()
        theirs.step(rows, known)
        slow.append(CLOCK() - begin)
        begin = CLOCK()
        run = bl.descend(LAB.logistic, LAB.net(SIZES), "sgd", RATE, 100, data=(data, labels), progress=False)
        fast.append((CLOCK() - begin) / 100)  # with compiling it anew
    run = bl.descend(LAB.logistic, LAB.net(SIZES), "sgd", RATE, steps, data=(data, labels))
    ours = [x for layer in run.path[-1] for x in [*layer["W"].T.ravel(), *layer["b"]]]
    assert np.allclose(ours, [w.data for w in theirs.parameters], rtol=1e-9, atol=1e-12)
    ratios = min(slow) / min(fast), statistics.median(a / b for a, b in zip(slow, fast, strict=True))
    table.row(f"micrograd / bl.descend, a step on {points} points", *ratios, ">= 50", "x")
    table.row("  micrograd's step", min(slow) * 1e3, statistics.median(slow) * 1e3, unit=" ms")
    table.row("  a step of bl.descend", min(fast) * 1e3, statistics.median(fast) * 1e3, unit=" ms")


def to_95_percent(table: Table, name: str, repeats: int) -> None:
    """Seconds of the processor until 95 % of the points are on the right side, with compiling and with the looks."""
    needed, right = [], 0.0
    for seed in range(repeats):
        data, labels = getattr(LAB, name)(200, seed=seed)

        def stop(t: int, layers: Any, value: float) -> bool:
            nonlocal right
            right = LAB.accuracy(layers, data, labels) if t % 10 == 0 else 0.0  # noqa: B023
            return right >= 0.95

        begin = CLOCK()
        bl.descend(
            LAB.logistic, LAB.net(SIZES, seed), "adam", 0.02, 3000, data=(data, labels), batch=50, seed=seed, stop=stop
        )
        needed.append(CLOCK() - begin)
        assert right >= 0.95
    table.row(f"to 95 % of 200 points, {name}, the slowest", max(needed), statistics.median(needed), "<= 10", " s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few steps")
    quick = parser.parse_args().quick
    table = Table()
    step_against_micrograd(table, 100, 3 if quick else 12)
    for name in ("moons", "spiral"):
        to_95_percent(table, name, 3 if quick else 20)
    table.end()
