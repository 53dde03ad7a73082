"""All derivatives at once: the Jacobian, the Hessian, its product with a vector; of a complex variable both partials.

    bl.jacobian(f)(2.0, 3.0)                    a row an output, an entry an argument; one reverse pass a row
    bl.jacobian(f, mode="forward")(2.0, 3.0)    the same, one forward pass a column
    bl.hvp(f, (2.0, 3.0), (1.0, 0.0))           the Hessian times (1, 0), for a few times the cost of f

Which mode is cheaper is counting: reverse needs as many passes as there are outputs, forward as many as inputs. The
Hessian is the Jacobian of the gradient, and a forward pass over the gradient gives its product with one vector
(CS229, lecture 9: differentiate the inner product of gradient and vector).

    by_z, by_conj = bl.wirtinger(lambda z: z * np.conj(z), 1 + 2j)

With z = x + iy, d/dz = (d/dx - i d/dy) / 2 and d/dz̄ = (d/dx + i d/dy) / 2, so that df = df/dz dz + df/dz̄ dz̄ (Edelman
and Johnson, MIT 18.S096, lecture 8, call it the CR calculus). For an analytic function the second one is 0; for a real
function it is the conjugate of the first, and `bl.grad` gives twice the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..recording.arguments import as_value, check_function
from ..recording.call import Call
from ..recording.door import entry
from ..recording.trees import is_tree, leaves, like
from ..source.functions import line_of, name_of
from ..table.table import primitives
from ..table.values import is_complex, plain, settled, shape_of, size_of, units, zeros
from .passes import grad, hessian_times_arrays, jvp, vjp
from .second import hessian_times

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


def _passes(
    run: Callable[[list[Any]], tuple[list[Any], list[Any]]], values: list[Any], f: Function
) -> Iterator[list[Any]]:
    """The derivatives that one pass for each number of `values` gives; a complex number takes two passes.

    `run` takes the seeds, and returns the values on the other side and their derivatives.
    """
    still = [zeros(x) for x in values]
    for k, x in enumerate(values):
        for unit in units(x):
            others, found = run([*still[:k], unit, *still[k + 1 :]])
            if is_complex(x):
                _, turned = run([*still[:k], -1j * unit, *still[k + 1 :]])
                found = [_together(a, b, is_complex(y), f) for a, b, y in zip(found, turned, others, strict=True)]
            yield found


def _together(first: Any, second: Any, analytic: bool, f: Function) -> Any:
    """One derivative from those for seeds 1 and -i: for one that is real on the other side, its two parts. Where one
    complex number depends on another, no single number may be the derivative: an ArgumentError."""
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
    return value, _blocks(rows, results, first=True)


def _by_columns(f: Function, args: tuple[Any, ...]) -> tuple[Any, list[list[Any]]]:
    """One forward pass for each number of the arguments."""
    given = leaves(args)
    value: Any = None

    def run(seeds: list[Any]) -> tuple[list[Any], list[Any]]:
        nonlocal value
        value, dot = jvp(f, args, like(args, iter(seeds)))
        return leaves(value), leaves(dot)

    columns = _blocks(_passes(run, given, f), given, first=False)
    return value, list(map(list, zip(*columns, strict=True)))


def _blocks(passes: Iterator[list[Any]], values: list[Any], first: bool) -> list[list[Any]]:
    """The results of the passes that belong to each value, side by side: its axes come first, or last."""

    def joined(parts: Sequence[Any], own: tuple[int, ...]) -> Any:
        other = shape_of(parts[0])
        shape = own + other if first else other + own
        side = stack(tuple(parts), 0 if first else len(other)) if shape else parts[0]
        return side if shape_of(side) == shape else reshape(side, shape)

    of_each = ((zip(*islice(passes, size_of(x)), strict=True), shape_of(x)) for x in values)
    return [[joined(parts, shape) for parts in mine] for mine, shape in of_each]


@entry("bl.hessian(f)(3.0)")
def hessian(f: Function) -> Function:
    """The matrix of second derivatives as a function: the gradient is recorded once, and passed back over for each row.

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
    return jacobian(grad(f))


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
    if primals and all(x.__class__ is float for x in (*primals, *vectors)):
        found = hessian_times(f, primals, vectors)
        if found is not None:
            return tuple(found) if len(found) > 1 else found[0]
    else:
        found = hessian_times_arrays(f, primals, vectors)
        if found is not None:
            return found
    return jvp(grad(f), primals, vectors)[1]


@entry("bl.wirtinger(f, 1 + 2j)")
def wirtinger(f: Function, z: Any) -> tuple[Any, Any]:
    """Both partials of a function of one complex variable: (df/dz, df/dz̄).

    Parameters
    ----------
    f : a function of a complex number or array that returns one (or a real one)
    z : where

    Returns
    -------
    Two numbers, or arrays of the shape of the result followed by that of z

    Raises
    ------
    ArgumentError : z or the result is not a number or an array
    """
    at = as_value(z, "z", f, whole="allowed")
    at = at.astype(complex) if isinstance(at, np.ndarray) else complex(at) if isinstance(at, float) else at
    value, pullback = vjp(f, at)
    if is_tree(value):
        raise ArgumentError(f"{name_of(f)} returns several values; return one number or one array")
    if shape_of(value):
        return _both_ways(f, at, shape_of(value))
    # Seeded with 1, the reverse pass gives 2 du/dz for the real part u; with -i, 2 dv/dz for the imaginary part v.
    real = pullback(1.0 + 0.0j if is_complex(value) else 1.0)[0]
    imaginary = pullback(-1.0j)[0] if is_complex(value) else 0.0 * real
    return (real + 1j * imaginary) / 2, settled((np.conj(real) + 1j * np.conj(imaginary)) / 2)


def _both_ways(f: Function, at: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """The same from two forward passes for each number of z, one along the real and one along the imaginary axis."""
    by_z, by_conj = [], []
    for unit in units(at):
        across, along = (jvp(f, (at,), (settled(unit * step),))[1] for step in (1.0, 1j))
        by_z.append((across - 1j * along) / 2)
        by_conj.append((across + 1j * along) / 2)
    return tuple(np.stack(parts, axis=-1).reshape(shape + shape_of(at)) for parts in (by_z, by_conj))  # type: ignore[return-value]
