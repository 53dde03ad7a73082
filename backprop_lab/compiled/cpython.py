"""Make functions of statements: how inputs come in, results go out, names are used again, and long ones are cut up.

All of this is about speed in CPython, and concerns programs that nobody reads from end to end. `function(...)` gives
the text of a function, `pack(...)` that of a tuple of results, `fast(...)` the function that a program's user calls.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import count
from operator import countOf
from typing import Any

from ..table.table import Primitive, primitives

__all__ = ["BLOCK", "LONG", "MANY", "WORD", "as_one", "fast", "for_floats", "function", "pack", "places"]

LONG = 80  # operations from which on speed counts for more than names
CHUNK = 4000  # statements in one Python function: its compiler needs more than linear time for very long ones
NEAR = 20  # a number that is needed for fewer statements than these gets a name of a kind of its own
FAST = 250  # names of a function that Python finds faster than the others, but for a few
SOME = 40  # inputs: more of them come as one tuple, because Python hands a tuple over faster than so many arguments
MANY = 500  # inputs: of more of them, only
BLOCK = 30  # neighbours are unpacked together when the first is needed; Python builds tuples up to this size at once
WORD = re.compile(r"\b[^\W\d]\w*")  # a name; not the e5 of 1e5


def as_one(inputs: list[str]) -> bool:
    """Whether the inputs come as one tuple."""
    return len(inputs) > SOME


def places(inputs: list[str]) -> dict[str, int]:
    """Where each input is in the one tuple, if they come in one."""
    return {name: k for k, name in enumerate(inputs)} if as_one(inputs) else {}


def pack(results: list[str], place: dict[str, int]) -> str:
    """A tuple; inputs that came in one tuple go out as slices of it where neighbours stay together."""
    parts: list[str] = []  # tuples
    loose: list[str] = []

    def close() -> None:
        parts.extend(f"({', '.join(loose[k : k + BLOCK])},)" for k in range(0, len(loose), BLOCK))
        loose.clear()

    k = 0
    while k < len(results):
        start, end = place.get(results[k], -9), k + 1
        step = place.get(results[end], -9) - start if start >= 0 and end < len(results) else 0
        while abs(step) == 1 and end < len(results) and place.get(results[end], -9) == start + step * (end - k):
            end += 1
        stop = start + step * (end - k)
        if end > k + 1:
            close()
            parts.append(f"args[{start}:{stop if stop >= 0 else ''}{':-1' if step < 0 else ''}]")
        else:
            loose.append(f"args[{start}]" if start >= 0 and len(place) > MANY else results[k])
        k = end
    if not parts and len(loose) <= BLOCK:
        return f"({', '.join(loose)}{',' * (len(loose) == 1)})"
    close()
    return " + ".join(parts) if len(parts) < 5 else f"({', '.join(f'*{part}' for part in parts)})"


def _with_few_names(inputs: list[str], lines: list[str]) -> list[str]:
    """The same statements with a name used again once its number is not needed any more.

    Nobody reads hundreds of lines, and a number that goes early makes room for the next one in Python's memory. Numbers
    that go soon have names of their own, which are then among those used most.
    """
    place = places(inputs) if len(inputs) > MANY else {}
    mentioned = [dict.fromkeys(WORD.findall(line)) for line in lines]
    last = {word: k for k, words in enumerate(mentioned) for word in words}
    fresh = {kind: (name for name in map(f"{kind}{{}}".format, count(1)) if name not in inputs) for kind in "st"}
    free: dict[str, list[str]] = {"s": [], "t": []}
    new: dict[str, str] = {}  # what each name that holds a number is called now
    written: list[str] = []

    def take(word: str, k: int) -> str:
        kind = "s" if last[word] - k < NEAR else "t"
        new[word] = free[kind].pop() if free[kind] else next(fresh[kind])
        return new[word]

    for k, (line, words) in enumerate(zip(lines, mentioned, strict=True)):
        target, sign, expression = line.partition(" = ") if " = " in line else ("", "", line)
        for word in words:
            if word in place and word not in new:
                start = place[word] - place[word] % BLOCK
                block = [take(w, k) if w in last else "_" for w in inputs[start : start + BLOCK]]
                written.append(f"[{', '.join(block)}] = args[{start}:{start + len(block)}]")
        expression = WORD.sub(lambda word: new.get(word[0], word[0]), expression)
        for word in words:
            if word in new and word != target and last[word] == k:
                name = new.pop(word)
                free[name[0]].append(name)
        if target and target not in new:
            take(target, k)
        written.append(f"{new.get(target, '')}{sign}{expression}")
    return written


def _begin(arguments: list[str], lines: list[str]) -> list[str]:
    """A statement that puts the names used most among a function's first 256, which Python finds faster than others."""
    if len(lines) < FAST // BLOCK:
        return []
    made = _made(lines)
    if len(made) + len(arguments) <= FAST:
        return []
    uses = Counter(WORD.findall("\n".join(lines)))
    often = [name for name in made.difference(arguments) if uses[name] > 5]
    first = sorted(often, key=lambda name: (-uses[name], name))[: FAST - len(arguments)]
    return [" = ".join([*first, "0.0"])] if first else []


