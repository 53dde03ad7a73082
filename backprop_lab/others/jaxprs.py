"""A function of JAX's arrays as our graph, with JAX's gradients beside ours; JAX is loaded only here.

graph = bl.from_jax(loss, W, x)              the jaxpr of the function, operation by operation
bl.step(graph)                               in our player
print(graph.compare())                       that both engines agree
"""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..recording.arguments import bind
from ..recording.door import entry
from ..recording.trees import leaves, mapped
from ..source.functions import name_of
from ..source.places import Place, place_at
from .graph import TheirGraph
from .lax import RULES
from .program import Program, Ref, Step, graph_of, library

CALLS = dict.fromkeys(("pjit", "jit", "remat", "checkpoint"), "jaxpr")
CALLS |= dict.fromkeys(("closed_call", "core_call"), "call_jaxpr")
OWN_RULES = ("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr")


@entry("bl.from_jax(f, x)")
def from_jax(fn: Callable[..., Any], /, *arrays: Any) -> TheirGraph:
    """The graph of a function of arrays, as JAX traces it, with its gradients beside ours.

    Parameters
    ----------
    fn : a function that JAX can differentiate, and that returns one number
    arrays : its arguments: arrays, numbers, or lists, tuples and dicts of them. Those of floats become inputs

    Returns
    -------
    TheirGraph : each operation made of ours. One that has no counterpart is a node with JAX's own rule, and its number
        stands in `.own`. If fn fails, the graph ends at the last operation before that, and `.failed` says why

    Raises
    ------
    ArgumentError : JAX is not installed, no function, no array of floats, a branch that JAX cannot trace, or a result
        that is not one number
    """
    jax = library("jax", "JAX")
    program, precision = recorded(jax, fn, arrays)
    return graph_of(program, RULES, fn if hasattr(fn, "__code__") else None, precision)


def recorded(jax: Any, fn: Callable[..., Any], arrays: tuple[Any, ...]) -> tuple[Program, float]:
    """The jaxpr of a function at these arrays, as a program, with JAX's gradients, and how exact its numbers are."""
    names = list(bind(fn, arrays, {}).arguments)
    names = [*names, *(f"{names[-1]}[{k}]" for k in range(len(arrays) - len(names)))] if names else []
    called: list[str] = []
    for name, x in zip(names, arrays, strict=False):
        mapped(lambda _, path: called.append(path), x, name)
    trouble: list[Exception] = []

    def tried(*xs: Any) -> Any:
        try:
            return fn(*xs)
        except untraceable:
            raise
        except Exception as error:
            trouble.append(error)
            return leaves(list(xs))[0]  # anything: what has been done until then is in the jaxpr

    untraceable = jax.errors.ConcretizationTypeError, jax.errors.TracerBoolConversionError
    try:
        closed, shape = jax.make_jaxpr(tried, return_shape=True)(*arrays)
    except untraceable:
        raise ArgumentError(
            f"{name_of(fn)} branches on a number, which JAX cannot trace; write jnp.where or jax.lax.cond there"
        ) from None
    if not trouble and (
        len(closed.out_avals) != 1 or closed.out_avals[0].shape or closed.out_avals[0].dtype.kind != "f"
    ):
        raise ArgumentError(f"{name_of(fn)} returns {shape!r:.60}, and a gradient is one number's; return its sum, say")
    given = [jax.numpy.asarray(x) for x in leaves(list(arrays))]
    run = _Run(jax, Program(name_of(fn)))
    inputs = []
    for name, x in zip(called, given, strict=True):
        number = run.number()
        if x.dtype.kind == "f":
            run.program.inputs[number] = name, numpy_of(x)
        else:
            run.program.constants[number] = np.asarray(x)
        inputs.append((Ref(number), x))
    if not run.program.inputs:
        raise ArgumentError(f"{name_of(fn)} gets no array of floats; give it jnp.array(2.0), say")
    ((output, _),) = run.through(closed.jaxpr, closed.consts, inputs)
    if trouble:
        _fail(run.program, fn, trouble[0])
        return run.program, 1e-9 if all(x.dtype == np.float64 for x in given if x.dtype.kind == "f") else 1e-4
    if not isinstance(output, Ref) or not _depends(run.program, output.number):
        raise ArgumentError(f"the result of {name_of(fn)} does not depend on its arguments; use them in the formula")
    run.program.output = output.number
    run.differentiate(closed, given)
    exact = closed.out_avals[0].dtype == np.float64
    return run.program, 1e-9 if exact else 1e-4


