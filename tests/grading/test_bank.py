"""Question banks: what platforms read of them, that no two wrong turns have one number, and what each one is told."""

import hashlib
import io
import json
import lzma
import math
import zipfile
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from support.circles import a_cover
from support.machine import missing
from support.places import ROOT

import backprop_lab as bl
from backprop_lab import cli
from backprop_lab.errors import ArgumentError
from backprop_lab.exercises.base import DIGITS
from backprop_lab.grading.bank import bank
from backprop_lab.grading.bank_moodle import moodle
from backprop_lab.grading.bank_qti import PACKAGE, QTI, qti
from backprop_lab.grading.posing import Choice, Numeric, asks, chosen, posed

KINDS = [
    "start.1",
    "reverse.1",
    "reverse.5",
    "reverse.7",
    "forward.6",
    "fan_out.2",
    "descent.1",
    "start.5",
    "breaking.1",
]
# Ways that come to the same number in these graphs, whatever goes in: 1 is the contribution of each of two arrivals.
ALIKE = {"fan_out.2": {"keeps the last arrival", "upstream factor lost"}, "costs.1": {"modes exchanged"}}


@pytest.fixture(scope="module")
def questions():
    return bank(KINDS, 3)


def numerics(found):
    return [q for many in found.values() for q in many if isinstance(q, Numeric)]


def first_that_fits(rows, number):
    """As a platform does: the first answer within its tolerance."""
    return next((row for row in rows if row[0] is None or abs(number - row[0]) <= row[1]), None)


def rows_of_moodle(question):
    for answer in question.iter("answer"):
        number = answer.findtext("text")
        text = ElementTree.fromstring(f"<x>{answer.findtext('feedback/text') or ''}</x>")
        told = "".join(text.itertext())
        star = number == "*"
        yield None if star else float(number), float(answer.findtext("tolerance")), float(answer.get("fraction")), told


def rows_of_qti(item):
    space = f"{{{QTI}}}"
    told = {f.get("identifier"): "".join(f.itertext()).strip() for f in item.iter(f"{space}modalFeedback")}
    for branch in next(item.iter(f"{space}responseCondition")):
        values = [value.text for value in branch.iter(f"{space}baseValue")]
        equal = branch.find(f"{space}equal")
        number = None if equal is None else float(values.pop(0))
        within = math.inf if equal is None else float(equal.get("tolerance").split()[0])
        yield number, within, 100 * float(values[0]), told.get(values[1], "")


def read_moodle(found):
    return [q for q in ElementTree.fromstring(moodle(found)) if q.get("type") == "numerical"], rows_of_moodle


def read_qti(found):
    archive = zipfile.ZipFile(io.BytesIO(qti(found)))
    items = [ElementTree.fromstring(archive.read(n)) for n in sorted(archive.namelist()) if n.startswith("items/")]
    return [item for item in items if next(item.iter(f"{{{QTI}}}equal"), None) is not None], rows_of_qti


def brought(question, turn):
    """The share of its points that the number brings in the notebook, when all numbers are those of a wrong turn."""
    posing = asks(question.exercise, question.seed)
    items = {x.label: x for x in posing.check(posing.wrong_answers(question.seed)[turn], question.seed).items}
    return items[question.label].points / items[question.label].worth


@pytest.mark.parametrize("read", [read_moodle, read_qti])
def test_each_wrong_turn_is_told_and_brings_what_it_brings_in_the_notebook(read, questions):
    """The oracle is the exercise's own check of the whole answer that a wrong turn leads to."""
    found, rows_of = read({id: questions[id] for id in sorted(questions)})
    asked = numerics({id: questions[id] for id in sorted(questions)})
    assert len(found) == len(asked) > 15
    for question, written in zip(asked, found, strict=True):
        rows, posing = list(rows_of(written)), asks(question.exercise, question.seed)
        right = posing.model_answer(question.seed)[question.name]
        assert first_that_fits(rows, right)[2:] == (100, "")
        assert first_that_fits(rows, float(f"{right:.4g}"))[2] == 100
        for turn, answer in posing.wrong_answers(question.seed).items():
            number = answer[question.name]
            if posing.same(number, right, 3 * DIGITS) or not math.isfinite(number):
                continue
            _, _, share, told = first_that_fits(rows, number)
            (wrong,) = (wrong for wrong in question.wrong if turn in wrong.turns)
            assert share == pytest.approx(100 * min(brought(question, slip) for slip in wrong.turns)), turn
            assert told == wrong.sentence.replace("`", "") and told
        assert first_that_fits(rows, 123456.789)[2:] == (0, question.hint.replace("`", ""))


