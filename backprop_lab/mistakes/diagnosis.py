"""Trace a wrong number back to the rule that was broken.

    bl.wrong_turns(graph)                 for each misconception that shows here, its number for every input
    bl.diagnose(graph, "x", 132)          which of them a typed number fits, the likeliest first, each with a sentence
    bl.diagnose(graph, "W", [[1, 2]])     the same for an array; a wrong shape is told both shapes

The misconceptions are in `table.py` and `array_table.py`, their sweep in `sweep.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError
from ..graph.array_rules import called
from ..graph.graph import Graph, Node
from ..recording.door import entry
from ..table.values import is_array, shape_of
from ..text.notation import PLAIN, adjoint, in_words, num, number
from ..text.slots import Named, is_named, named
from .array_table import rules_for, shape_fields, turned
from .sweep import EXACT, RIGHT, Misconception, Misfit, Reverse, Use, is_told, same
from .table import OTHER_FORMS


def tolerance(digits: int) -> float:
    """How far, relatively, rounding to so many significant digits can take a number."""
    return 0.5 * 10.0 ** (1 - digits)


@entry("bl.wrong_turns(bl.trace(f, 3.0))")
def wrong_turns(graph: Graph, nodes: Iterable[str | Node] | None = None) -> dict[str, dict[str, Any]]:
    """What each misconception would answer on this graph.

    Parameters
    ----------
    graph : the traced function, of real numbers and arrays, whose output is one number
    nodes : the nodes to answer at, or their names: the inputs if not given, `graph.nodes` for all

    Returns
    -------
    The name of the misconception, and its number or array for each of the nodes, by name; the likeliest comes first.
    An array may have another shape than its node, and where two shapes cannot be brought together, a `Misfit` stands in
    its place, with both. Misconceptions that change nothing here, to 4 digits, are left out.

    Raises
    ------
    ArgumentError : several outputs or an array as output, complex values, or a node that is not in the graph
    """
    sweep = Reverse(graph)
    ids = [_node(graph, key).id for key in (graph.inputs if nodes is None else nodes)]
    found: dict[str, dict[str, Any]] = {}
    for rule in rules_for(sweep):
        numbers, _ = sweep.numbers(rule, ids)
        differs = any(not same(numbers[id], sweep.right[id], tolerance(4)) for id in ids)
        if differs and all(isinstance(numbers[id], Misfit) or is_told(numbers[id]) for id in ids):
            found[rule.name] = {graph.names[id]: numbers[id] for id in ids}
    return found


class WrongTurn(NamedTuple):
    """A misconception that a typed number fits: its name, a sentence with the numbers, and the node where it began."""

    name: str
    sentence: str
    where: Node


@entry('bl.diagnose(bl.trace(f, 3.0), "x", 5.0)')
def diagnose(graph: Graph, node: str | Node, answer: Any, *, digits: int = 4) -> list[WrongTurn]:
    """Which misconceptions give this number, or this array, for the adjoint of a node.

    First those that break their rule throughout the sweep, then those that break it only in the last step, with the
    right numbers before; an exact fit comes before one that needs rounding, then the likelier one.

    Parameters
    ----------
    graph : the traced function, of real numbers and arrays, whose output is one number
    node : the node, or its name
    answer : a number; for an array, an array or a list (of rows). The right one has no wrong turns: the list is empty
    digits : how many significant digits count

    Returns
    -------
    The wrong turns, the likeliest first, each with `.name`, `.sentence` and `.where`; an empty list if none fits. For
    an array of the wrong shape the last one is "wrong shape", which names both shapes.

    Raises
    ------
    ArgumentError : a node that is not in the graph, or an answer that is neither a number nor an array of numbers
    """
    if not isinstance(digits, int):
        raise ArgumentError(f"digits must be a whole number, not {digits!r:.40}; write digits=4")
    sweep, asked, near = Reverse(graph), _node(graph, node), tolerance(digits)
    typed = _typed_array(answer, asked) if sweep.arrays else _typed(answer)
    if same(typed, sweep.right[asked.id], near):
        return []
    fits: dict[str, tuple[tuple[bool, bool, int], WrongTurn]] = {}
    for rank, rule in enumerate((*rules_for(sweep), *OTHER_FORMS, *_exchanges(sweep, asked.id, typed, near))):
        numbers, passed = sweep.numbers(rule, [asked.id])
        last, sent = sweep.last_step(rule, asked.id)
        throughout = same(typed, numbers[asked.id], near)
        found, where = numbers[asked.id] if throughout else last, asked.id
        if throughout:
            where = _began(sweep, asked, numbers, last)
        else:
            passed = sent
        if same(typed, found, near) and rule.name not in fits:
            turn = WrongTurn(rule.name, turn_sentence(sweep, rule, where, passed, typed), graph.nodes[where])
            fits[rule.name] = (not throughout, not same(typed, found, EXACT), rank), turn
    found_turns = [turn for _, turn in sorted(fits.values(), key=lambda fit: fit[0])]
    if shape_of(typed) != shape_of(asked.value):
        found_turns.append(WrongTurn("wrong shape", shape_words(asked, shape_of(typed)), asked))
    return found_turns


def _began(sweep: Reverse, asked: Node, numbers: Sequence[Any], last: Any) -> int:
    """Where a rule that is broken throughout first shows, on the way to a node; that node, if it does not matter."""
    if same(numbers[asked.id], last, EXACT):
        return asked.id
    on_the_way = {asked.id} | {child.id for child in sweep.graph.influences(asked)}
    departs = (id for id in sweep.uses if id in on_the_way and not same(numbers[id], sweep.right[id], EXACT))
    return next(departs, asked.id)


def turns_at(graph: Graph, name: str) -> dict[str, tuple[float, str]]:
    """For each misconception that shows at a node of a graph of numbers: its number there, and what `diagnose` says.

    Parameters
    ----------
    graph : the traced function, of real numbers, whose output is one number
    name : the node's name
    """
    sweep, asked = Reverse(graph), _node(graph, name)
    found: dict[str, tuple[float, str]] = {}
    for rule in rules_for(sweep):
        numbers, passed = sweep.numbers(rule, [asked.id])
        number = numbers[asked.id]
        if rule.name not in found and _shows(number, sweep.right[asked.id]):
            where = _began(sweep, asked, numbers, sweep.last_step(rule, asked.id)[0])
            found[rule.name] = number, turn_sentence(sweep, rule, where, passed, number)
    return found


def _right_of(sweep: Reverse, _: int, other: int) -> Any:
    return sweep.right[other]


def _exchanges(sweep: Reverse, id: int, typed: Any, near: float) -> Iterator[Misconception]:
    """Of more than two inputs: that the answers for this one and another are exchanged, if this is the other's."""
    inputs = range(len(sweep.graph.input_names))
    for other in inputs if len(inputs) > 2 and id in inputs else ():
        if other != id and same(typed, sweep.right[other], near):
            words = f"the answers for {{where}} and {called(sweep.graph.nodes[other])} are exchanged"
            yield Misconception("inputs exchanged", words, instead=partial(_right_of, other=other))


