"""A student's function of one or two numbers as a surface to walk on: tapes for a page, a frame, heights for a picture.

    surface = Surface(f, (-1.5, 2.0))                      f(x, y)
    surface = Surface(f, (0.0, 0.0), data=(xs, ys))        the mean of f(w, b, x, y) over the data
    surface.data()                                         what the page gets: the function's ways as tapes, JSON-ready
    surface.value([0.5, 1.0]), surface.heights(xs, ys)

A function with branches has several tapes, one for each way through it that was met on a grid over the frame. The page
takes the one whose comparisons come out as recorded. A way that nobody met is said there and not made up.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from ..compiled.program import compile
from ..errors import ArgumentError, LabError, LabWarning
from ..graph.columns import columns, told
from ..graph.graph import Graph
from ..graph.replay import followed
from ..graph.trace import record
from ..recording.arguments import as_number, check_function, finite, parameters_of
from ..recording.tape import CONSTANT, INPUT, SIGNS, TooLarge
from ..source.functions import line_of, name_of
from ..table.table import BY_CODE
from ..table.values import shape_of
from ..text.notation import in_words, number
from .routes import exact

MOST_NODES = 500  # of one way: a page plays it for every point of the picture
MOST_ROWS = 2000  # of the data
MOST_WAYS = 32
SOUGHT = 41  # points of the grid on which ways are looked for, along each side
Span = tuple[float, float]


class Surface:
    """A function of one or two parameters, or its mean over data.

    Attributes
    ----------
    function : the student's
    names : its parameters' names, one or two; `columns` those of the data
    start : where it was traced first
    rows : the data, a tuple for each example; none without data
    span : what is shown, from and to, for each parameter

    Raises
    ------
    ArgumentError : what cannot be shown, with what to write instead
    """

    def __init__(
        self,
        f: Callable[..., Any],
        start: Any,
        data: Sequence[Any] | None = None,
        span: Sequence[Any] | None = None,
    ) -> None:
        check_function(f)
        self.function = f
        self.rows = _rows(data)
        self.start = point_of(start, f, len(parameters_of(f)) - len(self.rows[0] if self.rows else ()))
        graph = self._trace(self.start, self.rows[0] if self.rows else ())
        self.names = graph.input_names[: len(self.start)]
        self.columns = graph.input_names[len(self.start) :]
        self._graphs = [graph]
        self.span = self._framed() if span is None else _span(span, self.names)
        self.missing = bool(graph.comparisons) and self._other_ways()

    def __len__(self) -> int:
        return len(self.start)

    def _trace(self, point: Sequence[float], row: Sequence[float]) -> Graph:
        """The graph at one point, which a page can play."""
        f = self.function
        try:
            with warnings.catch_warnings(action="ignore", category=LabWarning):
                graph = record(f, (*point, *row), {}, MOST_NODES + 1)
        except TooLarge:
            raise ArgumentError(
                f"{name_of(f)} computes more than {MOST_NODES} values, and a page that follows your hand plays at most "
                "that many for each point; write a shorter function, or give the examples one by one with data="
            ) from None
        if not graph.single or shape_of(graph.outputs[0].value):
            raise ArgumentError(
                f"{name_of(f)}{line_of(f)} returns {_several(graph)}, and a surface has one height at each point; "
                "return one number"
            )
        if graph.way is not None:
            raise ArgumentError(f"a page cannot follow {name_of(f)}, because {graph.way.reason}; {graph.way.advice}")
        if columns(graph) is None:
            odd = next((n for n in graph.nodes if not isinstance(n.value, float | int)), graph.outputs[0])
            raise ArgumentError(
                f"{name_of(f)} computes with something that is no single real number: {odd.label} in line {odd.line}; "
                "write it with numbers, element by element, as in (x - 1)**2 + (y - 2)**2"
            )
        return graph

    # ---- numbers

    @cached_property
    def _program(self) -> Any:
        return compile(self.function, *self.start, *(self.rows[0] if self.rows else ()))

    def _examples(self) -> list[tuple[float, ...]]:
        return self.rows or [()]

    def value(self, point: Iterable[float]) -> float:
        """The height at a point: the mean over all data; nan where there is none."""
        with warnings.catch_warnings(action="ignore", category=LabWarning):
            try:
                return sum(float(self._program.value(*point, *row)) for row in self._examples()) / len(self._examples())
            except (LabError, ArithmeticError, ValueError):
                return math.nan

    def slope(self, point: Iterable[float]) -> Any:
        """The slopes there."""
        found = np.zeros(len(self))
        for row in self._examples():
            _, slopes = self._program.value_and_grad(*point, *row)
            found += np.atleast_1d(slopes)[: len(self)]
        return found / len(self._examples())

    def heights(self, *axes: Any) -> np.ndarray:
        """The heights on a grid, with the last parameter's number as the first index; nan where there is none."""
        grid = np.meshgrid(*axes, indexing="xy") if len(axes) == 2 else [np.asarray(axes[0])]
        found = np.zeros(grid[0].shape)
        for row in self._examples():
            told = np.full(found.shape, np.nan)
            for graph in self._graphs:
                values, goes = _played(graph, [*grid, *row])
                told = np.where(goes & np.isnan(told), values, told)
            found += told
        return np.where(np.isfinite(found), found / len(self._examples()), np.nan)

    # ---- what is shown

    def _framed(self) -> list[Span]:
        """Room for the start and for where it leads: a descent that never goes up says where that is."""
        point, seen = np.array(self.start), [np.array(self.start)]
        rate, height = 1.0, self.value(point)
        for _ in range(60):
            try:
                slope = self.slope(point)
            except (LabError, ArithmeticError, ValueError):
                break
            size = float(np.linalg.norm(slope))
            if not np.isfinite(size) or size < 1e-9:
                break
            rate = min(2 * rate, 2.0 / size)  # no step is longer than 2, or the frame would be as large as a plateau
            while rate > 1e-12 and not self.value(point - rate * slope) < height:
                rate /= 2
            if rate <= 1e-12:
                break
            point = point - rate * slope
            height = self.value(point)
            seen.append(point)
        low, high = np.min(seen, axis=0), np.max(seen, axis=0)
        far = float(np.max(high - low))
        reach = far if far > 1e-6 * max(1.0, float(np.max(np.abs(seen)))) else 1.0  # a start at rest: any size will do
        middles = (low + high) / 2
        halves = np.maximum((high - low) / 2, 0.35 * reach) + 0.4 * reach
        return [_round(m - h, m + h) for m, h in zip(middles, halves, strict=True)]

    # ---- ways

    def _places(self) -> Iterator[tuple[list[float], tuple[float, ...]]]:
        """Points of the frame, each with a row of the data."""
        sides = [np.linspace(*span, SOUGHT if len(self) == 2 else SOUGHT**2) for span in self.span]
        rows = self._examples()
        for k, point in enumerate(np.stack([side.ravel() for side in np.meshgrid(*sides)], axis=1)):
            for row in rows if len(rows) <= 4 else (rows[k % len(rows)], rows[(7 * k + 1) % len(rows)]):
                yield list(map(float, point)), row

    def _other_ways(self) -> bool:
        """Find the ways through the function; whether there are more than a page gets."""
        for point, row in self._places():
            if not self._known(point, row):
                try:
                    graph = self._trace(point, row)
                except (LabError, ArithmeticError, ValueError):
                    continue  # it has no value there
                if len(self._graphs) == MOST_WAYS:
                    return True
                self._graphs.append(graph)
        return False

    def _known(self, point: Sequence[float], row: Sequence[float]) -> bool:
        for k, graph in enumerate(self._graphs):
            try:
                if followed(graph, [*point, *row]) is None:
                    continue
            except (LabError, ArithmeticError, ValueError):
                pass  # it goes this way, and has no value
            self._graphs.insert(0, self._graphs.pop(k))  # the next point most likely goes the same way
            return True
        return False

    @staticmethod
    def _way(graph: Graph) -> dict[str, Any]:
        tape = columns(graph)
        assert tape is not None  # `_trace` has seen to that
        return tape.data() | {"told": told(graph), "out": graph.output_ids[0]}

    def data(self) -> dict[str, Any]:
        """The surface for a page, JSON-ready."""
        return {
            "name": name_of(self.function),
            "names": list(self.names),
            "columns": list(self.columns),
            "ways": [self._way(graph) for graph in self._graphs],
            "rows": [[exact(x) for x in row] for row in self.rows],
            "span": [list(span) for span in self.span],
            "missing": self.missing,
        }


