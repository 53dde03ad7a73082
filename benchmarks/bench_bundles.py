"""Bundles: how large each is, and how long a student waits for the first picture, from nothing to the drawn player.

    python benchmarks/bench_bundles.py [PYTHON] [--quick]

PYTHON is an environment's with Colab's versions; without it, this one. --quick leaves the time out. Target: under
700 kB each, first picture within 20 seconds. The time includes the start of the kernel, unpacking, importing and
Graphviz's first layout.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from backprop_lab import __version__
from backprop_lab.bundling.bundle import bundled

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def first_picture(path: Path, python: str) -> float:
    """Seconds until a bundle's cells up to its first player have run in a fresh kernel and an empty folder."""
    made = bundled(json.loads(path.read_text("utf-8")))
    last = next(k for k, cell in enumerate(made["cells"]) if ".step(" in "".join(cell["source"]))
    made["cells"] = made["cells"][: last + 1]
    # Another version's name, so that the cell unpacks the lab where it is installed, too.
    mine = f'bring_the_lab("{__version__}"'
    made["cells"][0]["source"] = "".join(made["cells"][0]["source"]).replace(mine, 'bring_the_lab("another"')
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, path.name)
        target.write_text(json.dumps(made))
        start = time.perf_counter()
        command = [python, "-m", "nbconvert", "--to=notebook", "--execute", "--inplace", target]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        seconds = time.perf_counter() - start
        assert "<img" in target.read_text(), "no picture"
    return seconds


def main() -> None:
    words = [word for word in sys.argv[1:] if word != "--quick"]
    python = words[0] if words else sys.executable
    for path in NOTEBOOKS:
        size = len(json.dumps(bundled(json.loads(path.read_text("utf-8"))), ensure_ascii=False, indent=1).encode())
        print(f"{path.stem:28} {size / 1000:5.0f} kB {'' if size < 700_000 else ' too large'}")
    if "--quick" not in sys.argv:
        print(f"first picture of {NOTEBOOKS[0].stem}: {first_picture(NOTEBOOKS[0], python):.1f} s")


if __name__ == "__main__":
    main()
