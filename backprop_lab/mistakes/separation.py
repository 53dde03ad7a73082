"""Draw inputs for an exercise: small numbers at which no two wrong turns give the same answer.

    bl.separating_inputs(f, "Ada")                 {"x": 2, "y": 3}, say: always the same for the same text
    bl.separating_inputs(f, "Ada", like=inputs)    arrays of small numbers, in the shapes of these

At (2, 2) a sum and a product of the arrivals are hard to tell apart; a number typed there would get the wrong hint.
"""

from __future__ import annotations

import inspect
import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from ..errors import ArgumentError, DomainError, LabError, LabWarning
from ..graph.graph import Graph
from ..graph.trace import trace
from ..recording.arguments import bind, check_function
from ..recording.door import entry
from ..recording.trees import mapped
from ..source import functions
from ..table.values import is_array
from ..text.notation import number
from .array_table import rules_for
from .diagnosis import tolerance
from .sweep import EXACT, RIGHT, Misconception, Misfit, Reverse, is_told, same

TRIES, TRIES_OF_ARRAYS, PROBES = 150, 900, 6
NEAR = 2 * tolerance(4)  # two roundings may meet halfway


@entry('bl.separating_inputs(f, "Ada")')
def separating_inputs(
    f: Callable[..., object],
    seed: object,
    *,
    ask: Sequence[str] = (),
    like: Mapping[str, Any] | None = None,
    unlike: Mapping[str, Any] | None = None,
    low: int | None = None,
    high: int | None = None,
    largest: float = 1000.0,
) -> dict[str, Any]:
    """Small inputs at which the wrong turns of a function answer differently from the right way and from each other.

    Whole numbers, and halves where whole numbers will not do. The same seed gives the same inputs on every machine.
    Misconceptions that agree whatever the inputs are, with each other or with the right answer, count as one. Where
    a kink parts the inputs (relu), agreeing on the draw's side of it is enough, if nothing better is found. For a
    function of arrays the answer is all that is asked for: two misconceptions differ if they do at one of the inputs.

    Parameters
    ----------
    f : a function of numbers that returns one number; parameters with defaults keep them
    seed : what the draw depends on, taken as text: a student's name, say
    ask : the inputs whose derivatives are asked for; if none is given, those that are used more than once, and of a
        function of arrays those that are arrays
    like : for a function of arrays, its arguments by name: arrays of the wanted shapes, numbers, and lists of them
    unlike : inputs that nobody gets, because their answers are known: the lecture's, say
    low, high : the inputs lie between these whole numbers; from 1 to 9 if not given, with `like` from −4 to 4 without 0
    largest : a bound for all primals and right answers, so that no draw is much harder than another

    Returns
    -------
    The inputs by name; the right answers at the inputs asked for are not 0

    Raises
    ------
    ArgumentError : no such inputs were found, or f cannot be called with one number for each parameter
    """
    names = _parameters(f)
    low = (1 if like is None else -4) if low is None else low
    high = (9 if like is None else 4) if high is None else high
    if not (isinstance(low, int) and isinstance(high, int) and low <= high):
        given = f"{low!r:.40} and {high!r:.40}"
        raise ArgumentError(f"low and high must be whole numbers in order, not {given}; write low=1, high=9")
    if not isinstance(largest, int | float):
        raise ArgumentError(f"largest must be a number, not {largest!r:.40}; write largest=1000.0")
    if like is not None and not isinstance(like, Mapping):
        raise ArgumentError(f"like must be a dict of arguments by name, not {like!r:.40}; write like={{'x': x}}")
    if like is not None and low == high == 0:
        raise ArgumentError("low and high must leave room for numbers other than 0; write low=-4, high=4, say")
    apart: Pairs | None = None if like is None else set()
    draw, why = random.Random(str(seed)), "they leave the domain of an operation"
    for halves, everywhere in ((False, True), (True, True), (False, False)):
        for _ in range(TRIES if like is None else TRIES_OF_ARRAYS):
            if like is None:
                inputs: dict[str, Any] = {name: _number(draw, low, high, halves) for name in names}
                if inputs == unlike:
                    continue
            else:
                inputs = _alike(draw, like, low, high, halves)
            try:
                with warnings.catch_warnings(action="ignore", category=LabWarning):
                    graph = trace(f, **inputs)
            except DomainError:
                continue
            trouble = _trouble(graph, ask, largest, (low, high) if everywhere else None, apart)
            if trouble is None:
                return inputs
            why = trouble
    raise ArgumentError(
        f"no inputs from {low} to {high} suit {functions.name_of(f)}{functions.line_of(f)}: {why}; "
        "change low, high or largest, or ask for another input"
    )


