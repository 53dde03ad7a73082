"""Which constants a picture shows: all but the counters of loops, all, or none. The numbers are the same."""

import json
import pickle

import pytest
from support.circles import each_once
from support.pages import with_settings

import backprop_lab as bl

WEIGHTS = [0.5, 0.25]


def in_a_loop(x):
    s = 0.5
    for i in range(3):
        s = s + i * x + x * (2 * i + 1)
    return 2 * s


def by_hand(x):
    i = 1
    while i < 3:
        x = x * i + 1.5
        i += 1
    return x


def often(x):
    for i in range(3):
        x = 0.5 * x + i
    return x


def after_the_loop(x):
    for i in range(1, 3):
        x = x**i
    return x * i


def of_a_list(x):
    return sum(w * x * k for k, w in enumerate(WEIGHTS, 1))


def zipped(x):
    return sum([w * x * k for w, k in zip(WEIGHTS, range(1, 3), strict=True)])


def backwards(x):
    for n in reversed(range(1, 3)):
        x = x / n
    return x


def indexed(x):
    return sum(WEIGHTS[k] * x for k in range(2))


CASES = [  # the counters, and the constants that stay
    (in_a_loop, ["i", "1", "i_2", "3", "i_3", "5"], ["s", "2"]),
    (by_hand, ["i", "i_2"], ["1.5"]),  # two turns
    (often, ["0.5", "i", "i_2", "i_3"], []),
    (after_the_loop, [], ["i"]),
    (of_a_list, ["k", "k_2"], ["w", "w_2"]),
    (zipped, ["k", "k_2"], ["w", "w_2"]),
    (backwards, ["n", "n_2"], []),
    (indexed, [], ["WEIGHTS[k]", "WEIGHTS[k]_2"]),
]


@pytest.mark.parametrize(("f", "counters", "others"), CASES, ids=[f.__name__ for f, *_ in CASES])
def test_counters_of_loops_are_told_from_other_constants(f, counters, others):
    graph = bl.trace(f, 2.0)
    constants = [n for n in graph if n.op == "constant"]
    assert sorted(graph.names[k] for k in graph.counters) == sorted(counters)
    assert sorted(n.name for n in constants if n.id not in graph.counters) == sorted(others)
    assert pickle.loads(pickle.dumps(graph)).counters == graph.counters
    assert graph.showing(True) is graph and len(graph.showing(False).hidden) == len(constants)


@each_once("mode, constants", ["value", "forward", "reverse", "both"], [None, True, False])
def test_what_is_hidden_is_nowhere_and_changes_no_number(mode, constants):
    player, whole = (bl.step(in_a_loop, 2.0, mode=mode, constants=which) for which in (constants, True))
    hidden = player.graph.hidden
    assert len(hidden) == {None: 6, True: 0, False: 8}[constants]
    assert not any(step.node.id in hidden for step in player.steps)
    seen = [n for n in player.graph if n.id not in hidden]
    assert {n.id for n in seen} == {n.id for n in player.graph} - hidden
    svg = player.svg()
    assert svg.count('data-node="') == len(seen) * (2 if mode == "both" else 1)
    assert not any(f'data-node="{id}"' in svg for id in hidden)
    assert json.dumps(player.film, allow_nan=False) and player.to_html()
    if mode == "both":
        return
    end, all_ends = (p._film.texts(len(p._film)) for p in (player, whole))
    keys = [f"{cell}{n.id}" for n in seen for cell in "pa"]
    assert [end.get(key) for key in keys] == [all_ends.get(key) for key in keys]
    assert player._film.costs[-1] == whole._film.costs[-1] and len(player._film.costs) == len(player.steps) + 1
    names = [n.formula for n in player.graph]  # a formula has the number of what is hidden
    assert ("2 · x" in names, "i_3 · x" in names) == (constants is not True, constants is True)


def test_the_lectures_constants_stay():
    """2 and 1 of the lecture by Edelman and Johnson, with the adjoints 15 and −4."""
    for name, example in bl.examples.items():
        assert not example.step().graph.hidden, name
    adjoints = bl.adjoint_sweep(bl.examples["edelman"].step().graph)
    assert {adjoints.numbers[n.id] for n in adjoints.graph if n.op == "constant"} >= {15.0, -4.0}


def test_a_large_graph_folds_without_them():
    def f(x):
        for i in range(300):
            x = x * 0.5 + i
        return x

    player = bl.step(f, 1.0)
    assert len(player.graph.hidden) == 301 and "constant" not in player.graph._repr_html_()
    tree = player._film.tree
    scene = tree.scene(range(len(tree.parts)))
    assert len(scene.nodes) == len(player.graph) - 301
    assert not any(graph_use in player.graph.hidden for w in scene.wires for graph_use in [int(w.source[1:])])


def test_wrong_words():
    with pytest.raises(bl.LabError, match="constants='some': write constants=True to show all"):
        bl.step(in_a_loop, 2.0, constants="some")


STUB = """get: (key) => (key === "request" ? window.asked || {} : state[key]), set: (key, value) => {
  if (key === "request") window.asked = value; else state[key] = value; }, old: (key, value) => {"""


def test_the_page_steps_without_them_and_its_settings_offer_them(page, tmp_path):
    player = bl.step(in_a_loop, 2.0, views=("code", "table", "paths", "jacobian"))
    path = tmp_path / "page.html"
    path.write_text(with_settings(player).replace("get: (key) => state[key], set: (key, value) => {", STUB), "utf-8")
    page.goto(path.as_uri())
    root = page.locator(".bl-player")
    root.focus()
    for _ in range(len(player.steps)):
        page.keyboard.press("ArrowRight")
    assert root.get_attribute("data-at") == str(len(player.steps))
    assert root.locator(".bl-table tbody tr").count() == len(player.graph) - 6
    assert root.locator("text[data-key=a0]").text_content() == "24"
    page.keyboard.press("s")
    choice = root.get_by_label("show constants", exact=True)
    assert choice.input_value() == "but counters"
    choice.select_option("all")
    asked = page.evaluate("window.asked")
    assert asked["constants"] == "all"
    player.request = asked
    assert not player.graph.hidden and player.film["options"]["constants"] == "all"
    assert player.at > 0
    player.request = {"mode": "forward", "id": 9}
    assert not player.graph.hidden and player.film["mode"] == "forward"  # the choice outlives other settings
