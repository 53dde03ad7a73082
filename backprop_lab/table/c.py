"""The table's operations on real numbers as C, for the machine that plays tapes (`compiled/machine.c`).

    operations()        the text of `operations.h`: the names, and for each operation its value and what it sends

`tests/support/wasm.py` puts it beside the machine's own source when that is compiled. What an entry computes on floats
with a function of Python's `math`, or with one of its own, is a function `maths_tanh` there; all else is written here.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..text.expression import ATOM, CHOICE, Code, fit, outermost
from .entry import SPACE, Primitive
from .javascript import JavaScript, played


class C(JavaScript):
    """C of a text of an entry."""

    def __init__(self, entry: str, names: dict[str, str]) -> None:
        super().__init__(entry)
        self.names = {name: (code, ATOM) for name, code in names.items()}

    def number(self, value: float) -> Code:
        return repr(float(value)), ATOM

    def call(self, function: str, args: Sequence[Code]) -> Code:
        """A function of the machine's, or the text of an operation that is written here."""
        op = getattr(SPACE[function], "primitive", None)
        if op is not None and op.inline and function != self.entry:
            inner = C(function, dict(zip(op.args, (fit(x, ATOM) for x in args), strict=True)))
            return f"({inner.of(op.inline)[0]})", ATOM
        return f"maths_{function}({', '.join(code for code, _ in args)})", ATOM

    def choice(self, then: Code, test: Code, otherwise: Code) -> Code:
        """One of two by a test, which may be a number: nan is true, as in Python."""
        return f"{fit(test, CHOICE + 1)} ? {fit(then, CHOICE + 1)} : {otherwise[0]}", CHOICE

    def comparison(self, signs: Sequence[str], parts: Sequence[Code]) -> Code:
        ends = [fit(code, CHOICE + 1) for code in parts]
        pairs = zip(ends, signs, ends[1:], strict=False)
        return " && ".join(f"{a} {sign} {b}" for a, sign, b in pairs), CHOICE + 1


def operations() -> str:
    """The text of `operations.h`: three macros, of which VALUES and SENT are the cases of a `switch`."""
    ops = played()
    cases = [f"  case {k}: /* {op.name} */ {{}} break;" for k, op in enumerate(ops)]
    values = [case.format(_value(op)) for case, op in zip(cases, ops, strict=True)]
    sent = [case.format(_sent(op)) for case, op in zip(cases, ops, strict=True)]
    return "\n".join(
        [
            f'#define NAMES "{",".join(op.name for op in ops)}"',
            f"#define CONSTANT {len(ops)}",
            f"#define TAKES {{{', '.join(str(op.arity) for op in ops)}, 0}}",
            *_macro("VALUES", values),
            *_macro("SENT", sent),
            "",
        ]
    )


def _macro(name: str, lines: list[str]) -> list[str]:
    return [f"#define {name} \\", *(f"{line} \\" for line in lines[:-1]), lines[-1]]


def _value(op: Primitive) -> str:
    """Statements: leave where an operand is outside its domain; else compute y of a and b."""
    names = dict(zip(op.args + op.params, "ab", strict=False))
    text = op.inline or op.text
    outside = [
        C(op.name, {"x": x}).of(domain.outside)[0] for x, domain in zip("ab", op.domain, strict=False) if domain.outside
    ]
    outside += ["maths_no_power(a, b)"] if op.params else []
    leave = "".join(f"if ({test}) return k; " for test in outside)
    plain = f"maths_{op.name}({', '.join(names.values())})"
    return f"{leave}y = {plain if outermost(text) == op.name else C(op.name, names).of(text)[0]};"


def _sent(op: Primitive) -> str:
    """Statements: add to the operands' adjoints what this operation sends them."""
    names = {"y": "v[k]"} | dict(zip(op.args + op.params, ("v[i]", "v[j]"), strict=False))
    lines = []
    for slot, operand in enumerate("ij"[: op.arity]):
        if not op.moves(slot):
            continue
        text = op.exact[slot]
        if text in ("1", "-1"):
            lines.append(f"g[{operand}] {'+' if text == '1' else '-'}= bar;")
            continue
        slope = C(op.name, names).of(text)[0]
        if op.zeros:  # where the leading factor is 0, so is all of it
            slope = f"{names[op.zeros[slot]]} == 0.0 ? 0.0 : {slope}"
        lines.append(f"g[{operand}] += bar * ({slope});")
    return " ".join(lines)
