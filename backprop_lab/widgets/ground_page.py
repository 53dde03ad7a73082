"""What a playground's page is made of: its scripts with the tables of operations and methods, its style, its document.

The style is the player's, for another root, with the drawing's own rules (`drawing/relief.css`) and those around it
(`playground/around.css`). So a button looks the same in both, and is described once.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from ..descent.javascript import methods_script
from ..drawing.document import followed
from ..drawing.relief import style as relief_style
from ..table.javascript import operations
from . import page

_OURS = "terrain levels courses axes relief knob losses desk playground".split()
SCRIPTS = ("parts", "maths", "tape", "typed", *(f"playground/{name}" for name in _OURS), "kernel", "playground/output")
ROOT = ".bl-descent"


@cache
def script(ops: tuple[str, ...] | None = None) -> str:
    """All of the JavaScript, as one module; of the table's operations some alone, or all."""
    written = "".join(page.text(f"{name}.js") for name in SCRIPTS)
    return page.lean_script(written + tables(ops))


def tables(ops: tuple[str, ...] | None = None) -> str:
    """The script's part of the tables: operations, of some entries or all, and methods."""
    return operations(ops) + methods_script()


@cache
def style(*, alone: bool = False) -> str:
    """All of the CSS: the player's rules for what is here, too, and the playground's own."""
    shared = page.style(alone=alone, sheets=("player", "playground/around")).replace(".bl-player", ROOT)
    there = set(re.findall(r"(?<![\w-])bl-[\w-]+", script() + page.text("page.html")))
    dark = page.in_the_dark(page.text("playground/dark.css"), alone=alone)
    return page.lean_style(relief_style()) + followed(shared, there) + page.lean_style(dark)


def document(title: str, state: dict[str, Any]) -> str:
    """One self-contained page that plays offline; `state` is what the model holds, as in a notebook."""
    used = {op for way in state["surface"]["ways"] for op in way["ops"]}
    code = script(tuple(sorted(used)))
    return page.filled(title, style(alone=True), code, json.dumps(state, ensure_ascii=False, separators=(",", ":")))
