"""The machine that plays tapes: each operation to the last places, odd numbers, branches, long functions, threads."""

import importlib
import math
import operator
import pickle
import random
import threading
import warnings
from base64 import b64decode
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec
from itertools import product

import numpy as np
import pytest
from compiled.test_random_branches import as_the_engine, compiled
from hypothesis import given
from support.branching import functions
from support.machine import missing, python_of
from support.strategies import examples
from support.wasm import WASM, built

import backprop_lab as bl
from backprop_lab.compiled import branch, machine
from backprop_lab.film.film import Film
from backprop_lab.film.surface import Surface
from backprop_lab.graph.columns import ORDER, columns, columns_of
from backprop_lab.table.javascript import played

ODD = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 1e-300, 1e200, -1e200, 720.0, -720.0, math.inf, -math.inf, math.nan)
FEW = (0.0, -0.0, 1.0, -0.5, 2.0, 1e200, -math.inf, math.nan)
SETTINGS = (0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5, math.inf, -math.inf, math.nan)


@pytest.fixture(autouse=True)
def _machine(monkeypatch):
    if find_spec("wasmtime") is None:
        missing("wasmtime is not here; the lab's own requirements bring it")
    monkeypatch.setattr(branch, "SMALLEST", 0)


def calls():
    """Each operation that a tape may have, as a function of its operands; a setting makes a function of its own."""
    for op in played():
        if op.params:
            yield from ((op, lambda x, op=op, n=n: op(x, n)) for n in SETTINGS)
        else:
            yield op, lambda *xs, op=op: op(*xs)


def answer(call, *args):
    """A value and a gradient, or the error's kind and sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value, gradient = call(*args)
    except bl.LabError as error:
        return type(error)
    return value, *(gradient if isinstance(gradient, tuple) else (gradient,))


@pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")
def test_every_operation_answers_as_the_engine_at_odd_numbers():
    for op, f in calls():
        example = [domain.sample[1] - 0.1 * k for k, domain in enumerate(op.domain)]
        program = bl.compile(f, *example)
        assert program.branches[0].player is not None
        points = [(x,) for x in ODD] if op.arity == 1 else [(x, y) for x in FEW for y in FEW]
        for at in points:
            mine, engine = answer(program.value_and_grad, *at), answer(bl.value_and_grad(f), *at)
            if isinstance(engine, type):
                assert mine is engine, (op.name, at)
            else:
                assert mine == pytest.approx(engine, rel=1e-14, abs=0.0, nan_ok=True), (op.name, at)


@pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")
def test_pairs_of_operations_are_the_same_numbers_as_one_after_the_other():
    """Each pair, its operands all that there are, a result that is one's first, or a comparison after it."""
    steps = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "square": lambda a, _: a**2}
    rng = random.Random(5)
    for one, two, slot, way in product(steps, steps, (0, 1), ("alone", "kept", "asked", "twice")):

        def f(x, y, one=one, two=two, slot=slot, way=way):
            p = steps[one](x, y)
            q = p if way == "asked" and not p > -1e9 else y
            q = p if way == "twice" and two != "square" else q
            r = steps[two](*((p, q) if slot == 0 else (q, p)))
            return r / p if way == "kept" else r

        program = bl.compile(f, 1.5, 2.5)
        player = program.branches[0].player
        for _ in range(3):
            at = rng.uniform(-2, 2), rng.uniform(-2, 2)
            assert program.value_and_grad(*at) == bl.value_and_grad(f)(*at), (one, two, slot, way)
            sweep = bl.adjoint_sweep(program.graph.replay(*at))
            values, adjoints = program.replay(*at)
            assert values == sweep.graph.values and adjoints == sweep.numbers, (one, two, slot, way)
        wanted = way in ("alone", "kept") and (slot == 0 or two != "square")
        assert not wanted or names_of(player).count(f"{one} {two} {slot}") == 2, (one, two, slot, way)
        assert way == "kept" or wanted or two == "square" or " " not in "".join(names_of(player)), (one, two, slot, way)


def names_of(player):
    """What the machine calls each operation of its tape."""
    rows = np.frombuffer(player._memory, np.int32, 3 * len(player.values), player._tape + 64)
    named = {number: name for name, number in machine._machine().numbers.items()}
    return [named.get(number, "") for number in rows[::3].tolist()]


