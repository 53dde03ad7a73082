"""A player or a playground as HTML that steps in any page: no kernel, no widget manager, nothing is fetched.

    bl.step(f, x=3, y=5).embed()               as a cell's output: it steps in the page that is made of the notebook
    bl.step(f, x=3, y=5).embed(code=False)     the same where another output of the page brings the code
    bl.step(f, x=3, y=5).embed().html          the HTML, for a page of your own
    bl.step(f, x=3, y=5).embed().directive()   the text of an {anywidget} directive, for MyST's own pages

With BACKPROP_LAB_EMBED=1 in the environment every player and playground shows itself so, and the first of each kind
that a kernel shows brings the code: that is for books, which run whole notebooks. With BACKPROP_LAB_EMBED=page none
does, because the page has it (`backprop-lab export --site` does so).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zlib
from functools import cache
from typing import Any

from . import page

VARIABLE = "BACKPROP_LAB_EMBED"
KINDS = ("player", "descent")
SCRIPTS = ("embed/surroundings", "embed/element")
SHOWN = "export default{render:show};"  # how each script ends its own part
# In the dark Sphinx's PyData theme puts a notebook's HTML on a light sheet, unless a table of pandas' is in it.
UNLIT = '<table class="dataframe" hidden></table>'
_brought: set[str] = set()  # the kinds whose code this kernel's outputs have brought


class Embedded:
    """An output that steps in any page; as text it is what it shows.

    Attributes
    ----------
    html : an element with its data and a picture, and the code unless the page has it
    """

    def __init__(self, kind: str, state: dict[str, Any], picture: str, said: str, code: bool = True) -> None:
        """Of a kind of KINDS: what its model holds, a picture as HTML, what it says as text, and whether code comes."""
        name, held = element_name(kind), _packed(json.dumps(state, ensure_ascii=False, separators=(",", ":")))
        element = f'<{name} class="bl-live" style="display: block" data-state="{held}">{picture}{UNLIT}</{name}>'
        self.html, self._said = element + (carrier(kind) if code else ""), said
        self._data = {"element": name, "state": held}

    def directive(self, module: str = "backprop_lab.mjs") -> str:
        """The same for MyST: a directive that names the module, which `backprop-lab export --module` writes.

        Parameters
        ----------
        module : where the module is, seen from the page's source
        """
        return f"```{{anywidget}} {module}\n{json.dumps(self._data)}\n```\n"

    def __repr__(self) -> str:
        return self._said

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        return {"text/plain": self._said, "text/html": self.html}


def in_a_book() -> bool:
    """Whether widgets that show themselves are embedded."""
    return os.environ.get(VARIABLE, "0") not in ("", "0")


def brings_code(kind: str) -> bool:
    """Whether a widget that shows itself in a book brings the code: the first of its kind, unless the page has it."""
    code = os.environ.get(VARIABLE) != "page" and kind not in _brought
    _brought.add(kind)
    return code


@cache
def element_name(kind: str) -> str:
    """The element's name. It changes with the code, so that outputs of two versions live on one page."""
    return f"backprop-{kind}-{hashlib.sha256(''.join(_sources(kind)).encode()).hexdigest()[:8]}"


@cache
def code_of(kind: str) -> str:
    """The code that makes elements of a kind live, a script and no module: a page in a file may load it, too."""
    script, css = _sources(kind)
    given = ", ".join(
        json.dumps(x, ensure_ascii=False) for x in (element_name(kind), css, f"{page.DARK} *, {page.DARK}")
    )
    return f"(() => {{\n{script}makeLive({given}, show);\n}})();\n"


def module() -> str:
    """The code as a module for MyST's {anywidget} directive."""
    return "".join(map(code_of, KINDS)) + page.lean_script(page.text("embed/module.js"))


@cache
def _sources(kind: str) -> tuple[str, str]:
    """The script and the style."""
    if kind == "player":
        script, css = page.script(page.OF_A_KERNEL), page.style()
    else:
        from . import ground_page

        script, css = ground_page.script(), ground_page.style()
    return script.replace(SHOWN, "") + page.lean_script("".join(page.text(f"{name}.js") for name in SCRIPTS)), css


@cache
def carrier(kind: str) -> str:
    """The code as an element of a page, packed."""
    parts = {"%NAME%": element_name(kind), "%CODE%": _packed(code_of(kind))}
    text = page.lean_script(page.text("embed/carrier.js"))
    for key, content in parts.items():
        text = text.replace(key, content)
    return f"<script>{text}</script>"


def _packed(text: str) -> str:
    """A text as `unpacked` of the page reads it."""
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")
