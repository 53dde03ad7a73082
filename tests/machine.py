"""What a test does when a part of the machine is not there."""

import os
from typing import NoReturn

import pytest


def missing(sentence: str) -> NoReturn:
    """Skip the test and say what it needs; where CI is set the machine must be whole, and the test fails."""
    if os.environ.get("CI", "").lower() not in ("", "0", "false"):
        pytest.fail(sentence)
    pytest.skip(sentence)
