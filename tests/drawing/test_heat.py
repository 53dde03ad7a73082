"""Heat maps: what is shown of an array is the array, in the film, in files and in words."""

import json
import math
import re
import xml.etree.ElementTree as ET
from unicodedata import normalize

import numpy as np
import pytest
from PIL import Image
from support.graphs import LAYER, ODD, RNG, kinds, layer
from support.pages import SVG

import backprop_lab as bl
from backprop_lab.drawing import heat
from backprop_lab.drawing.heat import INFINITE, NAN, heat_map, lying
from backprop_lab.drawing.texts import cell
from backprop_lab.export import flat
from backprop_lab.export.stills import Stills
from backprop_lab.film.film import Film
from backprop_lab.graph.array_rules import rule_formula, rule_words
from backprop_lab.graph.slopes import partial_label
from backprop_lab.text.notation import shorter

pytestmark = pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning", "ignore::RuntimeWarning")


def batch(X, W):
    return np.sum(bl.tanh(X @ W))


LARGE = (RNG.normal(size=(128, 784)), RNG.normal(size=(784, 10)))
GRAPHS = {
    "two-layer": lambda: bl.examples["two-layer"].trace(),
    "deep": lambda: bl.examples["deep"].trace(),
    "layer": lambda: bl.trace(layer, *LAYER),
    "odd": lambda: bl.trace(kinds, *ODD),
    "large": lambda: bl.trace(batch, *LARGE),
}


def is_right(own, x):
    """Whether a map shows these numbers, entry by entry or block by block; everything is worked out again."""
    x = np.asarray(x)
    sheet = x.reshape(-1, 1) if x.ndim == 1 else x.reshape(-1, x.shape[-1])
    if x.ndim == 1 and own.few and own.rows == 1:
        sheet = sheet.T
    most = 16 if x.ndim == 1 else 8
    tall, wide = math.ceil(sheet.shape[0] / most), math.ceil(sheet.shape[1] / 8)
    assert own.shape == x.shape and own.rows == math.ceil(sheet.shape[0] / tall)
    assert own.columns == math.ceil(sheet.shape[1] / wide) and own.rows <= most and own.columns <= 8
    blocks = [
        sheet[i * tall : (i + 1) * tall, j * wide : (j + 1) * wide].astype(float)
        for i in range(own.rows)
        for j in range(own.columns)
    ]
    with np.errstate(all="ignore"):
        shown = [float(np.sum(b) / b.size) for b in blocks]
    top = max((abs(v) for v in shown if math.isfinite(v)), default=0.0)
    assert bool(own.means) == (tall * wide > 1 or x.ndim > 2)
    for value, key, text in zip(shown, own.keys, own.texts, strict=True):
        if math.isnan(value):
            assert key == NAN and text == "nan"
        elif math.isinf(value):
            assert key == math.copysign(INFINITE, value)
        else:
            assert np.sign(key) == np.sign(value)
            assert abs(key / 255 * top - value) <= top / 255
            read = float(text.replace("−", "-"))
            rounded = (6e-3 if own.few else 6e-4) * (10 if "e" in text else 1)  # a power of ten takes a digit's place
            assert read == pytest.approx(value, rel=rounded, abs=1e-12)
    if not own.few and top:
        assert own.lines[0] in (f"■ {shorter(top, 3)}", "■ True")
    return True


# ---- what a map is


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (1, 6), (6,), (5,), (1, 1)])
def test_few_numbers_are_written(shape):
    x = RNG.normal(size=shape)
    own = heat_map(x)
    assert own.few and is_right(own, x) and own.lines == ()
    assert list(own.texts) == [shorter(v, 4 if own.columns == 1 else 3) for v in x.ravel()]


@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (2, 6), (12, 1)])
def test_short_numbers_of_a_matrix_are_written_up_to_twelve(shape):
    whole = np.arange(12.0).reshape(shape) - 3
    assert heat_map(whole).few and is_right(heat_map(whole), whole) and not heat_map(whole).lines
    assert not heat_map(1000.125 * whole).few or shape == (12, 1), "a row of long numbers would be too wide"
    assert not heat_map(whole > 0).few and not heat_map(np.full((3, 3), np.inf)).few


