"""Recording values: they stand for numbers and arrays, compute like them, and write on a tape what happens to them.

Every operator of Python, every function of the lab and every function of NumPy that the table knows ends up in one of
three places: the operators written out from the table (numbers only), `record_one`, or `record_call`. NumPy's functions
for arrays are in `dispatch`; what cannot be recorded is in `refusals`.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from ..errors import DomainError, LabError, TraceError
from ..source import frames, noticed, places, quote
from ..source.frames import ENGINE
from ..source.places import find_place
from ..table.entry import lifters
from ..table.table import Primitive, primitives
from ..table.values import is_array, is_bool, is_complex, plain, shape_of
from ..text.notation import number
from .sentences.refusals import UFUNCS, Refusals, called_function, refuse_format, refuse_operand
from .tape import CONSTANT, INPUT, Comparison, Record, Tape, refuse_leaked

__all__ = [
    "POW", "REAL", "Traced", "TracedArray", "compare", "innermost", "is_traced", "matmul", "new_input", "record_call",
    "record_one", "settle_comparison", "settled_truth", "truths", "value_at",
]  # fmt: skip

frames.engine_module(globals())
_new = object.__new__
REAL = (float, int, Real, np.bool_)
_EXPONENTS = (float, np.integer, np.floating)
POWER, SQUARE, POW, NEG, ABS, MODULUS = (
    primitives[name] for name in ("power", "square", "pow", "neg", "abs", "modulus")
)


class Traced(Refusals):
    """A recording value: it stands for a number, computes like one, and writes down what happens to it."""

    __slots__ = ("_id_", "_tape_", "_value_")
    __array_priority__ = 1000  # NumPy's arrays leave mixed operations to us
    _tape_: Tape
    _id_: int
    _value_: Any

    def __repr__(self) -> str:
        _notice_text()
        return f"traced {number(plain(self))}"

    def __format__(self, spec: str) -> str:
        _notice_text()
        try:
            return format(self._value_, spec) if spec else repr(self)  # printing for a look changes nothing
        except (TypeError, ValueError):
            refuse_format(self, spec)

    def __copy__(self) -> Traced:
        return self

    def __deepcopy__(self, memo: Any) -> Traced:
        return self

    @staticmethod
    def _record_(op: Primitive, operands: tuple[Any, ...]) -> Any:
        return record_call(op, operands)

    def __neg__(self) -> Any:
        return record_one(self, NEG)

    def __abs__(self) -> Any:
        return record_one(self, ABS)

    def __pos__(self) -> Any:
        return np.positive(self)

    def __invert__(self) -> Any:
        return truths(primitives["logical_not"], self)

    def __matmul__(self, other: Any) -> Any:
        return matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return matmul(other, self)

    def __pow__(self, other: Any, modulo: Any = None) -> Any:
        if modulo is not None:
            raise TraceError(f"pow with a modulus has no derivative{quote.here()}; write x ** n")
        kind = other.__class__
        if kind is int:
            if not -(2**53) < other < 2**53:
                other = _constant_value(other, POWER)
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
        return bool(compare("!=", self, 0.0))

    def __hash__(self) -> int:
        noticed.notice(f"it looks a traced value up in a set or a dict{quote.here()}", "compare with ==")
        return object.__hash__(self)  # identity: two values that happen to be equal stay different keys

    if TYPE_CHECKING:  # the names of numbers and arrays, which `numpy.dispatch` puts in

        def __getattr__(self, name: str) -> Any: ...

    def _settle_(self) -> Any:
        """The plain truth values of this comparison; a guard, as that of numbers is."""
        return settle_comparison(self)

    def _objects_(self) -> np.ndarray:
        """What NumPy gets when it makes an array of Python objects: this one, or one for each element."""
        found = np.empty(shape_of(self), dtype=object)
        for place in np.ndindex(found.shape):
            found[place] = self[place] if place else self
        return found


def _notice_text() -> None:
    noticed.notice(f"it makes a text of a traced value{quote.here()}", "compute with the number, not with its text")


class TracedArray(Traced):
    """A recording value that stands for an array."""

    __slots__ = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """As an array's."""
        return shape_of(self)

    @property
    def ndim(self) -> int:
        """As an array's."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """As an array's."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> Any:
        """As an array's."""
        return plain(self).dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        y = record_call(primitives["index"], (self, _as_key(key)))
        return settled_truth(y) if is_bool(self) and not shape_of(y) else y

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise TraceError(
            f"a traced array cannot be written into{quote.here()}, because its old numbers are needed again in the "
            "reverse sweep; build the new array with np.where, np.stack or np.concatenate"
        )

    def __bool__(self) -> bool:
        raise TraceError(
            f"an array of {'×'.join(map(str, self.shape))} comparisons is not one yes or no{quote.here()}; "
            "write np.where(condition, a, b), or reduce it with np.all or np.any"
        )

    def __contains__(self, x: Any) -> NoReturn:
        raise TraceError(f"in asks about plain numbers{quote.here()}; write np.any(x == number)")


