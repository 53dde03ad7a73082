"""What students are given: no solutions, the seed that was asked for, and what nbgrader and Otter need.

That both take the assignments as they are is tested at the end, with real ones; it takes two minutes.
"""

import json
import os
import re
import subprocess

import nbformat
import pytest
from support.machine import python_of
from support.places import ROOT

import backprop_lab as bl
from backprop_lab import cli
from backprop_lab.errors import ArgumentError
from backprop_lab.exercises.cells import fill_answers, identify, source_of, with_solutions
from backprop_lab.grading.assign import CONFIG, assignment

LESSON = ROOT / "notebooks/03_reverse_mode.ipynb"
IDS = [id for id, exercise in bl.exercises.items() if exercise.notebook == LESSON.stem]


def read(files):
    return {path: json.loads(text) for path, text in files.items() if path.endswith(".ipynb")}


def sources(notebook, role):
    return {identify(cell)[0]: source_of(cell) for cell in notebook["cells"] if identify(cell)[1] == role}


def test_plain_notebooks_are_the_students_own():
    files = assignment([LESSON])
    assert read(files) == {LESSON.name: json.loads(LESSON.read_text("utf-8"))}
    assert "SOLUTION" not in files[LESSON.name] and set(sources(read(files)[LESSON.name], "answer")) == {*IDS}


def test_a_seed_stands_in_the_setup_cell_and_old_outputs_are_gone():
    seed = 'Ada "L" \\ ÿ'
    (notebook,) = read(assignment([LESSON], seed=seed)).values()
    (line,) = [
        line for cell in notebook["cells"] for line in source_of(cell).split("\n") if line.startswith("bl.seed(")
    ]
    bl.seed("")
    eval(line, {"bl": bl})
    assert bl.seed() == seed
    assert not any(cell.get("outputs") for cell in notebook["cells"])


def test_each_student_has_a_folder_and_numbers(tmp_path):
    names = tmp_path / "names.csv"
    names.write_text("id,name\nada,Ada Lovelace\n\n4711\n", "utf-8")
    notebooks = read(assignment([LESSON], "nbgrader", seed="2026", students=names))
    assert set(notebooks) == {
        f"source/ps1/{LESSON.name}",
        f"students/ada/{LESSON.name}",
        f"students/4711/{LESSON.name}",
    }
    for id in ("ada", "4711"):
        text = "\n".join(map(source_of, notebooks[f"students/{id}/{LESSON.name}"]["cells"]))
        assert f'bl.seed("2026 {id}")' in text and "SOLUTION" not in text


def test_nbgraders_source_has_the_solutions_and_the_guide_the_same_configuration():
    files = assignment([LESSON], "nbgrader", name="week_3")
    assert read(files) == {f"source/week_3/{LESSON.name}": with_solutions(json.loads(LESSON.read_text("utf-8")))}
    guide = (ROOT / "docs/grading.md").read_text("utf-8")
    assert re.search(r"c\.ClearSolutions.*", CONFIG)[0] in guide


def test_otters_masters_have_the_points_of_the_exercises():
    (notebook,) = read(assignment([LESSON], "otter")).values()
    text = [source_of(cell) for cell in notebook["cells"]]
    assert text.count("# BEGIN TESTS") == text.count("# END QUESTION") == len(IDS)
    points = sum(float(found[1]) for found in re.finditer(r"^points: (.*)$", "\n".join(text), re.M))
    assert points == pytest.approx(sum(bl.exercises[id].points for id in IDS))


