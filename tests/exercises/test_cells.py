"""Exercises in notebooks: their cells and metadata, twins with exercises, both versions, answers from elsewhere."""

import doctest
import html
import json
import re
from collections import Counter

import nbformat
import pytest
from support.circles import a_cover, each_once
from support.exercise_lesson import BROKEN, IDS, SYNC, copies, mixed, points, twin
from support.own_folder import own_folder  # noqa: F401
from support.shells import executed

import backprop_lab as bl
from backprop_lab.exercises import otter_tests
from backprop_lab.exercises.cells import HOLE, answer_source, exercise_cells, expand, fill_answers, identify
from backprop_lab.exercises.code import Written
from backprop_lab.exercises.otter_tests import otter_test, write_otter_tests

each = pytest.mark.parametrize("id", IDS)
NAMES = "import math\nimport numpy as np\nimport backprop_lab as bl\n"


@pytest.fixture
def student(tmp_path):
    """The student's version of a lesson with all exercises."""
    return SYNC["read"](twin(tmp_path))


def names(id):
    """What an answer cell finds defined."""
    space = {}
    exec(NAMES + getattr(bl.exercises[id], "before", ""), space)
    return space


def test_the_cells_of_an_exercise():
    question, answer, check = exercise_cells("reverse.1")
    assert question["source"] == 'bl.exercises["reverse.1"].question()'
    assert question["metadata"] == {
        "backprop_lab": {"exercise": "reverse.1", "role": "question"},
        "tags": ["otter_ignore"],
    }
    assert answer["source"].splitlines() == [
        "# exercise: reverse.1",
        "# Put a number in place of each None; then run this cell and the next one.",
        'reverse_1 = {"c": None, "s": None, "x": None, "y": None}',
    ]
    assert answer["metadata"] == {
        "nbgrader": {
            "schema_version": 3,
            "grade_id": "reverse_1",
            "grade": False,
            "solution": True,
            "locked": False,
            "task": False,
        },
        "otter": {"tests": ["reverse_1"]},
        "backprop_lab": {"exercise": "reverse.1", "role": "answer"},
        "tags": ["otter_answer_cell"],
    }
    assert check["source"] == '# exercise: reverse.1\nbl.check("reverse.1", reverse_1)'
    assert check["metadata"] == {
        "nbgrader": {
            "schema_version": 3,
            "grade_id": "reverse_1_check",
            "grade": True,
            "solution": False,
            "locked": True,
            "task": False,
            "points": 4.0,
        },
        "backprop_lab": {"exercise": "reverse.1", "role": "check"},
        "tags": ["otter_ignore"],
        "deletable": False,
        "editable": False,
    }
    ids = ["reverse-1-question", "reverse-1-answer", "reverse-1-check"]
    assert [cell["id"] for cell in (question, answer, check)] == ids


@each
def test_every_hole_says_what_to_do_and_gives_nothing_away(id):
    exercise, empty, full = bl.exercises[id], answer_source(id), answer_source(id, solved=True)
    assert empty.startswith(f"# exercise: {id}\n# ") and full.startswith(f"# exercise: {id}\n# ")
    assert "BEGIN SOLUTION" in full and "SOLUTION" not in empty and "model_answer" not in empty
    assert (HOLE if isinstance(exercise, Written) else "None") in empty
    assert exercise_cells(id, solved=True)[1]["source"] == full


@each_once(
    "id, stub", IDS, {"ours": "ours", "nbgrader's": "# YOUR CODE HERE\nraise NotImplementedError()", "hole": HOLE}
)
def test_an_empty_hole_defines_the_answer_and_its_check_reports(id, stub):
    """Also where nbgrader has put its own stub, which raises."""
    exercise, space = bl.exercises[id], names(id)
    source = answer_source(id) if stub == "ours" else cleared(answer_source(id, solved=True), stub)
    try:
        exec(compile(source, "cell", "exec"), space)
    except NotImplementedError:
        assert "raise" in stub
    report = bl.check(id, space[exercise.variable])
    assert report.points == 0 and report.wrong_turn is None and report.hint
    assert "NotImplemented" not in str(report), "a stub is an empty hole, not a mistake"


