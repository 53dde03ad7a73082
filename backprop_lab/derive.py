"""Derivatives of ordinary Python functions: `grad`, `value_and_grad`, `jvp`, `vjp`.

Each runs the function once on a lean tape and then one pass over the tape: forward for `jvp`, reverse for the rest.
The passes are written out from the table of primitives when this module is imported, one branch an operation, so that
they cost a few list accesses an operation and never recurse. They nest: the values on a tape may themselves be
recording values of an outer tape, and then the passes are recorded there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from . import source
from .errors import ArgumentError
from .primitives import BY_CODE, Primitive, primitives
from .trace import Tape, Traced, as_number, bind, check_output, name_of

__all__ = ["grad", "jvp", "value_and_grad", "vjp"]

source.engine_module(globals())
ZERO = 0.0  # one object: a node that nothing has reached is recognised by identity, so a traced 0 is not skipped


def _rename(op: Primitive, text: str) -> str:
    """A partial's text in terms of a record's a, b and y."""
    names = dict(zip(op.args + op.params, ("a", "b"), strict=False))
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            node.id = names[node.id]
    return ast.unparse(tree)


def _push(op: Primitive) -> str:
    """What the reverse pass does at one operation: `bar` is its adjoint, `bars[i]` and `bars[j]` the operands'."""
    lines = []
    for operand, text in zip("ij", op.partials, strict=False):
        partial = _rename(op, text)
        if partial in ("1", "-1"):
            lines.append(f"bars[{operand}] {'+' if partial == '1' else '-'}= bar")
        elif partial != "0":
            lines.append(f"bars[{operand}] += bar * ({partial})")
    return "; ".join(lines) or "pass"


def _pull(op: Primitive) -> str:
    """What the forward pass does: the tangent of one operation from `dots[i]` and `dots[j]`."""
    terms = [(operand, _rename(op, text)) for operand, text in zip("ij", op.partials, strict=False)]
    parts = [f"dots[{o}]" if p == "1" else f"-dots[{o}]" if p == "-1" else f"({p}) * dots[{o}]" for o, p in terms if p != "0"]
    return "dot = " + (" + ".join(parts) or "ZERO")


def _branches(write: Callable[[Primitive], str]) -> str:
    return "\n".join(f"        {'if' if op.code == 0 else 'elif'} code == {op.code}: {write(op)}" for op in BY_CODE)


_SOURCE = f"""
def reverse_pass(tape, bars):
    k = len(tape)
    for code, i, j, a, b, y in reversed(tape):
        k -= 1
        bar = bars[k]
        if bar is ZERO: continue
{_branches(_push)}

def forward_pass(tape, dots, first):
    for code, i, j, a, b, y in tape[first:]:
{_branches(_pull)}
        dots.append(dot)
"""
_space: dict[str, Any] = {"ZERO": ZERO} | {name: op.function for name, op in primitives.items()}
source.engine_module(_space)
exec(_SOURCE, _space)
_reverse_pass: Callable[[Tape, list[Any]], None] = _space["reverse_pass"]
_forward_pass: Callable[[Tape, list[Any], int], None] = _space["forward_pass"]


def _reverse(tape: Tape, seeds: list[tuple[int, Any]]) -> list[Any]:
    """The adjoint of every tape position."""
    bars: list[Any] = [ZERO] * len(tape)
    for position, seed in seeds:
        bars[position] += seed
    try:
        _reverse_pass(tape, bars)
    except (ZeroDivisionError, OverflowError):  # an infinite slope: the same pass in IEEE arithmetic
        bars = [ZERO] * len(tape)
        for position, seed in seeds:
            bars[position] += seed
        for k in range(len(tape) - 1, -1, -1):
            code, i, j, a, b, y = tape[k]
            if code >= 0 and bars[k] is not ZERO:
                op = BY_CODE[code]
                for slot, operand in enumerate((i, j)[: len(op.args)]):
                    bars[operand] += bars[k] * _slope(op, slot, a, b, y)
    return bars


def _forward(tape: Tape, dots: list[Any]) -> list[Any]:
    """The tangent of every tape position, given those of the inputs."""
    first = len(dots)
    try:
        _forward_pass(tape, dots, first)
    except (ZeroDivisionError, OverflowError):
        del dots[first:]
        for code, i, j, a, b, y in tape[first:]:
            op = BY_CODE[code]
            terms = [dots[o] * _slope(op, slot, a, b, y) for slot, o in enumerate((i, j)[: len(op.args)])]
            dots.append(sum(terms[1:], terms[0]))
    return dots


def _slope(op: Primitive, slot: int, a: Any, b: Any, y: Any) -> Any:
    return op.slope(slot, y, (a,) if len(op.args + op.params) == 1 else (a, b))


# --- running a function on a lean tape -----------------------------------------------------------------------------


def _positions(f: Callable[..., Any], args: tuple[Any, ...], argnums: int | Sequence[int] | None) -> tuple[int, ...]:
    """Which positional arguments to differentiate with respect to."""
    if argnums is None:
        return tuple(range(len(args)))
    wanted = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for k in wanted:
        if not -len(args) <= k < len(args):
            raise ArgumentError(f"argnums={argnums}, but {name_of(f)} was called with {len(args)} positional arguments, counted from 0")
    return tuple(k % len(args) for k in wanted)


