"""Reading what was handed in: notebooks in any layout, and cells by what stands in them. Metadata is a hint at most."""

from __future__ import annotations

import io
import json
import lzma
import os
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ArgumentError

LARGEST = 200_000_000  # bytes of a notebook
CELL, CELLS = 200_000, 2_000  # characters of a cell, cells of a notebook
SOURCES = 2_000_000  # characters of all cells
PIECES = 5_000_000  # lists and objects, or brackets in texts: each may take seventy bytes
MARK = re.compile(r"^[ \t]*#[ \t]*exercise:[ \t]*(\S+)[ \t\r]*$", re.M)
MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_file_?")
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<number>\d+)_\d+_.+", re.I)
ENDING = re.compile(r"\.ipynb(\.txt|\.json)?$", re.I)  # some browsers add one
SKIPPED = {".ipynb_checkpoints", "__MACOSX"}
NESTED = 3  # archives in archives
UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, KeyError, RuntimeError, EOFError, ValueError)
CLOSED = "the zip file cannot be opened; hand in the notebook itself"


@dataclass(frozen=True)
class Submission:
    """One notebook that was handed in.

    Attributes
    ----------
    student : unique in a run: a name, with the platform's number where the layout has one
    place : where it lies, below the folder or in the archive
    file : the file, or the archive that it is in
    members : the way inside archives
    problem : why it cannot be read, if that is known already
    """

    student: str
    place: str
    file: Path
    members: tuple[str, ...] = ()
    name: str = ""
    number: str = ""
    problem: str = ""

    def read(self) -> bytes:
        """The bytes.

        Raises
        ------
        ArgumentError : it is too large, a link, or cannot be read
        """
        if self.problem:
            raise ArgumentError(self.problem)
        try:
            if not self.members and self.file.stat().st_size > LARGEST:
                raise ArgumentError(f"the file is larger than {LARGEST // 1_000_000} MB")
            data = b"" if self.members else self.file.read_bytes()
            source: Any = self.file
            for member in self.members:
                with zipfile.ZipFile(source) as archive:
                    if archive.getinfo(member).file_size > LARGEST:
                        raise ArgumentError(f"{member} is larger than {LARGEST // 1_000_000} MB")
                    data = archive.read(member)
                source = io.BytesIO(data)
            return data
        except UNREADABLE as error:
            raise ArgumentError(f"the file cannot be read: {error}") from None


def find(place: str | Path) -> list[Submission]:
    """All notebooks below a folder, or in a zip archive, in order.

    Parameters
    ----------
    place : flat files, a folder a student, nbgrader's `submitted`, a download of Moodle's or Canvas's, a zip of these

    Raises
    ------
    ArgumentError : there is no such place, or no notebook in it
    """
    place = Path(place)
    if not place.exists():
        raise ArgumentError(f"there is no folder {place}; name the one that holds the notebooks, or a zip file")
    if place.is_file() and place.suffix == ".ipynb":
        found = [File(place.name, place)]
    elif place.is_file() and zipfile.is_zipfile(place):
        found = list(_zipped(File("", place)))
    elif place.is_file():
        raise ArgumentError(f"{place} is neither a notebook nor a zip file; name a folder with notebooks")
    else:
        found = list(_walked(place))
    submissions = [_submission(*pair) for pair in _below(found) if pair[0].counts]
    owners = {s.student for s in submissions}
    for file, parts in _below(found):  # who handed something in, and no notebook
        if not file.counts and _platform(parts) and _submission(file, parts).student not in owners:
            submissions.append(_submission(file, parts))
            owners.add(submissions[-1].student)
    if not owners:
        raise ArgumentError(f"there is no notebook in {place}; their names end in .ipynb")
    return sorted(submissions, key=lambda s: (s.student, s.place))


class File(NamedTuple):
    """A file that was found: its place, where it is, and why it is not read. One that `counts` is a submission."""

    inside: str
    file: Path
    members: tuple[str, ...] = ()
    problem: str = ""
    counts: bool = True


