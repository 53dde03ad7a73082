"""What a gradient costs as the number of inputs grows, counted and measured; what second derivatives and descents cost.

def f(*x): ...                    any function of n numbers that returns one
bl.plots.counted_costs(f)         operations of one evaluation, and of its gradient by three methods
bl.plots.timed_costs(f)           the same as time, in units of one evaluation
bl.plots.operations(f, 100)       the numbers of the first plot, for 100 inputs; `seconds` has those of the second

def g(x): ...                     any function of an array that returns one number
bl.plots.timed_hessian(g)         the whole Hessian against the Hessian times a vector; `hessian_seconds` has numbers
bl.plots.counted_hessian(g)       the same, counted; `second_operations` has numbers

bl.plots.strategies({"backprop": [(2, 1.0), (4, 0.5)]})  several ways of lowering a loss: the loss against the passes
"""

from __future__ import annotations

import math
import time
import timeit
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..compiled.program import compile
from ..derivatives.jacobians import hessian, hvp
from ..derivatives.passes import grad, jvp
from ..errors import ArgumentError
from ..graph.sweeps import Sweep, adjoint_sweep, all_tangents_cost, value_sweep
from ..graph.trace import trace
from .figure import HOLLOW, Plot, draw_line, lab_style, new_figure, powers_of_ten

Function = Callable[..., Any]
Lines = dict[str, tuple[str, int]]
INPUTS = (1, 3, 10, 30, 100, 300, 1000)
# In the order of the lines from above, each with its label and its kind of line.
METHODS: Lines = {
    "numerical": ("numerical: two evaluations for each input", 3),
    "forward": ("forward mode: one sweep for each input", 1),
    "reverse": ("reverse mode: one sweep", 0),
    "evaluation": ("one evaluation of f", 2),
}
SECOND: Lines = {
    "hessian": ("the Hessian: one pass for each input", 1),
    "product": ("the Hessian times a vector: one pass", 0),
    "gradient": ("the gradient", 2),
}

# The processor's time, so that a busy machine does not bend the lines; where that clock ticks too slowly (Windows), the
# time on the wall.
CLOCK = time.process_time if time.get_clock_info("process_time").resolution < 1e-5 else time.perf_counter


def _lines(found: Mapping[int, Mapping[str, float]], lines: Lines, title: str, xlabel: str, ylabel: str) -> Any:
    """The figure: the numbers found for each number of inputs, a line for each method."""
    with lab_style():
        figure, axes = new_figure(9.0, 5.6)
        for method, (label, kind) in lines.items():
            draw_line(axes, list(found), [numbers[method] for numbers in found.values()], label, kind)
        axes.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
        axes.set_title(title, loc="left")
        bottom, top = axes.get_ylim()
        axes.set_ylim(top=top * (top / bottom) ** 0.45)  # room for the legend above the lines
        axes.legend(loc="upper left", frameon=True, framealpha=1.0, edgecolor="none")
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        powers_of_ten(axes.yaxis)
        axes.minorticks_off()
    return figure


def _whole(n: int) -> None:
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise ArgumentError(f"the number of inputs must be a whole number from 1 on, not {n!r:.40}; write 100, say")


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
    _whole(n)
    graph = trace(f, *[float(at)] * n)
    evaluation = _total(value_sweep(graph))
    return {
        "numerical": 2 * n * evaluation,
        "forward": evaluation + sum(all_tangents_cost(graph)),
        "reverse": evaluation + _total(adjoint_sweep(graph)),
        "evaluation": evaluation,
    }


def _total(sweep: Sweep) -> int:
    return sum(sweep.counts[kind] for kind in ("multiplications", "additions", "functions"))


def counted_costs(f: Function, inputs: Sequence[int] = INPUTS, at: float = 1.0) -> Plot:
    """Operations for the gradient against the number of inputs.

    Parameters
    ----------
    f : a function of any number of numbers that returns one: `def f(*x)`
    inputs : the numbers of inputs
    at : the number that every input gets
    """
    found = {n: operations(f, n, at) for n in inputs}
    n, last = max(found.items(), key=lambda pair: pair[0])
    told = ", ".join(f"{method} {count:,}" for method, count in last.items())
    ratios = ", ".join(f"{method} {last[method] / last['evaluation']:,.4g}" for method in list(METHODS)[:3])
    alt = "Operations against the number of inputs, both axes logarithmic. "
    alt += f"With n = {n:,}: {told}. In evaluations: {ratios}."
    title, ylabel = "What a gradient costs, counted", "operations (+, ·, functions)"
    return Plot(_lines(found, METHODS, title, "number of inputs n", ylabel), alt)


