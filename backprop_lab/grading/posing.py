"""Ask an exercise's question without a notebook: one number of it, or which sentence; wrong turns are told with it.

Of the numbers that an exercise asks for, one is chosen at which no two wrong turns come to the same: then a number
that is written down says what was done. `bank` and `sheets` are made of these questions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import ArgumentError, LabError
from ..exercises.base import DIGITS, Exercise
from ..exercises.books import exercises
from ..exercises.broken import Broken
from ..exercises.cells import as_exercise
from ..exercises.choose import Choose
from ..exercises.named import FOLLOWS, Answers
from ..exercises.predict import Predict
from ..exercises.sweeps import Sweep
from ..mistakes.diagnosis import turns_at
from ..text.notation import in_words

FRUITLESS = 25  # seeds in a row that bring nothing new, before there is nothing new
# Seeds in a row at which wrong turns collide, before the one with the fewest is taken; and if the same ones always do.
TRIES, ENOUGH = 30, 4


class Wrong(NamedTuple):
    """A number that wrong turns lead to: which ones, what to say, and the share of the points that it brings."""

    number: float
    turns: tuple[str, ...]
    sentence: str
    share: float


@dataclass(frozen=True)
class Numeric:
    """A question for one number.

    Attributes
    ----------
    exercise, seed, inputs : what it was drawn from, and what was drawn
    name, label : the name that is asked for, and in words what: `x`, "adjoint of x"
    text : the question in Markdown
    right, within : the number, and how far from it another may be
    wrong : what wrong turns lead to, each farther from the others than `within` them
    hint : for whoever has another number
    """

    exercise: Exercise
    seed: str
    inputs: Mapping[str, Any]
    name: str
    label: str
    text: str
    right: float
    wrong: tuple[Wrong, ...]
    hint: str

    @property
    def key(self) -> str:
        """Equal for questions that are the same."""
        return self.text

    @property
    def collisions(self) -> int:
        """How many wrong turns come to the number of another one."""
        return sum(len(wrong.turns) - 1 for wrong in self.wrong)

    def within(self, number: float) -> float:
        """How far from a number an answer may be: as rounding to four digits goes, and never half way to another."""
        others = (x for x in (self.right, *(wrong.number for wrong in self.wrong)) if x != number)
        return min(max(DIGITS * abs(number), 1e-9), *(0.4 * abs(x - number) for x in others), math.inf)


@dataclass(frozen=True)
class Choice:
    """A question for the right sentence: each with whether it is right, and what is said to whoever takes it."""

    exercise: Exercise
    seed: str
    text: str
    sentences: tuple[tuple[str, bool, str], ...]

    @property
    def key(self) -> str:
        """Equal for questions that are the same."""
        return f"{self.text}{sorted(self.sentences)}"


Posed = Numeric | Choice


def can_be_posed(exercise: Exercise) -> bool:
    """Whether it asks for numbers, or for a sentence."""
    return isinstance(exercise, Predict | Sweep | Choose)


def chosen(names: Iterable[str]) -> list[Exercise]:
    """The exercises that are meant: by id, by their topic (`reverse`), or by the lesson (`03`); all if none is named.

    Raises
    ------
    ArgumentError : a name that none has, or an exercise that asks for code or arrays
    """
    found: dict[str, Exercise] = {}
    for name in names:
        many = {id: e for id, e in exercises().items() if name == id.split(".")[0] or e.notebook.startswith(name)}
        if many and name:
            found |= {id: e for id, e in many.items() if can_be_posed(e)}
            continue
        exercise = as_exercise(name)
        if not can_be_posed(exercise):
            raise ArgumentError(f"{name} asks for more than a number or a sentence; leave it to notebooks")
        found[name] = exercise
    return list((found or {id: e for id, e in exercises().items() if can_be_posed(e)}).values())


def different(exercise: Exercise, count: int, seed: str) -> Iterator[Posed]:
    """Up to so many different questions; fewer, if the exercise has no more."""
    seen: set[str] = set()
    fruitless, k = 0, 0
    while len(seen) < count and fruitless < FRUITLESS:
        k += 1
        question = posed(exercise, f"{seed} {k}".strip())
        fruitless = fruitless + 1 if question.key in seen else 0
        if not fruitless:
            seen.add(question.key)
            yield question


def posed(exercise: Exercise, seed: str) -> Posed:
    """The question for a seed.

    Raises
    ------
    ArgumentError : an exercise that asks for code or for arrays
    """
    if isinstance(exercise, Choose):
        return _choice(exercise, seed)
    if not isinstance(exercise, Predict | Sweep):
        raise ArgumentError(f"{exercise.id} asks for more than a number or a sentence; leave it to notebooks")
    tried: list[Numeric] = []
    always: set[tuple[str, ...]] = set()
    while not tried or tried[-1].collisions and len(tried) < TRIES and not (always and len(tried) >= ENOUGH):
        tried.append(numeric(exercise, f"{seed}/{len(tried)}" if tried else seed))
        alike = {wrong.turns for wrong in tried[-1].wrong if len(wrong.turns) > 1}
        always = alike & always if len(tried) > 1 else alike
    return min(tried, key=lambda question: question.collisions)


def asks(exercise: Exercise, seed: str) -> Predict:
    """What asks for the numbers: the exercise, or a sweep's own of this seed."""
    if isinstance(exercise, Sweep):
        return exercise.posed(seed)
    assert isinstance(exercise, Predict)
    return exercise


