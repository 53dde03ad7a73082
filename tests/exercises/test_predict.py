"""What a film asks: right numbers, wrong turns with sentences, and what becomes of what was typed."""

import csv
import json

import numpy as np
import pytest
from support.graphs import GRAPHS, WITH_ARRAYS

import backprop_lab as bl
from backprop_lab.film.film import Film
from backprop_lab.film.questions import NEAR, questions


@pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")
@pytest.mark.parametrize("mode", ["value", "forward", "reverse"])
@pytest.mark.parametrize("name", [*GRAPHS, *WITH_ARRAYS])
def test_every_number_is_asked_for_and_no_wrong_turn_is_right(name, mode):
    graph = GRAPHS[name]() if name in GRAPHS else bl.examples[name].trace()
    if (mode == "forward" and not graph.inputs) or (mode == "reverse" and name.startswith("matrix")):
        return
    film = Film(graph, mode)
    for step, question in zip(film.steps, questions(film.steps), strict=True):
        computed = step.node.primitive is not None or step.kind not in ("value", "seed")
        if question is None:
            assert not computed or step.kind == "seed" or np.size(step.after) > 6
            continue
        right = step.amount if step.kind == "contribution" else step.after
        assert np.array_equal(question["right"], np.shape(right) if question["wants"] == "shape" else right)
        assert "?" in question["asks"] and question["asks"][-1] in "?." and question["help"].endswith(".")
        assert film.changes[film.steps.index(step) + 1].get(question["key"]) is not None
        for number, turn, sentence in question["wrong"]:
            assert np.isfinite(number).all()
            assert np.shape(number) != np.shape(right) or np.any(np.abs(number - right) > NEAR * np.abs(right))
            assert turn and sentence.endswith(".") and len(sentence) < 300
    json.dumps(film.data(ask=True), allow_nan=False)


def test_the_fan_out_of_strang():
    """132 keeps only the first arrival, 8 the last; both are known before anything is typed."""
    film = Film(bl.examples["strang"].trace())
    asked = dict(zip([s.formula for s in film.steps], questions(film.steps), strict=True))
    total = asked["x̄ = 132 + 8 = 140"]
    known = {number: (name, sentence) for number, name, sentence in total["wrong"]}
    assert known[132.0] == ("keeps the first arrival", "132 keeps only the first arrival: 8 also arrives here.")
    assert known[8.0][0] == "keeps the last arrival" and known[1056.0][0] == "multiplies the arrivals"
    from_c = next(q for f, q in asked.items() if f.startswith("x̄ += c̄"))
    names = {name for _, name, _ in from_c["wrong"]}
    assert {"exponent lost", "upstream factor lost", "adds along a path", "adjoint passed on unchanged"} <= names


def test_the_player_asks_only_when_told():
    assert "asks" not in bl.step(lambda x: x * x, 3.0).film
    player = bl.step(lambda x: x * x, 3.0, predict=True)
    assert len(player.film["asks"]) == len(player.steps) and player.predictions == []


RECORDS = [
    {
        "step": 6,
        "node": "c",
        "kind": "contribution",
        "typed": "11",
        "number": 11.0,
        "right": True,
        "tries": 1,
        "wrong_turn": None,
        "revealed": False,
        "seconds": 2.5,
    },
    {
        "step": 7,
        "node": "s",
        "kind": "contribution",
        "typed": "8",
        "number": 8.0,
        "right": True,
        "tries": 1,
        "wrong_turn": None,
        "revealed": False,
        "seconds": 1.5,
    },
    {
        "step": 8,
        "node": "x",
        "kind": "contribution",
        "typed": "132",
        "number": 132.0,
        "right": True,
        "tries": 1,
        "wrong_turn": None,
        "revealed": False,
        "seconds": 1.5,
    },
    {
        "step": 10,
        "node": "x",
        "kind": "sum",
        "typed": "132",
        "number": 132.0,
        "right": False,
        "tries": 2,
        "wrong_turn": "keeps the first arrival",
        "revealed": True,
        "seconds": 9.0,
    },
    {
        "step": 1,
        "node": "c",
        "kind": "value",
        "typed": "<b>",
        "number": None,
        "right": False,
        "tries": 0,
        "wrong_turn": None,
        "revealed": True,
        "seconds": 1.0,
    },
]


def test_predictions_are_written_to_a_file(tmp_path):
    player = bl.examples["strang"].step(predict=True)
    player.predictions = RECORDS
    assert json.loads(player.write_predictions(tmp_path / "p.json").read_text("utf-8")) == RECORDS
    rows = list(csv.DictReader(player.write_predictions(tmp_path / "p.csv").read_text("utf-8").splitlines()))
    assert [r["number"] for r in rows] == ["11.0", "8.0", "132.0", "132.0", ""] and rows[3]["right"] == "False"
    with pytest.raises(bl.SaveError, match="as .json or .csv, not as .xls"):
        player.write_predictions(tmp_path / "p.xls")
    with pytest.raises(bl.SaveError, match="there is no folder"):
        player.write_predictions(tmp_path / "nowhere" / "p.csv")
    page = player.to_html()
    assert '"wrong_turn":"keeps the first arrival"' in page and "</b>" not in page


def test_predictions_become_an_ordinary_answer():
    exercise = bl.exercises["reverse.1"]
    player = bl.step(exercise.traced(""), predict=True)
    assert player.graph.value == 88.0
    answer = exercise.from_predictions(RECORDS)
    assert answer == {"c": 11.0, "s": 8.0, "x": 132.0, "y": None}
    code = exercise.answer_cell(RECORDS)
    assert code == '# exercise: reverse.1\nreverse_1 = {"c": 11.0, "s": 8.0, "x": 132.0, "y": None}'
    space = {}
    exec(code, space)
    report = exercise.check(space["reverse_1"], "")
    assert report.score == 0.5 and report.wrong_turn == "keeps the first arrival"
    assert exercise.write_answer(RECORDS) == code


def test_whose_turn_it_is():
    film = Film(bl.examples["strang"].trace())
    data = film.data(ask="sweep")
    names = [data["names"][id] if id is not None else None for id in data["turns"]]
    assert [n for n in names if n] == ["F", "c", "s", "v1"]
    assert {data["names"][k]: [data["names"][u] for u in v] for k, v in data["waits"].items()} == {
        "c": ["F"],
        "s": ["F"],
        "x": ["c", "s"],
        "v1": ["s"],
        "3": ["v1"],
        "y": ["v1"],
    }
    json.dumps(data, allow_nan=False)
    for bad, words in (
        ({"predict": "all"}, "write predict=True"),
        ({"predict": "sweep", "mode": "forward"}, "is for the reverse sweep"),
    ):
        with pytest.raises(bl.ArgumentError, match=words):
            bl.examples["strang"].step(**bad)
