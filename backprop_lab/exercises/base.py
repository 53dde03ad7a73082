"""What an exercise is: a question drawn from a seed, the right answer from the engine, wrong turns, hints and points.

The kinds: `Predict` (numbers at named places of a graph), `PredictArrays` (arrays, or their shapes), `Code` (one rule,
a function, or a class) and `Apply` (a function of the student's own with stated properties). A module of exercises
declares them with a `Book`.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..errors import LabError
from ..graph.graph import Graph
from ..mistakes.diagnosis import tolerance
from ..mistakes.sweep import same
from ..source import frames
from .handle import LATE, Handle, Outcome, plain_number, remark
from .programs import explained
from .report import Item, Report, shown

__all__ = ["Book", "Code", "Exercise", "Part", "Question", "WrongTurn", "agrees", "as_array", "misfit"]

frames.engine_module(globals())
DIGITS = tolerance(4)  # a predicted number may be rounded to four significant digits


@dataclass(frozen=True)
class Question:
    """An exercise's question with its numbers; it shows itself in a notebook."""

    text: str
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text


@dataclass(frozen=True)
class WrongTurn:
    """A way to get it wrong: the sentence for whoever took it, and what it answers.

    For code, `answer` is the text of a function or class; for predictions a function of the graph to the numbers. One
    that is added later has `drawn=False`: inputs are not drawn against it, so nobody's numbers change.
    """

    sentence: str
    answer: Any
    drawn: bool = True


class Exercise:
    """One exercise.

    Attributes
    ----------
    id, notebook, title : "03.reverse.2", "03_reverse_mode", a few words
    spec : the visible text of the question; places in braces are filled with the drawn inputs
    points : what a right answer brings
    hints : the first is shown with a wrong answer that fits no wrong turn, the others on request
    variable : the name that the answer cell gives the answer
    allow_engine : whether the answer may use the lab's derivatives
    fill : what takes the place of each None in the answer cell, in words
    """

    allow_engine = True
    fill = "a number"

    def __init__(self, id: str, notebook: str, title: str, spec: str, points: float, hints: Sequence[str]) -> None:
        self.id, self.notebook, self.title, self.spec = id, notebook, title, spec.strip()
        self.points, self.hints = float(points), tuple(hints)
        self.variable = "_".join(id.split(".")[1:])
        self._hinted = 0

    def __repr__(self) -> str:
        return f"<exercise {self.id}: {self.title}>"

    # What a kind of exercise adds:

    def question(self, seed: str | None = None) -> Question:
        """The question as the student with this seed sees it."""
        raise NotImplementedError

    def model_answer(self, seed: str | None = None) -> Any:
        """A right answer."""
        raise NotImplementedError

    def wrong_answers(self, seed: str | None = None) -> dict[str, Any]:
        """For each wrong turn, the answer that it leads to."""
        raise NotImplementedError

    def solution(self) -> str:
        """The text of the answer cell, with the solution between the usual markers."""
        raise NotImplementedError

    def grade(self, handle: Handle, seed: str) -> Report:
        """The items, and the wrong turn if there is one; may raise, which `check` turns into a sentence."""
        raise NotImplementedError

    # What all have:

    def random(self, seed: str, *more: Any) -> random.Random:
        """The generator for this exercise's inputs: the same for the same seed on every machine."""
        return random.Random("/".join(map(str, (seed, self.id, *more))))

    def check(self, answer: Any, seed: str | None = None) -> Report:
        """Grade an answer; never raises, whatever the answer is."""
        seed = current_seed() if seed is None else seed
        handle = answer if isinstance(answer, Handle) else Handle(answer, self.allow_engine)
        try:
            report = self.grade(handle, seed)
        except Exception as error:
            told = str(error) if isinstance(error, LabError) else f"{type(error).__name__}: {error}"
            report = self.failed(f"the check could not finish: {told}")
        report.title, report.ask_hint, report.remark = self.title, self.next_hint, remark()
        if not report.passed and not report.hint and self.hints:
            report.hint = self.hints[0]
        return report

    def failed(self, trouble: str, hint: str = "") -> Report:
        """A report without points."""
        return Report(self.id, (), self.points, trouble=trouble, hint=hint)

    def next_hint(self) -> str:
        """One more hint each time; the last one stays."""
        if not self.hints:
            return "There is no hint for this exercise."
        self._hinted = min(self._hinted + 1, len(self.hints))
        return self.hints[self._hinted - 1]


