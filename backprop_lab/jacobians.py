"""All derivatives at once: the Jacobian by columns or by rows, the Hessian, and a Hessian times a vector without it.

    bl.jacobian(f)(2.0, 3.0)                    a row an output, an entry an argument; one reverse pass a row
    bl.jacobian(f, mode="forward")(2.0, 3.0)    the same, one forward pass a column
    bl.hvp(f, (2.0, 3.0), (1.0, 0.0))           the Hessian times (1, 0), for a few times the cost of f

Which mode is cheaper is counting: reverse needs as many passes as there are outputs, forward as many as inputs. The
Hessian is the Jacobian of the gradient, and a forward pass over the gradient gives its product with one vector
(CS229, lecture 9: differentiate the inner product of gradient and vector).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from . import source
from .derive import grad, jvp, vjp
from .errors import ArgumentError
from .source import name_of

__all__ = ["hessian", "hvp", "jacobian"]

source.engine_module(globals())
Function = Callable[..., Any]


def jacobian(f: Function, mode: str = "reverse") -> Function:
    """The Jacobian of f as a function of the same arguments.

    Parameters
    ----------
    f : a function of numbers that returns one number or a tuple of them
    mode : "reverse" (a pass for each output) or "forward" (a pass for each argument); the result is the same

    Returns
    -------
    A function. Its result has f's structure, with a number (one argument) or a tuple (several) for each output.

    Raises
    ------
    ArgumentError : an unknown mode, or a call without positional arguments
    """
    if mode not in ("reverse", "forward"):
        raise ArgumentError(f'there is no mode {mode!r}; write mode="reverse" or mode="forward"')

    def run(*args: Any) -> Any:
        if not args:
            raise ArgumentError(f"give the arguments of {name_of(f)} by position, as in jacobian(f)(3.0)")
        single, rows = (_rows if mode == "reverse" else _columns)(f, args)
        rows = [row[0] if len(args) == 1 else tuple(row) for row in rows]
        return rows[0] if single else tuple(rows)

    return run


def _unit(size: int, place: int) -> tuple[float, ...]:
    return tuple(float(k == place) for k in range(size))


def _rows(f: Function, args: tuple[Any, ...]) -> tuple[bool, list[Sequence[Any]]]:
    """One reverse pass for each output."""
    value, pullback = vjp(f, *args)
    if not isinstance(value, tuple):
        return True, [pullback(1.0)]
    return False, [pullback(_unit(len(value), k)) for k in range(len(value))]


def _columns(f: Function, args: tuple[Any, ...]) -> tuple[bool, list[Sequence[Any]]]:
    """One forward pass for each argument; the columns are then read as rows."""
    columns = [jvp(f, args, _unit(len(args), k))[1] for k in range(len(args))]
    if not isinstance(columns[0], tuple):
        return True, [columns]
    return False, list(zip(*columns, strict=True))


def hessian(f: Function) -> Function:
    """The matrix of second derivatives as a function: forward over reverse, one gradient's pass for each argument.

    Parameters
    ----------
    f : a function of numbers that returns one number

    Returns
    -------
    A function of the same arguments: one number for one argument, a tuple of rows for several

    Raises
    ------
    ArgumentError : as `grad`
    """
    return jacobian(grad(f), mode="forward")


def hvp(f: Function, primals: Sequence[Any], vectors: Sequence[Any]) -> Any:
    """The Hessian of f times a vector, for a small multiple of the cost of f, however many arguments there are.

    Parameters
    ----------
    f : a function of numbers that returns one number
    primals : its arguments
    vectors : the vector, one number for each argument

    Returns
    -------
    One number for one argument, a tuple for several

    Raises
    ------
    ArgumentError : the numbers of primals and vectors differ; as `grad`
    """
    if not isinstance(primals, tuple | list) or not isinstance(vectors, tuple | list) or len(primals) != len(vectors):
        raise ArgumentError(
            "hvp takes a tuple of primals and a vector with a number for each; write hvp(f, (2.0, 3.0), (1.0, 0.0))"
        )
    return jvp(grad(f), primals, vectors)[1]
