"""Folding, as data: what is seen while some parts are open, and that nothing is lost or seen twice."""

import itertools
import json
import math
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.folded import GRAPHS, flat, layers, loop, parameters, squares
from support.pages import SVG
from support.strategies import examples, programs

import backprop_lab as bl
from backprop_lab.drawing.folding.fold import AT_FIRST, Tree, tree_of
from backprop_lab.drawing.folding.forms import DIGITS, settled
from backprop_lab.drawing.folding.outline import MOST, Part, turns_in
from backprop_lab.drawing.picture import NARROW, Picture
from backprop_lab.drawing.texts import cell
from backprop_lab.film.film import Film
from backprop_lab.film.opening import MOST_SEEN, called, named, opened, scenes
from backprop_lab.film.race import film_of
from backprop_lab.film.told import packed


@pytest.fixture(scope="module", params=GRAPHS)
def tree(request):
    return Tree(GRAPHS[request.param]())


def nodes_in(part):
    """All node numbers in a part, found by walking it."""
    todo, found = [part], []
    while todo:
        for p in todo.pop().parts:
            (todo if isinstance(p, Part) else found).append(p)
    return found


def check(scene):
    """Every node is seen itself or in exactly one box; every edge is one line or inside one box; no line is doubled."""
    graph = scene.tree.graph
    seen = [*scene.nodes, *(id for box in scene.boxes for id in nodes_in(box))]
    assert sorted(seen) == list(range(len(graph)))
    assert len(scene) == len(scene.nodes) + len(scene.boxes) == len(scene.order)
    for box in scene.boxes:
        assert all(scene.place(id) == f"g{box.number}" for id in nodes_in(box))
        assert box.size == len(nodes_in(box)) and box.result in nodes_in(box)
        assert box.parent.number in scene.open
    edges = [(child, slot) for child in range(len(graph)) for slot in range(len(graph.operand_ids(child)))]
    drawn = [use for wire in scene.wires for use in wire.uses]
    assert len(drawn) == len(set(drawn)) and len({w.key for w in scene.wires}) == len(scene.wires)
    for child, slot in edges:
        ends = scene.place(graph.operand_ids(child)[slot]), scene.place(child)
        p = graph.operand_ids(child)[slot]
        written = graph.nodes[p].op == "constant" and scene.tree.of[p] != scene.tree.of[child]  # in the formula alone
        assert ((child, slot) in drawn) == (ends[0] != ends[1] and not written)
    for wire in scene.wires:
        for child, slot in wire.uses:
            assert (scene.place(graph.operand_ids(child)[slot]), scene.place(child)) == (wire.source, wire.target)
    merged = [(w.source, w.target) for w in scene.wires if w.key[0] == "m"]
    assert len(merged) == len(set(merged))


def test_small_graphs_are_whole():
    assert tree_of(bl.examples["edelman"].trace()) is None
    assert tree_of(bl.trace(lambda x, y: loop(x, y, 19), 0.5, 0.9)) is None  # 40 nodes
    assert tree_of(bl.trace(lambda x, y: loop(x, y, 20), 0.5, 0.9)) is not None


def test_at_first_few_boxes_are_seen(tree):
    scene = tree.scene()
    check(scene)
    assert len(scene) - len(tree.graph.input_names) <= AT_FIRST
    for part in tree.parts:
        assert len(part.parts) <= MOST and (part.number == 0 or len(part.parts) > 1)
    everything = tree.scene(range(len(tree.parts)))
    check(everything)
    assert everything.nodes == tuple(range(len(tree.graph))) and not everything.boxes


def test_any_parts_may_be_open(tree):
    @given(st.sets(st.integers(-2, len(tree.parts) + 1), max_size=6))
    @examples(15)
    def holds(parts):
        scene = tree.scene(parts)
        check(scene)
        assert {p for p in parts if 0 <= p < len(tree.parts)} <= scene.open

    holds()


