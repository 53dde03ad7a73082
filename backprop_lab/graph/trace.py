"""Run an ordinary Python function once and record what it computes.

`trace(f, x=3, y=5)` calls `f` with recording values in place of its arguments. Operators, the lab's functions and
NumPy's functions append one record each to a tape; Python's `if`, loops, recursion and helper functions just run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from ..errors import ArgumentError, warn
from ..recording.arguments import check_output
from ..recording.call import Call
from ..recording.door import entry
from ..recording.numpy import dispatch  # noqa: F401  so that NumPy knows what to do with traced values
from ..recording.tape import Tape, TooLarge, bounded
from ..recording.trees import is_tree, leaves, mapped
from ..source import frames
from ..source.functions import line_of, name_of
from .graph import Graph
from .notes import note_of
from .replay import Way

MOST_NAMED = 4  # inputs that a sentence lists
A_TABLE = 40  # numbers in one argument, of which a function may leave out the fewer part without a warning


@entry("bl.trace(f, 3.0)")
def trace(f: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Graph:
    """Run `f` once on recording values and return the graph of what it computed.

    Parameters
    ----------
    f : an ordinary Python function of numbers and arrays; it may branch, loop, recurse and call helpers
    args, kwargs : its arguments, as in a call of `f`: numbers, arrays, or lists, tuples and dicts of them. Each number
        and each array becomes an input node (ints become floats); parameters left at their defaults stay as they are

    Returns
    -------
    Graph : with the student's names and source lines on its nodes

    Raises
    ------
    ArgumentError : a missing, extra or unusable argument; `f` returns nothing or something that is not a number
    DomainError : an operation left its domain
    TraceError : a traced value was turned into a plain number

    Warns
    -----
    LabWarning : the result does not depend on an argument, so its derivative is 0; or a value overflowed or is not a
        number: the first one is named
    """
    return record(f, args, kwargs)


def record(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], most: int | None = None) -> Graph:
    """What `trace` does; a TooLarge where the function computes more than `most` nodes."""
    call = Call.bound(f, args, kwargs)
    tape = (Tape if most is None else bounded(most))(sourced=True)
    try:
        returned = call.record(tape)
        astray = call.astray
        outputs = [tape.position_of(check_output(value, f)) for value in leaves(returned)]
    finally:
        size = len(tape)
        tape.close()
    if most is not None and size >= most:  # the function may have caught what the tape raised
        raise TooLarge(size)
    if not outputs:
        raise ArgumentError(
            f"{name_of(f)}{line_of(f)} returns an empty {type(returned).__name__}; "
            "return the number that you want the derivative of"
        )
    call.check(returned)
    names, single = tuple(call.names), not is_tree(returned)
    graph = Graph(tape, tape.places, tape.comparisons, names, tuple(outputs), single, f, tape.log)
    graph.structure = mapped(lambda *_: None, returned)
    graph.way = Way(*astray, call, graph.output_ids, graph.structure) if astray else None
    _warn_unused(graph, f)
    _warn_not_finite(graph)
    return graph


frames.boundary(record)


def with_numbers(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], numbers: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call, with other numbers by the names that `trace` gives to inputs (`x`, `p[0]`)."""
    call = Call.bound(f, args, kwargs)
    names = iter(call.names)
    found = call.replaced(lambda x, _: numbers.get(next(names), x))
    return tuple(found[0]), found[1]


def _warn_not_finite(graph: Graph) -> None:
    """Say which node was the first to leave the floats."""
    node = graph.culprit
    if node is not None and (note := note_of(node)) is not None:
        where = f" (node {node.name}, line {node.line})" if node.line else f" (node {node.name})"
        advice = "choose other inputs, or rewrite the formula so that large numbers cancel first"
        warn(f"{note.sentence}{where}; {advice}")


def _argument(name: str) -> str:
    """The argument that an input is a part of: p of p[0][1]."""
    return name.partition("[")[0]


def _warn_unused(graph: Graph, f: Callable[..., Any]) -> None:
    """Say in one sentence which arguments the outputs do not depend on. Of a table one may leave some rows out."""
    used = dict(zip(graph.input_names, graph.needed, strict=False))
    numbers = Counter(map(_argument, used))
    read = Counter(_argument(name) for name, needed in used.items() if needed)
    tables = {name for name, count in numbers.items() if count > A_TABLE and 2 * read[name] > count}
    unused = [name for name, needed in used.items() if not needed and _argument(name) not in tables]
    if not unused:
        return
    count, named = len(unused), ", ".join(unused[:MOST_NAMED])
    what, which, it = f"its arguments {named}", "any of these", "them"
    if count == 1:
        what, which, it = f"its argument {named}", named, "it"
    elif count > MOST_NAMED:
        what = f"{count} of its {len(graph.input_names)} arguments ({named} and {count - MOST_NAMED} more)"
    warn(
        f"{name_of(f)}{line_of(f)} does not use {what} for its result here, so the derivative with respect to "
        f"{which} is 0; use {named if len(unused) == 1 else it} in the formula, or leave {it} out"
    )
