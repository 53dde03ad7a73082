"""A function and its gradient as one graph: the reverse sweep recorded on the same tape as the forward one.

`value_and_gradient(f, example)` is what `bl.compile` writes down for functions of arrays. Nothing is special about the
second half: the rules of the table are made of the table's entries, so running them on recording values records them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..derivatives.custom import sent_to
from ..errors import DomainError, TraceError
from ..graph.graph import Graph
from ..graph.infinite import has_nan
from ..graph.replay import Way
from ..recording.arguments import check_output
from ..recording.call import Call
from ..recording.tape import Tape
from ..recording.traced import value_at
from ..recording.trees import is_tree, leaves, mapped
from ..source import frames
from ..table.table import BY_CODE, Primitive
from ..table.values import is_complex, is_traced, plain, shape_of
from ..table.walk import again, back


class Unrolled(NamedTuple):
    """The graph of a function's value and gradient."""

    graph: Graph  # its outputs are the function's results
    bars: dict[int, int | None] | None  # the node that is each input's adjoint, if asked for; None without a gradient
    forward: int  # how many nodes the function itself has computed
    steep: bool  # no bars because a slope is infinite or nan at the example: compile it elsewhere
    depends: bool  # whether the function reaches for traced values of an outer derivative


def value_and_gradient(f: Callable[..., Any], example: Sequence[Any], wanted: Sequence[int]) -> Unrolled:
    """Record f at an example, and after it the reverse sweep to the arguments at the positions `wanted`."""
    tape = Tape(sourced=True)
    call = Call(f, tuple(example))
    out = call.record(tape)
    astray = call.astray
    call.check(out)
    asked = call.inputs_of(wanted)
    ids = [tape.position_of(check_output(y, f)) for y in leaves(out)]
    forward = len(tape)
    bars: dict[int, int | None] | None = None
    own: dict[int, int] = {}
    *_, y = tape[ids[0]] if ids else (None,)
    gradient = not is_tree(out) and not shape_of(y) and not is_complex(y)
    if gradient:
        bars, own = _back_or_not(tape, ids[0], asked)
    tape.close()
    graph = Graph(tape, tape.places or [], tape.comparisons, tuple(call.names), tuple(ids), not is_tree(out), f)
    graph.structure = mapped(lambda *_: None, out)
    graph.way = Way(*astray, call, graph.output_ids, graph.structure) if astray else None
    graph, depends = settled_graph(graph)
    renamed = list(graph.names)
    for position, node in own.items():
        if node >= forward and renamed[node].startswith("v"):
            renamed[node] = f"{graph.names[position]}_bar"
    graph.__dict__["names"] = tuple(renamed)
    return Unrolled(graph, bars, forward, gradient and bars is None, depends)


frames.boundary(value_and_gradient)


def settled_graph(graph: Graph) -> tuple[Graph, bool]:
    """A graph with plain numbers in it, and whether there were traced ones: of an outer derivative, by a closure."""
    if not any(map(is_traced, graph.values)):
        return graph, False
    values = list(map(plain, graph.values))
    records = [again(record, values, y) for record, y in zip(graph.records, values, strict=True)]
    comparisons = [c._replace(a=plain(c.a), b=plain(c.b)) for c in graph.comparisons]
    settled = graph.like(records, comparisons, graph.output_ids, graph.single)
    settled.structure = graph.structure
    return settled, True


def _back_or_not(tape: Tape, output: int, asked: Sequence[int]) -> tuple[dict[int, int | None] | None, dict[int, int]]:
    """The reverse sweep, or nothing where it meets an infinite slope or a nan: rules decide by the numbers there."""
    forward, compared = len(tape), len(tape.comparisons)
    try:
        found = _go_back(tape, output, asked)
        if not has_nan(plain(y) for *_, y in tape[forward:]):
            return found
    except (DomainError, ArithmeticError):
        pass
    for column in (tape, tape.places, tape.log.marks):
        del column[forward:]
    del tape.comparisons[compared:]
    return None, {}


def _go_back(tape: Tape, output: int, asked: Sequence[int]) -> tuple[dict[int, int | None], dict[int, int]]:
    """Record the reverse sweep; the ids of the asked inputs' adjoints, and for each position that of its own."""
    moves = [k in asked for k in range(len(tape))]
    for k, (code, i, j, *_) in enumerate(tape):
        moves[k] = moves[k] or code >= 0 and any(moves[p] for p in BY_CODE[code].ids(i, j))
    bars: list[Any] = [None] * len(tape)
    bars[output] = 1.0
    values = [value_at(tape, k) for k in range(len(tape))]  # recording values: rules that run on them are recorded
    records = [again(record, values, y) for record, y in zip(tape, values, strict=True)]
    came: list[int] = []  # in the order of the sweep: of two that share an adjoint, the first gives it its name
    with np.errstate(all="ignore"):
        for id, _, _, sent in back(records, bars, range(output, -1, -1), moves.__getitem__, _pull):
            if bars[id] is None:
                came.append(id)
            bars[id] = sent if bars[id] is None else bars[id] + sent
    own = {p: bars[p]._id_ for p in came if is_traced(bars[p]) and bars[p]._tape_ is tape}
    return {p: None if bars[p] is None else tape.position_of(bars[p]) for p in asked}, own


def _pull(op: Primitive, slots: Sequence[int], bar: Any, y: Any, operands: tuple[Any, ...]) -> list[tuple[int, Any]]:
    """What an operation sends; a rule on plain numbers cannot be recorded and stays a black box, one an argument."""
    try:
        return list(op.pull(slots, bar, y, operands))
    except TraceError:
        if op.name != "custom":
            raise
    values, rule = operands
    return [(slot, sent_to(rule, slot, y._value_)(bar, *values)) for slot in slots]
