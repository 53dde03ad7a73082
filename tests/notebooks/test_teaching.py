"""The lecturers' pages say what is so: their numbers are the engine's, their headings, exercises and keys exist."""

import re
from dataclasses import replace

import pytest
from support.teaching_pages import (
    ABOVE,
    CLAIM,
    NUMBER,
    PAGES,
    ROOT,
    Page,
    agrees,
    complaints,
    figures,
    lesson,
    stray_numbers,
)

import backprop_lab as bl
from backprop_lab.mistakes import mystery

LESSONS = sorted(twin.stem for twin in (ROOT / "notebooks/text").glob("*.py"))
SECTIONS = [
    "What it is for",
    "Goals",
    "Before class",
    "Timeline",
    "What to ask",
    "Break it",
    "Exit question",
    "If time is short",
    "If there is time",
    "For the fast third",
    "Exercises",
    "On the board",
    "Sources",
]
ASKED, BROKEN = "What to ask", "Break it"
QUESTIONS = [
    ["at", "ask", "right", "usual wrong answers"],
    ["node", "ask", "right", "usual wrong answers"],
    ["ask", "right, as shown", "usual wrong answers"],
]
MINUTES = {"00_start_here": (10, 15)}  # the others take about 45
ENDS = ("Next", "Where the examples come from")  # headings that need no time


def all_pages():
    return [Page(path) for path in sorted(PAGES.glob("*.md"))]


@pytest.fixture(scope="module", params=LESSONS)
def page(request):
    path = PAGES / f"{request.param}.md"
    assert path.exists(), f"write docs/teaching/{request.param}.md: lesson {request.param} has no page for lecturers"
    return Page(path)


def none(found):
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("name", LESSONS[:11])
def test_there_is_a_script_to_print(name):
    topic = lesson(name).exercises[0].partition(".")[0]
    before = Page(PAGES / f"{name}.md").sections["Before class"]
    assert any(f'`print(bl.script("{topic}"))`' in line for _, line in before), (
        f"docs/teaching/{name}.md: name its script"
    )


def test_sections(page):
    there = [title for title in page.sections if title in SECTIONS]
    assert there == SECTIONS, f"{page.path.name} must have the sections {SECTIONS}, in this order; it has {there}"


def test_answers_are_the_engines(page):
    none([sentence for table in page.tables for sentence in complaints(table)])


def test_there_is_something_to_ask_and_to_break(page):
    tables = [table for table in page.tables if table.section in (ASKED, BROKEN)]
    none(
        [
            f'{page.path.name}: a table in "{table.section}" has the columns {table.columns}, not {QUESTIONS}'
            for table in tables
            if table.columns not in QUESTIONS
        ]
    )
    asked, broken = (sum(len(t.rows) for t in tables if t.section == title) for title in (ASKED, BROKEN))
    assert asked >= 4, f'{page.path.name}, "{ASKED}": ask at least four questions'
    assert broken, f'{page.path.name}, "{BROKEN}": a table must say what the room sees'


@pytest.mark.parametrize("name", ["03_reverse_mode", "09_layers_and_shapes"])
def test_a_number_that_is_off_is_noticed(name):
    """Each right answer and each wrong one, changed one at a time."""
    for table in Page(PAGES / f"{name}.md").tables:
        if table.columns not in QUESTIONS:
            continue
        for n, row in table.rows:
            claims = CLAIM.findall(row["usual wrong answers"])
            changed = [
                {**row, "usual wrong answers": row["usual wrong answers"].replace(f"**{x}**", "**777**", 1)}
                for x, *_ in claims
            ]
            changed += [{**row, "right": "777"}] if "right" in row else [{**row, "right, as shown": "`777 `"}]
            for each in changed:
                assert complaints(replace(table, rows=[(n, each)])), (n, each)


