"""What an entry of the table of primitives is, and everything that is read off its texts.

An entry is a `Primitive`: it states its value and its derivative once, as text, and gives back the function on numbers,
arrays and traced values, the local partials, what it sends back (`pull`) and on (`push`), its formulas and its cost.
The table itself is in `primitives`.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, DivisionError, DomainError, LabError
from ..source import frames
from ..text.notation import LATEX, render
from .values import is_array, is_bool, is_complex, plain, settled, shape_of, size_of, zeros

__all__ = ["BY_CODE", "SPACE", "Cost", "Domain", "Kink", "Primitive", "cost_of", "inlined", "renamed"]

frames.engine_module(globals())
BY_CODE: list[Primitive] = []  # the table's entries; the place of one is its code on a tape
SPACE: dict[str, Any] = {}  # the names that the texts may use, the table's functions and `rules`: the table fills it
lifters: list[Callable[[Any], Any]] = []  # what makes a traced array of a list of traced numbers: recording says so


class Domain(NamedTuple):
    """Where an operand may lie: words for the error, the test itself, and an interval for the tests to draw from."""

    text: str
    holds: Callable[[Any], Any]
    sample: tuple[float, float]


class Kink(NamedTuple):
    """A point where the partial is a matter of choice: where, the partials we report there, and why.

    With `tie`, it is wherever the operands are equal, and `at` is one such point.
    """

    at: tuple[float, ...]
    partials: tuple[float, ...]
    why: str
    tie: bool = False

    def holds(self, operands: tuple[Any, ...]) -> Any:
        """Whether these numbers, or which elements of these arrays, are at the kink."""
        wanted = operands[1:] + operands[:1] if self.tie else self.at
        found: Any = True
        for x, at in zip(operands, wanted, strict=True):
            found = found & np.equal(x, at)
        return found


class Cost(NamedTuple):
    """Operations needed once: multiplications (divisions count as one), additions and function calls."""

    multiplications: int = 0
    additions: int = 0
    functions: int = 0

    def plus(self, other: Cost, times: int = 1) -> Cost:
        """The sum of this cost and `times` the other."""
        (a, b, c), (x, y, z) = self, other
        return Cost(a + times * x, b + times * y, c + times * z)


class Primitive:
    """One operation.

    An *elementwise* entry has `partials`: numbers that multiply what comes. Any other entry (a sum, a matrix product)
    is a map of whole arrays and has `pulls` and `pushes` instead.

    Attributes
    ----------
    name : the key in `bl.primitives`, also the function's name (`bl.tanh`)
    args : names of the operands, as used in the texts
    text : the value as a Python expression of the operands
    partials : one Python expression an operand, of the operands and of the value `y`
    exact : the same as it is computed, where the textbook's expression loses its digits far out (1 - y**2 is 0 for
        tanh at 20). Not given, it is `partials`
    zeros : for each partial, the operand (or `y`) that makes it 0 where it is 0, even if the other factor is infinite
    pulls : one expression an operand: what the adjoint `bar` of the value sends to it; "0" for nothing
    pushes : one expression an operand: the tangent of the value when only this operand moves, at rate `dot`. Not
        given, it is the value's text with `dot` in the operand's place: right for everything that is linear in it.
    domain : one `Domain` an operand
    kinks : points where we chose a slope
    params, defaults : names of operands that are settings, not nodes (the 3 of x**3), and what they are if not given
    variadic : the one operand is a sequence of any number of nodes; `pulls` then gives a list, one entry each
    scalar : the value on floats; without it, the text is evaluated
    array : the same on NumPy's numbers and arrays; without it, the NumPy function is
    inline : the same on floats as an expression, for the generated passes and programs, where a call takes too long
    operator, ufunc : the Python method and the NumPy function that lead here
    symbol : how a node is labelled where there is no room for its formula
    labels : for an entry with `pulls`, what to write on the edges: `· bᵀ`
    rule : one sentence on what the reverse sweep does here
    real : only real numbers make sense here
    tip : the entry is a length, with a kink at 0 like the tip of a cone; `tips` has the second derivatives there
    counted : the expression whose operations are counted; without it, the value's text
    work : for an entry with `pulls`, a function of the value and the operands to the `Cost`; without it, it is free
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
        exact: tuple[str, ...] = (),
        zeros: tuple[str, ...] = (),
        pulls: tuple[str, ...] = (),
        pushes: tuple[str, ...] = (),
        kinks: tuple[Kink, ...] = (),
        params: tuple[str, ...] = (),
        defaults: tuple[Any, ...] = (),
        variadic: bool = False,
        scalar: Callable[..., Any] | None = None,
        array: Callable[..., Any] | None = None,
        inline: str = "",
        operator: str = "",
        ufunc: str = "",
        symbol: str = "",
        labels: tuple[str, ...] = (),
        rule: str = "",
        real: bool = False,
        tip: bool = False,
        counted: str = "",
        work: Callable[..., Cost] | None = None,
    ) -> None:
        self.name, self.args, self.text, self.partials, self.domain = name, args, text, partials, domain
        self.kinks, self.params, self.defaults, self.variadic = kinks, params, defaults, variadic
        self.operator, self.ufunc, self.real, self.labels = operator, ufunc, real, labels
        self.symbol, self.rule, self.code = symbol or name, rule, code
        self.exact, self.zeros, self.inline, self.tip = exact or partials, zeros, inline, tip
        self.elementwise = bool(partials)
        self.pulls = pulls
        self.pushes = pushes or (() if partials else tuple(renamed(text, {a: "dot"}) for a in args))
        self.scalar: Any = scalar or (eval(f"lambda {', '.join(args + params)}: {text}") if partials else None)
        self.array: Any = array or getattr(np, ufunc)
        self.arity = len(args)
        self.many = variadic or self.arity > 2 or (self.arity == 2 and bool(params))
        self._work, self._counted = work, counted or text
        self._takes_one = len(args + params) == 1

    def __repr__(self) -> str:
        return f"<primitive {self.name}: {self.text}>"

    # --- what a tape stores: (code, i, j, a, b, y) --------------------------------------------------------------------

    def record(self, ids: Sequence[int], values: Sequence[Any], settings: tuple[Any, ...], y: Any) -> Any:
        """A tape's record. One or two operands have their own places; more, or two and settings, are tuples."""
        if self.many:
            return (self.code, tuple(ids), 0, tuple(values), settings, y)
        if self.arity == 2:
            return (self.code, ids[0], ids[1], values[0], values[1], y)
        b = settings if len(settings) > 1 else settings[0] if settings else None
        return (self.code, ids[0], 0, values[0], b, y)

    def ids(self, i: Any, j: int) -> tuple[int, ...]:
        """The operands' positions among a record's two places for them."""
        return i if self.many else (i,) if self.arity == 1 else (i, j)

    def values(self, a: Any, b: Any) -> tuple[Any, ...]:
        """The operands' values, without settings."""
        return a if self.many else (a,) if self.arity == 1 else (a, b)

    def parted(self, operands: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        """The nodes and the settings among what the entry's function takes."""
        return (operands[0], operands[1:]) if self.variadic else (operands[: self.arity], operands[self.arity :])

    def settings(self, b: Any) -> tuple[Any, ...]:
        """The settings in a record's last place."""
        return () if not self.params else b if self.many or len(self.params) > 1 else (b,)

    def operands(self, a: Any, b: Any) -> tuple[Any, ...]:
        """The operands and then the settings, as the entry's function takes them."""
        if self.variadic:
            return (a, *self.settings(b))
        if self._takes_one:
            return (a,)
        if self.arity == 2 and not self.many:
            return (a, b)
        return (*self.values(a, b), *self.settings(b))

    # --- formulas and costs -------------------------------------------------------------------------------------------

    @cached_property
    def latex(self) -> str:
        """The value in LaTeX, for example `\\frac{a}{b}`."""
        return render(self.text, LATEX)

    @cached_property
    def partials_latex(self) -> tuple[str, ...]:
        """The local partials, or the pulls, in LaTeX, one an operand."""
        return tuple(render(p, LATEX) for p in self.partials or self.pulls)

    @cached_property
    def cost(self) -> Cost:
        """What one value costs; of an array, what each element costs."""
        return cost_of(self._counted, self.params) if self.elementwise else Cost()

    @cached_property
    def partial_costs(self) -> tuple[Cost, ...]:
        """What each local partial costs, given the operands and the value."""
        return tuple(cost_of(p, self.params) for p in self.partials)

    def work(self, y: Any, operands: tuple[Any, ...]) -> Cost:
        """What computing this value costs, elements counted."""
        if self.elementwise:
            return Cost().plus(self.cost, size_of(y))
        return self._work(y, *operands) if self._work is not None else Cost()

    # --- values -------------------------------------------------------------------------------------------------------

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The operation as a function of floats, NumPy arrays and traced values: what `bl.tanh` is."""
        return _function(self) if self.elementwise else _array_function(self)

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
                kind = DivisionError if domain.text == "a number other than 0" else DomainError
                raise kind(f"{must}, and here it is {x:g}") from None

    # --- derivatives --------------------------------------------------------------------------------------------------

    @cached_property
    def slopes(self) -> tuple[Callable[..., Any], ...]:
        """The local partials as functions of the value and the operands."""
        args = ", ".join(("y", *self.args, *self.params))
        return tuple(eval(f"lambda {args}: {text}", SPACE) for text in self.exact)

    @cached_property
    def _pulls(self) -> tuple[Callable[..., Any], ...]:
        args = ", ".join(("bar", "y", *self.args, *self.params))
        return tuple(eval(f"lambda {args}: {text}", SPACE) for text in self.pulls)

    @cached_property
    def _pushes(self) -> tuple[Callable[..., Any], ...]:
        args = ", ".join(("dot", "y", *self.args, *self.params))
        return tuple(eval(f"lambda {args}: {text}", SPACE) for text in self.pushes)

    def slope(self, slot: int, y: Any, operands: tuple[Any, ...]) -> Any:
        """The local partial for operand number `slot` at these numbers; +-inf or nan where IEEE arithmetic says so."""
        try:
            found = self.slopes[slot](y, *operands)
        except TypeError:
            if not any(map(is_bool, operands)):
                raise
            numbers = (np.where(x, 1.0, 0.0) if is_bool(x) else x for x in operands)  # truth values have no minus
            return self.slope(slot, y, tuple(numbers))
        except ArithmeticError:
            if any(hasattr(x.__class__, "_record_") for x in operands):
                raise  # inside an outer derivative, there is no infinity to record
            if all(isinstance(x, float | int) for x in operands):
                found = self.ieee(self.exact[slot], operands, y)
            else:  # complex numbers, or a number beside an array
                floats = [x if is_array(x) else (np.complex128 if is_complex(x) else np.float64)(x) for x in operands]
                with np.errstate(all="ignore"):
                    found = settled(self.slopes[slot](y, *floats))
        return self._with_zeros(slot, found, y, operands) if self.zeros else found

    def _with_zeros(self, slot: int, found: Any, y: Any, operands: tuple[Any, ...]) -> Any:
        """A partial that is 0 where its leading factor is: 0 · x**-1 is 0, also at x = 0."""
        factor = y if self.zeros[slot] == "y" else operands[self.args.index(self.zeros[slot])]
        at = np.equal(plain(factor), 0.0)
        if hasattr(factor.__class__, "_record_"):  # elsewhere the factor's own derivative counts
            at = at & np.isnan(plain(found))
            zero: Any = np.equal(factor, 0.0) if np.any(at) else None
            if is_bool(zero):  # what is recorded holds where the same factors are 0: a guard, as of numbers
                zero._settle_()
        return SPACE["where"](at, 0.0, found) if np.any(at) else found

    def moves(self, slot: int) -> bool:
        """Whether the value changes at all when this operand does."""
        texts = self.partials or self.pulls
        return texts[0 if self.variadic else slot] != "0"

    def pull(self, slots: Sequence[int], bar: Any, y: Any, operands: tuple[Any, ...]) -> Iterator[tuple[int, Any]]:
        """What the adjoint of the value sends to the operands in these slots: pairs of a slot and a contribution.

        Each has its operand's shape: where NumPy spread an operand out, its contributions are added up again.
        """
        if self.tip and hasattr(bar.__class__, "_record_"):
            found = SPACE["pull_at_tip"](self, slots, bar, y, operands)
            if found is not None:
                yield from found
                return
        if self.variadic:
            parts = self._pulls[0](bar, y, *operands)
            yield from ((slot, fit(parts[slot], operands[0][slot])) for slot in slots)
            return
        for slot in slots:
            operand = operands[slot]
            if not self.moves(slot) or is_bool(operand):
                continue
            if not self.elementwise:
                sent = self._pulls[slot](bar, y, *operands)
            elif self.partials[slot] == "1":
                sent = bar
            else:
                sent = bar * self.slope(slot, y, operands)
            yield slot, fit(sent, operand)

    def push(self, dots: Sequence[Any], y: Any, operands: tuple[Any, ...]) -> Any:
        """The tangent of the value, given those of the operands (None for one that does not move); None if it is 0."""
        if self.variadic:
            filled = tuple(zeros(x) if d is None else d for d, x in zip(dots, operands[0], strict=True))
            return self._pushes[0](filled, y, *operands)
        total = None
        for slot, dot in enumerate(dots):
            if dot is None or not self.moves(slot):
                continue
            term = (
                self._pushes[slot](dot, y, *operands)
                if not self.elementwise
                else (dot if self.partials[slot] == "1" else self.slope(slot, y, operands) * dot)
            )
            total = term if total is None else total + term
        return None if total is None else fit(total, y)

    def pull_cost(self, slot: int, bar: Any, y: Any, operands: tuple[Any, ...]) -> Cost:
        """What it costs to send an adjoint to the operand in this slot, elements counted."""
        sums = 0 if self.variadic else size_of(y) - size_of(operands[slot])
        return self._derivative_cost(slot, self.pulls, {"bar": bar}, y, operands, sums)

    def push_cost(self, slot: int, dot: Any, y: Any, operands: tuple[Any, ...]) -> Cost:
        """What it costs to turn the tangent of the operand in this slot into one of the value."""
        return self._derivative_cost(slot, self.pushes, {"dot": dot}, y, operands, 0)

    def _derivative_cost(
        self, slot: int, rules: tuple[str, ...], given: dict[str, Any], y: Any, operands: tuple[Any, ...], sums: int
    ) -> Cost:
        if not self.moves(slot):
            return Cost()
        if self.name == "custom":
            return operands[1].pull_work(given["bar"], y, operands[0]) if "bar" in given else self.work(y, operands)
        if self.elementwise:
            slope = self.partial_costs[slot].plus(Cost(self.partials[slot] not in ("1", "-1")))
            return Cost(additions=max(sums, 0)).plus(slope, size_of(y))
        if self.variadic:
            return Cost()
        if self.name == "einsum":  # a rule made of helpers: as many operations as the value itself
            return self.work(y, operands)
        names = dict(zip(self.args + self.params, operands, strict=True)) | given | {"y": y}
        return _counted(ast.parse(rules[slot], mode="eval").body, SPACE | names)[1]

    def ieee(self, text: str, operands: tuple[Any, ...], y: Any) -> float:
        """Evaluate one of this entry's texts in IEEE arithmetic, where 1/0 is inf instead of an exception."""
        env: dict[str, Any] = {name: f.primitive.array for name, f in SPACE.items() if hasattr(f, "primitive")}
        env |= {k: np.float64(v) for k, v in zip(self.args + self.params, operands, strict=True)}
        with np.errstate(all="ignore"):
            return float(eval(text, env, {"y": None if y is None else np.float64(y)}))


def _counted(node: ast.expr, names: dict[str, Any]) -> tuple[Any, Cost]:
    """The value of one of the table's texts, and the operations that computing it took."""
    match node:
        case ast.Name(id=name):
            return names[name], Cost()
        case ast.Constant(value=value):
            return value, Cost()
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            x, cost = _counted(inner, names)
            return -x, cost
        case ast.BinOp(left=left, op=sign, right=right):
            (a, first), (b, second) = _counted(left, names), _counted(right, names)
            y = _BINARY[type(sign)](a, b)
            n = shape_of(a)[-1] if isinstance(sign, ast.MatMult) else 0
            own = Cost(n * size_of(y), max(n - 1, 0) * size_of(y)) if n else _EACH[type(sign)]
            return y, first.plus(second).plus(own, 1 if n else size_of(y))
        case ast.Call(func=ast.Name(id=function), args=args):
            parts = [_counted(a, names) for a in args]
            y = names[function](*(x for x, _ in parts))
            total = Cost()
            for _, cost in parts:
                total = total.plus(cost)
            entry = getattr(names[function], "primitive", None)
            if entry is not None:
                operands = tuple(x for x, _ in parts) + entry.defaults[len(parts) - entry.arity :]
                total = total.plus(entry.work(y, operands))
            return y, total
    raise ValueError(f"no cost for {ast.unparse(node)}")


_EACH = {ast.Mult: Cost(1), ast.Div: Cost(1), ast.Add: Cost(0, 1), ast.Sub: Cost(0, 1), ast.Pow: Cost(1)}
_BINARY = {
    ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Add: operator.add, ast.Sub: operator.sub,
    ast.MatMult: operator.matmul, ast.Pow: operator.pow,
}  # fmt: skip


def fit(x: Any, like: Any) -> Any:
    """A derivative in the shape of the value it belongs to, and real where that is real."""
    return SPACE["fit"](x, like)


def renamed(text: str, names: dict[str, str]) -> str:
    """An expression with other names in it."""
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            node.id = names[node.id]
    return ast.unparse(tree)


def inlined(text: str) -> str:
    """An expression for floats with short functions written out, as their entries' `inline` says."""

    class WriteOut(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.expr:
            op = getattr(SPACE.get(ast.unparse(node.func)), "primitive", None)
            if op is None or not op.inline or not all(isinstance(x, ast.Name) for x in node.args):
                return node
            names = {arg: ast.unparse(x) for arg, x in zip(op.args, node.args, strict=True)}
            return ast.parse(renamed(op.inline, names), mode="eval").body

    return ast.unparse(WriteOut().visit(ast.parse(text, mode="eval")))


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
            wanted = ", ".join(op.args + op.params)
            raise ArgumentError(f"{op.name} takes {takes} arguments, not {len(operands)}; write bl.{op.name}({wanted})")
        plain = True
        for x in operands:
            if x.__class__ is not float:
                record = getattr(x.__class__, "_record_", None)  # a traced value knows how to record itself
                if record is not None:
                    return record(op, operands)
                plain = plain and isinstance(x, (float, int))
        if not plain:
            if (found := _lifted(operands)) is not operands:
                return of_several(*found)
            try:
                return settled(on_arrays(*operands))
            except TypeError as error:
                raise _no_number(op, operands, error) from None
        try:
            return on_floats(*map(float, operands))
        except (ArithmeticError, ValueError) as error:
            return op.trouble(operands, error)

    def of_one(x: Any) -> Any:  # the common case, without the loops
        kind = x.__class__
        if kind is float:
            try:
                return on_floats(x)
            except (ArithmeticError, ValueError) as error:
                return op.trouble((x,), error)
        try:
            record = kind._record_one_
        except AttributeError:
            return of_several(x)
        return record(x, op)

    call: Any = of_one if op._takes_one else of_several
    call.__name__ = call.__qualname__ = op.name
    partials = "; ".join(f"with respect to {a}: {p}" for a, p in zip(op.args, op.partials, strict=True))
    call.__doc__ = f"{op.name}({', '.join(op.args + op.params)}) = {op.text}.\n\nLocal partials: {partials}."
    call.primitive = op
    return call


_OBJECT = np.dtype(object)


def _lifted(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Operands where lists and arrays of Python objects that hold traced numbers are traced arrays."""
    for x in operands:
        kind = x.__class__
        if kind is list or kind is tuple or (kind is np.ndarray and x.dtype == _OBJECT):
            break
    else:
        return operands
    found = tuple(map(lifters[0], operands))
    return operands if all(x is y for x, y in zip(found, operands, strict=True)) else found


def _no_number(op: Primitive, operands: Sequence[Any], error: TypeError) -> TypeError:
    """The sentence for an operand that is neither a number nor an array; the error itself where there is none."""
    odd = [x for x in operands if not isinstance(x, float | int | complex | np.ndarray | np.generic)]
    if isinstance(error, LabError) or not odd:
        return error
    text = "None" if odd[0] is None else f"{type(odd[0]).__name__} {odd[0]!r:.40}"
    return ArgumentError(f"{op.name} takes numbers and arrays, not {text}; give a number such as 2.0")


def _array_function(op: Primitive) -> Callable[..., Any]:
    """The public function of an entry that maps whole arrays: its operands, and its settings by position or by name."""
    on_arrays, names, count = op.array, op.params, 1 if op.variadic else op.arity

    def call(*operands: Any, **settings: Any) -> Any:
        given = len(operands) - count
        if given < 0 or given > len(names) or not settings.keys() <= set(names[given:]):
            wanted = f"({', '.join(op.args + names)})"
            raise ArgumentError(f"{op.name} takes {wanted}, and got others; write bl.{op.name}({', '.join(op.args)})")
        rest = op.defaults[given:] if op.defaults else ()
        full = (*operands, *(settings.get(k, d) for k, d in zip(names[given:], rest, strict=True)))
        for x in operands[0] if op.variadic else operands[:count]:
            record = getattr(x.__class__, "_record_", None)
            if record is not None:
                return record(op, full)
        if (found := _lifted(operands)) is not operands:
            return call(*found, **settings)
        try:
            return settled(on_arrays(*full))
        except TypeError as error:
            raise _no_number(op, () if op.variadic else operands[:count], error) from None
        except np.linalg.LinAlgError as error:
            trouble = "the matrix is singular" if "ingular" in str(error) else str(error)
            raise DomainError(f"{op.name}: {trouble}") from None

    call.__name__ = call.__qualname__ = op.name
    pulls = "; ".join(f"{a} gets {p}" for a, p in zip(op.args, op.pulls, strict=True))
    call.__doc__ = f"{op.name}({', '.join(op.args + names)}) = {op.text}.\n\nIn the reverse sweep: {pulls}."
    call.primitive = op  # type: ignore[attr-defined]
    return call
