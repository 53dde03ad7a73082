"""Trace a wrong number back to the rule that was broken.

    bl.wrong_turns(graph)                 for each misconception that shows here, its number for every input
    bl.diagnose(graph, "x", 132)          which of them a typed number fits, the likeliest first, each with a sentence

The misconceptions and their sweeps are in `misconceptions.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from typing import Any, NamedTuple

from . import source
from .errors import ArgumentError
from .graph import Graph, Node
from .misconceptions import EXACT, MISCONCEPTIONS, OTHER_STEPS, RIGHT, Misconception, Reverse, same
from .notation import number as _text

__all__ = ["WrongTurn", "diagnose", "tolerance", "turns_on_edge", "wrong_turns"]

source.engine_module(globals())


def tolerance(digits: int) -> float:
    """How far, relatively, rounding to so many significant digits can take a number."""
    return 0.5 * 10.0 ** (1 - digits)


def wrong_turns(graph: Graph, nodes: Iterable[str | Node] | None = None) -> dict[str, dict[str, float]]:
    """What each misconception would answer on this graph.

    Parameters
    ----------
    graph : the traced function, of numbers, with one output
    nodes : the nodes to answer at, or their names: the inputs if not given, `graph.nodes` for all

    Returns
    -------
    The name of the misconception, and its number for each of the nodes, by name; the likeliest comes first. Those that
    change nothing here, to 4 digits, are left out.

    Raises
    ------
    ArgumentError : several outputs, values that are not numbers, or a node that is not in the graph
    """
    sweep = Reverse(graph)
    ids = [_node(graph, key).id for key in (graph.inputs if nodes is None else nodes)]
    found: dict[str, dict[str, float]] = {}
    for rule in MISCONCEPTIONS:
        numbers, _ = sweep.numbers(rule, ids)
        differs = any(not same(numbers[id], sweep.right[id], tolerance(4)) for id in ids)
        if differs and all(math.isfinite(numbers[id]) for id in ids):
            found[rule.name] = {graph.names[id]: numbers[id] for id in ids}
    return found


class WrongTurn(NamedTuple):
    """A misconception that a typed number fits: its name, a sentence with the numbers, and the node where it began."""

    name: str
    sentence: str
    where: Node


def diagnose(graph: Graph, node: str | Node, number: float, *, digits: int = 4) -> list[WrongTurn]:
    """Which misconceptions give this number for the adjoint of a node.

    First those that break their rule throughout the sweep, then those that break it only in the last step, with the
    right numbers before; an exact fit comes before one that needs rounding, then the likelier one.

    Parameters
    ----------
    graph : the traced function, of numbers, with one output
    node : the node, or its name
    number : the answer; the right one has no wrong turns, and the list is empty
    digits : how many significant digits count

    Returns
    -------
    The wrong turns, the likeliest first, each with `.name`, `.sentence` and `.where`; an empty list if none fits

    Raises
    ------
    ArgumentError : a node that is not in the graph, or an answer that is not a number
    """
    sweep, asked, typed, near = Reverse(graph), _node(graph, node), _typed(number), tolerance(digits)
    if same(typed, sweep.right[asked.id], near):
        return []
    on_the_way = {asked.id} | {child.id for child in graph.influences(asked)}
    fits: dict[str, tuple[tuple[bool, bool, int], WrongTurn]] = {}
    for rank, rule in enumerate(MISCONCEPTIONS + OTHER_STEPS):
        numbers, passed = sweep.numbers(rule, [asked.id])
        last, sent = sweep.last_step(rule, asked.id)
        throughout = same(typed, numbers[asked.id], near)
        found, where = numbers[asked.id] if throughout else last, asked.id
        if throughout and not same(found, last, EXACT):  # where it began matters
            departs = (id for id in sweep.uses if id in on_the_way and not same(numbers[id], sweep.right[id], EXACT))
            where = next(departs, asked.id)
        else:
            passed = sent
        if same(typed, found, near) and rule.name not in fits:
            sentence = rule.sentence.format_map(_fields(sweep, rule, where, passed))
            turn = WrongTurn(rule.name, f"{_text(typed)} comes out when {sentence}.", graph.nodes[where])
            fits[rule.name] = (not throughout, not same(typed, found, EXACT), rank), turn
    return [turn for _, turn in sorted(fits.values(), key=lambda fit: fit[0])]


def turns_on_edge(sweep: Reverse, id: int, child: int, slot: int) -> list[tuple[str, float, str]]:
    """What each misconception sends over one edge into a node, where all numbers before are right.

    Returns
    -------
    Triples of the misconception's name, its number and a sentence, likeliest first; those that change nothing are left
    out
    """
    uses = sweep.uses.get(id, [])
    place = next((k for k, use in enumerate(uses) if (use.child, use.slot) == (child, slot)), None)
    found = []
    for rule in MISCONCEPTIONS if place is not None else ():
        if rule.instead is not None or place is None:
            continue
        use = uses[place]
        came = sweep.arrivals(RIGHT, use.child, sweep.passed)
        sent = list(sweep.passed)
        sent[use.child] = rule.passes(came, sweep.right[use.child])
        number = rule.carry(sent[use.child], rule.slope(use), use)
        right = RIGHT.carry(sweep.passed[use.child], use.slope, use)
        if math.isfinite(number) and not same(number, right, tolerance(4)):
            fields = _fields(sweep, rule, id, sent, place)
            found.append((rule.name, number, f"{_text(number)} comes out when {rule.sentence.format_map(fields)}."))
    return found


def _fields(
    sweep: Reverse, rule: Misconception, where: int, passed: list[float], edge: int | None = None
) -> dict[str, str]:
    """The names and numbers that a sentence may mention; the edge, if none is given, is the first one where something
    else arrives."""
    graph, uses = sweep.graph, sweep.uses.get(where, [])
    node = graph.nodes[where]
    fields = {"where": _called(node), "value": _text(node.value), "count": str(len(uses))}
    if not uses:
        return fields
    came = sweep.arrivals(rule, where, passed)
    each = [f"{_text(bar)} from {_called(graph.nodes[use.child])}" for bar, use in zip(came, uses, strict=True)]
    fields |= {"first": each[0], "last": each[-1], "earlier": _listed(each[:-1]), "later": _listed(each[1:])}
    fields |= {"terms": " + ".join(map(_bracketed, came)), "factors": " · ".join(map(_bracketed, came))}
    right = sweep.arrivals(RIGHT, where, sweep.passed)
    other = next((k for k in range(len(uses)) if not same(came[k], right[k], EXACT)), 0)
    k = other if edge is None else edge
    use, child = uses[k], graph.nodes[uses[k].child]
    bar, slope = _bracketed(passed[use.child]), _bracketed(use.slope)
    return fields | {
        "child": _called(child),
        "formula": child.formula,
        "result": _text(child.value),
        "slope": _text(use.slope),
        "wrong": _text(rule.slope(use)),
        "bar": _text(passed[use.child]),
        "full": _text(sweep.right[use.child]),
        "times": str(len(sweep.uses[use.child])),
        "added": f"{bar} + {slope}",
        "multiplied": f"{bar} · {slope}",
    }


def _called(node: Node) -> str:
    return f"the constant {node.label}" if node.label == _text(node.value) else node.label


def _bracketed(x: float) -> str:
    text = _text(x)
    return f"({text})" if text.startswith("−") else text


def _listed(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _node(graph: Graph, key: str | Node) -> Node:
    if isinstance(key, Node):
        if key.graph is not graph:
            raise ArgumentError(f"the node {key.name} belongs to another graph; take it from this one")
        return key
    if not isinstance(key, str):
        raise ArgumentError(f"a node is given by its name or as one of graph.nodes, not as {key!r:.40}")
    return graph[key]


def _typed(answer: Any) -> float:
    is_number = isinstance(answer, Real) and not isinstance(answer, bool)
    if not is_number or answer != answer:
        what = "nan" if is_number else f"{type(answer).__name__} {answer!r:.40}"
        raise ArgumentError(f"the answer must be a number, not {what}; write 14.0, say")
    try:
        return float(answer)
    except OverflowError:  # a whole number beyond the floats
        return math.inf
