"""The table of primitives: every operation the lab can differentiate, one entry each.

Look an operation up with `bl.primitives["tanh"]`, call it with `bl.tanh(x)`. An entry states its value and its
derivative once, as text. Everything else is read off that text: the operators of traced values, both sweeps, formulas,
drawings, the cost, the tests and the documentation. To add an operation, add an entry. What an entry can say is listed
with `Primitive`.

In the texts the operands have the entry's own argument names, `y` is the entry's value, and other entries may be
called. A partial in terms of `y` is often the cheapest. Because partials are built from entries, tracing a partial
gives the second derivative. The partials are those of any calculus text (Strang, MIT 18.065, lecture 27; Edelman and
Johnson, MIT 18.S096, lecture 8); where calculus leaves a choice, the entry's `kinks` say what we report and why.
"""

# ruff: noqa: E501  (the table, one row a line)

from __future__ import annotations

import inspect
import math
from operator import attrgetter
from typing import Any

import numpy as np

from ..errors import UnknownName
from ..text.expression import Value
from ..text.notation import NOTATION
from . import arrays, rules
from .cost import Cost, cost_of
from .entry import BY_CODE, SPACE, Domain, Kink, Primitive
from .functions import function_of
from .tips import pull_at_tip
from .values import shape_of, size_of
from .work import products

__all__ = ["BY_CODE", "Cost", "Domain", "Kink", "Primitive", "cost_of", "primitives"]


# Sample intervals keep away from kinks and edges, which have tests of their own.
REAL = Domain("any number", "", (-2.0, 2.0))
POSITIVE = Domain("a positive number", "x <= 0.0", (0.2, 3.0))
NONNEG = Domain("a number that is not negative", "x < 0.0", (0.2, 3.0))
NONZERO = Domain("a number other than 0", "x == 0.0", (0.3, 3.0))
UNIT = Domain("a number from -1 to 1", "abs(x) > 1.0", (-0.9, 0.9))
NONZERO_OR_REST = Domain("any number", "", (0.3, 3.0))
ABOVE_MINUS_ONE = Domain("a number above -1", "x <= -1.0", (-0.7, 2.0))


# --- numbers where Python's own functions need care -------------------------------------------------------------------


def _sigmoid(x: float) -> float:
    if x >= 0:  # exp of a negative number never overflows
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def _sigmoid_array(x: Any) -> Any:
    return np.exp(-np.logaddexp(0.0, -x))


def _sech2(t: float, x: float) -> float:
    if -0.9 < t < 0.9:
        return 1.0 - t * t
    e = math.exp(-2.0 * abs(x))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


def _sech2_array(t: Any, x: Any) -> Any:
    near = np.subtract(1.0, np.multiply(t, t))
    if not np.any(far := ~(np.abs(t) < 0.9)):
        return near
    e = np.exp(np.where(np.real(x) < 0, 2.0, -2.0) * x)
    return np.where(far, 4.0 * e / (1.0 + e) ** 2, near)


def _bell(t: float, x: float) -> float:
    return t * (1.0 - t) if t < 0.9 else t * _sigmoid(-x)


def _bell_array(t: Any, x: Any) -> Any:
    near = np.multiply(t, np.subtract(1.0, t))
    return np.where(far, t * _sigmoid_array(np.negative(x)), near) if np.any(far := ~np.less(t, 0.9)) else near


def _wins(a: float, b: float) -> float:
    return 1.0 if a > b else 0.5 if a == b else 0.0 if a < b else math.nan


def _wins_array(a: Any, b: Any) -> Any:
    more, less = np.greater(a, b), np.less(a, b)  # np.heaviside takes six times as long
    y = more.astype(float)
    if np.count_nonzero(more) + np.count_nonzero(less) == y.size:
        return y
    return _with_nan(_with_nan(np.where(more | less, y, 0.5), a), b)


def _with_nan(y: Any, x: Any) -> Any:
    return np.where(odd, np.nan, y) if np.any(odd := np.isnan(x)) else y


def _step(x: float) -> float:
    return 1.0 if x > 0 else 0.0 if x <= 0 else x  # nan stays nan


def _step_array(x: Any) -> Any:
    return _with_nan(np.greater(x, 0.0).astype(float), x)


def _sign(x: float) -> float:
    return 1.0 if x > 0 else -1.0 if x < 0 else x  # nan stays nan, and 0 has no side


TIE = "at a tie either operand could be the one; each gets one half, so the partials still add up to 1"
REST = "any slope from -1 to 1 is a subgradient; 0 makes the minimum a resting point"
ROUND = "the tip of a cone: any vector of length up to 1 is a subgradient; 0 makes the minimum a resting point"
STEEP = "the tangent is vertical: the slope is infinite, and we say so"
OFF = "any slope from 0 to 1 is a subgradient; 0 is the usual choice"
STILL = "Nothing goes back to what is only compared, or only chooses."
SWAP = "A product sends its adjoint to each factor, scaled by the other factor."


