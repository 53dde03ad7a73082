"""The autograder for Gradescope: what is in the zip, and what it makes of submissions in a container's folders."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile

import pytest
from support.places import ROOT

import backprop_lab as bl
from backprop_lab import cli
from backprop_lab.exercises.cells import answer_source, fill_answers, identify
from backprop_lab.grading.gradescope import autograder

LESSON = ROOT / "notebooks/03_reverse_mode.ipynb"
IDS = [id for id, exercise in bl.exercises.items() if exercise.notebook == LESSON.stem]


@pytest.fixture(scope="module")
def container(tmp_path_factory):
    """The folders as Gradescope lays them out, and a function that grades what lies there."""
    root = tmp_path_factory.mktemp("autograder")
    assert cli.main(["gradescope", "03", "--out", str(root / "autograder.zip")]) == 0
    zipfile.ZipFile(root / "autograder.zip").extractall(root / "source")
    (root / "submission").mkdir()
    (root / "submission_metadata.json").write_text(json.dumps({"users": [{"email": "ada@example.org"}]}))

    def grade():
        environment = os.environ | {"PYTHONPATH": str(root / "source/lab")}
        command = [sys.executable, "-m", "backprop_lab.grading.gradescope", str(root)]
        done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads((root / "results/results.json").read_text("utf-8"))

    return root, grade


def submission():
    lesson = json.loads(LESSON.read_text("utf-8"))
    lesson["cells"] = [cell for cell in lesson["cells"] if identify(cell)[1] in ("setup", "answer", "check")]
    wrong = bl.exercises["reverse.1"].wrong_answers("your name")["keeps the last arrival"]
    code = bl.exercises["reverse.4"].wrong_text(next(iter(bl.exercises["reverse.4"].wrong)))
    answers = {"reverse.1": f"reverse_1 = {wrong}", "reverse.3": answer_source("reverse.3", solved=True)}
    return fill_answers(lesson, answers | {"reverse.4": code})


def test_results_are_those_of_the_grader(container):
    root, grade = container
    (root / "submission/mine.ipynb").write_text(json.dumps(submission()), "utf-8")
    found = grade()
    tests = {test["name"].split(" ")[0]: test for test in found["tests"]}
    assert list(tests) == IDS
    for id, test in tests.items():
        assert test["max_score"] == bl.exercises[id].points and test["visibility"] == "visible"
        assert test["status"] == ("passed" if test["score"] == test["max_score"] else "failed")
    assert found["score"] == sum(test["score"] for test in tests.values())
    assert tests["reverse.3"]["score"] == 2 and tests["reverse.1"]["score"] == 3 and tests["reverse.4"]["score"] < 5
    assert "only the last arrival at x" in tests["reverse.1"]["output"]
    assert " at [" not in tests["reverse.4"]["output"] and found["execution_time"] >= 0
    secret = json.loads((root / "source/assignment.json").read_text())["secret"]
    assert secret not in json.dumps(found) and found["stdout_visibility"] == "hidden"


@pytest.mark.parametrize("files", [{}, {"a.ipynb": "{", "b.ipynb": "{"}, {"broken.ipynb": "no notebook"}])
def test_what_cannot_be_graded_has_a_score_and_a_sentence(container, files):
    root, grade = container
    for path in (root / "submission").iterdir():
        path.unlink()
    for name, text in files.items():
        (root / "submission" / name).write_text(text)
    found = grade()
    assert found["score"] == 0 and len(found["output"]) > 20 and "Traceback" not in found["output"]
    assert all(name in found["output"] for name in files) or len(files) == 1


def test_the_zip_is_whole():
    archive = zipfile.ZipFile(io.BytesIO(autograder(["reverse.1"], "x" * 32)))
    modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755 and modes["assignment.json"] == 0o600
    assert {"lab/backprop_lab/__init__.py", "lab/backprop_lab/drawing/picture.css"} <= set(modes)
    setup = archive.read("setup.sh").decode()
    assert "'numpy>=2.0'" in setup and "'matplotlib>=3.8'" in setup and "extra" not in setup
    for name in ("setup.sh", "run_autograder"):
        done = subprocess.run(["bash", "-n"], input=archive.read(name), capture_output=True)
        assert not done.returncode, done.stderr
    assert autograder(["reverse.1"], "x" * 32) == autograder(["reverse.1"], "x" * 32)
    assert re.search(r"exec /autograder/python/bin/python -m", archive.read("run_autograder").decode())


@pytest.mark.parametrize(("words", "told"), [(["99"], "no notebook 99"), (["03", "--seed-file", "s"], "fewer than 8")])
def test_what_is_wrong_gets_a_sentence(words, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s").write_text("short")
    assert cli.main(["gradescope", *words, "--out", "a.zip"]) == 2
    assert told in capsys.readouterr().err and not (tmp_path / "a.zip").exists()