def _walked(root: Path) -> Iterator[File]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            path = Path(folder, name)
            yield from _opened(File(path.relative_to(root).as_posix(), path, (), _is_odd(path)))


def _opened(file: File) -> Iterator[File]:
    """A file, or what is in it if it is an archive."""
    if ENDING.search(file.inside):
        yield file
    elif file.inside.lower().endswith(".zip") and not file.problem and len(file.members) < NESTED:
        try:
            yield from list(_zipped(file._replace(inside=file.inside[:-4])))
        except UNREADABLE:
            yield file._replace(problem=CLOSED)
    else:
        name = file.inside.rpartition("/")[2]
        yield file._replace(problem=f"no notebook was handed in, but {name}", counts=False)


def _is_odd(path: Path) -> str:
    """Why a file is not opened: what it links to may be anybody's."""
    if path.is_symlink():
        return "the file is a link to another one, and links are not followed; hand in the notebook itself"
    return "" if path.is_file() else "this is no file; hand in the notebook itself"


def _zipped(file: File) -> Iterator[File]:
    source: Any = file.file
    for member in file.members:
        with zipfile.ZipFile(source) as archive:
            if archive.getinfo(member).file_size > LARGEST:
                raise ValueError
            source = io.BytesIO(archive.read(member))
    with zipfile.ZipFile(source) as archive:
        infos = archive.infolist()[:100_000]
    for info in infos:
        parts = [part for part in info.filename.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        if info.is_dir() or not parts or SKIPPED & set(parts) or parts[-1].startswith("."):
            continue
        inside = "/".join([file.inside, *parts] if file.inside else parts)
        yield from _opened(File(inside, file.file, (*file.members, info.filename)))


def _below(files: list[File]) -> Iterator[tuple[File, list[str]]]:
    """Each file with the parts of its place; without the first, if all of a platform's download is in one folder."""
    split = [_spelled(file.inside).split("/") for file in files]
    one = len({parts[0] for parts in split}) == 1 and all(len(parts) > 1 for parts in split)
    cut = one and not _platform(split[0]) and any(_platform(parts[1:]) for parts in split)
    return zip(files, (parts[cut:] for parts in split), strict=True)


def _platform(parts: list[str]) -> re.Match[str] | None:
    return MOODLE.match(parts[0]) or CANVAS.fullmatch(parts[0])


def _submission(file: File, parts: list[str]) -> Submission:
    """Whose notebook this is, from where it lies."""
    place, where = _spelled(file.inside), (file.file, file.members)
    if "submitted" in parts[:-2]:  # nbgrader's
        parts = parts[parts.index("submitted") + 1 :]
    platform = _platform(parts)
    if platform is None:
        student = _tidy(parts[0] if len(parts) > 1 else ENDING.sub("", parts[0]))
        return Submission(student, place, *where, student, "", file.problem)
    name, number = _tidy(platform["name"]), platform["number"]
    return Submission(f"{name}_{number}", place, *where, name, number, file.problem)


def _spelled(name: str) -> str:
    """A file's name, also where it is none in UTF-8, as from an old archive."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("cp1252", "replace")
    return name


def _tidy(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFC", name) if c.isprintable())[:120] or "nobody"


# --- cells ------------------------------------------------------------------------------------------------------------


@dataclass
class Notebook:
    """What a notebook comes to for a grader.

    Attributes
    ----------
    cells : number (from 1, of all cells), text, and the ids of the exercises that it says it answers
    problems : sentences about what is odd
    """

    cells: list[list[Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """The exercises that some cell says it answers, or checks."""
        return list(dict.fromkeys([id for _, _, ids in self.cells for id in ids] + self.checked))

    checked: list[str] = field(default_factory=list)


def parse(data: bytes, known: Collection[str]) -> Notebook:
    """The code cells of a notebook.

    Parameters
    ----------
    data : the file
    known : the ids of all exercises

    Raises
    ------
    ArgumentError : it is no notebook
    """
    found = Notebook()
    content = _loaded(data, found)
    cells = content.get("cells")
    if cells is None and isinstance(content.get("worksheets"), list):  # the format before 2015
        cells = [c for sheet in content["worksheets"] if isinstance(sheet, dict) for c in sheet.get("cells") or ()]
    if not isinstance(cells, list):
        raise ArgumentError("this is no notebook: it has no cells; save it in Jupyter and hand it in again")
    _about_kernel(content, found)
    room = SOURCES
    for number, cell in enumerate(cells[:CELLS], start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = _source(cell)
        if source is None or len(source) > CELL or len(source) > room:
            found.problems.append(f"cell {number} is too long or has no text, and was left out")
            continue
        room -= len(source)
        ids = _ids(cell, source, number, known, found)
        if not _only_checks(source):
            found.cells.append([number, source, ids])
        else:
            found.checked += ids
    if len(cells) > CELLS:
        found.problems.append(f"the notebook has {len(cells)} cells; those after {CELLS} were left out")
    return found


def _loaded(data: bytes, found: Notebook) -> dict[str, Any]:
    content: Any = None
    if data.count(b"[") + data.count(b"{") > PIECES:
        raise ArgumentError("the notebook is made of too many pieces; clear its outputs and hand it in again")
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            content = json.loads(data.decode(encoding))
        except (UnicodeDecodeError, RecursionError):
            continue
        except ValueError:
            ends = data.lstrip()[:1] == b"{" and data.rstrip()[-1:] != b"}"
            why = "the file ends in the middle" if ends else "it cannot be read as one"
            raise ArgumentError(f"this is no notebook: {why}; save it in Jupyter and hand it in again") from None
        if encoding not in ("utf-8-sig",):
            found.problems.append(f"the file is not in UTF-8; it was read as {encoding}")
        break
    if not isinstance(content, dict):
        raise ArgumentError("this is no notebook: it cannot be read as one; save it in Jupyter and hand it in again")
    return content


def _about_kernel(content: dict[str, Any], found: Notebook) -> None:
    metadata = content.get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    spec = spec if isinstance(spec, dict) else {}
    language = str(spec.get("language") or "python")
    if language.lower() != "python" or "python" not in str(spec.get("name", "python")).lower():
        found.problems.append(
            f"the notebook's kernel is {spec.get('name', language)!s:.40}; its cells were run in Python"
        )


def _source(cell: dict[str, Any]) -> str | None:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    return source.encode("utf-8", "replace").decode() if isinstance(source, str) else None


def _ids(cell: dict[str, Any], source: str, number: int, known: Collection[str], found: Notebook) -> list[str]:
    """The exercises that a cell says it answers: by its text, or where that has none, by its metadata."""
    ids = []
    for written in dict.fromkeys(MARK.findall(source)):
        id = _folded(written)
        if id not in known:
            found.problems.append(f"cell {number} says that it answers {written[:40]}, and there is no such exercise")
        else:
            if id != written:
                found.problems.append(f"cell {number}: {ascii(written)[1:-1][:60]} was read as {id}")
            ids.append(id)
    if ids or MARK.search(source):
        return ids
    metadata = cell.get("metadata")
    entry = metadata.get("backprop_lab") if isinstance(metadata, dict) else None
    meant = entry.get("exercise") if isinstance(entry, dict) and entry.get("role") == "answer" else None
    return [meant] if isinstance(meant, str) and meant in known else []


def _folded(text: str) -> str:
    """Without look-alikes of other widths, and without characters that show nothing."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in ("Cf", "Cc", "Mn"))


def _only_checks(source: str) -> bool:
    lines = [line.strip() for line in source.split("\n")]
    code = [line for line in lines if line and not line.startswith("#")]
    return bool(code) and all(
        re.match(r'bl\.(check|hint)\(|bl\.exercises\["[^"]*"\]\.question\(\)$', line) for line in code
    )
