"""The table of primitives: every operation the lab can differentiate, one entry each.

Look an operation up with `bl.primitives["tanh"]`, call it with `bl.tanh(x)`. An entry states its value and its local
partials once, as text. Everything else is read off that text: the operators of traced values, both sweeps, formulas,
drawings, the cost, the tests and the documentation. To add an operation, add an entry.

In the texts the operands have the entry's own argument names, `y` is the entry's value, and other entries may be
called. A partial in terms of `y` is often the cheapest. Because partials are built from entries, tracing a partial
gives the second derivative. The partials are those of any calculus text (Strang, MIT 18.065, lecture 27; Edelman and
Johnson, MIT 18.S096, lecture 8); where calculus leaves a choice, the entry's `kinks` say what we report and why.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from . import source
from .errors import DivisionError, DomainError

__all__ = ["Cost", "Domain", "Kink", "Primitive", "primitives"]

source.engine_module(globals())


class Domain(NamedTuple):
    """Where an operand may lie: words for the error, the test itself, and an interval for the tests to draw from."""

    text: str
    holds: Callable[[Any], Any]
    sample: tuple[float, float]


# Sample intervals keep away from kinks and edges, which have tests of their own.
REAL = Domain("any number", lambda x: True, (-2.0, 2.0))
POSITIVE = Domain("a positive number", lambda x: x > 0, (0.2, 3.0))
NONNEG = Domain("a number that is not negative", lambda x: x >= 0, (0.2, 3.0))
NONZERO = Domain("a number other than 0", lambda x: x != 0, (0.3, 3.0))
UNIT = Domain("a number from -1 to 1", lambda x: -1 <= x <= 1, (-0.9, 0.9))
ABOVE_MINUS_ONE = Domain("a number above -1", lambda x: x > -1, (-0.7, 2.0))


class Kink(NamedTuple):
    """A point where the partial is a matter of choice: where, the partials we report there, and why."""

    at: tuple[float, ...]
    partials: tuple[float, ...]
    why: str


class Cost(NamedTuple):
    """Operations needed once: multiplications (divisions count as one), additions and function calls."""

    multiplications: int = 0
    additions: int = 0
    functions: int = 0

    def plus(self, other: Cost, times: int = 1) -> Cost:
        """The sum of this cost and `times` the other."""
        return Cost(*(a + times * b for a, b in zip(self, other, strict=True)))


class Primitive:
    """One operation.

    Attributes
    ----------
    name : the key in `bl.primitives`, also the function's name (`bl.tanh`)
    args : names of the operands, as used in the texts
    text : the value as a Python expression of the operands
    partials : one Python expression an operand, of the operands and of the value `y`
    domain : one `Domain` an operand
    kinks : points where we chose a slope
    params : names of operands that are settings, not nodes (the 3 of x**3)
    scalar : the value on floats; without it, the text is evaluated
    array : the same on NumPy's numbers and arrays; without it, the NumPy function is
    operator, ufunc : the Python method and the NumPy function that lead here
    symbol : how a node is labelled where there is no room for its formula
    rule : one sentence on what the reverse sweep does here
    code : the entry's number in the table, which is what a tape stores
    """

    def __init__(
        self,
        name: str,
        args: tuple[str, ...],
        text: str,
        partials: tuple[str, ...],
        domain: tuple[Domain, ...],
        code: int,
        *,
        kinks: tuple[Kink, ...] = (),
        params: tuple[str, ...] = (),
        scalar: Callable[..., Any] | None = None,
        array: Callable[..., Any] | None = None,
        operator: str = "",
        ufunc: str = "",
        symbol: str = "",
        rule: str = "",
    ) -> None:
        self.name, self.args, self.text, self.partials, self.domain = name, args, text, partials, domain
        self.kinks, self.params, self.operator, self.ufunc = kinks, params, operator, ufunc
        self.symbol, self.rule, self.code = symbol or name, rule, code
        self.scalar = scalar or eval(f"lambda {', '.join(args + params)}: {text}")
        self.array = array or getattr(np, ufunc)
        self.arity = len(args)
        self._takes_one = len(args + params) == 1

    def __repr__(self) -> str:
        return f"<primitive {self.name}: {self.text}>"

    def operands(self, a: Any, b: Any) -> tuple[Any, ...]:
        """The operands and settings among a record's two places for them."""
        return (a,) if self._takes_one else (a, b)

    @cached_property
    def latex(self) -> str:
        """The value in LaTeX, for example `\\frac{a}{b}`."""
        from .notation import LATEX, render

        return render(self.text, LATEX)

    @cached_property
    def partials_latex(self) -> tuple[str, ...]:
        """The local partials in LaTeX, one an operand."""
        from .notation import LATEX, render

        return tuple(render(p, LATEX) for p in self.partials)

    @cached_property
    def cost(self) -> Cost:
        """What one value costs."""
        return cost_of(self.text, self.params)

    @cached_property
    def partial_costs(self) -> tuple[Cost, ...]:
        """What each local partial costs, given the operands and the value."""
        return tuple(cost_of(p, self.params) for p in self.partials)

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The operation as a function of floats, NumPy arrays and traced values: what `bl.tanh` is."""
        return _function(self)

    def __call__(self, *operands: Any) -> Any:
        return self.function(*operands)

    def trouble(self, operands: tuple[Any, ...], error: Exception) -> Any:
        """What to answer when Python's arithmetic gave up: infinity for an overflow, else a `DomainError`.

        Raises
        ------
        DomainError : names the operand that left the domain and what the domain is
        """
        self.check_domain(operands)
        if self.name == "power" and math.isfinite(operands[0]) and not isinstance(error, OverflowError):
            at = f"and here it is {operands[0]:g} to the power {operands[1]:g}"
            if operands[0] == 0:
                raise DivisionError(f"0 has no negative power, {at}") from None
            raise DomainError(f"a negative number has only whole-number powers, {at}") from None
        return self.ieee(self.text, operands, None)  # exp(1000) is inf, sin(inf) is nan: the graph shows it

    def check_domain(self, operands: Sequence[Any]) -> None:
        """Raise a `DomainError` with a sentence if one of these numbers is outside its domain."""
        for domain, x in zip(self.domain, operands, strict=False):
            if isinstance(x, float | int) and x == x and not domain.holds(x):
                where = {"div": "the divisor", "pow": "the base of a power with a variable exponent"}
                must = f"{where.get(self.name, f'the argument of {self.name}')} must be {domain.text}"
                raise (DivisionError if domain is NONZERO else DomainError)(f"{must}, and here it is {x:g}")

    @cached_property
    def slopes(self) -> tuple[Callable[..., Any], ...]:
        """The local partials as functions of the value and the operands."""
        args = ", ".join(("y", *self.args, *self.params))
        space = {name: op.function for name, op in primitives.items()}
        return tuple(eval(f"lambda {args}: {text}", space) for text in self.partials)

    def slope(self, slot: int, y: Any, operands: tuple[Any, ...]) -> Any:
        """The local partial for operand number `slot` at these numbers; +-inf or nan where IEEE arithmetic says so."""
        try:
            return self.slopes[slot](y, *operands)
        except ArithmeticError:
            if not all(isinstance(x, float | int) for x in operands):
                raise  # inside an outer derivative, there is no infinity to record
            return self.ieee(self.partials[slot], operands, y)

    def ieee(self, text: str, operands: tuple[Any, ...], y: Any) -> float:
        """Evaluate one of this entry's texts in IEEE arithmetic, where 1/0 is inf instead of an exception."""
        env: dict[str, Any] = {name: op.array for name, op in primitives.items()}
        env |= {k: np.float64(v) for k, v in zip(self.args + self.params, operands, strict=True)}
        with np.errstate(all="ignore"):
            return float(eval(text, env, {"y": None if y is None else np.float64(y)}))


