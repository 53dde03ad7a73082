"""What the parts of a folded graph are called: layers, neurons and turns as the code calls them, in its order.

Where `h = layer(W, x)` stands twice, and makes `[neuron(w, x) for w in W]`, there are "layer 1: 16 neurons" and
"layer 2: 16 neurons"; their rows are called by what receives them, h[0], h[1] …, then h_2[0] …. The turns of other
loops are turn 1, turn 2 …; where each is a call and no more, neuron 1, neuron 2 ….
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from .outline import Part, turns_in

ENTRY = re.compile(r"(?P<of>.*)\[(?P<first>\d+)(?: … (?P<last>\d+))?\]")  # of a list, or some of these
NUMBER = re.compile(r".*\D(?=\d+$)")  # what stands before the number of a turn


def named(parts: Sequence[Part]) -> None:
    """Give each part its name; the parts come with those around them first."""
    _tell_apart(parts)
    for part in parts:
        if part.kind != "bundle" and part.parts:
            _name_turns(part)
    for part in reversed(parts):
        turns = [*turns_in(part)] if part.kind == "bundle" else []
        if turns and all(turn.turn for turn in turns):
            ends = [turn.label.partition(":")[0] for turn in (turns[0], turns[-1])]
            listed = ends[0][-1] == "]"
            part.label = span(*ends) if listed else f"{ends[0]} to {NUMBER.sub('', ends[1])}"


def _tell_apart(parts: Sequence[Part]) -> None:
    """Calls of one function side by side that give the same name are numbered; else the second of a name has a 2."""
    calls = Counter((part.parent, _call(part)) for part in parts if _call(part))
    seen: Counter[tuple[Part | None, str]] = Counter()
    for part in parts:
        call = _call(part)
        name, _, rest = call.partition(" = ")
        name = name or (part.receives or "" if part.listed and not part.turn else "")
        if not name:
            continue
        seen[part.parent, name] += 1
        if (count := seen[part.parent, name]) > 1:
            part.receives = f"{name}_{count}"
        if call and calls[part.parent, call] > 1:
            seen[part.parent, call] += 1
            part.label = f"{rest} {seen[part.parent, call]}{part.label.removeprefix(call)}"
        elif call and count > 1:
            part.label = f"{name}_{count} = {rest}{part.label.removeprefix(call)}"


def _call(part: Part) -> str:
    """What a part that is a call, and no turn, begins with: `h = layer`."""
    name, sign, rest = part.label.partition(" = ")
    return f"{name} = {rest.partition(', ')[0]}" if sign and name.isidentifier() and not part.turn else ""


def _name_turns(part: Part) -> None:
    """Name the turns of a loop, and the loop by them."""
    turns = [*turns_in(part)]
    if len(turns) < 2 or not all(turn.turn for turn in turns):
        return
    listed = part.receives if part.listed else None
    if listed and part.turn > 1:
        listed = f"{listed}_{part.turn}"
    functions = {turn.function for turn in turns}
    function = functions.pop() if len(functions) == 1 else ""
    old = f", {len(turns)} turns"
    if part.label.endswith(old) and (function or listed):
        called = several(len(turns), function or "entry")
        around = part.label.removesuffix(old)
        own = around.removesuffix("loop").removesuffix(": ") or ("" if function else part.receives)
        part.label = f"{own}: {called}" if own else called
    for turn in turns:
        name, _, rest = turn.label.partition(": ")
        if listed:
            turn.label = f"{listed}[{turn.turn - 1}]"
        elif function and name == f"turn {turn.turn}":
            inside = rest.partition(" = ")[2] or rest
            turn.label = f"{function} {turn.turn}{inside.removeprefix(function)}"


def several(count: int, thing: str) -> str:
    """So many of something, whose name is a function's: 16 neurons, 3 × Layer.forward."""
    if not thing.isidentifier() or not thing[-1].isalpha():
        return f"{count} × {thing}"
    if thing.endswith("y") and thing[-2:-1] not in "aeiou":
        return f"{count} {thing[:-1]}ies"
    return f"{count} {thing}{'es' if thing[-1] in 'sx' else 's'}"


def span(first: str, last: str) -> str:
    """From one name to another: w[0] and w[9] are w[0 … 9]."""
    a, b = ENTRY.fullmatch(first), ENTRY.fullmatch(last)
    if a and b and a["of"] == b["of"]:
        return f"{a['of']}[{a['first']} … {b['last'] or b['first']}]"
    return f"{first} … {last}"
