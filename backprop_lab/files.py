"""Write a file whole or not at all: what stood there before stays until the new one is complete."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import SaveError


def write_whole(path: str | Path, content: str | bytes) -> Path:
    """Write a text (as UTF-8) or bytes to a file, beside it first and then in its place.

    Raises
    ------
    SaveError : the folder is missing, the path is a folder, or writing is not allowed there
    """
    target = Path(path).expanduser()
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        target = target.resolve() if target.is_symlink() else target  # the link stays a link
        folder = target.parent
        if not folder.is_dir():
            way_out = f'make it first: Path("{folder.as_posix()}").mkdir(parents=True)'
            raise SaveError(f"there is no folder {folder}; {way_out}")
        if target.is_dir():
            raise SaveError(f"{path} is a folder; give the name of a file in it")
        beside = folder / f".{target.name[:60]}.{os.getpid()}.part"
        try:
            beside.write_bytes(data)
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    except SaveError:
        raise
    except PermissionError:
        raise SaveError(f"{target} may not be written; save it in a folder of yours") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SaveError(f"{target} could not be written: {reason}") from None
    return target
