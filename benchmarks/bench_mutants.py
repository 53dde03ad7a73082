"""Which small changes of the model solutions pass an exercise.

Run it with `make bench` or `python benchmarks/bench_mutants.py`; `--seeds 2` and `reverse` (ids, or what they begin
with) are for a look. Every mutant of `mutants.py` is graded at 20 seeds, every case until one is wrong. A mutant that
passes at all seeds should behave as the solution does whatever the input: `RIGHT` says why, and what it does not
explain is listed as a survivor. One that passes at some seeds shows draws that are too weak.
"""

from __future__ import annotations

import argparse
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from mutants import Mutant, mutants

import backprop_lab as bl
from backprop_lab.exercises.apply import Apply
from backprop_lab.exercises.base import agrees
from backprop_lab.exercises.code import Part, Written
from backprop_lab.exercises.handle import Handle

SECONDS = 1.0  # a mutant that computes for longer is stopped
# Why mutants are right: the exercise, a pattern of the kind and the line, the reason.
RIGHT: tuple[tuple[str, str, str], ...] = (
    (
        "forward|engine|modules",
        r"^in the wrong order: (def |@static|__r|grad = 0.0|  →)",
        "methods of a class may stand in any order",
    ),
    ("forward.[34]", r"\[-1\]", "the last of two is the second"),
    ("gpt.2", r"wrong order: direct|len\((bar|direct)\)", "neither line needs the other; all three are as long"),
    ("gpt.3", r"^backwards", "a sum in another order"),
    ("gpt.3", r"shape\[-1\]", "the last of two is the second"),
    ("forward.5", r"tangent=-?1\.0|Dual\(x\)$", "the default of the tangent is not asked for"),
    ("forward.5", r"→  return Dual\(other\) - self", "Python calls __rsub__ with plain numbers only"),
    ("reverse.4", r"wrong order: (op, i, j|bars\[i\])", "neither of the two lines needs the other"),
    ("fan_out.4", r"wrong order|backwards", "the edges may be read in any order"),
    ("costs.2", r"wrong order", "the two questions exclude each other"),
    ("order.3", r"keyword left out", "e is an array of floats already"),
    ("order.3", r"turn left out|len\(v\) - 1|0 - 1", "the last node has no children, so its turn changes nothing"),
    ("order.3", r"len\([Le]\)|v @ L", "as many nodes; the inner product of two vectors has no order"),
    ("order.4", r"for (long|i) in", "pieces that no whole chain needs, or the same ones in another order"),
    ("numerical.[45]", r"wrong order: ahead|two writes at once", "ahead and behind are two lists"),
    ("numerical.5", r"wrong, h = ", "another small h finds the same places"),
    ("numerical.5", r">= 0.001|claimed - found|max\(abs\(claimed\), abs\(found\)\)", "the same size"),
    ("modules.1", r"maximum\(0\.0, z\)", "the larger of two, whichever comes first"),
    ("modules.3", r"maximum\(0\.0|wrong order", "the larger of two, or lines that do not need each other"),
    ("modules.3", r"len\((bs|zs)\)", "as many as there are layers"),
    ("modules.3", r">= 0", "the slope at a kink is not asked for, and no z is exactly 0"),
    ("modules.2", r"wrong order: self.W_bar", "neither of the two lines needs the other"),
    ("rules.2", r"wrong order: angle", "neither of the two lines needs the other"),
    ("rules.3", r"for _ in range|→  E = -?[eM]$|E = 0", "the loop ends at the same place, from wherever it starts"),
    ("adjoint.[23]", r"wrong order: (A|u|lam) = ", "neither of the two lines needs the other"),
    ("adjoint.3", r"attribute left out: lam", "this A is its own transpose"),
    ("complex.3", r"wrong order: across", "neither of the two lines needs the other"),
    ("complex.3", r"h=0\.0001", "another small h finds the same partials"),
    ("complex.4", r"backwards: for _", "the number of the step is not used"),
    (
        "breaking.3|dying.2|second.2",
        r"wrong order: (p|loss|slope|powers|pull) = |wrong order: (for w in|result\[1:\])",
        "neither of the two lines needs the other",
    ),
    ("dying.3", r"length < most", "at the bound the factor is 1"),
    ("descent.3|training.2", r"wrong order: (path|x, y) = ", "neither of the two lines needs the other"),
    ("descent.3|training.2", r"backwards: for _", "the number of the step is not used"),
    ("stochastic.3", r"len\(ys\)", "as many as there are xs"),
    ("stochastic.3|training.2", r"call left out: x, y|- ys|off \* xs", "an array with a list is an array, too"),
    ("training.3", r"most / np\.sign|label / w", "signs divide as they multiply, and no weight is 0"),
    (
        "second.3",
        r"wrong order: (p = |if not)|backwards: for _|len\(b\) \+ 1|0 - 1, len|range\(len\([dpr]\)\)|r = d = b  ",
        "as many rounds, or one more; two lines of which neither needs the other",
    ),
    (
        "second.3",
        r"not d\.any|d @ r|r @ d|Hd @ d|r @ Hd|r = old - |d @ old|old @ d",
        "the directions are conjugate: d·r is r·r, and r·Hd is d·Hd; old is r",
    ),
    ("engine.[45]", r"last turn left out: for node in nodes", "the last node is z, which gets its seed next"),
    ("engine.[45]", r"→  node.grad = 1.0", "after the loop `node` is the last one, z itself"),
    ("engine.[45]", r"last turn left out: for node in reversed", "an input, which passes nothing on"),
    ("engine.[45]", r"backwards: for (parent|node in nodes)", "sums and zeros come in any order"),
    ("engine.4", r"wrong order: nodes = self.order", "the order does not look at adjoints"),
    ("engine", r"wrong order: seen.add", "neither of the two lines needs the other"),
)


