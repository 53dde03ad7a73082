"""The player's modes, outputs, seeds and other inputs, as data: the browser's part is in test_modes_page.py."""

import math
import re

import pytest

import backprop_lab as bl
from backprop_lab.film.film import Film
from backprop_lab.film.race import Race
from backprop_lab.widgets.again import same_place


def branchy(x, y):
    s = x * y
    if s > 10:
        s = s - x
    z = s * s
    return z


# ---- what it costs


@pytest.mark.parametrize(
    ("name", "forward", "reverse"), [("sources-sink", 4, 3), ("strang", None, None), ("olah", None, None)]
)
def test_a_race_counts_what_the_sweeps_count(name, forward, reverse):
    example = bl.examples[name]
    graph = example.trace()
    race = Race(graph)
    sweeps = [bl.tangent_sweep(graph, **{n: 1.0}).counts["multiplications"] for n in graph.input_names]
    once = bl.adjoint_sweep(graph).counts["multiplications"]
    left, right = (film.costs[-1] for film in race.films)
    assert left[5] == sum(sweeps) and left[4] == len(graph.input_names)
    assert right[5] == once and right[4] == 1
    if forward:
        assert (left[5], right[5]) == (forward, reverse)


@pytest.mark.parametrize("mode", ["value", "forward", "reverse"])
@pytest.mark.parametrize("name", list(bl.examples))
def test_costs_end_at_the_counts_of_the_sweeps_and_never_fall(name, mode):
    graph = bl.examples[name].trace()
    if mode == "reverse" and name.startswith("matrix"):
        return
    film = Film(graph, mode)
    rows = film.costs
    assert len(rows) == len(film) + 1
    for before, after in zip(rows, rows[1:], strict=False):
        assert all(a <= b for a, b in zip(before[:8], after[:8], strict=True))
    value = bl.value_sweep(graph).counts
    assert rows[-1][:3] == [value[k] for k in ("multiplications", "additions", "functions")]
    if mode == "reverse":
        counts = bl.adjoint_sweep(graph).counts
        assert rows[-1][5:8] == [counts[k] for k in ("multiplications", "additions", "functions")]
        assert rows[-1][3] == value["stored"]
    if mode == "forward":
        assert rows[-1][3] == 0


def test_zero_tangents_are_counted():
    film = Film(bl.examples["strang"].trace(), "forward", "y")
    zeros = sum(s.after == 0 for s in film.steps if s.kind != "value")
    assert film.costs[-1][8] == zeros == 2


# ---- where a step ends


def test_stops():
    film = Film(bl.examples["edelman"].trace())
    nodes, phases = film.data()["stops"]["node"], film.data()["stops"]["phase"]
    assert nodes[-1] == phases[-1] == len(film) and set(phases) <= set(nodes)
    assert phases == [5, 6, 16]
    done = [film.steps[k - 1] for k in nodes if k > 6]
    # each node that was computed sends once, and its turn ends after the sum that it completes
    assert [s.edge[0].name for s in done] == ["z", "v2", "v1", "v4", "v3"]
    assert film.steps[nodes[-1] - 2].kind == "sum"


@pytest.mark.parametrize("name", list(bl.examples))
def test_a_node_has_one_turn_in_the_reverse_sweep(name):
    if name.startswith("matrix"):
        return
    film = Film(bl.examples[name].trace())
    children = [film.steps[k - 1].edge[0].id for k in film.data()["stops"]["node"] if film.steps[k - 1].edge]
    assert len(children) == len(set(children))


# ---- any output, any seed


@pytest.mark.parametrize("output", ["c", "s", "F", "x"])
def test_any_node_as_output(output):
    player = bl.examples["strang"].step(output=output)
    whole = bl.examples["strang"].trace()
    names = ("x", "y")
    expected = {n: bl.tangent_sweep(whole, **{n: 1.0}).result[output] for n in names}
    final = player._film.texts(len(player.steps))
    ids = {n.name: n.id for n in player.graph.nodes}
    assert {n: float(final.get(f"a{ids[n]}") or 0) for n in names} == expected


def test_an_output_that_is_none():
    with pytest.raises(bl.ArgumentError, match="no node 'w' to be the output .*; name one of x, y, c, v1, s, F"):
        bl.examples["strang"].step(output="w")


def test_several_outputs_say_how_to_choose():
    def two(x):
        a = x * x
        b = a + x
        return a, b

    with pytest.raises(bl.ArgumentError, match='write output="a"'):
        bl.step(two, 2.0)
    assert bl.step(two, 2.0, output="b")._film.texts(99)["a0"] == "5"


@pytest.mark.parametrize("seed", [2.0, -0.5, 0.0])
def test_any_seed(seed):
    player = bl.examples["strang"].step(seed=seed)
    numbers = player.steps[-1].sweep.result
    assert (numbers["x"], numbers["y"]) == (140 * seed, 24 * seed)
    forward = bl.examples["strang"].step(mode="forward", wrt="x", seed=seed)
    assert forward.steps[-1].after == 140 * seed


# ---- both


def test_a_race_clears_the_tangents_between_sweeps():
    race = Race(bl.examples["strang"].trace())
    forward = race.films[0]
    starts = [k for k, s in enumerate(forward.steps, 1) if s.kind == "seed" and s.node.name == "x"]
    assert len(starts) == 2
    shown = forward.texts(starts[1])
    assert {k: v for k, v in shown.items() if k[0] == "a" and v} == {"a0": "0"}
    assert race.texts(len(race))["+a0"] == "140" and race.texts(len(race))["a6"] == "24"


