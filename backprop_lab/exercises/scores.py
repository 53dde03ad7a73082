"""Which exercises are passed, and the best score of each: kept beside the notebook, through restarts of the kernel."""

from __future__ import annotations

import html
import json
import sys
from functools import cache
from pathlib import Path
from typing import overload

from ..errors import SaveError
from ..files import write_whole
from .base import Exercise
from .books import exercises, renamed
from .report import Report

FILE = ".backprop_lab_progress.json"


class Progress:
    """The best score of each exercise. `print` it, or show it at the end of a notebook."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.note_to_self = ""
        self.best: dict[str, float] = {}
        try:
            kept = json.loads(self.path.read_text("utf-8"))
            self.best = {renamed().get(k, str(k)): float(v) for k, v in kept["best"].items() if 0 <= float(v) <= 1}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self.note_to_self = f"{FILE} could not be read; it stays as it is until a better score is reached"

    def note(self, exercise: Exercise, report: Report) -> None:
        """Keep a score if it is the best so far."""
        if report.score <= self.best.get(exercise.id, -1.0):
            return
        self.best[exercise.id] = report.score
        try:
            write_whole(self.path, json.dumps({"best": self.best}, indent=1, sort_keys=True) + "\n")
            self.note_to_self = ""
        except SaveError:
            self.note_to_self = (
                "kept in memory only: this folder cannot be written, so a restart of the kernel forgets it"
            )

    def rows(self, notebook: str = "") -> list[tuple[str, str, float, float]]:
        """For each exercise of a lesson (of all, if none is named): id, title, best points, points to get."""
        return [
            (e.id, e.title, round(e.points * self.best.get(e.id, 0.0), 4), e.points)
            for e in exercises().values()
            if e.notebook.startswith(notebook) or e.id.split(".")[0] == notebook
        ]

    def table(self, notebook: str = "") -> Table:
        """The same as a table that shows itself."""
        return Table(self.rows(notebook), self.note_to_self or self.place())

    def place(self) -> str:
        """Where the scores are kept, in a sentence."""
        if "google.colab" in sys.modules:
            return f"kept in {FILE} on Colab's machine, which forgets it: download the file to keep it"
        return f"kept in {FILE} beside this notebook"

    def __str__(self) -> str:
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


class Table:
    """Exercises with their points, for people to look at."""

    def __init__(self, rows: list[tuple[str, str, float, float]], remark: str) -> None:
        self.rows, self.remark = rows, remark

    def _sum(self) -> str:
        got, most = sum(got for *_, got, _ in self.rows), sum(most for *_, most in self.rows)
        return f"{got:g} of {most:g} points"

    def __str__(self) -> str:
        lines = [f"{_mark(got, most)} {id:<16} {title}: {got:g} of {most:g}" for id, title, got, most in self.rows]
        return "\n".join([*lines, self._sum(), *([self.remark] if self.remark else [])])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        left = '<td style="text-align: left">'  # JupyterLab sets tables to the right
        cells = "".join(
            f"<tr><td>{_mark(got, most)}</td>{left}{html.escape(id)}</td>{left}{html.escape(title)}</td>"
            f"<td>{got:g} of {most:g}</td></tr>"
            for id, title, got, most in self.rows
        )
        remark = f"<p>{html.escape(self.remark)}</p>" if self.remark else ""
        head = "<thead><tr><th></th><th>exercise</th><th></th><th>points</th></tr></thead>"
        return f"<table>{head}<tbody>{cells}</tbody></table><p><strong>{self._sum()}</strong></p>{remark}"


def _mark(got: float, most: float) -> str:
    return "✓" if got >= most else "◐" if got else "○"


@cache
def _progress(folder: Path) -> Progress:
    return Progress(folder)


@overload
def progress(notebook: None = None) -> Progress: ...


@overload
def progress(notebook: str) -> Table: ...


def progress(notebook: str | None = None) -> Progress | Table:
    """What has been reached so far: all of it, or a table for one lesson (`"reverse"`, or its notebook's number)."""
    found = _progress(Path.cwd())
    return found if notebook is None else found.table(notebook)
