"""Make the notebooks that students get, out of the lessons: a plain folder, an nbgrader course, or Otter's masters.

    backprop-lab assign 03_reverse_mode --out DIR --for plain|nbgrader|otter

Without a lesson, all of them. What is written:

    plain      DIR/LESSON.ipynb: the students' notebooks, without solutions
    nbgrader   DIR/source/NAME/LESSON.ipynb with solutions, and DIR/nbgrader_config.py; in DIR call
               nbgrader generate_assignment NAME, later nbgrader autograde NAME
    otter      DIR/LESSON/LESSON.ipynb: masters; call otter assign DIR/LESSON/LESSON.ipynb DIST

The numbers are the lessons' own until a student writes a name into `bl.seed`. With --seed NAME that name stands there
already; with --per-student FILE each student gets notebooks in DIR/students/ID, with numbers of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import ArgumentError
from ..exercises.cells import (
    BEGIN,
    END,
    HOLE,
    as_exercise,
    exercise_cells,
    grade_id,
    identify,
    source_of,
    with_solutions,
)
from ..exercises.otter_tests import cases_of
from ..shelf import lesson, lessons
from ..words import Words, answered
from .words import seed_of, students_in, write_all

SUMMARY = "backprop-lab assign [LESSON ...] --out DIR --for plain|nbgrader|otter [--seed NAME] [--per-student FILE]"
SEED = re.compile(r"""bl\.seed\((?:"[^"\n]*"|'[^'\n]*')\)""")
Notebook = dict[str, Any]
# Where a hole is empty nbgrader puts this, and not an error, so that a cell of numbers runs from the start.
CONFIG = f"""# For nbgrader: what stands in an answer cell in place of the solution.
c = get_config()
c.ClearSolutions.code_stub = {{"python": "{HOLE}"}}
"""
OTTER_CONFIG = """# ASSIGNMENT CONFIG
name: {name}
requirements: [backprop-lab]
init_cell: false
export_cell: false
check_all_cell: false
tests:
    files: false
    ok_format: true"""


def main(words: list[str]) -> int:
    """The command; the number is the exit status."""
    return answered(_work, words)


def _work(words: list[str]) -> None:
    parser = Words("assign", __doc__)
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 03 or 03_reverse_mode, or a notebook")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to write")
    parser.add_argument("--for", dest="grader", default="plain", choices=sorted(WAYS), help="which grader (plain)")
    parser.add_argument("--seed", default="", metavar="NAME", help="whose numbers the exercises have")
    parser.add_argument("--per-student", metavar="FILE", help="a file with one student a line: id, or id,name")
    parser.add_argument("--name", default="ps1", help="the assignment's name for nbgrader (ps1)")
    given = parser.parse_args(words)
    paths = [lesson(name) for name in given.lessons] or lessons()
    files = assignment(paths, given.grader, given.seed, given.name, given.per_student)
    write_all(given.out, files)
    print(f"{len(files)} files written into {given.out}")


def assignment(
    paths: Iterable[Path], grader: str = "plain", seed: str = "", name: str = "ps1", students: str | Path | None = None
) -> dict[str, str]:
    """All files of an assignment, by their paths.

    Parameters
    ----------
    paths : notebooks with exercises, as students have them
    grader : "plain", "nbgrader" or "otter"
    seed : whose numbers; those of the lesson if empty
    name : nbgrader's name for the assignment
    students : a file of students, each of whom gets notebooks with numbers of their own

    Raises
    ------
    ArgumentError : a file that is no notebook with exercises, two notebooks of one name, or students that cannot be
        read
    """
    if not re.fullmatch(r"[\w-]+", name):
        raise ArgumentError(f"an assignment cannot be called {name!r}; use letters, digits, _ and -, as in ps1")
    read: dict[str, Notebook] = {}
    for path in paths:
        if path.stem in read:
            raise ArgumentError(f"there are two notebooks {path.stem}; call one of them otherwise")
        read[path.stem] = _read(path)
    files = WAYS[grader]({stem: _seeded(notebook, seed) for stem, notebook in read.items()}, name)
    for student in students_in(students) if students else ():
        own = {stem: _seeded(notebook, seed_of(student, seed)) for stem, notebook in read.items()}
        files |= {f"students/{student.id}/{path}": text for path, text in _plain(own, name).items()}
    return files


