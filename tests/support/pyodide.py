"""Pyodide for tests: the real one that `make test-wide` fetches, and one of a few bytes; a server of files alone."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from support.machine import missing

LOCK = "pyodide-lock.json"


def pyodide() -> Path:
    """The real one; the variable PYODIDE names another."""
    named = os.environ.get("PYODIDE")
    found = [Path(named)] if named else sorted((Path(sys.prefix) / "pyodide").glob("*.whl"))
    if not found or not found[0].exists():
        missing("there is no Pyodide here; make test-wide fetches one into .venv/pyodide, and needs PyPI for that")
    return found[0]


def small_pyodide(folder: Path, without: tuple[str, ...] = (), python: str = "3.99.0") -> Path:
    """A distribution whose files say their names: numpy and what it depends on; its Python is nowhere at hand."""
    folder.mkdir(parents=True, exist_ok=True)
    packages = {
        "numpy": {"depends": ["openblas"], "file_name": "numpy.whl"},
        "openblas": {"depends": [], "file_name": "openblas.zip"},
        "scipy": {"depends": ["numpy"], "file_name": "scipy.whl"},
    }
    lock = {"info": {"version": "0.27.7", "python": python}, "packages": packages}
    files = {LOCK: json.dumps(lock), **{entry["file_name"]: name for name, entry in packages.items()}}
    files |= {name: name for name in ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")}
    for name in files.keys() - set(without):
        (folder / name).write_text(files[name], "utf-8")
    return folder


class Files(http.server.SimpleHTTPRequestHandler):
    """Files as they are; a browser asks again whether they are still so."""

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Where a folder is to be had."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=str(folder)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
