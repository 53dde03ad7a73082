"""WebAssembly that is compiled once: what comes of it is kept on the disk."""

from __future__ import annotations

import hashlib
import importlib.util
import platform
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import LabError
from ..files import write_whole


def compiled_once(engine: Any, binary: bytes, name: str) -> Any:
    """A module of WebAssembly, compiled once for all users of this installation.

    It is kept where Python keeps the lab's own compiled modules. Who may write there may change the lab itself, so
    what is found is no less safe than the lab; where nobody may, each user's cache has it. wasmtime refuses what
    another version of it has made, or another processor needs.
    """
    import wasmtime

    made_of = hashlib.sha256(binary + version("wasmtime").encode() + platform.machine().encode()).hexdigest()[:16]
    folder = Path(importlib.util.cache_from_source(__file__)).parent
    kept = folder / f"{name}.{made_of}.cwasm"
    with suppress(OSError, wasmtime.WasmtimeError):
        return wasmtime.Module.deserialize(engine, kept.read_bytes())
    module = wasmtime.Module(engine, binary)
    with suppress(OSError, LabError):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(kept, bytes(module.serialize()))
        for older in folder.glob(f"{name}.*.cwasm"):
            if older != kept:
                older.unlink()
    return module
