"""What a step takes up and what it makes are lit wherever they stand; pointing at one outlines the others."""

import pytest
from support.operate import walk
from support.pages import open_page, press

import backprop_lab as bl
from backprop_lab.film.film import gives

# By place, the keys that are lit: on the picture what a number stands on and its text, in the table.
LIT = """(root) => Object.fromEntries(['used', 'result'].map((name) => [name, Object.fromEntries(
  ['rect', 'text', '.bl-table span'].map((place) => [place,
    [...new Set([...root.querySelectorAll(`${place}.bl-${name}`)].map((one) => one.dataset.k))].sort()]))]))"""
USED = """(root) => [...root.querySelectorAll('.bl-svg')].map(
  (svg) => [...svg.querySelectorAll('text.bl-used')].map((text) => text.dataset.k).sort())"""
SAME = "(root) => [...root.querySelectorAll('.bl-same')].map((one) => `${one.localName} ${one.dataset.k}`).sort()"


DOTTED = """(root) => [...root.querySelectorAll('.bl-svg')].map((svg) => [...svg.querySelectorAll('.bl-edge')]
  .filter((edge) => getComputedStyle(edge.querySelector('.bl-wire')).strokeDasharray !== 'none')
  .map((edge) => edge.dataset.edge).sort())"""


@pytest.mark.parametrize("mode", ["value", "forward", "reverse", "both"])
def test_edges_that_a_sweep_has_still_to_pass_are_dotted(page, tmp_path, mode):
    """First all are, for the values; at the seed all are again; a line is drawn through once its number has gone."""
    player = bl.examples["edelman"].step(mode=mode)
    root = open_page(page, player, tmp_path)
    every = sorted(f"{edge.child.id}_{edge.slot}" for edge in player.graph.edges)
    for at, _, found in walk(root, ["Home", *len(player.steps) * ["ArrowRight"], "ArrowLeft", "Home"], DOTTED):
        films = getattr(player._film, "films", [player._film])
        for film, dotted in zip(films, found, strict=True):
            here = film.classes(min(at, len(film)))
            step = film.steps[at - 1] if 0 < at <= len(film) else None
            assert dotted == sorted(key[1:] for key, names in here.items() if names == ["bl-ahead"])
            if at == 0 or (step and step.kind == "seed"):
                assert dotted == every
            elif step and step.edge:
                assert f"{step.edge[0].id}_{step.edge[1]}" not in dotted
            if at >= len(film):
                assert dotted == []


@pytest.mark.parametrize("mode", ["value", "forward", "reverse"])
def test_a_steps_numbers_are_lit_in_the_picture_and_in_the_table(page, tmp_path, mode):
    player = bl.examples["edelman"].step(mode=mode)
    root = open_page(page, player, tmp_path)
    film = player._film
    seen = walk(root, ["Home", *len(player.steps) * ["ArrowRight"], "ArrowLeft"], LIT)
    for at, _, lit in seen:
        made = [gives(film.steps[at - 1])] if at else []
        used = sorted(set(film.uses(film.steps[at - 1])) - set(made)) if at else []
        assert lit["used"]["rect"] == lit["used"]["text"] == used
        assert lit["used"][".bl-table span"] == [key for key in used if key[0] != "w"]
        assert lit["result"]["rect"] == lit["result"]["text"] == lit["result"][".bl-table span"] == made
    assert {len(lit["used"]["rect"]) for _, _, lit in seen} >= {0, 2}


def test_each_of_two_sweeps_lights_its_own_picture(page, tmp_path):
    player = bl.examples["edelman"].step(mode="both")
    root = open_page(page, player, tmp_path)
    seen = walk(root, ["Home", *len(player.steps) * ["ArrowRight"]], USED)
    for at, _, (left, right) in seen[1:]:
        steps = [(film, film.steps[at - 1]) if at <= len(film) else None for film in player._film.films]
        wanted = [sorted(set(own[0].uses(own[1])) - {gives(own[1])}) if own else [] for own in steps]
        assert [left, right] == wanted
    assert any(left != right for _, _, (left, right) in seen)


def test_lit_numbers_are_told_by_more_than_colour(page, tmp_path):
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    root.focus()
    press(page, *14 * ["ArrowRight"])
    style = """(e) => { const s = getComputedStyle(e);
      return [s.strokeWidth, s.fontWeight, s.backgroundColor, s.boxShadow]; }"""
    used, known = (root.locator(f"rect.bl-cell-a[data-k=a{n}]").evaluate(style)[0] for n in (6, 3))
    ringed = root.locator("rect.bl-result").evaluate(style)[0]
    assert (used, known) == (ringed, "1px") and float(ringed.removesuffix("px")) >= 2
    pill, other = (root.locator(f"text[data-k=w{key}]").evaluate(style)[1] for key in ("6_0", "4_0"))
    assert (pill, other) == ("700", "400")
    filled, plain, ring = (root.locator(f".bl-table span[data-k=a{n}]").evaluate(style) for n in (6, 3, 0))
    assert filled[2] != plain[2] == ring[2] and plain[3] == filled[3] == "none" != ring[3]


