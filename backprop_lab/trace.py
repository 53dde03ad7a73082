"""Run an ordinary Python function once and record what it computes.

`trace(f, x=3, y=5)` calls `f` with recording values in place of its arguments. Operators, the lab's functions and
NumPy's functions append one record each to a tape; Python's `if`, loops, recursion and helper functions just run.

A record is a tuple `(code, i, j, a, b, y)`: the primitive's code in the table, the tape positions of the operands, the
operands' values, and the result. Nothing here knows derivatives. Two kinds of tape share the code:

* a *sourced* tape, for graphs that people look at: constants are records too, every record knows its source line, and
  comparisons are kept, so that a replay can tell when a branch would go the other way;
* a *lean* tape, for `grad` and its kin: constants have no record (position 0 is a dummy that collects what they get).

Tapes nest: with `grad` inside a traced function, the values on the inner tape are recording values of the outer one.
"""

from __future__ import annotations

import inspect
import itertools
import operator
import sys
import warnings
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any, NoReturn

import numpy as np

from . import source
from .errors import ArgumentError, LabError, LabWarning, TraceError
from .graph import CONSTANT, INPUT, Graph
from .notation import number
from .primitives import BY_CODE, Primitive, primitives

__all__ = ["Tape", "Traced", "record_call", "trace"]

source.engine_module(globals())
Record = tuple[int, int, int, Any, Any, Any]
_serial = itertools.count()
_new = object.__new__
POWER, SQUARE, POW = primitives["power"], primitives["square"], primitives["pow"]


class Tape(list[Record]):
    """Records in the order of execution, which is a topological order.

    `serial` tells inner tapes (later, higher) from outer ones. `places` is None on a lean tape.
    """

    __slots__ = ("comparisons", "constants", "places", "serial")

    def __init__(self, sourced: bool) -> None:
        self.serial = next(_serial)
        self.places: list[source.Place | None] | None = [] if sourced else None
        self.constants: dict[Any, int] = {}
        self.comparisons: list[tuple[str, int, int, Any, Any, bool, source.Place | None]] = []
        if not sourced:
            self.append((CONSTANT, 0, 0, None, None, None))

    def input(self, value: Any) -> Traced:
        """A recording value for one input."""
        if self.places is not None:
            self.places.append(None)
        return self.push(INPUT, 0, 0, None, None, value)

    def push(self, code: int, i: int, j: int, a: Any, b: Any, y: Any) -> Traced:
        """Append a record and return its recording value."""
        out = _new(Traced)
        out.tape, out.id, out.value = self, len(self), y
        self.append((code, i, j, a, b, y))
        return out

    def note_place(self) -> None:
        """Remember the source of the record just made, by an operator that the student's code called."""
        frame = sys._getframe(2)
        place = source.place_of(frame.f_code, frame.f_lasti)
        if place.returned or id(frame.f_globals) in source._ENGINE:
            place = _find_place(frame)  # type: ignore[assignment]
        self.places.append(place)  # type: ignore[union-attr]

    def constant(self, value: Any, slot: int) -> int:
        """The position of a constant operand; the same number at the same place in the source is one node."""
        if self.places is None:
            return 0
        place = _find_place(sys._getframe(2))
        name = place.operands[slot] if place is not None and slot < len(place.operands) else None
        key = (place.code if place else None, name or (place, slot), repr(value))
        position = self.constants.get(key)
        if position is None:
            position = self.constants[key] = len(self)
            self.append((CONSTANT, 0, 0, None, None, value))
            self.places.append(place._replace(name=name, returned=False) if place else None)
        return position


def _find_place(frame: Any) -> source.Place | None:
    """The place in the student's source, with the name of the variable that the value will get.

    A value that a helper returns has the name that the caller gives it: `c = cube(x)` names the helper's product c.
    """
    frame = source.student_frame(frame)
    if frame is None:
        return None
    first = place = source.place_of(frame.f_code, frame.f_lasti)
    while place.returned:
        frame = frame.f_back
        if frame is None or id(frame.f_globals) in source._ENGINE:  # returned from the traced function itself
            return first._replace(name=None)
        place = source.place_of(frame.f_code, frame.f_lasti)
    return first if place is first else first._replace(name=place.name, returned=False)


