"""The picture: its DOT text, its parts, and that a student's names are never markup."""

import os
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from support.graphs import HOSTILE, hostile, loop
from support.pages import SVG
from support.places import GOLDEN

import backprop_lab as bl
from backprop_lab.drawing.dot import dot
from backprop_lab.drawing.folding.fold import Tree
from backprop_lab.drawing.folding.outline import MOST
from backprop_lab.drawing.keys import edge_id, node_id
from backprop_lab.drawing.picture import MOST_NODES, Picture
from backprop_lab.drawing.strokes import covers, fit, kind_of, text_width
from backprop_lab.drawing.texts import LARGE, SMALL, cell, drawn_width, ems, heading, lowered, size_in
from backprop_lab.graph.slopes import partial_formula


def squared(x):
    return x * x


def same(x):
    return x


CASES = {name.replace("-", "_"): example.trace for name, example in bl.examples.items()} | {
    "squared": lambda: bl.trace(squared, 3.0),
    "loop": lambda: bl.trace(lambda x, y: loop(x, y), 0.5, 0.9),
    "same": lambda: bl.trace(same, 3.0),
}


@pytest.mark.parametrize("name", CASES)
def test_dot_is_as_recorded(name):
    """UPDATE_GOLDEN=1 records anew; read the difference before you commit it."""
    path = GOLDEN / f"{name}.dot"
    text = Picture(CASES[name](), fold=False).dot
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()
    assert Picture(CASES[name](), fold=False).dot == text  # no ids, no set order, no time in it


def test_dot_reserves_what_it_is_told():
    graph = bl.trace(squared, 3.0)
    sizes = {f"n{n.id}": (72.0 * (n.id + 1), 36.0) for n in graph.nodes}
    text = dot(Tree(graph, flat=True).scene(), sizes, {"e1_0": 14.0, "e1_1": 70.0}, {})
    assert "width=1.000" in text and "width=2.000" in text and "height=0.500" in text
    assert text.count("n0 -> n1") == 2 and "id=e1_0" in text and "id=e1_1" in text
    assert "label=00 " in text.replace('"', "").replace("]", " ") and "0" * 10 in text


@pytest.mark.parametrize("name", CASES)
def test_every_number_is_one_text(name):
    graph = CASES[name]()
    root = ET.fromstring(graph._repr_svg_() if len(graph) <= MOST else Picture(graph, fold=False).svg())
    found = {t.get("data-key"): "".join(t.itertext()) for t in root.iter(f"{SVG}text") if t.get("data-key")}
    bars = [] if np.shape(graph.value) else bl.adjoint_sweep(graph).numbers
    expected = {f"p{n.id}": cell(n.value) for n in graph.nodes} | {f"a{i}": cell(b) for i, b in enumerate(bars)}
    assert {k: v for k, v in found.items() if k[0] != "w"} == expected
    for e in graph.edges:
        partial, label = e.child.partials[e.slot], found[f"w{e.child.id}_{e.slot}"]
        if isinstance(partial, float | int):
            assert label == cell(partial)
        else:
            assert label and (label.startswith(("⊙", "Σ")) or isinstance(partial, str))


def test_kinds_differ_in_shape():
    graph = bl.examples["edelman"].trace()
    root = ET.fromstring(Picture(graph).svg())
    groups = {int(g.get("data-node")): g for g in root.iter(f"{SVG}g") if g.get("data-node")}
    shapes = {}
    for node in graph.nodes:
        group = groups[node.id]
        kind = group.get("class").split()[1]
        rims = [p.get("class") for p in group.findall(f"{SVG}path")]
        assert ("bl-rim" in rims) == (node in graph.outputs)
        path = next(p.get("d") for p in group.findall(f"{SVG}path") if p.get("class") == "bl-shape")
        shapes.setdefault(kind, set()).add("arc" if "a24" in path else "small" if "v14.0" in path else "box")
        said = "".join("".join(t.itertext()) for t in group.iter(f"{SVG}text"))
        assert not any(word in said for word in ("primal", "adjoint", "input", "constant"))  # the legend says it once
    assert {kind: len(found) for kind, found in shapes.items()} == dict.fromkeys(shapes, 1)
    assert shapes["bl-input"] == {"arc"} and shapes["bl-operation"] == {"box"} and shapes["bl-constant"] == {"small"}


