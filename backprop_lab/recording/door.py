"""The door through which a student's call comes in, and through which errors leave: none of them raw.

    @entry("bl.grad(f)(3.0)")           the call to write instead, where Python cannot match the arguments
    def grad(f, argnums=None): ...

An error that Python, NumPy or a library raised because it met a traced value, or a list where an array was meant,
becomes a sentence with the student's line. What the student's own code raises passes unchanged.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, TypeVar, cast

from ..errors import ArgumentError, LabError

F = TypeVar("F", bound=Callable[..., Any])


def entry(usage: str = "", options: str = "") -> Callable[[F], F]:
    """A decorator for the functions that students call: `usage` is a right call, for who gives too few or too many
    arguments, `options` the same with its keyword arguments, for who gives one that does not exist."""

    def decorate(f: F) -> F:
        @functools.wraps(f)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return f(*args, **kwargs)
            except Exception as error:
                found = told(error, usage, options)
                if found is None:
                    raise
                raise found.with_traceback(error.__traceback__) from None

        return cast(F, call)

    return decorate


def told(error: Exception, usage: str = "", options: str = "") -> LabError | None:
    """The sentence for an error that leaves through the door; None where it is the student's own."""
    from .sentences.explain import explained, located  # long, and only for what went wrong

    trail = error.__traceback__
    if isinstance(error, LabError):
        return located(error)
    if isinstance(error, TypeError) and trail is not None and trail.tb_next is None:
        return _mismatch(error, usage, options)
    return explained(error)


def _mismatch(error: TypeError, usage: str, options: str) -> ArgumentError | None:
    """The sentence for arguments that Python could not match to the parameters."""
    matched = re.match(r"([\w.<>]+)\(\) (.*)", str(error))
    if not matched:
        return None
    name, what = matched.group(1).rsplit(".", 1)[-1], matched.group(2)
    what = what.replace("positional argument", "argument")
    advice = options if options and "keyword" in what else usage
    name = name if usage else "this function"
    return ArgumentError(f"{name} {what}; write {advice or 'the arguments by position, as in g(3.0)'}")
