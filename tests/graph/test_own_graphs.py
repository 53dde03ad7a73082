"""A student's own graphs: only what the student wrote, the same whatever ran before, and of any size."""

import functools
import itertools
import math
import operator
import random
import warnings

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.drawing.folding.fold import Tree
from backprop_lab.drawing.folding.outline import outline
from backprop_lab.drawing.picture import Picture
from backprop_lab.film.film import Film


def reduced(xs):
    return functools.reduce(operator.add, xs)


def added_from_zero(xs):
    return functools.reduce(operator.add, xs, 0)


def of_rows(xs):
    rows = [[x * x, x] for x in xs]
    a, *_ = map(sum, rows)
    return a + sum(sum(row) for row in rows) + sum(map(sum, rows)) + sum(list(map(sum, rows)))


def in_a_helper(xs):
    def total(terms):
        return sum(terms)

    return total([x * x for x in xs])


def of_a_derivative(xs):
    """The sums of an inner function, on a tape of its own."""
    return bl.grad(lambda y: sum([y * x for x in xs]) * math.prod([y, xs[0]]))(xs[1])


add = sum
NOBODYS = [  # sums and products that begin with a number that nobody wrote
    lambda xs: sum(xs),
    lambda xs: add(xs),
    lambda xs: sum(x * x for x in xs),
    lambda xs: sum([x * x for x in xs]),
    lambda xs: sum(map(lambda x: x * x, xs)),  # noqa: C417  (students do)
    lambda xs: sum({"a": xs[0], "b": xs[1]}.values()),
    lambda xs: sum([xs[0]]) * xs[1],
    lambda xs: math.prod(xs),
    lambda xs: math.prod(x * x for x in xs) + sum(xs),
    lambda xs: functools.reduce(lambda a, b: a + b, xs),
    lambda xs: list(itertools.accumulate(xs))[-1],
    reduced,
    of_rows,
    in_a_helper,
    of_a_derivative,
]
if hasattr(math, "sumprod"):
    NOBODYS.append(lambda xs: math.sumprod(xs, xs))
STUDENTS = [  # the start is the student's own, and stays
    (lambda xs: sum(xs, 0), "0"),
    (lambda xs: sum(xs, start=0), "0"),
    (lambda xs: math.prod(xs, start=1), "1"),
    (lambda xs: 0 + xs[0] * xs[1], "0"),
    (lambda xs: 1 * xs[0] * xs[1], "1"),
    (lambda xs: operator.add(0, xs[0]) * xs[1], "0"),
    (added_from_zero, "0"),
    (lambda xs: sum([2.0, *xs]), "2"),
]


def constants(graph):
    return [node.label for node in graph if node.op == "constant"]


PAIRS = {"numbers": [2.0, 3.0], "arrays": [np.array([1.0, 2.0]), np.array([-3.0, 0.5])]}


@pytest.mark.parametrize("values", PAIRS.values(), ids=list(PAIRS))
@pytest.mark.parametrize("f", NOBODYS)
def test_no_number_that_nobody_wrote(f, values):
    def whole(a, b):
        return np.sum(f([a, b]))

    try:
        graph = bl.trace(whole, *values)
    except bl.LabError:
        assert f is of_a_derivative and np.ndim(values[0])  # it is no number there
        return
    # the constants of the inner derivative are its seed and the outer variables, and no 0
    assert constants(graph) == [] or f is of_a_derivative and "0" not in constants(graph)
    assert f is of_a_derivative or np.all(graph.value == whole(*values))
    assert bl.check_grad(whole, *values)


@pytest.mark.parametrize(("f", "start"), STUDENTS)
def test_a_start_that_the_student_gives_stays(f, start):
    graph = bl.trace(f, [2.0, 3.0])
    assert start in constants(graph)
    assert graph.value == f([2.0, 3.0])


@pytest.mark.parametrize("x", [-0.0, np.array([1.0, -0.0])], ids=["number", "array"])
def test_where_the_start_changes_the_sum_it_stays(x):
    """0 + -0.0 is 0.0, and 0 + True a whole number."""
    assert not np.any(np.signbit(bl.trace(lambda x: sum([x]), x).value))
    assert bl.trace(lambda x: np.sum(sum([x > 0.5, x > -0.5]) * x), np.array([1.0, 2.0])).value == 6.0


def test_counts_and_adjoints_are_those_of_the_sum_written_out():
    short, long = bl.trace(lambda x, y: sum([x * y, x, y]), 2.0, 3.0), bl.trace(lambda x, y: x * y + x + y, 2.0, 3.0)
    assert [n.formula for n in short] == [n.formula for n in long]
    assert bl.adjoint_sweep(short).result == bl.adjoint_sweep(long).result
    assert bl.adjoint_sweep(short).counts == bl.adjoint_sweep(long).counts


