"""Functions with a derivative rule of their own: black boxes, compiled code, solvers.

    g = bl.custom(f, vjp=rule)      g(x) is f(x); the reverse sweep asks the rule instead of looking inside

A rule has the shape of the operator it stands for: `jvp(primals, tangents)` returns (value, tangent) as `bl.jvp` does,
`vjp(*primals)` returns (value, pullback) as `bl.vjp` does. One of them is enough: the other is made from it, with one
call for each number of the arguments or of the result. (ChainRules calls them frule and rrule, the literature
pushforward and pullback: Edelman and Johnson, MIT 18.S096, lecture 8.)

    deep = lambda x: bl.checkpoint(layers[1])(bl.checkpoint(layers[0])(x))

A checkpointed function trades time for memory: its rule is to run it again. On the tape it is one node; the reverse
sweep runs it from its inputs, goes back through it, and forgets it. With n layers of equal size and every k-th
activation kept, about n/k + k activations are held at a time instead of n, for at most one more forward pass (Griewank
and Walther, Evaluating Derivatives, chapter 12).
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..errors import ArgumentError, LabError, LabWarning
from ..graph.graph import Graph
from ..graph.replay import followed
from ..graph.sweeps import Sweep, adjoint_sweep, value_sweep
from ..graph.trace import trace
from ..recording.arguments import bind, check_function, check_output, parameters_of
from ..recording.call import Call
from ..recording.door import entry
from ..recording.trees import leaves, mapped
from ..source.functions import name_of
from ..table.cost import Cost
from ..table.table import primitives
from ..table.values import is_traced, settled, shape_of, units, zeros
from . import passes

Rule = Callable[..., Any]


class Custom:
    """A function with its own rules; made by `bl.custom`. `.name`, `.jvp` and `.vjp` tell what it was made of."""

    def __init__(self, f: Callable[..., Any], jvp: Rule | None, vjp: Rule | None) -> None:
        self.function, self.jvp, self.vjp = f, jvp, vjp
        self.name = self.__name__ = name_of(f) if name_of(f).isidentifier() else "custom"
        self.__wrapped__ = f
        self.__doc__ = f.__doc__

    def __repr__(self) -> str:
        rules = " and ".join(kind for kind in ("jvp", "vjp") if getattr(self, kind) is not None)
        return f"<{self.name} with its own {rules} rule>"

    def kept(self, xs: Sequence[Any]) -> Custom:
        """The rule as a pickle keeps it, of a graph in which its arguments are these."""
        return self

    def __getstate__(self) -> dict[str, Any]:
        for part in ("function", "jvp", "vjp"):
            try:
                pickle.dumps(getattr(self, part))
            except Exception:  # whatever pickle raises for a lambda, a closure, or what the student's object says
                what = "function" if part == "function" else f"{part} rule"
                raise ArgumentError(
                    f"{name_of(self.function)} cannot be pickled, because functions go into a pickle by their names, "
                    f"and its {what} has none there; write it with def at the top of a module, under a name of its own"
                ) from None
        return vars(self)

    def __deepcopy__(self, memo: Any = None) -> Custom:
        return self  # as functions are

    __copy__ = __deepcopy__

    def __call__(self, *args: Any) -> Any:
        if any(map(is_traced, args)):
            return primitives["custom"].function(args, self)
        return self.function(*args)

    def value(self, *xs: Any) -> Any:
        """The black box's own value, as a number or an array of its own."""
        try:
            y = self.function(*xs)
        except TypeError as error:
            if not isinstance(error, LabError):
                bind(self.function, xs, {})  # a wrong call gets its sentence
            raise
        y = check_output(y, self.function)
        if is_traced(y):
            raise ArgumentError(
                f"{self.name} reaches for a traced value that is not one of its arguments; give everything that is to "
                "be differentiated as an argument"
            )
        return settled(np.array(y)) if isinstance(y, np.ndarray) else y

    def pull(self, bar: Any, y: Any, xs: Sequence[Any]) -> list[Any]:
        """What the adjoint of the value sends to each argument; an ArgumentError if the rule returns anything else."""
        if self.vjp is None and self.jvp is None:
            raise ArgumentError(f"the rule of {self.name} works on plain numbers and cannot be differentiated itself")
        if self.vjp is None:
            return [self._gathered(k, bar, y, xs) for k in range(len(xs))]
        sent = self._pullback(xs)(bar)
        if len(sent) != len(xs):
            raise ArgumentError(
                f"the pullback of {self.name}'s vjp rule returns {len(sent)} adjoints for {len(xs)} arguments; return "
                "a tuple with one for each"
            )
        for k, (g, x) in enumerate(zip(sent, xs, strict=True)):
            self._same_shape(f"adjoint number {k + 1} of {self.name}'s vjp rule", g, x, "its argument")
        return sent

    def push(self, dots: Sequence[Any], y: Any, xs: Sequence[Any]) -> Any:
        """The tangent of the value, given those of the arguments. Errors as for `pull`."""
        if self.jvp is None:
            sent = map(self._pullback(xs), units(y))
            return _shaped([sum(np.sum(g * d) for g, d in zip(bars, dots, strict=True)) for bars in sent], y)
        given = self._answer(self.jvp, "jvp(primals, tangents)", tuple(xs), tuple(dots))
        if not isinstance(given, tuple) or len(given) != 2:
            raise ArgumentError(f"{self.name}'s jvp rule must return (value, tangent), as bl.jvp does; return both")
        self._same_shape(f"the tangent of {self.name}'s jvp rule", given[1], y, "the value")
        return given[1]

    def work(self, y: Any, xs: Sequence[Any]) -> Cost:
        """What computing the value is counted as: one function call, whatever is inside."""
        return Cost(functions=1)

    def pull_work(self, bar: Any, y: Any, xs: Sequence[Any]) -> Cost:
        """What the rule is counted as in the reverse sweep: again one call."""
        return Cost(functions=1)

    def held(self, xs: Sequence[Any]) -> int:
        """How many numbers the rule keeps for itself while it works, as far as we can see."""
        return 0

    def _pullback(self, xs: Sequence[Any]) -> Callable[[Any], list[Any]]:
        names = ", ".join(p.name for p in parameters_of(self.function))
        given = self._answer(self.vjp, f"vjp({names})", *xs)
        if not isinstance(given, tuple) or len(given) != 2 or not callable(given[1]):
            raise ArgumentError(
                f"{self.name}'s vjp rule must return (value, pullback), as bl.vjp does; return the value and a "
                "function from its adjoint to those of the arguments"
            )

        def pullback(bar: Any) -> list[Any]:
            sent = self._answer(given[1], "pullback(adjoint)", bar)
            return list(sent) if isinstance(sent, tuple | list) else [sent]

        return pullback

    def _answer(self, rule: Any, as_called: str, *args: Any) -> Any:
        """What a rule, or the pullback that it made, answers; a rule with other parameters gets its sentence."""
        try:
            return rule(*args)
        except TypeError as error:
            if not isinstance(error, LabError) and error.__traceback__ is not None and not error.__traceback__.tb_next:
                said = str(error).partition("() ")[2] or str(error)
                raise ArgumentError(f"{self.name}'s rule {said}; write it to be called as {as_called}") from None
            raise

    def _gathered(self, k: int, bar: Any, y: Any, xs: Sequence[Any]) -> Any:
        """The adjoint of one argument from the jvp rule: one call for each of its numbers."""
        still = [zeros(x) for x in xs]
        found = [np.sum(bar * self.push([*still[:k], unit, *still[k + 1 :]], y, xs)) for unit in units(xs[k])]
        return _shaped(found, xs[k])

    @staticmethod
    def _same_shape(what: str, x: Any, like: Any, whose: str) -> None:
        if not is_traced(x) and not isinstance(x, float | int | complex | np.ndarray | np.generic):
            raise ArgumentError(f"{what} is {type(x).__name__} {x!r:.40}, and no number; return a number or an array")
        if shape_of(x) != shape_of(like):
            raise ArgumentError(
                f"{what} has shape {shape_of(x)}, and {whose} has shape {shape_of(like)}; a derivative has the shape "
                "of what it belongs to"
            )


