"""Starts kernels that are spoken to through files instead of ports, in all processes of the tests (conftest.py).

A kernel is told ports that were free a moment ago; on a busy machine another process takes one in between, and the
kernel dies. A file in a new folder is nobody else's. Jupyter finds this class by the entry point beside it, from all
versions that the tests use.
"""

import shutil
import tempfile
from pathlib import Path

from jupyter_client.provisioning import LocalProvisioner


class LocalSockets(LocalProvisioner):
    """Jupyter's own way to start a kernel on this machine, but for where it listens."""

    async def pre_launch(self, **options):
        manager = self.parent
        if manager.transport != "ipc":  # else it is a restart, and clients know the files
            # A socket's whole path has room for a hundred letters, and the folder of a connection file may be deep.
            manager.ip = str(Path(tempfile.mkdtemp(prefix="kernel_"), "at"))
            manager.transport, manager.cache_ports = "ipc", False
        return await super().pre_launch(**options)

    async def cleanup(self, restart=False):
        await super().cleanup(restart)
        if not restart:
            shutil.rmtree(Path(self.parent.ip).parent, ignore_errors=True)
