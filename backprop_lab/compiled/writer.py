"""What the writers of programs share: names, constants and guards.

`emit.Numbers` writes functions of numbers, with statements for the adjoints; `emit_arrays.Arrays` writes NumPy, from a
graph that has value and gradient in it. For whoever runs the text both are the same: `source()`, `inputs`, `constants`.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..graph.graph import Graph
from ..recording.tape import Comparison
from ..table.table import BY_CODE, Cost, primitives
from ..text.expression import ATOM, PRODUCT, SUM, Code, Python, fit
from ..text.notation import number

Limits = list[tuple[int, str]]  # operands, and what is so where one is outside its domain
QUICK = "careful more named missing trouble value total slope0 slope1 slope2 slope3".split()  # see `quick`
TAKEN = {
    *keyword.kwlist,
    *primitives,
    "np",
    "inf",
    "nan",
    "complex",
    "other_branch",
    "outside",
    *(f"lab_{x}" for x in QUICK),
}
LONGEST = 2**63  # whole numbers up to here are written out, larger ones get a name


class Constants:
    """The numbers and objects that a program's text mentions; `bound` has by name what it cannot write out, `module` is
    what stands before `inf` and `nan`: "np." where NumPy is at hand."""

    def __init__(self, taken: Iterable[str], module: str = "") -> None:
        self.taken, self.module = set(taken) | {"inf", "nan"}, module
        self.bound: dict[str, Any] = {}
        self._names: dict[int, str] = {}

    def text(self, x: Any, name: str = "c") -> str:
        """A constant as Python code that gives the same value of the same type, as far as arithmetic can tell."""
        kind = x.__class__
        if kind is np.float64 or kind is np.bool_ or isinstance(x, np.integer):
            x = x.item()
            kind = x.__class__
        if kind is float:
            if math.isfinite(x):
                return repr(x)
            return f"{self.module}nan" if math.isnan(x) else f"{'-' * (x < 0)}{self.module}inf"
        if kind is bool or x is None or kind is str or (kind is int and abs(x) < LONGEST):
            return repr(x)
        if kind is complex:
            finite = math.isfinite(x.real) and math.isfinite(x.imag)
            exact = finite and repr(ast.literal_eval(repr(x))) == repr(x)  # with the signs of its zeros
            return repr(x) if exact else f"complex({self.text(x.real)}, {self.text(x.imag)})"
        if x is ...:
            return "..."
        if kind is tuple:
            return f"({', '.join(self.text(part, name) for part in x)}{',' * (len(x) == 1)})"
        return self.name(x, name)

    def index(self, key: Any) -> str:
        """What stands between square brackets; index arrays get a name."""
        return ", ".join(map(self._part, key if isinstance(key, tuple) else (key,))) or "()"

    def _part(self, key: Any) -> str:
        if not isinstance(key, slice):
            return self.text(key, "places")
        parts = ["" if v is None else str(v) for v in (key.start, key.stop, key.step)]
        return ":".join(parts if parts[2] else parts[:2])

    def key(self, key: Any) -> str:
        """An index as a call takes it: slices have colons between square brackets only."""
        has_slice = any(isinstance(k, slice) for k in (key if isinstance(key, tuple) else (key,)))
        return f"np.s_[{self.index(key)}]" if has_slice else f"({self.index(key)},)"

    def name(self, x: Any, wanted: str, of: Any = None) -> str:
        """The name of an object in the program; one that has a name already keeps it (`of`: whose method it is)."""
        key = id(x if of is None else of)
        if key not in self._names:
            count = len(self.bound) + 1
            while f"{wanted}_{count}" in self.taken:
                count += 1
            self.taken.add(f"{wanted}_{count}")
            self.give(f"{wanted}_{count}", x, key)
        return self._names[key]

    def give(self, name: str, x: Any, key: int | None = None) -> None:
        """Let a name that is not used for anything else stand for an object."""
        self.bound[name] = x
        self._names[id(x) if key is None else key] = name


class Writer:
    """Writes the text of a program: `inputs` are its arguments, `constants` the objects that it mentions by name,
    `lines` the statements so far, and `codes` has what stands for each node."""

    costs: dict[str, Cost] | None = None  # what each function computes; None if that can be read off its text
    module = ""  # what stands before NumPy's names
    bar = ""  # how the name of an adjoint ends, where it is made of its node's

    def __init__(self, graph: Graph, same: Sequence[int], domains: dict[int, Limits]) -> None:
        """`same` has for each node the one that is written in its place, `domains` what operands must not be."""
        self.graph, self.domains = graph, domains
        self.names = self._names()
        self.inputs = self.names[: len(graph.input_names)]
        self.constants = Constants({*TAKEN, *self.names, *(name + self.bar for name in self.names)}, self.module)
        self.guards: dict[int, list[Comparison]] = {}
        for c in graph.comparisons:
            i, j = (same[k] if k >= 0 else -1 for k in (c.i, c.j))
            self.guards.setdefault(max(i, j), []).append(c._replace(i=i, j=j))
        compared = {k for guards in self.guards.values() for c in guards for k in (c.i, c.j) if k >= 0}
        self.looked_at = compared | {k for limits in domains.values() for k, _ in limits}

    def _names(self) -> list[str]:
        """A Python name for each node: the student's where it is one."""
        taken, names = set(TAKEN), []
        for wanted in self.graph.names:
            name = wanted.rstrip("_")
            if not name.isidentifier():
                name = re.sub(r"[\W_]*\W[\W_]*", "_", wanted).rstrip("_")  # x[0] becomes x_0, params['W'] params_W
                name = name if name.isidentifier() else f"c_{name}"
            while name in taken or name + self.bar in taken:
                name += "_"
            taken |= {name, name + self.bar}
            names.append(name)
        return names

    def start(self) -> None:
        """Begin a function."""
        self.codes: dict[int, Code] = {}
        self.lines: list[str] = []
        self._said: set[str] = set()

    def function(self, name: str, result: str) -> str:
        """The text of a function of the inputs, with the statements so far."""
        return definition(name, self.inputs, [*self.lines, f"return {result}"])

    def literal(self, x: Any, name: str = "c") -> Code:
        """A constant; what cannot be written out gets a name."""
        text = self.constants.text(x, name)
        return text, PRODUCT if text.startswith("-") else ATOM

    # --- guards -------------------------------------------------------------------------------------------------------

    def before(self, id: int) -> None:
        """Statements for a node's domain, which Python or NumPy would not mind."""
        for k, outside in self.domains.get(id, ()):
            line = f"if {Python({'x': self.codes[k]}).of(outside)[0]}: outside()"
            self.lines += [line] if line not in self._said else []
            self._said.add(line)

    def after(self, id: int) -> None:
        """Statements for comparisons: the program is right where they come out as they did."""
        self.lines += [f"if {self._other_way(c)}: other_branch()" for c in self.guards.get(id, ())]

    def _other_way(self, c: Comparison) -> str:
        left, right = (self.codes.get(k) or self.literal(x) for k, x in ((c.i, c.a), (c.j, c.b)))
        if c.sign == "choice":
            options = [f"{key}={x!r}" for key, x in c.outcome.options]
            operands = [left[0], right[0]][: c.outcome.operands]
            answer = f"np.{c.outcome.name}({', '.join(operands + options)})"
            return f"not np.array_equal({answer}, {self.literal(c.outcome.answer, 'places')[0]})"
        if c.sign == "is":
            return f"not np.array_equal({left[0]}, {self.literal(c.a, 'mask')[0]})"
        return f"{'not ' if c.outcome else ''}{fit(left, SUM)} {c.sign} {fit(right, SUM)}"


