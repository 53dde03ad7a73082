"""Write question banks out of the exercises, for courses without notebooks: Moodle XML, or a QTI 2.1 package.

    backprop-lab bank reverse.1 --out FILE.xml --as moodle --count 20
    backprop-lab bank 03 fan_out --out FILE.zip --as qti --count 10

An exercise is named by its id, by its topic (reverse) or by its lesson (03); without a name, all come that ask for
numbers or for a sentence. Each question has numbers of its own and asks for one of them. Every wrong turn that leads to
another number is an answer with its sentence as feedback; it brings half where it follows rightly from an earlier slip,
as in the notebook. The same --seed gives the same file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..errors import ArgumentError
from ..files import write_whole
from ..words import Words, answered
from .bank_moodle import moodle
from .bank_qti import qti
from .posing import Posed, chosen, different

SUMMARY = "backprop-lab bank [EXERCISE ...] --out FILE --as moodle|qti [--count N] [--seed TEXT]"
FORMATS: dict[str, Callable[[Mapping[str, Sequence[Posed]], str], str | bytes]] = {"moodle": moodle, "qti": qti}


def main(words: list[str]) -> int:
    """The command; the number is the exit status."""
    return answered(_work, words)


def _work(words: list[str]) -> None:
    parser = Words("bank", __doc__)
    parser.add_argument("exercises", nargs="*", metavar="EXERCISE", help="an id, a topic or a lesson")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="where to write")
    parser.add_argument("--as", dest="format", required=True, choices=sorted(FORMATS), help="for which platform")
    parser.add_argument("--count", default="10", metavar="N", help="how many questions of each exercise (10)")
    parser.add_argument("--seed", default="bank", metavar="TEXT", help="what the numbers are drawn from")
    given = parser.parse_args(words)
    if not given.count.isdecimal() or not 1 <= int(given.count) <= 10_000:
        raise ArgumentError(f"--count is how many questions there are of each exercise, not {given.count}; write 10")
    questions = bank(given.exercises, int(given.count), given.seed)
    written = write_whole(given.out, FORMATS[given.format](questions, given.out.stem))
    print(f"{written}: {sum(map(len, questions.values()))} questions of {len(questions)} exercises")
    for id, found in questions.items():
        if len(found) < int(given.count):
            print(f"{id}: {len(found)} different questions, as many as there are")


def bank(names: Sequence[str] = (), count: int = 10, seed: str = "bank") -> dict[str, list[Posed]]:
    """Questions by the ids of their exercises; fewer than `count` of one, if it has no more that differ.

    Raises
    ------
    ArgumentError : an exercise that does not exist, or that asks for code or arrays
    """
    return {exercise.id: list(different(exercise, count, f"{seed} {exercise.id}")) for exercise in chosen(names)}
