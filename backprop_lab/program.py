"""Compile a traced function to straight-line Python: for its value, and for its value with the gradient.

    program = bl.compile(f, 2.0, 3.0)         one trace at these numbers
    program.value_and_grad(5.0, 7.0)          at any numbers, without tracing again
    program.replay(5.0, 7.0)                  the values and adjoints of all nodes there
    print(program.source)                     the program that reverse mode amounts to: read it

The programs work on floats and on whole arrays of points alike. A comparison that steered the function is a guard: if
it comes out the other way, the function is traced again at those numbers, and the new branch is kept for next time.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import cached_property
from operator import countOf
from typing import Any

import numpy as np

from .arguments import as_number, bind, name_of
from .array_program import ArrayProgram
from .derive import positions, value_and_grad, vjp
from .emit import Writer
from .emit_floats import as_floats
from .emit_functions import as_one, fast, for_floats, function, pack
from .errors import ArgumentError, LabError
from .graph import Graph
from .primitives import BY_CODE, Cost, Primitive, cost_of, primitives
from .recording import REAL
from .sweeps import adjoint_sweep
from .trace import trace

__all__ = ["ArrayProgram", "Program", "compile"]

_compile = compile  # Python's own; this module's function of that name is the public one


class _OtherBranch(Exception):
    """A comparison came out differently from the trace."""


_TROUBLE = (ArithmeticError, ValueError, TypeError)


def _other_branch() -> None:
    raise _OtherBranch


class _Branch:
    """The programs of one way through the function's branches."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        writer = Writer(graph)
        writer.values({*graph.output_ids})
        results = [writer.codes[id][0] for id in graph.output_ids]
        value = function(
            "value", writer.inputs, writer.lines, results[0] if graph.single else pack(results, writer.place)
        )
        self.source = value
        self.all_floats = False  # whether the results are floats whenever the value is, whatever numbers came in
        if graph.single:
            writer.start()
            writer.values(writer.needed())
            result = writer.codes[graph.output_ids[0]][0]
            writer.adjoints()
            lines, bars = writer.lines, [writer.bars[id][0] for id in range(len(writer.inputs))]
            if as_one(writer.inputs) and (sure := as_floats(graph, writer.inputs, lines, bars)):
                self.all_floats, (lines, bars) = True, sure
            gradient = bars[0] if len(bars) == 1 else pack(bars, writer.place)
            self.source += "\n" + function("value_and_grad", writer.inputs, lines, f"{result}, {gradient}")
        self.inputs = writer.inputs
        self.on_floats = self._space(for_floats(self.source), lambda op: op.scalar or op.function)

    @cached_property
    def on_arrays(self) -> dict[str, Any]:
        """The same programs, with NumPy's functions."""
        return self._space(self.source, lambda op: op.array or getattr(np, op.ufunc, None))

    def _space(self, text: str, function: Callable[[Primitive], Any]) -> dict[str, Any]:
        space: dict[str, Any] = {name: function(op) for name, op in primitives.items()}
        space["other_branch"] = _other_branch
        exec(_compile(text, f"<compiled {name_of(self.graph.function)}>", "exec"), space)
        return space

    def run(self, which: str, args: tuple[Any, ...], space: dict[str, Any]) -> Any:
        return space[which](args) if as_one(self.inputs) else space[which](*args)

    @cached_property
    def replay(self) -> Callable[..., tuple[list[Any], list[Any]]]:
        """The function of the inputs that answers with all values and all adjoints."""
        writer = Writer(self.graph, every=True)
        writer.values({*range(len(self.graph))})
        writer.adjoints()
        exec(function("replay", writer.inputs, writer.lines, "primals, bars[::-1]"), space := dict(self.on_floats))
        return space["replay"]


