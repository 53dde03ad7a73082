"""The player for everybody, on its stand-alone page: screen readers, keyboard alone, colours, motion, contrast, a room.

The rules that a program can check are axe-core's; the rest is asked of the page here.
"""

import itertools
import re

import pytest
from support.circles import a_cover, each_once
from support.folded import GRAPHS
from support.graphs import LAYER, layer
from support.operate import plain, walk
from support.pages import PAINTED, at, contrast, open_page, with_settings
from support.places import ROOT
from support.web import COLOURS, findings

import backprop_lab as bl
from backprop_lab.text.notation import in_words

SCHEMES = ("light", "dark")
# how a player is made, and the step from which it is looked at
MAKE = {
    "reverse": (lambda: bl.examples["edelman"].step(), 9),
    "forward": (lambda: bl.examples["strang"].step(mode="forward"), 6),
    "both": (lambda: bl.examples["strang"].step(mode="both"), 9),
    "predict": (lambda: bl.examples["strang"].step(predict=True), 5),
    "sweep": (lambda: bl.examples["strang"].step(predict="sweep"), 5),
    "mystery": (lambda: bl.examples["strang"].step(mystery="Friday"), 9),
    "heat": (lambda: bl.step(layer, *LAYER), 8),
    "folded": (lambda: bl.step(GRAPHS["loop"]()), 30),
}


@pytest.fixture
def dressed(page):
    """Shows the page in a scheme, or with other settings of the person's system."""

    def dress(**settings):
        page.emulate_media(**settings)
        return page

    return dress


def open_with_settings(page, player, tmp_path):
    """The page of a player with the panel that in a notebook asks the kernel."""
    path = tmp_path / "player.html"
    path.write_text(with_settings(player).replace('id="state">{', 'id="state">{"request": {}, ', 1), "utf-8")
    page.goto(path.as_uri())
    return page.locator(".bl-player")


def broken_rules(page):
    """The rules that a page breaks in light and in dark colours; in dark ones only colours are looked at again."""
    found = []
    for scheme, rules in zip(SCHEMES, ((), COLOURS), strict=True):
        page.emulate_media(color_scheme=scheme)
        found += [(scheme, *what) for what in findings(page, only=rules)]
    return found


@each_once("name, state", MAKE.keys(), ["at a step", "all open", "in the projector"])
def test_rules_of_axe(page, tmp_path, name, state):
    """At a step; while a number or a turn is asked for; with everything open and a node chosen; in the projector."""
    make, step = MAKE[name]
    player = make()
    player.at = step
    root = open_with_settings(page, player, tmp_path)
    root.focus()
    page.keyboard.press("ArrowRight")
    for key in "123" if name == "mystery" else "":
        page.keyboard.press(key)  # some rules are struck out, or the broken one is found
    assert page.locator(".bl-askbox").count() == (name == "predict")
    assert (root.get_attribute("data-picking") == "true") == (name == "sweep")
    if state == "all open":
        root.focus()
        page.keyboard.press("Home")  # no question is open
        for tool in root.locator('.bl-tools .bl-toggle[aria-pressed="false"]').all_text_contents():
            root.locator(".bl-tools").get_by_role("button", name=tool, exact=True).click()
        assert root.locator('.bl-toggle[aria-pressed="true"]').count() >= 5
        for _ in range(3):
            page.keyboard.press("n")
    elif state == "in the projector":
        page.keyboard.press("Escape")
        page.keyboard.press("f")
        assert "bl-projector" in root.get_attribute("class")
    assert broken_rules(page) == []


