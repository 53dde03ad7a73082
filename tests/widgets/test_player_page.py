"""The player in a real browser, on its stand-alone page: the same front-end file as in the notebook."""

import re
from functools import partial

import pytest
from support.circles import a_cover
from support.graphs import HOSTILE, WITH_ARRAYS, hostile, loop, program
from support.operate import as_read, plainly, walk
from support.pages import PAINTED, TEXTS, at, open_both, open_page

import backprop_lab as bl
from backprop_lab.widgets import page as pages

ROWS = """(root) => [...root.querySelectorAll('.bl-table tbody tr')].map(
  (row) => [...row.querySelectorAll('[data-k]')].map((cell) => cell.textContent))"""


STEP = {name: (lambda name=name: bl.examples[name].step()) for name in bl.examples} | {
    "program": lambda: bl.step(program, 1.5, -2.0),
    "forward": lambda: bl.examples["strang"].step(mode="forward", wrt="y"),
    "value": lambda: bl.step(program, 1.5, -2.0, mode="value"),
}


def kind(name):
    return ["arrays" if name in WITH_ARRAYS else "numbers" if name in bl.examples else name]


@a_cover("name", STEP.keys(), kind)
def test_every_text_at_every_step_both_ways(page, tmp_path, name):
    player = STEP[name]()
    root = open_page(page, player, tmp_path)
    film, last = player._film, len(player.steps)
    keys = "pa" if film.second else "p"
    places = [0, *range(1, last + 1), *range(last - 1, -1, -1)]
    seen = walk(root, ["Home", *last * ["ArrowRight"], *last * ["ArrowLeft"]], plainly(TEXTS), ROWS)
    for k, (place, sentence, texts, rows) in zip(places, seen, strict=True):
        assert place == k and texts == {key: as_read(text) for key, text in film.texts(k).items()}
        assert rows == [[film.texts(k).get(f"{c}{n.id}", "") for c in keys] for n in player.graph.nodes]
        assert not k or sentence == as_read(player.steps[k - 1].sentence)


def test_a_page_has_the_styles_as_they_are_written(page, monkeypatch):
    """The browser reads both texts, and lists the same rules, those in others with what is around them."""
    lean = pages.style()
    monkeypatch.setattr(pages, "lean_style", str)
    whole = pages.style.__wrapped__()
    rules = """(text) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text);
      const flat = (rules, outer) => [...rules].flatMap((rule) => {
        const around = rule.selectorText?.replaceAll('& ', outer) ?? rule.cssText.split('{')[0];
        const own = rule.style?.cssText ? [around + rule.style.cssText] : [];
        const inside = rule.cssRules ? flat(rule.cssRules, rule.selectorText ? around + ' ' : outer) : [];
        return [...own, ...inside.map((text) => rule.selectorText ? text : around + text)]; });
      return flat(sheet.cssRules, '').map((text) => text.replace(/([:,]) +/g, '$1')); }"""
    assert page.evaluate(rules, lean) == page.evaluate(rules, whole)
    assert len(lean) < 0.9 * len(whole) and "/*" not in lean


def test_a_page_has_all_rules_that_it_follows(page, tmp_path):
    """Rules whose classes stand nowhere in a page are left out of it: nothing that it shows has one of them."""
    classes = partial(re.findall, r"\.(bl-[\w-]+)")
    whole = set(classes(pages.style()))
    for player in (bl.examples["edelman"].step(), bl.examples["two-layer"].step(predict=True)):
        root = open_page(page, player, tmp_path)
        own = set(classes(page.locator("style").text_content()))
        assert whole - own
        root.focus()
        seen = set()
        for keys in ("?", "s", "ArrowRight", "b", "End", "n", "c", "t", "p", "j", "f"):
            page.keyboard.press(keys)
            seen |= set(root.evaluate("(r) => [r, ...r.querySelectorAll('*')].flatMap((e) => [...e.classList])"))
        assert len(seen & whole) > 60 and seen & whole <= own


