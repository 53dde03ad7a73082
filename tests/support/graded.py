"""Notebooks that hold answers of our own, and a process that grades them; for the tests of the grader."""

import json
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool

import backprop_lab as bl
from backprop_lab.exercises.cells import answer_source
from backprop_lab.exercises.code import Written
from backprop_lab.grading.grader import Task, grade

SEED = "ada"
SETUP = "import math\n\nimport numpy as np\n\nimport backprop_lab as bl"


def answer(id, wrong=None, seed=SEED):
    """The text of an answer cell: the model answer, or that of a wrong turn."""
    exercise = bl.exercises[id]
    if isinstance(exercise, Written):
        text = answer_source(id, solved=True) if wrong is None else exercise.wrong_text(wrong)
    else:
        found = exercise.model_answer(seed) if wrong is None else exercise.wrong_answers(seed)[wrong]
        text = f"from numpy import array\n{exercise.variable} = {found!r}"
    return text if text.startswith("# exercise") else f"# exercise: {id}\n{text}"


def notebook(cells):
    """A notebook with these code cells after the setup, as bytes."""
    made = [
        {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
        for text in (SETUP, f"bl.seed({SEED!r})", *cells)
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def graded(started, cells, ids, student="ada", secret=b"a secret of the tests", **more):
    """The record of a notebook with these cells."""
    return grade(Task(student, f"{student}.ipynb", notebook(cells), secret, tuple(ids)), started, **more).record


class Here(Executor):
    """An executor that works at once, in this process; it may break in the middle."""

    def __init__(self, breaks=0):
        self.breaks, self.count = breaks, 0

    def submit(self, function, /, *args, **kwargs):
        future = Future()
        self.count += 1
        if self.count == self.breaks:
            future.set_exception(BrokenProcessPool("a worker has died"))
        else:
            future.set_result(function(*args, **kwargs))
        return future
