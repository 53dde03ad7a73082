"""A notebook that has run as a page: its text, its code, what it showed; and the list of all pages.

What needs a running notebook (guesses, exercises, sliders) says so. After a guess the next cell is closed until
somebody opens it, so that nothing asked for is shown before.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from ..errors import ArgumentError
from ..exercises.cells import headed, identify, source_of
from ..exercises.guesses import EMPTY

WIDGET = "application/vnd.jupyter.widget-view+json"
QUIET = ("question", "check")  # cells of an exercise whose code says nothing to a reader
# How a lesson installs the lab where it is missing: nothing for a page. The cell, and the words above it.
INSTALLS = "%pip install backprop-lab"
WORDS = re.compile(r"\n+\*Skip the next cell where the lab is installed.*?\*$", re.S)
SLIDER = "In a running notebook sliders move this."
GUESS = "Guess first. A running notebook takes your guess over the dots, and says in what it is right."
ANSWERED = "Exercise {} is answered in a running notebook: fill in the cell above, and the next one checks it."


class Entry(NamedTuple):
    """What the list of pages says of one: its name in an address, its title and its first sentences."""

    name: str
    title: str
    about: str


def file(name: str) -> str:
    """A file of the folder `pages`."""
    return files(__package__).joinpath("pages", name).read_text("utf-8")


def entry(name: str, notebook: Any) -> Entry:
    """What is said of a notebook: its first heading, or else its name, and the paragraph that follows."""
    title, rest = headed(notebook, name)
    about = next((part for part in re.split(r"\n\s*\n", rest.strip()) if part[:1].isalpha()), "")
    return Entry(name, title, about)


def index(shelf: Sequence[Entry]) -> str:
    """The list of pages."""
    return _template("index.html").render(shelf=shelf, markdown=_inline)


def page(notebook: Any, here: Entry, shelf: Sequence[Entry]) -> str:
    """A notebook that has run as a page of a site.

    Raises
    ------
    ArgumentError : formulas in LaTeX, where what reads them is not installed
    """
    at = list(shelf).index(here)
    known = {other.name for other in shelf}
    parts, guessed = [], False
    for cell in notebook["cells"]:
        part, closes = _cell(cell, guessed)
        parts.append(_linked(part, known))
        guessed = closes
    beside = {"before": shelf[at - 1] if at else None, "after": shelf[at + 1] if at + 1 < len(shelf) else None}
    return _template("page.html").render(here=here, parts=parts, **beside)


# ---- cells


def _cell(cell: Any, guessed: bool) -> tuple[str, bool]:
    """A cell, and whether it asks for a guess; after one that did, code is closed at first."""
    source = source_of(cell)
    if cell["cell_type"] == "markdown":
        return f'<div class="text">{_markdown(WORDS.sub("", source), cell.get("attachments"))}</div>', False
    if cell["cell_type"] != "code" or INSTALLS in source:
        return "", guessed
    id, role = identify(cell)
    outputs = cell.get("outputs", [])
    asks = any("".join(out.get("data", {}).get("text/plain", "")) == EMPTY for out in outputs)
    shown = "" if asks else "".join(map(_output, outputs))
    code = "" if role in QUIET else f'<pre class="code"><code>{_code(source)}</code></pre>'
    if role == "question":
        return f'<div class="exercise">{shown}</div>', False
    if role == "check":
        return f'<div class="cell">{_note(ANSWERED.format(id))}</div>', False  # nobody is told of 0 points before a try
    if asks:
        code += _note(GUESS)
    whole = f'<div class="cell">{code}{shown}</div>' if code or shown else ""
    if guessed and whole:
        return f"<details><summary>After your guess: what the next cell shows</summary>{whole}</details>", asks
    return whole, asks


def _note(sentence: str) -> str:
    return f'<p class="note">{html.escape(sentence)}</p>'


def _output(output: Any) -> str:
    """What a cell showed, in the richest form that a page can have."""
    from nbconvert.filters import ansi2html

    kind, data = output["output_type"], output.get("data", {})
    if kind == "stream":
        return f'<pre class="out {output["name"]}">{ansi2html("".join(output["text"]))}</pre>'
    if kind == "error":
        return f'<pre class="out stderr">{ansi2html(chr(10).join(output["traceback"]))}</pre>'
    return _rich({key: "".join(x) if isinstance(x, list) else x for key, x in data.items()}, ansi2html)


def _rich(data: Mapping[str, Any], plain: Any) -> str:
    if "text/html" in data:
        return f'<div class="rich">{data["text/html"]}</div>' + (_note(SLIDER) if WIDGET in data else "")
    if "text/markdown" in data:
        return f'<div class="rich text">{_markdown(data["text/markdown"])}</div>'
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            about = html.escape(str(data.get("text/plain", "")))
            return f'<div class="rich"><img alt="{about}" src="data:{kind};base64,{"".join(data[kind].split())}"></div>'
    if "image/svg+xml" in data:
        return f'<div class="rich">{data["image/svg+xml"]}</div>'
    if "text/latex" in data:
        return f'<div class="rich text">{_markdown(data["text/latex"])}</div>'
    return f'<pre class="out">{plain(str(data["text/plain"]))}</pre>' if "text/plain" in data else ""


def _linked(part: str, known: set[str]) -> str:
    """Links to notebooks that are pages of the site lead there."""

    def lead(found: re.Match[str]) -> str:
        return f'href="{found[1]}.html{found[2]}"' if found[1] in known else found[0]

    return re.sub(r'href="(?:\./)?([\w%.-]+)\.ipynb(#[^"]*)?"', lead, part)


# ---- texts


def _code(source: str) -> str:
    """Python with its parts named for the style sheet."""
    import pygments
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return pygments.highlight(source, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).rstrip("\n")


def _markdown(text: str, attachments: Any = None) -> str:
    from nbconvert.filters.markdown_mistune import MarkdownWithMath

    return str(MarkdownWithMath(renderer=_renderer()(escape=False, attachments=attachments or {})).render(text))


def _inline(text: str) -> str:
    """A paragraph of Markdown without its own element and without links, for the list of pages."""
    return re.sub(r"</?(?:p|a)\b[^>]*>", "", _markdown(text)).strip()


@cache
def _renderer() -> Any:
    """nbconvert's renderer, but formulas are MathML: a page asks nobody for a library that draws them."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer

    class Renderer(IPythonRenderer):
        def inline_math(self, body: str) -> str:
            return _mathml(body, "inline")

        def block_math(self, body: str) -> str:
            return f"<p>{_mathml(body, 'block')}</p>"

        def multiline_math(self, text: str) -> str:
            return _mathml(text.strip("$"), "block")

        def latex_environment(self, name: str, body: str) -> str:
            return _mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")

    return Renderer


def _mathml(latex: str, display: str) -> str:
    try:
        from latex2mathml.converter import convert
    except ImportError:
        start = f"${latex.strip():.40}$"
        raise ArgumentError(
            f"the formula {start} is LaTeX, and what reads it is not here; write pip install latex2mathml"
        ) from None
    return str(convert(latex, display=display))


@cache
def _template(name: str) -> Any:
    import jinja2

    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(file(name))
