"""Questions as a QTI 2.1 package, which Canvas and Blackboard import: a zip with an item a question, and a test.

The test has a section an exercise, of which each student gets one question.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .posing import Choice, Numeric, Posed
from .xml import Element, document, element, shortest, xhtml

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
TEST, MANIFEST = "test.xml", "imsmanifest.xml"
WHEN = (2000, 1, 1, 0, 0, 0)  # the same questions give the same bytes


def qti(questions: Mapping[str, Sequence[Posed]], name: str = "backprop_lab") -> bytes:
    """The package, of questions by the ids of their exercises."""
    files = dict(_files(questions, name))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            entry = zipfile.ZipInfo(path, WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return packed.getvalue()


def _files(questions: Mapping[str, Sequence[Posed]], name: str) -> Iterator[tuple[str, str]]:
    items = {id: {_identifier(id, k): q for k, q in enumerate(found, 1)} for id, found in questions.items()}
    yield MANIFEST, _rooted(_manifest([item for found in items.values() for item in found]), PACKAGE)
    yield TEST, _rooted(_test(items, name), QTI)
    for found in items.values():
        yield from ((_path(item), _rooted(_item(item, question), QTI)) for item, question in found.items())


def _identifier(id: str, number: int) -> str:
    return f"{re.sub(r'[^A-Za-z0-9]', '_', id)}_{number:03}"


def _path(item: str) -> str:
    return f"items/{item}.xml"


def _rooted(root: Element, namespace: str) -> str:
    """The text of a file whose elements are of one namespace, which is said where its schema is."""
    root.attrib |= {"xmlns": namespace, "xmlns:xsi": INSTANCE, "xsi:schemaLocation": f"{namespace} {namespace}.xsd"}
    return document(root)


def _manifest(items: Iterable[str]) -> Element:
    items = list(items)
    about = element("metadata", element("schema", "QTIv2.1 Package"), element("schemaversion", "1.0.0"))
    uses = [element("dependency", identifierref=item) for item in items]
    resources = [_resource("test", "imsqti_test_xmlv2p1", TEST, *uses)]
    resources += [_resource(item, "imsqti_item_xmlv2p1", _path(item)) for item in items]
    parts = (about, element("organizations"), element("resources", *resources))
    return element("manifest", *parts, identifier="backprop_lab")


def _resource(id: str, type_: str, path: str, *more: Element) -> Element:
    return element("resource", element("file", href=path), *more, identifier=id, type=type_, href=path)


def _test(items: Mapping[str, Mapping[str, Posed]], name: str) -> Element:
    sections = []
    for k, (id, found) in enumerate(items.items(), 1):
        title = f"{id} {next(iter(found.values())).exercise.title}"
        refs = [element("assessmentItemRef", identifier=item, href=_path(item), fixed="false") for item in found]
        one = element("selection", select="1")
        sections.append(element("assessmentSection", one, *refs, identifier=f"s{k}", title=title, visible="true"))
    part = {"identifier": "all", "navigationMode": "nonlinear", "submissionMode": "individual"}
    return element("assessmentTest", element("testPart", *sections, **part), identifier="test", title=name)


def _item(item: str, question: Posed) -> Element:
    own = _numeric(question) if isinstance(question, Numeric) else _choice(question)
    declared, body, processing, feedback = own
    grades = [_outcome("SCORE", "float", "0"), _outcome("MAXSCORE", "float", "1"), _outcome("FEEDBACK", "identifier")]
    told = [_feedback(id, sentence) for id, sentence in feedback.items() if sentence]
    title = f"{question.exercise.id} {question.exercise.title}"
    about = {"identifier": item, "title": title, "adaptive": "false", "timeDependent": "false"}
    return element("assessmentItem", declared, *grades, body, processing, *told, **about)


Parts = tuple[Element, Element, Element, dict[str, str]]


def _numeric(question: Numeric) -> Parts:
    rows = [("right", question.right, 1.0, "")]
    rows += [(f"turn_{k}", *wrong[::3], wrong.sentence) for k, wrong in enumerate(question.wrong, 1)]
    near = {id: shortest(question.within(number)) for id, number, *_ in rows}
    branches: list[tuple[Element | None, str, float]] = [
        (
            element(
                "equal",
                element("variable", identifier="RESPONSE"),
                element("baseValue", shortest(number), baseType="float"),
                toleranceMode="absolute",
                tolerance=f"{near[id]} {near[id]}",
            ),
            id,
            share,
        )
        for id, number, share, _ in rows
    ]
    asked = element("p", element("textEntryInteraction", responseIdentifier="RESPONSE", expectedLength="12"))
    body = element("itemBody", *xhtml(question.text), asked)
    told = {id: sentence for id, *_, sentence in rows} | {"other": question.hint}
    return _declared("float", shortest(question.right)), body, _processing([*branches, (None, "other", 0.0)]), told


def _choice(question: Choice) -> Parts:
    rows = {f"c{k}": row for k, row in enumerate(question.sentences, 1)}
    choices = [element("simpleChoice", *xhtml(sentence), identifier=id) for id, (sentence, *_) in rows.items()]
    asked = element("choiceInteraction", *choices, responseIdentifier="RESPONSE", shuffle="true", maxChoices="1")
    right = next(id for id, (_, good, _) in rows.items() if good)
    branches: list[tuple[Element | None, str, float]] = [
        (
            element(
                "match",
                element("variable", identifier="RESPONSE"),
                element("baseValue", id, baseType="identifier"),
            ),
            f"t{id}",
            float(good),
        )
        for id, (_, good, _) in rows.items()
    ]
    body = element("itemBody", *xhtml(question.text), asked)
    return (
        _declared("identifier", right),
        body,
        _processing(branches),
        {f"t{id}": reply for id, (*_, reply) in rows.items()},
    )


def _declared(kind: str, right: str) -> Element:
    correct = element("correctResponse", element("value", right))
    return element("responseDeclaration", correct, identifier="RESPONSE", cardinality="single", baseType=kind)


def _outcome(id: str, kind: str, first: str = "") -> Element:
    default = [element("defaultValue", element("value", first))] if first else []
    return element("outcomeDeclaration", *default, identifier=id, cardinality="single", baseType=kind)


def _processing(branches: Sequence[tuple[Element | None, str, float]]) -> Element:
    """The first condition that holds decides; one without a condition is what is left."""
    tags = ["responseIf", *["responseElseIf"] * (len(branches) - 1)]
    parts = []
    for tag, (condition, id, share) in zip(tags, branches, strict=True):
        sets = [_set("SCORE", "float", shortest(share)), _set("FEEDBACK", "identifier", id)]
        parts.append(element(tag, condition, *sets) if condition is not None else element("responseElse", *sets))
    return element("responseProcessing", element("responseCondition", *parts))


def _set(id: str, kind: str, value: str) -> Element:
    return element("setOutcomeValue", element("baseValue", value, baseType=kind), identifier=id)


def _feedback(id: str, sentence: str) -> Element:
    return element("modalFeedback", *xhtml(sentence), outcomeIdentifier="FEEDBACK", identifier=id, showHide="show")
