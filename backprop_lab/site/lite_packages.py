"""Packages of this Python as wheels for another one: what is plain Python here runs in a browser, too.

`lab_wheel(folder)` packs the lab as it stands here; `wheel_of(name, folder)` an installed package. Both return an entry
for Pyodide's list of packages. So a site is made without a network, of what its maker has and has tried.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import ArgumentError
from ..shelf import COMPILED, own_files
from ..version import __version__
from .lite_pyodide import canonical

METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the same files give the same wheel, whenever it is made


def entry(path: Path, name: str, version: str, imports: Iterable[str], depends: Iterable[str] = ()) -> dict[str, Any]:
    """What Pyodide's list says of a wheel."""
    return {
        "name": name,
        "version": version,
        "file_name": path.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": [*imports],
        "depends": sorted({canonical(other) for other in depends}),
        "unvendored_tests": False,
    }


def stand_in(name: str, folder: Path, files: Mapping[str, str]) -> dict[str, Any]:
    """Pack a few files that stand in for a package; none at all for one that is asked for and not needed."""
    about = f"{canonical(name).replace('-', '_')}_stand_in-{__version__}"
    texts = {**files, f"{about}.dist-info/METADATA": METADATA.format(name=f"{name}-stand-in", version=__version__)}
    texts[f"{about}.dist-info/WHEEL"] = WHEEL
    path = _packed(folder / f"{about}-py3-none-any.whl", {path: text.encode() for path, text in texts.items()})
    return entry(path, name, __version__, [])


def lab_wheel(folder: Path, depends: Iterable[str]) -> dict[str, Any]:
    """Pack the lab."""
    about = f"backprop_lab-{__version__}.dist-info"
    files = {name: path.read_bytes() for name, path in own_files().items()}
    files[f"{about}/METADATA"] = METADATA.format(name="backprop-lab", version=__version__).encode()
    files[f"{about}/WHEEL"] = WHEEL.encode()
    path = _packed(folder / f"backprop_lab-{__version__}-py3-none-any.whl", files)
    return entry(path, "backprop-lab", __version__, ["backprop_lab"], depends)


def wheel_of(name: str, folder: Path, depends: Iterable[str] = ()) -> dict[str, Any]:
    """Pack an installed package, without what is compiled for this machine.

    Raises
    ------
    ArgumentError : it is not installed here
    """
    try:
        found = distribution(name)
    except PackageNotFoundError:
        raise ArgumentError(f"{name} is not installed here, and a site needs it; write pip install {name}") from None
    files = _plain_files(found)
    tops = dict.fromkeys(PurePosixPath(path).parts[0].removesuffix(".py") for path in files)
    imports = [top for top in tops if not top.endswith(".dist-info")]
    path = _packed(folder / f"{canonical(name).replace('-', '_')}-{found.version}-py3-none-any.whl", files)
    return entry(path, canonical(name), found.version, imports, depends)


def _plain_files(found: Distribution) -> dict[str, bytes]:
    """A package's files that lie among the packages, by their paths there."""
    paths = (path for path in found.files or () if ".." not in path.parts and "__pycache__" not in path.parts)
    located = ((path.as_posix(), Path(str(found.locate_file(path)))) for path in paths if path.suffix not in COMPILED)
    return {name: path.read_bytes() for name, path in located if path.is_file()}


def _packed(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, EARLIEST), files[name], zipfile.ZIP_DEFLATED)
    return path
