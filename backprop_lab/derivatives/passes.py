"""Derivatives of ordinary Python functions: `grad`, `value_and_grad`, `jvp`, `vjp`.

Each runs the function once on a lean tape and then one pass over the tape: forward for `jvp`, reverse for the rest.
On a tape of numbers the passes are those of `generated`; with arrays on it, they ask the table's entries. No pass
recurses. They nest: the values on a tape may be recording values of an outer tape, and the passes are recorded there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError
from ..graph import infinite
from ..graph.infinite import has_nan
from ..recording.arguments import as_value, bind, check_function, check_output, counted
from ..recording.call import Call, check_argnums, positions, record_floats
from ..recording.door import entry, told
from ..recording.numpy import dispatch  # noqa: F401  as in `trace`
from ..recording.other_ways import reaches_nothing
from ..recording.tape import Tape
from ..recording.traced import Traced
from ..recording.trees import is_tree, leaves, leaves_as, like
from ..source.functions import line_of, name_of
from ..table import walk
from ..table.values import is_complex, is_traced, settled, shape_of
from .duals import gradient_rates
from .generated import ZERO, forward_pass, plus, reverse_pass, rules

Function = Callable[..., Any]
SEVERAL = (tuple, list)


def _adjoints(run: _Run, seeds: list[tuple[int, Any]]) -> list[Any]:
    """The adjoint of every tape position."""
    start: list[Any] = [ZERO] * len(run.tape)
    for id, seed in seeds:
        start[id] = plus(start[id], seed)
    return _passed(run.tape, start, range(1, run.inputs + 1), REVERSE)


def _passed(tape: Tape, start: list[Any], asked: Iterable[int], ways: _Ways) -> list[Any]:
    """What a pass makes of its seeds, ZERO where there is nothing: three ways, each where the one before gives up."""
    found = list(start)
    try:
        if done := not tape.general:
            ways.of_floats(tape, found)
    except (ZeroDivisionError, OverflowError):  # an infinite slope: again in IEEE arithmetic
        done = False
    if not done:
        found = _marked(start)
        with np.errstate(all="ignore"):
            ways.general(tape, found)
    if has_nan([found[k] for k in asked]) and not tape.nested and not any(map(is_traced, start)):
        done, found = False, ways.exact(tape, _marked(start)) or found
    return found if done else [ZERO if x is None else x for x in found]


def _back(tape: Tape, bars: list[Any]) -> None:
    for id, _, _, sent in walk.back(tape, bars, range(len(tape) - 1, 0, -1)):
        bars[id] = sent if bars[id] is None else bars[id] + sent


def _forward(tape: Tape, dots: list[Any]) -> None:
    for dot in walk.forward(tape, dots):
        dots.append(dot)


class _Ways(NamedTuple):
    of_floats: Callable[[Tape, list[Any]], None]
    general: Callable[[Tape, list[Any]], None]
    exact: Callable[[Tape, list[Any]], list[Any] | None]


REVERSE = _Ways(reverse_pass, _back, infinite.adjoints)
FORWARD = _Ways(forward_pass, _forward, infinite.tangents)


def _marked(start: list[Any]) -> list[Any]:
    return [None if x is ZERO else x for x in start]


# --- running a function on a lean tape --------------------------------------------------------------------------------


class _Run(Call):
    """A call, and its run on a lean tape, where its numbers have the positions 1 … inputs."""

    def __init__(self, *call: Any, recorded: tuple[Tape, Any] | None = None) -> None:
        super().__init__(*call)
        if recorded is not None:  # floats alone
            (self.tape, self.out), self.inputs = recorded, len(self.args)
            return
        self.tape = Tape(sourced=False)
        try:
            self.out = self.record(self.tape)
        finally:
            self.tape.close()
        self.check(self.out)

    def primal(self, y: Any) -> tuple[Any, int]:
        """An output's value and its tape position; a constant has position 0, whose adjoint nobody reads."""
        if is_traced(y) and y._tape_ is self.tape:
            return y._value_, y._id_
        return check_output(y, self.f), 0


def _of_floats(tape: Tape, out: Any, inputs: int) -> tuple[float, Any] | None:
    """The value and the gradient, where the call was all floats and nothing is odd: no structure, no infinity."""
    if out.__class__ is not Traced or out._tape_ is not tape or tape.general:
        return None
    bars = [ZERO] * len(tape)
    bars[out._id_] = 1.0
    try:
        rules(False).reverse(tape, bars)
    except (ZeroDivisionError, OverflowError):
        return None
    found: Any = bars[1] if inputs == 1 else tuple(bars[1 : inputs + 1])
    total = found if inputs == 1 else sum(found)
    return (out._value_, found) if total == total else None  # a nan has a reason of its own


