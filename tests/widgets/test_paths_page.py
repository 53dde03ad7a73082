"""The view of paths in a real browser: every row at every step against bl.paths, by mouse and by keyboard."""

import itertools
import re

import pytest
from support.circles import a_cover
from support.graphs import GRAPHS, MAKE
from support.operate import as_read, plainly, walk
from support.pages import PAINTED, asked_texts, at, contrast, open_both, open_page, press, with_settings

import backprop_lab as bl
from backprop_lab.drawing.texts import cell
from backprop_lab.film.film import Film
from backprop_lab.text.notation import number, shorter
from backprop_lab.widgets.page import text as front_end

ROWS = plainly("""(root) => [...root.querySelectorAll('.bl-routes tbody tr')].map((row) => [
  row.querySelector('th').textContent,
  [...row.querySelectorAll('.bl-factor')].map((f) => f.textContent.replace(/[()]/g, '')),
  row.querySelector('.bl-product').textContent])""")
SUM = plainly("(root) => [...root.querySelectorAll('.bl-routes tfoot tr > *')].map((c) => c.textContent)")
LIT = """(root) => [...root.querySelectorAll('.bl-picture')].map((p) =>
  [...p.querySelectorAll('.bl-route-road path')].map((path) => path.getAttribute('d')))"""


COUNT = "(root) => root.querySelector('.bl-paths-count').textContent"
WORDS = plainly("(root) => root.querySelector('.bl-paths .bl-view-words').textContent")
SHAPES = """(root) => { const svg = root.querySelector('svg.bl-svg'); const found = {};
  for (const edge of svg.querySelectorAll('[data-edge]')) found[edge.dataset.edge] = edge.querySelector('.bl-wire').getAttribute('d');
  for (const node of svg.querySelectorAll('[data-node]')) found[`n${node.dataset.node}`] = node.querySelector('.bl-shape').getAttribute('d');
  return found; }"""  # noqa: E501


def words(root):
    return root.evaluate(WORDS)


def expected_rows(film, paths, k, texts_at=Film.texts):
    """The table's rows at position k, from the engine: names, factors as on the edges, product."""
    texts = texts_at(film, k)
    rows = []
    for path in paths:
        factors = [texts.get(f"w{child.id}_{slot}", "") for child, slot in path.edges]
        product = f"= {cell(path.product)}" if all(factors) else "= ?"
        rows.append([" → ".join(as_read(n.label) for n in path.nodes), [f or "?" for f in factors], product])
    return rows


def wires(shapes, path):
    """The shapes that should be lit: the wires of a path's edges, then its nodes."""
    return [*(shapes[f"{child.id}_{slot}"] for child, slot in path.edges), *(shapes[f"n{n.id}"] for n in path.nodes)]


CASES = {name: (lambda name=name: bl.examples[name].step(views=("paths",))) for name in ("edelman", "strang", "olah")}
CASES |= {
    "toy": lambda: bl.examples["edelman-toy"].step(views=("paths",)),
    "sources-sink": lambda: bl.examples["sources-sink"].step(views=("paths",)),
    "ladder": lambda: bl.examples.ladder(2).step(views=("paths",)),
    "forward": lambda: bl.examples["strang"].step(mode="forward", wrt="x", views=("paths",)),
    "value": lambda: bl.examples["olah"].step(mode="value", views=("paths",)),
    "program": lambda: bl.step(GRAPHS["program"](), views=("paths",)),
}


