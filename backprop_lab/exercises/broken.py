"""Exercises with a mystery: numbers on paper that came of a broken rule, and which one is it?

Here is a reverse sweep with a rule broken; an optimiser's first steps are in `broken_steps`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import ArgumentError
from ..mistakes.mystery import PLAYED, mystery
from ..mistakes.sweep import Reverse
from ..text.notation import number
from .base import KEPT, Question, current_seed
from .choose import LETTERS, Choose
from .programs import function_of, listing_of, traced

TRIES = 200
LEAST = 4  # sentences to choose from


@dataclass(frozen=True)
class Posed:
    """What one student gets.

    Attributes
    ----------
    listing, inputs : the program's text, and what it starts from
    found : the numbers that came, in words and a table
    name, says : of what is broken, with its sentence
    refuted : for each of the other sentences a number that would be another one
    """

    listing: str
    inputs: Mapping[str, float]
    found: Sequence[str]
    name: str
    says: str
    refuted: Mapping[str, str]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Broken(Choose):
    """Numbers that somebody has found with one rule broken, and sentences of what it may be.

    Every student has a program, inputs and a rule of their own; no two of the sentences give the same numbers there.

    Attributes
    ----------
    programs : texts such as `"u = x * y; z = u + x"`, each line one operation
    inputs : of the first program, for the empty seed
    rules : what may be broken, by name: a list of the exercise's own, so that a new rule changes nobody's numbers
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

    def candidate(self, seed: str, attempt: int) -> Posed | None:
        """What a student may get; None where the numbers do not do."""
        raise NotImplementedError

    def posed(self, seed: str | None = None) -> Posed:
        """What this student gets.

        Raises
        ------
        ArgumentError : there is nothing within the bounds
        """
        seed = current_seed() if seed is None else seed
        if seed not in self._posed:
            found = filter(None, (self.candidate(seed, attempt) for attempt in range(TRIES)))
            own = next((posed for posed in found if not seed or posed.inputs != self.inputs), None)
            if own is None:
                raise ArgumentError(f"no mystery for {self.id} with the seed {seed!r}; give more programs or rules")
            if len(self._posed) > KEPT:
                self._posed.clear()
            self._posed[seed] = own
        return self._posed[seed]

    def right(self, seed: str | None = None) -> str:
        return self.posed(seed).says

    def replies(self, seed: str | None = None) -> dict[str, str]:
        return dict(self.posed(seed).refuted)

    def question(self, seed: str | None = None) -> Question:
        posed = self.posed(seed)
        listing = f"```python\n{posed.listing.strip()}\n```"
        return self.asking(listing, *posed.found, self.listed(seed), inputs=posed.inputs)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BrokenSweep(Broken):
    """All adjoints that a reverse sweep with one rule broken has found; the rules are those of `mistakes.mystery`."""

    def candidate(self, seed: str, attempt: int) -> Posed | None:
        from ..film.mystery import refuted  # drawing is slow to load

        draw = self.random(seed, attempt)
        program = draw.choice(self.programs) if seed else self.programs[0]
        inputs = {name: float(draw.randint(self.low, self.high)) for name in self.inputs} if seed else self.inputs
        listing = listing_of(program, *self.inputs, name="f")
        graph = traced(function_of(listing, f"<{self.id}: {program}>"), **inputs)
        hidden = [node.id for node in graph if node.op == "constant"]
        played = [claim for claim in PLAYED if claim.name in self.rules]
        try:
            case = mystery(Reverse(graph), f"{seed}/{self.id}/{attempt}", hidden, played, len(LETTERS))
        except ArgumentError:  # nothing can be broken there
            return None
        if len(case.claims) < LEAST or max(map(abs, (*graph.values, *case.bars))) > self.largest:
            return None
        nodes = [graph.nodes[id] for id in case.sweep.uses if id not in hidden]
        inputs_first = sorted((node.id for node in nodes), key=lambda id: id >= len(self.inputs))
        why = {}
        for claim in case.claims:
            caught = case.refutes(claim, inputs_first)
            if caught is not None:  # all but the one that is broken
                why[claim.says] = refuted(graph.nodes[caught[0]], *caught[1:])
        at = ", ".join(f"{name} = {number(x)}" for name, x in inputs.items())
        rows = [f"| {node.name} | {number(node.value)} | {number(case.bars[node.id])} |" for node in nodes]
        table = "\n".join(["| node | value | adjoint |", "|---|---|---|", *rows])
        told = f"at {at}. These are the numbers that the sweep found, in its order:"
        return Posed(listing, dict(inputs), (told, table), case.answer.name, case.answer.says, why)
