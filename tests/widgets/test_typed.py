"""Numbers as people type them (`widgets/typed.js`): each is read, or a sentence says what to write."""

import json
import shutil
import subprocess

import pytest

from backprop_lab.widgets import page

READ = """
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => typedNumber(text))));
"""
NUMBERS = {
    "14": 14,
    " 14 ": 14,
    "14.": 14,
    ".5": 0.5,
    "0.5": 0.5,
    "0,5": 0.5,
    "11,0": 11,
    "-4": -4,
    "−4": -4,
    "– 4": -4,
    "+4": 4,
    "3200": 3200,
    "3 200": 3200,
    "3\u202f200": 3200,
    "3\u2009200": 3200,
    "1 234 567": 1234567,
    "1,234,567": 1234567,
    "1,234.5": 1234.5,
    "12 345,5": 12345.5,
    "0,200": 0.2,
    "3,20": 3.2,
    "3,1416": 3.1416,
    "2/3": 2 / 3,
    "2 / 3": 2 / 3,
    "3 200/2": 1600,
    "1e-3": 0.001,
    "1E3": 1000,
    "2,5e3": 2500,
    "-0": 0,
    "007": 7,
}
NO_NUMBERS = {
    "": "Type a number first",
    "  ": "Type a number first",
    "3,200": "can be read in two ways; write 3200 or 3.2.",
    "3,142": "can be read in two ways; write 3142 or 3.142.",
    "1/3,200": "write 3200 or 3.2.",
    "1 2": "“1 2” cannot be read",
    "1 2/3": "“1 2/3” cannot be read",
    "1.234,5": "cannot be read",
    "1,23,4": "cannot be read",
    "3 20": "cannot be read",
    "inf": "cannot be read",
    "∞": "cannot be read",
    "nan": "cannot be read",
    "x": "cannot be read",
    "2/0": "other than 0",
    "1e999": "larger than any",
    "1/2/3": "cannot be read",
    "2^3": "cannot be read",
    "1" * 50: "cannot be read",
}


def typed(*texts):
    node = shutil.which("node")
    assert node, "node comes with npm"
    program = page.lean_script(page.text("typed.js")) + READ
    done = subprocess.run([node, "-e", program], input=json.dumps(texts), capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return dict(zip(texts, json.loads(done.stdout), strict=True))


def test_numbers_as_people_type_them():
    assert {text: got.get("value") for text, got in typed(*NUMBERS).items()} == pytest.approx(NUMBERS)


def test_what_is_no_number_gets_a_sentence():
    for text, got in typed(*NO_NUMBERS).items():
        assert "value" not in got and NO_NUMBERS[text] in got["trouble"] and got["trouble"].endswith("."), (text, got)
