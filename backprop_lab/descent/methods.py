"""The table of optimisers: what each does in a step, stated once, as text.

    bl.methods                        the table, a mapping by name
    adam = bl.methods["adam"]
    print(adam)                       its lines as formulas, its settings, and where it was published
    adam.step(w, g, state, t)         one step as a pure function, of numbers or arrays

In a row, `w` is a coordinate of the point and `g` the gradient there, `t` is the number of the step, counted from 1.
Settings and states have names of their own. Lines are carried out one after the other. All else is read off these
texts: Python, formulas, the page's JavaScript, the wrong turns. To add a method, add a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from ..errors import ArgumentError, UnknownName
from ..recording.operands import REAL
from ..table.table import primitives
from ..text.expression import calls_in, names_in
from ..text.notation import LATEX, PLAIN, Target, Token, name, num, number, token_of
from ..text.written import run_text

# Published steps; where papers give no number for a setting, it is the one that PyTorch has. A row's first line has its
# name and what people call it.
TABLE = """
sgd: Gradient descent
    source: Cauchy 1847; with samples, Robbins and Monro 1951
    settings: rate = 0.1
    w = w - rate * g

momentum: Momentum
    source: Polyak 1964; as in Sutskever, Martens, Dahl and Hinton 2013, equations 1 and 2
    note: The velocity v has the rate in it. PyTorch multiplies by the rate later: the same, while the rate stays.
    settings: rate = 0.01, gamma = 0.9
    state: v = 0
    v = gamma * v + rate * g
    w = w - v

nesterov: Nesterov momentum
    source: Nesterov 1983; as in Sutskever, Martens, Dahl and Hinton 2013, equations 3 and 4
    note: The gradient is taken where the velocity alone would lead. PyTorch's path is that of these points.
    settings: rate = 0.01, gamma = 0.9
    state: v = 0
    at: w - gamma * v
    v = gamma * v + rate * g
    w = w - v

adagrad: Adagrad
    source: Duchi, Hazan and Singer 2011, Figure 1, with the diagonal alone
    settings: rate = 0.01, eps = 1e-10
    state: s = 0
    s = s + g**2
    w = w - rate * g / (sqrt(s) + eps)

rmsprop: RMSprop
    source: Tieleman and Hinton 2012, Coursera, Neural Networks for Machine Learning, lecture 6e
    note: The lecture has no eps; it stands where PyTorch has it.
    settings: rate = 0.001, rho = 0.9, eps = 1e-8
    state: s = 0
    s = rho * s + (1 - rho) * g**2
    w = w - rate * g / (sqrt(s) + eps)

adadelta: Adadelta
    source: Zeiler 2012, Algorithm 1
    note: The paper has no rate: it is 1.
    settings: rate = 1, rho = 0.95, eps = 1e-6
    state: s = 0, u = 0
    s = rho * s + (1 - rho) * g**2
    d = sqrt(u + eps) / sqrt(s + eps) * g
    u = rho * u + (1 - rho) * d**2
    w = w - rate * d

adam: Adam
    source: Kingma and Ba 2015, Algorithm 1
    settings: rate = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8
    state: m = 0, v = 0
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    mhat = m / (1 - beta1**t)
    vhat = v / (1 - beta2**t)
    w = w - rate * mhat / (sqrt(vhat) + eps)

adamax: Adamax
    source: Kingma and Ba 2015, Algorithm 2
    note: The paper has no eps; it keeps a gradient that was always 0 from being divided by 0, as in PyTorch.
    settings: rate = 0.002, beta1 = 0.9, beta2 = 0.999, eps = 1e-8
    state: m = 0, u = 0
    m = beta1 * m + (1 - beta1) * g
    u = maximum(beta2 * u, abs(g) + eps)
    mhat = m / (1 - beta1**t)
    w = w - rate * mhat / u

nadam: Nadam
    source: Dozat 2016, Incorporating Nesterov Momentum into Adam, with its schedule for the momentum
    settings: rate = 0.002, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, psi = 0.004
    state: m = 0, v = 0, p = 1
    a = beta1 * (1 - 0.5 * 0.96**(t * psi))
    b = beta1 * (1 - 0.5 * 0.96**((t + 1) * psi))
    p = a * p
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    mhat = b * m / (1 - b * p) + (1 - a) * g / (1 - p)
    vhat = v / (1 - beta2**t)
    w = w - rate * mhat / (sqrt(vhat) + eps)
