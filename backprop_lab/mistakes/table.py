"""Misconceptions as code: each is a reverse sweep with one rule broken.

`MISCONCEPTIONS` is the table, the likeliest first. An entry names the rule it breaks; everything else is the one sweep
of `sweep.py`, so `Reverse(graph).run(entry)` answers as someone with that misconception would, at every node. To
cover another misconception, add an entry, and a sentence to `SENTENCES`. `bl.wrong_turns` and `bl.diagnose` read the
table. For arrays the rules act entry by entry, and `array_table.py` has those that only arrays bring.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import LabError
from ..table.values import is_array, shape_of, zeros
from ..text.notation import number as _text
from ..text.slots import Figure, Named, named
from .sweep import Misconception, Reverse, Use, told

MOST_DIFFERENCES = 64  # entries of an array for which difference quotients are worked out: each costs two evaluations


def _without_exponent(use: Use) -> Any:
    exponent = use.op.raised_to(use.operands) if use.slot == 0 else 1.0
    if is_array(exponent):
        return use.slope / np.where(exponent == 0, 1.0, exponent)
    return use.slope / exponent if exponent else use.slope


def _at_output(use: Use) -> Any:
    if use.op.arity != 1:
        return use.slope
    operands = (use.value, *use.operands[1:])
    if isinstance(use.value, Figure):  # the page asks the operation
        return Figure(use.slope, " ".join([named(use.slope), *map(named, operands), f"~{use.op.name}"]))
    try:
        found = use.op.slope(0, use.op.function(*operands), operands)
    except LabError:  # the result is no operand for this operation: nobody takes the derivative there
        return use.slope
    return found * 1.0 if is_array(found) else found if isinstance(found, Named) else float(found)


def _divides(use: Use) -> bool:
    return use.op.sign == "/" and use.slot == use.op.arity - 1


def _own_value(use: Use) -> Any:
    return use.operand if use.op.name == "mul" else use.slope


def _own_value_in_a_dot(bar: Any, use: Use) -> Any:
    return bar * use.operand if use.op.name == "dot" else use.pull(bar)


def _slope_but_for_copies(bar: Any, slope: Any, use: Use) -> Any:
    return bar * slope if use.op.partials[use.slot] in ("1", "-1") else slope  # a sum just copies


def _ones_in_a_product(bar: Any, use: Use) -> Any:
    return _map_of_ones(bar, use) if use.op.family == "products" else use.pull(bar)


def _map_of_ones(bar: Any, use: Use) -> Any:
    return use.pull(np.ones(shape_of(use.value)) if is_array(use.value) else 1.0)


def _difference(h: float, sides: int) -> Misconception:
    def quotient_at(sweep: Reverse, id: int, entry: Any) -> float:
        x, step = sweep.graph.values[id], h if entry is None else zeros(sweep.graph.values[id])
        if isinstance(step, np.ndarray):
            step[entry] = h
        try:
            return (sweep.output_with(id, x + step) - sweep.output_with(id, x - step * (sides - 1))) / (sides * h)
        except LabError:  # a step out of the domain
            return math.nan

    def quotient(sweep: Reverse, id: int) -> Any:
        x = sweep.graph.values[id]
        if not is_array(x):
            return quotient_at(sweep, id, None)
        if x.size > MOST_DIFFERENCES or x.dtype.kind == "b":
            return math.nan
        with np.errstate(all="ignore"):
            entries = [quotient_at(sweep, id, entry) for entry in np.ndindex(x.shape)]
        return np.reshape(np.array(entries), x.shape)

    name, text, order = (
        ("one-sided difference", "(f(x + h) − f(x)) / h", "h"),
        ("central difference", "(f(x + h) − f(x − h)) / 2h", "h²"),
    )[sides - 1]
    words = f"the difference quotient {text} with h = {_text(h)} is taken for the derivative"
    sentence = f"{words}: its error is of order {order}, a sweep has none"
    return Misconception(name, sentence, instead=quotient, approximate=True)


def _all_at_once(sweep: Reverse, id: int) -> Any:
    inputs = range(len(sweep.graph.input_names))
    return float(sum(np.sum(sweep.right[k]) for k in inputs)) if id in inputs else sweep.right[id]


def _exchanged(sweep: Reverse, id: int) -> Any:
    """Of two inputs of one shape, what belongs to the other."""
    inputs = range(len(sweep.graph.input_names))
    right = sweep.right[1 - id] if len(inputs) == 2 and id in inputs else sweep.right[id]
    return right if shape_of(right) == shape_of(sweep.right[id]) else sweep.right[id]


# What is said of each: the places are for what `diagnosis.py` knows of this graph.
SENTENCES = """
keeps the last arrival: only the last arrival at {where} is kept, {last}; {earlier} came before it, and arrivals add up
keeps the first arrival: only the first arrival at {where} is kept, {first}; then comes {later}, and arrivals add up
exponent lost: the exponent of {formula} does not come down as a factor: {lost}
factors not swapped: the product {formula} sends {where} its own value {wrong}: a factor gets the other one, {slope}
minus lost: the minus of {formula} is lost: {lost}
upstream factor lost: {where} gets the local partial of {formula}, {slope}, without the factor {bar}, the adjoint of
    {child}