def test_no_number_that_nothing_checks(page):
    none(
        [
            f"{page.at(n)}: the number {x} is in no table, so nothing checks it; put it into one, or say it in words"
            for n, section, line in page.prose
            if section in ("What it is for", ASKED, BROKEN)
            for x in stray_numbers(ABOVE.sub("", line))
        ]
    )


def test_timeline(page):
    (timeline,) = page.tables_with("minutes", "part", "what happens")
    low, high = MINUTES.get(page.lesson, (40, 50))
    total = sum(int(row["minutes"]) for _, row in timeline.rows)
    assert low <= total <= high, f"{page.path.name}, Timeline: {total} minutes; it should be {low} to {high}"
    (course,) = Page(PAGES / "README.md").tables_with("lesson", "page", "minutes in class", "needs")
    given = [row["minutes in class"] for _, row in course.rows if f"({page.path.name})" in row["page"]]
    assert len(given) == 1, f"docs/teaching/README.md: the table of lessons must have one row with {page.path.name}"
    assert int(given[0].split(",")[0]) == total, (
        f"docs/teaching/README.md: the timeline of {page.path.name} takes {total} minutes, the table has {given[0]}"
    )
    headings = lesson(page.lesson).headings
    none(
        [
            f'{page.at(n)}: the notebook has no heading "{part}"; it has {", ".join(headings)}'
            for n, row in timeline.rows
            for part in row["part"].split("; ")
            if part not in headings
        ]
    )


def test_every_part_of_the_lesson_has_its_place(page):
    text = "\n".join(page.lines)
    (timeline,) = page.tables_with("minutes", "part", "what happens")
    placed = {part for _, row in timeline.rows for part in row["part"].split("; ")}
    none(
        [
            f'{page.path.name}: the lesson has a part "{heading}"; give it minutes in the timeline, or name it, in '
            f'quotation marks, in "If time is short" or "If there is time"'
            for heading in lesson(page.lesson).headings
            if heading not in placed and heading not in ENDS and f'"{heading}"' not in text
        ]
    )


def test_exercises(page):
    tables = page.tables_with("exercise", "points", "where", "watch for")
    rows = {row["exercise"].strip("`"): (n, row) for table in tables for n, row in table.rows}
    there = lesson(page.lesson).exercises
    assert list(rows) == there, f"{page.path.name}, Exercises: the lesson has {there}, the page {list(rows)}"
    found = []
    for id, (n, row) in rows.items():
        exercise = bl.exercises[id]
        if not agrees(row["points"], exercise.points):
            found.append(f"{page.at(n)}: {id} brings {exercise.points:g} points, the page has {row['points']}")
        if row["where"] not in ("class", "home", "extra"):
            found.append(f"{page.at(n)}: say where {id} is done: class, home or extra")
        known = list(exercise.wrong_answers())
        found += [
            f"{page.at(n)}: {id} recognises no wrong turn “{name}”; it recognises {', '.join(known)}"
            for name in re.findall(r"(?<!\*)\*([^*]+)\*", row["watch for"])
            if name not in known
        ]
    none(found)
    total = sum(bl.exercises[id].points for id in there)
    said = f"{total:g} points" if there else "no exercises"
    assert any(said in line for _, line in page.sections["Exercises"]), f"{page.path.name}, Exercises: say “{said}”"


def test_sketches(page):
    """A sketch that says whose numbers it has, has no others; one without a graph has no numbers but 0, 1 and 2."""
    found, book = [], lesson(page.lesson)
    assert page.sketches, f'{page.path.name}, "On the board": sketch something'
    for n, about, lines in page.sketches:
        allowed = {0.0, 1.0, 2.0}
        if about:
            assert about[2] in book.headings, f'{page.at(n)}: the notebook has no heading "{about[2]}"'
            allowed |= figures(book.evaluate(about[2], about[3]))
        for k, line in enumerate(lines, start=1):
            found += [
                f"{page.at(n + k)}: the sketch has {x}, which is no number of its graph"
                for x in NUMBER.findall(line)
                if not any(agrees(x.lstrip("+"), y) for y in allowed)
            ]
    none(found)


