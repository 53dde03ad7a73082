"""The recipes of CONTRIBUTING as edits of a tree, and what is in the names of the tests that show what they add.

An edit puts text beside a marker: a line or a piece of one that stands once in its file. So nothing here counts lines.
"""

import re

from support.places import ROOT

__all__ = ["FOLLOWED", "RECIPES"]

LESSON, LIKE = "90_recipe", "02_forward_mode"


def recipes():
    """The text of each recipe by its heading."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## Recipes")[1].split("\n## ")[0]
    parts = re.split(r"^\*\*(.+?)\.\*\*", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


RECIPES = recipes()


def put(tree, path, text, *, after="", before=""):
    """Insert text behind or before a marker."""
    file = tree / path
    content = file.read_text("utf-8")
    assert content.count(after or before) == 1, f"{path} has {content.count(after or before)} times {after or before!r}"
    whole = after + text if after else text + before
    file.write_text(content.replace(after or before, whole), "utf-8")


def operation(tree):
    table, tests = "backprop_lab/table/table.py", "tests/table"
    row = '_entry("recipe_gauss", "x", "exp(-x**2)", "-2 * x * y")\n'
    put(tree, table, row, before='_entry("sigmoid", ')
    content = (tree / table).read_text("utf-8")
    hypot = re.search(r'^_entry\("hypot".*\n(?: {7}.*\n)*', content, re.M)[0]
    (tree / table).write_text(content.replace(hypot, ""), "utf-8")
    put(tree, table, hypot, before='_entry("arcsin"')  # where it stands makes no difference
    put(tree, f"{tests}/test_primitives.py", '    "recipe_gauss": lambda x: np.exp(-(x**2)),\n', after="WRITTEN = {\n")
    put(
        tree, f"{tests}/test_far_out.py", '    "recipe_gauss": (lambda x: -2 * x * exp(-x * x),),\n', after="TRUE = {\n"
    )


def example(tree):
    catalogue = "backprop_lab/catalogue/entries.py"
    function = "def recipe_example(x, y):\n    p = x * y\n    q = p + x\n    z = q**2\n    return z\n\n\n"
    figures = '{"value": 64.0, "gradient": (64.0, 32.0), "p": 6.0, "adjoint of q": 16.0}'
    put(tree, catalogue, function, before="def edelman(")
    put(
        tree, catalogue, f"\n    _entry(recipe_example, EDELMAN, {figures}, x=2.0, y=3.0),", after="examples = _Course("
    )
    show = '# %%\nprint(bl.adjoint_sweep(bl.examples["recipe-example"].trace()))\n\n'
    put(tree, f"notebooks/text/{LESSON}.py", show, before="# %% [markdown]\n# ## Break it")
    row = f'\n    "recipe-example": (Cell("{LESSON}", \'bl.examples["recipe-example"]\', ("16 + 48 = 64",)),),'
    put(tree, "tests/support/curriculum.py", row, after="ROWS: dict[str, tuple[Cell, ...]] = {")


def misconception(tree):
    entry = '    Misconception("recipe of halves", slope=lambda use: use.slope / 2),\n'
    put(tree, "backprop_lab/mistakes/table.py", entry, after="instead=_all_at_once),\n")
    says = "\nrecipe of halves: only half of {formula} goes back: {lost}"
    put(tree, "backprop_lab/mistakes/table.py", says, after='SENTENCES = """')
    figures = '    "recipe of halves": ((35, 3), (1.75, 1.5), (0.5, 1.25)),\n'
    put(tree, "tests/mistakes/test_wrong_turns.py", figures, after="FIGURES = {\n")


def optimiser(tree):
    row = """
recipe_sign: Only the sign
    source: nobody
    settings: rate = 0.5, rho = 0.25
    state: m = 0
    m = rho * m + (1 - rho) * g
    w = w - rate * m / abs(m)
"""
    put(tree, "backprop_lab/descent/methods.py", row, before='"""\n# How names are written')
    put(tree, "tests/descent/test_methods.py", '"recipe_sign": ({}, [3.5, 3.0])', after="BY_HAND = {")


def misstep(tree):
    entry = '        Misstep("recipe-of-thirds", _sub(r"^w = w - ", "w = w - 1 / 3 * "), drawn=False),\n'
    put(tree, "backprop_lab/descent/mistakes.py", entry, before='        Misstep("decay counted from 0"')
    says = '    "recipe-of-thirds": "only a third of the step is made: {wrong}, in place of {right}",\n'
    put(tree, "backprop_lab/descent/mistakes.py", says, after="SENTENCES = {\n")
    by_hand = '    ("sgd", {"rate": 0.375}, "w_1", "recipe-of-thirds", 4.0),\n'
    put(tree, "tests/descent/test_mistakes.py", by_hand, after="BY_HAND = [\n")


