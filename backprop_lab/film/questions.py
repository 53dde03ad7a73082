"""What a film asks: for each step the number to predict, and what the likely wrong numbers are the answer to.

`questions(steps)` asks for the numbers that the steps write, `questions(steps, "partials")` for the local partials that
they use.

Everything is worked out here, once, and sent along as data: the browser only compares numbers. Of an array of up to six
entries the entries are asked for, of a larger one the shape. The shape of an answer is told apart from its numbers:
`shapes` has what is said to the shapes that are easily taken for the right one, `fits` what is said to any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..drawing.heat import FEW
from ..errors import ArgumentError
from ..graph.array_rules import called, is_notated, rule_formula
from ..graph.entries import Entries
from ..graph.graph import Node
from ..graph.sweeps import Step
from ..mistakes.diagnosis import shape_words, slopes_on_edge, tolerance, turns_on_edge
from ..mistakes.sweep import Reverse, same
from ..table.values import is_array, is_bool, shape_of
from ..text.notation import in_words, number
from ..text.slots import Named, either, is_named, named
from .figures import figured

NEAR = tolerance(4)  # a prediction may be rounded to four significant digits
Wrong = list[tuple[str, Any, str]]  # name, number or array, sentence


def questions(
    steps: list[Step],
    ask: bool | str = True,
    live: bool = False,
    entries: Entries | None = None,
    sweep: Reverse | None = None,
) -> list[dict[str, Any] | None]:
    """For each step, the question before it, or None where there is nothing to predict.

    With `ask` "partials", the local partials that a contribution or a tangent uses are asked for, where they are a few
    numbers; of several in one step the next one is the question's `then`. An operand that stands still has none.
    A question has the text's key, what it wants ("number", "array" or "shape"), the right answer, how near is near
    enough, words that ask, a first help, and the wrong turns: answer, name and sentence. Not asked for are: what is not
    finite, the outcome of a comparison, and a shape that has been seen just before. For a page that follows other
    inputs (`live`) texts are templates and numbers names, for all that might be asked (`figures.py`);
    of small arrays with the `entries` of their graph.
    """
    sweep = sweep or reverse_of(steps)
    truths = [is_bool(step.after) for step in steps]
    if live:
        steps, sweep = figured(steps, sweep, entries)
    about = _about_partials if ask == "partials" else _question
    return [None if outcome else about(step, sweep) for step, outcome in zip(steps, truths, strict=True)]


def reverse_of(steps: list[Step]) -> Reverse | None:
    """The reverse sweep from which misconceptions are told."""
    try:
        return Reverse(steps[0].node.graph) if steps else None
    except ArgumentError:  # several outputs, or values that are not numbers: no misconceptions are known there
        return None


def chained(question: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    """A step's questions, one after another."""
    while question is not None:
        yield question
        question = question.get("then")


def turns(steps: list[Step]) -> dict[str, Any]:
    """For "you are the reverse sweep": at which steps a node begins to send, and who must have reported before.

    `turns` has for each step the number of the node whose turn begins there, or None; `waits` for each node the
    numbers of those that it influences, as far as they lead to the output.
    """
    begins: list[int | None] = []
    waits: dict[int, list[int]] = {}
    last = None
    for step in steps:
        child = step.edge[0].id if step.edge is not None and step.kind == "contribution" else last
        begins.append(child if child != last and step.kind == "contribution" else None)
        last = child
        if step.kind == "contribution" and step.edge is not None:
            waits.setdefault(step.node.id, []).append(step.edge[0].id)
    return {"turns": begins, "waits": waits}