"""
# How names are written in formulas: in plain text and MathML, and in LaTeX.
SYMBOLS = {
    "rate": ("η", r"\eta"),
    "gamma": ("γ", r"\gamma"),
    "rho": ("ρ", r"\rho"),
    "eps": ("ε", r"\varepsilon"),
    "psi": ("ψ", r"\psi"),
    "beta1": ("β1", r"\beta_{1}"),
    "beta2": ("β2", r"\beta_{2}"),
    "mhat": ("m̂", r"\hat{m}"),
    "vhat": ("v̂", r"\hat{v}"),
}
# What other libraries call a setting.
ELSEWHERE = dict.fromkeys(("lr", "learning_rate", "step_size", "eta", "alpha"), "rate")
ELSEWHERE |= {**dict.fromkeys(("momentum", "mu", "beta"), "gamma"), "epsilon": "eps", "decay": "rho"}
ARROW = {"plain": " ← ", "mathml": "<mo>←</mo>", "latex": r" \leftarrow "}


@dataclass(frozen=True)
class Method:
    """One optimiser: what its row says, and what is read off that.

    Attributes
    ----------
    name, title : "adam", "Adam"
    source, note : where it was published, and in what this row differs from that or from PyTorch
    settings : the rate and the others by name, with their usual values
    state : what is kept from step to step for each coordinate, with what it starts from
    lines : pairs of a name and the text of what it becomes, in order; the names are those of the state, `w`, and others
    at : the text of the point where the gradient of a step is taken
    """

    name: str
    title: str
    source: str
    settings: Mapping[str, float]
    state: Mapping[str, float]
    lines: tuple[tuple[str, str], ...]
    at: str = "w"
    note: str = ""

    def __hash__(self) -> int:
        return hash((self.name, self.at, self.lines))

    def __repr__(self) -> str:
        return f"<method {self.name}: {'; '.join(self.formulas())}>"

    def __str__(self) -> str:
        usual = ", ".join(f"{symbol(key, PLAIN).text} = {number(x)}" for key, x in self.settings.items())
        told = [*(f"    {line}" for line in self.formulas()), f"Usual settings: {usual}.", f"Source: {self.source}."]
        return "\n".join([f"{self.title} ({self.name})", *told, *([self.note] if self.note else [])])

    def _repr_markdown_(self) -> str:
        lines = r" \\ ".join(line.replace(r"\leftarrow", r"&\leftarrow", 1) for line in self.formulas(LATEX))
        head, *_, usual, source = str(replace(self, note="")).splitlines()
        told = [
            f"**{head}**",
            rf"$$\begin{{aligned}} {lines} \end{{aligned}}$$",
            f"{usual} {source} {self.note}".strip(),
        ]
        return "\n\n".join(told)

    @property
    def looks_ahead(self) -> bool:
        """Whether the gradient is taken elsewhere than at the point itself."""
        return self.at != "w"

    def step(self, w: Any, g: Any, state: Mapping[str, Any] | None = None, t: int = 1, **settings: float) -> Any:
        """One step, which changes nothing that it is given.

        Parameters
        ----------
        w, g : a coordinate and the gradient there, or arrays of all
        state : by name, what the step before left; what the method starts from if not given
        t : the number of this step, counted from 1
        settings : those that are not as usual

        Returns
        -------
        The new w, and the new state by name

        Raises
        ------
        ArgumentError : a setting or a state that the method does not have, or something that is no number
        """
        w, g = self._numbers("the point", w), self._numbers("the gradient", g)
        if np.shape(w) != np.shape(g):
            shapes = " and ".join(str(np.shape(x)) for x in (w, g))
            raise ArgumentError(
                f"the point and the gradient have the shapes {shapes}; give a gradient for each coordinate"
            )
        known, kept = self._kept(state, t, settings)
        new, *others = self.written(not isinstance(w, float | int)).step(w, g, t, *kept, *known.values())
        return new, dict(zip(known, others, strict=True))

    def point(self, w: Any, state: Mapping[str, Any] | None = None, t: int = 1, **settings: float) -> Any:
        """Where the gradient of a step is taken; arguments and errors as for `step`."""
        w = self._numbers("the point", w)
        known, kept = self._kept(state, t, settings)
        return self.written(not isinstance(w, float | int)).point(w, t, *kept, *known.values())

    def _kept(self, state: Any, t: Any, settings: Mapping[str, Any]) -> tuple[dict[str, Any], Iterable[Any]]:
        """States and settings of one step, by name and in order."""
        if state is not None and not isinstance(state, Mapping):
            raise ArgumentError(f"state is a dict of numbers by name, as the step before gave it, not {state!r:.40}")
        if isinstance(t, bool) or not isinstance(t, int | np.integer) or t < 1:
            raise ArgumentError(f"t is the number of the step, counted from 1, not {t!r:.40}; write t=1")
        known = {**self.state, **self._known("state", state or {})}
        known = {key: self._numbers(f"the state {key}", x) for key, x in known.items()}
        return known, [self._numbers(f"the setting {key}", x) for key, x in self.settled(settings).items()]

    @staticmethod
    def _numbers(what: str, x: Any) -> Any:
        """A number as it is, lists and arrays as arrays."""
        if isinstance(x, REAL):
            return x
        try:
            array = np.asarray(x)
        except ValueError:  # a ragged list
            array = np.asarray(None)
        if array.dtype.kind not in "iufc" or array.ndim == 0:
            raise ArgumentError(f"{what} must be a number or an array of numbers, not {x!r:.40}")
        return array

    def settled(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """All settings by name: those given, and the usual ones."""
        return {**self.settings, **self._known("setting", settings)}

    def _known(self, what: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        has = self.settings if what == "setting" else self.state
        for key in given:
            if key not in has:
                words = f"it has {', '.join(has) or 'none'}"
                if what == "setting" and ELSEWHERE.get(key) in has:
                    words = f"write {ELSEWHERE[key]}={given[key]!r:.40}"
                elif what == "setting" and ELSEWHERE.get(key) == "gamma":
                    words = f'write method="momentum", gamma={given[key]!r:.40}'
                raise ArgumentError(f"{self.name} has no {what} {key!r:.40}; {words}")
        return given

    def formulas(self, target: Target = PLAIN, numbers: Mapping[str, float] | None = None) -> tuple[str, ...]:
        """The lines as formulas, `w ← w − η · g`, or with numbers in the names' places; a different point first."""
        lines = (*((("point", self.at),) if self.looks_ahead else ()), *self.lines)
        return tuple(self.formula(key, text, target, numbers) for key, text in lines)

    @staticmethod
    def formula(key: str, text: str, target: Target = PLAIN, numbers: Mapping[str, float] | None = None) -> str:
        """One line as a formula."""
        known = numbers or {}
        used = {n: num(known[n], target) if n in known else symbol(n, target) for n in sorted(names_in(text))}
        return symbol(key, target).text + ARROW[target.kind] + token_of(text, target, used).text

    def written(self, arrays: bool) -> Written:
        """Its Python, for floats or for arrays."""
        return _written(self, arrays)

    @cached_property
    def calls(self) -> frozenset[str]:
        """The table's operations that its texts call."""
        return frozenset().union(*(calls_in(text) for _, text in (*self.lines, ("", self.at))))


