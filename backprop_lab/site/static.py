"""The lessons as a site of static pages: every player and playground lives in them, without kernel and network.

    backprop-lab export --site DIR                    all lessons
    backprop-lab export --site DIR 03 mine.ipynb      some of them, and a notebook of yours
    backprop-lab export --module backprop_lab.mjs     only the module that MyST's {anywidget} directive takes

Each notebook is run once. What is written:

    DIR/index.html            the lessons, in order
    DIR/NAME.html             a lesson, and NAME.ipynb beside it, for who wants to run it
    DIR/backprop_lab.js       what makes players and playgrounds live, for all pages
    DIR/site.css, site.js     how the pages look; light and dark

DIR can be opened as it is, or copied to where web pages are. What needs a running notebook says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from ..errors import ArgumentError
from ..files import write_whole
from ..shelf import lesson, lessons
from ..widgets.embedded import KINDS, code_of, module
from ..words import Words, answered

SUMMARY = "backprop-lab export --site DIR [LESSON or NOTEBOOK.ipynb ...]"
BROUGHT = ("jinja2", "mistune", "nbclient", "nbconvert", "nbformat", "pygments")  # by JupyterLab
CODE = "backprop_lab.js"


def main(words: list[str]) -> int:
    """The command; the number is the exit status."""
    return answered(_work, words)


def _work(words: list[str]) -> None:
    parser = Words("export", __doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--site", type=Path, metavar="DIR", help="a site of the lessons, or of the notebooks that follow")
    what.add_argument("--module", type=Path, metavar="FILE", help="the module that MyST's {anywidget} directive takes")
    parser.add_argument("names", nargs="*", metavar="NOTEBOOK", help="lessons, or notebooks of yours; else all lessons")
    given = parser.parse_args(words)
    if given.module and given.names:
        parser.error("--module takes no notebooks")
    if given.module:
        written: Iterable[Path] = [write_whole(given.module, module())]
    else:
        written = write_site([lesson(name) for name in given.names] or lessons(), given.site)
    for path in written:
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB", flush=True)


def write_site(notebooks: Iterable[Path], folder: Path) -> Iterator[Path]:
    """Run notebooks and write their pages into a folder; gives each page when it is written.

    Parameters
    ----------
    notebooks : files, in the order of the site
    folder : where the site comes; it is made if it is not there. What stands there under the same names is replaced

    Raises
    ------
    ArgumentError : two notebooks of one name, one that cannot be read, or one with a cell that fails
    SaveError : the folder cannot be written
    """
    paths = list(notebooks)
    twice = {path.stem for path in paths if sum(other.stem == path.stem for other in paths) > 1}
    if twice:
        raise ArgumentError(f"two notebooks are called {min(twice)}, and a site has one page of a name; rename one")
    _check_packages()
    from . import static_page, static_run

    with suppress(OSError):  # if it cannot be made, writing into it says so
        folder.mkdir(parents=True, exist_ok=True)
    read = [static_run.read(path) for path in paths]
    shelf = [static_page.entry(path.stem, notebook) for path, notebook in zip(paths, read, strict=True)]
    write_whole(folder / CODE, "".join(map(code_of, KINDS)))
    for name in ("site.css", "site.js"):
        write_whole(folder / name, static_page.file(name))
    with ThreadPoolExecutor(os.cpu_count() or 1) as several:
        ran = several.map(static_run.run, paths, read)
        try:
            for path, notebook, here in zip(paths, ran, shelf, strict=True):
                if (folder / path.name).resolve() != path.resolve():
                    write_whole(folder / path.name, path.read_bytes())
                yield write_whole(folder / f"{path.stem}.html", static_page.page(notebook, here, shelf))
        finally:
            several.shutdown(cancel_futures=True)
    yield write_whole(folder / "index.html", static_page.index(shelf))


def _check_packages() -> None:
    """Raise an `ArgumentError` if something is missing that comes with JupyterLab."""
    from importlib.util import find_spec

    missing = [name for name in BROUGHT if find_spec(name) is None]
    if missing:
        raise ArgumentError(
            f"a site needs {', '.join(missing)}, which JupyterLab brings; write pip install 'backprop-lab[lab]'"
        )
