"""What is asked of local partials: the right answers against differences, the wrong ones apart from them and veiled."""

import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.film.film import Film
from backprop_lab.film.questions import NEAR, chained, questions
from backprop_lab.text.notation import number


def odd(x, y):
    s = x * y - bl.sin(x)
    return (s / y - bl.exp(x)) ** 3 * bl.tanh(s)


def layer(x, W):
    return np.sum(np.tanh(W @ x) / x)


CASES = {name: (lambda name=name: bl.examples[name].trace()) for name in bl.examples if not name.startswith("matrix")}
CASES |= {
    "odd": lambda: bl.trace(odd, 0.3717, 1.9053),
    "twice": lambda: bl.trace(lambda x: x * x / x, 3.0),
    "arrays": lambda: bl.trace(layer, np.array([0.517, -1.213]), np.array([[1.31, 0.71], [0.27, -0.61]])),
}


def asked(graph, ask):
    steps = Film(graph).steps
    return [(step, q) for step, q in zip(steps, questions(steps, ask), strict=True) if q]


def slope(step):
    """The local partial by differences: of the one operation, by the one operand, entry by entry."""
    child, slot = step.edge
    moved = lambda h: child.primitive.function(*(x + h * (k == slot) for k, x in enumerate(child.operands)))  # noqa: E731
    return (moved(1e-6) - moved(-1e-6)) / 2e-6


@pytest.mark.parametrize("case", CASES)
def test_local_partials_are_asked_for_with_their_wrong_turns(case):
    found = asked(CASES[case](), "partials")
    assert found
    for step, q in found:
        assert q["key"] == f"w{step.edge[0].id}_{step.edge[1]}" and step.kind == "contribution"
        assert np.allclose(np.broadcast_to(q["right"], np.shape(slope(step))), slope(step), rtol=1e-5, atol=1e-7)
        answers = [np.asarray(wrong) for wrong, _, _ in q["wrong"]]
        assert len({str(a.tolist()) for a in answers}) == len(answers) >= 2
        for a in answers:
            assert a.shape != np.shape(q["right"]) or not np.allclose(a, q["right"], rtol=NEAR, atol=1e-9)
        assert all(words.endswith((".", "?")) and name for _, name, words in q["wrong"])


def test_the_wrong_turns_of_a_square_a_minus_and_a_product_are_named():
    found = {q["key"]: {wrong: name for wrong, name, _ in q["wrong"]} for _, q in asked(CASES["edelman"](), "partials")}
    square, minus, product = found["w7_0"], found["w6_1"], found["w4_0"]
    assert square[2.0] == "exponent lost" and square[-4.0] == "sign" and square[0.25] == "turned round"
    assert minus[1.0] == "minus lost" and minus[2.0] == "value for partial"
    assert product[6.0] == "factors not swapped"
    quotient = {q["key"]: q["wrong"] for _, q in asked(bl.trace(lambda a, b: a / b, 7.0, 3.0), "partials")}
    assert [1 / 3, "other operand's partial", "0.33333 is the local partial with respect to a."] in quotient["w2_1"]


def test_forward_mode_asks_for_the_partials_by_the_operands_that_move():
    """Each before its tangent; two of one operation one after the other; none by what stands still."""
    graph = bl.trace(lambda x, y: (x * y) * (x + 2.0) - y, 3.0, 5.0)
    film = Film(graph, "forward", "x")
    found = [[q["key"] for q in chained(first)] for first in questions(film.steps, "partials")]
    moved = {}
    for step, keys in zip(film.steps, found, strict=True):
        if step.kind != "value":
            moved[step.node.id] = step.after
        if step.kind != "tangent":
            assert not keys
            continue
        operands = enumerate(step.node.parents)
        assert keys == [f"w{step.node.id}_{k}" for k, p in operands if moved.get(p.id)]
    assert [len(keys) for keys in found if keys] == [1, 1, 2, 1]
    asked = {q["key"]: q for first in questions(film.steps, "partials") for q in chained(first)}
    child = graph["v3"]
    q = asked[f"w{child.id}_0"]
    assert q["right"] == 5.0
    told = {name: words for _, name, words in q["wrong"]}
    assert told["product for partial"] == "25 is what v1 brings to v3, not yet ∂v3/∂v1 alone."
    with pytest.raises(
        bl.ArgumentError, match='predict="partials" is for a sweep of derivatives.*write mode="reverse"'
    ):
        bl.step(graph, mode="value", predict="partials")
    assert bl.step(graph, mode="forward", predict="partials").film["asks"] == questions(
        film.steps, "partials", live=True
    )


def test_a_third_arrival_is_asked_for_as_one_more():
    film = Film(bl.trace(lambda x: x * 2.0 + x * 3.0 + x * 5.0, 1.0))
    sums = [q for step, q in zip(film.steps, questions(film.steps), strict=True) if step.kind == "sum"]
    assert sums[0]["asks"].startswith("Two numbers have reached x: ")
    assert sums[1]["asks"].startswith("At x there is ") and sums[1]["asks"].endswith("What is its adjoint now?")
    assert "averages the arrivals" not in {name for _, name, _ in sums[1]["wrong"]}


@pytest.mark.parametrize("ask", [True, "partials"])
def test_no_hint_says_the_local_partial(ask):
    """What a first wrong number is told does not have the number that the edge keeps."""
    told = 0
    for step, q in asked(CASES["odd"](), ask):
        if step.kind != "contribution":
            continue
        partial = number(step.partials[0])
        if partial in {number(n.value) for n in step.node.graph.nodes}:
            continue  # it stands in a node: exp has its value for a slope
        for wrong, _, words in q["wrong"]:
            if number(wrong) != partial and len(partial) > 3:
                assert not re.search(rf"(?<![\d.−]){re.escape(partial)}(?!\d)", words), words
                told += 1
    assert told > 10