def cost_of(text: str, settings: tuple[str, ...] = ()) -> Cost:
    """Count the operations in an expression: `"1 - y*y"` is one multiplication and one addition.

    Arithmetic of settings alone, such as the `n - 1` of a power, is done once and costs nothing.
    """
    total = Cost()
    for node in ast.walk(ast.parse(text, mode="eval")):
        if isinstance(node, ast.BinOp):
            if any(isinstance(part, ast.Name) and part.id not in settings for part in ast.walk(node)):
                sum_like = isinstance(node.op, ast.Add | ast.Sub)
                total = total.plus(Cost(additions=1) if sum_like else Cost(multiplications=1))
        elif isinstance(node, ast.Call):
            total = total.plus(Cost(functions=1))
    return total


def _function(op: Primitive) -> Callable[..., Any]:
    """Build the public function of an entry: fast on floats, recording on traced values, NumPy on the rest."""
    on_floats, on_arrays, takes = op.scalar, op.array, len(op.args + op.params)

    def of_several(*operands: Any) -> Any:
        if len(operands) != takes:
            raise TypeError(f"{op.name} takes {takes} arguments, not {len(operands)}")
        plain = True
        for x in operands:
            if x.__class__ is not float:
                record = getattr(x.__class__, "_record_", None)  # a traced value knows how to record itself
                if record is not None:
                    return record(op, operands)
                plain = plain and isinstance(x, (float, int))
        if not plain:
            return on_arrays(*operands)
        try:
            return on_floats(*map(float, operands))
        except (ArithmeticError, ValueError) as error:
            return op.trouble(operands, error)

    def of_one(x: Any) -> Any:  # the common case, without the loops
        if x.__class__ is float:
            try:
                return on_floats(x)
            except (ArithmeticError, ValueError) as error:
                return op.trouble((x,), error)
        record = getattr(x.__class__, "_record_one_", None)
        return record(x, op) if record is not None else of_several(x)

    call: Any = of_one if op._takes_one else of_several
    call.__name__ = call.__qualname__ = op.name
    partials = "; ".join(f"with respect to {a}: {p}" for a, p in zip(op.args, op.partials, strict=True))
    call.__doc__ = f"{op.name}({', '.join(op.args + op.params)}) = {op.text}.\n\nLocal partials: {partials}."
    call.primitive = op
    return call


