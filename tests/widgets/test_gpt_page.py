"""A whole GPT in a page: any number of it by at most six keys, and what its search understands."""

import json

import pytest
from support.operate import plain

import backprop_lab as bl
from backprop_lab.widgets.page import script, style

gpt = bl.examples.gpt
MOUNT = """async ([code, state]) => {
  const lab = (await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })))).default;
  const heard = {};
  const model = {
    get: (key) => state[key], set: (key, value) => { state[key] = value; }, off() {},
    on: (event, run) => { heard[event] = run; },
    save_changes: async () => {
      const asked = state.request;
      if (!asked.id || asked.id === state.done) return;
      state.done = asked.id;
      state.scene = JSON.parse(await window.kernel(JSON.stringify(asked)));
      heard["change:scene"]();
    },
  };
  lab.render({ model, el: document.getElementById("player") });
}"""


def mounted(page, player):
    """A player in a page, with this process as its kernel."""

    def answer(asked):
        player.request = json.loads(asked)
        return json.dumps(player.scene)

    page.expose_function("kernel", answer)
    page.set_content(f'<style>{style()}</style><main><h1>A GPT</h1><div id="player"></div></main>')
    page.evaluate(MOUNT, [script(), {"film": player.film, "at": 0, "predictions": [], "request": {}}])
    return page.locator(".bl-player")


def pressed(page, keys):
    """One key after the other; the last one opens something."""
    assert len(keys) <= 6
    for key in keys:
        page.keyboard.press(key)


REACHED = "([root, key]) => root.querySelectorAll(`.bl-svg [data-key='${key}']`).length > 0"


@pytest.mark.wide
def test_any_number_by_six_keys(page):
    """From the loss: an entry of an embedding, a weight, a score, and a number that has no name but v and its number.

    A row of sixteen weights opens as a whole, so that the longest names need no more keys.
    """
    p = gpt.parameters()
    player = bl.step(lambda p: gpt.loss(p, "jo"), p)
    graph = player.graph
    root = mounted(page, player)
    root.focus()
    page.keyboard.press("End")
    score = next(node for node in graph.nodes if node.name == "score_17")
    far = next(node for node in graph.nodes if node.name.startswith("v") and len(node.name) == 6)
    ways = {
        "p['letter']['j'][0]": ["/", "l", "j", "0", "Enter"],
        "p['query'][5][12]": ["/", "q", "5", "1", "2", "Enter"],
        "p['up'][63][15]": ["/", "u", "6", "3", "Enter"],
        "p['down'][63][0]": ["/", "d", "6", "3", "Enter"],
        score.name: ["/", "s", "1", "7", "Enter"],
        far.name: [*far.name[1:], "Enter"],
    }
    for name, keys in ways.items():
        pressed(page, keys)
        node = graph[name]
        page.wait_for_function(REACHED, arg=[root.element_handle(), f"a{node.id}"])
        assert root.evaluate("(r) => r.contains(document.activeElement)"), name
        if not name.startswith(("p['up']", "p['down']")):
            said = plain(root.locator(".bl-inspect-words").text_content())
            assert said.startswith(node.label.replace("_", "")), (name, said)
