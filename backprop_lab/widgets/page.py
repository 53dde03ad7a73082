"""The page's one script and style, joined from the files of this folder, and a page of its own with a film in it.

The files are plain JavaScript without imports; nothing is built and nothing fetched. Their order matters only where
something happens while they are read: a view adds itself to the list that `views.js` makes. What only their readers
need, comments and indentation, is left out of every page: it was a third of the text.
"""

from __future__ import annotations

import html
import json
import re
from functools import cache, partial
from importlib.resources import files
from typing import Any

from ..drawing.document import followed
from ..drawing.document import style as picture_style
from ..film.live import words
from ..table.javascript import operations

# What can stand open beside the graph, in the order of the buttons: each has its file in `views/`.
VIEWS = ("code", "table", "costs", "paths", "jacobian")
_FILM = "frames parts slots maths tape live arrays large heat fold unfold marks pace stage"
_AROUND = (
    "inputs pointing motion inspector told typed predict mystery panels asking saving settings finder overview pair"
    " keys"
)
SCRIPTS = (
    *_FILM.split(),
    *_AROUND.split(),
    "views",
    *(f"views/{name}" for name in VIEWS),
    "player",
    "output",
    "kernel",
    "widget",
)
MOST_IN_SIGHT = 20  # nodes; the picture of more may be larger than its place
OF_A_KERNEL = frozenset({"asking", "kernel", "widget"})  # what pages without one do not need
STYLES = ("player", "formula", "views", "mystery", "motion")
QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`"""  # on one line of JavaScript
PATTERN = r"(?:(?<=[(,=:[!&|?])|(?<=[(,=:[!&|?] ))/(?:[^/\\[]|\\.|\[(?:[^]\\]|\\.)*\])+/[a-z]*"
# What rules in a row are often for.
INSIDE = (".bl-player.bl-projector ", ".bl-player:not(.bl-projector) ", ".bl-player ", ".bl-svg ")
# Who says that the surroundings are dark: JupyterLab and Notebook, VS Code, Colab, `embed/surroundings.js`, and marimo
# (not in Firefox, which does not know :host-context); a page of ours asks the system.
DARK = ':is([data-jp-theme-light="false"], .vscode-dark, html[theme="dark"], .bl-dark, :host-context(.dark-theme))'


def text(name: str) -> str:
    """A file of this folder."""
    return (files(__package__) / name).read_text("utf-8")


def lean_script(code: str) -> str:
    """JavaScript without comments, indentation and the space around its signs, in few lines.

    It knows no JavaScript: no string, no template and no pattern of ours may hold what looks like a comment or begin a
    line. A test lets a compiler read both texts.
    """
    code = re.sub(r"/\*\*.*?\*/ ?", "", code, flags=re.DOTALL)
    lines = (re.sub(r"(^|\s+)//( .*)?$", "", line).strip() for line in code.splitlines())
    code = "".join(f"{_squeezed(line)}\n" for line in lines if line)
    return re.sub(r"(?<=[{,;(\[])\n|\n(?=[])}.])", "", code.replace(";\n}", "\n}"))


def _squeezed(line: str) -> str:
    """A line without the space around its signs. Strings and patterns keep theirs; a line with `${`a`}` stays."""
    if "`" in re.sub(QUOTED, "", line) or re.search(r"\$\{[^}`]*`", line):
        return line
    signs = r" *([!=<>?:,;(){}\[\]&|*]+) *| ([+/-]) (?![+/-])"  # a - -b needs its spaces
    return re.sub(rf"({QUOTED}|{PATTERN})|{signs}", r"\1\2\3", line)


def lean_style(css: str) -> str:
    """CSS without comments and needless space; rules in a row for the same surroundings are nested in them."""
    css = " ".join(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL).split())
    css = re.sub(r" ?([{};,>]) ?|(?<=:) ", r"\1", css).replace(";}", "}")
    for inside in INSIDE:
        rules = rf"(?<![^{{}}])(?:{re.escape(inside)}[^{{}}]*{{[^{{}}]*}}){{2,}}"
        css = re.sub(rules, partial(_within, inside), css)
    return css


