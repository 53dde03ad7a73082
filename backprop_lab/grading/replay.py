"""Play what a student predicted, and lay many runs over one another: where on the graph does a class fall?

A player with `predict=True` keeps what was typed, and `player.write_predictions("ada.json")` writes it: the step, the
node, the number, the wrong turn, and when. Here these files are read again.

    backprop-lab replay ada.json --exercise reverse.1 --out ada.html      plays one run, with what was typed
    backprop-lab replay FOLDER --exercise reverse.1 --out class.html      all runs of a folder, over one another

A file's name is the student's id; with it as the seed the exercise has the student's numbers.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from ..errors import ArgumentError
from ..exercises.cells import as_exercise
from ..exercises.predict import Predict
from ..exercises.steps import Steps
from ..files import write_whole
from ..film.race import film_of
from ..graph.graph import Graph
from ..widgets.player import Player
from ..words import Words, answered
from .falls import Falls
from .pages import e, page, table

SUMMARY = "backprop-lab replay FILE.json|FOLDER --exercise ID --out FILE.html [--seed TEXT]"
KINDS = {"reverse": {"seed", "contribution", "sum"}, "forward": {"tangent"}, "value": {"value"}}
SECOND = {"reverse": "adjoint", "forward": "tangent", "value": "value"}
LONGEST = 60  # letters of what was typed
LARGEST = 5_000_000  # bytes of a file


class Run(NamedTuple):
    """What one student predicted, in order."""

    who: str
    predictions: tuple[Mapping[str, Any], ...]

    @property
    def mode(self) -> str:
        """Which player it was: of a reverse sweep, a forward sweep, or values."""
        kinds = {p["kind"] for p in self.predictions}
        return next((mode for mode in ("reverse", "forward") if kinds & KINDS[mode]), "value" if kinds else "reverse")


def main(words: list[str]) -> int:
    """The command; the number is the exit status."""
    return answered(_work, words)


def _work(words: list[str]) -> None:
    parser = Words("replay", __doc__)
    parser.add_argument("runs", type=Path, metavar="FILE.json|FOLDER", help="what write_predictions wrote")
    parser.add_argument("--exercise", required=True, metavar="ID", help="whose graph it was")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.html", help="the page to write")
    parser.add_argument("--seed", metavar="TEXT", help="of one run, if it is not the file's name")
    given = parser.parse_args(words)
    exercise = as_exercise(given.exercise)
    if not isinstance(exercise, Predict) or isinstance(exercise, Steps):
        raise ArgumentError(f"{exercise.id} has no graph that all students share; name one such as reverse.1")
    if given.runs.is_dir():
        runs, problems = read_runs(given.runs)
        found = overlay(exercise.traced(""), runs)
        written = write_whole(given.out, found.page(f"{exercise.id} {exercise.title}", problems))
        print(f"{written}: {len(runs)} runs" + f", {len(problems)} files could not be read" * bool(problems))
        return
    run = read_run(given.runs)
    graph = exercise.traced(run.who if given.seed is None else given.seed)
    player = replay(graph, run.predictions, run.who)
    player.to_html(given.out)
    player.close()
    print(f"{given.out}: {len(run.predictions)} predictions of {run.who}")


def read_run(path: str | Path) -> Run:
    """What a file of `write_predictions` holds; the student is called as the file.

    Raises
    ------
    ArgumentError : it cannot be read, or holds something else
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST:
            raise ArgumentError(f"{path} is too large for predictions; name a file of player.write_predictions")
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is no JSON"
        raise ArgumentError(f"{path} cannot be read: {why}; write it with player.write_predictions") from None
    return Run(path.stem, checked(found, str(path)))


def read_runs(folder: Path) -> tuple[list[Run], list[str]]:
    """The runs of a folder, and a sentence for each file that is none.

    Raises
    ------
    ArgumentError : there is none in it
    """
    runs, problems = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            runs.append(read_run(path))
        except ArgumentError as problem:
            problems.append(str(problem))
    if not runs:
        raise ArgumentError(f"there are no predictions in {folder}; put files of player.write_predictions there")
    return runs, problems


def checked(found: Any, where: str = "this") -> tuple[Mapping[str, Any], ...]:
    """Predictions of a player's first inputs, if they are some.

    Raises
    ------
    ArgumentError : they are none
    """
    good = isinstance(found, list | tuple) and all(
        isinstance(p, dict)
        and type(p.get("step")) is int
        and all(isinstance(p.get(key), str) for key in ("node", "kind"))
        and isinstance(p.get("right"), bool)
        and isinstance(p.get("wrong_turn"), str | None)
        and (p.get("seconds") is None or type(p["seconds"]) in (int, float) and math.isfinite(p["seconds"]))
        for p in found
    )
    if not good:
        raise ArgumentError(f"{where} does not hold predictions; write them with player.write_predictions")
    return tuple(p for p in found if not p.get("run"))


class _Replay(Player):
    """A player that tells of each step what somebody typed there."""

    _notes: Mapping[int, str] = {}

    def _data(self, announce: str) -> dict[str, Any]:
        self._film.__dict__["tape"] = None  # so the page does not follow other inputs: nobody was asked there
        return super()._data(announce)

    def _noted(self, data: dict[str, Any]) -> dict[str, Any]:
        for at, note in self._notes.items():
            frame = data["frames"][at]
            frame["say"] = f"{note} {frame['say']}"
            frame.pop("sum", None)  # whose pieces would stand in the place of the sentence
        return data


