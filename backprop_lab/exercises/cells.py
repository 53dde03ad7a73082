"""An exercise in a notebook: a cell that shows the question, a cell for the answer, a cell that checks it.

Everything here takes and gives notebooks as plain data (what `json.load` or `nbformat.read` returns) and needs nothing
but the declarations. The student's version has holes, `with_solutions` makes the teacher's version out of it, and
`fill_answers` writes any answers. Graders find the cells by their metadata; where a tool has lost that, by the comment
in their first line.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from ..errors import ArgumentError
from ..notebook.answer_cells import MARK
from .base import Exercise

Cell = dict[str, Any]
HOLE = "...  # your code here"  # docs/grading.md has nbgrader put the same
BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"  # as nbgrader and Otter spell them
ROLES = ("setup", "demo")  # a lesson's tags that graders want to know of


def exercise_cells(exercise: str | Exercise, solved: bool = False) -> list[Cell]:
    """The question, answer and check cell of an exercise.

    Parameters
    ----------
    exercise : its id, or the exercise
    solved : the solution in place of the hole, between the usual markers
    """
    found = as_exercise(exercise)
    ours = {"exercise": found.id}
    lock = {"deletable": False, "editable": False}
    return [
        _code(
            f'bl.exercises["{found.id}"].question()',
            f"{_plain(found.id)}-question",
            {"backprop_lab": ours | {"role": "question"}, "tags": ["otter_ignore"]},
        ),
        _code(
            answer_source(found, solved),
            f"{_plain(found.id)}-answer",
            {
                "nbgrader": _nbgrader(grade_id(found.id), solution=True),
                "otter": {"tests": [grade_id(found.id)]},
                "backprop_lab": ours | {"role": "answer"},
                "tags": ["otter_answer_cell"],
            },
        ),
        _code(
            f'# exercise: {found.id}\nbl.check("{found.id}", {found.variable})',
            f"{_plain(found.id)}-check",
            {
                "nbgrader": _nbgrader(f"{grade_id(found.id)}_check", points=found.points),
                "backprop_lab": ours | {"role": "check"},
                "tags": ["otter_ignore"],
                **lock,
            },
        ),
    ]


def answer_source(exercise: str | Exercise, solved: bool = False) -> str:
    """The text of an answer cell: with the solution between its markers, or with a hole in its place."""
    found = as_exercise(exercise)
    lines, kept, hole, inside = found.solution().rstrip().split("\n"), [], False, False
    for line in lines:
        if BEGIN in line:
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            if indent:
                kept.append(indent + HOLE)
                hole = True
        elif END in line:
            inside = False
        elif not inside:
            kept.append(line)
    what = "Write your code where it says so" if hole else f"Put {found.fill} in place of each None"
    head = f"# exercise: {found.id}\n# {what}; then run this cell and the next one."
    return "\n".join([head, *(lines if solved else kept)])


def grade_id(id: str) -> str:
    """An exercise's name in nbgrader's gradebook and of its Otter test: nbgrader's editor takes no dots."""
    return id.replace(".", "_")


def identify(cell: Mapping[str, Any]) -> tuple[str, str]:
    """The id of a cell's exercise and its role: question, answer, check, setup or demo; empty where there is none."""
    entry = cell.get("metadata", {}).get("backprop_lab")
    if isinstance(entry, Mapping) and entry.get("role"):
        return str(entry.get("exercise", "")), str(entry["role"])
    first, _, rest = source_of(cell).partition("\n")
    found = MARK.match(first)
    if cell.get("cell_type") != "code" or not found:
        return "", ""
    return found[1], "check" if rest.lstrip().startswith("bl.check(") else "answer"


