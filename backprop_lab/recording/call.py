"""One call of a student's function: its numbers and arrays taken out, with their names, and put back in.

    call = Call(f, (3.0, {"w": w}))
    call.names, call.values           ["x", "p['w']"], [3.0, w]
    call.flat(4.0, w)                 f at other numbers
    call.record(tape)                 f on recording values, and what it returned
    call.structured(derivatives)      derivatives in the structure of the arguments

Tracing, derivatives, compiled programs and differences take their arguments apart here.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import ArgumentError, LabError
from ..source import noticed
from ..source.functions import name_of
from .arguments import as_value, bind, name_at, parameters_of
from .lists import lifted_result, student
from .other_ways import check_way, depth
from .tape import Tape
from .traced import Traced, new_floats, new_input
from .trees import is_tree, leaves, like, mapped

Name = str | int  # of a number: a name, or its position while nobody asks for the name


class Call:
    """A function and its arguments. The numbers that are meant are those of the arguments at the positions `wrt`, or of
    all, those by name too; `inputs` says how many they are, once they are recorded."""

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any] | None = None,
        wrt: Sequence[int] | None = None,
    ) -> None:
        self.f, self.args, self.kwargs, self.all = f, args, kwargs or {}, wrt is None
        self.positions: Sequence[int] = range(len(args)) if wrt is None else wrt

    @classmethod
    def bound(cls, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> Call:
        """The call with its arguments matched to the parameters; an ArgumentError where they do not match."""
        found = bind(f, args, kwargs or {})
        call = cls(f, found.args, found.kwargs)
        call.parameters = list(found.signature.parameters.values())
        return call

    @cached_property
    def parameters(self) -> list[inspect.Parameter]:
        return parameters_of(self.f)

    def named(self, k: int) -> str:
        """What the function calls its positional argument number `k`."""
        return name_at(self.parameters, k)

    def replaced(self, by: Callable[[Any, Name], Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments with by(number, its name) in the place of each number and array."""
        args, kwargs = list(self.args), self.kwargs
        for k in self.positions:
            x = args[k]
            args[k] = by(x, k) if x.__class__ is float or not is_tree(x) else mapped(by, x, self.named(k))
        if self.all and kwargs:
            kwargs = {key: mapped(by, x, key) for key, x in kwargs.items()}
        return args, kwargs

    @cached_property
    def names(self) -> list[str]:
        """What the student calls the numbers and arrays: `x`, `p[0]`."""
        found: list[str] = []
        self.replaced(lambda _, name: found.append(name if isinstance(name, str) else self.named(name)))
        return found

    @cached_property
    def values(self) -> list[Any]:
        """The numbers and arrays, as they go on a tape: floats, and arrays that are copies."""
        found: list[Any] = []
        self.replaced(lambda x, name: found.append(as_value(x, name, self.f)))
        return found

    @cached_property
    def flat(self) -> Callable[..., Any]:
        """The function of the numbers and arrays alone."""

        def flat(*values: Any) -> Any:
            rest = iter(values)
            args, kwargs = self.replaced(lambda *_: next(rest))
            return f(*args, **kwargs)

        f = self.f
        flat.__name__ = name_of(self.f)
        return flat

    def structured(self, values: Iterable[Any], alone: bool = True) -> Any:
        """What belongs to the numbers, in the arguments' structure: a tuple; of one argument it alone, if `alone`."""
        rest, given = iter(values), map(self.args.__getitem__, self.positions)
        found = tuple([next(rest) if x.__class__ is float or not is_tree(x) else like(x, rest) for x in given])
        return found[0] if alone and len(found) == 1 else found

    def inputs_of(self, positions: Sequence[int]) -> list[int]:
        """Which of the numbers belong to the arguments at these positions."""
        owners = [k for k in self.positions for _ in leaves(self.args[k])]
        return [n for n, k in enumerate(owners) if k in positions]

    def record(self, tape: Tape) -> Any:
        """What the function returns for recording values, which come first on the tape; an ArgumentError where the
        arguments do not fit it, or are no numbers."""

        def enter(x: Any, name: Name) -> Any:
            if x.__class__ is not float:
                x = as_value(x, name, self.f)
                if tape.places is not None and x.__class__ is np.ndarray:
                    x.flags.writeable = False  # it is our copy, and a graph's numbers stay what they were
            return new_input(tape, x)

        self.noticed, first = noticed.count, len(tape)
        depth.now += 1
        try:
            args, kwargs = self.replaced(enter)
            self.inputs = len(tape) - first
            with student:
                return lifted_result(self.f(*args, **kwargs))
        except TypeError as error:
            if not isinstance(error, LabError):
                bind(self.f, tuple(self.args), self.kwargs)  # a wrong call gets its sentence, another error stays
            raise
        finally:
            depth.now -= 1

    @property
    def astray(self) -> tuple[str, str] | None:
        """What was noticed in the run just recorded that plain numbers leave no trace of, and the advice."""
        return noticed.last if noticed.count != self.noticed else None

    def check(self, out: Any) -> None:
        """Raise a `TraceError` if the function, which returned this, went another way than on plain numbers."""
        check_way(self.f, out, self.noticed, self.args, self.kwargs)


