"""Exercises of 07_build_your_own_engine: a class `Value` of about 60 lines, in five steps.

The class exists once, in pieces; each step's solution and each wrong turn is made of them. A later step's class passes
the earlier steps too. Cases are small programs, as text: `u = x * y; z = u + x`, with the inputs' numbers beside them.
"""

from __future__ import annotations

import random as randomness
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...catalogue.entries import examples
from ...derivatives.passes import vjp
from ...graph.trace import trace
from ..base import Book, Code, Part, WrongTurn
from ..programs import graph_of

BOOK = Book("07_build_your_own_engine")
DEEP = 5000

# --- the class, in pieces ---------------------------------------------------------------------------------------------

INIT = '''
class Value:
    """A number that remembers how it was made."""

    def __init__(self, data, parents=(), partials=()):
        ### BEGIN SOLUTION
        self.data, self.parents, self.partials, self.grad = data, parents, partials, 0.0

    def node(self, x):
        return x if isinstance(x, Value) else Value(x)
'''
SUMS_AND_PRODUCTS = """
    def __add__(self, other):
        other = self.node(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = self.node(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    __radd__ = __add__
    __rmul__ = __mul__
"""
THE_OTHERS = """
    def __sub__(self, other):
        other = self.node(other)
        return Value(self.data - other.data, (self, other), (1.0, -1.0))

    def __truediv__(self, other):
        other = self.node(other)
        return Value(self.data / other.data, (self, other), (1 / other.data, -self.data / other.data**2))

    def __rsub__(self, other):
        return self.node(other) - self

    def __rtruediv__(self, other):
        return self.node(other) / self

    def __pow__(self, n):
        return Value(self.data**n, (self,), (n * self.data ** (n - 1),))
"""
ORDER = """
    def order(self):
        found, seen, todo = [], set(), [(self, False)]
        while todo:
            node, parents_done = todo.pop()
            if parents_done:
                found.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                todo.append((node, True))
                todo += [(parent, False) for parent in node.parents]
        return found
"""
BACKWARD = """
    def backward(self):
        nodes = self.order()
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(nodes):
            for parent, partial in zip(node.parents, node.partials):
                parent.grad += partial * node.grad
"""
ZEROING = """        for node in nodes:
            node.grad = 0.0
"""
END = "    ### END SOLUTION\n"
# What a step does not have yet: text that is taken out of the pieces.
NOT_YET = {
    1: (", partials=()", ", self.partials, self.grad", ", partials, 0.0", ", (1.0, 1.0)", ", (other.data, self.data)"),
    2: (", self.grad", ", 0.0"),
    3: (", self.grad", ", 0.0"),
    4: (ZEROING,),
}


