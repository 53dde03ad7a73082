"""The catalogue: every entry has its function, inputs, source, and the figures that must come out."""

import json

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.recording.trees import leaves


def test_the_entries_of_the_course():
    assert set(bl.examples) >= {
        "edelman",
        "strang",
        "strang-first-try",
        "olah",
        "edelman-toy",
        "sources-sink",
        "chain",
        "matrix-chain",
        "matrix-chain-left",
        "two-layer",
        "deep",
    }
    with pytest.raises(TypeError):
        bl.examples["mine"] = None
    with pytest.raises(TypeError):
        bl.examples["edelman"].inputs["x"] = 4
    with pytest.raises(bl.ArgumentError, match="no example is called edleman .*; there are edelman"):
        bl.examples["edleman"]
    bl.examples["two-layer"].inputs["W1"][0, 0] = 99.0
    assert bl.examples["two-layer"].inputs["W1"][0, 0] == 1.0
    assert "strang" in repr(bl.examples) and bl.examples.get("nobody") is None


def near(ours, figure):
    for a, b in zip(leaves(ours), leaves(figure), strict=True):
        assert np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-6, atol=5e-8), (a, b)


@pytest.mark.parametrize("name", bl.examples)
def test_an_entry(name):
    """Every figure is computed: by the function itself, by the sweeps, and the gradient by differences too."""
    example = bl.examples[name]
    arguments = list(example.inputs.values())
    assert example.name == name and example.source and arguments
    graph = example.trace()
    near(example.function(*arguments), example.expected["value"])
    near(graph.value, example.expected["value"])
    if "gradient" in example.expected:
        near(bl.grad(example.function)(*arguments), example.expected["gradient"])
        near(bl.numerical_grad(example.function, *arguments, h=1e-5), example.expected["gradient"])
    for key, figure in example.expected.items():
        if key not in ("value", "gradient"):
            near(figure_of(graph, key), figure)
    assert graph.blocks[0].name == example.function.__name__
    if graph.single and np.shape(graph.value) == ():
        json.dumps([step.to_dict() for step in bl.adjoint_sweep(graph)], allow_nan=False)
    assert example.step().svg().startswith("<svg")


def figure_of(graph, key):
    """What an entry's figure is called, computed."""
    inputs = [n.name for n in graph.inputs]
    if key in graph.names:
        return graph[key].value
    if key == "multiplications":
        return bl.value_sweep(graph).counts["multiplications"]
    if key == "multiplications forward":
        return sum(bl.tangent_sweep(graph, **{name: 1.0}).counts["multiplications"] for name in inputs)
    if key == "multiplications reverse":
        return bl.adjoint_sweep(graph).counts["multiplications"]
    if key == "paths":
        return float(bl.count_paths(graph, inputs[0]))
    if key == "edges":
        return sum(e.parent.op != "constant" for e in graph.edges)
    if key.startswith("adjoint of "):
        return bl.adjoint_sweep(graph).result[key.removeprefix("adjoint of ")]
    if key.startswith("tangent of "):
        node, _, wrt = key.removeprefix("tangent of ").partition(" for ")
        return bl.tangent_sweep(graph, **{wrt: 1.0}).result[node]
    child, _, parent = key.replace("∂", "").partition("/")
    return sum(e.child.partials[e.slot] for e in graph.edges if (e.child.name, e.parent.name) == (child, parent))


