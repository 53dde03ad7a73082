"""The table's operations number by number: what arrays compute, as rows of a tape that knows only numbers.

    cells = Cells()
    x = np.array([cells.given(), cells.given()])        two numbers that may change: a `Cell` each
    y = cells.value(primitives["dot"], (x, x))           a cell; on the way, the rows that it takes have been written

An array is a NumPy array of cells then, so what only moves numbers, adds or multiplies them is NumPy's own. Entries
that compare or call a function are written out below. The rules are the table's texts, in the same way.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np

from ..text.expression import Value
from ..text.slots import Named
from . import rules
from .entry import Primitive
from .table import BY_CODE, primitives
from .values import is_bool, shape_of, zeros

BEYOND = {"complex numbers", "own", "truth values"}  # families that are no sums of products
ORDERED = {"sort", "arranged", "put_back", "tied"}  # entries that ask which number is larger
TURNED = {"eigvalsh", "eigenvectors", "cholesky"}  # and those that must look whether a matrix is symmetric


class Beyond(Exception):
    """An operation that is not written number by number."""


def is_beyond(op: Primitive) -> bool:
    """Whether an entry is not written number by number; a real number's conjugate is that number."""
    return op.family in BEYOND and op.name not in ("conj", "real") or op.name in ORDERED | TURNED


class Cell(Named):
    """A number of the tape, by its place, called `t3`; what is computed with it is written there."""

    __slots__ = ("cells", "id")

    def __init__(self, cells: Cells, id: int) -> None:
        self.cells, self.id = cells, id

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"t{self.id}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cell) and self.id == other.id

    def __hash__(self) -> int:
        return self.id

    def beside(self, op: Primitive, other: Any, *pair: Any) -> Any:
        """An operation with another number; with an array NumPy goes through its entries."""
        return NotImplemented if isinstance(other, np.ndarray) else self.cells.of(op, *pair)

    def __pow__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self.cells.of(primitives["pow" if isinstance(other, Cell) else "power"], self, other)

    def __rpow__(self, other: Any) -> Any:
        return self.cells.of(primitives["pow"], other, self)


def _give_methods() -> None:
    """The operators, and the methods that NumPy's functions call on each element."""
    for op in (op for op in BY_CODE if op.elementwise and op.takes <= 2):
        if op.operator and op.arity == 1:
            setattr(Cell, f"__{op.operator}__", lambda self, op=op: self.cells.of(op, self))
        elif op.operator and op.operator != "pow":
            setattr(Cell, f"__{op.operator}__", lambda self, other, op=op: self.beside(op, other, self, other))
            setattr(Cell, f"__r{op.operator}__", lambda self, other, op=op: self.beside(op, other, other, self))
        if op.ufunc and op.takes == 1:
            setattr(Cell, op.ufunc, lambda self, op=op: self.cells.of(op, self))


_give_methods()


