"""The explanation of a local partial: letters and numbers are worth what the engine says, for every operation."""

import math
import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.graph.slopes import chain, role, rule
from backprop_lab.table.table import primitives
from backprop_lab.text.notation import INLINE, NOTATION

SCALAR = [op for op in primitives.values() if op.elementwise]
# How the letters of a chain are computed: with functions by the names that formulas use for them.
WORTH = {NOTATION.get(name, name): op.function for name, op in primitives.items()} | {"max": max, "min": min}
SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def worth(text, names):
    """What a plain formula is worth."""
    text = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: f"**({m[0].translate(SUPERSCRIPT)})", text)
    return eval(text.replace("−", "-").replace("·", "*").replace("^", "**"), WORTH | names)


def traced(op, seed):
    """An operation on names that no formula has of its own, so that one of its own would be found."""
    rng = np.random.default_rng(seed)
    operands = [rng.uniform(*domain.sample) for domain in op.domain]
    settings = (3,) * len(op.params)
    if op.arity == 1:
        return bl.trace(lambda p: op.function(p, *settings), *operands)
    return bl.trace(lambda p, q: op.function(p, q), *operands)


@pytest.mark.parametrize("op", SCALAR, ids=lambda op: op.name)
def test_letters_and_numbers_of_a_chain_are_worth_its_result(op):
    for seed in range(3):
        (node,) = (n for n in traced(op, seed).nodes if n.primitive is op)
        names = {n.label: n.value for n in node.graph.nodes}
        for slot, parent in enumerate(node.parents):
            start, *steps = re.split(" [=→] ", chain(node, slot))
            assert start.startswith("∂") and start.endswith(f"/∂{parent.label}")
            exact = node.partials[slot]
            assert worth(steps[0], names) == pytest.approx(exact, rel=1e-4, abs=1e-9)  # constants have five digits
            for step in steps[1:]:
                assert worth(step, {}) == pytest.approx(exact, rel=1e-3, abs=1e-5)
            assert worth(steps[-1], {}) == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("op", primitives.values(), ids=lambda op: op.name)
def test_every_operation_has_words(op):
    assert op.rule.endswith(".") if not op.elementwise else len(op.roles) in (1, op.arity)
    assert all(words == words.strip(" .") and words[0].islower() for words in op.roles)


def test_chains_as_they_are_read():
    graph = bl.examples["edelman"].trace()
    said = {(e.child.label, e.parent.label): f"{role(e.child, e.slot)} → {chain(e.child, e.slot)}" for e in graph.edges}
    assert said["v4", "v3"] == "a square → ∂(v3²)/∂v3 = 2 · v3 → 2 · 2 → 4"
    assert said["v3", "x"] == "left of a minus → ∂(x − 1)/∂x → 1"
    assert said["v2", "v1"] == "the other factor → ∂(v1 · y)/∂v1 = y → 5"
    v4 = next(e for e in graph.edges if e.child.label == "v4")
    assert rule(v4.child, v4.slot) == "A square: the local partial is 2 · v3."
    power = bl.trace(lambda x: x**3 + x**-1, 2.0)
    (third, _), (inverse, _) = (n.parents for n in (power.outputs[0], power.outputs[0]))
    assert chain(third, 0) == "∂(x³)/∂x = 3 · x² → 3 · 2² → 12"
    tie = bl.trace(bl.maximum, 2.0, 2.0).nodes[-1]
    assert (
        rule(tie, 0)
        == "A maximum, whose slope is 1 for the larger operand, 0 for the smaller and one half each at a tie."
    )
    assert 'k="w7_0"' in chain(v4.child, 0, INLINE) and 'k="p6"' in chain(v4.child, 0, INLINE)


def test_of_arrays_only_few_numbers_are_plugged_in():
    few = bl.trace(lambda z: np.sum(bl.tanh(z)), np.array([0.0, 1.0])).nodes[-2]
    assert chain(few, 0).startswith("∂tanh(z)/∂z = 1 − v1² → 1 − [0, 0.7616]² → [1, 0.42]")
    many = bl.trace(lambda z: np.sum(bl.tanh(z)), np.zeros((3, 4))).nodes[-2]
    assert chain(many, 0) == "∂tanh(z)/∂z = 1 − v1² → 3×4 numbers"
    assert chain(bl.trace(lambda z: np.sum(z), np.array([0.0, 1.0])).outputs[0], 0) == ""


def test_infinite_slopes_are_said():
    node = bl.trace(lambda p: bl.sqrt(p), 0.0).outputs[0]
    assert chain(node, 0).endswith("→ inf") and math.isinf(node.partials[0])
