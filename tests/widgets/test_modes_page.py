"""Modes, choosing nodes and edges, pace, costs and the projector, in a real browser by mouse and by keyboard."""

import pytest
from support.circles import a_cover, each_once
from support.operate import plain, walk
from support.pages import TEXTS, at, open_page, press

import backprop_lab as bl

PANES = f"""(root) => [...root.querySelectorAll('.bl-pane')].map((pane) =>
  [({TEXTS})(pane), pane.querySelector('.bl-costs').textContent])"""
CUT = """(root) => { const s = root.querySelector('.bl-say');
  return s.scrollHeight > s.clientHeight + 1 || s.scrollWidth > s.clientWidth + 1 ? s.textContent : ''; }"""


def names_with(root, css):
    titles = root.locator(f".bl-node.{css} > title").all_text_contents()  # a constant has no name on it
    return {title.partition(":")[0] for title in titles}


# ---- both modes on one clock


@a_cover("name", ["strang", "olah", "sources-sink"])
def test_both_pictures_show_their_films_at_every_tick(page, tmp_path, name):
    player = bl.examples[name].step(mode="both")
    race = player._film
    root = open_page(page, player, tmp_path)
    last = len(race)
    places = [0, *range(1, last + 1), *range(last - 1, -1, -1)]
    seen = walk(root, ["Home", *last * ["ArrowRight"], *last * ["ArrowLeft"]], PANES)
    for k, (place, _, panes) in zip(places, seen, strict=True):
        assert place == k
        for (texts, said), film in zip(panes, race.films, strict=True):
            here = min(k, len(film))
            assert texts == {key: text for key, text in film.texts(here).items() if text}
            m = film.costs[here][5]
            assert f"{m} multiplication" in said if m else "sweeps: nothing yet" in said or "sweep: " in said
    root.focus()
    press(page, "End")
    assert root.locator(".bl-half").nth(1).text_content().startswith("reverse")


def test_counters_of_the_course(page, tmp_path):
    root = open_page(page, bl.examples["sources-sink"].step(mode="both"), tmp_path)
    root.focus()
    press(page, "End")
    left, right = root.locator(".bl-costs").all_text_contents()
    assert "forward, 2 sweeps: 4 multiplications" in left and "reverse, 1 sweep: 3 multiplications" in right
    assert root.locator(".bl-half").nth(1).locator(".bl-sentence").text_content() == "done"


def test_zeros_are_dimmed_and_counted(page, tmp_path):
    root = open_page(page, bl.examples["strang"].step(mode="forward", wrt="y"), tmp_path)
    root.focus()
    press(page, "End")
    page.get_by_role("button", name="costs").click()
    assert "2 tangents of this sweep are 0" in root.locator(".bl-costs").text_content()
    assert root.locator(".bl-svg .bl-zero").all_text_contents() == ["0", "0"]
    press(page, "Home")
    assert root.locator(".bl-svg .bl-zero").count() == 0


def test_costs_of_every_step(page, tmp_path):
    player = bl.examples["edelman"].step()
    root = open_page(page, player, tmp_path)
    page.get_by_role("button", name="costs").click()
    root.focus()
    for k in range(len(player.steps) + 1):
        vm, _, _, stored, _, m, *_ = player._film.costs[k]
        said = root.locator(".bl-costs").text_content()
        for count, what in ((vm, "multiplication"), (m, "multiplication"), (stored, "number")):
            assert not count or f"{count} {what}" in said
        press(page, "ArrowRight")


# ---- choosing


@pytest.mark.parametrize("how", ["mouse", "keys"])
def test_what_a_node_depends_on_and_influences(page, tmp_path, how):
    player = bl.examples["strang"].step()
    graph = player.graph
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "End")
    for node in graph.nodes:
        if how == "mouse":
            root.locator(f".bl-svg [data-node='{node.id}'] .bl-num >> nth=0").click()
        else:
            root.focus()
            press(page, "n")
        assert names_with(root, "bl-chosen") == {node.label}
        assert names_with(root, "bl-before") == {n.label for n in graph.depends_on(node)}
        assert names_with(root, "bl-after") == {n.label for n in graph.influences(node)}
        words = plain(root.locator(".bl-inspect-words").text_content())
        for other in graph.depends_on(node) | graph.influences(node):
            assert other.label in words
        badges = [plain(text) for text in root.locator(".bl-badge").all_text_contents()]
        assert badges.count(f"leads to {node.label}") == len(graph.depends_on(node))
        assert badges.count(f"comes from {node.label}") == len(graph.influences(node))
    press(page, "Escape")
    assert names_with(root, "bl-chosen") == set() and root.locator(".bl-badge").count() == 0
    assert "bl-choosing" not in root.locator("svg.bl-svg").get_attribute("class")