@a_cover("name", CASES.keys(), lambda name: {name} & {"program", "ladder", "forward", "value"} or {"example"})
def test_every_row_at_every_step(page, tmp_path, name):
    player = CASES[name]()
    film, graph = player._film, player.graph
    source = graph.nodes[film.data()["routes"]["from"]]
    paths = list(bl.paths(graph, source))
    root = open_page(page, player, tmp_path)
    shapes = root.evaluate(SHAPES)
    seen = walk(root, ["Home", *len(paths) * ["p"]], COUNT, LIT)
    for k, (_, _, counted, lit) in enumerate(seen, 1):
        here = min(k, len(paths))  # after the last there is none
        assert counted == f"path {here} of {len(paths)}" and lit == [wires(shapes, paths[here - 1])]
    total = sum(p.product for p in paths)
    seen = walk(root, ["Home", *len(film) * ["ArrowRight"]], ROWS, SUM, WORDS)
    for k, (place, _, rows, added, said) in enumerate(seen):
        rows = [[re.sub(r" \(operand \d\)", "", name), *rest] for name, *rest in rows]
        assert place == k and rows == expected_rows(film, paths, k)
        known = "?" not in str(rows)
        if k:
            assert added[2] == (f"= {cell(total)}" if known else "= ?")
        if k and not known:
            assert said.startswith("A ? is not known yet: the values have not reached ")
        elif k and film.second:
            node = source if film.second == "adjoint" else graph.outputs[0]
            done = all(s.node != node or s.kind == "value" for s in film.steps[k:])
            assert ("The sweep found the same number" in said) == done
            assert ("step on and compare" in said) == (not done)
    back = range(len(paths) - 1, 0, -1)
    for k, (_, _, rows, lit) in zip(back, walk(root, len(back) * ["P"], ROWS, LIT), strict=True):
        assert len(rows) == k and lit == [wires(shapes, paths[k - 1])]
    root.focus()
    press(page, "p", "Shift+P")
    assert root.evaluate(LIT) == [wires(shapes, paths[0])]


def test_the_figures_of_the_lecture(page, tmp_path):
    root = open_page(page, bl.examples["strang"].step(), tmp_path)
    root.focus()
    press(page, "End")
    assert not root.locator(".bl-paths").is_visible()
    assert root.locator(".bl-route").count() == 0
    root.get_by_role("button", name="paths", exact=True).click()
    assert root.evaluate(ROWS) == [["x → c → F", ["12", "11"], "= 132"]]
    assert root.evaluate(SUM) == ["added up so far", "", "= 132"]
    assert words(root) == "1 more path to come."
    root.get_by_role("button", name="next path").click()
    assert root.evaluate(ROWS)[1] == ["x → s → F", ["1", "8"], "= 8"]
    assert root.evaluate(SUM) == ["all paths added up", "132 + 8", "= 140"]
    assert root.locator(".bl-routes tfoot tr").evaluate("(r) => getComputedStyle(r).display") == "table-row"
    said = "132 + 8 = 140, the adjoint of x. The sweep found the same number, and passed each of the 4 edges once."
    assert words(root) == said
    assert root.get_by_role("button", name="next path").get_attribute("aria-disabled") == "true"
    assert root.get_by_role("button", name="next path").evaluate("(b) => b === document.activeElement")
    press(page, "Enter", "p")  # there are no more
    assert len(root.evaluate(ROWS)) == 2
    root.get_by_role("button", name="previous path").click()
    assert len(root.evaluate(ROWS)) == 1
    root.get_by_role("button", name="paths", exact=True).click()
    assert root.locator(".bl-route").count() == 0 and not root.locator(".bl-paths").is_visible()
    root.focus()
    press(page, "p")
    assert root.locator(".bl-paths").is_visible() and len(root.evaluate(ROWS)) == 1


def test_any_two_nodes_by_list(page, tmp_path):
    player = bl.examples["edelman"].step(views=("paths",))
    graph = player.graph
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "End")
    begin, finish = root.get_by_label("paths from"), root.get_by_label("to", exact=True)
    for source, sink in itertools.product(graph.nodes[:4], graph.nodes[3:]):
        begin.select_option(str(source.id))
        finish.select_option(str(sink.id))
        paths = list(bl.paths(graph, source, sink))
        if not paths:
            assert words(root).startswith(f"No path leads from {source.label} to {sink.label}")
            assert root.evaluate(ROWS) == []
            continue
        rows = root.evaluate(ROWS)
        assert rows == expected_rows(player._film, paths[:1], len(player.steps))
        for _ in paths[1:]:
            root.get_by_role("button", name="next path").click()
        assert root.evaluate(SUM)[2] == f"= {cell(sum(p.product for p in paths))}"
        expected = f"the adjoint of {source.label}" if sink in graph.outputs else "Adjoints are derivatives of z"
        assert expected in words(root)
        once = {(child.id, slot) for path in paths for child, slot in path.edges}
        passed = f"passed each of the {len(once)} edges once"
        assert (passed in words(root)) == (sink in graph.outputs and len(once) > 1)


