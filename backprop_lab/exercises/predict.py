"""Exercises that ask for numbers at named places of a graph: values, tangents, adjoints, local partials."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from ..graph.graph import Graph
from ..graph.sweeps import adjoint_sweep, tangent_sweep
from ..mistakes.diagnosis import diagnose, wrong_turns
from ..mistakes.separation import DRAWN_AGAINST, separating_inputs
from ..mistakes.sweep import EXACT, same
from ..text.notation import number
from .base import DIGITS, Question
from .follow import follow
from .handle import plain_number
from .named import Answers, Came, Named
from .near import Near, is_rounded, near_miss
from .report import Report

if TYPE_CHECKING:
    from .attempt import Attempt

Numbers = dict[str, float]
# What would be wrong of one number alone, and what gives, with some h or other, what a slip gives too.
OUT = {"inputs exchanged", "one-sided difference", "central difference"}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Predict(Named):
    """Numbers at named places of a graph, as a dict from name to number.

    Attributes
    ----------
    of : "adjoint", "value", "tangent", or a function from the inputs, given by name, to the right numbers
    wrt : the input that moves, for tangents
    low, high : bounds for the drawn inputs
    decimals : how many decimals the right answers may have, or None
    called : what each name stands for, in words, where `of` does not say it
    listing : what the question shows in place of the function, where that would answer it
    follows : where `of` is a function, from inputs and answers by name to the answers that are made of other ones
    """

    of: str | Callable[..., Numbers] = "adjoint"
    wrt: str = ""
    low: int = 1
    high: int = 9
    largest: float = 1000.0
    decimals: int | None = None
    called: str = ""
    listing: str = ""
    follows: Callable[[Numbers], Numbers] = lambda known: {}

    # --- the numbers --------------------------------------------------------------------------------------------------

    def candidate(self, seed: str, attempt: int) -> Numbers:
        if self.of == "adjoint":
            names = [name for name in self.ask if name in self.inputs] or list(self.inputs)
            text = f"{seed}/{self.was or self.id}/{attempt}"
            return separating_inputs(self.function, text, ask=names, low=self.low, high=self.high, largest=self.largest)
        draw = self.random(seed, attempt)
        return {name: float(draw.randint(self.low, self.high)) for name in self.inputs}

    def tells_apart(self, inputs: Mapping[str, Any], near: float = 2 * DIGITS) -> bool:
        """Of the engine's misconceptions some never show in a function; those that the exercise names have to."""
        if self.decimals is not None:
            right = self.right(dict(inputs)).values()
            if any(abs(x - round(x, self.decimals)) > 1e-12 for x in right):
                return False
        return super().tells_apart(inputs, near)

    def drawn_against(self) -> set[str]:
        return super().drawn_against() | DRAWN_AGAINST - self.wrong.keys()

    def pairs(self, answers: list[Answers]) -> Iterable[tuple[Answers, Answers]]:
        """Of the engine's misconceptions two may lead to the same numbers."""
        return ((answers[0], other) for other in answers[1:]) if self.of == "adjoint" else super().pairs(answers)

    def right(self, inputs: Answers) -> Numbers:
        return self._right(self.graph(inputs))

    def _right(self, graph: Graph) -> Numbers:
        if callable(self.of):
            found = self.of(**_inputs(graph))
            return {name: float(found[name]) for name in self.ask}
        if self.of == "value":
            return {name: float(graph[name].value) for name in self.ask}
        sweep = adjoint_sweep(graph) if self.of == "adjoint" else tangent_sweep(graph, **{self.wrt: 1.0})
        return {name: float(sweep.result[name]) for name in self.ask}

    def followed(self, inputs: Answers, typed: Answers) -> Answers:
        graph = self.graph(inputs)
        try:
            if callable(self.of):
                return self.follows(_inputs(graph) | self._right(graph) | typed)
            return follow(graph, self.of, typed, self.wrt)
        except (ArithmeticError, LabError):  # what was typed is no operand there
            return {}

    def wrong_at(self, inputs: Answers) -> dict[str, Numbers]:
        graph = self.graph(inputs)
        right = self._right(graph)
        changed = self.changed(right, _inputs(graph))
        found = {name: {k: float(x) for k, x in numbers.items()} for name, numbers in changed.items()}
        if self.of == "adjoint":
            found = {name: dict(numbers) for name, numbers in wrong_turns(graph, self.ask).items()} | found
        kept: dict[str, Numbers] = {}
        for name, x in found.items():
            shows = any(not same(x[k], right[k], DIGITS) for k in self.ask)
            twin = any(all(same(x[k], y[k], EXACT) for k in self.ask) for n, y in kept.items() if n not in self.wrong)
            if shows and (name in self.wrong or not twin):  # in u + u the first arrival is as the last
                kept[name] = x
        return kept

    # --- the exercise -------------------------------------------------------------------------------------------------

    def same(self, a: Any, b: Any, near: float = DIGITS) -> bool:
        return same(a, b, near) or abs(a - b) < 1e-9

    def read(self, given: Any) -> float | None:
        return plain_number(given)

    def trouble(self, given: Any, read: Any, right: Any) -> str | None:
        if read is None:
            return "no number yet" if given is None else "this is not a number; write 14, 0.5 or 2/3"
        if is_rounded(read, right):
            return f"{read:g} is rounded too far; give four digits, or a fraction such as 2/3"
        return "this is not a finite number" if read != read or abs(read) == math.inf else None

    def label(self, name: str) -> str:
        called = self.called or (self.of if isinstance(self.of, str) else "")
        return f"{called} of {name}" if called else name

    def question(self, seed: str | None = None) -> Question:
        inputs = self.draw(seed)
        at = ", ".join(f"{name} = {number(x)}" for name, x in inputs.items())
        return self.asking(self.listed(self.listing), f"at {at}. Fill in {self.asked()}.", inputs=inputs)

    def is_drawn(self, came: Came) -> bool:
        names = self.graph(came.inputs).names
        return any(name in names or "->" in name for name in self.ask)

    def attempt(self, came: Came) -> Attempt:
        from .attempt import Attempt  # drawing is slow to load

        graph = self.graph(came.inputs)
        asks_for_values = any(name in graph.names for name in self.ask)  # then no others are shown
        of = self.of if isinstance(self.of, str) else "value" if asks_for_values else "other"
        return Attempt(graph, came.right, came.read, of, came.follow)

    def turns(self, came: Came) -> dict[str, Answers]:
        """Without those that exchange right numbers, where not all of these are wrong."""
        return {name: x for name, x in super().turns(came).items() if not self._is_half_an_exchange(x, came)}

    def _is_half_an_exchange(self, turn: Numbers, came: Came) -> bool:
        changed = [name for name in self.ask if not self.same(turn[name], came.right[name])]
        pairs = zip(sorted(turn[name] for name in changed), sorted(came.right[name] for name in changed), strict=True)
        return not came.off.keys() >= set(changed) and all(self.same(a, b) for a, b in pairs)

    def told(self, report: Report, came: Came, name: str) -> tuple[str | None, str]:
        """Of the engine's misconceptions, the sentence at the first place where it shows."""
        graph = self.graph(came.inputs)
        if name in self.wrong:
            report.where = report.about if report.about in graph.names else None
            return super().told(report, came, name)
        for place, x in came.off.items():
            for turn in diagnose(graph, place, x):
                if turn.name == name:
                    report.about, report.where = place, turn.where.name
                    return name, turn.sentence
        return name, ""

    def worked_out(
        self, report: Report, came: Came, turns: Mapping[str, Answers] | None
    ) -> tuple[str | None, str] | None:
        if self.of != "adjoint":
            return None
        graph, (place, x) = self.graph(came.inputs), next(iter(came.roots.items()))
        out = {"inputs exchanged"} if turns is None else OUT | self.turned(came.inputs).keys() - turns.keys()
        for turn in diagnose(graph, place, x):
            if turn.name not in out:
                report.where = turn.where.name
                return turn.name, turn.sentence
        return None

    def near(self, came: Came, place: str) -> Near | None:
        graph, x = self.graph(came.inputs), came.off[place]
        others = {f"the right number for {n}, not for {place}": y for n, y in came.right.items() if n != place}
        if self.of in ("adjoint", "tangent"):
            others[f"the value of {place}; its {self.of} is asked for"] = graph[place].value
        return near_miss(x, came.right[place], others)

    def traced(self, seed: str | None = None) -> Graph:
        """The graph at the drawn inputs: `bl.step(exercise.traced(), predict=True)` asks for its numbers one by one."""
        return self.graph(self.draw(seed))

    def from_predictions(self, predictions: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
        """The answer that was typed into a player: for each name the last number typed at its node.

        `predictions` is `player.predictions`.
        """
        kinds = {"value": ("value",), "tangent": ("tangent",)}.get(str(self.of), ("seed", "contribution", "sum"))
        typed = {p["node"]: p.get("number") for p in predictions if p.get("kind") in kinds}
        return {name: typed.get(name) for name in self.ask}

    def answer_cell(self, predictions: Sequence[Mapping[str, Any]]) -> str:
        """The same as the code of an answer cell, for a grader that runs the notebook without a browser."""
        numbers = ", ".join(f'"{name}": {x!r}' for name, x in self.from_predictions(predictions).items())
        return f"# exercise: {self.id}\n{self.variable} = {{{numbers}}}"

    def write_answer(self, predictions: Sequence[Mapping[str, Any]]) -> str:
        """Put that code into a new cell below, where the notebook allows it; returns the code in any case."""
        code = self.answer_cell(predictions)
        try:
            from IPython.core.getipython import get_ipython

            shell: Any = get_ipython()
        except ImportError:
            shell = None
        if shell is not None:
            shell.set_next_input(code, replace=False)
        return code


def _inputs(graph: Graph) -> Numbers:
    return {node.name: node.value for node in graph.inputs}
