"""Every notebook runs from top to bottom in a fresh kernel, and the committed one is that run."""

import base64
import re
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
    },
    "01_functions_are_graphs": {
        "edelman-toy, edges": ["∂a/∂x = -0.9899925", "∂b/∂a = 0.2000000", "∂b/∂y = -0.0056448", "∂z/∂x = 1.0000000"],
        "edelman-toy, the whole": ["∂z/∂x = 1", "0.8020015", "-0.0056448"],
        "B1, a node waits for its operands": ["z   waits for b, x"],
        "B2, the table of operations": ["1 / b   -y / b", "n * x**(n - 1)", "cos(x)"],
        "B2, tan by the quotient rule": ["1.709449"],
        "chain": ["[0.25, 12.0, -0.015625] product: -0.046875"],
    },
    "02_forward_mode": {
        "strang, forward for x": ["12 · 1 = 12", "8 · 1", "140"],
        "strang, forward for y": ["F changes at 24", "3 of 7 tangents are 0"],
        "B5, dual numbers": ["88.0 140.0"],
        "B6, one sweep for all is no way": ["164.0", "188"],
    },
    "03_reverse_mode": {
        "strang, reverse": ["(88.0, (140.0, 24.0))", "x̄ = 132 + 8 = 140", "8 · 3 = 24"],
        "edelman, reverse": ["10 + 4 = 14", "5 · 3 = 15", "4 · (−1) = −4"],
        "B8, depends on and influences": ["['3', 'v1', 'x', 'y']", "['F', 'c', 's']"],
        "B9, the four rules": ["(1.0, -1.0) (10.0, -10.0)", "(2.0, 6.0)", "(0.5, -1.5)"],
        "C, fingerprints": ["132", "1056", "12320", "2112", "420", "96", "107"],
    },
    "04_fan_out_and_paths": {
        "olah": ["(6.0, (2.0, 5.0))", "sum: 5.0   sweep: 5.0"],
        "B4, paths": ["edelman x [10.0, 4.0] → 14.0", "[132.0, 8.0] → 140.0"],
        "B4, ladder": ["1267650600228229401496703205376", "400"],
        "u + u": ["right: 10.0", "20 comes out"],
    },
    "05_what_it_costs": {
        "sources-sink": ["from x to the sink: 2", "from y to the sink: 2", "from the sink to both: 3"],
        "n sources, a tail of k": [" 100   10      1000  1000       109       109", "10000 10000       199       199"],
        "B10, inputs and outputs": ["reverse: 10900\nforward: 109", "÷ one evaluation: 3.49"],
        "B10, a thousand inputs": ["numerical 4,000,000, forward 2,003,000, reverse 6,998, evaluation 2,000"],
        "B11, either system": ["10. 70.] True", "[ 70. 105.  35.  35.  35.   7.   1.] True"],
        "B11, either order": ["right to left: [ 70. 105.] 4   left to right: [ 70. 105.] 3"],
        "B12, matrix-chain": ["A(BC): 2,000,000   (AB)C: 1,001,000,000   500.5 times", "90", "64", "(90, 64)"],
    },
    "06_numerical_gradients": {
        "olah": ["a: 1.9999999999997797", "b: 4.999999999992788", "(2.000000, 5.000000), 4 evaluations of e"],
        "B16, 1000 weights": ["central differences  forward passes: 2000", "backprop             forward passes: 1\n"],
        "B16, truncation h and h²": ["0.1   12.6100   12.0100", "0.01   12.0601   12.0001"],
        "B16, the U-curve": ["slope 1.0", "best near h = 3e−8", "slope 2.0", "near h = 9e−6", "complex step falls"],
        "B16, where the errors balance": ["ε = 2.2e-16, √ε = 1.5e-08, cube root 6.1e-06"],
        "B16, h = 1e−4": ["At h = 1e−4 the relative errors are 5e−5 (forward difference), 2e−9 (central difference)"],
        "B16, h too small": ["1e-15 2.000000000000001   11.990408665952", "1e-17               2.0    0.000000000000"],
        "B16, the ways out": ["0.000000000000   12.000000000000\n", "a sweep:                   12.000000000000"],
        "B16, a corner": ["x = 5e-05  central 0.75   sweep 1.00"],
        "B16, a gradient check": ["2 of 5 comparisons agree", "0.75, by differences −0.75, DIFFERS"],
        "C, a difference for AD": ["140.17 comes out", "147.971 comes out"],
        "B17, four strategies": ["26 passes a try or step,    400 of them", "backprop: 0.0004 after 10,400 passes"],
    },
    "07_build_your_own_engine": {
        "the figures of the lectures": ["(34.0, (14.0, 6.0))", "(88.0, (140.0, 24.0))", "(6.0, (2.0, 5.0))"],
        "higher order": ["12.0 = 6x at 2"],
    },
    "08_layers_and_shapes": {
        "two-layer, the graph": ["[−2, −6, 2]", "[1, 0, 1]", "outer x"],
        "two-layer, the formulas": [
            "dJ/dtau -2.0 ", "dJ/da   [-2.0, -6.0, 2.0] ", "dJ/dz   [-2.0, 0.0, 2.0] ",
            "dJ/dW1  [[-2.0, -4.0], [0.0, 0.0], [2.0, 4.0]] ", "dJ/db1  [-2.0, 0.0, 2.0] ",
            "dJ/dW2  [-8.0, 0.0, -4.0] ", "dJ/db2  -2.0 ", "dJ/dx   [-6.0, 2.0] ",
        ],
        "two-layer, rank one": ["[[-2.0, -4.0], [0.0, 0.0], [2.0, 4.0]] rank 1", "6 of the rows: rank 3"],
        "B13, shapes": ["W1    (3, 2)  (3, 2) ", "b1    (3,)    (3,) ", "W2    (3,)    (3,) ", "b2    ()      () "],
        "B13, transposes": ["dJ/dz · xᵀ  (3, 1) @ (1, 2)  (3, 2)", "x · dJ/dzᵀ  (2, 1) @ (1, 3)  (2, 3)"],
        "B13, transpose forgotten": ["@ does not fit: W has shape (3, 2) and bar has shape (3,)"],
        "B13, shapes on the nodes": ["6×3", "4×3", "3×4", "Xᵀ ·"],
        "mean for sum": ["sum / mean [6. 6. 6.]", "0 of 3 comparisons agree"],
        "B14, modules": ["loss: 5 of 5 comparisons agree", "own rule"],
        "deep": [
            "layer 1: W [[4.0, 8.0], [-8.0, -16.0]], b [4.0, -8.0]: agrees",
            "layer 2: W [[12.0, 4.0], [0.0, 0.0]], b [4.0, 0.0]: agrees",
            "layer 3: W [[4.0, 0.0]], b [2.0]: agrees", "x: [-4.0, 12.0] agrees",
        ],
        "deep, memory": ["32 layers: 326 numbers", "stored: 326, multiplications back: 1930", "4, stored:  86"],
    },
}


def text_of(cell):
    """All text that a cell shows, including the texts in its pictures."""
    shown = []
    for output in cell.get("outputs", []):
        shown.append(output.get("text", ""))
        shown += [v for k, v in output.get("data", {}).items() if k == "text/plain"]
        shown += [v for k, v in output.get("data", {}).items() if k == "image/svg+xml"]
        images = re.findall('data:image/svg.xml;base64,([^"]+)', output.get("data", {}).get("text/html", ""))
        shown += [base64.b64decode(image).decode("utf-8") for image in images]
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


def test_players_and_plots_leave_a_picture_with_a_text(pair):
    _, committed, _ = pair
    stills = [
        o.data["text/html"]
        for c in committed.cells
        for o in c.get("outputs", [])
        if "<img" in o.get("data", {}).get("text/html", "")
    ]
    assert any('alt="Computational graph' in s for s in stills)
    assert all(re.search(r'alt="[^"]{40,}"', s) and "data:image/svg+xml;base64" in s for s in stills)
