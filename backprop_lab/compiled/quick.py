"""The door to all that is tuned for CPython. Nothing here changes what a program answers.

`ENABLED = False` leaves every program as `emit` writes it, its text as it runs, and its calls to `Program`, which looks
at every number. How many times longer `value_and_grad` takes without the texts (a), and without the calls as well (b):

                                              a             b
    2 x y + (x - 1)**2                       1.0            19
    sums of 100 and of 1,000 products     1.1, 1.3          58
    product of 100 numbers                   1.4            38
    Rosenbrock's function, 100 and 1,000  1.2, 1.2          10
    recurrences of 1,000 rounds           1.0 to 1.1    1.1 to 1.3
    a net of 339 weights with tanh           1.0            19
    one with relu, at ten points             1.2             4

(benchmarks/bench_programs.py). What counts in CPython: a float that goes early makes room for the next one; a float
times an int takes three times as long as times a float; a call takes longer than a comparison; many arguments come
faster as one tuple; a look at the result is shorter than one at all arguments.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from itertools import count, groupby
from operator import countOf
from typing import Any

from ..derivatives.generated import inlined
from ..graph.graph import Graph
from ..recording.tape import CONSTANT, INPUT
from ..table.table import BY_CODE, primitives
from ..text.expression import Code, calls_in, is_polynomial
from ..text.written import function_from
from .emit import Numbers, tuple_of
from .writer import definition

ENABLED = True
LONG = 80  # operations from which on speed counts for more than names
BLOCK = 30  # numbers in one tuple: Python builds tuples up to this size at once
SOME = 40  # inputs: more of them come as one tuple
MANY = 500  # inputs: of more of them, only, and neighbours are unpacked together when the first is needed
WORD = re.compile(r"\b([^\W\d]\w*)")  # a name; not the e5 of 1e5


def writer(graph: Graph, every: bool = False) -> Numbers:
    """What writes a graph of numbers down."""
    return Tuned(graph, every) if ENABLED else Numbers(graph, every)


class Tuned(Numbers):
    """Writes programs in which, once they are long, speed counts for more than names."""

    def __init__(self, graph: Graph, every: bool = False) -> None:
        super().__init__(graph, every)
        self.long = len(self.inputs) > MANY or sum(code >= 0 for code, *_ in graph.records) >= LONG
        self.together = len(self.inputs) > SOME
        self.place = {name: k for k, name in enumerate(self.inputs)} if self.together else {}
        self.complete = self._complete() if self.long else {}

    def number(self, x: Any, name: str = "c") -> Code:
        """A number; whole ones become floats, because Python is slow where a float meets one."""
        return super().number(float(x) if self.long and x.__class__ is int else x, name)

    def _complete(self) -> dict[int, list[int]]:
        """Which inputs' adjoints are complete after a node, so that their parts need not be kept any longer."""
        first: dict[int, int] = {}
        for id, parents in enumerate(self.parents):
            for p in parents if self.active[id] else ():
                first.setdefault(p, id)
        found: dict[int, list[int]] = {}
        for p in first.keys() & range(len(self.inputs)):
            found.setdefault(first[p], []).append(p)
        return found

    def sent(self, id: int) -> None:
        """Write down the adjoints of inputs that are complete now, unless their factors stay for others anyway."""
        complete = self.complete.get(id)
        if complete and max(len(self.graph.uses[p]) for p in self.parents[id]) <= 4:
            for parent in complete:
                if parent in self.arrived and not self.arrived[parent][-1][0].isidentifier():
                    self.arrived[parent] = [self.add(parent, self.arrived[parent])]

    # --- how inputs come in, results go out and names are used again --------------------------------------------------

    def packed(self, results: list[str]) -> str:
        """A tuple; inputs that came in one tuple go out as slices of it where neighbours stay together."""
        parts = self._parts(results)
        return " + ".join(parts) if 0 < len(parts) < 5 else f"({', '.join(f'*{part}' for part in parts)})"

    def listed(self, results: list[str]) -> str:
        return f"[{', '.join(f'*{part}' for part in self._parts(results))}]"

    def _parts(self, results: list[str]) -> list[str]:
        """Tuples of results, one after another."""
        parts, loose = list[str](), list[str]()
        for _, run in groupby(enumerate(results), lambda pair: self.place.get(pair[1], -9) - pair[0]):
            names = [name for _, name in run]
            if len(names) > 1 and names[0] in self.place:
                parts += [*_tuples(loose), f"args[{self.place[names[0]]}:{self.place[names[-1]] + 1}]"]
                loose = []
            else:
                loose += [f"args[{self.place[x]}]" if x in self.place and len(self.place) > MANY else x for x in names]
        return parts + _tuples(loose)

    def _unpacked(self, lines: list[str]) -> list[str]:
        """Very many inputs taken from the tuple, each with its neighbours where the first of them is needed."""
        found, seen = list[str](), set[int]()
        for line in lines:
            for start in dict.fromkeys(self.place[x] // BLOCK * BLOCK for x in WORD.findall(line) if x in self.place):
                if start not in seen:
                    names = self.inputs[start : start + BLOCK]
                    found.append(f"[{', '.join(names)}] = args[{start}:{start + len(names)}]")
                    seen.add(start)
            found.append(line)
        return found

    def _with_few_names(self, lines: list[str]) -> list[str]:
        """The same statements with a name used again once its number is not needed any more.

        Nobody reads hundreds of lines, and a number that goes early makes room for the next one in Python's memory.
        """
        cut = [line.rpartition(" = ") for line in lines]  # split at names, which stand at the odd places then
        parts = [(WORD.split(target), sign, WORD.split(expression)) for target, sign, expression in cut]
        last = {word: k for k, (made, _, used) in enumerate(parts) for word in (*made[1::2], *used[1::2])}
        fresh = (name for name in map("t{}".format, count(1)) if name not in self.inputs)
        free: list[str] = []
        new: dict[str, str] = {}  # what each name that holds a number is called now
        written: list[str] = []

        def given(word: str) -> str:
            if last[word] == k:
                return "_"
            if word not in new:
                new[word] = free.pop() if free else next(fresh)
            return new[word]

        for k, (made, sign, used) in enumerate(parts):
            words = dict.fromkeys((*made[1::2], *used[1::2]))
            used[1::2] = [new.get(word, word) for word in used[1::2]]
            free += [new.pop(word) for word in words if word in new and last[word] == k]
            made[1::2] = map(given, made[1::2])
            written.append("".join((*made, sign, *used)))
        return written

    def function(self, name: str, result: str) -> str:
        lines = [*self.lines, f"return {result}"]
        if len(self.inputs) > MANY:
            lines = self._unpacked(lines)
        if len(lines) > LONG:
            lines = self._with_few_names(lines)
        if self.together and len(self.inputs) <= MANY:
            lines = [f"[{', '.join(self.inputs)}] = args", *lines]
        return definition(name, ["args"] if self.together else self.inputs, lines)

    # --- floats -------------------------------------------------------------------------------------------------------

    def gradient(self, bars: list[str]) -> str:
        """The gradient; of many inputs such that all its numbers are floats if the value is, where that takes little.

        Then nobody needs to look at the types of the inputs. A number is a float if every input goes into the value by
        arithmetic alone, and it has a float in it: a literal, a function of `math`, or a name of a number that has one.
        Others are multiplied with 1.0. There is one gap: Python makes a float of a product of NumPy's numbers and
        fractions, so a right number of NumPy may be left in the gradient.
        """
        sure = self._as_floats(bars) if self.together and self._all_go_in() else None
        if sure is not None:
            self.all_floats, (self.lines, bars) = True, sure
        return super().gradient(bars)

    def _as_floats(self, bars: list[str]) -> tuple[list[str], list[str]] | None:
        """The statements and the gradient such that all are floats; None if that takes too much."""
        sure = {"inf": True, "nan": True}  # whether a name's number is a float; made of inputs alone, it may not be
        extra, written = 0, list[str]()
        for line in [*self.lines, *(f"_ = {bar}" for bar in bars)]:
            target, sign, expression = line.partition(" = ")
            if not {*_CALL.findall(expression)} <= _OF_MATH:
                return None
            parts = [sure[word] for word in WORD.findall(expression) if word in sure]
            is_float = not sign or True in parts or _FLOAT.search(expression) is not None
            if not is_float and (target == "_" or False in parts):
                line, is_float, extra = f"{target} = 1.0 * ({expression})", True, extra + 1
            sure[target] = is_float
            written.append(line)
        count = len(self.lines)
        found = written[:count], [line.removeprefix("_ = ") for line in written[count:]]
        return found if 2 * extra <= len(self.inputs) else None

    def _all_go_in(self) -> bool:
        """Whether arithmetic alone leads from every input to the output."""
        found = {self.graph.output_ids[0]}
        for id in range(len(self.graph) - 1, -1, -1):
            code, *_ = self.graph.records[id]
            if id in found and code in _ARITHMETIC:
                found.update(self.parents[id])
        return found.issuperset(range(len(self.inputs)))


def _tuples(numbers: list[str]) -> list[str]:
    return [tuple_of(numbers[k : k + BLOCK]) for k in range(0, len(numbers), BLOCK)]


_ARITHMETIC = {op.code for op in BY_CODE if op.elementwise and not calls_in(op.text)}
_FLOAT = re.compile(r"(?<![\w.])\d+[.e]|\w\(")  # a literal, or a call
_CALL = re.compile(r"\b([^\W\d]\w*)\(")
_OF_MATH = {name for name, op in primitives.items() if op.scalar in vars(math).values()}


def for_floats(source: str) -> str:
    """A program as it runs on floats."""
    return inlined(source) if ENABLED else source


_POLYNOMIAL = {INPUT, CONSTANT, *(op.code for op in BY_CODE if is_polynomial(op.text))}


_QUICK = """def make(program, careful, trouble):
    def {name}(*args, **named):
        if len(args) == {takes}{types} and not named:
            try:
                result = program({args})
                if {good}:
                    return result
            except trouble:
                pass
        return careful(*args, **named)
    return {name}
"""


@lru_cache(maxsize=256)
def _maker(text: str, name: str) -> Any:
    """What makes such functions; programs of as many inputs share one, because Python takes long to read it."""
    return function_from(text, "make", {"countOf": countOf}, f"backprop_lab: {name}")


def quick(name: str, branch: Any, careful: Callable[..., Any], trouble: tuple[type[Exception], ...]) -> Any:
    """What a program's user calls: the program, if floats come in and floats come out; else `careful`.

    Where all results are floats if the value is, the first argument tells those who give NumPy's numbers. A slope that
    is nan is the engine's business; there is none where a polynomial's value is finite. None for a result of some
    structure.
    """
    graph, takes, outputs = branch.graph, len(branch.graph.input_names), len(branch.graph.output_ids)
    of_several = not graph.single and (name == "value_and_grad" or branch.structure != (None,) * outputs)
    if not ENABLED or branch.depends or of_several:
        return None
    sure = branch.all_floats and name == "value_and_grad"
    types = " and type(args[0]) is float" if sure else " == countOf(map(type, args), float)"
    good = "type(result) is float" if outputs == 1 else f"countOf(map(type, result), float) == {outputs}"
    if name == "value_and_grad":
        codes = {code for (code, *_), needed in zip(graph.records, graph.needed, strict=True) if needed}
        finite = all(math.isfinite(y) for code, _, _, _, _, y in graph.records if code == CONSTANT)
        good = "(total := sum(result[1])) == total" if takes > 1 else "result[1] == result[1]"
        good = "result[0] - result[0] == 0.0" if codes <= _POLYNOMIAL and finite else good
        good = f"type(result[0]) is float and {good}"
    given = "args" if branch.together else "*args"
    text = _QUICK.format(name=name, takes=takes, types=types, args=given, good=good)
    return _maker(text, name)(branch.functions[name], careful, trouble)
