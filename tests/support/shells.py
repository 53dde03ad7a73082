"""Cells run one after the other in IPython, without a kernel: what each shows, as a notebook stores it.

To start a kernel and to send it each cell costs more than most cells do. Here one process imports what all notebooks
do, but for the lab, which looks for its shell when it is imported. It forks for each of them, so what one defines is
gone with it. That real kernels do the same is tested with the lessons and with the graders.

    python shells.py      reads requests from its standard input (`Shells`), a line each
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


class Shells:
    """A process that forks a new shell for each notebook."""

    def __init__(self):
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([sys.executable, __file__], **options)

    def run(self, sources: list[str], folder) -> list[list[dict]]:
        """The outputs of each cell; a cell that raises does not end it."""
        with tempfile.TemporaryDirectory() as apart:
            path = Path(apart, "outputs.json")
            request = json.dumps({"sources": sources, "folder": str(folder), "path": str(path)})
            print(request, file=self.process.stdin, flush=True)
            status = self.process.stdout.readline().strip()
            assert status == "0", f"the shell ended with {status or 'its parent'}"
            return json.loads(path.read_text("utf-8"))


def serve() -> None:
    import ipykernel.zmqshell
    import ipywidgets
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    assert ipykernel and ipywidgets and plt  # only to have them here
    mpl.use("agg")
    for line in sys.stdin:
        task = json.loads(line)
        child = os.fork()
        if not child:
            os.dup2(2, 1)  # what cells write past Python is not an answer
            os.chdir(task["folder"])
            Path(task["path"]).write_text(json.dumps(outputs(task["sources"])), "utf-8")
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def outputs(sources: list[str]) -> list[list[dict]]:
    """What a new shell shows of these cells."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    shown: list[dict] = []

    class Hook(DisplayHook):
        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            plain = {"data": format_dict, "metadata": md_dict or {}, "execution_count": self.prompt_count}
            shown.append({"output_type": "execute_result", **plain})

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, *, transient=None, update=False, **options):
            if not update:
                shown.append({"output_type": "display_data", "data": data, "metadata": metadata or {}})

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
        with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(io.StringIO()) as warned:
            shell.run_cell(source, store_history=True)
        for name, stream in (("stdout", said), ("stderr", warned)):
            if stream.getvalue():
                shown.append({"output_type": "stream", "name": name, "text": stream.getvalue()})
        found.append(list(shown))
        shown.clear()
    return found


if __name__ == "__main__":
    serve()
