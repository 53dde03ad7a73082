"""The Hessian times a vector, of a function of floats: forward over reverse, on one tape of the function.

The forward pass gives each node's rate along the vector. Then pairs go back, an adjoint and its rate: where `bar * p`
is sent, `rate * p + bar * dp` is its rate, and dp, how the partial moves, is read off the table's texts.

    def pull_mul(bars, rates, dots, bar, rate, i, j, a, b, y, dy):
        if i:
            bars[i] += bar * b
            rates[i] += rate * b + bar * dots[j]
        …

Infinite slopes, tips and other oddities are left to the general way, `jvp` of `grad`, which records the reverse pass.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from ..recording.call import record_floats
from ..recording.other_ways import reaches_nothing
from ..recording.traced import Traced
from ..table.table import BY_CODE, Primitive, primitives
from ..text.expression import ATOM, PRODUCT, Code, Python, fit
from ..text.written import run_text
from .generated import ZERO, forward_pass, inlined, often

_BY_SIGN = {op.sign: op for op in BY_CODE if op.operator and op.elementwise and op.arity == 2}
_REVERSE = """def reverse_pairs(tape, dots, bars, rates):
    k = len(tape)
    for code, i, j, a, b, y in reversed(tape):
        k -= 1
        bar = bars[k]
        if bar is not ZERO:
            rate = rates[k]
{often}
            elif code >= 0:
                pulls[code](bars, rates, dots, bar, rate, i, j, a, b, y, dots[k])
            else:  # the inputs come first
                break
"""


def hessian_times(f: Callable[..., Any], at: Sequence[float], along: Sequence[float]) -> list[float] | None:
    """The product at these floats with a vector of floats; None where the general way has to look."""
    tape, out = record_floats(f, at, reaches_nothing(f))
    if out.__class__ is not Traced or out._tape_ is not tape or tape.general or out._value_.__class__ is not float:
        return None
    dots, bars, rates = [ZERO, *along], [ZERO] * len(tape), [ZERO] * len(tape)
    bars[out._id_] = 1.0
    try:
        forward_pass(tape, dots)
        _written()(tape, dots, bars, rates)
    except (ArithmeticError, ValueError, TypeError):
        return None
    found = rates[1 : len(at) + 1]
    return found if math.isfinite(sum(found)) else None


@cache
def _written() -> Any:
    """The pass, written when it is first needed."""
    ops = [op for op in BY_CODE if op.elementwise]
    space: dict[str, Any] = {op.name: op.scalar for op in ops} | {"ZERO": ZERO}
    head = "def pull_{}(bars, rates, dots, bar, rate, i, j, a, b, y, dy):\n{}\n"
    source = "\n".join(head.format(op.name, textwrap.indent("\n".join(_pulled(op)), "    ")) for op in ops)
    source += "\n" + _REVERSE.format(often=often(_pulled, 12))
    run_text(source, space, "backprop_lab: the pass for a Hessian and a vector")
    space["pulls"] = [space.get(f"pull_{op.name}") for op in BY_CODE]
    return space["reverse_pairs"]


def _pulled(op: Primitive) -> list[str]:
    """What the pass does at an operation: `bar` is its adjoint, `rate` how fast that moves."""
    lines = ["if y == 0.0: raise ArithmeticError"] if op.tip else []
    for operand, text in zip("ij", op.exact, strict=False):
        if text == "0":
            continue
        if text in ("1", "-1"):
            sign = "+" if text == "1" else "-"
            sends = [f"bars[{operand}] {sign}= bar", f"rates[{operand}] {sign}= rate"]
        else:
            moving = _Moving(op)
            slope = moving.of(text)
            moves = moving.rates.get(slope[0])
            more = f" + bar * {fit(moves, PRODUCT + 1)}" if moves else ""
            sends = [] if slope[0].isidentifier() else [f"p = {inlined(slope[0])}"]
            p = "p" if sends else slope[0]
            sends += [f"bars[{operand}] += bar * {p}", f"rates[{operand}] += rate * {p}{inlined(more)}"]
        if op.arity == 2:  # one of the two may be a constant
            sends = [f"if {operand}:", *(f"    {line}" for line in sends)]
        lines += sends
    return lines or ["pass"]


class _Moving(Python):
    """Source for a partial; `rates` has, for the source of each part that moves, the source of its rate."""

    def __init__(self, op: Primitive) -> None:
        super().__init__({name: (short, ATOM) for name, short in zip(op.args + op.params, "ab", strict=False)})
        self.rates: dict[str, Code] = {"y": ("dy", ATOM)}
        self.rates |= {x: (f"dots[{k}]", ATOM) for x, k in zip("ab"[: op.arity], "ij", strict=False)}

    def _moved(self, code: Code, op: Primitive, operands: Sequence[Code]) -> Code:
        total: Code | None = None
        names = dict(zip(op.args, operands, strict=True)) | {"y": code}
        for operand, text in zip(operands, op.exact, strict=True):
            rate = self.rates.get(operand[0])
            if rate is None or text == "0":
                continue
            slope = Python(names).of(text)
            term = {"1": rate, "-1": super().minus(rate)}.get(slope[0]) or super().binary("*", slope, rate)
            total = term if total is None else super().binary("+", total, term)
        if total is not None:
            self.rates[code[0]] = total
        return code

    def minus(self, operand: Code) -> Code:
        return self._moved(super().minus(operand), primitives["neg"], [operand])

    def binary(self, sign: str, left: Code, right: Code) -> Code:
        return self._moved(super().binary(sign, left, right), _BY_SIGN[sign], [left, right])

    def call(self, function: str, args: Sequence[Code]) -> Code:
        return self._moved(super().call(function, args), primitives[function], args)

    def choice(self, then: Code, test: Code, otherwise: Code) -> Code:
        code = super().choice(then, test, otherwise)
        ways = [self.rates.get(x[0]) or ("0.0", ATOM) for x in (then, otherwise)]
        self.rates[code[0]] = super().choice(ways[0], test, ways[1])
        return code