class _Table(dict[str, Primitive]):
    def __missing__(self, name: str) -> Primitive:
        import difflib  # slow to load, and rarely needed

        close = difflib.get_close_matches(str(name), self, 3) or list(self)[:5]
        raise UnknownName(f"no operation is called {name}; there is {', '.join(close)}")


primitives = _Table()


def _row(name: str, args: str, text: str, partials: tuple[str, ...], domain: Any, **more: Any) -> None:
    op = Primitive(name, tuple(args.split()), text, partials, domain, len(primitives), family, **more)
    op.function = function_of(op)
    primitives[name] = op


def _entry(name: str, args: str, text: str, *partials: str, domain: Any = REAL, params: str = "", **more: Any) -> None:
    """A function of numbers, and of arrays entry by entry: its value, and its partials."""
    more.setdefault("array", getattr(np, more.get("ufunc", ""), None))
    domains = domain if isinstance(domain, tuple) and not isinstance(domain, Domain) else (domain,) * len(args.split())
    _row(name, args, text, partials, domains, params=tuple(params.split()), **more)


def _array(name: str, args: str, text: str, *pulls: str, params: str = "", **more: Any) -> None:
    """An entry that maps whole arrays: what it sends back (`pulls`), with settings such as `axis=None`."""
    pairs = [p.partition("=") for p in params.split()]
    defaults = tuple(Value({}).of(default) for _, sign, default in pairs if sign)
    more.setdefault("numpy", name if hasattr(np, name) else "")
    if "array" not in more:
        more["array"] = getattr(arrays, name, None) or attrgetter(more["numpy"] or more["ufunc"])(np)
    _row(name, args, text, (), (), pulls=pulls, params=tuple(p for p, _, _ in pairs), defaults=defaults, **more)


# The order is for the reader; nothing hangs on it.
# fmt: off

# --- arithmetic -------------------------------------------------------------------------------------------------------
family = "arithmetic"
_entry("mul", "a b", "a * b",   "b", "a",           operator="mul",     ufunc="multiply",   neutral=1, vanishes="where an operand does",   symbol="×", rule=SWAP, roles=("the other factor",))
_entry("add", "a b", "a + b",   "1", "1",           operator="add",     ufunc="add",        symbol="+", neutral=0,
       rule="A sum copies its adjoint to each summand.", roles=("a term of a sum",))
_entry("sub", "a b", "a - b",   "1", "-1",          operator="sub",     ufunc="subtract",   symbol="−",
       rule="A difference copies its adjoint to the first operand and negates it for the second.", roles=("left of a minus", "right of a minus"))
_entry("div", "a b", "a / b",   "1 / b", "-y / b",  operator="truediv", ufunc="divide",     symbol="÷",
       domain=(REAL, NONZERO._replace(operand="the divisor")), vanishes="where an operand does",
       rule="A quotient sends the numerator its adjoint divided by the denominator; the denominator gets the same, times minus the quotient.", roles=("a numerator", "a denominator"))
_entry("neg", "x",   "-x",      "-1",               operator="neg",     ufunc="negative",   symbol="−",
       rule="A minus sign negates the adjoint.", roles=("a minus sign",))

# --- powers: a plain number as exponent is a setting, a traced exponent is a node -------------------------------------
family = "powers"
_entry("square", "x",  "x**2",   "2 * x",   ufunc="square", scalar=lambda x: x * x,
       symbol="( )²", exponent=2.0, vanishes="where an operand does", roles=("a square",))
_entry("power", "x",   "x**n",   "n * x**(n - 1) if n else 0.0",   params="n", scalar=math.pow, array=np.power,
       symbol="( )ⁿ", exponent="n", vanishes="where an operand does", roles=("a power",))
_entry("pow", "a b",   "a**b",   "b * a**(b - 1)", "y * log(a)",   operator="pow", ufunc="power", scalar=math.pow,
       zeros=("b", "y"), symbol="aᵇ", exponent="b", vanishes="where an operand does",
       domain=(POSITIVE._replace(operand="the base of a power with a variable exponent"), REAL), roles=("the base of a power", "the exponent of a power"))
_entry("sqrt", "x",    "sqrt(x)",       "1 / (2 * y)",      ufunc="sqrt",   scalar=math.sqrt,   domain=NONNEG,
       symbol="√", exponent=1 / 2, kinks=(Kink((0.0,), (math.inf,), STEEP),), roles=("a square root",))
_entry("cbrt", "x",    "cbrt(x)",       "1 / (3 * y**2)",   ufunc="cbrt",   scalar=lambda x: float(np.cbrt(x)),
       domain=Domain("any number", "", (0.3, 2.0)), symbol="∛", exponent=1 / 3, real=True,
       kinks=(Kink((0.0,), (math.inf,), STEEP),), roles=("a cube root",))
_entry("reciprocal", "x", "1 / x",      "-y**2",            ufunc="reciprocal", domain=NONZERO, symbol="1/( )", vanishes="never", roles=("one over a number",))

