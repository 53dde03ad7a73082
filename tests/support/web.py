"""Files of npm's packages that tests put into a page (web_parts.py brings them), and what is asked of axe."""

import os
import sys
from pathlib import Path

from support.machine import missing

SERIOUS = ("serious", "critical")
# The rules that ask how a page is painted, and those that ask where things are; the others read what is in it.
COLOURS = ("color-contrast", "link-in-text-block")
PLACES = ("scrollable-region-focusable", "aria-hidden-focus")
RUN = """([scope, rules]) => axe.run(scope, {resultTypes: ['violations'], ...rules}).then(
  (found) => found.violations.map((v) => [v.impact, v.id,
    v.nodes.map((node) => node.target.join(' ') + ': ' + node.failureSummary)]))"""


def web(name: str) -> Path:
    """A file of .venv/web; WEB names another folder."""
    path = Path(os.environ.get("WEB") or Path(sys.prefix) / "web") / name
    if not path.exists():
        missing(f"{name} is not here; make test brings it into .venv/web, and needs npm for that")
    return path


def findings(page, scope: str = "html", only: tuple = ()) -> list:
    """What axe-core finds wrong below an element, as far as it is serious; by some rules only."""
    if not page.evaluate("() => Boolean(window.axe)"):
        # not a script element: axe would call itself an AMD module where the page has a loader
        page.evaluate(f"() => {{ const define = undefined; {web('axe.min.js').read_text('utf-8')} }}")
    return [found for found in page.evaluate(RUN, [scope, {"runOnly": only} if only else {}]) if found[0] in SERIOUS]
