"""Misconceptions about arrays: transposes and outer products forgotten, slopes of activations, sums over a batch.

`ARRAY_MISCONCEPTIONS` is the table, the likeliest first; its entries change nothing where only numbers flow.
`rules_for(sweep)` has all entries that are tried on a graph. Their sentences have places for shapes as well, which
`shape_fields` fills.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np

from ..graph.array_rules import called, over, spread_axes
from ..table.rules import count
from ..table.values import is_array, shape_of
from .sweep import RIGHT, Misconception, Misfit, Reverse, Use, told
from .table import MISCONCEPTIONS

OUTER = (("matvec", 0), ("vecmat", 1))  # where the rule is an outer product
PRODUCTS = (*OUTER, ("matmul", 0), ("matmul", 1))

Map = Callable[[Any, Use], Any]


def _for(rules: Mapping[tuple[str, int], Map]) -> Map:
    """Another rule for some operands of some maps, by the operation's name and the operand's place."""
    return lambda bar, use: rules.get((use.op.name, use.slot), RIGHT.maps)(bar, use)


_UNTRANSPOSED: dict[tuple[str, int], Map] = {
    ("matvec", 1): lambda bar, use: use.other @ bar,
    ("vecmat", 0): lambda bar, use: bar @ use.other,
    ("matmul", 0): lambda bar, use: bar @ use.other,
    ("matmul", 1): lambda bar, use: use.other @ bar,
    ("transpose", 0): lambda bar, use: bar,
}


def _turned_round(bar: Any, use: Use) -> Any:
    return np.swapaxes(use.pull(bar), -2, -1)


def _is_activation(use: Use) -> bool:
    """Whether an array goes through a function entry by entry: relu, tanh, also np.maximum(z, 0)."""
    op = use.op
    if not (op.elementwise and is_array(use.value) and is_array(use.operand)):
        return False
    if op.arity == 2:  # of an array and a number
        return op.family == "activations" and not is_array(use.other)
    return op.family not in ("arithmetic", "powers")


def _passed_through(bar: Any, slope: Any, use: Use) -> Any:
    return bar if _is_activation(use) else bar * slope


def _slope_at_bar(bar: Any, slope: Any, use: Use) -> Any:
    if not _is_activation(use):
        return bar * slope
    operands = tuple(bar if k == use.slot else x for k, x in enumerate(use.operands))
    return bar * use.op.slope(use.slot, use.op.function(*operands), operands)


def _averaged(sent: Any, use: Use) -> Any:
    """The mean over what broadcasting had repeated."""
    return use.fit(sent) * (prod(shape_of(use.operand)) / max(prod(shape_of(sent)), 1))


def _undivided(bar: Any, use: Use) -> Any:
    return use.pull(bar) / (count(use.operand, use.value) if use.op.name == "sum" else 1)


def _divided(bar: Any, use: Use) -> Any:
    return use.pull(bar) * (count(use.operand, use.value) if use.op.name == "mean" else 1)


SENTENCES = """
transpose forgotten: {other} goes into what {where} gets as it is, with the shape {other_shape}; the rule has its
    transpose there, of shape {other_turned}{misfit}
outer product forgotten: the adjoint of {child}, of shape {child_shape}, and {other}, of shape {other_shape}, are
    multiplied entry by entry{misfit}; {where} has the shape {where_shape} and gets their outer product
outer product in the wrong order: the product for {where} is turned round, with the shape {where_turned}; {where} has
    the shape {where_shape}
inner product for the outer: the adjoint of {child}, of shape {child_shape}, and {other}, of shape {other_shape}, make
    one number, their inner product{misfit}; {where} has the shape {where_shape} and gets their outer product
slope of the activation forgotten: {child} passes its adjoint to {where} as it is; each entry is multiplied by the slope
    of {formula}, {slope}
slope taken at the adjoint: the slope of {formula} is taken at the adjoint of {child}; it is taken at {where}, where it
    is {slope}
function for its slope: the adjoint of {child} is multiplied by {formula} itself, {wrong}, not by its slope, {slope}
not summed over what was repeated: what comes back from {child} keeps the shape {child_shape}; broadcasting had repeated
    {where}, of shape {where_shape}, along {axes}, so it is summed over {axes}
mean over what was repeated: a mean is taken over {axes}, along which broadcasting had repeated {where}, from the shape
    {where_shape} to {child_shape}; what comes back is summed
mean for sum: {formula} is taken for a mean: a sum of {parts} entries sends its adjoint to each of them, undivided
sum for mean: {formula} is taken for a sum: a mean of {parts} entries sends each of them 1/{parts} of its adjoint
"""

ARRAY_MISCONCEPTIONS = told(
    SENTENCES,
    Misconception("transpose forgotten", maps=_for(_UNTRANSPOSED)),
    Misconception("outer product forgotten", maps=_for(dict.fromkeys(OUTER, lambda bar, use: bar * use.other))),
    Misconception("outer product in the wrong order", maps=_for(dict.fromkeys(PRODUCTS, _turned_round))),
    Misconception("inner product for the outer", maps=_for(dict.fromkeys(OUTER, lambda bar, use: bar @ use.other))),
    Misconception("slope of the activation forgotten", carry=_passed_through),
    Misconception("slope taken at the adjoint", carry=_slope_at_bar),
    Misconception("function for its slope", slope=lambda use: use.value if _is_activation(use) else use.slope),
    Misconception("not summed over what was repeated", fits=lambda sent, use: sent),
    Misconception("mean over what was repeated", fits=_averaged),
    Misconception("mean for sum", maps=_undivided),
    Misconception("sum for mean", maps=_divided),
)


def rules_for(sweep: Reverse) -> tuple[Misconception, ...]:
    """The misconceptions that are tried on a graph, the likeliest first."""
    return (*ARRAY_MISCONCEPTIONS, *MISCONCEPTIONS) if sweep.arrays else MISCONCEPTIONS


def shape_fields(sweep: Reverse, where: int, use: Use, came: Any) -> dict[str, str]:
    """What a sentence may mention of the shapes at a use of a node, where this came."""
    child, node = sweep.graph.nodes[use.child], sweep.graph.nodes[where]
    other = child.parents[1 - use.slot] if use.op.arity == 2 else None
    shapes = {"child": shape_of(use.value), "where": shape_of(node.value)}
    shapes["other"] = shapes["child"] if other is None else shape_of(other.value)
    axes = spread_axes(child, use.slot) if shapes["child"] != shapes["where"] else ()
    return {
        **{f"{name}_shape": str(shape) for name, shape in shapes.items()},
        "where_turned": str(turned(shapes["where"])),
        "other": called(other) if other is not None else f"the adjoint of {called(child)}",
        "other_turned": str(turned(shapes["other"])),
        "misfit": f", and the shapes {came.first} and {came.second} do not fit" if isinstance(came, Misfit) else "",
        "axes": over(child, axes),
        "parts": f"{count(use.operand, use.value):g}",
    }


def turned(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the transpose."""
    return (*shape[:-2], *shape[-2:][::-1])