def _read(path: Path) -> Notebook:
    try:
        notebook = json.loads(path.read_text("utf-8"))
        exercises = [id for id, role in map(identify, notebook["cells"]) if role == "answer"]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise ArgumentError(f"{path} is no notebook; name a lesson, as in 03, or a file, as in lesson.ipynb") from None
    if not exercises:
        raise ArgumentError(f"there is no exercise in {path}; name a notebook that has answer cells")
    for id in exercises:
        as_exercise(id)  # which says so, if there is none with this id
    return notebook


def _seeded(notebook: Notebook, seed: str) -> Notebook:
    """A copy in which a seed is set; what cells showed for another one goes."""
    if not seed:
        return notebook
    cells = [dict(cell) for cell in notebook["cells"]]
    set_up = [cell for cell in cells if identify(cell)[1] == "setup"]
    line = f"bl.seed({json.dumps(seed, ensure_ascii=False)})"
    with_one = [cell for cell in set_up if SEED.search(source_of(cell))]
    if with_one:
        with_one[0]["source"] = SEED.sub(lambda _: line, source_of(with_one[0]), count=1)
    elif set_up:
        set_up[-1]["source"] = f"{source_of(set_up[-1])}\n{line}"
    else:
        raise ArgumentError(
            "a notebook without a setup cell has no place for a seed; tag the cell with the imports: setup"
        )
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return {**notebook, "cells": cells}


def _text(notebook: Notebook) -> str:
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _plain(notebooks: Mapping[str, Notebook], name: str) -> dict[str, str]:
    """The students' notebooks as they are."""
    return {f"{stem}.ipynb": _text(notebook) for stem, notebook in notebooks.items()}


def _nbgrader(notebooks: Mapping[str, Notebook], name: str) -> dict[str, str]:
    """A source assignment: the solutions stand between nbgrader's markers."""
    source = {f"source/{name}/{stem}.ipynb": _text(with_solutions(x)) for stem, x in notebooks.items()}
    return {"nbgrader_config.py": CONFIG} | source


def _otter(notebooks: Mapping[str, Notebook], name: str) -> dict[str, str]:
    """A master notebook each, which `otter assign` takes apart."""
    return {f"{stem}/{stem}.ipynb": _text(master(notebook, stem)) for stem, notebook in notebooks.items()}


WAYS = {"plain": _plain, "nbgrader": _nbgrader, "otter": _otter}


def master(notebook: Notebook, name: str) -> Notebook:
    """A student's notebook as the master that `otter assign` expects: questions, solutions and tests between markers.

    The student's version has no cell of Otter's, and its own checks, so students do not need Otter.
    """
    cells: list[Any] = [_raw(OTTER_CONFIG.format(name=name))]
    for cell in notebook["cells"]:
        id, role = identify(cell)
        if role != "answer":
            cells.append(cell)
            continue
        answer = exercise_cells(id, solved=True)[1] | {"source": _for_otter(id)}
        answer["metadata"] = {k: x for k, x in answer["metadata"].items() if k not in ("otter", "nbgrader")}
        cells += [_raw(f"# BEGIN QUESTION\nname: {grade_id(id)}\ncheck_cell: false"), _raw("# BEGIN SOLUTION"), answer]
        cells += [
            _raw("# END SOLUTION"),
            _raw("# BEGIN TESTS"),
            *_tests(id),
            _raw("# END TESTS"),
            _raw("# END QUESTION"),
        ]
    made = {**notebook, "cells": [{k: x for k, x in cell.items() if k != "id"} for cell in cells]}
    return made | {"nbformat_minor": 4}  # without ids: Otter drops them too


def _for_otter(id: str) -> str:
    """The solved answer cell with Otter's markers; the hole stands before the solution and is what is left of it."""
    lines = []
    for line in exercise_cells(id, solved=True)[1]["source"].split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        if BEGIN in line:
            lines += [indent + HOLE] * bool(indent) + [f"{indent}# {BEGIN} NO PROMPT"]
        elif END in line:
            lines.append(f"{indent}# {END}")
        else:
            lines.append(line)
    return "\n".join(lines)


def _tests(id: str) -> Iterator[dict[str, Any]]:
    """A cell for each case of Otter's test, with the output of one that passes."""
    for case in cases_of(id):
        code = case["code"].replace(">>> ", "").removesuffix("\nright")
        config = f'""" # BEGIN TEST CONFIG\npoints: {case["points"]!r}\nhidden: false\n""" # END TEST CONFIG'
        shown = {"output_type": "stream", "name": "stdout", "text": "right"}
        yield _code(f"{config}\n{code}", [shown])


def _code(source: str, outputs: list[Any]) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": outputs, "execution_count": None}


def _raw(source: str) -> dict[str, Any]:
    return {"cell_type": "raw", "metadata": {}, "source": source}
