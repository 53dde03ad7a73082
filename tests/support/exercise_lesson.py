"""A lesson with all exercises, and copies of it as students hand them in; for the tests of cells and graders."""

import runpy
from pathlib import Path

import numpy as np

import backprop_lab as bl
from backprop_lab.exercises.cells import answer_source, fill_answers, identify
from backprop_lab.exercises.choose import Choose
from backprop_lab.exercises.code import Written
from support.circles import chosen
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
# The exercises of each kind take turns: broken, half right, left empty.
TURNS: dict[str, int] = {}
for _id, _exercise in bl.exercises.items():
    TURNS[_id] = sum(type(bl.exercises[other]) is type(_exercise) for other in TURNS) % 3
# Cells that no grader should stumble over: they are no Python, although an earlier cell may have given the name already
# (a class that grows); the last function never returns.
BROKEN = {id: "def (:" for id, turn in TURNS.items() if turn == 0}
LAST = [e for e in bl.exercises.values() if isinstance(e, Written)][-1]
BROKEN[LAST.id] = f"def {LAST.variable}(*args):\n    while True:\n        pass"


# Of each kind one that is broken, one half right, one left empty; and the one that never returns.
SOME = [IDS[k] for k in sorted(chosen([[(type(bl.exercises[id]), TURNS[id]), id == LAST.id] for id in IDS]))]


def twin(folder, ids=IDS):
    """A text twin with these exercises, each after a cell of words."""
    setup = SETUP
    lesson = f'# %% [markdown]\n# # All exercises\n\n# %% tags=["setup"]\n{setup}\n'
    lesson += '# %% tags=["demo"]\nbl.trace(lambda x: x * x, x=3)\n\n'
    for id in ids:
        lesson += f"# %% [markdown]\n# And now:\n\n# %%\n# exercise: {id}\n\n"
    path = Path(folder) / "all_exercises.py"
    path.write_text(lesson, encoding="utf-8")
    return path


def half_right(exercise, solved):
    """Half of the numbers; of the others the solution, or a wrong turn."""
    if isinstance(exercise, Choose):
        wrong = f"{exercise.variable} = {next(iter(exercise.wrong_answers('').values()))!r}"
        return answer_source(exercise, solved=True) if solved else wrong
    if not isinstance(exercise, Written):
        right = {name: np.asarray(x).tolist() for name, x in exercise.model_answer("").items()}  # as one types it
        keep = list(right)[: len(right) // 2]
        return f"{exercise.variable} = { ({n: x if n in keep else 12345 for n, x in right.items()}) }"
    whole = exercise.before + answer_source(exercise, solved=True)  # the cells before may hold anything
    return whole if solved else exercise.wrong_text(next(iter(exercise.wrong)))


def mixed(ids=IDS):
    """Broken cells and half right ones, by id; the others are left as they are."""
    half = [id for id in ids if TURNS[id] == 1 and id not in BROKEN]
    return {id: BROKEN[id] for id in ids if id in BROKEN} | {
        id: half_right(bl.exercises[id], solved=k % 2 == 1) for k, id in enumerate(half)
    }


def copies(released, ids=IDS):
    """What students hand in, by student: the released notebook with answers."""
    noisy = {id: answer_source(id, solved=True) + NOISE.format(bl.exercises[id].variable) for id in ids}
    right = fill_answers(released, noisy)
    for cell in right.cells:  # and with numbers of their own
        if identify(cell)[1] == "setup":
            cell.source += '\nbl.seed("Ada")'
    return {
        "right": right,
        "mixed": fill_answers(released, mixed(ids)),
        "begun": fill_answers(released, {id: half_right(bl.exercises[id], solved=True) for id in ids[::2]}),
    }


def points(notebook):
    """By exercise, what the reports of an executed notebook say; 0 where a check cell shows none."""
    found = {}
    for cell in notebook.cells:
        id, role = identify(cell)
        if role == "check":
            results = [o.data["text/plain"] for o in cell.outputs if o.output_type == "execute_result"]
            found[id] = float(results[0]) if results else 0.0
    return found
