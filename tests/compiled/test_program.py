"""Compiled programs answer as the engine does, at numbers, at points, on every branch, and say what the engine says."""

import inspect
import itertools
import math
import pickle
import random
import re
import traceback
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from support.circles import a_cover, each_once
from support.of_numbers import OF_NUMBERS
from support.strategies import many

import backprop_lab as bl
from backprop_lab.recording.trees import leaves


def smooth(x, y):
    a = bl.tanh(x) / y
    for _ in range(3):
        a = a * y + bl.sin(x)
    return a**2 - x**3 + bl.maximum(a, x) * bl.sigmoid(y) - 2**x


def branching(x, y):
    if x > y:
        return bl.log(x - y)
    s = x
    while s < y:
        s = s * 1.5 + 0.1
    return bl.exp(s) / y


def rosenbrock(*x):
    return sum(100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2 for a, b in zip(x, x[1:], strict=False))


CASES = {name: (e.function, tuple(e.inputs.values())) for name, e in OF_NUMBERS.items()} | {
    "smooth": (smooth, (0.5, 0.9)),
    "branching": (branching, (3.0, 1.0)),
    "rosenbrock": (rosenbrock, (0.3, 1.2, -0.4, 0.8)),
    "input": (lambda x: x, (2.0,)),
    "unused": (lambda x, y: x * x, (2.0, 3.0)),
    "constant": (lambda x: x * 0 + 3.0, (2.0,)),
    "settings": (lambda x: x**0.5 + x**-1 + x**1 + x**0 + 1e-300 * x, (2.0,)),
}


pytestmark = pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")  # the case "unused" ignores y on purpose