# --- exponentials and logarithms --------------------------------------------------------------------------------------
family = "exponentials"
_entry("exp",   "x",   "exp(x)",        "y",                ufunc="exp",    scalar=math.exp,  vanishes="never",
       notated=True, roles=("an exponential, which is its own slope",))
_entry("log",   "x",   "log(x)",        "1 / x",            ufunc="log",    scalar=math.log,    domain=POSITIVE, roles=("a natural logarithm",))
_entry("exp2",  "x",   "exp2(x)",       "0.6931471805599453 * y",   ufunc="exp2", vanishes="never",
       scalar=lambda x: math.pow(2.0, x), roles=("a power of 2",))
_entry("log2",  "x",   "log2(x)",       "1.4426950408889634 / x",   ufunc="log2", scalar=math.log2, domain=POSITIVE, roles=("a logarithm to base 2",))
_entry("log10", "x",   "log10(x)",      "0.4342944819032518 / x",   ufunc="log10", scalar=math.log10, domain=POSITIVE, roles=("a logarithm to base 10",))
_entry("expm1", "x",   "expm1(x)",      "exp(x)",           ufunc="expm1",  scalar=math.expm1, roles=("an exponential less 1",))
_entry("log1p", "x",   "log1p(x)",      "1 / (1 + x)",      ufunc="log1p",  scalar=math.log1p,  domain=ABOVE_MINUS_ONE, roles=("a logarithm of one more",))

# --- circle and hyperbola ---------------------------------------------------------------------------------------------
family = "circle"
_entry("sin",   "x",   "sin(x)",        "cos(x)",           ufunc="sin",    scalar=math.sin, roles=("a sine",))
_entry("cos",   "x",   "cos(x)",        "-sin(x)",          ufunc="cos",    scalar=math.cos, roles=("a cosine",))
_entry("tan",   "x",   "tan(x)",        "1 + y**2",         ufunc="tan",    scalar=math.tan,
       domain=Domain("any number", "", (-1.2, 1.2)), roles=("the tangent of an angle",))
_entry("sinh",  "x",   "sinh(x)",       "cosh(x)",          ufunc="sinh",   scalar=math.sinh, roles=("a hyperbolic sine",))
_entry("cosh",  "x",   "cosh(x)",       "sinh(x)",          ufunc="cosh",   scalar=math.cosh, roles=("a hyperbolic cosine",))
_entry("tanh",  "x",   "tanh(x)",       "1 - y**2",         ufunc="tanh",   scalar=math.tanh,
       exact=("sech2(y, x)",), roles=("a hyperbolic tangent",))
_entry("arcsin", "x",  "arcsin(x)",     "1 / sqrt((1 - x) * (1 + x))",  ufunc="arcsin", scalar=math.asin, domain=UNIT,
       kinks=(Kink((1.0,), (math.inf,), STEEP), Kink((-1.0,), (math.inf,), STEEP)), roles=("an inverse sine",))
_entry("arccos", "x",  "arccos(x)",     "-1 / sqrt((1 - x) * (1 + x))", ufunc="arccos", scalar=math.acos, domain=UNIT,
       kinks=(Kink((1.0,), (-math.inf,), STEEP), Kink((-1.0,), (-math.inf,), STEEP)), roles=("an inverse cosine",))
_entry("arctan", "x",  "arctan(x)",     "1 / (1 + x**2)",       ufunc="arctan", scalar=math.atan, roles=("an inverse tangent",))
_entry("arctan2", "a b", "arctan2(a, b)", "b / (a**2 + b**2)", "-a / (a**2 + b**2)", ufunc="arctan2", scalar=math.atan2, real=True,
       exact=("b / hypot(a, b) / hypot(a, b)", "-a / hypot(a, b) / hypot(a, b)"),
       domain=(REAL, Domain("any number", "", (0.3, 2.0))), roles=("the opposite side of an angle", "the adjacent side of an angle"))
_entry("hypot", "a b", "hypot(a, b)",   "a / y", "b / y", ufunc="hypot",  exact=("a * pseudo_reciprocal(y)", "b * pseudo_reciprocal(y)"),
       scalar=math.hypot, real=True, tip=True, kinks=(Kink((0.0, 0.0), (0.0, 0.0), ROUND),), roles=("a side of a right triangle",))

_entry("arcsinh", "x", "arcsinh(x)",    "1 / cosh(y)",      ufunc="arcsinh", scalar=math.asinh, roles=("an inverse hyperbolic sine",))
_entry("arccosh", "x", "arccosh(x)",    "1 / (sqrt(x - 1) * sqrt(x + 1))",  ufunc="arccosh", scalar=math.acosh,
       domain=Domain("a number from 1 on", "x < 1.0", (1.2, 3.0)), kinks=(Kink((1.0,), (math.inf,), STEEP),), roles=("an inverse hyperbolic cosine",))
