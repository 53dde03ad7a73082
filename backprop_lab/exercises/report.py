"""What a check found, for the student to read and for graders to count."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..text.notation import number

STYLE = """
.bl-report{font:14px/1.45 system-ui,sans-serif;border-left:4px solid #777;padding:.3em .8em;max-width:60em}
.bl-report.bl-pass{border-color:#1a7f37}.bl-report.bl-fail{border-color:#b35900}
.bl-report p{margin:.25em 0}.bl-report table{border-collapse:collapse;margin:.4em 0}
.bl-report.bl-report td,.bl-report.bl-report th{border:1px solid #8888;padding:.15em .6em;text-align:left}
.bl-report td:first-child{white-space:nowrap}
"""


@dataclass(frozen=True)
class Item:
    """One thing that was asked: its label, the points it brought and could bring, what came, and what should have.

    `expected` is None where showing it would give the answer away; `trouble` says why nothing came.
    """

    label: str
    points: float
    worth: float
    yours: Any = None
    expected: Any = None
    trouble: str | None = None

    @property
    def right(self) -> bool:
        """Whether it brought all its points."""
        return self.points >= self.worth


@dataclass
class Report:
    """The result of `bl.check`. In a notebook it shows itself; as plain text it is the bare points, for graders.

    Attributes
    ----------
    exercise : the exercise's id
    passed : whether everything was right
    score : from 0 to 1
    points, worth : what it brought and what it could bring
    items : the single things asked
    wrong_turn : the name of the misconception that the answer fits, or None
    hint : what to do next: what the wrong turn is, or the exercise's first hint; `next_hint()` gives one more
    where : the name of the node where the wrong turn happened, or None
    expected : the right answer, where showing it is fair, else None
    case : the arguments of the first call that went wrong, for `answer(*report.case)`; None if there is none
    remark : something about the check itself, as that no time limit is kept here
    """

    exercise: str
    items: tuple[Item, ...]
    worth: float
    wrong_turn: str | None = None
    hint: str = ""
    where: str | None = None
    expected: Any = None
    trouble: str | None = None
    title: str = ""
    case: tuple[Any, ...] | None = None
    remark: str = ""
    ask_hint: Callable[[], str] = field(default=lambda: "", repr=False)

    @property
    def score(self) -> float:
        """From 0 to 1."""
        total = sum(item.worth for item in self.items)
        return round(sum(item.points for item in self.items) / total, 6) if total and not self.trouble else 0.0

    @property
    def points(self) -> float:
        """What the answer brought."""
        return round(self.score * self.worth, 4)

    @property
    def passed(self) -> bool:
        """Whether everything was right."""
        return self.score == 1.0

    def next_hint(self) -> str:
        """One more hint than before."""
        return self.ask_hint()

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"{self.points:g}"  # nbgrader reads this as the points

    def __str__(self) -> str:
        lines = [f"{self._mark()} {self.exercise} {self.title}: {self.points:g} of {self.worth:g} points"]
        if self.trouble:
            lines.append(f"  {self.trouble}")
        for item in self.items:
            lines.append(f"  {'✓' if item.right else '✗'} {item.label}{self._told(item)}")
        hint = [f"  Hint: {self.hint}"] if self.hint and not self.passed else []
        return "\n".join([*lines, *hint, *([f"  {self.remark}"] if self.remark else [])])

    def _mark(self) -> str:
        return "✓" if self.passed else "✗"

    @staticmethod
    def _told(item: Item) -> str:
        if item.trouble:
            return f": {item.trouble}"
        yours = f": yours {shown(item.yours)}" if item.yours is not None else ""
        return yours + (f", expected {shown(item.expected)}" if item.expected is not None and not item.right else "")

    def _repr_html_(self) -> str:
        e = html.escape
        head = f"{self._mark()} {'Right' if self.passed else 'Not yet'}: {self.points:g} of {self.worth:g} points"
        parts = [f"<p><strong>{head}</strong> <span>({e(self.exercise)} {e(self.title)})</span></p>"]
        if self.trouble:
            parts.append(f"<p>{e(self.trouble)}</p>")
        if self.items:
            fair = any(item.expected is not None for item in self.items)
            rows = "".join(
                f"<tr><td>{'✓ right' if i.right else '✗ not yet'}</td><td>{e(i.label)}</td>"
                f"<td>{e(i.trouble or shown(i.yours))}</td>"
                + (f"<td>{e(shown(i.expected))}</td>" if fair else "")
                + "</tr>"
                for i in self.items
            )
            names = "<th></th><th>asked</th><th>yours</th>" + ("<th>expected</th>" if fair else "")
            parts.append(f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>")
        if self.hint and not self.passed:
            parts.append(f"<p><strong>Hint:</strong> {_marked(self.hint)}</p>")
        if self.remark:
            parts.append(f"<p>{e(self.remark)}</p>")
        state = "bl-pass" if self.passed else "bl-fail"
        return f'<style>{STYLE}</style><div class="bl-report {state}" role="status">{"".join(parts)}</div>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def _marked(text: str) -> str:
    """A sentence as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def shown(x: Any) -> str:
    """Plain data as a person writes it, not too long."""
    if x is None:
        return "–"
    if isinstance(x, bool):
        return str(x)
    if isinstance(x, float):
        return number(x)
    if isinstance(x, np.ndarray):
        text = shown(x.tolist()) if x.size <= 20 else f"an array of shape {x.shape}"
    elif isinstance(x, dict):
        text = "{" + ", ".join(f"{k}: {shown(v)}" for k, v in x.items()) + "}"
    elif isinstance(x, list | tuple):
        text = f"({', '.join(map(shown, x))})" if isinstance(x, tuple) else f"[{', '.join(map(shown, x))}]"
    else:
        text = str(x)
    return text if len(text) <= 120 else text[:117] + "…"
