"""Compiled programs of numbers beside their peers, in one table: text, machine, CasADi, micrograd, NumPy by hand.

    python benchmarks/bench_machine.py            all rows; `make bench` brings the peers
    python benchmarks/bench_machine.py --quick    fewer repeats

Everything is a ratio of what ran in turn within this run, in the processor's time: least over least, and the median of
the ratios. The plain function is loop code on Python's floats. CasADi's buffers are its quickest way: no numbers are
made of what goes in and comes out, as with `value_and_grad_array`. Functions stand here as `x**2` and as `a * a`,
with constants and with variables in their place; what makes much garbage, with the collector on and off. All rows are
printed, whatever comes out.
"""

from __future__ import annotations

import argparse
import gc
import math
import resource
import statistics
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import bench_programs as programs
import numpy as np
from measure import Table, timed

import backprop_lab as bl

Runs = dict[str, Callable[[], Any]]


def race(base: Callable[[], Any], runs: Runs, repeats: int) -> dict[str, tuple[float, float]]:
    """Each run's time against the base's: the ratio of the least, and the median of the ratios."""
    for run in (base, *runs.values()):
        for _ in range(5):
            run()
    often = max(1, int(0.003 / max(timed(base, 3), 1e-7)))
    rows = [[timed(run, often) for run in (base, *runs.values())] for _ in range(repeats)]
    columns = list(zip(*rows, strict=True))
    return {
        name: (min(mine) / min(columns[0]), statistics.median(b / a for a, b in zip(columns[0], mine, strict=True)))
        for name, mine in zip(runs, columns[1:], strict=True)
    }


@contextmanager
def collector(on: bool) -> Any:
    gc.collect()
    gc.freeze()
    gc.enable() if on else gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


class Casadi:
    """The names that the functions ask for, and a function's value with its gradient through buffers."""

    def __init__(self) -> None:
        import casadi

        self.casadi, self.sin, self.tanh = casadi, casadi.sin, casadi.tanh

    def buffers(self, f: Callable[..., Any], at: tuple[float, ...]) -> Callable[[], Any]:
        x = self.casadi.SX.sym("x", len(at))
        value = f(*(x[k] for k in range(len(at))))
        both = self.casadi.Function("both", [x], [value, self.casadi.gradient(value, x)])
        buffer, run = both.buffer()
        given, found, slopes = np.array(at), np.zeros(1), np.zeros(len(at))
        buffer.set_arg(0, memoryview(given))
        buffer.set_res(0, memoryview(found))
        buffer.set_res(1, memoryview(slopes))
        run.kept = buffer, given, found, slopes  # type: ignore[attr-defined]
        return run


def more(n: Any) -> dict[str, tuple[Callable[..., Any], tuple[float, ...]]]:
    """The functions of this table beside those of `bench_programs`."""

    def tiny(x: Any, y: Any) -> Any:
        return 2 * x * y + (x - 1) ** 2

    def tiny_of_products(x: Any, y: Any) -> Any:
        a = x - 1
        return 2 * x * y + a * a

    def tiny_of_variables(x: Any, y: Any, two: Any, one: Any) -> Any:
        a = x - one
        return two * x * y + a * a

    def neighbours(*x: Any) -> Any:
        total = x[0] * x[1]
        for k in range(1, len(x) - 1):
            total = total + x[k] * x[k + 1]
        return total

    def chain(x: Any, a: Any, b: Any) -> Any:
        for _ in range(10_000):
            x = n.sin(x * a + b)
        return x

    def chain_of_constants(x: Any) -> Any:
        for _ in range(10_000):
            x = n.sin(x * 1.3 + 0.2)
        return x

    return {
        "tiny, (x - 1)**2": (tiny, (0.4, 1.3)),
        "tiny, a * a": (tiny_of_products, (0.4, 1.3)),
        "tiny, a * a, variables": (tiny_of_variables, (0.4, 1.3, 2.0, 1.0)),
        "1,000 inputs": (neighbours, programs.some(1000, 0.5, 1.5)),
        "chain of 30,000, variables": (chain, (0.4, 1.3, 0.2)),
        "chain of 30,000, constants": (chain_of_constants, (0.4,)),
    }


GOALS = {"tiny, (x - 1)**2": "<= 2.3", "tiny, a * a": "<= 2.3", "1,000 inputs": "<= 0.3"}
GOALS |= dict.fromkeys(("chain of 30,000, variables", "chain of 30,000, constants"), "<= 0.5")


