"""A formula and a sentence for every step, with this step's numbers in them.

`formula(step)` gives plain text, or MathML or LaTeX with another target of `notation`. The player shows both, and
screen readers read the sentence.
"""

from __future__ import annotations

from typing import Any

from .graph import Node
from .notation import PLAIN, PRODUCT, SUM, Target, Token, adjoint, name, num, number, partial, tangent
from .sweeps import Step

__all__ = ["arrivals", "formula", "partial_label", "sentence"]


def formula(step: Step, target: Target = PLAIN) -> str:
    """The step as an equation: name, symbols, numbers, result."""
    return {"value": _value, "seed": _seed, "tangent": _tangent, "contribution": _contribution, "sum": _sum}[step.kind](
        step, target
    )


def _equation(target: Target, left: Token, *rights: Token, sign: str = "=") -> str:
    shown: list[str] = []
    for token in rights:  # "x = 3 = 3" says nothing twice
        if not shown or token.text != shown[-1]:
            shown.append(token.text)
    return left.text + target.op(sign) + target.op("=").join(shown)


def _value(step: Step, target: Target) -> str:
    node = step.node
    left = name(node.label, target)
    if node.primitive is None:
        return _equation(target, left, num(node.value, target))
    return _equation(target, left, node.tokens(target), node.tokens(target, numbers=True), num(node.value, target))


def _marked(step: Step, node: Node, target: Target) -> Token:
    """The name of the derivative that this step's sweep computes at a node."""
    return (tangent if step.sweep.mode == "tangent" else adjoint)(node.label, target)


def _seed(step: Step, target: Target) -> str:
    return _equation(target, _marked(step, step.node, target), num(step.after, target))


def _tangent(step: Step, target: Target) -> str:
    node, dots = step.node, step.sweep.numbers
    symbols, numbers = None, None
    for parent, slope in zip(node.parents, step.partials, strict=True):
        if node.graph.depends_on(parent) or parent.op == "input" or parent.op != "constant":
            term = target.infix("·", partial(node.label, parent.label, target), tangent(parent.label, target), PRODUCT)
            product = target.infix("·", num(slope, target), num(dots[parent.id], target), PRODUCT)
            symbols = term if symbols is None else target.infix("+", symbols, term, SUM)
            numbers = product if numbers is None else target.infix("+", numbers, product, SUM)
    right = [t for t in (symbols, numbers) if t is not None]
    return _equation(target, tangent(node.label, target), *right, num(step.after, target))


def _contribution(step: Step, target: Target) -> str:
    assert step.edge is not None
    child = step.edge[0]
    symbols = target.infix("·", adjoint(child.label, target), partial(child.label, step.node.label, target), PRODUCT)
    incoming = step.sweep.numbers[child.id]
    numbers = target.infix("·", num(incoming, target), num(step.partials[0], target), PRODUCT)
    return _equation(target, adjoint(step.node.label, target), symbols, numbers, num(step.amount, target), sign="+=")


def _sum(step: Step, target: Target) -> str:
    total = target.infix("+", num(step.before, target), num(step.amount, target), SUM)
    return _equation(target, adjoint(step.node.label, target), total, num(step.after, target))


def arrivals(step: Step) -> list[tuple[Node, Any]]:
    """The contributions that have reached this step's node up to and with this step: (child, amount) pairs."""
    found: list[tuple[Node, Any]] = []
    for other in step.sweep:
        if other.kind == "contribution" and other.node == step.node and other.edge is not None:
            found.append((other.edge[0], other.amount))
            if other.edge == step.edge:
                break
    return found


def _edges_of(node: Node) -> int:
    return len(node.graph.uses[node.id])


def sentence(step: Step) -> str:
    """The step in words, for the caption under the formula and for screen readers."""
    return {"value": _say_value, "seed": _say_seed, "tangent": _say_tangent, "contribution": _say_contribution, "sum": _say_sum}[
        step.kind
    ](step)


def _say_value(step: Step) -> str:
    node = step.node
    if node.op == "input":
        return f"{node.label} is an input: you gave it the value {number(node.value)}."
    known = [f"{p.label} = {number(p.value)}" for p in dict.fromkeys(node.parents) if p.label != number(p.value)]
    given = f"{' and '.join(known)} {'are' if len(known) > 1 else 'is'} known, so " if known else ""
    text = f"{given}{node.label} can be computed: {number(node.value)}."
    return text[0].upper() + text[1:] if not known else text


def _say_seed(step: Step) -> str:
    node = step.node
    if step.sweep.mode == "tangent":
        if step.after == 0:
            return f"{node.label} is held still: its rate of change is 0."
        return f"{node.label} is the input we move: it changes at rate {number(step.after)}."
    if step.after == 1:
        return f"The reverse pass starts at the output: {node.label} changes one for one with itself, so its adjoint is 1."
    return f"The reverse pass starts at the output {node.label} with the seed {number(step.after)}."


def _say_tangent(step: Step) -> str:
    node = step.node
    if step.after == 0:
        return f"{node.label} does not move: no operand of it moves."
    return f"Each operand's rate times its local partial, added up: {node.label} changes at rate {number(step.after)}."


def _say_contribution(step: Step) -> str:
    assert step.edge is not None
    child, node = step.edge[0], step.node
    amount = number(step.amount)
    uses = _edges_of(node)
    if step.before is not None and step.after == step.before and len(arrivals(step)) > 1:
        earlier = arrivals(step)[:-1]
        so_far = " and ".join(f"{number(a)} came from {c.label}" for c, a in earlier[-3:])
        feeds = f"{node.label} is used {uses} times"
        return f"{feeds}: {so_far}, now {amount} arrives from {child.label}. Next: their sum."
    rule = child.primitive.rule if child.primitive is not None else ""
    if rule:
        more = f" {node.label} is used {uses} times, so more will arrive." if uses > 1 else ""
        return f"{rule} {child.label} sends {amount} to {node.label}.{more}"
    more = f" {node.label} is used {uses} times, so more will arrive." if uses > 1 else ""
    return (
        f"{child.label} has adjoint {number(step.sweep.numbers[child.id])}; times the local partial {number(step.partials[0])} "
        f"it sends {amount} to {node.label}.{more}"
    )


def _say_sum(step: Step) -> str:
    node = step.node
    done = len(arrivals(step)) == _edges_of(node)
    rest = (
        f"Everything that {node.label} influences has reported: its adjoint is {number(step.after)}."
        if done
        else f"{number(step.after)} so far; more will arrive."
    )
    return f"Arrivals at a shared node add up: {number(step.before)} + {number(step.amount)} = {number(step.after)}. {rest}"


def partial_label(child: Node, slot: int) -> str:
    """The local partial on an edge as a number, with the arithmetic that led to it where there was any: `2 · 3 = 6`."""
    op = child.primitive
    assert op is not None
    return number(child.partials[slot], 4)
