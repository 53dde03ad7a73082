"""Small programs as texts, `u = x * y; z = u + x`: what exercises test an engine of one's own on, and their graphs."""

from __future__ import annotations

import linecache
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import ArgumentError, LabWarning
from ..graph.graph import Graph
from ..graph.trace import trace
from ..mistakes.diagnosis import diagnose
from ..mistakes.sweep import Misconception, Reverse, same
from ..mistakes.table import MISCONCEPTIONS, OTHER_FORMS

FILE = "<program>"


def function(text: str, *arguments: str) -> Any:
    """The function of x, or of the arguments with these names, that a formula is."""
    return eval(compile(f"lambda {', '.join(arguments or 'x')}: {text}", "<probe>", "eval"))


def graph_of(program: str, inputs: Mapping[str, float]) -> Graph:
    """The graph of a program, whose nodes have the program's names."""
    return traced(function_of(listing_of(program, *inputs)), *inputs.values())


def listing_of(program: str, *arguments: str, name: str = "program") -> str:
    """A program as the text of a function."""
    lines = program.split("; ")
    body = "".join(f"    {line}\n" for line in lines)
    return f"def {name}({', '.join(arguments)}):\n{body}    return {lines[-1].split(' = ')[0]}\n"


def function_of(listing: str, file: str = FILE) -> Any:
    """The function that a text defines. Names of nodes come from its lines, as long as no other has the same file."""
    linecache.cache[file] = (len(listing), None, listing.splitlines(True), file)
    space: dict[str, Any] = {}
    exec(compile(listing, file, "exec"), space)
    return space[listing[len("def ") : listing.index("(")]]


def traced(f: Callable[..., Any], *args: Any, **inputs: Any) -> Graph:
    """The graph of a function, without warnings: an exercise may want an input that is not used, say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LabWarning)
        return trace(f, *args, **inputs)


def explained(tried: Iterable[tuple[Graph, Mapping[str, float]]], near: float) -> tuple[str, str] | None:
    """The misconception that gives all numbers of some sweeps: its name, and a sentence about the first that is wrong.

    None if there is none.
    """
    possible: list[Misconception] = [*MISCONCEPTIONS, *OTHER_FORMS]
    first = None
    for graph, numbers in tried:
        typed = {graph[name].id: x for name, x in numbers.items() if name in graph.names}
        sweep = Reverse(graph)
        first = first or next(
            ((graph.nodes[id], x) for id, x in typed.items() if not same(x, sweep.right[id], near)), None
        )
        found = ((rule, sweep.numbers(rule, typed)[0]) for rule in possible)
        possible = [rule for rule, bars in found if all(same(x, bars[id], near) for id, x in typed.items())]
    if first is None:
        return None
    node, x = first
    turns = {turn.name: turn.sentence for turn in diagnose(node.graph, node, x)}
    return next(((rule.name, turns[rule.name]) for rule in possible if rule.name in turns), None)


def with_operations(graph: Graph, inputs: str) -> Graph:
    """The graph, of a function that computes something from its inputs.

    Raises
    ------
    ArgumentError : it has no operation
    """
    if not any(node.primitive is not None for node in graph):
        raise ArgumentError(f"the graph has no operation; compute something from {inputs}")
    return graph
