"""Scores as tables: one for people, and those that Canvas, Moodle and nbgrader read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from .pages import points

Record = dict[str, Any]
RISKY = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet takes for a formula


def tables(records: Sequence[Record], ids: Sequence[str], title: str) -> dict[str, str]:
    """All tables, by the names of their files."""
    return {
        "scores.csv": scores(records, ids),
        "canvas.csv": canvas(records, title),
        "moodle.csv": moodle(records),
        "nbgrader.csv": nbgrader(records, title),
    }


def scores(records: Sequence[Record], ids: Sequence[str]) -> str:
    """A student a line: the points of each exercise, the sum, what could be reached, and how many problems it had."""
    rows = [
        [
            *(safe(record[key]) for key in ("student", "name", "submission")),
            *(points(record["exercises"][id]["points"]) if id in record["exercises"] else "" for id in ids),
            points(record["total"]),
            points(record["of"]),
            len(record["problems"]),
        ]
        for record in records
    ]
    return written([["student", "name", "submission", *ids, "total", "of", "problems"], *rows])


def canvas(records: Sequence[Record], title: str) -> str:
    """Canvas's gradebook: in its second line stand the points that are possible."""
    possible = points(max((record["of"] for record in records), default=0.0))
    rows = [[safe(r["name"]), r["number"], "", safe(r["student"]), "", points(r["total"])] for r in records]
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title]
    return written([head, ["    Points Possible", "", "", "", "", possible], *rows])


def moodle(records: Sequence[Record]) -> str:
    """Moodle's worksheet for grading offline; with `username` it serves for the gradebook's import, too."""
    head = ["Identifier", "Full name", "username", "Grade", "Maximum Grade", "Feedback comments"]
    rows = [
        [
            f"Participant {r['number']}" if r["number"] else "",
            safe(r["name"]),
            safe(r["student"]),
            points(r["total"]),
            points(r["of"]),
            safe(in_short(r)),
        ]
        for r in records
    ]
    return written([head, *rows])


def nbgrader(records: Sequence[Record], title: str) -> str:
    """What `nbgrader export` writes, of this assignment."""
    head = "assignment duedate timestamp student_id last_name first_name email"
    more = "raw_score late_submission_penalty score max_score"
    rows = [
        [
            title,
            "",
            "",
            safe(r["student"]),
            "",
            safe(r["name"]),
            "",
            points(r["total"]),
            0,
            points(r["total"]),
            points(r["of"]),
        ]
        for r in records
    ]
    return written([[*head.split(), *more.split()], *rows])


def in_short(record: Record) -> str:
    """What was not passed, in a line."""
    missed = [
        f"{id}: {points(x['points'])} of {points(x['of'])}" for id, x in record["exercises"].items() if not x["passed"]
    ]
    return "; ".join(missed) or "All exercises are right."


def safe(text: str) -> str:
    """A text that no spreadsheet computes with."""
    return f"'{text}" if text.startswith(RISKY) else text


def written(rows: Iterable[Sequence[object]]) -> str:
    """The text of a table."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
