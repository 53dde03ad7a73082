"""Printed exams: each student's own numbers, a graph that does not answer, keys and marking tables; LaTeX sets them."""

import re
import shutil

import pytest
from support.machine import missing

import backprop_lab as bl
from backprop_lab import cli
from backprop_lab.grading.markup import latex
from backprop_lab.grading.sheet_graph import graph_of
from backprop_lab.grading.sheets import compiled, exam, sheet
from backprop_lab.grading.words import Student
from backprop_lab.text.notation import number

ADA, BOB = Student("ada", "Ada_Lovelace & Söhne"), Student("bob", "bob")
IDS = ["reverse.1", "start.1", "graphs.2", "reverse.5", "reverse.7", "reverse.6", "descent.1", "costs.1"]


@pytest.fixture(scope="module")
def made():
    return exam([ADA, BOB], IDS, "2026")


def plain(tex):
    return tex.replace(r"\ensuremath{-}", "−").replace(r"\_", "_")


def test_each_student_has_the_numbers_of_the_notebook(made):
    first, second = made["sheets.tex"].split(r"\newpage")
    for text, seed in ((first, "2026 ada"), (second, "2026 bob")):
        for id in ("reverse.1", "start.1", "reverse.5"):
            inputs = bl.exercises[id].question(seed).inputs
            assert ", ".join(f"{name} = {x:g}" for name, x in inputs.items()) in text
    assert r"Ada\_Lovelace \& S\mbox{\"o}hne (ada)" in first and r"\bluni{" not in first


def test_the_graph_gives_values_and_no_derivative():
    exercise = bl.exercises["reverse.1"]
    told, graph = graph_of(exercise, "Ada"), exercise.traced("Ada")
    cells = dict(re.findall(r"\((n\d+[pa])\) at .*?\{\\blnumber\{.*?\}\{(.*?)\}\};", told))
    for node in graph:
        assert cells[f"n{node.id}p"] == f"${node.value:g}$"
        assert cells.get(f"n{node.id}a", "") == ""
    assert r"\node[bl partial" not in told and r"\node[bl letters" not in told


def test_where_values_are_asked_for_the_graph_has_the_inputs_alone():
    exercise = bl.exercises["start.1"]
    graph = exercise.traced("Ada")
    cells = dict(re.findall(r"\((n\d+)p\) at .*?\{\\blnumber\{.*?\}\{(.*?)\}\};", graph_of(exercise, "Ada")))
    given = {f"n{node.id}" for node in graph if node.op in ("input", "constant")}
    assert {key for key, text in cells.items() if text} == given


def test_the_key_is_right_and_the_marking_table_is_what_the_check_gives():
    (found,) = [sheet(ADA, ["reverse.1"], "", "x")]
    exercise, key = bl.exercises["reverse.1"], plain(found.key)
    for name, x in exercise.model_answer("ada").items():
        assert rf"\texttt{{{name}}} = {number(x)}" in key
    asked = re.search(r"\\texttt\{(\w+)\} & what was done", key)[1]
    rows = re.findall(r"^(\S+) & (.+?) & (\S+) of 4\\\\$", key, re.M)
    turns = exercise.wrong_answers("ada")
    assert len(rows) >= 10
    for figure, slip, points in rows:
        assert figure == number(turns[slip][asked])
        assert float(points) == pytest.approx(exercise.check(turns[slip], "ada").points, abs=1e-4)


def test_markdown_as_latex():
    text = "Of **a** `x_1` & 5 %:\n\n```python\ndef f(x):\n    return x**2\n```\n\n* **b**: no\n\n"
    text += "| a | b |\n|---|---|\n| −1 | ← |"
    told = latex(text)
    assert told.isascii() and r"\textbf{a} \texttt{x\_1} \& 5 \%:" in told
    assert r"\texttt{~~~~return~x**2}" in told and r"\item \textbf{b}: no" in told
    assert r"a & b\\" in told and r"\ensuremath{-}1 &" in told


def test_latex_sets_them(made):
    engine = shutil.which("pdflatex")
    if not engine:
        missing("pdflatex is not here: apt install texlive-latex-extra texlive-pictures")
    for text in made.values():
        pdf = compiled("pdflatex", text)
        assert pdf.startswith(b"%PDF") and len(pdf) > 10_000


WRONG = {
    "no students": (["--students", "none.csv"], "none.csv could not be read"),
    "code": (["reverse.4", "--students", "ada.csv"], "reverse.4 asks for more"),
    "no file": (["reverse.1"], "--students"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_gets_a_sentence(case, tmp_path, monkeypatch, capsys):
    words, told = WRONG[case]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ada.csv").write_text("ada\n")
    assert cli.main(["sheets", *words, "--out", "made"]) != 0
    said = capsys.readouterr().err
    assert told in said and said.count("\n") == 1 and not (tmp_path / "made").exists()


def test_without_latex_there_are_the_sources(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    (tmp_path / "ada.csv").write_text("ada,Ada\n")
    words = ["sheets", "start.1", "--students", str(tmp_path / "ada.csv"), "--out", str(tmp_path / "made")]
    assert cli.main(words) == 0 and "LaTeX is not installed" in capsys.readouterr().out
    assert sorted(p.name for p in (tmp_path / "made").iterdir()) == ["key.tex", "sheets.tex"]
