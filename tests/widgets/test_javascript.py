"""The player's JavaScript as text: functions that fit on a screen, and no list that says what another one says.

What it does is tested in a browser (`test_player_page.py` and its kin), its types by `make check`.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

from support.web import web

import backprop_lab
from backprop_lab.widgets import embedded, ground_page, page, settings

FOLDER = Path(backprop_lab.__file__).parent / "widgets"
MOST_LINES = 80
LENGTHS = """
const [typescript, ...files] = process.argv.slice(2);
const ts = require(typescript);
const found = [];
for (const file of files) {
  const source = ts.createSourceFile(file, require("fs").readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const line = (at) => source.getLineAndCharacterOfPosition(at).line + 1;
  const walk = (node) => {
    const [first, last] = [line(node.getStart(source)), line(node.end)];
    if (ts.isFunctionLike(node)) found.push([`${file}:${first}`, last - first + 1]);
    ts.forEachChild(node, walk);
  };
  walk(source);
}
console.log(JSON.stringify(found));
"""
# Files as a compiler understands them: each part of the syntax tree, with its sign or its own text.
UNDERSTOOD = """
const [typescript, ...files] = process.argv.slice(2);
const ts = require(typescript);
const parts = (file) => {
  const source = ts.createSourceFile(file, require("fs").readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const found = [];
  const walk = (node) => {
    let leaf = true;
    found.push([ts.SyntaxKind[node.kind], node.flags & ts.NodeFlags.BlockScoped, node.operator ?? 0, ""]);
    const own = found[found.length - 1];
    ts.forEachChild(node, (child) => { leaf = false; walk(child); });
    if (leaf && node.kind <= ts.SyntaxKind.LastToken) own[3] = node.getText(source);
  };
  walk(source);
  return [source.parseDiagnostics.length, ...found];
};
console.log(JSON.stringify(files.map(parts)));
"""


def asked(program, files):
    """What a program in node says of some files, with the compiler at hand."""
    typescript = web("typescript/typescript.js")
    node = shutil.which("node")
    assert node, "node comes with npm"
    done = subprocess.run([node, "-", str(typescript), *map(str, files)], input=program, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def lengths(*files):
    """Each function of some files, those in other functions too: where it begins, and how many lines it has."""
    return asked(LENGTHS, files)


def test_functions_fit_on_a_screen():
    found = lengths(*sorted(FOLDER.rglob("*.js")))
    assert len(found) > 300
    assert [(place, lines) for place, lines in found if lines > MOST_LINES] == []


def test_a_function_that_does_not_fit_is_found(tmp_path):
    """However it is written: 80 lines are few enough, 81 are not, and a comment before it does not count."""
    kinds = (
        "function f() {",
        "const f = () => {",
        "class C { f() {",
        "class C { constructor() {",
        "f(async function () {",
    )
    for rest, many in ((79, 80), (80, 81)):
        for k, kind in enumerate(kinds):
            file = tmp_path / f"{k}.js"
            end = "}" + "}" * kind.startswith("class") + ")" * kind.startswith("f(")
            file.write_text("/** Says\n * something. */\n" + kind + "\n" * rest + end + ";\n", "utf-8")
            assert [lines for _, lines in lengths(file)] == [many], kind


def test_every_file_is_loaded_once():
    written = {path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.js")}
    ours = {*page.SCRIPTS, *ground_page.SCRIPTS, *embedded.SCRIPTS, "embed/carrier", "embed/module"}
    assert sorted(ours) == sorted(written)
    for names, script in ((page.SCRIPTS, page.script()), (ground_page.SCRIPTS, ground_page.script())):
        assert len(names) == len(set(names)) and script.count("\nexport default") == 1 and "\nimport " not in script


def test_a_page_has_the_program_as_it_is_written_without_its_comments(tmp_path):
    whole, lean = tmp_path / "whole.js", tmp_path / "lean.js"
    for names, tables, script in (
        (page.SCRIPTS, page.from_the_table(), page.script()),
        (ground_page.SCRIPTS, ground_page.tables(), ground_page.script()),
    ):
        whole.write_text("".join([*(page.text(f"{name}.js") for name in names), tables]), "utf-8")
        lean.write_text(script, "utf-8")
        one, other = asked(UNDERSTOOD, (whole, lean))
        assert one[0] == 0 and one == other and len(one) > 12_000
        assert not re.search(r"^ |^//|/\*", script, re.M) and len(script) < 0.72 * len(whole.read_text("utf-8"))


def test_what_a_lean_script_would_spoil_is_noticed(tmp_path):
    """The compiler tells the texts apart where a string or a template looks like a comment or begins a line."""
    for code in ('const a = "see // there";\n', "const a = `one\n  two`;\n", 'const a = "/** b */";\n'):
        whole, lean = tmp_path / "whole.js", tmp_path / "lean.js"
        whole.write_text(code, "utf-8")
        lean.write_text(page.lean_script(code), "utf-8")
        one, other = asked(UNDERSTOOD, (whole, lean))
        assert one != other
    spread = """
        /** Says.
         * It. */
        f ( /** @type {A} */ ( "a , b" ) , `c , ${d} e` ) ; // why

        //
        // no
        if (x !== 1) {
          g = { a : 1 } ;
          h = (`a ${`b , c`}`) ;
        }
        i = / , /.test ('a')
          .j;
    """
    lean = """f(("a , b"),`c , ${d} e`);if(x!==1){g={a:1};h = (`a ${`b , c`}`) }\ni=/ , /.test('a').j;"""
    assert page.lean_script(spread) == lean


def test_a_view_is_called_as_its_file():
    for name in page.VIEWS:
        assert re.findall(r'VIEWS\.push\({\n  name: "(\w+)"', page.text(f"views/{name}.js")) == [name]


def test_each_setting_has_its_words():
    words = re.findall(r'^  { name: "(\w+)", label: ".+"', page.text("asking.js"), re.M)
    assert words == [setting.name for setting in settings.SETTINGS]
