"""Question banks, printed sheets and replays: how long 300 of each take, by the processor's time and by the clock.

    python benchmarks/bench_giving.py

Targets: 300 questions of a bank in 15 s, 300 sheets in 2 minutes with their PDFs, 300 runs over one another in 2 s.
"""

from __future__ import annotations

import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import backprop_lab as bl
from backprop_lab.film.race import film_of
from backprop_lab.grading.bank import bank
from backprop_lab.grading.bank_moodle import moodle
from backprop_lab.grading.bank_qti import qti
from backprop_lab.grading.replay import overlay, read_runs
from backprop_lab.grading.sheets import USUAL, compiled, exam
from backprop_lab.grading.words import Student


def processor() -> float:
    """Seconds of the processor so far, those of ended children too."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in used)


def row(what: str, target: float, run: Callable[[], Any]) -> Any:
    """Run it once, and print its seconds."""
    began, used = time.perf_counter(), processor()
    found = run()
    clock, used = time.perf_counter() - began, processor() - used
    print(f"{what:34} {clock:7.1f} s by the clock {used:7.1f} s of the processor   target {target:g} s", flush=True)
    return found


def questions() -> dict[str, Any]:
    ids = [
        id for id in bl.exercises if id.split(".")[0] in ("start", "graphs", "forward", "reverse", "fan_out", "second")
    ]
    found = bank([id for id in ids if bl.exercises[id].fill == "a number" and hasattr(bl.exercises[id], "ask")], 26)
    return {id: some for id, some in found.items() if some}


def runs(folder: Path) -> None:
    """300 files as `write_predictions` writes them."""
    graph = bl.exercises["reverse.1"].traced("")
    asked = [s for s in film_of(graph, mode="reverse").steps if s.kind in ("seed", "contribution", "sum")]
    told = {"typed": "27", "number": 27.0, "tries": 1, "revealed": False, "seconds": 3.0, "run": 0, "when": ""}
    for k in range(300):
        found = [
            {"step": j, "node": s.node.name, "kind": s.kind, "right": (j + k) % 3 > 0, "wrong_turn": None, **told}
            for j, s in enumerate(asked, 5)
        ]
        (folder / f"s{k}.json").write_text(json.dumps(found))


def main() -> None:
    found = row("questions drawn", 15, questions)
    print(f"  {sum(map(len, found.values()))} questions of {len(found)} exercises")
    row("the same as Moodle XML", 15, lambda: moodle(found))
    row("the same as QTI 2.1", 15, lambda: qti(found))
    students = [Student(f"s{k}", f"Student {k}") for k in range(300)]
    files = row("300 sheets and their keys, LaTeX", 120, lambda: exam(students, USUAL))
    row("the same as PDFs", 120, lambda: [compiled("pdflatex", text) for text in files.values()])
    with tempfile.TemporaryDirectory() as folder:
        runs(Path(folder))
        graph = bl.exercises["reverse.1"].traced("")
        row("300 runs over one another", 2, lambda: overlay(graph, read_runs(Path(folder))[0]).page("a class"))


if __name__ == "__main__":
    main()
