"""Every entry of the table against oracles that do not know it: NumPy, differences, the complex step."""

import ast
import inspect
import linecache
import math
import re

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.source import frames
from backprop_lab.table.table import UNIT, Cost, cost_of, primitives

OPS = [op for op in primitives.values() if op.elementwise]  # tests/derivatives/test_arrays.py loops over the others
SETTINGS = {"power": (-2, -1, 0, 1, 3, 4, 0.5, 2.5, -1.5)}  # for entries with a setting, the ones to try
# Entries that get a function of their last operand as the first one, because it is there already: t = tanh(x).
GIVEN = {"sech2": bl.tanh, "bell": bl.sigmoid}
FREE = [op for op in OPS if op.name not in GIVEN]
each = pytest.mark.parametrize("op", FREE, ids=lambda op: op.name)

# Values of the entries that NumPy has no function for, as a textbook writes them.
WRITTEN = {
    "power": lambda x, n: x**n,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "relu": lambda x: np.where(x > 0, x, 0.0),
    "unit_step": lambda x: np.heaviside(x, 0.0),
    "wins": lambda a, b: np.heaviside(a - b, 0.5),
    "pseudo_reciprocal": lambda x: 1 / x,
    "side": np.sign,
    "gate": lambda x: np.heaviside(x, 0.0),
    "share": lambda a, b: np.heaviside(a - b, 0.5),
    "no_slope": lambda x: 0.0 * x,
}

# What is for real numbers only takes sides by order, as relu does, or NumPy has no more of it, as of hypot: the complex
# step tells nothing about it. These two are analytic as they are written here.
ANALYTIC = [op for op in FREE if not op.real or op.name in ("sigmoid", "softplus")]


def oracle(op):
    return WRITTEN.get(op.name) or getattr(np, op.ufunc)


def points(op, count=25):
    """Operands (and settings) inside the domain's sample intervals, the same ones on every run."""
    random = np.random.default_rng(op.code)
    for k in range(count):
        operands = [float(random.uniform(*domain.sample)) for domain in op.domain]
        settings = SETTINGS.get(op.name, ((),))[k % len(SETTINGS.get(op.name, ((),)))]
        if op.params:
            operands[0] = abs(operands[0]) + 0.1  # powers that are not whole need a positive base
            yield (*operands, settings)
        else:
            yield tuple(operands)


def near(a, b, rel=1e-6, abs_=1e-8):
    return math.isclose(a, b, rel_tol=rel, abs_tol=abs_) or (math.isnan(a) and math.isnan(b))


@each
def test_value(op):
    for operands in points(op):
        ours = op.function(*operands)
        assert isinstance(ours, float)
        assert near(ours, float(oracle(op)(*operands)), 1e-12, 1e-14), operands
        assert near(ours, float(op.array(*map(np.float64, operands))), 1e-12, 1e-14), operands


@each
def test_value_on_arrays(op):
    many = np.array(list(points(op)), dtype=float)
    columns = [many[:, k] for k in range(len(op.args))]
    if op.params:
        columns.append(np.array(3.0))
    assert np.allclose(op.function(*columns), oracle(op)(*columns), rtol=1e-12)


@each
def test_partials_against_central_differences(op):
    h = 1e-5
    for operands in points(op):
        y = op.function(*operands)
        for slot in range(op.arity):
            up, down = list(operands), list(operands)
            up[slot] += h
            down[slot] -= h
            difference = (op.function(*up) - op.function(*down)) / (2 * h)
            assert near(op.slope(slot, y, operands), difference, 1e-7, 1e-7), (operands, slot)


@pytest.mark.parametrize("op", ANALYTIC, ids=lambda op: op.name)
def test_partials_against_the_complex_step(op):
    """f(x + ih) = f(x) + ih f'(x) + …: no subtraction, so the derivative comes out to the last digits."""
    h = 1e-30
    for operands in points(op):
        y = op.function(*operands)
        for slot in range(op.arity):
            stepped = [np.complex128(x) for x in operands]
            stepped[slot] += 1j * h
            derivative = float(np.imag(oracle(op)(*stepped))) / h
            assert near(op.slope(slot, y, operands), derivative, 1e-11, 1e-13), (operands, slot)


@each
def test_second_derivatives_against_differences_of_the_gradient(op):
    h = 1e-5
    for operands in points(op, 10):
        numbers, settings = operands[: op.arity], operands[op.arity :]

        def gradient(*xs, slot, settings=settings):
            return bl.grad(lambda *v: op.function(*v, *settings), slot)(*xs)

        for first in range(op.arity):
            for second in range(op.arity):
                exact = bl.grad(lambda *xs, first=first: gradient(*xs, slot=first), second)(*numbers)
                up, down = list(numbers), list(numbers)
                up[second] += h
                down[second] -= h
                difference = (gradient(*up, slot=first) - gradient(*down, slot=first)) / (2 * h)
                assert near(exact, difference, 1e-6, 1e-6), (operands, first, second)