class Traced:
    """A recording value: it stands for a number, computes like one, and writes down what happens to it."""

    __slots__ = ("id", "tape", "value")
    __array_priority__ = 1000
    tape: Tape
    id: int
    value: Any

    def __repr__(self) -> str:
        return f"traced {number(self.value) if isinstance(self.value, float) else self.value}"

    @staticmethod
    def _record_(op: Primitive, operands: tuple[Any, ...]) -> Any:
        return record_call(op, operands)

    def __pow__(self, other: Any, modulo: Any = None) -> Any:
        if modulo is not None:
            raise TraceError(f"pow with a modulus has no derivative{source.here()}; write x ** n")
        n = _setting(other)
        if n is None:
            return record_call(POW, (self, other))
        return record_call(SQUARE, (self,)) if n == 2 else record_call(POWER, (self, n))

    def __rpow__(self, other: Any) -> Any:
        return record_call(POW, (other, self))

    def __pos__(self) -> Any:
        return self

    def __bool__(self) -> bool:
        return _compare("!=", operator.ne, self, 0.0)

    __hash__ = object.__hash__  # identity: two values that happen to be equal stay different keys

    # --- places where Python would silently forget the derivative ------------------------------------------------

    def __float__(self) -> NoReturn:
        _refuse("float")

    def __int__(self) -> NoReturn:
        _refuse("int")

    def __complex__(self) -> NoReturn:
        _refuse("complex")

    def __index__(self) -> NoReturn:
        raise TraceError(
            f"a traced value cannot be an index or a count{source.here()}: "
            "derivatives need numbers that vary smoothly; use a plain integer there"
        )

    def __round__(self, digits: Any = None) -> NoReturn:
        _refuse("round")

    def __floor__(self) -> NoReturn:
        _refuse("floor")

    def __ceil__(self) -> NoReturn:
        _refuse("ceil")

    def __trunc__(self) -> NoReturn:
        _refuse("trunc")

    def __floordiv__(self, other: Any) -> NoReturn:
        raise TraceError(f"// jumps from one whole number to the next, so it has no useful derivative{source.here()}; write /")

    __rfloordiv__ = __divmod__ = __rdivmod__ = __floordiv__

    def __mod__(self, other: Any) -> NoReturn:
        raise TraceError(
            f"% jumps, so it has no derivative everywhere{source.here()}; "
            "subtract the multiple yourself, as in x - n * period with a plain n"
        )

    __rmod__ = __mod__

    def __iter__(self) -> Iterator[Any]:
        raise TraceError(f"a traced number is one number and cannot be looped over{source.here()}; pass several arguments")

    def __len__(self) -> int:
        raise TraceError(f"a traced number is one number and has no length{source.here()}; pass several arguments")

    def __getitem__(self, key: Any) -> NoReturn:
        raise TraceError(f"a traced number is one number and has no parts{source.here()}; pass several arguments")

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        raise TraceError(
            f"a NumPy array of traced numbers would lose the derivative{source.here()}; "
            "keep them in a list, or write the formula with + - * / and NumPy's functions of single numbers"
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        op = UFUNCS.get(ufunc.__name__)
        options.pop("where", None) if options.get("where") is True else None
        if ufunc.__name__ in _COMPARE and method == "__call__":
            return _compare(*_COMPARE[ufunc.__name__], *operands)
        if ufunc.__name__ == "positive":
            return self
        if method != "__call__" or options or op is None:
            what = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
            with_options = f" with {', '.join(options)}=" if op is not None and options else ""
            raise TraceError(
                f"{what}{with_options} is not in the lab's table of primitives{source.here(2)}; "
                f"write it with those that are: {', '.join(sorted(UFUNCS))}"
            )
        if op is POW:
            return operands[0] ** operands[1] if isinstance(operands[0], Traced) else record_call(POW, operands)
        return record_call(op, operands)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> NoReturn:
        raise TraceError(
            f"np.{function.__name__} works on arrays, and traced values are single numbers here{source.here(2)}; "
            "write the sum or product with + and *"
        )


UFUNCS = {p.ufunc: p for p in primitives.values() if p.ufunc}


def _refuse(function: str) -> NoReturn:
    """Raise the sentence for a use that needs a plain number, and say what to write instead."""
    text = source.current_text(2)
    called = text.split("(", 1)[0] if text.endswith(")") else function
    short = called.rsplit(".", 1)[-1]
    other = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "fabs": "abs", "pow": "power"}
    better = other.get(short, short)
    if "." in called and (better in primitives or better in UFUNCS):
        short = f"np.{better}" if better in UFUNCS else f"bl.{better}"
        advice = f"write {short}, which the lab can follow"
    elif function in ("round", "floor", "ceil", "trunc", "int"):
        advice = "leave the rounding out, or round the result after the derivative is taken"
    elif function == "float":
        advice = "leave float out: a traced value already computes like a float"
    else:
        advice = "leave it out"
    raise TraceError(f"{called}(…) turns a traced value into a plain number, and its derivative would be lost{source.here(2)}; {advice}")


