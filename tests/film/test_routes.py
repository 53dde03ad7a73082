"""What the page gets to follow paths, and what stands open beside the graph."""

import json

import pytest
from hypothesis import given
from support.graphs import GRAPHS
from support.of_numbers import OF_NUMBERS
from support.strategies import examples, programs

import backprop_lab as bl
from backprop_lab.film.film import Film
from backprop_lab.film.routes import exact, routes
from backprop_lab.widgets.page import VIEWS


def sent(film):
    """What a film has for the view, without its picture."""
    return {"edges": [film._edge(e) for e in film.graph.edges], "routes": routes(film.graph, film.sweep, film.seed)}


def products(data, graph, source):
    """The products of all paths, multiplied from what is sent."""
    partials = {edge["id"]: edge["partial"] for edge in data["edges"]}
    found = []
    for path in bl.paths(graph, graph.nodes[source], graph.nodes[data["routes"]["to"]]):
        product = 1.0
        for child, slot in path.edges:
            product *= partials[f"e{child.id}_{slot}"]
        found.append(product)
    return found


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_what_is_sent_adds_up_to_the_adjoints(name):
    graph = bl.examples[name].trace()
    data = sent(Film(graph))
    for node in graph.nodes:
        assert sum(products(data, graph, node.id)) == pytest.approx(data["routes"]["whole"][node.id], rel=1e-12)


@examples(30)
@given(programs())
def test_what_is_sent_adds_up_in_random_programs(program):
    graph = bl.trace(lambda *xs: program.run(*xs), *program.inputs)
    data = sent(Film(graph))
    gradient = bl.grad(lambda *xs: program.run(*xs), tuple(range(len(program.inputs))))(*program.inputs)
    for node, slope in zip(graph.inputs, gradient, strict=True):
        if bl.count_paths(graph, node) <= 200:
            found = products(data, graph, node.id)
            assert found == [path.product for path in bl.paths(graph, node)], "the same floats as in Python"
            assert sum(found) == pytest.approx(slope, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize(
    ("name", "source"), [("edelman", "x"), ("strang", "x"), ("olah", "b"), ("sources-sink", "x"), ("chain", "x")]
)
def test_it_begins_at_the_first_input_with_more_than_one_path(name, source):
    graph = bl.examples[name].trace()
    data = sent(Film(graph))["routes"]
    assert graph.nodes[data["from"]].name == source and data["to"] == graph.output_ids[0]


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("mode", ["value", "forward", "reverse"])
def test_every_film_has_routes_in_json(name, mode):
    graph = GRAPHS[name]()
    if mode == "forward" and not graph.inputs:
        return
    film = Film(graph, mode)
    data = json.loads(json.dumps(film.data(), allow_nan=False))
    sweep = (
        None
        if film.tape
        else {
            "value": lambda: None,
            "forward": lambda: bl.tangent_sweep(graph, **{graph.input_names[0]: 1.0}).numbers,
            "reverse": lambda: bl.adjoint_sweep(graph).numbers,
        }[mode]()
    )
    assert data["routes"]["whole"] == sweep  # of a tape, the page works it out


def test_numbers_that_json_has_no_word_for():
    assert [exact(x) for x in (0.5, 3, float("inf"), -float("inf"))] == [0.5, 3.0, "Infinity", "-Infinity"]
    assert exact(float("nan")) == "NaN"
    assert [exact(x) for x in ("aᵀ ·", 1j, None)] == [None] * 3
    data = Film(bl.trace(lambda x: bl.sqrt(x) * x, 0.0)).data()
    assert "Infinity" in [edge["partial"] for edge in data["edges"]]


def test_arrays_have_no_product():
    data = Film(bl.examples["two-layer"].trace()).data()
    assert {edge["partial"] is None for edge in data["edges"]} == {True, False}


# ---- which views stand open


@pytest.mark.parametrize("views", [None, (), ("paths",), ["jacobian", "costs"], VIEWS, "paths"])
def test_views_that_stand_open(views):
    player = bl.examples["edelman"].step(views=views)
    expected = ["code", "table"] if views is None else [views] if isinstance(views, str) else list(views)
    assert player.film["views"] == expected


@pytest.mark.parametrize("views", [("pahts",), "matrices", [3], ("paths", None), ([],)])
def test_an_unknown_view_gets_a_sentence(views):
    with pytest.raises(bl.ArgumentError, match='there is no view .*write views=\\("paths",\\), say, with any of'):
        bl.examples["edelman"].step(views=views)


def test_something_else_than_views_gets_a_sentence():
    with pytest.raises(bl.ArgumentError, match='views=True is no list of views .*write views=\\("paths",\\)'):
        bl.examples["edelman"].step(views=True)


def test_the_film_stays_small():
    """300 nodes and more than 600 steps: what the views add is little beside the film."""
    film = Film(bl.examples.ladder(75).trace())
    data = film.data()
    assert len(film.steps) > 600
    whole = len(json.dumps(data, ensure_ascii=False).encode())
    assert whole < 1_000_000
    assert len(json.dumps(data["routes"])) < 8_000
