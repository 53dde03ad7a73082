"""The graph that somebody's own engine made: of micrograd's `Value`, microgpt's, minitorch's scalars, one's own.

graph = bl.from_values(loss)                   after loss.backward(): their graph, their gradients beside ours
graph = bl.from_values(lambda: net(xs))        the same, and the lines that made each node
bl.step(graph)                                 where they differ, step by step
print(graph.compare())                         the first wrong node, and which wrong turn gives their numbers
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..graph.graph import Graph
from ..recording.arguments import bind
from ..recording.door import entry
from ..source import frames
from .attributes import Asks, asks_of, short
from .beside import Called
from .graph import TheirGraph
from .reader import Ops, Reader
from .watch import Watch, caller


@entry("bl.from_values(loss)", "bl.from_values(loss, label=lambda v: v.name)")
def from_values(
    root: Any,
    /,
    *args: Any,
    value: Callable[[Any], Any] | str | None = None,
    parents: Callable[[Any], Any] | str | None = None,
    op: Callable[[Any], Any] | str | None = None,
    grad: Callable[[Any], Any] | str | bool | None = None,
    label: Callable[[Any], Any] | str | None = None,
    ops: Ops | None = None,
) -> TheirGraph:
    """The graph behind a result of somebody's own engine, with their gradients beside ours.

    Parameters
    ----------
    root : the result, a loss say, after its `backward()`; or a function that computes it, goes back and returns it.
        Then it is called here, and the nodes know the lines that made them
    args : what that function takes
    value, parents, op, grad, label : functions of one of their objects, or names of attributes, where the usual names
        (`data`, `_prev`, `_op`, `grad`, `label` …) are not theirs; `parents` in the order of the operands. grad=False
        reads the graph alone
    ops : for operations that the lab does not know, by their name: ours, `{"swish": lambda x: x * bl.sigmoid(x)}`

    Returns
    -------
    TheirGraph : a graph like that of `bl.trace`; `.theirs` has their gradients, `.compare()` says where they differ

    Raises
    ------
    ArgumentError : no graph, a cycle, a missing attribute, a number that is none, an operation that nobody knows or
        that gives another number, too many nodes
    """
    given = {"value": value, "parents": parents, "op": op, "grad": grad, "label": label}
    function: Callable[..., Any] = Called("result")  # type: ignore[assignment]
    watch = None
    if isinstance(root, FunctionType) or callable(root) and value is None and not hasattr(root, "grad"):
        function, watch = root, Watch(root)
        root = _run(root, args, watch)
    elif args:
        raise ArgumentError(f"{type(root).__name__} {short(root)} takes no arguments; give the result alone")
    frame = caller()
    reader = Reader(_asked(root, given), dict(ops or {}), watch)
    nodes = reader.ordered(root)
    if watch is not None:
        reader.find_names([watch.arguments, watch.variables, *around(function)])
    elif frame is not None:
        reader.find_names([frame.f_locals, frame.f_globals])
    return reader.graph(root, nodes, function)


def _run(function: Callable[..., Any], args: Sequence[Any], watch: Watch) -> Any:
    watch.arguments = bind(function, tuple(args), {}).arguments
    with watch:
        return function(*args)


frames.boundary(_run)


def around(function: Any) -> list[Mapping[str, Any]]:
    """The variables outside of a function that it can see: those around it, then its module's."""
    names = getattr(function, "__globals__", {})
    code = getattr(function, "__code__", None)
    free = dict(zip(code.co_freevars, function.__closure__ or (), strict=False)) if code is not None else {}
    around = {}
    for name, cell in free.items():
        try:
            around[name] = cell.cell_contents
        except ValueError:  # nothing there yet
            continue
    return [around, names]


def _asked(root: Any, given: dict[str, Any]) -> Asks:
    if isinstance(root, Graph):
        raise ArgumentError("this is a graph already; bl.step(graph) steps through it")
    module = type(root).__module__.partition(".")[0]
    if module == "torch":
        raise ArgumentError(
            "this is a tensor of PyTorch's; write bl.from_torch(fn, x), with the function that computes it"
        )
    if module in ("jax", "jaxlib"):
        raise ArgumentError("this is an array of JAX's; write bl.from_jax(fn, x), with the function that computes it")
    if root is None:
        raise ArgumentError("None is no value of a graph; return the loss from the function, or give the loss itself")
    if isinstance(root, int | float | str | list | tuple | dict | np.ndarray | np.generic):
        raise ArgumentError(
            f"{type(root).__name__} {root!r:.40} is no value of a graph and does not know what it was made of; give "
            "the "
            "Value that your engine computed last, the loss say"
        )
    return asks_of(root, given)
