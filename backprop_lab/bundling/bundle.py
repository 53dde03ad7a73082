"""Make a notebook that brings the lab: `bundled(notebook)` puts a first cell into it in which the package travels.

packed()                 the package as one compressed file: the same tree gives the same bytes
bundled(notebook)        a copy of a notebook, as plain data, with that cell first
write_bundle(path, to)   the same for files
"""

from __future__ import annotations

import base64
import copy
import hashlib
import inspect
import io
import json
import lzma
import re
import tarfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import ArgumentError
from ..exercises.books import books
from ..exercises.cells import source_of
from ..files import write_whole
from ..shelf import own_files
from ..version import __version__
from ..widgets.page import lean_script
from . import bring
from .lean import lean_python

PACKAGE = Path(__file__).parents[1]
TRAVELS = {".py", ".js", ".css", ".html", ".json", ".tex"}
SHOWN = {"catalogue", "lessons", "bring.py"}  # Python whose text students see, or which a bundle has in full
# What no kernel of a student's runs.
AT_HOME = {"bundling", "c.py", "cli.py", "__main__.py", "otter_tests.py", "shelf.py", "words.py", "grading", "site"}
# Module → what pip calls it. Colab has them all; elsewhere the first cell installs what is missing.
NEEDED = {name: name for name in ("anywidget", "ipywidgets", "matplotlib", "numpy")}
CELL_ID = "bring-the-lab"
FOR_TEXT = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "pb": 0}
WIDTH = 1800  # letters a line: an editor is slow with one line of 300,000
HEAD = """\
#@title Run this cell first: it brings the lab. {{ display-mode: "form" }}
# backprop_lab {version} is in the long text at the end. The cell checks that the text is undamaged, unpacks it
# into a temporary folder and makes it importable. It writes nothing into your drive. Where the same version is
# installed it does nothing. Packages that the lab needs and that are missing are installed by pip; none is replaced.
"""
RELEASED = """\
#@title Run this cell first: it installs the lab. {{ display-mode: "form" }}
# backprop_lab {version} comes from the package index. What the lab needs, Colab has: nothing is replaced.
%pip install --quiet backprop-lab=={version}
"""
# Parts that travel where a cell names them, or an exercise that comes along does: their files, and how they are named.
PARTS = {
    "playground": (
        re.compile(r"/(widgets/(playground|ground_page)\b|film/surface\.|drawing/relief\.)"),
        r"\bDescent\b",
    ),
    "descents": (
        re.compile(r"backprop_lab/(descent/|plots/(descents|experiments)\.|exercises/(broken_)?steps\.)"),
        r"\b(bl\.|import.*)(Descent|descend|methods|Method|Run|experiments)\b|plots\.(losses|walks|experiment|region|learning)\b"
        r"|from \.\.(broken_)?steps\b",
    ),
    "costs": (
        re.compile(r"plots/(costs|matrix_chain)\."),
        r"plots\.(counted_|timed_|chain_|MatrixChain|strategies|\w*(operations|seconds)\b)",
    ),
    "differences": (re.compile(r"plots/numerical\."), r"plots\.u_curve"),
    "others": (re.compile(r"backprop_lab/others/"), r"\bfrom_(values|torch|jax)\b"),
    "gpt": (re.compile(r"catalogue/gpt\."), r"\bgpt\b"),
}
WHOLE = frozenset(PARTS)
LESSONS, ALL = PACKAGE / "exercises/lessons", frozenset[str]()
BESIDE = re.compile(r"^from \.(?: import (\w+)|(\w+) import)", re.M)  # what a module of exercises takes from another
IMPORTS = re.compile(r"^\s*(?:import|from)\s+backprop_lab\b", re.M)


def travelling(path: Path) -> bytes:
    """A file as it travels: without what only its readers need, so that a bundle stays small."""
    content = path.read_bytes()
    if path.suffix == ".py" and SHOWN.isdisjoint(path.relative_to(PACKAGE).parts):
        return lean_python(content.decode()).encode()
    if path.suffix == ".js":
        return lean_script(content.decode()).encode()
    if path.suffix == ".css":
        return re.sub(r"/\*.*?\*/|(?<=\n)\s+", "", content.decode(), flags=re.DOTALL).encode()
    return content


def packed(parts: frozenset[str] = WHOLE, lessons: frozenset[str] | None = None) -> bytes:
    """The package as a tar file, compressed: files in order, no times, no owners, so that only the files decide.

    `parts` says which of PARTS are in it, `lessons` which modules of exercises are, if not all. These come last and in
    a stream of their own, so that for all lessons the rest is compressed once.
    """
    return _streamed(parts, None) + _streamed(parts, lessons or ALL)


