"""One way through a function's branches: its graph, the program as text, and the Python functions made of that."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import cached_property
from operator import countOf
from typing import Any, NamedTuple

import numpy as np

from ..errors import LabWarning, TraceError
from ..graph.columns import Columns, columns, columns_of
from ..graph.graph import Graph
from ..graph.trace import record, trace
from ..recording.call import Call
from ..recording.tape import Tape, TooLarge
from ..source import noticed
from ..source.functions import name_of
from ..table.cost import Cost, counted
from ..table.table import BY_CODE, primitives
from ..table.values import is_traced, zeros
from ..text.expression import operations
from ..text.written import run_text
from . import machine
from .emit import Numbers
from .emit_arrays import Arrays
from .quick import for_floats
from .unrolled import Unrolled, settled_graph, value_and_gradient
from .writer import at_points, described, guarded

SMALLEST = 70  # operations from which on the machine is quicker than the text
MOST_NODES = 5_000  # from more on, a branch keeps its tape alone


class OtherBranch(Exception):
    """A comparison came out differently from the trace."""


def _other_branch() -> None:
    raise OtherBranch


def _outside() -> None:
    raise ArithmeticError("outside the domain")


def branch_of_numbers(f: Callable[..., Any], example: Sequence[Any]) -> Branch | None:
    """The branch that a function takes at some numbers; None if there are arrays in it."""
    before = noticed.count
    try:
        graph = record(f, tuple(example), {}, MOST_NODES if machine.there() else None)
    except TooLarge:
        long = long_branch(f, example)
        if long is not None:
            return long
        before = noticed.count
        graph = trace(f, *example)
    graph, depends = settled_graph(graph)
    of_numbers = all(c.sign not in ("is", "choice") for c in graph.comparisons) and all(
        y.__class__ in (float, int) and (code < 0 or BY_CODE[code].elementwise) for code, _, _, _, _, y in graph.records
    )
    return Branch(graph, depends or noticed.count != before) if of_numbers else None


def branch_of_arrays(f: Callable[..., Any], example: Sequence[Any], wanted: Sequence[int]) -> Branch:
    """The branch that a function takes at some numbers and arrays."""
    before = noticed.count
    unrolled = value_and_gradient(f, example, wanted)
    return Branch(unrolled.graph, unrolled.depends or noticed.count != before, unrolled)


def long_branch(f: Callable[..., Any], example: Sequence[Any]) -> Long | None:
    """The branch of a function of very many operations; None where there is more to say about it than a tape holds."""
    call, tape = Call.bound(f, tuple(example)), Tape(sourced=False)
    tape.guarded = True
    out = call.record(tape)
    tape.close()
    if tape.general or tape.nested or call.astray or not is_traced(out) or out._tape_ is not tape:
        return None
    call.check(out)
    names, numbers = tuple(call.names), tuple([y for *_, y in tape[1 : call.inputs + 1]])
    del tape[:1]
    found = columns_of(tape, tape.comparisons, lean=True)
    branch = Long(f, numbers, names, found, out._id_ - 1) if found else None
    if branch is None or branch.player is None or branch.player.value(numbers)[0] != machine.FINE:
        return None
    whole = branch.player.leading()[: len(names)].all() and np.isfinite(branch.player.values).all()
    return branch if whole else None  # else there is something to warn about


class Written(NamedTuple):
    """The text of a branch: `value` and, where it is differentiable, `value_and_grad`; what its names stand for; what
    each function computes, None where that can be read off the text."""

    source: str
    constants: dict[str, Any]
    costs: dict[str, Cost] | None


class Branch:
    """The programs of one way through a function, as a text and, from some size on, as a tape for the machine.

    It is not `differentiable` where it is `steep`, because a slope is infinite at the example. `zeros` has for each
    adjoint in the gradient None, or the zeros that it is, which the program leaves out; what `depends` has numbers of
    an outer derivative in it, or of a text made of a traced value, and only the engine knows them elsewhere.
    """

    graph: Graph

    def __init__(self, graph: Graph, depends: bool = False, unrolled: Unrolled | None = None) -> None:
        self.graph, self.structure, self.depends = graph, graph.structure, depends
        self.inputs, self.single = tuple(graph.input_names), graph.single
        self.of_numbers, self.steep = unrolled is None, unrolled is not None and unrolled.steep
        self._unrolled = unrolled
        if unrolled is None:
            self.differentiable, self.zeros = graph.single, [None] * len(self.inputs)
        else:
            bars = unrolled.bars or {}
            self.differentiable = unrolled.bars is not None
            self.zeros = [zeros(graph.values[k]) if bar is None else None for k, bar in bars.items()]
            self._written = self._write()

    def __getstate__(self) -> dict[str, Any]:
        made = ("functions", "functions_at_points", "replay", "player")  # which are made again
        state = {key: value for key, value in vars(self).items() if key not in made}
        rules = {id(rule): kept for _, rule, kept in self.graph.rules_kept()}
        source, constants, costs = self._written
        bound = {name: (x, rules.get(id(getattr(x, "__self__", None)))) for name, x in constants.items()}
        constants = {name: x if rule is None else rule.value for name, (x, rule) in bound.items()}
        return state | {"graph": self.graph, "_written": Written(source, constants, costs), "_unrolled": None}

    # --- as a text ----------------------------------------------------------------------------------------------------

    @cached_property
    def _written(self) -> Written:
        return self._write()

    def _write(self) -> Written:
        writer = Numbers(self.graph) if self._unrolled is None else Arrays(self._unrolled)
        text = writer.source()
        bound = writer.constants.bound
        return Written(
            "".join(f"# {name} is {described(x)}\n" for name, x in bound.items()) + text, bound, writer.costs
        )

    @property
    def source(self) -> str:
        return self._written.source

    @property
    def flat(self) -> bool:
        """Whether the results come as the text gives them: one number, or a tuple of numbers."""
        return self.single or self.structure == (None,) * len(self.graph.output_ids)

    @cached_property
    def one_by_one(self) -> bool:
        """Whether points may go different ways."""
        graph = self.graph
        dead = [record for record, needed in zip(graph.records, graph.needed, strict=True) if not needed]
        return bool(graph.comparisons) or any(map(guarded, dead))

    @cached_property
    def functions(self) -> dict[str, Any]:
        return self._made(for_floats(self.source) if self.of_numbers else self.source, self.of_numbers)

    @cached_property
    def functions_at_points(self) -> dict[str, Any]:
        """Those of a program of numbers, with NumPy's functions."""
        return self._made(at_points(self.source), False)

    @cached_property
    def replay(self) -> Callable[..., tuple[list[Any], list[Any]]]:
        """The function of numbers that answers with all values and all adjoints."""
        writer = Numbers(self.graph, every=True)
        return self._made(writer.replay(), True, writer.constants.bound)["replay"]

    def _made(self, text: str, on_floats: bool, constants: dict[str, Any] | None = None) -> dict[str, Any]:
        space = {name: op.scalar if on_floats else op.array for name, op in primitives.items()}
        space |= {"np": np, "inf": math.inf, "nan": math.nan, "other_branch": _other_branch, "outside": _outside}
        space |= constants or self._written.constants
        return run_text(text, space, f"compiled {name_of(self.graph.function)}")

    # --- as a tape ----------------------------------------------------------------------------------------------------

    @cached_property
    def player(self) -> machine.Player | None:
        """What plays the branch as a tape; None for arrays, several results, few operations, or without the machine."""
        if not (self.of_numbers and self.single) or self.depends or len(self.graph) - len(self.inputs) < SMALLEST:
            return None
        found = columns(self.graph)
        return None if found is None else machine.player_of(found, self.graph.output_ids[0])

    # --- a call -------------------------------------------------------------------------------------------------------

    def run(self, which: str, flat: Sequence[Any], at_points: bool = False) -> Sequence[Any]:
        """The results, and after them the adjoints, in one row.

        Raises
        ------
        OtherBranch : a comparison comes out differently
        ArithmeticError : the engine has to look, at an infinity or outside a domain
        """
        if self.player is not None and not at_points and countOf(map(type, flat), float) == len(flat):
            return self._play(self.player, which, flat)
        run = (self.functions_at_points if at_points else self.functions)[which]
        with nullcontext() if self.of_numbers and not at_points else np.errstate(all="ignore"):
            found = run(*flat)
        if not isinstance(found, tuple):
            return (found,)
        return (found[0], *found[1]) if len(found) == 2 and isinstance(found[1], tuple) else found

    def replayed(self, flat: Sequence[float]) -> tuple[list[Any], list[Any]]:
        """All values and all adjoints at some floats; errors as `run`."""
        player = self.player
        if player is None or len(player.values) != len(self.graph):
            return self.replay(*flat)
        with player.lock:
            self._play(player, "value_and_grad", flat)
            values, adjoints = player.values.tolist(), player.adjoints.tolist()
        first, needed = len(self.inputs), self.graph.needed
        return values, [x if k < first or needed[k] else None for k, x in enumerate(adjoints)]

    def _play(self, player: machine.Player, which: str, flat: Sequence[Any]) -> Sequence[Any]:
        ended, found = player.value(flat) if which == "value" else player.both(flat)
        if ended == machine.ELSEWHERE:
            raise OtherBranch
        if ended != machine.FINE:
            _outside()
        return (found,) if which == "value" else (found[0], *found[1])

    @cached_property
    def costs(self) -> dict[str, Cost]:
        """What each function computes; what is known when the text is written is no operation."""
        functions = (part for part in ast.parse(self.source).body if isinstance(part, ast.FunctionDef))
        return self._written.costs or {function.name: counted(_operations(function)) for function in functions}


