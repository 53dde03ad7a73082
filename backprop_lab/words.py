"""The words of a command: what is wrong with them, or with what they name, is told in a sentence."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn

from .errors import ArgumentError, LabError


class Words(argparse.ArgumentParser):
    """A parser that raises a sentence where argparse would end the program."""

    def __init__(self, command: str, about: str | None) -> None:
        layout = argparse.RawDescriptionHelpFormatter
        super().__init__(f"backprop-lab {command}", description=about, allow_abbrev=False, formatter_class=layout)

    def error(self, message: str) -> NoReturn:
        usage = " ".join(self.format_usage().removeprefix("usage: ").split())
        raise ArgumentError(f"{message}; write {usage}")


def answered(work: Callable[[list[str]], None], words: list[str]) -> int:
    """Run a command; what is wrong is told in a sentence, and the number is the exit status."""
    try:
        work(words)
    except LabError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, ArgumentError) else 1
    except SystemExit as helped:  # --help has printed
        return int(helped.code or 0)
    return 0