# --- numbers where Python's own functions need care -------------------------------------------------------------------


def _sigmoid(x: float) -> float:
    if x >= 0:  # exp of a negative number never overflows
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def _sigmoid_array(x: Any) -> Any:
    return np.exp(-np.logaddexp(0.0, -x))


def _wins(a: float, b: float) -> float:
    return 1.0 if a > b else 0.5 if a == b else 0.0 if a < b else math.nan


def _wins_array(a: Any, b: Any) -> Any:
    not_more = np.where(np.equal(a, b), 0.5, np.where(np.less(a, b), 0.0, np.nan))
    return np.where(np.greater(a, b), 1.0, not_more)


def _step(x: float) -> float:
    return 1.0 if x > 0 else 0.0 if x <= 0 else x  # nan stays nan


def _step_array(x: Any) -> Any:
    return np.heaviside(x, 0.0)


def _sign(x: float) -> float:
    return 1.0 if x > 0 else -1.0 if x < 0 else x  # nan stays nan, and 0 has no side


def _max(a: float, b: float) -> float:
    return a if a > b or a != a else b


def _min(a: float, b: float) -> float:
    return a if a < b or a != a else b


TIE = "at a tie either operand could be the one; each gets one half, so the partials still add up to 1"
REST = "any slope from -1 to 1 is a subgradient; 0 makes the minimum a resting point"
STEEP = "the tangent is vertical: the slope is infinite, and we say so"
OFF = "any slope from 0 to 1 is a subgradient; 0 is the usual choice"
SWAP = "A product sends its adjoint to each factor, scaled by the other factor."

primitives: dict[str, Primitive] = {}