def _setting(exponent: Any) -> int | float | None:
    """A plain number as exponent is a setting of the power, not a node; else None. Whole floats become ints."""
    if isinstance(exponent, bool) or not isinstance(exponent, int | float | np.integer | np.floating):
        return None
    return int(exponent) if float(exponent).is_integer() and abs(exponent) < 1e15 else float(exponent)


# --- recording: one general way, and generated fast ways for the operators -----------------------------------------


def record_call(op: Primitive, operands: tuple[Any, ...]) -> Any:
    """Apply a primitive to operands of which at least one is traced, and record it on the innermost tape.

    Raises
    ------
    DomainError : an operand is outside the primitive's domain; the sentence names it and the student's line
    TraceError : an operand is not a number
    """
    operands = tuple(x if x.__class__ is Traced else _plain_number(x, op) for x in operands)
    tape = max((x.tape for x in operands if x.__class__ is Traced), key=_serial_of)
    values = [x.value if x.__class__ is Traced and x.tape is tape else x for x in operands]
    try:
        if op is POW:  # Python has (-2)**2.0, but no slope in the exponent there
            op.check_domain(tuple(values))
        y = op.function(*values)
    except (LabError, OverflowError) as error:
        raise _located(error, operands) from None
    arity = len(op.args)
    ids = [x.id if x.__class__ is Traced and x.tape is tape else tape.constant(x, k) for k, x in enumerate(operands[:arity])]
    a, b = values[0], values[1] if len(values) > 1 else None
    out = tape.push(op.code, ids[0], ids[1] if arity > 1 else 0, a, b, y)
    if tape.places is not None:
        tape.places.append(_find_place(sys._getframe(1)))
    return out


def _serial_of(tape: Tape) -> int:
    return tape.serial


def _plain_number(x: Any, op: Primitive) -> Any:
    if x.__class__ is float or x.__class__ is int:
        return x
    if isinstance(x, bool | np.bool_ | int | float | np.integer | np.floating):
        return x.item() if isinstance(x, np.generic) else x
    if isinstance(x, np.ndarray) and x.ndim == 0:
        return x.item()
    kind = "an array" if isinstance(x, np.ndarray) else f"{type(x).__name__} {x!r}"[:60]
    raise TraceError(f"{op.name} of a traced number and {kind}{source.here(2)}: both must be numbers")


def _located(error: Exception, operands: tuple[Any, ...]) -> Exception:
    """The same error with the expression and the student's line in its sentence."""
    if "(line " in str(error):
        return error
    text = source.current_text(2)
    shown = f" in {text}" if text else ""
    fix = "; choose other inputs, or guard the call with an if"
    return type(error)(f"{error}{shown}{source.here(2)}{fix}")