def against_plain(table: Table, repeats: int) -> None:
    plain, ours, theirs = ({**programs.functions(n), **more(n)} for n in (math, bl, Casadi()))
    eight = []
    for name, (f, at) in ours.items():
        program, simple, x = bl.compile(f, *at), plain[name][0], np.array(at)
        known = bl.value_and_grad(f)(*at)
        slopes = known[1] if isinstance(known[1], tuple) else (known[1],)
        value, gradient = program.value_and_grad_array(x)
        assert math.isclose(value, known[0], rel_tol=1e-12) and np.allclose(gradient, slopes, rtol=1e-9, atol=1e-12)
        runs: Runs = {"numbers": lambda p=program, at=at: p.value_and_grad(*at)}
        runs["array"] = lambda p=program, x=x: p.value_and_grad_array(x)
        if program.branches[0].player is not None:
            runs["text"] = lambda b=program.branches[0], at=at: b.functions["value_and_grad"](*at)
        if name.startswith(("chain", "1,000 times")) or len(at) <= 1000:
            runs["CasADi's buffers"] = casadi = Casadi().buffers(theirs[name][0], at)
            casadi()
            assert np.allclose(casadi.kept[3], slopes, rtol=1e-9, atol=1e-12)  # type: ignore[attr-defined]
        if name.startswith("chain"):
            del runs["text"]  # which takes minutes to write
        found = race(lambda f=simple, at=at: f(*at), runs, repeats)
        for way, ratios in found.items():
            goal = GOALS.get(name, "") if way == ("numbers" if name.startswith("tiny") else "array") else ""
            table.row(f"{name}: {way} / plain", *ratios, goal, "x")
        if name in programs.functions(math) and (name not in programs.EXTRA or "a * a" in name):
            eight.append((name, found))
    of_products = [found for name, found in eight if "Rosenbrock" not in name or "a * a" in name]
    for way in ("numbers", "array"):
        ratios = [statistics.median(found[way][k] for found in of_products) for k in range(2)]
        table.row(
            f"median of the eight (Rosenbrock as a * a): {way}", *ratios, "<= 1.0" if way == "numbers" else "", "x"
        )
        worst = [max(found[way][k] for found in of_products) for k in range(2)]
        table.row(f"the worst of the eight: {way}", *worst, "<= 2.3" if way == "numbers" else "", "x")


def against_micrograd(table: Table, repeats: int) -> None:
    from micrograd.engine import Value

    def theirs(f: Callable[..., Any], at: tuple[float, ...]) -> list[float]:
        given = [Value(x) for x in at]
        f(*given).backward()
        return [x.grad for x in given]

    for name, (f, at) in more(math).items():
        if not name.startswith("tiny"):
            continue
        ours = bl.value_and_grad(f)
        assert np.allclose(ours(*at)[1], theirs(f, at))
        for on in (True, False):
            with collector(on):
                found = race(lambda f=f, at=at: theirs(f, at), {"": lambda at=at, g=ours: g(*at)}, repeats)
            row = f"{name}: traced anew / micrograd, collector {'on' if on else 'off'}"
            table.row(row, *found[""], "<= 0.33" if on else "", "x")


def compiling(table: Table, quick: bool) -> None:
    def chain(operations: int) -> Callable[..., Any]:
        def f(x: Any, a: Any, b: Any) -> Any:
            for _ in range(operations // 2):
                x = x * a + b
            return x

        return f

    at = (0.5, 0.999, 0.01)
    bl.compile(chain(10_000), *at)
    for operations in (400, 10_000, 200_000, 1_000_000)[: 3 if quick else 4]:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        needed = [timed(lambda n=operations: bl.compile(chain(n), *at), 1) for _ in range(1 if operations > 2e5 else 5)]
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / operations
        each = [1e6 * x / operations for x in (min(needed), statistics.median(needed))]
        table.row(f"compile {operations:,} operations, one", *each, "<= 2" if operations > 1000 else "", " us")
        if operations == 1_000_000:
            table.row("  all", min(needed), statistics.median(needed), "<= 3", " s")
            table.row("  memory at the most, an operation", grown, grown, "<= 200", " B")


def labels(table: Table, repeats: int) -> None:
    draw = np.random.default_rng(3)
    params = tuple((draw.normal(0, 0.05, shape), np.zeros(shape[1])) for shape in ((784, 128), (128, 10)))
    X, y = draw.uniform(size=(128, 784)), draw.integers(0, 10, 128)
    rows = np.arange(128)

    def by_index(params: Any, X: Any) -> Any:
        (W1, b1), (W2, b2) = params
        scores = np.maximum(X @ W1 + b1, 0.0) @ W2 + b2
        shifted = scores - np.max(scores, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(shifted), axis=1)) - shifted[rows, y])

    def labelled(logs: Any, shifted: Any, p: Any) -> Any:
        loss = np.mean(logs - shifted[rows, y])
        p[rows, y] -= 1.0
        p /= len(X)
        return loss, p

    def by_hand(params: Any, X: Any) -> Any:
        return programs.by_hand(params, X, labelled)

    cases = {
        "one-hot": (programs.cross_entropy, programs.step_by_hand, (params, X, np.eye(10)[y])),
        "S[arange, y]": (by_index, by_hand, (params, X)),
    }
    for name, (f, hand, args) in cases.items():
        program = bl.compile(f, *args, argnums=0)
        assert math.isclose(program.value_and_grad(*args)[0], hand(*args)[0], rel_tol=1e-12)
        runs = {"": lambda p=program, args=args: p.value_and_grad(*args)}
        found = race(lambda f=hand, args=args: f(*args), runs, repeats)
        table.row(f"net 784-128-10, labels {name}: compiled / by hand", *found[""], "<= 1.1", "x")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="fewer repeats, nothing of a million operations")
    quick = arguments.parse_args().quick
    table, repeats = Table(), 9 if quick else 40
    against_micrograd(table, repeats)
    against_plain(table, repeats)
    compiling(table, quick)
    labels(table, repeats)
    table.end()


if __name__ == "__main__":
    main()
