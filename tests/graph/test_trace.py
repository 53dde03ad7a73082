"""What a trace records, and what a graph answers."""

import copy
import math
import pickle
import time
import tracemalloc
import warnings

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.recording.tape import Tape
from backprop_lab.recording.traced import new_input
from backprop_lab.table.values import plain


def edelman(x, y):
    z = 2 * x * y + (x - 1) ** 2
    return z


def ops(graph):
    return [n.op for n in graph if n.op not in ("input", "constant")]


def test_the_first_example():
    graph = bl.trace(edelman, x=3, y=5)
    assert graph.value == 34.0 and isinstance(graph.value, float)
    assert [(n.name, n.op, n.value) for n in graph] == [
        ("x", "input", 3.0),
        ("y", "input", 5.0),
        ("2", "constant", 2),
        ("v1", "mul", 6.0),
        ("v2", "mul", 30.0),
        ("1", "constant", 1),
        ("v3", "sub", 2.0),
        ("v4", "square", 4.0),
        ("z", "add", 34.0),
    ]
    assert len(graph) == 9 and [n.id for n in graph] == list(range(9))
    assert [(e.parent.name, e.child.name, e.slot) for e in graph.edges] == [
        ("2", "v1", 0),
        ("x", "v1", 1),
        ("v1", "v2", 0),
        ("y", "v2", 1),
        ("x", "v3", 0),
        ("1", "v3", 1),
        ("v3", "v4", 0),
        ("v2", "z", 0),
        ("v4", "z", 1),
    ]
    assert [n.name for n in graph.inputs] == ["x", "y"] and [n.name for n in graph.outputs] == ["z"]
    assert graph["z"].parents == (graph["v2"], graph["v4"]) and graph["z"].partials == (1, 1)
    assert graph["v2"].partials == (5.0, 6.0) and graph["v4"].partials == (4.0,) and graph["x"].partials == ()
    assert graph["z"].primitive is bl.primitives["add"] and graph["x"].primitive is None
    assert graph[8] == graph["z"] and graph[8] != graph["x"] and len({graph[8], graph["z"]}) == 1


def test_printed_it_is_an_evaluation_trace():
    line = f"{edelman.__code__.co_firstlineno + 1:4}"
    assert str(bl.trace(edelman, 3, 5)).splitlines() == [
        "node  is        primal  line",
        "x     input          3",
        "y     input          5",
        f"2     constant       2  {line}",
        f"v1    2 · x          6  {line}",
        f"v2    v1 · y        30  {line}",
        f"1     constant       1  {line}",
        f"v3    x − 1          2  {line}",
        f"v4    v3²            4  {line}",
        f"z     v2 + v4       34  {line}",
    ]
    assert repr(bl.trace(edelman, 3, 5)) == "<Graph of edelman: 9 nodes, value 34>"
    assert repr(bl.trace(edelman, 3, 5)["v4"]) == "<v4 = 4: v3²>"
    long = bl.trace(lambda x: sum(x * k for k in range(300)), 1.0)
    assert str(long).splitlines()[-1] == f"… and {len(long) - 199} more"


def test_a_shared_node_is_one_node_with_two_edges():
    graph = bl.trace(lambda x: x * x, 3)
    assert len(graph) == 2 and graph[1].parents == (graph[0], graph[0])
    assert [(e.parent.id, e.slot) for e in graph.edges] == [(0, 0), (0, 1)]
    assert graph.uses[0] == ((1, 0), (1, 1))


def test_outputs_that_are_not_operations():
    same = bl.trace(lambda x: x, 3)
    assert same.outputs == same.inputs and same.value == 3.0 and len(same) == 1
    with pytest.warns(bl.LabWarning, match="does not use its argument x"):
        constant = bl.trace(lambda x: 7, 3)
    assert constant.value == 7.0 and constant.outputs[0].op == "constant"
    both = bl.trace(lambda x, y: (x * y, x, 1.5, x * y), 3, 5)
    assert both.value == (15.0, 3.0, 1.5, 15.0) and not both.single
    assert bl.trace(lambda x: [x * x], 3).value == (9.0,)
    assert bl.trace(lambda x: (x, x), 3).output_ids == (0, 0)


