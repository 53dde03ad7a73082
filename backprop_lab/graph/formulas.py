"""A formula and a sentence for every step, with this step's numbers in them.

`formula(step)` gives plain text, or MathML or LaTeX with another target of `notation`. The player shows both, and
screen readers read the sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from ..table.values import is_array
from ..text import slots
from ..text.expression import PRODUCT, SUM
from ..text.notation import PLAIN, Target, Token, in_words, listed, number, token_of
from .array_rules import added_up, array_rule, called, is_notated, say_spread, spread_axes
from .graph import Node
from .slopes import rule, slope_figure, slope_letter, slope_number, written_out

MOST_NAMED = 6  # operands with their numbers in one sentence
BEFORE, AMOUNT, AFTER = "B", "M", "A"  # slots for a step's own numbers


class Told(NamedTuple):
    """What is told of a step: `sweeps.Step` says what each of it is."""

    kind: str
    node: Node
    edge: Any
    reads: tuple[Node, ...]
    before: Any
    after: Any
    amount: Any
    partials: tuple[Any, ...]
    cost: Any
    sweep: Any


def formula(step: Told, target: Target = PLAIN) -> str:
    """The step as an equation: name, symbols, numbers, result."""
    return _TELLING[step.kind][0](step, target)


def _equation(target: Target, left: Token, *rights: Token, sign: str = "=") -> str:
    return left.text + target.op(sign) + target.equal(rights)


def _value(step: Told, target: Target) -> str:
    node = step.node
    if node.primitive is None:
        return _equation(target, node.letter(target), node.shown(target))
    plugged = [node.tokens(target, numbers=True)] if all(map(written_out, node.parents)) else []
    return _equation(target, node.letter(target), node.tokens(target), *plugged, node.shown(target))


def _own(node: Node, x: Any, target: Target, slot: str = "") -> Token:
    """A number that is, or becomes a part of, a node's adjoint or tangent: all of it, if `slot` does not say which."""
    return target.keyed(target.figure(x, slot or f"a{node.id}"), f"a{node.id}")


def _seed(step: Told, target: Target) -> str:
    left = step.node.dot(target) if step.sweep.mode == "tangent" else step.node.bar(target)
    return _equation(target, left, _own(step.node, step.after, target, AFTER))


def _tangent(step: Told, target: Target) -> str:
    node, dots = step.node, step.sweep.numbers
    symbols, numbers, small = [], [], True
    if any(isinstance(slope, str) for slope in step.partials):
        return _tangent_of_arrays(step, target)
    for slot, (parent, slope) in enumerate(zip(node.parents, step.partials, strict=True)):
        if parent.op != "constant":  # a constant does not move, and its 0 would only be in the way
            sign = "⊙" if is_array(slope) and is_array(dots[parent.id]) else "·"
            symbols.append(target.infix(sign, slope_letter(node, slot, target), parent.dot(target), PRODUCT))
            plugged = slope_number(node, slot, slope, target), _own(parent, dots[parent.id], target)
            numbers.append(target.infix(sign, *plugged, PRODUCT))
            small = small and written_out(slope) and written_out(dots[parent.id])
    right = _total(symbols, target) + (_total(numbers, target) if small else [])
    return _equation(target, node.dot(target), *right, _own(node, step.after, target, AFTER))


def _tangent_of_arrays(step: Told, target: Target) -> str:
    """The tangent of a map of whole arrays: one term for each operand that moves."""
    node, op, terms = step.node, step.node.entry, []
    for slot, parent in enumerate(node.parents[:1] if op.variadic else node.parents):
        if parent.op != "constant" and op.moves(slot):
            dots = [p.dot(target) for p in node.parents]
            own = {"y": node.letter(target), "dot": listed(dots, target) if op.variadic else dots[slot]}
            terms.append(token_of(op.pushes[slot], target, node.operand_tokens(target) | own))
    return _equation(target, node.dot(target), *_total(terms, target), _own(node, step.after, target))


def _total(terms: list[Token], target: Target) -> list[Token]:
    """The sum of some terms, if there are any."""
    return [reduce(lambda a, b: target.infix("+", a, b, SUM), terms)] if terms else []


