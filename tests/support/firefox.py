"""The distribution's Firefox, which Playwright does not drive: a page of ours walks there and sends what it saw."""

from __future__ import annotations

import contextlib
import json
import queue
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from support.machine import missing


def firefox() -> str:
    """Where Firefox is; without it the test is skipped, and fails where CI is set."""
    found = shutil.which("firefox-esr") or shutil.which("firefox")
    return found or missing("No Firefox was found; this brings one: apt-get install firefox-esr")


@contextlib.contextmanager
def opened(page: str, width: int = 1280, height: int = 900) -> Iterator[queue.Queue]:
    """A page in Firefox. The queue gets what it sends by `fetch("/", {method: "POST", body: JSON.stringify(...)})`."""
    got: queue.Queue = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(page.encode() if self.path == "/" else b"")

        def do_POST(self) -> None:
            got.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as profile:
        command = [firefox(), "--headless", "--no-remote", "--profile", profile]
        size = [f"--width={width}", f"--height={height}"]
        address = f"http://127.0.0.1:{server.server_port}/"
        process = subprocess.Popen([*command, *size, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield got
        finally:
            process.terminate()
            process.wait()
            server.shutdown()
            server.server_close()
