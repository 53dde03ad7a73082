"""The film of a mystery: a reverse sweep with one rule broken, and what somebody needs who is to find out which.

The adjoints are those of the broken sweep. The local partials are not told: with them in sight, each edge could be
checked by a glance. What may be broken, and why it is not, goes along as data (`mistakes/mystery.py`).

A page that follows other inputs plays the broken sweeps itself (`widgets/mystery.js`). What a rule does is told by
running it on figures (`text/slots.py`), of which these are its own:

    q            what a node sends on; in sentences q4, that of node 4
    i0, i1, b    what has arrived at a node, in order, and its adjoint
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from ..drawing.texts import cell
from ..errors import ArgumentError
from ..graph.array_rules import called
from ..graph.formulas import AFTER, AMOUNT
from ..graph.graph import Edge, Graph, Node
from ..graph.steps import Running
from ..graph.sweeps import Step, Sweep, adjoint_sweep, value_sweep
from ..mistakes.diagnosis import turn_sentence
from ..mistakes.mystery import SEEN, Case, Claim, Nudge, moved, mystery
from ..mistakes.sweep import EXACT, RIGHT, Misconception, Reverse, same
from ..table.values import is_array, shape_of
from ..text.expression import PRODUCT
from ..text.notation import PLAIN, Target, adjoint, number, partial
from ..text.slots import Figure, named
from .figures import figured_sweep
from .film import Film, gives
from .told import brief

NOWHERE = "At these inputs the broken rule changes no number. Move one of them."
SAME = "At these inputs its numbers would be the same. Move one of them."


class MysteryFilm(Film):
    """A reverse film with a rule broken, drawn from a text.

    Raises
    ------
    ArgumentError : no text, or a graph in which nothing can be broken
    """

    case: Case
    text: str

    def __init__(self, graph: Graph, text: str, *options: Any, kept: Case | None = None, **named: Any) -> None:
        if not isinstance(text, str) or not text.strip():
            raise ArgumentError(
                f"mystery={text!r:.40} is no text, and a text says which rule is broken; "
                'write mystery="Friday", or any other words'
            )
        self.text, self.kept = text, kept
        super().__init__(graph, *options, **named)

    def _steps(self) -> Iterator[Step]:
        yield from (s for s in value_sweep(self.graph) if s.node.op != "input")
        self._check_output()
        sweep = Reverse(self.graph)
        self.case = moved(self.kept, sweep) if self.kept else mystery(sweep, self.text, self.graph.hidden)
        yield from broken(self.case)

    def _changes(self, step: Step) -> dict[str, str]:
        return {gives(step): cell(step.after)}

    def words(self, at: int) -> tuple[str, str]:
        if at == 0 or self.steps[at - 1].kind == "value":
            return super().words(at)
        step = self.steps[at - 1]
        return _formula(step, PLAIN), _sentence(step, PLAIN)

    def opening(self, pen: Target = PLAIN) -> str:
        return "In this reverse sweep one rule is broken. Step through it, and find out which."

    def frame(self, at: int) -> dict[str, Any]:
        step = self.steps[at - 1]
        if step.kind == "value":
            return super().frame(at)
        known = {key: own for key, own in super().frame(at).items() if key in ("does", "node")}
        formula = brief(_formula(step, self.pens.mathml), ())
        return known | {"formula": formula, "say": _sentence(step, self.pens.plain)}  # no partials, no sums

    def _edge(self, edge: Edge) -> dict[str, Any]:
        known = super()._edge(edge)
        return {key: known[key] for key in ("id", "from", "to")} | {"formula": "", "partial": None}

    def placed(self) -> list[Any]:
        """Where the numbers of the broken sweep are on the tape."""
        assert self.entries is not None
        name, sweep = self.case.answer.name, self._cells
        own = Case(sweep, self.case.claims, self.case.answer, {name: sweep.run(self.case.answer.rule)})
        steps = [s for s in broken(own, self.graph) if s.node.id not in self.graph.hidden]
        start = len(self.steps) - len(steps)
        return [0] * start + [self.entries.row(s.node.id, s.before, s.amount, s.after) for s in steps]

    @cached_property
    def _cells(self) -> Reverse:
        """The right sweep with figures."""
        return figured_sweep(self.case.sweep, self.entries)

    def data(self, ask: bool | str = False) -> dict[str, Any]:
        played = {"played": self._played()} if self.tape else {}  # first: what is played goes on the tape
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
                **played,
            },
        }

    def _played(self) -> dict[str, Any]:
        """What the page plays the broken sweeps by at other inputs, and what it says there.

        `rules` has those of the claims, `checks` the nodes at which a claim may be caught and words for that, `says`
        the words of `found` for the steps at which the broken rule may matter first. Of arrays all sweeps are on the
        tape: then `bars` has for each claim where the adjoints of those nodes are, `right` where what each step of the
        right sweep works out.
        """
        sweep, answer = self._cells, self.case.answer.rule
        claims: dict[str, Any] = {}
        if self.entries is None:
            claims["rules"] = [_rule(sweep, claim.rule, claim is self.case.answer) for claim in self.case.claims]
        else:
            claims["rules"] = []
            claims["bars"] = [self._bars(sweep.run(claim.rule)[0]) for claim in self.case.claims]
            rights = self._rights()
            claims["right"] = [0] * (len(self.steps) - len(rights)) + [
                now and self.entries.place(now[1 if step.kind == "contribution" else 2], shape_of(step.node.value))
                for step, now in zip(rights, self.entries.sweeps(rights), strict=True)
            ]
        return {
            **claims,
            "checks": [[id, _refutation(self.graph.nodes[id], "{}", "{}", "{}")] for id in self._checked()],
            "says": dict(_first_places(sweep, answer, self.steps)),
            "nowhere": NOWHERE,
            "same": SAME,
            "seen": SEEN,
            "exact": EXACT,
        }

    def _bars(self, bars: list[Any]) -> dict[int, Any]:
        """Where the adjoints of the nodes are at which a claim may be caught."""
        assert self.entries is not None
        return {id: self.entries.place(bars[id], shape_of(self.graph.values[id])) for id in self._checked()}

    def _checked(self) -> list[int]:
        """The nodes at which a claim may be caught, the inputs first."""
        ids = [id for id in self.case.sweep.uses if id not in self.graph.hidden]
        return list(dict.fromkeys([*range(len(self.graph.input_names)), *ids]))

    def _claim(self, claim: Claim) -> dict[str, str]:
        if claim is self.case.answer:
            return {"name": claim.name, "says": claim.says, "refuted": ""}
        caught = self.case.refutes(claim, self._checked())
        why = SAME if caught is None else refuted(self.graph.nodes[caught[0]], *caught[1:])
        return {"name": claim.name, "says": claim.says, "refuted": why}

    def _rights(self) -> list[Step]:
        """The steps of the right sweep."""
        return [s for s in adjoint_sweep(self.graph) if s.node.id not in self.graph.hidden]

    def _found(self) -> dict[str, Any]:
        """Where the broken rule first mattered, with the number that is there and the one that belongs there."""
        case = self.case
        rights = self._rights()
        start = len(self.steps) - len(rights)
        pairs = enumerate(zip(map(_made, self.steps[start:]), map(_made, rights), strict=True))
        first = next(((k, pair) for k, pair in pairs if _differ(*pair)), None)
        if first is None:
            return {"at": 0, "key": "", "edge": "", "there": "", "right": "", "says": NOWHERE}
        k, (there, belongs) = first
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


def broken(case: Case, graph: Graph | None = None) -> Sweep:
    """The steps of a mystery's sweep: those of the right one over the graph, with its numbers."""
    graph, rule = graph or case.sweep.graph, case.answer.rule
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


