"""Misconceptions as code: each is a reverse sweep with one rule broken.

`MISCONCEPTIONS` is the table, the likeliest first. An entry names the rule it breaks; everything else is the one sweep
in `Reverse`, so `Reverse(graph).run(entry)` answers as someone with that misconception would, at every node. To cover
another misconception, add an entry. `bl.wrong_turns` and `bl.diagnose` read the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, NamedTuple

from . import source
from .errors import ArgumentError, LabError
from .graph import Graph
from .notation import number as _text
from .primitives import BY_CODE, Primitive
from .sweeps import adjoint_sweep

__all__ = ["MISCONCEPTIONS", "Misconception", "Reverse", "Use", "same"]

source.engine_module(globals())
EXACT, SMALLEST = 1e-9, 1e-12  # numbers this close, relatively or absolutely, are the same but for round-off


def same(a: float, b: float, tolerance: float) -> bool:
    """Whether two numbers agree, relatively; a number that is not finite agrees with itself only."""
    return a == b or abs(a - b) <= max(tolerance * max(abs(a), abs(b)), SMALLEST) < math.inf


class Use(NamedTuple):
    """One use of a node, where the sweep sends something back: by which child, as which operand, with which slope."""

    child: int
    slot: int
    op: Primitive
    operands: tuple[Any, ...]
    value: Any
    slope: float


@dataclass(frozen=True)
class Misconception:
    """A reverse sweep with one rule broken; the defaults are the right rules.

    Attributes
    ----------
    name : its key in `wrong_turns(graph)`
    sentence : what happens, with places for this graph's names and numbers
    slope : the local partial on an edge
    carry : what arrives over an edge, of the child's adjoint and the local partial
    gather : the node's adjoint, of all that arrived, in the order of the sweep
    passes : what the node sends on, of all that arrived and its adjoint
    seed : what the sweep starts from, of the output's value
    runs : how often the sweep runs over the same adjoints
    instead : for an answer that no reverse sweep gives: the number for one node, all others staying right
    approximate : the number is meant to be close to the right one
    """

    name: str
    sentence: str
    slope: Callable[[Use], float] = lambda use: use.slope
    carry: Callable[[float, float, Use], float] = lambda bar, slope, use: bar * slope
    gather: Callable[[list[float]], float] = sum
    passes: Callable[[list[float], float], float] = lambda came, bar: bar
    seed: Callable[[float], float] = lambda value: 1.0
    runs: int = 1
    instead: Callable[[Reverse, int], float] | None = None
    approximate: bool = False


RIGHT = Misconception("right", "nothing is broken")


class Reverse:
    """The reverse sweep over one graph, run with the right rules or with a misconception's.

    `right` has the right adjoint of every node, by node number; `order` the nodes in the order in which the sweep
    completes them; `uses` what arrives at each, in order.
    """

    def __init__(self, graph: Graph) -> None:
        if not isinstance(graph, Graph):
            raise ArgumentError(f"wrong turns are looked for in a graph, not in {graph!r:.40}; write bl.trace(f, x=3)")
        if len(graph.output_ids) != 1:
            raise ArgumentError(
                f"this graph has {len(graph.output_ids)} outputs, and wrong turns are for graphs of one"
            )
        if not all(isinstance(record[5], Real) for record in graph.records):
            raise ArgumentError("wrong turns are for graphs of numbers, and this graph has an array or complex value")
        self.graph, self.output = graph, graph.output_ids[0]
        self.uses: dict[int, list[Use]] = {self.output: []}
        for step in adjoint_sweep(graph):
            if step.kind == "contribution" and step.edge is not None:
                child, slot = step.edge
                assert child.primitive is not None
                use = Use(child.id, slot, child.primitive, child.operands, child.value, step.partials[0])
                self.uses[step.node.id] = [*self.uses.pop(step.node.id, ()), use]  # the last to be completed is last
        self.right, self.passed = self.run(RIGHT)

    def run(self, rule: Misconception) -> tuple[list[float], list[float]]:
        """Each node's adjoint, and what it sends on, by node number. What the output ignores has 0."""
        bars, passed = [0.0] * len(self.graph), [0.0] * len(self.graph)
        for _ in range(rule.runs):
            for id in self.uses:
                came = self.arrivals(rule, id, passed)
                bars[id] = rule.gather(came) + (0.0 if id == self.output else bars[id])
                passed[id] = rule.passes(came, bars[id])
        return bars, passed

    def arrivals(self, rule: Misconception, id: int, passed: Sequence[float]) -> list[float]:
        """What arrives at a node when its users send these numbers."""
        if id == self.output:
            return [rule.seed(float(self.graph.records[id][5]))]
        return [rule.carry(passed[use.child], rule.slope(use), use) for use in self.uses[id]]

    def numbers(self, rule: Misconception, ids: Iterable[int]) -> tuple[list[float], list[float]]:
        """As `run`, but an answer that no reverse sweep gives is worked out at these nodes only."""
        if rule.instead is None:
            return self.run(rule)
        found = list(self.right)
        for id in ids:
            found[id] = rule.instead(self, id)
        return found, self.passed

    def last_step(self, rule: Misconception, id: int) -> tuple[float, list[float]]:
        """The number at a node, and what all nodes send, if the rule is broken only in the steps into this node."""
        if rule.instead is not None or id not in self.uses:
            return self.right[id], self.passed
        sent = list(self.passed)
        for use in self.uses[id]:
            sent[use.child] = rule.passes(self.arrivals(RIGHT, use.child, self.passed), self.right[use.child])
        bar = rule.gather(self.arrivals(rule, id, sent))
        return bar + (self.right[id] if rule.runs > 1 and id != self.output else 0.0), sent

    def output_with(self, id: int, value: float) -> float:
        """The output's value if one node had another value: for difference quotients."""
        values: dict[int, Any] = {id: value}
        for child in range(id + 1, self.output + 1):
            code, i, j, a, b, _ = self.graph.records[child]
            if any(k in values for k in self.graph.operand_ids(child)):
                op = BY_CODE[code]
                second = values.get(j, b) if op.arity == 2 else b
                values[child] = op.function(*op.operands(values.get(i, a), second))
        return float(values[self.output] if self.output in values else self.graph.records[self.output][5])