def _question(step: Step, sweep: Reverse | None) -> dict[str, Any] | None:
    right = step.amount if step.kind == "contribution" else step.after
    if step.node.primitive is None and step.kind == "value":
        return None
    if not (is_array(right) or isinstance(right, float | int | Named)):
        return None
    known = is_named(right) or np.all(np.isfinite(right))
    if not known or step.kind == "seed" and step.sweep.mode == "tangent":
        return None  # what moves is chosen, not computed
    key = "p" if step.kind == "value" else "a"
    question = {"key": f"{key}{step.node.id}", "near": NEAR}
    if is_array(right):
        question |= _about_shape(step, right.shape)
    if _is_large(right):
        words = _shape_question(step)
        return words and question | words | {"wants": "shape", "right": list(right.shape), "wrong": []}
    ways = {"value": _value, "seed": _seed, "tangent": _tangent, "contribution": _contribution, "sum": _sum}
    return question | _posed(right, ways[step.kind](step, sweep))


def _about_partials(step: Step, sweep: Reverse | None) -> dict[str, Any] | None:
    """The questions for the local partials that a step uses."""
    if step.kind == "contribution" and step.edge is not None:
        child, slot = step.edge
        return _about_partial(step, child, slot, sweep)
    if step.kind != "tangent":
        return None
    dots, first = step.sweep.numbers, None
    for slot, parent in reversed(list(enumerate(step.node.parents))):
        dot = dots[parent.id]
        found = _about_partial(step, step.node, slot, sweep) if is_named(dot) or np.any(dot) else None
        found = found and found | ({"moves": _plain(dot)} if is_named(dot) else {})
        first = found | ({"then": first} if first else {}) if found else first
    return first


def _about_partial(step: Step, child: Node, slot: int, sweep: Reverse | None) -> dict[str, Any] | None:
    """The question for the local partial on one edge: of a map of whole arrays it is a rule, no number."""
    right = child.partials[slot]
    if is_array(right) and _is_large(right) or isinstance(right, str | complex):
        return None
    if not is_named(right) and not np.all(np.isfinite(right)):
        return None
    of_shape = _about_slope(child, right.shape) if is_array(right) else {}
    return {"key": f"w{child.id}_{slot}", "near": NEAR, **of_shape, **_posed(right, _partial(step, child, slot, sweep))}


def _posed(right: Any, asked: Asked) -> dict[str, Any]:
    """A question for a number or the entries of an array."""
    asks, help, wrong = asked
    wants = "array" if is_array(right) else "number"
    return {"wants": wants, "right": _plain(right), "asks": asks, "help": help, "wrong": _told(wrong, right)}


def _plain(x: Any) -> Any:
    if is_named(x) and is_array(x):
        return list(map(_plain, x))
    return x.tolist() if is_array(x) else x.name if isinstance(x, Named) else float(x)


def _told(wrong: Wrong, right: Any) -> list[list[Any]]:
    """The wrong turns as data, each answer once, without those that are right up to rounding."""
    told: dict[str, list[Any]] = {}
    for name, x, sentence in wrong:
        if is_array(x) > is_array(right):  # nobody types an array for a number
            continue
        if is_named(x) or is_named(right):
            entries = np.ravel(np.asarray(x, dtype=object))
            if named(x) != named(right) and all(isinstance(y, Named) or math.isfinite(y) for y in entries):
                told.setdefault(named(x), [_plain(x), name, sentence])
            continue
        if not (is_array(x) or isinstance(x, float | int)) or not np.all(np.isfinite(x)) or same(x, right, NEAR):
            continue
        if shape_of(x) != shape_of(right) or not np.all(np.abs(x - right) <= 1e-9):
            told.setdefault(str(_plain(x + 0.0)), [_plain(x), name, sentence])  # −0 is 0
    return list(told.values())


Asked = tuple[str, str, Wrong]


def _listed(nodes: tuple[Node, ...]) -> str:
    return in_words([f"{n.label} = {number(n.value)}" for n in dict.fromkeys(nodes) if n.label != number(n.value)])


def _says(name: str, x: Any, words: str) -> tuple[str, Any, str]:
    return name, x, f"{number(x)} {words}"


def _ratio(a: Any, b: Any) -> Any:
    return a / b if isinstance(b, Named) or np.all(b) else math.inf