def numeric(exercise: Exercise, seed: str) -> Numeric:
    """The question for one number at exactly this seed's inputs, whether or not wrong turns collide there."""
    found = asks(exercise, seed)
    inputs = found.draw(seed)
    right, turns = found.right(inputs), found.turned(inputs)
    groups = {name: _groups(found, name, right, turns) for name in found.ask}
    # One to which many wrong turns lead: of these no two to the same number if possible, then the most, then the last.
    rich = [n for n in found.ask if 3 * len(groups[n]) >= max(map(len, groups.values()))]
    name = max(rich, key=lambda n: (-_colliding(groups[n]), len(groups[n]), found.ask.index(n)))
    sentences = {slip: turn.sentence for slip, turn in found.wrong.items()}
    if found.of == "adjoint":
        sentences = {slip: told for slip, (_, told) in turns_at(found.graph(inputs), name).items()} | sentences
    wrong = [_wrong(found, inputs, name, group, turns, sentences) for group in groups[name]]
    clue = next((clue.text for clue in found.clues if name in clue.about), found.clues[0].text if found.clues else "")
    text = _one_of(found, found.question(seed).text.partition("\n\n")[2], name)
    return Numeric(exercise, seed, inputs, name, found.label(name), text, right[name], tuple(wrong), clue)


def _groups(found: Predict, name: str, right: Answers, turns: Mapping[str, Answers]) -> list[list[str]]:
    """The wrong turns that show at a name, those that come to one number together."""
    groups: list[list[str]] = []
    for slip, answers in turns.items():
        number = answers[name]
        if not math.isfinite(number) or found.same(number, right[name], 3 * DIGITS):
            continue
        same = (group for group in groups if found.same(turns[group[0]][name], number, 3 * DIGITS))
        group = next(same, None)
        if group is None:
            groups.append([slip])
        else:
            group.append(slip)
    return groups


def _colliding(groups: list[list[str]]) -> int:
    return sum(len(group) - 1 for group in groups)


def _wrong(
    found: Predict,
    inputs: Answers,
    name: str,
    group: list[str],
    turns: Mapping[str, Answers],
    sentences: Mapping[str, str],
) -> Wrong:
    number = turns[group[0]][name]
    told = list(dict.fromkeys(sentences[slip] for slip in group if sentences.get(slip)))
    sentence = told[0] if len(told) == 1 else "Several ways lead to this number. " + " Or: ".join(told)
    return Wrong(number, tuple(group), sentence, min(_share(found, inputs, name, turns[slip]) for slip in group))


def _share(found: Predict, inputs: Answers, name: str, answers: Answers) -> float:
    """Half, where the number follows rightly from an earlier one that is wrong, as in the notebook; else nothing."""
    try:
        follows = found.followed(inputs, {n: x for n, x in answers.items() if n != name})
    except LabError:
        return 0.0
    return FOLLOWS if answers[name] and name in follows and found.same(follows[name], answers[name]) else 0.0


def _one_of(found: Predict, text: str, name: str) -> str:
    """The question for all numbers, as one for one of them."""
    what = found.label(name).replace(name, f"`{name}`")
    wanted = f"What is the {what}?" if what != f"`{name}`" else f"What is {what}?"
    head, fill, rest = text.rpartition(f"Fill in {found.asked()}")
    if not fill:
        return f"{text}\n\n{wanted}"
    rest = rest.lstrip(".")
    given = f"{head.rstrip()} You need {in_words([f'`{n}`' for n in found.ask])}{rest or '.'}"
    return f"{given} {wanted} One number is asked for."


def _choice(exercise: Choose, seed: str) -> Choice:
    text = exercise.question(seed).text.partition("\n\n")[2].replace(exercise.listed(seed), "").strip()
    replies = exercise.replies(seed)
    rows = tuple((s, s not in replies, replies.get(s, "")) for s in exercise.sentences(seed).values())
    key = rows if isinstance(exercise, Broken) else tuple(sorted(rows))
    return Choice(exercise, seed, text, key)