class Program:
    """A compiled function; made by `bl.compile`.

    Attributes
    ----------
    graph : the function at the example, as `bl.trace` makes it
    source : the Python text of the program, for the branch that the example took
    counts : operations in one call of `value` and of `value_and_grad`: multiplications, additions, functions
    """

    MOST_BRANCHES = 32  # a function that never takes the same way twice is traced each time instead

    def __init__(self, f: Callable[..., Any], graph: Graph) -> None:
        self.function = f
        self.branches = [_Branch(graph)]
        self.inputs = self.graph.input_names
        self.takes = len(self.inputs)
        if not self.inputs:
            raise ArgumentError(f"give bl.compile an example, a number for each argument of {name_of(f)}")
        first = self.branches[0]
        for which in ("value", "value_and_grad") if graph.single else ("value",):
            # in the methods' places, which look at each argument in Python
            space = {"program": first.on_floats[which], "carefully": getattr(self, which)}
            outputs, sure = len(graph.output_ids), first.all_floats and which == "value_and_grad"
            vars(self)[which] = fast(which, first.inputs, outputs, sure, space | {"trouble": (_OtherBranch, *_TROUBLE)})

    def __repr__(self) -> str:
        return f"<Program of {name_of(self.function)}({', '.join(self.inputs)}): {len(self.branches)} branches>"

    @property
    def graph(self) -> Graph:
        return self.branches[0].graph

    @property
    def source(self) -> str:
        return self.branches[0].source

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        found: dict[str, Cost] = {}
        for part in ast.parse(self.source).body:
            if isinstance(part, ast.FunctionDef):
                name = part.name.split("_part_")[0]
                found[name] = found.get(name, Cost()).plus(_count(part))
        return {name: cost._asdict() for name, cost in found.items()}

    def value(self, *args: Any) -> Any:
        """The function's value, at numbers or at arrays of points.

        Raises
        ------
        ArgumentError : the number of arguments is another one than at compile time
        DomainError : an operation left its domain; the sentence names the student's line
        """
        return self._call("value", args)

    def value_and_grad(self, *args: Any) -> Any:
        """The pair of the value and the gradient: one number for one argument, a tuple for several.

        At arrays of points each of them is an array of the points' shape. Errors as for `value`.
        """
        if not self.graph.single:
            raise ArgumentError(
                f"{name_of(self.function)} returns several numbers, and a gradient needs one; return that one alone"
            )
        return self._call("value_and_grad", args)

    def replay(self, *args: Any) -> tuple[list[Any], list[Any]]:
        """Every value and every adjoint at other numbers, in the order of the nodes of `program.graph`: two lists.

        They are the numbers of `graph.replay(...)` and of `bl.adjoint_sweep(...)` there, many times faster. A node that
        does not lead to the output has the adjoint None.

        Raises
        ------
        ArgumentError : a comparison comes out differently than in the example: there are other nodes then
        DomainError : an operation left its domain
        """
        if self.graph.single and len(args) == self.takes == countOf(map(type, args), float):
            try:
                first = self.branches[0]
                return first.run("replay", args, {"replay": first.replay})
            except (_OtherBranch, *_TROUBLE):
                pass
        if len(args) != self.takes:
            raise self._wrong_number(args)
        again = self.graph.replay(*args)
        return [record[5] for record in again.records], adjoint_sweep(again).numbers

    def _wrong_number(self, args: tuple[Any, ...]) -> ArgumentError:
        return ArgumentError(f"the program takes {self.takes} numbers ({', '.join(self.inputs)}), not {len(args)}")

    def _call(self, which: str, args: tuple[Any, ...]) -> Any:
        if len(args) != self.takes:
            raise self._wrong_number(args)
        if any(isinstance(a, np.ndarray) and a.ndim for a in args):
            return self._at_points(which, [np.asarray(a) for a in args])
        return self._at_numbers(
            which, tuple(as_number(a, n, self.function) for a, n in zip(args, self.inputs, strict=True))
        )

    def _at_numbers(self, which: str, args: tuple[Any, ...]) -> Any:
        try:
            result = self._on_its_branch(which, args)
            if not any(isinstance(x, complex) for x in _leaves(result)):  # a power of a negative number is
                return result
        except _TROUBLE as error:
            if isinstance(error, LabError):
                raise
        # an overflow, an infinite slope or a domain that was left: the engine knows what to answer
        return vjp(self.function, *args)[0] if which == "value" else value_and_grad(self.function)(*args)

    def _on_its_branch(self, which: str, args: tuple[Any, ...]) -> Any:
        for branch in self.branches:
            try:
                return branch.run(which, args, branch.on_floats)
            except _OtherBranch:
                continue
        if len(self.branches) == self.MOST_BRANCHES:
            raise ArithmeticError("too many branches to keep")
        self.branches.append(_Branch(trace(self.function, *args)))
        return self.branches[-1].run(which, args, self.branches[-1].on_floats)

    def _at_points(self, which: str, args: list[Any]) -> Any:
        points = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in args))
        branch = self.branches[0]
        if branch.graph.comparisons:  # each point may go another way
            return self._one_by_one(which, points, np.ndindex(points[0].shape), None)
        with np.errstate(all="ignore"):
            result = branch.run(which, tuple(points), branch.on_arrays)
        shape = points[0].shape
        leaves = [np.array(np.broadcast_to(x, shape), dtype=float) for x in _leaves(result)]
        odd = np.argwhere(~np.all([np.isfinite(x) for x in leaves], axis=0))
        return self._one_by_one(which, points, map(tuple, odd), leaves)

    def _one_by_one(self, which: str, points: Any, places: Any, leaves: list[Any] | None) -> Any:
        """Fill in the results at some places by the program on numbers, which says what is wrong where anything is."""
        for place in places:
            result = self._at_numbers(which, tuple(float(p[place]) for p in points))
            if leaves is None:
                leaves = [np.empty(points[0].shape) for _ in _leaves(result)]
            for leaf, x in zip(leaves, _leaves(result), strict=True):
                leaf[place] = x
        return self._packed(which, leaves or [])

    def _packed(self, which: str, leaves: list[Any]) -> Any:
        if which == "value":
            return leaves[0] if self.graph.single else tuple(leaves)
        return leaves[0], leaves[1] if len(self.inputs) == 1 else tuple(leaves[1:])


