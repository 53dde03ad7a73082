"""A program of another library as our graph: its operations in order, each made of ours, and its numbers beside ours.

A `Step` is one operation that ran there: its name, operands, result. A table says how it is made of our functions,
and what comes out must be their number. Where the table has nothing, or something else comes out, the step is one node
with their own rule for going back.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from ..derivatives.custom import Custom
from ..errors import ArgumentError, LabError, LabWarning
from ..graph.graph import Graph
from ..graph.trace import trace
from ..recording.tape import Tape
from ..source.calls import CallLog
from ..source.places import Place
from ..table.values import is_traced, plain, shape_of
from .beside import Called, Links
from .graph import TheirGraph

Rules = Mapping[str, Callable[..., Any]]


def library(module: str, name: str) -> Any:
    """Somebody else's library, by its module and its name.

    Raises
    ------
    ArgumentError : it is not installed
    """
    try:
        return import_module(module)
    except ImportError:
        raise ArgumentError(f"{name} is not installed here; install it with pip install {module}") from None


class Ref(NamedTuple):
    """Stands for a value of the program, by its number."""

    number: int


@dataclass
class Step:
    """One operation: `args` and `options` have `Ref`s in the places of values."""

    op: str
    args: tuple[Any, ...]
    options: dict[str, Any]
    result: int
    value: Any  # theirs; None where it failed
    place: Place | None = None
    mark: int = -1  # which call made it, as a call log writes it
    function: Callable[..., Any] | None = None  # of the values among the operands, on NumPy's arrays
    vjp: Callable[..., Any] | None = None  # of the same: value and pullback
    spot: Any = None  # the same for all operations of one call; its last part is the frame that it has, or None


@dataclass
class Program:
    """What ran: inputs, plain values, steps, and the number of the result; their gradients by number."""

    name: str
    inputs: dict[int, tuple[str, Any]] = field(default_factory=dict)
    constants: dict[int, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    output: int = -1
    grads: dict[int, Any] = field(default_factory=dict)
    failed: str = ""
    log: CallLog | None = None


def graph_of(
    program: Program, rules: Rules, function: Callable[..., Any] | None = None, precision: float = 1e-9
) -> TheirGraph:
    """Our graph of a program; see the module's docstring.

    Returns
    -------
    TheirGraph : with their gradients; if the program failed, its result is the node that did, without a number
    """
    build = _Build(program, rules, precision)
    names = [name for name, _ in program.inputs.values()]
    with warnings.catch_warnings(action="ignore", category=LabWarning), np.errstate(all="ignore"):
        graph = trace(build.run, *(value for _, value in program.inputs.values()))
    return build.told(graph, tuple(names), function)


class _Build:
    """Runs a program on recording values."""

    def __init__(self, program: Program, rules: Rules, precision: float) -> None:
        self.program, self.rules, self.precision = program, rules, precision
        self.ids: dict[int, int] = {}  # of values by their numbers, the nodes
        self.spans: list[tuple[int, int, Step]] = []  # which nodes a step made
        self.own: set[int] = set()  # nodes with a rule of theirs

    def run(self, *xs: Any) -> Any:
        """The program, on whatever is given for its inputs."""
        known: dict[int, Any] = dict(self.program.constants)
        for (number, _), x in zip(self.program.inputs.items(), xs, strict=True):
            known[number] = x
            self.ids[number] = x._id_
        tape = xs[0]._tape_
        steps = needed(self.program)
        _named_once(steps)
        for step in steps:
            begin = len(tape)
            y = self._value(step, known, tape, begin)
            known[step.result] = y
            if is_traced(y):
                self.ids[step.result] = y._id_
                self.spans.append((begin, len(tape), step))
        return known[self.program.output]

    def _value(self, step: Step, known: Mapping[int, Any], tape: Tape, begin: int) -> Any:
        args, options = filled(step.args, known), filled(step.options, known)
        operands = [x for x in flat((args, options)) if is_traced(x)]
        if not operands or (step.value is not None and np.asarray(step.value).dtype.kind not in "fc"):
            return step.value  # made of nothing that varies; or a comparison, an index
        rule = self.rules.get(step.op)
        if rule is not None and step.value is not None:
            try:
                y = rule(*args, **options)
                if self._is_theirs(plain(y), step.value):
                    return y
            except (LabError, ArithmeticError, TypeError, ValueError, KeyError, IndexError, NotImplementedError):
                pass
            _taken_back(tape, begin)
        return self._black_box(step, operands)

    def _is_theirs(self, ours: Any, theirs: Any) -> bool:
        theirs = np.asarray(theirs)
        if shape_of(ours) != theirs.shape:
            return False
        close = max(self.precision, 1e-9)
        least = close * max(1.0, float(np.max(np.abs(theirs), initial=0.0)))
        return bool(np.allclose(ours, theirs, rtol=close, atol=least, equal_nan=True))

    def _black_box(self, step: Step, operands: Sequence[Any]) -> Any:
        """A step as one node, with their value and their rule for going back."""
        value = np.nan if step.value is None else step.value
        rule = Custom(
            lambda *xs: value, None, step.vjp or (lambda *xs: (value, lambda bar: [bar * 0.0 * x for x in xs]))
        )
        rule.name = rule.__name__ = step.op
        if step.function is not None and step.value is not None:
            rule.function = _evaluated(step, value, [plain(x) for x in operands])
        y = rule(*operands)
        self.own.add(y._id_)
        return y

    def told(self, graph: Graph, names: tuple[str, ...], function: Callable[..., Any] | None) -> TheirGraph:
        """The graph with their names, lines, calls and gradients."""
        places: list[Place | None] = [None] * len(graph)
        marks = [-1] * len(graph)
        for begin, end, step in self.spans:
            for id in range(begin, end):
                last = id == self.ids[step.result]
                places[id] = step.place if last or step.place is None else step.place._replace(name=None)
                marks[id] = step.mark
        log = CallLog()
        log.marks.extend(marks)
        log.calls = self.program.log.calls if self.program.log is not None else []
        called: Any = function if function is not None else Called(self.program.name)
        found = TheirGraph(graph.records, places, graph.comparisons, names, graph.output_ids, graph.single, called, log)
        found.theirs = {}
        for k, gradient in self.program.grads.items():
            if k in self.ids:  # what only passes a value on is the same node, and the first has all of the gradient
                found.theirs.setdefault(self.ids[k], gradient)
        found.links, found.precision, found.failed = Links(), self.precision, self.program.failed
        found.own = frozenset(self.own)
        return found


def _nothing_back(value: Any, *xs: Any) -> Any:
    """A rule where there is none, because the operation failed."""
    return value, lambda bar: [0.0 * x for x in xs]


def needed(program: Program) -> list[Step]:
    """The steps that the result comes from; libraries also compute what only their own rules want."""
    wanted, found = {program.output}, []
    for step in reversed(program.steps):
        if step.result in wanted:
            found.append(step)
            wanted |= {x.number for x in flat((step.args, step.options)) if isinstance(x, Ref)}
    return found[::-1]


def _named_once(steps: Sequence[Step]) -> None:
    """One call may run several operations: only the last one has its name."""
    for k, step in enumerate(steps[:-1]):
        following = steps[k + 1]
        if step.spot is None or following.spot != step.spot:
            continue
        first = next(other for other in steps if other.spot == step.spot)
        certain = isinstance(step.spot, tuple) and step.spot[-1] is not None  # a frame, which a loop makes anew
        if certain or following.op != first.op:
            step.place = step.place and step.place._replace(name=None)


def _taken_back(tape: Tape, begin: int) -> None:
    """Undo what a rule recorded that did not come to their number."""
    del tape[begin:], tape.places[begin:], tape.log.marks[begin:]
    tape.constants = {key: kept for key, kept in tape.constants.items() if kept[0] < begin}


def _evaluated(step: Step, value: Any, at: Sequence[Any]) -> Callable[..., Any]:
    """The function of a step; what it gave at the numbers where it ran is known."""

    def function(*xs: Any) -> Any:
        if all(np.array_equal(x, y) for x, y in zip(xs, at, strict=True)):
            return value
        assert step.function is not None
        return step.function(*xs)

    return function


def filled(tree: Any, known: Mapping[int, Any]) -> Any:
    """Operands with the values in the places of `Ref`s."""
    if isinstance(tree, Ref):
        return known[tree.number]
    if isinstance(tree, dict):
        return {key: filled(x, known) for key, x in tree.items()}
    if isinstance(tree, list | tuple):
        return [filled(x, known) for x in tree] if isinstance(tree, list) else tuple(filled(x, known) for x in tree)
    return tree


def flat(tree: Any) -> list[Any]:
    """What is in nested lists, tuples and dicts, from left to right; a `Ref` is one thing."""
    if isinstance(tree, dict):
        return [x for inner in tree.values() for x in flat(inner)]
    if isinstance(tree, list | tuple) and not isinstance(tree, Ref):
        return [x for inner in tree for x in flat(inner)]
    return [tree]
