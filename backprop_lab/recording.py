"""Recording values and the tapes they write on.

A record is a tuple `(code, i, j, a, b, y)`: the primitive's code in the table, the tape positions of the operands, the
operands' values, and the result. Nothing here knows derivatives. Two kinds of tape share the code:

* a *sourced* tape, for graphs that people look at: constants are records too, every record knows its source line, and
  comparisons are kept, so that a replay can tell when a branch would go the other way;
* a *lean* tape, for `grad` and its kin: constants have no record (position 0 is a dummy that collects what they get).

Tapes nest: with `grad` inside a traced function, the values on the inner tape are recording values of the outer one.
"""

from __future__ import annotations

import ast
import itertools
import math
import operator
import sys
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, NamedTuple, NoReturn

import numpy as np

from . import source
from .errors import DomainError, LabError, TraceError
from .graph import CONSTANT, INPUT
from .notation import number
from .primitives import Primitive, primitives
from .refusals import UFUNCS, Refusals, refuse_operand, refuse_ufunc
from .source import ENGINE, Place, find_place, place_of

__all__ = ["REAL", "Comparison", "Tape", "Traced", "record_call"]

source.engine_module(globals())
Record = tuple[int, int, int, Any, Any, Any]
_serial = itertools.count()
_new = object.__new__
REAL = (float, int, Real, np.bool_)
_EXPONENTS = (float, np.integer, np.floating)
POWER, SQUARE, POW, NEG = (primitives[name] for name in ("power", "square", "pow", "neg"))


class Comparison(NamedTuple):
    """One comparison that the function made: positions of traced operands or -1, the numbers, and how it came out."""

    sign: str
    i: int
    j: int
    a: Any
    b: Any
    outcome: bool
    place: Place | None


class Tape(list[Record]):
    """Records in the order of execution, which is a topological order.

    `serial` tells inner tapes (later, higher) from outer ones. `places` is None on a lean tape. `nested` says that
    an input is itself a recording value.
    """

    __slots__ = ("comparisons", "constants", "nested", "places", "serial")

    def __init__(self, sourced: bool) -> None:
        self.serial = next(_serial)
        self.nested = False
        self.places: list[Place | None] | None = [] if sourced else None
        self.constants: dict[Any, tuple[int, Place | None]] = {}
        self.comparisons: list[Comparison] = []
        if not sourced:
            self.append((CONSTANT, 0, 0, None, None, None))

    def input(self, value: Any) -> Traced:
        """A recording value for one input."""
        if self.places is not None:
            self.places.append(None)
        return self.push((INPUT, 0, 0, None, None, value))

    def push(self, record: Record) -> Traced:
        """Append a record and return its recording value."""
        out = _new(Traced)
        out.tape, out.id, out.value = self, len(self), record[5]
        self.append(record)
        return out

    def note_place(self) -> None:
        """Remember the source of the record just made, by an operator that the student's code called."""
        frame = sys._getframe(2)
        place: Place | None = place_of(frame.f_code, frame.f_lasti)
        if place.passes_on or ENGINE in frame.f_globals:  # type: ignore[union-attr]
            place = find_place(frame)
        self.places.append(place)  # type: ignore[union-attr]

    def constant(self, value: Any, slot: int) -> int:
        """The position of a constant operand; the same number at the same place in the source is one node."""
        if self.places is None:
            return 0
        place = find_place(sys._getframe(2))
        name = _operand_name(place, slot)
        where = (id(place), slot) if place is None or name is None else (id(place.code), name)
        what = id(value) if value.__class__ is Traced else value or repr(value)  # 0.0 == -0.0, but they differ
        key = (where, value.__class__, what)
        known = self.constants.get(key)
        if known is not None:
            return known[0]
        self.constants[key] = len(self), place  # the place stays alive, so its id stays its own
        self.places.append(place._replace(name=name, passes_on=False) if place else None)
        self.append((CONSTANT, 0, 0, None, None, value))
        return len(self) - 1

    def close(self) -> None:
        """The call is over: nothing can be recorded any more."""
        self.constants = {}
        self.__class__ = _Closed

    @property
    def closed(self) -> bool:
        return self.__class__ is _Closed


def _operand_name(place: Place | None, slot: int) -> str | None:
    """What the student calls an operand, unless the expression is a call of something else, as in `sum(terms)`."""
    if place is None or slot >= len(place.operands):
        return None
    if isinstance(place.node, ast.Call) and ast.unparse(place.node.func).rsplit(".", 1)[-1] not in _FUNCTION_NAMES:
        return None
    return place.operands[slot]


_FUNCTION_NAMES = {*primitives, *(op.ufunc for op in primitives.values())}


class _Closed(Tape):
    """A tape after its call. A class of its own, so that open tapes need not ask on every operation."""

    __slots__ = ()

    def append(self, record: Record) -> NoReturn:
        refuse_leaked()


