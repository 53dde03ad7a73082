"""Programs that the exercises of 08_build_your_own_engine are tested on, what becomes of them, and what should.

A program is a text: `u = x * y; z = u + x`, with the inputs' numbers beside it.
"""

from __future__ import annotations

import math
import random as randomness
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ...derivatives.passes import vjp
from ...graph.trace import trace
from ..code import Part
from ..programs import graph_of

DEEP = 5000
Inputs = dict[str, float]


def run(Value, program, inputs):
    """All names of a program with what stands there, and the result."""
    space = {name: Value(x) for name, x in inputs.items()}
    for line in program.split("; "):
        name, _, formula = line.partition(" = ")
        space[name] = eval(compile(formula, "<probe>", "eval"), {}, space)
    return space, space[name]


def data(Value, program, inputs):
    return {name: value.data for name, value in run(Value, program, inputs)[0].items()}


def parents(Value, program, inputs):
    space, last = run(Value, program, inputs)
    names = {id(value): name for name, value in reversed(space.items())}
    return [names.get(id(p)) or (p.data if hasattr(p, "data") else "a plain number") for p in last.parents]


def names_of(space, values):
    names = {id(x): name for name, x in space.items()}
    return [names.get(id(p)) or format(p.data, "g") for p in values]


def partials(Value, program, inputs):
    space, last = run(Value, program, inputs)
    found, numbers = list(last.parents), list(last.partials)
    if len(found) != len(numbers):
        return f"{len(found)} parents, {len(numbers)} partials"
    return dict(zip(names_of(space, found), numbers))


def as_before(Value, program, inputs):
    space, last = run(Value, program, inputs)
    names = names_of(space, last.parents)
    order = names if len(inputs) == 2 else "any"  # x.__radd__(6) may put x first
    return {"value": last.data, "parents": order, "partials": dict(zip(names, last.partials))}


def laid_out(result):
    """The graph, as its nodes' values and the places of their parents, and the order as places; nothing is counted."""
    found, todo = {id(result): result}, [result]
    while todo:
        for parent in todo.pop().parents:
            if id(parent) not in found:
                found[id(parent)] = parent
                todo.append(parent)
    order = list(result.order())[:50_000]
    place = {key: k for k, key in enumerate(found)}
    for node in order:
        place.setdefault(id(node), len(place))
    parents = [[place[id(p)] for p in node.parents] for node in found.values()]
    return {"values": [x.data for x in found.values()], "parents": parents, "order": [place[id(x)] for x in order]}


def ordered(Value, program, inputs):
    return laid_out(run(Value, program, inputs)[1])


def chain(Value, n, inputs):
    """Every other step takes an input of its own, so that nobody can sweep for each of them."""
    x, y = (Value(number) for number in inputs.values())
    z, own = x, []
    for k in range(n):
        own += [Value(k / 2)] * (k % 2)
        z = z - own[-1] if k % 2 else z + y
    return x, y, z, own


def chain_ordered(Value, n, inputs):
    return laid_out(chain(Value, n, inputs)[2])


def chain_grads(Value, n, inputs):
    x, y, z, own = chain(Value, n, inputs)
    z.backward()
    return {"x": x.grad, "y": y.grad, "z": z.grad, "the others": [other.grad for other in own]}


def grads(Value, program, inputs, times=1):
    space, last = run(Value, program, inputs)
    for _ in range(times):
        last.backward()
    return {name: x.grad for name, x in space.items()} | {f"{name} =": x.data for name, x in space.items()}


def grads_of_the_second(Value, program, inputs):
    return grads(Value, program, inputs, 2)


def grads_of_another(Value, program, inputs, other):
    space, last = run(Value, program, inputs)
    last.backward()
    space[other].backward()
    return {name: space[name].grad for name in (*inputs, other)}


def figures(Value, program, inputs):
    space, last = run(Value, program, inputs)
    last.backward()
    return {"value": last.data} | {name: space[name].grad for name in inputs}


# --- the right results ------------------------------------------------------------------------------------------------


def _lines(program: str) -> list[tuple[str, Any]]:
    pairs = (line.split(" = ") for line in program.split("; "))
    return [(name, compile(formula, "<program>", "eval")) for name, formula in pairs]


def right_values(program: str, inputs: Inputs) -> Inputs:
    """The value of every name."""
    space = dict(inputs)
    for name, formula in _lines(program):
        space[name] = eval(formula, {}, space)
    return space


def _runner(program: str, inputs: Inputs) -> Any:
    """The program as a function of its inputs, and of numbers that are added to what its lines give, if there are any."""
    lines = _lines(program)

    def run(*numbers: Any) -> Any:
        space = dict(zip(inputs, numbers, strict=False))
        more = numbers[len(inputs) :]
        for k, (name, formula) in enumerate(lines):
            space[name] = eval(formula, {}, space) + more[k] if more else eval(formula, {}, space)
        return space[lines[-1][0]]

    return run