def expand(notebook: Mapping[str, Any]) -> Any:
    """A copy of a lesson in which each cell `# exercise: ID` has become that exercise's three cells.

    The tags `setup` and `demo` become the roles that graders know. A grader may leave out demo cells: nothing that an
    exercise needs may be defined there.

    Raises
    ------
    ArgumentError : an exercise that does not exist or comes twice, or no setup cell before the first
    """
    lesson: Any = copy.deepcopy(notebook)
    cells: list[Any] = []
    seen, ready = set(), False
    for cell in lesson["cells"]:
        found = MARK.fullmatch(source_of(cell).strip()) if cell["cell_type"] == "code" else None
        if found is None:
            cells.append(_with_role(cell))
            ready = ready or identify(cell)[1] == "setup"
            continue
        if found[1] in seen:
            raise ArgumentError(f"the exercise {found[1]} comes twice in this notebook")
        if not ready:
            raise ArgumentError(f'no setup cell before {found[1]}; tag the one with the imports: # %% tags=["setup"]')
        seen.add(found[1])
        cells += exercise_cells(found[1])
    lesson["cells"] = cells
    return lesson


def fill_answers(notebook: Mapping[str, Any], answers: Mapping[str, str]) -> Any:
    """A copy of a notebook with these texts, by exercise id, in its answer cells.

    A cell that was copied is filled in all its copies. What the answer and check cells showed before is removed.

    Raises
    ------
    ArgumentError : the notebook has no answer cell for one of the exercises
    """
    filled: Any = copy.deepcopy(notebook)
    missing = set(answers)
    for cell in filled["cells"]:
        id, role = identify(cell)
        if id not in answers or role not in ("answer", "check"):
            continue
        if role == "answer":
            head, text = f"# exercise: {id}\n", answers[id].strip("\n")
            cell["source"] = text if text.startswith(head) else head + text
            missing.discard(id)
        cell["outputs"], cell["execution_count"] = [], None
    if missing:
        raise ArgumentError(f"this notebook has no answer cell for {', '.join(sorted(missing))}")
    return filled


def with_solutions(notebook: Mapping[str, Any]) -> Any:
    """The teacher's version of a student's notebook: all solutions filled in, between their markers."""
    ids = dict.fromkeys(id for id, role in map(identify, notebook["cells"]) if role == "answer")
    return fill_answers(notebook, {id: answer_source(id, solved=True) for id in ids})


def as_exercise(exercise: str | Exercise) -> Exercise:
    """An exercise, or the one with this id."""
    from . import _registry  # this package; by now it is loaded

    return exercise if isinstance(exercise, Exercise) else _registry[exercise]


def source_of(cell: Mapping[str, Any]) -> str:
    """A cell's text; files may hold it as a list of lines."""
    text = cell.get("source", "")
    return text if isinstance(text, str) else "".join(text)


def headed(notebook: Mapping[str, Any], name: str) -> tuple[str, str]:
    """A notebook's title, its first heading, or else its name; and its text from there on."""
    text = "\n\n".join(source_of(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    head = re.search(r"^# +(.+)$", text, re.MULTILINE)
    return (head[1].strip(), text[head.end() :]) if head else (name, text)


def _code(source: str, id: str, metadata: dict[str, Any]) -> Cell:
    not_run: dict[str, Any] = {"outputs": [], "execution_count": None}
    return {"cell_type": "code", "id": id, "metadata": metadata, "source": source, **not_run}


def _plain(id: str) -> str:
    return id.replace(".", "-")


def _nbgrader(id: str, solution: bool = False, points: float | None = None) -> dict[str, Any]:
    """nbgrader's entry, schema 3, for an answer cell or for a cell that brings points."""
    graded = points is not None
    entry = {"schema_version": 3, "grade_id": id, "grade": graded, "solution": solution, "locked": graded}
    return entry | {"task": False} | ({"points": points} if graded else {})


def _with_role(cell: Any) -> Any:
    """A cell whose tag says its role gets the entry that says so; Otter leaves demo cells out."""
    tags = cell.get("metadata", {}).get("tags", [])
    role = next((tag for tag in tags if tag in ROLES), None)
    if role:
        cell["metadata"]["backprop_lab"] = {"role": role}
        if role == "demo" and "otter_ignore" not in tags:
            cell["metadata"]["tags"] = [*tags, "otter_ignore"]
    return cell
