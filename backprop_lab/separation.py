"""Draw inputs for an exercise: small numbers at which no two wrong turns give the same answer.

    bl.separating_inputs(f, "Ada")        {"x": 2, "y": 3}, say: always the same for the same text

At (2, 2) a sum and a product of the arrivals are hard to tell apart; a number typed there would get the wrong hint.
"""

from __future__ import annotations

import inspect
import math
import random
import warnings
from collections.abc import Callable, Sequence
from itertools import combinations

from . import source
from .arguments import bind, check_function
from .diagnosis import tolerance
from .errors import ArgumentError, DomainError, LabError, LabWarning
from .graph import Graph
from .misconceptions import EXACT, MISCONCEPTIONS, RIGHT, Reverse, same
from .notation import number
from .trace import trace

__all__ = ["separating_inputs"]

source.engine_module(globals())
TRIES, PROBES = 150, 6
NEAR = 2 * tolerance(4)  # two roundings may meet halfway
RULES = (RIGHT, *MISCONCEPTIONS)


def separating_inputs(
    f: Callable[..., object],
    seed: object,
    *,
    ask: Sequence[str] = (),
    low: int = 1,
    high: int = 9,
    largest: float = 1000.0,
) -> dict[str, float]:
    """Small inputs at which the wrong turns of a function answer differently from the right way and from each other.

    Whole numbers, and halves where whole numbers will not do. The same seed gives the same inputs on every machine.
    Misconceptions that agree whatever the inputs are, with each other or with the right answer, count as one. Where
    a kink parts the inputs (relu), agreeing on the draw's side of it is enough, if nothing better is found.

    Parameters
    ----------
    f : a function of numbers that returns one number; parameters with defaults keep them
    seed : what the draw depends on, taken as text: a student's name, say
    ask : the inputs whose derivatives are asked for; if none is given, those that are used more than once
    low, high : the inputs lie between these whole numbers
    largest : a bound for all primals and right answers, so that no draw is much harder than another

    Returns
    -------
    The inputs by name; the right answers at the inputs asked for are not 0

    Raises
    ------
    ArgumentError : no such inputs were found, or f cannot be called with one number for each parameter
    """
    names = _parameters(f)
    if not (isinstance(low, int) and isinstance(high, int) and low <= high):
        raise ArgumentError(f"low and high must be whole numbers in order, not {low!r:.40} and {high!r:.40}")
    draw, why = random.Random(str(seed)), "they leave the domain of an operation"
    for halves, everywhere in ((False, True), (True, True), (False, False)):
        for _ in range(TRIES):
            inputs = {name: _number(draw, low, high, halves) for name in names}
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", LabWarning)
                    graph = trace(f, **inputs)
            except DomainError:
                continue
            trouble = _trouble(graph, ask, largest, (low, high) if everywhere else None)
            if trouble is None:
                return inputs
            why = trouble
    raise ArgumentError(
        f"no inputs from {low} to {high} suit {source.name_of(f)}{source.line_of(f)}: {why}; "
        "change low, high or largest, or ask for another input"
    )


def _number(draw: random.Random, low: int, high: int, halves: bool) -> float:
    twice = draw.randint(2 * low, 2 * high) if halves else 2 * draw.randint(low, high)
    return twice / 2 if twice % 2 else twice // 2


def _parameters(f: Callable[..., object]) -> list[str]:
    check_function(f)
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        bind(f, (), {})  # has the sentence for built-in functions
        raise
    for p in parameters:
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            raise ArgumentError(f"how many numbers {source.name_of(f)} takes is open (*{p.name}); give each one a name")
    return [p.name for p in parameters if p.default is p.empty]


def _trouble(graph: Graph, ask: Sequence[str], largest: float, span: tuple[int, int] | None) -> str | None:
    """What speaks against a draw, or None."""
    sweep = Reverse(graph)
    names = graph.names[: len(graph.input_names)]
    unknown = [name for name in ask if name not in names]
    if unknown:
        raise ArgumentError(f"{unknown[0]} is not an input; ask for one of {', '.join(names)}")
    ids = [names.index(name) for name in ask] or [id for id in range(len(names)) if len(sweep.uses.get(id, ())) > 1]
    ids = ids or list(range(len(names)))
    if graph.notes:
        return next(iter(graph.notes.values())).sentence
    if max(abs(x) for x in [*(record[5] for record in graph.records), *(sweep.right[id] for id in ids)]) > largest:
        return f"the numbers get larger than {number(largest)}"
    for id in ids:
        if sweep.right[id] == 0:
            return f"the derivative with respect to {names[id]} is 0"
    confused = _coinciding(sweep, ids)
    for id, i, j in sorted(confused - _always_coinciding(graph, ids, confused, span)):
        return f"“{RULES[i].name}” and “{RULES[j].name}” give the same for {names[id]}"
    return None


Pairs = set[tuple[int, int, int]]  # a node and two places in RULES


def _coinciding(sweep: Reverse, ids: list[int]) -> Pairs:
    """Which rules give the same number, but for rounding, at which of these nodes."""
    table = [sweep.numbers(rule, ids)[0] for rule in RULES]
    pairs: Pairs = set()
    for id in ids:
        told = [k for k, numbers in enumerate(table) if math.isfinite(numbers[id]) and not _rounds(sweep, k, table, id)]
        pairs |= {(id, i, j) for i, j in combinations(told, 2) if same(table[i][id], table[j][id], NEAR)}
    return pairs


def _rounds(sweep: Reverse, k: int, table: list[list[float]], id: int) -> bool:
    """Whether this is a difference quotient that rounds to the right answer: then it is a right answer."""
    return RULES[k].approximate and same(table[k][id], sweep.right[id], NEAR)


def _always_coinciding(graph: Graph, ids: list[int], pairs: Pairs, span: tuple[int, int] | None) -> Pairs:
    """The pairs that agree at other inputs too: near these, and anywhere in the span if there is one."""
    draw, done = random.Random("probes"), 0
    rules = {k for _, i, j in pairs for k in (i, j)}
    for attempt in range(4 * PROBES):
        far = span if attempt % 2 == 0 else None
        point = {n.name: draw.uniform(*(far or (n.value - 0.25, n.value + 0.25))) for n in graph.inputs}
        try:
            sweep = Reverse(graph.replay(**point))
        except LabError:  # out of the domain, or the function branches differently there
            continue
        answers = {k: sweep.numbers(RULES[k], ids)[0] for k in rules}
        agree = {(id, i, j) for id, i, j in pairs if same(answers[i][id], answers[j][id], EXACT)}
        done += 1
        if agree != pairs or done == PROBES:
            return agree
    return set()
