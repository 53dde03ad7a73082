"""Print an exam: a sheet for each student with a graph and numbers of their own, and for the teacher what is right.

    backprop-lab sheets reverse.1 reverse.6 --students names.csv --out DIR

DIR/sheets.tex has a sheet a student, DIR/key.tex the right answers and for each sheet a marking table: which wrong turn
a number comes from, and what the answer then brings. Where LaTeX is installed, sheets.pdf and key.pdf are made of them.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ..errors import SaveError
from ..exercises.base import Exercise
from ..exercises.choose import Choose
from ..exercises.predict import Predict
from ..text.notation import number
from ..words import Words, answered
from .markup import boxes, latex, line, table
from .posing import asks, chosen, numeric
from .sheet_graph import graph_of
from .words import Student, each, seed_of, students_in, write_all

SUMMARY = "backprop-lab sheets [EXERCISE ...] --students FILE --out DIR [--seed TEXT] [--title TEXT]"
USUAL = ("reverse.1", "reverse.6")
ENGINES = ("pdflatex", "lualatex")
ROWS = 40  # of a marking table
HEAD = r"""\documentclass[11pt]{article}
\usepackage[a4paper,margin=22mm]{geometry}
\usepackage{tikz}
\usepackage{array}
\def\bluni#1#2{\ifdefined\Umathchar\mbox{#2}\else\mbox{\tiny U+#1}\fi}
\pagestyle{empty}\parindent=0pt\parskip=6pt plus 2pt\raggedbottom\raggedright
\renewcommand{\arraystretch}{1.25}
\begin{document}
"""
# As wide as the page at most.
FIGURE = r"""\nopagebreak\smallskip\par{\parskip=0pt\centering\setbox0\hbox{%s}%%
\ifdim\wd0>\textwidth\resizebox{\textwidth}{!}{\usebox0}\else\usebox0\fi\par}\nopagebreak"""
HOW = (
    "Each table is for one number of its question. Who wrote a number of its first column did what stands beside it; "
    "the last column is what the whole answer then brings, other numbers and all.\n\n\\bigskip\n\n"
)


class Sheet(NamedTuple):
    """What a student gets and what the teacher does, as LaTeX."""

    exam: str
    key: str


def main(words: list[str]) -> int:
    """The command; the number is the exit status."""
    return answered(_work, words)


def _work(words: list[str]) -> None:
    parser = Words("sheets", __doc__)
    parser.add_argument("exercises", nargs="*", metavar="EXERCISE", help="ids, in this order (reverse.1 reverse.6)")
    parser.add_argument("--students", required=True, metavar="FILE", help="one student a line: id, or id,name")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to write")
    parser.add_argument(
        "--seed", default="", metavar="TEXT", help="a text of this exam's; other ones give other numbers"
    )
    parser.add_argument("--title", default="Derivatives by hand", metavar="TEXT", help="what stands at the top")
    given = parser.parse_args(words)
    students = students_in(given.students)
    found = exam(students, given.exercises or USUAL, given.seed, given.title)
    write_all(given.out, found)
    engine = next((e for e in ENGINES if shutil.which(e)), None)
    if engine is None:
        print("LaTeX is not installed here, so there are no PDFs; compile sheets.tex and key.tex where it is")
        return
    write_all(given.out, {name.replace(".tex", ".pdf"): compiled(engine, text) for name, text in found.items()})
    print(f"{len(students)} sheets written into {given.out}")


def exam(
    students: Sequence[Student], exercises: Sequence[str], seed: str = "", title: str = "Derivatives by hand"
) -> dict[str, str]:
    """The two LaTeX files of an exam, by name.

    Parameters
    ----------
    students : who gets a sheet
    exercises : ids of exercises that ask for numbers or for a sentence
    seed : a text of this exam's own
    title : what stands at the top of each sheet

    Raises
    ------
    ArgumentError : an exercise that does not exist, or that asks for code or arrays
    """
    ids = [exercise.id for exercise in chosen(exercises)]
    make = partial(sheet, exercises=ids, seed=seed, title=title)
    sheets = list(each(make, students, "sheet"))
    ends = "\n\\end{document}\n"
    return {
        "sheets.tex": HEAD + "\n\\newpage\n".join(found.exam for found in sheets) + ends,
        "key.tex": HEAD + HOW + "\n\\bigskip\\hrule\\bigskip\n".join(found.key for found in sheets) + ends,
    }


def sheet(student: Student, exercises: Sequence[str], seed: str, title: str) -> Sheet:
    """A student's sheet, and its key."""
    own = seed_of(student, seed)
    asked = chosen(exercises)
    points = sum(exercise.points for exercise in asked)
    name = f"{student.name} ({student.id})" if student.name != student.id else student.id
    head = rf"\textbf{{\Large {line(title)}}}\par {line(name)}\hfill $\ldots$ of {points:g} points\par\medskip\hrule"
    exam = [head, *(_question(exercise, own, k) for k, exercise in enumerate(asked, 1))]
    key = [rf"\textbf{{\large {line(name)}}}", *(_key(exercise, own, k) for k, exercise in enumerate(asked, 1))]
    return Sheet("\n\n".join(exam), "\n\n".join(key))