def right_grads(program: str, inputs: Inputs) -> Inputs:
    """The adjoint of every name, by the engine: how fast the result changes when something is added there."""
    names = [name for name, _ in _lines(program)]
    adjoints = vjp(_runner(program, inputs), *inputs.values(), *(0.0 for _ in names))[1](1.0)
    return {name: float(x) for name, x in zip([*inputs, *names], adjoints, strict=True)}


def right_both(program: str, inputs: Inputs) -> Inputs:
    """Adjoints and values."""
    values = {f"{name} =": float(x) for name, x in right_values(program, inputs).items()}
    return right_grads(program, inputs) | values


def right_partials(program: str, inputs: Inputs) -> Inputs:
    """The local partials of a single operation, by the engine."""
    left, op, right = program.removeprefix("z = ").split()
    operands = [left] if op == "**" else [left, right]
    formula = compile("a ** " + right if op == "**" else f"a {op} b", "<program>", "eval")
    at = [inputs[name] if name in inputs else float(name) for name in operands]
    found = vjp(lambda *xs: eval(formula, {}, dict(zip("ab", xs, strict=False))), *at)[1](1.0)
    return dict(zip(operands, map(float, found if isinstance(found, tuple) else (found,)), strict=True))


def right_parents(program: str, inputs: Inputs) -> list[Any]:
    formula = program.split(" = ")[-1].split()
    return [name if name.isidentifier() else float(name) for name in formula[::2]] if len(formula) > 1 else []


def right_order(program: str, inputs: Inputs) -> dict[str, float]:
    """What a right order looks like; the engine's graph says how many nodes there are."""
    graph = trace(_runner(program, inputs), *inputs.values())
    return right_places(len(graph.nodes)) | {"value": float(graph.value)}


def order_found(laid: Any, program: str, inputs: Inputs) -> dict[str, float]:
    """What an order looks like that was laid out, of the graph that the program should have."""
    graph = trace(_runner(program, inputs), *inputs.values())
    values = [float(node.value) for node in graph.nodes]
    return _places(laid, values, [[parent.id for parent in node.parents] for node in graph.nodes]) | {
        "value": laid["values"][0]
    }


def chain_found(laid: Any, n: int, inputs: Inputs) -> dict[str, float]:
    """The same of the chain."""
    values, parents, last = [*inputs.values()], list[list[int]]([[], []]), 0
    for k in range(n):
        if k % 2:
            values.append(k / 2)
            parents.append([])
        values.append(math.nan)
        parents.append([last, len(values) - 2 if k % 2 else 1])
        last = len(values) - 1
    return _places(laid, values, parents)


def _places(laid: Any, values: list[float], parents: list[list[int]]) -> dict[str, float]:
    """How many nodes of an order are amiss. It is counted here, from the order itself and the graph that it is of: who
    can write the counts down has ordered nothing."""
    order, theirs = [int(k) for k in laid["order"]], [[int(k) for k in some] for some in laid["parents"]]
    first: dict[int, int] = {}
    for k, node in enumerate(order):
        first.setdefault(node, k)
    here = [node for node in range(len(theirs)) if node in first]
    early = [node for node in here if any(first.get(p, -1) > first[node] for p in theirs[node])]
    known: dict[Any, int] = {}
    strange = Counter(_kinds(laid["values"], theirs, known)) - Counter(_kinds(values, parents, known))
    wrong = {"more than once": len(order) - len(first), "missing": len(theirs) - len(here)}
    wrong |= {"not part of it": len(first) - len(here) + strange.total(), "before a parent": len(early)}
    return {"nodes": len(order), **wrong}


def _kinds(values: list[float], parents: list[list[int]], known: dict[Any, int]) -> list[int]:
    """By node a number of what it is made of, down to the inputs: the same in all graphs that share what is known."""
    kinds: dict[int, int] = {}
    todo, begun = list(range(len(parents))), set[int]()
    while todo:
        node = todo[-1]
        missing = [] if node in kinds else [p for p in parents[node] if p not in kinds]
        if missing and node in begun:
            raise ValueError("a node is made of itself")
        begun.add(node)
        todo += missing
        if not missing:
            made_of = tuple(sorted(kinds[p] for p in parents[node])) or f"{values[node]:.6g}"
            kinds.setdefault(node, known.setdefault(made_of, len(known)))
            todo.pop()
    return [kinds[node] for node in range(len(parents))]


