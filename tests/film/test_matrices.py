"""The matrices of a run against NumPy: factors, their product, the triangular system, and what the product costs."""

import json

import numpy as np
import pytest
from hypothesis import given
from support.graphs import GRAPHS
from support.of_numbers import OF_NUMBERS
from support.strategies import examples, programs

import backprop_lab as bl
from backprop_lab.film.film import Film
from backprop_lab.film.matrices import local_partials, matrices, multiplications
from backprop_lab.text.notation import number


def dense(graph):
    L = np.zeros((len(graph), len(graph)))
    for (i, j), p in local_partials(graph).items():
        L[i, j] = p
    return L


def sent(film):
    """What a film has for the view, without its picture."""
    return matrices(film.graph, film.steps, film.second)


def factors(film):
    """The factors in the order in which the film's derivative steps take their turns."""
    L, one = dense(film.graph), np.eye(len(film.graph))
    turns = zip(sent(film)["turns"][1:], film.steps, strict=True)
    return {t: one + np.outer(one[t], L[t]) for t, step in turns if step.kind != "value" and t >= 0}


def random_graph(program):
    return bl.trace(lambda *xs: program.run(*xs), *program.inputs)


def check_system(graph):
    """Both sweeps solve their triangular system, and L is below the diagonal."""
    L, one = dense(graph), np.eye(len(graph))
    assert np.array_equal(np.tril(L, -1), L)
    bars = [0.0 if bar is None else bar for bar in bl.adjoint_sweep(graph).numbers]
    solved = np.linalg.solve((one - L).T, one[graph.output_ids[0]])
    assert np.allclose(solved, bars, rtol=1e-8, atol=1e-8)
    for k, name in enumerate(graph.input_names):
        dots = bl.tangent_sweep(graph, **{name: 1.0}).numbers
        assert np.allclose(np.linalg.solve(one - L, one[k]), dots, rtol=1e-8, atol=1e-8)