def _shaped(numbers: list[Any], like: Any) -> Any:
    if not shape_of(like):
        return numbers[0]
    return np.reshape(primitives["stack"].function(tuple(numbers), 0), shape_of(like))


def sent_to(rule: Custom, slot: int, y: Any) -> Custom:
    """What a rule sends to one argument, as a black box of the adjoint and the arguments; y tells the value's shape."""
    box = Custom(partial(_sent, rule, slot, y), None, None)
    box.name = f"{rule.name}_pullback_{slot + 1}"
    return box


def _sent(rule: Custom, slot: int, y: Any, bar: Any, *xs: Any) -> Any:
    return rule.pull(bar, y, xs)[slot]


@entry("bl.custom(f, vjp=rule)", "bl.custom(f, vjp=rule)")
def custom(f: Callable[..., Any], *, jvp: Rule | None = None, vjp: Rule | None = None) -> Custom:
    """A function like f with a derivative rule of its own; f is called with plain numbers and never looked into.

    Parameters
    ----------
    f : a function of numbers and arrays, given by position, that returns a number or an array
    jvp : jvp(primals, tangents) -> (value, tangent), for tuples of primals and tangents; or None
    vjp : vjp(*primals) -> (value, pullback), where pullback(adjoint) returns one adjoint an argument; or None.
        For second derivatives, write the rules with NumPy's functions, so that they can be differentiated themselves.

    Returns
    -------
    Custom : call it as you would call f. `bl.check_grad` tells whether its rules are right.

    Raises
    ------
    ArgumentError : f is not a function, or there is no rule
    """
    check_function(f)
    for kind, rule in (("jvp", jvp), ("vjp", vjp)):
        if rule is not None and not callable(rule):
            raise ArgumentError(f"{kind}= must be a function, not {type(rule).__name__}; write a def and give its name")
    if jvp is None and vjp is None:
        raise ArgumentError(f"a custom {name_of(f)} needs a rule; give jvp= or vjp=, or call the function as it is")
    return Custom(f, jvp, vjp)


