"""Exercises that ask for numbers at named places of a graph: values, tangents, adjoints, local partials."""

from __future__ import annotations

import inspect
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import ArgumentError, LabError, LabWarning
from ..graph.graph import Graph
from ..graph.sweeps import adjoint_sweep, tangent_sweep
from ..graph.trace import trace
from ..mistakes.diagnosis import diagnose, wrong_turns
from ..mistakes.separation import DRAWN_AGAINST, separating_inputs
from ..mistakes.sweep import EXACT, same
from ..source import frames
from ..text.notation import number
from .base import DIGITS, Exercise, Question, WrongTurn, current_seed
from .handle import Handle, plain_number
from .report import Item, Report

__all__ = ["Predict", "of_inputs"]

frames.engine_module(globals())
Numbers = dict[str, float]
TRIES = 400


def of_inputs(answer: Callable[..., Numbers]) -> Callable[[Graph], Numbers]:
    """A wrong turn's numbers as a function of the graph, from a function of the inputs."""
    return lambda graph: answer(*(n.value for n in graph.inputs))


def _exchanged(typed: Mapping[str, float | None], right: Numbers, good: Mapping[str, bool]) -> str:
    """The two names whose numbers have changed places, if that is all that is wrong."""
    off = [name for name, is_good in good.items() if not is_good]
    if len(off) != 2:
        return ""
    x, y = (typed[name] for name in off)
    same_pair = x is not None and y is not None and same(x, right[off[1]], DIGITS) and same(y, right[off[0]], DIGITS)
    return f"{off[0]} and {off[1]}" if same_pair else ""


