"""What all plots share: colours of the player, large type, lines that differ by more than colour, a text alternative.

with lab_style():                    # around everything that draws
    figure, axes = new_figure()
    draw_line(axes, xs, ys, "reverse mode", 1)
Plot(figure, "What the plot shows, in a sentence or two, with its numbers.")
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure

from ..drawing.document import as_image
from ..errors import LabError
from ..text.notation import SUPERSCRIPT

# The light colours of the player (drawing/picture.css). Each comes with a marker and a dash, so that no meaning hangs
# on colour alone.
COLOURS = {"ink": "#14181f", "soft": "#525c69", "edge": "#dde1e7", "paper": "#ffffff"}
LINES = (
    {"color": "#1a4fc4", "marker": "o", "linestyle": "-"},
    {"color": "#a63c00", "marker": "s", "linestyle": "--"},
    {"color": "#6a25c9", "marker": "^", "linestyle": "-."},
    {"color": "#525c69", "marker": "D", "linestyle": ":"},
    {"color": "#0f7b3f", "marker": "v", "linestyle": (0, (6, 2, 1, 2, 1, 2))},
    {"color": "#a8005c", "marker": "P", "linestyle": (0, (8, 2))},
    {"color": "#00687a", "marker": "X", "linestyle": (0, (1, 1))},
    {"color": "#7a5600", "marker": "<", "linestyle": (0, (3, 1, 1, 1))},
    {"color": "#14181f", "marker": ">", "linestyle": (0, (4, 1))},
)
HOLLOW: dict[str, Any] = {"markerfacecolor": COLOURS["paper"], "markeredgewidth": 2.0}  # what lies below stays seen
FONTS = "'DejaVu Sans', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"  # in a browser, the first that is there
# The font comes with matplotlib, which measures with it.
RULES: dict[Any, Any] = {"font.family": ["DejaVu Sans"], "font.size": 14.0}
RULES |= {"axes.labelsize": 15.0, "axes.titlesize": 16.0, "lines.linewidth": 2.4, "lines.markersize": 7.0}
RULES |= dict.fromkeys(("axes.labelcolor", "text.color"), COLOURS["ink"])
RULES |= dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color"), COLOURS["soft"])
RULES |= dict.fromkeys(("figure.facecolor", "savefig.facecolor"), COLOURS["paper"])
RULES |= dict.fromkeys(("axes.spines.top", "axes.spines.right", "legend.frameon", "text.usetex"), False)
RULES |= dict.fromkeys(("figure.constrained_layout.h_pad", "figure.constrained_layout.w_pad"), 0.1)  # inches of margin
RULES |= {"axes.grid": True, "grid.color": COLOURS["edge"]}
# Texts stay texts (small files, and found by a search), and the same plot is the same file.
RULES |= {"svg.fonttype": "none", "svg.hashsalt": "backprop_lab"}


@contextmanager
def lab_style() -> Iterator[None]:
    """matplotlib's own defaults and our rules: a person's style sheet changes neither look nor file."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RULES)
        yield


def new_figure(width: float = 9.0, height: float = 5.0, columns: int = 1) -> tuple[Figure, Any]:
    """A figure of so many inches (9 by 5 fits a cell), and its axes: a row of them if there are several.

    Call it, and what draws on it, inside `lab_style()`.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(ncols=columns)


def value_or_nan(f: Callable[[float], Any], x: float) -> float:
    """The height of a curve; nan where its function cannot be asked."""
    try:
        return float(f(float(x)))
    except (LabError, ValueError, ArithmeticError, TypeError):
        return math.nan


def draw_line(axes: Axes, xs: Any, ys: Any, label: str, kind: int = 0, **how: Any) -> None:
    """A line of the given kind: 0, 1, 2 … differ in colour, marker and dash."""
    axes.plot(xs, ys, **{**LINES[kind % len(LINES)], "label": label, **how})


def powers_of_ten(*axes: Axis) -> None:
    """Label log axes 10³, in letters, which a search finds: formulas take matplotlib longer than all else in a plot."""
    for axis in axes:
        axis.set_major_formatter(lambda x, _: f"10{f'{math.log10(x):.0f}'.replace('-', '−').translate(SUPERSCRIPT)}")


PATH, LONG = re.compile(r'(?<= d=")[^"]*|(?<= [xy]=")[^"]*'), re.compile(r"(\.\d\d)\d+")
STROKES = re.compile(r"([MLCQz])([^MLCQz]*)")
# What matplotlib writes for each text or tag, and what is as good: nothing, or one line for all.
TIDY = (
    (re.compile(r"^.*?(?=<svg)", re.S), ""),
    (re.compile(r"(?<=>)\n\s+(?=<)"), "\n"),
    (re.compile(r" font-family: 'DejaVu Sans';| transform=\"rotate\(-0 [^)]*\)\""), ""),
    (re.compile(r"(?=</style>)"), f" text{{font-family: {FONTS}}}"),
)


def _shorter(numbers: re.Match[str]) -> str:
    """A path or a place with two decimals where matplotlib writes six, and no command twice: half the size."""
    text = LONG.sub(r"\1", numbers[0])
    found, last = [], ""
    for command, places in STROKES.findall(text):
        again = command == last != "M" or last + command == "ML"  # after M a line is meant anyway
        found.append(" ".join((*([] if again else [command]), *places.split())))
        last = command
    return " ".join(found) or text


class Plot:
    """A finished plot with its text alternative; shows itself in a notebook.

    Attributes
    ----------
    figure : matplotlib's figure, to change or to save with `.figure.savefig("x.pdf")`
    alt : what is to be seen, for those who do not see it
    brief : the same without what was measured: as plain text a plot stays the same each time
    """

    def __init__(self, figure: Figure, alt: str, brief: str = "") -> None:
        self.figure, self.alt, self.brief = figure, alt, brief or alt

    def svg(self) -> str:
        """The plot as SVG text."""
        written = io.StringIO()
        with lab_style():
            self.figure.savefig(written, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
        text = PATH.sub(_shorter, written.getvalue())
        for pattern, shorter in TIDY:
            text = pattern.sub(shorter, text)
        return text

    def html(self) -> str:
        """An image with its text alternative; it needs nothing else, and stays where scripts and styles are removed."""
        return self._as_image(self.svg())

    def _as_image(self, svg: str) -> str:
        return as_image(svg, self.alt, "border-radius: 8px; background: #ffffff")

    def __repr__(self) -> str:
        return self.brief

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        svg = self.svg()  # drawing takes most of the time
        return {"text/plain": self.brief, "text/html": self._as_image(svg), "image/svg+xml": svg}


def widget_view(widget: Any) -> dict[str, Any]:
    """What shows a widget where there is a kernel."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return {"application/vnd.jupyter.widget-view+json": view}