def test_a_node_chosen_on_the_graph_is_the_source(page, tmp_path):
    player = bl.examples["edelman"].step(views=("paths",))
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "End")
    v3 = player.graph["v3"]
    root.locator(f".bl-svg [data-node='{v3.id}'] .bl-head").click()
    assert root.evaluate(ROWS) == [["v3 → v4 → z", ["4", "1"], "= 4"]]
    assert root.get_by_label("paths from").input_value() == str(v3.id)
    root.get_by_label("paths from").select_option("1")
    root.focus()
    press(page, "ArrowLeft", "ArrowRight")
    assert root.evaluate(ROWS)[0][0] == "y → v2 → z", "the list has the last word until another node is chosen"
    press(page, "n")
    assert root.evaluate(ROWS)[0][0].startswith(player.graph.nodes[v3.id + 1].label)


def test_the_same_node_twice_says_which_operand(page, tmp_path):
    root = open_page(page, bl.step(lambda x: x * x, 3.0, views=("paths",)), tmp_path)
    root.focus()
    press(page, "End", "p")
    names = [row[0] for row in root.evaluate(ROWS)]
    assert [name.split(" (")[1] for name in names] == ["operand 1)", "operand 2)"]
    assert words(root).startswith("3 + 3 = 6, the adjoint of x.")


@pytest.mark.wide
@a_cover("count", [30, 6])
def test_many_paths_are_counted_and_fifty_shown(page, tmp_path, count):
    player = bl.examples.ladder(count).step(views=("paths",), fold=False)
    root = open_page(page, player, tmp_path)
    root.focus()
    walk(root, ["End", *["p"] * 55])
    paths = list(itertools.islice(bl.paths(player.graph, "x"), 50))
    assert [row[2] for row in root.evaluate(ROWS)] == [f"= {cell(p.product)}" for p in paths]
    exact = bl.count_paths(player.graph, "x")
    assert exact == 2**count
    assert root.locator(".bl-paths-count").text_content() == f"path 50 of {exact:,}".replace(",", "\u202f")
    found = f"it found {cell(3.0**count)}, the adjoint of x"
    assert words(root) == (
        f"There are {exact} paths, and you can look at the first 50. All run over the same {4 * count} edges, "
        f"and a sweep passes each of these once: {found}."
    )
    assert root.evaluate(LIT) == [wires(root.evaluate(SHAPES), paths[-1])]


@pytest.mark.wide
def test_a_very_large_count_is_rounded(page, tmp_path):
    def squares(x):
        for _ in range(120):
            x = x * x
        return x

    root = open_page(page, bl.step(squares, 1.0, views=("paths",)), tmp_path)
    assert root.locator(".bl-paths-count").text_content() == f"path 1 of {number(2**120 / 1e36, 3)}·10³⁶"


@pytest.mark.wide
def test_predictions_are_not_told(page, tmp_path):
    """Neither a partial before a step has used it, nor a product before the adjoint it adds up to was asked for."""
    player = bl.examples["strang"].step(predict=True, views=("paths",))
    film = player._film
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "p")
    last = max(k for k, s in enumerate(film.steps, 1) if s.node.label == "x" and s.kind != "value")
    for k in range(len(film)):
        assert at(root) == k
        shown = expected_rows(film, list(bl.paths(player.graph, "x")), k, asked_texts)
        hidden = [[name, factors, "= ?"] for name, factors, _ in shown]
        assert root.evaluate(ROWS) == (shown if k >= last else hidden)
        assert ("140" in root.locator(".bl-paths").text_content()) == (k >= last)
        page.get_by_label("next step").click()
        root.get_by_role("button", name="show it").click()
    press(page, "Home")
    assert root.evaluate(ROWS)[0][2] == "= ?"
    page.get_by_role("button", name="more", exact=True).click()
    page.get_by_label("predict").uncheck()
    page.get_by_label("to the end").dispatch_event("click")
    page.get_by_label("previous step").click()
    for _ in range(6):
        page.get_by_label("previous step").click()
    assert root.evaluate(ROWS)[0][2] == "= 132", "who does not predict sees the products with the partials"


