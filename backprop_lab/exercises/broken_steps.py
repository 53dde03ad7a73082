"""Exercises with an optimiser's first steps, made with one of its rules broken: which one is it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..descent.methods import method_of, symbol
from ..descent.mistakes import MISSTEPS, Numbers, gone_wrong, trail
from ..mistakes.mystery import SEEN
from ..mistakes.sweep import same
from ..text.notation import PLAIN, number
from .broken import LEAST, Broken, Posed
from .choose import LETTERS
from .programs import function_of, listing_of
from .steps import planned


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BrokenSteps(Broken):
    """The numbers of the first steps downhill with one rule of the method broken: one of `descent.mistakes`.

    Attributes
    ----------
    method : a key of `bl.methods`
    inputs : the parameters of the programs, then the settings: `{"w": 4.0, "rate": 0.25, "gamma": 0.5}`
    choices : for inputs that are no whole numbers, what they are drawn from
    steps : how many
    """

    method: str
    choices: Mapping[str, Sequence[float]] = field(default_factory=dict)
    steps: int = 2

    def candidate(self, seed: str, attempt: int) -> Posed | None:
        draw, method = self.random(seed, attempt), method_of(self.method)
        names = [name for name in self.inputs if name not in method.settings]
        program = draw.choice(self.programs) if seed else self.programs[0]
        inputs = {
            name: float(draw.choice(self.choices[name]) if name in self.choices else draw.randint(self.low, self.high))
            for name in self.inputs
        }
        inputs = inputs if seed else dict(self.inputs)
        listing = listing_of(program, *names, name="loss")
        plan = planned(function_of(listing, f"<{self.id}: {program}>"), names, inputs, method)
        right = trail(plan, self.steps)
        turns = [turn for turn in MISSTEPS if turn.name in self.rules]
        walks: dict[str, tuple[str, Numbers]] = {}
        for turn in draw.sample(turns, len(turns)):
            numbers = gone_wrong(plan, self.steps, turn)
            others = [right, *(other for _, other in walks.values())]
            if numbers is not None and all(_first(numbers, other) for other in others):
                says = turn.told(method)
                walks[f"{says[0].upper()}{says[1:]}."] = turn.name, numbers
            if len(walks) == len(LETTERS):
                break
        says, (broken, found) = next(iter(walks.items()))
        if len(walks) < LEAST or max(map(abs, found.values())) > self.largest:
            return None
        why = {other: _why(numbers, found) for other, (_, numbers) in walks.items() if other != says}
        start = ", ".join(f"{symbol(name, PLAIN).text} = {number(x)}" for name, x in inputs.items())
        lines = "\n".join(method.formulas(PLAIN))
        stems = list(dict.fromkeys(name.rpartition("_")[0] for name in found))
        columns = range(1, self.steps + 1)
        rows = [f"| {stem} | {' | '.join(number(found[f'{stem}_{t}']) for t in columns)} |" for stem in stems]
        head = f"| | {' | '.join(f'step {t}' for t in columns)} |\n|{'---|' * (self.steps + 1)}"
        told = (
            f"{method.title}, with g for the gradient:",
            f"```text\n{lines}\n```",
            f"from {start}. These numbers came of it:",
            "\n".join([head, *rows]),
        )
        return Posed(listing, inputs, told, broken, says, why)


def _first(mine: Numbers, other: Numbers) -> str | None:
    """The first number that differs so that one sees it."""
    return next((name for name, x in mine.items() if not same(x, other[name], SEEN)), None)


def _why(would: Numbers, there: Numbers) -> str:
    name = _first(would, there) or ""
    return f"Then {name} would be {number(would[name])}; it is {number(there[name])}."
