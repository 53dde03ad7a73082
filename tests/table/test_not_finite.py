"""Inputs, seeds and results that are inf or nan: JSON has no words for them, players and pages appear."""

import itertools
import json
import math
import warnings

import numpy as np
import pytest
from support.pages import with_settings

import backprop_lab as bl

FUNCTIONS = {
    "difference": lambda x, y: (x - y) * 2 + y,
    "product": lambda x, y: x * y * x,
    "quotient": lambda x, y: x / y,
    "overflow": lambda x, y: x * 1e308 * 10 * y,
    "exp": lambda x, y: np.exp(x) * y,
    "sine": lambda x, y: np.sin(x) + y,
    "power": lambda x, y: x**2 * y,
    "array": lambda x, y: np.sum(np.arange(1.0, 9.0) * x) * y,
    "constant": lambda x, y: x * math.inf + y,
    "branch": lambda x, y: np.real(x) if abs(x) > y else y * 2,
}
NUMBERS = [math.inf, -math.inf, math.nan, 1e308, complex(math.inf, 1), complex(0, math.nan)]
RUNS = [
    {},
    {"mode": "value"},
    {"mode": "forward"},
    {"mode": "both"},
    {"predict": True},
    {"predict": "sweep"},
    {"mode": "forward", "predict": True},
    {"seed": math.inf},
    {"seed": math.nan, "mode": "forward"},
]


@pytest.mark.filterwarnings("ignore::backprop_lab.LabWarning")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_player_and_a_page_appear(name):
    f = FUNCTIONS[name]
    every = list(itertools.product(NUMBERS, RUNS))
    for x, run in every[list(FUNCTIONS).index(name) % 5 :: 5]:  # each pair with two functions
        try:
            player = bl.step(f, x, 1.0, **run)
        except bl.LabError:
            assert isinstance(x, complex)  # what has no real derivative
            continue
        json.dumps(player.get_state(player.keys), allow_nan=False, default=str)
        page = player.to_html()
        state = page[page.index('id="state">') + len('id="state">') :].partition("</script>")[0]
        json.loads(state, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
        marked = x == 1e308 or 'class="bl-mark bl-mark-given"' in player.svg()
        assert marked, (name, x)
        assert player._repr_mimebundle_()[0]["text/plain"]


STUB = 'get: (key) => (key === "request" ? {} : state[key])'  # as if there were a kernel, for the settings


@pytest.mark.parametrize("x", [math.inf, math.nan])
def test_the_page_steps_and_its_settings_and_views_open(page, tmp_path, x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        views = ("code", "table", "paths", "jacobian")
        player = bl.step(FUNCTIONS["difference"], x=x, y=1.0, seed=math.inf, views=views)
    path = tmp_path / "page.html"
    path.write_text(with_settings(player).replace("get: (key) => state[key]", STUB), "utf-8")
    page.goto(path.as_uri())
    root = page.locator(".bl-player")
    assert "not a finite number" in root.locator(".bl-mark-given title").first.text_content()
    root.focus()
    for _ in range(len(player.steps)):
        page.keyboard.press("ArrowRight")
    assert root.get_attribute("data-at") == str(len(player.steps))
    page.keyboard.press("s")
    assert root.get_by_label("x =", exact=True).input_value() == ("inf" if x == math.inf else "nan")
    assert root.get_by_label("seed =", exact=True).input_value() == "inf"
    assert root.get_by_label("y, by slider").count() == 1 and root.get_by_label("x, by slider").count() == 0
