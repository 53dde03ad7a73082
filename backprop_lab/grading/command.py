"""The command `backprop-lab grade`: a folder of notebooks in, records out."""

from __future__ import annotations

import sys
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from ..errors import ArgumentError
from ..source import frames
from ..words import Words, answered
from .fence import TIERS
from .grader import known
from .notebooks import find, parse
from .records import Folder
from .run import by_student, progress, run

SUMMARY = (
    "backprop-lab grade SUBMISSIONS --out FOLDER [--only EXERCISE] [--student NAME] [--jobs N] [--scheduler ADDRESS]"
)


def parser() -> Words:
    """What the command understands."""
    found = Words("grade", __doc__)
    found.add_argument("submissions", help="a folder, flat or as nbgrader, Moodle or Canvas make it, or a zip of one")
    found.add_argument("--out", required=True, metavar="FOLDER", help="where records go; begun runs are taken up there")
    found.add_argument("--assignment", metavar="NOTEBOOK", help="what was given out; else all of a notebook's lessons")
    found.add_argument("--only", action="append", default=[], metavar="EXERCISE", help="grade this exercise again")
    found.add_argument("--student", action="append", default=[], metavar="NAME", help="grade this student again")
    found.add_argument("--overrides", metavar="FILE", help="CSV: student, exercise, points, reason; kept apart")
    found.add_argument("--jobs", type=int, default=0, metavar="N", help="processes; one a processor if not given")
    found.add_argument("--seed-file", metavar="FILE", help="the secret of hidden inputs; else FOLDER/secret is made")
    found.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask scheduler, tcp://host:8786, in place of processes"
    )
    found.add_argument("--fence", default=TIERS[0], choices=[*TIERS, "spawned"], help="at most this; for trying out")
    return found


def main(words: list[str]) -> int:
    """Grade; the number is the exit status."""
    try:
        return answered(_grade, words)
    except KeyboardInterrupt:
        print("\nStopped. What is graded is kept; the same command goes on from here.", file=sys.stderr)
        return 130


frames.checks.add(main.__code__)


def _grade(words: list[str]) -> None:
    given = parser().parse_args(words)
    found = by_student(find(given.submissions))
    only, ids = known(given.only), _assignment(given.assignment)
    if given.jobs < 0:
        raise ArgumentError(f"--jobs {given.jobs} is no number of processes; write 1 or more")
    executor = _scheduler(given.scheduler) if given.scheduler else None
    folder = Folder(given.out)
    if given.overrides:
        print(f"{folder.overrule(given.overrides, {s.student for s in found})} overrides are in force.")
    chosen: dict[str, Any] = {"ids": ids, "only": only, "student": given.student}
    how: dict[str, Any] = {"executor": executor, "jobs": given.jobs, "most": given.fence}
    show = progress(len(found), not sys.stderr.isatty())
    done = run(found, folder, folder.secret(given.seed_file), **chosen, **how, report=show)
    print(
        f"{done.graded} notebooks were graded, {done.kept} were graded before; the records are in {given.out}/records."
    )
    if done.copies:
        print(f"{done.copies} wrong answers are right for somebody else's numbers: see {given.out}/teacher.json.")


def _assignment(file: str | None) -> tuple[str, ...]:
    """The exercises of the notebook that was given out."""
    if file is None:
        return ()
    from ..exercises.books import exercises

    try:
        ids = parse(Path(file).read_bytes(), exercises()).ids
    except OSError as error:
        raise ArgumentError(f"the assignment {file} cannot be read: {error.strerror}") from None
    if not ids:
        raise ArgumentError(f"the assignment {file} has no exercise in it; name the notebook that was given out")
    return tuple(ids)


def _scheduler(address: str) -> Executor:
    """The workers of a Dask cluster, as an executor."""
    try:
        from distributed import Client
    except ImportError:
        raise ArgumentError("Dask is not installed here; this brings it: pip install 'backprop-lab[dask]'") from None
    try:
        client = Client(address, timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        raise ArgumentError(f"no scheduler answers at {address}; start one with: dask scheduler ({error})") from None
    executor: Executor = client.get_executor(retries=3)
    return executor