def _contribution(step: Told, target: Target) -> str:
    child, slot = step.edge
    incoming = step.sweep.numbers[child.id]
    left, amount = step.node.bar(target), _own(step.node, step.amount, target, AMOUNT)
    if isinstance(step.partials[0], str):  # a map of whole arrays: its rule, with the names in the operands' places
        return _equation(target, left, array_rule(child, slot, target), amount, sign="+=")
    sign = "⊙" if is_array(incoming) and is_array(step.partials[0]) else "·"
    symbols = target.infix(sign, child.bar(target), slope_letter(child, slot, target), PRODUCT)
    plugged = _own(child, incoming, target), slope_number(child, slot, step.partials[0], target)
    numbers = target.infix(sign, *plugged, PRODUCT)
    axes = spread_axes(*step.edge)
    if axes:
        symbols, numbers = (added_up(t, child, axes, target) for t in (symbols, numbers))
    small = [numbers] if written_out(incoming) and written_out(step.partials[0]) else []
    return _equation(target, left, symbols, *small, amount, sign="+=")


def _sum(step: Told, target: Target) -> str:
    parts = (step.before, BEFORE), (step.amount, AMOUNT), (step.after, AFTER)
    before, amount, after = (_own(step.node, x, target, slot) for x, slot in parts)
    return _equation(target, step.node.bar(target), target.infix("+", before, amount, SUM), after)


def _earlier(step: Told) -> list[tuple[int, int, Any]]:
    """What reached this step's node through other edges before, as in `Sweep.arrivals`."""
    return step.sweep.before(step.node.id, step.edge[0].id, step.edge[1])


def _uses(step: Told) -> int:
    """How many contributions the step's node gets in all."""
    return len(step.sweep.arrivals[step.node.id])


def _often(step: Told) -> str:
    return "twice" if _uses(step) == 2 else f"{_uses(step)} times"


def sentence(step: Told, target: Target = PLAIN) -> str:
    """The step in words, for the caption under the formula and for screen readers."""
    said = _TELLING[step.kind][1](step, target)
    return said if step.node.graph.theirs is None else said + _say_theirs(step)


def _say_theirs(step: Told) -> str:
    """What somebody else's code has for an adjoint that is complete now."""
    graph, id = step.node.graph, step.node.id
    theirs = graph.theirs.get(id)
    arrived = len(_earlier(step)) + 1 if step.edge is not None else 0
    if theirs is None or step.kind == "value" or step.sweep.mode != "adjoint" or arrived != _came(step):
        return ""
    if step.kind == "contribution" and arrived > 1:
        return ""  # the sum comes next
    return f" Theirs is {number(theirs)}: it differs." if id in graph.differing else " Theirs is the same."


def _came(step: Told) -> int:
    return len(step.sweep.arrivals.get(step.node.id, ()))


def _say_value(step: Told, target: Target) -> str:
    node = step.node
    value = node.number(target).text
    if node.op == "input":
        return f"{node.label} is an input: you gave it the value {value}."
    operands = [(p.label, p.number(target).text) for p in dict.fromkeys(node.parents)]
    known = [f"{label} = {shown}" for label, shown in operands if label != shown]
    if len(known) > MOST_NAMED:
        known[MOST_NAMED - 1 :] = [f"{len(known) - MOST_NAMED + 1} more"]
    given = f"{in_words(known)} {'are' if len(known) > 1 else 'is'} known, so " if known else ""
    text = f"{given}{node.label} can be computed: {value}."
    note = node.graph.notes.get(node.id) if not target.slots else None  # the page says what is to be noted then
    text += f" {note.sentence}." if note is not None and note.kind not in ("theirs", "first") else ""
    return text[0].upper() + text[1:] if not known else text


def _say_seed(step: Told, target: Target) -> str:
    node = step.node
    if step.sweep.mode == "tangent":
        if not np.any(step.after):
            return f"{node.label} is held still: its rate of change is 0."
        first = np.ravel(step.after)[0]
        if is_array(step.after) and np.all(step.after == first):
            return f"{node.label} is the input we move: each of its entries changes at rate {number(first)}."
        return f"{node.label} is the input we move: it changes at rate {number(step.after)}."
    if step.after.__class__ is float and step.after == 1:
        known = f"{node.label} changes one for one with itself, so its adjoint is 1"
        return f"The reverse sweep starts at the output: {known}."
    return f"The reverse sweep starts at the output {node.label} with the seed {number(step.after)}."