_seed = ""


def current_seed() -> str:
    """The seed in force; empty for the numbers of the lesson."""
    return _seed


def set_seed(text: str) -> None:
    """Put another seed in force."""
    global _seed
    _seed = text


def agrees(expected: Any, got: Any, near: float = 1e-6) -> bool:
    """Whether plain data is what was expected: numbers within a relative tolerance, lists and tuples alike."""
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        return type(got) is type(expected) and bool(got == expected)
    if isinstance(expected, float | int):
        number = plain_number(got)
        return number is not None and same(number, float(expected), near) or (number == 0 and abs(expected) < 1e-9)
    if isinstance(expected, np.ndarray):
        found = as_array(got)
        same_shape = found is not None and found.shape == expected.shape
        return same_shape and bool(np.allclose(found, expected, rtol=near, atol=1e-9))
    if isinstance(expected, dict):
        return (
            isinstance(got, dict)
            and got.keys() == expected.keys()
            and all(agrees(x, got[k], near) for k, x in expected.items())
        )
    if isinstance(got, np.ndarray):
        got = got.tolist()
    return (
        isinstance(got, list | tuple)
        and len(got) == len(expected)
        and all(agrees(x, y, near) for x, y in zip(expected, got, strict=True))
    )


def as_array(x: Any) -> Any:
    """Plain data as an array of floats: an array of numbers, a number, or lists of them whose rows are equally long.

    None for anything else.
    """
    if isinstance(x, np.ndarray):
        return None if x.dtype.kind == "b" else x.astype(float)
    if isinstance(x, list | tuple):
        parts = [as_array(part) for part in x]
        alike = all(part is not None and part.shape == parts[0].shape for part in parts)
        return np.array(parts, dtype=float) if alike else None
    found = plain_number(x)
    return None if found is None else np.array(found)


def misfit(expected: Any, got: Any, name: str = "this") -> str | None:
    """A sentence with both shapes, if arrays were expected and one that came has another shape."""
    if isinstance(expected, list | tuple) and isinstance(got, list | tuple) and len(expected) == len(got):
        told = (misfit(x, y, f"{name}[{k}]") for k, (x, y) in enumerate(zip(expected, got, strict=True)))
        return next((words for words in told if words), None)
    found = as_array(got) if isinstance(expected, np.ndarray) else None
    if found is None or found.shape == expected.shape:
        return None
    return f"{name} has shape {found.shape}, and it must have shape {expected.shape}"