def cleared(source, stub):
    """What nbgrader does to a solution."""
    kept, inside = [], False
    for line in source.split("\n"):
        if "BEGIN SOLUTION" in line:
            inside = True
            kept += [line[: len(line) - len(line.lstrip())] + part for part in stub.split("\n")]
        elif "END SOLUTION" in line:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def test_a_lesson_with_all_exercises(student):
    nbformat.validate(student)
    assert len({cell.id for cell in student.cells}) == len(student.cells)
    roles = [identify(cell) for cell in student.cells]
    assert [r for r in roles if r[1]] == [
        ("", "setup"),
        ("", "demo"),
        *((id, role) for id in IDS for role in ("question", "answer", "check")),
    ]
    demo = next(cell for cell in student.cells if identify(cell)[1] == "demo")
    assert "otter_ignore" in demo.metadata.tags
    grades = [cell.metadata.nbgrader.grade_id for cell in student.cells if "nbgrader" in cell.metadata]
    assert len(set(grades)) == len(grades) == 2 * len(IDS)
    assert expand(student) == student


def test_a_cell_that_lost_its_metadata_is_still_known(student):
    for cell in student.cells:
        before = identify(cell)
        cell.metadata = nbformat.from_dict({})
        assert identify(cell) == (before if before[1] in ("answer", "check") else ("", ""))
    assert identify({"cell_type": "markdown", "source": "# exercise: reverse.1", "metadata": {}}) == ("", "")
    lines = {"cell_type": "code", "source": ["# exercise: reverse.1\n", "reverse_1 = 3"], "metadata": {}}
    assert identify(lines) == ("reverse.1", "answer")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("# %%\n# exercise: reverse.1\n", "no setup cell before reverse.1"),
        ('# %% tags=["setup"]\nimport math\n\n# %%\n# exercise: revers.1\n', "no exercise revers.1"),
        ('# %% tags=["setup"]\nimport math\n' + 2 * "\n# %%\n# exercise: reverse.1\n", "reverse.1 comes twice"),
    ],
)
def test_a_twin_that_cannot_be(tmp_path, source, words):
    path = tmp_path / "twin.py"
    path.write_text(source)
    with pytest.raises(bl.ArgumentError, match=words):
        SYNC["read"](path)


def test_the_student_s_version_runs_to_its_end(student, tmp_path):
    run = SYNC["cleaned"](executed(student, tmp_path))
    outputs = [(identify(cell)[1], o) for cell in run.cells for o in cell.get("outputs", [])]
    assert not [o for _, o in outputs if o.output_type in ("error", "stream")]
    questions = [o.data["text/markdown"] for role, o in outputs if role == "question"]
    assert len(questions) == len(IDS) and all(re.search(r"points?\)", text) for text in questions)
    assert not [o for role, o in outputs if role == "check"], "nobody is told of 0 points before the first try"


def test_its_checks_report_nothing_yet(student, tmp_path):
    assert points(executed(student, tmp_path)) == dict.fromkeys(IDS, 0.0)


@a_cover("lesson", ["all exercises", *(path.stem for path in SYNC["twins"]())])
def test_the_instructor_s_version_passes_everything_without_its_demo_cells(tmp_path, lesson):
    """Of every lesson, and of the one with all exercises, as a grader runs it."""
    notebook = SYNC["instructor"](next((path for path in SYNC["twins"]() if path.stem == lesson), twin(tmp_path)))
    nbformat.validate(notebook)
    ids = SYNC["exercises"](notebook)
    notebook.cells = [cell for cell in notebook.cells if identify(cell)[1] != "demo"]
    assert points(executed(notebook, tmp_path)) == {id: bl.exercises[id].points for id in ids}