class Cells:
    """The rows of a tape while they are written: the columns of `graph/columns.py`, which grow."""

    def __init__(self) -> None:
        self.ops: list[str] = []
        self.code: list[int] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.constants: list[float] = []
        self._known: dict[tuple[Any, ...], int] = {}  # rows, and constants by their text: 0 and −0 are two
        self._space: dict[str, Callable[..., Any]] = {}
        for op in BY_CODE:
            by_entry = op.elementwise and op.takes <= 2
            self._space[op.name] = partial(self._entrywise, op) if by_entry else partial(_whole, op)
        self._space |= _rebound(self._space)

    def given(self) -> Cell:
        """A number that may change."""
        return self._row(-1, 0, 0)

    def place(self, x: Any) -> int:
        """A constant as an operand: below 0."""
        key = ("constant", repr(float(x)))
        if key not in self._known:
            self.constants.append(float(x))
            self._known[key] = -len(self.constants)
        return self._known[key]

    def cell(self, x: Any) -> Cell:
        """The cell of a number."""
        return x if isinstance(x, Cell) else self._row(-2, self.place(x), 0)

    def _row(self, code: int, left: int, right: int) -> Cell:
        row = (code, left, right)
        if code == -1 or row not in self._known:
            self._known[row] = len(self.code)
            for column, x in zip((self.code, self.left, self.right), row, strict=True):
                column.append(x)
        return Cell(self, self._known[row])

    def of(self, op: Primitive, *xs: Any, exact: bool = False) -> Any:
        """An operation on numbers, a cell; or a number, where it is known already. `exact` writes its row anyway."""
        if not exact:
            if not any(isinstance(x, Cell) for x in xs):
                with np.errstate(all="ignore"):
                    return float(op.array(*map(np.float64, xs)))
            known = _same(op, xs)
            if known is not None:
                return known
        if op.name not in self.ops:
            self.ops.append(op.name)
        first = self.cell(xs[0]).id
        second = self.place(xs[1]) if op.params else self.cell(xs[1]).id if len(xs) > 1 else 0
        return self._row(self.ops.index(op.name), first, second)

    def _entrywise(self, op: Primitive, *xs: Any) -> Any:
        return np.frompyfunc(partial(self.of, op), len(xs), 1)(*xs)

    def _worth(self, text: str, op: Primitive, operands: Sequence[Any], **named: Any) -> Any:
        names = dict(zip(op.args + op.params, operands, strict=True))
        return _settled(Value(self._space | names | named).of(text))

    # --- what a graph needs -------------------------------------------------------------------------------------------

    def value(self, op: Primitive, operands: Sequence[Any]) -> Any:
        """The value of an operation; of a number, whose node the page shows, always a row of its own."""
        if op.elementwise and op.takes <= 2 and not any(map(shape_of, operands)):
            return self.of(op, *operands, exact=True)
        return _settled(self._space[op.name](*operands))

    def slope(self, op: Primitive, slot: int, y: Any, operands: Sequence[Any]) -> Any:
        """The local partial of an elementwise operation, one for each entry."""
        return self._worth(op.exact[slot], op, operands, y=y)

    def pull(self, op: Primitive, slot: int, bar: Any, y: Any, operands: Sequence[Any]) -> Any:
        """What the adjoint of a value sends to one operand, as `Primitive.pull` does it with numbers."""
        if op.variadic:
            return self.fitted(self._worth(op.pulls[0], op, operands, y=y, bar=bar)[slot], operands[0][slot])
        if not op.elementwise:
            sent = self._worth(op.pulls[slot], op, operands, y=y, bar=bar)
        else:
            sent = bar if op.partials[slot] == "1" else bar * self.slope(op, slot, y, operands)
        return self.fitted(sent, operands[slot])

    def push(self, op: Primitive, dots: Sequence[Any], y: Any, operands: Sequence[Any]) -> Any:
        """The tangent of a value, given those of its operands, None for one that does not move; None if it is 0."""
        if op.variadic:
            filled = tuple(zeros(x) if d is None else d for d, x in zip(dots, operands[0], strict=True))
            return self._worth(op.pushes[0], op, operands, y=y, dot=filled)
        total = None
        for slot, dot in enumerate(dots):
            if dot is None or not op.moves(slot):
                continue
            if not op.elementwise:
                term = self._worth(op.pushes[slot], op, operands, y=y, dot=dot)
            else:
                term = dot if op.partials[slot] == "1" else self.slope(op, slot, y, operands) * dot
            total = term if total is None else total + term
        return None if total is None else self.fitted(total, y)

    def fitted(self, x: Any, like: Any) -> Any:
        """A derivative in the shape of its value."""
        return _settled(self._space["fit"](x, like))


def _same(op: Primitive, xs: Sequence[Any]) -> Any:
    """What a sum or product is without writing it: of a number with 0 or 1; None for anything else."""
    a, b = xs if len(xs) == 2 else (None, None)
    if op.name == "mul" and (_is(a, 0) or _is(b, 0)):
        return 0.0
    if op.neutral is not None and _is(b, op.neutral) or op.name in ("sub", "div") and _is(b, op.name == "div"):
        return a
    return b if op.neutral is not None and _is(a, op.neutral) else None


def _is(x: Any, number: float) -> bool:
    return not isinstance(x, Cell) and x is not None and x == number


def _settled(x: Any) -> Any:
    """An array without axes as what is in it."""
    return x[()] if isinstance(x, np.ndarray) and not x.ndim else x


