"""Paths: their products add up to the derivative, and counting needs no walking."""

import pytest
from support.of_numbers import OF_NUMBERS

import backprop_lab as bl


def ladder(diamonds):
    def f(x):
        for _ in range(diamonds):
            x = bl.sin(x) + bl.cos(x)
        return x

    return f


@pytest.mark.parametrize("name", list(OF_NUMBERS))
def test_products_add_up(name):
    graph = bl.examples[name].trace()
    bars = bl.adjoint_sweep(graph).numbers
    for node in graph.nodes:
        found = list(bl.paths(graph, node))
        assert sum(p.product for p in found) == pytest.approx(bars[node.id])
        assert len(found) == bl.count_paths(graph, node)


def test_olah_has_two_paths_from_b():
    graph = bl.examples["olah"].trace()
    assert [str(p) for p in bl.paths(graph, "b", "e")] == ["b → c → e: 1 · 2 = 2", "b → d → e: 1 · 3 = 3"]


def test_a_square_has_two_paths():
    graph = bl.trace(lambda x: x * x, 3.0)
    assert [(p.slots, p.product) for p in bl.paths(graph, "x")] == [((0,), 3.0), ((1,), 3.0)]


def test_a_node_reaches_itself_by_one_empty_path():
    graph = bl.trace(lambda x: x, 3.0)
    (path,) = bl.paths(graph, "x")
    assert path.product == 1.0 and path.nodes == graph.inputs and bl.count_paths(graph, "x") == 1


def test_no_path():
    graph = bl.examples["edelman"].trace()
    assert list(bl.paths(graph, "x", "y")) == [] and bl.count_paths(graph, "x", "y") == 0
    assert list(bl.paths(graph, "z", "x")) == [] and bl.count_paths(graph, "z", "x") == 0


@pytest.mark.parametrize("diamonds", [1, 2, 10])
def test_a_ladder_doubles_the_paths(diamonds):
    graph = bl.trace(ladder(diamonds), 0.3)
    assert sum(1 for _ in bl.paths(graph, "x")) == bl.count_paths(graph, "x") == 2**diamonds
    assert len(graph.edges) == 4 * diamonds


def test_counts_are_exact_beyond_machine_words():
    assert bl.count_paths(bl.trace(ladder(200), 0.3), "x") == 2**200


def test_a_long_chain_needs_no_recursion():
    def chain(x):
        for _ in range(5000):
            x = x * 1.0001
        return x

    (path,) = bl.paths(bl.trace(chain, 1.0), "x")
    assert len(path.weights) == 5000


def test_paths_come_one_at_a_time():
    walk = bl.paths(bl.trace(ladder(300), 0.3), "x")
    assert len(next(walk).weights) == 600


def test_bad_names_get_a_sentence():
    graph = bl.examples["olah"].trace()
    with pytest.raises(bl.ArgumentError, match=r"no node is called q \(line .*; the names are a, b, c"):
        next(bl.paths(graph, "q"))
    with pytest.raises(bl.ArgumentError, match="another graph"):
        bl.count_paths(graph, bl.examples["strang"].trace().inputs[0])
    with pytest.raises(bl.ArgumentError, match="2 outputs .*; name the one"):
        bl.count_paths(bl.trace(lambda x: (x * 2, x * 3), 1.0), "x")
