"""Packages that a site's kernel brings when they are first used: most lessons show a player before they plot.

A few lines stand in for such a package (`STAND_INS`). They call `bring` here, in the browser.
"""

from __future__ import annotations

import importlib
import io
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# What stands in: files by their paths among the packages. {files} are the wheels to bring.
STAND_INS = {
    # Itself, when it is imported.
    "matplotlib": {
        "matplotlib/__init__.py": """\
from backprop_lab.site.lite_later import bring

bring({files}, __file__)
with open(__file__, encoding="utf-8") as itself:
    exec(compile(itself.read(), __file__, "exec"))
""",
    },
    # IPython imports it at once, and uses it when somebody first asks what could stand here.
    "jedi": {
        "jedi/__init__.py": """\
class settings:
    pass


def Interpreter(*given, **named):
    from backprop_lab.site.lite_later import again, bring
    from IPython.core import completer

    bring({files}, __file__)
    completer.jedi = again("jedi")
    completer.jedi.settings.case_insensitive_completion = False
    return completer.jedi.Interpreter(*given, **named)
""",
        "jedi/api/__init__.py": "",
        "jedi/api/helpers.py": "",
        "jedi/api/classes.py": "",
    },
}


def bring(files: Iterable[str], stand_in: str) -> None:
    """Unpack packages among the others, over what stood in for them; it waits, as an import does.

    Parameters
    ----------
    files : wheels in Pyodide's folder
    stand_in : the first file of what stood in
    """
    import pyodide_js
    from js import XMLHttpRequest

    for name in files:
        asked = XMLHttpRequest.new()
        asked.open("GET", f"{pyodide_js._api.config.indexURL}{name}", False)  # a worker may wait: no page stands still
        asked.responseType = "arraybuffer"
        asked.send()
        if asked.status != 200:
            raise ImportError(f"{name} could not be had from the site ({asked.status}); reload the page")
        with zipfile.ZipFile(io.BytesIO(asked.response.to_bytes())) as wheel:
            wheel.extractall(Path(stand_in).parents[1])
    importlib.invalidate_caches()


def again(module: str) -> Any:
    """A package that was imported while something stood in for it."""
    for name in [name for name in sys.modules if f"{name}.".startswith(f"{module}.")]:
        del sys.modules[name]
    return importlib.import_module(module)
