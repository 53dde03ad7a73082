"""Exercises that ask for code: one rule, a function, or a class, tested on drawn inputs against the engine."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..graph.graph import Graph
from .after import after_error
from .base import Exercise, WrongTurn, agrees, as_array, misfit
from .differ import difference
from .extend import OnAnother, extends_itself, own_methods
from .handle import LATE, Handle, Outcome
from .programs import explained
from .report import Item, Report, shown
from .slips import Maker, text_of

NEARLY = (
    "All numbers are close, and not equal. A difference quotient comes close to a derivative; the rules of the "
    "operations are exact."
)


EARLIER = (
    "Your class still has the mistake of an earlier step, which costs points there and not here: this step's own code "
    "was tried on a class without it. Mend it in that step's cell, and run the cells from there on."
)


@dataclass(frozen=True)
class Part:
    """Some cases of a code exercise that bring their points together.

    Attributes
    ----------
    label : what is tested, in words
    cases : the arguments of each call, drawn from a random generator
    oracle : the right result for those arguments, as plain data
    worth : its share of the points
    probe : for what is more than a call: a function of the answer and the arguments that returns plain data
    read : what the asker makes of what the probe gave, beside the arguments: what a probe would count can be forged
    near : the relative tolerance
    seconds : for a probe that takes much less if the answer is as good as it should be
    extra : it brings points only beside another part that is right
    finite : what is not finite there comes of work that grows with the number of inputs, as what comes late does
    names : what the parts of a result are called, if it is a pair, say; hints may be about them, or about the label
    graph : where the result is the adjoints of a sweep, as a dict by name or a list of the inputs', the graph of a case
    """

    label: str
    cases: Callable[[random.Random], Sequence[tuple[Any, ...]]]
    oracle: Callable[..., Any]
    worth: float = 1.0
    probe: Callable[..., Any] | None = None
    near: float = 1e-6
    seconds: float = math.inf
    extra: bool = False
    finite: bool = False
    graph: Callable[..., Graph] | None = None
    names: Sequence[str] = ()
    read: Callable[..., Any] | None = None

    def outcome(self, handle: Handle, args: tuple[Any, ...], before: str = "") -> Outcome:
        """What an answer makes of one case; of a class its last body, on the class that the text before defines."""
        if self.probe is None:
            return handle.call(*args)
        came = handle.run(OnAnother(self.probe, before) if before else self.probe, *args, seconds=self.seconds)
        if self.read is None or came.value is None:
            return came
        try:
            return came._replace(value=self.read(came.value, *args))
        except (TypeError, ValueError, KeyError, IndexError):
            return came._replace(value=None, trouble="what came is not of the kind that was asked for")


class Tried(NamedTuple):
    """One case of a part: its arguments, the right result, and what came."""

    part: Part
    args: tuple[Any, ...]
    expected: Any
    came: Outcome
    aided: bool = False  # right on a class whose earlier steps are

    @property
    def right(self) -> bool:
        """Whether the right result came."""
        return self.came.trouble is None and agrees(self.expected, self.came.value, self.part.near)

    @property
    def is_too_much(self) -> bool:
        """Whether the answer did so much that it ran out of time, or of the range of numbers."""
        numbers = as_array(self.came.value) if self.part.finite else None
        return (self.came.trouble or "").startswith(LATE) or numbers is not None and not np.isfinite(numbers).all()


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Written(Exercise):
    """The answer is code. What is run of a wrong turn is its text, as of a student's cell.

    Attributes
    ----------
    make : defines the model solution, or the same with a slip in it: a maker, as in `slips`
    text : the solution's text, if it is not the maker's
    before : what an answer goes on from, where it extends a class in place: the text of the exercise before
    """

    make: Maker
    text: str = ""
    before: str = ""

    @property
    def variable(self) -> str:
        return str(self.make().__name__)

    def solution(self) -> str:
        return self.text or text_of(self.make)

    def starter(self) -> str:
        """The text of the answer cell with nothing in it."""
        return re.sub("### BEGIN SOLUTION.*?### END SOLUTION", "pass  # your answer here", self.solution(), flags=re.S)

    def built(self, text: str) -> Any:
        """What a text defines under the answer's name."""
        space: dict[str, Any] = {"np": np, "math": math, "__name__": "student"}
        if self.before:
            exec(_compiled(self.before, f"<before {self.id}>"), space)
        exec(_compiled(text, f"<{self.id}>"), space)
        return space[self.variable]

    def model_answer(self, seed: str | None = None) -> Any:
        return self.built(self.solution())

    def wrong_answers(self, seed: str | None = None) -> dict[str, Any]:
        return {name: self.built(self.wrong_text(name)) for name in self.wrong}

    def wrong_text(self, name: str) -> str:
        """What somebody would write who took a wrong turn."""
        return text_of(self.make, self.wrong[name].slip)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Code(Written):
    """Write a rule, a function or a class; it is tested on drawn inputs against the engine.

    Attributes
    ----------
    parts : what is tested
    late : the sentence for an answer that is right in the first cases and then runs out of time
    """

    parts: Sequence[Part]
    late: str = ""

    @property
    def allow_engine(self) -> bool:
        return False

    def came(self, handle: Handle, seed: str) -> list[Tried] | str:
        kind = "class" if isinstance(self.make(), type) else "function"
        if not handle.is_callable:
            found = handle.value()
            empty = found.value is None and found.trouble is None
            what = "nothing yet" if empty else found.trouble or shown(found.value)
            return f"the answer must be {self.variable}, the {kind} itself, and here is {what}"
        tried = [
            Tried(part, args, part.oracle(*args), part.outcome(handle, args))
            for part in self.parts
            for args in part.cases(self.random(seed, part.label))
        ]
        none = not any(item.right for part, item in self._asked(tried) if not part.extra)
        if none and (self._is_empty(tried) or self._adds_nothing(handle, tried)):
            does = "does nothing yet" if kind == "class" else "returns nothing yet"
            return f"{self.variable} {does}; write its body and return the result"
        return self._aided(handle, tried) if self.before else tried

    def _aided(self, handle: Handle, tried: list[Tried]) -> list[Tried]:
        """What goes wrong tried again on a class whose earlier steps are right: an earlier mistake costs there only."""
        wanted = sorted(own_methods(self.model_answer()))
        if all(t.right for t in tried) or handle.run(_has, wanted).value is not True:
            return tried
        again: list[Tried] = []
        for t in tried:
            own = t.is_too_much and any(not other.right for other in again)  # a mistake of its own is known: why wait?
            again.append(t if t.right or own or t.part.probe is None else self._again(handle, t))
        return [new if new.right else old for old, new in zip(tried, again, strict=True)]

    def _again(self, handle: Handle, t: Tried) -> Tried:
        return t._replace(came=t.part.outcome(handle, t.args, self.before), aided=True)

    def _is_empty(self, tried: list[Tried]) -> bool:
        """Whether the answer is as it was handed out: it returns nothing, or does what the empty cell does."""
        nothing = "NotImplementedError"  # what graders put in place of the solution raises it
        main = [t for t in tried if not t.part.extra]
        if all(t.came.value is None and (t.came.trouble or nothing).startswith(nothing) for t in main):
            return True
        return self._does_the_same(self.built(self.starter()), tried)

    def _adds_nothing(self, handle: Handle, tried: list[Tried]) -> bool:
        """Whether a class that is extended in place is as it was handed out, whatever the steps before made of it."""
        if not self.before or handle.run(extends_itself).value is not True:
            return False
        if handle.run(_is_bare).value is True:
            return True
        main = [t for t in tried if not t.part.extra]
        return all(
            self._is_empty([self._again(handle, t) for t in some if t.part.probe is not None])
            for some in (main[:1], main[1:])
        )

    def items(self, came: list[Tried]) -> Iterable[Item]:
        asked = self._asked(came)
        main = any(item.right for part, item in asked if not part.extra)
        return [replace(item, points=0.0) if part.extra and not main else item for part, item in asked]

    def _asked(self, came: list[Tried]) -> list[tuple[Part, Item]]:
        return [(part, _item(part, [t for t in came if t.part is part])) for part in self.parts]

    def note(self, report: Report, came: list[Tried]) -> None:
        report.remark = EARLIER if any(t.aided for t in came) else ""
        report.case = next((t.args for t in came if not t.right), None)

    def looks(self, came: list[Tried], report: Report) -> Iterable[list[Tried]]:
        """Every case; else those up to the first part that failed, or in it."""
        failed = self._failed(report)
        until = self.parts[: self.parts.index(failed) + 1]
        return came, [t for t in came if t.part in until], [t for t in came if t.part is failed]

    def gives(self, turn: WrongTurn, asked: list[Tried]) -> bool:
        return self._does_the_same(self.built(text_of(self.make, turn.slip)), asked)

    def diagnosed(self, report: Report, came: list[Tried]) -> tuple[str | None, str]:
        first = next(k for k, t in enumerate(came) if not t.right)
        if self.late and first and came[first].is_too_much:
            return "takes too long", self.late
        part = self._failed(report)
        name, hint = super().diagnosed(report, came)
        if name is not None:
            return name, hint
        failed = [t for t in came if t.part is part]
        if all(t.came.trouble is None and agrees(t.expected, t.came.value, 1e-3) for t in failed):
            return "nearly", NEARLY
        for asked in (came, failed):
            graphs = ((t.part.graph(*t.args), t.came.value) for t in asked if t.part.graph is not None)
            told = explained([(graph, _by_name(graph, numbers)) for graph, numbers in graphs], part.near)
            if told:
                return told
        return None, self._looked_at(report, came)

    def _looked_at(self, report: Report, came: list[Tried]) -> str:
        """What can be said of what went wrong without knowing why: of an extra part first, on which others stand."""
        part = min((t.part for t in came if not t.right), key=lambda part: not part.extra)
        tried = [t for t in came if t.part is part]
        failed = [t for t in tried if not t.right]
        report.about, trouble = part.label, failed[0].came.trouble
        if trouble:
            words = after_error(trouble)
        else:
            name, words = difference([(t.expected, t.came.value) for t in failed], part.near, part.names)
            if name and len(self.parts) == 1:
                report.about = name
            elif name:
                words = f"In {name}: {words[0].lower()}{words[1:]}"
            if len(failed) < len(tried):
                right = len(tried) - len(failed)
                words += f" {right} of {len(tried)} cases {'is' if right == 1 else 'are'} right."
        about = {report.about, part.label}
        clue = next((clue.text for clue in self.clues if about & set(clue.about)), "")
        return " ".join(filter(None, (words, clue))) or self.clues[0].text

    def _failed(self, report: Report) -> Part:
        return next(part for part, item in zip(self.parts, report.items, strict=True) if not item.right)

    def _does_the_same(self, other: Any, asked: list[Tried]) -> bool:
        """Whether another answer gives what this one gave; tried only as far as it does.

        Nobody waits for a case that did not come to an end: wrong numbers before it tell enough.
        """
        handle, wrong = Handle(other, self.allow_engine), False
        for t in asked:
            if wrong and (t.came.trouble or "").startswith(LATE):
                break
            if not _alike(t.came, t.part.outcome(handle, t.args), t.part.near):
                return False
            wrong = wrong or not t.right
        return True


