"""Exercises with a mystery: a reverse sweep's numbers on paper, and which of its rules is broken?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..errors import ArgumentError
from ..graph.graph import Node
from ..mistakes.mystery import PLAYED, Case, Claim, mystery
from ..mistakes.sweep import Reverse
from ..text.notation import number
from .base import Question, current_seed
from .choose import LETTERS, Choose
from .programs import function_of, listing_of, traced

TRIES = 200
LEAST = 4  # sentences to choose from


class Posed(NamedTuple):
    """What one student gets: the program's text, its inputs, and the sweep with a rule broken."""

    listing: str
    inputs: dict[str, float]
    case: Case

    @property
    def shown(self) -> list[Node]:
        """The nodes whose numbers are shown, in the order of the sweep."""
        nodes = [self.case.sweep.graph.nodes[id] for id in self.case.sweep.uses]
        return [node for node in nodes if node.op != "constant"]

    def refuted(self, claim: Claim) -> str:
        """Why a rule is not the broken one: a number that would be another, of an input if there is one."""
        from ..film.mystery import refuted  # drawing is slow to load

        ids = sorted((node.id for node in self.shown), key=lambda id: id >= len(self.inputs))
        caught = self.case.refutes(claim, ids)
        return "" if caught is None else refuted(self.case.sweep.graph.nodes[caught[0]], *caught[1:])


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Broken(Choose):
    """All adjoints that a reverse sweep with one rule broken has found, and sentences of what it may be.

    Every student has a graph, inputs and a rule of their own; no two of the sentences give the same numbers there.

    Attributes
    ----------
    programs : texts such as `"u = x * y; z = u + x"`, each line one operation
    inputs : of the first program, for the empty seed
    rules : what may be broken, by the names of `mistakes.mystery.PLAYED`: a list of the exercise's own, so that a new
        rule changes nobody's numbers
    low, high, largest : bounds for the drawn inputs, and for all numbers
    """

    programs: Sequence[str]
    inputs: Mapping[str, float]
    rules: Sequence[str]
    reason: str = ""  # which sentence is right is drawn
    low: int = 2
    high: int = 9
    largest: float = 1000.0
    called: str = "the broken rule"
    _posed: dict[str, Posed] = field(default_factory=dict, init=False)

    def posed(self, seed: str | None = None) -> Posed:
        """The sweep of this student.

        Raises
        ------
        ArgumentError : there is none within the bounds
        """
        seed = current_seed() if seed is None else seed
        if seed not in self._posed:
            self._posed[seed] = self._drawn(seed)
        return self._posed[seed]

    def _drawn(self, seed: str) -> Posed:
        played = [claim for claim in PLAYED if claim.name in self.rules]
        for attempt in range(TRIES):
            draw = self.random(seed, attempt)
            program = draw.choice(self.programs) if seed else self.programs[0]
            inputs = {name: float(draw.randint(self.low, self.high)) for name in self.inputs} if seed else self.inputs
            listing = listing_of(program, *self.inputs, name="f")
            graph = traced(function_of(listing, f"<{self.id}: {program}>"), **inputs)
            hidden = [node.id for node in graph if node.op == "constant"]
            try:
                case = mystery(Reverse(graph), f"{seed}/{self.id}/{attempt}", hidden, played, len(LETTERS))
            except ArgumentError:  # nothing can be broken there
                continue
            largest = max(map(abs, (*graph.values, *case.bars)))
            if len(case.claims) >= LEAST and largest <= self.largest and (not seed or inputs != self.inputs):
                return Posed(listing, dict(inputs), case)
        raise ArgumentError(f"no sweep for {self.id} with the seed {seed!r}; give more programs or rules")

    def right(self, seed: str | None = None) -> str:
        return self.posed(seed).case.answer.says

    def replies(self, seed: str | None = None) -> dict[str, str]:
        posed = self.posed(seed)
        return {claim.says: posed.refuted(claim) for claim in posed.case.claims if claim is not posed.case.answer}

    def question(self, seed: str | None = None) -> Question:
        posed = self.posed(seed)
        at = ", ".join(f"{name} = {number(x)}" for name, x in posed.inputs.items())
        bars = posed.case.bars
        rows = [f"| {node.name} | {number(node.value)} | {number(bars[node.id], 5)} |" for node in posed.shown]
        listing = f"```python\n{posed.listing.strip()}\n```"
        found = f"at {at}. These are the numbers that the sweep found, in its order:"
        table = "\n".join(["| node | value | adjoint |", "|---|---|---|", *rows])
        return self.asking(listing, found, table, self.listed(seed), inputs=posed.inputs)
