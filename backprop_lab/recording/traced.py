"""Recording values: they stand for numbers and arrays, compute like them, and write on a tape what happens to them.

From the top: what such a value is; how an operation is recorded (`record_call`, and `record_one` for what is used
most); the operators, written out from the table's texts. What decides a branch is in `comparisons`, what stands beside
traced values in `operands`, NumPy's functions and methods in `numpy.dispatch`, what cannot be recorded in `sentences`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, NoReturn

import numpy as np

from ..errors import LabError, TraceError
from ..source import noticed, places, quote
from ..table.functions import lifters
from ..table.table import Primitive, primitives
from ..table.values import is_array, is_bool, is_complex, is_traced, plain, shape_of
from ..table.walk import Record
from ..text.notation import number
from ..text.written import run_text
from .comparisons import Comparing, settled_truth
from .operands import REAL, as_key, constant, plain_operand
from .sentences.refusals import misfit, refuse_format
from .tape import CONSTANT, INPUT, Tape, innermost

POWER, SQUARE, POW, NEG, ABS, MODULUS = map(primitives.__getitem__, "power square pow neg abs modulus".split())


class Traced(Comparing):
    """A recording value: it stands for a number, computes like one, and writes down what happens to it."""

    __slots__ = ("_id_", "_tape_", "_value_")
    __array_priority__ = 1000  # NumPy's arrays leave mixed operations to us
    _tape_: Tape
    _id_: int
    _value_: Any
    _record_: ClassVar[Callable[..., Any]]  # `record_call` and `record_one`, for the table's functions
    _record_one_: ClassVar[Callable[..., Any]]

    def __repr__(self) -> str:
        _notice_text()
        return f"traced {number(plain(self))}"

    def __format__(self, spec: str) -> str:
        _notice_text()
        try:
            return format(self._value_, spec) if spec else repr(self)  # printing for a look changes nothing
        except (TypeError, ValueError):
            refuse_format(self, spec)

    def __deepcopy__(self, memo: Any = None) -> Traced:
        return self

    __copy__ = __deepcopy__

    def __hash__(self) -> int:
        noticed.notice(f"it looks a traced value up in a set or a dict{quote.here()}", "compare with ==")
        return object.__hash__(self)  # identity: two values that happen to be equal stay different keys

    def __neg__(self) -> Any:
        return record_one(self, NEG)

    def __abs__(self) -> Any:
        return record_one(self, ABS)

    def __pos__(self) -> Any:
        return np.positive(self)

    def __pow__(self, other: Any, modulo: Any = None) -> Any:
        if modulo is not None:
            raise TraceError("pow with a modulus has no derivative; write x ** n")
        kind = other.__class__
        if kind is int:
            if other == 2:
                return record_one(self, SQUARE)
            if not -(2**53) < other < 2**53:
                other = plain_operand(other, POWER)
        else:
            if kind is Traced or not isinstance(other, float | np.integer | np.floating):
                return _slow(POW, self, other)
            other = float(other)
            if other.is_integer() and abs(other) < 1e15:
                other = int(other)
        return record_one(self, SQUARE) if other == 2 else record_one(self, POWER, other)

    def __rpow__(self, other: Any) -> Any:
        return _slow(POW, other, self)

    def _objects_(self) -> np.ndarray:
        """What NumPy gets when it makes an array of Python objects: this one, or one for each element."""
        x: Any = self
        found = np.empty(shape_of(x), dtype=object)
        for place in np.ndindex(found.shape):
            found[place] = x[place] if place else x
        return found


def _notice_text() -> None:
    noticed.notice(f"it makes a text of a traced value{quote.here()}", "compute with the number, not with its text")


class TracedArray(Traced):
    """A recording value that stands for an array."""

    __slots__ = ()

    def __len__(self) -> int:
        return shape_of(self)[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        y = record_call(primitives["index"], (self, as_key(key)))
        return settled_truth(y) if is_bool(self) else y

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise TraceError(
            "a traced array cannot be written into, because its old numbers are needed again in the reverse sweep; "
            "build the new array with np.where, np.stack or np.concatenate"
        )

    def __contains__(self, x: Any) -> NoReturn:
        raise TraceError("in asks about plain numbers; write np.any(x == number)")


# --- recording: one general way, and fast ways for what is used most --------------------------------------------------


def new_input(tape: Tape, value: Any) -> Traced:
    """A recording value for one input of the function."""
    if tape.places is not None:
        tape.note(None)
    out = _standing(tape, len(tape), value)
    tape.append((INPUT, 0, 0, None, None, value))
    if value.__class__ is not float:
        tape.general = tape.general or value.__class__ is not Traced or value._tape_.general
        tape.nested = tape.nested or is_traced(value)
    return out


def new_floats(tape: Tape, values: Sequence[float]) -> list[Traced]:
    """The same for inputs that are all floats, on a lean tape: without a call for each."""
    given = []
    for x in values:
        out = Traced()
        out._tape_, out._id_, out._value_ = tape, len(tape), x
        tape.append((INPUT, 0, 0, None, None, x))
        given.append(out)
    return given


def _standing(tape: Tape, position: int, value: Any) -> Traced:
    """The recording value that stands for what is at a position of the tape."""
    out = (TracedArray if value.__class__ is np.ndarray or value.__class__ is TracedArray else Traced)()
    out._tape_, out._id_, out._value_ = tape, position, value
    return out


def value_at(tape: Tape, position: int) -> Any:
    """The same from the tape alone; a constant is handed out as it is."""
    code, *_, value = tape[position]
    return value if code == CONSTANT else _standing(tape, position, value)


def record_call(op: Primitive, operands: tuple[Any, ...]) -> Any:
    """Apply a primitive to operands of which at least one is traced, and record it on the innermost tape.

    `operands` are the nodes and then the settings, as the primitive's function takes them. One that is outside its
    domain is a DomainError; one that is no number, or shapes that do not fit, are a TraceError.
    """
    nodes, settings = op.parted(operands)
    if op is POWER and is_traced(settings[0]):
        return record_call(POW, operands)
    if settings and op.elementwise:
        settings = tuple(plain_operand(x, op) for x in settings)
    tape = innermost(nodes)
    ids: list[int] = []
    values: list[Any] = []
    floats = op.elementwise
    for slot, x in enumerate(nodes):
        kind = x.__class__
        if (kind is Traced or kind is TracedArray) and x._tape_ is tape:
            ids.append(x._id_)
            x = x._value_
        else:
            if kind is not float and kind is not Traced and kind is not TracedArray:
                if kind is np.ndarray and x.dtype == object and is_traced(y := lifters[0](x)):
                    return record_call(op, op.joined([y if other is x else other for other in nodes], settings))
                of_truths = (kind is bool or kind is np.bool_) and any(map(is_bool, nodes))
                x = bool(x) if of_truths else plain_operand(x, op)
            ids.append(constant(tape, x, 99 if op.variadic else slot))
        values.append(x)
        floats = floats and (x.__class__ is float or x.__class__ is int or x.__class__ is Traced)
    if op is ABS and is_complex(values[0]):
        op = MODULUS
    y = _evaluate(op, op.joined(values, settings))
    if not floats or (y.__class__ is not float and y.__class__ is not Traced):
        tape.general = True
    return _write(tape, op.record(ids, values, settings, y))


def record_one(x: Traced, op: Primitive, n: Any = None) -> Any:
    """The same for a primitive of one operand, and a setting where it has one."""
    a = x._value_
    if a.__class__ is not float:
        return record_call(op, (x,) if n is None else (x, n))
    try:
        y = op.scalar(a) if n is None else op.scalar(a, n)
    except (ArithmeticError, ValueError):
        y = _evaluate(op, (a,) if n is None else (a, n))
    tape = x._tape_
    out = Traced()  # as `_write` does it, without the call
    out._tape_ = tape
    out._id_ = len(tape)
    out._value_ = y
    tape.append((op.code, x._id_, 0, a, n, y))
    if tape.places is not None:
        tape.note(sys._getframe(1))
    return out


Traced._record_, Traced._record_one_ = staticmethod(record_call), record_one


def _write(tape: Tape, record: Record) -> Traced:
    _, _, _, _, _, y = record
    out = _standing(tape, len(tape), y)
    tape.append(record)
    if tape.places is not None:
        if y.__class__ is np.ndarray:
            y.flags.writeable = False  # a graph's numbers stay what they were
        tape.note(sys._getframe(2))
    return out


def _evaluate(op: Primitive, operands: tuple[Any, ...]) -> Any:
    """A primitive's value, where an error gets the student's line into its sentence."""
    if op.real and any(map(is_complex, operands)):
        raise TraceError(
            f"{op.name} is for real numbers, and complex numbers have no order; use np.abs(z), z.real or z.imag"
        )
    try:
        if op is POW and not any(is_array(x) or is_complex(x) for x in operands):
            op.check_domain(operands)  # Python has (-2)**2.0, but no slope in the exponent there
        if all(x.__class__ is float for x in operands):
            return op.function(*operands)
        with np.errstate(all="ignore"):  # an inf or a nan is shown on the graph
            return op.function(*operands)
    except LabError:
        raise
    except (ValueError, IndexError, TypeError) as error:
        if op.name == "custom":
            raise  # an error in the student's own function
        raise misfit(op, operands, error) from None


# --- operators --------------------------------------------------------------------------------------------------------


_FOREIGN = (complex, np.generic, np.ndarray, str, bytes, list, tuple, dict, set, type(None))


def _slow(op: Primitive, a: Any, b: Any) -> Any:
    """What the fast operators leave: other tapes, arrays, NumPy's scalars, things that are not numbers."""
    other = b if is_traced(a) else a
    if isinstance(other, (*REAL, *_FOREIGN)) or is_traced(other):
        return record_call(op, (a, b))
    return NotImplemented  # another library's type may know what to do with a traced value


