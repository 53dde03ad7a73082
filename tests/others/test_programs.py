"""PyTorch's and JAX's programs as our graphs: recorded ones always, the libraries themselves where they are installed.

Both are large, and no part of the lab needs them. What they recorded (`support/programs.py`) is compared everywhere; an
environment that has one beside the lab's packages runs the rest with its own `python -m pytest`.
"""

import importlib
import re
import subprocess
import sys

import numpy as np
import pytest
from support import programs
from support.machine import python_of
from support.places import ROOT

import backprop_lab as bl
from backprop_lab.others.program import Program, Ref, Step, graph_of

RECORDED = [(library, name) for library in programs.RULES for name in programs.read(library)]
READ = {library: programs.read(library) for library in programs.RULES}


def agree(graph, value, gradients):
    """Our value and gradients of the inputs are theirs, to ten digits."""
    assert np.allclose(graph.value, value, rtol=1e-10, atol=1e-12)
    for ours, theirs in zip(graph.ours, gradients, strict=False):
        assert np.shape(ours) == np.shape(theirs) and np.allclose(ours, theirs, rtol=1e-10, atol=1e-12)
    assert graph.compare().right


@pytest.mark.parametrize(("library", "name"), RECORDED)
def test_recorded_programs(library, name):
    program = READ[library][name]
    graph = graph_of(program, programs.RULES[library])
    agree(graph, *programs.ends_of(program))
    assert graph.own == frozenset() and graph.input_names[0] in ("x", "z", "E")
    assert len(graph.theirs) > len(graph.input_names) and graph.compare().compared == len(graph.theirs)


@pytest.mark.parametrize(("library", "name"), RECORDED)
def test_recorded_gradients_are_those_of_differences(library, name):
    """A third opinion, of neither engine: differences of our replayed graph."""
    graph = graph_of(READ[library][name], programs.RULES[library])
    given = [node.value for node in graph.inputs]

    def f(*xs):
        return graph.replay(*xs).value

    for k, x in enumerate(given):
        way = np.cos(np.arange(np.size(x)) + k).reshape(np.shape(x))
        moved = [[x + h * way if j == k else y for j, y in enumerate(given)] for h in (1e-6, -1e-6)]
        assert (f(*moved[0]) - f(*moved[1])) / 2e-6 == pytest.approx(np.sum(graph.ours[k] * way), rel=1e-5, abs=1e-7)


def test_a_wrong_gradient_is_found_among_arrays():
    program = READ["torch"]["two_layers"]
    k = next(k for k, (name, _) in program.inputs.items() if name == "b1")
    program = Program(**{**vars(program), "grads": program.grads | {k: program.grads[k] * 2}})
    graph = graph_of(program, programs.RULES["torch"])
    found = graph.compare()
    assert found.first.name == "b1" and found.turn is None and graph.notes[found.first.id].kind == "first"
    assert [cell for cell in bl.step(graph).film["theirs"].values() if cell[1]] == [bl.step(graph).film["theirs"][2]]


def cubed(sent=None):
    """A program of one operation that no table has, with a rule of its own."""
    rule = None if sent is None else (lambda x: (x**3, lambda bar: [sent(bar, x)]))
    step = Step("cubed", (Ref(0),), {}, 1, np.array([1.0, 8.0]), function=lambda x: x**3, vjp=rule)
    total = Step("sum", (Ref(1),), {}, 2, 9.0)
    grads = {0: np.array([3.0, 12.0]), 1: np.ones(2), 2: 1.0}
    return Program("f", {0: ("x", np.array([1.0, 2.0]))}, {}, [step, total], 2, grads)


def test_an_operation_that_nobody_knows_is_one_node_with_its_rule():
    graph = graph_of(cubed(lambda bar, x: 3 * x**2 * bar), programs.RULES["torch"])
    agree(graph, 9.0, [np.array([3.0, 12.0])])
    assert graph.own == {1} and graph.nodes[1].formula == "cubed(x)"
    assert graph.notes[1] == ("own", "cubed is theirs: the lab has no such operation, and asks their rule")
    assert graph.replay(np.array([2.0, 3.0])).value == 35.0
    wrong = graph_of(cubed(lambda bar, x: x**2 * bar), programs.RULES["torch"])
    assert wrong.compare().first.name == "x"


def test_an_option_that_is_not_honoured_is_noticed_by_its_number():
    """A row that comes to another number than theirs is not used."""
    program = cubed(lambda bar, x: 3 * x**2 * bar)
    program.steps[0].op = "square"
    graph = graph_of(program, programs.RULES["torch"])
    agree(graph, 9.0, [np.array([3.0, 12.0])])
    assert graph.own == {1} and len(graph) == 3


def test_a_failing_step_ends_the_graph_and_is_marked():
    program = cubed()
    program.steps[1] = Step("mm", (Ref(1), Ref(0)), {}, 2, None)
    program.failed, program.grads = "mm fails here: the shapes do not fit", {}
    graph = graph_of(program, programs.RULES["torch"])
    assert np.isnan(graph.value) and graph.notes[graph.output_ids[0]] == ("failed", program.failed)
    assert "bl-mark-failed" in bl.step(graph, mode="value").svg() and len(bl.step(graph).steps) > 2
    with pytest.raises(bl.ArgumentError, match="ended before its result: mm fails here.*; correct that first"):
        graph.compare()


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_without_the_library_there_is_a_sentence(library):
    if importlib.util.find_spec(library) is not None:
        pytest.skip(f"{library} is installed here")
    with pytest.raises(bl.ArgumentError, match=f"not installed here.*; install it with pip install {library}"):
        getattr(bl, f"from_{library}")(lambda x: x, 1.0)


