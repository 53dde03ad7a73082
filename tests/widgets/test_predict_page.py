"""Predict before reveal, in a real browser: by keyboard and by mouse, with everything that may be typed."""

import numpy as np
import pytest
from support.circles import a_cover
from support.operate import plain
from support.pages import TEXTS, asked_texts, at, open_page

import backprop_lab as bl
from backprop_lab.film.questions import questions


@pytest.fixture
def strang(page, tmp_path):
    root = open_page(page, bl.examples["strang"].step(predict=True), tmp_path)
    root.focus()
    return root


def said(page):
    return plain(page.locator(".bl-sentence").text_content())


def answer(page, text):
    page.locator(".bl-askbox").fill(text)
    page.keyboard.press("Enter")


def test_by_keyboard_from_start_to_end(page, strang):
    """A box on the node; the number typed; the step; nothing is shown before."""
    shown = "(root) => [...root.querySelectorAll('text[data-key]')].filter((t) => t.textContent).length"
    before = strang.evaluate(shown)
    asks = questions(bl.examples["strang"].step().steps)
    steps = 0
    for _ in range(40):
        page.keyboard.press("ArrowRight")
        if not page.locator(".bl-askbox").count():
            break
        assert page.locator(".bl-askbox").evaluate("(box) => document.activeElement === box")
        key = strang.get_attribute("data-asking")
        assert page.locator(f'text[data-key="{key}"]').text_content() in ("?", "132 + ?", "132 + 8")
        answer(page, f"{asks[at(strang)]['right']:g}")
        assert said(page).startswith("Right. ")
        steps += 1
        assert at(strang) == steps and strang.evaluate("(r) => document.activeElement === r")
    assert at(strang) == 13 and steps == 13
    assert strang.evaluate(shown) > before + 10


def test_a_wrong_number_gets_its_reason_and_a_second_try(page, strang):
    page.keyboard.press("ArrowRight")
    answer(page, "6")
    assert said(page) == "Not 6. 6 is 3 times 2; a power multiplies x by itself. One more try."
    assert at(strang) == 0 and "bl-missed" in page.locator(".bl-ask").get_attribute("class")
    answer(page, "8")
    assert said(page).startswith("Right now. ") and at(strang) == 1
    page.keyboard.press("ArrowRight")
    answer(page, "1.5")
    assert "You know y = 3" in said(page)  # no wrong turn fits: the first help
    answer(page, "2")
    assert said(page).startswith("That was two tries. ") and at(strang) == 2


def test_show_it_by_mouse_and_moving_back(page, strang):
    page.get_by_label("next step").click()
    page.get_by_role("button", name="show it").click()
    assert at(strang) == 1 and not page.locator(".bl-askbox").count()
    page.get_by_label("to the end").dispatch_event("click")
    assert at(strang) == 1 and page.locator(".bl-askbox").count() == 1  # stops at the next question
    page.get_by_label("previous step").click()
    assert at(strang) == 0 and not page.locator(".bl-askbox").count()
    page.get_by_label("next step").click()
    assert at(strang) == 1 and not page.locator(".bl-askbox").count()  # asked once


def test_the_slider_and_the_phases_stop_at_a_question(page, strang):
    page.locator(".bl-slider").fill("9")
    assert at(strang) == 0 and page.locator(".bl-slider").input_value() == "0"
    assert page.locator(".bl-askbox").count() == 1
    page.keyboard.press("Escape")
    assert strang.evaluate("(r) => document.activeElement === r")


def test_asking_can_be_switched_off(page, strang):
    page.get_by_role("button", name="more", exact=True).click()
    page.get_by_label("predict").uncheck()
    page.get_by_label("to the end").dispatch_event("click")
    assert at(strang) == 13
    page.get_by_label("to the start").dispatch_event("click")
    page.get_by_label("predict").check()
    page.get_by_label("next step").click()
    assert at(strang) == 0 and page.locator(".bl-askbox").count() == 1