@pytest.mark.parametrize("left", [False, True])
def test_an_outer_product_is_a_table_with_its_factors(left):
    """At each step that makes one; the entries are the products of what stands at the side and on top."""

    def f(x, W):
        return np.sum(bl.tanh(x @ W if left else W @ x))

    film = Film(bl.trace(f, np.array([1.0, -2.0]), np.array([[1.0, 0.5], [-1.0, 2.0]])))
    tables = {film.maps(at)["a1"].table for at in range(len(film) + 1) if "a1" in film.maps(at)}
    ((adjoint, side, top),) = tables
    v = film.graph.nodes[2]
    bar, x = (
        tuple(shorter(n, 3) for n in numbers) for numbers in (film.sweep.numbers[v.id], film.graph.nodes[0].value)
    )
    assert (adjoint, side, top) == (("top", x, bar) if left else ("side", bar, x))
    drawn = film.picture.svg(film.texts(len(film)), maps=film.maps(len(film)))
    assert drawn.count("bl-heat-bar") == 2 + film.picture.svg({}, maps={}).count("bl-heat-bar")
    assert drawn.count(">⊗<") == 1 and "bl-heat-rule" in drawn
    assert film.data()["heat"]["tables"], "and goes to the page, which fills it while the numbers move"


def test_vectors_that_multiply_from_the_left_stand_as_rows():
    graph = bl.trace(lambda u, W, x: u @ (W @ x) + np.sum(x * x), np.ones(2), np.ones((2, 3)), np.ones(3))
    assert lying(graph) == {"p0", "a0"}, "x stands right of W, and W is no vector"
    maps = Film(graph).maps(len(Film(graph)))
    assert (maps["p0"].rows, maps["p0"].columns) == (1, 2) and (maps["p2"].rows, maps["p2"].columns) == (3, 1)


@pytest.mark.parametrize("shape", [(7,), (16,), (8, 8), (3, 3), (1, 7), (13, 1), (2, 2, 2), (2, 3, 4)])
def test_more_numbers_are_squares(shape):
    x = RNG.normal(size=shape)
    own = heat_map(x)
    assert not own.few and is_right(own, x)
    assert max(map(abs, own.keys)) == 255


@pytest.mark.parametrize("shape", [(17,), (1000,), (9, 8), (8, 9), (128, 784), (5, 3, 7), (100, 1), (1, 100), (20, 20)])
def test_large_arrays_are_means_and_say_so(shape):
    x = RNG.normal(size=shape)
    own = heat_map(x)
    assert is_right(own, x) and len(own.keys) <= 64
    size = re.search(r"mean of ([\d×]+) entries", own.means)[1]
    assert own.lines[1:] == (f"means of {size}", f"norm {shorter(float(np.sqrt(np.sum(x * x))), 3)}")
    rows = x.size // x.shape[-1] if len(shape) > 1 else shape[0]
    blocks = [int(n) for n in size.split("×")]
    uneven = rows % blocks[0] or (len(blocks) > 1 and shape[-1] % blocks[1])
    assert ("fewer at the end" in own.means) == bool(uneven)


@pytest.mark.parametrize("x", [3.0, 1 + 2j, True])
def test_a_number_needs_no_map(x):
    assert heat_map(x) is None


@pytest.mark.parametrize("shape", [(0,), (0, 3), (4, 0), (2, 0, 5)])
def test_nothing_to_show_is_no_map(shape):
    x = np.zeros(shape)
    assert heat_map(x) is None and ("0" in cell(x)) and "[]" not in cell(x)


