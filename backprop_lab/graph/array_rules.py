"""What an edge of arrays does in the reverse sweep, as the field writes it.

    rule_formula(child, slot)     `x̄ += W1ᵀ @ v̄1`, `W̄1 += v̄1 xᵀ`, `z̄ += ā ⊙ (1 − a²)`, `b̄ += sum(z̄, axis=0)`
    rule_words(child, slot)       the same in words, and what broadcasting had repeated

The rules are the table's texts with the student's names in them; only the sums that broadcasting asks for are added.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..table.table import STILL, Primitive, primitives
from ..table.values import is_array, shape_of
from ..text.expression import PRODUCT, calls_in
from ..text.notation import PLAIN, Target, Token, name, num, number, partial, token_of
from .graph import Node


def called(node: Node) -> str:
    """The node's name in a sentence: a bare number says that it is one."""
    return f"the constant {node.label}" if node.label == number(node.value) else node.label


def array_rule(child: Node, slot: int, target: Target) -> Token:
    """What an operation on arrays sends to an operand, in names: `W1ᵀ @ v̄1`, `ā ⊙ unit_step(z)`."""
    op = child.entry
    bar = child.bar(target)
    own = {"y": child.letter(target), "bar": bar}
    operands = child.operand_tokens(target) | own
    if op.name == "transpose" and child.operands[-1] == (1, 0):
        sent = target.transposed(bar)
    elif op.pieces is not None:
        count = len(child.parents)
        key = op.pieces(child.operands[:count], *child.operands[count:])[slot]
        sent = target.call("index", [bar, num(key, target)])
    elif not op.elementwise:
        sent = token_of(op.pulls[0 if op.variadic else slot], target, operands)
    elif op.partials[slot] in ("1", "-1"):
        sent = bar if op.partials[slot] == "1" else token_of("-bar", target, operands)
    else:
        text = child.slope_text(slot)
        alone = is_ours(text)  # then the slope's symbol says more
        slope = partial(child.label, child.parents[slot].label, target) if alone else token_of(text, target, operands)
        entrywise = is_array(child.value) and is_array(child.partials[slot])
        slope = Token(target.bracket(slope)) if entrywise and slope.binds <= PRODUCT else slope
        sent = target.infix("⊙" if entrywise else "·", bar, slope, PRODUCT)
    axes = spread_axes(child, slot)
    return added_up(sent, child, axes, target) if axes else sent


@lru_cache(maxsize=4096)
def is_ours(text: str) -> bool:
    """Whether a text asks a function that only the table has, such as `wins`: its name is no word of a student's."""
    return any(name in primitives and primitives[name].family == "slopes" for name in calls_in(text))


def spread_axes(child: Node, slot: int) -> tuple[int, ...]:
    """The axes of the result along which NumPy had repeated an operand: what comes back is added up over them."""
    op = child.entry
    if child.value.__class__ is float:
        return ()
    have, want = shape_of(child.value), shape_of(child.parents[slot].value)
    if op.name == "matmul":
        have, want = have[:-2], want[:-2]
    elif not op.elementwise and op.name != "where":
        return ()
    lead = len(have) - len(want)
    stretched = (lead + k for k, n in enumerate(want) if n == 1 != have[lead + k])
    return (*range(lead), *stretched)


def added_up(token: Token, child: Node, axes: tuple[int, ...], target: Target) -> Token:
    """The token inside a sum over axes."""
    every = len(axes) == len(shape_of(child.value))
    along = [] if every else [name(f"axis={axes[0] if len(axes) == 1 else axes}", target)]
    return target.call("sum", [token, *along])


def over(child: Node, axes: tuple[int, ...]) -> str:
    """Axes of a value in words."""
    if len(axes) == len(shape_of(child.value)):
        return "all entries"
    return f"axis {axes[0]}" if len(axes) == 1 else f"the axes {', '.join(map(str, axes))}"


def say_spread(child: Node, slot: int) -> str:
    """A sentence on what broadcasting does to what comes back."""
    axes = spread_axes(child, slot)
    if not axes:
        return ""
    operand = called(child.parents[slot])
    return f" Broadcasting had repeated {operand}, so what comes back is summed over {over(child, axes)}."


def is_notated(op: Primitive, slot: int) -> bool:
    """Whether a rule can be read as a formula; else its sentence tells it."""
    text = op.pulls[0 if op.variadic else slot]
    return op.pieces is not None or all(
        name == "T" or name in primitives and primitives[name].notated for name in calls_in(text)
    )


def rule_formula(child: Node, slot: int, target: Target = PLAIN) -> str:
    """What an edge of arrays does in the reverse sweep, in names: `x̄ += W1ᵀ @ v̄1`, `b̄ += sum(z̄, axis=0)`."""
    op = child.entry
    sent = array_rule(child, slot, target) if op.moves(slot) else num(0.0, target)
    return child.parents[slot].bar(target).text + target.op("+=") + sent.text


def rule_words(child: Node, slot: int) -> str:
    """The rule of an edge of arrays in words; "" where only numbers flow."""
    op = child.entry
    if not (is_array(child.value) or is_array(child.parents[slot].value)):
        return ""
    if not op.moves(slot):
        return STILL
    own = "Each entry is multiplied by its own slope." if is_array(child.partials[slot]) else ""
    return f"{op.rule or own}{say_spread(child, slot)}".strip() or "The adjoint goes back by this rule."


def scaling(child: Node, slot: int, partial: np.ndarray) -> str:
    """The local partials of an elementwise operation on arrays: `⊙ [1, 0, 1]`, `⊙ W`, `⊙ (1 − a²)`, `⊙`."""
    if partial.size <= 3:
        return f"⊙ {number(partial, 3)}"
    own = {"y": child.letter(PLAIN)}
    token = token_of(child.slope_text(slot), PLAIN, child.operand_tokens(PLAIN) | own)
    text = token.text if token.binds > PRODUCT and not token.negative else f"({token.text})"
    return f"⊙ {text}" if len(text) <= 12 else "⊙"
