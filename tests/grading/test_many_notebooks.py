"""Many notebooks: any layout, one record each, a run that stops and goes on, and one sentence for what is wrong."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from support.graded import Here, answer, notebook
from support.machine import python_of
from support.places import ROOT

import backprop_lab as bl
from backprop_lab.errors import ArgumentError, SaveError
from backprop_lab.grading import command, records, run
from backprop_lab.grading.notebooks import find, parse
from backprop_lab.grading.records import Folder, copies
from backprop_lab.grading.run import by_student, end_processes

SECRET = b"a secret of the tests"
IDS = ("reverse.1", "reverse.3")
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
GOOD = notebook([answer("reverse.1"), answer("reverse.3")])
HALF = notebook([answer("reverse.1")])


@pytest.fixture(scope="module", autouse=True)
def _ended():
    yield
    end_processes()


def hand_in(folder, **notebooks):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in notebooks.items():
        (folder / f"{name}.ipynb").write_bytes(data)
    return folder


def graded(place, out, executor=None, **more):
    return run.run(
        by_student(find(place)), Folder(out), SECRET, executor=executor or Here(), jobs=1, **{"ids": IDS} | more
    )


def totals(out):
    return {record["student"]: (record["total"], record["of"]) for record in Folder(out).records()}


# --- layouts ----------------------------------------------------------------------------------------------------------

MOODLE = "Ada Lovelace_4711_assignsubmission_file_"
LAYOUTS = {
    "flat": (["ada.ipynb", "eve.ipynb"], ["ada", "eve"]),
    "a folder each": (["ada/03.ipynb", "eve/mine.ipynb"], ["ada", "eve"]),
    "nbgrader": (["submitted/ada/ps1/03.ipynb", "submitted/eve/ps1/03.ipynb"], ["ada", "eve"]),
    "nbgrader's folder": (["ada/ps1/03.ipynb", "eve/ps1/03.ipynb"], ["ada", "eve"]),
    "Moodle": ([f"{MOODLE}/03.ipynb", "Eve_12_assignsubmission_file/x.ipynb"], ["Ada Lovelace_4711", "Eve_12"]),
    "Moodle, flat": ([f"{MOODLE}03.ipynb"], ["Ada Lovelace_4711"]),
    "Moodle, in a folder": (
        [f"in/{MOODLE}/03.ipynb", "in/Eve_12_assignsubmission_file/ü 1.ipynb"],
        ["Ada Lovelace_4711", "Eve_12"],
    ),
    "Moodle, with texts": (
        [f"{MOODLE}/03.ipynb", "Ada Lovelace_4711_assignsubmission_onlinetext_/o.html"],
        ["Ada Lovelace_4711"],
    ),
    "Canvas": (["lovelaceada_4711_99_03.ipynb", "eve_LATE_12_98_03-1.ipynb"], ["eve_12", "lovelaceada_4711"]),
    "a neighbour's name in one's own folder": (
        ["submitted/ada/ps1/eve_12_98_03.ipynb", "submitted/bob/ps1/03.ipynb"],
        ["ada", "bob"],
    ),
    "other endings": (["ada.IPYNB", "eve.ipynb.txt", "bob.ipynb.json", "__MACOSX/._ada.ipynb"], ["ada", "bob", "eve"]),
    "what is no notebook": (["ada.ipynb", "notes.txt", ".hidden.ipynb", ".ipynb_checkpoints/ada.ipynb"], ["ada"]),
    "names of all kinds": (["Zoë/ü 1.ipynb", "x'; rm -rf *.ipynb"], ["Zoë", "x'; rm -rf *"]),
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize(("files", "students"), LAYOUTS.values(), ids=LAYOUTS)
def test_notebooks_are_found_in_any_layout(tmp_path, files, students, packed):
    for name in files:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(GOOD)
    place = tmp_path / "in"
    if packed:
        place = tmp_path / "in.zip"
        with zipfile.ZipFile(place, "w") as archive:
            for name in files:
                archive.write(tmp_path / "in" / name, name)
    found = find(place)
    assert sorted(s.student for s in found) == sorted(students)
    assert all(s.read() == GOOD for s in found)
    assert [s.number for s in found if "4711" in s.student] == ["4711"] * sum("4711" in s for s in students)


def test_a_zip_in_a_folder_is_opened(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("work/03.ipynb", GOOD)
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada/work.zip").write_bytes(inner.getvalue())
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("eve/work.zip", inner.getvalue())
        archive.writestr("../../bob/03.ipynb", GOOD)
    assert [(s.student, s.read() == GOOD) for s in find(tmp_path / "ada")] == [("work", True)]
    assert [(s.student, s.read() == GOOD) for s in find(tmp_path / "all.zip")] == [("bob", True), ("eve", True)]


def packed(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def spoilt(data):
    return data[:60] + bytes(x ^ 0x5A for x in data[60:90]) + data[90:]


ZIP = packed(**{"03.ipynb": GOOD})
CLOSED = "the zip file cannot be opened"
# Of each the file of Ada's, her points, and a sentence of her record; Eve's notebook is graded all the same.
ODD = {
    "a zip in zips": (f"{MOODLE}/w.zip", packed(**{"a/w.zip": packed(**{"w.ZIP": ZIP})}), 4.0, ""),
    "a zip of Windows": (
        "ada_4711_98_work.zip",
        packed(**{"work\\03.ipynb": GOOD, "__MACOSX/._03.ipynb": b"x"}),
        4.0,
        "",
    ),
    "half a zip": (f"{MOODLE}/w.zip", ZIP[:400], 0.0, CLOSED),
    "half a zip in a zip": (f"{MOODLE}/w.zip", packed(**{"w.zip": ZIP[:400]}), 0.0, CLOSED),
    "a spoilt zip": (f"{MOODLE}/w.zip", spoilt(ZIP), 0.0, "cannot be read"),
    "a zip spoilt inside": (f"{MOODLE}/w.zip", spoilt(packed(**{"w.zip": ZIP})), 0.0, CLOSED),
    "no notebook": (f"{MOODLE}/report.pdf", b"%PDF", 0.0, "no notebook was handed in, but report.pdf"),
    "no notebook, on Canvas": ("ada_4711_98_report.pdf", b"%PDF", 0.0, "no notebook was handed in"),
    "a page in its place": (f"{MOODLE}/03.ipynb", b"<!DOCTYPE html>", 0.0, "cannot be read as one"),
    "a mark before it": (f"{MOODLE}/03.ipynb", b"\xef\xbb\xbf" + GOOD, 4.0, ""),
    "a name not in UTF-8": (b"J\xf6rg M\xfcller_4711_assignsubmission_file_/a b.ipynb", GOOD, 4.0, ""),
}


@pytest.mark.parametrize(("name", "data", "fair", "says"), ODD.values(), ids=ODD)
def test_nothing_that_was_handed_in_is_lost(tmp_path, name, data, fair, says):
    for place, content in ((name, data), ("Eve_12_assignsubmission_file_/03.ipynb", GOOD)):
        path = os.path.join(os.fsencode(tmp_path / "in"), os.fsencode(place))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(os.fsdecode(path)).write_bytes(content)
    graded(tmp_path / "in", tmp_path / "out", ids=("reverse.1",))
    found = {record["number"]: record for record in Folder(tmp_path / "out").records()}
    assert {number: record["total"] for number, record in found.items()} == {"4711": fair, "12": 4.0}
    assert says in str(found["4711"]["problems"]) and found["4711"]["name"] in (
        "Ada Lovelace",
        "ada",
        "Jörg Müller",
    )


def test_the_same_notebook_twice_counts_once(tmp_path):
    place = hand_in(tmp_path / "in/ada", **{"03": GOOD, "03 (1)": GOOD})
    assert graded(place.parent, tmp_path / "out").graded == 1
    assert totals(tmp_path / "out") == {"ada": (6.0, 6.0)}


def test_a_notebook_of_millions_of_pieces_is_not_taken_up():
    """It would take the grader's memory, which nothing limits: seventy bytes for every three of the file."""
    with pytest.raises(ArgumentError, match="too many pieces"):
        parse(b'{"cells": [' + b"[]," * 6_000_000 + b"1]}", bl.exercises)


