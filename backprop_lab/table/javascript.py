"""The table's operations on real numbers as JavaScript: plain functions for the page, read off the texts.

    operations()        the text of `const OPERATIONS = {…}`: for each entry its value, slopes and where its domain ends

A page plays a tape with these (`widgets/tape.js`), where strict rules forbid to make functions of text. What an entry
computes on floats with a function of Python's `math`, or with one of its own, has a function of its name in the page's
`MATHS`; all else is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ..text.expression import ATOM, CHOICE, POWER, Code, Python, fit, names_in, outermost
from .cost import FREE
from .entry import SPACE, Kink, Primitive
from .table import BY_CODE


class JavaScript(Python):
    """JavaScript of a text of an entry."""

    def __init__(self, entry: str) -> None:
        super().__init__({})
        self.entry = entry

    def number(self, value: Any) -> Code:
        return repr(float(value)).removesuffix(".0"), ATOM

    def minus(self, operand: Code) -> Code:
        return f"-{fit(operand, ATOM)}", POWER

    def binary(self, sign: str, left: Code, right: Code) -> Code:
        return (f"power({left[0]}, {right[0]})", ATOM) if sign == "**" else super().binary(sign, left, right)

    def call(self, function: str, args: Sequence[Code]) -> Code:
        """A function of the page, or an operation that is written here."""
        op = getattr(SPACE[function], "primitive", None)
        written = op is not None and op.inline and function != self.entry
        called = f"OPERATIONS.{function}.value" if written else f"MATHS.{function}"
        return f"{called}({', '.join(code for code, _ in args)})", ATOM

    def choice(self, then: Code, test: Code, otherwise: Code) -> Code:
        """One of two by a test, which may be a number: then what is not 0 is true, nan among it."""
        if test[0].isidentifier():  # to JavaScript nan is as good as 0
            test, then, otherwise = (f"{test[0]} === 0", CHOICE + 1), otherwise, then
        return f"{fit(test, CHOICE + 1)} ? {fit(then, CHOICE + 1)} : {otherwise[0]}", CHOICE

    def comparison(self, signs: Sequence[str], parts: Sequence[Code]) -> Code:
        """Comparisons in a row, each by itself."""
        ends = [fit(code, CHOICE + 1) for code in parts]
        known = {"==": "===", "!=": "!=="}
        pairs = zip(ends, signs, ends[1:], strict=False)
        return " && ".join(f"{a} {known.get(sign, sign)} {b}" for a, sign, b in pairs), CHOICE + 1


def _function(op: Primitive, args: Sequence[str], text: str) -> str:
    """A function of an entry's text, without the last of its arguments if it does not use them."""
    used = names_in(text)
    given = list(args)
    while given and given[-1] not in used:
        given.pop()
    return f"({', '.join(given)}) => {JavaScript(op.name).of(text)[0]}"


def played() -> list[Primitive]:
    """The entries that a page can compute: of one or two real numbers, one of which may be a setting."""
    return [op for op in BY_CODE if op.elementwise and op.takes <= 2]


def operations(names: Iterable[str] | None = None) -> str:
    """The text of the page's table, of all entries or of those named and what they call.

    By name, `value`, `slopes` (null for what is never sent), `outside` and `costs`.

    Values are functions of the operands and the setting, slopes of the value and these, and what is outside of a domain
    of that operand alone. `costs` has for each slope its multiplications, additions and calls, and whether what is
    multiplied by it is only copied. `kinks` says whether they are at one; `chooses` that a slope of 0 only tells what
    was not chosen, `setting` that the second operand is none, as the 3 of x**3.
    """
    written = {op.name: _operation(op) for op in played()}
    wanted = list(written if names is None else names)
    for name in wanted:
        wanted += [other for other in re.findall(r"OPERATIONS\.(\w+)", written[name]) if other not in wanted]
    return "".join(["const OPERATIONS = {\n", *map(written.__getitem__, wanted), "};\n"])


def _operation(op: Primitive) -> str:
    names = (*op.args, *op.params)
    text = op.inline or op.text
    value = f"MATHS.{op.name}" if outermost(text) == op.name else _function(op, names, text)
    slopes = ", ".join(_slope(op, slot) for slot in range(op.arity))
    parts = [f"value: {value}", f"slopes: [{slopes}]"]
    if op.vanishes != "anywhere":
        parts.append(f'vanishes: "{op.vanishes}"')
    if op.bounded:
        outside = (_function(op, ("x",), domain.outside) if domain.outside else "null" for domain in op.domain)
        parts.append(f"outside: [{', '.join(outside)}]")
    if any(op.chooses(slot) for slot in range(op.arity)):
        parts.append("chooses: true")
    costs = [[*cost, int(op.partials[slot] in FREE)] for slot, cost in enumerate(op.partial_costs)]
    parts.append(f"costs: {costs}")
    if op.kinks:
        parts.append(f"kinks: [{', '.join(_kink(op, kink) for kink in op.kinks)}]")
    if op.params:
        parts.append("setting: true")
    return f"  {op.name}: {{ {', '.join(parts)} }},\n"


def _kink(op: Primitive, kink: Kink) -> str:
    """Whether operands are at a kink, as a function: where they are equal, or all at one number."""
    (at,) = set(kink.at)
    return _function(op, op.args, " == ".join((*op.args, *(() if kink.tie else (repr(at),)))))


def _slope(op: Primitive, slot: int) -> str:
    """A local partial as a function; where its leading factor is 0, so is all of it."""
    if not op.moves(slot):
        return "null"
    names, text = ("y", *op.args, *op.params), op.exact[slot]
    return _function(op, names, f"{text} if {op.zeros[slot]} else 0.0" if op.zeros else text)