def test_a_page_is_small():
    """The worked example with nine nodes is sent by mail, and opened on a phone; what plays its tape is 20 kB of it."""
    assert len(bl.examples["edelman"].step().to_html().encode()) < 200_000


def test_buttons_slider_and_keys(page, tmp_path):
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    next, previous = page.get_by_label("next step"), page.get_by_label("previous step")
    assert previous.is_disabled() and at(root) == 0
    next.click()
    next.click()
    assert at(root) == 2
    previous.click()
    assert at(root) == 1
    page.get_by_label("to the end").dispatch_event("click")
    assert at(root) == 16 and next.is_disabled()
    assert page.locator("text[data-key=a0]").text_content() == "14"
    page.get_by_label("to the start").dispatch_event("click")
    assert at(root) == 0 and page.locator("text[data-key=a0]").text_content() == ""
    slider = page.get_by_role("slider", name="step")
    slider.fill("15")
    assert at(root) == 15
    slider.focus()
    page.keyboard.press("Home")
    assert at(root) == 0
    page.keyboard.press("End")
    assert at(root) == 16
    page.keyboard.press("ArrowRight")
    assert at(root) == 16
    page.locator(".bl-phase-adjoints").click(position={"x": 3, "y": 5})
    assert root.get_attribute("data-phase") == "adjoints"


@pytest.mark.parametrize(
    ("button", "key", "there"), [("to the end", "ArrowLeft", 15), ("to the start", "ArrowRight", 1)]
)
def test_keys_work_after_a_button_that_switches_itself_off(page, tmp_path, button, key, there):
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    page.get_by_label("next step").click()
    page.get_by_label(button).dispatch_event("click")
    page.keyboard.press(key)
    assert at(root) == there


def test_keys_with_a_modifier_stay_the_browsers(page, tmp_path):
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    root.focus()
    page.keyboard.press("Shift+ArrowRight")
    assert at(root) == 0


SLOWLY = """async (root) => {
  const said = root.querySelector('.bl-say');
  const press = (key) => root.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const rest = () => new Promise((done) => setTimeout(done, 90)); // then the next step is ready
  const last = Number(root.querySelector('.bl-slider').max);
  const run = async (wait) => {
    press('Home');
    const seen = [];
    for (let k = 0; k < last; k += 1) { await painted(); if (wait) await rest(); press('ArrowRight');
      seen.push(said.textContent); }
    return seen;
  };
  const [slow, fast] = [await run(true), await run(false)];
  press('Home'); await painted(); await rest();
  root.dispatchEvent(new CustomEvent('bl-set', {detail: {x: 4}}));
  press('ArrowRight');
  return [slow, fast, said.textContent]; }"""


@pytest.mark.wide
def test_who_steps_slowly_is_told_the_same(page, tmp_path):
    """What is said next is made while nobody presses anything; moved inputs make it anew."""
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    slow, fast, moved = root.evaluate(SLOWLY)
    assert slow == fast and len(set(slow)) == len(slow) == 16
    assert "2·4=8" in moved and "2·3=6" in slow[0]


def test_graph_table_and_code_are_lit_together(page, tmp_path):
    root = open_page(page, bl.examples["strang"].step(), tmp_path)
    root.focus()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    assert root.get_attribute("data-phase") == "adjoints"
    assert page.locator(".bl-node.bl-write .bl-name").text_content() == "s"
    assert page.locator("tr.bl-write th").text_content() == "s"
    assert page.locator(".bl-line.bl-current .bl-linetext").text_content().strip() == "F = c * s"
    assert page.locator(".bl-edge.bl-lit .bl-back").is_visible()
    assert page.locator(".bl-say").get_attribute("aria-live") == "polite"
    assert page.locator(".bl-formula").evaluate("(f) => f.textContent").replace("\u2061", "") == "s+=F·∂F∂s=1·8=8"


