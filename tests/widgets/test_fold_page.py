"""Folded graphs in a real browser, on the stand-alone page: open, close, step, and nothing gets lost."""

import re

import pytest
from support.circles import a_cover
from support.folded import GRAPHS, flat, loop
from support.operate import as_read, plain, walk
from support.pages import PAINTED, TEXTS, at, open_page

import backprop_lab as bl
from backprop_lab.drawing.folding.forms import DIGITS, settled
from backprop_lab.film import large
from backprop_lab.film.film import Film
from backprop_lab.film.race import Race
from backprop_lab.widgets.page import script

OPEN = "(root) => [...root.querySelectorAll('[data-frame]')].map((f) => Number(f.dataset.frame))"
LIT = """(root) => {
  const key = ({ wire, edge, group, node }) => wire || (edge && `e${edge}`) || (group && `g${group}`) || `n${node}`;
  const all = ['node', 'group', 'edge', 'wire'].map((kind) => `.bl-svg [data-${kind}]`).join();
  const names = ['bl-ahead', 'bl-lit', 'bl-read', 'bl-result', 'bl-used', 'bl-write'];
  const lit = (g) => names.filter((name) => g.classList.contains(name));
  const keyed = (g) => key(g.dataset).split(' ').map((k) => [k, lit(g)]);
  return Object.fromEntries([...root.querySelectorAll(all)].flatMap(keyed)
    .concat([...root.querySelectorAll('.bl-svg text[data-key]')].map((text) => [text.dataset.key, lit(text)]))
    .filter(([, names]) => names.length)); }"""


def texts(film, at, scene):
    """What stands in the picture of a scene, whatever the film itself has open."""
    small = {f"{cell}{box.result}" for box in scene.boxes if f"g{box.number}" in scene.skeleton.forms for cell in "pa"}
    shown = ((key, text) for key, text in film.texts(at).items() if key in scene.keys and text)
    return {key: settled(text, DIGITS if key in small else 0) for key, text in shown}


def lights(film, at, scene):
    """What is lit in the picture of a scene; a band is lit if one of its lines is."""
    lit = {key: {*names} for key, names in film.classes(at).items() if key[0] not in "paw" or key in scene.keys}
    folded = film.picture_of(scene.open).folded
    for band in folded.plan.bands:
        both = set().union(*(lit.pop(wire.key, ()) for wire in band.wires))
        lit |= {wire.key: both for wire in band.wires if both}
    drawn = {*folded.plan.layout.edges, *(wire.key for band in folded.plan.bands for wire in band.wires)}
    return {key: sorted(names) for key, names in lit.items() if key[0] not in "em" or key in drawn}


MADE = {}


def example(name, mode="reverse"):
    """A player and its page, made once: a page takes many pictures along."""
    if (name, mode) not in MADE:
        player = bl.step(GRAPHS[name](), mode=mode)
        MADE[name, mode] = player, player.to_html()
    return MADE[name, mode]


def open_example(page, tmp_path, name, mode="reverse"):
    player, html = example(name, mode)
    (tmp_path / "player.html").write_text(html, "utf-8")
    page.goto((tmp_path / "player.html").as_uri())
    return player, page.locator(".bl-player")


def part_of(player, label):
    return next(p for p in player._film.tree.parts if p.label == label)


def scene_of(root, player):
    """What the page shows, by the frames that are in it."""
    return player._film.tree.scene(root.evaluate(OPEN))


def words(root):
    return plain(root.locator(".bl-inspect-words").text_content())


FILMS = [("net", "reverse"), ("net", "forward"), ("loop", "reverse"), ("flat", "value")]