EXACT = {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
}
EXACT |= {"arctanh": "atanh", "log": "ln", "log10": "log10"}
EXACT |= {name: name for name in "cbrt exp expm1 log1p sin cos tan sinh cosh tanh hypot sqrt".split()}
REACH = {"exp": 700.0, "expm1": 700.0, "sinh": 700.0, "cosh": 700.0, "exp2": 1000.0, "sin": 1e6, "cos": 1e6, "tan": 1e6}


def test_transcendental_functions_keep_within_two_units_in_the_last_place():
    if find_spec("mpmath") is None:
        missing("mpmath is not here; the extra test brings it")
    mp = importlib.import_module("mpmath")
    exact = {name: getattr(mp, theirs) for name, theirs in EXACT.items()}
    exact |= {"exp2": lambda x: mp.mpf(2) ** x, "log2": lambda x: mp.log(x, 2)}
    rng, worst = random.Random(7), {}
    with mp.workdps(50):
        for op in played():
            if op.name not in exact:
                continue
            f = lambda *xs, op=op: op(*xs)  # noqa: E731
            program = bl.compile(f, *(sum(domain.sample) / 2 for domain in op.domain))
            for k in range(150):
                at = [rng.uniform(*domain.sample) for domain in op.domain]
                if k % 3 == 1 and op.domain[0].outside != "abs(x) >= 1.0" and op.domain[0].sample != (-0.9, 0.9):
                    reach = REACH.get(op.name, 1e6)
                    at = [x if op.name == "log1p" and x < 0 else x * rng.uniform(0, reach / 3) for x in at]
                if k % 3 == 2 and all(domain.sample[0] < 0 for domain in op.domain):
                    at = [x * 10.0 ** rng.uniform(-12, 0) for x in at]
                if not all(domain.holds(x) for domain, x in zip(op.domain, at, strict=True)):
                    continue
                ended, value = program.branches[0].player.value(at)
                assert ended == machine.FINE
                off = abs((mp.mpf(value) - exact[op.name](*map(mp.mpf, at))) / math.ulp(value))
                worst[op.name] = max(worst.get(op.name, 0.0), float(off))
    assert len(worst) == len(exact) and max(worst.values()) <= 2.0, worst


@examples(25)
@given(functions())
def test_random_functions_that_branch(f):
    smallest, branch.SMALLEST = branch.SMALLEST, 0  # hypothesis runs all its examples in one call of the fixture
    try:
        if program := compiled(f):
            for at in (f.example, *f.points):
                as_the_engine(f, program, at)
    finally:
        branch.SMALLEST = smallest


# --- the tape ---------------------------------------------------------------------------------------------------------


def steps(x, y):
    total = 0.0
    for k in range(12):
        total = total + bl.sin(x * 0.5) * y**3 - (2.5 if x > k else y)
    return total


def test_a_page_gets_the_bytes_that_the_kernel_plays():
    graph = bl.trace(steps, 3.5, 0.5)
    tape, sent = columns(graph), Film(graph, "reverse").data()["tape"]
    for name, column in tape.arrays():
        kind, text = ("<f8", sent[name]) if name == "constants" else (f"<i{sent[name][0]}", sent[name][1:])
        assert np.array_equal(np.frombuffer(b64decode(text), kind), np.ravel(column)), name
    assert sent["ops"] == tape.ops and len(sent["told"]) == len(tape.guards) == 12
    (way,) = Surface(lambda x, y: x * x + bl.exp(y) * 2, (1.0, 2.0)).data()["ways"]
    player = machine.player_of(tape, graph.output_ids[0])
    assert player.value((3.5, 0.5)) == (machine.FINE, pytest.approx(graph.value, rel=1e-14))
    assert way["out"] == 6 and way["code"][0] == "1" and len(b64decode(way["code"][1:])) == 7


