"""JupyterLite in a site: the lessons as notebooks, with a Python in the browser in which the lab is installed already.

JupyterLite's own builder writes it. Nothing in a lesson changes: `import backprop_lab` is answered by Pyodide's list of
packages, in which the lab stands with all that it needs.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import SaveError
from ..shelf import FIRST, lessons
from .lite_later import STAND_INS
from .lite_packages import entry, stand_in, wheel_of
from .lite_pyodide import Pyodide, canonical

FOLDER = "lessons"
BUILDERS = {"jupyterlite_core": "jupyterlite-core", "jupyterlite_pyodide_kernel": "jupyterlite-pyodide-kernel"}
# What the kernel and the lessons need of Pyodide, and what is packed here, with what it depends on.
THEIRS = ("ipython", "matplotlib", "micropip", "numpy", "traitlets")
OURS = {
    "comm": ("traitlets",),
    "ipywidgets": ("comm", "ipython", "traitlets", "widgetsnbextension"),
    "psygnal": (),
    "anywidget": ("ipywidgets", "psygnal", "typing-extensions"),
}
# What may be in Pyodide, or is packed here.
EITHER = {"typing-extensions": (), "parso": (), "jedi": ("parso",)}
# What the kernel asks for and does without.
UNUSED = ("ssl",)
# What the kernel's worker asks for when it starts, by the names that its versions have for them.
STARTS = "ssl sqlite3 ipykernel comm pyodide_kernel pyodide-kernel jedi ipython micropip piplite".split()
KERNEL = "@jupyterlite/pyodide-kernel-extension"


def lacking() -> str:
    """Which packages are missing for this, in a sentence; empty if none is."""
    names = [name for module, name in BUILDERS.items() if importlib.util.find_spec(module) is None]
    if not names:
        return ""
    what = " and ".join(names)
    they = f"{what} {'is' if len(names) == 1 else 'are'}"
    return f"The lessons are not in it: {they} not installed here; write pip install 'backprop-lab[lite]'"


def needed(found: Pyodide) -> list[str]:
    """What the lessons need of Pyodide, if JupyterLite can be built here.

    Raises
    ------
    ArgumentError : something of it is not there
    """
    if lacking():
        return []
    found.needed(THEIRS)
    return [*THEIRS, *(name for name in EITHER if _whole(found, name))]


def _whole(found: Pyodide, name: str) -> bool:
    """Whether Pyodide has a package with what it depends on."""
    return found.has(name) and all(found.has(other) for other in found.packages[name].get("depends", ()))


def packages(found: Pyodide, home: Path) -> dict[str, Any]:
    """Put the packages into Pyodide's folder that it does not bring: the widgets, and the kernel's; their entries."""
    own = {name: wheel_of(name, home, depends) for name, depends in OURS.items()}
    own |= {name: wheel_of(name, home, depends) for name, depends in EITHER.items() if not _whole(found, name)}
    own |= {name: wheel_of(name, home) for name in ("tqdm",) if importlib.util.find_spec(name)}
    for path in _kernel_wheels():
        name, number = path.name.split("-")[:2]
        if name != "widgetsnbextension" or number.split(".")[0] == str(int(version("ipywidgets").split(".")[0]) - 4):
            shutil.copy(path, home / path.name)
            own[canonical(name)] = entry(home / path.name, canonical(name), number, [name])
    return own


def lab_needs(own: Mapping[str, Any]) -> list[str]:
    """What the lab needs in a kernel."""
    return ["anywidget", "matplotlib", *(name for name in ("tqdm",) if name in own)]


def lean(everything: Mapping[str, Any], home: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The list of packages so that a kernel starts with little: what it is now, and what stands in for the rest.

    Under a package's name stands what is there for it at first; under `NAME-itself` the package.
    """
    kept = {name: entry for name, entry in everything.items() if name not in UNUSED}
    others = {name: stand_in(name, home, {}) for name in UNUSED}
    for name, files in STAND_INS.items():
        later = _closure(kept, [name])
        kept[f"{name}-itself"] = kept.pop(name)
        at_once = _closure(kept, [*(canonical(start) for start in STARTS), "backprop-lab"])
        wheels = [kept[f"{key}-itself" if key == name else key]["file_name"] for key in later if key not in at_once]
        texts = {path: text.replace("{files}", repr(wheels)) for path, text in files.items()}
        others[name] = stand_in(name, home, texts)
    return kept, others


def _closure(entries: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Packages, as far as they are in a list, with all that they depend on."""
    found: dict[str, None] = {}
    todo = [*names]
    while todo:
        name = todo.pop()
        if name in entries and name not in found:
            found[name] = None
            todo += [canonical(other) for other in entries[name].get("depends", ())]
    return list(found)


def unfit(found: Pyodide) -> str:
    """A sentence if the kernel that is installed was made for another Pyodide; else nothing."""
    try:
        from jupyterlite_pyodide_kernel import constants
    except ImportError:
        return ""
    wanted = str(constants.PYODIDE_VERSION)
    if wanted.split(".")[:2] == found.version.split(".")[:2]:
        return ""
    kernel = BUILDERS["jupyterlite_pyodide_kernel"]
    return (
        f"The lessons may not start: {kernel} {version(kernel)} goes with Pyodide {wanted}, "
        f"and this is {found.version}; take the one that it goes with"
    )


def _kernel_wheels() -> Iterable[Path]:
    """The wheels that the kernel for JupyterLite brings."""
    place = Path(sys.prefix) / "share/jupyter/labextensions" / KERNEL / "static/pypi"
    return sorted(place.glob("*.whl"))


def write(target: Path, own: Iterable[str]) -> str:
    """Build JupyterLite into a site that has Pyodide; returns where the first lesson is, from the site.

    Raises
    ------
    SaveError : the builder failed, with what it said last
    """
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        (work / "contents").mkdir()
        for path in lessons():
            (work / "contents" / path.name).write_text(
                json.dumps(_joined(json.loads(path.read_text("utf-8")))), "utf-8"
            )
        (work / "jupyter-lite.json").write_text(json.dumps(_settings(own)), "utf-8")
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", str(work)]
        command += ["--output-dir", str((target / FOLDER).resolve()), "--contents", str(work / "contents")]
        command += ["--no-sourcemaps", "--apps", "lab"]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise SaveError(f"JupyterLite could not be built: {said[-1] if said else 'it said nothing'}")
    return f"{FOLDER}/lab/index.html?path={FIRST}"


def _joined(notebook: Any) -> Any:
    """A notebook whose texts are whole, and not lists of lines: a server joins them, JupyterLite does not."""
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        for output in cell.get("outputs", ()):
            for holder in (output, output.get("data", {})):
                for key in holder.keys() & {"text", *output.get("data", {})} - {"application/json"}:
                    if isinstance(holder[key], list):
                        holder[key] = "".join(holder[key])
    return notebook


def _settings(own: Iterable[str]) -> dict[str, Any]:
    """JupyterLite's settings: where Pyodide is, and what it loads when a kernel starts."""
    there = set(own)
    starts = [name for name in STARTS if canonical(name) in there]
    kernel = {
        "pyodideUrl": "../../pyodide/pyodide.js",  # from lessons/lab/
        "loadPyodideOptions": {"packages": [*starts, "backprop-lab"]},
        "disablePyPIFallback": True,  # nothing is asked of another host
    }
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "backprop_lab",
            "litePluginSettings": {f"{KERNEL}:kernel": kernel},
        },
    }
