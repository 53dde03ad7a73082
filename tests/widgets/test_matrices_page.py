"""The view of matrices in a real browser: every number at every step against the Steps, by mouse and by keyboard."""

import pytest
from support.circles import a_cover
from support.graphs import GRAPHS, HOSTILE, MAKE, hostile
from support.operate import as_read, plain, plainly
from support.pages import asked_texts, at, contrast, open_page, press

import backprop_lab as bl
from backprop_lab.film.film import Film
from backprop_lab.film.matrices import local_partials
from backprop_lab.text.notation import number

TABLE = plainly("""(root) => [...root.querySelectorAll('.bl-matrix tr')].map(
  (row) => [...row.children].map((c) => c.textContent.replaceAll('\\u00a0', ' ')))""")
VIEWS = ("jacobian",)


def words(root):
    return plain(root.locator(".bl-matrices .bl-view-words").text_content())


def lit(root):
    return root.evaluate(plainly("(r) => [...r.querySelectorAll('.bl-lit-line > th')].map((th) => th.textContent)"))


class Expected:
    """What should stand in the tables of a film at a position, from the engine."""

    def __init__(self, film, constants=False, texts_at=Film.texts):
        self.texts_at = texts_at
        self.film, self.graph = film, film.graph
        self.ids = [n.id for n in self.graph.nodes if constants or self.graph.varies[n.id]]
        self.names = {n.id: as_read(n.label) for n in self.graph.nodes}
        self.local = local_partials(self.graph)
        self.reverse = film.second == "adjoint"

    def turn(self, k):
        step = self.film.steps[k - 1] if k else None
        if step is None or step.kind == "seed":
            return -1
        return step.edge[0].id if step.edge is not None else step.node.id

    def sweeping(self, k):
        return k > 0 and self.film.steps[k - 1].kind != "value"

    def entry(self, i, j, k, sign=""):
        """L at row i, column j as it stands at position k, or its negative."""
        if (i, j) not in self.local:
            return "·"
        slot = self.graph.operand_ids(i).index(j)
        if not self.texts_at(self.film, k).get(f"w{i}_{slot}"):
            return "?"
        text = number(self.local[i, j])
        return text if not sign or text == "0" else text[1:] if text.startswith("−") else f"−{text}"

    def vector(self, k, blank="·"):
        return [self.film.texts(k).get(f"a{i}") or blank for i in self.ids]

    def factors(self, k):
        own, ids = self.turn(k), self.ids
        rows = [
            [self.names[i]] + ["1" if i == j else self.entry(i, j, k) if i == own else "·" for j in ids] for i in ids
        ]
        first = k
        while first > 1 and self.sweeping(first - 1) and self.turn(first - 1) == own:
            first -= 1
        empty = [""] * len(ids)
        seed = self.sweeping(k) and own < 0
        forward = self.film.second == "tangent"
        if not self.sweeping(k):
            before = self.vector(k) if forward else empty
        else:
            before = empty if seed else self.vector(first - 1)
        after = self.vector(k) if self.sweeping(k) else empty
        name = "" if own < 0 else self.names[own]
        head = ["", *(self.names[j] for j in ids)]
        if self.reverse:
            return [head, ["v̄ᵀ", *before], *rows, ["eᵀ" if seed else f"v̄ᵀ J{name}", *after]]
        if forward:
            head += ["v̇", "ẋ" if seed else f"J{name} v̇"]
            rows = [[*row, b, a] for row, b, a in zip(rows, before, after, strict=True)]
        return [head, *rows]

    def system(self, k):
        ids = self.ids
        rows = []
        for i in ids:
            cells = ["1" if i == j else self.entry(*((j, i) if self.reverse else (i, j)), k, sign="−") for j in ids]
            rows.append([self.names[i], *cells])
        head = ["", *(self.names[j] for j in ids)]
        if self.film.second is None:
            return [head, *rows]
        seeds = self.graph.output_ids if self.reverse else range(len(self.graph.input_names))
        unknown = self.vector(k, "")
        known = [(text or "?") if i in seeds else "·" for i, text in zip(ids, unknown, strict=True)]
        rows = [[*row, v, "=", e] for row, v, e in zip(rows, unknown, known, strict=True)]
        return [[*head, *(("v̄", "", "e") if self.reverse else ("v̇", "", "ẋ"))], *rows]

    def solved(self, k):
        """The nodes whose derivative is complete."""
        later = {s.node.id for s in self.film.steps[k:] if s.kind != "value"}
        return [self.names[i] for i in self.ids if self.film.texts(k).get(f"a{i}") and i not in later]