# --- measured ---------------------------------------------------------------------------------------------------------


def clocked(run: Callable[[], Any], times: int) -> float:
    """Seconds for one of so many calls."""
    return timeit.timeit(run, timer=CLOCK, number=times) / times


def seconds(f: Function, n: int, at: float = 1.0, rounds: int | None = None) -> dict[str, float]:
    """How long n inputs take: all methods run as compiled programs, in turn, and the best of some rounds counts.

    Parameters, keys of the result and errors are those of `operations`. `rounds` is how often each is measured: if not
    given, from 2 to 15 times, the longer a method takes, the less often. "reverse" has the value and the gradient.
    """
    _whole(n)
    point = [float(at)] * n
    program = compile(f, *point)
    dual = compile(lambda *both: jvp(f, both[:n], both[n:]), *point, *point)
    units = np.eye(n).tolist()
    nudged = [[x + h * one for x, one in zip(point, unit, strict=True)] for unit in units for h in (1e-4, -1e-4)]
    work: dict[str, Callable[[], Any]] = {
        "numerical": lambda: [program.value(*x) for x in nudged],
        "forward": lambda: [dual.value(*point, *unit) for unit in units],
        "reverse": lambda: program.value_and_grad(*point),
        "evaluation": lambda: program.value(*point),
    }
    first = {name: max(clocked(run, 1), 1e-8) for name, run in work.items()}
    times = {name: max(1, int(1e-3 / once)) for name, once in first.items()}  # the clock's ticks
    many = {name: rounds or max(1, min(15, int(0.2 / (once * times[name])))) for name, once in first.items()}
    best = {name: once if times[name] == 1 else math.inf for name, once in first.items()}
    for turn in range(max(many.values())):
        for name in work:
            if turn < many[name]:
                best[name] = min(best[name], clocked(work[name], times[name]))
    return best


def timed_costs(f: Function, inputs: Sequence[int] = INPUTS, at: float = 1.0) -> Plot:
    """Time for the gradient against the number of inputs, in units of one evaluation, measured here and now.

    Parameters are those of `counted_costs`.
    """
    measured = {n: seconds(f, n, at) for n in inputs}
    found = {n: {method: t / numbers["evaluation"] for method, t in numbers.items()} for n, numbers in measured.items()}
    brief = (
        "Measured time of a gradient against the number of inputs, in units of one evaluation, both axes logarithmic: "
        "a line for numerical differences, one for forward mode and one for reverse mode."
    )
    lines = {method: line for method, line in METHODS.items() if method != "evaluation"}
    told = "; ".join(f"n = {n:,}: " + ", ".join(f"{m} {x[m]:.3g}" for m in lines) for n, x in found.items())
    title, ylabel = "What a gradient costs, measured here", "time ÷ time of one evaluation"
    return Plot(_lines(found, lines, title, "number of inputs n", ylabel), f"{brief} {told}.", brief)


def second_operations(f: Function, n: int) -> dict[str, int]:
    """How many operations second derivatives take for n inputs; multiplications, additions and functions count alike.

    Parameters
    ----------
    f : a function of an array that returns one number
    n : how many numbers the array has; they are spread over −1 … 1

    Returns
    -------
    dict : for the "hessian", for its "product" with a vector, for the "gradient", and for one "evaluation"

    Raises
    ------
    ArgumentError : n is not a whole number from 1 on
    """
    _whole(n)
    x, v = np.linspace(-1.0, 1.0, n), np.ones(n)
    work: dict[str, Function] = {
        "hessian": lambda x: hessian(f)(x),
        "product": lambda x: hvp(f, (x,), (v,)),
        "gradient": lambda x: grad(f)(x),
        "evaluation": lambda x: f(x),
    }
    return {name: _total(value_sweep(trace(run, x))) for name, run in work.items()}


