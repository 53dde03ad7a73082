"""How fast compiled programs are beside the plain function: value and gradient, and all values and adjoints.

Run it with `make bench`, `python benchmarks/bench_programs.py`, or with `--quick` for a look. The plain function is
ordinary loop code on Python's floats, with `math`'s own functions; the program is called as a student calls it. Both
run on the same numbers, in turn within one run. What counts is the ratio: how often one could compute the value in
the time that the value with the whole gradient takes.

Then steps of training: micrograd's demo against micrograd itself, and a net of arrays against NumPy written by hand;
and gradients and Hessian-vector products of arrays. NumPy's linear algebra runs in one thread.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
for library in ("OPENBLAS", "MKL", "OMP", "VECLIB"):  # one thread, set before NumPy loads: two would race for the cores
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
from measure import Table, timed  # noqa: E402

import backprop_lab as bl  # noqa: E402

# --- the functions ----------------------------------------------------------------------------------------------------


PRODUCTS = "Rosenbrock, {} variables, a * a"  # a power takes Python longer than a product, which flatters the program
EXTRA = ("1,000 times mul, add, sin, 3 inputs", PRODUCTS.format("100"), PRODUCTS.format("1,000"))  # without a target


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

    def rosenbrock_of_products(*x: Any) -> Any:
        total = 0.0
        for k in range(len(x) - 1):
            a = x[k + 1] - x[k] * x[k]
            b = 1.0 - x[k]
            total = total + 100.0 * (a * a) + b * b
        return total

    def mul_add(x: Any) -> Any:
        for _ in range(1000):
            x = x * 0.999 + 0.01
        return x

    def mul_add_sin(x: Any) -> Any:
        for _ in range(1000):
            x = n.sin(x * 0.999 + 0.01)
        return x

    def recurrence(x: Any, a: Any, b: Any) -> Any:
        """The same with every number an input: three derivatives."""
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
        "1,000 times mul, add": (mul_add, (0.5,)),
        "1,000 times mul, add, sin": (mul_add_sin, (0.5,)),
        "net 2-16-16-1": (net, some(2 + 48 + 272 + 17)),
        EXTRA[0]: (recurrence, (0.5, 0.999, 0.01)),
        EXTRA[1]: (rosenbrock_of_products, some(100)),
        EXTRA[2]: (rosenbrock_of_products, some(1000)),
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
        one = not isinstance(gradient, tuple)
        for mine, engine in [(gradient, slopes)] if one else zip(gradient, slopes, strict=True):
            assert math.isclose(mine, engine, rel_tol=1e-9, abs_tol=1e-12), name
        ratios = race(simple, program.value_and_grad, at, repeats)
        table.row(f"value_and_grad / plain, {name}", *ratios, "" if name in EXTRA else "<= 2.5", "x")
        if name not in EXTRA:
            gradients.append(ratios)
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


# --- steps of training ------------------------------------------------------------------------------------------------

SIZES = (2, 16, 16, 1)


def moons(count: int) -> tuple[Any, Any]:
    """Two interleaved half circles with noise, and to which of them each point belongs: -1 or 1."""
    draw = np.random.default_rng(1)
    t = np.linspace(0, np.pi, count // 2)
    outer, inner = np.stack([np.cos(t), np.sin(t)], 1), np.stack([1 - np.cos(t), 0.5 - np.sin(t)], 1)
    return np.concatenate([outer, inner]) + draw.normal(0, 0.1, (count, 2)), np.repeat([-1.0, 1.0], count // 2)


def margin_loss(relu: Callable[..., Any], weights: Any, X: Any, y: Any) -> Any:
    """micrograd's demo on numbers of any kind: a net with relu, the max-margin loss and a penalty on the weights."""
    losses = []
    for point, label in zip(X, y, strict=True):
        layer, w = list(point), iter(weights)
        for size in SIZES[1:]:
            sums = []
            for _ in range(size):
                own = [next(w) for _ in layer]
                s = next(w)
                for a, x in zip(own, layer, strict=True):
                    s = s + a * x
                sums.append(relu(s) if size > 1 else s)
            layer = sums
        losses.append(relu(1.0 - layer[0] * label))
    total, penalty = losses[0], weights[0] * weights[0]
    for loss in losses[1:]:
        total = total + loss
    for w in weights[1:]:
        penalty = penalty + w * w
    return total * (1.0 / len(losses)) + 1e-4 * penalty