# --- recording: one general way, and fast ways for what is used most --------------------------------------------------


def new_input(tape: Tape, value: Any) -> Traced:
    """A recording value for one input of the function."""
    if tape.places is not None:
        tape.note(None)
    out: Traced = _new(TracedArray if value.__class__ is np.ndarray or value.__class__ is TracedArray else Traced)
    out._tape_, out._id_, out._value_ = tape, len(tape), value
    tape.append((INPUT, 0, 0, None, None, value))
    if value.__class__ is not float:
        tape.general = tape.general or value.__class__ is not Traced or value._tape_.general
        tape.nested = tape.nested or is_traced(value)
    return out


def value_at(tape: Tape, position: int) -> Any:
    """A recording value for what stands at a position of the tape; a constant is handed out as it is."""
    code, *_, value = tape[position]
    if code == CONSTANT:
        return value
    out: Traced = _new(TracedArray if value.__class__ is np.ndarray or value.__class__ is TracedArray else Traced)
    out._tape_, out._id_, out._value_ = tape, position, value
    return out


def record_call(op: Primitive, operands: tuple[Any, ...]) -> Any:
    """Apply a primitive to operands of which at least one is traced, and record it on the innermost tape.

    `operands` are the nodes and then the settings, as the primitive's function takes them.

    Raises
    ------
    DomainError : an operand is outside the primitive's domain; the sentence names it and the student's line
    TraceError : an operand is not a number, or shapes do not fit
    """
    nodes = operands[0] if op.variadic else operands[: op.arity]
    settings = operands[1:] if op.variadic else operands[op.arity :]
    if op is POWER and is_traced(settings[0]):
        return record_call(POW, operands)
    if settings and op.elementwise:
        settings = tuple(_constant_value(x, op) for x in settings)
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
                if kind is np.ndarray and x.dtype == object:
                    return record_call(op, _lifted(op, operands))
                of_truths = (kind is bool or kind is np.bool_) and any(map(is_bool, nodes))
                x = bool(x) if of_truths else _constant_value(x, op)
            ids.append(tape.constant(x, 99 if op.variadic else slot))
        values.append(x)
        floats = floats and (x.__class__ is float or x.__class__ is int or x.__class__ is Traced)
    if op is ABS and is_complex(values[0]):
        op = MODULUS
    y = _evaluate(op, (tuple(values), *settings) if op.variadic else (*values, *settings))
    if not floats or (y.__class__ is not float and y.__class__ is not Traced):
        tape.general = True
    return _write(tape, op.record(ids, values, settings, y))


