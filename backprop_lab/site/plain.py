"""The plain page of a site without a server: write a function, step it.

`write(folder, wheels, packages)` puts `index.html` and its worker into a folder that has Pyodide in `pyodide/`. The
page shows a player at once, of the first example, made here; Python starts behind it.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..catalogue.entries import examples
from ..files import write_whole
from ..widgets import page
from ..widgets.player import step

# Examples to begin with: from the catalogue, as it has them, and a few that show what else there is.
FROM_THE_CATALOGUE = {
    "edelman": "x used three times",
    "strang": "the longest and the shortest path",
    "olah": "two inputs, one shared value",
    "chain": "a chain",
}
OTHERS = {
    "a loop: Babylonian roots": (
        """\
def root(a, turns=3):
    x = a
    for _ in range(turns):
        x = (x + a / x) / 2
    return x
""",
        "a=2.0",
        "forward",
    ),
    "a branch: leaky ReLU": (
        """\
def leaky(x):
    if x > 0:
        return x
    return 0.1 * x
""",
        "x=-3.0",
        "reverse",
    ),
    "two neurons": (
        """\
def loss(x, w1, w2, y):
    h = np.tanh(w1 * x)
    error = w2 * h - y
    return error**2
""",
        "x=1.0, w1=0.5, w2=2.0, y=0.3",
        "reverse",
    ),
    "a layer, with arrays": (
        """\
def layer(W, x):
    z = W @ x
    h = np.tanh(z)
    return np.sum(h * h)
""",
        "W=np.array([[1.0, -1.0], [0.5, 2.0]]), x=np.array([0.5, 0.25])",
        "reverse",
    ),
}


def choices() -> Iterator[dict[str, str]]:
    """The examples of the page: name, source, inputs as in a call, mode."""
    for name, said in FROM_THE_CATALOGUE.items():
        example = examples[name]
        inputs = ", ".join(f"{key}={value!r}" for key, value in example.inputs.items())
        source = inspect.getsource(example.function)
        yield {"name": f"{said} ({name})", "source": source, "inputs": inputs, "mode": example.mode}
    for name, (source, inputs, mode) in OTHERS.items():
        yield {"name": name, "source": source, "inputs": inputs, "mode": mode}


def _first_state() -> dict[str, Any]:
    """What the page's player holds before Python is there: as in a page of its own."""
    example = examples[next(iter(FROM_THE_CATALOGUE))]
    player = step(example.function, **example.inputs)
    film = player.film
    player.close()
    return {"film": film, "at": 0, "predictions": [], "inputs": dict(example.inputs), "group": ""}


def _in_a_script(held: Any) -> str:
    """JSON for a script element, which "</" would end; "<\\/" means the same."""
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
    return text.replace("</", "<\\/").replace("<!--", "<\\u0021--")


def write(folder: Path, wheels: Iterable[str], packages: Iterable[str], lessons: str = "") -> None:
    """Write the page and its worker.

    Parameters
    ----------
    folder : the site, which has Pyodide in `pyodide/`
    wheels : files there that are unpacked as they are: the lab, and Graphviz
    packages : what Pyodide loads by name
    lessons : where the lessons are, from the page, if there are any

    Raises
    ------
    SaveError : the folder cannot be written
    """
    site = {"worker": "worker.js", "pyodide": "pyodide/", "wheels": [*wheels], "packages": [*packages]}
    held = {"site": site, "examples": [*choices()], "state": _first_state()}
    own = files(__package__) / "plain"
    parts = {
        "CSS": page.style(alone=True) + page.lean_style((own / "page.css").read_text("utf-8")),
        "LESSONS": f'<a href="{lessons}">All lessons, in this browser</a>' if lessons else "",
        "FIRST": _in_a_script(held),
        "ESM": page.script(),
        "PAGE": page.lean_script((own / "page.js").read_text("utf-8")),
    }
    made = (own / "page.html").read_text("utf-8")
    for key, content in parts.items():
        made = made.replace(f"%{key}%", content)
    write_whole(folder / "index.html", made)
    write_whole(folder / "worker.js", page.lean_script((own / "worker.js").read_text("utf-8")))