def test_every_lesson_s_exercises_are_its_own():
    for path in SYNC["twins"]():
        for id in SYNC["exercises"](SYNC["read"](path)):
            assert bl.exercises[id].notebook == path.stem


@pytest.mark.wide
def test_copies_bring_what_they_should(student, tmp_path):
    full, answers = {id: bl.exercises[id].points for id in IDS}, mixed()
    brought = {who: points(executed(notebook, tmp_path)) for who, notebook in copies(student).items()}
    assert brought["right"] == full
    for id in IDS:
        if id in BROKEN or id not in answers:
            assert brought["mixed"][id] == 0, id
        else:
            assert (brought["mixed"][id] == full[id]) is answers[id].endswith(answer_source(id, solved=True)), id
    assert {brought["begun"][id] for id in IDS[1::2]} == {0.0} and all(brought["begun"][id] for id in IDS[::2])
    count = Counter(type(exercise) for exercise in bl.exercises.values())
    for some in (BROKEN, answers.keys() - BROKEN.keys()):
        assert {kind for kind in count if count[kind] > 1} <= {type(bl.exercises[id]) for id in some}


# --- answer cells that stop -------------------------------------------------------------------------------------------

GOOD = answer_source("forward.3", solved=True)
CHECKED = {  # cells one after the other, and what the check of the last one says: the points, and words
    "not run": ([], "0", "dual_mul is not defined yet; run the answer cell first"),
    "no Python": (["# exercise: forward.3\ndef (:"], "0", "the answer cell stopped with SyntaxError"),
    "an indent too many": (["# exercise: forward.3\n  x = 3\n    y = 4"], "0", "stopped with IndentationError"),
    "an older definition": ([GOOD, "# exercise: forward.3\ndef dual_mul(a, b:"], "0", "not graded in its place"),
    "stopped above it": ([GOOD, "# exercise: forward.3\nnonsense\n" + GOOD], "0", "NameError: name 'nonsense'"),
    "stopped below it": ([GOOD + "\n1 / 0"], "2", ""),
    "mended": (["# exercise: forward.3\ndef (:", GOOD], "2", ""),
    "mended elsewhere": (["# exercise: forward.3\ndef (:", GOOD.replace("# exercise", "#")], "2", ""),
    "its name elsewhere": (["dual_mul = 3"], "0", "the function itself, and here is 3"),
}


def test_an_answer_cell_that_stops_is_told_so_and_nothing_older_is_graded(tmp_path):
    cells = [nbformat.v4.new_code_cell(NAMES)]
    check = exercise_cells("forward.3")[2]
    for texts, _, _ in CHECKED.values():
        cells += [nbformat.v4.new_code_cell(text) for text in texts]
        cells += [nbformat.from_dict(check), nbformat.v4.new_code_cell("globals().pop('dual_mul', None);")]
    cells.append(nbformat.v4.new_code_cell("dual_mul"))
    for k, cell in enumerate(cells):
        cell["id"] = f"cell-{k}"
    run = executed(nbformat.v4.new_notebook(cells=cells), tmp_path)
    shown = [cell.outputs for cell in run.cells if cell.source == check["source"]]
    for (name, (_, worth, words)), outputs in zip(CHECKED.items(), shown, strict=True):
        assert [o.output_type for o in outputs] == ["execute_result"], name
        assert outputs[0].data["text/plain"] == worth and words in html.unescape(outputs[0].data["text/html"]), name
    assert run.cells[-1].outputs[0].ename == "NameError", "the name stands for nothing only while its check runs"


# --- answers into a notebook ------------------------------------------------------------------------------------------