def counted_hessian(f: Function, sizes: Sequence[int] = INPUTS[2:]) -> Plot:
    """Operations for all second derivatives against the number of inputs L, and for the Hessian times a vector.

    Parameters
    ----------
    f : a function of an array that returns one number
    sizes : the numbers of inputs
    """
    found = {n: second_operations(f, n) for n in sizes}
    told = "; ".join(
        f"L = {n:,}: " + ", ".join(f"{m} {x[m] / x['evaluation']:,.3g}" for m in SECOND) for n, x in found.items()
    )
    alt = f"Operations of second derivatives against the number of inputs L, on log axes. In evaluations: {told}."
    title, ylabel = "What second derivatives cost, counted", "operations (+, ·, functions)"
    lines = SECOND | {"evaluation": ("one evaluation of f", 3)}
    return Plot(_lines(found, lines, title, "number of inputs L", ylabel), alt)


def hessian_seconds(f: Function, n: int, rounds: int | None = None) -> dict[str, float]:
    """How long second derivatives take for n inputs: the best of some rounds.

    Parameters
    ----------
    f : a function of an array that returns one number
    n : how many numbers the array has; they are spread over −1 … 1
    rounds : how often each is measured; if not given, once for large arrays and up to 5 times for small ones

    Returns
    -------
    dict : seconds for the "hessian", for its "product" with a vector, and for the "gradient"

    Raises
    ------
    ArgumentError : n is not a whole number from 1 on
    """
    _whole(n)
    x, v = np.linspace(-1.0, 1.0, n), np.ones(n)
    work: dict[str, Callable[[], Any]] = {
        "hessian": lambda: hessian(f)(x),
        "product": lambda: hvp(f, (x,), (v,)),
        "gradient": lambda: grad(f)(x),
    }
    few = rounds or max(1, min(5, 300 // n))
    return {name: min(clocked(run, 1 if name == "hessian" else 10) for _ in range(few)) for name, run in work.items()}


def timed_hessian(f: Function, sizes: Sequence[int] = INPUTS[2:]) -> Plot:
    """Time for all second derivatives against the number of inputs L, and for the Hessian times a vector.

    Parameters
    ----------
    f : a function of an array that returns one number
    sizes : the numbers of inputs
    """
    found = {n: {name: 1000 * t for name, t in hessian_seconds(f, n).items()} for n in sizes}
    brief = (
        "Measured time of second derivatives against the number of inputs L, both axes logarithmic: a line for the "
        "whole Hessian, one for the Hessian times a vector, and one for the gradient."
    )
    told = "; ".join(f"L = {n:,}: " + ", ".join(f"{m} {x[m]:.3g} ms" for m in x) for n, x in found.items())
    title = "What second derivatives cost, measured here"
    return Plot(_lines(found, SECOND, title, "number of inputs L", "milliseconds"), f"{brief} {told}.", brief)


# --- ways of lowering a loss ------------------------------------------------------------------------------------------


def strategies(runs: Mapping[str, Sequence[tuple[float, float]]]) -> Plot:
    """The loss against the passes that it took, on log axes, one line for each way of lowering it.

    Parameters
    ----------
    runs : for each strategy, by name, the pairs (passes so far, loss then), in order

    Raises
    ------
    ArgumentError : no runs, or one with fewer than two pairs
    """
    if not runs or any(len(run) < 2 for run in runs.values()):
        raise ArgumentError('each strategy needs two pairs (passes, loss) or more: {"backprop": [(2, 1.0), (4, 0.5)]}')
    told = ["Loss against passes through the function, on log axes."]
    with lab_style():
        figure, axes = new_figure(9.6, 5.6)
        for kind, (name, run) in enumerate(runs.items()):
            passes, losses = np.array([pair for pair in run if pair[0] > 0], dtype=float).T
            how = HOLLOW | {"markevery": _spread(passes, 7, kind / len(runs)), "markersize": 9.0}
            draw_line(axes, passes, losses, f"{name}: {losses[-1]:.1g}", kind, **how)
            told.append(f"{name}: {losses[-1]:.1g} after {passes[-1]:,.0f} passes.")
        axes.set(xscale="log", yscale="log", xlabel="passes through the function (forward or reverse)", ylabel="loss")
        powers_of_ten(axes.xaxis, axes.yaxis)
        axes.legend(loc="lower left", title="loss at the end", alignment="left")
    return Plot(figure, " ".join(told))


def _spread(xs: np.ndarray[Any, Any], many: int, shift: float) -> list[int]:
    """Places of markers, evenly on a log axis; `shift` (0 to 1) keeps those of lines that coincide apart."""
    at = np.logspace(np.log10(xs[0]), np.log10(xs[-1]), many + 1)[:-1] * (xs[-1] / xs[0]) ** (shift / many)
    return sorted({int(np.searchsorted(xs, here)) for here in at if here <= xs[-1]})