def _rule(sweep: Reverse, rule: Misconception, whole: bool) -> dict[str, Any]:
    """What a rule makes of numbers where that is not what the right ones do, over figures.

    The seed, what goes over edges, what becomes of so many arrivals, and what is passed on; also of fewer arrivals than
    all, if the `whole` run is shown.
    """
    q, b = Figure(1.0, "q"), Figure(1.0, "b")
    sends = {
        f"{use.child}_{use.slot}": (named(sweep.sent(rule, use, q)), named(sweep.sent(RIGHT, use, q)))
        for uses in sweep.uses.values()
        for use in uses
    }
    counts = {len(uses) or 1 for uses in sweep.uses.values()}
    lists = {n: [Figure(1.0, f"i{k}") for k in range(n)] for n in (range(1, max(counts) + 1) if whole else counts)}
    gathers = {n: (named(rule.gather(came)), named(RIGHT.gather(came))) for n, came in lists.items()}
    passes = {n: (named(rule.passes(came, b)), "b") for n, came in lists.items()}
    tables: dict[str, dict[Any, tuple[str, str]]] = {"sends": sends, "gather": gathers, "passes": passes}
    broken = {key: {k: own for k, (own, right) in some.items() if own != right} for key, some in tables.items()}
    return {"seed": named(rule.seed(sweep.graph.values[sweep.output])), **broken}


