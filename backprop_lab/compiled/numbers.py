"""Compile a traced function to straight-line Python: for its value, and for its value with the gradient.

    program = bl.compile(f, 2.0, 3.0)         one trace at these numbers
    program.value_and_grad(5.0, 7.0)          at any numbers, without tracing again
    program.replay(5.0, 7.0)                  the values and adjoints of all nodes there
    print(program.source)                     the program that reverse mode amounts to: read it

The programs work on floats and on whole arrays of points alike. A comparison that steered the function is a guard: if
it comes out the other way, the function is traced again at those numbers, and the new branch is kept for next time.
What the text cannot answer is asked of the engine: infinite slopes, domains that were left, traced arguments.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from operator import countOf
from typing import Any

import numpy as np

from ..errors import Answering, ArgumentError
from ..graph.graph import Graph
from ..graph.sweeps import adjoint_sweep
from ..graph.trace import trace
from ..recording.arguments import as_number, bind, name_of
from ..recording.call import positions
from ..recording.door import entry
from ..recording.operands import REAL
from ..recording.trees import is_tree, leaves, like, mapped
from ..source import frames
from ..table.table import BY_CODE, Cost, Primitive, cost_of, primitives
from ..table.values import is_traced, plain, shape_of
from .arrays import ArrayProgram
from .constants import described
from .cpython import as_one, fast, for_floats, function, pack
from .domains import guarded, on_arrays
from .emit import Writer
from .emit_floats import as_floats, stays_finite
from .parts import by_engine, placed, quiet, reduced
from .unrolled import settled_graph

__all__ = ["ArrayProgram", "Program", "compile"]

_compile = compile  # Python's own; this module's function of that name is the public one


class _OtherBranch(Exception):
    """A comparison came out differently from the trace."""


_TROUBLE = (ArithmeticError, ValueError, TypeError)


def _other_branch() -> None:
    raise _OtherBranch


def _outside() -> None:
    raise ValueError("outside the domain")


class _Branch:
    """The programs of one way through the function's branches."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.structure = graph, graph.structure
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
        self.inputs, self.constants = writer.inputs, writer.constants.bound
        dead = [record for record, needed in zip(graph.records, graph.needed, strict=True) if not needed]
        self.one_by_one = bool(graph.comparisons) or any(map(guarded, dead))
        self.source = "".join(f"# {name} is {described(x)}\n" for name, x in self.constants.items()) + self.source

    def __getstate__(self) -> dict[str, Any]:
        made = ("on_floats", "on_arrays", "replay")  # functions, which are made again from the text
        return {key: value for key, value in vars(self).items() if key not in made}

    @cached_property
    def on_floats(self) -> dict[str, Any]:
        """The program's functions, for Python's floats."""
        return self._space(for_floats(self.source), lambda op: op.scalar or op.function)

    @cached_property
    def on_arrays(self) -> dict[str, Any]:
        """The same programs, with NumPy's functions."""
        return self._space(on_arrays(self.source), lambda op: op.array or getattr(np, op.ufunc, None))

    def _space(self, text: str, function: Callable[[Primitive], Any]) -> dict[str, Any]:
        space: dict[str, Any] = {name: function(op) for name, op in primitives.items()}
        space |= {"other_branch": _other_branch, "outside": _outside, "inf": math.inf, "nan": math.nan}
        space |= {"inside": lambda wrong, x: np.where(wrong, math.nan, x), **self.constants}
        frames.engine_module(space)
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
        space = self.on_floats | writer.constants.bound
        exec(function("replay", writer.inputs, writer.lines, "primals, bars[::-1]"), space)
        return space["replay"]


