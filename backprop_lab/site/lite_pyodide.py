"""Pyodide, Python for browsers, as somebody has it: a folder or an archive, of which a site takes what it needs.

`opened(path)` is a `Pyodide` that has been looked at: its files are there, its Python is new enough, NumPy is in it.
`needed(names)` are those packages with all that they depend on; `copy` writes them, and a list of packages of its own,
`pyodide-lock.json`, in which only what is there is named.
"""

from __future__ import annotations

import json
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import ArgumentError
from ..files import write_whole

LOCK = "pyodide-lock.json"
LIBRARY = "python_stdlib.zip"
CORE = ("pyodide.js", "pyodide.asm.wasm", LIBRARY)
BESIDE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.mjs")  # which of them there are differs from version to version
WHERE = "the file pyodide-VERSION.tar.bz2 among the releases of Pyodide, github.com/pyodide/pyodide, has all of it"
OLDEST = (3, 11)


class Pyodide:
    """A distribution of Pyodide. `read` gives a file's content; `packages` are the entries of its list by name."""

    def __init__(self, path: Path, names: Mapping[str, Any], read: Any) -> None:
        self.path, self._names, self._read = path, names, read
        try:
            self.lock = json.loads(self._read(self._names[LOCK]))
            self.version, self.python = (str(self.lock["info"][key]) for key in ("version", "python"))
            self.packages = {canonical(name): entry for name, entry in self.lock["packages"].items()}
            numbers = tuple(int(number) for number in self.python.split(".")[:2])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ArgumentError(f"the {LOCK} in {path} is not Pyodide's list of packages; {WHERE}") from None
        self._check(numbers)

    def _check(self, numbers: tuple[int, ...]) -> None:
        lacking = [name for name in CORE if name not in self._names]
        if lacking or not any(name in self._names for name in BESIDE):
            raise ArgumentError(f"the Pyodide in {self.path} has no {', '.join(lacking or BESIDE[1:2])}; {WHERE}")
        if numbers < OLDEST:
            raise ArgumentError(f"the Pyodide in {self.path} has Python {self.python}, and the lab needs 3.11; {WHERE}")
        if not self.has("numpy"):
            raise ArgumentError(f"the Pyodide in {self.path} has no numpy, which the lab needs; {WHERE}")

    def has(self, name: str) -> bool:
        """Whether a package is in the list, and its file there."""
        return canonical(name) in self.packages and self.packages[canonical(name)]["file_name"] in self._names

    def read(self, name: str) -> bytes:
        """A file of it.

        Raises
        ------
        ArgumentError : it cannot be read
        """
        try:
            return bytes(self._read(self._names[name]))
        except (OSError, KeyError, EOFError, zipfile.BadZipFile, tarfile.TarError):
            raise ArgumentError(f"{name} in {self.path} cannot be read; {WHERE}") from None

    def needed(self, names: Iterable[str]) -> dict[str, Any]:
        """The list's entries of some packages, and of all that they depend on.

        Raises
        ------
        ArgumentError : one of them is not there
        """
        found: dict[str, Any] = {}
        todo = [canonical(name) for name in names]
        while todo:
            name = todo.pop()
            if name in found:
                continue
            if not self.has(name):
                raise ArgumentError(f"the Pyodide in {self.path} has no {name}; {WHERE}")
            found[name] = self.packages[name]
            todo += [canonical(other) for other in found[name].get("depends", ())]
        return found

    def copy(self, folder: Path, files: Iterable[str], packages: Mapping[str, Any]) -> None:
        """Write the core, some packages' files, and the list of all packages that the folder has then."""
        for name in [*CORE, *(name for name in BESIDE if name in self._names), *files]:
            write_whole(folder / name, self.read(name))
        write_whole(folder / LOCK, json.dumps({**self.lock, "packages": dict(sorted(packages.items()))}))


def canonical(name: str) -> str:
    """A package's name as lists have it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@contextmanager
def opened(path: str | Path) -> Iterator[Pyodide]:
    """Look at a folder, a .tar.bz2 or a .zip (or a wheel) with Pyodide somewhere in it.

    Raises
    ------
    ArgumentError : it is not there, or not all of Pyodide is
    """
    found = Path(path).expanduser()
    if found.is_dir():
        yield _of_names(
            found, [p.relative_to(found).as_posix() for p in found.rglob("*")], lambda n: (found / n).read_bytes()
        )
        return
    try:
        if zipfile.is_zipfile(found):
            with zipfile.ZipFile(found) as archive:
                yield _of_names(found, archive.namelist(), archive.read)
            return
        with tarfile.open(found) as tar:
            content = {member.name: member for member in tar.getmembers() if member.isfile()}
            kept = _unpacked(tar, content)
    except OSError as error:
        raise ArgumentError(f"there is no Pyodide at {path} ({error.strerror}); {WHERE}") from None
    except (tarfile.TarError, EOFError):
        raise ArgumentError(f"{path} is neither a folder nor an archive with Pyodide in it; {WHERE}") from None
    yield _of_names(found, list(kept), kept.__getitem__)


def _unpacked(tar: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo]) -> dict[str, bytes]:
    """All files beside the list: what is packed as one stream is read once, from front to back."""
    folder = next((PurePosixPath(name).parent for name in members if PurePosixPath(name).name == LOCK), None)
    wanted = (name for name in members if PurePosixPath(name).parent == folder)
    return {name: file.read() for name in wanted if (file := tar.extractfile(members[name])) is not None}


def _of_names(path: Path, names: Iterable[str], read: Any) -> Pyodide:
    """The distribution in the folder where its list is; that nearest to the top."""
    names = list(names)
    lists = sorted((name for name in names if PurePosixPath(name).name == LOCK), key=lambda name: name.count("/"))
    if not lists:
        raise ArgumentError(f"there is no Pyodide in {path}: no file in it is called {LOCK}; {WHERE}")
    folder = PurePosixPath(lists[0]).parent
    return Pyodide(
        path, {PurePosixPath(name).name: name for name in names if PurePosixPath(name).parent == folder}, read
    )
