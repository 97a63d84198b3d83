"""Settings of the Sphinx build; the behaviour is in `_ext` (our extensions) and in the press (`tools`)."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from tools.source import read  # noqa: E402  # after the path is set

BOOK = read(HERE / "data" / "book.yaml", "docs/data/book.yaml")[0].value

project = BOOK["title"]
author = BOOK["author"][0]["literal"]
copyright = f"{BOOK['issued'][:4]}, {author}; text {BOOK['license']}, code {BOOK['code-license']}"
version = release = BOOK["edition"]
html_title = "Reasoning LLMs and RL"
html_baseurl = BOOK.get("base-url", "")
language = "en"

extensions = [
    "myst_nb",  # MyST Markdown, and pages that run: the labs
    "sphinx_design",
    "sphinxcontrib.bibtex",
    "references",  # author-year citations, a reference list on each page; loads bibindex and citestyle
    "chapter",  # meta line, notice of an outline, objectives
    "tables",  # row headers, filters and sorting of the generated tables
    "welcome",  # counts and reading paths of the welcome page
    "mathml",  # formulas become MathML at build time
    "labcode",  # lab modules on the path of the pages, one thread; notebooks run again when a module changed
    "labfigure",  # {lab-figure}: what a lab draws
    "labzip",  # a lab's meta line, and its notebook with modules to take away
    "worked",  # {worked}: numbers that are computed, not typed
    "equations",  # the mark of tested equations, and the list of all
    "exercises",
    "quiz",
]

exclude_patterns = ["_generated/**", "data/**", "_ext/**", "labs/worked/**", "exercises/**"]
nitpicky = True
numfig = True  # figures and tables have numbers, on the screen as on paper
math_numfig = False  # equations are numbered within a page
smartquotes_action = "q"  # titles in the data keep their dashes and dots

myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "amsmath", "fieldlist"]
myst_heading_anchors = 4
myst_title_to_header = True

nb_execution_mode = "cache"  # labcode sets the folder
nb_execution_timeout = 300  # seconds for one cell
nb_execution_show_tb = True
nb_merge_streams = True
nb_render_markdown_format = "myst"
nb_mime_priority_overrides = [("html", "image/svg+xml", 1), ("latex", "application/pdf", 1), ("*", "text/markdown", 5)]
suppress_warnings = ["mystnb.unknown_mime_type"]  # the picture in the format that another output wants

bibtex_bibfiles = ["../references.bib"]
bibtex_default_style = "book"
bibtex_reference_style = "book"
bibtex_tooltips = False

html_math_renderer = "mathml"

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["book.css", "tables.css"]
html_js_files = [("tables.js", {"defer": "defer"})]
