"""Exercises that ask for a reason: which of these sentences is it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .base import Exercise, Question, current_seed
from .handle import Handle
from .report import Item, Report, shown

LETTERS = "abcdef"


@dataclass(frozen=True)
class Chosen:
    """The letter that was typed, the sentence behind it, whether this is the right one, and what is said if not."""

    letter: str
    sentence: str
    right: bool
    reply: str


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Choose(Exercise):
    """One of several sentences is the reason for something; the answer is its letter.

    Each student gets the sentences in an order of their own. The others stand in `wrong`: for each sentence what is to
    be said to whoever takes it, which is true and does not name the right one.

    Attributes
    ----------
    reason : the right sentence
    called : what the sentence is, for the report
    """

    reason: str
    called: str = "the reason"

    @property
    def fill(self) -> str:
        return "the letter of a sentence, in quotes,"

    def sentences(self, seed: str | None = None) -> dict[str, str]:
        """The sentences by letter."""
        found = [self.right(seed), *self.replies(seed)]
        self.random(current_seed() if seed is None else seed).shuffle(found)
        return dict(zip(LETTERS, found, strict=False))

    def right(self, seed: str | None = None) -> str:
        """The right sentence."""
        return self.reason

    def replies(self, seed: str | None = None) -> dict[str, str]:
        """For each of the others what is said to whoever takes it."""
        return {sentence: turn.sentence for sentence, turn in self.wrong.items()}

    def question(self, seed: str | None = None) -> Question:
        return self.asking(self.listed(seed))

    def listed(self, seed: str | None = None) -> str:
        """The sentences with their letters, as the question shows them."""
        return "\n".join(f"* **{letter}**: {text}" for letter, text in self.sentences(seed).items())

    def model_answer(self, seed: str | None = None) -> str:
        return self._letter(self.right(seed), seed)

    def wrong_answers(self, seed: str | None = None) -> dict[str, str]:
        return {sentence: self._letter(sentence, seed) for sentence in self.replies(seed)}

    def _letter(self, sentence: str, seed: str | None) -> str:
        return next(letter for letter, text in self.sentences(seed).items() if text == sentence)

    def solution(self) -> str:
        return (
            f'{self.variable} = None  # "a", say\n'
            "### BEGIN SOLUTION\n"
            f'{self.variable} = bl.exercises["{self.id}"].model_answer()\n'
            "### END SOLUTION\n"
        )

    def came(self, handle: Handle, seed: str) -> Chosen | str:
        found, known = handle.value(), self.sentences(seed)
        letter = found.value.strip(" .():").lower() if isinstance(found.value, str) else None
        if letter not in known:
            what = found.trouble or ("nothing yet" if found.value is None else shown(found.value))
            return f'the answer must be one of the letters {", ".join(known)}, such as "a"; here is {what}'
        return Chosen(
            letter, known[letter], known[letter] == self.right(seed), self.replies(seed).get(known[letter], "")
        )

    def items(self, came: Chosen) -> Iterable[Item]:
        yield Item(self.called, self.points * came.right, self.points, f"{came.letter}: {came.sentence}")

    def diagnosed(self, report: Report, came: Chosen) -> tuple[str | None, str]:
        return came.sentence, came.reply
