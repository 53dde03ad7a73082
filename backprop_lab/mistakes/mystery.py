"""A reverse sweep with one rule broken, for who is to find out which: drawn from a text, always the same for the same.

    case = mystery(Reverse(graph), "Friday's group")
    case.answer                 the `Claim` that is true: its rule is broken
    case.claims                 what it may be, at most six, each with numbers of its own on this graph
    case.nudges()               for each input, the derivative by differences

`PLAYED` has what may be broken, with a sentence for the list: rules of `table.py` and `array_table.py`, and a few that
are too coarse to be typed. All claims of a case change what arrives at an input, and no two of them give the same.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, LabError
from ..table.values import is_array, shape_of
from .array_table import ARRAY_MISCONCEPTIONS
from .diagnosis import tolerance
from .sweep import Misconception, Reverse, Use, is_told, same, told
from .table import MISCONCEPTIONS

MOST = 6  # claims, one for each of the keys 1 to 6
SEEN = tolerance(3)  # a difference that is seen in three digits
SMALL = 6  # entries of an array that are nudged one by one; of a larger array, all together


class Claim(NamedTuple):
    """What may be broken: the sweep that breaks it, and a sentence for the list."""

    rule: Misconception
    says: str

    @property
    def name(self) -> str:
        return self.rule.name


class Nudge(NamedTuple):
    """What the mystery's sweep says of an input, and what the output does when the input is moved a little.

    Of an array with many entries, both are for all of them moved together.
    """

    name: str
    sweep: Any
    difference: Any
    together: bool

    @property
    def agrees(self) -> bool:
        return same(self.sweep, self.difference, SEEN)


def _through(bar: Any, slope: Any, use: Use) -> Any:
    known = use.op.arity == 1 and use.op.elementwise and use.op.family not in ("arithmetic", "powers", "slopes")
    return bar if known else bar * slope


_OWN_SENTENCES = """
slope of a function forgotten: {child} passes its adjoint to {where} as it is: {formula} has a slope there, {slope}
seeded with 2: the sweep starts from 2 and not from 1: an output changes as fast as itself
seeded with 0: the sweep starts from 0 and not from 1: an output changes as fast as itself
"""
_OWN = told(
    _OWN_SENTENCES,
    Misconception("slope of a function forgotten", carry=_through),
    Misconception("seeded with 2", seed=lambda value: 2.0),
    Misconception("seeded with 0", seed=lambda value: 0.0),
)
# Each by its rule's name, in the order of the list on the page. A text draws from them: a new entry gives some texts
# another mystery.
_SAYS = {
    "keeps the last arrival": "At a shared node, the last arrival replaces the others.",
    "keeps the first arrival": "At a shared node, only the first arrival counts.",
    "multiplies the arrivals": "At a shared node, arrivals are multiplied.",
    "averages the arrivals": "At a shared node, arrivals are averaged.",
    "used before complete": "A shared node passes on before all has arrived.",
    "pulled back twice": "A shared node passes its adjoint on once for each use.",
    "exponent lost": "A power's exponent does not come down.",
    "factors not swapped": "A factor gets its own value as slope.",
    "minus lost": "A difference loses its minus.",
    "quotient without minus": "A quotient's denominator loses its minus.",
    "quotient without square": "A quotient's denominator is not squared.",
    "slope of a function forgotten": "A function's slope is left out.",
    "slope at the output": "Slopes are taken at the result, not at the operand.",
    "upstream factor lost": "A slope is sent as it is, not times the adjoint.",
    "adds along a path": "Adjoint and slope are added, not multiplied.",
    "seeded with the value": "The sweep starts from the output's value.",
    "seeded with 2": "The sweep starts from 2.",
    "seeded with 0": "The sweep starts from 0.",
    "transpose forgotten": "A matrix product forgets its transpose.",
    "outer product in the wrong order": "An outer product is turned round.",
    "slope taken at the adjoint": "An activation's slope is taken at the adjoint.",
    "function for its slope": "An activation's result stands in for its slope.",
    "mean over what was repeated": "A mean is taken over what was repeated, not a sum.",
    "mean for sum": "A sum shares its adjoint out, as a mean does.",
    "sum for mean": "A mean sends its whole adjoint, as a sum does.",
}
SEEDS = {"seeded with the value", "seeded with 2", "seeded with 0"}  # one of them is enough in a list
_RULES = {rule.name: rule for rule in (*MISCONCEPTIONS, *ARRAY_MISCONCEPTIONS, *_OWN)}
PLAYED = tuple(Claim(_RULES[name], says) for name, says in _SAYS.items())


@dataclass(frozen=True)
class Case:
    """One mystery: `numbers` has each claim's adjoints by node number, and what its nodes pass on."""

    sweep: Reverse
    claims: tuple[Claim, ...]
    answer: Claim
    numbers: dict[str, tuple[list[Any], list[Any]]]

    @property
    def bars(self) -> list[Any]:
        """The adjoints that the broken sweep finds."""
        return self.numbers[self.answer.name][0]

    def refutes(self, claim: Claim, ids: Collection[int]) -> tuple[int, Any, Any] | None:
        """The first of some nodes at which a wrong claim is caught: its number, the adjoint that would be there, and
        the one that is. None where it is caught nowhere, as may be where inputs have moved."""
        would, there = self.numbers[claim.name][0], self.bars
        id = next((id for id in ids if _seen(would[id], there[id])), None)
        return None if id is None else (id, would[id], there[id])

    def nudges(self) -> Iterator[Nudge]:
        """What happens to the output when an input moves a little."""
        for id, name in enumerate(self.sweep.graph.input_names):
            x, bar = self.sweep.graph.values[id], self.bars[id]
            together = is_array(x) and x.size > SMALL
            if not is_array(x) or together:
                found = _slope(self.sweep, id, np.ones(shape_of(x)) if together else 1.0)
                yield Nudge(name, float(np.sum(bar)), found, together)
                continue
            ways = np.eye(x.size).reshape(x.size, *x.shape)
            yield Nudge(name, bar, np.reshape([_slope(self.sweep, id, way) for way in ways], x.shape), together)


