"""The player's Python side: what a notebook gets, and what the files hold."""

import re
import xml.etree.ElementTree as ET

import pytest

import backprop_lab as bl
from backprop_lab.widgets.player import Player


@pytest.fixture(scope="module")
def player():
    return bl.step(bl.examples["edelman"].function, x=3, y=5)


def test_what_a_notebook_gets(player):
    got = player._repr_mimebundle_()
    data, _ = got
    assert "application/vnd.jupyter.widget-view+json" in data
    ET.fromstring(data["image/svg+xml"])
    assert data["text/plain"] == "<Player: 16 steps over 9 nodes, z = 34>"
    assert (
        'alt="Computational graph of 9 nodes: x = 3, y = 5, z = 34; adjoint of x 14; adjoint of y 6"'
        in data["text/html"]
    )


def test_at_stays_inside(player):
    player.at = 99
    assert player.at == len(player.steps) == 16
    player.at = -3
    assert player.at == 0


def test_svg_of_a_step(player):
    def x_adjoint(at):
        root = ET.fromstring(player.svg(at))
        return next(t.text or "" for t in root.iter() if t.get("data-key") == "a0")

    assert [x_adjoint(k) for k in (0, 15, 16)] == ["", "14", "14"]
    assert x_adjoint(None) == "14"
    lit = ET.fromstring(player.svg(14))
    assert any("bl-lit" in (g.get("class") or "") for g in lit.iter())


def test_text(player):
    text = player.to_text()
    assert "x̄ = 10 + 4 = 14" in text and text.startswith("node")


def test_html_file_is_self_contained(player, tmp_path):
    page = player.to_html(tmp_path / "edelman.html")
    assert (tmp_path / "edelman.html").read_text("utf-8") == page
    assert not re.search(r'(src|href)="|@import|url\(|fetch\(|import\(', page)
    assert set(re.findall(r"https?://[^\s\"'<\\]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert "%TITLE%" not in page and "%STATE%" not in page


def test_graph_and_new_numbers():
    graph = bl.examples["edelman"].trace()
    assert Player(graph).graph is graph
    assert bl.step(graph, x=4.0).graph.value == 2 * 4 * 5 + 9
    assert bl.examples["strang"].step(mode="forward", wrt="y").steps[-1].after == 24


def test_payload_is_small(player):
    assert len(str(player.film)) < 60_000
