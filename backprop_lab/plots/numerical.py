"""See how far a difference quotient is off, and why.

bl.plots.u_curve(bl.exp, 1.0)           the error of forward, central and complex differences against h
bl.plots.u_curve_slider(bl.exp, 1.0)    the same with a slider for h, and the digits that get lost
"""

from __future__ import annotations

import html
import math
import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..derivatives.passes import grad
from ..errors import ArgumentError, LabWarning
from ..recording.arguments import as_number, check_function
from ..source.functions import name_of
from ..text.notation import number
from .figure import COLOURS, HOLLOW, LINES, Plot, draw_line, lab_style, new_figure, value_or_nan
from .slider import StepSlider, short

EPS = float(np.finfo(float).eps)
NOTHING = 1e-17  # where an error of exactly 0 is drawn; below the smallest relative error that a float can have
Curve = Callable[[float], float]


NAMES = {"forward": "forward difference", "central": "central difference", "imaginary": "complex step"}
QUOTIENTS: dict[str, Callable[[Callable[[Any], Any], float, float], float]] = {
    "forward": lambda f, x, h: (f(x + h) - f(x)) / h,
    "central": lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h),
    "imaginary": lambda f, x, h: float(np.imag(f(complex(x, h)))) / h,
}


@dataclass(frozen=True)
class Errors:
    """How far the quotients of one function at one point are off, relative to its derivative."""

    steps: np.ndarray[Any, Any]  # the values of h
    forward: np.ndarray[Any, Any]  # the error at each of them, nan outside the domain
    central: np.ndarray[Any, Any]
    imaginary: np.ndarray[Any, Any] | None  # None where the function is not one of complex numbers
    best: dict[str, float | None]  # the h where truncation and round-off should balance; None where nothing is cut off
    slopes: dict[str, float | None]  # measured on log axes, one decade above 30 times the best h; None likewise


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
    with warnings.catch_warnings(action="ignore", category=LabWarning):
        first, second, third = (float(d(x)) for d in (grad(f), grad(grad(f)), grad(grad(grad(f)))))
        if not first or not math.isfinite(first):
            raise ArgumentError(
                f"the derivative of {name_of(f)} at {x:g} is {first:g}, and errors are relative to it; choose another x"
            )
        hs = np.logspace(0, -16, 65) if steps is None else np.asarray(steps, dtype=float)
        if hs.ndim != 1 or not hs.size or not np.all(hs > 0):
            raise ArgumentError("every h must be positive; write steps=[0.1, 0.01], say")

        def off(name: str, h: float) -> float:
            return abs(value_or_nan(lambda x: QUOTIENTS[name](f, x, float(h)), x) / first - 1)

        def slope(name: str) -> float | None:
            near, far = (off(name, k * (best[name] or math.nan)) for k in (30, 300))
            return math.log10(far / near) if near > 0 and far > 0 else None

        noise = EPS * max(abs(f(x)), abs(x * first))  # what rounding does to f(x), and to x + h
        best = {
            "forward": 2 * math.sqrt(noise / abs(second)) if second and noise else None,
            "central": (3 * noise / abs(third)) ** (1 / 3) if third and noise else None,
        }
        forward, central, imaginary = (np.array([off(name, h) for h in hs]) for name in QUOTIENTS)
        analytic = off("imaginary", 1e-20) < 1e-9
        slopes = {name: slope(name) for name in best}
    return Errors(hs, forward, central, imaginary if analytic else None, best, slopes)


def u_curve(f: Curve, x: float, steps: Sequence[float] | None = None, h: float | None = None) -> Plot:
    """The error of difference quotients against h, on log axes: truncation to the right, round-off to the left.

    Parameters and errors are those of `difference_errors`; `h` is a step to mark. The complex step is left out where
    the function is not one of complex numbers, such as relu.
    """
    if h is not None and not h > 0:
        raise ArgumentError(f"h must be positive, and here it is {h}; write h=1e-4, say")
    found = difference_errors(f, x, steps)
    told = _told(name_of(f), x, found)
    with lab_style():
        figure, axes = new_figure(9.6, 6.0)
        for kind, (name, label) in enumerate(NAMES.items()):
            errors, slope = getattr(found, name), found.slopes.get(name)
            if errors is not None:
                label += "" if slope is None else f", slope {slope:.1f}"
                how = HOLLOW | {"markevery": (kind, 3)}
                draw_line(axes, found.steps, np.maximum(errors, NOTHING), label, kind, **how)
        axes.axhline(EPS, color=COLOURS["soft"], linestyle=":", linewidth=2.4, label="one rounding, as a sweep errs")
        for name in ("forward", "central"):
            _mark_best(axes, name, found)
        if h is not None:
            told += _mark(axes, difference_errors(f, x, [h]))
        axes.set(xscale="log", yscale="log", xlabel="h", ylabel="relative error", ylim=(NOTHING / 3, 1e3))
        axes.set_yticks([NOTHING, *_tens(15, 3)], ["0", *map(short, _tens(15, 3))])
        axes.set_xticks(_tens(16, 4), list(map(short, _tens(16, 4))))
        axes.minorticks_off()
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)  # above, where it hides no curve
    return Plot(figure, told)