_KEEP = """\
    out = Traced()
    out._tape_ = tape
    out._id_ = len(tape)
    out._value_ = y
    tape.append(({code}, i, j, a, b, y))
    if tape.places is not None:
        tape.note_place()
    return out
"""
_BINARY = (
    """\
def __{name}__(self, other):
    kind = other.__class__
    tape = self._tape_
    if kind is Traced:
        if other._tape_ is not tape:
            return slow(OP, self, other)
        b = other._value_
        j = other._id_
    elif kind is float or kind is int:
        b = other
        j = 0 if tape.places is None else constant(tape, b, 1)
    else:
        return slow(OP, self, other)
    i = self._id_
    a = self._value_
    try:
        y = {text}
    except Exception:
        return slow(OP, self, other)
"""
    + _KEEP
    + """

def __r{name}__(self, other):
    kind = other.__class__
    if kind is not float and kind is not int:
        return slow(OP, other, self)
{start}    tape = self._tape_
    a = other
    b = self._value_
    j = self._id_
    try:
        y = {text}
    except Exception:
        return slow(OP, other, self)
    i = 0 if tape.places is None else constant(tape, a, 0)
"""
    + _KEEP
)
# What `sum(terms)` and `math.prod(terms)` begin with is no operand: nobody wrote it.
_START = """\
    if other == {neutral} and kind is int and started(self):
        return self
"""


