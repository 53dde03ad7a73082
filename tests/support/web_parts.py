"""Bring what tests and checks need of npm's packages: the accessibility rules, two front ends of nbconvert, TypeScript.

    python tests/support/web_parts.py FOLDER      axe.min.js, require.js, embed-amd.js, embed-amd-7.js, myst.cjs,
                                                  typescript/…

Versions and hashes are fixed here, so what the tests run is what was looked at. Students never need it.
"""

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

# package, version, its hash as the registry states it, the files that are wanted, what they are called in the folder
PARTS = (
    (
        "axe-core",
        "4.14.1",
        "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        "axe.min.js",
        "axe.min.js",
    ),
    (
        "requirejs",
        "2.3.8",
        "7/cTSLOdYkNBNJcDMWf+luFvMriVm7eYxp4BcFCsAX0wF421Vyce5SXP17c+Jd5otXKGNehIonFlyQXSowL6Mw==",
        "require.js",
        "require.js",
    ),
    (
        "@jupyter-widgets/html-manager",
        "1.0.15",
        "5thBIV6ymNgmPVOHvzx+gGy8ZSKmSazhtGw4/c4xJDVzRhG9PTeQsRjF3FUTopvFi//SABeNz1yp47bCrJ3CQA==",
        "dist/embed-amd.js",
        "embed-amd.js",
    ),
    (  # for ipywidgets 7, which Colab has
        "@jupyter-widgets/html-manager",
        "0.20.9",
        "GzwmQB5VFGPu+QsJJxYyLOvHdAtnXrOHG0zfFzSD32wu0ZYBG72p2EERP3av9EqE6NlSe570muudhKwHtsJH9w==",
        "dist/embed-amd.js",
        "embed-amd-7.js",
    ),
    (  # whose themes are not here: it only says what it makes of a page
        "mystmd",
        "1.8.3",
        "sAdTEgy3EX9lc/qddzgJU62oCZTMhGgu0GZsCuMCmOuXXsyDMqHGW4lEE+eMmk8bx+2DsmkTnlQnaKgVq03gfw==",
        "dist/myst.cjs",
        "myst.cjs",
    ),
    (  # the last one whose compiler is JavaScript itself
        "typescript",
        "5.9.3",
        "jl1vZzPDinLr9eUt3J/t7V6FgNEw9QjvBPdysz9KfQDD41fQrC2Y4vKQdiaUpFT4bXlb1RHhLpp8wtm6M5TgSw==",
        "lib/*",
        "typescript",
    ),
)


def bring(folder: Path) -> None:
    """Fetch all parts; SystemExit with a sentence if one cannot be had or is not the one that is wanted."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not on this machine; this brings it: apt-get install npm")
    with tempfile.TemporaryDirectory() as temporary:
        for name, version, sha512, wanted, called in PARTS:
            command = [npm, "pack", "--silent", "--ignore-scripts", f"{name}@{version}"]
            done = subprocess.run(command, cwd=temporary, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"npm pack {name}@{version} failed: {done.stderr.strip() or done.stdout.strip()}")
            packed = Path(temporary) / done.stdout.split()[-1]
            if base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode() != sha512:
                sys.exit(f"{name}@{version} is not the package whose hash is in tests/support/web_parts.py")
            with tarfile.open(packed) as archive:
                for member in archive.getmembers():
                    path = PurePosixPath(member.name)
                    if path.match(f"package/{wanted}") and (source := archive.extractfile(member)) is not None:
                        target = folder / called / path.name if "*" in wanted else folder / called
                        target.parent.mkdir(parents=True, exist_ok=True)
                        target.write_bytes(source.read())


if __name__ == "__main__":
    bring(Path(sys.argv[1]))
