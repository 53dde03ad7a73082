"""A lesson with all exercises, and copies of it as students hand them in; for the tests of cells and graders."""

import json
import runpy
from copy import deepcopy
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient

import backprop_lab as bl
from backprop_lab.exercises.cells import answer_source, fill_answers, identify
from backprop_lab.exercises.code import Written
from support.places import ROOT

SYNC = runpy.run_path(str(ROOT / "docs/sync_notebooks.py"))
IDS = list(bl.exercises)
SETUP = "import math\n\nimport numpy as np\n\nimport backprop_lab as bl\n"
NOISE = """
import sys, warnings
def noisy(f):
    def g(*args):
        warnings.warn("careful")
        print("hello")
        print("beware", file=sys.stderr)
        return f(*args)
    return g if not isinstance(f, type) else f
{0} = noisy({0}) if callable({0}) else {0}
"""
# Cells that no grader should stumble over: every second one is no Python, although an earlier cell may have given the
# name already (a class that grows); the last function never returns.
BROKEN = dict.fromkeys(IDS[::2], "def (:")
LAST = [e for e in bl.exercises.values() if isinstance(e, Written)][-1]
BROKEN[LAST.id] = f"def {LAST.variable}(*args):\n    while True:\n        pass"


def twin(folder):
    """A text twin with every exercise, each after a cell of words."""
    setup = SETUP
    lesson = f'# %% [markdown]\n# # All exercises\n\n# %% tags=["setup"]\n{setup}\n'
    lesson += '# %% tags=["demo"]\nbl.trace(lambda x: x * x, x=3)\n\n'
    for id in IDS:
        lesson += f"# %% [markdown]\n# And now:\n\n# %%\n# exercise: {id}\n\n"
    path = Path(folder) / "all_exercises.py"
    path.write_text(lesson, encoding="utf-8")
    return path


def half_right(k, exercise):
    """Half of the numbers; of the rest, every second exercise."""
    if not isinstance(exercise, Written):
        right = {name: np.asarray(x).tolist() for name, x in exercise.model_answer("").items()}  # as one types it
        keep = exercise.ask[: len(exercise.ask) // 2]
        return f"{exercise.variable} = { ({n: x if n in keep else 12345 for n, x in right.items()}) }"
    return answer_source(exercise, solved=True) if k % 2 else exercise.wrong_text(next(iter(exercise.wrong)))


def copies(released):
    """What students hand in, by student: the released notebook with answers."""
    solved = {id: answer_source(id, solved=True) for id in IDS}
    noisy = fill_answers(released, {id: solved[id] + NOISE.format(bl.exercises[id].variable) for id in IDS})
    for cell in noisy.cells:  # and with numbers of their own
        if identify(cell)[1] == "setup":
            cell.source += '\nbl.seed("Ada")'
    return {
        "good": fill_answers(released, solved),
        "half": fill_answers(released, {id: half_right(k, e) for k, (id, e) in enumerate(bl.exercises.items())}),
        "empty": fill_answers(released, {}),
        "noisy": noisy,
        "broken": fill_answers(released, {id: BROKEN.get(id, solved[id]) for id in IDS}),
    }


RAN: dict[str, list] = {}  # what kernels answered to cells, so that no notebook runs twice in a process


def executed(notebook, folder):
    """A copy, run to its end whatever its cells raise; one with the same cells may have been run before."""
    notebook = nbformat.from_dict(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    key = json.dumps([(cell.get("id"), cell.source) for cell in code])
    if key not in RAN:
        resources = {"metadata": {"path": str(folder)}}
        options = {"timeout": 1200, "allow_errors": True, "store_widget_state": False}
        NotebookClient(notebook, resources=resources, **options).execute()
        RAN[key] = [(cell.outputs, cell.execution_count) for cell in code]
    for cell, (outputs, count) in zip(code, deepcopy(RAN[key]), strict=True):
        cell.outputs, cell.execution_count = outputs, count
    return notebook


def points(notebook):
    """By exercise, what the reports of an executed notebook say; 0 where a check cell shows none."""
    found = {}
    for cell in notebook.cells:
        id, role = identify(cell)
        if role == "check":
            results = [o.data["text/plain"] for o in cell.outputs if o.output_type == "execute_result"]
            found[id] = float(results[0]) if results else 0.0
    return found
