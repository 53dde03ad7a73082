"""Python's files of a site, compiled before they are there: compiling is most of what a browser's Python does at first.

Only a Python of the same version can: the one that makes the site, or one that is on the PATH. Where there is none, the
site works, and starts more slowly. Files keep their text, which errors quote.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ..files import write_whole
from .lite_packages import EARLIEST
from .lite_pyodide import LIBRARY, LOCK

# Who needs them compiles them: of many languages' grammars two are used, and of tests none.
LEFT = ("pygments/lexers/", "pygments/styles/", "tests/", "testing/", "f2py/", "distutils/", "_pyrepl/", "idlelib/")


def compiler(version: str) -> str | None:
    """A Python of this version (its first two numbers count) that is at hand."""
    wanted = ".".join(version.split(".")[:2])
    for found in (sys.executable, shutil.which(f"python{wanted}")):
        asked = [found or "", "-I", "-c", "import sys; print('.'.join(map(str, sys.version_info[:2])))"]
        if found and subprocess.run(asked, capture_output=True, text=True).stdout.strip() == wanted:
            return found
    return None


def compile_all(home: Path, version: str) -> bool:
    """Put beside each file of Python in Pyodide's folder what it compiles to; whether a Python for that is at hand."""
    python = compiler(version)
    if python is None:
        return False
    lock = json.loads((home / LOCK).read_text("utf-8"))
    archives = [home / LIBRARY, *(home / entry["file_name"] for entry in lock["packages"].values())]
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        texts = [path for path in archives if zipfile.is_zipfile(path) and _unpack(path, work / path.name)]
        library = f"/lib/python{''.join(version.split('.')[:2])}.zip"  # its name there, which errors quote
        for path in texts:
            folder = work / path.name
            place = ["-s", str(folder), "-p", library if path.name == LIBRARY else ""]
            command = [python, "-I", "-m", "compileall", "-qq", "--invalidation-mode", "unchecked-hash", *place]
            subprocess.run([*command, str(folder)])  # what is no Python of this version stays as it is
            _add(path, folder, inside=path.name != LIBRARY)
    for entry in lock["packages"].values():
        entry["sha256"] = hashlib.sha256((home / entry["file_name"]).read_bytes()).hexdigest()
    write_whole(home / LOCK, json.dumps(lock))
    return True


def _unpack(path: Path, folder: Path) -> bool:
    """The files of an archive that are to be compiled; whether there are any."""
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if n.endswith(".py") and not any(part in n for part in LEFT)]
        archive.extractall(folder, names)
    return bool(names)


def _add(path: Path, folder: Path, inside: bool) -> None:
    """Write an archive anew, with what was compiled: in the folders where Python looks (`inside`), or beside the text,
    where it looks in a library that is one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info, old.read(info))
        for name, content in _compiled(folder, inside):
            new.writestr(zipfile.ZipInfo(name, EARLIEST), content, zipfile.ZIP_DEFLATED)
    write_whole(path, packed.getvalue())


def _compiled(folder: Path, inside: bool) -> Iterator[tuple[str, bytes]]:
    for made in sorted(folder.rglob("__pycache__/*.pyc")):
        name = made.relative_to(folder).as_posix()
        yield name if inside else _beside(name), made.read_bytes()


def _beside(name: str) -> str:
    """The place beside its text of what lies in the folder for it."""
    path = PurePosixPath(name)
    return (path.parents[1] / f"{path.name.partition('.')[0]}.pyc").as_posix()
