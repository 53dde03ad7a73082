"""Every notebook runs from top to bottom in a fresh kernel, and the committed one is that run."""

import os
import re
import runpy
import unicodedata
from contextlib import suppress

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from support.curriculum import ROWS, WRONG_TURNS
from support.places import ROOT
from support.shells import executed
from support.shown import lost, text_of, unlike

import backprop_lab as bl

NOTEBOOKS = ROOT / "notebooks"
SYNC = runpy.run_path(str(ROOT / "docs/sync_notebooks.py"))
TWINS = SYNC["twins"]()

A_ROWS = list(bl.examples)
B_ROWS = [f"B{k}" for k in range(1, 40) if k not in (35, 38)]
PARTS = ["Use it", "Predict", "Look", "Explain", "Break it", "Your own function", "Exercises", "Next"]


@pytest.fixture(scope="module", params=TWINS, ids=lambda twin: twin.stem)
def pair(request):
    """The name of a notebook, and the notebook as committed."""
    return request.param.stem, nbformat.read(NOTEBOOKS / f"{request.param.stem}.ipynb", 4)


def test_twins_and_notebooks_agree():
    assert SYNC["differing"]([]) == []


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.stem)
def test_committed_outputs_are_todays(twin, tmp_path):
    """Without a kernel, which takes longer; those that JupyterLab runs are compared, too (`run_as_committed`)."""
    committed = nbformat.read(NOTEBOOKS / f"{twin.stem}.ipynb", 4)
    assert unlike(committed, SYNC["cleaned"](executed(SYNC["read"](twin), tmp_path))) == []


def test_the_table_has_every_row_of_the_curriculum():
    """The worked examples (the two variations belong to their example), and those ideas of part I that show figures."""
    rows = [name for name in A_ROWS if name not in ("strang-first-try", "matrix-chain-left")]
    assert list(ROWS) == [*rows, *B_ROWS, "GPT"]
    assert all(place.figures for places in ROWS.values() for place in places)


@pytest.mark.parametrize("row", [*ROWS, "wrong turns"])
def test_every_figure_of_the_curriculum_is_computed(row):
    """In the output of the cell where it belongs; what is typed in the cell's source does not count."""
    for place in ROWS.get(row, WRONG_TURNS):
        cells = nbformat.read(NOTEBOOKS / f"{place.notebook}.ipynb", 4).cells
        assert not lost(cells, place), (row, place.notebook, place.source)
        source = next(cell.source for cell in cells if place.source in cell.source)
        numbers = [figure for figure in place.figures if len(figure) > 3 and re.search(r"\d", figure)]
        typed = [figure for figure in numbers if figure in source]
        assert not typed, (row, typed)


def test_a_figure_that_loses_its_place_is_missed():
    place = ROWS["edelman"][1]
    cells = nbformat.read(NOTEBOOKS / f"{place.notebook}.ipynb", 4).cells
    cell = next(cell for cell in cells if place.source in cell.source)
    stream = next(output for output in cell.outputs if output.output_type == "stream")
    lines = unicodedata.normalize("NFC", stream.text).splitlines()
    for k, line in enumerate(lines):
        stream.text = "\n".join(lines[:k] + lines[k + 1 :])
        assert [unicodedata.normalize("NFC", figure) for figure in lost(cells, place)] == [line]
    stream.text = "\n".join([*lines[1:], lines[0]])  # the order of the sweep counts
    assert lost(cells, place)
    stream.text = "\n".join(lines).replace("= 14", "= 140")
    assert lost(cells, place) == ["x̄ = 10 + 4 = 14"]
    cell.source = cell.source.replace("sweep", "pass")
    assert lost(cells, place) == [f"0 cells with {place.source!r}"]


def test_nothing_volatile(pair):
    _, committed = pair
    nbformat.validate(committed)
    assert set(committed.metadata) == {"kernelspec", "language_info"}
    for cell in committed.cells:
        assert "execution" not in cell.metadata
        for output in cell.get("outputs", []):
            assert not any("widget" in kind for kind in output.get("data", {}))
            assert "0x" not in "".join(output.get("data", {}).get("text/plain", ""))


def test_cells_are_short(pair):
    """12 lines, so that a cell and its output fit on a projector."""
    _, committed = pair
    for cell in committed.cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 12, cell.source


