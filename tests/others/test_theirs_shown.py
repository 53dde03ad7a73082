"""The player of a graph that their code made: their gradients in table and words, a sign where they differ."""

import pytest
from support.engines import ENGINE, made

import backprop_lab as bl

WRONG = ENGINE.replace("(1 - out.data**2)", "(1 - out.data)")


@pytest.fixture(scope="module")
def graph():
    return bl.from_values(made(WRONG))


def test_theirs_stand_beside_ours(graph):
    film = bl.step(graph).film
    texts = {graph.names[int(id)]: shown for id, shown in film["theirs"].items()}
    assert len(texts) == len(graph) and texts["c"] == ["−1.8096", False] and texts["b"] == ["−1.0322", True]
    assert {name for name, (_, differs) in texts.items() if differs} == {"x", "y", "w", "a", "b"}


def test_a_step_says_what_theirs_is(graph):
    player = bl.step(graph)
    done = {s.node.name: s.sentence for s in player.steps if s.kind in ("seed", "contribution", "sum")}
    assert done["c"].endswith("Theirs is the same.") and done["b"].endswith("Theirs is −1.0322: it differs.")
    said = [s for s in player.steps if "Theirs is" in s.sentence]
    assert sorted(s.node.id for s in said) == sorted(n.id for n in graph.nodes)  # once each, when it is complete
    assert all("Theirs" not in s.sentence for s in player.steps if s.kind == "value")


def test_signs_at_wrong_nodes_and_another_at_the_first(graph):
    svg = bl.step(graph).svg()
    assert svg.count('"bl-mark bl-mark-theirs"') == 4 and svg.count('"bl-mark bl-mark-first"') == 1
    assert "<title>the first wrong one in the sweep: their gradient of b is −1.0322, ours −1.4125</title>" in svg


def test_no_gradient_is_given_away_or_shown_where_it_does_not_belong(graph):
    for options in ({"predict": True}, {"mode": "value"}, {"seed": 2.0}, {"output": "c"}, {"x": 2.0}):
        assert "theirs" not in bl.step(graph, **options).film, options
    assert "theirs" in bl.step(graph, mode="both").film
    assert "theirs" not in bl.step(graph, mystery="Friday").film
    assert bl.step(graph).film["still"].startswith("the gradients beside ours")