# --- code: one rule, a function, a class ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """Some cases of a code exercise that bring their points together.

    Attributes
    ----------
    label : what is tested, in words
    cases : the arguments of each call, drawn from a random generator
    oracle : the right result for those arguments, as plain data
    worth : its share of the points
    probe : for what is more than a call: text that defines `probe(answer, *args)` and returns plain data
    near : the relative tolerance
    seconds : for a probe that takes much less if the answer is as good as it should be
    extra : it brings points only beside another part that is right
    graph : where the result is the adjoints of a sweep, as a dict by name or a list of the inputs', the graph of a case
    """

    label: str
    cases: Callable[[random.Random], Sequence[tuple[Any, ...]]]
    oracle: Callable[..., Any]
    worth: float = 1.0
    probe: str = ""
    near: float = 1e-6
    seconds: float = math.inf
    extra: bool = False
    graph: Callable[..., Graph] | None = None


NEARLY = (
    "All numbers are close, and not equal. A difference quotient comes close to a derivative; the rules of the "
    "operations are exact."
)
Tried = list[tuple[tuple[Any, ...], Any, Outcome]]  # of one part: arguments, the right result, what came


class Code(Exercise):
    """Write a rule, a function or a class; it is tested on drawn inputs against the engine.

    `late` is the sentence for an answer that is right in the first cases and then runs out of time.
    """

    allow_engine = False

    def __init__(
        self,
        id: str,
        notebook: str,
        title: str,
        spec: str,
        points: float,
        hints: Sequence[str],
        *,
        name: str,
        solution: str,
        parts: Sequence[Part],
        wrong: Mapping[str, WrongTurn],
        helpers: Mapping[str, Any] | None = None,
        late: str = "",
    ) -> None:
        super().__init__(id, notebook, title, spec, points, hints)
        self.variable, self._solution, self.parts, self.wrong = name, solution.strip() + "\n", tuple(parts), dict(wrong)
        self.helpers, self.late = dict(helpers or {}), late
        self._compiled: dict[str, Any] = {}

    def question(self, seed: str | None = None) -> Question:
        return Question(f"**{self.title}** ({self.points:g} points)\n\n{self.spec}")

    def solution(self) -> str:
        return self._solution

    def starter(self) -> str:
        """The text of the answer cell with nothing in it."""
        return re.sub("### BEGIN SOLUTION.*?### END SOLUTION", "pass  # your answer here", self._solution, flags=re.S)

    def built(self, text: str) -> Any:
        """What a text defines under the answer's name."""
        if text not in self._compiled:
            self._compiled[text] = compile(text, f"<{self.id}>", "exec")
        space: dict[str, Any] = {"np": np, "math": math, "__name__": "student", **self.helpers}
        exec(self._compiled[text], space)
        return space[self.variable]

    def model_answer(self, seed: str | None = None) -> Any:
        return self.built(self._solution)

    def wrong_answers(self, seed: str | None = None) -> dict[str, Any]:
        return {name: self.built(turn.answer) for name, turn in self.wrong.items()}

    def grade(self, handle: Handle, seed: str) -> Report:
        if not handle.is_callable:
            found = handle.value()
            empty = found.value is None and found.trouble is None
            what = "nothing yet" if empty else found.trouble or shown(found.value)
            return self.failed(f"the answer must be {self.variable}, the {self._kind()} itself, and here is {what}")
        outcomes = [self._outcomes(part, handle, seed) for part in self.parts]
        items = [self._item(part, tried) for part, tried in zip(self.parts, outcomes, strict=True)]
        pairs = list(zip(self.parts, items, strict=True))
        if not any(item.right for part, item in pairs if not part.extra):
            items = [replace(item, points=0.0) if part.extra else item for part, item in pairs]
        report = Report(self.id, tuple(items), self.points, case=self._first_wrong(outcomes))
        if not report.score and self._is_empty(outcomes):
            does = "does nothing yet" if self._kind() == "class" else "returns nothing yet"
            return self.failed(f"{self.variable} {does}; write its body and return the result")
        if not report.passed:
            if self.late and self._came_late(outcomes):
                report.wrong_turn, report.hint = "takes too long", self.late
            else:
                self._diagnose(report, outcomes)
        return report

    def _first_wrong(self, outcomes: list[Tried]) -> tuple[Any, ...] | None:
        """The arguments of the first case that is not right."""
        for part, tried in zip(self.parts, outcomes, strict=True):
            for args, expected, outcome in tried:
                if outcome.trouble is not None or not agrees(expected, outcome.value, part.near):
                    return args
        return None

    def _came_late(self, outcomes: list[Tried]) -> bool:
        """Whether the time ran out, and not in the first case, and all before was right."""
        cases = ((part.near, case) for part, tried in zip(self.parts, outcomes, strict=True) for case in tried)
        for k, (near, (_, expected, outcome)) in enumerate(cases):
            if outcome.trouble is not None or not agrees(expected, outcome.value, near):
                return k > 0 and (outcome.trouble or "").startswith(LATE)
        return False

    def _kind(self) -> str:
        return "class" if f"class {self.variable}" in self._solution else "function"

    @staticmethod
    def outcome(part: Part, handle: Handle, args: tuple[Any, ...]) -> Outcome:
        """What the answer makes of one case."""
        return handle.run(part.probe, *args, seconds=part.seconds) if part.probe else handle.call(*args)

    def _outcomes(self, part: Part, handle: Handle, seed: str) -> Tried:
        """For each case its arguments, the right result, and what came."""
        cases = part.cases(self.random(seed, part.label))
        return [(args, part.oracle(*args), self.outcome(part, handle, args)) for args in cases]

    def _item(self, part: Part, tried: Tried) -> Item:
        """All cases right bring the points; else the first that is not is shown."""
        for args, expected, outcome in tried:
            if outcome.trouble is not None or not agrees(expected, outcome.value, part.near):
                call = f"{part.label}, at {', '.join(map(shown, args))}" if args else part.label
                trouble = outcome.trouble or misfit(expected, outcome.value)
                return Item(call, 0.0, part.worth, outcome.value, expected, trouble)
        return Item(part.label, part.worth, part.worth)

    def _diagnose(self, report: Report, outcomes: list[Tried]) -> None:
        """The wrong turn that gives what came in every case; else up to the first part that failed, or in it."""
        every = list(zip(self.parts, outcomes, strict=True))
        failed = next(k for k, item in enumerate(report.items) if not item.right)
        for asked in (every, every[: failed + 1], every[failed : failed + 1]):
            for name, turn in self.wrong.items():
                if self._gives(turn.answer, asked):
                    report.wrong_turn, report.hint = name, turn.sentence
                    return
        if all(came.trouble is None and agrees(expected, came.value, 1e-3) for _, expected, came in every[failed][1]):
            report.wrong_turn, report.hint = "nearly", NEARLY
            return
        for asked in (every, every[failed : failed + 1]):
            told = explained([
                (graph, _by_name(graph, came.value))
                for part, tried in asked if part.graph is not None
                for args, _, came in tried
                for graph in [part.graph(*args)]
            ], every[failed][0].near)  # fmt: skip
            if told:
                report.wrong_turn, report.hint = told
                return

    def _gives(self, text: str, asked: Sequence[tuple[Part, Tried]]) -> bool:
        """Whether what a text defines gives the same as the answer did; tried only as far as it does."""
        handle = Handle(self.built(text), self.allow_engine)
        return all(_alike(came, self.outcome(part, handle, args)) for part, tried in asked for args, _, came in tried)

    def _is_empty(self, outcomes: list[Tried]) -> bool:
        """Whether the answer is as it was handed out: it returns nothing, or does what the empty cell does."""
        nothing = "NotImplementedError"  # what graders put in place of the solution raises it
        came = [o for tried in outcomes for _, _, o in tried]
        if all(o.value is None and (o.trouble or nothing).startswith(nothing) for o in came):
            return True
        return self._gives(self.starter(), list(zip(self.parts, outcomes, strict=True)))


