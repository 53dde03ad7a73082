"""Bring what the tests need of npm's packages into a folder: the accessibility rules, and two front ends of nbconvert.

    python tests/support/web_parts.py FOLDER      FOLDER/axe.min.js, require.js, embed-amd.js, embed-amd-7.js

Versions and hashes are fixed here, so what the tests run is what was looked at. Students never need it.
"""

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

# package, version, its hash as the registry states it, the one file that is wanted, its name in the folder
PARTS = (
    (
        "axe-core", "4.14.1",
        "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        "axe.min.js", "axe.min.js",
    ),
    (
        "requirejs", "2.3.8",
        "7/cTSLOdYkNBNJcDMWf+luFvMriVm7eYxp4BcFCsAX0wF421Vyce5SXP17c+Jd5otXKGNehIonFlyQXSowL6Mw==",
        "require.js", "require.js",
    ),
    (
        "@jupyter-widgets/html-manager", "1.0.15",
        "5thBIV6ymNgmPVOHvzx+gGy8ZSKmSazhtGw4/c4xJDVzRhG9PTeQsRjF3FUTopvFi//SABeNz1yp47bCrJ3CQA==",
        "dist/embed-amd.js", "embed-amd.js",
    ),
    (  # for ipywidgets 7, which Colab has
        "@jupyter-widgets/html-manager", "0.20.9",
        "GzwmQB5VFGPu+QsJJxYyLOvHdAtnXrOHG0zfFzSD32wu0ZYBG72p2EERP3av9EqE6NlSe570muudhKwHtsJH9w==",
        "dist/embed-amd.js", "embed-amd-7.js",
    ),
)  # fmt: skip


def bring(folder: Path) -> None:
    """Fetch all parts; SystemExit with a sentence if one cannot be had or is not the one that is wanted."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not on this machine; this brings it: apt-get install npm")
    folder.mkdir(parents=True, exist_ok=True)
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
                source = archive.extractfile(f"package/{wanted}")
                assert source is not None
                (folder / called).write_bytes(source.read())


if __name__ == "__main__":
    bring(Path(sys.argv[1]))
