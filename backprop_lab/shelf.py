"""Where the lessons' notebooks are and which one is meant, and the files of the lab itself, which travel with them.

The notebooks are in a checkout, or in the folder that a command runs in; the files go to graders and sites, too.
"""

from __future__ import annotations

from pathlib import Path

from .errors import ArgumentError

HERE = Path(__file__).parent
FIRST = "00_start_here.ipynb"
COMPILED = (".so", ".pyd", ".dll", ".dylib", ".pyc", ".pyo")  # for one machine, or made anew on each


def notebooks() -> Path | None:
    """The folder with the lessons, or None."""
    for folder in (HERE.parent / "notebooks", Path.cwd() / "notebooks", Path.cwd()):
        if (folder / FIRST).exists():
            return folder
    checkout = HERE.parent / "notebooks"
    return checkout if (HERE.parent / "pyproject.toml").exists() and checkout.is_dir() else None


def lessons() -> list[Path]:
    """The lessons' files, in order.

    Raises
    ------
    ArgumentError : there are none here
    """
    folder = notebooks()
    if folder is None:
        raise ArgumentError("there are no lessons here; run this in a checkout of backprop_lab, or name a file")
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


def lesson(name: str) -> Path:
    """A notebook's file: as it is named, or the lesson whose name begins like this (03, 03_reverse_mode).

    Raises
    ------
    ArgumentError : no notebook is called like this, or several are
    """
    if name.endswith(".ipynb") and Path(name).exists():
        return Path(name)
    known = lessons()
    found = [path for path in known if path.stem.startswith(name.removesuffix(".ipynb"))]
    if len(found) != 1:
        names = ", ".join(path.stem for path in known)
        raise ArgumentError(f"there is no notebook {name} here; name a file, or one of {names}")
    return found[0]


def own_files() -> dict[str, Path]:
    """The files of the lab in order, by their names from the folder above; without what this machine made of them."""
    found = (path for path in sorted(HERE.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(HERE.parent).as_posix(): path for path in found if path.suffix not in COMPILED}
