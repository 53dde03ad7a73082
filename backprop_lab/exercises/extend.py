"""A class that is extended in place, and the same extension on another class.

    class Value(Value):
        def backward(self): ...

What an earlier step of it got wrong cost points there. So a later step may be tried on a class whose earlier steps are
right: the methods of its own are taken along, and wherever they say `Value`, it is the new one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import CellType, FunctionType
from typing import Any

import numpy as np


def extends_itself(answer: Any) -> bool:
    """Whether it is a class that extends one of its own name."""
    return isinstance(answer, type) and any(base.__name__ == answer.__name__ for base in answer.__bases__)


def own_methods(answer: Any) -> set[str]:
    """The names of the functions in the last body of a class that extends one of its own name; else none."""
    if not extends_itself(answer):
        return set()
    return {name for name, part in vars(answer).items() if isinstance(part, FunctionType)}


@dataclass(frozen=True)
class OnAnother:
    """A probe that sees an answer's last body on the class that a text defines.

    Attributes
    ----------
    probe : what is run
    before : the text of the class that it is put on
    """

    probe: Callable[..., Any]
    before: str

    def __call__(self, answer: type, *args: Any) -> Any:
        return self.probe(moved(answer, self.before), *args)


def moved(answer: type, before: str) -> type:
    """The last body of a class on the class of the same name that a text defines."""
    name = answer.__name__
    space: dict[str, Any] = {"np": np, "math": math, "__name__": "student"}
    exec(compile(before, "<before>", "exec"), space)
    cell, spaces = CellType(), dict[int, dict[str, Any]]()
    body = {key: part for key, part in vars(answer).items() if key not in ("__dict__", "__weakref__")}
    for key, part in body.items():
        if isinstance(part, FunctionType):
            body[key] = _rebound(part, answer, cell, spaces)
        elif isinstance(part, staticmethod | classmethod) and isinstance(part.__func__, FunctionType):
            body[key] = type(part)(_rebound(part.__func__, answer, cell, spaces))
    found = type(name, (space[name],), body)
    cell.cell_contents = found
    for names in (space, *spaces.values()):
        names[name] = found
    return found


def _rebound(function: FunctionType, answer: type, cell: CellType, spaces: dict[int, dict[str, Any]]) -> FunctionType:
    """A function with globals of its own, in which the class's name can mean another; `super()` asks the cell."""
    names = spaces.setdefault(id(function.__globals__), dict(function.__globals__))
    closure = function.__closure__ and tuple(cell if _holds(c, answer) else c for c in function.__closure__)
    found = FunctionType(function.__code__, names, function.__name__, function.__defaults__, closure)
    found.__kwdefaults__ = function.__kwdefaults__
    return found


def _holds(cell: CellType, answer: type) -> bool:
    try:
        return cell.cell_contents is answer
    except ValueError:  # an empty cell
        return False