def _title(exercise: Exercise, number: int) -> str:
    of = f"{exercise.points:g} point{'s' * (exercise.points != 1)}"
    return rf"\medskip\textbf{{{number}. {line(exercise.title)}}} ({of})"


def _question(exercise: Exercise, seed: str, number: int) -> str:
    if isinstance(exercise, Choose):
        text = exercise.question(seed).text.partition("\n\n")[2]
        return "\n\n".join([_title(exercise, number), latex(text), r"Answer: \rule{2cm}{0.4pt}"])
    found = asks(exercise, seed)
    text = found.question(seed).text.partition("\n\n")[2].replace(f" Fill in {found.asked()}", " Fill in the table")
    parts = [_title(exercise, number), latex(text)]
    picture = graph_of(found, seed)
    if picture:
        parts.append(FIGURE % picture)
    names = [rf"\texttt{{{line(name)}}}" for name in found.ask]
    parts += (boxes(names[k : k + 6]) for k in range(0, len(names), 6))
    return "\n\n".join(parts)


def _key(exercise: Exercise, seed: str, number: int) -> str:
    if isinstance(exercise, Choose):
        answer = exercise.model_answer(seed)
        return rf"{number}. {line(exercise.title)}: \textbf{{{answer}}}"
    found = asks(exercise, seed)
    right = found.model_answer(seed)
    told = ", ".join(rf"\texttt{{{line(name)}}} = {_number(x)}" for name, x in right.items())
    return "\n\n".join([rf"{number}. {line(exercise.title)}: {told}", _marking(found, exercise, seed)])


def _number(x: float) -> str:
    return line(number(x))


def _marking(found: Predict, exercise: Exercise, seed: str) -> str:
    """Which number comes of which wrong turn, and what such an answer brings in all."""
    question = numeric(found, seed)
    rows = []
    answers = found.wrong_answers(seed)
    for wrong in sorted(question.wrong, key=lambda w: w.number):
        brings = {slip: found.check(answers[slip], seed).points for slip in wrong.turns}
        for slip in wrong.turns:
            of = f"{brings[slip]:g} of {exercise.points:g}"
            rows.append([_number(wrong.number), line(slip), of])
    head = [rf"\texttt{{{line(question.name)}}}", "what was done", "brings"]
    return table([head, *rows[:ROWS]], "rll")


def compiled(engine: str, text: str) -> bytes:
    """The PDF of a LaTeX text.

    Raises
    ------
    SaveError : LaTeX stopped, with its own words
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "sheet.tex").write_text(text, "utf-8")
        command = [engine, "-interaction=batchmode", "-halt-on-error", "-no-shell-escape", "sheet.tex"]
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True)
        made = Path(folder, "sheet.pdf")
        if done.returncode or not made.exists():
            log = Path(folder, "sheet.log")
            said = log.read_text("utf-8", "replace") if log.exists() else ""
            why = next((x for x in said.splitlines() if x.startswith("!")), "it did not say why")
            raise SaveError(f"{engine} could not set the sheets: {why}; the .tex files are there, and no PDFs")
        return made.read_bytes()
