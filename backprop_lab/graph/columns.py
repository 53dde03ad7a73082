"""A graph of real numbers as a tape: columns of integers and the constants, to be played without Python.

    columns(graph)      {"ops": ["mul", "sin"], "code": [-1, -1, 0, 1], "left": [0, 0, 0, 2], …}, or None

What is in the columns stands in docs/design.md, "The tape". `widgets/tape.js` plays them in the page.
"""

from __future__ import annotations

import math
from typing import Any

from ..recording.tape import CONSTANT, INPUT
from ..table.table import BY_CODE
from .graph import Graph
from .replay import other_way

ORDER = ("<", "<=", ">", ">=", "==", "!=")  # signs of the comparisons that a tape may have


def columns(graph: Graph) -> dict[str, Any] | None:
    """The tape of a graph, as JSON-ready data; None if not all of its values are real numbers.

    Returns
    -------
    dict or None : `ops` names the table's entries that are used. For each node `code` has its entry's place among them,
        -1 for an input or -2 for a constant; `left` and `right` the numbers of its operands, 0 where there is none. A
        constant's number, and a setting in the place of an operand (the 3 of x**3), is in `constants`, at that place,
        as a text where JSON has no word for it. `guards` has the comparisons that the function made: after which node,
        the sign's place in `ORDER`, both operands (-1 − k for constant k), how it came out, and what is said where it
        comes out otherwise
    """
    if not all(isinstance(y, float | int) for y in graph.values):
        return None
    names: dict[str, int] = {}
    constants: dict[str, int] = {}
    rows: list[tuple[int, int, int]] = []

    def constant(x: Any) -> int:
        return constants.setdefault(repr(float(x)), len(constants))  # 0 and −0 are two constants

    for code, i, j, _, b, y in graph.records:
        if code in (INPUT, CONSTANT):
            rows.append((code, constant(y) if code == CONSTANT else 0, 0))
            continue
        op = BY_CODE[code]
        if not op.elementwise or op.many or len(op.params) > 1:
            return None
        rows.append((names.setdefault(op.name, len(names)), i, constant(b) if op.params else j))
    guards = []
    for c in graph.comparisons:
        if c.sign not in ORDER:
            return None
        ends = [k if k >= 0 else -1 - constant(x) for k, x in ((c.i, c.a), (c.j, c.b))]
        guards.append([max(c.i, c.j), ORDER.index(c.sign), *ends, int(c.outcome), other_way(c)])
    columns = {name: [row[k] for row in rows] for k, name in enumerate(("code", "left", "right"))}
    numbers = [float(x) if math.isfinite(float(x)) else x.replace("inf", "Infinity") for x in constants]
    return {"ops": list(names), **columns, "constants": numbers, "guards": guards}