def _lifted(op: Primitive, operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands where arrays of Python objects, as NumPy makes them of traced numbers, are traced arrays."""
    lifted = lifters[0]
    nodes = operands[0] if op.variadic else operands[: op.arity]
    for x in nodes:
        if x.__class__ is np.ndarray and x.dtype == object and lifted(x) is x:
            refuse_operand(op.name, x)
    return (tuple(map(lifted, nodes)), *operands[1:]) if op.variadic else (*map(lifted, nodes), *operands[op.arity :])


def innermost(operands: Sequence[Any]) -> Tape:
    """The tape of the innermost derivative that any of the operands takes part in: it was begun last."""
    tapes = [x._tape_ for x in operands if is_traced(x)]
    return tapes[0] if len(tapes) == 1 else max(tapes, key=_serial_of)


def is_traced(x: Any) -> bool:
    """Whether this is a recording value."""
    return x.__class__ is Traced or x.__class__ is TracedArray


def record_one(x: Traced, op: Primitive) -> Any:
    """The same for a primitive of one operand and no settings."""
    a = x._value_
    if a.__class__ is not float:
        return record_call(op, (x,))
    try:
        y = op.scalar(a)
    except (ArithmeticError, ValueError):
        y = _evaluate(op, (a,))
    tape = x._tape_
    out: Traced = _new(Traced)  # as `_write` does it, without the call
    out._tape_ = tape
    out._id_ = len(tape)
    out._value_ = y
    tape.append((op.code, x._id_, 0, a, None, y))
    if tape.places is not None:
        tape.note(sys._getframe(1))
    return out


Traced._record_one_ = record_one  # type: ignore[attr-defined]


def _record_power(x: Traced, n: int | float) -> Any:
    a = x._value_
    if a.__class__ is not float:
        return record_call(POWER, (x, n))
    try:
        y = math.pow(a, n)
    except (ArithmeticError, ValueError):
        y = _evaluate(POWER, (a, n))
    return _write(x._tape_, (POWER.code, x._id_, 0, a, n, y))


def _write(tape: Tape, record: Record) -> Traced:
    y = record[5]
    out: Traced = _new(TracedArray if y.__class__ is np.ndarray or y.__class__ is TracedArray else Traced)
    out._tape_, out._id_, out._value_ = tape, len(tape), y
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
            f"{op.name} compares numbers, and complex numbers have no order{quote.here()}; use np.abs(z), z.real or "
            "z.imag"
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
        raise _misfit(op, operands, error) from None


def _misfit(op: Primitive, operands: tuple[Any, ...], error: Exception) -> LabError:
    """The sentence for shapes that do not fit: both shapes, and the operands as the student calls them."""
    if op.name == "index":
        advice = "use whole numbers, slices, or an array of whole numbers or of truth values, inside the shape"
        shape = shape_of(operands[0])
        return TraceError(f"this index does not fit an array of shape {shape}{quote.here()}; {advice}")
    nodes = operands[0] if op.variadic else operands[: op.arity]
    place = find_place(sys._getframe(1))
    written = place.operands if place is not None and not op.variadic else ()
    called = [written[k] if k < len(written) and written[k] else arg for k, arg in enumerate(op.args)]
    called = [f"operand {k + 1}" for k in range(len(nodes))] if op.variadic else called
    shapes = " and ".join(f"{name} has shape {shape_of(x)}" for name, x in zip(called, nodes, strict=True))
    advice = {
        "matmul": "the first one's last axis must be as long as the second one's last but one",
        "matvec": "the matrix needs as many columns as the vector has elements",
        "vecmat": "the matrix needs as many rows as the vector has elements",
        "dot": "the two vectors need the same length",
        "reshape": "the new shape needs as many elements as the old one",
    }.get(op.name, "make the shapes equal, or 1 where numbers are to be repeated")
    products = ("dot", "matvec", "vecmat", "matmul")
    what = "@" if op.name in products else op.symbol if op.operator else f"np.{op.name}"
    what = called_function() or what
    reason = "" if op.many or op.arity > 1 else f" ({' '.join(str(error).split())})"
    if reason and op.name != "reshape":
        empty = any(0 in shape_of(x) for x in nodes)
        advice = "give it an array with numbers in it" if empty else "check its shape and the axes"
    return TraceError(f"{what} does not fit: {shapes}{reason}{quote.here()}; {advice}")


def _serial_of(tape: Tape) -> int:
    return tape.serial


def _constant_value(x: Any, op: Primitive) -> Any:
    """An operand that is not traced, as a number or as an array of its own."""
    if isinstance(x, np.ndarray) and x.ndim:
        if x.dtype.kind not in "biufc":
            refuse_operand(op.name, x)
        return np.array(x, dtype=x.dtype if x.dtype.kind in "bc" else float)  # a copy: the student may write into it
    if isinstance(x, np.ndarray | np.generic):
        x = x.item()
    if isinstance(x, complex):
        return x
    if not isinstance(x, REAL):
        refuse_operand(op.name, x)
    try:
        return int(x) if isinstance(x, int) and float(x) == x else float(x)
    except OverflowError:
        raise DomainError(
            f"a whole number is too large to compute with{quote.here()}; stay below 1.8e308, where floats end"
        ) from None


def _as_key(key: Any) -> Any:
    """An index with plain numbers in it; a comparison's outcome as index fixes the branch.

    Lists and tuples inside it become arrays, as NumPy reads them: so everybody sees that they may read a place twice.
    """
    return tuple(map(_as_part, key)) if isinstance(key, tuple) else _as_part(key)


def _as_part(key: Any) -> Any:
    if key.__class__ is TracedArray:
        return settle_comparison(key)
    if isinstance(key, list | tuple):
        index = np.array([settle_comparison(k) if is_traced(k) else k for k in key])
        return index if index.size else index.astype(int)
    if isinstance(key, np.generic) or (isinstance(key, np.ndarray) and not key.ndim):
        return key.item()
    return key.copy() if isinstance(key, np.ndarray) else key


def settle_comparison(x: Traced) -> Any:
    """The plain truth values of a traced comparison, kept so that a replay can tell when they would differ."""
    value = plain(x)
    if not is_bool(x):
        raise TraceError(
            f"an index must be made of plain whole numbers{quote.here()}, because whole numbers jump and have no "
            "derivative; compute it with NumPy, not from the traced values"
        )
    _keep(x, value)
    return value


def settled_truth(x: Any) -> bool:
    """The same for one truth value, which is 1.0 or 0.0 in the graph: like a comparison of numbers, a plain bool."""
    value = plain(x)
    _keep(x, value)
    return bool(value)


def _keep(x: Any, value: Any) -> None:
    while is_traced(x):
        if x._tape_.places is not None:
            x._tape_.comparisons.append(Comparison("is", x._id_, -1, value, value, True, find_place(sys._getframe(2))))
        x = x._value_


def truths(op: Primitive, *operands: Any) -> Any:
    """The operators ~ & | of truth values; of numbers they would mean bits, which have no derivative."""
    if not all(is_bool(x) or isinstance(x, bool | np.bool_) or _holds_truths(x) for x in operands):
        sign = {"logical_not": "~", "logical_and": "&", "logical_or": "|"}[op.name]
        if sign == "~":
            raise TraceError(f"~ is for truth values, and this is a number{quote.here()}; write - for its opposite")
        raise TraceError(
            f"{sign} is for truth values, and here it stands between numbers{quote.here()}; write it between "
            f"comparisons, each in brackets, as in (x > 0) {sign} (x < 1)"
        )
    return record_call(op, operands)


def _holds_truths(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "b"


def matmul(a: Any, b: Any) -> Any:
    """a @ b for any ranks NumPy allows: vectors have entries of their own, higher ranks are stacks of matrices."""
    m, n = len(shape_of(a)), len(shape_of(b))
    if not m or not n:
        raise TraceError(f"@ needs an array on either side{quote.here()}; write * for a product with a number")
    if m <= 2 and n <= 2:
        name = {(1, 1): "dot", (2, 1): "matvec", (1, 2): "vecmat", (2, 2): "matmul"}[m, n]
        y = primitives[name].function(a, b)
        return settled_truth(y) if not shape_of(y) and is_bool(a) and is_bool(b) else y
    reshape, product = primitives["reshape"].function, primitives["matmul"].function
    left = reshape(a, (1, *shape_of(a))) if m == 1 else a
    right = reshape(b, (*shape_of(b), 1)) if n == 1 else b
    y = product(left, right)
    shape = shape_of(y)
    return reshape(y, shape[:-2] + shape[-1:]) if m == 1 else reshape(y, shape[:-1]) if n == 1 else y


_FOREIGN = (complex, np.generic, np.ndarray, str, bytes, list, tuple, dict, set, type(None))


def _slow(op: Primitive, a: Any, b: Any) -> Any:
    """What the fast operators leave: other tapes, arrays, NumPy's scalars, things that are not numbers."""
    other = b if is_traced(a) else a
    if isinstance(other, (*REAL, *_FOREIGN)) or is_traced(other):
        return record_call(op, (a, b))
    return NotImplemented  # another library's type may know what to do with a traced value


_BINARY = """
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
        j = 0 if tape.places is None else tape.constant(b, 1)
    else:
        return slow(OP, self, other)
    a = self._value_
    try:
        y = {text}
    except Exception:
        return slow(OP, self, other)
    out = new(Traced)
    out._tape_ = tape
    out._id_ = len(tape)
    out._value_ = y
    tape.append(({code}, self._id_, j, a, b, y))
    if tape.places is not None:
        tape.note_place()
    return out

def __r{name}__(self, other):
    kind = other.__class__
    if kind is not float and kind is not int:
        return slow(OP, other, self)
{start}    tape = self._tape_
    a = other
    b = self._value_
    try:
        y = {text}
    except Exception:
        return slow(OP, other, self)
    i = 0 if tape.places is None else tape.constant(a, 0)
    out = new(Traced)
    out._tape_ = tape
    out._id_ = len(tape)
    out._value_ = y
    tape.append(({code}, i, self._id_, a, b, y))
    if tape.places is not None:
        tape.note_place()
    return out
"""


# What `sum(terms)` and `math.prod(terms)` begin with is no operand: nobody wrote it.
_START = """\
    if other == {neutral} and kind is int and started(self):
        return self
"""
_NEUTRAL = {"add": 0, "mul": 1}


def _started(x: Traced) -> bool:
    """Whether a call such as `sum(terms)` adds its first term to the 0 that it begins with."""
    if not places.begins_by_itself(sys._getframe(2)):
        return False
    value = np.asarray(plain(x))  # 0 + True is a whole number, and 0 + -0.0 is 0.0
    return value.dtype.kind in "fc" and not np.any((value == 0) & np.signbit(value.real))


def _right(op: Primitive) -> Callable[[Any, Any], Any]:
    """`other + self` of arrays."""
    neutral = _NEUTRAL.get(op.operator or "")

    def method(self: Traced, other: Any) -> Any:
        if other.__class__ is int and other == neutral and _started(self):
            return self
        return _slow(op, other, self)

    return method


def _install_operators() -> None:
    """Give `Traced` the table's operators of two operands, and the comparisons, which answer with a plain bool."""
    for op in primitives.values():
        if op.operator and op.arity == 2 and op is not POW:
            space = {"OP": op, "slow": _slow, "new": _new, "Traced": Traced, "started": _started, ENGINE: True}
            start = _START.format(neutral=_NEUTRAL[op.operator]) if op.operator in _NEUTRAL else ""
            exec(_BINARY.format(name=op.operator, text=op.text, code=op.code, start=start), space)
            for method in (f"__{op.operator}__", f"__r{op.operator}__"):
                setattr(Traced, method, space[method])
            setattr(TracedArray, f"__{op.operator}__", lambda self, other, op=op: _slow(op, self, other))
            setattr(TracedArray, f"__r{op.operator}__", _right(op))
    for method, (sign, _, _) in _COMPARISONS.items():
        setattr(Traced, f"__{method}__", _comparison(sign))
    for sign, name in (("and", "logical_and"), ("or", "logical_or")):
        for method in (f"__{sign}__", f"__r{sign}__"):
            setattr(Traced, method, lambda self, other, op=primitives[name]: truths(op, self, other))


_COMPARISONS = {
    "lt": ("<", operator.lt, np.less),
    "le": ("<=", operator.le, np.less_equal),
    "gt": (">", operator.gt, np.greater),
    "ge": (">=", operator.ge, np.greater_equal),
    "eq": ("==", operator.eq, np.equal),
    "ne": ("!=", operator.ne, np.not_equal),
}
_PLAIN = {sign: compare for sign, compare, _ in _COMPARISONS.values()}
_UFUNC = {sign: ufunc for sign, _, ufunc in _COMPARISONS.values()}


def _comparison(sign: str) -> Callable[[Any, Any], Any]:
    return lambda self, other: compare(sign, self, other)


def compare(sign: str, a: Any, b: Any) -> Any:
    """Compare the numbers behind traced values, and keep the outcome where a replay will want to check it.

    A comparison of arrays is an operation like others: its outcome is an array of truth values, without a derivative.
    """
    if is_array(a) or is_array(b):
        y = record_call(UFUNCS[_UFUNC[sign]], (a, b))
        return y if shape_of(y) else settled_truth(y)
    plain_a, plain_b = plain(a), plain(b)
    try:
        answer = bool(_PLAIN[sign](plain_a, plain_b))
    except TypeError:
        if is_complex(a) or is_complex(b):
            raise TraceError(
                f"{sign} cannot compare complex numbers, which have no order{quote.here()}; compare np.abs(z) or z.real"
            ) from None
        refuse_operand(sign, b if is_traced(a) else a)
    while is_traced(a) or is_traced(b):  # inside out: the outcome steered the function on each of the tapes
        tape = innermost((a, b))
        i, j = (v._id_ if is_traced(v) and v._tape_ is tape else -1 for v in (a, b))
        if tape.places is not None:
            if tape.closed:
                refuse_leaked()
            place = find_place(sys._getframe(1))
            tape.comparisons.append(Comparison(sign, i, j, plain_a, plain_b, answer, place))
        a, b = a._value_ if i >= 0 else a, b._value_ if j >= 0 else b
    return answer


_install_operators()
