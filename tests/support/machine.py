"""What a test does when a part of the machine is not there, or busy with something else."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest

T = TypeVar("T")


def with_kernels(run: Callable[[], T], tries: int = 3) -> T:
    """What a run of notebooks answers. A kernel is told ports that were free a moment ago; where another process was
    quicker it dies ("Address already in use"), and all is run once more."""
    try:
        return run()
    except (AssertionError, RuntimeError) as error:
        died = any(words in str(error) for words in ("Address already in use", "Kernel died before replying"))
        if not died or tries == 1:
            raise
    return with_kernels(run, tries - 1)


def missing(sentence: str) -> NoReturn:
    """Skip the test and say what it needs; where CI is set the machine must be whole, and the test fails."""
    if os.environ.get("CI", "").lower() not in ("", "0", "false"):
        pytest.fail(sentence)
    pytest.skip(sentence)


def python_of(name: str, what: str) -> Path:
    """The Python of `.venv/NAME`, or of what the variable NAME says; `what` is lacking without it."""
    python = Path(os.environ.get(name.upper()) or Path(sys.prefix) / name / "bin/python")
    if not python.exists():
        missing(f"{what} not here; make test brings it into .venv/{name}")
    return python
