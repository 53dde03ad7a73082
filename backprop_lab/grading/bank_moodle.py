"""Questions as Moodle XML, which Moodle imports into its question bank: a category an exercise, a question a seed.

There is no published schema: the form is that of Moodle 4's documentation, "Moodle XML format".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .posing import Choice, Numeric, Posed
from .xml import Element, document, element, html, shortest


def moodle(questions: Mapping[str, Sequence[Posed]], name: str = "backprop_lab") -> str:
    """The file's text, of questions by the ids of their exercises."""
    quiz = element("quiz")
    for id, found in questions.items():
        quiz.append(_category(f"$course$/top/{name}/{id} {_plain(found[0].exercise.title)}"))
        quiz.extend(_question(question, k) for k, question in enumerate(found, 1))
    return document(quiz)


def _plain(title: str) -> str:
    return title.replace("/", "//")  # a single one would begin another category


def _text(tag: str, content: str, **attributes: str) -> Element:
    return element(tag, element("text", content), **attributes)


def _category(path: str) -> Element:
    return element("question", _text("category", path), type="category")


def _question(question: Posed, number: int) -> Element:
    exercise = question.exercise
    kind, own = (
        ("numerical", _numeric(question)) if isinstance(question, Numeric) else ("multichoice", _choice(question))
    )
    id = f"{exercise.id} {question.seed}"
    return element(
        "question",
        _text("name", f"{exercise.id} {number:03} {exercise.title}"),
        _text("questiontext", html(question.text), format="html"),
        _text("generalfeedback", "", format="html"),
        element("defaultgrade", "1"),
        element("penalty", "0.3333333"),
        element("hidden", "0"),
        element("idnumber", id[:100]),
        *own,
        type=kind,
    )


def _answer(text: str, share: float, feedback: str, *more: Element, kind: str = "moodle_auto_format") -> Element:
    told = _text("feedback", html(feedback), format="html")
    return element("answer", element("text", text), told, *more, fraction=shortest(100 * share), format=kind)


def _numeric(question: Numeric) -> Iterable[Element]:
    def answer(number: float, share: float, feedback: str) -> Element:
        return _answer(shortest(number), share, feedback, element("tolerance", shortest(question.within(number))))

    yield answer(question.right, 1.0, "")
    yield from (answer(wrong.number, wrong.share, wrong.sentence) for wrong in question.wrong)
    yield _answer("*", 0.0, question.hint, element("tolerance", "0"))
    yield from (element("unitgradingtype", "0"), element("unitpenalty", "0.1"))
    yield from (element("showunits", "3"), element("unitsleft", "0"))


def _choice(question: Choice) -> Iterable[Element]:
    yield from (element("single", "true"), element("shuffleanswers", "true"), element("answernumbering", "abc"))
    for sentence, right, reply in question.sentences:
        yield _answer(html(sentence), float(right), reply, kind="html")
