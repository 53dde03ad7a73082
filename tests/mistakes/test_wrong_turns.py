"""Wrong turns: each misconception gives its figures and is recognised by them, and drawn inputs keep them apart."""

import math
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from support.strategies import many, programs

import backprop_lab as bl
from backprop_lab.mistakes.sweep import RIGHT, Reverse
from backprop_lab.mistakes.table import MISCONCEPTIONS

DIGITS = 5e-4  # rounding to 4 significant digits


def same(a, b, tolerance=1e-9):
    return a == b or math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-12)


def twice_u(x, y):
    u = x * y
    return u + u


def shared_sums(a, b):
    c = a + b
    d = a * b
    e = c + d
    f = c * d
    y = e + f
    return y


def quotient(x, y):
    return (x + 2) / y


def diamonds(x, y):
    u = x * y
    a = u + u * x
    b = a * y + a
    return b


def names_of(matches):
    return [turn.name for turn in matches]


# --- the figures ------------------------------------------------------------------------------------------------------

# Strang (140, 24); Edelman and Johnson (14, 6); Olah (2, 5). None: nothing changes there.
FIGURES = {
    "keeps the first arrival": ((132, 24), (10, 6), (2, 2)),
    "keeps the last arrival": ((8, 24), (4, 6), (2, 3)),
    "multiplies the arrivals": ((1056, 24), (40, 6), (2, 6)),
    "averages the arrivals": ((70, 24), (7, 6), (2, 2.5)),
    "local partial for the whole": ((13, 3), (3, 6), (1, 2)),
    "upstream factor lost": ((20, 3), (6, 6), None),
    "adds along a path": ((34, 13), (16, 8), (4, 9)),
    "factors not swapped": ((107, 33), (22, 5), (3, 5)),
    "exponent lost": ((52, 24), (12, 6), None),
    "slope at the output": ((2120, 24), (18, 6), None),
    "seeded with the value": ((12320, 2112), (476, 204), (12, 30)),
    "run twice": ((420, 96), (56, 18), (6, 15)),
    "all inputs in one forward sweep": ((164, 164), (20, 20), (7, 7)),
    "one-sided difference": ((147.971, 24), (14.1, 6), (2, 5.1)),
    "central difference": ((140.17, 24), None, None),
    "minus lost": (None, None, None),
    "quotient without minus": (None, None, None),
    "quotient without square": (None, None, None),
    "used before complete": (None, None, None),
    "pulled back twice": (None, None, None),
    "passes on at each arrival": (None, None, None),
    "inputs not zeroed": ((280, 48), (28, 12), (4, 10)),
    "inputs exchanged": ((24, 140), (6, 14), (5, 2)),
}


@pytest.mark.parametrize(("k", "example"), [(0, "strang"), (1, "edelman"), (2, "olah")])
def test_figures_of_the_examples(k, example):
    graph = bl.examples[example].trace()
    turns = bl.wrong_turns(graph)
    wanted = {name: row[k] for name, row in FIGURES.items() if row[k] is not None}
    assert {name: tuple(numbers.values()) for name, numbers in turns.items()} == {
        name: pytest.approx(row, rel=1e-12) for name, row in wanted.items()
    }
    assert all(list(numbers) == list(graph.input_names) for numbers in turns.values())
    assert set(FIGURES) == {rule.name for rule in MISCONCEPTIONS}


