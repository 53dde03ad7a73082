"""Wrong rules of an operation, as engines have them: what it sends back in place of adjoint times local partial.

`WRONG` is the table, the likeliest first. A rule is a function of a use (the operation's numbers and its right slope)
and of what comes back; None where it says nothing of that operation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from ..errors import LabError
from ..mistakes.sweep import Use
from ..table.table import Primitive, primitives
from ..text.written import function_from

Rule = Callable[[Use, float], float | None]
Sends = Callable[[Use, float], float]


def kin(op: Primitive) -> str:
    """The name under which an operation of ours stands in their engine: a square is a power there."""
    return "power" if op.name == "square" else op.name


class Wrong(NamedTuple):
    """A wrong rule: its name, what is said of it, and what it sends."""

    name: str
    words: str
    rule: Any  # a Rule; if it `looks`, a function of the operation and the trial that makes one, or None
    for_all: bool = False  # of all operands at once, never of one alone
    looks: bool = False

    def in_rule(self, op: str, slots: tuple[int, ...], trial: Any) -> Sends | None:
        """What the engine sends with this rule for these operands of the operation; None if there is no such rule."""
        own: Rule | None = self.rule(op, trial) if self.looks else self.rule
        if own is None or self.for_all and len(slots) == 1:
            return None
        rule = own

        def sends(use: Use, bar: float) -> float:
            if kin(use.op) == op and use.slot in slots:
                try:
                    found = rule(use, bar)
                except (ArithmeticError, ValueError, LabError):
                    found = math.nan
                if found is not None:
                    return found
            sent: float = bar * use.slope
            return sent

        return sends


# Another local partial for some operations, by name, or by name and operand's place: of the operands and the value y.
SLOPES = """
exponent lost           power       x ** (n - 1)
exponent lost           square      x
exponent not lowered    power       n * y
exponent not lowered    square      2 * y
base lost               power       n
base lost               square      2.0
quotient without square div_1       -y
quotient without square reciprocal  -y
numerator lost          div_1       -1 / (b * b)
product for quotient    div_0       b
product for quotient    div_1       a
square lost             tanh        1 - y
two times for squared   tanh        1 - 2 * y
two times for squared   div_1       -2 * a / b
precedence              power       n * x**n - 1
precedence              square      2 * x**2 - 1
precedence              sigmoid     y * 1 - y
taken at the operand    tanh        1 - x * x
taken at the operand    sigmoid     x * (1 - x)
taken at the operand    exp         x
another function's rule tanh        y * (1 - y)
another function's rule sigmoid     1 - y * y
another function's rule sin         -sin(x)
another function's rule cos         sin(x)
another function's rule log         x
another function's rule exp         x * exp(x - 1)
plus for minus          tanh        1 + y * y
plus for minus          sigmoid     y * (1 + y)
a factor lost           sigmoid     1 - y
a factor lost           sqrt        1 / y
logarithm lost          pow_1       y
gate the wrong way round relu       0.0 if x > 0 else 1.0
"""


def _slope(of: Callable[[Use], float | None]) -> Rule:
    """A rule that has another local partial."""

    def rule(use: Use, bar: float) -> float | None:
        slope = of(use)
        return None if slope is None else bar * slope

    return rule


def _tabled() -> dict[str, Rule]:
    """The rules of `SLOPES`, by name."""
    rows: dict[str, dict[str, Any]] = {}
    for line in SLOPES.strip().splitlines():
        head, text = line[:35].rsplit(maxsplit=1), line[35:].strip()
        name, _, slot = head[1].partition("_")
        op = primitives[name]
        args = ", ".join((*op.args, *op.params, "y"))
        made = function_from(f"def slope({args}):\n    return {text}\n", "slope", vars(math), "backprop_lab others")
        rows.setdefault(head[0].strip(), {})[f"{name}_{slot or 0}"] = made
    return {name: _slope(lambda use, found=found: _of_table(use, found)) for name, found in rows.items()}  # type: ignore[misc]


def _of_table(use: Use, found: Mapping[str, Callable[..., float]]) -> float | None:
    of = found.get(f"{use.op.name}_{use.slot}")
    return None if of is None else of(*use.operands, use.value)


def _other_slope(use: Use) -> float | None:
    if use.op.arity != 2:
        return None
    slope: float = use.op.slope(1 - use.slot, use.value, use.operands)
    return slope


def _at_output(use: Use) -> float | None:
    if use.op.arity != 1 or not use.op.elementwise:
        return None
    operands = (use.value, *use.operands[1:])
    slope: float = use.op.slope(0, use.op.function(*operands), operands)
    return slope


def _own_factor(use: Use) -> float | None:
    own: float | None = use.operand if use.op.name == "mul" else None
    return own


def _operand(use: Use) -> float | None:
    value: float | None = use.operand if use.op.arity == 1 and not use.op.variadic else None
    return value


def _turned(use: Use) -> float | None:
    """The slope without its minus, where the rule has one."""
    return -use.slope if _has_minus(use) else None


def _has_minus(use: Use) -> bool:
    return use.op.elementwise and "-" in use.op.partials[use.slot]


def _gated(use: Use, bar: float) -> float | None:
    return (bar if bar > 0 else 0.0) if use.op.name == "relu" else None


def _both_to(slot: int) -> Rule:
    def rule(use: Use, bar: float) -> float | None:
        if use.op.arity != 2:
            return None
        return bar * (use.slope + (_other_slope(use) or 0.0)) if use.slot == slot else 0.0

    return rule


def _floor(use: Use, bar: float) -> float | None:
    if use.op.name == "div":
        a, b = use.operands
        return float(bar // b if use.slot == 0 else -(bar * a) // (b * b))
    return None


def _floor_slope(use: Use) -> float | None:
    if use.op.name == "div":
        a, b = use.operands
        return float(1 // b if use.slot == 0 else -a // (b * b))
    return float(math.floor(use.slope)) if use.op.name in ("power", "reciprocal", "log", "sqrt") else None


def _stale(op: str, trial: Any) -> Rule | None:
    """The numbers of the node that this operation computed last, in all of its rules."""
    nodes = trial.nodes_of(op)
    if len(nodes) < 2:
        return None
    last = {use.slot: use.slope for _, use in trial.edges.sends[nodes[0]]}
    return lambda use, bar: bar * last.get(use.slot, use.slope)


def _stale_grad(op: str, trial: Any) -> Rule | None:
    """What came back to the node that this operation computed last, in all of its rules."""
    nodes = trial.nodes_of(op)
    last = trial.theirs.get(nodes[0]) if len(nodes) > 1 else None
    return None if last is None else lambda use, bar: last * use.slope


WORDS = """
factors not swapped: A product sends each factor its own value: it needs the other one's.
minus lost: The minus of the local partial is lost.
wrong sign: The local partial has the wrong sign.
partials swapped: The two operands get each other's local partial.
exponent lost: The exponent does not come down as a factor.
exponent not lowered: The exponent stays as it is, where it goes down by one.
base lost: The exponent alone is taken for the local partial.
quotient without square: The denominator is not squared.
numerator lost: The numerator is missing.
product for quotient: The rule of a product stands in that of a quotient.
square lost: The value is not squared.
two times for squared: A number is taken twice where it is to be squared: ** became *.
precedence: Brackets are missing: a product or a power goes before a sum.
taken at the operand: The value's place is taken by the operand.
another function's rule: The rule is that of another function.
plus for minus: A minus in the local partial has become a plus.
a factor lost: One factor of the local partial is missing.
logarithm lost: The logarithm of the base is missing.
function for its slope: The function's own value is taken for its slope.
slope at the output: The slope is taken at the result; it is taken at the operand.
operand for the slope: The operand is taken for the slope.
sends nothing: Nothing is sent.
upstream factor lost: The gradient of the result is not multiplied in.
added instead of multiplied: The gradient of the result is added to the local partial; they multiply.
local partial lost: The gradient is passed on as it is, without the local partial.
gated by the gradient: The gradient's sign opens the gate; the value's does.
gate the wrong way round: The gate is open where it has to be shut.
both to one operand: What belongs to one operand goes to the other, too.
whole-number division: A whole-number division, //, drops what is behind the point.
rounded to a whole number: The local partial is rounded to a whole number.
twice: Twice the right amount is sent.
half: Half of the right amount is sent.
stale numbers: All rules of this operation use the numbers of the node that it computed last.
stale gradient: All rules of this operation use the gradient of the node that it computed last.
"""

# The rules by name; of some there are two forms.
RULES: dict[str, tuple[Rule, ...]] = {name: (rule,) for name, rule in _tabled().items()} | {
    "factors not swapped": (_slope(_own_factor),),
    "minus lost": (_slope(_turned),),
    "wrong sign": (_slope(lambda use: None if _has_minus(use) else -use.slope),),
    "partials swapped": (_slope(_other_slope),),
    "function for its slope": (_slope(lambda use: use.value),),
    "slope at the output": (_slope(_at_output),),
    "operand for the slope": (_slope(_operand),),
    "upstream factor lost": (lambda use, bar: use.slope,),
    "added instead of multiplied": (lambda use, bar: bar + use.slope,),
    "sends nothing": (lambda use, bar: 0.0,),
    "gated by the gradient": (_gated,),
    "local partial lost": (lambda use, bar: bar,),
    "both to one operand": (_both_to(0), _both_to(1)),
    "whole-number division": (_floor, _slope(_floor_slope)),
    "rounded to a whole number": (_slope(lambda use: float(int(use.slope))),),
    "twice": (lambda use, bar: 2 * bar * use.slope,),
    "half": (lambda use, bar: bar * use.slope / 2,),
}
LOOKING = {"stale numbers": _stale, "stale gradient": _stale_grad}
FOR_ALL = ("partials swapped", "both to one operand")


def _wrong() -> Iterator[Wrong]:
    for line in WORDS.strip().splitlines():
        name, _, words = line.partition(": ")
        for rule in RULES.get(name, ()):
            yield Wrong(name, words, rule, name in FOR_ALL)
        if name in LOOKING:
            yield Wrong(name, words, LOOKING[name], looks=True)


WRONG = tuple(_wrong())


def _all_but(slot: int, use: Use, bar: float) -> float:
    sent: float = bar * use.slope
    return 0.0 if use.slot == slot and use.op.arity == 2 else sent


def in_all(node: str) -> Iterator[tuple[str, str, Sends]]:
    """Wrong turns in the rules of all operations; `node` is what gets the first wrong number."""
    yield (
        "upstream factor lost",
        f"{node} gets nothing but local partials: nowhere is one multiplied by the gradient of the result",
        lambda use, bar: use.slope,
    )
    yield (
        "upstream factor lost",
        f"{node} gets a local partial without the gradient of the result; only sums and differences pass that on",
        lambda use, bar: bar * use.slope if abs(use.slope) == 1 and use.op.name in ("add", "sub") else use.slope,
    )
    yield (
        "added instead of multiplied",
        f"{node} gets sums of gradients and local partials: along a path they multiply",
        lambda use, bar: bar + use.slope,
    )
    for slot, which in enumerate(("first", "second")):
        yield (
            f"{which} operand forgotten",
            f"{node} is the {which} operand of an operation and gets nothing from it, as no {which} operand does",
            partial(_all_but, slot),
        )
    yield "local partial lost", f"{node} gets gradients without local partials", lambda use, bar: bar