def test_of_a_table_some_rows_may_be_left_out():
    def read(table, x, count):
        return sum(row[0] for row in table[:count]) * x

    rows = [[1.0]] * 41
    assert bl.trace(lambda table, x: read(table, x, 21), rows, 2.0).value == 42.0
    with pytest.warns(bl.LabWarning, match=r"does not use 21 of its 42 arguments \(table\[20\]\[0\]"):
        bl.trace(lambda table, x: read(table, x, 20), rows, 2.0)
    with pytest.warns(bl.LabWarning, match=r"does not use 19 of its 41 arguments \(table\[21\]\[0\]"):
        bl.trace(lambda table, x: read(table, x, 21), rows[:40], 2.0)


def test_what_numbers_come_as():
    for number in (3, 3.0, np.float64(3), np.float32(3), np.int32(3), np.array(3.0), np.array(3)):
        graph = bl.trace(lambda x: x * x, number)
        assert graph.value == 9.0 and type(graph.value) is float and type(graph["x"].value) is float
    assert bl.trace(lambda x: x * 2, True).value == 2.0


LEFT_AND_RIGHT = [2, 2.0, True, np.float64(2), np.float32(2), np.int64(2), np.bool_(True), np.array(2.0), np.array(2)]


@pytest.mark.parametrize("number", LEFT_AND_RIGHT, ids=lambda n: f"{type(n).__name__}-{n}")
def test_operators_with_numbers_on_either_side(number):
    plain = float(number)
    for sides, expected in (
        (lambda x: x + number, 3 + plain),
        (lambda x: number + x, plain + 3),
        (lambda x: x - number, 3 - plain),
        (lambda x: number - x, plain - 3),
        (lambda x: x * number, 3 * plain),
        (lambda x: number * x, plain * 3),
        (lambda x: x / number, 3 / plain),
        (lambda x: number / x, plain / 3),
        (lambda x: x**number, 3**plain),
        (lambda x: number**x, plain**3),
    ):
        graph = bl.trace(sides, 3)
        assert graph.value == pytest.approx(expected) and type(graph.value) is float
        assert len(ops(graph)) == 1
        assert bl.grad(sides)(3) == pytest.approx(bl.adjoint_sweep(graph).result["x"])
    for compare in (lambda x: x > number, lambda x: number < x, lambda x: x != number):
        assert bl.trace(lambda x, c=compare: x * 1 if c(x) else x * 2, 3).value == 3.0


def test_numpys_functions_and_the_labs_are_the_same_operations():
    for op in bl.primitives.values():
        if op.ufunc and op.name != "pow" and op.elementwise:
            xs = [sum(d.sample) / 2 for d in op.domain]
            ufunc = getattr(np, op.ufunc)
            by_numpy = bl.trace(lambda *v, u=ufunc: u(*v), *xs)
            by_lab = bl.trace(lambda *v, f=op.function: f(*v), *xs)
            assert ops(by_numpy) == ops(by_lab) == [op.name] and by_numpy.value == by_lab.value
    assert ops(bl.trace(lambda x: np.power(x, 3), 2.0)) == ["power"]
    assert ops(bl.trace(lambda x: np.power(x, 2), 2.0)) == ["square"]
    assert ops(bl.trace(lambda x: np.power(2.0, x), 2.0)) == ["pow"]
    assert ops(bl.trace(lambda x: np.fabs(np.float_power(x, 3)), 2.0)) == ["power", "abs"]
    assert ops(bl.trace(lambda x: abs(-x) + (+x), 2.0)) == ["neg", "abs", "add"]
    assert ops(bl.trace(lambda x, n: x**n, 2.0, 3.0)) == ["pow"]
    assert ops(bl.trace(lambda x: x**1.0 + x**-1, 2.0)) == ["power", "power", "add"]


def test_python_is_followed_as_executed():
    def collatz(x):
        count = 0
        while x != 1 and count < 50:
            x = x / 2 if count % 2 else 3 * x + 1
            count += 1
        return x

    def halves(x, y):
        while abs(x) > 0.1:
            x = x / 2
        return max(x, y) + min(x, y) + sorted([x, y])[0]

    assert bl.trace(collatz, 3).value == collatz(3.0)
    assert bl.trace(halves, 3, 5).value == halves(3.0, 5.0)
    assert bl.trace(lambda x: sum(v * x for v in range(4)), 2).value == 12.0
    assert bl.trace(lambda x: math.prod([x, x, x]), 2).value == 8.0
    assert bl.trace(lambda x: x * len(f"{x:.2f}"), 2).value == 2 * len("2.00")
    with pytest.raises(bl.TraceError, match="goes another way when it is traced.*makes a text of a traced value"):
        bl.trace(lambda x: x * len(f"{x}{x!r}"), 2)