@pytest.mark.parametrize(
    ("f", "inputs", "name", "numbers"),
    [
        (twice_u, (3, 5), "pulled back twice", (20, 12)),
        (twice_u, (3, 5), "used before complete", (5, 3)),
        (twice_u, (3, 5), "passes on at each arrival", (15, 9)),
        (shared_sums, (2, 3), "passes on at each arrival", (29, 22)),
        (shared_sums, (2, 3), "inputs exchanged", (19, 25)),
        (lambda x, y: x * y, (3, 5), "passes on at each arrival", None),
        (lambda x, y, w: x * y + w, (3, 5, 2), "inputs exchanged", None),  # which two? `diagnose` finds that out
        (quotient, (3, 2), "quotient without minus", (0.5, 1.25)),
        (quotient, (3, 2), "quotient without square", (0.5, -2.5)),
        (lambda x: bl.primitives["reciprocal"](x), (2,), "quotient without minus", (0.25,)),
        (lambda x: bl.primitives["reciprocal"](x), (2,), "quotient without square", (-0.5,)),
        (lambda x, y: x - y * y, (3, 5), "minus lost", (1, 10)),
        (lambda x: -x, (3,), "minus lost", (1,)),
        (lambda x, y: x**y, (2, 3), "exponent lost", (4, 8 * math.log(2))),
        (lambda x: bl.sqrt(x), (4,), "exponent lost", (0.5,)),
        (lambda x: x**0 + x, (4,), "exponent lost", None),
        (lambda x: bl.sin(x), (0.5,), "slope at the output", (math.cos(math.sin(0.5)),)),
        (lambda x: bl.log(x), (0.5,), "slope at the output", None),  # log 0.5 is no argument for 1/x … of a logarithm
    ],
)
def test_figures_of_the_further_ones(f, inputs, name, numbers):
    found = bl.wrong_turns(bl.trace(f, *inputs)).get(name)
    assert found is None if numbers is None else tuple(found.values()) == pytest.approx(numbers)


def test_numbers_at_every_node():
    graph = bl.examples["edelman"].trace()
    turns = bl.wrong_turns(graph, graph.nodes)
    assert all(list(numbers) == list(graph.names) for numbers in turns.values())
    assert turns["minus lost"]["1"] == 4  # the constant 1; no input notices
    assert turns["slope at the output"]["v3"] == 8
    assert turns["run twice"] == {"x": 56, "y": 18, "2": 60, "v1": 15, "v2": 2, "1": -16, "v3": 12, "v4": 2, "z": 1}
    assert "minus lost" not in bl.wrong_turns(graph)
    assert bl.wrong_turns(graph, ["1"])["minus lost"] == {"1": 4}
    assert bl.wrong_turns(graph, [graph["v3"]])["exponent lost"] == {"v3": 2}


def test_an_input_that_is_the_output():
    graph = bl.trace(lambda x: x, 3.0)
    assert bl.wrong_turns(graph) == {"seeded with the value": {"x": 3.0}}


# --- diagnosis --------------------------------------------------------------------------------------------------------


def test_the_sentence_has_the_graphs_names_and_numbers():
    graph = bl.examples["strang"].trace()
    first, last = bl.diagnose(graph, "x", 132)[0], bl.diagnose(graph, graph["x"], 8)[0]
    assert first.name == "keeps the first arrival" and first.where == graph["x"]
    assert first.sentence == (
        "132 comes out when only the first arrival at x is kept, 132 from c; then comes 8 from s, and arrivals add up."
    )
    assert last.name == "keeps the last arrival"
    assert last.sentence == (
        "8 comes out when only the last arrival at x is kept, 8 from s; 132 from c came before it, and arrivals add up."
    )


