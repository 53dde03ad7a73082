"""A script for whoever teaches: the steps of a lesson's example to print, with what to ask before each.

print(bl.script("reverse"))      the count on the screen, the question, the answer, what wrong numbers mean
"""

from __future__ import annotations

import html
from typing import Any, NamedTuple

import numpy as np

from ..catalogue.entries import examples
from ..errors import UnknownName
from ..film.questions import questions
from ..text.notation import number

# Of each lesson the example and how its player is called.
SCRIPTS: dict[str, tuple[str, dict[str, str]]] = {
    "start": ("edelman", {}),
    "graphs": ("edelman-toy", {"mode": "value"}),
    "forward": ("strang", {"mode": "forward", "wrt": "x"}),
    "reverse": ("strang", {}),
    "fan_out": ("olah", {}),
    "costs": ("sources-sink", {}),
    "order": ("sources-sink", {}),
    "numerical": ("olah", {}),
    "engine": ("edelman", {}),
    "layers": ("two-layer", {}),
    "modules": ("deep", {}),
    "breaking": ("edelman-toy", {}),
    "dying": ("deep", {}),
    "descent": ("strang", {}),
    "stochastic": ("strang", {}),
    "training": ("two-layer", {}),
    "second": ("strang", {}),
    "rules": ("strang", {}),
    "complex": ("strang", {}),
    "adjoint": ("sources-sink", {}),
    "gpt": ("deep", {}),
}
MOST = 3  # wrong answers of a step


class Line(NamedTuple):
    """One step: the count on the screen before it, what to ask, what is right, its formula, what wrong numbers mean."""

    at: int
    ask: str
    right: str
    formula: str
    wrong: tuple[str, ...]


class Script:
    """The steps of one example; prints itself, and shows itself as a table in a notebook."""

    def __init__(self, title: str, lines: list[Line]) -> None:
        self.title, self.lines = title, lines

    def __str__(self) -> str:
        told = [self.title]
        for line in self.lines:
            told += ["", f"{line.at:3}  {line.ask}", f"     → {line.right}      {line.formula}"]
            told += [f"       {words}" for words in line.wrong]
        return "\n".join(told)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in ("at", "ask", "right", "usual wrong answers"))
        left = '<td style="text-align: left">'
        rows = "".join(
            f"<tr><td>{line.at}</td>{left}{html.escape(line.ask)}</td>{left}{html.escape(line.formula)}</td>"
            f"{left}{'<br>'.join(map(html.escape, line.wrong))}</td></tr>"
            for line in self.lines
        )
        caption = f"<caption>{html.escape(self.title)}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def script(lesson: str) -> Script:
    """The steps of a lesson's example, to print and take along.

    Parameters
    ----------
    lesson : as in the ids of its exercises: "reverse", "fan_out"

    Returns
    -------
    Script : the count above the graph, what to ask there, what is right, and what the usual wrong answers mean

    Raises
    ------
    UnknownName : there is no such lesson
    """
    if lesson not in SCRIPTS:
        raise UnknownName(f"no script is called {lesson!r:.40}; there are {', '.join(SCRIPTS)}")
    name, options = SCRIPTS[lesson]
    example = examples[name]
    steps = example.step(**options).steps
    lines = [
        Line(at, ask["asks"], _shown(ask["right"]), step.formula, _wrong(ask))
        for at, (step, ask) in enumerate(zip(steps, questions(steps), strict=True))
        if ask
    ]
    call = "".join(f", {key}={value!r}" for key, value in options.items())
    return Script(f'bl.examples["{name}"].step({call[2:]}), step by step: {example.source}', lines)


def _shown(x: Any) -> str:
    return number(float(x)) if np.ndim(x) == 0 else str(np.asarray(x).tolist()).replace(".0", "").replace("-", "−")


def _wrong(ask: dict[str, Any]) -> tuple[str, ...]:
    """What the first few wrong answers mean, each number once."""
    told: dict[str, str] = {}
    for x, name, _ in ask["wrong"]:
        told.setdefault(_shown(x), name)
    return tuple(f"{x}: {name}" for x, name in list(told.items())[:MOST])
