"""The sentence of a rule stands beside the student's own names, so it has no letters that could be theirs."""

import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.graph.array_rules import rule_formula
from backprop_lab.table.table import primitives

SAID = {
    name: " ".join(filter(None, [*(f"{words}." for words in op.roles), op.rule])) for name, op in primitives.items()
}
LETTER = re.compile(r"(?<![\w'’])(?!A\b|a\b)[^\W\d_](?![\w'’])|[ᵀ‖⁻−⊙Σ]|\bd[a-z]\b")


@pytest.mark.parametrize("name", SAID)
def test_a_rule_has_no_letters_of_its_own(name):
    assert not LETTER.findall(SAID[name]), SAID[name]
    assert SAID[name].endswith(".") and "  " not in SAID[name]


def test_the_search_would_find_such_letters():
    for text in ("gets -y times that.", "times p.", "1/n of its adjoint", "−y dx y", "the unit vector x / ‖x‖"):
        assert LETTER.search(text), text


def test_a_quotient_beside_a_y_that_is_its_denominator():
    step = next(s for s in bl.adjoint_sweep(bl.trace(lambda x, y: x / y, 3.0, 5.0)) if s.node.name == "y")
    words = "A quotient sends the numerator its adjoint divided by the denominator; "
    assert step.sentence.startswith(words) and step.after == pytest.approx(-3 / 25)


def test_labels_on_edges_have_the_names_of_this_step():
    from backprop_lab.graph.slopes import partial_label

    graph = bl.trace(lambda scores: bl.softmax(scores)[0], [0.1, 0.2])
    labels = [partial_label(e.child, e.slot) for e in graph.edges]
    assert not any(re.search(r"(?<!\w)y(?!\w)", label) for label in labels), labels


def test_what_does_not_move_may_have_operands_that_do():
    """Shares that cancel, and a partial of 0, also bring 0."""
    said = {s.node.label: s.sentence for s in bl.tangent_sweep(bl.trace(lambda x: (x - x) + bl.relu(-x), 2.0), x=1.0)}
    assert said["v1"] == "v1 does not move. Each operand's rate times its local partial, added up, is 0."
    assert said["v3"] == "v3 does not move. The operand's rate times the local partial is 0."


def test_arrays_of_which_only_the_shape_is_told():
    """No number agrees with "2×3 numbers", and no function that only the table has is named."""
    graph = bl.trace(lambda W: np.sum(np.maximum(W, 0.5) + bl.softmax(W) * 2), np.arange(12.0).reshape(3, 4) - 5)
    forward, reverse = bl.tangent_sweep(graph, W=np.ones((3, 4))), bl.adjoint_sweep(graph)
    said = [step.sentence for step in (*forward, *reverse)]
    assert "W is the input we move: each of its entries changes at rate 1." in said
    assert any(
        text.startswith("Pushed through this operation, the operand's tangent becomes that of v") for text in said
    )
    assert any(re.search(r"now 3×4 numbers arrive from v\d\. Next: their sum\.$", text) for text in said)
    assert any(text.startswith("Arrivals at a shared node add up, entry by entry. Everything") for text in said)
    rules = " ".join(map(rule_of, graph.edges))
    assert not re.search(r"rate 3×4|numbers arrives|wins|, 1\)", " ".join([*said, rules]))
    assert "keepdims=True" in rules


def rule_of(edge):
    return rule_formula(edge.child, edge.slot)


@pytest.mark.filterwarnings("ignore")
def test_settings_that_are_texts_stand_in_quotation_marks():
    graph = bl.trace(lambda a, b: np.sum(np.einsum("ij,jk->ik", a, b)), np.ones((2, 2)), np.ones((2, 2)))
    assert graph["v1"].formula == 'einsum(a, b, "ij,jk->ik")'