@pytest.mark.parametrize(
    ("example", "node", "number", "name", "where", "words"),
    [
        ("strang", "x", 1056, "multiplies the arrivals", "x", "132 · 8"),
        ("strang", "x", 70, "averages the arrivals", "x", "(132 + 8) / 2"),
        ("strang", "x", 13, "local partial for the whole", "x", "12 + 1"),
        ("strang", "x", 52, "exponent lost", "x", "the local partial is 12, not 4"),
        ("strang", "x", 107, "factors not swapped", "c", "sends c its own value 8: a factor gets the other one, 11"),
        ("strang", "y", 33, "factors not swapped", "s", "sends s its own value 11"),
        ("strang", "x", 12320, "seeded with the value", "F", "88, the value of F"),
        ("strang", "x", 420, "run twice", "c", "nothing is zeroed"),
        ("strang", "x", 280, "inputs not zeroed", "x", "x still holds what an earlier run left there"),
        ("strang", "x", 24, "inputs exchanged", "x", "x and y have each other's derivative"),
        ("strang", "x", 34, "adds along a path", "c", "c gets 1 + 11 from F instead of 1 · 11"),
        ("strang", "x", 20, "upstream factor lost", "x", "without the factor 11, the adjoint of c"),
        ("strang", "x", 164, "all inputs in one forward sweep", "x", "a sweep of its own"),
        ("strang", "x", 147.971, "one-sided difference", "x", "with h = 0.1"),
        ("edelman", "x", 15, "one-sided difference", "x", "with h = 1 "),
        ("edelman", "1", 4, "minus lost", "1", "the minus of x − 1 is lost: the local partial is −1, not 1"),
        ("edelman", "x", 18, "slope at the output", "v3", "at its result 4: at v3 = 2 the local partial is 4, not 8"),
        ("edelman", "2", 3, "upstream factor lost", "2", "the constant 2 gets"),
        ("edelman", "x", 19, "factors not swapped", "x", "2 · x sends x its own value 3"),  # in the last step only
    ],
)
def test_diagnoses(example, node, number, name, where, words):
    turn = bl.diagnose(bl.examples[example].trace(), node, number)[0]
    assert (turn.name, turn.where.name) == (name, where)
    assert words in turn.sentence and turn.sentence.endswith(".") and "{" not in turn.sentence


def test_sentences_about_intermediates_and_quotients():
    graph = bl.trace(twice_u, 3, 5)
    early, twice = bl.diagnose(graph, "x", 5), bl.diagnose(graph, "x", 20)
    sentences = {turn.name: turn.sentence for turn in early + twice}
    assert "u passes on 1, the first that arrived, before it is complete" in sentences["used before complete"]
    assert "u is used 2 times and passes its adjoint on as often: 2 is the sum" in sentences["pulled back twice"]
    assert bl.diagnose(bl.trace(quotient, 3, 2), "y", -2.5)[0].sentence == (
        "−2.5 comes out when the denominator in the derivative of v1 / y with respect to y is not squared: "
        "the local partial is −1.25, not −2.5."
    )


def recursion(graph, of, order=1, once=False):
    """What an input gets by recursion on the graph's edges, in the simplest way: the oracle of the wrong turns."""
    bars, seen = dict.fromkeys(range(len(graph)), 0.0), set()
    below = {n.id: [e for e in graph.edges if e.child.id == n.id][::order] for n in graph}

    def arrive(id, amount):
        bars[id] += amount
        if not once or id not in seen:
            seen.add(id)
            for edge in below[id]:
                arrive(edge.parent.id, bars[id] * edge.child.partials[edge.slot])

    arrive(graph.output_ids[0], 1.0)
    return bars[graph[of].id]


@pytest.mark.parametrize("f", [shared_sums, twice_u])
@pytest.mark.parametrize("order", [1, -1], ids=["first operand first", "last operand first"])
@pytest.mark.parametrize(("once", "name"), [(False, "passes on at each arrival"), (True, "used before complete")])
def test_recursion_is_recognised_in_either_order(f, order, once, name):
    graph = bl.trace(f, 2, 3)
    for node in graph.inputs:
        number = recursion(graph, node.name, order, once)
        turn = next(turn for turn in bl.diagnose(graph, node, number) if turn.name == name)
        assert "{" not in turn.sentence and turn.where.graph is graph
    assert bl.diagnose(bl.trace(shared_sums, 2, 3), "a", 29)[0].sentence == (
        "29 comes out when c passes on its running total at each arrival, 8 in all; it waits until all has arrived, 7, "
        "and passes that on once."
    )


