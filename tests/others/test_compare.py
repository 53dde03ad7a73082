"""Engines with a mistake each: the first wrong node, and the wrong turn that gives all of their numbers."""

import re
from functools import cache

import pytest
from support.engines import ENGINE, LOCAL, MISTAKES, PROGRAMS, made

import backprop_lab as bl

CASES = [(k, program) for k in range(len(MISTAKES)) for program in PROGRAMS]


@cache
def right_gradients(program):
    """Those of the engine without a mistake, by name: what a comparison is measured by."""
    graph = bl.from_values(made(ENGINE, program))
    return [graph.theirs[id] for id in range(len(graph))]


@cache
def found(k, program):
    mistake = MISTAKES[k]
    assert mistake.old in ENGINE
    source = ENGINE.replace(mistake.old, mistake.new) if mistake.old else ENGINE
    return bl.from_values(made(source, program, mistake.back)).compare()


def shows(k, program):
    theirs, right = found(k, program).graph.theirs, right_gradients(program)
    return any(theirs[id] != pytest.approx(right[id], rel=1e-9, abs=1e-12) for id in range(len(right)))


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_right_engine_is_accused_of_nothing(program):
    for source in (
        ENGINE,
        ENGINE.replace("set(parents)", "tuple(parents)"),
        ENGINE.replace("+= out.grad", "+= 1.0 * out.grad"),
    ):
        compared = bl.from_values(made(source, program)).compare()
        assert compared.right and compared.turn is None and compared.first is None and not compared.differences
        assert str(compared) == f"All {compared.compared} of their gradients are ours."


def test_there_are_thirty_mistakes_and_each_shows():
    assert len(MISTAKES) >= 30 and len({m.name for m in MISTAKES}) >= 20
    assert all(any(shows(k, program) for program in PROGRAMS) for k in range(len(MISTAKES)))


def test_nine_in_ten_are_named_and_none_wrongly():
    """Where several mistakes give the same numbers all are listed, and the right one is among them."""
    shown = [case for case in CASES if shows(*case)]
    named = [case for case in shown if found(*case).turn is not None]
    first = [(k, p) for k, p in named if (found(k, p).turn.name, found(k, p).turn.op) == MISTAKES[k][2:4]]
    wrong = [
        (MISTAKES[k].name, p, [t.name for t in found(k, p).turns])
        for k, p in named
        if MISTAKES[k][2:4] not in [(t.name, t.op) for t in found(k, p).turns]
    ]
    assert wrong == [] and len(first) >= 0.9 * len(shown), (len(first), len(shown))


@pytest.mark.parametrize("k", range(len(MISTAKES)))
def test_the_first_wrong_node(k):
    """All that uses it, at any distance, is right; it itself is not."""
    for program in PROGRAMS:
        if not shows(k, program):
            continue
        compared, right = found(k, program), right_gradients(program)
        graph, first = compared.graph, compared.first
        theirs = graph.theirs
        assert theirs[first.id] != pytest.approx(right[first.id], rel=1e-9, abs=1e-12)
        for user in graph.influences(first):
            if user.id not in (d.node.id for d in compared.differences):
                assert theirs[user.id] == pytest.approx(right[user.id], rel=1e-9, abs=1e-12)
        assert not {d.node for d in compared.differences} & graph.influences(first)
        assert {d.node.id for d in compared.differences} == {
            id for id in range(len(graph)) if theirs[id] != pytest.approx(right[id], rel=1e-8, abs=1e-12)
        }


# Mistakes that are in no table: nobody is accused of what they did not do.
ODD = {
    "(1 - out.data**2)": ("(1 - out.data**3)", "tanh"),
    "other.data**2 *": ("other.data**3 *", "div"),
    "out.data * (1 - out.data) * out.grad": ("out.data * (1 - out.data) ** 2 * out.grad", "sigmoid"),
    "1 / self.data * out.grad": ("1 / self.data**2 * out.grad", "log"),
    "n * self.data ** (n - 1)": ("(n - 1) * self.data ** (n - 1)", "power"),
    "+= out.data * out.grad": ("+= 0.1 + out.data * out.grad", "exp"),
    "out.data * (1 - out.data) * out.grad ": ("(out.data * 1 - out.data * out.grad)", "sigmoid"),
    "self.grad += out.grad / other.data": ("self.grad += max(-0.5, min(0.5, out.grad / other.data))", "div"),
    "-self.data / other.data**2 * out.grad": ("-out.data / self.data * out.grad", "div"),
    "+= other.data * out.grad": ("+= round(other.data * out.grad, 3)", "mul"),
    "            node._backward()": ("            node.grad *= 0.9; node._backward()", None),
}


