"""The local partial on an edge, explained: from the rule through the letters of this step to the number.

    role(child, slot)       what the operand is in its operation, in words: "a square", "left of a minus"
    chain(child, slot)      `∂(v3²)/∂v3 = 2 · v3 → 2 · 2 → 4`
    rule(child, slot)       a sentence on what the operation does in the reverse sweep

The table says the words and the derivatives; the names and the numbers are this graph's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..table.values import is_array
from ..text.expression import ATOM, names_in
from ..text.notation import PLAIN, Target, Token, num, number, partial, token_of
from .array_rules import is_ours, over, rule_formula, scaling, spread_axes
from .graph import Node

MOST_LETTERS = 9  # beside a pill


def slope_letter(child: Node, slot: int, target: Target) -> Token:
    """The local partial on an edge as a symbol."""
    return target.keyed(partial(child.label, child.parents[slot].label, target), _key(child, slot))


def slope_number(child: Node, slot: int, slope: Any, target: Target) -> Token:
    """The local partial on an edge as a number."""
    return target.keyed(slope_figure(child, slot, slope, target), _key(child, slot))


def slope_figure(child: Node, slot: int, slope: Any, target: Target) -> Token:
    """The same where nothing points at it; what no input changes is no slot."""
    return num(slope, target) if is_fixed(child, slot) else target.figure(slope, _key(child, slot))


def is_fixed(child: Node, slot: int) -> bool:
    """Whether a local partial is made of constants alone."""
    op = child.entry
    if not op.elementwise:
        return False
    moving = {x for x, parent in zip(op.args, child.parents, strict=False) if parent.op != "constant"}
    return names_in(child.slope_text(slot)).isdisjoint({"y", *moving})


def _key(child: Node, slot: int) -> str:
    return f"w{child.id}_{slot}"


def written_out(x: Any) -> bool:
    """Whether a number, or a node's, is shown as such: of a larger array only the shape is, which is no operand."""
    value = x.value if isinstance(x, Node) else x
    return value.__class__ is float or not is_array(value) or number(value).startswith("[")


def _stated(
    child: Node, slot: int, target: Target, numbers: bool, operands: Mapping[str, Token] | None = None
) -> Token:
    """The local partial as the table has it, with the names of the operands or with their numbers."""
    text = child.slope_text(slot)
    if not names_in(text):
        return token_of(text, target)
    own = child.shown(target) if numbers else child.letter(target)
    return token_of(text, target, {**(operands or child.operand_tokens(target, numbers)), "y": own})


def _has_letters(child: Node, slot: int) -> bool:
    """Whether the local partial is told in letters: what is a number anyway says it once."""
    text = child.slope_text(slot)
    return bool(names_in(text)) and not is_ours(text)


def _steps(child: Node, slot: int, target: Target, letters: Mapping[str, Token] | None = None) -> list[Token]:
    """Letters, numbers, result; `letters` has the operands' names, where they are known."""
    lettered = _has_letters(child, slot)
    small = lettered and all(map(written_out, (child, *child.parents)))
    stated = [_stated(child, slot, target, False, letters)] if lettered else []
    stated += [_stated(child, slot, target, True)] if small else []
    return [*stated, slope_number(child, slot, child.partials[slot], target)]


def partial_formula(child: Node, slot: int, target: Target = PLAIN) -> str:
    """The local partial on an edge as an equation: `∂v4/∂v3 = 2 · v3 = 2 · 2 = 4`."""
    if not child.entry.elementwise:
        return rule_formula(child, slot, target)
    return slope_letter(child, slot, target).text + target.op("=") + target.equal(_steps(child, slot, target))


def chain(child: Node, slot: int, target: Target = PLAIN) -> str:
    """Where the local partial on an edge comes from; "" where it is a map of whole arrays, which has a rule instead."""
    op = child.entry
    if not op.elementwise:
        return ""
    letters = child.operand_tokens(target) if op.name != "custom" else None
    of = token_of(op.text, target, letters) if letters is not None else child.tokens(target)
    by = child.parents[slot].letter(target)
    whole = of.text if of.binds == ATOM and not of.negative else target.bracket(of)
    start = target.keyed(target.derivative(Token(whole), by), _key(child, slot)).text
    steps = _steps(child, slot, target, letters)
    stated = _has_letters(child, slot) and target.equal(steps) != steps[-1].text
    return start + target.op("=" if stated else "→") + target.equal(steps, "→")


def role(child: Node, slot: int) -> str:
    """What an operand is in its operation, in words: "a square", "left of a minus"; "" where there is no such word."""
    roles = child.entry.roles
    return roles[min(slot, len(roles) - 1)] if roles else ""


def rule(child: Node, slot: int) -> str:
    """A sentence on what the operation does in the reverse sweep, in this graph's names if in any."""
    op = child.entry
    if op.rule:
        return op.rule
    if is_array(child.value) and is_array(child.partials[slot]):
        return "Each entry is multiplied by its own slope."
    words = role(child, slot)
    words = words[0].upper() + words[1:]
    if is_ours(op.partials[slot]):
        return f"{words}."
    return f"{words}: the local partial is {_stated(child, slot, PLAIN, False).text}."


def partial_letters(child: Node, slot: int) -> str:
    """The local partial in short letters, as the picture has it: `2v3`; "" of one that is a bare number or long."""
    op = child.primitive
    if op is None or not op.elementwise or not all(isinstance(n.value, int | float) for n in (child, *child.parents)):
        return ""
    if not _has_letters(child, slot):
        return ""
    text = re.sub(r"(?<!\w)(\d+) · (?=[^\W\d])", r"\1", _stated(child, slot, PLAIN, False).text)
    return text if len(text) <= MOST_LETTERS and re.search(r"[^\W\d_]", text) else ""


def in_letters(child: Node, slot: int, target: Target) -> str:
    """The local partial as the table has it, with the names of the operands."""
    return _stated(child, slot, target, False).text


def partial_label(child: Node, slot: int) -> str:
    """The local partial on an edge as a number, or a rule's short name, as short as the picture needs it."""
    partial, axes = child.partials[slot], spread_axes(child, slot)
    added = f"Σ {over(child, axes).removeprefix('the ')}" if axes else ""
    if isinstance(partial, np.ndarray):
        return ", ".join(part for part in (scaling(child, slot, partial), added) if part)
    if not isinstance(partial, str):
        shown = number(partial)
        return added if added and shown == "1" else f"{shown}, {added}" if added else shown
    called = dict(zip(child.entry.args, (p.label for p in child.parents), strict=False)) | {"y": child.label}
    return child.entry.label(slot, called)
