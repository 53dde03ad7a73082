"""A question's Markdown as LaTeX that every engine sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..export.tex import ascii_tex, escape, marked_up
from .xml import Element, xhtml

INLINE = {"strong": r"\textbf{%s}", "em": r"\emph{%s}", "code": r"\texttt{%s}"}


def latex(text: str) -> str:
    """A text in Markdown as LaTeX in ASCII: paragraphs, listings, lists and tables."""
    return ascii_tex("\n\n".join(_block(block) for block in xhtml(text)))


def line(text: str) -> str:
    """A text without markup, but for what stands between backticks."""
    pieces = text.split("`")
    return ascii_tex("".join(rf"\texttt{{{escape(x)}}}" if k % 2 else marked_up(x) for k, x in enumerate(pieces)))


def _block(block: Element) -> str:
    if block.tag == "pre":
        return listing("".join(block.itertext()))
    if block.tag in ("ul", "ol"):
        items = "\n".join(rf"\item {_inside(item)}" for item in block)
        return f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}"
    if block.tag == "table":
        return table([[_inside(cell) for cell in row] for row in block.iter("tr")])
    return _inside(block)


def listing(text: str) -> str:
    """Lines of code as they are."""
    lines = (r"\texttt{" + marked_up(x).replace(" ", "~") + r"}\strut" for x in text.rstrip("\n").split("\n"))
    return r"\par{\leftskip=1.5em\parskip=0pt\parindent=0pt\noindent " + "\\par\n".join(lines) + r"\par}"


def table(rows: Sequence[Sequence[str]], columns: str = "") -> str:
    """A table of LaTeX whose first row is its head."""
    head, *body = (" & ".join(row) + r"\\" for row in rows)
    inside = "\n".join([head, r"\hline", *body])
    return f"\\par\\begin{{tabular}}{{{columns or 'l' * len(rows[0])}}}\n{inside}\n\\end{{tabular}}\\par"


def boxes(names: Sequence[str]) -> str:
    """A table of names with a box below each, to be written into."""
    columns = "|" + r">{\centering\arraybackslash}p{19mm}|" * len(names)
    rows = [
        r"\hline",
        " & ".join(names) + r"\\",
        r"\hline",
        " & ".join([r"\rule{0pt}{9mm}"] * len(names)) + r"\\",
        r"\hline",
    ]
    return "\n".join([rf"\par\nopagebreak\begin{{tabular}}{{{columns}}}", *rows, r"\end{tabular}\par"])


def _inside(block: Element) -> str:
    return "".join(_pieces(block)).strip()


def _pieces(block: Element) -> Iterator[str]:
    yield _words(block.text)
    for child in block:
        inner = "".join(_pieces(child))
        yield _block(child) if child.tag in ("ul", "pre", "table") else INLINE.get(child.tag, "%s") % inner
        yield _words(child.tail)


def _words(text: str | None) -> str:
    return marked_up((text or "").replace("\n", " "))