@each
def test_forward_and_reverse_agree(op):
    """The inner product of a pushed tangent and an adjoint is that of the tangent and the pulled adjoint."""
    random = np.random.default_rng(7)
    for operands in points(op, 10):
        numbers, settings = operands[: op.arity], operands[op.arity :]
        tangent, bar = [float(t) for t in random.normal(size=op.arity)], float(random.normal())

        def f(*xs, settings=settings):
            return op.function(*xs, *settings)

        value, pushed = bl.jvp(f, numbers, tangent)
        same, pullback = bl.vjp(f, *numbers)
        assert value == same == op.function(*operands)
        assert near(pushed * bar, sum(t * b for t, b in zip(tangent, pullback(bar), strict=True)), 1e-12, 1e-14)


@each
def test_kinks_report_what_they_declare(op):
    for kink in op.kinks:
        assert len(kink.at) == len(kink.partials) == op.arity and kink.why
        y = op.function(*kink.at)
        assert tuple(op.slope(k, y, kink.at) for k in range(op.arity)) == kink.partials
        gradient = bl.grad(op.function)(*kink.at)
        assert (gradient if op.arity > 1 else (gradient,)) == kink.partials
        graph = bl.trace(lambda *xs: op.function(*xs), *kink.at)
        assert graph.outputs[0].partials == kink.partials


OUTSIDE = {
    "a positive number": (0.0, -1.0),
    "a number that is not negative": (-1e-9, -1.0),
    "a number other than 0": (0.0,),
    "a number from -1 to 1": (1.0000001, -2.0),
    "a number above -1": (-1.0, -3.0),
    "any number": (),
    "a number from 1 on": (0.999, -2.0),
    "a number between -1 and 1": (1.0, -1.0, 3.0),
}


@each
def test_leaving_the_domain_is_an_error_in_words(op):
    inside = next(iter(points(op)))
    for slot, domain in enumerate(op.domain):
        assert domain.holds(inside[slot])
        for bad in OUTSIDE[domain.text]:
            assert not domain.holds(bad)
            operands = [*inside[:slot], bad, *inside[slot + 1 :]]
            with pytest.raises(bl.DomainError, match=re.escape(f"must be {domain.text}, and here it is {bad:g}")):
                bl.trace(lambda *xs: op.function(*xs), *operands[: op.arity])
            with pytest.raises(ValueError, match="and here it is"):
                bl.grad(lambda *xs: op.function(*xs), slot)(*operands[: op.arity])


def test_powers_outside_their_domain():
    for base, exponent, words in ((-2.0, 0.5, "only whole-number powers"), (0.0, -1, "0 has no negative power")):
        with pytest.raises(bl.DomainError, match=words):
            bl.power(base, exponent)
        with pytest.raises(bl.DomainError, match=words):
            bl.grad(lambda x, n=exponent: x**n)(base)
    assert bl.grad(lambda x: x**3)(-2.0) == 12.0
    assert bl.grad(lambda x: x**-2)(-2.0) == 0.25
    assert bl.grad(lambda x: x**0)(0.0) == 0.0
    assert bl.grad(lambda x: x**1)(0.0) == 1.0
    assert bl.grad(lambda x: x**0.5)(0.0) == math.inf


@each
def test_notation_and_cost(op):
    for text in (op.latex, *op.partials_latex):
        assert text and "**" not in text and "*" not in text and " if " not in text
        assert text.count("{") == text.count("}")
    assert ast.parse(op.text, mode="eval") and op.symbol and op.name.isidentifier()
    assert sum(op.cost) > 0 or op.name == "neg"  # a sign is free
    for text, cost in zip(op.partials, op.partial_costs, strict=True):
        is_free = re.fullmatch(r"-?\w+", text) is not None  # a number or an operand that is there already
        assert (sum(cost) == 0) == is_free, text


def test_cost_counts():
    assert cost_of("1 - y*y") == Cost(1, 1, 0)
    assert cost_of("-a / (a**2 + b**2)") == Cost(3, 1, 0)
    assert cost_of("1 / sqrt(1 - x**2)") == Cost(2, 1, 1)
    assert cost_of("n * x**(n - 1) if n else 0.0", ("n",)) == Cost(2, 0, 0)


OVERFLOWS = [
    (bl.exp, (1000.0,), math.inf),
    (bl.exp, (-1000.0,), 0.0),
    (bl.sinh, (-1000.0,), -math.inf),
    (bl.cosh, (-1000.0,), math.inf),
    (bl.expm1, (1000.0,), math.inf),
    (bl.exp2, (5000.0,), math.inf),
    (bl.power, (1e200, 3), math.inf),
    (bl.power, (-1e200, 3), -math.inf),
    (bl.square, (1e200,), math.inf),
    (bl.pow, (10.0, 400.0), math.inf),
    (bl.softplus, (1000.0,), 1000.0),
    (bl.softplus, (-1000.0,), 0.0),
    (bl.sigmoid, (1000.0,), 1.0),
    (bl.sigmoid, (-1000.0,), 0.0),
    (bl.tanh, (1e308,), 1.0),
    (bl.sin, (math.inf,), math.nan),
    (bl.tan, (-math.inf,), math.nan),
]


@pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")  # tests/graph/test_numerics.py looks at what they say
@pytest.mark.parametrize(("function", "operands", "expected"), OVERFLOWS)
def test_overflow_is_a_number_not_an_exception(function, operands, expected):
    same = lambda x: x == expected or (math.isnan(x) and math.isnan(expected))  # noqa: E731
    assert same(function(*operands))
    wrt = operands[: function.primitive.arity]
    graph = bl.trace(lambda *xs: function(*xs, *operands[len(xs) :]), *wrt)
    assert same(graph.value)
    assert len(bl.adjoint_sweep(graph)) > 1
    assert same(bl.value_and_grad(lambda *xs: function(*xs, *operands[len(xs) :]))(*wrt)[0])


@each
def test_nan_in_gives_nan_out(op):
    inside = next(iter(points(op)))
    for slot in range(op.arity):
        operands = [*inside[:slot], math.nan, *inside[slot + 1 :]]
        if op.params:
            operands[-1] = 3  # by IEEE's rules nan**0 is 1; every other power of nan is nan
        assert math.isnan(op.function(*operands))
        with np.errstate(invalid="ignore"):
            assert math.isnan(op.array(*map(np.float64, operands)))
        assert math.isnan(
            bl.trace(lambda *xs, o=operands: op.function(*xs, *o[op.arity :]), *operands[: op.arity]).value
        )


@each
def test_public_function(op):
    function = op.function
    assert function.__name__ == op.name and function.primitive is op
    assert op.text in function.__doc__ and all(text in function.__doc__ for text in op.partials)
    assert primitives[op.name] is op and op(*next(iter(points(op)))) == function(*next(iter(points(op))))
    if op.operator not in ("mul", "add", "sub", "truediv", "neg"):
        assert getattr(bl, op.name) is function and op.name in bl.__all__
    with pytest.raises(TypeError):
        function(*[1.0] * (len(op.args + op.params) + 1))


def test_the_functions_take_what_numbers_come_as():
    for x in (2, 2.0, np.float64(2), np.float32(2), np.int64(2), np.array(2.0), True + 1):
        assert float(bl.tanh(x)) == pytest.approx(math.tanh(2), rel=1e-7)
    assert bl.maximum(1, 2) == 2.0 and isinstance(bl.maximum(1, 2), float)


def test_the_table_is_numbered_in_order():
    assert [op.code for op in OPS] == list(range(len(OPS)))
    assert UNIT.holds(-1) and UNIT.holds(1)


def test_what_is_made_of_the_texts_can_be_looked_into():
    """Partials and rules are functions with a source, and the lab's frames, not the student's."""
    tanh, matmul = primitives["tanh"], primitives["matmul"]
    linecache.checkcache()
    assert inspect.getsource(tanh.slopes[0]) == "def slope(y, x):\n    return sech2(y, x)\n"
    assert inspect.getsource(matmul._pulls[1]) == "def pull(bar, y, a, b):\n    return T(a) @ bar\n"
    assert inspect.getsource(primitives["mul"].scalar) == "def value(a, b):\n    return a * b\n"
    with pytest.raises(TypeError) as caught:
        primitives["div"].slopes[0](1.0, None, "b")
    last = caught.traceback[-1]
    assert frames.machinery[last.frame.raw.f_code.co_filename] and str(last.statement).strip() == "return 1 / b"


def test_a_wrong_number_of_operands_gets_a_sentence():
    for wrong in ((), (1.0, 2.0)):
        with pytest.raises(bl.LabError, match=r"sin takes 1 argument, not \d.*; write bl.sin\(x\)"):
            bl.sin(*wrong)
    with pytest.raises(bl.LabError, match="hypot takes 2 arguments, not 1"):
        bl.hypot(1.0)


def test_an_operation_that_is_not_there():
    with pytest.raises(KeyError, match=r"^no operation is called tanhh.*; there is tanh, .*"):
        bl.primitives["tanhh"]
    assert bl.primitives.get("tanhh") is None and "tanhh" not in bl.primitives


def test_hypot_at_its_tip_and_of_complex_numbers():
    assert bl.grad(bl.hypot)(0.0, 0.0) == (0.0, 0.0) and bl.jvp(bl.hypot, (0.0, 0.0), (1.0, 1.0)) == (0.0, 0.0)
    assert np.isnan(bl.hessian(bl.hypot)(0.0, 0.0)).all() and np.isnan(bl.hvp(bl.hypot, (0.0, 0.0), (1.0, 0.0))).all()
    assert "any vector of length up to 1" in bl.trace(bl.hypot, 0.0, 0.0).notes[2].sentence
    assert bl.hessian(lambda x, y: bl.hypot(x, y) ** 2)(0.0, 0.0) == ((2.0, 0.0), (0.0, 2.0))
    for call in (lambda: bl.hypot(1j, 2.0), lambda: bl.grad(lambda a: bl.hypot(a * 1j, 2.0).real)(1.0)):
        with pytest.raises(bl.LabError, match=r"hypot .*; use np.abs\(z\), z.real or z.imag"):
            call()
