"""Constants near their users, local partials in letters beside their numbers: where there is room, over nothing."""

import re

import pytest

import backprop_lab as bl
from backprop_lab.drawing.around import LETTERS, overlap
from backprop_lab.drawing.keys import edge_id, node_id
from backprop_lab.drawing.layout import Box
from backprop_lab.drawing.picture import Picture
from backprop_lab.drawing.strokes import sampled, text_width
from backprop_lab.drawing.texts import TITLE, heading
from backprop_lab.graph.slopes import partial_letters


def fan(x):
    return x * x + x * bl.sin(x) + x / (x + 1) + bl.exp(x) * x - x**3


def thrice(x):
    y = x
    for _ in range(3):
        y = 2.5 * y
    return y


GRAPHS = {
    **{name: bl.examples[name].trace for name in ("edelman", "strang", "olah", "edelman-toy", "sources-sink", "chain")},
    "fan": lambda: bl.trace(fan, 1.23456),
    "neuron": lambda: bl.trace(lambda w, x, b: bl.sigmoid(w * x + b), 0.3, -2.0, 1.25),
    "constants": lambda: bl.trace(lambda x: (3 * x + 2) ** 2 / (1 - 4 * x) - 7 * x, 0.5),
}


@pytest.mark.parametrize("tight", [False, True])
@pytest.mark.parametrize("name", GRAPHS)
def test_letters_and_constants_cover_nothing(name, tight):
    graph = GRAPHS[name]()
    drawing = Picture(graph, tight=tight)
    layout, pills = drawing.layout, {key: pill.box() for key, pill in drawing.pills.items()}
    letters = {key: Box(x, y, text_width(text, LETTERS), 17.0) for key, (text, x, y) in drawing.letters.items()}
    chips = {node_id(n.id) for n in graph.nodes if drawing.cells_of(n.id).chip}
    nodes = {key: box for key, box in layout.nodes.items() if key not in chips}
    for key, box in letters.items():
        for other in [*layout.nodes.values(), *pills.values(), *(b for k, b in letters.items() if k != key)]:
            assert not overlap(box, other, 0.0), (key, other)
        for line in layout.edges.values():
            assert not any(abs(x - box.x) < box.width / 2 and abs(y - box.y) < 8.5 for x, y in sampled(line)), key
        assert 0 <= box.y + box.height / 2 + 7 <= drawing.height
    for chip in chips:
        for key, box in layout.nodes.items():
            assert key == chip or not overlap(layout.nodes[chip], box, 0.0), (chip, key)
    assert nodes


def test_letters_say_what_the_partial_depends_on():
    graph = bl.trace(lambda x, y: 2 * x * y + (x - 1) ** 2 + x**4 + bl.sin(x), 3.0, 5.0)
    said = {(e.parent.label, e.child.label): partial_letters(e.child, e.slot) for e in graph.edges}
    assert said["v1", "v2"] == "y" and said["y", "v2"] == "v1" and said["v3", "v4"] == "2v3"
    assert said["x", "v6"] == "4x³" and said["x", "v8"] == "cos(x)"
    assert {said[edge] for edge in (("x", "v1"), ("x", "v3"), ("1", "v3"), ("v2", "v5"))} == {""}, "bare numbers"
    long = bl.trace(lambda the_rate_of_learning, y: the_rate_of_learning * y, 1.0, 2.0)
    assert sorted(partial_letters(e.child, e.slot) for e in long.edges) == ["", "y"]


def test_a_name_keeps_its_number_before_a_factor():
    """v12 · log(2) is not v12log(2); the 2 of 1 / (2v2) is as low as that of v2."""
    late = bl.trace(lambda x, y: x**3 / y + bl.sin(x) * bl.cos(y) - 1 / x + bl.sqrt(x + y) + 2**y, 3.0, 5.0)
    power = next(n for n in late.nodes if n.formula == "2^y")
    assert power.label == "v12" and partial_letters(power, 1) == ""
    drawing = Picture(bl.trace(lambda x, y: bl.sqrt(x * y) + y, 3.0, 5.0)).svg()
    assert "<tspan>1 / (</tspan>" in drawing
    assert re.search(r'bl-letters.*?<tspan>2</tspan><tspan>v</tspan><tspan class="bl-sub" dy="3">2</tspan>', drawing)


def test_a_warning_sign_leaves_the_title_free():
    """A title stands in the middle of its node, and the sign covers its right corner."""
    graph = bl.trace(lambda x, y: bl.maximum(x, y), 0.0, 0.0)
    drawing = Picture(graph)
    (node,) = (graph[id] for id in graph.notes)
    title = sum(text_width(part, TITLE) for part in heading(node))
    sign = 16.0  # from the node's right edge
    assert drawing.layout.nodes[node_id(node.id)].width / 2 - title / 2 > sign


def test_edelman_has_all_its_letters_and_its_constants_near_their_users():
    graph = bl.examples["edelman"].trace()
    drawing = Picture(graph)
    assert sorted(text for text, _, _ in drawing.letters.values()) == ["2v3", "v1", "y"]
    for edge in graph.edges:
        if edge.parent.op == "constant":
            here, there = (drawing.layout.nodes[node_id(n.id)] for n in (edge.parent, edge.child))
            between = there.x - there.width / 2 - here.x - here.width / 2
            assert 30 < between < 60, (edge, between)
            label = drawing.layout.edges[edge_id(edge.child.id, edge.slot)].label
            assert here.x + here.width / 2 < label[0] < there.x - there.width / 2


def test_a_constant_that_is_used_several_times_stands_once():
    graph = bl.trace(thrice, 2.0)
    (constant,) = (n for n in graph.nodes if n.op == "constant")
    drawing = Picture(graph)
    assert drawing.svg().count(f'data-node="{constant.id}"') == 1 and not drawing._chips


def test_letters_are_hidden_while_their_number_is_not_known(page, tmp_path):
    bl.examples["edelman"].step(predict="partials").to_html(tmp_path / "player.html")
    page.goto((tmp_path / "player.html").as_uri())
    assert page.locator(".bl-letters").count() == 3
    assert [one.is_visible() for one in page.locator(".bl-letters").all()] == [False, False, False]
    bl.examples["edelman"].step().to_html(tmp_path / "player.html")
    page.goto((tmp_path / "player.html").as_uri())
    page.locator(".bl-player").focus()
    page.keyboard.press("End")
    assert page.locator(".bl-letters").all_text_contents() == ["y", "v1", "2v3"]
    assert all(one.is_visible() for one in page.locator(".bl-letters").all())