def _leaves(result: Any) -> list[Any]:
    return [leaf for part in result for leaf in _leaves(part)] if isinstance(result, tuple) else [result]


def _count(part: ast.FunctionDef) -> Cost:
    """The operations that one function of a program carries out."""
    total = Cost()
    for node in ast.walk(part):
        if isinstance(node, ast.Assign | ast.Return) and node.value is not None and "_part_" not in ast.unparse(node):
            total = total.plus(cost_of(ast.unparse(node.value)))
    return total


def compile(f: Callable[..., Any], *example: Any, argnums: int | Sequence[int] | None = None) -> Program | ArrayProgram:
    """Compile a function to straight-line Python, from one trace at an example.

    Parameters
    ----------
    f : a function of numbers and arrays
    example : its arguments: numbers, arrays, or lists, tuples and dicts of them; any that take the branch you want to
        read in `.source`. A program of numbers also takes arrays of points; one of arrays holds for their shapes
    argnums : positions of the arguments that `.value_and_grad` differentiates with respect to, as for `bl.grad`

    Returns
    -------
    Program : with `.value`, `.value_and_grad`, `.source` and `.counts`

    Raises
    ------
    ArgumentError, DomainError, TraceError : as `bl.trace`
    """
    bind(f, example, {})
    numbers = all(isinstance(x, REAL) for x in example) and argnums is None
    if numbers:
        graph = trace(f, *example)
        if all(r[5].__class__ in (float, int) and (r[0] < 0 or BY_CODE[r[0]].elementwise) for r in graph.records):
            return Program(f, graph)
    wanted = None if argnums is None else positions(f, example, argnums)
    return ArrayProgram(f, example, wanted, isinstance(argnums, int))
