"""Which cell of a notebook runs now, and how to say something there while one waits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Cell = tuple[str, str]  # the cell's id, and the id of its run


def running_cell() -> Cell | None:
    """The notebook's cell that runs now; None where there is no notebook, or its front end does not say."""
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    try:
        parent = shell.kernel.get_parent("shell")
        return str(parent["metadata"]["cellId"]), str(parent["header"]["msg_id"])
    except (AttributeError, KeyError, TypeError):
        return None


@contextmanager
def saying(sentence: str) -> Iterator[None]:
    """Show a sentence in the running cell until the block ends; nothing where no front end looks on."""
    if running_cell() is None:
        yield
        return
    from IPython.display import display

    shown = display({"text/plain": sentence}, raw=True, display_id=True)
    try:
        yield
    finally:
        shown.update({}, raw=True)  # what is left is an output without anything in it