def test_the_code_is_the_function_alone_and_a_steps_expression_is_underlined(page, tmp_path):
    player = bl.examples["edelman"].step()
    root = open_page(page, player, tmp_path)
    assert page.locator(".bl-lineno").all_text_contents() == ["1", "2", "3"]
    read = """(root) => [[...root.querySelectorAll('.bl-part')].map((piece) => piece.textContent).join(''),
      root.querySelectorAll('.bl-line.bl-current').length]"""
    seen = walk(root, ["Home", *len(player.steps) * ["ArrowRight"], "Home"], read)
    parts = {
        "v1": "2 * x",
        "v2": "2 * x * y",
        "v3": "x - 1",
        "v4": "(x - 1) ** 2",
        "z": "2 * x * y + (x - 1) ** 2",
    }
    for at, _, found in seen:
        step = player.steps[at - 1] if at else None
        doer = step and (step.edge[0] if step.edge else step.node)
        assert found == ([parts[doer.label], 1] if doer else ["", 0])
    root.focus()
    press(page, "ArrowRight")
    style = "(e) => { const s = getComputedStyle(e); return [s.textDecorationLine, s.fontWeight]; }"
    assert page.locator(".bl-part").first.evaluate(style) == ["underline", "700"]
    assert page.locator(".bl-linetext").first.evaluate(style) == ["none", "400"]
    page.locator("tr[data-k=n4] td").first.hover()
    same = page.locator(".bl-code .bl-same").all_text_contents()
    assert "".join(same) == "2 * x * y"
    page.get_by_text("x - 1", exact=True).hover()
    assert "tr n6" in root.evaluate(SAME)  # the innermost


def test_pointing_at_a_number_outlines_it_wherever_it_stands(page, tmp_path):
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    root.focus()
    press(page, *14 * ["ArrowRight"])
    assert root.evaluate(SAME) == []
    root.locator("text[data-k=a6]").hover()
    here = ["rect a6", "span a6", "text a6"]
    assert set(here) <= set(root.evaluate(SAME))
    width = "(e) => getComputedStyle(e).strokeWidth"
    assert root.locator("rect[data-k=a6]").evaluate(width) > root.locator("rect[data-k=a0]").evaluate(width)
    assert root.locator(".bl-table span[data-k=a6]").evaluate("(e) => getComputedStyle(e).outlineStyle") == "solid"
    press(page, "ArrowRight")  # and still at the next step, where the formula is another
    page.wait_for_function("document.querySelectorAll('.bl-same').length >= 3")
    root.locator("tr[data-k=n3] td.bl-col-is").hover()
    assert {"tr n3", "g n3"} <= set(root.evaluate(SAME)) and not set(here) & set(root.evaluate(SAME))
    root.locator("text[data-k=w6_0]").hover()
    assert {"rect w6_0", "text w6_0", "g w6_0"} <= set(root.evaluate(SAME))
    page.mouse.move(1, 1)
    assert root.evaluate(SAME) == []


def test_a_finger_that_scrolls_points_at_nothing_and_keys_do(page, tmp_path):
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    over = "(e, kind) => e.dispatchEvent(new PointerEvent('pointerover', { bubbles: true, pointerType: kind }))"
    number = root.locator("text[data-k=p0]")
    number.evaluate(over, "touch")
    assert root.evaluate(SAME) == []
    number.evaluate(over, "pen")
    assert "span p0" in root.evaluate(SAME)
    root.focus()
    assert root.evaluate(SAME) == []
    press(page, "n")
    assert {"g n0", "tr n0"} <= set(root.evaluate(SAME))
    press(page, "e")
    assert "g w3_1" in root.evaluate(SAME)
    press(page, "Escape")
    assert root.evaluate(SAME) == []


@pytest.mark.parametrize("key", ["k", "K"])
def test_a_key_goes_through_the_formula_and_outlines_each_part_wherever_it_stands(page, tmp_path, key):
    """By k from the left, by Shift and k from the right, and round again; another step's formula has other parts."""
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    root.focus()
    press(page, key)
    assert root.evaluate(SAME) == [], "before the first step there is no formula"
    press(page, *14 * ["ArrowRight"])
    parts = root.evaluate("(r) => [...new Set([...r.querySelectorAll('.bl-say [data-k]')].map((e) => e.dataset.k))]")
    assert {"a0", "a6", "w6_0"} <= set(parts)
    for part in [*(parts if key == "k" else reversed(parts)), parts[0 if key == "k" else -1]]:
        press(page, key)
        same = root.evaluate(SAME)
        assert {one.split(" ", 1)[1] for one in same} == {part}
        places = {one.split(" ")[0] for one in same}
        assert places & {"mi", "mn", "mover", "msub", "mfrac", "span"}, "in the formula"
        assert {"rect", "text"} <= places, "on the picture"
        assert part[0] == "w" or "span" in places, "in the table"
    press(page, "ArrowRight")
    page.wait_for_function("document.querySelectorAll('.bl-same').length > 0")
    assert {one.split(" ", 1)[1] for one in root.evaluate(SAME)} == {parts[0 if key == "k" else -1]}
    press(page, "Escape")