_RESULTS = {"+": "sum", "-": "difference", "*": "product", "/": "quotient"}


def _value(step: Step, sweep: Reverse | None) -> Asked:
    node = step.node
    known = _listed(node.parents)
    wrong: Wrong = _other_products(node)
    op = node.primitive
    if op is not None and op.arity == 2 and op.sign in _RESULTS:
        a, b = (p.value for p in node.parents)
        others = {"sum": a + b, "difference": a - b, "product": a * b, "quotient": _ratio(a, b)}
        own = _RESULTS[op.sign]
        for name, x in others.items():
            wrong.append(_says(f"{name} for {own}", x, f"is the {name} of the operands; {node.label} is their {own}."))
        if op.sign in "-/":
            turned = b - a if op.sign == "-" else _ratio(b, a)
            wrong.append(_says("operands swapped", turned, "comes out with the operands the other way round."))
    if op is not None and op.arity == 1 and op.sign == "**":
        x, n = node.operands[0], op.raised_to(node.operands)
        words = f"is {number(n)} times {number(x)}; a power multiplies {node.parents[0].label} by itself."
        wrong.append(_says("power read as product", n * x, words))
    help = f"You know {known}." if known else "All operands are known."
    return f"What is {node.label} = {node.formula}?", help, wrong


def _seed(step: Step, sweep: Reverse | None) -> Asked:
    label = step.node.label
    words = f"is the value of {label}; it changes as fast as itself."
    return (
        f"The reverse sweep begins. How fast does {label} change with itself?",
        "When a number grows a little, it grows by just as much.",
        [_says("seeded with the value", step.node.value, words)],
    )


def _tangent(step: Step, sweep: Reverse | None) -> Asked:
    node, dots = step.node, step.sweep.numbers
    terms = [(s, dots[p.id], p) for p, s in zip(node.parents, step.partials, strict=True) if p.op != "constant"]
    asks = f"How fast does {node.label} = {node.formula} change?"
    if not all(isinstance(x, float | int | Named) for s, d, _ in terms for x in (s, d)):
        return asks, "Push the operands' tangents through this operation.", []
    moving = in_words([_moving(p, d) for _, d, p in terms]) or "no operand moves"
    wrong: Wrong = []
    if len(terms) > 1:
        for slope, dot, p in terms:
            words = f"is the part through {p.label} alone; the other part is added."
            wrong.append(_says("one term only", slope * dot, words))
        product = math.prod(dot for _, dot, _ in terms)
        wrong.append(_says("rates multiplied", product, "multiplies the rates; each goes with its own slope."))
    slopes, rates = sum(s for s, _, _ in terms), sum(d for _, d, _ in terms)
    wrong.append(_says("local partials alone", slopes, "leaves out how fast the operands themselves move."))
    wrong.append(_says("rates alone", rates, "leaves out the local partials, the slopes of this operation."))
    added = ", and the products add up" if len(terms) > 1 else ""
    help = f"Here {moving}; a rate is multiplied by its local partial{added}."
    return asks, help, wrong


def _moving(node: Node, dot: Any) -> str:
    """How fast an operand moves, in words."""
    still, moves = f"{node.label} stands still", f"{node.label} moves at rate {number(dot)}"
    return either(f"0{named(dot)}", still, moves) if is_named(dot) else moves if dot else still


def _contribution(step: Step, sweep: Reverse | None) -> Asked:
    assert step.edge is not None
    child, slot = step.edge
    bar = step.sweep.numbers[child.id]
    asks = f"What does {child.label} = {child.formula} send to {called(step.node)}?"
    assert child.primitive is not None
    help = f"{child.label} has the adjoint {number(bar)}. Multiply it by the local partial on the lit edge."
    if not child.primitive.elementwise:
        read = is_notated(child.primitive, slot)
        rule = f"The rule of this edge: {rule_formula(child, slot)}." if read else child.primitive.rule
        help = f"{child.label} has the adjoint {number(bar)}. {rule}"
    elif shape_of(child.value) != shape_of(step.node.value):
        help = f"{help[:-1]}, and add up what goes to one entry of {called(step.node)}."
    wrong = turns_on_edge(sweep, step.node.id, child.id, slot) if sweep is not None else []
    does = "scales it" if child.primitive.elementwise else "has a rule of its own"
    wrong.append(_says("adjoint passed on unchanged", bar, f"is {child.label}'s own adjoint; the edge {does}."))
    return asks, help, wrong