@a_cover("film", FILMS, lambda film: film[1:])
def test_every_text_and_light_at_every_step_both_ways(page, tmp_path, film):
    name, mode = film
    player, root = open_example(page, tmp_path, name, mode)
    film, last = player._film, len(player.steps)
    scene = film.scene
    assert len(scene.boxes) and set(root.evaluate(OPEN)) == scene.open - {0}
    page.get_by_label("step by").select_option("edge", force=True)
    some = sorted({*range(0, last + 1, max(1, last // 20)), *range(5), *range(last - 5, last + 1)})
    places = [*some, *reversed(some)]
    for k, (place, sentence, shown, lit) in zip(places, walk(root, places, TEXTS, LIT), strict=True):
        assert place == k and shown == texts(film, k, scene)
        assert lit == {key: names for key, names in lights(film, k, scene).items() if key != "svg"}, k
        assert not k or sentence == as_read(player.steps[k - 1].sentence)


@pytest.mark.wide
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_a_large_film_shows_the_engines_numbers(page, tmp_path, monkeypatch, mode):
    graph = GRAPHS["net"]()
    film = Film(graph, mode, "x1" if mode == "forward" else None)
    monkeypatch.setattr(large, "MOST_TOLD", 40)
    player = bl.step(graph, mode=mode, wrt=film.wrt)
    assert "large" in player.film and player._film.open == film.open
    root, scene, last = open_page(page, player, tmp_path), film.scene, len(film)
    page.get_by_label("step by").select_option("edge", force=True)
    places = [*range(0, last, max(1, last // 25)), last, 3]
    for k, (place, sentence, shown, lit) in zip(places, walk(root, places, TEXTS, LIT), strict=True):
        assert place == k and shown == texts(film, k, scene), k
        now = {key: {*names} - {"bl-ahead"} for key, names in lights(film, k, scene).items() if key != "svg"}
        assert lit == {key: sorted(names) for key, names in now.items() if names}, k
        assert not k or film.steps[k - 1].node.name in sentence or as_read(film.steps[k - 1].node.label) in sentence
    root.locator(".bl-slider").fill(str(last))
    step = player.steps[-1]
    letters = root.locator(f".bl-formula :is({'mover' if mode == 'forward' else 'mi'}, msub).bl-adjoint").all()
    assert [one.get_attribute("data-k") for one in letters][:1] == [f"a{step.node.id}"]
    if mode == "forward":
        assert as_read(root.locator(".bl-formula").text_content()).endswith(step.formula.rpartition("= ")[2])
        return
    root.locator(".bl-slider").fill("3")
    name, number = re.fullmatch(r"([a-z])(\d+)", player.steps[2].node.label).groups()
    assert root.locator(".bl-formula msub").first.locator("> *").all_text_contents() == [name, number]


SIDES = """(root) => [...root.querySelectorAll('.bl-svg')].map((svg) => Object.fromEntries(
  [...svg.querySelectorAll('text[data-key]')].map((t) => [t.dataset.key, t.textContent]).filter(([, text]) => text)))"""


@pytest.mark.wide
def test_a_large_race_shows_the_engines_numbers_on_both_sides(page, tmp_path, monkeypatch):
    graph = GRAPHS["loop"]()
    race = Race(graph)
    monkeypatch.setattr(large, "MOST_TOLD", 40)
    player = bl.step(graph, mode="both")
    assert "large" in player.film and len(player._film) == len(race)
    root, last, second = open_page(page, player, tmp_path), len(race), race.shared + (len(race) - race.shared) // 2
    page.get_by_label("step by").select_option("edge", force=True)
    places = [0, 5, race.shared, *range(race.shared + 1, last, last // 9), second, second + 1, second + 2, last, 7]
    for k, (place, sentence, sides) in zip(places, walk(root, places, SIDES), strict=True):
        assert place == k
        for film, ours, shown in zip(race.films, player._film.films, sides, strict=True):
            assert shown == texts(film, min(k, len(film)), ours.scene), k
        forward = race.films[0]
        told = forward.steps[k - 1].node.label if 0 < k <= len(forward) else "done" if k else "Given"
        assert as_read(told) in sentence, k


def test_open_and_fold_by_mouse_keeps_the_place(page, tmp_path):
    player, root = open_example(page, tmp_path, "loop")
    root.locator(".bl-slider").fill("301")
    part = part_of(player, "turn 91 to 100")
    root.locator(f"[data-group='{part.number}']").click()
    assert part.number in root.evaluate(OPEN) and "turn 91 to 100 is open: 10 folded parts" in words(root)
    scene = scene_of(root, player)
    assert at(root) == 301 and root.evaluate(TEXTS) == texts(player._film, 301, scene)
    rows = root.locator(".bl-table tbody th").all_text_contents()
    assert "turn 95" in rows and len(rows) == len(scene)
    inside = root.evaluate("""(r) => {
      const frame = r.querySelector('[data-frame] + [data-frame]').getBoundingClientRect();
      const box = r.querySelector('.bl-picture').getBoundingClientRect();
      return frame.right > box.left && frame.left < box.right; }""")
    assert inside, "what was opened is in sight"
    page.evaluate(PAINTED)
    assert root.evaluate("(r) => ((say) => say.scrollWidth <= say.clientWidth + 1)(r.querySelector('.bl-say'))"), (
        "fitted"
    )
    root.locator(f"[data-close='{part.number}']").click()
    assert part.number not in root.evaluate(OPEN) and at(root) == 301
    assert root.evaluate(TEXTS) == texts(player._film, 301, scene_of(root, player))


def test_open_and_fold_by_keyboard(page, tmp_path):
    player, root = open_example(page, tmp_path, "net")
    root.focus()
    page.keyboard.press("End")
    for _ in range(60):
        page.keyboard.press("n")
        if "x[0]: 5 nodes, folded" in words(root):
            break
    layer, neuron = (part_of(player, label) for label in ("Layer 1: 3 Neurons", "x[0]"))
    page.keyboard.press("o")
    assert set(root.evaluate(OPEN)) >= {layer.number, neuron.number} and at(root) == len(player.steps)
    assert words(root).startswith("v1: p[0][0][0][0]"), "the first thing inside is chosen"
    page.keyboard.press("o")
    assert neuron.number not in root.evaluate(OPEN)
    assert words(root).startswith("x[0]: 5 nodes, folded")
    page.keyboard.press("Enter")
    assert neuron.number in root.evaluate(OPEN)
    assert root.evaluate("(r) => r === document.activeElement"), "the focus stays"
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("i")
    assert at(root) < len(player.steps)


@pytest.mark.wide
def test_going_box_by_box(page, tmp_path):
    player, root = open_example(page, tmp_path, "loop")
    root.focus()
    assert page.get_by_label("step by").input_value() == "box"
    seen = []
    while at(root) < len(player.steps):
        page.keyboard.press("ArrowRight")
        seen.append(at(root))
        assert len(seen) < 60
    film, scene = player._film, player._film.scene
    homes = [(scene.place(id), part) for id, part in film.turns]
    ends = [k for k in range(1, len(homes) + 1) if k == len(homes) or homes[k] != homes[k - 1]]
    assert seen == [k for k in ends if film.steps[k - 1].kind != "seed"] or seen == ends
    assert "The last one: " in root.locator(".bl-sentence").text_content()
    assert as_read(player.steps[-1].sentence) in plain(root.locator(".bl-sentence").text_content())
    page.get_by_label("step by").select_option("node", force=True)
    page.keyboard.press("ArrowLeft")
    assert at(root) > seen[-2]


def test_open_what_the_step_is_in(page, tmp_path):
    player, root = open_example(page, tmp_path, "flat")
    root.locator(".bl-slider").fill("100")
    page.get_by_text("open this step").click()
    scene = scene_of(root, player)
    step = player.steps[99]
    assert scene.home[step.node.id] < 0 and at(root) == 100
    assert root.locator(f"[data-node='{step.node.id}'].bl-write").count() == 1
    page.get_by_text("open this step").click()
    assert "nothing is folded around it" in words(root)


@pytest.mark.wide
def test_what_a_page_cannot_open_is_said(page, tmp_path):
    player, root = open_example(page, tmp_path, "loop")
    root.focus()
    root.locator(f"[data-group='{part_of(player, 'turn 91 to 100').number}']").click()
    before = root.evaluate(OPEN)
    root.locator(f"[data-group='{part_of(player, 'turn 95').number}']").click()
    assert "This page has no picture with turn 95 open. In a notebook every part opens" in words(root)
    assert root.evaluate(OPEN) == before


@pytest.mark.wide
def test_chosen_boxes_and_bundled_lines_explain_themselves(page, tmp_path):
    player, root = open_example(page, tmp_path, "loop")
    root.focus()
    for key in ("n", "e"):
        page.keyboard.press(key)
    assert "11 edges x → turn 1 to 10. Open the folded part" in words(root)
    page.keyboard.press("Escape")
    for _ in range(4):
        page.keyboard.press("n")
    said = words(root)
    assert said.startswith("turn 11 to 20: 20 nodes, folded. Its result is s20")
    assert "It depends on x, y and turn 1 to 10; it influences turn 21 to 30" in said
    assert root.locator(".bl-box.bl-before").count() == 1 and root.locator(".bl-box.bl-after").count() == 8


@pytest.mark.wide
@pytest.mark.parametrize(("ask", "most"), [(True, large.MOST_TOLD), (True, 40), ("partials", 40)])
def test_only_what_can_be_seen_is_asked(page, tmp_path, monkeypatch, ask, most):
    """Also where the page makes the steps, and where local partials are kept until somebody uses them."""
    monkeypatch.setattr(large, "MOST_TOLD", most)
    player = bl.step(GRAPHS["net"](), predict=ask)
    root = open_page(page, player, tmp_path)
    root.focus()
    page.get_by_label("step by").select_option("edge", force=True)
    scene = player._film.scene
    asked = []
    for _ in range(12):
        page.keyboard.press("End")
        if not root.get_attribute("data-asking"):
            break
        asked.append((at(root) + 1, root.get_attribute("data-asking")))
        box = root.locator(".bl-ask").bounding_box()
        assert box["width"] >= 24
        assert root.evaluate(TEXTS).get(asked[-1][1], "?") in ("?", ""), "nothing asked for is shown before"
        page.get_by_role("button", name="show it").click()
    assert len(asked) == 12
    for k, key in asked:
        step = player.steps[k - 1]
        assert key in scene.keys
        assert all(scene.keys & {f"p{node.id}"} for node in step.reads)


def test_the_way_is_found_by_keys(page, tmp_path):
    player, root = open_example(page, tmp_path, "net")
    root.focus()
    page.keyboard.press("End")
    page.keyboard.press("/")
    status = root.locator(".bl-find [role=status]")
    page.keyboard.type("p[1][0][2]")
    assert status.text_content().startswith("4 hits: p[1][0][2], p[1][0][2][0]")
    page.keyboard.press("ArrowDown")
    assert root.locator(".bl-hits button:focus").text_content().startswith("p[1][0][2]")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.press("Control+a")
    page.keyboard.type("turn 2")
    hits = "x[1] in Layer 1: 3 Neurons, Layer 2: 3 Neurons in y = MLP: 3 Layers, x_2[1] in Layer 2: 3 Neurons"
    assert f"3 hits: {hits}" in status.text_content(), "also those that are called by what they make"
    page.keyboard.type("x")
    assert root.locator(".bl-hits").text_content() == "Nothing here has these letters in its name."
    page.keyboard.press("Control+a")
    page.keyboard.type("layer 3")
    page.keyboard.press("Enter")
    assert words(root).startswith("Layer 3 is open"), "of the layers the one whose name ends so"
    assert root.locator(".bl-crumbs").text_content().startswith("net")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    assert f"Step {len(player.steps)}, adjoints: in net" in words(root)
    page.keyboard.press("z")
    box, svg = (root.locator(css).bounding_box() for css in (".bl-picture", ".bl-svg"))
    assert svg["height"] <= box["height"] or svg["height"] <= 561


@pytest.mark.wide
def test_the_largest_shares_add_up_to_the_adjoint(page, tmp_path):
    player, root = open_example(page, tmp_path, "net")
    graph, bars = player.graph, player._film.sweep.numbers
    root.focus()
    page.keyboard.press("End")
    while not words(root).startswith("x1: input"):
        page.keyboard.press("n")
    page.keyboard.press("l")
    id, shares = graph["x1"].id, {}
    for child, slot in graph.uses[id]:
        shares[child] = bars[child] * graph.nodes[child].partials[slot]
    best = max(shares, key=lambda child: abs(shares[child]))
    said = root.locator(".bl-stations li").first.inner_text()
    own, rest = (round(100 * x / bars[id]) for x in (shares[best], bars[id] - shares[best]))
    assert f"own {own} %, rest {rest} %".replace("-", "−") in said, said
    root.locator(".bl-stations button").first.press("ArrowDown")
    second = sorted(shares, key=lambda child: -abs(shares[child]))[1]
    assert plain(root.locator(".bl-find [role=status]").text_content()).startswith(
        f"x1: {graph.nodes[second].label} brings"
    )
    assert root.locator(".bl-stations button:focus").count() == 1


def film_lines(player, scene, path):
    """How many lines of a path are drawn one by one; a band is none."""
    drawn = player._film.picture_of(scene.open).layout.edges
    uses = {(child.id, slot) for child, slot in path.edges}
    return sum(wire.key in drawn and not uses.isdisjoint(wire.uses) for wire in scene.wires)


ROAD = """(root) => [...root.querySelectorAll('.bl-route-road path')].map((path) => path.getAttribute('d'))"""


@pytest.mark.wide
def test_a_path_runs_over_the_parts_that_hide_it(page, tmp_path):
    player, root = open_example(page, tmp_path, "net")
    root.focus()
    page.keyboard.press("p")
    source = player.graph.nodes[player.film["routes"]["from"]]
    path = next(bl.paths(player.graph, source.name))
    ids = (source.id, *(edge[0].id for edge in path.edges))
    scenes = []
    for opens in (False, True):
        if opens:
            root.locator(f"[data-group='{part_of(player, 'x[0]').number}']").click()
        scenes.append(scene_of(root, player))
        seen = list(dict.fromkeys(map(scenes[-1].place, ids)))
        shapes = [f"[data-{'node' if key[0] == 'n' else 'group'}='{key[1:]}'] > .bl-shape" for key in seen]
        road = root.evaluate(ROAD)
        assert {root.locator(shape).get_attribute("d") for shape in shapes} <= set(road)
        lines = film_lines(player, scenes[-1], path)
        assert len(road) == len(seen) + lines, "what is seen of the path's nodes, and the lines between them"
    assert scenes[0].open != scenes[1].open


@a_cover("name", GRAPHS.keys())
def test_nothing_scrolls_sideways_or_overlaps(page, tmp_path, name):
    _, root = open_example(page, tmp_path, name)
    root.focus()
    for width, height, key in ((1024, 768, "Home"), (1024, 768, "End"), (400, 800, "Home"), (400, 800, "End")):
        page.set_viewport_size({"width": width, "height": height})
        page.keyboard.press(key)
        page.evaluate(PAINTED)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        boxes = root.evaluate("""(r) => [...r.querySelectorAll('.bl-node .bl-shape')].map((n) => {
          const b = n.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })""")
        for k, (left, top, right, bottom) in enumerate(boxes):
            assert all(right <= a or c <= left or bottom <= b or d <= top for a, b, c, d in boxes[:k])
        outside = root.evaluate("""(r) => [...r.querySelectorAll('.bl-box')].flatMap((g) => {
          const box = g.querySelector('.bl-shape').getBBox();
          return [...g.querySelectorAll('text')].map((t) => [t.getBBox(), t.textContent]).filter(([own]) => own.width
            && (own.x < box.x - 1 || own.x + own.width > box.x + box.width + 1)).map(([, text]) => text) })""")
        assert outside == []


@pytest.mark.wide
def test_both_modes_side_by_side_open_together(page, tmp_path):
    player, root = open_example(page, tmp_path, "net", "both")
    root.locator(".bl-slider").fill("80")
    part = part_of(player, "Layer 2: 3 Neurons")
    root.locator(f"[data-close='{part.number}']").first.click()
    assert root.evaluate(OPEN).count(part.number) == 0 and at(root) == 80
    shown = [texts(film, min(80, len(film)), scene_of(root, player)) for film in player._film.films]
    for k, svg in enumerate(root.locator(".bl-svg").all()):
        assert svg.evaluate(TEXTS) == shown[k]


COUNTED = """async (root) => {
  const found = [], say = () => root.querySelector('.bl-sentence').textContent;
  for (let was = null; root.dataset.at !== was;) {
    was = root.dataset.at;
    root.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
    found.push([Number(was), Number(root.dataset.at), say()]);
  }
  return found; }"""


@pytest.mark.wide
@pytest.mark.parametrize("most", [large.MOST_TOLD, 40])
def test_how_many_steps_are_told_as_one_is_true(page, tmp_path, monkeypatch, most):
    """Also where a large film has more of them than it lights."""
    monkeypatch.setattr(large, "MOST_TOLD", most)
    player = bl.step(flat(900), 0.5, 0.9)
    root = open_page(page, player, tmp_path)
    assert ("large" in player.film) == (most == 40)
    told = [
        (now - was, re.match(r"(\d+) steps (in|of) .+?\. The last one: ", said))
        for was, now, said in root.evaluate(COUNTED)[:-1]
    ]
    assert max(count for count, _ in told) > 60
    for count, said in told:
        assert int(said[1]) == count if count > 2 else said is None or int(said[1]) == count


SPARKS = """(root) => [...root.querySelectorAll('[data-spark]')].map((g) => [
  g.querySelector('title').textContent, ...[...g.querySelectorAll('text')].map((t) => t.textContent),
  Number(g.querySelector('.bl-veil').getAttribute('width')),
  ...g.querySelector('path').getAttribute('d').slice(1).split(/[L ]/).map(Number)])"""


@pytest.mark.wide
def test_lines_of_a_strip_follow_the_inputs(page, tmp_path):
    """What the page draws at other inputs is what a player that begins there draws; the steps cover the rest."""
    shown = []
    for x, y in ((0.5, 0.9), (2.0, 0.1)):
        player = bl.step(lambda x, y: loop(x, y, 30), x, y)
        root = open_page(page, player, tmp_path)
        root.evaluate("(r) => r.dispatchEvent(new CustomEvent('bl-set', { detail: { x: 2, y: 0.1 } }))")
        rows = []
        for place in (0, 40, 100, len(player.steps)):
            root.locator(".bl-slider").fill(str(place))
            rows.append(root.evaluate(SPARKS))
        shown.append(rows)
    for ours, theirs in zip(*shown, strict=True):
        assert len(ours) == len(theirs) == 2
        for own, other in zip(ours, theirs, strict=True):
            assert own[:5] == other[:5] and own[5:] == pytest.approx(other[5:], abs=0.11)  # a tenth is rounded
    widths = [rows[0][5] for rows in shown[0]]
    assert widths == sorted(widths, reverse=True) and widths[0] > 800 and widths[-1] == 0 == shown[0][-1][1][5]


AGAIN = """async ([code, state, open]) => {
  const lab = (await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })))).default;
  const show = () => {
    const own = { ...structuredClone(state), request: {} }, heard = {};
    const model = { get: (key) => own[key], set: (key, value) => { own[key] = value; }, save_changes() {}, off() {},
      on: (event, run) => { heard[event] = run; } };
    const end = lab.render({ model, el: document.body.appendChild(document.createElement('div')) });
    return { own, heard, end };
  };
  const first = show();
  first.own.scene = { open, svgs: [{ svg: state.film.svg }], run: state.film.run };
  first.heard['change:scene']();
  first.end();
  const again = show();
  again.end();
  return again.own.request; }"""


def test_a_cell_that_runs_again_has_the_same_parts_open(page):
    """What was open where the old view stood is asked for in the new one."""
    player = bl.step(GRAPHS["loop"](), open=["turn 41 to 50"])
    held = {"film": player.film, "at": 0, "predictions": [], "inputs": {}, "group": "", "scene": {}}
    other = sorted(player._film.tree.with_around([part_of(player, "turn 91 to 100").number]))
    page.goto("about:blank")
    asked = page.evaluate(AGAIN, [script(), held, other])
    assert asked["open"] == other
    player.request = asked
    assert player.opened == ["turn 91 to 100"] and player.scene["open"] == other
