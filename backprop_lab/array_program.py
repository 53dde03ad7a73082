"""Compiled programs for functions of arrays: straight-line NumPy for the value, and for the value with the gradient.

They keep the structure of the arguments and hold for the shapes of the example. What a comparison decided is a guard,
as in the programs for numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .arguments import as_value, bind, name_of
from .derive import value_and_grad, vjp
from .emit_arrays import Listing
from .errors import ArgumentError
from .graph import Graph
from .notation import number
from .primitives import primitives
from .sweeps import adjoint_sweep
from .trees import leaves_as, like, mapped
from .unrolled import value_and_gradient
from .values import settled, shape_of

__all__ = ["ArrayProgram"]


class OtherBranch(Exception):
    """A comparison came out differently from the trace."""


def _other_branch() -> None:
    raise OtherBranch


class _Branch:
    """The programs of one way through the function's branches."""

    def __init__(self, f: Callable[..., Any], example: tuple[Any, ...], wanted: Sequence[int]) -> None:
        recorded = value_and_gradient(f, example, wanted)
        self.graph, self.structure = recorded.graph, recorded.structure
        value = Listing(self.graph, self.graph.output_ids)
        space: dict[str, Any] = {"np": np, "other_branch": _other_branch}
        space |= {name: op.array for name, op in primitives.items()}
        text = value.text("value")
        self.costs = {"value": value.cost}
        constants = dict(value.constants)
        self.zeros: list[Any] = []
        if recorded.bars is not None:
            self.zeros = [_zero(self.graph.records[k][5]) if bar is None else None for k, bar in recorded.bars.items()]
            bars = [bar for bar in recorded.bars.values() if bar is not None]
            both = Listing(self.graph, [*self.graph.output_ids, *bars])
            text += "\n" + both.text("value_and_grad")
            self.costs["value_and_grad"] = both.cost
            constants |= both.constants
        about = [f"# {name} is {_described(x)}\n" for name, x in constants.items() if name in text]
        self.source = "".join(about) + text
        space |= constants
        exec(compile(self.source, f"<compiled {name_of(f)}>", "exec"), space)
        self.value: Callable[..., tuple[Any, ...]] = space["value"]
        self.value_and_grad: Callable[..., tuple[Any, ...]] | None = space.get("value_and_grad")


def _listed(results: Any) -> tuple[Any, ...]:
    return results if isinstance(results, tuple) else (results,)


def _zero(like: Any) -> Any:
    return np.zeros(shape_of(like)) if shape_of(like) else 0.0


def _described(x: Any) -> str:
    return f"a constant: {number(x)}" if isinstance(x, np.ndarray) else "a function with rules of its own"


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

    def value(self, *args: Any) -> Any:
        """The function's value, in its structure.

        Raises
        ------
        ArgumentError : other arguments or shapes than at compile time
        DomainError : an operation left its domain; the sentence names the student's line
        """
        flat = self._flat(args)
        found, branch = self._run("value", flat)
        if branch is None:
            return vjp(self.function, *args)[0]
        return like(branch.structure, map(settled, found))

    def value_and_grad(self, *args: Any) -> Any:
        """The pair of the value and the gradient, which has the structure and shapes of what it belongs to.

        Raises
        ------
        ArgumentError : as `value`; or the function does not return one real number
        """
        if self.branches[0].value_and_grad is None:
            raise ArgumentError(
                f"{name_of(self.function)} does not return one real number, and a gradient needs one; return that alone"
            )
        flat = self._flat(args)
        found, branch = self._run("value_and_grad", flat)
        if branch is None:
            return value_and_grad(self.function, self.wanted[0] if self.one else self.wanted)(*args)
        arrived = iter(found[1:])
        bars = [settled(next(arrived)) if zero is None else _zero(zero) for zero in branch.zeros]
        each = iter(bars)
        gradient = [like(self.example[k], each) for k in self.wanted]
        return settled(found[0]), gradient[0] if self.one else tuple(gradient)

    def replay(self, *args: Any) -> tuple[list[Any], list[Any]]:
        """Every value and every adjoint at other numbers, in the order of the function's nodes: two lists."""
        from .trace import trace

        again = trace(self.function, *args)
        return [record[5] for record in again.records], adjoint_sweep(again).numbers

    def _run(self, which: str, flat: list[Any]) -> tuple[tuple[Any, ...], _Branch | None]:
        """The results, and the branch that gave them; None where the engine has to look itself."""
        with np.errstate(all="ignore"):
            for branch in self.branches:
                try:
                    found = _listed(getattr(branch, which)(*flat))
                except OtherBranch:
                    continue
                except (ArithmeticError, np.linalg.LinAlgError):
                    return (), None
                finite = all(np.isfinite(x) for x in found if not isinstance(x, np.ndarray))
                return (found, branch) if finite else ((), None)  # the engine knows what to say about it
        if len(self.branches) < self.MOST_BRANCHES:
            self.branches.append(_Branch(self.function, like(self.example, iter(flat)), self.wanted))
            return _listed(getattr(self.branches[-1], which)(*flat)), self.branches[-1]
        return (), None

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
            if np.asarray(x).dtype.kind != dtype.kind:
                raise ArgumentError(
                    f"{name} is {'complex' if dtype.kind == 'f' else 'real'}, and the program was compiled for "
                    f"{'real' if dtype.kind == 'f' else 'complex'} numbers; compile the function again"
                )
        return values