def _record(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], wrt: tuple[int, ...]) -> tuple[Tape, Any]:
    """Run `f` with recording values at the given positions; inputs get tape positions 1, 2, … in that order."""
    tape = Tape(sourced=False)
    arguments = list(args)
    for k in wrt:
        if args[k].__class__ is not float:
            arguments[k] = as_number(args[k], _parameter(f, k), f)
        arguments[k] = tape.input(arguments[k])
    try:
        return tape, f(*arguments, **kwargs)
    except TypeError:
        bind(f, args, kwargs)  # a wrong call gets its sentence; a TypeError inside f is passed on as it is
        raise


def _parameter(f: Callable[..., Any], k: int) -> str:
    code = getattr(f, "__code__", None)
    return code.co_varnames[k] if code is not None and k < code.co_argcount else f"number {k + 1}"


def _primal(tape: Tape, out: Any, f: Callable[..., Any]) -> tuple[Any, int]:
    """One output's number and its tape position; a constant has position 0, whose adjoint nobody reads."""
    if out.__class__ is Traced and out.tape is tape:
        return out.value, out.id
    return check_output(out, f), 0


def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] | None = None) -> Callable[..., Any]:
    """A function that returns f's value together with its gradient, from one run and one reverse pass.

    Parameters
    ----------
    f : a function of numbers that returns one number
    argnums : positions of the arguments to differentiate with respect to. None means all positional arguments: one
        number for one argument, a tuple for several. An int or a tuple as in JAX.

    Returns
    -------
    A function of the same arguments that returns (value, gradient)

    Raises
    ------
    ArgumentError : `f` does not return one number, or argnums does not fit the call
    """

    def run(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        wrt = _positions(f, args, argnums)
        if not wrt:
            bind(f, args, kwargs)
            raise ArgumentError(f"give the arguments of {name_of(f)} by position, as in grad({name_of(f)})(3.0): those are differentiated")
        tape, out = _record(f, args, kwargs, wrt)
        if isinstance(out, tuple | list):
            raise ArgumentError(f"{name_of(f)} returns {len(out)} values, and a gradient needs one; return one number, or use vjp for several")
        value, position = _primal(tape, out, f)
        bars = _reverse(tape, [(position, 1.0)]) if position else [ZERO] * len(tape)
        single = len(wrt) == 1 and (argnums is None or isinstance(argnums, int))
        return value, bars[1] if single else tuple(bars[1 : len(wrt) + 1])

    return _named(run, f, "value_and_grad")


def grad(f: Callable[..., Any], argnums: int | Sequence[int] | None = None) -> Callable[..., Any]:
    """The gradient of f as a function: one number for one argument, a tuple for several.

    Parameters, errors : as `value_and_grad`.
    """
    both = value_and_grad(f, argnums)

    def run(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return _named(run, f, "grad")


def _named(run: Callable[..., Any], f: Callable[..., Any], what: str) -> Callable[..., Any]:
    run.__name__ = run.__qualname__ = f"{what}_of_{getattr(f, '__name__', 'f').strip('<>')}"
    run.__doc__ = f"{what} of {name_of(f)}"
    return run


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """f's value, and how fast it changes when the arguments change at the given rates: one forward pass.

    Parameters
    ----------
    f : a function of numbers that returns one number or several
    primals : its arguments
    tangents : the rate of each, in the same order

    Returns
    -------
    (value, tangent), each with the structure of f's result

    Raises
    ------
    ArgumentError : the numbers of primals and tangents differ, or f does not return numbers
    """
    if not isinstance(primals, tuple | list) or not isinstance(tangents, tuple | list):
        raise ArgumentError("jvp takes a tuple of primals and a tuple of tangents; write jvp(f, (x,), (1.0,))")
    if len(primals) != len(tangents):
        raise ArgumentError(f"jvp got {len(primals)} primals and {len(tangents)} tangents; give one tangent for each primal")
    wrt = tuple(range(len(primals)))
    tape, out = _record(f, tuple(primals), {}, wrt)
    rates = [as_number(t, f"tangent {k + 1}", f) for k, t in enumerate(tangents)]
    dots = _forward(tape, [ZERO, *rates])
    dots[0] = ZERO
    single = not isinstance(out, tuple | list)
    pairs = [_primal(tape, o, f) for o in ([out] if single else out)]
    values, results = tuple(v for v, _ in pairs), tuple(dots[p] for _, p in pairs)
    return (values[0], results[0]) if single else (values, results)


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., tuple[Any, ...]]]:
    """f's value, and its pullback: the function from the output's adjoint to the tuple of the inputs' adjoints.

    Parameters
    ----------
    f : a function of numbers that returns one number or several
    primals : its arguments

    Returns
    -------
    (value, pullback) : pullback takes one number, or one for each output in a tuple, and may be called again

    Raises
    ------
    ArgumentError : f does not return numbers, or the pullback gets the wrong number of adjoints
    """
    wrt = tuple(range(len(primals)))
    tape, out = _record(f, primals, {}, wrt)
    single = not isinstance(out, tuple | list)
    pairs = [_primal(tape, o, f) for o in ([out] if single else out)]
    values = tuple(v for v, _ in pairs)

    def pullback(adjoint: Any) -> tuple[Any, ...]:
        given = [adjoint] if single else list(adjoint) if isinstance(adjoint, tuple | list) else [adjoint]
        if len(given) != len(pairs):
            raise ArgumentError(f"{name_of(f)} has {len(pairs)} outputs, and the pullback got {len(given)} adjoints; give one for each")
        seeds = [(p, as_number(bar, "the adjoint", f)) for bar, (_, p) in zip(given, pairs, strict=True)]
        return tuple(_reverse(tape, seeds)[1 : len(wrt) + 1])

    return (values[0] if single else values), pullback
