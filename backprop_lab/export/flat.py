"""Our SVG with its style sheet carried out: every element has its own colours and sizes, and nothing refers to a class.

    flat(svg)      the picture as a tree of elements, hidden ones left out
    text_of(tree)  the tree as SVG text

Slide programs read SVG but neither style sheets with variables nor selectors such as `.a > .b`; matplotlib reads no SVG
at all. Both get the flat picture, so the picture is described in one place (`picture`) and its colours in one
(`picture.css`). What is understood is what those two use; anything else raises a ValueError, and a test sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple
from xml.etree import ElementTree

from ..drawing.document import style

Element = ElementTree.Element
NAMESPACE = "http://www.w3.org/2000/svg"
SHAPE = ("fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin")
TEXT = ("fill", "font-size", "font-weight", "font-style", "text-anchor")
INHERITED = {"fill", "font-family", "font-size", "font-weight", "font-style", "text-anchor"}
UNDERSTOOD = {*SHAPE, *TEXT, "font-family", "font-variant-numeric", "display"}
OURS = ("data-key", "data-node", "data-edge", "data-heat", "data-group", "data-frame", "data-wire")
GEOMETRY = ("x", "y", "dy", "width", "height", "rx", "d", "points", "transform", *OURS)


class Simple(NamedTuple):
    """One part of a selector: a tag or None, classes, and whether its element is the parent of the next part's."""

    tag: str | None
    classes: frozenset[str]
    parent: bool


Rule = tuple[tuple[Simple, ...], Mapping[str, str]]  # a selector, and what the elements that it means look like
Chain = tuple[tuple[str, frozenset[str]], ...]  # tag and classes of an element and of all around it, outermost first


@lru_cache(maxsize=1)
def _rules() -> tuple[Rule, ...]:
    """The rules of the picture's style sheet, the weakest first."""
    rules: list[tuple[tuple[int, int], Rule]] = []
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", style()):
        pairs = (d.split(":", 1) for d in body.split(";") if d.strip())
        declarations = {name.strip(): value.strip() for name, value in pairs}
        for name in declarations:
            if name not in UNDERSTOOD and not name.startswith("--"):
                raise ValueError(f"picture.css uses {name}, which flat pictures do not have")
        for text in selectors.split(","):
            selector = tuple(_selector(text))
            weight = sum(len(s.classes) for s in selector), sum(s.tag is not None for s in selector)
            rules.append((weight, (selector, declarations)))
    return tuple(rule for _, rule in sorted(rules, key=lambda pair: pair[0]))


def _selector(text: str) -> Iterator[Simple]:
    parts = text.replace(">", " > ").split()
    for k, part in enumerate(parts):
        if part == ">":
            continue
        if not re.fullmatch(r"[a-z]*(\.[\w-]+)*", part):
            raise ValueError(f"picture.css selects by {part}, which flat pictures do not understand")
        tag, *classes = part.split(".")
        yield Simple(tag or None, frozenset(classes), k + 1 < len(parts) and parts[k + 1] == ">")


def _matches(selector: tuple[Simple, ...], chain: Chain) -> bool:
    """Whether a selector means the last element of a chain."""
    *outer, last = selector
    tag, classes = chain[-1]
    if last.tag not in (None, tag) or not last.classes <= classes:
        return False
    if not outer:
        return True
    around = [len(chain) - 1] if outer[-1].parent else range(len(chain) - 1, 0, -1)
    return any(_matches(tuple(outer), chain[:k]) for k in around if k)


@lru_cache(maxsize=4096)
def _computed(chain: Chain) -> Mapping[str, str]:
    """All properties of the last element of a chain, variables included."""
    around = _computed(chain[:-1]) if len(chain) > 1 else {}
    own = {name: value for name, value in around.items() if name in INHERITED or name.startswith("--")}
    for selector, declarations in _rules():
        if _matches(selector, chain):
            own |= declarations
    return own


def _value(name: str, properties: Mapping[str, str]) -> str | None:
    """A property with its variables filled in, and without `px`."""
    text = properties.get(name)
    while text and (found := re.search(r"var\((--[\w-]+)\)", text)):
        text = text.replace(found[0], properties[found[1]])
    return re.sub(r"(?<=\d)px\b", "", text) if text else None


def flat(svg: str) -> Element:
    """The picture with the style sheet carried out."""
    root = ElementTree.fromstring(svg)
    made = _flattened(root, (), {})
    assert made is not None
    made.attrib |= {"xmlns": NAMESPACE, "role": "img"}
    return made


def _flattened(element: Element, around: Chain, above: Mapping[str, str | None]) -> Element | None:
    tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    if tag == "style":
        return None
    chain = (*around, (tag, frozenset(element.get("class", "").split())))
    properties = _computed(chain)
    if "font-size" in element.attrib:  # of a number that is fitted; the style sheet has none for it
        properties = {**properties, "font-size": element.attrib["font-size"]}
    if properties.get("display") == "none":
        return None
    names = {"svg": ("font-family",), "text": TEXT, "tspan": TEXT, "g": (), "title": ()}.get(tag, SHAPE)
    looks = {name: _value(name, properties) for name in names}
    kept = {name: element.get(name) for name in (*GEOMETRY, *(("viewBox",) if tag == "svg" else ()))}
    kept |= {name: value for name, value in looks.items() if value != above.get(name)}
    made = ElementTree.Element(tag, {name: value for name, value in kept.items() if value is not None})
    made.text, made.tail = element.text, element.tail
    inside = (_flattened(child, chain, looks if tag == "text" else {}) for child in element)
    made.extend(child for child in inside if child is not None)
    return made


def text_of(tree: Element) -> str:
    """A flat picture as SVG text."""
    return ElementTree.tostring(tree, encoding="unicode")


def colours() -> dict[str, str]:
    """The colours of the style sheet by the name of their variable, such as `--bl-primal`."""
    root = _computed((("svg", frozenset({"bl-svg"})),))
    return {name: value for name, value in root.items() if re.fullmatch(r"#[0-9a-f]{6}", value)}