# Each text of the picture with its contrast to what lies behind it; axe leaves SVG out.
CONTRASTS = """(root) => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (x) => (x <= 0.03928 * 255 ? x / 255 / 12.92 : ((x / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const fill = (element) => rgb(getComputedStyle(element).fill);
  const behind = (text) => {
    const spot = text.getBoundingClientRect();
    const [x, y] = [spot.left + spot.width / 2, spot.top + spot.height / 2];
    const shapes = text.ownerSVGElement.querySelectorAll(
      '.bl-paper, .bl-shape, .bl-done, .bl-cell-p, .bl-cell-a, .bl-pill');
    return [...shapes].filter((shape) => {
      const box = shape.getBoundingClientRect();
      const node = shape.closest('[data-node]');
      return box.left <= x && x <= box.right && box.top <= y && y <= box.bottom
        && getComputedStyle(shape).fill !== 'none'
        && (!node || node === text.closest('[data-node]'))
        && (!shape.matches('.bl-pill') || shape.nextElementSibling === text);
    }).pop();
  };
  const texts = [...root.querySelectorAll('.bl-svg text')].filter((text) => text.textContent && text.getBBox().width);
  return texts.flatMap((text) => {
    const ground = fill(behind(text));
    const over = getComputedStyle(text).opacity;
    const pieces = text.querySelector('tspan') ? [...text.querySelectorAll('tspan')] : [text];
    return pieces.map((piece) => [piece.textContent,
      ratio(fill(piece).slice(0, 3).map((c, k) => c * over + ground[k] * (1 - over)), ground)]);
  });
}"""


@each_once("name, scheme", ["reverse", "both", "heat", "folded"], SCHEMES)
def test_contrast_in_the_picture(page, tmp_path, name, scheme):
    page.emulate_media(color_scheme=scheme)
    root = open_page(page, MAKE[name][0](), tmp_path)
    root.focus()
    seen = 0
    for key in ("PageDown", "ArrowRight", "ArrowRight", "ArrowRight", "End"):
        page.keyboard.press(key)
        contrasts = root.evaluate(CONTRASTS)
        seen += len(contrasts)
        assert [(text, round(ratio, 2)) for text, ratio in contrasts if ratio < 4.5] == []
    assert seen > 80


