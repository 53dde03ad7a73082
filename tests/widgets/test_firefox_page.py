"""Ten players in Firefox, whose mathematics is laid out otherwise: every step and pace, inline and in the projector."""

import json

import pytest
from support.firefox import opened
from support.places import ROOT

import backprop_lab as bl
from backprop_lab.widgets.page import script, style

PLAYERS = [
    *(("edelman", mode) for mode in ("value", "forward", "reverse", "both")),
    ("edelman-toy", "reverse"),
    ("strang", "forward"),
    ("strang", "both"),
    ("chain", "reverse"),
    ("sources-sink", "both"),
    ("deep", "reverse"),
]
PAGE = """<!doctype html><html lang="en" class="bl-page"><meta charset="utf-8"><style>%s</style>
<main><h1 class="bl-page-title">Films</h1><div id="player"></div></main><script>%s</script>
<script>(async ([code, films]) => {
  const send = (seen) => fetch("/", { method: "POST", body: JSON.stringify(seen) });
  try {
    await window.load(code);
    for (const film of films) {
      window.mount({ film, at: 0, predictions: [] });
      await send(await window.walk([true, null]));
    }
  } catch (error) { await send({ trouble: [String(error)] }); }
})(%s);</script>"""


@pytest.mark.wide
def test_ten_players_walk_in_firefox():
    films = [bl.examples[name].step(mode=mode).film for name, mode in PLAYERS]
    data = json.dumps([script(), films]).replace("</", "<\\/")
    with opened(PAGE % (style(), (ROOT / "tests/support/boxes.js").read_text("utf-8"), data)) as sent:
        for player, film in zip(PLAYERS, films, strict=True):
            seen = sent.get(timeout=300)
            assert seen["trouble"] == [], player
            assert seen["steps"] > len(film["frames"]) and seen["height"] <= 900
