"""Badges that open notebooks in Colab, for any repository on GitHub; and a README with one for each of a folder's.

Place.of("owner/course/lab")      the folder lab of a repository, on the branch main
place.badge("03_reverse_mode")    a badge for a notebook there, as Markdown
write_list(folder, place)         README.md in a folder, with its notebooks and their badges
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from ..errors import ArgumentError
from ..exercises.cells import headed
from ..files import write_whole

USUAL = "--badge owner/course, --badge owner/course/folder or --badge owner/course@branch/folder"
WRITTEN = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)/([\w.-]+)(?:@([\w.-]+))?((?:/[^/\s]+)*)/?")


class Place(NamedTuple):
    """A folder of a repository on GitHub."""

    owner: str
    repository: str
    branch: str
    folder: str

    @classmethod
    def of(cls, text: str) -> Place:
        """The place that a text names: OWNER/REPOSITORY, then @BRANCH if it is not main, then a folder if there is one.

        Raises
        ------
        ArgumentError : it names none
        """
        bare = re.sub(r"^(?:https?://)?(?:www\.)?github\.com/|\.git$", "", text.strip())
        found = WRITTEN.fullmatch(bare.replace("/tree/", "@", 1))
        if not found:
            raise ArgumentError(f"{text!r:.80} names no repository; write {USUAL}")
        return cls(found[1], found[2], found[3] or "main", found[4].strip("/"))

    def badge(self, name: str) -> str:
        """A badge for the notebook of this name, without its ending, as Markdown."""
        path = quote("/".join(filter(None, (self.folder, f"{name}.ipynb"))))
        where = self._asdict() | {"branch": quote(self.branch), "path": path}
        return _file("badge.md").strip().format(name=name, **where)


def write_list(folder: Path, place: Place) -> Path:
    """Write README.md into a folder: its notebooks in order, each with its title and its badge.

    Raises
    ------
    ArgumentError : a README.md stands there that was not written so
    SaveError : it cannot be written
    """
    target, head = folder / "README.md", _file("badges.md")
    if target.exists() and not target.read_text("utf-8").startswith(head.splitlines()[0]):
        raise ArgumentError(f"{target} is somebody's own; take it away, or name another folder with --out")
    rows = [f"| {_title(path)} | {place.badge(path.stem)} |\n" for path in sorted(folder.glob("*.ipynb"))]
    return write_whole(target, head + "".join(rows))


def _title(path: Path) -> str:
    """A notebook's first heading; its file's name if it has none."""
    return headed(json.loads(path.read_text("utf-8")), path.stem)[0].replace("|", "\\|")


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