STEP = {name: (lambda name=name: bl.examples[name].step(views=VIEWS)) for name in ("edelman", "strang", "olah")}
STEP |= {
    "toy": lambda: bl.examples["edelman-toy"].step(views=VIEWS),
    "sources-sink": lambda: bl.examples["sources-sink"].step(views=VIEWS),
    "ladder": lambda: bl.examples.ladder(2).step(views=VIEWS),
    "forward": lambda: bl.examples["strang"].step(mode="forward", wrt="y", views=VIEWS),
    "value": lambda: bl.examples["olah"].step(mode="value", views=VIEWS),
    "twice": lambda: bl.step(lambda x: (x + x) * x, 3.0, views=VIEWS),
    "program": lambda: bl.step(GRAPHS["program"](), views=VIEWS),
    "output": lambda: bl.examples["edelman"].step(output="v3", seed=2.0, views=VIEWS),
}


# Through the whole run by keys, within the page: at each step both tables, the lit row of each, and what is solved.
COLLECT = plainly(f"""(root) => {{ const table = {TABLE}, found = [];
  const press = (key) => root.dispatchEvent(new KeyboardEvent('keydown', {{ key, bubbles: true }}));
  const lit = () => [...root.querySelectorAll('.bl-lit-line > th')].map((th) => th.textContent);
  const solved = () => [...root.querySelectorAll('td.bl-solved')].map((td) => td.parentNode.firstChild.textContent);
  for (let last = -1; last !== Number(root.dataset.at); press('m'), press('ArrowRight')) {{
    last = Number(root.dataset.at);
    const factors = [table(root), lit()];
    press('m');
    found.push([last, factors, [table(root), lit(), solved()]]);
  }}
  return found }}""")


@a_cover("name", STEP.keys(), lambda name: {"example", "ladder", name} - {*bl.examples})
def test_every_number_at_every_step(page, tmp_path, name):
    player = STEP[name]()
    film, expected = player._film, Expected(player._film)
    root = open_page(page, player, tmp_path)
    found = root.evaluate(COLLECT)
    assert [at for at, *_ in found] == list(range(len(film) + 1))
    for k, (factors, lit_factor), (system, lit_row, solved) in found:
        own, step = expected.turn(k), film.steps[k - 1] if k else None
        assert factors == expected.factors(k), k
        assert lit_factor == ([expected.names[own]] if own in expected.ids else [])
        assert system == expected.system(k), k
        solving = step is not None and step.kind != "value" and step.node.id in expected.ids
        assert lit_row == ([as_read(step.node.label)] if solving else [])
        assert solved == (expected.solved(k) if film.second else [])


def test_the_row_that_is_solved_as_an_equation(page, tmp_path):
    root = open_page(page, bl.examples["strang"].step(views=VIEWS), tmp_path)
    root.focus()
    press(page, "m", *["ArrowRight"] * 8)
    assert root.locator(".bl-matrix-title").text_content().startswith("(I − L)ᵀ v̄ = e")
    assert root.locator(".bl-matrix .bl-used").text_content() == "−12"
    first = "x\u0304 = 12 · c\u0304 + 1 · s\u0304 = 12 · 11 + 1 · 8"
    assert words(root) == f"{first}; so far 132.Back substitution, from the last row up: row x."
    press(page, "ArrowRight", "ArrowRight")
    assert words(root).startswith(f"{first} = 140.") and root.locator(".bl-matrix .bl-used").text_content() == "−1"
    forward = bl.examples["strang"].step(mode="forward", wrt="x", views=VIEWS)
    root = open_page(page, forward, tmp_path)
    root.focus()
    press(page, "End", "m")
    assert root.locator(".bl-matrix-title").text_content().startswith("(I − L) v̇ = ẋ")
    assert root.locator(".bl-matrix .bl-used").all_text_contents() == ["−11", "−8"]
    said = "F\u0307 = 11 · c\u0307 + 8 · s\u0307 = 11 · 12 + 8 · 1 = 140."
    assert words(root) == f"{said}Forward substitution, from the first row down: row F."


def test_the_product_so_far_and_its_price(page, tmp_path):
    root = open_page(page, bl.examples["sources-sink"].step(views=VIEWS), tmp_path)
    root.focus()
    press(page, "End")
    assert words(root) == (
        "v̄ᵀ = eᵀ Jz Jt Js Jv1 Jv2 from left to right; eᵀ has the seed at the output"
        "The whole product: from right to left, beginning with the columns of 2 inputs, 4 multiplications; "
        "from left to right, beginning with the output's row, 3. Copies and changes of sign are free."
    )
    root = open_page(page, bl.examples["sources-sink"].step(mode="forward", views=VIEWS), tmp_path)
    root.focus()
    press(page, "End")
    assert words(root).startswith("v̇ = Jz Jt Js Jv2 Jv1 ẋ from right to left; ẋ has the seed at the input that moves")