class Long(Branch):
    """A branch of very many operations: a tape alone, until somebody asks for the graph or the text."""

    def __init__(
        self, f: Callable[..., Any], example: tuple[float, ...], inputs: tuple[str, ...], tape: Columns, out: int
    ) -> None:
        self.function, self.example, self.inputs, self.tape, self.out = f, example, inputs, tape, out
        self.structure, self.depends, self.of_numbers, self.steep = None, False, True, False
        self.single = self.differentiable = True
        self.zeros, self._unrolled = [None] * len(inputs), None

    @cached_property
    def graph(self) -> Graph:  # type: ignore[override]
        """The graph, from another trace at the example.

        Raises
        ------
        TraceError : the function does something else now
        """
        with warnings.catch_warnings(action="ignore", category=LabWarning):
            graph = trace(self.function, *self.example)
        names = [BY_CODE[code].name for code, *_ in graph.records if code >= 0]
        if names != [self.tape.ops[code] for code in self.tape.code[len(self.inputs) :].tolist()]:
            raise TraceError(
                f"{name_of(self.function)} computes something else now than when it was compiled; compile it again"
            )
        return graph

    @cached_property
    def player(self) -> machine.Player | None:
        return machine.player_of(self.tape, self.out)


def _operations(function: ast.FunctionDef) -> Iterator[str]:
    for statement in function.body:
        if isinstance(statement, ast.Assign | ast.Return) and statement.value:
            yield from operations(statement.value)
