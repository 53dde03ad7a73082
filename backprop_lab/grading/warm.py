"""A process that has loaded everything once and forks a child for each notebook; it never runs a line of a student's.

It is started by `exec`, so nothing of the grader's memory is in it, and never loads a lesson's exercises. The grader
asks for a child with a socket that becomes the child's; when it has finished, the child and all that it left are ended.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..source import frames
from . import child
from .fence import Fence
from .limits import Limits
from .standins import holds_answers
from .wire import Channel

QUICK: tuple[str, ...] = ("backprop_lab.exercises", "backprop_lab.derivatives.jacobians", "backprop_lab.graph.paths")
QUICK += ("backprop_lab.compiled.program", "backprop_lab.derivatives.custom", "backprop_lab.mistakes.separation")
QUICK += ("symtable", "fractions", "decimal", "random", "itertools", "functools", "collections", "statistics")


class Warm:
    """The loop of the warm process."""

    def __init__(self, end: socket.socket, work: Path, limits: Limits, most: str) -> None:
        self.end, self.work, self.limits = end, work, limits
        self.fence = Fence(work, limits, most)
        self.fence.adopt()
        self.running: dict[int, tuple[int, Path]] = {}
        self.count = 0

    def serve(self) -> None:
        """Do what the grader says until it hangs up; then end all children."""
        with contextlib.suppress(OSError):  # the grader may have been killed at any moment
            self._say(tier=self.fence.tier)
            while True:
                data, ends, *_ = socket.recv_fds(self.end, 4096, 1)
                if not data:
                    break
                wish = json.loads(data)
                if "stop" in wish:
                    self._say(**self._stop(wish["stop"]))
                else:
                    self._say(pid=self._start(ends[0]))
        for pid in list(self.running):
            self._stop(pid)
        shutil.rmtree(self.work, ignore_errors=True)

    def _say(self, **words: Any) -> None:
        self.end.sendall(json.dumps(words).encode() + b"\n")

    def _start(self, end: int) -> int:
        """Fork a child that serves on this socket, behind a process that waits for it; the child's number."""
        self.count += 1
        folder = self.work / f"{self.count}"
        folder.mkdir(mode=0o700)
        number, told = os.pipe()
        waiter = os.fork()
        if not waiter:
            self._wait(end, folder, number, told)
        os.close(end)
        os.close(told)
        pid = int(os.read(number, 20) or b"0")
        os.close(number)
        self.running[pid] = waiter, folder
        return pid

    def _wait(self, end: int, folder: Path, number: int, told: int) -> None:
        """In between: new namespaces, the child, its number, its end."""
        status = 1
        try:
            self.end.close()
            os.setsid()
            own = os.getpid()
            with contextlib.suppress(OSError):
                self.fence.apart()
            pid = os.fork()
            if not pid:
                os.close(told)
                self._child(end, folder, own)
            os.close(end)
            os.write(told, str(pid).encode())
            os.close(told)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        finally:
            os._exit(status if status >= 0 else 128 - status)

    def _child(self, end: int, folder: Path, own: int) -> None:
        try:
            keep = {end} | ({self.fence.landlock.rules} if self.fence.landlock else set())
            for fd in [int(name) for name in os.listdir("/proc/self/fd")] if os.path.isdir("/proc/self/fd") else []:
                if fd > 2 and fd not in keep:
                    with contextlib.suppress(OSError):
                        os.close(fd)
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            for standard in range(3):
                os.dup2(nothing, standard)
            os.close(nothing)
            channel = Channel(socket.socket(fileno=end))
            try:
                self.fence.enter(folder, own)
            except OSError as error:
                channel.send(["failed", str(error)])
                return
            child.serve(channel, self.limits)
        finally:
            os._exit(1)

    def _stop(self, pid: int) -> dict[str, Any]:
        """End a child and all that it started, and remove its folder; how it ended and what it used."""
        waiter, folder = self.running.pop(pid)
        if pid:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        _, status, usage = os.wait4(waiter, 0)
        for orphan in self._orphans():
            with contextlib.suppress(OSError):
                os.kill(orphan, signal.SIGKILL)
            with contextlib.suppress(OSError):
                os.waitpid(orphan, 0)
        shutil.rmtree(folder, ignore_errors=True)
        code = os.waitstatus_to_exitcode(status)
        return {"status": code, "memory": usage.ru_maxrss // 1024, "seconds": usage.ru_utime + usage.ru_stime}

    def _orphans(self) -> Iterator[int]:
        """What students' processes have left, until nothing is left."""
        waiters = {waiter for waiter, _ in self.running.values()}
        path = Path(f"/proc/self/task/{os.getpid()}/children")
        while path.exists():
            found = [int(word) for word in path.read_text().split() if int(word) not in waiters]
            if not found:
                return
            yield from found


def main(end: int, work: str, limits: dict[str, Any], most: str) -> None:
    """What the new process runs: see `grader.Process`."""
    import importlib

    for name in QUICK:
        importlib.import_module(name)
    assert not any(map(holds_answers, list(sys.modules.values()))), "a lesson's exercises were loaded"
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C is the grader's; it hangs up
    frames.is_students("")  # which reads how Python was built
    gc.collect()
    gc.freeze()
    Warm(socket.socket(fileno=end), Path(work), Limits(**limits), most).serve()
