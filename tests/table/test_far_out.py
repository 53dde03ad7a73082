"""Slopes far out, where a textbook's formula cancels or overflows: every entry against 60-digit arithmetic.

`TRUE` has the slopes in closed form, on decimal numbers. Beside the values of a list, random ones of every size
are drawn; what the floats cannot hold (below 1e-300, above 1e300) is left out.
"""

import math
from decimal import Decimal, DecimalException, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import examples

import backprop_lab as bl
from backprop_lab.table.table import primitives

D = Decimal
LN2, LN10 = D(2).ln(), D(10).ln()


def exp(x):
    return max(min(x, D(10**6)), D(-(10**6))).exp()  # beyond, it is 0 or infinite for floats anyway


def sigmoid(x):
    return 1 / (1 + exp(-x))


def cosh(x):
    return (exp(x) + exp(-x)) / 2


def sinh(x):
    return (exp(x) - exp(-x)) / 2 if abs(x) > D("1e-20") else x


def hypot(a, b):
    return (a * a + b * b).sqrt()


# The slope of each entry with respect to each operand; operands are Decimals, settings stay as they are.
TRUE = {
    "mul": (lambda a, b: b, lambda a, b: a),
    "add": (lambda a, b: D(1), lambda a, b: D(1)),
    "sub": (lambda a, b: D(1), lambda a, b: D(-1)),
    "div": (lambda a, b: 1 / b, lambda a, b: -a / b / b),
    "neg": (lambda x: D(-1),),
    "square": (lambda x: 2 * x,),
    "power": (lambda x, n: D(n) * x ** D(n - 1),),
    "pow": (lambda a, b: b * a ** (b - 1), lambda a, b: a**b * a.ln()),
    "sqrt": (lambda x: 1 / (2 * x.sqrt()),),
    "cbrt": (lambda x: abs(x) ** (D(-2) / 3) / 3,),
    "reciprocal": (lambda x: -1 / x / x,),
    "exp": (exp,),
    "log": (lambda x: 1 / x,),
    "exp2": (lambda x: exp(x * LN2) * LN2,),
    "log2": (lambda x: 1 / x / LN2,),
    "log10": (lambda x: 1 / x / LN10,),
    "expm1": (exp,),
    "log1p": (lambda x: 1 / (1 + x),),
    "sinh": (cosh,),
    "cosh": (sinh,),
    "tanh": (lambda x: 1 / cosh(x) ** 2,),
    "sech2": (None, lambda t, x: -2 * sinh(x) / cosh(x) ** 3),
    "arcsin": (lambda x: 1 / (1 - x * x).sqrt(),),
    "arccos": (lambda x: -1 / (1 - x * x).sqrt(),),
    "arctan": (lambda x: 1 / (1 + x * x),),
    "arcsinh": (lambda x: 1 / hypot(x, D(1)),),
    "arccosh": (lambda x: 1 / ((x - 1) * (x + 1)).sqrt(),),
    "arctanh": (lambda x: 1 / (1 - x * x),),
    "arctan2": (lambda a, b: b / hypot(a, b) ** 2, lambda a, b: -a / hypot(a, b) ** 2),
    "hypot": (lambda a, b: a / hypot(a, b), lambda a, b: b / hypot(a, b)),
    "sigmoid": (lambda x: sigmoid(x) * sigmoid(-x),),
    "bell": (None, lambda t, x: sigmoid(x) * sigmoid(-x) * -sinh(x / 2) / cosh(x / 2)),
    "softplus": (sigmoid,),
    "relu": (lambda x: D(int(x > 0)),),
    "abs": (lambda x: D(1).copy_sign(x),),
    "maximum": (lambda a, b: D(int(a > b)), lambda a, b: D(int(b > a))),
    "minimum": (lambda a, b: D(int(a < b)), lambda a, b: D(int(b < a))),
    "pseudo_reciprocal": (lambda x: -1 / x / x,),
}
# sin, cos and tan have slopes that no float argument makes small or large by cancelling; the others are flat.
ELSEWHERE = {"sin", "cos", "tan", "sign", "unit_step", "wins", "side", "gate", "share", "no_slope"}
GIVEN = {"sech2": bl.tanh, "bell": bl.sigmoid}  # their first operand is this function of the second
OPS = [op for op in primitives.values() if op.elementwise and op.name in TRUE]