def test_a_graph_does_not_depend_on_what_ran_before():
    """Python reports one and the same call at other instructions once it has run some times."""
    draw = random.Random(0)
    matrix = [[draw.uniform(-1, 1) for _ in range(4)] for _ in range(4)]

    def f(xs):
        for _ in range(3):
            xs = [max(sum((w * x for w, x in zip(row, xs, strict=True)), 0), bl.maximum(xs[0], 0)) for row in matrix]
            xs = [math.prod([x, 2], start=1) for x in xs]
        return sum(np.add(x, 1.5) for x in xs)

    def told(graph):
        return str(graph), [(n.name, n.line) for n in graph], repr(outline(graph))

    cold = told(bl.trace(f, [0.1, 0.2, 0.3, 0.4]))
    for _ in range(20):
        bl.grad(f)([0.1, 0.2, 0.3, 0.4])
    assert told(bl.trace(f, [0.1, 0.2, 0.3, 0.4])) == cold


@pytest.mark.parametrize("count", [1, 3, 529])
def test_one_warning_for_all_unused_inputs(count):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        bl.trace(lambda p: p[0] * p[0], [1.0] * (count + 1))
    (said,) = [str(w.message) for w in seen]
    assert "p[1]" in said and "is 0" in said
    assert ("529 of its 530 arguments (p[1], p[2], p[3], p[4] and 525 more)" in said) == (count == 529)


# ---- size


def turns(x, count):
    s = 0.0
    for _ in range(int(count)):
        s = s + x * 0.001
    return s


def endless(x):
    while True:
        x = x * 0.5


def swallowed(x):
    try:
        endless(x)
    except Exception:
        return x


@pytest.mark.parametrize("run", [{"fold": False}, {"mystery": "Friday"}])
def test_a_run_that_is_too_large_is_told_before_anything_is_computed_for_it(run, monkeypatch):
    """20,000 turns once took 49 seconds without a word."""

    def never(self, *args, **kwargs):
        raise AssertionError

    monkeypatch.setattr(Film, "__init__", never)
    graph = bl.trace(lambda x: turns(x, 20_000), 1.0)
    for f, args in ((graph, ()), (graph.function, (1.0,))):
        with pytest.raises(
            bl.LabError, match=r"has 40,?003 nodes, and (one of more than 20,000|a picture) .*; (step|leave)"
        ):
            bl.step(f, *args, **run)
    for f in (endless, swallowed):
        with pytest.raises(bl.LabError, match=f"{f.__name__} computes more than 250,000 values"):
            bl.step(f, 1.0, **run)
    bounds = bl.trace(lambda x: turns(x, 150), 1.0)
    with pytest.raises(bl.LabError, match=r"has 303 nodes, and a picture shows at most 300 at once .*; leave out"):
        bl.step(bounds, fold=False)


def pairs(p):
    return sum((a - b) ** 2 for a, b in p)


def layers(net, x):
    for name in ("one", "two"):
        x = [bl.tanh(sum(w * v for w, v in zip(row, x, strict=True))) for row in net[name]]
    return sum(v * v for v in x)


def many(*numbers):
    return sum(a * a for a in numbers)


def loss(w, data):
    return sum((w[0] * x + w[1] - y) ** 2 for x, y in data)


ROWS = [[0.01 * (i - j) for i in range(16)] for j in range(16)]
LISTS = [
    (pairs, ([(0.5, k / 400) for k in range(400)],), ["p"]),
    (layers, ({"one": ROWS, "two": ROWS}, [0.5] * 16), ["net", "x"]),
    (many, tuple([0.5] * 500), ["numbers"]),
    (loss, ([0.1, 0.2], [(k / 200, 1.0) for k in range(200)]), ["data"]),
]


@pytest.mark.parametrize(("f", "args", "folded"), LISTS, ids=[f.__name__ for f, *_ in LISTS])
def test_lists_of_inputs_fold(f, args, folded):
    graph = bl.trace(f, *args)
    tree = Tree(graph)
    inputs = [p for p in tree.parts if p.label in folded]
    assert [p.label for p in inputs] == folded
    assert all(graph.nodes[k].op == "input" for k, part in enumerate(tree.of) if tree.parts[part] in inputs)
    assert len(tree.scene()) <= 45  # and what is in them is there: every part can be opened
    assert all(len(tree.scene([part.number])) <= 120 for part in tree.parts)
    assert "boxes stand for parts" in graph._repr_html_()


def test_nobody_is_told_to_close_what_nobody_opened(monkeypatch):
    monkeypatch.setattr("backprop_lab.drawing.picture.MOST_NODES", 5)
    graph = bl.trace(pairs, *LISTS[0][1])
    tree = Tree(graph)
    assert len(tree.scene()) > 5 and Picture(graph, scene=tree.scene()).svg()
    with pytest.raises(bl.LabError, match=r"so many open parts would show \d+ boxes"):
        Picture(graph, scene=tree.scene([part.number for part in tree.parts]))