_entry("arctanh", "x", "arctanh(x)",    "1 / ((1 - x) * (1 + x))",      ufunc="arctanh", scalar=math.atanh,
       domain=Domain("a number between -1 and 1", "abs(x) >= 1.0", (-0.9, 0.9)), roles=("an inverse hyperbolic tangent",))

# --- activations ------------------------------------------------------------------------------------------------------
family = "activations"
_entry("sigmoid", "x", "sigmoid(x)",    "y * (1 - y)",      scalar=_sigmoid, array=_sigmoid_array, symbol="σ",
       notation="σ", vanishes="never", real=True, exact=("bell(y, x)",), roles=("a sigmoid",))
_entry("softplus", "x", "softplus(x)",  "sigmoid(x)",       array=lambda x: np.logaddexp(0.0, x), vanishes="never",
       real=True,
       scalar=lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))), roles=("a softplus, whose slope is the sigmoid",))
_entry("relu", "x",    "relu(x)",       "unit_step(x)",     exact=("gate(x)",),     array=lambda x: np.maximum(x, 0.0),
       scalar=lambda x: x if x > 0 or x != x else 0.0, inline="0.0 if x <= 0.0 else x", kinks=(Kink((0.0,), (0.0,), OFF),), real=True, roles=("a rectifier, whose slope is 1 above 0 and 0 elsewhere",))
_entry("abs", "x",     "abs(x)",        "sign(x)",          exact=("side(x)",), tip=True,    operator="abs", ufunc="absolute", scalar=math.fabs,
       symbol="| |", kinks=(Kink((0.0,), (0.0,), REST),), real=True, roles=("an absolute value, whose slope is the sign",))
_entry("maximum", "a b", "maximum(a, b)", "wins(a, b)", "wins(b, a)",   exact=("share(a, b)", "share(b, a)"), ufunc="maximum", scalar=lambda a, b: a if a > b or a != a else b, symbol="max",
       notation="max", real=True,
       kinks=(Kink((1.0, 1.0), (0.5, 0.5), TIE, True),), roles=("a maximum, whose slope is 1 for the larger operand, 0 for the smaller and one half each at a tie",))
_entry("minimum", "a b", "minimum(a, b)", "wins(b, a)", "wins(a, b)",   exact=("share(b, a)", "share(a, b)"), ufunc="minimum", scalar=lambda a, b: a if a < b or a != a else b, symbol="min",
       notation="min", real=True,
       kinks=(Kink((1.0, 1.0), (0.5, 0.5), TIE, True),), roles=("a minimum, whose slope is 1 for the smaller operand, 0 for the larger and one half each at a tie",))
_entry("sign", "x",    "sign(x)",       "0",                ufunc="sign",   scalar=_sign,   notation="sgn", real=True,
       kinks=(Kink((0.0,), (0.0,), "sign jumps at 0; it is flat on both sides"),), roles=("a sign, which is flat",))
_entry("unit_step", "x",    "unit_step(x)",       "0",                scalar=_step,   array=_step_array,
       real=True, inline="1.0 if x > 0.0 else 0.0 if x <= 0.0 else x",
       kinks=(Kink((0.0,), (0.0,), "the step jumps at 0; it is flat on both sides"),), roles=("a step, which is flat",))

# --- what slopes are made of; those of abs, relu and maximum jump, and where they do, there is no second derivative ----
family = "slopes"
_entry("sech2", "t x", "sech2(t, x)",   "0", "-2 * t * y",  scalar=_sech2,  array=_sech2_array,
       counted="1 - t**2", inline="1.0 - t * t if -0.9 < t < 0.9 else sech2(t, x)", roles=("a value that is only looked up", "the slope of a hyperbolic tangent"))  # tanh's slope: t is tanh(x), which x tells better far out
_entry("bell", "t x",  "bell(t, x)",    "0", "-tanh(x / 2) * y",    scalar=_bell,   array=_bell_array,   real=True,
       counted="t * (1 - t)", inline="t * (1.0 - t) if t < 0.9 else bell(t, x)", roles=("a value that is only looked up", "the slope of a sigmoid"))  # the sigmoid's slope, with t = sigmoid(x)
_entry("wins", "a b",  "wins(a, b)",    "0", "0",           scalar=_wins,   array=_wins_array,  real=True,
       kinks=(Kink((1.0, 1.0), (0.0, 0.0), "it jumps where the operands are equal; it is flat on both sides", True),), roles=("a comparison, which is flat",))
_entry("pseudo_reciprocal", "x", "pseudo_reciprocal(x)", "-y**2", scalar=lambda x: 1.0 / x if x else 0.0,
       array=arrays.pseudo_reciprocal, domain=NONZERO_OR_REST, exact=("no_slope(x) - y**2",), roles=("one over a number, and 0 at 0",))
_entry("side", "x",    "side(x)",       "no_slope(x)",      scalar=_sign,   array=np.sign,  real=True, roles=("a sign, which is flat",))
_entry("gate", "x",    "gate(x)",       "no_slope(x)",      scalar=_step,   array=_step_array,  real=True,
       inline="1.0 if x > 0.0 else 0.0 if x <= 0.0 else x", roles=("a step, which is flat",))