WRONG = {
    "no such lesson": (["99"], "no notebook 99"),
    "no such grader": (["03", "--for", "moodle"], "'moodle'"),
    "no notebook": (["NO.ipynb"], "is no notebook"),
    "no exercise": (["EMPTY.ipynb"], "no exercise"),
    "twice": (["03", "03"], "two notebooks 03_reverse_mode"),
    "a name with a slash": (["03", "--name", "../x"], "'../x'"),
    "no students": (["03", "--per-student", "none.csv"], "none.csv could not be read"),
    "a student twice": (["03", "--per-student", "TWICE.csv"], "two students ada"),
    "a student with a slash": (["03", "--per-student", "SLASH.csv"], "a/b"),
    "nobody": (["03", "--per-student", "NOBODY.csv"], "no student"),
    "not text": (["03", "--per-student", "BYTES.csv"], "UTF-8"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_gets_a_sentence_and_nothing_is_written(case, tmp_path, monkeypatch, capsys):
    words, told = WRONG[case]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "NO.ipynb").write_text("[1]")
    (tmp_path / "EMPTY.ipynb").write_text('{"cells": [], "nbformat": 4}')
    (tmp_path / "TWICE.csv").write_text("ada\nbob\nada\n")
    (tmp_path / "SLASH.csv").write_text("a/b\n")
    (tmp_path / "NOBODY.csv").write_text("student\n\n")
    (tmp_path / "BYTES.csv").write_bytes(b"\xff\xfe\x00")
    assert cli.main(["assign", *words, "--out", "made"]) != 0
    said = capsys.readouterr().err
    assert told in said and said.count("\n") == 1
    assert not (tmp_path / "made").exists()


def test_a_folder_that_is_a_file_gets_a_sentence(tmp_path, capsys):
    (tmp_path / "made").write_text("")
    assert cli.main(["assign", "03", "--out", str(tmp_path / "made")]) != 0
    assert "there is no folder" in capsys.readouterr().err
    with pytest.raises(ArgumentError):
        assignment([tmp_path / "made"])


# ---- real graders --------------------------------------------------------------------------------------------------

ANSWERS = {"reverse.1": 'reverse_1 = {"c": 1, "s": None, "x": 2, "y": 3}', "reverse.4": "def (:"}  # and the rest right
SCORES = """
import json
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({s.student.id: {g.name: g.auto_score for n in s.notebooks for g in n.grades}
                      for s in book.assignment_submissions("ps1")}))
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder of a course, and a function that runs a command of the graders' environment in it."""
    python = python_of("graders", "The environment of nbgrader and Otter is")
    folder = tmp_path_factory.mktemp("course")

    def run(*command):
        path = os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])
        environment = os.environ | {"PATH": path, "JUPYTER_PREFER_ENV_PATH": "1"}
        options = {"cwd": folder, "env": environment, "capture_output": True, "text": True, "timeout": 900}
        done = subprocess.run(command, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return folder, run


def handed_in(released, path):
    """The released notebook with answers: two are wrong, the others right."""
    answers = {id: x for id, x in sources(with_solutions(released), "answer").items() if id in IDS}
    path.parent.mkdir(parents=True)
    nbformat.write(nbformat.from_dict(fill_answers(released, answers | ANSWERS)), path)


def expected():
    """What the two wrong answers bring, and what the others do."""
    bl.seed("your name")
    wrong = {"reverse.1": bl.check("reverse.1", {"c": 1, "s": None, "x": 2, "y": 3}).points, "reverse.4": 0.0}
    bl.seed("")
    return {id.replace(".", "_"): wrong.get(id, bl.exercises[id].points) for id in IDS}


@pytest.mark.graders
@pytest.mark.nightly
def test_nbgrader_takes_the_assignment_as_it_is(course):
    folder, run = course
    assert cli.main(["assign", "03", "--out", str(folder), "--for", "nbgrader"]) == 0
    run("nbgrader", "generate_assignment", "ps1", "--create")
    released = json.loads((folder / "release/ps1" / LESSON.name).read_text("utf-8"))
    assert "model_answer" not in json.dumps(released) and "SOLUTION" not in json.dumps(released)
    assert "Success" in run("nbgrader", "validate", f"source/ps1/{LESSON.name}")
    handed_in(released, folder / "submitted/ada/ps1" / LESSON.name)
    run("nbgrader", "autograde", "ps1")
    scores = json.loads(run("python", "-c", SCORES))["ada"]
    assert {name.removesuffix("_check"): x for name, x in scores.items()} == pytest.approx(expected(), abs=1e-3)


@pytest.mark.graders
@pytest.mark.nightly
def test_otter_takes_the_assignment_as_it_is(course):
    folder, run = course
    assert cli.main(["assign", "03", "--out", str(folder / "otter"), "--for", "otter"]) == 0
    run("otter", "assign", f"otter/{LESSON.stem}/{LESSON.name}", "dist")  # runs all tests on the solutions, too
    released = json.loads((folder / "dist/student" / LESSON.name).read_text("utf-8"))
    assert "model_answer" not in json.dumps(released) and "import otter" not in json.dumps(released)
    handed_in(released, folder / "handed/in.ipynb")
    (packed,) = (folder / "dist/autograder").glob("*.zip")
    (folder / "results").mkdir()
    run("otter", "run", "handed/in.ipynb", "-a", str(packed), "-o", "results")
    results = json.loads((folder / "results/results.json").read_text("utf-8"))
    found = {test["name"].split(" ")[0]: test["score"] for test in results["tests"] if "score" in test}
    assert found == pytest.approx(expected(), abs=1e-3)
