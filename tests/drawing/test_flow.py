"""Graphs that branch and are too wide for one row: nothing in the picture covers anything, and no row is too wide."""

import itertools

import numpy as np
import pytest
from drawing.test_lane import corners, over, pill, sizes
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import examples

import backprop_lab as bl
from backprop_lab.drawing import layout as layouts
from backprop_lab.drawing.flow import flow
from backprop_lab.drawing.lane import Stop, Use
from backprop_lab.drawing.picture import NARROW, WIDE, Picture
from backprop_lab.drawing.strokes import sampled

MOST = 700.0


@st.composite
def stops(draw):
    """Operations that use any node before them, mostly late ones; inputs stand among them."""
    made = []
    for k in range(draw(st.integers(3, 16))):
        width, height = draw(sizes)
        recent = [max(0, k - 1 - draw(st.integers(0, 5))) for _ in range(draw(st.integers(0, 3)))] if k else []
        uses = [Use(f"n{tail}", f"e{k}_{slot}", draw(st.floats(30, 110))) for slot, tail in enumerate(recent)]
        made.append(Stop(f"n{k}", width, height, min(draw(st.floats(20, 40)), height - 20), uses))
    return made


@examples(40)
@given(stops())
def test_nothing_covers_anything(some):
    placed = flow(some, MOST)
    boxes = {key: corners(box) for key, box in placed.nodes.items()}
    assert boxes.keys() == {s.key for s in some}
    for a, b in itertools.combinations(boxes, 2):
        assert not over(boxes[a], boxes[b]), (a, b)
    pills = {use.edge: pill(placed.edges[use.edge], use.label) for s in some for use in s.uses}
    for a, b in itertools.combinations(pills, 2):
        assert not over(pills[a], pills[b]), (a, b)
    for s in some:
        for use in s.uses:
            curve = placed.edges[use.edge]
            (x, y), tip = curve.points[0], curve.tip
            assert abs(x - boxes[use.tail][2]) < 1 and boxes[use.tail][1] < y < boxes[use.tail][3], (
                "it leaves its operand"
            )
            assert abs(tip[0] - boxes[s.key][0]) < 1 and boxes[s.key][1] < tip[1] < boxes[s.key][3], (
                "and comes to its user"
            )
            for key, box in boxes.items():
                assert not over(pills[use.edge], box), (use.edge, "over", key)
                inside = (box[0] + 1, box[1] + 1, box[2] - 1, box[3] - 1)
                assert not any(over((px, py, px, py), inside) for px, py in sampled(curve)), (use.edge, "through", key)
    drawn = [point for curve in placed.edges.values() for point in curve.points]
    assert all(-0.01 <= x <= placed.width + 0.01 and -0.01 <= y <= placed.height + 0.01 for x, y in drawn)
    right, bottom = placed.width + 0.01, placed.height + 0.01
    assert all(-0.01 <= a and -0.01 <= b and c <= right and d <= bottom for a, b, c, d in boxes.values())
    widest = max(s.width + max((u.label for u in s.uses), default=0.0) for s in some)
    assert placed.width <= max(MOST, widest + 60 + 9 * 2 * len(some))


def test_uses_of_one_value_share_a_track():
    """Twenty uses of one input leave it as one line, and none crosses another."""
    chain = [Stop("n0", 100.0, 60.0, 40.0)]
    for k in range(1, 20):
        uses = [Use(f"n{k - 1}", f"e{k}_0", 30.0)] + [Use("n0", f"e{k}_1", 30.0)] * (k > 1)
        chain.append(Stop(f"n{k}", 100.0, 60.0, 40.0, uses))
    placed = flow(chain, 5000.0)
    on_track = [{y for x, y in placed.edges[f"e{k}_1"].points if 400 < x < 500} for k in range(6, 20)]
    assert all(len(some & on_track[0]) >= 1 for some in on_track)
    spine = [placed.nodes[f"n{k}"].y for k in range(1, 20)]
    assert max(spine) - min(spine) < 1, "the way on is level"


@pytest.mark.parametrize("widest", [WIDE, NARROW])
def test_pictures_of_any_graph_are_no_wider_than_asked(widest):
    cases = [
        lambda x: x * x + x * bl.sin(x) + x / (x + 1) + bl.exp(x) * x - x**3,
        lambda a: sum((np.sin(a * k) for k in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)), a),
        bl.examples.ladder(6).function,
    ]
    for f in cases:
        picture = Picture(bl.trace(f, 1.23456), widest=widest)
        assert picture.layout.engine == "flow" and picture.layout.width <= widest
        assert picture.in_rows


def test_without_any_graphviz_there_is_a_picture(monkeypatch):
    def absent(dot, seconds):
        raise layouts._absent("none", "not there")

    monkeypatch.setattr(layouts, "_ENGINES", {"none": absent})
    monkeypatch.setattr(layouts, "_broken", {})
    for name in ("edelman", "strang", "olah", "two-layer"):
        picture = Picture(bl.examples[name].trace())
        boxes = [corners(box) for box in picture.layout.nodes.values()]
        assert picture.layout.engine in ("flow", "lane") and picture.layout.width <= NARROW
        assert not any(over(a, b) for a, b in itertools.combinations(boxes, 2)), name