class Predict(Exercise):
    """Numbers at named places of a graph, as a dict from name to number.

    Attributes
    ----------
    function : what is traced
    ask : the names that are asked for, in the order in which a sweep gets to them
    of : "adjoint", "value", "tangent", or a function from the graph to the right numbers
    inputs : the lesson's own numbers, for the empty seed
    wrong : further wrong turns, each with a function of the graph to the numbers it leads to
    low, high, largest : bounds for the drawn inputs and for all numbers
    decimals : how many decimals the right answers may have, or None
    listing : what the question shows in place of the function, where that would answer it
    """

    def __init__(
        self,
        id: str,
        notebook: str,
        title: str,
        spec: str,
        points: float,
        hints: Sequence[str],
        *,
        function: Callable[..., Any],
        ask: Sequence[str],
        of: str | Callable[[Graph], Numbers] = "adjoint",
        wrt: str = "",
        inputs: Mapping[str, float],
        wrong: Mapping[str, WrongTurn] | None = None,
        low: int = 1,
        high: int = 9,
        largest: float = 1000.0,
        decimals: int | None = None,
        called: str = "",
        listing: str = "",
    ) -> None:
        super().__init__(id, notebook, title, spec, points, hints)
        self.function, self.ask, self.of, self.wrt, self.inputs = function, tuple(ask), of, wrt, dict(inputs)
        self.wrong = dict(wrong or {})
        self.low, self.high, self.largest, self.decimals = low, high, largest, decimals
        self._drawn: dict[str, dict[str, float]] = {}
        self.called = called or (of if isinstance(of, str) else "")
        self.listing = listing.strip()

    # --- the numbers --------------------------------------------------------------------------------------------------

    def draw(self, seed: str | None = None) -> dict[str, float]:
        """The inputs for a seed: small, and such that all wrong turns can be told apart.

        Raises
        ------
        ArgumentError : there are none within the bounds
        """
        seed = current_seed() if seed is None else seed
        if not seed:
            return dict(self.inputs)
        if seed not in self._drawn:
            if len(self._drawn) > 100:
                self._drawn.clear()
            self._drawn[seed] = self._draw(seed)
        return dict(self._drawn[seed])

    def _draw(self, seed: str) -> dict[str, float]:
        names = [name for name in self.ask if name in self.inputs] or list(self.inputs)
        for attempt in range(TRIES):
            try:
                found = self._candidate(seed, attempt, names)
                if self._tells_apart(found):
                    return found
            except LabError:
                continue
        raise ArgumentError(f"no inputs for {self.id} with the seed {seed!r}; widen low and high")

    def _candidate(self, seed: str, attempt: int, names: list[str]) -> dict[str, float]:
        if self.of == "adjoint":
            text = f"{seed}/{self.id}/{attempt}"
            return separating_inputs(self.function, text, ask=names, low=self.low, high=self.high, largest=self.largest)
        draw = self.random(seed, attempt)
        return {name: float(draw.randint(self.low, self.high)) for name in self.inputs}

    def _tells_apart(self, inputs: Mapping[str, float]) -> bool:
        """Whether every wrong turn answers differently from the right way, and from every other, in some place.

        Of the engine's misconceptions some never show in a function; those that the exercise names have to.
        """
        graph = self.graph(inputs)
        right, drawn = self._right(graph), {name for name, turn in self.wrong.items() if turn.drawn}
        kept = drawn | DRAWN_AGAINST - self.wrong.keys()
        wrong = {name: numbers for name, numbers in self._wrong(graph).items() if name in kept}
        if any(abs(x) > self.largest for x in right.values()):
            return False
        if self.decimals is not None and any(abs(x - round(x, self.decimals)) > 1e-12 for x in right.values()):
            return False
        if not drawn <= wrong.keys():
            return False
        answers = [right, *wrong.values()]
        return all(
            any(not same(a[k], b[k], 2 * DIGITS) for k in self.ask)
            for i, a in enumerate(answers)
            for b in answers[:i]
            if not (self.of == "adjoint" and i > 1 and a is not right and b is not right)
        )

    def graph(self, inputs: Mapping[str, float]) -> Graph:
        """The traced function."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LabWarning)
            return trace(self.function, **inputs)

    def _right(self, graph: Graph) -> Numbers:
        if callable(self.of):
            return {k: float(x) for k, x in self.of(graph).items()}
        if self.of == "value":
            return {name: float(graph[name].value) for name in self.ask}
        sweep = adjoint_sweep(graph) if self.of == "adjoint" else tangent_sweep(graph, **{self.wrt: 1.0})
        return {name: float(sweep.result[name]) for name in self.ask}

    def _wrong(self, graph: Graph) -> dict[str, Numbers]:
        found = {name: {k: float(x) for k, x in turn.answer(graph).items()} for name, turn in self.wrong.items()}
        if self.of == "adjoint":
            found = {name: dict(numbers) for name, numbers in wrong_turns(graph, self.ask).items()} | found
        right = self._right(graph)
        kept: dict[str, Numbers] = {}
        for name, x in found.items():
            shows = any(not same(x[k], right[k], DIGITS) for k in self.ask)
            twin = any(all(same(x[k], y[k], EXACT) for k in self.ask) for n, y in kept.items() if n not in self.wrong)
            if shows and (name in self.wrong or not twin):  # in u + u the first arrival is as the last
                kept[name] = x
        return kept

    # --- the exercise -------------------------------------------------------------------------------------------------

    def question(self, seed: str | None = None) -> Question:
        inputs = self.draw(seed)
        at = ", ".join(f"{k} = {number(x)}" for k, x in inputs.items())
        text = self.listing or textwrap.dedent(inspect.getsource(self.function)).strip()
        asked = ", ".join(f"`{name}`" for name in self.ask)
        return Question(
            f"**{self.title}** ({self.points:g} points)\n\n{self.spec}\n\n```python\n{text}\n```\n\n"
            f"at {at}. Fill in {asked}.",
            inputs,
        )

    def model_answer(self, seed: str | None = None) -> Numbers:
        return self._right(self.graph(self.draw(seed)))

    def wrong_answers(self, seed: str | None = None) -> dict[str, Any]:
        return dict(self._wrong(self.graph(self.draw(seed))))

    def solution(self) -> str:
        empty = ", ".join(f'"{name}": None' for name in self.ask)
        return (
            f"{self.variable} = {{{empty}}}\n"
            "### BEGIN SOLUTION\n"
            f'{self.variable} = bl.exercises["{self.id}"].model_answer()\n'
            "### END SOLUTION\n"
        )

    def grade(self, handle: Handle, seed: str) -> Report:
        found = handle.parts()
        if found.trouble is not None or not isinstance(found.value, dict):
            what = found.trouble or "nothing yet" if found.value is None else "not a dict"
            asked = ", ".join(self.ask)
            return self.failed(f"the answer must be a dict with a number for each of {asked}; it is {what}")
        graph = self.graph(self.draw(seed))
        right = self._right(graph)
        typed = {name: plain_number(found.value.get(name)) for name in self.ask}
        share = self.points / len(self.ask)
        items, good = [], {}
        for name in self.ask:
            given, x = found.value.get(name), typed[name]
            good[name] = x is not None and (same(x, right[name], DIGITS) or abs(x - right[name]) < 1e-9)
            trouble = None
            if x is None:
                trouble = "no number yet" if given is None else "this is not a number; write 14, 0.5 or 2/3"
            elif not good[name] and float(f"{right[name]:.2g}") == x:
                trouble = f"{x:g} is rounded to two digits; give four, or a fraction such as 2/3"
            elif x != x or abs(x) == float("inf"):
                trouble = "this is not a finite number"
            label = f"{self.called} of {name}" if self.called else name
            items.append(Item(label, share * good[name], share, given, None, trouble))
        report = Report(self.id, tuple(items), self.points)
        extra = [k for k in found.value if k not in self.ask]
        if extra and not report.passed:
            report.hint = f"{extra[0]!r} is not asked for; the names are {', '.join(self.ask)}"
        if report.passed:
            report.expected = right
        else:
            self._diagnose(report, graph, typed, good)
        return report

    def _diagnose(self, report: Report, graph: Graph, typed: dict[str, float | None], good: dict[str, bool]) -> None:
        """The wrong turn that gives all the numbers, else all that are not right, else the first of those."""
        off = {k: x for k, x in typed.items() if x is not None and not good[k] and abs(x) < float("inf")}
        if not off:
            return
        wrong, place = self._wrong(graph), next(iter(off))
        for told in ({k: x for k, x in typed.items() if x is not None}, off):
            fits = (n for n, numbers in wrong.items() if all(same(x, numbers[k], DIGITS) for k, x in told.items()))
            report.wrong_turn = report.wrong_turn or next(fits, None)
        swapped = _exchanged(typed, self._right(graph), good)
        if report.wrong_turn is None and swapped:
            report.wrong_turn, report.hint = "answers exchanged", f"The numbers of {swapped} are right, and exchanged."
        elif report.wrong_turn in self.wrong:
            report.hint = self.wrong[report.wrong_turn].sentence
            report.where = place if place in graph.names else None
        elif self.of == "adjoint":
            self._from_the_engine(report, graph, off)

    def _from_the_engine(self, report: Report, graph: Graph, off: dict[str, float]) -> None:
        for place, x in off.items():
            turns = diagnose(graph, place, x)
            turn = next((t for t in turns if t.name == report.wrong_turn), None) or (
                turns[0] if turns and report.wrong_turn is None else None
            )
            if turn is not None:
                report.wrong_turn, report.where = turn.name, turn.where.name
                report.hint = f"{place}: {turn.sentence}"
                return

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

    def show(self, answer: Any, seed: str | None = None) -> Any:
        """The graph with the answer's numbers on it; wrong ones are marked by shape, sign and colour."""
        from .attempt import Attempt  # drawing is slow to load

        graph = self.graph(self.draw(seed))
        found = Handle(answer).parts().value
        typed = {k: plain_number(v) for k, v in found.items()} if isinstance(found, dict) else {}
        return Attempt(graph, self._right(graph), typed, self.of if isinstance(self.of, str) else "other")