def test_the_overview_explains_every_wrong_turn_that_a_page_names():
    (known,) = Page(PAGES / "README.md").tables_with("wrong turn", "what went on", "ask back")
    explained = {name for _, row in known.rows for name in re.findall(r"\*([^*]+)\*", row["wrong turn"])}
    named = {
        name
        for page in all_pages()
        for table in page.tables
        if table.columns[0] in ("at", "node")
        for _, row in table.rows
        for _, name, _ in CLAIM.findall(row["usual wrong answers"])
        if name
    }
    named -= {"too early", "ready too", "has had its turn", "has nobody to send to"}  # these say it themselves
    none(
        [f"docs/teaching/README.md: explain the wrong turn “{name}”" for name in sorted(named - explained)]
        + [f"docs/teaching/README.md: no page names “{name}”; leave it out" for name in sorted(explained - named)]
    )


def test_links_lead_somewhere():
    found = []
    for page in all_pages():
        for n, line in enumerate(page.lines, start=1):
            for target in re.findall(r"\]\(([^)]+)\)", line):
                if target.startswith(("/", "http")):
                    found.append(f"{page.at(n)}: {target} is not relative; the pages are read without a network")
                elif not (page.path.parent / target.partition("#")[0]).exists():
                    found.append(f"{page.at(n)}: {target} leads nowhere")
    none(found)


def test_each_page_leads_to_its_notebook_and_the_overview_to_all():
    overview = (PAGES / "README.md").read_text("utf-8")
    for name in LESSONS:
        own = (PAGES / f"{name}.md").read_text("utf-8")
        assert f"({name}.md)" in overview, f"docs/teaching/README.md: link to {name}.md"
        assert f"(../../notebooks/{name}.ipynb)" in own, f"docs/teaching/{name}.md: link to its notebook"
    strangers = {page.lesson for page in all_pages()} - {*LESSONS, "README"}
    assert not strangers, f"docs/teaching has pages for lessons that do not exist: {strangers}"
    assert "(../grading.md)" in overview


def keys():
    """The keys that the player's own lists name, with those that answer a question."""
    widgets = ROOT / "backprop_lab/widgets"
    files = [widgets / "keys.js", widgets / "finder.js", *(widgets / "views").glob("*.js")]
    script = "".join(path.read_text("utf-8") for path in files)
    parts = [part for entry in re.findall(r'\bkeys: "([^"]+)"', script) for part in entry.split(", ")]
    assert "?" in parts and len(parts) > 15
    found = {key for part in parts for key in ([part] if part[-1].isalpha() else part.split())}  # Page Down is one key
    claims = {str(k + 1) for k in range(mystery.MOST)}  # of a mystery: one key for each rule
    return found | claims | {"Enter", "Tab", "Shift+Enter"}  # the last two are the browser's and the notebook's


def test_keys_exist():
    known = keys()
    named = [
        (page, n, key)
        for page in all_pages()
        for n, line in enumerate(page.lines, start=1)
        for key in re.findall("<kbd>([^<]+)</kbd>", line)
    ]
    assert len(named) > 10
    none(
        [
            f"{page.at(n)}: the player has no key {key}; it has {', '.join(sorted(known))}"
            for page, n, key in named
            if key not in known
        ]
    )


def test_numbers_are_compared_as_a_reader_would():
    assert agrees("140", 140.0) and not agrees("140", 140.2) and agrees("140.17", 140.1700000001)
    assert agrees("−0.0056", -0.005644800322) and not agrees("0.0056", -0.005644800322)
    assert agrees("[−2, 0, 2]", [-2, 0, 2]) and not agrees("[2, 0, −2]", [-2, 0, 2]) and not agrees("[2, 0]", [2, 0, 1])
    assert agrees("e", "e") and stray_numbers("v1 gets 5, not `6`") == ["5"]