# --- the table --------------------------------------------------------------------------------------------------------

EXPONENTS = {"square": 2.0, "sqrt": 1 / 2, "cbrt": 1 / 3}


def _without_exponent(use: Use) -> float:
    takes = {"power": 1, "pow": 1 if use.slot == 0 else None}.get(use.op.name)
    exponent = EXPONENTS.get(use.op.name, 1.0) if takes is None else use.operands[takes]
    return use.slope / exponent if exponent else use.slope


def _own_value(use: Use) -> float:
    return float(use.operands[use.slot]) if use.op.name == "mul" else use.slope


def _at_output(use: Use) -> float:
    if use.op.arity != 1:
        return use.slope
    operands = (use.value, *use.operands[1:])
    try:
        return float(use.op.slope(0, use.op.function(*operands), operands))
    except LabError:  # the result is no operand for this operation: nobody takes the derivative there
        return use.slope


def _plus(names: tuple[str, ...]) -> Callable[[Use], float]:
    return lambda use: -use.slope if use.op.name in names and use.slot == use.op.arity - 1 else use.slope


def _without_square(use: Use) -> float:
    divides = use.op.name == "reciprocal" or use.op.name == "div" and use.slot == 1
    return use.slope * use.operands[-1] if divides else use.slope


def _without_upstream(bar: float, slope: float, use: Use) -> float:
    return bar * slope if use.op.partials[use.slot] in ("1", "-1") else slope  # a sum just copies


