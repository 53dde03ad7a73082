"""Pack an autograder for Gradescope: it grades with this grader, and writes results as Gradescope reads them.

    backprop-lab gradescope 03_reverse_mode --out autograder.zip

Upload the zip as the assignment's autograder and choose the base image Ubuntu 24.04, whose Python is new enough. The
lab travels in the zip; its `setup.sh` installs what the lab needs. Hidden inputs are drawn from a secret that is in the
zip, so keep one zip for an assignment; --seed-file takes a secret of yours, of 8 characters or more.

In Gradescope's container `python -m backprop_lab.grading.gradescope` grades what was handed in.
"""

from __future__ import annotations

import io
import json
import secrets
import sys
import time
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, LabError
from ..exercises.books import exercises
from ..files import write_whole
from ..shelf import lesson, own_files
from ..words import Words, answered
from .grader import Task
from .notebooks import find, parse
from .records import secret_in
from .report_student import INPUTS
from .run import end_processes, work

SUMMARY = "backprop-lab gradescope LESSON ... --out FILE.zip [--seed-file FILE]"
ROOT = Path("/autograder")
WHEN = (2000, 1, 1, 0, 0, 0)  # the same package and secret give the same bytes
SETUP = """#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image.
set -euo pipefail
apt-get update
apt-get install -y python3 python3-venv
python3 -m venv /autograder/python
/autograder/python/bin/pip install --no-cache-dir {needed}
packages=$(/autograder/python/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo /autograder/source/lab > "$packages/lab.pth"
chmod go-rwx /autograder/source/assignment.json
"""
RUN = """#!/usr/bin/env bash
# Gradescope runs this for each submission.
cd /
exec /autograder/python/bin/python -m backprop_lab.grading.gradescope
"""
SORRY = "The autograder could not grade this. Nothing is wrong with your answers for that: tell your teacher. It says: "


def main(words: list[str]) -> int:
    """The command; the number is the exit status."""
    return answered(_work, words)


def _work(words: list[str]) -> None:
    parser = Words("gradescope", __doc__)
    parser.add_argument("lessons", nargs="+", metavar="LESSON", help="the lessons, or notebooks, of the assignment")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the zip to write")
    parser.add_argument("--seed-file", type=Path, metavar="FILE", help="the secret of hidden inputs; else one is made")
    given = parser.parse_args(words)
    ids = [id for name in given.lessons for id in _ids(lesson(name))]
    written = write_whole(given.out, autograder(ids, _secret(given.seed_file)))
    total = sum(exercises()[id].points for id in ids)
    print(f"{written}: {len(ids)} exercises, {total:g} points")


def _ids(path: Path) -> list[str]:
    found = list(parse(path.read_bytes(), exercises()).ids)
    if not found:
        raise ArgumentError(f"there is no exercise in {path}; name a notebook that has answer cells")
    return found


def _secret(file: Path | None) -> str:
    if file is None:
        return secrets.token_hex(16)
    try:
        return secret_in(file).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ArgumentError(f"the seed file {file} cannot be read ({error}); write a text into it") from None


def autograder(ids: list[str], secret: str) -> bytes:
    """The zip: setup.sh, run_autograder, what is asked, and the lab."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content, mode in _files(ids, secret):
            entry = zipfile.ZipInfo(path, WHEN)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, (0o100000 | mode) << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def _files(ids: list[str], secret: str) -> Iterator[tuple[str, str | bytes, int]]:
    yield "setup.sh", SETUP.format(needed=" ".join(f"'{name}'" for name in _needed())), 0o755
    yield "run_autograder", RUN, 0o755
    yield "assignment.json", json.dumps({"exercises": ids, "secret": secret}, indent=1) + "\n", 0o600
    for name, path in own_files().items():
        yield f"lab/{name}", path.read_bytes(), 0o644


def _needed() -> list[str]:
    """What the lab needs, as pip takes it; matplotlib, too, because notebooks plot."""
    try:
        found = [name.replace("'", '"') for name in requires("backprop-lab") or () if "extra ==" not in name]
    except PackageNotFoundError:  # a checkout that nobody has installed
        found = ["anywidget", "ipywidgets", "numpy>=2.0"]
    return [*found, "matplotlib>=3.8", "ipython"]


# ---- in the container ----------------------------------------------------------------------------------------------


def results(root: Path = ROOT) -> dict[str, Any]:
    """Grade what was handed in, and say what Gradescope reads; whatever happens, there is a score and a sentence."""
    began = time.monotonic()
    try:
        record = _graded(root)
        found = _told(record)
    except LabError as problem:
        found = {"score": 0.0, "output": str(problem)}
    except Exception as error:  # whatever it is, students and teacher hear of it
        found = {"score": 0.0, "output": f"{SORRY}{type(error).__name__}: {error}"}
    finally:
        end_processes()
    took = {"execution_time": round(time.monotonic() - began, 1)}
    return found | took | {"output_format": "text", "stdout_visibility": "hidden"}


def _graded(root: Path) -> dict[str, Any]:
    assignment = json.loads((root / "source/assignment.json").read_text("utf-8"))
    handed_in = find(root / "submission")
    if len(handed_in) > 1:
        names = ", ".join(one.place for one in handed_in)
        raise ArgumentError(f"there are {len(handed_in)} notebooks, {names}; hand in one")
    try:
        users = json.loads((root / "submission_metadata.json").read_text("utf-8"))["users"]
        who = " ".join(sorted(str(user["email"]) for user in users))  # a group has one name, whoever hands in
    except (OSError, ValueError, LookupError, TypeError):
        who = handed_in[0].student
    ids, secret = tuple(assignment["exercises"]), assignment["secret"].encode()
    (graded,) = work([Task(who, handed_in[0].place, handed_in[0].read(), secret, ids)])
    return graded.record


def _told(record: dict[str, Any]) -> dict[str, Any]:
    tests = [
        {
            "name": f"{id} {found['title']}",
            "score": found["points"],
            "max_score": found["of"],
            "status": "passed" if found["passed"] else "failed",
            "output": _output(found),
            "output_format": "text",
            "visibility": "visible",
        }
        for id, found in record["exercises"].items()
    ]
    about = {"version": record["version"], "seed": record["seed"], "secret": record["secret"], "fence": record["fence"]}
    return {"score": record["total"], "output": "\n".join(record["problems"]), "tests": tests, "extra_data": about}


def _output(found: dict[str, Any]) -> str:
    """What a student reads of an exercise; without the inputs of hidden calls."""
    if found["passed"]:
        return "All of it is right."
    hidden = found["seed"] == "hidden"
    lines = [found["trouble"], found["message"]]
    for item in found["tried"]:
        label = INPUTS.sub("", item["label"]) if hidden else item["label"]
        told = "" if hidden else item["trouble"] or item["yours"] or ""
        lines.append(f"{item['mark']} {label}{': ' * bool(told)}{told}")
    return "\n".join(line for line in lines if line)


if __name__ == "__main__":
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    (root / "results").mkdir(exist_ok=True)
    write_whole(root / "results/results.json", json.dumps(results(root), ensure_ascii=False, indent=1) + "\n")