def _joined(lines: list[str]) -> list[str]:
    """The same statements with `s1 = ...; t1 = t1 + s1` as one; Python need not look s1 up then."""
    written: list[str] = []
    for line in lines:
        target, sign, expression = line.partition(" = ")
        name, _, made = written[-1].partition(" = ") if written else ("", "", "")
        if sign and name.isidentifier() and name != target and expression == f"{target} + {name}":
            written[-1] = f"{target} = {target} + ({name} := {made})"
        else:
            written.append(line)
    return written


def _made(lines: list[str]) -> set[str]:
    """The names that statements give."""
    text = "\n".join(lines)
    targets = " ".join(_TARGETS.findall(text))
    return {*WORD.findall(targets), *_WITHIN.findall(text)}


_TARGETS = re.compile(r"^(\w+|\[.*?\]) = ", re.M)
_WITHIN = re.compile(r"\((\w+) := ")


def function(name: str, inputs: list[str], lines: list[str], result: str) -> str:
    """The text of one function; very long ones become a chain of parts that hand their names on in a list."""
    lines, together = [*lines, f"return {result}"], as_one(inputs)
    if len(lines) > LONG or len(inputs) > MANY:
        lines = _joined(_with_few_names(inputs, lines))
    if together and len(inputs) <= MANY:
        used = {*WORD.findall("\n".join(lines))}
        lines.insert(0, f"[{', '.join(name if name in used else '_' for name in inputs)}] = args")
    given = ["args"] if together else inputs
    if len(lines) <= CHUNK:
        return _def(name, given, lines)
    parts = [lines[k : k + CHUNK] for k in range(0, len(lines), CHUNK)]
    mentions = [dict.fromkeys(WORD.findall("\n".join(part))) for part in parts]
    last = {word: k for k, words in enumerate(mentions) for word in words}
    blocks: list[list[str]] = []  # the names whose numbers are in each place of the list
    where: dict[str, int] = {}
    text = ""
    for k, part in enumerate(parts):
        needed = sorted({where[n] for n in mentions[k] if n in where})
        load = [(b, [n if n in mentions[k] and where[n] == b else "_" for n in blocks[b]]) for b in needed]
        begin_part = [f"[{', '.join(names)}] = m[{b}]" for b, names in load]
        made = _made(part)
        here = [*(n for n in mentions[k] if n in made), *(() if k or together else inputs)]
        keep = [n for n in dict.fromkeys(here) if last.get(n, 0) > k]
        end_part = []
        for start in range(0, len(keep), BLOCK):
            block = keep[start : start + BLOCK]
            end_part.append(f"m[{len(blocks)}] = ({', '.join(block)},)")
            where |= dict.fromkeys(block, len(blocks))
            blocks.append(block)
        text += _def(f"{name}_part_{k + 1}", _handed(k, inputs), [*begin_part, *part, *end_part]) + "\n"
    calls = [f"{name}_part_{k + 1}({', '.join(_handed(k, inputs))})" for k in range(len(parts))]
    return text + _def(name, given, [f"m = [None] * {len(blocks)}", *calls[:-1], f"return {calls[-1]}"])


def _handed(k: int, inputs: list[str]) -> list[str]:
    """What part `k` of a function gets."""
    return ["m", "args"] if as_one(inputs) else ["m", *inputs] if k == 0 else ["m"]


def _def(name: str, arguments: list[str], lines: list[str]) -> str:
    return f"def {name}({', '.join(arguments)}):\n" + "".join(f"    {x}\n" for x in [*_begin(arguments, lines), *lines])


def _instead(op: Primitive) -> tuple[re.Pattern[str], str]:
    """A call of a function of Python with names, and the expression that stands for it."""
    operands = ", ".join([r"(\w+)"] * op.arity)
    places = {arg: rf"\{k}" for k, arg in enumerate(op.args, 1)}
    expression = WORD.sub(lambda word: places.get(word[0], word[0]), op.inline)
    return re.compile(rf"\b{op.name}\({operands}\)"), f"({expression})"


_INSTEAD = dict(_instead(op) for op in primitives.values() if op.inline)


def for_floats(source: str) -> str:
    """A program as it runs on floats: a call takes longer than a comparison."""
    for call, expression in _INSTEAD.items():
        source = call.sub(expression, source)
    return source


_FAST = """def {name}(*args, **named):
    if len(args) == {takes}{types} and not named:
        try:
            result = program({args})
            if {good}: return result
        except trouble: pass
    return carefully(*args, **named)
"""


def fast(name: str, inputs: list[str], outputs: int, all_floats: bool, finite: bool, space: dict[str, Any]) -> Any:
    """What a program's user calls: the program, if floats come in and floats come out; else `carefully`.

    A program that makes a float of all its results, if its value is one (`all_floats`), needs no look at all its
    arguments, which takes longer than a multiplication for each. The first one tells those who give NumPy's numbers.
    A slope that is nan is the engine's business; there is none where the value is `finite` by finite values alone.
    """
    types = " and type(args[0]) is float" if all_floats else " == countOf(map(type, args), float)"
    good = "type(result) is float" if outputs == 1 else f"countOf(map(type, result), float) == {outputs}"
    if name == "value_and_grad":
        rest = "(total := sum(result[1])) == total" if len(inputs) > 1 else "result[1] == result[1]"
        good = f"type(result[0]) is float and {'result[0] - result[0] == 0.0' if finite else rest}"
    given = "args" if as_one(inputs) else "*args"
    space = space | {"countOf": countOf}
    exec(_FAST.format(name=name, takes=len(inputs), types=types, args=given, good=good), space)
    return space[name]