def _is_bare(answer: Any) -> bool:
    return not own_methods(answer)


def _has(answer: Any, names: list[str]) -> bool:
    """Whether the last body of a class that is extended in place has these methods."""
    return bool(names) and own_methods(answer) >= set(names)


@cache
def _compiled(text: str, name: str) -> Any:
    return compile(text, name, "exec")


def _item(part: Part, tried: list[Tried]) -> Item:
    """All cases right bring the points; else the first that is not is shown."""
    for case in tried:
        if not case.right:
            call = f"{part.label}, at {', '.join(map(shown, case.args))}" if case.args else part.label
            trouble = case.came.trouble or misfit(case.expected, case.came.value)
            return Item(call, 0.0, part.worth, case.came.value, case.expected, trouble)
    return Item(part.label, part.worth, part.worth)


def _by_name(graph: Graph, numbers: Any) -> dict[str, float]:
    """The adjoints that came, those that are numbers, by name; of a list, those of the inputs."""
    pairs: Iterable[tuple[str, Any]] = numbers.items() if isinstance(numbers, dict) else ()
    if isinstance(numbers, list | tuple) and len(numbers) == len(graph.input_names):
        pairs = zip(graph.input_names, numbers, strict=True)
    return {name: x for name, x in pairs if isinstance(x, float)}


def _alike(a: Outcome, b: Outcome, near: float) -> bool:
    if a.trouble and b.trouble:
        return _cause(a.trouble) == _cause(b.trouble)
    return not a.trouble and not b.trouble and agrees(b.value, a.value, near)


def _cause(trouble: str) -> str:
    """What went wrong, without the line, before which a space stays: the answer's own error is not the probe's.

    Python words too deep a recursion by where it happened to stop, and NumPy arrays that do not fit by the function
    that was called: `@`, `np.dot` and `*` say it differently.
    """
    if trouble.startswith("ValueError") and any(word in trouble for word in ("matmul", "not aligned", "broadcast")):
        return "ValueError: shapes"
    return "RecursionError" if trouble.startswith("RecursionError") else trouble.partition("(line ")[0]