def test_a_link_is_not_followed(tmp_path):
    place = hand_in(tmp_path / "in", eve=GOOD)
    (place / "ada.ipynb").symlink_to(place / "eve.ipynb")
    graded(place, tmp_path / "out")
    assert totals(tmp_path / "out") == {"ada": (0.0, 6.0), "eve": (6.0, 6.0)}
    (ada, _) = Folder(tmp_path / "out").records()
    assert "link" in ada["problems"][0]


# --- going on ---------------------------------------------------------------------------------------------------------


def snapshot(folder):
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted((folder / "records").iterdir())}


def test_a_run_that_is_stopped_goes_on(tmp_path):
    """The first run ends after two records, the second makes the rest, the third changes nothing."""
    place, out = hand_in(tmp_path / "in", **{f"s{k}": GOOD for k in range(4)}), tmp_path / "out"

    def stop(done, of):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        graded(place, out, report=stop)
    before = snapshot(out)
    assert len(before) == 2
    assert graded(place, out)[:2] == (2, 2)
    after = snapshot(out)
    assert {name: after[name] for name in before} == before
    assert graded(place, out)[:2] == (0, 4)
    assert snapshot(out) == after and set(totals(out).values()) == {(6.0, 6.0)}


def test_what_has_changed_is_graded_again(tmp_path):
    place, out = hand_in(tmp_path / "in", ada=HALF, eve=GOOD), tmp_path / "out"
    graded(place, out)
    hand_in(place, ada=GOOD)
    assert graded(place, out)[:2] == (1, 1)
    assert totals(out) == {"ada": (6.0, 6.0), "eve": (6.0, 6.0)}
    assert graded(place, out, ids=("reverse.3",))[:2] == (2, 0)


