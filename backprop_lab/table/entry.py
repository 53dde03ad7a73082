"""What an entry of the table of primitives is: what it says, and what is read off that.

An entry is a `Primitive`: it states its value and its derivative once, as text. Here are the record that it leaves on a
tape, its local partials, what it sends back (`pull`) and on (`push`). The function that computes it (`bl.tanh`) is made
in `functions`, what it costs is counted in `cost` and `work`; the rows themselves are in `table`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np

from ..errors import DivisionError, DomainError
from ..text.expression import Value, outermost, renamed
from ..text.notation import LATEX, render
from ..text.written import function_from
from .cost import Cost, cost_of
from .values import is_array, is_bool, is_complex, is_traced, plain, settled, zeros

BY_CODE: list[Primitive] = []  # the table's entries; the place of one is its code on a tape
SPACE: dict[str, Any] = {}  # the names that the texts may use, the table's functions and `rules`: the table fills it


class Domain(NamedTuple):
    """Where an operand may lie: words for the error, the expression that is true outside, an interval for the tests."""

    text: str
    outside: str  # of x, as a program asks it too: "x <= 0.0"; "" where every number will do
    sample: tuple[float, float]
    operand: str = ""  # what the operand is called in the error, where it is not the argument of a function

    def holds(self, x: Any) -> bool:
        """Whether a number is in the domain; nan is."""
        return not (self.outside and _asked(self.outside)(x))


@cache
def _asked(outside: str) -> Any:
    return function_from(f"def outside(x):\n    return {outside}\n", "outside", {})


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


@dataclass(eq=False, repr=False)
class Primitive:
    """One operation: what its row in the table says, and what is read off that.

    An *elementwise* entry has `partials`: numbers that multiply what comes. Any other entry (a sum, a matrix product)
    is a map of whole arrays and has `pulls` and `pushes` instead. Texts are expressions in Python.
    """

    name: str  # the key in `bl.primitives`, also the function's name (`bl.tanh`)
    args: tuple[str, ...]  # names of the operands, as used in the texts
    text: str  # the value, of the operands
    partials: tuple[str, ...]  # one an operand, of the operands and of the value `y`
    domain: tuple[Domain, ...]  # one an operand
    code: int  # the entry's number in the table, which is what a tape stores
    family: str  # the section of the table
    _: KW_ONLY
    # the derivative
    exact: tuple[str, ...] = ()  # `partials` as computed, where the textbook's lose their digits far out (1 - y**2)
    zeros: tuple[str, ...] = ()  # for each partial, the operand (or `y`) that makes it 0 even if the rest is infinite
    pulls: tuple[str, ...] = ()  # one an operand: what the adjoint `bar` of the value sends to it; "0" for nothing
    pushes: tuple[str, ...] = ()  # one an operand: the tangent if this one moves at rate `dot`; else `text` of `dot`
    kinks: tuple[Kink, ...] = ()  # points where we chose a slope
    tip: bool = False  # a length, with a kink at 0 like the tip of a cone: `tips` has the second derivatives there
    # the operands
    params: tuple[str, ...] = ()  # names of operands that are settings, not nodes (the 3 of x**3) …
    defaults: tuple[Any, ...] = ()  # … and what they are if not given
    variadic: bool = False  # the one operand is a sequence of any number of nodes; `pulls` then gives a list
    pieces: Callable[..., list[Any]] | None = None  # variadic: where each operand is in the value, as indices
    real: bool = False  # only real numbers make sense here
    # the value
    scalar: Any = None  # on floats; without it, `text` is evaluated
    array: Any = None  # on NumPy's numbers and arrays; without it, NumPy's function is, or `text`
    inline: str = ""  # on floats as an expression, for the generated passes and programs, where a call takes too long
    operator: str = ""  # the Python method that leads here
    ufunc: str = ""  # the NumPy function that leads here
    numpy: str = ""  # what programs call; without it, the ufunc or what has the same name in NumPy, where there is one
    view: bool = False  # the value may share memory with the operand
    vanishes: str = "anywhere"  # where the value is 0, if not underflown: or "never", or "where an operand does"
    exponent: float | str = 1.0  # which power of the first operand it is, or the operand or setting that says so
    # how it is written and told
    symbol: str = ""  # on a node, where there is no room for a formula; without it, the name
    neutral: int | None = None  # the other operand that changes nothing
    infix: str = ""  # between the two operands; without it, the sign of `text`
    notation: str = ""  # the function's name in formulas, where it is not `name`
    notated: bool = False  # whether a formula that has it can be read; else a sentence tells what happens
    labels: tuple[str, ...] = ()  # for an entry with `pulls`, what stands on the edges: "· {b}ᵀ"
    roles: tuple[str, ...] = ()  # what an operand is here, one each or one for all: "left of a minus"
    rule: str = ""  # one sentence on what the reverse sweep does here; an entry with `partials` may do with its roles
    fits: str = "make the shapes equal, or 1 where numbers are to be repeated"  # advice on shapes that do not
    # the cost
    counted: str = ""  # the expression whose operations are counted; without it, `text`
    work: Callable[..., Cost] | None = None  # with `pulls`, of the value and the operands; without it, it is free

    function: Any = field(init=False)  # the operation on floats, arrays and traced values: what `bl.tanh` is

    def __post_init__(self) -> None:
        self.arity, self.takes = len(self.args), len(self.args + self.params)
        self.elementwise = bool(self.partials)
        self.many = self.variadic or self.arity > 2 or (self.arity == 2 and bool(self.params))
        self.symbol, self.exact = self.symbol or self.name, self.exact or self.partials
        if not self.elementwise:
            self.pushes = self.pushes or tuple(renamed(self.text, {arg: "dot"}) for arg in self.args)
        elif self.scalar is None or self.array is None:
            (evaluated,) = self._functions("value", [self.text], ())
            self.scalar, self.array = self.scalar or evaluated, self.array or evaluated

    @cached_property
    def sign(self) -> str:
        """What stands between the two operands; nothing where a function has them in brackets."""
        root = outermost(self.text)
        return self.infix or ("" if root.isidentifier() else root)

    def __repr__(self) -> str:
        return f"<primitive {self.name}: {self.text}>"

    def __call__(self, *operands: Any) -> Any:
        return self.function(*operands)

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

    def joined(self, nodes: Sequence[Any], settings: tuple[Any, ...]) -> tuple[Any, ...]:
        """The same put together again."""
        return (tuple(nodes), *settings) if self.variadic else (*nodes, *settings)

    def settings(self, b: Any) -> tuple[Any, ...]:
        """The settings in a record's last place."""
        return () if not self.params else b if self.many or len(self.params) > 1 else (b,)

    def operands(self, a: Any, b: Any) -> tuple[Any, ...]:
        """The operands and then the settings, as the entry's function takes them."""
        if self.many or self.params:
            return self.joined(self.values(a, b), self.settings(b))
        return (a,) if self.arity == 1 else (a, b)

    # --- what is read off the texts -----------------------------------------------------------------------------------

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
        return cost_of(self.counted or self.text, self.params) if self.elementwise else Cost()

    @cached_property
    def partial_costs(self) -> tuple[Cost, ...]:
        """What each local partial costs, given the operands and the value."""
        return tuple(cost_of(p, self.params) for p in self.partials)

    @cached_property
    def slopes(self) -> tuple[Callable[..., Any], ...]:
        """The local partials as functions of the value and the operands."""
        return self._functions("slope", self.exact, ("y",))

    @cached_property
    def _pulls(self) -> tuple[Callable[..., Any], ...]:
        return self._functions("pull", self.pulls, ("bar", "y"))

    @cached_property
    def _pushes(self) -> tuple[Callable[..., Any], ...]:
        return self._functions("push", self.pushes, ("dot", "y"))

    def _functions(self, what: str, texts: Sequence[str], given: tuple[str, ...]) -> tuple[Callable[..., Any], ...]:
        """Texts as functions of what is given, the operands and the settings."""
        args = ", ".join((*given, *self.args, *self.params))
        return tuple(
            function_from(f"def {what}({args}):\n    return {text}\n", what, SPACE, f"backprop_lab table: {self.name}")
            for text in texts
        )

    def moves(self, slot: int) -> bool:
        """Whether the value changes at all when this operand does."""
        texts = self.partials or self.pulls
        return texts[0 if self.variadic else slot] != "0"

    def chooses(self, slot: int) -> bool:
        """Whether a partial only says which operand or side was chosen, as those of maximum and relu do."""
        flat = getattr(SPACE.get(outermost(self.exact[slot])), "primitive", None)
        return flat is not None and all(p == "0" or p.startswith("no_slope") for p in flat.partials)

    def raised_to(self, operands: tuple[Any, ...]) -> Any:
        """Which power of the first operand the value is."""
        names = self.args + self.params
        return operands[names.index(self.exponent)] if isinstance(self.exponent, str) else self.exponent

    def label(self, slot: int, names: Mapping[str, str]) -> str:
        """What stands on an edge of an entry with `pulls`, with names for the operands."""
        return self.labels[0 if self.variadic else slot].format(**{x: names.get(x, x) for x in ("y", *self.args)})

    # --- numbers ------------------------------------------------------------------------------------------------------

    def check_domain(self, operands: Sequence[Any]) -> None:
        """Raise a `DomainError` with a sentence if one of these numbers is outside its domain."""
        for domain, x in zip(self.domain, operands, strict=False):
            if isinstance(x, float | int) and not domain.holds(x):
                kind = DivisionError if domain.text == "a number other than 0" else DomainError
                raise kind(f"{self.must(domain)}, and here it is {x + 0.0:g}") from None

    @property
    def bounded(self) -> bool:
        """Whether there are numbers outside of its domain."""
        return any(domain.outside for domain in self.domain)

    def must(self, domain: Domain) -> str:
        """In which domain an operand must be, in words."""
        return f"{domain.operand or f'the argument of {self.name}'} must be {domain.text}"

    def ieee(self, text: str, operands: tuple[Any, ...], y: Any) -> float:
        """Evaluate one of this entry's texts in IEEE arithmetic, where 1/0 is inf instead of an exception."""
        names: dict[str, Any] = {name: f.primitive.array for name, f in SPACE.items() if hasattr(f, "primitive")}
        names |= {k: np.float64(v) for k, v in zip(self.args + self.params, operands, strict=True)}
        with np.errstate(all="ignore"):
            return float(Value(names | {"y": None if y is None else np.float64(y)}).of(text))

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
            if any(is_traced(x) for x in operands):
                raise  # inside an outer derivative, there is no infinity to record
            if all(isinstance(x, float | int) for x in operands):
                found = self.ieee(self.exact[slot], operands, y)
            else:  # complex numbers, or a number beside an array
                floats = [x if is_array(x) else (np.complex128 if is_complex(x) else np.float64)(x) for x in operands]
                with np.errstate(all="ignore"):
                    found = settled(self.slopes[slot](y, *floats))
        except DomainError:
            if not is_array(y):
                raise
            spread = (x if is_array(x) else x + zeros(y) for x in operands)  # elements of arrays leave no domain
            return self.slope(slot, y, tuple(spread))
        return self._with_zeros(slot, found, y, operands) if self.zeros else found

    def _with_zeros(self, slot: int, found: Any, y: Any, operands: tuple[Any, ...]) -> Any:
        """A partial that is 0 where its leading factor is: 0 · x**-1 is 0, also at x = 0."""
        factor = y if self.zeros[slot] == "y" else operands[self.args.index(self.zeros[slot])]
        at = np.equal(plain(factor), 0.0)
        if is_traced(factor):  # elsewhere the factor's own derivative counts
            at = at & np.isnan(plain(found))
            if np.any(at):
                exponent = self.raised_to(operands)
                for asked in (np.equal(factor, 0.0), np.greater(exponent, 1.0)):
                    if is_traced(asked):  # what is recorded holds where the same are so: a guard, as of numbers
                        asked._settle_()
                steep = at & ~np.greater(plain(exponent), 1.0)  # 0 there, and its own slope is anybody's guess
                cause = operands[0] if self.zeros[slot] == "y" else factor
                if np.any(steep) and is_traced(cause):
                    found, at = SPACE["where"](steep, SPACE["side"](cause), found), at & ~steep
        return SPACE["where"](at, 0.0, found) if np.any(at) else found

    def pull(self, slots: Sequence[int], bar: Any, y: Any, operands: tuple[Any, ...]) -> Iterator[tuple[int, Any]]:
        """What the adjoint of the value sends to the operands in these slots: pairs of a slot and a contribution.

        Each has its operand's shape: where NumPy spread an operand out, its contributions are added up again.
        """
        if self.tip and is_traced(bar):
            found = SPACE["pull_at_tip"](self, slots, bar, y, operands)
            if found is not None:
                yield from found
                return
        if self.variadic:
            parts = self._pulls[0](bar, y, *operands)
            yield from ((slot, SPACE["fit"](parts[slot], operands[0][slot])) for slot in slots)
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
            yield slot, SPACE["fit"](sent, operand)

    def push(self, dots: Sequence[Any], y: Any, operands: tuple[Any, ...]) -> Any:
        """The tangent of the value, given those of the operands (None for one that does not move); None if it is 0."""
        if self.variadic:
            filled = tuple(zeros(x) if d is None else d for d, x in zip(dots, operands[0], strict=True))
            return self._pushes[0](filled, y, *operands)
        total = None
        for slot, dot in enumerate(dots):
            if dot is None or not self.moves(slot):
                continue
            if not self.elementwise:
                term = self._pushes[slot](dot, y, *operands)
            else:
                term = dot if self.partials[slot] == "1" else self.slope(slot, y, operands) * dot
            total = term if total is None else total + term
        return None if total is None else SPACE["fit"](total, y)