def test_a_feedback_is_what_the_diagnosis_says(questions):
    for question in numerics({"reverse.1": questions["reverse.1"]}):
        graph = question.exercise.traced(question.seed)
        for wrong in question.wrong:
            said = {turn.sentence for turn in bl.diagnose(graph, question.name, wrong.number)}
            assert wrong.sentence in said


@a_cover(
    "exercise", [e for e in chosen([]) if e.id != "dying.1"], lambda e: [type(e), getattr(e, "of", "") == "adjoint"]
)
def test_no_two_wrong_turns_have_a_number(exercise):
    question = posed(exercise, "Ada")
    if isinstance(question, Choice):
        assert sum(right for _, right, _ in question.sentences) == 1 and len(question.sentences) >= 3
        return
    assert question.collisions == 0 or exercise.id in ALIKE
    answers = [question.right, *(wrong.number for wrong in question.wrong)]
    spans = sorted((x - question.within(x), x + question.within(x)) for x in answers)
    assert len(answers) > 1 and all(a[1] < b[0] for a, b in pairwise(spans))


def test_what_comes_to_the_same_number_is_told_together(questions):
    question = questions["fan_out.2"][0]
    (both,) = (wrong for wrong in question.wrong if len(wrong.turns) > 1)
    assert set(both.turns) == ALIKE["fan_out.2"] and " Or: " in both.sentence


def test_questions_differ_and_come_again(questions):
    keys = [q.key for many in questions.values() for q in many]
    assert len(keys) == len(set(keys))
    assert [q.key for q in bank(["reverse.1"], 3)["reverse.1"]] == [q.key for q in questions["reverse.1"]]
    assert len(questions["start.5"]) == 1  # only the order of its sentences is drawn
    assert {q.exercise.id for q in questions["reverse.1"]} == {"reverse.1"}


# ---- what the platforms read ---------------------------------------------------------------------------------------

GRADES = {0, 50, 100}  # of those that Moodle knows
REQUIRED = {
    "numerical": {"unitgradingtype", "unitpenalty", "showunits", "unitsleft"},
    "multichoice": {"single", "shuffleanswers", "answernumbering"},
}
ALL = {"name", "questiontext", "generalfeedback", "defaultgrade", "penalty", "hidden", "idnumber", "answer"}


def test_moodle_finds_what_its_importer_reads(questions):
    quiz = ElementTree.fromstring(moodle(questions, "a bank"))
    assert quiz.tag == "quiz" and {q.tag for q in quiz} == {"question"}
    category, numbers, seen = "", set(), 0
    for question in quiz:
        kind = question.get("type")
        if kind == "category":
            category = question.findtext("category/text")
            assert category.startswith("$course$/top/a bank/")
            continue
        assert category and {part.tag for part in question} == ALL | REQUIRED[kind]
        assert question.findtext("name/text").strip() and question.find("questiontext").get("format") == "html"
        fractions = [float(a.get("fraction")) for a in question.iter("answer")]
        assert set(fractions) <= GRADES and fractions.count(100) == 1
        assert all(a.find("feedback/text") is not None for a in question.iter("answer"))
        if kind == "numerical":
            assert all(float(a.findtext("tolerance")) >= 0 for a in question.iter("answer"))
            assert [a.findtext("text") for a in question.iter("answer")][-1] == "*"
        numbers.add(question.findtext("idnumber"))
        seen += 1
        ElementTree.fromstring(f"<div>{question.findtext('questiontext/text')}</div>")
    assert len(numbers) == seen == sum(map(len, questions.values()))


# What the schema imports is not used: these stand for it, so that nothing is fetched.
STUBS = {
    "xml.xsd": (
        "http://www.w3.org/XML/1998/namespace",
        '<attribute name="lang"/><attribute name="base"/><attribute name="space"/>',
    ),
    "XInclude.xsd": ("http://www.w3.org/2001/XInclude", '<element name="include"/>'),
    "mathml2.xsd": ("http://www.w3.org/1998/Math/MathML", '<element name="math"/>'),
    "apipv1p0_qtiextv2p1_v1p0.xsd": (
        "http://www.imsglobal.org/xsd/apip/apipv1p0/imsapip_qtiv1p0",
        '<element name="apipAccessibility"/>',
    ),
}


