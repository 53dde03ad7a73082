"""Every figure of the worked examples, step by step, and what must hold for the sweeps of any graph."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from support.of_numbers import OF_NUMBERS
from support.strategies import examples, programs

import backprop_lab as bl

EXAMPLES = {name: example.trace() for name, example in OF_NUMBERS.items()}


def told(sweep):
    """Each step as (kind, node's label, before, after)."""
    return [(s.kind, s.node.label, s.before, s.after) for s in sweep]


def test_edelman_step_by_step():
    graph = EXAMPLES["edelman"]
    assert told(bl.value_sweep(graph)) == [
        ("value", "x", None, 3.0),
        ("value", "y", None, 5.0),
        ("value", "v1", None, 6.0),
        ("value", "v2", None, 30.0),
        ("value", "v3", None, 2.0),
        ("value", "v4", None, 4.0),
        ("value", "z", None, 34.0),
    ]
    reverse = bl.adjoint_sweep(graph)
    assert told(reverse) == [
        ("seed", "z", None, 1.0),
        ("contribution", "v2", 0.0, 1.0),
        ("contribution", "v4", 0.0, 1.0),
        ("contribution", "v1", 0.0, 5.0),
        ("contribution", "y", 0.0, 6.0),
        ("contribution", "2", 0.0, 15.0),
        ("contribution", "x", 0.0, 10.0),
        ("contribution", "v3", 0.0, 4.0),
        ("contribution", "x", 10.0, 10.0),
        ("sum", "x", 10.0, 14.0),
        ("contribution", "1", 0.0, -4.0),
    ]
    assert reverse.result == {
        "x": 14.0,
        "y": 6.0,
        "2": 15.0,
        "v1": 5.0,
        "v2": 1.0,
        "1": -4.0,
        "v3": 4.0,
        "v4": 1.0,
        "z": 1.0,
    }
    arrival, second, total = reverse[6], reverse[8], reverse[9]
    assert arrival.edge == (graph["v1"], 1) and arrival.reads == (graph["v1"],) and arrival.partials == (2,)
    assert second.amount == 4.0 and second.edge == (graph["v3"], 0) and total.reads == (graph["x"],)
    assert "5 · 2 = 10" in arrival.formula and "10 + 4 = 14" in total.formula
    assert "10" in second.sentence and "4" in second.sentence and "14" in total.sentence


def test_strang_step_by_step():
    graph = EXAMPLES["strang"]
    assert graph["c"].value == 8 and graph["s"].value == 11 and graph.value == 88
    assert told(bl.tangent_sweep(graph, x=1.0)) == [
        ("seed", "x", None, 1.0),
        ("seed", "y", None, 0.0),
        ("tangent", "c", None, 12.0),
        ("tangent", "v1", None, 0.0),
        ("tangent", "s", None, 1.0),
        ("tangent", "F", None, 140.0),
    ]
    for_y = bl.tangent_sweep(graph, y=1.0).result
    assert (for_y["c"], for_y["s"], for_y["F"]) == (0.0, 3.0, 24.0)
    reverse = bl.adjoint_sweep(graph)
    assert told(reverse) == [
        ("seed", "F", None, 1.0),
        ("contribution", "c", 0.0, 11.0),
        ("contribution", "s", 0.0, 8.0),
        ("contribution", "x", 0.0, 132.0),
        ("contribution", "x", 132.0, 132.0),
        ("sum", "x", 132.0, 140.0),
        ("contribution", "v1", 0.0, 8.0),
        ("contribution", "3", 0.0, 24.0),
        ("contribution", "y", 0.0, 24.0),
    ]
    assert [s.amount for s in reverse if s.node.name == "x"] == [132.0, 8.0, 8.0]


def test_strang_first_try():
    graph = EXAMPLES["strang-first-try"]
    assert graph["s"].value == 8 and graph.value == 64
    result = bl.adjoint_sweep(graph).result
    assert (result["x"], result["y"], result["c"], result["s"]) == (104.0, 16.0, 8.0, 8.0)


def test_olah_step_by_step():
    graph = EXAMPLES["olah"]
    assert (graph["c"].value, graph["d"].value, graph.value) == (3.0, 2.0, 6.0)
    partials = {(e.parent.name, e.child.name): e.child.partials[e.slot] for e in graph.edges}
    assert partials == {("a", "c"): 1, ("b", "c"): 1, ("b", "d"): 1, ("1", "d"): 1, ("c", "e"): 2.0, ("d", "e"): 3.0}
    assert told(bl.adjoint_sweep(graph)) == [
        ("seed", "e", None, 1.0),
        ("contribution", "c", 0.0, 2.0),
        ("contribution", "d", 0.0, 3.0),
        ("contribution", "a", 0.0, 2.0),
        ("contribution", "b", 0.0, 2.0),
        ("contribution", "b", 2.0, 2.0),
        ("sum", "b", 2.0, 5.0),
        ("contribution", "1", 0.0, 3.0),
    ]
    assert bl.tangent_sweep(graph, b=1.0).result["e"] == 5.0 and bl.tangent_sweep(graph, a=1.0).result["e"] == 2.0
    assert bl.tangent_sweep(graph, 1.0, 1.0).result["e"] == 7.0


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_expected_figures(name):
    graph, expected = EXAMPLES[name], bl.examples[name].expected
    result = bl.adjoint_sweep(graph).result
    gradient = expected["gradient"] if isinstance(expected["gradient"], tuple) else (expected["gradient"],)
    near = lambda x: pytest.approx(x, abs=5e-8)  # noqa: E731  (a source may give seven decimals)
    assert graph.value == near(expected["value"])
    assert tuple(result[n.name] for n in graph.inputs) == near(gradient)
    outputs = [bl.tangent_sweep(graph, **{n.name: 1.0}).numbers[graph.output_ids[0]] for n in graph.inputs]
    assert tuple(outputs) == near(gradient)


def reused(x, y):
    u = x * y
    return u + u


def squares_and_cubes(x, y):
    s = x + y
    return s**2 * s**3


def by_hand(x, y):
    """d(s^5) = 5 s^4"""
    return 5 * (x + y) ** 4


def test_reused_intermediates():
    graph = bl.trace(reused, 3, 5)
    reverse = bl.adjoint_sweep(graph)
    assert (reverse.result["x"], reverse.result["y"]) == (10.0, 6.0) == bl.grad(reused)(3.0, 5.0)
    assert [s.after for s in reverse if s.node.name == "u"] == [1.0, 1.0, 2.0]
    assert [s.kind for s in reverse] == ["seed", "contribution", "contribution", "sum", "contribution", "contribution"]
    result = bl.adjoint_sweep(bl.trace(squares_and_cubes, 3, 5)).result
    assert result["x"] == result["y"] == by_hand(3, 5)
    square = bl.adjoint_sweep(bl.trace(lambda x: x * x, 3))
    assert told(square) == [
        ("seed", "v1", None, 1.0),
        ("contribution", "x", 0.0, 3.0),
        ("contribution", "x", 3.0, 3.0),
        ("sum", "x", 3.0, 6.0),
    ]
    assert [s.edge[1] for s in square[1:]] == [0, 1, 1]


def test_an_output_that_is_an_input_or_a_constant():
    same = bl.adjoint_sweep(bl.trace(lambda x: x, 3))
    assert told(same) == [("seed", "x", None, 1.0)] and same.result == {"x": 1.0}
    assert told(bl.tangent_sweep(bl.trace(lambda x: x, 3), x=2.0)) == [("seed", "x", None, 2.0)]
    with pytest.warns(bl.LabWarning):
        constant = bl.trace(lambda x: 7.0, 3)
    assert bl.adjoint_sweep(constant).result == {"x": 0.0, "7": 1.0}


def test_seeds():
    graph = EXAMPLES["edelman"]
    assert bl.adjoint_sweep(graph, 2).result["x"] == 28.0 and bl.adjoint_sweep(graph, {"z": 0.5}).result["x"] == 7.0
    assert bl.adjoint_sweep(graph, [3.0]).result["y"] == 18.0 and bl.adjoint_sweep(graph, seed=0.0).result["x"] == 0.0
    two = bl.trace(lambda x, y: (x * y, x + y), 3, 5)
    assert bl.adjoint_sweep(two, (1.0, 0.0)).result["x"] == 5.0
    assert bl.adjoint_sweep(two, (0.0, 1.0)).result["x"] == 1.0
    assert bl.adjoint_sweep(two, (1, 10)).result["x"] == 15.0
    assert bl.adjoint_sweep(two, {"v2": 1.0}).result == {"x": 1.0, "y": 1.0, "v2": 1.0}
    one_inside_another = bl.trace(lambda x: ((s := x * x), s * x, s), 3)
    reverse = bl.adjoint_sweep(one_inside_another, (1.0, 1.0, 1.0))
    assert reverse.result["x"] == 6 + 27 + 6
    assert [(s.kind, s.after) for s in reverse if s.node.name == "s"] == [
        ("seed", 1.0),
        ("seed", 2.0),
        ("contribution", 2.0),
        ("sum", 5.0),
    ]


def test_an_input_that_only_dead_code_uses():
    def f(x, y):
        dead = x * y
        dead = dead * dead
        return x * 2 + y

    reverse = bl.adjoint_sweep(bl.trace(f, 3, 5))
    assert reverse.result["x"] == 2.0 and "dead" not in reverse.result


def test_what_infinite_slopes_do_to_things_that_do_not_move():
    graph = bl.trace(lambda x, y: np_sqrt(x) * 0 + y, 0.0, 2.0)
    assert bl.adjoint_sweep(graph).result["y"] == 1.0 and math.isnan(bl.adjoint_sweep(graph).result["x"])
    tiny = bl.trace(lambda x: 1e-320 / (x * 1e-320), 1.0)
    assert bl.tangent_sweep(tiny, x=0.0).numbers[-1] in (0.0, -0.0) or math.isnan(
        bl.tangent_sweep(tiny, x=0.0).numbers[-1]
    )


def np_sqrt(x):
    return bl.sqrt(x)


# --- counts -----------------------------------------------------------------------------------------------------------


def sources_sink(a, b, c, d):
    """Two sources with edge weights a, b that meet, then the edges c and d."""

    def f(x1, x2):
        met = a * x1 + b * x2
        return met * c * d

    return f


def test_sources_and_sink():
    graph = bl.trace(sources_sink(2.0, 3.0, 5.0, 7.0), 1.0, 1.0)
    forward = [bl.tangent_sweep(graph, x1=1.0), bl.tangent_sweep(graph, x2=1.0)]
    assert [s.numbers[-1] for s in forward] == [2 * 5 * 7, 3 * 5 * 7]
    assert sum(s.counts["multiplications"] for s in forward) == 4
    reverse = bl.adjoint_sweep(graph)
    assert (reverse.result["x1"], reverse.result["x2"]) == (70.0, 105.0)
    assert reverse.counts["multiplications"] == 3


@pytest.mark.parametrize(("n", "k"), [(2, 2), (5, 3), (10, 4), (3, 1)])
def test_many_sources_and_a_long_tail(n, k):
    def f(*xs):
        met = sum(1.5 * x for x in xs)
        for _ in range(k):
            met = met * 1.1
        return met

    graph = bl.trace(f, *[1.0] * n)
    names = [node.name for node in graph.inputs]
    forward = sum(bl.tangent_sweep(graph, **{name: 1.0}).counts["multiplications"] for name in names)
    assert forward == n * k
    assert bl.adjoint_sweep(graph).counts["multiplications"] == (k - 1) + n


def test_counts_of_the_worked_examples():
    graph = EXAMPLES["edelman"]
    assert bl.value_sweep(graph).counts == {"multiplications": 3, "additions": 2, "functions": 0, "stored": 9}
    counts = bl.adjoint_sweep(graph).counts
    assert counts["additions"] == 1 and counts["functions"] == 0 and counts["stored"] == 9
    graph = bl.trace(lambda x: bl.sin(x) * bl.exp(x), 1.0)
    assert bl.value_sweep(graph).counts["functions"] == 2
    assert bl.adjoint_sweep(graph).counts["functions"] == 1  # cos x; the slope of exp is there already
    assert bl.tangent_sweep(graph, x=0.0).counts["multiplications"] == 0


# --- what holds for any graph -----------------------------------------------------------------------------------------


def check_steps(graph, sweep):
    text = json.dumps([step.to_dict() for step in sweep], allow_nan=False)
    assert len(json.loads(text)) == len(sweep)
    for step in sweep:
        assert step.formula and step.sentence.endswith(".") and step.kind in step.to_dict()["kind"]
        assert step.node.name in graph.names and repr(step).startswith(f"<{step.kind}: ")
    assert list(sweep)[2:5] == sweep[2:5] and sweep[-1] == list(sweep)[-1]
    assert len(sweep) == len(str(sweep).splitlines())


def check_order(graph, sweep):
    """A node passes its adjoint on only when all its consumers have; each edge once, a node's own edges in order."""
    spent = set()
    for child, steps in itertools.groupby([s for s in sweep if s.kind == "contribution"], key=lambda s: s.edge[0].id):
        steps = list(steps)
        consumers = {c for c, _ in graph.uses[child] if graph.needed[c]}
        assert consumers <= spent, "read before everything it influences was done"
        assert [s.edge[1] for s in steps] == list(range(len(graph.operand_ids(child))))
        assert child not in spent
        spent.add(child)
    numbers = {}
    for step in sweep:  # each step starts from where the node's last one ended
        assert step.before in (numbers.get(step.node.id), 0.0) or step.kind == "seed"
        numbers[step.node.id] = step.after
    assert {id: x for id, x in enumerate(sweep.numbers) if id in numbers} == numbers


@examples(40)
@given(programs())
def test_sweeps_of_any_graph(program):
    graph = bl.trace(program.run, *program.inputs)
    reverse = bl.adjoint_sweep(graph)
    check_order(graph, reverse)
    for sweep in (bl.value_sweep(graph), reverse, bl.tangent_sweep(graph, **{graph.names[0]: 1.0})):
        check_steps(graph, sweep)
    value, gradient = bl.value_and_grad(program.run)(*program.inputs)
    gradient = gradient if isinstance(gradient, tuple) else (gradient,)
    assert value == graph.value
    for node, expected in zip(graph.inputs, gradient, strict=True):
        scale = 1e-9 * (1 + abs(expected))
        assert abs(reverse.result[node.name] - expected) <= scale
        rates = [1.0 if other == node else 0.0 for other in graph.inputs]
        pushed = bl.tangent_sweep(graph, *rates).numbers[graph.output_ids[0]]
        assert abs(pushed - bl.jvp(program.run, program.inputs, rates)[1]) <= scale
        assert abs(pushed - expected) <= 1e-7 * (1 + abs(expected))


def test_steps_say_something_for_every_kind_and_every_operation():
    for op in bl.primitives.values():
        if not op.elementwise:
            continue  # tests/derivatives/test_arrays.py has them
        xs = [sum(d.sample) / 2 + 0.1 for d in op.domain]
        settings = (3,) if op.params else ()
        graph = bl.trace(lambda *v, op=op, settings=settings: op.function(*v, *settings) * v[0], *xs)
        for sweep in (bl.value_sweep(graph), bl.adjoint_sweep(graph), bl.tangent_sweep(graph, *[1.0] * len(xs))):
            check_steps(graph, sweep)


@pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")
def test_numbers_that_are_not_finite_are_shown():
    graph = bl.trace(lambda x: bl.exp(x) / bl.exp(x), 1000.0)
    assert math.isnan(graph.value)
    for sweep in (bl.value_sweep(graph), bl.adjoint_sweep(graph), bl.tangent_sweep(graph, x=1.0)):
        assert "nan" in str(sweep) and all(s.sentence for s in sweep)


def test_sweeps_change_nothing_in_the_graph():
    graph = EXAMPLES["olah"]
    before = list(graph.records)
    first, second = bl.adjoint_sweep(graph), bl.adjoint_sweep(graph)
    assert told(first) == told(second) and list(graph.records) == before
    assert repr(first) == "<adjoint sweep of 8 steps over 6 nodes>"


# --- where 0 meets an infinite slope, and what is counted -------------------------------------------------------------


def test_a_sweep_that_meets_an_infinite_slope_has_the_same_steps():
    """At 0 the square root's slope is infinite, and not chosen: its numbers change, the steps do not."""
    graph, usual = (bl.trace(lambda x: np.maximum(np.sqrt(x), 1.0) + bl.sign(x), x) for x in (0.0, 0.25))
    for sweep, other in (
        (bl.adjoint_sweep(graph), bl.adjoint_sweep(usual)),
        (bl.tangent_sweep(graph, 1.0), bl.tangent_sweep(usual, 1.0)),
    ):
        assert [(s.kind, s.node.id) for s in sweep] == [(s.kind, s.node.id) for s in other]
        assert [s.edge and (s.edge[0].id, s.edge[1]) for s in sweep] == [
            s.edge and (s.edge[0].id, s.edge[1]) for s in other
        ]
        assert not any(math.isnan(x) for s in sweep for x in (s.after, s.amount))
        assert sweep.counts == other.counts
    assert bl.adjoint_sweep(graph).result["x"] == 0.0 and bl.tangent_sweep(graph, 1.0).numbers[-1] == 0.0


def test_an_input_that_stands_still_has_no_slope_to_multiply():
    """There are no rates of complex numbers, so nothing mends a 0 times an infinite slope."""
    graph = bl.trace(lambda x, z: np.sqrt(x) + z, 0.0, 1j)
    assert bl.tangent_sweep(graph, x=0.0, z=1.0).numbers[-1] == 1.0


def test_a_product_with_the_seed_is_free_only_while_nothing_is_added():
    def f(x):
        a = x * 2
        return a, a * 3

    sweep = bl.adjoint_sweep(bl.trace(f, 5.0), seed=(1.0, 1.0))
    assert sweep.result["x"] == 8.0 and sweep.counts["multiplications"] == 1 and sweep.counts["additions"] == 1