def check_product(graph):
    """Both orders give the Jacobian; and the row or column after each turn is what the picture shows then."""
    n, one = len(graph), np.eye(len(graph))
    film = Film(graph, "reverse")
    row = one[graph.output_ids[0]]
    turns = sent(film)["turns"]
    found = factors(film)
    for k, step in enumerate(film.steps, 1):
        if step.kind == "value" or k < len(film.steps) and turns[k + 1] == turns[k]:
            continue
        row = row @ found[turns[k]] if turns[k] >= 0 else row
        shown = np.zeros(n)
        for done in film.steps[:k]:
            if done.kind != "value":
                shown[done.node.id] = done.after
        assert np.allclose(row, shown, rtol=1e-8, atol=1e-8)
    inputs = len(graph.input_names)
    gradient = [bl.adjoint_sweep(graph).result[name] for name in graph.input_names]
    assert np.allclose(row[:inputs], gradient, rtol=1e-8, atol=1e-8)
    for k, name in enumerate(graph.input_names):
        forward = factors(Film(graph, "forward", name))
        column = one[k]
        for factor in forward.values():
            column = factor @ column
        assert np.allclose(column[graph.output_ids[0]], gradient[k], rtol=1e-8, atol=1e-8)
        product = one
        for factor in forward.values():
            product = factor @ product
        assert np.allclose(product, np.linalg.inv(one - dense(graph)), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_the_worked_examples(name):
    graph = bl.examples[name].trace()
    check_system(graph)
    check_product(graph)


@pytest.mark.parametrize("name", [name for name in GRAPHS if GRAPHS[name]().inputs])
def test_small_graphs(name):
    check_system(GRAPHS[name]())
    if len(GRAPHS[name]()) > 1:
        check_product(GRAPHS[name]())


@examples(20)
@given(programs())
def test_random_programs(program):
    graph = random_graph(program)
    check_system(graph)
    check_product(graph)


# ---- what the product costs


def times(A, B):
    """The products of two matrices, and the multiplications that are none by 0, 1 or −1: lesson 5, but for −1."""
    real = [((M != 0) & (abs(M) != 1)).astype(int) for M in (A, B)]
    return A @ B, int((real[0] @ real[1]).sum())


def counted(graph):
    """Both counts by multiplying the matrices of what moves, one after another."""
    moving = [n.id for n in graph.nodes if graph.varies[n.id]]
    L = dense(graph)[np.ix_(moving, moving)]
    one, inputs = np.eye(len(L)), len(graph.input_names)
    steps = [one + np.outer(one[i], L[i]) for i in range(inputs, len(L))]
    columns, row, costs = one[:, :inputs], one[[moving.index(graph.output_ids[0])]], np.zeros(2, dtype=int)
    for k in range(len(steps)):
        columns, right = times(steps[k], columns)
        row, left = times(row, steps[-1 - k])
        costs += right, left
    return tuple(costs)


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_multiplications_are_those_of_the_matrices(name):
    """At inputs where no number is 0 or 1 by accident."""
    example = bl.examples[name]
    graph = example.trace(**{key: x * 1.2345 + 0.1 * k for k, (key, x) in enumerate(example.inputs.items())})
    assert multiplications(graph) == counted(graph)


def test_multiplications_of_the_lesson():
    assert multiplications(bl.examples["sources-sink"].trace()) == (4, 3)
    for n, k in ((2, 2), (3, 5), (10, 10), (30, 3)):
        assert multiplications(bl.examples.sources_sink(n, k).trace()) == (n * k, k - 1 + n)


@examples(30)
@given(programs())
def test_multiplications_are_never_fewer_than_numbers_need(program):
    """A number that happens to be 0 or 1 spares a product of matrices; the count is the same for all inputs."""
    graph = random_graph(program)
    right, left = multiplications(graph)
    assert counted(graph)[0] <= right and counted(graph)[1] <= left


def test_several_outputs_have_a_row_each():
    graph = bl.trace(lambda x: (bl.sin(x) * 3, bl.cos(x) * 5), 0.7)
    assert multiplications(graph) == (2, 2)
    assert Film(graph, "value").data()["matrices"]["products"] == {"right": 2, "columns": 1, "left": 2, "rows": 2}


# ---- what is sent


def test_an_operand_taken_twice_is_one_entry():
    graph = bl.trace(lambda x: (x + x) * x, 3.0)
    assert local_partials(graph) == {(1, 0): 2.0, (2, 1): 3.0, (2, 0): 6.0}
    assert Film(graph).data()["matrices"]["twice"] == {"1_0": "2"}


@pytest.mark.parametrize("mode", ["value", "forward", "reverse", "sweeps"])
def test_whose_turn_it_is(mode):
    film = Film(bl.examples["strang"].trace(), mode)
    data = sent(film)
    assert len(data["turns"]) == len(film) + 1
    for turn, step in zip(data["turns"][1:], film.steps, strict=True):
        if step.kind == "seed":
            assert turn == -1
        elif step.edge is not None:
            assert turn == step.edge[0].id
        else:
            assert turn == step.node.id
    names = [film.graph.nodes[id].label for id in data["still"]]
    assert names == ["3"] and data["marks"][0] == ("x\u0304" if mode in ("reverse", "value") else "x\u0307")


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("mode", ["value", "forward", "reverse"])
def test_every_film_has_matrices_in_json(name, mode):
    graph = GRAPHS[name]()
    if mode == "forward" and not graph.inputs:
        return
    data = sent(Film(graph, mode))
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    for key, text in data["twice"].items():
        child, parent = map(int, key.split("_"))
        assert text == number(dense(graph)[child, parent])


def test_arrays_complex_numbers_and_own_rules_get_a_sentence():
    two_layer = bl.examples["two-layer"].trace()
    said = matrices(two_layer, [], "adjoint")["why"]
    size = sum(np.size(n.value) for n in two_layer.nodes)
    assert said.startswith("x, W1, b1, W2 and 3 more are whole arrays") and f": {size} of them here" in said
    one = bl.trace(lambda x: np.sum(x), np.array([1.0, 2.0]))
    assert matrices(one, [], None)["why"].startswith("x is a whole array, and each number in an array is a row")
    z = bl.trace(lambda z: z * z, 1 + 2j)
    assert matrices(z, [], None)["why"] == "z is a complex number, and these matrices are for real ones."
    own = bl.custom(lambda x: x**2, jvp=lambda primals, tangents: (primals[0] ** 2, 2 * primals[0] * tangents[0]))
    graph = bl.trace(lambda x: own(x) + 1, 3.0)
    assert "has a rule of its own, which is not written as local partials" in matrices(graph, [], None)["why"]


def test_what_is_sent_stays_small():
    assert len(json.dumps(sent(Film(bl.examples.ladder(75).trace())))) < 6_000


def test_counting_a_wide_graph_is_quick():
    """A drawing's worth of nodes with half as many inputs: steps grow with inputs times edges, and no faster."""
    graph = bl.examples.sources_sink(90, 20).trace()
    assert multiplications(graph) == (1800, 109)
