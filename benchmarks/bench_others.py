"""How long somebody's own GPT of scalars takes here, in units of what its own engine takes for a step.

    python benchmarks/bench_others.py

Reading its graph, comparing all gradients, and making the player, each beside one forward and backward pass of the
engine in the same run.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import engines, gpt

import backprop_lab as bl


def seconds(f, *args):
    """The result of a call, and the processor's time for it."""
    begin = time.process_time()
    return f(*args), time.process_time() - begin


def main():
    space = {"__name__": "engine"}
    exec(engines.LOCAL, space)
    value = space["Value"]
    functions = {name: staticmethod(lambda x, name=name: getattr(x, name)()) for name in ("exp", "log", "relu")}
    gpt.bl = type("Functions", (), functions)
    weights = {name: [[value(x) for x in row] for row in rows] for name, rows in gpt.parameters().items()}

    def step(p):
        loss = gpt.gpt([1, 5, 3, 7, 2], p)
        loss.backward()
        return loss

    loss, own = seconds(step, weights)
    graph, read = seconds(bl.from_values, loss)
    _, compared = seconds(graph.compare)
    _, player = seconds(bl.step, graph)
    for rows in weights.values():
        for x in (x for row in rows for x in row):
            x.grad = 0
    _, watched = seconds(bl.from_values, step, weights)
    print(f"{len(graph):,} values; their own step takes {own:.2f} s of the processor")
    for what, took in (("read", read), ("run, watched and read", watched), ("compare", compared), ("player", player)):
        print(f"{what:>22}: {took / own:5.1f} such steps ({took:.2f} s)")


if __name__ == "__main__":
    main()