def test_the_columns_say_what_the_function_did():
    tape = columns(bl.trace(lambda x, y: 3 * x**4 + 0 * y if x > 2.5 else y, 3.0, 1.0))
    assert tape.ops == ["mul", "add", "power"] and tape.inputs == 2 and tape.constants.tolist() == [3.0, 0.0, 4.0, 2.5]
    assert tape.code.tolist() == [-1, -1, 2, -2, 0, -2, 0, 1]
    assert tape.left.tolist() == [0, 0, 0, -1, 3, -2, 5, 4] and tape.right.tolist() == [0, 0, -3, 0, 2, 0, 1, 6]
    assert tape.guards.tolist() == [[0, ORDER.index(">"), 0, -4, 1]]
    assert columns(bl.trace(lambda x: np.sum(x), np.ones(3))) is None
    assert columns_of([], []) is not None


# --- long functions ---------------------------------------------------------------------------------------------------


def long(x, y):
    for _ in range(40):
        x = bl.sin(x * y + 0.5) + 2
        y = y * 1.01 if x > 2.2 else y / 1.01
    return x * y


@pytest.fixture
def few_nodes(monkeypatch):
    monkeypatch.setattr(branch, "MOST_NODES", 50)


@pytest.mark.usefixtures("few_nodes")
def test_a_long_function_is_a_tape_alone():
    program = bl.compile(long, 0.4, 0.9)
    first = program.branches[0]
    assert isinstance(first, branch.Long) and "graph" not in vars(first)
    rng = random.Random(3)
    for _ in range(20):
        at = rng.uniform(0.2, 2.0), rng.uniform(0.2, 2.0)
        value, gradient = bl.value_and_grad(long)(*at)
        assert program.value(*at) == pytest.approx(value, rel=1e-12)
        assert program.value_and_grad(*at) == (pytest.approx(value, rel=1e-12), pytest.approx(gradient, rel=1e-11))
    assert len(program.branches) > 1 and "graph" not in vars(first)
    again = pickle.loads(pickle.dumps(program))
    assert again.value_and_grad(0.4, 0.9) == program.value_and_grad(0.4, 0.9)
    assert "def value_and_grad(x, y):" in program.source and program.inputs == ("x", "y")
    values, adjoints = program.replay(0.4, 0.9)
    assert values == pytest.approx(program.graph.values, rel=1e-12)
    assert adjoints[:2] == pytest.approx(program.value_and_grad(0.4, 0.9)[1], rel=1e-12)
    points = np.array([0.4, 0.5]), np.array([0.9, 1.0])
    assert program.value(*points) == pytest.approx([long(0.4, 0.9), long(0.5, 1.0)], rel=1e-12)


@pytest.mark.usefixtures("few_nodes")
def test_a_long_function_has_its_warnings_and_sentences():
    with pytest.warns(bl.LabWarning, match="does not use its argument y"):
        assert not isinstance(bl.compile(lambda x, y: long(x, 1.0), 0.4, 0.9).branches[0], branch.Long)
    times = [3]

    def changing(x):
        for _ in range(30):
            x = x * times[0] - 1.0
        return x if times[0] == 3 else bl.sin(x)

    program = bl.compile(changing, 0.5)
    times[0] = 2
    assert program.value(0.6) == pytest.approx(0.6 * 3.0**30 - (3.0**30 - 1) / 2)
    with pytest.raises(bl.TraceError, match="changing computes something else now .*; compile it again"):
        assert program.source
    deep = bl.compile(lambda x: bl.log(sum(x for _ in range(60))), 0.5)
    with pytest.raises(bl.DomainError, match="log must be a positive number"):
        deep.value(-0.5)
    assert bl.compile(lambda x: sum((x for _ in range(60)), start=np.ones(2)) @ np.ones(2), 0.5).value(0.5) == 62.0


# --- calls ------------------------------------------------------------------------------------------------------------