SIZES = [
    1e-300,
    1e-160,
    1e-30,
    1e-8,
    1e-3,
    0.3,
    0.89,
    0.91,
    1.0,
    3.0,
    20.0,
    40.0,
    300.0,
    700.0,
    1e5,
    1e30,
    1e160,
    1e300,
]
NEAR_ONE = [1 - 1e-3, 1 - 1e-10, 1 - 2.0**-53]


def test_every_entry_is_looked_at():
    assert {op.name for op in primitives.values() if op.elementwise} <= {*TRUE, *ELSEWHERE}


def check(op, operands):
    """The slopes on floats and on arrays, by both passes, against the true ones."""
    if op.name in GIVEN:
        operands = (GIVEN[op.name](operands[1]), operands[1])
    nodes = operands[: op.arity]
    if (
        not all(domain.holds(x) for domain, x in zip(op.domain, nodes, strict=True))
        or op.name == "power"
        and nodes[0] < 0
    ):
        return
    try:
        y = op.function(*operands)
    except bl.DomainError:  # 0**-2
        return
    for slot, slope in enumerate(TRUE[op.name]):
        if slope is None:
            continue
        if any(kink.holds(nodes) for kink in op.kinks):
            continue
        with localcontext() as context:
            context.prec = 60
            context.Emax, context.Emin = 10**15, -(10**15)
            numbers = [D(x) for x in nodes]
            try:
                exact = slope(*numbers, *operands[op.arity :])
            except DecimalException:  # infinite, or beyond anything
                continue
            if exact and not D("1e-300") < abs(exact) < D("1e300"):
                continue
            true = float(exact)
        array = np.full(2, operands[slot])
        others = [array if k == slot else x for k, x in enumerate(operands)]

        def one(x, slot=slot):
            return op.function(*operands[:slot], x, *operands[slot + 1 :])

        found = {"slope": op.slope(slot, y, operands)}
        with np.errstate(all="ignore"):
            found["arrays"] = np.ravel(op.slope(slot, op.function(*others), tuple(others)))[0]
        if op.name not in GIVEN:
            found |= {"reverse": bl.grad(one)(operands[slot]), "forward": bl.jvp(one, (operands[slot],), (1.0,))[1]}
        for way, number in found.items():
            assert math.isclose(number, true, rel_tol=2e-13), (op.name, slot, way, operands, number, true)


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_slopes_far_out(op):
    settings = [(-2,), (1,), (3,), (0.5,), (2.5,)] if op.params else [()]
    values = [s * x for x in SIZES + NEAR_ONE for s in (1, -1)]
    pairs = [(x,) for x in values] if op.arity == 1 else [(a, b) for a in values[::3] for b in values[1::4]]
    pairs += [] if op.arity == 1 else [(x, x) for x in values] + [(0.0, x) for x in values] + [(x, 0.0) for x in values]
    for numbers in pairs:
        for setting in settings:
            check(op, (*numbers, *setting))


sizes = st.tuples(st.floats(-300, 300), st.sampled_from([1, -1])).map(lambda p: p[1] * 10.0 ** p[0])
middle = st.floats(-800, 800, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-290)


@examples(60)
@given(st.sampled_from(OPS), st.one_of(sizes, middle), st.one_of(sizes, middle), st.sampled_from([-2, 1, 3, 0.5]))
def test_slopes_at_random_sizes(op, a, b, n):
    check(op, ((a, b)[: op.arity]) + ((n,) if op.params else ()))
