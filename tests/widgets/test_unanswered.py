"""A picture of a player that asks for its numbers shows none of them: freshly made, and in the committed notebooks."""

import base64
import html
import json
import re
import xml.etree.ElementTree as ET

import numpy as np
from support.circles import each_once
from support.places import NOTEBOOKS

import backprop_lab as bl
from backprop_lab.drawing.document import still
from backprop_lab.film.questions import questions
from backprop_lab.text.notation import number

LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
PICTURE = re.compile(r'<img alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]+)"')


def pictures(output):
    """Alt texts and pictures in the HTML of an output."""
    return [(html.unescape(about), base64.b64decode(code).decode()) for about, code in PICTURE.findall(output)]


def asked_cells(svg):
    """The keys of the dashed cells and pills, and what stands in them."""
    root = ET.fromstring(svg)
    found = {}
    for group in root.iter():
        if {"bl-edge", "bl-asked"} <= set(group.get("class", "").split()):
            found |= {t.get("data-key"): "".join(t.itertext()) for t in group.iter() if t.get("data-key")}
        for cell in list(group):
            if "bl-asked" in cell.get("class", "").split() and cell.tag.endswith("rect"):
                kind = re.search(r"bl-cell-(\w)", cell.get("class"))[1]
                texts = (t for t in group if t.get("data-key", "").startswith(kind))
                found |= {t.get("data-key"): "".join(t.itertext()) for t in texts}
    return found


def layer(x, W):
    return np.sum(np.tanh(W @ x))


# Numbers that are no part of each other, of names or of coordinates.
CASES = {
    "scalar": (lambda x, y: (x * y + bl.sin(x)) / y, (3.70717, 5.90909)),
    "array": (layer, (np.array([0.51713, -1.21371]), np.array([[1.31717, 0.71313], [0.27171, -0.61911]]))),
    "folded": (lambda x: sum(bl.sin(k * x) for k in range(1, 40)), (0.71393,)),
}


ASKED = [("value", True), ("forward", True), ("reverse", True), ("reverse", "sweep"), ("reverse", "partials")]


@each_once("case, asked", CASES, ASKED)
def test_a_fresh_picture_keeps_what_is_asked(case, asked):
    (f, args), (mode, predict) = case, asked
    player = bl.step(f, *args, mode=mode, predict=predict)
    data, _ = player._repr_mimebundle_()
    ((about, svg),) = pictures(data["text/html"])
    assert svg == still(data["image/svg+xml"])
    cells = asked_cells(svg)
    asked = list(filter(None, questions(player.steps, predict)))
    seen = {f"{kind}{node.id}" for node in player._film.picture.nodes for kind in "pa"}
    seen |= {f"w{edge.child.id}_{edge.slot}" for edge in player._film.picture.edges}
    assert {q["key"] for q in asked} & seen <= cells.keys() and asked and not any(cells.values())
    drawn = ET.fromstring(svg).iter()
    assert not any(t.text for t in drawn if t.get("data-key", "").startswith("w")), "and no local partial at all"
    given = {number(n.value, d) for n in player.graph.inputs for d in (4, 5)}
    texts = "".join(ET.fromstring(svg).itertext())
    told = texts + about + data["text/plain"] + player.film["about"] + player.film["svg"]
    for q in asked:
        for x in np.ravel(q["right"]) if q["wants"] != "shape" else ():
            text = number(float(x))
            if len(text) > 4 and text not in given:
                assert text not in told, q["key"]


def test_other_players_show_the_finished_picture():
    data, _ = bl.examples["edelman"].step()._repr_mimebundle_()
    ((about, svg),) = pictures(data["text/html"])
    assert not asked_cells(svg) and "adjoint of x 14" in about and "14" in "".join(ET.fromstring(svg).itertext())


def test_committed_pictures_keep_what_is_asked():
    found = 0
    for path in LESSONS:
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] != "code" or not re.search(r"predict\s*=", "".join(cell["source"])):
                continue
            for output in cell["outputs"]:
                for about, svg in pictures("".join(output.get("data", {}).get("text/html", ""))):
                    cells = asked_cells(svg)
                    assert cells and not any(cells.values()), (path.name, about)
                    assert "adjoint of" not in about and "tangent of" not in about, (path.name, about)
                    found += 1
    assert found > 5