def test_texts_stay_in_their_boxes():
    def long_names(price_per_year, number_of_years):
        worth_at_the_end = bl.exp(price_per_year * number_of_years)
        return bl.sin(worth_at_the_end * price_per_year) / (number_of_years + 1e-7)

    for graph in (*(make() for make in CASES.values()), bl.trace(long_names, 1.23456789, 3.0)):
        drawing = Picture(graph, fold=False)
        for node in graph.nodes:
            width = drawing.sizes[node.id][0]
            assert text_width(heading(node)[0], 16.5) <= max(width, 290)
            for text in (drawing._final[f"p{node.id}"], drawing._final.get(f"a{node.id}", "")):
                assert drawn_width(text) < width
                assert SMALL <= size_in(text, drawn_width(text)) <= LARGE or not text


def test_sizes_of_numbers():
    """Short ones stand large, long ones smaller, and none below what is read."""
    sizes = [size_in(text, drawn_width(text, bold), bold) for bold in (False, True) for text in ("4", "14", "10 + 4")]
    assert sizes[0] == sizes[1] == LARGE > sizes[2] > 16
    long = "−0.41997 + 1.2346e−05, and more"
    assert SMALL <= size_in(long, drawn_width(long)) < SMALL * 1.03
    assert drawn_width("10 + 4") > drawn_width("10 4 +") and ems("10") < ems("10", True)


def test_subscripts():
    for text, low in {
        "v3": ["3"],
        "x2 · v10²": ["2", "10"],
        "xy2": [],
        "layer2": [],
        "1e5": [],
        "exp(v3)": ["3"],
    }.items():
        assert [piece for piece, is_low in lowered(text) if is_low] == low
        assert "".join(piece for piece, _ in lowered(text)) == text


def test_fit():
    assert fit("short", 10, 100) == "short"
    assert fit("a very long name indeed", 10, 50).endswith("…")
    assert text_width(fit("a very long name indeed", 10, 50), 10) <= 50


def test_names_are_never_markup():
    graph = bl.trace(hostile, **HOSTILE)
    root = ET.fromstring(graph._repr_svg_())  # well-formed, so nothing leaked
    assert not list(root.iter(f"{SVG}script")) and not list(root.iter(f"{SVG}img"))
    names = [t.text for t in root.iter(f"{SVG}tspan") if t.get("class") == "bl-name"]
    for name in ("<script>", 'a&b"', "naïve 名"):
        assert name in names
    for name in HOSTILE:
        assert any((t.text or "").startswith(name) for t in root.iter(f"{SVG}title")), f"{name!r} in full in its pop-up"


def test_too_large_says_so():
    big = bl.trace(lambda x: loop(x, x, 1000), 0.5)
    with pytest.raises(bl.DrawingError, match=rf"{len(big)} nodes.*at most {MOST_NODES}.*folded.*print\(graph\)"):
        Picture(big, fold=False)
    with pytest.raises(bl.DrawingError, match="leave out fold=False"):
        bl.step(big, fold=False)
    assert big._repr_svg_().startswith("<svg") and "boxes stand for parts of it" in big._repr_html_()  # folded


def test_what_cannot_be_drawn_is_said(monkeypatch):
    monkeypatch.setenv("BACKPROP_LAB_GRAPHVIZ", "none")
    graph = bl.trace(squared, 3.0)
    assert graph._repr_svg_() is None and "BACKPROP_LAB_GRAPHVIZ" in graph._repr_html_()
    monkeypatch.undo()
    small = bl.trace(squared, 3.0)
    shown = small._repr_html_()
    assert small._repr_svg_().startswith("<svg") and shown.startswith('<img alt="Computational graph of 2 nodes: x = 3')
    assert "max-width: 100%" in shown, "a wide graph shrinks, or JupyterLab cuts it off"


def test_edges_explain_their_partial():
    graph = bl.trace(lambda x: bl.tanh(x), 0.5)
    assert partial_formula(graph.outputs[0], 0) == "∂v1/∂x = 1 − v1² = 1 − 0.46212² = 0.78645"


@pytest.mark.parametrize("name", bl.examples)
def test_edges_begin_at_the_shape_of_their_node(name):
    """Not at the box around it, whose corners a pill does not fill."""
    picture = Picture(bl.examples[name].trace())
    for edge in picture.graph.edges:
        x, y = picture.layout.edges[edge_id(edge.child.id, edge.slot)].points[0]
        box, kind = picture.layout.nodes[node_id(edge.parent.id)], kind_of(edge.parent)
        around = [covers(box, kind, x + dx, y + dy) for dx in (-1.5, 0, 1.5) for dy in (-1.5, 0, 1.5)]
        assert any(around) and not all(around), (edge, x, y)