ODD_NUMBERS = (
    ("ten", "“ten” cannot be read as a number; write 14, 0.5, 2/3 or 1e-3."),
    ("", "Type a number first, such as 14, 0.5 or 2/3."),
    ("   ", "Type a number first, such as 14, 0.5 or 2/3."),
    ("1/0", "A fraction needs something other than 0 below."),
    ("1e4000", "This number is larger than any that a computer's floats can hold."),
    ("9" * 55, "cannot be read as a number"),
    ("<script>alert(1)</script>", "“<script>alert(1)</script>” cannot be read as a number"),
    ("8; alert(1)", "cannot be read as a number"),
    ("1/2/3", "cannot be read as a number"),
    ("--8", "cannot be read as a number"),
    ("nan", "cannot be read as a number"),
    ("0x8", "cannot be read as a number"),
)


def answer_oddly(page, typed, words):
    """After something else that is odd, so that the words that are found are not left from what was typed before."""
    answer(page, "" if typed.strip() else "ten")
    assert words not in said(page)
    answer(page, typed)
    assert words in said(page), typed


def test_odd_input_gets_a_sentence_and_stays(page, strang):
    page.keyboard.press("ArrowRight")
    for typed, words in ODD_NUMBERS:
        answer_oddly(page, typed, words)
        assert at(strang) == 0
        assert page.locator(".bl-askbox").input_value() == typed[:60]
        assert page.locator("script:not([type])").count() == 0


@a_cover("typed", ["8", "8.0", "8,0", " 8 ", "16/2", "8e0", "0.8e1", "+8", "8.001", "80000e-4"], set)
def test_a_right_number_comes_in_many_shapes(page, strang, typed):
    page.keyboard.press("ArrowRight")
    answer(page, typed)
    assert said(page).startswith("Right. ") and at(strang) == 1


def test_a_minus_of_any_kind_and_the_keys_of_the_box(page, tmp_path):
    root = open_page(page, bl.step(lambda x: x - 5, 3.0, predict=True), tmp_path)
    root.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.type("−2")
    page.keyboard.press("ArrowLeft")  # moves in the box, not in the film
    assert at(root) == 0 and page.locator(".bl-askbox").count() == 1
    page.keyboard.press("Enter")
    assert said(page).startswith("Right. ") and at(root) == 1


