"""Images of players carry the rules of the style sheet that they follow, and look as with all of them."""

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.drawing.document import rounded, still

CASES = {
    "scalar": ("reverse", lambda x, y: (x * y + bl.sin(x)) / y, (3.7, 5.9)),
    "array": ("forward", lambda x, W: np.sum(np.tanh(W @ x)), (np.ones(2), np.array([[1.3, -0.7], [0.2, -0.6]]))),
    "folded": ("reverse", lambda x: sum(bl.sin(k * x) for k in range(1, 40)), (0.7,)),
}
LOOKS = """svg => {
  document.body.innerHTML = svg;
  const all = [...document.querySelectorAll("svg, svg *:not(style, title, .bl-back)")];
  return all.map((element) => {
    const look = getComputedStyle(element);
    const names = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-weight", "font-style",
      "font-family", "display", "text-anchor", "font-variant-numeric"];
    return element.tagName + " " + names.map((name) => look.getPropertyValue(name)).join(" | ");
  });
}"""


@pytest.mark.parametrize("case", CASES)
def test_an_image_looks_as_with_the_whole_sheet(page, case):
    mode, f, args = CASES[case]
    player = bl.step(f, *args, mode=mode)
    for step in (0, len(player.steps) // 2, len(player.steps)):
        whole = rounded(player.svg(step))
        lean = still(whole)
        assert page.evaluate(LOOKS, lean) == page.evaluate(LOOKS, whole)
        assert len(lean) < len(whole) - 3000