def test_defaults_are_left_alone():
    def f(x, n=3, how=math.tanh, flag=False):
        for _ in range(n):
            x = x * 2
        return x

    graph = bl.trace(f, 1)
    assert [n.name for n in graph.inputs] == ["x"] and graph.value == 8.0


def test_replay_gives_the_values_for_other_inputs():
    graph = bl.trace(edelman, 3, 5)
    for again in (graph.replay(2, 7), graph.replay(y=7, x=2), graph.replay(2, y=7), graph.replay(y=7.0).replay(x=2)):
        assert again.value == edelman(2, 7) and again.names == graph.names
        assert [n.value for n in again] == [n.value for n in bl.trace(edelman, 2, 7)]
        assert bl.adjoint_sweep(again).result["x"] == bl.grad(edelman)(2, 7)[0]
    assert graph.value == 34.0 and graph.replay().value == 34.0
    powers = bl.trace(lambda x: x**3 + x**2.5 + 2**x, 2)
    assert powers.replay(3).value == pytest.approx(27 + 3**2.5 + 8)


def test_replay_guards_branches():
    def f(x, y):
        if x > y:
            return x * y
        return x + y

    graph = bl.trace(f, 5, 3)
    assert graph.replay(x=7).value == 21.0
    with pytest.raises(bl.ArgumentError, match=r"the comparison in line \d+: x > y comes out False.*trace it again"):
        graph.replay(x=2)
    assert graph.replay(x=7).replay(y=6).value == 42.0
    with pytest.raises(bl.ArgumentError, match="comes out False"):
        graph.replay(x=7).replay(y=8)
    with pytest.raises(bl.ArgumentError, match="comes out True"):  # `if x` asks whether x is 0
        bl.trace(lambda x: x * 2 if x else x + 1, 0.0).replay(1.0)
    with pytest.raises(bl.ArgumentError, match="comes out"):
        bl.trace(lambda x: np.sqrt(x) if np.greater(x, 1) else x * 1, 4).replay(0.5)
    with pytest.raises(bl.DomainError, match=r"positive number.*node v1, line \d+"):
        bl.trace(lambda x: np.log(x) * 2, 4).replay(-1)
    with pytest.raises(bl.DomainError, match="variable exponent"):
        bl.trace(lambda x, y: x**y, 2, 2).replay(x=-2)


def test_depends_on_and_influences():
    graph = bl.trace(edelman, 3, 5)
    names = lambda nodes: {n.name for n in nodes}  # noqa: E731
    assert names(graph.depends_on(graph["v2"])) == {"v1", "y", "x", "2"}
    assert names(graph.depends_on("z")) == set(graph.names) - {"z"} and graph.depends_on("x") == set()
    assert names(graph.influences("x")) == {"v1", "v2", "v3", "v4", "z"} and graph.influences("z") == set()
    mixed = bl.trace(lambda x, y: (x * 2, y * 3), 1, 2)
    assert mixed.varies == (True, True, False, True, False, True) and all(mixed.needed)


def test_constants_that_no_input_reaches():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bl.LabWarning)
        graph = bl.trace(lambda x, y: x * 2 + 0 * 1.5, 1, 2)
    assert graph.needed[1] is False and graph.needed[0] is True


def test_names_find_nodes():
    graph = bl.trace(edelman, 3, 5)
    assert "v1" in graph.names
    with pytest.raises(bl.ArgumentError, match=r"no node is called q \(line .*; the names are x, y, 2, v1"):
        graph["q"]


