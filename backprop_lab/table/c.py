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

KEPT = {"sin": "cos", "cos": "sin"}  # what these compute by the way, and their slopes need
PAIRED = ("add", "sub", "mul", "square")  # what is quicker computed than looked up


class C(JavaScript):
    """C of a text of an entry; `kept` is a function whose value was kept."""

    def __init__(self, entry: str, names: dict[str, str], kept: str = "") -> None:
        super().__init__(entry)
        self.kept = kept
        self.names = {name: (code, ATOM) for name, code in names.items()}

    def number(self, value: float) -> Code:
        return repr(float(value)), ATOM

    def call(self, function: str, args: Sequence[Code]) -> Code:
        """A function of the machine's, or the text of an operation that is written here."""
        if function == self.kept:
            return "j->v", ATOM
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
    """The text of `operations.h`: NAMES, and the cases of a `switch` each, of operations and of pairs of them."""
    ops = played()
    named = {op.name: op for op in ops}
    pairs = [(named[one], named[two], slot) for one in PAIRED for two in PAIRED for slot in range(named[two].arity)]
    names = [op.name for op in ops] + [f"{one.name} {two.name} {slot}" for one, two, slot in pairs]
    cases = [f"  case {k}: /* {name} */ {{}} break;" for k, name in enumerate(names)]
    singles, doubles = cases[: len(ops)], cases[len(ops) :]
    return "\n".join(
        [
            f'#define NAMES "{",".join(names)};{",".join(KEPT)}"',
            *_macro("VALUES", [case.format(_value(op)) for case, op in zip(singles, ops, strict=True)]),
            *_macro("PAIRS", [case.format(_values(*pair)) for case, pair in zip(doubles, pairs, strict=True)]),
            *_macro("SENT", [case.format(_sent(op)) for case, op in zip(singles, ops, strict=True)]),
            *_macro("SENT_BY_PAIRS", [case.format(_sent_by(*p)) for case, p in zip(doubles, pairs, strict=True)]),
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
    leave = "".join(f"if ({test}) return 0; " for test in outside)
    if op.name in KEPT:
        return f"{leave}y = maths_{op.name}_and(a, &op->right->v);"
    plain = f"maths_{op.name}({', '.join(names.values())})"
    return f"{leave}y = {plain if outermost(text) == op.name else C(op.name, names).of(text)[0]};"


def _values(one: Primitive, two: Primitive, slot: int) -> str:
    """The same of a pair: also go on to the second's row; y is its operand in the slot until it is its value."""
    names = ["a", "b"][: two.arity]
    other = "".join(
        f"{x} = op->{side}->v; " for x, side in zip(names, ("left", "right"), strict=False) if x != "ab"[slot]
    )
    names[slot] = "y"
    second = C(two.name, dict(zip(two.args, names, strict=True))).of(two.text)[0]
    return f"{_value(one)} n->v = y; n->g = 0.0; op++; n++; {other}y = {second};"


def _sent(op: Primitive, first: int = -1) -> str:
    """Statements: add to the operands' adjoints what this operation sends them; that of the slot `first` is in `to`."""
    names = {"y": "n->v"} | dict(zip(op.args + op.params, ("i->v", "j->v"), strict=False))
    lines = []
    for slot, operand in enumerate("ij"[: op.arity]):
        if not op.moves(slot):
            continue
        text, adjoint = op.exact[slot], "to" if slot == first else f"{operand}->g"
        if text in ("1", "-1"):
            lines.append(f"{adjoint} {'+' if text == '1' else '-'}= bar;")
            continue
        slope = C(op.name, names, KEPT.get(op.name, "")).of(text)[0]
        if op.zeros:  # where the leading factor is 0, so is all of it
            slope = f"{names[op.zeros[slot]]} == 0.0 ? 0.0 : {slope}"
        lines.append(f"{adjoint} += bar * ({slope});")
    return " ".join(lines)


def _sent_by(one: Primitive, two: Primitive, slot: int) -> str:
    """The same of a pair: the second's, then go to the first's row and send on what arrived there."""
    go = "n[-1].g = bar = to; op--; n--; i = op->left; j = op->right;"
    return f"to = n[-1].g; {_sent(two, slot)} {go} {_sent(one)}"
