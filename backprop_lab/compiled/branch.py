"""One way through a function's branches: its graph, the program as text, and the Python functions made of that."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import cached_property
from typing import Any

import numpy as np

from ..graph.graph import Graph
from ..graph.trace import trace
from ..source import noticed
from ..source.functions import name_of
from ..table.cost import Cost, counted
from ..table.table import BY_CODE, primitives
from ..table.values import zeros
from ..text.expression import operations
from ..text.written import run_text
from . import cpython
from .emit_arrays import Arrays
from .unrolled import Unrolled, settled_graph, value_and_gradient
from .writer import at_points, described, guarded


class OtherBranch(Exception):
    """A comparison came out differently from the trace."""


def _other_branch() -> None:
    raise OtherBranch


def _outside() -> None:
    raise ArithmeticError("outside the domain")


def branch_of_numbers(f: Callable[..., Any], example: Sequence[Any]) -> Branch | None:
    """The branch that a function takes at some numbers; None if there are arrays in it."""
    before = noticed.count
    graph, depends = settled_graph(trace(f, *example))
    of_numbers = all(c.sign not in ("is", "choice") for c in graph.comparisons) and all(
        y.__class__ in (float, int) and (code < 0 or BY_CODE[code].elementwise) for code, _, _, _, _, y in graph.records
    )
    return Branch(graph, depends or noticed.count != before) if of_numbers else None


def branch_of_arrays(f: Callable[..., Any], example: Sequence[Any], wanted: Sequence[int]) -> Branch:
    """The branch that a function takes at some numbers and arrays."""
    before = noticed.count
    unrolled = value_and_gradient(f, example, wanted)
    return Branch(unrolled.graph, unrolled.depends or noticed.count != before, unrolled)


class Branch:
    """The programs of one way through a function: `source` has the functions `value` and, where it is `differentiable`,
    `value_and_grad`. It is not where it is `steep`, because a slope is infinite at the example. `zeros` has for each
    adjoint in the gradient None, or the zeros that it is, which the program leaves out; what `depends` has numbers of
    an outer derivative in it, or of a text made of a traced value, and only the engine knows them elsewhere."""

    def __init__(self, graph: Graph, depends: bool = False, unrolled: Unrolled | None = None) -> None:
        self.graph, self.structure, self.depends = graph, graph.structure, depends
        self.of_numbers, self.steep = unrolled is None, unrolled is not None and unrolled.steep
        if unrolled is None:
            writer: Any = cpython.writer(graph)
            self.differentiable, self.zeros = graph.single, [None] * len(graph.input_names)
        else:
            writer, bars = Arrays(unrolled), unrolled.bars or {}
            self.differentiable = unrolled.bars is not None
            self.zeros = [zeros(graph.values[k]) if bar is None else None for k, bar in bars.items()]
        text = writer.source()
        self.together, self.all_floats, self._costs = writer.together, writer.all_floats, writer.costs
        self.constants = writer.constants.bound
        self.source = "".join(f"# {name} is {described(x)}\n" for name, x in self.constants.items()) + text
        dead = [record for record, needed in zip(graph.records, graph.needed, strict=True) if not needed]
        self.one_by_one = bool(graph.comparisons) or any(map(guarded, dead))  # points may go different ways

    def __getstate__(self) -> dict[str, Any]:
        made = ("functions", "functions_at_points", "replay")  # which are made again from the text
        rules = {id(rule): kept for _, rule, kept in self.graph.rules_kept()}
        bound = {name: (x, rules.get(id(getattr(x, "__self__", None)))) for name, x in self.constants.items()}
        state = {key: value for key, value in vars(self).items() if key not in made}
        return state | {"constants": {name: x if rule is None else rule.value for name, (x, rule) in bound.items()}}

    @cached_property
    def functions(self) -> dict[str, Any]:
        return self._made(cpython.for_floats(self.source) if self.of_numbers else self.source, self.of_numbers)

    @cached_property
    def functions_at_points(self) -> dict[str, Any]:
        """Those of a program of numbers, with NumPy's functions."""
        return self._made(at_points(self.source), False)

    @cached_property
    def replay(self) -> Callable[..., tuple[list[Any], list[Any]]]:
        """The function of numbers that answers with all values and all adjoints."""
        writer = cpython.writer(self.graph, every=True)
        return self._made(writer.replay(), True, writer.constants.bound)["replay"]

    def _made(self, text: str, on_floats: bool, constants: dict[str, Any] | None = None) -> dict[str, Any]:
        space = {name: op.scalar if on_floats else op.array for name, op in primitives.items()}
        space |= {"np": np, "inf": math.inf, "nan": math.nan, "other_branch": _other_branch, "outside": _outside}
        space |= constants or self.constants
        return run_text(text, space, f"compiled {name_of(self.graph.function)}")

    def run(self, which: str, flat: Sequence[Any], at_points: bool = False) -> Sequence[Any]:
        """The results, and after them the adjoints, in one row."""
        run = (self.functions_at_points if at_points else self.functions)[which]
        with nullcontext() if self.of_numbers and not at_points else np.errstate(all="ignore"):
            found = run(flat) if self.together else run(*flat)
        if not isinstance(found, tuple):
            return (found,)
        return (found[0], *found[1]) if len(found) == 2 and isinstance(found[1], tuple) else found

    @cached_property
    def costs(self) -> dict[str, Cost]:
        """What each function computes; what is known when the text is written is no operation."""
        functions = (part for part in ast.parse(self.source).body if isinstance(part, ast.FunctionDef))
        return self._costs or {function.name: counted(_operations(function)) for function in functions}


def _operations(function: ast.FunctionDef) -> Iterator[str]:
    for statement in function.body:
        if isinstance(statement, ast.Assign | ast.Return) and statement.value:
            yield from operations(statement.value)