_entry("share", "a b", "share(a, b)",   "no_slope(a - b)", "no_slope(a - b)",  scalar=_wins,   array=_wins_array,
       real=True, roles=("a comparison, which is flat",))
_entry("no_slope", "x", "no_slope(x)",  "0",    scalar=lambda x: 0.0 if x > 0 or x < 0 else math.nan,  real=True,
       array=lambda x: np.where(np.greater(x, 0) | np.less(x, 0), 0.0, np.nan), roles=("a slope that is 0, where there is one",))

# --- arrays: what moves numbers about; each line's rule is the other line of its pair ---------------------------------
family = "moves"
_array("broadcast_to", "x", "broadcast_to(x, shape)",   "unbroadcast(bar, shape_of(x))",    params="shape",
       labels=("Σ",),      view=True, rule="What was repeated is added up on the way back.")
_array("unbroadcast", "x",  "unbroadcast(x, shape)",    "broadcast_to(bar, shape_of(x))",   params="shape",
       labels=("copy",),   work=lambda y, x, shape: _adds(x, y), rule="What was added up is copied back to where it came from.")
_array("index", "x",        "index(x, key)",            "scatter(bar, key, shape_of(x))",   params="key",
       labels=("put back",), symbol="[ ]", view=True, rule="Indexing sends its adjoint back to the places it read; the rest gets 0.")
_array("scatter", "x",      "scatter(x, key, shape)",   "index(bar, key)",                  params="key shape",
       labels=("[ ]",), rule="Putting numbers in their places sends back what stands in those places.")
_array("reshape", "x",      "reshape(x, shape)",        "reshape(bar, shape_of(x))",        params="shape",
       labels=("reshape",), view=True,
       fits="the new shape needs as many elements as the old one", rule="A reshape sends its adjoint back in the old shape.")
_array("transpose", "x",    "transpose(x, axes)",       "transpose(bar, inverse(axes))",    params="axes",
       labels=("ᵀ",),      symbol="ᵀ", view=True, rule="A transpose sends its adjoint back transposed.")
_array("stack", "xs",       "stack(xs, axis)",          "unstack(bar, xs, axis)",           params="axis=0", variadic=True,
       pushes=("stack(dot, axis)",), labels=("[ ]",), pieces=rules.slices,
       rule="A stack hands each operand its own slice of the adjoint.")
_array("concatenate", "xs", "concatenate(xs, axis)",    "part(bar, xs, axis)",              params="axis=0", variadic=True,
       pushes=("concatenate(dot, axis)",), labels=("[ ]",), pieces=rules.stretches,
       rule="Each operand gets its own stretch of the adjoint.")
_array("where", "c a b",    "where(c, a, b)",           "0", "where(c, bar, 0.0)", "where(c, 0.0, bar)",
       pushes=("0", "where(c, dot, 0.0)", "where(c, 0.0, dot)"), labels=("", "where {c}", "where not {c}"), notated=True,
       rule="Each element's adjoint goes to the operand it was taken from; the other gets 0.")

# --- arrays: what adds up ---------------------------------------------------------------------------------------------
family = "sums"
_array("sum", "x",          "sum(x, axis, keepdims)",   "spread(bar, x, axis, keepdims)",   params="axis=None keepdims=False",
       array=lambda x, axis, keepdims: np.sum(x, axis=axis, keepdims=keepdims), symbol="Σ", labels=("spread",), notated=True,
       work=lambda y, x, axis, keepdims: _adds(x, y), rule="A sum copies its adjoint to every element.")
_array("mean", "x",         "mean(x, axis, keepdims)",  "spread(bar / count(x, y), x, axis, keepdims)",
       params="axis=None keepdims=False", symbol="mean", labels=("spread / count",),
       array=lambda x, axis, keepdims: np.mean(x, axis=axis, keepdims=keepdims),
       work=lambda y, x, axis, keepdims: _adds(x, y).plus(Cost(size_of(y))),
       rule="A mean sends each of its elements its adjoint, divided by their number.")
_array("cumsum", "x",       "cumsum(x, axis)",          "flip(cumsum(flip(bar, axis), axis), axis)", params="axis",
       labels=("sum from the end",), work=lambda y, x, axis: Cost(0, size_of(x)), rule="A running sum sends back the running sum from the end: each element gets the adjoints of all sums that contain it.")
_array("prod", "x",         "prod(x, axis, keepdims)",  "spread(bar, x, axis, keepdims) * others(x, axis)",
       pushes=("sum(others(x, axis) * dot, axis, keepdims)",), params="axis=None keepdims=False", symbol="Π",
       array=lambda x, axis, keepdims: np.prod(x, axis=axis, keepdims=keepdims), labels=("· the others",),
       work=lambda y, x, axis, keepdims: Cost(size_of(x) - size_of(y)),
       rule="A product sends to each factor its adjoint times the product of the others.")