class Program(Answering):
    """A compiled function; made by `bl.compile`.

    Attributes
    ----------
    graph : the function at the example, as `bl.trace` makes it
    source : the Python text of the program, for the branch that the example took
    counts : operations in one call of `value` and of `value_and_grad`: multiplications, additions, functions
    """

    instead = {"grad": "program.value_and_grad(3.0)", "gradient": "program.value_and_grad(3.0)"}
    MOST_BRANCHES = 32  # a function that never takes the same way twice is traced each time instead

    def __init__(self, f: Callable[..., Any], graph: Graph, depends: bool = False) -> None:
        self.function, self.depends = f, depends  # on traced values of an outer derivative: the text has their numbers
        self.branches = [_Branch(graph)]
        self.inputs = self.graph.input_names
        self.takes = len(self.inputs)
        if not self.inputs:
            raise ArgumentError(f"give bl.compile an example, a number for each argument of {name_of(f)}")
        self._put_fast_ones()

    def _put_fast_ones(self) -> None:
        """Put functions in the methods' places that are quicker where floats come in and floats go out."""
        first, graph = self.branches[0], self.graph
        if self.depends or not graph.single and first.structure != (None,) * len(graph.output_ids):
            return
        for which in ("value", "value_and_grad") if graph.single else ("value",):
            space = {"program": first.on_floats[which], "carefully": getattr(type(self), which).__get__(self)}
            space["trouble"] = (_OtherBranch, *_TROUBLE)
            frames.engine_module(space)  # none of its lines is the student's
            outputs, sure = len(graph.output_ids), first.all_floats and which == "value_and_grad"
            vars(self)[which] = fast(which, first.inputs, outputs, sure, stays_finite(graph), space)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key not in ("value", "value_and_grad")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._put_fast_ones()

    __reduce__ = reduced

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

    def value(self, *args: Any, **named: Any) -> Any:
        """The function's value, at numbers or at arrays of points, by position or by name.

        Raises
        ------
        ArgumentError : the number of arguments is another one than at compile time
        DomainError : an operation left its domain; the sentence names the student's line
        """
        return self._call("value", args, named)

    def value_and_grad(self, *args: Any, **named: Any) -> Any:
        """The pair of the value and the gradient: one number for one argument, a tuple for several.

        At arrays of points each of them is an array of the points' shape. Errors as for `value`.
        """
        if not self.graph.single:
            raise ArgumentError(
                f"{name_of(self.function)} returns several numbers, and a gradient needs one; return that one alone"
            )
        return self._call("value_and_grad", args, named)

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

    def _call(self, which: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if named:
            args = placed(self.function, args, named, self.inputs)
        if len(args) != self.takes:
            raise self._wrong_number(args)
        if any(shape_of(a) for a in args):
            return self._at_points(which, args)
        return self._at_numbers(
            which, tuple(as_number(a, n, self.function) for a, n in zip(args, self.inputs, strict=True))
        )

    def _at_numbers(self, which: str, args: tuple[Any, ...]) -> Any:
        if not self.depends and not any(map(is_traced, args)):
            try:
                branch, result = self._on_its_branch(which, args)
                # a power of a negative number is complex, and the engine may know better than nan
                if not any(isinstance(x, complex) or x != x for x in _flat(result)):
                    return result if which == "value_and_grad" else _in_structure(branch, result)
            except (_OtherBranch, *_TROUBLE):
                pass
        # an overflow, an infinite slope, a domain that was left, an outer derivative: the engine knows what to answer
        return by_engine(self.function, which, args)

    def _on_its_branch(self, which: str, args: tuple[Any, ...]) -> tuple[_Branch, Any]:
        for branch in self.branches:
            try:
                return branch, branch.run(which, args, branch.on_floats)
            except _OtherBranch:
                continue
        if len(self.branches) == self.MOST_BRANCHES:
            raise ArithmeticError("too many branches to keep")
        with quiet():
            graph = trace(self.function, *args)
        if not _of_numbers(graph):
            raise ArithmeticError("a branch with arrays in it")
        self.branches.append(branch := _Branch(graph))
        return branch, branch.run(which, args, branch.on_floats)

    def _at_points(self, which: str, args: tuple[Any, ...]) -> Any:
        """The results at arrays of points: all at once, and where that does not do, one by one."""
        for x, name in zip(args, self.inputs, strict=True):
            kind = np.asarray(plain(x)).dtype.kind
            if kind not in "biuf":
                raise ArgumentError(
                    f"{name} holds {'complex numbers' if kind == 'c' else 'other things than numbers'}, and the "
                    f"program of {name_of(self.function)} is for real ones; give an array of floats"
                )
        shapes = [shape_of(x) for x in args]
        try:
            shape = np.broadcast_shapes(*shapes)
        except ValueError:
            given = ", ".join(f"{name} {shape}" for name, shape in zip(self.inputs, shapes, strict=True))
            raise ArgumentError(
                f"the arrays of points do not fit: {given}; give arrays of one shape, and numbers for what stays"
            ) from None
        branch = self.branches[0]
        if self.depends or any(map(is_traced, args)):
            return self._of_traced(which, args, shape)
        points = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in args))
        if branch.one_by_one:  # each point may go another way
            return self._one_by_one(which, points, np.ndindex(shape), None)
        with np.errstate(all="ignore"):
            result = branch.run(which, tuple(points), branch.on_arrays)
        found = [np.array(np.broadcast_to(x, shape), dtype=float) for x in _flat(result)]
        odd = np.argwhere(~np.all([np.isfinite(x) for x in found], axis=0))
        return self._one_by_one(which, points, map(tuple, odd), found)

    def _one_by_one(self, which: str, points: Any, places: Any, found: list[Any] | None) -> Any:
        """Fill in the results at some places by the program on numbers, which says what is wrong where anything is."""
        shape, structure = points[0].shape, self._structure(which)
        if found is None:
            found = [np.empty(shape) for _ in leaves(structure)]
        for place in places:
            result = leaves(self._at_numbers(which, tuple(float(p[place]) for p in points)))
            if len(result) != len(found):
                raise ArgumentError(
                    f"{name_of(self.function)} returns {len(result)} numbers at one point and {len(found)} at another; "
                    "call the program at one point at a time"
                )
            for array, x in zip(found, result, strict=True):
                array[place] = x
        return like(structure, iter(found))

    def _of_traced(self, which: str, args: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
        """The same for points that are traced values: one by one, and put together by an operation that is recorded."""
        points = [x if shape_of(x) == shape else np.broadcast_to(x, shape) for x in args]
        results = [leaves(by_engine(self.function, which, [p[k] for p in points])) for k in np.ndindex(shape)]
        stack = primitives["stack"].function
        found = [np.reshape(stack(column, 0), shape) for column in zip(*results, strict=True)]
        return like(self._structure(which), iter(found))

    def _structure(self, which: str) -> Any:
        """The structure of a result, with None for each number."""
        if which == "value":
            return self.branches[0].structure
        return None, None if self.takes == 1 else (None,) * self.takes


def _flat(result: Any) -> Iterator[Any]:
    return iter(leaves(result))


def _in_structure(branch: _Branch, result: Any) -> Any:
    """A program's results, which are one number or a tuple, as the function returns them."""
    return like(branch.structure, _flat(result)) if is_tree(branch.structure) else result


def _of_numbers(graph: Graph) -> bool:
    """Whether a graph is made of operations on floats alone."""
    return all(c.sign not in ("is", "choice") for c in graph.comparisons) and all(
        r[5].__class__ in (float, int) and (r[0] < 0 or BY_CODE[r[0]].elementwise) for r in graph.records
    )


def _count(part: ast.FunctionDef) -> Cost:
    """The operations that one function of a program carries out."""
    total = Cost()
    for node in ast.walk(part):
        if isinstance(node, ast.Assign | ast.Return) and node.value is not None and "_part_" not in ast.unparse(node):
            total = total.plus(cost_of(ast.unparse(node.value)))
    return total


@entry("bl.compile(f, 3.0)", "bl.compile(f, 3.0, argnums=0)")
def compile(
    f: Callable[..., Any], *example: Any, argnums: int | Sequence[int] | None = None, **named: Any
) -> Program | ArrayProgram:
    """Compile a function to straight-line Python, from one trace at an example.

    Parameters
    ----------
    f : a function of numbers and arrays
    example, named : its arguments, as in a call: numbers, arrays, or lists, tuples and dicts of them; any that take the
        branch you want to read in `.source`. A program of numbers also takes arrays of points; one of arrays holds for
        their shapes. Arguments that can only be given by name stay what they are here
    argnums : positions of the arguments that `.value_and_grad` differentiates with respect to, as for `bl.grad`

    Returns
    -------
    Program : with `.value`, `.value_and_grad`, `.source` and `.counts`

    Raises
    ------
    ArgumentError, DomainError, TraceError : as `bl.trace`
    """
    bound = bind(f, example, named)
    example = mapped(lambda x, _: plain(x), bound.args)
    f = partial(f, **bound.kwargs) if bound.kwargs else f
    if all(isinstance(x, REAL) for x in example) and argnums is None:
        graph, depends = settled_graph(trace(f, *example))
        if _of_numbers(graph):
            return Program(f, graph, depends)
    wanted = None if argnums is None else positions(f, example, argnums)
    return ArrayProgram(f, example, wanted, isinstance(argnums, int))