def _partial(step: Step, child: Node, slot: int, sweep: Reverse | None) -> Asked:
    op, right, y, parents = child.primitive, child.partials[slot], child.value, child.parents
    assert op is not None
    right = right * 1.0 if is_bool(right) else right  # a product with a comparison
    node = parents[slot]
    name, twice = called(node), parents.count(node) > 1
    where = f"the {'second' if slot else 'first'} {node.label}" if twice else name
    d = f"∂{child.label}/∂{node.label}"
    asks = f"What is {d}: how fast does {child.label} = {child.formula} change with {where} alone?"
    others = [p for k, p in enumerate(parents) if k != slot and p.label != number(p.value)]
    held = in_words([f"{p.label} = {number(p.value)}" for p in others])
    help = f"Move {where} by a little" + (f" and hold {held}" if others else "")
    wrong: Wrong = slopes_on_edge(sweep, node.id, child.id, slot) if sweep is not None else []
    wrong.append(_says("sign", -right, f"has the wrong sign: does {child.label} grow or shrink when {where} grows?"))
    for k, other in enumerate(parents):
        if k != slot:
            words = f"is the local partial with respect to {called(other) if other != node else 'the other operand'}."
            wrong.append(_says("other operand's partial", child.partials[k], words))
    none = 0.0 * right
    for kind, x, words in (
        ("value for partial", y, f"is the value of {child.label}; {d} is how fast it changes."),
        ("operand for partial", node.value, f"is the value of {name}; {d} is how fast {child.label} changes."),
        ("turned round", _ratio(1.0, right), f"is how fast {name} changes with {child.label}: the other way round."),
        *_with_the_sweep(step, child, node, right, d),
        ("taken for constant", none, f"would mean that {child.label} stays the same when {where} moves."),
        ("taken for a sum", none + 1.0, f"is the local partial of a sum's term; here {child.label} = {child.formula}."),
    ):
        wrong.append(_says(kind, x, words))
    return asks, f"{help}: how much does {child.formula} move for each unit?", wrong


def _with_the_sweep(step: Step, child: Node, node: Node, slope: Any, d: str) -> Wrong:
    """What the sweep multiplies by a local partial, and the product, in its place."""
    numbers = step.sweep.numbers
    if step.kind == "tangent":
        dot, name = numbers[node.id], called(node)
        return [
            ("tangent for partial", dot, f"is the tangent of {name}; {d} needs this one operation only."),
            ("product for partial", slope * dot, f"is what {name} brings to {child.label}, not yet {d} alone."),
        ]
    bar = numbers[child.id]
    return [
        ("adjoint for partial", bar, f"is the adjoint of {child.label}; {d} needs this one operation only."),
        ("product for partial", step.amount, f"is what {child.label} will send on, not yet {d} alone."),
    ]


def _sum(step: Step, sweep: Reverse | None) -> Asked:
    assert step.edge is not None
    name, first, last = called(step.node), step.before, step.amount
    several = len(step.sweep.before(step.node.id, step.edge[0].id, step.edge[1])) > 1
    asks = f"Two numbers have reached {name}: {number(first)} and {number(last)}. What is its adjoint now?"
    if several:
        asks = f"At {name} there is {number(first)} so far, and {number(last)} arrives. What is its adjoint now?"
    early = "is what was there before" if several else "keeps only the first arrival"
    wrong: Wrong = [
        _says("keeps the last arrival", last, f"keeps only the last arrival: {number(first)} came before it."),
        _says("keeps the first arrival", first, f"{early}: {number(last)} also arrives here."),
        _says("multiplies the arrivals", first * last, "multiplies what arrives; arrivals add up."),
    ]
    if not several:
        mean = (first + last) / 2
        wrong.append(_says("averages the arrivals", mean, "is the mean of what arrives; arrivals add up."))
    return asks, "What arrives at a shared node is collected, not replaced.", wrong