def _difference(h: float, sides: int) -> Misconception:
    def quotient(sweep: Reverse, id: int) -> float:
        x = float(sweep.graph.records[id][5])
        try:
            return (sweep.output_with(id, x + h) - sweep.output_with(id, x - h * (sides - 1))) / (sides * h)
        except LabError:  # a step out of the domain
            return math.nan

    name, text, order = (
        ("one-sided difference", "(f(x + h) − f(x)) / h", "h"),
        ("central difference", "(f(x + h) − f(x − h)) / 2h", "h²"),
    )[sides - 1]
    return Misconception(
        name,
        f"the difference quotient {text} with h = {_text(h)} is taken for the derivative: "
        f"its error is of order {order}, a sweep has none",
        instead=quotient,
        approximate=True,
    )


def _all_at_once(sweep: Reverse, id: int) -> float:
    inputs = range(len(sweep.graph.input_names))
    return sum(sweep.right[k] for k in inputs) if id in inputs else sweep.right[id]


LOST = "the local partial is {slope}, not {wrong}"
MISCONCEPTIONS = (
    Misconception("keeps the last arrival", gather=lambda came: came[-1], sentence=
        "only the last arrival at {where} is kept, {last}; {earlier} came before it, and arrivals add up"),
    Misconception("keeps the first arrival", gather=lambda came: came[0], sentence=
        "only the first arrival at {where} is kept, {first}; then comes {later}, and arrivals add up"),
    Misconception("exponent lost", slope=_without_exponent, sentence=
        "the exponent of {formula} does not come down as a factor: " + LOST),
    Misconception("factors not swapped", slope=_own_value, sentence=
        "the product {formula} sends {where} its own value {wrong}: a factor gets the other one, {slope}"),
    Misconception("minus lost", slope=_plus(("sub", "neg")), sentence="the minus of {formula} is lost: " + LOST),
    Misconception("upstream factor lost", carry=_without_upstream, sentence=
        "{where} gets the local partial of {formula}, {slope}, without the factor {bar}, the adjoint of {child}"),
    Misconception("local partial for the whole", carry=lambda bar, slope, use: slope, sentence=
        "one step is taken for the whole derivative: {where} gets local partials alone, {terms}, without the adjoints "
        "of the nodes they lead to"),
    Misconception("quotient without minus", slope=_plus(("div", "reciprocal")), sentence=
        "the minus in the derivative of {formula} by {where} is lost: " + LOST),
    Misconception("quotient without square", slope=_without_square, sentence=
        "the denominator in the derivative of {formula} by {where} is not squared: " + LOST),
    Misconception("slope at the output", slope=_at_output, sentence=
        "the derivative of {formula} is taken at its result {result}: at {where} = {value} " + LOST),
    Misconception("used before complete", passes=lambda came, bar: came[0] if came else bar, sentence=
        "{child} passes on {bar}, the first that arrived, before it is complete: its adjoint is {full}"),
    Misconception("pulled back twice", passes=lambda came, bar: bar * len(came), sentence=
        "{child} is used {times} times and passes its adjoint on as often: {full} is the sum already, to be passed on "
        "once"),
    Misconception("run twice", runs=2, sentence=
        "the sweep runs twice and nothing is zeroed in between: the second run adds to what the first one left"),
    Misconception("seeded with the value", seed=lambda value: value, sentence=
        "the sweep starts from {value}, the value of {where}, and not from 1: an output changes as fast as itself"),
    Misconception("adds along a path", carry=lambda bar, slope, use: bar + slope, sentence=
        "{where} gets {added} from {child} instead of {multiplied}: along a path, derivatives multiply"),
    Misconception("multiplies the arrivals", gather=math.prod, sentence=
        "the arrivals at {where} are multiplied, {factors}; they add up"),
    Misconception("averages the arrivals", gather=lambda came: sum(came) / len(came), sentence=
        "the arrivals at {where} are averaged, ({terms}) / {count}; they add up"),
    Misconception("all inputs in one forward sweep", instead=_all_at_once, sentence=
        "one forward sweep is seeded with 1 at every input, and gives the sum of their derivatives: each input needs a "
        "sweep of its own"),
    _difference(0.1, sides=1),
    _difference(0.1, sides=2),
)  # fmt: skip
OTHER_STEPS = tuple(_difference(h, sides) for h in (1.0, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6) for sides in (1, 2))
