"""The film: what every step shows is what the engine computed, recomputed here from the Steps alone."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from support.graphs import GRAPHS, WITH_ARRAYS, program

import backprop_lab as bl
from backprop_lab.drawing.texts import cell, final_texts
from backprop_lab.film.film import Film, gives


@pytest.mark.parametrize("mode", ["value", "forward", "reverse"])
@pytest.mark.parametrize("name", GRAPHS)
def test_texts_are_the_steps_numbers(name, mode):
    graph = GRAPHS[name]()
    if mode == "forward" and not graph.inputs:
        with pytest.raises(bl.ArgumentError):
            Film(graph, mode)
        return
    film = Film(graph, mode)
    shown = {f"p{n.id}": cell(n.value) for n in graph.nodes if n.op in ("input", "constant")}
    assert film.texts(0) == shown
    for at, step in enumerate(film.steps, 1):
        id = step.node.id
        if step.kind == "value":
            shown[f"p{id}"] = cell(step.after)
            shown |= {f"w{id}_{k}": cell(p) for k, p in enumerate(step.node.partials)}
        elif step.kind == "contribution" and f"a{id}" in shown:
            amount = cell(step.amount)
            sign = "−" if step.amount < 0 else "+"
            shown[f"a{id}"] = f"{cell(step.before)} {sign} {amount.lstrip('−')}"
        else:
            shown[f"a{id}"] = cell(step.after)
        assert film.texts(at) == shown, (at, step.formula)
    if mode == "reverse":
        assert film.texts(len(film)) == final_texts(graph)


@pytest.mark.parametrize("mode", ["value", "forward", "reverse"])
@pytest.mark.parametrize("name", WITH_ARRAYS)
def test_films_of_arrays(name, mode):
    """What a cell shows is the step's array, or its shape where it is too long; nothing breaks, all is JSON."""
    example = bl.examples[name]
    graph = example.trace()
    if mode == "reverse" and name.startswith("matrix"):
        with pytest.raises(bl.ArgumentError, match="is an array of shape .*return its sum"):
            Film(graph, mode)
        return
    film = Film(graph, mode)
    json.dumps(film.data(), allow_nan=False)
    for at, step in enumerate(film.steps, 1):
        shown = film.texts(at)
        key = "p" if step.kind == "value" else "a"
        if step.kind != "contribution":
            assert shown[f"{key}{step.node.id}"] == cell(step.after)
        assert all("array(" not in text and len(text) < 44 for text in shown.values())
    if mode == "reverse":
        assert film.texts(len(film)) == final_texts(graph)
    labels = set(final_texts(graph).values())
    if name == "two-layer":
        assert {"outer x", "W1ᵀ ·", "· W2", "· a"} <= labels


@pytest.mark.parametrize("mode", ["value", "forward", "reverse"])
@pytest.mark.parametrize("name", GRAPHS)
def test_what_a_step_takes_up_stands_there_before_it_and_what_it_gives_is_written(name, mode):
    graph = GRAPHS[name]()
    film = Film(graph, mode) if graph.inputs or mode != "forward" else Film(graph)
    shown = dict(film.changes[0])
    for at, step in enumerate(film.steps, 1):
        now = shown | film.changes[at]
        assert gives(step) in film.changes[at], step.formula
        assert all((now if key[0] == "w" else shown).get(key) for key in film.uses(step)), step.formula
        shown = now


def test_the_numbers_that_edelmans_steps_take_up_and_give():
    film = Film(bl.examples["edelman"].trace())
    id = {n.label: n.id for n in film.graph.nodes}
    told = {s.formula: (film.uses(s), gives(s)) for s in film.steps}
    v1, v3, x = id["v1"], id["v3"], id["x"]
    constants = [n.id for n in film.graph.nodes if n.op == "constant"]
    assert told["v1 = 2 · x = 2 · 3 = 6"] == ([f"p{constants[0]}", f"p{x}"], f"p{v1}")
    assert told["x̄ += v̄3 · ∂v3/∂x = 4 · 1 = 4"] == ([f"a{v3}", f"w{v3}_0"], f"a{x}")
    assert [frame["does"] for frame in film.data()["frames"][14:16]] == [f"c{v3}_0", f"+{v3}_0"]
    assert told["x̄ = 10 + 4 = 14"] == ([f"a{x}"], f"a{x}")
    film = Film(bl.examples["edelman"].trace(), "forward")
    tangents = {s.formula.split(" ")[0]: film.uses(s) for s in film.steps if s.kind == "tangent"}
    assert tangents["v̇1"] == [f"w{v1}_1", f"a{x}"]  # the constant 2 does not move


def test_edelman_shows_ten_then_fourteen():
    film = Film(bl.examples["edelman"].trace())
    x = next(n.id for n in film.graph.inputs if n.name == "x")
    cells = [film.texts(k).get(f"a{x}", "") for k in range(len(film) + 1)]
    assert list(dict.fromkeys(cells)) == ["", "10", "10 + 4", "14"]
    said = [s.formula for s in film.steps]
    assert "x̄ += v̄1 · ∂v1/∂x = 5 · 2 = 10" in said and "x̄ = 10 + 4 = 14" in said


@pytest.mark.parametrize("name", GRAPHS)
def test_film_is_data(name):
    film = Film(GRAPHS[name]())
    data = film.data()
    json.dumps(data, allow_nan=False)
    assert len(data["frames"]) == len(film.changes) == len(film) + 1
    assert data.get("changes") == (None if film.tape else film.changes)  # which the page works out from a tape
    assert sum(p["steps"] for p in data["phases"]) == len(film)
    for step, frame in zip(film.steps, data["frames"][1:], strict=True):
        assert frame["say"].endswith(".")
        xml = re.sub(" k=(\\w+)", r' k="\1"', frame["formula"])  # for the page, HTML's short way
        assert ElementTree.fromstring(f"<math>{xml}</math>").findall(".//*[@k]")
        assert not re.search(r"\*|\bnan\b|None", frame["say"] + step.formula)


def test_lit_edge_belongs_to_the_step():
    film = Film(bl.examples["edelman"].trace())
    for at, step in enumerate(film.steps, 1):
        lit = film.classes(at)
        assert lit[f"n{step.node.id}"] == ["bl-write"]
        if step.kind == "contribution":
            child, slot = step.edge
            assert lit[f"e{child.id}_{slot}"] == ["bl-lit"] and lit[f"n{child.id}"] == ["bl-read"]
            assert lit["svg"] == ["bl-reverse"]


def test_lines_point_into_the_shown_code():
    film = Film(bl.trace(program, 1.5, -2.0))
    data = film.data()
    (block,) = data["code"]
    marked = {block["lines"][row["line"][1]].strip() for row in data["rows"] if "line" in row}
    assert marked == {line.strip() for line in block["lines"][1:]}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": "backward"}, "there is no mode 'backward' but value, forward, reverse, both"),
        ({"wrt": "x"}, 'write mode="forward"'),
        ({"mode": "forward", "wrt": "q"}, "wrt='q' is not one of the inputs x, y"),
    ],
)
def test_bad_options_get_a_sentence(options, words):
    with pytest.raises(bl.ArgumentError, match=re.escape(words)):
        Film(bl.examples["edelman"].trace(), **options)


def test_several_outputs_get_a_sentence():
    with pytest.raises(bl.ArgumentError, match="returns 2 numbers.*return that one alone"):
        bl.step(lambda x: (x * 2, x * 3), 1.0)