def _within(inside: str, rules: re.Match[str]) -> str:
    """Rules in one around them; each selector of a list begins with it, which a test holds."""
    freed = re.sub(rf"(^|[,}}]){re.escape(inside)}", r"\1", rules[0])
    return f"{inside.strip()}{{{freed}}}"


@cache
def script(without: frozenset[str] = frozenset(), ops: tuple[str, ...] | None = None) -> str:
    """All of the JavaScript, as one module; a page may do without files that nothing in it uses, and with some of the
    table's operations."""
    written = (text(f"{name}.js") for name in SCRIPTS if name not in without)
    return lean_script("".join([*written, from_the_table(ops)]))


def from_the_table(ops: tuple[str, ...] | None = None) -> str:
    """The script's part of the table: operations as functions, and what is said where they end; or of some entries."""
    said = {
        kind: {k: v for k, v in some.items() if ops is None or kind == "notes" or k in ops}
        for kind, some in words().items()
    }
    return f"{operations(ops)}const WORDS = {json.dumps(said, ensure_ascii=False)};\n"


def unused(film: dict[str, Any]) -> frozenset[str]:
    """The files that nothing in a film uses."""
    panes = film.get("panes", (film,))
    ops = (film.get("tape") or film.get("large", {"ops": ()}))["ops"]
    needs = {
        " ".join(OF_A_KERNEL): False,
        "maths": "MATHS." in operations(ops),
        "mystery": "mystery" in film,
        "predict typed": "asks" in film or "mystery" in film,
        "heat": any("heat" in pane for pane in panes) or any("rule" in e for e in film.get("edges", ())),
        "slots live inputs": "tape" in film,
        "arrays": "cells" in (film.get("tape") or ()),
        "tape": "tape" in film or "large" in film,
        "large": "large" in film,
        "finder unfold marks saving": "fold" in film,
        "overview": "fold" in film or len(film.get("rows", ())) > MOST_IN_SIGHT,
        "pair": "panes" in film,
    }
    return frozenset(name for names, needed in needs.items() if not needed for name in names.split())


@cache
def style(without: frozenset[str] = frozenset(), *, alone: bool = False, sheets: tuple[str, ...] = STYLES) -> str:
    """All of the CSS: the light colours, then the dark ones for each place that can be dark, or for a page of ours."""
    ours = "".join([picture_style(), *(text(f"{name}.css") for name in sheets if name not in without)])
    page = ".bl-page { background: #0d1013; color: #e9edf2; }\n"
    return lean_style(ours + in_the_dark(text("dark.css"), page, alone=alone))


def in_the_dark(rules: str, page: str = "", *, alone: bool = False) -> str:
    """Rules, whose selectors begin with DARK, for each place that can be dark, or for a page of ours alone."""
    asked = f"@media (prefers-color-scheme: dark) {{\n{page}{rules.replace('DARK', '.bl-page')}}}\n"
    return f"@media not print {{\n{'' if alone else rules.replace('DARK', DARK)}{asked}}}\n"


def document(title: str, state: dict[str, Any]) -> str:
    """One self-contained page that steps offline; `state` is what the player's model holds, as in a notebook."""
    held = json.dumps(state, ensure_ascii=False, separators=(",", ":"))
    film = state["film"]
    without = unused(film)
    ops = tuple(sorted((film.get("tape") or film.get("large", {"ops": ()}))["ops"]))
    return filled(title, style(without, alone=True), script(without, ops), held)


def filled(title: str, css: str, code: str, held: str) -> str:
    """The page's frame with all that belongs into it, and of the style the rules that something there follows."""
    made = text("page.html")
    # Of `bl-mark-${kind}` in the script this finds how each of them begins.
    css = followed(css, set(re.findall(r"(?<![\w-])bl-[\w-]+", f"{made}{code}{held}")))
    # "</" inside a script would end it; "<\/" means the same in JSON
    held = held.replace("</", "<\\/").replace("<!--", "<\\u0021--")
    parts = {"TITLE": html.escape(title), "CSS": css, "ESM": code, "STATE": held}
    for key, content in parts.items():
        made = made.replace(f"%{key}%", content)
    return made
