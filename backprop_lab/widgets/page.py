"""The page's one script and style, joined from the files of this folder, and a page of its own with a film in it.

The files are plain JavaScript without imports; nothing is built and nothing fetched. Their order matters only where
something happens while they are read: a view adds itself to the list that `views.js` makes.
"""

from __future__ import annotations

import html
import json
from functools import cache
from importlib.resources import files
from typing import Any

from ..drawing.document import style as picture_style

__all__ = ["SCRIPTS", "VIEWS", "document", "script", "style", "text"]

# What can stand open beside the graph, in the order of the buttons: each has its file in `views/`.
VIEWS = ("code", "table", "costs", "paths", "jacobian")
SCRIPTS = (
    "parts", "heat", "fold", "pace", "stage", "pointing", "motion", "inspector", "told", "predict", "mystery", "panels",
    "settings", "keys", "views", *(f"views/{name}" for name in VIEWS), "player", "widget",
)  # fmt: skip
# Who says that the surroundings are dark: JupyterLab and Notebook, VS Code, Colab; a page of ours asks the system.
DARK = ':is([data-jp-theme-light="false"], .vscode-dark, html[theme="dark"])'


def text(name: str) -> str:
    """A file of this folder."""
    return (files(__package__) / name).read_text("utf-8")


@cache
def script() -> str:
    """All of the JavaScript, as one module."""
    return "".join(text(f"{name}.js") for name in SCRIPTS)


@cache
def style() -> str:
    """All of the CSS: the light colours, then the dark ones for each place that can be dark."""
    dark = text("dark.css")
    page = "@media (prefers-color-scheme: dark) {\n.bl-page { background: #0d1013; color: #e9edf2; }\n"
    ours = (
        picture_style()
        + text("player.css")
        + text("formula.css")
        + text("views.css")
        + text("mystery.css")
        + text("motion.css")
    )
    shaded = dark.replace("DARK", DARK) + page + dark.replace("DARK", ".bl-page") + "}\n"
    return f"{ours}@media not print {{\n{shaded}}}\n"


def document(title: str, state: dict[str, Any]) -> str:
    """One self-contained page that steps offline.

    Parameters
    ----------
    title : what stands above the player
    state : what the player's model holds, as in a notebook
    """
    # "</" inside a script would end it; "<\/" means the same in JSON
    held = json.dumps(state).replace("</", "<\\/").replace("<!--", "<\\u0021--")
    made = text("page.html")
    for key, content in {"TITLE": html.escape(title), "CSS": style(), "ESM": script(), "STATE": held}.items():
        made = made.replace(f"%{key}%", content)
    return made