@pytest.mark.wide
def test_seed_and_other_derivatives_are_named(page, tmp_path):
    strang = bl.examples["strang"]
    cases = [
        (strang.step(seed=2.0, views=("paths",)), "132 + 8 = 140; times the seed 2 it is 280, the adjoint of x. The"),
        (strang.step(mode="forward", wrt="x", views=("paths",)), "132 + 8 = 140, the tangent of F. The sweep found"),
        (
            strang.step(mode="forward", wrt="y", views=("paths",)),
            "132 + 8 = 140, the derivative of F with respect to x. In this sweep y moves.",
        ),
        (strang.step(mode="value", views=("paths",)), "132 + 8 = 140, the derivative of F with respect to x."),
        (strang.step(output="c", views=("paths",)), "12, the adjoint of x. The sweep found"),
        (strang.step(mode="both", views=("paths",)), "132 + 8 = 140, the adjoint of x. The sweep found"),
    ]
    for player, said in cases:
        root = open_page(page, player, tmp_path)
        root.focus()
        press(page, "End", "p")
        assert words(root).startswith(said)
        assert root.evaluate(LIT)[0] and len({str(lit) for lit in root.evaluate(LIT)}) == 1


@pytest.mark.wide
def test_arrays_get_a_sentence(page, tmp_path):
    root = open_page(page, MAKE["two-layer"](), tmp_path)
    root.focus()
    press(page, "p", "End")
    (row,) = root.evaluate(ROWS)
    assert row[1][:3] == ["W1ᵀ ·", "1", "⊙ [1, 0, 1]"] and row[2] == "a rule"
    assert words(root).startswith("These are whole arrays: the factors are rules, not numbers")


def test_infinite_slopes_and_nan(page, tmp_path):
    root = open_page(page, bl.step(lambda x: bl.sqrt(x) * x, 0.0, views=("paths",)), tmp_path)
    root.focus()
    press(page, "End", "p")
    assert root.evaluate(ROWS)[0][1:] == [["inf", "0"], "= nan"]
    assert "The sweep found the same number" in words(root)


def test_numbers_are_written_as_in_python(page, tmp_path):
    """The page's own way of writing a number, for products, against the one that writes everything else."""
    numbers = [
        s * m * 10.0**e
        for s in (1, -1)
        for m in (1, 1.5, 2.34565, 9.99995, 9.999949, 12344.5, 12345.5)
        for e in range(-12, 22, 3)
    ]
    numbers += [0.0, -0.0, 100000.5, 99999.5, 0.5, 1 / 3, 2.0**60, 5e-324, 1.7976931348623157e308, 123456.0, 1234567.0]
    script = (
        front_end("parts.js")
        + "\nreturn xs.map((x) => [wrote(x), wrote(x, 6), ...[4, 3, 2, 1].map((digits) => shorter(x, digits))]);"
    )
    found = page.evaluate("([script, xs]) => new Function('xs', script)(xs)", [script, numbers])
    assert found == [[number(x), number(x, 6), *(shorter(x, digits) for digits in (4, 3, 2, 1))] for x in numbers]


def test_two_players_do_not_disturb_each_other(page, tmp_path):
    first, second = (bl.examples[name].step(views=("paths",)) for name in ("strang", "olah"))
    open_both(page, first, second, tmp_path)
    left, right = page.locator(".bl-player").all()
    left.focus()
    press(page, "End", "p")
    assert len(left.evaluate(ROWS)) == 2 and len(right.evaluate(ROWS)) == 1
    assert "140" in words(left) and "?" in words(right)
    right.get_by_label("paths from").select_option("0")
    assert left.evaluate(ROWS)[0][0] == "x → c → F" and right.evaluate(ROWS)[0][0] == "a → c → e"


@pytest.mark.wide
def test_another_film_keeps_the_views_and_the_path(page, tmp_path):
    """As when somebody changes an input in a notebook: the kernel sends a new film."""
    player = bl.examples["edelman"].step(views=("paths",))
    text = with_settings(player)
    heard = "on(key, run) { (window.heard ??= {})[key] = run; }"
    text = text.replace("on() {}", heard).replace("const model =", "const model = window.model =")
    path = tmp_path / "film.html"
    path.write_text(text, "utf-8")
    page.goto(path.as_uri())
    root = page.locator(".bl-player")
    root.focus()
    press(page, "End", "m")
    root.get_by_label("paths from").select_option(label="v1")
    other = bl.examples["edelman"].step(x=4.0, views=("paths",))
    page.evaluate("(film) => { model.set('film', film); heard['change:film'](); }", other.film)
    assert root.locator(".bl-paths").is_visible() and root.locator(".bl-matrices").is_visible()
    assert root.evaluate(ROWS)[0][0] == "v1 → v2 → z"
    root.get_by_label("paths from").select_option(label="x")
    root.focus()
    press(page, "End", "p")
    assert root.evaluate(SUM)[1:] == ["10 + 6", "= 16"]