_array("max", "x",          "max(x, axis, keepdims)",   "spread(bar, x, axis, keepdims) * largest(x, axis)",
       pushes=("sum(largest(x, axis) * dot, axis, keepdims)",), params="axis=None keepdims=False", labels=("to the largest",),
       array=lambda x, axis, keepdims: np.max(x, axis=axis, keepdims=keepdims), real=True,
       work=lambda y, x, axis, keepdims: _adds(x, y),
       rule="A maximum sends its adjoint to the largest element; where several are equal, each gets its share.")
_array("largest", "x",      "largest(x, axis)",         "bar * tied(x, axis)", pushes=("dot * tied(x, axis)",),
       params="axis=None", real=True, labels=("0",), rule="Picking the largest element sends the adjoint to its place.")
_array("tied", "x",         "tied(x, axis)",            "0", pushes=("0",), params="axis=None", real=True, labels=("0",), rule="Where the largest elements are does not change when they move a little: nothing goes back.")
_array("sort", "x",         "sort(x, axis)",            "put_back(bar, x, axis)",   pushes=("arranged(dot, x, axis)",),
       params="axis=-1", labels=("put back",), real=True,
       rule="Sorting sends each adjoint back to the place that its number came from.")
_array("arranged", "v x",   "arranged(v, x, axis)",     "put_back(bar, x, axis)", "0", pushes=("arranged(dot, x, axis)", "0"),
       params="axis=-1", labels=("put back", "0"), real=True, rule="Numbers in the order of another array send each adjoint back to its old place.")
_array("put_back", "v x",   "put_back(v, x, axis)",     "arranged(bar, x, axis)", "0", pushes=("put_back(dot, x, axis)", "0"),
       params="axis=-1", labels=("in order", "0"), real=True, rule="Numbers that were put back in their places send their adjoints back in the sorted order.")
_array("norm", "x",         "norm(x, axis, keepdims)",
       "spread(bar * pseudo_reciprocal(y), x, axis, keepdims) * conj(x)",
       pushes=("real(sum(conj(x) * dot, axis, keepdims)) * pseudo_reciprocal(y)",),
       params="axis=None keepdims=False", symbol="‖ ‖", numpy="linalg.norm", labels=("· {x} / ‖{x}‖",),
       work=lambda y, x, axis, keepdims: _adds(x, y).plus(Cost(size_of(x), 0, size_of(y))), tip=True,
       rule="A norm sends its adjoint times the unit vector along its operand; at zero, which has no direction, it sends 0.")

# --- arrays: products -------------------------------------------------------------------------------------------------
family = "products"
_array("dot", "a b",        "a @ b",    "bar * b", "bar * a",                           work=lambda y, a, b: products(y, a),
       symbol="·", labels=("· {b}", "· {a}"), rule=SWAP, fits="the two vectors need the same length")
_array("matvec", "a b",     "a @ b",    "outer(bar, b)", "T(a) @ bar",                  work=lambda y, a, b: products(y, a),
       numpy="matmul", symbol="@", labels=("outer {b}", "{a}ᵀ ·"),
       fits="the matrix needs as many columns as the vector has elements",
       rule="A matrix times a vector: the matrix gets the outer product of the adjoint and the vector, and the vector gets the "
            "transposed matrix times the adjoint.")
_array("vecmat", "a b",     "a @ b",    "b @ bar", "outer(a, bar)",                     work=lambda y, a, b: products(y, a),
       numpy="matmul", symbol="@", labels=("{b} ·", "{a} outer"),
       fits="the matrix needs as many rows as the vector has elements",
       rule="A vector times a matrix: the vector gets the matrix times the adjoint, and the matrix gets the outer product of the vector and the adjoint.")
_array("matmul", "a b",     "a @ b",    "bar @ T(b)", "T(a) @ bar",                    work=lambda y, a, b: products(y, a),
       symbol="@", labels=("· {b}ᵀ", "{a}ᵀ ·"),
       fits="the first one's last axis must be as long as the second one's last but one",
       rule="A matrix product sends to each factor the adjoint times the transpose of the other factor.")
_array("outer", "a b",      "outer(a, b)", "bar @ b", "a @ bar",                        work=lambda y, a, b: Cost(size_of(y)),
       symbol="⊗", labels=("· {b}", "{a}ᵀ ·"), notated=True, rule="An outer product sends to each factor the adjoint times the other factor.")
_array("einsum", "a b",     "einsum(a, b, spec)", "einsum_pull(bar, b, a, spec, 0)", "einsum_pull(bar, a, b, spec, 1)",
       params="spec", labels=("einsum {b}", "einsum {a}"), array=lambda a, b, spec: np.einsum(spec, a, b),
       work=lambda y, a, b, spec: _einsum_work(y, a, b, spec), rule="The adjoint of an einsum is an einsum: the letters "
       "of the output change places with those of the operand.")

