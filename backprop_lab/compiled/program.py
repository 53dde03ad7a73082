"""Compile a traced function to straight-line Python: for its value, and for its value with the gradient.

    program = bl.compile(f, 2.0, 3.0)         one trace at these numbers
    program.value_and_grad(5.0, 7.0)          at any numbers, without tracing again
    program.replay(5.0, 7.0)                  the values and adjoints of all nodes there
    print(program.source)                     the program that reverse mode amounts to: read it

Programs of numbers work on whole arrays of points as well; those of arrays are straight-line NumPy, keep the structure
of the arguments, and hold for the shapes of the example. A comparison that steered the function is a guard: if it comes
out the other way, the function is traced again at those numbers, and the new branch is kept for next time. What the
text cannot answer is asked of the engine: infinite slopes, domains that were left, traced arguments.

Long programs of numbers are played by a machine in WebAssembly, where there is wasmtime (`machine`): arithmetic is the
same to the last bit, and sin, exp, tanh and their like to two units in the last place. The quickest way in and out is
`program.value_and_grad_array(x)` then.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from operator import countOf
from typing import Any

import numpy as np

from ..errors import Answering, ArgumentError, LabWarning
from ..graph.graph import Graph
from ..graph.sweeps import adjoint_sweep
from ..graph.trace import trace
from ..recording.arguments import as_number, as_value, bind
from ..recording.call import positions
from ..recording.door import entry
from ..recording.operands import REAL
from ..recording.trees import leaves, leaves_as, like, mapped
from ..source.functions import name_of
from ..table.table import primitives
from ..table.values import is_traced, plain, settled, shape_of, zeros
from . import quick
from .branch import Branch, OtherBranch, branch_of_arrays, branch_of_numbers
from .pickles import by_engine, placed, reduced

TROUBLE = (ArithmeticError, ValueError, TypeError)  # what Python and NumPy raise where the engine knows what to say


class Program(Answering):
    """A compiled function; made by `bl.compile`.

    Attributes
    ----------
    graph : the function at the example, as `bl.trace` makes it; of a program of arrays, with its gradient in it
    source : the Python text of the program, for the branch that the example took
    counts : operations in one call of `value` and of `value_and_grad`: multiplications, additions, functions
    of_numbers : whether it is a program of numbers, which takes arrays of points, too; else it is one of arrays
    """

    instead = {"grad": "program.value_and_grad(3.0)", "gradient": "program.value_and_grad(3.0)"}
    called = "program.value(3.0), or program.value_and_grad(3.0)"
    MOST_BRANCHES = 32  # a function that never takes the same way twice is traced each time instead

    def __init__(
        self, f: Callable[..., Any], example: tuple[Any, ...], branch: Branch, wanted: Sequence[int], one: bool
    ) -> None:
        self.function, self.branches = f, [branch]
        self.wanted, self.one, self.of_numbers = tuple(wanted), one, branch.of_numbers
        self.inputs = branch.inputs
        self.structure = mapped(lambda *_: None, example)
        wanted = [self.structure[k] for k in self.wanted]
        self.gradient_structure = wanted[0] if one else tuple(wanted)
        # of a program of arrays, the inputs' shapes and types
        given = () if self.of_numbers else self.graph.values[: len(self.inputs)]
        self.kinds = [(shape_of(x), np.asarray(x).dtype) for x in given]
        self._quicken()

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key not in ("value", "value_and_grad")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._quicken()

    def _quicken(self) -> None:
        """Put functions in the methods' places that are quicker where floats come in and floats go out."""
        for which in ("value", "value_and_grad") if self.of_numbers else ():
            careful = getattr(type(self), which).__get__(self)
            if found := quick.quick(which, self.branches[0], careful, (OtherBranch, *TROUBLE)):
                vars(self)[which] = found

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
        return {name: cost._asdict() for name, cost in self.branches[0].costs.items()}

    def value(self, *args: Any, **named: Any) -> Any:
        """The function's value, in its structure; a program of numbers also takes arrays of points.

        Raises
        ------
        ArgumentError : other arguments or shapes than at compile time
        DomainError : an operation left its domain; the sentence names the student's line
        """
        return self._call("value", args, named)

    def value_and_grad(self, *args: Any, **named: Any) -> Any:
        """The pair of the value and the gradient, which has the structure and shapes of what it belongs to.

        At arrays of points each of its numbers is an array of the points' shape.

        Raises
        ------
        ArgumentError, DomainError : as `value`; or the function does not return one real number
        """
        first = self.branches[0]
        if not first.differentiable and not first.steep:
            what = "returns several numbers" if self.of_numbers else "does not return one real number"
            raise ArgumentError(f"{name_of(self.function)} {what}, and a gradient needs one; return that one alone")
        return self._call("value_and_grad", args, named)

    def value_and_grad_array(self, x: Any) -> tuple[float, np.ndarray]:
        """The value and the gradient of a program of numbers, all its arguments in one array, and so the gradient.

        The quickest way for many arguments: no Python number is made of any. The gradient is an array of its own.

        Raises
        ------
        ArgumentError : another number of arguments, or no real numbers; a program of arrays takes its arguments as they
            are; and as `value_and_grad`
        DomainError : an operation left its domain
        """
        player = self.branches[0].player
        if player is None or x.__class__ is not np.ndarray or x.dtype != float or x.shape != (player.inputs,):
            return self._with_care(x)
        ended, found = player.both_of_array(x)
        return self._with_care(x) if ended else found

    def _with_care(self, x: Any) -> tuple[float, np.ndarray]:
        """The same by `value_and_grad`."""
        if not self.of_numbers:
            raise ArgumentError(
                f"the program of {name_of(self.function)} is one of arrays; write program.value_and_grad(…) with its "
                f"own arguments ({', '.join(self.inputs)})"
            )
        count, x = len(self.inputs), x if is_traced(x) else np.asarray(x)
        if shape_of(x) != (count,):
            raise ArgumentError(
                f"x has shape {shape_of(x)}, and the program of {name_of(self.function)} takes {count} "
                f"number{'s' * (count > 1)}; give them as one array of shape ({count},)"
            )
        value, slopes = self.value_and_grad(*(x if is_traced(x) else x.tolist()))
        slopes = [slopes] if count == 1 else slopes
        return value, primitives["stack"].function(list(slopes), 0) if is_traced(x) else np.array(slopes)

    def replay(self, *args: Any) -> tuple[list[Any], list[Any]]:
        """Every value and every adjoint at other numbers, in the order of the function's nodes: two lists.

        They are the numbers of `graph.replay(...)` and of `bl.adjoint_sweep(...)` there; of numbers, many times faster.
        A node that does not lead to the output has the adjoint None.

        Raises
        ------
        ArgumentError : a comparison of numbers comes out differently than in the example: there are other nodes then
        DomainError : an operation left its domain
        """
        if not self.of_numbers:
            again = trace(self.function, *args)
        elif len(args) != len(self.inputs):
            raise self._wrong_number(args)
        else:
            first = self.branches[0]
            if first.single and not first.depends and len(args) == countOf(map(type, args), float):
                try:
                    return first.replayed(args)
                except (OtherBranch, *TROUBLE):
                    pass
            again = self.graph.replay(*args)
        return again.values, adjoint_sweep(again).numbers

    # --- a call -------------------------------------------------------------------------------------------------------

    def _call(self, which: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if named:
            args = placed(self.function, args, named, self.inputs)
        if not self.of_numbers:
            return self._at(which, args, self._values(args))
        if len(args) != len(self.inputs):
            raise self._wrong_number(args)
        if any(shape_of(a) for a in args):
            return self._at_points(which, args)
        numbers = tuple(as_number(a, n, self.function) for a, n in zip(args, self.inputs, strict=True))
        return self._at(which, numbers, numbers)

    def _at(self, which: str, args: tuple[Any, ...], flat: Sequence[Any]) -> Any:
        """The results for these arguments, whose numbers and arrays are `flat`."""
        known = None
        if not self.branches[0].depends and not any(map(is_traced, flat)):
            known = self._by_a_branch(which, flat)
        if known is None:  # an overflow, an infinite slope, a domain that was left: the engine knows what to answer
            return by_engine(self.function, which, args, self.wanted[0] if self.one else self.wanted)
        branch, results = known
        found = map(settled, results)
        if which == "value":
            return like(branch.structure, found)
        value = next(found)
        if self.of_numbers:
            return value, next(found) if self.one else tuple(found)
        bars = (next(found) if zero is None else zeros(zero) for zero in branch.zeros)
        return value, like(self.gradient_structure, bars)

    def _by_a_branch(self, which: str, flat: Sequence[Any]) -> tuple[Branch, Sequence[Any]] | None:
        """The branch that these arguments take, and its results; None where the engine has to look itself."""
        for branch in self.branches:
            try:
                return self._run(branch, which, flat)
            except OtherBranch:
                continue
        if len(self.branches) == self.MOST_BRANCHES:
            return None
        try:
            new = self._compiled(flat)
            self.branches += [new] if new else []
            return self._run(new, which, flat) if new else None
        except (OtherBranch, *TROUBLE):
            return None

    def _compiled(self, flat: Sequence[Any]) -> Branch | None:
        # what there was to say about the function was said when it was compiled
        with warnings.catch_warnings(action="ignore", category=LabWarning), np.errstate(all="ignore"):
            if self.of_numbers:
                return branch_of_numbers(self.function, flat)
            return branch_of_arrays(self.function, like(self.structure, iter(flat)), self.wanted)

    def _run(self, branch: Branch, which: str, flat: Sequence[Any]) -> tuple[Branch, Sequence[Any]] | None:
        try:
            if which == "value_and_grad" and not branch.differentiable:
                branch.run("value", flat)  # its guards
                branch = self._elsewhere(branch, flat)
                if not branch.differentiable:
                    return None
            results = branch.run(which, flat)
        except TROUBLE:
            return None
        if branch.depends:
            return None
        for k, x in enumerate(results):
            if x.__class__ is float:
                clear = math.isfinite(x)
            elif isinstance(x, np.ndarray):
                square = np.vdot(x, x)  # the quickest look at all elements: it is nan if one of them is
                clear = which == "value" or k == 0 or bool(square == square)
            else:  # a power of a negative number is complex
                clear = bool(np.isfinite(x)) and not (self.of_numbers and isinstance(x, complex))
            if not clear:
                return None
        return branch, results

    def _elsewhere(self, branch: Branch, flat: Sequence[Any]) -> Branch:
        """A branch that was compiled where a slope is infinite, compiled again where none is."""
        if not branch.steep:  # this way the function does not return a number
            return branch
        again = self._compiled(flat)
        if again is not None and again.differentiable:
            self.branches[self.branches.index(branch)] = again
        return again or branch

    # --- arguments ----------------------------------------------------------------------------------------------------

    def _wrong_number(self, args: tuple[Any, ...]) -> ArgumentError:
        inputs, given = self.inputs, len(args)
        wanted = "one number" if len(inputs) == 1 else f"{len(inputs)} numbers"
        advice = f"write program.value({', '.join(inputs)})"
        return ArgumentError(f"the program takes {wanted} ({', '.join(inputs)}), not {given}; {advice}")

    def _values(self, args: tuple[Any, ...]) -> list[Any]:
        """The arguments' numbers and arrays from left to right, of the shapes that the program is for."""
        flat = leaves_as(self.structure, args)
        if flat is None:
            bind(self.function, args, {})
            raise ArgumentError(
                f"the program of {name_of(self.function)} takes arguments of the structure it was compiled for "
                f"({', '.join(self.inputs)}); give those, or compile it again"
            )
        fits = [
            x.shape == shape and x.dtype == dtype if x.__class__ is np.ndarray else x.__class__ is float and not shape
            for x, (shape, dtype) in zip(flat, self.kinds, strict=True)
        ]
        if all(fits):
            return flat
        values = [as_value(x, name, self.function, whole="allowed") for x, name in zip(flat, self.inputs, strict=True)]
        for x, (shape, dtype), name in zip(values, self.kinds, self.inputs, strict=True):
            if shape_of(x) != shape:
                raise ArgumentError(
                    f"{name} has shape {shape_of(x)}, and the program was compiled for shape {shape}; compile the "
                    "function again for other shapes"
                )
            if np.asarray(plain(x)).dtype.kind != dtype.kind:
                given, wanted = ("complex", "real") if dtype.kind == "f" else ("real", "complex")
                raise ArgumentError(
                    f"{name} is {given}, and the program was compiled for {wanted} numbers; compile the function again"
                )
        return values

    # --- arrays of points ---------------------------------------------------------------------------------------------

    def _at_points(self, which: str, args: tuple[Any, ...]) -> Any:
        """The results at arrays of points: all at once, and where that does not do, one by one."""
        for x, name in zip(args, self.inputs, strict=True):
            kind = np.asarray(plain(x)).dtype.kind
            if kind not in "biuf":
                raise ArgumentError(
                    f"{name} holds {'complex numbers' if kind == 'c' else 'other things than numbers'}, and the "
                    f"program of {name_of(self.function)} is for real ones; give an array of floats"
                )
        try:
            shape = np.broadcast_shapes(*map(shape_of, args))
        except ValueError:
            given = ", ".join(f"{name} {shape_of(x)}" for name, x in zip(self.inputs, args, strict=True))
            raise ArgumentError(
                f"the arrays of points do not fit: {given}; give arrays of one shape, and numbers for what stays"
            ) from None
        branch = self.branches[0]
        structure = branch.structure if which == "value" else (None, self.gradient_structure)
        if branch.depends or any(map(is_traced, args)):
            return like(structure, iter(self._of_traced(which, args, shape)))
        points = tuple(np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in args)))
        if branch.one_by_one:
            found, odd = [np.empty(shape) for _ in leaves(structure)], np.argwhere(np.ones(shape))
        else:
            results = branch.run(which, points, at_points=True)
            found = [np.array(np.broadcast_to(x, shape), dtype=float) for x in results]
            odd = np.argwhere(~np.all([np.isfinite(x) for x in found], axis=0))
        for place in map(tuple, odd):
            numbers = tuple(float(x[place]) for x in points)
            result = leaves(self._at(which, numbers, numbers))
            if len(result) != len(found):
                raise ArgumentError(
                    f"{name_of(self.function)} returns {len(result)} numbers at one point and {len(found)} at another; "
                    "call the program at one point at a time"
                )
            for array, x in zip(found, result, strict=True):
                array[place] = x
        return like(structure, iter(found))

    def _of_traced(self, which: str, args: tuple[Any, ...], shape: tuple[int, ...]) -> list[Any]:
        """The same for points that are traced values: one by one, and put together by an operation that is recorded."""
        points = [x if shape_of(x) == shape else np.broadcast_to(x, shape) for x in args]
        results = [leaves(by_engine(self.function, which, [p[k] for p in points])) for k in np.ndindex(shape)]
        stack = primitives["stack"].function
        return [np.reshape(stack(column, 0), shape) for column in zip(*results, strict=True)]


@entry("bl.compile(f, 3.0)", "bl.compile(f, 3.0, argnums=0)")
def compile(f: Callable[..., Any], *example: Any, argnums: int | Sequence[int] | None = None, **named: Any) -> Program:
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
    branch = None
    if all(isinstance(x, REAL) for x in example) and argnums is None:
        branch = branch_of_numbers(f, example)
        if branch is not None and not example:
            raise ArgumentError(f"give bl.compile an example, a number for each argument of {name_of(f)}")
    wanted = positions(f, example, argnums)
    one = isinstance(argnums, int) or (argnums is None and len(example) == 1)
    return Program(f, example, branch or branch_of_arrays(f, example, wanted), wanted, one)