def point_of(start: Any, f: Callable[..., Any], wanted: int) -> tuple[float, ...]:
    """A start as a tuple of one or two numbers.

    Raises
    ------
    ArgumentError : there is none, it has another size, or it holds something else
    """
    example = "start=2.0 for f(x), or start=(-1.5, 2.0) for f(x, y)"
    if start is None or isinstance(start, str):
        said = "there is no start" if start is None else f"start={start!r} is a text"
        raise ArgumentError(f"{said}, and a descent begins somewhere; write {example}")
    numbers = [start] if isinstance(start, Real) else list(start) if np.iterable(start) else [start]
    if not 1 <= len(numbers) <= 2:
        raise ArgumentError(
            f"start has {len(numbers)} numbers, and a picture shows a function of one or two; fix the others, as in "
            "lambda x, y: f(x, y, 1.0), or descend without a picture by bl.descend"
        )
    if wanted > 0 and wanted != len(numbers):
        few = f"{len(numbers)} number{'s' * (len(numbers) > 1)}"
        raise ArgumentError(
            f"{name_of(f)}{line_of(f)} takes {wanted} numbers to move, and start has {few}; "
            + (
                f"write {example}"
                if wanted <= 2
                else "a picture shows one or two: fix the others, as in lambda x, y: …"
            )
        )
    found = tuple(float(as_number(x, "a number of start", f)) for x in numbers)
    if not all(map(math.isfinite, found)):
        raise ArgumentError(f"start={start!r} is no place; write {example}")
    return found