def test_odd_numbers_have_marks():
    x = np.array([[1.0, np.nan, np.inf], [-np.inf, 0.0, -2.0], [4.0, 1e-9, -1e-300]])
    own = heat_map(x)
    assert own.keys == (64, NAN, INFINITE, -INFINITE, 0, -128, 255, 1, -1)
    assert own.lines == ("■ 4",)
    assert own.says.endswith(
        "from −2 to 4, largest in magnitude at row 3, column 1, index [2, 0], 1 is not a number, 2 are infinite"
    )
    nothing = heat_map(np.full((3, 3), np.nan))
    assert nothing.lines == ("none finite",) and set(nothing.keys) == {NAN}
    huge = np.full((20, 20), 1.7e308)
    assert set(heat_map(huge).keys) == {255}, "the sum of a block overflows, its mean does not"


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (
            np.array([[0.1, -0.2, 1], [0, 0, 1.7], [0.3, 0, 0]]),
            "3 by 3, from −0.2 to 1.7, largest in magnitude at row 2, column 3, index [1, 2]",
        ),
        (np.eye(7)[2], "7 numbers, all 0 but 1 at place 3, index [2]"),
        (np.zeros((3, 4)), "3 by 4, all 0"),
        (np.ones((2, 2, 2)) * 0.5, "2 by 2 by 2, all 0.5"),
        (np.arange(8.0).reshape(2, 2, 2), "2 by 2 by 2, from 0 to 7, largest in magnitude at index [1, 1, 1]"),
        (np.array([[7.0]]), "1 by 1: 7"),
        (np.array([[True, False, True]] * 3), "3 by 3, 6 of 9 are True"),
        (
            np.array([[3 + 4j, 0], [1, 1j]]),
            "2 by 2, complex, magnitudes from 0 to 5, largest at row 1, column 1, index [0, 0]",
        ),
    ],
)
def test_in_words(x, says):
    assert heat_map(x).says == says


def test_masks_complex_numbers_and_stacks_say_what_a_square_is():
    assert heat_map(np.ones((3, 3), bool)).lines == ("■ True",)
    own = heat_map(np.array([[3 + 4j, 0], [1, 1j]]))
    assert own.lines == ("■ |z| = 5",) and own.keys == (255, 0, 51, 51) and "magnitude" in own.means
    assert heat_map(np.ones((2, 2, 3))).means == "the matrices of the axes 0, 1 stand below each other"


# ---- in the film


def numbers_at_every_step(graph, film):
    """What stands in the cells, from the Steps alone."""
    shown = {f"p{n.id}": n.value for n in graph.nodes if n.op in ("input", "constant")}
    yield dict(shown)
    for step in film.steps:
        if step.kind == "value":
            shown[f"p{step.node.id}"] = step.after
        elif step.kind != "contribution" or f"a{step.node.id}" not in shown:  # a further arrival waits for the sum
            shown[f"a{step.node.id}"] = step.after
        yield dict(shown)


@pytest.mark.parametrize("mode", ["value", "forward", "reverse"])
@pytest.mark.parametrize("name", GRAPHS)
def test_every_map_at_every_step_is_the_steps_array(name, mode):
    graph = GRAPHS[name]()
    film = Film(graph, mode)
    seen = set()
    for at, shown in enumerate(numbers_at_every_step(film.graph, film)):
        maps = film.maps(at)
        expected = {k for k, x in shown.items() if isinstance(x, np.ndarray)}
        assert maps.keys() == expected
        for key, own in maps.items():
            assert is_right(own, shown[key])
            seen.add(key)
    assert seen and seen == film.heat.rooms.keys()


def test_sweeps_for_several_inputs_start_empty():
    film = Film(GRAPHS["layer"](), "sweeps")
    starts = [k for k, s in enumerate(film.steps, 1) if s.kind == "seed" and s.node.op == "input"]
    first = starts[0]
    again = next(k for k in starts if film.steps[k - 1].sweep is not film.steps[first - 1].sweep)
    assert sum(key[0] == "a" for key in film.maps(again - 1)) > sum(key[0] == "a" for key in film.maps(again))


def test_the_page_gets_what_the_film_has():
    film = Film(GRAPHS["layer"](), "reverse")
    sent = json.loads(json.dumps(film.data(), allow_nan=False))["heat"]
    shown = {}
    for at, change in enumerate(sent["changes"]):
        shown |= change
        maps = film.maps(at)
        assert {k for k, n in shown.items() if n is not None} == maps.keys()
        for key, own in maps.items():
            got = sent["maps"][shown[key]]
            assert got["texts"] == list(own.texts) and got["says"] == own.says
            assert got.get("keys", list(own.keys)) == list(own.keys) and got.get("few", False) == own.few
    assert len({json.dumps(m) for m in sent["maps"]}) == len(sent["maps"]), "equal maps are sent once"


def test_large_arrays_are_never_sent():
    film = Film(GRAPHS["large"](), "reverse")
    assert sum(n.value.size for n in film.graph.nodes if isinstance(n.value, np.ndarray)) > 100_000
    assert len(json.dumps(film.data())) < 40_000
    assert "heat" not in Film(bl.examples["edelman"].trace()).data()


# ---- in files