def _slow(op: Primitive, a: Any, b: Any) -> Any:
    """What the fast operators leave: other tapes, NumPy's scalars, things that are not numbers."""
    if isinstance(b, np.ndarray) and b.ndim:
        raise TraceError(f"{op.symbol} of a traced number and an array{source.here(2)}: both must be numbers")
    try:
        return record_call(op, (a, b))
    except TraceError:
        if isinstance(b, Traced | int | float | np.generic) and isinstance(a, Traced | int | float | np.generic):
            raise
        return NotImplemented  # Python then says which types do not go together, at the student's line


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
    """Give `Traced` the operators of the table, and the comparisons, which answer with a plain bool."""
    space: dict[str, Any] = globals()
    for op in primitives.values():
        if op.operator and op is not POW:
            made: dict[str, Any] = {}
            if len(op.args) == 2:
                space_of_op = {"OP": op, "slow": _slow, "new": _new, "Traced": Traced}
                exec(_BINARY.format(name=op.operator, text=op.text, code=op.code), space_of_op, made)
                source.engine_module(space_of_op)
                _keep.append(space_of_op)
            else:
                made[f"__{op.operator}__"] = _unary(op)
            for method, function in made.items():
                setattr(Traced, method, function)
    for method, sign in _COMPARISONS.items():
        setattr(Traced, f"__{method}__", _comparison(sign, getattr(operator, method)))
    assert space is globals()


_keep: list[dict[str, Any]] = []  # the namespaces stay alive, so their ids stay theirs


def _unary(op: Primitive) -> Callable[[Any], Any]:
    return lambda self: record_call(op, (self,))


_COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_COMPARE = {
    "less": ("<", operator.lt), "less_equal": ("<=", operator.le), "greater": (">", operator.gt),
    "greater_equal": (">=", operator.ge), "equal": ("==", operator.eq), "not_equal": ("!=", operator.ne),
}  # fmt: skip