def test_recursion_on_a_graph_with_too_many_paths_is_not_waited_for():
    def ladder(x):
        for _ in range(60):
            x = x + x * 0.5
        return x

    graph = bl.trace(ladder, 1.0)
    assert "passes on at each arrival" not in bl.wrong_turns(graph) and bl.diagnose(graph, "x", 17) == []


def test_of_several_inputs_the_two_that_are_exchanged_are_named():
    graph = bl.trace(lambda x, y, w: x * y * w + y, 3, 5, 2)
    turn = bl.diagnose(graph, "x", 6 + 1)[0]
    assert turn.name == "inputs exchanged" and "x and y are exchanged" in turn.sentence


def test_rounding_is_forgiven_and_more_digits_can_be_asked_for():
    graph = bl.trace(lambda x: bl.exp(x) * bl.sin(x), 1.3)
    right = bl.adjoint_sweep(graph).result["x"]
    assert bl.diagnose(graph, "x", float(f"{right:.4g}")) == []
    for name, numbers in bl.wrong_turns(graph).items():
        assert name in names_of(bl.diagnose(graph, "x", float(f"{numbers['x']:.4g}")))
    f = lambda x: math.exp(x) * math.sin(x)  # noqa: E731
    for h in (1e-3, 1e-4):
        by_differences = (f(1.3 + h) - f(1.3)) / h
        assert bl.diagnose(graph, "x", by_differences, digits=8)[0].name == "one-sided difference"
    assert bl.diagnose(graph, "x", (f(1.3 + 1e-4) - f(1.3)) / 1e-4) == []  # right to 4 digits


def test_nothing_fits_or_nothing_is_wrong():
    graph = bl.examples["strang"].trace()
    assert bl.diagnose(graph, "x", 140) == bl.diagnose(graph, "x", 140.0) == []
    assert bl.diagnose(graph, "x", 777.7) == [] and bl.diagnose(graph, "x", math.inf) == []
    assert bl.diagnose(graph, "x", 10**400) == []
    assert bl.diagnose(graph, "x", np.float64(132))[0].name == "keeps the first arrival"
    with pytest.warns(bl.LabWarning):
        ignored = bl.trace(lambda x, y: x * x, 3, 5)
    assert bl.diagnose(ignored, "y", 0) == [] and bl.diagnose(ignored, "y", 17) == []
    assert names_of(bl.diagnose(ignored, "y", 6)) == ["inputs exchanged", "all inputs in one forward sweep"]


