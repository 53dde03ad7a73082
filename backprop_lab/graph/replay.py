"""Run the operations of a graph again on other inputs, without the function that it was traced from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, DomainError
from ..recording.arguments import as_value
from ..recording.tape import INPUT, Comparison, Record
from ..source import frames
from ..table.table import BY_CODE, Primitive
from ..table.values import shape_of

__all__ = ["given_numbers", "replayed"]

frames.engine_module(globals())


def replayed(graph: Any, given: dict[str, Any]) -> tuple[list[Record], list[Comparison]]:
    """The records and comparisons of a `Graph` with other numbers for some inputs, by name.

    Raises
    ------
    ArgumentError : a comparison comes out otherwise
    DomainError : an operation leaves its domain with these inputs
    """
    records: list[Record] = []
    values: list[Any] = []
    comparisons = list(graph.comparisons)
    guards = sorted(range(len(comparisons)), key=lambda k: _last(comparisons[k]), reverse=True)
    for id, (code, i, j, a, b, y) in enumerate(graph.records):
        while guards and _last(comparisons[guards[-1]]) < id:
            k = guards.pop()  # at once, because what follows may leave a domain on the wrong branch
            comparisons[k] = _same_branch(comparisons[k], values)
        if code >= 0:
            op, ids = BY_CODE[code], BY_CODE[code].ids(i, j)
            operands, settings = [values[p] for p in ids], op.settings(b)
            y = _evaluated(graph, id, op, op.joined(operands, settings))
            records.append(op.record(ids, operands, settings, y))
        else:
            y = given.get(graph.names[id], y) if code == INPUT else y
            records.append((code, i, j, a, b, y))
        values.append(y)
    for k in guards:
        comparisons[k] = _same_branch(comparisons[k], values)
    return records, comparisons


def given_numbers(graph: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The new numbers by name, by the arguments of `graph.replay`.

    Raises
    ------
    ArgumentError : an unknown input, one that is given twice, or one of another shape
    """
    names = graph.names[: len(graph.input_names)]
    known = f"the inputs of this graph are {', '.join(names)}"
    if len(args) > len(names):
        raise ArgumentError(f"{known}, and replay got {len(args)} numbers; give one for each, or some by name")
    given = dict(zip(names, args, strict=False))
    for key, value in kwargs.items():
        if key not in names:
            raise ArgumentError(f"{key} is not an input: {known}; give their new numbers by name")
        if key in given:
            raise ArgumentError(f"replay got {key} twice, by position and by name; give it once")
        given[key] = value
    given = {key: as_value(value, key, graph.function) for key, value in given.items()}
    for key, value in given.items():
        was = shape_of(graph.values[names.index(key)])
        if shape_of(value) != was:
            raise ArgumentError(
                f"{key} has shape {shape_of(value)}, and the graph was traced with shape {was}; trace the function "
                "again for other shapes"
            )
    return given


def _last(comparison: Comparison) -> int:
    """The last record that a comparison looks at."""
    return max(comparison.i, comparison.j)


def _evaluated(graph: Any, id: int, op: Primitive, operands: tuple[Any, ...]) -> Any:
    try:
        if op.name == "pow" and all(isinstance(x, float | int) for x in operands):
            # as on the first run: Python has (-2)**2.0, but no slope in the exponent there
            op.check_domain(operands)
        with np.errstate(all="ignore"):
            return op.function(*operands)
    except DomainError as error:
        where = f" (node {graph.names[id]}, line {graph.nodes[id].line})"
        raise type(error)(f"{error.wrong}{where}; replay with other inputs") from None


def _same_branch(was: Comparison, values: Sequence[Any]) -> Comparison:
    """The comparison of the new values.

    Raises
    ------
    ArgumentError : it comes out otherwise
    """
    now = was._replace(a=values[was.i] if was.i >= 0 else was.a, b=values[was.j] if was.j >= 0 else was.b)
    if not now.holds(now.a, now.b):
        where = f"line {now.place.line}: {now.place.text or now.sign}" if now.place else now.sign
        what = f"the comparison in {where} comes out {not now.outcome}"
        if now.sign in ("is", "choice"):
            what = f"the comparison of arrays in {where} comes out otherwise"
        raise ArgumentError(
            f"with these inputs {what}, so the function computes something else; trace it again with them"
        )
    return now
