"""How long a frame takes while the start of a run is dragged on a page without a kernel, and how soon the page shows.

Run it with `make bench`, or `python benchmarks/bench_playground.py`. A frame is all that the main thread does for
it, scripts, styles, layout and paint, by its own clock, so that a busy machine does not count; the target is 16 ms.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from conftest import ARGS  # noqa: E402

import backprop_lab as bl  # noqa: E402
from backprop_lab.cli import browser as find_browser  # noqa: E402

FRAMES = 80
DRAG = """async (frames) => {
  const root = document.querySelector('.bl-descent');
  root.dispatchEvent(new KeyboardEvent('keydown', {key: 'End', bubbles: true}));
  const over = root.querySelector(':is(.bl-map, .bl-profile) .bl-over');
  over.setPointerCapture = () => {};
  const knob = over.querySelector('.bl-knob-start');
  const {left, top, width, height} = knob.querySelector('.bl-ring').getBoundingClientRect();
  const send = (to, kind, k) => to.dispatchEvent(new PointerEvent(kind,
    {clientX: left + width / 2 + k, clientY: top + height / 2 - k / 2, button: 0, bubbles: true}));
  send(knob, 'pointerdown', 0);
  for (let k = 1; k <= frames; k += 1) {
    send(over, 'pointermove', k);
    await new Promise((done) => requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); }));
  }
  send(over, 'pointerup', frames);
}"""


def valley(x, y):
    return (1 - x) ** 2 + 20 * (y - x**2) ** 2


def line(w, b, x, y):
    return (w * x + b - y) ** 2


def grounds():
    x = np.linspace(-1, 1, 500)
    y = 2 * x - 1 + 0.3 * np.cos(40 * x)
    methods = ["sgd", "momentum", "nesterov", "adagrad", "adam", "nadam"]
    return {
        "a run of 60 steps": bl.Descent(valley, (-1.2, 0.8), rate=0.004),
        "six runs of 200 steps": bl.Descent(valley, (-1.2, 0.8), rate=0.002, runs=methods, steps=200),
        "50 examples, all": bl.Descent(line, (-0.5, 1.0), rate=0.3, data=(x[:50], y[:50])),
        "50 examples, one a step": bl.Descent(line, (-0.5, 1.0), rate=0.1, data=(x[:50], y[:50]), batch=1),
        "500 examples, 32 a step": bl.Descent(line, (-0.5, 1.0), rate=0.3, data=(x, y), batch=32),
        "a curve": bl.Descent(lambda x: bl.sin(3 * x) + 0.3 * x**2, 2.0),
    }


def main():
    print("the start dragged, milliseconds a frame of the main thread; target: 16")
    print(f"{'':28}{'task':>8}{'script':>8}{'kB page':>10}{'first show':>12}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), headless=True, args=ARGS)
        for name, ground in grounds().items():
            file = Path(folder) / "ground.html"
            size = len(ground.to_html(file).encode())
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})

            def spent(session=session):
                found = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
                return found["TaskDuration"], found["ScriptDuration"]

            before = spent()
            page.goto(file.as_uri())
            page.wait_for_selector(".bl-descent .bl-level, .bl-descent .bl-curve", state="attached")
            shown = 1000 * (spent()[0] - before[0])
            page.evaluate(DRAG, FRAMES)  # the compiler has had its time
            start = spent()
            page.evaluate(DRAG, FRAMES)
            task, script = (1000 * (b - a) / FRAMES for a, b in zip(start, spent(), strict=True))
            page.close()
            print(f"{name:28}{task:8.1f}{script:8.1f}{size / 1000:10.0f}{shown:12.0f}")
        browser.close()


if __name__ == "__main__":
    main()
