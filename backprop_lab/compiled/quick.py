"""Quick ways into a program of numbers, for who gives floats. Nothing here changes what a program answers.

`ENABLED = False` sends every call through `Program`, which looks at every number with care. A look at the result is
shorter than one at all arguments' values, and a comparison spelled out is shorter than a call.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from functools import lru_cache
from operator import countOf
from typing import Any

from ..derivatives.generated import inlined
from ..recording.tape import CONSTANT, INPUT
from ..source.functions import name_of
from ..table.table import BY_CODE
from ..text.expression import is_polynomial
from ..text.written import function_from
from .machine import Player

ENABLED = True
FEW = 4  # arguments up to here are looked at one by one


def for_floats(source: str) -> str:
    """A program as it runs on floats."""
    return inlined(source) if ENABLED else source


_QUICK = """def make(program, careful, trouble, floats):
    def {name}(*args, **named):
        if [*map(type, args)] == floats and not named:
            try:
                result = program(*args)
                if {good}:
                    return result
            except trouble:
                pass
        return careful(*args, **named)
    return {name}
"""
# The machine takes all that makes a float. Of what is no number, something refuses to, or makes the sum something else.
_PLAYED = """def make(player, careful, trouble, floats):
    lock = player.lock
    def {name}(*args, **named):
        if not named:
            try:
                with lock:
                    player.give(*args)
                    player.{run}()
                    value = player.found.value
                    {gradient}
                if value == value and sum(args).__class__ is float:
                    return {result}
            except Exception:
                pass
        return careful(*args, **named)
    return {name}
"""
# The program itself, where it is short: without the calls and the tuples between.
_SHORT = """def {name}({given}, /, *lab_more, **lab_named):
    if {types} and not lab_more and not lab_named:
        try:
            {body}
            if {good}:
                return {result}
        except lab_trouble:
            pass
    return lab_careful(*[x for x in ({inputs},) if x is not lab_missing], *lab_more, **lab_named)
"""
_POLYNOMIAL = {INPUT, CONSTANT, *(op.code for op in BY_CODE if is_polynomial(op.text))}


@lru_cache(maxsize=256)
def _maker(text: str, name: str) -> Any:
    """What makes such functions; programs share one, because Python takes long to read it."""
    return function_from(text, "make", {"countOf": countOf}, f"backprop_lab: {name}")


def quick(name: str, branch: Any, careful: Callable[..., Any], trouble: tuple[type[Exception], ...]) -> Any:
    """What a program's user calls: the branch's machine or its text, if floats come in and go out; else `careful`.

    A slope that is nan is the engine's business; there is none where a polynomial's value is finite. None for a result
    of some structure.
    """
    takes = len(branch.inputs)
    if not ENABLED or branch.depends or not branch.differentiable and (name == "value_and_grad" or not branch.flat):
        return None
    player: Player | None = branch.player
    if player is not None:
        run, gradient, result = "run_value", "pass", "value"
        if name == "value_and_grad":
            run, gradient = "run_both", f"{'gradient,' if takes == 1 else 'gradient'} = player.gradient()"
            result = "value, gradient"
        text, runs = _PLAYED.format(name=name, run=run, gradient=gradient, result=result), player
    elif takes <= FEW and branch.single:
        return _short(name, branch, careful, trouble)
    else:
        value, slopes = ("result", "") if name == "value" else ("result[0]", "result[1]")
        good = _good(name, branch.graph, value, slopes) if branch.single else _all_floats(branch.graph)
        text, runs = _QUICK.format(name=name, good=good), branch.functions[name]
    return _maker(text, name)(runs, careful, trouble, [float] * takes)


def _all_floats(graph: Any) -> str:
    outputs = len(graph.output_ids)
    return "type(result) is float" if outputs == 1 else f"countOf(map(type, result), float) == {outputs}"


def _good(name: str, graph: Any, value: str, slopes: str) -> str:
    """What is so of a result that is right: the value is a float, and no slope is nan."""
    if name == "value":
        return f"type({value}) is float"
    finite = f"{value} - {value} == 0.0"
    several = len(graph.input_names) > 1
    return f"type({value}) is float and " + (
        finite if _polynomial(graph) else f"(total := sum({slopes})) == total" if several else f"{slopes} == {slopes}"
    )


def _polynomial(graph: Any) -> bool:
    """Whether no slope can be nan where the value is finite."""
    codes = {code for (code, *_), needed in zip(graph.records, graph.needed, strict=True) if needed}
    return codes <= _POLYNOMIAL and all(math.isfinite(y) for code, *_, y in graph.records if code == CONSTANT)


class _Floats(ast.NodeTransformer):
    """Whole numbers as floats: Python takes three times as long where a float meets one."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(float(node.value)) if type(node.value) is int else node


def _short(name: str, branch: Any, careful: Callable[..., Any], trouble: tuple[type[Exception], ...]) -> Any:
    """The program with its look at the arguments and at the result, in one function."""
    functions = (part for part in ast.parse(for_floats(branch.source)).body if isinstance(part, ast.FunctionDef))
    definition = next(part for part in functions if part.name == name)
    *lines, last = _Floats().visit(definition).body
    body, inputs = [*map(ast.unparse, lines)], [arg.arg for arg in definition.args.args]
    value, *slopes = [last.value] if name == "value" else last.value.elts
    body.append(f"lab_value = {ast.unparse(value)}")
    good, result = "type(lab_value) is float", "lab_value"
    if slopes and _polynomial(branch.graph):
        good, result = "lab_value - lab_value == 0.0", f"lab_value, {ast.unparse(slopes[0])}"
    elif slopes:
        parts = slopes[0].elts if len(inputs) > 1 else slopes
        names = [f"lab_slope{k}" for k in range(len(parts))]
        body += [f"{x} = {ast.unparse(part)}" for x, part in zip(names, parts, strict=True)]
        body.append(f"lab_total = {' + '.join(names)}")
        good += " and lab_total == lab_total"  # a nan is the engine's business
        result += f", ({', '.join(names)})" if len(inputs) > 1 else ", lab_slope0"
    text = _SHORT.format(
        name=name,
        given=", ".join(f"{x}=lab_missing" for x in inputs),
        inputs=", ".join(inputs),
        types=f"float is {' is '.join(f'{x}.__class__' for x in inputs)}",
        body="\n            ".join(line for part in body for line in part.splitlines()),
        good=good,
        result=result,
    )
    space = branch.functions[name].__globals__ | {
        "lab_careful": careful,
        "lab_trouble": trouble,
        "lab_missing": object(),
    }
    return function_from(text, name, space, f"compiled {name_of(branch.graph.function)}, quick")
