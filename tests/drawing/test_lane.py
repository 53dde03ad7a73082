"""Graphs that read like a line of text: which make a lane, and that nothing in it covers anything."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import examples

import backprop_lab as bl
from backprop_lab.drawing.lane import Stop, Use, lane
from backprop_lab.drawing.picture import NARROW, SCREEN, WIDE, Picture

sizes = st.tuples(st.floats(100, 230), st.floats(50, 140))


@st.composite
def stops(draw):
    """Operations one after the other, each with what stands above it; some use an earlier one again."""
    made = [Stop("n0", *draw(sizes), 20.0)]
    spine = ["n0"]
    for k in range(1, draw(st.integers(8, 16))):
        labels = st.floats(30, 140)
        above = [Stop(f"i{k}_{j}", *draw(sizes), 13.0) for j in range(draw(st.integers(0, 2)))]
        tails = [spine[-1]] * draw(st.integers(1, 2)) + [s.key for s in above]
        if len(spine) > 2 and draw(st.integers(0, 4)) == 0:
            tails.append(draw(st.sampled_from(spine[-4:-1])))
        uses = [Use(tail, f"e{k}_{slot}", draw(labels)) for slot, tail in enumerate(tails)]
        made += [*above, Stop(f"n{k}", *draw(sizes), draw(st.floats(20, 26)), uses, draw(st.integers(k // 2, k)))]
        spine.append(f"n{k}")
    return made


def corners(box):
    return box.x - box.width / 2, box.y - box.height / 2, box.x + box.width / 2, box.y + box.height / 2


def over(a, b):
    return a[0] < b[2] - 0.01 and b[0] < a[2] - 0.01 and a[1] < b[3] - 0.01 and b[1] < a[3] - 0.01


def pill(curve, width):
    x, y = curve.label
    return x - width / 2, y - 12, x + width / 2, y + 12


@examples(150)
@given(stops())
def test_nothing_covers_anything(some):
    placed = lane(some, NARROW)
    if placed is None:  # an edge that passes over operations does not fit into one row
        assert any(use.tail != f"n{int(s.key[1:]) - 1}" and use.tail[0] == "n" for s in some for use in s.uses)
        return
    boxes = {key: corners(box) for key, box in placed.nodes.items()}
    assert boxes.keys() == {s.key for s in some}
    assert placed.edges.keys() == {use.edge for s in some for use in s.uses}
    for a, b in itertools.combinations(boxes, 2):
        assert not over(boxes[a], boxes[b]), (a, b)
    for s in some:
        for use in s.uses:
            curve = placed.edges[use.edge]
            (x, y), tip = curve.points[0], curve.tip
            left, top, right, bottom = boxes[use.tail]
            assert left - 1 <= x <= right + 1 and top - 1 <= y <= bottom + 1, "it begins at its operand"
            left, top, right, bottom = boxes[s.key]
            assert left - 1 <= tip[0] <= right + 1 and top - 1 <= tip[1] <= bottom + 1, "and ends at its user"
            for key, box in boxes.items():
                assert not over(pill(curve, use.label), box), (use.edge, "over", key)
    assert all(0 <= left and right <= placed.width and top >= 0 for left, top, right, _ in boxes.values())


def chain(length):
    """A chain of so many operations, as stops of a usual size."""
    made = [Stop("n0", 120.0, 68.0, 40.0)]
    for k in range(1, length):
        made.append(Stop(f"n{k}", 112.0, 65.0, 41.0, [Use(f"n{k - 1}", f"e{k}_0", 30.0)], k))
    return made


@pytest.mark.parametrize(("length", "rows"), [(8, 3), (14, 5), (30, 9)])
def test_a_long_chain_is_wrapped_like_text(length, rows):
    placed = lane(chain(length), NARROW)
    heights = {box.y for box in placed.nodes.values()}  # the beginning stands a little higher
    assert len(heights) <= rows and placed.width <= NARROW
    order = sorted(placed.nodes, key=lambda key: (placed.nodes[key].y // 60, placed.nodes[key].x))
    assert order == [f"n{k}" for k in range(length)]


def test_a_row_ends_between_two_lines_of_the_source():
    torn = [s._replace(line=k // 4) for k, s in enumerate(chain(12))]
    placed = lane(torn, NARROW)
    begins = [k for k in range(1, 12) if placed.nodes[f"n{k}"].y > placed.nodes[f"n{k - 1}"].y]
    assert begins and all(k % 4 == 0 for k in begins)


def test_what_branches_is_no_lane():
    made = chain(12)
    assert lane(made, NARROW) is not None
    made[6] = made[6]._replace(uses=[Use("n4", "e6_0", 30.0)])
    assert lane(made, NARROW) is None, "n6 does not wait for n5"
    assert lane([*chain(12), Stop("w", 100.0, 60.0, 30.0)], NARROW) is None, "nobody uses w"
    shared = [*chain(12)]
    shared.insert(1, Stop("w", 100.0, 60.0, 30.0))
    for k in (4, 8):
        shared[k] = shared[k]._replace(uses=[*shared[k].uses, Use("w", f"e{k}_1", 30.0)])
    assert lane(shared, NARROW) is None, "w would stand above two operations"


@pytest.mark.parametrize("name", list(bl.examples))
@pytest.mark.parametrize("second", ["adjoint", None])
def test_every_example_fits_a_room(name, second):
    picture = Picture(bl.examples[name].trace(), second)
    assert picture.layout.width <= SCREEN


def test_a_net_of_two_layers_reads_from_left_to_right():
    picture = Picture(bl.examples["two-layer"].trace(), widest=WIDE)
    at = {n.label: picture.layout.nodes[f"n{n.id}"] for n in picture.nodes}
    assert at["x"].x < at["v1"].x < at["z"].x < at["a"].x
    assert at["W1"].y < at["v1"].y and at["W1"].x == at["v1"].x and at["b2"].x == at["tau"].x
    assert at["v2"].y > at["a"].y, "a layer begins a row"
    assert [at[k].x for k in ("v2", "tau", "v3", "v4", "J")] == sorted(at[k].x for k in ("v2", "tau", "v3", "v4", "J"))


def test_statements_have_frames_with_their_code():
    """Each operation stands in the frame of its line, nothing hangs over its end, and loops have none."""
    for widest in (WIDE, NARROW):
        picture = Picture(bl.examples["two-layer"].trace(), widest=widest)
        placed, statements = picture.layout, picture.statements
        assert list(statements.text.values()) == [
            "z = W1 @ x + b1",
            "a = relu(z)",
            "tau = W2 @ a + b2",
            "J = (y - tau) ** 2 / 2",
        ]
        frames = {name: corners(box) for name, box in placed.frames.items()}
        assert {name.rstrip("+") for name in frames} == statements.text.keys()
        assert not any(over(a, b) for a, b in itertools.combinations(frames.values(), 2))
        for n in picture.nodes:
            box = corners(placed.nodes[f"n{n.id}"])
            own = [name for name, frame in frames.items() if over(frame, box)]
            assert len(own) == 1, (n.label, "stands in one frame")
            left, top, right, bottom = frames[own[0]]
            assert left < box[0] and top + 20 < box[1] and box[2] < right and box[3] < bottom
            assert n.primitive is None or own[0].rstrip("+") == statements.of[n.id]
        assert ">J = (y - tau) ** 2 / 2</text>" in picture.svg()
    assert (
        not Picture(bl.examples["deep"].trace()).layout.frames
        and not Picture(bl.examples["edelman"].trace()).layout.frames
    )


def test_each_entry_has_its_own_line_and_slope():
    picture = Picture(bl.examples["two-layer"].trace(), widest=WIDE)
    z, a = (next(n for n in picture.nodes if n.label == name) for name in "za")
    assert picture.slopes_on(a, 0) == ("1", "0", "1") and not picture.slopes_on(z, 0)
    svg = picture.svg()
    edge = svg[svg.index(f'data-edge="{a.id}_0"') :].partition("</g></g>")[0]
    heights = [float(y) for y in re.findall(r'class="bl-wire[^"]*" d="M[\d.]+ ([\d.]+)C', edge)]
    rows = [float(y) - 6.4 for y in re.findall(r'class="bl-slope" x="[\d.]+" y="([\d.]+)"', edge)]
    assert np.allclose(sorted(heights), [y + 1 for y in rows], atol=1.1), "a line for each entry, at its height"
    assert edge.count("bl-still") == 1 and edge.count("bl-tip") == 3
    unknown = picture.svg({})
    assert 'data-slopes="1|0|1"' in unknown and ">0<" not in unknown.partition("data-slopes")[2].partition("</g>")[0]


def test_an_array_alone_says_its_numbers():
    """The cell of a short vector is its column of numbers, and the text of the key is there for readers."""
    svg = Picture(bl.trace(lambda x: np.sum(x * x), np.array([1.0, 2.0]))).svg()
    assert svg.count("bl-heat-only") >= 2 and 'data-key="p0"' in svg