def _played(graph: Graph, inputs: Sequence[Any]) -> tuple[Any, Any]:
    """A graph's result for arrays of inputs, and where its comparisons come out as recorded; nan outside of domains."""
    values: list[Any] = []
    given = iter(inputs)
    with np.errstate(all="ignore"):
        for code, i, j, _, b, y in graph.records:
            if code == INPUT:
                y = next(given)
            elif code != CONSTANT:
                op = BY_CODE[code]
                y = op.array(*(np.asarray(values[p], dtype=float) for p in op.ids(i, j)), *op.settings(b))
            values.append(y)
        goes: Any = True
        for c in graph.comparisons:
            ends = (values[k] if k >= 0 else x for k, x in ((c.i, c.a), (c.j, c.b)))
            goes = goes & (SIGNS[c.sign](*ends) == c.outcome)
    return values[graph.output_ids[0]], goes


def _rows(data: Any) -> list[tuple[float, ...]]:
    """The data as rows: an example each."""
    if data is None:
        return []
    if isinstance(data, str) or not isinstance(data, tuple | list) or not data or not all(map(np.iterable, data)):
        raise ArgumentError("data= takes a list of numbers for each further argument; write data=(xs, ys)")
    lengths = [len(column) for column in data]
    if len(set(lengths)) > 1:
        sizes = in_words([str(n) for n in lengths])
        raise ArgumentError(
            f"the lists of data= have {sizes} numbers, and each example needs one of each; cut the longer"
        )
    if not 1 <= lengths[0] <= MOST_ROWS:
        raise ArgumentError(
            f"data= has {lengths[0]} examples, and a page that follows your hand takes 1 to {MOST_ROWS}; give so many"
        )
    try:
        columns = [np.asarray(column, dtype=float) for column in data]
    except (TypeError, ValueError):
        raise ArgumentError(
            "data= holds something that is no number; write data=(xs, ys) with lists of numbers"
        ) from None
    if any(column.ndim != 1 for column in columns):
        raise ArgumentError(
            "data= has a table where a list is wanted; give each column by itself, as in data=(X[:, 0], X[:, 1], y)"
        )
    return [tuple(map(float, row)) for row in zip(*finite(columns), strict=True)]


def _span(span: Any, names: Sequence[str]) -> list[Span]:
    """What is to be shown, as it was asked for."""
    example = "span=(-3, 3)" if len(names) == 1 else "span=((-3, 3), (-2, 2))"
    pairs = [span] if len(names) == 1 and np.ndim(span) == 1 else span
    try:
        found = [(float(a), float(b)) for a, b in pairs]
    except (TypeError, ValueError):
        found = []
    if len(found) != len(names) or not all(math.isfinite(b - a) and a < b for a, b in found):
        raise ArgumentError(f"span={span!r:.60} is no frame for {in_words(list(names))}; write {example}")
    return found


def _round(low: float, high: float) -> Span:
    """Both ends outwards to a twentieth or so of a round number."""
    step = 10.0 ** math.floor(math.log10(high - low)) / 2
    return math.floor(low / step) * step, math.ceil(high / step) * step


def _several(graph: Graph) -> str:
    shape = shape_of(graph.outputs[0].value)
    return f"an array of shape {shape}" if shape else f"{number(len(graph.output_ids))} numbers"