@a_cover("name", ["edelman", "strang", "strang-first-try", "olah", "sources-sink"])
def test_nothing_scrolls_sideways(page, tmp_path, name):
    root = open_page(page, bl.examples[name].step(), tmp_path)
    for width, height in ((1280, 900), (1024, 768), (800, 600), (400, 800)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(PAINTED)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
        if width >= 1024:  # in a smaller one letters that are read come first
            assert root.evaluate(
                "(r) => { const b = r.querySelector('.bl-picture'); return b.scrollWidth <= b.clientWidth }"
            ), width


def long_names(learning_rate_of_the_first_layer, regularisation_strength):
    weighted_sum_of_everything = learning_rate_of_the_first_layer * regularisation_strength
    return bl.exp(-weighted_sum_of_everything) / regularisation_strength


def test_the_table_of_long_names_does_not_widen_the_page(page, tmp_path):
    """Its words for who hears them stand in the cell, which cuts them."""
    page.set_viewport_size({"width": 1024, "height": 768})
    open_page(page, bl.step(long_names, 0.001, 12345.678), tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_table_beside_the_graph_shows_all_of_long_numbers(page, tmp_path):
    """The column that repeats the picture makes room for them."""
    page.set_viewport_size({"width": 1280, "height": 900})
    root = open_page(page, bl.step(lambda x, y: x * y + x / y, 123456.789, -0.000012345), tmp_path)
    root.focus()
    shown = "(r) => { const b = r.querySelector('.bl-sheet'); return b.scrollWidth <= b.clientWidth }"
    for k in range(at(root), 13):
        assert root.evaluate(shown), k
        page.keyboard.press("ArrowRight")
    assert at(root) == 12 and not root.locator("td.bl-col-is").first.is_visible()
    assert "bl-wide" not in root.locator(".bl-main").get_attribute("class")


@pytest.mark.wide
def test_a_wide_graph_stands_in_rows_that_are_seen(page, tmp_path):
    """No way to the side; what a step writes is in sight in its own box, and its row in the window below the panel."""
    root = open_page(page, bl.step(lambda x, y: loop(x, y, 20), 0.5, 0.9, fold=False), tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert root.evaluate("(r) => { const b = r.querySelector('.bl-picture'); return b.scrollWidth <= b.clientWidth }")
    root.focus()
    rows = set()
    for key in ("End", "ArrowLeft", "Home", *["ArrowRight"] * 8):
        page.keyboard.press(key)
        if at(root):
            page.evaluate(PAINTED)
            inside, row = root.evaluate("""(r) => {
              const n = r.querySelector('.bl-node.bl-write .bl-shape').getBoundingClientRect();
              const b = r.querySelector('.bl-picture').getBoundingClientRect();
              return [n.left >= b.left - 2 && n.right <= b.right + 2 && n.top >= b.top - 2 && n.bottom <= b.bottom + 2,
                Math.round(n.top)] }""")
            assert inside, at(root)
            rows.add(row)
    assert len(rows) > 1


def descent(x):
    for _ in range(200):
        x = 0.9 * x + 0.1 * bl.sin(x)
    return x


@pytest.mark.wide
def test_a_folded_loop_is_seen_whole_below_what_is_said(page, tmp_path):
    """Of the steps in a box only the last one is told, so no room is kept for all of them."""
    page.set_viewport_size({"width": 1280, "height": 900})
    root = open_page(page, bl.step(descent, 1.0), tmp_path)
    root.focus()
    heights = set()
    for key in ("Home", *["ArrowRight"] * 4, "End"):
        page.keyboard.press(key)
        page.evaluate(PAINTED)
        say, box, graph = (root.locator(place).bounding_box() for place in (".bl-say", ".bl-picture", ".bl-svg"))
        heights.add(say["height"])
        assert say["height"] <= 120 and box["y"] <= graph["y"]
        assert graph["y"] + graph["height"] <= box["y"] + box["height"] + 1 <= 900
    assert len(heights) == 1


def test_the_picture_does_not_jump(page, tmp_path):
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    root.focus()
    boxes = set()
    for _ in range(17):
        box = page.locator(".bl-picture").bounding_box()
        boxes.add((round(box["y"]), round(box["width"]), round(box["height"])))
        page.keyboard.press("ArrowRight")
    assert len(boxes) == 1


def test_numbers_stay_in_their_cells(page, tmp_path):
    def wide(x, y):
        s = x * 1e-7 - y / 3
        return s * 1e5 + bl.sin(x) * y

    for player in (bl.step(wide, -1.23456789, 98765.4321), bl.examples["edelman"].step()):
        root = open_page(page, player, tmp_path)
        read = """(r) => [...r.querySelectorAll('.bl-num')].filter((t) => {
          const box = t.closest('.bl-cell').querySelector('rect').getBBox(), own = t.getBBox();
          return own.width && (own.x < box.x - 1 || own.x + own.width > box.x + box.width + 1) })
          .map((t) => t.textContent)"""
        seen = walk(root, ["Home", *len(player.steps) * ["ArrowRight"]], read)
        assert seen[-1][0] == len(player.steps) and [outside for *_, outside in seen if outside] == []
        heads = root.evaluate("""(r) => [...r.querySelectorAll('.bl-node')].filter((n) => {
          const box = n.querySelector('.bl-shape').getBBox(), own = n.querySelector('.bl-head')?.getBBox() ?? box;
          return own.x < box.x || own.x + own.width > box.x + box.width }).map((n) => n.textContent)""")
        assert heads == []


@pytest.mark.wide
def test_nodes_do_not_overlap(page, tmp_path):
    for player in (*(e.step() for e in bl.examples.values()), bl.step(program, 1.5, -2.0)):
        root = open_page(page, player, tmp_path)
        boxes = root.evaluate(
            "(r) => [...r.querySelectorAll('.bl-node .bl-shape')].map((n) => n.getBoundingClientRect().toJSON())"
        )
        for k, a in enumerate(boxes):
            for b in boxes[:k]:
                apart = (
                    a["right"] <= b["left"]
                    or b["right"] <= a["left"]
                    or a["bottom"] <= b["top"]
                    or b["bottom"] <= a["top"]
                )
                assert apart


def test_names_are_text_never_markup(page, tmp_path):
    root = open_page(page, bl.step(hostile, **HOSTILE), tmp_path)
    root.focus()
    names = page.locator(".bl-table tbody th").all_text_contents()
    assert set(HOSTILE) <= set(names)
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    assert root.locator("script, img").count() == 0


def test_two_players_on_a_page(page, tmp_path):
    first, second = bl.examples["edelman"].step(), bl.examples["olah"].step()
    open_both(page, first, second, tmp_path)
    roots = page.locator(".bl-player")
    assert roots.count() == 2
    roots.nth(0).focus()
    page.keyboard.press("End")
    assert at(roots.nth(0)) == 16 and at(roots.nth(1)) == 0
    roots.nth(1).focus()
    page.keyboard.press("ArrowRight")
    assert at(roots.nth(0)) == 16 and at(roots.nth(1)) == 1


def test_dark_page_is_dark(browser, tmp_path):
    context = browser.new_context(color_scheme="dark", viewport={"width": 1000, "height": 800})
    page = context.new_page()
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    background = root.evaluate("(r) => getComputedStyle(r).backgroundColor")
    paper = root.evaluate("(r) => getComputedStyle(r.querySelector('.bl-paper')).fill")
    ink = root.evaluate("(r) => getComputedStyle(r.querySelector('.bl-name')).fill")
    context.close()
    assert background == paper == "rgb(20, 24, 31)" and ink == "rgb(237, 240, 244)"
