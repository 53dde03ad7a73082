"""Reads the lecturers' pages, docs/teaching/*.md, and runs the part of a lesson that their tables speak of.

How a page is written stands at the end of docs/teaching/README.md. Every complaint is one sentence that says which line
of which page to change, and to what.
"""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import math
import re
import runpy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

import backprop_lab as bl
from backprop_lab.exercises.cells import identify
from backprop_lab.exercises.guesses import Guess
from backprop_lab.film.questions import questions, turns
from support.places import ROOT
from support.shown import text_of

PAGES = ROOT / "docs/teaching"
SYNC = runpy.run_path(str(ROOT / "docs/sync_notebooks.py"))
CLAIM = re.compile(r"\*\*([^*]+)\*\* (?:\*([^*]+)\*|= `([^`]+)`)")  # **132** *keeps the first arrival*, **4** = `2 + 2`
NUMBER = re.compile(r"(?<![\w.])[-−+]?\d+(?:\.\d+)?(?!\w)")
ABOVE = re.compile(r'^\*\*(Player|Graph|Cell)\*\* under "([^"]+)"(?:: `([^`]+)`)?')
CELL = re.compile(r"(?<!\\)\|")


@dataclass
class Table:
    """A table of a page: where it stands, what the line above says it is about, and its rows by column."""

    page: Page
    section: str
    about: re.Match[str] | None
    columns: list[str]
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)


class Page:
    """A page of docs/teaching, taken apart into sections, tables and sketches."""

    def __init__(self, path: Path) -> None:
        self.path, self.lines = path, path.read_text("utf-8").splitlines()
        self.lesson = path.stem
        self.sections: dict[str, list[tuple[int, str]]] = {}
        self.tables: list[Table] = []
        self.sketches: list[tuple[int, re.Match[str] | None, list[str]]] = []
        self.prose: list[tuple[int, str, str]] = []  # line number, section, text outside tables and sketches
        section, above, table, sketch = "", "", None, None
        for n, line in enumerate(self.lines, start=1):
            if line.startswith("```"):
                if sketch is None:
                    sketch = []
                    self.sketches.append((n, ABOVE.match(above), sketch))
                else:
                    sketch = None
                continue
            if sketch is not None:
                sketch.append(line)
                continue
            if line.startswith("## "):
                section = line[3:].strip()
                self.sections[section] = []
            self.sections.setdefault(section, []).append((n, line))
            if not line.startswith("|"):
                table = None
                self.prose.append((n, section, line))
                above = line if line.strip() else above
                continue
            cells = [cell.strip().replace("\\|", "|") for cell in CELL.split(line)[1:-1]]
            if table is None:
                table = Table(self, section, ABOVE.match(above), cells)
                self.tables.append(table)
            elif set("".join(cells)) - set("-: "):
                table.rows.append((n, dict(zip(table.columns, cells, strict=False))))

    def at(self, n: int) -> str:
        """How a complaint names a line."""
        return f"{self.path.relative_to(ROOT)}, line {n}"

    def tables_with(self, *columns: str) -> list[Table]:
        return [table for table in self.tables if table.columns == list(columns)]