def test_the_graph_is_frozen_after_the_call():
    kept = []

    def f(x):
        kept.append(x)
        return x * x

    graph = bl.trace(f, 3)
    for use in (
        lambda: kept[0] * 2,
        lambda: kept[0] + kept[0],
        lambda: -kept[0],
        lambda: np.sin(kept[0]),
        lambda: kept[0] > 1,
        lambda: bl.grad(lambda y: y * kept[0])(1.0),
        lambda: bl.trace(lambda y: y * kept[0], 1.0),
        lambda: bl.grad(lambda y: kept[0])(1.0),
        lambda: bl.trace(f, kept[0]),
        lambda: bl.grad(f)(kept[0]),
    ):
        with pytest.raises(bl.TraceError, match=r"a traced value from an earlier call.*pass it on as an argument"):
            use()
    assert len(graph) == 2 and len(graph.comparisons) == 0
    kept.clear()
    bl.grad(f)(3.0)
    with pytest.raises(bl.TraceError, match="earlier call"):
        kept[0] * 2
    kept.clear()
    with pytest.raises(ZeroDivisionError):
        bl.trace(lambda x: f(x) + 1 / 0, 3)
    with pytest.raises(bl.TraceError, match="earlier call"):
        kept[0] * 2


def test_a_traced_value_among_pythons_things():
    def f(x):
        assert x == 3 and not x == 4 and x != None and not (x == None)  # noqa: E711, SIM201
        assert x in [1, 3] and x not in [1, 2]
        assert copy.copy(x) is x and copy.deepcopy([x])[0] is x
        assert len({x, x}) == 1 and {x: 1}[x] == 1
        assert repr(x) == "traced 3" and f"{x:.1f}" == "3.0"
        assert not x < 3 and x >= 3 and 2 < x <= 3
        return copy.deepcopy({"a": x})["a"] * x

    assert bl.grad(f)(3.0) == 6.0 and bl.trace(f, 3).value == 9.0
    with pytest.raises(bl.TraceError, match="cannot be pickled"):
        bl.trace(lambda x: pickle.dumps(x), 3)


def test_other_libraries_types_may_answer_for_themselves():
    class Foreign:
        def __rmul__(self, other):
            return 5.0

        def __radd__(self, other):
            return NotImplemented

    assert bl.trace(lambda x: x * (x * Foreign()), 3).value == 15.0
    with pytest.raises(TypeError, match="cannot combine a traced value with something of type Foreign"):
        bl.trace(lambda x: x + Foreign(), 3)


def test_fractions_are_numbers():
    from fractions import Fraction

    assert bl.trace(lambda x: x * Fraction(1, 2) + Fraction(1, 4) * x, 4).value == 3.0


def test_except_clauses_of_the_student_still_work():
    def safe(x, y):
        try:
            return x / y
        except ZeroDivisionError:
            return x * 2 + y

    def safe_log(x):
        try:
            return np.log(x)
        except ValueError:
            return x - 1

    assert bl.trace(safe, 3, 0).value == 6.0 and bl.grad(safe)(3.0, 0.0) == (2.0, 1.0)
    assert bl.trace(safe_log, -1).value == -2.0 and bl.grad(safe_log)(-1.0) == 1.0


def test_traces_nest():
    def f(x):
        inner = bl.trace(lambda y: y * y * x, 2.0)
        return inner.value * x

    assert bl.trace(f, 3).value == 36.0 and bl.grad(f)(3.0) == 24.0
    shared = bl.trace(lambda x, y: sum(bl.grad(lambda z, c=c: z * c)(1.0) for c in (x, y)), 3, 3)
    assert shared.value == 6.0 and bl.adjoint_sweep(shared).result["y"] == 1.0


def test_constants_of_an_inner_trace_are_not_mixed_up():
    """Two outer values that are equal and stand at the same place are still two."""

    def f(x, y):
        inner = bl.trace(lambda z: sum([z * c for c in (x, y)]), 2.0)
        assert [n.op for n in inner].count("constant") == 2  # x and y
        return inner.value

    assert bl.grad(f)(3.0, 3.0) == (2.0, 2.0)


# --- size -------------------------------------------------------------------------------------------------------------