def margin_loss_of_arrays(layers: Any, X: Any, y: Any) -> Any:
    a = X
    for W, b in layers[:-1]:
        a = np.maximum(a @ W + b, 0.0)
    W, b = layers[-1]
    scores = (a @ W + b)[:, 0]
    penalty = sum(np.sum(W**2) + np.sum(b**2) for W, b in layers)
    return np.mean(np.maximum(1.0 - y * scores, 0.0)) + 1e-4 * penalty


def demo(table: Table, points: int, repeats: int) -> None:
    from micrograd.engine import Value

    X, y = moons(points)
    layers, weights = [], []
    draw = np.random.default_rng(2)
    for before, after in zip(SIZES, SIZES[1:], strict=False):
        W, b = draw.uniform(-1, 1, (before, after)), np.zeros(after)
        layers.append((W, b))
        weights += [float(x) for j in range(after) for x in (*W[:, j], b[j])]
    data = X.tolist(), y.tolist()

    def by_micrograd() -> list[float]:
        ws = [Value(w) for w in weights]
        margin_loss(lambda x: x.relu(), ws, *data).backward()
        return [w.grad for w in ws]

    both = bl.value_and_grad(lambda ws: margin_loss(bl.relu, ws, *data))
    begin = time.perf_counter()
    program = bl.compile(lambda *ws: margin_loss(bl.relu, ws, *data), *weights)
    needed = time.perf_counter() - begin
    on_arrays = bl.compile(margin_loss_of_arrays, layers, X, y, argnums=0)
    _, slopes = on_arrays.value_and_grad(layers, X, y)
    of_arrays = [x for W, b in slopes for j in range(len(b)) for x in (*W[:, j], b[j])]
    known = by_micrograd()
    for found in (both(weights)[1], program.value_and_grad(*weights)[1], of_arrays):
        assert all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in zip(found, known, strict=True))
    runs = {
        "traced each time": lambda: both(weights),
        "compiled": lambda: program.value_and_grad(*weights),
        "compiled, arrays": lambda: on_arrays.value_and_grad(layers, X, y),
    }
    targets = {"traced each time": ">= 15", "compiled": ">= 100"}
    for run in runs.values():
        for _ in range(3):
            run()
    for collecting in (True, False):  # micrograd's graphs are cyclic: most of its time goes to Python's collector
        gc.collect()
        gc.freeze()
        rows: list[list[float]] = []
        for _ in range(repeats):
            if not collecting:
                gc.disable()
            base = timed(by_micrograd, 1)
            gc.collect()  # what micrograd left is not the others' to clear away
            rows.append([base, *(timed(run, 3) for run in runs.values())])
            gc.enable()
        gc.unfreeze()
        times = list(zip(*rows, strict=True))
        if not collecting:
            print("  the same with Python's garbage collector off:")
        for name, own in zip(runs, times[1:], strict=True):
            ratios = min(times[0]) / min(own), statistics.median(b / m for b, m in zip(times[0], own, strict=True))
            target = targets.get(name, "") if collecting and points == 100 else ""
            table.row(f"micrograd / {name}, demo, {points} points", *ratios, target, "x")
        table.row("  micrograd's step", min(times[0]) * 1e3, statistics.median(times[0]) * 1e3, unit=" ms")
    table.row("  compiling it for numbers", needed, needed, unit=" s")


def cross_entropy(params: Any, X: Any, Y: Any) -> Any:
    (W1, b1), (W2, b2) = params
    scores = np.maximum(X @ W1 + b1, 0.0) @ W2 + b2
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(shifted), axis=1)) - np.sum(shifted * Y, axis=1))


