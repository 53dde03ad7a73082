"""Run the operations of a graph again on other inputs, without the function that it was traced from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, DomainError
from ..recording.arguments import as_value
from ..recording.call import Call
from ..recording.comparisons import settle
from ..recording.other_ways import on_plain_numbers, shown
from ..recording.tape import INPUT, Comparison
from ..recording.trees import like
from ..source.functions import name_of
from ..table.table import BY_CODE, Primitive
from ..table.values import is_traced, plain, shape_of
from ..table.walk import Record


class Way(NamedTuple):
    """What was noticed while a function was traced, and its records cannot know elsewhere: a text made of a traced
    value, a look-up in a set, an error that was caught; and the call, which a pickle leaves behind."""

    reason: str
    advice: str
    call: Call | None
    outputs: tuple[int, ...]  # of the function, in the structure of what it returned; a graph may have others
    structure: Any

    def check(self, graph: Any, inputs: Sequence[Any], values: Sequence[Any]) -> None:
        """Raise an ArgumentError if the function comes to other outputs at these inputs than the records."""
        if self.call is None:
            raise ArgumentError(
                f"nobody can tell what {name_of(graph.function)} computes with these inputs, because {self.reason}, "
                "and this graph came out of a pickle without the function; trace it again with them"
            )
        given = iter(inputs)
        args, kwargs = self.call.replaced(lambda *_: next(given))
        known = like(self.structure, iter([values[id] for id in self.outputs]))
        found = on_plain_numbers(self.call.f, args, kwargs, known)
        if found is not None:
            raise ArgumentError(
                f"with these inputs {name_of(graph.function)} comes to {shown(found[0])}, and the recorded operations "
                f"to {shown(known)}, because {self.reason}; trace it again with them, or {self.advice}"
            )


def replayed(graph: Any, given: dict[str, Any]) -> tuple[list[Record], list[Comparison]]:
    """The records and comparisons of a `Graph` with other numbers for inputs, by name; errors as `replay`."""
    inputs = [given.get(name, y) for name, y in zip(graph.names, graph.values[: len(graph.input_names)], strict=False)]
    records, values, differs = _run(graph, inputs, partial(_evaluated, graph))
    if differs is not None:
        raise ArgumentError(other_way(differs))
    if graph.way is not None and not _unmoved(graph, inputs):
        graph.way.check(graph, inputs, values)
    return records, [_moved(c, values) for c in graph.comparisons]


def _unmoved(graph: Any, inputs: Sequence[Any]) -> bool:
    pairs = zip(inputs, graph.values, strict=False)
    return all(np.array_equal(plain(x), y, equal_nan=True) for x, y in pairs)


def followed(graph: Any, inputs: Sequence[Any]) -> list[Any] | None:
    """A graph's outputs for other inputs, on numbers or traced values; None where a comparison comes out otherwise, or
    where only the function would know."""
    if graph.way is not None and not _unmoved(graph, inputs):
        return None
    compared = [k for c in graph.comparisons for k in (c.i, c.j) if k >= 0]
    needed = graph.leading_to([*graph.output_ids, *compared])
    _, values, differs = _run(graph, inputs, lambda _, op, operands: op.function(*operands), needed)
    return [values[id] for id in graph.output_ids] if differs is None else None


def _run(
    graph: Any, inputs: Sequence[Any], evaluate: Callable[..., Any], needed: Sequence[bool] | None = None
) -> tuple[list[Record], list[Any], Comparison | None]:
    """The records and values of all nodes, or of those needed, up to the first comparison that differs, and that."""
    guards: dict[int, list[Comparison]] = {}
    for c in graph.comparisons:
        guards.setdefault(max(c.i, c.j), []).append(c)
    records: list[Record] = []
    values: list[Any] = []
    for id, (code, i, j, a, b, y) in enumerate(graph.records):
        if code >= 0 and (needed is None or needed[id]):
            op, ids = BY_CODE[code], BY_CODE[code].ids(i, j)
            operands, settings = [values[p] for p in ids], op.settings(b)
            y = evaluate(id, op, op.joined(operands, settings))
            records.append(op.record(ids, operands, settings, y))
        else:
            y = inputs[id] if code == INPUT else y
            records.append((code, i, j, a, b, y))
        values.append(y)
        for c in guards.get(id, ()) if guards else ():  # at once: what follows may leave a domain on the wrong branch
            now = _moved(c, values)
            if not now.holds(now.a, now.b):
                return records, values, now
    return records, values, None


def _moved(c: Comparison, values: Sequence[Any]) -> Comparison:
    """The comparison of the new values."""
    a, b = (values[k] if k >= 0 else x for k, x in ((c.i, c.a), (c.j, c.b)))
    return c._replace(a=settle(a) if c.sign == "is" and is_traced(a) else a, b=b)


def other_way(c: Comparison) -> str:
    """What is said where a comparison comes out otherwise than when the function was traced."""
    return f"with these inputs {_difference(c)}, so the function computes something else; trace it again with them"


def _difference(c: Comparison) -> str:
    where = f"line {c.place.line}: {c.place.text or c.sign}" if c.place else c.sign
    if c.sign in ("is", "choice"):
        return f"the comparison of arrays in {where} comes out otherwise"
    return f"the comparison in {where} comes out {not c.outcome}"


def out_of_domain(node: str, line: Any, wrong: str) -> str:
    """What is said where a node's operation leaves its domain; `wrong` says which, and the number."""
    return f"{wrong} (node {node}, line {line}); replay with other inputs"


def _evaluated(graph: Any, id: int, op: Primitive, operands: tuple[Any, ...]) -> Any:
    try:
        if op.name == "pow" and all(isinstance(x, float | int) for x in operands):
            # as on the first run: Python has (-2)**2.0, but no slope in the exponent there
            op.check_domain(operands)
        with np.errstate(all="ignore"):
            return op.function(*operands)
    except DomainError as error:
        raise type(error)(out_of_domain(graph.names[id], graph.nodes[id].line, error.wrong)) from None


def given_numbers(graph: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `graph.replay` as new numbers by name; an ArgumentError for what is unknown, given twice, or of
    another shape."""
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