class _Again(Custom):
    """A function whose rule is to run it again; it knows what that costs."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...]) -> None:
        flat = Call(f, mapped(lambda *_: None, args)).flat  # the structure alone, because a rule outlives its call
        super().__init__(flat, jvp=partial(passes.jvp, flat), vjp=partial(passes.vjp, flat))
        self.name = self.__name__ = name_of(f) if name_of(f).isidentifier() else "checkpoint"
        self.recorded = f if isinstance(f, _Recorded) else None

    def __reduce__(self) -> Any:
        if self.recorded is None:  # outside a graph nobody knows which branch to record
            return super().__reduce__()
        return _Again, (self.recorded, (None,) * len(self.recorded.graph.input_names))

    def kept(self, xs: Sequence[Any]) -> Custom:
        with warnings.catch_warnings(action="ignore", category=LabWarning), np.errstate(all="ignore"):
            recorded = _Recorded(name_of(self.function), self._graph(xs))
        return _Again(recorded, tuple(xs))

    def _graph(self, xs: Sequence[Any]) -> Graph:
        return trace(self.function, *xs) if self.recorded is None else self.recorded.graph.replay(*xs)

    def work(self, y: Any, xs: Sequence[Any]) -> Cost:
        return _total(value_sweep(self._graph(xs)))

    def pull_work(self, bar: Any, y: Any, xs: Sequence[Any]) -> Cost:
        graph = self._graph(xs)
        return _total(value_sweep(graph)).plus(_total(adjoint_sweep(graph, bar)))

    def held(self, xs: Sequence[Any]) -> int:
        """How many numbers are kept between the second run and the way back, the inputs apart."""
        graph = self._graph(xs)
        inputs: int = value_sweep(trace(lambda *xs: list(xs), *xs)).counts["stored"]
        return value_sweep(graph).counts["stored"] - inputs


class _Recorded:
    """The function of a checkpoint that goes into a pickle: its operations, of the branch that it took."""

    def __init__(self, name: str, graph: Graph) -> None:
        self.__name__, self.graph = name, graph

    def __call__(self, *xs: Any) -> Any:
        found = followed(self.graph, xs)
        if found is None:
            raise ArgumentError(
                f"{self.__name__} came out of a pickle without its function, and what that does with these "
                "inputs was not recorded; trace the function again with them"
            )
        return found[0]


def _total(sweep: Sweep) -> Cost:
    return Cost(*(sweep.counts[kind] for kind in Cost._fields))


@entry("bl.checkpoint(f)")
def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function like f of which only the inputs are kept for the reverse sweep; the rest is computed again.

    Parameters
    ----------
    f : a function of numbers and arrays, or lists, tuples and dicts of them, that returns a number or an array. What is
        to be differentiated must be an argument: f cannot reach for traced values outside

    Returns
    -------
    A function of the same arguments. `bl.value_sweep(graph).counts["stored"]` tells what it saves, the adjoint sweep's
    counts what it costs.

    Raises
    ------
    ArgumentError : f is not a function, or returns several values
    """
    check_function(f)

    def run(*args: Any) -> Any:
        bind(f, args, {})
        return _Again(f, args)(*leaves(args))

    return passes.named(entry()(run), f, "checkpoint")