def _replaced(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        if old not in text:
            raise ValueError(f"{old!r} is not in the solution")
        text = text.replace(old, new)
    return text


def solution(step: int) -> str:
    """The class as far as it has got after a step, between the markers."""
    pieces = [INIT + SUMS_AND_PRODUCTS, THE_OTHERS, ORDER, BACKWARD][: min(step, 4)]
    text = _replaced("".join(pieces), *((old, "") for old in NOT_YET.get(step, ())))
    before = "" if step == 1 else "# Your class of the step before goes here, and this step's method with it.\n"
    return before + text.strip() + "\n" + END


def _turn(step: int, sentence: str, *changes: tuple[str, str]) -> WrongTurn:
    """The wrong turn that the step's solution becomes with these changes."""
    return WrongTurn(sentence, _replaced(solution(step), *changes))


# --- programs, and what becomes of them -------------------------------------------------------------------------------

Inputs = dict[str, float]
RUN = '''
def run(Value, program, inputs):
    """All names of a program with what stands there, and the name of its result."""
    space = {name: Value(x) for name, x in inputs.items()}
    for line in program.split("; "):
        name, _, formula = line.partition(" = ")
        space[name] = eval(compile(formula, "<probe>", "eval"), {}, space)
    return space, name
'''
DATA = (
    RUN
    + """
def probe(Value, program, inputs):
    return {name: value.data for name, value in run(Value, program, inputs)[0].items()}
"""
)
PARENTS = (
    RUN
    + """
def probe(Value, program, inputs):
    space, last = run(Value, program, inputs)
    names = {id(value): name for name, value in reversed(space.items())}
    return [names.get(id(p)) or (p.data if hasattr(p, "data") else "a plain number") for p in space[last].parents]
"""
)
PARTIALS = (
    RUN
    + """
def probe(Value, program, inputs):
    space, last = run(Value, program, inputs)
    names = {id(value): name for name, value in space.items()}
    parents, partials = list(space[last].parents), list(space[last].partials)
    if len(parents) != len(partials):
        return f"{len(parents)} parents, {len(partials)} partials"
    return {names.get(id(p)) or format(p.data, "g"): partial for p, partial in zip(parents, partials)}
"""
)
BEFORE = (
    RUN
    + """
def probe(Value, program, inputs):
    space, last = run(Value, program, inputs)
    z, names = space[last], {id(value): name for name, value in space.items()}
    parents = [names.get(id(p)) or format(p.data, "g") for p in z.parents]
    order = parents if len(inputs) == 2 else "any"  # x.__radd__(6) may put x first
    return {"value": z.data, "parents": order, "partials": dict(zip(parents, z.partials))}
"""
)
PLACES = """
def places(result):
    found, todo = {id(result): result}, [result]
    while todo:
        for parent in todo.pop().parents:
            if id(parent) not in found:
                found[id(parent)] = parent
                todo.append(parent)
    nodes = list(result.order())
    first = {}
    for k, node in enumerate(nodes):
        first.setdefault(id(node), k)
    here = [node for key, node in found.items() if key in first]
    early = [n for n in here if any(first.get(id(p), -1) > first[id(n)] for p in n.parents)]
    return {"nodes": len(nodes), "more than once": len(nodes) - len(first), "missing": len(found) - len(here),
            "not part of it": len(first) - len(here), "before a parent": len(early)}
"""
ORDERED = (
    RUN
    + PLACES
    + """
def probe(Value, program, inputs):
    space, last = run(Value, program, inputs)
    return places(space[last]) | {"value": space[last].data}
"""
)
# Every other step of the chain takes an input of its own, so that nobody can sweep for each of them.
CHAIN = """
def chain(Value, n, inputs):
    x, y = (Value(number) for number in inputs.values())
    z, own = x, []
    for k in range(n):
        own += [Value(k / 2)] * (k % 2)
        z = z - own[-1] if k % 2 else z + y
    return x, y, z, own
"""
CHAIN_ORDERED = (
    PLACES
    + CHAIN
    + """
def probe(Value, n, inputs):
    return places(chain(Value, n, inputs)[2])
"""
)
CHAIN_GRADS = (
    CHAIN
    + """
def probe(Value, n, inputs):
    x, y, z, own = chain(Value, n, inputs)
    z.backward()
    return {"x": x.grad, "y": y.grad, "z": z.grad, "the others": [other.grad for other in own]}
"""
)
BOTH = """
def both(space):
    return {name: x.grad for name, x in space.items()} | {f"{name} =": x.data for name, x in space.items()}
"""
GRADS = (
    RUN
    + BOTH
    + """
def probe(Value, program, inputs):
    space, last = run(Value, program, inputs)
    space[last].backward()
    return both(space)
"""
)
TWICE = (
    RUN
    + BOTH
    + """
def probe(Value, program, inputs):
    space, last = run(Value, program, inputs)
    space[last].backward()
    space[last].backward()
    return both(space)
"""
)
ANOTHER = (
    RUN
    + """
def probe(Value, program, inputs, other):
    space, last = run(Value, program, inputs)
    space[last].backward()
    space[other].backward()
    return {name: space[name].grad for name in (*inputs, other)}
"""
)
FIGURES = (
    RUN
    + """
def probe(Value, program, inputs):
    space, last = run(Value, program, inputs)
    space[last].backward()
    return {"value": space[last].data} | {name: space[name].grad for name in inputs}
"""
)


def _lines(program: str) -> list[tuple[str, Any]]:
    pairs = (line.split(" = ") for line in program.split("; "))
    return [(name, compile(formula, "<program>", "eval")) for name, formula in pairs]


def _values(program: str, inputs: Inputs) -> Inputs:
    """The value of every name."""
    space = dict(inputs)
    for name, formula in _lines(program):
        space[name] = eval(formula, {}, space)
    return space


def _grads(program: str, inputs: Inputs) -> Inputs:
    """The adjoint of every name, by the engine: how fast the result changes when something is added there."""
    lines = _lines(program)

    def run(*numbers: Any) -> Any:
        space = dict(zip(inputs, numbers, strict=False))
        for (name, formula), more in zip(lines, numbers[len(inputs) :], strict=True):
            space[name] = eval(formula, {}, space) + more
        return space[lines[-1][0]]

    adjoints = vjp(run, *inputs.values(), *(0.0 for _ in lines))[1](1.0)
    return {name: float(x) for name, x in zip([*inputs, *(name for name, _ in lines)], adjoints, strict=True)}


def _both(program: str, inputs: Inputs) -> Inputs:
    """Adjoints and values."""
    values = {f"{name} =": float(x) for name, x in _values(program, inputs).items()}
    return _grads(program, inputs) | values


def _partials(program: str, inputs: Inputs) -> Inputs:
    """The local partials of a single operation, by the engine."""
    left, op, right = program.removeprefix("z = ").split()
    operands = [left] if op == "**" else [left, right]
    formula = compile("a ** " + right if op == "**" else f"a {op} b", "<program>", "eval")
    at = [inputs[name] if name in inputs else float(name) for name in operands]
    found = vjp(lambda *xs: eval(formula, {}, dict(zip("ab", xs, strict=False))), *at)[1](1.0)
    return dict(zip(operands, map(float, found if isinstance(found, tuple) else (found,)), strict=True))


def _parents(program: str, inputs: Inputs) -> list[Any]:
    formula = program.split(" = ")[-1].split()
    return [name if name.isidentifier() else float(name) for name in formula[::2]] if len(formula) > 1 else []


def _order(program: str, inputs: Inputs) -> dict[str, float]:
    """What a right order looks like; the engine's graph says how many nodes there are."""
    lines = _lines(program)

    def run(*numbers: Any) -> Any:
        space = dict(zip(inputs, numbers, strict=True))
        for name, formula in lines:
            space[name] = eval(formula, {}, space)
        return space[lines[-1][0]]

    graph = trace(run, *inputs.values())
    return _right_order(len(graph.nodes)) | {"value": float(graph.value)}


def _chain_grads(n: int, inputs: Inputs) -> dict[str, Any]:
    def run(x: Any, y: Any, others: Any) -> Any:
        for k in range(n):
            x = x - others[k // 2] if k % 2 else x + y
        return x

    x_grad, y_grad, others = vjp(run, *inputs.values(), [0.0] * (n // 2))[1](1.0)
    return {"x": float(x_grad), "y": float(y_grad), "z": 1.0, "the others": list(map(float, others))}


def _right_order(nodes: int) -> dict[str, int]:
    return {"nodes": nodes, "more than once": 0, "missing": 0, "not part of it": 0, "before a parent": 0}


def _inputs(random: randomness.Random, names: Sequence[str]) -> Inputs:
    """Small numbers, different in size, none near 1, and none at which n · x, xⁿ or nˣ agree for a small n."""
    sizes = random.sample((3, 5, 7, 9, 10, 11, 12, 13), len(names))
    return {name: random.choice((-1, 1)) * size / 2 for name, size in zip(names, sizes, strict=True)}


def _programs(*texts: str) -> Callable[[randomness.Random], list[tuple[Any, ...]]]:
    """Cases from programs; `#` is a drawn whole number."""

    def cases(random: randomness.Random) -> list[tuple[Any, ...]]:
        found = []
        for text in texts:
            text = re.sub("#", lambda _: str(random.randint(2, 9)), text)
            found.append((text, _inputs(random, [name for name in "xyw" if re.search(rf"\b{name}\b", text)])))
        return found

    return cases


def _drawn(random: randomness.Random) -> list[tuple[Any, ...]]:
    """Programs of all operations with reuse, at numbers where values and adjoints are neither large nor tiny."""
    found: list[tuple[Any, ...]] = []
    while len(found) < 4:
        names, lines = ["x", "y"], []
        for k in range(random.randint(3, 6)):
            a, b, n = random.choice(names), random.choice(names[-3:]), random.randint(2, 5)
            forms = (f"{a} + {b}", f"{a} - {b}", f"{a} * {b}", f"{a} / {b}", f"{b} ** {n % 2 + 2}", f"{n} - {b}",
                     f"{n} * {b} + {a}", f"{n} / {b}", f"({a} - {n}) * ({b} + {a})")  # fmt: skip
            lines.append(f"u{k} = {random.choice(forms)}")
            names.append(f"u{k}")
        lines.append(f"z = {names[-1]} * {names[-2]} + x * y")
        program, inputs = "; ".join(lines), _inputs(random, "xy")
        try:
            numbers = [*_values(program, inputs).values(), *(_grads(program, inputs)[name] for name in ("x", "y"))]
        except ArithmeticError:
            continue
        if all(0.01 < abs(x) < 10_000 for x in numbers):
            found.append((program, inputs))
    return found


def _ladder(random: randomness.Random) -> list[tuple[Any, ...]]:
    """Whole numbers, a square and a cube, and a ladder with 2⁵⁰ paths: exact, whatever the order."""
    rungs = "; ".join(f"u{k + 1} = u{k} + u{k}" for k in range(50))
    program = f"p = x * y; u0 = p * p; {rungs}; v = p ** 3; q = v - u50; z = q * x"
    return [(program, {name: float(random.choice((-1, 1)) * random.randint(2, 6)) for name in "xy"})]


def _deep(random: randomness.Random) -> list[tuple[Any, ...]]:
    return [(DEEP, _inputs(random, "xy"))]


def _as_before(program: str, inputs: Inputs) -> dict[str, Any]:
    """What a single operation makes: its value, its parents and its partials."""
    partials = _partials(program, inputs)
    written = {name if name.isidentifier() else format(float(name), "g"): x for name, x in partials.items()}
    order = list(written) if len(inputs) == 2 else "any"
    return {"value": float(_values(program, inputs)["z"]), "parents": order, "partials": written}


def _kept(worth: float) -> Part:
    """That a step's class still does what the steps before asked for."""
    signs = "+-*/"
    forms = [f"z = {form}" for sign in signs for form in (f"x {sign} y", f"x {sign} #", f"# {sign} x")]
    programs = _programs(*forms, "z = x ** 2", "z = x ** 3", "z = y ** 4")
    return Part("each operation by itself", programs, _as_before, worth, BEFORE, extra=True)


# --- the five steps ---------------------------------------------------------------------------------------------------

NO_RADD, NO_RMUL = ("    __radd__ = __add__\n", ""), ("    __rmul__ = __mul__\n", "")
RECURSIVE = (
    ORDER,
    """
    def order(self, found=None, seen=None):
        found, seen = ([], set()) if found is None else (found, seen)
        if id(self) not in seen:
            seen.add(id(self))
            for parent in self.parents:
                parent.order(found, seen)
            found.append(self)
        return found
""",
)
SWEEP = """        for node in reversed(nodes):
            for parent, partial in zip(node.parents, node.partials):
                parent.grad += partial * node.grad
"""
WITHOUT_ORDER = """        todo = [self]
        while todo:
            node = todo.pop()
            for parent, partial in zip(node.parents, node.partials):
                parent.grad += partial * node.grad
                todo.append(parent)
"""
TOO_EARLY = """        todo, seen = [self], set()
        while todo:
            node = todo.pop(0)
            if id(node) not in seen:
                seen.add(id(node))
                for parent, partial in zip(node.parents, node.partials):
                    parent.grad += partial * node.grad
                    todo.append(parent)
"""
BY_RECURSION = """        self.pull_back()

    def pull_back(self):
        for parent, partial in zip(self.parents, self.partials):
            parent.grad += partial * self.grad
            parent.pull_back()
"""
PRODUCT, SWAPPED = ", (other.data, self.data))", ", (self.data, other.data))"
ADDED, OVERWRITTEN = "parent.grad += ", "parent.grad = "

NOT_SWAPPED = "A product's partial with respect to one factor is the OTHER factor: x · y changes with x at the rate y."
MINUS_LOST = "When y grows, x − y falls: the second partial of a difference is −1."
NO_MINUS = "The second partial of x / y has lost its minus: the quotient falls when y grows; it is −x/y²."
NO_SQUARE = "The second partial of x / y is −x/y²: the divisor is squared."
NO_EXPONENT = "The exponent has to come down as a factor: the partial of xⁿ is n·xⁿ⁻¹."
TOO_DEEP = (
    "One call inside another for each node: Python stops that at about a thousand. Keep a list of what is still to "
    "do, and take from its end in a loop."
)
LAST_ARRIVAL = "What arrives at a node that is used twice is overwritten. Every arrival has to be added: +=, not =."
PULLED_TWICE = (
    "A node that is used twice is gone through once for each use, and each time it passes on all it has: for u + u "
    "with u = x · y at (3, 5), x gets 20 for 10. Go through the nodes in the reverse of order(), each once."
)
AT_EACH_ARRIVAL = (
    "Whoever gets something passes on all it has at once, and a node that is used twice does so twice: for u + u with "
    "u = x · y at (3, 5), x gets 5 and then 10, in all 15 for 10. Go through the nodes in the reverse of order(), each "
    "once, when all has arrived."
)
INPUTS_KEPT = (
    "The intermediate nodes begin with 0, the inputs with what the last sweep left: run twice, Strang's example gives "
    "(280, 48) for (140, 24). Put 0 in every node, the inputs too."
)
TOO_MUCH = (
    "Small programs are right, but the work grows with the number of paths, or of inputs. One way back is enough: each "
    "node passes on once, when all that it gets has arrived."
)
INCOMPLETE = (
    "A node passes on its adjoint before all that it is owed has arrived. Go back through the nodes in the reverse of "
    "order(): there all users of a node come before it."
)

BOOK.add(
    Code,
    "07.engine.1",
    "Build an engine: add and multiply",
    """
Write a class `Value`. `Value(3.0)` keeps its number as `.data`, and `.parents`, which is empty. `+` and `*` give a new
`Value` whose `.parents` are the two operands, in order. An operand may be a plain number, on either side, as in `3 + x`
and `x * 4`: make a `Value` of it first.
""",
    points=3,
    hints=(
        "`x + y` calls `x.__add__(y)`, and what that returns is the result.",
        "`3 + x` calls `x.__radd__(3)`, because 3 does not know how to add a Value; `3 * x` calls `x.__rmul__(3)`.",
        "`isinstance(other, Value)` tells whether the operand is a Value already.",
    ),
    name="Value",
    solution=solution(1),
    parts=(
        Part("sums and products", _programs("z = x + y", "z = x * y", "u = x * y; z = u + x"), _values, 1, DATA),
        Part("a plain number on the right", _programs("z = x + #", "z = x * #"), _values, 0.5, DATA),
        Part("a plain number on the left", _programs("z = # + x", "z = # * x"), _values, 0.5, DATA),
        Part(
            "the parents, in order",
            _programs("z = x", "z = x + y", "z = y * x", "u = x + y; z = u * u", "z = x * #"),
            _parents,
            1,
            PARENTS,
        ),
    ),
    wrong={
        "no number on the left": _turn(
            1,
            "x + 3 works, and 3 + x does not: then Python asks the operand on the right, by __radd__ and __rmul__.",
            NO_RADD,
            NO_RMUL,
        ),
        "no number left of a sum": _turn(
            1, "3 + x does not work: 3 cannot add a Value, so Python asks x, by __radd__.", NO_RADD
        ),
        "no number left of a product": _turn(
            1, "3 * x does not work: 3 cannot multiply by a Value, so Python asks x, by __rmul__.", NO_RMUL
        ),
        "no plain numbers": _turn(
            1,
            "A plain number has no .data. When the other operand is no Value, make one of it first.",
            ("        other = self.node(other)\n", ""),
        ),
        "plain numbers as parents": _turn(
            1,
            "A plain number stands among the parents. The graph has nodes only: make a Value of it first.",
            ("        other = self.node(other)\n", "        number = self.node(other).data\n"),
            ("other.data", "number"),
        ),
        "the result is a number": _turn(
            1,
            "The result is a plain number. It has to be a new Value, so that it can be added and multiplied again.",
            ("Value(self.data + other.data, (self, other))", "self.data + other.data"),
            ("Value(self.data * other.data, (self, other))", "self.data * other.data"),
        ),
        "parents forgotten": _turn(
            1,
            "The result does not remember what it was made of: its .parents are the two operands.",
            (", (self, other)", ""),
        ),
        "parents swapped": _turn(
            1,
            "The parents are in the wrong order: the left operand, self, comes first.",
            ("(self, other)", "(other, self)"),
        ),
        "each parent once": _turn(
            1,
            "u * u has u as a parent twice. Keep the operands in a tuple or list; a set drops the second.",
            ("= data, parents", "= data, list(dict.fromkeys(parents))"),
        ),
        "changes its operand": _turn(
            1,
            "The left operand itself has changed. A sum is a NEW Value; both operands stay as they are.",
            (
                "return Value(self.data + other.data, (self, other))",
                "self.data, self.parents = self.data + other.data, (self, other)\n        return self",
            ),
        ),
        "adds where it should multiply": _turn(
            1, "The product adds its factors.", ("self.data * other.data", "self.data + other.data")
        ),
    },
)

BOOK.add(
    Code,
    "07.engine.2",
    "Build an engine: local partials",
    """
Go on with your class. Add `-` and `/` (plain numbers on either side again) and `**` by a plain number. And let every
result keep `.partials`: one number for each of its parents, which says how fast the result changes with that parent
alone. A sum, difference, product or quotient is one new node with two parents; a power is one with a single parent.
""",
    points=5,
    hints=(
        "The partials of a product are easy to get wrong: which factor belongs to which parent?",
        "`7 - x` calls `x.__rsub__(7)`, and there 7 is on the left. `7 / x` calls `x.__rtruediv__(7)`.",
        "The partials of x / y are 1/y and −x/y². The partial of xⁿ is n·xⁿ⁻¹. They are numbers: use `.data`.",
    ),
    name="Value",
    solution=solution(2),
    parts=(
        Part(
            "values, of all operations",
            _programs("z = x - y", "z = x / y", "z = x ** 3", "z = x - #", "z = x / #", "z = x + y", "z = x * y"),
            _values,
            1,
            DATA,
        ),
        Part(
            "a plain number on the left",
            _programs("z = # - x", "z = # / x", "z = # + x", "z = # * x"),
            _values,
            1,
            DATA,
        ),
        Part(
            "partials of sums and products",
            _programs("z = x + y", "z = x * y", "z = # + x", "z = x * #", "z = # * x"),
            _partials,
            1,
            PARTIALS,
        ),
        Part(
            "partials of differences and quotients",
            _programs("z = x - y", "z = x / y", "z = x - #", "z = # - x", "z = # / x"),
            _partials,
            1,
            PARTIALS,
        ),
        Part("partials of powers", _programs("z = x ** 2", "z = x ** 3", "z = y ** 4"), _partials, 0.75, PARTIALS),
        _kept(0.25),
    ),
    wrong={
        "factors not swapped": _turn(2, NOT_SWAPPED, (PRODUCT, SWAPPED)),
        "minus lost": _turn(2, MINUS_LOST, ("(1.0, -1.0)", "(1.0, 1.0)")),
        "quotient without minus": _turn(2, NO_MINUS, ("-self.data / other", "self.data / other")),
        "quotient without square": _turn(2, NO_SQUARE, ("other.data**2", "other.data")),
        "treated as a product": _turn(
            2,
            "A quotient's partials are 1/y and −x/y²; these are a product's.",
            ("(1 / other.data, -self.data / other.data**2)", "(other.data, self.data)"),
        ),
        "power loses the exponent": _turn(2, NO_EXPONENT, ("n * self.data", "self.data")),
        "power keeps its exponent": _turn(
            2, "The exponent goes down by one: the partial of xⁿ is n·xⁿ⁻¹, not n·xⁿ.", ("** (n - 1)", "** n")
        ),
        "number on the wrong side": _turn(
            2,
            "7 − x came out as x − 7, or 7 / x as x / 7: in __rsub__ and __rtruediv__ `self` is on the right.",
            ("self.node(other) - self", "self - other"),
            ("self.node(other) / self", "self / other"),
        ),
        "difference the wrong way round": _turn(
            2,
            "7 − x came out as x − 7: in __rsub__ the other operand is on the left.",
            ("self.node(other) - self", "self - other"),
        ),
        "quotient the wrong way round": _turn(
            2,
            "7 / x came out as x / 7: in __rtruediv__ the other operand is on the left.",
            ("self.node(other) / self", "self / other"),
        ),
        "no number on the left": _turn(
            2,
            "7 − x and 7 / x do not work yet: Python asks x, by __rsub__ and __rtruediv__.",
            ("__rsub__", "rsub"),
            ("__rtruediv__", "rtruediv"),
        ),
        "made of two operations": _turn(
            2,
            "The values are right, but x − y or x / y makes two nodes, as x + (−1)·y or x · y⁻¹. Here each operation "
            "is one node, whose parents are its operands.",
            ("Value(self.data - other.data, (self, other), (1.0, -1.0))", "self + other * -1"),
            (
                "Value(self.data / other.data, (self, other), (1 / other.data, -self.data / other.data**2))",
                "self * other**-1",
            ),
        ),
        "partials are Values": _turn(
            2, "The partials are Values. They are plain numbers: take `.data`.", (PRODUCT, ", (other, self))")
        ),
        "partials forgotten": _turn(
            2,
            "The results have no partials yet: one number for each parent.",
            ("= data, parents, partials", "= data, parents, ()"),
        ),
    },
)

BOOK.add(
    Code,
    "07.engine.3",
    "Build an engine: a topological order",
    """
Go on with your class: `z.order()` returns a list of all nodes that z is computed from, with z itself. Every node is in
it once, however often it is used, and only after all of its parents. Any such order is right. It has to work for a
chain of 5,000 nodes too.
""",
    points=4,
    hints=(
        "Begin at z and go from node to parents. A node may be put in the list when all of its parents are in it.",
        "Remember which nodes you have met (`id(node)` in a set), or a node with two users comes twice.",
        "For long chains use a list of what is still to do in place of recursion: put a node back, marked, below its "
        "parents; when the mark comes up again, all of its parents are done.",
    ),
    name="Value",
    solution=solution(3),
    parts=(
        Part(
            "nothing used twice",
            _programs("z = x", "u = x + y; z = u * w", "u = x / #; v = y * w; z = u - v", "u = x ** 2; z = u + #"),
            _order,
            1,
            ORDERED,
        ),
        Part(
            "nodes that are used twice",
            _programs(
                "z = x * x",
                "u = x + y; z = x * u",
                "u = x + y; z = u * x",
                "u = x + y; v = u * y; z = u - v",
                "u = x * y; v = u * u; p = v + u; q = x - p; z = q * v",
            ),
            _order,
            2,
            ORDERED,
        ),
        Part("a chain of 5,000", _deep, lambda n, inputs: _right_order(n + 2 + n // 2), 0.5, CHAIN_ORDERED),
        _kept(0.5),
    ),
    wrong={
        "recursion too deep": _turn(3, TOO_DEEP, RECURSIVE),
        "nodes twice": _turn(
            3,
            "A node with two users is in the list twice. Remember which nodes you have met.",
            ("elif id(node) not in seen:", "else:"),
        ),
        "nodes twice, by recursion": _turn(
            3,
            "A node with two users is in the list twice. Remember which nodes you have met.",
            (RECURSIVE[0], RECURSIVE[1].replace("if id(self) not in seen:", "if True:")),
        ),
        "users before parents": _turn(
            3,
            "The order is the wrong way round: parents come first, z comes last.",
            ("return found", "return found[::-1]"),
        ),
        "in the order of meeting": _turn(
            3,
            "The nodes are in the order in which they were met, turned round. That puts some node before one of its "
            "parents: a node may only be listed when all of its parents are.",
            (
                ORDER,
                """
    def order(self):
        found, seen, todo = [], set(), [self]
        while todo:
            node = todo.pop()
            if id(node) not in seen:
                seen.add(id(node))
                found.append(node)
                todo += node.parents
        return found[::-1]
""",
            ),
        ),
        "by distance": _turn(
            3,
            "The nodes are ordered by how near they are to z. A node near z may be needed by one farther away: list a "
            "node only when all of its parents are listed.",
            (
                ORDER,
                """
    def order(self):
        found, seen = [self], {id(self)}
        for node in found:
            for parent in node.parents:
                if id(parent) not in seen:
                    seen.add(id(parent))
                    found.append(parent)
        return found[::-1]
""",
            ),
        ),
        "met, but before its parents": _turn(
            3,
            "Each node is listed before its parents. List it after them; to turn that list round is not enough.",
            (
                ORDER,
                """
    def order(self):
        found, seen, todo = [], set(), [self]
        while todo:
            node = todo.pop()
            if id(node) not in seen:
                seen.add(id(node))
                found.append(node)
                todo += node.parents
        return found
""",
            ),
        ),
        "itself missing": _turn(
            3,
            "The node whose order() was called belongs in the list, at its end.",
            ("return found", "return found[:-1]"),
        ),
        "inputs missing": _turn(
            3,
            "Nodes without parents belong in the list too: the sweep has to reach the inputs.",
            ("return found", "return [node for node in found if node.parents]"),
        ),
    },
)

BOOK.add(
    Code,
    "07.engine.4",
    "Build an engine: the reverse sweep",
    """
Go on with your class: every node gets `.grad`, its adjoint, which is 0 at first. `z.backward()` puts 1 into `z.grad`
and goes back through `order()`: each node adds its adjoint times its partial to each of its parents. Afterwards all
nodes, inputs and intermediate ones, hold their adjoints.
""",
    points=5,
    hints=(
        "Which adjoint is known at the beginning? How fast does z change with itself?",
        "Take the nodes in reversed(self.order()): a node is complete when all of its users have passed on theirs.",
        "`for parent, partial in zip(node.parents, node.partials)`: what is added to `parent.grad`?",
    ),
    name="Value",
    solution=solution(4),
    parts=(
        Part(
            "one operation",
            _programs("z = x + y", "z = x * y", "z = x - y", "z = x / y", "z = x ** 3", "z = # - x"),
            _both,
            1,
            GRADS,
            graph=graph_of,
        ),
        Part(
            "several operations",
            _programs("u = x * y; v = u - w; z = v ** 2", "u = x / y; v = # * u; z = v * w"),
            _both,
            1,
            GRADS,
            graph=graph_of,
        ),
        Part(
            "a node with two users",
            _programs("u = x * y; z = u + x", "u = x + y; v = u * y; z = v - u", "u = x - y; v = u ** 2; z = u * v"),
            _both,
            1.5,
            GRADS,
            graph=graph_of,
        ),
        Part("a chain of 5,000", _deep, _chain_grads, 0.75, CHAIN_GRADS, seconds=1.0),
        Part("a ladder with 2⁵⁰ paths", _ladder, _both, 0.5, GRADS, near=1e-12, seconds=0.1),
        _kept(0.25),
    ),
    late=TOO_MUCH,
    wrong={
        "keeps the last arrival": _turn(4, LAST_ARRIVAL, (ADDED, OVERWRITTEN)),
        "factors not swapped": _turn(4, NOT_SWAPPED, (PRODUCT, SWAPPED)),
        "minus lost": _turn(4, MINUS_LOST, ("(1.0, -1.0)", "(1.0, 1.0)")),
        "quotient without minus": _turn(4, NO_MINUS, ("-self.data / other", "self.data / other")),
        "quotient without square": _turn(4, NO_SQUARE, ("other.data**2", "other.data")),
        "power loses the exponent": _turn(4, NO_EXPONENT, ("n * self.data", "self.data")),
        "seed forgotten": _turn(
            4,
            "Every adjoint is 0, because nothing was there to pass on: the sweep starts with z.grad = 1.",
            ("        self.grad = 1.0\n", ""),
        ),
        "seeded with the value": _turn(
            4,
            "The sweep starts with z's own value. How fast does z change with itself? By 1.",
            ("self.grad = 1.0", "self.grad = self.data"),
        ),
        "forward order": _turn(
            4,
            "Only z's parents have got anything: the sweep starts at z, and goes back through ALL nodes to the inputs.",
            ("reversed(nodes)", "nodes"),
        ),
        "upstream factor lost": _turn(
            4,
            "The partials alone are added. Each has to be multiplied by the adjoint of the node that passes it on.",
            ("partial * node.grad", "partial"),
        ),
        "a reused node pulled back twice": _turn(4, PULLED_TWICE, (SWEEP, WITHOUT_ORDER)),
        "passes on at each arrival": _turn(4, AT_EACH_ARRIVAL, (SWEEP, BY_RECURSION)),
        "passed on before it is complete": _turn(4, INCOMPLETE, (SWEEP, TOO_EARLY)),
        "passed on before it is complete, from the end": _turn(
            4, INCOMPLETE, (SWEEP, TOO_EARLY.replace("pop(0)", "pop()"))
        ),
        "recursion too deep": _turn(4, TOO_DEEP, RECURSIVE),
    },
)


def _example(name: str, program: str) -> tuple[tuple[Any, ...], dict[str, float]]:
    """The catalogue's example as a case, and its figures."""
    example = examples[name]
    figures = dict(zip(example.inputs, example.expected["gradient"], strict=True))
    return (program, dict(example.inputs)), {"value": example.expected["value"]} | figures


EXAMPLES: Mapping[str, tuple[tuple[Any, ...], dict[str, float]]] = {
    case[0]: (case, figures)
    for case, figures in (
        _example("edelman", "z = 2 * x * y + (x - 1) ** 2"),
        _example("strang", "c = x ** 3; s = x + 3 * y; F = c * s"),
        _example("olah", "c = a + b; d = b + 1; e = c * d"),
    )
}

BOOK.add(
    Code,
    "07.engine.5",
    "Build an engine: reuse, and the figures of the lectures",
    """
Finish your class. It has to be right when a node is used twice, even twice by the same operation, as in `x * x`.
Calling `z.backward()` again gives the same adjoints, and a sweep from another result that shares nodes with z gives
that result's own: begin each sweep with 0 in every node that it will visit. Then your engine reproduces the worked
examples of Edelman and Johnson, Strang, and Olah, and agrees with the lab's on expressions that you have not seen.
""",
    points=6,
    hints=(
        "What stands in `.grad` when a second sweep begins?",
        "Before the seed, go once through `order()` and put 0 in every node, the intermediate ones too.",
        "`x * x` has x as its parent twice: both times something arrives.",
    ),
    name="Value",
    solution=solution(5),
    parts=(
        Part(
            "twice in one operation",
            _programs("z = x * x", "z = x + x", "u = x * y; z = u + u", "u = x - y; v = u * u; z = v * v"),
            _both,
            1,
            GRADS,
            graph=graph_of,
        ),
        Part(
            "diamonds",
            _programs(
                "u = x * y; p = u + x; q = u - y; z = p * q",
                "u = x + y; p = u * u; q = p / u; z = p * q",
                "u = x - y; p = u ** 2; q = u * p; r = q + u; z = r * p",
            ),
            _both,
            1,
            GRADS,
            graph=graph_of,
        ),
        Part(
            "backward called again",
            _programs("z = x * y", "u = x * y; z = u * x", "u = x + y; p = u ** 2; z = p - u"),
            _both,
            1,
            TWICE,
        ),
        Part(
            "backward from another result",
            lambda random: [(*case, "u") for case in _programs("u = x * y; z = u * x", "u = x / y; z = u + y")(random)],
            lambda program, inputs, other: _grads(program.split("; ")[0], inputs),
            1,
            ANOTHER,
        ),
        Part(
            "the figures of the lectures",
            lambda random: [case for case, _ in EXAMPLES.values()],
            lambda program, inputs: EXAMPLES[program][1],
            1,
            FIGURES,
        ),
        Part("drawn expressions", _drawn, _both, 0.5, GRADS, graph=graph_of),
        Part("a ladder with 2⁵⁰ paths", _ladder, _both, 0.25, GRADS, near=1e-12, seconds=0.1),
        _kept(0.25),
    ),
    late=TOO_MUCH,
    wrong={
        "nothing zeroed": _turn(
            5,
            "The second sweep adds to what the first one left. Begin with 0 in every node that the sweep will visit.",
            (ZEROING, ""),
        ),
        "only inputs zeroed": _turn(
            5,
            "The inputs begin with 0, the intermediate nodes with what the last sweep left. Put 0 in every node.",
            ("            node.grad = 0.0\n", "            node.grad = node.grad if node.parents else 0.0\n"),
        ),
        "inputs not zeroed": _turn(
            5,
            INPUTS_KEPT,
            ("            node.grad = 0.0\n", "            node.grad = 0.0 if node.parents else node.grad\n"),
        ),
        "seed added": _turn(
            5,
            "The seed is added to what z.grad held before, and nothing was zeroed. Put 0 in every node, then 1 in z.",
            (ZEROING, ""),
            ("self.grad = 1.0", "self.grad += 1.0"),
        ),
        "keeps the last arrival": _turn(5, LAST_ARRIVAL, (ADDED, OVERWRITTEN)),
        "each parent once": _turn(
            5,
            "x * x has x as its parent twice, and twice something arrives. A dict or set of the parents keeps one.",
            ("in zip(node.parents, node.partials)", "in dict(zip(node.parents, node.partials)).items()"),
        ),
        "a reused node pulled back twice": _turn(5, PULLED_TWICE, (SWEEP, WITHOUT_ORDER)),
        "passes on at each arrival": _turn(5, AT_EACH_ARRIVAL, (SWEEP, BY_RECURSION)),
        "passed on before it is complete": _turn(5, INCOMPLETE, (SWEEP, TOO_EARLY)),
        "passed on before it is complete, from the end": _turn(
            5, INCOMPLETE, (SWEEP, TOO_EARLY.replace("pop(0)", "pop()"))
        ),
        "factors not swapped": _turn(5, NOT_SWAPPED, (PRODUCT, SWAPPED)),
        "minus lost": _turn(5, MINUS_LOST, ("(1.0, -1.0)", "(1.0, 1.0)")),
        "quotient without minus": _turn(5, NO_MINUS, ("-self.data / other", "self.data / other")),
        "quotient without square": _turn(5, NO_SQUARE, ("other.data**2", "other.data")),
        "power loses the exponent": _turn(5, NO_EXPONENT, ("n * self.data", "self.data")),
        "seeded with the value": _turn(
            5,
            "The sweep starts with z's own value. How fast does z change with itself? By 1.",
            ("self.grad = 1.0", "self.grad = self.data"),
        ),
    },
)
