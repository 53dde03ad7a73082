"""A function as a tape: three columns of whole numbers and the constants, to be played without Python.

    columns(graph)              of a graph, node by node
    columns_of(records, …)      of a lean tape, which has no nodes for constants
    columns(graph).data()       the same as text, for a page

docs/tape.md says what is in the columns. `compiled/machine.c` plays them in the kernel, `widgets/tape.js` in the page.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from ..recording.tape import CONSTANT, INPUT, Comparison
from ..table.table import BY_CODE
from ..table.walk import Record
from .graph import Graph
from .replay import other_way

GUARD = ("after", "sign", "left", "right", "outcome")
ORDER = ("<", "<=", ">", ">=", "==", "!=")  # signs of the comparisons that a tape may have
_CODE, _LEFT, _RIGHT, _A, _B, _VALUE = map(itemgetter, range(6))


@dataclass(eq=False)
class Columns:
    """A tape: `ops` are the table's entries that it uses, and each column has a number for each node.

    `code` has the entry's place among them, -1 for an input or -2 for a constant; `left` and `right` the operands,
    nodes from 0 on and constants from -1 down. `guards` has a row for each comparison: after which node, the sign's
    place in `ORDER`, both operands, how it came out.
    """

    ops: list[str]
    code: np.ndarray
    left: np.ndarray
    right: np.ndarray
    constants: np.ndarray
    guards: np.ndarray

    def __len__(self) -> int:
        return len(self.code)

    @property
    def inputs(self) -> int:
        """How many inputs there are; they are the first nodes."""
        return int(np.count_nonzero(self.code == INPUT))

    def same(self, other: Columns) -> bool:
        """Whether two tapes are the same to the last bit."""
        return self.data() == other.data()

    def arrays(self) -> Iterator[tuple[str, np.ndarray]]:
        """The columns with their names."""
        return ((name, getattr(self, name)) for name in ("code", "left", "right", "constants", "guards"))

    def data(self) -> dict[str, Any]:
        """The tape as JSON-ready data: the names, and the columns as texts."""
        return {"ops": self.ops} | {
            name: encoded(column) for name, column in self.arrays() if name == "code" or len(column)
        }


def encoded(column: np.ndarray) -> str:
    """A column's bytes, the least of each number first, in base64; of whole numbers as few as needed, and how many."""
    size = ""
    if column.dtype.kind == "i":
        most = max(column.max(initial=0), -1 - column.min(initial=0))
        size = next(str(bytes) for bytes in (1, 2, 4) if most < 1 << 8 * bytes - 1)
        column = column.astype(f"i{size}")
    return size + b64encode(column.astype(column.dtype.newbyteorder("<")).tobytes()).decode("ascii")


def columns(graph: Graph) -> Columns | None:
    """The tape of a graph; None if it has other values than real numbers, or operations of more than two operands."""
    return columns_of(graph.records, graph.comparisons)


def columns_of(records: Sequence[Record], comparisons: Sequence[Comparison], lean: bool = False) -> Columns | None:
    """The same of records. Those of a lean tape count from 1 on, and 0 stands for any constant."""
    ops = [BY_CODE[code] for code in sorted(set(map(_CODE, records)) - {INPUT, CONSTANT})]
    if not all(op.elementwise and op.takes <= 2 for op in ops) or any(c.sign not in ORDER for c in comparisons):
        return None
    if not {*map(type, map(_VALUE, records))} <= {float, int}:
        return None
    code, left, right = (np.fromiter(map(of, records), np.int32, len(records)) for of in (_CODE, _LEFT, _RIGHT))
    takes = np.zeros(
        len(BY_CODE) + 2, np.int32
    )  # operands of each operation; of inputs and constants, the last two, none
    setting, place = takes.copy(), takes.copy()
    for k, op in enumerate(ops):
        takes[op.code], setting[op.code], place[op.code] = op.arity, len(op.params), k
    place[[INPUT, CONSTANT]] = INPUT, CONSTANT
    left, right = np.where(takes[code] > 0, left - lean, 0), np.where(takes[code] > 1, right - lean, 0)
    numbers: dict[Any, int] = {}

    def constant(x: Any) -> int:
        x = float(x)
        return -1 - numbers.setdefault(x or repr(x), len(numbers))  # 0 and -0 are two constants

    for column, which, of in (
        (left, (code == CONSTANT), _VALUE),
        (left, left < 0, _A),
        (right, (right < 0) | (setting[code] > 0), _B),
    ):
        for k in np.flatnonzero(which).tolist():
            column[k] = constant(of(records[k]))
    guards = [_guard(c, int(lean), constant) for c in comparisons]
    guards.sort(key=itemgetter(0))
    return Columns(
        [op.name for op in ops],
        place[code],
        left.astype(np.int32),
        right.astype(np.int32),
        np.array([float(x) for x in numbers]),
        np.array(guards, np.int32).reshape(-1, len(GUARD)),
    )


def _guard(c: Comparison, first: int, constant: Callable[[Any], int]) -> tuple[int, ...]:
    """A comparison as a row of `guards`; nodes are counted from `first` on."""
    i, j = (k - first if k >= first else constant(x) for k, x in ((c.i, c.a), (c.j, c.b)))
    return max(i, j), ORDER.index(c.sign), i, j, int(bool(c.outcome))


def told(graph: Graph) -> list[str]:
    """What is said where a comparison comes out otherwise, in the order of the tape's guards."""
    return [other_way(c) for c in sorted(graph.comparisons, key=lambda c: max(c.i, c.j))]
