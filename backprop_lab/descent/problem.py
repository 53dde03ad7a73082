"""What is descended: a function with its start taken apart into coordinates, its program, and the data it is asked on.

    problem = Problem(f, {"w": w, "b": 0.0}, data=(x, y))
    value, slopes = problem.slopes(problem.start, batch)

Few numbers are a coordinate each, a Python float; more of them, and arrays, are one coordinate, a long array: a step
takes a dozen operations on it, however many parameters there are. A complex number is two real ones there, and what
comes is the conjugate of the gradient, which points uphill (docs/design.md, "Complex numbers").
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from ..compiled.program import Program, compile
from ..derivatives.passes import value_and_grad
from ..errors import ArgumentError
from ..recording.arguments import as_value, check_function, finite, parameters_of
from ..recording.call import Call
from ..recording.trees import leaves, like
from ..source.functions import name_of
from ..table.values import plain, shape_of

Coordinates: TypeAlias = list[Any]  # floats, or one array
MANY = 12  # numbers from which on an array is quicker


class Problem:
    """A function of parameters, and of data if it has any.

    Attributes
    ----------
    f : the function; where it returns a number for each example, its mean
    start : the coordinates
    data : arrays with a row for each example; empty without
    count : how many examples there are
    arrays : whether the coordinates are one array
    names : of each parameter
    """

    def __init__(self, f: Callable[..., Any], start: Any, data: Any = None, compiled: bool = True) -> None:
        self.data = examples(data)
        self.count = len(self.data[0]) if self.data else 0
        self.several = type(start) is tuple
        self.args = start if self.several else (start,)
        call = self._call(f)
        here = len(leaves(self.args))
        self.names = call.names[:here]
        self.values = [as_value(plain(x), n, f) for x, n in zip(leaves(self.args), self.names, strict=True)]
        self.f, self.compiled = _mean(f) if self.data else f, compiled
        self._programs: dict[int, Program] = {}
        self.arrays = here > MANY or any(x.__class__ is not float for x in self.values)
        self._pieces = list(_pieces(self.values))
        self.start = self.coordinates(self.values)

    def _call(self, f: Callable[..., Any]) -> Call:
        """The call of the function at the start; a sentence where it takes more arguments, or fewer."""
        check_function(f)
        if not self.args:
            raise ArgumentError("start has no number, so there is nothing to move; write start=2.0")
        try:
            return Call.bound(f, (*self.args, *(x[:1] for x in self.data)))
        except ArgumentError as error:
            known = parameters_of(f)
            if not known:
                raise
            names = ", ".join(p.name for p in known)
            data = f" and {len(self.data)} of data" if self.data else ""
            wrong = f"{name_of(f)} takes ({names}), and start has {len(self.args)} of these{data}"
            if self.data and len(known) != len(self.args) + len(self.data):
                raise ArgumentError(
                    f"{wrong}; give data a tuple with an array for each parameter that is data, as in data=(x, y), and "
                    "start a tuple where there are several others"
                ) from error
            raise ArgumentError(
                f"{wrong}; give start a tuple with a number or an array for each parameter, as in bl.descend(f, (1.0, "
                "2.0))"
            ) from error

    def __repr__(self) -> str:
        return f"<problem {name_of(self.f)}({', '.join(self.names)})>"

    @property
    def size(self) -> int:
        """How many real numbers there are to find."""
        return self._pieces[-1][1] if self.arrays and self._pieces else len(self.start)

    def coordinates(self, values: Sequence[Any], conjugate: bool = False) -> Coordinates:
        """The coordinates of numbers and arrays in the order of the parameters."""
        if not self.arrays:
            return [float(x) for x in values]
        flat = [_real(np.conj(x) if conjugate else x, own) for x, own in zip(values, self.values, strict=True)]
        return [np.concatenate(flat) if flat else np.zeros(0)]

    def arguments(self, at: Coordinates) -> tuple[Any, ...]:
        """The parameters at some coordinates, as the function takes them."""
        if not self.arrays:
            return like(self.args, iter(at))
        (flat,) = at
        parts = (_part(flat[a:b], own) for (a, b), own in zip(self._pieces, self.values, strict=True))
        return like(self.args, parts)

    def parts(self, at: Coordinates) -> list[Any]:
        """The numbers and arrays at some coordinates, in the order of the parameters."""
        return leaves(self.arguments(at))

    def structured(self, at: Coordinates) -> Any:
        """The parameters at some coordinates, in the structure of the start."""
        found = self.arguments(at)
        return found if self.several else found[0]

    def batch(self, places: Any) -> tuple[Any, ...]:
        """The examples at these places; all of them for None."""
        return self.data if places is None else tuple(x[places] for x in self.data)

    def like_data(self, others: tuple[np.ndarray, ...], what: str) -> tuple[np.ndarray, ...]:
        """Other data, which must be arrays like those of this one, with any number of rows."""
        here, there = ([x.shape[1:] for x in arrays] for arrays in (self.data, others))
        if others and here != there:
            shapes = [", ".join(str(x.shape) for x in arrays) for arrays in (others, self.data)]
            raise ArgumentError(
                f"{what} has the shapes {shapes[0]}, and data {shapes[1]}; give it the same arrays of other examples"
            )
        return others

    def value(self, at: Coordinates, batch: tuple[Any, ...] = ()) -> float:
        """The function's value at some coordinates."""
        args = (*self.arguments(at), *batch)
        found = self._program(args).value(*args) if self.compiled else self.f(*args)
        return float(found)

    def slopes(self, at: Coordinates, batch: tuple[Any, ...] = ()) -> tuple[float, Coordinates]:
        """The value and the gradient at some coordinates."""
        args = (*self.arguments(at), *batch)
        if not self.compiled:
            value, found = value_and_grad(self.f, tuple(range(len(self.args))))(*args)
            return float(value), self.coordinates(leaves(found), True)
        program = self._program(args)
        value, found = program.value_and_grad(*args)
        if program.one:
            found = (found,)
        return float(value), self.coordinates(leaves(found), True)

    def _program(self, args: tuple[Any, ...]) -> Program:
        """The program for as many examples as there are in this batch."""
        size = len(args[-1]) if self.data else 0
        if size not in self._programs:
            which = tuple(range(len(self.args)))
            numbers = not self.data and not self.arrays and all(x.__class__ is float for x in self.args)
            self._programs[size] = compile(self.f, *args) if numbers else compile(self.f, *args, argnums=which)
        return self._programs[size]


