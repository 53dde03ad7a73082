"""How fast the engine is beside its neighbours: trace + gradient against micrograd, autograd (HIPS) and PyTorch.

Run it with `make bench`, `python benchmarks/bench_engine.py`, or with `--quick` for a look. Every contestant runs the
same function on the same numbers, in turn within one run, so that a busy machine slows them alike; what counts is the
ratio. A neighbour that is not installed is said and left out. All of them record the function anew for each gradient.

Constants in every line flatter us: micrograd makes an object of each, and we make nothing. So the same functions run
with variables in the constants' places, too, and with y * y for y**2.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import math
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from measure import Table, timed

import backprop_lab as bl
from backprop_lab.recording.tape import Tape
from backprop_lab.recording.traced import new_input

# --- the functions ----------------------------------------------------------------------------------------------------


def edelman(n: Any, x: Any, y: Any) -> Any:
    return 2 * x * y + (x - 1) ** 2


def mixed(n: Any, x: Any, y: Any) -> Any:
    """600 operations: + - * / ** and relu, which is what micrograd has."""
    for _ in range(75):
        x = x * y + 0.5
        y = y / 1.5 - x * 0.1
        x = n.relu(x) + y**2
        y = y * 0.5
    return x + y


def mixed_of_variables(n: Any, x: Any, y: Any, a: Any, b: Any, c: Any) -> Any:
    """The same 600 operations with a variable in each constant's place, and a product for the square."""
    for _ in range(75):
        x = x * y + a
        y = y / b - x * c
        x = n.relu(x) + y * y
        y = y * a
    return x + y


def smooth(n: Any, x: Any, y: Any) -> Any:
    """600 operations without a kink: + - * / ** and tanh, exp."""
    for _ in range(75):
        x = n.tanh(x * y)
        y = n.exp(y * 0.1) / 1.5
        x = x + y**2
        y = y - x
    return x * y


