"""Send a function of ours to a student's process: its code and what it uses, nothing of the module around it.

An exercise that asks for a class looks at it with functions that stand beside the model answers. The answers must not
come along, so a function goes as its code with the names that it uses: functions from there the same way, everything
else by its place in a library or as plain data.
"""

from __future__ import annotations

import importlib
import marshal
import math
from collections.abc import Callable
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

from ..exercises.extend import OnAnother

LESSONS = ".exercises.lessons"


class NotShipped(TypeError):
    """Something that a function uses cannot go with it."""


def is_lessons(function: Any) -> bool:
    """Whether a function stands beside model answers."""
    return isinstance(function, FunctionType) and LESSONS in function.__module__


def packed(function: Any) -> Any:
    """A function as plain data.

    Raises
    ------
    NotShipped : it uses something that is neither a function, nor in a library, nor plain data
    """
    return _Packer().pack(function)


class _Packer:
    """Packs each function once."""

    def __init__(self) -> None:
        self.seen: dict[int, int] = {}

    def pack(self, x: Any) -> Any:
        if isinstance(x, OnAnother):
            return ["on", self.pack(x.probe), x.before]
        if is_lessons(x):
            return self._function(x)
        if isinstance(x, ModuleType):
            return ["module", x.__name__]
        if isinstance(x, type) or callable(x) and hasattr(x, "__qualname__"):
            return self._place(x)
        if isinstance(x, tuple | list | frozenset | set):
            return [type(x).__name__, [self.pack(part) for part in x]]
        if isinstance(x, dict):
            return ["dict", [[self.pack(k), self.pack(v)] for k, v in x.items()]]
        return ["plain", x]

    def _place(self, x: Any) -> Any:
        module, name = x.__module__ or "builtins", x.__qualname__
        if LESSONS in module or "<" in name:
            raise NotShipped(f"{module}.{name} stays with the grader")
        return ["at", module, name]

    def _function(self, x: FunctionType) -> Any:
        if id(x) in self.seen:
            return ["again", self.seen[id(x)]]
        number = self.seen[id(x)] = len(self.seen)
        names = {name: x.__globals__[name] for name in _names(x.__code__) if name in x.__globals__}
        cells = [self.pack(cell.cell_contents) for cell in x.__closure__ or ()]
        used = {name: self.pack(value) for name, value in names.items() if value is not x}
        return ["function", number, marshal.dumps(x.__code__), self.pack(x.__defaults__ or ()), cells, used]


def _names(code: CodeType) -> set[str]:
    """The names that a function and those inside it use."""
    inner = (_names(part) for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*inner)


def unpacked(x: Any) -> Any:
    """The function that was packed."""
    return _Unpacker().unpack(x)


class _Unpacker:
    def __init__(self) -> None:
        self.made: dict[int, Callable[..., Any]] = {}

    def unpack(self, x: Any) -> Any:
        kind, *rest = x
        if kind == "on":
            return OnAnother(self.unpack(rest[0]), rest[1])
        if kind == "module":
            return importlib.import_module(rest[0])
        if kind == "at":
            found: Any = importlib.import_module(rest[0])
            for name in rest[1].split("."):
                found = getattr(found, name)
            return found
        if kind == "again":
            return self.made[rest[0]]
        if kind == "dict":
            return {self.unpack(k): self.unpack(v) for k, v in rest[0]}
        if kind == "function":
            return self._function(*rest)
        makers = {"tuple": tuple, "list": list, "set": set, "frozenset": frozenset}
        return makers[kind](map(self.unpack, rest[0])) if kind in makers else rest[0]

    def _function(self, number: int, code: bytes, defaults: Any, cells: list[Any], used: dict[str, Any]) -> Any:
        space: dict[str, Any] = {"__builtins__": __builtins__, "math": math, "__name__": "probe"}
        compiled = marshal.loads(code)
        holes = tuple(CellType() for _ in cells)
        made = FunctionType(compiled, space, compiled.co_name, self.unpack(defaults), holes)
        self.made[number] = space[compiled.co_name] = made
        for hole, content in zip(holes, cells, strict=True):
            hole.cell_contents = self.unpack(content)
        space.update({name: self.unpack(value) for name, value in used.items()})
        return made
