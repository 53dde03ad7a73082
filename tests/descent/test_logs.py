"""Logs for TensorBoard: written by its writer, opened by its own reader. Both are an extra."""

import importlib
import sys

import numpy as np
import pytest
from support.machine import missing

import backprop_lab as bl


def run_of(**more):
    x = np.arange(8.0)
    return bl.descend(lambda w, x: (w - x) ** 2, 9.0, "momentum", 0.05, data=x, batch=4, epochs=3, **more)


def tensorboard(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        missing("TensorBoard is not here; the extra test brings it")


def test_tensorboard_opens_what_is_written(tmp_path):
    reader = tensorboard("tensorboard.backend.event_processing.event_accumulator")
    run = run_of(validation=np.arange(4.0), patience=9, schedule="rate / t")
    assert run.to_tensorboard(tmp_path / "logs") == tmp_path / "logs"
    found = reader.EventAccumulator(str(tmp_path / "logs"))
    found.Reload()

    def curve(name):
        return [event.step for event in found.Scalars(name)], [event.value for event in found.Scalars(name)]

    assert curve("loss") == ([0, 1, 2, 3, 4, 5], pytest.approx(run.values))
    assert curve("rate") == ([0, 1, 2, 3, 4, 5], pytest.approx(run.rates))
    assert curve("loss on all data") == ([0, 2, 4, 6], pytest.approx([y for _, y in run.losses]))
    assert curve("loss on validation data") == ([0, 2, 4, 6], pytest.approx([y for _, y in run.checks]))
    assert curve("length of the gradient")[1] == pytest.approx([abs(g) for g in run.gradients])


def test_a_folder_that_is_none(tmp_path):
    tensorboard("tensorboard")
    (tmp_path / "file").write_text("")
    with pytest.raises(bl.SaveError, match="cannot be written"):
        run_of().to_tensorboard(tmp_path / "file")


def test_without_tensorboard_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    for name in ("tensorboard", "tensorboard.compat.proto.event_pb2"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(bl.ArgumentError, match=r'pip install "backprop-lab\[tensorboard\]"'):
        run_of().to_tensorboard(tmp_path / "logs")
