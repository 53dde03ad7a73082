"""See how far a difference quotient is off, and what a gradient costs by each way of getting it.

    bl.plots.u_curve(bl.exp, 1.0)       the error of forward, central and complex differences for h from 1 to 1e-16
    bl.plots.strategies(runs)           the loss against the passes it took, for several ways of lowering it
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..arguments import as_number, check_function
from ..derive import grad
from ..errors import ArgumentError, LabError, LabWarning
from ..source import engine_module, name_of
from .figure import COLOURS, Plot, draw_line, lab_style, new_figure

__all__ = ["Errors", "difference_errors", "strategies", "u_curve"]

engine_module(globals())
EPS = float(np.finfo(float).eps)
NOTHING = 1e-17  # where an error of exactly 0 is drawn; below the smallest relative error that a float can have
HOLLOW: dict[str, Any] = {"markerfacecolor": COLOURS["paper"], "markeredgewidth": 2.0}  # what lies below stays seen
Curve = Callable[[float], float]


@dataclass(frozen=True)
class Errors:
    """How far the quotients of one function at one point are off, relative to its derivative.

    Attributes
    ----------
    steps : the values of h
    forward, central, imaginary : the error at each of them, nan outside the domain; `imaginary` is the complex step's,
        and None where the function is not one of complex numbers
    best : for "forward" and "central" the h at which truncation and round-off are expected to balance, None where
        there is no truncation
    slopes : the measured slope of each error on log axes, one decade above 30 times the best h; None likewise
    """

    steps: np.ndarray[Any, Any]
    forward: np.ndarray[Any, Any]
    central: np.ndarray[Any, Any]
    imaginary: np.ndarray[Any, Any] | None
    best: dict[str, float | None]
    slopes: dict[str, float | None]


def difference_errors(f: Curve, x: float, steps: Sequence[float] | None = None) -> Errors:
    """Measure the errors of difference quotients against the derivative that a sweep gives.

    Parameters
    ----------
    f : a function of one number
    x : where
    steps : the values of h; four a decade from 1 down to 1e-16 if not given

    Raises
    ------
    ArgumentError : f is no function of one number, its derivative at x is 0 or not finite, or an h is not positive
    """
    check_function(f)
    x = float(as_number(x, "x", f))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LabWarning)
        first, second, third = (float(d(x)) for d in (grad(f), grad(grad(f)), grad(grad(grad(f)))))
        if not first or not math.isfinite(first):
            raise ArgumentError(
                f"the derivative of {name_of(f)} at {x:g} is {first:g}, and errors are relative to it; choose another x"
            )
        hs = np.logspace(0, -16, 65) if steps is None else np.asarray(steps, dtype=float)
        if hs.ndim != 1 or not hs.size or not np.all(hs > 0):
            raise ArgumentError("every h must be positive; write steps=[0.1, 0.01], say")
        ways = {"forward": _forward, "central": _central}
        errors = {name: np.array([_off(way, f, x, h, first) for h in hs]) for name, way in ways.items()}
        noise = EPS * max(abs(f(x)), abs(x * first))  # what rounding does to f(x), and to x + h
        best = {
            "forward": 2 * math.sqrt(noise / abs(second)) if second and noise else None,
            "central": (3 * noise / abs(third)) ** (1 / 3) if third and noise else None,
        }
        slopes = {name: _slope(way, f, x, first, best[name]) for name, way in ways.items()}
        analytic = _off(_imaginary, f, x, 1e-20, first) < 1e-9
        imaginary = np.array([_off(_imaginary, f, x, h, first) for h in hs]) if analytic else None
    return Errors(hs, errors["forward"], errors["central"], imaginary, best, slopes)


def _forward(f: Curve, x: float, h: float) -> float:
    return (f(x + h) - f(x)) / h


def _central(f: Curve, x: float, h: float) -> float:
    return (f(x + h) - f(x - h)) / (2 * h)


def _imaginary(f: Callable[[Any], Any], x: float, h: float) -> float:
    return float(np.imag(f(complex(x, h)))) / h


def _off(way: Callable[..., float], f: Curve, x: float, h: float, slope: float) -> float:
    """The relative error of a quotient; nan if the function cannot be asked there."""
    try:
        return abs(float(way(f, x, float(h))) / slope - 1)
    except (LabError, ValueError, ArithmeticError, TypeError):
        return math.nan


def _slope(way: Callable[..., float], f: Curve, x: float, first: float, best: float | None) -> float | None:
    if best is None:
        return None
    near, far = (_off(way, f, x, k * best, first) for k in (30, 300))
    return math.log10(far / near) if near > 0 and far > 0 else None


# --- the U-curve ------------------------------------------------------------------------------------------------------

NAMES = {"forward": "forward difference", "central": "central difference", "imaginary": "complex step"}


def u_curve(f: Curve, x: float, steps: Sequence[float] | None = None) -> Plot:
    """The error of difference quotients against h, on log axes: truncation to the right, round-off to the left.

    Parameters and errors are those of `difference_errors`. The complex step is left out where the function is not one
    of complex numbers, such as relu.
    """
    found = difference_errors(f, x, steps)
    with lab_style():
        figure, axes = new_figure(9.6, 6.0)
        rows = [("forward", found.forward), ("central", found.central), ("imaginary", found.imaginary)]
        for kind, (name, errors) in enumerate(rows):
            if errors is not None:
                how = HOLLOW | {"markevery": (kind, 3)}
                draw_line(axes, found.steps, np.maximum(errors, NOTHING), _with_slope(name, found), kind, **how)
        axes.axhline(EPS, color=COLOURS["soft"], linestyle=":", linewidth=2.4, label="one rounding, as a sweep errs")
        for name in ("forward", "central"):
            _mark_best(axes, name, found)
        axes.set(xscale="log", yscale="log", xlabel="h", ylabel="relative error", ylim=(NOTHING / 3, 3e6))
        axes.set_yticks([NOTHING, *_tens(15, 3)], ["0", *map(_short, _tens(15, 3))])
        axes.set_xticks(_tens(16, 4), list(map(_short, _tens(16, 4))))
        axes.minorticks_off()
        axes.legend(loc="upper center", ncols=1)
    return Plot(figure, _told(name_of(f), x, found))


def _tens(last: int, by: int) -> list[float]:
    """Powers of ten up to 1."""
    return [10.0**-k for k in range(last, -1, -by)]


def _with_slope(name: str, found: Errors) -> str:
    slope = found.slopes.get(name)
    return NAMES[name] if slope is None else f"{NAMES[name]}, slope {slope:.1f}"


def _mark_best(axes: Axes, name: str, found: Errors) -> None:
    """A dashed line at the best h, from the axis up to the curve, with its value below the curve."""
    h, errors = found.best[name], getattr(found, name)
    if h is None or not found.steps.min() < h < found.steps.max():
        return
    reached = errors[np.nanargmin(abs(np.log(found.steps / h)))]
    axes.plot([h, h], [NOTHING / 3, max(reached, NOTHING)], color=COLOURS["ink"], linestyle=(0, (2, 2)), linewidth=1.6)
    side = -1 if name == "forward" else 1  # away from the complex step, which comes down between the two
    axes.annotate(
        f"best h\n{_short(h)}", (h, 3e-14), xytext=(6 * side, 0), textcoords="offset points", va="center",
        ha="right" if side < 0 else "left", color=COLOURS["ink"],
    )  # fmt: skip


def _short(h: float) -> str:
    """One digit and a power of ten, the same on every machine."""
    digit, _, power = f"{h:.0e}".partition("e")
    return f"{digit}e−{-int(power)}" if int(power) < 0 else f"{float(h):.0f}"


def _told(name: str, x: float, found: Errors) -> str:
    parts = [f"Relative error of difference quotients of {name} at {x:g} against h, on log axes."]
    for kind in ("forward", "central"):
        slope, h = found.slopes[kind], found.best[kind]
        if slope is None or h is None:
            parts.append(f"The {NAMES[kind]} has no truncation error; its error grows as h gets smaller.")
        else:
            parts.append(
                f"The {NAMES[kind]} falls with slope {slope:.1f} as h gets smaller, is best near h = {_short(h)}, and "
                "gets worse below it, because of round-off."
            )
    if found.imaginary is None:
        parts.append("There is no complex step: the function is not one of complex numbers.")
    else:
        parts.append("The complex step falls too, and stays at the bottom however small h is.")
    return " ".join([*parts, "A sweep has no h; its error is about one rounding, 2e−16."])


# --- strategies -------------------------------------------------------------------------------------------------------


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
        axes.legend(loc="lower left", title="loss at the end", alignment="left")
    return Plot(figure, " ".join(told))


def _spread(xs: np.ndarray[Any, Any], many: int, shift: float) -> list[int]:
    """Places of markers, evenly on a log axis; `shift` (0 to 1) keeps those of lines that coincide apart."""
    at = np.logspace(np.log10(xs[0]), np.log10(xs[-1]), many + 1)[:-1] * (xs[-1] / xs[0]) ** (shift / many)
    return sorted({int(np.searchsorted(xs, here)) for here in at if here <= xs[-1]})
