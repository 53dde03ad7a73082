"""The engine's tests under every other Python from 3.11 on that is on this machine, in environments beside this one.

    python tests/support/other_pythons.py [options of pytest]

Looked for as python3.12 and so on, and among pyenv's. Tests in a browser and of notebooks run under one Python only.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

NEEDED = ("autograd", "hypothesis", "jupytext", "matplotlib", "nbclient", "nbformat", "pytest", "pytest-xdist", "scipy")
ELSEWHERE = re.compile(
    r"""^def\ test_\w+\([^)]*\b(page|browser|server)\b
    |^(import|from)\ (nbformat|nbclient|playwright|support\.(exercise_lesson|teaching_pages|machine))
    |codespell|hatchling|jupyterlab""",
    re.M | re.X,
)


def pythons() -> dict[str, Path]:
    """By version, such as 3.12, one Python each; not the one that runs this."""
    named = [Path(path) for k in range(11, 20) if (path := shutil.which(f"python3.{k}"))]
    found = {}
    for python in [*named, *sorted(Path.home().glob(".pyenv/versions/3.*/bin/python"))]:
        ask = [python, "-c", "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"]
        said = subprocess.run(ask, capture_output=True, text=True)
        major, _, minor = said.stdout.strip().partition(".")
        if not said.returncode and major == "3" and 11 <= int(minor) != sys.version_info[1]:
            found.setdefault(said.stdout.strip(), python)
    return found


def environment(version: str, python: Path) -> Path:
    """The Python of .venv/pythonVERSION, made if need be, with the declared versions of what these tests need."""
    folder = Path(sys.prefix) / f"python{version}"
    own, made = folder / "bin/python", folder / "made"
    if not made.exists():
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
        declared = [line for lines in extras.values() for line in lines if re.split("[<>=]", line)[0] in NEEDED]
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([own, *quiet, "-e", ROOT, *declared], check=True)
        made.touch()
    return own


def main(options: list[str]) -> int:
    here = pythons()
    print(f"Other Pythons: {', '.join(here) or 'none on this machine'}.", flush=True)
    files = [path for path in sorted(ROOT.glob("tests/*/test_*.py")) if not ELSEWHERE.search(path.read_text("utf-8"))]
    failed = []
    for version, python in here.items():
        command = [
            environment(version, python),
            "-m",
            "pytest",
            "-q",
            "-n",
            "2",
            "-p",
            "no:cacheprovider",
            *files,
            *options,
        ]
        if subprocess.run(command, cwd=ROOT, env=os.environ | {"EXAMPLES": "20"}).returncode:
            failed.append(version)
    if failed:
        print(f"Under Python {', '.join(failed)} tests failed.")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
