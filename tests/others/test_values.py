"""Other people's engines as graphs: what is read, what it is called, what is refused, and that it is quick."""

import math
import pickle
import random

import pytest
from support.engines import ENGINE, LOCAL, SCALAR, made

import backprop_lab as bl
from backprop_lab.catalogue import gpt
from backprop_lab.drawing.folding.outline import outline
from backprop_lab.recording.trees import mapped


def engine(source):
    space = {"__name__": "engine"}
    exec(source, space)
    return space


Value = engine(ENGINE)["Value"]
Local = engine(LOCAL)["Value"]
Scalar = engine(SCALAR)["Scalar"]
Student = bl.exercises["engine.5"].model_answer("")


def formulas(graph):
    return {node.name: node.formula for node in graph.nodes if node.primitive is not None}


@pytest.mark.parametrize("kind", [Value, Local, Student], ids=["micrograd", "microgpt", "lesson 8"])
def test_names_values_and_gradients_of_three_engines(kind):
    x, y = kind(2.0), kind(3.0)
    z = (x * y - 1) ** 2 / y
    z.backward()
    graph = bl.from_values(z)
    right = bl.value_and_grad(lambda x, y: (x * y - 1) ** 2 / y)(2.0, 3.0)
    assert (
        graph.value == pytest.approx(right[0]) and graph.input_names[:2] == ("x", "y") and graph.outputs[0].name == "z"
    )
    assert [graph.theirs[k] for k in range(2)] == pytest.approx(right[1])
    assert graph.ours[:2] == pytest.approx(right[1]) and graph.compare().right


def test_a_history_with_gradients_of_the_leaves_alone():
    x, y = Scalar(2.0, name="x"), Scalar(3.0)
    z = (x * y + x).sigmoid() * y.inv()
    z.backward()
    graph = bl.from_values(z)
    assert formulas(graph)["v3"] == "σ(v2)" and formulas(graph)["z"] == "v3 · v4"
    assert graph.theirs[graph["z"].id] is None and graph.compare().compared == 2 and graph.compare().right
    x.derivative *= -1
    assert bl.from_values(z).compare().first.name == "x"


class History:
    def __init__(self, last_fn=None, ctx=None, inputs=()):
        self.last_fn, self.ctx, self.inputs = last_fn, ctx, inputs


class Task:
    """A scalar with minitorch's interface: functions are classes with a context, and leaves alone get a derivative."""

    made = 0

    def __init__(self, v, back=None, name=None):
        Task.made += 1
        self.data, self.history, self.derivative = float(v), back or History(), None
        self.unique_id, self.name = Task.made, name if name is not None else str(Task.made)

    @classmethod
    def apply(cls, fn, *xs):
        xs = [x if isinstance(x, Task) else Task(x) for x in xs]
        ctx = []
        return Task(fn.forward(ctx, *(x.data for x in xs)), History(fn, ctx, xs))

    @property
    def parents(self):
        assert self.history is not None
        return self.history.inputs

    def backward(self):
        order, seen = [], set()

        def visit(x):
            if x.unique_id not in seen:
                seen.add(x.unique_id)
                for y in x.parents:
                    visit(y)
                order.append(x)

        visit(self)
        bars = {self.unique_id: 1.0}
        for x in reversed(order):
            bar = bars.get(x.unique_id, 0.0)
            if x.history.last_fn is None:
                x.derivative = bar
                continue
            sent = x.history.last_fn.backward(x.history.ctx, bar)
            for y, one in zip(x.parents, sent if isinstance(sent, tuple) else (sent,), strict=True):
                bars[y.unique_id] = bars.get(y.unique_id, 0.0) + one


def function(name, value, slopes):
    """One of minitorch's functions, by its name."""

    def forward(ctx, *xs):
        ctx.append(xs)
        return float(value(*xs))

    def backward(ctx, d):
        return tuple(d * slope(*ctx[0]) for slope in slopes)

    return type(name, (), {"forward": staticmethod(forward), "backward": staticmethod(backward)})


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


TASKS = {
    "Add": (lambda a, b: a + b, (lambda a, b: 1.0, lambda a, b: 1.0)),
    "Mul": (lambda a, b: a * b, (lambda a, b: b, lambda a, b: a)),
    "Neg": (lambda a: -a, (lambda a: -1.0,)),
    "Inv": (lambda a: 1 / a, (lambda a: -1 / a**2,)),
    "Log": (math.log, (lambda a: 1 / a,)),
    "Exp": (math.exp, (math.exp,)),
    "Sigmoid": (sigmoid, (lambda a: sigmoid(a) * (1 - sigmoid(a)),)),
    "ReLU": (lambda a: max(a, 0.0), (lambda a: float(a > 0),)),
    "LT": (lambda a, b: a < b, (lambda a, b: 0.0, lambda a, b: 0.0)),
}


