"""The outline of a traced function: calls of helpers, loops and their turns."""

import pickle

import numpy as np

import backprop_lab as bl
from backprop_lab.drawing.folding.outline import MOST, Part, outline


def show(part, graph):
    """A tree of labels and node names."""
    if not isinstance(part, Part):
        return graph.names[part]
    return (part.label, *(show(p, graph) for p in part.parts))


def ids(group):
    """All node numbers inside."""
    return [id for part in group.parts for id in (ids(part) if isinstance(part, Part) else [part])]


def neuron(w, x):
    s = w * x
    return bl.tanh(s)


def layer(ws, x):
    return [neuron(w, x) for w in ws]


def net(a, b, x):
    h = neuron(a, x)
    y = neuron(b, h)
    return y + x


def test_helpers_are_groups_named_by_what_they_give():
    graph = bl.trace(net, 1.0, 2.0, 3.0)
    assert show(outline(graph), graph) == (
        "net",
        "a",
        "b",
        "x",
        ("h = neuron", "s", "h"),
        ("y = neuron", "s_2", "y"),
        "net",
    )


def steps(x, n):
    for _ in range(3):
        y = x * 2.0
        x = bl.sin(y)
    z = x + 1.0
    return z


def test_a_loop_has_turns():
    graph = bl.trace(lambda x: steps(x, 3), 1.0)
    loop = ("loop, 3 turns", ("turn 1", "2", "y", "x_2"), ("turn 2", "y_2", "x_3"), ("turn 3", "y_3", "x_4"))
    assert show(outline(graph), graph) == ("lambda", "x", ("steps", loop, "1", "z"))
    assert sorted(ids(outline(graph))) == list(range(len(graph)))


def nested(x):
    for _ in range(2):
        x = x + 1.0
        for _ in range(3):
            x = x * 2.0
        x = neuron(x, x)
    while x < 100:
        x = x + 60.0
    return x


def test_loops_in_loops_and_calls_in_loops():
    graph = bl.trace(nested, 1.0)
    tree = str(show(outline(graph), graph))
    assert tree.count("loop, 3 turns") == 2 and tree.count("loop, 2 turns") == 2
    assert tree.count("x = neuron") == 2
    assert sorted(ids(outline(graph))) == list(range(len(graph)))


def test_comprehensions_recursion_and_calls_without_operations():
    def power(x, n):
        return x if n == 0 else x * power(x, n - 1)

    def f(x):
        ys = layer([x, x + 1.0], x)
        return sum(ys) + power(x, 3)

    graph = bl.trace(f, 0.5)
    tree = str(show(outline(graph), graph))
    assert tree.count("neuron") == 2 and "layer" in tree and tree.count("power") >= 3
    assert sorted(ids(outline(graph))) == list(range(len(graph)))


class Neuron:
    def __init__(self, ws):
        self.ws = ws

    def __call__(self, xs):
        act = sum((w * x for w, x in zip(self.ws, xs, strict=True)), 1.0)
        return bl.tanh(act)

    def slope(self, x):
        return self(x) * 2.0


def test_methods_have_their_class_and_sums_over_generators_are_no_loops():
    def f(x, y):
        n = Neuron([0.5, 0.25])
        hs = [n([x, y]) for _ in range(3)]
        return sum(hs) * n.slope([y, x])

    tree = outline(bl.trace(f, 1.0, 2.0))
    labels = []

    def walk(group):
        for part in group.parts:
            if isinstance(part, Part):
                labels.append(part.label)
                walk(part)

    walk(tree)
    assert labels.count("Neuron") == 4 and labels.count("Neuron.slope") == 1 and "__call__" not in str(labels)
    turns = [label for label in labels if "turn" in label]
    assert [t for t in turns if t != "loop, 1 turn"] == ["loop, 3 turns", "turn 1", "turn 2", "turn 3"]


def test_long_loops_come_in_bundles():
    def f(x):
        for _ in range(1000):
            x = x * 1.001
            x = x + 0.001
        return x

    graph = bl.trace(f, 1.0)
    tree = outline(graph)

    def widest(group):
        inner = [p for p in group.parts if isinstance(p, Part)]
        return max([len(inner), *map(widest, inner)])

    assert widest(tree) <= MOST
    assert sorted(ids(tree)) == list(range(len(graph)))
    text = str(show(tree, graph))
    assert "loop, 1000 turns" in text and "turn 1 to 10" in text and "turn 991 to 1000" in text


def test_the_outline_survives_replay_and_pickle():
    graph = bl.trace(net, 1.0, 2.0, 3.0)
    assert show(outline(graph.replay(x=1.0)), graph) == show(outline(graph), graph)
    copy = pickle.loads(pickle.dumps(graph))
    assert show(outline(copy), copy) == show(outline(graph), graph)


def test_two_calls_from_the_same_frame_address_are_two():
    def f(x):
        total = x
        for _ in range(5):
            total = total + neuron(total, x)
        return total

    graph = bl.trace(f, 0.1)
    assert str(show(outline(graph), graph)).count("neuron") == 5


def test_arrays_and_the_labs_own_functions():
    def f(w, x):
        h = np.tanh(w @ x)
        return np.std(h) + bl.grad(lambda t: t * t)(2.0)

    graph = bl.trace(f, np.ones((2, 2)), np.arange(2.0))
    assert sorted(ids(outline(graph))) == list(range(len(graph)))
