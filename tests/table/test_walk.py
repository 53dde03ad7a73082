"""The walk back and the walk forward: every contribution, in order, and nobody walks on their own."""

import re
from pathlib import Path

import pytest

import backprop_lab as bl
from backprop_lab.table.walk import back, forward

PACKAGE = Path(bl.__file__).parent


def edelman(x, y):
    return 2 * x * y + (x - 1) ** 2


GRAPH = bl.trace(edelman, 3.0, 5.0)
NAMES = ("x", "y", "2", "v1", "v2", "1", "v3", "v4", "edelman")


def walked(**options):
    bars = [None] * len(GRAPH)
    bars[-1], found = 1.0, []
    for id, child, slot, sent in back(GRAPH.records, bars, range(len(GRAPH) - 1, -1, -1), **options):
        bars[id] = sent if bars[id] is None else bars[id] + sent
        found.append((NAMES[id], NAMES[child], slot, sent))
    return bars, found


def test_all_contributions_in_order():
    assert GRAPH.names == NAMES
    bars, found = walked(wanted=lambda id: True)
    assert found == [
        ("v2", "edelman", 0, 1.0),
        ("v4", "edelman", 1, 1.0),
        ("v3", "v4", 0, 4.0),
        ("x", "v3", 0, 4.0),
        ("1", "v3", 1, -4.0),
        ("v1", "v2", 0, 5.0),
        ("y", "v2", 1, 6.0),
        ("2", "v1", 0, 15.0),
        ("x", "v1", 1, 10.0),
    ]
    assert dict(zip(NAMES, bars, strict=True)) == bl.adjoint_sweep(GRAPH).result


def test_only_those_that_are_wanted_get_something():
    _, found = walked(wanted=lambda id: GRAPH.varies[id])
    assert not {"1", "2"} & {name for name, *_ in found} and len(found) == 7


def test_another_rule():
    """With a 1 for each edge the walk counts paths."""
    bars, _ = walked(wanted=lambda id: True, rule=lambda op, slots, bar, y, operands: [(s, bar) for s in slots])
    assert bars[0] == bl.count_paths(GRAPH, "x") == 2


def test_forward():
    dots = [1.0, None]
    for dot in forward(GRAPH.records, dots):
        dots.append(dot)
    assert dots == [1.0, None, None, 2.0, 10.0, None, 1.0, 4.0, 14.0]


@pytest.mark.parametrize(
    ("what", "where"),
    [
        # Who asks an entry what it sends: the entry and the walk, and rules that are given to the walk.
        (r"\bop\.pull\(", "compiled/unrolled graph/infinite graph/sweeps mistakes/sweep others/edges table/tips"),
        (r"\bop\.push\(", "derivatives/duals graph/infinite graph/sweeps"),
        (
            r"\bback\(",
            "compiled/unrolled derivatives/duals derivatives/passes film/large graph/infinite graph/sweeps table/tips "
            "table/walk",
        ),
    ],
)
def test_nobody_walks_on_their_own(what, where):
    found = {
        str(p.relative_to(PACKAGE).with_suffix(""))
        for p in PACKAGE.rglob("*.py")
        if "lessons" not in p.parts and re.search(what, p.read_text("utf-8"))  # which are written as students write
    }
    assert found == {*where.split()}