def test_every_edge_says_its_local_partial(page, tmp_path):
    player = bl.examples["olah"].step()
    root = open_page(page, player, tmp_path)
    edge = root.locator("[data-edge='4_0'] .bl-pill, [data-edge='4_0'] .bl-wire").first
    assert edge.count() == 1
    words = root.locator(".bl-inspect-words")
    root.focus()
    press(page, "n", "e")
    assert "its number is not known yet" in words.text_content()
    press(page, "End")
    said = set()
    for node in player.graph.nodes:
        while names_with(root, "bl-chosen") != {node.label}:
            press(page, "n")
        for _ in range(6):
            press(page, "e")
            text = plain(words.text_content())
            if "local partial" in text:
                said.add(text.split(" has ")[0].removeprefix("The edge "))
                assert "one step, not the whole derivative" in text
    assert said == {f"{e.parent.label} → {e.child.label}" for e in player.graph.edges}
    press(page, "Escape")
    root.locator("[data-edge='2_0'] .bl-num-w").hover()
    assert words.text_content().startswith("The edge a → c has the local partial ∂c/∂a = 1")
    root.locator(".bl-foot").hover(position={"x": 5, "y": 5})  # the legend comes back when no edge is pointed at
    assert words.text_content().startswith("Choose a node")


def test_jump_to_a_node(page, tmp_path):
    player = bl.examples["edelman"].step()
    root = open_page(page, player, tmp_path)
    root.locator(".bl-svg [data-node='0'] .bl-head").click()
    page.get_by_role("button", name="go to its adjoint").click()
    assert root.locator(".bl-svg text[data-key=a0]").text_content() == "14"
    assert player.steps[at(root) - 1].kind == "sum"
    node = next(n for n in player.graph.nodes if n.label == "v3")
    root.locator(f".bl-svg [data-node='{node.id}'] .bl-num >> nth=0").click()
    page.get_by_role("button", name="go to its value").click()
    assert player.steps[at(root) - 1].node == node and root.get_attribute("data-phase") == "values"
    page.get_by_role("button", name="close").click()
    assert names_with(root, "bl-chosen") == set()


# ---- pace


@a_cover("name", ["strang", "edelman"])
def test_node_by_node_and_phase_by_phase(page, tmp_path, name):
    player = bl.examples[name].step()
    film = player._film
    data = film.data()
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "g")
    for k in data["stops"]["node"]:
        press(page, "ArrowRight")
        assert at(root) == k and root.evaluate(TEXTS) == film.texts(k)
    sent = [s for s in player.steps if s.edge and s.edge[0] == player.steps[-1].edge[0]]
    assert root.locator(".bl-svg .bl-edge.bl-lit").count() == len({s.edge for s in sent})
    for k in [*reversed(data["stops"]["node"][:-1]), 0]:
        press(page, "ArrowLeft")
        assert at(root) == k
    press(page, "g")
    for k in data["stops"]["phase"]:
        press(page, "ArrowRight")
        assert at(root) == k
    press(page, "g")
    assert page.get_by_label("step by").input_value() == "edge"
    press(page, "Home", "PageDown")
    assert at(root) == data["stops"]["phase"][0]
    press(page, "PageDown", "PageDown", "PageUp")
    assert at(root) == data["stops"]["phase"][1]
    page.get_by_label("step by").select_option("node", force=True)
    page.get_by_label("next step").click()
    assert at(root) in data["stops"]["node"]


def test_predictions_are_asked_for_at_any_pace(page, tmp_path):
    root = open_page(page, bl.examples["olah"].step(predict=True), tmp_path)
    root.focus()
    press(page, "g", "g", "ArrowRight")
    assert at(root) == 0 and root.get_attribute("data-asking") == "p2"


# ---- in a room


