"""Strips of long loops: what their lines show; and where the inputs stand in a folded picture."""

import math

import pytest
from support.folded import GRAPHS, loop

import backprop_lab as bl
from backprop_lab.drawing.folding.carried import carried
from backprop_lab.drawing.folding.fold import Tree
from backprop_lab.drawing.folding.sparks import HIGH, runs
from backprop_lab.drawing.picture import Picture
from backprop_lab.film.film import Film

TURNS = 30


def momentum(w, seen=None):
    v = 0.0
    for _ in range(TURNS):
        slope = 2 * (w - 3)
        v = 0.9 * v + slope
        w = w - 0.1 * v
        if seen is not None:
            seen["v"].append(v)
            seen["w"].append(w)
    return w


def turned(a, b, seen=None):
    for _ in range(TURNS):
        a, b = a * 0.9 - 0.1 * b, b * 0.9 + 0.1 * a
        if seen is not None:
            seen["a"].append(a)
            seen["b"].append(b)
    return a + b


def helped(x, seen=None):
    def step(s):
        square = s * s
        return s - 0.1 * square

    for _ in range(TURNS):
        x = step(x)
        if seen is not None:
            seen["x"].append(x)
    return x


def now_and_then(x, seen=None):
    best = x * 0.5
    for k in range(TURNS):
        x = bl.sin(x) + 0.3 * best
        if k % 3 == 0:
            best = best + 0.1 * x
        if seen is not None:
            seen["x"].append(x)
            seen["best"].append(best if k % 3 == 0 else None)
    return x + best


def listed(x, seen=None):
    h = [x, 2 * x]
    for _ in range(TURNS):
        h = [bl.tanh(h[0] + h[1]), h[1] * 0.5]
        if seen is not None:
            seen["first"].append(h[0])
            seen["second"].append(h[1])
    return h[0] + h[1]


@pytest.mark.parametrize(
    ("f", "args", "names"),
    [
        (momentum, (1.0,), "v w"),
        (turned, (1.0, 2.0), "a b"),
        (helped, (0.3,), "x"),
        (now_and_then, (0.7,), "x best"),
        (listed, (0.3,), "first second"),
    ],
)
def test_what_a_loop_carries_is_what_python_carries(f, args, names):
    graph = bl.trace(f, *args)
    tree = Tree(graph)
    (whole,) = [p for p in tree.parts if p.label in (f"loop, {TURNS} turns", f"{TURNS} steps")]
    found = carried(graph, whole)
    seen = {name: [] for name in names.split()}
    f(*args, seen)
    assert len(found) == len(seen)
    assert f is listed or [own.name for own in found] == names.split()
    for own, numbers in zip(found, seen.values(), strict=True):
        for id, number in zip(own.ids, numbers, strict=True):
            assert (id == -1) == (number is None) or id == own.ids[-1]
            assert id == -1 or math.isclose(graph.values[id], number, rel_tol=1e-12)


@pytest.mark.parametrize("ids", [[3], [2, 4, 6, 8], [-1, -1, 5, 6, 7, -1, 20, 18], [7, 7, 7]])
def test_runs_of_numbers_are_these_numbers(ids):
    found = []
    for run in runs(ids).split():
        first, rest = run.rsplit("+", 1)
        step, count = map(int, rest.split("*"))
        found += [int(first) + step * k for k in range(count)]
    assert found == ids and len(runs(list(range(5, 90_000, 4)))) < 30


def test_lines_of_a_strip_are_the_engines_numbers():
    film = Film(bl.trace(momentum, 1.0))
    (number,) = film.picture.folded.plan.strips
    strip = film.picture.folded.plan.strips[number]
    sweep = bl.adjoint_sweep(film.graph)
    for at in (0, len(film) // 2, len(film)):
        lines = film.picture.folded.sparklines(number, strip.box, film.texts(at))
        assert [line.name for line in lines] == ["v", "v̄", "w", "w̄"]
        for line in lines:
            numbers = [film.graph.values[id] if line.letter == "p" else sweep.numbers[id] for id in line.ids]
            low, high = min(numbers), max(numbers)
            assert [float(end.replace("−", "-")) for end in line.ends] == pytest.approx([high, low], rel=0.01)
            shares = [(HIGH - 2 - y) / (HIGH - 4) for _, y in line.points]
            assert shares == pytest.approx([(x - low) / (high - low) for x in numbers], abs=1e-4)
            known = sum(bool(film.texts(at).get(f"{line.letter}{id}")) for id in line.ids)
            left, wide = line.veil
            assert wide == pytest.approx(strip.box.width * (1 - known / TURNS))
            assert left == pytest.approx(strip.box.left if line.letter == "a" else strip.box.right - wide)


def picture_of(graph, scene):
    film = Film(graph)
    return Picture(film.graph, film.second, film.room, film.rooms, scene, last=film.last)


def places(graph, parts=None):
    tree = Tree(graph)
    return picture_of(graph, tree.scene(parts)).folded.plan.layout.nodes


def above(one, other):
    return one.bottom <= other.top and other.left - 1 <= one.x <= other.right + 1


def test_inputs_stand_above_a_strip_side_by_side():
    graph = bl.trace(lambda x, y: loop(x, y, 100), 0.5, 0.9)
    nodes = places(graph)
    segments = [box for key, box in nodes.items() if key[0] == "g"]
    x, y = nodes["n0"], nodes["n1"]
    assert x.bottom == y.bottom <= min(box.top for box in segments) and x.right < y.left
    wires = picture_of(graph, Tree(graph).scene()).folded.plan.bands
    assert all(band.way[0][1] < band.way[-1][1] for band in wires if band.tail in (x, y)), "straight down"


def test_what_only_one_thing_uses_stands_above_it():
    def f(x, target):
        s = x
        for _ in range(30):
            s = bl.sin(s) + 0.1
        return (s - target) ** 2 * 3.0

    graph = bl.trace(f, 0.5, 0.9)
    nodes = places(graph)
    difference, scaled = (nodes[f"n{graph.uses[id][0][0]}"] for id in (1, len(graph) - 2))
    assert graph.nodes[len(graph) - 2].op == "constant"
    assert above(nodes["n1"], difference) and above(nodes[f"n{len(graph) - 2}"], scaled)


@pytest.mark.parametrize("name", GRAPHS)
def test_nothing_overlaps_whatever_is_open(name):
    graph = GRAPHS[name]()
    tree = Tree(graph)
    for parts in (None, [0], *([p.number] for p in tree.parts[1:40:3])):
        picture = picture_of(graph, tree.scene(parts))
        boxes = list(picture.folded.plan.layout.nodes.values())
        for k, a in enumerate(boxes):
            for b in boxes[:k]:
                assert a.right <= b.left or b.right <= a.left or a.bottom <= b.top or b.bottom <= a.top, (parts, a, b)
