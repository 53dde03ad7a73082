"""Rules that every lesson keeps, as far as a program sees: the student acts, and nothing asked for stands above."""

import ast
import re
import runpy

import nbformat
import numpy as np
import pytest
from support.acts import acts, longest_wait, readers_cells
from support.places import ROOT
from support.shown import text_of
from support.teaching_pages import lesson

import backprop_lab as bl
from backprop_lab.exercises.broken import Broken
from backprop_lab.exercises.cells import identify
from backprop_lab.exercises.choose import Choose
from backprop_lab.exercises.sweeps import Sweep

SYNC = runpy.run_path(str(ROOT / "docs/sync_notebooks.py"))
LESSONS = [twin.stem for twin in SYNC["twins"]()]
each = pytest.mark.parametrize("name", LESSONS)
PART_I = LESSONS[:11]  # its lessons keep one rule more


def cells_of(name):
    return nbformat.read(ROOT / f"notebooks/{name}.ipynb", 4).cells


def words_of(name):
    return "\n".join(cell.source for cell in cells_of(name) if cell.cell_type == "markdown")


@each
def test_at_most_two_cells_in_a_row_without_something_to_do(name):
    cells = readers_cells(cells_of(name), SYNC["SETUP"])
    assert longest_wait(cells) <= 2, [(act, cell.source[:60]) for act, cell in zip(acts(cells), cells, strict=True)]
    assert sum(acts(cells)) >= 10


def test_what_counts_as_something_to_do():
    code, text = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    cells = [text("a"), code("print(1)"), code("bl.guess(..., 1)"), text("## Your own function"), code("f"), code("g")]
    assert acts(cells) == [False, False, True, False, True, False] and longest_wait(cells) == 2
    assert longest_wait([*cells, text("b"), text("c"), code("bl.step(f, predict=True)")]) == 3
    assert longest_wait([*cells, text("b"), text("c"), text("d")]) == 2, "nothing is asked for at the end"


@each
def test_a_question_first_and_training_last(name):
    words = words_of(name)
    opening, ending = words.split("\n## ")[0], words[words.rindex("## Next") :].split("**Sources.**")[0]
    assert "?" in opening or "*which" in opening, "a lesson opens with something one wants to know"
    assert re.search(r"\btrain", ending), "a lesson ends with what a training run does with it"
    assert re.search(r"PyTorch", words) and re.search(r"`[^`]*(backward|torch|grad_fn|\.grad\b)[^`]*`", words)


@each
def test_a_mystery_and_a_name(name):
    code = "\n".join(cell.source for cell in cells_of(name) if cell.cell_type == "code")
    assert len(re.findall(r"mystery=bl\.seed\(\)", code)) == 1, "a broken rule of the student's own to find"
    assert code.index("bl.seed(") < code.index("bl.guess(") if "bl.guess(" in code else True


PLAIN = re.compile(r"\b(dear|nought|anew|so slow and so blurred)\b")


def test_plain_words():
    for path in [*(ROOT / "notebooks/text").glob("*.py"), *(ROOT / "docs/teaching").glob("*.md")]:
        assert not PLAIN.search(path.read_text("utf-8")), (path.name, PLAIN.search(path.read_text("utf-8")))


@pytest.mark.parametrize("name", LESSONS[:4])
def test_no_adjoint_before_it_is_earned(name):
    """In the lessons that introduce adjoints, none is shown before the first time that one is asked for."""
    for cell in readers_cells(cells_of(name), SYNC["SETUP"]):
        if re.search(r'predict=(True|"sweep"|"partials")', cell.source) and 'mode="' not in cell.source:
            return
        shown = text_of(cell)
        assert not re.search("adjoint of|[a-zA-Z0-9]̄ \\+?=", shown) or "mystery=" in cell.source, cell.source


def told(values):
    """Numbers that are not met everywhere: of two digits, or with a fraction."""
    values = [] if isinstance(values, str) else values if isinstance(values, list | tuple) else [values]
    parts = [part for value in values for part in (np.real(value), np.imag(value))]
    numbers = [float(x) for part in parts for x in np.ravel(np.asarray(part, dtype=float))]
    return {abs(x) for x in numbers if np.isfinite(x) and (abs(x) >= 10 or x != int(x))}