def test_minitorch_s_functions_and_comparisons():
    """All of its functions in one expression; LT gives a number without a slope."""
    fn = {name: function(name, *rest) for name, rest in TASKS.items()}
    x, y = Task(1.5, name="x"), Task(-0.4, name="y")

    def run(name, *xs):
        return Task.apply(fn[name], *xs)

    a = run("Mul", x, run("Exp", y))
    b = run("Add", run("Sigmoid", a), run("Neg", run("Log", x)))
    z = run("Add", run("Mul", b, run("Inv", x)), run("Mul", run("ReLU", a), run("LT", y, x)))
    z.backward()
    graph = bl.from_values(z)

    def same(x, y):
        a = x * bl.exp(y)
        return (bl.sigmoid(a) - bl.log(x)) / x + bl.relu(a)

    value, gradient = bl.value_and_grad(same)(1.5, -0.4)
    assert graph.value == pytest.approx(value) and graph.input_names[:2] == ("x", "y")
    assert [graph.theirs[graph[name].id] for name in "xy"] == pytest.approx(gradient)
    assert graph.compare().right and graph.compare().compared >= 2
    x.derivative += 0.5
    assert bl.from_values(z).compare().first.name == "x"


def test_a_function_gives_lines_names_and_parts():
    def net(xs, ws):
        hidden = []
        for w in ws:
            z = w[0] * xs[0] + w[1] * xs[1]
            hidden.append(z.tanh())
        loss = hidden[0] - hidden[1] * 2
        loss.backward()
        return loss

    graph = bl.from_values(net, [Value(0.5), Value(-1.0)], [[Value(1.0), Value(2.0)], [Value(3.0), Value(-1.5)]])
    assert graph.input_names == ("xs[0]", "xs[1]", "ws[0][0]", "ws[0][1]", "ws[1][0]", "ws[1][1]")
    first = net.__code__.co_firstlineno
    assert graph["z"].line == graph["z_2"].line == first + 3 and graph["loss"].line == first + 5
    assert [n.line for n in graph.nodes if n.op == "tanh"] == [first + 4] * 2
    assert graph["2"].op == "constant" and len(graph.calls) == 1 and graph.blocks[0].name == "net"


def test_only_the_last_of_one_operator_gets_the_name():
    def f():
        a, b = Local(5.0), Local(3.0)
        c = a - b  # b * −1, and then a sum
        c.backward()
        return c

    graph = bl.from_values(f)
    assert formulas(graph) == {"v1": "b · −1", "c": "a + v1"}


def test_labels_go_before_variables():
    x, other = Value(2.0, label="height"), Value(4.0)
    z = x * other
    z.backward()
    assert bl.from_values(z).names == ("height", "other", "z")
    assert bl.from_values(z, label=lambda v: f"n{v.data:g}").names == ("n2", "n4", "n8")


def test_the_order_of_a_set_is_found_again():
    class Bare:
        def __init__(self, data, parents=(), op=""):
            self.data, self.grad, self.parents, self.op = data, 0.0, set(parents), op

    a, b = Bare(7.0), Bare(2.0)
    assert formulas(bl.from_values(Bare(5.0, (a, b), "-"), grad=False)) == {"result": "a − b"}
    assert formulas(bl.from_values(Bare(-5.0, (a, b), "-"), grad=False)) == {"result": "b − a"}
    assert formulas(bl.from_values(Bare(128.0, (a, b), "**"), grad=False)) == {"result": "b^a"}
    assert formulas(bl.from_values(Bare(49.0, (a, a), "*"), grad=False)) == {"result": "a · a"}
    assert formulas(bl.from_values(Bare(-7.0, (a,), "-"), grad=False)) == {"result": "−a"}
    twin = Bare(7.0)
    with pytest.raises(
        bl.ArgumentError, match=r"(a, twin|twin and a|a and twin).* are a set.*same number in both orders"
    ):
        bl.from_values(Bare(1.0, (a, twin), "/"), grad=False)
    made = Bare(1.0, (a, twin), "/")
    assert formulas(bl.from_values(made, grad=False, parents=lambda v: (twin, a) if v is made else ())) == {
        "made": "twin / a"
    }
    x, y = Value(3.0), Value(3.0)
    z = x / y
    z.backward()
    assert formulas(bl.from_values(z)) == {"z": "x / y"}  # the rule for going back keeps self and other