def test_each_colour_is_another_one_in_the_dark():
    """Also where the system forces its own; all texts that stand on a fill of a folded part can be read in both."""
    light, dark = (
        dict(re.findall(r"(--bl-[\w-]+): (#[0-9a-f]{6});", (ROOT / "backprop_lab" / name).read_text("utf-8")))
        for name in ("drawing/picture.css", "widgets/dark.css")
    )
    assert len(light) > 20 and dark.keys() == light.keys()
    assert [name for name in light if light[name] == dark[name]] == []
    forced = (ROOT / "backprop_lab/widgets/player.css").read_text("utf-8").partition("(forced-colors: active)")[2]
    assert [name for name in light if f"{name}:" not in forced] == []
    for colours in (light, dark):
        rgb = {name: str([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) for name, colour in colours.items()}
        for ground, ink in itertools.product(("value", "adjoint"), ("ink", "soft", "value", "adjoint")):
            assert contrast(rgb[f"--bl-{ink}"], rgb[f"--bl-{ground}-done"]) >= 4.5, (colours, ground, ink)


SPOKEN = """() => {
  window.spoken = [];
  const live = document.querySelectorAll('[aria-live]:not([aria-live=off]), [role=alert], [role=status], output');
  for (const region of live) {
    const quiet = (node) => (node.closest ? node : node.parentElement)?.closest('[aria-live=off]');
    new MutationObserver((seen) => seen.every(({target}) => quiet(target)) || window.spoken.push(region.textContent))
      .observe(region, {childList: true, subtree: true, characterData: true});
  }
}"""


@pytest.mark.parametrize("name", ["reverse", "forward", "both"])
def test_each_step_is_announced_once(page, tmp_path, name):
    """Whatever changes on the page at a step, one live region speaks, once, and says what the step did."""
    player = MAKE[name][0]()
    root = open_page(page, player, tmp_path)
    page.evaluate(SPOKEN)
    root.focus()
    page.keyboard.press("n")  # choosing is announced too, and a step later does not repeat it
    assert len(page.evaluate("() => window.spoken.splice(0)")) == 1
    for key in ["ArrowRight"] * 8 + ["ArrowLeft"] * 2 + ["End", "Home"]:
        page.keyboard.press(key)
        heard = [text for text in page.evaluate("() => window.spoken.splice(0)") if text]
        assert len(heard) == 1, (key, heard)
        if name != "both" and at(root):
            assert player.steps[at(root) - 1].sentence in plain(heard[0])
    page.get_by_label("next step").click()
    assert len([text for text in page.evaluate("() => window.spoken.splice(0)") if text]) == 1


def heard(page):
    """The panel in Chromium's tree of accessibility, which screen readers get: the names in it, in their order."""
    session = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    live = [node for node in nodes.values() if {"name": "live", "value": "polite"} in flat(node.get("properties", []))]
    session.detach()

    def names(node):
        own = node.get("name", {}).get("value", "") if not node["ignored"] else ""
        return [own, *(name for id in node.get("childIds", ()) if id in nodes for name in names(nodes[id]))]

    return [name for node in live for name in names(node) if name]


def flat(properties):
    return [{"name": each["name"], "value": each["value"].get("value")} for each in properties]


def test_what_a_screen_reader_gets_of_steps_answers_and_mysteries(page, tmp_path):
    """Bars, which are drawn, are named; a question, its two answers and a mystery's choices are words in the panel."""
    edelman = bl.examples["edelman"]
    root = open_page(page, edelman.step(), tmp_path)
    root.focus()
    for _ in range(13):
        page.keyboard.press("ArrowRight")
    told = heard(page)
    assert [name for name in told if name.endswith(" bar")] == ["v3 bar", "v4 bar"]
    assert any("sends 1 · 4 = 4 to v" in name for name in told)

    root = open_page(page, edelman.step(predict=True), tmp_path)
    root.focus()
    page.keyboard.press("ArrowRight")
    box = root.get_by_role("textbox", name="What is v1 = 2 · x?")
    box.wait_for()
    assert any("What is v₁ = 2 · x?" in name for name in heard(page))
    right = "Right now. x = 3 is known, so v₁ can be computed: 6."
    for typed, words in (("7", "Not 7. You know x = 3. One more try."), ("6", right)):
        box.fill(typed)
        page.keyboard.press("Enter")
        assert any(words in name for name in heard(page)), heard(page)

    mystery = edelman.step(mystery="Friday")
    root = open_page(page, mystery, tmp_path)
    said = [claim["says"] for claim in mystery.film["mystery"]["claims"]]
    for claim in said:
        assert root.get_by_role("button", name=claim).count() == 1
    root.focus()
    answer = mystery.film["mystery"]["answer"]
    for pressed, words in ((1 + (answer + 1) % len(said), "Not "), (1 + answer, "Found. Here it first mattered")):
        page.keyboard.press(str(pressed))
        assert any(name.startswith(words) for name in heard(page)), pressed


@pytest.mark.wide
def test_the_table_says_what_the_picture_shows(page, tmp_path):
    """Numbers at this step, formula, kind and operands of every node; also while the table is not to be seen."""
    player = bl.examples["edelman"].step()
    root = open_page(page, player, tmp_path)
    table = root.get_by_role("table", name="Nodes with their numbers at this step")
    root.focus()
    for change in ("", "table", "f"):  # as it is, switched off, in the projector
        if change == "table":
            root.get_by_role("button", name="table", exact=True).click()
            assert not root.locator(".bl-sheet").is_visible()
            root.focus()
        elif change:
            page.keyboard.press(change)
        page.keyboard.press("Home")
        for _ in range(14):
            page.keyboard.press("ArrowRight")
        texts = player._film.texts(14)
        rows = table.get_by_role("row")
        heads = rows.nth(0).get_by_role("columnheader").all_text_contents()
        assert heads == ["node", "is", "value", "adjoint"]
        for k, node in enumerate(player.graph.nodes, 1):
            name = rows.nth(k).get_by_role("rowheader").text_content()
            what, *numbers = map(plain, rows.nth(k).get_by_role("cell").all_text_contents())
            assert plain(name) == node.label and numbers == [texts.get(f"{c}{node.id}", "") for c in "pa"]
            operands = in_words(list(dict.fromkeys(parent.label for parent in node.parents)))
            assert what.startswith(node.formula) and (f"; operation, depends on {operands}" in what) == bool(operands)
            assert what.endswith("; output") == (node in player.graph.outputs)
    page.keyboard.press("f")
    root.get_by_role("button", name="table", exact=True).click()
    assert root.locator(".bl-sheet .bl-table").is_visible()


def test_the_picture_has_a_name(page, tmp_path):
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    assert root.get_by_role("group", name="Computational graph of 9 nodes: x = 3, y = 5, z = 34").count() == 1
    assert root.get_by_role("slider", name="input x").get_attribute("aria-valuetext") == "3"
    assert root.locator(":is(.bl-head, .bl-letters):not([aria-hidden=true])").count() == 0, (
        "its title says it in one piece"
    )
    assert page.get_by_role("region", name="Step through the Graph of edelman").count() == 1


NOW = """() => { const e = document.activeElement; const s = getComputedStyle(e);
  const own = e.closest('.bl-svg') ? getComputedStyle(e.querySelector('.bl-shape')) : null;
  return { inside: Boolean(e.closest('.bl-player')), name: e.getAttribute('aria-label') || e.textContent,
    outline: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 ? s.outlineColor : '',
    shadow: own ? `${own.strokeWidth} ${own.stroke}` : s.boxShadow }; }"""


@a_cover("scheme", SCHEMES)
def test_focus_goes_through_everything_and_is_seen(dressed, tmp_path, scheme):
    page = dressed(color_scheme=scheme)
    player = bl.examples["strang"].step(predict="sweep")
    player.at = 5
    root = open_with_settings(page, player, tmp_path)
    root.get_by_role("button", name="settings", exact=True).click()
    root.focus()
    page.keyboard.press("n")
    page.keyboard.press("ArrowRight")
    assert root.get_attribute("data-picking") == "true"  # the nodes are buttons now
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        now = page.evaluate(NOW)
        if not now["inside"] and seen:
            break
        if now["inside"]:
            seen.append(now)
    names = [now["name"] for now in seen]
    bar = ["previous step", "next step", "step", "more", "projector", "show", "x, by slider", "show it"]
    order = [*bar, "graph", "F: c · s", "source code", "table of nodes", "code", "go to its value"]
    found = [next(k for k, name in enumerate(names) if name.startswith(start)) for start in order]
    assert found == sorted(found) and len(names) >= 20
    for now in seen:
        assert now["outline"] or now["shadow"].startswith("4px"), now


def test_nodes_that_can_be_picked_show_their_focus(page, tmp_path):
    player = bl.examples["strang"].step(predict="sweep")
    player.at = 5
    root = open_page(page, player, tmp_path)
    root.focus()
    page.keyboard.press("ArrowRight")
    buttons = root.locator(".bl-svg").get_by_role("button")
    assert buttons.count() == len(player.graph)
    assert root.get_by_role("button", name="F: c · s").count() == 1
    page.locator(".bl-picture").focus()
    for node in player.graph.nodes:
        page.keyboard.press("Tab")
        now = page.evaluate(NOW)
        assert now["name"].startswith(node.label) and now["shadow"].startswith("4px")


def test_nothing_moves_for_who_does_not_want_it(dressed, tmp_path):
    """There is no animation at all: nothing runs while stepping, and nothing is told to glide."""
    page = dressed(reduced_motion="reduce")
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    root.focus()
    for key in ("ArrowRight", "PageDown", "f", "End", "Escape"):
        page.keyboard.press(key)
        assert page.evaluate("() => document.getAnimations().length") == 0
    gliding = """(r) => [r, ...r.querySelectorAll('*')].filter((e) => { const s = getComputedStyle(e);
      return s.animationName !== 'none' || s.transitionDuration.split(', ').some((t) => t !== '0s')
        || s.scrollBehavior !== 'auto' }).map((e) => e.className)"""
    assert root.evaluate(gliding) == []


def test_high_contrast_of_the_system(page, tmp_path):
    """With few forced colours, lines and weight say what backgrounds said, and every text can be read."""
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    root.focus()
    for _ in range(14):
        page.keyboard.press("ArrowRight")
    for scheme in SCHEMES:
        page.emulate_media(forced_colors="active", color_scheme=scheme)
        high_contrast(root)
    page.emulate_media(forced_colors="none")
    root = open_page(page, MAKE["folded"][0](), tmp_path)
    root.focus()
    page.keyboard.press("End")
    assert root.locator(".bl-done").count()
    for scheme in SCHEMES:
        page.emulate_media(forced_colors="active", color_scheme=scheme)
        assert [found for found in root.evaluate(CONTRASTS) if found[1] < 7] == []


def high_contrast(root):
    assert [found for found in root.evaluate(CONTRASTS) if found[1] < 7] == []

    def style(selector, what):
        return root.locator(selector).first.evaluate(f"(e) => getComputedStyle(e).{what}")

    plain = ".bl-node:not(.bl-write, .bl-read) .bl-shape"
    assert style(".bl-write .bl-shape", "stroke") != style(plain, "stroke")
    assert style('.bl-toggle[aria-pressed="true"]', "borderTopWidth") == "3px"
    assert style('.bl-toggle[aria-pressed="false"]', "borderTopWidth") == "1px"
    assert style(".bl-line.bl-current", "borderLeftColor") != style(".bl-line:not(.bl-current)", "borderLeftColor")
    assert style("tr.bl-write th", "borderTopStyle") == "solid" and style(".bl-step", "borderTopStyle") == "solid"
    assert style("math", "color") == style(".bl-sentence", "color")


def test_no_meaning_hangs_on_colour(page, tmp_path):
    """What colour tells, a width, a dash, a weight or a place tells too."""
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    root.focus()
    for _ in range(14):
        page.keyboard.press("ArrowRight")

    def style(selector, what):
        return root.locator(selector).first.evaluate(f"(e) => getComputedStyle(e).{what}")

    widths = [style(f"{kind} > .bl-shape", "strokeWidth") for kind in (".bl-write", ".bl-read", ".bl-output")]
    assert widths == ["4px", "2.6px", "1.5px"]
    assert style(".bl-edge.bl-lit .bl-wire", "strokeWidth") == "4px"
    assert root.locator(".bl-edge.bl-lit .bl-back").is_visible()  # the arrow runs with the adjoint
    assert style(".bl-constant > .bl-shape", "strokeDasharray") != "none"
    assert (style(".bl-value > .bl-num", "fontWeight"), style(".bl-adjoint > .bl-num", "fontWeight")) == ("400", "700")
    assert style(".bl-edge:not(.bl-bare) .bl-pill", "rx") == "12px" != style(".bl-cell-a", "rx")
    assert style(".bl-part", "fontWeight") == "700" and style(".bl-part", "textDecorationLine") == "underline"
    left, right = (root.locator(f".bl-node .bl-cell-{key}").first.bounding_box()["x"] for key in "pa")
    assert left < right


@a_cover("name", ["predict", "reverse", "both"])
def test_zoomed_in_it_scrolls_one_way_only(page, tmp_path, name):
    """A window of 1280 pixels, zoomed to 200 and to 400 percent."""
    open_page(page, MAKE[name][0](), tmp_path)
    for width in (640, 320):
        page.set_viewport_size({"width": width, "height": width * 4 // 5})
        page.evaluate(PAINTED)
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), width


# the smallest letters of the picture as it appears, and what of the page does not fit
ROOM = """(root) => {
  const size = (text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a;
  const sizes = [...root.querySelectorAll('.bl-svg text')].filter((t) => t.textContent.trim()).map(size);
  const say = root.querySelector('.bl-say');
  const box = root.getBoundingClientRect();
  return { number: 0.05 + Math.min(...sizes), filled: box.width === innerWidth && box.height === innerHeight,
    cut: Math.max(0, say.scrollHeight - say.clientHeight - 1),
    costs: [...root.querySelectorAll('.bl-costs')].some((c) => c.scrollHeight > c.clientHeight + 1) }; }"""


@pytest.mark.wide
@each_once("name, size", ["reverse", "forward", "both", "heat"], [(1024, 768), (1280, 900), (1920, 1080)])
def test_projector_can_be_read(page, tmp_path, name, size):
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    player = MAKE[name][0]()
    root = open_page(page, player, tmp_path)
    root.focus()
    page.keyboard.press("f")
    for at_step, _, room in walk(root, ["Home", *len(player._film) * ["ArrowRight"]], ROOM):
        fine = room["filled"] and not room["cut"] and not room["costs"] and room["number"] >= 18
        assert fine, (at_step, room)
