"""The film of a mystery: a reverse sweep with one rule broken, and what somebody needs who is to find out which.

The adjoints are those of the broken sweep. The local partials are not told: with them in sight, each edge could be
checked by a glance. What may be broken, and why it is not, goes along as data (`mistakes/mystery.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..drawing.texts import cell
from ..errors import ArgumentError
from ..graph.array_rules import called
from ..graph.graph import Edge, Graph, Node
from ..graph.steps import Running
from ..graph.sweeps import Step, Sweep, adjoint_sweep, value_sweep
from ..mistakes.diagnosis import turn_sentence
from ..mistakes.mystery import Case, Claim, Nudge, mystery
from ..mistakes.sweep import EXACT, Reverse, same
from ..table.values import is_array
from ..text.expression import PRODUCT
from ..text.notation import MATHML, PLAIN, Target, adjoint, num, number, partial
from .film import Film, gives
from .told import brief


class MysteryFilm(Film):
    """A reverse film with a rule broken, drawn from a text.

    Raises
    ------
    ArgumentError : no text, or a graph in which nothing can be broken
    """

    case: Case
    text: str
    tape = None  # the broken sweep's numbers are the kernel's

    def __init__(self, graph: Graph, text: str, *options: Any, **named: Any) -> None:
        if not isinstance(text, str) or not text.strip():
            raise ArgumentError(
                f"mystery={text!r:.40} is no text, and a text says which rule is broken; "
                'write mystery="Friday", or any other words'
            )
        self.text = text
        super().__init__(graph, *options, **named)

    def _steps(self) -> Iterator[Step]:
        yield from (s for s in value_sweep(self.graph) if s.node.op != "input")
        self._check_output()
        self.case = mystery(Reverse(self.graph), self.text, self.graph.hidden)
        yield from broken(self.case)

    def _changes(self, step: Step) -> dict[str, str]:
        return {gives(step): cell(step.after)}

    def words(self, at: int) -> tuple[str, str]:
        if at == 0 or self.steps[at - 1].kind == "value":
            return super().words(at)
        step = self.steps[at - 1]
        return _formula(step, PLAIN), _sentence(step)

    def opening(self, pen: Target = PLAIN) -> str:
        return "In the reverse sweep of this film one rule is broken. Step through it, and find out which."

    def frame(self, at: int) -> dict[str, Any]:
        step = self.steps[at - 1]
        if step.kind == "value":
            return super().frame(at)
        known = {key: own for key, own in super().frame(at).items() if key in ("does", "node")}
        return known | {"formula": brief(_formula(step, MATHML), ()), "say": _sentence(step)}  # no partials, no sums

    def _edge(self, edge: Edge) -> dict[str, Any]:
        known = super()._edge(edge)
        return {key: known[key] for key in ("id", "from", "to")} | {"formula": "", "partial": None}

    def data(self, ask: bool | str = False) -> dict[str, Any]:
        data = super().data()
        return data | {
            "about": f"Mystery: {data['about']}",
            "matrices": {"why": "A mystery does not show the local partials."},
            "routes": data["routes"] | {"whole": None},
            "mystery": {
                "claims": [self._claim(claim) for claim in self.case.claims],
                "answer": self.case.claims.index(self.case.answer),
                "found": self._found(),
                "nudges": [_nudge(nudge) for nudge in self.case.nudges()],
            },
        }

    def _claim(self, claim: Claim) -> dict[str, str]:
        if claim is self.case.answer:
            return {"name": claim.name, "says": claim.says, "refuted": ""}
        ids = [id for id in self.case.sweep.uses if id not in self.graph.hidden]
        id, would, there = self.case.refutes(claim, ids)
        return {"name": claim.name, "says": claim.says, "refuted": _refutation(self.graph.nodes[id], would, there)}

    def _found(self) -> dict[str, Any]:
        """Where the broken rule first mattered, with the number that is there and the one that belongs there."""
        case = self.case
        rights = [s for s in adjoint_sweep(self.graph) if s.node.id not in self.graph.hidden]
        start = len(self.steps) - len(rights)
        pairs = enumerate(zip(map(_made, self.steps[start:]), map(_made, rights), strict=True))
        k, (there, belongs) = next((k, pair) for k, pair in pairs if not same(*pair, EXACT))
        step, passed = self.steps[start + k], case.numbers[case.answer.name][1]
        earlier = [s for s in self.steps[start : start + k] if s.kind == "contribution" and s.node == step.node]
        edge = len(earlier) if step.kind == "contribution" else -1
        return {
            "at": start + k + 1,
            "key": f"a{step.node.id}",
            "edge": self.lit_edges(step)[0] if step.kind == "contribution" else "",
            "there": cell(there),
            "right": cell(belongs),
            "says": turn_sentence(case.sweep, case.answer.rule, step.node.id, passed, there, edge),
        }


def broken(case: Case) -> Sweep:
    """The steps of a mystery's sweep: those of the right one, with its numbers."""
    graph, rule = case.sweep.graph, case.answer.rule
    right, running, (bars, passed) = adjoint_sweep(graph), Running(), case.numbers[case.answer.name]
    arrived: Counter[int] = Counter()
    for step in right:
        running.total = step.cost
        id = step.node.id
        if step.edge is None:
            running.step("seed", id, None, bars[id], bars[id])
            continue
        came = case.sweep.arrivals(rule, id, passed)
        arrived[id] += step.kind == "contribution"
        k, child = arrived[id], (step.edge[0].id, step.edge[1])
        before = rule.gather(came[: k - 1]) if k > 1 else 0.0
        after = rule.gather(came[:k]) if k == 1 or step.kind == "sum" else before
        running.step(step.kind, id, before, after, came[k - 1], *child)
    numbers = [bar if known is not None else None for bar, known in zip(bars, right.numbers, strict=True)]
    return Sweep(graph, "adjoint", running, numbers, right.counts["stored"])


