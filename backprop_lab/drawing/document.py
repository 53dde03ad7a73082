"""A drawing as an SVG document of its own, with the style sheet, and as an image in HTML."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Protocol

from .heat import Map

MARGIN = 7.0
Texts = Mapping[str, str]  # what stands in a picture and what is lit in it, by key
Classes = Mapping[str, Iterable[str]]
Maps = Mapping[str, Map]
NO_MAPS: Maps = {}
NEEDLESS = re.compile(r"\.0(?<=\d\.0)(?!\d)")  # begins with its point: found at once


@lru_cache(maxsize=1)
def style() -> str:
    """The style sheet of the picture, without comments and needless spaces."""
    text = (files(__package__) / "picture.css").read_text("utf-8")
    return re.sub(r"/\*.*?\*/|\s*([{};])\s*", r"\1", text, flags=re.DOTALL)


def rounded(svg: str) -> str:
    """A drawing of ours without needless digits: a place is as well 160 as 160.0."""
    pieces = svg.split("<")
    for k, piece in enumerate(pieces):
        if ".0" in piece:
            tag, shut, text = piece.partition(">")  # what stands in the text is somebody's own
            pieces[k] = NEEDLESS.sub("", tag) + shut + text
    return "<".join(pieces)


def still(svg: str) -> str:
    """A drawing of ours for an image, in which nobody points at anything and nothing will be lit: without titles, the
    arrow heads that a reverse sweep alone shows, and the rules of the style sheet that nothing in it follows."""
    svg = re.sub(r"<title>[^<]*</title>", "", rounded(svg))
    if 'class="bl-svg bl-reverse' not in svg:
        svg = re.sub(r'<polygon class="bl-back"[^>]*/>', "", svg)
    head, begin, rest = svg.partition("<style>")
    css, end, body = rest.partition("</style>")
    there = {name for names in re.findall(r'class="([^"]*)"', head + body) for name in names.split()}
    css = followed(css, there)
    used = set(re.findall(r"var\((--[\w-]+)\)", css))
    css = re.sub(r"(--[\w-]+): [^;{}]*;", lambda m: m[0] if m[1] in used else "", css)
    return head + begin + css + end + body


def followed(css: str, there: set[str]) -> str:
    """The rules of a style sheet that something may follow: of one of their selectors, all classes of ours are there.
    A name with a dash at its end stands for each that begins so; what is in brackets is not looked at."""
    begun = tuple(name for name in there if name.endswith("-"))

    def kept(rule: re.Match[str]) -> str:
        bare = rule[1]
        while bare != (bare := re.sub(r"\([^()]*\)", "", bare)):
            pass
        wanted = (re.findall(r"\.(bl-[\w-]+)", part) for part in bare.split(","))
        return rule[0] if any(all(n in there or n.startswith(begun) for n in names) for names in wanted) else ""

    css = re.sub(r"([^{}]+)\{[^{}]*\}", kept, css)
    return re.sub(r"[^{}]+\{\}", "", css)


def as_picture(svg: str, about: str) -> str:
    """A drawing of ours as an image in HTML."""
    return as_image(still(svg), about)


def as_image(svg: str, about: str, *looks: str) -> str:
    """A drawing as HTML that stays where scripts and styles are removed, and is never wider than the page."""
    image = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    css = "; ".join(["max-width: 100%", *looks])
    return f'<img alt="{html.escape(about)}" src="data:image/svg+xml;base64,{image}" style="{css}">'


class Drawing(Protocol):
    """What can be put on paper: one graph's picture, or two side by side."""

    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...
    def describe(self, texts: Texts) -> str: ...
    def group(self, x: float, y: float, texts: Texts, classes: Classes, maps: Maps = NO_MAPS) -> str: ...


def document(
    drawing: Drawing, texts: Texts, classes: Classes, embed: bool, maps: Maps = NO_MAPS, about: str | None = None
) -> str:
    """A drawing as an SVG of its own, with its style sheet if `embed`."""
    lit = " ".join(["", *classes.get("svg", ())])
    begin = opening(drawing.width, drawing.height, about or drawing.describe(texts), lit)
    look = f"<style>{style()}</style>" if embed else ""
    ground = paper(drawing.width, drawing.height)
    return f"{begin}{look}{ground}{drawing.group(MARGIN, MARGIN, texts, classes, maps)}</svg>"


def opening(width: float, height: float, about: str, lit: str = "") -> str:
    """The start of an SVG of ours: its size and its title."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bl-svg{lit}" role="img" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}">'
        f"<title>{html.escape(about)}</title>"
    )


def paper(width: float, height: float) -> str:
    """The background."""
    return f'<rect class="bl-paper" width="{width:.0f}" height="{height:.0f}" rx="8"/>'