@pytest.mark.parametrize("name", CASES)
def test_as_the_engine(name):
    f, example = CASES[name]
    program = bl.compile(f, *example)
    rng = random.Random(name)
    for _ in range(20):
        args = tuple(rng.uniform(0.2, 3.0) for _ in example)
        value, gradient = bl.value_and_grad(f)(*args)
        assert program.value(*args) == pytest.approx(value, rel=1e-12)
        got_value, got_gradient = program.value_and_grad(*args)
        assert got_value == pytest.approx(value, rel=1e-12)
        assert got_gradient == pytest.approx(gradient, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", [name for name in CASES if name != "branching"])
def test_replay_has_the_numbers_of_the_sweeps(name):
    f, example = CASES[name]
    program = bl.compile(f, *example)
    rng = random.Random(name)
    for args in (tuple(rng.uniform(0.2, 3.0) for _ in example), tuple(1 + round(x) for x in example)):
        values, adjoints = program.replay(*args)
        graph = program.graph.replay(*args)
        assert values == pytest.approx([node.value for node in graph], rel=1e-12)
        known = bl.adjoint_sweep(graph).numbers
        assert [a is None for a in adjoints] == [a is None for a in known]
        pairs = [(a, b) for a, b in zip(adjoints, known, strict=True) if b is not None]
        assert [a for a, _ in pairs] == pytest.approx([b for _, b in pairs], rel=1e-9, abs=1e-12, nan_ok=True)


WAYS = {"the machine": (0, True), "the text": (math.inf, True), "the text with care": (math.inf, False)}


@pytest.mark.parametrize("name", CASES)
def test_every_way_to_run_a_program_answers_the_same(name, monkeypatch):
    f, example = CASES[name]
    programs = {}
    for way, (smallest, quick) in WAYS.items():
        monkeypatch.setattr("backprop_lab.compiled.branch.SMALLEST", smallest)
        monkeypatch.setattr("backprop_lab.compiled.quick.ENABLED", quick)
        programs[way] = bl.compile(f, *example)
        assert ("value_and_grad" in vars(programs[way])) is quick
        assert (programs[way].branches[0].player is not None) is (way == "the machine")
    rng = random.Random(name)
    for args in (tuple(rng.uniform(0.2, 3.0) for _ in example), tuple(1 + round(x) for x in example)):
        answers = []
        for program in programs.values():
            numbers = [program.value(*args), program.value_and_grad(*args)]
            numbers.append(program.value_and_grad(*map(np.array, args)))
            numbers += [] if name == "branching" else program.replay(*args)
            answers.append(leaves(numbers))
        for mine, other in zip(answers, answers[1:], strict=False):
            assert all(a == b or a == pytest.approx(b, rel=1e-12, abs=1e-14) for a, b in zip(mine, other, strict=True))


def test_programs_can_be_looked_into():
    for program, line in (
        (bl.compile(lambda x, y: bl.log(x) / y, 1.0, 2.0), "log(x) / y"),
        (bl.compile(lambda x, y: np.log(x) / y, 1.0, 2.0, argnums=0), "if y == 0.0: outside()"),
    ):
        for opened in (program, pickle.loads(pickle.dumps(program))):
            functions = opened.branches[0].functions
            texts = [inspect.getsource(functions[which]) for which in ("value", "value_and_grad")]
            assert "\n".join(texts) == program.source
            with pytest.raises(ArithmeticError) as caught:
                functions["value"](1.0, 0.0)
            assert line in "".join(traceback.format_exception(caught.value))
    quick = bl.compile(branching, 3.0, 1.0).value
    assert "return lab_careful(" in inspect.getsource(quick)


def test_replay_keeps_to_its_branch():
    program = bl.compile(lambda x, y: x * y if x > y else x + y, 3.0, 1.0)
    assert program.replay(4.0, 2.0) == ([4.0, 2.0, 8.0], [2.0, 4.0, 1.0])
    with pytest.raises(bl.ArgumentError, match="comes out False"):
        program.replay(0.5, 2.0)
    with pytest.raises(bl.ArgumentError, match="takes 2 numbers"):
        program.replay(0.5)


@pytest.mark.parametrize("name", CASES)
def test_at_points(name):
    f, example = CASES[name]
    program = bl.compile(f, *example)
    rng = np.random.default_rng(3)
    points = [rng.uniform(0.2, 3.0, (2, 3)) for _ in example]
    value, gradient = program.value_and_grad(*points)
    gradient = gradient if len(example) > 1 else (gradient,)
    assert value.shape == (2, 3) and all(g.shape == (2, 3) for g in gradient)
    for place in np.ndindex(2, 3):
        one_value, one_gradient = bl.value_and_grad(f)(*(float(p[place]) for p in points))
        assert value[place] == pytest.approx(one_value, rel=1e-12)
        assert [g[place] for g in gradient] == pytest.approx(np.atleast_1d(one_gradient), rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(program.value(*points), value, rtol=1e-12)


def test_source_is_readable():
    def z(x, y):
        return 2 * x * y + (x - 1) ** 2

    assert bl.compile(z, 3, 5).source == (
        "def value(x, y):\n"
        "    z = 2 * x * y + (x - 1)**2\n"
        "    return z\n\n"
        "def value_and_grad(x, y):\n"
        "    v1 = 2 * x\n"
        "    v3 = x - 1\n"
        "    return v1 * y + v3 * v3, (2 * v3 + y * 2, v1)\n"
    )


def test_counts_are_those_of_the_source():
    program = bl.compile(bl.examples["edelman"].function, 3, 5)
    assert program.counts["value"] == {"multiplications": 3, "additions": 2, "functions": 0}
    assert program.counts["value_and_grad"] == {"multiplications": 5, "additions": 3, "functions": 0}


def test_a_branch_is_traced_when_it_is_first_taken():
    program = bl.compile(branching, 3.0, 1.0)
    assert len(program.branches) == 1
    for x, y in ((4.0, 1.0), (0.5, 2.0), (0.5, 2.1), (0.5, 20.0), (5.0, 2.0)):
        assert program.value(x, y) == pytest.approx(bl.trace(branching, x, y).value)
    assert len(program.branches) == 3
    for k in range(200):  # ever new branches are answered too, and are not kept for ever
        assert program.value(0.001, 1.0 + 1.4**k) == pytest.approx(bl.trace(branching, 0.001, 1.0 + 1.4**k).value)
    assert len(program.branches) == program.MOST_BRANCHES


def test_where_arithmetic_ends():
    program = bl.compile(lambda x: bl.sqrt(x) * bl.exp(x), 1.0)
    assert program.value_and_grad(0.0) == (0.0, math.inf)
    assert program.value(1000.0) == math.inf
    with pytest.raises(bl.DomainError, match="sqrt.*-1"):
        program.value_and_grad(-1.0)
    with pytest.raises(bl.DomainError, match="sqrt.*-1"):
        program.value(np.array([1.0, -1.0]))
    values, slopes = program.value_and_grad(np.array([0.0, 1.0, 1000.0]))
    assert slopes[0] == math.inf and values[2] == math.inf and values[1] == pytest.approx(math.e)


def test_programs_may_be_very_long():
    def chain(x, y):
        s = x
        for _ in range(10_000):
            s = s * y + x
        return s

    program = bl.compile(chain, 0.5, 0.9)
    assert program.source.count("\n") > 20_000
    (value, gradient), (known, slopes) = program.value_and_grad(0.3, 0.8), bl.value_and_grad(chain)(0.3, 0.8)
    assert value == pytest.approx(known) and gradient == pytest.approx(slopes)


def test_several_outputs_have_a_value_and_no_gradient():
    program = bl.compile(lambda a, b: (a * b, a + b), 1.0, 2.0)
    assert program.value(3.0, 4.0) == (12.0, 7.0)
    with pytest.raises(bl.ArgumentError, match="returns several numbers"):
        program.value_and_grad(3.0, 4.0)


def test_names_that_python_keeps_for_itself():
    values = {"lambda": 2.0, "sin": 3.0, "a b": 1.5, "other_branch": 0.5, "x_bar": 1.0, "x": 2.0}

    def product(**given):
        total = 1.0
        for v in given.values():
            total = total * v
        return bl.sin(total)

    graph = bl.trace(product, **values)
    program = bl.compile(lambda *v: bl.sin(v[0] * v[1] * v[2]), 1.0, 2.0, 3.0)
    assert program.value(1.0, 2.0, 3.0) == pytest.approx(math.sin(6.0))
    from backprop_lab.compiled.branch import Branch

    made = Branch(graph).functions["value_and_grad"](*values.values())
    assert made[0] == pytest.approx(graph.value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda p: p.value(1.0), r"takes 2 numbers \(x, y\), not 1"),
        (lambda p: p.value("1", 2.0), "must be a real number"),
        (lambda p: bl.compile(smooth, 1.0), "missing a required argument"),
        (lambda p: bl.compile(lambda: 3.0), "give bl.compile an example"),
    ],
)
def test_bad_calls_get_a_sentence(call, words):
    with pytest.raises(bl.ArgumentError, match=words):
        call(bl.compile(smooth, 0.5, 0.9))