@pytest.fixture(scope="module")
def schema():
    """The published schema of QTI 2.1."""
    try:
        from lxml import etree
    except ImportError:
        missing("lxml is not here: pip install lxml")

    class Stubs(etree.Resolver):
        def resolve(self, url, id, context):
            space, parts = STUBS[url.rpartition("/")[2]]
            text = f'<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="{space}">{parts}</schema>'
            return self.resolve_string(text, context)

    parser = etree.XMLParser()
    parser.resolvers.add(Stubs())
    text = lzma.decompress((ROOT / "tests/schemas/imsqti_v2p1.xsd.xz").read_bytes())
    assert hashlib.sha256(text).hexdigest() in (ROOT / "tests/schemas/README.md").read_text("utf-8")
    return etree.XMLSchema(etree.fromstring(text, parser, base_url="http://www.imsglobal.org/xsd/imsqti_v2p1.xsd"))


def test_qti_is_valid_by_its_schema(schema, questions):
    from lxml import etree

    archive = zipfile.ZipFile(io.BytesIO(qti(questions)))
    for name in archive.namelist():
        found = etree.fromstring(archive.read(name))
        if name != "imsmanifest.xml":
            assert schema.validate(found), f"{name}: {schema.error_log}"
    broken = (
        archive.read("items/reverse_1_001.xml").replace(b"maxChoices", b"x").replace(b"<itemBody>", b"<itemBody><x/>")
    )
    assert not schema.validate(etree.fromstring(broken))


def test_the_package_names_all_its_files(questions):
    archive = zipfile.ZipFile(io.BytesIO(qti(questions)))
    manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
    space = f"{{{PACKAGE}}}"
    assert [part.tag for part in manifest] == [f"{space}metadata", f"{space}organizations", f"{space}resources"]
    resources = list(manifest.iter(f"{space}resource"))
    files = [r.get("href") for r in resources]
    assert sorted([*files, "imsmanifest.xml"]) == sorted(archive.namelist()) and len(set(files)) == len(files)
    assert all(r.find(f"{space}file").get("href") == r.get("href") for r in resources)
    ids = {r.get("identifier") for r in resources}
    assert {d.get("identifierref") for d in manifest.iter(f"{space}dependency")} == ids - {"test"}
    assert qti(questions) == qti(questions)


# ---- the command ---------------------------------------------------------------------------------------------------

WRONG = {
    "no format": (["reverse.1"], "--as"),
    "code": (["reverse.4", "--as", "qti"], "reverse.4 asks for more than a number"),
    "no such": (["reverse.99", "--as", "qti"], "no exercise reverse.99"),
    "a count": (["reverse.1", "--as", "qti", "--count", "-3"], "not -3"),
    "no count": (["reverse.1", "--as", "qti", "--count", "many"], "not many"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_gets_a_sentence(case, tmp_path, capsys):
    words, told = WRONG[case]
    assert cli.main(["bank", *words, "--out", str(tmp_path / "made")]) != 0
    said = capsys.readouterr().err
    assert told in said and said.count("\n") == 1 and not list(tmp_path.iterdir())


def test_the_command_writes_and_says_where_there_are_no_more(tmp_path, capsys):
    assert cli.main(["bank", "05", "--as", "moodle", "--out", str(tmp_path / "made.xml"), "--count", "2"]) == 0
    assert "costs.5: 1 different questions" in capsys.readouterr().out
    quiz = ElementTree.parse(tmp_path / "made.xml").getroot()
    assert [q.get("type") for q in quiz].count("category") == 3
    assert cli.main(["bank", "05", "--as", "moodle", "--out", str(tmp_path / "no/made.xml")]) == 1
    assert "there is no folder" in capsys.readouterr().err


def test_who_is_meant():
    ids = [e.id for e in chosen(["03", "fan_out", "start.1"])]
    assert {"reverse.1", "reverse.7", "fan_out.3", "start.1"} <= set(ids) and "reverse.4" not in ids
    with pytest.raises(ArgumentError, match="no exercise nothing"):
        chosen(["nothing"])
    assert len(chosen([])) > 40 and json.dumps(ids)
