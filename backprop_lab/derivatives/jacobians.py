"""All derivatives at once: the Jacobian by columns or by rows, the Hessian, and a Hessian times a vector without it.

    bl.jacobian(f)(2.0, 3.0)                    a row an output, an entry an argument; one reverse pass a row
    bl.jacobian(f, mode="forward")(2.0, 3.0)    the same, one forward pass a column
    bl.hvp(f, (2.0, 3.0), (1.0, 0.0))           the Hessian times (1, 0), for a few times the cost of f

Which mode is cheaper is counting: reverse needs as many passes as there are outputs, forward as many as inputs. The
Hessian is the Jacobian of the gradient, and a forward pass over the gradient gives its product with one vector
(CS229, lecture 9: differentiate the inner product of gradient and vector).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..recording.arguments import check_function
from ..recording.call import Call
from ..recording.door import entry
from ..recording.trees import leaves, like
from ..source.functions import line_of, name_of
from ..table.table import primitives
from ..table.values import is_complex, plain, shape_of, size_of, units, zeros
from .passes import grad, jvp, vjp

Function = Callable[..., Any]
stack, reshape = primitives["stack"].function, primitives["reshape"].function


@entry("bl.jacobian(f)(3.0)", 'bl.jacobian(f, mode="forward")(3.0)')
def jacobian(f: Function, mode: str = "reverse") -> Function:
    """The Jacobian of f as a function of the same arguments.

    Parameters
    ----------
    f : a function of numbers and arrays that returns one of them, or a list, tuple or dict of them
    mode : "reverse" (a pass for each number of the result) or "forward" (a pass for each number of the arguments); the
        result is the same

    Returns
    -------
    A function. Its result has the structure of f's result, and in each place that of the arguments (of the one argument
    if there is one); there stands an array of the shape of the result followed by that of the argument, or a number.

    Raises
    ------
    ArgumentError : an unknown mode, or a call without positional arguments; or a complex number depends on a complex
        argument and has no single derivative (a conjugate, say)
    """
    check_function(f)
    if not isinstance(mode, str):
        raise ArgumentError(f"mode={mode!r:.40} is no mode but a number; write bl.jacobian(f)({mode!r:.40})")
    if mode not in ("reverse", "forward"):
        other = "forward" if mode.lower().startswith("f") else "reverse"
        raise ArgumentError(f'there is no mode {mode!r}; write mode="{other}"')

    @entry()
    def run(*args: Any) -> Any:
        if not args:
            raise ArgumentError(f"no arguments for {name_of(f)} were given; write jacobian(f)(3.0), by position")
        value, blocks = (_by_rows if mode == "reverse" else _by_columns)(f, args)
        call = Call(f, args)
        return like(value, iter([call.structured(row) for row in blocks]))

    return run


def _units(values: list[Any]) -> Iterator[list[list[Any]]]:
    """For each number of some values, the values with a 1 there and 0 elsewhere; if it is complex, with -i too."""
    still = [zeros(x) for x in values]
    for k, x in enumerate(values):
        for unit in units(x):
            yield [[*still[:k], u, *still[k + 1 :]] for u in ((unit, -1j * unit) if is_complex(x) else (unit,))]


def _passes(
    run: Callable[[list[Any]], tuple[list[Any], list[Any]]], values: list[Any], f: Function
) -> Iterator[list[Any]]:
    """The derivatives that one pass for each number of `values` gives; a complex number takes two passes.

    `run` takes the seeds, and returns the values on the other side and their derivatives.
    """
    for first, *more in _units(values):
        others, found = run(first)
        for seed in more:
            found = [_together(a, b, is_complex(x), f) for a, b, x in zip(found, run(seed)[1], others, strict=True)]
        yield found


def _together(first: Any, second: Any, analytic: bool, f: Function) -> Any:
    """One derivative from those for seeds 1 and -i: for one that is real on the other side, its two parts.

    Raises
    ------
    ArgumentError : one complex number depends on another, and no single number is the derivative
    """
    if not analytic:
        return first + 1j * second
    a, b = np.asarray(plain(first)), np.asarray(plain(second))
    if not np.allclose(b, -1j * a, rtol=1e-8, atol=1e-12 * float(np.max(np.abs(a), initial=1.0)), equal_nan=True):
        raise ArgumentError(
            f"{name_of(f)}{line_of(f)} has no single complex derivative here: it changes differently along the real "
            "and along the imaginary axis; use bl.wirtinger, which gives both partials"
        )
    return first


def _by_rows(f: Function, args: tuple[Any, ...]) -> tuple[Any, list[list[Any]]]:
    """One reverse pass for each number of the result."""
    value, pullback = vjp(f, *args)
    inputs, results = leaves(args), leaves(value)
    rows = _passes(lambda seeds: (inputs, leaves(pullback(like(value, iter(seeds))))), results, f)
    blocks = []
    for out in results:
        mine = zip(*islice(rows, size_of(out)), strict=True)
        blocks.append([_joined(parts, shape_of(out) + shape_of(parts[0]), 0) for parts in mine])
    return value, blocks


def _by_columns(f: Function, args: tuple[Any, ...]) -> tuple[Any, list[list[Any]]]:
    """One forward pass for each number of the arguments."""
    given = leaves(args)
    value: Any = None

    def run(seeds: list[Any]) -> tuple[list[Any], list[Any]]:
        nonlocal value
        value, dot = jvp(f, args, like(args, iter(seeds)))
        return leaves(value), leaves(dot)

    columns = _passes(run, given, f)
    blocks = []
    for x in given:
        mine = zip(*islice(columns, size_of(x)), strict=True)
        blocks.append([_joined(parts, shape_of(parts[0]) + shape_of(x), -1) for parts in mine])
    return value, list(map(list, zip(*blocks, strict=True)))


def _joined(parts: Sequence[Any], shape: tuple[int, ...], axis: int) -> Any:
    """The passes' results side by side, along a new first or last axis that then gets its shape."""
    if not shape:
        return parts[0]
    side = stack(tuple(parts), axis % (len(shape_of(parts[0])) + 1))
    return side if shape_of(side) == shape else reshape(side, shape)


@entry("bl.hessian(f)(3.0)")
def hessian(f: Function) -> Function:
    """The matrix of second derivatives as a function: forward over reverse, one gradient's pass for each argument.

    Parameters
    ----------
    f : a function of numbers and arrays that returns one number

    Returns
    -------
    A function of the same arguments: a number or a matrix for one argument, a tuple of rows for several; for arrays, of
    the shape of the one argument followed by that of the other

    Raises
    ------
    ArgumentError : as `grad`
    """
    return jacobian(grad(f), mode="forward")


@entry("bl.hvp(f, (3.0,), (1.0,))")
def hvp(f: Function, primals: Sequence[Any], vectors: Sequence[Any]) -> Any:
    """The Hessian of f times a vector, for a small multiple of the cost of f, however many arguments there are.

    Parameters
    ----------
    f : a function of numbers and arrays that returns one number
    primals : its arguments
    vectors : the vector, in the arguments' structure and shapes

    Returns
    -------
    What `grad` returns: for one argument in its structure and shape, a tuple for several

    Raises
    ------
    ArgumentError : the numbers of primals and vectors differ; as `grad`
    """
    check_function(f)
    if not isinstance(primals, tuple | list) or not isinstance(vectors, tuple | list) or len(primals) != len(vectors):
        raise ArgumentError(
            "hvp takes a tuple of primals and a vector with a number for each; write hvp(f, (2.0, 3.0), (1.0, 0.0))"
        )
    return jvp(grad(f), primals, vectors)[1]