def chain(length: int) -> Callable[..., Any]:
    def run(n: Any, x: Any) -> Any:
        for _ in range(length // 2):
            x = x * 1.0000001
            x = x - 1e-9
        return x

    return run


def chain_of_variables(length: int) -> Callable[..., Any]:
    def run(n: Any, x: Any, a: Any, b: Any) -> Any:
        for _ in range(length // 2):
            x = x * a
            x = x - b
        return x

    return run


# --- the contestants: from a function and numbers to the gradient -----------------------------------------------------


def ours(f: Callable[..., Any]) -> Callable[..., Any]:
    names = SimpleNamespace(relu=bl.relu, tanh=bl.tanh, exp=bl.exp)
    both = bl.value_and_grad(lambda *xs: f(names, *xs))

    def run(*xs: float) -> list[float]:
        slopes = both(*xs)[1]
        return list(slopes) if isinstance(slopes, tuple) else [slopes]

    return run


def micrograd(f: Callable[..., Any]) -> Callable[..., Any]:
    from micrograd.engine import Value

    names = SimpleNamespace(relu=lambda x: x.relu())

    def run(*xs: float) -> list[float]:
        inputs = [Value(x) for x in xs]
        f(names, *inputs).backward()
        return [x.grad for x in inputs]

    return run


def autograd(f: Callable[..., Any]) -> Callable[..., Any]:
    import autograd.numpy as anp
    from autograd import value_and_grad

    names = SimpleNamespace(relu=lambda x: anp.maximum(x, 0.0), tanh=anp.tanh, exp=anp.exp)
    both = value_and_grad(lambda xs: f(names, *xs))
    return lambda *xs: [float(g) for g in both(list(xs))[1]]


def pytorch(f: Callable[..., Any]) -> Callable[..., Any]:
    import torch

    torch.set_num_threads(1)
    names = SimpleNamespace(relu=torch.relu, tanh=torch.tanh, exp=torch.exp)

    def run(*xs: float) -> list[float]:
        inputs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in xs]
        f(names, *inputs).backward()
        return [float(x.grad) for x in inputs]

    return run


NEIGHBOURS = {"micrograd": micrograd, "autograd": autograd, "torch": pytorch}


# --- measuring --------------------------------------------------------------------------------------------------------


def race(
    table: Table,
    what: str,
    f: Callable[..., Any],
    at: tuple[float, ...],
    operations: int,
    names: list[str],
    repeats: int,
    targets: dict[str, str],
) -> None:
    """Our gradient and the neighbours', interleaved; rows of ratios, after checking that all agree."""
    runs = {"ours": ours(f)} | {name: NEIGHBOURS[name](f) for name in names}
    answers = {name: run(*at) for name, run in runs.items()}
    for name, answer in answers.items():
        for mine, other in zip(answers["ours"], answer, strict=True):
            assert math.isclose(mine, other, rel_tol=1e-9), f"{name} disagrees on {what}: {answer}"
    # Fair to all: few calls at a time, because micrograd's graphs are cyclic garbage that would pile up; and the
    # collector does not walk over what the neighbours imported.
    often = max(1, 3000 // operations)
    gc.collect()
    gc.freeze()
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            gc.collect()
            times[name].append(timed(lambda run=run: run(*at), often))
    mine = times["ours"]
    each = [t / operations * 1e9 for t in mine]
    table.row(f"{what}, ours per operation", min(each), statistics.median(each), unit=" ns")
    for name in names:
        ratio = min(times[name]) / min(mine)
        middle = statistics.median(t / m for t, m in zip(times[name], mine, strict=True))
        table.row(f"{what}, {name} / ours", ratio, middle, targets.get(name, ""), "x")


def size(table: Table, length: int, repeats: int) -> None:
    """A chain of a million operations: time against a short one, memory, and nothing that recurses."""
    short, long = ours(chain(1000)), ours(chain(length))
    small, large = [], []
    for _ in range(repeats):
        small.append(min(timed(lambda: short(1.0), 20) / 1000 for _ in range(3)))
        gc.collect()
        large.append(timed(lambda: long(1.0), 1) / length)
    ratios = [b / a for a, b in zip(small, large, strict=True)]
    what = f"time per operation, {length:,} / 1,000"
    table.row(what, min(large) / min(small), statistics.median(ratios), "<= 2", "x")

    f = chain(length)
    tracemalloc.start()
    tape = Tape(sourced=False)
    out = f(None, new_input(tape, 1.0))
    lean = tracemalloc.get_traced_memory()[0] / length
    del tape, out
    start = tracemalloc.get_traced_memory()[0]
    graph = bl.trace(lambda x: f(None, x), 1.0)
    sourced = (tracemalloc.get_traced_memory()[0] - start) / length
    tracemalloc.stop()
    table.row("bytes an operation, gradient's tape", lean, lean, "<= 200")
    table.row("bytes an operation, traced graph", sourced, sourced, "<= 200")

    begin = time.process_time()
    traced = bl.trace(lambda x: f(None, x), 1.0)
    middle = time.process_time()
    sweep = bl.adjoint_sweep(traced)
    end = time.process_time()
    assert math.isclose(sweep.numbers[0], long(1.0)[0], rel_tol=1e-9)
    del graph, traced, sweep
    gc.collect()
    table.row(f"trace of {length:,}, per operation", *[(middle - begin) / length * 1e9] * 2, unit=" ns")
    table.row(f"adjoint sweep of {length:,}, per operation", *[(end - middle) / length * 1e9] * 2, unit=" ns")


def importing(table: Table, repeats: int) -> None:
    """`import backprop_lab`, alone and with a first gradient, against `import numpy`, each in a fresh process, bytecode
    compiled. The engine, and NumPy, come with the first name that is used."""
    code = "import time; start = time.process_time(); {}; print(time.process_time() - start)"
    gradient = "import backprop_lab as bl; bl.grad(lambda x: x * x)(3.0)"
    with tempfile.TemporaryDirectory() as cache:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PYTHONPYCACHEPREFIX": cache, "PYTHONPATH": os.pathsep.join(sys.path)}

        def fresh(statements: str) -> float:
            command = [sys.executable, "-c", code.format(statements)]
            return float(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)

        runs = ("import numpy", "import backprop_lab", gradient)
        rows = [[*map(fresh, runs)] for _ in range(repeats + 1)][1:]
    base, *others = zip(*rows, strict=True)
    for what, mine, target in zip(
        ("import backprop_lab", "  and a first gradient"), others, ("<= 1.15", ""), strict=True
    ):
        middle = statistics.median(b / a for a, b in zip(base, mine, strict=True))
        table.row(f"{what} / import numpy", min(mine) / min(base), middle, target, "x")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="fewer repeats, shorter chains")
    quick = arguments.parse_args().quick
    here = [name for name in NEIGHBOURS if importlib.util.find_spec(name)]
    missing = [name for name in NEIGHBOURS if name not in here]
    if missing:
        print(f"not installed, left out: {', '.join(missing)}\n")
    without_micrograd = [name for name in here if name != "micrograd"]
    repeats = 10 if quick else 40

    table = Table()
    race(table, "edelman (5 operations)", edelman, (3.0, 5.0), 5, here, repeats, {})
    race(table, "600 with relu", mixed, (0.7, 0.3), 600, here, repeats, {"micrograd": ">= 3"})
    race(table, "600 with relu, variables", mixed_of_variables, (0.7, 0.3, 0.5, 1.5, 0.1), 600, here, repeats, {})
    race(table, "600 with tanh, exp", smooth, (0.7, 0.3), 600, without_micrograd, repeats, {})
    for length in (30_000,) if quick else (30_000, 100_000):
        target = {"micrograd": ">= 6"} if length == 30_000 else {}
        race(table, f"chain of {length:,}", chain(length), (1.0,), length, here, 2 if quick else 3, target)
        at = (1.0, 1.0000001, 1e-9)
        f, rounds = chain_of_variables(length), 2 if quick else 3
        race(table, f"chain of {length:,}, variables", f, at, length, here, rounds, {})
    size(table, 100_000 if quick else 1_000_000, 1 if quick else 3)
    importing(table, 5 if quick else 15)
    table.end()


if __name__ == "__main__":
    # micrograd sorts its graph by recursion, one Python frame an operation: it needs room for that, and gets it.
    sys.setrecursionlimit(1_000_000)
    threading.stack_size(512 * 1024 * 1024)
    thread = threading.Thread(target=main)
    thread.start()
    thread.join()
