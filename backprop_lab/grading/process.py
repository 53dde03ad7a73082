"""Processes for students' code: a warm one that forks, or where there is no fork a new one for each notebook."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ..errors import SaveError
from .fence import TIERS
from .limits import Limits
from .wire import Channel, Clock

KEPT = ("PATH", "HOME", "SYSTEMROOT", "TMPDIR", "LD_LIBRARY_PATH")  # of the environment, where Python may need it
START = "import sys; sys.path[:] = {path!r}; from backprop_lab.grading import {module} as m; m.main({args})"
THREADS = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")}


class Running(NamedTuple):
    """A student's process: the way to it, its number, and the clock that says when its time is up."""

    channel: Channel
    pid: int
    clock: Clock


class Started(Protocol):
    """What gives processes for notebooks."""

    tier: str

    def start(self) -> Running:
        """A new process for a notebook."""

    def stop(self, running: Running) -> dict[str, Any]:
        """End it, and all that it started; how it ended and what it used."""

    def close(self) -> None:
        """End everything."""


def environment() -> dict[str, str]:
    """What is left of the environment: nothing that a student's code should know."""
    return {"PATH": os.defpath, "MPLBACKEND": "agg", "PYTHONHASHSEED": "0", "HOME": tempfile.gettempdir()} | THREADS


def _command(module: str, *args: Any) -> list[str]:
    here = str(Path(__file__).resolve().parents[2])
    path = [here, *(entry for entry in sys.path if entry and entry != here)]
    text = START.format(path=path, module=module, args=", ".join(map(repr, args)))
    return [sys.executable, "-I", "-B", "-X", "faulthandler=0", "-c", text]


def _clock(pid: int, limits: Limits) -> Clock:
    return Clock(pid, limits.cell + 1, limits.wait, limits.wall, limits.memory)


class Forked:
    """The warm process, as seen from the grader.

    Parameters
    ----------
    limits : what each notebook may use
    most : a tier of `fence.TIERS` that is not to be exceeded
    """

    def __init__(self, limits: Limits, most: str = TIERS[0]) -> None:
        self.limits = limits
        self.work = Path(tempfile.mkdtemp(prefix="backprop-lab-grade-"))
        self.work.chmod(0o711)
        self.end, theirs = socket.socketpair()
        command = _command("warm", theirs.fileno(), str(self.work), asdict(limits), most)
        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "cwd": "/"}
        try:
            self.process = subprocess.Popen(command, env=environment(), pass_fds=[theirs.fileno()], **quiet)
        except OSError:
            self.end.close()
            shutil.rmtree(self.work, ignore_errors=True)
            raise
        finally:
            theirs.close()
        self.rest = b""
        try:
            self.tier: str = self._reply()["tier"]
        except SaveError:
            self.close()
            raise

    def _reply(self) -> dict[str, Any]:
        while b"\n" not in self.rest:
            part = self.end.recv(4096)
            if not part:
                raise SaveError("the process that starts students' notebooks has ended; begin the grading anew")
            self.rest += part
        line, _, self.rest = self.rest.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def start(self) -> Running:
        """Fork a process for a notebook."""
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self.end, [b'{"start": 1}'], [theirs.fileno()])
            pid = self._reply()["pid"]
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        clock = _clock(pid, self.limits)
        return Running(Channel(ours, clock), pid, clock)

    def stop(self, running: Running) -> dict[str, Any]:
        """End it, and all that it started; how it ended and what it used."""
        running.channel.close()
        self.end.sendall(json.dumps({"stop": running.pid}).encode())
        return self._reply()

    def close(self) -> None:
        """End everything and remove what is left on the disk."""
        self.end.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.work, ignore_errors=True)


class Spawned:
    """A new Python for each notebook: slower, and the same result, where no process can be forked."""

    tier = "limits"

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.work = Path(tempfile.mkdtemp(prefix="backprop-lab-grade-"))
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self.count = 0

    def start(self) -> Running:
        """Start a Python that calls back on a port of this machine, and says a word that only it knows."""
        self.count += 1
        folder = self.work / str(self.count)
        folder.mkdir(mode=0o700)
        word = os.urandom(16)
        with socket.create_server(("127.0.0.1", 0)) as server:
            command = _command("spawned", server.getsockname()[1], str(folder), asdict(self.limits))
            streams: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            more = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
            process = subprocess.Popen(command, env=environment() | more, start_new_session=True, **streams)
            assert process.stdin is not None
            process.stdin.write(word)
            process.stdin.close()
            server.settimeout(60)
            ours = _called_by(server, word)
        self.processes[process.pid] = process
        clock = _clock(process.pid, self.limits)
        return Running(Channel(ours, clock), process.pid, clock)

    def stop(self, running: Running) -> dict[str, Any]:
        """End it and its group; how it ended."""
        running.channel.close()
        process = self.processes.pop(running.pid)
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(running.pid, 9)
        process.kill()
        status = process.wait()
        shutil.rmtree(self.work / str(self.count), ignore_errors=True)
        return {"status": status if status >= 0 else 128 - status, "memory": 0, "seconds": 0.0}

    def close(self) -> None:
        """End everything."""
        for pid in list(self.processes):
            self.processes.pop(pid).kill()
        shutil.rmtree(self.work, ignore_errors=True)


def _called_by(server: socket.socket, word: bytes) -> socket.socket:
    while True:
        end, _ = server.accept()
        end.settimeout(10)
        said = b""
        while len(said) < len(word) and (part := end.recv(len(word) - len(said))):
            said += part
        if said == word:
            return end
        end.close()
