"""The two passes over a tape of numbers, written out from the table: one small function an operation.

    def pull_mul(bars, bar, i, j, a, b, y):
        if i: bars[i] += bar * b
        if j: bars[j] += bar * a

`pull_…` sends an operation's adjoint `bar` to its operands, `push_…` returns its tangent, made of theirs. A pass is a
loop that calls them by the operation's code: a few list accesses an operation. What is most used stands in the loops
themselves, because a call takes longer. The texts are the table's, so an entry that is added there has its functions
here. Where an outer derivative records the pass, others are written, which leave nothing on its tape that nobody asked
for.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from ..table.table import BY_CODE, Primitive, primitives
from ..table.walk import sent_by
from ..text.expression import renamed
from ..text.written import run_text

OFTEN = [op for op in BY_CODE if op.operator and op.elementwise and op.arity == 2 and not op.bounded]  # × + −
ZERO = 0.0  # one object: a node that nothing has reached is recognised by identity, so a traced 0 is not skipped


class Rules(NamedTuple):
    """The loops of both passes, and for each code a function that pulls and one that pushes; None for maps of whole
    arrays."""

    reverse: Callable[[Any, list[Any]], None]
    forward: Callable[[Any, list[Any]], None]
    pulls: tuple[Any, ...]
    pushes: tuple[Any, ...]


_REVERSE = """def reverse(tape, bars):
    k = len(tape)
    for code, i, j, a, b, y in reversed(tape):
        k -= 1
        bar = bars[k]
        if bar is not ZERO:
{often}
            elif code >= 0:
                pulls[code](bars, bar, i, j, a, b, y)
            else:  # the inputs come first
                break
"""
_FORWARD = """def forward(tape, dots):
    append = dots.append
    for code, i, j, a, b, y in tape[len(dots):]:
{often}
        else:
            append(pushes[code](dots, i, j, a, b, y))
"""


def reverse_pass(tape: Any, bars: list[Any]) -> None:
    """Send every adjoint to the operands, from the last record to the first; `bars` has the seeds."""
    rules(tape.nested).reverse(tape, bars)


def forward_pass(tape: Any, dots: list[Any]) -> None:
    """Append every operation's tangent; `dots` has those of the inputs."""
    rules(tape.nested).forward(tape, dots)


def plus(a: Any, b: Any) -> Any:
    """a + b, where nothing is recorded for the first arrival."""
    return b if a is ZERO else a if b is ZERO else a + b


def _times(a: Any, b: Any) -> Any:
    """a * b, where nothing is recorded for what has not moved, for a seed of 1 and for a slope of 1."""
    if a is ZERO:
        return ZERO
    return b if a.__class__ is float and a == 1.0 else a if b.__class__ is int and b == 1 else a * b


def _at_the_tip(code: int, bars: list[Any], bar: Any, i: Any, j: Any, a: Any, b: Any, y: Any) -> None:
    """The same as a `pull_…`, by the entry's own rule, which knows more."""
    for id, _, sent in sent_by((code, i, j, a, b, y), bar):
        bars[id] = plus(bars[id], sent)


@cache
def rules(nested: bool) -> Rules:
    """The loops, and what they call, written when first needed."""
    ops = [op for op in BY_CODE if op.elementwise]
    space: dict[str, Any] = {name: op.function for name, op in primitives.items()}
    space |= {"ZERO": ZERO, "plus": plus, "times": _times, "at_the_tip": _at_the_tip}
    source = "\n\n".join(text for op in ops for text in (_pull(op, nested), _push(op, nested)))
    source += f"\n\n{_REVERSE.format(often=often(lambda op: _pulled(op, nested), 12))}"
    source += f"\n\n{_FORWARD.format(often=often(lambda op: _appended(op, nested), 8))}"
    run_text(source, space, f"backprop_lab: the passes{', recorded' * nested}")
    pulls, pushes = (
        tuple([space[f"{what}_{op.name}"] if op.elementwise else None for op in BY_CODE]) for what in ("pull", "push")
    )
    space |= {"pulls": pulls, "pushes": pushes}
    return Rules(space["reverse"], space["forward"], pulls, pushes)


