"""What an exercise is: a question drawn from a seed, the right answer from the engine, wrong turns, hints and points.

The kinds: `Predict` (numbers at named places of a graph), `PredictArrays` (arrays, or their shapes), `Sweep` (every
adjoint or tangent of a graph, in order), `Choose` (which sentence is the reason), `Broken` (which rule of a sweep, or
of an optimiser, is broken), `Code` (one rule, a function, or a class) and `Apply` (a function of the student's own with
stated properties). Each is a frozen dataclass: what an exercise is, stands in its fields. Checking, diagnosis and
report are here, once for all of them. A module of exercises declares them with a `Book`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, ParamSpec, TypeVar

import numpy as np

from ..errors import LabError
from ..mistakes.diagnosis import tolerance
from ..mistakes.sweep import same
from .after import after_error
from .handle import Handle, plain_number, remark
from .hints import Clue, Declared, Hint, clues, first_about
from .report import Item, Report

DIGITS = tolerance(4)  # a predicted number may be rounded to four significant digits
KEPT = 100  # seeds for which an exercise remembers what it drew: a class has more
P = ParamSpec("P")
Kind = TypeVar("Kind", bound="Exercise")


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
    """A way to get it wrong: the sentence for whoever took it, and the slip that leads there.

    The exercise says what comes of a slip: its maker, or its `slipped`. A wrong turn that is added later has
    `drawn=False`: inputs are not drawn against it, so nobody's numbers change.
    """

    sentence: str
    slip: str
    drawn: bool = True


@dataclass(frozen=True, eq=False, repr=False)
class Exercise:
    """One exercise.

    Attributes
    ----------
    id, title, notebook : "reverse.2", a few words, "03_reverse_mode"
    was : its id in the first edition, if it had one: inputs are still drawn from that, so nobody's numbers changed
    spec : the visible text of the question; places in braces are filled with the drawn inputs
    points : what a right answer brings
    hints : texts, or pairs of what one is about (a name that is asked for, or several) and the text; the first about
        what is wrong is shown with an answer that fits no wrong turn, the others on request
    wrong : the wrong turns: for each slip its sentence, or a `WrongTurn` if there is more to say
    """

    id: str
    title: str
    spec: str
    _: KW_ONLY
    points: float
    hints: Declared
    wrong: Mapping[str, Any] = field(default_factory=dict)
    notebook: str = ""
    was: str = ""
    _clues: list[Clue] = field(default_factory=list, init=False)
    _pace: _Pace = field(default_factory=lambda: _Pace(), init=False)

    def __post_init__(self) -> None:
        self._clues.extend(clues(self.hints))
        turns = {slip: WrongTurn(turn, slip) if isinstance(turn, str) else turn for slip, turn in self.wrong.items()}
        object.__setattr__(self, "wrong", turns)

    def __repr__(self) -> str:
        return f"<exercise {self.id}: {self.title}>"

    # What a kind of exercise adds:

    @property
    def variable(self) -> str:
        """The name that the answer cell gives the answer."""
        return self.id.replace(".", "_")

    @property
    def clues(self) -> list[Clue]:
        """The hints, each with what it is about."""
        return self._clues

    @property
    def is_listed(self) -> bool:
        """Whether it is the one with its id: a student's own variant is not, and what that brings is not kept."""
        return True

    @property
    def fill(self) -> str:
        """What takes the place of each None in the answer cell, in words."""
        return "a number"

    @property
    def allow_engine(self) -> bool:
        """Whether the answer may use the lab's derivatives."""
        return True

    def question(self, seed: str | None = None) -> Question:
        """The question as the student with this seed sees it."""
        return self.asking()

    def model_answer(self, seed: str | None = None) -> Any:
        """A right answer."""
        raise NotImplementedError

    def wrong_answers(self, seed: str | None = None) -> dict[str, Any]:
        """For each wrong turn, the answer that it leads to."""
        raise NotImplementedError

    def solution(self) -> str:
        """The text of the answer cell, with the solution between the usual markers."""
        raise NotImplementedError

    def came(self, handle: Handle, seed: str) -> Any:
        """What came of an answer, for the four that follow; a text says why there is nothing to look at."""
        raise NotImplementedError

    def items(self, came: Any) -> Iterable[Item]:
        """The single things that were asked."""
        raise NotImplementedError

    def looks(self, came: Any, report: Report) -> Iterable[Any]:
        """What a wrong turn should explain: all that came, and if none does, less and less of it."""
        return [came]

    def turns(self, came: Any) -> Mapping[str, Any]:
        """The wrong turns by name, with what `gives` needs of them."""
        return self.wrong

    def gives(self, turn: Any, asked: Any) -> bool:
        """Whether a wrong turn leads to this."""
        raise NotImplementedError

    @property
    def has_halves(self) -> bool:
        """Whether an item may bring half of its points."""
        return False

    def note(self, report: Report, came: Any) -> None:
        """Put into the report what only this kind can say, before the diagnosis."""

    # What all have:

    def asking(self, *more: str, inputs: Mapping[str, Any] | None = None) -> Question:
        """A question that begins as all do."""
        head = f"**{self.title}** ({self.points:g} {'point' if self.points == 1 else 'points'})"
        return Question("\n\n".join([head, self.spec, *more]), inputs or {})

    def random(self, seed: str, *more: Any) -> random.Random:
        """The generator for this exercise's inputs: the same for the same seed on every machine."""
        return random.Random("/".join(map(str, (seed, self.was or self.id, *more))))

    def check(self, answer: Any, seed: str | None = None) -> Report:
        """Grade an answer; never raises, whatever the answer is."""
        seed = current_seed() if seed is None else seed
        handle = answer if isinstance(answer, Handle) else Handle(answer, self.allow_engine)
        try:
            report = self.grade(handle, seed)
        except Exception as error:
            told = str(error) if isinstance(error, LabError) else f"{type(error).__name__}: {error}"
            report = self.failed(f"the check could not finish: {told}")
        report.title, report.ask_hint = self.title, self.next_hint
        report.remark = " ".join(filter(None, (report.remark, remark())))
        if not report.passed:
            self._pace.about = report.about
            report.more = len(self.clues) if self.is_listed else 0
        if not report.hint and report.trouble:
            report.hint = after_error(report.trouble)
        if not report.passed and not report.hint and self.clues:
            clue = first_about(self.clues, report.about)[0]
            report.hint = clue.text
            report.about = report.about if report.about in clue.about else ""
        return report

    def grade(self, handle: Handle, seed: str) -> Report:
        """The items, and the wrong turn if there is one; may raise, which `check` turns into a sentence."""
        came = self.came(handle, seed)
        if isinstance(came, str):
            return self.failed(came)
        report = Report(self.id, tuple(self.items(came)), self.points)
        self.note(report, came)
        if not report.passed:
            report.wrong_turn, hint = self.diagnosed(report, came)
            report.hint = hint or report.hint
        return report

    def diagnosed(self, report: Report, came: Any) -> tuple[str | None, str]:
        """The first wrong turn that explains what came, and its sentence."""
        for asked in self.looks(came, report):
            for name, turn in self.turns(came).items():
                if self.gives(turn, asked):
                    return name, self.wrong[name].sentence if name in self.wrong else ""
        return None, ""

    def failed(self, trouble: str, hint: str = "") -> Report:
        """A report without points."""
        return Report(self.id, (), self.points, trouble=trouble, hint=hint)

    def next_hint(self) -> Hint:
        """One more hint each time, those about what was wrong in the last check first; after all of them, again."""
        pace = self._pace
        if not self.clues:
            return Hint("There is no hint for this exercise.", of=0)
        if len(pace.told) == len(self.clues):
            pace.told.clear()
        clue = next(clue for clue in first_about(self.clues, pace.about) if clue not in pace.told)
        pace.told.append(clue)
        return Hint(clue.text, ", ".join(clue.about), len(pace.told), len(self.clues))