@a_cover("scheme", ["light", "dark"])
def test_path_and_numbers_are_seen_on_their_ground(page, tmp_path, scheme):
    page.emulate_media(color_scheme=scheme)
    root = open_page(page, bl.examples["strang"].step(views=("paths",)), tmp_path)
    root.focus()
    press(page, "End", "p")
    paper = root.evaluate("(r) => getComputedStyle(r).backgroundColor")
    band = root.evaluate("(r) => getComputedStyle(r.querySelector('.bl-current-path td')).backgroundColor")
    for css in (".bl-routes .bl-factor", ".bl-routes .bl-whole", ".bl-routes th", ".bl-current-path .bl-product"):
        ink = root.evaluate(f"(r) => getComputedStyle(r.querySelector('{css}')).color")
        assert contrast(ink, paper) >= 4.5 and contrast(ink, band) >= 4.5, css
    border = root.evaluate("(r) => getComputedStyle(r.querySelector('.bl-route-border path')).stroke")
    road = root.evaluate("(r) => getComputedStyle(r.querySelector('.bl-route-road path')).stroke")
    wire = root.evaluate("(r) => getComputedStyle(r.querySelector('.bl-wire')).stroke")
    assert contrast(border, paper) >= 3 and contrast(wire, road) >= 3 and contrast(border, road) >= 3
    styles = root.evaluate("""(r) => ['.bl-factor', '.bl-whole'].map((css) => {
      const s = getComputedStyle(r.querySelector(css)); return [s.fontStyle, s.fontWeight, s.borderTopStyle] })""")
    assert styles == [["italic", "400", "dashed"], ["normal", "700", "solid"]], "told apart without colour"


@pytest.mark.wide
@a_cover("size", [(400, 800), (1024, 768), (1280, 900)])
def test_nothing_scrolls_sideways(page, tmp_path, size):
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    root = open_page(page, bl.examples.ladder(5).step(views=("paths", "code", "table")), tmp_path)
    root.focus()
    press(page, "End", *["p"] * 31)
    assert len(root.evaluate(ROWS)) == 32
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator(".bl-current-path").evaluate("""(row) => { const a = row.getBoundingClientRect();
      const b = row.closest('.bl-view-box').getBoundingClientRect();
      return a.top >= b.top - 1 && a.bottom <= b.bottom + 1 }""")


@pytest.mark.wide
def test_in_the_projector_the_current_path_and_the_sum(page, tmp_path):
    page.set_viewport_size({"width": 1024, "height": 768})
    root = open_page(page, bl.examples["edelman"].step(views=("paths", "code", "table")), tmp_path)
    root.focus()
    press(page, "f", "End", "p")
    root.locator(".bl-routes tfoot").wait_for()
    assert root.locator(".bl-routes tbody tr:visible").count() == 1
    assert not root.locator(".bl-sheet").is_visible() and not root.locator(".bl-code").is_visible()
    inside = root.evaluate("""(r) => [r.querySelector('.bl-svg'), r.querySelector('.bl-paths')].map((e) => {
      const b = e.getBoundingClientRect(); return [b.top >= 0, b.bottom <= window.innerHeight + 1] })""")
    assert inside == [[True, True], [True, True]]
    assert root.locator(".bl-paths .bl-view-words").evaluate("(w) => w.scrollHeight <= w.clientHeight + 1")


@a_cover("width", [1024, 1280])
def test_the_graph_stays_in_sight_while_several_views_are_read(page, tmp_path, width):
    page.set_viewport_size({"width": width, "height": 768})
    root = open_page(page, bl.examples["edelman"].step(views=("paths", "jacobian", "table")), tmp_path)
    root.locator(".bl-table tbody tr").last.scroll_into_view_if_needed()
    page.evaluate(PAINTED)
    top, bottom = root.locator(".bl-picture .bl-svg").evaluate(
        "(svg) => { const { top, bottom } = svg.getBoundingClientRect(); return [top, bottom] }"
    )
    assert page.evaluate("window.scrollY") > 0 and 0 <= top < bottom <= 768
