"""Keep the notebooks equal to their text twins: run `make notebooks` after you edit a file in notebooks/text.

    python docs/sync_notebooks.py                 run every twin and write notebooks/NAME.ipynb with its outputs
    python docs/sync_notebooks.py 00_start_here   only that one
    python docs/sync_notebooks.py --check         run nothing; say which notebooks differ from their twins

The twin (jupytext's percent format) is what people edit and review; the notebook is what students open. The notebook
is executed and free of what changes from run to run: times, random cell ids, versions, widget state. Each player keeps
its still picture, which every viewer shows.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parents[1] / "notebooks"
TEXT = HERE / "text"
WIDGET = "application/vnd.jupyter.widget-view+json"


def twins() -> list[Path]:
    """The text twins in the order of the course."""
    return sorted(TEXT.glob("*.py"))


def read(twin: Path) -> nbformat.NotebookNode:
    """The notebook that a twin describes, not executed, with ids that stay the same."""
    notebook = jupytext.read(twin)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{twin.stem.replace('_', '-')}-{number:02}"[:64]
        cell.metadata.pop("lines_to_next_cell", None)
    notebook.metadata = nbformat.NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def run(notebook: nbformat.NotebookNode, folder: Path = HERE) -> nbformat.NotebookNode:
    """Execute a notebook in a fresh kernel and drop what changes from run to run.

    Raises nbclient's CellExecutionError, which shows the cell, when one fails.
    """
    client = NotebookClient(notebook, timeout=300, store_widget_state=False, resources={"metadata": {"path": folder}})
    client.execute()
    return cleaned(notebook)


def cleaned(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Without widgets, which need a live kernel or stored state; their still pictures stay."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(WIDGET, None)
            if "text/html" in data:  # the same picture again
                data.pop("image/svg+xml", None)
    return notebook


def sources(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def differing(names: list[str]) -> list[str]:
    """The notebooks whose cells are not those of their twin."""
    wrong = []
    for twin in twins():
        target = HERE / f"{twin.stem}.ipynb"
        if names and twin.stem not in names:
            continue
        if not target.exists() or sources(nbformat.read(target, 4)) != sources(read(twin)):
            wrong.append(target.name)
    known = {twin.stem for twin in twins()}
    return wrong + [p.name for p in sorted(HERE.glob("*.ipynb")) if p.stem not in known]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Keep the notebooks equal to their text twins.")
    parser.add_argument("names", nargs="*", help="notebooks without ending; all if none is given")
    parser.add_argument("--check", action="store_true", help="run nothing; say what differs")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - {twin.stem for twin in twins()}
    if unknown:
        print(f"There is no twin called {', '.join(sorted(unknown))} in {TEXT.name}/.")
        return 2
    if options.check:
        wrong = differing(options.names)
        for name in wrong:
            print(f"{name} differs from its twin; write it anew with: make notebooks")
        return bool(wrong)
    for twin in twins():
        if not options.names or twin.stem in options.names:
            notebook = run(read(twin))
            (HERE / f"{twin.stem}.ipynb").write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
            print(f"{twin.stem}.ipynb written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
