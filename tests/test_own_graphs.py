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
from backprop_lab.calls import outline


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
    lambda xs: sum(map(lambda x: x * x, xs)),
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