def _whole(derivative: Any, value: Any) -> Any:
    """A derivative as it is handed out: zeros where nothing arrived, and an array of its own, not a view of another."""
    shape, kind = shape_of(value), complex if is_complex(value) else None
    if is_traced(derivative):
        return derivative + 0j if kind and not is_complex(derivative) else derivative
    if shape:
        return np.zeros(shape, kind) if derivative is ZERO else np.array(derivative, kind)
    return complex(derivative) if kind else settled(derivative)


def _handed(run: _Run, derivatives: list[Any], alone: bool = False) -> Any:
    """The derivatives with respect to the arguments, each in its argument's structure."""
    found = derivatives[1 : run.inputs + 1]
    if run.tape.general:
        found = [_whole(d, y) for d, (*_, y) in zip(found, run.tape[1 : run.inputs + 1], strict=True)]
    return run.structured(found, alone)


@entry("bl.value_and_grad(f)(3.0)", "bl.value_and_grad(f, argnums=0)(3.0)")
def value_and_grad(f: Function, argnums: int | Sequence[int] | None = None) -> Function:
    """A function that returns f's value together with its gradient, from one run and one reverse pass.

    Parameters
    ----------
    f : a function that returns one number; its arguments are numbers, arrays, or lists, tuples and dicts of them
    argnums : positions of the arguments to differentiate with respect to. None means all positional arguments: one
        gradient for one argument, a tuple for several. An int or a tuple as in JAX.

    Returns
    -------
    A function of the same arguments that returns (value, gradient). A gradient has its argument's structure and shape.
    For a complex argument z = x + iy it is du/dx - i du/dy (docs/design.md says why): descend along its conjugate.

    Raises
    ------
    ArgumentError : `f` does not return one number, or argnums does not fit the call
    """
    check_function(f)
    check_argnums(argnums, f)
    listed, alone = isinstance(argnums, SEVERAL), reaches_nothing(f)

    @entry()
    def careful(args: tuple[Any, ...], kwargs: dict[str, Any], recorded: tuple[Tape, Any] | None) -> tuple[Any, Any]:
        wrt = positions(f, args, argnums)
        if not wrt:
            bind(f, args, kwargs)
            raise ArgumentError(
                f"only arguments given by position are differentiated, and {name_of(f)} got none; "
                "write grad(f)(3.0), say"
            )
        run = _Run(f, args, kwargs, wrt, recorded=recorded)
        out = run.out
        if is_tree(out) and out:
            raise ArgumentError(
                f"{name_of(f)}{line_of(f)} returns {counted(out)}, and a gradient needs one; return one number, or "
                "use vjp for several"
            )
        value, position = run.primal(out)
        if value.__class__ is not float and (shape_of(value) or is_complex(value)):
            what, instead = "a complex number", "use wirtinger, or return np.abs or the real part of it"
            if shape_of(value):
                what, instead = f"an array of shape {shape_of(value)}", "sum it up, or use vjp or jacobian"
            raise ArgumentError(
                f"{name_of(f)}{line_of(f)} returns {what}, and a gradient needs one real number; {instead}"
            )
        bars = _adjoints(run, [(position, 1.0)] if position else [])
        return value, _handed(run, bars, alone=not listed)

    def value_and_slopes(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        if argnums is not None or kwargs or not args:
            return careful(args, kwargs, None)
        for x in args:
            if x.__class__ is not float:
                return careful(args, kwargs, None)
        try:
            recorded = tape, out = record_floats(f, args, alone)
            found = _of_floats(tape, out, len(args))
        except Exception as error:
            sentence = told(error)
            if sentence is None:
                raise
            raise sentence.with_traceback(error.__traceback__) from None
        return found or careful(args, kwargs, recorded)

    return named(value_and_slopes, f, "value_and_grad")


@entry("bl.grad(f)(3.0)", "bl.grad(f, argnums=0)(3.0)")
def grad(f: Function, argnums: int | Sequence[int] | None = None) -> Function:
    """The gradient of f as a function: one number for one argument, a tuple for several.

    Parameters, errors : as `value_and_grad`.
    """
    both = value_and_grad(f, argnums)

    def run(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return named(entry()(run), f, "grad")


def named(run: Function, f: Function, what: str) -> Function:
    """A function made of f, under a name that says so."""
    run.__name__ = run.__qualname__ = f"{what}_of_{getattr(f, '__name__', 'f').strip('<>')}"
    run.__doc__ = f"{what} of {name_of(f)}"
    run.__wrapped__ = f  # type: ignore[attr-defined]  # so that it tells f's parameters
    return run


@entry("bl.jvp(f, (3.0,), (1.0,))")
def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """f's value, and how fast it changes when the arguments change at the given rates: one forward pass.

    Parameters
    ----------
    f : a function of numbers and arrays that returns one of them, or a list, tuple or dict of them
    primals : its arguments
    tangents : the rate of each, in the same order, structure and shape

    Returns
    -------
    (value, tangent), each with the structure of f's result

    Raises
    ------
    ArgumentError : the numbers of primals and tangents differ, or f does not return numbers
    """
    if not isinstance(primals, SEVERAL) or not isinstance(tangents, SEVERAL):
        raise ArgumentError("jvp takes a tuple of primals and a tuple of tangents; write jvp(f, (x,), (1.0,))")
    if len(primals) != len(tangents):
        given = f"{len(tangents)} tangents for {len(primals)} primals"
        raise ArgumentError(f"jvp got {given}; give one tangent for each primal")
    run = _Run(f, tuple(primals))
    outputs = list(map(run.primal, leaves(run.out)))
    rates = leaves_as(list(primals), list(tangents))
    if rates is None:
        given = f"{len(leaves(tangents))} tangents for {run.inputs} primals"
        raise ArgumentError(f"jvp got {given}; give one tangent for each primal, in its structure")
    dots: list[Any] = [ZERO]
    for k, (rate, (*_, y)) in enumerate(zip(rates, run.tape[1 : run.inputs + 1], strict=True), 1):
        rate = _matching(rate, y, f"tangent number {k}", f)
        dots.append(ZERO if _is_still(rate) else rate)
    dots = _passed(run.tape, dots, [position for _, position in outputs if position], FORWARD)
    dots[0] = ZERO
    rates = [_whole(dots[position], y) for y, position in outputs]
    return like(run.out, iter([y for y, _ in outputs])), like(run.out, iter(rates))


def hessian_times_arrays(f: Function, primals: Sequence[Any], vectors: Sequence[Any]) -> Any:
    """The Hessian times a vector of arrays, from one tape of the function; None where `jvp` of `grad` has to look."""
    rates = leaves_as(list(primals), list(vectors))
    if rates is None or not all(map(_is_real, (*leaves(list(primals)), *rates))):
        return None
    run = _Run(f, tuple(primals))
    y, tape = run.out, run.tape
    if not is_traced(y) or y._tape_ is not tape or y._value_.__class__ is not float or tape.nested:
        return None
    given = zip(rates, tape[1 : run.inputs + 1], strict=True)
    if any(shape_of(rate) != shape_of(x) for rate, (*_, x) in given):
        return None
    dots = [None, *(None if _is_still(rate) else rate for rate in rates)]
    try:
        with np.errstate(all="ignore"):
            _forward(tape, dots)
            found = gradient_rates(tape, dots, y._id_, run.inputs)
    except Exception:
        return None
    return None if found is None else _handed(run, [ZERO, *(ZERO if x is None else x for x in found)], alone=True)


def _is_real(x: Any) -> bool:
    return x.__class__ is float or x.__class__ is np.ndarray and x.dtype.kind == "f"


def _is_still(rate: Any) -> bool:
    """Whether a seed is a plain 0: then nothing moves, and no slope is multiplied, whatever its size."""
    return bool(rate == 0.0) if rate.__class__ is float else rate.__class__ is np.ndarray and not rate.any()


def _matching(x: Any, like: Any, what: str, f: Function) -> Any:
    """A tangent or an adjoint; an ArgumentError if its value has another shape, or is real and it is complex."""
    if x.__class__ is float and like.__class__ is float:
        return x
    x = as_value(x, what, f, whole="allowed")
    if shape_of(x) != shape_of(like):
        raise ArgumentError(
            f"{what} of {name_of(f)} has shape {shape_of(x)}, and its value has shape {shape_of(like)}; give one "
            "number for each number of the value"
        )
    if is_complex(x) and not is_complex(like):
        raise ArgumentError(f"{what} of {name_of(f)} is complex, and its value is real; give real numbers")
    return x


@entry("bl.vjp(f, 3.0)")
def vjp(f: Function, *primals: Any) -> tuple[Any, Callable[..., tuple[Any, ...]]]:
    """f's value, and its pullback: the function from the output's adjoint to the tuple of the inputs' adjoints.

    Parameters
    ----------
    f : a function of numbers and arrays that returns one of them, or a list, tuple or dict of them
    primals : its arguments

    Returns
    -------
    (value, pullback) : pullback takes the output's adjoint in the output's structure and shape, and may be called again

    Raises
    ------
    ArgumentError : f does not return numbers, or the pullback gets the wrong number of adjoints
    """
    run = _Run(f, primals)
    pairs = list(map(run.primal, leaves(run.out)))

    @entry("pullback(1.0)")
    def pullback(adjoint: Any) -> tuple[Any, ...]:
        given = leaves_as(run.out, adjoint) if is_tree(run.out) else [adjoint]
        if given is None:
            count = len(leaves(adjoint))
            raise ArgumentError(
                f"{name_of(f)} has {len(pairs)} outputs, and the pullback got {count} adjoint{'s' * (count != 1)}; "
                "give one for each, in the structure of the result"
            )
        seeds = [(p, _matching(bar, y, "the adjoint", f)) for bar, (y, p) in zip(given, pairs, strict=True)]
        return _handed(run, _adjoints(run, [(p, bar) for p, bar in seeds if p and not _is_still(bar)]))

    return like(run.out, iter([value for value, _ in pairs])), pullback