@cache
def _streamed(parts: frozenset[str], lessons: frozenset[str] | None) -> bytes:
    """The package without its exercises, or these alone."""
    found = {
        name: p
        for name, p in own_files().items()
        if p.suffix in TRAVELS
        and AT_HOME.isdisjoint(p.relative_to(PACKAGE).parts)
        and not any(PARTS[part][0].search(name) for part in WHOLE - parts)
        and (p.parent == LESSONS) == (lessons is not None)
        and (not lessons or p.stem in lessons)
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, path in sorted(found.items(), key=lambda item: (item[1].suffix, item[1])):  # what is alike together
            content = travelling(path)
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
        size = out.tell()
    if lessons is None:
        out.truncate(size)  # the mark of the end is the second stream's
    # A stream without sizes of blocks or numbers of threads in it, at the strongest setting.
    return lzma.compress(out.getvalue(), format=lzma.FORMAT_XZ, filters=[FOR_TEXT])


@cache
def cell_source(parts: frozenset[str] = WHOLE, lessons: frozenset[str] | None = None) -> str:
    """The text of the first cell: what it does, the function that does it, and the package."""
    content = packed(parts, lessons)
    text = base64.b85encode(content).decode("ascii")
    lines = "\n".join(text[k : k + WIDTH] for k in range(0, len(text), WIDTH))
    digest = hashlib.sha256(content).hexdigest()
    module = inspect.getsource(bring)
    code = module[module.index("def bring_the_lab") :]
    call = f'bring_the_lab("{__version__}", "{digest}", {NEEDED!r}, """\n{lines}\n""")'
    return f"{HEAD.format(version=__version__)}\n\n{code}\n\n{call}"


HEAVY = 37_500  # letters of a plot's image; a player, whose text begins with <Player, is always shown


def exercises_of(sources: Iterable[str]) -> frozenset[str] | None:
    """The modules whose exercises a notebook names, and what these take from others; None, all, if it names none."""
    text = "\n".join(sources)
    topics = {name: {id.partition(".")[0] for id in book.exercises} for name, book in books().items()}
    found = {name for name, own in topics.items() if re.search(rf"\b(?:{'|'.join(own)})\.\d", text)}
    todo = sorted(found)
    while todo:
        named = BESIDE.findall((LESSONS / f"{todo.pop()}.py").read_text("utf-8"))
        more = {"".join(pair) for pair in named} - found
        found |= more
        todo += more
    return frozenset({*found, "__init__"}) if found else None


def parts_of(sources: Iterable[str], lessons: frozenset[str] | None) -> frozenset[str]:
    """The parts that a notebook names, or a module of exercises that it brings."""
    modules = (p for p in LESSONS.glob("*.py") if lessons is None or p.stem in lessons)
    text = "\n".join([*sources, *(p.read_text("utf-8") for p in modules)])
    return frozenset(part for part, (_, named) in PARTS.items() if re.search(named, text))


def bundled(notebook: Mapping[str, Any], name: str = "this notebook", released: bool = False) -> Any:
    """A copy of a notebook (what `json.load` returns) whose first cell brings the lab: in it, or, if `released`, from
    the package index, in this version.

    A bundle can be bundled again: its cell is replaced. Outputs stay, but for heavy images of plots, which say in words
    what they show until their cells run. Widgets' state goes: Colab saves it in a form that other viewers refuse.

    Raises
    ------
    ArgumentError : it is no notebook of format 4, or nothing in it imports backprop_lab
    """
    cells = notebook.get("cells") if isinstance(notebook, Mapping) else None
    if not isinstance(cells, list) or notebook.get("nbformat") != 4:
        raise ArgumentError(f"{name} is not a notebook of format 4; open it in Jupyter, save it and bundle that file")
    kept = [cell for cell in cells if not _brings(cell)]
    if not any(cell.get("cell_type") == "code" and IMPORTS.search(source_of(cell)) for cell in kept):
        raise ArgumentError(f"nothing in {name} imports the lab; write import backprop_lab as bl in a code cell")
    made = copy.deepcopy({**notebook, "cells": kept})
    made["metadata"].pop("widgets", None)
    for data in (output.get("data", {}) for cell in made["cells"] for output in cell.get("outputs", ())):
        told = "".join(data.get("text/plain", ""))
        if told and not told.startswith("<") and len("".join(data.get("text/html", ""))) > HEAVY:
            del data["text/html"]
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {
            "backprop_lab": {"role": "setup", "brings": __version__},
            "cellView": "form",  # Colab shows the title alone
            "jupyter": {"source_hidden": True},  # and JupyterLab a line to click
            "tags": ["otter_ignore"],
        },
        "outputs": [],
        "source": _brought(list(map(source_of, kept)), released).splitlines(keepends=True),
    }
    if made.get("nbformat_minor", 0) >= 5:
        cell["id"] = CELL_ID
    made["cells"].insert(0, cell)
    return made


def _brought(sources: list[str], released: bool) -> str:
    """The first cell's text, for a notebook with these cells."""
    if released:
        return RELEASED.format(version=__version__)
    lessons = exercises_of(sources)
    return cell_source(parts_of(sources, lessons), lessons)


def write_bundle(path: Path, folder: Path, released: bool = False) -> Path:
    """Bundle a notebook's file into a folder, under the same name; returns where.

    Raises
    ------
    ArgumentError : the file cannot be read, or is no notebook that imports the lab
    SaveError : the folder cannot be written, or the bundle would take the place of its own source
    """
    try:
        notebook = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise ArgumentError(f"{path} could not be read: {reason}; name a notebook, as in lesson.ipynb") from None
    target = folder / path.name
    if target.exists() and target.samefile(path):
        raise ArgumentError(f"the bundle would overwrite {path}; name another folder with --out")
    text = json.dumps(bundled(notebook, path.name, released), ensure_ascii=False, indent=1)
    with suppress(OSError):  # if it cannot be made, writing into it says so
        folder.mkdir(parents=True, exist_ok=True)
    return write_whole(target, text + "\n")


def _brings(cell: Mapping[str, Any]) -> bool:
    entry = cell.get("metadata", {}).get("backprop_lab")
    return isinstance(entry, Mapping) and "brings" in entry