def test_numbers_that_are_no_nodes_are_found_again():
    class Bare:
        def __init__(self, data, parents=(), op=""):
            self.data, self.grad, self.prev, self.op = data, 0.0, tuple(parents), op

    x = Bare(2.0)
    cases = {
        "+": (5.0, "x + 3"),
        "*": (6.0, "x · 3"),
        "-": (-1.0, "x − 3"),
        "/": (0.5, "x / 4"),
        "**3": (8.0, "x³"),
        "**": (4.0, "x²"),
    }
    for op, (y, formula) in cases.items():
        assert formulas(bl.from_values(Bare(y, (x,), op), grad=False)) == {"result": formula}, op


def test_other_names_and_operations_of_their_own():
    class Odd:
        def __init__(self, number, made_of=(), how=None):
            self.number, self.made_of, self.how, self.slope = number, made_of, how, 0.0

    x = Odd(1.5)
    y = Odd(1.5 / (1 + math.exp(-1.5)), [x], "swish")
    x.slope, y.slope = 1.0390402, 1.0
    asked = {"value": "number", "parents": "made_of", "op": "how", "grad": "slope"}
    with pytest.raises(
        bl.ArgumentError, match="y is made by 'swish', an operation that the lab does not know.*; give ops="
    ):
        bl.from_values(y, **asked)
    graph = bl.from_values(y, **asked, ops={"swish": lambda x: x * bl.sigmoid(x)})
    assert formulas(graph) == {"y": "swish(x)"} and graph["y"].op == "custom"
    numerical = bl.numerical_grad(lambda x: x * bl.sigmoid(x), 1.5)
    assert graph.ours[graph["x"].id] == pytest.approx(numerical, rel=1e-6)
    total = Odd(6.0, [Odd(1.0), Odd(2.0), Odd(3.0)], "sum")
    assert bl.from_values(total, **asked).ours == [1.0, 1.0, 1.0, 1.0]


def loop():
    x = Value(1.0)
    x._prev = {x + 1.0}
    return x


def without(name):
    x = Value(2.0)
    y = x * 3
    delattr(x, name)
    return y


def with_parents(parents):
    x = Value(3.0)
    x._prev = parents
    return x


def with_data(y):
    x = Value(2.0)
    z = x * 3 + 1
    x.data = y
    return z


def floor_division():
    return Value(3.0, (Value(7.0), Value(2.0)), "/")


BAD = [
    (lambda: 3.0, "float 3.0 is no value of a graph.*.*; give the Value"),
    (lambda: [Value(1.0)], "list .* is no value of a graph.*.*; give the Value"),
    (lambda: None, "None is no value of a graph.*; return the loss"),
    (lambda: object(), "object .* has no attribute for its number .*.*; give the result"),
    (lambda: Value(2.0), "has no parents, so there is no graph behind it.*; give the result"),
    (loop, "is computed from itself .* ← .*, and a graph has no circles.*; see"),
    (lambda: without("grad"), "has no attribute grad, and the others have their gradient there.*; set it"),
    (lambda: without("data"), "has no attribute data, and the others have their number there.*; set it"),
    (lambda: Value(3.0, (Value(1.0), "two"), "+"), "a parent of .* is str 'two', and no Value.*; wrap it as Value"),
    (lambda: with_parents(7), r"the parents of Value\(3\) are int 7.*; they must be a tuple"),
    (lambda: with_data(math.nan), "is nan, and nothing can be compared from there on.*; see"),
    (lambda: with_data(math.inf), "is inf, and nothing can be compared from there on.*; see"),
    (lambda: with_data("2"), "is str '2', and no number.*; give value="),
    (lambda: with_data(5.0), r"is 6, and \* of .* is 15.*; correct the operation, or read the graph before"),
    (floor_division, "is 3, and / of .* is 3.5, and a whole-number division, //, gives 3.*; correct"),
    (lambda: Value(9.0, (Value(2.0), Value(3.0)), "*"), r"is 9, and \* of .* is 6"),
    (
        lambda: Value(9.0, (Value(2.0),), "shift"),
        "is made by 'shift', an operation that the lab does not know.*; give ops=",
    ),
]


@pytest.mark.parametrize(("make", "sentence"), BAD)
def test_what_is_no_graph_gets_one_sentence(make, sentence):
    bad = make()
    with pytest.raises(bl.ArgumentError, match=sentence) as told:
        bl.from_values(bad)
    assert str(told.value).count("; ") <= 2 and len(str(told.value)) < 400


def test_gradients_that_are_none():
    z = Value(2.0) * 3.0
    z.grad = "much"
    with pytest.raises(bl.ArgumentError, match="the gradient of z is str 'much', and no number.*; give grad="):
        bl.from_values(z)
    z.grad = None
    for p in z._prev:
        p.grad = None
    with pytest.raises(bl.ArgumentError, match="they have no gradients to compare.*; call backward"):
        bl.from_values(z).compare()