FIGURES = {
    "edelman": (34.0, (14.0, 6.0)),
    "strang": (88.0, (140.0, 24.0)),
    "strang-first-try": (64.0, (104.0, 16.0)),
    "olah": (6.0, (2.0, 5.0)),
    "edelman-toy": (3.0282240, (0.8020015, -0.0056448)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_of_the_sources(name):
    """Written here a second time, so that the catalogue cannot change them unnoticed."""
    example = bl.examples[name]
    assert (example.expected["value"], example.expected["gradient"]) == FIGURES[name]


def test_sources_and_sink():
    assert bl.examples["sources-sink"].expected["multiplications forward"] == 4
    assert bl.examples["sources-sink"].expected["multiplications reverse"] == 3
    for n, k in ((2, 2), (1, 1), (3, 5), (7, 2), (10, 10)):
        example = bl.examples.sources_sink(n, k)
        graph = example.trace()
        assert figure_of(graph, "multiplications forward") == n * k
        assert figure_of(graph, "multiplications reverse") == (k - 1) + n
        near(graph.value, example.expected["value"])
        near(bl.grad(example.function)(*example.inputs.values()), example.expected["gradient"])
    with pytest.raises(bl.ArgumentError, match="n must be a whole number from 1 on, not 0 .*; write n=3"):
        bl.examples.sources_sink(0, 2)


def test_a_ladder_of_diamonds():
    for n in (1, 2, 10, 100):
        example = bl.examples.ladder(n)
        graph = example.trace()
        assert bl.count_paths(graph, "x") == 2**n == example.expected["paths"]
        assert figure_of(graph, "edges") == 4 * n
        assert bl.grad(example.function)(2.0) == example.expected["gradient"] == 3.0**n
    total = sum(path.product for path in bl.paths(bl.examples.ladder(6).trace(), "x"))
    assert total == 3.0**6


@pytest.mark.parametrize(("m", "n", "p", "q"), [(2, 3, 4, 5), (3, 2, 3, 1), (10, 10, 10, 1), (30, 20, 40, 1)])
def test_the_cost_of_the_two_orders(m, n, p, q):
    a, b, c = np.ones((m, n)), np.ones((n, p)), np.ones((p, q))
    right = bl.value_sweep(bl.trace(bl.examples["matrix-chain"].function, a, b, c)).counts["multiplications"]
    left = bl.value_sweep(bl.trace(bl.examples["matrix-chain-left"].function, a, b, c)).counts["multiplications"]
    assert right == n * p * q + m * n * q and left == m * n * p + m * p * q
    if q == 1:
        assert right == n * (m + p) and left == m * p * (n + 1)


def test_the_figures_for_a_thousand():
    m = n = p = 1000
    assert n * (m + p) == 2_000_000 and m * p * (n + 1) == 1_001_000_000


def test_two_layers_follow_the_lectures_rules():
    """CS229: every rule of the table, written out with NumPy."""
    i = bl.examples["two-layer"].inputs
    x, W1, b1, W2, b2, y = (i[k] for k in ("x", "W1", "b1", "W2", "b2", "y"))
    z = W1 @ x + b1
    a = np.maximum(z, 0)
    tau = W2 @ a + b2
    by_tau = -(y - tau)
    by_a = W2.T * by_tau
    by_z = by_a * (z > 0)
    gradient = bl.grad(bl.examples["two-layer"].function)(x, W1, b1, W2, b2, y)
    near(gradient, (W1.T @ by_z, np.outer(by_z, x), by_z, by_tau * a, by_tau, -by_tau))
    assert np.linalg.matrix_rank(gradient[1]) == 1
    for variable, g in zip((x, W1, b1, W2, b2, y), gradient, strict=True):
        assert np.shape(g) == np.shape(variable)


def test_deep_nets_follow_the_recursion():
    i = bl.examples["deep"].inputs
    x, layers, y = i["x"], i["layers"], i["y"]
    zs, activations = [], [x]
    for W, b in layers[:-1]:
        zs.append(W @ activations[-1] + b)
        activations.append(np.maximum(zs[-1], 0))
    W, b = layers[-1]
    bar = -(y - (W @ activations[-1] + b))
    found = [(bar * activations[-1], bar)]
    bar = W * bar
    for k in reversed(range(len(layers) - 1)):
        bar = bar * (zs[k] > 0)
        found.insert(0, (np.outer(bar, activations[k]), bar))
        bar = layers[k][0].T @ bar
    near(bl.grad(bl.examples["deep"].function)(x, layers, y)[1], found)
    graph = bl.examples["deep"].trace()
    assert bl.adjoint_sweep(graph).counts["stored"] == sum(np.size(n.value) for n in graph.nodes)


def test_the_graphs_have_the_students_names():
    assert bl.examples["strang"].trace().names == ("x", "y", "c", "3", "v1", "s", "F")
    assert bl.examples["olah"].trace().names == ("a", "b", "c", "1", "d", "e")
    assert bl.examples["edelman"].trace().outputs[0].name == "z"


def test_steps_are_json_ready_whatever_they_hold():
    with pytest.warns(bl.LabWarning):
        graph = bl.trace(lambda x, w: np.sum(np.exp(x) * w), np.array([1.0, 1000.0]), np.ones(2))
    for sweep in (bl.value_sweep(graph), bl.adjoint_sweep(graph), bl.tangent_sweep(graph, x=np.ones(2))):
        text = json.dumps([step.to_dict() for step in sweep], allow_nan=False)
        assert '"inf"' in text
    steps = [step.to_dict() for step in bl.value_sweep(bl.trace(lambda z: z * z, 1 + 2j))]
    assert steps[-1]["after"] == "−3 + 4i" and json.dumps(steps)
    assert bl.value_sweep(bl.trace(lambda x: x * 2, np.array([[1.0, 2.0]])))[-1].to_dict()["after"] == [[2.0, 4.0]]
