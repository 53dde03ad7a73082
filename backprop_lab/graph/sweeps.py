"""Walk a graph the way the three passes do, and get every step to look at.

`value_sweep(graph)` computes the primals, `tangent_sweep(graph, x=1.0)` pushes derivatives forward from an input,
`adjoint_sweep(graph)` pulls them back from the output. Each is a sequence of `Step`s with the numbers before and
after, and ends with `.result`. Nothing is changed in the graph.

The order of the adjoint sweep: from the output, first operand first, and a node only when everything it influences
is done. Every arrival at a node is a step; a second arrival is followed by a step for the sum (Edelman and Johnson,
MIT 18.S096, lecture 8: x gets 10, then + 4, and is 14).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from numbers import Real
from operator import add
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError
from ..recording.door import entry
from ..recording.tape import CONSTANT
from ..table import walk
from ..table.cost import FREE
from ..table.table import BY_CODE, Cost, Primitive, primitives
from ..table.values import is_complex, settled, shape_of, size_of, zeros
from ..table.work import pull_cost, push_cost, value_cost
from . import infinite
from .graph import Graph, check_graph
from .steps import Running, Step, Sweep

__all__ = ["Step", "Sweep", "adjoint_sweep", "tangent_sweep", "value_sweep"]

CUSTOM = primitives["custom"].code


@entry("bl.value_sweep(bl.trace(f, 3.0))")
def value_sweep(graph: Graph) -> Sweep:
    """The forward pass: every input and every operation, operands first. Constants are there from the start."""
    check_graph(graph, "value_sweep(bl.trace(f, 3.0))")
    running = Running()
    for id, (code, _, _, a, b, y) in enumerate(graph.records):
        if code >= 0:
            op = BY_CODE[code]
            running.add(op.cost if _multiplies(op, y) else value_cost(op, y, op.operands(a, b)))
        if code != CONSTANT:
            running.step("value", id, None, y, y)
    return Sweep(graph, "value", running, graph.values, _stored(graph))


def _multiplies(op: Primitive, y: Any) -> bool:
    """Whether the local partials here are plain numbers: then every product is a step, also one with 0."""
    return op.elementwise and y.__class__ is float


def _stored(graph: Graph) -> int:
    """How many numbers the graph keeps: one for each node, of an array one for each element."""
    return sum(map(size_of, graph.values))


@entry("bl.tangent_sweep(bl.trace(f, 3.0), 1.0)")
def tangent_sweep(graph: Graph, /, *args: Any, **seeds: Any) -> Sweep:
    """Forward mode: how fast each node changes when the inputs change at the given rates.

    Parameters
    ----------
    graph : the traced function
    args, seeds : the rate of each input, by position or by name (`x=1.0`); inputs not named have rate 0

    Raises
    ------
    ArgumentError : a seed for something that is not an input, or no seed at all
    """
    check_graph(graph, "tangent_sweep(bl.trace(f, 3.0), 1.0)")
    given = _rates(graph, args, seeds)
    running = Running()
    dots: list[Any] = []  # None for what does not move: it has no slope to multiply, whatever its size
    numbers: list[Any] = []
    for id, name in enumerate(graph.names[: len(graph.input_names)]):
        dot = given.get(name)
        numbers.append(zeros(graph.values[id]) if dot is None else dot)
        dots.append(None if _is_zero(numbers[id]) else dot)
        running.step("seed", id, None, numbers[id], numbers[id])
    count = len(dots)
    unit = {id for id, dot in enumerate(dots) if dot.__class__ is float and dot == 1.0}
    with np.errstate(all="ignore"):
        for dot in walk.forward(graph.records, dots, _push):
            code, _, _, _, _, y = record = graph.records[len(dots)]
            numbers.append(zeros(y) if dot is None else dot)
            if code != CONSTANT:
                if dot is not None:
                    running.add(_push_cost(record, dots, unit))
                running.step("tangent", len(dots), None, numbers[-1], numbers[-1])
            dots.append(dot)
        if infinite.has_nan(numbers):
            exact = infinite.tangents(graph.records, dots[:count])
            if exact is not None:
                numbers = [zeros(y) if x is None else x for x, y in zip(exact, graph.values, strict=True)]
                running.rows = [(kind, id, -1, 0, None, numbers[id], numbers[id]) for kind, id, *_ in running.rows]
    return Sweep(graph, "tangent", running, numbers, 0)


def all_tangents_cost(graph: Graph) -> Cost:
    """What the tangent sweeps from all inputs cost together, each with the seed 1.

    Where all nodes are numbers they go side by side, the tangents of a node in all sweeps as one array.
    """
    total, many = Cost(), len(graph.input_names)
    ours = [(BY_CODE[code], y) for code, *_, y in graph.records if code >= 0]
    if not all(_multiplies(op, y) for op, y in ours):
        for name in graph.names[:many]:
            counts = tangent_sweep(graph, **{name: 1.0}).counts
            total = total.plus(Cost(*(counts[kind] for kind in Cost._fields)))
        return total
    dots, moving = list(np.eye(many)), list(np.eye(many, dtype=bool))
    for code, i, j, a, b, y in graph.records[many:]:
        op, dot, moves = BY_CODE[code], np.zeros(many), np.zeros(many, dtype=bool)
        ids = op.ids(i, j) if code >= 0 else ()
        with np.errstate(all="ignore"):
            for slot, id in enumerate(ids):
                if moving[id].any():
                    dot[moving[id]] += op.slope(slot, y, op.operands(a, b)) * dots[id][moving[id]]
                    moves |= moving[id]
        for which in product((False, True), repeat=len(ids)):  # the sweeps where these operands move
            here = np.all([(dots[id] != 0) == moved for id, moved in zip(ids, which, strict=True)], axis=0)
            slots = tuple([(slot, id < many) for slot, id in enumerate(ids) if which[slot]])
            total = total.plus(_sum_cost(op, slots), int(here.sum()))
        dots.append(dot)
        moving.append(moves)
    return total


def _push(op: Primitive, dots: Sequence[Any], y: Any, operands: tuple[Any, ...]) -> Any:
    """The tangent of an operation."""
    if _multiplies(op, y):  # the same of numbers alone, where there are no shapes to look at: a third of a sweep's time
        total = None
        for slot, dot in enumerate(dots):
            if dot is not None and (partial := op.partials[slot]) != "0":
                term = dot if partial == "1" else op.slope(slot, y, operands) * dot
                total = term if total is None else total + term
        if total is None or total.__class__ is float:
            return total
    dot = op.push(dots, y, operands)
    return None if dot is None else settled(dot)


def _push_cost(record: walk.Record, dots: Sequence[Any], unit: set[int]) -> Cost:
    """What a tangent costs, given those before it; `unit` has the inputs whose own is the seed 1."""
    code, i, j, a, b, y = record
    op = BY_CODE[code]
    ids = op.ids(i, j)
    if _multiplies(op, y):  # a 0 never gets off the ground, and costs nothing worth counting
        return _sum_cost(op, tuple([(slot, id in unit) for slot, id in enumerate(ids) if dots[id]]))
    cost, terms = Cost(), 0
    for slot, id in enumerate(ids[:1] if op.variadic else ids):
        if dots[id] is not None and not _is_zero(dots[id]) and op.moves(slot):
            cost = cost.plus(push_cost(op, slot, dots[id], y, op.operands(a, b)))
            terms += 1
    return cost.plus(Cost(0, max(terms - 1, 0)), size_of(y))


def push_terms(graph: Graph, id: int) -> tuple[list[list[int]], int]:
    """What the tangent of a node costs, operand by operand, for who knows later which of them move.

    Returns
    -------
    tuple : of each operand its node, multiplications, additions and calls, and how many multiplications there are if it
        is the input that moves at rate 1; and how many additions the sum of two terms takes
    """
    code, i, j, a, b, y = graph.records[id]
    op, terms = BY_CODE[code], []
    ids = op.ids(i, j)
    for slot, k in enumerate(ids[:1] if op.variadic else ids):
        if not op.moves(slot):
            continue
        x = graph.values[k]
        if _multiplies(op, y):
            cost, unit = _product_cost(op, slot, False), _product_cost(op, slot, True)
        else:
            cost = unit = push_cost(op, slot, np.ones(shape_of(x)) if shape_of(x) else 1.0, y, op.operands(a, b))
        terms.append([k, *cost, unit.multiplications])
    return terms, size_of(y)


@cache
def _sum_cost(op: Primitive, moving: tuple[tuple[int, bool], ...]) -> Cost:
    """What a sum of local partials times tangents costs: of which operands, each with whether its own is the seed 1."""
    cost = Cost(0, max(len(moving) - 1, 0))
    for slot, unit in moving:
        cost = cost.plus(_product_cost(op, slot, unit))
    return cost


@cache
def _product_cost(op: Primitive, slot: int, unit: bool) -> Cost:
    """What a local partial and the product with it cost; a product with the seed 1 is free."""
    return op.partial_costs[slot].plus(Cost(not (unit or op.partials[slot] in FREE)))


def _rates(graph: Graph, args: tuple[Any, ...], seeds: dict[str, Any]) -> dict[str, Any]:
    names = graph.names[: len(graph.input_names)]
    inputs = f"of the inputs {', '.join(names)}" if names else "and this graph has no inputs"
    write = f"write tangent_sweep(graph, {names[0] if names else 'x'}=1.0)"
    given = dict(zip(names, args, strict=False)) | seeds
    unknown = [k for k in given if k not in names]
    if unknown:
        raise ArgumentError(f"{unknown[0]} is not one {inputs}, and a tangent sweep starts from inputs; {write}")
    if len(args) > len(names):
        raise ArgumentError(f"{len(args)} rates are too many, one for each {inputs}; {write}")
    if not given:
        raise ArgumentError(f"a tangent sweep needs to know which input moves, {inputs}; {write}")
    return {name: _rate(rate, graph[name].value, f"the rate of {name}") for name, rate in given.items()}


def _rate(x: Any, like: Any, what: str) -> Any:
    """A tangent or an adjoint that was given, in the shape of its value."""
    shape = shape_of(like)
    if not shape and not isinstance(like, complex):
        if not isinstance(x, Real):
            raise ArgumentError(f"{what} must be a number, not {type(x).__name__} {x!r:.40}; write 1.0, say")
        return float(x)
    try:
        found = np.array(x, dtype=complex if is_complex(like) else float)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.shape != shape:
        raise ArgumentError(f"{what} must be an array of shape {shape}, as its value; write np.ones({shape}), say")
    return settled(found)


def _is_zero(x: Any) -> bool:
    return x == 0.0 if isinstance(x, float) else not np.any(x)


@entry("bl.adjoint_sweep(bl.trace(f, 3.0))")
def adjoint_sweep(graph: Graph, seed: Any = 1.0) -> Sweep:
    """Reverse mode: how fast the output changes with each node, from one pass back over the graph.

    Constants get adjoints too, because they are instructive; the counts leave them out, as an engine would.

    Parameters
    ----------
    graph : the traced function
    seed : the output's own adjoint, in its shape; with several outputs one each, in order or by name

    Raises
    ------
    ArgumentError : several outputs and one seed, or a seed for something that is not an output
    """
    check_graph(graph, "adjoint_sweep(bl.trace(f, 3.0))")
    seeds = _seeds(graph, seed)
    with np.errstate(all="ignore"):
        sweep = _adjoints(graph, seeds, NUMBERS)
        if infinite.has_nan(sweep.numbers) and infinite.has_signs(graph.records):
            sweep = _adjoints(graph, seeds, RATES)
    return sweep


class _Kind(NamedTuple):
    """What goes back: how it is made of a seed, sent by an operation, added, and shown in the shape of its value."""

    made: Callable[[Any], Any]
    pull: Callable[..., walk.Sent]
    plus: Callable[[Any, Any], Any]
    shown: Callable[[Any, Any], Any]


def _pull(op: Primitive, slots: Sequence[int], bar: Any, y: Any, operands: tuple[Any, ...]) -> walk.Sent:
    if _multiplies(op, y):
        return ((slot, bar * op.slope(slot, y, operands)) for slot in slots)
    return ((slot, settled(sent)) for slot, sent in op.pull(slots, bar, y, operands))


def _pull_rate(op: Primitive, slots: Sequence[int], rate: Any, y: Any, operands: tuple[Any, ...]) -> walk.Sent:
    sent = dict(infinite.pull(op, slots, rate, y, operands))
    return ((slot, sent.get(slot, {})) for slot in slots if slot in sent or _multiplies(op, y))


NUMBERS = _Kind(lambda seed: seed, _pull, add, lambda bar, like: bar)
RATES = _Kind(infinite.rate_of, _pull_rate, infinite.plus, infinite.told)  # where 0 meets an infinite slope


def _adjoints(graph: Graph, seeds: list[tuple[int, Any]], kind: _Kind) -> Sweep:
    """The steps back over a graph."""
    bars: list[Any] = [None] * len(graph)
    numbers: list[Any] = [None] * len(graph)  # the bars as they are shown
    running, varies = Running(), graph.varies

    def arrives(id: int, bar: Any) -> None:
        bars[id] = bar if bars[id] is None else kind.plus(bars[id], bar)
        numbers[id] = kind.shown(bars[id], graph.values[id])

    for id, start in seeds:
        before = numbers[id]
        arrives(id, kind.made(start))
        running.step("seed", id, before, numbers[id], start)
    seeded = (id for id in graph.output_ids if numbers[id].__class__ is float and not graph.uses[id])
    unit = {id for id in seeded if numbers[id] == 1.0}
    for id, child, slot, sent in walk.back(graph.records, bars, reverse_order(graph), lambda id: True, kind.pull):
        if varies[id]:
            running.add(_pull_cost(graph, child, slot, numbers[child], child in unit))
        before = numbers[id]
        arrives(id, sent)
        if before is None:
            running.step("contribution", id, 0.0, numbers[id], numbers[id], child, slot)
            continue
        amount = kind.shown(sent, graph.values[id])
        running.step("contribution", id, before, before, amount, child, slot)
        if varies[id]:
            running.add(Cost(0, size_of(amount)))
        running.step("sum", id, before, numbers[id], amount, child, slot)
    for id in range(len(graph.input_names)):  # an input that the output does not depend on
        if numbers[id] is None:
            numbers[id] = zeros(graph.values[id])
    # a checkpointed function keeps more while it is gone back through, one at a time
    held = max((b[0].held(a) for code, _, _, a, b, _ in graph.records if code == CUSTOM), default=0)
    return Sweep(graph, "adjoint", running, numbers, _stored(graph) + held)


def _pull_cost(graph: Graph, child: int, slot: int, bar: Any, unit: bool) -> Cost:
    """What one contribution costs."""
    code, _, _, a, b, y = graph.records[child]
    op = BY_CODE[code]
    if _multiplies(op, y):
        return _product_cost(op, slot, unit)
    if op.variadic and slot:
        return Cost()  # a rule for all operands at once is counted once
    return pull_cost(op, slot, bar, y, op.operands(a, b))


def _seeds(graph: Graph, seed: Any) -> list[tuple[int, Any]]:
    outputs = graph.output_ids
    if isinstance(seed, Mapping):
        by_name = {graph.names[id]: id for id in outputs}
        unknown = [k for k in seed if k not in by_name]
        if unknown:
            raise ArgumentError(
                f"{unknown[0]} is not an output, and an adjoint sweep starts from outputs; "
                f"name one of {', '.join(by_name)}"
            )
        return [(by_name[k], _rate(v, graph[k].value, f"the seed of {k}")) for k, v in seed.items()]
    if isinstance(seed, tuple | list) and not (graph.single and shape_of(graph.value)):
        if len(seed) != len(outputs):
            raise ArgumentError(f"{len(outputs)} outputs and {len(seed)} of their seeds; give one seed for each output")
        return [(id, _rate(s, graph.values[id], "a seed")) for id, s in zip(outputs, seed, strict=True)]
    if len(outputs) > 1:
        example = ", ".join(["1.0"] + ["0.0"] * (len(outputs) - 1))
        raise ArgumentError(f"this graph has {len(outputs)} outputs; give one seed for each, such as seed=({example})")
    return [(outputs[0], _rate(seed, graph.values[outputs[0]], "the seed"))]


def reverse_order(graph: Graph) -> Iterator[int]:
    """Node numbers from the outputs back: first operand first, and none before everything it influences is done."""
    waiting = [0] * len(graph)  # for each node, how many of its uses lead to an output and are still to come
    for id, needed in enumerate(graph.needed):
        if needed:
            for parent in graph.operand_ids(id):
                waiting[parent] += 1
    stack = [id for id in dict.fromkeys(reversed(graph.output_ids)) if waiting[id] == 0]
    while stack:
        id = stack.pop()
        yield id
        for parent in reversed(graph.operand_ids(id)):
            waiting[parent] -= 1
            if waiting[parent] == 0:
                stack.append(parent)