def record_floats(f: Callable[..., Any], args: Sequence[float], alone: bool) -> tuple[Tape, Any]:
    """A lean tape of a function of floats alone, and what it returned: as `Call` does it, without looking at any.

    `alone` is what `reaches_nothing` says of the function: then there is less to look after.
    """
    tape, before = Tape(False), noticed.count
    try:
        if alone:
            out = f(*new_floats(tape, args))
        else:
            out = _among_others(f, new_floats(tape, args))
    except TypeError as error:
        if not isinstance(error, LabError):
            bind(f, tuple(args), {})
        raise
    finally:
        tape.close()
    if not alone or noticed.count != before:
        check_way(f, out, before, args, {})
    return tape, out


def _among_others(f: Callable[..., Any], given: Sequence[Traced]) -> Any:
    """What a function returns that may use NumPy, and other functions."""
    outer = depth.now
    depth.now = outer + 1
    try:
        with student:
            out = f(*given)
            return out if out.__class__ is Traced else lifted_result(out)
    finally:
        depth.now = outer


def positions(f: Callable[..., Any], args: tuple[Any, ...], argnums: int | Sequence[int] | None) -> tuple[int, ...]:
    """Which positional arguments to differentiate with respect to."""
    if argnums is None:
        return tuple(range(len(args)))
    wanted = check_argnums(argnums, f)
    for k in wanted:
        if not -len(args) <= k < len(args):
            few = f"{len(args)} positional argument{'s' * (len(args) != 1)}"
            raise ArgumentError(
                f"argnums={argnums} is out of range: {name_of(f)} was called with {few}, counted from 0; "
                "choose among those"
            )
    positions = tuple(k % len(args) for k in wanted)
    if len(set(positions)) < len(positions):
        raise ArgumentError(f"argnums={argnums} names an argument of {name_of(f)} twice; name each once")
    return positions


def check_argnums(argnums: Any, f: Callable[..., Any]) -> tuple[int, ...]:
    """The positions that were asked for, as a tuple; () for None, which means all. Others are refused."""
    given = () if argnums is None else argnums if isinstance(argnums, tuple | list) else (argnums,)
    try:
        return tuple(map(operator.index, given))
    except TypeError:
        names = [p.name for p in parameters_of(f) if p.kind is not p.KEYWORD_ONLY]
        position = names.index(argnums) if argnums in names else 0
        which = f"the argument {argnums}" if argnums in names else "the first argument"
        raise ArgumentError(
            f"argnums={argnums!r:.40} must be a position or a tuple of positions; write argnums={position} for {which}"
        ) from None