def sentence(tree):
    advice = "1 / np.mean(1 / np.array([x, 6.0]))"
    idiom = "harmonic_mean = 1 / np.mean(1 / np.array(a))\n"
    put(tree, "backprop_lab/recording/sentences/idioms.py", idiom, before="mean fmean:mean ")
    told = "statistics.harmonic_mean needs a plain number and met a traced value"
    row = f'    Bad("statistics.harmonic_mean([x, 6.0])", "{told}", "write {advice}", "4.0", "{advice}"),\n'
    put(tree, "tests/support/bad_inputs.py", row, after="IN_A_FUNCTION = [\n")


def lesson(tree):
    """The second lesson once more, under another name."""
    name = LESSON.split("_")[1]
    words = {
        r"\bforward\.(?=\d)": f"{name}.",
        r'progress\("forward': f'progress("{name}',
        r' +was="\S+\n': "",
        LIKE: LESSON,
    }
    for path in ("backprop_lab/exercises/lessons/{}.py", "notebooks/text/{}.py", "docs/teaching/{}.md"):
        inside = "lessons" in path
        content = (tree / path.format("forward" if inside else LIKE)).read_text("utf-8")
        for old, new in words.items():
            content = re.sub(old, new, content)
        (tree / path.format(name if inside else LESSON)).write_text(content, "utf-8")
    put(tree, "backprop_lab/exercises/books.py", f'"{name}", ', after="BOOKS = [")
    overview = (tree / "docs/teaching/README.md").read_text("utf-8")
    last = re.findall(r"^\| \d+ .*\n", overview, re.M)[-1]
    put(tree, "docs/teaching/README.md", f"| 90 Recipe | [90]({LESSON}.md) | 45 | lesson 1 |\n", after=last)


def exercise(tree):
    module = tree / "backprop_lab/exercises/lessons/recipe.py"
    module.write_text(module.read_text("utf-8") + EXERCISE, "utf-8")
    put(tree, f"notebooks/text/{LESSON}.py", "\n\n# %%\n# exercise: recipe.8", after="# exercise: recipe.6")
    page, row = f"docs/teaching/{LESSON}.md", "| `recipe.8` | 2 | home | *exponent lost* |\n"
    last = re.search(r"^\| `recipe\.6`.*\n", (tree / page).read_text("utf-8"), re.M)[0]
    put(tree, page, row, after=last)
    points = "Seven exercises, 19 points"
    (tree / page).write_text((tree / page).read_text("utf-8").replace(points, "Eight exercises, 21 points"), "utf-8")


EXERCISE = '''

def square_of_a_sum(x, y):
    s = x + 2 * y
    z = s**2
    return z


BOOK.add(
    Predict,
    "recipe.8",
    "A square of a sum",
    """
Go back through this function, from z = 1.
""",
    points=2,
    hints=("Start at the square: its slope is twice s.", "y gets twice of what s gets."),
    function=square_of_a_sum,
    ask=("s", "x", "y"),
    inputs={"x": 2.0, "y": 3.0},
)
'''


def blocks(heading):
    """The code that a recipe shows."""
    return re.findall(r"^```\w*\n(.*?)^```", RECIPES[heading], re.M | re.S)


def view(tree):
    (script,) = blocks("A view beside the graph")
    (tree / "backprop_lab/widgets/views/known.js").write_text(script, "utf-8")
    put(tree, "backprop_lab/widgets/page.py", '"known", ', after="VIEWS = (")


def setting(tree):
    python, javascript = blocks("A setting")
    put(tree, "backprop_lab/widgets/settings.py", python, after="SETTINGS = (\n")
    put(tree, "backprop_lab/widgets/asking.js", javascript, after="const SETTINGS = [\n")


# By the heading of each recipe: its edits, and pieces of the names of tests that must have passed.
FOLLOWED = {
    "An operation": (
        operation,
        ["recipe_gauss", "test_every_entry_is_looked_at", "test_recipe_operation", "[hypot]", "test_a_kink_of_two"],
    ),
    "A lesson": (lesson, ["[90_recipe]", "test_twins_and_notebooks_agree", "test_the_overview"]),
    "A worked example": (example, ["recipe-example", "recipe_example", "test_the_table_has_every_row"]),
    "A misconception": (
        misconception,
        ["test_figures_of_the_examples", "test_recipe_misconception", "that_students_have_got"],
    ),
    "An optimiser": (
        optimiser,
        ["[recipe_sign]", "test_every_method_has_an_oracle", "test_the_page_makes_the_same_steps"],
    ),
    "A misconception about a step": (misstep, ["recipe-of-thirds", "test_every_misconception_shows_somewhere"]),
    "A sentence for a bad input": (sentence, ["harmonic_mean"]),
    "An exercise in a lesson": (exercise, ["recipe.8"]),
    "A view beside the graph": (view, ["test_every_file_is_loaded_once", "test_a_view_is_called", "test_recipe_view"]),
    "A setting": (setting, ["test_each_setting_has_its_words", "test_recipe_setting"]),
}