def test_numbers_and_names_that_look_alike_stay_apart():
    """Names like t7, the student's t1, and numbers like 1e5."""

    def long(t1, e5):
        inf = t1 * 1e5
        for k in range(300):
            inf = bl.sin(inf) * e5 + t1 / 1e5 + (k % 3)
        return inf * math.inf if inf > 1e9 else inf

    program = bl.compile(long, 0.5, 0.9)
    functions = program.branches[0].functions
    for args in ((0.5, 0.9), (0.1, 1.01)):
        known, slopes = bl.value_and_grad(long)(*args)
        for value, gradient in (program.value_and_grad(*args), functions["value_and_grad"](*args)):
            assert value == pytest.approx(known, rel=1e-12) and gradient == pytest.approx(slopes, rel=1e-9)


# The first ones differ in how many inputs and operations there are, or in what plays them.
@pytest.mark.drawn
@a_cover("seed", [0, 1, 2, 4, 5, 6, 7, 9, *range(12, many(12, most=200))], lambda seed: [seed % 2])
def test_long_programs_as_the_engine(seed, monkeypatch):
    """Random functions of hundreds of operations, of few inputs or of many."""
    rng = random.Random(seed)
    monkeypatch.setattr("backprop_lab.compiled.branch.SMALLEST", 0 if seed % 4 else math.inf)
    inputs = rng.choice([1, 5, 40, 520])
    plan = [(rng.randrange(7), rng.random(), rng.randrange(8)) for _ in range(rng.choice([100, 800]))]

    def f(*xs):
        v = list(xs)
        for kind, share, back in plan:
            x, y = v[int(share * len(v))], v[-1 - back % len(v)]
            made = (x * y, x + y, x - 2 * y, x / (y * y + 1), bl.sin(x * 3 + y), (x - y) ** 2, bl.maximum(x, y))[kind]
            v.append(bl.tanh(made) if kind in (0, 5) else made)
        return v[-1] + v[-2] * v[-3]

    program = bl.compile(f, *(rng.uniform(0.2, 1.5) for _ in range(inputs)))
    at = [rng.uniform(0.2, 1.5) for _ in range(inputs)]
    graph = program.graph.replay(*at)
    known = bl.adjoint_sweep(graph).numbers
    slopes = known[0] if inputs == 1 else tuple(known[:inputs])
    value, gradient = program.value_and_grad(*at)
    assert value == pytest.approx(graph.value, rel=1e-12) and program.value(*at) == pytest.approx(value, rel=1e-12)
    assert gradient == pytest.approx(slopes, rel=1e-8, abs=1e-11)
    values, adjoints = program.replay(*at)
    assert values == pytest.approx([node.value for node in graph], rel=1e-12)
    pairs = [(mine, other) for mine, other in zip(adjoints, known, strict=True) if other is not None]
    assert [mine for mine, _ in pairs] == pytest.approx([other for _, other in pairs], rel=1e-8, abs=1e-11)