def moved(case: Case, sweep: Reverse) -> Case:
    """The same mystery where inputs have moved, whatever its rules change there."""
    return Case(sweep, case.claims, case.answer, {claim.name: sweep.run(claim.rule) for claim in case.claims})


def mystery(
    sweep: Reverse, text: str, hidden: Collection[int] = (), played: Sequence[Claim] = PLAYED, most: int = MOST
) -> Case:
    """The mystery of a text on a graph; another text may break another rule. Nobody sees the `hidden` nodes.

    An exercise says what may be broken, `played`: with an entry more its students would find other numbers.

    The rule is the first that the text draws. If that leaves most adjoints 0, there is little to see: then it is the
    one that leaves most of them alive.

    Raises
    ------
    ArgumentError : no two rules can be broken here so that one sees it
    """
    graph = sweep.graph
    draw = random.Random(f"mystery {text}")
    order = draw.sample(played, len(played))  # the same whatever the inputs are
    ids = [id for id in sweep.uses if id not in hidden]
    inputs = [id for id in ids if id < len(graph.input_names)]
    chosen: list[Claim] = []
    numbers: dict[str, tuple[list[Any], list[Any]]] = {}
    for claim in order if len(sweep.uses) > 1 else ():
        if claim.name in SEEDS and SEEDS & numbers.keys():
            continue
        bars, passed = sweep.run(claim.rule)
        told = [sweep.right, *(numbers[other.name][0] for other in chosen)]
        found = ((x, graph.values[id]) for id in sweep.uses for x in (bars[id], passed[id]))
        if not all(is_told(x) and shape_of(x) == shape_of(value) for x, value in found):
            continue  # it could not stand at its node
        if not any(_seen(bars[id], sweep.right[id]) for id in inputs):
            continue  # no nudge would tell
        if all(any(_seen(bars[id], other[id]) for id in ids) for other in told):
            chosen.append(claim)
            numbers[claim.name] = bars, passed
        if len(chosen) == most:
            break
    if len(chosen) < 2:
        what = "no input leads to the output" if not inputs else "no two rules change what reaches an input"
        raise ArgumentError(
            f"nothing can be broken in this graph: {what}; a mystery needs a function such as x * y + x, "
            "at numbers other than 0"
        )
    alive = [id for id in ids if np.any(sweep.right[id])]
    dead = {name: sum(not np.any(bars[id]) for id in alive) for name, (bars, _) in numbers.items()}
    answer = chosen[0]
    if 2 * dead[answer.name] > len(alive):  # a run of zeros shows nothing
        answer = min(chosen, key=lambda claim: dead[claim.name])
    return Case(sweep, tuple(sorted(chosen, key=PLAYED.index)), answer, numbers)


def _seen(a: Any, b: Any) -> bool:
    return not same(a, b, SEEN)


def _slope(sweep: Reverse, id: int, way: Any) -> float:
    """How fast the output changes when a node moves that way; nan where it cannot."""
    x = sweep.graph.values[id]
    h = 1e-3 * max(1.0, float(np.max(np.abs(x))))
    try:
        with np.errstate(all="ignore"):
            near, far = (
                sweep.output_with(id, x + step * way) - sweep.output_with(id, x - step * way) for step in (h, 2 * h)
            )
    except LabError:  # out of the domain
        return float("nan")
    return (8 * near - far) / (12 * h)
