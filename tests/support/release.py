"""A wheel and an sdist of the last commit, tried in bare environments of all Pythons from 3.11 on that are at hand.

    make release                             into dist/; the last line says how they are uploaded
    make release ARGS="--into FOLDER"

They are made from the commit, so nothing that lies about in the checkout gets in. In each bare environment the wheel is
installed with nothing but what it asks for, and runs the README's first example in an empty folder.
"""

import argparse
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]
from support.other_pythons import ROOT, pythons  # noqa: E402

EXAMPLE = """
import backprop_lab as bl
def z(x, y):
    return 2*x*y + (x - 1)**2
assert bl.value_and_grad(z)(3, 5) == (34.0, (14.0, 6.0))
assert bl.adjoint_sweep(bl.trace(z, x=3, y=5))[-2].formula == "x̄ = 10 + 4 = 14"
player = bl.step(z, x=3, y=5)
player.at = 14
assert "<svg" in player.svg(14)
player.save("player.html")
print(bl.__file__, bl.__version__)
"""
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def run(*command: object, cwd: Path | None = None) -> str:
    """What a command prints; one that fails ends this with what it said."""
    done = subprocess.run([str(x) for x in command], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def exported(folder: Path) -> Path:
    """The files of the last commit."""
    archive = folder / "commit.tar"
    run("git", "archive", "--output", archive, "HEAD", cwd=ROOT)
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "commit", filter="data")
    return folder / "commit"


def environment(python: object, folder: Path, *wanted: object) -> Path:
    """The Python of a new environment with these packages."""
    run(python, "-m", "venv", folder)
    own = folder / "bin/python"
    run(own, *PIP, *wanted)
    return own


def first_example(python: object, wheel: Path, folder: Path) -> str:
    """What the first example prints where the wheel was installed, and nothing else."""
    own = environment(python, folder / "bare", wheel)
    (folder / "empty").mkdir()
    said = run(own, "-I", "-W", "error", "-c", EXAMPLE, cwd=folder / "empty")
    assert str(folder / "bare") in said, said
    return said


def built(folder: Path, into: Path) -> tuple[Path, Path]:
    """The wheel and the sdist of the last commit, looked at by twine as an index would."""
    tools = environment(sys.executable, folder / "tools", "build", "twine")
    run(tools, "-m", "build", "--outdir", into, exported(folder))
    wheel, sdist = next(into.glob("*.whl")), next(into.glob("*.tar.gz"))
    print(run(tools, "-m", "twine", "check", "--strict", wheel, sdist), end="")
    return wheel, sdist


def holds(wheel: Path, sdist: Path) -> None:
    """Whether both have what they must, file by file of the commit."""
    ours = run("git", "ls-files", cwd=ROOT).splitlines()
    inside = set(zipfile.ZipFile(wheel).namelist())
    missing = [name for name in ours if name.startswith("backprop_lab/") and name not in inside]
    with tarfile.open(sdist) as tar:
        packed = {name.partition("/")[2] for name in tar.getnames()}
    folders = ("backprop_lab/", "notebooks/", "tests/", "docs/", "benchmarks/")
    wanted = (*folders, "README", "LICENSE", "CITATION", "Makefile")
    missing += [name for name in ours if name.startswith(wanted) and name not in packed]
    if missing:
        sys.exit(f"wheel or sdist lack {', '.join(missing[:5])}")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make release", description=__doc__.splitlines()[0])
    parser.add_argument("--into", type=Path, default=ROOT / "dist")
    into = parser.parse_args(words).into
    if any(into.glob("*")):
        sys.exit(
            f"{into} is not empty; delete what is in it, or name another folder: make release ARGS='--into FOLDER'"
        )
    if run("git", "status", "--porcelain", cwd=ROOT).strip():
        print("There are changes that are not committed; wheel and sdist are those of the last commit.")
    with tempfile.TemporaryDirectory() as made:
        wheel, sdist = built(Path(made), into)
        holds(wheel, sdist)
        for version, python in {".".join(map(str, sys.version_info[:2])): sys.executable, **pythons()}.items():
            with tempfile.TemporaryDirectory() as bare:
                print(
                    f"Python {version}: {first_example(python, wheel, Path(bare)).split()[-1]} runs its first example."
                )
    print(f"Ready. This uploads them: python -m twine upload {wheel} {sdist}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