def test_a_race_with_predictions_or_tikz_gets_a_sentence(tmp_path):
    with pytest.raises(bl.ArgumentError, match="shows two sweeps at once"):
        bl.examples["strang"].step(mode="both", predict=True)
    player = bl.examples["strang"].step(mode="both")
    with pytest.raises(bl.SaveError, match="one sweep at a time"):
        player.save(tmp_path / "x.tex")
    with pytest.raises(bl.SaveError, match="one sweep at a time"):
        player.to_tikz()


@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "gif", "html", "txt"])
def test_a_race_can_be_taken_away(tmp_path, ending):
    player = bl.examples["olah"].step(mode="both")
    (path,) = player.save(tmp_path / f"race.{ending}", **({} if ending in ("gif", "html", "txt") else {"at": 5}))
    assert path.stat().st_size > 1000
    if ending == "svg":
        written = path.read_text()
        assert written.count('data-key="a') > 6 and "forward mode" in written and "reverse mode" in written
    if ending == "txt":
        assert "a\u0307" in path.read_text() and "a\u0304" in path.read_text()


# ---- asked for by the page


def request(player, **asked):
    player.request = {"id": player.request.get("id", 0) + 1, **asked}
    return player


def test_other_inputs_keep_the_place():
    player = bl.examples["strang"].step()
    request(player, inputs={"x": 3.0}, at=9)
    assert player.graph.value == bl.examples["strang"].function(3.0, 3.0) == 324
    assert player.at == 9 and player.film["announce"] == "Now x = 3: F = 324." and player.trouble == {}
    assert player.film["run"] == 1 and player.film["options"]["inputs"][0] == {"name": "x", "value": 3.0}
    request(player, inputs={"y": -1.0}, at=9)
    assert player.graph.inputs[0].value == 3.0, "what was changed before stays"


def test_another_branch_is_announced():
    player = bl.step(branchy, 2.0, 3.0)
    assert len(player.graph) == 4
    request(player, inputs={"x": 4.0}, at=len(player.steps))
    assert player.graph.value == 64.0 and len(player.graph) == 5
    assert "“s > 10” in line" in player.film["announce"]
    assert "comes out True, so another branch runs: 5 nodes instead of 4" in player.film["announce"]
    assert player.at == len(player.steps)
    request(player, inputs={"y": 2.0})
    assert player.graph.value == 64.0 and "comes out False" in player.film["announce"]


def test_nested_arguments_can_be_changed_across_a_branch():
    def f(p):
        return p[0] * 2 + t if (t := p[1]["t"]) > 0 else p[0] * 3 + t

    player = bl.step(f, [2.0, {"t": 1.0}])
    request(player, inputs={"p[1]['t']": -1.0})
    assert player.graph.value == 5.0


def test_modes_outputs_and_seeds_on_request():
    player = bl.examples["strang"].step()
    request(player, mode="forward", wrt="y", at=0)
    assert player.film["mode"] == "forward" and player.steps[-1].after == 24
    request(player, mode="both")
    assert player.film["panes"][1]["second"] == "adjoint"
    request(player, mode="reverse", output="s", seed=2.0)
    assert player.film["options"]["output"] == "s" and player.steps[-1].after == 2.0 * 3


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"inputs": {"x": 0.0}}, "logarithm|log"),
        ({"output": "nobody"}, "there is no node 'nobody'"),
        ({"mode": "sideways"}, "there is no mode 'sideways'"),
    ],
)
def test_what_cannot_be_done_is_said_and_the_film_stays(asked, says):
    player = bl.step(lambda x: bl.log(x) * x, x=2.0)
    film = player.film
    request(player, **asked)
    assert re.search(says, player.trouble["text"]) and player.film == film
    request(player, inputs={"x": 3.0})
    assert player.trouble == {} and math.isclose(player.graph.value, 3 * math.log(3))


def test_an_error_of_the_students_own_is_said():
    def f(x):
        if x > 3:
            raise RuntimeError("too big for me")
        return x * x

    player = bl.step(f, x=2.0)
    request(player, inputs={"x": 4.0})
    assert player.trouble["text"] == "RuntimeError: too big for me"


@pytest.mark.parametrize("name", ["edelman", "strang", "olah"])
def test_the_same_place_is_found_in_every_film(name):
    graph = bl.examples[name].trace()
    films = [Film(graph), Film(graph, "value"), Film(graph, "forward"), Race(graph)]
    for was in films:
        for now in films:
            places = [same_place(was, at, now) for at in range(len(was) + 1)]
            assert places[0] == 0 and places[-1] == len(now) and all(0 <= k <= len(now) for k in places)
            if was is now:
                assert places == list(range(len(was) + 1))


def test_changing_an_input_keeps_predictions_and_asks_again():
    player = bl.examples["olah"].step(predict=True)
    player.predictions = [{"step": 1, "node": "c", "kind": "value", "typed": "3", "number": 3, "right": True, "run": 0}]
    request(player, inputs={"a": 5.0})
    assert len(player.predictions) == 1 and player.film["run"] == 1 and player.film["asks"]
