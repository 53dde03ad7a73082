"""What a test does when a part of the machine is not there."""

import os
import sys
from pathlib import Path
from typing import NoReturn

import pytest


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