@pytest.mark.parametrize("order", ["as it is", "backwards", "shuffled"])
def test_many_inputs(order):
    n = 301
    other = {
        "as it is": list(range(n)),
        "backwards": list(range(n))[::-1],
        "shuffled": random.Random(1).sample(range(n), n),
    }

    def products(*v):
        return sum(v[k] * v[n + other[order][k]] for k in range(n)) + bl.sin(v[0]) * v[-1]

    program = bl.compile(products, *[1.0] * (2 * n + 1))
    rng = random.Random(order)
    args = [rng.uniform(-1.0, 1.0) for _ in range(2 * n + 1)]
    known, slopes = bl.value_and_grad(products)(*args)
    value, gradient = program.value_and_grad(*args)
    assert value == pytest.approx(known) == program.value(*args) and gradient == pytest.approx(slopes)
    assert program.replay(*args)[1][: len(args)] == pytest.approx(slopes)
    points = [np.array([a, 2 * a]) for a in args]
    assert [g[0] for g in program.value_and_grad(*points)[1]] == pytest.approx(slopes)
    with pytest.raises(bl.ArgumentError, match="not 604"):
        program.value_and_grad(*args, 1)


CONSTANTS = [math.inf, -math.inf, math.nan, -0.0, 1e-300, -2, 2**70, 1j, -1j, -0.0 + 0j, None, True]


@pytest.mark.parametrize("value", CONSTANTS)
def test_every_constant_can_be_written_or_gets_a_name(value):
    from backprop_lab.compiled.writer import Constants

    constants = Constants(["c_1"])
    made = eval(constants.text(value), {"inf": math.inf, "nan": math.nan, **constants.bound})
    assert repr(made) == repr(value) and type(made) is type(value)


def product(*xs):
    total = 1.0
    for x in xs:
        total = total * x
    return total


def sum_of_products(*v):
    return sum(a * b for a, b in zip(v[::2], v[1::2], strict=True))


def layers(*v):
    return sum(bl.tanh(a * b) * a for a, b in zip(v[::2], v[1::2], strict=True))


