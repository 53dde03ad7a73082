"""Predictions that were written down play again, and many of them lie over one another."""

import json

import pytest
from support.pages import at, open_page, press

import backprop_lab as bl
from backprop_lab import cli
from backprop_lab.errors import ArgumentError
from backprop_lab.film.race import film_of
from backprop_lab.grading.replay import Run, overlay, read_run, replay
from backprop_lab.widgets.player import PREDICTION

EXERCISE = bl.exercises["reverse.1"]


def run_of(graph, wrong=(), mode="reverse", kinds=("seed", "contribution", "sum"), turn="keeps the last arrival"):
    """What a player keeps of somebody who is wrong at these steps."""
    found = []
    for step, seen in enumerate(film_of(graph, mode=mode).steps, 1):
        if seen.kind in kinds and seen.node.op != "constant":
            good = step not in wrong
            told = {"typed": f"{seen.after:g}" if good else "27", "number": 27.0, "wrong_turn": None if good else turn}
            told |= {"right": good, "tries": 1 + (not good), "revealed": False, "seconds": 2.5}
            when = "2026-11-30T12:34:56.789Z"
            found.append({"step": step, "node": seen.node.name, "kind": seen.kind, **told, "run": 0, "when": when})
    return found


def test_a_run_plays_in_the_player(page, tmp_path):
    graph = EXERCISE.traced("ada")
    player = replay(graph, run_of(graph, wrong={10}), "Ada x7")
    root = open_page(page, player, tmp_path)
    root.locator(".bl-say").click()
    said = {}
    for _ in range(10):
        press(page, "ArrowRight")
        said[at(root)] = root.locator(".bl-say").inner_text().replace("\u2060", "")
    assert "typed" not in said[1] and "Ada x7 typed 1 after 2.5 s on 2026-11-30 at 12:34, right." in said[5]
    assert "typed 27" in said[10] and "wrong: keeps the last arrival." in said[10]
    assert "Arrivals at a shared node add up" in said[10]  # the step's own sentence follows
    player.close()


def test_what_a_player_writes_is_read(tmp_path):
    graph = EXERCISE.traced("")
    player = bl.step(graph, predict=True)
    player.predictions = [*run_of(graph, wrong={9}), {**run_of(graph)[0], "run": 1}]  # the last at other inputs
    assert set(PREDICTION) == set(player.predictions[0])
    player.write_predictions(tmp_path / "ada.json")
    run = read_run(tmp_path / "ada.json")
    assert run.who == "ada" and list(run.predictions) == player.predictions[:-1] and run.mode == "reverse"
    player.close()


def test_what_is_typed_is_no_markup():
    graph = EXERCISE.traced("")
    predictions = [{**p, "typed": "<b>\x07" + 100 * "9"} for p in run_of(graph)]
    player = replay(graph, predictions, "</script>")
    text = player.to_html()
    assert "</script> typed" not in text and "\\u0007" not in text and 61 * "9" not in text
    player.close()


def test_runs_lie_over_one_another():
    graph = EXERCISE.traced("")
    steps = {p["step"]: p["node"] for p in run_of(graph)}
    at_x = [step for step, node in steps.items() if node == "x"]
    runs = [Run("a", tuple(run_of(EXERCISE.traced("a"), wrong={at_x[0]})))]
    runs += [Run("b", tuple(run_of(EXERCISE.traced("b"), wrong=set(at_x))))]
    runs += [Run("c", tuple(run_of(EXERCISE.traced("c"))))]
    found = overlay(graph, runs)
    assert found.runs == 3 and found.falls.asked["x"] == 3 and found.falls.missed == {"x": 2}
    assert [row.wrong for row in found.rows if row.node == "x"] == [2, *[1] * (len(at_x) - 1)]
    assert {row.step for row in found.rows} == set(steps) and found.rows[0].seconds == 2.5
    told = found.page("t")
    assert "2/3" in found.falls.svg and "keeps the last arrival (2)" in told and "2 of 3 at x" in told


@pytest.mark.parametrize(("mode", "kinds"), [("forward", ("tangent",)), ("value", ("value",))])
def test_other_modes(mode, kinds):
    graph = EXERCISE.traced("")
    run = Run("a", tuple(run_of(graph, mode=mode, kinds=kinds)))
    player = replay(graph, run.predictions)
    assert run.mode == mode and player.film["mode"] == mode
    assert overlay(graph, [run]).falls.words == "Nobody had a wrong number."
    player.close()


def test_three_hundred_lie_over_one_another(tmp_path):
    """How long it takes says benchmarks/bench_giving.py."""
    graph = EXERCISE.traced("")
    text = json.dumps(run_of(graph, wrong={9}))
    for k in range(300):
        (tmp_path / f"s{k}.json").write_text(text)
    assert cli.main(["replay", str(tmp_path), "--exercise", "reverse.1", "--out", str(tmp_path / "all.html")]) == 0
    assert "300 of 300 at x" in (tmp_path / "all.html").read_text("utf-8")


WRONG = {
    "no file": (["none.json"], "none.json cannot be read"),
    "no JSON": (["bad.json"], "it is no JSON"),
    "something else": (["other.json"], "does not hold predictions"),
    "an empty folder": (["empty"], "there are no predictions in empty"),
    "another graph": (["far.json"], "of another graph: it has no step 99"),
    "code": (["ada.json", "--exercise", "reverse.4"], "reverse.4 has no graph that all students share"),
    "own graphs": (["ada.json", "--exercise", "reverse.5"], "reverse.5 has no graph that all students share"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_gets_a_sentence(case, tmp_path, monkeypatch, capsys):
    words, told = WRONG[case]
    monkeypatch.chdir(tmp_path)
    good = run_of(EXERCISE.traced(""))
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "other.json").write_text('[{"step": "1"}]')
    (tmp_path / "far.json").write_text(json.dumps([{**good[0], "step": 99}]))
    (tmp_path / "ada.json").write_text(json.dumps(good))
    (tmp_path / "empty").mkdir()
    assert cli.main(["replay", "--exercise", "reverse.1", *words, "--out", "made.html"]) == 2
    said = capsys.readouterr().err
    assert told in said and said.count("\n") == 1 and not (tmp_path / "made.html").exists()
    with pytest.raises(ArgumentError):
        overlay(EXERCISE.traced(""), [])


def test_a_file_that_is_none_is_left_out_and_told(tmp_path, capsys):
    (tmp_path / "ada.json").write_text(json.dumps(run_of(EXERCISE.traced(""))))
    (tmp_path / "bob.json").write_text("{")
    assert cli.main(["replay", str(tmp_path), "--exercise", "reverse.1", "--out", str(tmp_path / "all.html")]) == 0
    assert "1 files could not be read" in capsys.readouterr().out
    assert "bob.json cannot be read" in (tmp_path / "all.html").read_text("utf-8")
