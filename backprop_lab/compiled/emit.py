"""Write a graph of numbers as straight-line Python: the statements for its value and for its adjoints.

What is known when the text is written is not computed when it runs: constants get no adjoint, the seed 1 is not
multiplied with, a partial that is 1 is not written, and a value used once stands where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..graph.graph import Graph
from ..recording.tape import CONSTANT, INPUT
from ..table.table import BY_CODE
from ..text.expression import ATOM, POWER, PRODUCT, SUM, Code, Python, fit, names_in
from .writer import POW, Writer, guarded

DEEPEST = 12  # how deep values used once are nested: beyond, nobody can read the line
ZERO, ONE = ("0.0", ATOM), ("1.0", ATOM)
_NUMBER = re.compile(r"-?\d[\d.e+-]*")


class Numbers(Writer):
    """Writes the functions of a program of numbers.

    With `every`, all nodes get an adjoint, as in the adjoint sweep; else only those between an input and the output.
    """

    bar = "_bar"

    def __init__(self, graph: Graph, every: bool = False) -> None:
        domains = {
            id: [(k, outside) for k, outside in guarded(graph.records[id]) if graph.varies[k]]
            for id, (code, *_) in enumerate(graph.records)
            if code == POW or not graph.needed[id]
        }
        super().__init__(graph, range(len(graph)), domains)
        self.every = every
        self.parents = [graph.operand_ids(id) for id in range(len(graph))]
        self.active = [a and (b or every) for a, b in zip(graph.needed, graph.varies, strict=True)]

    def source(self) -> str:
        """The functions `value` and, if there is one result, `value_and_grad`."""
        outputs = self.graph.output_ids
        self.start()
        self.values({*outputs})
        results = [self.codes[id][0] for id in outputs]
        text = self.function("value", results[0] if self.graph.single else self.packed(results))
        if not self.graph.single:
            return text
        self.start()
        self.values(self.needed())
        self.adjoints()
        bars = [self.bars[id][0] for id in range(len(self.inputs))]
        return f"{text}\n{self.function('value_and_grad', f'{self.codes[outputs[0]][0]}, {self.gradient(bars)}')}"

    def replay(self) -> str:
        """The function `replay`, with the values and the adjoints of all nodes."""
        self.start()
        self.values({*range(len(self.graph))})
        self.adjoints()
        primals, bars = ([found[id][0] for id in range(len(self.graph))] for found in (self.codes, self.bars))
        return self.function("replay", f"{self.listed(primals)}, {self.listed(bars)}")

    def start(self) -> None:
        super().start()
        self._folded = Folded({}, self.number)
        self._plain = {text: self._folded.of(text) for text in ("0", "1", "-1")}  # the partials of sums
        self.deep: dict[int, int] = {}  # how deep the expressions are nested
        self.bars: dict[int, Code] = {}
        self.arrived: dict[int, list[Code]] = {self.graph.output_ids[0]: [ONE]}  # contributions, not yet added up

    def packed(self, results: list[str]) -> str:
        return tuple_of(results)

    def listed(self, results: list[str]) -> str:
        return f"[{', '.join(results)}]"

    def gradient(self, bars: list[str]) -> str:
        """The gradient: of one input, a number."""
        return bars[0] if len(bars) == 1 else self.packed(bars)

    def written(self, text: str, names: dict[str, Code]) -> Code:
        """One of the table's expressions, with others in its operands' places."""
        if text in names:  # the partial of a product is the other factor
            return names[text]
        if text not in self._plain:
            self._folded.names = names
            return self._folded.of(text)
        return self._plain[text]

    # --- values -------------------------------------------------------------------------------------------------------

    def number(self, x: Any, name: str = "c") -> Code:
        """A number; a whole one that is too large to be exact becomes a float where it meets one."""
        return self.literal(float(x) if x.__class__ is int and abs(x) >= 2**53 else x, name)

    def operands(self, id: int) -> dict[str, Code]:
        """What stands for the operands and settings of a node's primitive."""
        code, _, _, _, b, _ = self.graph.records[id]
        op = BY_CODE[code]
        found = dict(zip(op.args, [self.codes[p] for p in self.parents[id]], strict=True))
        if not op.operator:  # a function may hand its operand on, as maximum does: a float, as the engine's
            found = {arg: (repr(float(c[0])), c[1]) if _known(c) else c for arg, c in found.items()}
        if op.params:
            found[op.params[0]] = self.number(b)
        return found

    def values(self, keep: set[int]) -> None:
        """Statements for the values; those in `keep` and those used more than once get a name."""
        keep, uses = keep | self.looked_at, self.graph.uses
        for id, (code, *_, y) in enumerate(self.graph.records):
            if code == CONSTANT:
                self.codes[id] = self.number(y)
            elif code == INPUT:
                self.codes[id] = self.names[id], ATOM
            else:
                self.before(id)
                self.codes[id] = self._value(id, code, named=len(uses[id]) > 1 or id in keep)
            if id in self.guards:
                self.after(id)

    def _value(self, id: int, code: int, named: bool) -> Code:
        expression = self.written(BY_CODE[code].text, self.operands(id))
        deep = 1 + max([self.deep.get(p, 0) for p in self.parents[id]], default=0)
        if (named or deep >= DEEPEST) and not expression[0].isidentifier():
            self.lines.append(f"{self.names[id]} = {expression[0]}")
            return self.names[id], ATOM
        self.deep[id] = deep
        return expression

    def needed(self) -> set[int]:
        """The nodes whose values the partials use."""
        found = set[int]()
        for id, (code, *_) in enumerate(self.graph.records):
            if self.active[id] and code >= 0:
                op, parents = BY_CODE[code], self.parents[id]
                by_name = dict(zip(op.args, parents, strict=True)) | {"y": id}
                used = (names_in(text) for text, p in zip(op.exact, parents, strict=True) if self.active[p])
                found |= {by_name[name] for names in used for name in names if name in by_name}
        return found

    # --- adjoints -----------------------------------------------------------------------------------------------------

    def adjoints(self) -> None:
        """Statements for the adjoints, from the output back."""
        deep: dict[int, int] = {}
        for id in range(len(self.graph) - 1, -1, -1):
            terms, level = self.arrived.pop(id, []), deep.pop(id, 0)
            code, *_ = self.graph.records[id]
            if code == INPUT and not terms:
                self.bars[id] = ZERO
            elif self.every:  # all adjoints are results
                if len(terms) > 1 or terms and not _is_short(terms[0]):
                    terms = [self.add(id, terms)]
                self.bars[id] = terms[0] if terms else ("None", ATOM)
            elif code == INPUT:
                self.bars[id] = _sum(terms)
            if code < 0 or not self.active[id] or not terms:
                continue
            to = self._partials(id)
            bar = terms[0]
            if len(terms) > 1 or not _is_short(bar) and (level >= DEEPEST or len(to) > 1):
                bar = self.add(id, terms)
            level = 0 if _is_short(bar) else level
            for parent, partial in to:
                self.send(parent, bar, partial)
                deep[parent] = max(deep.get(parent, 0), level + 1)
            self.sent(id)

    def _partials(self, id: int) -> list[tuple[int, Code]]:
        """The operands that the adjoint goes to, with the local partials."""
        code, *_ = self.graph.records[id]
        op, names = BY_CODE[code], self.operands(id) | {"y": self.codes[id]}
        first, *others = self.parents[id]
        if others == [first] and op.exact == op.args[::-1]:  # x * x sends once what a square sends
            return [(first, times(self.number(2), self.codes[first]))] if self.active[first] else []
        return [
            (p, self.written(op.exact[slot], names))
            for slot, p in enumerate(self.parents[id])
            if self.active[p] and (op.partials[slot] != "0" or self.every)
        ]

    def send(self, parent: int, bar: Code, partial: Code) -> None:
        """A contribution to a node's adjoint."""
        if _known(bar) and _known(partial):  # 1.0 is not written, and what it makes of a whole number is
            partial = repr(float(partial[0])), partial[1]
        waiting = self.arrived.setdefault(parent, [])
        waiting.append(times(bar, partial))
        if len(waiting) == DEEPEST:
            waiting[:] = [self.add(parent, waiting)]

    def sent(self, id: int) -> None:
        """Called when a node's adjoint went to its operands."""

    def add(self, id: int, terms: list[Code]) -> Code:
        """Write a node's adjoint down as the sum of what arrived so far."""
        name = f"{self.names[id]}_bar"
        self.lines.append(f"{name} = {_sum(terms)[0]}")
        return name, ATOM


