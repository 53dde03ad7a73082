"""The public functions of the table's entries, `bl.tanh` and its kin: fast on floats, recording on traced values.

Everything else goes to NumPy. What cannot be computed is answered here, too: an infinity where floats overflow, a
sentence for what is no number or outside the domain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, DivisionError, DomainError, LabError
from .entry import Primitive
from .values import is_complex, settled

OF_ZERO, OF_NEGATIVE = "0 has no negative power", "a negative number has only whole-number powers"
lifters: list[Callable[[Any], Any]] = []  # what makes a traced array of a list of traced numbers: recording says so


def function_of(op: Primitive) -> Callable[..., Any]:
    """The function of an entry, with its name, its texts as its documentation, and the entry as `.primitive`."""
    call: Any = _of_arrays(op) if not op.elementwise else _of_one(op) if op.takes == 1 else _of_several(op)
    call.__name__ = call.__qualname__ = op.name
    call.__doc__ = _documentation(op)
    call.primitive = op
    return call


def _documentation(op: Primitive) -> str:
    title, each = "In the reverse sweep", "{} gets {}"
    if op.elementwise:
        title, each = "Local partials", "with respect to {}: {}"
    rules = "; ".join(map(each.format, op.args, op.partials or op.pulls))
    return f"{op.name}({', '.join(op.args + op.params)}) = {op.text}.\n\n{title}: {rules}."


def _of_several(op: Primitive) -> Callable[..., Any]:
    """The function of an elementwise entry, with as many operands and settings as it takes."""
    on_floats, on_arrays, takes = op.scalar, op.array, op.takes

    def of_several(*operands: Any) -> Any:
        if len(operands) != takes:
            wanted = ", ".join(op.args + op.params)
            many = f"{takes} argument{'s' * (takes > 1)}"
            raise ArgumentError(f"{op.name} takes {many}, not {len(operands)}; write bl.{op.name}({wanted})")
        plain = True
        for x in operands:
            if x.__class__ is not float:
                record = getattr(x.__class__, "_record_", None)  # a traced value knows how to record itself
                if record is not None:
                    return record(op, operands)
                plain = plain and isinstance(x, (float, int))
        if not plain:
            if (found := _lifted(operands)) is not operands:
                return of_several(*found)
            try:
                return settled(on_arrays(*operands))
            except TypeError as error:
                raise _no_number(op, operands, error) from None
        try:
            return on_floats(*map(float, operands))
        except (ArithmeticError, ValueError) as error:
            return _trouble(op, operands, error)

    return of_several


_NOTHING = object()  # in place of an operand that was not given


def _of_one(op: Primitive) -> Callable[..., Any]:
    """The same for one operand, the common case, without the loops."""
    on_floats, of_several = op.scalar, _of_several(op)

    def of_one(x: Any = _NOTHING, *more: Any) -> Any:
        kind = x.__class__
        if kind is float and not more:
            try:
                return on_floats(x)
            except (ArithmeticError, ValueError) as error:
                return _trouble(op, (x,), error)
        try:
            record = kind._record_one_
        except AttributeError:
            return of_several() if x is _NOTHING else of_several(x, *more)
        return of_several(x, *more) if more else record(x, op)

    return of_one


def _of_arrays(op: Primitive) -> Callable[..., Any]:
    """The function of an entry that maps whole arrays: its operands, and its settings by position or by name."""
    on_arrays, names, count = op.array, op.params, 1 if op.variadic else op.arity

    def call(*operands: Any, **settings: Any) -> Any:
        given = len(operands) - count
        if given < 0 or given > len(names) or not settings.keys() <= set(names[given:]):
            wanted = f"({', '.join(op.args + names)})"
            raise ArgumentError(f"{op.name} takes {wanted}, and got others; write bl.{op.name}({', '.join(op.args)})")
        rest = op.defaults[given:] if op.defaults else ()
        full = (*operands, *(settings.get(k, d) for k, d in zip(names[given:], rest, strict=True)))
        for x in operands[0] if op.variadic else operands[:count]:
            record = getattr(x.__class__, "_record_", None)
            if record is not None:
                return record(op, full)
        if (found := _lifted(operands)) is not operands:
            return call(*found, **settings)
        try:
            return settled(on_arrays(*full))
        except TypeError as error:
            raise _no_number(op, () if op.variadic else operands[:count], error) from None
        except np.linalg.LinAlgError as error:
            singular = "the matrix is singular and has no inverse"  # the rule of det asks for it, too
            raise DomainError(singular if "ingular" in str(error) else f"{op.name}: {error}") from None

    return call


def _trouble(op: Primitive, operands: tuple[Any, ...], error: Exception) -> Any:
    """What to answer when Python's arithmetic gave up: infinity for an overflow, else a `DomainError`, which names the
    operand that left the domain and what the domain is."""
    op.check_domain(operands)
    if op.name == "power" and math.isfinite(operands[0]) and not isinstance(error, OverflowError):
        kind, words = (DivisionError, OF_ZERO) if operands[0] == 0 else (DomainError, OF_NEGATIVE)
        raise kind(f"{words}, and here it is {operands[0] + 0.0:g} to the power {operands[1]:g}") from None
    return op.ieee(op.text, operands, None)  # exp(1000) is inf, sin(inf) is nan: the graph shows it


_OBJECT = np.dtype(object)


def _lifted(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Operands where lists and arrays of Python objects that hold traced numbers are traced arrays."""
    if not any(x.__class__ in (list, tuple) or x.__class__ is np.ndarray and x.dtype == _OBJECT for x in operands):
        return operands
    found = tuple(map(lifters[0], operands))
    return operands if all(x is y for x, y in zip(found, operands, strict=True)) else found


def _no_number(op: Primitive, operands: Sequence[Any], error: TypeError) -> TypeError:
    """The sentence for an operand that is neither a number nor an array; the error itself where there is none."""
    if op.real and any(map(is_complex, operands)):
        return ArgumentError(f"{op.name} is for real numbers; use np.abs(z), z.real or z.imag")
    odd = [x for x in operands if not isinstance(x, float | int | complex | np.ndarray | np.generic)]
    if isinstance(error, LabError) or not odd:
        return error
    text = "None" if odd[0] is None else f"{type(odd[0]).__name__} {odd[0]!r:.40}"
    return ArgumentError(f"{op.name} takes numbers and arrays, not {text}; give a number such as 2.0")