def often(written: Callable[[Primitive], list[str]], deep: int) -> str:
    """What is most used, as branches of a loop: a test of the code, and the lines that are written for it."""
    cases = (f"if code == {op.code}:\n{textwrap.indent(chr(10).join(written(op)), '    ')}" for op in OFTEN)
    return textwrap.indent("\nel".join(cases), " " * deep)


_SHORT = re.compile(rf"\b({'|'.join(op.name for op in BY_CODE if op.inline)})\((\w+(?:, \w+)*)\)")


def inlined(source: str) -> str:
    """Python source for floats, with short functions of names written out: a call takes longer than a comparison."""

    def written_out(call: re.Match[str]) -> str:
        op = primitives[call[1]]
        return f"({renamed(op.inline, dict(zip(op.args, call[2].split(', '), strict=True)))})"

    return _SHORT.sub(written_out, source)


def _partials(op: Primitive, nested: bool) -> list[str]:
    """The partials' texts in terms of a record's a, b and y; on floats, short functions are written out."""
    names = dict(zip(op.args + op.params, ("a", "b"), strict=False))
    texts = [renamed(text if nested else inlined(text), names) for text in op.exact]
    return [text if text.isidentifier() or text in ("0", "1", "-1") else f"({text})" for text in texts]


def _pull(op: Primitive, nested: bool) -> str:
    """The text of what the reverse pass calls."""
    return _function(f"pull_{op.name}(bars, bar, i, j, a, b, y)", _pulled(op, nested))


def _pulled(op: Primitive, nested: bool) -> list[str]:
    """What the reverse pass does: `bar` is the operation's adjoint, `bars[i]`, `bars[j]` the operands'."""
    lines = []
    for operand, partial in zip("ij", _partials(op, nested), strict=False):
        if nested:
            write = f"bars[{operand}] = plus(bars[{operand}], times(bar, {partial}))"
        else:
            write = f"bars[{operand}] " + {"1": "+= bar", "-1": "-= bar"}.get(partial, f"+= bar * {partial}")
        if partial != "0":  # with two operands, one may be a constant, and nobody asks for its adjoint
            lines.append(f"if {operand}: {write}" if op.arity == 2 else write)
    if nested and op.tip:
        lines = [f"at_the_tip({op.code}, bars, bar, i, j, a, b, y)"]
    return lines or ["pass"]


def _push(op: Primitive, nested: bool) -> str:
    """The text of what the forward pass calls."""
    lines = [f"{test}return {dot}" for test, dot in _pushed(op, nested)]
    return _function(f"push_{op.name}(dots, i, j, a, b, y)", lines)


def _appended(op: Primitive, nested: bool) -> list[str]:
    """The same where it stands in the loop."""
    tests = ["if not j: ", "elif not i: ", "else: "]
    return [f"{test}append({dot})" for test, (_, dot) in zip(tests, _pushed(op, nested), strict=True)]


def _pushed(op: Primitive, nested: bool) -> list[tuple[str, str]]:
    """The operation's tangent, of `dots[i]` and `dots[j]`; of two operands three, with what is asked before."""
    terms = []
    for operand, partial in zip("ij", _partials(op, nested), strict=False):
        dot = f"dots[{operand}]"
        plain = {"0": "ZERO", "1": dot, "-1": f"-{dot}"}.get(partial, f"{partial} * {dot}")
        terms.append(f"times({dot}, {partial})" if nested else plain)
    if op.arity == 1:
        return [("", terms[0])]
    both = f"plus({terms[0]}, {terms[1]})" if nested else f"{terms[0]} + {terms[1]}"
    return [("if not j: ", terms[0]), ("if not i: ", terms[1]), ("", both)]  # constants do not move


def _function(head: str, lines: list[str]) -> str:
    return f"def {head}:\n{textwrap.indent(chr(10).join(lines), '    ')}\n"
