"""What comes of the grader's records: pages for students and for the teacher, tables for gradebooks."""

import base64
import csv
import io
import json
import os
import re

import pytest
from support.places import ROOT

import backprop_lab as bl
from backprop_lab import cli
from backprop_lab.exercises.cells import answer_source, fill_answers, identify
from backprop_lab.exercises.code import Written
from backprop_lab.grading.assign import _seeded as seeded
from backprop_lab.grading.records import one_a_student
from backprop_lab.grading.report_class import falls
from backprop_lab.grading.reports import reports

LESSON = ROOT / "notebooks/03_reverse_mode.ipynb"
STUDENTS = ("ada", "bob", "cyd")
EVIL = "<script>alert(1)</script>"


def right(exercise):
    """A right answer as Ada would write it; the model answer is not there when a notebook is graded."""
    if isinstance(exercise, Written):
        return answer_source(exercise, solved=True)
    return f"{exercise.variable} = {exercise.model_answer('ada')!r}"


def answers_of(who):
    """All right; one wrong turn and code that is wrong; next to nothing."""
    one, two = bl.exercises["reverse.1"], bl.exercises["reverse.2"]
    if who == "ada":
        mine = {id: e for id, e in bl.exercises.items() if e.notebook == LESSON.stem}
        return {id: right(e) for id, e in mine.items()}
    if who == "bob":
        wrong = one.wrong_answers("bob")["keeps the last arrival"]
        code = bl.exercises["reverse.3"].wrong_text(next(iter(bl.exercises["reverse.3"].wrong)))
        return {"reverse.1": f"reverse_1 = {wrong}", "reverse.3": code, "reverse.6": 'reverse_6 = "z"'}
    return {"reverse.2": f"reverse_2 = {two.model_answer('cyd') | {'x': 12345}}"}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder of a grading of three notebooks."""
    folder = tmp_path_factory.mktemp("graded")
    lesson = json.loads(LESSON.read_text("utf-8"))
    lesson["cells"] = [cell for cell in lesson["cells"] if identify(cell)[1] in ("setup", "answer", "check")]
    (folder / "in").mkdir()
    for who in STUDENTS:
        text = json.dumps(seeded(fill_answers(lesson, answers_of(who)), who))
        (folder / f"in/{who}.ipynb").write_text(text, "utf-8")
    assert cli.main(["grade", str(folder / "in"), "--out", str(folder / "out"), "--jobs", "1"]) == 0
    return folder / "out"


@pytest.fixture(scope="module")
def made(graded):
    return reports(graded, "ps1")


@pytest.fixture(scope="module")
def records(graded):
    found = (json.loads(path.read_text("utf-8")) for path in (graded / "records").glob("*.json"))
    return {record["student"]: record for record in found}


def page_of(files, who):
    (text,) = (text for path, text in files.items() if path.startswith(f"feedback/{who}"))
    return text


def pictures(page):
    return [base64.b64decode(x).decode() for x in re.findall(r"data:image/svg\+xml;base64,([^\"]+)", page)]


def test_two_notebooks_of_a_student_are_one_line():
    """As of two lessons that were given out together; what stands in both counts where it brought more."""
    one = {"student": "ada", "submission": "a", "problems": ["p"], "exercises": {"x": {"points": 1.0, "of": 2.0}}}
    more = {"x": {"points": 2.0, "of": 2.0}, "y": {"points": 1.5, "of": 3.0}}
    two = {"student": "ada", "submission": "b", "problems": [], "exercises": more}
    (found,) = one_a_student([one, two])
    assert (found["total"], found["of"], found["submission"]) == (3.5, 5.0, "a, b")
    assert found["problems"] == ["p"] and one["exercises"]["x"]["points"] == 1.0


def test_pages_need_nothing_else(made):
    for path, text in made.items():
        if path.endswith(".html"):
            assert "<script" not in text and not re.search(r"(src|href)=\"(?!data:)", text), path
            assert not re.search(r"@import|url\(", text) and text.startswith("<!DOCTYPE html>")


def test_a_student_sees_the_own_graph_and_the_hint_and_no_answer(made):
    exercise, page = bl.exercises["reverse.1"], page_of(made, "bob")
    wrong = exercise.wrong_answers("bob")["keeps the last arrival"]
    report = exercise.check(wrong, "bob")
    assert report.hint.split(";")[0] in page and f"reverse.1 One reverse sweep by hand: {report.points:g} of 4" in page
    drawn = pictures(page)[0]
    assert f"✗ {wrong['x']:g}" in drawn and "bl-wrong" in drawn and "✓" in drawn
    assert f"{exercise.model_answer('bob')['x']:g}" not in re.sub(r"base64,[^\"]+", "", page)


def test_what_is_right_is_said_in_a_line(made):
    page = page_of(made, "ada")
    assert page.count("All of it is right.") == 7 and not pictures(page)


def test_inputs_of_hidden_calls_are_kept_back(graded, made, records):
    (label, *_) = [x["label"] for x in records["bob"]["exercises"]["reverse.3"]["tried"] if ", at " in x["label"]]
    call = label.partition(", at ")[2]
    open_ = page_of(reports(graded, "ps1", hidden=True), "bob")
    assert call.split(",")[0] in open_ and call not in page_of(made, "bob")


def test_names_are_no_markup_and_no_formula(graded, tmp_path):
    for path in (graded / "records").glob("*.json"):
        record = json.loads(path.read_text("utf-8"))
        record |= {"student": f"={record['student']}", "name": EVIL, "problems": [EVIL]}
        (tmp_path / "records").mkdir(exist_ok=True)
        (tmp_path / "records" / path.name).write_text(json.dumps(record), "utf-8")
    files = reports(tmp_path, EVIL)
    assert not any(EVIL in text for path, text in files.items() if path.endswith(".html"))
    rows = list(csv.reader(io.StringIO(files["scores.csv"])))
    assert {row[0] for row in rows[1:]} == {f"'={who}" for who in STUDENTS}


def test_the_class_report_counts(made, records):
    page = made["class.html"]
    totals = sorted(record["total"] for record in records.values())
    assert f"3 students; on average {round(sum(totals) / 3, 2):g} of 22 points" in page
    row = re.search(r"<tr><td>reverse.1</td>.*?</tr>", page)[0]
    assert re.findall(r"<td class=n>(.*?)</td>", row) == ["1", "1", "0", "1", "2.33"]  # ada, bob with 3 of 4, cyd
    assert "keeps the last arrival" in page and "<td>keeps the last arrival</td><td>x</td><td class=n>1</td>" in page


def test_where_a_class_falls(records):
    found = falls(list(records.values()), "reverse.1")
    assert found.asked == {"c": 2, "s": 2, "x": 2, "y": 2} and found.missed["x"] == 1 and not found.missed["y"]
    assert found.words == "Wrong numbers: 1 of 2 at x." and "1/2" in found.svg and "bl-fall2" in found.svg
    assert falls(list(records.values()), "reverse.3") is None and falls([], "reverse.1") is None


def test_tables_have_every_student_and_the_points(made, records):
    rows = {name: list(csv.reader(io.StringIO(made[name]))) for name in made if name.endswith(".csv")}
    head, *lines = rows["scores.csv"]
    for line in lines:
        found = dict(zip(head, line, strict=True))
        record = records[found["student"]]
        assert float(found["total"]) == pytest.approx(record["total"], abs=0.01) and found["of"] == "22"
        assert float(found["reverse.1"]) == record["exercises"]["reverse.1"]["points"]
    assert rows["canvas.csv"][0][:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert rows["canvas.csv"][1] == ["    Points Possible", "", "", "", "", "22"] and len(rows["canvas.csv"]) == 5
    exported = "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty"
    assert ",".join(rows["nbgrader.csv"][0]) == f"{exported},score,max_score"
    grades = {row[2]: float(row[3]) for row in rows["moodle.csv"][1:]}
    assert grades == pytest.approx({who: r["total"] for who, r in records.items()}, abs=0.01)
    assert rows["moodle.csv"][0][0] == "Identifier" and "reverse.2: 0 of 4" in rows["moodle.csv"][2][5]


def test_what_a_teacher_overruled_counts(graded, tmp_path):
    (tmp_path / "over.csv").write_text("student,exercise,points,reason\nbob,reverse.1,4,a slip of the pen\n", "utf-8")
    words = ["grade", str(graded.parent / "in"), "--out", str(graded), "--jobs", "1"]
    assert cli.main([*words, "--overrides", str(tmp_path / "over.csv")]) == 0
    try:
        page = page_of(reports(graded, "ps1"), "bob")
        assert "gave these points, in place of 3: a slip of the pen" in page and "reverse.1 One reverse" in page
    finally:
        (graded / "overrides.json").unlink()


def test_a_second_run_writes_nothing(graded, capsys):
    assert cli.main(["report", str(graded)]) == 0
    before = {path: os.stat(path).st_mtime_ns for path in graded.rglob("*.*")}
    assert cli.main(["report", str(graded)]) == 0
    assert {path: os.stat(path).st_mtime_ns for path in graded.rglob("*.*")} == before
    assert "open" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, "{", "{}", "[]"])
def test_no_records_get_a_sentence(content, tmp_path, capsys):
    if content is not None:
        (tmp_path / "records").mkdir()
        (tmp_path / "records/a.json").write_text(content)
    assert cli.main(["report", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert str(tmp_path) in said and said.count("\n") == 1 and not (tmp_path / "class.html").exists()