def turns_on_edge(sweep: Reverse, id: int, child: int, slot: int) -> list[tuple[str, Any, str]]:
    """What each misconception sends over one edge into a node, where all numbers before are right.

    Its name, its number or array, and a sentence, the likeliest first; those that change nothing are left out. The
    sentences do not say the local partial, which is still to be found.
    """
    found = []
    for place, use, rule in _on_edge(sweep, id, child, slot):
        sent = list(sweep.passed)
        sent[child] = rule.passes(sweep.arrivals(RIGHT, child, sent), sweep.right[child])
        number, right = sweep.sent(rule, use, sent[child]), sweep.sent(RIGHT, use, sweep.passed[child])
        if rule.instead is None and _shows(number, right):
            found.append((rule.name, number, turn_sentence(sweep, rule, id, sent, number, place, veiled=True)))
    return found


def slopes_on_edge(sweep: Reverse, id: int, child: int, slot: int) -> list[tuple[str, Any, str]]:
    """What each misconception takes for the local partial on one edge into a node: as `turns_on_edge`."""
    found = []
    for place, use, rule in _on_edge(sweep, id, child, slot):
        with np.errstate(all="ignore"):
            slope = rule.slope(use) if use.slope is not None else None
        if slope is not None and _shows(slope, use.slope):
            found.append((rule.name, slope, turn_sentence(sweep, rule, id, sweep.passed, slope, place, veiled=True)))
    return found


def _shows(wrong: Any, right: Any) -> bool:
    """Whether a wrong answer is told and can be told from the right one; of figures whoever fills them sees that."""
    if is_named(wrong) or is_named(right):
        return not isinstance(wrong, Misfit) and named(wrong) != named(right)
    return is_told(wrong) and not same(wrong, right, tolerance(4))


def _on_edge(sweep: Reverse, id: int, child: int, slot: int) -> Iterator[tuple[int, Use, Misconception]]:
    """Which of the arrivals at a node comes over an edge, the use it comes from, and each misconception there."""
    for place, use in enumerate(sweep.uses.get(id, ())):
        if (use.child, use.slot) == (child, slot):
            yield from ((place, use, rule) for rule in rules_for(sweep))


def shape_words(node: Node, shape: tuple[int, ...]) -> str:
    """What is wrong with a shape that was given for a node's derivative, with both shapes."""
    own, graph = shape_of(node.value), node.graph
    known = ((n, shape_of(n.value)) for n in graph.nodes if n.id != node.id)
    alike = next((called(n) for n, theirs in known if theirs == shape), None)
    whose = f"the shape of {alike}" if alike is not None else "another shape"
    if len(own) > 1 and shape == turned(own):
        whose = f"the shape of {called(node)} transposed"
    whose = whose if shape else "what a number has, no axes"
    has = f"{called(node)} has {own or '(), one number'}"
    return f"{shape} is {whose}: a derivative has the shape of its variable, and {has}."


