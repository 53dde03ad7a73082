"""What a test of exercises begins with, as a new student does: an empty folder, and no name given to `bl.seed`.

Import it by name and it is used by all tests of the module.
"""

import pytest

from backprop_lab.exercises import base

__all__ = ["own_folder"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(base, "_seed", "")
