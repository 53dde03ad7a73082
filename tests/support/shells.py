"""Cells run one after the other in IPython, without a kernel: what each shows, as a notebook stores it.

To start a kernel and to send it each cell costs more than most cells do. Here one process imports what all notebooks
do, but for the lab, which looks for its shell when it is imported. It forks for each of them, so what one defines is
gone with it. That real kernels do the same is tested with the lessons and with the graders.

    python shells.py      reads requests from its standard input (`Shells`), a line each
"""

import atexit
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from copy import deepcopy
from pathlib import Path


class Shells:
    """A process of some Python, this one if none is given, that forks a new shell for each notebook."""

    def __init__(self, python=sys.executable, environment=None):
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
        self.process = subprocess.Popen([python, __file__], **options)
        atexit.register(self.close)

    def run(self, sources: list[str], folder) -> tuple[list[list[dict]], dict]:
        """The outputs of each cell, and the state of all widgets; a cell that raises does not end it."""
        with tempfile.TemporaryDirectory() as apart:
            path = Path(apart, "outputs.json")
            request = json.dumps({"sources": sources, "folder": str(folder), "path": str(path)})
            print(request, file=self.process.stdin, flush=True)
            status = self.process.stdout.readline().strip()
            assert status == "0", f"the shell ended with {status or 'its parent'}"
            return tuple(json.loads(path.read_text("utf-8")))

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


RAN: dict[str, list] = {}  # what shells answered to cells, so that no notebook runs twice in a process
SHELLS: list[Shells] = []


def executed(notebook, folder):
    """A copy, run to its end whatever its cells raise; one with the same cells may have been run before."""
    import nbformat

    notebook = nbformat.from_dict(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    sources = [cell.source for cell in code]
    key = json.dumps(sources)
    if key not in RAN:
        if not SHELLS:
            SHELLS.append(Shells())
        RAN[key], _ = SHELLS[0].run(sources, folder)
    for k, (cell, outputs) in enumerate(zip(code, RAN[key], strict=True), 1):
        cell.outputs, cell.execution_count = nbformat.from_dict(deepcopy(outputs)), k
    return notebook


def serve() -> None:
    import ipykernel.zmqshell
    import ipywidgets
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    assert ipykernel and plt  # only to have them here
    mpl.use("agg")
    for line in sys.stdin:
        task = json.loads(line)
        child = os.fork()
        if not child:
            os.dup2(2, 1)  # what cells write past Python is not an answer
            os.chdir(task["folder"])
            done = outputs(task["sources"]), ipywidgets.Widget.get_manager_state()
            Path(task["path"]).write_text(json.dumps(done), "utf-8")
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def outputs(sources: list[str]) -> list[list[dict]]:
    """What a new shell shows of these cells."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    shown: list[dict] = []
    places: dict[str | None, dict] = {}  # what may be shown anew, by its name

    class Hook(DisplayHook):
        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            plain = {"data": format_dict, "metadata": md_dict or {}, "execution_count": self.prompt_count}
            shown.append({"output_type": "execute_result", **plain})

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, *, transient=None, update=False, **options):
            place = (transient or {}).get("display_id")
            if update:
                places[place] |= {"data": data, "metadata": metadata or {}}
            else:
                places[place] = {"output_type": "display_data", "data": data, "metadata": metadata or {}}
                shown.append(places[place])

    class Stream(io.TextIOBase):
        def __init__(self, name):
            self.name = name

        def write(self, text):
            if text and (not shown or shown[-1].get("name") != self.name):
                shown.append({"output_type": "stream", "name": self.name, "text": ""})
            if text:
                shown[-1]["text"] += text
            return len(text)

    class Shell(InteractiveShell):
        displayhook_class = Hook
        display_pub_class = Publisher

        def _showtraceback(self, etype, evalue, stb):
            shown.append(
                {"output_type": "error", "ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)}
            )

    shell = Shell.instance()
    found = []
    for source in sources:
        with contextlib.redirect_stdout(Stream("stdout")), contextlib.redirect_stderr(Stream("stderr")):
            shell.run_cell(source, store_history=True)
        found.append(list(shown))
        shown.clear()
    return found


if __name__ == "__main__":
    serve()
