"""nbgrader and Otter, unchanged, give a notebook the points that our own checks give it.

The lesson with all exercises is released by nbgrader, with its defaults and with the configuration of docs/grading.md;
copies come back right (noisy, and with another seed), and with cells that are broken, half right or empty and with a
loop that never ends. It takes a minute.

The graders live in `.venv/graders`, which `make test` makes; GRADERS names another environment's Python. Where there is
none the tests are skipped, and fail where CI is set. `make test ARGS="-m 'not graders'"` leaves them out.
"""

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
from support.circles import cover
from support.exercise_lesson import IDS, SOME, SYNC, copies, points, twin
from support.machine import python_of
from support.places import ROOT
from support.shells import executed

import backprop_lab as bl
from backprop_lab.exercises.cells import HOLE, grade_id, identify

GUIDE = (ROOT / "docs/grading.md").read_text("utf-8")
(CONFIG,) = re.findall(r"```python\n(c = get_config\(\)\n.*?)```", GUIDE, re.S)
NAME = "all_exercises"
pytestmark = pytest.mark.graders

# Each grader's commands and the question for its scores in one process, because it takes nbgrader seconds to start.
NBGRADER_SCORES = """
import json, sys
from nbgrader.api import Gradebook
from nbgrader.apps.nbgraderapp import main
sys.argv = ["nbgrader", "autograde", "ps1"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({s.student.id: {g.name: g.auto_score for n in s.notebooks for g in n.grades}
                      for s in book.assignment_submissions("ps1")}))
"""
OTTER_SCORES = """
import json, sys
from otter.api import grade_submission
from otter.cli import cli
cli(["generate", "-t", "tests", "-o", "autograder.zip"], standalone_mode=False)
found = {}
for path in sys.argv[1:]:
    results = grade_submission(path, "autograder.zip", quiet=True).results
    found[path.split("/")[1]] = {name: results[name].score for name in results}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def graders():
    """The Python of an environment with nbgrader and Otter."""
    return python_of("graders", "The environment of nbgrader and Otter is")


class Course:
    """A folder of a course, and commands run in it."""

    def __init__(self, folder, python, ids):
        self.folder, self.python, self.ids = folder, python, ids
        self.source = folder / f"source/ps1/{NAME}.ipynb"
        self.source.parent.mkdir(parents=True)
        nbformat.write(SYNC["instructor"](twin(folder, ids)), self.source)

    def run(self, *command):
        """A command of the graders' environment; its output."""
        path = os.pathsep.join([str(self.python.parent), os.environ.get("PATH", "")])
        environment = os.environ | {"PATH": path, "JUPYTER_PREFER_ENV_PATH": "1"}  # this environment's kernel
        options = {"cwd": self.folder, "env": environment, "capture_output": True, "text": True, "timeout": 600}
        done = subprocess.run(command, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def release(self):
        self.run("nbgrader", "generate_assignment", "ps1", "--create")
        return nbformat.read(self.folder / f"release/ps1/{NAME}.ipynb", 4)

    def hand_in(self, notebooks):
        for who, notebook in notebooks.items():
            path = self.folder / f"submitted/{who}/ps1/{NAME}.ipynb"
            path.parent.mkdir(parents=True)
            nbformat.write(nbformat.from_dict(notebook), path)

    def nbgrader(self):
        scores = json.loads(self.run(str(self.python), "-c", NBGRADER_SCORES).splitlines()[-1])
        return {who: {id: found[f"{grade_id(id)}_check"] for id in self.ids} for who, found in scores.items()}

    def otter(self, students):
        assert SYNC["write_otter_tests"](self.folder / "tests", self.ids)
        paths = [f"submitted/{who}/ps1/{NAME}.ipynb" for who in students]
        scores = json.loads(self.run(str(self.python), "-c", OTTER_SCORES, *paths).splitlines()[-1])
        return {who: {id: found[grade_id(id)] for id in self.ids} for who, found in scores.items()}


# Whether nbgrader is configured, the exercises, and who hands in. An answer replaces its cell, stub and all; where
# there is none it matters which stub nbgrader writes.
COURSES = {
    "as the guide says": (True, SOME, ("mixed",)),
    "all exercises": (True, IDS, ("right", "mixed", "begun")),
    "with nbgrader's defaults": (False, IDS, ("mixed", "begun")),
}


@pytest.fixture(scope="module", params=cover(COURSES))
def course(request, graders, tmp_path_factory):
    """Whether nbgrader was configured, the exercises, what was released, everybody's points by grader and student."""
    configured, ids, whose = request.param
    course = Course(tmp_path_factory.mktemp("course"), graders, ids)
    if configured:
        (course.folder / "nbgrader_config.py").write_text(CONFIG)
    released = course.release()
    handed_in = {who: notebook for who, notebook in copies(released, ids).items() if who in whose}
    course.hand_in(handed_in)
    with ThreadPoolExecutor(2) as pool:
        runs = {"nbgrader": pool.submit(course.nbgrader), "Otter": pool.submit(course.otter, handed_in)}
        scores = {name: run.result() for name, run in runs.items()}
    scores["ours"] = {who: points(executed(notebook, course.folder)) for who, notebook in handed_in.items()}
    return configured, ids, released, scores


@pytest.mark.wide
@pytest.mark.parametrize("grader", ["nbgrader", "Otter"])
def test_points_are_ours(course, grader):
    *_, scores = course
    assert scores[grader].keys() == scores["ours"].keys()
    for who, theirs in scores[grader].items():
        assert theirs == pytest.approx(scores["ours"][who], abs=1e-3), who


@pytest.mark.wide
def test_our_points(course):
    _, ids, _, scores = course
    full = {id: bl.exercises[id].points for id in ids}
    for who, ours in scores["ours"].items():
        assert ours == full if who == "right" else 0 < sum(ours.values()) < sum(full.values()), who


def test_what_nbgrader_releases(course, tmp_path):
    """Our student's version, but for the stub, which nbgrader also puts below the dicts of numbers."""
    configured, ids, released, _ = course
    student = SYNC["read"](twin(tmp_path, ids))
    for ours, theirs in zip(student.cells, released.cells, strict=True):
        assert identify(ours) == identify(theirs) and ours.cell_type == theirs.cell_type
        if configured or identify(ours)[1] != "answer":
            assert ours.source.split("\n") == [line for line in theirs.source.split("\n") if line != HOLE]
        else:
            assert "raise NotImplementedError()" in theirs.source and "SOLUTION" not in theirs.source
