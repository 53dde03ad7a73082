"""What a gradient costs as the number of inputs grows: counted operations, and measured time.

def f(*x): ...                    any function of n numbers that returns one
bl.plots.counted_costs(f)         operations of one evaluation, and of its gradient by three methods
bl.plots.timed_costs(f)           the same as time, in units of one evaluation
bl.plots.operations(f, 100)       the numbers of the first plot, for 100 inputs; `seconds` has those of the second
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ..compiled.program import compile
from ..derivatives.passes import jvp
from ..errors import ArgumentError
from ..graph.sweeps import Sweep, adjoint_sweep, tangent_sweep, value_sweep
from ..graph.trace import trace
from .figure import Plot, draw_line, lab_style, new_figure

__all__ = ["INPUTS", "METHODS", "Measured", "counted_costs", "operations", "seconds", "timed_costs"]

Function = Callable[..., Any]
INPUTS = (1, 3, 10, 30, 100, 300, 1000)
METHODS = {  # in the order of their lines from above, each with its kind of line
    "numerical": ("numerical: two evaluations for each input", 3),
    "forward": ("forward mode: one sweep for each input", 1),
    "reverse": ("reverse mode: one sweep", 0),
    "evaluation": ("one evaluation of f", 2),
}

# The processor's time, so that a busy machine does not bend the lines; where that clock ticks too slowly (Windows), the
# time on the wall.
CLOCK = time.process_time if time.get_clock_info("process_time").resolution < 1e-5 else time.perf_counter


class Measured(Plot):
    """A plot of measured numbers: its text alternative has them, and as plain text it is what stays the same."""

    def __init__(self, figure: Any, alt: str, brief: str) -> None:
        super().__init__(figure, alt)
        self.brief = brief

    def __repr__(self) -> str:
        return self.brief

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": self.brief}


# --- counted ----------------------------------------------------------------------------------------------------------


def operations(f: Function, n: int, at: float = 1.0) -> dict[str, int]:
    """How many operations n inputs take: multiplications, additions and function calls, all alike, as the sweeps count.

    Parameters
    ----------
    f : a function of n numbers that returns one
    n : how many
    at : the number that every input gets

    Returns
    -------
    dict : "evaluation", and with it the gradient by "reverse" (one sweep), "forward" (a sweep for each input) and
        "numerical" (central differences: two evaluations for each input)

    Raises
    ------
    ArgumentError : n is not a whole number from 1 on
    """
    some(n)
    graph = trace(f, *[float(at)] * n)
    evaluation = _total(value_sweep(graph))
    names = [node.name for node in graph.inputs]
    return {
        "numerical": 2 * n * evaluation,
        "forward": evaluation + sum(_total(tangent_sweep(graph, **{name: 1.0})) for name in names),
        "reverse": evaluation + _total(adjoint_sweep(graph)),
        "evaluation": evaluation,
    }


def _total(sweep: Sweep) -> int:
    return sum(sweep.counts[kind] for kind in ("multiplications", "additions", "functions"))


def some(n: int) -> None:
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise ArgumentError(f"the number of inputs must be a whole number from 1 on, not {n!r:.40}; write 100, say")


def counted_costs(f: Function, inputs: Sequence[int] = INPUTS, at: float = 1.0) -> Plot:
    """Operations for the gradient against the number of inputs; 1,000 inputs take some seconds to count.

    Parameters
    ----------
    f : a function of any number of numbers that returns one: `def f(*x)`
    inputs : the numbers of inputs
    at : the number that every input gets
    """
    found = {n: operations(f, n, at) for n in inputs}
    n = max(found)
    last = found[n]
    told = ", ".join(f"{method} {count:,}" for method, count in last.items())
    ratios = ", ".join(f"{method} {last[method] / last['evaluation']:,.4g}" for method in list(METHODS)[:3])
    alt = (
        f"Operations against the number of inputs, both axes logarithmic. With n = {n:,}: {told}. "
        f"In evaluations: {ratios}."
    )
    return Plot(_lines(found, METHODS, "operations (+, ·, functions)", "What a gradient costs, counted"), alt)


def _lines(found: dict[int, dict[str, Any]], shown: Any, ylabel: str, title: str) -> Any:
    """The figure: a line for each method."""
    with lab_style():
        figure, axes = new_figure(9.0, 5.6)
        for method in shown:
            label, kind = METHODS[method]
            draw_line(axes, list(found), [numbers[method] for numbers in found.values()], label, kind)
        axes.set(xscale="log", yscale="log", xlabel="number of inputs n", ylabel=ylabel)
        axes.set_title(title, loc="left")
        top = max(max(numbers.values()) for numbers in found.values())
        axes.set_ylim(top=top * (top / axes.get_ylim()[0]) ** 0.45)  # room for the legend above the lines
        axes.legend(loc="upper left", frameon=True, framealpha=1.0, edgecolor="none")
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        axes.minorticks_off()
    return figure


# --- measured ---------------------------------------------------------------------------------------------------------


def seconds(f: Function, n: int, at: float = 1.0, rounds: int | None = None) -> dict[str, float]:
    """How long n inputs take: all methods run as compiled programs, in turn, and the best of some rounds counts.

    Parameters
    ----------
    f : a function of n numbers that returns one
    n : how many
    at : the number that every input gets
    rounds : how often each is measured; if not given, from 3 to 15 times, more with fewer inputs

    Returns
    -------
    dict : seconds for "evaluation", "reverse" (value and gradient), "forward" (n sweeps), "numerical" (2n
        evaluations)
    """
    some(n)
    point = [float(at)] * n
    program = compile(f, *point)
    dual = compile(lambda *both: jvp(f, both[:n], both[n:]), *point, *point)
    units = [[float(i == k) for i in range(n)] for k in range(n)]
    h = 1e-4
    nudged = [[x + sign * h * (i == k) for i, x in enumerate(point)] for k in range(n) for sign in (1, -1)]
    work: dict[str, Callable[[], Any]] = {
        "numerical": lambda: [program.value(*x) for x in nudged],
        "forward": lambda: [dual.value(*point, *unit) for unit in units],
        "reverse": lambda: program.value_and_grad(*point),
        "evaluation": lambda: program.value(*point),
    }
    return {method: min(column) for method, column in _in_turn(work, rounds or max(3, min(15, 3000 // n))).items()}


def _in_turn(work: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Seconds a call for each piece of work, once a round, each long enough for the clock."""
    times = {name: max(1, int(1e-3 / max(clocked(run, 1), 1e-8))) for name, run in work.items()}
    found: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, run in work.items():
            found[name].append(clocked(run, times[name]))
    return found


def clocked(run: Callable[[], Any], times: int) -> float:
    start = CLOCK()
    for _ in range(times):
        run()
    return (CLOCK() - start) / times


def timed_costs(f: Function, inputs: Sequence[int] = INPUTS, at: float = 1.0) -> Measured:
    """Time for the gradient against the number of inputs, in units of one evaluation, measured here and now.

    Parameters
    ----------
    f : a function of any number of numbers that returns one: `def f(*x)`
    inputs : the numbers of inputs
    at : the number that every input gets
    """
    measured = {n: seconds(f, n, at) for n in inputs}
    found = {n: {method: t / numbers["evaluation"] for method, t in numbers.items()} for n, numbers in measured.items()}
    brief = (
        "Measured time of a gradient against the number of inputs, in units of one evaluation, both axes logarithmic: "
        "a line for numerical differences, one for forward mode and one for reverse mode."
    )
    shown = [method for method in METHODS if method != "evaluation"]
    told = "; ".join(f"n = {n:,}: " + ", ".join(f"{m} {x[m]:.3g}" for m in shown) for n, x in found.items())
    figure = _lines(found, shown, "time ÷ time of one evaluation", "What a gradient costs, measured here")
    return Measured(figure, f"{brief} {told}.", brief)