# --- arrays -----------------------------------------------------------------------------------------------------------


def _is_large(x: Any) -> bool:
    """Whether an array is asked for by its shape; smaller ones are shown in numbers, and asked for in numbers."""
    return is_array(x) and not (0 < x.size <= FEW and x.ndim <= 2)


def _about_slope(child: Node, shape: tuple[int, ...]) -> dict[str, Any]:
    """What a question for a local partial says about the shape of its answer."""
    why = f"{child.label} has {shape_of(child.value)}, and a slope for each entry."
    return {"shape": list(shape), "fits": f"is the shape of your answer: {why}", "shapes": []}


def _about_shape(step: Step, shape: tuple[int, ...]) -> dict[str, Any]:
    """What a question says about the shape of its answer."""
    variable = f"a derivative has the shape of its variable, and {called(step.node)} has {shape}."
    result = f"{step.node.label} = {step.node.formula} has another one."
    fits = f"is the shape of your answer: {result if step.kind == 'value' else variable}"
    return {"shape": list(shape), "fits": fits, "shapes": _shapes(step, shape)}


def _shapes(step: Step, shape: tuple[int, ...]) -> list[list[Any]]:
    """The shapes that are easily taken for this one: its transpose, and those of the nodes around."""
    near = [step.node, *step.node.parents]
    if step.edge is not None:
        near += [step.edge[0], *step.edge[0].parents]
    found: dict[tuple[int, ...], str] = {}
    for node in dict.fromkeys(near):
        own = shape_of(node.value)
        for other in (own, own[::-1]):
            if other == shape or other in found:
                continue
            turned = "" if other == own else " transposed"
            found[other] = (
                f"{other} is the shape of {called(node)}{turned}; {step.node.formula} has another one."
                if step.kind == "value"
                else shape_words(step.node, other)
            )
    return [[list(other), "wrong shape", sentence] for other, sentence in found.items()]


def _shape_question(step: Step) -> dict[str, Any] | None:
    """What is asked of a large array; None where its shape has been seen before: a tangent's, a second arrival's."""
    if step.kind == "value":
        known = [f"{p.label} has {shape_of(p.value)}" for p in dict.fromkeys(step.node.parents) if is_array(p.value)]
        asks = f"What is the shape of {step.node.label} = {step.node.formula}? Write it like 3×2."
        return {"asks": asks, "help": f"You know the shapes of what goes in: {in_words(known) or 'numbers only'}."}
    if step.kind != "contribution" or step.edge is None or is_array(step.before):
        return None
    child = step.edge[0]
    return {
        "asks": f"{child.label} = {child.formula} sends an array to {called(step.node)}. "
        "What is its shape? Write it like 3×2.",
        "help": "A derivative has one entry for each entry of its variable.",
    }


def _other_products(node: Node) -> list[tuple[str, Any, str]]:
    """What comes out if a matrix product is taken for another one: name, array and sentence."""
    if node.primitive is None or node.primitive.sign != "@":
        return []
    a, b = (p.value for p in node.parents)
    first, second = (p.label for p in node.parents)
    found = []
    if a.ndim == 2 and a.shape[0] == b.shape[0]:
        wrong = np.asarray(a.T @ b)
        words = f"is {first} transposed times {second}: go along the rows of {first}, not down its columns."
        found.append(("transposed", wrong, f"{number(wrong)} {words}"))
    if a.shape == b.shape:
        words = f"multiplies entry by entry; {first} @ {second} goes along a row and adds up."
        found.append(("entry by entry", a * b, f"{number(a * b)} {words}"))
    return found
