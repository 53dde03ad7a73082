"""What exercises have in common that ask for numbers or arrays at named places: the draw, the items, the diagnosis."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, LabError
from ..graph.graph import Graph
from ..text.notation import in_words
from .base import DIGITS, KEPT, Exercise, current_seed
from .handle import Handle
from .near import Near
from .programs import traced
from .report import Item, Report

if TYPE_CHECKING:
    from .attempt import Attempt

Answers = dict[str, Any]  # a number or an array for each name
FOLLOWS = 0.5  # the share of the points for an answer that follows from an earlier wrong one
TRIES = 400


class Came(NamedTuple):
    """What came of an answer: the inputs, the right answers, what was given, and what that is if it can be read."""

    inputs: Answers
    right: Answers
    given: Answers
    read: Answers
    off: Answers  # of these, the finite ones that are not right
    follow: dict[str, list[str]]  # those that follow from other wrong ones, with the names of these

    @property
    def roots(self) -> Answers:
        """The wrong answers that do not follow from others."""
        return {name: x for name, x in self.off.items() if name not in self.follow}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Named(Exercise):
    """Numbers or arrays at named places, as a dict from name to answer.

    Attributes
    ----------
    function : what the question shows
    ask : the names that are asked for, in the order in which a sweep gets to them
    inputs : the lesson's own, for the empty seed
    slipped : from the inputs, given by name, to the answers that come out wrong with each slip
    largest : a bound for all right numbers
    """

    function: Callable[..., Any]
    ask: Sequence[str]
    inputs: Mapping[str, Any]
    largest: float
    slipped: Callable[..., Mapping[str, Answers]] = lambda **inputs: {}
    _drawn: dict[str, Answers] = field(default_factory=dict, init=False)
    _graph: dict[str, Graph] = field(default_factory=dict, init=False)  # the last one
    _turns: dict[str, dict[str, Answers]] = field(default_factory=dict, init=False)  # of the last inputs

    # What each of the two kinds adds:

    def candidate(self, seed: str, attempt: int) -> Answers:
        """Inputs that may do."""
        raise NotImplementedError

    def right(self, inputs: Answers) -> Answers:
        """The right answers."""
        raise NotImplementedError

    def wrong_at(self, inputs: Answers) -> dict[str, Answers]:
        """The answers that each wrong turn leads to."""
        raise NotImplementedError

    def followed(self, inputs: Answers, typed: Answers) -> Answers:
        """What the right rules make of what was typed: each answer from the typed ones that come before it."""
        return {}

    @property
    def has_halves(self) -> bool:
        return bool(self.followed(self.draw(""), {}))

    def changed(self, right: Answers, inputs: Answers) -> dict[str, Answers]:
        """The right answers as each of the exercise's own wrong turns changes them."""
        found = self.slipped(**inputs)
        return {name: right | found[turn.slip] for name, turn in self.wrong.items()}

    def same(self, a: Any, b: Any, near: float = DIGITS) -> bool:
        """Whether two answers are one."""
        raise NotImplementedError

    def read(self, given: Any) -> Any:
        """A part of what was handed in as a number or an array; None if it is none."""
        raise NotImplementedError

    def trouble(self, given: Any, read: Any, right: Any) -> str | None:
        """What is wrong with a part that is not right, if there is more to say than that."""
        raise NotImplementedError

    def plain(self, answers: Answers) -> Answers:
        """Answers as a student would write them."""
        return answers

    def label(self, name: str) -> str:
        """What is asked for at a name."""
        raise NotImplementedError

    # What both have:

    def graph(self, inputs: Answers) -> Graph:
        """The traced function."""
        key = repr(inputs)
        if key not in self._graph:
            self._graph.clear()
            self._graph[key] = traced(self.function, **inputs)
        return self._graph[key]

    def draw(self, seed: str | None = None) -> Answers:
        """The inputs for a seed: small, and such that all wrong turns can be told apart.

        Raises
        ------
        ArgumentError : there are none within the bounds
        """
        seed = current_seed() if seed is None else seed
        if not seed:
            return dict(self.inputs)
        if seed not in self._drawn:
            if len(self._drawn) > KEPT:
                self._drawn.clear()
            self._drawn[seed] = self._draw(seed)
        return dict(self._drawn[seed])

    def _draw(self, seed: str) -> Answers:
        for attempt in range(TRIES):
            try:
                found = self.candidate(seed, attempt)
                if not self.is_the_lesson_s(found) and self.tells_apart(found):
                    return found
            except LabError:
                continue
        raise ArgumentError(f"no inputs for {self.id} with the seed {seed!r}; draw them from more numbers")

    def is_the_lesson_s(self, inputs: Mapping[str, Any]) -> bool:
        """Whether these are the lesson's own inputs, whose answers stand in it."""
        return all(np.array_equal(inputs[name], x) for name, x in self.inputs.items())

    def tells_apart(self, inputs: Mapping[str, Any], near: float = DIGITS) -> bool:
        """Whether the right answers are within bounds, and every wrong turn differs from them and from every other."""
        right = self.right(dict(inputs))
        if any(np.max(np.abs(right[name]), initial=0.0) > self.largest for name in self.ask):
            return False
        wrong, against = self.wrong_at(dict(inputs)), self.drawn_against()
        answers = [right, *(numbers for name, numbers in wrong.items() if name in against)]
        return all(name in wrong for name, turn in self.wrong.items() if turn.drawn) and all(
            any(not self.same(a[name], b[name], near) for name in self.ask) for a, b in self.pairs(answers)
        )

    def drawn_against(self) -> set[str]:
        """The names of the wrong turns that have to differ."""
        return {name for name, turn in self.wrong.items() if turn.drawn}

    def pairs(self, answers: list[Answers]) -> Iterable[tuple[Answers, Answers]]:
        """Which of the right answers and those of the wrong turns have to differ."""
        return combinations(answers, 2)

    def model_answer(self, seed: str | None = None) -> Answers:
        return self.plain(self.right(self.draw(seed)))

    def wrong_answers(self, seed: str | None = None) -> dict[str, Any]:
        return {name: self.plain(answers) for name, answers in self.turned(self.draw(seed)).items()}

    def solution(self) -> str:
        empty = ", ".join(f'"{name}": None' for name in self.ask)
        return (
            f"{self.variable} = {{{empty}}}\n"
            "### BEGIN SOLUTION\n"
            f'{self.variable} = bl.exercises["{self.id}"].model_answer()\n'
            "### END SOLUTION\n"
        )

    def listed(self, listing: str = "") -> str:
        """The function as the question shows it."""
        text = listing or textwrap.dedent(inspect.getsource(self.function))
        return f"```python\n{text.strip()}\n```"

    def asked(self) -> str:
        """The names that are asked for."""
        return ", ".join(f"`{name}`" for name in self.ask)

    def came(self, handle: Handle, seed: str) -> Came | str:
        found = handle.parts()
        if found.trouble is not None or not isinstance(found.value, dict):
            here = "it is nothing yet" if found.value is None else "it is not a dict"
            if found.trouble is not None:
                here = found.trouble.replace("the answer holds", "here is").partition("; return")[0]
            part = "an entry" if self.fill != "a number" else "a number"
            return f"the answer must be a dict with {part} for each of {', '.join(self.ask)}; {here}"
        inputs = self.draw(seed)
        right, read = self.right(inputs), {name: self.read(found.value.get(name)) for name in self.ask}
        read = {name: x for name, x in read.items() if x is not None}
        off = {name: x for name, x in read.items() if np.isfinite(x).all() and not self.same(x, right[name])}
        return Came(inputs, right, found.value, read, off, self._follow(inputs, read, off, right))

    def _follow(self, inputs: Answers, read: Answers, off: Answers, right: Answers) -> dict[str, list[str]]:
        """Of the wrong answers, those that follow from other wrong ones, and from which.

        Zeros follow from zeros, and what is copied from what is the same everywhere: so neither counts.
        """
        first = next(iter(read.values()), None)
        if len(off) < 2 or all(self.same(x, first) for x in read.values()):
            return {}
        expected = self.followed(inputs, read)
        near = [name for name, x in off.items() if name in expected and np.any(x) and self.same(x, expected[name])]
        mended = {name: self.followed(inputs, read | {name: right[name]}) for name in off} if near else {}
        found = {
            name: [n for n, other in mended.items() if n != name and not self.same(off[name], other[name])]
            for name in near
        }
        return {name: sources for name, sources in found.items() if sources}

    def items(self, came: Came) -> Iterable[Item]:
        share = self.points / len(self.ask)
        for name in self.ask:
            given, read, right = came.given.get(name), came.read.get(name), came.right[name]
            good = read is not None and self.same(read, right)
            if name in came.follow:
                source = f"follows from your {in_words(came.follow[name])}: half the points"
                yield Item(self.label(name), FOLLOWS * share, share, given, source=source)
                continue
            trouble = None if good else self.trouble(given, read, right)
            yield Item(self.label(name), share * good, share, given, None, trouble)

    def note(self, report: Report, came: Came) -> None:
        if report.passed:
            report.expected = self.plain(came.right)
            return
        extra = [name for name in came.given if name not in self.ask]
        if came.read and self.is_drawn(came):
            report.draw = partial(self.attempt, came)
        if extra:
            report.hint = f"{extra[0]!r} is not asked for; the names are {', '.join(self.ask)}"

    def is_drawn(self, came: Came) -> bool:
        """Whether the answers are those of a graph, so that they can be shown on it."""
        raise NotImplementedError

    def attempt(self, came: Came) -> Attempt:
        """The picture of what came."""
        raise NotImplementedError

    def show(self, answer: Any, seed: str | None = None) -> Any:
        """The graph with an answer's numbers on it; wrong ones are marked by shape, sign and colour.

        Parameters
        ----------
        answer : what the exercise asks for; what cannot be read counts as missing
        seed : whose numbers; those in force if not given

        Returns
        -------
        Attempt : shows itself in a notebook; None where the answers are not those of a graph
        """
        came = self.came(Handle(answer), current_seed() if seed is None else seed)
        if isinstance(came, str):
            inputs = self.draw(seed)
            came = Came(inputs, self.right(inputs), {}, {}, {}, {})
        return self.attempt(came) if self.is_drawn(came) else None

    def diagnosed(self, report: Report, came: Came) -> tuple[str | None, str]:
        """The wrong turn, and its sentence; the hint, whatever it is, is about the first wrong answer, or missing one.

        First comes what explains all wrong answers, then what explains those that do not follow from others, or the
        first of these. A wrong turn that would have spoilt an answer which is right comes after near misses.
        """
        missing = (name for name in self.ask if name not in came.read)
        report.about = next(iter(came.roots), next(missing, ""))
        if not came.off:
            return None, ""
        first, turns = dict(list(came.roots.items())[:1]), self.turns(came)
        in_line = {name: turn for name, turn in turns.items() if not self._spoils(turn, came)}
        name = self._fits(in_line, came.read, came.off)
        if name is not None:
            return self.told(report, came, name)
        swapped = self._exchanged(came)
        if swapped:
            return "answers exchanged", f"The numbers of {swapped} are right, and exchanged."
        name = self._fits(in_line, came.roots, first)
        if name is not None:
            return self.told(report, came, name)
        told = self.worked_out(report, came, in_line)
        near = self.near(came, report.about)
        if told is None and near is not None and not near.is_weak:
            told = near.name, near.told(came.off[report.about])
        name = self._fits({name: turn for name, turn in turns.items() if name in self.wrong}, first)
        if told is None and name is not None:
            return self.told(report, came, name)
        if told is None and near is not None:
            told = near.name, near.told(came.off[report.about])
        return told or self.worked_out(report, came, None) or (None, "")

    def turns(self, came: Came) -> dict[str, Answers]:
        """The wrong turns by name, with the answers that they give."""
        return self.turned(came.inputs)

    def turned(self, inputs: Answers) -> dict[str, Answers]:
        """What `wrong_at` says, worked out once for the same inputs: each check of an answer asks for it."""
        key = repr(inputs)
        if key not in self._turns:
            self._turns.clear()
            self._turns[key] = self.wrong_at(inputs)
        return self._turns[key]

    def _spoils(self, turn: Answers, came: Came) -> bool:
        """Whether a wrong turn gives something else where the answer is right."""
        right = (name for name, x in came.read.items() if name not in came.off)
        return any(not self.same(turn[name], came.read[name]) for name in right)

    def _fits(self, turns: Mapping[str, Answers], *asked: Answers) -> str | None:
        """The first wrong turn that gives the first of these, or else the second."""
        for some in asked:
            for name, turn in turns.items():
                if all(self.same(x, turn[place]) for place, x in some.items()):
                    return name
        return None

    def _exchanged(self, came: Came) -> str:
        """The two names whose answers have changed places, if that is all that is wrong."""
        if len(came.off) != 2 or len(came.read) < len(self.ask):
            return ""
        (a, x), (b, y) = came.off.items()
        return f"{a} and {b}" if self.same(x, came.right[b]) and self.same(y, came.right[a]) else ""

    def told(self, report: Report, came: Came, name: str) -> tuple[str | None, str]:
        """A wrong turn that fits, and what to say to whoever took it."""
        return name, self.wrong[name].sentence

    def worked_out(
        self, report: Report, came: Came, turns: Mapping[str, Answers] | None
    ) -> tuple[str | None, str] | None:
        """What gives the first wrong answer, if all before it are right; of these wrong turns, or of any."""
        return None

    def near(self, came: Came, place: str) -> Near | None:
        """In what a wrong answer is nearly right."""
        raise NotImplementedError
