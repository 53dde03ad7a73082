"""Run a notebook for a page: in a kernel of its own, in an empty folder, with players that live in the page."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from ..errors import ArgumentError
from ..widgets.embedded import VARIABLE

LONGEST = 1200  # seconds that a cell may take; by the wall, because a kernel that waits for somebody takes none


def read(path: Path) -> Any:
    """A notebook of a file, of format 4.

    Raises
    ------
    ArgumentError : there is none, or it is no notebook
    """
    import nbformat

    try:
        return nbformat.read(path, 4)
    except OSError as error:
        raise ArgumentError(f"{path} could not be read: {error.strerror}; name a notebook, as in mine.ipynb") from None
    except Exception as error:  # whatever a reader says of what is no notebook
        raise ArgumentError(f"{path} is no notebook ({type(error).__name__}); save it in Jupyter first") from None


def run(path: Path, notebook: Any) -> Any:
    """The notebook with its outputs; what was read is changed.

    Raises
    ------
    ArgumentError : a cell fails
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    environment = os.environ | {VARIABLE: "page"}
    with tempfile.TemporaryDirectory() as folder:  # a check keeps the best score beside the notebook
        resources = {"metadata": {"path": folder}}
        options: dict[str, Any] = {"timeout": LONGEST, "store_widget_state": False, "coalesce_streams": True}
        client = NotebookClient(notebook, resources=resources, kernel_name="python3", **options)
        try:
            asyncio.run(client.async_execute(env=environment, stderr=subprocess.DEVNULL))  # closes what it opened
        except CellExecutionError as error:
            said = f"{error.ename}: {error.evalue}"
            raise ArgumentError(f"a cell of {path.name} fails: {said:.300}; run it in Jupyter first") from None
        except (CellTimeoutError, DeadKernelError) as error:
            raise ArgumentError(f"{path.name} did not come to its end: {str(error).splitlines()[0]:.300}") from None
    return notebook