local partial for the whole: one step is taken for the whole derivative: {where} gets nothing but local partials,
    {terms}, and none is multiplied by the adjoint of the node that it leads to
quotient without minus: the minus in the derivative of {formula} with respect to {where} is lost: {lost}
quotient without square: the denominator in the derivative of {formula} with respect to {where} is not squared:
    {lost}
slope at the output: the derivative of {formula} is taken at its result {result}: at {where} = {value} {lost}
used before complete: {child} passes on {bar}, the first that arrived, before it is complete: its adjoint is {full}
passes on at each arrival: {child} passes on its running total at each arrival, {bar} in all; it waits until all has
    arrived, {full}, and passes that on once
pulled back twice: {child} is used {times} times and passes its adjoint on as often: {full} is the sum already, to be
    passed on once
run twice: the sweep runs twice and nothing is zeroed in between: the second run adds to what the first one left
inputs not zeroed: {where} still holds what an earlier run left there, and this one adds to it: inputs are to be
    zeroed, too
inputs exchanged: the answers for the inputs are exchanged: {inputs} have each other's derivative
seeded with the value: the sweep starts from {value}, the value of {where}, and not from 1: an output changes as fast as
    itself
adds along a path: {where} gets {added} from {child} instead of {multiplied}; along a path, derivatives multiply
multiplies the arrivals: the arrivals at {where} are multiplied, {factors}; they add up
averages the arrivals: the arrivals at {where} are averaged, ({terms}) / {count}; they add up
all inputs in one forward sweep: one forward sweep is seeded with 1 at every input, and gives the sum of their
    derivatives: each input needs a sweep of its own
"""
# A second sentence for one of them.
ONE_USE_AFTER_THE_OTHER = """
pulled back twice: {child} is gone through once for each use, and passes on what it has each time, {bar} in all: its
    adjoint is {full}, to be passed on once
"""

MISCONCEPTIONS = told(
    SENTENCES,
    Misconception("keeps the last arrival", gather=lambda came: came[-1]),
    Misconception("keeps the first arrival", gather=lambda came: came[0]),
    Misconception("exponent lost", slope=_without_exponent),
    Misconception("factors not swapped", slope=_own_value, maps=_own_value_in_a_dot),
    Misconception("minus lost", slope=lambda use: -use.slope if use.op.partials[use.slot] == "-1" else use.slope),
    Misconception("upstream factor lost", carry=_slope_but_for_copies, maps=_ones_in_a_product),
    Misconception("local partial for the whole", carry=lambda bar, slope, use: slope, maps=_map_of_ones),
    Misconception("quotient without minus", slope=lambda use: use.slope * (-1 if _divides(use) else 1)),
    Misconception("quotient without square", slope=lambda use: use.slope * (use.operands[-1] if _divides(use) else 1)),
    Misconception("slope at the output", slope=_at_output),
    Misconception("used before complete", passes=lambda came, bar: came[0] if came else bar),
    Misconception("passes on at each arrival", recurses=1),
    Misconception("pulled back twice", passes=lambda came, bar: bar * len(came)),
    Misconception("run twice", runs=2),
    Misconception("inputs not zeroed", runs=2, zeroes=True),
    Misconception("inputs exchanged", instead=_exchanged),
    Misconception("seeded with the value", seed=lambda value: value),
    Misconception("adds along a path", carry=lambda bar, slope, use: bar + slope),
    Misconception("multiplies the arrivals", gather=math.prod),
    Misconception("averages the arrivals", gather=lambda came: sum(came) / len(came)),
    Misconception("all inputs in one forward sweep", instead=_all_at_once),
) + tuple(_difference(0.1, sides) for sides in (1, 2))


def _only_arrival(came: list[Any], bar: Any) -> Any:
    return bar if len(came) == 1 else None


# The same misconceptions in other forms, which only `bl.diagnose` tries: other step sizes, other orders of a recursion.
OTHER_FORMS = (
    *told(SENTENCES, Misconception("passes on at each arrival", recurses=-1)),
    *told(SENTENCES, *(Misconception("used before complete", recurses=k, passes=_only_arrival) for k in (1, -1))),
    *told(ONE_USE_AFTER_THE_OTHER, *(Misconception("pulled back twice", recurses=k, waits=True) for k in (1, -1))),
    *(_difference(h, sides) for h in (1.0, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6) for sides in (1, 2)),
)