def _number(draw: random.Random, low: int, high: int, halves: bool) -> float:
    twice = draw.randint(2 * low, 2 * high) if halves else 2 * draw.randint(low, high)
    return twice / 2 if twice % 2 else twice // 2


def _alike(draw: random.Random, like: Mapping[str, Any], low: int, high: int, halves: bool) -> dict[str, Any]:
    """Numbers and arrays in the shapes of these, none of them 0."""

    def one() -> float:
        return next(x for x in iter(lambda: _number(draw, low, high, halves), None) if x)

    def drawn(x: Any, name: str) -> Any:
        return np.reshape([float(one()) for _ in range(x.size)], x.shape) if isinstance(x, np.ndarray) else one()

    found: dict[str, Any] = mapped(drawn, dict(like))
    return found


def _parameters(f: Callable[..., object]) -> list[str]:
    check_function(f)
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        bind(f, (), {})  # has the sentence for built-in functions
        raise
    for p in parameters:
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            name = functions.name_of(f)
            raise ArgumentError(f"how many numbers {name} takes is open (*{p.name}); give each one a name")
    return [p.name for p in parameters if p.default is p.empty]


def _trouble(
    graph: Graph, ask: Sequence[str], largest: float, span: tuple[int, int] | None, apart: Pairs | None
) -> str | None:
    """What speaks against a draw, or None; pairs that are known not to agree elsewhere are noted in `apart`."""
    names = graph.names[: len(graph.input_names)]
    unknown = [name for name in ask if name not in names]
    if unknown:
        raise ArgumentError(f"{unknown[0]} is not an input; ask for one of {', '.join(names)}")
    if graph.notes:
        return next(iter(graph.notes.values())).sentence
    too_large = f"the numbers get larger than {number(largest)}"
    if any(_size(y) > largest for y in graph.values):
        return too_large
    sweep = Reverse(graph)
    inputs = range(len(names))
    usual = (k for k in inputs if (is_array(graph.values[k]) if sweep.arrays else len(sweep.uses.get(k, ())) > 1))
    ids = [names.index(name) for name in ask] or list(usual) or list(inputs)
    if any(_size(sweep.right[id]) > largest for id in ids):
        return too_large
    for id in ids:
        if not np.any(sweep.right[id]):
            return f"the derivative with respect to {names[id]} is 0"
    rules = drawn_rules(sweep)
    groups = [ids] if sweep.arrays else [[id] for id in ids]
    confused = _coinciding(sweep, groups)
    chance = confused & apart if apart and span else set()
    if not chance:
        chance = confused - _always_coinciding(graph, groups, confused, span)
    if apart is not None and span:
        apart |= chance
    for g, i, j in sorted(chance):
        return f"“{rules[i].name}” and “{rules[j].name}” give the same for {', '.join(names[id] for id in groups[g])}"
    return None


def _size(x: Any) -> float:
    return float(np.max(np.abs(x), initial=0.0)) if is_array(x) else float(abs(x))