class Lesson:
    """A notebook: its headings, what it shows under each, and its code, run as far as it is asked for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cells = SYNC["read"](ROOT / f"notebooks/text/{name}.py").cells
        self.committed = nbformat.read(ROOT / f"notebooks/{name}.ipynb", 4).cells
        self.under = self._headings(self.cells)
        self.headings = [title for cell in self.cells for title in self._titles(cell)]
        self.exercises = [id for id, role in map(identify, self.cells) if role == "answer"]
        self._names: dict[str, Any] = {}
        self._ran, self._after = 0, {"": {}}
        self._answers: list[Any] = []

    @staticmethod
    def _titles(cell: Any) -> list[str]:
        lines = cell.source.splitlines() if cell.cell_type == "markdown" else []
        return [line[3:] for line in lines if line.startswith("## ")]

    @classmethod
    def _headings(cls, cells: list[Any]) -> list[str]:
        """For each cell the heading it stands under; of several headings in one cell, the last."""
        now, found = "", []
        for cell in cells:
            now = (cls._titles(cell) or [now])[-1]
            found.append(now)
        return found

    def source(self, heading: str) -> str:
        return "\n".join(c.source for c, h in zip(self.cells, self.under, strict=True) if h == heading)

    def shown(self, heading: str) -> str:
        """All texts that the cells under a heading show, in the committed notebook."""
        return "\n".join(
            text_of(c)
            for c, h in zip(self.committed, self._headings(self.committed), strict=True)
            if h == heading and c.cell_type == "code"
        )

    def evaluate(self, heading: str, code: str) -> Any:
        """An expression, with the names as they are after the cells under a heading."""
        return eval(code, dict(self._namespace(heading)))

    @staticmethod
    def asks(cell: Any) -> bool:
        """Whether a cell asks for numbers: by a guess, or at the steps of a player."""
        return cell.cell_type == "code" and ("predict=" in cell.source or "bl.guess(" in cell.source)

    def answers(self) -> list[Any]:
        """For each cell that asks, what is right."""
        self._namespace(self.under[-1])
        return self._answers

    def _namespace(self, heading: str) -> dict[str, Any]:
        while heading not in self._after or self._ran < len(self.cells) and self.under[self._ran] == heading:
            k, cell = self._ran, self.cells[self._ran]
            self._ran += 1
            needed = cell.cell_type == "code" and identify(cell)[1] not in ("question", "answer", "check")
            if needed and "demo" not in cell.metadata.get("tags", []):
                place = f"<{self.name}, cell {k}>"  # found by linecache, so that nodes get the students' names
                linecache.cache[place] = (len(cell.source), None, cell.source.splitlines(True), place)
                tree = ast.parse(cell.source)
                last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(tree, place, "exec"), self._names)
                    shown = eval(compile(ast.Expression(last.value), place, "eval"), self._names) if last else None
                if self.asks(cell):
                    self._answers.append(shown.wanted if isinstance(shown, Guess) else _asked(shown))
            self._after[self.under[k]] = dict(self._names)
        return self._after[heading]


def _asked(player: Any) -> list[Any]:
    """Of a sweep its own numbers, and not the values that it needs; else the values."""
    asked = [(step.kind, q["right"]) for step, q in zip(player.steps, questions(player.steps), strict=True) if q]
    return [right for kind, right in asked if kind != "value"] or [right for _, right in asked]


lesson = cache(Lesson)


# --- numbers ----------------------------------------------------------------------------------------------------------


def read_value(text: str) -> Any:
    """A number or a list of numbers, written with − or -; None for anything else."""
    try:
        return ast.literal_eval(text.replace("−", "-").replace(",000", "000").strip())
    except (SyntaxError, ValueError):
        return None


def agrees(text: str, value: Any) -> bool:
    """Whether a number as written is this one: whole numbers exactly, others to the digits that are given."""
    written = read_value(text)
    if written is None or isinstance(value, str):
        return text == value
    if isinstance(written, list | tuple) or np.ndim(value):
        return np.shape(written) == np.shape(value) and bool(np.allclose(written, value, rtol=1e-6))
    digits = len(text.partition(".")[2])
    allowed = 0.5000001 * 10.0**-digits if digits else 1e-9 * abs(float(value))
    return math.isfinite(value) and abs(written - float(value)) <= allowed


def said(value: Any) -> str:
    """A value as a page should have it."""
    if isinstance(value, np.ndarray):
        return str((value + 0.0).tolist()).replace("-", "−").replace(".0", "")
    return f"{value:.7g}".replace("-", "−") if isinstance(value, int | float) else str(value)


def stray_numbers(text: str) -> list[str]:
    """The numbers of a text that no test would notice if they went wrong."""
    return NUMBER.findall(re.sub(r"`[^`]*`", "", text))


# --- what the tables claim --------------------------------------------------------------------------------------------


def complaints(table: Table) -> list[str]:
    """What is wrong with a table of questions, in sentences."""
    check = {"at": _at_a_player, "node": _at_a_graph, "ask": _at_a_cell}.get(table.columns[0])
    if check is None:
        return []
    found: list[str] = []
    book = lesson(table.page.lesson)
    for n, row in table.rows:
        where = table.page.at(n)
        if table.about is None:
            return [f'{where}: the line above the table must say what it is about, **Player** under "Predict": `...`']
        heading = table.about[2]
        if heading not in book.headings:
            return [f'{where}: the notebook has no heading "{heading}"; it has {", ".join(book.headings)}']
        if table.about[3] and table.about[1] == "Player" and table.about[3] not in book.source(heading):
            return [f'{where}: no cell under "{heading}" has {table.about[3]}; write the call as it stands there']
        claims = CLAIM.findall(row["usual wrong answers"])
        found += [
            f"{where}: {x} in the wrong answers is not checked; write **{x}** *name* or **{x}** = `code`"
            for x in stray_numbers(CLAIM.sub("", row["usual wrong answers"]))
        ]
        found += [f"{where}: {x} in the question is not checked; leave it out" for x in stray_numbers(row["ask"])]
        try:
            for typed, _, code in claims:
                if code and not agrees(typed, value := book.evaluate(heading, code)):
                    found.append(f"{where}: {code} is {said(value)}, the page has {typed}")
            named = [(typed, name) for typed, name, _ in claims if name]
            found += [f"{where}: {text}" for text in check(table, book, row, named)]
        except (bl.LabError, NameError, KeyError, AttributeError, SyntaxError) as error:  # the notebook has changed
            found.append(f'{where}: this does not go with the cells under "{heading}": {error!r:.200}')
    return found


def _wrong_names(named: list[tuple[str, str]], turns: dict[str, list[Any]], who: str) -> list[str]:
    found = []
    for typed, name in named:
        if name not in turns:
            found.append(f"{who} knows no wrong turn “{name}” here; it knows {', '.join(turns) or 'none'}")
        elif not any(agrees(typed, x) for x in turns[name]):
            found.append(f"“{name}” leads to {' or '.join(map(said, turns[name]))}, the page has {typed}")
    return found


def _at_a_player(table: Table, book: Lesson, row: dict[str, str], named: list[tuple[str, str]]) -> list[str]:
    player = book.evaluate(table.about[2], table.about[3])
    at, right = read_value(row["at"]), row["right"]
    if not isinstance(at, int) or not 0 <= at < len(player.steps):
        return [f"at is {row['at']}, and this player goes from 0 to {len(player.steps) - 1}"]
    step = player.steps[at]
    if read_value(right) is None:
        return _whose_turn(player, at, right, named)
    asked = questions(player.steps)[at]
    value = asked["right"] if asked else (step.amount if step.kind == "contribution" else step.after)
    found = [] if agrees(right, value) else [f"at {at} the right answer is {said(value)}, the page has {right}"]
    if not re.search(rf"(?<!\w){re.escape(step.node.label)}(?!\w)", row["ask"]):
        found.append(f"at {at} the player asks for {step.node.label}, which the page's question does not name")
    wrong: dict[str, list[Any]] = {}
    for x, name, _ in asked["wrong"] if asked else []:
        wrong.setdefault(name, []).append(x)
    return found + _wrong_names(named, wrong, "the player")


def _whose_turn(player: Any, at: int, right: str, named: list[tuple[str, str]]) -> list[str]:
    """As notItsTurn in predict.js."""
    order = turns(player.steps)
    begins, names = order["turns"], [node.label for node in player.graph]
    turn = "nobody" if begins[at] is None else names[begins[at]]
    if turn != right:
        return [f"at {at} it is the turn of {turn}, the page has {right}"]
    had = {node for node in begins[:at] if node is not None}
    found = []
    for name, why in named:
        if name not in names:
            return [f"at {at} there is no node {name} to pick; the nodes are {', '.join(names)}"]
        id = names.index(name)
        missing = set(order["waits"].get(id, [])) - had
        true = (
            "has had its turn"
            if id in had
            else "too early"
            if missing
            else ("has nobody to send to" if id not in begins else "ready too")
        )
        if why != true:
            found.append(f"at {at} picking {name} is “{true}”, the page has “{why}”")
    return found


def _at_a_graph(table: Table, book: Lesson, row: dict[str, str], named: list[tuple[str, str]]) -> list[str]:
    graph, node = book.evaluate(table.about[2], table.about[3]), row["node"].strip("`")
    right, typed = bl.adjoint_sweep(graph).result[graph[node].name], row["right"]
    found = [] if agrees(typed, right) else [f"the adjoint of {node} is {said(right)}, the page has {typed}"]
    wrong = {name: [x[node]] for name, x in bl.wrong_turns(graph, [node]).items()} if named else {}
    return found + _wrong_names(named, wrong, "bl.wrong_turns")


def _at_a_cell(table: Table, book: Lesson, row: dict[str, str], named: list[tuple[str, str]]) -> list[str]:
    heading, right = table.about[2], row["right, as shown"]
    shown = " ".join(book.shown(heading).split())  # a page's spaces are not the cell's
    pieces = re.findall(r"`([^`]+)`", right)
    found = [] if pieces else ["the right answer must quote what the cell shows, in `backticks`"]
    found += [f'the cells under "{heading}" do not show “{x}”' for x in pieces if " ".join(x.split()) not in shown]
    found += [f"{x} in the right answer is not checked; quote it in `backticks`" for x in stray_numbers(right)]
    return found + [f"{x} *{name}*: a cell knows no wrong turns; write **{x}** = `code`" for x, name in named]


def figures(graph: Any) -> set[float]:
    """All numbers of a graph's passes: what a sketch of it may have."""
    found = {float(node.value) for node in graph} | {float(s) for node in graph for s in node.partials}
    sweeps = [bl.adjoint_sweep(graph), *(bl.tangent_sweep(graph, **{node.name: 1.0}) for node in graph.inputs)]
    for sweep in sweeps:
        found |= {float(x) for step in sweep for x in (step.after, step.amount) if isinstance(x, int | float)}
    return found