# How many pixels a text of the pictures is high, at least.
LEAST = """(root) => Math.min(...[...root.querySelectorAll('.bl-picture .bl-svg')].flatMap((svg) => {
  const [box, all] = [svg.getBoundingClientRect(), svg.viewBox.baseVal];
  const scale = Math.min(box.width / all.width, box.height / all.height);
  return [...svg.querySelectorAll('text, tspan')].filter((t) => t.textContent.trim())
    .map((t) => scale * parseFloat(getComputedStyle(t).fontSize)); }))"""
SEEN = "(box) => box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1"
IN_A_ROOM = {
    "edelman": lambda: bl.examples["edelman"].step(),
    "forward": lambda: bl.examples["edelman"].step(mode="forward"),
    "edelman, both": lambda: bl.examples["edelman"].step(mode="both"),
    "strang, both": lambda: bl.examples["strang"].step(mode="both"),
    "paths": lambda: bl.examples["edelman"].step(views=("paths",)),
    "matrices": lambda: bl.examples["edelman"].step(views=("jacobian",)),
    "table": lambda: bl.examples["edelman"].step(views=("code", "table", "costs")),
    "mystery": lambda: bl.examples["edelman"].step(mystery="a"),
}


@pytest.mark.wide
@each_once("make, size", IN_A_ROOM, [(640, 450), (1024, 768), (1920, 1080)])
def test_a_room_sees_all_of_the_graph_in_large_letters(page, tmp_path, make, size):
    """Whatever else is open: 18 pixels on a screen of 1024 × 768, and as much of a smaller or zoomed one."""
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    player = make()
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "f")
    page.wait_for_timeout(200)
    for _, _, cut in walk(root, len(player._film) * ["ArrowRight"], CUT):
        assert not cut
    for pane in root.locator(".bl-picture").all():
        box = pane.bounding_box()
        assert pane.evaluate(SEEN) and box["y"] + box["height"] <= height + 1
    assert root.evaluate(LEAST) >= 18 * min(1, width / 1024, height / 768) - 0.05


@each_once("name, size", ["edelman", "strang, both"], [(1024, 768), (1920, 1080)])
def test_projector(page, tmp_path, name, size):
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    player = IN_A_ROOM[name]()
    root = open_page(page, player, tmp_path)
    root.focus()
    press(page, "f")
    page.wait_for_timeout(200)
    box = root.bounding_box()
    assert (round(box["width"]), round(box["height"])) == (width, height)
    for hidden in (".bl-side", ".bl-tools", ".bl-legend", ".bl-inspect"):
        assert not root.locator(hidden).is_visible()
    sizes = root.evaluate("(r) => [...r.querySelectorAll('.bl-num')].map((t) => t.getBoundingClientRect().height)")
    small = 13 if player._film.mode == "both" else 20
    assert min(s for s in sizes if s) >= small
    for _, _, cut in walk(root, len(player._film) * ["ArrowRight"], CUT):
        assert not cut
    assert at(root) == len(player._film)
    for pane in root.locator(".bl-picture").all():
        assert pane.evaluate(SEEN)
    press(page, "Escape")
    page.wait_for_timeout(200)
    assert root.locator(".bl-tools").is_visible()


def test_views_open_and_close(page, tmp_path):
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    for name, part in (("code", ".bl-code"), ("table", ".bl-sheet"), ("keys", ".bl-keys")):
        button = root.locator(".bl-tools").get_by_role("button", name=name, exact=True)
        before = root.locator(part).is_visible()
        button.click()
        assert root.locator(part).is_visible() != before
        assert button.get_attribute("aria-pressed") == str(not before).lower()
    assert not root.locator(".bl-side").is_visible()
    root.get_by_role("button", name="settings").click()
    own = root.locator(".bl-settings").locator("label, select, input")
    assert own.all_text_contents() == ["motion", ""], "a page of its own has no kernel to ask"


def test_nothing_moves_by_itself(page, tmp_path):
    """Reduced motion is honoured because there is no motion."""
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    moving = root.evaluate("""(r) => [r, ...r.querySelectorAll('*')].filter((e) => {
      const s = getComputedStyle(e);
      return s.animationName !== 'none' || s.transitionDuration !== '0s' })
      .map((e) => e.tagName)""")
    assert moving == []