def _first_places(sweep: Reverse, rule: Misconception, steps: list[Step]) -> Iterator[tuple[int, str]]:
    """The steps at which a broken rule may matter first, where all before is right, and what is said then."""
    passed = sweep.run(rule)[1] if sweep.arrays else [Figure(x, f"q{id}") for id, x in enumerate(sweep.right)]
    arrived: Counter[int] = Counter()
    for at, step in enumerate(steps, 1):
        id, edge, name = step.node.id, -1, AFTER
        if step.kind == "value":
            continue
        if step.kind == "contribution":
            edge, name = arrived[id], AMOUNT
            arrived[id] += 1
            use = sweep.uses[id][edge]
            bar = sweep.right[use.child]
            came = sweep.arrivals(RIGHT, use.child, sweep.right)
            own, right = sweep.sent(rule, use, rule.passes(came, bar)), sweep.sent(RIGHT, use, bar)
        elif step.kind == "sum":
            came = sweep.arrivals(RIGHT, id, sweep.right)[: arrived[id]]
            own, right = rule.gather(came), RIGHT.gather(came)
        else:
            own, right = rule.seed(sweep.graph.values[id]), 1.0
        if named(own) != named(right):
            yield at, turn_sentence(sweep, rule, id, passed, own if sweep.arrays else Figure(own, name), edge)


def _made(step: Step) -> Any:
    """The number that a step works out."""
    return step.amount if step.kind == "contribution" else step.after


def _differ(there: Any, belongs: Any) -> bool:
    """Whether a rule has mattered: no number is not one that it changed."""
    return not same(there, belongs, EXACT) and not (np.isnan(there).all() and np.isnan(belongs).all())


def _formula(step: Step, target: Target) -> str:
    """A step of the broken sweep, without the local partial."""
    node = step.node
    left, result = node.bar(target).text, target.keyed(target.figure(step.after, AFTER), f"a{node.id}").text
    if step.kind != "contribution" or step.edge is None:
        return left + target.op("=") + result
    child, slot = step.edge
    amount = target.keyed(target.figure(step.amount, AMOUNT), f"a{node.id}").text
    if isinstance(step.partials[0], str):
        return left + target.op("+=") + amount
    slope = target.keyed(partial(child.label, node.label, target), f"w{child.id}_{slot}")
    sent = target.infix("⊙" if is_array(step.partials[0]) else "·", child.bar(target), slope, PRODUCT)
    return left + target.op("+=") + sent.text + target.op("=") + amount


def _sentence(step: Step, pen: Target) -> str:
    after = pen.figure(step.after, AFTER).text
    if step.kind == "contribution" and step.edge is not None:
        return f"{step.edge[0].label} sends {pen.figure(step.amount, AMOUNT).text} to {called(step.node)}."
    if step.kind == "seed":
        return f"The reverse sweep starts at {step.node.label}, with {after}."
    return f"Now the adjoint of {called(step.node)} is {after}."


def refuted(node: Node, would: Any, there: Any) -> str:
    """Why a wrong claim is wrong: the adjoint that would be at a node, and the one that is there."""
    entry = ""
    if is_array(would) and not (number(would).startswith("[") and number(there).startswith("[")):
        at = np.unravel_index(int(np.argmax(np.abs(would - there))), would.shape)
        entry, would, there = f"[{', '.join(map(str, at))}]", float(would[at]), float(there[at])
    return _refutation(node, number(would), number(there), entry)


def _refutation(node: Node, would: str, there: str, entry: str = "") -> str:
    return f"Then {adjoint(node.label, PLAIN).text}{entry} would be {would}; it is {there}."


def _nudge(nudge: Nudge) -> dict[str, Any]:
    known = bool(np.all(np.isfinite(nudge.difference)))
    return {
        "name": f"all of {nudge.name}" if nudge.together else nudge.name,
        "sweep": number(nudge.sweep),
        "nudge": number(nudge.difference) if known else "cannot move",
        "agrees": nudge.agrees if known else None,
    }
