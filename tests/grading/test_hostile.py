"""Broken and hostile notebooks: each gets the points that are fair, and the others get theirs.

All are graded in one run, in the strongest fence that this machine has, between two honest notebooks. The times are
shorter than the real ones; what they do is the same.
"""

import dataclasses
import json
import os
import time
from pathlib import Path

import pytest
from support import hostile
from support.graded import Here
from support.hostile import IDS, Case, honest
from support.hostile_wire import CHANNEL, cases

import backprop_lab as bl
from backprop_lab.grading.limits import LIMITS
from backprop_lab.grading.notebooks import find
from backprop_lab.grading.records import Folder
from backprop_lab.grading.run import end_processes, run

SHORT = dataclasses.replace(LIMITS, cell=0.6, exercise=0.6, wait=1.0, memory=300 << 20, disk=20 << 20)
NAMES = list(cases("", "", ""))
# These take hardly any time; all others are wide.
QUICK = ["honest", "patches our checks", "equal to everything", "os._exit in a function", "reads stack frames"]
QUICK += ["reads files", "forges replies", "writes outside", "imports the model answers", "half a file"]
QUICK += ["halves of characters", "too deep to be read", "memory of System V"]
FEW = ["a first", *QUICK, "z last"]
ALL = ["a first", *NAMES, "z last"]
EACH = [*(("few", name) for name in FEW), *(pytest.param("every", name, marks=pytest.mark.wide) for name in ALL)]
BOTH = pytest.mark.parametrize("which", ["few", pytest.param("every", marks=pytest.mark.wide)])
SECRET = b"a secret of the tests"


def graded(folder, notebooks, most, limits=SHORT, **more):
    """The records of some notebooks by name, and the folder with the submissions."""
    handed_in = folder / "handed in"
    handed_in.mkdir()
    for name, case in notebooks.items():
        (handed_in / f"{name}.ipynb").write_bytes(case.data)
    records = Folder(folder / "out")
    run(find(handed_in), records, SECRET, ids=IDS, limits=limits, most=most, **more)
    return {record["student"]: record for record in records.records()}


def world(tmp_path_factory, names, **more):
    """The cases with their records, a folder outside that nobody may write to, and the processes of before."""
    folder = tmp_path_factory.mktemp("world")
    outside = folder / "outside"
    outside.mkdir()
    (folder / "secret").write_text("the secret")
    files = str(folder / "secret"), str(folder / "handed in/honest.ipynb")
    found = {"a first": Case(*cases(*files, str(outside))["honest"]), **cases(*files, str(outside))}
    found["z last"] = found["a first"]
    found = {name: found[name] for name in names}
    before = processes()
    records = graded(folder, found, "namespaces", **more)
    yield found, records, outside, before
    end_processes()


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Some, graded one after the other in this process."""
    yield from world(tmp_path_factory, FEW, executor=Here(), jobs=1)


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    """All, graded by two processes."""
    yield from world(tmp_path_factory, ALL, jobs=2)


def processes():
    """The commands of all processes on this machine."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            found[int(place.name)] = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
    return found


@pytest.mark.parametrize(("which", "name"), EACH)
def test_the_points_are_fair(request, which, name):
    found, records, *_ = request.getfixturevalue(which)
    case, record = found[name], records[name]
    for id, fair in case.points.items():
        result = record["exercises"][id]
        told = name, id, result["report"], record["problems"]
        assert result["points"] == fair, told
    told = str(record["problems"]) + "".join(result["report"] for result in record["exercises"].values())
    assert case.says in told, told
    assert "LEAK" not in told, told
    assert sum(map(bool, record["exercises"])) == len(IDS)


@pytest.mark.wide
def test_a_hundred_megabytes_of_output_cost_nothing(tmp_path):
    data = json.loads(cases("", "", "")["honest"].data)
    data["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 100_000_000}]
    records = graded(tmp_path, {"loud": Case(json.dumps(data).encode(), 4.0, 2.0, 1.0)}, "namespaces", executor=Here())
    assert records["loud"]["total"] == 7.0


@pytest.mark.wide
def test_a_notebook_that_always_begins_a_new_cell_comes_to_an_end(tmp_path):
    forged = "while True:\n    channel.send(['at', 4, []])\n    time.sleep(0.01)"
    endless = {"endless": hostile._code(CHANNEL + forged)}
    limits = dataclasses.replace(SHORT, notebook=2.0)
    records = graded(tmp_path, endless, "namespaces", limits, executor=Here(), jobs=1)
    assert records["endless"]["total"] == 0.0 and "took too long in all" in str(records["endless"])


@BOTH
def test_nothing_is_left_running_or_written(request, which):
    _, _, outside, before = request.getfixturevalue(which)
    end_processes()
    deadline = time.monotonic() + 10
    while left := [words for pid, words in processes().items() if pid not in before and "sleep 99" in words]:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
    assert not list(outside.iterdir())
    assert not [p for p in ("/tmp/backprop-lab-written", "/tmp/owned") if os.path.exists(p)]


@BOTH
def test_every_wrong_answer_has_a_sentence(request, which):
    _, records, *_ = request.getfixturevalue(which)
    for name, record in records.items():
        for id, result in record["exercises"].items():
            assert result["passed"] or result["message"] or result["trouble"], (name, id)


def test_what_is_fair_is_what_the_notebook_itself_says():
    """The points of the table are those of `bl.check`, for an honest answer and for the wrong one."""
    space = {}
    exec(honest()["setup"] + hostile.WRONG, space)
    assert bl.exercises[hostile.CODE].check(space["divide_backward"], hostile.SEED).points == 0.0
