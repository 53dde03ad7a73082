"""Films of large graphs, which are sent as columns: the same steps, formulas and places as any film's."""

import json

import numpy as np
import pytest
from support.folded import GRAPHS, loop

import backprop_lab as bl
from backprop_lab.errors import DrawingError
from backprop_lab.film import large
from backprop_lab.film.film import Film
from backprop_lab.film.large import LargeFilm, formulas, lines
from backprop_lab.film.questions import questions, turns
from backprop_lab.film.told import place_of


def counting(x):
    s = x
    for k in range(1, 30):
        s = s * 0.5 + x / k - bl.sin(-1.5 * s)
    return s


@pytest.mark.parametrize("graph", [*map(GRAPHS.get, GRAPHS), lambda: bl.trace(counting, 0.5)])
def test_columns_tell_what_a_film_tells(graph):
    graph = graph()
    film, big = Film(graph), LargeFilm(graph)
    assert len(big) == len(film) and len(LargeFilm(graph, "value")) == len(Film(graph, "value"))
    sent = [(s.node.id, s.edge[0].id, s.edge[1]) for s in film.steps if s.kind == "contribution"]
    assert [one[:3] for one in big._swept[0] if one[0] not in big.graph.hidden] == sent
    assert formulas(big.graph) == [node.formula for node in big.graph.nodes]
    rows, place = lines(big.graph)
    assert [rows[k] for k in place] == [place_of(node) for node in big.graph.nodes]
    hidden = {f"{cell}{id}" for id in big.graph.hidden for cell in "pa"}
    known = {key: text for key, text in film.last.items() if key[0] != "w" and key not in hidden}
    assert {key: text for key, text in big.last.items() if key not in hidden} == known

    film, big = Film(graph, "forward"), LargeFilm(graph, "forward")
    known = {key: text for key, text in film.last.items() if key[0] != "w" and key not in hidden}
    assert len(big) == len(film) and {key: text for key, text in big.last.items() if key not in hidden} == known


def test_many_turns_open_and_what_they_cannot_is_said(monkeypatch):
    graph = bl.trace(lambda x, y: loop(x, y, 3_000), 0.5, 0.9)
    player = bl.step(graph)
    assert len(json.dumps(player.film, ensure_ascii=False).encode()) < 1_000_000
    assert len(player._film.tree.scene()) < 40 and 'class="bl-spark bl-spark-a"' in player.svg()
    monkeypatch.setattr(large, "MOST_TOLD", 40)
    small = GRAPHS["net"]()
    told = ({"mystery": "any"}, {"fold": False})
    for options in told:  # the page cannot make these steps: each has its words, as those of a small graph have
        assert "large" not in bl.step(small, **options).film
    assert "large" in bl.step(small).film and bl.step(small).svg(10)
    assert all("large" in bl.step(small, mode=mode).film for mode in ("value", "forward", "both"))
    arrays = bl.step(lambda x: np.sum(loop(x, x, 30)), np.array([0.5, 0.25]))
    assert "large" not in arrays.film
    monkeypatch.setattr(large, "MOST_FILMED", 50)
    for options in told:
        with pytest.raises(DrawingError, match="one of more than 50 is stepped through folded.*a smaller case"):
            bl.step(small, **options)
    assert "large" in bl.step(small).film


@pytest.mark.parametrize("ask", [True, "sweep", "partials"])
def test_of_a_large_graph_is_asked_what_is_seen(monkeypatch, ask):
    """The questions are those of a small film, for the steps whose numbers stand in the picture."""
    small = Film(GRAPHS["net"]())
    wanted = questions(small.steps, ask)
    monkeypatch.setattr(large, "MOST_TOLD", 40)
    player = bl.step(GRAPHS["net"](), predict=ask)
    deepest = max(player._film.tree.parts, key=lambda part: part.depth)
    for open in (player._film.open, player._film.tree.with_around([deepest.number])):
        player.request = {"open": sorted(open), "id": 1}
        (drawn,) = player.scene["svgs"]
        seen = {int(key[1:]) for key in player._film.scene.keys if key[0] == "p"}
        for k, (step, question) in enumerate(zip(small.steps, wanted, strict=True)):
            fair = {step.node.id, *(node.id for node in step.reads)} <= seen
            assert drawn["asks"].get(k) == (question if fair else None)
        if ask == "sweep":
            begins = {k: id for k, id in enumerate(turns(small.steps)["turns"]) if id in seen}
            assert begins == drawn["turns"] and drawn["waits"]
    assert drawn["asks"] and "about" in player.film and "value" not in player.film["about"]
    assert "?" not in player.svg(0) and player._still()["text/html"]


def test_thousands_of_inputs_fold():
    player = bl.step(lambda w: sum(wk * wk for wk in w), [0.5 + k / 4000 for k in range(4000)])
    assert len(player._film.tree.scene()) < 60