def chain(x, n):
    for _ in range(n // 2):
        x = x * 1.0000001
        x = x - 1e-9
    return x


@pytest.mark.wide
def test_a_long_chain_needs_no_recursion_and_little_memory():
    n = 100_000
    tracemalloc.start()
    graph = bl.trace(lambda x: chain(x, n), 1.0)
    current, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(graph) == n + 3 and current / n <= 200
    reverse = bl.adjoint_sweep(graph)
    assert reverse.numbers[0] == bl.tangent_sweep(graph, x=1.0).numbers[-1] == bl.grad(chain, 0)(1.0, n)
    assert len(bl.value_sweep(graph)) == n + 1
    assert reverse[0].kind == "seed" and reverse[0].node.id == n + 2
    again = pickle.loads(pickle.dumps(graph))
    assert len(again) == len(graph) and again.value == graph.value
    assert copy.deepcopy(graph).records == list(graph.records)
    assert len(graph.influences(graph.inputs[0])) == n


def test_pickle_keeps_the_graph_and_the_source_but_not_the_function():
    secret = 2.0
    f = lambda x, y: np.sin(x) * y**3 if x > secret else x  # noqa: E731
    graph = bl.trace(f, 3, 5)
    again = pickle.loads(pickle.dumps(graph))
    assert str(again) == str(graph) and again.blocks == graph.blocks and len(again.blocks) == 1
    assert [s.to_dict() for s in bl.adjoint_sweep(again)] == [s.to_dict() for s in bl.adjoint_sweep(graph)]
    assert again.replay(x=4).value == graph.replay(x=4).value
    with pytest.raises(bl.ArgumentError, match="x > secret comes out False"):
        again.replay(x=1)
    assert pickle.loads(pickle.dumps(again)).names == graph.names
    assert repr(pickle.loads(pickle.dumps(bl.trace(edelman, 3, 5)))) == repr(bl.trace(edelman, 3, 5))
    assert [p.filename for p in again.places if p] == [p.filename for p in graph.places if p]


def test_one_function_of_ten_thousand_lines():
    """Looking up lines must not cost more, the longer the function."""
    import linecache

    lines = [
        "def f(x):\n",
        *(f"    x{k} = {'x' if k == 0 else f'x{k - 1}'} * 1.0\n" for k in range(10_000)),
        "    return x9999\n",
    ]
    linecache.cache["<ten thousand>"] = (1, None, lines, "<ten thousand>")
    space = {}
    exec(compile("".join(lines), "<ten thousand>", "exec"), space)
    start = time.process_time()
    graph = bl.trace(space["f"], 2.0)
    assert graph.names[-1] == "x9999" and graph[-1].line == 10_001
    assert time.process_time() - start < 10


def test_the_tape_of_a_call_that_has_ended_is_closed():
    tape = Tape(sourced=False)
    x = new_input(tape, 2.0)
    assert plain(x * x) == 4.0 and not tape.closed
    tape.close()
    assert tape.closed and len(tape) == 3
    with pytest.raises(bl.TraceError):
        tape.append((0, 0, 0, 1.0, 1.0, 1.0))


def reads_back(x, y):
    z = x * y
    return float(f"{x:.3f}") * y, z


def looks(x, y):
    print(f"{x} and {y}")
    return x * y, {"x": x + y}["x"]


def test_a_number_that_came_through_a_text_is_not_replayed(capsys):
    """What only printed is; a graph that lost its function in a pickle cannot tell these apart, and says so."""
    graph = bl.trace(reads_back, 2.0, 3.0)
    told = (
        r"with these inputs reads_back comes to 15, 15, and the recorded operations to 6, 15, because it makes a text"
    )
    for same in (
        graph,
        graph.replay(y=3.0),
        graph.showing(False),
        graph.toward("z"),
        graph.replay(y=4.0).replay(y=3.0),
    ):
        with pytest.raises(bl.ArgumentError, match=told + r".*; trace it again with them, or compute with the number"):
            same.replay(x=5.0)
    assert graph.replay(y=4.0).value == reads_back(2.0, 4.0)
    looking = bl.trace(looks, 2.0, 3.0)
    for again in (looking.replay(5.0), looking.showing(False).replay(5.0)):
        assert again.value == looks(5.0, 3.0)
    assert looking.toward(looking.outputs[0].name).replay(5.0).value == 15.0
    for f in (reads_back, looks):
        opened = pickle.loads(pickle.dumps(bl.trace(f, 2.0, 3.0)))
        assert opened.replay(2.0, 3.0).value == f(2.0, 3.0)
        with pytest.raises(
            bl.ArgumentError, match=r"nobody can tell what .*, because it makes a text .* trace it again"
        ):
            opened.replay(5.0)