# --- arrays: classification -------------------------------------------------------------------------------------------
family = "classification"
_array("logsumexp", "x",    "logsumexp(x, axis, keepdims)", "spread(bar, x, axis) * softmax(x, axis)",
       pushes=("sum(softmax(x, axis) * dot, axis, keepdims)",), params="axis=None keepdims=False",
       work=lambda y, x, axis, keepdims: _adds(x, y).plus(Cost(0, size_of(x), size_of(x) + size_of(y))), real=True,
       labels=("· softmax",), rule="logsumexp hands its adjoint out in the proportions of the softmax.")
_array("softmax", "x",      "softmax(x, axis)",     "y * (bar - sum(bar * y, axis, True))",     params="axis=-1",
       pushes=("y * (dot - sum(dot * y, axis, True))",), labels=("{y} ⊙ (· − Σ {y} ·)",), real=True, notated=True,
       work=lambda y, x, axis: Cost(size_of(x), 2 * size_of(x), size_of(x)),
       rule="Softmax takes from each adjoint their average, weighted by its outputs, and multiplies by the output.")
_array("log_softmax", "x",  "log_softmax(x, axis)", "bar - exp(y) * sum(bar, axis, True)",      params="axis=-1",
       pushes=("dot - sum(exp(y) * dot, axis, True)",), labels=("· − exp {y} Σ ·",), real=True, notated=True,
       work=lambda y, x, axis: Cost(0, 3 * size_of(x), size_of(x)), rule="Each entry gets its adjoint, less its own probability times the sum of all adjoints.")
_array("cross_entropy", "z p", "cross_entropy(z, p, axis)",
       "spread(bar, z, axis) * (softmax(z, axis) * sum(p, axis, True) - p)", "-spread(bar, p, axis) * log_softmax(z, axis)",
       pushes=("sum((softmax(z, axis) * sum(p, axis, True) - p) * dot, axis)", "-sum(log_softmax(z, axis) * dot, axis)"),
       params="axis=-1", labels=("· (softmax − {p})", "· (−log softmax)"), real=True,
       work=lambda y, z, p, axis: Cost(size_of(z), 4 * size_of(z), size_of(z)),
       rule="Cross-entropy after softmax sends the scores its adjoint times the prediction minus the target, and the target its adjoint times minus the logarithm of the prediction.")