def test_by_mouse_with_constants(page, tmp_path):
    player = bl.examples["edelman"].step()
    root = open_page(page, player, tmp_path)
    assert not root.locator(".bl-matrices").is_visible()
    root.get_by_role("button", name="matrices").click()
    page.get_by_label("to the end").dispatch_event("click")
    root.get_by_role("button", name="triangular system").click()
    last = len(player.steps)
    assert root.evaluate(TABLE) == Expected(player._film).system(last)
    assert words(root) == "1 is a constant, and constants are left out."
    root.get_by_label("constants").check()
    full = Expected(player._film, constants=True)
    assert root.evaluate(TABLE) == full.system(last) and lit(root) == ["1"]
    root.get_by_role("button", name="factors").click()
    assert root.evaluate(TABLE) == full.factors(last)
    root.get_by_role("button", name="matrices").click()
    assert not root.locator(".bl-matrices").is_visible()
    root.focus()
    press(page, "m")
    assert root.locator(".bl-matrices").is_visible(), "the first press opens the view"


@pytest.mark.wide
def test_both_modes_have_a_choice_of_sweep(page, tmp_path):
    player = bl.examples["strang"].step(mode="both", views=VIEWS)
    race = player._film
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "m")
    choice = root.get_by_label("sweep", exact=True)
    for k in range(len(race) + 1):
        for name, film in zip(("forward", "reverse"), race.films, strict=True):
            choice.select_option(label=name)
            assert root.evaluate(TABLE) == Expected(film).system(min(k, len(film))), (k, name)
        root.focus()
        press(page, "ArrowRight")


@pytest.mark.wide
def test_predictions_are_not_told(page, tmp_path):
    """A number is in neither matrix before it has been asked for, a local partial before a step has used it."""
    player = bl.examples["strang"].step(predict=True, views=VIEWS)
    expected = Expected(player._film, texts_at=asked_texts)
    root = open_page(page, player, tmp_path)
    root.focus()
    for k in range(len(player._film)):
        assert at(root) == k
        assert root.evaluate(TABLE) == expected.factors(k)
        press(page, "m")
        assert root.evaluate(TABLE) == expected.system(k)
        assert ("140" in root.locator(".bl-matrices").text_content()) == (k >= 10)
        press(page, "m")
        page.get_by_label("next step").click()
        assert root.evaluate(TABLE) == expected.factors(k), "nor while it is asked for"
        root.get_by_role("button", name="show it").click()


@pytest.mark.wide
@a_cover("mode", ["reverse", "forward"])
def test_a_large_matrix_is_a_picture_with_the_current_row(page, tmp_path, mode):
    player = bl.examples.ladder(20).step(mode=mode, views=VIEWS)
    film, expected = player._film, Expected(player._film)
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "End")
    last, own = len(film), expected.turn(len(film))
    assert len(expected.ids) > 40
    squares = "(r) => r.querySelector('.bl-spots-all').getAttribute('d').match(/M/g).length"
    operands = sorted(set(player.graph.operand_ids(own)))
    assert root.evaluate(squares) == len(expected.ids) + len(operands)
    shown = root.evaluate(TABLE)
    assert shown[0][1 : len(operands) + 2] == [expected.names[i] for i in (*operands, own)]
    row = next(row for row in shown if row[0] == expected.names[own])
    assert row[1 : len(operands) + 2] == [*(expected.entry(own, j, last) for j in operands), "1"]
    press(page, "m")
    assert root.evaluate(squares) == len(expected.ids) + len(expected.local)
    (row,) = root.evaluate(TABLE)[1:]
    node = film.steps[-1].node
    assert row[0] == as_read(node.label) and row[-3] == film.texts(last)[f"a{node.id}"]
    band = root.locator(".bl-spots-lit").get_attribute("y")
    step = max(2, 400 // len(expected.ids))
    assert float(band) == node.id * step - 1


def test_arrays_get_a_sentence(page, tmp_path):
    root = open_page(page, MAKE["two-layer"](), tmp_path)
    root.focus()
    press(page, "m", "ArrowRight", "m", "End")
    assert "are whole arrays, and each number in an array is a row and a column" in words(root)
    assert root.locator(".bl-matrix").count() == 0


@pytest.mark.parametrize("name", ["input", "constant"])
def test_a_graph_of_one_node(page, tmp_path, name):
    player = bl.step(GRAPHS[name](), views=("paths", "jacobian"))
    expected = Expected(player._film)
    root = open_page(page, player, tmp_path)
    root.focus()
    for k in range(len(player._film) + 1):
        for grid in (expected.factors, expected.system):
            assert root.evaluate(TABLE) == grid(k)
            press(page, "m")
        press(page, "ArrowRight")
    assert "1, the adjoint of " in root.locator(".bl-paths .bl-view-words").text_content()


def test_the_table_has_headers_and_names_stay_text(page, tmp_path):
    player = bl.step(hostile, **HOSTILE, views=("jacobian", "paths"))
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "ArrowRight", "p", "m", "m")
    size = len(Expected(player._film).ids)
    shown = root.evaluate(TABLE)[0][1:]
    assert shown == [as_read(n.label) for n in player.graph.nodes if player.graph.varies[n.id]]
    assert set(map(as_read, HOSTILE)) <= set(shown)
    assert root.locator(".bl-view :is(img, script, b)").count() == 0
    assert root.locator(".bl-matrix thead th[scope=col]").count() == size
    assert root.locator(".bl-matrix tbody th[scope=row]").count() == size + 2
    first = player.steps[0].node
    assert root.get_by_role("table", name=f"the factor of {first.label}").is_visible()
    assert root.locator(".bl-matrix tr[aria-current=true]").count() == 1
    assert root.get_by_role("group", name="the matrix").get_attribute("tabindex") == "0"