def _rebound(space: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """The helpers of the rules, with these operations in place of the table's own."""
    ours: dict[str, Any] = dict(vars(rules))
    found = {k: f for k, f in ours.items() if inspect.isfunction(f) and f.__module__ == rules.__name__}
    made = {k: FunctionType(f.__code__, ours, k, f.__defaults__, f.__closure__) for k, f in found.items()}
    ours |= made | {"op": space.__getitem__}
    return made | {"shape_of": shape_of}


# --- maps of whole arrays ---------------------------------------------------------------------------------------------


def _whole(op: Primitive, *operands: Any) -> Any:
    """The value of a map of whole arrays."""
    if is_beyond(op):
        raise Beyond(op.name)
    if op.family == "complex numbers":  # of real numbers
        return operands[0]
    missing = op.takes - len(operands)
    return (_WRITTEN.get(op.name) or op.array)(*operands, *(op.defaults[-missing:] if missing else ()))


def _each(name: str) -> Any:
    """An elementwise operation as a function of arrays of cells."""
    op = primitives[name]

    def one(*xs: Any) -> Any:
        cells = next((x.cells for x in xs if isinstance(x, Cell)), None)
        return cells.of(op, *xs) if cells is not None else float(op.array(*map(np.float64, xs)))

    return np.frompyfunc(one, op.takes, 1)


_larger, _share, _gate, _log, _size, _side = map(_each, "maximum share gate log abs side".split())


def _axes(x: Any, axis: Any) -> Iterable[int]:
    return range(np.ndim(x)) if axis is None else [k % np.ndim(x) for k in np.atleast_1d(axis).tolist()]


def _max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    x = np.asarray(x, dtype=object)
    axes = sorted(_axes(x, axis))
    for k in axes:
        x = _larger.reduce(x, axis=k, keepdims=True)
    return x if keepdims else np.squeeze(np.asarray(x, dtype=object), tuple(axes))


def _largest(x: Any, axis: Any) -> Any:
    at = _share(x, _max(x, axis, True)) * 2.0  # none is larger than the largest
    return at / at.sum(axis=axis, keepdims=True)


def _norm(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    top = _max(x, axis, True)
    y = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return y if keepdims else np.squeeze(y, axis=axis)


def _softmax(x: Any, axis: int = -1) -> Any:
    e = np.exp(x - _max(x, axis, True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: int = -1) -> Any:
    less = x - _max(x, axis, True)
    return less - _logsumexp(less, axis, True)


def _cross_entropy(z: Any, p: Any, axis: int = -1) -> Any:
    return -np.sum(p * _log_softmax(z, axis), axis=axis)


def _where(c: Any, a: Any, b: Any) -> Any:
    c = np.asarray(c, dtype=float) if is_bool(c) else c
    return c * a + (1.0 - c) * b


def _greater(a: Any, b: Any) -> Any:
    return _gate(np.subtract(a, b))


def _not_less(a: Any, b: Any) -> Any:
    return 1.0 - _greater(b, a)


def _equal(a: Any, b: Any) -> Any:
    return _not_less(a, b) * _not_less(b, a)


def _det(x: Any) -> Any:
    return x[0, 0] * x[1, 1] - x[0, 1] * x[1, 0] if len(x) == 2 else x[0, 0]


def _inv(x: Any) -> Any:
    """By Cramer's rule: a square matrix of up to six entries has two rows at most."""
    if len(x) != 2:
        return 1.0 / x
    return np.array([[x[1, 1], -x[0, 1]], [-x[1, 0], x[0, 0]]], dtype=object) / _det(x)


# What NumPy computes in another way, which stays right where a number on this way is infinite.
FRAGILE = set("det logdet detsign inv solve norm logsumexp softmax log_softmax cross_entropy".split())
_WRITTEN: dict[str, Callable[..., Any]] = {
    "det": _det,
    "logdet": lambda x: _log(_size(_det(x))),
    "detsign": lambda x: _side(_det(x)),
    "inv": _inv,
    "solve": lambda a, b: _inv(a) @ b,
    "max": _max,
    "largest": _largest,
    "norm": _norm,
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "cross_entropy": _cross_entropy,
    "where": _where,
    "greater": _greater,
    "greater_equal": _not_less,
    "less": lambda a, b: _greater(b, a),
    "less_equal": lambda a, b: _not_less(b, a),
    "equal": _equal,
    "not_equal": lambda a, b: 1.0 - _equal(a, b),
}
