"""The five steps of `Value`: what the tests of all exercises do not say about them."""

import sys

import pytest
from support.circles import each_once
from support.own_folder import own_folder  # noqa: F401
from support.strategies import many

import backprop_lab as bl
from backprop_lab.exercises.code import Code
from backprop_lab.exercises.lessons.engine import BOOK
from backprop_lab.exercises.lessons.engine_value import step_text

STEPS = [exercise for exercise in BOOK.exercises.values() if isinstance(exercise, Code)]
SEEDS = [f"student {k}" for k in range(many(1, most=40))]


def defined(text):
    space = {}
    exec(text, space)
    return space["Value"]


def test_each_step_passes_those_before_it_and_not_the_next():
    assert [e.id for e in STEPS] == [f"engine.{k}" for k in range(1, 6)]
    for k, own in enumerate(STEPS):
        passed = [e.check(own.model_answer(), "Ada").passed for e in STEPS]
        assert passed == [True] * (k + 1) + [False] * (4 - k)
    assert 50 <= len(step_text(5).splitlines()) <= 70


def test_the_final_class_is_an_engine():
    Value = STEPS[-1].model_answer()
    for name, figures in {"edelman": (34, 14, 6), "strang": (88, 140, 24), "olah": (6, 2, 5)}.items():
        example = bl.examples[name]
        inputs = [Value(x) for x in example.inputs.values()]
        result = example.function(*inputs)
        result.backward()
        assert (result.data, *(x.grad for x in inputs)) == figures
    assert "the figures of the lectures" in str(bl.check("engine.5", Value))


def test_an_early_class_says_what_is_missing():
    report = bl.check("engine.3", STEPS[1].model_answer())
    assert report.score == 0 and report.wrong_turn is None and "has no attribute 'order'" in str(report)
    report = bl.check("engine.5", STEPS[3].model_answer())
    assert report.wrong_turn == "nothing zeroed" and 0.5 < report.score < 1


# --- right answers that look different from the solution --------------------------------------------------------------

