"""What `backprop-lab lab` adds to JupyterLab's server: one link on the screen, which opens the lesson.

The server calls `_load_jupyter_server_extension` while it starts, because backprop_lab/jupyter says so. Only then are
the port and the token known.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit


def link(server: Any) -> str:
    """The address of the notebook that a Jupyter server was started with, or of its folder, with the token."""
    place = urlsplit(server.public_url)
    host = "localhost" if server.ip in ("", "0.0.0.0", "::") and not server.custom_display_url else place.hostname
    netloc = place.netloc.replace(place.hostname or "", host or "", 1)
    path = server.base_url.rstrip("/") + "/lab"
    if server.file_to_run:
        notebook = os.path.relpath(server.file_to_run, server.root_dir)
        path += f"/tree/{quote(Path(notebook).as_posix())}"
    token = server.identity_provider.token
    return place._replace(netloc=netloc, path=path, query=urlencode({"token": token}) if token else "").geturl()


def encrypt(kernels: Any) -> None:
    """Kernels that start from now on are spoken to in cipher, where Jupyter can; else each of them warns of it."""
    import zmq
    from jupyter_client.manager import KernelManager

    if KernelManager.class_traits().get("transport_encryption") and zmq.has("curve"):
        kernels.config.KernelManager.setdefault("transport_encryption", "auto")


def _load_jupyter_server_extension(server: Any) -> None:
    """Print the link once the server answers."""
    encrypt(server.kernel_manager)
    words = "The lab is open; Ctrl-C here closes it. This link opens it in a browser:"
    server.io_loop.add_callback(lambda: print(f"{words}\n\n    {link(server)}\n", flush=True))


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "backprop_lab.notebook.front_door"}]
