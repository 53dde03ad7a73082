"""A mystery in a real browser: by keyboard, by pointer, for who hears it, and what is kept of it."""

import pytest
from support.circles import each_once
from support.operate import plain
from support.pages import PAINTED, TEXTS, at, open_page

import backprop_lab as bl

SAID = ".bl-sentence"


def edelman(text="Friday", **how):
    return bl.step(bl.examples["edelman"].function, 3.0, 5.0, mystery=text, **how)


def wrong_keys(player):
    """The keys of what is not broken, and the key of what is."""
    told = player.film["mystery"]
    return [k + 1 for k in range(len(told["claims"])) if k != told["answer"]], told["answer"] + 1


@pytest.fixture
def root(page, tmp_path):
    root = open_page(page, edelman(), tmp_path)
    root.focus()
    return root


def test_by_keyboard_from_a_wrong_choice_to_the_place(page, root):
    """The broken numbers without local partials; a choice struck out with its number; then where it first mattered."""
    player = edelman()
    told, (wrong, right) = player.film["mystery"], wrong_keys(player)
    page.keyboard.press("End")
    shown = root.evaluate(TEXTS)
    assert shown == player._film.texts(len(player.steps)) and not [key for key in shown if key[0] == "w"]
    assert page.locator(".bl-mystery-asks").text_content() == "One rule is broken. Which?"
    page.keyboard.press(str(wrong[1]))
    says = told["claims"][wrong[1] - 1]["refuted"]
    assert page.locator(SAID).text_content() == f"Not {wrong[1]}. {says}"
    struck = page.locator(".bl-claim").nth(wrong[1] - 1)
    assert struck.get_attribute("aria-disabled") == "true" and says in struck.text_content()
    assert struck.locator(".bl-claim-says").evaluate("(e) => getComputedStyle(e).textDecorationLine") == "line-through"
    page.keyboard.press(str(wrong[1]))  # once is enough
    assert page.locator(".bl-found").is_hidden()
    page.keyboard.press(str(right))
    found = told["found"]
    assert at(root) == found["at"] and page.locator(SAID).text_content().startswith("Found. Here it first mattered: ")
    assert found["says"] in plain(page.locator(SAID).text_content())
    assert page.locator(".bl-found").text_content() == found["there"] + found["right"]
    assert page.locator(".bl-node.bl-broken").get_attribute("data-node") == found["key"][1:]
    assert page.locator(".bl-mystery-asks").text_content() == f"Rule {right} was broken."
    page.keyboard.press("ArrowRight")
    assert page.locator(".bl-found").is_hidden() and not page.locator(".bl-broken").count()
    page.keyboard.press(str(right))  # and back to the place
    assert at(root) == found["at"] and page.locator(".bl-found").is_visible()
    assert root.evaluate("(r) => document.activeElement === r")


def test_inputs_are_moved_by_pointer_and_nothing_jumps(page, root):
    page.keyboard.press("End")
    heights = (
        "(r) => [r.offsetHeight, r.querySelector('.bl-mystery').offsetHeight, r.querySelector('.bl-say').offsetHeight]"
    )
    before, nudges = root.evaluate(heights), edelman().film["mystery"]["nudges"]
    for k, nudge in enumerate(nudges):
        page.get_by_role("button", name=nudge["name"], exact=True).click()
        row = page.locator(".bl-nudges tbody tr").nth(k)
        mark = "✓ agree" if nudge["agrees"] else "✗ differ"
        assert row.locator("td").all_text_contents() == [nudge["sweep"], nudge["nudge"], mark]
        spoken = page.locator('.bl-inspect [aria-live="polite"]').text_content()
        assert nudge["nudge"] in spoken and spoken.endswith("They agree." if nudge["agrees"] else "They differ.")
    root.focus()
    for key in "123456":
        page.keyboard.press(key)
    assert root.evaluate(heights) == before