@pytest.mark.wide
@a_cover("size", [(700, 600), (1024, 768), (1600, 900)])
def test_the_box_is_on_its_cell(page, strang, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        key = strang.get_attribute("data-asking")
        box = page.locator(".bl-askbox").bounding_box()
        cell = page.locator(f'[data-node="{key[1:]}"] .bl-cell-{key[0]}').bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        assert cell["x"] <= middle[0] <= cell["x"] + cell["width"]
        assert cell["y"] <= middle[1] <= cell["y"] + cell["height"]
        page.get_by_role("button", name="show it").click()


def test_predictions_are_kept_and_a_new_view_knows_them(page, tmp_path):
    player = bl.examples["strang"].step(predict=True)
    before = {"node": "c", "kind": "value", "typed": "", "number": None, "right": False}
    player.predictions = [before | {"step": k} for k in (1, 2)]
    root = open_page(page, player, tmp_path)
    root.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert at(root) == 2 and not page.locator(".bl-askbox").count()  # those were asked before
    page.keyboard.press("ArrowRight")
    assert page.locator(".bl-askbox").count() == 1


@pytest.mark.wide
def test_forward_mode_asks_for_tangents(page, tmp_path):
    root = open_page(page, bl.examples["strang"].step(mode="forward", wrt="x", predict=True), tmp_path)
    root.focus()
    for right in ("8", "12"):
        for _ in range(4):
            page.keyboard.press("ArrowRight")
            if page.locator(".bl-askbox").count():
                break
        answer(page, right)
        assert said(page).startswith("Right. "), right


# --- you are the reverse sweep ---------------------------------------------------------------------------------------


@pytest.fixture
def sweeper(page, tmp_path):
    """Strang's function with the values known: the reverse pass begins."""
    player = bl.examples["strang"].step(predict="sweep")
    before = {"node": "", "typed": "", "number": None, "right": True}
    player.predictions = [before | {"step": k, "kind": "value"} for k in range(1, 6)]
    root = open_page(page, player, tmp_path)
    root.focus()
    page.get_by_label("to the end").dispatch_event("click")
    assert at(root) == 5 and root.get_attribute("data-picking") == "true"
    return root


def click(page, root, name):
    id = {"x": 0, "y": 1, "c": 2, "3": 3, "v1": 4, "s": 5, "F": 6}[name]
    page.locator(f'[data-node="{id}"] .bl-shape').click(position={"x": 12, "y": 12})


def test_you_are_the_reverse_sweep(page, sweeper):
    assert said(page) == "Whose turn is it? Pick the node that sends its adjoint on next."
    click(page, sweeper, "c")
    assert said(page) == "Too early for c: F still has to report to it."
    click(page, sweeper, "x")
    assert "Too early for x: c and s still have to report to it." == said(page)
    click(page, sweeper, "F")
    assert sweeper.get_attribute("data-picking") is None and page.locator(".bl-askbox").count() == 1
    answer(page, "11")
    assert said(page).startswith("Right. ") and at(sweeper) == 6
    page.keyboard.press("ArrowRight")
    answer(page, "8")
    page.keyboard.press("ArrowRight")
    assert sweeper.get_attribute("data-picking") == "true"
    click(page, sweeper, "F")
    assert said(page) == "F has had its turn."
    click(page, sweeper, "s")
    assert said(page) == "s is ready too. Here the first operand goes first, and that leads to c."
    click(page, sweeper, "c")
    answer(page, "132")
    assert at(sweeper) == 8


@pytest.mark.wide
def test_picking_by_keyboard_and_giving_up(page, sweeper):
    target = page.locator('[data-node="6"]')
    target.focus()
    page.keyboard.press("Enter")
    assert page.locator(".bl-askbox").count() == 1 and at(sweeper) == 5
    page.keyboard.press("Escape")
    page.get_by_label("previous step").click()
    assert sweeper.get_attribute("data-picking") is None
    for right in ("11", "8"):
        page.get_by_label("to the end").dispatch_event("click")
        answer(page, right)
    page.get_by_label("to the end").dispatch_event("click")
    page.get_by_role("button", name="show it").click()
    assert said(page).startswith("It is the turn of c. What does c")
    answer(page, "132")
    assert at(sweeper) == 8


def test_an_input_has_nobody_to_send_to(page, tmp_path):
    player = bl.step(lambda x: x * x, 3.0, predict="sweep")
    player.predictions = [{"step": k, "kind": "value", "node": "", "right": True} for k in (1, 2)]
    root = open_page(page, player, tmp_path)
    root.focus()
    page.get_by_label("to the end").dispatch_event("click")
    page.locator('[data-node="0"] .bl-shape').click(position={"x": 12, "y": 20})
    assert "Too early for x" in said(page)


# --- local partials ---------------------------------------------------------------------------------------------------

LIT = "(r) => [...r.querySelectorAll('.bl-edge.bl-lit')].map((g) => g.querySelector('text').textContent)"


@pytest.mark.parametrize("predict", [True, "sweep", "partials"])
def test_the_lit_partial_is_hidden_until_it_is_answered(page, tmp_path, predict):
    """Before, while it is asked for, and after a first wrong number."""
    player = bl.examples["strang"].step(predict=predict)
    film, kind = player._film, "partial" if predict == "partials" else ""
    player.predictions = [{"step": k, "kind": kind or "value", "node": "", "right": True} for k in range(1, 7)]
    root = open_page(page, player, tmp_path)
    root.focus()
    hints = 0
    while at(root) < len(film):
        page.keyboard.press("End")
        if root.get_attribute("data-picking"):
            root.get_by_role("button", name="show it").click()
        if not root.locator(".bl-askbox").count():
            break
        step = film.steps[at(root)]
        told = {key: text for key, text in asked_texts(film, at(root)).items() if key[0] == "w"}
        answer(page, "77.25")
        assert said(page).startswith("Not 77.25. ")
        if step.kind == "contribution":
            lit = f"w{step.edge[0].id}_{step.edge[1]}"
            assert lit not in told and root.evaluate(LIT) == ["?"]
            page.locator(f'[data-edge="{lit[1:]}"] .bl-wire').dispatch_event("mouseover", {"bubbles": True})
            assert root.locator(".bl-inspect-words").text_content().endswith("its local partial is still to be found.")
            told[lit] = "?"
            hints += 1
        assert {key: text for key, text in root.evaluate(TEXTS).items() if key[0] == "w"} == told
        answer(page, "77.5")
    assert hints == 6 and at(root) == len(film)
    assert {key: text for key, text in root.evaluate(TEXTS).items() if key[0] == "w"} == {
        key: text for key, text in film.texts(len(film)).items() if key[0] == "w"
    }


@pytest.mark.wide
def test_partials_are_typed_on_their_edges(page, tmp_path):
    """By keyboard; each with its reason for the likely wrong numbers, and recorded as what it is."""
    player = bl.examples["edelman"].step(predict="partials")
    root = open_page(page, player, tmp_path)
    root.focus()
    page.keyboard.press("End")
    assert at(root) == 6, "values and seed are shown"
    seen = {}
    while root.get_attribute("data-asking"):
        key = root.get_attribute("data-asking")
        box = page.locator(".bl-askbox").bounding_box()
        pill = page.locator(f'[data-edge="{key[1:]}"] .bl-pill').bounding_box()
        assert abs(box["x"] + box["width"] / 2 - pill["x"] - pill["width"] / 2) < 30
        assert abs(box["y"] + box["height"] / 2 - pill["y"] - pill["height"] / 2) < 2
        question = questions(player.steps, "partials")[at(root)]
        typed, _, words = question["wrong"][0]
        answer(page, str(typed))
        assert said(page).endswith(f"{words} One more try.")
        answer(page, f"{question['right']:g}")
        assert said(page).startswith("Right now. ")
        seen[key] = question["right"]
        page.keyboard.press("End")
    assert at(root) == 16
    assert seen == {f"w{e.child.id}_{e.slot}": e.child.partials[e.slot] for e in player.graph.edges}


@pytest.mark.wide
def test_forward_partials_are_typed_one_after_another(page, tmp_path):
    """v3 = v1 * v2 has two that move: both are asked for before its tangent comes, and what was answered stays."""
    player = bl.step(lambda x: (x * 2.0) * (x + 3.0), 1.0, mode="forward", predict="partials")
    root = open_page(page, player, tmp_path)
    root.focus()
    seen, pills = [], []
    page.keyboard.press("End")
    while root.get_attribute("data-asking"):
        key = root.get_attribute("data-asking")
        child, slot = map(int, key[1:].split("_"))
        texts = root.evaluate(TEXTS)
        assert texts[key] == "?" and texts[f"a{child}"] == "?"
        pills.append([texts[f"w{child}_{k}"] for k in range(2) if f"w{child}_{k}" in texts])
        answer(page, "77.25")
        assert said(page).startswith("Not 77.25. ") and root.evaluate(TEXTS)[key] == "?"
        answer(page, f"{player.graph.nodes[child].partials[slot]:g}")
        assert said(page).startswith("Right now. ")
        seen.append(key)
        page.keyboard.press("End")
    last = player.graph["v3"].id if "v3" in player.graph.names else len(player.graph) - 1
    assert seen[-2:] == [f"w{last}_0", f"w{last}_1"] and len(seen) == 4
    assert pills[-1] == ["4", "?"] and at(root) == len(player.steps)


def test_hidden_partials_come_back_when_nobody_predicts(page, strang):
    page.get_by_role("button", name="more", exact=True).click()
    page.get_by_label("predict").uncheck()
    page.locator(".bl-slider").fill("5")
    partials = [text for key, text in strang.evaluate(TEXTS).items() if key[0] == "w"]
    assert len(partials) == 7
    page.get_by_label("predict").check()
    assert not [text for key, text in strang.evaluate(TEXTS).items() if key[0] == "w"]


# --- arrays -----------------------------------------------------------------------------------------------------------


def layer(X, W, b):
    Z = X @ W + b
    J = np.sum(Z * Z)
    return J


BATCH = {"X": np.arange(12.0).reshape(4, 3) - 5, "W": np.array([[1.0, 2], [0, -1], [2, 1]]), "b": np.array([1.0, -1])}


def open_at(page, tmp_path, player, steps):
    """The player with the numbers before this step known."""
    player.predictions = [{"step": k, "kind": "value", "node": "", "right": True} for k in range(1, steps + 1)]
    root = open_page(page, player, tmp_path)
    root.focus()
    page.get_by_label("to the end").dispatch_event("click")
    assert at(root) == steps and page.locator(".bl-askbox").count() == 1
    return root


def test_a_small_array_is_typed_as_a_list(page, tmp_path):
    root = open_at(page, tmp_path, bl.examples["two-layer"].step(predict=True), 0)
    assert said(page) == "What is v1 = W1 @ x?"
    answer(page, "[3, -1, 3]")
    assert said(page).startswith("Not [3, -1, 3]. You know W1 = ") and at(root) == 0
    answer(page, "[3; −1 4/2]")
    assert said(page).startswith("Right now. ") and at(root) == 1
    for right in ("(4, -2, 2)", "4 0 2"):
        page.keyboard.press("ArrowRight")
        answer(page, right)
        assert said(page).startswith("Right. "), right


@pytest.mark.wide
def test_wrong_arrays_get_their_reason(page, tmp_path):
    player = bl.examples["two-layer"].step(predict=True)
    steps = [(s.kind, s.node.name) for s in player.steps]
    to_z, to_W1, to_x = (steps.index(("contribution", name)) for name in ("z", "W1", "x"))
    root = open_at(page, tmp_path, player, to_z)
    answer(page, "[-2, -6, 2]")
    assert "a passes its adjoint to z as it is; each entry is multiplied by the slope of relu(z)" in said(page)
    answer(page, "[-2, 0, 2]")
    root = open_at(page, tmp_path, player, to_W1)
    answer(page, "[[-2, 0, 2], [-4, 0, 4]]")
    assert "is turned round, with the shape (2, 3); W1 has the shape (3, 2)" in said(page)
    answer(page, "[[-2, -4], [0, 0], [2, 4]]")
    assert said(page).startswith("Right now. ") and at(root) == to_W1 + 1
    root = open_at(page, tmp_path, player, to_x)
    answer(page, "[1, 2, 3]")
    assert "(3,) is the shape of b1" in said(page) and "x has (2,)" in said(page)
    answer(page, "[1, 2, 3, 4]")
    assert said(page).startswith("That was two tries. ")


@pytest.mark.wide
def test_of_a_large_array_the_shape_is_asked_for(page, tmp_path):
    root = open_at(page, tmp_path, bl.step(layer, **BATCH, predict=True), 0)
    assert said(page) == "What is the shape of v1 = X @ W? Write it like 3×2."
    for odd, words in (
        ("4×q", "“4×q” cannot be read as a shape; write 3×2 or (3, 2)"),
        ("", "Type a shape first"),
        ("-4, 2", "cannot be read as a shape"),
        ("4.0×2", "cannot be read as a shape"),
    ):
        answer(page, odd)
        assert words in said(page) and at(root) == 0
    answer(page, "4×3")
    assert said(page).startswith("Not 4×3. (4, 3) is the shape of X; X @ W has another one.")
    answer(page, "(4, 2)")
    assert said(page).startswith("Right now. ") and at(root) == 1
    page.keyboard.press("ArrowRight")
    answer(page, "4 by 2")
    assert said(page).startswith("Right. ")


ODD_LISTS = (
    ("", "Type the numbers first: write [1, 2, 3]"),
    ("[1, 2", "A bracket is not closed"),
    ("1, 2]]", "A bracket"),
    ("[1, ten, 2]", "“ten” cannot be read as a number"),
    ("[1, 1/0, 2]", "A fraction needs something other than 0 below."),
    ("[1, 1e4000, 2]", "larger than any"),
    ("[[1, 2], [3]]", "The rows must be equally long"),
    ("[alert(1)]", "cannot be read as a number"),
    ("[" * 60 + "]" * 60, "too many brackets"),
    ("[]], [[]", "A bracket"),
    ("<img src=x onerror=alert(1)>", "cannot be read as a number"),
    ("[1][0]", "The rows must be equally long"),
)


@pytest.mark.wide
def test_odd_lists_get_a_sentence_and_stay(page, tmp_path):
    root = open_at(page, tmp_path, bl.examples["two-layer"].step(predict=True), 0)
    for typed, words in ODD_LISTS:
        answer_oddly(page, typed, words)
        assert at(root) == 0 and page.locator(".bl-askbox").input_value() == typed
        assert page.locator(".bl-say img").count() == 0
