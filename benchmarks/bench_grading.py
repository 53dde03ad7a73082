"""How many notebooks a second are graded, beside nbgrader and Otter on the same sixty, and what more of them cost.

Run it with `python benchmarks/bench_grading.py`, `--quick` for a look, `--many 10000` for a large class. Sixty
notebooks without plots, three exercises each: right, half right, with a syntax error, with a cell missing. Ours stand
behind the strongest fence that the machine has. nbgrader grades `--peers` of them in one process, `otter run` is called
for each, as they are used; both live in `.venv/graders`. Seconds are of one run side by side: quote the ratios, and on
a machine that others use, those of the processor's time, which counts all processes of each.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from support.graded import Here
from support.hostile import CODE, GOOD, IDS, NUMBERS, WRONG, honest

import backprop_lab as bl
from backprop_lab.exercises.cells import exercise_cells, fill_answers
from backprop_lab.exercises.otter_tests import write_otter_tests
from backprop_lab.grading.notebooks import find
from backprop_lab.grading.records import Folder
from backprop_lab.grading.run import end_processes, run

ROOT = Path(__file__).parents[1]
GRADERS = ROOT / ".venv/graders/bin"
SECRET = b"a secret of the benchmark"


def assignment(solved: bool = False) -> dict[str, Any]:
    """The notebook that is given out, with its setup cell."""
    setup = {"cell_type": "code", "id": "setup", "metadata": {}, "outputs": [], "execution_count": None}
    setup["source"] = "import numpy as np\n\nimport backprop_lab as bl\n\nbl.seed('ada')"
    cells = [setup, *(cell for id in IDS for cell in exercise_cells(id, solved))]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def handed_in(k: int) -> dict[str, Any]:
    """One of the notebooks: 2 of 5 are right, 1 is half right, 1 has a syntax error, 1 has no code cell."""
    bl.seed("ada")
    answers = {id: text.partition("\n")[2] for id, text in honest().items() if id in IDS}
    answers[CODE] = [GOOD, GOOD, WRONG, GOOD.replace("bar):", "bar"), GOOD][k % 5]
    if k % 5 == 2:
        answers[NUMBERS] = answers[NUMBERS].replace(": ", ": 1 + ")
    found = fill_answers(assignment(), answers)
    if k % 5 == 4:
        found["cells"] = [c for c in found["cells"] if c["id"] != f"{CODE.replace('.', '-')}-answer"]
    return found


def ours(place: Path, out: Path, jobs: int) -> float:
    """Seconds to grade a folder, with the start of the processes."""
    began = time.perf_counter()
    done = run(find(place), Folder(out), SECRET, ids=IDS, jobs=jobs)
    assert done.graded == len(list(place.iterdir()))
    return time.perf_counter() - began


def used() -> float:
    """Seconds of the processor so far, those of processes that have ended too."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in both)


def processor(place: Path, out: Path) -> float:
    """Seconds of the processor for each notebook of a folder, with the start: all in this process and its children."""
    before, found = used(), find(place)
    run(found, Folder(out), SECRET, ids=IDS, executor=Here(), jobs=1)
    end_processes()
    return (used() - before) / len(found)


def class_of(folder: Path, many: int) -> Path:
    """A folder with so many notebooks."""
    folder.mkdir()
    for k in range(many):
        (folder / f"s{k:05}.ipynb").write_text(json.dumps(handed_in(k % 5)))
    return folder


def peers(folder: Path, many: int) -> dict[str, tuple[float, float]]:
    """Seconds for each notebook by nbgrader and by Otter: by the clock, and of the processor."""
    environment = os.environ | {"PATH": f"{GRADERS}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    environment["JUPYTER_PREFER_ENV_PATH"] = "1"

    def call(*words: str, cwd: Path = folder) -> tuple[float, float]:
        began, before = time.perf_counter(), used()
        done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        return time.perf_counter() - began, used() - before

    source = folder / "source/ps1/all.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(json.dumps(assignment(solved=True)))
    call("nbgrader", "generate_assignment", "ps1", "--create")
    for k in range(many):
        path = folder / f"submitted/s{k}/ps1/all.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(handed_in(k)))
    write_otter_tests(folder / "tests", IDS)
    call("otter", "generate", "-t", "tests", "-o", "autograder.zip")
    nbgrader = [call("nbgrader", "autograde", "ps1")]
    otter = [call("otter", "run", f"submitted/s{k}/ps1/all.ipynb", "-a", "autograder.zip") for k in range(many)]
    sums = {"nbgrader": nbgrader, "otter run": otter}
    return {name: (sum(c for c, _ in each) / many, sum(p for _, p in each) / many) for name, each in sums.items()}


def hanging(folder: Path) -> float:
    """Seconds that a cell costs which does not end, over one that does."""
    folder.mkdir()
    stuck, fine = handed_in(0), handed_in(0)
    stuck["cells"][5]["source"] = f"# exercise: {CODE}\nwhile True:\n    pass"
    seconds = []
    for name, notebook in (("fine", fine), ("stuck", stuck)):
        place = folder / name
        place.mkdir()
        (place / "ada.ipynb").write_text(json.dumps(notebook))
        seconds.append(ours(place, folder / f"{name} out", 1))
    return seconds[1] - seconds[0]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--many", type=int, default=600)
    parser.add_argument("--peers", type=int, default=10)
    given = parser.parse_args()
    many = 120 if given.quick else given.many
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sixty, crowd = class_of(folder / "sixty", 60), class_of(folder / "crowd", many)
        one = ours(sixty, folder / "one", 1)
        large = ours(crowd, folder / "large", 1)
        each = (large - one) / (many - 60)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        two = ours(crowd, folder / "two", 2)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(
            f"60 notebooks, one process: {one:.2f} s with the start; {many}: {large:.2f} s, {1000 * each:.1f} ms each"
        )
        print(f"two processes: {two:.2f} s, {large / two:.2f} times one; memory {grown / 1024:+.1f} MB")
        print(f"a cell that hangs costs {hanging(folder / 'hanging'):.1f} s")
        if not (GRADERS / "nbgrader").exists():
            print("nbgrader and Otter are not here; make test brings them into .venv/graders")
            return
        again, own = ours(sixty, folder / "again", 1), processor(crowd, folder / "processor")
        few = processor(sixty, folder / "few")
        print(f"of the processor: {1000 * few:.1f} ms each for 60, {1000 * own:.1f} ms for {many}")
        for peer, (seconds, theirs) in peers(folder / "course", 2 if given.quick else given.peers).items():
            ratio, at_sixty = seconds / each, seconds * 60 / min(one, again)
            print(
                f"{peer}: {seconds:.2f} s each, {ratio:.0f} times ours; {at_sixty:.0f} times with our start, for sixty;"
                f" {theirs:.2f} s of the processor, {theirs / few:.0f} times ours with the start"
            )


if __name__ == "__main__":
    main()
