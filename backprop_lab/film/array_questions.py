"""What a film asks where a node is an array: its entries if they are few, else its shape.

Here are the parts that only arrays bring; `questions.py` puts the questions together. The shape of an answer is told
apart from its numbers: `shapes` has what is said to the shapes that are easily taken for the right one, and `fits` what
is said to any other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..drawing.heat import FEW
from ..graph.array_rules import called
from ..graph.graph import Node
from ..graph.sweeps import Step
from ..mistakes.diagnosis import shape_words
from ..table.values import is_array, shape_of
from ..text.notation import in_words, number


def is_large(x: Any) -> bool:
    """Whether an array is asked for by its shape; smaller ones are shown in numbers, and asked for in numbers."""
    return is_array(x) and not (0 < x.size <= FEW and x.ndim <= 2)


def about_slope(child: Node, shape: tuple[int, ...]) -> dict[str, Any]:
    """What a question for a local partial says about the shape of its answer."""
    why = f"{child.label} has {shape_of(child.value)}, and a slope for each entry."
    return {"shape": list(shape), "fits": f"is the shape of your answer: {why}", "shapes": []}


def about_shape(step: Step, shape: tuple[int, ...]) -> dict[str, Any]:
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


def shape_question(step: Step) -> dict[str, Any] | None:
    """What is asked of a large array; None where its shape has been seen before: a tangent's, a second arrival's."""
    if step.kind == "value":
        known = [f"{p.label} has {shape_of(p.value)}" for p in dict.fromkeys(step.node.parents) if is_array(p.value)]
        asks = f"What shape has {step.node.label} = {step.node.formula}? Write 3×2, say."
        return {"asks": asks, "help": f"You know the shapes of what goes in: {in_words(known) or 'numbers only'}."}
    if step.kind != "contribution" or step.edge is None or is_array(step.before):
        return None
    child = step.edge[0]
    return {
        "asks": f"What shape has what {child.label} = {child.formula} sends to {called(step.node)}? Write 3×2, say.",
        "help": "A derivative has one entry for each entry of its variable.",
    }


def other_products(node: Node) -> list[tuple[str, Any, str]]:
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