def ratios(*v):
    return sum(a / b - b**3 for a, b in zip(v[::2], v[1::2], strict=True)) ** 2


def roots(*v):
    return product(*v) + sum(x**0.5 for x in v)


class Small(float):
    """A float of a class of its own."""


ODD = {
    "whole": 2,
    "true": True,
    "numpy": np.float64(1.1),
    "numpy 32": np.float32(1.5),
    "numpy whole": np.int64(2),
    "numpy true": np.bool_(True),
    "fraction": Fraction(3, 2),
    "decimal": Decimal("1.5"),
    "complex": 1.5 + 0.5j,
    "real complex": 1.5 + 0j,
    "text": "1.5",
    "list": [1.5],
    "none": None,
    "array": np.array([1.0, 1.2]),
    "whole array": np.array([1, 2]),
    "empty array": np.array([]),
    "no dimension": np.array(1.5),
    "one element": np.array([1.5]),
    "huge": 10**400,
    "large": 10**200,
    "large float": 1e200,
    "zero": 0,
    "minus": -1,
    "minus zero": -0.0,
    "nan": math.nan,
    "inf": math.inf,
    "subclass": Small(1.5),
    "bytes": b"1",
    "numpy complex": np.complex128(1.5),
}


def outcome(call, args):
    """The answer, or the sentence; and of what types the numbers are."""
    try:
        value, gradient = call(*args)
    except bl.LabError as error:
        return type(error), re.sub(r" \(line .*\)", "", str(error))  # the call's own line
    numbers = [value, *gradient]
    return [type(x) for x in numbers], [np.asarray(x).tolist() for x in numbers]


@cache
def of_sixty(f):
    """No input makes these programs take another branch, so nothing of one test is left to the next."""
    return bl.compile(f, *(1.0 + k / 100 for k in range(60)))


OF_SIXTY = {f.__name__: f for f in (product, sum_of_products, layers, ratios, roots, rosenbrock)}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@each_once("f, odd", OF_SIXTY, ODD.keys())
def test_whatever_comes_in_is_answered_as_with_care(f, odd):
    program = of_sixty(f)
    others = ([1.5] * 60, [2] * 60, [Fraction(3, 2)] * 60, [ODD[odd]] * 60)
    for rest, places in itertools.product(others, ((0,), (1, 30, 59), (58,), (59,))):
        args = [1.5, *rest[1:]]
        for k in places:
            args[k] = ODD[odd]
        want = outcome(lambda *a: bl.Program.value_and_grad(program, *a), args)
        got = outcome(program.value_and_grad, args)
        assert got[0] == want[0]
        if isinstance(want[1], str):
            assert got[1] == want[1]
        else:
            for mine, other in zip(got[1], want[1], strict=True):  # approx alone is slow
                same = mine == other or repr(mine) == repr(other)
                assert same or mine == pytest.approx(other, rel=1e-12, abs=1e-300, nan_ok=True)


@pytest.mark.parametrize("f", [product, sum_of_products])
@pytest.mark.parametrize("count", [0, 1, 59, 61])
def test_another_number_of_inputs_gets_a_sentence(f, count):
    program = bl.compile(f, *[1.0] * 60)
    for call in (program.value, program.value_and_grad, program.replay):
        with pytest.raises(bl.ArgumentError, match=f"takes 60 numbers .*, not {count}"):
            call(*[1.5] * count)


def test_whole_numbers_do_not_grow_without_end():
    def squares(*v):
        x = sum(v)
        for _ in range(60):
            x = x * x
        return x

    program = bl.compile(squares, *[0.01] * 60)
    assert program.value_and_grad(*[1] * 60)[0] == math.inf
    assert program.value(*[1] * 60) == math.inf


def test_a_power_of_a_negative_number_gets_the_engine_s_sentence():
    program = bl.compile(lambda x: x**0.5, 1.0)
    for call in (program.value, program.value_and_grad):
        with pytest.raises(bl.DomainError, match="-1"):
            call(-1.0)
