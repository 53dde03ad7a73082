"""What it takes to build a player, counted in calls: nothing is worked out twice, or for each pair of things."""

import math
import re

import pytest

import backprop_lab as bl
from backprop_lab.drawing import around, lane, picture
from backprop_lab.drawing.layout import Box, Curve
from backprop_lab.drawing.picture import Picture
from backprop_lab.drawing.texts import cell
from backprop_lab.film import blank
from backprop_lab.graph import node, slopes
from backprop_lab.graph.slopes import chain
from backprop_lab.text.notation import INLINE


def long_chain(x):
    for _ in range(75):
        x = bl.sin(x)
    return x


def counted(monkeypatch, place, name):
    """The list of the calls of a function or a method from now on, each with its arguments."""
    calls, plain = [], getattr(place, name)

    def noting(*args, **named):
        calls.append(args)
        return plain(*args, **named)

    monkeypatch.setattr(place, name, noting)
    return calls


@pytest.mark.parametrize("name", ["edelman", "deep"])
def test_two_sweeps_on_one_graph_find_places_and_values_once(monkeypatch, name):
    example = bl.examples[name]
    graph = example.trace()
    texts, placed = counted(monkeypatch, picture, "partial_label"), counted(monkeypatch, picture, "nearer")
    letters, made = counted(monkeypatch, picture, "beside"), counted(monkeypatch, picture.Cells, "of")
    bl.step(graph, mode="both")
    assert len(texts) == len(graph.edges) and len(letters) == (1 if name == "edelman" else 2)  # in rows of two widths
    assert len(placed) == (name == "edelman")  # a lane needs nobody else
    assert len(made) <= len(graph)


@pytest.mark.parametrize("name", ["two-layer", "deep"])
def test_rows_of_a_second_width_are_sent_as_changes(name):
    """The pieces with their changes are the narrow picture, and much less than it."""
    film = bl.examples[name].step()._film
    pen, sent = film.pens.plain, film.data()
    pieces = blank.pieces_of(sent["svg"])
    found = ""
    for change in sent["narrow"]:
        parts = [change] if isinstance(change, str) else re.split("(['<>])", pieces[change[0]])
        for k, part in () if isinstance(change, str) else change[1].items():
            parts[k] = part
        found += "".join(parts)
    whole = blank.empty(film.picture, {f"p{n.id}": cell(n.value) for n in film.graph.nodes}, pen)
    assert found == whole and found != sent["svg"]
    assert len(str(sent["narrow"])) < len(whole) / 4


def test_letters_walk_only_along_lines_that_come_near(monkeypatch):
    drawing = Picture(bl.examples["edelman"].trace())
    assert drawing.pills
    walked = counted(monkeypatch, around, "bezier")
    assert drawing.letters
    assert len(walked) <= len(drawing.edges) / 2


def test_upright_lines_are_not_stepped_over():
    """A line that goes straight up is met wherever a box lies on it, however long it is."""
    line = around.Lines({"e1_0": Curve(((0.0, 0.0), (0.0, 0.0), (0.0, 900.0), (0.0, 900.0)), (0.0, 910.0), None)})
    met = [line.cross(Box(1.0, float(y), 1.0, 1.0), 0.6) for y in range(5, 895)]
    assert all(met) and not line.cross(Box(1.0, 950.0, 1.0, 1.0)) and not line.cross(Box(9.0, 450.0, 1.0, 1.0))


def test_rows_of_a_long_chain_grow_column_by_column(monkeypatch):
    graph = bl.trace(long_chain, 1.0)
    drawing = Picture(graph, fold=False)
    rows = counted(monkeypatch, lane, "_placed")
    assert drawing.layout.engine == "lane"
    assert len(rows) <= 2 * len(graph)  # one for each place where a row may begin, and the rows themselves


def test_an_edge_is_explained_with_its_names_looked_up_once(monkeypatch):
    graph = bl.trace(lambda x, y: x * y + math.pi, 2.0, 3.0)
    product, total = graph.edges[0], graph.edges[2]
    looked_up = counted(monkeypatch, node.Node, "operand_tokens")
    chain(product.child, product.slot, INLINE)
    assert len(looked_up) == 2  # names, numbers
    looked_up.clear()
    slopes.partial_formula(total.child, total.slot)
    assert not looked_up  # the local partial of a sum is 1, whatever is added
