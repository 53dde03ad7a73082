"""The same function at other numbers: what a player shows when somebody changes an input in it.

`traced` gives the new graph and says what changed; `same_place` finds the step of the new film that corresponds to the
one where the person stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from ..drawing.picture import MOST_NODES, too_many
from ..errors import ArgumentError, DrawingError, LabError
from ..film.film import Film
from ..film.race import Race
from ..film.routes import exact
from ..graph.entries import is_small
from ..graph.graph import Graph
from ..graph.sweeps import Step
from ..graph.trace import record, with_numbers
from ..recording.tape import TooLarge
from ..source.functions import name_of
from ..text.notation import in_words, number

MOST_RECORDED = 250_000  # nodes of a run that can be stepped through; an endless loop ends there, too
ADVICE = "step through a smaller case, with fewer turns or inputs; bl.grad and bl.trace take any size"


class Call(NamedTuple):
    """How a traced function was called."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def recorded(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Graph:
    """The graph of a call, or at once the `DrawingError` that nobody could step through all that it computes."""
    try:
        return record(f, args, kwargs, MOST_RECORDED)
    except TooLarge as full:
        raise DrawingError(
            f"{name_of(f)} computes more than {full.args[0]:,} values, and a player steps through no more; {ADVICE}"
        ) from None


def check_size(graph: Graph, fold: bool = True) -> None:
    """Raise a `DrawingError` if a graph is too large to be shown whole, before anything is computed for it."""
    if not fold and len(graph) > MOST_NODES:
        raise too_many(graph)


def traced(graph: Graph, call: Call | None, numbers: dict[str, float]) -> tuple[Graph, str]:
    """The graph at other inputs, and a sentence about it.

    The recorded operations are run again. Where that is no longer what the function does (a branch goes the other
    way), the function itself is traced again, if it is known how it was called.

    Raises
    ------
    LabError : the function cannot be computed there
    """
    changed = {
        n.name: numbers[n.name]
        for n in graph.inputs
        if n.name in numbers and not same(_listed(n.value), numbers[n.name])
    }
    if not changed:
        return graph, ""
    changed = {name: np.array(x) if isinstance(x, list) else x for name, x in changed.items()}
    given = in_words([f"{name} = {number(x)}" for name, x in changed.items()])
    try:
        fresh, branch = graph.replay(**changed), ""
    except LabError as trouble:
        if call is None:
            raise
        now = {n.name: n.value for n in graph.inputs if _moves(n.value)}  # what was changed before stays so
        args, kwargs = with_numbers(call.function, call.args, call.kwargs, now | changed)
        fresh = recorded(call.function, args, kwargs)
        check_size(fresh)
        branch = _branch(graph, fresh)
        if not branch and isinstance(trouble, ArgumentError) and len(fresh) != len(graph):
            branch = f" The function took another way: {len(fresh)} nodes instead of {len(graph)}."
    results = in_words([f"{n.label} = {number(n.value)}" for n in fresh.outputs])
    return fresh, f"Now {given}: {results}.{branch}"


def _moves(y: Any) -> bool:
    """Whether an input may be moved: a number, or an array that is written out."""
    return isinstance(y, float) or (isinstance(y, np.ndarray) and is_small(y))


def _listed(y: Any) -> Any:
    """A number, or an array as lists."""
    return y.tolist() if isinstance(y, np.ndarray) else y


def _each(x: Any, change: Callable[[Any], Any]) -> Any:
    return [_each(part, change) for part in x] if isinstance(x, list | tuple) else change(x)


def same(a: Any, b: Any) -> bool:
    """Whether inputs are the same numbers; what is not a number stays what it is."""
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(x, b[key]) for key, x in a.items())
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    return bool(a == b or (a != a and b != b))


def numbers_of(graph: Graph) -> dict[str, Any]:
    """The inputs that are numbers, or small arrays as lists, by name."""
    return {node.name: _listed(node.value) for node in graph.inputs if _moves(node.value)}


def to_json(given: Mapping[str, Any], player: Any = None) -> dict[str, Any]:
    """Numbers by name as they go to the page: JSON has no words for inf and nan."""
    return {name: _each(x, exact) for name, x in given.items()}


def from_json(given: Mapping[str, Any], player: Any = None) -> dict[str, Any]:
    """The same as they come back."""
    return {
        name: _each(x, lambda one: float(one) if one in ("Infinity", "-Infinity", "NaN") else one)
        for name, x in given.items()
    }


def with_others(graph: Graph, given: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of all inputs, some of them given anew.

    Raises
    ------
    ArgumentError : something that is no input, or no number
    """
    known = numbers_of(graph)
    example = f'player.inputs = {{"{next(iter(known), "x")}": 2.0}}'
    for name, x in given.items():
        if name not in known:
            names = in_words(list(known)) or "none of them a number"
            raise ArgumentError(f"there is no input {name!r} to move; the inputs are {names}; write {example}")
        if isinstance(known[name], list):
            _check_array(name, x, known[name])
        elif isinstance(x, bool) or not isinstance(x, Real):
            raise ArgumentError(f"the input {name} takes a number, not {x!r:.40}; write {example}")
    return known | {name: np.array(x, dtype=float).tolist() for name, x in given.items()}


def _check_array(name: str, x: Any, now: list[Any]) -> None:
    """Raise an ArgumentError if these are not as many real numbers as an input has."""
    try:
        found = np.array(x)
    except ValueError:  # rows of different lengths
        found = np.array(None)
    if found.dtype.kind not in "fiu" or found.shape != np.shape(now):
        raise ArgumentError(
            f"the input {name} takes an array of shape {np.shape(now)}, not {x!r:.40}; write "
            f'player.inputs = {{"{name}": {now}}}, with other numbers'
        )


def alike(one: Graph, other: Graph) -> bool:
    """Whether two graphs are of the same operations."""
    return [record[:3] for record in one.records] == [record[:3] for record in other.records]


def _branch(was: Graph, now: Graph) -> str:
    """Which comparison came out otherwise, in a sentence; empty if none did."""
    for old, new in zip(was.comparisons, now.comparisons, strict=False):
        if old.place != new.place:
            break
        if old.outcome != new.outcome:
            where = f"“{new.place.text}” in line {new.place.line}" if new.place and new.place.text else "A comparison"
            size = f"{len(now)} nodes instead of {len(was)}" if len(now) != len(was) else f"{len(now)} nodes again"
            return f" {where} now comes out {new.outcome}, so another branch runs: {size}."
    return ""


def same_place(was: Film | Race, at: int, now: Film | Race) -> int:
    """The position in another film that corresponds to position `at` of this one."""
    if at <= 0:
        return 0
    if at >= len(was):
        return len(now)
    if isinstance(was, Race) or isinstance(now, Race):
        return min(at, len(now))
    key = _key(was.steps[at - 1])
    found = [k for k, step in enumerate(now.steps, 1) if _key(step) == key]
    if found:
        return found[0]
    part = was.phase(was.steps[at - 1])
    rest = [k for k, step in enumerate(now.steps, 1) if now.phase(step) == part]
    return min(max(at, rest[0]), rest[-1]) if rest else min(at, len(now))


def _key(step: Step) -> tuple[Any, ...]:
    edge = (step.edge[0].name, step.edge[1]) if step.edge is not None else None
    return step.kind, step.node.name, edge