def _started(x: Traced) -> bool:
    """Whether a call such as `sum(terms)` adds its first term to the 0 that it begins with."""
    if not places.begins_by_itself(sys._getframe(2)):
        return False
    value = np.asarray(plain(x))  # 0 + True is a whole number, and 0 + -0.0 is 0.0
    return value.dtype.kind in "fc" and not np.any((value == 0) & np.signbit(value.real))


def _install_operators() -> None:
    """Give traced values the table's operators of two operands; those of arrays take no short cuts."""
    for op in primitives.values():
        if not op.operator or op.arity != 2 or op is POW:
            continue

        def left(self: Traced, other: Any, op: Primitive = op) -> Any:
            return _slow(op, self, other)

        def right(self: Traced, other: Any, op: Primitive = op) -> Any:
            begins = other.__class__ is int and other == op.neutral and _started(self)
            return self if begins else _slow(op, other, self)

        space = {"OP": op, "slow": _slow, "Traced": Traced, "started": _started, "constant": constant}
        start = "" if op.neutral is None else _START.format(neutral=op.neutral)
        source = _BINARY.format(name=op.operator, text=op.text, code=op.code, start=start)
        run_text(source, space, f"backprop_lab: {op.symbol} of traced values")
        for name, of_arrays in ((f"__{op.operator}__", left), (f"__r{op.operator}__", right)):
            setattr(Traced, name, space[name])
            setattr(TracedArray, name, of_arrays)


_install_operators()