def refuse_leaked() -> NoReturn:
    """Raise the sentence for a traced value that outlived its call."""
    raise TraceError(
        f"this uses a traced value from an earlier call, which has ended{source.here()}; "
        "pass it on as an argument or a result, and do not store it outside the function"
    )


class Traced(Refusals):
    """A recording value: it stands for a number, computes like one, and writes down what happens to it."""

    __slots__ = ("id", "tape", "value")
    __array_priority__ = 1000
    tape: Tape
    id: int
    value: Any

    def __repr__(self) -> str:
        return f"traced {number(self.value) if isinstance(self.value, float) else self.value}"

    def __format__(self, spec: str) -> str:
        return format(self.value, spec) if spec else repr(self)  # printing for a look changes nothing

    def __copy__(self) -> Traced:
        return self

    def __deepcopy__(self, memo: Any) -> Traced:
        return self

    def _record_one_(self, op: Primitive) -> Any:
        return record_one(self, op)

    @staticmethod
    def _record_(op: Primitive, operands: tuple[Any, ...]) -> Any:
        return record_call(op, operands)

    def __neg__(self) -> Any:
        return record_one(self, NEG)

    def __abs__(self) -> Any:
        return record_one(self, ABS)

    def __pos__(self) -> Any:
        return self

    def __pow__(self, other: Any, modulo: Any = None) -> Any:
        if modulo is not None:
            raise TraceError(f"pow with a modulus has no derivative{source.here()}; write x ** n")
        kind = other.__class__
        if kind is not int:
            if kind is Traced or not isinstance(other, _EXPONENTS):
                return _slow(POW, self, other)
            other = float(other)
            if other.is_integer() and abs(other) < 1e15:
                other = int(other)
        return record_one(self, SQUARE) if other == 2 else _record_power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return _slow(POW, other, self)

    def __bool__(self) -> bool:
        return bool(_compare("!=", operator.ne, self, 0.0))

    __hash__ = object.__hash__  # identity: two values that happen to be equal stay different keys

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        op = UFUNCS.get(ufunc)
        if method != "__call__" or options:
            refuse_ufunc(ufunc, method, options)
        if op is not None:
            if op.arity == 1:
                return record_one(operands[0], op)
            if op is POW and operands[0].__class__ is Traced:
                return operands[0] ** operands[1]
            return record_call(op, operands)
        if ufunc in _COMPARING:
            return _compare(*_COMPARING[ufunc], *operands)
        if ufunc is np.positive:
            return self
        refuse_ufunc(ufunc, method, options)


ABS = primitives["abs"]


# --- recording: one general way, and fast ways for what is used most --------------------------------------------------


def record_call(op: Primitive, operands: tuple[Any, ...]) -> Any:
    """Apply a primitive to operands of which at least one is traced, and record it on the innermost tape.

    Raises
    ------
    DomainError : an operand is outside the primitive's domain; the sentence names it and the student's line
    TraceError : an operand is not a number
    """
    tape = _innermost(operands)
    ids, values = [0, 0], [None, None]
    for k, x in enumerate(operands):
        if x.__class__ is Traced and x.tape is tape:
            ids[k], values[k] = x.id, x.value
            continue
        if x.__class__ is not float and x.__class__ is not Traced:
            x = _plain_number(x, op)
        values[k] = x
        if k < op.arity:
            ids[k] = tape.constant(x, k)
    y = _evaluate(op, values[: len(operands)])
    return _write(tape, (op.code, *ids, *values, y))


def _innermost(operands: tuple[Any, ...]) -> Tape:
    tapes = [x.tape for x in operands if x.__class__ is Traced]
    return tapes[0] if len(tapes) == 1 or tapes[0] is tapes[-1] else max(tapes, key=_serial_of)


def record_one(x: Traced, op: Primitive) -> Any:
    """The same for a primitive of one operand and no settings."""
    a = x.value
    try:
        y = op.scalar(a) if a.__class__ is float else op.function(a)
    except (ArithmeticError, ValueError):
        y = _evaluate(op, (a,))
    return _write(x.tape, (op.code, x.id, 0, a, None, y))


def _record_power(x: Traced, n: int | float) -> Any:
    a = x.value
    try:
        y = math.pow(a, n) if a.__class__ is float else POWER.function(a, n)
    except (ArithmeticError, ValueError):
        y = _evaluate(POWER, (a, n))
    return _write(x.tape, (POWER.code, x.id, 0, a, n, y))


def _write(tape: Tape, record: Record) -> Traced:
    out = _new(Traced)
    out.tape, out.id, out.value = tape, len(tape), record[5]
    tape.append(record)
    if tape.places is not None:
        tape.places.append(find_place(sys._getframe(2)))
    return out


