"""Random programs of arrays with sharing, for any namespace of functions."""

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

N = 3  # everything is a number, a vector of 3 or a 3×3 matrix, so that most operations fit most values

# (rank of the result, ranks of the operands, the operation in a namespace of functions)
OPERATIONS: dict[str, tuple[int, tuple[int, ...], Any]] = {
    "tanh": (2, (2,), lambda n, a: n.tanh(a)),
    "sin of a vector": (1, (1,), lambda n, a: n.sin(a)),
    "exp": (2, (2,), lambda n, a: n.exp(n.sin(a))),
    "log": (1, (1,), lambda n, a: n.log(1.5 + n.cos(a))),
    "square root": (0, (0,), lambda n, a: n.sqrt(a * a + 0.5)),
    "power": (2, (2,), lambda n, a: (0.5 * a) ** 3),
    "negative": (1, (1,), lambda n, a: -a),
    "sum": (2, (2, 2), lambda n, a, b: a + b),
    "rows plus vector": (2, (2, 1), lambda n, a, b: a + b),
    "columns times vector": (2, (2, 1), lambda n, a, b: a * b[:, None]),
    "times number": (2, (2, 0), lambda n, a, b: a * b),
    "vector times number": (1, (1, 0), lambda n, a, b: b * a),
    "quotient": (1, (1, 1), lambda n, a, b: a / (b * b + 0.5)),
    "difference": (1, (1, 1), lambda n, a, b: 1.0 - a * b),
    "matmul": (2, (2, 2), lambda n, a, b: n.tanh(a @ b)),
    "matvec": (1, (2, 1), lambda n, a, b: n.sin(a @ b)),
    "vecmat": (1, (1, 2), lambda n, a, b: n.sin(n.dot(a, b))),
    "dot": (0, (1, 1), lambda n, a, b: n.sin(n.dot(a, b))),
    "outer": (2, (1, 1), lambda n, a, b: n.sin(n.outer(a, b))),
    "transpose": (2, (2,), lambda n, a: a.T),
    "reshape": (2, (2,), lambda n, a: n.reshape(n.ravel(a)[::-1], (N, N))),
    "row": (1, (2,), lambda n, a: a[1]),
    "column": (1, (2,), lambda n, a: a[:, 0]),
    "element": (0, (2,), lambda n, a: a[0, 2]),
    "picked twice": (1, (1,), lambda n, a: a[np.array([0, 0, 2])]),
    "shifted": (1, (1,), lambda n, a: n.concatenate([a[1:], a[:1]])),
    "stacked": (2, (1, 1), lambda n, a, b: n.stack([a, b, a * b])),
    "sum over rows": (1, (2,), lambda n, a: n.sum(a, axis=0)),
    "mean over columns": (1, (2,), lambda n, a: n.mean(a, axis=1)),
    "mean": (0, (1,), lambda n, a: n.mean(a)),
    "sum of all": (0, (2,), lambda n, a: n.sin(n.sum(a))),
    "einsum": (2, (2, 2), lambda n, a, b: n.tanh(n.einsum("ij,kj->ki", a, b))),
    "where": (1, (1, 1), lambda n, a, b: n.where(np.array([True, False, True]), a, b)),
    "trace": (0, (2,), lambda n, a: n.trace(a)),
    "norm": (0, (1,), lambda n, a: n.sqrt(n.sum(a**2) + 0.1)),
    "solve": (1, (2, 1), lambda n, a, b: n.linalg.solve(n.tanh(a) / 4 + 2 * np.eye(N), b)),
    "spread": (2, (0,), lambda n, a: a * np.arange(9.0).reshape(3, 3) / 9),
}

BY_RANK = {r: [name for name, (rank, _, _) in OPERATIONS.items() if rank == r] for r in (0, 1, 2)}


class Program(NamedTuple):
    """Lines of (operation, for each operand its position among the earlier values of that rank)."""

    lines: tuple[tuple[str, tuple[int, ...]], ...]
    seed: int

    def inputs(self) -> tuple[Any, ...]:
        random = np.random.default_rng(self.seed)
        return float(random.uniform(-1, 1)), random.uniform(-1, 1, N), random.uniform(-1, 1, (N, N))

    def run(self, n: Any, *inputs: Any) -> Any:
        """The sum of everything that was computed last, so that no input is ignored."""
        known: list[list[Any]] = [[x] for x in inputs]
        for name, places in self.lines:
            rank, ranks, operation = OPERATIONS[name]
            operands = [known[r][p % len(known[r])] for r, p in zip(ranks, places, strict=True)]
            known[rank].append(operation(n, *operands))
        return known[0][-1] + n.sum(known[1][-1] * known[1][0]) + n.sum(known[2][-1] * known[2][0]) + known[0][0] ** 2


@st.composite
def programs(draw: st.DrawFn) -> Program:
    names = draw(st.lists(st.sampled_from(list(OPERATIONS)), min_size=1, max_size=9))
    lines = [(name, tuple(draw(st.integers(0, 9)) for _ in OPERATIONS[name][1])) for name in names]
    return Program(tuple(lines), draw(st.integers(0, 2**20)))