def examples(data: Any) -> tuple[np.ndarray, ...]:
    """Data as arrays of floats with a row for each example.

    Raises
    ------
    ArgumentError : no rows, arrays of several lengths, or no numbers
    """
    if data is None:
        return ()
    found = []
    for x in data if type(data) is tuple else (data,):
        try:
            array = np.asarray(x)
            array = array if array.dtype.kind == "c" else array.astype(float)
        except (TypeError, ValueError):
            raise ArgumentError(f"data must be arrays of numbers, not {x!r:.40}; write data=(x, y)") from None
        found.append(array)
    lengths = {len(x) if x.ndim else 0 for x in found}
    if len(lengths) != 1 or not lengths.isdisjoint({0}):
        shapes = ", ".join(str(x.shape) for x in found)
        raise ArgumentError(
            f"each array of data must have a row for each example, equally many: here the shapes are {shapes}; "
            "give x and y of one length"
        )
    return tuple(finite(found))


def _mean(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function of a batch: the mean, where there is a number for each example."""

    @functools.wraps(f)
    def mean(*args: Any) -> Any:
        found = f(*args)
        return np.mean(found) if shape_of(found) and np.asarray(plain(found)).dtype.kind == "f" else found

    return mean


def _pieces(values: Sequence[Any]) -> Any:
    """Where each parameter lies in the long array."""
    first = 0
    for x in values:
        last = first + np.size(x) * (2 if np.iscomplexobj(x) else 1)
        yield first, last
        first = last


def _real(x: Any, own: Any) -> Any:
    """A number or an array as a row of real numbers."""
    if np.iscomplexobj(own):
        return np.atleast_1d(np.asarray(x, dtype=complex)).ravel().view(float)
    return np.ravel(np.real(x))


def _part(piece: Any, own: Any) -> Any:
    """A parameter out of its piece of the long array."""
    found = piece.view(complex) if np.iscomplexobj(own) else piece
    return found.reshape(own.shape) if own.__class__ is np.ndarray else found[0].item()