def test_a_worker_that_dies_loses_nothing(tmp_path, monkeypatch):
    """Its notebooks are graded again, by new workers."""
    made = iter([Here(breaks=2), Here(breaks=1), Here()])
    monkeypatch.setattr(run._Pool, "_new", lambda self: next(made))
    place, out = hand_in(tmp_path / "in", **{f"s{k}": GOOD for k in range(4)}), tmp_path / "out"
    done = run.run(find(place), Folder(out), SECRET, ids=IDS, jobs=2)
    assert done[:2] == (4, 0) and set(totals(out).values()) == {(6.0, 6.0)}


def test_workers_that_die_again_and_again_end_the_run(tmp_path):
    place = hand_in(tmp_path / "in", ada=GOOD)

    class Dying(Here):
        def submit(self, function, /, *args, **kwargs):
            self.breaks = self.count + 1
            return super().submit(function, *args, **kwargs)

    with pytest.raises(SaveError, match="end again and again"):
        graded(place, tmp_path / "out", Dying())


def test_one_exercise_or_one_student_is_graded_again(tmp_path):
    place, out = hand_in(tmp_path / "in", ada=GOOD, eve=HALF), tmp_path / "out"
    graded(place, out)
    before = Folder(out).records()
    assert graded(place, out, only=("reverse.3",)).graded == 2
    assert Folder(out).records() == before
    assert graded(place, out, student=["eve"]).graded == 1
    assert Folder(out).records() == before
    with pytest.raises(ArgumentError, match="nobody is called bob"):
        graded(place, out, student=["bob"])


def test_overrides_stay_apart(tmp_path):
    place, out = hand_in(tmp_path / "in", ada=GOOD, eve=HALF), tmp_path / "out"
    graded(place, out)
    before = snapshot(out)
    file = tmp_path / "overrides.csv"
    file.write_text("student,exercise,points,reason\neve,reverse.3,1.5,a page of paper\n")
    assert Folder(out).overrule(file, {"ada", "eve"}) == 1
    _, eve = Folder(out).records()
    assert (eve["total"], eve["exercises"]["reverse.3"]["points"]) == (5.5, 1.5)
    assert (eve["exercises"]["reverse.3"]["computed"], eve["exercises"]["reverse.3"]["reason"]) == (
        0.0,
        "a page of paper",
    )
    graded(place, out)
    assert snapshot(out) == before and totals(out)["eve"] == (5.5, 6.0)


