"""Whether a program's results are floats if its value is one: then nobody needs to look at the types of its inputs.

What could come in are whole numbers, fractions, NumPy's numbers, complex numbers, arrays, texts. A result is a float if

* every input goes into the value by way of arithmetic alone. Then a number of NumPy, a complex number or an array makes
  the value one of those, or nothing works at all; what else comes in is a real number of Python;
* and it has a float in it: a literal, a function of `math`, or a name of a number that has one. A sum, difference,
  product, quotient or power of a float and a real number of Python is a float.

There is one gap, which nobody is likely to fall into: numbers of NumPy and fractions in one call. Python makes a float
of their product, so a number of NumPy may be left in the gradient. Its value is right, to its own number of digits.

Results without a float in them are multiplied with 1.0. So are products of products, because whole numbers would grow
without end.
"""

from __future__ import annotations

import math
import re

from ..graph.graph import Graph
from ..recording.tape import CONSTANT, INPUT
from ..table.table import BY_CODE, primitives
from .cpython import WORD

__all__ = ["as_floats", "stays_finite"]

_ARITHMETIC = {"add", "sub", "mul", "div", "neg", "square", "power", "pow"}
_FLOAT = re.compile(r"(?<![\w.])\d+(\.|e)")
_CALL = re.compile(r"\b([^\W\d]\w*)\(")
_OF_MATH = {name for name, op in primitives.items() if op.scalar in vars(math).values()}


def as_floats(graph: Graph, inputs: list[str], lines: list[str], bars: list[str]) -> tuple[list[str], list[str]] | None:
    """The statements and the gradient such that all are floats if the value is; None if that takes too much."""
    if not _all_go_in(graph):
        return None
    known = {"inf", "nan"}  # the names of floats
    unknown: set[str] = set()  # the names of numbers that are made of inputs, and may be no floats
    extra = 0

    def has_a_float(expression: str) -> bool:
        literal_or_call = _FLOAT.search(expression) or _CALL.search(expression)
        return literal_or_call is not None or not known.isdisjoint(WORD.findall(expression))

    written = []
    for line in lines:
        target, sign, expression = line.partition(" = ")
        if sign:
            if not set(_CALL.findall(expression)) <= _OF_MATH:
                return None
            sure = has_a_float(expression)
            if not sure and not unknown.isdisjoint(WORD.findall(expression)):
                line, sure, extra = f"{target} = 1.0 * ({expression})", True, extra + 1
            (known if sure else unknown).add(target)
            (unknown if sure else known).discard(target)
        written.append(line)
    if not set(_CALL.findall(" ".join(bars))) <= _OF_MATH:
        return None
    unsure = [not has_a_float(bar) for bar in bars]
    if 2 * (extra + sum(unsure)) > len(inputs):
        return None
    return written, [f"1.0 * ({bar})" if k else bar for bar, k in zip(bars, unsure, strict=True)]


def _all_go_in(graph: Graph) -> bool:
    """Whether arithmetic alone leads from every input to the output."""
    found = {graph.output_ids[0]}
    for id in range(len(graph) - 1, -1, -1):
        code = graph.records[id][0]
        if id in found and code >= 0 and BY_CODE[code].name in _ARITHMETIC:
            found.update(graph.operand_ids(id))
    return found.issuperset(range(len(graph.input_names)))


def stays_finite(graph: Graph) -> bool:
    """Whether a finite value shows that all the numbers before it were finite: a polynomial forgets no infinity."""
    codes = {record[0] for record, needed in zip(graph.records, graph.needed, strict=True) if needed}
    constants = [record[5] for record in graph.records if record[0] == CONSTANT]
    return codes <= _POLYNOMIAL and all(math.isfinite(x) for x in constants)


_POLYNOMIAL = {INPUT, CONSTANT, *(primitives[name].code for name in ("add", "sub", "mul", "neg", "square"))}