def _made(step: Step) -> Any:
    """The number that a step works out."""
    return step.amount if step.kind == "contribution" else step.after


def _formula(step: Step, target: Target) -> str:
    """A step of the broken sweep, without the local partial."""
    node = step.node
    left, result = node.bar(target).text, target.keyed(num(step.after, target), f"a{node.id}").text
    if step.kind != "contribution" or step.edge is None:
        return left + target.op("=") + result
    child, slot = step.edge
    amount = target.keyed(num(step.amount, target), f"a{node.id}").text
    if isinstance(step.partials[0], str):
        return left + target.op("+=") + amount
    slope = target.keyed(partial(child.label, node.label, target), f"w{child.id}_{slot}")
    sent = target.infix("⊙" if is_array(step.partials[0]) else "·", child.bar(target), slope, PRODUCT)
    return left + target.op("+=") + sent.text + target.op("=") + amount


def _sentence(step: Step) -> str:
    if step.kind == "contribution" and step.edge is not None:
        return f"{step.edge[0].label} sends {number(step.amount)} to {called(step.node)}."
    if step.kind == "seed":
        return f"The reverse sweep starts at {step.node.label}, with {number(step.after)}."
    return f"Now the adjoint of {called(step.node)} is {number(step.after)}."


def _refutation(node: Node, would: Any, there: Any) -> str:
    name = adjoint(node.label, PLAIN).text
    if is_array(would) and not (number(would).startswith("[") and number(there).startswith("[")):
        at = np.unravel_index(int(np.argmax(np.abs(would - there))), would.shape)
        name, would, there = f"{name}[{', '.join(map(str, at))}]", float(would[at]), float(there[at])
    return f"Then {name} would be {number(would, 5)}; it is {number(there, 5)}."


def _nudge(nudge: Nudge) -> dict[str, Any]:
    known = bool(np.all(np.isfinite(nudge.difference)))
    return {
        "name": f"all of {nudge.name}" if nudge.together else nudge.name,
        "sweep": number(nudge.sweep, 4),
        "nudge": number(nudge.difference, 4) if known else "cannot move",
        "agrees": nudge.agrees if known else None,
    }