def _fail(program: Program, fn: Callable[..., Any], error: Exception) -> None:
    """The program ends at the last operation before an error; which line raised it is said, where it is known."""
    if not program.steps:
        raise error
    file = getattr(getattr(fn, "__code__", None), "co_filename", None)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    where = f" in line {lines[-1]}" if lines else ""
    words = " ".join(str(error).split())
    program.failed = f"after this step comes {type(error).__name__}{where}: {words:.199}"
    program.output = program.steps[-1].result


class _Run:
    """Goes through a jaxpr, one equation after another, and writes each down."""

    def __init__(self, jax: Any, program: Program) -> None:
        self.jax, self.program = jax, program
        self.count = 0
        self.moved: Sequence[Any] | None = None  # what is added to each result, to differentiate by it
        self.at = 0

    def number(self) -> int:
        """A new number for a value."""
        self.count += 1
        return self.count - 1

    def through(self, jaxpr: Any, consts: Sequence[Any], inputs: Sequence[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
        """The results of a jaxpr, each as what stands for it in the program, and its value."""
        known: dict[Any, tuple[Any, Any]] = {}
        known.update(zip(jaxpr.constvars, ((self._constant(x), x) for x in consts), strict=True))
        known.update(zip(jaxpr.invars, inputs, strict=True))

        def read(atom: Any) -> tuple[Any, Any]:
            return (numpy_of(atom.val), atom.val) if hasattr(atom, "val") else known[atom]

        for eqn in jaxpr.eqns:
            results = self._equation(eqn, [read(atom) for atom in eqn.invars])
            known.update(zip(eqn.outvars, results, strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def _constant(self, x: Any) -> Any:
        number = self.number()
        self.program.constants[number] = numpy_of(x)
        return Ref(number)

    def _equation(self, eqn: Any, operands: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
        name, params = eqn.primitive.name, eqn.params
        inner = params.get(CALLS.get(name, ""))
        if inner is not None and not _named_call(params):
            return self._closed(inner, operands)
        if name == "cond":
            which = int(np.clip(int(operands[0][1]), 0, len(params["branches"]) - 1))
            return self._closed(params["branches"][which], operands[1:])
        values = [x for _, x in operands]
        evaluate = self._evaluator(eqn)
        results = evaluate(*values)
        refs = [ref for ref, _ in operands]
        done = []
        if name in OWN_RULES or inner is not None:
            name, params = _called(params) or name, {}
        for k, y in enumerate(results):
            y = self._moved(y)
            number = self.number()
            if self.moved is None:
                function, vjp = self._own(evaluate, values, refs, k)
                named = name if k == 0 else f"{name}_{k}"
                place = _place(self.jax, eqn)
                step = Step(
                    named,
                    tuple(refs),
                    dict(params),
                    number,
                    numpy_of(y),
                    place,
                    -1,
                    function,
                    vjp,
                    place and (place.filename, place.span, None),
                )
                self.program.steps.append(step)
            done.append((Ref(number), y))
        return done

    def _closed(self, inner: Any, operands: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
        jaxpr, consts = (inner.jaxpr, inner.consts) if hasattr(inner, "consts") else (inner, ())
        return self.through(jaxpr, consts, operands)

    def _evaluator(self, eqn: Any) -> Callable[..., list[Any]]:
        given = eqn.primitive.get_bind_params(eqn.params)
        subfuns, params = given if isinstance(given, tuple) else ((), given)  # versions differ

        def evaluate(*values: Any) -> list[Any]:
            found = eqn.primitive.bind(*subfuns, *values, **params)
            return list(found) if eqn.primitive.multiple_results else [found]

        return evaluate

    def _moved(self, y: Any) -> Any:
        """A result, moved by what it is to be differentiated by."""
        if self.moved is None:
            return y
        y = y + self.moved[self.at] if y.dtype.kind == "f" else y
        self.at += 1
        return y

    def _own(
        self, evaluate: Callable[..., list[Any]], values: list[Any], refs: list[Any], which: int
    ) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """An equation as a function of the arrays among its operands, and JAX's own rule for going back."""
        jax, places = self.jax, [k for k, ref in enumerate(refs) if isinstance(ref, Ref) and _is_float(values[k])]

        def run(*xs: Any) -> Any:
            given = list(values)
            for k, x in zip(places, xs, strict=True):
                given[k] = jax.numpy.asarray(x, dtype=values[k].dtype)
            return evaluate(*given)[which]

        def vjp(*xs: Any) -> Any:
            y, pull = jax.vjp(
                run, *(jax.numpy.asarray(x, dtype=values[k].dtype) for k, x in zip(places, xs, strict=True))
            )
            return numpy_of(y), lambda bar: [numpy_of(g) for g in pull(jax.numpy.asarray(bar, dtype=y.dtype))]

        return lambda *xs: numpy_of(run(*xs)), vjp

    def differentiate(self, closed: Any, given: Sequence[Any]) -> None:
        """JAX's gradients of the inputs and of each step's result: by zeros that are added there."""
        jax, program = self.jax, self.program
        numbers = [step.result for step in program.steps]
        floats = [k for k in range(len(given)) if given[k].dtype.kind == "f"]
        kind = given[floats[0]].dtype
        zeros = [jax.numpy.zeros(np.shape(s.value), kind) if _is_float(s.value) else None for s in program.steps]
        asked = [k for k, zero in enumerate(zeros) if zero is not None]

        def f(xs: list[Any], by: list[Any]) -> Any:
            again = _Run(jax, Program(""))
            moved: list[Any] = [0] * len(zeros)
            for k, x in zip(asked, by, strict=True):
                moved[k] = x
            again.moved = moved
            mine = list(given)
            for k, x in zip(floats, xs, strict=True):
                mine[k] = x
            ((_, y),) = again.through(closed.jaxpr, closed.consts, [(None, x) for x in mine])
            return y

        of_inputs, of_steps = jax.grad(f, argnums=(0, 1))([given[k] for k in floats], [zeros[k] for k in asked])
        program.grads = dict(zip(program.inputs, map(numpy_of, of_inputs), strict=True))
        program.grads |= {numbers[k]: numpy_of(g) for k, g in zip(asked, of_steps, strict=True)}


def _depends(program: Program, number: int) -> bool:
    """Whether a value is computed from an input."""
    moving = set(program.inputs)
    for step in program.steps:
        if any(isinstance(x, Ref) and x.number in moving for x in step.args):
            moving.add(step.result)
    return number in moving


def _is_float(x: Any) -> bool:
    return bool(np.asarray(x).dtype.kind == "f")


def _named_call(params: Any) -> bool:
    """Whether a function was jitted that the lab knows as one operation."""
    return params.get("name") in ("relu", "softplus")


def _called(params: Any) -> str:
    """The name of the function that has a rule of its own."""
    if "name" in params:
        return str(params["name"])
    for key in ("call_jaxpr", "fun_jaxpr"):
        info = getattr(getattr(params.get(key), "jaxpr", None), "debug_info", None)
        if info is not None:
            return str(info.func_name).split(" ")[0].rsplit(".", 1)[-1]
    return ""


def _place(jax: Any, eqn: Any) -> Place | None:
    """The student's line that an equation comes from."""
    try:
        frame = jax._src.source_info_util.user_frame(eqn.source_info.traceback)
    except Exception:  # JAX's own machinery, which changes
        try:
            frame = jax._src.source_info_util.user_frame(eqn.source_info)
        except Exception:
            return None
    if frame is None or not linecache.getline(frame.file_name, frame.start_line):
        return None
    span = frame.start_line, frame.end_line, frame.start_column, frame.end_column
    return place_at(frame.file_name, span)


def numpy_of(x: Any) -> Any:
    """An array of JAX's as one of NumPy's, or as a number where it has no axes; floats are those of 64 bits."""
    found = np.asarray(x)
    found = found.astype(float) if found.dtype.kind == "f" else found
    return found.copy() if found.ndim else found.item()