def replay(graph: Graph, predictions: Sequence[Mapping[str, Any]], who: str = "") -> Player:
    """A player that plays somebody's predictions: each step says what was typed, and what it comes from.

    Parameters
    ----------
    graph : what was predicted on, at the student's own inputs
    predictions : `player.predictions`, or what `read_run` read
    who : the student's name

    Returns
    -------
    Player : shows itself in a notebook; `.to_html("ada.html")` writes a page

    Raises
    ------
    ArgumentError : no predictions, or those of another graph
    """
    run = Run(who, checked(list(predictions)))
    film = film_of(graph, mode=run.mode)
    notes: dict[int, list[str]] = {}
    for p in run.predictions:
        if not 1 <= p["step"] <= len(film) or p["node"] not in graph.names:
            raise ArgumentError(
                f"these predictions are of another graph: it has no step {p['step']} at {p['node'][:40]}"
            )
        notes.setdefault(p["step"], []).append(_note(p, who or "Somebody"))
    own = {"_notes": {step: " ".join(told) for step, told in notes.items()}}
    kind = type("Replay", (_Replay,), {**own, "__doc__": _Replay.__doc__, "__module__": __name__})
    player: Player = kind(graph, mode=run.mode)
    return player


def _note(p: Mapping[str, Any], who: str) -> str:
    """What somebody typed at a step, in a sentence."""
    typed, who = _plain(str(p.get("typed") or "nothing")), _plain(who)
    took = f" after {p['seconds']:g} s" if p.get("seconds") is not None else ""
    when = f" on {p['when'][:16].replace('T', ' at ')}" if isinstance(p.get("when"), str) else ""
    what = "right" if p["right"] else f"wrong: {p['wrong_turn'][:200]}" if p["wrong_turn"] else "wrong"
    return f"{who} typed {typed}{took}{when}, {what}."


def _plain(text: str) -> str:
    """A text of a student's in a line; the player lowers the digits of x1, and leaves those that a joiner parts."""
    text = "".join(c for c in text if c.isprintable())[:LONGEST]
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\u2060", text)


@dataclass(frozen=True)
class Row:
    """What a class did at one step: how many were asked and wrong, their wrong turns, and how long they took."""

    step: int
    node: str
    kind: str
    asked: int
    wrong: int
    turns: tuple[tuple[str, int], ...]
    seconds: float


@dataclass(frozen=True)
class Overlay:
    """Many runs over one another.

    Attributes
    ----------
    graph, mode : what they were predicted on
    runs : how many
    rows : the steps, in order
    falls : the graph, with how many were wrong at each node
    """

    graph: Graph
    mode: str
    runs: int
    rows: tuple[Row, ...]
    falls: Falls

    def _repr_html_(self) -> str:
        rows = [
            [row.step, row.node, row.kind, f"{row.wrong} of {row.asked}", f"{row.seconds:g} s", _told(row.turns)]
            for row in self.rows
        ]
        heads = ["step", "node", "", "wrong", "half took", "what they did"]
        return f"<p>{e(self.falls.words)}</p><p>{self.falls._repr_html_()}</p>{table(heads, rows, (0, 3, 4))}"

    def page(self, title: str, problems: Sequence[str] = ()) -> str:
        """A page of its own."""
        parts = [f"<h1>{e(title)}</h1>", f"<p>{self.runs} runs, one over another.</p>", self._repr_html_()]
        if problems:
            parts += ["<h2>Left out</h2>", f"<ul>{''.join(f'<li>{e(x)}</li>' for x in problems)}</ul>"]
        return page(title, parts)


def _told(turns: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{turn} ({count})" for turn, count in turns)


def overlay(graph: Graph, runs: Sequence[Run]) -> Overlay:
    """Lay runs on one graph over one another; their inputs may differ.

    Parameters
    ----------
    graph : the graph, at any inputs
    runs : what students predicted, all in the same mode

    Raises
    ------
    ArgumentError : no runs
    """
    if not runs:
        raise ArgumentError("there are no runs to lay over one another; read some with read_runs")
    (mode, _), *_ = Counter(run.mode for run in runs).most_common(1)
    found: dict[tuple[int, str, str], list[Mapping[str, Any]]] = {}
    asked: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    mine = [run for run in runs if run.mode == mode]
    for run in mine:
        here = [p for p in run.predictions if p["node"] in graph.names]
        for p in here:
            found.setdefault((p["step"], p["node"], p["kind"]), []).append(p)
        told = [p for p in here if p["kind"] in KINDS[mode]]
        asked.update({p["node"] for p in told})
        missed.update({p["node"] for p in told if not p["right"]})
    rows = tuple(_row(*key, many) for key, many in sorted(found.items()))
    names = {name: asked[name] for name in graph.names if asked[name]}
    return Overlay(graph, mode, len(mine), rows, Falls(graph, names, missed, SECOND[mode]))


def _row(step: int, node: str, kind: str, many: Sequence[Mapping[str, Any]]) -> Row:
    turns = Counter(p["wrong_turn"] for p in many if p["wrong_turn"]).most_common(3)
    took = median([p["seconds"] for p in many if p.get("seconds") is not None] or [0])
    return Row(step, node, kind, len(many), sum(not p["right"] for p in many), tuple(turns), took)
