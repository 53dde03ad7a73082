"""Make the pictures that the README and the documentation show: run it, look at them, commit them."""

from pathlib import Path

import backprop_lab as bl

PICTURES = {"edelman.svg": lambda: bl.examples["edelman"].step().svg(14)}

if __name__ == "__main__":
    for name, make in PICTURES.items():
        (Path(__file__).parent / name).write_text(make() + "\n", encoding="utf-8")