def test_an_answer_that_is_right_for_somebody_else_is_told_the_teacher(tmp_path):
    """Its owner's name stands in no record."""
    hers = answer("reverse.1", seed="eve")
    mine = notebook([hers, answer("reverse.3")])
    theirs = notebook([hers, answer("reverse.3")]).replace(b"'ada'", b"'eve'")
    place, out = hand_in(tmp_path / "in", ada=mine, eve=theirs), tmp_path / "out"
    assert graded(place, out).copies == 1
    told = json.loads((out / "teacher.json").read_text())["right for somebody else"]
    assert told == [{"student": "ada", "exercise": "reverse.1", "right for": ["eve"]}]
    assert totals(out)["eve"] == (6.0, 6.0) > totals(out)["ada"]
    assert b'"eve"' not in Folder(out).path("ada", "ada.ipynb").read_bytes()
    assert copies(Folder(out).records()[1:]) == []


# --- what is wrong ----------------------------------------------------------------------------------------------------


def _empty(folder):
    return [str(hand_in(folder / "in"))]


def _twice(folder):
    place = hand_in(folder / "in/ada", a=GOOD, b=HALF)
    return [str(place.parent)]


def _with(*more):
    return lambda folder: [str(hand_in(folder / "in", ada=GOOD)), *(w.replace("HERE", str(folder)) for w in more)]


def _overrides(text):
    def made(folder):
        (folder / "o.csv").write_text(text)
        return [str(hand_in(folder / "in", ada=GOOD)), "--overrides", str(folder / "o.csv")]

    return made


BAD = {
    "an empty folder": (_empty, "there is no notebook in"),
    "a wrong path": (lambda folder: [str(folder / "nowhere")], "there is no folder"),
    "no notebook and no zip": (lambda folder: [__file__], "neither a notebook nor a zip"),
    "two notebooks of one student": (
        _twice,
        "ada has two notebooks with reverse.1, ada/a.ipynb and ada/b.ipynb; keep one",
    ),
    "an unknown exercise": (_with("--only", "reverse.33"), "there is no exercise reverse.33; there is reverse.3"),
    "an unknown student": (_with("--student", "bob"), "nobody is called bob"),
    "a file in place of a folder": (_with("--out", __file__), "cannot be used for the records"),
    "no seed file": (_with("--seed-file", "HERE/none"), "cannot be read"),
    "a short secret": (_with("--seed-file", "HERE/in/../short"), "cannot be read"),
    "no assignment": (_with("--assignment", "HERE/none.ipynb"), "cannot be read"),
    "an unknown word": (_with("--fast"), "unrecognized arguments"),
    "no number": (_with("--jobs", "many"), "invalid int"),
    "fewer than none": (_with("--jobs", "-1"), "is no number of processes"),
    "overrides without columns": (_overrides("x,y\n1,2\n"), "needs a first line"),
    "overrides of nobody": (_overrides("student,exercise,points\nbob,reverse.3,1\n"), "line 2: nobody is called bob"),
    "overrides of nothing": (_overrides("student,exercise,points\nada,reverse.33,1\n"), "there is no exercise"),
    "overrides without points": (
        _overrides("student,exercise,points\nada,reverse.3,many\n"),
        "is not a number of points",
    ),
    "overrides below 0": (_overrides("student,exercise,points\nada,reverse.3,-1\n"), "cannot be given"),
}