def turn_sentence(
    sweep: Reverse, rule: Misconception, where: int, passed: list[Any], found: Any, edge: int = -1, veiled: bool = False
) -> str:
    """What somebody did who got this number at a node; veiled, without the right local partial."""
    with np.errstate(all="ignore"):
        fields = _fields(sweep, rule, where, passed, edge, veiled)
    said = rule.sentence.format_map(fields)
    if veiled:  # "the local partial is ?, not 2" is "the local partial is not 2"
        said = said.replace("is ?, not", "is not").replace(", where it is ?", "").replace(", ?", "")
    text = f"{_text(found)} comes out when {said}."
    return text[0].upper() + text[1:] if isinstance(found, Misfit) or is_array(found) else text  # nan stays nan


def _fields(
    sweep: Reverse, rule: Misconception, where: int, passed: list[Any], edge: int, veiled: bool
) -> dict[str, str]:
    """The names and numbers that a sentence may mention; the edge, if none is given, is the first one where something
    else arrives. Veiled, the right local partial is a question mark."""
    graph, uses = sweep.graph, sweep.uses.get(where, [])
    node = graph.nodes[where]
    fields = {"where": called(node), "value": _text(node.value), "count": str(len(uses))}
    fields["inputs"] = in_words(graph.input_names)
    if not uses:
        return fields
    came = sweep.arrivals(rule, where, passed)
    each = [f"{_text(bar)} from {called(graph.nodes[use.child])}" for bar, use in zip(came, uses, strict=True)]
    fields |= {"first": each[0], "last": each[-1], "earlier": in_words(each[:-1]), "later": in_words(each[1:])}
    terms = map(_bracketed, came) if len(came) > 1 else map(_text, came)
    fields |= {"terms": " + ".join(terms), "factors": " · ".join(map(_bracketed, came))}
    right = sweep.arrivals(RIGHT, where, sweep.passed)
    k = edge if edge >= 0 else next((k for k in range(len(uses)) if not same(came[k], right[k], EXACT)), 0)
    use, child = uses[k], graph.nodes[uses[k].child]
    slope, wrong = _slopes(rule, use)
    slope = "?" if veiled else slope
    sent = passed[use.child]
    large = is_array(sent) and not number(np.zeros(sent.shape)).startswith("[")
    large = large and np.array_equal(sent, sweep.right[use.child])  # then its name says more than its shape
    bar = adjoint(child.label, PLAIN).text if large else _bracketed(sent)
    factor = f"({slope})" if slope.startswith("−") else slope
    if isinstance(use.slope, Named) and not veiled:
        factor = _bracketed(use.slope)
    if sweep.arrays:
        fields |= shape_fields(sweep, where, use, came[k])
    return fields | {
        "child": called(child),
        "formula": child.formula,
        "result": _text(child.value),
        "slope": slope,
        "wrong": wrong,
        "lost": f"the local partial is {slope}, not {wrong}",
        "bar": bar if large else _text(sent),
        "full": _text(sweep.right[use.child]),
        "times": str(len(sweep.uses[use.child])),
        "added": f"{bar} + {factor}",
        "multiplied": f"{bar} · {factor}",
    }


def _slopes(rule: Misconception, use: Use) -> tuple[str, str]:
    """The local partial on an edge and what a misconception takes for it, as texts: of large arrays one entry."""
    if use.op.name == "dot":
        right, wrong = use.other, use.operand
    elif use.slope is None:
        return "taken with ones", "taken with ones"
    else:
        right, wrong = use.slope, rule.slope(use)
    if all(not is_array(x) or is_listed(x) for x in (right, wrong)):
        return _text(right), _text(wrong)
    both = np.broadcast_arrays(right, wrong)
    at = tuple(map(int, np.argwhere(both[0] != both[1])[0])) if (both[0] != both[1]).any() else (0,) * both[0].ndim
    right, wrong = (f"{number(x[at])} at [{', '.join(map(str, at))}]" for x in both)
    return right, wrong


def _text(x: Any) -> str:
    """A number, an array in numbers if they are few, else its shape."""
    if isinstance(x, Misfit):
        return "something that does not fit"
    return number(x) if not is_array(x) or is_listed(x) else f"an array of shape {x.shape}"


def is_listed(x: Any) -> bool:
    """Whether an array is told by its numbers."""
    return number(np.zeros(x.shape)).startswith("[")


def _bracketed(x: Any) -> str:
    if isinstance(x, Named):
        return PLAIN.guarded(num(x, PLAIN))
    text = _text(x)
    return f"({text})" if text.startswith("−") else text


def _node(graph: Graph, key: str | Node) -> Node:
    if not isinstance(key, str | Node):
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


def _typed_array(answer: Any, node: Node) -> Any:
    """A number or an array that was typed where the graph has arrays."""
    try:
        found = np.array(answer)
        good = found.dtype.kind in "fiu" and not np.isnan(found).any()
    except (TypeError, ValueError, OverflowError):  # rows of different lengths, say
        good = False
    if not good:
        shape = shape_of(node.value)
        what = f"an array of shape {shape}" if shape else "a number"
        raise ArgumentError(
            f"the answer for {node.label} must be {what}, not {type(answer).__name__} {answer!r:.40}; "
            f"write {'[' * len(shape) + '1, 2' + ']' * len(shape) if shape else '14.0'}, say"
        )
    return found.astype(float) if found.ndim else float(found)
