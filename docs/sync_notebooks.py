"""Keep the notebooks equal to their text twins: run `make notebooks` after you edit a file in notebooks/text.

    python docs/sync_notebooks.py                 run every twin and write notebooks/NAME.ipynb with its outputs
    python docs/sync_notebooks.py 00_start_here   only that one
    python docs/sync_notebooks.py --check         run nothing; say which notebooks differ from their twins
    python docs/sync_notebooks.py --instructor source/ps1 03_reverse_mode    write it with its solutions into a folder
    python docs/sync_notebooks.py --otter-tests tests 03_reverse_mode        write Otter's tests of its exercises

The twin (jupytext's percent format) is what people edit and review; the notebook is what students open. The notebook
is executed and free of what changes from run to run: times, random cell ids, versions, widget state. Each player keeps
its still picture, which every viewer shows.

A cell `# exercise: reverse.1` of a twin becomes that exercise's question, its answer cell with a hole and its check,
and the line `# setup` at the start of a cell becomes a cell before it, which installs the package where it is missing.
Both versions, the student's and the instructor's, come from the one twin; docs/grading.md says what to do with them.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

from backprop_lab.exercises.cells import expand, identify, with_solutions
from backprop_lab.exercises.otter_tests import write_otter_tests

HERE = Path(__file__).parents[1] / "notebooks"
TEXT = HERE / "text"
SETUP_LINE = "# setup"
# The one line that brings the package where it is missing, in a cell of its own: it asks nobody and says nothing where
# the package is installed. What else can be done stands in the text above it.
SETUP = (
    '__import__("importlib.util").util.find_spec("backprop_lab") or '
    'get_ipython().run_cell("%pip install backprop-lab");'
)
SETUP_WORDS = """

*Skip the next cell where the lab is installed. Elsewhere, as in Colab, it asks the package index for it; if the index
does not have it, run `backprop-lab bundle` where the lab is and open the file that it writes, which brings the lab.*"""
WIDGET = "application/vnd.jupyter.widget-view+json"
BAR = re.compile(r"\d%\|.*step/s\]")  # a progress bar's text


def twins() -> list[Path]:
    """The text twins in the order of the course."""
    return sorted(TEXT.glob("*.py"))


def read(twin: Path) -> nbformat.NotebookNode:
    """The student's notebook that a twin describes, not executed, with ids that stay the same."""
    notebook = jupytext.read(twin)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{twin.stem.replace('_', '-')}-{number:02}"[:64]
        cell.metadata.pop("lines_to_next_cell", None)
    _insert_setup(notebook, f"{twin.stem.replace('_', '-')}-setup")
    notebook.metadata = nbformat.NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return nbformat.from_dict(expand(notebook))


def _insert_setup(notebook: nbformat.NotebookNode, id: str) -> None:
    """Put the line that installs the package before the imports, and the words about it into the text above."""
    at = next((k for k, c in enumerate(notebook.cells) if c.source.startswith(SETUP_LINE + "\n")), None)
    if at is None:
        return
    notebook.cells[at].source = notebook.cells[at].source.removeprefix(SETUP_LINE + "\n")
    notebook.cells[at - 1].source += SETUP_WORDS
    cell = nbformat.v4.new_code_cell(SETUP, id=id, metadata={"tags": ["otter_ignore"]})
    notebook.cells.insert(at, cell)


def instructor(twin: Path) -> nbformat.NotebookNode:
    """The same with the solutions in place of the holes."""
    return with_solutions(read(twin))


def exercises(notebook: nbformat.NotebookNode) -> list[str]:
    """The ids of a notebook's exercises, in its order."""
    return [id for id, role in map(identify, notebook.cells) if role == "answer"]


def run(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Execute a notebook in a fresh kernel and in an empty folder, and drop what changes from run to run.

    Raises nbclient's CellExecutionError, which shows the cell, when one fails.
    """
    with tempfile.TemporaryDirectory() as folder:  # a check keeps the best score beside the notebook
        resources = {"metadata": {"path": folder}}
        # coalesced, because a cell that takes longer would print in more pieces on a slower machine
        options = {"timeout": 300, "store_widget_state": False, "coalesce_streams": True}
        NotebookClient(notebook, resources=resources, **options).execute()
    return cleaned(notebook)


def cleaned(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Without widgets, which need a live kernel or stored state; their still pictures stay.

    Without the reports on empty holes, too: nobody should be told of 0 points before the first try. And without
    progress bars, which come where a cell takes long, as on a busy machine.
    """
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if identify(cell)[1] == "check":
            cell.outputs = [output for output in cell.outputs if output.output_type != "execute_result"]
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not BAR.search(str(output))]
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(WIDGET, None)
            if "text/html" in data:  # the same picture again
                data.pop("image/svg+xml", None)
    return notebook


def sources(notebook: nbformat.NotebookNode) -> list[tuple[str, str, nbformat.NotebookNode]]:
    """What a person or a grader wrote into the cells, which is all but the outputs."""
    return [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]


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
    parser.add_argument("--instructor", type=Path, metavar="FOLDER", help="run nothing; write versions with solutions")
    parser.add_argument("--otter-tests", type=Path, metavar="FOLDER", help="run nothing; write Otter's test files")
    options = parser.parse_args(arguments)
    chosen = [twin for twin in twins() if not options.names or twin.stem in options.names]
    unknown = set(options.names) - {twin.stem for twin in twins()}
    if unknown:
        print(f"There is no twin called {', '.join(sorted(unknown))} in {TEXT.name}/.")
        return 2
    if options.check:
        wrong = differing(options.names)
        for name in wrong:
            print(f"{name} differs from its twin; write it anew with: make notebooks")
        return bool(wrong)
    for twin in chosen:
        if options.otter_tests:
            print(f"{len(write_otter_tests(options.otter_tests, exercises(read(twin))))} tests of {twin.stem} written")
        if options.instructor:
            write(instructor(twin), options.instructor / f"{twin.stem}.ipynb")
        if not options.otter_tests and not options.instructor:
            write(run(read(twin)), HERE / f"{twin.stem}.ipynb")
    return 0


def write(notebook: nbformat.NotebookNode, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    print(f"{target.name} written")


if __name__ == "__main__":
    sys.exit(main())