@pytest.mark.parametrize(("words", "says"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path, capsys, words, says):
    given = words(tmp_path)
    given += [] if "--out" in given else ["--out", str(tmp_path / "out")]
    assert command.main(given) in (1, 2)
    told = capsys.readouterr().err
    assert says in told and told.count("\n") == 1, told
    assert not list(tmp_path.glob("out/records/*"))


def test_a_full_disk_is_said_and_leaves_nothing_half_written(tmp_path, monkeypatch, capsys):
    def full(path, content):
        if "records" in str(path):
            raise SaveError(f"{path} could not be written: No space left on device")
        return write(path, content)

    write = records.write_whole
    monkeypatch.setattr(records, "write_whole", full)
    monkeypatch.setattr(command, "_scheduler", lambda address: Here())
    place, out = hand_in(tmp_path / "in", ada=GOOD), tmp_path / "out"
    assert command.main([str(place), "--out", str(out), "--scheduler", "here", "--only", "reverse.1"]) == 1
    assert "No space left" in capsys.readouterr().err
    assert not list((out / "records").iterdir())


def test_who_waits_sees_the_rate_and_the_time_left(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm", None)  # not installed
    run.progress(2)(2, 2)
    assert re.fullmatch(r"2 of 2, \d+\.\d a second, 0 s left\n", capsys.readouterr().err)
    run.progress(2, quiet=True)(2, 2)
    assert capsys.readouterr().err == ""


# --- processes and Dask -----------------------------------------------------------------------------------------------


@pytest.mark.wide
def test_the_command_grades_by_processes_and_shows_how_far_it_is(tmp_path):
    place, out = hand_in(tmp_path / "in", ada=GOOD, eve=HALF, half=GOOD[:99]), tmp_path / "out"
    words = [sys.executable, "-m", "backprop_lab", "grade", str(place), "--out", str(out), "--jobs", "2"]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=300, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0 and "3 notebooks were graded" in done.stdout, done.stderr
    assert [record["student"] for record in Folder(out).records()] == ["ada", "eve", "half"]
    assert (out / "secret").stat().st_mode & 0o77 == 0


def left(folder):
    """The processes on this machine that grade into a folder, and those that they have started."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (place / "environ").read_bytes() + (place / "cmdline").read_bytes()
            found += [place.name] if str(folder).encode() in words else []
    return found


@pytest.mark.wide
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked for in /proc")
def test_a_grader_that_is_killed_leaves_nothing_and_can_go_on(tmp_path):
    place, out = hand_in(tmp_path / "in", **{f"s{k:02}": GOOD for k in range(30)}), tmp_path / "out"
    own = tmp_path / "own"  # where its folders are made, by which its processes are known, too
    own.mkdir()
    words = [sys.executable, "-m", "backprop_lab", "grade", str(place), "--out", str(out), "--jobs", "2"]
    running = subprocess.Popen(words, env=ENVIRONMENT | {"TMPDIR": str(own)}, stdout=subprocess.DEVNULL)
    while not list(out.glob("records/*.json")):
        assert running.poll() is None
        time.sleep(0.05)
    running.kill()
    running.wait()
    deadline = time.monotonic() + 60
    while left(own) or list(own.glob("backprop-lab-grade-*")):
        assert time.monotonic() < deadline, (left(own), list(own.iterdir()))
        time.sleep(0.1)
    before = snapshot(out)
    done = run.run(find(place), Folder(out), Folder(out).secret(), executor=Here(), jobs=1)
    assert done.kept == len(before) and done.graded == 30 - len(before)
    assert {name: snapshot(out)[name] for name in before} == before


CLUSTER = """
import sys
from distributed import Client, LocalCluster
from backprop_lab.cli import main
if __name__ == "__main__":
    options = dict(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        status = main(["grade", *sys.argv[1:], "--scheduler", cluster.scheduler_address])
    assert status == 0, status
    assert main(["grade", *sys.argv[1:], "--scheduler", "tcp://127.0.0.1:9"]) == 2
"""


@pytest.mark.graders
@pytest.mark.nightly
def test_a_cluster_gives_the_same_records_to_the_byte(tmp_path):
    """A real one of Dask's, with two workers, in the environment of the other graders."""
    python = python_of("graders", "Dask is")
    place = hand_in(tmp_path / "in", ada=GOOD, eve=HALF, bob=GOOD[:99], dan=notebook([answer("reverse.3")]))
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "cluster.py").write_text(CLUSTER)
    words = [python, tmp_path / "cluster.py", place, "--out", tmp_path / "dask", "--seed-file", tmp_path / "secret"]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=300, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no scheduler answers" in done.stderr
    run.run(find(place), Folder(tmp_path / "pool"), SECRET, jobs=2)
    names = sorted(path.name for path in (tmp_path / "pool/records").iterdir())
    assert len(names) == 4
    for name in names:
        assert (tmp_path / "dask/records" / name).read_bytes() == (tmp_path / "pool/records" / name).read_bytes()


def test_the_lab_has_the_exercises_of_these_tests():
    assert [bl.exercises[id].points for id in IDS] == [4.0, 2.0]
