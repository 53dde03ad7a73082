"""Exercises on an optimiser's first steps: what is w after two steps of momentum? Its table has the wrong turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..descent.downhill import descend
from ..descent.methods import method_of, symbol
from ..descent.mistakes import MISSTEPS, Misstep, gone_wrong, trail
from ..descent.plan import Plan
from ..mistakes.sweep import is_told
from ..recording.arguments import parameters_of
from ..text.notation import PLAIN, in_words, number
from .base import Question, WrongTurn
from .named import Answers, Came
from .near import Near, near_miss
from .predict import Numbers, Predict
from .report import Report


def planned(
    function: Any,
    parameters: Sequence[str],
    inputs: Mapping[str, float],
    method: Any,
    schedule: str = "",
    data: Any = None,
) -> Plan:
    """How the steps on a function go: of the inputs, those that are no parameters are the method's settings."""
    start = tuple(inputs[name] for name in parameters)
    settings: dict[str, Any] = {name: x for name, x in inputs.items() if name not in parameters}
    return descend(function, start, method, steps=1, schedule=schedule, data=data, progress=False, **settings).plan


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Steps(Predict):
    """Numbers of the first steps downhill, named as `run.numbers()` names them: `g_1`, `v_1`, `w_1`, `w_2`.

    Its wrong turns are those of the method's table that show at the lesson's own inputs and differ there from each
    other; they need not be declared. `wrong` has others, and sentences in place of the usual ones; `slipped` has the
    numbers of others.

    Attributes
    ----------
    function : what is descended, of numbers; with data, its last parameters are theirs
    method : a key of `bl.methods`
    inputs : the parameters of the function, then the settings: `{"w": 4.0, "rate": 0.25, "gamma": 0.5}`
    choices : for inputs that are no whole numbers, what they are drawn from: `{"rate": (0.25, 0.5)}`
    schedule : how the rate decays, a text of rate and t
    data : for each of the function's last parameters a list with the examples; all are in each step, and the function
        gives a number for each
    without : the names of wrong turns that are not meant
    """

    method: str
    choices: Mapping[str, Sequence[float]] = field(default_factory=dict)
    schedule: str = ""
    data: Mapping[str, Sequence[float]] = field(default_factory=dict)
    without: Sequence[str] = ()
    of: Any = "steps"
    _plans: dict[str, Plan] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        turns = {turn.name: turn for turn in MISSTEPS}
        found: dict[str, Any] = {name: turn for name, turn in self.wrong.items() if name not in turns}
        inputs, slipped = dict(self.inputs), self.slipped(**self.inputs)
        method, right = self.plan(inputs).method, self.right(inputs)
        answers = [right, *({**right, **x} for x in slipped.values())]
        for name, turn in turns.items():
            theirs = None if name in self.without else self._gone_wrong(inputs, turn)
            if theirs is not None and all(any(not self.same(theirs[n], x[n]) for n in self.ask) for x in answers):
                answers.append(theirs)
                told = self.wrong.get(name, f"This is what comes out when {turn.told(method)}.")
                found[name] = WrongTurn(getattr(told, "sentence", told), name, turn.drawn)
        object.__setattr__(self, "wrong", found)  # the same, when it is made again from what it has
        super().__post_init__()

    @cached_property
    def steps(self) -> int:
        """How many steps there are."""
        return max(int(name.rpartition("_")[2]) for name in self.ask)

    @cached_property
    def parameters(self) -> list[str]:
        """The parameters of the function that move."""
        return [p.name for p in parameters_of(self.function) if p.name not in self.data]

    def plan(self, inputs: Mapping[str, float]) -> Plan:
        """How the steps go at these inputs."""
        key = repr(inputs)
        if key not in self._plans:
            self._plans.clear()
            data = tuple(np.array(x, dtype=float) for x in self.data.values()) or None
            self._plans[key] = planned(self.function, self.parameters, inputs, self.method, self.schedule, data)
        return self._plans[key]

    def candidate(self, seed: str, attempt: int) -> Numbers:
        draw = self.random(seed, attempt)
        return {
            name: float(draw.choice(self.choices[name]) if name in self.choices else draw.randint(self.low, self.high))
            for name in self.inputs
        }

    def right(self, inputs: Answers) -> Numbers:
        return self._asked(trail(self.plan(inputs), self.steps))

    def _asked(self, found: Mapping[str, Any]) -> Numbers:
        return {name: float(found[name]) for name in self.ask}

    def followed(self, inputs: Answers, typed: Answers) -> Answers:
        try:
            found = trail(self.plan(inputs), self.steps, typed=typed)
        except (ArithmeticError, ValueError):  # what was typed has no root
            return {}
        return self._asked(found) if all(map(is_told, found.values())) else {}

    def wrong_at(self, inputs: Answers) -> dict[str, Numbers]:
        right = self.right(inputs)
        own = {turn.slip: x for turn in self.wrong.values() for x in [self.slipped(**inputs).get(turn.slip)] if x}
        turns = {turn.name: turn for turn in MISSTEPS}
        found = {}
        for name, turn in self.wrong.items():
            theirs = {**right, **own[turn.slip]} if turn.slip in own else self._gone_wrong(inputs, turns[turn.slip])
            if theirs is not None and any(not self.same(theirs[n], right[n]) for n in self.ask):
                found[name] = theirs
        return found

    def _gone_wrong(self, inputs: Answers, turn: Misstep) -> Numbers | None:
        found = gone_wrong(self.plan(inputs), self.steps, turn)
        return None if found is None else self._asked(found)

    def label(self, name: str) -> str:
        return name

    def question(self, seed: str | None = None) -> Question:
        inputs, method = self.draw(seed), method_of(self.method)
        shown = (f"{symbol(name, PLAIN).text} = {number(x)}" for name, x in inputs.items())
        lines = method.formulas(PLAIN)
        if self.schedule:
            lines = (method.formula("rate", self.schedule, PLAIN), *lines)
        examples = in_words([f"{name} = [{', '.join(map(number, x))}]" for name, x in self.data.items()])
        over = f" The loss is the mean over the examples {examples}." if examples else ""
        return self.asking(
            self.listed(self.listing),
            f"{method.title}, with g for the gradient:",
            "```text\n" + "\n".join(lines) + "\n```",
            f"Start at {', '.join(shown)}.{over} Fill in {self.asked()}; the number behind `_` is that of the step.",
            inputs=inputs,
        )

    def is_drawn(self, came: Came) -> bool:
        return False

    def near(self, came: Came, place: str) -> Near | None:
        known = trail(self.plan(came.inputs), self.steps + 1)
        stem, _, last = place.rpartition("_")
        there = {name: x for name, x in known.items() if int(name.rpartition("_")[2]) <= self.steps}
        others = {f"right for {name}, not for {place}": x for name, x in there.items() if name != place}
        beside = {
            f"right for {stem}_{t}, one step too {words}": known.get(f"{stem}_{t}")
            for t, words in ((int(last) - 1, "few"), (int(last) + 1, "many"))
        }
        near = {words: x for words, x in beside.items() if x is not None}
        return near_miss(came.off[place], came.right[place], near | others)

    def told(self, report: Report, came: Came, name: str) -> tuple[str | None, str]:
        return name, self.wrong[name].sentence
