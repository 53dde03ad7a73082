"""Compiled programs for functions of arrays: straight-line NumPy for the value, and for the value with the gradient.

They keep the structure of the arguments and hold for the shapes of the example. What a comparison decided is a guard,
as in the programs for numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..graph.graph import Graph
from ..graph.sweeps import adjoint_sweep
from ..recording.arguments import as_value, bind, name_of
from ..recording.trees import leaves_as, like, mapped
from ..source import frames
from ..table.table import primitives
from ..table.values import is_traced, plain, settled, shape_of, zeros
from .constants import Constants, described
from .emit_arrays import TAKEN, Listing, python_names
from .parts import by_engine, placed, quiet, reduced
from .unrolled import value_and_gradient

__all__ = ["ArrayProgram"]


class OtherBranch(Exception):
    """A comparison came out differently from the trace."""


def _other_branch() -> None:
    raise OtherBranch


def _outside() -> None:
    raise ArithmeticError("outside the domain")


class _Branch:
    """The programs of one way through the function's branches."""

    def __init__(self, f: Callable[..., Any], example: tuple[Any, ...], wanted: Sequence[int]) -> None:
        recorded = value_and_gradient(f, example, wanted)
        self.graph, self.structure, self.depends = recorded.graph, recorded.graph.structure, recorded.depends
        self.steep = recorded.steep
        constants = Constants({*TAKEN, *python_names(self.graph)}, module="np.")
        value = Listing(self.graph, self.graph.output_ids, recorded.forward, constants)
        text = value.text("value")
        self.costs = {"value": value.cost}
        self.zeros: list[Any] = []
        if recorded.bars is not None:
            self.zeros = [zeros(self.graph.records[k][5]) if bar is None else None for k, bar in recorded.bars.items()]
            bars = [bar for bar in recorded.bars.values() if bar is not None]
            both = Listing(self.graph, [*self.graph.output_ids, *bars], recorded.forward, constants)
            text += "\n" + both.text("value_and_grad")
            self.costs["value_and_grad"] = both.cost
        self.constants = constants.bound
        self.source = "".join(f"# {name} is {described(x)}\n" for name, x in self.constants.items()) + text
        self._make()

    def _make(self) -> None:
        space: dict[str, Any] = {"np": np, "other_branch": _other_branch, "outside": _outside}
        space |= {name: op.array for name, op in primitives.items()} | self.constants
        frames.engine_module(space)  # none of its lines is the student's
        exec(compile(self.source, f"<compiled {name_of(self.graph.function)}>", "exec"), space)
        self.value: Callable[..., tuple[Any, ...]] = space["value"]
        self.value_and_grad: Callable[..., tuple[Any, ...]] | None = space.get("value_and_grad")

    def __getstate__(self) -> dict[str, Any]:
        return {key: x for key, x in vars(self).items() if key not in ("value", "value_and_grad")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._make()


def _has_nan(x: Any) -> bool:
    """Whether there is a nan; the scalar product with itself is the quickest look at all elements."""
    square = np.vdot(x, x)
    return bool(square != square)


class ArrayProgram:
    """A compiled function of arrays; made by `bl.compile`.

    Attributes
    ----------
    source : the Python text of the program, for the branch that the example took
    counts : operations in one call of `value` and of `value_and_grad`: multiplications, additions, functions
    graph : the function and its gradient as one graph
    """

    MOST_BRANCHES = 32  # a function that never takes the same way twice is traced each time instead

    def __init__(
        self, f: Callable[..., Any], example: tuple[Any, ...], argnums: Sequence[int] | None, one: bool
    ) -> None:
        self.function, self.example = f, example
        self.wanted = tuple(range(len(example))) if argnums is None else tuple(argnums)
        self.one = one or (argnums is None and len(example) == 1)
        self.branches = [_Branch(f, example, self.wanted)]
        self.inputs = self.graph.input_names
        self.shapes = [shape_of(self.graph.records[k][5]) for k in range(len(self.inputs))]
        self.dtypes = [np.asarray(self.graph.records[k][5]).dtype for k in range(len(self.inputs))]
        self.structure = mapped(lambda *_: None, example)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

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
        """The function's value, in its structure.

        Raises
        ------
        ArgumentError : other arguments or shapes than at compile time
        DomainError : an operation left its domain; the sentence names the student's line
        """
        args, found, branch = self._run("value", args, named)
        if branch is None:
            return by_engine(self.function, "value", args)
        return like(branch.structure, map(settled, found))

    def value_and_grad(self, *args: Any, **named: Any) -> Any:
        """The pair of the value and the gradient, which has the structure and shapes of what it belongs to.

        Raises
        ------
        ArgumentError : as `value`; or the function does not return one real number
        """
        if self.branches[0].value_and_grad is None and not self.branches[0].steep:
            raise ArgumentError(
                f"{name_of(self.function)} does not return one real number, and a gradient needs one; return that alone"
            )
        args, found, branch = self._run("value_and_grad", args, named)
        if branch is None:
            return by_engine(self.function, "value_and_grad", args, self.wanted[0] if self.one else self.wanted)
        arrived = iter(found[1:])
        bars = [settled(next(arrived)) if zero is None else zeros(zero) for zero in branch.zeros]
        each = iter(bars)
        gradient = [like(self.example[k], each) for k in self.wanted]
        return settled(found[0]), gradient[0] if self.one else tuple(gradient)

    def replay(self, *args: Any) -> tuple[list[Any], list[Any]]:
        """Every value and every adjoint at other numbers, in the order of the function's nodes: two lists."""
        from ..graph.trace import trace

        again = trace(self.function, *args)
        return [record[5] for record in again.records], adjoint_sweep(again).numbers

    def _run(
        self, which: str, args: tuple[Any, ...], named: dict[str, Any]
    ) -> tuple[tuple[Any, ...], tuple[Any, ...], _Branch | None]:
        """The arguments, the results, and the branch that gave them; None where the engine has to look itself."""
        if named:
            args = placed(self.function, args, named, self.inputs)
        flat = self._flat(args)
        nothing = args, (), None
        if self.branches[0].depends or any(map(is_traced, flat)):
            return nothing
        with np.errstate(all="ignore"):
            for branch in self.branches:
                try:
                    return args, *self._found(branch, which, flat)
                except OtherBranch:
                    continue
            if len(self.branches) == self.MOST_BRANCHES:
                return nothing
            try:
                self.branches.append(self._compiled(flat))
                return args, *self._found(self.branches[-1], which, flat)
            except (OtherBranch, ArithmeticError, ValueError, TypeError):
                return nothing

    def _compiled(self, flat: list[Any]) -> _Branch:
        with quiet():
            return _Branch(self.function, like(self.example, iter(flat)), self.wanted)

    def _elsewhere(self, branch: _Branch, flat: list[Any]) -> _Branch:
        """A branch that was compiled where a slope is infinite, compiled again where none is."""
        if not branch.steep:  # this way the function does not return a number
            return branch
        try:
            again = self._compiled(flat)
        except (ValueError, TypeError):
            return branch
        if again.value_and_grad is not None:
            self.branches[self.branches.index(branch)] = again
        return again

    def _found(self, branch: _Branch, which: str, flat: list[Any]) -> tuple[tuple[Any, ...], _Branch | None]:
        try:
            if which == "value_and_grad" and branch.value_and_grad is None:
                branch.value(*flat)  # its guards
                branch = self._elsewhere(branch, flat)
            run = getattr(branch, which)
            if run is None:
                return (), None
            found = run(*flat)
        except (ArithmeticError, np.linalg.LinAlgError):
            return (), None
        found = found if isinstance(found, tuple) else (found,)
        finite = all(np.isfinite(x) for x in found if not isinstance(x, np.ndarray))
        if not finite or which == "value_and_grad" and any(map(_has_nan, found[1:])):
            return (), None  # the engine knows what to say about it
        return found, branch

    def _flat(self, args: tuple[Any, ...]) -> list[Any]:
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
            for x, shape, dtype in zip(flat, self.shapes, self.dtypes, strict=True)
        ]
        if all(fits):
            return flat
        values = [as_value(x, name, self.function, whole="allowed") for x, name in zip(flat, self.inputs, strict=True)]
        for x, shape, dtype, name in zip(values, self.shapes, self.dtypes, self.inputs, strict=True):
            if shape_of(x) != shape:
                raise ArgumentError(
                    f"{name} has shape {shape_of(x)}, and the program was compiled for shape {shape}; compile the "
                    "function again for other shapes"
                )
            if np.asarray(plain(x)).dtype.kind != dtype.kind:
                raise ArgumentError(
                    f"{name} is {'complex' if dtype.kind == 'f' else 'real'}, and the program was compiled for "
                    f"{'real' if dtype.kind == 'f' else 'complex'} numbers; compile the function again"
                )
        return values