def definition(name: str, arguments: Sequence[str], lines: Sequence[str]) -> str:
    """The text of a function."""
    return f"def {name}({', '.join(arguments)}):\n" + "".join(f"    {line}\n" for line in lines)


POW = primitives["pow"].code


def guarded(record: Any) -> list[tuple[int, str]]:
    """The operands of an operation on numbers that have a domain: each with what is so of x where it leaves it.

    Python's floats raise where most operations leave their domain; NumPy's functions do not, and neither does an
    operation that a program leaves out. The engine has a sentence for each, so a program that meets one calls
    `outside()`, and the engine is asked.
    """
    code, i, j, a, b, y = record
    if code < 0 or not BY_CODE[code].elementwise or y.__class__ is not float:
        return []
    op = BY_CODE[code]
    if op.name == "power":
        whole = not np.isfinite(b) or float(b).is_integer()
        text = ("x == 0.0" if whole else "x <= 0.0") if b < 0 else "" if whole else "x < 0.0"
        return [(i, text)] if text and np.isfinite(b) else []
    pairs = zip(op.ids(i, j), op.domain, strict=True)
    return [(id, domain.outside) for id, domain in pairs if domain.outside]


_GUARD = re.compile(r"if ((?:abs\()?(\w+)\)? [<>=]+ [-\d.]+): outside\(\)")


def at_points(source: str) -> str:
    """A program as it runs on arrays of points: points outside a domain become nan, and are asked again one by one."""
    return _GUARD.sub(r"\2 = np.where(\1, np.nan, \2)", source)


def described(x: Any) -> str:
    """What a constant with a name is, in one line of a comment."""
    if isinstance(x, np.ndarray):
        return f"a constant: {number(x)}"
    if callable(x):
        return "a function with rules of its own"
    text = " ".join(f"{x!r:.200}".split())
    return f"a constant: {text if len(text) <= 60 and ' at 0x' not in text else f'a {type(x).__name__}'}"


def known_as(x: Any) -> Any:
    """Something that is equal for two settings or constants that are the same in every number, and only then."""
    if isinstance(x, tuple | list):
        return type(x), tuple(map(known_as, x))
    if isinstance(x, slice):
        return slice, known_as((x.start, x.stop, x.step))
    if isinstance(x, np.ndarray):
        return x.shape, x.dtype.str, x.tobytes()
    if x is None or x is ... or isinstance(x, bool | int | float | complex | str | np.generic):
        return type(x), repr(x)
    return id(x)
