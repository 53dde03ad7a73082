"""Recording values: they stand for numbers, compute like numbers, and write on a tape what happens to them.

Every operator of Python, every function of the lab and every function of NumPy that the table knows ends up in one of
three places: the operators written out from the table, `record_one`, or `record_call`. What cannot be recorded is in
`refusals`.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np

from . import source
from .errors import DomainError, LabError, TraceError
from .node import INPUT
from .notation import number
from .primitives import Primitive, primitives
from .refusals import UFUNCS, Refusals, refuse_operand, refuse_ufunc
from .source import ENGINE, find_place
from .tape import Comparison, Record, Tape, refuse_leaked

__all__ = ["REAL", "Traced", "new_input", "record_call"]

source.engine_module(globals())
_new = object.__new__
REAL = (float, int, Real, np.bool_)
_EXPONENTS = (float, np.integer, np.floating)
POWER, SQUARE, POW, NEG, ABS = (primitives[name] for name in ("power", "square", "pow", "neg", "abs"))


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
        if kind is int:
            if not -(2**53) < other < 2**53:
                other = _plain_number(other, POWER)
        else:
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


# --- recording: one general way, and fast ways for what is used most --------------------------------------------------


def new_input(tape: Tape, value: Any) -> Traced:
    """A recording value for one input of the function."""
    if tape.places is not None:
        tape.places.append(None)
    out = _new(Traced)
    out.tape, out.id, out.value = tape, len(tape), value
    tape.append((INPUT, 0, 0, None, None, value))
    return out


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