def _mark(axes: Axes, here: Errors) -> str:
    """A line at one h with a large marker on each curve, and a sentence with the errors there."""
    h = float(here.steps[0])
    axes.axvline(h, color=COLOURS["ink"], linewidth=1.6)
    said = []
    for kind, name in enumerate(NAMES):
        errors = getattr(here, name)
        if errors is not None and not math.isnan(errors[0]):
            look = LINES[kind]
            axes.plot([h], [max(errors[0], NOTHING)], color=look["color"], marker=look["marker"], markersize=13.0)
            said.append(f"{short(errors[0])} ({NAMES[name]})")
    return f" At h = {short(h)} the relative errors are {', '.join(said)}." if said else ""


def _tens(last: int, by: int) -> list[float]:
    """Powers of ten up to 1."""
    return [10.0**-k for k in range(last, -1, -by)]


def _mark_best(axes: Axes, name: str, found: Errors) -> None:
    """A dashed line at the best h, from the axis up to the curve, with its value below the curve."""
    h, errors = found.best[name], getattr(found, name)
    if h is None or not found.steps.min() < h < found.steps.max():
        return
    reached = errors[np.nanargmin(abs(np.log(found.steps / h)))]
    axes.plot([h, h], [NOTHING / 3, max(reached, NOTHING)], color=COLOURS["ink"], linestyle=(0, (2, 2)), linewidth=1.6)
    side = -1 if name == "forward" else 1  # away from the complex step, which comes down between the two
    how: dict[str, Any] = {"textcoords": "offset points", "va": "center", "ha": "right" if side < 0 else "left"}
    how["bbox"] = {"facecolor": COLOURS["paper"], "edgecolor": "none", "pad": 1.0}
    axes.annotate(f"best h\n{short(h)}", (h, 3e-14), xytext=(6 * side, 0), color=COLOURS["ink"], zorder=5, **how)


def _told(name: str, x: float, found: Errors) -> str:
    parts = [f"Relative error of difference quotients of {name} at {x:g} against h, on log axes."]
    for kind in ("forward", "central"):
        slope, h = found.slopes[kind], found.best[kind]
        if slope is None or h is None:
            parts.append(f"The {NAMES[kind]} has no truncation error; its error grows as h gets smaller.")
        else:
            parts.append(
                f"The {NAMES[kind]} falls with slope {slope:.1f} as h gets smaller, is best near h = {short(h)}, and "
                "gets worse below it, because of round-off."
            )
    if found.imaginary is None:
        parts.append("There is no complex step: the function is not one of complex numbers.")
    else:
        parts.append("The complex step falls too, and stays at the bottom however small h is.")
    return " ".join([*parts, "A sweep has no h; its error is about one rounding, 2e−16."])


def u_curve_slider(f: Curve, x: float, h: float = 1e-4) -> StepSlider:
    """`u_curve` with a slider for h, from 1 to 1e-16, and the two values that the central difference subtracts.

    Parameters and errors are those of `u_curve`.
    """
    stops = [float(f"{digit}e-{power}") for power in range(17) for digit in (1, 3) if (digit, power) != (3, 0)]
    return StepSlider(lambda h: u_curve(f, x, h=h), h, stops, lambda h: lost_digits(f, x, h))


def lost_digits(f: Curve, x: float, h: float) -> str:
    """What the central difference subtracts, as HTML: the digits that cancel are underlined, and counted."""
    ends = [value_or_nan(f, x + h), value_or_nan(f, x - h)]
    if any(map(math.isnan, ends)):
        return f"{html.escape(name_of(f))} has no value at {x - h:g} or at {x + h:g}."
    with warnings.catch_warnings(action="ignore", category=LabWarning):
        slope = float(grad(f)(x))
    texts = [f"{end:#.16g}".replace("-", "−") for end in ends]
    same = os.path.commonprefix(texts)  # noqa: RUF071  (of characters)
    rows = [
        ("f(x + h)", texts[0], same),
        ("f(x − h)", texts[1], same),
        ("their difference / 2h", number((ends[0] - ends[1]) / (2 * h), 16), ""),
        ("a sweep", number(slope, 16), ""),
    ]
    many = sum(digit.isdigit() for digit in same.lstrip("−0."))
    if ends[0] == ends[1]:
        told = "The two values are equal, so nothing is left of the difference."
    elif not many:
        told = "The two values have no leading digit in common."
    else:
        told = f"Of 16 digits, {many} are equal in both values (underlined). They cancel."
    side = "padding: 0.1em 1.2em 0.1em 0; text-align: left"
    cells = "".join(
        f'<tr><td style="{side}">{what}</td><td style="{side}; font-family: monospace">'
        f"<u>{start}</u>{text[len(start) :]}</td></tr>"
        for what, text, start in rows
    )
    return f'<div style="font-size: 1.25em; line-height: 1.4"><table>{cells}</table><p>{told}</p></div>'