def _by_name(graph: Graph, numbers: Any) -> dict[str, float]:
    """The adjoints that came, those that are numbers, by name; of a list, those of the inputs."""
    pairs: Iterable[tuple[str, Any]] = numbers.items() if isinstance(numbers, dict) else ()
    if isinstance(numbers, list | tuple) and len(numbers) == len(graph.input_names):
        pairs = zip(graph.input_names, numbers, strict=True)
    return {name: x for name, x in pairs if isinstance(x, float)}


def _alike(a: Outcome, b: Outcome) -> bool:
    if a.trouble and b.trouble:
        return _cause(a.trouble) == _cause(b.trouble)
    return not a.trouble and not b.trouble and agrees(b.value, a.value)


def _cause(trouble: str) -> str:
    """What went wrong, without the place. Python words too deep a recursion by where it happened to stop.

    NumPy words arrays that do not fit by the function that was called: `@`, `np.dot` and `*` say it differently.
    """
    if trouble.startswith("ValueError") and any(word in trouble for word in ("matmul", "not aligned", "broadcast")):
        return "ValueError: shapes"
    return "RecursionError" if trouble.startswith("RecursionError") else trouble.split("(")[0]


class Book:
    """Collects the exercises of one notebook."""

    def __init__(self, notebook: str) -> None:
        self.notebook = notebook
        self.exercises: dict[str, Exercise] = {}

    def add(
        self, kind: Any, id: str, title: str, spec: str, *, points: float = 1.0, hints: Sequence[str] = (), **more: Any
    ) -> Any:
        """Declare an exercise of a kind; `more` is what that kind needs."""
        if id in self.exercises:
            raise ValueError(f"there are two exercises {id}")
        self.exercises[id] = exercise = kind(id, self.notebook, title, spec, points, hints, **more)
        return exercise
