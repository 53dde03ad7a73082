"""Names and lines of their values: from the code that made them, while it runs, or from the variables that hold them.

    with Watch(f) as watch: root = f()        watch.made has, for each object, when it was made and where
    names_in(variables, wanted)               {"id of an object": "w[0][1]"}

While their function runs, Python tells of each call (`sys.setprofile`), and calls of `__init__` are written down with
the place of the code outside of the class that led there: what a person wrote as `c = a * b` is c, in that line.
Debuggers and coverage use another hook.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Container, Iterable, Mapping
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any, NamedTuple

from ..source import frames
from ..source.calls import CallLog
from ..source.functions import code_of
from ..source.places import Place, find_place

MOST_VISITED = 300_000  # objects that are looked through for names
DEEPEST = 6  # lists in lists


class Made(NamedTuple):
    """How an object was made: its number among all, the place, and whether a method of its class made it by itself, as
    the 2 of `2 * x` becomes a node."""

    serial: int
    place: Place | None
    wrapped: bool


class Watch:
    """Writes down who makes which object while a function runs."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.code = code_of(function)
        self.made: dict[int, Made] = {}
        self.log = CallLog()
        self.arguments: Mapping[str, Any] = {}  # of the function, and its variables at its end
        self.variables: dict[str, Any] = {}
        self._kept: list[Any] = []  # so that no id is used twice
        self._methods: dict[type, frozenset[CodeType]] = {}
        self._before: Any = None
        self._last: FrameType | None = None  # the method that was called from outside, when one was made last

    def __enter__(self) -> Watch:
        self._before = sys.getprofile()
        sys.setprofile(self._event)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self._before)
        self._last = None
        self.log.close()

    def _event(self, frame: FrameType, event: str, arg: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_name == "__init__" and code.co_argcount:
            self._note(frame, frame.f_locals[code.co_varnames[0]])
        elif event == "return" and code is self.code:
            self.variables = dict(frame.f_locals)

    def _note(self, frame: FrameType, made: Any) -> None:
        methods = self._methods.get(type(made))
        if methods is None:
            methods = self._methods[type(made)] = frozenset(_codes(type(made)))
        outside, method = frame.f_back, None
        while outside is not None and outside.f_code in methods:
            method = outside if outside.f_code.co_name != "__init__" else method
            outside = outside.f_back
        place = find_place(outside)
        if method is not None and method is self._last:  # one operator made both, as `a - b` makes −b first
            earlier = self._kept[-1]
            self.made[id(earlier)] = _without_name(self.made[id(earlier)])
            self.log.marks[-1] = -1  # it belongs to the node that uses it
        self._last = method
        self.log.mark(outside)
        self.made[id(made)] = Made(len(self._kept), place, method is not None)
        self._kept.append(made)


def _without_name(made: Made) -> Made:
    place = made.place
    return made._replace(place=place._replace(name=None) if place is not None else None)


def _codes(kind: type) -> Iterable[CodeType]:
    """The code of a class's methods, and of functions inside them."""
    todo = [
        f.__code__ for base in kind.__mro__ for f in map(_plain, vars(base).values()) if isinstance(f, FunctionType)
    ]
    for code in todo:  # grows meanwhile
        yield code
        todo += [inner for inner in code.co_consts if isinstance(inner, CodeType)]


def _plain(member: Any) -> Any:
    return getattr(member, "fget", None) or getattr(member, "__func__", member)


def caller() -> FrameType | None:
    """The frame of the student's code that called the lab."""
    return frames.students_own(sys._getframe(1))


def names_in(variables: Mapping[str, Any], wanted: set[int], nodes: Container[int] = ()) -> dict[int, str]:
    """By the ids of objects that are wanted, how they are reached from variables: `x`, `w[0][1]`, `net.layers[0].b`.

    Short ways come first; names that begin with an underscore are left out, and ways through other nodes.
    """
    found: dict[int, str] = {}
    seen: set[int] = set()
    todo = deque((name, x, 0) for name, x in variables.items() if name.isidentifier() and not name.startswith("_"))
    left = set(wanted)
    while todo and left and len(seen) < MOST_VISITED:
        name, x, depth = todo.popleft()
        if id(x) in left:
            found[id(x)] = name
            left.discard(id(x))
            continue
        if id(x) in seen or depth > DEEPEST or id(x) in nodes:
            continue
        seen.add(id(x))
        todo.extend((f"{name}{way}", inner, depth + 1) for way, inner in _inside(x))
    return found


def _inside(x: Any) -> Iterable[tuple[str, Any]]:
    """What a list, a dict or an object of somebody's class holds, and how it is written."""
    if isinstance(x, list | tuple):
        return ((f"[{k}]", inner) for k, inner in enumerate(x))
    if isinstance(x, dict):
        return ((f"[{key!r}]", inner) for key, inner in x.items() if isinstance(key, str | int))
    if isinstance(x, type | ModuleType | FunctionType) or type(x).__module__ in ("builtins", "numpy"):
        return ()
    if type(x).__module__.partition(".")[0] in ("backprop_lab", "IPython", "ipykernel"):
        return ()
    own = getattr(x, "__dict__", None)
    return ((f".{key}", inner) for key, inner in own.items() if key[:1] != "_") if isinstance(own, dict) else ()