def _entry(name: str, args: str, text: str, *partials: str, domain: Any = REAL, params: str = "", **more: Any) -> None:
    names = tuple(args.split())
    domains = domain if isinstance(domain, tuple) and not isinstance(domain, Domain) else (domain,) * len(names)
    code = len(primitives)
    primitives[name] = Primitive(name, names, text, partials, domains, code, params=tuple(params.split()), **more)


# The order is by how often an operation occurs: the generated sweeps test for the first ones first.
# fmt: off

# --- arithmetic -------------------------------------------------------------------------------------------------------
_entry("mul", "a b", "a * b",   "b", "a",           operator="mul",     ufunc="multiply",   symbol="×", rule=SWAP)
_entry("add", "a b", "a + b",   "1", "1",           operator="add",     ufunc="add",        symbol="+",
       rule="A sum copies its adjoint to each summand.")
_entry("sub", "a b", "a - b",   "1", "-1",          operator="sub",     ufunc="subtract",   symbol="−",
       rule="A difference copies its adjoint to the first operand and negates it for the second.")
_entry("div", "a b", "a / b",   "1 / b", "-y / b",  operator="truediv", ufunc="divide",     symbol="÷",
       domain=(REAL, NONZERO),
       rule="A quotient divides its adjoint by the denominator; the denominator gets -y times that.")
_entry("neg", "x",   "-x",      "-1",               operator="neg",     ufunc="negative",   symbol="−",
       rule="A minus sign negates the adjoint.")

# --- powers: a plain number as exponent is a setting, a traced exponent is a node -------------------------------------
_entry("square", "x",  "x**2",   "2 * x",   ufunc="square", scalar=lambda x: x * x,                 symbol="( )²")
_entry("power", "x",   "x**n",   "n * x**(n - 1) if n else 0.0",   params="n", scalar=math.pow, array=np.power,
       symbol="( )ⁿ")
_entry("pow", "a b",   "a**b",   "b * a**(b - 1)", "y * log(a)",   operator="pow", ufunc="power", scalar=math.pow,
       domain=(POSITIVE, REAL), symbol="aᵇ")
_entry("sqrt", "x",    "sqrt(x)",       "1 / (2 * y)",      ufunc="sqrt",   scalar=math.sqrt,   domain=NONNEG,
       symbol="√", kinks=(Kink((0.0,), (math.inf,), STEEP),))
_entry("cbrt", "x",    "cbrt(x)",       "1 / (3 * y**2)",   ufunc="cbrt",   scalar=lambda x: float(np.cbrt(x)),
       domain=Domain("any number", lambda x: True, (0.3, 2.0)), symbol="∛",
       kinks=(Kink((0.0,), (math.inf,), STEEP),))
_entry("reciprocal", "x", "1 / x",      "-y**2",            ufunc="reciprocal", domain=NONZERO, symbol="1/( )")

# --- exponentials and logarithms --------------------------------------------------------------------------------------
_entry("exp",   "x",   "exp(x)",        "y",                ufunc="exp",    scalar=math.exp)
_entry("log",   "x",   "log(x)",        "1 / x",            ufunc="log",    scalar=math.log,    domain=POSITIVE)
_entry("exp2",  "x",   "exp2(x)",       "0.6931471805599453 * y",   ufunc="exp2", scalar=lambda x: math.pow(2.0, x))
_entry("log2",  "x",   "log2(x)",       "1.4426950408889634 / x",   ufunc="log2", scalar=math.log2, domain=POSITIVE)
_entry("log10", "x",   "log10(x)",      "0.4342944819032518 / x",   ufunc="log10", scalar=math.log10, domain=POSITIVE)
_entry("expm1", "x",   "expm1(x)",      "y + 1",            ufunc="expm1",  scalar=math.expm1)
_entry("log1p", "x",   "log1p(x)",      "1 / (1 + x)",      ufunc="log1p",  scalar=math.log1p,  domain=ABOVE_MINUS_ONE)

