"""The records of a grading: one JSON file a submission, written whole or not at all; what was overruled stays apart.

FOLDER/records/NAME.json   what was found, the same whenever it is graded again
FOLDER/took/NAME.json      seconds and memory, which differ from run to run
FOLDER/overrides.json      points that a person gave, with the reason
FOLDER/teacher.json        whose answers are right for somebody else: for teachers only
FOLDER/secret              what hidden inputs are drawn from
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, SaveError
from ..files import write_whole
from .grader import known, total
from .wire import whole

COLUMNS = ("student", "exercise", "points", "reason")


def secret_in(file: str | Path) -> bytes:
    """The secret that a file holds.

    Raises
    ------
    ArgumentError : the file cannot be read, or holds too little
    """
    try:
        found = Path(file).read_bytes().strip()
    except OSError as error:
        raise ArgumentError(f"the seed file {file} cannot be read: {error.strerror}") from None
    if len(found.decode("utf-8", "replace")) < 8:
        raise ArgumentError(f"the seed file {file} holds fewer than 8 characters; write a longer secret into it")
    return found


class Folder:
    """The folder of one grading; it is made when something is written.

    Raises
    ------
    SaveError : it cannot be made or written
    """

    def __init__(self, place: str | Path) -> None:
        self.place = Path(place)
        try:
            for name in ("records", "took"):
                (self.place / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SaveError(f"{place} cannot be used for the records: {error.strerror}; name another folder") from None

    def secret(self, file: str | Path | None = None) -> bytes:
        """The secret of this grading: that of a file, or one of its own that is kept.

        Raises
        ------
        ArgumentError : the file cannot be read or holds too little, or the folder's records have another secret
        """
        own = self.place / "secret"
        if file is not None:
            return secret_in(file)
        if not own.exists():
            write_whole(own, secrets.token_hex(16) + "\n")
            own.chmod(0o600)
        return own.read_bytes().strip()

    def path(self, student: str, place: str) -> Path:
        """The file of a record: the student's name, with a mark of where the notebook lay, which is unique."""
        tidy = re.sub(r"[^\w.-]+", "_", student)[:80].strip(".") or "_"
        return self.place / "records" / f"{tidy}-{hashlib.sha256(f'{student}/{place}'.encode()).hexdigest()[:8]}.json"

    def read(self, student: str, place: str) -> dict[str, Any] | None:
        """A record; None if there is none, or none that can be read."""
        try:
            found = json.loads(self.path(student, place).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and "exercises" in found else None

    def write(self, record: dict[str, Any], took: dict[str, Any]) -> None:
        """Write a record, unless the same is there already.

        Raises
        ------
        SaveError : the disk is full, or may not be written
        """
        path = self.path(record["student"], record["submission"])
        text = as_text(record)
        if not path.exists() or path.read_bytes() != text.encode("utf-8"):
            write_whole(path, text)
        write_whole(self.place / "took" / path.name, as_text(took))

    def overrides(self) -> list[dict[str, Any]]:
        """What was overruled, as `read_overrides` has it."""
        path = self.place / "overrides.json"
        found: list[dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.exists() else []
        return found

    def overrule(self, file: str | Path, students: set[str]) -> int:
        """Take over a file of overrides, in place of those before; how many there are.

        Raises
        ------
        ArgumentError : a line of it names nobody, no exercise, or no points
        """
        found = read_overrides(file, students)
        write_whole(self.place / "overrides.json", as_text(found))
        return len(found)

    def records(self) -> list[dict[str, Any]]:
        """All records, in order, with what was overruled: `computed` keeps the points that the grader gave."""
        found = [json.loads(path.read_text("utf-8")) for path in sorted((self.place / "records").glob("*.json"))]
        by_student: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for record in found:
            by_student[record["student"]].append(record)
        for override in self.overrides():
            for record in by_student[override["student"]]:
                result = record["exercises"].get(override["exercise"])
                if result is not None:
                    result |= {"computed": result["points"], "points": override["points"], "reason": override["reason"]}
                    total(record)
        return found

    def note_copies(self) -> int:
        """Write which wrong answers are right for somebody else; how many there are."""
        found = copies(json.loads(path.read_text("utf-8")) for path in sorted((self.place / "records").glob("*.json")))
        path = self.place / "teacher.json"
        text = as_text({"right for somebody else": found})
        if (found or path.exists()) and (not path.exists() or path.read_text("utf-8") != text):
            write_whole(path, text)
        return len(found)


def as_text(x: Any) -> str:
    """Plain data as the text of a JSON file, the same for the same data, each exercise a line. A number that JSON lacks
    becomes a text."""
    return whole(_lines(_finite(x), 2)) + "\n"


def _lines(x: Any, deep: int) -> str:
    """JSON with a line for each part, so deep; an indent would be written by Python's slow writer."""
    if type(x) is not dict or not x or not deep:
        return json.dumps(x, ensure_ascii=False)
    margin = "\n" + " " * (3 - deep)
    parts = (f"{margin}{json.dumps(k, ensure_ascii=False)}: {_lines(part, deep - 1)}" for k, part in x.items())
    return "{" + ",".join(parts) + margin[:-1] + "}"


def _finite(x: Any) -> Any:
    if isinstance(x, dict):
        return {k: _finite(v) for k, v in x.items()}
    if isinstance(x, list | tuple):
        return [_finite(part) for part in x]
    return str(x) if isinstance(x, float) and not math.isfinite(x) else x


def copies(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Wrong answers that are the right ones for another student's numbers. Of a record only its marks are kept."""
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    wrong: list[tuple[str, str, str]] = []
    for record in records:
        for id, result in record["exercises"].items():
            marks = result.get("marks")
            if marks is None:
                continue
            owners[id, marks["right"]].append(record["student"])
            if marks["given"] != marks["right"] and not isinstance(result["answer"], str):
                wrong.append((record["student"], id, marks["given"]))  # a letter is right for every fourth student
    found = []
    for student, id, given in wrong:
        whose = sorted({name for name in owners.get((id, given), ()) if name != student})
        if whose:
            found.append({"student": student, "exercise": id, "right for": whose})
    return found


def read_overrides(file: str | Path, students: set[str]) -> list[dict[str, Any]]:
    """Points that a person gave: a CSV file with the columns student, exercise, points, reason.

    Raises
    ------
    ArgumentError : a line of it names nobody, no exercise, or no points
    """
    try:
        text = Path(file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentError(f"the overrides {file} cannot be read: {error}") from None
    rows = csv.DictReader(io.StringIO(text))
    if not {"student", "exercise", "points"} <= set(rows.fieldnames or ()):
        raise ArgumentError(f"{file} needs a first line with the columns {', '.join(COLUMNS)}")
    found = []
    for line, row in enumerate(rows, start=2):
        where = f"{file}, line {line}"
        if row["student"] not in students:
            raise ArgumentError(f"{where}: nobody is called {row['student']}; write the name as in the records")
        try:
            (id,) = known([row["exercise"] or ""])
            points = float(row["points"] or "")
        except ValueError:
            raise ArgumentError(f"{where}: {row['points']!r} is not a number of points") from None
        except ArgumentError as error:
            raise ArgumentError(f"{where}: {error}") from None
        if not 0 <= points < math.inf:
            raise ArgumentError(f"{where}: {points:g} points cannot be given")
        found.append({"student": row["student"], "exercise": id, "points": points, "reason": row.get("reason") or ""})
    return found


def merged(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """A record in which some exercises were graded again, put into the one before."""
    if old is None or old.get("sha256") != new["sha256"]:
        return new
    found = dict(old["exercises"]) | new["exercises"]
    record = new | {"exercises": found, "seed": new["seed"] or old["seed"]}
    total(record)
    return record


def one_a_student(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One record for each student: who handed in a notebook for each lesson has a line in a gradebook all the same.

    What stands in two of them counts where it brought more.
    """
    found: dict[str, dict[str, Any]] = {}
    for record in records:
        first = found.setdefault(record["student"], record)
        if first is record:
            continue
        exercises = dict(first["exercises"])
        for id, result in record["exercises"].items():
            if id not in exercises or result["points"] > exercises[id]["points"]:
                exercises[id] = result
        places = f"{first['submission']}, {record['submission']}"
        both = {"submission": places, "problems": first["problems"] + record["problems"], "exercises": exercises}
        found[record["student"]] = first | both
        total(found[record["student"]])
    return list(found.values())
