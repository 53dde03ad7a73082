"""XML for learning platforms, and a question's Markdown as the XHTML that may stand in it."""

from __future__ import annotations

from functools import cache
from typing import Any
from xml.etree import ElementTree

from ..errors import LabError

Element = ElementTree.Element


def element(tag: str, *children: Element | str, **attributes: str) -> Element:
    """An element with its children; a text comes first, and an attribute's name may end with _ where Python has it."""
    made = Element(tag, {name.rstrip("_"): value for name, value in attributes.items()})
    for child in children:
        if isinstance(child, str):
            made.text = child
        else:
            made.append(child)
    return made


def document(root: Element) -> str:
    """A file's text, set in lines; what is inside of `pre` stays as it is."""
    _indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _indent(found: Element, depth: int = 0) -> None:
    """Put elements that hold elements only on lines of their own."""
    only_elements = len(found) > 0 and not (found.text or "").strip() and not any((c.tail or "").strip() for c in found)
    if not only_elements or found.tag in ("pre", "p", "li", "td", "th"):
        return
    found.text = "\n" + " " * (depth + 1)
    for child in found:
        _indent(child, depth + 1)
        child.tail = found.text
    found[-1].tail = "\n" + " " * depth


@cache
def _markdown() -> Any:
    try:
        import mistune
    except ImportError as error:
        raise LabError(f"question banks need mistune ({error}): pip install 'backprop-lab[lab]'") from None
    return mistune.create_markdown(escape=True, plugins=["table"])


def xhtml(text: str) -> list[Element]:
    """Markdown as blocks of XHTML: paragraphs, lists, tables, listings."""
    return list(ElementTree.fromstring(f"<div>{_markdown()(text)}</div>"))


def html(text: str) -> str:
    """The same as a text."""
    return "\n".join(ElementTree.tostring(_bare(block), encoding="unicode") for block in xhtml(text))


def _bare(block: Element) -> Element:
    block.tail = None
    return block


def shortest(number: float) -> str:
    """A number as digits, with as many as it needs: 27, 0.5, 867.091."""
    text = repr(float(f"{number:.12g}"))
    return text.removesuffix(".0")