def by_hand(params: Any, X: Any, labelled: Callable[..., Any]) -> Any:
    """The loss and its gradient; `labelled` has the loss and the scores' adjoint, from log-sums, scores and shares."""
    (W1, b1), (W2, b2) = params
    z = X @ W1 + b1
    a = np.maximum(z, 0.0)
    scores = a @ W2 + b2
    shifted = scores - scores.max(axis=1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(axis=1, keepdims=True)
    loss, d = labelled(np.log(total[:, 0]), shifted, e / total)
    back = d @ W2.T
    back *= z > 0
    return loss, ((X.T @ back, back.sum(axis=0)), (a.T @ d, d.sum(axis=0)))


def step_by_hand(params: Any, X: Any, Y: Any) -> Any:
    return by_hand(params, X, lambda logs, shifted, p: (np.mean(logs - (shifted * Y).sum(axis=1)), (p - Y) / len(X)))


def net_of_arrays(table: Table, repeats: int) -> None:
    draw = np.random.default_rng(3)
    params = tuple((draw.normal(0, 0.05, shape), np.zeros(shape[1])) for shape in ((784, 128), (128, 10)))
    X, Y = draw.uniform(size=(128, 784)), np.eye(10)[draw.integers(0, 10, 128)]
    program = bl.compile(cross_entropy, params, X, Y, argnums=0)
    mine, known = program.value_and_grad(params, X, Y), step_by_hand(params, X, Y)
    assert math.isclose(mine[0], known[0], rel_tol=1e-12)
    for found, layer in zip(mine[1], known[1], strict=True):
        assert all(np.allclose(a, b, rtol=1e-9, atol=1e-12) for a, b in zip(found, layer, strict=True))
    ratios = race(step_by_hand, program.value_and_grad, (params, X, Y), repeats)
    table.row("net 784-128-10, batch 128: compiled / by hand", *ratios, "<= 1.15", "x")


def second_order(table: Table, repeats: int) -> None:
    import autograd
    import autograd.numpy as anp

    def rosenbrock(x: Any) -> Any:
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    def theirs(x: Any) -> Any:
        return anp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    for length in (10, 100, 1_000, 10_000):
        x, v = np.random.default_rng(4).uniform(-1, 1, (2, length))
        gradient = bl.compile(rosenbrock, x)
        product = bl.compile(lambda x, v: bl.hvp(rosenbrock, (x,), (v,)), x, v)
        assert np.allclose(product.value(x, v), bl.hvp(rosenbrock, (x,), (v,)), rtol=1e-10)
        assert np.allclose(gradient.value_and_grad(x)[1], autograd.grad(theirs)(x), rtol=1e-10)
        ratios = race(gradient.value_and_grad, lambda x, v=v, run=product.value: run(x, v), (x,), repeats)
        title = f"Rosenbrock in arrays, {length:,}: "
        table.row(f"{title}Hv / gradient", *ratios, "<= 2" if length == 1_000 else "", "x")
        ratios = race(bl.grad(rosenbrock), lambda x, v=v: bl.hvp(rosenbrock, (x,), (v,)), (x,), repeats)
        table.row(f"{title}Hv / gradient, traced anew", *ratios, "<= 2", "x")
        ratios = race(autograd.grad(theirs), gradient.value_and_grad, (x,), repeats)
        table.row(f"{title}gradient / autograd", *ratios, "<= 1", "x")

    for name, (f, at) in functions(bl).items():
        v = some(len(at))
        ratios = race(bl.grad(f), lambda *x, f=f, v=v: bl.hvp(f, x, v), at, repeats)
        table.row(f"{name}: Hv / gradient, traced anew", *ratios, "<= 2", "x")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="fewer repeats, a shorter program to compile")
    quick = arguments.parse_args().quick

    table = Table()
    against_plain(table, 9 if quick else 40)
    sweeps(table, 3)
    demo(table, 20 if quick else 100, 3 if quick else 7)
    net_of_arrays(table, 9 if quick else 40)
    second_order(table, 9 if quick else 40)
    compiling(table, 20_000 if quick else 200_000)
    table.end()


if __name__ == "__main__":
    main()
