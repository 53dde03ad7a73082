"""What a student does in a lesson: the cells in which something is to be typed, chosen or moved."""

import re

from backprop_lab.exercises.cells import identify

ACTS = re.compile(r"\bbl\.guess\(|\bpredict=|\bmystery=|_slider\(|\bbl\.Descent\(|\bMatrixChain\(")


def readers_cells(cells, setup):
    """The cells as a reader meets them: without setup, and of an exercise the answer alone."""
    kept = []
    for cell in cells:
        tags = cell.metadata.get("tags", [])
        if cell.source != setup and "setup" not in tags and identify(cell)[1] not in ("question", "check"):
            kept.append(cell)
    return kept


def acts(cells):
    """For each of these cells, whether there is something to do; in "Your own function" it is the first code cell."""
    found, own = [], False
    for cell in cells:
        if cell.cell_type == "markdown":
            own = "## Your own function" in cell.source
        here = cell.cell_type == "code" and (own or identify(cell)[1] == "answer" or bool(ACTS.search(cell.source)))
        own = own and cell.cell_type == "markdown"
        found.append(here)
    return found


def longest_wait(cells):
    """The most cells in a row without anything to do, before the last thing that there is."""
    runs, run = [0], 0
    for act in acts(cells):
        if act:
            runs.append(run)
        run = 0 if act else run + 1
    return max(runs)