# --- arrays: linear algebra (sources: Giles 2008, Collected matrix derivative results; Edelman and Johnson) -----------
family = "linear algebra"
_array("solve", "a b",      "solve(a, b)",  "-paste(solve(T(a), bar), y)", "solve(T(a), bar)",
       pushes=("-solve(a, dot @ y)", "solve(a, dot)"), numpy="linalg.solve", notated=True, fits="the right side needs as many rows as the matrix", labels=("−{a}⁻ᵀ· {y}ᵀ", "{a}⁻ᵀ ·"),
       work=lambda y, a, b: Cost(_cube(a) // 3 + shape_of(a)[-1] * size_of(y), _cube(a) // 3 + shape_of(a)[-1] * size_of(y)),
       rule="Solving sends back the solution of the transposed system: one solve, whatever the number of unknowns.")
_array("inv", "x",          "inv(x)",       "-(T(y) @ bar @ T(y))",     pushes=("-(y @ dot @ y)",), numpy="linalg.inv", notated=True,
       work=lambda y, x: Cost(_cube(x), _cube(x)), symbol="( )⁻¹", labels=("−{y}ᵀ · {y}ᵀ",),
       rule="An inverse sends its adjoint back between two transposed inverses, with a minus sign.")
_array("det", "x",          "det(x)",       "each(bar * y) * T(inv(x))",    pushes=("y * traces(inv(x) @ dot)",),
       numpy="linalg.det", work=lambda y, x: Cost(_cube(x) // 3, _cube(x) // 3), labels=("· {y} {x}⁻ᵀ",),
       rule="A determinant's derivative is the cofactors: the determinant times the transposed inverse.")
_array("logdet", "x",       "logdet(x)",    "each(bar) * T(inv(x))",        pushes=("traces(inv(x) @ dot)",),
       work=lambda y, x: Cost(_cube(x) // 3, _cube(x) // 3, size_of(y)), symbol="log |det|", labels=("· {x}⁻ᵀ",),
       rule="The logarithm of a determinant has the transposed inverse for its slope.")
_array("detsign", "x",      "detsign(x)",   "0", pushes=("0",), labels=("0",), symbol="sign det", rule="A sign does not change when its matrix moves a little: nothing goes back.")
_array("cholesky", "x",     "cholesky(x)",  "cholesky_pull(bar, y)",    pushes=("cholesky_push(dot, y)",), symbol="L",
       work=lambda y, x: Cost(_cube(x) // 6, _cube(x) // 6, shape_of(x)[-1]), labels=("{y}⁻ᵀ Φ({y}ᵀ ·) {y}⁻¹",),
       rule="A Cholesky factor sends its adjoint back through two triangular systems (Murray 2016).")
_array("trace", "x",        "trace(x)",     "bar * eye(x)",             work=lambda y, x: Cost(0, shape_of(x)[0] - 1),
       symbol="tr", labels=("on the diagonal",), rule="A trace copies its adjoint to the diagonal.")
_array("eigvalsh", "x",     "eigvalsh(x)",  "eigenvectors(x) * bar @ T(eigenvectors(x))",
       pushes=("diagonal(T(eigenvectors(x)) @ dot @ eigenvectors(x))",),
       work=lambda y, x: Cost(9 * _cube(x), 9 * _cube(x)), symbol="λ", labels=("Q · Qᵀ",),
       rule="An eigenvalue of a symmetric matrix sends its adjoint times the outer product of its unit eigenvector with itself.")
_array("eigenvectors", "x", "eigenvectors(x)", "y @ (gaps(x) * (T(y) @ bar)) @ T(y)",
       pushes=("y @ (gaps(x) * (T(y) @ dot @ y))",), work=lambda y, x: Cost(9 * _cube(x), 9 * _cube(x)), symbol="Q",
       labels=("Q (F ⊙ Qᵀ ·) Qᵀ",), rule="Eigenvectors turn into each other, the faster the closer their eigenvalues are; the adjoint goes back through these turns.")

# --- complex numbers: the adjoint of z pairs with dz as Re(z̄ dz), without a conjugate (see docs/design.md) -----------
family = "complex numbers"
_array("conj", "x",         "conj(x)",      "conj(bar)",                labels=("conj",), ufunc="conjugate", view=True, notated=True,
       rule="A conjugate sends the conjugate back.")
_array("real", "x",         "real(x)",      "real(bar)",                labels=("Re",), view=True, rule="A real part sends its adjoint back to the real part alone.")
_array("imag", "x",         "imag(x)",      "-1j * bar",                labels=("−i ·",), view=True, rule="An imaginary part sends its adjoint back to the imaginary part alone.")
_array("modulus", "x",      "abs(x)",       "bar * conj(x) * pseudo_reciprocal(y)",
       pushes=("real(conj(x) * dot) * pseudo_reciprocal(y)",), array=np.abs, symbol="| |", labels=("· {x}̄ / |{x}|",), tip=True,
       work=lambda y, x: Cost(2 * size_of(x), size_of(x), size_of(x)), rule="An absolute value sends its adjoint times its number, scaled to length 1; at zero, which has no direction, it sends 0.")

# --- a function with rules of its own (bl.custom) ------------------------------------------------------------------------
family = "own"
_array("custom", "xs",      "custom(xs, rule)", "custom_pull(bar, y, xs, rule)", params="rule", variadic=True,
       pushes=("custom_push(dot, y, xs, rule)",), array=lambda xs, rule: rule.value(*xs), labels=("own rule",),
       work=lambda y, xs, rule: rule.work(y, xs),
       rule="This function brings its own rule.")

# --- comparisons of arrays: they have no derivative, and np.where, or a product with them, uses their outcome ---------
family = "comparisons"
for _name, _symbol in (("greater", ">"), ("greater_equal", ">="), ("less", "<"), ("less_equal", "<="), ("equal", "=="),
                     ("not_equal", "!=")):
    _array(_name, "a b", f"{_name}(a, b)", "0", "0", pushes=("0", "0"), ufunc=_name, symbol=_symbol, infix=_symbol,
           labels=("0", "0"), real=_symbol not in ("==", "!="), rule=STILL)
family = "truth values"
for _name in ("isnan", "isinf", "isfinite"):
    _array(_name, "x", f"{_name}(x)", "0", pushes=("0",), labels=("0",), rule=STILL)
_array("logical_and", "a b", "logical_and(a, b)", "0", "0", pushes=("0", "0"), labels=("0", "0"),
       ufunc="logical_and", infix="&", rule=STILL)
_array("logical_or", "a b", "logical_or(a, b)", "0", "0", pushes=("0", "0"), labels=("0", "0"),
       ufunc="logical_or", infix="|", rule=STILL)
_array("logical_not", "x",  "logical_not(x)", "0", pushes=("0",), labels=("0",), ufunc="logical_not", infix="~", rule=STILL)
# fmt: on


def _cube(x: Any) -> int:
    return shape_of(x)[-1] * size_of(x)


def _adds(x: Any, y: Any) -> Cost:
    return Cost(0, max(size_of(x) - size_of(y), 0))


def _einsum_work(y: Any, a: Any, b: Any, spec: str) -> Cost:
    sizes = dict(zip("".join(spec.split("->")[0].split(",")), shape_of(a) + shape_of(b), strict=True))
    terms = math.prod(sizes.values())
    return Cost(terms, terms - size_of(y))


BY_CODE.extend(primitives.values())
NOTATION.update({op.name: op.notation for op in BY_CODE if op.notation})
SPACE |= {name: op.function for name, op in primitives.items()}
SPACE |= {name: f for name, f in vars(rules).items() if inspect.isfunction(f)} | {"pull_at_tip": pull_at_tip}
