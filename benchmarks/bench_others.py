"""How long somebody's own GPT of scalars takes here, in units of what its own engine takes for a step.

    python benchmarks/bench_others.py

Reading its graph, comparing all gradients, and making the player, each beside one forward and backward pass of the
engine in the same run.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import engines

import backprop_lab as bl
from backprop_lab.catalogue import gpt
from backprop_lab.recording.trees import leaves, mapped


def seconds(f, *args):
    """The result of a call, and the processor's time for it."""
    begin = time.process_time()
    return f(*args), time.process_time() - begin


def main():
    space = {"__name__": "engine"}
    exec(engines.LOCAL, space)
    value = space["Value"]
    for name in ("exp", "log", "relu"):
        setattr(gpt, name, lambda x, name=name: getattr(x, name)())
    weights = mapped(lambda x, _: value(x), gpt.parameters())

    def step(p):
        loss = gpt.loss(p, "mia")
        loss.backward()
        return loss

    loss, own = seconds(step, weights)
    graph, read = seconds(bl.from_values, loss)
    _, compared = seconds(graph.compare)
    _, player = seconds(bl.step, graph)
    for x in leaves(weights):
        x.grad = 0
    _, watched = seconds(bl.from_values, step, weights)
    print(f"{len(graph):,} values; their own step takes {own:.2f} s of the processor")
    for what, took in (("read", read), ("run, watched and read", watched), ("compare", compared), ("player", player)):
        print(f"{what:>22}: {took / own:5.1f} such steps ({took:.2f} s)")


if __name__ == "__main__":
    main()