def test_answers_go_into_their_cells(student):
    before = json.dumps(student)
    filled = fill_answers(student, {"reverse.1": "reverse_1 = {}\n"})
    assert json.dumps(student) == before and isinstance(filled, nbformat.NotebookNode)
    changed = [(a, b) for a, b in zip(student.cells, filled.cells, strict=True) if a.source != b.source]
    assert [(identify(a), b.source) for a, b in changed] == [
        (("reverse.1", "answer"), "# exercise: reverse.1\nreverse_1 = {}")
    ]
    assert fill_answers(filled, {"reverse.1": changed[0][1].source}) == filled
    with pytest.raises(bl.ArgumentError, match="no answer cell for reverse.99"):
        fill_answers(student, {"reverse.99": "x = 3"})


def test_answers_go_into_files_of_any_make(student, tmp_path):
    """Sources as lists of lines, no metadata, a copied cell, outputs of an earlier run."""
    nbformat.write(executed(student, tmp_path), tmp_path / "a.ipynb")
    raw = json.loads((tmp_path / "a.ipynb").read_text("utf-8"))
    for cell in raw["cells"]:
        cell["metadata"] = {}
    where = next(k for k, cell in enumerate(raw["cells"]) if identify(cell) == ("reverse.1", "answer"))
    assert isinstance(raw["cells"][where]["source"], list) and raw["cells"][where + 1]["outputs"]
    raw["cells"].insert(where, dict(raw["cells"][where]))
    filled = fill_answers(raw, {"reverse.1": "reverse_1 = 3"})
    mine = [cell for cell in filled["cells"] if identify(cell)[0] == "reverse.1"]
    assert [cell["source"] for cell in mine][:2] == 2 * ["# exercise: reverse.1\nreverse_1 = 3"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in mine)


# --- Otter's files ----------------------------------------------------------------------------------------------------


def brought(id, test, answer):
    """The points that an exercise's Otter file gives, case by case as doctests, each with its own copy of the names."""
    total = 0.0
    for case in test["suites"][0]["cases"]:
        test = doctest.DocTestParser().get_doctest(case["code"], {bl.exercises[id].variable: answer}, id, None, None)
        assert type(case["points"]) is float and case["name"]
        total += case["points"] * (doctest.DocTestRunner().run(test, out=lambda text: None).failed == 0)
    return total


@a_cover("id", IDS, lambda id: [type(bl.exercises[id])])
def test_otter_s_tests_give_our_points(id, monkeypatch):
    """And check an answer once for all the cases of its file."""
    exercise, ours, space = bl.exercises[id], [], {}
    monkeypatch.setattr(otter_tests, "check", lambda *asked: ours.append(bl.check(*asked)) or ours[-1])
    exec(otter_test(id), space)
    assert brought(id, space["test"], exercise.model_answer()) == pytest.approx(exercise.points)
    answers = (*exercise.wrong_answers().values(), None, 3, {}, lambda *a: None)
    for k, answer in enumerate(answers, start=2):
        assert brought(id, space["test"], answer) == pytest.approx(ours[-1].points, abs=1e-4) and len(ours) == k


def test_otter_s_tests_are_a_file_an_exercise(tmp_path):
    written = write_otter_tests(tmp_path / "new" / "tests", IDS)
    assert sorted(p.name for p in (tmp_path / "new/tests").iterdir()) == sorted(p.name for p in written)
    assert "reverse_1.py" in {p.name for p in written}


# --- the script -------------------------------------------------------------------------------------------------------


def test_the_script_writes_for_teachers(tmp_path, capsys):
    name = SYNC["twins"]()[-1].stem
    assert SYNC["main"](["--instructor", str(tmp_path / "source"), "--otter-tests", str(tmp_path / "tests"), name]) == 0
    notebook = nbformat.read(tmp_path / f"source/{name}.ipynb", 4)
    tests = list((tmp_path / "tests").iterdir())
    solved = [cell for cell in notebook.cells if "BEGIN SOLUTION" in cell.source]
    assert len(tests) == len(SYNC["exercises"](notebook)) == len(solved)
    assert f"{len(tests)} tests of {name} written" in capsys.readouterr().out