def _say_tangent(step: Told, target: Target) -> str:
    node, after = step.node, target.figure(step.after, AFTER).text
    several = sum(p.op != "constant" for p in node.parents) > 1
    rule, comma = "The operand's rate times the local partial", ""
    if several:
        rule, comma = "Each operand's rate times its local partial, added up", ","
    # True also where operands move and their shares cancel, or the partial is 0.
    still = f"{node.label} does not move. {rule}{comma} is 0."
    moves = f"{rule}: {node.label} changes at rate {after}."
    if any(isinstance(slope, str) for slope in step.partials):  # a map of whole arrays multiplies by no slope
        still = f"{node.label} does not move. What comes through this operation is 0."
        tangents = "operands' tangents become" if several else "operand's tangent becomes"
        moves = f"Pushed through this operation, the {tangents} that of {node.label}: {after}."
    elif not written_out(step.after):
        moves = f"{rule}{comma} gives the tangent of {node.label}: {after}."
    if not np.any(step.after) and not target.slots:
        return still
    return slots.either(f"0{AFTER}", still, moves) if target.slots else moves


def _say_contribution(step: Told, target: Target) -> str:
    child, node = step.edge[0], step.node
    earlier = _earlier(step)
    sends = target.figure(step.amount, AMOUNT).text
    if earlier:
        nodes = node.graph.nodes
        came = [(target.figure(x, f"c{id}_{slot}").text, nodes[id].label) for id, slot, x in earlier[-3:]]
        arrive = "arrives" if written_out(step.amount) else "arrive"  # 2×3 numbers do
        so_far = in_words([f"{amount} came from {sender}" for amount, sender in came])
        return (
            f"{called(node)} is used {_often(step)}: {so_far}, and now {sends} {arrive} from {child.label}. "
            "Next: their sum."
        )
    op, slot = child.entry, step.edge[1]
    spread = say_spread(child, slot)
    if isinstance(step.partials[0], str):
        sent = f"{array_rule(child, slot, PLAIN).text} = " if is_notated(op, slot) else ""
        return f"{op.rule} {child.label} sends {sent}{sends} to {called(node)}.{spread}"
    incoming = step.sweep.numbers[child.id]
    factors = target.figure(incoming, f"a{child.id}"), slope_figure(child, slot, step.partials[0], target)
    sign = "⊙" if is_array(incoming) and is_array(step.partials[0]) else "·"
    small = written_out(incoming) and written_out(step.partials[0]) and not spread
    product = (target.infix(sign, *factors, PRODUCT) if small else array_rule(child, slot, PLAIN)).text
    more = f" {called(node)} is used {_often(step)}, so more will arrive." if _uses(step) > 1 else ""
    return f"{rule(child, slot)} {child.label} sends {product} = {sends} to {called(node)}.{spread}{more}"


def _say_sum(step: Told, target: Target) -> str:
    after = target.figure(step.after, AFTER).text
    rest = f"{after} so far; more will arrive."
    if len(_earlier(step)) + 1 == _uses(step):
        shared = called(step.node)
        rest = f"Everything that {shared} influences has reported: this is the adjoint of {shared}."
    if not written_out(step.after):
        rest = rest if rest[0] == "E" else "More will arrive."
        return f"Arrivals at a shared node add up, entry by entry. {rest}"
    added = target.figure(step.before, BEFORE), target.figure(step.amount, AMOUNT)
    return f"Arrivals at a shared node add up: {target.infix('+', *added, SUM).text} = {after}. {rest}"


_TELLING: dict[str, tuple[Callable[[Told, Target], str], Callable[[Told, Target], str]]] = {
    "value": (_value, _say_value),
    "seed": (_seed, _say_seed),
    "tangent": (_tangent, _say_tangent),
    "contribution": (_contribution, _say_contribution),
    "sum": (_sum, _say_sum),
}