class Cases:
    """An exercise's cases for some seeds, with the right results: worked out once for all mutants."""

    def __init__(self, exercise: Written, seeds: Sequence[str]) -> None:
        self.exercise = exercise
        self.cases = {
            seed: [
                (part, args, part.oracle(*args))
                for part in getattr(exercise, "parts", ())
                for args in part.cases(exercise.random(seed, part.label))
            ]
            for seed in seeds
        }

    def passed(self, answer: Any) -> list[str]:
        """The seeds at which an answer is right; none if it does not come to an end."""
        found = []
        for seed, cases in self.cases.items():
            handle = Handle(answer, self.exercise.allow_engine, SECONDS)
            if isinstance(self.exercise, Apply):
                right = self.exercise.grade(handle, seed).passed
            else:
                right = all(self._right(handle, *case) for case in cases)
            found += [seed] * right
            if handle.is_late:
                return []
        return found

    def _right(self, handle: Handle, part: Part, args: tuple[Any, ...], expected: Any) -> bool:
        outcome = part.outcome(handle, args)
        return outcome.trouble is None and agrees(expected, outcome.value, part.near)


def survivors(exercise: Written, seeds: Sequence[str], some: Any = None) -> Iterator[tuple[Mutant, list[str]]]:
    """The mutants that pass, with the seeds at which they do; `some` picks among the mutants."""
    cases = Cases(exercise, seeds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        every = list(mutants(exercise.solution()))
        for mutant in every if some is None else some(every):
            try:
                answer = exercise.built(mutant.text)
            except Exception:  # it does not even define the answer
                continue
            passed = cases.passed(answer)
            if passed:
                yield mutant, passed


def reason(exercise: Written, mutant: Mutant) -> str | None:
    """Why a mutant that passes is right."""
    if isinstance(exercise, Apply):
        return "another function with all the properties that were asked for"
    told = (words for id, pattern, words in RIGHT if re.match(id, exercise.id) and re.search(pattern, mutant.what))
    return next(told, None)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ids", nargs="*", help="exercises, or what their ids begin with; all if none is given")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="two seeds")
    options = parser.parse_args(arguments)
    seeds = ["", *(f"student {k}" for k in range(1, 2 if options.quick else options.seeds))]
    bad = 0
    for id, exercise in bl.exercises.items():
        if not isinstance(exercise, Written) or (options.ids and not any(id.startswith(x) for x in options.ids)):
            continue
        count = sum(1 for _ in mutants(exercise.solution()))
        reasons, odd = Counter[str](), []
        for mutant, passed in survivors(exercise, seeds):
            why = reason(exercise, mutant) if len(passed) == len(seeds) or isinstance(exercise, Apply) else None
            reasons[why or "SURVIVED"] += 1
            if why is None:
                odd.append(f"  SURVIVED at {len(passed)} of {len(seeds)} seeds: {mutant.what}")
        bad += len(odd)
        print(f"{id:16} {count:5} mutants, {count - sum(reasons.values()):5} caught, {len(odd)} survived", flush=True)
        for why, n in reasons.items():
            if why != "SURVIVED":
                print(f"  {n:4} right: {why}")
        print(*odd, sep="\n", end="\n" if odd else "", flush=True)
    print(f"\n{bad} mutants pass without a reason; target: none")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
