"""The sentence for an operation whose operands do not fit: their shapes, and what the student calls them."""

from __future__ import annotations

import sys
from typing import Any

from ...errors import TraceError
from ...source import frames
from ...source.places import find_place
from ...table.entry import Primitive
from ...table.values import shape_of
from .wording import Scene, written

__all__ = ["misfit"]

frames.engine_module(globals())


def misfit(op: Primitive, operands: tuple[Any, ...], error: Exception) -> TraceError:
    """The sentence for an error that NumPy raised for these operands."""
    if op.name == "index":
        advice = "use whole numbers, slices, or an array of whole numbers or of truth values, inside the shape"
        return TraceError(f"this index does not fit an array of shape {shape_of(operands[0])}; {advice}")
    nodes, _ = op.parted(operands)
    place = find_place(sys._getframe(1))
    names = place.operands if place is not None and not op.variadic else ()
    called = [names[k] if k < len(names) and names[k] else arg for k, arg in enumerate(op.args)]
    called = [f"operand {k + 1}" for k in range(len(nodes))] if op.variadic else called
    shapes = " and ".join(f"{name} has shape {shape_of(x)}" for name, x in zip(called, nodes, strict=True))
    advice = op.fits
    function = written(getattr(Scene().call, "func", None), 30)
    what = "@" if op.sign == "@" else op.symbol if op.operator else f"np.{op.name}"
    what = function if function.startswith("np.") else what
    reason = "" if op.many or op.arity > 1 else f" ({' '.join(str(error).split())})"
    if reason and op.name != "reshape":
        empty = any(0 in shape_of(x) for x in nodes)
        advice = "give it an array with numbers in it" if empty else "check its shape and the axes"
    return TraceError(f"{what} does not fit: {shapes}{reason}; {advice}")