def test_a_lesson_takes_its_time_and_no_more(pair):
    """25 to 40 cells as a reader meets them: an exercise is one thing to do, although it has three cells, and cells of
    setup are skipped."""
    name, committed = pair
    exercises = len(SYNC["exercises"](committed))
    setup = [
        cell for cell in committed.cells if cell.source == SYNC["SETUP"] or "setup" in cell.metadata.get("tags", [])
    ]
    assert 25 <= len(committed.cells) - 2 * exercises - len(setup) <= 40
    assert exercises >= 4
    assert (NOTEBOOKS / f"{name}.ipynb").stat().st_size < 300_000


def test_every_lesson_goes_the_same_way(pair):
    """Use it, predict, look, explain, break it, own function, exercises, next; some parts come again."""
    name, committed = pair
    words = "\n".join(cell.source for cell in committed.cells if cell.cell_type == "markdown")
    headings = re.findall("^## (.*?)(?::.*)?$", words, re.M)
    first = [next((k for k, h in enumerate(headings) if h == part), None) for part in PARTS]
    if name == "08_build_your_own_engine":  # all of it is the student's own
        first.pop(PARTS.index("Your own function"))
    assert None not in first and first == sorted(first) and headings[-1] == "Next", headings
    code = "\n".join(cell.source for cell in committed.cells if cell.cell_type == "code")
    assert "predict=" in code, "the questions stand on the nodes"
    ending = words[words.rindex("## Next") :]
    assert "**Sources.**" in ending and "**Learn more.**" in ending


def test_every_lesson_begins_with_the_same_setup(pair):
    """One line that a student can skip, what to do where it does not help, and then the imports."""
    _, committed = pair
    at = next(k for k, cell in enumerate(committed.cells) if cell.cell_type == "code")
    words, setup, imports = committed.cells[at - 1 : at + 2]
    assert "Skip the next cell where the lab is installed." in words.source and "backprop-lab bundle" in words.source
    assert setup.source == SYNC["SETUP"] and len(setup.source.splitlines()) == 1 and "setup" not in setup.metadata.tags
    assert not setup.outputs, "where the package is installed, nothing happens"
    assert imports.source.endswith("import backprop_lab as bl") and "setup" in imports.metadata.tags
    assert not any(SYNC["SETUP_LINE"] in text.splitlines() for text in (cell.source for cell in committed.cells))


HIDE = """
import importlib.util, os, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == 'backprop_lab' else find(name, *more)
sys.modules['backprop_lab'] = None
"""
NO_NETWORK = """
import os, socket, subprocess
def none(*_, **__): raise AssertionError('somebody was asked')
socket.socket.connect = subprocess.Popen.__init__ = none
"""


def run_cells(tmp_path, *sources):
    """The cells after these were run in a fresh kernel, in an empty folder, as far as they go."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    with suppress(CellExecutionError):
        resources = {"metadata": {"path": tmp_path}}
        NotebookClient(notebook, timeout=600, resources=resources).execute()
    return cells


def test_setup_where_the_package_is_installed_asks_nobody(tmp_path):
    cells = run_cells(str(tmp_path), NO_NETWORK, SYNC["SETUP"], "import backprop_lab")
    assert [cell.outputs for cell in cells] == [[], [], []]


def test_setup_without_package_and_network(tmp_path):
    """pip says that it found nothing, and nothing of what follows runs."""
    settings = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    settings |= {"PIP_NO_INPUT": "1", "PIP_TARGET": str(tmp_path / "elsewhere"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    away = "for name in ('PIP_EXTRA_INDEX_URL', 'PIP_FIND_LINKS'): os.environ.pop(name, None)"
    hide = f"{HIDE}os.environ.update({settings!r})\n{away}"
    cells = run_cells(str(tmp_path), hide, SYNC["SETUP"], "import backprop_lab", "print('on it goes')")
    assert "No matching distribution found for backprop-lab" in str(cells[1].outputs)
    assert cells[2].outputs[0].ename == "ModuleNotFoundError"
    assert cells[3].outputs == []


def test_players_and_plots_leave_a_picture_with_a_text(pair):
    _, committed = pair
    stills = [
        o.data["text/html"]
        for c in committed.cells
        for o in c.get("outputs", [])
        if "<img" in o.get("data", {}).get("text/html", "")
    ]
    assert any('alt="Computational graph' in s for s in stills)
    assert all(re.search(r'alt="[^"]{30,}"', s) and "data:image/svg+xml;base64" in s for s in stills)


def test_what_is_printed_in_pieces_is_read_as_one_text():
    pieces = [{"output_type": "stream", "text": text} for text in ("[1, 2]", " product:", " 2\n")]
    shown = text_of({"outputs": [*pieces, {"output_type": "execute_result", "data": {"text/plain": "12"}}]})
    assert [line for line in shown.splitlines() if line] == ["[1, 2] product: 2", "12"]