class Folded(Python):
    """Python source in which what is known when it is written is computed: sums of numbers, products with 1."""

    def __init__(self, names: Mapping[str, Code], literal: Callable[[Any], Code]) -> None:
        super().__init__(names)
        self.literal = literal

    def number(self, value: Any) -> Code:
        return self.literal(value)

    def choice(self, then: Code, test: Code, otherwise: Code) -> Code:
        """What a setting decides is known."""
        return then if float(test[0]) else otherwise

    def binary(self, sign: str, left: Code, right: Code) -> Code:
        if sign == "*":
            return times(left, right)
        if sign == "**" and right[0] in ("1", "1.0"):
            return left
        if sign == "**" and right[0] in ("2", "2.0") and left[0].isidentifier():
            return f"{left[0]} * {left[0]}", PRODUCT  # several times faster than a power
        if sign in "+-" and _known(left) and _known(right):
            a, b = (float(x) if not x.lstrip("-").isdigit() else int(x) for x, _ in (left, right))
            return self.number(a + b if sign == "+" else a - b)
        return super().binary(sign, left, right)


def tuple_of(results: list[str]) -> str:
    """The text of a tuple."""
    return f"({', '.join(results)}{',' * (len(results) == 1)})"


def _known(code: Code) -> bool:
    return code[0][0] in "-0123456789" and _NUMBER.fullmatch(code[0]) is not None  # few begin so: quick to see


def _is_short(code: Code) -> bool:
    return code[0].isidentifier() or _known(code)


def times(a: Code, b: Code) -> Code:
    """A product; factors 1 and -1 are not written."""
    for one, other in ((a, b), (b, a)):
        if one[0] in ("1", "1.0"):
            return other
        if one[0] in ("-1", "-1.0"):
            return f"-{fit(other, POWER)}", PRODUCT
    if _known(a) and b[0].startswith("2.0 * ") and b[0][6:].isidentifier() and abs(float(a[0])) < 1e300:
        return f"{2.0 * float(a[0])!r} * {b[0][6:]}", PRODUCT  # doubling is exact: the result stays the same
    return f"{fit(a, PRODUCT)} * {fit(b, POWER)}", PRODUCT


def _sum(terms: list[Code]) -> Code:
    if len(terms) == 1:
        return terms[0]
    text = fit(terms[0], SUM)
    for term in terms[1:]:
        minus = term[0].startswith("-") and term[1] >= PRODUCT
        text += f" - {term[0][1:]}" if minus else f" + {fit(term, SUM)}"
    return text, SUM
