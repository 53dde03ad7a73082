"""What is written into a picture's nodes: their titles and numbers, and how wide a number stands."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..graph.graph import Graph, Node
from ..graph.slopes import partial_label
from ..graph.sweeps import adjoint_sweep
from ..table.values import shape_of
from ..text.notation import PLAIN, Target, Token, number, token_of
from .heat import text_of_array
from .strokes import text_width

# Sizes of letters: of a short number, of the smallest that are read (12 px on a page that scales to 0.8), of titles,
# of local partials.
LARGE, SMALL, TITLE, LABEL = 25.0, 15.0, 16.0, 15.0
RING = 8.0  # around what arrives
WAITING = re.compile(r"^\S+ [+−] (\S*[^\si])$")  # 3 + 4i is one number
LETTER = r"(?<![^\W_])[^\W\d_]"  # that stands alone, perhaps with a bar or a dot
MARK = r"[\u0304\u0305\u0307]"
BEFORE = rf"(?<={LETTER})|(?<={LETTER}{MARK})|(?<=[^\W\d_])(?=_)|(?<=[^\W\d_]{MARK})(?=_)"
SUBSCRIPT = re.compile(rf"(?:{BEFORE})_?(\d{{1,5}})(?![A-Za-z_\d(])")
POWER = re.compile(r"(?<=[\w)\]])\^(?:\((−[\w.]+)\)|([\w.]+))")
GROUP = re.compile(r"(?<![\w.])\d{5,}(?!\w)")
LOW = {ord("0") + k: ord("₀") + k for k in range(10)}


def subscripted(text: str) -> str:
    """A name with its number as a subscript of Unicode: h_2[1] is h₂[1]."""
    return SUBSCRIPT.sub(lambda found: found[1].translate(LOW), text)


def cell(x: Any) -> str:
    """A number as written in a node's cell; of a larger array the shape."""
    return text_of_array(x) if isinstance(x, np.ndarray) else number(x)


def grouped(text: str) -> str:
    """A text as it is read: the digits of a number from five digits on stand in groups."""
    return text if len(text) < 5 else GROUP.sub(lambda digits: f"{int(digits[0]):,}".replace(",", "\u202f"), text)


def ems(text: str, bold: bool = False) -> float:
    """About how wide a number is, in units of its size."""
    return text_width(grouped(text), 1.08 if bold else 1.0)


@lru_cache(maxsize=16384)
def drawn_width(text: str, bold: bool = False) -> float:
    """How wide the place of a number is: a short one stands large, a long one smaller, never below what is read."""
    wide = ems(text, bold)
    return max(min(wide * LARGE, 44 + (wide - 44 / LARGE) * 12), wide * SMALL * 1.02) + ring_room(text)  # fonts differ


def roomy(*texts: Mapping[str, str]) -> dict[str, str]:
    """The widest text for each key; one of few signs is set larger."""
    room: dict[str, str] = {}
    wide: dict[str, float] = {"": drawn_width("")}  # each text's
    for key, text in (one for some in texts for one in some.items()):
        if text not in wide:
            wide[text] = drawn_width(text)
        if wide[text] > wide[room.get(key, "")]:
            room[key] = text
    return room


def arrival(text: str) -> str:
    """The last number of a sum that waits, as in `10 + 4`; nothing of another text."""
    found = WAITING.search(text)
    return found[1] if found else ""


def ring_room(text: str) -> float:
    """How much wider a sum that waits is than its letters: what has just arrived has a ring."""
    return RING if arrival(text) else 0.0


def size_in(text: str, room: float, bold: bool = False) -> float:
    """The size at which a number fills its place; stage.js has the same rule, and measures."""
    return math.floor(10 * min(LARGE, (room - ring_room(text)) / max(ems(text, bold), 0.1))) / 10


def heading(node: Node) -> tuple[str, str]:
    """The node's title: its name, and how it is computed; what else it is its shape says."""
    if node.primitive is None:
        return node.label, ""
    op, formula = node.primitive, node.formula
    if text_width(formula, TITLE) > 150 and not op.params and not op.variadic:
        formula = token_of(op.text, PLAIN, dict.fromkeys(op.args, Token("…"))).text
    return node.label, f" = {formula}" if text_width(formula, TITLE) <= 150 else f" {op.symbol}"


@lru_cache(maxsize=4096)
def lowered(text: str) -> tuple[tuple[str, int], ...]:
    """A text in pieces, and where each stands: 1 below the line, as the digits of v3, and those of tau_2 without their
    underscore; −1 above it, as the exponent of x^y without its sign."""
    found: list[tuple[str, int]] = []
    for k, part in enumerate(POWER.split(text)):
        if k % 3:
            found.append((part or "", -1))
        else:
            found += ((piece, j % 2) for j, piece in enumerate(SUBSCRIPT.split(part)))
    return tuple((piece, place) for piece, place in found if piece)


@lru_cache(maxsize=4096)
def pill_width(text: str) -> float:
    """How wide the pill of a local partial is."""
    return max(text_width(grouped(text), LABEL) * 1.04 + 14, 30.0)


def written(text: str) -> str:
    """A text inside a `<text>`: numbers in groups, subscripts lowered."""
    if not text:
        return ""
    shown = grouped(text)
    return spans(("", text)) if lowered(shown) != ((shown, 0),) else html.escape(shown)


@lru_cache(maxsize=4096)
def spans(*parts: tuple[str, str]) -> str:
    """Texts in a row, each with its class, for a `<text>`: numbers in groups, subscripts lowered, exponents raised."""
    pieces, down = [], 0.0
    for css, text in parts:
        for piece, place in lowered(grouped(text)):
            to = (0.0, 3.0, -3.5)[place]
            dy = f' dy="{to - down:g}"' if to != down else ""
            down = to
            looks = " ".join(filter(None, (css, "bl-sub" if place else "")))
            looks = f' class="{looks}"' if looks else ""
            pieces.append(f"<tspan{looks}{dy}>{html.escape(piece)}</tspan>")
    return "".join(pieces)


def described(graph: Graph, boxes: int, second: str | None, texts: Mapping[str, str], pen: Target) -> str:
    """A picture in one sentence, with the numbers that stand in it; `boxes` stand for parts of the graph."""
    shown = [n for n in graph.outputs if texts.get(f"p{n.id}")]  # what is not shown is not told
    inputs = graph.nodes[: min(8, len(graph.input_names))]
    ends = (*inputs, *shown)[:8]
    values = ", ".join(f"{n.label} = {n.number(pen).text}" for n in ends)
    known = [f"{second} of {n.label} {texts[f'a{n.id}']}" for n in inputs if texts.get(f"a{n.id}")]
    folded = f", {boxes} boxes stand for parts of it" if boxes else ""
    return "; ".join([f"Computational graph of {len(graph)} nodes{folded}: {values}", *known])


def final_numbers(graph: Graph) -> dict[str, Any]:
    """What stands in the cells of the finished picture: primals, and adjoints of an output that is one number."""
    found: dict[str, Any] = {f"p{n.id}": n.value for n in graph.nodes}
    if len(graph.output_ids) == 1 and not shape_of(graph.outputs[0].value):
        found |= {f"a{id}": bar for id, bar in enumerate(adjoint_sweep(graph).numbers) if bar is not None}
    return found


def final_texts(graph: Graph) -> dict[str, str]:
    """All texts of the finished picture: its numbers and the local partials."""
    texts = {key: cell(x) for key, x in final_numbers(graph).items()}
    return texts | {f"w{e.child.id}_{e.slot}": partial_label(e.child, e.slot) for e in graph.edges}