# What draws keep apart, in its second version. The list is frozen: with another one students would find other numbers
# in their exercises, so a new misconception stays out of it. Whoever puts one in begins the next version.
_DRAWN_AGAINST = """
keeps the last arrival, keeps the first arrival, exponent lost, factors not swapped, minus lost, upstream factor lost,
local partial for the whole, quotient without minus, quotient without square, slope at the output,
used before complete, passes on at each arrival, pulled back twice, run twice, inputs not zeroed, inputs exchanged,
seeded with the value, adds along a path, multiplies the arrivals, averages the arrivals,
all inputs in one forward sweep, one-sided difference, central difference, transpose forgotten,
outer product forgotten, outer product in the wrong order, inner product for the outer,
slope of the activation forgotten, slope taken at the adjoint, function for its slope,
not summed over what was repeated, mean over what was repeated, mean for sum, sum for mean
"""
DRAWN_AGAINST = frozenset(name.strip() for name in _DRAWN_AGAINST.split(","))


def drawn_rules(sweep: Reverse) -> tuple[Misconception, ...]:
    """What draws keep apart on a graph: the right rule, and the misconceptions."""
    return (RIGHT, *(rule for rule in rules_for(sweep) if rule.name in DRAWN_AGAINST))


Pairs = set[tuple[int, int, int]]  # a group of nodes and two places among the right rule and those that are tried


def _coinciding(sweep: Reverse, groups: list[list[int]]) -> Pairs:
    """Which rules give the same numbers, but for rounding, at all nodes of which group."""
    rules = drawn_rules(sweep)
    table = [sweep.numbers(rule, sum(groups, []))[0] for rule in rules]

    def counts(rule: Misconception, answer: Any, id: int) -> bool:
        """A difference quotient that rounds to the right answer is a right answer."""
        return is_told(answer) and not (rule.approximate and same(answer, sweep.right[id], NEAR))

    pairs: Pairs = set()
    for g, group in enumerate(groups):
        told = [
            {id for id in group if counts(rule, numbers[id], id)} for rule, numbers in zip(rules, table, strict=True)
        ]
        for i, j in combinations(range(len(table)), 2):
            both = told[i] & told[j]
            if both and all(same(table[i][id], table[j][id], NEAR) for id in both):
                pairs.add((g, i, j))
    return pairs


def _always_coinciding(graph: Graph, groups: list[list[int]], pairs: Pairs, span: tuple[int, int] | None) -> Pairs:
    """The pairs that agree at other inputs too: near these, and anywhere in the span if there is one."""
    draw, done = random.Random("probes"), 0
    tried = {k for _, i, j in pairs for k in (i, j)}
    ids = sum(groups, [])
    arrays = any(is_array(n.value) for n in graph.inputs)
    for attempt in range((12 if arrays else 4) * PROBES):
        far = span if attempt % 2 == 0 or arrays else None  # near a net's inputs the same units stay on
        point = {n.name: _near(draw, n.value, far) for n in graph.inputs}
        try:
            sweep = Reverse(graph.replay(**point))
        except LabError:  # out of the domain, or the function branches differently there
            continue
        if sweep.arrays and not all(np.any(sweep.right[id]) for id in ids):
            continue  # where all units of a layer are off, all agree on 0, which says nothing
        answers = {k: sweep.numbers(rule, ids)[0] for k, rule in enumerate(drawn_rules(sweep)) if k in tried}
        agree = {(g, i, j) for g, i, j in pairs if all(_agree(answers[i][id], answers[j][id]) for id in groups[g])}
        done += 1
        if agree != pairs or done == PROBES:
            return agree
    return set()


def _agree(a: Any, b: Any) -> bool:
    return same(a, b, EXACT) or isinstance(a, Misfit) or isinstance(b, Misfit)


def _near(draw: random.Random, x: Any, far: tuple[int, int] | None) -> Any:
    """Somewhere near a number or an array, or anywhere in the span."""
    if is_array(x):
        return np.reshape(np.array([_near(draw, entry, far) for entry in x.ravel().tolist()]), x.shape)
    return draw.uniform(*(far or (x - 0.25, x + 0.25)))