def symbol(key: str, target: Target) -> Token:
    """A name of the table as a formula has it."""
    known = SYMBOLS.get(key)
    if known is None:
        return name(key, target)
    if target.kind == "latex":
        return Token(known[1])
    return Token(known[0].translate(LOW)) if target.kind == "plain" else name(known[0], target)


LOW = str.maketrans("12", "₁₂")


@dataclass(frozen=True)
class Written:
    """The Python of a method: positional arguments are w, g, t, then all settings, then all states in their order.

    `step` returns the new w and the new states; `point` has no g.
    """

    step: Callable[..., Any]
    point: Callable[..., Any]


@lru_cache(maxsize=256)
def _written(method: Method, arrays: bool) -> Written:
    space = {op: primitives[op].array if arrays else primitives[op].scalar for op in method.calls}
    rest = ", ".join(("t", *method.settings, *method.state))
    body = "".join(f"    {key} = {text}\n" for key, text in method.lines)
    source = f"def step(w, g, {rest}):\n{body}    return {', '.join(('w', *method.state))},\n\n"
    made = run_text(f"{source}def point(w, {rest}):\n    return {method.at}\n", space, f"backprop_lab: {method.name}")
    return Written(made["step"], made["point"])


def _read(table: str) -> dict[str, Method]:
    """The rows of the table's text by name."""
    found = {}
    for row in table.strip().split("\n\n"):
        head, *lines = row.splitlines()
        key, title = head.split(": ")
        facts: dict[str, str] = {}
        steps = []
        for line in map(str.strip, lines):
            fact, _, text = line.partition(": ")
            if text and fact.isalpha():
                facts[fact] = text
            else:
                target, text = line.split(" = ", 1)
                steps.append((target, text))
        settings, state = (MappingProxyType(_numbers(facts.get(what, ""))) for what in ("settings", "state"))
        at, note = facts.get("at", "w"), facts.get("note", "")
        found[key] = Method(key, title, facts["source"], settings, state, tuple(steps), at, note)
    return found


def _numbers(text: str) -> dict[str, float]:
    pairs = (part.split(" = ") for part in text.split(", ") if part)
    return {key: float(x) for key, x in pairs}


class _Methods(dict[str, Method]):
    def __missing__(self, wanted: Any) -> Method:
        raise UnknownName(f"there is no method {wanted!r:.40}; there is {', '.join(self)}")


methods: Mapping[str, Method] = MappingProxyType(_Methods(_read(TABLE)))


def method_of(wanted: Any) -> Method:
    """A method by name, or one itself, such as a row with a line changed.

    Raises
    ------
    ArgumentError : there is none of this name; the sentence has those that there are
    """
    if isinstance(wanted, Method):
        return wanted
    if not isinstance(wanted, str) or wanted.lower() not in methods:
        number_too = f"rate={wanted!r}, or " if isinstance(wanted, float | int) and wanted.__class__ is not bool else ""
        raise ArgumentError(f"there is no method {wanted!r:.40}; write {number_too}one of {', '.join(methods)}")
    return methods[wanted.lower()]
