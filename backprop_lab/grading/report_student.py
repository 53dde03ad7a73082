"""A student's page: what each exercise brought, the answer on its own graph, and what to do next."""

from __future__ import annotations

import re
from typing import Any

from ..errors import LabError
from ..exercises.books import exercises
from ..exercises.hints import marked
from ..exercises.named import Named
from ..exercises.sweeps import Sweep
from .pages import e, page, points, table

Record = dict[str, Any]
INPUTS = re.compile(r",? at .*", re.S)  # of a hidden call
WORDS = {"✓": "right", "◐": "half", "✗": "not yet"}


def feedback(record: Record, title: str, hidden: bool = False) -> str:
    """The page for a record; with `hidden` it shows the inputs on which code was tried."""
    got, most = points(record["total"]), points(record["of"])
    parts = [f"<h1>{e(title)}: {e(record['name'])}</h1>", f"<p><strong>{got} of {most} points</strong></p>"]
    if record["problems"]:
        parts.append("<h2>About the notebook</h2><ul>")
        parts += (f"<li>{e(problem)}</li>" for problem in record["problems"])
        parts.append("</ul>")
    parts += (_exercise(id, found, hidden) for id, found in record["exercises"].items())
    parts.append(f'<p class="soft">{e(record["submission"])}, graded by backprop_lab {e(record["version"])}.</p>')
    return page(f"{title}: {record['name']}", parts)


def _exercise(id: str, found: dict[str, Any], hidden: bool) -> str:
    mark = "✓" if found["points"] >= found["of"] else "◐" if found["points"] else "✗"
    head = f"{mark} {e(id)} {e(found['title'])}: {points(found['points'])} of {points(found['of'])}"
    parts = [f"<section><h2>{head}</h2>"]
    if "computed" in found:
        reason = f": {e(found['reason'])}" if found.get("reason") else ""
        parts.append(f"<p>Your teacher gave these points, in place of {points(found['computed'])}{reason}.</p>")
    if found["trouble"]:
        parts.append(f"<p>{e(found['trouble'])}</p>")
    if found["passed"]:
        return "".join([*parts, '<p class="passed">All of it is right.</p></section>'])
    if found["message"]:
        parts.append(f'<p class="hint">{marked(found["message"])}</p>')
    parts.append(_picture(id, found))
    if found["tried"]:
        parts.append(_tried(found, hidden or found["seed"] != "hidden"))
    return "".join([*parts, "</section>"])


def _tried(found: dict[str, Any], open_: bool) -> str:
    """What was asked, one thing a line; without the inputs of hidden calls."""
    rows = [
        [
            f"{item['mark']} {WORDS[item['mark']]}",
            item["label"] if open_ else INPUTS.sub("", item["label"]),
            (item["trouble"] or item["yours"] or "–")
            if open_
            else (item["trouble"] and "not what was asked for") or "",
            f"{points(item['points'])} of {points(item['of'])}",
        ]
        for item in found["tried"]
    ]
    return table(["", "asked", "yours" if open_ else "", "points"], rows)


def _picture(id: str, found: dict[str, Any]) -> str:
    """The answer on its graph; nothing where there is no graph, or nothing was answered."""
    exercise = exercises().get(id)
    if not isinstance(exercise, Named | Sweep) or not isinstance(found["answer"], dict):
        return ""
    try:
        attempt = exercise.show(found["answer"], found["seed"])
        return "" if attempt is None else f"<p>{attempt._repr_html_()}</p>"
    except (LabError, ArithmeticError, TypeError, ValueError):  # answers may be anything
        return ""