def written(x):
    return re.compile(rf"(?<![\d.,]){re.escape(f'{x:.6g}')}(?![\d]|[.,]\d)")


COUNTS = re.compile(r"\d+ steps over \d+ nodes|\b\d+ nodes")  # no numbers of a graph


def rare(values):
    """Of these the numbers that nobody meets by chance."""
    return {x for x in values if x >= 100 or 4 * x != int(4 * x)}


def given_away(answers, above):
    """Whether a cell above tells all of an answer, or a part of it: a number that nobody meets by chance."""
    wanted = told(answers)
    shown = [{x for x in wanted if written(x).search(text)} for text in above]
    return bool(wanted) and any(found == wanted or rare(found) for found in shown)


@each
def test_nothing_that_is_asked_for_stands_above(name):
    """No answer to a guess, a player or an exercise: in texts, in what is printed, or in pictures and their texts."""
    book, above, found = lesson(name), [], []
    answers, question = iter(book.answers()), False  # with it the lesson's seed is in force
    for cell, shown in zip(book.cells, book.committed, strict=True):
        id, role = identify(cell)
        before = above[: len(above) - question]  # what stands right above may be the question itself
        if book.asks(cell) and given_away(next(answers), before):
            found.append(cell.source[:80])
        if role == "answer" and given_away(parts(bl.exercises[id].model_answer()), before):
            found.append(id)
        if role == "answer" and isinstance(bl.exercises[id], Choose):
            assert bl.exercises[id].right() not in "\n".join(before), id
        question = cell.cell_type == "markdown" or role == "question"
        above.append(COUNTS.sub("", shown.source if cell.cell_type == "markdown" else text_of(shown)))
    assert not found and next(answers, None) is None and len(above) > 25


def parts(answer):
    return list(answer.values()) if isinstance(answer, dict) else [] if callable(answer) else answer


def test_what_gives_an_answer_away():
    above = ["F = 140, and y = 24", "x 12 and y 0.802"]
    assert given_away([140.0, 24.0], above) and given_away(12.0, above) and given_away([140.0, 7.0], above)
    assert given_away([0.802, 77.0], above) and given_away(np.array([[12.0], [1.0]]), above)
    assert not given_away([24.0, 12.0], above) and not given_away(14.0, above) and not given_away("larger", above)
    assert not given_away([1.0, 4.0], ["1, 4"]), "such numbers are met everywhere"


@each
def test_no_answer_is_typed_into_a_guess(name):
    """What is right is computed from what stands above: `bl.guess(..., 5)` would tell whoever types."""
    for cell in lesson(name).cells:
        calls = ast.walk(ast.parse(cell.source)) if "bl.guess(" in cell.source and cell.cell_type == "code" else ()
        for call in calls:
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "bl.guess":
                names = {node.id for node in ast.walk(call.args[1]) if isinstance(node, ast.Name)}
                assert names - {"np", "round"}, cell.source


@pytest.mark.parametrize("name", PART_I)
def test_players_that_ask_never_have_the_lecture_s_numbers(name):
    """Of 200 names at least 25 get different ones, says benchmarks/bench_lessons.py."""
    for cell in lesson(name).cells:
        calls = ast.walk(ast.parse(cell.source)) if "separating_inputs(" in cell.source else ()
        for call in calls:
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "bl.separating_inputs":
                assert {"like", "unlike"} & {given.arg for given in call.keywords}, cell.source


def test_every_lesson_asks_for_a_reason_and_a_sweep():
    """Which sentence is the reason, in every lesson; a whole sweep, where one is taught."""
    kinds = {name: [type(bl.exercises[id]) for id in lesson(name).exercises] for name in PART_I}
    assert all(found.count(Choose) == 1 for found in kinds.values())
    assert {name[:2] for name, found in kinds.items() if Sweep in found} >= {"02", "03", "04"}
    assert any(issubclass(kind, Broken) for found in kinds.values() for kind in found)
    for name in PART_I[2:]:
        code = "\n".join(cell.source for cell in lesson(name).cells if cell.cell_type == "code")
        assert 'predict="sweep"' in code or 'mode="forward"' in code