def _comparison(sign: str, compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
    return lambda self, other: _compare(sign, compare, self, other)


def _compare(sign: str, compare: Callable[[Any, Any], bool], a: Any, b: Any) -> Any:
    """Compare the numbers behind traced values, and keep the outcome where a replay will want to check it."""
    plain = [x.value if x.__class__ is Traced else x for x in (a, b)]
    answer = compare(*plain)
    if answer is NotImplemented:
        return answer
    for x in (a, b):
        if x.__class__ is Traced and x.tape.places is not None:
            tape = x.tape
            i, j = (v.id if v.__class__ is Traced and v.tape is tape else -1 for v in (a, b))
            tape.comparisons.append((sign, i, j, *plain, bool(answer), _find_place(sys._getframe(2))))
            break
    return bool(answer)


_install_operators()


# --- trace ---------------------------------------------------------------------------------------------------------


def trace(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Graph:
    """Run `f` once on recording values and return the graph of what it computed.

    Parameters
    ----------
    f : an ordinary Python function of numbers; it may branch, loop, recurse and call helpers
    args, kwargs : its arguments, as in a call of `f`; each number becomes an input node (ints become floats);
        parameters left at their defaults stay plain numbers

    Returns
    -------
    Graph : with the student's names and source lines on its nodes

    Raises
    ------
    ArgumentError : a missing, extra or unusable argument; `f` returns nothing or something that is not a number
    DomainError : an operation left its domain
    TraceError : a traced value was turned into a plain number

    Warns
    -----
    LabWarning : `f` ignores an argument, so its derivative is 0
    """
    bound = bind(f, args, kwargs)
    tape = Tape(sourced=True)
    names: list[str] = []

    def enter(name: str, value: Any) -> Any:
        names.append(name)
        return tape.input(as_number(value, name, f))

    arguments = _map_arguments(bound, enter)
    returned = f(*arguments.args, **arguments.kwargs)
    single = not isinstance(returned, tuple | list)
    outputs = [_output(tape, value, f) for value in ([returned] if single else returned)]
    if not outputs:
        raise ArgumentError(f"{name_of(f)} returns an empty list; return the number that you want the derivative of")
    graph = Graph(tape, names, outputs, single, f)
    _warn_unused(graph, f)
    return graph


def bind(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> inspect.BoundArguments:
    """Match arguments to parameters; a mismatch becomes a sentence with the call to write.

    Raises
    ------
    ArgumentError : `f` is not a function, or an argument is missing, unknown or given twice
    """
    if isinstance(f, Graph):
        raise ArgumentError("this is a graph already; use it as it is, or graph.replay(...) for other inputs")
    if not callable(f):
        raise ArgumentError(f"the first argument must be a function, not {type(f).__name__}; write the name of the function without brackets")
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        raise ArgumentError(f"{name_of(f)} is built in, so its arguments are unknown; wrap it: lambda x: {name_of(f)}(x)") from None
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        names = ", ".join(p.name if p.kind is p.VAR_POSITIONAL else f"{p.name}=…" for p in signature.parameters.values())
        raise ArgumentError(f"{name_of(f)} takes {signature}: {error}; give it {names}, a number for each") from None
    return bound


def name_of(f: Callable[..., Any]) -> str:
    """The function's name for a sentence: `f`, or `the lambda in line 3`."""
    name = getattr(f, "__name__", type(f).__name__)
    code: CodeType | None = getattr(f, "__code__", None)
    return f"the lambda in line {code.co_firstlineno}" if name == "<lambda>" and code else name


def _line_of(f: Callable[..., Any]) -> str:
    code: CodeType | None = getattr(f, "__code__", None)
    return f" (line {code.co_firstlineno})" if code is not None and code.co_name != "<lambda>" else ""


def _map_arguments(bound: inspect.BoundArguments, enter: Callable[[str, Any], Any]) -> inspect.BoundArguments:
    for name, value in list(bound.arguments.items()):
        kind = bound.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            bound.arguments[name] = tuple(enter(f"{name}[{k}]", v) for k, v in enumerate(value))
        elif kind is inspect.Parameter.VAR_KEYWORD:
            bound.arguments[name] = {k: enter(k, v) for k, v in value.items()}
        else:
            bound.arguments[name] = enter(name, value)
    return bound


def as_number(value: Any, name: str, f: Callable[..., Any]) -> Any:
    """An argument as the number that goes on the tape: a Python float, or a recording value of an outer trace.

    Raises
    ------
    ArgumentError : the argument is not a real number
    """
    if value.__class__ is float or value.__class__ is Traced:
        return value
    if isinstance(value, int | float | np.integer | np.floating | np.bool_) or (
        isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iufb"
    ):
        return float(value)
    shown = repr(value)
    shown = shown if len(shown) <= 40 else shown[:37] + "..."
    raise ArgumentError(f"the argument {name} of {name_of(f)} must be a real number, not {type(value).__name__} {shown}; write {name}=2.0, say")


def _output(tape: Tape, value: Any, f: Callable[..., Any]) -> int:
    """The tape position of one output; a plain number becomes a constant node."""
    if isinstance(value, Traced) and value.tape is tape:
        return value.id
    tape.constants.clear()
    assert tape.places is not None
    tape.append((CONSTANT, 0, 0, None, None, check_output(value, f)))
    tape.places.append(None)
    return len(tape) - 1


def check_output(value: Any, f: Callable[..., Any]) -> Any:
    """A function's result as a number.

    Raises
    ------
    ArgumentError : it is nothing, a text, or anything else that has no derivative
    """
    if isinstance(value, bool | np.bool_):
        raise ArgumentError(f"{name_of(f)}{_line_of(f)} returns {bool(value)}, and yes or no has no derivative; return the number itself")
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value)
    if isinstance(value, Traced):
        return value
    if value is None:
        raise ArgumentError(f"{name_of(f)}{_line_of(f)} returns nothing; end it with return and the number to differentiate")
    shown = repr(value)
    shown = shown if len(shown) <= 40 else shown[:37] + "..."
    raise ArgumentError(f"{name_of(f)}{_line_of(f)} returns {type(value).__name__} {shown}; return a number, or a tuple of numbers")


def _warn_unused(graph: Graph, f: Callable[..., Any]) -> None:
    unused = set(range(len(graph.input_names))) - set(graph.output_ids)
    for code, i, j, *_ in graph.records:
        if code >= 0:
            unused.discard(i)
            if len(BY_CODE[code].args) == 2:
                unused.discard(j)
        if not unused:
            break
    for node in graph.inputs:
        if node.id in unused:
            warnings.warn(
                f"{name_of(f)}{_line_of(f)} does not use its argument {node.name} on this run, so the derivative "
                f"with respect to {node.name} is 0; use {node.name} in the formula, or leave the argument out",
                LabWarning,
                stacklevel=3,
            )
