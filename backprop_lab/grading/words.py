"""What the commands of this room share: the names of students, and files that are written last."""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from ..errors import ArgumentError
from ..files import write_whole

HEADS = {"student", "id", "name", "username", "user", "student_id", "email"}  # the first line of a file of names
FEW = 20  # things that one process makes
Thing = TypeVar("Thing")
Made = TypeVar("Made")
FORBIDDEN = re.compile(r'[\x00-\x1f/\\:*?"<>|]|^\.|[. ]$')  # no name of a file, on some machine


class Student(NamedTuple):
    """Somebody who gets exercises: the id, which decides the numbers, and the name to print."""

    id: str
    name: str


def students_in(path: str | Path) -> list[Student]:
    """The students that a file names: one a line, an id and, after a comma, a name; a line of headings may come first.

    Raises
    ------
    ArgumentError : no such file, nobody in it, somebody twice, or an id that no file can be called by
    """
    try:
        rows = list(csv.reader(Path(path).read_text("utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise ArgumentError(
            f"the students' file {path} could not be read: {reason}; write one student a line"
        ) from None
    rows = [[part.strip() for part in row] for row in rows if any(part.strip() for part in row)]
    if rows and rows[0][0].lower().replace(" ", "_") in HEADS:
        rows = rows[1:]
    found: dict[str, Student] = {}
    for id, *more in rows:
        if not id or FORBIDDEN.search(id):
            raise ArgumentError(f"{path}: {id!r} cannot be the name of a folder; give this student another id")
        if id in found:
            raise ArgumentError(f"{path}: there are two students {id}; give each an id of their own")
        found[id] = Student(id, next(filter(None, more), id))
    if not found:
        raise ArgumentError(f"there is no student in {path}; write one a line")
    return list(found.values())


def each(make: Callable[[Thing], Made], things: Sequence[Thing], unit: str) -> Iterator[Made]:
    """What is made of each thing, in order, by as many processes as there are processors; of few by this one."""
    cores = os.cpu_count() or 1
    if len(things) < FEW or cores == 1:
        yield from map(make, things)
        return
    from tqdm import tqdm  # comes with the lab's packages

    with ProcessPoolExecutor(cores) as pool:
        found = pool.map(make, things, chunksize=4)
        yield from tqdm(found, total=len(things), unit=unit, disable=not sys.stderr.isatty())


def seed_of(student: Student, seed: str = "") -> str:
    """The text that a student's numbers are drawn from: the id, after the course's own seed if there is one."""
    return f"{seed} {student.id}".strip()


def write_all(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files by their paths in a folder, each whole; what is there already stays as it is.

    They are all made before the first is written.

    Raises
    ------
    SaveError : the folder cannot be written
    """
    for name, content in files.items():
        target = folder / name
        data = content.encode("utf-8") if isinstance(content, str) else content
        if target.is_file() and target.read_bytes() == data:
            continue
        with suppress(OSError):  # if it cannot be made, writing into it says so
            target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, data)