def squares_of(root, key):
    """Sides of the filled and hollow squares of a map, from the SVG alone."""
    (place,) = (g for g in root.iter(f"{SVG}g") if g.get("data-heat") == key)
    found = {}
    for path in place.iter(f"{SVG}path"):
        kind = "hollow" if path.get("fill") == "none" else "filled"
        for x, y, side in re.findall(r"M([-\d.]+) ([-\d.]+)h([-\d.]+)v", path.get("d")):
            outer = float(side) + (1 if kind == "hollow" else 0)
            found[float(y) + float(side) / 2, float(x) + float(side) / 2] = outer if kind == "filled" else -outer
    return [found[at] for at in sorted(found, key=lambda at: (at[0] // 12, at[1]))]


def test_saved_pictures_have_the_maps_of_their_step(tmp_path):
    player = bl.step(layer, *LAYER)
    film = player._film
    written = player.save(tmp_path / "s.svg", at="all")
    sizes = set()
    for at, path in enumerate(written):
        root = ET.fromstring(path.read_text("utf-8"))
        sizes.add((root.get("width"), root.get("height")))
        drawn = {g.get("data-heat") for g in root.iter(f"{SVG}g") if g.get("data-heat") and len(g)}
        assert drawn == film.maps(at).keys()
    assert len(sizes) == 1
    W = LAYER[1]
    sides = np.array(squares_of(root, "p1"))
    assert sides.shape == (32,) and (np.sign(sides) == np.sign(W.ravel())).all()
    area = sides**2 / (10.5**2) * np.abs(W).max()
    big = np.abs(sides) > 3.5  # the smallest squares are drawn larger, so that they can be seen
    assert np.allclose(area[big], np.abs(W.ravel())[big], atol=0.06 * np.abs(W).max())


def test_pictures_in_pixels_and_print(tmp_path):
    player = bl.step(kinds, *ODD)
    last = len(player.steps)
    (png,) = player.save(tmp_path / "s.png", at=last)
    with Image.open(png) as image:
        colours = {c for _, c in image.convert("RGB").getcolors(1 << 24)}
    assert {tuple(bytes.fromhex(flat.colours()[name][1:])) for name in ("--bl-value", "--bl-adjoint")} <= colours
    assert player.save(tmp_path / "s.pdf", at=last)[0].stat().st_size > 1000
    assert player.save(tmp_path / "s.tex")[0].read_text().startswith("%")


@pytest.mark.parametrize("mode", ["forward", "both"])
def test_other_modes_have_them_too(mode, tmp_path):
    player = bl.step(layer, *LAYER, mode=mode)
    last = len(player.steps) if mode == "forward" else len(player._film)
    root = ET.fromstring(player.save(tmp_path / "s.svg", at=last)[0].read_text("utf-8"))
    drawn = [g.get("data-heat") for g in root.iter(f"{SVG}g") if g.get("data-heat") and len(g)]
    maps = player._film.maps(last)
    assert sorted(drawn) == sorted(key.removeprefix("+") for key in maps) and len(drawn) > 10


def test_a_graph_alone_shows_its_final_maps():
    graph = GRAPHS["layer"]()
    root = ET.fromstring(graph._repr_svg_())
    film = Film(graph, "reverse")
    drawn = {g.get("data-heat") for g in root.iter(f"{SVG}g") if g.get("data-heat") and len(g)}
    assert drawn == film.maps(len(film)).keys()


def test_maps_stay_inside_their_cells():
    for name in GRAPHS:
        film = Film(GRAPHS[name](), "value" if name == "odd" else "reverse")
        root = ET.fromstring(film.picture.svg({}, embed=False, maps=film.maps(len(film))))
        for node in root.iter(f"{SVG}g"):
            if not node.get("data-node"):
                continue
            cells = {r.get("class")[-1]: r for r in node.iter(f"{SVG}rect") if r.get("class", "").startswith("bl-cell")}
            for place in (g for g in node.iter(f"{SVG}g") if g.get("data-heat")):
                x, y = map(float, re.findall(r"[-\d.]+", place.get("transform")))
                box = {k: float(cells[place.get("data-heat")[0]].get(k)) for k in ("x", "y", "width", "height")}
                for frame in place.iter(f"{SVG}rect"):
                    left, wide = x + float(frame.get("x")), float(frame.get("width"))
                    assert box["x"] <= left and left + wide <= box["x"] + box["width"]
                    assert y + float(frame.get("height")) <= box["y"] + box["height"]
                for text in place.iter(f"{SVG}text"):
                    assert y + float(text.get("y")) <= box["y"] + box["height"] - 2


# ---- the rules of arrays


def edges_of(graph):
    return {(e.parent.label, e.child.label): (e.child, e.slot) for e in graph.edges}


def test_rules_are_written_as_the_field_writes_them():
    edges = edges_of(bl.examples["two-layer"].trace())
    written = {pair: normalize("NFC", rule_formula(*edge)) for pair, edge in edges.items()}
    assert written["W1", "v1"] == "W̄1 += v̄1 xᵀ" and written["x", "v1"] == "x̄ += W1ᵀ @ v̄1"
    assert written["z", "a"] == "z̄ += ā ⊙ unit_step(z)" and written["b1", "z"] == "b̄1 += z̄"
    assert partial_label(*edges["z", "a"]) == "⊙ [1, 0, 1]"
    assert rule_words(*edges["v2", "tau"]) == "", "between numbers, the local partial says all"


def test_broadcasting_is_named():
    graph = GRAPHS["layer"]()
    edges = edges_of(graph)
    assert partial_label(*edges["b", "v2"]) == "Σ axis 0"
    assert rule_formula(*edges["b", "v2"]) == "b̄ += sum(v̄2, axis=0)"
    words = rule_words(*edges["b", "v2"])
    assert words.endswith("Broadcasting had repeated b, so what comes back is summed over axis 0.")
    assert partial_label(*edges["v2", "H"]) == "⊙ (1 − H²)"
    arrivals = [s for s in bl.step(graph).steps if s.kind == "contribution"]
    (step,) = (s for s in arrivals if s.edge[0].label == "v2" and s.node.label == "b")
    assert "sum(v̄2 · ∂v2/∂b, axis=0)" in step.formula
    (step,) = (s for s in arrivals if s.node.label == "W")
    assert "v1 sends Xᵀ @ v̄1 = 4×8 numbers to W." in step.sentence


@pytest.mark.parametrize(
    ("f", "shapes", "over"),
    [
        (lambda A, b: np.sum(A + b), [(3, 4), (4,)], "axis 0"),
        (lambda A, b: np.sum(A * b), [(3, 4), (3, 1)], "axis 1"),
        (lambda A, b: np.sum(A / b), [(3, 4), (1, 1)], "all entries"),
        (lambda A, b: np.sum(A - b), [(2, 3, 4), (3, 1)], "the axes 0, 2"),
        (lambda A, b: np.sum(A @ b), [(5, 3, 4), (4, 2)], "axis 0"),
        (lambda A, b: np.sum(A * b), [(3, 4), (3, 4)], None),
    ],
)
def test_the_axes_are_those_that_numpy_repeated(f, shapes, over):
    """The contribution is the sum over exactly these axes of what would come back without broadcasting."""
    A, b = (RNG.uniform(1, 2, size=s) for s in shapes)
    graph = bl.trace(f, A, b)
    (edge,) = (e for e in graph.edges if e.parent.label == "b")
    words = rule_words(edge.child, edge.slot)
    assert (f"summed over {over}." in words) if over else ("Broadcasting" not in words)
    if over and "@" not in edge.child.formula:
        whole = np.broadcast_to(b, A.shape).copy()
        spread = bl.grad(f, 1)(A, whole)
        axes = tuple(range(A.ndim)) if over == "all entries" else tuple(int(k) for k in re.findall(r"\d", over))
        assert np.allclose(spread.sum(axis=axes).ravel(), bl.grad(f, 1)(A, b).ravel())


def test_comparisons_send_nothing():
    graph = bl.trace(lambda v: np.sum(np.where(v > 1, v, 2 * v)), np.arange(9.0))
    words = [rule_words(e.child, e.slot) for e in graph.edges if e.child.op == "greater"]
    assert words and all(w.startswith("Nothing goes back") for w in words)


def test_caps_are_what_the_texts_say():
    assert (heat.MOST, heat.MOST_OF_VECTOR, heat.FEW) == (8, 16, 6)
    assert Stills(Film(GRAPHS["two-layer"]())).svg(0).count("bl-") == 0