@settings(max_examples=40)
@given(programs(most_lines=7))
def test_every_reported_number_is_wrong_and_recognised(program):
    graph = bl.trace(program.run, *program.inputs)
    right = bl.adjoint_sweep(graph).numbers
    assert Reverse(graph).run(RIGHT)[0] == pytest.approx([0.0 if x is None else x for x in right])
    asked = [*graph.inputs, graph.nodes[len(graph) // 2]]
    turns = bl.wrong_turns(graph, asked)
    for node in asked:
        truth = right[node.id] or 0.0
        assert bl.diagnose(graph, node, truth) == []
        for name, numbers in turns.items():
            assert any(not same(numbers[n.name], right[n.id] or 0.0, DIGITS) for n in asked), name
            number = numbers[node.name]
            if not same(number, truth, DIGITS):
                equal = [k for k, v in turns.items() if same(v[node.name], number, 1e-8)]
                found = bl.diagnose(graph, node, number)
                assert name in names_of(found)[: len(equal) + 2], name
                assert all("{" not in turn.sentence and turn.where.graph is graph for turn in found)


@pytest.mark.parametrize(
    ("node", "number", "words"),
    [
        ("q", 1, "no node is called q (line"),
        (7.5, 1, "a node is given by its name or as one of graph.nodes, not as 7.5"),
        ("other", 1, "the node x belongs to another graph"),
        ("x", "132", "the answer must be a number, not str '132'"),
        ("x", None, "the answer must be a number, not NoneType None"),
        ("x", math.nan, "the answer must be a number, not nan"),
        ("x", True, "the answer must be a number, not bool True"),
        ("x", 1j, "the answer must be a number, not complex 1j"),
        ("x", np.ones(2), "the answer must be a number, not ndarray"),
    ],
)
def test_bad_questions(node, number, words):
    graph = bl.examples["strang"].trace()
    node = bl.examples["olah"].trace().nodes[0] if node == "other" else node
    words = words.replace("node x", "node a")
    with pytest.raises(bl.ArgumentError) as caught:
        bl.diagnose(graph, node, number)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_graphs_without_wrong_turns():
    with pytest.raises(bl.ArgumentError, match="2 outputs, and wrong turns are for one"):
        bl.wrong_turns(bl.trace(lambda x: (x, x * x), 3))
    with pytest.raises(bl.ArgumentError, match="takes a graph, and the function diamonds is none"):
        bl.wrong_turns(diamonds)
    g = bl.examples["olah"].trace()
    records = [(*record[:5], np.ones(2)) for record in g.records]
    arrays = bl.Graph(records, g.places, g.comparisons, g.input_names, g.output_ids, g.single, g.function)
    with pytest.raises(bl.ArgumentError, match=r"whose output is one number, and e is an array of shape \(2,\)"):
        bl.wrong_turns(arrays)


# --- drawing inputs ---------------------------------------------------------------------------------------------------


def two_diamonds(x):
    a = x * x + x
    b = a * a + a
    return b


def of_a_sum(x, y):
    return (x + y) / (x * y)


FUNCTIONS = [bl.examples[name].function for name in ("strang", "edelman", "olah")]
FUNCTIONS += [twice_u, quotient, of_a_sum, diamonds, two_diamonds]


def table(f, inputs, nodes):
    """By node: the right answer and every misconception's, except difference quotients that round to the right one."""
    sweep = Reverse(bl.trace(f, **inputs))
    ids = [sweep.graph[name].id for name in nodes]
    answers = {rule.name: sweep.numbers(rule, ids)[0] for rule in (RIGHT, *MISCONCEPTIONS)}
    return {
        name: {
            k: v[id]
            for k, v in answers.items()
            if not ("difference" in k and same(v[id], sweep.right[id], 2 * DIGITS)) and math.isfinite(v[id])
        }
        for name, id in zip(nodes, ids, strict=True)
    }


@pytest.mark.drawn
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_drawn_inputs_keep_the_wrong_turns_apart(f):
    sample = bl.adjoint_sweep(bl.trace(f, *[1.37, 2.71][: f.__code__.co_argcount]))
    inputs = sample.graph.input_names
    shared = [name for k, name in enumerate(inputs) if len(sample.arrivals.get(k, ())) > 1] or list(inputs)
    elsewhere = [dict(zip(inputs, at, strict=False)) for at in ((1.37, 2.71), (4.19, 3.3), (2.23, 7.77))]
    generic = [table(f, point, shared) for point in elsewhere]

    def agree_everywhere(node, a, b):
        both = [t[node] for t in generic if a in t[node] and b in t[node]]
        return bool(both) and all(same(t[a], t[b]) for t in both)

    checked, seen = {}, set()
    for seed in range(many(20, most=500)):
        drawn = bl.separating_inputs(f, f"student {seed}")
        key = tuple(drawn.values())
        seen.add(key)
        if key in checked:
            continue
        checked[key] = True
        assert all(1 <= x <= 9 and (2 * x) % 1 == 0 for x in key)
        graph = bl.trace(f, **drawn)
        assert max(abs(n.value) for n in graph.nodes) <= 1000
        for node, answers in table(f, drawn, shared).items():
            assert 0 < abs(answers["right"]) <= 1000
            for a, b in combinations(answers, 2):
                assert not same(answers[a], answers[b], 2 * DIGITS) or agree_everywhere(node, a, b), (drawn, a, b)
            for name, number in answers.items():
                if not agree_everywhere(node, "right", name) and name != "right":
                    first = bl.diagnose(graph, node, number)[0].name
                    assert first == name or agree_everywhere(node, first, name), (drawn, node, name)
    assert len(seen) >= (8 if len(inputs) > 1 else 4)


def test_an_input_that_is_not_shared_can_be_asked_for():
    for seed in range(20):
        drawn = bl.separating_inputs(bl.examples["strang"].function, seed, ask=["x", "y"])
        numbers = [v["y"] for v in bl.wrong_turns(bl.trace(bl.examples["strang"].function, **drawn)).values()]
        assert len(set(numbers)) > 5


def test_halves_where_whole_numbers_will_not_do():
    drawn = {bl.separating_inputs(lambda x: x**3 * x, seed, low=1, high=3)["x"] for seed in range(10)}
    assert drawn == {2.5}


def test_what_is_known_is_never_drawn():
    f, usual = bl.examples["strang"].function, []
    for seed in range(30):
        usual.append(bl.separating_inputs(f, seed))
        assert bl.separating_inputs(f, seed, unlike={"x": 2, "y": 3}) != {"x": 2, "y": 3}
    assert {"x": 2, "y": 3} in usual


def test_a_draw_is_the_same_in_every_process():
    code = "import backprop_lab as bl; print([bl.separating_inputs(bl.examples['edelman'].function, s) for s in 'abc'])"
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout for _ in range(2)}
    here = [bl.separating_inputs(bl.examples["edelman"].function, s) for s in "abc"]
    assert runs == {f"{here}\n"}


def test_a_kink_parts_the_inputs():
    drawn = bl.separating_inputs(lambda x, y: bl.relu(x - y) * x + y, "Ada")
    assert drawn["x"] > drawn["y"]


@pytest.mark.parametrize(
    ("f", "options", "words"),
    [
        (lambda x: x * x, {"low": 1, "high": 1}, "no inputs from 1 to 1 suit"),
        (lambda x: x * x, {"largest": 0.5}, "the numbers get larger than 0.5"),
        (lambda x: bl.log(-x), {}, "they leave the domain of an operation"),
        (lambda x: bl.relu(-x), {}, "the derivative with respect to x is 0"),
        (lambda x: x * x, {"low": 5, "high": 2}, "low and high must be whole numbers in order, not 5 and 2"),
        (lambda x: x * x, {"low": 0.5}, "low and high must be whole numbers in order"),
        (lambda x: x * x, {"ask": ["z"]}, "ask for one of x"),
        (lambda *x: x[0], {}, "how many numbers"),
        (lambda x: None, {}, "returns"),
        (3, {}, "must be a function, not"),
        (max, {}, "built in"),
    ],
)
def test_no_such_inputs(f, options, words):
    with pytest.raises(bl.ArgumentError) as caught:
        bl.separating_inputs(f, "Ada", **options)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_function_with_its_own_rule_sends_by_it():
    """It has no slope that multiplies, in a graph of numbers too: questions, wrong turns and mysteries ask the rule."""
    rule = bl.custom(lambda a, b: 5.0, vjp=lambda a, b: (5.0, lambda bar: (bar * 0.6, bar * 0.8)))

    def f(x, y):
        return rule(x, y) * x

    graph = bl.trace(f, 3.0, 4.0)
    turns = bl.wrong_turns(graph)
    assert turns["inputs not zeroed"] == pytest.approx({"x": 2 * (5.0 + 3 * 0.6), "y": 2 * 3 * 0.8})
    assert turns["keeps the first arrival"]["x"] == 5.0 and turns["factors not swapped"]["y"] == pytest.approx(4.0)
    assert "only the first arrival" in bl.diagnose(graph, "x", 5.0)[0].sentence
    assert bl.step(f, x=3, y=4, predict=True) and bl.step(f, x=3, y=4, mystery="Ada")
