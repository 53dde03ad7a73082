"""What a check found, for the student to read and for graders to count."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import LabError
from ..text.notation import number
from .hints import Hint, marked

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

    `expected` is None where showing it would give the answer away; `trouble` says why nothing came, and `source` from
    which wrong answers this one follows.
    """

    label: str
    points: float
    worth: float
    yours: Any = None
    expected: Any = None
    trouble: str | None = None
    source: str = ""

    @property
    def right(self) -> bool:
        """Whether it brought all its points."""
        return self.points >= self.worth

    @property
    def mark(self) -> str:
        """A sign for right, half right, or wrong."""
        return "✓" if self.right else "◐" if self.points else "✗"


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
    hint : what to do next: what the wrong turn is, or one of the exercise's hints; `next_hint()` gives one more
    about : the name of what the hint is about, the first that is wrong; empty if it is about the whole
    more : how many hints the exercise has
    where : the name of the node where the wrong turn happened, or None
    expected : the right answer, where showing it is fair, else None
    case : the arguments of the first call that went wrong, for `answer(*report.case)`; None if there is none
    remark : something about the check itself, as that no time limit is kept here
    draw : makes the picture of the answer on its graph, which shows itself; None if there is none
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
    about: str = ""
    more: int = 0
    draw: Callable[[], Any] | None = field(default=None, repr=False)
    ask_hint: Callable[[], Hint] = field(default=lambda: Hint("There is no hint.", of=0), repr=False)

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

    def next_hint(self) -> Hint:
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
        lines += [f"  {item.mark} {item.label}{self._told(item)}" for item in self.items]
        if not self.passed:
            lines += [f"  {self._hint_on()} {self.hint}"] * bool(self.hint) + [f"  {self._how()}"] * bool(self.more)
        return "\n".join([*lines, *([f"  {self.remark}"] if self.remark else [])])

    def _hint_on(self) -> str:
        return f"Hint on {self.about}:" if self.about else "Hint:"

    def _how(self) -> str:
        """How to get at all hints."""
        hints = "1 hint" if self.more == 1 else f"{self.more} hints, one after the other"
        return f'{hints}: bl.hint("{self.exercise}")'

    def _mark(self) -> str:
        return "✓" if self.passed else "✗"

    @staticmethod
    def _told(item: Item) -> str:
        if item.trouble:
            return f": {item.trouble}"
        yours = f": yours {shown(item.yours)}" if item.yours is not None else ""
        if item.source:
            return f"{yours}, {item.source}"
        return yours + (f", expected {shown(item.expected)}" if item.expected is not None and not item.right else "")

    def _repr_html_(self) -> str:
        e = html.escape
        head = f"{self._mark()} {'Right' if self.passed else 'Not yet'}: {self.points:g} of {self.worth:g} points"
        parts = [f"<p><strong>{head}</strong> <span>({e(self.exercise)} {e(self.title)})</span></p>"]
        if self.trouble:
            parts.append(f"<p>{e(self.trouble)}</p>")
        if self.items:
            parts.append(self._table())
        if self.hint and not self.passed:
            parts.append(f"<p><strong>{e(self._hint_on())}</strong> {marked(self.hint)}</p>")
        if self.remark:
            parts.append(f"<p>{e(self.remark)}</p>")
        told = f'<div role="status">{"".join(parts)}</div>'  # what is read aloud at once; the picture is not
        how = f"<p>{marked(self._how().replace('bl.', '`bl.') + '`')}</p>" if self.more and not self.passed else ""
        state = "bl-pass" if self.passed else "bl-fail"
        return f'<style>{STYLE}</style><div class="bl-report {state}">{told}{self._picture()}{how}</div>'

    def _table(self) -> str:
        e = html.escape
        fair = any(item.expected is not None for item in self.items)
        words = {"✓": "right", "◐": "half", "✗": "not yet"}
        rows = "".join(
            f"<tr><td>{i.mark} {words[i.mark]}</td><td>{e(i.label)}</td>"
            f"<td>{e(i.trouble or shown(i.yours) + f', {i.source}' * bool(i.source))}</td>"
            + (f"<td>{e(shown(i.expected))}</td>" if fair else "")
            + "</tr>"
            for i in self.items
        )
        names = "<th></th><th>asked</th><th>yours</th>" + ("<th>expected</th>" if fair else "")
        return f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"

    def _picture(self) -> str:
        """The answer on its graph; nothing where it cannot be drawn."""
        try:
            return self.draw()._repr_html_() if self.draw is not None and not self.passed else ""
        except (LabError, ArithmeticError):
            return ""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


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