def right_chain_grads(n: int, inputs: Inputs) -> dict[str, Any]:
    def run(x: Any, y: Any, others: Any) -> Any:
        for k in range(n):
            x = x - others[k // 2] if k % 2 else x + y
        return x

    x_grad, y_grad, others = vjp(run, *inputs.values(), [0.0] * (n // 2))[1](1.0)
    return {"x": float(x_grad), "y": float(y_grad), "z": 1.0, "the others": list(map(float, others))}


def right_places(nodes: int) -> dict[str, int]:
    return {"nodes": nodes, "more than once": 0, "missing": 0, "not part of it": 0, "before a parent": 0}


def _inputs(random: randomness.Random, names: Sequence[str]) -> Inputs:
    """Small numbers, different in size, none near 1, and none at which n · x, xⁿ or nˣ agree for a small n."""
    sizes = random.sample((3, 5, 7, 9, 10, 11, 12, 13), len(names))
    return {name: random.choice((-1, 1)) * size / 2 for name, size in zip(names, sizes, strict=True)}


def cases(*texts: str) -> Callable[[randomness.Random], list[tuple[Any, ...]]]:
    """Cases from programs; `#` is a drawn whole number."""

    def drawn_cases(random: randomness.Random) -> list[tuple[Any, ...]]:
        found = []
        for text in texts:
            text = re.sub("#", lambda _: str(random.randint(2, 9)), text)
            found.append((text, _inputs(random, [name for name in "xyw" if re.search(rf"\b{name}\b", text)])))
        return found

    return drawn_cases


def drawn(random: randomness.Random) -> list[tuple[Any, ...]]:
    """Programs of all operations with reuse, at numbers where values and adjoints are neither large nor tiny."""
    found: list[tuple[Any, ...]] = []
    while len(found) < 4:
        names, lines = ["x", "y"], []
        for k in range(random.randint(3, 6)):
            a, b, n = random.choice(names), random.choice(names[-3:]), random.randint(2, 5)
            forms = [f"{a} + {b}", f"{a} - {b}", f"{a} * {b}", f"{a} / {b}", f"{b} ** {n % 2 + 2}", f"{n} - {b}"]
            forms += [f"{n} * {b} + {a}", f"{n} / {b}", f"({a} - {n}) * ({b} + {a})"]
            lines.append(f"u{k} = {random.choice(forms)}")
            names.append(f"u{k}")
        lines.append(f"z = {names[-1]} * {names[-2]} + x * y")
        program, inputs = "; ".join(lines), _inputs(random, "xy")
        try:
            numbers = [
                *right_values(program, inputs).values(),
                *(right_grads(program, inputs)[name] for name in ("x", "y")),
            ]
        except ArithmeticError:
            continue
        if all(0.01 < abs(x) < 10_000 for x in numbers):
            found.append((program, inputs))
    return found


def ladder(random: randomness.Random) -> list[tuple[Any, ...]]:
    """Whole numbers, a square and a cube, and a ladder with 2⁵⁰ paths: exact, whatever the order."""
    rungs = "; ".join(f"u{k + 1} = u{k} + u{k}" for k in range(50))
    program = f"p = x * y; u0 = p * p; {rungs}; v = p ** 3; q = v - u50; z = q * x"
    return [(program, {name: float(random.choice((-1, 1)) * random.randint(2, 6)) for name in "xy"})]


def deep(random: randomness.Random) -> list[tuple[Any, ...]]:
    return [(DEEP, _inputs(random, "xy"))]


def right_as_before(program: str, inputs: Inputs) -> dict[str, Any]:
    """What a single operation makes: its value, its parents and its partials."""
    partials = right_partials(program, inputs)
    written = {name if name.isidentifier() else format(float(name), "g"): x for name, x in partials.items()}
    order = list(written) if len(inputs) == 2 else "any"
    return {"value": float(right_values(program, inputs)["z"]), "parents": order, "partials": written}


RIGHT: dict[Callable[..., Any], Callable[..., Any]] = {
    data: right_values,
    parents: right_parents,
    partials: right_partials,
    as_before: right_as_before,
    ordered: right_order,
    grads: right_both,
    grads_of_the_second: right_both,
}


def tested(label: str, probe: Callable[..., Any], *texts: str, worth: float = 1.0, extra: bool = False) -> Part:
    """What a probe finds out about some programs."""
    graph, read = graph_of if probe is grads else None, order_found if probe is ordered else None
    return Part(label, cases(*texts), RIGHT[probe], worth, probe, extra=extra, graph=graph, read=read)


def laddered(worth: float) -> Part:
    return Part("a ladder with 2⁵⁰ paths", ladder, right_both, worth, grads, near=1e-12, seconds=0.06)


def kept(worth: float) -> Part:
    """That a step's class still does what the steps before asked for."""
    signs = "+-*/"
    forms = [f"z = {form}" for sign in signs for form in (f"x {sign} y", f"x {sign} #", f"# {sign} x")]
    texts = (*forms, "z = x ** 2", "z = x ** 3", "z = y ** 4")
    return tested("each operation by itself", as_before, *texts, worth=worth, extra=True)
