"""A real JupyterLab for tests, and the few things that a test does with it.

    def test_something(page, server):  # fixtures: one server and one tab for all tests of a process
        write(server.folder / "mine.ipynb", ["import backprop_lab as bl"])
        open_notebook(page, server, "mine.ipynb")
        run_all(page)

JupyterLab is driven through its own command registry, not through its menus, which move between versions.
"""

import contextlib
import json
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from backprop_lab.cli import jupyterlab_command, jupyterlab_environment

PATIENCE = 240_000  # milliseconds; a busy machine is slow, and that is no failure
# Waiting for the kernel matters: "run all cells" before it is connected runs nothing, and never says so.
READY = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  const kernel = panel?.sessionContext?.session?.kernel;
  const ready = kernel && panel.context.isReady && kernel.connectionStatus === 'connected';
  return Boolean(ready && kernel.status === 'idle');
}"""
CODE_CELLS = """() => {
  const cells = [...window.jupyterapp.shell.currentWidget.content.model.cells].filter((cell) => cell.type === 'code');
  return cells.filter((cell) => cell.sharedModel.source.trim());
}"""
RUN = """() => { window.labRun = null; window.jupyterapp.commands.execute('notebook:run-all-cells')
  .then(() => { window.labRun = 'done'; }, (reason) => { window.labRun = String(reason); }); }"""
# A player that has just gone leaves its place to the next one like it, which here is another test's.
OPEN = """async (path) => { const { commands, shell } = window.jupyterapp;
  delete window.__backprop_lab_left__;
  const panel = await commands.execute('docmanager:open', { path, kernel: { name: 'python3' } });
  shell.activateById(panel.id); }"""
CLOSE = """async () => { const { commands, shell, serviceManager } = window.jupyterapp;
  await serviceManager.sessions.shutdownAll();
  [...shell.widgets('main')].forEach((panel) => panel.dispose());
  if (document.body.dataset.jpThemeLight === 'false')
    await commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' }); }"""
ASK = """async (code) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  let text = '';
  const future = kernel.requestExecute({code});
  future.onIOPub = (message) => { if (message.header.msg_type === 'stream') text += message.content.text; };
  await future.done;
  return text.trim(); }"""
ERRORS = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells].flatMap((cell) =>
  cell.type === 'code' ? cell.outputs.toJSON().filter((output) => output.output_type === 'error')
    .map((output) => `${output.ename}: ${output.evalue}`) : [])"""


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its address, its token, its folder and its log."""

    url: str
    token: str
    folder: Path
    log: Path


@contextlib.contextmanager
def lab_server(notebooks: Path, seconds: float = 240) -> Iterator[Server]:
    """JupyterLab on a copy of the folder `notebooks`, on a free port, in this Python; ended at the end."""

    def command(token: str, folder: Path) -> list[str]:
        return jupyterlab_command(
            [
                "--no-browser",
                "--ip=127.0.0.1",
                "--ServerApp.port=0",  # the system's choice: two that begin at once would take the same one
                f"--IdentityProvider.token={token}",
                f"--ServerApp.root_dir={folder}",
                "--LabApp.expose_app_in_browser=True",
            ]
        )

    with serving(notebooks, command, jupyterlab_environment(), seconds) as server:
        yield server


@contextlib.contextmanager
def serving(
    notebooks: Path, command: Callable[[str, Path], list[str]], environment: dict[str, str], seconds: float = 240
) -> Iterator[Server]:
    """A server on a copy of a folder, on a port that it finds; `command` starts it, given a token and the copy."""
    with tempfile.TemporaryDirectory(prefix="lab_server_") as temporary:
        folder, log = Path(temporary) / "notebooks", Path(temporary) / "lab.log"
        shutil.copytree(notebooks, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__"))
        token = secrets.token_hex(8)
        # Settings, workspaces and running kernels of the person who runs the tests stay out of the way.
        own = {f"JUPYTER_{what}_DIR": f"{temporary}/{what.lower()}" for what in ("CONFIG", "DATA", "RUNTIME")}
        own |= {f"JUPYTERLAB_{what}_DIR": f"{temporary}/{what.lower()}" for what in ("SETTINGS", "WORKSPACES")}
        with open(log, "w") as out:
            process = subprocess.Popen(command(token, folder), env=environment | own, stdout=out, stderr=out)
        try:
            port = _port(process, Path(own["JUPYTER_RUNTIME_DIR"]), log, seconds)
            yield Server(f"http://127.0.0.1:{port}", token, folder, log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def write(path: Path, sources: list[str]) -> Path:
    """A notebook with these code cells, not executed; its folder is made if need be."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def number(root, key: str) -> str:
    """What stands in a cell of a player's picture."""
    return root.locator(f"text[data-key={key}]").text_content()


def open_notebook(page, server: Server, name: str) -> None:
    """Open a notebook and wait until its kernel is there and idle; JupyterLab itself only if it is not open yet."""
    if page.url.startswith(f"{server.url}/lab"):
        page.evaluate(OPEN, name)
    else:
        page.goto(f"{server.url}/lab/tree/{name}?token={server.token}&reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=PATIENCE)
    wait_idle(page)


def close_notebooks(page) -> None:
    """Leave an empty, light JupyterLab to the next test; on another page nothing."""
    if page.evaluate("() => Boolean(window.jupyterapp)"):
        page.evaluate(CLOSE)


def open_player(page, server: Server, name: str, source: str):
    """The first player of a notebook of one cell, which has run."""
    write(server.folder / name, [source.strip()])
    open_notebook(page, server, name)
    run_all(page)
    root = page.locator(".bl-player").first
    root.wait_for()
    return root


def wait_idle(page, seconds: float = 240) -> None:
    """Wait until the kernel is connected and has nothing to do."""
    page.wait_for_function(READY, timeout=1000 * seconds)


def run_all(page, seconds: float = 600) -> None:
    """Run all cells and wait until each has run; a cell that raises is an error here too."""
    wait_idle(page)
    page.evaluate(RUN)
    page.wait_for_function("() => window.labRun !== null", timeout=1000 * seconds)
    wait_idle(page)
    errors = page.evaluate(ERRORS)
    assert not errors, errors
    missed = page.evaluate(f"() => ({CODE_CELLS})().filter((cell) => cell.executionCount === null).length")
    assert missed == 0, f"{missed} cells did not run"


def saved(page) -> nbformat.NotebookNode:
    """The notebook as it would be saved now."""
    return nbformat.from_dict(page.evaluate("() => window.jupyterapp.shell.currentWidget.content.model.toJSON()"))


def until_kernel_says(page, code: str, wanted: str) -> None:
    """Ask the kernel until it gives this answer: what the page reports takes a moment to arrive."""
    for _ in range(PATIENCE // 200):
        said = page.evaluate(ASK, code)
        if said == wanted:
            return
        page.wait_for_timeout(100)
    assert said == wanted


def shutdown_kernel(page) -> None:
    """End the kernel and wait until the page knows it."""
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel")


def _port(process, runtime: Path, log: Path, seconds: float) -> int:
    """Where the server listens, which it writes down; it tries others where another process has the first."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once:\n{log.read_text()}")
        for path in runtime.glob("*server-*.json"):
            with contextlib.suppress(ValueError, OSError):  # it is being written; nobody answers yet
                info = json.loads(path.read_text())
                # Asked for what needs the token: at a port that two found free, another server may answer.
                urllib.request.urlopen(f"{info['url']}api/status?token={info['token']}", timeout=10).close()
                return int(info["port"])
        time.sleep(0.1)
    raise RuntimeError(f"the server did not answer in {seconds:g} seconds:\n{log.read_text()}")