def test_a_million_nodes_are_refused_before_they_are_read(monkeypatch):
    from backprop_lab.others import reader

    monkeypatch.setattr(reader, "MOST", 2_000)
    x = Value(1.0)
    for _ in range(3_000):
        x = x + 1.0
    with pytest.raises(bl.ArgumentError, match="more than 2,000 values behind .*.*; compute a smaller case"):
        bl.from_values(x)


def test_what_goes_elsewhere():
    with pytest.raises(bl.ArgumentError, match="this is a graph already.*; use it"):
        bl.from_values(bl.trace(lambda x: x * x, 2.0))
    with pytest.raises(bl.ArgumentError, match=r"takes .*; call it with"):
        bl.from_values(lambda x: x)
    with pytest.raises(AttributeError, match=r"write bl.from_values\(loss\)"):
        bl.trace(lambda x: x * x, 2.0).compare()


def test_a_long_chain_needs_no_recursion():
    x = y = Local(1.0)
    for _ in range(6_000):
        y = y + x
    y.backward()
    graph = bl.from_values(y)
    assert len(graph) == 6_001 and graph.theirs[0] == 6_001 and graph.compare().right


@pytest.mark.parametrize("count", [130, 400])
def test_a_long_chain_without_names_is_stepped(count):
    """Its parts are rows of nodes and lists of inputs, and no turns of a loop."""

    def chain():
        xs = [Local(1.0 + k / count) for k in range(count)]
        product = xs[0]
        for x in xs[1:]:
            product = product * x + 0.5
        product.backward()
        return product

    graph = (lambda: bl.from_values(chain()))()
    assert graph.input_names[0] == "x1" and "bl-box" in bl.step(graph).svg()


@pytest.mark.wide
def test_a_graph_of_a_gpt(monkeypatch):
    """34,000 values of lists, with names from where the weights are kept."""
    for name in ("exp", "log", "relu"):
        monkeypatch.setattr(gpt, name, lambda x, name=name: getattr(x, name)())
    p = mapped(lambda x, _: Local(x), gpt.parameters())
    loss = gpt.loss(p, "mia")
    loss.backward()
    graph = bl.from_values(loss)
    assert len(graph) > 30_000 and "p['letter']['m'][0]" in graph.input_names and graph.outputs[0].name == "loss"
    assert graph.compare().right and graph.compare().compared == len(graph)
    node = random.Random(1).choice([n for n in graph.nodes if n.op == "mul" and abs(graph.ours[n.id]) > 1e-6])
    graph.theirs[node.id] *= 1.5
    for name in ("_differing", "notes"):
        graph.__dict__.pop(name, None)
    found = graph.compare()
    assert found.first == node and found.turn is None  # one number alone is no engine's wrong turn


def test_theirs_stays_with_the_graph_and_goes_with_its_numbers():
    graph = bl.from_values(made(ENGINE.replace("(1 - out.data**2)", "(1 - out.data)"), "net"))
    again = pickle.loads(pickle.dumps(graph))
    assert again.theirs == graph.theirs and str(again.compare()) == str(graph.compare())
    assert graph.showing(False).theirs == graph.theirs and graph.replay(**{"xs[0]": 2.0}).theirs is None
    assert {note.kind for note in graph.notes.values()} == {"first", "theirs"}
    wrong = graph.compare().differences[0].node
    assert graph.notes[wrong.id].sentence.startswith(
        f"the first wrong one in the sweep: their gradient of {wrong.label}"
    )


def test_calls_and_turns_are_parts_as_in_a_traced_function():
    """An operator that makes several nodes, as a − b does here, is one step of its loop."""

    def squared(x):
        return x * x - x

    def f(xs):
        total = Local(0.0)
        for x in xs:
            total = total - squared(x)
        total.backward()
        return total

    def outlined(part):
        return [(p.label, outlined(p)) for p in part.groups]

    graph = bl.from_values(f, [Local(float(k)) for k in range(1, 6)])
    ((loop, turns),) = outlined(outline(graph))
    assert loop == "loop, 5 turns" and turns == [(f"turn {k}", [("squared", [])]) for k in range(1, 6)]


def test_micrograd_itself():
    engine = pytest.importorskip("micrograd.engine", reason="micrograd is not installed here")

    def f():
        a, b = engine.Value(-4.0), engine.Value(2.0)
        c = a + b
        d = a * b + b**3
        e = (c - d * 2 + (b + a).relu()) / 2.5
        e.backward()
        return e

    graph = bl.from_values(f)
    assert (
        graph.compare().right and graph.input_names == ("a", "b") and graph["d"].line == f.__code__.co_firstlineno + 3
    )