@given(programs(60), st.randoms(use_true_random=False))
@examples(15)
def test_random_programs(program, random):
    graph = bl.trace(program.run, *program.inputs)
    tree = Tree(graph)
    check(tree.scene())
    check(tree.scene(random.sample(range(len(tree.parts)), len(tree.parts) // 2)))


def test_a_net_of_scalars_reads_as_layers_and_neurons():
    tree = Tree(GRAPHS["net"]())
    labels = [(part.depth, part.label, part.size) for part in tree.parts if part.label[0] != "p"]
    assert labels[:4] == [
        (0, "net", 72),
        (1, "y = MLP: 3 Layers", 42),
        (2, "Layer 1: 3 Neurons", 15),
        (3, "x[0]", 5),
    ]
    names = [label for _, label, _ in labels]
    assert [name for name in names if name[-3:] == "[2]"] == ["x[2]", "x_2[2]"], "rows are called by what receives them"
    assert "Layer 2: 3 Neurons" in names and "Layer 3" in names, "of one neuron"
    weights = [*parameters([2, 4])[0], *parameters([4, 5])[0]]
    labels = [part.label for part in Tree(bl.trace(layers, *weights, [0.5, 1.0])).parts]
    assert "h = layer: 4 entries" in labels and "y = layer: 5 entries" in labels
    assert "h[3]" in labels and "h[4]" not in labels and "y[4]" in labels and "y[5]" not in labels


def test_flat_code_is_cut_between_lines():
    tree = Tree(GRAPHS["flat"]())
    labels = [part.label for part in tree.parts[1:]]
    assert labels[0] == "lines 2–14" and labels[-1].endswith("–241")
    spans = [tuple(map(int, label.removeprefix("lines ").split("–"))) for label in labels]
    assert all(b + 1 == a for (_, b), (a, _) in zip(spans, spans[1:], strict=False))
    deep = Tree(bl.trace(flat(1600), 0.5, 0.9))
    assert max(part.depth for part in deep.parts) == 2 and max(len(part.parts) for part in deep.parts) <= 15


def test_one_line_of_many_operations_is_named_by_its_nodes():
    graph = bl.trace(eval("lambda x: " + "x * (" * 60 + "x" + ")" * 60), 1.001)
    labels = [part.label for part in Tree(graph).parts[1:]]
    assert labels[0] == "v1 … v7" and len(set(labels)) == len(labels)


def test_a_constant_of_several_turns_stands_outside():
    def f(x):
        for _ in range(30):
            x = x * 1.5 + 1.0
        return x

    tree = Tree(bl.trace(f, 1.0))
    outside = [tree.graph.nodes[p].label for p in tree.parts[1].parts if isinstance(p, int)]
    assert outside == ["1.5", "1"]


def test_results_are_what_the_outside_uses():
    def helper(x):
        a = x * 2.0
        b = a + 1.0
        unused = b * 3.0  # noqa: F841
        return a * b

    def f(x):
        total = x
        for _ in range(12):
            total = total + helper(total) * 0.01
        return total

    tree = Tree(bl.trace(f, 1e-3))
    graph = tree.graph
    for part in tree.parts[1:]:
        inside = set(nodes_in(part))
        used = [id for id in inside if any(c not in inside for c, _ in graph.uses[id]) or id in graph.output_ids]
        assert part.result == max(used)


def test_deep_recursion_folds_without_recursion():
    def power(x, n):
        return x if n == 0 else x * power(x, n - 1)

    tree = Tree(bl.trace(lambda x: power(x, 600), 1.001))
    assert max(part.depth for part in tree.parts) > 500
    check(tree.scene())
    assert len(tree.scene()) <= AT_FIRST + 1  # and the input


def test_the_picture_has_a_place_for_all_that_is_seen(tree):
    scene = tree.scene()
    root = ET.fromstring(Picture(tree.graph, scene=scene).svg())
    found = {t.get("data-key"): t.text for t in root.iter(f"{SVG}text") if t.get("data-key")}
    assert set(found) == scene.keys
    groups = {g.get("data-group") for g in root.iter(f"{SVG}g")} - {None}
    assert groups == {str(box.number) for box in scene.boxes}
    bars = bl.adjoint_sweep(tree.graph).numbers
    for box in scene.boxes:
        digits = DIGITS if scene.skeleton.forms.get(f"g{box.number}") else 0
        if f"a{box.result}" in scene.keys:
            assert found[f"p{box.result}"] and found[f"a{box.result}"] == settled(cell(bars[box.result]), digits)


def test_lines_and_nodes_that_a_step_lights(tree):
    film = Film(tree.graph)
    scene = film.scene
    for at, step in enumerate(film.steps, 1):
        lit = film.classes(at)
        assert "bl-write" in lit[scene.place(step.node.id)]
        keys = {key for key in lit if key != "svg" and key[0] not in "paw"}  # lines, nodes and boxes, not numbers
        assert keys <= set(scene.order) | {wire.key for wire in scene.wires}
        for node in {*step.reads} - {step.node}:
            assert "bl-read" in lit[scene.place(node.id)]


def test_progress_counts_the_steps_of_each_box(tree):
    film = Film(tree.graph)
    scene = film.scene
    for at in (1, len(film) // 3, len(film) // 2, len(film)):
        part = film.phase(film.steps[at - 1])
        for box in scene.boxes:
            inside = set(nodes_in(box))
            own = [
                k
                for k, s in enumerate(film.steps, 1)
                if film.phase(s) == part and (s.edge[0] if s.edge is not None else s.node).id in inside
            ]
            done = sum(k <= at for k in own)
            assert film.texts(at).get(f"d{box.number}", "") == (f"{done} of {len(own)} steps" if done else "")


def test_opening_keeps_what_is_open_until_it_is_too_much():
    tree = Tree(bl.trace(lambda x, y: loop(x, y, 1000), 0.5, 0.9))
    bundles = [part.number for part in tree.parts if part.kind == "bundle"]
    now = tree.at_first
    for part in bundles:
        now = opened(tree, now | {part}, now)
        assert part in now and len(tree.scene(now)) <= MOST_SEEN
    assert opened(tree, now - {bundles[-1]}, now) == now - {bundles[-1]}


def test_a_page_takes_a_picture_of_each_outer_part(tree):
    film = Film(tree.graph)
    found = scenes(film)
    assert ",".join(map(str, sorted(tree.at_first))) in found and "0" in found
    for open, (drawn,) in found.items():
        scene = tree.scene(map(int, open.split(",")))
        groups = {g.get("data-group") for g in ET.fromstring(drawn["svg"]).iter(f"{SVG}g")} - {None}
        assert groups == {str(box.number) for box in scene.boxes}


def test_the_player_opens_parts_and_keeps_its_place():
    player = bl.step(lambda x, y: loop(x, y, 100), 0.5, 0.9)
    player.at, film = 77, player.film
    part = next(p for p in player._film.tree.parts if p.label == "turn 11 to 20")
    player.request = {"open": [*sorted(player._film.open), part.number], "id": 1}
    assert player.at == 77 and player.film is film and part.number in player.scene["open"]
    drawn = player.scene["svgs"][0]["svg"]
    assert f"data-frame='{part.number}'" in drawn and f'data-frame="{part.number}"' in player.svg(77)
    player.request = {"inputs": {"x": 0.25}, "at": 77, "id": 2}
    assert part.number in player.film["fold"]["open"] and f"data-frame='{part.number}'" in player.film["svg"]
    player.request = {"open": "nonsense", "id": 3}
    assert player.scene["open"] == [0]


@pytest.mark.parametrize("mode", ["value", "forward", "both"])
def test_other_modes_fold(mode):
    player = bl.step(GRAPHS["net"](), mode=mode)
    assert "folded" not in player.trouble
    last = len(player._film)
    root = ET.fromstring(player.svg(last))
    boxes = [g for g in root.iter(f"{SVG}g") if g.get("data-group")]
    assert len(boxes) == len(player._film.tree.scene().boxes) * (2 if mode == "both" else 1)
    player.request = {"open": [0], "id": 1}
    assert len(player.scene["svgs"]) == (2 if mode == "both" else 1)


def test_files_of_a_folded_graph(tmp_path):
    player = bl.step(GRAPHS["loop"]())
    for ending in (".svg", ".png", ".pdf", ".tex", ".txt", ".html"):
        (path,) = player.save(tmp_path / f"f{ending}", at=None if ending in (".txt", ".html") else 300)
        assert path.stat().st_size > 2000
    text = (tmp_path / "f.svg").read_text("utf-8")
    assert "turn 11 to 20" in text and "bl-close" not in text and "close turn" not in text
    tex = (tmp_path / "f.tex").read_text("utf-8")
    assert "turn 11 to 20" in tex and "20 nodes" in tex and "bl done" in tex


def test_the_payload_of_a_large_graph():
    film = bl.step(flat(240), 0.5, 0.9).film
    assert len(film["rows"]) == 301 and len(film["frames"]) > 900
    assert len(json.dumps(film, ensure_ascii=False).encode()) < 1_000_000


@pytest.mark.parametrize("mode", ["reverse", "both"])
def test_packed_formulas_are_the_films(mode):
    data = film_of(bl.trace(lambda x, y: loop(x, y, 130), 0.5, 0.9), mode, None, None, 1.0).data()
    small = packed(data)

    def unpacked(formula):
        return "".join(small["pieces"][int(k)] for k in formula.split(" "))

    def formulas(film):
        halves = [half for frame in film["frames"] for half in frame.get("both", [frame]) if half]
        return json.dumps([half.get("formula", "") for half in halves])

    assert len(formulas(small) + json.dumps(small["pieces"])) < 0.6 * len(formulas(data))
    assert len(json.dumps(small)) < len(json.dumps(data))
    for frame, was in zip(small["frames"], data["frames"], strict=True):
        for half, other in zip(frame.get("both", [frame]), was.get("both", [was]), strict=True):
            if half is None or "formula" not in half:  # a sweep that is done, the start
                assert half == other
                continue
            assert unpacked(half["formula"]) == other["formula"] and half["say"] == other["say"]


@pytest.mark.parametrize("f", [squares, lambda w: sum(wk * wk for wk in w)])
def test_a_long_sum_is_a_loop_of_terms(f):
    """Each turn of it makes a term and adds it; the list of inputs is one part."""
    for g in (f,):  # a lambda may stand in the head of a loop, which is no loop of its own
        tree = Tree(bl.trace(g, [k / 400 for k in range(400)]))
        graph = tree.graph
        check(tree.scene())
        top = [p.label for p in tree.parts[0].groups]
        assert top == ["w", "sum, 400 terms"] and len(tree.scene()) <= MOST + 2
        (w,) = (p for p in tree.parts if p.label == "w")
        assert w.number not in tree.at_first and [p.label for p in w.groups][:2] == ["w[0 … 19]", "w[20 … 39]"]
        assert w.inside == "400 entries; the last:" and w.told("w[399]").endswith("the last is w[399]")
        (whole,) = (p for p in tree.parts if p.label == "sum, 400 terms")
        turns = list(turns_in(whole))
        assert len(turns) >= 399  # one operation alone is no turn
        for turn in turns:
            k, nodes = turn.turn - 1, sorted(turn.nodes())
            assert graph.names[k] in {graph.names[id] for node in nodes for id in graph.operand_ids(node)}
            assert k == 0 or graph.nodes[nodes[-1]].op == "add" and len(nodes) == len(list(turns[1].nodes()))
        assert math.isclose(graph.values[max(turns[-1].nodes())] / (400 if f is squares else 1), graph.values[-1])


def test_open_parts_have_names(tree):
    """With the names of what is open the same is open again; of several with one name the first."""

    @given(st.sets(st.integers(0, len(tree.parts) - 1), max_size=6))
    @examples(15)
    def holds(parts):
        open = tree.with_around(parts)
        names = called(tree, open)
        assert named(tree, names) == open and len(set(names)) == len(names)

    holds()
    assert called(tree, {0}) == [] and named(tree, []) == {0}
    last = tree.parts[-1]
    assert named(tree, [last.label]) >= {next(p.number for p in tree.parts if p.label == last.label)}


def test_a_bundle_with_a_loose_node_can_be_opened():
    """The first term of a long sum was made with the second, and stands beside the turns."""

    def dot(x, y):
        return sum(a * b for a, b in zip(x, y, strict=True))

    graph = bl.trace(lambda x, y: dot([x + k for k in range(60)], [y * k for k in range(60)]), 0.5, 0.9)
    tree = tree_of(graph)
    for part in tree.parts:
        film = Film(graph)
        film.open = tree.with_around([part.number])
        assert all(key in film.picture.layout.nodes for key in film.scene.order)


def placed_in(x, k, kept):
    kept.append(scaled(x, 0.5 + k))
    mixed = scaled(sum(kept), 0.1)
    return bent(mixed)


def scaled(x, factor):
    y = x * factor
    return y + 0.125 * factor


def bent(x):
    y = bl.tanh(x)
    return y * y + x


def places(x, count):
    kept, total = [], 0.0
    for k in range(count):
        u = scaled(x, 1.0 + k)
        v = bent(placed_in(u, k, kept))
        total = total + bent(v)
    return total


def test_turns_that_call_the_same_functions_are_rows_of_a_grid():
    tree = Tree(bl.trace(lambda x: places(x, 3), 0.5))
    (loop,) = [part for part in tree.parts if part.kind == "loop" or ", 3 turns" in part.label]
    scene = tree.scene([turn.number for turn in loop.groups])
    assert scene.skeleton.kinds[loop.number] == "grid"
    columns = list(zip(*(turn.groups for turn in loop.groups), strict=True))
    assert [{part.function for part in column} for column in columns] == [{"scaled"}, {"placed_in"}, {"bent"}, {"bent"}]
    layout = Picture(tree.graph, "adjoint", scene=scene).layout
    for column in columns:
        boxes = [layout.nodes[f"g{part.number}"] for part in column]
        assert len({round(box.left, 3) for box in boxes}) == 1 and len({box.width for box in boxes}) == 1
        assert all(a.bottom < b.top for a, b in itertools.pairwise(boxes))
    handed = [wire for wire in scene.wires if wire.source == f"g{columns[1][0].number}" and wire.target[0] == "g"]
    assert {wire.target for wire in handed} >= {f"g{part.number}" for part in columns[1][1:]}, "what is kept, too"


@pytest.mark.parametrize(
    "graph", [*GRAPHS.values(), lambda: bl.trace(lambda x, y: loop(x, y, 200), 0.5, 0.9)], ids=[*GRAPHS, "strip"]
)
def test_no_folded_picture_is_wider_than_a_page_or_a_projector(graph):
    """1200 units are 992 pixels with letters of 12, 830 are a projector's 1024 with letters of 18."""
    film = Film(graph())
    for open in [film.open, *(film.tree.with_around([part.number]) for part in film.tree.parts[1:40:3])]:
        assert film.picture_of(open).width <= 1200 and film.picture_of(open, NARROW).width <= 830, open