DATACLASS = """
from dataclasses import dataclass, field
@dataclass
class Value:
    data: float
    parents: list = field(default_factory=list)
    partials: list = field(default_factory=list)
    grad: int = 0
    def __add__(self, other):
        o = other if isinstance(other, Value) else Value(other)
        return Value(self.data + o.data, [self, o], [1, 1])
    def __sub__(self, other):
        o = other if isinstance(other, Value) else Value(other)
        return Value(self.data - o.data, [self, o], [1, -1])
    def __mul__(self, other):
        o = other if isinstance(other, Value) else Value(other)
        return Value(self.data * o.data, [self, o], [o.data, self.data])
    def __truediv__(self, other):
        o = other if isinstance(other, Value) else Value(other)
        return Value(self.data / o.data, [self, o], [o.data**-1, -self.data * o.data**-2])
    def __pow__(self, n): return Value(self.data**n, [self], [n * self.data**n / self.data])
    def __radd__(self, other): return Value(other) + self
    def __rmul__(self, other): return Value(other) * self
    def __rsub__(self, other): return Value(other) - self
    def __rtruediv__(self, other): return Value(other) / self
    def order(self):
        # counts the users of each node, then takes those whose users are all done
        users, todo, met = {id(self): 0}, [self], {id(self)}
        while todo:
            for parent in todo.pop().parents:
                users[id(parent)] = users.get(id(parent), 0) + 1
                if id(parent) not in met:
                    met.add(id(parent))
                    todo.append(parent)
        ready, done = [self], []
        while ready:
            done.append(ready.pop())
            for parent in done[-1].parents:
                users[id(parent)] -= 1
                if not users[id(parent)]:
                    ready.append(parent)
        return tuple(reversed(done))
    def backward(self):
        grads = {id(self): 1.0}
        for node in reversed(self.order()):
            node.grad = grads[id(node)]
            for k in range(len(node.parents)):
                key = id(node.parents[k])
                grads[key] = grads.get(key, 0) + node.grad * node.partials[k]
"""
NUMBERED = """
import numpy as np
made = 0
def value(x): return x if isinstance(x, Value) else Value(x)
class Value:
    __slots__ = "data", "parents", "partials", "grad", "number"
    def __init__(self, data, *edges):
        global made
        made += 1
        self.data, self.number, self.grad = np.float64(data), made, np.float64(0)
        self.parents, self.partials = [p for p, _ in edges], [d for _, d in edges]
    def __add__(self, y): return add(self, y)
    def __radd__(self, y): return add(y, self)
    def __mul__(self, y): return mul(self, y)
    def __rmul__(self, y): return mul(y, self)
    def __sub__(self, y): return sub(self, y)
    def __rsub__(self, y): return sub(y, self)
    def __truediv__(self, y): return div(self, y)
    def __rtruediv__(self, y): return div(y, self)
    def __pow__(self, n): return Value(self.data**n, (self, n * self.data**(n - 1)))
    def order(self):
        # nodes are numbered as they are made, so their numbers are an order already
        met, todo = {self.number: self}, [self]
        while todo:
            new = [p for p in todo.pop().parents if p.number not in met]
            met |= {p.number: p for p in new}
            todo += new
        for number in sorted(met):
            yield met[number]
    def backward(self):
        nodes = list(self.order())
        for n in nodes: n.grad = 0
        self.grad = 1
        for n in nodes[::-1]:
            for p, d in zip(n.parents, n.partials): p.grad = p.grad + n.grad * d
def add(x, y):
    x, y = value(x), value(y)
    return Value(x.data + y.data, (x, 1), (y, 1))
def sub(x, y):
    x, y = value(x), value(y)
    return Value(x.data - y.data, (x, 1), (y, -1))
def mul(x, y):
    x, y = value(x), value(y)
    return Value(x.data * y.data, (x, y.data), (y, x.data))
def div(x, y):
    x, y = value(x), value(y)
    z = x.data / y.data
    return Value(z, (x, 1 / y.data), (y, -z / y.data))
"""


@pytest.mark.parametrize("text", [DATACLASS, NUMBERED], ids=["dataclass, counts users", "numbered, NumPy scalars"])
def test_other_right_classes_are_right(text):
    Value = defined(text)
    for exercise in STEPS:
        for seed in SEEDS:
            report = exercise.check(Value, seed)
            assert report.passed, str(report)


# --- wrong ones -------------------------------------------------------------------------------------------------------


@pytest.mark.drawn
@pytest.mark.parametrize("exercise", STEPS, ids=[e.id for e in STEPS])
def test_wrong_turns_keep_their_names_for_all_students(exercise):
    for seed in SEEDS:
        for name, answer in exercise.wrong_answers(seed).items():
            assert exercise.check(answer, seed).wrong_turn == name, (seed, name)


# In step 4 the whole method is the hole: a method that does nothing is what comes of a forgotten seed.
@each_once(
    "exercise, stub",
    {e.id: e for e in STEPS[:3] + STEPS[4:]},
    ["pass", "raise NotImplementedError()", "self.nothing = 3"],
)
def test_a_class_with_nothing_in_it(exercise, stub):
    text = exercise.before + exercise.starter().replace("pass  # your answer here", stub)
    report = exercise.check(defined(text))
    assert report.score == 0 and report.wrong_turn is None and "does nothing yet" in str(report)


def test_two_mistakes_at_once_get_the_first_one_named():
    text = step_text(4).replace("parent.grad += ", "parent.grad = ").replace("n * self.data", "self.data")
    report = STEPS[3].check(defined(text))
    assert report.wrong_turn == "power loses the exponent"


def test_recursion_is_no_danger_to_the_kernel():
    before = sys.getrecursionlimit()
    report = STEPS[2].check(STEPS[2].wrong_answers()["recursion too deep"])
    assert report.score == 0.875 and "about a thousand" in report.hint and sys.getrecursionlimit() == before
