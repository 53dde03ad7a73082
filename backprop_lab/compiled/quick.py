"""Quick ways into a program of numbers, for who gives floats. Nothing here changes what a program answers.

`ENABLED = False` sends every call through `Program`, which looks at every number with care. A look at the result is
shorter than one at all arguments' values, and a comparison spelled out is shorter than a call.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from operator import countOf
from typing import Any

from ..derivatives.generated import inlined
from ..recording.tape import CONSTANT, INPUT
from ..table.table import BY_CODE
from ..text.expression import is_polynomial
from ..text.written import function_from
from .machine import Player

ENABLED = True
FEW = 4  # arguments up to here are looked at one by one


def for_floats(source: str) -> str:
    """A program as it runs on floats."""
    return inlined(source) if ENABLED else source


_QUICK = """def make(program, careful, trouble):
    def {name}(*args, **named):
        if len(args) == {takes} and not named and {types}:
            try:
                result = program(*args)
                if {good}:
                    return result
            except trouble:
                pass
        return careful(*args, **named)
    return {name}
"""
_PLAYED = """def make(play, careful, trouble):
    def {name}(*args, **named):
        if len(args) == {takes} and not named and {types}:
            ended, result = play(args)
            if not ended:
                return {result}
        return careful(*args, **named)
    return {name}
"""
_POLYNOMIAL = {INPUT, CONSTANT, *(op.code for op in BY_CODE if is_polynomial(op.text))}


@lru_cache(maxsize=256)
def _maker(text: str, name: str) -> Any:
    """What makes such functions; programs of as many inputs share one, because Python takes long to read it."""
    return function_from(text, "make", {"countOf": countOf}, f"backprop_lab: {name}")


def quick(name: str, branch: Any, careful: Callable[..., Any], trouble: tuple[type[Exception], ...]) -> Any:
    """What a program's user calls: the branch's machine or its text, if floats come in and go out; else `careful`.

    A slope that is nan is the engine's business; there is none where a polynomial's value is finite. None for a result
    of some structure.
    """
    takes = len(branch.inputs)
    if not ENABLED or branch.depends or not branch.differentiable and (name == "value_and_grad" or not branch.flat):
        return None
    types = f"countOf(map(type, args), float) == {takes}"
    if takes <= FEW:
        types = " and ".join(f"type(args[{k}]) is float" for k in range(takes))
    player: Player | None = branch.player
    if player is not None:
        alone = name == "value_and_grad" and takes == 1
        text = _PLAYED.format(
            name=name, takes=takes, types=types, result="(result[0], result[1][0])" if alone else "result"
        )
        return _maker(text, name)(player.value if name == "value" else player.both, careful, trouble)
    text = _QUICK.format(name=name, takes=takes, types=types, good=_good(name, branch.graph, takes))
    return _maker(text, name)(branch.functions[name], careful, trouble)


def _good(name: str, graph: Any, takes: int) -> str:
    """What is so of a result that is right: it is made of floats, and no slope is nan."""
    outputs = len(graph.output_ids)
    if name == "value":
        return "type(result) is float" if outputs == 1 else f"countOf(map(type, result), float) == {outputs}"
    codes = {code for (code, *_), needed in zip(graph.records, graph.needed, strict=True) if needed}
    finite = all(math.isfinite(y) for code, _, _, _, _, y in graph.records if code == CONSTANT)
    good = "(total := sum(result[1])) == total" if takes > 1 else "result[1] == result[1]"
    good = "result[0] - result[0] == 0.0" if codes <= _POLYNOMIAL and finite else good
    return f"type(result[0]) is float and {good}"