@pytest.mark.parametrize("old", ODD)
def test_an_unknown_mistake_is_told_by_its_operation_or_by_its_numbers(old):
    new, op = ODD[old]
    for program in PROGRAMS:
        assert old.strip() in ENGINE
        compared = bl.from_values(made(ENGINE.replace(old.rstrip(), new), program)).compare()
        assert [(t.name, t.op) for t in compared.turns] in ([], [("wrong rule", op)])
        told = "none of the wrong turns that we know|The sweep starts from 1 at loss, and theirs is"
        assert compared.right or compared.turns or re.search(told, str(compared))


def test_two_mistakes_at_once_are_not_taken_for_one():
    source = ENGINE.replace("(1 - out.data**2)", "(1 - out.data)").replace(
        "1 / self.data * out.grad", "self.data * out.grad"
    )
    for program in PROGRAMS:
        assert bl.from_values(made(source, program)).compare().turn is None


def test_a_report_says_where_and_what():
    compared = bl.from_values(made(ENGINE.replace("(1 - out.data**2)", "(1 - out.data)"))).compare()
    text = str(compared).splitlines()
    assert text[0].startswith("5 of 33 gradients differ; the first in the reverse sweep is b, line ")
    assert (
        text[1].startswith("Square lost: The value is not squared. c = tanh(b) sends b ")
        and "begins in line" in text[1]
    )
    assert text[2].startswith("  b: theirs ") and len(text) == 7
    assert repr(compared).endswith("first at b, square lost>") and not compared


def test_weights_that_nobody_zeroed():
    """The commonest of all: a new graph in each step, old gradients in the weights."""
    space = {"__name__": "engine"}
    exec(LOCAL, space)
    value = space["Value"]
    w, b = [value(0.5), value(-0.3)], value(0.1)

    def step(x0, x1):
        out = (w[0] * x0 + w[1] * x1 + b).relu() ** 2 + w[0] * w[1] * 0.1
        out.backward()
        return out

    step(1.0, -2.0)
    compared = bl.from_values(step, 3.0, 1.5).compare()
    assert compared.turn.name == "inputs not zeroed" and len(compared.differences) == 3
    for x in (*w, b):
        x.grad = 0
    assert bl.from_values(step, 3.0, 1.5).compare().right


def test_a_set_counts_one_use():
    space = {"__name__": "engine"}
    once = "for child, local in {id(c): (c, l) for c, l in zip(node._children, node._local_grads)}.values():"
    exec(LOCAL.replace("for child, local in zip(node._children, node._local_grads):", once), space)
    x, y = space["Value"](3.0), space["Value"](2.0)
    z = (x * x + y) * y + x
    z.backward()
    assert bl.from_values(z).compare().turn.name == "counted once"


# The same for engines that keep local partials and no names: which operation it was, is found by computing.
PLAIN = """
def program():
    x, y, w = Value(1.3), Value(0.7), Value(-0.6)
    a = x * y
    b = a + w
    c = (b * b).exp()
    d = (c + 2.5).log() * w
    e = (d - a) / (y + 1.5)
    f = e**3 + (a * x).relu() + (w * y).relu() * b
    loss = f * f - e * 0.3 + x**2
    loss.backward()
    return loss
"""
IN_LOCAL = {
    "(other.data, self.data)": ("(self.data, other.data)", "factors not swapped", "mul"),
    "(1, 1)": ("(1, -1)", "wrong sign", "add"),
    "(n * self.data ** (n - 1),)": ("(self.data ** (n - 1),)", "exponent lost", "power"),
    "(n * self.data ** (n - 1),) ": ("(n * self.data**n,)", "exponent not lowered", "power"),
    "(1 / self.data,)": ("(self.data,)", "another function's rule", "log"),
    "(math.exp(self.data),)": ("(self.data,)", "taken at the operand", "exp"),
    "float(self.data > 0)": ("1.0", "local partial lost", "relu"),
    "child.grad += local": ("child.grad = local", "assigned instead of added", None),
    "child.grad += local * node.grad": ("child.grad += local", "upstream factor lost", None),
    "zip(node._children, node._local_grads)": (
        "zip(node._children[:1], node._local_grads)",
        "second operand forgotten",
        None,
    ),
    "reversed(order)": ("order", "order not reversed", None),
}


@pytest.mark.parametrize("old", IN_LOCAL)
def test_an_engine_without_names(old, monkeypatch):
    monkeypatch.setitem(PROGRAMS, "plain", PLAIN)
    new, name, op = IN_LOCAL[old]
    assert old.strip() in LOCAL and bl.from_values(made(LOCAL, "plain")).compare().right
    turn = bl.from_values(made(LOCAL.replace(old.strip(), new), "plain")).compare().turn
    assert (turn.name, turn.op) == (name, op)
