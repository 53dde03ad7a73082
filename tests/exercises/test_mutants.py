"""Small changes of the model solutions do not pass: a sample; benchmarks/bench_mutants.py tries all of them."""

import random
import sys

import pytest
from support.places import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

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


@pytest.mark.parametrize("exercise", CODE, ids=[e.id for e in CODE])
def test_a_small_change_of_the_solution_does_not_pass(exercise):
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


@pytest.mark.parametrize("name", CHEATS)
def test_only_one_way_back_passes_as_a_sweep(name):
    exercise = bl.exercises["03.reverse.4"]
    for seed in ("", "Ada"):
        report = exercise.check(exercise.built(RUN + CHEATS[name].lstrip("\n")), seed)
        assert not report.passed and report.wrong_turn in ("takes too long", "nearly"), str(report)