@pytest.mark.wide
def test_nothing_moves_while_stepping(page, tmp_path):
    root = open_page(page, bl.examples["edelman"].step(views=VIEWS), tmp_path)
    root.focus()
    for grid in ("factors", "triangular system"):
        root.get_by_role("button", name=grid).click()
        root.focus()
        press(page, "Home")
        sizes = set()
        for _ in range(17):
            table, box = root.locator(".bl-matrix").bounding_box(), root.locator(".bl-picture").bounding_box()
            sizes.add(tuple(round(x) for x in (table["width"], table["height"], box["x"], box["y"], box["width"])))
            press(page, "ArrowRight")
        assert len(sizes) == 1


@a_cover("scheme", ["light", "dark"])
def test_numbers_are_seen_on_their_ground(page, tmp_path, scheme):
    page.emulate_media(color_scheme=scheme)
    root = open_page(page, bl.examples["strang"].step(views=VIEWS), tmp_path)
    root.focus()
    press(page, "End", "m")
    cells = root.evaluate("""(r) => [...r.querySelectorAll('.bl-matrix :is(td, th, .bl-factor)')].map((c) => {
      const grounds = [c, c.closest('td, th'), r].map((e) => getComputedStyle(e).backgroundColor);
      return [c.className, getComputedStyle(c).color, grounds.find((g) => !/, 0\\)$/.test(g))] })""")
    seen = set()
    for css, ink, ground in cells:
        assert contrast(ink, ground) >= 4.5, (css, ink, ground)
        seen |= set(css.split())
    assert {"bl-factor", "bl-solved", "bl-nought", "bl-one", "bl-vector", "bl-used"} <= seen


@pytest.mark.wide
@a_cover("size", [(400, 800), (1024, 768), (1280, 900)])
def test_a_broad_matrix_scrolls_in_its_box_and_follows(page, tmp_path, size):
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    player = bl.examples.ladder(10).step(views=VIEWS)
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "End", "m")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for _ in range(12):
        inside = """(r) => { const box = r.querySelector('.bl-matrices .bl-view-box').getBoundingClientRect();
          const lit = r.querySelector('.bl-lit-line > th').getBoundingClientRect();
          const used = r.querySelector('.bl-matrix .bl-used').getBoundingClientRect();
          return lit.top >= box.top && lit.bottom <= box.bottom + 1 && used.left >= lit.right - 1
            && used.right <= box.right + 1 }"""
        page.wait_for_function(f"() => ({inside})(document.querySelector('.bl-player'))")
        press(page, "ArrowLeft")


@pytest.mark.wide
def test_in_the_projector_beside_the_graph(page, tmp_path):
    page.set_viewport_size({"width": 1024, "height": 768})
    root = open_page(page, bl.examples["edelman"].step(views=("jacobian", "code", "table", "paths")), tmp_path)
    root.focus()
    press(page, "f", "End", "ArrowLeft")
    for grid in range(2):
        root.locator(".bl-matrix").wait_for()
        assert not root.locator(".bl-sheet").is_visible() and not root.locator(".bl-paths").is_visible()
        fits = [
            box["y"] >= 0 and box["y"] + box["height"] <= 768 and box["x"] + box["width"] <= 1024
            for box in (
                root.locator(css).bounding_box()
                for css in (".bl-picture .bl-svg", ".bl-matrix", ".bl-matrices .bl-view-words")
            )
        ]
        assert all(fits), (grid, fits)
        size = root.locator(".bl-matrix td").first.evaluate("(c) => parseFloat(getComputedStyle(c).fontSize)")
        assert size >= 16 and root.evaluate(
            "(r) => { const b = r.querySelector('.bl-picture');return b.scrollWidth <= b.clientWidth }"
        )
        press(page, "m")
