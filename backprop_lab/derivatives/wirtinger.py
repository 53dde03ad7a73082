"""Derivatives of functions of a complex variable, analytic or not: both Wirtinger partials.

    by_z, by_conj = bl.wirtinger(lambda z: z * np.conj(z), 1 + 2j)

With z = x + iy, d/dz = (d/dx - i d/dy) / 2 and d/dz̄ = (d/dx + i d/dy) / 2, so that df = df/dz dz + df/dz̄ dz̄ (Edelman
and Johnson, MIT 18.S096, lecture 8, call it the CR calculus). For an analytic function the second one is 0; for a real
function it is the conjugate of the first, and `bl.grad` gives twice the first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..recording.arguments import as_value
from ..recording.door import entry
from ..recording.trees import is_tree
from ..source.functions import name_of
from ..table.values import is_complex, settled, shape_of, units
from .passes import jvp, vjp


@entry("bl.wirtinger(f, 1 + 2j)")
def wirtinger(f: Callable[..., Any], z: Any) -> tuple[Any, Any]:
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
        return _by_columns(f, at, shape_of(value))
    # Seeded with 1, the reverse pass gives 2 du/dz for the real part u; with -i, 2 dv/dz for the imaginary part v.
    real = pullback(1.0 + 0.0j if is_complex(value) else 1.0)[0]
    imaginary = pullback(-1.0j)[0] if is_complex(value) else 0.0 * real
    return (real + 1j * imaginary) / 2, settled((np.conj(real) + 1j * np.conj(imaginary)) / 2)


def _by_columns(f: Callable[..., Any], at: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """The same from two forward passes for each number of z, one along the real and one along the imaginary axis."""
    by_z, by_conj = [], []
    for unit in units(at):
        across, along = (jvp(f, (at,), (settled(unit * step),))[1] for step in (1.0, 1j))
        by_z.append((across - 1j * along) / 2)
        by_conj.append((across + 1j * along) / 2)
    return tuple(np.stack(parts, axis=-1).reshape(shape + shape_of(at)) for parts in (by_z, by_conj))  # type: ignore[return-value]
