"""How fast compiled programs are beside the plain function: value and gradient, and all values and adjoints.

Run it with `make bench`, `python benchmarks/bench_programs.py`, or with `--quick` for a look. The plain function is
ordinary loop code on Python's floats, with `math`'s own functions; the program is called as a student calls it. Both
run on the same numbers, in turn within one run. What counts is the ratio: how often one could compute the value in
the time that the value with the whole gradient takes.
"""

from __future__ import annotations

import argparse
import gc
import math
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from measure import Table, timed

import backprop_lab as bl

# --- the functions ----------------------------------------------------------------------------------------------------


def some(count: int, low: float = -1.0, high: float = 1.0) -> tuple[float, ...]:
    draw = random.Random(count)
    return tuple(draw.uniform(low, high) for _ in range(count))


def functions(n: Any) -> dict[str, tuple[Callable[..., Any], tuple[float, ...]]]:
    """The functions and where to compute them; `n.sin` and `n.tanh` are the lab's, or `math`'s in the plain ones."""

    def sum_of_products(*v: Any) -> Any:
        """x1*y1 + x2*y2 + ..., with all the x before the y."""
        half = len(v) // 2
        total = 0.0
        for k in range(half):
            total = total + v[k] * v[half + k]
        return total

    def product(*xs: Any) -> Any:
        result = 1.0
        for x in xs:
            result = result * x
        return result

    def rosenbrock(*x: Any) -> Any:
        total = 0.0
        for k in range(len(x) - 1):
            total = total + 100.0 * (x[k + 1] - x[k] ** 2) ** 2 + (1.0 - x[k]) ** 2
        return total

    def mul_add(x: Any, a: Any, b: Any) -> Any:
        for _ in range(1000):
            x = x * a + b
        return x

    def mul_add_sin(x: Any, a: Any, b: Any) -> Any:
        for _ in range(1000):
            x = n.sin(x * a + b)
        return x

    def net(x: Any, y: Any, *w: Any) -> Any:
        """2-16-16-1 with tanh: the weights of each neuron and its bias, one neuron after the other."""
        first, second, last = w[:48], w[48:320], w[320:]
        hidden = []
        for j in range(16):
            hidden.append(n.tanh(first[3 * j] * x + first[3 * j + 1] * y + first[3 * j + 2]))
        out = last[16]
        for j in range(16):
            s = second[17 * j + 16]
            for k in range(16):
                s = s + second[17 * j + k] * hidden[k]
            out = out + last[j] * n.tanh(s)
        return out

    return {
        "sum of 100 products": (sum_of_products, some(200)),
        "sum of 1,000 products": (sum_of_products, some(2000)),
        "product of 100": (product, some(100, 0.9, 1.1)),
        "Rosenbrock, 100 variables": (rosenbrock, some(100)),
        "Rosenbrock, 1,000 variables": (rosenbrock, some(1000)),
        "1,000 times mul, add": (mul_add, (0.5, 0.999, 0.01)),
        "1,000 times mul, add, sin": (mul_add_sin, (0.5, 0.999, 0.01)),
        "net 2-16-16-1": (net, some(2 + 48 + 272 + 17)),
    }


# --- measuring --------------------------------------------------------------------------------------------------------


def race(
    plain: Callable[..., Any], other: Callable[..., Any], at: tuple[float, ...], repeats: int
) -> tuple[float, float]:
    """The other's time against the plain one's: the ratio of the minima, and the median of the ratios."""
    for _ in range(20):  # Python adapts its code to what it meets in the first calls
        plain(*at), other(*at)
    often = max(1, int(0.003 / timed(lambda: plain(*at), 5)))
    gc.collect()
    gc.freeze()
    pairs = [(timed(lambda: plain(*at), often), timed(lambda: other(*at), often)) for _ in range(repeats)]
    gc.unfreeze()
    base, mine = (min(column) for column in zip(*pairs, strict=True))
    return mine / base, statistics.median(b / a for a, b in pairs)


def against_plain(table: Table, repeats: int) -> None:
    gradients, replays = [], []
    plain = functions(math)
    for name, (f, at) in functions(bl).items():
        program, simple = bl.compile(f, *at), plain[name][0]
        value, gradient = program.value_and_grad(*at)
        known, slopes = bl.value_and_grad(f)(*at)
        assert math.isclose(value, known, rel_tol=1e-12) and math.isclose(simple(*at), known, rel_tol=1e-12), name
        for mine, engine in zip(gradient, slopes, strict=True):
            assert math.isclose(mine, engine, rel_tol=1e-9, abs_tol=1e-12), name
        gradients.append(race(simple, program.value_and_grad, at, repeats))
        table.row(f"value_and_grad / plain, {name}", *gradients[-1], "<= 2.5", "x")
        replays.append((name, race(simple, program.replay, at, repeats)))
        if name.endswith("sin"):  # the very function that was compiled, which calls the lab's sine
            ratios = race(f, program.value_and_grad, at, repeats)
            table.row("  the same with bl.sin in the plain function", *ratios, unit="x")
    table.row("value_and_grad / plain, median of the eight", *_median(gradients), "<= 1.6", "x")
    for name, ratios in replays:
        table.row(f"replay / plain, {name}", *ratios, unit="x")
    table.row("replay / plain, median of the eight", *_median([r for _, r in replays]), "<= 4", "x")


def _median(rows: list[tuple[float, float]]) -> tuple[float, float]:
    least, middle = (statistics.median(column) for column in zip(*rows, strict=True))
    return least, middle


def sweeps(table: Table, repeats: int) -> None:
    """The same numbers by way of a graph and its steps, which are made to be looked at."""
    f, at = functions(bl)["product of 100"]
    graph = bl.trace(f, *at)
    ratios = race(f, lambda *xs: bl.adjoint_sweep(graph.replay(*xs)).numbers, at, repeats)
    table.row("graph.replay, adjoint_sweep / plain, product", *ratios, unit="x")


def compiling(table: Table, operations: int) -> None:
    def chain(x: Any, a: Any, b: Any) -> Any:
        for _ in range(operations // 2):
            x = x * a + b
        return x

    at = (0.5, 0.999, 0.01)
    traced = timed(lambda: bl.trace(chain, *at), 1)
    begin = time.perf_counter()
    program = bl.compile(chain, *at)
    needed = time.perf_counter() - begin
    table.row(f"compile {operations:,} operations", *[needed] * 2, unit=" s")
    table.row(f"  of which the trace of {operations:,}", *[traced] * 2, unit=" s")
    ratios = race(chain, program.value_and_grad, at, 3)
    table.row(f"value_and_grad / plain, {operations:,} operations", *ratios, unit="x")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="fewer repeats, a shorter program to compile")
    quick = arguments.parse_args().quick

    table = Table()
    against_plain(table, 9 if quick else 40)
    sweeps(table, 3)
    compiling(table, 20_000 if quick else 200_000)
    table.end()


if __name__ == "__main__":
    main()