def _evaluate(op: Primitive, values: Sequence[Any]) -> Any:
    """A primitive's value, where an error gets the student's line into its sentence."""
    try:
        if op is POW:  # Python has (-2)**2.0, but no slope in the exponent there
            op.check_domain(values)
        return op.function(*values)
    except LabError as error:
        if error.located:
            raise
        located = type(error)(f"{error}{source.here()}; choose other inputs, or guard the operation with an if")
        located.located = True
        raise located from None


def _serial_of(tape: Tape) -> int:
    return tape.serial


def _plain_number(x: Any, op: Primitive) -> Any:
    """An operand that is not traced, as an int or a float."""
    if isinstance(x, np.ndarray) and x.ndim == 0:
        x = x.item()
    if not isinstance(x, REAL):
        refuse_operand(op.name, x)
    try:
        return int(x) if isinstance(x, int) and float(x) == x else float(x)
    except OverflowError:
        raise DomainError(
            f"a whole number is too large to compute with{source.here()}; stay below 1.8e308, where floats end"
        ) from None


_FOREIGN_TO_NUMBERS = (complex, np.complexfloating, np.ndarray, str, bytes, list, tuple, dict, set, type(None))


def _slow(op: Primitive, a: Any, b: Any) -> Any:
    """What the fast operators leave: other tapes, NumPy's scalars, things that are not numbers."""
    other = b if a.__class__ is Traced else a
    if isinstance(other, REAL) or other.__class__ is Traced:
        return record_call(op, (a, b))
    if isinstance(other, np.ndarray) and other.ndim == 0:
        return record_call(op, (a, b))
    if isinstance(other, _FOREIGN_TO_NUMBERS):
        refuse_operand(op.name, other)
    return NotImplemented  # another library's type may know what to do with a traced value


_BINARY = '''
def __{name}__(self, other):
    kind = other.__class__
    tape = self.tape
    if kind is Traced:
        if other.tape is not tape:
            return slow(OP, self, other)
        b = other.value
        j = other.id
    elif kind is float or kind is int:
        b = other
        j = 0 if tape.places is None else tape.constant(b, 1)
    else:
        return slow(OP, self, other)
    a = self.value
    try:
        y = {text}
    except Exception:
        return slow(OP, self, other)
    out = new(Traced)
    out.tape = tape
    out.id = len(tape)
    out.value = y
    tape.append(({code}, self.id, j, a, b, y))
    if tape.places is not None:
        tape.note_place()
    return out

def __r{name}__(self, other):
    kind = other.__class__
    if kind is not float and kind is not int:
        return slow(OP, other, self)
    tape = self.tape
    a = other
    b = self.value
    try:
        y = {text}
    except Exception:
        return slow(OP, other, self)
    i = 0 if tape.places is None else tape.constant(a, 0)
    out = new(Traced)
    out.tape = tape
    out.id = len(tape)
    out.value = y
    tape.append(({code}, i, self.id, a, b, y))
    if tape.places is not None:
        tape.note_place()
    return out
'''


def _install_operators() -> None:
    """Give `Traced` the table's operators of two operands, and the comparisons, which answer with a plain bool."""
    for op in primitives.values():
        if op.operator and op.arity == 2 and op is not POW:
            space = {"OP": op, "slow": _slow, "new": _new, "Traced": Traced, ENGINE: True}
            exec(_BINARY.format(name=op.operator, text=op.text, code=op.code), space)
            for method in (f"__{op.operator}__", f"__r{op.operator}__"):
                setattr(Traced, method, space[method])
    for method, (sign, compare, _) in _COMPARISONS.items():
        setattr(Traced, f"__{method}__", _comparison(sign, compare))


_COMPARISONS = {
    "lt": ("<", operator.lt, np.less),
    "le": ("<=", operator.le, np.less_equal),
    "gt": (">", operator.gt, np.greater),
    "ge": (">=", operator.ge, np.greater_equal),
    "eq": ("==", operator.eq, np.equal),
    "ne": ("!=", operator.ne, np.not_equal),
}
_COMPARING = {ufunc: (sign, compare) for sign, compare, ufunc in _COMPARISONS.values()}


def _comparison(sign: str, compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
    return lambda self, other: _compare(sign, compare, self, other)


def _compare(sign: str, compare: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """Compare the numbers behind traced values, and keep the outcome where a replay will want to check it."""
    plain_a, plain_b = (x.value if x.__class__ is Traced else x for x in (a, b))
    answer = compare(plain_a, plain_b)
    if isinstance(answer, np.ndarray) and answer.ndim:
        refuse_operand(sign, a if isinstance(a, np.ndarray) else b)
    for x in (a, b):
        if x.__class__ is Traced and x.tape.places is not None:
            tape = x.tape
            if tape.closed:
                refuse_leaked()
            i, j = (v.id if v.__class__ is Traced and v.tape is tape else -1 for v in (a, b))
            place = find_place(sys._getframe(1))
            tape.comparisons.append(Comparison(sign, i, j, plain_a, plain_b, bool(answer), place))
            break
    return bool(answer)


_install_operators()
