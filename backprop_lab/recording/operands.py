"""What stands beside traced values in an operation: plain numbers and arrays, which become constants, and keys."""

from __future__ import annotations

import ast
import builtins
import sys
from numbers import Real
from typing import Any

import numpy as np

from ..errors import DomainError
from ..source.frames import machinery
from ..source.places import Place, find_place
from ..table.entry import Primitive
from ..table.table import primitives
from ..table.values import is_array, is_traced, same
from .sentences.refusals import refuse_operand
from .tape import CONSTANT, Tape

REAL = (float, int, Real, np.bool_)


def plain_operand(x: Any, op: Primitive) -> Any:
    """An operand that is not traced, as a number or as an array of its own; anything else is refused."""
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
        raise DomainError("a whole number is too large to compute with; stay below 1.8e308, where floats end") from None


def constant(tape: Tape, value: Any, slot: int) -> int:
    """The position of a constant operand; the same number at the same place in the source is one node."""
    if tape.places is None:
        return 0
    frame = sys._getframe(2)
    is_array = value.__class__ is np.ndarray
    what: Any = value or repr(value) if isinstance(value, (int, float, complex)) else id(value)  # 0.0 is not -0.0
    if is_array:
        what = value.shape, value.dtype.char  # a copy each time: its numbers are compared below
    here = (id(frame.f_code), frame.f_lasti, slot, value.__class__, what)
    known = tape.constants.get(here)
    if known is None:
        place = find_place(frame)
        name = _operand_name(place, slot)
        # by its span: a call may be reported at either of two instructions, as the interpreter has warmed up
        where: Any = (id(place.code), place.span) if place is not None else None
        key = (where, slot) if place is None or name is None else (id(place.code), name)
        known = tape.constants.get((*key, value.__class__, what))
        if known is not None and is_array:
            *_, before = tape[known[0]]
            known = known if same(before, value) else None  # the student wrote into the array in between
        if known is None:
            known = tape.constants[(*key, value.__class__, what)] = (len(tape), place)
            tape.places.append(place._replace(name=name, passes_on=False) if place else None)
            tape.log.marks.append(-1)  # a constant belongs to whoever uses it
            tape.append((CONSTANT, 0, 0, None, None, value))
        if not (machinery[frame.f_code.co_filename] or is_array):  # the student's own line: next time, a short cut
            tape.constants[here] = known
    return known[0]  # the place in there stays alive, so the ids stay its own


def _operand_name(place: Place | None, slot: int) -> str | None:
    """What the student calls an operand, unless the expression is a call of something else, as in `sum(terms)`."""
    if place is None or slot >= len(place.operands):
        return None
    if isinstance(place.node, ast.Call):
        called = ast.unparse(place.node.func)
        if hasattr(builtins, called) or called.rsplit(".", 1)[-1] not in _FUNCTION_NAMES:
            return None
    return place.operands[slot]


# Of one operand, none is a constant: where `prod(xs, start=1)` meets a number, it is not what stands in the brackets.
_FUNCTION_NAMES = {name for op in primitives.values() if op.arity > 1 for name in (op.name, op.ufunc)}


def as_key(key: Any) -> Any:
    """An index with plain numbers in it; a comparison's outcome as index fixes the branch.

    Lists and tuples inside it become arrays, as NumPy reads them: so everybody sees that they may read a place twice.
    """
    return tuple(map(_part, key)) if isinstance(key, tuple) else _part(key)


def _part(key: Any) -> Any:
    if is_traced(key) and is_array(key):
        return key._settle_()
    if isinstance(key, list | tuple):
        index = np.array([k._settle_() if is_traced(k) else k for k in key])
        return index if index.size else index.astype(int)
    if isinstance(key, np.generic) or (isinstance(key, np.ndarray) and not key.ndim):
        return key.item()
    return key.copy() if isinstance(key, np.ndarray) else key
