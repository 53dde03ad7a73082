"""Otter's test files for the exercises, written from their declarations: one file an exercise, one case an item.

Otter runs them in the student's kernel right after the answer cell. A case passes when its item is right and brings the
item's share of the points; where an item may bring half of them, it has two cases. So the sum is `Report.points`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from pathlib import Path
from pprint import pformat
from typing import Any

from ..files import write_whole
from . import check
from .base import Exercise
from .cells import as_exercise, grade_id
from .report import Report


def cases_of(exercise: str | Exercise) -> list[dict[str, Any]]:
    """The cases of an exercise's test, in the format of OK: each has its points and a doctest that prints `right`."""
    found = as_exercise(exercise)
    items = found.check(found.model_answer("")).items
    share = found.points / sum(item.worth for item in items)
    name = f"globals().get({found.variable!r})"  # which nobody has defined if the answer cell stopped
    parts = _parts(found)
    return [
        {
            "name": item.label if part == parts else f"{item.label}, or what follows from others",
            "points": item.worth * share / parts,
            "hidden": False,
            "locked": False,
            "code": f">>> from {__name__} import told\n>>> print(told({found.id!r}, {k}, {name}))\nright",
        }
        for k, (item, part) in enumerate(product(items, range(1, parts + 1)))
    ]


def otter_test(exercise: str | Exercise) -> str:
    """The text of an exercise's test file, in the format of OK."""
    found = as_exercise(exercise)
    suites = [{"type": "doctest", "scored": True, "setup": "", "teardown": "", "cases": cases_of(found)}]
    test = {"name": grade_id(found.id), "points": None, "suites": suites}
    words = f"# {found.id} {found.title}. Written from the exercise's declaration; to be run by Otter."
    return f"OK_FORMAT = True\n\n{words}\ntest = {pformat(test, width=110, sort_dicts=False)}\n"


def _parts(exercise: Exercise) -> int:
    """How many cases an item has."""
    return 2 if exercise.has_halves else 1


_last: tuple[str, Any, Report] | None = None


def told(id: str, case: int, answer: Any) -> str:
    """`right` if a case of an exercise passes, else what the student should read.

    Otter runs the cases of a file one after the other, each in a fresh copy of the student's names; the answer is
    checked for the first one, and the others look at the same report.
    """
    global _last
    if case == 0 or _last is None or _last[0] != id or _last[1] is not answer:
        _last = id, answer, check(id, answer)
    report = _last[2]
    parts = _parts(as_exercise(id))
    k, part = divmod(case, parts)
    if k < len(report.items) and report.items[k].points >= (part + 1) / parts * report.items[k].worth:
        return "right"
    return str(report)


def write_otter_tests(folder: str | Path, exercises: Iterable[str | Exercise]) -> list[Path]:
    """Write the test files of exercises into a folder, for `otter generate -t folder`."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    return [
        write_whole(Path(folder) / f"{grade_id(e.id)}.py", otter_test(e)) for e in (as_exercise(x) for x in exercises)
    ]
