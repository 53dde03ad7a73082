"""Runs as logs that TensorBoard opens, written by its own writer: an extra, `pip install "backprop-lab[tensorboard]"`.

run.to_tensorboard("logs/adam")
tensorboard --logdir logs         several runs on one another, each in its folder
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable
from pathlib import Path

from ..errors import ArgumentError, SaveError


def write(folder: str | os.PathLike[str], curves: dict[str, Iterable[tuple[int, float]]]) -> Path:
    """Write curves, pairs of a step and a number by name, into a folder that TensorBoard opens; returns the folder.

    Raises
    ------
    ArgumentError : TensorBoard is not installed
    SaveError : nothing can be written there
    """
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    except ImportError:
        raise ArgumentError(
            "logs are written by TensorBoard itself, which is not installed; write "
            'pip install "backprop-lab[tensorboard]"'
        ) from None
    try:
        writer, now = EventFileWriter(os.fspath(folder)), time.time()
        for name, pairs in curves.items():
            for step, number in pairs:
                if math.isfinite(number):
                    value = Summary.Value(tag=name, simple_value=number)
                    writer.add_event(Event(step=step, wall_time=now, summary=Summary(value=[value])))
        writer.close()
    except OSError as error:
        raise SaveError(f"{folder} cannot be written: {error.strerror}; choose another folder") from None
    return Path(folder)
