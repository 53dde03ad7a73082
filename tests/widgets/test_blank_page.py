"""The blank key: the next step lit and its numbers blank, so that a room can guess; then they are shown."""

import pytest
from support.operate import plain
from support.pages import TEXTS, at, open_page

import backprop_lab as bl

SAID, FORMULA = ".bl-sentence", ".bl-formula"
RESULTS = "(r) => [...r.querySelectorAll('.bl-say mn.bl-asked')].map((m) => m.textContent)"


@pytest.fixture
def edelman(page, tmp_path):
    root = open_page(page, bl.examples["edelman"].step(), tmp_path)
    root.focus()
    return root


def numbers(root):
    return {key: text for key, text in root.evaluate(TEXTS).items() if key[0] in "pa"}


def test_each_step_is_blank_first_and_then_shown(page, edelman):
    """At every step: a question mark in cell and formula, no sentence; nothing else is touched."""
    film, height = bl.examples["edelman"].step()._film, edelman.evaluate("(r) => r.offsetHeight")
    for k, step in enumerate(film.steps):
        page.keyboard.press("b")
        known = {key: text for key, text in film.texts(k).items() if key[0] in "pa"}
        key = ("p" if step.kind == "value" else "a") + str(step.node.id)
        waiting = {"contribution": f"{known[key]} + ?" if key in known else "?", "sum": known.get(key)}
        assert at(edelman) == k and numbers(edelman) == known | {key: waiting.get(step.kind, "?")}
        assert edelman.evaluate(RESULTS) == ["?"] and page.locator(SAID).text_content() == (
            "What comes here? The next step shows it."
        )
        assert step.sentence not in plain(page.locator(".bl-say").text_content())
        assert page.locator(".bl-svg .bl-write").get_attribute("data-node") == str(step.node.id)
        page.keyboard.press("b" if k % 2 else "ArrowRight")
        assert at(edelman) == k + 1 and "bl-asked" not in edelman.evaluate("(r) => r.innerHTML")
        assert numbers(edelman) == {key: text for key, text in film.texts(k + 1).items() if key[0] in "pa"}
        assert edelman.evaluate("(r) => r.offsetHeight") == height
    page.keyboard.press("b")
    assert at(edelman) == len(film) and edelman.get_attribute("data-guessing") is None


def test_the_code_of_what_is_asked_is_underlined(page, tmp_path, edelman):
    """As in the step itself: of a blank step, and of a question."""
    underlined = "(r) => [...r.querySelectorAll('.bl-part')].map((part) => part.textContent).join('')"
    page.keyboard.press("b")
    assert edelman.evaluate(underlined) == "2 * x"
    page.keyboard.press("b")
    assert edelman.evaluate(underlined) == "2 * x"
    asked = open_page(page, bl.examples["edelman"].step(predict=True), tmp_path)
    asked.focus()
    page.keyboard.press("ArrowRight")
    assert at(asked) == 0 and asked.evaluate(underlined) == "2 * x"


def test_back_and_other_ways_on_leave_nothing_blank(page, edelman):
    for key, to in (("ArrowLeft", 7), ("End", 16), ("Home", 0)):
        page.locator(".bl-slider").fill("7")
        edelman.focus()
        before = numbers(edelman)
        page.keyboard.press("b")
        assert numbers(edelman) != before
        page.keyboard.press(key)
        assert at(edelman) == to and edelman.get_attribute("data-guessing") is None
        assert "?" not in numbers(edelman).values()
    page.keyboard.press("?")
    assert "for a room that guesses" in page.locator(".bl-keys").text_content()


def test_every_step_can_be_blank_first(page, edelman):
    page.keyboard.press("B")
    spoken = page.locator('.bl-inspect [aria-live="polite"]')
    assert spoken.text_content() == "From now on every step is blank at first, and the next press shows it."
    for k in range(3):
        page.keyboard.press("ArrowRight")
        assert at(edelman) == k and edelman.get_attribute("data-guessing") == "true"
        page.get_by_label("next step").click()
        assert at(edelman) == k + 1
    page.keyboard.press("B")
    page.keyboard.press("ArrowRight")
    assert at(edelman) == 4


def test_both_panes_and_the_projector_are_blank(page, tmp_path):
    root = open_page(page, bl.examples["edelman"].step(mode="both"), tmp_path)
    root.focus()
    page.keyboard.press("f")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("b")
    assert root.evaluate(RESULTS) == ["?", "?"]
    cells = """(r) => [...r.querySelectorAll('.bl-pane')].map(
      (pane) => [...pane.querySelectorAll('text[data-key]')].filter((t) => t.textContent === '?').length)"""
    assert root.evaluate(cells) == [1, 1]
    page.keyboard.press("b")
    assert root.evaluate(cells) == [0, 0] and at(root) == 9


def test_arrays_and_steps_of_a_node_at_once(page, tmp_path):
    root = open_page(page, bl.examples["two-layer"].step(), tmp_path)
    root.focus()
    maps = "(r) => [...r.querySelectorAll('.bl-svg [data-heat]')].map((g) => g.innerHTML).join()"
    page.keyboard.press("g")  # node by node
    for _ in range(4):
        before = root.evaluate(maps)
        page.keyboard.press("b")
        assert root.evaluate(maps) == before and root.evaluate(RESULTS)
        page.keyboard.press("b")
    page.keyboard.press("End")
    assert "?" not in numbers(root).values()
