"""What the pages of `docs/` have beyond Markdown: an extension for Sphinx.

```{player}
def z(x, y):
    return 2 * x * y + (x - 1) ** 2
bl.step(z, x=3, y=5)
```                          the code, and what its last line gives, live: a player or a playground

```{primitives}
```                          the table of operations, from the table itself

Code under `{player}` is run when the site is made: what does not run stops it.
"""

from __future__ import annotations

import ast
import html
import linecache
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import backprop_lab as bl
from backprop_lab.table.entry import Primitive
from backprop_lab.text.notation import MATHML, name, token_of

FIELD = re.compile(r"(\*{0,2}\w+(?:, \*{0,2}\w+)*) : (.*)")
SECTION = re.compile(r"-{3,}$")
CODE = re.compile(r"`[^`]*`")


class Live(SphinxDirective):
    """A cell of Python with its player, or playground, below it."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        source = "\n".join(self.content)
        shown = nodes.literal_block(source, source, language="python")
        kinds = self.env.temp_data.setdefault("kinds of players", set())  # of this page
        widget = self._result(source)
        kind = type(widget).__name__
        embedded = widget.embed(code=kind not in kinds)
        kinds.add(kind)
        return [shown, nodes.raw("", embedded.html, format="html")]

    def _result(self, source: str) -> Any:
        """What the last line of the code gives."""
        *before, last = ast.parse(source).body
        space: dict[str, Any] = {"bl": bl, "__name__": "page"}
        where = f"{self.env.docname}, line {self.lineno}"
        linecache.cache[where] = (
            len(source),
            None,
            source.splitlines(keepends=True),
            where,
        )  # names come from the source
        exec(compile(ast.Module(before, []), where, "exec"), space)
        return eval(compile(ast.Expression(last.value), where, "eval"), space)  # type: ignore[attr-defined]


class Primitives(SphinxDirective):
    """All operations of the table, family by family."""

    def run(self) -> list[nodes.Node]:
        families: dict[str, list[Primitive]] = {}
        for op in bl.primitives.values():
            families.setdefault(op.family, []).append(op)
        found: list[nodes.Node] = []
        for family, ops in families.items():
            section = nodes.section(ids=[nodes.make_id(f"operations {family}")])
            section += nodes.title(text=family.capitalize())
            head = "".join(f"<th>{x}</th>" for x in ("operation", "value", "what it sends back", "domain and kinks"))
            rows = "".join(_row(op) for op in ops)
            wide = "".join(f'<col style="width: {share}%">' for share in (14, 22, 38, 26))
            body = f"<colgroup>{wide}</colgroup><thead><tr>{head}</tr></thead>{rows}"
            table = f'<div class="table-wrapper"><table class="docutils" style="width: 100%">{body}</table></div>'
            section += nodes.raw("", table, format="html")
            found.append(section)
        return found


def _row(op: Primitive) -> str:
    """An operation as a row: its name, its formula, its partials or its rule, where it holds and where it bends."""
    sends = [_formula(f"∂/∂{arg}", text) for arg, text in zip(op.args, op.partials, strict=False)]
    sends += [html.escape(op.rule)] if op.rule else []
    where = [f"{arg}: {html.escape(d.text)}" for arg, d in zip(op.args, op.domain, strict=False) if d.outside]
    where += [f"at {_point(kink.at)}: {html.escape(kink.why)}" for kink in op.kinks]
    cells = (f'<code id="op-{op.name}">{op.name}</code>', _math(op.text), "<br>".join(sends), "<br>".join(where))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _formula(what: str, text: str) -> str:
    return f"{html.escape(what)} = {_math(text)}"


def _math(text: str) -> str:
    """A text of the table as a formula."""
    try:
        used = {n.id: name(n.id, MATHML) for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
        return f"<math>{token_of(text, MATHML, used).text}</math>"
    except (KeyError, ValueError, SyntaxError):
        return f"<code>{html.escape(text)}</code>"


def _point(at: tuple[float, ...]) -> str:
    return ", ".join(f"{x:g}" for x in at) if len(at) == 1 else f"({', '.join(f'{x:g}' for x in at)})"


def as_napoleon(app: Sphinx, what: str, title: str, obj: object, options: object, lines: list[str]) -> None:
    """Write `x : what it is` of our sections as napoleon wants a parameter without a type."""
    written, inside = [], False
    for k, line in enumerate(lines):
        following = lines[k + 1] if k + 1 < len(lines) else ""
        if SECTION.match(following):
            inside = line.strip() in ("Parameters", "Attributes", "Raises", "Warns", "Returns")
        field = FIELD.fullmatch(line) if inside else None
        if field:
            written += [field[1], f"    {_plain(field[2])}"]
        else:
            written.append(line if line.startswith(("    ", ">>>")) and not inside else _plain(line))
    lines[:] = written


def _plain(line: str) -> str:
    """Stars and bars that stand for themselves, and code that a letter follows, as in `Step`s."""
    line = re.sub(r"(`[^`]+`)(?=\w)", r"\1\\ ", line)
    parts, codes = CODE.split(line), [*CODE.findall(line), ""]
    return "".join(re.sub(r"([*|])", r"\\\1", part) + code for part, code in zip(parts, codes, strict=True))


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("player", Live)
    app.add_directive("primitives", Primitives)
    app.connect("autodoc-process-docstring", as_napoleon, priority=100)
    return {"parallel_read_safe": True}