# --- circle and hyperbola ---------------------------------------------------------------------------------------------
_entry("sin",   "x",   "sin(x)",        "cos(x)",           ufunc="sin",    scalar=math.sin)
_entry("cos",   "x",   "cos(x)",        "-sin(x)",          ufunc="cos",    scalar=math.cos)
_entry("tan",   "x",   "tan(x)",        "1 + y**2",         ufunc="tan",    scalar=math.tan,
       domain=Domain("any number", lambda x: True, (-1.2, 1.2)))
_entry("sinh",  "x",   "sinh(x)",       "cosh(x)",          ufunc="sinh",   scalar=math.sinh)
_entry("cosh",  "x",   "cosh(x)",       "sinh(x)",          ufunc="cosh",   scalar=math.cosh)
_entry("tanh",  "x",   "tanh(x)",       "1 - y**2",         ufunc="tanh",   scalar=math.tanh)
_entry("arcsin", "x",  "arcsin(x)",     "1 / sqrt(1 - x**2)",   ufunc="arcsin", scalar=math.asin, domain=UNIT,
       kinks=(Kink((1.0,), (math.inf,), STEEP), Kink((-1.0,), (math.inf,), STEEP)))
_entry("arccos", "x",  "arccos(x)",     "-1 / sqrt(1 - x**2)",  ufunc="arccos", scalar=math.acos, domain=UNIT,
       kinks=(Kink((1.0,), (-math.inf,), STEEP), Kink((-1.0,), (-math.inf,), STEEP)))
_entry("arctan", "x",  "arctan(x)",     "1 / (1 + x**2)",       ufunc="arctan", scalar=math.atan)
_entry("arctan2", "a b", "arctan2(a, b)", "b / (a**2 + b**2)", "-a / (a**2 + b**2)", ufunc="arctan2", scalar=math.atan2,
       domain=(REAL, Domain("any number", lambda x: True, (0.3, 2.0))))

# --- activations, and what their slopes are made of -------------------------------------------------------------------
_entry("sigmoid", "x", "sigmoid(x)",    "y * (1 - y)",      scalar=_sigmoid, array=_sigmoid_array, symbol="σ")
_entry("softplus", "x", "softplus(x)",  "sigmoid(x)",       array=lambda x: np.logaddexp(0.0, x),
       scalar=lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))))
_entry("relu", "x",    "relu(x)",       "unit_step(x)",          array=lambda x: np.maximum(x, 0.0),
       scalar=lambda x: x if x > 0 or x != x else 0.0, kinks=(Kink((0.0,), (0.0,), OFF),))
_entry("abs", "x",     "abs(x)",        "sign(x)",          operator="abs", ufunc="absolute", scalar=math.fabs,
       symbol="| |", kinks=(Kink((0.0,), (0.0,), REST),))
_entry("maximum", "a b", "maximum(a, b)", "wins(a, b)", "wins(b, a)",   ufunc="maximum", scalar=_max, symbol="max",
       kinks=(Kink((1.0, 1.0), (0.5, 0.5), TIE),))
_entry("minimum", "a b", "minimum(a, b)", "wins(b, a)", "wins(a, b)",   ufunc="minimum", scalar=_min, symbol="min",
       kinks=(Kink((1.0, 1.0), (0.5, 0.5), TIE),))
_entry("sign", "x",    "sign(x)",       "0",                ufunc="sign",   scalar=_sign,
       kinks=(Kink((0.0,), (0.0,), "sign jumps at 0; it is flat on both sides"),))
_entry("unit_step", "x",    "unit_step(x)",       "0",                scalar=_step,   array=_step_array,
       kinks=(Kink((0.0,), (0.0,), "the step jumps at 0; it is flat on both sides"),))
_entry("wins", "a b",  "wins(a, b)",    "0", "0",           scalar=_wins,   array=_wins_array,
       kinks=(Kink((1.0, 1.0), (0.0, 0.0), "it jumps where the operands are equal; it is flat on both sides"),))
# fmt: on

BY_CODE = tuple(primitives.values())
