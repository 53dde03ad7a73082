"""Make pages and tables of what `backprop-lab grade` found.

    backprop-lab report FOLDER --title ps1

FOLDER is the --out of `grade`. What is written there:

    feedback/STUDENT.html    for the student: points, hints, the answer on its graph; nothing that gives an answer away
    class.html               for the teacher: how many passed, which wrong turns were taken, and where on the graph
    scores.csv               a student a line
    canvas.csv, moodle.csv, nbgrader.csv    for their gradebooks

What a teacher overruled counts. The inputs on which code was tried are left out of the students' pages, as long as they
may hand in again; --show-hidden puts them in.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, SaveError
from ..exercises.books import exercises
from ..words import Words, answered
from .records import Folder, one_a_student
from .report_class import class_report
from .report_student import feedback
from .report_tables import tables
from .words import each, write_all

SUMMARY = "backprop-lab report FOLDER [--title TEXT] [--show-hidden]"


def main(words: list[str]) -> int:
    """The command; the number is the exit status."""
    return answered(_work, words)


def _work(words: list[str]) -> None:
    parser = Words("report", __doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where backprop-lab grade put its records")
    parser.add_argument("--title", default="ps1", metavar="TEXT", help="the assignment's name (ps1)")
    parser.add_argument("--show-hidden", action="store_true", help="show students on which inputs code was tried")
    given = parser.parse_args(words)
    files = reports(given.folder, given.title, given.show_hidden)
    write_all(given.folder, files)
    print(f"{len(files)} files: open {given.folder / 'class.html'}")


def reports(folder: Path, title: str = "ps1", hidden: bool = False) -> dict[str, str]:
    """All pages and tables of a grading, by their paths.

    Parameters
    ----------
    folder : where the records are
    title : what the assignment is called
    hidden : whether students see the inputs on which their code was tried

    Raises
    ------
    ArgumentError : there are no records, or one that cannot be read
    """
    paths, records = _read(folder)
    seen = {id for record in records for id in record["exercises"]}
    ids = [id for id in exercises() if id in seen] + sorted(seen - set(exercises()))
    pages = each(partial(feedback, title=title, hidden=hidden), records, "page")
    files = {f"feedback/{path.stem}.html": text for path, text in zip(paths, pages, strict=True)}
    students = one_a_student(records)
    return files | {"class.html": class_report(students, ids, title)} | tables(students, ids, title)


def _read(folder: Path) -> tuple[list[Path], list[dict[str, Any]]]:
    paths = sorted((folder / "records").glob("*.json"))
    if not paths:
        raise ArgumentError(f"there are no records in {folder}; name the --out of backprop-lab grade")
    try:
        return paths, Folder(folder).records()
    except (ValueError, KeyError, TypeError, OSError, SaveError) as error:
        raise ArgumentError(f"a record in {folder} cannot be read ({error}); grade once more") from None
