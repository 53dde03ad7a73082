"""Pickles of programs, calls by name, and what programs ask of the engine.

A function goes into a pickle by its name alone, so a lambda, a function inside a function, or one that is another
where the pickle is opened does not come along. The branches that the program knows do: `Recorded` runs their operations
again, on numbers and on traced values, and says so where none of them fits.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any

from ..derivatives.passes import value_and_grad, vjp
from ..errors import ArgumentError, LabError
from ..graph.replay import followed
from ..recording.arguments import bind, check_output
from ..recording.trees import leaves, like, mapped
from ..source.functions import code_of, name_of
from ..table.values import is_traced


def by_engine(f: Callable[..., Any], which: str, args: Sequence[Any], wanted: Any = None) -> Any:
    """What the engine answers where a program does not know: at odd numbers, and inside an outer derivative."""
    if which == "value_and_grad":
        return value_and_grad(f, wanted)(*args)
    if any(map(is_traced, leaves(args))):
        return mapped(lambda y, _: check_output(y, f), f(*args))
    return vjp(f, *args)[0]


def placed(f: Callable[..., Any], args: Sequence[Any], named: dict[str, Any], inputs: Sequence[str]) -> tuple[Any, ...]:
    """The arguments of a call by position, as a program takes them."""
    bound = bind(f, tuple(args), named)
    if bound.kwargs:
        raise ArgumentError(
            f"the program of {name_of(f)} was compiled without {', '.join(bound.kwargs)}; give {', '.join(inputs)}, or "
            "compile the function again with the other argument"
        )
    return bound.args


class Recorded:
    """The function of a program that came out of a pickle without it."""

    def __init__(self, name: str, branches: Sequence[Any]) -> None:
        self.__name__, self.branches = name, branches

    def __call__(self, *args: Any) -> Any:
        flat = leaves(args)
        for branch in self.branches:
            results = followed(branch.graph, flat)
            if results is not None:
                return like(branch.structure, iter(results))
        raise ArgumentError(
            f"the program of {self.__name__} came out of a pickle without its function, and these inputs take a branch "
            "that it has not seen; compile the function here, or pickle a program of a function that stands in a module"
        )


def reduced(program: Any) -> tuple[Any, ...]:
    """What `__reduce__` answers for a program: its parts, and its function where that can be pickled. What cannot, such
    as a rule made of lambdas, is an ArgumentError."""
    state = dict(program.__getstate__())
    f = state.pop("function")
    try:
        function = None if isinstance(f, Recorded) else pickle.dumps(f)
    except Exception:  # whatever pickle raises for a lambda, a closure, or what the student's object says
        function = None
    try:
        parts = pickle.dumps(state)
    except LabError:
        raise  # which says more
    except Exception as error:
        raise ArgumentError(
            f"the program of {name_of(f)} cannot be pickled ({' '.join(str(error).split())}); define what it uses at "
            "the top of a module, with def, not as a lambda or inside a function"
        ) from None
    return _opened, (type(program), name_of(f), function, _fingerprint(f), parts)


def _opened(kind: type, name: str, function: bytes | None, was: Any, parts: bytes) -> Any:
    program: Any = object.__new__(kind)
    state = pickle.loads(parts)
    try:
        f = pickle.loads(function) if function is not None else None
    except Exception:  # the module, or the name in it, is not there
        f = None
    state["function"] = f if f is not None and _fingerprint(f) == was else Recorded(name, state["branches"])
    program.__setstate__(state)
    return program


def _fingerprint(f: Any) -> Any:
    """What a function does, as far as its code tells: another one of the same name must not answer for it."""
    code = code_of(f)
    if code is None:
        return None
    inner = [c for c in code.co_consts if isinstance(c, type(code))]
    written = [c for c in code.co_consts if isinstance(c, int | float | complex | str | bytes)]
    return code.co_code, code.co_names, repr(written), [c.co_code for c in inner]
