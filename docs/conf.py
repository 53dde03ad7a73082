"""How Sphinx makes the site out of this folder: `make docs`.

Pages are Markdown. `docs/live.py` adds players that step, the table of operations, and the docstrings as they are
written here. Nothing is fetched when a page is read: formulas are MathML, and the theme brings its own files.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from backprop_lab import __version__  # noqa: E402

project = "backprop_lab"
author = "the backprop_lab developers"
copyright = f"{author}; BSD 3-clause licence"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "live"]
exclude_patterns = ["Thumbs.db", ".DS_Store"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
default_role = "code"  # of docstrings
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say it, in words
napoleon_google_docstring = False
napoleon_custom_sections = ["Warns"]
napoleon_use_ivar = True

suppress_warnings = ["ref.python", "toc.empty_glob"]  # several classes have a .value; the nearest is meant

html_theme = "furo"
html_title = "backprop_lab"
html_copy_source = False
html_show_sphinx = False
