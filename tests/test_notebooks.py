"""Every notebook runs from top to bottom in a fresh kernel, and the committed one is that run."""

import runpy
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
SYNC = runpy.run_path(str(ROOT / "docs/sync_notebooks.py"))
TWINS = SYNC["twins"]()

# Figures of the curriculum's worked examples, each with the notebook that must print or draw it, and where.
FIGURES = {
    "00_start_here": {
        "edelman, the graph": ["3", "5", "2", "6", "30", "4", "34", "14", "15", "−4"],
        "edelman, step by step": ["5 · 2 = 10", "4 · 1 = 4", "10 + 4 = 14", "1 · 6 = 6", "5 · 3 = 15", "4 · (−1) = −4"],
        "edelman, gradient": ["(34.0, (14.0, 6.0))"],
        "strang": ["12", "140", "24", "11", "8", "88"],
        "strang, the first try": ["(64, (104.0, 16.0))", "(64.0, (104.0, 16.0))"],
        "olah": ["∂c/∂a = 1", "∂c/∂b = 1", "∂d/∂b = 1", "∂e/∂c = 2", "∂e/∂d = 3", "reverse: 2.0 5.0"],
    }
}


def text_of(cell):
    """All text that a cell shows, including the texts in its pictures."""
    shown = []
    for output in cell.get("outputs", []):
        shown.append(output.get("text", ""))
        shown += [v for k, v in output.get("data", {}).items() if k == "text/plain"]
        shown += [v for k, v in output.get("data", {}).items() if k == "image/svg+xml"]
    return "\n".join(shown)


@pytest.fixture(scope="module", params=TWINS, ids=lambda twin: twin.stem)
def pair(request):
    """A notebook as committed, and freshly run."""
    committed = nbformat.read(NOTEBOOKS / f"{request.param.stem}.ipynb", 4)
    return request.param.stem, committed, SYNC["run"](SYNC["read"](request.param))


def test_twins_and_notebooks_agree():
    assert SYNC["differing"]([]) == []


def test_runs_without_complaint(pair):
    _, _, fresh = pair
    for cell in fresh.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error" and output.get("name") != "stderr", output


def test_committed_outputs_are_todays(pair):
    """Texts; the pictures' coordinates depend on the machine's Graphviz."""
    _, committed, fresh = pair
    for old, new in zip(committed.cells, fresh.cells, strict=True):
        plain = [
            [o.get("text") or o.get("data", {}).get("text/plain") for o in c.get("outputs", [])] for c in (old, new)
        ]
        assert plain[0] == plain[1], old.source


def test_figures(pair):
    name, committed, _ = pair
    everything = "\n".join(text_of(c) for c in committed.cells)
    for row, figures in FIGURES[name].items():
        missing = [f for f in figures if f not in everything]
        assert len(missing) < len(figures) if row == "strang, the first try" else not missing, (row, missing)


def test_nothing_volatile(pair):
    _, committed, _ = pair
    nbformat.validate(committed)
    assert set(committed.metadata) == {"kernelspec", "language_info"}
    for cell in committed.cells:
        assert "execution" not in cell.metadata
        for output in cell.get("outputs", []):
            assert not any("widget" in kind for kind in output.get("data", {}))
            assert "0x" not in "".join(output.get("data", {}).get("text/plain", ""))


def test_cells_are_short(pair):
    _, committed, _ = pair
    for cell in committed.cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 12, cell.source


def test_players_leave_a_picture_with_a_text(pair):
    _, committed, _ = pair
    stills = [
        o.data["text/html"] for c in committed.cells for o in c.get("outputs", []) if "text/html" in o.get("data", {})
    ]
    assert stills and all('alt="Computational graph' in s and "data:image/svg+xml;base64" in s for s in stills)