def test_neither_library_is_loaded_by_the_lab():
    code = "import sys, backprop_lab as bl; bl.from_torch, bl.from_jax; print(*({'torch', 'jax'} & {*sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


# --- the libraries themselves ----------------------------------------------------------------------------------------

NAMES = ["two_layers", "cross_entropy", "layer_norm", "attention", "embedding", "branchy"]


@pytest.mark.wide
def test_those_that_live_beside_the_lab():
    """JAX and micrograd, in an environment of their own (tests/others.txt); PyTorch is too large for that."""
    python = python_of("others", "JAX is")
    some = "jax_itself or where_jax or what_jax or micrograd_itself"
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/others", "-k", some]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert re.search(r"^9 passed, \d+ deselected", done.stdout, re.M), done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_pytorch_itself(name):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed here")
    f, arrays = programs.in_torch(torch)[name]
    tensors = [torch.tensor(x, requires_grad=True) for x in arrays]
    graph = bl.from_torch(f, *tensors)
    value = f(*tensors)
    value.backward()
    agree(graph, value.item(), [t.grad.numpy() for t in tensors])
    first = f.__code__.co_firstlineno
    assert all(node.line is None or node.line >= first for node in graph.nodes) and graph.blocks[0].name == name
    assert bl.step(graph).film["theirs"]


@pytest.mark.parametrize("name", NAMES)
def test_jax_itself(name):
    jax = pytest.importorskip("jax", reason="JAX is not installed here")
    jax.config.update("jax_enable_x64", True)
    f, arrays = programs.in_jax(jax)[name]
    graph = bl.from_jax(f, *arrays)
    value, gradients = jax.value_and_grad(f, argnums=tuple(range(len(arrays))))(*map(jax.numpy.asarray, arrays))
    agree(graph, float(value), list(map(np.asarray, gradients)))
    assert bl.step(graph).film["theirs"]


def test_where_jax_fails():
    jax = pytest.importorskip("jax", reason="JAX is not installed here")

    def product(x, W):
        h = jax.numpy.tanh(x)
        y = h @ W
        return y.sum()

    graph = bl.from_jax(product, np.ones((2, 3)), np.ones((2, 3)))
    line = product.__code__.co_firstlineno + 2
    assert graph.failed.startswith(f"after this step comes TypeError in line {line}: dot_general requires")
    assert graph["h"].op == "tanh" and graph.outputs[0].name == "h"
    assert graph.notes[graph.output_ids[0]].kind == "failed" and graph.theirs == {}
    assert "bl-mark-failed" in bl.step(graph, mode="value").svg()
    with pytest.raises(TypeError, match="abstract array"):
        bl.from_jax(lambda x: jax.numpy.dot(x, "a"), np.ones(2))


def test_what_pytorch_does_not_take():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed here")
    x, W = torch.ones(2, 3, dtype=torch.double), torch.ones(2, 3, dtype=torch.double)

    def product(x, W):
        h = torch.tanh(x)
        y = h @ W
        return y.sum()

    graph = bl.from_torch(product, x, W)
    assert graph.failed.startswith("mm fails here: mat1 and mat2 shapes") and graph.outputs[0].name == "y"
    assert graph.outputs[0].line == product.__code__.co_firstlineno + 2 and graph["h"].op == "tanh"
    for call, words in (
        (lambda: bl.from_torch(x), "a tensor does not tell its lines.*; give the function"),
        (lambda: bl.from_torch(torch.tanh, x), "torch|tanh"),
        (lambda: bl.from_torch(lambda x: x * 2, x), "returns a tensor of shape .*; return its sum"),
        (lambda: bl.from_torch(lambda x: 3.0, x), "returns float 3.0.*; return the tensor"),
        (
            lambda: bl.from_torch(lambda x: x.detach().sum(), x),
            "does not depend on its inputs.*; see where it is detached",
        ),
    ):
        with pytest.raises(bl.ArgumentError, match=words):
            call()


def test_a_module_of_pytorch_and_what_it_does_not_share_with_us():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed here")
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1)).double()
    x = torch.randn(5, 3, dtype=torch.double)

    def loss(x):
        y = net(x)
        return torch.special.i0(y).mean()

    graph = bl.from_torch(loss, x)
    loss(x).backward()
    assert [node.name for node in graph.inputs] == ["x", *(f"net.{name}" for name, _ in net.named_parameters())]
    agree(graph, loss(x).item(), [graph.ours[0], *(p.grad.numpy() for p in net.parameters())])
    assert [graph.nodes[k].formula for k in graph.own] == ["i0(y)"] and graph[
        "y"
    ].line == loss.__code__.co_firstlineno + 1
    assert graph.compare().compared >= 8


def test_what_jax_does_not_take():
    jax = pytest.importorskip("jax", reason="JAX is not installed here")
    for f, words in (
        (lambda x: x if x > 0 else -x, "branches on a number, which JAX cannot trace.*; write jnp.where"),
        (lambda x: jax.numpy.stack([x, x]), "a gradient is one number's.*; return its sum"),
        (lambda x: jax.numpy.ones(3).sum(), "does not depend on its arguments"),
    ):
        with pytest.raises(bl.ArgumentError, match=words):
            bl.from_jax(f, 2.0)
