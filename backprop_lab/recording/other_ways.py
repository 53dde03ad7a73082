"""Notice when a function goes another way because it is traced, and say so.

Three things lead a function astray, silently: it asks for types (`isinstance(x, float)`), it turns a traced value into
text or a key (`str(x)`, `x in {1, 2}`), or it catches one of the lab's errors (`math.sin(x)` under a bare `except`).
The last two are noticed while it runs (`noticed`), the first in its code. Only then the function is run once more, on
plain numbers; if that comes to something else, this is a sentence. A function that is random says two things on plain
numbers, too, and is left alone.
"""

from __future__ import annotations

import contextlib
import dis
import io
import linecache
import threading
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import CodeType, FunctionType, MethodType
from typing import Any, NamedTuple

import numpy as np

from ..errors import LabError, TraceError
from ..source import noticed, quote
from ..source.frames import is_students, machinery
from ..source.functions import line_of, name_of
from ..table.values import is_traced, plain
from ..text.notation import number
from .trees import is_tree, leaves, mapped

_PLAIN = {float, int, str, list, tuple, dict, type(None), type(np), np.ndarray}  # what nobody calls
_if_full = contextlib.suppress(ValueError)  # a cell may be empty yet
ASKING = {"isinstance", "issubclass", "type", "hasattr", "getattr", "__class__", "isscalar"}


class _Depth(threading.local):
    """How many students' functions run inside each other in this thread."""

    now = 0


depth = _Depth()


class _Facts(NamedTuple):
    """What a function's code says: the line on which it asks for a type, and the global names that it uses.

    `alone` says that there is no name of a global or an attribute in it, whoever's code it is.
    """

    asks: str
    names: tuple[str, ...]
    code: CodeType
    says_nothing: bool
    alone: bool


_known: dict[int, _Facts] = {}  # by the code's id, because its hash is that of all its constants; each keeps its code
_MOST_KNOWN = 1000


def _facts(code: CodeType) -> _Facts:
    known = _known.get(id(code))
    if known is None:
        every = list(_nested(code))
        alone = not any(c.co_names for c in every)
        every = every if is_students(code.co_filename) else []
        asks = next(filter(None, map(_asks, every)), "")
        if len(_known) == _MOST_KNOWN:
            _known.clear()
        names = tuple({name for c in every for name in c.co_names})
        known = _known[id(code)] = _Facts(asks, names, code, not asks and not names, alone)
    return known


def reaches_nothing(f: Any) -> bool:
    """Whether a function can use nothing but its arguments: no NumPy, and no function that asks for a type."""
    if f.__class__ is not FunctionType or f.__closure__ or f.__defaults__ or f.__kwdefaults__:
        return False
    known = _known.get(id(f.__code__)) or _facts(f.__code__)
    return known.alone and known.says_nothing


def _nested(code: CodeType) -> Iterator[CodeType]:
    """The code of a function and of the functions inside it."""
    yield code
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _nested(part)


def _asks(code: CodeType) -> str:
    """The line on which a code asks for a type, or nothing."""
    line = code.co_firstlineno
    for step in dis.get_instructions(code):
        line = getattr(step.positions, "lineno", None) or line
        if step.opname.startswith("MATCH_") or step.argval in ASKING and step.opname.startswith("LOAD_"):
            text = " ".join(linecache.getline(code.co_filename, line).split())
            return f" (line {line}: {quote.short(text)})" if text else f" (line {line})"
    return ""


def _asking(f: Any) -> str:
    """The same for a function and all functions of the student that it can reach: this runs for every derivative."""
    if f.__class__ is FunctionType and f.__closure__ is None and _facts(f.__code__).says_nothing:
        return ""
    todo, seen = [f], set()
    while todo:
        f = todo.pop()
        if f.__class__ is not FunctionType:
            f = getattr(f, "__func__", None) or getattr(f, "__wrapped__", None) or vars(type(f)).get("__call__")
            if f.__class__ is not FunctionType:
                continue
        asks, names, *_ = _facts(f.__code__)
        if asks and not machinery[f.__code__.co_filename]:  # a program's own text asks for floats
            return asks
        closure = f.__closure__
        if not (names or closure) or f in seen:
            continue
        seen.add(f)
        known = f.__globals__
        reached = [known[name] for name in names if name in known]
        for cell in closure or ():
            with _if_full:
                reached.append(cell.cell_contents)
        for x in reached:
            kind = x.__class__
            if kind is FunctionType or kind is MethodType:
                todo.append(x)
            elif kind not in _PLAIN:
                todo += _methods(x if kind is type else kind)
    return ""


@lru_cache(maxsize=1024)
def _methods(kind: type) -> tuple[Any, ...]:
    """The methods that a student's class defines."""
    found = (part for part in vars(kind).values() if isinstance(part, FunctionType))
    return tuple(part for part in found if is_students(part.__code__.co_filename))


def check_way(f: Callable[..., Any], out: Any, before: int, args: Any, kwargs: dict[str, Any]) -> None:
    """Compare a traced run, which returned `out`, with a plain one if there is a reason; a TraceError if they differ.

    `before` was `noticed.count` before that run, and the arguments are as they were given.
    """
    if depth.now:
        return
    reason, advice = noticed.last if noticed.count != before else ("", "")
    if not reason:
        if not (asks := _asking(f)):
            return
        reason, advice = f"it asks for a type{asks}", "leave that out: a traced value computes like a number"
    if any(is_traced(x) for x in leaves([list(args), kwargs])):
        return
    traced = mapped(lambda x, _: plain(x), out)
    found = on_plain_numbers(f, args, kwargs, traced)
    if found is not None:
        raise TraceError(
            f"{name_of(f)}{line_of(f)} goes another way when it is traced: on plain numbers it comes to "
            f"{shown(found[0])}, traced to {shown(traced)}, because {reason}; {advice}"
        )


def on_plain_numbers(f: Callable[..., Any], args: Any, kwargs: dict[str, Any], known: Any) -> tuple[Any] | None:
    """What a function returns on plain numbers, if that is something else than what is known, and twice the same."""
    import random  # slow to load, and rarely needed

    states = random.getstate(), np.random.get_state()
    try:
        first = _plainly(f, args, kwargs)
        if first is None or _same(first[0], known) or (again := _plainly(f, args, kwargs)) is None:
            return None
        return first if _same(first[0], again[0]) else None
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])


def _plainly(f: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> tuple[Any] | None:
    """What the function returns on plain numbers, unheard; None if it raises."""

    def own(x: Any, _: str) -> Any:
        return np.array(x) if isinstance(x, np.ndarray) else x

    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return (f(*(mapped(own, x) for x in args), **kwargs),)
    except LabError:
        raise  # a derivative inside it went astray
    except Exception:
        return None


def _same(a: Any, b: Any) -> bool:
    """Whether two results are the same numbers, up to rounding; what cannot be compared counts as the same."""
    if is_tree(a) != is_tree(b):
        return False
    mine, theirs = leaves(a), leaves(b)
    if any(isinstance(x, type) for x in mine + theirs):  # NumPy would ask a class for its properties
        return True
    try:
        return len(mine) == len(theirs) and all(
            np.shape(x) == np.shape(y) and np.allclose(x, y, rtol=1e-6, atol=1e-9, equal_nan=True)
            for x, y in zip(mine, theirs, strict=True)
        )
    except (TypeError, ValueError):
        return True


def shown(x: Any) -> str:
    """A result in a sentence."""
    return quote.short(", ".join(number(y) for y in leaves(x)), 60)
