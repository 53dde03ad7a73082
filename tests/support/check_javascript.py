"""Check the types of the pages' JavaScript with tsc, and that films and surfaces are what `.d.ts` files say.

    python tests/support/check_javascript.py FOLDER      where tests/web_parts.py has brought typescript

`make check` runs it. Where there is no npm it says so; in CI that is a failure.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

import backprop_lab as bl

ROOT = Path(__file__).parents[2]


def layer(x, W):
    return np.sum(np.tanh(W @ x))


def films():
    """One film of each kind: modes, arrays, questions of all sorts, a folded graph, a long one in pieces."""
    some = np.cos(np.arange(24.0))
    arrays = bl.trace(layer, some[:4], some.reshape(6, 4))
    edelman, ladder = bl.examples["edelman"], bl.examples.ladder
    yield from (edelman.step(mode=mode) for mode in ("value", "forward", "reverse", "both"))
    yield from (edelman.step(predict=predict) for predict in (True, "sweep", "partials"))
    yield from (bl.step(graph, mystery="any") for graph in (edelman.trace(), arrays))
    yield from (bl.step(arrays, predict=predict) for predict in (False, True))
    yield from (ladder(length).step(mode=mode) for length in (30, 300) for mode in ("reverse", "both"))


def grounds():
    """Surfaces for the playground: of one parameter and of two, with branches, and with data."""
    some = list(np.cos(np.arange(12.0)))
    yield bl.Descent(lambda x: x**2 if x > 0 else bl.sin(x), 1.0, runs=["sgd", "adam"])
    yield bl.Descent(lambda w, b, x, y: (w * x + b - y) ** 2, (1.0, 2.0), data=(some, some), batch=4)


def short(data):
    """The same data with few entries of each list: what repeats is of one type, and the compiler has a limit."""
    if isinstance(data, dict):
        return {key: short(value) for key, value in list(data.items())[:40]}
    return [*map(short, data[:12])] if isinstance(data, list) else data


def main(typescript: Path) -> int:
    tsc = typescript / "tsc.js"
    if not tsc.exists():
        print("The types of the JavaScript are not checked: that needs npm. This brings it: apt-get install npm")
        return bool(os.environ.get("CI"))
    with tempfile.TemporaryDirectory() as temporary, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(temporary)
        for k, player in enumerate(films()):
            text = json.dumps(short(player.film), ensure_ascii=False)
            (folder / f"film{k}.ts").write_text(f"const film{k}: SentFilm = {text};\n", "utf-8")
        for k, ground in enumerate(grounds()):
            text = json.dumps(short(ground.surface), ensure_ascii=False)
            (folder / f"ground{k}.ts").write_text(f"const ground{k}: SurfaceData = {text};\n", "utf-8")
        widgets = [f"{ROOT.as_posix()}/backprop_lab/widgets/**/*", "*.ts"]
        settings = {"extends": f"{ROOT.as_posix()}/jsconfig.json", "include": widgets}
        (folder / "tsconfig.json").write_text(json.dumps(settings), "utf-8")
        return subprocess.run(
            [shutil.which("node") or "node", str(tsc), "-p", temporary, "--pretty", "false"]
        ).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) / "typescript"))
