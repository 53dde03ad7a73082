"""A student's function as the grader's own exercises see it: called there, and traced here from what it recorded there.

Where an exercise asks for a function of the student's own, its properties are measured in the grader's process. With
numbers the function is called where it is. With recording values it is traced there, and its records, plain data that
are checked one by one, are run again here. So whoever forges a graph has to know one that is right.
"""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from .. import errors
from ..errors import ArgumentError, LabError
from ..recording.tape import INPUT
from ..recording.trees import leaves, like, mapped
from ..table.entry import BY_CODE, Primitive
from ..table.values import is_traced, plain, size_of

RECORDS = 50_000
ROOM, SECONDS = 10**7, 2.0  # numbers that come of an operation, or of all; time for all. The grader has no fence


class Failed(Exception):
    """The function raised something there, or what it gave is no plain data; with a sentence."""


class Mirror:
    """Stands for the student's function.

    Parameters
    ----------
    ask : calls or traces it: from a word, `apply` or `trace`, and the arguments to what came
    names : what it calls its parameters
    name : what it is called
    """

    def __init__(self, ask: Callable[[str, list[Any]], Any], names: Sequence[str], name: str) -> None:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        unique = dict.fromkeys(n for n in names if n.isidentifier())
        self.__signature__ = inspect.Signature([inspect.Parameter(n, kind) for n in unique])
        self.__name__ = name
        self.ask = ask

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = [*args, *kwargs.values()]
        inputs = leaves(given)
        if not any(map(is_traced, inputs)):
            return self.ask("apply", given)
        found = self.ask("trace", mapped(lambda x, _: plain(x), given))
        try:
            records, outputs, structure = found
            values = _again(records, inputs)
            return like(structure, iter([values[id] for id in outputs]))
        except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
            if isinstance(error, LabError):
                raise
            raise Failed(f"what was recorded there is no graph ({type(error).__name__})") from None


def _again(records: Any, inputs: Sequence[Any]) -> list[Any]:
    """The values of all records, worked out anew from the inputs."""
    if len(records) > RECORDS:
        raise Failed(f"the function computes more than {RECORDS} nodes")
    values: list[Any] = []
    given = iter(inputs)
    kept, until = 0, time.process_time() + SECONDS
    for code, i, j, _, b, y in records:
        if type(code) is int and code >= 0:
            op = BY_CODE[code]
            operands = [values[k] for k in op.ids(i, j)]
            if kept > ROOM or _room(op, operands, b) > ROOM or time.process_time() > until:
                raise Failed("the arrays that the function computes with are too large, or too many")
            values.append(op.function(*op.joined(operands, op.settings(b))))
            kept += size_of(plain(values[-1]))
        else:
            values.append(next(given) if code == INPUT else y)
    return values


def _room(op: Primitive, operands: Sequence[Any], b: Any) -> int:
    """At most so many numbers come of an operation, or are multiplied on the way."""
    shape = op.settings(b)[-1] if op.params and op.params[-1] == "shape" else ()
    return math.prod(size_of(plain(x)) for x in operands) * math.prod(shape if isinstance(shape, tuple) else (shape,))


def raised(kind: str, words: str) -> Exception:
    """An error of the student's function, as it is here: the lab's own kinds stay what they are."""
    found = getattr(errors, kind, None)
    if isinstance(found, type) and issubclass(found, LabError):
        error = found.__new__(found)
        Exception.__init__(error, words)
        error.wrong = words
        return error
    return Failed(words)


def traced_there(function: Callable[..., Any], args: Sequence[Any]) -> tuple[list[Any], list[int], Any]:
    """In the student's process: the records of a function, its outputs and their structure, for a `Mirror`."""
    from ..graph.trace import trace

    graph = trace(function, *args)
    if len(graph.records) > RECORDS:
        raise ArgumentError(f"the function computes more than {RECORDS} nodes")
    records = [list(record) for record in graph.records]
    for record in records:
        if record[0] >= 0:
            record[5] = None
    return records, list(graph.output_ids), graph.structure


__all__ = ["Failed", "Mirror", "raised", "traced_there"]