def test_all_arguments_in_one_array(monkeypatch):
    x, weights = np.linspace(0.3, 1.2, 7), np.array([1.0, -2.0])

    def f(*xs):
        return sum(bl.sqrt(a) * b for a, b in zip(xs, xs[1:], strict=False))

    with_it = bl.compile(f, *x)
    monkeypatch.setattr(branch, "SMALLEST", math.inf)
    for program in (with_it, bl.compile(f, *x)):
        for at in (x, x[::-1], list(x), np.ones(7, int), np.append(x[1:], 0.0), np.append(0.0, x[1:])):
            value, gradient = program.value_and_grad_array(at)
            known, slopes = bl.value_and_grad(f)(*np.asarray(at, float).tolist())
            assert type(value) is float and value == pytest.approx(known, rel=1e-14)
            assert gradient.dtype == float and gradient.tolist() == pytest.approx(slopes, rel=1e-14)
        first = program.value_and_grad_array(x)[1]
        program.value_and_grad_array(x + 1)
        assert first.tolist() == program.value_and_grad_array(x)[1].tolist()
        assert bl.grad(lambda v, p=program: p.value_and_grad_array(v)[1][0] * v[0])(x) == pytest.approx(
            bl.grad(lambda v: bl.grad(f)(*v)[0] * v[0])(x)
        )
        for bad, words in (
            (x[1:], r"x has shape \(6,\), .* takes 7 numbers .*; give them as one array of shape \(7,\)"),
            (2.0, r"x has shape \(\)"),
            (x * 1j, "must be a real number"),
        ):
            with pytest.raises(bl.ArgumentError, match=words):
                program.value_and_grad_array(bad)
        with pytest.raises(bl.DomainError, match="sqrt"):
            program.value_and_grad_array(-x)
    with pytest.raises(bl.ArgumentError, match="is one of arrays .*; write program.value_and_grad"):
        bl.compile(lambda x: np.sum(x * weights), np.ones(2)).value_and_grad_array(np.ones(2))
    assert bl.compile(lambda x: x * x, 3.0).value_and_grad_array(np.array([3.0]))[1].tolist() == [6.0]


def test_what_is_a_number_to_the_machine():
    program = bl.compile(steps, 3.5, 0.5)
    for x in (3, True, 2**60, Fraction(7, 2), np.float64(3.5), np.float32(3.5), np.array(3.5)):
        value, gradient = program.value_and_grad(x, 0.5)
        known, slopes = bl.value_and_grad(steps)(float(x), 0.5)
        assert type(value) is float and value == pytest.approx(known, rel=1e-14)
        assert [*map(type, gradient)] == [float, float] and gradient == pytest.approx(slopes, rel=1e-14)
    for bad in (Decimal("3.5"), "3.5", None, 3.5j, 10**400):
        with pytest.raises(bl.ArgumentError, match="x of steps must be a real number"):
            program.value_and_grad(bad, 0.5)
    assert program.value_and_grad(np.array([3.5]), 0.5)[0].shape == (1,)
    assert program.value_and_grad(y=0.5, x=3.5) == program.value_and_grad(3.5, 0.5)
    tape = bl.trace(lambda x: program.value_and_grad(x, x)[1][0] * x, 3.5)
    assert tape.value == pytest.approx(bl.grad(steps)(3.5, 3.5)[0] * 3.5, rel=1e-14)


def test_threads_do_not_disturb_each_other():
    program = bl.compile(steps, 30.5, 0.5)
    known = {x: program.value_and_grad(30.0 + x, x) for x in np.linspace(0.1, 2.0, 8).tolist()}
    wrong = []

    def work(x):
        wrong.extend(1 for _ in range(300) if program.value_and_grad(30.0 + x, x) != known[x])

    threads = [threading.Thread(target=work, args=(x,)) for x in known]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_without_the_machine_the_answers_are_the_same(monkeypatch):
    with_it = bl.compile(long, 0.4, 0.9)
    monkeypatch.setattr(machine, "_machine", lambda: None)
    without = bl.compile(long, 0.4, 0.9)
    assert without.branches[0].player is None and without.source == with_it.source
    assert without.value_and_grad(0.4, 0.9) == (
        pytest.approx(with_it.value(0.4, 0.9)),
        pytest.approx(with_it.value_and_grad(0.4, 0.9)[1]),
    )


def test_another_wasmtime_is_asked_in_public(monkeypatch):
    import wasmtime

    monkeypatch.delattr(wasmtime._ffi, "wasmtime_val_raw_t")
    player = bl.compile(steps, 3.5, 0.5).branches[0].player
    assert isinstance(player.run_both.func, wasmtime.Func)
    assert player.value((3.5, 0.5)) == (machine.FINE, pytest.approx(steps(3.5, 0.5), rel=1e-14))


@pytest.mark.wide
def test_the_built_machine_is_what_its_source_gives():
    compiler = python_of("zig", "the compiler of the machine is").parents[1]
    assert built(compiler) == WASM.read_bytes(), "machine.c or the table of operations has changed: make machine"