def test_claims_are_buttons_for_every_reader(page, root):
    names = [f"{claim['says']}" for claim in edelman().film["mystery"]["claims"]]
    for name in names:
        assert page.get_by_role("button", name=name).count() == 1
    wrong, _ = wrong_keys(edelman())
    page.get_by_role("button", name=names[wrong[0] - 1]).focus()
    page.keyboard.press("Enter")
    assert page.locator(".bl-claim-wrong").count() == 1
    page.locator(".bl-player").focus()
    page.keyboard.press("?")
    assert "the rule that is broken" in page.locator(".bl-keys").text_content()
    page.locator("[data-edge] .bl-wire").first.dispatch_event("mouseover", {"bubbles": True})
    assert page.locator(".bl-inspect-words").text_content().endswith("its local partial is still to be found.")
    assert page.get_by_role("button", name="paths").count() == page.get_by_role("button", name="matrices").count() == 0


def test_what_was_chosen_is_recorded_and_known_again(page, tmp_path):
    player = edelman()
    wrong, right = wrong_keys(player)
    chosen = {
        "step": 16,
        "node": "",
        "kind": "mystery",
        "right": False,
        "tries": 1,
        "revealed": False,
        "seconds": 2.0,
        "run": 0,
    }
    player.predictions = [chosen | {"number": wrong[0], "typed": "…", "wrong_turn": "…", "when": "1"}]
    root = open_page(page, player, tmp_path)
    root.focus()
    assert page.locator(".bl-claim-wrong").count() == 1
    page.keyboard.press(str(right))
    player.predictions = [
        *player.predictions,
        chosen | {"number": right, "when": "2", "tries": 2, "typed": "", "wrong_turn": None},
    ]
    root = open_page(page, player, tmp_path)
    assert page.locator(".bl-claim-right").count() == 1 and root.get_attribute("data-mystery") == "solved"


@each_once("size, big", [(1280, 900), (1024, 768)], [False, True])
def test_all_claims_are_seen_and_the_number_stands_at_its_node(page, tmp_path, size, big):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    player = edelman("c")
    root = open_page(page, player, tmp_path)
    root.focus()
    if big:
        page.keyboard.press("f")
    page.keyboard.press(str(wrong_keys(player)[1]))
    page.evaluate(PAINTED)
    boxes = [claim.bounding_box() for claim in page.locator(".bl-claim").all()]
    assert all(box["width"] > 150 and box["height"] > 25 for box in boxes)
    if big:
        assert all(box["y"] + box["height"] <= size[1] for box in boxes)
        assert page.locator(".bl-claim").first.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)") >= 18
    node = page.locator(".bl-node.bl-broken .bl-shape").bounding_box()
    found = page.locator(".bl-found").bounding_box()
    assert abs(found["x"] + found["width"] / 2 - node["x"] - node["width"] / 2) < 60
    assert abs(found["y"] + found["height"] / 2 - node["y"] - node["height"] / 2) < node["height"] + 20


def test_arrays_and_folded_graphs_have_mysteries_too(page, tmp_path):
    for k, player in enumerate(
        (bl.step(bl.examples["two-layer"].trace(), mystery="c"), bl.examples.ladder(30).step(mystery="a"))
    ):
        root = open_page(page, player, tmp_path)
        root.focus()
        page.keyboard.press("End")
        page.keyboard.press(str(wrong_keys(player)[1]))
        assert at(root) == player.film["mystery"]["found"]["at"], k
        assert page.locator(".bl-found").is_visible()


def test_list_and_inputs_are_seen_at_once_below_a_flat_graph(page, tmp_path):
    page.set_viewport_size({"width": 1280, "height": 900})
    player = bl.step(lambda w, v, x, y: (v * bl.relu(w * x) - y) ** 2, 2.0, 3.0, 2.0, 5.0, mystery="d")
    root = open_page(page, player, tmp_path)
    boxes = [part.bounding_box() for part in (root, page.locator(".bl-mystery"), page.locator(".bl-nudges"))]
    player, mystery, inputs = ((box["y"], box["y"] + box["height"]) for box in boxes)
    assert mystery[0] <= inputs[0] and inputs[1] <= mystery[1] and player[1] < 800
    assert not page.locator(".bl-mystery-more").is_visible()
