"""The catalogue: every entry has its function, inputs, source, and the figures that must come out."""

import json

import pytest

import backprop_lab as bl


def test_the_entries_of_the_course():
    assert {"edelman", "strang", "strang-first-try", "olah"} <= set(bl.examples)
    with pytest.raises(TypeError):
        bl.examples["mine"] = None
    with pytest.raises(TypeError):
        bl.examples["edelman"].inputs["x"] = 4


@pytest.mark.parametrize("name", bl.examples)
def test_an_entry(name):
    example = bl.examples[name]
    assert example.name == name and example.source and example.inputs
    assert example.function(**example.inputs) == pytest.approx(example.expected["value"])
    graph = example.trace()
    assert graph.value == pytest.approx(example.expected["value"])
    assert bl.value_and_grad(example.function)(*example.inputs.values()) == (
        example.expected["value"],
        example.expected["gradient"],
    )
    adjoints = bl.adjoint_sweep(graph).result
    for key, figure in example.expected.items():
        if key.startswith("adjoint of "):
            assert adjoints[key.removeprefix("adjoint of ")] == pytest.approx(figure)
        elif key in graph.names:
            assert graph[key].value == pytest.approx(figure)
        else:
            assert key in ("value", "gradient"), f"{key} is not checked"
    assert [n.name for n in graph.inputs] == list(example.inputs)
    assert graph.blocks[0].name == example.function.__name__
    json.dumps([step.to_dict() for step in bl.adjoint_sweep(graph)], allow_nan=False)


FIGURES = {
    "edelman": (34.0, (14.0, 6.0)),
    "strang": (88.0, (140.0, 24.0)),
    "strang-first-try": (64.0, (104.0, 16.0)),
    "olah": (6.0, (2.0, 5.0)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_of_the_sources(name):
    """Written here a second time, so that the catalogue cannot change them unnoticed."""
    example = bl.examples[name]
    assert (example.expected["value"], example.expected["gradient"]) == FIGURES[name]


def test_the_graphs_have_the_students_names():
    assert bl.examples["strang"].trace().names == ("x", "y", "c", "3", "v1", "s", "F")
    assert bl.examples["olah"].trace().names == ("a", "b", "c", "1", "d", "e")
    assert bl.examples["edelman"].trace().outputs[0].name == "z"
