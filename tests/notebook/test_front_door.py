"""The link that JupyterLab prints."""

from types import SimpleNamespace

import pytest

from backprop_lab.notebook.front_door import encrypt, link


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "http://localhost:8889/lab/tree/my%20notes/00%20first.ipynb?token=abc"),
        ({"file_to_run": ""}, "http://localhost:8889/lab?token=abc"),
        ({"token": ""}, "http://localhost:8889/lab/tree/my%20notes/00%20first.ipynb"),
        ({"base_url": "/user/me/"}, "http://localhost:8889/user/me/lab/tree/my%20notes/00%20first.ipynb?token=abc"),
        (
            {"ip": "0.0.0.0", "public_url": "https://0.0.0.0:443/lab?token=..."},
            "https://localhost:443/lab/tree/my%20notes/00%20first.ipynb?token=abc",
        ),
        (
            {"custom_display_url": "https://h.org", "public_url": "https://h.org/lab", "ip": "0.0.0.0"},
            "https://h.org/lab/tree/my%20notes/00%20first.ipynb?token=abc",
        ),
    ],
)
def test_the_link_fits_the_server(changed, expected):
    server = {"public_url": "http://localhost:8889/lab?token=...", "ip": "localhost", "base_url": "/"}
    server |= {"file_to_run": "/home/me/my notes/00 first.ipynb", "root_dir": "/home/me", "custom_display_url": ""}
    server |= changed
    identity = SimpleNamespace(token=server.pop("token", "abc"))
    assert link(SimpleNamespace(**server, identity_provider=identity)) == expected


@pytest.mark.parametrize("own", [None, "disabled"])
def test_kernels_are_spoken_to_in_cipher_where_jupyter_can(own):
    """A kernel that is not writes three lines of warning for each notebook; who has set this themselves keeps it."""
    from jupyter_client.manager import KernelManager
    from traitlets.config import Config

    config = Config()
    if own:
        config.KernelManager.transport_encryption = own
    encrypt(SimpleNamespace(config=config))
    manager = KernelManager(config=config)
    assert getattr(manager, "transport_encryption", "auto") == (own or "auto")
