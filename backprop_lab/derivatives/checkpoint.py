"""Trade time for memory in the reverse sweep: keep a layer's inputs only, and compute its inside again when needed.

    deep = lambda x: bl.checkpoint(layers[1])(bl.checkpoint(layers[0])(x))

On the tape a checkpointed function is one node. The reverse sweep runs it again from its inputs, goes back through it,
and forgets it. With n layers of equal size and every k-th activation kept, about n/k + k activations are held at a time
instead of n, for at most one more forward pass (Griewank and Walther, Evaluating Derivatives, chapter 12).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..graph.sweeps import adjoint_sweep, value_sweep
from ..graph.trace import trace
from ..recording.arguments import bind, check_function
from ..recording.call import Call
from ..recording.door import entry
from ..recording.trees import leaves
from ..source.functions import name_of
from ..table.cost import Cost
from .custom import Custom
from .passes import jvp, named, vjp


class _Again(Custom):
    """A function whose rule is to run it again; it knows what that costs."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...]) -> None:
        flat = Call(f, args).flat
        super().__init__(flat, jvp=lambda xs, dots: jvp(flat, xs, dots), vjp=lambda *xs: vjp(flat, *xs))
        self.name = self.__name__ = name_of(f) if name_of(f).isidentifier() else "checkpoint"

    def work(self, y: Any, xs: Sequence[Any]) -> Cost:
        """What one run costs."""
        return _total(value_sweep(trace(self.function, *xs)))

    def pull_work(self, bar: Any, y: Any, xs: Sequence[Any]) -> Cost:
        """What the second run and the way back through it cost."""
        graph = trace(self.function, *xs)
        return _total(value_sweep(graph)).plus(_total(adjoint_sweep(graph, bar)))

    def held(self, xs: Sequence[Any]) -> int:
        """How many numbers are kept between the second run and the way back, the inputs apart."""
        graph = trace(self.function, *xs)
        inputs: int = value_sweep(trace(lambda *xs: list(xs), *xs)).counts["stored"]
        return value_sweep(graph).counts["stored"] - inputs


def _total(sweep: Any) -> Cost:
    return Cost(*(sweep.counts[kind] for kind in ("multiplications", "additions", "functions")))


@entry("bl.checkpoint(f)")
def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function like f of which only the inputs are kept for the reverse sweep; the rest is computed again.

    Parameters
    ----------
    f : a function of numbers and arrays, or lists, tuples and dicts of them, that returns a number or an array. What is
        to be differentiated must be an argument: f cannot reach for traced values outside

    Returns
    -------
    A function of the same arguments. `bl.value_sweep(graph).counts["stored"]` tells what it saves, the adjoint sweep's
    counts what it costs.

    Raises
    ------
    ArgumentError : f is not a function, or returns several values
    """
    check_function(f)

    def run(*args: Any) -> Any:
        bind(f, args, {})
        return _Again(f, args)(*leaves(args))

    return named(run, f, "checkpoint")