@dataclass
class _Pace:
    """Which hints somebody has been told, and what was wrong in the last check."""

    told: list[Clue] = field(default_factory=list)
    about: str = ""


_seed = ""


def current_seed() -> str:
    """The seed in force; empty for the numbers of the lesson."""
    return _seed


def set_seed(text: str) -> None:
    """Put another seed in force."""
    global _seed
    _seed = text


def agrees(expected: Any, got: Any, near: float = 1e-6) -> bool:
    """Whether plain data is what was expected: numbers within a relative tolerance, lists and tuples alike.

    Where nan was expected, as of a wrong turn that ends there, nan is what was expected.
    """
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        return type(got) is type(expected) and bool(got == expected)
    if isinstance(expected, float | int):
        number = plain_number(got)
        if number is None or expected != expected:
            return number is not None and number != number
        return same(number, float(expected), near) or (number == 0 and abs(expected) < 1e-9)
    if isinstance(expected, np.ndarray):
        found = as_array(got)
        same_shape = found is not None and found.shape == expected.shape
        return same_shape and bool(np.allclose(found, expected, rtol=near, atol=min(near, 1e-9), equal_nan=True))
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


class Book:
    """Collects the exercises of one notebook."""

    def __init__(self, notebook: str) -> None:
        self.notebook = notebook
        self.exercises: dict[str, Exercise] = {}

    def add(self, kind: Callable[P, Kind], *fields: P.args, **more: P.kwargs) -> Kind:
        """Declare an exercise of a kind, with that kind's fields."""
        exercise = kind(*fields, **more)
        exercise = replace(exercise, notebook=self.notebook, spec=exercise.spec.strip(), points=float(exercise.points))
        if exercise.id in self.exercises:
            raise ValueError(f"there are two exercises {exercise.id}")
        self.exercises[exercise.id] = exercise
        return exercise
