"""Small changes of the model solutions do not pass: a sample; benchmarks/bench_mutants.py tries all of them."""

import random
import re
import sys
from dataclasses import replace

import numpy as np
import pytest
from support.circles import a_cover
from support.places import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import bench_mutants
from bench_mutants import reason, survivors
from mutants import mutants

import backprop_lab as bl
from backprop_lab.exercises.code import Code

SAMPLE = 25
CODE = [e for e in bl.exercises.values() if isinstance(e, Code)]


def test_the_changes_are_changes():
    found = {mutant.what for mutant in mutants("def f(a, b):\n    return a - b\n")}
    assert "operands exchanged: return a - b  →  return b - a" in found
    assert "variable: return a - b  →  return a - a" in found and "operator: return a - b  →  return a + b" in found
    text = "def f(bars, i, j, a, b):\n    bars[i] += a\n    bars[j] += b\n"
    found = {mutant.kind for mutant in mutants(text)}
    assert {"overwrites", "two writes at once", "one write where places are equal", "statement left out"} <= found


def kinds_of_changes(exercise):
    """What a solution has that can be changed."""
    return re.findall(r"\b(?:for|while|if|class|return|yield|range|and|or|not)\b|[-+*/]=?|\[|<", exercise.solution())


@a_cover("exercise", {e.id: e for e in CODE}, kinds_of_changes)
def test_a_small_change_of_the_solution_does_not_pass(exercise, monkeypatch):
    monkeypatch.setattr(bench_mutants, "SECONDS", 0.2)  # a solution takes less, and many changes never end

    def some(every):
        return random.Random(exercise.id).sample(every, min(SAMPLE, len(every)))

    for mutant, _ in survivors(exercise, [""], some):
        assert reason(exercise, mutant), mutant.what


CHEATS = {  # of the tape exercise: right numbers, and not by one way back
    "all paths": """
    bars, todo = [0.0] * len(inputs), [(len(values) - 1, 1.0)]
    while todo:
        k, bar = todo.pop()
        if k < len(inputs):
            bars[k] += bar
            continue
        op, i, j = lines[k - len(inputs)]
        todo.append((i, bar * values[j] if op == "*" else bar))
        todo.append((j, bar * values[i] if op == "*" else bar if op == "+" else -bar))
    return bars
""",
    "a forward sweep for each input": """
    found = []
    for n in range(len(inputs)):
        dots = [float(k == n) for k in range(len(inputs))]
        for op, i, j in lines:
            a, b = dots[i], dots[j]
            dots.append(a + b if op == "+" else a - b if op == "-" else a * values[j] + values[i] * b)
        found.append(dots[-1])
    return found
""",
    "central differences": """
    found, h = [], 1e-5
    for n in range(len(inputs)):
        ends = []
        for move in (h, -h):
            ends.append(run([x + move * (k == n) for k, x in enumerate(inputs)], lines)[-1])
        found.append((ends[0] - ends[1]) / (2 * h))
    return found
""",
}
RUN = """
def run(inputs, lines):
    values = list(inputs)
    for op, i, j in lines:
        a, b = values[i], values[j]
        values.append(a + b if op == "+" else a - b if op == "-" else a * b)
    return values

def backward(inputs, lines):
    values = run(inputs, lines)
"""


CHEATS["one sweep forward with all directions at once"] = """
    dots = list(np.eye(len(inputs)))
    for op, i, j in lines:
        a, b = dots[i], dots[j]
        dots.append(a + b if op == "+" else a - b if op == "-" else a * values[j] + values[i] * b)
    return dots[-1].tolist()
"""


@pytest.mark.parametrize("name", CHEATS)
@pytest.mark.filterwarnings("ignore:(overflow|invalid value):RuntimeWarning")
def test_only_one_way_back_passes_as_a_sweep(name):
    exercise = bl.exercises["reverse.4"]
    if "at once" in name:  # told by what comes out: on the long tape it is fast, and takes 400 MB
        exercise = replace(exercise, parts=exercise.parts[:2])
    for seed in ("", "Ada"):
        report = exercise.check(exercise.built(RUN + CHEATS[name].lstrip("\n")), seed)
        assert not report.passed and report.wrong_turn in ("takes too long", "nearly"), str(report)


def loss(Ws, bs, x, y):
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        x = np.maximum(W @ x + b, 0.0)
    return np.sum((y - (Ws[-1] @ x + bs[-1])) ** 2) / 2


def by_differences(Ws, bs, x, y, h, ahead, behind):
    """What backpropagation over layers is for, without it: two losses for each number."""
    found = []
    for arrays in (Ws, bs):
        found.append([])
        for array in arrays:
            slopes = np.zeros(array.shape)
            for k in np.ndindex(array.shape):
                held, ends = array[k], []
                for move in (ahead * h, behind * h):
                    array[k] = held + move
                    ends.append(loss(Ws, bs, x, y))
                array[k] = held
                slopes[k] = (ends[0] - ends[1]) / ((ahead - behind) * h)
            found[-1].append(slopes)
    return found


@pytest.mark.parametrize("h", [1e-6, 2.0**-12])
def test_differences_do_not_pass_as_the_recursion_over_layers(h):
    """Nor with a step at which nothing rounds, although a central difference of a square is exact."""
    exercise = bl.exercises["modules.3"]
    for sides in ((1, -1), (1, 0), (0, -1)):
        for seed in ("", "Ada"):
            report = exercise.check(lambda *net, sides=sides: by_differences(*net, h, *sides), seed)
            assert report.score < 0.67 and not report.items[1].right, (sides, str(report))
            assert h != 1e-6 or report.wrong_turn == "nearly"
