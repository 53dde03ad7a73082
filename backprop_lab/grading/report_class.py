"""The teacher's page: how many passed each exercise, which wrong turns were taken and where, what was hardest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import mean, median
from typing import Any

from ..exercises.books import exercises
from ..exercises.predict import Predict
from ..exercises.steps import Steps
from .falls import Falls, common
from .pages import e, page, points, table

Record = dict[str, Any]
HARDEST = 10


def class_report(records: Sequence[Record], ids: Sequence[str], title: str) -> str:
    """The page for all records of an assignment."""
    many = len(records)
    totals, most = [r["total"] for r in records], max((r["of"] for r in records), default=0.0)
    summary = (
        f"{many} students; on average {points(mean(totals))} of {points(most)} points, half of them "
        f"{points(median(totals))} or more."
    )
    parts = [f"<h1>{e(title)}</h1>", f"<p>{summary}</p>", "<h2>How many passed</h2>", _passed_plot(records, ids)]
    rows = [[id, _title(id), *_counts(records, id)] for id in ids]
    parts.append(
        table(["exercise", "", "passed", "in part", "nothing right", "no answer", "on average"], rows, range(2, 7))
    )
    parts += ["<h2>Hardest</h2>", table(["exercise", "asked", "right", "share"], _hardest(records, ids), (2, 3))]
    parts.append("<h2>Wrong turns, and where</h2>")
    parts += (section for id in ids for section in _wrong_turns(records, id))
    troubled = [[r["student"], problem] for r in records for problem in r["problems"]]
    if troubled:
        parts += ["<h2>Problems with notebooks</h2>", table(["student", "problem"], troubled)]
    return page(title, parts)


def of(records: Sequence[Record], id: str) -> list[dict[str, Any]]:
    """What came of an exercise in each submission that has it."""
    return [r["exercises"][id] for r in records if id in r["exercises"]]


def answered(found: dict[str, Any]) -> bool:
    """Whether there was an answer, right or wrong; one of code that returns nothing yet is none."""
    given = (item["yours"] is not None or item["points"] for item in found["tried"])
    return any(given) if found["tried"] else found["answer"] is not None


def _title(id: str) -> str:
    return exercises()[id].title if id in exercises() else ""


def _groups(records: Sequence[Record], id: str) -> tuple[int, int, int, int]:
    """How many passed, how many got some points, none, and how many had no answer."""
    found = of(records, id)
    passed = sum(x["points"] >= x["of"] for x in found)
    part = sum(0 < x["points"] < x["of"] for x in found)
    nothing = sum(not x["points"] and answered(x) for x in found)
    return passed, part, nothing, len(records) - passed - part - nothing


def _counts(records: Sequence[Record], id: str) -> list[object]:
    found = of(records, id)
    return [*_groups(records, id), points(mean(x["points"] for x in found)) if found else "–"]


def _passed_plot(records: Sequence[Record], ids: Sequence[str]) -> str:
    """Bars: passed, in part, nothing right, no answer."""
    from ..plots.figure import COLOURS, LINES, Plot, lab_style, new_figure

    names = ("passed", "in part", "nothing right", "no answer")
    looks = ((LINES[4]["color"], ""), ("#e0b04a", "//"), (LINES[1]["color"], "xx"), (COLOURS["edge"], ".."))
    counts = [_groups(records, id) for id in ids]
    with lab_style():
        figure, axes = new_figure(9.0, 1.2 + 0.45 * len(ids))
        left = [0] * len(ids)
        for k, (name, (colour, hatch)) in enumerate(zip(names, looks, strict=True)):
            wide = [row[k] for row in counts]
            axes.barh(list(ids), wide, left=left, color=colour, hatch=hatch, edgecolor="white", label=name)
            left = [a + b for a, b in zip(left, wide, strict=True)]
        axes.invert_yaxis()
        axes.set_xlabel("students")
        axes.set_xlim(0, max(len(records), 1))
        axes.grid(axis="y", visible=False)
        figure.legend(loc="outside upper center", ncols=4)
    alt = "; ".join(f"{id}: {row[0]} passed, {row[1]} in part" for id, row in zip(ids, counts, strict=True))
    return f"<p>{Plot(figure, f'How many of {len(records)} passed. {alt}.').html()}</p>"


def _hardest(records: Sequence[Record], ids: Sequence[str]) -> list[list[object]]:
    """The things asked that the fewest had right, of those who answered."""
    rows: list[tuple[float, list[object]]] = []
    for id in ids:
        asked: Counter[str] = Counter()
        right: Counter[str] = Counter()
        for item in (item for found in of(records, id) if answered(found) for item in found["tried"]):
            label = item["label"].partition(", at ")[0]
            asked[label] += 1
            right[label] += item["mark"] == "✓"
        rows += ((right[x] / n, [id, x, f"{right[x]} of {n}", f"{100 * right[x] / n:.0f} %"]) for x, n in asked.items())
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])[:HARDEST]]


def _wrong_turns(records: Sequence[Record], id: str) -> Iterator[str]:
    found = of(records, id)
    turns = [(x["wrong_turn"], x["where"] or x["about"] or "") for x in found if x["wrong_turn"]]
    picture = falls(records, id)
    if not turns and picture is None:
        return
    yield f"<section><h3>{e(id)} {e(_title(id))}</h3>"
    if picture is not None:
        yield f"<p>{e(picture.words)}</p><p>{picture._repr_html_()}</p>"
    if turns:
        rows = [[turn, where, count, f"{100 * count / len(found):.0f} %"] for turn, where, count in common(turns, 8)]
        yield table(["wrong turn", "where", "how many", "of all"], rows, (2, 3))
    yield "</section>"


def falls(records: Sequence[Record], id: str) -> Falls | None:
    """Where on an exercise's graph wrong numbers were; None if its answers are not those of a graph that all share."""
    exercise = exercises().get(id)
    if not isinstance(exercise, Predict) or isinstance(exercise, Steps):
        return None
    labels = {exercise.label(name): name for name in exercise.ask}
    asked: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for item in (item for found in of(records, id) for item in found["tried"] if item["label"] in labels):
        if item["yours"] is not None:
            asked[labels[item["label"]]] += 1
            missed[labels[item["label"]]] += item["mark"] != "✓"
    graph = exercise.traced("")
    shown = exercise.show({}, "")
    if not asked or shown is None:
        return None
    return Falls(graph, {name: asked[name] for name in exercise.ask}, missed, shown.of)
