"""The source beside a graph: a function alone, and in it the expression of each node, as Python itself cuts it."""

import ast
import linecache

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.film.film import Film

# As a student sets it out, and no formatter: over several lines, with letters of two bytes, which move the columns.
STUDENT = """\
def program(x):
    sines = [bl.sin(ä * x) for ä in (1.0, 2.0)]

    def inner(a):
        a *= 3
        return (a
                + x)

    return sum(sines) + inner(x) \\
        * 2


lambdas = (
    lambda é, y: é * y + (é - 1) ** 2,
    lambda x, y: (x *
                  y) - 1,
)
"""
linecache.cache["<student's parts>"] = (len(STUDENT), None, STUDENT.splitlines(True), "<student's parts>")
space = {"bl": bl}
exec(compile(STUDENT, "<student's parts>", "exec"), space)
program, lambdas = space["program"], space["lambdas"]


class Model:
    weight = 2.0

    def __call__(self, x):
        y = self.weight * x
        return y + bl.exp(-y)


def underlined(graph):
    """For each node that has one its place, and the text that is underlined for it, line by line."""
    data = Film(graph).data()
    for node, row in zip(graph.nodes, data["rows"], strict=True):
        if "part" in row:
            lines = data["code"][row["line"][0]]["lines"]
            yield node, graph.places[node.id], [lines[k][start:end] for k, start, end in row["part"]]


@pytest.mark.parametrize(
    ("make", "many"),
    [
        (lambda: bl.trace(program, 0.5), 8),
        (lambda: bl.trace(Model(), 0.5), 4),
        *((lambda f=f: bl.trace(f, 1.5, 2.5), 2) for f in lambdas),
        *((bl.examples[name].trace, 3) for name in ("edelman", "strang", "two-layer")),
    ],
)
def test_the_underlined_part_is_the_nodes_expression(make, many):
    """Python's own cut of the file, dedented as the block is, is the oracle."""
    seen = 0
    for node, place, texts in underlined(make()):
        whole = ast.get_source_segment("".join(linecache.getlines(place.filename)), place.node)
        assert [text.strip() for text in texts] == [line.strip() for line in whole.split("\n")], node
        assert node.primitive is not None
        seen += 1
    assert seen >= many


def test_a_function_stands_alone():
    code = [Film(bl.trace(f, 1.5, 2.5)).data()["code"] for f in lambdas]
    assert code[0] == [{"name": "<lambda>", "lines": ["lambda é, y: é * y + (é - 1) ** 2"]}]
    assert code[1] == [{"name": "<lambda>", "lines": ["lambda x, y: (x *", "y) - 1"]}]
    (block,) = Film(bl.trace(Model(), 0.5)).data()["code"]
    assert block["lines"][0] == "def __call__(self, x):" and block["lines"][-1] == "    return y + bl.exp(-y)"


def test_where_the_expression_is_unknown_the_line_alone_is_known():
    def f(xs):
        s = 0.0
        for x in xs:  # takes the entries out, with no expression of its own
            s = s + x * x
        return s

    rows = {row["is"]: row for row in Film(bl.trace(f, np.array([1.5, 2.0]))).data()["rows"]}
    assert rows["xs[0]"]["line"] == [0, 2] and "part" not in rows["xs[0]"]
    namespace = {}
    exec("def g(x):\n    return x * 2", namespace)  # no source at all
    assert not any("line" in row or "part" in row for row in Film(bl.trace(namespace["g"], 1.5)).data()["rows"])
