"""Rules that every lesson keeps, as far as a program sees: the student acts, and nothing asked for stands above."""

import re
import runpy

import nbformat
import numpy as np
import pytest
from support.acts import acts, longest_wait, readers_cells
from support.places import ROOT
from support.shown import text_of
from support.teaching_pages import lesson

SYNC = runpy.run_path(str(ROOT / "docs/sync_notebooks.py"))
LESSONS = [twin.stem for twin in SYNC["twins"]()]
each = pytest.mark.parametrize("name", LESSONS)


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


@each
def test_nothing_that_is_asked_for_stands_above(name):
    """Of each question the answers that one cannot meet by chance are not all in one cell above it."""
    book, asked, above, question = lesson(name), [], [], False
    for cell, shown in zip(book.cells, book.committed, strict=True):
        if book.asks(cell):
            asked.append((cell.source, above[: len(above) - question]))
        question = cell.cell_type == "markdown"  # what stands right above may be the question itself
        above.append(shown.source if question else text_of(shown))
    assert asked
    found = []
    for (source, before), answers in zip(asked, book.answers(), strict=True):
        wanted = told(answers)
        if wanted and any(all(written(x).search(text) for x in wanted) for text in before):
            found.append((source[:80], wanted))
    assert not found
